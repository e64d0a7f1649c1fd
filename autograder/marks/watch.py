"""Marks what appears in a folder, as long as it runs: looks every half second, and marks in small batches.

It polls. What the kernel could tell (inotify) it does not tell of network drives, where a file-drop often lies, and
what it tells is that a file has changed, not that it is whole; that takes a second look in any case. A look at a
class of hundreds takes milliseconds.
"""

from __future__ import annotations

import importlib
import os
import stat
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..course.folder import Busy, Course
from ..course.key import Key
from ..handed_in import ledger
from ..handed_in.collecting import TAKEN, gather, take
from ..handed_in.recognition import Exercises, Where
from ..handed_in.students import StudentList
from ..handed_in.submission import MAX_BYTES
from ..handed_in.unpacking import MAX_FOLDERS, Download, Outer, Refused
from ..judge.student_process import NoWarmProcess
from ..results.result import Result
from .drop import FEEDBACK, NotPut, put_feedback
from .grade import Crew, Found, Run, Work, crew_for, look
from .grade import grade as grade_class
from .marking import Job

EVERY = 0.5
"""Seconds between two looks."""
PATIENCE = 10
"""Looks for which a notebook that does not end as one does is given time to be written to its end."""
BATCH = 16
"""Notebooks that are marked together, no two of one student: who comes meanwhile waits for no more than these."""
TRIES = 3
"""How often in a row the processes that mark may end before anything is marked."""
AT_ONCE = MAX_BYTES
"""Bytes of one student's files that one look reads, or one file; 64 files at most."""
MOST = 2_000
"""Files of one student that are looked at."""
UNKNOWN_FILES = "not-recognised.txt"
"""What tells a student of files that last came and could not be taken."""
Name = tuple[str, Where]
"""A student's notebook."""
Stamp = tuple[int, ...]


class Queue:
    """What waits to be marked: each notebook of a student once, however often it was handed in, and the students in
    turn."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, dict[Where, None]] = OrderedDict()

    def add(self, names: Iterable[Name]) -> None:
        """Let these wait too. They are read when it is their turn, so the newest version is marked."""
        for student, where in names:
            self._waiting.setdefault(student, {})[where] = None

    def take(self, most: int) -> list[Name]:
        """The next, one a student. Who has more waiting goes to the end."""
        taken: list[Name] = []
        while self._waiting and len(taken) < most:
            student, mine = next(iter(self._waiting.items()))
            if any(student == other for other, _ in taken):
                break
            where = next(iter(mine))
            del mine[where]
            taken.append((student, where))
            if mine:
                self._waiting.move_to_end(student)
            else:
                del self._waiting[student]
        return taken

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))


@dataclass
class Stillness:
    """Tells when a file that has changed is whole: it is as it was at the look before, and, if it is a notebook, ends
    as one."""

    _before: dict[str, tuple[Stamp, int]] = field(default_factory=dict)
    _done: dict[str, Stamp] = field(default_factory=dict)

    def settled(self, now: Mapping[str, Stamp], ends: Callable[[str], bool]) -> list[str]:
        """The files that have changed and are still now. `ends` says whether a file ends as a whole one does."""
        found = []
        for path, stamp in now.items():
            if self._done.get(path) == stamp:
                continue
            before, looks = self._before.get(path, (None, 0))
            looks = looks + 1 if before == stamp else 0
            self._before[path] = (stamp, looks)
            if looks and (looks >= PATIENCE or ends(path)):
                self._done[path] = stamp
                found.append(path)
        for gone in set(self._before) - set(now):
            self._before.pop(gone)
            self._done.pop(gone, None)
        return found

    def known(self, now: Mapping[str, Stamp]) -> None:
        """Say nothing of these until they change."""
        self._done.update(now)

    def again(self, paths: Iterable[str]) -> None:
        """Give these at the next look once more."""
        for path in paths:
            self._done.pop(path, None)


@dataclass
class Inbox:
    """grading/submitted, into which something else puts what is handed in: the exchange, a copy, `collect`."""

    course: Course
    keys: Mapping[Where, Key]
    _still: Stillness = field(default_factory=Stillness)

    def __post_init__(self) -> None:
        if self.folder.is_dir():
            self._still.known(stamps(self.folder, ""))  # `waiting` marks what is there already

    @property
    def folder(self) -> Path:
        """What is looked at."""
        return self.course.submitted

    def arrived(self) -> list[Name]:
        """The notebooks in whose folder something has changed and is still."""
        now = stamps(self.folder, "")
        changed = {
            tuple(path.split(os.sep)[:2]) for path in self._still.settled(now, lambda path: ends(self.folder, path))
        }
        return [
            (student, where)
            for student, *rest in sorted(changed)
            for where in self.keys
            if rest and where[0] == rest[0]
        ]

    def close(self) -> None:
        """Nothing more."""

    def marked(self, result: Result, page: bytes) -> None:
        """Nothing more: the page is in grading/feedback."""


@dataclass
class Drop:
    """A folder into which students put their files: STUDENT/…, or files whose names say whose they are."""

    course: Course
    keys: Mapping[Where, Key]
    folder: Path
    said: Callable[[str], None]
    _still: Stillness = field(default_factory=Stillness)
    _homes: dict[str, str] = field(default_factory=dict)
    _exercises: Exercises = field(init=False)

    def __post_init__(self) -> None:
        self._exercises = Exercises(self.course, self.keys)

    def arrived(self) -> list[Name]:
        """The notebooks that came in and were put into grading/submitted; raises Busy while another run marks."""
        now = stamps(self.folder, FEEDBACK)
        settled = self._still.settled(now, lambda path: ends(self.folder, path))
        settled, later = newest_of_each(settled, now)
        self._still.again(later)
        if not settled:
            return []
        try:
            with self.course.alone():
                return self._take(set(settled))
        except (Busy, OSError, Refused):
            self._still.again(settled)
            raise

    def _take(self, settled: set[str]) -> list[Name]:
        known = ledger.load(self.course)
        with Download(self.folder, changed=True) as download:
            outers: list[Outer] = [one for one in download.outers() if os.sep.join(one.path) in settled]
            new = gather(self.course, self._exercises, self.folder.name, outers, StudentList(), known, drop=True)
        collected = take(self.course, self.keys, known, new, whole=False)
        odd: dict[str, list[str]] = {}
        for outcome in collected.now:
            if outcome.what == TAKEN and outcome.record.folder:
                self._homes[outcome.record.student] = outcome.record.folder
            if outcome.needs_a_look:
                self.said(f"{outcome.record.path}: {outcome.note}")
                odd.setdefault(outcome.record.folder, []).append(f"{outcome.record.path}: {outcome.note}\n")
        for home, lines in odd.items():
            self._put(home, UNKNOWN_FILES, "".join(lines).encode())
        return [(it.record.student, it.where) for it in collected.now if it.what == TAKEN and it.where]

    def close(self) -> None:
        """Write the tables of what came: they take longer than a student should wait."""
        with suppress(Busy), self.course.alone():
            take(self.course, self.keys, ledger.load(self.course), [])

    def marked(self, result: Result, page: bytes) -> None:
        """Put the page beside what the student handed in, where that is a folder of their own."""
        self._put(self._homes.get(result.student, ""), f"{result.assignment}-{result.notebook}.html", page)

    def _put(self, home: str, name: str, page: bytes) -> None:
        if home:
            try:
                put_feedback(self.folder, home, name, page)
            except NotPut as error:
                self.said(str(error))


def newest_of_each(settled: Iterable[str], now: Mapping[str, Stamp]) -> tuple[list[str], list[str]]:
    """Of each student's files the newest few, that one look reads no more of anybody; and the others, for the next."""
    mine: dict[str, list[str]] = {}
    for path in settled:
        mine.setdefault(path.split(os.sep)[0] if os.sep in path else "", []).append(path)
    first: list[str] = []
    later: list[str] = []
    for paths in mine.values():
        room = AT_ONCE
        for path in sorted(paths, key=lambda path: now[path][1], reverse=True):
            (first if room > 0 else later).append(path)
            room -= max(now[path][0], AT_ONCE // 64)
    return first, later


def stamps(folder: Path, leave: str) -> dict[str, Stamp]:
    """Every file below `folder`, by its path, with what changes when it does. No link is followed; of one student no
    more than MOST files are seen, and nothing in a folder called `leave`."""
    found: dict[str, Stamp] = {}
    seen: dict[str, int] = {}
    for at, folders, names, descriptor in os.fwalk(folder, follow_symlinks=False):
        above = os.path.relpath(at, folder)
        depth = 0 if above == "." else above.count(os.sep) + 1
        owner = "" if above == "." else above.split(os.sep)[0]
        folders[:] = sorted(one for one in folders if depth < MAX_FOLDERS and not (depth == 1 and one == leave))
        for name in sorted(names):
            seen[owner] = seen.get(owner, 0) + 1
            if owner and seen[owner] > MOST:
                continue
            try:
                status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            except OSError:
                continue  # gone since the folder was read
            path = name if above == "." else os.path.join(above, name)
            found[path] = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode)
    return found


def ends(folder: Path, path: str) -> bool:
    """Whether a notebook ends as JSON does; of any other file nothing can be said, so yes. A link below is not
    followed."""
    if not path.lower().endswith(".ipynb"):
        return True
    try:
        descriptor = os.open(folder / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return True  # what it is will be told when it is read
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return True
        file.seek(max(status.st_size - 64, 0))
        return file.read(64).rstrip().endswith(b"}")


@dataclass
class Watcher:
    """Looks, marks, looks again."""

    course: Course
    keys: dict[Where, Key]
    place: Inbox | Drop
    workers: int = 0
    advanced: Callable[[Result], None] = lambda result: None
    said: Callable[[str], None] = lambda text: None
    crew: Callable[[Work, int], AbstractContextManager[Crew]] = crew_for
    queue: Queue = field(default_factory=Queue)
    _busy: bool = False
    _failed: int = 0

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Go on until Ctrl-C, or until `until` says so."""
        with suppress(KeyboardInterrupt):
            importlib.import_module(".gradebook", __package__)  # nbgrader takes a second: not the first student's
            self.queue.add(waiting(self.course, self.keys))
            while not until():
                try:
                    with self.crew(everything(self.keys), self.workers) as crew:
                        self._with(crew, until)
                except (BrokenProcessPool, NoWarmProcess):
                    self._failed += 1
                    if self._failed >= TRIES:
                        raise
                    self.said("A process that marks has ended; others take its place.")
        self.place.close()

    def _with(self, crew: Crew, until: Callable[[], bool]) -> None:
        while not until():
            self.look()
            if len(self.queue):
                crew.executor.submit(int)  # raises where a process of the pool has ended: `grade` would do without it
            if not self.step(crew):
                time.sleep(EVERY)

    def look(self) -> None:
        """Let wait what has come."""
        try:
            self.queue.add(name for name in self.place.arrived() if name[1] in self.keys)
        except Busy:
            self._wait()
        except (OSError, Refused) as error:
            self.said(f"A look at {self.place.folder} failed ({error}). The next is in a moment.")

    def step(self, crew: Crew) -> bool:
        """Mark the next few. False where there is nothing to do, or another run marks."""
        names = self.queue.take(BATCH)
        if not names:
            return False
        try:
            with self.course.alone():
                self._busy = False
                self._mark(names, crew)
        except Busy:
            self.queue.add(names)
            self._wait()
            return False
        except BaseException:
            self.queue.add(names)
            raise
        return True

    def _wait(self) -> None:
        if not self._busy:
            self.said("Another run is marking this course; what comes waits until it has ended.")
        self._busy = True

    def _mark(self, names: list[Name], crew: Crew) -> None:
        from .gradebook import ClassGradebook

        wanted = set(names)
        of_now = {where: key for where, key in self.keys.items() if any(where == one for _, one in names)}
        found = look(self.course, of_now, students={student for student, _ in names})
        work = Work(
            [one for one in found.todo if name_of(one) in wanted],
            [one for one in found.kept if (one.student, (one.assignment, one.notebook)) in wanted],
        )
        run = Run(work.kept)
        if work.todo:
            with ClassGradebook(self.course) as gradebook:
                run = grade_class(self.course, of_now, work, crew, gradebook, advanced=self.advanced)
            self._failed = 0
        for result in run.results:
            page = self.course.feedback / result.student / result.assignment / f"{result.notebook}.html"
            self.place.marked(result, page.read_bytes())
        if run.stopped:
            raise KeyboardInterrupt


def waiting(course: Course, keys: dict[Where, Key]) -> list[Name]:
    """What came while nobody watched."""
    return [name_of(one) for one in look(course, keys).todo]


def name_of(found: Found) -> Name:
    """Whose notebook it is, and which."""
    return found.job.student, (found.job.key.assignment, found.job.key.notebook)


def everything(keys: Mapping[Where, Key]) -> Work:
    """Work of every kind that there can be, so that a crew gets ready for all of it."""
    return Work([Found(Job("", key, None), None, Path(), []) for key in keys.values()])
