"""Reads what a student handed in, whatever state it is in, and brings it back to the shape of the exercise.

Nothing is lost and nothing raises for a person's mistake: a cell that was removed comes back, one that was doubled
counts once, changed tests are replaced by the real ones, and every repair is told in a sentence.
"""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from ..course.key import Key, KeyCell, top_level_names

MAX_BYTES = 20 << 20
MAX_SOURCE = 100_000
MAX_CODE = 400_000
"""Characters of code in a notebook: to read it as Python takes up to 25 seconds and 1.5 GB for a million of them."""
MAX_CELLS = 2_000
AGAIN = "Download it once more from where you wrote it, see that it opens there, and hand in that file."
ELSEWHERE = "# The answer stands in another cell of this notebook."
LOOK_AROUND = "*This cell was missing. If there is an answer, it stands in another cell of this notebook.*"


class Unreadable(Exception):
    """The submission cannot be marked. The text says why, for the student and for the instructor."""


@dataclass
class Cell:
    """One cell in the order in which the notebook is run."""

    cell_type: str
    source: str
    key: KeyCell | None = None
    """The exercise's cell that this one is; None for any other."""
    number: int = 0
    """Its place among the code cells of the notebook, from 1."""

    @property
    def label(self) -> str:
        """What feedback calls it."""
        return self.key.grade_id if self.key else f"code cell {self.number}"


@dataclass
class Submission:
    """A submission in the shape of its exercise."""

    cells: list[Cell]
    notes: list[str] = field(default_factory=list)
    """What had to be repaired, each in a sentence for the student."""


class NotHandedIn(Unreadable):
    """There is no file for this notebook."""


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of sensible size; never through a symbolic link."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise NotHandedIn(f"There is no file {path.name}.") from None
    except OSError as error:
        raise Unreadable(
            f"{path.name} is not a regular file ({error.strerror}). Hand in the notebook itself."
        ) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Unreadable(f"{path.name} is not a regular file. Hand in the notebook itself.")
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > MAX_BYTES:
            size = status.st_size >> 20
            raise Unreadable(f"{path.name} is {size} MB large. Clear its outputs (Kernel, Restart and clear) first.")
        return file.read(MAX_BYTES)


def find_notebook(folder: Path, key: Key) -> tuple[Path, list[str]]:
    """The file in a student's folder that answers `key`, and what is odd about it."""
    exact = folder / f"{key.notebook}.ipynb"
    if exact.is_symlink() or exact.exists():
        return exact, []
    ids = set(key.by_id)
    best: tuple[int, Path] | None = None
    for path in sorted(folder.glob("*.ipynb")):
        try:
            found = raw_cells(read_bytes(path))
        except Unreadable:
            continue
        shared = len(ids & {_grade_id(cell) for cell in found})
        if shared > len(ids) / 2 and (best is None or shared > best[0]):
            best = (shared, path)
    if best is None:
        raise NotHandedIn(f"Nothing was handed in for this notebook: there is no {exact.name}.")
    return best[1], [f"The file is called {best[1].name}; it was marked as {exact.name}."]


def parse(data: bytes, key: Key) -> Submission:
    """A submission from the bytes of its file. Raises Unreadable where nothing can be made of it."""
    notes: list[str] = []
    found: dict[str, list[int]] = {}
    cells: list[Cell] = []
    raws = raw_cells(data)[:MAX_CELLS]
    code = sum(len(source_of(raw)) for raw in raws if raw.get("cell_type") == "code")
    if code > MAX_CODE:
        raise Unreadable(
            f"There are {code:,} characters of code in it; {MAX_CODE:,} are the most. Take out data that was pasted in."
        )
    known = {_grade_id(raw) for raw in raws}
    for raw in raws:
        cell_type = raw.get("cell_type") if raw.get("cell_type") in ("code", "markdown", "raw") else "raw"
        source = source_of(raw)
        key_cell = key.by_id.get(_grade_id(raw))
        if key_cell is None and cell_type == "code":
            key_cell = _recognise(source, key, known)
            if key_cell is not None:
                known.add(key_cell.grade_id)
                notes.append(f"The cell `{key_cell.grade_id}` had lost its identity; it was recognised by its content.")
        cell = Cell(str(cell_type), source, key_cell)
        if key_cell is not None:
            found.setdefault(key_cell.grade_id, []).append(len(cells))
        cells.append(cell)
    if not found:
        raise Unreadable("None of this exercise's cells are in the file. Is it the notebook of another exercise?")
    _settle_doubles(cells, found, notes)
    _keep_answers(cells, key, notes)
    for cell in cells:
        if cell.key is not None:
            _restore(cell, cell.key, notes)
    _add_missing(cells, key, notes)
    for number, cell in enumerate((cell for cell in cells if cell.cell_type == "code"), start=1):
        cell.number = number
    return Submission(cells, notes)


def _settle_doubles(cells: list[Cell], found: dict[str, list[int]], notes: list[str]) -> None:
    """One cell a grade_id: of an answer the last one counts, the others run as the student's own cells."""
    for grade_id, places in found.items():
        for place in places[:-1]:
            cell = cells[place]
            assert cell.key is not None
            if cell.key.locked:
                cell.cell_type, cell.source = "raw", ""
            cell.key = None
        if len(places) > 1:
            notes.append(f"The cell `{grade_id}` was there {len(places)} times; the last one counted.")


def _keep_answers(cells: list[Cell], key: Key, notes: list[str]) -> None:
    """What a student wrote into a locked cell, such as a test, stays as a cell of their own where it is the answer to
    a cell that is empty or gone."""
    changed = [
        cell
        for cell in cells
        if cell.key is not None
        and cell.key.auto_graded
        and stripped(cell.source) not in ("", stripped(cell.key.released))
    ]
    if not changed:
        return
    answered = {cell.key.grade_id for cell in cells if cell.key and not _unanswered(cell, cell.key)}
    asked = {one.grade_id: one.defines for one in key.cells if one.solution and one.defines and not one.manually_graded}
    for cell in changed:
        names = top_level_names(cell.source)
        kept = [name for name, defines in asked.items() if name not in answered and defines <= names]
        for other in cells:
            if other.key is not None and other.key.grade_id in kept:
                other.source = ELSEWHERE
        if kept and cell.key is not None:
            answered.update(kept)
            cells.insert(cells.index(cell), Cell("code", cell.source))
            listed = ", ".join(f"`{name}`" for name in kept)
            notes.append(f"What you wrote into the cell `{cell.key.grade_id}` was taken as your answer to {listed}.")


def _restore(cell: Cell, key_cell: KeyCell, notes: list[str]) -> None:
    """Give a cell its own type and, where it is locked, its own text."""
    if cell.cell_type != key_cell.cell_type:
        notes.append(f"The cell `{key_cell.grade_id}` was turned into {cell.cell_type}; it was turned back.")
        cell.cell_type = key_cell.cell_type
    if key_cell.locked:
        if cell.source != key_cell.released and stripped(cell.source) != stripped(key_cell.released):
            notes.append(f"The cell `{key_cell.grade_id}` had been changed; the original was used.")
        cell.source = key_cell.source
    elif _unanswered(cell, key_cell):
        cell.source = key_cell.released  # nbgrader knows that nobody has answered by the exact text


def _unanswered(cell: Cell, key_cell: KeyCell) -> bool:
    text = stripped(cell.source)
    return text == stripped(key_cell.released) or (not text and key_cell.manually_graded)


def _add_missing(cells: list[Cell], key: Key, notes: list[str]) -> None:
    """Put back each missing cell behind the cell that stands before it in the exercise."""
    here = {cell.key.grade_id for cell in cells if cell.key}
    gone = any(cell.solution and cell.grade_id not in here for cell in key.cells)
    mine = [cell.source for cell in cells if cell.cell_type == "code" and not (cell.key and cell.key.locked)]
    written = {name for source in mine for name in top_level_names(source)} if gone else set()
    place = -1
    for key_cell in key.cells:
        if key_cell.grade_id in here:
            place = next(n for n, cell in enumerate(cells) if cell.key is key_cell)
            continue
        place += 1
        source = key_cell.source if key_cell.locked else key_cell.released
        if key_cell.manually_graded:
            source = LOOK_AROUND  # the answer may stand in a cell that has lost its identity: a person can tell
        elif key_cell.solution and key_cell.defines & written:
            source = ELSEWHERE  # cells were merged: the released text would take the place of the answer
        cells.insert(place, Cell(key_cell.cell_type, source, key_cell))
        notes.append(f"The cell `{key_cell.grade_id}` was missing; it was put back.")


def _recognise(source: str, key: Key, known: set[str]) -> KeyCell | None:
    """The exercise's cell, not among `known`, that `source` is: by its text or by the function it defines."""
    missing = [key_cell for key_cell in key.cells if key_cell.grade_id not in known]
    text = stripped(source) if missing else ""
    if not text:
        return None  # as a rule nothing is missing, and a cell as long as `hints` takes milliseconds to parse
    for key_cell in missing:
        if key_cell.locked and stripped(key_cell.released) == text:
            return key_cell
    names = top_level_names(source)
    for key_cell in missing:
        if key_cell.solution and key_cell.defines and key_cell.defines <= names:
            return key_cell
    return None


def stripped(source: str) -> str:
    """A cell's text without white space at the ends of its lines, and of itself."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def raw_cells(data: bytes) -> list[dict[str, Any]]:
    """The cells of a notebook of any version, as dictionaries; Unreadable where there are none."""
    try:
        notebook = json.loads(data.decode(json.detect_encoding(data)))
    except UnicodeDecodeError:
        raise Unreadable(f"The file is not text in UTF-8, so it is not a notebook. {AGAIN}") from None
    except RecursionError:
        raise Unreadable("The file is nested too deeply to be a notebook.") from None
    except ValueError as error:
        where = re.search(r"line \d+", str(error))
        place = f" (at {where[0]})" if where else ""
        empty = " It is empty." if not data.strip() else ""
        raise Unreadable(f"The file is not valid JSON{place}, so it is not a notebook.{empty} {AGAIN}") from None
    if isinstance(notebook, dict) and isinstance(notebook.get("worksheets"), list):
        sheets = [sheet for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        pages = [sheet["cells"] for sheet in sheets if isinstance(sheet.get("cells"), list)]
        notebook = {"cells": [cell for page in pages for cell in page]}
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("The file has no cells, so it is not a notebook.")
    return [cell for cell in cells if isinstance(cell, dict)]


def _grade_id(raw: dict[str, Any]) -> str:
    metadata = raw.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


def source_of(raw: dict[str, Any]) -> str:
    """The text of a cell of a notebook of any version, no longer than `MAX_SOURCE`."""
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return ""
    return source[:MAX_SOURCE].encode("utf-8", "replace").decode()


def to_notebook(submission: Submission, key: Key) -> NotebookNode:
    """The submission as a clean nbformat 4 notebook, its nbgrader metadata as the exercise has it."""
    notebook = nbformat.v4.new_notebook()
    notebook.nbformat_minor = 5
    notebook.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    for number, cell in enumerate(submission.cells):
        # nbformat's own functions for new cells validate each; the whole is validated when it is written.
        node = NotebookNode(id=f"cell-{number}", cell_type=cell.cell_type, source=cell.source, metadata=NotebookNode())
        if cell.cell_type == "code":
            node.update(execution_count=None, outputs=[])
        if cell.key is not None:
            node["metadata"] = NotebookNode(cell.key.node.metadata)
        notebook.cells.append(node)
    return notebook
