"""Writes a synthetic class into grading/submitted: right, wrong in every known way, blank, late, broken, hostile.

Who it is stands in the student's name. The class is a demonstration and a test: nobody in it is a person.
"""

from __future__ import annotations

import ast
import inspect
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from ..checking import AnyCheck, BehaviourCheck, FunctionCheck, Misconception, ModelCheck
from ..checking.written import written
from ..checks import notebook_checks
from ..course.database import open_gradebook
from ..course.folder import Course
from ..course.key import Key
from .hostile import BROKEN_CODE, FORGERIES, VANDALISM

STAGE = ("layers", "pooling")
"""The notebook in which the broken and the destructive students appear."""
FORGED = (STAGE, ("lstm", "gates"))
"""The notebooks in which the forgers appear."""
DUE = datetime(2026, 1, 9, 12, 0)
Notebook = dict[str, Any]


@dataclass(frozen=True)
class Wrong:
    """One misconception, where it belongs."""

    key: Key
    function: str
    misconception: Misconception

    @property
    def student(self) -> str:
        """The name of the sample student who has it."""
        return f"wrong-{self.function}-{self.misconception.name}".replace("_", "-")


def write_class(course: Course, keys: dict[tuple[str, str], Key]) -> int:
    """Write the whole class; return how many students it has. Only folders of an earlier sample are replaced."""
    writer = Writer(course, keys)
    for student in course.submitted.glob("*/.sample"):
        shutil.rmtree(student.parent)
    writer.right()
    writer.wrong()
    writer.blank_and_late()
    writer.broken()
    writer.hostile()
    set_due_dates(course, keys)
    return len(list(course.submitted.glob("*/.sample")))


def set_due_dates(course: Course, keys: dict[tuple[str, str], Key]) -> None:
    """Give every assignment that has no due date one, so that "late" means something."""
    with open_gradebook(course) as book:
        for assignment in {assignment for assignment, _ in keys}:
            found = book.find_assignment(assignment)
            found.duedate = found.duedate or DUE
        book.db.commit()


class Writer:
    """Writes students' folders."""

    def __init__(self, course: Course, keys: dict[tuple[str, str], Key]) -> None:
        self._course, self._keys = course, keys

    def right(self) -> None:
        """Full marks, in several styles."""
        for (assignment, name), _ in self._keys.items():
            self._put("right-reference", assignment, name, self.solution(assignment, name))
        for style in range(3):
            for (assignment, name), key in self._keys.items():
                answers = {}
                for function, check in checked_functions(key):
                    if isinstance(check, FunctionCheck | ModelCheck | BehaviourCheck) and check.also_right:
                        answers[function] = source_as(check.also_right[style % len(check.also_right)], function)
                self._put(f"right-style-{style + 1}", assignment, name, self.solution(assignment, name, answers))

    def wrong(self) -> None:
        """One student a misconception; those of different notebooks share a student, so that the class stays small."""
        columns = [list(misconceptions(key)) for key in self._keys.values()]
        for row in zip_longest(*columns):
            for wrong in (one for one in row if one is not None):
                key = wrong.key
                answers = {wrong.function: wrong_source(wrong)}
                self._put(
                    wrong.student, key.assignment, key.notebook, self.solution(key.assignment, key.notebook, answers)
                )

    def blank_and_late(self) -> None:
        """The untouched release, and the solution a day after it was due."""
        for assignment, name in self._keys:
            self._put("blank", assignment, name, self.released(assignment, name))
            late = self._put("late", assignment, name, self.solution(assignment, name))
            (late / "timestamp.txt").write_text(f"{DUE + timedelta(days=1)} UTC\n")

    def broken(self) -> None:
        """What people hand in by mistake: the solution, in a file or with a cell that is spoilt."""
        assignment, name = STAGE
        if STAGE not in self._keys:
            return
        for student, spoil in BROKEN_FILES.items():
            folder = self._folder(f"broken-{student}", assignment)
            spoil(folder / f"{name}.ipynb", self.solution(assignment, name))
        for student, code in BROKEN_CODE.items():
            self._put(f"broken-{student}", assignment, name, with_cell(self.solution(assignment, name), code))
        folder = self._folder("hostile-link-to-the-solution", assignment)
        (folder / f"{name}.ipynb").unlink(missing_ok=True)
        (folder / f"{name}.ipynb").symlink_to(self._course.solutions / assignment / f"{name}.ipynb")

    def hostile(self) -> None:
        """Who wants marks for nothing (with empty answers), or to do damage (with the solution)."""
        for assignment, name in FORGED:
            if (assignment, name) not in self._keys:
                continue
            key = self._keys[assignment, name]
            for student, code in FORGERIES.items():
                notebook = self.released(assignment, name)
                for cell in _cells(notebook, "solution"):
                    cell["source"] = ""
                self._put(f"hostile-{student}", assignment, name, with_cell(notebook, self._filled(code, key)))
        if STAGE in self._keys:
            for student, code in VANDALISM.items():
                notebook = with_cell(self.solution(*STAGE), self._filled(code, self._keys[STAGE]))
                self._put(f"hostile-{student}", *STAGE, notebook)

    def _filled(self, code: str, key: Key) -> str:
        functions = [function for function, _ in checked_functions(key)]
        return code.replace("FUNCTIONS", repr(functions)).replace("ROOT", repr(str(self._course.root)))

    # --- files ---

    def _folder(self, student: str, assignment: str) -> Path:
        folder = self._course.submitted / student / assignment
        folder.mkdir(parents=True, exist_ok=True)
        (folder.parent / ".sample").touch()
        (folder / "timestamp.txt").write_text(f"{DUE - timedelta(hours=5)} UTC\n")
        return folder

    def _put(self, student: str, assignment: str, name: str, notebook: Notebook) -> Path:
        folder = self._folder(student, assignment)
        write(folder / f"{name}.ipynb", notebook)
        return folder

    def released(self, assignment: str, name: str) -> Notebook:
        """The notebook as students get it."""
        notebook: Notebook = json.loads((self._course.exercises / assignment / f"{name}.ipynb").read_text())
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
        return notebook

    def solution(self, assignment: str, name: str, answers: dict[str, str] | None = None) -> Notebook:
        """The released notebook with the instructor's answers in it, some of them replaced by `answers`."""
        notebook = self.released(assignment, name)
        key = self._keys[assignment, name]
        for cell in notebook["cells"]:
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            if grade_id in key.by_id and key.by_id[grade_id].solution:
                cell["source"] = key.by_id[grade_id].source
                for function, source in (answers or {}).items():
                    if function in key.by_id[grade_id].defines:
                        cell["source"] = source
        return notebook


def checked_functions(key: Key) -> Iterator[tuple[str, AnyCheck]]:
    """What the student writes in a notebook, with its check."""
    yield from notebook_checks(key.assignment, key.notebook).items()


def misconceptions(key: Key) -> Iterator[Wrong]:
    """Every misconception about a notebook's answers."""
    for function, check in checked_functions(key):
        for misconception in check.misconceptions:
            yield Wrong(key, function, misconception)


def wrong_source(wrong: Wrong) -> str:
    """The cell that a student with this misconception writes."""
    value = wrong.misconception.wrong
    if callable(value):
        return source_as(value, wrong.function)
    text = f"np.array({value.tolist()})" if isinstance(value, np.ndarray) else repr(value)
    return f"{wrong.function} = {text}"


def source_as(function: Callable[..., Any], name: str) -> str:
    """The source of `function`, defining `name`, as it stands in a notebook, and before it the helpers of its module
    that it calls."""
    bound = function.keywords if isinstance(function, partial) else {}
    plain = inspect.unwrap(function)
    tree = written(function, name)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - {plain.__name__}
    known = {
        **vars(inspect.getmodule(plain)),
        **{one.__name__: one for one in bound.values() if inspect.isfunction(one)},
    }
    helpers = [known[one] for one in sorted(used) if inspect.isfunction(known.get(one))]
    return "\n\n".join([*(source_as(one, one.__name__) for one in helpers), ast.unparse(tree)])


def with_cell(notebook: Notebook, code: str) -> Notebook:
    """The notebook with a cell of the student's own, right behind the imports."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "mine",
        "metadata": {},
        "source": code,
        "outputs": [],
        "execution_count": None,
    }
    place = next(n for n, c in enumerate(notebook["cells"]) if c["cell_type"] == "code") + 1
    notebook["cells"].insert(place, cell)
    return notebook


def write(path: Path, notebook: Notebook) -> None:
    """Write a notebook as JSON."""
    path.write_text(json.dumps(notebook, indent=1) + "\n")


# --- broken files ---


def _cells(notebook: Notebook, kind: str) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get(kind)]


def _cut_off(path: Path, notebook: Notebook) -> None:
    path.write_text(json.dumps(notebook)[:-200])


def _empty(path: Path, notebook: Notebook) -> None:
    path.write_text("")


def _binary(path: Path, notebook: Notebook) -> None:
    path.write_bytes(bytes(range(128, 256)) * 10)


def _no_cells(path: Path, notebook: Notebook) -> None:
    write(path, {"metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _nested(path: Path, notebook: Notebook) -> None:
    path.write_text("[" * 200_000)


def _too_large(path: Path, notebook: Notebook) -> None:
    path.write_bytes(b" " * (21 << 20))


def _folder_for_file(path: Path, notebook: Notebook) -> None:
    path.mkdir(exist_ok=True)


def _other_exercise(path: Path, notebook: Notebook) -> None:
    notebook["cells"] = [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Another notebook"}]
    write(path, notebook)


def _missing(path: Path, notebook: Notebook) -> None:
    path.unlink(missing_ok=True)


def _renamed(path: Path, notebook: Notebook) -> None:
    write(path.with_name(f"{path.stem} (1) final.ipynb"), notebook)


def _doubled_answer(path: Path, notebook: Notebook) -> None:
    cell: dict[str, Any] = {**_cells(notebook, "solution")[0], "id": "again"}
    notebook["cells"].insert(notebook["cells"].index(_cells(notebook, "solution")[0]) + 1, cell)
    write(path, notebook)


def _strange_schema(path: Path, notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 99
    write(path, notebook)


def _old_schema(path: Path, notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 1
    write(path, notebook)


def _renamed_ids(path: Path, notebook: Notebook) -> None:
    for cell in _cells(notebook, "grade")[:1] + _cells(notebook, "solution")[1:2]:
        cell["metadata"]["nbgrader"]["grade_id"] += "-old"
    write(path, notebook)


def _removed_tests(path: Path, notebook: Notebook) -> None:
    tests = _cells(notebook, "grade")
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in tests]
    write(path, notebook)


def _no_metadata(path: Path, notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    write(path, notebook)


def _answer_as_text(path: Path, notebook: Notebook) -> None:
    cell = _cells(notebook, "solution")[0]
    cell["cell_type"] = "markdown"
    cell.pop("outputs", None)
    cell.pop("execution_count", None)
    write(path, notebook)


def _odd_metadata(path: Path, notebook: Notebook) -> None:
    for number, cell in enumerate(notebook["cells"]):
        if "nbgrader" not in cell["metadata"]:
            cell["metadata"] = {"nbgrader": [None, 7, "x"][number % 3]}
    write(path, notebook)


def _old_format(path: Path, notebook: Notebook) -> None:
    cells = []
    for cell in notebook["cells"]:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        if cell["cell_type"] == "code":
            old |= {
                "input": cell["source"],
                "outputs": [],
                "language": "python",
                "prompt_number": 1,
                "collapsed": False,
            }
        else:
            old["source"] = cell["source"]
        cells.append(old)
    write(path, {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]})


def _byte_order_mark(path: Path, notebook: Notebook) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(notebook).encode())


def _lone_surrogate(path: Path, notebook: Notebook) -> None:
    path.write_text(json.dumps(with_cell(notebook, "print('\ud800')")))


def _odd_date(path: Path, notebook: Notebook) -> None:
    write(path, notebook)
    (path.parent / "timestamp.txt").write_text("last Tuesday")


BROKEN_FILES: dict[str, Callable[[Path, Notebook], None]] = {
    function.__name__.strip("_").replace("_", "-"): function
    for function in (
        _cut_off,
        _empty,
        _binary,
        _no_cells,
        _nested,
        _too_large,
        _folder_for_file,
        _other_exercise,
        _missing,
        _renamed,
        _doubled_answer,
        _strange_schema,
        _old_schema,
        _renamed_ids,
        _removed_tests,
        _no_metadata,
        _answer_as_text,
        _odd_metadata,
        _old_format,
        _byte_order_mark,
        _lone_surrogate,
        _odd_date,
    )
}
