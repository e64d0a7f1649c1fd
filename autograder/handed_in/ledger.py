"""What `collect` and `watch` have taken in, kept for good: every file by its content, and one line about each entry.

    grading/collected/files/SHA256.ipynb   each file that came, once, as it came
    grading/collected/entries.jsonl        one line an entry: where it came from, when, what it is
    grading/collected.csv                  for people: what became of each entry
    grading/platform.csv                   for people: which student is who on which platform

The first two say everything: what lies in grading/submitted, and both tables, follow from them. So a run that was
killed is completed by the next, and one that finds nothing new changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ..course.folder import Course
from .submission import read_bytes
from .unpacking import Refused

NOTEBOOK, OTHER, LITTER, REFUSED = "notebook", "other", "litter", "refused"


@dataclass(frozen=True)
class Record:
    """One entry of a download. Times are in UTC, as ISO 8601 has them."""

    path: str
    """As it can be shown: the path in the download, and behind "!/" that in a student's zip."""
    download: str
    """The name of the zip or folder in which it came."""
    kind: str
    """NOTEBOOK, OTHER (a file of another kind), LITTER (of a computer's own), REFUSED (not read)."""
    sha: str = ""
    """SHA-256 of its bytes; "" where they were not read."""
    size: int = 0
    """Bytes."""
    suffix: str = ""
    student: str = ""
    """Whose it is, by the id that marks are kept under; "" where nobody is named."""
    platform: str = ""
    name: str = ""
    number: str = ""
    folder: str = ""
    late: bool = False
    attachment: int = 0
    handed_in: str = ""
    """When it was handed in, where that is known."""
    by_list: bool = False
    """Whether the platform's own list says so, and not the file."""
    seen: str = ""
    """The latest moment at which it can have been handed in: when it was downloaded, where no more is known."""
    assignment: str = ""
    """What it is by its content, with `notebook`; both "" where that is not known."""
    notebook: str = ""
    readable: bool = True
    code: str = ""
    why: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it one entry: the same file at the same place, whichever download it is in."""
        return self.platform, self.path, self.sha


def folder(course: Course) -> Path:
    """grading/collected."""
    return course.grading / "collected"


def stored(course: Course, record: Record) -> Path:
    """Where the bytes of an entry are kept."""
    return folder(course) / "files" / f"{record.sha}{record.suffix}"


def store(course: Course, data: bytes, suffix: str) -> str:
    """Keep a file for good, by its content; return its SHA-256."""
    sha = hashlib.sha256(data).hexdigest()
    path = folder(course) / "files" / f"{sha}{suffix}"
    if not path.is_file() or path.stat().st_size != len(data):
        put(path, data)
    return sha


def load(course: Course) -> list[Record]:
    """All entries of earlier runs. Raises Refused where they cannot be read."""
    path = folder(course) / "entries.jsonl"
    if not path.is_file():
        return []
    try:
        return [Record(**json.loads(line)) for line in path.read_text().splitlines()]
    except (ValueError, TypeError):
        raise Refused(
            f"{path} is damaged. Put back a copy of it, or remove {path.parent} and collect all downloads again."
        ) from None


def save(course: Course, records: Iterable[Record]) -> None:
    """Write all entries, in an order of their own."""
    lines = (json.dumps(asdict(one), ensure_ascii=True) for one in sorted(records, key=lambda one: (one.key, one.seen)))
    put(folder(course) / "entries.jsonl", "".join(f"{line}\n" for line in lines).encode())


def merged(known: Iterable[Record], new: Iterable[Record]) -> list[Record]:
    """Old entries and new ones. A file that is still at its place is the entry that it was; one that has come back to
    its place after another came later than that other."""
    records = {one.key: one for one in known}
    latest: dict[tuple[str, str], Record] = {}
    for one in records.values():
        _newer(latest, one)
    for one in new:
        old = records.get(one.key)
        if old is not None and (latest[one.platform, one.path].key == old.key or one.seen <= old.seen):
            one = replace(one, download=old.download)  # what it is may be known better by now
            if not one.handed_in or (old.handed_in and not one.by_list):
                one = replace(one, handed_in=old.handed_in, by_list=old.by_list, seen=old.seen)
        records[one.key] = one
        _newer(latest, one)
    return list(records.values())


def _newer(latest: dict[tuple[str, str], Record], one: Record) -> None:
    place = (one.platform, one.path)
    if place not in latest or latest[place].seen <= one.seen:
        latest[place] = one


def holds(path: Path, data: bytes) -> bool:
    """Whether a regular file with these bytes is there."""
    try:
        return not path.is_symlink() and path.stat().st_size == len(data) and read_bytes(path) == data
    except Exception:
        return False


def put(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never half of it; one that is so already is
    left."""
    if holds(path, data):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, new = tempfile.mkstemp(dir=path.parent, prefix=".collecting-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            os.fchmod(descriptor, 0o644)
        os.replace(new, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(new)
        raise


def sweep(course: Course, students: Iterable[str]) -> None:
    """Remove what a killed run has half written."""
    places = [folder(course), folder(course) / "files", course.grading]
    places += [path for student in students for path in (course.submitted / student).glob("*") if path.is_dir()]
    for place in places:
        for path in place.glob(".collecting-*"):
            path.unlink(missing_ok=True)
