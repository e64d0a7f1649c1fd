"""Answers that are alike beyond what is likely. Similarity is not proof: it says where a person may want to look.

Right answers of three lines are alike by nature. So what counts is only what is rare: parts of an answer (fingerprints
of some two lines each, names set aside) that hardly anyone else in the class has, and that stand neither in the
released notebook nor in an answer that the course itself knows, right or wrong. An index of the parts finds those who
share many, so that not all are compared with all. For these few RapidFuzz says how much of the whole agrees.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz.distance import Indel

from ..checking.written import written
from ..checks import notebook_checks
from ..course.key import Key
from .tokens import fingerprints, tokens

CLASS = 10
"""In a smaller class nothing is rare."""
FEWEST, MOST, SHARE = 3, 8, 0.1
"""So many students at most have a part that is called rare: SHARE of the class, within FEWEST and MOST."""
SHARED = 30
"""Rare parts that two students share at least, in all answers together: some eighty tokens, which is eight lines or
more. A right answer of three to five lines has up to twenty parts, and two may well come to the same."""
OF_BOTH = 0.5
"""And at least so much of the rare parts of an answer, of the one that has fewer."""
MOST_PARTS = 400
"""Parts of one student's answer that are looked at."""

Code = Mapping[str, str]
"""What a student wrote, by cell."""


@dataclass(frozen=True)
class Alike:
    """Two students, and the answer in which they agree most."""

    one: str
    other: str
    answers: tuple[str, ...]
    """The answer cells in which they are alike, the most telling first."""
    shared: int
    """Rare parts that both have."""
    agreement: float
    """Share of the tokens of the first of these answers that agree, in their order. For a person to read: who puts much
    of their own around a copied part has a low one."""
    codes: tuple[str, str]
    """What both wrote there."""


@dataclass(frozen=True)
class _Answer:
    row: list[str]
    parts: frozenset[int]


def alike(key: Key, handed_in: Iterable[tuple[str, Code]]) -> list[Alike]:
    """The pairs of students whose answers in one notebook are alike beyond what is likely, the most telling first."""
    known = known_parts(key)
    students: dict[str, dict[str, _Answer]] = {}
    codes: dict[str, Code] = {}
    for student, code in handed_in:
        codes[student] = code
        students[student] = {cell: _answer(text, known) for cell, text in code.items()}
    if len(students) < CLASS:
        return []
    rare = min(max(FEWEST, int(len(students) * SHARE)), MOST)
    owners: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for student, answers in students.items():
        for cell, answer in answers.items():
            for part in answer.parts:
                owners[cell, part].append(student)
    own: Counter[tuple[str, str]] = Counter()
    together: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (cell, _), who in owners.items():
        if len(who) <= rare:
            own.update((student, cell) for student in who)
            for pair in combinations(sorted(who), 2):
                together[pair][cell] += 1
    found = []
    for (one, other), shared in together.items():
        if shared.total() < SHARED:
            continue
        cells = [
            cell for cell, count in shared.most_common() if count >= OF_BOTH * min(own[one, cell], own[other, cell])
        ]
        if sum(shared[cell] for cell in cells) >= SHARED:
            rows = (students[one][cells[0]].row, students[other][cells[0]].row)
            agreement = Indel.normalized_similarity(*rows)
            both = (codes[one][cells[0]], codes[other][cells[0]])
            found.append(Alike(one, other, tuple(cells), sum(shared[cell] for cell in cells), agreement, both))
    return sorted(found, key=lambda pair: (-pair.shared, pair.one, pair.other))


def _answer(code: str, known: frozenset[int]) -> _Answer:
    row = tokens(code)
    parts = fingerprints(row) - known
    return _Answer(row, parts if len(parts) <= MOST_PARTS else frozenset(sorted(parts)[:MOST_PARTS]))


def known_parts(key: Key) -> frozenset[int]:
    """Parts that prove nothing: of the released notebook, the solution, and every right and wrong way in its checks."""
    texts = [text for cell in key.cells if cell.cell_type == "code" for text in (cell.released, cell.source)]
    for name, check in notebook_checks(key.assignment, key.notebook).items():
        ways: list[Callable[..., object]] = list(getattr(check, "also_right", ()))
        ways += [one.wrong for one in check.misconceptions if callable(one.wrong)]
        texts += [source_of(way, name) for way in ways]
    return frozenset().union(*(fingerprints(tokens(text)) for text in texts))


def source_of(way: Callable[..., object], name: str) -> str:
    """The code of a way that a check declares, as a student would write it."""
    return ast.unparse(written(way, name))
