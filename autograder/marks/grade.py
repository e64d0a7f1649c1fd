"""Marks a whole class: finds what was handed in, maps `mark` over it, writes gradebook and pages, can be resumed."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Literal

from ..course.folder import Course
from ..course.key import Key
from ..course.late import Lateness, read_policy
from ..handed_in.moment import NoMoment, parse_moment
from ..handed_in.submission import NotHandedIn, Unreadable, find_notebook, read_bytes
from ..judge.judge import Timeouts
from ..judge.student_process import NUMPY, TENSORFLOW, NoWarmProcess, Zygote
from ..results.records import keep
from ..results.result import Result
from ..results.verdict import Verdict
from ..walled.limits import Limits
from .fingerprint import FIRST, earlier, fingerprint
from .marking import Job, Setting, get_ready, mark
from .worker import NoWorker, start_worker

if TYPE_CHECKING:
    from .gradebook import ClassGradebook  # and with it nbgrader, which takes a second to import

BATCH = 64
AT_ONCE, BYTES_AT_ONCE = 64, 64 << 20
"""How many submissions wait for a worker or are with one, and how large their files are together: one is always."""
LONGEST_NAME = 200
"""Bytes of a student's name. A file is called by it, with some more, and file systems allow 255."""
LONGEST_IN_GRADEBOOK = 128
"""Characters of a student's name for nbgrader. SQLite takes longer ones, PostgreSQL does not."""
LEAST_MIB = 1024
"""Memory for each that marks at the same time, student and judge: on a small machine fewer do."""


@dataclass
class Run:
    """What one run did."""

    results: list[Result] = field(default_factory=list)
    """Without their pages, which are on disk."""
    marked: int = 0
    kept: int = 0
    """Results of an earlier run that still hold."""
    entered: int = 0
    """Those of them that the gradebook did not have: it is another one, or a copy of an earlier day was put back."""
    again: Counter[str] = field(default_factory=Counter)
    """How many were marked again, by the reason in words."""
    stopped: bool = False


@dataclass(frozen=True)
class Found:
    """One notebook to mark, with where its result belongs."""

    job: Job
    """Without the file itself: a class of thousands is not held in memory. See `load`."""
    handed_in: datetime | None
    folder: Path
    notes: list[str]
    """What is odd about the date."""
    why: str = ""
    """Why it is to be marked, in words."""


def find(
    course: Course,
    keys: dict[tuple[str, str], Key],
    students: set[str] | None = None,
    timeouts: Timeouts | None = None,
) -> list[Found]:
    """Everything in grading/submitted that `keys` can mark, notebooks that need TensorFlow last."""
    assignments = sorted({assignment for assignment, _ in keys})
    policy = read_policy(course)
    found = []
    for folder in sorted(path for path in course.submitted.glob("*") if path.is_dir() and not path.is_symlink()):
        if (students is not None and folder.name not in students) or odd_name(folder.name):
            continue
        for assignment in assignments:
            inside = folder / assignment
            if not inside.is_dir() or inside.is_symlink():
                continue
            handed_in, notes = timestamp(inside)
            late = policy.lateness(assignment, folder.name, handed_in)
            for (owner, _), key in keys.items():
                if owner == assignment:
                    job = _job(course, folder.name, inside, key, handed_in, notes, timeouts, late)
                    found.append(Found(replace(job, data=None), handed_in, inside, notes))
    return sorted(found, key=lambda one: one.job.key.uses_tensorflow)


def odd_name(name: str) -> str:
    """Why a folder's name cannot be a student's; "" where it can. Marks, pages and gradebook are kept by it."""
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return "Its name is not text in UTF-8."
    if length > LONGEST_NAME:
        return f"Its name is {length} bytes long; {LONGEST_NAME} are the most."
    if len(name) > LONGEST_IN_GRADEBOOK:
        return f"Its name is {len(name)} characters long; nbgrader's gradebook takes {LONGEST_IN_GRADEBOOK}."
    return "" if name.isprintable() else "There are characters in its name that cannot be seen."


def refused(course: Course) -> dict[str, str]:
    """Folders in grading/submitted that cannot be marked, as their names can be shown, and why."""
    found = {}
    for folder in sorted(path for path in course.submitted.glob("*") if path.is_dir()):
        if why := odd_name(folder.name):
            shown = folder.name.encode(errors="backslashreplace").decode()
            found["".join(c if c.isprintable() else "?" for c in shown)] = why
    return found


def misplaced(course: Course) -> list[str]:
    """Notebooks in grading/submitted that nobody looks for, as their paths there can be shown: they do not lie at
    STUDENT/ASSIGNMENT/NOTEBOOK.ipynb."""
    assignments = set(course.assignments)
    loose = [path for path in course.submitted.glob("*.ipynb") if path.is_file()]
    found = [path for path in course.submitted.glob("*/*.ipynb") if path.is_file()]
    other = [path for path in course.submitted.glob("*/*/*.ipynb") if path.parent.name not in assignments]
    deeper = course.submitted.glob("*/*/*/*.ipynb")
    paths = (path.relative_to(course.submitted) for path in (*loose, *found, *other, *deeper))
    shown = ("/".join(path.parts) for path in paths if not any(part.startswith(".") for part in path.parts))
    return sorted("".join(c if c.isprintable() else "?" for c in path) for path in shown)


def load(course: Course, found: Found, timeouts: Timeouts | None) -> Job:
    """The job with the file as it is now."""
    job = found.job
    return _job(course, job.student, found.folder, job.key, found.handed_in, found.notes, timeouts, job.late)


def _job(
    course: Course,
    student: str,
    folder: Path,
    key: Key,
    handed_in: datetime | None,
    notes: list[str],
    timeouts: Timeouts | None,
    late: Lateness,
) -> Job:
    data: bytes | None
    missing = False
    try:
        path, odd = find_notebook(folder, key)
        data, said = read_bytes(path), (*notes, *odd)
    except Unreadable as error:
        data, said, missing = None, (str(error),), isinstance(error, NotHandedIn)
    made_of = fingerprint(course, key, timeouts, data, said, handed_in, late.words)
    return Job(student, key, data, said, missing, made_of, late)


def timestamp(folder: Path) -> tuple[datetime | None, list[str]]:
    """When a submission was handed in, by its timestamp.txt as nbgrader writes it."""
    try:
        text = read_bytes(folder / "timestamp.txt").decode().strip()
        return (parse_moment(text) if text else None), []
    except Unreadable:
        return None, []
    except (UnicodeDecodeError, NoMoment):
        return None, ["timestamp.txt could not be read as a date, so the submission counts as having no date."]


@dataclass
class Work:
    """What a run has to do, and what an earlier one has done."""

    todo: list[Found] = field(default_factory=list)
    kept: list[Result] = field(default_factory=list)
    """Results of an earlier run that still hold."""
    refused: dict[str, str] = field(default_factory=dict)
    """What cannot be a student's folder, and why."""


def look(
    course: Course,
    keys: dict[tuple[str, str], Key],
    *,
    force: bool = False,
    students: set[str] | None = None,
    timeouts: Timeouts | None = None,
) -> Work:
    """Look at what was handed in. `force` marks again what has not changed, `students` leaves out all others."""
    work = Work(refused=refused(course))
    for one in find(course, keys, students, timeouts):
        result, why = earlier(course, one.job.student, one.job.key, one.job.made_of, force=force)
        if result is None:
            work.todo.append(replace(one, why=why))
        else:
            work.kept.append(result)
    return work


def grade(
    course: Course,
    keys: dict[tuple[str, str], Key],
    work: Work,
    crew: Crew,
    gradebook: ClassGradebook,
    *,
    timeouts: Timeouts | None = None,
    layers: dict[str, object] | None = None,
    advanced: Callable[[Result], None] = lambda result: None,
) -> Run:
    """Mark what was handed in, and enter it in `gradebook`. `layers` are those of the wall, as doctor found them.

    Ctrl-C stops it; what is done is written, and the next run goes on from there.
    """
    run = Run([*work.kept], kept=len(work.kept))
    todo = {(one.job.student, one.job.key.assignment, one.job.key.notebook): one for one in work.todo}
    stamps = {(one.job.student, one.job.key.assignment): one.handed_in for one in work.todo}
    batch: list[Result] = []

    def write() -> None:
        try:
            gradebook.write(batch, stamps)
            for result in batch:
                keep(course, result, stamps.get((result.student, result.assignment)))
        except Exception:
            batch.clear()  # what cannot be written now is marked again by the next run
            raise
        run.results += [result.without_pages() for result in batch]
        batch.clear()

    setting = Setting(
        course.secret, timeouts, course.slips_cost_once, course.all_cells, course.site_url, crew.warm, layers or {}
    )
    try:
        gradebook.require(keys.values())
        gradebook.enter_dates()
        run.entered = enter_again(course, work.kept, gradebook)
        for result in map_jobs(crew, (load(course, one, timeouts) for one in work.todo), setting):
            batch.append(result)
            run.marked += 1
            if (why := todo[result.student, result.assignment, result.notebook].why) != FIRST:
                run.again[why] += 1
            advanced(result)
            if len(batch) >= BATCH:
                write()
    except KeyboardInterrupt:
        run.stopped = True
    finally:
        if batch:
            write()
    return run


def enter_again(course: Course, kept: list[Result], gradebook: ClassGradebook) -> int:
    """Enter of the results that still hold those which the gradebook does not have. Returns how many."""
    lacking = gradebook.lacks(kept)
    for first in range(0, len(lacking), BATCH):
        batch = lacking[first : first + BATCH]
        folders = {(one.student, one.assignment): course.submitted / one.student / one.assignment for one in batch}
        gradebook.write(batch, {where: timestamp(folder)[0] for where, folder in folders.items()})
    return len(lacking)


@dataclass(frozen=True)
class Crew:
    """Who marks."""

    executor: Executor
    warm: tuple[str, str] = ("", "")
    """Addresses of the warm processes that the workers share; empty where each worker starts its own."""
    count: int = 1
    """How many processes mark, where `executor` is a pool of processes here."""


@contextmanager
def crew_for(
    work: Work,
    workers: int = 0,
    scheduler: str = "",
    *,
    walled: bool = True,
    say: Callable[[str], None] = lambda sentence: None,
) -> Iterator[Crew]:
    """Who marks `work`. All of them start at once, and get ready while the caller goes on.

    Takes the number of processes here, or the address of a Dask scheduler. With neither there is one process for each
    core that this one may use, and one more: each waits while its student process works. Of a scheduler's workers those
    mark that have this environment and, where it is to be `walled`, wall student code in; of all others `say` is told
    why.
    """
    if scheduler:
        from .cluster import Cluster

        with Cluster(scheduler, walled=walled, say=say) as cluster:
            yield Crew(cluster)
        return
    kinds = {one.job.key.uses_tensorflow for one in work.todo}
    with ExitStack() as stack:
        memory = memory_mib()
        count = max(min(workers or len(os.sched_getaffinity(0)) + 1, len(work.todo), memory // LEAST_MIB), 1)
        limits = Limits.sharing(count, memory)
        warm = [""] * 2
        for tensorflow in sorted(kinds, reverse=True):
            modules = TENSORFLOW if tensorflow else NUMPY
            warm[tensorflow] = stack.enter_context(Zygote(modules, limits)).address
        for one in work.todo[:count]:
            get_ready(one.job.key)
        # Forked, a worker has at once what this process has imported. With other threads about, a fork is not sound.
        pool = worker_pool(count, "fork" if threading.active_count() == 1 else "spawn")
        try:
            for _ in range(count):
                pool.submit(bool)
            yield Crew(pool, (warm[0], warm[1]), count)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def worker_pool(workers: int, method: Literal["fork", "spawn"] = "spawn") -> ProcessPoolExecutor:
    """Processes that mark."""
    return ProcessPoolExecutor(workers, multiprocessing.get_context(method), start_worker, (os.getpid(),))


def memory_mib() -> int:
    """MiB of memory that this machine has, or that the container is given."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # version 2 says "max" where there is no limit
            found.append(int(Path(path).read_text()))
    return min(found) >> 20


def map_jobs(crew: Crew, jobs: Iterator[Job], setting: Setting) -> Iterator[Result]:
    """Results as they come. A job that brings its worker down costs itself alone.

    Jobs are taken from the iterator as workers get free, so that few of them are in memory at any time.
    """
    suspects: list[Job] = []
    yield from _map(crew.executor, jobs, setting, suspects)
    while suspects:  # the pool is gone. One of those that it had is to blame: each is tried in a process of its own
        for job in suspects:
            with worker_pool(1) as alone:
                broken: list[Job] = []
                yield from _map(alone, iter([job]), setting, broken)
            if broken:
                yield judge_failed(job, "the judge's worker ended")
        suspects = []
        with worker_pool(crew.count) as others:
            yield from _map(others, jobs, setting, suspects)


def _map(executor: Executor, jobs: Iterator[Job], setting: Setting, suspects: list[Job]) -> Iterator[Result]:
    """Results as they come, until there are no more jobs or the pool breaks. Jobs that it had then are `suspects`."""
    waiting: dict[Future[Result], Job] = {}
    size = 0
    done: SimpleQueue[Future[Result]] = SimpleQueue()
    while True:
        while not suspects and len(waiting) < AT_ONCE and size < BYTES_AT_ONCE:
            if (job := next(jobs, None)) is None:
                break
            try:
                future = executor.submit(mark, job, setting)
            except BrokenProcessPool:
                suspects.append(job)
                break
            waiting[future] = job
            size += len(job.data or b"")
            future.add_done_callback(done.put)
        if not waiting:
            return
        future = done.get()
        job = waiting.pop(future)
        size -= len(job.data or b"")
        try:
            yield future.result()
        except BrokenProcessPool:
            suspects.append(job)
        except (NoWarmProcess, NoWorker):
            raise  # nothing can be marked any more: better no mark than a wrong one
        except Exception as error:
            yield judge_failed(job, f"{type(error).__name__}: {error}")


def judge_failed(job: Job, why: str) -> Result:
    """The result of a job on which the judge itself failed: no points, and the instructor is told."""
    text = "The judge itself failed on this notebook. That is not your fault; your instructor has been told."
    key = job.key
    verdicts = [Verdict(cell.grade_id, 0.0, cell.points, "unreadable", text) for cell in key.cells if cell.grade]
    return Result(
        job.student, key.assignment, key.notebook, key.max_points, verdicts, [why], unreadable=text, feedback=text
    )
