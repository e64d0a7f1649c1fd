"""How much memory `grade` itself takes for a class of 10, 300 and 3,000: `python -m benchmarks.memory`.

Nothing is marked: each submission gets a made-up result with pages of 40 kB, so that what is measured is what one run
holds of a class. Workers and student processes have limits of their own.
"""

from __future__ import annotations

import multiprocessing
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from autograder.commands import cli
from autograder.course.folder import Course
from autograder.marks import grade
from autograder.marks.grade import Crew
from autograder.marks.marking import Job, Setting
from autograder.results.result import Result
from autograder.results.verdict import Verdict

from .folders import ASSIGNMENT, KINDS, make_course
from .stages import Serial

SIZES = (10, 300, 3000)
PAGE = "x" * 40_000
MESSAGE = "y" * 300


def made_up(job: Job, setting: Setting) -> Result:
    """Full marks for anything, with a message and pages as large as real ones."""
    key = job.key
    verdicts = [
        Verdict(cell.grade_id, cell.points, cell.points, "right", MESSAGE + job.student)
        for cell in key.cells
        if cell.grade
    ]
    result = Result(job.student, key.assignment, key.notebook, key.max_points, verdicts, made_of=job.made_of)
    result.autograded = result.feedback = PAGE + job.student
    return result


@contextmanager
def nobody(*arguments: Any, **keywords: Any) -> Iterator[Crew]:
    """A crew that calls what it is given."""
    yield Crew(Serial())


def peak(root: Path) -> int:
    """MiB that this process has held at most after it has marked the course and looked at it a second time."""
    with patch.object(cli, "crew_for", nobody), patch.object(grade, "mark", made_up):
        for _ in range(2):
            cli.grade([ASSIGNMENT], root, unprotected=True, quiet=True)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def main() -> None:
    """Print a line for each size of a class."""
    with tempfile.TemporaryDirectory() as folder:
        released, _ = make_course(Path(folder) / "released", KINDS[0], stock=False)
        handed_in = (released.exercises / ASSIGNMENT / f"{KINDS[0].notebook}.ipynb").read_text()
        for size in SIZES:
            course = Course.at(Path(shutil.copytree(released.root, Path(folder) / str(size))))
            for number in range(size):
                path = course.submitted / f"student-{number:04}" / ASSIGNMENT / f"{KINDS[0].notebook}.ipynb"
                path.parent.mkdir(parents=True)
                path.write_text(handed_in + " " * number)
            with multiprocessing.get_context("spawn").Pool(1) as fresh:
                print(f"{size:5} submissions: {fresh.apply(peak, (course.root,))} MiB", flush=True)


if __name__ == "__main__":
    main()
