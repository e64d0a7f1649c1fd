"""Marks a class again and again, and kills the run at another write each time. Run as a script by test_bad_days.py.

`python killed.py FOLDER` makes a course there, marks it once undisturbed, and then for every file that is put in place
and every commit to the gradebook: kills a run just before it with SIGKILL, lets another run go on, and compares. Prints
what differed, and how often it killed, as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import typer
from sqlalchemy.orm import Session

from autograder.commands import cli
from autograder.course.folder import Course
from autograder.judge.student_process import NUMPY, Zygote
from autograder.marks.grade import Crew
from benchmarks.folders import ASSIGNMENT, KINDS, Class, Keys, make_course, marks
from benchmarks.stages import Serial

STUDENTS = 2
MADE = ("results", "feedback", "autograded", "reports")
State = dict[str, Any]


class Killer:
    """Kills this process before the write of a given number, counted from 1; at none for 0. Between two writes nothing
    lasting happens, so that before one is as good as after the one before it."""

    def __init__(self, at: int) -> None:
        self._left = at

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, a write."""

        def written(*arguments: Any, **keywords: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **keywords)

        return written


def run(course: Course, warm: str, kill_at: int = 0) -> int:
    """Mark in a child of this process; return how it ended, as `os.waitstatus_to_exitcode` says."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            grade(course, warm, Killer(kill_at))
            code = 0
        except typer.Exit as ended:
            code = ended.exit_code
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def grade(course: Course, warm: str, killer: Killer) -> None:
    """The command, its workers in this process."""

    @contextmanager
    def crew_for(*arguments: Any, **keywords: Any) -> Iterator[Crew]:
        yield Crew(Serial(), (warm, ""))

    with (
        patch.object(cli, "crew_for", crew_for),
        patch.object(os, "replace", killer.around(os.replace)),
        patch.object(Session, "commit", killer.around(Session.commit)),
    ):
        cli.grade([ASSIGNMENT], course.root, unprotected=True, quiet=True)


def state(course: Course, students: list[str]) -> State:
    """All that a run leaves behind: what files hold, and the gradebook's points."""
    files = {
        path.relative_to(course.grading).as_posix(): path.read_text()
        for name in MADE
        for path in sorted((course.grading / name).rglob("*"))
        if path.is_file()
    }
    return {"files": files, "marks": marks(course, KINDS[0], students)}


def tried(course: Course, students: list[str], warm: str) -> tuple[int, list[str]]:
    """Kill a run at each write in turn; return how many there are, and what was otherwise than undisturbed."""
    gradebook = course.grading / "gradebook.db"
    fresh = gradebook.read_bytes()

    def again() -> None:
        for name in MADE:
            shutil.rmtree(course.grading / name, ignore_errors=True)
        for path in course.grading.glob("gradebook.db-*"):
            path.unlink()
        gradebook.write_bytes(fresh)

    assert run(course, warm) == 0
    undisturbed = state(course, students)
    assert len(undisturbed["marks"]) == STUDENTS
    different: list[str] = []
    number = 1
    while True:
        again()
        ended = run(course, warm, number)
        if ended == 0:
            return number - 1, different
        if ended != -signal.SIGKILL:
            different.append(f"write {number}: the run ended with {ended}")
        if (ended := run(course, warm)) != 0:
            different.append(f"write {number}: the next run ended with {ended}")
        found = state(course, students)
        different += [f"write {number}: {name}" for name in undisturbed if found[name] != undisturbed[name]]
        number += 1


def main(folder: Path) -> None:
    """Make a class, and try."""
    made: tuple[Course, Keys] = make_course(folder / "course", KINDS[0], stock=False)
    students = Class(*made).write(KINDS[0], STUDENTS)
    with Zygote(NUMPY) as zygote:
        count, different = tried(made[0], students, zygote.address)
    print(json.dumps({"killed": count, "different": different}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
