"""What came out of marking one notebook of one student."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from ..course.late import taken_off
from .verdict import Verdict


@dataclass
class Result:
    """What came out of one job: plain data and text."""

    student: str
    assignment: str
    notebook: str
    max_points: float
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unreadable: str = ""
    """Why the notebook could not be marked; empty where it was."""
    missing: bool = False
    """Whether nothing was handed in for it."""
    unchanged: list[str] = field(default_factory=list)
    """The answer cells that are as they were released."""
    late: str = ""
    """What lateness costs, in a sentence; empty where it costs nothing."""
    late_share: float = 0.0
    """The same as a share of the points: 0 to 1."""
    digest: str = ""
    autograded: str = ""
    feedback: str = ""

    @property
    def points(self) -> float:
        """The sum of the points."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def late_penalty(self) -> float:
        """What lateness takes off these points. Of points that a person adds it takes its share too."""
        return taken_off(self.points, self.late_share)

    def to_json(self) -> str:
        """The result without its pages."""
        record = asdict(self)
        del record["autograded"], record["feedback"]
        return json.dumps(record, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Result:
        """The opposite of `to_json`."""
        record: dict[str, Any] = json.loads(text)
        record["verdicts"] = [Verdict(**verdict) for verdict in record["verdicts"]]
        return cls(**record)
