"""What a graded cell sees of the student's notebook: data as data, everything else as a proxy.

Nothing here ever asks the student process for a verdict. A proxy is equal to nothing but itself, has no truth
value, and cannot be turned into a number: an object that claims to equal everything claims it in vain.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from .student_process import Handle, StudentError, StudentProcess, StudentProcessEnded


class Budget:
    """How long student code may still run: at most `cell` seconds for one cell, `total` for the notebook."""

    def __init__(self, cell: float, total: float) -> None:
        self.cell = cell
        self._total_ends = time.monotonic() + total
        self._cell_ends = self._total_ends

    def start_cell(self, given: bool = False) -> None:
        """A new cell begins, with its own allowance. One that is given may take what is left for the notebook.

        It holds the course's own imports: on a machine under load they may take long, and no student is to blame.
        """
        self._cell_ends = self._total_ends if given else time.monotonic() + self.cell

    def left(self) -> float:
        """Seconds that the next request may take."""
        left = min(self._cell_ends, self._total_ends) - time.monotonic()
        if left <= 0:
            raise StudentProcessEnded("The time for this notebook is used up.")
        return left


class RemoteObject:
    """A student object of any kind: attributes, items and calls are forwarded, results wrapped again."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, handle: Handle, student: StudentProcess, budget: Budget) -> None:
        self._handle, self._student, self._budget = handle, student, budget

    @property
    def type(self) -> str:
        """The name of its type over there, for messages."""
        return self._handle.type

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self._wrap(self._student.attribute(self._handle, name, self._budget.left()))
        except StudentError as error:
            if error.name == "AttributeError" and not error.lines:
                raise AttributeError(error.text) from None  # it has no such attribute: no code of theirs stopped
            raise

    def __getitem__(self, key: object) -> Any:
        return self._wrap(self._student.item(self._handle, _unwrap(key), self._budget.left()))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(args, kwargs)[0]

    def __iter__(self) -> NoReturn:
        raise TypeError(f"a student's {self.type} cannot be iterated over in a graded cell: ask for its items")

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError(f"a student's {self.type} cannot be compared: compare plain data")

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__

    def __bool__(self) -> NoReturn:
        raise TypeError(f"a student's {self.type} has no truth value: compare plain data")

    def __repr__(self) -> str:
        return f"<the student's {self.type}>"

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, tuple[int, ...]]:
        plain = {name: _unwrap(value) for name, value in kwargs.items()}
        called = self._student.call(self._handle, tuple(map(_unwrap, args)), plain, self._budget.left())
        return self._wrap(called.value), called.changed

    def _wrap(self, value: Any) -> Any:
        return wrap(value, self._student, self._budget)


class RemoteFunction(RemoteObject):
    """A student function. A call sends plain data over the pipe and brings plain data back."""

    afresh: Callable[[], Any] | None = None
    """Gives the same function in a student process of its own, in which no answer was tried."""

    def watched(self, *args: Any) -> tuple[Any, tuple[int, ...]]:
        """Call it; return the result and the positions of the arguments it changed in place."""
        return self._call(args, {})

    def watched_all(self, cases: Iterable[tuple[Any, ...]]) -> list[tuple[Any, tuple[int, ...]] | StudentError]:
        """For each of `cases` what `watched` gives, or the error in which it ended, all asked for at once."""
        plain = [tuple(map(_unwrap, args)) for args in cases]
        return [
            outcome if isinstance(outcome, StudentError) else (self._wrap(outcome.value), outcome.changed)
            for outcome in self._student.call_all(self._handle, plain, self._budget.left())
        ]


def wrap(value: Any, student: StudentProcess, budget: Budget) -> Any:
    """Plain data as it is; a handle as a proxy, also inside lists, tuples and dictionaries."""
    if isinstance(value, Handle):
        kind = RemoteFunction if value.callable else RemoteObject
        return kind(value, student, budget)
    if isinstance(value, list):
        return [wrap(item, student, budget) for item in value]
    if isinstance(value, tuple):
        return tuple(wrap(item, student, budget) for item in value)
    if isinstance(value, dict):
        return {key: wrap(item, student, budget) for key, item in value.items()}
    return value


def _unwrap(value: Any) -> Any:
    return value._handle if isinstance(value, RemoteObject) else value
