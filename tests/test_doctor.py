"""What a machine was found to prevent is kept as long as nothing has changed that it rests on."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.commands.cli import app
from autograder.course.folder import Course
from autograder.judge import doctor
from autograder.judge.doctor import Examination, Finding, Probe, holding
from autograder.judge.student_process import WITHOUT_NAMESPACES

LAYERS: dict[str, object] = {"namespaces": True, "landlock": 6, "seccomp": True}
ESCAPED = Finding(Probe("fill the disk", ""), False, "it worked")


@pytest.fixture
def here(tmp_path: Path) -> Course:
    """A course with no file but its configuration."""
    (tmp_path / "nbgrader_config.py").write_text("")
    return Course.at(tmp_path)


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> list[Examination]:
    """What examinations find, one after the other; the last one again and again."""
    to_find = [Examination(LAYERS, [])]
    monkeypatch.setattr(doctor, "examine", lambda course: to_find.pop(0))
    return to_find


def test_a_wall_that_holds_is_examined_once(here: Course, examined: list[Examination]) -> None:
    first, again = holding(here), holding(here)
    assert examined == []
    assert first.holds and again.holds and again.says == first.says


def test_one_that_does_not_hold_is_examined_each_time(here: Course, examined: list[Examination]) -> None:
    examined.insert(0, Examination(LAYERS, [ESCAPED]))
    assert not holding(here).holds
    assert holding(here).holds
    assert examined == []


def test_what_the_command_found_is_kept_for_grade(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    to_find = [Examination(LAYERS, []), Examination({**LAYERS, "namespaces": False}, [])]
    monkeypatch.setattr(doctor, "examine", lambda course, namespaces=None: to_find.pop(0))
    ended = CliRunner().invoke(app, ["doctor", "--quiet", "--course", str(here.root)])
    assert ended.exit_code == 0 and to_find == []
    assert holding(here).layers == LAYERS


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"circumstances": "others", "layers": {}}', '{"circumstances": 3}'])
def test_what_was_not_written_for_these_circumstances_counts_for_nothing(
    here: Course, examined: list[Examination], text: str
) -> None:
    here.grading.mkdir()
    (here.grading / "wall.json").write_text(text)
    assert holding(here).layers == LAYERS
    assert examined == []


def test_another_setting_or_other_code_are_other_circumstances(
    here: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = {doctor.circumstances(here)}
    monkeypatch.setenv(WITHOUT_NAMESPACES, "1")
    found.add(doctor.circumstances(here))
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    found.add(doctor.circumstances(here))
    room = tmp_path / "autograder" / "judge"
    room.mkdir(parents=True)
    for name in ("doctor.py", "student_process.py"):
        (room / name).write_text("")
    monkeypatch.setattr(doctor, "__file__", str(room / "doctor.py"))
    found.add(doctor.circumstances(here))
    assert len(found) == 4
