"""Reads when something was handed in, from a text that a student may have written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import dateutil.parser

LONGEST = 64
"""Characters of a date with its time zone, generously."""
MIDNIGHT = datetime(2000, 1, 1)


class NoMoment(Exception):
    """The text is no date."""


def parse_moment(text: str) -> datetime:
    """The moment that `text` names, in UTC and without a time zone, as nbgrader's gradebook has it.

    The time zone may be a name, such as Europe/Vienna, or an offset. nbgrader's own `parse_utc` reads it from whatever
    file the last word names, and lets errors through that would end a whole run.
    """
    if len(text) > LONGEST or not re.search(r"(?<!\d)\d{4}(?!\d)", text):
        raise NoMoment
    if re.match(r"\s*\d{1,2}\D\d{1,2}\D\d{4}", text):
        raise NoMoment  # 10.01.2026 is in January or in October: a wrong guess would cost all points
    first, _, last = text.rpartition(" ")
    try:
        if last == "UTC" or last in known_zones():
            moment = dateutil.parser.parse(first, default=MIDNIGHT).replace(tzinfo=ZoneInfo(last))
        else:
            moment = dateutil.parser.parse(text, default=MIDNIGHT, tzinfos=_offset)
        return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    except Exception as error:  # dateutil documents two kinds of them, and raises others too
        raise NoMoment from error


@cache
def known_zones() -> set[str]:
    """The names of all time zones: their files are looked for once, and not for each that handed in."""
    return available_timezones()


def _offset(name: str | None, seconds: int | None) -> tzinfo | None:
    if seconds is None and name is not None:
        raise NoMoment  # a zone that nobody knows
    return None if seconds is None else timezone(timedelta(seconds=seconds))
