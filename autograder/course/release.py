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
    with _inside(course.root), tempfile.TemporaryDirectory() as making:
        _announce_new_notebooks(course, assignment)
        directory = CourseDirectory(config=course.config, root=str(course.root))
        directory.assignment_id = assignment
        directory.release_directory = making  # nbgrader removes what was released before it knows whether it can go on
        converter = GenerateAssignment(coursedir=directory, config=course.config)
        converter.force = True
        converter.log.handlers[:] = [said]
        converter.log.propagate = False
        try:
            converter.start()
        except BaseException as error:
            said_it = "\n".join(said.lines) or str(error)
            raise ReleaseFailed(without_password(said_it, course.db_url)) from error
        made = Path(making) / assignment
        for path in made.glob("*.ipynb"):
            text = path.read_text()
            if not text.endswith("\n"):
                path.write_text(text + "\n")
        _put(made, course.exercises / assignment)


def _put(made: Path, released: Path) -> None:
    """Have a folder hold what was made. Whoever looks meanwhile, or ends this, finds every file whole, old or new."""
    wanted = {path.relative_to(made) for path in made.rglob("*") if path.is_file()}
    for name in sorted(wanted):
        place = released / name
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(f".{place.name}.new")
        shutil.copyfile(made / name, new)
        new.replace(place)
    for path in sorted(released.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        elif path.is_file() and path.relative_to(released) not in wanted:
            path.unlink()


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
