"""A small course, built strictly with the real _config.yml, extensions and assets, in seconds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent
EXERCISES = ("exercises/lstm/gates", "exercises/lstm/keras")


def notebook(code: str) -> nbformat.NotebookNode:
    """A notebook with a title and one code cell."""
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell("# Gates\n\nWrite $f_t$."), v4.new_code_cell(code)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return v4.new_notebook(cells=cells, metadata=kernel)


def lay_out(folder: Path, *pages: str) -> None:
    """Write the course: a start, a page for each of `pages` with nothing but a title, two exercises."""
    shutil.copy(ROOT / "_config.yml", folder)
    for name in ("_extensions", "_assets", "_templates", "runs"):
        shutil.copytree(ROOT / "book" / name, folder / "book" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("drawing.py", "references.bib"):
        shutil.copy(ROOT / "book" / name, folder / "book")
    for page in ("book/intro", *pages):
        path = folder / f"{page}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {path.stem.capitalize()}\n")
    for name, library in zip(EXERCISES, ("numpy", "keras"), strict=True):
        path = folder / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook(f"import {library}\nraise NotImplementedError()"), path)
    chapters = "".join(f"- file: {name}\n" for name in (*pages, *EXERCISES))
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: book/intro\nchapters:\n{chapters}")


def build_site(folder: Path, **variables: str) -> None:
    """Build it as `make site` does, with these in the environment."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "-W", "-n", "--keep-going"]
    environment = {**os.environ, **variables}
    done = subprocess.run(
        command, check=False, cwd=folder, capture_output=True, text=True, timeout=300, env=environment
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def page(site: Path, name: str) -> BeautifulSoup:
    """A built page."""
    return BeautifulSoup((site / "_build/html" / f"{name}.html").read_text(), "html.parser")
