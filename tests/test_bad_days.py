"""What one student or a small machine may not do to a run: names, tables, and the memory of the judge itself."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import select
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from autograder.checking import FunctionCheck
from autograder.checking.compare import differences
from autograder.checking.drawing import seeded
from autograder.checking.failed import CheckFailed
from autograder.checks import notebook_checks
from autograder.commands import cli
from autograder.course.folder import Course, NotACourse
from autograder.course.key import Key
from autograder.judge.student_process import NoWarmProcess
from autograder.marks.grade import find, odd_name, refused, worker_pool
from autograder.pages.report import marks_csv
from autograder.results.result import Result
from autograder.walled.limits import Limits
from autograder.walled.protocol import MAX_ARRAYS, Decoder, ProtocolError
from tests.test_protocol import ARRAYS, PLAIN

LONG = "s" * 230
NOT_TEXT = os.fsdecode(b"caf\xe9")


@pytest.fixture
def here(course: Path, tmp_path: Path) -> Course:
    """A course in which a good and three odd names have handed in the same notebook."""
    (tmp_path / "nbgrader_config.py").write_text("")
    (tmp_path / "_config.yml").write_text("title: a course\n")
    for student in ("good", LONG, NOT_TEXT, "line\nbreak"):
        folder = tmp_path / "grading" / "submitted" / student / "lstm"
        folder.mkdir(parents=True)
        (folder / "gates.ipynb").write_bytes((course / "exercises/lstm/gates.ipynb").read_bytes())
    return Course.at(tmp_path)


def test_an_odd_name_stops_nobody_and_is_told(here: Course, keys: dict[tuple[str, str], Key]) -> None:
    only = {("lstm", "gates"): keys["lstm", "gates"]}
    assert [found.job.student for found in find(here, only)] == ["good"]
    said = refused(here)
    assert set(said) == {LONG, "caf\\udce9", "line?break"}
    assert "230 bytes" in said[LONG] and "UTF-8" in said["caf\\udce9"] and "cannot be seen" in said["line?break"]
    json.dumps(said).encode()


@pytest.mark.parametrize("name", ["ada", "Müller, Jörg", "李", "a b", "o'neil", "s" * 128])
def test_a_persons_name_is_none(name: str) -> None:
    assert odd_name(name) == ""


FORMULAS = ("=1+1", "+1", "-1", "@a", "\t=1", "a;=1+1", "a;  @b", "a\n=1", "a\r\n+1", "a|=1")


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_spreadsheet_finds_a_formula(text: str, separator: str) -> None:
    result = Result(text, "lstm", "gates", 1.0, [], unreadable=f"no {text}")
    table = marks_csv([result])
    for row in csv.reader(io.StringIO(table), delimiter=separator):
        for cell in row:
            for line in cell.splitlines():
                assert not line.lstrip().startswith(("=", "+", "-", "@")), line


def hungry(size: int) -> int:
    return len(bytearray(size))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_worker_may_not_take_what_the_machine_has(method: Literal["fork", "spawn"]) -> None:
    with worker_pool(1, method) as pool:
        assert pool.submit(hungry, 1 << 20).result() == 1 << 20
        with pytest.raises(MemoryError):
            pool.submit(hungry, 4 << 30).result()
        assert pool.submit(hungry, 1 << 20).result() == 1 << 20, "it goes on"


def test_all_that_run_at_once_share_the_machine() -> None:
    assert Limits.sharing(2, 24 * 1024).memory_mib == Limits.memory_mib
    for students, machine in ((4, 4096), (8, 8192), (3, 2048)):
        assert students * Limits.sharing(students, machine).memory_mib <= 0.75 * machine


@pytest.mark.parametrize("shape", [(0, 10**9), (0, 10**7, 10**7), (10**9, 0), (1, 0, MAX_ARRAYS)])
def test_an_array_without_entries_is_not_as_wide_as_the_machine(shape: tuple[int, ...]) -> None:
    with pytest.raises(ProtocolError):
        Decoder(b"", lambda node: None).value({"t": "array", "d": "<f8", "s": list(shape)})


def test_texts_are_compared_as_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy would make an array of them in which each takes as much room as the longest."""
    made: list[np.ndarray] = []
    plain = np.asarray

    def spied(value: object) -> np.ndarray:
        made.append(plain(value))
        return made[-1]

    monkeypatch.setattr(np, "asarray", spied)
    found = differences(["a" * 10_000, *"b" * 99], np.ones(3), ("the result",), rtol=1e-4, atol=1e-5)
    assert found[0].kind == "type"
    assert all(array.dtype.kind != "U" for array in made)


# The machine refuses, or dies.


def test_a_secret_is_made_once(here: Course) -> None:
    first, again = here.secret, Course.at(here.root).secret
    assert first == again and len(first) == 32
    assert (here.grading / "secret").stat().st_mode & 0o077 == 0
    assert [path.name for path in here.grading.iterdir() if "secret" in path.name] == ["secret"]


def test_a_full_disk_leaves_no_secret_that_could_be_guessed(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            _ = here.secret
    assert not [path for path in here.grading.iterdir() if "secret" in path.name]
    (here.grading / "secret").write_text("")  # as the first edition left one behind
    assert len(here.secret) == 32


def test_of_two_first_runs_at_once_the_quicker_ones_secret_holds(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(new: str, path: Path) -> None:
        path.write_text("ab" * 32)
        raise FileExistsError

    monkeypatch.setattr(os, "link", late)
    assert here.secret == b"\xab" * 32
    assert [path.name for path in here.grading.iterdir() if "secret" in path.name] == ["secret"]


@pytest.mark.parametrize("text", ["ab", "no hexadecimal digits", "ab" * 31])
def test_a_damaged_secret_is_not_used(here: Course, text: str) -> None:
    (here.grading / "secret").write_text(text)
    with pytest.raises(NotACourse, match="damaged"):
        _ = here.secret


REFUSALS = {
    "No space left on device: marks.csv": OSError(errno.ENOSPC, "No space left on device", "marks.csv"),
    "Read-only file system": OSError(errno.EROFS, "Read-only file system"),
    "the gradebook says: database is locked": OperationalError("INSERT", {}, Exception("database is locked")),
    "no warm process answers": NoWarmProcess("no warm process answers"),
}


@pytest.mark.parametrize("said", REFUSALS)
def test_what_the_machine_refuses_is_said_in_a_sentence(
    here: Course, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    def refuse(*arguments: object, **keywords: object) -> None:
        raise REFUSALS[said]

    monkeypatch.setattr(cli, "look", refuse)
    monkeypatch.setattr(cli, "open_keys", lambda *arguments: {})
    ended = CliRunner().invoke(cli.app, ["grade", "--course", str(here.root)])
    assert ended.exit_code == 1
    words = " ".join(ended.output.split())
    assert f"Marking had to stop: {said}" in words and "What is done is kept" in words


WAIT = """
import os, time
from autograder.marks.grade import worker_pool
if __name__ == "__main__":
    with worker_pool(2, {method!r}) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        pool.submit(time.sleep, 600).result()
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_end_with_a_run_that_is_killed(course: Path, tmp_path: Path, method: str) -> None:
    (tmp_path / "wait.py").write_text(WAIT.format(method=method))
    run = subprocess.Popen(
        [sys.executable, str(tmp_path / "wait.py")],
        env={**os.environ, "PYTHONPATH": str(course)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    worker = os.pidfd_open(int(run.stdout.readline()))
    try:
        assert not select.select([worker], [], [], 0)[0], "it works"
        run.kill()
        assert select.select([worker], [], [], 30)[0], "it has ended"
    finally:
        os.close(worker)
        run.wait()
        run.stdout.close()


def test_a_run_killed_at_any_write_is_completed_by_the_next(course: Path, tmp_path: Path) -> None:
    script = [sys.executable, str(course / "tests" / "killed.py"), str(tmp_path)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["different"] == []
    # A record, a feedback page and a notebook for each of two, the report and two tables of the class, a commit.
    assert found["killed"] >= 2 * 3 + 3 + 1


def test_two_runs_at_once_do_not_both_mark(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "open_keys", lambda *arguments: {})
    with here.alone():
        ended = CliRunner().invoke(cli.app, ["grade", "--course", str(here.root)])
    assert ended.exit_code == 1 and "another run is marking this course" in " ".join(ended.output.split())
    with here.alone():
        pass


# Whatever comes back, the check ends in words.

ODD_RESULTS = PLAIN | ARRAYS | st.lists(ARRAYS, max_size=3) | st.tuples(ARRAYS, PLAIN)
JUDGED = [
    pytest.param(notebook_checks(chapter, notebook)[name], id=f"{chapter}.{notebook}.{name}")
    for chapter, notebook, name in (
        ("lstm", "gates", "forget_gate"),
        ("lstm", "cell", "lstm_step"),
        ("layers", "pooling", "average_pool_1d"),
        ("applications", "text", "make_mask"),
        ("applications", "text", "pad_sequences"),
        ("applications", "text", "sample_index"),
        ("gradients", "norms", "clip_by_global_norm"),
    )
]


@pytest.mark.parametrize("check", JUDGED)
@given(result=ODD_RESULTS)
def test_any_result_is_compared_and_explained_in_words(check: FunctionCheck, result: Any) -> None:
    with seeded(b"odd results"), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(CheckFailed) as failed:
            check.judge(lambda *arguments: result)
    assert str(failed.value).strip() and len(str(failed.value)) < 2000
