"""Makes exercises/ from solutions/ with nbgrader, and lets nbgrader's gradebook know what is graded."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory

from .course import Course


class ReleaseFailed(Exception):
    """nbgrader could not make an assignment. The text is what it said."""


def assignments(course: Course) -> list[str]:
    """The names of the assignments: the folders of solutions/ that hold notebooks."""
    return sorted({path.parent.name for path in course.solutions.glob("*/*.ipynb")})


def release(course: Course, assignment: str) -> None:
    """Make exercises/ASSIGNMENT and enter its cells and points in the gradebook."""
    said = _Collector()
    with _inside(course.root):
        directory = CourseDirectory(config=course.config, root=str(course.root))
        directory.assignment_id = assignment
        converter = GenerateAssignment(coursedir=directory, config=course.config)
        converter.force = True
        converter.log.handlers[:] = [said]
        converter.log.propagate = False
        try:
            converter.start()
        except BaseException as error:
            raise ReleaseFailed("\n".join(said.lines) or str(error)) from error
    for path in (course.exercises / assignment).glob("*.ipynb"):
        text = path.read_text()
        if not text.endswith("\n"):
            path.write_text(text + "\n")


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
