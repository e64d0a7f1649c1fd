"""A run marks again what has changed, and says why; it holds a few submissions at a time, however large the class."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from autograder.checks import notebooks
from autograder.commands import cli
from autograder.course.folder import Course
from autograder.course.key import Key
from autograder.marks import fingerprint, grade
from autograder.marks.grade import Crew, map_jobs
from autograder.marks.marking import Job, Setting
from autograder.results.records import all_results
from autograder.results.result import Result
from autograder.results.verdict import Verdict
from benchmarks.folders import ASSIGNMENT, KINDS, Class, Keys, make_course
from benchmarks.stages import Serial

STUDENTS = 3
CHECKS = fingerprint.CHECKS


def mark(job: Job, setting: Setting) -> Result:
    """Stands for the judge: full marks, and pages."""
    key = job.key
    verdicts = [Verdict(cell.grade_id, cell.points, cell.points, "right") for cell in key.cells if cell.grade]
    result = Result(job.student, key.assignment, key.notebook, key.max_points, verdicts, made_of=job.made_of)
    result.feedback, result.autograded = "a page", "{}"
    return result


Say = Callable[..., str]


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, list[str]]:
    """A course with a small class, marked once."""
    made: tuple[Course, Keys] = make_course(tmp_path_factory.mktemp("class") / "course", KINDS[0], stock=False)
    students = Class(*made).write(KINDS[0], STUDENTS)
    with pytest.MonkeyPatch.context() as patch:
        said = runner(made[0], patch)()
    assert f"{STUDENTS} notebooks marked" in said and "again" not in said
    return made[0], students


def runner(course: Course, patch: pytest.MonkeyPatch) -> Say:
    """Runs `grade` without a judge; gives what it says of what was done, on one line."""

    @contextmanager
    def crew_for(*arguments: Any, **keywords: Any) -> Iterator[Crew]:
        yield Crew(Serial())

    patch.setattr(cli, "crew_for", crew_for)
    patch.setattr(grade, "mark", mark)

    def run(*options: str) -> str:
        arguments = ["grade", ASSIGNMENT, "--course", str(course.root), "--unprotected", *options]
        done = CliRunner().invoke(cli.app, arguments)
        assert done.exit_code == 0, (done.output, done.exception)
        return " ".join(done.output.split()).partition("Report")[0]

    return run


@pytest.fixture
def run(marked: tuple[Course, list[str]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Say]:
    """Runs `grade`. Afterwards nothing is left to be marked again."""
    yield runner(marked[0], monkeypatch)
    monkeypatch.undo()
    with pytest.MonkeyPatch.context() as patch:
        runner(marked[0], patch)()
        assert "0 notebooks marked" in runner(marked[0], patch)()


def again(*reasons: str) -> str:
    """What is said of so many that were marked again, each reason with how often."""
    total = sum(int(reason.rpartition("(")[2].rstrip(")")) for reason in reasons)
    return f"{total} marked again: {', '.join(reasons)}."


def test_nothing_changed(run: Say) -> None:
    said = run()
    assert "0 notebooks marked" in said and f"{STUDENTS} kept" in said and "again" not in said


def test_files_and_dates(run: Say, marked: tuple[Course, list[str]]) -> None:
    course, (first, second, _) = marked
    path = course.submitted / first / ASSIGNMENT / "gates.ipynb"
    path.write_text(path.read_text() + "\n")
    (course.submitted / second / ASSIGNMENT / "timestamp.txt").write_text("2026-01-01 12:00:00 UTC")
    assert again("a new version was handed in (1)", "the date of handing in changed (1)") in run()


def test_what_the_judge_failed_on_is_marked_again(run: Say, marked: tuple[Course, list[str]]) -> None:
    course, (student, *_) = marked
    record = course.grading / "results" / ASSIGNMENT / "gates" / f"{student}.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"made_of": {}, "unreadable": "The judge failed."}))
    assert again("the judge failed on it before (1)") in run()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--timeout", "nan"), "--timeout takes seconds"),
        (("--timeout", "inf"), "--timeout takes seconds"),
        (("--timeout", "-1"), "--timeout takes seconds"),
        (("--timeout", "0"), "--timeout takes seconds"),
        (("--workers", "0"), "'--workers'"),
        (("--student", "nobody"), "no folder of nobody"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_a_mark(
    marked: tuple[Course, list[str]], options: tuple[str, ...], said: str
) -> None:
    course, students = marked
    records = sorted((course.grading / "results").rglob("*.json"))
    before = [path.read_bytes() for path in records]
    arguments = ["grade", ASSIGNMENT, "--course", str(course.root), "--student", students[0], *options]
    done = CliRunner().invoke(cli.app, arguments, env={"COLUMNS": "200"})
    assert done.exit_code == 2 and said in done.output
    assert [path.read_bytes() for path in records] == before


def test_a_notebook_that_lies_elsewhere_is_told(run: Say, marked: tuple[Course, list[str]]) -> None:
    course, (student, *_) = marked
    file = course.submitted / student / ASSIGNMENT / "gates.ipynb"
    places = ["loose.ipynb", "ada/gates.ipynb", f"ada/{ASSIGNMENT.upper()}/gates.ipynb", f"ada/{ASSIGNMENT}/x/g.ipynb"]
    hidden = f"{student}/{ASSIGNMENT}/.ipynb_checkpoints/gates-checkpoint.ipynb"
    for place in (*places, hidden):
        (course.submitted / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, course.submitted / place)
    done = CliRunner().invoke(cli.app, ["grade", ASSIGNMENT, "--course", str(course.root), "--unprotected", "-q"])
    shutil.rmtree(course.submitted / "ada")
    (course.submitted / "loose.ipynb").unlink()
    shutil.rmtree((course.submitted / hidden).parent)
    assert done.exit_code == 3 and all(place in done.stderr for place in places) and "checkpoint" not in done.stderr


def test_quiet_still_says_what_could_not_be_marked(
    run: Say, marked: tuple[Course, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    course, (student, *_) = marked
    monkeypatch.setattr(grade, "mark", lambda job, setting: grade.judge_failed(job, "as if"))
    arguments = ["grade", ASSIGNMENT, "--course", str(course.root), "--unprotected", "--student", student, "--force"]
    done = CliRunner().invoke(cli.app, [*arguments, "--quiet"])
    assert done.exit_code == 3 and not done.stdout and f"{student}, {ASSIGNMENT}/gates: The judge" in done.stderr


def test_records_and_pages(run: Say, marked: tuple[Course, list[str]]) -> None:
    course, students = marked
    records = [course.grading / "results" / ASSIGNMENT / "gates" / f"{student}.json" for student in students]
    pages = [course.feedback / student / ASSIGNMENT / "gates.html" for student in students]
    records[0].unlink()
    records[1].write_text("{")
    pages[2].unlink()
    reasons = ("the record was missing (1)", "the record was damaged (1)", "the page for the student was missing (1)")
    assert again(*reasons) in run()
    old = json.loads(records[0].read_text())
    old["digest"] = str(old.pop("made_of"))
    records[0].write_text(json.dumps(old))
    newer = json.loads(records[1].read_text())
    newer["verdicts"][0]["mood"] = newer["mood"] = "good"
    records[1].write_text(json.dumps(newer))
    assert again("marked by an earlier version of the autograder (1)") in run()
    records[0].write_text('{"verdicts": 3}')
    damaged: list[Path] = []
    keys = {(ASSIGNMENT, "gates"): SimpleNamespace()}
    assert len(all_results(course, keys, damaged.append)) == STUDENTS - 1  # type: ignore[arg-type]
    assert damaged == [records[0]]


def test_settings(run: Say, marked: tuple[Course, list[str]]) -> None:
    course = marked[0]
    assert again(f"the time limits changed ({STUDENTS})") in run("--timeout", "7")
    config, site = course.root / "nbgrader_config.py", course.root / "_config.yml"
    config.write_text(config.read_text() + "\nc.Judge.slips_cost_once = False\nc.Judge.all_cells = True\n")
    reasons = "the time limits changed and c.Judge.slips_cost_once changed and c.Judge.all_cells changed"
    assert again(f"{reasons} ({STUDENTS})") in run()
    site.write_text(site.read_text().replace("baseurl:", "baseurl: https://elsewhere.example #"))
    assert again(f"the book's address changed ({STUDENTS})") in run()


def test_code(run: Say, marked: tuple[Course, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    course, (first, *_) = marked
    with monkeypatch.context() as patch:
        patch.setattr(fingerprint, "checks_digest", lambda chapter, notebook: "other")
        assert again(f"the checks of lstm/gates changed ({STUDENTS})") in run()
    path = course.submitted / first / ASSIGNMENT / "gates.ipynb"
    path.write_text(path.read_text() + "\n")
    with monkeypatch.context() as patch:
        patch.setattr(fingerprint, "judge_digest", lambda: "other")
        both = "the checks of lstm/gates changed and the judge's code changed"
        assert again(f"{both} (2)", f"a new version was handed in and {both} (1)") in run()


def test_force_and_the_exercise(run: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    assert again(f"asked for by --force ({STUDENTS})") in run("--force")
    read = Key.read.__func__  # type: ignore[attr-defined]

    def other(kind: type[Key], *paths: Path) -> Key:
        key: Key = read(kind, *paths)
        object.__setattr__(key, "digest", "other")
        return key

    monkeypatch.setattr(Key, "read", classmethod(other))
    assert again(f"the notebook lstm/gates changed ({STUDENTS})") in run()


# What depends on what.


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the package whose digests are taken."""
    package = tmp_path / "autograder"
    shutil.copytree(fingerprint.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "PACKAGE", package)
    monkeypatch.setattr(fingerprint, "CHECKS", package / "checks")
    forget()
    yield package
    forget()


def forget() -> None:
    """Have digests taken anew."""
    fingerprint.checks_digest.cache_clear()
    fingerprint.judge_digest.cache_clear()


def digests() -> dict[str, str]:
    """Every notebook's checks, and the judge."""
    forget()
    found = {f"{chapter}/{name}": fingerprint.checks_digest(chapter, name) for chapter, name in notebooks()}
    return {**found, "judge": fingerprint.judge_digest()}


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("checks/topologies/patterns.py", {"topologies/patterns"}),
        ("checks/families/token_losses.py", {"applications/text"}),
        ("checking/compare.py", {"judge"}),
        ("pages/templates/feedback.html.j2", {"judge"}),
        ("checks/__init__.py", {"judge"}),
        ("commands/cli.py", set()),
        ("sample/hostile.py", set()),
    ],
)
def test_only_what_depends_on_a_file_changes_with_it(copied: Path, file: str, changed: set[str]) -> None:
    before = digests()
    path = copied / file
    path.write_text(path.read_text() + "\n")
    after = digests()
    assert {name for name in before if before[name] != after[name]} == changed


IMPORTED = """
import json, sys
from autograder.checks import notebook_checks, notebooks
found = {}
for chapter, name in notebooks():
    for module in [m for m in sys.modules if m.startswith("autograder.checks.")]:
        del sys.modules[module]
    notebook_checks(chapter, name)
    files = (m.__file__ for n, m in sys.modules.items() if n.startswith("autograder.checks."))
    found[f"{chapter}/{name}"] = sorted(f for f in files if not f.endswith("__init__.py"))
print(json.dumps(found))
"""


def test_the_files_of_a_check_are_those_that_python_imports(course: Path) -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTED], cwd=course, capture_output=True, text=True, check=True)
    imported = json.loads(done.stdout)
    assert len(imported) == len(notebooks())
    for where, files in imported.items():
        assert [str(path) for path in fingerprint.checks_sources(*where.split("/"))] == files


# A few at a time.


class Slow(Executor):
    """Holds what it is given, and gives the oldest back when it holds `most` or is asked for more than it has."""

    def __init__(self) -> None:
        self.most = self.now = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Count it until its result is asked for."""
        self.now += 1
        self.most = max(self.most, self.now)
        future = Counted(self)
        future.set_result(args[0].student)
        return future


class Counted(Future[Any]):
    """A result that counts when it is taken."""

    def __init__(self, owner: Slow) -> None:
        super().__init__()
        self._owner = owner

    def result(self, timeout: float | None = None) -> Any:
        """Take it."""
        self._owner.now -= 1
        return super().result(timeout)


def jobs(key: Key, count: int, size: int, made: list[str]) -> Iterator[Job]:
    """Submissions that are made when they are asked for."""
    for number in range(count):
        made.append(str(number))
        yield Job(str(number), key, bytes(size))


@pytest.mark.parametrize(("size", "most"), [(1000, grade.AT_ONCE), (grade.BYTES_AT_ONCE // 4, 4), (1 << 27, 1)])
def test_few_submissions_are_held_at_a_time(keys: dict[tuple[str, str], Key], size: int, most: int) -> None:
    executor, made = Slow(), list[str]()
    count = 2 * most + 1
    results = map_jobs(Crew(executor), jobs(keys["lstm", "gates"], count, size, made), Setting(b""))
    next(results)
    assert len(made) == most, "more are read when there is room"
    assert len(list(results)) == count - 1 and len(made) == count
    assert executor.most == most


class Breaking(Executor):
    """A pool that ends with one of its jobs, and with all others that it has then."""

    def __init__(self, deadly: str) -> None:
        self._deadly, self._given, self._broken = deadly, list[Future[Any]](), False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Break at the deadly one; give a result for the one before only when the next comes."""
        if self._broken:
            raise BrokenProcessPool
        future: Future[Any] = Future()
        if args[0].student == self._deadly:
            self._broken = True
            future.set_exception(BrokenProcessPool())
        else:
            future.set_result(mark(*args))
        return future


def test_one_that_ends_its_worker_costs_itself_alone(
    keys: dict[tuple[str, str], Key], monkeypatch: pytest.MonkeyPatch
) -> None:
    pools: list[int] = []

    def worker_pool(workers: int) -> Executor:
        pools.append(workers)
        return Breaking("3")

    monkeypatch.setattr(grade, "worker_pool", worker_pool)
    monkeypatch.setattr(grade, "mark", mark)
    key = keys["lstm", "gates"]
    crew = Crew(Breaking("3"), count=2)
    results = {one.student: one for one in map_jobs(crew, jobs(key, 9, 10, []), Setting(b""))}
    assert sorted(results) == sorted(str(number) for number in range(9))
    assert [one.student for one in results.values() if one.unreadable] == ["3"]
    assert pools.count(2) == 1, "after the suspects were tried alone, the others have as many workers as before"
