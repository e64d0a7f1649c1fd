"""The student's function called again: with one argument at zero or at one, or with one example changed.

Every call crosses a pipe, so there are few, and none once something has been found.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..calling import call, failure_name, perturbed
from ..drawing import Inputs
from ..failed import Interrupted
from .evidence import Evidence, pieces
from .substitutes import Place, alike, called, is_floats, places, value_at, with_value

CALLS = 16
"""How often the student's function is called again at most."""
SECONDS = 1.0
"""No call is begun after that: who computes slowly still gets a verdict."""
NEAR = 0.02
"""How far from zero all numbers are for which tanh is nearly a straight line, and far enough to see all the rest."""
End = tuple[str, Callable[[np.ndarray], np.ndarray]]
"""What an argument is turned into, in words and in numbers."""
ZERO: End = ("{} is zero", np.zeros_like)
ONE: End = ("every number in {} is one", np.ones_like)


class Caller:
    """Calls the student's function, for as long as there are calls left."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function, self._left, self._until = function, CALLS, time.monotonic() + SECONDS

    def __call__(self, inputs: Inputs) -> Any:
        """The result, or None where there is none: it stopped, or no call is left.

        Raises `Interrupted` where the process is gone, and NotImplementedError as the student does.
        """
        if not self._left or time.monotonic() > self._until:
            return None
        self._left -= 1
        try:
            return call(self._function, inputs)[0]
        except (Interrupted, NotImplementedError):
            raise
        except Exception as error:
            if failure_name(error) == "NotImplementedError":
                raise
            return None


def probed(evidence: Evidence, function: Callable[..., Any]) -> Iterator[str]:
    """What further calls tell, the plainest first: sentences without their points."""
    if evidence.example is None or may_be_chance(evidence.expected[evidence.example]):
        return
    again = Caller(function)
    case = evidence.cases[evidence.example]
    for axis, size in enumerate(("batch", "time")):
        if size in case.sizes and (found := mixed(evidence, again, axis, case.sizes[size])):
            yield found
    yield from near_zero(evidence, again)
    yield from at_an_end(evidence, again, ZERO)
    yield from of_no_effect(evidence, again)
    yield from made_equal(evidence, again)
    yield from at_an_end(evidence, again, ONE)


def at_an_end(evidence: Evidence, again: Caller, end: End) -> Iterator[str]:
    """Whether the answer is right, or still the same, with one argument changed, for each in turn."""
    assert evidence.example is not None
    inputs = evidence.cases[evidence.example].inputs
    for place in places(inputs):
        if is_floats(value_at(inputs, place)):
            yield from one_at_an_end(evidence, again, place, end)


def one_at_an_end(evidence: Evidence, again: Caller, place: Place, end: End) -> Iterator[str]:
    """The same for one argument."""
    assert evidence.example is not None
    inputs, mine = evidence.cases[evidence.example].inputs, evidence.results[evidence.example]
    words, change = end
    changed = with_value(inputs, place, change(value_at(inputs, place)))
    right = expected(evidence, changed)
    if right is None or not tells(evidence, changed, right):
        return
    result = again(changed)
    if result is None:
        return
    name = called(place, evidence.arguments)
    if agree(evidence, result, right):
        yield f"It becomes right when {words.format(name)}: look at what you do with {name}"
    elif (
        finite(mine)
        and agree(evidence, result, mine)
        and not agree(evidence, right, evidence.expected[evidence.example])
    ):
        yield f"{name} has no effect on your result"


def near_zero(evidence: Evidence, again: Caller) -> Iterator[str]:
    """Whether the answer is right where every function is nearly straight."""
    assert evidence.example is not None
    inputs = changed = evidence.cases[evidence.example].inputs
    for place in places(inputs):
        if is_floats(value := value_at(inputs, place)):
            changed = with_value(changed, place, NEAR * value)
    right = expected(evidence, changed)
    if changed is inputs or right is None or vanishes(evidence, right):
        return
    if tells(evidence, changed, right):
        result = again(changed)
        if result is not None and agree(evidence, result, right):
            yield "It becomes right when all numbers are close to zero: look at the activation, or what else bends"


def vanishes(evidence: Evidence, right: Any) -> bool:
    """Whether some part of a result is zero as far as can be told, like a product of four numbers close to zero."""
    values = [value for _, value, _ in pieces(right, right) if value is not None]
    return any(evidence.close(np.zeros_like(value), value) for value in values)


def of_no_effect(evidence: Evidence, again: Caller) -> Iterator[str]:
    """Which single numbers among the arguments change nothing, where they should."""
    assert evidence.example is not None
    inputs, mine = evidence.cases[evidence.example].inputs, evidence.results[evidence.example]
    for place in places(inputs):
        value = value_at(inputs, place)
        if not isinstance(value, int | float) or isinstance(value, bool):
            continue
        # Once may be chance where a result is rounded.
        changes = [with_value(inputs, place, other) for other in (value + 1, 2 * value + 1)]
        rights = [expected(evidence, changed) for changed in changes]
        before = evidence.expected[evidence.example]
        if any(right is None or agree(evidence, right, before) for right in rights) or not finite(mine):
            continue
        if all((result := again(changed)) is not None and agree(evidence, result, mine) for changed in changes):
            yield f"{called(place, evidence.arguments)} has no effect on your result"


def made_equal(evidence: Evidence, again: Caller) -> Iterator[str]:
    """Whether the answer is right when two arguments are the same: then one stands where the other belongs."""
    assert evidence.example is not None
    inputs = evidence.cases[evidence.example].inputs
    found = [place for place in places(inputs) if place[1] is None]
    for a, b in itertools.combinations(found, 2):
        if not alike(value_at(inputs, a), value_at(inputs, b)):
            continue
        for source, target in ((a, b), (b, a)):
            changed = with_value(inputs, target, value_at(inputs, source))
            right = expected(evidence, changed)
            if right is None or not tells(evidence, changed, right):
                continue
            result = again(changed)
            if result is not None and agree(evidence, result, right):
                one, other = called(a, evidence.arguments), called(b, evidence.arguments)
                yield f"It becomes right when {one} and {other} are the same: you use one where the other belongs"
            break


def finite(result: Any) -> bool:
    """Whether a result has numbers, and none of them is without bound."""
    parts = [value for _, value, _ in pieces(result, result)]
    return bool(parts) and all(value is not None and np.isfinite(value).all() for value in parts)


def may_be_chance(right: Any) -> bool:
    """Whether a result is a few small whole numbers, such as an index: these agree by chance."""
    found = [value.ravel().astype(float) for _, value, _ in pieces(right, right) if value is not None]
    values = np.concatenate(found) if found else np.zeros(0)
    return values.size < 4 and bool((values == np.round(values)).all() and (np.abs(values) < 20).all())


def expected(evidence: Evidence, inputs: Inputs) -> Any:
    """What is right for these inputs; None where that is nothing."""
    try:
        right = evidence.reference(inputs)
    except Exception:
        return None
    return right if finite(right) else None


def tells(evidence: Evidence, inputs: Inputs, right: Any) -> bool:
    """Whether being right for these inputs says anything: the result is not zero, and still depends on something."""
    if not any(value is not None and (value != 0).any() for _, value, _ in pieces(right, right)):
        return False
    for _, other in perturbed(inputs):
        found = expected(evidence, other)
        if found is not None and not agree(evidence, found, right):
            return True
    return False


def agree(evidence: Evidence, one: Any, other: Any) -> bool:
    """Whether two results are the same."""
    pairs = list(pieces(one, other))
    return bool(pairs) and all(a is not None and b is not None and evidence.close(a, b) for _, a, b in pairs)


MIXED = (
    "Changing one example changes your result for the others: examples have nothing to do with each other",
    "Changing the last step changes your result at earlier steps: no step can look ahead",
)


def mixed(evidence: Evidence, again: Caller, axis: int, size: int) -> str:
    """Whether what stands last along an axis of the arguments changes the result before it, where it should not."""
    assert evidence.example is not None
    case = evidence.cases[evidence.example]
    inputs = case.inputs
    number = next((n for n, value in enumerate(inputs) if has_axis(value, axis, size)), None)
    if size < 2 or number is None:
        return ""
    value = np.array(inputs[number])
    np.moveaxis(value, axis, 0)[-1] += 0.5
    changed = with_value(inputs, (number, None), value)
    right = expected(evidence, changed)
    before = evidence.expected[evidence.example]
    if right is None or not apart(evidence, right, before, axis, size):
        return ""
    result = again(changed)
    mine = evidence.results[evidence.example]
    if result is None or apart(evidence, result, mine, axis, size) is not False:
        return ""
    return MIXED[axis]


def has_axis(value: Any, axis: int, size: int) -> bool:
    """Whether an argument has that many positions along an axis."""
    return is_floats(value) and value.ndim > max(1, axis) and value.shape[axis] == size


def apart(evidence: Evidence, one: Any, other: Any, axis: int, size: int) -> bool | None:
    """Whether two results differ at the last position of an axis at most; None where no part has that axis."""
    found = None
    for _, a, b in pieces(one, other):
        if a is None or b is None or a.shape != b.shape:
            return None
        if a.ndim > axis and a.shape[axis] == size:
            same = evidence.close(np.moveaxis(a, axis, 0)[:-1], np.moveaxis(b, axis, 0)[:-1])
            found = same if found is None else found and same
    return found
