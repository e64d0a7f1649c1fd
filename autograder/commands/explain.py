"""`explain`: why each point of one student was given or not, with the hidden cases. For the instructor's terminal."""

from __future__ import annotations

import reprlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.text import Text

from ..checking.conditions import ORDINARY
from ..course.folder import Course
from ..course.key import Key
from ..handed_in.submission import Unreadable, parse
from ..judge.explaining import Answer, ExplainingJudge, Stopped, Tried
from ..judge.judge import Timeouts
from ..judge.student_process import StudentProcess
from ..marks.grade import find, load
from ..marks.marking import Job, own_zygote
from ..results.records import Damaged, earlier_result
from ..results.result import Result
from ..results.verdict import Verdict
from .asked import CourseOption, open_course, open_keys, out, require_linux, stop
from .prepared import refusals_in_words, require_wall

if TYPE_CHECKING:
    from ..handed_in.submission import Submission

LONGEST = 1200
"""Characters of one value."""

BRIEF = reprlib.Repr()
BRIEF.maxlevel, BRIEF.maxlist, BRIEF.maxtuple, BRIEF.maxdict = 4, 20, 20, 20
BRIEF.maxstring, BRIEF.maxother, BRIEF.maxlong = 400, 400, 60


def explain(
    student: Annotated[str, typer.Argument(help="The student, as their folder in grading/submitted is called.")],
    what: Annotated[
        list[str] | None,
        typer.Argument(help="Assignments, or single notebooks, such as lstm/gates.", show_default="all"),
    ] = None,
    cases: Annotated[bool, typer.Option("--cases", help="Show every hidden case, also those that are right.")] = False,
    unprotected: Annotated[
        bool, typer.Option("--unprotected", help="Run it even where student code can escape. See `doctor`.")
    ] = False,
    course: CourseOption = Path(),
) -> None:
    """Say why each point of a student was given or not, with the hidden inputs, what was expected, and what came.

    It marks what they handed in once more, behind the same wall, and writes no mark, no page and no record. What it
    prints gives the hidden cases of this file away: it is for you alone.
    """
    require_linux()
    here = open_course(course)
    wanted = [(assignment, notebook) for assignment, _, notebook in (name.partition("/") for name in what or ())]
    keys = open_keys(here, sorted({assignment for assignment, _ in wanted}))
    chosen = {where: key for where, key in keys.items() if not wanted or (where[0], "") in wanted or where in wanted}
    if wanted and not chosen:
        raise stop(f"There is no such notebook: there are {', '.join('/'.join(one) for one in keys)}.")
    explain_student(here, chosen, student, every_case=cases, unprotected=unprotected)


def explain_student(
    course: Course,
    keys: dict[tuple[str, str], Key],
    student: str,
    *,
    every_case: bool = False,
    unprotected: bool = False,
) -> None:
    """Print it all. A sentence and exit code 2 where nothing was handed in, 4 where student code could escape."""
    with refusals_in_words(course, "Explaining"):
        jobs = [load(course, one, None) for one in find(course, keys, {student})]
        if not jobs:
            asked = ", ".join(dict.fromkeys(assignment for assignment, _ in keys))
            here = f" for {asked}" if (course.submitted / student).is_dir() else ""
            raise stop(f"There is nothing of {cleaned(student)}{here} in {course.submitted}.")
        if not unprotected:
            require_wall(course, quiet=True)
        for job in jobs:
            _one(course, job, every_case)


def _one(course: Course, job: Job, every_case: bool) -> None:
    key = job.key
    say(f"{job.student}, {key.assignment}/{key.notebook}", "bold")
    try:
        if job.data is None:
            raise Unreadable(" ".join(job.notes))
        submission = parse(job.data, key)
    except Unreadable as error:
        say(f"  Nothing handed in. {error}" if job.missing else f"  It could not be read, so it has no points. {error}")
        return
    for note in (*job.notes, *submission.notes):
        say(f"  {note}")
    judge, verdicts = _mark(course, key, submission)
    by_hand = _by_hand(course, job)
    for cell, verdict in zip((cell for cell in key.cells if cell.grade), verdicts, strict=True):
        _verdict(verdict, judge.tried.get(cell.grade_id, []), every_case, by_hand.get(cell.grade_id))
    points = sum(verdict.points for verdict in verdicts)
    say(f"  {points:g} of {key.max_points:g} points by the judge. {job.late.words}".rstrip())
    kept = _on_record(course, job)
    if kept is None:
        say("  On record is nothing yet: `grade` has not marked it.")
    elif kept.points != points:
        say(
            f"  On record are {kept.points:g}: what was handed in or what is asked has changed since. `grade` marks it."
        )
    out.print()


def _mark(course: Course, key: Key, submission: Submission) -> tuple[ExplainingJudge, list[Verdict]]:
    address = own_zygote(key.uses_tensorflow).address
    usual = Timeouts.usual(key)
    judge = ExplainingJudge(
        submission,
        key,
        lambda: StudentProcess.start(address),
        course.secret,
        Timeouts(usual.cell, 2 * usual.notebook),  # everything is tried twice
        course.slips_cost_once,
        course.all_cells,
    )
    return judge, judge.mark().verdicts


def _on_record(course: Course, job: Job) -> Result | None:
    try:
        return earlier_result(course, job.student, job.key)
    except Damaged:
        return None


def _by_hand(course: Course, job: Job) -> dict[str, float]:
    """What a person has entered, by grade_id."""
    if course.db_url.startswith("sqlite:///") and not Path(course.db_url.removeprefix("sqlite:///")).exists():
        return {}  # nbgrader would make one
    from nbgrader.api import MissingEntry

    from ..course.database import open_gradebook

    with open_gradebook(course) as book:
        try:
            found = book.find_submission_notebook(job.key.notebook, job.key.assignment, job.student)
        except MissingEntry:
            return {}
        return {grade.name: grade.manual_score for grade in found.grades if grade.manual_score is not None}


def _verdict(verdict: Verdict, answers: list[Answer], every_case: bool, by_hand: float | None) -> None:
    style = "green" if verdict.right else "yellow" if verdict.kind in ("manual", "blank") else "red"
    named = f", {verdict.misconception}" if verdict.misconception else ""
    say(f"  {verdict.grade_id}: {verdict.points:g} of {verdict.max_points:g} ({verdict.kind}{named})", style)
    if by_hand is not None:
        say(f"    A person has entered {by_hand:g}, and that counts.")
    if verdict.message:
        say(_indented(verdict.message, 4))
    if verdict.blames:
        say(f"    The cause lies in {verdict.blames}.")
    for answer in answers:
        right = Counter(one.condition for one in answer.cases if not one.wrong)
        if right:
            listed = ", ".join(name + (f" ({count})" if count > 1 else "") for name, count in right.items())
            say(f"    {answer.name} is right in {right.total()} of {len(answer.cases)} hidden cases: {listed}.")
        wrong = [one for one in answer.cases if one.wrong]
        for one in answer.cases if every_case else sorted(wrong, key=_size)[:1]:
            _case(answer.name, one)
        if len(wrong) > 1 and not every_case:
            everywhere = ", ".join(dict.fromkeys(one.condition for one in wrong))
            say(f"    That is the smallest of {len(wrong)} in which it is wrong: {everywhere} (--cases shows all).")
        if answer.stopped:
            say(f"    {answer.name} could not be tried to the end:")
            say(_indented(answer.stopped, 6))


def _size(one: Tried) -> int:
    """How many numbers a person has to look at."""
    return sum(int(np.size(value)) for value in one.inputs.values() if not isinstance(value, dict))


def _case(name: str, one: Tried) -> None:
    about = "" if one.condition == ORDINARY else f" ({one.condition})"
    say(f"    Hidden case{about}: {name} is {'right' if not one.wrong else 'wrong, ' + one.wrong}")
    for label, value in (*one.inputs.items(), ("expected", one.expected), ("got", one.got)):
        text = shown(value)
        say(f"      {label} = {text}" if "\n" not in text else f"      {label} =\n{_indented(text, 8)}")


def shown(value: Any) -> str:
    """A value as text that is not too long, whatever it is."""
    if isinstance(value, Stopped):
        return str(value)[:LONGEST]
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=6, suppress_small=True, threshold=40, edgeitems=2, max_line_width=100)
        return f"{text[:LONGEST]}  {value.shape} {value.dtype}"
    if isinstance(value, dict):
        return "\n".join(f"{_brief(name)}: {shown(part)}" for name, part in list(value.items())[:12])[:LONGEST]
    if isinstance(value, tuple | list) and any(isinstance(part, np.ndarray) for part in value):
        return "\n".join(f"{n}: {shown(part)}" for n, part in enumerate(value[:12]))[:LONGEST]
    return _brief(value)


def _brief(value: Any) -> str:
    return BRIEF.repr(value)[:LONGEST]


def _indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line for line in text[: 2 * LONGEST].splitlines())


def say(text: str, style: str = "") -> None:
    """Print text that a student may have written: no markup, no control of the terminal, no change of direction."""
    out.print(Text(cleaned(text), style), soft_wrap=True, highlight=False)


def cleaned(text: str) -> str:
    """`text` with every character that is not seen, but for line ends, as its escape."""
    return "".join(
        c
        if c.isprintable() or c == "\n"
        else c.encode("ascii", "backslashreplace").decode()
        if ord(c) > 127
        else repr(c)[1:-1]
        for c in text
    )
