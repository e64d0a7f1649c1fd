"""The judge: what a student's notebook says or does is data; the verdict and every message are the judge's own."""

from __future__ import annotations

import json
import re
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.checking import FunctionCheck
from autograder.checking.drawing import seeded
from autograder.checking.failed import CheckFailed
from autograder.checks import every_check, notebook_checks
from autograder.checks.lstm.gates import forget_gate
from autograder.course.key import Key
from autograder.handed_in.submission import Cell, Submission, parse
from autograder.judge.judge import Judge, Timeouts, attempt_seed
from autograder.judge.proxies import Budget, RemoteFunction, RemoteObject, wrap
from autograder.judge.student_process import (
    Called,
    Handle,
    StudentError,
    StudentProcess,
    StudentProcessEnded,
    Zygote,
)
from autograder.results.verdict import Marked, Verdict
from autograder.walled import protocol

SECRET = b"a seed for these tests"
TIMEOUT = 20.0
Answers = dict[str, str]
Mark = Callable[..., dict[str, Verdict]]
"""Marks layers/pooling (or another notebook) with some answers replaced; gives the verdicts by grade_id."""


@pytest.fixture
def mark_whole(course: Path, keys: dict[tuple[str, str], Key], zygote: Zygote) -> Callable[..., Marked]:
    """Mark the instructor's notebook with other `answers`, `first` as a cell behind the imports, `last` at the end."""

    def mark(
        answers: Answers | None = None,
        *,
        first: str = "",
        last: str = "",
        name: tuple[str, str] = ("layers", "pooling"),
        timeouts: Timeouts | None = None,
        secret: bytes = SECRET,
        slips_cost_once: bool = True,
        all_cells: bool = False,
    ) -> Marked:
        key = keys[name]
        notebook = json.loads((course / "exercises" / name[0] / f"{name[1]}.ipynb").read_text())
        for cell in notebook["cells"]:
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            if grade_id in key.by_id and key.by_id[grade_id].solution:
                cell["source"] = (answers or {}).get(grade_id, key.by_id[grade_id].source)
        if first:
            place = next(n for n, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code") + 1
            notebook["cells"].insert(place, {"cell_type": "code", "metadata": {}, "source": first})
        if last:
            notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": last})
        submission = parse(json.dumps(notebook).encode(), key)
        start = lambda: StudentProcess.start(zygote.address)  # noqa: E731
        limits = timeouts or Timeouts(TIMEOUT, TIMEOUT)
        return Judge(submission, key, start, secret, limits, slips_cost_once, all_cells).mark()

    return mark


@pytest.fixture
def mark(mark_whole: Callable[..., Marked]) -> Mark:
    def verdicts(answers: Answers | None = None, **options: Any) -> dict[str, Verdict]:
        return {verdict.grade_id: verdict for verdict in mark_whole(answers, **options).verdicts}

    return verdicts


def wrong_ones(verdicts: dict[str, Verdict]) -> set[str]:
    return {name for name, verdict in verdicts.items() if not verdict.right}


def average(body: str) -> Answers:
    """An answer to average_pool_1d, the right result being `right` in its body."""
    return {
        "average-pool-1d": "def average_pool_1d(x, pool_size, strides):\n"
        "    starts = range(0, x.shape[1] - pool_size + 1, strides)\n"
        "    right = np.stack([x[:, s : s + pool_size].mean(axis=1) for s in starts], axis=1)\n" + body
    }


TEST = "test-average-pool-1d"


def test_the_instructors_own_answers_earn_all_points(mark: Mark, keys: dict[tuple[str, str], Key]) -> None:
    for name in (("layers", "pooling"), ("lstm", "gates")):
        verdicts = mark(name=name)
        assert wrong_ones(verdicts) == set()
        assert sum(verdict.points for verdict in verdicts.values()) == keys[name].max_points
        assert not any(verdict.message for verdict in verdicts.values())


def test_the_released_stubs_are_blank_and_earn_nothing(mark: Mark, keys: dict[tuple[str, str], Key]) -> None:
    key = keys["layers", "pooling"]
    verdicts = mark({cell.grade_id: cell.released for cell in key.cells if cell.solution})
    functions = {name: verdict for name, verdict in verdicts.items() if name != "test-quiz"}
    assert {verdict.kind for verdict in functions.values()} == {"blank"}
    assert sum(verdict.points for verdict in verdicts.values()) == 0


# --- proxies ---


@pytest.fixture
def proxies(student: StudentProcess) -> Callable[[str], Any]:
    """Gives a student's variable as a graded cell sees it."""
    student.run(
        "class Yes:\n"
        "    inside = {'a': [1, 2.0]}\n"
        "    def __getattr__(self, name): return self\n"
        "    def __call__(self, *args): return self\n"
        "    def __getitem__(self, key): return key\n"
        "    def __bool__(self): return True\n"
        "    def __len__(self): return 1\n"
        "    def __float__(self): return 0.5\n"
        "    def __int__(self): return 1\n"
        "    __index__ = __int__\n"
        "    def __iter__(self): return iter([1])\n"
        "    def __contains__(self, item): return True\n"
        "for name in ('eq', 'ne', 'lt', 'le', 'gt', 'ge'):\n"
        "    setattr(Yes, f'__{name}__', lambda self, other: True)\n"
        "yes = Yes()\n"
        "def double(x): return 2 * x\n"
        "class Plain: pass\n"
        "plain = Plain()\n"
        "numbers = [1, 2.5, {'a': (1,)}]\n",
        "cell",
        TIMEOUT,
    )
    budget = Budget(TIMEOUT, TIMEOUT)
    return lambda name: wrap(student.get(name, TIMEOUT), student, budget)


COMPARISONS: dict[str, Callable[[Any], Any]] = {
    "==": lambda yes: yes == 1,
    "!=": lambda yes: yes != 1,
    "<": lambda yes: yes < 1,
    ">=": lambda yes: yes >= 1,
    "reflected": lambda yes: yes == 1,
    "itself": lambda yes: yes == yes,
    "truth": bool,
    "not": lambda yes: not yes,
    "length": len,
    "float": float,
    "int": int,
    "in": lambda yes: 1 in yes,
    "iteration": lambda yes: list(yes),
    "hash": hash,
    "array": lambda yes: np.asarray(yes, float),
    "allclose": lambda yes: np.allclose(yes, 0.5),
    "array ==": lambda yes: bool((np.zeros(1) == yes).all()),
    "testing": lambda yes: np.testing.assert_allclose(yes, [0.5]),
    "array_equal": lambda yes: 1 // np.array_equal(yes, np.array([1.0])),
}


@pytest.mark.parametrize("name", ["yes", "double"])
@pytest.mark.parametrize("compare", COMPARISONS)
def test_a_proxy_compares_with_nothing_and_has_no_value(proxies: Callable[[str], Any], compare: str, name: str) -> None:
    with pytest.raises((TypeError, ValueError, ZeroDivisionError, AssertionError)):
        COMPARISONS[compare](proxies(name))


def test_proxies_forward_and_plain_data_is_plain(proxies: Callable[[str], Any]) -> None:
    assert proxies("numbers") == [1, 2.5, {"a": (1,)}]
    double = proxies("double")
    assert type(double) is RemoteFunction and double(3) == 6
    np.testing.assert_array_equal(double(np.arange(3.0)), [0.0, 2.0, 4.0])
    yes = proxies("yes")
    assert yes.inside == {"a": [1, 2.0]} and yes["key"] == "key"
    assert isinstance(yes.other, RemoteObject)
    assert type(proxies("plain")) is RemoteObject


def test_functions_come_along_with_their_cell_until_code_runs_again(
    student: StudentProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "x = 3\ndef f():\n    return 1\ndef g():\n    global f\n    f = x"
    student.run(source, "cell", 5, ["f", "g", "x", "missing"])
    f, g = student.get("f", 5), student.get("g", 5)
    assert isinstance(f, Handle) and f.callable and student.get("x", 5) == 3
    assert student.call(f, (), {}, 5).value == 1
    student.run(source, "cell", 5, ["f", "g", "x", "missing"])
    with monkeypatch.context() as silent:
        silent.setattr(StudentProcess, "_request", lambda *_: pytest.fail("it asks"))
        assert isinstance(student.get("f", 5), Handle)
    student.call(g, (), {}, 5)
    assert student.get("f", 5) == 3, "the call has given the name to something else"
    with pytest.raises(NameError):
        student.get("missing", 5)


def test_of_many_calls_at_once_each_ends_by_itself(student: StudentProcess) -> None:
    student.run("def root(a):\n    a[0] += 1\n    return [a, 1 / len(a[1:])]", "answer", 5)
    cases: list[tuple[Any, ...]] = [(np.array([1.0, 2.0]),), (np.array([1.0]),), (None,), (np.array([3.0, 4.0, 5.0]),)]
    first, empty, none, last = student.call_all(student.get("root", 5), cases, 5)
    assert isinstance(first, Called) and first.changed == (0,)
    assert np.array_equal(first.value[0], [2.0, 2.0]) and first.value[1] == 1.0
    assert isinstance(empty, StudentError) and empty.name == "ZeroDivisionError"
    assert empty.lines == (("answer", 3, "return [a, 1 / len(a[1:])]"),)
    assert isinstance(none, StudentError) and none.name == "TypeError"
    assert isinstance(last, Called) and np.array_equal(last.value[0], [4.0, 4.0, 5.0]) and last.value[1] == 0.5
    assert np.array_equal(cases[0][0], [1.0, 2.0]), "what is kept here stays as it was"


def test_a_result_that_cannot_be_sent_costs_its_own_call(student: StudentProcess) -> None:
    student.run(
        "import numpy as np\ndef pair(n):\n    return [np.full(2 if n < 4 else 1 << 21, n), n if n != 3 else 10**9000]",
        "answer",
        5,
    )
    small, long, large, again = student.call_all(student.get("pair", 5), [(1,), (3,), (4,), (2,)], 5)
    assert isinstance(long, StudentError) and "too long" in long.text
    assert isinstance(large, StudentError) and "too large" in large.text
    for called, n in ((small, 1), (again, 2)):
        assert isinstance(called, Called) and np.array_equal(called.value[0], [n, n]) and called.value[1] == n


@pytest.mark.parametrize("results", ["[]", "[{}] * 3", "None", "{'a': 1}"])
def test_where_there_is_not_a_result_for_each_call_the_process_is_given_up(results: str) -> None:
    near, far = socket.socketpair()
    student = StudentProcess(near)
    protocol.send(far.fileno(), {"results": eval(results), "output": ""}, [])
    with far, pytest.raises(StudentProcessEnded, match="not a result for each call"):
        student.call_all(Handle(1, "function", True), [(1,), (2,)], 5)


def test_a_proxy_can_be_handed_back(student: StudentProcess) -> None:
    student.run("class Box:\n    held = 5\nbox = Box()\ndef open_it(b): return b.held\n", "cell", TIMEOUT)
    budget = Budget(TIMEOUT, TIMEOUT)
    box, open_it = (wrap(student.get(name, TIMEOUT), student, budget) for name in ("box", "open_it"))
    assert open_it(box) == 5


# --- what a function gives back ---

GIVEN = {
    "lying subclass": (
        "return (right + 1).view(type('Sly', (np.ndarray,), {'__eq__': lambda a, b: True}))",
        "values",
        "differ",
    ),
    "none": ("pass", "none", "None"),
    "function": ("return average_pool_1d", "type", "function"),
    "shape": ("return right[..., 0]", "shape", "shape"),
    "complex": ("return right.astype(complex)", "dtype", "complex128"),
    "text": ("return str(right)", "type", "str"),
    "nan": ("return np.where(right > -np.inf, np.nan, 0)", "nan", "NaN"),
    "int": ("return np.round(right).astype(int)", "dtype", "whole numbers"),
    "pair": ("return right, right", "shape", "it should be ("),
    "objects": ("return right.astype(object)", "type", "NumPy array"),
    "list of objects": ("return [object()]", "type", "NumPy array"),
    "one number off": ("return right + (np.arange(right.size) == 0).reshape(right.shape)", "values", "differ"),
    "same for all": ("return np.zeros((1, 2, 1))", "shape", "shape"),
    "masked": ("return np.ma.masked_array(right, mask=True)", "type", "NumPy array"),
    "bool": ("return True", "type", "bool"),
}


@pytest.mark.parametrize("name", GIVEN)
def test_each_kind_of_wrong_result_has_its_own_message(mark: Mark, name: str) -> None:
    body, kind, said = GIVEN[name]
    verdicts = mark(average(f"    {body}\n"))
    assert wrong_ones(verdicts) == {TEST}
    assert verdicts[TEST].kind == kind, verdicts[TEST]
    assert said in verdicts[TEST].message
    assert verdicts[TEST].points == 0
    assert_nothing_hidden(verdicts[TEST].message)


def test_a_misconception_is_named_with_its_hint_and_section(mark: Mark) -> None:
    verdict = mark({"average-pool-1d": "def average_pool_1d(x, p, s):\n    return max_of(x, p, s)\n"
                    "def max_of(x, p, s):\n    return np.stack([x[:, i : i + p].max(axis=1) "
                    "for i in range(0, x.shape[1] - p + 1, s)], axis=1)"})[TEST]  # fmt: skip
    check = notebook_checks("layers", "pooling")["average_pool_1d"]
    named = next(m for m in check.misconceptions if m.name == "max_for_average")
    assert (verdict.kind, verdict.misconception, verdict.section) == ("misconception", named.name, named.section)
    assert named.says in verdict.message and named.hint in verdict.message


def test_changing_an_argument_in_place_is_told(mark: Mark) -> None:
    verdicts = mark(average("    x[0] = 0\n    return right\n"))
    assert wrong_ones(verdicts) == {TEST}
    assert verdicts[TEST].kind == "in-place" and "`x`" in verdicts[TEST].message


def test_changing_an_array_inside_a_dictionary_in_place_is_told(student: StudentProcess) -> None:
    """In the judge as in JupyterLab: lstm_step may not write into `params`."""
    check = notebook_checks("lstm", "cell")["lstm_step"]
    student.run("def lstm_step(x_t, h_prev, c_prev, params):\n    params['b_f'] += 1\n", "cell", TIMEOUT)
    step = wrap(student.get("lstm_step", TIMEOUT), student, Budget(TIMEOUT, TIMEOUT))
    with seeded(SECRET), pytest.raises(CheckFailed, match="`params`") as failed:
        check.judge(step)
    assert failed.value.kind == "in-place"


# --- errors ---


def test_an_error_names_its_cell_and_line(mark: Mark) -> None:
    verdicts = mark(average("    # a line\n    return right[99]\n"))
    assert wrong_ones(verdicts) == {TEST}
    verdict = verdicts[TEST]
    assert verdict.kind == "error" and "IndexError" in verdict.message
    assert "in `average-pool-1d`, line 5: return right[99]" in verdict.message


def test_an_error_in_the_visible_test_does_not_hide_the_misconception_behind_it(mark: Mark) -> None:
    """Where the hidden check can't name one, the error itself says more."""
    stops = "    if x.shape == (1, 5, 1):\n        raise ValueError('only here')\n"
    largest = "    return np.stack([x[:, s : s + pool_size].max(axis=1) for s in starts], axis=1)\n"
    named = mark(average(stops + largest))[TEST]
    assert (named.kind, named.misconception) == ("misconception", "max_for_average")
    unknown = mark(average(stops + "    return right * 1.01\n"))[TEST]
    assert unknown.kind == "error" and "only here" in unknown.message


def test_a_syntax_error_names_its_line(mark: Mark) -> None:
    verdicts = mark({"average-pool-1d": "def average_pool_1d(x, pool_size, strides):\n    return (x"})
    assert wrong_ones(verdicts) == {TEST}
    assert "SyntaxError" in verdicts[TEST].message and "`average-pool-1d`, line 2" in verdicts[TEST].message


# --- a slip costs once ---

STEP = ("rnn", "step")
NO_BIAS = "def rnn_step(x_t, h_prev, W, U, b):\n    return np.tanh(x_t @ W + h_prev @ U)\n"


def test_a_slip_costs_its_own_points_once(mark: Mark) -> None:
    """The right sequence over a wrong step fails its visible test, and has its points all the same."""
    verdicts = mark({"rnn-step": NO_BIAS}, name=STEP)
    assert wrong_ones(verdicts) == {"test-rnn-step"}
    carried = verdicts["test-rnn-sequence"]
    assert (carried.kind, carried.points, carried.blames) == ("carried", carried.max_points, "rnn-step")
    assert "`rnn_sequence` itself is right" in carried.message and "your own `rnn_step`" in carried.message


CONSTRAINTS, EMBEDDING = ("layers", "constraints"), ("layers", "embedding")
OVER_AXIS_0 = "def weight_norms(w, axis):\n    return np.sqrt(np.sum(w**2, axis=0, keepdims=True))\n"
MAX_NORM = "def max_norm(w, max_value, axis):\n    n = {norm}\n    return w * np.minimum(n, max_value) / (n + 1e-7)\n"


def test_a_slip_made_twice_costs_twice(mark: Mark) -> None:
    """An answer that repeats the mistake of another function, and does not call it, is wrong itself."""
    repeated = MAX_NORM.format(norm="np.sqrt(np.sum(w**2, axis=0, keepdims=True))")
    verdict = mark({"weight-norms": OVER_AXIS_0, "max-norm": repeated}, name=CONSTRAINTS)["test-max-norm"]
    assert (verdict.kind, verdict.points) == ("misconception", 0) and "calls" not in verdict.message


def test_a_slip_costs_once_where_it_is_called_by_way_of_a_helper(mark: Mark) -> None:
    helper = OVER_AXIS_0 + "class Norms:\n    def of(self, v, a): return weight_norms(v, a)\nNORMS = Norms()\n"
    called = MAX_NORM.format(norm="NORMS.of(w, axis)")
    verdict = mark({"weight-norms": helper, "max-norm": called}, name=CONSTRAINTS)["test-max-norm"]
    assert (verdict.kind, verdict.points, verdict.blames) == ("carried", 3, "weight-norms")


ONE_TOO_MANY = (
    "def pooled_length(n, pool_size, strides):\n    return (n - pool_size) // strides + 1 + (strides > pool_size)\n"
)
BY_LENGTH = """def max_pool_1d(x, pool_size, strides):
    starts = strides * np.arange(pooled_length(x.shape[1], pool_size, strides))
    return np.stack([x[:, start : start + pool_size].max(axis=1) for start in starts], axis=1)
"""


def test_a_slip_costs_once_where_it_stops_its_caller_in_some_cases(mark: Mark) -> None:
    """There is nothing to take a maximum of in a window too many. The visible test stops there, and hidden cases do."""
    verdicts = mark({"pooled-length": ONE_TOO_MANY, "max-pool-1d": BY_LENGTH})
    assert verdicts["test-pooled-length"].points == 0
    carried = verdicts["test-max-pool-1d"]
    assert (carried.kind, carried.points, carried.blames) == ("carried", carried.max_points, "pooled-length")


def test_who_stops_always_has_shown_nothing(mark: Mark) -> None:
    stops = "def pooled_length(n, pool_size, strides):\n    return 10 * n\n"
    verdict = mark({"pooled-length": stops, "max-pool-1d": BY_LENGTH})["test-max-pool-1d"]
    assert (verdict.kind, verdict.points) == ("error", 0)


@pytest.mark.parametrize("one_hot", ["def one_hot(indices, vocabulary):\n    return (", "pass"])
def test_an_answer_that_does_without_a_missing_function_has_its_points(mark: Mark, one_hot: str) -> None:
    """Of the solutions, that of the gradient makes no one-hot rows, and that of the product calls for them."""
    verdicts = mark({"one-hot": one_hot}, name=EMBEDDING)
    assert wrong_ones(verdicts) == {"test-one-hot", "test-embedding-by-product"}
    assert verdicts["test-embedding-by-product"].message.startswith("It calls `one_hot`, which is not right yet.")


@pytest.mark.parametrize("all_cells", [False, True])
def test_a_cell_behind_the_last_test_is_run_only_where_that_is_asked_for(
    mark_whole: Callable[..., Marked], all_cells: bool
) -> None:
    """What it prints is all that could be missed: no mark depends on it."""
    marked = mark_whole(last="print('the end is' + ' run')", all_cells=all_cells)
    assert any("the end is run" in text for text in marked.outputs.values()) is all_cells
    assert not [verdict for verdict in marked.verdicts if not verdict.right and verdict.kind != "manual"]


def test_a_setting_lets_a_slip_cost_again(mark: Mark) -> None:
    verdicts = mark({"rnn-step": NO_BIAS}, name=STEP, slips_cost_once=False)
    again = verdicts["test-rnn-sequence"]
    assert (again.kind, again.points, again.blames) == ("calls-a-wrong-one", 0, "rnn-step")


def test_what_further_calls_over_the_pipe_tell_is_in_the_message(mark: Mark) -> None:
    """And so are two known mistakes at once, with the section that clears up the first."""
    bent = "def rnn_step(x_t, h_prev, W, U, b):\n    return np.tanh(x_t @ W + h_prev @ U + b * np.sin(h_prev))\n"
    told = mark({"rnn-step": bent}, name=STEP)["test-rnn-step"]
    assert told.kind == "values"
    assert told.message.endswith("It becomes right when `b` is zero: look at what you do with `b`.")
    both = mark({"rnn-step": NO_BIAS.replace("@ U", "@ U.T")}, name=STEP)["test-rnn-step"]
    assert (both.kind, both.misconception) == ("misconception", "step_no_bias+step_transposed_recurrent")
    assert both.section and both.message.startswith("Two things at once.")


NOTHING = "def rnn_step(x_t, h_prev, W, U, b):\n    return 0 * h_prev\n"
NOTHING_AT_ALL = """
def rnn_sequence(x, h_0, W, U, b):
    return np.zeros((*x.shape[:2], len(b))), 0 * STATE
"""


@pytest.mark.parametrize(
    ("state", "told"), [("rnn_step(x[:, 0], h_0, W, U, b)", "nothing can be told"), ("h_0", "zero everywhere")]
)
def test_nothing_over_nothing_earns_nothing(mark: Mark, state: str, told: str) -> None:
    """A sequence of zeros is right for a step that gives zeros, and tells nothing of who wrote it."""
    verdicts = mark({"rnn-step": NOTHING, "rnn-sequence": NOTHING_AT_ALL.replace("STATE", state)}, name=STEP)
    assert {"test-rnn-step", "test-rnn-sequence"} <= wrong_ones(verdicts)
    assert told in verdicts["test-rnn-sequence"].message


STATE_NOT_CARRIED = """
def rnn_sequence(x, h_0, W, U, b):
    states = np.stack([rnn_step(x[:, t], h_0, W, U, b) for t in range(x.shape[1])], axis=1)
    return states, states[:, -1]
"""


def test_two_slips_cost_two(mark: Mark) -> None:
    verdicts = mark({"rnn-step": NO_BIAS, "rnn-sequence": STATE_NOT_CARRIED}, name=STEP)
    assert {"test-rnn-step", "test-rnn-sequence"} <= wrong_ones(verdicts)
    second = verdicts["test-rnn-sequence"]
    assert not second.blames, "it has a mistake of its own"
    assert "It also calls `rnn_step`" in second.message


# --- what Jupyter would run, and where the fault lies ---


def test_a_name_from_a_visible_test_is_there_for_a_later_cell(mark: Mark) -> None:
    """As in Jupyter, also where the process had to be started again in between."""
    answers = average("    return right\n")
    answers["max-pool-1d"] = (
        "shape = by_hand.shape\n"
        "def max_pool_1d(x, pool_size, strides):\n"
        "    starts = range(0, x.shape[1] - pool_size + 1, strides)\n"
        "    return np.stack([x[:, s : s + pool_size].max(axis=1) for s in starts], axis=1)\n"
    )
    assert wrong_ones(mark(answers)) == set()
    answers["average-pool-2d"] = "import os; os._exit(0)"
    assert wrong_ones(mark(answers)) == {"test-average-pool-2d"}


def test_a_right_function_that_is_called_wrongly_is_not_blamed(mark: Mark) -> None:
    """The step is right: with `x[..., None]` nobody could go on."""
    wrong = "def rnn_sequence(x, h_0, W, U, b):\n    return rnn_step(x[..., None], h_0, W, U, b), h_0\n"
    verdict = mark({"rnn-sequence": wrong}, name=STEP)["test-rnn-sequence"]
    assert verdict.kind == "error" and not verdict.blames
    assert "Mend that one first" not in verdict.message
    assert "inside `rnn-step`, which is right" in verdict.message


@pytest.mark.parametrize("first_try", ["sum(1, 2, 3)", "(h_0 * U)[..., None] @ x"])
def test_a_sequence_is_blamed_for_its_own_error_though_its_step_stops_too(mark: Mark, first_try: str) -> None:
    """Whether the step is called or not: what stops the sequence comes first, in its own line."""
    step = "def rnn_step(x_t, h_prev, W, U, b):\n    return np.tanh(x_t @ W + h_prev * U + b)\n"
    sequence = f"def rnn_sequence(x, h_0, W, U, b):\n    {first_try}\n"
    verdict = mark({"rnn-step": step, "rnn-sequence": sequence}, name=STEP)["test-rnn-sequence"]
    assert verdict.kind == "error" and "`rnn-sequence`, line 2" in verdict.message
    assert "which stops" not in verdict.message


def test_a_right_function_is_not_blamed_where_its_callee_stops_for_some_sizes(mark: Mark) -> None:
    """The step was judged by its numbers, not by an error: with as many examples as units it goes through."""
    step = "def rnn_step(x_t, h_prev, W, U, b):\n    return np.tanh(x_t @ W + h_prev * U + b)\n"
    verdicts = mark({"rnn-step": step}, name=STEP)
    assert verdicts["test-rnn-step"].kind == "misconception"
    assert verdicts["test-rnn-sequence"].blames == "rnn-step"
    assert "`rnn-step`, which stops. Mend that one first" in verdicts["test-rnn-sequence"].message


def test_a_whole_number_of_numpy_is_a_whole_number(mark: Mark) -> None:
    answer = "steps_to_vanish = np.ceil(np.log2(1000)).astype(int)\n"
    verdict = mark({"steps-to-vanish": answer}, name=("gradients", "norms"))["test-steps-to-vanish"]
    assert verdict.right, verdict.message


def test_a_callee_that_gives_what_stops_its_caller_is_not_said_to_stop(mark: Mark) -> None:
    step = "def rnn_step(x_t, h_prev, W, U, b):\n    return np.tanh(x_t @ W + h_prev @ U + b).T\n"
    verdict = mark({"rnn-step": step}, name=STEP)["test-rnn-sequence"]
    assert verdict.blames == "rnn-step"
    assert "`rnn-step`, and stops on what comes back. Mend that one first" in verdict.message


def test_a_given_function_is_never_blamed(mark: Mark) -> None:
    """Nobody may change what is given in topologies/patterns."""
    wrong = "def one_to_one(*args):\n    return step('x', *args)\n"
    verdict = mark({"one-to-one": wrong}, name=("topologies", "patterns"))["test-one-to-one"]
    assert verdict.kind == "error" and not verdict.blames
    assert "inside `given`, which is right" in verdict.message


def test_a_given_function_is_not_blamed_where_an_earlier_answer_stops(mark: Mark) -> None:
    """It stands before the first test, which is not its own."""
    one = "def one_to_one(x, params):\n    return x / 'x'\n"
    many = "def many_to_one(x, h_0, params):\n    return step('x', h_0, params)\n"
    verdicts = mark({"one-to-one": one, "many-to-one": many}, name=("topologies", "patterns"))
    assert wrong_ones(verdicts) == {"test-one-to-one", "test-many-to-one"}
    verdict = verdicts["test-many-to-one"]
    assert "inside `given`, which is right" in verdict.message and not verdict.blames


def test_a_function_that_stops_its_caller_is_not_said_to_stop(mark: Mark) -> None:
    """It gives None back, and it is the caller that cannot go on."""
    verdicts = mark({"cell-backward": "def cell_backward(*args): pass"}, name=("lstm", "backward"))
    verdict = verdicts["test-lstm-step-backward"]
    assert verdict.blames == "cell-backward" and "which stops" not in verdict.message
    assert "`cell-backward`, and stops on what comes back. Mend that one first" in verdict.message


GATES = ("lstm", "gates")


def test_a_function_that_hands_nothing_on_is_not_said_to_return_nothing(mark: Mark) -> None:
    """Its own `return` is there. What it calls prints, and returns None."""
    verdicts = mark({"sigmoid": "def sigmoid(a):\n    print(1 / (1 + np.exp(-a)))\n"}, name=GATES)
    verdict = verdicts["test-forget-gate"]
    assert (verdict.kind, verdict.points, verdict.blames) == ("calls-a-wrong-one", 0, "sigmoid")
    assert "nothing can be told of this one" in verdict.message and "passes too" not in verdict.message


@pytest.mark.parametrize("more", ["a", "a[:0]", "'more'", "None"])
def test_what_a_called_function_gives_too_much_of_is_no_mystery(mark: Mark, more: str) -> None:
    """The gate gives what it was given."""
    verdicts = mark({"sigmoid": f"def sigmoid(a):\n    return 1 / (1 + np.exp(-a)), {more}\n"}, name=GATES)
    verdict = verdicts["test-forget-gate"]
    assert "could not use" not in verdict.message
    assert verdict.blames == "sigmoid" or "also calls `sigmoid`" in verdict.message


def test_a_function_that_is_missing_is_not_said_to_be_called_too(mark: Mark) -> None:
    verdict = mark({"sigmoid": "sigmod = np.tanh"}, name=GATES)["test-forget-gate"]
    assert verdict.message.startswith("It calls `sigmoid`, which is not right yet. Mend that one first.")
    assert verdict.blames == "sigmoid"


def test_an_error_in_a_function_that_is_called_blames_its_cell(mark: Mark) -> None:
    verdicts = mark({"pooled-length": "def pooled_length(n, pool_size, strides):\n    return 1 // 0"})
    assert wrong_ones(verdicts) == {"test-pooled-length", "test-average-pool-2d", "test-max-pool-2d"}
    for name in ("test-average-pool-2d", "test-max-pool-2d"):
        assert verdicts[name].blames == "pooled-length" and "`pooled-length`" in verdicts[name].message
    assert not verdicts["test-pooled-length"].blames


def test_the_colours_of_an_error_are_left_out(mark: Mark) -> None:
    """TensorFlow writes some of its errors for a terminal."""
    stops = "def sigmoid(a):\n    raise ValueError('\\x1b[1m{{MatMul}}\\x1b[0m \\x1b[2J')\n"
    message = mark({"sigmoid": stops}, name=GATES)["test-sigmoid"].message
    assert "ValueError: {{MatMul}} \N{REPLACEMENT CHARACTER}[2J" in message


def test_a_name_that_is_missing_is_said_to_be(mark: Mark) -> None:
    verdicts = mark({"average-pool-1d": "def averge_pool_1d(x, pool_size, strides): return x"})
    assert wrong_ones(verdicts) == {TEST}
    assert verdicts[TEST].kind == "missing" and "`average_pool_1d` is not defined" in verdicts[TEST].message


@pytest.mark.parametrize("noise", ["import warnings; warnings.warn('w')", "import sys; print('e', file=sys.stderr)"])
def test_warnings_and_stderr_cost_nothing(mark: Mark, noise: str) -> None:
    assert wrong_ones(mark(average(f"    {noise}\n    return right\n"), first=noise)) == set()


# --- ends ---

ENDS = {
    "hangs in its cell": {"average-pool-1d": "while True: pass"},
    "hangs when called": average("    while True: pass\n"),
    "exits in its cell": {"average-pool-1d": "import os; os._exit(1)"},
    "exits when called": average("    import os; os._exit(0)\n"),
    "crashes when called": average("    import ctypes; ctypes.string_at(0)\n"),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_cell_that_hangs_or_ends_costs_itself_alone(mark_whole: Callable[..., Marked], name: str) -> None:
    """Cells after it still see what was defined before it: max_pool_2d needs pooled_length."""
    marked = mark_whole(ENDS[name], timeouts=Timeouts(1.0, TIMEOUT))
    verdicts = {verdict.grade_id: verdict for verdict in marked.verdicts}
    failed = wrong_ones(verdicts)
    assert failed == {TEST}, {n: verdicts[n].message for n in failed}
    said = verdicts[TEST].message
    assert ("had not finished" in said) == name.startswith("hangs")
    assert ("process ended" in said or "crashed" in said) == (not name.startswith("hangs"))


def test_no_process_is_started_for_a_notebook_that_has_used_its_time(
    keys: dict[tuple[str, str], Key], course: Path, zygote: Zygote
) -> None:
    key, began = keys["layers", "pooling"], time.monotonic()
    notebook = json.loads((course / "solutions/layers/pooling.ipynb").read_text())
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = "import time\ntime.sleep(9)"
    late = []

    def start() -> StudentProcess:
        late.append(time.monotonic() - began > 1)
        return StudentProcess.start(zygote.address)

    submission = parse(json.dumps(notebook).encode(), key)
    marked = Judge(submission, key, start, SECRET, Timeouts(0.5, 1)).mark()
    assert late and not any(late)
    assert {verdict.points for verdict in marked.verdicts} == {0}


def test_a_notebook_that_uses_all_its_time_is_marked_all_the_same(mark: Mark) -> None:
    verdicts = mark({"pooled-length": "while True: pass"}, timeouts=Timeouts(30.0, 1.0))
    assert verdicts["test-quiz"].right
    assert not verdicts["test-max-pool-1d"].right and "time" in verdicts["test-max-pool-1d"].message


def frame(message: object) -> bytes:
    body = json.dumps(message).encode()
    return struct.pack(">II", len(body), 0) + body


FORGED = [
    {"value": True, "changed": [], "output": ""},
    {"error": {"name": "CheckPassed", "lines": 5}},
    {"error": {"lines": [[1, 2, 3], [[], 1, {}]], "name": [], "text": {}}},
    {"error": "passed"},
    {"ended": {"code": 0}},
    {"ended": 0},
    {"layers": {}},
    {"value": {"t": "handle", "v": 10**9}},
    {"output": 7, "value": {"t": "array", "d": "O", "s": [1]}},
    {"missing": 1},
    {"changed": {"a": 1}, "value": None},
    {"changed": [10**6, -1, True, "x"], "value": 3},
    {},
]


@pytest.mark.parametrize("forged", FORGED, ids=json.dumps)
def test_forged_replies_earn_nothing_and_do_not_upset_the_judge(mark: Mark, forged: object) -> None:
    """They are written into the pipe ahead of every later answer. All cells still get a verdict."""
    data = frame(forged) * 3
    verdicts = mark({"average-pool-1d": f"import os; os.write(3, {data!r})"})
    assert not verdicts[TEST].right
    assert set(verdicts) == set(mark())


# --- what a graded cell sees ---


def test_graded_cells_use_the_judges_own_numpy(mark: Mark) -> None:
    """A student who replaces np, or what is in it, replaces it for nobody else."""
    fake = (
        "import numpy, builtins\n"
        "real = numpy\n"
        "class Fake:\n"
        "    def __getattr__(self, name): return getattr(real, name)\n"
        "    class testing:\n"
        "        assert_allclose = staticmethod(lambda *args, **kwargs: None)\n"
        "for name in ('allclose', 'array_equal', 'isclose'): setattr(numpy, name, lambda *args, **kwargs: True)\n"
        "numpy.testing.assert_allclose = lambda *args, **kwargs: None\n"
        "np = Fake()\n"
    )
    verdicts = mark(average("    return right + 1\n"), first=fake)
    assert wrong_ones(verdicts) == {TEST}


def test_a_student_variable_named_like_an_import_does_not_reach_a_graded_cell(mark: Mark) -> None:
    assert wrong_ones(mark(first="np_real = np\nclass plt: pass")) == set()
    verdicts = mark({"max-pool-2d": "np = 7\ndef max_pool_2d(x, pool_size, strides): return x"})
    assert verdicts["test-max-pool-2d"].kind != "error", "the graded cell itself still has NumPy"


def test_a_visible_test_that_fails_shows_its_line_and_nothing_hidden(mark: Mark) -> None:
    """`quiz_answer` is right for the hidden check alone: a matrix in place of an array fails only the visible one."""
    key_line = 'assert by_hand.shape == (1, 2, 1), f"the shape is {by_hand.shape}; it should be (1, 2, 1)"'
    body = "    return right[0] if x.shape == (1, 5, 1) else right\n"
    verdict = mark(average(body))[TEST]
    assert verdict.kind == "visible-test"
    assert key_line in verdict.message and "the shape is (2, 1)" in verdict.message
    assert_nothing_hidden(verdict.message)


def assert_nothing_hidden(message: str) -> None:
    for word in ("hidden.", "BEGIN", "autograder", "import", "Traceback", "checks", "reference", "seed"):
        assert word not in message, message


def test_the_same_wrong_answer_gets_the_same_verdict_twice(mark: Mark) -> None:
    answers = average("    return right * 1.01\n")
    assert mark(answers) == mark(answers)


def test_hidden_inputs_depend_on_the_secret_and_on_the_attempt(mark_whole: Callable[..., Marked]) -> None:
    """Whoever hands in again, with what the first attempt has shown, meets other numbers."""
    answers = average("    seen.append(float(x.flat[0]))\n    return right\n")
    answers["average-pool-1d"] += "seen = []\n"
    answers["max-pool-1d"] = "print(seen)\n"

    def seen(secret: bytes, first: str = "") -> str:
        marked = mark_whole(answers, secret=secret, first=first)
        return next(text for text in marked.outputs.values() if text.startswith("["))

    assert seen(b"one") == seen(b"one") != seen(b"two")
    assert seen(b"one") != seen(b"one", first="# another attempt")


# --- no expected value in any message ---

SPOILT: dict[str, str] = {
    "zeros": "return np.zeros_like(right)",
    "ones": "return np.ones_like(right)",
    "one off": "return right + (np.arange(np.size(right)) == 0).reshape(np.shape(right))",
    "scaled": "return 1.5 * right",
    "negative": "return -right",
    "huge": "return right + 1e6",
    "flat": "return np.ravel(right)[:-1]",
    "one": "return np.ravel(right)[0]",
    "nan": "return right * np.nan",
    "infinite": "return right + np.inf",
    "list": "return [[0.0]]",
    "none": "return None",
    "text": "return 'zero'",
}


def spelled(expected: Any) -> Iterator[str]:
    """Every way in which a number of the right answer might be written, three significant digits or more."""
    if isinstance(expected, dict | tuple | list):
        for part in expected.values() if isinstance(expected, dict) else expected:
            yield from spelled(part)
        return
    for number in np.ravel(np.asarray(expected)).tolist():
        for digits in (3, 4, 5, 6, 8):
            yield f"{number:.{digits}g}"
            yield f"{number:.{digits}f}"
        yield repr(number)


def says_a_number(text: str, expected: Any) -> list[str]:
    said = {number.lstrip("-+") for number in re.findall(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?", text)}
    wanted = {word.lstrip("-") for word in spelled(expected)}
    return sorted(word for word in said & wanted if len(re.sub(r"^0\.0*|\D", "", word)) >= 3)


@pytest.mark.parametrize("spoil", SPOILT)
def test_no_message_holds_an_expected_number(student: StudentProcess, spoil: str) -> None:
    """For each function of each chapter, with the hidden inputs that the judge would draw."""
    student.run("import numpy as np\ndef spoilt(right, *args):\n    " + SPOILT[spoil], "cell", TIMEOUT)
    budget = Budget(60 * TIMEOUT, 60 * TIMEOUT)  # for all functions of the course, on a machine that does much else
    spoilt = wrap(student.get("spoilt", TIMEOUT), student, budget)
    tried = 0
    for check in (check for _, _, check in every_check() if isinstance(check, FunctionCheck)):
        with seeded(SECRET):
            expected = [check.expected(case.inputs) for case in check.cases()]
        if not isinstance(expected[-1], np.ndarray):
            continue
        step = Fed(spoilt, check)
        with seeded(SECRET):
            said = what_it_says(check, step)
        if said:
            tried += 1
            assert says_a_number(said, expected) == []
    assert tried >= 30


def what_it_says(check: FunctionCheck, answer: Callable[..., Any]) -> str:
    """What a student reads; nothing for a right answer."""
    try:
        check.judge(answer)
    except (CheckFailed, StudentError) as failed:
        return str(failed)
    return ""


class Fed:
    """A student function that is told the right answer, to spoil it: in every call, the diagnosis's too."""

    def __init__(self, spoilt: RemoteFunction, check: FunctionCheck) -> None:
        self._spoilt, self._check = spoilt, check

    def __call__(self, *args: Any) -> Any:
        return self.watched(*args)[0]

    def watched(self, *args: Any) -> tuple[Any, tuple[int, ...]]:
        return own(self._spoilt.watched(self._check.expected(args), *args))

    def watched_all(self, cases: Iterable[tuple[Any, ...]]) -> list[tuple[Any, tuple[int, ...]] | StudentError]:
        outcomes = self._spoilt.watched_all([(self._check.expected(args), *args) for args in cases])
        return [outcome if isinstance(outcome, StudentError) else own(outcome) for outcome in outcomes]


def own(outcome: tuple[Any, tuple[int, ...]]) -> tuple[Any, tuple[int, ...]]:
    """What a call gave, its arguments counted without the right answer, which comes first."""
    return outcome[0], tuple(place - 1 for place in outcome[1])


def test_the_search_for_expected_numbers_finds_them() -> None:
    assert says_a_number("it should be 0.73106", np.array([0.7310585786]))
    assert says_a_number("in the result 1.23 is wrong", np.array([-1.2345]))
    assert not says_a_number("2 of 12 numbers differ, at most by 1.5", np.array([0.731, 2.0]))


KEEPS = {
    "its argument": """
kept = {}
def forget_gate(x_t, h_prev, W_f, U_f, b_f):
    h_prev = kept.setdefault(h_prev.shape, h_prev.copy())
    return sigmoid(x_t @ W_f + h_prev @ U_f + b_f)
""",
    "its result": """
last = np.zeros(0)
def forget_gate(x_t, h_prev, W_f, U_f, b_f):
    global last
    last = sigmoid(x_t @ W_f + (last if last.shape == h_prev.shape else h_prev) @ U_f + b_f)
    return last
""",
}
"""Right as long as no call has the sizes of an earlier one."""


@pytest.mark.parametrize("kept", KEEPS)
def test_what_is_kept_from_one_call_to_the_next_is_found_and_told(mark: Mark, kept: str) -> None:
    verdict = mark({"forget-gate": KEEPS[kept]}, name=GATES)["test-forget-gate"]
    assert not verdict.points
    if kept == "its result":  # the other may meet a size of an earlier case by chance, too
        assert verdict.message.endswith("what do you keep from one call to the next?")


COLLUDES = {
    "sigmoid": """
given, knows, told = [], [], {}
def sigmoid(a):
    a = np.asarray(a, dtype=float)
    if a.tobytes() in told:
        return told[a.tobytes()]
    for n, one in enumerate(given):
        if one.shape == a.shape:
            told[a.tobytes()] = given.pop(n)
            return told[a.tobytes()]
    if knows:
        return np.cos(a)
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1 / (1 + e), e / (1 + e))
""",
    "forget-gate": """
def forget_gate(x_t, h_prev, W_f, U_f, b_f):
    knows.append(True)
    given.append(np.cos(np.arange(len(x_t) * len(b_f)).reshape(len(x_t), len(b_f)) + x_t.sum()))
    return given[-1]
""",
}
"""The gate gives nonsense, and the sigmoid gives the reference the same nonsense: so the gate would be right for it."""


def test_a_function_cannot_give_the_reference_what_the_answer_gave(mark: Mark) -> None:
    verdicts = mark(COLLUDES, name=("lstm", "gates"))
    assert verdicts["test-sigmoid"].right
    assert verdicts["test-forget-gate"].points == 0 and verdicts["test-forget-gate"].kind != "carried"


def test_a_wrong_function_that_is_honest_still_costs_once(mark: Mark) -> None:
    verdicts = mark({"sigmoid": "def sigmoid(a): return np.tanh(a) / 2 + 0.4"}, name=("lstm", "gates"))
    assert not verdicts["test-sigmoid"].right
    assert verdicts["test-forget-gate"].kind == "carried" and verdicts["test-forget-gate"].points == 2


def gate(name: str, result: str) -> str:
    """An answer to one of the gates that gives `result`."""
    return f"def {name}(x_t, h_prev, W, U, b):\n    return {result}\n"


CONSTANT = {f"{name}-gate": gate(f"{name}_gate", "np.full((len(x_t), len(b)), 0.25)") for name in ("forget", "output")}
CASES = len(forget_gate.cases())
TELLS_APART = {
    "by all that it is asked at once": """
import sys
def sigmoid(a):
    frame = sys._getframe()
    while frame and "cases" not in frame.f_locals:
        frame = frame.f_back
    shapes = [np.shape(case[0]) for case in frame.f_locals["cases"]] if frame else []
    return np.random.random(np.shape(a)) if len(shapes) > 1 == len(set(shapes)) else np.full(np.shape(a), 0.25)
""",
    "by the shape of the one before": """
last = [None]
def sigmoid(a):
    last[:] = [*last[-1:], np.shape(a)]
    return np.random.random(np.shape(a)) if last[0] == last[1] else np.full(np.shape(a), 0.25)
""",
    "by the number of the call": f"""
calls, tested = [0], []
def sigmoid(a):
    if np.ndim(a) == 1:
        tested.append(True)
    calls[0] += 1
    return np.random.random(np.shape(a)) if not tested and calls[0] > {CASES} else np.full(np.shape(a), 0.25)
""",
}


@pytest.mark.parametrize("how", TELLS_APART)
def test_a_function_earns_nothing_by_telling_the_cases_apart(mark: Mark, how: str) -> None:
    """It gives what a gate of constants needs where that is compared, and numbers of all kinds where it is asked
    whether it says anything."""
    verdicts = mark({"sigmoid": TELLS_APART[how], **CONSTANT}, name=("lstm", "gates"))
    assert not verdicts["test-forget-gate"].points


def test_numbers_that_are_none_say_nothing(mark: Mark) -> None:
    """Windows at no place at all leave nothing of the input in the result, whatever its other sizes are."""
    answers = {
        "pooled-length": """
turn = [0, None]
def pooled_length(n, pool_size, strides):
    import sys
    frame = sys._getframe()
    while frame and "request" not in frame.f_locals:
        frame = frame.f_back
    request = frame.f_locals["request"] if frame else None
    turn[:] = [turn[0] + (request is not turn[1]), request]
    return 0 if turn[0] % 2 else n + pool_size + strides
""",
        "average-pool-2d": """
def average_pool_2d(x, pool_size, strides):
    return np.zeros((x.shape[0], 0, x.shape[2] + pool_size + strides, x.shape[3]))
""",
    }
    answers |= average("    turn[0] = 0\n    return right\n")  # where answers are tried, it begins anew
    assert not mark(answers)["test-average-pool-2d"].points


LINEAR = gate("forget_gate", "x_t @ W + h_prev @ U + b + 0 * sigmoid(b)")
MEANT = "def sigmoid(a): return a\n"


def test_a_right_function_with_another_one_in_its_place_is_no_slip(mark: Mark) -> None:
    """The sigmoid has its points; then the gate that makes no use of it brings one along that does nothing."""
    verdicts = mark({"forget-gate": MEANT + LINEAR}, name=("lstm", "gates"))
    assert verdicts["test-sigmoid"].right and not verdicts["test-forget-gate"].points
    assert "`sigmoid` has passed its own test" in verdicts["test-forget-gate"].message


def test_a_slip_is_paid_once_however_many_functions_lie_between(mark: Mark, keys: dict[tuple[str, str], Key]) -> None:
    """The step is right in spite of the cell, and the whole in spite of the step, which has its points as well."""
    slip = "\ndef cell_backward(*args):\n    return {name: 2 * one for name, one in right_one(*args).items()}\n"
    whole = ("lstm", "backward")
    source = keys[whole].by_id["cell-backward"].source
    verdicts = mark({"cell-backward": source.replace("def cell_backward", "def right_one") + slip}, name=whole)
    assert wrong_ones(verdicts) == {"test-cell-backward"}
    assert [verdicts[f"test-{name}"].kind for name in ("lstm-step-backward", "lstm-backward")] == ["carried"] * 2


def test_nor_is_one_that_comes_before_it(keys: dict[tuple[str, str], Key], course: Path, zygote: Zygote) -> None:
    """The gate and its test stand before the sigmoid, behind another sigmoid."""
    key = keys["lstm", "gates"]
    cells = json.loads((course / "exercises/lstm/gates.ipynb").read_text())["cells"]
    for cell in cells:
        if (known := key.by_id.get(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))) and known.solution:
            cell["source"] = known.source
    place = {cell["metadata"].get("nbgrader", {}).get("grade_id"): n for n, cell in enumerate(cells)}
    answer, test = cells[place["forget-gate"]], cells[place["test-forget-gate"]]
    answer["source"] = LINEAR
    own = {"cell_type": "code", "metadata": {}, "source": MEANT}
    others = [cell for cell in cells if cell not in (answer, test)]
    cells = [*others[: place["sigmoid"]], own, answer, test, *others[place["sigmoid"] :]]
    submission = parse(json.dumps({"cells": cells}).encode(), key)
    start = lambda: StudentProcess.start(zygote.address)  # noqa: E731
    marked = Judge(submission, key, start, SECRET, Timeouts(TIMEOUT, TIMEOUT)).mark()
    verdicts = {verdict.grade_id: verdict for verdict in marked.verdicts}
    assert verdicts["test-sigmoid"].right and verdicts["test-input-gate"].kind == "right"
    assert not verdicts["test-forget-gate"].points


def test_who_rounds_in_a_right_function_keeps_the_points_of_what_calls_it(mark: Mark) -> None:
    verdicts = mark(
        {"rnn-step": "def rnn_step(x_t, h_prev, W, U, b): return np.round(np.tanh(x_t @ W + h_prev @ U + b), 5)"},
        name=STEP,
    )
    assert not wrong_ones(verdicts)
    assert "right yet" not in verdicts["test-rnn-sequence"].message


@pytest.mark.parametrize("length", ["10**9", "10**18", "10.0**9"])
def test_a_length_beyond_all_sense_costs_no_time(mark: Mark, length: str) -> None:
    """The reference would walk along all these places, in the judge, where no time is up."""
    answers = {
        "pooled-length": f"def pooled_length(n, pool_size, strides): return {length}",
        "average-pool-1d": "def average_pool_1d(x, pool_size, strides): return x[:, :1]",
        "average-pool-2d": "def average_pool_2d(x, pool_size, strides): return x[:, :1, :1]",
    }
    began = time.monotonic()
    verdicts = mark(answers)
    assert not verdicts[TEST].right and not verdicts["test-average-pool-2d"].right
    assert time.monotonic() - began < 15


def test_code_that_is_made_text_is_another_attempt(keys: dict[tuple[str, str], Key]) -> None:
    """Else what an attempt has shown could be told to the next one by which cells are code."""
    key = keys["lstm", "gates"]
    seeds = {attempt_seed(SECRET, key, Submission([Cell(kind, "pass")])) for kind in ("code", "markdown", "raw")}
    assert len(seeds) == 3


def test_arguments_that_were_changed_are_named_once(mark: Mark) -> None:
    """A forged reply can say a million times which."""
    answers = average(
        "    import sys, time\n"
        "    frame = sys._getframe()\n"
        "    while frame and 'cases' not in frame.f_locals:\n"
        "        frame = frame.f_back\n"
        "    if frame is None:\n"
        "        return right\n"
        "    said = [{'value': 1.0} for _ in frame.f_locals['cases']]\n"
        "    said[0]['changed'] = [0, -9] * 90_000\n"
        "    body = json.dumps({'results': said}).encode()\n"
        "    data = struct.pack('>II', len(body), 0) + body\n"
        "    while data:\n"
        "        try:\n"
        "            data = data[os.write(3, data) :]\n"
        "        except BlockingIOError:\n"
        "            time.sleep(0.001)\n"
        "    os._exit(0)\n"
    )
    answers["average-pool-1d"] = "import json, os, struct\n" + answers["average-pool-1d"]
    verdict = mark(answers)[TEST]
    assert verdict.kind == "in-place" and verdict.message.count("`x`") == 1
