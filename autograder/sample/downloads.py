"""What an instructor downloads from Moodle or Canvas at the end of a week, made of a sample class: for a rehearsal.

Names, folders and sheets are as the platforms write them (`handed_in/platforms.py`, `handed_in/students.py`). The
people are made up, and every download of the same arguments is the same, byte for byte.
"""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ..course.folder import Course
from ..course.key import Key
from ..handed_in.platforms import squeezed
from .sample_class import DUE, Notebook, Writer, misconceptions, wrong_source

FIRST = (
    "Ada Björn Chiara Daniel Elif Farid Greta Hana Ivan Jana Kofi Lena Mateo Nadia Omar Paula Quentin Rosa Sami Tove"
)
LAST = (
    "Abel Brandt Costa Demir Eder Fuchs García Huber Ito Jansen "
    "Kaya Lang Müller Novák Okafor Petrov Quist Roth Sato Újvári"
)
MOST = 400
"""As many different names there are."""
DOWNLOADED = DUE + timedelta(days=2)
RIGHT, BLANK, ABSENT = 0.5, 0.05, 0.05
"""Shares of the class; all others have one misconception."""
Keys = Mapping[tuple[str, str], Key]


@dataclass(frozen=True)
class Person:
    """One made-up student."""

    first: str
    last: str
    index: int

    @property
    def name(self) -> str:
        """As Moodle writes it."""
        return f"{self.first} {self.last}"

    @property
    def student(self) -> str:
        """The institution's id."""
        return f"s{20260000 + self.index}"

    @property
    def number(self) -> int:
        """Moodle's participant number, or Canvas's user id."""
        return 410_000 + 7 * self.index

    @property
    def late(self) -> bool:
        """Whether they hand in a day late."""
        return self.index % 12 == 5


def people(count: int) -> list[Person]:
    """So many students, no two of one name."""
    if not 0 < count <= MOST:
        raise ValueError(f"a sample class has 1 to {MOST} students, not {count}")
    first, last = FIRST.split(), LAST.split()
    return [Person(first[n % 20], last[(n + n // 20) % 20], n) for n in range(count)]


def moodle_zip(course: Course, keys: Keys, students: int, path: Path, *, naughty: bool = False) -> list[Person]:
    """Write what Moodle gives as "Download all submissions" of an assignment into which so many students put the
    notebooks of `keys`; return them.

    `naughty` adds what goes wrong in a real class, each thing once: see `odd_entries`. Beside `path`, with the ending
    .csv, lies Moodle's grading worksheet. As in Moodle itself, the zip's times say only when it was downloaded.
    """
    class_ = people(students)
    with _Zip(path) as archive:
        for person in class_:
            for (_, notebook), data in _handed_in(course, keys, person):
                archive.add(f"{person.name}_{person.number}_assignsubmission_file/{notebook}.ipynb", data)
        if naughty:
            for entry, data in odd_entries(course, keys):
                archive.add(entry, data)
    _table(
        path.with_suffix(".csv"),
        "Identifier,Full name,ID number,Email address,Status,Grade,Maximum grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments",
        ([f"Participant {one.number}", one.name, one.student, f"{one.student}@example.org", "Submitted for grading", "",
          "100.00", "Yes", _moment(one), "-", ""] for one in class_),
    )  # fmt: skip
    return class_


def canvas_zip(course: Course, keys: Keys, students: int, path: Path) -> list[Person]:
    """Write what Canvas gives as "Download Submissions", and beside it, with the ending .csv, its gradebook export;
    return the students. Every tenth handed in twice."""
    class_ = people(students)
    attachment = 90_000
    with _Zip(path) as archive:
        for person in class_:
            late = "LATE_" if person.late else ""
            before = f"{squeezed(f'{person.last}, {person.first}')}_{late}{person.number}"
            for (_, notebook), data in _handed_in(course, keys, person):
                again = "-1" if person.index % 10 == 3 else ""
                attachment += 3
                archive.add(f"{before}_{attachment}_{notebook}{again}.ipynb", data)
    rows = [["    Points Possible", "", "", "", "", "100.00"]]
    rows += [[f"{one.last}, {one.first}", str(one.number), one.student, one.student, "A", ""] for one in class_]
    _table(path.with_suffix(".csv"), "Student,ID,SIS User ID,SIS Login ID,Section,Exercises (5512)", rows)
    return class_


def odd_entries(course: Course, keys: Keys) -> Iterator[tuple[str, bytes]]:
    """What else is in a real download, each thing once, by its path in it: other names, other kinds of files, zips of
    all sorts, what a computer leaves behind, and what somebody means badly."""
    where = next(iter(keys))
    name = where[1]
    writer = Writer(course, dict(keys))
    count = 900_000

    def home(who: str) -> str:
        nonlocal count
        count += 1
        return f"{who}_{count}_assignsubmission_file"

    def own(who: str) -> bytes:
        notebook = writer.solution(*where)
        _sign(notebook, who)
        return _bytes(notebook)

    again = home("Anna Zweimal")
    yield f"{again}/{name}.ipynb", own("Anna, first")
    yield f"{again}/{name} (2).ipynb", own("Anna, second")
    yield f"{home('Otto Ohnename')}/Untitled.ipynb", own("Otto")
    stripped = writer.solution(*where)
    _sign(stripped, "Sina")
    for cell in stripped["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {}
    yield f"{home('Sina Spurlos')}/work.ipynb", _bytes(stripped)
    yield f"{home('Carl Abgebrochen')}/{name}.ipynb", own("Carl")[:-300]
    yield f"{home('Nina Null')}/{name}.ipynb", b""
    yield f"{home('Greg Gross')}/{name}.ipynb", b" " * (21 << 20)
    yield f"{home('Paul Papier')}/{name}.pdf", b"%PDF-1.7\n"
    zipped = home("Zoe Zip")
    yield (
        f"{zipped}/my work.zip",
        zip_of(
            {
                f"my work/{name}.ipynb": own("Zoe"),
                f"my work/.ipynb_checkpoints/{name}-checkpoint.ipynb": own("Zoe, before"),
                f"__MACOSX/my work/._{name}.ipynb": b"\0\5\26\7",
                "my work/.DS_Store": b"\0\0\0\1Bud1",
                "my work/notes.docx": zip_of({"word/document.xml": b"<w/>"}),
            }
        ),
    )
    yield f"{home('Nora Nest')}/a.zip", zip_of({"b.zip": zip_of({f"CON/{name}.ipynb": own("Nora")})})
    yield f"{home('Bo Bombe')}/bomb.zip", zip_of({f"{name}.ipynb": b"0" * (19 << 20), "more": b"0" * (19 << 20)})
    yield f"{home('Eva Geheim')}/secret.zip", encrypted(zip_of({f"{name}.ipynb": own("Eva")}))
    yield f"{home('Leo Leer')}/empty.zip", zip_of({})
    yield (
        f"{home('Max Pfad')}/paths.zip",
        zip_of(
            {
                f"../../../{name}.ipynb": own("Max"),
                f"/etc/{name}.ipynb": own("Max"),
                f"C:\\work\\{name}.ipynb": own("Max"),
            }
        ),
    )
    yield f"{home('Wanda Windows')}/work.zip", zip_of({f"work\\{name}.ipynb": own("Wanda")})
    for who in ("Kim Kopie", "Kai Kopie"):
        yield f"{home(who)}/{name}.ipynb", own("Kim")
    for _ in range(2):
        yield f"{home('Jan Zwilling')}/{name}.ipynb", own(f"Jan {count}")
    yield f"{home('L' + 'o' * 180 + 'ng')}/{name}.ipynb", own("Long")
    yield "Tina Text_900900_assignsubmission_onlinetext/onlinetext.html", b"<p>I could not upload it.</p>"
    yield f"../{home('Udo Unfug')}/{name}.ipynb", own("Udo")


def _handed_in(course: Course, keys: Keys, person: Person) -> Iterator[tuple[tuple[str, str], bytes]]:
    """A student's notebooks: right, with one misconception, blank; or none."""
    writer = Writer(course, dict(keys))
    for where, key in keys.items():
        chance = random.Random(f"{person.index} {where}")
        drawn = chance.random()
        if drawn < ABSENT:
            continue
        wrong = list(misconceptions(key))
        if drawn < ABSENT + BLANK:
            notebook = writer.released(*where)
        elif drawn < ABSENT + BLANK + RIGHT or not wrong:
            notebook = writer.solution(*where)
            _sign(notebook, person.name)
        else:
            one = chance.choice(wrong)
            notebook = writer.solution(*where, {one.function: wrong_source(one)})
            _sign(notebook, person.name)
        yield where, _bytes(notebook)


def _sign(notebook: Notebook, who: str) -> None:
    """A line of the student's own, so that no two of the class have written the same."""
    cell = next(one for one in notebook["cells"] if one["metadata"].get("nbgrader", {}).get("solution"))
    cell["source"] += f"\n# {who}" if cell["cell_type"] == "code" else f"\n\n{who}"


def _bytes(notebook: Notebook) -> bytes:
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def _moment(person: Person) -> str:
    """When they handed in, as Moodle's worksheet writes it."""
    moment = DUE + (timedelta(days=1) if person.late else -timedelta(minutes=17 * person.index + 3))
    return f"{moment:%A}, {moment.day} {moment:%B %Y}, {moment.hour % 12 or 12}:{moment:%M %p}"


def _table(path: Path, heading: str, rows: object) -> None:
    out = io.StringIO()
    out.write(f"{heading}\n")
    csv.writer(out, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    path.write_text(out.getvalue(), encoding="utf-8-sig")


class _Zip:
    """A zip that is the same every time it is written."""

    def __init__(self, path: Path | io.BytesIO) -> None:
        self._archive = zipfile.ZipFile(path, "w")

    def __enter__(self) -> _Zip:
        return self

    def __exit__(self, *error: object) -> None:
        self._archive.close()

    def add(self, name: str, data: bytes) -> None:
        info = zipfile.ZipInfo(name, DOWNLOADED.timetuple()[:6])
        info.filename = name  # as it is: Python would change a backslash elsewhere, and cut at a NUL
        info.external_attr = 0o644 << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        self._archive.writestr(info, data, compresslevel=1)


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """A zip with these files, as a student makes one."""
    out = io.BytesIO()
    with _Zip(out) as archive:
        for name, data in files.items():
            archive.add(name, data)
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    """A zip of one file that says of itself that it is encrypted."""
    changed = bytearray(data)
    changed[changed.index(b"PK\x03\x04") + 6] |= 1
    changed[changed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)
