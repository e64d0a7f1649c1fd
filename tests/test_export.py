"""What goes back to Moodle and Canvas: their own files with our marks in them; and what lateness costs, everywhere."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder.commands.cli import app
from autograder.course.folder import Course
from autograder.course.key import Key, read_keys
from autograder.course.late import IN_TIME, BadPolicy, read_policy, taken_off
from autograder.course.release import release
from autograder.handed_in.platforms import Entry
from autograder.handed_out.bundle import bundle
from autograder.handed_out.marks import ByHand, read_marks
from autograder.handed_out.platforms import CannotFill, fill
from autograder.handed_out.roster import COLUMNS
from autograder.handed_out.sheet import NotATable, Sheet, cut
from autograder.marks.grade import find
from autograder.marks.gradebook import ClassGradebook
from autograder.pages.feedback import feedback_page
from autograder.pages.report import marks_csv
from autograder.results.records import keep
from autograder.results.result import Result
from autograder.results.verdict import Verdict
from tests.courses import course_of

ROOT = Path(__file__).resolve().parent.parent
WHERE = ("review", "open")
DUE = datetime(2026, 1, 9, 22, 59)
POLICY = """
timezone = "Europe/Vienna"
[every]
grace_minutes = 15
percent = 10
per = "day"
most_percent = 50
cut_off_hours = 240
[review]
due = 2026-01-09T23:59:00
"""
EXTENSIONS = "[review]\ncleo = 2026-01-12T23:59:00\n"
HANDED_IN = {
    "ada": datetime(2026, 1, 9, 22, 59),
    "bo": datetime(2026, 1, 11, 0, 0),  # a day and a minute late: two days have begun
    "cleo": datetime(2026, 1, 11, 0, 0),
    "dee": datetime(2026, 1, 9, 22, 59),
}
NAMES = {"ada": "Ada Lovelace", "bo": "Bo, Müller", "cleo": '=Cleo "C" Ōe', "dee": "Dee D"}
NUMBERS = {"ada": "101", "bo": "102", "cleo": "103", "dee": "104"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Key]:
    """A course with the open questions, marked by hand: 2 of 3 points each, but one answer of dee's."""
    folder = tmp_path_factory.mktemp("course")
    course = course_of(folder, ("review", "open"))
    (folder / "late.toml").write_text(POLICY)
    release(course, "review")
    (course.grading / "extensions.toml").write_text(EXTENSIONS)
    (key,) = read_keys(course.solutions, course.exercises).values()
    policy = read_policy(course)
    with ClassGradebook(course) as book:
        results = []
        for student, moment in HANDED_IN.items():
            late = policy.lateness("review", student, moment)
            verdicts = [Verdict(cell.grade_id, 0.0, cell.points, "manual") for cell in key.cells if cell.grade]
            results.append(Result(student, *WHERE, key.max_points, verdicts, late=late.words, late_share=late.share))
            (course.submitted / student / "review").mkdir(parents=True)
        book.write(results, {(student, "review"): moment for student, moment in HANDED_IN.items()})
        book.enter_dates()
    for result in results:
        result.feedback = feedback_page(result.student, key, result.verdicts, [], None, {}, "", "", result.late)
        keep(course, result, HANDED_IN[result.student])
    with Gradebook(course.db_url, "recurrent") as book:
        for student in HANDED_IN:
            grades = book.find_submission_notebook("open", "review", student).grades
            for grade in grades[1:] if student == "dee" else grades:
                grade.manual_score, grade.needs_manual_grade = grade.max_score / 2, False
        book.find_submission_notebook("open", "review", "ada").comments[0].manual_comment = "a < b\n<i>no</i>"
        book.db.commit()
    entries = [
        (s, NAMES[s], "moodle", NUMBERS[s], *WHERE, f"{NAMES[s]}_{NUMBERS[s]}_assignsubmission_file_/open.ipynb")
        for s in NAMES
    ]
    with (course.grading / "platform.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *entries])
    return course, key


def ask(course: Course, *words: str) -> tuple[int, str]:
    """What `python -m autograder export` ends with and says."""
    done = CliRunner().invoke(app, ["export", *words, "--course", str(course.root)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


# --- what lateness costs ---


def test_lateness_is_counted_from_the_policy(made: tuple[Course, Key]) -> None:
    policy = read_policy(made[0])
    assert policy.due("review", "ada") == DUE, "Vienna's 23:59 in UTC"
    shares = {
        "in time": (DUE, 0.0),
        "grace": (datetime(2026, 1, 9, 23, 14), 0.0),
        "one day": (datetime(2026, 1, 9, 23, 15), 0.1),
        "exactly a day": (datetime(2026, 1, 10, 22, 59), 0.1),
        "two days": (datetime(2026, 1, 10, 23, 0), 0.2),
        "cap": (datetime(2026, 1, 17, 0, 0), 0.5),
        "cut off": (datetime(2026, 1, 19, 23, 0), 1.0),
    }
    for name, (moment, share) in shares.items():
        assert policy.lateness("review", "ada", moment).share == pytest.approx(share), name
    assert policy.lateness("review", "cleo", datetime(2026, 1, 12, 22, 59)) == IN_TIME
    assert policy.lateness("review", "cleo", datetime(2026, 1, 13, 0, 0)).share == pytest.approx(0.1)
    assert policy.lateness("review", "ada", None) == policy.lateness("lstm", "ada", DUE) == IN_TIME
    assert taken_off(10.55, 0.1) == 1.05, "a half of a hundredth stays with the student"
    assert taken_off(1.1, 0.1) == 0.11, "0.11 and not 0.10999…"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[review]\ndue = 2026-01-09T23:59:00", "time zone"),
        ('[review]\ndue = "tomorrow"', "without quotes"),
        ("[revue]\n", "no assignment revue"),
        ("[review]\npercents = 3", "percents"),
        ("[every]\npercent = 200\n[review]\n", "0 to 100"),
        ("percent = 3\n", "outside"),
        ("[review\n", "cannot be read"),
        ('timezone = "../../etc"\n', "time zone"),
    ],
)
def test_a_policy_that_cannot_be_followed_is_a_sentence(
    made: tuple[Course, Key], tmp_path: Path, text: str, says: str
) -> None:
    (tmp_path / "nbgrader_config.py").touch()
    shutil.copytree(made[0].solutions, tmp_path / "solutions")
    (tmp_path / "late.toml").write_text(text)
    with pytest.raises(BadPolicy, match=says):
        read_policy(Course.at(tmp_path))


def test_without_a_policy_nothing_is_taken_off(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").touch()
    assert read_policy(Course.at(tmp_path)).lateness("review", "ada", datetime(2030, 1, 1)) == IN_TIME


def test_what_lateness_costs_is_in_the_job_the_marks_and_nbgraders_gradebook(made: tuple[Course, Key]) -> None:
    course, key = made
    for student, moment in HANDED_IN.items():
        folder = course.submitted / student / "review"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "timestamp.txt").write_text(f"{moment} UTC")
    jobs = {one.job.student: one.job for one in find(course, {WHERE: key})}
    assert {student for student, job in jobs.items() if job.late.share} == {"bo"}
    assert "1 day, 1 hour, 1 minute late" in jobs["bo"].late.words
    row = next(
        csv.DictReader(
            io.StringIO(marks_csv([Result("bo", *WHERE, 2, [Verdict("a", 1.0, 2, "right")], late_share=0.2)]))
        )
    )
    assert list(row)[:6] == ["student", "assignment", "notebook", "points", "max_points", "not_marked_because"]
    assert row["late_penalty"] == "0.2"
    assert ask(course, "review", "--quiet")[0] == 0
    with Gradebook(course.db_url, "recurrent") as book:
        assert book.find_assignment("review").duedate == DUE
        found = {s: book.find_submission("review", s) for s in HANDED_IN}
        half = key.max_points / 2
        assert {s: one.late_submission_penalty for s, one in found.items()} == {
            "ada": 0,
            "bo": half / 5,
            "cleo": 0,
            "dee": 0,
        }
        assert found["cleo"].total_seconds_late == 0, "the formgrader knows the extension"


# --- tables ---


def rows_of(text: str) -> dict[str, dict[str, str]]:
    """A table's rows by their first cell."""
    rows = list(csv.DictReader(io.StringIO(text)))
    return {next(iter(row.values())): row for row in rows}


def test_the_plain_table_has_hand_marks_and_lateness(made: tuple[Course, Key]) -> None:
    course, key = made
    code, said = ask(course)
    assert code == 0 and "dee" in said
    rows = rows_of((course.grading / "export" / "marks.csv").read_text())
    half = key.max_points / 2
    assert {s: float(row["points"]) for s, row in rows.items() if s != "dee"} == {"ada": half, "bo": half, "cleo": half}
    assert float(rows["bo"]["late_penalty"]) == half / 5 and float(rows["bo"]["mark"]) == half * 4 / 5
    assert rows["dee"]["waiting"] == "1" and rows["cleo"]["full_name"].startswith("'=")


def worksheet(key: Key, end: str = "\r\n", top: str = "") -> str:
    """Moodle's grading worksheet, as it writes one."""
    top = top or f"{key.max_points:.2f}"
    head = 'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed"'
    head += ',"Last modified (submission)","Last modified (grade)","Feedback comments"'
    lines = [head]
    for student in ("bo", "ada", "cleo", "dee"):
        name = NAMES[student].replace('"', '""')
        mail = f"{student}@example.org"
        lines.append(f'"Participant {NUMBERS[student]}","{name}",{mail},Submitted,,{top},Yes,"Friday, 9 January",-,')
    lines.append(f'"Participant 999","Nobody Here",n@example.org,"No submission",,{top},Yes,-,-,"Kept, as it is"')
    return end.join(lines) + end


def test_moodles_worksheet_is_filled_and_all_else_stays_byte_for_byte(made: tuple[Course, Key], tmp_path: Path) -> None:
    course, key = made
    before = b"\xef\xbb\xbf" + worksheet(key).encode()
    path = tmp_path / "Grades-lstm.csv"
    path.write_bytes(before)
    code, said = ask(course, "review", "--into", str(path))
    assert code == 3 and "dee" in said and path.read_bytes() == before
    after = (course.grading / "export" / path.name).read_bytes()
    half = key.max_points / 2
    expected = before.decode()
    late = "Handed in 1 day, 1 hour, 1 minute late: 20 % of the points reached are taken off."
    less = f"That is {half / 5:g} points less, and leaves {half * 0.8:g}."
    points = f"Points: {half:g} of {key.max_points:g}."
    for student, mark, words in (
        ("bo", half * 0.8, f'"{points} {late} {less}"'),
        ("ada", half, points),
        ("cleo", half, points),
    ):
        (line,) = [line for line in expected.split("\r\n") if f"Participant {NUMBERS[student]}" in line]
        new = line.replace("Submitted,,", f"Submitted,{mark:g},") + words
        expected = expected.replace(line, new)
    assert after.decode() == expected
    again = tmp_path / "again" / path.name
    again.parent.mkdir()
    again.write_bytes(after)
    ask(course, "review", "--into", str(again))
    assert (course.grading / "export" / path.name).read_bytes() == after, "filled twice is filled once"


def test_decimal_comma_encoding_and_separator_are_the_tables_own(made: tuple[Course, Key], tmp_path: Path) -> None:
    course, key = made
    text = (
        worksheet(key, end="\n")
        .replace(",", ";")
        .replace(f"{key.max_points:.2f}", f"{key.max_points:.2f}".replace(".", ","))
    )
    (tmp_path / "w.csv").write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    ask(course, "review", "--into", str(tmp_path / "w.csv"))
    after = (course.grading / "export" / "w.csv").read_bytes()
    assert after[:2] == b"\xff\xfe"
    mark = f"{key.max_points / 2 * 0.8:g}".replace(".", ",")
    assert f"Submitted;{mark};{key.max_points:.2f}".replace(".", ",") in after[2:].decode("utf-16-le")


@pytest.mark.parametrize("heading", ["Maximum Grade", "Maximum grade"])
def test_another_maximum_is_said_and_scaled_only_when_asked(
    made: tuple[Course, Key], tmp_path: Path, heading: str
) -> None:
    course, key = made
    (tmp_path / "w.csv").write_text(worksheet(key, top="100.00").replace("Maximum Grade", heading))
    code, said = ask(course, "review", "--into", str(tmp_path / "w.csv"))
    assert code == 1 and "maximum is 100" in said.replace("\n", " ")
    ask(course, "review", "--into", str(tmp_path / "w.csv"), "--scale")
    rows = rows_of((course.grading / "export" / "w.csv").read_text())
    assert rows["Participant 101"]["Grade"] == "50" and rows["Participant 102"]["Grade"] == "40"


def test_what_has_no_maximum_cannot_be_scaled(made: tuple[Course, Key], tmp_path: Path) -> None:
    course, key = made
    (tmp_path / "none.csv").write_text(worksheet(key).replace("Maximum Grade", "Something else"))
    code, said = ask(course, "review", "--into", str(tmp_path / "none.csv"), "--scale")
    assert code == 1 and "names no maximum" in said.replace("\n", " ")
    assert not (course.grading / "export" / "none.csv").exists()


CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Week 1 (11),Review (12),Assignments Current Score,Final Score
,,,,,,Manual Posting,,
    Points Possible,,,,,5,{top},(read only),(read only)
"Müller, Bo",202,s2,bo@uni,A,3,,60,60
"Lovelace, Ada",201,s1,"ada@uni",A,,"1,5",0,0
"Oe, Cleo",203,s3,cleo@uni,"A, B",,EX,0,0
"Student, Test",299,,,A,,,,
"""


def test_canvas_gradebook_is_filled_and_all_else_stays(made: tuple[Course, Key]) -> None:
    course, key = made
    marks = read_marks(course, "review")
    roster = [Entry(s, NAMES[s], "canvas", f"20{n}", *WHERE, "") for n, s in enumerate(NAMES, start=1)]
    before = CANVAS.format(top=f"{key.max_points:g}")
    sheet = _sheet(before)
    done = fill(sheet, marks, roster, "review")
    half = key.max_points / 2
    comma = f"{half * 0.8:g}".replace(".", ",")
    after = before.replace("A,3,,60", f'A,3,"{comma}",60' if "," in comma else f"A,3,{comma},60")
    after = after.replace('"1,5",0', f'"{half:g}",0'.replace(".", ","))
    assert sheet.to_bytes().decode() == after
    assert done.left == {"cleo": "excused there"} and done.absent == ["dee"] and done.unknown == 1
    for wrong, says in (
        (CANVAS.replace("Review", "Open"), "--column"),
        (CANVAS.replace("{top},(", "(read only),("), "read only"),
    ):
        with pytest.raises(CannotFill, match=says):
            fill(_sheet(wrong.format(top="1")), marks, roster, "review")


def test_without_numbers_people_are_found_by_login_email_or_name_and_never_guessed(made: tuple[Course, Key]) -> None:
    course, key = made
    marks = read_marks(course, "review")
    text = "First name,Last name,ID number,Email address,Assignment: review (Real),Last downloaded from this course\n"
    text += "A,B,ada,x@y,-,1\nBo,Müller,,,-,1\nDee,D,,,-,1\nDEE,d,,,-,1\n"
    roster = [Entry("bo", "Bo  müller", "moodle", "", "", "", ""), Entry("dee", "Dee D", "moodle", "", "", "", "")]
    sheet = _sheet(text)
    done = fill(sheet, marks, roster, "review", unfinished=True)
    half = key.max_points / 2
    assert [sheet.text(row, 4) for row in range(1, 5)] == [f"{half:g}", f"{half * 0.8:g}", "-", "-"]
    assert set(done.left) == {"dee"} and done.absent == ["cleo"]
    namesakes = [Entry("ada", "Bo Müller", "moodle", "", "", "", ""), *roster]
    assert fill(_sheet(text.replace(",ada,", ",,")), marks, namesakes, "review", unfinished=True).filled == 0


def _sheet(text: str) -> Sheet:
    rows, ends = cut(text, ",")
    return Sheet(rows, ends, ",", "utf-8")


@pytest.mark.parametrize("text", ["", "one column\n", 'a,"b\n', "PK\x03\x04,\0"])
def test_what_is_no_table_is_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(NotATable):
        Sheet.read(tmp_path / "t.csv")


@pytest.mark.parametrize(
    "text", ['a,"b ""c"" \r\n d",e\r\n\r\n,,\r\n"x"', '"a b";"c"\n1;2', "\ta\tb\n\t\t", 'a,b\n"x"y, z \n', "ä,b\r1,2\r"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_an_untouched_table_goes_out_as_it_came(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    assert Sheet.read(tmp_path / "t.csv").to_bytes() == text.encode(encoding)


def test_moodles_import_table_has_names_unchanged_or_not_at_all(made: tuple[Course, Key]) -> None:
    course, _key = made
    code, said = ask(course, "--moodle", "Username")
    rows = rows_of((course.grading / "export" / "moodle-username.csv").read_text())
    assert code == 0 and list(rows) == ["ada", "bo", "cleo", "dee"]
    assert rows["dee"]["review"] == "" and "dee" in said, "a mark that is not all there is none"
    code, said = ask(course, "--moodle", "Email address")
    assert code == 3 and "no email address" in said
    with Gradebook(course.db_url, "recurrent") as book:
        for student, email in (("ada", "Ada@x.org"), ("bo", "=bo@x.org")):
            book.update_or_create_student(student, email=email)
    code, said = ask(course, "--moodle", "Email address")
    rows = rows_of((course.grading / "export" / "moodle-email-address.csv").read_text())
    assert list(rows) == ["Ada@x.org"] and "formula" in said


# --- feedback ---


def test_feedback_goes_where_moodle_looks_for_it(made: tuple[Course, Key]) -> None:
    course, key = made
    code, _ = ask(course, "review", "--feedback")
    assert code == 0
    with zipfile.ZipFile(course.grading / "export" / "feedback-moodle-review.zip") as file:
        found = {name: file.read(name).decode() for name in file.namelist()}
    places = {s: f"{NAMES[s]}_{NUMBERS[s]}_assignsubmission_file_/open.html" for s in NAMES}
    assert set(found) == set(places.values())
    for student, place in places.items():
        page = found[place]
        assert f"Feedback for {student}" in page
        assert page.index("Marked by a person") < page.index("Waiting for a person")
        marked = [cell for cell in key.cells if cell.points == 3][student == "dee" :]
        assert page.count("1.5 of 3 points") == len(marked) > 5
        assert ("20 % of the points reached are taken off" in page) == (student == "bo")
    assert "a &lt; b<br>&lt;i&gt;no&lt;/i&gt;" in found[places["ada"]]


def test_feedback_keeps_canvas_names_and_never_leaves_the_zip(made: tuple[Course, Key]) -> None:
    course, key = made
    entries = [
        Entry("ada", "Ada", "canvas", "201", *WHERE, "lovelaceada_LATE_201_9001_open-1.ipynb"),
        Entry("bo", "Bo", "canvas", "202", *WHERE, "../../bo_202_9002_open.ipynb"),
        Entry("cleo", "Cleo", "moodle", "103", *WHERE, "x/Cleo O_103_assignsubmission_file_my open.ipynb"),
        Entry("dee", "Dee", "moodle", "104", *WHERE, "just/open.ipynb"),
    ]
    made_zip = bundle(course, {WHERE: key}, entries, {("ada", *WHERE): [ByHand("explain-rnn", 1.5, 3, "*Nearly.*")]})
    with zipfile.ZipFile(io.BytesIO(made_zip.data)) as file:
        names = file.namelist()
        notebook = nbformat.reads(file.read(names[0]).decode(), as_version=4)
    assert names == ["lovelaceada_LATE_201_9001_open-1.ipynb", "x/Cleo O_103_assignsubmission_file_open.html"]
    nbformat.validate(notebook)
    assert len(notebook.cells) == 2 + sum(cell.grade for cell in key.cells)
    assert "1.5 of 3 points" in notebook.cells[1].source and "*Nearly.*" in notebook.cells[1].source
    assert len(made_zip.left) == 2


def test_without_collect_it_is_said_what_is_needed(made: tuple[Course, Key], tmp_path: Path) -> None:
    course, _ = made
    roster = course.grading / "platform.csv"
    kept = roster.rename(tmp_path / "platform.csv")
    try:
        code, said = ask(course, "review", "--feedback")
    finally:
        shutil.move(kept, roster)
    assert code == 1 and "collect" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("review", "--into", "x.csv", "--feedback"), "--into does nothing here. Ask for"),
        (("review", "--moodle", "Username", "--feedback"), "--moodle does nothing here. Ask for"),
        (("review", "--scale"), "--scale does nothing here. It goes with --into"),
        (("review", "--column", "Quiz"), "--column does nothing here. It goes with --into"),
    ],
)
def test_options_that_would_do_nothing_are_refused(made: tuple[Course, Key], words: tuple[str, ...], said: str) -> None:
    code, text = ask(made[0], *words)
    assert code == 2 and said in " ".join(text.split())


def test_what_is_not_marked_makes_no_table_and_no_feedback(tmp_path: Path) -> None:
    course = course_of(tmp_path, ("review", "open"))
    release(course, "review")
    with (course.grading / "platform.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, ("ada", "Ada", "moodle", "1", "lstm", "gates", "Ada_1_x_/gates.ipynb")])
    for words, said in (((), "Nothing of review is marked yet"), (("--feedback",), "came through a platform")):
        code, text = ask(course, "review", *words)
        assert code == 1 and said in " ".join(text.split()), text
    assert not (course.grading / "export").exists()
