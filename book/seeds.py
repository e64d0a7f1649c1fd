"""The book's one rule for what is more than chance, and how it shows the seeds of an experiment."""

from __future__ import annotations

import math
from collections.abc import Iterable

SEEDS = range(8)
"""The seeds of an experiment, unless a page says otherwise."""
ERRORS = 3
"""How many standard errors above guessing an accuracy must lie to count as learned."""


def learned(accuracy: float, examples: int, guessing: float = 0.5) -> bool:
    """Whether an accuracy, measured on so many examples, is more than chance: three standard errors above guessing."""
    return accuracy > guessing + ERRORS * math.sqrt(guessing * (1 - guessing) / examples)


def one_seed_each(values: Iterable[float], digits: int = 2) -> str:
    """The values of all seeds in one line, smallest first: eight with two digits are as wide as a phone."""
    return " ".join(f"{value:.{digits}f}" for value in sorted(values))


def percent_each(shares: Iterable[float]) -> str:
    """The shares of all seeds in one line, in whole per cent, smallest first: narrow enough for a name in front."""
    return " ".join(f"{100 * share:2.0f}" for share in sorted(shares))
