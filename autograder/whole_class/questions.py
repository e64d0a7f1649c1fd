"""How hard each question was, and whether it tells who has understood the rest: classical test theory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ENOUGH = 20
"""Of fewer students nothing is said that rests on a correlation: it would be mostly chance."""
FEW = 5
"""Of fewer students it is not said either that a question is hard."""
HARD = 0.3
"""Share of the points below which a question is called hard."""
TELLS = 0.2
"""Discrimination from which on a question counts as telling: Ebel's rule of thumb calls less than that poor."""
COLUMNS = 40
"""How many columns a picture of the class has at most; in a larger class each stands for several students."""
SURE = 1.96
"""Standard errors on each side that hold the true value in 95 of 100 cases."""


@dataclass(frozen=True)
class Measured:
    """One question in numbers."""

    share: float
    """Points that the class has, of those it could have: 0 to 1. Testers call it difficulty."""
    students: int
    discrimination: float | None
    """Pearson's correlation of the points for this question with those for all others, -1 to 1. None where too few
    have handed in, where all have the same points, or where there is no other question."""
    low: float = 0.0
    high: float = 0.0
    """The interval that holds the discrimination of a much larger class in 95 of 100 cases (Fisher's z)."""
    columns: tuple[float, ...] = ()
    """Share of the points in each part of the class, those with most points first."""

    @property
    def remark(self) -> str:
        """Why the instructor should look at this question; "" where there is no reason, or too little is known."""
        if self.students >= FEW and self.share == 0:
            return "Nobody has a point here. Is the text clear, and does the test ask what it says?"
        if self.discrimination is not None and self.high < 0:
            return (
                "Those who do well in the rest do worse here: is there another right answer, or does the text mislead?"
            )
        if self.discrimination is not None and self.high < TELLS and 0.05 < self.share < 0.95:
            return "Points here say little of who has understood the rest: does it ask for something else?"
        if self.students >= FEW and self.share < HARD:
            return f"Hard: the class has {self.share:.0%} of the points."
        return ""


def measure(points: np.ndarray, most: np.ndarray) -> list[Measured]:
    """Every question of one notebook. `points` has a row for each student who handed in and a column for each
    question, `most` the points that each question is worth."""
    students, questions = points.shape
    if not students:
        return [Measured(0.0, 0, None) for _ in range(questions)]
    total = points.sum(axis=1)
    order = np.argsort(-total, kind="stable")
    parts = np.array_split(order, min(students, COLUMNS))
    found = []
    for number in range(questions):
        mine = points[:, number]
        worth = most[number] or 1.0
        columns = tuple(round(float(mine[part].mean() / worth), 3) for part in parts)
        discrimination = correlation(mine, total - mine) if students >= ENOUGH else None
        low, high = interval(discrimination, students) if discrimination is not None else (0.0, 0.0)
        found.append(Measured(float(mine.mean() / worth), students, discrimination, low, high, columns))
    return found


def correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Pearson's; None where one of them is the same for all."""
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / size if size > 1e-9 else None


def interval(correlation: float, students: int) -> tuple[float, float]:
    """Where the correlation of a much larger class lies in 95 of 100 cases."""
    middle = np.arctanh(np.clip(correlation, -0.999999, 0.999999))
    reach = SURE / np.sqrt(students - 3)
    return float(np.tanh(middle - reach)), float(np.tanh(middle + reach))


def histogram(shares: list[float], bins: int = 10) -> list[int]:
    """How many lie in each of `bins` equal parts of 0 to 1; the last part holds 1 too."""
    counts = [0] * bins
    for share in shares:
        counts[min(int(share * bins + 1e-9), bins - 1)] += 1
    return counts
