"""When something was handed in: read as nbgrader reads it, and whatever a student has written stops nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.utils import parse_utc

from autograder.handed_in.moment import NoMoment, parse_moment
from autograder.marks.grade import timestamp

THREE = datetime(2026, 3, 4, 15, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-04 15:00:00.000000 UTC",
        "2026-03-04 15:00:00",
        "2026-03-04T15:00:00Z",
        "2026-03-04 16:00:00 Europe/Vienna",
        "2026-03-04T16:30:00+01:30",
        "2026-03-04 10:00:00 EST",
        "4 March 2026 15:00",
    ],
)
def test_a_date_is_read_as_utc(text: str) -> None:
    assert parse_moment(text) == THREE
    if "March" not in text:
        assert parse_utc(text) == THREE, "nbgrader reads it alike"


def test_an_offset_is_in_hours_and_minutes() -> None:
    assert parse_moment("2026-03-04 14:00:00 -0100") == THREE


def test_a_date_without_a_time_is_midnight() -> None:
    assert parse_moment("2026-03-04") == datetime(2026, 3, 4)


HOSTILE = [
    "last Tuesday",
    "10.01.2026 12:00",
    "10/01/2026 12:00",
    "",
    "9" * 1_000_000,
    "2026-03-04 15:00:00 " + "x" * 300,
    "2026-03-04 15:00:00 /etc/passwd",
    "2026-03-04 15:00:00 ../../../../etc/localtime",
    "2026-03-04 15:00:00 +9999",
    "2026-03-04 15:00:00 Nowhere",
    "9999-12-31 23:59:59 -0100",
    "0001-01-01 00:00:00 +0100",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:30])
def test_what_is_no_date_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NoMoment):
        parse_moment(text)


@given(st.text() | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]{1,12}( .{0,20})?", fullmatch=True))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        moment = parse_moment(text)
    except NoMoment:
        return
    assert moment.tzinfo is None


@pytest.mark.parametrize("content", [*(text.encode() for text in HOSTILE if text), b"\xff\xfe2026"], ids=range(12))
def test_a_file_that_holds_no_date_is_a_note_and_no_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "timestamp.txt").write_bytes(content)
    moment, notes = timestamp(tmp_path)
    assert moment is None and len(notes) == 1 and "no date" in notes[0]
