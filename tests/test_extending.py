"""What a maintainer adds is found by its name: one block for a misconception, a notebook's cells and one block for a
graded function, and no other file. Done to a copy of the course, and graded there."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.courses import course_of

ROOT = Path(__file__).resolve().parent.parent
MISCONCEPTION = """

@forget_gate.wrong("Every gate value is doubled.", "A share cannot be larger than all of it.")
def doubled(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return 2 * sigmoid(x_t @ W + h_prev @ U + b)
"""
FUNCTION = """

@graded("lstm-sigmoid")
def half(a: Array) -> Array:
    return a / 2


@half.inputs
def draw_half(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    return (rng.uniform(-4, 4, size=(batch, units)),)


@half.wrong("You double it.", "Half of 2 is 1.")
def twice(a: Array) -> Array:
    return 2 * a
"""
ANSWER = "def half(a):\n    ### BEGIN SOLUTION\n    return a / 2\n    ### END SOLUTION"
TEST = (
    "assert half(2.0) == 1\n### BEGIN HIDDEN TESTS\nfrom autograder.checks import hidden\n\n"
    "hidden.lstm.gates.half(half)\n### END HIDDEN TESTS"
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one notebook, lstm/gates, with a misconception and a graded function more."""
    course = tmp_path_factory.mktemp("extended") / "course"
    shutil.copytree(ROOT / "autograder", course / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "book", course / "book", ignore=shutil.ignore_patterns("_assets"))
    course_of(course, ("lstm", "gates"))
    checks = course / "autograder" / "checks" / "lstm" / "gates.py"
    checks.write_text(checks.read_text() + MISCONCEPTION + FUNCTION)
    path = course / "solutions" / "lstm" / "gates.ipynb"
    notebook: dict[str, Any] = json.loads(path.read_text())
    notebook["cells"] += [cell("half", ANSWER, solution=True), cell("test-half", TEST, points=2)]
    path.write_text(json.dumps(notebook))
    run(course, "release")
    return course


def cell(grade_id: str, source: str, *, points: int = 0, solution: bool = False) -> dict[str, Any]:
    """A cell that nbgrader knows."""
    about: dict[str, Any] = {"grade_id": grade_id, "schema_version": 3, "solution": solution, "task": False}
    about |= {"grade": bool(points), "locked": bool(points)} | ({"points": points} if points else {})
    return {
        "cell_type": "code",
        "id": grade_id,
        "metadata": {"nbgrader": about},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def run(course: Path, *command: str) -> None:
    """A command of the copy's own autograder."""
    words = [sys.executable, "-m", "autograder", *command, "--quiet"]
    done = subprocess.run(words, cwd=course, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def hand_in(course: Path, student: str, answers: dict[str, str]) -> None:
    """The solution, with some answers replaced."""
    solution = {c["metadata"].get("nbgrader", {}).get("grade_id"): c for c in cells(course / "solutions")}
    notebook = json.loads((course / "exercises" / "lstm" / "gates.ipynb").read_text())
    for one in notebook["cells"]:
        about = one["metadata"].get("nbgrader", {})
        if about.get("solution"):
            one["source"] = answers.get(about["grade_id"], solution[about["grade_id"]]["source"])
    folder = course / "grading" / "submitted" / student / "lstm"
    folder.mkdir(parents=True)
    (folder / "gates.ipynb").write_text(json.dumps(notebook))


def cells(folder: Path) -> list[dict[str, Any]]:
    """The cells of lstm/gates."""
    found: list[dict[str, Any]] = json.loads((folder / "lstm" / "gates.ipynb").read_text())["cells"]
    return found


def verdicts(course: Path, student: str) -> dict[str, dict[str, Any]]:
    """What a student was told, by grade_id."""
    record = json.loads((course / "grading" / "results" / "lstm" / "gates" / f"{student}.json").read_text())
    return {verdict["grade_id"]: verdict for verdict in record["verdicts"]}


def test_what_was_added_is_released_graded_and_named(copy: Path) -> None:
    assert "NotImplementedError" in json.dumps([c for c in cells(copy / "exercises") if c["id"] == "half"])
    doubled = "def forget_gate(x_t, h_prev, W_f, U_f, b_f):\n    return 2 * sigmoid(x_t @ W_f + h_prev @ U_f + b_f)"
    hand_in(copy, "right", {})
    hand_in(copy, "wrong", {"forget-gate": doubled, "half": "def half(a):\n    return 2 * a"})
    run(copy, "grade", "lstm")
    right, wrong = verdicts(copy, "right"), verdicts(copy, "wrong")
    assert [verdict for verdict in right.values() if verdict["kind"] != "right"] == []
    assert right["test-half"]["points"] == 2
    assert wrong["test-forget-gate"]["misconception"] == "doubled"
    assert "Every gate value is doubled." in wrong["test-forget-gate"]["message"]
    assert wrong["test-half"]["misconception"] == "twice"


def test_an_addition_is_one_place_and_short() -> None:
    assert len(MISCONCEPTION.strip().splitlines()) <= 10
