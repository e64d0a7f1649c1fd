"""The table of exercises: it lists them all, its numbers are those of the notebooks, and it follows their changes."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path

import exercise_table
import nbformat
import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = exercise_table.notebooks(ROOT)
EXERCISES = {path: exercise_table.read_exercise(path, ROOT) for path in NOTEBOOKS}


def test_every_exercise_is_listed_once_in_the_order_of_the_course() -> None:
    assert {path.relative_to(ROOT).with_suffix("").as_posix() for path in ROOT.glob("exercises/*/*.ipynb")} == {
        one.name for one in EXERCISES.values()
    }
    where = exercise_table.places(ROOT / "_toc.yml")
    lines = exercise_table.table(list(EXERCISES.values()), where)
    assert len(lines) == 2 + len(EXERCISES) + 1
    linked = [match[1] for line in lines if (match := re.search(r"\(/(exercises/.*?)\.ipynb\)", line))]
    assert linked == [name for name in where if name in {one.name for one in EXERCISES.values()}]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_points_are_the_sum_of_what_the_cells_earn(path: Path) -> None:
    cells = json.loads(path.read_text())["cells"]
    graded = [cell["metadata"]["nbgrader"] for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade")]
    assert graded and EXERCISES[path].points == sum(cell["points"] for cell in graded)
    assert 10 <= EXERCISES[path].minutes <= 240


def test_the_last_row_adds_up() -> None:
    total = exercise_table.table(list(EXERCISES.values()), {})[-1]
    minutes, points = sum(e.minutes for e in EXERCISES.values()), sum(e.points for e in EXERCISES.values())
    assert f"**{len(NOTEBOOKS)} exercises**" in total and f"**{minutes}** | **{points}** |" in total


def test_the_page_says_how_many_exercises_need_tensorflow() -> None:
    need = [path for path in NOTEBOOKS if "import keras" in path.read_text()]
    count = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight"][len(need)]
    assert f"{count} of them need TensorFlow" in (ROOT / "book" / "exercises.md").read_text(), need


# --- a small site ---


def write(folder: Path, name: str, points: object) -> None:
    """An exercise that is worth `points`."""
    rows = f"| You practise | `tanh` |\n| Time | about 20 minutes |\n| Points | {points} |"
    text = f"# Exercise {name}\n\n| | |\n|---|---|\n{rows}"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    (folder / "exercises/rnn").mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"exercises/rnn/{name}.ipynb")


def build(folder: Path) -> tuple[BeautifulSoup, str]:
    """Build the page; return it with the warnings."""
    warnings = io.StringIO()
    settings = {
        "extensions": ["myst_nb", "exercise_table"],
        "source_suffix": {".md": "myst-nb", ".ipynb": "myst-nb"},  # Sphinx's default is one dictionary for all sites
        "nb_execution_mode": "off",
        "project": "p",
        "nitpicky": True,
    }
    source, out = str(folder), str(folder / "_build")
    with patch_docutils(source), docutils_namespace():
        app = Sphinx(source, None, out, out, "html", settings, status=None, warning=warnings)
        app.build()
    return BeautifulSoup((folder / "_build/index.html").read_text(), "html.parser"), warnings.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sources of a site with one exercise, which has a page."""
    (tmp_path / "start.md").write_text("# The chapter\n")
    (tmp_path / "index.md").write_text(
        "# Exercises\n\n```{toctree}\n:glob:\nstart\nexercises/*/*\n```\n\n```{exercise-table}\n```\n"
    )
    (tmp_path / "_toc.yml").write_text(
        "root: index\nparts:\n- caption: Recurrence\n  chapters:\n  - file: start\n    sections:\n"
        "    - file: exercises/rnn/step\n  - file: exercises/rnn/more.ipynb\n"
    )
    write(tmp_path, "step", 7)
    return tmp_path


def rows(page: BeautifulSoup) -> list[list[str]]:
    """The cells of the table's body."""
    return [[cell.get_text(strip=True) for cell in row.select("td")] for row in page.select(".exercise-table tbody tr")]


def test_the_page_has_the_table_with_links(folder: Path) -> None:
    page, warnings = build(folder)
    assert warnings == ""
    assert rows(page) == [
        ["Recurrence", "Exercise step", "20", "7", "tanh"],
        ["All", "1 exercises", "20", "7", ""],
    ]
    assert [link["href"] for link in page.select(".exercise-table tbody a")] == [
        "start.html",
        "exercises/rnn/step.html",
    ]


def test_the_page_follows_a_changed_and_a_new_notebook(folder: Path) -> None:
    build(folder)
    write(folder, "step", 9)
    os.utime(folder / "exercises/rnn/step.ipynb", (4e9, 4e9))  # later than the page, whatever the clock's grain
    assert rows(build(folder)[0])[-1][3] == "9"
    os.utime(folder / "exercises/rnn/step.ipynb", (1e9, 1e9))
    write(folder, "more", 4)
    assert [row[3] for row in rows(build(folder)[0])] == ["9", "4", "13"]
    (folder / "exercises/rnn/more.ipynb").unlink()
    assert [row[3] for row in rows(build(folder)[0])] == ["9", "9"]


def test_an_exercise_without_a_page_is_listed_without_a_link(folder: Path) -> None:
    lines = exercise_table.table([exercise_table.read_exercise(folder / "exercises/rnn/step.ipynb", folder)], {})
    assert lines[2] == "| RNN | Exercise step | 20 | 7 | `tanh` |"


@pytest.mark.parametrize("points", ["", "many", 2.5])
def test_a_title_cell_without_its_numbers_is_a_warning(folder: Path, points: object) -> None:
    write(folder, "step", points)
    _, warnings = build(folder)
    assert "exercises/rnn/step.ipynb: its first cell needs" in warnings
