"""nbgrader asks this what handing in late costs, in `nbgrader autograde` and wherever marks are settled here."""

from __future__ import annotations

from pathlib import Path

from nbgrader.plugins import LateSubmissionPlugin

from ..course.folder import Course
from ..course.late import read_policy, taken_off


class ByPolicy(LateSubmissionPlugin):
    """Takes off what the course's late.toml says; nothing where there is none."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Points to take off `score`. nbgrader calls this for what came after the due date in its gradebook."""
        about = self.parent  # nbgrader's AssignLatePenalties, which knows which notebook this is about
        handed_in = about.gradebook.find_submission(about.assignment_id, student_id).timestamp
        course = Course.at(Path(self.config.CourseDirectory.get("root") or Path.cwd()))
        late = read_policy(course).lateness(about.assignment_id, student_id, handed_in)
        return taken_off(score, late.share) if late.share else None
