"""Makes exercises/ from solutions/ with nbgrader, and lets nbgrader's gradebook know what is graded."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory

from .database import open_gradebook, without_password
from .folder import Course


class ReleaseFailed(Exception):
    """nbgrader could not make an assignment. The text is what it said."""


def release(course: Course, assignment: str) -> None:
    """Make exercises/ASSIGNMENT and enter its cells and points in the gradebook."""
    said = _Collector()
    released = course.exercises / assignment
    with _inside(course.root), _put_back_on_failure(released):
        _announce_new_notebooks(course, assignment)
        directory = CourseDirectory(config=course.config, root=str(course.root))
        directory.assignment_id = assignment
        converter = GenerateAssignment(coursedir=directory, config=course.config)
        converter.force = True
        converter.log.handlers[:] = [said]
        converter.log.propagate = False
        try:
            converter.start()
        except BaseException as error:
            said_it = "\n".join(said.lines) or str(error)
            raise ReleaseFailed(without_password(said_it, course.db_url)) from error
    for path in released.glob("*.ipynb"):
        text = path.read_text()
        if not text.endswith("\n"):
            path.write_text(text + "\n")


def _announce_new_notebooks(course: Course, assignment: str) -> None:
    """Enter notebooks that the assignment has gained: nbgrader itself refuses to, once there are submissions."""
    with open_gradebook(course) as book:
        known = {found.name: found for found in book.assignments}.get(assignment)
        if known is None or not known.submissions:
            return
        here = {notebook.name for notebook in known.notebooks}
        for path in sorted((course.solutions / assignment).glob("*.ipynb")):
            if path.stem not in here:
                book.add_notebook(path.stem, assignment)


@contextmanager
def _put_back_on_failure(folder: Path) -> Iterator[None]:
    """nbgrader removes what it cannot replace. Here a release that fails leaves the old one as it was."""
    with tempfile.TemporaryDirectory() as kept:
        if folder.is_dir():
            shutil.copytree(folder, Path(kept) / "released")
        try:
            yield
        except BaseException:
            if (Path(kept) / "released").is_dir():
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(Path(kept) / "released", folder)
            raise


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
