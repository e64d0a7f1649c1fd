"""Releasing again, when there are submissions already."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.course.folder import Course
from autograder.course.key import read_keys
from autograder.course.release import ReleaseFailed, release
from autograder.marks.gradebook import ClassGradebook
from autograder.results.result import Result
from autograder.results.verdict import Verdict

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with one notebook of one assignment, released, and one student's result in the gradebook."""
    for name in ("nbgrader_config.py", "_config.yml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "solutions" / "lstm").mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / "lstm" / "gates.ipynb", tmp_path / "solutions" / "lstm")
    made = Course.at(tmp_path)
    release(made, "lstm")
    (key,) = read_keys(made.solutions, made.exercises).values()
    verdicts = [Verdict(cell.grade_id, 0.0, cell.points, "blank") for cell in key.cells if cell.grade]
    with ClassGradebook(made) as book:
        book.write([Result("somebody", "lstm", "gates", 12, verdicts)], {})
    return made


def test_an_assignment_can_gain_a_notebook_when_it_has_submissions(course: Course) -> None:
    shutil.copy(ROOT / "solutions" / "lstm" / "cell.ipynb", course.solutions / "lstm")
    release(course, "lstm")
    assert sorted(path.name for path in (course.exercises / "lstm").iterdir()) == ["cell.ipynb", "gates.ipynb"]
    with ClassGradebook(course) as book:
        book.require(read_keys(course.solutions, course.exercises).values())
    with Gradebook(course.db_url, "recurrent") as book:
        assert book.find_submission("lstm", "somebody").student_id == "somebody"


def test_a_release_that_fails_leaves_the_old_one(course: Course) -> None:
    path = course.solutions / "lstm" / "gates.ipynb"
    before = (course.exercises / "lstm" / "gates.ipynb").read_bytes()
    notebook = json.loads(path.read_text())
    notebook["cells"].append(notebook["cells"][-2] | {"id": "again"})
    graded = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade"))
    notebook["cells"].append({**graded, "id": "twice"})
    path.write_text(json.dumps(notebook))
    with pytest.raises(ReleaseFailed):
        release(course, "lstm")
    assert (course.exercises / "lstm" / "gates.ipynb").read_bytes() == before
