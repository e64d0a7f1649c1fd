"""The strict build of the whole site: every warning is an error. With --build-site it starts here, before all else."""

from __future__ import annotations

from pathlib import Path

import pytest


def test_the_site_is_built_without_a_warning(strict_build: str, request: pytest.FixtureRequest) -> None:
    assert strict_build == ""
    built: Path = request.getfixturevalue("built_site")
    assert (built / "index.html").is_file()
