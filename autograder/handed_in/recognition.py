"""Tells by what is in it which notebook of which assignment a file is. What it is called comes second.

An exercise is known by its cells: their grade_ids, their cell ids, their text as released, and the names that answers
define. What several exercises share (`imports`, say) counts little. A notebook that lost its metadata keeps its text;
one that is cut off keeps the grade_ids in it.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..course.folder import Course
from ..course.key import Key
from .submission import MAX_CELLS, Unreadable, raw_cells, source_of, stripped

Where = tuple[str, str]
"""Assignment and notebook."""
KINDS = ("grade", "cell", "text", "defines")
ENOUGH = 0.25
"""Of an exercise's marks of one kind, weighed: a file with these is that exercise."""
WORDS = 0.15
"""Of its text, in any case: ids such as `count-parameters` stand in other courses' notebooks too."""
APART = 1.5
"""How many times more it must have of one exercise than of any other."""
Marks = dict[str, frozenset[str]]
"""What a notebook is known by, kind by kind."""


@dataclass(frozen=True)
class Seen:
    """What a file is."""

    where: Where | None
    """The exercise that it is, by its content."""
    why: str = ""
    """Where there is none: why."""
    notebook: bool = True
    """Whether it is a notebook at all, or was one."""
    readable: bool = True
    code: str = ""
    """A digest of what the student wrote, outputs and blank lines left out; "" where nothing is written yet."""


class Exercises:
    """All exercises, as students got them."""

    def __init__(self, course: Course, keys: Mapping[Where, Key]) -> None:
        self._marks: dict[Where, Marks] = {}
        released: set[str] = set()
        for where, key in keys.items():
            cells = raw_cells((course.exercises / key.assignment / f"{key.notebook}.ipynb").read_bytes())
            found = marks(cells)
            answers = {name for cell in key.cells if cell.solution for name in cell.defines}
            self._marks[where] = {**found, "defines": frozenset(answers)}
            released |= {_laid_out(source_of(cell)) for cell in cells}
        self._released = released
        counts = {kind: Counter(m for one in self._marks.values() for m in one[kind]) for kind in KINDS}
        self._weight = {kind: {mark: 1 / count**2 for mark, count in counts[kind].items()} for kind in KINDS}

    def see(self, data: bytes, name: str) -> Seen:
        """What the bytes of a file called `name` are."""
        called = name.lower().endswith(".ipynb")
        if not called and not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return Seen(None, "It is no notebook.", notebook=False)
        try:
            cells = raw_cells(data)[:MAX_CELLS]
        except Unreadable as error:
            ids = re.findall(rb'"grade_id"\s*:\s*"([^"\\\r\n]{1,200})"', data)
            found = frozenset(one.decode("utf-8", "replace") for one in ids)
            where = self._known({kind: found if kind == "grade" else frozenset() for kind in KINDS})
            return Seen(where, str(error), notebook=called or where is not None, readable=False)
        where = self._known(marks(cells))
        why = "" if where else "Its cells are not those of one of the exercises."
        return Seen(where, why, notebook=called or where is not None, code=self._code(cells))

    def _known(self, found: Marks) -> Where | None:
        scores: dict[Where, float] = {}
        for where, marks_of in self._marks.items():
            shares = {kind: self._share(kind, found[kind], marks_of[kind]) for kind in KINDS}
            scores[where] = max(shares.values()) if shares["text"] >= WORDS or not found["text"] else 0.0
        if not scores:
            return None
        first, second = [*sorted(scores.values(), reverse=True), 0.0][:2]
        if first < ENOUGH or first < APART * second:
            return None
        return max(scores, key=lambda where: scores[where])

    def _share(self, kind: str, found: frozenset[str], wanted: frozenset[str]) -> float:
        """How much of an exercise's marks of one kind a file has: at most 1."""
        weight = self._weight[kind]
        whole = sum(weight[mark] for mark in wanted)
        return sum(weight[mark] for mark in wanted & found) / whole if whole else 0.0

    def _code(self, cells: list[dict[str, Any]]) -> str:
        own = [_laid_out(source_of(cell)) for cell in cells]
        written = [text for text in own if text and text not in self._released]
        return hashlib.sha256("\0".join(written).encode()).hexdigest() if written else ""


def marks(cells: list[dict[str, Any]]) -> Marks:
    """What a notebook is known by."""
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for cell in cells:
        metadata = cell.get("metadata")
        nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
        for kind, mark in (("grade", grade_id), ("cell", cell.get("id"))):
            if isinstance(mark, str) and mark:
                found[kind].add(mark)
        if text := _laid_out(source_of(cell)):
            found["text"].add(text)
        # No parser: a cell may be made to take one minutes.
        found["defines"].update(re.findall(r"^(?:def|class)\s+(\w+)", text, re.MULTILINE))
        found["defines"].update(re.findall(r"^(\w+)\s*(?:=|:\s*\w+\s*=)", text, re.MULTILINE))
    return {kind: frozenset(one) for kind, one in found.items()}


def _laid_out(source: str) -> str:
    """A cell's text without what a formatter or an editor changes at the ends of lines and in blank ones."""
    return "\n".join(line for line in stripped(source).splitlines() if line.strip())


# --- names, the second hint ---


def by_name(path: Iterable[str], known: Iterable[Where], expected: str) -> Where | None:
    """The exercise that a file's path names, if one alone does. `expected` is the assignment that its download is
    of."""
    *folders, name = path
    words = set(re.split(r"[^a-z0-9]+", name.lower().removesuffix(".ipynb")))
    around = {word for part in folders for word in re.split(r"[^a-z0-9]+", part.lower())}
    called = [where for where in known if where[1].lower() in words]
    for hints in (words, around, {expected.lower()}):
        if len(called) > 1:
            called = [where for where in called if where[0].lower() in hints] or called
    return called[0] if len(called) == 1 else None


def attempt_of(name: str) -> int:
    """The number that a platform, a browser or Jupyter put behind a name that was there before: "gates-2", "gates
    (2)"."""
    stem = name.rsplit(".", 1)[0]
    found = re.search(r"(?:-|\s*\(|-Copy)(\d{1,3})\)?$", stem)
    return int(found[1]) if found else 0
