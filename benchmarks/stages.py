"""Where our time goes: one serial run in this process with a clock around the functions that do the work.

All times are seconds of wall clock and exclusive: what a stage calls that is a stage itself counts there only.
The clocks are put in from here; the product knows nothing of them.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import nbformat

from autograder.commands import cli
from autograder.course.folder import Course
from autograder.judge import doctor
from autograder.judge.judge import Judge
from autograder.judge.student_process import NUMPY, TENSORFLOW, StudentProcess, Zygote
from autograder.marks import grade as grading
from autograder.marks import marking
from autograder.marks.gradebook import ClassGradebook
from autograder.results.result import Result
from autograder.walled.limits import Limits

from .folders import ASSIGNMENT

COMMAND = "start of the command and imports"
PROBES = "doctor probes"
WARM = "warm process start"
WORKERS = "worker processes start and imports"
READ = "find, read and compare submissions"
PARSE = "parse and repair"
FORK = "fork and wall"
STUDENT = "student cells"
GRADED = "graded cells (checks)"
PAGES = "pages"
GRADEBOOK = "gradebook writes"
FILES = "files of pages and records"
REPORTS = "reports on the class"
REST = "everything else"

ORDER = (
    COMMAND, PROBES, WARM, WORKERS, READ, PARSE, FORK, STUDENT, GRADED, PAGES, FILES, GRADEBOOK, REPORTS, REST
)  # fmt: skip
ONCE = (COMMAND, PROBES, WARM, WORKERS)
"""Stages that a command pays once, however large the class is."""


@dataclass
class Stopwatch:
    """Exclusive seconds by stage."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _open: list[float] = field(default_factory=list)
    """For each stage that runs now, the seconds spent in stages inside it."""
    _closed: bool = False
    """Whether a stage runs now that keeps what happens inside it to itself."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what runs inside. A stage that is paid once keeps all that it calls to itself."""
        if self._closed:
            yield
            return
        self._closed = name in ONCE
        self._open.append(0.0)
        began = time.perf_counter()
        try:
            yield
        finally:
            whole = time.perf_counter() - began
            self.seconds[name] += whole - self._open.pop()
            self._closed = False
            if self._open:
                self._open[-1] += whole

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function` with the clock around it."""

        @functools.wraps(function)
        def timed(*arguments: Any, **keywords: Any) -> Any:
            with self.stage(name):
                return function(*arguments, **keywords)

        return timed

    @contextmanager
    def watching(self, *targets: tuple[str, Any, str]) -> Iterator[None]:
        """Put the clock around attributes, each given as (stage, owner, attribute), for a while."""
        with ExitStack() as stack:
            for name, owner, attribute in targets:
                kept = vars(owner)[attribute]
                if isinstance(kept, classmethod):
                    timed: Any = classmethod(self.around(name, kept.__func__))
                else:
                    timed = self.around(name, kept)
                stack.enter_context(patch.object(owner, attribute, timed))
            yield


class Serial(Executor):
    """Runs each job when it is submitted, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it now."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def measure(course: Course, environment: dict[str, str], advanced: Callable[[], None]) -> dict[str, float]:
    """Seconds by stage of one run over a class that was never graded. `advanced` is called after every notebook."""
    watch = Stopwatch()
    with watch.stage(COMMAND):
        subprocess.run([sys.executable, "-c", "import autograder.commands.cli"], env=environment, check=True)

    @contextmanager
    def serial(work: grading.Work, *settings: Any, **keywords: Any) -> Iterator[grading.Crew]:
        start_workers(watch, work)
        with watch.stage(WARM):
            zygote = Zygote(TENSORFLOW if work.todo[0].job.key.uses_tensorflow else NUMPY)
            StudentProcess.start(zygote.address).close()
        yield grading.Crew(Serial(), (zygote.address, zygote.address))
        with watch.stage(WARM):
            zygote.close()

    def mark(job: marking.Job, setting: marking.Setting) -> Result:
        try:
            return marking.mark(job, setting)
        finally:
            advanced()

    targets = (
        (PROBES, doctor, "examine"),
        (READ, grading, "find"),
        (PARSE, marking, "parse"),
        (FORK, StudentProcess, "start"),
        (STUDENT, StudentProcess, "run"),
        (GRADED, Judge, "_judge"),
        (PAGES, marking, "autograded_notebook"),
        (PAGES, marking, "feedback_page"),
        (PAGES, nbformat, "writes"),
        (GRADEBOOK, ClassGradebook, "__init__"),
        (GRADEBOOK, ClassGradebook, "require"),
        (GRADEBOOK, ClassGradebook, "write"),
        (FILES, grading, "keep"),
        (REPORTS, cli, "write_reports"),
    )
    with (
        patch.object(cli, "crew_for", serial),
        patch.object(grading, "mark", mark),
        watch.watching(*targets),
        watch.stage(REST),
    ):
        cli.grade([ASSIGNMENT], course.root, quiet=True)
    return watch.seconds


def start_workers(watch: Stopwatch, work: grading.Work) -> None:
    """Time what passes before the real pool's workers could mark: each gets a job.

    They are forked, as they are by the command: here a progress bar has a thread, there it has none yet.
    """
    as_in_the_command = patch("threading.active_count", lambda: 1)
    with as_in_the_command, patch.object(grading, "Zygote", NoZygote), watch.stage(WORKERS), ExitStack() as stack:
        crew = stack.enter_context(grading.crew_for(work))
        for future in [crew.executor.submit(type, found.job) for found in work.todo[: len(os.sched_getaffinity(0))]]:
            future.result()


class NoZygote:
    """Stands in for a warm process where none is needed."""

    address = ""

    def __init__(self, modules: tuple[str, ...], limits: Limits) -> None:
        """Start nothing."""

    def __enter__(self) -> NoZygote:
        return self

    def __exit__(self, *error: object) -> None:
        """End nothing."""
