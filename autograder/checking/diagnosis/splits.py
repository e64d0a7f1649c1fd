"""Which value of an argument sets right cases from wrong ones: a word, a flag, a number, the order of two numbers."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator
from typing import Any

from .evidence import Evidence

Test = Callable[[tuple[Any, ...]], bool]


def set_apart(evidence: Evidence) -> str:
    """Which value of an argument has every wrong case and no right one, as a sentence; "" where none does."""
    wrong = [number in evidence.wrong for number in range(len(evidence.cases))]
    if wrong.count(True) < 2 or wrong.count(False) < 2:
        return ""
    for words, test in tests(evidence):
        if [test(case.inputs) for case in evidence.cases] == wrong:
            return f"It is wrong when {words}, and right otherwise."
    return ""


def wrong_for_some(evidence: Evidence) -> str:
    """For which values of an argument alone the answer is wrong, as a sentence; "" where there is none."""
    for words, test in tests(evidence):
        holds = [test(case.inputs) for case in evidence.cases]
        if holds.count(False) > 1 and all(holds[number] for number in evidence.wrong):
            return f"In the hidden cases it is wrong only when {words}."
    return ""


def tests(evidence: Evidence) -> Iterator[tuple[str, Test]]:
    """What can be said of the arguments of a case."""
    numbers = []
    for place, name in enumerate(evidence.arguments):
        values = [case.inputs[place] for case in evidence.cases if place < len(case.inputs)]
        if len(values) < len(evidence.cases):
            continue
        if all(isinstance(value, str | bool) for value in values):
            for value in sorted(set(values), key=repr):
                yield f"`{name}` is {value!r}", compared(place, operator.eq, value)
        elif all(is_whole(value) for value in values):
            numbers.append((place, name))
            yield f"`{name}` is more than one", compared(place, operator.gt, 1)
            yield f"`{name}` is one", compared(place, operator.eq, 1)
    for (i, one), (j, other) in itertools.permutations(numbers, 2):
        yield f"`{one}` is larger than `{other}`", of_both(i, operator.gt, j)
        yield f"`{one}` is not smaller than `{other}`", of_both(i, operator.ge, j)


def compared(place: int, relation: Callable[[Any, Any], bool], value: Any) -> Test:
    """Whether an argument is related so to a value."""
    return lambda inputs: relation(inputs[place], value)


def of_both(one: int, relation: Callable[[Any, Any], bool], other: int) -> Test:
    """Whether two arguments are related so."""
    return lambda inputs: relation(inputs[one], inputs[other])


def is_whole(value: Any) -> bool:
    """Whether an argument is one whole number."""
    return isinstance(value, int) and not isinstance(value, bool)
