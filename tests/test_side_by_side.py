"""The reference, calling a student's function in many cases at once: what comes of each, and how often is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.checking.failed import Interrupted
from autograder.checking.side_by_side import reference_with, references_with

Array = np.ndarray


def sequence(x: Array, h: float, *, step: Callable[..., Any], last: Callable[..., Any]) -> Any:
    """A state carried along x by `step`, and what `last` makes of it."""
    for x_t in x:
        h = step(x_t, h)
    return last(h)


class OverTheWall:
    """A function that is asked as a student's is, and keeps how much it was asked at a time."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.asked: list[int] = []

    def __call__(self, *arguments: Any) -> Any:
        """Nobody asks for one case by itself."""
        raise AssertionError("asked by itself")

    def watched_all(self, cases: list[tuple[Any, ...]]) -> list[Any]:
        """What comes of each case, or its error."""
        self.asked.append(len(cases))
        found: list[Any] = []
        for arguments in cases:
            try:
                found.append((self.function(*arguments), ()))
            except Interrupted:
                raise
            except Exception as error:
                found.append(error)
        return found


def test_what_all_cases_ask_next_is_asked_at_once_and_each_gets_its_own_answer() -> None:
    step, last = OverTheWall(lambda x_t, h: 10 * h + x_t), OverTheWall(lambda h: -h)
    cases = [(np.array([1, 2, 3]), 0), (np.array([4]), 5), (np.array([], dtype=int), 6)]
    assert references_with(sequence, cases, {"step": step, "last": last}) == [-123, -54, -6]
    assert step.asked == [2, 1, 1]  # the third case asks for no step, and only the first for more than one
    assert sum(last.asked) == 3


def test_an_error_ends_its_own_case_alone() -> None:
    used = {"step": OverTheWall(lambda x_t, h: h + 6 // x_t), "last": OverTheWall(abs)}
    stops, goes_on = ([1, 0, 1], 0), ([3, 2], 0)
    error, result = references_with(sequence, [stops, goes_on], used)
    assert isinstance(error, ZeroDivisionError) and result == 5
    with pytest.raises(ZeroDivisionError):
        reference_with(sequence, stops, used)


def test_what_ends_the_process_ends_all() -> None:
    def step(x_t: int, h: int) -> int:
        raise Interrupted

    with pytest.raises(Interrupted):
        references_with(sequence, [([1], 0), ([2], 0)], {"step": OverTheWall(step), "last": OverTheWall(abs)})


def test_no_case_sees_what_a_function_does_to_its_arguments() -> None:
    def step(x_t: Array, h: Array) -> Array:
        h += x_t
        return h.copy()

    h = np.zeros(2)
    cases = [(np.ones((2, 2)), h), (np.ones((1, 2)), h)]
    found = references_with(sequence, cases, {"step": step, "last": np.sum})
    assert found == [4, 2] and h.tolist() == [0, 0]


def test_what_cannot_be_sent_on_is_an_error_of_the_reference() -> None:
    """A step that gives None gives a masked sequence an array of objects, which no student process is sent."""

    class RefusesObjects(OverTheWall):
        def watched_all(self, cases: list[tuple[Any, ...]]) -> list[Any]:
            if any(np.asarray(value).dtype == object for arguments in cases for value in arguments):
                raise TypeError("plain data only")
            return super().watched_all(cases)

    def masked(x: Array, *, step: Callable[..., Any]) -> Any:
        return step(np.where([True, False], step(x), x))

    found = references_with(masked, [(np.zeros(2),)] * 2, {"step": RefusesObjects(lambda x: None)})
    assert [type(error) for error in found] == [TypeError, TypeError]


def test_what_is_far_too_large_is_not_gone_on_with() -> None:
    """Two columns of a million each, in an outer sum, would take all memory."""
    for large in (np.zeros((6_000, 1)), [[0.0] * 100] * 60, {"a": np.zeros(6_000)}, "x" * 6_000):
        (found,) = references_with(
            lambda *, step: step() + step(), [()], {"step": OverTheWall(lambda large=large: large)}
        )
        assert isinstance(found, ValueError)
