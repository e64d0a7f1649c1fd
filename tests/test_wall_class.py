"""A class gets the same marks with namespaces and without, and none where there is no wall."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from elsewhere import run_refusing

from autograder.course.folder import Course
from autograder.results.result import Result
from tests.courses import EXERCISES, SOLUTIONS, whole_course

MARKED = ("right-reference", "hostile-")
TIMEOUT = "40"
"""Seconds for a cell: a busy machine is no difference between the settings."""
Marks = dict[str, list[tuple[str, float, str]]]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """One chapter, released, with its right and its hostile students."""
    folder = tmp_path_factory.mktemp("course")
    here = whole_course(folder, SOLUTIONS, EXERCISES)
    for command in ("release", "sample"):
        said = run(folder, command, "layers")
        assert said.returncode == 0, said.stderr
    for student in here.submitted.iterdir():
        if not student.name.startswith(MARKED):
            shutil.rmtree(student)
    return here


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`python -m autograder` in `folder`, with `more` in its environment."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    command = [sys.executable, "-m", "autograder", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def marks(course: Course, **more: str) -> tuple[str, Marks]:
    """What `grade` said first, and every verdict it wrote."""
    said = run(course.root, "grade", "layers", "--force", "--timeout", TIMEOUT, **more)
    assert said.returncode in (0, 3), said.stderr
    found = {}
    for path in sorted((course.grading / "results").glob("*/*/*.json")):
        result = Result.from_json(path.read_text())
        verdicts = [(one.grade_id, one.points, one.kind) for one in result.verdicts]
        found[f"{result.student} {result.notebook}"] = verdicts
    return said.stdout.splitlines()[0], found


def test_the_marks_are_the_same_in_both_settings(course: Course) -> None:
    _, usual = marks(course)
    wall, without = marks(course, AUTOGRADER_WITHOUT_NAMESPACES="1")
    assert wall.startswith("Without namespaces: Landlock ") and wall.endswith(
        ", seccomp, limits and a watched scratch folder hold."
    )
    assert len(usual) > 40 and {points > 0 for verdicts in usual.values() for _, points, _ in verdicts} == {True, False}
    assert {name: verdicts for name, verdicts in without.items() if verdicts != usual[name]} == {}


def test_below_the_minimum_nothing_is_marked_and_it_is_said_how_to_get_there(course: Course) -> None:
    command = [sys.executable, "-m", "autograder", "grade", "layers", "--force"]
    ended = run_refusing(["unshare", "landlock_create_ruleset"], command, course.root)
    assert ended.returncode == 4
    assert "Landlock is missing. It needs Linux 5.13" in ended.stderr
    assert "Namespaces are missing too (unshare: Operation not permitted)" in ended.stderr
    assert "Nothing was marked" in ended.stderr
