"""`export`: marks and feedback in the form that Moodle and Canvas take back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ..course.folder import Course
from .asked import CourseOption, Quiet, err, open_course, open_keys, out, stop
from .prepared import refusals_in_words

if TYPE_CHECKING:
    from ..handed_out.platforms import Filled

SHOWN = 10
"""So many names are listed of a group; the others are counted."""


def export(
    what: Annotated[
        list[str] | None,
        typer.Argument(help="Assignments, such as lstm, or single notebooks, such as lstm/gates.", show_default="all"),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(help="A table that Moodle or Canvas has written: its column for this assignment is filled."),
    ] = None,
    column: Annotated[str, typer.Option(help="The heading of that column, where it is not plain.")] = "",
    moodle: Annotated[
        str, typer.Option(help='A table for Moodle\'s gradebook import, by "ID number", "Email address" or "Username".')
    ] = "",
    feedback: Annotated[
        bool, typer.Option("--feedback", help="Feedback as a zip that the platform takes back.")
    ] = False,
    scale: Annotated[bool, typer.Option("--scale", help="Convert marks to the platform's maximum.")] = False,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Also marks of students who wait for a person to mark an answer.")
    ] = False,
    course: CourseOption = Path(),
    quiet: Quiet = False,
) -> None:
    """Write marks and feedback for Moodle, Canvas or a spreadsheet into grading/export.

    Marks are those of nbgrader's gradebook: with what a person has entered, less what lateness costs (late.toml), to
    hundredths of a point, halves up. `--into FILE` fills Moodle's grading worksheet or gradebook, or Canvas's
    gradebook, as you have downloaded it: all else in it stays byte for byte, and FILE itself too.
    Exit code 3: some students were left out (they are listed).
    """
    here = open_course(course)
    wanted = [(assignment, notebook) for assignment, _, notebook in (name.partition("/") for name in what or ())]
    keys = open_keys(here, sorted({assignment for assignment, _ in wanted}))
    if unknown := [f"{a}/{n}" for a, n in wanted if n and (a, n) not in keys]:
        raise stop(f"There is no notebook {', '.join(unknown)}: there are {', '.join('/'.join(one) for one in keys)}.")
    chosen = wanted or [(name, "") for name in dict.fromkeys(assignment for assignment, _ in keys)]
    if into is not None and len(chosen) != 1:
        raise stop("Say which assignment goes into this table: `python -m autograder export lstm --into FILE`.")
    for option, given, needs, there in (
        ("--into", into is not None, "", not (feedback or moodle)),
        ("--moodle", bool(moodle), "", not feedback),
        ("--column", bool(column), " It goes with --into FILE.", into is not None),
        ("--scale", scale, " It goes with --into FILE.", into is not None),
    ):
        if given and not there:
            raise stop(f"{option} does nothing here.{needs or ' Ask for tables and feedback one at a time.'}")
    from ..handed_out.tables import IDENTITIES

    if moodle and moodle not in IDENTITIES:
        raise stop(f'Moodle finds people by {", ".join(IDENTITIES)}, and not by "{moodle}".')
    with _in_words(here), here.alone():
        if feedback:
            left = _feedback(here, chosen, quiet)
        elif into is not None:
            left = _into(here, chosen[0], into, column, scale, unfinished, quiet)
        else:
            left = _tables(here, chosen, moodle, unfinished, quiet)
    if left:
        raise typer.Exit(3)


@contextmanager
def _in_words(course: Course) -> Iterator[None]:
    """A sentence and exit code 1 where it cannot be done."""
    from ..handed_out.platforms import CannotFill
    from ..handed_out.roster import NoRoster
    from ..handed_out.sheet import NotATable

    try:
        with refusals_in_words(course, "The export"):
            yield
    except (CannotFill, NoRoster, NotATable) as error:
        raise stop(str(error), 1) from None


def _into(
    course: Course, where: tuple[str, str], into: Path, column: str, scale: bool, unfinished: bool, quiet: bool
) -> bool:
    from ..handed_out.marks import read_marks
    from ..handed_out.platforms import fill
    from ..handed_out.roster import read_roster
    from ..handed_out.sheet import Sheet

    sheet = Sheet.read(into)
    marks = read_marks(course, *where)
    if not marks:
        raise stop(f"Nothing of {where[0]} is marked yet: run `python -m autograder grade {where[0]}`.", 1)
    roster = read_roster(course)
    done = fill(sheet, marks, roster, where[0], column=column, scale=scale, unfinished=unfinished)
    path = _write(course, into.name, sheet.to_bytes(), into)
    if not quiet:
        out.print(f'Filled {done.filled} marks into the column "{escape(done.column)}" of {done.kind}.')
        if done.unknown:
            out.print(f"{done.unknown} rows are left as they were: nothing of theirs is marked.")
        out.print(f"To take back  {path}", soft_wrap=True)
    return _tell(done, bool(roster))


def _tell(done: Filled, roster: bool) -> bool:
    """Say who was left out, and whether there was anybody."""
    _listed("An answer waits for a person, so their marks are left out (see --unfinished)", done.waiting)
    for why in dict.fromkeys(done.left.values()):
        _listed(f"Left as they were, for {why}", [student for student, one in done.left.items() if one == why])
    _listed("Marked, but without a row in that table", done.absent)
    if done.absent and not roster:
        err.print(
            "grading/platform.csv would say who is who: `python -m autograder collect` keeps it. Without it people are "
            "found by their ID number, email address, login or full name.",
            soft_wrap=True,
        )
    return bool(done.waiting or done.left or done.absent)


def _tables(course: Course, chosen: list[tuple[str, str]], moodle: str, unfinished: bool, quiet: bool) -> bool:
    from ..handed_out.marks import read_marks
    from ..handed_out.roster import read_roster
    from ..handed_out.tables import moodle_csv, plain_csv

    marks = {"/".join(filter(None, where)): read_marks(course, *where) for where in chosen}
    if not any(marks.values()):
        raise stop(f"Nothing of {', '.join(marks)} is marked yet: run `python -m autograder grade`.", 1)
    left: dict[str, str] = {}
    if moodle:
        text, left = moodle_csv(marks, moodle, unfinished)
        path = _write(course, f"moodle-{moodle.lower().replace(' ', '-')}.csv", text.encode())
    else:
        everybody = [mark for group in marks.values() for mark in group.values()]
        path = _write(course, "marks.csv", plain_csv(everybody, read_roster(course)).encode())
    if not quiet:
        count = len({student for group in marks.values() for student in group})
        out.print(f"Marks of {count} student{'' if count == 1 else 's'}: {path}", soft_wrap=True)
    waiting = sorted({student for group in marks.values() for student, mark in group.items() if mark.waiting})
    _listed("An answer waits for a person" + ("" if unfinished or not moodle else ", so cells are empty"), waiting)
    for why in dict.fromkeys(left.values()):
        _listed(f"Left out, for {why}", [student for student, one in left.items() if one == why])
    return bool(left)


def _feedback(course: Course, chosen: list[tuple[str, str]], quiet: bool) -> bool:
    from ..handed_out.bundle import bundle
    from ..handed_out.marks import read_by_hand
    from ..handed_out.roster import read_roster

    roster = read_roster(course)
    if not roster:
        raise stop(
            f"{course.grading / 'platform.csv'} is missing: it says where in the platform's download each file was, "
            "and so where its feedback belongs. `python -m autograder collect DOWNLOAD` writes it.",
            1,
        )
    keys = open_keys(course, None)
    by_hand = {
        (student, assignment, name): entered
        for assignment in sorted({assignment for assignment, _ in chosen})
        for (student, name), entered in read_by_hand(course, assignment).items()
    }
    left = made_any = False
    for platform in sorted({entry.platform for entry in roster}):
        for assignment, notebook in chosen:
            mine = [e for e in roster if (e.platform, e.assignment) == (platform, assignment)]
            mine = [e for e in mine if not notebook or e.notebook == notebook]
            if not mine:
                continue
            made_any = True
            made = bundle(course, keys, mine, by_hand)
            name = "-".join(filter(None, ("feedback", platform, assignment, notebook)))
            path = _write(course, f"{name}.zip", made.data)
            if not quiet:
                out.print(f"Feedback for {len(made.students)} students, {made.files} files: {path}", soft_wrap=True)
            for why in dict.fromkeys(made.left.values()):
                _listed(f"Without feedback, for {why}", [entry for entry, one in made.left.items() if one == why])
            left = left or bool(made.left)
    if not made_any:
        listed = ", ".join("/".join(filter(None, where)) for where in chosen)
        raise stop(f"Nothing of {listed} came through a platform by `collect`, so no feedback goes back to one.", 1)
    return left


def _write(course: Course, name: str, data: bytes, template: Path | None = None) -> Path:
    """Write grading/export/NAME. A template that lies there itself is never written over."""
    path = course.grading / "export" / name
    if template is not None and path.resolve() == template.resolve():
        path = path.with_stem(f"{path.stem}-filled")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(data)
    temporary.replace(path)
    return path


def _listed(text: str, names: list[str]) -> None:
    if names:
        shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        clean = "".join(c if c.isprintable() else "?" for c in shown)
        err.print(f"[bold]{escape(text)}:[/] {escape(clean)}", soft_wrap=True)
