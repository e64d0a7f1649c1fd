"""Marks as tables of our own: for a spreadsheet, and for a platform that has no table to fill yet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from ..course.spreadsheet import defused
from ..handed_in.platforms import Entry
from .marks import Mark

IDENTITIES = ("ID number", "Email address", "Username")
"""What Moodle's gradebook import can find a person by (`grade/import/csv/classes/load_data.php`)."""


def plain_csv(marks: Iterable[Mark], roster: Iterable[Entry] = ()) -> str:
    """One row a student and assignment. A cell that a spreadsheet would run as a formula is defused."""
    names = {entry.student: entry.full_name for entry in roster}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["student", "full_name", "assignment", "points", "late_penalty", "mark", "max_points", "waiting"])
    for mark in marks:
        numbers = (f"{number:g}" for number in (mark.points, mark.penalty, mark.mark, mark.max_points, mark.waiting))
        row = [mark.student, names.get(mark.student, ""), mark.assignment, *numbers]
        writer.writerow([defused(text) for text in row])
    return out.getvalue()


def moodle_csv(marks: Mapping[str, Mapping[str, Mark]], identity: str, unfinished: bool) -> tuple[str, dict[str, str]]:
    """Marks by assignment and student for Moodle's gradebook import, one column an assignment; and who is left out.

    People are found by `identity`: the email address that nbgrader's gradebook has of them, or else the name of their
    folder, which then has to be their ID number or username in Moodle. Moodle compares it letter by letter, so it can
    not be defused: who is called like a formula is left out. An empty cell is no mark yet.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([identity, *marks])
    left: dict[str, str] = {}
    for student in sorted({student for group in marks.values() for student in group}):
        mine = {name: group[student] for name, group in marks.items() if student in group}
        who = next(iter(mine.values())).email if identity == "Email address" else student
        if not who:
            left[student] = "nbgrader's gradebook has no email address of theirs"
        elif defused(who) != who:
            left[student] = "what they are called would be a formula in a spreadsheet"
        else:
            ready = (mine[n] if n in mine and (unfinished or not mine[n].waiting) else None for n in marks)
            writer.writerow([who, *("" if mark is None else f"{mark.mark:g}" for mark in ready)])
    return out.getvalue(), left
