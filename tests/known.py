"""What our own functions give in the cases of a seed, computed once for all tests that ask for the same.

A check tries every known mistake on an answer's cases, and every two of them at once. Who judges hundreds of answers
under one seed would compute the same each time. The answer itself is always called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.checking import FunctionCheck, drawing
from autograder.checking import function as checking
from autograder.checking.calling import attempt
from autograder.checking.conditions import Case
from autograder.checking.drawing import Inputs

draw, right = FunctionCheck.cases, FunctionCheck.expected


def locked(value: Any) -> Any:
    """A value whose arrays cannot be written to: who gets what others get, too, must leave it as it is."""
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
    elif isinstance(value, dict):
        for part in value.values():
            locked(part)
    elif isinstance(value, list | tuple):
        for part in value:
            locked(part)
    return value


class Known:
    """What has been computed in this process."""

    def __init__(self) -> None:
        self._cases: dict[tuple[FunctionCheck, bytes], list[Case]] = {}
        self._results: dict[int, tuple[Inputs, dict[Any, Any]]] = {}
        """By the identity of the inputs, which are held here so that nothing else can have it."""

    def cases(self, check: FunctionCheck) -> list[Case]:
        """The cases of the present seed."""
        seed = drawing._seed.get()
        if seed is None:
            return draw(check)
        if (check, seed) not in self._cases:
            self._cases[check, seed] = draw(check)
            self._results |= {id(case.inputs): (locked(case.inputs), {}) for case in self._cases[check, seed]}
        return [*self._cases[check, seed]]

    def result(self, inputs: Inputs, function: Any, compute: Callable[[], Any]) -> Any:
        """What `function` gives for inputs of such a case."""
        if id(inputs) not in self._results:
            return compute()
        _, results = self._results[id(inputs)]
        if function not in results:
            results[function] = locked(compute())
        return results[function]


KNOWN = Known()


@pytest.fixture
def computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cases of a seed, what is right in them, and what each known mistake gives."""
    monkeypatch.setattr(FunctionCheck, "cases", lambda check: KNOWN.cases(check))
    monkeypatch.setattr(
        FunctionCheck,
        "expected",
        lambda check, inputs: KNOWN.result(inputs, check.reference, lambda: right(check, inputs)),
    )
    monkeypatch.setattr(
        checking,
        "attempt",
        lambda wrong, inputs: KNOWN.result(inputs, (wrong,), lambda: attempt(wrong, inputs)),
    )
