"""`nbgrader autograde` and the formgrader run student code only behind the wall that `grade` asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import nbformat
import pytest

from autograder.course.folder import Course
from autograder.judge.doctor import Examination, Finding, Probe
from autograder.marks import nbgrader_plugin
from autograder.marks.marking import Setting
from autograder.marks.nbgrader_plugin import JudgeCells, NotWalledIn
from tests.courses import EXERCISES, SOLUTIONS, course_of

WHERE = ("lstm", "gates")
ABOUT = {"nbgrader": {"assignment": WHERE[0], "notebook": WHERE[1], "student": "ada"}}


class Judged(Exception):
    """Student code would have been run."""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    course = course_of(tmp_path, WHERE, folders=(SOLUTIONS, EXERCISES))
    monkeypatch.chdir(tmp_path)
    return course


def handed_in(course: Course) -> Any:
    return nbformat.read(course.exercises / WHERE[0] / f"{WHERE[1]}.ipynb", as_version=4)


@pytest.mark.parametrize(
    ("probe", "said"),
    [(Probe("read /etc/shadow", ""), "could read"), (Probe("import numpy", "", True), "cannot import")],
)
def test_nothing_is_run_where_the_wall_does_not_hold(
    mine: Course, monkeypatch: pytest.MonkeyPatch, probe: Probe, said: str
) -> None:
    def judge(*arguments: Any) -> NoReturn:
        raise Judged

    found = Examination({}, [Finding(probe, False, "")])
    monkeypatch.setattr(nbgrader_plugin, "holding", lambda course: found)
    monkeypatch.setattr(nbgrader_plugin, "judge", judge)
    with pytest.raises(NotWalledIn, match=said):
        JudgeCells().preprocess(handed_in(mine), ABOUT)


def test_each_student_process_has_to_have_the_layers_that_were_found(
    mine: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers: dict[str, object] = {"namespaces": True, "landlock": 6, "seccomp": True}
    settings: list[Setting] = []

    def judge(submission: Any, key: Any, setting: Setting) -> NoReturn:
        settings.append(setting)
        raise Judged

    monkeypatch.setattr(nbgrader_plugin, "holding", lambda course: Examination(layers, []))
    monkeypatch.setattr(nbgrader_plugin, "judge", judge)
    with pytest.raises(Judged):
        JudgeCells().preprocess(handed_in(mine), ABOUT)
    assert [setting.layers for setting in settings] == [layers]
