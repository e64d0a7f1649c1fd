"""What has changed since each student's last attempt, or since the last time that the same files were marked."""

from __future__ import annotations

from dataclasses import dataclass

from ..results.result import Result

NOTHING = 1e-9
"""Points that are none, after sums."""


@dataclass(frozen=True)
class Changed:
    """One student's notebook whose points are others now."""

    student: str
    notebook: str
    points: float
    before: float


@dataclass(frozen=True)
class Changes:
    """What is new in a class."""

    again: int
    """Notebooks handed in more than once."""
    more: tuple[Changed, ...]
    same: int
    less: tuple[Changed, ...]
    remarked: tuple[Changed, ...]
    """The same file with other points, because checks or exercise have changed."""


def changes(results: list[Result]) -> Changes:
    """What has changed since the last attempt of each student in each notebook."""
    again, same = 0, 0
    more, less, remarked = [], [], []
    for result in results:
        again += result.attempts > 1
        if result.before is None:
            continue
        before = sum(result.before.points.values())
        one = Changed(result.student, f"{result.assignment}/{result.notebook}", result.points, before)
        if abs(result.points - before) < NOTHING:
            same += not result.before.same_file
        elif result.before.same_file:
            remarked.append(one)
        elif result.points > before:
            more.append(one)
        else:
            less.append(one)
    return Changes(again, tuple(more), same, tuple(less), tuple(remarked))
