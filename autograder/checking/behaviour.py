"""A check of code that trains. What it gives depends on the last digit of every sum, so no reference can say what that
must be: the check looks at how the answer behaves, and names what it finds.

Two runs that may differ in nothing are compared with each other: with the same seed, with the future altered. What an
answer reports is compared with what its own network does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import Any

import numpy as np

from .drawing import generator
from .failed import fail, require_function
from .misconception import Function, Misconception

Look = Callable[..., str]
"""look(rng, answer, **used): the name of what is wrong with the answer; "" where nothing is. It raises `CheckFailed`
where that has no name."""


@dataclass(frozen=True)
class Behaves(Misconception):
    """A misconception about training: known by what a look finds, which several wrong functions may show."""

    shows: str = field(kw_only=True)


class BehaviourCheck:
    """Looks at what a student's function does. Called itself, it is the reference, which the judge never calls."""

    __name__: str

    def __init__(self, reference: Callable[..., Any], section: str, uses: tuple[str, ...]) -> None:
        update_wrapper(self, reference)
        self.reference, self.section, self.uses = reference, section, uses
        self.misconceptions: list[Behaves] = []
        self.also_right: list[Callable[..., Any]] = []
        self._look: Look | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the reference gives."""
        return self.reference(*args, **kwargs)

    @property
    def name(self) -> str:
        """The name of the function that the student writes."""
        return self.__name__

    def look(self, look: Look) -> Look:
        """Declare how the answer is looked at."""
        self._look = look
        return look

    def right(self, function: Function) -> Function:
        """Declare a right function written in another way."""
        self.also_right.append(function)
        return function

    def wrong(
        self, says: str, hint: str, *, shows: str, see: str = "", same_as: str = ""
    ) -> Callable[[Function], Function]:
        """Declare the decorated function a misconception, and what a look finds of it."""

        def declare(function: Function) -> Function:
            self.misconceptions.append(Behaves(function, says, hint, see or self.section, same_as, shows=shows))
            return function

        return declare

    def judge(self, answer: Callable[..., Any], **used: Any) -> None:
        """Raise `CheckFailed` where a look at `answer` finds something. `used` is what else of the student's it needs,
        by the names in `uses`."""
        require_function(answer, self.name)
        for name, value in used.items():
            if value is None:
                raise NameError(name=name)  # a look needs all of them, whether the answer calls them or not
        assert self._look is not None, f"{self.name} does not say how it is looked at"
        with np.errstate(all="ignore"):
            found = self._look(generator(self.name), answer, **used)
        if found:
            one = next(m for m in self.misconceptions if m.shows == found and not m.same_as)
            fail(f"{one.says} {one.hint}", "misconception", one.section, one.name)


def behaviour(section: str, uses: tuple[str, ...] = ()) -> Callable[[Callable[..., Any]], BehaviourCheck]:
    """Declare the decorated function a right answer to a task that trains. `uses` names what else of the student's
    notebook a look needs, such as the model."""

    def declare(reference: Callable[..., Any]) -> BehaviourCheck:
        return BehaviourCheck(reference, section, uses)

    return declare
