"""A step of nbgrader's release: it fills the cell `hints` of a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Dict

from ..course.folder import Course
from .sealed import cell_source

CELL = "hints"
"""The grade_id of the cell."""


class SealHints(NbGraderPreprocessor):
    """Put practice inputs and sealed hints where the instructor's notebook has a stand-in."""

    tells = Dict(
        {}, help="What hints tell, by assignment: 'off', 'mistakes' (the usual), or 'right' on the practice inputs too."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Fill the cell; a notebook that has none gets no hints."""
        assignment, notebook = resources["nbgrader"]["assignment"], resources["nbgrader"]["notebook"]
        course = Course.at(Path.cwd())  # nbgrader changes to the course's folder before it converts anything
        for cell in nb.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == CELL:
                tells = self.tells.get(assignment, "mistakes")
                cell.source = cell_source(assignment, notebook, course.site_url, tells)
        return nb, resources
