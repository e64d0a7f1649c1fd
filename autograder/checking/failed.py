"""What a check says: that an answer is wrong, or something about a right one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NoReturn


class CheckFailed(AssertionError):
    """A student's answer is wrong. The text is for the student and never holds an expected value."""

    def __init__(self, text: str, *, kind: str, misconception: str = "", section: str = "", blames: str = "") -> None:
        super().__init__(text)
        self.kind = kind
        self.misconception = misconception
        self.section = section
        self.blames = blames


class Interrupted(Exception):
    """What the student's code runs in is gone while a check was using it: no verdict on the answer follows."""


def fail(text: str, kind: str, section: str = "", misconception: str = "", blames: str = "") -> NoReturn:
    """Raise `CheckFailed`."""
    raise CheckFailed(text, kind=kind, section=section, misconception=misconception, blames=blames)


_remarks: ContextVar[list[str] | None] = ContextVar("remarks", default=None)


@contextmanager
def collected_remarks() -> Iterator[list[str]]:
    """What checks have to say about right answers."""
    remarks: list[str] = []
    token = _remarks.set(remarks)
    try:
        yield remarks
    finally:
        _remarks.reset(token)


def remark(text: str) -> None:
    """Tell a student something about a right answer."""
    remarks = _remarks.get()
    if remarks is not None:
        remarks.append(text)
