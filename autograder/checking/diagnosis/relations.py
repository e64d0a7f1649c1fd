"""How a wrong result is related to the right one: turned round, shifted, scaled, in another order, of another shape.

A relation is told where it holds in every case in which the result can be compared, and is not trivial in all of them.
Whatever it finds is said in words; a number is never said.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..conditions import ORDINARY, plural
from .arrangements import along_an_axis, rearranged, reshaped, sized
from .evidence import Array, Close, Evidence, Pair, Part, in_all

ELEMENTWISE: dict[str, Callable[[Array], Array]] = {
    "It is the right result with the sign turned": np.negative,
    "It is the absolute value of the right result": np.abs,
    "It is the right result, rounded": np.round,
    "It is the right result, rounded down": np.floor,
    "It is the right result, rounded up": np.ceil,
    "It is the right result, rounded to one digit after the point": lambda a: np.round(a, 1),
    "It is the right result, rounded to two digits after the point": lambda a: np.round(a, 2),
    "It is the right result, rounded to three digits after the point": lambda a: np.round(a, 3),
    "It is one minus the right result": lambda a: 1 - a,
    "It is the right result minus one": lambda a: a - 1,
    "It is the right result plus one": lambda a: a + 1,
    "It is one over the right result": lambda a: 1 / a,
    "It is the square of the right result": np.square,
    "It is the square root of the right result": lambda a: np.sqrt(np.abs(a)),
    "It is the exponential of the right result": np.exp,
    "It is the logarithm of the right result": lambda a: np.log(np.abs(a)),
    "The right result goes through one more tanh": np.tanh,
    "The right result goes through one more sigmoid": lambda a: 0.5 + 0.5 * np.tanh(a / 2),
    "What is below zero has been cut off": lambda a: np.maximum(a, 0),
    "What is above zero has been cut off": lambda a: np.minimum(a, 0),
    "What is above one has been cut off": lambda a: np.minimum(a, 1),
    "What lies beyond -1 and 1 has been cut off": lambda a: np.clip(a, -1, 1),
}
"""What may have been done to each number of the right result. Each is tried the other way round, too: see `UNDONE`."""
UNDONE: dict[str, Callable[[Array], Array]] = {
    "It would be right with a tanh around it": np.tanh,
    "It would be right with a sigmoid around it": lambda a: 0.5 + 0.5 * np.tanh(a / 2),
    "It would be right with a square root around it": lambda a: np.sqrt(np.abs(a)),
    "It would be right with an exponential around it": np.exp,
    "It would be right with a logarithm around it": lambda a: np.log(np.abs(a)),
    "It would be right if it were cut off at zero": lambda a: np.maximum(a, 0),
    "It would be right if it were rounded down": np.floor,
    "It would be right as an absolute value": np.abs,
}


def relation(part: Part, evidence: Evidence) -> str:
    """How a wrong part is related to the right one, as a sentence without its point; "" where no relation is known."""
    usual = next((p.right.ndim for p in part.pairs if p.case.condition == ORDINARY), part.pairs[0].right.ndim)
    pairs = [pair for pair in part.pairs if pair.right.ndim == usual]
    if sum(pair.wrong for pair in pairs) < 2:
        return ""
    if any(pair.mine.shape != pair.right.shape for pair in pairs):
        return first_common(pairs, lambda pair: reshaped(part, pair, evidence.close))
    if any(pair.wrong and not np.isfinite(pair.mine).all() for pair in pairs):
        return ""
    if enough(pairs):
        found = (
            constant(pairs)
            or scaled(pairs, evidence)
            or first_common(pairs, lambda pair: elementwise(pair, evidence.close))
            or added(pairs, evidence)
        )
        if found:
            return found
    return first_common(pairs, lambda pair: rearranged(part, pair, evidence.close)) or along_an_axis(part, pairs)


def shape_alone(part: Part, evidence: Evidence) -> str:
    """What can be told of wrong shapes where the numbers tell nothing."""
    misshapen = [pair for pair in part.pairs if pair.mine.shape != pair.right.shape]
    ordinary = [pair for pair in misshapen if pair.case.condition == ORDINARY]
    misshapen = ordinary if len(ordinary) > 1 else misshapen  # in one case, a length fits another by accident
    return first_common(misshapen, lambda pair: sized(part, pair, evidence.arguments)) if misshapen else ""


def enough(pairs: list[Pair]) -> bool:
    """Whether so many different numbers are wrong that a relation between them is no accident."""
    wrong = [pair for pair in pairs if pair.wrong]
    return len({float(number) for pair in wrong for number in pair.right.flat}) >= 3


def first_common(pairs: list[Pair], relations: Callable[[Pair], Iterator[str]]) -> str:
    """The first relation that holds in every case."""
    # What holds where the answer is wrong is rare: look there first.
    ordered = sorted(pairs, key=lambda pair: not pair.wrong)
    with np.errstate(all="ignore"):
        return in_all(relations(pair) for pair in ordered)


def elementwise(pair: Pair, close: Close) -> Iterator[str]:
    """What has been done to each number, or is still to be done."""
    if pair.right.dtype.kind == "b":
        if pair.mine.dtype.kind == "b" and np.array_equal(pair.mine, ~pair.right):
            yield "True and False have changed places"
        return
    yield from (name for name, change in ELEMENTWISE.items() if close(pair.mine, change(pair.right)))
    yield from (name for name, change in UNDONE.items() if close(change(pair.mine), pair.right))


def constant(pairs: list[Pair]) -> str:
    """Whether all numbers of the result are alike where those of the right one are not."""
    wrong = [pair for pair in pairs if pair.wrong]
    if not all(pair.mine.size and np.ptp(pair.mine.astype(float)) == 0 for pair in wrong):
        return ""
    if all(np.allclose(pair.mine, 0, atol=1e-12) for pair in wrong) and any((pair.right != 0).any() for pair in wrong):
        return "It is zero everywhere: where is it filled"
    if sum(pair.mine.size > 2 and np.ptp(pair.right.astype(float)) > 0 for pair in wrong) > 1:
        return "All its numbers are the same"
    return ""


def scaled(pairs: list[Pair], evidence: Evidence) -> str:
    """By what the result is too large or too small, where that is one factor."""
    if any(pair.right.dtype.kind == "b" for pair in pairs):
        return ""
    telling = [pair for pair in pairs if (pair.right != 0).any()]
    factors = [float(np.vdot(pair.mine, pair.right) / np.vdot(pair.right, pair.right)) for pair in telling]
    for pair, factor in zip(telling, factors, strict=True):
        if factor == 0 or not evidence.close(pair.mine, factor * pair.right):
            return ""
    if len(telling) < 3 or all(np.isclose(factors, 1, rtol=1e-6)):
        return ""
    if np.allclose(factors, -1):
        return "It is the right result with the sign turned"
    if np.allclose(factors, 2):
        return "It is twice as large as it should be"
    if np.allclose(factors, 0.5):
        return "It is half as large as it should be"
    for words, values in amounts(telling, evidence):
        if np.allclose(factors, values):
            return f"It is too large by a factor: {words} is multiplied in once too often, or never divided by"
        if np.allclose(factors, [1 / value if value else 0 for value in values]):
            return f"It is too small by a factor: {words} is divided by once too often, or never multiplied in"
    if np.allclose(factors, factors[0]):
        return "It is the right result times one number, the same in every case"
    if all(pair.right.size > 2 for pair in telling):
        return "In each case all its numbers are off by one factor: what are they multiplied with or divided by"
    return ""


def added(pairs: list[Pair], evidence: Evidence) -> str:
    """What is too much or too little, where that is one term."""
    if any(pair.right.dtype.kind == "b" or not pair.right.size for pair in pairs):
        return ""
    gaps = [pair.mine - pair.right for pair in pairs]
    scale = [max(1e-9, 1e-6 * float(np.abs(pair.right).max())) for pair in pairs]
    if any(float(np.ptp(gap)) > size for gap, size in zip(gaps, scale, strict=True)):
        return ""
    terms = [float(gap.flat[0]) for gap in gaps]
    if len(terms) < 3:
        return ""
    if np.allclose(terms, terms[0], rtol=1e-6):
        return f"A constant is {'added' if terms[0] > 0 else 'taken away'}, the same in every case"
    for words, values in amounts(pairs, evidence):
        if np.allclose(terms, values):
            return f"It is too large by {words}"
        if np.allclose(terms, np.negative(values)):
            return f"It is too small by {words}"
    for words, values in amounts(pairs, evidence):
        if len(set(values)) > 2 and 0 not in values and np.allclose(np.divide(terms, values), terms[0] / values[0]):
            return f"It is too {'large' if terms[0] / values[0] > 0 else 'small'} by a multiple of {words}"
    if sum(pair.right.size > 2 for pair in pairs) > 2:
        return "In each case one term is added to all its numbers, or missing from all of them"
    return ""


def amounts(pairs: list[Pair], evidence: Evidence) -> Iterator[tuple[str, list[float]]]:
    """Numbers that a case has a word for: an argument that is one number, and how many of something there are."""
    inputs = [pair.case.inputs for pair in pairs]
    single = [
        (number, name)
        for number, name in enumerate(evidence.arguments)
        if all(number < len(given) and is_number(given[number]) for given in inputs)
    ]
    yield from ((f"`{name}`", [float(given[number]) for given in inputs]) for number, name in single)
    for size in pairs[0].case.sizes:
        if size not in evidence.arguments and all(size in pair.case.sizes for pair in pairs):
            yield f"the number of {plural(size)}", [float(pair.case.sizes[size]) for pair in pairs]
    for number, name in enumerate(evidence.arguments):
        if all(number < len(given) and is_flags(given[number]) for given in inputs):
            yield f"the number of True in `{name}`", [float(np.count_nonzero(given[number])) for given in inputs]
    for count in (2, 3):
        for chosen in itertools.combinations_with_replacement(single, count):
            words = " times ".join(f"`{name}`" for _, name in chosen)
            yield words, [math.prod(float(given[number]) for number, _ in chosen) for given in inputs]
    sizes = [size for size in pairs[0].case.sizes if all(size in pair.case.sizes for pair in pairs)]
    for one, other in itertools.combinations([size for size in sizes if size not in evidence.arguments], 2):
        values = [float(pair.case.sizes[one] * pair.case.sizes[other]) for pair in pairs]
        yield f"the number of {plural(one)} times the number of {plural(other)}", values


def is_flags(value: Any) -> bool:
    """Whether an argument is an array of True and False."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "b"


def is_number(value: Any) -> bool:
    """Whether an argument is one number."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
