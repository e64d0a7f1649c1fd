"""`explain`: the same marks with the hidden cases beside them, for the instructor, and nothing that stays."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from autograder.checking.drawing import seeded
from autograder.checks import notebook_checks
from autograder.commands import cli
from autograder.commands import explain as command
from autograder.course.folder import Course
from autograder.course.key import Key
from autograder.handed_in.submission import parse
from autograder.judge.explaining import Answer, ExplainingJudge
from autograder.judge.judge import Judge, Timeouts, attempt_seed, cell_seed
from autograder.judge.student_process import StudentProcess, Zygote
from autograder.results.verdict import Verdict
from tests.courses import EXERCISES, SOLUTIONS, course_of

ROOT = Path(__file__).resolve().parent.parent
WHERE = ("lstm", "gates")
ANSWERS = {
    "forget-gate": "def forget_gate(x_t, h_prev, W_f, U_f, b_f):\n    return sigmoid(x_t @ W_f + h_prev @ U_f)",
    "candidate": "def candidate(x_t, h_prev, *b):\n    raise ValueError('\\x1b[2J[bold]x[/bold]\\u202e\\x9b1m')",
    "output-gate": "del sigmoid\nimport os\ndef output_gate(*a):\n    os._exit(3)",
}


def handed_in(key: Key) -> bytes:
    """The instructor's notebook with some answers that are not right."""
    notebook = json.loads((ROOT / "solutions" / "lstm" / "gates.ipynb").read_text())
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        cell["source"] = ANSWERS.get(grade_id, cell["source"])
    return json.dumps(notebook).encode()


@pytest.fixture(scope="module")
def explained(keys: dict[tuple[str, str], Key], zygote: Zygote) -> tuple[list[Verdict], dict[str, list[Answer]]]:
    """What the explaining judge says."""
    key = keys[WHERE]
    judge = _judge(ExplainingJudge, key, zygote)
    assert isinstance(judge, ExplainingJudge)
    return judge.mark().verdicts, judge.tried


def _judge(kind: type[Judge], key: Key, zygote: Zygote) -> Judge:
    return kind(
        parse(handed_in(key), key), key, lambda: StudentProcess.start(zygote.address), b"secret", Timeouts(10, 60)
    )


def test_its_verdicts_are_the_judges(
    explained: tuple[list[Verdict], dict[str, list[Answer]]], keys: dict[tuple[str, str], Key], zygote: Zygote
) -> None:
    assert explained[0] == _judge(Judge, keys[WHERE], zygote).mark().verdicts


def test_each_case_has_what_was_given_expected_and_came(
    explained: tuple[list[Verdict], dict[str, list[Answer]]], keys: dict[tuple[str, str], Key]
) -> None:
    verdicts, tried = explained
    checks = notebook_checks(*WHERE)
    for verdict in verdicts:
        (answer,) = tried[verdict.grade_id]
        check = checks[answer.name]
        assert {one.condition for one in answer.cases} >= {"ordinary", "equal sizes"} or answer.stopped
        for one in answer.cases:
            with np.errstate(all="ignore"):
                assert np.array_equal(one.expected, check(*one.inputs.values()))  # type: ignore[operator]
            assert bool(one.wrong) != (isinstance(one.got, np.ndarray) and np.allclose(one.got, one.expected))
        assert verdict.right == (not answer.stopped and not any(one.wrong for one in answer.cases))
    (forget,) = tried["test-forget-gate"]
    key = keys[WHERE]
    with seeded(cell_seed(attempt_seed(b"secret", key, parse(handed_in(key), key)), key.by_id["test-forget-gate"])):
        drawn = [case.inputs[0] for case in checks["forget_gate"].cases()]  # type: ignore[union-attr]
    assert all(np.array_equal(one.inputs["x_t"], x_t) for one, x_t in zip(forget.cases, drawn, strict=True)), (
        "the very cases that the verdict rests on"
    )
    one = next(one for one in forget.cases if one.condition == "h_prev is zero")
    without_bias = 1 / (1 + np.exp(-(one.inputs["x_t"] @ one.inputs["W_f"])))
    assert np.allclose(one.got, without_bias) and not np.allclose(one.expected, without_bias)
    (ended,) = tried["test-output-gate"]
    assert ended.stopped and not ended.cases


@pytest.fixture
def mine(tmp_path: Path, zygote: Zygote, monkeypatch: pytest.MonkeyPatch, keys: dict[tuple[str, str], Key]) -> Course:
    """A course in which ada has handed something in; its student processes come from this session's warm one."""
    course = course_of(tmp_path, WHERE, folders=(SOLUTIONS, EXERCISES))
    (tmp_path / "grading" / "submitted" / "ada" / "lstm").mkdir(parents=True)
    (tmp_path / "grading" / "submitted" / "ada" / "lstm" / "gates.ipynb").write_bytes(handed_in(keys[WHERE]))
    (tmp_path / "grading" / "secret").write_text("ab" * 32)
    monkeypatch.setattr(command, "own_zygote", lambda tensorflow: zygote)
    monkeypatch.setattr(command, "require_wall", lambda course, quiet: None)
    return course


@pytest.mark.parametrize("words", [["explain", "ada", "lstm/gates"], ["grade", "lstm", "--explain", "ada"]])
def test_it_is_said_and_nothing_is_written(mine: Course, words: list[str]) -> None:
    before = {path: path.read_bytes() for path in mine.root.rglob("*") if path.is_file()}
    done = CliRunner().invoke(cli.app, [*words, "--course", str(mine.root)])
    assert done.exit_code == 0, done.output
    assert {path: path.read_bytes() for path in mine.root.rglob("*") if path.is_file()} == before
    said = done.output
    assert "test-forget-gate: 0 of 2 (misconception, no_bias)" in said and "expected =" in said and "b_f = " in said
    assert re.search(r"sigmoid is right in \d+ of \d+ hidden cases: .*ordinary \(4\)", said)
    assert "[bold]x[/bold]" in said and r"\x1b[2J" in said, "shown, and not obeyed"
    assert not [c for c in said if not c.isprintable() and c != "\n"]


def test_who_handed_nothing_in_is_a_sentence(mine: Course) -> None:
    done = CliRunner().invoke(cli.app, ["explain", "bo\x1b[2J", "--course", str(mine.root)])
    assert done.exit_code == 2 and "nothing of bo" in done.output and "\x1b" not in done.output


def test_who_handed_in_something_else_is_told_so(mine: Course) -> None:
    (mine.submitted / "cy" / "gru").mkdir(parents=True)
    done = CliRunner().invoke(cli.app, ["explain", "cy", "lstm", "--course", str(mine.root)])
    assert done.exit_code == 2 and "nothing of cy for lstm" in " ".join(done.output.split())
