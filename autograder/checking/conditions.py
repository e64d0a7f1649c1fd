"""Conditions: named properties that the inputs of a check must have, and hidden cases made to have each of them.

What is random is the numbers, never the coverage, so that no verdict depends on the draw. A function that draws inputs
names the sizes it needs:

    @rnn_step.inputs
    def draw(rng, batch, inputs, units): ...

An ordinary case gives it sizes that all differ. Of themselves come then "one example", "one input", "one unit" (that
size is 1, the others differ), "equal sizes" (all are the same) and "the same sizes twice running". What a formula can
go wrong in beyond that is declared: `@check.condition("scores far apart")` draws such a case, `check.always("no steps",
x)` is one fixed case.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from .drawing import Inputs

ORDINARY = "ordinary"
EQUAL = "equal sizes"
AGAIN = "the same sizes twice running"
"""A second ordinary case of the sizes of the one before it: what an answer keeps from one call to the next shows."""
USUAL = range(2, 7)
"""The sizes of an ordinary case."""
ONE = {"batch": "one example", "time": "one step", "classes": "one class", "axes": "one axis"}


@dataclass(frozen=True)
class Case:
    """The inputs of one hidden case, and the condition that they were made to meet."""

    condition: str
    inputs: Inputs
    sizes: Mapping[str, int] = field(default_factory=dict)
    """What it was drawn from, by name; none for a fixed case."""


@dataclass(frozen=True)
class Condition:
    """A named property, and a function that draws inputs which have it."""

    name: str
    draw: Callable[..., Inputs]


def one(size: str) -> str:
    """The condition in which `size` is 1, in words."""
    return ONE.get(size, f"one {size.removesuffix('s').replace('_', ' ')}")


@cache
def size_names(draw: Callable[..., Inputs]) -> list[str]:
    """The sizes that `draw` asks for: its parameters without a default, but for the first, which is the generator."""
    parameters = list(inspect.signature(draw).parameters.values())[1:]
    return [parameter.name for parameter in parameters if parameter.default is parameter.empty]


def different(rng: np.random.Generator, names: Collection[str], ranges: Mapping[str, range]) -> dict[str, int]:
    """A size for each name, all different from each other."""
    # The narrowest range chooses first, so that a wide one does not take its only number.
    taken: dict[str, int] = {}
    for name in sorted(names, key=lambda name: len(ranges.get(name, USUAL))):
        free = [n for n in ranges.get(name, USUAL) if n not in taken.values()]
        if not free:
            raise ValueError(f"no size is left for {name}: give it another range")
        taken[name] = free[int(rng.random() * len(free))]  # a tenth of the time that rng.integers takes
    return taken


@dataclass
class Plan:
    """How the cases of one check are made."""

    draw: Callable[..., Inputs]
    ranges: Mapping[str, range]
    """Sizes of ordinary cases where they are not the usual."""
    without: Collection[str]
    """Conditions that would come of themselves and that the text of the exercise excludes."""

    def cases(self, rng: np.random.Generator, again: np.random.Generator, draws: int) -> Iterator[Case]:
        """`draws` ordinary cases, then one for each condition that comes of itself.

        The case that has the sizes of the last ordinary one is drawn from `again`.
        """
        names = size_names(self.draw)
        sizes: dict[str, int] = {}
        for _ in range(draws):
            sizes = different(rng, names, self.ranges)
            yield self._case(ORDINARY, self.draw, rng, sizes)
        if sizes:
            yield self._case(AGAIN, self.draw, again, sizes)
        for name in names:
            if one(name) not in self.without:
                yield self._case(one(name), self.draw, rng, {**different(rng, names, self.ranges), name: 1})
        if len(names) > 1 and EQUAL not in self.without:
            common = set(USUAL).intersection(*(self.ranges.get(name, USUAL) for name in names))
            if not common:
                raise ValueError(f"no size fits {', '.join(names)} alike: exclude {EQUAL!r} or widen a range")
            size = int(rng.choice(sorted(common)))
            yield self._case(EQUAL, self.draw, rng, dict.fromkeys(names, size))

    def drawn(self, rng: np.random.Generator, condition: Condition) -> Case:
        """A case made to meet a declared condition; its sizes, too, all differ."""
        sizes = different(rng, size_names(condition.draw), self.ranges)
        return self._case(condition.name, condition.draw, rng, sizes)

    @staticmethod
    def _case(condition: str, draw: Callable[..., Inputs], rng: np.random.Generator, sizes: dict[str, int]) -> Case:
        return Case(condition, draw(rng, **sizes), sizes)


def plain(value: str) -> bool:
    """Whether a condition is a few words of a sentence: "one example", "equal sizes"."""
    return value == ORDINARY or (value.startswith(("one ", "equal ", "no ")) and not ("," in value or " is " in value))


def described_all(values: Collection[str]) -> str:
    """Several conditions as they stand in a sentence: "with one example or one unit, and in the case “a long axis”"."""
    words = [f"{value} arguments" if value == ORDINARY else value for value in values]
    cases = [f"“{value}”" for value in values if not plain(value)]
    with_these = [value for value in words if f"“{value}”" not in cases]
    found = [f"with {listed(with_these, 'or')}"] if with_these else []
    if cases:
        found.append(f"in the case{'s' if len(cases) > 1 else ''} {listed(cases)}")
    return ", and ".join(found)


def listed(words: Collection[str], last: str = "and") -> str:
    """Words in a row: "a, b and c"."""
    *others, final = words
    return f"{', '.join(others)} {last} {final}" if others else final


def singular(size: str) -> str:
    """What one of the things is called that a size counts: "example" for batch, "step" for time."""
    return one(size).removeprefix("one ")


def plural(size: str) -> str:
    """What several of them are called: "examples", "classes"."""
    word = singular(size)
    return "classes" if word == "class" else "axes" if word == "axis" else f"{word}s"
