"""Anything at all, at every place where something comes in: an error that is declared, and memory that is counted.

test_protocol.py, test_submission.py, test_moment.py and test_bad_days.py do the same for frames, notebooks, dates and
the comparison.
"""

from __future__ import annotations

import csv
import json
import socket
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_protocol import ARRAYS, JSON, NODES, PLAIN, decode_frame, frame, frame_of
from test_submission import KEY, ODD_NOTEBOOKS, handed_in

from autograder.checking.compare import differences, same
from autograder.handed_in import submission
from autograder.handed_in.submission import MAX_CODE, MAX_SOURCE, Unreadable, parse
from autograder.judge.student_process import Handle, StudentError, StudentProcess, StudentProcessEnded
from autograder.marks.grade import odd_name
from autograder.pages.report import marks_csv
from autograder.results.result import Result
from autograder.walled.protocol import Decoder, Encoder, ProtocolError

A_BYTE = 250
"""Bytes of memory for each that came: a list takes 56, an array without entries 112 and a node that says so."""
AT_ALL = 100_000


def taken(work: Callable[[], object]) -> int:
    """The most memory that `work` held at once, in bytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# --- what a student process may answer ---

LINES = st.lists(st.lists(JSON, min_size=3, max_size=3) | JSON, min_size=1, max_size=3) | JSON
ERRORS = st.fixed_dictionaries({"name": JSON, "lines": LINES}, optional={"text": JSON}) | JSON
RESULTS = st.fixed_dictionaries({"value": NODES, "changed": st.lists(st.integers()) | JSON})
ANSWERS = st.one_of(
    st.fixed_dictionaries({"error": ERRORS, "output": JSON}),
    st.fixed_dictionaries({"results": st.lists(st.fixed_dictionaries({"error": ERRORS}) | RESULTS, max_size=2) | JSON}),
    st.fixed_dictionaries({"ended": JSON, "over": st.sampled_from(["memory", "bytes", ""]) | JSON}),
    st.fixed_dictionaries({"missing": JSON, "value": NODES}),
    st.fixed_dictionaries({"functions": st.dictionaries(st.sampled_from("ab"), NODES) | JSON}),
    RESULTS,
)
FUNCTION = Handle(1, "function", True)
QUESTIONS: dict[str, Callable[[StudentProcess], object]] = {
    "run": lambda student: student.run("1", "cell", 1, ["a"]),
    "has": lambda student: student.has("a", 1),
    "get": lambda student: student.get("a", 1),
    "attribute": lambda student: student.attribute(FUNCTION, "a", 1),
    "item": lambda student: student.item(FUNCTION, ("a", 1), 1),
    "call": lambda student: student.call(FUNCTION, (1.0,), {"a": [1]}, 1),
    "call all": lambda student: student.call_all(FUNCTION, [(1.0,), (2.0,)], 1),
}


@pytest.mark.parametrize("question", QUESTIONS)
@given(ANSWERS, st.binary(max_size=64))
def test_any_answer_is_a_value_or_a_declared_error(question: str, answer: Any, raw: bytes) -> None:
    here, there = socket.socketpair()
    here.setblocking(False)
    with here, there:
        there.sendall(frame(json.dumps(answer).encode(), raw))
        student = StudentProcess(here)
        try:
            QUESTIONS[question](student)
        except (StudentError, StudentProcessEnded, ProtocolError, NameError) as error:
            str(error).encode()
        assert isinstance(student.output, str) and len(student.output) <= 20_000


# --- memory that is counted ---


@given(NODES, st.binary(max_size=64))
def test_what_comes_over_takes_memory_by_its_size(node: Any, raw: bytes) -> None:
    data = frame(json.dumps({"value": node}).encode(), raw)

    def decode() -> None:
        with suppress(ProtocolError):
            decode_frame(data)

    assert taken(decode) < A_BYTE * len(data) + AT_ALL


WIDE = [
    pytest.param({"t": "array", "d": "f8", "s": [0, 1 << 19]}, id="no entries, and wide"),
    pytest.param({"t": "array", "d": "f8", "s": [1] * 16}, id="many axes"),
    pytest.param({"t": "list", "v": []}, id="lists"),
    pytest.param({"t": "dict", "v": []}, id="dictionaries"),
    pytest.param({"t": "complex", "v": [0, 0]}, id="complex numbers"),
    pytest.param({"t": "int", "v": "0x" + "f" * 2048}, id="long whole numbers"),
]


@pytest.mark.parametrize("part", WIDE)
def test_many_parts_take_memory_by_their_size(part: Any) -> None:
    data = frame(json.dumps({"value": {"t": "list", "v": [part] * 1000}}).encode(), bytes(8000))
    assert taken(lambda: decode_frame(data)) < A_BYTE * len(data) + AT_ALL


@given(st.one_of(PLAIN, ARRAYS, st.lists(ARRAYS, max_size=3)), st.one_of(ARRAYS, st.tuples(ARRAYS, ARRAYS)))
def test_comparing_takes_memory_by_the_size_of_what_is_compared(result: Any, expected: Any) -> None:
    size = len(frame_of([result, expected]))

    def compare() -> None:
        with np.errstate(all="ignore"):
            differences(result, expected, ("a", "b"), rtol=1e-4, atol=1e-5)
            same(result, expected, rtol=1e-4, atol=1e-5)

    assert taken(compare) < A_BYTE * size + AT_ALL


@given(ODD_NOTEBOOKS)
def test_reading_a_notebook_takes_memory_by_its_size(notebook: object) -> None:
    data = json.dumps(notebook).encode()

    def read() -> None:
        with suppress(Unreadable):
            parse(data, KEY)

    exercise = sum(len(cell.source) for cell in KEY.cells)
    assert taken(read) < A_BYTE * (len(data) + exercise) + AT_ALL


# --- what took minutes ---


def test_keys_that_are_all_alike_are_refused() -> None:
    """They cost as many comparisons as there are pairs of them: four megabytes took the judge three minutes."""
    alike: list[list[Any]] = [[{"t": "int", "v": hex((n + 5) * (2**61 - 1))}, 0] for n in range(1000)]
    assert len({hash(int(key["v"], 16)) for key, _ in alike}) == 1
    with pytest.raises(ProtocolError, match="alike"):
        Decoder(b"", lambda node: None).value({"t": "dict", "v": alike})
    ordinary = {n: str(n) for n in range(5000)} | {float(n) / 7: 1 for n in range(500)} | {-1: 0, -2: 0}
    encoder = Encoder(lambda value: {})
    assert Decoder(b"", lambda node: None).value(encoder.node(ordinary)) == ordinary


def test_more_code_than_anybody_writes_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = handed_in()
    cell = {"cell_type": "code", "metadata": {}, "source": "f'" + "{a}" * (MAX_SOURCE // 3 - 1) + "'"}
    notebook["cells"] += [cell] * (MAX_CODE // MAX_SOURCE + 1)
    monkeypatch.setattr(submission, "top_level_names", lambda source: pytest.fail("it was read"))
    with pytest.raises(Unreadable, match="characters of code"):
        parse(json.dumps(notebook).encode(), KEY)


# --- names ---

NAMES = st.text(max_size=30) | st.text(alphabet="=+-@;|\t\r\n '\"a", max_size=8)
FORMULA = ("=", "+", "-", "@")


@given(NAMES, NAMES)
@example(student="", why='|"=')
def test_no_name_is_a_formula_in_any_spreadsheet(student: str, why: str) -> None:
    """Neither where cells are separated by commas, nor where it is a semicolon, a tab or a bar."""
    table = marks_csv([Result(student, "a", "b", 1.0, unreadable=why)])
    for separator in ",;\t|":
        for row in csv.reader(StringIO(table, newline=""), delimiter=separator):
            assert not [cell for cell in row if cell.lstrip().startswith(FORMULA)], (separator, row)


@given(st.text(alphabet=st.characters(), max_size=250))
def test_a_name_that_is_taken_can_be_shown_and_written(name: str) -> None:
    if not odd_name(name):
        assert name.isprintable() and len(name.encode()) <= 200


def test_a_list_of_another_shape_is_known_as_such_without_being_made_an_array() -> None:
    """It is compared with what each known mistake gives: of one long list that would take minutes."""
    large = [np.zeros(60_000, bool)] * 100 + [np.zeros(60_000, np.clongdouble)]
    began = time.process_time()
    for _ in range(1000):
        assert not same(large, np.zeros((3, 4)), rtol=1e-4, atol=1e-5)
        assert not same([[0.0, 0.0], [0.0] * 60_000], np.zeros((2, 2)), rtol=1e-4, atol=1e-5)
    assert time.process_time() - began < 2
    assert same([[1.0, 2], (3.0, np.float32(4))], np.array([[1.0, 2.0], [3.0, 4.0]]), rtol=1e-4, atol=1e-5)
    assert same([np.array([1.0, 2.0])], np.array([[1.0, 2.0]]), rtol=1e-4, atol=1e-5)
    assert same([], np.zeros(0), rtol=1e-4, atol=1e-5)
