"""Throughput of this autograder against stock nbgrader: the same submissions, the same cores, one run.

`python -m benchmarks.throughput` hands the same class to two temporary courses a notebook, times the whole command
`nbgrader autograde` in the one and `python -m autograder grade` in the other, by the wall clock in seconds, and
compares the marks. Stock's command writes the gradebook; ours writes the gradebook, feedback and reports as well.
Then a separate, serial run in this process says where our own time goes.
"""

from __future__ import annotations

import enum
import os
import platform
import select
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import nbformat
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from autograder.course.folder import Course
from autograder.course.key import read_keys
from autograder.results.result import Result

from . import otter, stages
from .folders import ASSIGNMENT, KINDS, REPOSITORY, Class, Keys, Kind, autograded, counter, make_course, marks

RESULTS = Path(__file__).parent / "RESULTS.md"
ROUNDS = 5
"""Stock with a fifth of its submissions and our command with the class take so many turns: how fast the machine is
changes within minutes. All of stock's time counts, its start once, and the median of ours."""
SIZES = (10, 100, 1000, 3000)
"""Classes of which one submission should cost the same."""
BY_OTTER = 8
"""How many submissions Otter gets: each takes it a process of its own, and as long as the last."""
ALL_CELLS, ONE, ONE_CORE, KNOWN = "all cells", "one worker", "one core", "known wall"
RUN_ALL = "\nc.Judge.all_cells = True\n"
STOCK = ("-m", "nbgrader", "autograde", ASSIGNMENT)
OURS = ("-m", "autograder", "grade", ASSIGNMENT)
DOCTOR = ("-m", "autograder", "doctor", "--quiet")
PACKAGES = ("nbgrader", "numpy", "tensorflow", "keras", "ipykernel", "nbclient", "ipython")

console = Console()


class Only(enum.StrEnum):
    """Which notebook to measure."""

    numpy = "numpy"
    tensorflow = "tensorflow"


@dataclass
class Sheet:
    """A table that is printed and written alike. The first column is text, the others are numbers."""

    title: str
    headings: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)

    def printed(self) -> Table:
        """For the terminal."""
        table = Table(title=self.title, title_justify="left")
        for number, heading in enumerate(self.headings):
            table.add_column(heading, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*(escape(cell) for cell in row))
        return table

    def markdown(self) -> str:
        """For RESULTS.md."""
        rule = ["---", *["---:"] * (len(self.headings) - 1)]
        lines = [f"| {' | '.join(row)} |\n" for row in (self.headings, rule, *self.rows)]
        return f"## {self.title}\n\n" + "".join(lines)


@dataclass
class Measured:
    """One notebook, measured. Times in seconds."""

    kind: Kind
    submissions: int
    stock_count: int
    """How many of them stock gets."""
    stocks: list[float] = field(default_factory=list)
    """Seconds of stock's command, each time with another part of these."""
    stock_start: float = 0.0
    """Seconds of stock's command where nothing is left to mark."""
    ours: list[float] = field(default_factory=list)
    variants: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Our command in another way: how many submissions, and seconds."""
    otter: list[float] = field(default_factory=list)
    """Seconds of `otter run`, one submission each."""
    otter_agrees: tuple[int, int] = (0, 0)
    """Tests with the same points by Otter, and all."""
    agree: int = 0
    """Students whose every graded cell has the same points on both sides."""
    cells: tuple[int, int] = (0, 0)
    """Graded cells with the same points on both sides, and all."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why cells differ, and how many do for it."""
    stages: dict[str, float] = field(default_factory=dict)

    @property
    def our_seconds(self) -> float:
        """The median of our runs."""
        return statistics.median(self.ours)

    @property
    def stock(self) -> float:
        """Seconds that stock took for all that it got, as if it had started once."""
        return sum(self.stocks) - (len(self.stocks) - 1) * self.stock_start

    def ratio(self, ours: float) -> str:
        """How many times as fast as stock a submission is that takes us `ours` seconds."""
        return f"{self.stock / self.stock_count / ours:.0f}" if self.stock else "-"


class Failed(Exception):
    """A command did not do what was to be measured."""


def environment() -> dict[str, str]:
    """What both commands get. Bytecode is cached, as it is where nobody forbids it."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    folder = str(Path(sys.executable).parent)
    return {**kept, "PYTHONPATH": str(REPOSITORY), "PATH": folder + os.pathsep + kept.get("PATH", "")}


def timed(arguments: Sequence[str], course: Course, watch: Callable[[], None] = lambda: None) -> float:
    """Run a command of the course's Python in its folder; return seconds. `watch` is called once a second."""
    log = course.root / "log.txt"
    with log.open("w") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=course.root, env=environment(), stdout=out, stderr=out
        )
        ended = os.pidfd_open(process.pid)
        try:
            while not select.select([ended], [], [], 1.0)[0]:
                watch()
            code = process.wait()
            seconds = time.perf_counter() - began
        finally:
            os.close(ended)
            if process.poll() is None:
                process.kill()
                process.wait()
    if code:
        said = "\n".join(log.read_text().splitlines()[-15:])
        raise Failed(f"{shlex.join(arguments)} ended with code {code}:\n{said}")
    return seconds


def measure(kind: Kind, everybody: int, for_stock: int, folder: Path, progress: Progress) -> Measured:
    """Measure one notebook, in courses below `folder`, of which stock gets the first `for_stock`."""

    def prepared(name: str, count: int, *, stock: bool = False) -> tuple[Course, Keys, list[str]]:
        course, keys = make_course(folder / f"{kind.name}-{name}", kind, stock=stock)
        return course, keys, Class(course, keys).write(kind, count)

    def run(
        name: str,
        arguments: Sequence[str],
        count: int = everybody,
        *,
        settings: str = "",
        before: Sequence[str] | None = None,
    ) -> tuple[float, Course, list[str]]:
        course, _, students = prepared(name, count)
        if settings:
            with (course.root / "nbgrader_config.py").open("a") as config:
                config.write(settings)
        if before:
            timed(before, course)
        task = progress.add_task(f"{kind.name}: {name}", total=count)
        done = counter(course, kind)
        seconds = timed(arguments, course, lambda: progress.update(task, completed=done()))
        progress.update(task, completed=done())
        missing = count - len(marks(course, kind, students))
        if missing:
            raise Failed(f"{name} left {missing} of {count} submissions of {kind.notebook} ungraded")
        return seconds, course, students

    def run_stock() -> float:
        """Have stock mark the next of its submissions, which its course holds back until then."""
        here = held_back[: -(-for_stock // ROUNDS)]
        del held_back[: len(here)]
        for student in here:
            (stock.root / student).rename(stock.submitted / student)
        seconds = timed(STOCK, stock)
        progress.update(task, advance=len(here))
        return seconds

    warm_up()
    if for_stock:
        stock, _, theirs = prepared("stock", for_stock, stock=True)
        held_back = list(theirs)
        for student in theirs:
            (stock.submitted / student).rename(stock.root / student)
        task = progress.add_task(f"{kind.name}: stock", total=for_stock)
    measured = Measured(kind, everybody, for_stock)
    for number in range(1, ROUNDS + 1):
        if for_stock:
            measured.stocks.append(run_stock())
        seconds, ours, students = run(f"ours {number}", OURS)
        measured.ours.append(seconds)
    if for_stock:
        measured.stock_start = timed(STOCK, stock)
        if missing := for_stock - len(marks(stock, kind, theirs)):
            raise Failed(f"stock left {missing} of {for_stock} submissions of {kind.notebook} ungraded")
        compare(measured, stock, ours, theirs)
    measured.variants[KNOWN] = everybody, run("ours, after doctor", OURS, before=DOCTOR)[0]
    measured.variants[ALL_CELLS] = everybody, run("ours, all cells", OURS, settings=RUN_ALL)[0]
    measured.variants[ONE] = everybody, run("ours, one worker", (*OURS, "--workers", "1"))[0]
    with one_core():
        measured.variants[ONE_CORE] = everybody, run("ours, one core", OURS)[0]
    for size in SIZES if kind.name == Only.numpy else ():
        measured.variants[f"{size}"] = size, run(f"ours, {size}", OURS, size)[0]
    if for_stock and kind.name == Only.numpy:
        by_otter(measured, ours, students[:BY_OTTER], folder, progress)
    course, _, _ = prepared("stages", everybody)
    task = progress.add_task(f"{kind.name}: where our time goes", total=everybody)
    measured.stages = stages.measure(course, environment(), lambda: progress.update(task, advance=1))
    return measured


@contextmanager
def one_core() -> Iterator[None]:
    """Have what is started inside use one of the machine's cores."""
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(all_of_them)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


def by_otter(measured: Measured, course: Course, students: list[str], folder: Path, progress: Progress) -> None:
    """Have Otter mark some of the same submissions with the same tests, and compare the points."""
    kind = measured.kind
    key = read_keys(course.solutions, course.exercises)[ASSIGNMENT, kind.notebook]
    command = otter.installed(REPOSITORY / "_build" / "otter")
    otter.write_tests(key, folder / "otter.zip")
    mine = marks(course, kind, students)
    task = progress.add_task(f"{kind.name}: otter", total=len(students))
    same = total = 0
    for student in students:
        notebook = course.submitted / student / ASSIGNMENT / f"{kind.notebook}.ipynb"
        seconds, points = otter.run(command, folder / "otter.zip", notebook, folder / "otter" / student)
        measured.otter.append(seconds)
        total += len(points)
        same += sum(mine[student][cell] == got for cell, got in points.items())
        progress.update(task, advance=1)
    measured.otter_agrees = same, total


def warm_up() -> None:
    """Have both commands' files in the page cache and their bytecode written, so that nobody pays for being first."""
    code = "import autograder.commands.cli, nbgrader.apps, nbclient, ipykernel.kernelapp, matplotlib.pyplot, keras"
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True, capture_output=True)


# --- the marks ---


def compare(measured: Measured, stock: Course, ours: Course, students: list[str]) -> None:
    """Count the marks on which the two sides agree, and say why others differ."""
    theirs, mine = marks(stock, measured.kind, students), marks(ours, measured.kind, students)
    same = total = 0
    for student in students:
        cells = sorted(theirs[student])
        differing = [cell for cell in cells if theirs[student][cell] != mine[student][cell]]
        total += len(cells)
        same += len(cells) - len(differing)
        measured.agree += not differing
        for cell in differing:
            points = f"stock {theirs[student][cell]:g}, ours {mine[student][cell]:g}"
            why = why_stock(stock, measured.kind, student, cell)
            measured.reasons[f"{points}: stock: {why}; ours: {why_ours(ours, measured.kind, student, cell)}"] += 1
    measured.cells = same, total


def why_stock(course: Course, kind: Kind, student: str, grade_id: str) -> str:
    """What stock nbgrader's graded cell put out, in words."""
    notebook = nbformat.read(autograded(course, kind, student), as_version=4)
    cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    for output in cell.outputs:
        if output.output_type == "error":
            said = next((line for line in str(output.evalue).splitlines() if line.strip()), "")
            return f"{output.ename}: {said[:90]}"
        if output.output_type == "stream" and output.name == "stderr":
            said = next((line for line in output.text.splitlines() if "Warning" in line), output.text.splitlines()[0])
            return f"output on stderr counts as failure ({said.partition(': ')[2][:70] or said[:70]})"
    return "passed"


def why_ours(course: Course, kind: Kind, student: str, grade_id: str) -> str:
    """Our verdict on a cell, in words."""
    path = course.grading / "results" / ASSIGNMENT / kind.notebook / f"{student}.json"
    verdicts = {verdict.grade_id: verdict for verdict in Result.from_json(path.read_text()).verdicts}
    verdict = verdicts[grade_id]
    return verdict.kind + (f" ({verdict.misconception})" if verdict.misconception else "")


# --- what is said ---


def throughput_sheet(results: list[Measured]) -> Sheet:
    """The two commands side by side."""
    headings = ("Notebook", "Handed in", "Stock, s", "of", "Ours, s", "Stock/min", "Ours/min", "Ratio")
    sheet = Sheet("Whole commands, wall clock", headings)
    for one in results:
        name = f"{one.kind.notebook} ({one.kind.imports})"
        ways = {
            name: one.our_seconds,
            f"{name}, the wall tried before": one.variants[KNOWN][1],
            f"{name}, all cells run": one.variants[ALL_CELLS][1],
        }
        for way, ours in ways.items():
            stock = f"{one.stock:.1f}" if one.stock else "-"
            their_rate = f"{60 * one.stock_count / one.stock:.1f}" if one.stock else "-"
            rate = f"{60 * one.submissions / ours:.0f}"
            row = (str(one.submissions), stock, str(one.stock_count), f"{ours:.2f}", their_rate, rate)
            sheet.rows.append((way, *row, one.ratio(ours / one.submissions)))
    return sheet


def otter_sheet(one: Measured) -> Sheet:
    """Otter beside us."""
    sheet = Sheet("Beside Otter-Grader", ("Notebook", "Otter, s each", "Ours, s each", "Ratio", "Tests that agree"))
    theirs, ours = statistics.median(one.otter), one.our_seconds / one.submissions
    agree = f"{one.otter_agrees[0]} of {one.otter_agrees[1]}"
    sheet.rows.append((one.kind.notebook, f"{theirs:.2f}", f"{ours:.4f}", f"{theirs / ours:.0f}", agree))
    return sheet


def workers_sheet(results: list[Measured]) -> Sheet:
    """What is gained by workers, one a core and one more, and what by cores, each time with as many workers."""
    cores = len(os.sched_getaffinity(0))
    by_itself = f"{cores} cores, {cores + 1} workers, s"
    headings = ("Notebook", by_itself, f"{cores} cores, 1 worker, s", "Ratio", "1 core, 2 workers, s", "Ratio")
    sheet = Sheet("More workers, and more cores", headings)
    for one in results:
        row = [one.kind.notebook, f"{one.our_seconds:.2f}"]
        for name in (ONE, ONE_CORE):
            alone = one.variants[name][1]
            row += [f"{alone:.2f}", f"{alone / one.our_seconds:.2f}"]
        sheet.rows.append(tuple(row))
    return sheet


def sizes_sheet(one: Measured) -> Sheet:
    """What one submission costs in small and large classes."""
    title = f"Classes of all sizes: {ASSIGNMENT}/{one.kind.notebook}"
    sheet = Sheet(title, ("Handed in", "Seconds", "Each, ms", "Each, beyond the first 10, ms"))
    base, first = one.variants[f"{SIZES[0]}"]
    for size in SIZES:
        seconds = one.variants[f"{size}"][1]
        beyond = f"{1000 * (seconds - first) / (size - base):.1f}" if size > base else ""
        sheet.rows.append((str(size), f"{seconds:.2f}", f"{1000 * seconds / size:.1f}", beyond))
    return sheet


def marks_sheet(results: list[Measured]) -> Sheet:
    """How far the marks agree."""
    sheet = Sheet("The same marks?", ("Notebook", "Submissions that agree", "Graded cells that agree", "Differences"))
    for one in results:
        submissions = f"{one.agree} of {one.stock_count}"
        cells = f"{one.cells[0]} of {one.cells[1]}"
        sheet.rows.append((f"{ASSIGNMENT}/{one.kind.notebook}", submissions, cells, str(one.cells[1] - one.cells[0])))
    return sheet


def reasons_sheet(results: list[Measured]) -> Sheet:
    """Why cells differ."""
    sheet = Sheet("Why marks differ", ("Notebook and reason", "Cells"))
    for one in results:
        for reason, count in one.reasons.most_common():
            sheet.rows.append((f"{one.kind.notebook}: {reason}".replace("|", "/"), str(count)))
    return sheet


def stages_sheet(one: Measured) -> Sheet:
    """Where our time goes in one notebook."""
    title = f"Where our time goes: {ASSIGNMENT}/{one.kind.notebook}, a separate serial run in one process"
    sheet = Sheet(title, ("Stage", "Once, s", "A notebook, ms", "Total, s", "Share"))
    total = sum(one.stages.values())
    for stage in stages.ORDER:
        seconds = one.stages[stage]
        first, each = f"{seconds:.2f}", f"{1000 * seconds / one.submissions:.1f}"
        columns = (first, "") if stage in stages.ONCE else ("", each)
        sheet.rows.append((stage, *columns, f"{seconds:.2f}", f"{seconds / total:.0%}"))
    once = sum(one.stages[stage] for stage in stages.ONCE)
    sheet.rows.append(("sum", f"{once:.2f}", f"{1000 * (total - once) / one.submissions:.1f}", f"{total:.2f}", "100%"))
    return sheet


def report(path: Path, title: str, module: str, about: Sequence[str], *sheets: Sheet) -> None:
    """Print what was measured, and write the same to `path`."""
    for line in about:
        console.print(line, markup=False)
    for sheet in sheets:
        console.print(sheet.printed())
    parts = [
        f"# {title}\n",
        f"Measured on {datetime.now():%Y-%m-%d %H:%M} by `python -m {module}`. Seconds of wall clock.\n",
        "\n".join(f"- {line}" for line in about) + "\n",
        *(sheet.markdown() for sheet in sheets),
    ]
    path.write_text("\n".join(parts))
    console.print(f"Written to {path}")


def machine() -> list[str]:
    """Sentences about the machine and the software."""
    told = Path("/proc/cpuinfo").read_text()
    cpus = [line for line in told.splitlines() if line.startswith("model name")]
    model = cpus[0].partition(": ")[2] if cpus else platform.machine()
    model += " in a virtual machine" if " hypervisor " in told else ""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        f"{len(os.sched_getaffinity(0))} cores, {model}, {memory:.0f} GiB, Linux {platform.release()}",
        f"Python {platform.python_version()} ({Path(sys.executable).resolve()}), {packages}",
    ]


def load() -> str:
    """How busy the machine has been in the last minute. Other work on it spoils the ratios."""
    return f"{os.getloadavg()[0]:.1f}"


def notes(results: list[Measured]) -> list[str]:
    """What a reader must know to judge the numbers."""
    said = [
        f"Stock: `nbgrader {' '.join(STOCK[2:])}` with nbgrader's own preprocessors: a kernel a notebook, one after "
        "the other. It writes marks; feedback would be another command, which is not counted.",
        f"Ours: `python {' '.join(OURS)}`, cold: Python, the wall's probes, warm processes and workers are started, "
        "marks, gradebook, feedback pages and class reports written.",
        "The wall tried before: `doctor` ran in that course. So it is at every run but a course's first on a machine.",
        "Same files on both sides: every other student right, in the styles of the sample class, the others with one "
        "misconception each. Both courses are fresh, the assignment released, the page cache warm.",
    ]
    for one in results:
        runs = ", ".join(f"{seconds:.2f}" for seconds in one.ours)
        parts = ", ".join(f"{seconds:.1f}" for seconds in one.stocks)
        said.append(
            f"{one.kind.notebook}: our {len(one.ours)} runs took {runs} s; the median counts. "
            f"Stock took its {one.stock_count} in turn with them, in parts: {parts} s, of each of which "
            f"{one.stock_start:.1f} s are its start: that counts once."
        )
        if one.otter:
            said.append(
                f"Otter-Grader (`{otter.PACKAGES[0]}`): `otter run` on {len(one.otter)} of the same files, with the "
                "same test cells, hidden part included, as Otter's tests. The median of their times."
            )
    return said


def write_results(sheets: list[Sheet], said: list[str], about: list[str], command: str) -> None:
    """Write everything as Markdown."""
    parts = [
        "# Throughput\n",
        f"Measured on {datetime.now():%Y-%m-%d %H:%M} by `{command}`. Seconds of wall clock.\n",
        "\n".join(f"- {line}" for line in about) + "\n",
        *(sheet.markdown() for sheet in sheets),
        "## How it was measured\n",
        "\n".join(f"- {line}" for line in said) + "\n",
    ]
    RESULTS.write_text("\n".join(parts))


def main(
    submissions: Annotated[int | None, typer.Option(min=2, help="Notebooks of each kind.", show_default="300")] = None,
    stock: Annotated[int | None, typer.Option(min=2, help="How many of them stock gets.", show_default="all")] = None,
    only: Annotated[Only | None, typer.Option(help="Measure one kind alone.", show_default="both")] = None,
    skip_stock: Annotated[bool, typer.Option("--skip-stock", help="Measure ours alone.")] = False,
) -> None:
    """Measure throughput against stock nbgrader. A complete run writes benchmarks/RESULTS.md."""
    began = load()
    results = []
    with tempfile.TemporaryDirectory(prefix="throughput-") as folder:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            for kind in KINDS:
                if only is None or only.value == kind.name:
                    count = submissions or kind.submissions
                    try:
                        results.append(
                            measure(
                                kind, count, 0 if skip_stock else min(stock or count, count), Path(folder), progress
                            )
                        )
                    except Failed as failed:
                        console.print(f"[bold red]benchmark:[/] {escape(str(failed))}", soft_wrap=True)
                        raise typer.Exit(1) from None
    about = [
        *machine(),
        f"Load average before the run {began} (0 is an idle machine), after it, itself included, {load()}",
    ]
    sheets = [throughput_sheet(results)]
    if not skip_stock:
        sheets.append(marks_sheet(results))
        if any(one.reasons for one in results):
            sheets.append(reasons_sheet(results))
    sheets += [otter_sheet(one) for one in results if one.otter]
    sheets += [workers_sheet(results)]
    sheets += [sizes_sheet(one) for one in results if one.kind.name == Only.numpy]
    sheets += [stages_sheet(one) for one in results]
    said = notes(results)
    for line in about:
        console.print(line, soft_wrap=True)
    for sheet in sheets:
        console.print(sheet.printed())
    for line in said:
        console.print(f"- {escape(line)}", soft_wrap=True)
    if only is None and not skip_stock:
        write_results(sheets, said, about, shlex.join(["python", "-m", "benchmarks.throughput", *sys.argv[1:]]))
        console.print(f"Written to {RESULTS}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
