"""Releasing again, when there are submissions already."""

from __future__ import annotations

import io
import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.dbutil import write_alembic_ini
from sqlalchemy import text
from typer.testing import CliRunner

from autograder.commands.cli import app
from autograder.course import changes
from autograder.course.database import open_gradebook
from autograder.course.folder import Course
from autograder.course.key import read_keys
from autograder.course.release import ReleaseFailed, release
from autograder.marks.gradebook import ClassGradebook
from autograder.results.result import Result
from autograder.results.verdict import Verdict
from tests.courses import course_of

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one notebook of one assignment, released, and one student's result in the gradebook."""
    tmp_path = tmp_path_factory.mktemp("released")
    made = course_of(tmp_path, ("lstm", "gates"))
    release(made, "lstm")
    (key,) = read_keys(made.solutions, made.exercises).values()
    verdicts = [Verdict(cell.grade_id, 0.0, cell.points, "blank") for cell in key.cells if cell.grade]
    with ClassGradebook(made) as book:
        book.write([Result("somebody", "lstm", "gates", 12, verdicts)], {})
    return tmp_path


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    """A copy of it, to be changed."""
    shutil.copytree(released, tmp_path / "course")
    return Course.at(tmp_path / "course")


def test_a_new_gradebook_is_of_the_version_that_nbgrader_would_enter(course: Course, tmp_path: Path) -> None:
    said = io.StringIO()
    write_alembic_ini(str(tmp_path / "alembic.ini"))
    command.heads(Config(str(tmp_path / "alembic.ini"), stdout=said))
    with open_gradebook(course) as book:
        versions = book.db.scalars(text("SELECT version_num FROM alembic_version")).all()
    assert said.getvalue().split() == [*versions, "(head)"]


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


def test_a_release_that_is_killed_leaves_the_old_one(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that was released is touched until all is made; then file by file, and each is whole."""
    folder = course.exercises / "lstm"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    path = course.solutions / "lstm" / "gates.ipynb"
    path.write_text(path.read_text().replace("The gates of an LSTM", "The gates of a new LSTM"))
    (folder / "of-last-year.ipynb").write_text("{}")
    start, seen = GenerateAssignment.start, list[dict[str, bytes]]()

    def watched(converter: GenerateAssignment) -> None:
        start(converter)
        seen.append({path.name: path.read_bytes() for path in folder.iterdir()})

    monkeypatch.setattr(GenerateAssignment, "start", watched)
    release(course, "lstm")
    assert seen == [before | {"of-last-year.ipynb": b"{}"}]
    assert [path.name for path in folder.iterdir()] == ["gates.ipynb"]
    assert "The gates of a new LSTM" in (folder / "gates.ipynb").read_text()


def ask(course: Course, *words: str) -> tuple[int, str]:
    """What `python -m autograder release lstm` ends with and says where nobody can be asked."""
    done = CliRunner().invoke(app, ["release", "lstm", *words, "--course", str(course.root)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.split())


def change(course: Course) -> None:
    """Rename a test, change points and a hidden test, take out one question, add another."""
    path = course.solutions / "lstm" / "gates.ipynb"
    notebook = json.loads(path.read_text())
    kept = []
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        name = about.get("grade_id")
        if name == "test-sigmoid":
            about["grade_id"] = "test-squash"
        if name == "test-forget-gate":
            about["points"] = 3
        if name == "test-candidate":
            cell["source"] = ["# another test\n", *cell["source"]]
        if name not in ("output-gate", "test-output-gate"):
            kept.append(cell)
    about = {"grade": True, "grade_id": "why", "locked": False, "points": 4, "schema_version": 3, "solution": True}
    kept.append(
        {"cell_type": "markdown", "id": "why", "metadata": {"nbgrader": {**about, "task": False}}, "source": "?"}
    )
    notebook["cells"] = kept
    path.write_text(json.dumps(notebook))


def by_hand(course: Course, url: str = "") -> dict[str, float]:
    """The marks that a person has entered, by cell."""
    with Gradebook(url or course.db_url, "recurrent") as book:
        grades = book.find_submission_notebook("gates", "lstm", "somebody").grades
        return {grade.name: grade.manual_score for grade in grades if grade.manual_score is not None}


def test_what_a_release_changes_is_said_before_it_happens(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    (course.submitted / "somebody" / "lstm").mkdir(parents=True)
    with Gradebook(course.db_url, "recurrent") as book:
        for name in ("test-sigmoid", "test-output-gate", "test-forget-gate"):
            book.find_grade(name, "gates", "lstm", "somebody").manual_score = 0.5
        book.db.commit()
    assert not changes.changes(course, "lstm").matter
    change(course)
    before = (course.exercises / "lstm" / "gates.ipynb").read_bytes()
    code, said = ask(course)
    assert code == 5 and (course.exercises / "lstm" / "gates.ipynb").read_bytes() == before
    assert "test-sigmoid is called test-squash now" in said and "test-forget-gate has 3 points, not 2" in said
    assert "why is new" in said and "output-gate is gone" in said and "test-candidate tests otherwise" in said
    assert "1 marks that a person has entered there are lost" in said and "1 student has handed in lstm" in said
    assert set(by_hand(course)) == {"test-sigmoid", "test-output-gate", "test-forget-gate"}, "nothing has happened yet"

    (course.root / "late.toml").write_text("[lstm]\ndue = 2026-01-09T23:59:00+01:00\n")
    code, said = ask(course, "--yes")
    assert code == 0, said
    with Gradebook(course.db_url, "recurrent") as book:
        assert book.find_assignment("lstm").duedate == datetime(2026, 1, 9, 22, 59), "nbgrader is told when it is due"
    assert by_hand(course) == {"test-squash": 0.5, "test-forget-gate": 0.5}
    (copy,) = course.grading.glob("gradebook-before-release-*.db")
    assert set(by_hand(course, f"sqlite:///{copy}")) == {"test-sigmoid", "test-output-gate", "test-forget-gate"}
    (key,) = read_keys(course.solutions, course.exercises).values()
    with ClassGradebook(course) as book:
        book.require([key])
        verdicts = [Verdict(cell.grade_id, 1.0, cell.points, "right") for cell in key.cells if cell.grade]
        book.write([Result("somebody", "lstm", "gates", key.max_points, verdicts)], {})
    assert by_hand(course) == {"test-squash": 0.5, "test-forget-gate": 0.5}, "a person's marks survive marking again"

    assert ask(course)[0] == 0, "nothing has changed since"
    monkeypatch.setattr(changes, "_digest", lambda where: "another")
    code, said = ask(course)
    assert code == 5 and "its checks have changed" in said
    (course.submitted / "somebody" / ".sample").touch()
    assert not changes.changes(course, "lstm").matter, "a class that is made up asks nobody"
