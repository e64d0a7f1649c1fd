"""What one student or a small machine may not do to a run: names, tables, and the memory of the judge itself."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest

from autograder.checking.compare import differences
from autograder.course.folder import Course
from autograder.course.key import Key
from autograder.marks.grade import find, odd_name, refused, worker_pool
from autograder.pages.report import marks_csv
from autograder.results.result import Result
from autograder.walled.limits import Limits
from autograder.walled.protocol import MAX_ARRAYS, Decoder, ProtocolError

LONG = "s" * 230
NOT_TEXT = os.fsdecode(b"caf\xe9")


@pytest.fixture
def here(course: Path, tmp_path: Path) -> Course:
    """A course in which a good and three odd names have handed in the same notebook."""
    (tmp_path / "nbgrader_config.py").write_text("")
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


@pytest.mark.parametrize("name", ["ada", "Müller, Jörg", "李", "a b", "o'neil", "s" * 200])
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


def test_a_worker_may_not_take_what_the_machine_has() -> None:
    with worker_pool(1) as pool:
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
