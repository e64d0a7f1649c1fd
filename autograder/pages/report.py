"""What the instructor reads: how the class did, what it has not understood, and which submissions need a look."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from ..course.folder import Course
from ..course.key import Key
from ..course.sections import section_title, section_url
from ..course.spreadsheet import table as spreadsheet
from ..results.records import write_atomically
from ..results.result import Result
from .feedback import answer_title, environment, tested_cell


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
    right: int
    blank: int
    wrong: int
    consequence: int
    """Not right, or right only for the student's own, because an answer that it calls is wrong."""
    misunderstandings: tuple[Misunderstanding, ...]
    other: tuple[tuple[str, int], ...]
    """Kinds of mistakes that match no known misconception, and how often each came up."""
    waiting: int = 0
    """Answers that a person marks."""

    @property
    def total(self) -> int:
        """All submissions."""
        return self.right + self.blank + self.wrong + self.consequence + self.waiting


@dataclass(frozen=True)
class Summary:
    """One notebook of the whole class."""

    key: Key
    submissions: int
    missing: int
    mean: float
    median: float
    questions: tuple[Question, ...]


def summarise(key: Key, results: list[Result], site_url: str) -> Summary:
    """The class's results on one notebook."""
    readable = [result for result in results if not result.unreadable]
    questions = []
    for number, cell in enumerate(cell for cell in key.cells if cell.grade):
        kinds: Counter[str] = Counter()
        named: dict[str, list[tuple[str, str, str]]] = {}
        other: Counter[str] = Counter()
        for result in readable:
            verdict = result.verdicts[number]
            if verdict.kind in ("right", "blank", "manual"):
                kinds[verdict.kind] += 1
            elif verdict.blames:
                kinds["consequence"] += 1
            else:
                kinds["wrong"] += 1
                if verdict.misconception:
                    named.setdefault(verdict.misconception, []).append(
                        (result.student, verdict.message, verdict.section)
                    )
                else:
                    other[verdict.kind] += 1
        misunderstandings = [
            Misunderstanding(
                name,
                cases[0][1],
                section_url(cases[0][2], site_url),
                section_title(cases[0][2]),
                tuple(student for student, _, _ in cases),
            )
            for name, cases in sorted(named.items(), key=lambda item: (-len(item[1]), item[0]))
        ]
        questions.append(
            Question(
                answer_title(tested_cell(key, cell) or cell),
                kinds["right"],
                kinds["blank"],
                kinds["wrong"],
                kinds["consequence"],
                tuple(misunderstandings),
                tuple(other.most_common()),
                kinds["manual"],
            )
        )
    handed_in = [result for result in results if not result.missing]
    points = [result.points for result in handed_in] or [0.0]
    missing = len(results) - len(handed_in)
    return Summary(key, len(handed_in), missing, mean(points), median(points), tuple(questions))


def gaps(summaries: list[Summary]) -> list[Gap]:
    """The sections of the book, those first that most students should read again."""
    by_section: dict[tuple[str, str], list[tuple[str, Misunderstanding]]] = {}
    for question in (question for summary in summaries for question in summary.questions):
        for one in question.misunderstandings:
            by_section.setdefault((one.link_text, one.link), []).append((question.title, one))
    found = []
    for (title, link), cases in by_section.items():
        students = {student for _, one in cases for student in one.students}
        cases.sort(key=lambda case: -len(case[1].students))
        examples = tuple((answer, one.says, len(one.students)) for answer, one in cases)
        found.append(Gap(title, link, len(students), examples))
    return sorted(found, key=lambda gap: (-gap.students, gap.title))


def attention(results: list[Result]) -> list[tuple[Result, str]]:
    """What the instructor should look at, and why: what could not be marked first."""
    found = [(result, result.unreadable) for result in results if result.unreadable and not result.missing]
    for result in results:
        if not result.unreadable:
            ended = [verdict.message for verdict in result.verdicts if verdict.kind == "ended"]
            found += [(result, reason) for reason in [*ended[:1], *result.notes]]
    return found


def write_reports(course: Course, keys: dict[tuple[str, str], Key], results: list[Result]) -> list[Path]:
    """Write reports/index.html and reports/marks.csv; return their paths."""
    results = sorted(results, key=lambda result: (result.student, result.assignment, result.notebook))
    summaries = [
        summarise(key, [r for r in results if (r.assignment, r.notebook) == where], course.site_url)
        for where, key in keys.items()
    ]
    page = (
        environment()
        .get_template("report.html.j2")
        .render(summaries=summaries, gaps=gaps(summaries), attention=attention(results), results=results, keys=keys)
    )
    index, table = course.reports / "index.html", course.reports / "marks.csv"
    write_atomically(index, page)
    write_atomically(table, marks_csv(results))
    return [index, table]


def marks_csv(results: list[Result]) -> str:
    """One row a student and notebook. A cell that a spreadsheet would run as a formula is defused."""
    headings = ("student", "assignment", "notebook", "points", "max_points", "not_marked_because")
    rows = (
        (one.student, one.assignment, one.notebook, f"{one.points:g}", f"{one.max_points:g}", one.unreadable)
        for one in results
    )
    return spreadsheet(headings, rows)
