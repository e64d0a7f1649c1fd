"""What several test files share: the course's folder, its keys, one warm process, and a student process a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from autograder.course.key import Key, read_keys
from autograder.judge.student_process import NUMPY, StudentProcess, Zygote

ROOT = Path(__file__).resolve().parent.parent

# No timing is asserted, and nothing is written beside the tests.
settings.register_profile(
    "course", deadline=None, database=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("course")


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
