"""How long each exercise's solution takes to run, in a fresh Jupyter kernel.

`python -m benchmarks.execution` writes benchmarks/EXECUTION.md. Seconds of wall clock, kernel start included, the
median of three runs. A NumPy exercise should run in under 5 s on two cores, one with Keras in under 30 s.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from autograder.course.key import Key, read_keys

from .folders import REPOSITORY
from .throughput import Sheet, environment, load, machine, report

RESULTS = Path(__file__).parent / "EXECUTION.md"
LIMITS = {False: 5, True: 30}
"""Seconds that a solution may take, by whether it uses TensorFlow."""

console = Console()


RUNS = 3
"""How long a kernel takes to start varies: the median of this many runs counts."""


def solution_seconds(key: Key) -> float:
    """Run a solution several times. Returns the median."""
    return statistics.median(one_run(key) for _ in range(RUNS))


def one_run(key: Key) -> float:
    """Run one solution from top to bottom, its hidden tests included."""
    with tempfile.TemporaryDirectory(prefix="execution-") as folder:
        source = REPOSITORY / "solutions" / key.assignment / f"{key.notebook}.ipynb"
        shutil.copy(source, folder)
        command = [sys.executable, "-m", "jupyter", "execute", source.name]
        began = time.perf_counter()
        subprocess.run(command, cwd=folder, env=environment(), check=True, capture_output=True)
        return time.perf_counter() - began


def solutions_sheet(advanced: Callable[[], None], keys: list[Key]) -> Sheet:
    """Every solution, the longest first."""
    sheet = Sheet("Solutions, each in a kernel of its own", ("Notebook", "Seconds", "Limit"))
    rows = []
    for key in keys:
        rows.append((solution_seconds(key), f"{key.assignment}/{key.notebook}", LIMITS[key.uses_tensorflow]))
        advanced()
    sheet.rows += [(name, f"{seconds:.1f}", str(limit)) for seconds, name, limit in sorted(rows, reverse=True)]
    return sheet


def main() -> None:
    """Measure how long solutions take. Writes benchmarks/EXECUTION.md."""
    began = load()
    keys = list(read_keys(REPOSITORY / "solutions", REPOSITORY / "exercises").values())
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("solutions", total=len(keys))
        sheet = solutions_sheet(lambda: progress.update(task, advance=1), keys)
    about = [*machine(), f"Load average before the run {began} (0 is an idle machine)"]
    report(RESULTS, "How long solutions take", "benchmarks.execution", about, sheet)


if __name__ == "__main__":
    typer.run(main)
