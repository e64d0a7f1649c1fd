"""What the instructor reads: how the class did, what it has not understood, and which submissions need a look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

import numpy as np
from markupsafe import Markup

from ..course.folder import Course
from ..course.key import Key, KeyCell
from ..course.sections import section_title, section_url
from ..course.spreadsheet import table as spreadsheet
from ..results.records import write_atomically
from ..results.result import Result
from ..results.verdict import Verdict
from ..whole_class.attempts import changes
from ..whole_class.code import answers
from ..whole_class.questions import ENOUGH, Measured, histogram, measure
from ..whole_class.unnamed import Unnamed, groups
from .feedback import answer_title, environment, tested_cell
from .pictures import histogram as drawn
from .pictures import strip

NAMES = 60
"""Students that are named in one place; the page says how many more there are."""
SECTIONS = 6
GROUPS = 8
"""Groups of wrong answers without a name that are shown for one question."""
ROWS = 200
"""Rows of a table."""
EXCERPT = 30
"""Lines of an example, LINE characters each."""
LINE = 160
SLOWER = 3
"""A notebook is called slow that took so many times as long as half of the class."""


SLOWLY = "Marking took far longer than for most of the class."


@dataclass(frozen=True)
class Misunderstanding:
    """One misconception, and who has it."""

    name: str
    says: str
    link: str
    link_text: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class Gap:
    """A section of the book that some students have not understood."""

    title: str
    link: str
    students: int
    examples: tuple[tuple[str, str, int], ...]
    """The answer, what they think, and how many of them think it."""


@dataclass(frozen=True)
class Question:
    """How the class did on one graded answer."""

    title: str
    anchor: str
    right: int
    blank: int
    wrong: int
    carried: int
    """Right for the student's own wrong function that it calls: it has its points."""
    consequence: int
    """Not right because an answer that it calls is wrong."""
    misunderstandings: tuple[Misunderstanding, ...]
    unnamed: tuple[Unnamed, ...]
    """Mistakes that match no known misconception."""
    waiting: int = 0
    """Answers that a person marks."""
    measured: Measured | None = None
    """None while a person has answers to mark: there are no points yet to measure."""

    @property
    def strip(self) -> Markup:
        """The class in a picture."""
        assert self.measured is not None
        return strip(self.measured.columns, self.measured.share)


@dataclass(frozen=True)
class Summary:
    """One notebook of the whole class."""

    key: Key
    submissions: int
    missing: int
    mean: float
    median: float
    questions: tuple[Question, ...]
    shares: tuple[float, ...] = ()
    """Each student's share of the points that wait for nobody."""

    @property
    def anchor(self) -> str:
        """Where it stands on the page."""
        return f"{self.key.assignment}-{self.key.notebook}"

    @property
    def picture(self) -> Markup:
        """The distribution of points."""
        return drawn(histogram(list(self.shares)), f"{len(self.shares)} notebooks")

    @property
    def to_look_at(self) -> list[Question]:
        """The questions that numbers point out."""
        return [question for question in self.questions if question.measured and question.measured.remark]


@dataclass
class Attention:
    """One thing that the instructor should look at, and in whose notebooks."""

    title: str
    why: str
    where: list[tuple[str, str]] = field(default_factory=list)
    """Student and notebook."""

    @property
    def size(self) -> int:
        """How many notebooks."""
        return len(self.where)


@dataclass(frozen=True)
class Pair:
    """Two students whose answers in one notebook are alike."""

    notebook: str
    one: str
    other: str
    answers: str
    shared: int
    agreement: float
    sides: tuple[str, str]


def summarise(
    key: Key,
    results: list[Result],
    site_url: str,
    code: Callable[[Result], dict[str, str]] = lambda result: {},
) -> Summary:
    """The class's results on one notebook. `code` reads what a student wrote, by answer cell."""
    handed_in = [result for result in results if not result.missing]
    readable = [result for result in handed_in if not result.unreadable]
    graded = [cell for cell in key.cells if cell.grade]
    verdicts = [{verdict.grade_id: verdict for verdict in result.verdicts} for result in readable]
    # A record of an older exercise may lack a question.
    complete = [found for found in verdicts if all(cell.grade_id in found for cell in graded)]
    by_person = [cell.manually_graded for cell in graded]
    points = np.array(
        [
            [0.0 if by_hand else found[cell.grade_id].points for cell, by_hand in zip(graded, by_person, strict=True)]
            for found in complete
        ]
    ).reshape(len(complete), len(graded))
    measured = measure(points, np.array([cell.points for cell in graded]))
    questions = tuple(
        question(
            key,
            cell,
            readable,
            [found.get(cell.grade_id) for found in verdicts],
            None if by_hand else numbers,
            site_url,
            code,
        )
        for cell, by_hand, numbers in zip(graded, by_person, measured, strict=True)
    )
    had = [result.points for result in handed_in]
    shares = tuple(
        share for one in handed_in if (share := share_of(one.points, key.max_points - one.waiting)) is not None
    )
    missing = len(results) - len(handed_in)
    return Summary(key, len(handed_in), missing, mean(had or [0.0]), median(had or [0.0]), questions, shares)


def question(
    key: Key,
    cell: KeyCell,
    readable: list[Result],
    verdicts: list[Verdict | None],
    measured: Measured | None,
    site_url: str,
    code: Callable[[Result], dict[str, str]],
) -> Question:
    """How the class did on one graded cell."""
    kinds: Counter[str] = Counter()
    named: dict[str, list[tuple[str, Verdict]]] = {}
    for result, verdict in zip(readable, verdicts, strict=True):
        if verdict is None:
            continue
        if verdict.kind in ("right", "carried", "blank", "manual"):
            kinds[verdict.kind] += 1
        elif verdict.blames:
            kinds["consequence"] += 1
        else:
            kinds["wrong"] += 1
            if verdict.misconception:
                named.setdefault(verdict.misconception, []).append((result.student, verdict))
    tested = tested_cell(key, cell) or cell
    return Question(
        answer_title(tested),
        f"{key.assignment}-{key.notebook}-{cell.grade_id}",
        kinds["right"],
        kinds["blank"],
        kinds["wrong"],
        kinds["carried"],
        kinds["consequence"],
        tuple(
            Misunderstanding(
                name,
                min((verdict.message for _, verdict in cases), key=len),  # without what holds of one student's alone
                section_url(cases[0][1].section, site_url),
                section_title(cases[0][1].section),
                tuple(student for student, _ in cases),
            )
            for name, cases in sorted(named.items(), key=lambda item: (-len(item[1]), item[0]))
        ),
        tuple(groups(key, cell.grade_id, tested.grade_id, readable, code)),
        kinds["manual"],
        measured,
    )


def gaps(summaries: list[Summary]) -> list[Gap]:
    """The sections of the book, those first that most students should read again."""
    by_section: dict[tuple[str, str], list[tuple[str, Misunderstanding]]] = {}
    for asked in (asked for summary in summaries for asked in summary.questions):
        for one in asked.misunderstandings:
            by_section.setdefault((one.link_text, one.link), []).append((asked.title, one))
    found = []
    for (title, link), cases in by_section.items():
        students = {student for _, one in cases for student in one.students}
        cases.sort(key=lambda case: -len(case[1].students))
        examples = tuple((answer, one.says, len(one.students)) for answer, one in cases)
        found.append(Gap(title, link, len(students), examples))
    return sorted(found, key=lambda gap: (-gap.students, gap.title))


def attention(results: list[Result]) -> list[tuple[Result, str]]:
    """What the instructor should look at, and why: what could not be marked first."""
    return [(result, why) for _, result, why in outliers(results)]


def outliers(results: list[Result]) -> list[tuple[str, Result, str]]:
    """The same, each with what kind of thing it is. A note stands beside the others of its notebook."""
    found = [("Not marked", r, r.unreadable) for r in results if r.unreadable and not r.missing]
    by_notebook: dict[tuple[str, str], list[int]] = {}
    for result in results:
        if not result.unreadable:
            by_notebook.setdefault((result.assignment, result.notebook), []).append(result.slow)
    usual = {where: median(times) for where, times in by_notebook.items()}
    readable = [result for result in results if not result.unreadable]
    for result in readable:
        ended = [verdict.message for verdict in result.verdicts if verdict.kind == "ended"]
        found += [("Ended or over a limit", result, reason) for reason in ended[:1]]
    for result in readable:
        if result.slow > SLOWER * usual[result.assignment, result.notebook]:
            found.append(("Slow", result, SLOWLY))
    return found + [("About the file", result, note) for result in readable for note in result.notes]


def grouped(found: list[tuple[str, Result, str]]) -> dict[str, list[Attention]]:
    """What is said of several notebooks is said once, whichever cells it names. By kind, in the order of `found`."""
    together: dict[tuple[str, str], Attention] = {}
    for title, result, why in found:
        said = SLOWLY if title == "Slow" else re.sub(r"`[^`]*`", "`…`", why) if title == "About the file" else why
        one = together.setdefault((title, said), Attention(title, said))
        seconds = f" ({result.slow} s)" if title == "Slow" else ""
        where = (result.student, f"{result.assignment}/{result.notebook}{seconds}")
        if where not in one.where[-1:]:
            one.where.append(where)
    by_title: dict[str, list[Attention]] = {}
    for one in together.values():
        by_title.setdefault(one.title, []).append(one)
    return by_title


def write_reports(
    course: Course,
    keys: dict[tuple[str, str], Key],
    results: list[Result],
    pairs: list[Pair] | None = None,
) -> list[Path]:
    """Write reports/index.html, marks.csv and mistakes.csv; return the paths of the first two.

    `pairs` are answers that are alike, None where nobody has looked for them.
    """
    results = sorted(results, key=lambda result: (result.student, result.assignment, result.notebook))
    by_notebook: dict[tuple[str, str], list[Result]] = {where: [] for where in keys}
    for result in results:
        by_notebook[result.assignment, result.notebook].append(result)

    read: dict[tuple[str, str, str], dict[str, str]] = {}

    def code(result: Result) -> dict[str, str]:
        whose = (result.student, result.assignment, result.notebook)
        if whose not in read:
            read[whose] = answers(course, result, keys[whose[1:]])
        return read[whose]

    summaries = [
        summarise(key, by_notebook[where], course.site_url, code)
        for where, key in keys.items()
        if any(not result.missing for result in by_notebook[where])
    ]
    students = totals(results)
    page = (
        environment()
        .get_template("report.html.j2")
        .render(
            summaries=summaries,
            gaps=gaps(summaries),
            attention=grouped(outliers(results)),
            to_look_at=len({id(result) for _, result, _ in outliers(results)}),
            students=students,
            everybody=drawn(
                histogram([one.share for one in students if one.notebooks and one.share is not None]), "all students"
            ),
            notebooks=sum(one.notebooks for one in students),
            waiting=sum(question.waiting for summary in summaries for question in summary.questions),
            changes=changes(results),
            pairs=pairs,
            excerpt=excerpt,
            limits={"names": NAMES, "sections": SECTIONS, "groups": GROUPS, "rows": ROWS, "enough": ENOUGH},
            left_out=len(keys) - len(summaries),
        )
    )
    index, table = course.reports / "index.html", course.reports / "marks.csv"
    write_atomically(index, page)
    write_atomically(table, marks_csv(results))
    write_atomically(course.reports / "mistakes.csv", mistakes_csv(keys, results))
    if pairs is not None:
        write_atomically(course.reports / "similar.csv", similar_csv(pairs))
    return [index, table]


@dataclass
class Student:
    """One student over all notebooks."""

    name: str
    points: float = 0.0
    most: float = 0.0
    """Of the notebooks that somebody in the class has handed in, but for what waits for a person."""
    notebooks: int = 0

    @property
    def share(self) -> float | None:
        """Share of these points; None where all of them wait for a person."""
        return share_of(self.points, self.most)


def share_of(points: float, most: float) -> float | None:
    """From 0 to 1; None where there is nothing to have a share of."""
    return min(max(points / most, 0.0), 1.0) if most > 0 else None


def similar(course: Course, keys: dict[tuple[str, str], Key], results: list[Result]) -> Iterator[list[Pair]]:
    """Answers that are alike, notebook by notebook. Reads every notebook: about a millisecond each."""
    from ..whole_class.similar import alike  # RapidFuzz is for this alone

    for where, key in keys.items():
        marked = [r for r in results if (r.assignment, r.notebook) == where and not r.unreadable]
        found = alike(key, ((result.student, answers(course, result, key)) for result in marked))
        yield [
            Pair(
                "/".join(where),
                pair.one,
                pair.other,
                ", ".join(answer_title(key.by_id[cell]) for cell in pair.answers),
                pair.shared,
                pair.agreement,
                pair.codes,
            )
            for pair in found
        ]


def totals(results: list[Result]) -> list[Student]:
    """Every student's points. A notebook that nobody handed in counts for nobody."""
    used = {(r.assignment, r.notebook): r.max_points for r in results if not r.missing}
    found: dict[str, Student] = {}
    for result in results:
        one = found.setdefault(result.student, Student(result.student, most=sum(used.values())))
        one.points += result.points
        one.most -= result.waiting
        one.notebooks += not result.missing
    return list(found.values())


def excerpt(code: str) -> str:
    """The beginning of an answer, as much as an example needs."""
    lines = [line[:LINE] for line in code.strip().splitlines()]
    more = f"\n… {len(lines) - EXCERPT} more lines" if len(lines) > EXCERPT else ""
    return "\n".join(lines[:EXCERPT]) + more


def marks_csv(results: list[Result]) -> str:
    """One row a student and notebook. A cell that a spreadsheet would run as a formula is defused."""
    rows = (
        [
            result.student,
            result.assignment,
            result.notebook,
            f"{result.points:g}",
            f"{result.max_points:g}",
            result.unreadable,
            f"{result.late_penalty:g}",
        ]
        for result in results
    )
    header = ["student", "assignment", "notebook", "points", "max_points", "not_marked_because", "late_penalty"]
    return spreadsheet(header, rows)


def mistakes_csv(keys: dict[tuple[str, str], Key], results: list[Result]) -> str:
    """One row for each answer that is not right: what it is, and the misconception where there is one."""
    titles = {
        where: {cell.grade_id: answer_title(tested_cell(key, cell) or cell) for cell in key.cells if cell.grade}
        for where, key in keys.items()
    }
    rows = (
        [
            r.student,
            r.assignment,
            r.notebook,
            titles[r.assignment, r.notebook].get(v.grade_id, v.grade_id),
            v.kind,
            v.misconception,
        ]
        for r in results
        for v in r.verdicts
        if not r.missing and v.kind not in ("right", "manual")
    )
    return spreadsheet(["student", "assignment", "notebook", "answer", "kind", "misconception"], rows)


def similar_csv(pairs: list[Pair]) -> str:
    """One row for each two students whose answers are alike."""
    rows = ([p.one, p.other, p.notebook, p.answers, f"{p.agreement:.2f}", str(p.shared)] for p in pairs)
    return spreadsheet(["student", "other", "notebook", "answers", "agreement", "rare_parts_in_both"], rows)
