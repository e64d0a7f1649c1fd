"""Two nbgrader preprocessors, so that `nbgrader autograde` and the formgrader use the same judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from ..course.folder import Course
from ..course.key import Key
from ..handed_in.submission import parse, read_bytes, to_notebook
from ..judge.doctor import holding
from .marking import Setting, autograded_notebook, judge


class NotWalledIn(Exception):
    """On this machine student code could escape, or not run at all. The text says what to do."""


def _course() -> Course:
    return Course.at(Path.cwd())  # nbgrader changes to the course's folder before it converts anything


def _key(course: Course, resources: dict[str, Any]) -> Key:
    where = Path(resources["nbgrader"]["assignment"]) / f"{resources['nbgrader']['notebook']}.ipynb"
    return Key.read(course.solutions / where, course.exercises / where)


class Repair(NbGraderPreprocessor):
    """Bring a submission back to the exercise's shape: doubled, missing, changed or foreign cells."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Replace the notebook by its repaired form, read again from the submitted file itself."""
        course = _course()
        about = resources["nbgrader"]
        path = course.submitted / about["student"] / about["assignment"] / f"{about['notebook']}.ipynb"
        key = _key(course, resources)
        submission = parse(read_bytes(path), key)
        for note in submission.notes:
            self.log.warning("%s: %s", path, note)
        return to_notebook(submission, key), resources


class JudgeCells(NbGraderPreprocessor):
    """Run the notebook before the judge in place of a kernel, and write its verdicts as cell outputs."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with outputs that nbgrader turns into the same marks.

        Raises NotWalledIn, and runs nothing, where the wall does not hold: nbgrader goes on to the next notebook.
        """
        course = _course()
        wall = holding(course)
        if not wall.holds:
            raise NotWalledIn(f"{wall.refusal} It was not run. `python -m autograder doctor` says what is missing.")
        key = _key(course, resources)
        submission = parse(nbformat.writes(nb).encode(), key)
        setting = Setting(
            course.secret, slips_cost_once=course.slips_cost_once, site_url=course.site_url, layers=wall.layers
        )
        marked = judge(submission, key, setting)
        return autograded_notebook(submission, key, marked), resources
