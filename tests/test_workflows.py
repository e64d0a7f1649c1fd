"""The workflows that test and publish, on GitHub and on GitLab: valid, and asking for what is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import publishing
import pytest

from tests.web import ROOT

WORKFLOWS = {".github/workflows/course.yml": "vendor.github-workflows", ".gitlab-ci.yml": "vendor.gitlab-ci"}


def complaint(path: Path, schema: str) -> str:
    """What check-jsonschema, with the schema that it brings along, says against a file."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(("name", "schema"), WORKFLOWS.items())
def test_a_workflow_is_valid_and_a_slip_in_it_is_noticed(tmp_path: Path, name: str, schema: str) -> None:
    assert complaint(ROOT / name, schema) == ""
    slip = tmp_path / "workflow.yml"
    slip.write_text(re.sub(r"^( +)(steps|script):", r"\1\2s:", (ROOT / name).read_text(), flags=re.MULTILINE))
    assert "Schema validation errors" in complaint(slip, schema)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_runs_what_is_there_and_sets_what_is_read(name: str) -> None:
    text = (ROOT / name).read_text()
    targets = re.findall(r"\bmake (\S+)", text)
    assert targets and all(
        re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE) for target in targets
    )
    assert ".ci/run" in text and os.access(ROOT / ".ci/run", os.X_OK)
    assert set(re.findall(r"^ +(COURSE_\w+):", text, re.MULTILINE)) == {
        "COURSE_BASEURL",
        *publishing.REPOSITORY.values(),
    }
