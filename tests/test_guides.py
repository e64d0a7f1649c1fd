"""The guides for instructors and maintainers: each command in them is run, in the order in which they stand, in a
course of one notebook; or it is listed here with the reason why not, and with the test that proves it otherwise."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from PIL import Image
from sqlalchemy import make_url

from tests.courses import course_of
from tests.test_extending import ANSWER, FUNCTION, TEST, cell

ROOT = Path(__file__).resolve().parent.parent
GUIDES = ROOT / "book" / "guides"
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
PAGES = [one["file"] for part in TOC["parts"] for one in part["chapters"] if one["file"].startswith("book/guides/")]
BLOCK = re.compile(r"^```(\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OURS = "python -m autograder "
LARGEST = 120_000
"""Bytes of a picture."""

LOOK = 3
"""The exit code of a command that asks for a look."""
RUN = {
    "rm -r grading": 0,
    "python -m autograder release": 0,
    "python -m autograder sample lstm --moodle lstm.zip --students 12 --naughty": 0,
    "python -m autograder collect lstm.zip --students lstm.csv": LOOK,
    "python -m autograder doctor": 0,
    "python -m autograder grade": LOOK,
    "python -m autograder report --similar": 0,
    "python -m autograder export lstm --into lstm.csv --scale": LOOK,
    "python -m autograder export lstm --feedback": 0,
    "python -m autograder explain s20260004 lstm/gates": 0,
    "python -m autograder release lstm --yes": 0,
    "python -m autograder grade lstm": LOOK,
    "python -m autograder grade lstm --student s20260004 --force": 0,
    "ls grading/results/lstm/gates grading/autograded/s20260004/lstm grading/feedback/s20260004/lstm": 0,
    "python -m autograder report": 0,
    "python -m autograder explain s20260004 lstm --cases": 0,
    "mkdir before": 0,
    "cp -r grading before": 0,
    "python -m benchmarks.same_marks before .": 0,
}
"""What is run here, and the exit code in which it ends."""

CLUSTER = "test_cluster.py::test_workers_are_looked_at_replaced_and_late"
SERVER = "test_postgresql.py::test_marks_are_the_same_and_kept"
SHELL = "it changes the shell, or asks a network; the tests are in such a folder and environment"
ELSEWHERE = {
    "git clone https://github.com/OWNER/NAME course": (SHELL, "../tools/elsewhere.sh"),
    "cd course": (SHELL, "../tools/elsewhere.sh"),
    "source .venv/bin/activate": (SHELL, "test_setup.py::test_an_environment_that_serves_is_kept"),
    "make": ("it installs the environment", "test_setup.py::test_the_site_does_not_depend_on_marking"),
    "make lab": (
        "a server that goes on",
        "test_formgrader.py::test_marks_entered_in_the_browser_survive_marking_again",
    ),
    "python -m autograder watch": ("it goes on", "test_watch.py::test_ctrl_c_loses_nothing"),
    "make rehearsal": ("over a minute", "test_guides.py::test_each_command_ends_as_the_guide_says"),
    "pytest tests/test_checks.py tests/test_hints.py -k gates": (
        "these are tests themselves",
        "test_checks.py::test_each_misconception_fails_and_is_named",
    ),
    "make check": ("this is the suite", "test_checks.py::test_each_misconception_fails_and_is_named"),
    "make test": ("this is the suite", "test_site_build.py"),
    "make site": ("minutes", "test_site_build.py"),
    "python -m benchmarks.attacks": ("minutes, and root", "test_wall.py::test_no_escape_succeeds"),
    "make soak": ("an hour", "test_wall.py::test_no_process_and_no_file_outlives_the_zygote"),
    "dask scheduler --port 8786": ("a server that goes on", CLUSTER),
    "dask worker tcp://SCHEDULER:8786 --nworkers 4 --nthreads 1": ("a server that goes on", CLUSTER),
    "python -m autograder grade --dask tcp://SCHEDULER:8786": ("it needs both", CLUSTER),
    "sudo apt install postgresql": ("it changes the machine", SERVER),
    "sudo -u postgres createuser --pwprompt course": ("it changes the machine", SERVER),
    "sudo -u postgres createdb --owner=course course": ("it changes the machine", SERVER),
    "sudo -u postgres pg_dump --file=course.sql course": ("PostgreSQL's own, on a server of its own", SERVER),
    "make lock": ("a network", "test_setup.py::test_each_package_has_one_pin_on_each_python_and_system"),
    "make setup": ("a network", "test_setup.py::test_an_environment_that_serves_is_kept"),
    "make elsewhere": ("a Debian", "test_setup.py::test_elsewhere_says_what_it_needs_before_it_does_anything"),
}
"""What is not run here: why, and which file of tests/, or which test in it, runs that or what it is made of."""

RUNNER = """
import os, runpy, shlex, sys
import autograder.commands.cli, nbgrader.api

for line in sys.stdin:
    child = os.fork()
    if not child:
        for number, name, how in ((0, os.devnull, os.O_RDONLY), (1, "said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)):
            os.dup2(os.open(name, how), number)
        os.dup2(1, 2)
        sys.argv = shlex.split(line)[2:]
        sys.exit(runpy.run_module("autograder", run_name="__main__", alter_sys=True))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Runs `python -m autograder …` for each line it reads, in a process of its own that need not import all anew."""


@dataclass(frozen=True)
class Ended:
    """A command of a guide that was run."""

    page: str
    command: str
    code: int
    said: str


def blocks(page: str, language: str) -> list[str]:
    """The blocks of one language on a page."""
    return [text for name, text in BLOCK.findall((ROOT / f"{page}.md").read_text()) if name == language]


def commands(page: str) -> list[str]:
    """Its commands, in order."""
    return [line for block in blocks(page, "console") for line in block.splitlines() if line]


EVERY = [(page, command) for page in PAGES for command in commands(page)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one notebook, with an autograder of its own. Nothing is released yet."""
    course = tmp_path_factory.mktemp("guides") / "course"
    passing = shutil.ignore_patterns("__pycache__", "_assets", "_pictures")
    for name in ("autograder", "book"):
        shutil.copytree(ROOT / name, course / name, ignore=passing)
    course_of(course, ("lstm", "gates"))
    (course / "grading").mkdir()  # as `make` leaves it
    return course


def add_the_function(course: Path) -> None:
    """Do what the guide says between its commands: a graded function more, in notebook and checks."""
    checks = course / "autograder" / "checks" / "lstm" / "gates.py"
    checks.write_text(checks.read_text() + "\n\n" + blocks("book/guides/exercise", "python")[0])
    path = course / "solutions" / "lstm" / "gates.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"] += [cell("half", ANSWER, solution=True), cell("test-half", TEST, points=2)]
    path.write_text(json.dumps(notebook))


BETWEEN: dict[tuple[str, str], Callable[[Path], None]] = {
    ("book/guides/exercise", "python -m autograder release lstm --yes"): add_the_function
}
"""What a reader does by hand before a command stands there first."""


@contextmanager
def shell(course: Path) -> Iterator[Callable[[str], tuple[int, str]]]:
    """Something that runs a line in the course's folder, and returns exit code and what was said."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PYTHONPATH": f"{course}:{ROOT}", "PATH": path, "OMP_NUM_THREADS": "1"}
    runner = subprocess.Popen(
        [sys.executable, "-c", RUNNER],
        cwd=course,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines, codes = runner.stdin, runner.stdout
    assert lines and codes

    def run(line: str) -> tuple[int, str]:
        if not line.startswith(OURS):
            done = subprocess.run(line, shell=True, cwd=course, env=environment, capture_output=True, text=True)
            return done.returncode, done.stdout + done.stderr
        print(line, file=lines, flush=True)
        return int(codes.readline()), " ".join((course / "said.txt").read_text().split())

    try:
        yield run
    finally:
        lines.close()
        runner.wait(30)


@pytest.fixture(scope="module")
def ended(copy: Path) -> list[Ended]:
    """All that can be run. What the first guide has run as it is, later ones do not run again."""
    found: list[Ended] = []
    left = dict(BETWEEN)
    with shell(copy) as run:
        for page, command in EVERY:
            prepare = left.pop((page, command), None)
            again = page != PAGES[0] and any(one.command == command for one in found)
            if command in RUN and (not again or prepare):
                if prepare:
                    prepare(copy)
                found.append(Ended(page, command, *run(command)))
    return found


def said(ended: list[Ended], command: str, time: int = 0) -> str:
    """What a command said, the first time that it was run."""
    return [one.said for one in ended if one.command == OURS + command][time]


def test_every_command_is_known_here() -> None:
    known = {*RUN, *ELSEWHERE}
    assert {command for _, command in EVERY} == known
    assert not set(RUN) & set(ELSEWHERE)


@pytest.mark.parametrize("command", ELSEWHERE)
def test_what_runs_a_command_elsewhere_is_there(command: str) -> None:
    _, where = ELSEWHERE[command]
    file, _, name = where.partition("::")
    assert f"def {name}(" in (ROOT / "tests" / file).read_text() if name else (ROOT / "tests" / file).exists()
    if command.startswith("make "):
        assert re.search(rf"^{command.removeprefix('make ')}:.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_each_command_ends_as_the_guide_says(ended: list[Ended]) -> None:
    assert [(one.page, one.command, one.said[-800:]) for one in ended if one.code != RUN[one.command]] == []
    assert {one.command for one in ended} == set(RUN)


def test_what_the_first_guide_promises_is_there(ended: list[Ended], copy: Path) -> None:
    assert "Needs a look" in said(ended, "collect lstm.zip --students lstm.csv")
    assert "Student code is walled in." in said(ended, "doctor")
    assert "carl-abgebrochen" in said(ended, "grade"), "a file that was cut off is listed"
    assert "0 of 2" in said(ended, "explain s20260004 lstm/gates")
    with (copy / "grading" / "export" / "lstm.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = {row["ID number"]: row for row in csv.DictReader(file)}
    top = {float(row["Maximum grade"]) for row in rows.values()}
    assert float(rows["s20260001"]["Grade"]) in top, "a right notebook has all of Moodle's points"
    assert float(rows["s20260004"]["Grade"]) < min(top)
    (feedback,) = (copy / "grading" / "export").glob("*.zip")
    with zipfile.ZipFile(feedback) as archive:
        assert any(name.startswith("Elif ") for name in archive.namelist()), "in its author's place"


def test_the_function_of_the_second_guide_works(ended: list[Ended], copy: Path) -> None:
    shown = blocks("book/guides/exercise", "python")
    assert [one.strip() for one in shown] == [FUNCTION.strip(), ANSWER.strip(), TEST.strip()]
    assert "test-half is new" in said(ended, "release lstm --yes", -1)
    record = json.loads((copy / "grading" / "results" / "lstm" / "gates" / "s20260001.json").read_text())
    assert record["verdicts"][-1]["grade_id"] == "test-half" and record["verdicts"][-1]["points"] == 0


def test_the_address_of_the_server_is_one() -> None:
    (line,) = blocks("book/guides/postgresql", "python")
    url = make_url(line.split('"')[1])
    asked = shlex.split(next(one for _, one in EVERY if "createdb" in one))
    assert (url.drivername, url.database) == ("postgresql+psycopg", asked[-1])
    assert f"--owner={url.username}" in asked


@pytest.mark.parametrize("page", PAGES)
def test_what_a_guide_names_is_there(page: str) -> None:
    text = (ROOT / f"{page}.md").read_text()
    made = ("grading", "NOTEBOOK", "mine", "_config.yml", "late.toml")
    named = re.findall(r"`((?:[\w-]+/)*[\w*-]+\.(?:py|md|txt|toml|ipynb)|(?:autograder|tests|book)/[\w/]*)`", text)
    rooms = (ROOT, ROOT / "autograder")
    gone = [one for one in named if not any(list(room.glob(one)) for room in rooms)]
    assert [one for one in gone if not any(word in one for word in made) and one != "gates.ipynb"] == []


@pytest.mark.parametrize("page", PAGES)
def test_pictures_are_small_and_have_a_text(page: str) -> None:
    text = (ROOT / f"{page}.md").read_text()
    for name, alt in re.findall(r"^```\{figure\} (\S+)\n:alt: (.*)$", text, re.MULTILINE):
        path = GUIDES / name
        assert path.stat().st_size < LARGEST and len(alt) > 20
        with Image.open(path) as picture:
            assert picture.width <= 1000
    assert text.count("```{figure}") == len(re.findall(r"^:alt: ", text, re.MULTILINE))
