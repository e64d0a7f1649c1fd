"""Temporary courses for a benchmark: one notebook each and the same class in all, for us and for stock nbgrader."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, cycle, islice, zip_longest
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from autograder.checking import FunctionCheck
from autograder.course.folder import Course
from autograder.course.key import Key, read_keys
from autograder.course.release import release
from autograder.sample.sample_class import Writer, checked_functions, misconceptions, source_as, write, wrong_source

REPOSITORY = Path(__file__).resolve().parent.parent
ASSIGNMENT = "lstm"
Notebook = dict[str, Any]
Keys = dict[tuple[str, str], Key]

STOCK_CONFIG = '''"""nbgrader as it comes: the course's folders, and nothing else."""

from pathlib import Path

Path("grading").mkdir(exist_ok=True)

c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.solution_directory = "grading/solution"
c.CourseDirectory.db_url = "sqlite:///grading/gradebook.db"
c.CourseDirectory.course_id = "recurrent"
'''


@dataclass(frozen=True)
class Kind:
    """One notebook of the benchmark."""

    name: str
    notebook: str
    imports: str
    """What it imports that costs time, in words."""
    submissions: int
    """How large a class to mark: what starts once a command counts less the larger it is."""


KINDS = (Kind("numpy", "gates", "NumPy", 300), Kind("tensorflow", "cell", "TensorFlow", 300))


def make_course(root: Path, kind: Kind, *, stock: bool) -> tuple[Course, Keys]:
    """A course at `root` that has one notebook and nobody in it, its assignment released."""
    root.mkdir(parents=True)
    for folder in ("solutions", "exercises"):
        (root / folder / ASSIGNMENT).mkdir(parents=True)
        path = Path(folder) / ASSIGNMENT / f"{kind.notebook}.ipynb"
        shutil.copy(REPOSITORY / path, root / path)
    shutil.copy(REPOSITORY / "_config.yml", root)
    if stock:
        (root / "nbgrader_config.py").write_text(STOCK_CONFIG)
    else:
        shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    course = Course.at(root)
    release(course, ASSIGNMENT)
    return course, read_keys(course.solutions, course.exercises)


def sample_course(root: Path, chapter: str, environment: dict[str, str]) -> Course:
    """A whole course at `root` with one chapter's sample class handed in; its commands run in `environment`."""
    for name in ("solutions", "exercises", "nbgrader_config.py", "_config.yml"):
        source = REPOSITORY / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / name)
    for command in ("release", "sample"):
        arguments = [sys.executable, "-m", "autograder", command, chapter, "--quiet"]
        subprocess.run(arguments, cwd=root, env=environment, check=True)
    return Course.at(root)


class Class(Writer):
    """Writes a benchmark's class: every other student right, in the sample class's styles, the others wrong."""

    def write(self, kind: Kind, count: int) -> list[str]:
        """Hand in `count` notebooks, one a student; return the students' names. No two files are equal."""
        key = self._keys[ASSIGNMENT, kind.notebook]
        answers = islice(chain.from_iterable(zip(cycle(right_answers(key)), cycle(wrong_answers(key)))), count)
        students = []
        for number, (what, chosen) in enumerate(answers, start=1):
            student = f"student-{number:04}-{what}".replace("_", "-")
            notebook = self.solution(ASSIGNMENT, kind.notebook, chosen)
            for cell in notebook["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("solution"):
                    cell["source"] += f"\n# Handed in by {student}."
            write(self._folder(student, ASSIGNMENT) / f"{kind.notebook}.ipynb", notebook)
            students.append(student)
        return students


def right_answers(key: Key) -> list[tuple[str, dict[str, str]]]:
    """What right students write in place of the solution: nothing, and each style in which it is also right."""
    found: list[tuple[str, dict[str, str]]] = [("right-reference", {})]
    checks = {
        name: check for name, check in checked_functions(key) if isinstance(check, FunctionCheck) and check.also_right
    }
    for style in range(max((len(check.also_right) for check in checks.values()), default=0)):
        answers = {
            name: source_as(check.also_right[style % len(check.also_right)], name) for name, check in checks.items()
        }
        found.append((f"right-style-{style + 1}", answers))
    return found


def wrong_answers(key: Key) -> list[tuple[str, dict[str, str]]]:
    """One misconception each, the functions taking turns."""
    by_function: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for wrong in misconceptions(key):
        by_function.setdefault(wrong.function, []).append((wrong.student, {wrong.function: wrong_source(wrong)}))
    return [one for row in zip_longest(*by_function.values()) for one in row if one is not None]


def marks(course: Course, kind: Kind, students: list[str]) -> dict[str, dict[str, float]]:
    """Points by student and graded cell, as the gradebook has them. A student who was not marked is left out."""
    found: dict[str, dict[str, float]] = {}
    with Gradebook(course.db_url, "recurrent") as book:
        for student in students:
            try:
                submission = book.find_submission_notebook(kind.notebook, ASSIGNMENT, student)
            except MissingEntry:
                continue
            if all(grade.auto_score is not None for grade in submission.grades):
                found[student] = {grade.cell.name: float(grade.auto_score) for grade in submission.grades}
    return found


def autograded(course: Course, kind: Kind, student: str) -> Path:
    """The notebook that autograding a student's submission wrote."""
    return course.autograded / student / ASSIGNMENT / f"{kind.notebook}.ipynb"


def counter(course: Course, kind: Kind) -> Callable[[], int]:
    """A function that counts how many notebooks are autograded by now."""
    return lambda: sum(1 for _ in course.autograded.glob(f"*/{ASSIGNMENT}/{kind.notebook}.ipynb"))
