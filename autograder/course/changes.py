"""What a new release changes in an assignment that students have handed in already, and what that means for them.

What was released stands in nbgrader's gradebook: cells, points, tests. nbgrader itself refuses to add or remove a cell
once there are submissions; here it is said what that costs, and done where somebody wants it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    TaskCell,
)

from .database import open_gradebook
from .folder import Course
from .key import top_level_names

CHECKS = Path(__file__).parent.parent / "checks"
KINDS = (GradeCell, SolutionCell, SourceCell, TaskCell)
SAMPLE = ".sample"
"""A file in the folder of a student whom `sample` has made up."""


@dataclass
class NotebookChanges:
    """What changes in one notebook."""

    notebook: str
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    """Cells that are the same under another name, by the old one."""
    points: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Before and after, by the new name."""
    tests: list[str] = field(default_factory=list)
    """Tests whose code differs."""
    check: bool = False
    """Whether the module in autograder/checks/ differs from the one at the last release."""
    by_hand: dict[str, int] = field(default_factory=dict)
    """How many students have a mark from a person in a cell that goes."""

    @property
    def cells(self) -> bool:
        """Whether cells come, go or are called otherwise."""
        return bool(self.added or self.removed or self.renamed)

    def __bool__(self) -> bool:
        return self.cells or bool(self.points or self.tests or self.check)


@dataclass
class Changes:
    """What a release of an assignment changes."""

    assignment: str
    students: list[str] = field(default_factory=list)
    """Who has handed something in."""
    by_hand: int = 0
    """How many of them have a mark that a person has entered."""
    notebooks: list[NotebookChanges] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    """Notebooks that were released and are no more."""

    @property
    def matter(self) -> bool:
        """Whether anybody's marks or work are touched."""
        return bool(self.students and (self.notebooks or self.gone))

    def told(self) -> list[str]:
        """What changes, and what it means, in sentences."""
        lines = []
        for one in self.notebooks:
            where = f"{self.assignment}/{one.notebook}"
            lines += [f"{where}: {old} is called {new} now. Marks move with it." for old, new in one.renamed.items()]
            for name in one.added:
                lines.append(f"{where}: {name} is new. Who has handed in has no answer to it, and no points for it.")
            for name in one.removed:
                lost = one.by_hand.get(name, 0)
                hand = f" {lost} marks that a person has entered there are lost." if lost else ""
                lines.append(f"{where}: {name} is gone, and with it its points.{hand}")
            lines += [f"{where}: {name} has {new:g} points, not {old:g}." for name, (old, new) in one.points.items()]
            if one.tests:
                lines.append(f"{where}: {', '.join(one.tests)} tests otherwise than before.")
            if one.check:
                lines.append(f"{where}: its checks have changed (autograder/checks/{where}.py).")
        lines += [
            f"{self.assignment}/{name} is released no more; its marks stay in the gradebook." for name in self.gone
        ]
        return [*lines, *self._meaning()]

    def _meaning(self) -> list[str]:
        count = len(self.students)
        who = f"{count} student{'s have' if count > 1 else ' has'} handed in {self.assignment}."
        lines = [f"{who} The next `grade` marks that anew: marks may rise or fall."]
        if self.by_hand:
            lines.append(
                f"What a person has entered for {self.by_hand} of them stays, but for the cells that are gone, and is "
                "shown in the formgrader for another look."
            )
        if any(one.points for one in self.notebooks):
            lines.append("A mark from a person stays as it is where points change: look whether it still fits.")
        if any(one.cells for one in self.notebooks):
            lines.append(
                "Notebooks under way can still be handed in: a cell that they lack is put back, empty where it is an "
                "answer; one that is called otherwise is known by the function in it. Tell students to fetch the new."
            )
        elif any(one.tests for one in self.notebooks):
            lines.append("Notebooks under way stay valid: they are marked with the new tests, whatever they show.")
        return lines


def changes(course: Course, assignment: str) -> Changes:
    """What a release would change now; nothing where nobody has handed anything in."""
    found = Changes(assignment, handed_in(course, assignment))
    if not found.students:
        return found
    before = _check_digests(course)
    with open_gradebook(course) as book:
        known = book.db.query(Assignment).filter(Assignment.name == assignment).one_or_none()
        old = {notebook.name: notebook for notebook in known.notebooks} if known else {}
        paths = {path.stem: path for path in sorted((course.solutions / assignment).glob("*.ipynb"))}
        found.gone = sorted(set(old) - set(paths)) if known else []
        marked: set[str] = set()
        for name in sorted(set(old) & set(paths)):
            hands = _by_hand(old[name])
            marked |= {student for students in hands.values() for student in students}
            one = _compare(old[name], _cells(paths[name]))
            one.by_hand = {cell: len(hands[cell]) for cell in one.removed if cell in hands}
            where = f"{assignment}/{name}"
            one.check = before.get(where, _digest(where)) != _digest(where)
            if one:
                found.notebooks.append(one)
        found.by_hand = len(marked & set(found.students))
    return found


def make_room(course: Course, found: Changes) -> Path | None:
    """Have the gradebook know cells that come, and forget those that go, with their marks.

    Returns the copy of an SQLite gradebook as it was before; None where nothing had to change, or where another
    database has copies of its own.
    """
    if not any(one.cells for one in found.notebooks):
        return None
    copy = _copied(course)
    with open_gradebook(course) as book:
        for one in found.notebooks:
            notebook = book.find_notebook(one.notebook, found.assignment)
            cells = _cells(course.solutions / found.assignment / f"{one.notebook}.ipynb")
            for kind in KINDS:
                rows = {row.name: row for row in book.db.query(kind).filter(kind.notebook_id == notebook.id)}
                for old, new in one.renamed.items():
                    if old in rows:
                        rows[old].name = new
                for name in one.removed:
                    if name in rows:
                        for marked in (Grade, Comment):
                            book.db.query(marked).filter(marked.cell_id == rows[name].id).delete()
                        book.db.delete(rows[name])
            book.db.commit()
            for name in one.added:
                _add(book, name, cells[name], one.notebook, found.assignment)
    return copy


def remember_checks(course: Course, assignment: str) -> None:
    """Keep which checks an assignment was released with."""
    kept = _check_digests(course)
    for path in (course.solutions / assignment).glob("*.ipynb"):
        kept[f"{assignment}/{path.stem}"] = _digest(f"{assignment}/{path.stem}")
    path = course.grading / "released.json"
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(".released.json.tmp")
    temporary.write_text(json.dumps(kept, indent=1, sort_keys=True))
    temporary.replace(path)


def handed_in(course: Course, assignment: str) -> list[str]:
    """Real students, none of the sample's, who have handed something in."""
    folders = (path.parent for path in course.submitted.glob(f"*/{assignment}") if path.is_dir())
    return sorted(folder.name for folder in folders if not (folder / SAMPLE).exists())


def _compare(old: Notebook, new: dict[str, NotebookNode]) -> NotebookChanges:
    found = NotebookChanges(old.name)
    sources = {cell.name: cell for cell in old.source_cells}
    answers = {cell.name for cell in old.solution_cells}
    points = {cell.name: float(cell.max_score) for cell in (*old.grade_cells, *old.task_cells)}
    known = set(sources) | answers | set(points)
    gone = [cell.name for cell in old.source_cells if cell.name not in new] + sorted(known - set(sources) - set(new))
    come = [name for name in new if name not in known]
    for name in gone:
        source = str(sources[name].source) if name in sources else ""
        same = [other for other in come if _same(name in answers, source, new[other])]
        if len(same) == 1:
            found.renamed[name] = same[0]
            come.remove(same[0])
        else:
            found.removed.append(name)
    found.added = come
    for old_name in known - set(found.removed):
        name = found.renamed.get(old_name, old_name)
        meta = new[name].metadata.nbgrader
        now = float(meta.get("points") or 0)
        if (meta.get("grade") or old_name in points) and points.get(old_name, 0.0) != now:
            found.points[name] = (points.get(old_name, 0.0), now)
        test = meta.get("grade") and not meta.get("solution") and new[name].cell_type == "code"
        if test and old_name in sources and sources[old_name].source != new[name].source:
            found.tests.append(name)
    found.tests.sort(key=list(new).index)
    return found


def _same(answer: bool, source: str, new: NotebookNode) -> bool:
    """Whether a cell is the same under another name: a test by its code, an answer by the function that it asks for.

    One text to be answered looks like any other: of those nobody can tell.
    """
    if bool(new.metadata.nbgrader.get("solution")) != answer or not source.strip():
        return False
    if not answer:
        return bool(new.source == source)
    names = top_level_names(source) if new.cell_type == "code" else set()
    return bool(names) and names == top_level_names(new.source)


def _cells(path: Path) -> dict[str, NotebookNode]:
    """The cells of a notebook that nbgrader knows, by grade_id."""
    cells = nbformat.read(path, as_version=4).cells
    named = ((str(cell.metadata.get("nbgrader", {}).get("grade_id") or ""), cell) for cell in cells)
    kept = ("grade", "solution", "locked", "task")
    return {name: cell for name, cell in named if name and any(cell.metadata.nbgrader.get(key) for key in kept)}


def _by_hand(notebook: Notebook) -> dict[str, set[str]]:
    """Who has a mark from a person, by cell."""
    found: dict[str, set[str]] = {}
    for submission in notebook.submissions:
        for grade in submission.grades:
            if grade.manual_score is not None:
                found.setdefault(str(grade.cell.name), set()).add(str(submission.assignment.student_id))
    return found


def _add(book: Gradebook, name: str, cell: NotebookNode, notebook: str, assignment: str) -> BaseCell:
    """Enter a new cell as nbgrader would, were there no submissions. Its source is entered by the release itself."""
    meta = cell.metadata.nbgrader
    points = float(meta.get("points") or 0)
    if meta.get("grade"):
        book.add_grade_cell(name, notebook, assignment, max_score=points, cell_type=cell.cell_type)
    if meta.get("task"):
        book.add_task_cell(name, notebook, assignment, max_score=points, cell_type=cell.cell_type)
    if meta.get("solution"):
        book.add_solution_cell(name, notebook, assignment)
    return book.add_source_cell(name, notebook, assignment, cell_type=cell.cell_type)


def _copied(course: Course) -> Path | None:
    prefix = "sqlite:///"
    if not course.db_url.startswith(prefix):
        return None
    path = Path(course.db_url.removeprefix(prefix))
    copies = (path.with_name(f"{path.stem}-before-release-{n}{path.suffix}") for n in range(1, 10_000))
    copy = next(one for one in copies if not one.exists())
    shutil.copy2(path, copy)
    return copy


def _check_digests(course: Course) -> dict[str, str]:
    try:
        kept = json.loads((course.grading / "released.json").read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(digest) for name, digest in kept.items()} if isinstance(kept, dict) else {}


def _digest(where: str) -> str:
    """Of the checks of ASSIGNMENT/NOTEBOOK; of nothing where it has none."""
    path = CHECKS / f"{where}.py"
    return hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest()
