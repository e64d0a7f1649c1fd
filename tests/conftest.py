"""What several test files share: the course, its keys, a warm process, the built site; and which of them go first."""

from __future__ import annotations

import fcntl
import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from autograder.course.key import Key, read_keys
from autograder.judge.student_process import NUMPY, StudentProcess, Zygote
from tests.known import computed_once
from tests.web import browser, reader, site

__all__ = ["browser", "computed_once", "reader", "site"]  # fixtures: all but the second for files that look at the site

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
SITE = ROOT / "_build" / "html"

# No timing is asserted, and nothing is written beside the tests.
settings.register_profile(
    "course", deadline=None, database=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", settings.get_profile("course"), max_examples=500)  # --hypothesis-profile=long
settings.load_profile("course")

LONGEST_FIRST = (
    "test_site_build",
    "test_class",
    "test_wall",
    "test_judge",
    "test_notebooks",
    "test_checks",
    "test_secrets",
    "test_mutants",
    "test_hints",
    "test_cluster",
    "test_postgresql",
)
"""These files start before all others, so that none of them runs alone at the end while a core is idle."""
FEW = 3
"""On how many seeds --quick tries each check."""
BY_FUNCTION = ("test_checks", "test_secrets")
BY_TEST = ("test_pages", "test_explorables", "test_browser")
"""Files that the workers share, a function or a test at a time. Any other goes to one worker as a whole."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Have an option by which a run of the tests builds the site itself."""
    parser.addoption(
        "--build-site", action="store_true", help="build the site first, strictly, while tests that need none go on"
    )
    parser.addoption("--quick", action="store_true", help="only what `quick` in pyproject.toml lists")
    parser.addini("quick", "what --quick runs: files, or single tests as FILE::TEST", "args")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With --quick, read no file that is not asked for."""
    files = {entry.partition("::")[0] for entry in config.getini("quick")}
    left_out = config.getoption("--quick") and collection_path.match("test_*.py") and collection_path.name not in files
    return True if left_out else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long files first, and those that need the site last."""
    if config.getoption("--quick"):
        entries = set(config.getini("quick"))
        known = {name for item in items for name in names_of(item)}
        files = {one: one.partition("::")[0] for one in entries - known}
        gone = sorted(one for one, file in files.items() if file in known or not (TESTS / file).exists())
        if gone:
            raise pytest.UsageError(f"`quick` in pyproject.toml names what is not there: {', '.join(gone)}")
        kept = [item for item in items if not entries.isdisjoint(names_of(item)) and not needs_site(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
        for module in {item.module for item in kept if isinstance(item, pytest.Function)}:
            del getattr(module, "SEEDS", [])[FEW:]
    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay to the end. Who looks for garbage need not look through them each time."""
    gc.collect()
    gc.freeze()


class Shared(LoadScopeScheduling):  # type: ignore[misc]
    """What each worker takes at a time. pytest-xdist's own groups (3.8) are not seen by pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        name = Path(nodeid.partition("::")[0]).stem
        if name.startswith("test_keras_"):
            return "test_keras"  # one worker imports TensorFlow, not all four
        if name in BY_TEST:
            return f"{name}, with Keras" if "keras" in nodeid.partition("[")[0] else nodeid
        return nodeid.partition("[")[0] if name in BY_FUNCTION else name


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shared:
    """Share the tests out by the rules above."""
    return Shared(config, log)


def names_of(item: pytest.Item) -> tuple[str, str]:
    """How `quick` may name a test: by its file, or by file and function."""
    return item.path.name, f"{item.path.name}::{getattr(item, 'originalname', item.name)}"


def needs_site(item: pytest.Item) -> bool:
    """Whether a test looks at the built site."""
    return "strict_build" in getattr(item, "fixturenames", ())


def rank(item: pytest.Item) -> tuple[bool, int]:
    """Where in the order a test belongs."""
    name = item.path.stem
    first = LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)
    return name != "test_site_build" and needs_site(item), first


@pytest.fixture(scope="session")
def strict_build(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the strict build says where it fails. With --build-site the first worker that asks builds; others wait."""
    if not request.config.getoption("--build-site"):
        return ""
    parallel = hasattr(request.config, "workerinput")
    run = tmp_path_factory.getbasetemp().parent if parallel else tmp_path_factory.getbasetemp()
    with (run / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
        said = run / "site.log"
        if not said.exists():
            said.write_text(build_site())
        return said.read_text()


@pytest.fixture(scope="session")
def built_site(strict_build: str) -> Path:
    """The folder of the built site."""
    assert not strict_build, "the strict build of the site has failed: test_site_build.py says why"
    assert (SITE / "index.html").is_file(), "build the site first: make site"
    return SITE


def build_site() -> str:
    """Build the site as `make site` does; return what it says where it fails."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "-W", "-n", "--keep-going", "--quiet"]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


@pytest.fixture(scope="module", autouse=True)
def left_behind() -> Iterator[None]:
    """What a file's tests leave in cycles ends with it, and what stays, TensorFlow say, is not looked through again."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def course() -> Path:
    """The course's folder."""
    return ROOT


@pytest.fixture(scope="session")
def keys(course: Path) -> dict[tuple[str, str], Key]:
    """Every exercise's key, by assignment and notebook."""
    return read_keys(course / "solutions", course / "exercises")


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """One warm process with NumPy, for the whole session."""
    with Zygote(NUMPY) as warm:
        yield warm


@pytest.fixture
def student(zygote: Zygote) -> Iterator[StudentProcess]:
    """A fresh walled student process."""
    process = StudentProcess.start(zygote.address)
    yield process
    process.close()
