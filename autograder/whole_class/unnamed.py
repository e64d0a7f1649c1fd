"""Wrong answers that no misconception explains, put together by what they do: each group could be a new one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..checking.diagnosis.findings import is_vague
from ..course.key import Key
from ..results.result import Result
from ..results.verdict import Verdict
from .tokens import names_in, shape

NOT_OF_INTEREST = ("manual", "blank", "unreadable", "misconception", "missing", "calls-a-wrong-one")
SAYS_ENOUGH = ("error", "ended", "visible-test")
"""What these say of an answer tells it from others, short as it is."""
MOST_READ = 300
"""Wrong answers to one question whose code is looked at."""


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

    Two belong together where the same telling thing was found of both, whatever numbers stand in the sentence, or where
    they are the same but for names, comments and layout: what is found may depend on the numbers drawn.
    """
    names = names_in(key.by_id[answer].released)
    groups = _Groups()
    for result in results:
        verdict = next((one for one in result.verdicts if one.grade_id == grade_id), None)
        if verdict is None or verdict.right or verdict.blames or verdict.kind in NOT_OF_INTEREST:
            continue
        marks = []
        if verdict.kind in SAYS_ENOUGH or not is_vague(verdict.message):
            marks.append(("found", verdict.kind, finding(verdict)))
        source = code(result).get(answer, "") if len(groups.members) < MOST_READ else ""
        if source:
            marks.append(("code", "", shape(source, names)))
        groups.add(Member(result.student, verdict, source), marks or [("alone", "", result.student)])
    found = []
    for members in groups.together():
        shown = next((member for member in members if member.code), members[0])
        students = tuple(member.student for member in members)
        found.append(Unnamed(shown.verdict.message, students, shown.code, shown.student))
    return sorted(found, key=lambda one: -len(one.students))


@dataclass(frozen=True)
class Member:
    """One wrong answer."""

    student: str
    verdict: Verdict
    code: str


class _Groups:
    """Members that share a mark, directly or through others."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self._parent: list[int] = []
        self._first: dict[tuple[str, str, str], int] = {}

    def add(self, member: Member, marks: list[tuple[str, str, str]]) -> None:
        self.members.append(member)
        self._parent.append(len(self._parent))
        for mark in marks:
            first = self._first.setdefault(mark, len(self._parent) - 1)
            one, other = sorted((self._root(first), self._root(len(self._parent) - 1)))
            self._parent[other] = one

    def _root(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def together(self) -> list[list[Member]]:
        found: dict[int, list[Member]] = {}
        for number, member in enumerate(self.members):
            found.setdefault(self._root(number), []).append(member)
        return list(found.values())


def finding(verdict: Verdict) -> str:
    """What was found, without the numbers of one student and without the lines of their code."""
    if verdict.kind == "error":
        lines = [line for line in verdict.message.splitlines() if not line.startswith("  in `")]
        return re.sub(r"\d+", "0", "\n".join(lines))
    return re.sub(r"\d+", "0", verdict.message)
