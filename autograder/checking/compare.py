"""Compares a student's result with the right one and says what differs, never what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

NUMBER = bool | int | float | complex
RANK = {"none": 0, "type": 1, "count": 2, "shape": 3, "dtype": 4, "nan": 5, "values": 6}


@dataclass(frozen=True)
class Difference:
    """One thing that is wrong, in a sentence for the student."""

    kind: str
    text: str

    @property
    def rank(self) -> int:
        """Which difference to name first: the coarser ones come before the numbers."""
        return RANK[self.kind]


def differences(
    result: Any,
    expected: Any,
    outputs: tuple[str, ...],
    *,
    rtol: float,
    atol: float,
    exact_type: type | None = None,
) -> list[Difference]:
    """All that is wrong with `result`, the coarsest first; empty where nothing is.

    An array has the kind of numbers that is expected: floats or booleans. Where whole numbers are expected, floats of
    that value will do unless `exact_type` is int; `exact_type=float` lets whole numbers stand for floats.
    """
    if result is None:
        return [Difference("none", "it returns None. Is there a `return` at its end?")]
    if isinstance(expected, dict):
        return _dict_differences(result, expected, rtol=rtol, atol=atol)
    if isinstance(expected, tuple):
        if not isinstance(result, tuple | list) or len(result) != len(expected):
            some = isinstance(result, tuple | list) and len(result) != 1
            got = f"{len(result)} values" if some else f"one value, {_one_by_one(result)}"
            wanted = f"{len(expected)} values ({', '.join(outputs)})"
            return [Difference("count", f"it returns {got}; it should return {wanted}.")]
        named = zip(result, expected, outputs, strict=True)
        found = [d for got, want, name in named for d in _one(got, want, name, rtol, atol, None)]
    else:
        found = _one(result, expected, outputs[0], rtol, atol, exact_type)
    return sorted(found, key=lambda difference: difference.rank)


def _dict_differences(result: Any, expected: dict[str, Any], *, rtol: float, atol: float) -> list[Difference]:
    if not isinstance(result, dict):
        return [Difference("type", f"what it returns is {_kind(result)}; it should be a dictionary.")]
    if set(result) != set(expected):
        return [Difference("count", f"its dictionary must have exactly the keys {', '.join(map(repr, expected))}.")]
    found = [d for key in expected for d in _one(result[key], expected[key], f"entry {key!r}", rtol, atol, None)]
    return sorted(found, key=lambda difference: difference.rank)


def same(result: Any, expected: Any, *, rtol: float, atol: float) -> bool:
    """Whether two results agree, NaN equal to NaN (a wrong implementation may well give NaN)."""
    if isinstance(expected, dict):
        alike = isinstance(result, dict) and set(result) == set(expected)
        return alike and all(same(result[key], expected[key], rtol=rtol, atol=atol) for key in expected)
    if isinstance(expected, tuple | list):
        alike = isinstance(result, tuple | list) and len(result) == len(expected)
        return alike and all(same(a, b, rtol=rtol, atol=atol) for a, b in zip(result, expected, strict=True))
    theirs = _array(expected)
    if isinstance(result, list | tuple) and (theirs is None or not _has_shape(result, theirs.shape)):
        return False  # known without making an array of it, which may take long, and is asked for each mistake
    mine = _array(result)
    if mine is None or theirs is None or mine.shape != theirs.shape:
        return False
    if _surely_close(mine, theirs, rtol, atol):
        return True
    if mine.dtype.kind in "fi" and theirs.dtype.kind == "f" and np.isfinite(mine).all() and np.isfinite(theirs).all():
        return False
    return bool(np.allclose(mine, theirs, rtol=rtol, atol=atol, equal_nan=True))


def _one(result: Any, expected: Any, name: str, rtol: float, atol: float, exact_type: type | None) -> list[Difference]:
    plain = type(result) is type(expected) is np.ndarray and exact_type is None
    alike = plain and result.dtype == expected.dtype and result.shape == expected.shape
    if alike and _surely_close(result, expected, rtol, atol):
        return []  # nearly every part of a right answer ends here
    if isinstance(expected, str | bool):
        fitting = str if isinstance(expected, str) else bool | np.bool_
        if not isinstance(result, fitting):
            return [
                Difference("type", f"what came for {name} is {_kind(result)}, and not a {type(expected).__name__}.")
            ]
        return [] if result == expected else [Difference("values", f"what came for {name} is not the right answer.")]
    want = _array(expected)
    if want is None:  # it may come of a student's function
        return [Difference("type", f"what came for {name} is {_kind(result)}.")]
    one_whole = exact_type is int and want.ndim == 0
    if (one_whole and not _whole_number(result)) or isinstance(result, bool):
        return [Difference("type", f"what came for {name} is {_kind(result)}, and not {_wanted(want)}.")]
    mine = _array(result)
    if mine is None:
        return [Difference("type", f"what came for {name} is {_no_array(result, want)}")]
    if mine.shape != want.shape:
        wanted = "a single number is asked for" if want.shape == () else f"it should be {want.shape}"
        return [Difference("shape", f"the shape of {name} is {mine.shape}; {wanted}.")]
    if found := _kind_of_numbers(mine, want, name, exact_type):
        return [found]
    if _surely_close(mine, want, rtol, atol):
        return _whole(mine, want, name, exact_type)
    if np.isnan(mine).any() and not np.isnan(want).any():
        return [Difference("nan", f"there is NaN in {name}, which means that a computation went out of range.")]
    with np.errstate(all="ignore"):
        close = np.isclose(mine, want, rtol=rtol, atol=atol, equal_nan=True)
        if close.all():
            return _whole(mine, want, name, exact_type)
        # Where nothing stands after the point, nothing is lost there: other numbers are wrong.
        if want.dtype.kind == "f" and mine.dtype.kind in "iu" and (want != np.rint(want)).any():
            text = (
                f"there are only whole numbers in {name} (dtype {mine.dtype}), so everything after the point is lost."
            )
            return [Difference("dtype", text)]
        if want.size == 1:
            # How far off a single number is would give it away.
            return [Difference("values", f"the number that came for {name} is not the right one.")]
        gap = float(np.max(np.abs(mine.astype(float) - want.astype(float))))
    size = f"{gap:.2g}" if np.isfinite(gap) else "infinite"
    return [Difference("values", f"in {name} {int((~close).sum())} of {close.size} numbers differ, at most by {size}.")]


def _surely_close(mine: np.ndarray, want: np.ndarray, rtol: float, atol: float) -> bool:
    """Whether all numbers are finite and close: what `np.isclose` says of most answers, in a fifth of its time."""
    if want.dtype.kind != "f" or mine.dtype.kind not in "fi":
        return False
    with np.errstate(all="ignore"):
        size = abs(want)
        return bool((abs(mine - want) <= atol + rtol * size).all() and size.max(initial=0) < np.inf)


def _kind_of_numbers(mine: np.ndarray, want: np.ndarray, name: str, exact_type: type | None) -> Difference | None:
    """What is wrong with the dtype, whatever the numbers are."""
    whole = ("iu" if exact_type is int else "iuf", "whole numbers")
    kinds = {"b": ("b", "booleans"), "i": whole, "u": whole, "f": ("fiu", "floating-point numbers")}
    allowed, words = kinds.get(want.dtype.kind, (want.dtype.kind, ""))
    if mine.dtype.kind in allowed:
        return None
    words = words or f"dtype {want.dtype}"
    return Difference("dtype", f"the dtype of {name} is {mine.dtype}; there should be {words}.")


def _whole(mine: np.ndarray, want: np.ndarray, name: str, exact_type: type | None) -> list[Difference]:
    """An array of whole numbers where floats are expected: right this time, and lost with the next numbers."""
    if want.dtype.kind == "f" and want.shape != () and mine.dtype.kind in "iu" and exact_type is not float:
        return [
            Difference(
                "dtype",
                f"there are whole numbers in {name} (dtype {mine.dtype}), where floats should be.",
            )
        ]
    return []


def _array(value: Any) -> np.ndarray | None:
    """`value` as a numeric array; None where it is not one."""
    if isinstance(value, np.ndarray | np.generic | NUMBER):
        array = np.asarray(value)
        return array if array.dtype.kind in "biufc" else None
    if isinstance(value, list | tuple) and _holds_numbers(value):
        try:
            array = np.asarray(value)
        except (ValueError, OverflowError):
            return None
        return array if array.dtype.kind in "biufc" else None
    return None


def _has_shape(value: Any, shape: tuple[int, ...]) -> bool:
    """Whether an array made of this would have this shape. Looks at no more parts than there may be."""
    if isinstance(value, list | tuple):
        return bool(shape) and len(value) == shape[0] and all(_has_shape(part, shape[1:]) for part in value)
    return np.shape(value) == shape if isinstance(value, np.ndarray | np.generic) else shape == ()


def _holds_numbers(value: list[Any] | tuple[Any, ...]) -> bool:
    """Whether there are numbers alone in it. Of texts NumPy would make an array in which each takes as much as the
    longest."""
    return all(
        _holds_numbers(part) if isinstance(part, list | tuple) else isinstance(part, np.ndarray | np.generic | NUMBER)
        for part in value
    )


PROMISES = ("range", "generator", "map", "filter", "zip", "enumerate", "reversed", "dict_keys", "dict_values")
"""Types whose items come one by one, when they are asked for."""


def _whole_number(value: Any) -> bool:
    """Whether it is an int, NumPy's own and its arrays without axes (`np.where` gives such) included."""
    return isinstance(value, int | np.integer) or (isinstance(value, np.ndarray) and value.shape == ())


def _wanted(want: np.ndarray) -> str:
    """What is asked for, in words."""
    if want.shape == ():
        return "a whole number" if want.dtype.kind in "iu" else "a number"
    return f"a NumPy array of {'booleans' if want.dtype.kind == 'b' else 'numbers'}"


def _one_by_one(value: Any) -> str:
    """What a value is that is no tuple, and what would make it one."""
    asks = ", which holds no values yet (`tuple(…)` around it asks for them)" if _type(value) in PROMISES else ""
    return f"{_kind(value)}{asks}"


def _no_array(value: Any, want: np.ndarray) -> str:
    """What a value is that is no array of numbers, and what would make it one."""
    if _type(value) in PROMISES:
        return f"of type {_type(value)}, which holds no numbers yet. `tuple(…)` around it asks for them."
    if isinstance(value, list | tuple) and len({_length(part) for part in value}) > 1:
        return f"a {_type(value)} whose parts differ in length, so it is no NumPy array."
    return f"{_kind(value)}, and not {_wanted(want)}."


def _length(part: Any) -> int:
    """How many parts a part has itself; -1 where it has none, like a number and an array without axes."""
    try:
        return len(part)
    except TypeError:
        return -1


def _type(value: Any) -> str:
    """The name of a student's value's type, on whichever side of the wall it is."""
    remote = type(value).__name__ in ("RemoteObject", "RemoteFunction")
    return str(getattr(value, "type", "")) if remote else type(value).__name__


def _kind(value: Any) -> str:
    """A student's value in words."""
    return "None" if value is None else f"of type {_type(value)}"
