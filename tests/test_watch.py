"""What appears in a folder is marked when it is whole, each student in turn, and the feedback is theirs alone."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from autograder.commands.cli import app
from autograder.course.folder import Course
from autograder.course.key import Key, read_keys
from autograder.course.release import release
from autograder.judge.student_process import Zygote
from autograder.marks import watch
from autograder.marks.drop import FEEDBACK, NotPut, put_feedback
from autograder.marks.grade import Crew, Work
from autograder.marks.watch import BATCH, PATIENCE, UNKNOWN_FILES, Drop, Inbox, Queue, Stillness, Watcher
from autograder.results.result import Result
from autograder.sample.sample_class import Writer
from benchmarks.stages import Serial
from tests.courses import course_of

Keys = dict[tuple[str, str], Key]
QUIZ = ("review", "choices")


# --- whose turn it is ---


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 30)), max_size=200), st.integers(1, 7))
def test_each_student_in_turn_and_each_notebook_once(came: list[tuple[str, int]], most: int) -> None:
    queue = Queue()
    queue.add((student, ("lstm", str(number))) for student, number in came)
    assert len(queue) == len(set(came))
    turns = []
    while len(queue):
        batch = queue.take(most)
        students = [student for student, _ in batch]
        assert 0 < len(batch) <= most and len(set(students)) == len(students), "no two of one student together"
        turns += batch
    assert sorted((student, int(where[1])) for student, where in turns) == sorted(set(came))


def test_who_hands_in_a_hundred_files_delays_nobody() -> None:
    queue = Queue()
    queue.add(("many", ("lstm", str(number))) for number in range(100))
    queue.take(BATCH)
    queue.add([("ada", QUIZ), ("bob", QUIZ)])
    turns = [student for _ in range(3) for student, _ in queue.take(1)]
    assert turns.index("ada") < 2 and turns.index("bob") < 3


# --- when a file is whole ---


def looks(still: Stillness, whole: bool, *stamps: int) -> list[bool]:
    """Whether a file with these stamps, look by look, is given at each."""
    return [bool(still.settled({"x": (stamp,)}, lambda path: whole)) for stamp in stamps]


def test_a_file_is_given_once_when_it_is_still() -> None:
    assert looks(Stillness(), True, 1, 2, 3, 3, 3, 3) == [False, False, False, True, False, False]
    assert looks(Stillness(), True, 1, 1, 2, 2) == [False, True, False, True]


def test_one_that_does_not_end_as_a_notebook_is_waited_for() -> None:
    given = looks(Stillness(), False, *([1] * (PATIENCE + 3)))
    assert given.index(True) == PATIENCE and sum(given) == 1


def test_what_is_known_is_given_when_it_changes() -> None:
    still = Stillness()
    still.known({"x": (1,)})
    assert looks(still, True, 1, 1, 2, 2) == [False, False, False, True]


def test_a_look_follows_no_link_and_sees_no_feedback(tmp_path: Path) -> None:
    (tmp_path / "ada" / FEEDBACK).mkdir(parents=True)
    (tmp_path / "ada" / FEEDBACK / "review-choices.html").touch()
    (tmp_path / "ada" / "work").mkdir()
    (tmp_path / "ada" / "work" / FEEDBACK).mkdir()
    for path in ("ada/a.ipynb", f"ada/work/{FEEDBACK}/b.ipynb"):
        (tmp_path / path).touch()
    (tmp_path / "bob").symlink_to("/etc")
    assert set(watch.stamps(tmp_path, FEEDBACK)) == {"ada/a.ipynb", f"ada/work/{FEEDBACK}/b.ipynb"}


# --- where feedback goes ---


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    (tmp_path / "drop" / "ada").mkdir(parents=True)
    (tmp_path / "drop" / "ada").chmod(0o750)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "page.html").write_text("theirs")
    return tmp_path / "drop"


def test_feedback_is_as_private_as_the_students_folder(drop: Path) -> None:
    assert put_feedback(drop, "ada", "page.html", b"one")
    assert put_feedback(drop, "ada", "page.html", b"two")
    assert not put_feedback(drop, "ada", "page.html", b"two"), "what is so already is left"
    folder = drop / "ada" / FEEDBACK
    assert (folder / "page.html").read_bytes() == b"two" and len(list(folder.iterdir())) == 1
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert stat.S_IMODE((folder / "page.html").stat().st_mode) == 0o640


def linked_folder(drop: Path) -> None:
    (drop / "ada" / FEEDBACK).symlink_to(drop.parent / "outside")


def linked_home(drop: Path) -> None:
    (drop / "ada").rmdir()
    (drop / "ada").symlink_to(drop.parent / "outside")


def file_for_folder(drop: Path) -> None:
    (drop / "ada" / FEEDBACK).write_text("mine")


def folder_for_page(drop: Path) -> None:
    (drop / "ada" / FEEDBACK / "page.html").mkdir(parents=True)


@pytest.mark.parametrize("trick", [linked_folder, linked_home, file_for_folder, folder_for_page])
def test_no_trick_leads_feedback_elsewhere(drop: Path, trick: Callable[[Path], None]) -> None:
    trick(drop)
    with pytest.raises(NotPut):
        put_feedback(drop, "ada", "page.html", b"for ada")
    assert [path.name for path in (drop.parent / "outside").iterdir()] == ["page.html"]
    assert (drop.parent / "outside" / "page.html").read_text() == "theirs"


@pytest.mark.parametrize("hard", [True, False])
def test_a_link_for_the_page_is_replaced_not_followed(drop: Path, hard: bool) -> None:
    page = drop / "ada" / FEEDBACK / "page.html"
    page.parent.mkdir()
    outside = drop.parent / "outside" / "page.html"
    os.link(outside, page) if hard else page.symlink_to(outside)
    assert put_feedback(drop, "ada", "page.html", b"for ada")
    assert outside.read_text() == "theirs"
    assert page.read_bytes() == b"for ada" and not page.is_symlink()


# --- the whole way ---

OWN = '{"cell_type": "markdown", "id": "own", "metadata": {}, "source": "Version %d"},'


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Keys]:
    """A course with one assignment, which is released in a moment: it has no hints."""
    made = course_of(tmp_path_factory.mktemp("watch") / "course", QUIZ)
    release(made, QUIZ[0])
    return made, read_keys(made.solutions, made.exercises)


class Marked:
    """A watcher whose looks and steps are taken one by one, its workers in this process."""

    def __init__(self, released: tuple[Course, Keys], zygote: Zygote, drop: Path | None) -> None:
        self.course, keys = released
        self.said: list[str] = []
        place = Inbox(self.course, keys) if drop is None else Drop(self.course, keys, drop, self.said.append)
        self.crew = Crew(Serial(), (zygote.address, ""))
        self.results: list[Result] = []
        self.watcher = Watcher(self.course, keys, place, advanced=self.results.append, said=self.said.append)

    def turn(self, looks: int = 2) -> list[str]:
        """Look, as often as a still file takes; mark all that waits; return whose, and how many points."""
        for _ in range(looks):
            self.watcher.look()
        while self.watcher.step(self.crew):
            pass
        marked = [f"{one.student} {one.points:g}" for one in self.results]
        self.results.clear()
        return marked


def notebook(released: tuple[Course, Keys], right: bool) -> bytes:
    """The exercise, solved or as it was released."""
    writer = Writer(*released)
    return json.dumps(writer.solution(*QUIZ) if right else writer.released(*QUIZ)).encode()


def test_a_drop_from_the_first_half_written_file_to_the_next_start(
    released: tuple[Course, Keys], zygote: Zygote, tmp_path: Path
) -> None:
    full = f"{released[1][QUIZ].max_points:g}"
    drop = tmp_path / "drop"
    home = drop / "ada"
    home.mkdir(parents=True)
    page = home / FEEDBACK / "review-choices.html"
    marked = Marked(released, zygote, drop)

    blank, solved = notebook(released, False), notebook(released, True)
    (home / "my answers.ipynb").write_bytes(blank[:2000])
    assert marked.turn() == [] and not page.exists(), "it is still being written"
    (home / "my answers.ipynb").write_bytes(blank)
    assert marked.turn() == ["ada 0"]
    first = page.read_text()
    assert "Not attempted" in first
    assert marked.turn() == [], "nothing is new"

    (home / "my answers.ipynb").write_bytes(solved)
    (drop / "bob").mkdir()
    (drop / "bob" / "choices.ipynb").symlink_to(home / "my answers.ipynb")
    assert marked.turn() == [f"ada {full}"], "what is handed in again is marked again; a link hands nothing in"
    assert page.read_text() != first
    assert any("link" in text for text in marked.said)
    told = drop / "bob" / FEEDBACK / UNKNOWN_FILES
    assert [path.name for path in told.parent.iterdir()] == [told.name] and "not followed" in told.read_text()

    (drop / "carl").mkdir()
    (drop / "carl" / "choices.ipynb").write_bytes(blank)  # nobody watches
    page.unlink()
    later = Marked(released, zygote, drop)
    assert later.turn() == ["carl 0"], "what came meanwhile is marked, and no more"
    assert page.read_text() != first, "feedback that is gone is put there again"
    assert "ada" not in (drop / "carl" / FEEDBACK / "review-choices.html").read_text()


def test_a_student_who_floods_the_drop_delays_nobody(
    released: tuple[Course, Keys], zygote: Zygote, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    for student, count in (("many", 30), ("few", 1)):
        (drop / student).mkdir(parents=True)
        for number in range(count):
            (drop / student / f"choices ({number}).ipynb").write_bytes(
                notebook(released, False).replace(b'"cells": [', f'"cells": [{OWN % number}'.encode(), 1)
            )
    assert sorted(Marked(released, zygote, drop).turn()) == ["few 0", "many 0"], "only the newest version of each"


def test_grading_submitted_is_watched_and_grade_can_run_between(
    released: tuple[Course, Keys], zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, _ = released
    marked = Marked(released, zygote, None)
    home = course.submitted / "dora" / QUIZ[0]
    home.mkdir(parents=True)
    (home / "choices.ipynb").write_bytes(notebook(released, False))
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(course.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdin is not None and other.stdout.readline() == "held\n"
        assert marked.turn() == [] and marked.turn() == []
        assert len([text for text in marked.said if "Another run" in text]) == 1, "said once"
        other.stdin.close()
    assert marked.turn() == ["dora 0"], "it waited, and is marked then"
    with course.alone():
        pass  # between two batches nothing is locked


HOLD = """
import fcntl, sys
lock = open(sys.argv[1] + "/grading/lock", "a")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_ctrl_c_loses_nothing(released: tuple[Course, Keys], zygote: Zygote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "EVERY", 0)
    course, keys = released
    for student in ("eva", "finn"):
        home = course.submitted / student / QUIZ[0]
        home.mkdir(parents=True)
        (home / "choices.ipynb").write_bytes(notebook(released, False))

    @contextmanager
    def crew(work: Work, workers: int) -> Iterator[Crew]:
        yield Crew(Serial(), (zygote.address, ""))

    marked: list[str] = []

    def stop(result: Result) -> None:
        marked.append(result.student)
        raise KeyboardInterrupt

    for _ in range(2):
        looks = iter(range(9))
        watcher = Watcher(course, keys, Inbox(course, keys), advanced=stop, crew=crew)
        watcher.run(until=lambda: next(looks, None) is None)  # noqa: B023
    assert sorted(marked) == ["eva", "finn"], "the first was written, the second marked at the next start"
    assert all((course.feedback / one / QUIZ[0] / "choices.html").exists() for one in marked)
    assert watch.waiting(course, keys) == []


@pytest.mark.parametrize("folder", ["none", "grading/submitted", "."])
def test_what_cannot_be_watched_is_said(released: tuple[Course, Keys], folder: str) -> None:
    course, _ = released
    said = CliRunner().invoke(app, ["watch", "--course", str(course.root), str(course.root / folder)])
    assert said.exit_code == 2 and "Traceback" not in said.output


def test_other_processes_take_the_place_of_those_that_end(released: tuple[Course, Keys]) -> None:
    course, keys = released
    started = []

    class Broken(Serial):
        def submit(self, *arguments: Any, **keywords: Any) -> Any:
            raise BrokenProcessPool

    @contextmanager
    def crew(work: Work, workers: int) -> Iterator[Crew]:
        started.append(workers)
        yield Crew(Broken())

    said: list[str] = []
    watcher = Watcher(course, keys, Inbox(course, keys), crew=crew, said=said.append)
    watcher.queue.add([("gus", QUIZ)])
    with pytest.raises(BrokenProcessPool):
        watcher.run()
    assert len(started) == watch.TRIES and len(said) == watch.TRIES - 1


def test_a_look_reads_the_newest_of_each_and_leaves_the_rest_for_the_next() -> None:
    now = {f"many/{number}.ipynb": (1 << 20, number) for number in range(100)}
    now |= {"few/a.ipynb": (300 << 20, 5), "few/b.ipynb": (10, 6), "loose.ipynb": (10, 1)}
    first, later = watch.newest_of_each(now, now)
    assert {path for path in first if path.startswith("many")} == {f"many/{number}.ipynb" for number in range(80, 100)}
    assert {"few/a.ipynb", "few/b.ipynb", "loose.ipynb"} < set(first), "the newest in any case, however large"
    assert sorted(first + later) == sorted(now)
