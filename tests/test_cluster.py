"""Marking on other machines: real Dask processes, whose workers have a copy of the code and no course."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from distributed import Future
from typer.testing import CliRunner

from autograder.commands import cli
from autograder.course import sections
from autograder.course.folder import Course
from autograder.judge.doctor import Examination, Finding, Probe
from autograder.judge.student_process import Zygote
from autograder.marks import cluster, remote
from autograder.marks.cluster import Cluster, Member, WorkersEnded
from autograder.marks.environment import CODE, differences, environment
from autograder.marks.grade import Crew
from autograder.marks.worker import NoWorker
from autograder.results.result import Result
from benchmarks.folders import ASSIGNMENT, KINDS, Class, Keys, make_course, marks
from benchmarks.stages import Serial

ROOT = Path(__file__).resolve().parent.parent
STUDENTS = 10


def command(begins: str, **places: str) -> list[str]:
    """The command that the guide gives, with what stands for a place or a number replaced."""
    (line,) = re.findall(rf"^({begins} [^#\n]*)", (ROOT / "book" / "guides" / "cluster.md").read_text(), re.MULTILINE)
    for name, value in places.items():
        assert name in line
        line = line.replace(name, value)
    program, *arguments = shlex.split(line)
    return [str(Path(sys.executable).with_name(program)), *arguments]


class Machines:
    """A scheduler and workers, as processes of this machine."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self._place = f"127.0.0.1:{one.getsockname()[1]}"
        self.address = f"tcp://{self._place}"
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        port = self._place.partition(":")[2]
        self._start([*command("dask scheduler", **{"8786": port}), "--host", "127.0.0.1", "--no-dashboard"], folder)

    def code(self, name: str) -> Path:
        """A folder that holds the autograder and nothing else of the course."""
        folder = self._folder / name
        shutil.copytree(ROOT / "autograder", folder / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
        return folder

    def worker(self, code: Path, *options: str) -> subprocess.Popen[bytes]:
        """Start a worker with this code."""
        places = {"SCHEDULER:8786": self._place, "--nworkers 4": "--nworkers 1"}
        return self._start([*command("dask worker", **places), "--no-dashboard", *options], code)

    def _start(self, arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            environment = {**os.environ, "PYTHONPATH": str(folder)}
            started = subprocess.Popen(arguments, cwd=folder, env=environment, stdout=log, stderr=log)
        self._started.append(started)
        return started

    def stop(self) -> None:
        """End all of them, the scheduler last: a worker that takes its leave asks it."""
        for one in reversed(self._started):
            one.terminate()
            one.wait(60)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """A scheduler without workers."""
    found = Machines(tmp_path)
    yield found
    found.stop()


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, list[str]]:
    """A released course and a class in it."""
    made: tuple[Course, Keys] = make_course(tmp_path_factory.mktemp("class") / "course", KINDS[0], stock=False)
    return made[0], Class(*made).write(KINDS[0], STUDENTS)


def grade(course: Course, *options: str) -> tuple[int, str]:
    """The command; its exit code and what it said, on one line."""
    done = CliRunner().invoke(cli.app, ["grade", ASSIGNMENT, "--course", str(course.root), *options])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.split())


def test_workers_are_looked_at_replaced_and_late(
    machines: Machines,
    handed_in: tuple[Course, list[str]],
    zygote: Zygote,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course, students = handed_in
    other = machines.code("other")
    check = other / "autograder" / "checks" / "lstm" / "gates.py"
    check.write_text(check.read_text() + "\n# changed\n")
    machines.worker(other, "--name", "other", "--no-nanny")
    monkeypatch.setattr(cluster, "PATIENCE", 4.0)
    code, said = grade(course, "--dask", machines.address)
    refused = rf"The worker other at tcp://\S+ does not mark: {CODE} is [0-9a-f]{{12}} there and [0-9a-f]{{12}} here\."
    assert code == 1 and re.search(refused, said), said
    assert f"none of the workers may mark at {machines.address}" in said
    assert marks(course, KINDS[0], students) == {}

    same = machines.code("same")
    first = machines.worker(same, "--name", "first", "--no-nanny")
    seen: list[str] = []

    @contextmanager
    def marking(total: int, quiet: bool) -> Iterator[Callable[[Result], None]]:
        def advanced(result: Result) -> None:
            seen.append(result.student)
            if len(seen) == 2:
                first.send_signal(signal.SIGKILL)
                machines.worker(same, "--name", "late", "--no-nanny")

        yield advanced

    monkeypatch.setattr(cluster, "PATIENCE", 60.0)
    monkeypatch.setattr(cli, "marking", marking)
    code, said = grade(course, "--dask", machines.address)
    assert code == 0, said
    assert re.search(refused, said) and "first" not in said and "late" not in said
    assert sorted(seen) == sorted(students), "each once, none lost"
    assert first.wait(30) == -signal.SIGKILL
    there = marks(course, KINDS[0], students)
    pages = {name: (course.feedback / name / ASSIGNMENT / "gates.html").read_text() for name in students}

    @contextmanager
    def crew_for(*arguments: Any, **keywords: Any) -> Iterator[Crew]:
        yield Crew(Serial(), (zygote.address, ""))

    monkeypatch.setattr(cli, "crew_for", crew_for)
    code, said = grade(course, "--force", "--unprotected")
    assert code == 0 and f"{STUDENTS} marked again: asked for by --force ({STUDENTS})." in said, said
    assert there == marks(course, KINDS[0], students)
    here = {name: (course.feedback / name / ASSIGNMENT / "gates.html").read_text() for name in students}
    assert pages == here, "with the same links into the book, which no worker has"


def test_what_ends_its_workers_costs_itself_alone(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "DEATHS", 2)
    machines.worker(machines.code("same"))
    with Cluster(machines.address, walled=False, say=print) as executor:
        futures = [executor.submit(os.path.join, "a", str(n)) for n in range(3)]
        deadly = executor.submit(os._exit, 3)
        futures += [executor.submit(os.path.join, "a", str(n)) for n in range(3, 9)]
        assert [future.result(60) for future in futures] == [f"a/{n}" for n in range(9)]
        with pytest.raises(WorkersEnded, match="2 workers ended"):
            deadly.result(60)
        assert executor.submit(os.path.join, "still", "there").result(60) == "still/there"


def test_an_answer_that_its_worker_takes_along_is_worked_out_again(machines: Machines) -> None:
    """Dask tells that an answer is there, and fetches it from the worker, which may have ended in between."""
    code = machines.code("same")
    first = machines.worker(code, "--no-nanny")
    killed: list[str | None] = []

    class Late(Cluster):
        def _answer(self, member: Member, told: Future) -> Any:
            if member.ticket and not killed:
                killed.append(told.status)
                first.kill()
                first.wait(60)
                machines.worker(code, "--no-nanny")
            return super()._answer(member, told)

    with Late(machines.address, walled=False, say=print) as executor:
        assert executor.submit(os.getpid).result(60) not in (first.pid, os.getpid())
    assert killed == ["finished"]


def test_without_a_scheduler_there_is_a_sentence(
    handed_in: tuple[Course, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    code, said = grade(handed_in[0], "--dask", "tcp://127.0.0.1:9")
    assert code == 1 and "Marking had to stop: no Dask scheduler answers at tcp://127.0.0.1:9" in said


def test_a_scheduler_that_ends_ends_the_run(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 15.0)
    with Cluster(machines.address, walled=False, say=print) as executor:
        future = executor.submit(os.getpid)
        machines.stop()
        with pytest.raises(NoWorker, match="does not answer any more"):
            future.result(60)
        with pytest.raises(NoWorker):
            executor.submit(os.getpid).result(60)


def test_a_worker_whose_machine_walls_nobody_in_does_not_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """The escapes are tried by the worker, so on its own machine."""
    escaped = Finding(Probe("signal the judge", ""), False, "it worked")
    monkeypatch.setattr(remote, "examine", lambda course: Examination({"seccomp": True}, [escaped]))
    monkeypatch.setattr(remote, "_tickets", {})
    monkeypatch.setattr(sections, "_told", {})
    monkeypatch.setattr(remote, "bound_memory", lambda: None)
    why = remote.admit("ticket", {}, 1, walled=True)
    assert why.startswith("student code could signal the judge there. Landlock is missing.")
    with pytest.raises(remote.NotAdmitted):
        remote.mark_admitted("ticket", os.getpid)
    assert remote.admit("ticket", {}, 1, walled=False) == "", "--unprotected"
    assert remote.admit("of another course", {"target": ("page", "title")}, 1, walled=False) == ""
    assert remote.mark_admitted("ticket", sections.section_title, "target") == ""
    assert remote.mark_admitted("of another course", sections.section_title, "target") == "title"
    with pytest.raises(remote.NotAdmitted):
        remote.mark_admitted("of an earlier run", os.getpid)


def test_what_differs_is_named() -> None:
    here = environment()
    assert set(here) == {"Python", "numpy", "tensorflow", "keras", "IPython", CODE} and "none" not in here.values()
    assert differences(here, dict(here)) == ""
    there = {**here, "keras": "1.0", CODE: "none"}
    assert (
        differences(here, there)
        == f"keras is 1.0 there and {here['keras']} here, {CODE} is none there and {here[CODE]} here"
    )
