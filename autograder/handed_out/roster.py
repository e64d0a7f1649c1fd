"""Who a student is on the platform: what `collect` has kept in grading/platform.csv, one row for each file it took.

Columns: student (the folder in grading/submitted), full_name, platform ("moodle" or "canvas"), platform_id (Moodle's
participant number, Canvas's user id), assignment, notebook, entry (the path inside the download, as it came).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields

from ..course.folder import Course
from ..handed_in.platforms import Entry

COLUMNS = tuple(column.name for column in fields(Entry))


class NoRoster(Exception):
    """Nothing is known of who the students are on the platform. The text says what to do."""


def read_roster(course: Course) -> list[Entry]:
    """All that was collected; nothing where `collect` was never used. Raises NoRoster where the file is damaged."""
    path = course.grading / "platform.csv"
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
                raise NoRoster(
                    f"{path} lacks the column {', '.join(missing)}. `python -m autograder collect` writes it."
                )
            return [Entry(**{name: row[name] or "" for name in COLUMNS}) for row in rows]
    except FileNotFoundError:
        return []
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoRoster(f"{path} cannot be read: {error}.") from None


@dataclass(frozen=True)
class People:
    """Finds the student that a row of a platform's table is about."""

    by_id: dict[str, str]
    by_name: dict[str, str]
    by_email: dict[str, str]
    students: frozenset[str]

    @classmethod
    def of(cls, roster: Iterable[Entry], platform: str, assignment: str, emails: dict[str, str]) -> People:
        """Those with marks, by what the platform calls them. A name that two share names neither.

        Moodle's participant numbers differ between assignments, so only those of `assignment` count.
        """
        here = [e for e in roster if e.platform == platform and e.student in emails]
        ids = [(e.platform_id, e.student) for e in here if platform != "moodle" or e.assignment == assignment]
        return cls(
            _unique(ids),
            _unique((_folded(e.full_name), e.student) for e in here),
            _unique((_folded(email), student) for student, email in emails.items()),
            frozenset(emails),
        )

    def find(self, number: str, name: str, others: Iterable[str]) -> str:
        """Whose row has this number, this full name, and these other identifiers; "" where nobody can tell.

        The number decides. What else identifies people does where the table or `collect` has no numbers.
        """
        if number and self.by_id:
            return self.by_id.get(number, "")
        for text in others:
            if text in self.students:
                return text
            if found := self.by_email.get(_folded(text), ""):
                return found
        return self.by_name.get(_folded(name), "")


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for key, student in pairs:
        if key:
            found.setdefault(key, set()).add(student)
    return {key: next(iter(students)) for key, students in found.items() if len(students) == 1}


def _folded(text: str) -> str:
    """A name as people compare it: without regard to case and space."""
    return " ".join(text.split()).casefold()
