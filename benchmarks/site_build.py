"""How long the site takes to build: from nothing, again, and after a change to one page or one module.

`python -m benchmarks.site_build` copies what git knows of the course to a temporary folder, builds the site there as
`make site` does, and writes benchmarks/BUILD.md. Seconds of wall clock. A page counts as executed if Jupyter Book's
cache of executed pages has a new entry for it. A page should take under 30 s, the build from nothing under 5 minutes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import typer
from jupyter_cache import get_cache
from rich.console import Console

from .folders import REPOSITORY
from .throughput import Sheet, environment, load, machine, report

RESULTS = Path(__file__).parent / "BUILD.md"
PAGE = "book/gru/cell.md"
MODULE = "book/gru/gru_figures.py"
PAGE_LIMIT = 30
BUILD_LIMIT = 300

console = Console()


def copy_course(root: Path) -> None:
    """Everything that git knows, as it stands now, and nothing that was built."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, root / name)


def page_seconds(root: Path) -> dict[tuple[int, datetime], tuple[str, float]]:
    """Each entry of the cache of executed pages: the page, and how long it took. A number is given out again."""
    folder = root / "_build" / ".jupyter_cache"
    records = get_cache(folder).list_cache_records() if folder.is_dir() else []
    return {
        (record.pk, record.created): (
            Path(record.uri).relative_to(root).with_suffix("").as_posix(),
            float(record.data.get("execution_seconds", 0.0)),
        )
        for record in records
    }


def build(root: Path) -> tuple[float, set[str]]:
    """Build the site strictly. Returns the seconds, and the pages that were executed."""
    before = set(page_seconds(root))
    command = [str(Path(sys.executable).parent / "jupyter-book"), "build", ".", "-W", "-n", "--keep-going", "--quiet"]
    began = time.perf_counter()
    subprocess.run(command, cwd=root, env=environment(), check=True, capture_output=True)
    seconds = time.perf_counter() - began
    return seconds, {page for key, (page, _) in page_seconds(root).items() if key not in before}


def nothing(root: Path) -> None:
    """Change nothing."""


def change_text(root: Path) -> None:
    """Add a paragraph to a page."""
    path = root / PAGE
    path.write_text(path.read_text() + "\nOne more sentence.\n")


def change_code(root: Path) -> None:
    """Add a line to a page's first code cell."""
    path = root / PAGE
    head, cell, rest = path.read_text().partition("```{code-cell} python\n:tags: [remove-cell]\n\n")
    assert cell, f"{PAGE} has no removed cell"
    path.write_text(f"{head}{cell}assert True\n{rest}")


def change_module(root: Path) -> None:
    """Add a line to a chapter's module."""
    path = root / MODULE
    path.write_text(path.read_text() + '\nUNUSED = "one more line"\n')


CHANGES: tuple[tuple[str, Callable[[Path], None]], ...] = (
    ("from nothing", nothing),
    ("again, nothing changed", nothing),
    (f"a sentence more in {PAGE}", change_text),
    (f"a line of code more in {PAGE}", change_code),
    (f"a line more in {MODULE}", change_module),
)


def main() -> None:
    """Measure how long the site takes to build. Writes benchmarks/BUILD.md."""
    began = load()
    builds = Sheet("Builds of the site, one after the other", ("What changed before it", "Seconds", "Pages executed"))
    pages = Sheet("Pages, as the build from nothing executed them", ("Page", "Seconds"))
    with tempfile.TemporaryDirectory(prefix="site-build-") as folder:
        root = Path(folder).resolve() / "course"
        copy_course(root)
        for name, change in CHANGES:
            change(root)
            with console.status(f"building: {name}"):
                seconds, executed = build(root)
            known = ", ".join(sorted(executed)) if len(executed) < 6 else ""
            builds.rows.append((name, f"{seconds:.0f}", f"{len(executed)} {known and f'({known})'}".strip()))
            if not pages.rows:
                times = sorted(((s, page) for page, s in page_seconds(root).values()), reverse=True)
                pages.rows += [(page, f"{s:.1f}") for s, page in times]
    about = [
        *machine(),
        f"Load average before the run {began} (0 is an idle machine)",
        f"Asked for: a page under {PAGE_LIMIT} s, the build from nothing under {BUILD_LIMIT} s",
    ]
    report(RESULTS, "How long the site takes to build", "benchmarks.site_build", about, builds, pages)


if __name__ == "__main__":
    typer.run(main)
