"""Copies of this course, whole or of a few notebooks, for tests that release, mark or break one."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.course.folder import Course

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ("nbgrader_config.py", "_config.yml")
SOLUTIONS, EXERCISES = "solutions", "exercises"


def whole_course(root: Path, *folders: str) -> Course:
    """The course's settings at `root`, and these of its folders."""
    root.mkdir(parents=True, exist_ok=True)
    for name in SETTINGS:
        shutil.copy(ROOT / name, root)
    for folder in folders:
        shutil.copytree(ROOT / folder, root / folder)
    return Course.at(root)


def course_of(root: Path, *notebooks: tuple[str, str], folders: tuple[str, ...] = (SOLUTIONS,)) -> Course:
    """A course at `root` that has only these notebooks, by assignment and name, in these folders."""
    course = whole_course(root)
    for folder in folders:
        (root / folder).mkdir(exist_ok=True)
        for assignment, notebook in notebooks:
            (root / folder / assignment).mkdir(exist_ok=True)
            shutil.copy(ROOT / folder / assignment / f"{notebook}.ipynb", root / folder / assignment)
    return course
