"""Feedback as one zip that a platform takes back and gives each student theirs.

**Moodle** (*Upload multiple feedback files in a zip*; the *Feedback files* type has to be on) looks, in each part of a
file's path, for "Full name_123456_assignsubmission_file", followed perhaps by an underscore and more; the number says
whose it is, what comes behind is the file's name. It stands so in the download of all submissions, as a folder or as
the beginning of a name; our file takes the same place. Source: moodle/moodle,
`mod/assign/feedback/file/importziplib.php`.

**Canvas** (*Upload submissions*, in the gradebook's menu of the assignment) finds the student and the handed-in file by
two numbers in the file's name, ignores what it does not know by them, and calls our file what it calls that one. So the
names stay exactly as they came, and since they end in .ipynb, so is what is in them: the feedback as a notebook.
Source: instructure/canvas-lms, `app/models/abstract_assignment.rb`, `infer_comment_context_from_filename`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import nbformat
from markupsafe import Markup

from ..course.folder import Course
from ..course.key import Key
from ..handed_in.platforms import Entry
from ..handed_in.submission import Unreadable, read_bytes
from ..pages.feedback import HEADLINES, answer_title, tested_cell
from ..results.records import Damaged, earlier_result
from ..results.result import Result
from .marks import ByHand

MOODLE_PART = re.compile(r"(?P<whose>[^_]*_\d+_assignsubmission_[a-z]+)(?P<rest>.*)", flags=re.DOTALL)
MOMENT = (2000, 1, 1, 0, 0, 0)
"""All files of a zip are from then: the same feedback makes the same zip."""


@dataclass
class Bundle:
    """A zip, and who is not in it."""

    data: bytes = b""
    files: int = 0
    students: set[str] = field(default_factory=set)
    left: dict[str, str] = field(default_factory=dict)
    """Entries of the download for which there is no feedback, and why."""


def bundle(
    course: Course,
    keys: dict[tuple[str, str], Key],
    entries: Iterable[Entry],
    by_hand: Mapping[tuple[str, str, str], list[ByHand]],
) -> Bundle:
    """The feedback on these files of one platform's download, each in the place where its file came from.

    `by_hand` is what a person has entered, by student, assignment and notebook: it stands first in the feedback.
    """
    made = Bundle()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        names = set()
        for one in entries:
            key = keys.get((one.assignment, one.notebook))
            name, why = _place(one)
            if key is None or (not why and name in names):
                why = why or ("its notebook is none of this course" if key is None else "another file goes there too")
            text = "" if why or key is None else _feedback(course, key, one, by_hand)
            if not text:
                made.left[one.entry] = why or "there is no feedback on it: run `python -m autograder grade`"
                continue
            names.add(name)
            file.writestr(zipfile.ZipInfo(name, MOMENT), text, zipfile.ZIP_DEFLATED)
            made.files += 1
            made.students.add(one.student)
    made.data = out.getvalue()
    return made


def _place(one: Entry) -> tuple[str, str]:
    """The path that our file has in the zip, and why it can have none."""
    path = PurePosixPath(one.entry)
    if path.is_absolute() or ".." in path.parts or "\\" in one.entry or not path.parts:
        return "", "its path leaves the download"
    if one.platform == "canvas":
        return path.name, "" if path.suffix == ".ipynb" else "it is no .ipynb file, and Canvas keeps its name"
    for number, part in enumerate(path.parts):
        if match := MOODLE_PART.fullmatch(part):
            folder = path.parts[: number + 1] if number + 1 < len(path.parts) else path.parts[:number]
            begins = "" if number + 1 < len(path.parts) else f"{match['whose']}_"
            return "/".join([*folder, f"{begins}{one.notebook}.html"]), ""
    return "", "its path does not say whose it is, as Moodle's downloads do"


def _feedback(course: Course, key: Key, one: Entry, by_hand: Mapping[tuple[str, str, str], list[ByHand]]) -> str:
    """The page, or on Canvas the notebook; "" where there is none."""
    entered = _in_order(key, by_hand.get((one.student, one.assignment, one.notebook), []))
    if one.platform == "canvas":
        try:
            result = earlier_result(course, one.student, key)
        except Damaged:
            return ""
        return "" if result is None else feedback_notebook(key, result, entered)
    try:
        path = course.feedback / one.student / one.assignment / f"{one.notebook}.html"
        page = read_bytes(path).decode()
    except Unreadable:
        return ""
    begins = re.search(r"<main[^>]*>", page)
    place = begins.end() if begins else 0
    return page[:place] + _section(key, entered) + page[place:]


def _in_order(key: Key, entered: list[ByHand]) -> list[ByHand]:
    """In the order of the notebook."""
    order = [*key.by_id]
    return sorted(entered, key=lambda one: order.index(one.grade_id) if one.grade_id in order else len(order))


def _title(key: Key, one: ByHand) -> str:
    cell = key.by_id.get(one.grade_id)
    return one.grade_id if cell is None else answer_title(tested_cell(key, cell) or cell)


def _says(one: ByHand) -> str:
    return "" if one.points is None else f"{one.points:g} of {one.max_points:g} points"


def _section(key: Key, entered: list[ByHand]) -> str:
    """What a person has entered, as a part of the page."""
    if not entered:
        return ""
    parts = [Markup("<section><h2>Marked by a person</h2>\n<p>This counts, whatever stands below.</p>\n<dl>\n")]
    for one in entered:
        lines = Markup("<br>").join(one.comment.splitlines())
        parts.append(Markup("<dt><code>{}</code> {}</dt>\n<dd>{}</dd>\n").format(_title(key, one), _says(one), lines))
    return str(Markup("").join([*parts, Markup("</dl></section>\n")]))


def feedback_notebook(key: Key, result: Result, entered: Iterable[ByHand] = ()) -> str:
    """What the feedback page says, as a notebook of text cells. What a student wrote is set as code, and is not run."""
    points = f"**{result.points:g} of {result.max_points:g} points**"
    lines = [result.late, *([f"Your file could not be marked. {result.unreadable}"] if result.unreadable else [])]
    cells = ["\n\n".join([f"# {key.title}: feedback", points, *filter(None, lines), *map(_literal, result.notes)])]
    for one in entered:
        cells.append(
            "\n\n".join(filter(None, [f"## Marked by a person: `{_title(key, one)}`", _says(one), one.comment]))
        )
    graded = [cell for cell in key.cells if cell.grade]
    for cell, verdict in zip(graded, result.verdicts, strict=True) if not result.unreadable else ():
        title = answer_title(tested_cell(key, cell) or cell)
        says = f"**{HEADLINES.get(verdict.kind, 'Not right yet')}**, {verdict.points:g} of {verdict.max_points:g}"
        cells.append("\n\n".join(filter(None, [f"## `{title}`", says, _literal(verdict.message)])))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(cell) for cell in cells])
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return nbformat.writes(notebook) + "\n"


def _literal(text: str) -> str:
    """`text` as a block in which nothing is Markdown: it may hold what a student wrote."""
    if not text:
        return ""
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text) or [""]))
    return f"{fence}text\n{text}\n{fence}"
