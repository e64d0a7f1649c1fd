"""What a check says: that an answer is wrong, or something about a right one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NoReturn


class CheckFailed(AssertionError):
    """A student's answer is wrong. The text is for the student and never holds an expected value."""

    def __init__(self, text: str, *, kind: str, misconception: str = "", section: str = "", blames: str = "") -> None:
        super().__init__(text)
        self.kind = kind
        self.misconception = misconception
        self.section = section
        self.blames = blames


class CalleeStops(Exception):
    """The answer stops, and so does the reference when it calls the student's own function `name`: no fault of the
    answer is known. The cause is the error it stopped with."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Interrupted(Exception):
    """What the student's code runs in is gone while a check was using it: no verdict on the answer follows."""


def fail(text: str, kind: str, section: str = "", misconception: str = "", blames: str = "") -> NoReturn:
    """Raise `CheckFailed`."""
    raise CheckFailed(text, kind=kind, section=section, misconception=misconception, blames=blames)


def require_function(answer: object, name: str) -> None:
    """Raise `CheckFailed` unless `answer`, which the student's notebook calls `name`, can be called."""
    if not callable(answer):
        fail(f"`{name}` is not a function. Did a later cell give that name to something else?", "not-callable")


@dataclass(frozen=True)
class Remark:
    """Something about a right answer; `blames` is the function that it is right in spite of.

    What is `slight` can come of a function that rounds, and that is right itself.
    """

    text: str
    blames: str = ""
    slight: bool = False


_remarks: ContextVar[list[Remark] | None] = ContextVar("remarks", default=None)
_carried: ContextVar[bool] = ContextVar("carried", default=True)
_callable: ContextVar[Callable[[], frozenset[str]] | None] = ContextVar("callable", default=None)


@contextmanager
def collected_remarks() -> Iterator[list[Remark]]:
    """What checks have to say about right answers."""
    remarks: list[Remark] = []
    token = _remarks.set(remarks)
    try:
        yield remarks
    finally:
        _remarks.reset(token)


def remark(text: str, blames: str = "", slight: bool = False) -> None:
    """Tell a student something about a right answer."""
    remarks = _remarks.get()
    if remarks is not None:
        remarks.append(Remark(text, blames, slight))


@contextmanager
def slips_cost(once: bool) -> Iterator[None]:
    """Whether, inside, an answer has its points where it is right for the student's own wrong function it calls."""
    token = _carried.set(once)
    try:
        yield
    finally:
        _carried.reset(token)


def carried_forward() -> bool:
    """Whether a slip costs its own points only."""
    return _carried.get()


@contextmanager
def only_calls(names: Callable[[], frozenset[str]]) -> Iterator[None]:
    """Which names the answer that is judged inside may call: what it never reads, it cannot have been misled by. They
    are asked for where something is wrong."""
    token = _callable.set(names)
    try:
        yield
    finally:
        _callable.reset(token)


def may_call(name: str) -> bool:
    """Whether the answer that is judged may call `name`; outside the judge nobody knows, so it may."""
    names = _callable.get()
    return names is None or name in names()
