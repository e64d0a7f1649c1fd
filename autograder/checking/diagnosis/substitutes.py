"""Other arguments: what if one were zero, turned round, or in the place of another?

The same changes serve twice. A wrong result may be the right one for changed arguments, which costs no call of the
student's function; and the student's function may be right, once it is called with changed arguments.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..calling import Failure
from ..drawing import Inputs
from .evidence import Evidence, Pair, Part, pieces

Place = tuple[int, Any]
"""The number of an argument, and a key where it is an entry of a dictionary (else None)."""


@dataclass(frozen=True)
class Substitute:
    """One change of the arguments."""

    says: str
    """The end of "It is what comes out when …"."""
    change: Callable[[Inputs], Inputs | None]
    """The changed arguments; None where these cannot be changed so."""


def places(inputs: Inputs) -> list[Place]:
    """Every argument, and every entry of those that are dictionaries."""
    found: list[Place] = []
    for number, value in enumerate(inputs):
        found += [(number, key) for key in value] if isinstance(value, dict) else [(number, None)]
    return found


def value_at(inputs: Inputs, place: Place) -> Any:
    """What is there; None where nothing is."""
    number, key = place
    if number >= len(inputs):
        return None
    value = inputs[number]
    return value if key is None else value.get(key) if isinstance(value, dict) else None


def with_value(inputs: Inputs, place: Place, value: Any) -> Inputs:
    """The inputs with another value there."""
    number, key = place
    new = value if key is None else {**inputs[number], key: value}
    return (*inputs[:number], new, *inputs[number + 1 :])


def called(place: Place, arguments: list[str]) -> str:
    """How a student writes it: `x_t`, or `params['b_f']`."""
    number, key = place
    name = arguments[number] if number < len(arguments) else f"argument {number + 1}"
    return f"`{name}`" if key is None else f"`{name}[{key!r}]`"


def is_floats(value: Any) -> bool:
    """Whether it is an array of floats that has an axis."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim > 0


LEFT_OUT = "{} is zero: is it left out"
ARRAYS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "every number in {} is one: is it left out": np.ones_like,
    "{} has the opposite sign": np.negative,
    "{} counts twice": lambda a: 2 * a,
    "{} counts half": lambda a: a / 2,
    "{} is squared": np.square,
    "{} is one over what it is": lambda a: 1 / a,
    "{} is one minus what it is": lambda a: 1 - a,
    "tanh is taken of {}": np.tanh,
    "all of {} is positive": np.abs,
    "{} is rounded": np.round,
}
NUMBERS: dict[str, Callable[[Any], Any]] = {
    "{} is one larger": lambda n: n + 1,
    "{} is one smaller": lambda n: n - 1,
    "{} is two larger": lambda n: n + 2,
    "{} is two smaller": lambda n: n - 2,
    "{} is one": lambda n: type(n)(1),
    "{} is zero": lambda n: type(n)(0),
    "{} has the opposite sign": lambda n: -n,
    "{} counts twice": lambda n: 2 * n,
    "{} is squared": lambda n: n * n,
}
FLOATS: dict[str, Callable[[float], float]] = {
    "{} counts half": lambda n: n / 2,
    "{} is one over what it is": lambda n: 1 / n,
    "{} is one minus what it is": lambda n: 1 - n,
    "{} is half a unit larger": lambda n: n + 0.5,
    "{} is half a unit smaller": lambda n: n - 0.5,
}


def substitutes(inputs: Inputs, arguments: list[str]) -> Iterator[Substitute]:
    """Every change that is tried, the plainest first."""
    found = places(inputs)
    for place in found:
        if is_floats(value_at(inputs, place)):
            yield Substitute(LEFT_OUT.format(called(place, arguments)), one_changed(place, np.zeros_like))
    yield from of_two(inputs, found, arguments)
    for place in found:
        value, name = value_at(inputs, place), called(place, arguments)
        changes: dict[str, Callable[[Any], Any]] = {}
        if is_floats(value):
            changes = {**ARRAYS, **arranged(value)}
        elif isinstance(value, np.ndarray) and value.dtype.kind == "b":
            changes = {"True and False change places in {}": np.logical_not, **arranged(value), **ends(value)}
        elif isinstance(value, np.ndarray) and value.ndim:
            changes = arranged(value)
        elif isinstance(value, bool):
            changes = {"{} is the other of True and False": lambda flag: not flag}
        elif isinstance(value, int):
            changes = NUMBERS
        elif isinstance(value, float):
            changes = {**NUMBERS, **FLOATS}
        yield from (Substitute(says.format(name), one_changed(place, change)) for says, change in changes.items())


def of_two(inputs: Inputs, found: list[Place], arguments: list[str]) -> Iterator[Substitute]:
    """Two arguments of one shape exchanged, or one of them in the place of the other."""
    for a, b in itertools.permutations(found, 2):
        if alike(value_at(inputs, a), value_at(inputs, b)):
            one, other = called(a, arguments), called(b, arguments)
            if found.index(a) < found.index(b):
                yield Substitute(f"{one} and {other} have changed places: you have exchanged them", exchanged(a, b))
            yield Substitute(f"{one} stands in the place of {other}", replaced(a, b))


def arranged(value: np.ndarray) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Changes of the order along the axes of an array."""
    found: dict[str, Callable[[np.ndarray], np.ndarray]] = {}
    if value.ndim == 2 and value.shape[0] == value.shape[1]:
        found["{} is transposed"] = np.transpose
        found["only the diagonal of {} counts"] = lambda a: a * np.eye(len(a))
    for axis in range(value.ndim):
        found[f"{{}} is read in reverse along axis {axis}"] = partial(np.flip, axis=axis)
        found[f"{{}} is read one place too early along axis {axis}"] = partial(np.roll, shift=1, axis=axis)
        found[f"{{}} is read one place too late along axis {axis}"] = partial(np.roll, shift=-1, axis=axis)
        found[f"all along axis {axis} of {{}} stands what is first"] = partial(repeated, axis=axis, place=0)
        found[f"all along axis {axis} of {{}} stands what is last"] = partial(repeated, axis=axis, place=-1)
    return found


def repeated(array: np.ndarray, axis: int, place: int) -> np.ndarray:
    """One position of an axis at all of them."""
    return np.repeat(np.take(array, [place], axis), array.shape[axis], axis)


def ends(value: np.ndarray) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """All True, or all False."""
    return {"all of {} is True": np.ones_like, "all of {} is False": np.zeros_like}


def one_changed(place: Place, change: Callable[[Any], Any]) -> Callable[[Inputs], Inputs | None]:
    """The inputs with one value changed."""

    def changed(inputs: Inputs) -> Inputs | None:
        value = value_at(inputs, place)
        if value is None:
            return None
        with np.errstate(all="ignore"):
            return with_value(inputs, place, change(value))

    return changed


def exchanged(a: Place, b: Place) -> Callable[[Inputs], Inputs | None]:
    """The inputs with two values of one shape exchanged."""

    def changed(inputs: Inputs) -> Inputs | None:
        one, other = value_at(inputs, a), value_at(inputs, b)
        return with_value(with_value(inputs, a, other), b, one) if alike(one, other) else None

    return changed


def replaced(a: Place, b: Place) -> Callable[[Inputs], Inputs | None]:
    """The inputs with the value at `a` at `b`, too."""

    def changed(inputs: Inputs) -> Inputs | None:
        one, other = value_at(inputs, a), value_at(inputs, b)
        return with_value(inputs, b, one) if alike(one, other) else None

    return changed


def alike(one: Any, other: Any) -> bool:
    """Whether two values can stand for each other: arrays of one shape and kind, or numbers of one type."""
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.shape == other.shape and one.dtype.kind == other.dtype.kind
    return type(one) is type(other) and isinstance(one, int | float) and not isinstance(one, bool)


def as_if(part: Part, evidence: Evidence) -> str:
    """For which other arguments a wrong part would be right in every case, as a sentence; "" for none."""
    if evidence.example is None:
        return ""
    case = evidence.cases[evidence.example]
    if any(pair.case is case and not pair.wrong for pair in part.pairs):
        case = part.wrong_pairs[-1].case
    ordered = sorted(part.pairs, key=lambda pair: pair.case is not case)
    for substitute in substitutes(case.inputs, evidence.arguments):
        if all(explains(substitute, part, pair, evidence) for pair in ordered):
            return f"It is what comes out when {substitute.says}"
    return ""


def explains(substitute: Substitute, part: Part, pair: Pair, evidence: Evidence) -> bool:
    """Whether a part is what the reference gives for changed inputs."""
    known = evidence.substituted  # a result has up to fifteen parts, and the reference gives all of them at once
    key = (substitute.says, id(pair.case))
    if key not in known:
        known[key] = with_substitute(substitute, pair.case.inputs, evidence)
    value = known[key].get(part.key)
    return value is not None and evidence.close(pair.mine, value)


def with_substitute(substitute: Substitute, inputs: Inputs, evidence: Evidence) -> dict[Any, np.ndarray | None]:
    """The parts of what the reference gives for changed inputs; none where it gives nothing."""
    try:
        changed = substitute.change(inputs)
        right = Failure("") if changed is None else evidence.reference(changed)
    except Exception:
        return {}  # no input that the exercise allows
    return {} if isinstance(right, Failure) else {key: value for key, _, value in pieces(right, right)}
