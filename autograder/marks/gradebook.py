"""Writes a batch of results to nbgrader's gradebook in one transaction, as `nbgrader autograde` would one by one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import TracebackType

from nbformat.v4 import new_notebook
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from ..course.database import open_gradebook
from ..course.folder import Course
from ..course.key import Key
from ..results.result import Result

NO_RESPONSE = "No response."


class OutOfDate(Exception):
    """The gradebook does not know an assignment as solutions/ has it."""


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
        for result in late:
            self._penalise(result)

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
            submissions = self._submissions(name, {result.student for result in group})
            for result in group:
                submission = submissions[result.student]
                submission.timestamp = timestamps.get((result.student, name))
                self._enter(submission, result)
                if submission.total_seconds_late > 0:
                    late.append(result)
        return late

    def _assignment(self, name: str) -> Assignment | None:
        found: Assignment | None = self._book.db.query(Assignment).filter(Assignment.name == name).one_or_none()
        return found

    def _submissions(self, name: str, students: set[str]) -> dict[str, SubmittedAssignment]:
        """The students' submissions of an assignment, made where they do not exist."""
        db = self._book.db
        assignment = self._assignment(name)
        assert assignment is not None
        known = set(
            db.scalars(Student.__table__.select().with_only_columns(Student.id).where(Student.id.in_(students)))
        )
        db.add_all(Student(id=student, lms_user_id=None) for student in students - known)
        db.flush()
        found = (
            db.query(SubmittedAssignment)
            .filter(SubmittedAssignment.assignment_id == assignment.id, SubmittedAssignment.student_id.in_(students))
            .options(
                selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades),
                selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.comments),
            )
        )
        submissions = {submission.student_id: submission for submission in found}
        with db.no_autoflush:
            for student in sorted(students - set(submissions)):
                submissions[student] = SubmittedAssignment(assignment=assignment, student_id=student)
                db.add(submissions[student])
            for submission in submissions.values():
                self._complete(submission, assignment)
        return submissions

    def _complete(self, submission: SubmittedAssignment, assignment: Assignment) -> None:
        """Give a submission what it lacks: all of it when it is new, or what the assignment has gained since."""
        db = self._book.db
        here = {submitted.notebook_id: submitted for submitted in submission.notebooks}
        for notebook in assignment.notebooks:
            submitted = here.get(notebook.id)
            if submitted is None:
                submitted = SubmittedNotebook(notebook=notebook, assignment=submission)
                db.add(submitted)
            graded = {grade.cell_id for grade in submitted.grades}
            commented = {comment.cell_id for comment in submitted.comments}
            grades = (Grade(cell=cell, notebook=submitted) for cell in notebook.grade_cells if cell.id not in graded)
            answers = (cell for cell in notebook.solution_cells if cell.id not in commented)
            db.add_all([*grades, *(Comment(cell=cell, notebook=submitted) for cell in answers)])

    def _enter(self, submission: SubmittedAssignment, result: Result) -> None:
        """The scores of one notebook. What a person has entered stays, and is marked for another look."""
        notebook = next(n for n in submission.notebooks if n.notebook.name == result.notebook)
        verdicts = {verdict.grade_id: verdict for verdict in result.verdicts}
        for grade in notebook.grades:
            verdict = verdicts[grade.cell.name]
            grade.auto_score = None if verdict.kind == "manual" else verdict.points
            grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        for comment in notebook.comments:
            comment.auto_comment = NO_RESPONSE if comment.cell.name in result.unchanged else None

    def _penalise(self, result: Result) -> None:
        """What the course's nbgrader plugin takes off for being late."""
        resources = {
            "nbgrader": {
                "notebook": result.notebook,
                "assignment": result.assignment,
                "student": result.student,
                "db_url": self._course.db_url,
            }
        }
        preprocessor = AssignLatePenalties(config=self._course.config)
        preprocessor.log.disabled = True
        preprocessor.preprocess(new_notebook(), resources)
