"""The gradebook in PostgreSQL by nbgrader's `db_url`: the same marks, kept by a second run, and refusals in words."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder.commands import cli
from autograder.course import database
from autograder.course.database import without_password
from autograder.course.folder import Course
from autograder.judge.student_process import Zygote
from autograder.marks.grade import Crew, odd_name
from autograder.results.result import Result
from benchmarks.folders import ASSIGNMENT, KINDS, Class, make_course, marks
from benchmarks.stages import Serial
from tests import killed
from tests.postgresql import Server, server

STUDENTS = 2
SQLITE = "sqlite:///grading/gradebook.db"
RELEASED = "released"


@dataclass(frozen=True)
class Place:
    """A course whose gradebook can be put elsewhere."""

    root: Path
    configuration: str
    students: list[str]
    server: Server
    warm: str

    def at(self, url: str) -> Course:
        """The course with its gradebook at this address."""
        (self.root / "nbgrader_config.py").write_text(self.configuration.replace(SQLITE, url))
        return Course.at(self.root)

    def new(self, database: str) -> str:
        """The address of a new database in which the assignment is released."""
        with self.server.connect() as connection:
            connection.execute(f"CREATE DATABASE {database} TEMPLATE {RELEASED}")
        return self.server.url(database)

    def forget(self) -> None:
        """Leave no trace of earlier runs in files."""
        for name in killed.MADE:
            shutil.rmtree(self.root / "grading" / name, ignore_errors=True)

    def records(self) -> dict[str, list[tuple[str, str, str]]]:
        """By student what is on record of each graded cell: its name, what was found of it, and in which words."""
        paths = (self.root / "grading" / "results").glob("*/*/*.json")
        results = (Result.from_json(path.read_text()) for path in paths)
        return {one.student: [(v.grade_id, v.kind, v.message) for v in one.verdicts] for one in results}

    def marks(self, url: str) -> dict[str, dict[str, float]]:
        """Points by student and cell, as the gradebook there has them."""
        return marks(self.at(url), KINDS[0], self.students)

    def grade(self, url: str, *options: str, command: str = "grade") -> tuple[int, str]:
        """The command, its worker in this process; its exit code and what it said, on one line."""

        @contextmanager
        def crew_for(*arguments: Any, **keywords: Any) -> Iterator[Crew]:
            yield Crew(Serial(), (self.warm, ""))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cli, "crew_for", crew_for)
            done = CliRunner().invoke(cli.app, [command, ASSIGNMENT, "--course", str(self.at(url).root), *options])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, " ".join(done.output.split())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Iterator[Place]:
    """A course with a small class, and a server with a database in which the assignment is released by `release`."""
    course, keys = make_course(tmp_path_factory.mktemp("class") / "course", KINDS[0], stock=False)
    students = Class(course, keys).write(KINDS[0], STUDENTS)
    with server() as running:
        configuration = (course.root / "nbgrader_config.py").read_text()
        found = Place(course.root, configuration, students, running, zygote.address)
        with running.connect() as connection:
            connection.execute(f"CREATE DATABASE {RELEASED}")
        code, said = found.grade(running.url(RELEASED), command="release")
        assert code == 0, said
        yield found


def test_marks_are_the_same_and_kept(place: Place) -> None:
    code, said = place.grade(SQLITE, "--unprotected")
    assert code == 0, said
    expected = place.marks(SQLITE)
    assert len(expected) == STUDENTS
    place.forget()
    url = place.new("marked")
    code, said = place.grade(url, "--unprotected")
    assert code == 0 and f"{STUDENTS} notebooks marked" in said and "again" not in said
    assert place.marks(url) == expected
    code, said = place.grade(url, "--unprotected")
    assert code == 0 and "0 notebooks marked in" in said and f"{STUDENTS} kept" in said and "entered" not in said

    with Gradebook(url, "recurrent") as book:
        book.find_grade("test-sigmoid", "gates", ASSIGNMENT, place.students[0]).manual_score = 1.5
        book.db.commit()
    assert place.grade(url, "--unprotected", "--force")[0] == 0
    with Gradebook(url, "recurrent") as book:
        grade = book.find_grade("test-sigmoid", "gates", ASSIGNMENT, place.students[0])
        assert (grade.manual_score, grade.needs_manual_grade) == (1.5, True), "a person's mark stays"
    assert place.marks(url) == expected


def test_a_gradebook_that_lacks_what_is_on_record_is_given_it(place: Place) -> None:
    first, second = place.new("first"), place.new("second")
    place.forget()
    assert place.grade(first, "--unprotected")[0] == 0
    code, said = place.grade(second, "--unprotected")
    assert code == 0 and "0 notebooks marked" in said
    assert f"{STUDENTS} of those kept were not in the gradebook, or otherwise" in said
    assert place.marks(second) == place.marks(first)
    with Gradebook(second, "recurrent") as book:
        book.find_grade("test-sigmoid", "gates", ASSIGNMENT, place.students[0]).auto_score = 0.25
        book.db.commit()
    assert "1 of those kept" in place.grade(second, "--unprotected")[1]
    assert place.marks(second) == place.marks(first)


def test_the_gradebook_is_written_before_the_record(place: Place) -> None:
    """A run that is killed leaves no record of what is not in the gradebook; the next one does all of it."""
    url = place.new("undisturbed")
    place.forget()
    assert killed.run(place.at(url), place.warm) == 0
    marked, recorded = place.marks(url), place.records()
    assert len(recorded) == STUDENTS
    left: list[tuple[int, int]] = []
    while not left or left[-1] == (0, 0):
        url = place.new(f"killed_{len(left)}")
        place.forget()
        assert killed.run(place.at(url), place.warm, len(left) + 1) == -signal.SIGKILL
        left.append((len(place.marks(url)), len(place.records())))
        assert killed.run(place.at(url), place.warm) == 0
        assert place.records() == recorded
        assert place.marks(url) == marked
    assert len(left) > 1 and left[-1] == (STUDENTS, 0), "the commit comes before the first record"


SECRET = ("s3cret", "hush", "%40")


def test_what_the_server_refuses_is_said_in_a_sentence(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 1)
    url = place.new("locked")
    place.forget()
    with place.server.connect("locked") as connection, connection.transaction():
        connection.execute("LOCK TABLE grade")
        refused = [("the gradebook says: canceling statement due to lock timeout", *place.grade(url, "--unprotected"))]
    assert not place.records()
    urls = {
        'password authentication failed for user "course"': place.server.url("locked", "s3cret%40other-hush"),
        'database "nowhere" does not exist': place.server.url("nowhere"),
        "No such file or directory": url.replace(f"host={place.server.folder}", "host=/not/there"),
        "needs the package pg8000, which is not installed": url.replace("psycopg", "pg8000"),
        "the gradebook cannot be opened": "postgresql+psycopg://course:s3cret/hush@host:password/x",
    }
    refused += [(words, *place.grade(bad, "--unprotected")) for words, bad in urls.items()]
    refused += [(words, *place.grade(bad, command="release")) for words, bad in urls.items()]
    for words, code, said in refused:
        assert code == 1 and words in said, (words, said)
        assert "had to stop" in said and "Traceback" not in said
        assert not [piece for piece in SECRET if piece in said], said
    assert place.grade(url, "--unprotected")[0] == 0, "the same command goes on"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://course:hunter2@host/db", "no course:hunter2@host"),
        ("postgresql://course:hun@ter2@host/db", "no host ter2@host"),
        ("postgresql://course:hun%40ter2@host/db", "no hun@ter2"),
        ("postgresql://host/db?user=course&password=hunter2", "no password=hunter2"),
    ],
)
def test_no_password_is_told(url: str, said: str) -> None:
    shown = without_password(said, url)
    assert "***" in shown and "ter2" not in shown
    assert without_password("no such file: /a/b@c", "sqlite:////a/b@c") == "no such file: /a/b@c"


def test_no_name_is_longer_than_postgresql_takes() -> None:
    assert odd_name("s" * 128) == ""
    assert "129 characters" in odd_name("s" * 129)
