"""Every verdict is the same under fifty secrets: what is right passes, and what is wrong fails and is named alike.

`test_checks.py` tries each answer through the check itself on a few seeds. Here the outcomes of all known answers are
computed once a secret and compared with each other, which proves the same of fifty.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.checking import FunctionCheck
from autograder.checking.calling import Failure, attempt
from autograder.checking.conditions import EQUAL, ORDINARY, one, size_names
from autograder.checking.drawing import seeded
from autograder.checks import every_check

SECRETS = [b"secret %d" % number for number in range(50)]
CHECKS = [
    pytest.param(check, id=f"{chapter}.{notebook}.{check.name}")
    for chapter, notebook, check in every_check()
    if isinstance(check, FunctionCheck)
]


def total(value: Any) -> float:
    """A number that two like outcomes share, but for rounding: cheap to compare."""
    if isinstance(value, dict):
        return sum(map(total, value.values()))
    if isinstance(value, tuple | list):
        return sum(map(total, value))
    if isinstance(value, np.ndarray | np.generic | int | float):
        return float(np.sum(value, dtype=float))
    return 0.0


def size(value: Any) -> float:
    """How large the rounding of `total` may be."""
    if isinstance(value, dict):
        return sum(map(size, value.values()))
    if isinstance(value, tuple | list):
        return sum(map(size, value))
    if isinstance(value, np.ndarray | np.generic | int | float):
        return float(np.sum(1 + np.abs(value), dtype=float))
    return 0.0


@pytest.mark.parametrize("check", CHECKS)
def test_every_verdict_is_the_same_under_fifty_secrets(check: FunctionCheck) -> None:
    verdicts: dict[str, set[tuple[str, ...]]] = {}
    for secret in SECRETS:
        with seeded(secret):
            cases = check.cases()
        expected = [check.expected(case.inputs) for case in cases]
        for right in check.also_right:
            for case, want in zip(cases, expected, strict=True):
                assert check.compare(attempt(right, case.inputs), want) == [], (right, case, secret)
        outcomes = {m.name: [attempt(m.wrong, case.inputs) for case in cases] for m in check.misconceptions}
        with np.errstate(all="ignore"):
            totals = {name: [total(outcome) for outcome in found] for name, found in outcomes.items()}
            sizes = {name: [size(outcome) for outcome in found] for name, found in outcomes.items()}
        for name, found in outcomes.items():
            pairs = zip(found, expected, strict=True)
            assert any(isinstance(got, Failure) or check.compare(got, want) for got, want in pairs), (name, secret)
            alike = tuple(
                other
                for other in outcomes
                if other == name
                or (
                    close(totals[name], totals[other], sizes[name])
                    and all(check.alike(a, b) for a, b in zip(outcomes[other], found, strict=True))
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


def close(mine: list[float], theirs: list[float], sizes: list[float]) -> bool:
    """Whether two lists of totals may belong to like outcomes. What is not finite is left to the closer look."""
    return not any(abs(a - b) > 1e-3 * bound for a, b, bound in zip(mine, theirs, sizes, strict=True))


@pytest.mark.parametrize("check", CHECKS)
def test_every_condition_has_its_case_under_every_secret(check: FunctionCheck) -> None:
    sizes = size_names(check.plan.draw)
    of_themselves = {one(name) for name in sizes} | ({EQUAL} if len(sizes) > 1 else set())
    wanted = {ORDINARY} | (of_themselves - set(check.plan.without)) | {condition.name for condition in check.conditions}
    for secret in SECRETS[:5]:
        with seeded(secret):
            assert wanted <= {case.condition for case in check.cases()}
    assert set(check.plan.without) <= of_themselves, "it leaves out what would not come"
