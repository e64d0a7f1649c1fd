"""What handing in late costs: the policy in the course's `late.toml`, and extensions in `grading/extensions.toml`.

Without `late.toml` nothing is ever taken off. With it, for example:

    timezone = "Europe/Vienna"      # of dates below that name none

    [every]                         # what holds for each assignment
    grace_minutes = 15              # so late counts as in time
    percent = 10                    # taken off the points reached, for each day or hour that has begun since it was due
    per = "day"                     # or "hour"
    most_percent = 50               # and never more than that
    cut_off_hours = 168             # later than that, nothing is left

    [lstm]                          # an assignment: when it is due, and whatever differs
    due = 2026-01-09T23:59:00

An extension is a new due date, for one student and one assignment. It stands in a file of its own, for `late.toml` is
for everybody to read, and who was granted what is not:

    [lstm]
    ada = 2026-01-12T23:59:00

nbgrader keeps due dates and extensions in its gradebook, where its formgrader shows them: `marks.deadlines` enters
these there, and nbgrader asks `marks.late_plugin` what to take off.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .folder import Course, NotACourse

UNITS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
KEYS = {"due", "grace_minutes", "percent", "per", "most_percent", "cut_off_hours"}
EVERY = "every"


class BadPolicy(NotACourse):
    """late.toml or extensions.toml says something that cannot be followed. The text says what, and where."""


@dataclass(frozen=True)
class Lateness:
    """How late one submission is, and what that costs."""

    share: float = 0.0
    """What is taken off, as a share of the points reached: 0 to 1."""
    words: str = ""
    """The same in a sentence for the student; empty where nothing is taken off."""


IN_TIME = Lateness()


@dataclass(frozen=True)
class Rule:
    """What holds for one assignment."""

    due: datetime | None = None
    """In UTC, without a time zone, as nbgrader has it; None where the assignment is never late."""
    grace: timedelta = timedelta()
    share: float = 0.0
    """For each unit that has begun."""
    unit: str = "day"
    most: float = 1.0
    cut_off: timedelta | None = None

    def lateness(self, handed_in: datetime | None, due: datetime | None) -> Lateness:
        """How late something is that was handed in then (UTC; None: nobody knows, which counts as in time)."""
        if handed_in is None or due is None or handed_in - due <= self.grace:
            return IN_TIME
        late = handed_in - due
        if self.cut_off is not None and late > self.cut_off:
            return Lateness(
                1.0, f"Handed in {duration(late)} late, when nothing counted any more: all points are lost."
            )
        share = min(math.ceil(late / UNITS[self.unit]) * self.share, self.most)
        if not share:
            return IN_TIME
        return Lateness(
            share, f"Handed in {duration(late)} late: {100 * share:g} % of the points reached are taken off."
        )


@dataclass(frozen=True)
class Policy:
    """What both files say."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    extensions: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """New due dates (UTC), by assignment and student."""

    def due(self, assignment: str, student: str) -> datetime | None:
        """When this student's work is due, in UTC. An extension can only help: an earlier date does not count."""
        rule = self.rules.get(assignment)
        if rule is None or rule.due is None:
            return None
        return max(rule.due, self.extensions.get((assignment, student), rule.due))

    def lateness(self, assignment: str, student: str, handed_in: datetime | None) -> Lateness:
        """How late a submission is."""
        rule = self.rules.get(assignment)
        return IN_TIME if rule is None else rule.lateness(handed_in, self.due(assignment, student))


def taken_off(points: float, share: float) -> float:
    """What lateness takes off `points`: hundredths of a point, rounded so that the student keeps the rest."""
    return math.floor(points * share * 100 + 1e-6) / 100


def duration(late: timedelta) -> str:
    """A time in words, in whole minutes that have begun: "2 days, 3 hours"."""
    minutes = math.ceil(late.total_seconds() / 60)
    parts = (minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute")
    return ", ".join(f"{n} {name}{'s' if n > 1 else ''}" for n, name in parts if n)


def read_policy(course: Course) -> Policy:
    """The course's policy; one that takes nothing off where there is no late.toml. Raises BadPolicy."""
    path = course.root / "late.toml"
    said = _read(path)
    if said is None:
        return Policy()
    zone = _zone(str(said.pop("timezone", "")), path.name)
    every = said.pop(EVERY, {})
    for name, table in {EVERY: every, **said}.items():
        if not isinstance(table, dict):
            raise BadPolicy(f"{path.name}: `{name}` stands outside of a table such as [{EVERY}] or [lstm].")
        if unknown := sorted(set(table) - KEYS):
            raise BadPolicy(f"{path.name}, [{name}]: nothing is known of {', '.join(unknown)}.")
    if unknown := sorted(set(said) - set(course.assignments)):
        raise BadPolicy(f"{path.name}: there is no assignment {', '.join(unknown)} in {course.solutions.name}/.")
    rules = {name: _rule({**every, **table}, f"{path.name}, [{name}]", zone) for name, table in said.items()}
    return Policy(rules, _extensions(course, rules, zone))


def _extensions(course: Course, rules: Mapping[str, Rule], zone: tzinfo | None) -> dict[tuple[str, str], datetime]:
    path = course.grading / "extensions.toml"
    found = {}
    for assignment, table in (_read(path) or {}).items():
        rule = rules.get(assignment)
        if rule is None or rule.due is None or not isinstance(table, dict):
            raise BadPolicy(f"{path.name}, [{assignment}]: late.toml names no `due` for such an assignment.")
        for student, due in table.items():
            found[assignment, student] = _moment(due, f"{path.name}, [{assignment}], {student}", zone)
    return found


def _rule(table: Mapping[str, Any], where: str, zone: tzinfo | None) -> Rule:
    unit = table.get("per", "day")
    if unit not in UNITS:
        raise BadPolicy(f'{where}: `per` is "day" or "hour", and not {unit!r}.')
    cut_off = _number(table, "cut_off_hours", where) if "cut_off_hours" in table else None
    return Rule(
        _moment(table["due"], f"{where}, due", zone) if "due" in table else None,
        timedelta(minutes=_number(table, "grace_minutes", where)),
        _number(table, "percent", where, most=100) / 100,
        unit,
        _number(table, "most_percent", where, usual=100, most=100) / 100,
        None if cut_off is None else timedelta(hours=cut_off),
    )


def _number(table: Mapping[str, Any], key: str, where: str, usual: float = 0, most: float = 1e6) -> float:
    value = table.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise BadPolicy(f"{where}: `{key}` is a number from 0 to {most:g}, and not {value!r}.")
    return float(value)


def _moment(value: Any, where: str, zone: tzinfo | None) -> datetime:
    if not isinstance(value, datetime):
        raise BadPolicy(f"{where}: a date is written with its time and without quotes, as 2026-01-09T23:59:00.")
    if value.tzinfo is None and zone is None:
        raise BadPolicy(
            f"{where}: in which time zone? Write it behind the time, as in 23:59:00+01:00, or `timezone` above."
        )
    return value.replace(tzinfo=value.tzinfo or zone).astimezone(UTC).replace(tzinfo=None)


def _zone(name: str, where: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadPolicy(f"{where}: {name!r} is the name of no time zone. One is Europe/Vienna.") from None


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPolicy(f"{path.name} cannot be read: {error}.") from None
