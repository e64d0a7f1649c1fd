"""Enters due dates and extensions of the course's policy in nbgrader's gradebook, and settles what lateness costs."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

from nbgrader.api import Assignment, Gradebook, SubmittedNotebook

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


def settle(course: Course, book: Gradebook, late: Iterable[SubmittedNotebook]) -> None:
    """Have nbgrader's plugin take off what lateness costs, of the points as they are now, marks from a person included.

    It is what nbgrader's AssignLatePenalties does, for many in one session: by itself it opens the gradebook for each.
    """
    from nbgrader.preprocessors import AssignLatePenalties  # and with it nbconvert, which few runs need

    config = deepcopy(course.config)
    config.CourseDirectory.root = str(course.root)
    rules = AssignLatePenalties(config=config)
    rules.log.disabled = True
    rules.gradebook = book
    rules.init_plugin()
    for notebook in late:
        submission = notebook.assignment
        rules.assignment_id, rules.notebook_id = submission.assignment.name, notebook.notebook.name
        rules.student_id, seconds = submission.student_id, submission.total_seconds_late
        penalty = None
        if seconds > 0:
            penalty = rules.plugin_inst.late_submission_penalty(rules.student_id, notebook.score, seconds)
        notebook.late_submission_penalty = None if penalty is None else rules._check_late_penalty(notebook, penalty)
    book.db.commit()
