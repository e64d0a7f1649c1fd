"""Every verdict is the same under fifty secrets: what is right passes, and what is wrong fails and is named alike.

`test_checks.py` tries each answer through the check itself on a few seeds. Here the outcomes of all known answers are
computed once a secret at most and compared with each other, which proves the same of fifty.

A right answer must also come out `CLOSER` than it has to: what one secret in a thousand draws too near a border, such
as a norm of 0.0003, fifty show that way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from autograder.checking import FunctionCheck
from autograder.checking.calling import Failure, attempt
from autograder.checking.compare import Difference, differences
from autograder.checking.conditions import AGAIN, EQUAL, ORDINARY, Case, one, size_names
from autograder.checking.drawing import seeded
from autograder.checks import every_check

SECRETS = [b"secret %d" % number for number in range(50)]
CLOSER = 5
"""So many times closer than they have to be are right answers to each other. Single precision is seven times closer."""
CHECKS = [
    pytest.param(check, id=f"{chapter}.{notebook}.{check.name}")
    for chapter, notebook, check in every_check()
    if isinstance(check, FunctionCheck)
]


def total(value: Any) -> tuple[float, float]:
    """A number that two like outcomes share, but for rounding, and how large that may be: cheap to compare."""
    if isinstance(value, dict | tuple | list):
        parts = [total(part) for part in (value.values() if isinstance(value, dict) else value)]
        return sum(part[0] for part in parts), sum(part[1] for part in parts)
    if isinstance(value, np.ndarray | np.generic | int | float):
        numbers = np.asarray(value, dtype=float)
        return float(np.add.reduce(numbers, axis=None)), float(np.add.reduce(1 + abs(numbers), axis=None))
    return 0.0, 0.0


def locked(value: Any) -> Any:
    """An argument in which nothing can be changed."""
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.flags.writeable = False
    elif isinstance(value, dict):
        value = MappingProxyType({key: locked(part) for key, part in value.items()})
    elif isinstance(value, list):
        value = tuple(locked(part) for part in value)
    return value


def outcome(wrong: Callable[..., Any], case: Case, arguments: list[Any]) -> Any:
    """What `attempt` gives. Few change their arguments: only who stops at locked ones is given copies."""
    try:
        with np.errstate(all="ignore"):
            return wrong(*arguments)
    except Exception:
        return attempt(wrong, case.inputs)


class Outcomes(Sequence[Any]):
    """What a wrong function gives in each case, computed where it is asked for: most are told apart by the first."""

    def __init__(self, wrong: Callable[..., Any], cases: list[Case], arguments: list[list[Any]]) -> None:
        self._wrong, self._cases, self._arguments = wrong, cases, arguments
        self._found: list[Any] = []

    def __len__(self) -> int:
        return len(self._cases)

    def __getitem__(self, number: Any) -> Any:
        if number >= len(self):
            raise IndexError(number)
        while len(self._found) <= number:
            place = len(self._found)
            self._found.append(outcome(self._wrong, self._cases[place], self._arguments[place]))
        return self._found[number]


@pytest.mark.parametrize("check", CHECKS)
def test_every_verdict_is_the_same_under_fifty_secrets(check: FunctionCheck) -> None:
    verdicts: dict[str, set[tuple[str, ...]]] = {}
    wrong = {m.name: m.wrong for m in check.misconceptions}
    for secret in SECRETS:
        with seeded(secret):
            cases = check.cases()
        cases.sort(key=lambda case: case.condition != ORDINARY)  # there most mistakes show
        arguments = [[locked(value) for value in case.inputs] for case in cases]
        expected = [check.expected(case.inputs) for case in cases]
        for right in check.also_right:
            for case, given, want in zip(cases, arguments, expected, strict=True):
                assert closely(check, outcome(right, case, given), want) == [], (right, case, secret)
        known = {name: Outcomes(function, cases, arguments) for name, function in wrong.items()}
        with np.errstate(all="ignore"):
            totals = {name: total(found[0]) for name, found in known.items()}
        for name, found in known.items():
            pairs = zip(found, expected, strict=True)
            assert any(isinstance(got, Failure) or check.compare(got, want) for got, want in pairs), (name, secret)
            alike = tuple(
                other
                for other in known
                if other == name
                or (
                    close(totals[name], totals[other])
                    and all(check.alike(a, b) for a, b in zip(known[other], found, strict=True))
                )
            )
            verdicts.setdefault(name, set()).add(alike)
    flickering = {name: seen for name, seen in verdicts.items() if len(seen) > 1}
    assert not flickering, "told apart under one secret, and not under another"
    declared = {m.name: m.same_as for m in check.misconceptions}
    for name, seen in verdicts.items():
        for other in next(iter(seen)):
            assert other == name or declared[name] == other or declared[other] == name, (
                f"{name} and {other} give the same"
            )


def closely(check: FunctionCheck, result: Any, want: Any) -> list[Difference]:
    """What is wrong with `result` where much less may be than the check allows."""
    rtol, atol = check.rtol / CLOSER, check.atol / CLOSER
    return differences(result, want, check.outputs, rtol=rtol, atol=atol, exact_type=check.exact_type)


def close(mine: tuple[float, float], theirs: tuple[float, float]) -> bool:
    """Whether two totals may belong to like outcomes. What is not finite is left to the closer look."""
    return not abs(mine[0] - theirs[0]) > 1e-3 * mine[1]


@pytest.mark.parametrize("check", CHECKS)
def test_every_condition_has_its_case_under_every_secret(check: FunctionCheck) -> None:
    sizes = size_names(check.plan.draw)
    of_themselves = {one(name) for name in sizes} | ({EQUAL} if len(sizes) > 1 else set())
    wanted = {ORDINARY} | (of_themselves - set(check.plan.without)) | {condition.name for condition in check.conditions}
    for secret in SECRETS[:5]:
        with seeded(secret):
            cases = check.cases()
        assert wanted <= {case.condition for case in cases}
        twice = [(before, case) for before, case in pairwise(cases) if case.condition == AGAIN]
        assert len(twice) == bool(sizes) and all(before.sizes == case.sizes for before, case in twice)
    assert set(check.plan.without) <= of_themselves, "it leaves out what would not come"
