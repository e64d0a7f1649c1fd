"""A soak: one judge marks a hostile and ordinary class again and again, and what grows is measured.

`python -m benchmarks.soak --minutes 60` writes benchmarks/SOAK.md. The class is what the sample class of one chapter
hands in; rounds alternate between the two settings of the wall. Ctrl-C ends it early; what was measured is written.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder.course.key import read_keys
from autograder.judge.judge import Timeouts
from autograder.judge.student_process import NUMPY, TENSORFLOW, Zygote
from autograder.marks.grade import find, load
from autograder.marks.marking import Job, Setting, mark
from autograder.walled.limits import Limits

from .folders import sample_course
from .throughput import environment, machine

RESULTS = Path(__file__).parent / "SOAK.md"
CHAPTER = "layers"
"""The assignment in which the sample class breaks and attacks."""
HANDED_IN = ("hostile-", "broken-", "right-")
TIMEOUTS = Timeouts(10, 20)
"""Seconds for a cell and a notebook: what never ends shall not take all of the time."""
CACHES = 2
"""Rounds, one a setting, in which what is made once and kept is made."""

out = Console()


@dataclass(frozen=True)
class Sample:
    """What is there after a round."""

    minutes: float
    judge_mib: float
    judge_files: int
    judge_threads: int
    warm_mib: float
    warm_files: int
    students: int
    """Student processes and their guards."""
    folders: int
    """In the folder for temporary files, with scratch folders."""


MEASURES: dict[str, Callable[[Sample], float]] = {
    "Memory of the judge, MiB": lambda one: one.judge_mib,
    "Open files of the judge": lambda one: one.judge_files,
    "Threads of the judge": lambda one: one.judge_threads,
    "Memory of the warm processes, MiB": lambda one: one.warm_mib,
    "Open files of the warm processes": lambda one: one.warm_files,
    "Student processes and guards": lambda one: one.students,
    "Temporary folders": lambda one: one.folders,
}


@dataclass
class Soak:
    """What was measured so far."""

    samples: list[Sample] = field(default_factory=list)
    marked: int = 0
    points: dict[tuple[str, str], float] = field(default_factory=dict)
    """By student and notebook, as the first round gave them."""
    other: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """What a later round gave otherwise."""


def status(pid: int | str, name: str) -> int:
    """A number of /proc/PID/status."""
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith(f"{name}:"))


def files(pid: int | str) -> int:
    """How many files a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def below(pid: int) -> Iterator[int]:
    """The processes that a process has started, and those that they have."""
    with suppress(OSError):
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            yield child
            yield from below(child)


def sample(minutes: float, warm: list[Zygote]) -> Sample:
    """Measure, once the last student process has had its second to end."""
    time.sleep(1)
    pids = [zygote.pid for zygote in warm]
    folders = list(Path(tempfile.gettempdir()).iterdir())
    return Sample(
        minutes,
        status("self", "VmRSS") / 1024,
        files("self"),
        status("self", "Threads"),
        sum(status(pid, "VmRSS") for pid in pids) / 1024,
        sum(files(pid) for pid in pids),
        sum(1 for pid in pids for _ in below(pid)),
        len(folders) + sum(1 for folder in folders for _ in folder.glob("rooms/*")),
    )


def hand_in(folder: Path) -> list[Job]:
    """A course with one chapter and its class; what is to be marked."""
    course = sample_course(folder, CHAPTER, environment())
    found = find(course, read_keys(course.solutions, course.exercises, [CHAPTER]))
    jobs = [load(course, one, None) for one in found if one.job.student.startswith(HANDED_IN)]
    return [job for job in jobs if not job.missing]


def go_round(soak: Soak, jobs: list[Job], setting: Setting, ends: float) -> bool:
    """Mark each once. Returns whether there was time for all."""
    for job in jobs:
        if time.monotonic() > ends:
            return False
        where = job.student, job.key.notebook
        points = mark(job, setting).points
        soak.marked += 1
        if points != soak.points.setdefault(where, points):
            soak.other.setdefault(where, []).append(points)
    return True


def run(minutes: float, soak: Soak) -> None:
    """Go round after round for so many minutes."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-"))
        jobs = hand_in(Path(folder))
        os.chmod(folder, 0o711)  # other users pass through it to their scratch folders
        tempfile.tempdir = f"{folder}/temporary"  # what others leave on this machine is not to be counted
        os.mkdir(tempfile.tempdir, 0o711)
        settings, warm = [], []
        for namespaces in (None, False):
            pair = [stack.enter_context(Zygote(kind, Limits(), namespaces=namespaces)) for kind in (NUMPY, TENSORFLOW)]
            settings.append(Setting(b"soak", TIMEOUTS, warm=(pair[0].address, pair[1].address)))
            warm += pair
        began = time.monotonic()
        ends = began + 60 * minutes
        going_on = True
        while going_on:
            going_on = go_round(soak, jobs, settings[len(soak.samples) % 2], ends)
            soak.samples.append(sample((time.monotonic() - began) / 60, warm))
            out.print(soak.samples[-1])


def page(soak: Soak) -> str:
    """The table."""
    first, *later = soak.samples[CACHES - 1 :]
    last = later[-1] if later else first
    rows = [
        "| | After both settings' first round | At the end | Largest | Grew by |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, measure in MEASURES.items():
        largest = max(map(measure, (first, *later)))
        numbers = (measure(first), measure(last), largest, measure(last) - measure(first))
        digits = 1 if "MiB" in name else 0
        rows.append(f"| {name} | {' | '.join(f'{number:.{digits}f}' for number in numbers)} |")
    about = (
        f"{soak.marked} notebooks in {last.minutes:.0f} minutes and {len(soak.samples)} rounds, marked by one judge: "
        f"{len(soak.points)} of the sample class for {CHAPTER}, hostile, broken and right. Measured by "
        f"`python -m benchmarks.soak`. {'. '.join(machine())}."
    )
    other = [f"- {student}, {notebook}: {points}" for (student, notebook), points in sorted(soak.other.items())]
    marks = ["Marks that a later round gave otherwise:", "", *other] if other else ["Every round gave the same marks."]
    return "\n".join(["# Soak", "", about, "", *rows, "", *marks, ""])


def main(minutes: Annotated[float, typer.Option(help="How long.")] = 60) -> None:
    """Mark again and again, and say what grew."""
    soak = Soak()
    with suppress(KeyboardInterrupt):
        run(minutes, soak)
    if len(soak.samples) < CACHES:
        raise SystemExit("It ended before both settings had their first round: nothing can be said.")
    RESULTS.write_text(page(soak))
    out.print(RESULTS.read_text(), markup=False)


if __name__ == "__main__":
    typer.run(main)
