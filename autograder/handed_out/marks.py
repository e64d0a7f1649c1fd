"""What each student has earned, from nbgrader's gradebook: with what a person has entered, less what lateness costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy.orm import selectinload

from ..course.database import open_gradebook
from ..course.folder import Course
from ..course.late import Lateness, duration, read_policy
from ..marks.deadlines import enter_dates, settle


@dataclass(frozen=True)
class Mark:
    """One student's mark of an assignment, or of one notebook of it."""

    student: str
    email: str
    assignment: str
    points: float
    """Before anything is taken off."""
    penalty: float
    max_points: float
    waiting: int
    """Answers that a person still has to mark. Until then the mark is not the student's mark."""
    late: str = ""
    """What lateness costs, in a sentence."""

    @property
    def mark(self) -> float:
        """What the student has earned, in hundredths of a point, halves up."""
        return int((self.points - self.penalty) * 100 + 0.5 + 1e-6) / 100


def read_marks(course: Course, assignment: str, notebook: str = "") -> dict[str, Mark]:
    """The marks of an assignment, or of one notebook of it, by student. What lateness costs is settled first.

    It is settled anew each time, for a person may have marked an answer since, or an extension been granted.
    """
    policy = read_policy(course)
    with open_gradebook(course) as book:
        enter_dates(book, policy)
        notebooks = _notebooks(book, assignment, notebook)
        settle(course, book, [n for n in notebooks if n.assignment.total_seconds_late > 0 or n.late_submission_penalty])
    found: dict[str, Mark] = {}
    with open_gradebook(course) as book:
        groups: dict[str, list[SubmittedNotebook]] = {}
        for one in _notebooks(book, assignment, notebook):
            groups.setdefault(one.assignment.student_id, []).append(one)
        for student, group in sorted(groups.items()):
            submission = group[0].assignment
            penalty = sum(one.late_submission_penalty or 0.0 for one in group)
            waits = [g for one in group for g in one.grades if g.auto_score is None and g.manual_score is None]
            found[student] = Mark(
                student,
                submission.student.email or "",
                f"{assignment}/{notebook}".rstrip("/"),
                sum(one.score for one in group),
                penalty,
                sum(one.max_score for one in group),
                len(waits),
                _late(
                    policy.lateness(assignment, student, submission.timestamp), penalty, submission.total_seconds_late
                ),
            )
    return found


@dataclass(frozen=True)
class ByHand:
    """What a person has entered for one graded cell."""

    grade_id: str
    points: float | None
    """None where they have only written something."""
    max_points: float
    comment: str


def read_by_hand(course: Course, assignment: str) -> dict[tuple[str, str], list[ByHand]]:
    """What a person has entered in the formgrader, by student and notebook, in the notebook's order."""
    found: dict[tuple[str, str], list[ByHand]] = {}
    with open_gradebook(course) as book:
        for one in _notebooks(book, assignment, ""):
            comments = {comment.cell.name: comment.manual_comment or "" for comment in one.comments}
            entered = []
            for grade in one.grades:
                said = comments.pop(grade.cell.name, "")
                if grade.manual_score is not None or said:
                    points = None if grade.manual_score is None else grade.manual_score + (grade.extra_credit or 0.0)
                    entered.append(ByHand(grade.cell.name, points, grade.max_score, said))
            entered += [ByHand(name, None, 0.0, said) for name, said in comments.items() if said]
            if entered:
                found[one.assignment.student_id, one.notebook.name] = entered
    return found


def _late(late: Lateness, penalty: float, seconds: float) -> str:
    """What lateness costs, in a sentence, also where another rule than late.toml's has taken it off."""
    if not penalty:
        return ""
    return late.words or f"Handed in {duration(timedelta(seconds=seconds))} late: {penalty:g} points are taken off."


def _notebooks(book: Gradebook, assignment: str, notebook: str) -> list[SubmittedNotebook]:
    """What is in the gradebook of an assignment, or of one notebook of it."""
    found = (
        book.db.query(SubmittedNotebook)
        .join(SubmittedNotebook.assignment)
        .join(SubmittedAssignment.assignment)
        .filter(Assignment.name == assignment)
        .options(selectinload(SubmittedNotebook.grades), selectinload(SubmittedNotebook.notebook))
        .options(selectinload(SubmittedNotebook.comments))
        .options(selectinload(SubmittedNotebook.assignment).selectinload(SubmittedAssignment.student))
    )
    return [one for one in found if not notebook or one.notebook.name == notebook]
