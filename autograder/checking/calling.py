"""Calls a function on copies of its inputs: a student's, watched for changed arguments, or a wrong one of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..walled import arguments
from .drawing import Inputs
from .failed import Interrupted


@dataclass(frozen=True)
class Failure:
    """A wrong implementation raised; its error's name stands for its result."""

    name: str


def failure_name(error: Exception) -> str:
    """What an error is called: of one that crossed the wall, what it was called over there."""
    return str(getattr(error, "name", "")) if type(error).__name__ == "StudentError" else type(error).__name__


def copied(inputs: Iterable[Any]) -> list[Any]:
    """Copies of the arrays in `inputs`, also of those in dictionaries and lists."""
    return [arguments.copied(value) for value in inputs]


def call(function: Callable[..., Any], inputs: Inputs) -> tuple[Any, tuple[int, ...]]:
    """The result of `function` on copies of `inputs`, and the positions of the arguments it changed.

    A proxy for a function in the student process has a method `watched` that does the same over there.
    """
    watched = getattr(function, "watched", None)
    if watched is not None:
        result: tuple[Any, tuple[int, ...]] = watched(*inputs)
        return result
    given = copied(inputs)
    value = function(*given)
    pairs = enumerate(zip(inputs, given, strict=True))
    return value, tuple(number for number, (old, new) in pairs if not arguments.unchanged(old, new))


def call_all(
    function: Callable[..., Any], cases: Iterable[Inputs]
) -> Iterator[tuple[Any, tuple[int, ...]] | Exception]:
    """For each of `cases` what `call` gives, or the error in which it ends. Raises Interrupted.

    To the student process they all go over at once: the way there and back takes longer than most answers.
    """
    watched_all = getattr(function, "watched_all", None)
    if watched_all is not None:
        yield from watched_all(cases)
        return
    for inputs in cases:
        try:
            yield call(function, inputs)
        except Interrupted:
            raise
        except Exception as error:
            yield error


def attempt(wrong: Callable[..., Any], inputs: Inputs) -> Any:
    """The result of a wrong implementation, or the `Failure` it ends in."""
    try:
        with np.errstate(all="ignore"):
            return wrong(*copied(inputs))
    except Exception as error:
        return Failure(type(error).__name__)


def afresh(function: Callable[..., Any]) -> Callable[..., Any]:
    """A student's function as it is where no answer was tried; any other as it is."""
    anew: Callable[[], Any] | None = getattr(function, "afresh", None)
    return function if anew is None else anew()


def size(value: Any) -> int:
    """How many numbers there are in a result, whatever holds them."""
    if isinstance(value, dict):
        return sum(map(size, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(size, value))
    if isinstance(value, str | bytes):
        return len(value)
    return value.size if isinstance(value, np.ndarray) else 1


def perturbed(inputs: Inputs) -> Iterator[tuple[tuple[int, str], Inputs]]:
    """`inputs` with one argument changed, for each in turn, and for each entry of a dictionary; which one, and the new
    inputs. A whole number is changed a little, and then much: a budget says nothing new one higher."""
    for number, value in enumerate(inputs):
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for key, part in parts:
            for other in _others(part):
                changed = {**value, key: other} if isinstance(value, dict) else other
                yield (number, key), (*inputs[:number], changed, *inputs[number + 1 :])


def _others(value: Any) -> list[Any]:
    """Other values of the same kind; some have none."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return [value + np.linspace(0.3, 0.7, value.size).reshape(value.shape)]
    if isinstance(value, float):
        return [value + 0.3]
    if isinstance(value, int) and not isinstance(value, bool):
        return [value + 1, 2 * value + 1]
    return []
