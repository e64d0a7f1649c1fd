"""The worker's side of marking on other machines: it marks for the run that has admitted it, one notebook at a time."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from ..course import sections
from ..course.folder import Course
from ..judge.doctor import examine
from ..judge.student_process import NoWarmProcess
from ..walled.limits import Limits
from .fingerprint import PACKAGE
from .grade import memory_mib
from .marking import limit_own_zygotes
from .worker import bound_memory

T = TypeVar("T")

_tickets: dict[str, dict[str, tuple[str, str]]] = {}
"""Of the runs that have admitted this process, with the sections of their books. A process that was started anew has
none."""
_alone = Lock()
"""Held while a notebook is marked: the judge catches what is printed for the whole process, however many threads."""


class NotAdmitted(Exception):
    """This process has not been looked at by the run that asks: it was started since."""


def admit(ticket: str, book: dict[str, tuple[str, str]], neighbours: int, walled: bool) -> str:
    """Let this process mark for the run with this ticket. Returns why it cannot; "" where it can.

    `book` is where the book's sections are, `neighbours` how many workers share this machine.
    """
    with _alone:
        if walled:
            try:
                wall = examine(Course(PACKAGE.parent))
            except NoWarmProcess as error:
                return f"no student process starts there: {error}"
            if not wall.holds:
                return " ".join([f"student code {wall.amiss} there.", *wall.missing]).removesuffix(".")
        bound_memory()
        limit_own_zygotes(Limits.sharing(neighbours, memory_mib()))
        _tickets[ticket] = book
    return ""


def mark_admitted(ticket: str, function: Callable[..., T], *arguments: object) -> T:
    """Call a function, if this process has been admitted with this ticket."""
    with _alone:
        if ticket not in _tickets:
            raise NotAdmitted
        sections.tell(_tickets[ticket])
        return function(*arguments)
