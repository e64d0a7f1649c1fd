"""What is said of a wrong answer that no misconception explains: under which conditions it is right, where the first
wrong number is, how the result is related to the right one. Never a number that was expected.

A sentence is chosen by what holds in every case, so that it is the same for every draw as far as possible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..calling import Failure
from ..compare import same
from ..conditions import AGAIN, EQUAL, ORDINARY, Case, described_all, one
from .evidence import Evidence, Part
from .places import place, right_parts, scattered, too_large_or_small
from .probes import probed, tells
from .relations import relation, shape_alone
from .splits import set_apart, wrong_for_some
from .substitutes import as_if

ONLY = "That happens only "
ALIKE = "It gives the same answer whatever its arguments are"
FORMULA = "It is wrong in every hidden case, so look at the formula rather than at special cases."
SOME = re.compile(r"It is right in \d+ of \d+ hidden cases\.")
FEW = 4
"""More conditions than that are not listed."""


def diagnosis(evidence: Evidence, function: Callable[..., Any], kind: str) -> str:
    """One or two sentences on what is wrong, the kind of the first difference being `kind`; "" where it says all."""
    if kind not in ("values", "nan", "shape", "dtype"):
        return set_apart(evidence) or only_under(evidence)
    return next(findings(evidence, function, kind), "") or vague(evidence, kind)


def is_vague(text: str) -> bool:
    """Whether a message says no more of an answer than in how many cases it is right, or not even that."""
    says_nothing_more = not re.search(r"[.?!] \S", text)
    return says_nothing_more or FORMULA in text or bool(SOME.search(text))


def findings(evidence: Evidence, function: Callable[..., Any], kind: str) -> Iterator[str]:
    """All that can be said, the most telling first. What calls the student's function comes last."""
    if found := set_apart(evidence) or only_under(evidence):
        yield found
    if kind != "nan" and (found := same_for_all(evidence)):
        yield found
    yield from about_parts(evidence, exchanged_outputs)
    yield from about_parts(evidence, relation)
    yield from about_parts(evidence, as_if)
    parts = right_parts(evidence)
    for sentence in about_parts(evidence, place):
        yield f"{parts} {sentence}".strip()
    if found := wrong_for_some(evidence) or right_under(evidence):
        yield found
    for sentence in about_parts(evidence, scattered):
        yield f"{parts} {sentence}".strip()
    yield from about_parts(evidence, shape_alone)
    for found in probed(evidence, function):
        yield f"{parts} {found}.".strip()
    if parts:
        yield parts
    for part in evidence.wrong_parts[:1]:
        if found := too_large_or_small(part):
            yield f"{found}."


def about_parts(evidence: Evidence, find: Callable[[Part, Evidence], str]) -> Iterator[str]:
    """What is found of wrong parts: a sentence that says of which, where there are several."""
    for part in (part for part in evidence.wrong_parts if len(part.wrong_pairs) > 1):
        if found := find(part, evidence):
            yield told(part, found, evidence)
            return


def told(part: Part, found: str, evidence: Evidence) -> str:
    """A finding about a part as a sentence, a question where it asks something."""
    question = re.search(r": (what|where|does|is|are|which) ", found)
    sentence = f"{found}{'?' if question else '.'}"
    return sentence if len(evidence.parts) == 1 else f"In {part.name}: {sentence[0].lower()}{sentence[1:]}"


def only_under(evidence: Evidence) -> str:
    """The conditions under which alone the answer is wrong; "" where ordinary cases are wrong, too."""
    right, wrong = right_and_wrong(evidence)
    if ORDINARY not in right or right & wrong:
        return ""
    if wrong == {AGAIN}:
        return f"{ONLY}where a call has the sizes of the call before: what do you keep from one call to the next?"
    return f"{ONLY}{described_all(sorted(wrong))}."


def right_and_wrong(evidence: Evidence) -> tuple[set[str], set[str]]:
    """The conditions of right cases, and of wrong ones."""
    wrong = {case.condition for number, case in enumerate(evidence.cases) if number in evidence.wrong}
    right = {case.condition for number, case in enumerate(evidence.cases) if number not in evidence.wrong}
    return right, wrong


def right_under(evidence: Evidence) -> str:
    """The conditions under which the answer is right, where ordinary cases are wrong."""
    right, wrong = right_and_wrong(evidence)
    if not right or right & wrong or ORDINARY not in wrong or len(right) > FEW:
        return ""
    if not any(
        tells(evidence, case.inputs, evidence.expected[n])
        for n, case in enumerate(evidence.cases)
        if case.condition in right
    ):
        return ""
    if len(right) == 1:
        (condition,) = right
        size = next((size for size in sizes_of(evidence) if one(size) == condition), "")
        if size:
            return f"It is right with {condition}, and wrong with several."
        if condition == EQUAL:
            if any(size in evidence.arguments for size in sizes_of(evidence)):
                return "It is right with equal sizes, and wrong otherwise: which size belongs where?"
            return "It is right with equal sizes, and wrong otherwise: which size belongs to which axis?"
        zero = re.match(r"(\w+) is zero$", condition)
        if zero and zero[1] in evidence.arguments:
            name = f"`{zero[1]}`"
            return f"It is right when {name} is zero, and wrong otherwise: look at what you do with {name}."
    return f"It is right {described_all(sorted(right))}, and wrong otherwise."


def sizes_of(evidence: Evidence) -> list[str]:
    """The names of the sizes that ordinary cases are drawn from."""
    return [size for case in evidence.cases if case.condition == ORDINARY for size in case.sizes]


def same_for_all(evidence: Evidence) -> str:
    """Whether every case gets the same answer."""
    first, *others = evidence.results
    if isinstance(first, Failure) or not others:
        return ""
    alike = all(not isinstance(other, Failure) and same(first, other, rtol=1e-9, atol=0) for other in others)
    return f"{ALIKE}: compute it from them." if alike else ""


def exchanged_outputs(part: Part, evidence: Evidence) -> str:
    """Whether a part holds what belongs to another one, or an argument as it came."""
    for other in evidence.parts:
        if other.key != part.key and len(other.pairs) == len(part.pairs):
            pairs = zip(part.pairs, other.pairs, strict=True)
            if all(evidence.close(mine.mine, theirs.right) for mine, theirs in pairs):
                return f"It holds what belongs to {other.name}"
    for number, name in enumerate(evidence.arguments):
        given = [pair.case.inputs[number] if number < len(pair.case.inputs) else None for pair in part.pairs]
        if all(
            isinstance(value, np.ndarray | float | int) and evidence.close(pair.mine, np.asarray(value, dtype=float))
            for pair, value in zip(part.pairs, given, strict=True)
        ):
            return f"It is `{name}`, as it came"
    return ""


def vague(evidence: Evidence, kind: str) -> str:
    """What is left to say where nothing was found."""
    if kind == "shape":
        return ""
    if kind == "dtype" and not evidence.wrong_parts:
        return "The numbers are right, only of another kind."
    if len(evidence.wrong) < len(evidence.cases):
        return f"It is right in {len(evidence.cases) - len(evidence.wrong)} of {len(evidence.cases)} hidden cases."
    return FORMULA


def when_it_stops(cases: list[Case], stopping: list[Case]) -> str:
    """Under which conditions an answer stops with an error and under which it does not, to go with the error."""
    stops = {case.condition for case in stopping}
    goes_on = {case.condition for case in cases if not any(case is other for other in stopping)}
    if not goes_on:
        return "That happens in every case."
    if ORDINARY in goes_on and not stops & goes_on:
        return f"{ONLY}{described_all(sorted(stops))}."
    if not stops & goes_on and len(goes_on) <= FEW:
        return f"That does not happen {described_all(sorted(goes_on))}, and otherwise it does."
    return f"That happens {described_all([stopping[0].condition])}, and not in every case."
