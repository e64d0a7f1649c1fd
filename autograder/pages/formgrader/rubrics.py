"""Hands the model answers and rubrics of solutions/ to the formgrader's page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from ..safe_markdown import safe_markdown

MARKERS = re.compile(r"^### (BEGIN|END) (SOLUTION|MARK SCHEME) *\n?", flags=re.MULTILINE)


class Rubrics(Preprocessor):
    """Sets resources["rubrics"], for the formgrader alone: what nbgrader makes for students has no rubric."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Leave the notebook as it is, and add what its answers should be."""
        resources["rubrics"] = []
        if "submission_id" in resources:  # the formgrader's own name for what it shows
            path = solution(Path(resources["metadata"]["path"]), resources["assignment_id"], resources["notebook_id"])
            resources["rubrics"] = rubrics(path) if path is not None and path.is_file() else []
        return nb, resources


def solution(folder: Path, assignment: str, notebook: str) -> Path | None:
    """The instructor's notebook, from the folder of a student's marked one; None where that lies in no course."""
    for parent in folder.resolve().parents:
        if (parent / "nbgrader_config.py").is_file():
            return parent / "solutions" / assignment / f"{notebook}.ipynb"
    return None


def rubrics(path: Path) -> list[dict[str, str]]:
    """The grade_id of each answer that a person marks, and as HTML what the instructor has written there."""
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        about = cell.metadata.get("nbgrader", {})
        if not (about.get("grade") and about.get("solution")) and not about.get("task"):
            continue
        text = MARKERS.sub("", cell.source).strip()
        shown = safe_markdown(text if cell.cell_type == "markdown" else f"```python\n{text}\n```")
        found.append({"grade_id": str(about.get("grade_id", "")), "html": shown})
    return found
