"""No page states a number that its cells do not show: what was measured once and has changed since would go unnoticed.

A number of a page's prose must stand, as exactly as it is stated, in one of these:

- what the cells of its section and of the one before print, as they were executed when the site was built; in a section
  without cells, such as a summary, what any cell of the page prints;
- the page's code, and the modules of the stored runs that it reads: a setting, or an assertion;
- the page's own equations, and what their sides come to;
- for the options of a quiz, its question.

Else it comes from elsewhere, and book/numbers.toml says from where.

Prose is all that is read as text: paragraphs, lists, tables, boxes, explorables, quizzes but for their wrong options.
Of its formulas only those that are a number are prose; the others are equations. Not read are headings, code, labels,
targets of links, what names a work, numbering, indices, exponents, the 32 or 64 bits of a number, and years (1700 to
2029, without a separator). Whole numbers up to twelve, in digits or words, are counts ("two sentences", "step 3")
unless they measure: before "per cent", "points" or "times", or in "six of eight". So are fractions in words.

A number is stated as exactly as its last digit, and a whole number that is no measure is meant exactly; after "about"
and its like, as exactly as its last digit that is no zero; after a bound ("more than 90 per cent") what is shown may
lie up to one such digit beyond. Per cent and shares are the same. Training may end elsewhere on another machine: what
is printed after a page has trained, other than by a stored run, may be one off in the last digit.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.test_notation import pages

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
LIST = BOOK / "numbers.toml"
EXECUTED = ROOT / "_build" / ".jupyter_cache" / "executed"

Outputs = list[list[dict[str, Any]]]
"""What each code cell of a page shows."""

SMALL = 12
"""A whole number up to this is a count, unless it measures."""
YEARS = range(1700, 2030)

ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
LARGE = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WORDS = (
    {word: value for value, word in enumerate(ONES)}
    | {word: 10 * value for value, word in enumerate(TENS, 2)}
    | {f"{ten}-{ONES[one]}": 10 * value + one for value, ten in enumerate(TENS, 2) for one in range(1, 10)}
)
WORDS |= {f"{word} {name}": value * by for word, value in WORDS.items() for name, by in LARGE.items()}
WORD = "|".join(sorted(WORDS, key=len, reverse=True))
DIGITS = r"(?:\d{1,3}(?:[, \u00a0\u2009\u202f]\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:e[+-]?\d+)?"
POWER = r"10\^(?:\{[−-]?\d+\}|\d)"
NUMBER = (
    rf"(?<![\w.^_/])[−-]?(?:{DIGITS}\s*(?:·|×)\s*{POWER}|{POWER}|{DIGITS}(?!\w))"
    rf"|(?<![\w-])(?:{WORD})(?![\w-])"
)
"""A number in digits or in words; a minus sign belongs to it unless it ends a word."""

PERCENT = r"\s*(?:%|per cent\b|percent\b|percentage points?\b)"
MEASURE = rf"{PERCENT}|\s+times\b|\s+points\b"
AND = r"(?:\s*,\s*|\s*,?\s+(?:to|and|or|against|instead of|in place of)\s+|\s*–\s*)"
LIKE = rf"(?:{AND}(?:(?:about|some|nearly|only)\s+)?(?:{NUMBER}))*"
"""More numbers of the same unit: "1.4 to 9 times"."""
OF = rf"(?:{NUMBER})\s+of\s+(?:the\s+|its\s+|all\s+|these\s+)?(?:{NUMBER})(?!\s*(?:{PERCENT}))"
SO_FAR = rf"\s+(?:(?:{NUMBER}){AND})*$"
ABOUT = re.compile(rf"\b(?:about|some|around|roughly|near|close to){SO_FAR}")
MORE = re.compile(rf"\b(?:more than|over|above|at least|beyond){SO_FAR}")
LESS = re.compile(rf"\b(?:less than|fewer than|under|below|at most|up to|nearly|almost){SO_FAR}")
"""What may stand before a number, or before the first of several."""

CELL = re.compile(r"^(```+)\{code-cell\}[^\n]*\n(.*?)^\1 *$", re.DOTALL | re.MULTILINE)
TRAINS = re.compile(r"\.fit\(|\.apply_gradients\(|\.apply\(|\b(?:train|learn)\(")
STORED = re.compile(r"""\bstored\(["'](\w+)["']\)""")
MATHS = re.compile(
    r"\$\$(.+?)\$\$|(?<![\\$])\$([^$\n]+?)\$|^\\begin\{\w+\*?\}(.+?)^\\end\{\w+\*?\}", re.DOTALL | re.MULTILINE
)
ONLY = re.compile(rf"\s*-?(?:{DIGITS}|(?:{DIGITS}\s*\\(?:cdot|times)\s*)?{POWER})\s*")
"""A formula that is one number."""


QUIZ = re.compile(r"^(:::+|```+)\{quiz\}(.*?)^\1 *$", re.DOTALL | re.MULTILINE)
OPTIONS = re.compile(r"\A(?:---\n.*?\n---\n|(?::[\w-]+:[^\n]*\n)*)", re.DOTALL)
BLOCK = re.compile(r"^(```+)(\{?)([\w-]*)[^\n]*\n.*?^\1 *$", re.DOTALL | re.MULTILINE)
PROSE = ("quiz", "explorable", "admonition", "glossary")
"""Directives whose content is prose."""
LEFT_OUT = (
    (r"^(?:#+ .*|\([\w-]+\)=|:[\w-]+:.*|%.*)$", ""),
    (r"^(?: *\d+\. |\| \d+ \|)", ""),
    (r"(?<!`)\{(?:cite|ref|doc|eq)[:\w]*\}`[^`]*`", ""),
    (r"\{term\}`([^`<]*)(?:<[^`]*>)?`", r"\1"),
    (r"\]\([^)\s]*\)", "]"),
    (r"<https?:[^>]*>|https?://\S+", ""),
    (r"(?<!`)(`+)(?!`)[^`]+?\1(?!`)", "`…`"),
    (r"&#8239;", " "),
    (r"\b(?:32|64)(?: |-)bits?\b", ""),
    (r"\\\$", ""),
)
"""Patterns of what is not read as text, and what stands there instead."""


HEADING = re.compile(r"^##+ .*$", re.MULTILINE)

ARITHMETIC = (
    (r"\{,\}|\\,|\\;|\\!|\\(?:left|right|[bB]igg?)(?![a-z])", ""),
    (r"\\(?:cdot|times)", "*"),
    (r"\\[td]?frac\{([\d.]+)\}\{([\d.]+)\}|\\[td]?frac(\d)(\d)", r"(\1\3/\2\4)"),
    (r"\^\{([^{}]*)\}|\^(\d)", r"**(\1\2)"),
    (r"([\d)])\s*\(", r"\1*("),
    (r"\*\*\*\(", "**("),
    (r"(?<![\d.])0+(?=\d)", ""),
)
"""What makes a term of Python's out of one of LaTeX's."""


@dataclass(frozen=True)
class Section:
    """What stands below a heading, taken apart."""

    prose: str
    quizzes: list[tuple[str, str]]
    """Of each quiz: what it says to its options, and its question."""
    equations: list[str]
    cells: list[str]


@dataclass(frozen=True)
class Listed:
    """An entry of the list."""

    page: str
    words: str
    comes_from: str
    shown_on: str


@dataclass(frozen=True)
class Stated:
    """A number as prose states it."""

    said: str
    """As it stands there."""
    value: float
    digit: float
    """What one in its last digit is worth."""
    before: str
    after: str
    percent: bool = False
    low: float = 0.5
    high: float = 0.5
    """How far what is shown may lie below and above, in such digits."""


@dataclass
class Shown:
    """The numbers that a page shows or sets: as they are, and those that may end elsewhere on another machine."""

    exact: list[float] = field(default_factory=list)
    trained: list[float] = field(default_factory=list)

    def has(self, one: Stated) -> bool:
        """Whether a number is shown."""
        return any(near(one, value) for value in self.exact) or any(near(one, value, 1) for value in self.trained)


def near(one: Stated, value: float, more: float = 0) -> bool:
    """Whether a value rounds to a stated number, or would with so many of its last digits more."""
    values = [value]
    if one.percent and abs(value) <= 1:
        values.append(100 * value)
    slack = 1e-6 * one.digit
    return any(
        -(one.low + more) * one.digit - slack <= other - one.value <= (one.high + more) * one.digit + slack
        for other in values
    )


def read(text: str) -> tuple[float, float]:
    """The value of a number, in digits or words, and of one in its last digit."""
    if text in WORDS:
        return WORDS[text], LARGE.get(text.rpartition(" ")[2], 1)
    plain = re.sub(r"(?<=\d)[, \u00a0\u2009\u202f](?=\d{3})|[{}]", "", text.replace("−", "-"))
    power = re.search(r"(?:e|10\^)([+-]?\d+)$", plain)
    factor = 10.0 ** int(power[1]) if power else 1.0
    digits = re.match(DIGITS.replace("(?:e[+-]?\\d+)?", ""), plain.lstrip("-"))
    assert digits is not None
    if power and plain.lstrip("-").startswith("10^"):
        value, places = 1.0, 0
    else:
        value, places = float(digits[0]), len(digits[0].partition(".")[2])
    return (-1 if plain.startswith("-") else 1) * value * factor, factor * 10.0**-places


def last_digit(value: float, digit: float) -> float:
    """What one in the last digit that is no zero is worth."""
    while 10 * digit <= abs(value) and abs(value / (10 * digit) - round(value / (10 * digit))) < 1e-9:
        digit *= 10
    return digit


def numbers(text: str) -> Iterator[Stated]:
    """The numbers that a page's prose states."""
    measured = {
        place.start()
        for some in (*re.finditer(rf"(?:{NUMBER}){LIKE}(?={MEASURE})", text), *re.finditer(OF, text))
        for place in re.compile(NUMBER).finditer(text, some.start(), some.end())
    }
    percent = {
        place.start()
        for some in re.finditer(rf"(?:{NUMBER}){LIKE}(?={PERCENT})", text)
        for place in re.compile(NUMBER).finditer(text, some.start(), some.end())
    }
    for match in re.finditer(NUMBER, text):
        said, start = match[0], match.start()
        value, digit = read(said)
        if digit == 1 and ((abs(value) <= SMALL and start not in measured) or (value in YEARS and said.isdigit())):
            continue
        before = text[max(0, start - 40) : start]
        low = high = 0.5 if digit < 1 or start in measured else 0.0
        if ABOUT.search(before):
            digit, low, high = last_digit(value, digit), 0.5, 0.5
        elif MORE.search(before):
            digit, low, high = last_digit(value, digit), 0, 1
        elif LESS.search(before):
            digit, low, high = last_digit(value, digit), 1, 0
        around = text[max(0, start - 80) : start], text[match.end() : match.end() + 80]
        yield Stated(said, value, digit, *around, start in percent, low, high)


@cache
def parts(page: str) -> list[Section]:
    """A page, section by section."""
    text = re.sub(r"\A---\n.*?\n---\n", "", (BOOK / page).read_text(), flags=re.DOTALL)
    cells = [OPTIONS.sub("", cell[2]).strip() for cell in CELL.finditer(text)]
    sections = []
    for part in HEADING.split(BLOCK.sub(block, text)):
        equations: list[str] = []
        quizzes = []
        count = part.count("\0")
        part = part.replace("\0", "")
        for quiz in QUIZ.finditer(part):
            question, _, options = quiz[2].partition("\n- [")
            options = re.sub(r"^- \[ \].*$", "", "- [" + options, flags=re.MULTILINE)
            quizzes.append((plain(options, equations), question))
        prose = plain(QUIZ.sub("", part), equations)
        sections.append(Section(prose, quizzes, equations, cells[:count]))
        cells = cells[count:]
    assert not cells
    return sections


def block(match: re.Match[str]) -> str:
    """What stands in place of a block between backticks: a mark for a code cell, and prose as it is."""
    return "\n\0\n" if match[3] == "code-cell" else match[0] if match[2] and match[3] in PROSE else ""


def plain(text: str, equations: list[str]) -> str:
    """What is read as text. Its equations are put beside the others."""
    for pattern, by in LEFT_OUT:
        text = re.sub(pattern, by, text, flags=re.MULTILINE)

    def without(match: re.Match[str]) -> str:
        formula = next(part for part in match.groups() if part)
        if ONLY.fullmatch(formula):
            return formula.replace("\\cdot", "·").replace("\\times", "·").strip()
        equations.append(formula)
        return "…"

    return " ".join(MATHS.sub(without, text).split())


def in_text(text: str) -> Iterator[float]:
    """All numbers of a text that a machine has printed, or that stand in an equation."""
    text = text.replace("−", "-").replace("\\,", "").replace("{,}", "")
    for match in re.finditer(r"(?<![\w.])[+-]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d*)?(?:e[+-]?\d+)?%?", text):
        plain = match[0].replace(",", "")
        value = float(plain.rstrip("%"))
        yield value
        if plain.endswith("%"):
            yield value / 100
    for match in re.finditer(r"(?:(\d+(?:\.\d+)?)\s*\\(?:cdot|times)\s*)?10\^\{?(-?\d+)\}?", text):
        yield float(match[1] or 1) * 10.0 ** int(match[2])


def worked_out(formula: str) -> Iterator[float]:
    """The values of those sides of an equation that are sums, products, quotients or powers of numbers."""
    yield from (value for _, value in sides(formula) if value is not None)


def sides(formula: str) -> Iterator[tuple[str, float | None]]:
    """The sides of an equation, each with its value if it is made of numbers alone."""
    for pattern, by in ARITHMETIC:
        formula = re.sub(pattern, by, formula)
    for side in re.split(r"=|<|>|\\approx|\\le|\\ge|,(?!\d)|\\\\|&", formula):
        value = None
        if re.fullmatch(r"[\d.+*/() -]*\d[\d.+*/() -]*", side):
            with suppress(SyntaxError, ArithmeticError, TypeError):
                value = float(evaluate(side.strip(" .")))
        yield side.strip(" ."), value


def evaluate(source: str) -> float:
    """The value of a term that holds nothing but numbers, brackets and operators."""
    value: float = eval(compile(ast.parse(source, mode="eval"), "term", "eval"), {"__builtins__": {}})
    return value


def in_code(source: str) -> Iterator[float]:
    """All numbers of a program, and those that it works out from numbers alone."""
    source = re.sub(r"^\s*[%!].*$", "pass", source, flags=re.MULTILINE)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float | complex):
            yield float(abs(node.value))
        elif isinstance(node, ast.BinOp) and re.fullmatch(r"[\d.+*/() -]+", term := ast.unparse(node)):
            with suppress(ArithmeticError):
                yield float(evaluate(term))


def in_outputs(outputs: Iterable[dict[str, Any]]) -> Iterator[float]:
    """All numbers that an executed cell prints."""
    for output in outputs:
        if output.get("name") == "stderr":  # never on the page
            continue
        yield from in_text("".join(output.get("text", "")))
        data = output.get("data", {})
        if "text/html" not in data:  # a drawing
            yield from in_text("".join(data.get("text/plain", "")))


@cache
def executed() -> dict[tuple[str, ...], Outputs]:
    """What the cells of every executed page show, by the code of those cells."""
    found = {}
    for path in EXECUTED.glob("*/base.ipynb"):
        cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
        found[tuple("".join(cell["source"]).strip() for cell in cells)] = [cell["outputs"] for cell in cells]
    return found


def shows(page: str, outputs: Outputs | None = None) -> list[Shown]:
    """What a page sets and works out; then what its cells print, section by section."""
    sections = parts(page)
    cells = [cell for section in sections for cell in section.cells]
    if outputs is None:
        assert not cells or tuple(cells) in executed(), f"{page} was not executed as it is: make site"
        outputs = executed()[tuple(cells)] if cells else []
    left = zip(cells, outputs, strict=True)
    everywhere, trains = Shown(), False
    found = [everywhere]
    for section in sections:
        found.append(Shown())
        for equation in section.equations:
            everywhere.exact += [*in_text(equation), *worked_out(equation)]
        for source, output in islice(left, len(section.cells)):
            everywhere.exact += in_code(source)
            trains = trains or (bool(TRAINS.search(source)) and not STORED.search(source))
            (found[-1].trained if trains else found[-1].exact).extend(in_outputs(output))
    for name in {name for cell in cells for name in STORED.findall(cell)}:
        everywhere.exact += in_code((BOOK / "runs" / f"{name}.py").read_text())
    return found


def stated(page: str, outputs: Outputs | None = None) -> Iterator[tuple[Stated, list[Shown]]]:
    """Every number that a page states, and where it may be shown."""
    everywhere, *printed = shows(page, outputs)
    for place, section in enumerate(parts(page)):
        known = [everywhere, *(printed[max(0, place - 1) : place + 1] if section.cells else printed)]
        for one in numbers(section.prose):
            yield one, known
        for said, question in section.quizzes:
            given = Shown(list(in_text(question)))
            for one in numbers(said):
                yield one, [given, *known]


def missing(page: str, outputs: Outputs | None = None) -> list[Stated]:
    """What a page states and neither shows nor sets."""
    return [one for one, known in stated(page, outputs) if not any(shown.has(one) for shown in known)]


def listed() -> list[Listed]:
    """The list of what comes from elsewhere."""
    entries = tomllib.loads(LIST.read_text())["number"]
    return [Listed(one["page"], one["words"], one.get("from", ""), one.get("shown_on", "")) for one in entries]


def within(entry: Listed, one: Stated) -> bool:
    """Whether a number of an entry's page stands in its words."""
    places = [match.span() for match in re.finditer(re.escape(one.said), entry.words)]
    return any(
        one.before.endswith(entry.words[:start]) and one.after.startswith(entry.words[end:]) for start, end in places
    )


@pytest.mark.parametrize("page", pages())
def test_every_number_is_shown_set_or_listed(page: str, built_site: Path) -> None:
    entries = [entry for entry in listed() if entry.page == page]
    open_ones = [one for one in missing(page) if not any(within(entry, one) for entry in entries)]
    assert not open_ones, "\n".join(
        f"{page}: {one.said} is shown by no cell of its section: …{one.before}{one.said}{one.after}…"
        for one in open_ones
    )


@pytest.mark.parametrize("page", pages())
def test_what_is_worked_out_is_right(page: str) -> None:
    """Where two sides are made of numbers alone, the second is the first, as exactly as it is stated."""
    for formula in (formula for section in parts(page) for formula in section.equations):
        if "," not in formula and "&" not in formula:
            for (_, value), (said, result) in pairwise(sides(formula)):
                if value is not None and re.fullmatch(rf"-?{DIGITS}", said):
                    _, digit = read(said.lstrip("-"))
                    assert result == pytest.approx(value, abs=0.501 * digit), f"{page}: {formula}"


def test_the_list_names_no_number_that_is_gone_or_shown(built_site: Path) -> None:
    """Each entry is needed for a number of its page, and says in one way where that comes from."""
    for entry in listed():
        found = [one for one in missing(entry.page) if within(entry, one)]
        assert found, f"{entry.page} states no number in “{entry.words}”, or shows it"
        assert bool(entry.comes_from) != bool(entry.shown_on), f"{entry.page}, “{entry.words}”: `from` or `shown_on`"


def test_what_another_page_shows_is_shown_there(built_site: Path) -> None:
    for entry in listed():
        if entry.shown_on:
            there = shows(entry.shown_on)
            for one in missing(entry.page):
                assert not within(entry, one) or any(shown.has(one) for shown in there), (
                    f"{entry.shown_on} does not show {one.said}: {entry.words}"
                )


def test_a_number_that_a_page_changes_is_noticed(built_site: Path) -> None:
    """Most of them: another may happen to stand near by, and what is trained may be one off."""
    noticed = []
    for page in pages():
        for one, known in stated(page):
            if any(shown.has(one) for shown in known):
                wrong = [replace(one, value=one.value + by * one.digit) for by in (-7, -3, 3, 7)]
                noticed += [not any(shown.has(other) for shown in known) for other in wrong]
    assert sum(noticed) > 0.6 * len(noticed) > 500


def test_an_output_that_changes_is_noticed(built_site: Path) -> None:
    """The last column of a table of `lstm/gradient.md`, which says "about 50, 400 or 4000 times as large"."""
    page = "lstm/gradient.md"
    outputs = executed()[tuple(cell for section in parts(page) for cell in section.cells)]
    changed = json.loads(re.sub(r"\b423\b", "623", json.dumps(outputs)))
    said, instead = ({one.said for one in missing(page, some)} for some in (outputs, changed))
    assert instead - said == {"400"}


@pytest.mark.parametrize(
    ("text", "found"),
    {
        "right in 91 per cent": [91],
        "1.4 to 9 times": [1.4, 9],
        "six of the eight seeds": [6, 8],
        "two sentences and twelve words": [],
        "all seventeen": [17],
        "1,234 or 25 000 weights": [1234, 25000],
        "between −0.5 and 3e-4": [-0.5, 3e-4],
        "about 10^{-6}, or 3 · 10^{-5}": [1e-6, 3e-5],
        "in 1997, step 3 of x_7": [],
        "ten thousand times": [10_000],
    }.items(),
)
def test_numbers_are_read(text: str, found: list[float]) -> None:
    assert [one.value for one in numbers(text)] == pytest.approx(found)


@pytest.mark.parametrize(
    ("text", "value", "same"),
    [
        ("91 per cent", 0.914, True),
        ("91 per cent", 0.92, False),
        ("0.91", 0.906, True),
        ("0.91", 0.9, False),
        ("48 networks", 48.4, False),
        ("about 400", 423, True),
        ("about 50, 400 or 4000", 423, True),
        ("more than 90 %", 0.97, True),
        ("more than 90 %", 0.88, False),
        ("-0.5", 0.5, False),
    ],
)
def test_a_number_is_compared_as_it_is_stated(text: str, value: float, same: bool) -> None:
    assert any(near(one, value) for one in numbers(text)) == same
