"""Every symbol of the book is in the tables of book/notation.md, one meaning a page; and words are spelled one way.

A page's symbols are the letters of its maths, with their accents and without their indices; index letters count by
themselves. What stands at a page's one place "You may meet" is other people's notation and is not read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
TABLES = BOOK / "notation.md"

COURSE, SOME = "In the whole course", "On some pages"
"""The headings of the two tables."""

NO_SYMBOLS = set(
    re.findall(
        r"\w+",
        """frac tfrac dfrac sum prod sqrt underbrace left right big Big bigg Bigg quad qquad cdot cdots dots
        ldots textstyle le ge ne lt gt approx sim in to leftarrow rightarrow longrightarrow infty pi times max min
        argmax ln log exp sin cos tanh lfloor rfloor lceil rceil lvert rvert rVert circ mid star""",
    )
)
"""Commands for layout, relations, known functions and numbers. Every other command is a symbol."""

ACCENTS = "tilde|hat|bar|vec|dot|overline|overrightarrow|overleftarrow|mathcal"
WORDS = re.compile(
    r"\\(?:text|textbf|textit|texttt|mathrm|mathtt|operatorname\*?|begin|end)\s*\{(?:[^{}]|\{[^{}]*\})*\}"
)
LINE_BREAK = re.compile(r"\\\\(?:\[[^\]]*\])?|\\[,;:! ]")
GATE = re.compile(r"([WUba])('?)_(?:\{[fiozrchxy]+\}|[fiozrchxy](?![a-zA-Z]))")
"""A letter at a weight or a pre-activation names the gate or the output that it is for, and is no symbol."""
SYMBOL = re.compile(rf"\\({ACCENTS})(?![A-Za-z])\s*\{{?\s*([A-Za-z])\s*\}}?|\\([A-Za-z]+)|([A-Za-z])")
INDEX = re.compile(r"_(?:\{[^{}]*\}|.)")

SPELLINGS = {
    r"\b(un)?learnt\b": "learned",
    r"\bover-fit": "overfit",
    r"\boverfitted\b": "overfit",
    r"\btime-step": "time step",
    r"\btimestep": "time step",
    r"\bpreactivation": "pre-activation",
    r"\bhyper-parameter": "hyperparameter",
    r"\bback-propagat": "backpropagat",
    r"\bonehot\b": "one-hot",
    r"Where this page may disagree": "You may meet",
}
"""What no page may say, as a pattern, and what it says instead."""

UNSEEN = re.compile(
    r"\bslides\b(?! (?:a|along|over|on|one|by|past|across)\b)|\bslide decks?\b|\bsame slide\b"
    r"|\b(?:our|these|course's|same|one) sources?\b|\bthe sources\b",
    re.IGNORECASE,
)
"""What no reader has seen, and what only the place "You may meet" may speak of."""
MEET = "You may meet"


def pages() -> list[str]:
    """All pages of the table of contents that are in book/, by their path there."""
    files = re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text())
    return sorted(file.removeprefix("book/") + ".md" for file in files if file.startswith("book/"))


def prose(text: str) -> str:
    """A page without its head, its code cells and other blocks of code; quizzes and explorables stay."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    # Directives are matched too, and kept: else the end of one would pass for the beginning of the next block.
    return re.sub(
        r"^(```+)(\{?)([\w-]*)[^\n]*\n.*?^\1 *$",
        lambda block: block[0] if block[2] and block[3] not in ("code-cell", "bibliography") else "",
        text,
        flags=re.DOTALL | re.MULTILINE,
    )


def places(text: str) -> list[tuple[int, int]]:
    """Where "You may meet" begins and ends: a section up to the next heading of its depth, or a box."""
    found = []
    for match in re.finditer(rf"^(#+) {MEET}\s*$|^(:::+|```+)\{{admonition\}} {MEET}\s*$", text, re.MULTILINE):
        end = rf"^#{{1,{len(match[1])}}} " if match[1] else rf"^{match[2]} *$"
        after = re.search(end, text[match.end() :], re.MULTILINE)
        found.append((match.start(), match.end() + after.start() if after else len(text)))
    return found


def own(text: str) -> str:
    """The prose of a page without its place "You may meet"."""
    text = prose(text)
    for start, end in reversed(places(text)):
        text = text[:start] + text[end:]
    return text


def maths(text: str) -> Iterator[str]:
    """All formulas in the prose of a page."""
    text = re.sub(r"(?<!`)(`+)(?!`)[^`\n]+?\1", "", text).replace(r"\$", "")
    for match in re.finditer(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", text, re.DOTALL):
        yield match[1] or match[2]


def symbols(formula: str) -> Counter[str]:
    """The symbols of a formula; an accent stands before its letter, as in "hat y"."""
    for pattern, by in ((WORDS, " "), (LINE_BREAK, " "), (GATE, r"\1\2 ")):
        formula = pattern.sub(by, formula)
    found: Counter[str] = Counter()
    for accent, accented, command, letter in SYMBOL.findall(formula):
        if command not in NO_SYMBOLS:
            found[f"{accent} {accented}" if accent else command or letter] += 1
    return found


def used(page: str) -> Counter[str]:
    """How often each symbol stands on a page."""
    return sum((symbols(formula) for formula in maths(own((BOOK / page).read_text()))), Counter())


def rows(heading: str) -> list[list[str]]:
    """The cells of one of the two tables, without its head."""
    section = TABLES.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def of_row(row: list[str]) -> set[str]:
    """The symbols that a row explains."""
    return {symbol for formula in maths(row[0]) for symbol in symbols(INDEX.sub("", formula))}


def where(row: list[str]) -> list[str]:
    """The pages that a row of the second table is for."""
    return re.findall(r"\]\(([^)#]+\.md)\)", row[-1])


def course() -> Counter[str]:
    return Counter(symbol for row in rows(COURSE) for symbol in of_row(row))


def some() -> Counter[tuple[str, str]]:
    """How many rows of the second table explain a symbol for a page."""
    return Counter((page, symbol) for row in rows(SOME) for symbol in of_row(row) for page in where(row))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (r"\tilde{c}_t = \tanh(x_t W_c + b_c)", {"tilde c", "t", "x", "W", "b"}),
        (r"\big(b'_h + W_{ih}^\top\big) \text{batch}", {"b", "W", "top"}),
        (r"\begin{aligned} \hat y_t &= e^{-a} \\[2ex] J_{j,k} \end{aligned}", {"hat y", "t", "e", "a", "J", "j", "k"}),
    ],
)
def test_symbols_are_letters_with_accents(formula: str, expected: set[str]) -> None:
    assert set(symbols(formula)) == expected


def test_what_is_not_the_books_own_is_not_read() -> None:
    text = "---\nx: $p$\n---\n\n$a$ `$q$`\n\n```{code-cell} python\n$r$\n```\n\n```{quiz} $b$?\n$c$\n```\n"
    box = f":::{{admonition}} {MEET}\n$\\Gamma$\n:::\n$d$\n"
    section = f"## {MEET}\n\n### Part\n$\\Delta$\n## Next\n$f$\n"
    assert "".join(maths(own(text + box + section))) == "abcdf"


def test_no_symbol_has_two_rows() -> None:
    twice = [f"{symbol}: in {number} rows of the first table" for symbol, number in course().items() if number > 1]
    twice += [f"{page}: {symbol} in {number} rows" for (page, symbol), number in some().items() if number > 1]
    assert not twice, "\n".join(twice)


@pytest.mark.parametrize("page", [page for page in pages() if page != TABLES.name])
def test_every_symbol_of_a_page_is_in_the_tables(page: str) -> None:
    known = set(course()) | {symbol for place, symbol in some() if place == page}
    missing = [f"{page}: {symbol} ({number} times)" for symbol, number in used(page).items() if symbol not in known]
    assert not missing, "not in book/notation.md:\n" + "\n".join(missing)


def test_every_row_of_the_second_table_names_pages_that_use_the_symbol() -> None:
    wrong = [f"a row without a page: {row}" for row in rows(SOME) if not where(row)]
    for page, symbol in some():
        if page not in pages():
            wrong.append(f"{page}: no such page")
        elif symbol not in used(page):
            wrong.append(f"{page}: {symbol} is not used there")
    assert not wrong, "in book/notation.md:\n" + "\n".join(wrong)


def test_every_row_of_the_first_table_is_used() -> None:
    everywhere: set[str] = set()
    for page in pages():
        here = {symbol for place, symbol in some() if place == page}
        everywhere |= set() if page == TABLES.name else set(used(page)) - here
    unused = sorted(set(course()) - everywhere)
    assert not unused, f"in book/notation.md, but on no page: {', '.join(unused)}"


@pytest.mark.parametrize("page", pages())
def test_a_page_has_one_place_for_what_is_said_elsewhere(page: str) -> None:
    text = prose((BOOK / page).read_text())
    assert len(places(text)) <= 1, f"{page}: more than one place {MEET!r}"
    unseen = [line.strip()[:90] for line in own(text).splitlines() if UNSEEN.search(line)]
    assert not unseen, f"{page}: for {MEET!r}, or without what no reader has seen:\n" + "\n".join(unseen)


@pytest.mark.parametrize("page", pages())
def test_words_are_spelled_one_way(page: str) -> None:
    text = (BOOK / page).read_text()
    wrong = [
        f"{page}: {match[0]!r} is spelled {right!r}"
        for pattern, right in SPELLINGS.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]
    assert not wrong, "\n".join(wrong)
