"""Calls a function on copies of its inputs: a student's, watched for changed arguments, or a wrong one of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

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
    return [_copy(value) for value in inputs]


def _copy(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value


def call(function: Callable[..., Any], inputs: Inputs) -> tuple[Any, tuple[int, ...]]:
    """The result of `function` on copies of `inputs`, and the positions of the arguments it changed.

    A proxy for a function in the student process has a method `watched` that does the same over there.
    """
    watched = getattr(function, "watched", None)
    if watched is not None:
        result: tuple[Any, tuple[int, ...]] = watched(*inputs)
        return result
    arguments = copied(inputs)
    value = function(*arguments)
    pairs = enumerate(zip(inputs, arguments, strict=True))
    return value, tuple(number for number, (old, new) in pairs if not _unchanged(old, new))


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


def _unchanged(old: Any, new: Any) -> bool:
    """Whether an argument holds what it did, but for rounding: who adds a number and takes it away again may do so."""
    if isinstance(old, np.ndarray):
        alike = isinstance(new, np.ndarray) and old.shape == new.shape and old.dtype == new.dtype
        if not alike or old.tobytes() == new.tobytes() or old.dtype.kind not in "fc":
            return alike and old.tobytes() == new.tobytes()
        return bool(np.allclose(old, new, rtol=1e-9, atol=1e-12, equal_nan=True))
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_unchanged(old[key], new[key]) for key in old)
    if isinstance(old, list):
        return len(old) == len(new) and all(_unchanged(one, other) for one, other in zip(old, new, strict=True))
    return bool(old == new)


def attempt(wrong: Callable[..., Any], inputs: Inputs) -> Any:
    """The result of a wrong implementation, or the `Failure` it ends in."""
    try:
        with np.errstate(all="ignore"):
            return wrong(*copied(inputs))
    except Exception as error:
        return Failure(type(error).__name__)


def reference_with(reference: Callable[..., Any], inputs: Inputs, used: Mapping[str, Callable[..., Any]]) -> Any:
    """What the reference gives when it calls the student's own functions."""
    with np.errstate(all="ignore"):
        return reference(*copied(inputs), **used)


def perturbed(inputs: Inputs) -> Iterator[Inputs]:
    """`inputs` with one argument changed a little, for each in turn, and for each entry of a dictionary."""
    for number, value in enumerate(inputs):
        if isinstance(value, dict):
            changed = [{**value, key: other} for key in value if (other := _other(value[key])) is not None]
        else:
            changed = [other] if (other := _other(value)) is not None else []
        yield from ((*inputs[:number], one, *inputs[number + 1 :]) for one in changed)


def _other(value: Any) -> Any:
    """Another value of the same kind; None for what has none."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value + np.linspace(0.3, 0.7, value.size).reshape(value.shape)
    if isinstance(value, float):
        return value + 0.3
    if isinstance(value, int) and not isinstance(value, bool):
        return value + 1
    return None
