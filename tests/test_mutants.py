"""A sample of the mutants of every right answer: each fails, or is the same function.

`make mutants` tries them all. The sample is every STRIDE-th, so that it covers every check.
"""

from __future__ import annotations

import itertools

import pytest

from tests.mutants import LEFT_OPEN, PASSES, all_mutants, fate_of

STRIDE = 150
PARTS = 2


@pytest.mark.parametrize("part", range(PARTS))
def test_a_mutant_of_a_right_answer_fails(part: int) -> None:
    sample = list(itertools.islice(all_mutants(), part * STRIDE // PARTS, None, STRIDE))
    assert len(sample) > 20
    assert [mutant.name for mutant in sample if fate_of(mutant) == PASSES] == []


def test_there_are_as_many_as_promised() -> None:
    assert sum(1 for _ in all_mutants()) >= 3000


def test_every_rule_has_a_reason() -> None:
    for rule in LEFT_OPEN:
        assert rule["where"] and rule["change"] and rule["why"].endswith(".")
