"""What came out of marking one notebook of one student."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from ..course.late import taken_off
from .verdict import Verdict

SLOW = 5


@dataclass
class Before:
    """How the same student did in the same notebook the last time it was otherwise."""

    points: dict[str, float]
    """By grade_id."""
    same_file: bool
    """Whether it was this very file, and what has changed is how it is marked."""


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
    made_of: dict[str, str] = field(default_factory=dict)
    """What it depends on, in parts; without any where an earlier version of the autograder has marked it."""
    file: str = ""
    """Stands for the bytes handed in: another file, another attempt."""
    slow: int = 0
    """Seconds that marking took, where it was SLOW or more: below that they say more of the machine."""
    attempts: int = 1
    """How many different files of this notebook were marked one after the other."""
    before: Before | None = None
    autograded: str = ""
    feedback: str = ""

    @property
    def points(self) -> float:
        """The sum of the points."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def waiting(self) -> float:
        """The most points that a person may still give."""
        return sum(verdict.max_points for verdict in self.verdicts if verdict.kind == "manual")

    def without_pages(self) -> Result:
        """The result as its record has it."""
        return replace(self, autograded="", feedback="")

    @property
    def late_penalty(self) -> float:
        """What lateness takes off these points. Of points that a person adds it takes its share too."""
        return taken_off(self.points, self.late_share)

    @property
    def by_question(self) -> dict[str, float]:
        """Points by grade_id."""
        return {verdict.grade_id: verdict.points for verdict in self.verdicts}

    def follow(self, earlier: Result) -> None:
        """Take over from the last result of the same student and notebook what is to be known of it."""
        self.attempts, self.before = earlier.attempts, earlier.before
        same_file = not self.file or earlier.file in ("", self.file)
        if earlier.missing or self.missing:
            self.before = None
        elif not same_file or earlier.by_question != self.by_question:
            self.before = Before(earlier.by_question, same_file)
            self.attempts += not same_file

    def to_json(self) -> str:
        """The result without its pages: a line for each entry, and for each verdict."""
        apart = ("verdicts", "autograded", "feedback")
        record = vars(self) | {"before": self.before and vars(self.before)}
        entries = {name: json.dumps(value) for name, value in record.items() if name not in apart}
        entries["verdicts"] = "[\n  " + ",\n  ".join(json.dumps(vars(one)) for one in self.verdicts) + "\n ]"
        return "{\n " + ",\n ".join(f'"{name}": {value}' for name, value in entries.items()) + "\n}\n"

    @classmethod
    def from_json(cls, text: str) -> Result:
        """The opposite of `to_json`. What another version has written in addition is passed over."""
        record: dict[str, Any] = json.loads(text)
        record["verdicts"] = [Verdict(**_known(Verdict, verdict)) for verdict in record["verdicts"]]
        before = record.get("before")
        record["before"] = Before(**_known(Before, before)) if before else None
        return cls(**_known(cls, record))


def _known(kind: type[Any], record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name in kind.__dataclass_fields__}
