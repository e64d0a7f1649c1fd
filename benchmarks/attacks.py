"""The catalogue of attacks, and what became of each: from a student process, in a notebook, and as a file.

`python -m benchmarks.attacks` writes benchmarks/ATTACKS.md. Escapes are those of tests/test_wall.py, tried as its tests
do, in each of its circumstances (which takes root); notebooks and files are those of the sample class of one chapter,
marked by `grade` in both settings of the wall.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.course.folder import Course
from autograder.judge.student_process import WITHOUT_NAMESPACES
from autograder.results.result import Result

from .folders import REPOSITORY, sample_course
from .throughput import Failed, environment, machine

sys.path.insert(0, str(REPOSITORY / "tests"))  # where its files find each other

from tests.test_wall import ANY, CIRCUMSTANCES, escapes, something_to_read, tried

RESULTS = Path(__file__).parent / "ATTACKS.md"
CHAPTER = "layers"
"""The assignment in which the sample class breaks and attacks."""
ATTACKS = ("hostile-", "broken-")
WRITTEN = Path("/var/tmp/escaped")
"""What an escape leaves where nothing refuses it."""


ALWAYS_THERE = "limits and user"
LAYERS = {
    "namespaces": ("ordinary-user", "no-landlock", "no-seccomp"),
    "Landlock": ("ordinary-user", "no-namespaces", "no-seccomp"),
    "seccomp": ("ordinary-user", "no-namespaces", "no-landlock"),
    ALWAYS_THERE: ("ordinary-user", "no-namespaces", "no-landlock", "no-seccomp"),
}
"""Circumstances in which one layer stands alone, beside what is there in all."""
DEADLY, INSTEAD = "kill the judge", "signal the judge"
"""Where no layer is left that refuses it, the first ends the measurement; the second goes the same way."""


def refusing() -> dict[str, str]:
    """For each escape the layers that refuse it alone."""
    tries = {name: escape for name, escape in escapes().items() if name != DEADLY}
    codes = {name: escape.code for name, escape in tries.items()}
    alone = {layer: tried(circumstance, codes, [])["walled"] for layer, circumstance in LAYERS.items()}
    WRITTEN.unlink(missing_ok=True)
    by = {
        name: [layer for layer, report in alone.items() if report[name]["error"] in {*escape.stopped_by, *ANY}]
        for name, escape in tries.items()
    }
    by[DEADLY] = by[INSTEAD]
    return {name: ", ".join(layers) for name, layers in by.items()}


def escape_rows() -> list[str]:
    """A row for each escape: what refuses it, and the error in which it ends, by circumstance."""
    codes, by = {name: escape.code for name, escape in escapes().items()}, refusing()
    reports = [tried(circumstance, codes, [])["walled"] for circumstance in CIRCUMSTANCES.values()]
    heading = ["From a student process", "Refused by", *CIRCUMSTANCES]
    rows = [f"| {' | '.join(heading)} |", "|---" * len(heading) + "|"]
    for name in codes:
        ends = (report[name]["error"] or "**it worked**" for report in reports)
        rows.append(f"| {name} | {by[name]} | {' | '.join(ends)} |")
    return rows


def marked(course: Course, **more: str) -> dict[tuple[str, str], Result]:
    """Every result of a run, by student and notebook."""
    command = [sys.executable, "-m", "autograder", "grade", CHAPTER, "--force", "--quiet"]
    said = subprocess.run(command, cwd=course.root, env={**environment(), **more}, capture_output=True, text=True)
    if said.returncode not in (0, 3):
        raise Failed(said.stderr)
    found = (Result.from_json(path.read_text()) for path in (course.grading / "results").glob("*/*/*.json"))
    return {(result.student, result.notebook): result for result in found if not result.missing}


def class_rows(folder: Path) -> list[str]:
    """A row for each notebook and file: its points in both settings, and what was said of it."""
    course = sample_course(folder, CHAPTER, environment())
    for student in course.submitted.iterdir():
        if not student.name.startswith(ATTACKS):
            shutil.rmtree(student)
    usual, without = marked(course), marked(course, **{WITHOUT_NAMESPACES: "1"})
    rows = [
        "| In a notebook, or as a file | Points with namespaces | without | What was said |",
        "|---|---|---|---|",
    ]
    for (student, notebook), result in sorted(usual.items()):
        wrong = next((verdict.message for verdict in result.verdicts if not verdict.right), "")
        said = " ".join((result.unreadable or " ".join(result.notes) or wrong).split())[:110].replace("|", "/")
        points = (f"{one.points:g} of {one.max_points:g}" for one in (result, without[student, notebook]))
        rows.append(f"| {student}, {notebook} | {' | '.join(points)} | {said} |")
    return rows


def main() -> None:
    """Try them all."""
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        in_class = class_rows(Path(folder))
    with something_to_read():
        from_process = escape_rows()
    count = len(from_process) + len(in_class) - 4
    about = f"{count} attacks and accidents, tried by `python -m benchmarks.attacks`. {'. '.join(machine())}."
    how = (
        "An escape ends in the error that stands in its row; tests/test_wall.py says which errors mean that it was "
        "refused, and that without a wall it would have worked. It is refused by each of the layers named, alone: all "
        f"others were off. '{ALWAYS_THERE.capitalize()}' are there in every setting: limits, the guard that looks at "
        "memory, files and threads, and what an ordinary user without privileges may not do. A vandal hands in right "
        "answers and loses none of their points; a forger hands in none, and earns none."
    )
    RESULTS.write_text("\n".join(["# Attacks", "", about, "", how, "", *from_process, "", *in_class, ""]))
    print(RESULTS.read_text())


if __name__ == "__main__":
    main()
