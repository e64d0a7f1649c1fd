"""What the names in a download tell: who handed a file in, and through which platform.

**Moodle**, "Download all submissions" (mod/assign/classes/downloader.php; before 4.1 mod/assign/locallib.php;
Moodle's own reading of these names is mod/assign/feedback/file/importziplib.php):

- ``Ada Lovelace_123456_assignsubmission_file/gates.ipynb`` with a folder for each student, since 4.1;
- ``Ada Lovelace_123456_assignsubmission_file_/gates.ipynb`` from 3.1 to 4.0;
- ``Ada Lovelace_123456_assignsubmission_file_gates.ipynb`` without folders, by the teacher's choice;
- ``…_assignsubmission_onlinetext/onlinetext.html`` for what was typed into Moodle;
- ``Group A_77_assignsubmission_file/…`` where groups hand in, and no number for those who are in none.

Underscores in a name are spaces there. The number belongs to one student *in one assignment of Moodle*: it is what
Moodle's grading worksheet calls "Participant 123456", and another assignment has another one.

**Canvas**, "Download Submissions" (lib/content_zipper.rb), all in one folder:

- ``lovelaceada_4711_90210_gates.ipynb``: squeezed sortable name (or the group's), the user's id, the attachment's id,
  which only grows, and the file;
- ``lovelaceada_LATE_4711_90210_gates.ipynb`` where Canvas counts it as late, ``anon_x7Kq2_90210_gates.ipynb`` where it
  hides names, ``lovelaceada_4711_text.html`` and ``_link.html`` for what is no file;
- ``gates-1.ipynb``, ``gates-2.ipynb``: Canvas adds these when a student hands in the same name again
  (`Attachment.make_unique_filename`).

nbgrader's `zip_collect` (user guide, "Managing assignment files manually") leaves all this to a regular expression
that the instructor writes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOODLE, CANVAS, PLAIN = "moodle", "canvas", ""


@dataclass(frozen=True)
class Entry:
    """One notebook of a download, and whose it is on the platform: what takes marks and feedback back there."""

    student: str
    full_name: str
    platform: str
    platform_id: str
    """Moodle's participant number, which is another one in each assignment of Moodle; Canvas's user id."""
    assignment: str
    notebook: str
    entry: str
    """The path in the download, as it came: of a notebook in a student's zip, that of the zip."""


Parts = tuple[str, ...]
"""A path in a download, folder by folder."""

_MOODLE = re.compile(
    r"(?P<name>.*?)(?:_(?P<number>\d{1,18}))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
)
_CANVAS = re.compile(
    r"(?:(?P<name>\w+?)_)??(?:(?P<late>LATE|late)_)?(?:anon_(?P<anonymous>[^\W_]+)|(?P<number>\d{1,18}))"
    r"_(?:(?P<attachment>\d{1,18})_(?P<file>.+)|(?P<typed>text|link)\.html)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Origin:
    """Where an entry of a download comes from, as far as its name tells."""

    platform: str
    name: str = ""
    """The student's or the group's name, as the platform writes it there; "" where nobody is named."""
    number: str = ""
    """The platform's own identifier: Moodle's participant number, Canvas's user id."""
    late: bool = False
    """Whether Canvas marks it as late. It says neither when it came nor when it was due."""
    attachment: int = 0
    """Canvas's number of the file, which only grows; else 0."""
    folder: str = ""
    """What names the student in the download: Moodle's folder, or Canvas's whole file name."""
    rest: Parts = ()
    """The path from there, file name last."""
    typed: bool = False
    """Whether it is a text or a link that was typed into the platform, and no file."""


def platform_of(paths: Sequence[Parts]) -> str:
    """The platform that a download with these paths comes from."""
    if any(moodle(path) for path in paths):
        return MOODLE
    named = sum(canvas(path) is not None for path in paths)
    return CANVAS if named and named * 2 >= len(paths) else PLAIN


def moodle(path: Parts) -> Origin | None:
    """Who handed in, by the first part of the path that says so, as Moodle itself reads it."""
    for place, part in enumerate(path):
        if not (found := _MOODLE.fullmatch(part)):
            continue
        rest = path[place + 1 :] or ((found["file"],) if found["file"] else ())
        if not rest:
            continue
        prefix = part[: found.start("file")] if found["file"] and not path[place + 1 :] else part
        return Origin(
            MOODLE,
            name=found["name"].strip(),
            number=found["number"] or "",
            folder=prefix,
            rest=rest,
            typed=found["plugin"] != "file",
        )
    return None


def canvas(path: Parts) -> Origin | None:
    """Who handed in, by the name of the file."""
    if not (found := _CANVAS.fullmatch(path[0])):
        return None
    return Origin(
        CANVAS,
        name=found["name"] or "",
        number=found["number"] or found["anonymous"],
        late=found["late"] is not None,
        attachment=int(found["attachment"] or 0),
        folder=path[0],
        rest=(found["file"] or path[0], *path[1:]),
        typed=found["typed"] is not None,
    )


def plain(path: Parts) -> Origin:
    """Who handed in, by the folder: STUDENT/FILE. Of a file that lies alone nobody is known yet."""
    return Origin(PLAIN, rest=path) if len(path) == 1 else Origin(PLAIN, path[0], folder=path[0], rest=path[1:])


def origin(platform: str, path: Parts) -> Origin:
    """Who handed in what stands at `path` in a download of this platform."""
    found = {MOODLE: moodle, CANVAS: canvas}.get(platform, plain)(path)
    return found or Origin(platform, rest=path)


def without_wrapper(paths: Sequence[Parts], assignments: Sequence[str]) -> int:
    """How many folders around everything say nothing: those of a zip that somebody made of a folder of folders."""
    depth = 0
    while all(len(path) > depth + 2 for path in paths) and len({path[depth] for path in paths}) == 1:
        inner = {path[depth + 1] for path in paths}
        if len(inner) < 2 or inner <= set(assignments):
            break  # the folder of one student
        depth += 1
    return depth


def squeezed(name: str) -> str:
    """A sortable name ("Lovelace, Ada") as Canvas writes it into a file's name."""
    return re.sub(r"\W", "", name.lower())
