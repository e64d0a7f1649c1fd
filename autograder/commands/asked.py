"""What the commands share: options, the course and assignments asked for, how a command ends with a sentence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from ..course.folder import Course, NotACourse
from ..course.key import Key, read_keys

out, err = Console(), Console(stderr=True)

NO_WALL = 4
"""Exit code of `grade` where student code could escape, or not run at all."""
CourseOption = Annotated[Path, typer.Option("--course", help="The course's folder.", show_default="the current one")]
Names = Annotated[list[str] | None, typer.Argument(help="Assignments, such as lstm.", show_default="all")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print problems only.")]


def open_course(folder: Path) -> Course:
    """The course, or a sentence and exit code 2."""
    try:
        return Course.at(folder)
    except NotACourse as error:
        raise stop(str(error)) from None


def open_keys(course: Course, names: list[str] | None) -> dict[tuple[str, str], Key]:
    """The keys of the assignments asked for, or a sentence and exit code 2."""
    known = course.assignments
    if unknown := sorted(set(names or ()) - set(known)):
        raise stop(f"There is no assignment {', '.join(unknown)} in {course.solutions}: there are {', '.join(known)}.")
    try:
        return read_keys(course.solutions, course.exercises, names or ())
    except FileNotFoundError as error:
        raise stop(f"{error.filename} is missing. Run `python -m autograder release` first.") from None


def require_linux() -> None:
    """A sentence and exit code 4 where there is no Linux, of which the wall is made."""
    if sys.platform != "linux":
        raise stop(
            "Student code is walled in with what Linux has for it, and this is no Linux: mark in the container that "
            "README.md names. The site and `python -m autograder release` work here.",
            NO_WALL,
        )


def warn(sentence: str) -> None:
    """Say on stderr what does not stop the command."""
    err.print(escape(sentence), soft_wrap=True)


def warn_of_damage(record: Path) -> None:
    """Say what the report lacks."""
    assignment = record.parent.parent.name
    warn(f"The report lacks {record.stem}: {record} is damaged. `grade {assignment}` marks it again.")


def stop(text: str, code: int = 2) -> typer.Exit:
    """To be raised: the sentence on stderr, and the exit code."""
    err.print(f"[bold red]autograder:[/] {escape(text)}", soft_wrap=True)
    return typer.Exit(code)
