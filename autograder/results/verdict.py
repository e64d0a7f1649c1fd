"""The mark of one graded cell, and of one notebook."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Verdict:
    """The mark of one graded cell, and what the student is told."""

    grade_id: str
    points: float
    max_points: float
    kind: str
    """"right", "carried" (right for the student's own wrong function that it calls), "manual", or what is wrong:
    "misconception", "shape", "blank", "error", …"""
    message: str = ""
    misconception: str = ""
    section: str = ""
    blames: str = ""
    """The grade_id of the cell in which the cause lies, where it is another one."""

    @property
    def right(self) -> bool:
        """Whether the cell earned its points."""
        return self.kind in ("right", "carried")


@dataclass
class Marked:
    """One marked notebook."""

    verdicts: list[Verdict]
    outputs: dict[int, str] = field(default_factory=dict)
    """What each student cell printed, and the error it ended in, by its position."""
    notes: list[str] = field(default_factory=list)

    @property
    def points(self) -> float:
        """The sum."""
        return sum(verdict.points for verdict in self.verdicts)
