"""A Sunday night, rehearsed: a class hands in through Moodle, and everybody has marks and feedback at the end.

`python -m benchmarks.rehearsal` makes a course of three assignments in a temporary folder, and for each of them what
Moodle's "Download all submissions" gives for 200 students, among them everything that goes wrong in a real class. Then
it does what the guide book/guides/first_class.md says, each step timed by the wall clock: collect, grade and export,
which is the common case; marks by hand through the formgrader's own server; report, feedback, a changed check. It
writes benchmarks/REHEARSAL.md. `--pictures FOLDER` then looks at report, feedback and formgrader in Chromium, and
writes what it sees there.
"""

from __future__ import annotations

import csv
import http.cookiejar
import io
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from nbgrader.api import Gradebook

from autograder.course.folder import Course
from autograder.course.key import read_keys
from autograder.sample.downloads import moodle_zip
from autograder.sample.sample_class import Writer

from .folders import REPOSITORY, Keys
from .throughput import Failed, environment, load, machine

RESULTS = Path(__file__).parent / "REHEARSAL.md"
STUDENTS = 200
WEEK = {"lstm": "gates", "layers": "pooling", "review": "open"}
"""The assignments of the course, each with its notebook. None needs TensorFlow; the last is marked by hand."""
CHANGED, BY_HAND = "lstm", "review"
MARKED = 5
"""So many students get marks by hand."""
ODD = "def forget_gate(x_t, h_prev, W_f, U_f, b_f):\n    return 1 - sigmoid(x_t @ W_f + h_prev @ U_f + b_f) ** 2"
EVERY = 25
"""Every so manieth student makes a mistake in lstm/gates that no check knows yet."""
WORDS = (
    "It reads one step after the other, and keeps what it has read in $h_t$. "
    "The step is the same function each time, with the same weights."
)
"""What students write to an open question."""
NAMED = """

@forget_gate.wrong("One minus the square of the gate.", "Which values does the gate take, and what does each mean?")
def one_minus_the_square(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return 1 - sigmoid(x_t @ W + h_prev @ U + b) ** 2
"""
"""What the instructor adds to the check once the report has shown the mistake."""


@dataclass
class Step:
    """One thing that the instructor does."""

    what: str
    how: str
    seconds: float
    ended: str = ""
    """What there is afterwards, counted."""


@dataclass
class Evening:
    """A course, and what was done in it."""

    course: Course
    steps: list[Step] = field(default_factory=list)

    def run(self, what: str, *words: str) -> Step:
        """One command of the course's own autograder, timed. Raises Failed where it ends otherwise than it may."""
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "autograder", *words],
            cwd=self.course.root,
            env={**environment(), "PYTHONPATH": str(self.course.root)},
            capture_output=True,
            text=True,
        )
        if done.returncode not in (0, 3):
            raise Failed(f"{shlex.join(words)} ended with code {done.returncode}:\n{done.stdout}{done.stderr}")
        return self.note(what, f"`{shlex.join(words)}`", began)

    def note(self, what: str, how: str, began: float) -> Step:
        """Keep a step that has just ended."""
        self.steps.append(Step(what, how, time.perf_counter() - began))
        return self.steps[-1]


def make_course(root: Path, students: int) -> Course:
    """A course with an autograder of its own, its assignments released, and the downloads of Moodle beside it."""
    root.mkdir()
    passing = shutil.ignore_patterns("__pycache__", "_assets", "_pictures")
    for name in ("autograder", "book"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=passing)
    for name in ("nbgrader_config.py", "_config.yml"):
        shutil.copy(REPOSITORY / name, root)
    for assignment, notebook in WEEK.items():
        (root / "solutions" / assignment).mkdir(parents=True)
        shutil.copy(REPOSITORY / "solutions" / assignment / f"{notebook}.ipynb", root / "solutions" / assignment)
    course = Course.at(root)
    Evening(course).run("release", "release", "--quiet")
    keys = read_keys(course.solutions, course.exercises)
    for where, key in keys.items():
        path = root / f"{where[0]}.zip"
        moodle_zip(course, {where: key}, students, path, naughty=where[0] == CHANGED)
        if where[0] == CHANGED:
            rewrite(path, odd_mistake(course, keys))
        if where[0] == BY_HAND:
            rewrite(path, own_words)
    return course


def rewrite(path: Path, change: Callable[[int, str, bytes], bytes]) -> None:
    """Have students hand in something else than the sample class does: `change` gets an entry's place, name, bytes."""
    with zipfile.ZipFile(path) as before:
        entries = [(info, before.read(info)) for info in before.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for place, (info, data) in enumerate(entries):
            after.writestr(info, change(place, info.filename, data))


def odd_mistake(course: Course, keys: Keys) -> Callable[[int, str, bytes], bytes]:
    """Some make the mistake that nobody has named."""
    where = (CHANGED, WEEK[CHANGED])

    def change(place: int, name: str, data: bytes) -> bytes:
        if place % EVERY or not name.endswith(f"_file/{where[1]}.ipynb"):
            return data
        notebook = Writer(course, keys).solution(*where, {"forget_gate": ODD})
        first = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("solution"))
        first["source"] += f"\n# {name}"
        return json.dumps(notebook).encode()

    return change


def own_words(place: int, name: str, data: bytes) -> bytes:
    """The sample's answers to open questions are those of the solution, rubric and all. No student writes that."""
    notebook = json.loads(data)
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if about.get("solution") and cell["cell_type"] == "markdown":
            cell["source"] = f"{WORDS}\n\n{name.partition('_')[0]}"
    return json.dumps(notebook).encode()


@contextmanager
def formgrader(course: Course) -> Iterator[str]:
    """The address of a Jupyter server in the course's folder, with nbgrader's formgrader, on this machine alone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0"]
    command += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"]
    own = {**environment(), "PYTHONPATH": str(course.root), "JUPYTER_NO_CONFIG": "1"}
    with (course.root / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=course.root, env=own, stdout=log, stderr=log)
        try:
            while not _answers(f"http://127.0.0.1:{port}/api"):
                if server.poll() is not None:
                    raise Failed((course.root / "server.log").read_text())
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/formgrader"
        finally:
            server.terminate()
            server.wait(20)


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except OSError:
        return False
    return True


class Marker:
    """Enters marks as the formgrader's page does: with requests to its server."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))
        self._ask("")  # the page itself: it sets the cookie that each request has to repeat

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> bytes:
        request = urllib.request.Request(self._address + path, method="GET" if body is None else "PUT")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        request.add_header("X-XSRFToken", next((one.value or "" for one in self._cookies if one.name == "_xsrf"), ""))
        with self._opener.open(request, timeout=60) as answer:
            return bytes(answer.read())

    def mark(self, submission: str) -> int:
        """Give all answers of a notebook that wait for a person half their points, and a comment; return how many."""
        grades = json.loads(self._ask(f"/api/grades?submission_id={submission}"))
        waiting = [one for one in grades if one["needs_manual_grade"]]
        for one in waiting:
            self._ask(f"/api/grade/{one['id']}", {**one, "manual_score": one["max_score"] / 2})
        for one in json.loads(self._ask(f"/api/comments?submission_id={submission}"))[:1]:
            self._ask(f"/api/comment/{one['id']}", {**one, "manual_comment": "Say it with the formula, too."})
        return len(waiting)


def mark_by_hand(course: Course) -> tuple[int, list[str]]:
    """Mark the first few who have handed in; return how many answers that were, and the students."""
    with Gradebook(course.db_url, "recurrent") as book:
        found = book.notebook_submissions(WEEK[BY_HAND], BY_HAND)
        chosen = sorted((one.student.id, one.id) for one in found if one.needs_manual_grade)[:MARKED]
    with formgrader(course) as address:
        marker = Marker(address)
        return sum(marker.mark(submission) for _, submission in chosen), [student for student, _ in chosen]


def grades(path: Path) -> dict[str, str]:
    """The grades in a worksheet of Moodle's, by the student's number."""
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    return {row["ID number"]: row["Grade"] for row in rows if row["Grade"]}


def named(course: Course) -> int:
    """How many records name the mistake that was new."""
    folder = course.grading / "results" / CHANGED / WEEK[CHANGED]
    return sum('"one_minus_the_square"' in path.read_text() for path in folder.glob("*.json"))


def export(evening: Evening, assignment: str, again: str = "") -> Step:
    """Marks of one assignment into its worksheet."""
    words = ("export", assignment, "--into", f"{assignment}.csv", "--scale")
    step = evening.run(f"Marks of `{assignment}` into Moodle's table{again}", *words)
    step.ended = f"{len(grades(evening.course.grading / 'export' / f'{assignment}.csv'))} marks"
    return step


def rehearse(course: Course) -> Evening:
    """The whole evening."""
    evening = Evening(course)
    zips = [f"{assignment}.zip" for assignment in WEEK]
    sheets = [word for assignment in WEEK for word in ("--students", f"{assignment}.csv")]
    step = evening.run("Take in three downloads", "collect", *zips, *sheets)
    step.ended = (
        f"{len(list(course.submitted.glob('*/*/*.ipynb')))} notebooks of {len(os.listdir(course.submitted))} students"
    )
    step = evening.run("Mark all", "grade")
    step.ended = f"{len(list(course.feedback.glob('*/*/*.html')))} pages of feedback, the gradebook, the report"
    export(evening, CHANGED)
    began = time.perf_counter()
    answers, students = mark_by_hand(course)
    step = evening.note(f"Open questions of {len(students)} students by hand", "the formgrader's server", began)
    step.ended = f"{answers} answers"
    export(evening, BY_HAND)
    by_hand = grades(course.grading / "export" / f"{BY_HAND}.csv")
    if not set(students) <= set(by_hand):
        raise Failed(f"Marks by hand of {set(students) - set(by_hand)} are not in the exported table")
    evening.run("The report, with answers that are alike", "report", "--similar")
    step = evening.run("Feedback as zips for Moodle", "export", "--feedback")
    step.ended = (
        f"{sum(len(zipfile.ZipFile(path).namelist()) for path in (course.grading / 'export').glob('*.zip'))} files"
    )
    if named(course):
        raise Failed("The new mistake has a name before it was given one")
    checks = course.root / "autograder" / "checks" / CHANGED / f"{WEEK[CHANGED]}.py"
    checks.write_text(checks.read_text() + NAMED)
    evening.run("A mistake gets a name: its hint into the exercise", "release", CHANGED, "--yes")
    step = evening.run("Mark what that changes", "grade")
    step.ended = f"{named(course)} students are told the new name"
    export(evening, CHANGED, ", again")
    export(evening, BY_HAND, ", again")
    if grades(course.grading / "export" / f"{BY_HAND}.csv") != by_hand:
        raise Failed("Marks by hand did not survive marking again")
    return evening


def report(evening: Evening, students: int, busy: str) -> str:
    """benchmarks/REHEARSAL.md."""
    common = evening.steps[:3]
    names = [f"`{one.how.strip('`').split()[0]}`" for one in common]
    rows = ["| Step | How | Seconds | Then there are |", "| --- | --- | ---: | --- |"]
    rows += [f"| {one.what} | {one.how} | {one.seconds:.1f} | {one.ended} |" for one in evening.steps]
    return "\n".join(
        [
            "# A Sunday night, rehearsed",
            "",
            f"Measured on {datetime.now():%Y-%m-%d %H:%M} by `python -m benchmarks.rehearsal`: {students} students, "
            f"each with up to {len(WEEK)} notebooks ({', '.join('/'.join(one) for one in WEEK.items())}), in downloads "
            "as Moodle writes them. The first also holds what goes wrong in a real class: `sample --naughty`.",
            "",
            *(f"- {one}" for one in machine()),
            f"- Load average before the run {busy} (0 is an idle machine)",
            "",
            f"The common case, three commands: {' then '.join(names)}, "
            f"**{sum(one.seconds for one in common):.0f} seconds**. All steps: "
            f"{sum(one.seconds for one in evening.steps):.0f} seconds, of the machine's, without a person's.",
            "",
            *rows,
            "",
            "Marks by hand are in the exported table, and the same after marking again: the run ends with an error "
            "where they are not. The mistake that gets a name is one that every "
            f"{EVERY}th entry of the first download makes, and that the checks do not know before.",
            "",
        ]
    )


def main(
    students: Annotated[int, typer.Option(help="How many hand in.", min=10, max=400)] = STUDENTS,
    pictures: Annotated[Path | None, typer.Option(help="Write pictures for the guide into this folder.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Make the course here, and leave it.")] = None,
) -> None:
    """Rehearse, and write benchmarks/REHEARSAL.md; with fewer students, or more, only say what was measured."""
    busy = load()
    with tempfile.TemporaryDirectory() as folder:
        course = make_course(keep or Path(folder) / "course", students)
        evening = rehearse(course)
        text = report(evening, students, busy)
        print(text)
        if students == STUDENTS:
            RESULTS.write_text(text)
        if pictures is not None:
            from .pictures import take

            take(course, pictures)


if __name__ == "__main__":
    typer.run(main)
