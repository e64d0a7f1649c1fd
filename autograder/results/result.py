"""What came out of marking one notebook of one student."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

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
    made_of: dict[str, str] = field(default_factory=dict)
    """What it depends on, in parts; without any where an earlier version of the autograder has marked it."""
    autograded: str = ""
    feedback: str = ""

    @property
    def points(self) -> float:
        """The sum of the points."""
        return sum(verdict.points for verdict in self.verdicts)

    def without_pages(self) -> Result:
        """The result as its record has it."""
        return replace(self, autograded="", feedback="")

    def to_json(self) -> str:
        """The result without its pages."""
        record = asdict(self)
        del record["autograded"], record["feedback"]
        return json.dumps(record, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Result:
        """The opposite of `to_json`. What another version has written in addition is passed over."""
        record: dict[str, Any] = json.loads(text)
        record["verdicts"] = [Verdict(**_known(Verdict, verdict)) for verdict in record["verdicts"]]
        return cls(**_known(cls, record))


def _known(kind: type[Any], record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name in kind.__dataclass_fields__}
