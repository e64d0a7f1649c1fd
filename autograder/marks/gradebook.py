"""Writes a batch of results to nbgrader's gradebook in one transaction, as `nbgrader autograde` would one by one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import selectinload

from ..course.database import open_gradebook
from ..course.folder import Course
from ..course.key import Key
from ..course.late import read_policy
from ..results.result import Result
from .deadlines import enter_dates, settle

NO_RESPONSE = "No response."


class OutOfDate(Exception):
    """The gradebook does not know an assignment as solutions/ has it."""


@dataclass
class Rows:
    """Rows of a batch, by column."""

    grades: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)


class ClassGradebook:
    """nbgrader's gradebook, open for one run. Use as a context manager."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._book = open_gradebook(course)

    def __enter__(self) -> ClassGradebook:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._book.close()

    def require(self, keys: Iterable[Key]) -> None:
        """Raise OutOfDate unless every graded cell is there with its source and its points."""
        for key in keys:
            assignment = self._assignment(key.assignment)
            notebooks = {} if assignment is None else {notebook.name: notebook for notebook in assignment.notebooks}
            if key.notebook not in notebooks:
                raise OutOfDate(f"The gradebook does not know {key.assignment}/{key.notebook}.")
            notebook = notebooks[key.notebook]
            sources = {cell.name: cell.source for cell in notebook.source_cells}
            points = {cell.name: cell.max_score for cell in notebook.grade_cells}
            for cell in key.cells:
                # nbgrader keeps a test with its hidden part, and all other cells as they were released.
                known = sources.get(cell.grade_id) == (cell.source if cell.auto_graded else cell.released)
                if not known or (cell.grade and points.get(cell.grade_id) != cell.points):
                    raise OutOfDate(f"{key.assignment}/{key.notebook} has changed since it was released.")

    def enter_dates(self) -> None:
        """Enter due dates and extensions of the course's policy."""
        enter_dates(self._book, read_policy(self._course))

    def write(self, results: Iterable[Result], timestamps: Mapping[tuple[str, str], datetime | None]) -> None:
        """Enter results and when they were handed in (UTC), by student and assignment. One commit."""
        try:
            late = self._write(results, timestamps)
            self._book.db.commit()
        except BaseException:
            self._book.db.rollback()
            raise
        finally:
            self._book.db.expunge_all()  # thousands of rows are not held in memory
        if late:
            found = (self._book.find_submission_notebook(one.notebook, one.assignment, one.student) for one in late)
            settle(self._course, self._book, found)
            self._book.db.expunge_all()

    def lacks(self, results: Iterable[Result]) -> list[Result]:
        """Of these results those whose points the gradebook does not have, or has otherwise."""
        if not (results := list(results)):
            return []
        rows = self._book.db.execute(
            select(SubmittedAssignment.student_id, Assignment.name, Notebook.name, func.sum(Grade.auto_score))
            .select_from(SubmittedAssignment)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .group_by(SubmittedAssignment.student_id, Assignment.name, Notebook.name)
        )
        known = {(student, assignment, notebook): points for student, assignment, notebook, points in rows}
        found = []
        for one in results:
            points = known.get((one.student, one.assignment, one.notebook), math.nan)  # None: a person marks all of it
            by_us = sum(verdict.points for verdict in one.verdicts if verdict.kind != "manual")
            if not math.isclose(points or 0.0, by_us, abs_tol=1e-6):
                found.append(one)
        return found

    def _write(self, results: Iterable[Result], timestamps: Mapping[tuple[str, str], datetime | None]) -> list[Result]:
        """Enter results, without the commit. Returns those that came late."""
        by_assignment: dict[str, list[Result]] = {}
        for result in results:
            by_assignment.setdefault(result.assignment, []).append(result)
        late: list[Result] = []
        for name, group in by_assignment.items():
            assignment = self._assignment(name)
            assert assignment is not None
            submissions = self._submissions(assignment, {result.student for result in group})
            self._enter(assignment, submissions, {(result.student, result.notebook): result for result in group})
            for result in group:
                submission = submissions[result.student]
                submission.timestamp = timestamps.get((result.student, name))
                if submission.total_seconds_late > 0:
                    late.append(result)
        return late

    def _assignment(self, name: str) -> Assignment | None:
        found: Assignment | None = self._book.db.query(Assignment).filter(Assignment.name == name).one_or_none()
        return found

    def _submissions(self, assignment: Assignment, students: set[str]) -> dict[str, SubmittedAssignment]:
        """The students' submissions of an assignment, made with their notebooks where they do not exist."""
        db = self._book.db
        known = set(
            db.scalars(Student.__table__.select().with_only_columns(Student.id).where(Student.id.in_(students)))
        )
        db.add_all(Student(id=student, lms_user_id=None) for student in students - known)
        db.flush()
        found = (
            db.query(SubmittedAssignment)
            .filter(SubmittedAssignment.assignment_id == assignment.id, SubmittedAssignment.student_id.in_(students))
            .options(selectinload(SubmittedAssignment.notebooks))
        )
        submissions = {submission.student_id: submission for submission in found}
        with db.no_autoflush:
            for student in sorted(students - set(submissions)):
                submissions[student] = SubmittedAssignment(assignment=assignment, student_id=student)
                db.add(submissions[student])
            for submission in submissions.values():
                here = {submitted.notebook_id for submitted in submission.notebooks}
                lacking = (notebook for notebook in assignment.notebooks if notebook.id not in here)
                db.add_all([SubmittedNotebook(notebook=notebook, assignment=submission) for notebook in lacking])
        db.flush()
        return submissions

    def _enter(
        self,
        assignment: Assignment,
        submissions: Mapping[str, SubmittedAssignment],
        results: Mapping[tuple[str, str], Result],
    ) -> None:
        """The scores of a batch, by student and notebook. What a person has entered stays, and is marked for another
        look; rows that are missing are made, also those of notebooks without a result.

        Rows go in and out as they are: as objects, one by one, they took three quarters of a gradebook's time.
        """
        db = self._book.db
        ids = [submitted.id for submission in submissions.values() for submitted in submission.notebooks]
        graded = {
            (notebook, cell): (row, manual)
            for notebook, cell, row, manual in db.execute(
                select(Grade.notebook_id, Grade.cell_id, Grade.id, Grade.manual_score).where(Grade.notebook_id.in_(ids))
            )
        }
        commented = {
            (notebook, cell): row
            for notebook, cell, row in db.execute(
                select(Comment.notebook_id, Comment.cell_id, Comment.id).where(Comment.notebook_id.in_(ids))
            )
        }
        cells = {
            notebook.id: (notebook.name, [*notebook.grade_cells], [*notebook.solution_cells])
            for notebook in assignment.notebooks
        }
        made, changed = Rows(), Rows()
        for submission in submissions.values():
            for submitted in submission.notebooks:
                name, to_grade, to_answer = cells[submitted.notebook_id]
                result = results.get((submission.student_id, name))
                verdicts = {} if result is None else {verdict.grade_id: verdict for verdict in result.verdicts}
                if result is not None:
                    submitted.late_submission_penalty = None  # until it is settled with the new points
                for cell in to_grade:
                    row, manual = graded.get((submitted.id, cell.id), (None, None))
                    score = None
                    if result is not None and verdicts[cell.name].kind != "manual":
                        score = verdicts[cell.name].points
                    values = {"auto_score": score, "needs_manual_grade": manual is not None or score is None}
                    if row is None:
                        made.grades.append({"notebook_id": submitted.id, "cell_id": cell.id, **values})
                    elif result is not None:
                        changed.grades.append({"id": row, **values})
                for cell in to_answer:
                    row = commented.get((submitted.id, cell.id))
                    comment = NO_RESPONSE if result is not None and cell.name in result.unchanged else None
                    if row is None:
                        where = {"notebook_id": submitted.id, "cell_id": cell.id}
                        made.comments.append({**where, "auto_comment": comment})
                    elif result is not None:
                        changed.comments.append({"id": row, "auto_comment": comment})
        for statement, rows in (
            (insert(Grade), made.grades),
            (insert(Comment), made.comments),
            (update(Grade), changed.grades),
            (update(Comment), changed.comments),
        ):
            if rows:
                db.execute(statement, rows)
