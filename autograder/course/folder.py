"""Where things are, and the project's nbgrader configuration."""

from __future__ import annotations

import fcntl
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

SECRET_BYTES = 32


class NotACourse(Exception):
    """The folder is not the root of a course, or something of it is damaged."""


class Busy(Exception):
    """Another run is marking this course."""


@dataclass(frozen=True)
class Course:
    """A course's folder. All paths that the autograder touches come from here."""

    root: Path

    @classmethod
    def at(cls, root: Path) -> Course:
        """The course at `root`; NotACourse where there is none."""
        if not (root / "nbgrader_config.py").is_file():
            raise NotACourse(f"{root} holds no nbgrader_config.py: run this from the course's folder, or use --course.")
        # nbgrader calls alembic by name when it makes a database, also where the environment is not activated.
        folder = str(Path(sys.executable).parent)
        if folder not in os.environ["PATH"].split(os.pathsep):
            os.environ["PATH"] = folder + os.pathsep + os.environ["PATH"]
        return cls(root.resolve())

    @property
    def solutions(self) -> Path:
        """The instructor's notebooks: the only source of an exercise."""
        return self.root / "solutions"

    @property
    def assignments(self) -> list[str]:
        """The names of the assignments: the folders of solutions/ that hold notebooks."""
        return sorted({path.parent.name for path in self.solutions.glob("*/*.ipynb")})

    @property
    def exercises(self) -> Path:
        """What students get."""
        return self.root / "exercises"

    @property
    def grading(self) -> Path:
        """Everything about students. Never in git."""
        return self.root / "grading"

    @property
    def submitted(self) -> Path:
        """submitted/STUDENT/ASSIGNMENT/NOTEBOOK.ipynb."""
        return self.grading / "submitted"

    @property
    def autograded(self) -> Path:
        """Marked notebooks, as nbgrader's formgrader opens them."""
        return self.grading / "autograded"

    @property
    def feedback(self) -> Path:
        """feedback/STUDENT/ASSIGNMENT/NOTEBOOK.html."""
        return self.grading / "feedback"

    @property
    def reports(self) -> Path:
        """What the instructor reads about the class."""
        return self.grading / "reports"

    @cached_property
    def config(self) -> Config:
        """nbgrader_config.py, as nbgrader reads it."""
        return PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()

    @property
    def db_url(self) -> str:
        """nbgrader's gradebook: c.CourseDirectory.db_url, an SQLite path taken from the course's folder; where that is
        not set, nbgrader's own default."""
        url = str(self.config.CourseDirectory.get("db_url", "sqlite:///gradebook.db"))
        prefix = "sqlite:///"
        return f"{prefix}{self.root / url.removeprefix(prefix)}" if url.startswith(prefix) else url

    @property
    def course_id(self) -> str:
        """The course's name in the gradebook."""
        return str(self.config.CourseDirectory.get("course_id", ""))

    @property
    def slips_cost_once(self) -> bool:
        """Whether an answer has its points where it is right for the student's own wrong function that it calls."""
        return bool(self.config.Judge.get("slips_cost_once", True))

    @property
    def all_cells(self) -> bool:
        """Whether cells behind a notebook's last test are run too, for what they show."""
        return bool(self.config.Judge.get("all_cells", False))

    @cached_property
    def site_url(self) -> str:
        """Where the book is published: `html: baseurl` in _config.yml. Feedback links there."""
        settings = yaml.safe_load((self.root / "_config.yml").read_text())
        return str(settings.get("html", {}).get("baseurl") or "").rstrip("/")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Mark it alone: two runs at once would each mark what the other marks. Raises Busy.

        The lock is gone with the process that holds it, however that ends, and its workers, which end with it.
        """
        self.grading.mkdir(exist_ok=True)
        with (self.grading / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy("another run is marking this course. Wait until it has ended, or stop it.") from None
            yield

    @cached_property
    def secret(self) -> bytes:
        """What hidden inputs are drawn from. Made once, never shown, the same for everybody: marks can be compared.

        It is there whole or not at all, so that a full disk or a sudden end leaves none that anyone could guess.
        """
        path = self.grading / "secret"
        self.grading.mkdir(exist_ok=True)
        if not path.exists() or not path.stat().st_size:
            path.unlink(missing_ok=True)
            descriptor, new = tempfile.mkstemp(dir=self.grading, prefix=".secret-")
            try:
                with os.fdopen(descriptor, "w") as file:
                    file.write(secrets.token_hex(SECRET_BYTES) + "\n")
                    file.flush()
                    os.fsync(descriptor)
                with suppress(FileExistsError):  # another run was quicker: its secret holds for both
                    os.link(new, path)
            finally:
                os.unlink(new)
        try:
            found = bytes.fromhex(path.read_text().strip())
        except ValueError:
            found = b""
        if len(found) != SECRET_BYTES:
            raise NotACourse(f"{path} is damaged. Put back a copy of it, or remove it: then all hidden numbers change.")
        return found
