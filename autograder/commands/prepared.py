"""What has to be in order before student code is run: the wall holds, the assignments are released."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape

from ..course.folder import Busy, Course, NotACourse
from ..course.key import Key
from ..course.late import BadPolicy
from ..judge import doctor as examination
from ..judge.student_process import NoWarmProcess
from ..marks.worker import NoWorker
from .asked import NO_WALL, err, out, stop


@contextmanager
def refusals_in_words(course: Course, doing: str = "Marking") -> Iterator[None]:
    """A sentence and exit code 1 where the machine refuses: a full disk, a read-only folder, a locked gradebook."""
    try:
        yield
    except (NoWarmProcess, NoWorker, NotACourse, Busy) as error:
        reason = str(error)
    except OSError as error:
        reason = f"{error.strerror}: {error.filename}." if error.filename else f"{error.strerror or error}."
    except Exception as error:
        from sqlalchemy.exc import SQLAlchemyError

        from ..course.database import NoGradebook, in_words

        if isinstance(error, NoGradebook):
            reason = str(error)
        elif isinstance(error, SQLAlchemyError):
            reason = f"the gradebook says: {in_words(error, course)}."
        else:
            raise
    else:
        return
    raise stop(f"{doing} had to stop: {reason} What is done is kept; the same command goes on from there.", 1)


def require_wall(course: Course, quiet: bool, meanwhile: Callable[[], object] = lambda: None) -> dict[str, object]:
    """Say what walls student code in, and return its layers.

    A sentence and exit code 4 where it could escape, or not run at all. An examination waits for other processes:
    `meanwhile` is done beside it.
    """
    with ThreadPoolExecutor(1) as beside:
        examined = beside.submit(examination.holding, course)
        meanwhile()
        wall = examined.result()
    print_missing(err, wall)
    if not wall.holds:
        advice = "Run `python -m autograder doctor` to see what is missing"
        advice += "." if wall.broken else ", or mark all the same with --unprotected."
        raise stop(f"{wall.refusal} Nothing was marked. {advice}", NO_WALL)
    if not quiet:
        out.print(escape(wall.says), soft_wrap=True)
    return wall.layers


def print_missing(console: Console, setting: examination.Examination) -> None:
    """Say what the wall lacks and how to get it, where it does not hold."""
    if not setting.holds:
        for sentence in setting.missing:
            console.print(escape(sentence), soft_wrap=True)


def ensure_released(course: Course, keys: dict[tuple[str, str], Key]) -> None:
    """Release what the gradebook does not know yet, or knows otherwise."""
    from ..marks.gradebook import ClassGradebook, OutOfDate

    with ClassGradebook(course) as gradebook:
        try:
            gradebook.require(keys.values())
            return
        except OutOfDate as reason:
            err.print(f"{escape(str(reason))} Releasing it now.", style="dim")
    for name in sorted({assignment for assignment, _ in keys}):
        release_one(course, name)


def release_one(course: Course, name: str, *, yes: bool = False) -> None:
    """Release an assignment, or end with what nbgrader said. What touches handed-in work is said first, and asked."""
    from ..course.changes import changes, make_room, remember_checks
    from ..course.release import ReleaseFailed
    from ..course.release import release as release_assignment
    from ..marks.gradebook import ClassGradebook

    found = changes(course, name)
    if found.matter:
        for sentence in found.told():
            err.print(escape(sentence), soft_wrap=True)
        if not yes and not sys.stdin.isatty():
            raise stop(
                f"Nothing of {name} was released. If that is meant: `python -m autograder release {name} --yes`.", 5
            )
        if not yes and not typer.confirm(f"Release {name}?", err=True):
            raise stop(f"Nothing of {name} was released.", 5)
        if copy := make_room(course, found):
            err.print(f"The gradebook as it was before: {copy}", soft_wrap=True)
    try:
        release_assignment(course, name)
    except ReleaseFailed as error:
        raise stop(f"{name} could not be released:\n{error}", 1) from None
    remember_checks(course, name)
    try:
        with ClassGradebook(course) as gradebook:
            gradebook.enter_dates()
    except BadPolicy as error:
        raise stop(f"{name} is released, but not when it is due: {error}", 1) from None
