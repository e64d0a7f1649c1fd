"""The instructor's notebook, read once: which cells there are, what is graded, for how many points."""

from __future__ import annotations

import ast
import builtins
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

SHORT = 10_000
"""Characters of a cell that is remembered."""
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


@dataclass(frozen=True)
class KeyCell:
    """One cell of the instructor's notebook that nbgrader knows by its grade_id."""

    grade_id: str
    cell_type: str
    source: str
    released: str
    """Its source in the student's version."""
    points: float
    grade: bool
    solution: bool
    locked: bool
    node: NotebookNode
    """The released cell, metadata included."""

    @property
    def auto_graded(self) -> bool:
        """A test cell, which the judge runs; not an answer that a person marks."""
        return self.grade and not self.solution and self.cell_type == "code"

    @property
    def manually_graded(self) -> bool:
        """An answer that a person marks."""
        return self.grade and not self.auto_graded

    @cached_property
    def defines(self) -> frozenset[str]:
        """The functions and variables that it defines at its top level."""
        return frozenset(top_level_names(self.source))

    @property
    def visible(self) -> str:
        """The part of a test cell that the student sees too."""
        return self.source.partition(BEGIN_HIDDEN)[0]

    @property
    def hidden(self) -> str:
        """The part of a test cell that the student never sees. By convention the end of the cell."""
        return self.source.partition(BEGIN_HIDDEN)[2].partition(END_HIDDEN)[0]


@dataclass(frozen=True)
class Key:
    """One exercise notebook, as the instructor wrote it."""

    assignment: str
    notebook: str
    title: str
    cells: tuple[KeyCell, ...]
    imports: tuple[str, ...]
    """The import statements of its given cells: what a graded cell may count on."""
    uses_tensorflow: bool
    digest: str

    @classmethod
    def read(cls, solution: Path, release: Path) -> Key:
        """Read solutions/ASSIGNMENT/NOTEBOOK.ipynb and its released version."""
        source, released = (nbformat.read(path, as_version=4) for path in (solution, release))
        by_id = {_grade_id(cell): cell for cell in released.cells if _grade_id(cell)}
        cells, imports = [], []
        for cell in source.cells:
            grade_id = _grade_id(cell)
            meta = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "code" and not meta.get("solution") and not meta.get("grade"):
                imports += import_statements(cell.source)
            if grade_id:
                cells.append(
                    KeyCell(
                        grade_id=grade_id,
                        cell_type=cell.cell_type,
                        source=cell.source,
                        released=by_id[grade_id].source,
                        points=float(meta.get("points") or 0),
                        grade=bool(meta.get("grade")),
                        solution=bool(meta.get("solution")),
                        locked=bool(meta.get("locked")) or bool(meta.get("grade") and not meta.get("solution")),
                        node=by_id[grade_id],
                    )
                )
        title = next(
            (line.lstrip("# ") for cell in source.cells for line in cell.source.splitlines() if line.startswith("# ")),
            solution.stem,
        )
        code = "\n".join(cell.source for cell in source.cells if cell.cell_type == "code")
        return cls(
            assignment=solution.parent.name,
            notebook=solution.stem,
            title=title,
            cells=tuple(cells),
            imports=tuple(imports),
            uses_tensorflow=bool(re.search(r"^\s*(import|from) +(keras|tensorflow)\b", code, flags=re.MULTILINE)),
            digest=hashlib.sha256(solution.read_bytes() + release.read_bytes()).hexdigest(),
        )

    @cached_property
    def by_id(self) -> dict[str, KeyCell]:
        """Its cells by grade_id."""
        return {cell.grade_id: cell for cell in self.cells}

    @cached_property
    def max_points(self) -> float:
        """What a complete answer earns."""
        return sum(cell.points for cell in self.cells)

    def definer(self, name: str) -> KeyCell | None:
        """The cell in which the student is asked to write `name`."""
        return next((cell for cell in self.cells if cell.solution and name in cell.defines), None)


def read_keys(solutions: Path, exercises: Path, assignments: Iterable[str] = ()) -> dict[tuple[str, str], Key]:
    """Every exercise's key, by assignment and notebook."""
    wanted = set(assignments)
    paths = [p for p in sorted(solutions.glob("*/*.ipynb")) if not wanted or p.parent.name in wanted]
    keys = (Key.read(path, exercises / path.parent.name / path.name) for path in paths)
    return {(key.assignment, key.notebook): key for key in keys}


def _grade_id(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id") or "")


def top_level_names(source: str) -> set[str]:
    """The functions, classes and variables that `source` defines; none where it does not parse."""
    tree = parse(source)
    names: set[str] = set()
    for node in tree.body if tree else []:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {t.id for target in node.targets for t in ast.walk(target) if isinstance(t, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def import_statements(source: str) -> list[str]:
    """The import statements at the top level of `source`."""
    tree = parse(source)
    found = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)] if tree else []
    return [ast.unparse(node) for node in found]


@cache
def free_names(source: str) -> frozenset[str]:
    """The names that `source` reads without having defined them: what it expects from cells before it."""
    return Names.of(source).from_elsewhere - set(dir(builtins))


class Names(NamedTuple):
    """The names in a piece of code; none where it does not parse."""

    stored: frozenset[str]
    """Given a value, wherever that is."""
    read: frozenset[str]
    """All that stand in it as variables."""
    arguments: frozenset[str]

    @property
    def from_elsewhere(self) -> frozenset[str]:
        """Read, and neither arguments nor given a value here."""
        return self.read - self.arguments - self.stored

    @classmethod
    def of(cls, source: str) -> Names:
        """Short pieces are remembered: most are as released."""
        return _remembered(source) if len(source) <= SHORT else cls._in(source)

    @classmethod
    def _in(cls, source: str) -> Names:
        stored, read, arguments = set(), set(), set()
        tree = parse(source)
        for node in ast.walk(tree) if tree else ():
            match node:
                case ast.Name():
                    read.add(node.id)
                    if isinstance(node.ctx, ast.Store):
                        stored.add(node.id)
                case ast.arg():
                    arguments.add(node.arg)
                case ast.FunctionDef() | ast.ClassDef():
                    stored.add(node.name)
                case ast.Import() | ast.ImportFrom():
                    stored |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        return cls(frozenset(stored), frozenset(read), frozenset(arguments))


_remembered = lru_cache(1024)(Names._in)


def parse(source: str) -> ast.Module | None:
    """The syntax tree of a cell, IPython's magics left out; None where it is not Python."""
    lines = [
        "" if line.lstrip().startswith(("%", "!", "?")) or line.rstrip().endswith("?") else line
        for line in source.splitlines()
    ]
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
