"""Right numbers at wrong places: turned round, shifted, exchanged, reshaped; and what goes wrong along one axis."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from ..conditions import ORDINARY, plural
from .evidence import Array, Close, Pair, Part

BLOCKS = range(2, 5)
"""Into how many blocks an axis may be cut: the gates of a GRU and of an LSTM, two directions."""
MAX_AXES = 4


def rearranged(part: Part, pair: Pair, close: Close) -> Iterator[str]:
    """How the numbers of the right result lie in a result of the same shape."""
    mine, right = pair.mine, pair.right
    if right.ndim == 2 and close(mine, right.T):
        yield "It is the right result, transposed"
    for axis in range(right.ndim):
        word, several = part.word(axis), part.word(axis, several=True)
        if close(mine, np.flip(right, axis)):
            yield f"The {several} are the right ones in reverse order"
        if any(other.wrong and other.right.ndim > axis and other.right.shape[axis] > 1 for other in part.pairs):
            yield from shifted(pair, axis, word, close)
        yield from blocks_exchanged(np.moveaxis(mine, axis, 0), np.moveaxis(right, axis, 0), several, close)
        if right.ndim > 1 and same_slices(np.moveaxis(mine, axis, 0), np.moveaxis(right, axis, 0), close):
            yield f"The {several} are the right ones in another order"
    yield from cumulated(part, pair, close)
    if right.dtype.kind != "b" and close(np.sort(mine, axis=None), np.sort(right, axis=None)):
        yield "The numbers are the right ones in another order"


def shifted(pair: Pair, axis: int, word: str, close: Close) -> Iterator[str]:
    """Whether what belongs at one position of an axis stands at the next, or the one before."""
    mine, right = np.moveaxis(pair.mine, axis, 0), np.moveaxis(pair.right, axis, 0)
    if len(right) == 1:
        # One alone has no neighbour: it goes with any shift that others show.
        yield f"Each {word} holds what belongs to the one before it"
        yield f"Each {word} holds what belongs to the next one"
        return
    if close(mine[1:], right[:-1]) and varies(right):
        yield f"Each {word} holds what belongs to the one before it"
    if close(mine[:-1], right[1:]) and varies(right):
        yield f"Each {word} holds what belongs to the next one"


def varies(array: Array) -> bool:
    """Whether neighbours along the first axis differ."""
    return not np.allclose(array[1:], array[:-1])


def blocks_exchanged(mine: Array, right: Array, several: str, close: Close) -> Iterator[str]:
    """Whether equal blocks of the first axis have changed places."""
    for count in BLOCKS:
        if len(right) % count or len(right) < count:
            continue
        blocks = np.split(right, count)
        for order in itertools.permutations(range(count)):
            if order != tuple(range(count)) and close(mine, np.concatenate([blocks[n] for n in order])):
                places = ", ".join(str(n + 1) for n in order)
                yield f"Blocks of {several} have changed places: yours are those that belong at {places} of {count}"


def same_slices(mine: Array, right: Array, close: Close) -> bool:
    """Whether the slices along the first axis are the same ones, in any order."""
    if mine.shape != right.shape or mine.size == 0:
        return False
    a, b = (array.reshape(len(array), -1).astype(float) for array in (mine, right))
    return close(a[np.lexsort(np.round(a, 6).T)], b[np.lexsort(np.round(b, 6).T)])


def cumulated(part: Part, pair: Pair, close: Close) -> Iterator[str]:
    """Whether the numbers were added up, or differences taken, along an axis."""
    if pair.right.dtype.kind == "b":
        return
    for axis in range(pair.right.ndim):
        several = part.word(axis, several=True)
        if close(pair.mine, np.cumsum(pair.right, axis)):
            yield f"The right numbers are added up over the {several}"
        if close(np.cumsum(pair.mine, axis), pair.right):
            yield f"The {several} are yet to be added up"


def along_an_axis(part: Part, pairs: list[Pair]) -> str:
    """One factor or one term for each position of an axis: what was broadcast or summed over the wrong one."""
    # Where something is saturated or far away, one factor cannot be told from another.
    wrong = [pair for pair in pairs if pair.wrong and pair.case.condition == ORDINARY]
    if any(pair.right.dtype.kind == "b" or pair.right.ndim < 2 for pair in wrong):
        return ""
    for axis in range(min(pair.right.ndim for pair in pairs)):
        telling = [pair for pair in wrong if pair.right.shape[axis] > 1 and pair.right.size > pair.right.shape[axis]]
        if len(telling) < 3:
            continue
        several = part.word(axis, several=True)
        if all(alike_along(pair.mine - pair.right, axis, pair.right) for pair in telling):
            return f"All {several} are off by the same term: what do you add to them, or leave out"
        with np.errstate(all="ignore"):
            # A zero is no factor: it is a number that was never filled in, and its place says more.
            if all(pair.mine.all() and alike_along(pair.mine / pair.right, axis, np.ones(1)) for pair in telling):
                return f"All {several} are off by the same factor: what do you multiply them with or divide them by"
    return ""


def alike_along(array: Array, axis: int, scale: Array) -> bool:
    """Whether all positions of an axis hold the same, and nothing is without bound."""
    if not np.isfinite(array).all():
        return False
    return float(np.ptp(array, axis=axis).max()) <= 1e-6 * max(1.0, float(np.abs(scale).max()))


def reshaped(part: Part, pair: Pair, close: Close) -> Iterator[str]:
    """How a result of another shape is related to the right one."""
    mine, right = pair.mine, pair.right
    if mine.shape == right.shape and not pair.wrong:
        # Of a result with one step, say, or of zeros nobody can tell how its axes are ordered.
        yield from (TURNED, ONLY_SHAPE)
        return
    for order in itertools.permutations(range(right.ndim)) if 1 < right.ndim <= MAX_AXES else ():
        if order != tuple(range(right.ndim)) and close(mine, right.transpose(order)):
            yield TURNED
            break
    if mine.size == right.size and mine.shape != right.shape:
        if close(mine.ravel(), right.ravel()):
            yield ONLY_SHAPE
        elif close(np.sort(mine, axis=None), np.sort(right, axis=None)):
            yield "The numbers are right, but they are in another order and in another shape"
    for axis in range(right.ndim):
        several = part.word(axis, several=True)
        rows, given = np.moveaxis(right, axis, 0), np.moveaxis(mine, axis, 0) if mine.ndim == right.ndim else mine
        if mine.ndim == right.ndim and len(given) != len(rows) and given.shape[1:] == rows.shape[1:]:
            yield from lengths(given, rows, part.word(axis), several, close)
        if mine.ndim == right.ndim - 1 or mine.ndim == right.ndim:
            yield from reduced(mine, right, axis, several, close)
    yield from broadcast(mine, right, close)


TURNED = "The numbers are right, but the axes are in another order"
ONLY_SHAPE = "The numbers are right, and only the shape is not"


def sized(part: Part, pair: Pair, arguments: list[str]) -> Iterator[str]:
    """What can be told of a wrong shape alone, whatever the numbers are."""
    mine, right = pair.mine.shape, pair.right.shape
    if len(mine) != len(right):
        missing = len(right) - len(mine)
        yield f"Your result has {COUNTS[abs(missing)]} {'axis' if abs(missing) == 1 else 'axes'} too " + (
            "few" if missing > 0 else "many"
        )
        return
    if sorted(mine) == sorted(right):
        yield "The axes seem to be in another order"
    for axis, (got, wanted) in enumerate(zip(mine, right, strict=True)):
        if got != wanted:
            for size, number in pair.case.sizes.items():
                if number == got:
                    # An argument such as pool_size is a size itself, and counts nothing that has a name.
                    many = f"`{size}` says" if size in arguments else f"there are {plural(size)}"
                    yield f"Along axis {axis} your result is as long as {many}"
    for axis, (got, wanted) in enumerate(zip(mine, right, strict=True)):
        several = part.word(axis, several=True)
        if got == 0 < wanted:
            yield f"Your result has no {several} at all"
        if got == 1 < wanted:
            yield f"Your result has one {part.word(axis)} only"
        if got != wanted:
            yield f"Your result has too {'few' if got < wanted else 'many'} {several}"
    for axis, (got, wanted) in enumerate(zip(mine, right, strict=True)):
        if got != wanted:
            yield f"The number of {part.word(axis, several=True)} is not right"


COUNTS = {1: "one", 2: "two", 3: "three", 4: "four"}


def lengths(mine: Array, right: Array, word: str, several: str, close: Close) -> Iterator[str]:
    """What is missing or too much at the ends of the first axis."""
    gap = len(mine) - len(right)
    some = f"one {word} is" if abs(gap) == 1 else f"some {several} are"
    if gap < 0:
        if close(mine, right[:gap]):
            yield f"At the end {some} missing; the others are right"
        if close(mine, right[-gap:]):
            yield f"At the beginning {some} missing; the others are right"
    else:
        if close(mine[: len(right)], right):
            yield f"At the end {some} too much; the others are right"
        if close(mine[gap:], right):
            yield f"At the beginning {some} too much; the others are right"


def reduced(mine: Array, right: Array, axis: int, several: str, close: Close) -> Iterator[str]:
    """Whether one axis of the right result is gone: summed over, averaged, or all but one position dropped."""
    keep = mine.ndim == right.ndim
    if mine.shape != right.sum(axis, keepdims=keep).shape:
        return
    if right.shape[axis] == 1 and not keep:
        yield f"The axis of the {several} is missing from your result"
        return
    for words, value in (
        ("added up", right.sum(axis, keepdims=keep)),
        ("averaged", right.mean(axis, keepdims=keep) if right.shape[axis] else None),
    ):
        if value is not None and close(mine, value):
            yield f"The {several} are {words}, and should stand side by side"
    if right.shape[axis]:
        for words, place in (("first", 0), ("last", -1)):
            one = np.take(right, [place] if keep else place, axis)
            if close(mine, one):
                yield f"Of the {several} only the {words} is there"
    if not keep:
        yield f"The axis of the {several} is missing from your result"


def broadcast(mine: Array, right: Array, close: Close) -> Iterator[str]:
    """Whether the result has axes too many, and along one of them nothing but repetitions or what was to be summed."""
    if mine.ndim != right.ndim + 1:
        return
    for axis in range(mine.ndim):
        if mine.shape[axis] and mine.shape[:axis] + mine.shape[axis + 1 :] == right.shape:
            if close(mine.sum(axis), right):
                yield "Your result has one axis too many: add it up over that"
            elif close(mine.mean(axis), right):
                yield "Your result has one axis too many: average it over that"
    yield "Your result has one axis too many"
