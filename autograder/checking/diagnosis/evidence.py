"""What is known of a wrong answer: its results beside the right ones, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..calling import Failure
from ..conditions import ORDINARY, Case, plural, singular
from ..drawing import Inputs

Array = np.ndarray
Close = Callable[[Array, Array], bool]
"""Whether two arrays have one shape and agree as closely as the check asks for."""


@dataclass(frozen=True)
class Pair:
    """One part of one result, beside what is right. Arrays of numbers, of any shapes."""

    case: Case
    mine: Array
    right: Array
    wrong: bool
    """Whether the two differ."""


@dataclass(frozen=True)
class Part:
    """One output (or one entry of a dictionary) in every case that has it."""

    name: str
    """As it stands in a sentence."""
    key: Any
    """Its place in a result: a position, a key, or None for a result that is one array."""
    pairs: list[Pair]

    @property
    def wrong(self) -> bool:
        """Whether it is wrong in some case."""
        return any(pair.wrong for pair in self.pairs)

    @property
    def wrong_pairs(self) -> list[Pair]:
        """The cases in which it is wrong."""
        return [pair for pair in self.pairs if pair.wrong]

    @cached_property
    def axes(self) -> list[str]:
        """The size that each axis of the right result has, by name; "" where none or several fit in every ordinary
        case."""
        ordinary = [pair for pair in self.pairs if pair.case.condition == ORDINARY and pair.case.sizes]
        if not ordinary:
            return []
        found = []
        for axis in range(min(pair.right.ndim for pair in ordinary)):
            fitting = [
                size
                for size in ordinary[0].case.sizes
                if all(pair.case.sizes[size] == pair.right.shape[axis] for pair in ordinary)
            ]
            found.append(fitting[0] if len(fitting) == 1 else "")
        return ["" if found.count(name) > 1 else name for name in found]

    def word(self, axis: int, several: bool = False) -> str:
        """What stands along an axis: "step", or "row" where it has no name of its own."""
        if axis < len(self.axes) and self.axes[axis]:
            return (plural if several else singular)(self.axes[axis])
        ranks = {pair.right.ndim for pair in self.pairs}
        number = "number" if ranks == {1} else ("row", "column")[axis] if ranks == {2} else f"position on axis {axis}"
        if several:
            return number.replace("position", "positions") if "position" in number else f"{number}s"
        return number


@dataclass(frozen=True)
class Evidence:
    """A wrong answer's results, and what they are to be held against."""

    arguments: list[str]
    """The names of its arguments."""
    outputs: tuple[str, ...]
    cases: list[Case]
    results: list[Any]
    """What the student's function gave in each case; a `Failure` where it stopped."""
    wrong: frozenset[int]
    """The numbers of the cases in which it is wrong, those included in which it stopped."""
    reference: Callable[[Inputs], Any]
    """What is right, silently. It raises what the reference raises."""
    expected: list[Any]
    """What is right in each case."""
    close: Close
    substituted: dict[tuple[str, int], dict[Any, Array | None]] = field(default_factory=dict)
    """What the reference was found to give with other arguments: by what is said of these, and the case."""

    @cached_property
    def parts(self) -> list[Part]:
        """The parts of the result; none where some result has other parts than it should."""
        found: dict[Any, list[Pair]] = {}
        for case, mine, right in zip(self.cases, self.results, self.expected, strict=True):
            if isinstance(mine, Failure):
                continue
            pairs = list(pieces(mine, right))
            if any(a is None or b is None for _, a, b in pairs) or not pairs:
                return []
            for key, a, b in pairs:
                assert a is not None and b is not None
                found.setdefault(key, []).append(Pair(case, a, b, not self.close(a, b)))
        return [Part(self._part_name(key), key, pairs) for key, pairs in found.items()]

    @property
    def wrong_parts(self) -> list[Part]:
        """Those that are wrong in some case."""
        return [part for part in self.parts if part.wrong]

    @cached_property
    def example(self) -> int | None:
        """The number of an ordinary case that is wrong; where there is none, of any that is wrong and did not stop."""
        told = [n for n in sorted(self.wrong) if not isinstance(self.results[n], Failure)]
        ordinary = [n for n in told if self.cases[n].condition == ORDINARY]
        found = ordinary or told
        return found[-1] if found else None

    def _part_name(self, key: Any) -> str:
        if isinstance(key, int):
            return self.outputs[key] if key < len(self.outputs) else f"result {key + 1}"
        return self.outputs[0] if key is None else f"entry '{key}'"


def in_all(several: Iterable[Iterable[str]]) -> str:
    """The first sentence of the first of several that all others hold, too; "" where there is none."""
    rest = iter(several)
    common = dict.fromkeys(next(rest, ()))
    for sentences in rest:
        if not common:
            break
        holding = set(sentences)
        common = {sentence: None for sentence in common if sentence in holding}
    return next(iter(common), "")


def pieces(mine: Any, right: Any) -> Iterator[tuple[Any, Array | None, Array | None]]:
    """The parts of a result beside those of the right one; (None, None, None) where they are not the same parts."""
    if isinstance(right, dict):
        if not isinstance(mine, dict) or set(mine) != set(right):
            yield None, None, None
            return
        yield from ((key, *both(mine[key], right[key])) for key in right)
    elif isinstance(right, tuple):
        if not isinstance(mine, tuple | list) or len(mine) != len(right):
            yield None, None, None
            return
        yield from ((n, *both(a, b)) for n, (a, b) in enumerate(zip(mine, right, strict=True)))
    else:
        yield (None, *both(mine, right))


def both(mine: Any, right: Any) -> tuple[Array | None, Array | None]:
    """Two values as arrays of one kind; None for what holds no numbers."""
    a, b = numbers(mine), numbers(right)
    if a is None or b is None or a.dtype.kind == b.dtype.kind:
        return a, b
    return a.astype(float), b.astype(float)


def numbers(value: Any) -> Array | None:
    """`value` as an array of floats or booleans; None where it holds no numbers."""
    try:
        array = np.asarray(value)
        return array if array.dtype.kind == "b" else array.astype(float) if array.dtype.kind in "iuf" else None
    except (ValueError, TypeError, OverflowError):
        return None
