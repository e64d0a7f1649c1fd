"""Where in a result the first wrong number is: which output, and at which positions of which axis."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..conditions import ORDINARY, listed
from .arrangements import COUNTS
from .evidence import Array, Close, Evidence, Pair, Part, in_all

Masks = list[tuple[Pair, Array]]
"""Which numbers are wrong, beside what they are taken from."""


def right_parts(evidence: Evidence) -> str:
    """Which outputs are right in every case, where some are and some are not."""
    right = [part for part in evidence.parts if not part.wrong]
    wrong = evidence.wrong_parts
    if not right or not wrong:
        return ""
    fewer, what = (right, "right") if len(right) <= len(wrong) else (wrong, "wrong")
    if len(fewer) > MANY:
        return ""
    one = len(fewer) == 1 and not re.fullmatch(r"the .*[^s]s", fewer[0].name)  # "the outputs" are several by themselves
    return f"Only {named(fewer)} {'is' if one else 'are'} {what}."


def named(parts: list[Part]) -> str:
    """Some outputs, or some entries."""
    if len(parts) > 1 and all(isinstance(part.key, str) for part in parts):
        return f"the entries {listed([repr(part.key) for part in parts])}"
    return listed([part.name for part in parts])


MANY = 4
"""More outputs than that are not listed."""


def place(part: Part, evidence: Evidence) -> str:
    """At which positions a part is wrong, as a sentence without its point; "" where no place stands out."""
    masks = masks_of(part, evidence)
    return (along_axes(part, masks) or on_a_square(masks) or by_value(masks, evidence)) if masks else ""


def masks_of(part: Part, evidence: Evidence) -> Masks:
    """Which numbers are wrong in each case that has as many axes as an ordinary one; empty where these differ."""
    pairs = [pair for pair in part.wrong_pairs if pair.mine.shape == pair.right.shape and pair.right.ndim]
    ranks = {pair.right.ndim for pair in [pair for pair in pairs if pair.case.condition == ORDINARY] or pairs}
    if len(ranks) != 1:
        return []
    return [(pair, wrong_numbers(pair, evidence.close)) for pair in pairs if pair.right.ndim in ranks]


def wrong_numbers(pair: Pair, close: Close) -> Array:
    """Which numbers of a result are wrong."""
    flat = [not close(a, b) for a, b in zip(pair.mine.ravel(), pair.right.ravel(), strict=True)]
    return np.array(flat, dtype=bool).reshape(pair.right.shape)


def any_along(mask: Array, axis: int) -> Array:
    """At which positions of an axis something is wrong."""
    return np.asarray(mask.any(axis=tuple(n for n in range(mask.ndim) if n != axis)))


def along_axes(part: Part, masks: Masks) -> str:
    """Positions of one axis that are right or wrong as a whole, and that are the same in every case."""
    for axis in range(masks[0][1].ndim):
        word, several = part.word(axis), part.word(axis, several=True)
        marked = [any_along(mask, axis) for _, mask in masks]
        telling = [bad for bad in marked if len(bad) > 1]
        if len(telling) < min(2, len(masks)):
            continue
        if found := in_all([positions(bad, word, several) for bad in telling]):
            return found
    return ""


def positions(bad: Array, word: str, several: str) -> Iterator[str]:
    """What can be said of which positions of an axis are bad."""
    count = len(bad)
    if bad[0] and not bad[1:].any():
        yield f"Only the first {word} is wrong"
    if bad[-1] and not bad[:-1].any():
        yield f"Only the last {word} is wrong"
    if not bad[0] and bad[1:].all():
        yield f"The first {word} is right, and every later one is wrong"
    if not bad[-1] and bad[:-1].all():
        yield f"Only the last {word} is right"
    if not bad.any() or bad.all():
        return
    start, end = int(np.argmax(bad)), count - int(np.argmax(bad[::-1]))
    if start > 1 and bad[start:].all():
        yield f"The first {start} {several} are right, and all later ones are wrong"
    if not bad[0]:
        yield f"The first {word} is right, and later ones are wrong"
    if end < count - 1 and bad[:end].all():
        yield f"The last {count - end} {several} are right, and all before them are wrong"
    if not bad[-1]:
        yield f"The last {word} is right, and earlier ones are wrong"
    for blocks in (2, 3, 4):
        if count % blocks == 0 and count > blocks:
            cut = bad.reshape(blocks, -1)
            wrong = [n + 1 for n in range(blocks) if cut[n].any()]
            if len(wrong) < blocks:
                which = listed([ORDINALS[n] for n in wrong])
                yield f"Of {COUNTS[blocks]} equal blocks of {several} only the {which} is wrong"
    if count > 2:
        for offset in (0, 1):
            if (bad == (np.arange(count) % 2 == offset)).all():
                yield f"Every second of the {several} is wrong"


ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth"}


def on_a_square(masks: Masks) -> str:
    """Whether the diagonal of a square result sets right from wrong."""
    square = [mask for pair, mask in masks if mask.ndim == 2 and mask.shape[0] == mask.shape[1] > 1]
    if len(square) < min(2, len(masks)) or any(mask.ndim != 2 for _, mask in masks):
        return ""
    tests: tuple[tuple[str, Callable[[Array], Array]], ...] = (
        ("Only the diagonal is wrong", lambda mask: mask & ~np.eye(len(mask), dtype=bool)),
        ("Only the diagonal is right", lambda mask: mask & np.eye(len(mask), dtype=bool)),
        ("Only numbers above the diagonal are wrong", np.tril),
        ("Only numbers below the diagonal are wrong", np.triu),
    )
    for words, elsewhere in tests:
        if not any(elsewhere(mask).any() for mask in square):
            return words
    return ""


def by_value(masks: Masks, evidence: Evidence) -> str:
    """Whether wrong numbers stand only where an argument, or the right result itself, is of one kind."""
    for words, kinds in kinds_of_places([pair for pair, _ in masks], evidence):
        pairs = list(zip(masks, kinds, strict=True))
        telling = sum(bool(kind.any() and (~kind).any()) for kind in kinds)
        if telling > 1 and all(not (mask & ~kind).any() for (_, mask), kind in pairs):
            return f"Only numbers {words} are wrong"
    return ""


def kinds_of_places(pairs: list[Pair], evidence: Evidence) -> Iterator[tuple[str, list[Array]]]:
    """Places told apart by the value of an argument of that shape, or of one that has the first axes only."""
    for number, name in enumerate(evidence.arguments):
        given = [spread_out(pair.case.inputs[number : number + 1], pair.right) for pair in pairs]
        spread = [value for value in given if value is not None]
        if len(spread) < len(given):
            continue
        if all(value.dtype.kind == "b" for value in spread):
            yield f"where `{name}` is False", [~value for value in spread]
            yield f"where `{name}` is True", spread
        elif all(value.dtype.kind in "iuf" for value in spread):
            yield f"where `{name}` is zero", [value == 0 for value in spread]
            yield f"where `{name}` is below zero", [value < 0 for value in spread]
            yield f"where `{name}` is above zero", [value > 0 for value in spread]
    if all(pair.right.dtype.kind == "b" for pair in pairs):
        yield "that should be False", [~pair.right for pair in pairs]
        yield "that should be True", [pair.right for pair in pairs]
    else:
        yield "that should be zero", [pair.right == 0 for pair in pairs]
        yield "that should be below zero", [pair.right < 0 for pair in pairs]
        yield "that should be above zero", [pair.right > 0 for pair in pairs]


def spread_out(value: tuple[Any, ...], right: Array) -> Array | None:
    """An argument that has the first axes of a result, spread over all of it; None for any other."""
    array = value[0] if value else None
    if not isinstance(array, np.ndarray) or not array.ndim or array.shape != right.shape[: array.ndim]:
        return None
    return np.broadcast_to(array.reshape(array.shape + (1,) * (right.ndim - array.ndim)), right.shape)


def scattered(part: Part, evidence: Evidence) -> str:
    """Whether along some axis whole positions are right while others are wrong, whichever they are."""
    masks = masks_of(part, evidence)
    for axis in range(masks[0][1].ndim if masks else 0):
        marked = [any_along(mask, axis) for _, mask in masks]
        telling = [bad for bad in marked if len(bad) > 2]
        if len(telling) > 1 and all(not bad.all() for bad in telling):
            return f"Some {part.word(axis, several=True)} are right and others are wrong: what sets them apart"
    return ""


def too_large_or_small(part: Part) -> str:
    """For single numbers and counts: whether all are too large, or all too small."""
    pairs = part.wrong_pairs
    if not pairs or any(pair.mine.shape != pair.right.shape or pair.right.dtype.kind == "b" for pair in pairs):
        return ""
    if any(not np.isfinite(pair.mine).all() for pair in pairs):
        return ""
    if all((pair.mine >= pair.right - 1e-12).all() for pair in pairs):
        return NONE_TOO_SMALL if any(pair.right.size > 1 for pair in pairs) else TOO_LARGE
    if all((pair.mine <= pair.right + 1e-12).all() for pair in pairs):
        return NONE_TOO_LARGE if any(pair.right.size > 1 for pair in pairs) else TOO_SMALL
    return ""


NONE_TOO_SMALL = "No number of it is too small"
NONE_TOO_LARGE = "No number of it is too large"
TOO_LARGE = "It is too large wherever it is wrong"
TOO_SMALL = "It is too small wherever it is wrong"
