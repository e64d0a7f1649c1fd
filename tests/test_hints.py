"""Sealed hints: the notebook alone names each known mistake, tells nobody else, and never stands in anyone's way."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from autograder.checking import FunctionCheck, Misconception, ModelCheck
from autograder.checking.drawing import seeded
from autograder.checks import notebook_checks
from autograder.course.key import Key, read_keys
from autograder.hints import in_notebook, sealed
from autograder.sample.sample_class import checked_functions, misconceptions, source_as, wrong_source

ROOT = Path(__file__).resolve().parent.parent
ALONE = Path(__file__).with_name("hints_alone.py")
KEYS = {where: key for where, key in read_keys(ROOT / "solutions", ROOT / "exercises").items() if "hints" in key.by_id}
EVERY = pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: f"{key.assignment}/{key.notebook}")
GATES = KEYS["lstm", "gates"]
SIZE = 40_000


def cells(key: Key) -> list[tuple[str, str]]:
    """The released notebook's code cells with the instructor's answers in place; tests and demonstrations left out."""
    code = (cell for cell in key.cells if cell.cell_type == "code" and not cell.grade)
    return [(cell.grade_id, cell.source if cell.solution else cell.released) for cell in code]


def tried(key: Key, answers: list[tuple[str, str]]) -> list[str]:
    """What the hint for each (function, source) prints, in a Python that cannot import the course."""
    tries = [
        {"function": name, "answers": {home.grade_id: source}}
        for name, source in answers
        if (home := key.definer(name)) is not None
    ]
    said = alone().ask(json.dumps({"cells": cells(key), "tries": tries}))
    return [" ".join(text.split()) for text in json.loads(said)]


class Alone:
    """A Python that cannot import the course, and that goes on to the next notebook when one is done."""

    def __init__(self) -> None:
        self._python = subprocess.Popen(
            [sys.executable, "-I", str(ALONE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
        )

    def ask(self, line: str) -> str:
        """What it answers to a line."""
        assert self._python.stdin is not None and self._python.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended, which is told below
            print(line, file=self._python.stdin, flush=True)
        said = self._python.stdout.readline()
        if not said:
            self.close()
        assert said, "it has ended: on stderr it says why"
        return said

    def close(self) -> None:
        """End it."""
        alone.cache_clear()
        self._python.kill()
        self._python.communicate()


@cache
def alone() -> Alone:
    """The one for all tests of this file; after one that has ended, another."""
    return Alone()


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    if alone.cache_info().currsize:
        alone().close()


def hinted(key: Key) -> list[tuple[str, Misconception, str]]:
    """Every mistake that has a hint: the function, the mistake, and the cell that a student who makes it writes."""
    return [
        (one.function, one.misconception, wrong_source(one))
        for one in misconceptions(key)
        if isinstance(notebook_checks(key.assignment, key.notebook)[one.function], FunctionCheck | ModelCheck)
        and not one.misconception.same_as
    ]


def right_ones(key: Key) -> list[tuple[str, str]]:
    """The instructor's answers, and right answers in other styles."""
    found = []
    for name, check in checked_functions(key):
        home = key.definer(name)
        if isinstance(check, FunctionCheck | ModelCheck) and home is not None:
            found += [(name, home.source), *((name, source_as(function, name)) for function in check.also_right)]
    return found


def in_single_precision(key: Key) -> list[tuple[str, Misconception, str]]:
    """Each function's first two mistakes, their results rounded to float32 before they are returned."""
    mistakes: dict[str, list[tuple[str, Misconception, str]]] = {}
    for one in hinted(key):
        if not isinstance(notebook_checks(key.assignment, key.notebook)[one[0]], ModelCheck):
            mistakes.setdefault(one[0], []).append(one)
    few = [one for group in mistakes.values() for one in group[:2]]
    return [(name, mistake, f"{source}\n\n{IN_FLOAT32.format(name=name)}") for name, mistake, source in few]


_said: dict[str, list[list[str]]] = {}


def all_tried(key: Key) -> list[list[str]]:
    """What is printed for known mistakes, right answers, and mistakes in single precision: one Python for all."""
    if key.digest not in _said:
        groups = [
            [(f, s) for f, _, s in hinted(key)],
            right_ones(key),
            [(f, s) for f, _, s in in_single_precision(key)],
        ]
        said = iter(tried(key, [one for group in groups for one in group]))
        _said[key.digest] = [[next(said) for _ in group] for group in groups]
    return _said[key.digest]


@EVERY
def test_each_mistake_opens_its_own_hint_and_no_other(key: Key) -> None:
    """With every known mistake in its released notebook."""
    mistakes = hinted(key)
    assert mistakes
    for (function, mistake, _), text in zip(mistakes, all_tried(key)[0], strict=True):
        start = f"Hint for {function}: {mistake.says} {mistake.hint} To read: "
        assert text.startswith(start), (function, mistake.name, text)
        assert text.count("Hint for") == 1
        assert text.endswith(f".html#{mistake.section}"), text


@EVERY
def test_right_answers_in_every_style_open_none(key: Key) -> None:
    right = right_ones(key)
    assert right
    assert {(name, text) for (name, _), text in zip(right, all_tried(key)[1], strict=True) if text} == set()


@EVERY
def test_in_single_precision_the_same_hints_open(key: Key) -> None:
    for (function, mistake, _), text in zip(in_single_precision(key), all_tried(key)[2], strict=True):
        assert f"{mistake.says} {mistake.hint}" in text, (function, mistake.name, text)


IN_FLOAT32 = """
def _single(value):
    if isinstance(value, tuple):
        return tuple(_single(part) for part in value)
    if isinstance(value, dict):
        return {{key: _single(part) for key, part in value.items()}}
    floats = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return value.astype("float32").astype(value.dtype) if floats else value

def _rounded(function):
    return lambda *arguments: _single(function(*arguments))

{name} = _rounded({name})
"""


# --- sealed ---


def held(key: Key) -> tuple[str, list[bytes]]:
    """The text of the released notebook, and all that is packed in it."""
    text = (ROOT / "exercises" / key.assignment / f"{key.notebook}.ipynb").read_text()
    found = re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", text)
    return text, [base64.b64decode(part) for part in found if len(part) % 4 == 0]


def pieces(text: str) -> list[str]:
    """All runs of six words."""
    words = text.split()
    return [" ".join(words[n : n + 6]) for n in range(len(words) - 5)]


@EVERY
def test_no_hint_can_be_read_in_the_notebook(key: Key) -> None:
    text, packed = held(key)
    (cell,) = (cell["source"] for cell in json.loads(text)["cells"] if cell["id"] == "hints")
    source = "".join(cell)
    for function, mistake, _ in hinted(key):
        for piece in pieces(f"{mistake.says} {mistake.hint}"):
            assert piece not in source, (function, mistake.name)
            assert not any(piece.encode() in part for part in packed), (function, mistake.name)
        assert mistake.name not in source


@EVERY
def test_no_reference_and_no_right_result_is_in_the_cell(key: Key) -> None:
    """Neither as text nor as bytes: of right results there are fingerprints of cases that hold enough to be safe."""
    text, packed = held(key)
    (cell,) = (cell["source"] for cell in json.loads(text)["cells"] if cell["id"] == "hints")
    source = "".join(cell)
    shown = {round(float(n), 4) for n in re.findall(r"-?\d+\.\d+", source)}
    for name, check in checked_functions(key):
        if not isinstance(check, FunctionCheck):
            continue
        home = key.definer(name)
        assert home is not None
        answer = home.source.partition("### BEGIN SOLUTION")[2].partition("### END SOLUTION")[0]
        assert all(line.strip() not in source for line in answer.splitlines() if len(line.strip()) > 12)
        practice = json.loads(json.dumps(contents(key)["about"][name]["inputs"]), object_hook=in_notebook._read)
        given = {np.float32(abs(n)) for inputs in practice for n in numbers(inputs)}
        for inputs in practice:
            result = check.expected(tuple(inputs))
            own = [n for n in numbers(result) if np.float32(abs(n)) not in given and round(n, 4) != round(n, 3)]
            assert not shown & {round(n, 4) for n in own}, name
            for kind in ("<f4", "<f8"):
                pairs = [np.array(pair, kind).tobytes() for pair in pairwise(own)]
                assert not any(pair in part for pair in pairs for part in packed), name


def numbers(value: Any) -> list[float]:
    """The floats in a value."""
    parts = [np.asarray(part) for part in sealed.leaves([value]) if not isinstance(part, str)]
    return [float(n) for part in parts if part.dtype.kind == "f" for n in part.ravel()]


@EVERY
def test_results_for_other_inputs_open_nothing(key: Key) -> None:
    """A dictionary of all right and wrong results, made from the exercise's text with inputs of one's own."""
    about = contents(key)["about"]
    for name, check in checked_functions(key):
        if not isinstance(check, FunctionCheck):
            continue
        known = base64.b64decode(about[name]["hints"])
        tags = {known[n : n + 6] for n in range(0, len(known), 26)}
        assert len(tags) == len(known) // 26
        with seeded(b"somebody's own"):
            own = [case for case in check.cases() if all(case is not one for one in check.fixed)]
        count = len(about[name]["inputs"])
        for function in (check.reference, *(mistake.wrong for mistake in check.misconceptions)):
            texts = [in_notebook._text(in_notebook._result(function, case.inputs)) for case in own[: count + 4]]
            for start in range(5):
                window = texts[start : start + count]
                # What gives the same whatever comes in, or always stops, can be found without making the mistake.
                secret = len(set(window)) > 1 and not all("stops" in text for text in window)
                opens = secret and in_notebook._key(name, window)[:6] in tags
                assert not opens or is_common(check, function, window), (name, function, window)


def is_common(check: FunctionCheck, function: Callable[..., Any], window: list[str]) -> bool:
    """Whether these results, one after the other, come of many inputs: of what can be few, such as axes, most do."""
    found = 0
    for number in range(100):
        with seeded(number.to_bytes(4)):
            cases = check.cases()
        texts = [in_notebook._text(in_notebook._result(function, case.inputs)) for case in cases]
        found += any(texts[start : start + len(window)] == window for start in range(len(texts)))
    return found > 10


def contents(key: Key) -> dict[str, Any]:
    """What the cell's code reads."""
    source = key.by_id["hints"].released
    return dict(json.loads(source.partition('r"""')[2].partition('"""')[0]))


@EVERY
def test_the_cell_is_small_and_folded_and_the_same_code_everywhere(key: Key) -> None:
    cell = key.by_id["hints"]
    assert len(cell.released.encode()) < SIZE
    assert cell.locked and cell.node.metadata["jupyter"]["source_hidden"]
    code = re.sub(r'r""".*?"""', "", cell.released, flags=re.DOTALL)
    assert code == re.sub(r'r""".*?"""', "", GATES.by_id["hints"].released, flags=re.DOTALL)
    for one in key.cells:
        if one.auto_graded:
            for name in re.findall(rf"hidden\.{key.assignment}\.{key.notebook}\.(\w+)\(", one.hidden):
                asked = f'hint("{name}")' in one.visible
                kind = notebook_checks(key.assignment, key.notebook)[name]
                assert asked is isinstance(kind, FunctionCheck | ModelCheck), (one.grade_id, name)


def test_quizzes_have_none() -> None:
    """Trying all options would tell."""
    released = (ROOT / "exercises/review/choices.ipynb").read_text()
    assert "hint(" not in released and "_sealed" not in released


# --- in use ---


def forget_gate(source: str) -> str:
    """What the hint for the forget gate says of this answer."""
    return tried(GATES, [("forget_gate", source)])[0]


FORGET = "def forget_gate(x_t, h_prev, W_f, U_f, b_f):\n    return {}\n"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("sigmoid(x_t @ W_f + np.tanh(h_prev) @ U_f + b_f)", "right when `h_prev` is zero"),
        ("sigmoid(x_t @ W_f + h_prev @ U_f + np.maximum(b_f, 0))", "right when `b_f` is zero"),
        ("print('noise')", "it returns None"),
        ("h_prev.__imul__(2) @ U_f * 0 + sigmoid(x_t @ W_f + h_prev @ U_f + b_f)", "changes its arguments"),
    ],
)
def test_a_mistake_that_nobody_has_named_is_placed(body: str, says: str) -> None:
    assert says in forget_gate(FORGET.format(body))


@pytest.mark.parametrize(
    "body", ["1 / 0", "open", "[[1, [2]], 'a']", "np.array([object()])", "{1: 2, 'a': 3}", "iter([])"]
)
def test_strange_answers_are_met_with_silence(body: str) -> None:
    assert "Traceback" not in forget_gate(FORGET.format(body))


def test_what_is_not_written_yet_and_what_is_no_function_have_no_hint() -> None:
    assert forget_gate("def forget_gate(*args):\n    raise NotImplementedError()") == ""
    assert forget_gate("forget_gate = 3") == ""
    assert forget_gate("pass") == ""


def test_it_points_at_a_function_that_is_called_and_opened_a_hint(tmp_path: Path) -> None:
    """In a stock kernel, the released notebook with a wrong sigmoid: its hint stands above the failed assertion."""
    notebook = nbformat.read(ROOT / "exercises/lstm/gates.ipynb", as_version=4)
    for cell in notebook.cells:
        known = GATES.by_id.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        if known is not None and known.solution:
            cell.source = known.source
            if known.grade_id == "sigmoid":
                cell.source = "def sigmoid(a):\n    return np.tanh(a)"
    client = NotebookClient(notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    shown = {cell.id: cell.get("outputs", []) for cell in notebook.cells}
    first, failure = shown["test-sigmoid"][:2]
    assert first["text"].startswith("Hint for sigmoid: This is tanh. ")
    assert failure["output_type"] == "error" and failure["ename"] == "AssertionError"
    assert shown["test-forget-gate"][0]["text"].startswith("Hint for forget_gate: it calls sigmoid, which is not right")
    assert "Hint" not in str(shown["test-candidate"])


def test_an_assignment_can_have_none_or_tell_what_is_right() -> None:
    assert '"about":{}' in sealed.cell_source("lstm", "gates", "", "off")
    for mode, says in (("mistakes", ""), ("right", "Hint for candidate: it is right on the practice inputs.\n")):
        namespace: dict[str, Any] = {}
        exec(sealed.cell_source("lstm", "gates", "", mode), namespace)
        exec(GATES.by_id["candidate"].source, namespace)
        assert said_by(namespace, "candidate") == says
    with pytest.raises(ValueError, match="off, mistakes, right"):
        sealed.cell_source("lstm", "gates", "", "all")


def said_by(namespace: dict[str, Any], name: str) -> str:
    """What a hint prints."""

    with contextlib.redirect_stdout(io.StringIO()) as out:
        namespace["hint"](name)
    return out.getvalue()
