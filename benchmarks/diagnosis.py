"""What a student is told of a mistake that nobody has foreseen: `python -m benchmarks.diagnosis`.

A thousand mistakes are made by machine out of right answers, in one place (tests/mutants.py) or in two, of which the
second is made in what the first left behind, spread evenly over all functions that are checked. Each is judged, in this
process and without the wall. It has a *name* where a declared misconception explains it (or two do together), and a
*place* where the diagnosis says more than in how many cases it is right. What stops with an error, returns nothing, has
the wrong type or changes an argument is left out and counted apart: the first message says of those what is wrong.
"""

from __future__ import annotations

import argparse
import inspect
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.checking import FunctionCheck
from autograder.checking.diagnosis.findings import ALIKE, ONLY, is_vague
from autograder.checking.diagnosis.places import NONE_TOO_LARGE, NONE_TOO_SMALL, TOO_LARGE, TOO_SMALL
from autograder.checking.drawing import seeded
from autograder.checking.failed import CheckFailed
from autograder.checks import every_check
from tests.mutants import TooLong, changed, changed_sources, mutants, source_of, within

RESULTS = Path(__file__).parent / "DIAGNOSIS.md"
MISTAKES = 1000
SEED = 11
TOLD = ("none", "type", "count", "dtype", "in-place")
"""Kinds of verdicts whose first sentence says all: these are left out."""


SLIGHT = (NONE_TOO_LARGE, NONE_TOO_SMALL, TOO_LARGE, TOO_SMALL)


@dataclass(frozen=True)
class Mistake:
    """One wrong answer, made by machine."""

    chapter: str
    check: FunctionCheck
    origin: str
    change: str
    function: Callable[..., Any]
    double: bool


@dataclass(frozen=True)
class Told:
    """What a student who makes it is told."""

    mistake: Mistake
    failed: CheckFailed

    @property
    def named(self) -> bool:
        """Whether a misconception explains it."""
        return bool(self.failed.misconception)

    @property
    def named_before(self) -> bool:
        """Whether one misconception alone does: so it was before there was a diagnosis."""
        return self.named and "+" not in self.failed.misconception

    @property
    def placed(self) -> bool:
        """Whether the message says where, or under which condition."""
        return not self.named and not is_vague(str(self.failed))

    @property
    def placed_before(self) -> bool:
        """Whether it did so before: only under some conditions, or the same answer to everything."""
        return not self.named and (ONLY in str(self.failed) or ALIKE in str(self.failed))


def doubles(chapter: str, check: FunctionCheck, rng: random.Random) -> Iterator[Mistake]:
    """Mistakes in two places, without end. The second is made in the source that the first left behind."""
    ways = [(right, list(changed_sources(source_of(right)))) for right in (check.reference, *check.also_right)]
    ways = [way for way in ways if len(way[1]) > 1]
    while ways:
        right, firsts = rng.choice(ways)
        source, first = rng.choice(firsts)
        known = {source_of(right), *(text for text, _ in firsts)}
        seconds = [(text, change) for text, change in changed_sources(source) if text not in known]
        if not seconds:
            continue
        text, second = rng.choice(seconds)
        function = changed(right, text)
        if function is not None:
            yield Mistake(chapter, check, inspect.unwrap(right).__name__, f"{first}; {second}", function, True)


def singles(chapter: str, check: FunctionCheck, rng: random.Random) -> Iterator[Mistake]:
    """Every mistake in one place, in a drawn order."""
    found = list(mutants(check, chapter))
    rng.shuffle(found)
    for mutant in found:
        yield Mistake(chapter, check, mutant.origin, mutant.change, mutant.function, False)


def told(mistake: Mistake) -> CheckFailed | str:
    """How the check fails, or in a word why this mistake does not count."""
    try:
        with seeded(b"diagnosis"), within(10), np.errstate(all="ignore"):
            mistake.check.judge(mistake.function)
    except CheckFailed as failed:
        return failed if failed.kind not in TOLD else failed.kind
    except TooLong:
        return "no end"
    except Exception:
        return "error"
    return "passes"


def sample(count: int) -> tuple[list[Told], Counter[str]]:
    """`count` mistakes that fail with a wrong result, check after check in turn, every second one double; and how many
    were passed over on the way, and why."""
    found: list[Told] = []
    passed_over: Counter[str] = Counter()
    checks = [(chapter, check) for chapter, _, check in every_check() if isinstance(check, FunctionCheck)]
    # Each with draws of its own: where one mistake does not end on a slow machine, the others stay the same.
    draws = [[random.Random(f"{SEED} {chapter} {check.name} {kind}") for kind in "12"] for chapter, check in checks]
    sources = [(singles(*which, one), doubles(*which, two)) for which, (one, two) in zip(checks, draws, strict=True)]
    seen: set[tuple[str, str]] = set()
    turn = 0
    while len(found) < count:
        pair = sources[turn % len(sources)]
        double = (turn // len(sources)) % 2 == 1
        turn += 1
        for _ in range(60):
            mistake = next(pair[double], None)
            if mistake is None:
                break
            key = (mistake.check.name, mistake.change)
            if key in seen:
                continue
            seen.add(key)
            outcome = told(mistake)
            if isinstance(outcome, CheckFailed):
                found.append(Told(mistake, outcome))
                break
            passed_over[outcome] += 1
    return found[:count], passed_over


def percent(some: int, every: int) -> str:
    """A share."""
    return f"{100 * some / every:.0f} %" if every else "–"


def row(name: str, some: list[Told]) -> str:
    """One row of the table."""
    before = sum(one.named_before or one.placed_before for one in some)
    named, placed = sum(one.named for one in some), sum(one.placed for one in some)
    both = percent(named + placed, len(some))
    return f"| {name} | {len(some)} | {percent(before, len(some))} | {named} | {placed} | {both} |"


def table(found: list[Told], passed_over: Counter[str]) -> str:
    """What was measured, as a page."""
    chapters = sorted({one.mistake.chapter for one in found})
    slight = sum(one.placed and any(words in str(one.failed) for words in SLIGHT) for one in found)
    left_out = ", ".join(f"{number} {why}" for why, number in passed_over.most_common())
    return "\n".join(
        [
            "# What a student is told of a mistake that nobody has foreseen",
            "",
            "`python -m benchmarks.diagnosis` writes this page.",
            "",
            *(__doc__ or "").strip().splitlines()[2:],
            "",
            "Before: the misconceptions, “That happens only …”, and “It gives the same answer whatever …”.",
            "",
            "| | Mistakes | Before | Named | Given a place | Name or place |",
            "|---|---:|---:|---:|---:|---:|",
            *(row(chapter, [one for one in found if one.mistake.chapter == chapter]) for chapter in chapters),
            row("in one place", [one for one in found if not one.mistake.double]),
            row("in two places", [one for one in found if one.mistake.double]),
            row("**all**", found),
            "",
            f"Of the places {slight} say no more than that what is wrong is too large, or too small.",
            "",
            f"Passed over on the way: {left_out}.",
            "",
        ]
    )


def main() -> None:
    """Measure, and write benchmarks/DIAGNOSIS.md."""
    parser = argparse.ArgumentParser(description="How many automatically made mistakes get a name or a place.")
    parser.add_argument("-n", type=int, default=MISTAKES, help="how many; the page is written for the usual number")
    parser.add_argument("-v", "--verbose", action="store_true", help="list those that get neither")
    parser.add_argument("--all", action="store_true", help="list what every one is told")
    asked = parser.parse_args()
    found, passed_over = sample(asked.n)
    for one in found:
        if asked.all or (asked.verbose and not one.named and not one.placed):
            print(f"{one.mistake.check.name} ({one.mistake.origin})\n  {one.mistake.change}\n  {one.failed}")
    page = table(found, passed_over)
    print(page)
    if asked.n == MISTAKES:
        RESULTS.write_text(page)


if __name__ == "__main__":
    main()
