"""Wrong answers that no misconception explains, put together by what they do: each group could be a new one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..checking.diagnosis.findings import is_vague
from ..course.key import Key
from ..results.result import Result
from ..results.verdict import Verdict
from .code import given_names
from .tokens import shape

NOT_OF_INTEREST = ("manual", "blank", "unreadable", "misconception", "missing", "calls-a-wrong-one")
SAYS_ENOUGH = ("error", "ended", "visible-test")
"""What these say of an answer tells it from others, short as it is."""
MOST_READ = 300
"""Answers to one question whose code is looked at, where what is said of them does not tell them apart."""


@dataclass(frozen=True)
class Unnamed:
    """Students whose wrong answers do the same."""

    says: str
    """What the first of them was told."""
    students: tuple[str, ...]
    code: str
    """What one of them wrote."""
    example: str
    """Who that is."""


def groups(
    key: Key, grade_id: str, answer: str, results: list[Result], code: Callable[[Result], dict[str, str]]
) -> list[Unnamed]:
    """Groups of wrong answers to the question `grade_id`, the largest first. `answer` is the cell that it tests, and
    `code` gives what a student wrote, by cell.

    Answers of which something telling was found belong together where the same was found, whatever numbers stand in
    the sentence. Where nothing was, those do that are the same but for names, comments and layout.
    """
    names = given_names(key)
    together: dict[tuple[str, ...], list[tuple[Result, Verdict]]] = {}
    read = 0
    for result in results:
        verdict = next((one for one in result.verdicts if one.grade_id == grade_id), None)
        if verdict is None or verdict.right or verdict.blames or verdict.kind in NOT_OF_INTEREST:
            continue
        said = finding(verdict)
        if verdict.kind not in SAYS_ENOUGH and is_vague(verdict.message) and read < MOST_READ:
            read += 1
            said = shape(code(result).get(answer, ""), names)
        together.setdefault((verdict.kind, said), []).append((result, verdict))
    found = []
    for members in together.values():
        first, verdict = members[0]
        students = tuple(result.student for result, _ in members)
        found.append(Unnamed(verdict.message, students, code(first).get(answer, ""), first.student))
    return sorted(found, key=lambda one: (-len(one.students), one.says))


def finding(verdict: Verdict) -> str:
    """What was found, without the numbers of one student and without the lines of their code."""
    if verdict.kind == "error":
        lines = [line for line in verdict.message.splitlines() if not line.startswith("  in `")]
        return re.sub(r"\d+", "0", "\n".join(lines))
    return re.sub(r"\d+", "0", verdict.message)
