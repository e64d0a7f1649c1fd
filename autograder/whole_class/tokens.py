"""An answer's code as a row of tokens: no comments, no layout, and own names set aside.

One regular expression reads it, not Python's parser: what students write need not be Python, and a hostile answer
takes no more time than its length.
"""

from __future__ import annotations

import builtins
import keyword
import re
import zlib
from functools import cache

MAX_CHARACTERS = 20_000
"""What is longer is cut there: an answer to an exercise is a hundredth of it."""
WINDOW = 12
"""Tokens that one fingerprint covers: about two lines of code."""
APART = 4
"""Of so many neighbouring windows one is kept, so that every run of WINDOW + APART - 1 equal tokens is seen."""

TOKEN = re.compile(
    r"(?P<skip>#[^\n]*|\\\n|[ \t\r\f]+)"
    r"|(?P<end>\n\s*)"
    r"|(?P<string>[rRbBuUfF]{0,2}(?:\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)|'''(?:[^\\]|\\.)*?(?:'''|\Z)"
    r"|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?))"
    r"|(?P<number>\d[\w.]*|\.\d\w*)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>\*\*=|//=|>>=|<<=|->|:=|[-+*/%@&|^=<>!]=|\*\*|//|<<|>>|.)",
    re.DOTALL,
)
KNOWN = frozenset(keyword.kwlist) | frozenset(dir(builtins)) | {"np", "numpy", "keras", "tf", "self"}


def tokens(code: str, given: frozenset[str] = frozenset()) -> list[str]:
    """The tokens of `code`. A name that is neither Python's nor `given` by the exercise reads "v", whatever it is;
    text, and with it a description of what a function does, is left out where it stands alone."""
    found: list[str] = []
    alone = True
    for match in TOKEN.finditer(code[:MAX_CHARACTERS]):
        kind, text = match.lastgroup, match[0]
        if kind == "skip":
            continue
        if kind == "end":
            alone = True
            continue
        if kind == "string":
            if not alone:
                found.append("'")
            continue
        if kind == "name" and text not in KNOWN and text not in given and (not found or found[-1] != "."):
            text = "v"
        found.append(text)
        alone = False
    return found


def shape(code: str, given: frozenset[str] = frozenset()) -> str:
    """What is equal for two answers that differ in comments, layout and own names only."""
    return f"{zlib.crc32(' '.join(tokens(code, given)).encode('utf-8', 'replace')):08x}"


def fingerprints(row: list[str]) -> frozenset[int]:
    """Numbers that stand for parts of a row of tokens, as MOSS takes them ("winnowing", Schleimer, Wilkerson and Aiken
    2003): of every few neighbouring windows the one with the least hash, so that a copied part leaves its mark."""
    hashes = [
        zlib.crc32(" ".join(row[n : n + WINDOW]).encode("utf-8", "replace")) for n in range(len(row) - WINDOW + 1)
    ]
    return frozenset(min(hashes[n : n + APART]) for n in range(max(len(hashes) - APART + 1, 1 if hashes else 0)))


@cache
def names_in(code: str) -> frozenset[str]:
    """Every name in the exercise's own code."""
    return frozenset(match[0] for match in TOKEN.finditer(code) if match.lastgroup == "name")
