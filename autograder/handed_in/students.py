"""Who the students are, by the list that the instructor has: a platform's own sheet as it was downloaded, or any table.

- **Moodle's grading worksheet** ("Download grading worksheet"): Identifier ("Participant 123456"), Full name, ID
  number, Email address, Last modified (submission), which says when each handed in. One for each assignment of Moodle.
- **Moodle's grade export**: First name, Last name (or Surname), ID number, Email address.
- **Canvas's gradebook export**: Student ("Lovelace, Ada"), ID (Canvas's), SIS User ID, SIS Login ID.
- **A table of one's own**: id; name, or first_name and last_name; email; moodle_id; canvas_id.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from .moment import NoMoment, parse_moment
from .platforms import CANVAS, MOODLE, Origin, squeezed

MAX_LIST = 20 << 20
"""Bytes of a list of students."""
IDS = (
    "id",
    "student id",
    "student",
    "sis user id",
    "id number",
    "username",
    "login",
    "sis login id",
    "email",
    "email address",
)
"""Columns that can hold the institution's id; the first that is filled does."""


class NotAList(Exception):
    """The file is no list of students. The text says what it lacks."""


@dataclass(frozen=True)
class Listed:
    """One line of a list."""

    student: str
    """The institution's id; "" where the list has none."""
    name: str
    moodle: str = ""
    canvas: str = ""
    sortable: str = ""
    """The name as Canvas squeezes it."""
    email: str = ""
    handed_in: datetime | None = None
    """When Moodle says that the submission was last changed, in UTC."""


@dataclass(frozen=True)
class StudentList:
    """All students that the instructor's lists name."""

    listed: tuple[Listed, ...] = ()

    @classmethod
    def read(cls, paths: Iterable[Path], zone: tzinfo | None = None) -> StudentList:
        """The lists together. `zone` is where Moodle's clock goes; None for this machine's. Raises NotAList,
        OSError."""
        return cls(tuple(one for path in paths for one in _read(path, zone)))

    def find(self, origin: Origin) -> tuple[Listed | None, bool]:
        """Who that is, and whether by the platform's own number; else by a name that one student alone has."""
        for one in self.listed:
            if origin.number and origin.number == {MOODLE: one.moodle, CANVAS: one.canvas}.get(origin.platform):
                return one, True
        name = plain_name(origin.name)
        if not name:
            return None, False
        found = {
            one.student or one.name: one
            for one in self.listed
            if name in (plain_name(one.name), one.student.casefold(), one.email.casefold())
            or (origin.platform == CANVAS and origin.name == one.sortable)
        }
        return (next(iter(found.values())), False) if len(found) == 1 else (None, False)


def plain_name(name: str) -> str:
    """A name without what differs between two ways to write it down."""
    return " ".join(name.casefold().replace("_", " ").split())


def _read(path: Path, zone: tzinfo | None) -> list[Listed]:
    data = path.read_bytes()[: MAX_LIST + 1]
    if len(data) > MAX_LIST:
        raise NotAList(f"{path} is larger than {MAX_LIST >> 20} MB: it is no list of students.")
    text = _decoded(data)
    heading = text.partition("\n")[0]
    separator = max(",;\t", key=heading.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise NotAList(f"{path} cannot be read as a table ({error}).") from None
    columns = [re.sub(r"[\s_]+", " ", one).strip().casefold() for one in rows[0]] if rows else []
    moodle, canvas = "identifier" in columns, "sis user id" in columns or "sis login id" in columns
    found = []
    for row in rows[1:]:
        cells = {column: cell.strip() for column, cell in zip(columns, row) if column}
        if any(cells.values()) and not cells.get("student", "").startswith("Points Possible"):
            found.append(_canvas(cells) if canvas else _other(cells, moodle, zone))
    if not any(one.name or one.moodle or one.canvas or one.student for one in found):
        raise NotAList(
            f"{path} names no student: its columns are {', '.join(columns)[:200] or 'none'}. Give Moodle's grading "
            "worksheet or Canvas's gradebook as downloaded, in English, or a table with the columns id, name, "
            "moodle_id, canvas_id."
        )
    return found


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", "replace")  # as a spreadsheet may have saved it


def _canvas(cells: dict[str, str]) -> Listed:
    last, _, first = cells.get("student", "").partition(",")
    student = _first(cells, ("sis user id", "sis login id"))
    name = f"{first.strip()} {last.strip()}".strip()
    return Listed(student, name, canvas=cells.get("id", ""), sortable=squeezed(cells.get("student", "")))


def _other(cells: dict[str, str], worksheet: bool, zone: tzinfo | None) -> Listed:
    first, last = cells.get("first name", ""), _first(cells, ("last name", "surname"))
    name = _first(cells, ("full name", "name")) or f"{first} {last}".strip()
    number = re.search(r"\d+$", cells.get("identifier", "")) if worksheet else None
    return Listed(
        _first(cells, IDS),
        name,
        moodle=number[0] if number else _first(cells, ("moodle id", "participant")),
        canvas=cells.get("canvas id", ""),
        sortable=squeezed(f"{last}{first}") if last else "",
        email=_first(cells, ("email", "email address")),
        handed_in=_moment(cells.get("last modified (submission)", ""), zone),
    )


def _first(cells: dict[str, str], columns: Sequence[str]) -> str:
    return next((cells[column] for column in columns if cells.get(column)), "")


def _moment(text: str, zone: tzinfo | None) -> datetime | None:
    """What Moodle writes, such as "Friday, 9 January 2026, 11:58 AM", by its own clock."""
    try:
        return parse_moment(text).replace(tzinfo=zone).astimezone(UTC)
    except (NoMoment, OverflowError, ValueError, OSError):
        return None
