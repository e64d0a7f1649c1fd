"""What a result depends on, in named parts: what has changed is marked again, and the reason can be said in words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import astuple
from datetime import datetime
from functools import cache
from pathlib import Path

from ..course.folder import Course
from ..course.key import Key
from ..judge.judge import Timeouts
from ..results.records import Damaged, earlier_result, page
from ..results.result import Result

PACKAGE = Path(__file__).parent.parent
CHECKS = PACKAGE / "checks"
NO_MARK_DEPENDS_ON = ("commands", "sample", "handed_out")
"""Rooms above the one that marks."""

FIRST = "handed in for the first time"
WORDS = {
    "submission": "a new version was handed in",
    "date": "the date of handing in changed",
    "late": "what lateness costs changed",
    "exercise": "the notebook {exercise} changed",
    "checks": "the checks of {exercise} changed",
    "timeouts": "the time limits changed",
    "slips_cost_once": "c.Judge.slips_cost_once changed",
    "all_cells": "c.Judge.all_cells changed",
    "site_url": "the book's address changed",
    "judge": "the judge's code changed",
}
"""The parts, and what is said where one has changed."""


def fingerprint(
    course: Course,
    key: Key,
    timeouts: Timeouts | None,
    data: bytes | None,
    said: Iterable[str],
    handed_in: datetime | None,
    late: str = "",
) -> dict[str, str]:
    """The parts on which the result depends for a file of these bytes, of which `said` has been said.

    `late` is what lateness costs, in words.
    """
    file = hashlib.sha256("\0".join(said).encode() + b"\0" + (data or b""))
    return {
        "submission": file.hexdigest(),
        "date": str(handed_in),
        "late": late,
        "exercise": key.digest,
        "checks": checks_digest(key.assignment, key.notebook),
        "timeouts": str(astuple(timeouts or Timeouts.usual(key))),
        "slips_cost_once": str(course.slips_cost_once),
        "all_cells": str(course.all_cells),
        "site_url": course.site_url,
        "judge": judge_digest(),
    }


def earlier(course: Course, student: str, key: Key, parts: dict[str, str], *, force: bool) -> tuple[Result | None, str]:
    """The result of an earlier run where it still holds, else None and the reason in words."""
    made = page(course, student, key).exists()
    try:
        result = earlier_result(course, student, key)
    except Damaged:
        return None, "the record was damaged"
    if result is None:
        return None, "the record was missing" if made else FIRST
    if force:
        return None, "asked for by --force"
    if result.unreadable and not result.made_of:
        return None, "the judge failed on it before"
    if set(result.made_of) != set(parts):
        return None, "marked by an earlier version of the autograder"
    changed = [WORDS[name] for name in WORDS if result.made_of[name] != parts[name]]
    if changed:
        return None, " and ".join(changed).format(exercise=f"{key.assignment}/{key.notebook}")
    return (result, "") if made else (None, "the page for the student was missing")


@cache
def checks_digest(chapter: str, notebook: str) -> str:
    """Changes with the checks of one notebook, and with what they take from other checks."""
    return digest_of(checks_sources(chapter, notebook))


def checks_sources(chapter: str, notebook: str) -> list[Path]:
    """The files below checks/ that the checks of one notebook are made of; none where it has no checks."""
    todo, found = [CHECKS / chapter / f"{notebook}.py"], set[Path]()
    while todo:
        path = todo.pop()
        if path in found or not path.is_file() or CHECKS not in path.parents:
            continue
        found.add(path)
        for dots, module in re.findall(r"^\s*from (\.+)([\w.]+) import\b", path.read_text(), flags=re.MULTILINE):
            todo.append(path.parents[len(dots) - 1].joinpath(*module.split(".")).with_suffix(".py"))
    return sorted(found)


@cache
def judge_digest() -> str:
    """Changes with all other code that a mark or a page for a student may depend on."""
    paths = (path for path in PACKAGE.glob("**/*.*") if path.suffix in (".py", ".j2", ".css"))
    return digest_of(
        path
        for path in sorted(paths)
        if CHECKS not in path.parent.parents and path.relative_to(PACKAGE).parts[0] not in NO_MARK_DEPENDS_ON
    )


def digest_of(paths: Iterable[Path]) -> str:
    """Changes with what is in these files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
