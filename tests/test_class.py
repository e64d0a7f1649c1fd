"""The whole path on a whole class: release, sample, grade; the same marks from nbgrader; nothing leaks; it resumes.

It gets the same marks with namespaces and without, and none where there is no wall.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from elsewhere import run_refusing
from nbgrader.api import Gradebook

from autograder.checking import BehaviourCheck, FunctionCheck, ModelCheck
from autograder.checking.drawing import seeded
from autograder.course.folder import Course
from autograder.course.key import Key, read_keys
from autograder.handed_in.submission import find_notebook, parse
from autograder.judge.judge import attempt_seed, cell_seed
from autograder.results.result import Result
from autograder.sample.hostile import BROKEN_CODE, FORGERIES, VANDALISM
from autograder.sample.sample_class import BROKEN_FILES, FORGED, STAGE, Wrong, checked_functions, misconceptions
from tests.courses import EXERCISES, SOLUTIONS, whole_course

ROOT = Path(__file__).resolve().parent.parent

UNREADABLE = {
    "broken-cut-off": "not valid JSON",
    "broken-empty": "It is empty",
    "broken-binary": "not text in UTF-8",
    "broken-no-cells": "no cells",
    "broken-nested": "nested too deeply",
    "broken-too-large": "MB large",
    "broken-folder-for-file": "not a regular file",
    "broken-other-exercise": "notebook of another exercise",
    "broken-missing": "Nothing was handed in",
    "hostile-link-to-the-solution": "not a regular file",
}
REPAIRED = {
    "broken-renamed": "(1) final.ipynb",
    "broken-doubled-answer": "2 times",
    "broken-renamed-ids": "lost its identity",
    "broken-removed-tests": "put back",
    "broken-no-metadata": "lost its identity",
    "broken-answer-as-text": "turned into markdown",
    "broken-odd-date": "could not be read as a date",
}
NOT_FOR_NBGRADER = {
    # stock reading fails before any preprocessor of ours runs
    "broken-cut-off",
    "broken-empty",
    "broken-binary",
    "broken-no-cells",
    "broken-nested",
    "broken-too-large",
    "broken-folder-for-file",
    "broken-byte-order-mark",
    "broken-odd-date",
    # nbgrader goes by the file's name
    "broken-renamed",
    # our preprocessor refuses these, so nbgrader gives no mark; the bulk path gives 0 with the reason
    "broken-other-exercise",
    "hostile-link-to-the-solution",
    # nbgrader makes no submission where there is no notebook at all
    "broken-missing",
}


def run(*arguments: str, at: Path, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a Python module with the project on its path, and `more` in its environment."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path, **more}
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=at, env=environment, capture_output=True, text=True, check=False
    )
    if check and done.returncode not in (0, 3):
        raise AssertionError(f"{arguments} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


@dataclass
class Graded:
    """A sample class after `grade`."""

    course: Course
    keys: dict[tuple[str, str], Key]
    results: dict[tuple[str, str, str], Result]
    said: subprocess.CompletedProcess[str]

    def of(self, student: str, notebook: str = "pooling") -> Result:
        """One student's result."""
        return next(r for (who, _, what), r in self.results.items() if (who, what) == (student, notebook))

    def page(self, result: Result) -> str:
        """The feedback page."""
        return (self.course.feedback / result.student / result.assignment / f"{result.notebook}.html").read_text()


def read_results(course: Course) -> dict[tuple[str, str, str], Result]:
    """Every record that `grade` wrote."""
    results = (Result.from_json(path.read_text()) for path in (course.grading / "results").glob("*/*/*.json"))
    return {(result.student, result.assignment, result.notebook): result for result in results}


UNMARKED = "gradebook-before-marking.db"


LOOKED_AT = "wrong-sigmoid-tanh-for-sigmoid"
"""Whose page the test of the formgrader opens."""
RIGHT = ("right-reference", "right-style-1", "right-style-2", "right-style-3", "late")
LATE_IN = "lstm"
"""What the late student handed in, of all: lateness is an assignment's, whatever is in it."""


def walking(keys: dict[tuple[str, str], Key]) -> dict[str, Wrong]:
    """Who is wrong and goes the whole way here: for each function one, by the student's name. What the check says of
    every other is proven in test_checks.py; here it is that it is said under the function's own test, and its page.
    Where each notebook trains for long, one stands for all functions whose checks do not."""
    first: dict[tuple[str, str, str], Wrong] = {}
    for (assignment, notebook), key in keys.items():
        trained = training(key)
        for wrong in sorted(misconceptions(key), key=lambda one: (one.student != LOOKED_AT, crc(one.student))):
            function = wrong.function if wrong.function in trained or not trained else "any other"
            first.setdefault((assignment, notebook, function), wrong)
    return {wrong.student: wrong for wrong in first.values()}


def training(key: Key) -> list[str]:
    """The functions of a notebook that are trained to be judged: a quarter of a minute for each student."""
    return [name for name, check in checked_functions(key) if isinstance(check, BehaviourCheck)]


def hands_in(student: str, key: Key) -> bool:
    """Whether one who is right hands in this notebook here: where each trains for long, one is enough."""
    if student == "late":
        return key.assignment == LATE_IN
    return not training(key) or student == RIGHT[0]


def crc(name: str) -> int:
    """A number by which to choose at random, and every time the same."""
    return zlib.crc32(name.encode())


def make_course(folder: Path) -> Course:
    """A course of its own, released, with the sample class handed in. Keeps its gradebook as it is before marking."""
    course = whole_course(folder, SOLUTIONS, EXERCISES)
    run("autograder", "release", at=folder)
    run("autograder", "sample", at=folder)
    keys = read_keys(course.solutions, course.exercises)
    chosen = walking(keys)
    for student in course.submitted.glob("wrong-*"):
        if student.name not in chosen:
            shutil.rmtree(student)
    for name, key in product(RIGHT, keys.values()):
        if not hands_in(name, key):
            (course.submitted / name / key.assignment / f"{key.notebook}.ipynb").unlink()
    for assignment in {assignment for assignment, _ in keys} - {LATE_IN}:
        shutil.rmtree(course.submitted / "late" / assignment)
    shutil.copy(folder / "grading" / "gradebook.db", folder / UNMARKED)
    return course


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The sample class, graded once for this module."""
    course = make_course(tmp_path_factory.mktemp("course"))
    said = run("autograder", "grade", at=course.root)
    keys = read_keys(course.solutions, course.exercises)
    return Graded(course, keys, read_results(course), said)


# --- marks ---


def test_right_answers_in_every_style_get_full_marks(graded: Graded) -> None:
    for student in RIGHT:
        for (assignment, notebook), key in graded.keys.items():
            if not hands_in(student, key):
                continue
            result = graded.results[student, assignment, notebook]
            waiting = sum(verdict.max_points for verdict in result.verdicts if verdict.kind == "manual")
            assert waiting == sum(cell.points for cell in key.cells if cell.manually_graded)
            messages = [verdict.message for verdict in result.verdicts]
            assert result.points == key.max_points - waiting, (student, notebook, messages)


def test_the_untouched_release_gets_nothing(graded: Graded) -> None:
    for assignment, notebook in graded.keys:
        result = graded.results["blank", assignment, notebook]
        assert result.points == 0
        assert {verdict.kind for verdict in result.verdicts} == {"blank"}


def test_a_misconception_of_every_function_fails_where_it_belongs_and_is_named(graded: Graded) -> None:
    chosen = walking(graded.keys).values()
    assert len(chosen) > 90 and {who for who, _, _ in graded.results if who.startswith("wrong-")} == set(
        walking(graded.keys)
    )
    for key in graded.keys.values():
        for wrong in (wrong for wrong in chosen if wrong.key is key):
            result = graded.results[wrong.student, key.assignment, key.notebook]
            home = key.definer(wrong.function)
            assert home is not None
            test = key.cells[key.cells.index(home) + 1].grade_id
            named = {v.grade_id for v in result.verdicts if v.misconception == wrong.misconception.name}
            assert named == {test}, f"{wrong.student}: {[(v.grade_id, v.kind, v.message) for v in result.verdicts]}"
            verdict = next(v for v in result.verdicts if v.grade_id == test)
            assert verdict.points == 0
            page = graded.page(result)
            text = html.unescape(re.sub("<[^>]+>", "", page))
            assert wrong.misconception.hint.replace("`", "") in text
            assert f"#{wrong.misconception.section}" in page
            for other in result.verdicts:
                if other.grade_id != test:
                    assert other.right or other.blames == home.grade_id, (wrong.student, other)


def test_forgeries_earn_nothing(graded: Graded) -> None:
    for name in FORGERIES:
        for assignment, notebook in FORGED:
            assert graded.results[f"hostile-{name}", assignment, notebook].points == 0, name


def test_vandals_and_accidents_cost_only_their_own_cell(graded: Graded) -> None:
    for name in [*(f"hostile-{name}" for name in VANDALISM), *(f"broken-{name}" for name in BROKEN_CODE)]:
        result = graded.of(name)
        assert result.points == result.max_points, (name, [verdict.message for verdict in result.verdicts])


def test_each_broken_file_ends_with_a_mark_and_a_sentence(graded: Graded) -> None:
    for student in [*(f"broken-{name}" for name in BROKEN_FILES), "hostile-link-to-the-solution"]:
        result = graded.of(student)
        if student in UNREADABLE:
            assert result.points == 0
            assert UNREADABLE[student] in result.unreadable, (student, result.unreadable)
            assert html.escape(result.unreadable, quote=False).replace("&#39;", "'") in html.unescape(
                graded.page(result)
            )
        else:
            assert result.points == result.max_points, (student, [verdict.message for verdict in result.verdicts])
            if student in REPAIRED:
                assert REPAIRED[student] in " ".join(result.notes), (student, result.notes)


def test_what_could_not_be_marked_is_listed_at_the_end(graded: Graded) -> None:
    assert graded.said.returncode == 3
    for student in set(UNREADABLE) - {"broken-missing"}:
        assert f"{student}, layers/pooling: " in graded.said.stdout


def test_the_class_report_counts_what_the_records_say(graded: Graded) -> None:
    page = (graded.course.reports / "index.html").read_text()
    rows = (graded.course.reports / "marks.csv").read_text().splitlines()
    assert len(rows) == 1 + len(graded.results)
    everybody = sum(result.points for result in graded.results.values())
    assert sum(float(row.split(",")[3]) for row in rows[1:]) == everybody
    assert "hostile-link-to-the-solution" in page


def test_what_a_person_marks_waits_for_one(graded: Graded) -> None:
    by_hand = {where: key for where, key in graded.keys.items() if any(cell.manually_graded for cell in key.cells)}
    assert by_hand
    book = marks(graded.course)
    for (assignment, notebook), key in by_hand.items():
        for student, kind, score in (("right-reference", "manual", None), ("blank", "blank", 0.0)):
            result = graded.results[student, assignment, notebook]
            for cell in (cell for cell in key.cells if cell.manually_graded):
                assert next(v.kind for v in result.verdicts if v.grade_id == cell.grade_id) == kind
                assert book[student, f"{assignment}/{notebook}"]["grades"][cell.grade_id] == (score, score is None)
        page = graded.page(graded.results["right-reference", assignment, notebook])
        assert "more wait for a person" in page and "Waiting for a person" in page
        assert "Not attempted" in graded.page(graded.results["blank", assignment, notebook])


# --- nbgrader ---


def marks(course: Course) -> dict[tuple[str, str], dict[str, Any]]:
    """What the gradebook holds, by student and notebook."""
    found = {}
    with Gradebook(course.db_url, "recurrent") as book:
        for assignment in book.assignments:
            for submission in assignment.submissions:
                for notebook in submission.notebooks:
                    found[submission.student_id, f"{assignment.name}/{notebook.name}"] = {
                        "grades": {g.name: (g.auto_score, g.needs_manual_grade) for g in notebook.grades},
                        "comments": {c.name: c.auto_comment for c in notebook.comments},
                        "penalty": notebook.late_submission_penalty,
                        "late": submission.total_seconds_late,
                    }
    return found


ENDS = {"broken-endless-loop", "broken-crash", "broken-own-warnings"}
"""Of those with a cell that goes wrong: one that uses its time, one whose process ends, and one that prints."""
ATTACKS = {"hostile-prints-scripts", "hostile-forged-replies", "hostile-nan"}
"""Of those who attack: what they print is kept, told over the pipe, and is no number."""


def one_of_each_kind(graded: Graded) -> set[str]:
    """Students with whom every kind of verdict occurs, who is right and who is blank in every notebook, all who handed
    in a file that is odd, and of those whose code is odd one for each way in which that ends.

    Of many who are wrong, nbgrader is told the same by the same judge: one stands for them. That every cell of every
    notebook has its place and its points is seen from who is right and who is blank.
    """
    everybody = {who for who, _, _ in graded.results}
    odd_code = {who for who in everybody if who.startswith("hostile-") and who not in NOT_FOR_NBGRADER}
    odd_code |= {f"broken-{name}" for name in BROKEN_CODE}
    assert odd_code >= ENDS | ATTACKS
    chosen = {who for who in everybody if not who.startswith(("wrong-", "right-"))} - odd_code
    chosen |= {"right-reference"} | ENDS | ATTACKS
    seen: set[tuple[str, bool]] = set()
    for among in (chosen, everybody - chosen):
        for (student, _, _), result in sorted(graded.results.items()):
            kinds = {(verdict.kind, verdict.points > 0) for verdict in result.verdicts}
            if student in among and kinds - seen:
                chosen.add(student)
                seen |= kinds
    return chosen


def marked_by_nbgrader(
    graded: Graded, students: set[str], folder: Path, assignments: list[str]
) -> dict[tuple[str, str], dict[str, Any]]:
    """What `nbgrader autograde` enters for the same students, in a course of its own.

    Where the odd files are it is the command; several assignments are marked by what the command calls, in one process.
    """
    course = whole_course(folder, SOLUTIONS, EXERCISES)
    for student in students:
        shutil.copytree(graded.course.submitted / student, course.submitted / student, symlinks=True)
    shutil.copy(graded.course.grading / "secret", course.grading / "secret")
    shutil.copy(graded.course.root / UNMARKED, course.grading / "gradebook.db")
    program = ("nbgrader", "autograde") if assignments == [STAGE[0]] else ("tests.nbgrader_autograde",)
    run(*program, *assignments, at=folder, check=False)
    return {where: value for where, value in marks(course).items() if where[1].partition("/")[0] in assignments}


def test_nbgrader_autograde_gives_the_same_marks(graded: Graded, tmp_path: Path) -> None:
    assignments = sorted({assignment for assignment, _ in graded.keys})
    students = one_of_each_kind(graded)
    others = [assignment for assignment in assignments if assignment != STAGE[0]]
    halves = [[STAGE[0]], others]  # nbgrader uses one core: two of them share the work
    with ThreadPoolExecutor(2) as both:
        parts = both.map(lambda n: marked_by_nbgrader(graded, students, tmp_path / str(n), halves[n]), range(2))
        theirs = {where: value for part in parts for where, value in part.items()}
    ours = marks(graded.course)
    assert {notebook.partition("/")[0] for _, notebook in theirs} == set(assignments)
    assert students >= NOT_FOR_NBGRADER
    for student in students - NOT_FOR_NBGRADER:
        mine = {notebook: value for (who, notebook), value in ours.items() if who == student}
        same = {notebook: value for (who, notebook), value in theirs.items() if who == student}
        assert mine and mine == same, student
    for student in NOT_FOR_NBGRADER:
        spoilt = theirs.get((student, "/".join(STAGE)), {"grades": {}})
        scores = [score for score, _ in spoilt["grades"].values()]
        assert all(score is None for score in scores), f"nbgrader can mark {student} after all"


def test_a_persons_mark_survives_marking_again(graded: Graded) -> None:
    with Gradebook(graded.course.db_url, "recurrent") as book:
        grade = book.find_grade("test-sigmoid", "gates", "lstm", "right-style-1")
        grade.manual_score = 1.5
        book.db.commit()
    run("autograder", "grade", "lstm", "--student", "right-style-1", "--force", at=graded.course.root)
    with Gradebook(graded.course.db_url, "recurrent") as book:
        grade = book.find_grade("test-sigmoid", "gates", "lstm", "right-style-1")
        assert (grade.manual_score, grade.auto_score, grade.needs_manual_grade) == (1.5, 2.0, True)
    rows = (graded.course.reports / "marks.csv").read_text().splitlines()
    assert len(rows) == 1 + len(graded.results), "marking one student again must not shrink the class's report"
    with Gradebook(graded.course.db_url, "recurrent") as book:
        grade = book.find_grade("test-sigmoid", "gates", "lstm", "right-style-1")
        grade.manual_score = None
        book.db.commit()


@pytest.fixture
def formgrader(graded: Graded) -> Iterator[str]:
    """A Jupyter server with nbgrader's formgrader on the graded class; its address."""
    port = 18765
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_NO_CONFIG": "1"}
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1", "--config=nbgrader_config.py"]
    command += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"]
    server = subprocess.Popen(
        command, cwd=graded.course.root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except OSError:
                time.sleep(0.25)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def test_the_formgrader_opens_what_we_wrote(graded: Graded, formgrader: str) -> None:
    with Gradebook(graded.course.db_url, "recurrent") as book:
        wrong = book.find_submission_notebook("gates", "lstm", LOOKED_AT).id
        scripts = book.find_submission_notebook("pooling", "layers", "hostile-prints-scripts").id
    page = urllib.request.urlopen(f"{formgrader}/formgrader/submissions/{wrong}", timeout=60).read().decode()
    assert "This is tanh." in html.unescape(page)
    page = urllib.request.urlopen(f"{formgrader}/formgrader/submissions/{scripts}", timeout=60).read().decode()
    assert "<img src=x onerror" not in page
    assert "document.title = 'owned'</script>" not in page
    listing = urllib.request.urlopen(f"{formgrader}/formgrader/api/submitted_notebooks/lstm/gates", timeout=60)
    scores = {row["student"]: row["score"] for row in json.load(listing)}
    assert scores["right-reference"] == 12
    assert scores["blank"] == 0


# --- feedback gives nothing away ---


def hidden_lines(key: Key) -> set[str]:
    """The lines of a notebook that students never see, without space."""
    hidden = (line for cell in key.cells if cell.auto_graded for line in cell.hidden.splitlines())
    return {squeezed(line) for line in hidden if re.search(r"\w", line)}


def answers(key: Key) -> set[str]:
    """The instructor's answers, without space."""
    found = set()
    for cell in key.cells:
        for part in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, flags=re.DOTALL):
            found.add(squeezed(part))
    return found


def squeezed(text: str) -> str:
    """`text` without white space."""
    return re.sub(r"\s", "", text)


def test_feedback_holds_no_hidden_source_and_no_script(graded: Graded) -> None:
    for result in graded.results.values():
        page = graded.page(result)
        assert "<script" not in page
        assert "onerror" not in re.sub(r"&lt;.*?&gt;", "", page)
        assert "default-src 'none'" in page
        text = squeezed(html.unescape(page))
        key = graded.keys[result.assignment, result.notebook]
        assert not [line for line in hidden_lines(key) if line in text], result.student
        if result.student.startswith(("blank", "hostile")):
            assert not [answer for answer in answers(key) if answer in text], result.student


def test_feedback_holds_no_expected_value(graded: Graded) -> None:
    """Of every twentieth student: each attempt has hidden numbers of its own."""
    for (assignment, notebook), key in graded.keys.items():
        asked = dict(checked_functions(key))
        computes = [name for name, check in asked.items() if isinstance(check, FunctionCheck | ModelCheck)]
        mine = [r for r in graded.results.values() if (r.assignment, r.notebook) == (assignment, notebook)]
        tried = 0
        for result in [r for r in mine if not r.unreadable][::20]:
            handed_in, _ = find_notebook(graded.course.submitted / result.student / assignment, key)
            seed = attempt_seed(graded.course.secret, key, parse(handed_in.read_bytes(), key))
            expected = set()
            for cell, name in ((c, n) for c in key.cells for n in computes if c.auto_graded and f".{n}(" in c.hidden):
                with seeded(cell_seed(seed, cell)):
                    check = asked[name]
                    if isinstance(check, FunctionCheck):
                        expected |= {n for case in check.cases() for n in numbers(check.expected(case.inputs))}
                    elif isinstance(check, ModelCheck):
                        expected |= numbers(tuple(check.expected()))
            found = set(re.findall(r"\d+\.\d{4,}", graded.page(result)))
            assert not {f[:6] for f in found} & {e[:6] for e in expected}, result.student
            assert len(expected) > 30 or not computes, notebook
            tried += 1
        assert tried or not computes


def numbers(value: Any) -> set[str]:
    """The numbers in a result as text, six digits after the point; whole ones left out."""
    if isinstance(value, dict):
        return set().union(*(numbers(item) for item in value.values()))
    if isinstance(value, tuple):
        return set().union(*(numbers(item) for item in value))
    flat = np.ravel(np.asarray(value, dtype=float))
    return {f"{abs(number):.6f}" for number in flat if number != round(number)}


def test_the_secret_stays_in_its_file(graded: Graded) -> None:
    secret = (graded.course.grading / "secret").read_text().strip()
    assert (graded.course.grading / "secret").stat().st_mode & 0o077 == 0
    for folder in (graded.course.feedback, graded.course.reports, graded.course.autograded, graded.course.exercises):
        for path in folder.rglob("*.*"):
            assert path.is_dir() or secret not in path.read_text(), path


# --- another wall ---

BEHIND = ("right-reference", "hostile-")
"""Who is marked behind another wall too, but for one."""
USES_ITS_TIME = "hostile-prints-for-ever"
"""How long a cell may take the judge measures, not the wall."""
PATIENCE = "40"
"""Seconds for a cell: a busy machine is no difference between the walls."""


@pytest.fixture(scope="module")
def elsewhere(graded: Graded, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """One chapter of the class with its right and its hostile students, as it was before it was marked."""
    folder = tmp_path_factory.mktemp("elsewhere") / "course"
    left_out = shutil.ignore_patterns("results", "feedback", "autograded", "reports")
    shutil.copytree(graded.course.root, folder, symlinks=True, ignore=left_out)
    shutil.copy(folder / UNMARKED, folder / "grading" / "gradebook.db")
    course = Course.at(folder)
    for student in course.submitted.iterdir():
        if not student.name.startswith(BEHIND) or student.name == USES_ITS_TIME:
            shutil.rmtree(student)
    return course


def test_the_marks_are_the_same_without_namespaces(graded: Graded, elsewhere: Course) -> None:
    grade = ("autograder", "grade", "layers", "--timeout", PATIENCE)
    wall = run(*grade, at=elsewhere.root, AUTOGRADER_WITHOUT_NAMESPACES="1").stdout.splitlines()[0]
    assert wall.startswith("Without namespaces: Landlock ") and wall.endswith(
        ", seccomp, limits and a watched scratch folder hold."
    )
    assert "Without namespaces" not in graded.said.stdout
    usual, without = (
        {where: verdicts(r) for where, r in found.items()} for found in (graded.results, read_results(elsewhere))
    )
    assert len(without) > 40 and {
        where for where in usual if where[0].startswith(BEHIND) and where[0] != USES_ITS_TIME and where[1] == "layers"
    } == set(without)
    assert {points > 0 for found in without.values() for _, points, _ in found} == {True, False}
    assert {where: found for where, found in without.items() if found != usual[where]} == {}


def verdicts(result: Result) -> list[tuple[str, float, str]]:
    """What is to be the same behind every wall."""
    return [(one.grade_id, one.points, one.kind) for one in result.verdicts]


def test_below_the_minimum_nothing_is_marked_and_it_is_said_how_to_get_there(elsewhere: Course) -> None:
    command = [sys.executable, "-m", "autograder", "grade", "layers", "--force"]
    ended = run_refusing(["unshare", "landlock_create_ruleset"], command, elsewhere.root)
    assert ended.returncode == 4
    assert "Landlock is missing. It needs Linux 5.13" in ended.stderr
    assert "Namespaces are missing too (unshare: Operation not permitted)" in ended.stderr
    assert "Nothing was marked" in ended.stderr


# --- stop, resume, one broken judge ---


def test_a_second_run_marks_only_what_has_changed(graded: Graded) -> None:
    again = run("autograder", "grade", at=graded.course.root)
    assert again.stdout.count("0 notebooks marked in") == 1
    path = graded.course.submitted / "blank" / "lstm" / "gates.ipynb"
    before = path.read_text()
    shutil.copy(graded.course.submitted / "right-reference" / "lstm" / "gates.ipynb", path)
    try:
        changed = run("autograder", "grade", at=graded.course.root)
        assert re.search(r"^1 notebooks marked", changed.stdout, flags=re.MULTILINE)
        assert read_results(graded.course)["blank", "lstm", "gates"].points == 12
    finally:
        path.write_text(before)
        run("autograder", "grade", at=graded.course.root)


def test_a_stopped_run_goes_on_where_it_was(graded: Graded, tmp_path: Path) -> None:
    shutil.copytree(graded.course.root, tmp_path / "c", symlinks=True)
    course = Course.at(tmp_path / "c")
    for name in ("results", "feedback", "autograded"):
        shutil.rmtree(course.grading / name)
    for folder in course.submitted.iterdir():
        if not folder.name.startswith(("wrong-", "right-")):  # enough to be stopped on the way, and soon done
            shutil.rmtree(folder)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "autograder", "grade", "layers"]
    process = subprocess.Popen(
        command,
        cwd=course.root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # a runner in the background, as CI's may be, ignores SIGINT, and its children would too
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    records = course.grading / "results" / "layers"
    while process.poll() is None and not any(records.glob("*/*.json")):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 130, said
    done = len(list(records.glob("*/*.json")))
    notebooks = sum(1 for assignment, _ in graded.keys if assignment == "layers")
    total = notebooks * len(list(course.submitted.glob("*/layers")))
    assert 0 < done < total, said
    again = run("autograder", "grade", "layers", at=course.root)
    assert f"{total - done} notebooks marked" in again.stdout
    assert f"{done} kept" in again.stdout
    for (student, assignment, notebook), result in read_results(course).items():
        assert result.points == graded.results[student, assignment, notebook].points
