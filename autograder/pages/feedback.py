"""The page that a student gets. Static HTML without any script; all that a student wrote is escaped text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from ..checking import AnyCheck, BehaviourCheck, FunctionCheck, ModelCheck
from ..checking.conditions import described_all
from ..checking.drawing import seeded
from ..checks import notebook_checks
from ..course.key import Key, KeyCell
from ..course.sections import section_title, section_url
from ..handed_in.submission import Submission
from ..results.verdict import Verdict

HEADLINES = {
    "right": "Right",
    "carried": "Right in itself",
    "manual": "Waiting for a person",
    "blank": "Not attempted",
    "unreadable": "Could not be marked",
}
MOST_OUTPUT = 6_000
"""Characters of what a cell printed."""
SHORT = 12
"""Lines of it that are shown at once; more are folded."""


@dataclass(frozen=True)
class Place:
    """Another answer on the page."""

    title: str
    anchor: str


@dataclass(frozen=True)
class Answer:
    """One graded answer on the page."""

    anchor: str
    title: str
    verdict: Verdict
    headline: str
    tried: str
    """Of a right answer: what the hidden test tried."""
    needed: tuple[Place, ...]
    """Of a right answer: the student's other answers that call it."""
    code: str
    output: str
    link: str
    link_text: str
    blames: str
    """The title of the answer in which the cause lies."""

    @property
    def said(self) -> tuple[str, str, str]:
        """The message in parts: a sentence, the lines of code or error that belong to it, what is said after those."""
        first, *lines = self.verdict.message.splitlines() or [""]
        end = max((number for number, line in enumerate(lines, 1) if line.startswith("  ")), default=0)
        return first, "\n".join(lines[:end]), "\n".join(lines[end:])

    @property
    def look(self) -> str:
        """Which of the page's looks it has."""
        return "right" if self.verdict.right else "waiting" if self.verdict.kind == "manual" else "wrong"

    @property
    def sign(self) -> str:
        """The same as one character, for the list at the top."""
        return {"right": "✓", "waiting": "…", "wrong": "✗"}[self.look]

    @property
    def long_output(self) -> bool:
        """Whether what the cell printed is folded."""
        return self.output.count("\n") >= SHORT


@cache
def environment() -> Environment:
    """The templates, everything escaped."""
    made = Environment(
        loader=PackageLoader("autograder.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["code"] = code_spans
    return made


@cache
def template() -> Template:
    """The page's template, compiled: where workers are forked, before that."""
    return environment().get_template("feedback.html.j2")


def code_spans(text: str) -> Markup:
    """`text` escaped, with what stands between backquotes set as code."""
    return Markup(re.sub(r"`([^`\n]{1,200})`", r"<code>\1</code>", str(escape(text))))


def feedback_page(
    student: str,
    key: Key,
    verdicts: list[Verdict],
    notes: list[str],
    submission: Submission | None,
    outputs: dict[int, str],
    unreadable: str,
    site_url: str,
    late: str = "",
) -> str:
    """The page for one notebook of one student."""
    graded = [cell for cell in key.cells if cell.grade]
    written, printed = by_cell(submission, outputs)
    calls = {cell: names(source) for cell, source in written.items() if key.by_id[cell].cell_type == "code"}
    checks = notebook_checks(key.assignment, key.notebook)
    answers = []
    for cell, verdict in zip(graded, verdicts, strict=True):
        tested = tested_cell(key, cell) or cell
        check = next((checks[name] for name in sorted(tested.defines) if name in checks), None)
        right = verdict.kind == "right" and check is not None
        section = verdict.section or (check.section if check is not None else "")
        answers.append(
            Answer(
                anchor=tested.grade_id,
                title=answer_title(tested),
                verdict=verdict,
                headline=HEADLINES.get(verdict.kind, "Not right yet"),
                tried=tried(key.assignment, key.notebook, check.name) if check is not None and right else "",
                needed=tuple(callers(key, tested, calls)) if right else (),
                code=written.get(tested.grade_id, ""),
                output=cut(printed.get(tested.grade_id, "")),
                link=section_url(section, site_url),
                link_text=section_title(section),
                blames=answer_title(key.by_id[verdict.blames]) if verdict.blames in key.by_id else "",
            )
        )
    return template().render(
        student=student,
        key=key,
        answers=answers,
        slips=slips(answers),
        first=next((one for one in answers if one.look == "wrong" and not one.blames), None),
        notes=notes,
        unreadable=unreadable,
        late=late,
        points=sum(verdict.points for verdict in verdicts),
        waiting=sum(verdict.max_points for verdict in verdicts if verdict.kind == "manual"),
    )


def slips(answers: list[Answer]) -> list[tuple[str, str, list[Answer]]]:
    """Each answer that is not right and that others are right in spite of: its title, its place, and those."""
    found: dict[str, list[Answer]] = {}
    for answer in answers:
        if answer.verdict.kind == "carried" and answer.blames:
            found.setdefault(answer.verdict.blames, []).append(answer)
    return [(those[0].blames, place, those) for place, those in found.items()]


def by_cell(submission: Submission | None, outputs: Mapping[int, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What the student wrote in each answer cell, and what it printed when the notebook was run, by grade_id.

    What their functions print while they are judged is in neither: it could hold hidden inputs.
    """
    cells = list(enumerate(submission.cells)) if submission is not None else []
    answered = [(position, cell) for position, cell in cells if cell.key is not None and cell.key.solution]
    written = {cell.label: cell.source for _, cell in answered}
    return written, {cell.label: outputs[position] for position, cell in answered if position in outputs}


@cache
def tried(assignment: str, notebook: str, name: str) -> str:
    """What the hidden test of an answer tries, in words; "" where there is nothing to try, as with a choice."""
    check: AnyCheck = notebook_checks(assignment, notebook)[name]
    if isinstance(check, FunctionCheck):
        with seeded(b"only the conditions are read"):
            cases = check.cases()
        conditions = list(dict.fromkeys(case.condition for case in cases))
        which = described_all(conditions)
        return f"The hidden test tried it on {len(cases)} sets of arguments, {which}. All came out right."
    if isinstance(check, ModelCheck):
        return (
            f"The hidden test built {check.draws} models of different sizes with it, gave them other weights and let "
            "them compute. All came out right."
        )
    if isinstance(check, BehaviourCheck):
        return "The hidden test let your network train with it, and compared what it tells with what that network does."
    return ""


def callers(key: Key, answer: KeyCell, calls: Mapping[str, set[str]]) -> list[Place]:
    """The student's own later answers that use what `answer` defines."""
    later = key.cells[key.cells.index(answer) + 1 :]
    return [
        Place(answer_title(cell), cell.grade_id)
        for cell in later
        if cell.grade_id in calls and answer.defines & calls[cell.grade_id]
    ]


def names(code: str) -> set[str]:
    """Every name in `code`, comments left out. It need not be Python."""
    return set(re.findall(r"[^\W\d]\w*", re.sub(r"#[^\n]*", "", code)))


def cut(output: str) -> str:
    """What a cell printed, its beginning where it is very long."""
    if len(output) <= MOST_OUTPUT:
        return output
    return f"{output[:MOST_OUTPUT]}\n… and {len(output) - MOST_OUTPUT} characters more"


def tested_cell(key: Key, graded: KeyCell) -> KeyCell | None:
    """The answer that a graded cell looks at: itself, or the last answer cell before it."""
    if graded.solution:
        return graded
    before = key.cells[: key.cells.index(graded)]
    return next((cell for cell in reversed(before) if cell.solution), None)


def answer_title(cell: KeyCell) -> str:
    """What an answer is called: the function it defines, else its grade_id."""
    return f"{next(iter(sorted(cell.defines)))}" if len(cell.defines) == 1 else cell.grade_id
