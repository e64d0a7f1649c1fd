"""From downloads to grading/submitted: what came is kept, recognised, and the latest attempt at each notebook put in
place.

`gather` reads downloads into records, `settle` says of all records together what becomes of each, `place` carries it
out.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path, PurePosixPath

from ..course.folder import Course
from ..course.key import Key
from ..course.spreadsheet import table
from . import ledger
from .ledger import LITTER, NOTEBOOK, OTHER, REFUSED, Record
from .platforms import CANVAS, MOODLE, PLAIN, Entry, Origin, origin, platform_of, without_wrapper
from .recognition import Exercises, Where, attempt_of, by_name
from .students import StudentList, plain_name
from .submission import Unreadable, read_bytes
from .unpacking import NOT_OPENED, Content, Download, Outer, Refused, contents, is_litter, shown

SPREAD = timedelta(hours=1)
"""Where all entries of a download have times as close as this, it was downloaded then: nothing says when they came."""
LONGEST = 100
"""Characters of a student's id. Folders and files are called by it."""
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for itself, with any ending."""
MAX_KEPT, MAX_KEPT_BYTES = 2_000, 1 << 30
"""Files of one student, and bytes, that are kept of what came through a drop."""
FULL = "So much has come from this student that no more is taken. Look at what it is, and clear grading/collected."
TAKEN, EARLIER, AGAIN = "taken", "earlier attempt", "same file again"
UNKNOWN, ASIDE, OURS = "not recognised", "left aside", "not put in place"
Places = dict[tuple[str, Where], Record]


@dataclass(frozen=True)
class Outcome:
    """What became of an entry."""

    record: Record
    what: str
    where: Where | None = None
    """The exercise that it is."""
    note: str = ""
    two_people: bool = False
    """Whether it is one of several attempts that may be those of two people of one name."""

    @property
    def needs_a_look(self) -> bool:
        """Whether a person should see what it is."""
        return self.what in (UNKNOWN, OURS) or self.two_people


@dataclass
class Collected:
    """What is known after a run."""

    outcomes: list[Outcome]
    """Of every entry, of earlier runs too."""
    of_now: set[tuple[str, str, str]] = field(default_factory=set)
    """The keys of the entries that this run was given."""
    without: list[str] = field(default_factory=list)
    """Students of whom something came in this run, and no notebook is taken."""
    changed: list[tuple[str, Where]] = field(default_factory=list)
    """What was put in place by this run."""

    @property
    def now(self) -> list[Outcome]:
        """What became of the entries that this run was given."""
        return [one for one in self.outcomes if one.record.key in self.of_now]


class AnotherId(Exception):
    """A list of students gives somebody another id than the one under which they were collected."""


def collect(
    course: Course,
    keys: Mapping[Where, Key],
    paths: Sequence[Path],
    students: StudentList,
    zone: tzinfo | None = None,
    advanced: Callable[[int, int], None] = lambda done, of: None,
) -> Collected:
    """Take in downloads. Raises Refused where one cannot be opened, AnotherId, OSError; nothing is changed then but
    that files were kept in grading/collected."""
    known = ledger.load(course)
    exercises = Exercises(course, keys)
    new: list[Record] = []
    for path in downloads(paths, course.assignments):
        inside = {one.name for one in paths_in(path)}
        with Download(path, zone) as download:
            outers = [one for one in download.outers() if not (len(one.path) == 1 and one.path[0] in inside)]
            new += gather(course, exercises, path.name, outers, students, known + new, advanced=advanced)
    return take(course, keys, known, new)


def take(
    course: Course, keys: Mapping[Where, Key], known: list[Record], new: list[Record], *, whole: bool = True
) -> Collected:
    """Enter new records beside those known, and carry out what follows from all of them; or, not `whole`, what follows
    for the students of the new ones, without the tables."""
    _same_ids(known, new)
    records = ledger.merged(known, new)
    if set(records) != set(known):
        ledger.save(course, records)
    outcomes = settle(records, keys)
    return place(course, outcomes, {one.key for one in new}, whole=whole)


def downloads(paths: Iterable[Path], assignments: Sequence[str]) -> list[Path]:
    """The downloads that are meant: a folder may hold several zips of a platform."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(paths_in(path))
        found += inside
        others = path.is_dir() and any(one not in inside for one in path.iterdir())
        if others or not inside:
            found.append(path)
    return list(dict.fromkeys(found))


def paths_in(folder: Path) -> set[Path]:
    """The zips of a platform that lie in a folder."""
    found = set()
    for path in folder.glob("*.[zZ][iI][pP]") if folder.is_dir() else ():
        try:
            with Download(path) as download:
                outers = download.outers()
        except (Refused, OSError):
            continue
        if len(outers) > 0 and platform_of([one.path for one in outers]) != PLAIN:
            found.add(path)
    return found


# --- from a download to records ---


def gather(
    course: Course,
    exercises: Exercises,
    download: str,
    outers: Sequence[Outer],
    students: StudentList,
    known: Sequence[Record],
    *,
    drop: bool = False,
    advanced: Callable[[int, int], None] = lambda done, of: None,
) -> list[Record]:
    """A record of each entry, its bytes kept. In a `drop` each file's time is when it came, and folders are
    students'."""
    paths = [one.path for one in outers if not is_litter(one.path)]
    platform = PLAIN if drop else platform_of(paths)
    skip = without_wrapper(paths, course.assignments) if paths and platform != MOODLE and not drop else 0
    platform = platform_of([path[skip:] for path in paths]) if platform == PLAIN and skip else platform
    times = [one.time for one in outers if one.time is not None]
    when_known = drop or (bool(times) and max(times) - min(times) > SPREAD)
    latest = max(times).isoformat() if times else ""
    namer = Namer(students, known)
    origins = [origin(platform, one.path[skip:] if len(one.path) > skip else one.path) for one in outers]
    namer.learn(origins)
    kept = Kept(known if drop else ())
    records = []
    for number, (outer, came) in enumerate(zip(outers, origins, strict=True)):
        advanced(number, len(outers))
        listed, exact = students.find(came)
        time = outer.time.isoformat() if outer.time else ""
        by_list = listed.handed_in if exact and listed is not None else None
        handed_in = by_list.isoformat() if by_list else time if when_known else ""
        base = Record(
            path="",
            download=download,
            kind=OTHER,
            student=namer.student(came),
            platform=came.platform,
            name=came.name,
            number=came.number,
            folder=shown((came.folder,)) if came.folder else "",
            late=came.late,
            attachment=came.attachment,
            handed_in=handed_in,
            by_list=by_list is not None,
            seen=handed_in or latest,
        )
        if drop and kept.full(base.student):
            records.append(replace(base, path=shown(outer.path), kind=REFUSED, why=FULL))
            continue
        for content in contents(outer):
            record = _record(course, exercises, base, outer, content)
            if not record.student and platform == PLAIN and record.kind == NOTEBOOK:
                record = replace(record, student=namer.flat(outer.path[-1], record))
            records.append(record)
            kept.add(record)
    advanced(len(outers), len(outers))
    return records


def _record(course: Course, exercises: Exercises, base: Record, outer: Outer, content: Content) -> Record:
    path = shown(outer.path) + (f"!/{shown(content.inside)}" if content.inside else "")
    name = (content.inside or outer.path)[-1]
    suffix = PurePosixPath(name).suffix.lower()
    suffix = suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""
    base = replace(base, path=path, suffix=suffix)
    if is_litter((*outer.path, *content.inside)):
        return replace(base, kind=LITTER, sha=hashlib.sha256(content.data or b"").hexdigest())
    if content.data is None:
        return replace(base, kind=REFUSED, why=content.why)
    sha = ledger.store(course, content.data, suffix)
    base = replace(base, size=len(content.data))
    if content.why:
        return replace(base, kind=REFUSED, sha=sha, why=content.why)
    if suffix in NOT_OPENED:
        why = f"Files of the kind {suffix} are not opened. Unpack it, or ask for the notebook itself."
        return replace(base, kind=REFUSED, sha=sha, why=why)
    seen = exercises.see(content.data, name)
    assignment, notebook = seen.where or ("", "")
    return replace(
        base,
        kind=NOTEBOOK if seen.notebook else OTHER,
        sha=sha,
        assignment=assignment,
        notebook=notebook,
        readable=seen.readable,
        code=seen.code,
        why=seen.why,
    )


class Kept:
    """How much is kept of each student: a drop is open all the time, and a disk has an end."""

    def __init__(self, known: Iterable[Record]) -> None:
        self._count: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._seen: set[tuple[str, str, str]] = set()
        for one in known:
            self.add(one)

    def add(self, one: Record) -> None:
        """Count an entry, once."""
        if one.key not in self._seen:
            self._seen.add(one.key)
            self._count[one.student] += 1
            self._bytes[one.student] += one.size

    def full(self, student: str) -> bool:
        """Whether nothing more is kept of this student."""
        return self._count[student] >= MAX_KEPT or self._bytes[student] >= MAX_KEPT_BYTES


class Namer:
    """Gives each student an id: the institution's where the list has it, else one made of the name."""

    def __init__(self, students: StudentList, known: Sequence[Record]) -> None:
        self._students = students
        self._known = {(one.platform, one.number): one.student for one in known if one.number and one.student}
        self._of_canvas = {one.student for one in known if one.platform == CANVAS and one.number}
        self._alike: set[str] = set()

    def learn(self, origins: Iterable[Origin]) -> None:
        """See who is in a download: two of one name are told apart by their numbers."""
        numbers: dict[str, set[str]] = defaultdict(set)
        for one in origins:
            if one.name or one.number:
                numbers[made_id(one.name)].add(one.number)
        self._alike = {name for name, found in numbers.items() if len(found) > 1}

    def student(self, came: Origin) -> str:
        """The id; "" where nobody is named."""
        listed, _ = self._students.find(came)
        if listed is not None:
            return fit(listed.student) or made_id(listed.name)
        if came.platform == PLAIN:
            return fit(came.name)
        if came.number and (came.platform, came.number) in self._known:
            return self._known[came.platform, came.number]
        name = made_id(came.name)
        namesake = came.platform == CANVAS and name in self._of_canvas  # its numbers are people's, and this one is new
        if came.number and (namesake or name in self._alike or name in ("", "participant")):
            return f"{name}-{made_id(came.number)}".lstrip("-")
        return name

    def flat(self, name: str, record: Record) -> str:
        """Whose a file is that lies in no folder: what its name says beside the exercise's."""
        stem = PurePosixPath(name).stem
        words = " ".join(("", *re.split(r"[^\w@.]+", plain_name(stem)), ""))
        for listed in self._students.listed:
            if any(one and f" {plain_name(one)} " in words for one in (listed.student, listed.name, listed.email)):
                return fit(listed.student) or made_id(listed.name)
        words_of = re.split(r"[\s_.()]+|-(?=\d+$)", stem)
        leave = {record.assignment, record.notebook, "attempt", "submission", "final", "copy", ""}
        kept = [word for word in words_of if word.lower() not in leave and not word.isdigit()]
        return made_id(" ".join(kept))


def made_id(name: str) -> str:
    """A readable id made of a name: "Ada Lovelace" is ada-lovelace. Letters of all scripts stay."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())
    made = re.sub(r"[\W_]+", "-", text.encode("utf-8", "replace").decode()).strip("-")[: LONGEST // 2].strip("-")
    return fit(made or (f"student {name}" if name.strip() else ""))


def fit(name: str) -> str:
    """An id as it stands, if a folder can be called so everywhere; else one made of it."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    odd = (
        re.search(r'[/\\:*?"<>|]', name)
        or not name.isprintable()
        or name.startswith(".")
        or name.endswith(".")
        or name != name.strip()
    )
    if len(name) > LONGEST or len(name.encode()) > 2 * LONGEST:
        return fit(f"{name[: LONGEST // 3].strip()}-{digest[:12]}")
    if odd:
        return f"{re.sub(r'[^a-zA-Z0-9]+', '-', name).strip('-')}-{digest[:6]}".lstrip("-")
    return f"{name}-student" if DEVICES.fullmatch(name) else name


def _same_ids(known: Iterable[Record], new: Iterable[Record]) -> None:
    """Raise AnotherId where somebody who was collected would become another student."""
    old = {(one.platform, one.number): one.student for one in known if one.number and one.student}
    moved = {}
    for one in new:
        before = old.get((one.platform, one.number))
        if before and before != one.student:
            moved[before] = one.student
    if moved:
        some = ", ".join(f"{before} is now {after}" for before, after in list(moved.items())[:3])
        raise AnotherId(
            f"{len(moved)} students were collected under another id than the list of students gives: {some}. Nothing "
            "was changed. Collect with the same list as before; or, to change ids, remove grading/collected and these "
            "students' folders in grading/submitted, and collect everything again."
        )


# --- what becomes of each ---


def settle(records: Sequence[Record], keys: Mapping[Where, Key]) -> list[Outcome]:
    """What becomes of every entry, whatever the order in which they came."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in records:
        if one.assignment:
            counts[one.download][one.assignment] += 1
    expected = {name: min(found, key=lambda a: (-found[a], a)) for name, found in counts.items()}
    where = {one.key: _where(one, keys, expected.get(one.download, "")) for one in records}
    attempts: dict[tuple[str, Where], list[Record]] = defaultdict(list)
    for one in records:
        if (found := where[one.key]) and one.student and one.kind == NOTEBOOK:
            attempts[one.student, found].append(one)
    best: Places = {}
    for (student, exercise), tries in attempts.items():
        best[student, exercise] = max(tries, key=lambda one: _rank(one, expected.get(one.download, "") == exercise[0]))
    shared = _shared(attempts)
    outcomes = []
    for one in sorted(records, key=lambda one: (one.download, one.path, one.seen, one.sha)):
        theirs = one.student, where[one.key] or ("", "")
        numbers = _numbers(one, attempts.get(theirs, ()))
        outcomes.append(
            _outcome(one, where[one.key], best.get(theirs), expected.get(one.download, ""), shared, numbers)
        )
    return outcomes


def _where(one: Record, keys: Mapping[Where, Key], expected: str) -> Where | None:
    """The exercise that a notebook is: by its content, else by its name."""
    if one.assignment:
        return one.assignment, one.notebook
    path = re.split(r"!?/", one.path)
    return by_name(path, list(keys), expected) if one.kind == NOTEBOOK else None


def _rank(one: Record, at_home: bool) -> tuple[bool, bool, str, int, bool, bool, int, str]:
    """What counts more among attempts: what can be marked at all, then what came later. Moodle does not say when, so
    then what somebody has written into, what was handed in where it belongs, and the number that a repeated name
    gets."""
    number, written = attempt_of(one.path.rsplit("/", 1)[-1]), bool(one.code)
    return bool(one.assignment), one.readable, one.seen, one.attachment, written, at_home, number, one.path


def _shared(attempts: Mapping[tuple[str, Where], list[Record]]) -> dict[tuple[Where, str], list[str]]:
    """The students who handed in the same bytes or the same answers, by exercise and digest. What nobody has written
    anything into has no code."""
    found: dict[tuple[Where, str], set[str]] = defaultdict(set)
    for (student, exercise), tries in attempts.items():
        for one in tries:
            if one.code:
                found[exercise, one.code].add(student)
                found[exercise, one.sha].add(student)
    return {key: sorted(students) for key, students in found.items() if len(students) > 1}


def _numbers(one: Record, tries: Iterable[Record]) -> list[str]:
    """The numbers that a platform gives those who handed in an exercise under this name, where there are several. The
    name may be that of two people, unless a list of students has said whose it is."""
    numbers = {other.number for other in tries if other.number and other.platform == one.platform}
    return sorted(numbers) if len(numbers) > 1 and one.number and one.student == made_id(one.name) else []


def _outcome(
    one: Record,
    where: Where | None,
    taken: Record | None,
    expected: str,
    shared: dict[tuple[Where, str], list[str]],
    numbers: list[str],
) -> Outcome:
    if one.kind == LITTER:
        return Outcome(one, ASIDE, None, "A computer has put it there, and no person.")
    if one.kind == REFUSED:
        return Outcome(one, UNKNOWN, None, one.why)
    if one.kind == OTHER:
        return Outcome(one, ASIDE, None, one.why)
    if where is None:
        return Outcome(one, UNKNOWN, None, one.why)
    if not one.student:
        return Outcome(one, UNKNOWN, where, "Nothing says whose it is. Put it into a folder named after the student.")
    notes = []
    if not one.assignment:
        notes.append(f"Recognised by its name only. {one.why}".strip())
    if expected and where[0] != expected:
        notes.append(f"Handed in among {expected}.")
    for digest, what in ((one.sha, "The same file"), (one.code, "The same answers")):
        others = [student for student in shared.get((where, digest), ()) if student != one.student]
        if others:
            names = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
            notes.append(f"{what} as {names}. That is no proof: short answers can agree by chance.")
            break
    what = TAKEN
    if taken is not None and taken.key != one.key:
        what = AGAIN if taken.sha == one.sha else EARLIER
        if what == EARLIER and taken.seen == one.seen and taken.attachment == one.attachment:
            notes.append(f"Nothing says which came later; {taken.path} was taken.")
    if numbers:
        notes.append(
            f"{one.name} came with several numbers, {', '.join(numbers)}, and one file was taken. Are these two "
            "people? Then remove grading/collected and grading/submitted, and collect all again with --students, which "
            "tells them apart."
        )
    return Outcome(one, what, where, " ".join(notes), two_people=bool(numbers))


# --- carried out ---


def place(
    course: Course, outcomes: list[Outcome], of_now: set[tuple[str, str, str]], *, whole: bool = True
) -> Collected:
    """Put what is taken into grading/submitted, and write both tables. What did not come by `collect` is not
    replaced."""
    ours: dict[tuple[str, Where], set[str]] = defaultdict(set)
    for one in outcomes:
        if one.where and one.record.sha:
            ours[one.record.student, one.where].add(one.record.sha)
    here = {one.record.student for one in outcomes if one.record.student and one.record.key in of_now}
    concerned = {one.record.student for one in outcomes if one.what == TAKEN and (whole or one.record.student in here)}
    ledger.sweep(course, concerned)
    collected = Collected([], of_now)
    times: dict[Path, list[str]] = defaultdict(list)
    for one in outcomes:
        if one.what == TAKEN and one.where is not None and one.record.student in concerned:
            target = course.submitted / one.record.student / one.where[0] / f"{one.where[1]}.ipynb"
            try:
                if _put(course, one.record, target, ours[one.record.student, one.where]):
                    collected.changed.append((one.record.student, one.where))
                times[target.parent].append(one.record.handed_in)
            except Foreign as error:
                one = replace(one, what=OURS, note=str(error))
        collected.outcomes.append(one)
    for folder, found in times.items():
        _put_timestamp(folder, max(found), {f"{exercise[1]}.ipynb" for _, exercise in ours})
    collected.without = sorted(here - {one.record.student for one in collected.outcomes if one.what == TAKEN})
    if whole:
        ledger.put(course.grading / "collected.csv", entries_table(course, collected.outcomes).encode())
        ledger.put(course.grading / "platform.csv", identities_table(identities(outcomes)).encode())
    return collected


class Foreign(Exception):
    """What stands in grading/submitted did not come by `collect`."""


def _put(course: Course, record: Record, target: Path, ours: set[str]) -> bool:
    try:
        data = read_bytes(ledger.stored(course, record))
    except Unreadable:
        raise Foreign(f"{ledger.stored(course, record)} is gone. Collect its download again.") from None
    if any(path.is_symlink() for path in (target, target.parent, target.parent.parent)):
        raise Foreign(f"{target} leads elsewhere. Remove the link, and collect again.")
    if ledger.holds(target, data):
        return False
    if target.exists():
        try:
            found = hashlib.sha256(read_bytes(target)).hexdigest()
        except Unreadable:
            found = ""
        if found not in ours:
            raise Foreign(f"{target} did not come by `collect`, so it stays. Move it away, and collect again.")
    ledger.put(target, data)
    return True


def _put_timestamp(folder: Path, moment: str, ours: set[str]) -> None:
    """When a submission was handed in, as nbgrader's exchange writes it; where that is unknown there is no such
    file."""
    if not moment or any(path.name not in ours for path in folder.glob("*.ipynb")):
        return
    text = datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    ledger.put(folder / "timestamp.txt", f"{text}\n".encode())


# --- tables ---


def entries_table(course: Course, outcomes: Iterable[Outcome]) -> str:
    """What became of every entry."""
    headings = ("download", "entry", "student", "outcome", "exercise", "handed_in", "late", "note", "kept_as")
    rows = []
    for one in outcomes:
        record = one.record
        kept = ledger.stored(course, record) if record.sha and record.kind != LITTER else None
        rows.append(
            (
                record.download,
                record.path,
                record.student,
                one.what,
                "/".join(one.where or ()),
                record.handed_in,
                "by Canvas" if record.late else "",
                one.note,
                kept.relative_to(course.root).as_posix() if kept else "",
            )
        )
    return table(headings, rows)


@dataclass(frozen=True)
class Identity(Entry):
    """One notebook that was taken, and by what it was known."""

    folder: str
    """What of it names the student: Moodle's folder, or the beginning of a file's name; Canvas's file name."""
    download: str
    late: str
    """"yes" where Canvas counts it as late."""


def identities(outcomes: Iterable[Outcome]) -> list[Identity]:
    """Who is who, for whoever writes marks back: exactly, where platform.csv is made for spreadsheets too."""
    return [
        Identity(
            one.record.student,
            one.record.name,
            one.record.platform,
            one.record.number,
            *one.where,
            one.record.path.partition("!/")[0],
            one.record.folder,
            one.record.download,
            "yes" if one.record.late else "",
        )
        for one in outcomes
        if one.what == TAKEN and one.where and one.record.platform in (MOODLE, CANVAS)
    ]


def known_identities(course: Course, keys: Mapping[Where, Key]) -> list[Identity]:
    """The identities of all that was ever collected."""
    return identities(settle(ledger.load(course), keys))


def identities_table(found: Iterable[Identity]) -> str:
    """The same for people, and for `export`."""
    headings = [column.name for column in fields(Identity)]
    return table(headings, ([getattr(one, column) for column in headings] for one in sorted(found, key=astuple)))
