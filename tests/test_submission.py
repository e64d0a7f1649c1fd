"""What people hand in: whatever its state, it comes back in the exercise's shape or is refused with a reason."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.key import Key, read_keys
from autograder.handed_in.submission import (
    ELSEWHERE,
    LOOK_AROUND,
    MAX_BYTES,
    MAX_CELLS,
    MAX_SOURCE,
    NotHandedIn,
    Submission,
    Unreadable,
    find_notebook,
    parse,
    read_bytes,
    to_notebook,
)
from autograder.sample.sample_class import BROKEN_FILES

KEY = read_keys(ROOT / "solutions", ROOT / "exercises", ["layers"])["layers", "pooling"]
RELEASED: dict[str, Any] = json.loads((ROOT / "exercises/layers/pooling.ipynb").read_text())
Notebook = dict[str, Any]


def grade_id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def handed_in() -> Notebook:
    """A submission in good order: every answer is a line of the student's own."""
    notebook = deepcopy(RELEASED)
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        if grade_id(cell) in KEY.by_id and KEY.by_id[grade_id(cell)].solution:
            cell["source"] = answer(grade_id(cell))
    return notebook


def answer(name: str) -> str:
    functions = sorted(KEY.by_id[name].defines)
    return f"# my answer to {name}\n" + "\n".join(f"{function} = None" for function in functions)


def read(notebook: object) -> Submission:
    return parse(json.dumps(notebook).encode(), KEY)


def assert_in_shape(submission: Submission) -> None:
    """Each of the exercise's cells once, its type its own, and what is locked as the instructor wrote it."""
    ids = [cell.key.grade_id for cell in submission.cells if cell.key]
    assert sorted(ids) == sorted(KEY.by_id)
    for cell in submission.cells:
        if cell.key:
            assert cell.key is KEY.by_id[cell.key.grade_id]
            assert cell.cell_type == cell.key.cell_type
            if cell.key.locked:
                assert cell.source == cell.key.source
    nbformat.validate(to_notebook(submission, KEY))


def source(submission: Submission, name: str) -> str:
    return next(cell.source for cell in submission.cells if cell.key and cell.key.grade_id == name)


ANSWERS = {cell.grade_id: answer(cell.grade_id) for cell in KEY.cells if cell.solution}


def test_a_submission_in_good_order_needs_no_repair() -> None:
    submission = read(handed_in())
    assert_in_shape(submission)
    assert submission.notes == []
    assert {name: source(submission, name) for name in ANSWERS} == ANSWERS
    assert [cell.number for cell in submission.cells if cell.cell_type == "code"] == list(
        range(1, 1 + sum(cell["cell_type"] == "code" for cell in RELEASED["cells"]))
    )


# --- the sample class's broken files ---

REFUSED = {
    "cut-off": "not valid JSON",
    "empty": "It is empty",
    "binary": "not text in UTF-8",
    "no-cells": "no cells",
    "nested": "nested too deeply",
    "too-large": "MB large",
    "folder-for-file": "not a regular file",
    "other-exercise": "another exercise",
    "missing": "Nothing was handed in",
}
TOLD = {
    "renamed": "final.ipynb",
    "doubled-answer": "was there 2 times",
    "renamed-ids": "had lost its identity",
    "removed-tests": "was missing",
    "no-metadata": "had lost its identity",
    "answer-as-text": "turned back",
}


def read_from(folder: Path) -> Submission:
    path, odd = find_notebook(folder, KEY)
    submission = parse(read_bytes(path), KEY)
    submission.notes[:0] = odd
    return submission


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_every_broken_file_of_the_sample_class(name: str, tmp_path: Path) -> None:
    spoil: Callable[[Path, Notebook], None] = BROKEN_FILES[name]
    spoil(tmp_path / "pooling.ipynb", handed_in())
    if name in REFUSED:
        with pytest.raises(Unreadable, match=REFUSED[name]):
            read_from(tmp_path)
        return
    submission = read_from(tmp_path)
    assert_in_shape(submission)
    assert {grade_id: source(submission, grade_id) for grade_id in ANSWERS} == ANSWERS, "no answer is lost"
    assert any(TOLD.get(name, "") in note for note in submission.notes) or name not in TOLD
    assert bool(submission.notes) == (name in TOLD)


# --- one repair at a time ---


def test_a_changed_test_is_replaced_by_the_real_one() -> None:
    notebook = handed_in()
    for cell in notebook["cells"]:
        if grade_id(cell).startswith("test-"):
            cell["source"] = "assert True"
    submission = read(notebook)
    assert_in_shape(submission)
    tests = [cell for cell in KEY.cells if cell.auto_graded]
    assert all("BEGIN HIDDEN TESTS" in source(submission, cell.grade_id) for cell in tests)
    assert len(submission.notes) == len(tests) and all("had been changed" in note for note in submission.notes)


def test_an_answer_in_a_test_counts_where_its_own_cell_is_empty() -> None:
    notebook = handed_in()
    for cell in notebook["cells"]:
        if grade_id(cell) == "pooled-length":
            cell["source"] = KEY.by_id["pooled-length"].released
        if grade_id(cell) == "test-pooled-length":
            cell["source"] = f"{answer('pooled-length')}\nassert True"
        if grade_id(cell) == "test-max-pool-2d":
            cell["source"] = "max_pool_2d = 'tried'"
    submission = read(notebook)
    assert_in_shape(submission)
    assert source(submission, "pooled-length") == ELSEWHERE
    own = [cell.source for cell in submission.cells if cell.cell_type == "code" and not cell.key]
    assert own[0] == f"{answer('pooled-length')}\nassert True"
    assert "max_pool_2d = 'tried'" not in own, "what has an answer of its own keeps that"
    assert any("taken as your answer to `pooled-length`" in note for note in submission.notes)


def test_merged_answers_are_not_covered_by_what_was_released() -> None:
    notebook = handed_in()
    first, *others = [cell for cell in notebook["cells"] if grade_id(cell) in ANSWERS]
    first["source"] = "\n\n".join(ANSWERS.values())
    gone = {grade_id(cell) for cell in others}
    submission = read({**notebook, "cells": [cell for cell in notebook["cells"] if grade_id(cell) not in gone]})
    assert_in_shape(submission)
    code = {name for name in gone if not KEY.by_id[name].manually_graded}
    assert code and all(source(submission, name) == ELSEWHERE for name in code)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_notebook_that_an_editor_has_saved_anew_is_read(encoding: str) -> None:
    data = json.dumps(handed_in()).encode(encoding)
    assert_in_shape(parse(data, KEY))


def test_points_and_locks_in_the_metadata_count_for_nothing() -> None:
    notebook = handed_in()
    for cell in notebook["cells"]:
        if grade_id(cell):
            cell["metadata"]["nbgrader"] |= {"points": 1000, "grade": True, "solution": True, "locked": False}
    notebook["cells"].append(
        {
            "cell_type": "code",
            "id": "new",
            "metadata": {"nbgrader": {"grade_id": "bonus", "grade": True, "points": 50, "solution": False}},
            "source": "assert True",
            "outputs": [],
            "execution_count": None,
        }
    )
    submission = read(notebook)
    assert_in_shape(submission)
    made = to_notebook(submission, KEY)
    points = {c.metadata.nbgrader.grade_id: c.metadata.nbgrader.get("points") for c in made.cells if grade_id(c)}
    assert points == {c.metadata.nbgrader.grade_id: c.metadata.nbgrader.get("points") for c in map(node, KEY.cells)}


def node(cell: Any) -> Any:
    return cell.node


def test_of_two_answers_the_last_counts_and_the_first_still_runs() -> None:
    notebook = handed_in()
    place = next(n for n, cell in enumerate(notebook["cells"]) if grade_id(cell) == "pooled-length")
    second = deepcopy(notebook["cells"][place])
    second["source"] = "# second thoughts"
    notebook["cells"].insert(place + 1, second)
    submission = read(notebook)
    assert_in_shape(submission)
    assert source(submission, "pooled-length") == "# second thoughts"
    first = next(cell for cell in submission.cells if cell.source == ANSWERS["pooled-length"])
    assert first.key is None and first.cell_type == "code"


def test_a_doubled_test_runs_once() -> None:
    notebook = handed_in()
    place = next(n for n, cell in enumerate(notebook["cells"]) if grade_id(cell) == "test-quiz")
    notebook["cells"].insert(place, deepcopy(notebook["cells"][place]))
    submission = read(notebook)
    assert_in_shape(submission)
    copies = [cell for cell in submission.cells if "quiz_answer)" in cell.source and cell.cell_type == "code"]
    assert len(copies) == 1


def test_missing_cells_come_back_where_they_belong() -> None:
    notebook = handed_in()
    kept = [cell for cell in notebook["cells"] if grade_id(cell) in ("imports", "max-pool-2d")]
    submission = read({**notebook, "cells": kept})
    assert_in_shape(submission)
    assert [cell.key.grade_id for cell in submission.cells if cell.key] == list(KEY.by_id)
    assert source(submission, "pooled-length") == KEY.by_id["pooled-length"].released
    assert source(submission, "max-pool-2d") == ANSWERS["max-pool-2d"]


def test_a_solution_is_never_filled_in() -> None:
    """What comes back for a missing answer is the stub: no word of the instructor's solution."""
    notebook = handed_in()
    submission = read({**notebook, "cells": [cell for cell in notebook["cells"] if grade_id(cell) == "imports"]})
    assert_in_shape(submission)
    for cell in KEY.cells:
        if cell.solution:
            assert "BEGIN SOLUTION" in cell.source
            assert source(submission, cell.grade_id) == cell.released != cell.source


def test_an_answer_for_a_person_is_blank_only_where_nobody_wrote() -> None:
    """The untouched text is put back to the letter, for nbgrader goes by that. A lost cell is for a person to see."""
    key = read_keys(ROOT / "solutions", ROOT / "exercises", ["review"])["review", "open"]
    released = json.loads((ROOT / "exercises/review/open.ipynb").read_text())
    first = next(cell for cell in key.cells if cell.manually_graded)

    def after(**changed: object) -> str:
        notebook = deepcopy(released)
        next(cell for cell in notebook["cells"] if grade_id(cell) == first.grade_id).update(changed)
        return source(parse(json.dumps(notebook).encode(), key), first.grade_id)

    for blank in (first.released, f"{first.released}\n\n", "", " \n"):
        assert after(source=blank) == first.released
    assert after(source=" My own.\n") == " My own.\n"
    assert after(source="My own.", metadata={}) == LOOK_AROUND


def test_sources_are_bounded() -> None:
    notebook = handed_in()
    notebook["cells"] += [{"cell_type": "code", "metadata": {}, "source": "x" * (MAX_SOURCE + 1)}] * 3
    notebook["cells"] += [{"cell_type": "markdown", "metadata": {}, "source": "y"}] * MAX_CELLS
    submission = read(notebook)
    assert_in_shape(submission)
    assert len(submission.cells) <= MAX_CELLS + len(KEY.cells)
    assert max(len(cell.source) for cell in submission.cells) <= MAX_SOURCE


# --- anything at all ---

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=6), parts, max_size=4),
    max_leaves=12,
)
IDS = st.sampled_from([*KEY.by_id, "unknown", ""])
ODD_CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading", ""]) | JSON,
        "source": st.text(max_size=20) | st.lists(st.text(max_size=5) | JSON, max_size=3) | JSON,
        "metadata": st.builds(lambda i: {"nbgrader": {"grade_id": i}}, IDS | JSON) | JSON,
        "outputs": JSON,
    },
)
ODD_NOTEBOOKS = (
    st.fixed_dictionaries({"cells": st.lists(ODD_CELLS | JSON, max_size=6) | JSON})
    | st.fixed_dictionaries(
        {"worksheets": st.lists(st.fixed_dictionaries({"cells": st.lists(ODD_CELLS) | JSON}) | JSON)}
    )
    | JSON
)


def parse_or_refuse(data: bytes) -> None:
    try:
        submission = parse(data, KEY)
    except Unreadable:
        return
    assert_in_shape(submission)


@given(ODD_NOTEBOOKS)
def test_any_json_is_brought_into_shape_or_refused(notebook: object) -> None:
    parse_or_refuse(json.dumps(notebook).encode())


@given(st.binary(max_size=300))
def test_any_bytes_are_brought_into_shape_or_refused(data: bytes) -> None:
    parse_or_refuse(data)


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=3))
def test_any_change_of_a_few_bytes_is_brought_into_shape_or_refused(at: int, change: bytes) -> None:
    data = bytearray(json.dumps(handed_in()).encode())
    place = at % len(data)
    data[place : place + len(change)] = change
    parse_or_refuse(bytes(data))


COUNT = len(RELEASED["cells"])
STRIPPED = st.sampled_from(["metadata", "cell_type", "source", "id", "outputs"])


@given(
    st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=2 * COUNT),
    st.dictionaries(st.integers(0, 2 * COUNT), STRIPPED, max_size=5),
    st.dictionaries(st.integers(0, 2 * COUNT), ODD_CELLS, max_size=3),
)
def test_dropped_doubled_and_shuffled_cells_are_brought_into_shape(
    places: list[int], stripped: dict[int, str], odd: dict[int, Any]
) -> None:
    """Any choice of cells in any order, some without a part and some strange ones between them."""
    whole = handed_in()
    cells = [deepcopy(whole["cells"][place]) for place in places]
    for place, part in stripped.items():
        if place < len(cells):
            cells[place].pop(part, None)
    for place, cell in odd.items():
        cells.insert(place, cell)
    parse_or_refuse(json.dumps({**whole, "cells": cells}).encode())


@given(st.permutations(range(COUNT)))
def test_no_answer_is_lost_by_shuffling(order: list[int]) -> None:
    whole = handed_in()
    submission = read({**whole, "cells": [whole["cells"][place] for place in order]})
    assert_in_shape(submission)
    assert {name: source(submission, name) for name in ANSWERS} == ANSWERS


# --- files ---


@pytest.fixture
def notebook_file(tmp_path: Path) -> Path:
    path = tmp_path / "pooling.ipynb"
    path.write_text(json.dumps(handed_in()))
    return path


def test_a_regular_file_is_read(notebook_file: Path) -> None:
    assert read_bytes(notebook_file) == notebook_file.read_bytes()


def test_links_are_not_followed(tmp_path: Path, course: Path) -> None:
    link = tmp_path / "pooling.ipynb"
    link.symlink_to(course / "solutions/layers/pooling.ipynb")
    path, _ = find_notebook(tmp_path, KEY)
    with pytest.raises(Unreadable, match="not a regular file"):
        read_bytes(path)


def test_links_under_another_name_are_not_followed(tmp_path: Path, course: Path) -> None:
    (tmp_path / "mine.ipynb").symlink_to(course / "exercises/layers/pooling.ipynb")
    with pytest.raises(NotHandedIn):
        find_notebook(tmp_path, KEY)


def test_a_broken_link_is_no_missing_file(tmp_path: Path) -> None:
    (tmp_path / "pooling.ipynb").symlink_to("nowhere")
    path, _ = find_notebook(tmp_path, KEY)
    with pytest.raises(Unreadable) as refused:
        read_bytes(path)
    assert not isinstance(refused.value, NotHandedIn)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["fifo", "folder"])
def test_what_is_no_file_is_refused_and_does_not_block(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "pooling.ipynb")
    with pytest.raises(Unreadable, match="not a regular file"):
        read_bytes(tmp_path / "pooling.ipynb")


def test_a_fifo_beside_the_notebook_does_not_block(tmp_path: Path, notebook_file: Path) -> None:
    os.mkfifo(tmp_path / "a.ipynb")
    notebook_file.rename(tmp_path / "my pooling.ipynb")
    path, odd = find_notebook(tmp_path, KEY)
    assert path.name == "my pooling.ipynb" and "my pooling.ipynb" in odd[0]


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "pooling.ipynb"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES << 10)  # sparse: reading it would fill the memory
    with pytest.raises(Unreadable, match="MB large"):
        read_bytes(path)


def test_no_file_at_all_is_told_from_a_bad_one(tmp_path: Path) -> None:
    with pytest.raises(NotHandedIn):
        read_bytes(tmp_path / "pooling.ipynb")
    with pytest.raises(NotHandedIn):
        find_notebook(tmp_path, KEY)


def test_the_notebook_of_another_exercise_is_not_taken_for_this_one(
    tmp_path: Path, course: Path, keys: dict[tuple[str, str], Key]
) -> None:
    (tmp_path / "gates.ipynb").write_text((course / "exercises/lstm/gates.ipynb").read_text())
    with pytest.raises(NotHandedIn):
        find_notebook(tmp_path, KEY)
    assert find_notebook(tmp_path, keys["lstm", "gates"])[0].name == "gates.ipynb"
