"""Marks a whole class: finds what was handed in, maps `mark` over it, writes gradebook and pages, can be resumed."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..course.folder import Course
from ..course.key import Key
from ..handed_in.moment import NoMoment, parse_moment
from ..handed_in.submission import NotHandedIn, Unreadable, find_notebook, read_bytes
from ..judge.judge import Timeouts
from ..judge.student_process import NUMPY, TENSORFLOW, NoWarmProcess, Zygote
from ..results.records import keep, kept_result
from ..results.result import Result
from ..results.verdict import Verdict
from ..walled.limits import Limits
from .marking import Job, Setting, get_ready, mark
from .worker import start_worker

if TYPE_CHECKING:
    from .gradebook import ClassGradebook  # and with it nbgrader, which takes a second to import

BATCH = 64
LONGEST_NAME = 200
"""Bytes of a student's name. A file is called by it, with some more, and file systems allow 255."""
LEAST_MIB = 1024
"""Memory for each that marks at the same time, student and judge: on a small machine fewer do."""


@dataclass
class Run:
    """What one run did."""

    results: list[Result] = field(default_factory=list)
    marked: int = 0
    kept: int = 0
    """Results of an earlier run that still hold."""
    stopped: bool = False


@dataclass(frozen=True)
class Found:
    """One notebook to mark, with where its result belongs."""

    job: Job
    handed_in: datetime | None


def find(course: Course, keys: dict[tuple[str, str], Key], students: set[str] | None = None) -> list[Found]:
    """Everything in grading/submitted that `keys` can mark, notebooks that need TensorFlow last."""
    assignments = sorted({assignment for assignment, _ in keys})
    found = []
    for folder in sorted(path for path in course.submitted.glob("*") if path.is_dir() and not path.is_symlink()):
        if (students is not None and folder.name not in students) or odd_name(folder.name):
            continue
        for assignment in assignments:
            inside = folder / assignment
            if not inside.is_dir() or inside.is_symlink():
                continue
            handed_in, notes = timestamp(inside)
            for (owner, _), key in keys.items():
                if owner == assignment:
                    found.append(Found(_job(folder.name, inside, key, handed_in, notes), handed_in))
    return sorted(found, key=lambda one: one.job.key.uses_tensorflow)


def odd_name(name: str) -> str:
    """Why a folder's name cannot be a student's; "" where it can. Marks, pages and gradebook are kept by it."""
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return "Its name is not text in UTF-8."
    if length > LONGEST_NAME:
        return f"Its name is {length} bytes long; {LONGEST_NAME} are the most."
    return "" if name.isprintable() else "There are characters in its name that cannot be seen."


def refused(course: Course) -> dict[str, str]:
    """Folders in grading/submitted that cannot be marked, as their names can be shown, and why."""
    found = {}
    for folder in sorted(path for path in course.submitted.glob("*") if path.is_dir()):
        if why := odd_name(folder.name):
            shown = folder.name.encode(errors="backslashreplace").decode()
            found["".join(c if c.isprintable() else "?" for c in shown)] = why
    return found


def _job(student: str, folder: Path, key: Key, handed_in: datetime | None, notes: list[str]) -> Job:
    data: bytes | None
    missing = False
    try:
        path, odd = find_notebook(folder, key)
        data, said = read_bytes(path), (*notes, *odd)
    except Unreadable as error:
        data, said, missing = None, (str(error),), isinstance(error, NotHandedIn)
    parts = [student, key.digest, code_digest(), str(handed_in), *said]
    digest = hashlib.sha256("\0".join(parts).encode() + b"\0" + (data or b"")).hexdigest()
    return Job(student, key, data, said, missing, digest)


def timestamp(folder: Path) -> tuple[datetime | None, list[str]]:
    """When a submission was handed in, by its timestamp.txt as nbgrader writes it."""
    try:
        text = read_bytes(folder / "timestamp.txt").decode().strip()
        return (parse_moment(text) if text else None), []
    except Unreadable:
        return None, []
    except (UnicodeDecodeError, NoMoment):
        return None, ["timestamp.txt could not be read as a date, so the submission counts as having no date."]


@cache
def code_digest() -> str:
    """Changes with the autograder's own code, so that results of older code are not kept."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.parent.glob("**/*.*")):
        if path.suffix in (".py", ".j2", ".css"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@dataclass
class Work:
    """What a run has to do, and what an earlier one has done."""

    todo: list[Found] = field(default_factory=list)
    kept: list[Result] = field(default_factory=list)
    """Results of an earlier run that still hold."""
    refused: dict[str, str] = field(default_factory=dict)
    """What cannot be a student's folder, and why."""


def look(
    course: Course, keys: dict[tuple[str, str], Key], *, force: bool = False, students: set[str] | None = None
) -> Work:
    """Look at what was handed in. `force` marks again what has not changed, `students` leaves out all others."""
    work = Work(refused=refused(course))
    for one in find(course, keys, students):
        earlier = None if force else kept_result(course, one.job.student, one.job.key, one.job.digest)
        if earlier is None:
            work.todo.append(one)
        else:
            work.kept.append(earlier)
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
    stamps = {(one.job.student, one.job.key.assignment): one.handed_in for one in work.todo}
    batch: list[Result] = []

    def write() -> None:
        gradebook.write(batch, stamps)
        for result in batch:
            keep(course, result, stamps.get((result.student, result.assignment)))
        batch.clear()

    setting = Setting(
        course.secret, timeouts, course.slips_cost_once, course.all_cells, course.site_url, crew.warm, layers or {}
    )
    try:
        gradebook.require(keys.values())
        for result in map_jobs(crew.executor, [one.job for one in work.todo], setting):
            batch.append(result)
            run.results.append(result)
            run.marked += 1
            advanced(result)
            if len(batch) >= BATCH:
                write()
    except KeyboardInterrupt:
        run.stopped = True
    finally:
        write()
    return run


@dataclass(frozen=True)
class Crew:
    """Who marks."""

    executor: Executor
    warm: tuple[str, str] = ("", "")
    """Addresses of the warm processes that the workers share; empty where each worker starts its own."""


@contextmanager
def crew_for(work: Work, workers: int = 0, scheduler: str = "") -> Iterator[Crew]:
    """Who marks `work`. All of them start at once, and get ready while the caller goes on.

    Takes the number of processes here (none: one a core), or the address of a Dask scheduler.
    """
    if scheduler:
        from distributed import Client

        with Client(scheduler) as client:
            yield Crew(client.get_executor(pure=False))
        return
    kinds = {one.job.key.uses_tensorflow for one in work.todo}
    with ExitStack() as stack:
        memory = memory_mib()
        count = max(min(workers or os.cpu_count() or 1, len(work.todo), memory // LEAST_MIB), 1)
        limits = Limits.sharing(count, memory)
        warm = [""] * 2
        for tensorflow in sorted(kinds, reverse=True):
            modules = TENSORFLOW if tensorflow else NUMPY
            warm[tensorflow] = stack.enter_context(Zygote(modules, limits)).address
        pool = worker_pool(count)
        try:
            for one in work.todo[:count]:
                pool.submit(get_ready, one.job.key)
            yield Crew(pool, (warm[0], warm[1]))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def worker_pool(workers: int) -> ProcessPoolExecutor:
    """Processes that mark. They inherit none of this one's open files."""
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), start_worker, (os.getpid(),))


def memory_mib() -> int:
    """MiB of memory that this machine has, or that the container is given."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # version 2 says "max" where there is no limit
            found.append(int(Path(path).read_text()))
    return min(found) >> 20


def map_jobs(executor: Executor, jobs: Iterable[Job], setting: Setting) -> Iterator[Result]:
    """Results as they come. A job that brings its worker down costs itself alone."""
    futures: dict[Future[Result], Job] = {executor.submit(mark, job, setting): job for job in jobs}
    orphans: list[Job] = []
    for future in as_completed(futures):
        job = futures[future]
        try:
            yield future.result()
        except BrokenProcessPool:
            orphans.append(job)
        except NoWarmProcess:
            raise  # nothing can be marked any more: better no mark than a wrong one
        except Exception as error:
            yield judge_failed(job, f"{type(error).__name__}: {error}")
    for job in orphans:
        with worker_pool(1) as alone:
            try:
                yield alone.submit(mark, job, setting).result()
            except BrokenProcessPool:
                yield judge_failed(job, "the judge's worker ended")


def judge_failed(job: Job, why: str) -> Result:
    """The result of a job on which the judge itself failed: no points, and the instructor is told."""
    text = "The judge itself failed on this notebook. That is not your fault; your instructor has been told."
    key = job.key
    verdicts = [Verdict(cell.grade_id, 0.0, cell.points, "unreadable", text) for cell in key.cells if cell.grade]
    return Result(
        job.student, key.assignment, key.notebook, key.max_points, verdicts, [why], unreadable=text, feedback=text
    )
