"""Results on disk: one record for each student's marked notebook, beside the pages made of it."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from ..course.folder import Course
from ..course.key import Key
from .result import Result


def records(course: Course, assignment: str, notebook: str) -> Path:
    """The folder with one record for each student's marked notebook."""
    return course.grading / "results" / assignment / notebook


def kept_result(course: Course, student: str, key: Key, digest: str = "") -> Result | None:
    """The result of an earlier run whose page is still there; with `digest`, only where nothing has changed since."""
    page = course.feedback / student / key.assignment / f"{key.notebook}.html"
    folder = records(course, key.assignment, key.notebook)
    try:
        result = Result.from_json((folder / f"{student}.json").read_text())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return result if digest in ("", result.digest) and page.exists() else None


def all_results(course: Course, keys: dict[tuple[str, str], Key]) -> list[Result]:
    """Every result on record, of this run or an earlier one, for what is still handed in."""
    found = []
    for assignment, notebook in keys:
        for path in sorted(records(course, assignment, notebook).glob("*.json")):
            if (course.submitted / path.stem / assignment).is_dir():
                found.append(Result.from_json(path.read_text()))
    return found


def keep(course: Course, result: Result, handed_in: datetime | None) -> None:
    """Write a result's pages, then its record: a record without pages never exists."""
    record = records(course, result.assignment, result.notebook) / f"{result.student}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):  # there is none, or none that can be read
        result.follow(Result.from_json(record.read_text()))
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
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    with temporary.open("x") as file:
        file.write(text)
    temporary.chmod(0o644)
    os.replace(temporary, path)
