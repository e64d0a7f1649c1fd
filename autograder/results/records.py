"""Results on disk: one record for each student's marked notebook, beside the pages made of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TextIO

from ..course.folder import Course
from ..course.key import Key
from .result import Result


def records(course: Course, assignment: str, notebook: str) -> Path:
    """The folder with one record for each student's marked notebook."""
    return course.grading / "results" / assignment / notebook


class Damaged(Exception):
    """A record cannot be read."""


def page(course: Course, student: str, key: Key) -> Path:
    """The page of a student's marked notebook."""
    return course.feedback / student / key.assignment / f"{key.notebook}.html"


def earlier_result(course: Course, student: str, key: Key) -> Result | None:
    """What an earlier run has found, None where there was none. Raises Damaged."""
    return _read(records(course, key.assignment, key.notebook) / f"{student}.json")


def _read(path: Path) -> Result | None:
    try:
        return Result.from_json(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Damaged(path) from None


def all_results(
    course: Course, keys: dict[tuple[str, str], Key], damaged: Callable[[Path], None] = lambda path: None
) -> list[Result]:
    """Every result on record, of this run or an earlier one, for what is still handed in. `damaged` is called with
    each record that cannot be read and is left out."""
    found = []
    for assignment, notebook in keys:
        for path in sorted(records(course, assignment, notebook).glob("*.json")):
            try:
                result = _read(path) if (course.submitted / path.stem / assignment).is_dir() else None
            except Damaged:
                damaged(path)
                continue
            if result is not None:
                found.append(result)
    return found


def keep(course: Course, result: Result, handed_in: datetime | None) -> None:
    """Write a result's pages, then its record: a record without pages never exists."""
    record = records(course, result.assignment, result.notebook) / f"{result.student}.json"
    with suppress(Damaged):
        if (earlier := _read(record)) is not None:
            result.follow(earlier)
    feedback = course.feedback / result.student / result.assignment / f"{result.notebook}.html"
    write_atomically(feedback, result.feedback)
    autograded = course.autograded / result.student / result.assignment / f"{result.notebook}.ipynb"
    if result.autograded:
        write_atomically(autograded, result.autograded)
        if handed_in is not None:
            write_atomically(autograded.with_name("timestamp.txt"), f"{handed_in} UTC")
    else:
        autograded.unlink(missing_ok=True)
    write_atomically(record, result.to_json())


def write_atomically(path: Path, text: str) -> None:
    """Write `text` so that a reader sees the old file or the new one, never half of it.

    A run that is killed leaves a file of a name that the next one, which is alone, uses again.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    with _new(temporary) as file:
        file.write(text)
    temporary.chmod(0o644)
    os.replace(temporary, path)


def _new(path: Path) -> TextIO:
    """A file that was not there, open to be written."""
    try:
        return path.open("x")
    except FileExistsError:
        path.unlink()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("x")
