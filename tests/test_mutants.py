"""A sample of the mutants of every right answer: each fails, or mutants.toml says why it is the same function.

`make mutants` tries them all. The sample is every STRIDE-th, so that it covers every check.
"""

from __future__ import annotations

import itertools

import pytest

from .mutants import EQUAL, all_mutants, passes, reason

STRIDE = 12
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_a_mutant_of_a_right_answer_fails(part: int) -> None:
    sample = list(itertools.islice(all_mutants(), part * STRIDE // PARTS, None, STRIDE))
    assert len(sample) > 100
    survivors = [mutant.name for mutant in sample if passes(mutant) and not reason(mutant)]
    assert survivors == []


def test_there_are_as_many_as_promised() -> None:
    assert sum(1 for _ in all_mutants()) >= 3000


def test_every_rule_has_a_reason() -> None:
    for rule in EQUAL:
        assert rule["where"] and rule["change"] and rule["why"].endswith(".")
