"""Two known mistakes at once: the reference with both changes, made of our own sources.

A wrong function is the reference with some tokens changed. Where the changes of two do not touch the same tokens, the
reference with both is the answer of a student who makes both mistakes. Nothing that a student wrote is ever run here.
"""

from __future__ import annotations

import ast
import inspect
import io
import itertools
import tokenize
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from .misconception import Misconception
from .written import written

Tokens = tuple[str, ...]
Edit = tuple[int, int, Tokens]
"""Which tokens, from and up to, give way to which."""
Block = tuple[int, int, int]
"""Where two texts have the same tokens, in the one and in the other, and how many."""
INDENT, DEDENT, NEWLINE = "<indent>", "<dedent>", "<newline>"
LAYOUT = {tokenize.INDENT: INDENT, tokenize.DEDENT: DEDENT, tokenize.NEWLINE: NEWLINE}
IGNORED = (tokenize.ENCODING, tokenize.ENDMARKER, tokenize.NL, tokenize.COMMENT)
ALIKE = 0.7
"""Two texts that share less than this are not one text with a change."""
MOST_EDITS = 6
"""A function that differs from the reference at more places is another text, not the reference with a slip."""


@dataclass(frozen=True)
class Both:
    """Two misconceptions of one check, and a function that has both."""

    one: Misconception
    other: Misconception
    wrong: Callable[..., Any]

    @property
    def name(self) -> str:
        """The names of both."""
        return f"{self.one.name}+{self.other.name}"


def pairs(
    bases: list[Callable[..., Any]],
    misconceptions: list[Misconception],
    name: str,
    right: Callable[[Callable[..., Any]], bool],
) -> Iterator[Both]:
    """Every two misconceptions that can be had at once.

    `bases` are right ways, the reference first; `right` says whether a function is another. The wrong functions of one
    check are often written alike, and not as the reference is: what most of them have in common is a base, too.
    """
    parameters = positional(written(bases[0], name))
    wrong = {
        m.name: text
        for m in misconceptions
        if not m.same_as and (text := tokens_of(m.wrong, name, parameters)) is not None
    }
    known = [m for m in misconceptions if m.name in wrong]
    origins = [bases[0], *(m.wrong for m in known)]
    texts = [text for base in bases if (text := tokens_of(base, name, parameters)) is not None]
    for text in in_common(list(wrong.values())):
        base = compiled(text, name, origins) if text not in texts else None
        if base is not None and right(base):
            texts.append(text)
    made: set[tuple[str, str]] = set()
    for text in texts:
        edits = {known: found for known in wrong if len(found := list(changes(text, wrong[known]))) <= MOST_EDITS}
        for one, other in itertools.combinations((m for m in known if m.name in edits), 2):
            both = merged(text, edits[one.name], edits[other.name])
            if both is None or (one.name, other.name) in made:
                continue
            function = compiled(both, name, [bases[0], one.wrong, other.wrong])
            if function is not None:
                made.add((one.name, other.name))
                yield Both(one, other, function)


def in_common(texts: list[Tokens]) -> list[Tokens]:
    """What most texts that are written alike have in common: each text with the changes made that most others want."""
    found: dict[Tokens, None] = {}
    for text in texts:
        wanted: Counter[Edit] = Counter()
        others = 0
        for other in texts:
            length = len(text) + len(other)
            if other is text or 2 * min(len(text), len(other)) / length <= ALIKE:
                continue
            blocks = matching(text, other)
            if 2 * sum(size for _, _, size in blocks) / length > ALIKE:
                others += 1
                wanted.update(changes(text, other, blocks))
        agreed = sorted(edit for edit, count in wanted.items() if 2 * count > others)
        found[applied(text, agreed)] = None
    return list(found)


def positional(definition: ast.FunctionDef) -> list[str]:
    """The names of the parameters that a student's function has."""
    return [argument.arg for argument in definition.args.args]


def tokens_of(function: Callable[..., Any], name: str, parameters: list[str]) -> Tokens | None:
    """The source of `function` as tokens, its parameters called as the reference's are; None where it has others, or
    a loop that need not end once it is changed."""
    definition = written(function, name)
    own = positional(definition)
    spread = definition.args.vararg
    if any(isinstance(node, ast.While) for node in ast.walk(definition)):
        return None
    if len(own) != len(parameters) and not (spread and len(own) <= len(parameters)):
        return None
    rest = parameters[len(own) :]
    names = dict(zip(own, parameters, strict=False))
    if spread:
        definition = Spread(spread.arg, rest).visit(definition)
        if any(isinstance(node, ast.Name) and node.id == spread.arg for node in ast.walk(definition)):
            return None
    taken = {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)} - set(own)
    if taken & (set(parameters) - set(rest)) - set(own):
        return None  # a variable of its own has the name of a parameter
    for node in ast.walk(definition):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = names.get(node.arg, node.arg)
    # What is left of the keyword-only parameters is the reference's own: the functions that it calls.
    definition.args = ast.arguments([], [ast.arg(one) for one in parameters], None, [], [], None, [])
    if ast.get_docstring(definition) and len(definition.body) > 1:
        del definition.body[0]
    return tuple(lexed(ast.unparse(ast.fix_missing_locations(definition))))


class Spread(ast.NodeTransformer):
    """Writes the arguments out for which `*given` stands."""

    def __init__(self, given: str, names: list[str]) -> None:
        self._given, self._names = given, names

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A call with `*given` among its arguments."""
        self.generic_visit(node)
        arguments: list[ast.expr] = []
        for argument in node.args:
            match argument:
                case ast.Starred(ast.Name(name)) if name == self._given:
                    arguments += [ast.Name(one, ast.Load()) for one in self._names]
                case _:
                    arguments.append(argument)
        node.args = arguments
        return node


def lexed(source: str) -> Iterator[str]:
    """The tokens of a source, its layout among them."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in IGNORED:
            yield LAYOUT.get(token.type, token.string)


def joined(tokens: Tokens) -> str:
    """The source that has these tokens."""
    depth, lines, line = 0, list[str](), list[str]()
    for token in tokens:
        if token == INDENT:
            depth += 1
        elif token == DEDENT:
            depth -= 1
        elif token == NEWLINE:
            lines.append("    " * depth + " ".join(line))
            line = []
        else:
            line.append(token)
    return "\n".join([*lines, ""])


def changes(base: Tokens, changed: Tokens, blocks: list[Block] | None = None) -> Iterator[Edit]:
    """What has been changed. `blocks` is what the two have in common, where that is known."""
    start = new_start = 0
    for end, new_end, size in [*(matching(base, changed) if blocks is None else blocks), (len(base), len(changed), 0)]:
        if start < end or new_start < new_end:
            yield start, end, changed[new_start:new_end]
        start, new_start = end + size, new_end + size


def matching(one: Tokens, other: Tokens) -> list[Block]:
    """What two texts have in common: difflib's matching blocks, found in half of its time.

    The longest stretch that they share, of several the first, and so on before and behind it. With a letter for each
    token stretches are parts of strings, which Python finds fast.
    """
    letters: dict[str, str] = {}
    for token in (*one, *other):
        letters.setdefault(token, chr(len(letters)))
    a, b = "".join(map(letters.__getitem__, one)), "".join(map(letters.__getitem__, other))
    blocks: list[Block] = []
    open_ones = [(0, len(a), 0, len(b))]
    while open_ones:
        start, end, other_start, other_end = open_ones.pop()
        place, other_place, size = longest(a, b, start, end, other_start, other_end)
        if size:
            blocks.append((place, other_place, size))
            open_ones.append((start, place, other_start, other_place))
            open_ones.append((place + size, end, other_place + size, other_end))
    blocks.sort()
    joined: list[Block] = []
    for place, other_place, size in blocks:
        if joined and (place, other_place) == (joined[-1][0] + joined[-1][2], joined[-1][1] + joined[-1][2]):
            joined[-1] = (*joined[-1][:2], joined[-1][2] + size)
        else:
            joined.append((place, other_place, size))
    return joined


def longest(a: str, b: str, start: int, end: int, other_start: int, other_end: int) -> Block:
    """The longest stretch that is in both of two parts: the first such in `a`, and there the first in `b`."""
    place, other_place, size = start, other_start, 0
    first = start
    while first + size < end:
        found = b.find(a[first : first + size + 1], other_start, other_end)
        if found < 0:
            first += 1
            continue
        place, other_place, size = first, found, size + 1
        while place + size < end and found + size < other_end and a[place + size] == b[found + size]:
            size += 1
    return place, other_place, size


def merged(base: Tokens, one: list[Edit], other: list[Edit]) -> Tokens | None:
    """Both changes in one; None where they touch, or where one is contained in the other."""
    if not one or not other or set(one) & set(other):
        return None
    edits = sorted([*one, *other], key=lambda edit: edit[:2])
    for (_, end, _), (start, _, _) in itertools.pairwise(edits):
        if start < end:
            return None
    if any(a[:2] == b[:2] for a, b in itertools.pairwise(edits)):
        return None
    return applied(base, edits)


def applied(base: Tokens, edits: list[Edit]) -> Tokens:
    """The tokens with changes made that do not overlap, given in their order."""
    found = list(base)
    for start, end, new in reversed(edits):
        found[start:end] = new
    return tuple(found)


def compiled(tokens: Tokens, name: str, origins: list[Callable[..., Any]]) -> Callable[..., Any] | None:
    """The function with these tokens, which knows what its origins know; None where they make no function."""
    namespace: dict[str, Any] = {}
    for origin in reversed(origins):
        plain = inspect.unwrap(origin)
        namespace |= plain.__globals__
        namespace |= {one.name: one.default for one in keyword_only(plain) if one.default is not one.empty}
    for origin in origins:
        if isinstance(origin, partial):
            namespace |= {getattr(one, "__name__", ""): one for one in origin.keywords.values() if callable(one)}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as of an index that is none: it will stop, and then it does
            tree = ast.parse(joined(tokens))
            if [type(statement) for statement in tree.body] != [ast.FunctionDef]:
                return None  # where the two are indented otherwise, the end of one may stand outside, and would be run
            exec(compile(tree, f"<two mistakes in {name}>", "exec"), namespace)
    except SyntaxError:
        return None
    function: Callable[..., Any] = namespace[name]
    return function


@cache
def keyword_only(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Parameters after the star."""
    return [p for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY]
