"""From a download to grading/submitted: names, contents, attempts, and whatever a real class puts into a zip."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from itertools import permutations
from pathlib import Path
from traceback import format_exception
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from autograder.commands.cli import app
from autograder.course.folder import Course
from autograder.course.key import Key
from autograder.handed_in import collecting, ledger
from autograder.handed_in.collecting import AGAIN, ASIDE, EARLIER, OURS, TAKEN, UNKNOWN, fit, known_identities, made_id
from autograder.handed_in.ledger import Record
from autograder.handed_in.platforms import CANVAS, MOODLE, PLAIN, Origin, moodle, origin, platform_of, without_wrapper
from autograder.handed_in.recognition import Exercises
from autograder.handed_in.students import NotAList, StudentList
from autograder.handed_in.unpacking import MAX_ENTRIES, Download, Outer, Refused, contents
from autograder.handed_out.roster import read_roster
from autograder.marks.grade import odd_name, timestamp
from autograder.sample.downloads import DOWNLOADED, canvas_zip, moodle_zip, odd_entries, people, zip_of

Keys = dict[tuple[str, str], Key]
CELL, GATES = ("lstm", "cell"), ("lstm", "gates")
FOLDER = "_assignsubmission_file"


@pytest.fixture
def here(course: Path, tmp_path: Path) -> Course:
    return new_course(course, tmp_path / "course")


def new_course(course: Path, at: Path) -> Course:
    """A course of its own in which nobody has handed in. `collect` needs no gradebook."""
    at.mkdir()
    for name in ("solutions", "exercises", "nbgrader_config.py"):
        (at / name).symlink_to(course / name)
    return Course.at(at)


def run(here: Course, *arguments: str | Path) -> Result:
    """The command, as it is called. It ends with a sentence and an exit code, and with no exception."""
    done = CliRunner().invoke(app, ["collect", "--course", str(here.root), *map(str, arguments)])
    assert done.exc_info is not None
    assert issubclass(done.exc_info[0], SystemExit), "".join(format_exception(*done.exc_info))
    print(done.output)
    return done


def rows(here: Course) -> list[dict[str, str]]:
    """grading/collected.csv."""
    with (here.grading / "collected.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def outcomes(here: Course) -> dict[str, tuple[str, str]]:
    """What became of each entry, and the exercise that it is."""
    return {row["entry"]: (row["outcome"], row["exercise"]) for row in rows(here)}


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file, its bytes and when it was last written."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def released(course: Path, where: tuple[str, str] = CELL, own: str = "") -> bytes:
    """A notebook as it was released, with a line of the student's own."""
    notebook = json.loads((course / "exercises" / where[0] / f"{where[1]}.ipynb").read_text())
    if own:
        cell = next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("solution"))
        cell["source"] = [*cell["source"], f"\n# {own}"]
    return json.dumps(notebook).encode()


def written(path: Path, entries: Iterable[tuple[str, bytes]], at: tuple[int, ...] = (2026, 1, 11, 12, 0, 0)) -> Path:
    """A zip whose entries all have one time, as platforms write it."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name, at)  # type: ignore[arg-type]
            info.filename = name
            archive.writestr(info, data)
    return path


def submitted(here: Course, student: str, where: tuple[str, str] = CELL) -> bytes:
    return (here.submitted / student / where[0] / f"{where[1]}.ipynb").read_bytes()


# --- names ---


@pytest.mark.parametrize(
    ("path", "name", "number", "rest", "typed"),
    [
        (f"Ada Lovelace_123456{FOLDER}/gates.ipynb", "Ada Lovelace", "123456", ("gates.ipynb",), False),
        (f"Ada Lovelace_123456{FOLDER}_/a b/gates.ipynb", "Ada Lovelace", "123456", ("a b", "gates.ipynb"), False),
        (f"Ada Lovelace_123456{FOLDER}_my_gates.ipynb", "Ada Lovelace", "123456", ("my_gates.ipynb",), False),
        (f"week 3/Ada_7{FOLDER}/x.ipynb", "Ada", "7", ("x.ipynb",), False),
        ("Ada_7_assignsubmission_onlinetext/onlinetext.html", "Ada", "7", ("onlinetext.html",), True),
        ("Ada_7_assignsubmission_onlinetext_/onlinetext.html", "Ada", "7", ("onlinetext.html",), True),
        ("Ada_7_assignsubmission_onlinetext_onlinetext.html", "Ada", "7", ("onlinetext.html",), True),
        (f"Group A_77{FOLDER}/x.ipynb", "Group A", "77", ("x.ipynb",), False),
        (f"Default group{FOLDER}/x.ipynb", "Default group", "", ("x.ipynb",), False),
        (f"Participant_99{FOLDER}/x.ipynb", "Participant", "99", ("x.ipynb",), False),
    ],
)
def test_moodles_names(path: str, name: str, number: str, rest: tuple[str, ...], typed: bool) -> None:
    parts = tuple(path.split("/"))
    assert platform_of([parts]) == MOODLE
    found = origin(MOODLE, parts)
    assert (found.name, found.number, found.rest, found.typed) == (name, number, rest, typed)


@pytest.mark.parametrize(
    ("path", "name", "number", "attachment", "rest", "late", "typed"),
    [
        ("lovelaceada_4711_90210_gates-1.ipynb", "lovelaceada", "4711", 90210, "gates-1.ipynb", False, False),
        ("lovelaceada_LATE_4711_90210_gates.ipynb", "lovelaceada", "4711", 90210, "gates.ipynb", True, False),
        ("lovelaceada_late_4711_90210_my_gates.ipynb", "lovelaceada", "4711", 90210, "my_gates.ipynb", True, False),
        ("müllerjörg_4712_90211_12_3_a.ipynb", "müllerjörg", "4712", 90211, "12_3_a.ipynb", False, False),
        ("projectteama_4711_5_x.zip", "projectteama", "4711", 5, "x.zip", False, False),
        ("anon_x7Kq2_90210_gates.ipynb", "", "x7Kq2", 90210, "gates.ipynb", False, False),
        ("LATE_anon_x7Kq2_90210_gates.ipynb", "", "x7Kq2", 90210, "gates.ipynb", True, False),
        ("lovelaceada_4711_text.html", "lovelaceada", "4711", 0, "lovelaceada_4711_text.html", False, True),
        ("lovelaceada_LATE_4711_link.html", "lovelaceada", "4711", 0, "lovelaceada_LATE_4711_link.html", True, True),
    ],
)
def test_canvass_names(path: str, name: str, number: str, attachment: int, rest: str, late: bool, typed: bool) -> None:
    assert platform_of([(path,)]) == CANVAS
    found = origin(CANVAS, (path,))
    assert (found.name, found.number, found.attachment, found.rest, found.late, found.typed) == (
        (name, number, attachment, (rest,), late, typed)
    )  # fmt: skip


def test_a_folder_of_students_is_no_platform() -> None:
    assert platform_of([("ada", "gates.ipynb"), ("bob", "hw_2026_01_gates.ipynb")]) == PLAIN
    assert origin(PLAIN, ("bob", "hw_2026_01_gates.ipynb")).name == "bob"
    assert moodle(("ada_assignsubmission.ipynb",)) is None


@pytest.mark.parametrize(
    ("paths", "depth"),
    [
        (["all/ada/x.ipynb", "all/bob/x.ipynb"], 1),
        (["ada/x.ipynb", "bob/x.ipynb"], 0),
        (["ada/lstm/x.ipynb", "ada/gru/x.ipynb"], 0),
        (["ada/work/x.ipynb"], 0),
    ],
)
def test_a_folder_around_everything_is_no_student(paths: list[str], depth: int) -> None:
    assert without_wrapper([tuple(path.split("/")) for path in paths], ["lstm", "gru"]) == depth


@pytest.mark.parametrize(
    ("name", "made"),
    [("Ada  Lovelace", "ada-lovelace"), ("Jörg Müller", "jörg-müller"), ("李 雷", "李-雷"), ("Con", "con-student")],
)
def test_an_id_is_readable(name: str, made: str) -> None:
    assert made_id(name) == made


@pytest.mark.parametrize(
    "name",
    ["../..", "a/b", "a\\b", ".hidden", "CON", "nul.txt", "a\nb", "x" * 300, os.fsdecode(b"caf\xe9"), "=1+1", "ü" * 90],
)
def test_an_id_can_be_a_folder_everywhere(name: str) -> None:
    for made in (fit(name), made_id(name)):
        assert made and not odd_name(made)
        assert not re.search(r'[/\\:*?"<>|]', made) and made not in (".", "..") and made.upper() != "CON"


def test_two_odd_names_stay_two() -> None:
    assert fit(os.fsdecode(b"caf\xe9")) != fit(os.fsdecode(b"caf\xe8"))
    assert fit("x" * 200 + "1") != fit("x" * 200 + "2")


# --- what a file is ---


@pytest.fixture(scope="module")
def exercises(course: Path, keys: Keys) -> Exercises:
    return Exercises(Course.at(course), keys)


def bare(notebook: dict[str, Any]) -> dict[str, Any]:
    """Without metadata, ids and version, as a tool may leave it."""
    cells = [{"cell_type": c["cell_type"], "metadata": {}, "source": c["source"]} for c in notebook["cells"]]
    return {"cells": cells, "metadata": {"kernelspec": {"name": "julia"}}, "nbformat": 4, "nbformat_minor": 2}


def test_every_exercise_is_known_by_its_content(course: Path, keys: Keys, exercises: Exercises) -> None:
    for where in keys:
        data = released(course, where)
        notebook = json.loads(data)
        for changed in (data, json.dumps(bare(notebook)).encode(), b"\xef\xbb\xbf" + data, data[: len(data) * 9 // 10]):
            assert exercises.see(changed, "Untitled.ipynb").where == where


def test_what_is_left_of_a_notebook_is_never_taken_for_another(course: Path, keys: Keys, exercises: Exercises) -> None:
    rng = random.Random(1)
    for where in keys:
        notebook = json.loads(released(course, where))
        for _ in range(6):
            some = [cell for cell in notebook["cells"] if rng.random() < 0.4]
            found = exercises.see(json.dumps({**notebook, "cells": some}).encode(), "x.ipynb").where
            assert found in (where, None)


def test_what_is_no_exercise_is_none(exercises: Exercises) -> None:
    cell = {"cell_type": "code", "metadata": {}, "source": "import numpy as np", "id": "imports"}
    mine = exercises.see(json.dumps({"cells": [cell]}).encode(), "mine.ipynb")
    assert mine.where is None and mine.notebook and "not those of one of the exercises" in mine.why
    assert not exercises.see(b"%PDF", "gates.pdf").notebook
    assert not exercises.see(b"", "gates.ipynb").readable


def test_layout_is_no_answer_of_ones_own(course: Path, exercises: Exercises) -> None:
    assert exercises.see(released(course), "x.ipynb").code == ""
    mine = released(course, own="mine")
    spaced = mine.replace(b"\\n# mine", b"\\n\\n# mine  ")
    assert mine != spaced
    assert exercises.see(mine, "x.ipynb").code == exercises.see(spaced, "x.ipynb").code != ""


# --- a class through Moodle, with what goes wrong ---


@pytest.fixture(scope="module")
def naughty(course: Path, keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Result, Path]:
    folder = tmp_path_factory.mktemp("naughty")
    here = new_course(course, folder / "course")
    moodle_zip(here, {CELL: keys[CELL]}, 6, folder / "moodle.zip", naughty=True)
    said = run(here, folder / "moodle.zip", "--students", folder / "moodle.csv", "--time-zone", "Europe/Vienna")
    return here, said, folder


CELL_AS = (TAKEN, "lstm/cell")
ODD = {
    "Anna Zweimal*/cell.ipynb": (EARLIER, "lstm/cell"),
    "Anna Zweimal*/cell (2).ipynb": CELL_AS,
    "Otto Ohnename*/Untitled.ipynb": CELL_AS,
    "Sina Spurlos*/work.ipynb": CELL_AS,
    "Carl Abgebrochen*/cell.ipynb": CELL_AS,
    "Nina Null*/cell.ipynb": CELL_AS,
    "Greg Gross*/cell.ipynb": (UNKNOWN, ""),
    "Paul Papier*/cell.pdf": (ASIDE, ""),
    "Zoe Zip*/my work.zip!/my work/cell.ipynb": CELL_AS,
    "Zoe Zip*/my work.zip!/my work/.ipynb_checkpoints/cell-checkpoint.ipynb": (ASIDE, ""),
    "Zoe Zip*/my work.zip!/__MACOSX/my work/._cell.ipynb": (ASIDE, ""),
    "Zoe Zip*/my work.zip!/my work/.DS_Store": (ASIDE, ""),
    "Zoe Zip*/my work.zip!/my work/notes.docx": (ASIDE, ""),
    "Nora Nest*/a.zip!/b.zip/CON/cell.ipynb": CELL_AS,
    "Bo Bombe*/bomb.zip": (UNKNOWN, ""),
    "Eva Geheim*/secret.zip!/cell.ipynb": (UNKNOWN, ""),
    "Leo Leer*/empty.zip": (UNKNOWN, ""),
    "Max Pfad*/paths.zip!/../../../cell.ipynb": (UNKNOWN, ""),
    "Max Pfad*/paths.zip!/etc/cell.ipynb": (UNKNOWN, ""),
    "Max Pfad*/paths.zip!/C:/work/cell.ipynb": (UNKNOWN, ""),
    "Wanda Windows*/work.zip!/work/cell.ipynb": CELL_AS,
    "Kim Kopie*/cell.ipynb": CELL_AS,
    "Kai Kopie*/cell.ipynb": CELL_AS,
    "Jan Zwilling*/cell.ipynb": CELL_AS,
    "Lo*ng*/cell.ipynb": CELL_AS,
    "Tina Text*/onlinetext.html": (ASIDE, ""),
    "../Udo Unfug*/cell.ipynb": (UNKNOWN, ""),
}


def test_each_odd_thing_is_told_for_what_it_is(naughty: tuple[Course, Result, Path]) -> None:
    here, said, _ = naughty
    assert said.exit_code == 3, said.output
    found = outcomes(here)
    ours = {path: what for path, what in found.items() if not re.search(r"_41\d{4}_", path)}
    for pattern, what in ODD.items():
        shape = re.compile(re.escape(pattern).replace(r"\*", r"[^/]*"))
        of_it = [path for path in ours if shape.fullmatch(path)]
        assert of_it and all(ours.pop(path) == what for path in of_it), (pattern, of_it)
    assert not ours, "an entry that nobody expected"


def test_nothing_is_lost(naughty: tuple[Course, Result, Path]) -> None:
    here, _, folder = naughty
    with zipfile.ZipFile(folder / "moodle.zip") as archive:
        outer = {info.filename: archive.read(info) for info in archive.infolist()}
    listed = {row["entry"].partition("!/")[0] for row in rows(here)}
    assert listed == {ledger_name for ledger_name in outer if len(ledger_name) <= 500}
    kept = {path.read_bytes() for path in (here.grading / "collected" / "files").iterdir()}
    for name, data in outer.items():
        if name.endswith(".ipynb") and len(data) < 20 << 20 and not name.startswith("../"):
            assert data in kept, name
    for row in rows(here):
        assert not row["kept_as"] or (here.root / row["kept_as"]).is_file()


def test_of_two_attempts_the_later_counts_and_two_of_one_name_are_two(naughty: tuple[Course, Result, Path]) -> None:
    here, _, _ = naughty
    assert b"# Anna, second" in submitted(here, "anna-zweimal")
    twins = [row for row in rows(here) if row["entry"].startswith("Jan Zwilling")]
    ids = {row["student"] for row in twins}
    assert len(ids) == 2 and all(re.fullmatch(r"jan-zwilling-\d+", one) for one in ids)
    assert len({submitted(here, one) for one in ids}) == 2


def test_the_same_answers_are_reported_and_both_kept(naughty: tuple[Course, Result, Path]) -> None:
    here, said, _ = naughty
    notes = {row["student"]: row["note"] for row in rows(here) if "Kopie" in row["entry"]}
    assert "kai-kopie" in notes["kim-kopie"] and "kim-kopie" in notes["kai-kopie"] and "no proof" in notes["kai-kopie"]
    assert submitted(here, "kim-kopie") == submitted(here, "kai-kopie")
    assert sum("The same" in row["note"] for row in rows(here)) == 2
    assert "kai-kopie, kim-kopie" in said.output.replace("\n", " ")


def test_ids_and_times_come_from_the_worksheet(naughty: tuple[Course, Result, Path]) -> None:
    here, _, folder = naughty
    class_ = [one for one in people(6) if (here.submitted / one.student).is_dir()]
    assert len(class_) >= 5
    with (folder / "moodle.csv").open(newline="", encoding="utf-8-sig") as file:
        sheet = {row["ID number"]: row["Last modified (submission)"] for row in csv.DictReader(file)}
    for one in class_:
        clock = datetime.strptime(sheet[one.student], "%A, %d %B %Y, %I:%M %p").replace(
            tzinfo=ZoneInfo("Europe/Vienna")
        )
        expected = clock.astimezone(UTC).replace(tzinfo=None)
        assert timestamp(here.submitted / one.student / "lstm") == (expected, [])


def test_a_time_that_is_not_known_is_not_made_up(naughty: tuple[Course, Result, Path]) -> None:
    here, _, _ = naughty
    assert not (here.submitted / "otto-ohnename" / "lstm" / "timestamp.txt").exists()
    assert next(row["handed_in"] for row in rows(here) if "Otto" in row["entry"]) == ""


def test_who_is_who_is_kept_for_the_way_back(naughty: tuple[Course, Result, Path], keys: Keys) -> None:
    here, _, _ = naughty
    found = {one.student: one for one in known_identities(here, keys)}
    for one in people(6):
        if one.student in found:
            mine = found[one.student]
            assert (mine.full_name, mine.platform, mine.platform_id) == (one.name, MOODLE, str(one.number))
            assert mine.folder == f"{one.name}_{one.number}{FOLDER}" and (mine.assignment, mine.notebook) == CELL
            assert mine.entry == f"{mine.folder}/cell.ipynb"
    assert read_roster(here), "as `export` reads it"
    with (here.grading / "platform.csv").open(newline="") as file:
        assert {row["student"] for row in csv.DictReader(file)} == set(found)


def test_a_second_run_changes_nothing(naughty: tuple[Course, Result, Path]) -> None:
    here, said, folder = naughty
    before = tree(here.grading)
    again = run(here, folder / "moodle.zip", "--students", folder / "moodle.csv", "--time-zone", "Europe/Vienna")
    assert again.exit_code == said.exit_code
    assert tree(here.grading) == before


def test_nothing_is_written_elsewhere(naughty: tuple[Course, Result, Path]) -> None:
    here, _, folder = naughty
    assert sorted(path.name for path in folder.iterdir()) == ["course", "moodle.csv", "moodle.zip"]
    assert not any(path.is_symlink() for path in here.grading.rglob("*"))
    assert {path.name for path in here.root.iterdir()} == {"solutions", "exercises", "nbgrader_config.py", "grading"}
    assert not Path("/etc/cell.ipynb").exists()


def test_who_handed_in_no_notebook_is_named(naughty: tuple[Course, Result, Path]) -> None:
    _, said, _ = naughty
    last = said.output.replace("\n", " ").partition("but no notebook: ")[2]
    assert set(last.replace(",", "").split()) == {
        "bo-bombe", "eva-geheim", "greg-gross", "leo-leer", "max-pfad", "paul-papier", "tina-text",
    }  # fmt: skip


# --- killed ---


def test_a_run_killed_at_any_write_is_completed_by_the_next(course: Path, keys: Keys, tmp_path: Path) -> None:
    """Each write goes through `os.replace`: a child ends just before one, with no clearing up; another run goes on."""
    times = ("Friday, 9 January 2026, 11:58 AM", "Friday, 9 January 2026, 10:00 AM")
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "Identifier,Full name,Last modified (submission)\n"
        + "".join(f'Participant {n},S{n},"{time}"\n' for n, time in enumerate(times, 1))
    )
    entries = [(f"S{n}_{n}{FOLDER}/cell.ipynb", released(course, own=str(n))) for n in (1, 2)]
    download = written(tmp_path / "m.zip", entries)

    def once(here: Course) -> None:
        collecting.collect(here, {CELL: keys[CELL]}, [download], StudentList.read([sheet]))

    whole = new_course(course, tmp_path / "whole")
    once(whole)
    expected = {name: data for name, (data, _) in tree(whole.grading).items()}
    for number in range(1, 30):
        here = new_course(course, tmp_path / f"killed-{number}")
        if not killed_at(number, lambda: once(here)):  # noqa: B023
            break
        once(here)
        assert {name: data for name, (data, _) in tree(here.grading).items()} == expected, f"killed at write {number}"
        shutil.rmtree(here.root)
    assert number > 2 + 1 + 2 + 2 + 2, "two files, the entries, two notebooks, two times, two tables"


def killed_at(number: int, run_it: Callable[[], None]) -> bool:
    """Whether a run in a child was killed before its write of this number."""
    child = os.fork()
    if child == 0:
        real, left = os.replace, [number]

        def replace(*arguments: Any, **keywords: Any) -> None:
            left[0] -= 1
            if not left[0]:
                os._exit(9)
            real(*arguments, **keywords)

        os.replace = replace
        try:
            run_it()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


# --- attempts ---


def test_canvass_later_attachment_counts_whatever_its_name(here: Course, course: Path, tmp_path: Path) -> None:
    entries = [
        ("lovelaceada_4711_90300_cell.ipynb", released(course, own="later")),
        ("lovelaceada_4711_90200_cell-1.ipynb", released(course, own="before")),
    ]
    assert run(here, written(tmp_path / "c.zip", entries)).exit_code == 0
    assert b"# later" in submitted(here, "lovelaceada")


def test_a_newer_download_counts_and_an_old_one_again_does_not(here: Course, course: Path, tmp_path: Path) -> None:
    path = f"Ada_1{FOLDER}/cell.ipynb"
    old = written(tmp_path / "old.zip", [(path, released(course, own="old"))], (2026, 1, 11, 12, 0, 0))
    new = written(tmp_path / "new.zip", [(path, released(course, own="new"))], (2026, 1, 12, 12, 0, 0))
    back = written(tmp_path / "back.zip", [(path, released(course, own="old"))], (2026, 1, 13, 12, 0, 0))
    for download, expected in ((old, b"# old"), (new, b"# new"), (old, b"# new"), (back, b"# old")):
        assert run(here, download).exit_code == 0
        assert expected in submitted(here, "ada")
    assert len(list((here.grading / "collected" / "files").iterdir())) == 2, "every version is kept, once"


def test_what_a_newer_download_adds_is_newer_than_what_was_there(here: Course, course: Path, tmp_path: Path) -> None:
    there = (f"Ada_1{FOLDER}/cell (2).ipynb", released(course, own="there"))
    added = (f"Ada_1{FOLDER}/cell.ipynb", released(course, own="added"))
    assert run(here, written(tmp_path / "old.zip", [there], (2026, 1, 11, 12, 0, 0))).exit_code == 0
    assert run(here, written(tmp_path / "new.zip", [there, added], (2026, 1, 12, 12, 0, 0))).exit_code == 0
    assert b"# added" in submitted(here, "ada")


def test_two_of_one_name_in_two_downloads_are_told_apart_or_told(here: Course, course: Path, tmp_path: Path) -> None:
    """Canvas's numbers are people's. Moodle's differ in each of its assignments: only a person can say who it is."""
    for number in (105, 106):
        name = f"kimjan_{number}_900{number}_cell.ipynb"
        entries = [(name, released(course, own=str(number)))]
        assert run(here, written(tmp_path / f"c{number}.zip", entries)).exit_code == 0
    assert b"# 105" in submitted(here, "kimjan") and b"# 106" in submitted(here, "kimjan-106")
    for number, code in ((1, 0), (2, 3)):
        entries = [(f"Jan Kim_{number}{FOLDER}/cell.ipynb", released(course, own=str(number)))]
        said = run(here, written(tmp_path / f"m{number}.zip", entries))
        assert said.exit_code == code, said.output
    assert "two people" in {row["entry"]: row for row in rows(here)}[f"Jan Kim_1{FOLDER}/cell.ipynb"]["note"]
    assert "Jan Kim came with several numbers, 1, 2" in said.output


def test_what_nobody_has_written_into_does_not_replace_an_answer(here: Course, course: Path, tmp_path: Path) -> None:
    untouched = (course / "exercises/lstm/cell.ipynb").read_bytes()
    answered = released(course, own="mine")
    entries = [(f"Ada_1{FOLDER}/cell.ipynb", answered), (f"Ada_1{FOLDER}/cell (1).ipynb", untouched)]
    assert run(here, written(tmp_path / "m.zip", entries)).exit_code == 0
    assert submitted(here, "ada") == answered


def test_a_zip_that_is_called_a_notebook_is_opened(here: Course, course: Path, tmp_path: Path) -> None:
    inside = written(tmp_path / "inside.zip", [("cell.ipynb", released(course, own="mine"))])
    download = written(tmp_path / "m.zip", [(f"Ada_1{FOLDER}/cell.ipynb", inside.read_bytes())])
    assert run(here, download).exit_code == 0
    assert b"# mine" in submitted(here, "ada")


def test_a_file_in_a_drop_keeps_its_time_whatever_is_done_to_it(
    here: Course, course: Path, keys: Keys, exercises: Exercises
) -> None:
    """As when somebody gives all files another owner: only other content is handed in anew."""
    known: list[Record] = []
    for own, day, expected in (("one", 1, 1), ("one", 2, 1), ("two", 3, 3), ("one", 4, 4)):
        time = datetime(2026, 1, day, tzinfo=UTC)
        outers = [Outer(("ada", "cell.ipynb"), time, partial(bytes_of, released(course, own=own)))]
        new = collecting.gather(here, exercises, "drop", outers, StudentList(), known, drop=True)
        collecting.take(here, keys, known, new, whole=False)
        known = ledger.load(here)
        assert timestamp(here.submitted / "ada" / "lstm") == (datetime(2026, 1, expected), [])


def test_the_order_of_downloads_does_not_matter(course: Path, keys: Keys, tmp_path: Path) -> None:
    path = f"Ada_1{FOLDER}/cell.ipynb"
    made = [
        written(tmp_path / f"{day}.zip", [(path, released(course, own=str(day)))], (2026, 1, day, 12, 0, 0))
        for day in (10, 11, 12)
    ]
    states = set()
    for number, order in enumerate(permutations(made)):
        here = new_course(course, tmp_path / str(number))
        for download in order:
            collecting.collect(here, {CELL: keys[CELL]}, [download], StudentList())
        states.add(json.dumps({name: data.hex() for name, (data, _) in tree(here.grading).items()}))
    assert len(states) == 1


def test_one_student_of_two_assignments_of_moodle_is_one(here: Course, course: Path, tmp_path: Path) -> None:
    """The participant number is another one in each assignment of Moodle."""
    one = written(tmp_path / "one.zip", [(f"Ada Lovelace_11{FOLDER}/cell.ipynb", released(course))])
    two = written(tmp_path / "two.zip", [(f"Ada Lovelace_950{FOLDER}/step.ipynb", released(course, ("rnn", "step")))])
    run(here, one, two)
    assert [path.name for path in here.submitted.iterdir()] == ["ada-lovelace"]


def test_handed_in_among_another_assignment(here: Course, course: Path, tmp_path: Path) -> None:
    entries = [(f"S{n}_{n}{FOLDER}/cell.ipynb", released(course, own=str(n))) for n in range(3)]
    entries.append((f"S0_0{FOLDER}/gates.ipynb", released(course, ("gru", "gates"))))
    assert run(here, written(tmp_path / "m.zip", entries)).exit_code == 0
    row = next(row for row in rows(here) if row["entry"].endswith("gates.ipynb"))
    assert (row["outcome"], row["exercise"], row["note"]) == (TAKEN, "gru/gates", "Handed in among lstm.")


def test_a_broken_file_does_not_hide_one_that_can_be_marked(here: Course, course: Path, tmp_path: Path) -> None:
    good, broken = released(course, own="good"), released(course, own="broken")[:-100]
    folder = f"Ada_1{FOLDER}"
    run(here, written(tmp_path / "m.zip", [(f"{folder}/cell.ipynb", good), (f"{folder}/cell (2).ipynb", broken)]))
    assert submitted(here, "ada") == good
    assert outcomes(here)[f"{folder}/cell (2).ipynb"] == (EARLIER, "lstm/cell")


def test_the_same_file_twice_is_said_to_be(here: Course, course: Path, tmp_path: Path) -> None:
    data, folder = released(course, own="mine"), f"Ada_1{FOLDER}"
    run(
        here, written(tmp_path / "m.zip", [(f"{folder}/a.ipynb", data), (f"{folder}/b.zip", zip_of({"a.ipynb": data}))])
    )
    assert sorted(what for what, _ in outcomes(here).values()) == [AGAIN, TAKEN]


def test_late_at_canvas_is_told_and_the_times_of_the_zip_are_not_believed(
    here: Course, keys: Keys, tmp_path: Path
) -> None:
    canvas_zip(here, {CELL: keys[CELL]}, 8, tmp_path / "c.zip")
    assert run(here, tmp_path / "c.zip", "--students", tmp_path / "c.csv").exit_code == 0
    late = {row["student"] for row in rows(here) if row["late"]}
    assert late == {one.student for one in people(8) if one.late and (here.submitted / one.student).is_dir()} != set()
    assert not list(here.submitted.rglob("timestamp.txt"))


def test_times_that_differ_are_those_of_the_files(here: Course, course: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        for name, day in (("ada", 3), ("bob", 5)):
            archive.writestr(
                zipfile.ZipInfo(f"{name}/cell.ipynb", (2026, 1, day, 15, 0, 0)), released(course, own=name)
            )
    assert run(here, tmp_path / "m.zip", "--time-zone", "Asia/Tokyo").exit_code == 0
    assert timestamp(here.submitted / "ada" / "lstm") == (datetime(2026, 1, 3, 6), [])


# --- nothing is overwritten ---


def test_what_did_not_come_by_collect_stays(here: Course, course: Path, tmp_path: Path) -> None:
    target = here.submitted / "ada" / "lstm" / "cell.ipynb"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"by hand")
    (target.parent / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC")
    said = run(here, written(tmp_path / "m.zip", [(f"Ada_1{FOLDER}/cell.ipynb", released(course))]))
    assert said.exit_code == 3 and "did not come by `collect`" in said.output.replace("\n", " ")
    assert target.read_bytes() == b"by hand" and "2026-01-01" in (target.parent / "timestamp.txt").read_text()
    assert [what for what, _ in outcomes(here).values()] == [OURS]


def test_another_id_is_refused_before_anything_changes(here: Course, course: Path, tmp_path: Path) -> None:
    download = written(tmp_path / "m.zip", [(f"Ada_1{FOLDER}/cell.ipynb", released(course))])
    run(here, download)
    before = tree(here.grading)
    (tmp_path / "list.csv").write_text("id,name,moodle_id\ns1,Ada,1\n")
    said = run(here, download, "--students", tmp_path / "list.csv")
    assert said.exit_code == 2 and "ada is now s1" in said.output.replace("\n", " ")
    assert tree(here.grading) == before


def test_a_worksheet_that_comes_later_brings_the_times(here: Course, course: Path, tmp_path: Path) -> None:
    download = written(tmp_path / "m.zip", [(f"Ada_1{FOLDER}/cell.ipynb", released(course))])
    run(here, download)
    (tmp_path / "w.csv").write_text(
        'Identifier,Full name,Last modified (submission)\nParticipant 1,Ada,"Friday, 9 January 2026, 12:58 PM"\n'
    )
    run(here, download, "--students", tmp_path / "w.csv", "--time-zone", "UTC")
    assert timestamp(here.submitted / "ada" / "lstm") == (datetime(2026, 1, 9, 12, 58), [])


# --- folders ---


def test_a_folder_is_read_through_no_link(here: Course, course: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(released(course, own="the secret"))
    drop = tmp_path / "drop"
    (drop / "ada").mkdir(parents=True)
    (drop / "ada" / "cell.ipynb").symlink_to(secret)
    (drop / "bob").symlink_to(tmp_path)
    os.mkfifo(drop / "ada" / "pipe.ipynb")
    said = run(here, drop)
    assert said.exit_code == 3
    assert {what for what, _ in outcomes(here).values()} == {UNKNOWN} and len(outcomes(here)) == 3
    assert not any(b"the secret" in path.read_bytes() for path in here.grading.rglob("*") if path.is_file())


def test_folders_and_loose_files(here: Course, course: Path, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    for path in ("s1/cell.ipynb", "s2/lstm/cell.ipynb", "s3/deep/er/x.ipynb", "s4_cell.ipynb", "gates.ipynb"):
        (drop / path).parent.mkdir(parents=True, exist_ok=True)
        (drop / path).write_bytes(released(course, GATES if "gates" in path else CELL, own=path))
    nameless = os.fsencode(drop) + b"/caf\xe9"
    os.mkdir(nameless)
    Path(os.fsdecode(nameless), "cell.ipynb").write_bytes(released(course, own="café"))
    said = run(here, drop)
    assert said.exit_code == 3, "one file says nobody's name"
    assert outcomes(here)["gates.ipynb"] == (UNKNOWN, "lstm/gates")
    students = {path.name for path in here.submitted.iterdir()}
    assert {"s1", "s2", "s3", "s4"} < students and len(students) == 5
    assert b"s4_cell" in submitted(here, "s4")


def test_a_folder_of_several_downloads(here: Course, course: Path, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    written(folder / "a.zip", [(f"Ada_1{FOLDER}/cell.ipynb", released(course))])
    written(folder / "b.zip", [("bobby_4_5_cell.ipynb", released(course))])
    assert run(here, folder).exit_code == 0
    assert {row["download"] for row in rows(here)} == {"a.zip", "b.zip"}
    assert {path.name for path in here.submitted.iterdir()} == {"ada", "bobby"}


def test_no_cell_of_the_tables_is_a_formula(here: Course, course: Path, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    (drop / "=1+1").mkdir(parents=True)
    (drop / "=1+1" / "@cmd.ipynb").write_bytes(released(course))
    run(here, drop)
    for name in ("collected.csv", "platform.csv"):
        for row in csv.reader(io.StringIO((here.grading / name).read_text())):
            assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


@pytest.mark.parametrize("made", ["empty", "none", "text"])
def test_what_is_no_download_is_said_in_a_sentence(here: Course, tmp_path: Path, made: str) -> None:
    path = tmp_path / "d.zip"
    if made == "empty":
        written(path, [])
    elif made == "text":
        path.write_text("<html>Log in</html>")
    said = run(here, path)
    assert said.exit_code == {"empty": 0, "none": 2, "text": 3}[made], said.output
    assert "Traceback" not in said.output


# --- bounds ---


def unpacked(data: bytes) -> list[tuple[str, str]]:
    """What is found in a zip that a student hands in: paths, and why not."""
    outer = Outer(("work.zip",), None, lambda most: data)
    return [("/".join(content.inside), content.why) for content in contents(outer)]


def zipped(count: int, size: int = 0, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for number in range(count):
            archive.writestr(f"{number}.ipynb", b"0" * size)
    return out.getvalue()


def nested(depth: int) -> bytes:
    data = zip_of({"a.ipynb": b"{}"})
    for _ in range(depth):
        data = zip_of({"a.zip": data})
    return data


def lying(data: bytes) -> bytes:
    """A zip whose one file claims to be larger than it is."""
    changed = bytearray(data)
    place = changed.index(b"PK\x01\x02") + 24
    changed[place : place + 4] = (300 << 20).to_bytes(4, "little")
    return bytes(changed)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (zipped(1, 19 << 20), "zip bomb"),
        (zipped(MAX_ENTRIES + 1), "files in this zip"),
        (zip_of({f"{n}.zip": zipped(MAX_ENTRIES // 2 + 1) for n in range(2)}), "files in this zip"),
        (zipped(1, 1000, zipfile.ZIP_BZIP2), "unusual way"),
        (nested(3), "Zips lie in zips"),
        (lying(zipped(1, 100)), "zip bomb"),
        (b"PK\x05\x06" + b"\0" * 8 + b"\xff\xff\xff\x7f" + b"\0" * 6, "files in this zip"),
        (b"PK\x06\x07" + b"\0" * 16 + b"PK\x05\x06" + b"\0" * 18, "four gigabytes"),
        (b"not a zip", "is none"),
        (zip_of({"a.ipynb": b"{}"})[:-30], "is none"),
    ],
)
def test_a_zip_is_counted_before_it_is_unpacked(data: bytes, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = zipfile.ZipFile.open

    def watched(self: Any, name: Any, *rest: Any, **more: Any) -> Any:
        opened.append(name.filename)
        return real(self, name, *rest, **more)

    monkeypatch.setattr(zipfile.ZipFile, "open", watched)
    found = unpacked(data)
    assert any(why in reason for _, reason in found), found
    assert not [name for name in opened if name.endswith(".ipynb") and "files in this zip" not in why]


def test_zips_in_zips_are_opened_up_to_a_depth() -> None:
    assert unpacked(nested(2)) == [("a.zip/a.zip/a.ipynb", "")]


def test_a_link_in_a_zip_is_not_followed() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("cell.ipynb")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert "link" in unpacked(out.getvalue())[0][1]


def test_a_name_in_utf_8_that_does_not_say_so() -> None:
    data = zip_of({"Übung.ipynb": b"{}"})
    silent = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        silent[silent.index(mark) + at] &= ~0x08
    assert unpacked(bytes(silent)) == unpacked(data) == [("Übung.ipynb", "")]


def test_the_sample_has_each_odd_thing_that_is_told(course: Path, keys: Keys) -> None:
    assert len(list(odd_entries(Course.at(course), {CELL: keys[CELL]}))) == 22


# --- lists of students ---

CANVASS = "Student,ID,SIS User ID,SIS Login ID,Section\n"


@pytest.mark.parametrize(
    ("text", "platform", "name", "number", "student"),
    [
        ("Identifier,Full name,ID number\nParticipant 5,Ada Lovelace,s1\n", MOODLE, "Ada Lovelace", "5", "s1"),
        ("Identifier,Full name,Email address\nParticipant 5,Ada Lovelace,a@b.c\n", MOODLE, "Ada L.", "5", "a@b.c"),
        ("First name,Last name,ID number\nAda,Lovelace,s1\n", MOODLE, "Ada Lovelace", "77", "s1"),
        ("First name;Surname;ID number\nAda;Lovelace;s1\n", CANVAS, "lovelaceada", "9", "s1"),
        (f'{CANVASS}    Points Possible,,,,\n"Lovelace, Ada",4711,s1,ada,A\n', CANVAS, "x", "4711", "s1"),
        (f'{CANVASS}"Lovelace, Ada",4711,,ada,A\n', CANVAS, "lovelaceada", "1", "ada"),
        ("id,name,canvas_id\ns1,Ada,4711\n", CANVAS, "x", "4711", "s1"),
        ("id,name\ns1,Ada Lovelace\n", PLAIN, "ada_lovelace", "", "s1"),
        ("id,name\ns1,Ada Lovelace\n", PLAIN, "S1", "", "s1"),
    ],
)  # fmt: skip
def test_lists_as_they_are_downloaded(
    tmp_path: Path, text: str, platform: str, name: str, number: str, student: str
) -> None:
    (tmp_path / "list.csv").write_text(text, encoding="utf-8-sig")
    found, _ = StudentList.read([tmp_path / "list.csv"]).find(Origin(platform, name, number))
    assert found is not None and found.student == student


def test_a_name_that_two_have_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("id,name\ns1,Jan Novák\ns2,Jan Novák\n")
    assert StudentList.read([tmp_path / "list.csv"]).find(Origin(MOODLE, "Jan Novák", "3"))[0] is None


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("a,b\n1,2\n")
    with pytest.raises(NotAList, match="names no student"):
        StudentList.read([tmp_path / "list.csv"])


def test_the_zips_time_is_the_downloads(course: Path, keys: Keys, tmp_path: Path) -> None:
    """As Moodle writes it: so the sample tells nothing by its times."""
    moodle_zip(Course.at(course), {CELL: keys[CELL]}, 2, tmp_path / "m.zip")
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        assert {info.date_time for info in archive.infolist()} == {DOWNLOADED.timetuple()[:6]}


def test_the_sample_writes_downloads_of_both_platforms(here: Course, tmp_path: Path) -> None:
    moodles, canvass = tmp_path / "m.zip", tmp_path / "c.zip"
    options = [
        "lstm",
        "--course",
        str(here.root),
        "--students",
        "4",
        "--moodle",
        str(moodles),
        "--canvas",
        str(canvass),
    ]
    assert CliRunner().invoke(app, ["sample", *options]).exit_code == 0
    for path, platform in ((moodles, MOODLE), (canvass, CANVAS)):
        with zipfile.ZipFile(path) as archive:
            assert platform_of([tuple(name.split("/")) for name in archive.namelist()]) == platform
        assert len(StudentList.read([path.with_suffix(".csv")]).listed) == 4


def test_a_download_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no file or folder"):
        Download(tmp_path / "none").outers()


def bytes_of(data: bytes, most: int) -> bytes:
    return data


def test_of_a_drop_only_so_much_of_one_student_is_kept(
    here: Course, course: Path, keys: Keys, exercises: Exercises, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "MAX_KEPT", 3)
    data = [released(course, own=str(number)) for number in range(6)]
    known: list[Record] = []
    for number, one in enumerate(data):
        outers = [Outer((who, f"{number}.ipynb"), DOWNLOADED, partial(bytes_of, one)) for who in ("many", f"s{number}")]
        known += collecting.gather(here, exercises, "drop", outers, StudentList(), known, drop=True)
    kinds = [(one.student == "many", one.kind) for one in known]
    assert kinds.count((True, "notebook")) == 3 and kinds.count((True, "refused")) == 3
    assert kinds.count((False, "notebook")) == 6, "nobody else is kept out"


def test_another_courses_notebook_with_the_same_ids_is_not_taken_for_ours(course: Path, exercises: Exercises) -> None:
    notebook = json.loads(released(course))
    for number, cell in enumerate(notebook["cells"]):
        cell["source"] = f"another text {number}"
    assert exercises.see(json.dumps(notebook).encode(), "x.ipynb").where is None


def test_two_exercises_in_one_file_are_told_by_its_name(here: Course, course: Path, tmp_path: Path) -> None:
    one, other = (json.loads(released(course, where)) for where in (GATES, ("gru", "gates")))
    both = json.dumps({**one, "cells": one["cells"] + other["cells"]}).encode()
    folder = f"Ada_1{FOLDER}"
    run(here, written(tmp_path / "m.zip", [(f"{folder}/lstm gates.ipynb", both), (f"{folder}/mine.ipynb", both)]))
    assert outcomes(here) == {
        f"{folder}/lstm gates.ipynb": (TAKEN, "lstm/gates"),
        f"{folder}/mine.ipynb": (UNKNOWN, ""),
    }


@pytest.mark.parametrize("gone", ["entries.jsonl", "files"])
def test_what_is_damaged_is_said_and_what_is_gone_comes_back(
    here: Course, course: Path, tmp_path: Path, gone: str
) -> None:
    download = written(tmp_path / "m.zip", [(f"Ada_1{FOLDER}/cell.ipynb", released(course))])
    run(here, download)
    if gone == "files":
        shutil.rmtree(here.grading / "collected" / "files")
        assert run(here, download).exit_code == 0 and len(list((here.grading / "collected" / "files").iterdir())) == 1
    else:
        (here.grading / "collected" / gone).write_text("{")
        said = run(here, download)
        assert said.exit_code == 2 and "is damaged" in said.output.replace("\n", " ")


def test_what_is_known_better_later_is_known(here: Course, course: Path, keys: Keys, tmp_path: Path) -> None:
    """As when an exercise is added to the course after something came for it."""
    download = written(tmp_path / "m.zip", [(f"Ada_1{FOLDER}/x.ipynb", released(course, GATES))])
    collecting.collect(here, {CELL: keys[CELL]}, [download], StudentList())
    assert outcomes(here)[f"Ada_1{FOLDER}/x.ipynb"] == (UNKNOWN, "")
    collecting.collect(here, keys, [download], StudentList())
    assert outcomes(here)[f"Ada_1{FOLDER}/x.ipynb"] == (TAKEN, "lstm/gates")
