"""Fills a mark into the table that a platform has written, and that it takes back.

Which table it is, its header says:

**Moodle's grading worksheet** (an assignment's *Download grading worksheet*; its *Offline grading worksheet* feedback
type has to be on). First column "Participant 123456", then among others Full name, Email address, Status, Grade,
Maximum Grade, Grade can be changed, Last modified (submission), Last modified (grade), Feedback comments. Moodle finds
a row by the number at the end of its first cell, takes a grade between 0 and the maximum in the decimals of the
teacher's language (`unformat_float`), skips what was graded since "Last modified (grade)", and needs the columns
Identifier, Grade and Last modified (grade) by these names. Source: moodle/moodle,
`mod/assign/feedback/offline/importgradeslib.php` and `locallib.php`.

**Moodle's gradebook** (*Grades, Export, Plain text file*, and back by *Import, CSV file*). A row is found by the column
that the teacher maps to ID number, email address or username; each assignment is a column; an empty cell or "-" means
no grade; one row of somebody whom Moodle does not know ends the whole import. Source: docs.moodle.org, *Grade import*,
and moodle/moodle, `grade/import/csv/classes/load_data.php`.

**Canvas's gradebook** (*Grades, Export*, and back by *Import*). Columns Student (or LastName, FirstName), ID, with
them perhaps SIS User ID, SIS Login ID, Integration ID, Root Account, then Section, then assignments as "Title (id)";
below the header perhaps a row about posting, then the row that begins with "Points Possible", in which "(read only)"
says which columns are never taken back. "EX" is excused, "N/A" not assigned. Canvas finds a row by its ID, takes a
decimal point or comma, and changes only cells that differ. Source: instructure/canvas-lms,
`lib/gradebook_importer.rb` and `lib/gradebook_exporter.rb`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..handed_in.platforms import Entry
from .marks import Mark
from .roster import People
from .sheet import Sheet

OURS = "Points: "
"""How a feedback comment of ours begins: what is found so may be replaced."""
WORKSHEET = "Moodle's grading worksheet"
MOODLE_OTHERS = ("ID number", "Email address", "Username")
CANVAS_OTHERS = ("SIS Login ID", "SIS User ID", "Integration ID")
CANVAS_TOTALS = re.compile(r"(Current|Final|Override) (Score|Points|Grade|Status)")


class CannotFill(Exception):
    """The marks do not go into this table. The text says why, and what to do."""


@dataclass
class Filled:
    """What was done to a table."""

    kind: str
    column: str
    filled: int = 0
    waiting: list[str] = field(default_factory=list)
    """Students who have answers that a person has not marked yet: their cells are left as they were."""
    left: dict[str, str] = field(default_factory=dict)
    """Other students whose cells are left as they were, and why."""
    unknown: int = 0
    """Rows of people who have no mark here."""
    absent: list[str] = field(default_factory=list)
    """Students with a mark for whom the table has no row."""


def fill(
    sheet: Sheet,
    marks: Mapping[str, Mark],
    roster: list[Entry],
    assignment: str,
    *,
    column: str = "",
    scale: bool = False,
    unfinished: bool = False,
) -> Filled:
    """Write `marks` into the column of `assignment`, or into the one of that name. Raises CannotFill.

    A mark is scaled to the platform's maximum only with `scale`; without, the two have to be the same. Who still waits
    for a person is left out unless `unfinished`.
    """
    table = _Table.of(sheet, assignment, column)
    people = People.of(roster, table.platform, assignment, {student: mark.email for student, mark in marks.items()})
    done = Filled(table.kind, sheet.header[table.grade])
    comma = sheet.decimal_comma([table.grade, *([table.maximum] if table.maximum is not None else [])])
    rows = _rows(table, people, done)
    for student, row in rows.items():
        _check_maximum(table, row, marks[student], scale)
    for student, row in rows.items():
        mark, why = marks[student], table.locked(row)
        if mark.waiting and not unfinished:
            done.waiting.append(student)
        elif why:
            done.left[student] = why
        else:
            top = table.top(row)
            value = mark.mark * top / mark.max_points if scale and top and mark.max_points else mark.mark
            text = f"{value:.2f}".rstrip("0").rstrip(".")
            sheet.fill(row, table.grade, text.replace(".", ",") if comma else text)
            if table.comment is not None and _may_replace(sheet.text(row, table.comment)):
                sheet.fill(row, table.comment, comment(mark))
            done.filled += 1
    done.absent = sorted(set(marks) - set(rows) - set(done.left))
    return done


def comment(mark: Mark) -> str:
    """What a feedback comment says."""
    text = f"{OURS}{mark.points:g} of {mark.max_points:g}."
    if mark.late:
        text += f" {mark.late} That is {mark.penalty:g} points less, and leaves {mark.mark:g}."
    return text


def _may_replace(old: str) -> bool:
    """Whether a comment is none, or one of ours, perhaps as Moodle's editor has wrapped it."""
    return not old or re.sub(r"<[^>]*>", "", old).strip().startswith(OURS)


def _rows(table: _Table, people: People, done: Filled) -> dict[str, int]:
    """The row of each student. One who seems to have two gets no mark in either."""
    found: dict[str, int] = {}
    twice = set()
    for row in table.people():
        student = people.find(*table.identity(row))
        if not student:
            done.unknown += 1
        elif student in found:
            twice.add(student)
        else:
            found[student] = row
    done.left |= dict.fromkeys(sorted(twice), "several rows are this student's")
    return {student: row for student, row in found.items() if student not in twice}


def _check_maximum(table: _Table, row: int, mark: Mark, scale: bool) -> None:
    top = table.top(row)
    if scale and top is None:
        raise CannotFill("The table names no maximum, so --scale has nothing to convert to: leave it out.")
    if top is not None and not scale and abs(top - mark.max_points) > 1e-6:
        raise CannotFill(
            f"The platform's maximum is {top:g}, and {mark.assignment} has {mark.max_points:g} points. Set the maximum "
            "there to the same, or use --scale: then marks are converted."
        )


@dataclass(frozen=True)
class _Table:
    """Which column is what."""

    sheet: Sheet
    kind: str
    platform: str
    grade: int
    maximum: int | None = None
    comment: int | None = None
    changeable: int | None = None

    @classmethod
    def of(cls, sheet: Sheet, assignment: str, column: str) -> _Table:
        header = sheet.header
        if "Section" in header and "ID" in header and header[0] in ("Student", "LastName"):
            first = header.index("Section") + 1
            found = [n for n in range(first, len(header)) if not CANVAS_TOTALS.search(header[n])]
            grade = _choose(header, found, assignment, column)
            if "read only" in _points_possible(sheet, grade):
                raise CannotFill(f'Canvas does not take back the column "{header[grade]}": it is read only.')
            return cls(sheet, "Canvas's gradebook", "canvas", grade)
        if "Grade" in header and "Last modified (grade)" in header:
            at = {name.casefold(): n for n, name in enumerate(header)}  # versions of Moodle differ in capitals
            grade = _choose(header, [], assignment, column or "Grade")
            return cls(
                sheet,
                WORKSHEET,
                "moodle",
                grade,
                at.get("maximum grade"),
                at.get("feedback comments"),
                at.get("grade can be changed"),
            )
        if any(name in header for name in MOODLE_OTHERS) or column:
            found = [n for n, name in enumerate(header) if name.endswith(")") or name == assignment]
            grade = _choose(header, found, assignment, column)
            return cls(sheet, "Moodle's gradebook", "moodle", grade)
        raise CannotFill(
            "This is neither Canvas's gradebook (Student, ID, …, Section, …), nor Moodle's grading worksheet "
            "(Identifier, …, Grade, …, Last modified (grade), …), nor Moodle's gradebook (…, ID number or Email "
            "address, …). Moodle writes the headings in your own language: set that to English, and download it again."
        )

    def people(self) -> list[int]:
        """The rows that are about somebody."""
        rows = range(1, len(self.sheet.rows))
        if self.platform == "canvas":
            named = [n for n in rows if self._named(n, "ID") or self.sheet.text(n, 0)]
            return [n for n in named if not self.sheet.text(n, 0).startswith("Points Possible")]
        return [n for n in rows if any(map(str.strip, self.sheet.rows[n]))]

    def identity(self, row: int) -> tuple[str, str, list[str]]:
        """The platform's number of a person, their full name, and what else identifies them."""
        if self.platform == "canvas":
            name = self._named(row, "Student") or f"{self._named(row, 'FirstName')} {self._named(row, 'LastName')}"
            last, comma, first = name.partition(",")
            name = f"{first} {last}" if comma else name
            return self._named(row, "ID"), name, [self._named(row, one) for one in CANVAS_OTHERS]
        others = [self._named(row, one) for one in MOODLE_OTHERS]
        if self.kind == WORKSHEET:
            number = re.search(r"\d+$", self.sheet.text(row, 0))
            return number[0] if number else "", self._named(row, "Full name"), others
        return "", f"{self._named(row, 'First name')} {self._named(row, 'Last name')}", others

    def top(self, row: int) -> float | None:
        """The platform's maximum for this row; None where it says none."""
        if self.platform == "canvas":
            return _number(_points_possible(self.sheet, self.grade))
        return _number(self.sheet.text(row, self.maximum)) if self.maximum is not None else None

    def locked(self, row: int) -> str:
        """Why the platform takes no mark in this row; "" where it does."""
        if self.platform == "canvas" and self.sheet.text(row, self.grade) in ("EX", "N/A"):
            return {"EX": "excused there", "N/A": "not assigned there"}[self.sheet.text(row, self.grade)]
        if self.changeable is not None and self.sheet.text(row, self.changeable) == "No":
            return "the grade cannot be changed there"
        return ""

    def _named(self, row: int, name: str) -> str:
        header = self.sheet.header
        return self.sheet.text(row, header.index(name)) if name in header else ""


def _choose(header: list[str], candidates: list[int], assignment: str, column: str) -> int:
    """The column of that name, or else the candidate whose title is the assignment's name, or alone contains it."""
    if column:
        if header.count(column) == 1:
            return header.index(column)
        raise CannotFill(f'There is no column "{column}": there are {", ".join(filter(None, header))}.')
    titles = {n: re.sub(r" \([^()]*\)$", "", header[n]).removeprefix("Assignment: ").casefold() for n in candidates}
    name = assignment.casefold()
    exact = [n for n, title in titles.items() if title == name]
    found = exact or [n for n, title in titles.items() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", title)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f'"{header[n]}"' for n in candidates) or "none"
    raise CannotFill(f"Which column is {assignment}? Say it with --column. There are: {listed}.")


def _points_possible(sheet: Sheet, column: int) -> str:
    rows = (n for n in range(1, min(len(sheet.rows), 4)) if sheet.text(n, 0).startswith("Points Possible"))
    return next((sheet.text(n, column) for n in rows), "")


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
