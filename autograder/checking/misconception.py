"""Named, plausible mistakes, each with the words about it, and families of them that several checks share."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial, update_wrapper
from typing import Any, TypeVar

import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Misconception:
    """A named, plausible wrong implementation (or, for a value, a wrong value)."""

    wrong: Any
    says: str
    """What the student seems to have done, as a sentence: "You apply tanh where the gate needs a sigmoid."."""
    hint: str
    """What to think about next. Never the answer."""
    section: str
    """The target in the book that clears it up, such as "lstm-forget-gate"."""
    same_as: str = ""
    """The name of another misconception of this check that no input can tell from this one."""

    @property
    def name(self) -> str:
        """The name of the wrong function, or of a wrong value its first words."""
        if callable(self.wrong):
            return str(self.wrong.__name__)
        return "-".join(re.findall(r"[a-z]+", self.says.lower())[:5])


class Mistakes:
    """The misconceptions of one check, in the order in which they are declared. A base class of checks."""

    section: str
    misconceptions: list[Misconception]
    also_right: list[Callable[..., Any]]

    def wrong(self, says: str, hint: str, *, see: str = "", same_as: str = "") -> Callable[[Function], Function]:
        """Declare the decorated function a misconception. `see` is the section where it is not the check's own."""

        def declare(function: Function) -> Function:
            self.misconceptions.append(Misconception(function, says, hint, see or self.section, same_as))
            return function

        return declare

    def wrong_value(self, value: Any, says: str, hint: str, *, see: str = "") -> None:
        """Declare a value a misconception."""
        self.misconceptions.append(Misconception(value, says, hint, see or self.section))

    def like(self, family: Family, only: Collection[str] = (), see: str = "", **words: Any) -> None:
        """Here, too, goes wrong what goes wrong in `family`, or `only` some of it, told in these words.

        What is right in the family is right here.
        """
        self.misconceptions += family.told(see or self.section, only, words)
        self.also_right += [bound(function, words) for function in family.also_right]


@dataclass(frozen=True)
class _Member:
    function: Callable[..., Any]
    says: str
    hint: str
    see: str


@dataclass
class Family:
    """What goes wrong wherever something is computed: declared once, and told in words that fit where it is used.

    A member's texts hold places such as {gate} for the words. Its keyword-only parameters are bound to the words of
    that name: `def no_bias(x_t, h_prev, W, U, b, *, activation)` with `activation=sigmoid`.
    """

    members: list[_Member] = field(default_factory=list)
    also_right: list[Callable[..., Any]] = field(default_factory=list)

    def right(self, function: Function) -> Function:
        """Declare the decorated function a right way of doing what the family is about."""
        self.also_right.append(function)
        return function

    def wrong(self, says: str, hint: str, *, see: str = "") -> Callable[[Function], Function]:
        """Declare the decorated function a mistake of this family."""

        def declare(function: Function) -> Function:
            self.members.append(_Member(function, says, hint, see))
            return function

        return declare

    def told(self, section: str, only: Collection[str], words: dict[str, Any]) -> list[Misconception]:
        """The misconceptions for one check."""
        shown = {name: getattr(word, "__name__", word) for name, word in words.items()}
        known = {member.function.__name__ for member in self.members}
        if unknown := set(only) - known:
            raise ValueError(f"the family has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
        return [
            Misconception(
                bound(member.function, words),
                member.says.format(**shown),
                member.hint.format(**shown),
                member.see.format(**shown) or section,
            )
            for member in self.members
            if not only or member.function.__name__ in only
        ]


def bound(function: Callable[..., Any], words: dict[str, Any]) -> Callable[..., Any]:
    """`function` with its keyword-only parameters taken from `words`."""
    parameters = inspect.signature(function).parameters.values()
    keywords = {p.name: words[p.name] for p in parameters if p.kind is p.KEYWORD_ONLY}
    return update_wrapper(partial(function, **keywords), function) if keywords else function


def expression(value: Any) -> str:
    """How a bound parameter is written in a notebook: a NumPy function, a function of the exercise, or a constant."""
    if isinstance(value, np.ufunc) or getattr(value, "__module__", "") == "numpy":
        return f"np.{value.__name__}"
    return str(getattr(value, "__name__", repr(value)))
