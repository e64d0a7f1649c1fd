"""Enters due dates and extensions of the course's policy in nbgrader's gradebook, and settles what lateness costs."""

from __future__ import annotations

from copy import deepcopy

from nbformat.v4 import new_notebook
from nbgrader.api import Assignment, Gradebook
from nbgrader.preprocessors import AssignLatePenalties

from ..course.folder import Course
from ..course.late import Policy


def enter_dates(book: Gradebook, policy: Policy) -> None:
    """Give the gradebook the dates that `policy` names, so that the formgrader shows them. Others stay."""
    for name, rule in policy.rules.items():
        assignment = book.db.query(Assignment).filter(Assignment.name == name).one_or_none()
        if assignment is None or rule.due is None:
            continue
        assignment.duedate = rule.due
        for submission in assignment.submissions:
            due = policy.due(name, submission.student_id)
            extension = due - rule.due if due and due > rule.due else None
            if submission.extension != extension:
                submission.extension = extension
    book.db.commit()


def settle(course: Course, assignment: str, notebook: str, student: str) -> None:
    """Have nbgrader take off what lateness costs, of the points as they are now, with what a person has entered."""
    about = {"notebook": notebook, "assignment": assignment, "student": student, "db_url": course.db_url}
    config = deepcopy(course.config)
    config.CourseDirectory.root = str(course.root)
    preprocessor = AssignLatePenalties(config=config)
    preprocessor.log.disabled = True
    preprocessor.preprocess(new_notebook(), {"nbgrader": about})
