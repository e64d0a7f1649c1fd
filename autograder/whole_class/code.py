"""What a student wrote into an answer cell, as it was marked."""

from __future__ import annotations

import json

from ..course.folder import Course
from ..course.key import Key
from ..handed_in.submission import Unreadable, read_bytes
from ..results.result import Result


def answers(course: Course, result: Result, key: Key) -> dict[str, str]:
    """The code of each answer that is not as it was released, by grade_id; none where nothing could be marked."""
    path = course.autograded / result.student / result.assignment / f"{result.notebook}.ipynb"
    try:
        cells = json.loads(read_bytes(path))["cells"]
        found = {cell["metadata"].get("nbgrader", {}).get("grade_id", ""): str(cell["source"]) for cell in cells}
    except (Unreadable, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {
        cell.grade_id: found[cell.grade_id]
        for cell in key.cells
        if cell.solution and cell.cell_type == "code" and cell.grade_id in found
        if cell.grade_id not in result.unchanged
    }
