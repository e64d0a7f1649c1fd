"""Otter-Grader beside this autograder: `otter run` on the same submissions, with the same tests.

Otter is none of the course's packages: it is installed into an environment of its own below _build/, once. Its tests
are the exercise's test cells, hidden part included, as functions that are given the notebook's names.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

from autograder.course.key import Key

from .folders import REPOSITORY

PACKAGES = ("otter-grader==7.0.0", "numpy", "matplotlib", "ipykernel", "scipy", "pyyaml", "nbformat")
TEST = """OK_FORMAT = False

from otter.test_files import test_case

name = {name!r}
points = {points!r}


@test_case()
def {function}(env):
    exec({source!r}, dict(env))
"""


def installed(folder: Path) -> Path:
    """Otter's environment in `folder`, made if it is not there. Returns its `otter`."""
    command = folder / "bin" / "otter"
    if not command.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *PACKAGES], check=True)
    return command


def write_tests(key: Key, path: Path) -> None:
    """Otter's zip with the tests of an exercise."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"lang": "python", "pdf": False, "show_hidden": True}))
        for cell in key.cells:
            if cell.auto_graded:
                name = cell.grade_id.replace("-", "_")
                text = TEST.format(name=name, points=cell.points, function=name, source=cell.source)
                archive.writestr(f"tests/{name}.py", text)


def run(otter: Path, tests: Path, submission: Path, folder: Path) -> tuple[float, dict[str, float]]:
    """Have one submission marked by `otter run`. Returns seconds, and the points of each test."""
    folder.mkdir(parents=True)
    command = [otter, "run", "--no-logo", "-a", tests, "-o", folder, submission]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PATH": f"{otter.parent}:{os.environ['PATH']}"}
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    try:
        found = json.loads((folder / "results.json").read_text())
    except FileNotFoundError:
        raise RuntimeError(f"otter run left no results:\n{done.stdout}\n{done.stderr}") from None
    tested = (one for one in found["tests"] if "max_score" in one)
    return seconds, {one["name"].replace("_", "-").replace(" ", "-"): float(one["score"]) for one in tested}
