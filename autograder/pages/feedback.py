"""The page that a student gets. Static HTML without any script; all that a student wrote is escaped text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

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


@dataclass(frozen=True)
class Answer:
    """One graded answer on the page."""

    anchor: str
    title: str
    verdict: Verdict
    headline: str
    code: str
    output: str
    link: str
    link_text: str
    blames: str
    """The title of the answer in which the cause lies."""


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
    answers = []
    for cell, verdict in zip((cell for cell in key.cells if cell.grade), verdicts, strict=True):
        tested = tested_cell(key, cell)
        code, output = "", ""
        if submission is not None and tested is not None:
            for position, part in enumerate(submission.cells):
                if part.key is tested:
                    code, output = part.source, outputs.get(position, "")
        answers.append(
            Answer(
                anchor=(tested or cell).grade_id,
                title=answer_title(tested or cell),
                verdict=verdict,
                headline=HEADLINES.get(verdict.kind, "Not right yet"),
                code=code,
                output=output,
                link=section_url(verdict.section, site_url),
                link_text=section_title(verdict.section),
                blames=answer_title(key.by_id[verdict.blames]) if verdict.blames in key.by_id else "",
            )
        )
    return (
        environment()
        .get_template("feedback.html.j2")
        .render(
            student=student,
            key=key,
            answers=answers,
            notes=notes,
            unreadable=unreadable,
            late=late,
            points=sum(verdict.points for verdict in verdicts),
            waiting=sum(verdict.max_points for verdict in verdicts if verdict.kind == "manual"),
        )
    )


def tested_cell(key: Key, graded: KeyCell) -> KeyCell | None:
    """The answer that a graded cell looks at: itself, or the last answer cell before it."""
    if graded.solution:
        return graded
    before = key.cells[: key.cells.index(graded)]
    return next((cell for cell in reversed(before) if cell.solution), None)


def answer_title(cell: KeyCell) -> str:
    """What an answer is called: the function it defines, else its grade_id."""
    return f"{next(iter(sorted(cell.defines)))}" if len(cell.defines) == 1 else cell.grade_id
