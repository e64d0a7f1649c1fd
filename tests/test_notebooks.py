"""The notebooks in git: clean, generated where they are said to be, and standing on their own."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from warm_kernels import warm_kernels

from autograder.checks import notebook_checks
from autograder.course.key import Key, free_names, read_keys
from autograder.course.release import release
from tests.courses import SOLUTIONS, whole_course

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted([*ROOT.glob("solutions/*/*.ipynb"), *ROOT.glob("exercises/*/*.ipynb")])
KEYS = read_keys(ROOT / "solutions", ROOT / "exercises")
STANDARD = {"matplotlib", "numpy", "keras", "tensorflow", *sys.stdlib_module_names}


def name_of(path: Path) -> str:
    """A path as a test's name."""
    return path.relative_to(ROOT).as_posix()


def cells(path: Path) -> list[dict[str, Any]]:
    """A notebook's cells as they stand in the file."""
    found: list[dict[str, Any]] = json.loads(path.read_text())["cells"]
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_no_outputs_no_counts_stable_ids(path: Path) -> None:
    ids = [cell["id"] for cell in cells(path)]
    assert len(set(ids)) == len(ids)
    for cell in cells(path):
        assert not re.fullmatch(r"[0-9a-f]{8}", cell["id"]), f"{cell['id']} is a random id: name the cell"
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        assert grade_id in (None, cell["id"])
    assert path.read_text().endswith("}\n")


def test_exercises_are_what_solutions_generate(tmp_path: Path) -> None:
    course = whole_course(tmp_path, SOLUTIONS)
    for assignment in {assignment for assignment, _ in KEYS}:
        release(course, assignment)
    made = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.glob("exercises/**/*.*")}
    kept = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in ROOT.glob("exercises/**/*.*")}
    assert sorted(made) == sorted(kept)
    for path, content in made.items():
        assert content == kept[path], f"{path} is not what solutions/ generates: run `make release`"


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: f"{key.assignment}/{key.notebook}")
def test_an_exercise_stands_alone(key: Key) -> None:
    path = ROOT / "exercises" / key.assignment / f"{key.notebook}.ipynb"
    code = "\n".join("".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "code")
    tree = ast.parse(code)
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    }
    assert imported <= STANDARD


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: f"{key.assignment}/{key.notebook}")
def test_every_answer_has_a_hidden_check_and_says_its_points(key: Key) -> None:
    graded = [cell for cell in key.cells if cell.auto_graded]
    by_hand = [cell for cell in key.cells if cell.manually_graded]
    assert len(graded) + len(by_hand) >= 3
    for cell in by_hand:
        assert cell.points > 0
        assert re.search(r"### BEGIN SOLUTION\n.*\*\*Rubric\.\*\*.*### END SOLUTION", cell.source, flags=re.DOTALL)
        assert cell.released == "YOUR ANSWER HERE"
    checks = notebook_checks(key.assignment, key.notebook)
    for cell in graded:
        asked = re.findall(rf"hidden\.{key.assignment}\.{key.notebook}\.(\w+)\(", cell.hidden)
        assert len(asked) == 1, cell.grade_id
        assert asked[0] in checks
        home = key.definer(asked[0])
        assert home is not None, f"no answer cell defines {asked[0]}"
        assert cell.points > 0
        used = re.findall(r"(\w+)=(\w+)", cell.hidden)
        ran = {"found"} if f"found = {asked[0]}()" in cell.visible else set()  # what the answer has given already
        assert {name for name, _ in used} == set(checks[asked[0]].uses) | ran
        assert all(name == value for name, value in used)
    title = "".join(cells(ROOT / "exercises" / key.assignment / f"{key.notebook}.ipynb")[0]["source"])
    assert f"| Points | {key.max_points:g} |" in title
    assert re.search(r"\| Time \| about \d+ minutes \|", title)


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: f"{key.assignment}/{key.notebook}")
def test_a_graded_cell_needs_no_other_graded_cell(key: Key) -> None:
    """The judge runs each by itself: what one graded cell defines, the next does not see."""
    imported = {name.rpartition(" ")[2] for name in key.imports}
    given = {name for cell in key.cells if not cell.grade for name in cell.defines}
    for cell in key.cells:
        if cell.auto_graded:
            assert free_names(cell.source) <= given | imported, cell.grade_id


@pytest.fixture(scope="module")
def warm() -> Iterator[None]:
    """Kernels that need not import TensorFlow anew for each notebook."""
    with warm_kernels():
        yield


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: f"{key.assignment}/{key.notebook}")
def test_a_solved_notebook_runs_from_top_to_bottom_in_jupyter(warm: None, key: Key, tmp_path: Path) -> None:
    """In Jupyter's own kernel, with only the visible tests: what a student does before handing in."""
    released = {cell["id"]: cell for cell in cells(ROOT / "exercises" / key.assignment / f"{key.notebook}.ipynb")}
    solved = json.loads((ROOT / "solutions" / key.assignment / f"{key.notebook}.ipynb").read_text())
    for cell in solved["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["source"] = released[cell["id"]]["source"]
    limit = 30 if key.uses_tensorflow else 5  # seconds for one cell
    notebook = nbformat.reads(json.dumps(solved), as_version=4)
    NotebookClient(
        notebook, timeout=limit, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    shown = [output["output_type"] for cell in notebook.cells for output in cell.get("outputs", [])]
    assert "display_data" in shown, "no plot"
