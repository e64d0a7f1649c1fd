"""The two commands on other machines: which Python is taken, how packages come in, and make where it cannot mark."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from typer.testing import CliRunner

from autograder.commands import asked, cli
from tools import install

ROOT = Path(__file__).resolve().parent.parent
MACHINES = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"))


def program(path: Path, text: str) -> None:
    """Write a shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def fake_python(path: Path, version: str) -> None:
    """Write a Python that knows its version, makes an environment of itself and says what else it was asked to run."""
    makes = 'mkdir -p .venv/bin && cp "$0" .venv/bin/python && cp /bin/true .venv/bin/pip'
    asked = f'case "$*" in *version_info*) echo {version};; -c*) ;; *--clear*) {makes};; *) echo "ran $*";; esac'
    program(path, asked)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with make's files and nothing made, and beside it `bin`, the only place where programs are found."""
    course = tmp_path / "course"
    (course / "tools").mkdir(parents=True)
    for name in ("Makefile", "requirements.txt", "constraints.txt", "tools/environment.sh"):
        shutil.copy(ROOT / name, course / name)
    (tmp_path / "bin").mkdir()
    for name in ("sh", "dirname", "id", "mkdir", "cp", "make", "touch", "sed", "rm"):
        found = shutil.which(name)
        assert found, name
        (tmp_path / "bin" / name).symlink_to(found)
    return course


def run(course: Path, *command: str, system: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in the bare folder, with the programs of its `bin` alone."""
    environment = {"PATH": str(course.parent / "bin"), "HOME": str(course.parent), "SYSTEM_PYTHON": system}
    return subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)


# Which Python


@pytest.mark.parametrize("version", ["3.10", "3.14", "3.9"])
@pytest.mark.parametrize("named", [True, False])
def test_another_python_is_refused_in_one_sentence(bare: Path, version: str, named: bool) -> None:
    fake_python(bare.parent / "bin" / "python3", version)
    done = run(bare, "make", "setup", *(["PYTHON=python3"] if named else []))
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1
    assert f"python3 is {version}" in said[0]
    assert all(part in said[0] for part in (*install.PYTHONS, "make PYTHON="))
    assert not (bare / ".venv").exists()
    assert "ran" not in done.stdout


def test_without_any_python_there_is_one_sentence_too(bare: Path) -> None:
    done = run(bare, "tools/environment.sh")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "is none" in done.stderr


def test_a_shim_that_runs_nothing_is_passed_over(bare: Path) -> None:
    folder = bare.parent / "bin"
    program(folder / "python3", "echo 'pyenv: python3: command not found' >&2; exit 127")
    fake_python(folder / "python3.13", "3.14")
    fake_python(folder / "python3.12", "3.12")
    done = run(bare, "tools/environment.sh")
    assert done.returncode == 0, done.stderr
    assert f"Making .venv with Python 3.12 ({folder}/python3.12)" in done.stdout
    assert "ran tools/install.py" in done.stdout


@pytest.mark.parametrize("version", install.PYTHONS)
def test_every_supported_python_is_taken(bare: Path, version: str) -> None:
    fake_python(bare.parent / "bin" / "python3", version)
    assert f"Making .venv with Python {version} " in run(bare, "tools/environment.sh").stdout


def test_the_systems_own_python_comes_first_where_it_serves(bare: Path) -> None:
    folder = bare.parent / "bin"
    own = bare.parent / "own" / "python3"
    fake_python(folder / "python3", "3.12")
    fake_python(own, "3.10")
    assert "Python 3.12 " in run(bare, "tools/environment.sh", system=str(own)).stdout  # it is too old
    shutil.rmtree(bare / ".venv")
    program(own, 'case "$*" in *version_info*) echo 3.13;; *ensurepip*) exit 1;; esac')
    assert "Python 3.12 " in run(bare, "tools/environment.sh", system=str(own)).stdout  # it cannot make one
    shutil.rmtree(bare / ".venv")
    fake_python(own, "3.13")
    assert f"Python 3.13 ({own})" in run(bare, "tools/environment.sh", system=str(own)).stdout
    shutil.rmtree(bare / ".venv")
    assert "Python 3.12 " in run(bare, "tools/environment.sh", "python3", system=str(own)).stdout


def test_an_environment_that_serves_is_kept(bare: Path) -> None:
    fake_python(bare.parent / "bin" / "python3", "3.12")
    assert "Making" in run(bare, "make", "setup").stdout
    program(bare / ".venv" / "bin" / "pip", "true")
    assert "ran" not in run(bare, "make", "setup").stdout
    again = run(bare, "make", "setup", "-W", "requirements.txt")
    assert "ran tools/install.py" in again.stdout
    assert "Making" not in again.stdout


def test_an_environment_of_another_place_is_made_anew(bare: Path) -> None:
    fake_python(bare.parent / "bin" / "python3", "3.12")
    run(bare, "make", "setup")
    pip = bare / ".venv" / "bin" / "pip"
    pip.unlink()
    pip.write_text("#!/where/it/was/.venv/bin/python3\n")
    pip.chmod(0o755)
    assert "Making .venv" in run(bare, "make", "setup").stdout


def test_a_python_without_venv_says_what_to_install(bare: Path) -> None:
    (bare.parent / "bin" / "id").unlink()
    program(bare.parent / "bin" / "id", "echo 1000")
    fake = 'case "$*" in *version_info*) echo 3.13;; *ensurepip*) exit 1;; *) echo "ran $*";; esac'
    program(bare.parent / "bin" / "python3", fake)
    done = run(bare, "tools/environment.sh")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "apt install python3.13-venv" in done.stderr
    assert not done.stdout


# Pins


def pins() -> list[Requirement]:
    """What constraints.txt pins."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def wanted() -> list[Requirement]:
    """What requirements.txt asks for."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    return [Requirement(line) for line in lines if line]


def machine(python: str, system: str, processor: str) -> dict[str, str]:
    """The values of the markers there."""
    return {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "sys_platform": system,
        "platform_machine": processor,
        "platform_system": system.title(),
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }


@pytest.mark.parametrize("python", ["3.11.2", "3.11.7", "3.12.1", "3.13.5"])
@pytest.mark.parametrize(("system", "processor"), MACHINES)
def test_each_package_has_one_pin_on_each_python_and_system(python: str, system: str, processor: str) -> None:
    there = machine(python, system, processor)
    applying = [pin for pin in pins() if pin.marker is None or pin.marker.evaluate(there)]
    names = [canonicalize_name(pin.name) for pin in applying]
    assert len(names) == len(set(names))
    versions = {canonicalize_name(pin.name): str(pin.specifier) for pin in applying}
    for requirement in wanted():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert requirement.marker is None, "a marker is for where a single pin does not work"
        assert versions[canonicalize_name(requirement.name)] == str(requirement.specifier), "make lock"


def test_the_environment_is_what_is_pinned_and_nothing_is_unpinned() -> None:
    versions = {canonicalize_name(pin.name): pin for pin in pins() if pin.marker is None or pin.marker.evaluate()}
    todo, seen = [(requirement.name, frozenset(requirement.extras)) for requirement in wanted()], set()
    while todo:
        name, extras = todo.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found = importlib.metadata.distribution(name)
        assert versions[canonicalize_name(name)].specifier.contains(found.version, prereleases=True), name
        for line in found.requires or ():
            needs = Requirement(line)
            if needs.marker is None or any(needs.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                todo.append((needs.name, frozenset(needs.extras)))


def test_the_supported_pythons_are_the_same_everywhere() -> None:
    allowed = SpecifierSet(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"])
    minors = [f"3.{minor}" for minor in range(8, 20)]
    assert [minor for minor in minors if f"{minor}.0" in allowed] == list(install.PYTHONS)
    script = (ROOT / "tools" / "environment.sh").read_text()
    assert f"case $1 in {' | '.join(install.PYTHONS)}) ;;" in script
    listed = f"{', '.join(install.PYTHONS[:-1])} or {install.PYTHONS[-1]}"
    for name in ("tools/environment.sh", "README.md", "book/run_it.md"):
        assert f"Python {listed}" in (ROOT / name).read_text(), name


# Installing


def test_pips_settings_are_read_as_pip_ranks_them() -> None:
    listing = "\n".join(
        (
            ":env:.index-url='https://variable.example/simple'",
            "freeze.timeout='1'",
            "global.cert='/etc/ca.pem'",
            "global.index-url='https://global.example/simple'",
            "install.find-links='/a\\n/b'",
            "global.find-links='/c'",
        )
    )
    assert install.pip_settings(listing) == {
        "index-url": "https://variable.example/simple",
        "cert": "/etc/ca.pem",
        "find-links": "/a\n/b",
    }


def test_uv_is_told_where_pip_looks(tmp_path: Path) -> None:
    settings = {
        "index-url": "https://one.example/simple",
        "extra-index-url": f"https://two.example/simple file://{tmp_path} file:///not/there",
        "find-links": f"{tmp_path} /not/there\n{ROOT}",
        "trusted-host": "one.example two.example",
        "disable-pip-version-check": "1",
    }
    assert install.uv_variables(settings) == {
        "UV_DEFAULT_INDEX": "https://one.example/simple",
        "UV_INDEX": f"https://two.example/simple file://{tmp_path}",
        "UV_FIND_LINKS": f"{tmp_path},{ROOT}",
        "UV_INSECURE_HOST": "one.example two.example",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    assert install.uv_variables({}) == {}


@pytest.mark.parametrize("name", sorted(install.UNTOLD))
def test_where_uv_cannot_be_told_it_is_left_to_pip(name: str) -> None:
    assert install.uv_variables({name: "1"}) is None


def test_the_settings_of_this_machine_can_be_read() -> None:
    command = [*install.PIP, "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    told = [line for line in listing.splitlines() if line.startswith(("global.", "install.", ":env:."))]
    assert bool(install.pip_settings(listing)) == bool(told)


@pytest.mark.parametrize(("uv_works", "pip_works"), [(True, False), (False, True), (False, False)])
def test_pip_goes_on_where_uv_cannot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, uv_works: bool, pip_works: bool
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(install, "BEGUN", tmp_path / "begun")

    def stand_in(name: str, works: bool) -> Callable[..., bool]:
        def noted(*arguments: str) -> bool:
            ran.append(name)
            return works

        return noted

    monkeypatch.setattr(install, "uv", stand_in("uv", uv_works))
    monkeypatch.setattr(install, "pip_install", stand_in("pip", pip_works))
    monkeypatch.setattr(install, "prepare_what_is_walled", stand_in("prepare", True))
    assert install.install() == (0 if uv_works or pip_works else 1)
    assert ran == ["uv", *([] if uv_works else ["pip"]), *(["prepare"] if uv_works or pip_works else [])]
    assert (tmp_path / "begun").exists() == (not uv_works and not pip_works), "left behind by what was not finished"


def test_packages_that_were_cut_off_are_installed_again(tmp_path: Path) -> None:
    for name, size in (("whole", 4), ("short", 5), ("lost", 4), ("unrecorded", 4)):
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (tmp_path / f"{name}.py").write_text("x=1\n")
        (info / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n")
        (info / "RECORD").write_text(f"{name}.py,sha256=0,{size}\n__pycache__/{name}.pyc,,\n{info.name}/RECORD,,\n")
    (tmp_path / "lost.py").unlink()
    (tmp_path / "unrecorded-1.0.dist-info" / "RECORD").unlink()
    assert install.forget_halves(tmp_path) == ["lost-1.0", "short-1.0", "unrecorded-1.0"]
    assert [path.name for path in tmp_path.glob("*.dist-info")] == ["whole-1.0.dist-info"]


# make where this machine cannot mark


@pytest.mark.parametrize(
    ("grade_ends_with", "make_ends_with"), [(0, 0), (3, 0), (asked.NO_WALL, 0), (1, 2), (2, 2)], ids=str
)
def test_the_site_does_not_depend_on_marking(bare: Path, grade_ends_with: int, make_ends_with: int) -> None:
    made = bare / ".venv" / "bin"
    program(made / "pip", "true")
    program(made / "jupyter-book", "echo built the site")
    program(made / "python", f'echo "ran $*"; case "$*" in *grade) exit {grade_ends_with};; esac')
    (bare / ".venv" / ".ready").touch()
    done = run(bare, "make")
    assert done.returncode == make_ends_with, done.stderr
    steps = re.findall(r"^(built the site|ran -m autograder \w+)", done.stdout, re.M)
    assert steps == ["built the site", *(f"ran -m autograder {name}" for name in ("release", "sample", "grade"))]
    assert ("is not marked" in done.stdout) == (grade_ends_with == asked.NO_WALL)
    assert ("index.html" in done.stdout) == (make_ends_with == 0)
    assert run(bare, "make", "class").returncode == (0 if grade_ends_with in (0, 3) else 2)


@pytest.mark.parametrize("command", ["grade", "doctor"])
def test_what_is_no_linux_is_sent_to_the_container(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    done = CliRunner().invoke(cli.app, [command])
    assert done.exit_code == asked.NO_WALL
    assert "container" in done.output


def test_release_loads_nothing_that_only_linux_has() -> None:
    listing = (
        "import sys, autograder.commands.cli, autograder.course.release\n"
        "print(*(name for name in sys.modules if name.startswith('autograder.')))"
    )
    loaded = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True, cwd=ROOT)
    names = set(loaded.stdout.split())
    assert "autograder.course.release" in names
    calls_linux = {
        path.stem
        for path in (ROOT / "autograder" / "walled").glob("*.py")
        if re.search(r"import .*\bkernel\b", path.read_text())
    }
    assert {"landlock", "seccomp", "wall"} <= calls_linux
    assert not names & {f"autograder.walled.{name}" for name in calls_linux | {"kernel"}}


# The container


def targets() -> set[str]:
    """What make can be asked for."""
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))


def test_the_container_asks_make_for_what_make_knows_and_for_no_privileges() -> None:
    containerfile = (ROOT / "Containerfile").read_text()
    dev = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    commands = re.findall(
        r"\bmake (\w+)", re.sub(r"apt-get install[^&]*", "", containerfile) + dev["postCreateCommand"]
    )
    assert {"setup"} <= set(commands) <= targets()
    assert (ROOT / ".devcontainer" / dev["build"]["dockerfile"]).resolve() == ROOT / "Containerfile"
    assert f"AS {dev['build']['target']}\n" in containerfile
    assert re.findall(r"^USER (\w+)", containerfile, re.M)[-1] == dev["remoteUser"] != "root"
    assert not {"runArgs", "privileged", "capAdd", "securityOpt"} & set(dev)
    assert "--security" not in containerfile and "sudo" not in containerfile


def test_help_lists_every_command() -> None:
    apart = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # `make test` runs this
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, env=apart).stdout
    assert {line.split()[0] for line in listed.splitlines()} == targets()


def test_elsewhere_says_what_it_needs_before_it_does_anything(tmp_path: Path) -> None:
    program(tmp_path / "id", "echo 1000")
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}
    command = [str(ROOT / "tools" / "elsewhere.sh")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "make elsewhere needs root: it makes a Debian in a folder and changes its root to it\n"
    assert [path.name for path in tmp_path.iterdir()] == ["id"]
