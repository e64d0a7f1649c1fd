"""The report on a class and a student's page: numbers worked out by hand, groups, similar answers, and how they look.

The class is made of records and marked notebooks written here: nothing is graded.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page
from typer.testing import CliRunner

from autograder.checking.diagnosis.findings import FORMULA
from autograder.commands import cli
from autograder.course.folder import Course
from autograder.course.key import Key, read_keys
from autograder.handed_in.submission import Submission, parse
from autograder.pages import report
from autograder.pages.feedback import feedback_page
from autograder.results.records import keep
from autograder.results.result import Before, Result
from autograder.results.verdict import Verdict
from autograder.whole_class.attempts import changes
from autograder.whole_class.questions import correlation, histogram, interval, measure
from autograder.whole_class.similar import SHARED, alike
from autograder.whole_class.tokens import fingerprints, shape, tokens
from autograder.whole_class.unnamed import groups
from tests.courses import EXERCISES, SOLUTIONS, course_of
from tests.test_pages import violations
from tests.web import PHONE, WIDE, Watch

POOLING = ("layers", "pooling")
GATES = ("lstm", "gates")
INERT = "<script>document.title = 'owned'</script><img src=x onerror=alert(1)>"

# --- numbers ---

FOUR = np.array([[1, 1, 2], [0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=float)
"""Three questions worth 1, 1 and 2 points. Of the first the rest has 3, 1, 0, 0 points: deviations 2, 0, -1, -1 beside
1/2, -1/2, 1/2, -1/2, so the sum of products is 1, the sums of squares are 6 and 1, and the correlation is 1/sqrt(6)."""
WORTH = np.array([1.0, 1.0, 2.0])


def test_share_and_discrimination_are_what_they_are_by_hand() -> None:
    first, second, third = measure(np.tile(FOUR, (5, 1)), WORTH)
    assert [first.share, second.share, third.share] == [0.5, 0.5, 0.25]
    assert first.discrimination == pytest.approx(1 / 6**0.5)
    # The third: the rest has 2, 1, 1, 0, deviations 1, 0, 0, -1, beside 3/2, -1/2, -1/2, -1/2: 2 / sqrt(2 * 3).
    assert third.discrimination == pytest.approx(2 / 6**0.5)
    assert correlation(np.array([1.0, 2, 3, 4]), np.array([2.0, 1, 4, 3])) == pytest.approx(3 / 5)
    assert correlation(np.ones(4), np.arange(4.0)) is None
    # artanh(0.6) = ln 2, and 1.96 / sqrt(28 - 3) = 0.392
    assert interval(0.6, 28) == pytest.approx((np.tanh(np.log(2) - 0.392), np.tanh(np.log(2) + 0.392)))


def test_of_few_students_no_correlation_is_told() -> None:
    assert [one.discrimination for one in measure(np.tile(FOUR, (4, 1)), WORTH)] == [None] * 3  # 16 students
    assert measure(np.zeros((0, 3)), WORTH)[0].students == 0
    alone = measure(np.tile([[1.0], [0.0]], (20, 1)), np.ones(1))[0]
    assert alone.discrimination is None, "there is no other question"


def test_questions_are_pointed_out_where_the_numbers_are_sure() -> None:
    able = (np.arange(200) + 0.5) / 200
    good = (able[:, None] > [0.3, 0.4, 0.5, 0.6, 0.8]).astype(float)
    misleading = (able < 0.5).astype(float)[:, None]
    chance = (np.arange(200) % 2).astype(float)[:, None]
    nobody = np.zeros((200, 1))
    measured = measure(np.hstack([good, misleading, chance, nobody]), np.ones(8))
    remarks = [one.remark for one in measured]
    assert remarks[:5] == ["", "", "", "", "Hard: the class has 20% of the points."]
    assert "do worse here" in remarks[5] and "say little" in remarks[6] and "Nobody has a point" in remarks[7]
    assert measure(np.hstack([good, misleading])[:6], np.ones(6))[5].remark == "", "six students prove nothing"


def test_a_histogram_counts_everyone_once() -> None:
    assert histogram([0.0, 0.05, 0.1, 0.55, 0.999, 1.0]) == [2, 1, 0, 0, 0, 1, 0, 0, 0, 2]
    assert sum(histogram([n / 12 for n in range(13)])) == 13


def test_what_waits_for_a_person_counts_neither_for_nor_against_anybody() -> None:
    def result(student: str, notebook: str, *kinds: str) -> Result:
        verdicts = [Verdict(f"q{n}", 2.0 * (kind == "right"), 2.0, kind) for n, kind in enumerate(kinds)]
        return Result(student, "review", notebook, 2.0 * len(kinds), verdicts)

    everybody = [
        result("ada", "open", "manual", "manual"),
        result("ada", "choices", "right", "wrong"),
        result("bo", "open", "manual", "blank"),
        result("cy", "mixed", "manual"),
    ]
    shares = {one.name: one.share for one in report.totals(everybody)}
    assert shares == {"ada": 2 / 6, "bo": 0 / 8, "cy": 0 / 8}, "what others handed in and they did not counts"
    assert report.totals([everybody[0]])[0].share is None, "nothing of it has marks yet"


def test_a_strip_goes_from_those_with_most_points_to_those_with_fewest() -> None:
    measured = measure(FOUR, WORTH)
    assert [one.columns for one in measured] == [(1, 0, 1, 0), (1, 1, 0, 0), (1, 0, 0, 0)]
    assert len(measure(np.tile(FOUR, (100, 1)), WORTH)[0].columns) == 40


# --- code ---

ODD_POOLING = '''def max_pool_1d(x, size, stride):
    """My own way."""
    bucket = {}
    cursor, slot = 0, 0
    while True:
        piece = x[cursor:cursor + size]
        if piece.shape[0] < size:
            break
        best = piece[0] * 1.0
        for other in piece[1:]:
            best = np.where(other > best, other, best)
        bucket[slot] = best
        slot = slot + 1
        cursor = cursor + stride
    rows = [bucket[k] for k in sorted(bucket)]
    if not rows:
        return np.zeros((0,) + x.shape[1:])
    return np.stack(rows)
'''
OWN_NAMES = {"bucket": "found", "cursor": "start", "slot": "n", "piece": "window", "best": "largest", "rows": "result"}
INDEPENDENT = (
    "def max_pool_1d(x, size, stride):\n    out = []\n    for i in range(0, len(x) - size + 1, stride):\n"
    "        out.append(x[i : i + size].max(axis=0))\n    return np.array(out)\n",
    "def max_pool_1d(x, size, stride):\n    pooled = []\n    for start in range(0, x.shape[0] - size + 1, stride):\n"
    "        window = x[start : start + size]\n        pooled.append(np.max(window, axis=0))\n"
    "    return np.stack(pooled)\n",
    "def max_pool_1d(x, size, stride):\n    n = (x.shape[0] - size) // stride + 1\n"
    "    return np.array([x[k * stride : k * stride + size].max(0) for k in range(n)])\n",
)


def renamed(code: str) -> str:
    """`code` with other names, another text and a comment."""
    for old, new in OWN_NAMES.items():
        code = re.sub(rf"\b{old}\b", new, code)
    return code.replace("My own way.", "Pool.").replace("        break", "        break  # no window is left")


def test_names_comments_and_layout_are_set_aside() -> None:
    assert renamed(ODD_POOLING) != ODD_POOLING
    assert tokens(ODD_POOLING) == tokens(renamed(ODD_POOLING))
    assert tokens("f(a,\n  b)  # x") == ["v", "(", "v", ",", "v", ")"] and tokens("np.tanh(x)")[2] == "tanh"
    given = frozenset({"o_t", "c_t"})
    assert shape("return o_t * c_t", given) != shape("return c_t * o_t", given)
    assert shape("a = o_t\nreturn a", given) == shape("b = o_t  # b\n\nreturn b", given)


def test_a_part_that_was_taken_over_leaves_a_fingerprint() -> None:
    mine, taken = tokens("x = 1\n" * 30), tokens(ODD_POOLING)[20:40]
    assert fingerprints(taken) & fingerprints([*mine, *taken, *mine])
    assert not fingerprints(tokens("x = 1"))


@pytest.mark.parametrize("code", ["(" * 30_000, "'" * 30_000, '"""' + "\\" * 30_000, "\ud800 = 1", "def f(:\n\t\0"])
def test_what_is_no_python_is_read_all_the_same(code: str) -> None:
    assert len(fingerprints(tokens(code))) <= 20_000


def handed_in(answers: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    """A class of which each has one answer to max_pool_1d."""
    return [(student, {"max-pool-1d": code}) for student, code in answers.items()]


def test_a_copy_with_other_names_is_found_and_independent_answers_are_not(keys: dict[tuple[str, str], Key]) -> None:
    """Not even where two come to the same five lines."""
    others = {f"student-{n}": f"def max_pool_1d(x, size, stride):\n    return {n}\n" for n in range(12)}
    others |= {f"right-{n}": renamed(INDEPENDENT[n % 3]) if n > 2 else INDEPENDENT[n] for n in range(6)}
    found = alike(keys[POOLING], handed_in({**others, "ada": ODD_POOLING, "ben": renamed(ODD_POOLING)}))
    assert [(pair.one, pair.other, pair.answers) for pair in found] == [("ada", "ben", ("max-pool-1d",))]
    assert found[0].agreement == 1 and found[0].codes == (ODD_POOLING, renamed(ODD_POOLING))
    padded = renamed(ODD_POOLING) + "\n\ndef other(a):\n" + "".join(f"    a[{n}] = a + {n} * {n}\n" for n in range(40))
    found = alike(keys[POOLING], handed_in({**others, "ada": ODD_POOLING, "ben": padded}))
    assert [(pair.one, pair.other) for pair in found] == [("ada", "ben")] and 0.3 < found[0].agreement < 0.8


def test_what_the_course_knows_or_many_have_proves_nothing(keys: dict[tuple[str, str], Key]) -> None:
    key = keys[POOLING]
    filled = {f"student-{n}": f"def max_pool_1d(x, size, stride):\n    return {n}\n" for n in range(12)}
    solution = {cell.grade_id: cell.source for cell in key.cells if cell.solution}
    assert len(frozenset().union(*(fingerprints(tokens(code)) for code in solution.values()))) > SHARED
    assert alike(key, [*handed_in(filled), ("ada", solution), ("ben", solution)]) == []
    many = {f"other-{n}": ODD_POOLING for n in range(5)}
    assert alike(key, handed_in({**filled, **many})) == [], "five of seventeen wrote it"
    assert len(alike(key, handed_in({**filled, **dict(list(many.items())[:3])}))) == 3, "each two of three"
    assert alike(key, handed_in({"ada": ODD_POOLING, "ben": ODD_POOLING})) == [], "in a class of two all is rare"


# --- groups of wrong answers ---


def result(key: Key, student: str, wrong: dict[str, Verdict] | None = None) -> Result:
    """A student's result, right but for `wrong`, by grade_id."""
    verdicts = [
        (wrong or {}).get(cell.grade_id) or Verdict(cell.grade_id, cell.points, cell.points, "right")
        for cell in key.cells
        if cell.grade
    ]
    return Result(student, key.assignment, key.notebook, key.max_points, verdicts, file=student)


def wrong(grade_id: str, kind: str, message: str, **more: str) -> dict[str, Verdict]:
    """One wrong answer."""
    return {grade_id: Verdict(grade_id, 0.0, 2.0, kind, message, **more)}


def test_wrong_answers_are_put_together_by_what_was_found_or_by_their_code(keys: dict[tuple[str, str], Key]) -> None:
    key, test = keys[GATES], "test-hidden-state"
    differ = "`hidden_state`: in the result {} of 24 numbers differ. "
    vague = differ + FORMULA
    telling = differ + "It is the right result times one number, the same in every case."
    said = {
        "ada": ("values", vague.format(24), "def hidden_state(o_t, c_t):\n    a = o_t / c_t\n    return a\n"),
        "ben": ("values", vague.format(23), "def hidden_state(o_t, c_t):\n    my = o_t / c_t  # so\n\n    return my\n"),
        "cleo": ("values", vague.format(24), "def hidden_state(o_t, c_t):\n    return c_t / o_t\n"),
        "dan": ("values", telling.format(12), "def hidden_state(o_t, c_t):\n    return 2 * o_t * np.tanh(c_t)\n"),
        "eva": ("values", telling.format(11), "def hidden_state(o_t, c_t):\n    return 0.5 * np.tanh(c_t) * o_t\n"),
    }
    code = {student: {"hidden-state": source} for student, (_, _, source) in said.items()}
    results = [result(key, student, wrong(test, kind, text)) for student, (kind, text, _) in said.items()]
    results += [
        result(key, "known", wrong(test, "misconception", "This is tanh.", misconception="tanh")),
        result(key, "blank", wrong(test, "blank", "Not attempted yet.")),
        result(key, "follows", wrong(test, "values", telling, blames="sigmoid")),
        result(key, "right"),
    ]
    found = groups(key, test, "hidden-state", results, lambda one: code.get(one.student, {}))
    assert [one.students for one in found] == [("ada", "ben"), ("dan", "eva"), ("cleo",)]
    assert found[0].example == "ada" and found[0].code == said["ada"][2]


def test_one_code_is_one_group_whatever_was_found(keys: dict[tuple[str, str], Key]) -> None:
    """What is found depends on the numbers that were drawn; who wrote the same did the same."""
    key, test = keys[GATES], "test-hidden-state"
    texts = ("One thing. It is `c_t`, as it came.", "One thing. It is right with one unit, and wrong with several.")
    results = [result(key, name, wrong(test, "values", text)) for name, text in zip(("ada", "ben"), texts, strict=True)]
    same = {"hidden-state": "def hidden_state(o_t, c_t):\n    return c_t\n"}
    assert len(groups(key, test, "hidden-state", results, lambda one: same)) == 1
    assert len(groups(key, test, "hidden-state", results, lambda one: {})) == 2


# --- attempts ---


def test_a_record_knows_the_points_before(keys: dict[tuple[str, str], Key], tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("")
    course, key, test = Course.at(tmp_path), keys[GATES], "test-hidden-state"
    lost = wrong(test, "values", "No.")

    def marked(file: str, wrong: dict[str, Verdict] | None) -> Result:
        one = replace(result(key, "ada", wrong), file=file)
        keep(course, one, None)
        path = course.grading / "results" / "lstm" / "gates" / "ada.json"
        assert Result.from_json(path.read_text()) == one
        return one

    assert marked("first", lost).before is None
    again = marked("first", lost)
    assert (again.before, again.attempts) == (None, 1), "marked again, nothing new"
    better = marked("second", None)
    assert better.attempts == 2 and better.before is not None
    assert (better.before.points[test], better.before.same_file) == (0.0, False)
    assert marked("second", None).before == better.before
    stricter = marked("second", lost)
    assert stricter.attempts == 2 and stricter.before == Before(better.by_question, same_file=True)
    found = changes([better, stricter])
    assert [(one.before, one.points) for one in found.more] == [(10, 12)]
    assert [(one.before, one.points) for one in found.remarked] == [(12, 10)]
    assert (found.again, found.same, found.less) == (2, 0, ())


# --- the pages ---


def write_notebook(course: Course, key: Key, student: str, answers: dict[str, str]) -> None:
    """The marked notebook of a student, as `grade` leaves it."""
    cells = [
        {
            "cell_type": c.cell_type,
            "source": answers.get(c.grade_id, c.released),
            "metadata": {"nbgrader": {"grade_id": c.grade_id}},
        }
        for c in key.cells
    ]
    path = course.autograded / student / key.assignment / f"{key.notebook}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"cells": cells}))


@pytest.fixture(scope="module")
def marked(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course of two notebooks, in one of which 30 students have results on record; a pair of them alike."""
    root = tmp_path_factory.mktemp("marked")
    here = course_of(root, POOLING, GATES, folders=(SOLUTIONS, EXERCISES))
    key = read_keys(here.solutions, here.exercises)[POOLING]
    tests = [cell.grade_id for cell in key.cells if cell.grade]
    for number in range(30):
        student = f"student-{number:02}"
        lost: dict[str, Verdict] = {}
        if number < 10:
            lost |= wrong(
                tests[3],
                "misconception",
                "You compare magnitudes. Mind `abs`.",
                misconception="magnitudes",
                section="pooling-max",
            )
        if number < 4:
            lost |= wrong(tests[2], "values", f"`average_pool_1d`: 7 of 9 numbers differ. {INERT} in every case.")
        if number in (11, 12):
            lost[tests[5]] = Verdict(tests[5], 2.0, 2.0, "carried", "Right for your own.", blames="max-pool-1d")
        if number == 13:
            lost |= wrong(tests[5], "error", "It calls another.", blames="max-pool-1d")
        if number == 5:
            lost |= wrong(tests[1], "ended", "While this answer was tried: it used more memory than it may.")
        one = result(key, student, lost)
        one.notes = [f"The cell `{number}` was missing; it was put back."] if number > 27 else []
        one.slow = 9 if number == 6 else 0
        if number == 7:
            one.before = Before({tests[3]: 1.0}, same_file=False)
            one.attempts = 2
        keep(here, one, None)
        (here.submitted / student / "layers").mkdir(parents=True)
        odd = {28: ODD_POOLING, 29: renamed(ODD_POOLING)}.get(number, f"def max_pool_1d(x):\n    return {number}\n")
        write_notebook(
            here, key, student, {"max-pool-1d": odd, "average-pool-1d": f"def average_pool_1d(x):\n    {INERT}\n"}
        )
    gone = Result("student-00", *GATES, 12, unreadable="Nothing was handed in.", missing=True)
    keep(here, gone, None)
    (here.submitted / "student-00" / "lstm").mkdir()
    ended = CliRunner().invoke(cli.app, ["report", "--similar", "--course", str(root), "--quiet"])
    assert ended.exit_code == 0, ended.output
    return here


def soup(path: Path) -> BeautifulSoup:
    """A page."""
    return BeautifulSoup(path.read_text(), "html.parser")


def test_the_report_says_what_the_records_hold(marked: Course) -> None:
    page = soup(marked.reports / "index.html")
    text = " ".join(page.get_text(" ").split())
    assert "30 students, 30 notebooks" in text
    assert "10 students : Max pooling" in text and "You compare magnitudes" in text
    question = page.find(id="layers-pooling-test-max-pool-1d")
    assert question is not None
    said = " ".join(question.get_text(" ").split())
    assert "20 right, 10 wrong" in said and "student-09" in said and "student-10" not in said
    follows = page.find(id="layers-pooling-test-max-pool-2d")
    assert follows is not None and "27 right, 2 right in itself, 1 wrong by consequence" in follows.get_text()
    unnamed = page.find(id="layers-pooling-test-average-pool-1d")
    assert unnamed is not None and "4 ×" in unnamed.get_text() and "What student-00 wrote:" in unnamed.get_text()
    looked = page.find(id="attention")
    assert looked is not None
    said = " ".join(looked.get_text(" ").split())
    assert "more memory than it may. student-05" in said and "student-06, layers/pooling (9 s)" in said
    assert "The cell … was missing; it was put back. student-28, layers/pooling; student-29" in said
    assert "1 has more points" in text
    similar = page.find(id="similar")
    assert similar is not None and "Similarity is not proof" in similar.get_text()
    assert "student-28 and student-29" in similar.get_text() and "bucket" in similar.get_text()
    assert "lstm" not in text, "nobody handed in the other notebook"
    rows = list(csv.DictReader((marked.reports / "mistakes.csv").open()))
    assert len(rows) == 10 + 4 + 1 + 3 and {row["misconception"] for row in rows} == {"magnitudes", ""}


def test_the_reports_picture_is_told_in_words(marked: Course) -> None:
    page = soup(marked.reports / "index.html")
    pictures = page.find_all("svg")
    assert len(pictures) == 2 + 6
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)
    # 19 have 12 of 12 points; six have lost two of them (10 of 12), and so on: everybody is in one bar.
    counts = [int(n) for n in re.findall(r"(\d+) from \d+ to", str(pictures[0]["aria-label"]))]
    assert sum(counts) == 30


def test_long_lists_are_cut_with_a_word_where_the_rest_is(
    marked: Course, keys: dict[tuple[str, str], Key], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(report, "NAMES", 3)
    monkeypatch.setattr(report, "ROWS", 5)
    other = replace(marked, root=tmp_path)
    shutil.copy(marked.root / "_config.yml", tmp_path)
    several = [
        result(keys[POOLING], f"s{n}", wrong("test-max-pool-1d", "misconception", "No.", misconception="m"))
        for n in range(9)
    ]
    report.write_reports(other, {POOLING: keys[POOLING]}, several)
    text = " ".join(soup(other.reports / "index.html").get_text(" ").split())
    assert "s0, s1, s2 and 6 more: see mistakes.csv" in text and "And 4 more: see marks.csv" in text
    assert "Nobody has looked yet" in text


def test_report_needs_records(tmp_path: Path) -> None:
    course_of(tmp_path)
    ended = CliRunner().invoke(cli.app, ["report", "--course", str(tmp_path)])
    assert ended.exit_code == 2 and "Nothing is on record yet" in ended.output


def page_of(key: Key, verdicts: dict[str, Verdict], outputs: dict[str, str], answers: dict[str, str]) -> str:
    """A student's page: right but for `verdicts`, by grade_id; with the solution but for `answers`."""
    cells = [
        {
            "cell_type": cell.cell_type,
            "source": answers.get(cell.grade_id, cell.source),
            "metadata": {"nbgrader": {"grade_id": cell.grade_id}},
        }
        for cell in key.cells
    ]
    submission: Submission = parse(json.dumps({"cells": cells}).encode(), key)
    by_position = {n: outputs[c.label] for n, c in enumerate(submission.cells) if c.label in outputs}
    one = result(key, "ada", verdicts)
    return feedback_page("ada", key, one.verdicts, [], submission, by_position, "", "https://course.example")


@pytest.fixture(scope="module")
def feedback(keys: dict[tuple[str, str], Key], marked: Course) -> Path:
    """The page of a student with a wrong function, one that is right in spite of it, an error and an output."""
    key = keys[GATES]
    carried = Verdict("test-forget-gate", 2.0, 2.0, "carried", "It is right for your own `sigmoid`.", blames="sigmoid")
    error = "NameError: name 'x' is not defined\n  in `candidate`, line 2: x\nThat happens in every case."
    stops = f"Your code stopped with an error.\n{error}"
    text = page_of(
        key,
        {
            **wrong("test-sigmoid", "misconception", "This is tanh.", misconception="tanh", section="lstm-sigmoid"),
            "test-forget-gate": carried,
            **wrong("test-candidate", "error", stops),
        },
        {"sigmoid": f"printed\n{INERT}", "hidden-state": "\n".join(map(str, range(40)))},
        {"sigmoid": f"def sigmoid(z):\n    return np.tanh(z)  # {INERT}"},
    )
    path = marked.root / "feedback.html"
    path.write_text(text)
    return path


def test_a_student_reads_what_held_and_where_to_begin(feedback: Path) -> None:
    page = soup(feedback)
    texts = {str(one["id"]): " ".join(one.get_text(" ").split()) for one in page.find_all("section", id=True)}
    right = texts["answer-new-cell-state"]
    assert "The hidden test tried it on 11 sets of arguments, with ordinary arguments, one example, one unit" in right
    assert "“c_prev is zero”" in right and "Where it comes from: The new cell state" in right
    assert "You build on it" not in right
    assert "tried it on" not in texts["answer-sigmoid"] + texts["answer-forget-gate"] + texts["answer-candidate"]
    assert "Read again: A sigmoid that never overflows" in texts["answer-sigmoid"]
    assert "Read again: Candidate" in texts["answer-candidate"]
    assert "printed" in texts["answer-sigmoid"]
    candidate = page.find(id="answer-candidate")
    assert candidate is not None and candidate.pre is not None
    assert candidate.pre.get_text().splitlines() == ["NameError: name 'x' is not defined", "  in candidate, line 2: x"]
    whole = " ".join(page.get_text(" ").split())
    assert "Where to begin: sigmoid" in whole
    assert "sigmoid is not right yet, and you call it in forget_gate . That one was tried" in whole
    long = page.select_one("#answer-hidden-state details summary")
    assert long is not None and long.get_text() == "What your cell printed or ended with"


def test_a_right_function_says_where_it_is_needed(keys: dict[tuple[str, str], Key]) -> None:
    page = BeautifulSoup(page_of(keys[GATES], {}, {}, {}), "html.parser")
    needed = page.select_one("#answer-sigmoid")
    assert needed is not None
    assert "You build on it in forget_gate , input_gate and output_gate ." in " ".join(needed.get_text(" ").split())
    assert page.select_one("header")
    assert "Where to begin" not in page.get_text()


LOOKS = ("report", "feedback")


@pytest.fixture(scope="module")
def pages(browser: Browser, marked: Course, feedback: Path) -> Iterator[dict[str, tuple[Page, Watch]]]:
    """Both pages in Chromium, on a phone in the dark, everything that is folded opened."""
    context = browser.new_context(**PHONE, color_scheme="dark")
    found = {}
    for name, path in zip(LOOKS, (marked.reports / "index.html", feedback), strict=True):
        page = context.new_page()
        watch = Watch(page, path.as_uri())
        page.goto(path.as_uri())
        page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        found[name] = page, watch
    yield found
    context.close()


@pytest.mark.parametrize("name", LOOKS)
def test_everyone_can_read_a_page_in_every_look(pages: dict[str, tuple[Page, Watch]], name: str) -> None:
    page, watch = pages[name]
    width = "document.documentElement.scrollWidth"
    sizes: tuple[dict[str, Any], ...] = (PHONE, WIDE)
    for look, size in zip(("dark", "light"), sizes, strict=True):
        page.set_viewport_size(size["viewport"])
        page.emulate_media(color_scheme="dark" if look == "dark" else "light")
        assert page.evaluate(width) <= size["viewport"]["width"], "the page scrolls sideways"
        assert violations(page, colours=True) == []
    page.set_viewport_size(PHONE["viewport"])
    assert violations(page, colours=False) == []
    assert page.locator("script, img").count() == 0 and "owned" not in page.title()
    assert "onerror=alert(1)" in page.inner_text("main"), "what the student wrote is there, as text"
    assert [one for one in watch.strangers if not one.startswith("file:")] == []
    # axe-core itself is put into the page, which the page's policy lets nobody else do.
    assert [said for said in watch.complaints if "Content Security Policy" not in said] == []
    targets = page.eval_on_selector_all("a[href^='#']", "all => all.map(a => a.getAttribute('href').slice(1))")
    assert targets and all(page.evaluate("id => !!document.getElementById(id)", one) for one in targets)
