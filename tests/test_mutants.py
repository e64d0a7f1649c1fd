"""A sample of the mutants of every right answer: each fails, or is the same function.

`make mutants` tries them all. The sample is every STRIDE-th, so that it covers every check.
"""

from __future__ import annotations

from tests.mutants import LEFT_OPEN, PASSES, all_mutants, fate_of

STRIDE = 60


def test_a_sample_of_the_thousands_fails() -> None:
    count, passing = 0, []
    for count, mutant in enumerate(all_mutants(), start=1):
        if count % STRIDE == 0 and fate_of(mutant) == PASSES:
            passing.append(mutant.name)
    assert passing == []
    assert count >= 3000


def test_every_rule_has_a_reason() -> None:
    for rule in LEFT_OPEN:
        assert rule["where"] and rule["change"] and rule["why"].endswith(".")
