"""Checks of exercises/layers/pooling.ipynb: Pooling.

Channels come last: x is (batch, time, channels) or, in two dimensions, (batch, height, width, channels). The window
has `pool_size` entries along each axis and moves by `strides`, both ints; there is no padding. As in Keras, a window
counts if all of it lies inside (keras/src/ops/operation_utils.py, compute_pooling_output_shape).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...checking import FunctionCheck, ValueCheck, graded
from ...checking.drawing import Inputs
from ..families.pooling import average, every_pool, maximum, two_dimensions
from ..families.windows import places

Array = np.ndarray


# --- quiz_answer -----------------------------------------------------------------------------------------------------

QUIZ = np.array([[1, 2, 3, 4], [5, 6, 7, 8], [1, 2, 3, 4], [5, 7, 6, 8]])
WINDOWS = QUIZ.reshape(2, 2, 2, 2).swapaxes(1, 2).reshape(2, 2, 4)
"""(rows, columns, entries of a window)"""
MEANS = WINDOWS.mean(axis=-1)

quiz_answer = ValueCheck("quiz_answer", expected=MEANS, section="pooling-average")

quiz_answer.wrong_value(
    WINDOWS.max(axis=-1), "That is max pooling.", "The question asks for the average of each window."
)
quiz_answer.wrong_value(
    WINDOWS.sum(axis=-1), "Those are the sums of the windows.", "Divide by the number of entries in a window."
)
quiz_answer.wrong_value(
    MEANS.astype(int),
    "The digits after the point are missing.",
    "The mean of whole numbers need not be whole.",
    see="pooling-dtype",
)
quiz_answer.wrong_value(
    MEANS.round(), "Your means are rounded.", "The mean of whole numbers need not be whole.", see="pooling-dtype"
)
quiz_answer.wrong_value(
    MEANS.T,
    "Rows and columns have changed places.",
    "The first row of the answer comes from the first two rows of the array.",
    see="pooling-window",
)
quiz_answer.wrong_value(
    np.lib.stride_tricks.sliding_window_view(QUIZ, (2, 2)).mean(axis=(-2, -1)),
    "The window moves by one, so there are nine windows.",
    "With a stride of 2 the windows do not overlap.",
    see="pooling-stride",
)
quiz_answer.wrong_value(
    WINDOWS.min(axis=-1), "Those are the smallest entries.", "The question asks for the average of each window."
)
quiz_answer.wrong_value(
    WINDOWS.sum(axis=-1) / 2,
    "The sums are divided by the side of the window.",
    "How many entries does a window have?",
    see="pooling-window",
)


# --- pooled_length ---------------------------------------------------------------------------------------------------


@graded("pooling-output-size", exact_type=int, rtol=0, atol=0)
def pooled_length(n: int, pool_size: int, strides: int) -> int:
    return (n - pool_size) // strides + 1


def rest(rng: np.random.Generator, strides: int) -> int:
    """How many entries lie behind the last window: too few for another, and not none where that can be."""
    return int(rng.integers(1, strides)) if strides > 1 else 0


# A window of one entry and a stride of one are conditions below, in better words.
@pooled_length.inputs(without=("one pool size", "one stride"))
def draw_length(rng: np.random.Generator, places: int, pool_size: int, strides: int) -> Inputs:
    return (pool_size + strides * (places - 1) + rest(rng, strides), pool_size, strides)


@pooled_length.condition("no rest")
def length_without_a_rest(rng: np.random.Generator, places: int, pool_size: int, strides: int) -> Inputs:
    return (pool_size + strides * (places - 1), pool_size, strides)


@pooled_length.condition("overlapping windows")
def length_of_overlapping_windows(rng: np.random.Generator, places: int, strides: int) -> Inputs:
    return (strides + 2 + strides * places - 1, strides + 2, strides)


@pooled_length.condition("gaps between the windows")
def length_with_gaps(rng: np.random.Generator, places: int, pool_size: int) -> Inputs:
    return (pool_size + (pool_size + 2) * places - 1, pool_size, pool_size + 2)


@pooled_length.condition("a window of one entry")
def length_for_single_entries(rng: np.random.Generator, places: int, strides: int) -> Inputs:
    return (1 + strides * places - 1, 1, strides)


@pooled_length.condition("a stride of one")
def length_for_stride_one(rng: np.random.Generator, places: int, pool_size: int) -> Inputs:
    return (pool_size + places - 1, pool_size, 1)


@pooled_length.condition("a long axis")
def length_of_a_long_axis(rng: np.random.Generator, pool_size: int, strides: int) -> Inputs:
    return (int(rng.integers(500, 1000)), pool_size, strides)


pooled_length.always("one window that fills the axis", 4, 4, 3)
pooled_length.always("one entry", 1, 1, 1)


@pooled_length.right
def length_by_counting(n: int, pool_size: int, strides: int) -> int:
    return len(range(0, n - pool_size + 1, strides))


@pooled_length.right
def length_by_loop(n: int, pool_size: int, strides: int) -> int:
    count = 0
    while count * strides + pool_size <= n:
        count += 1
    return count


@pooled_length.right
def length_by_recursion(n: int, pool_size: int, strides: int) -> int:
    return 0 if n < pool_size else 1 + length_by_recursion(n - strides, pool_size, strides)


@pooled_length.right
def length_by_floor(n: int, pool_size: int, strides: int) -> int:
    return int(np.floor((n - pool_size + strides) / strides))


pooled_length.like(places, length="pooling-output-size", stride="pooling-stride", same="pooling-same")


@pooled_length.wrong(
    "The length is divided by the pool size.",
    "That holds only where the stride is the pool size.",
    see="pooling-stride",
)
def stride_taken_for_pool_size(n: int, pool_size: int, strides: int) -> int:
    return n // pool_size


# --- average_pool_1d -------------------------------------------------------------------------------------------------


def numbers(rng: np.random.Generator, *shape: int) -> Array:
    """Numbers of both signs; in the first channel all are below zero, so every window's maximum is."""
    x = rng.normal(size=shape) - 0.5
    x[..., 0] = -np.abs(x[..., 0])
    return x


def whole_numbers(rng: np.random.Generator, *shape: int) -> Array:
    return rng.integers(-9, 10, size=shape)


def far_below_zero(rng: np.random.Generator, *shape: int) -> Array:
    return rng.normal(size=shape) - 50


Entries = Callable[..., Array]
WINDOWS_LIKE: dict[str, tuple[int, int, int, Entries]] = {
    "no rest": (3, 2, 0, numbers),
    "overlapping windows": (4, 2, 1, numbers),
    "gaps between the windows": (2, 4, 3, numbers),
    "windows of one entry": (1, 3, 2, numbers),
    "a stride of one": (3, 1, 0, numbers),
    "whole numbers": (2, 3, 1, whole_numbers),
    "far below zero": (3, 2, 1, far_below_zero),
}
"""Conditions of every pool: pool_size, strides, how many entries are left over along an axis, and what is in x."""


def draw_1d(rng: np.random.Generator, batch: int, places: int, channels: int, pool_size: int, strides: int) -> Inputs:
    time = pool_size + strides * (places - 1) + rest(rng, strides)
    return (numbers(rng, batch, time, channels), pool_size, strides)


def drawn_1d(pool_size: int, strides: int, left: int, entries: Entries) -> Callable[..., Inputs]:
    def draw(rng: np.random.Generator, batch: int, places: int, channels: int) -> Inputs:
        return (entries(rng, batch, pool_size + strides * (places - 1) + left, channels), pool_size, strides)

    return draw


def equal_axes_1d(rng: np.random.Generator) -> Inputs:
    return (numbers(rng, 6, 6, 6), 3, 2)


# A window of one entry and a stride of one are among WINDOWS_LIKE.
AMONG_THEM = ("one pool size", "one stride")


def in_one_dimension(check: FunctionCheck) -> None:
    """Declare how the inputs of a pool in one dimension are drawn."""
    check.inputs(without=AMONG_THEM)(draw_1d)
    for condition, (pool_size, strides, left, entries) in WINDOWS_LIKE.items():
        check.condition(condition)(drawn_1d(pool_size, strides, left, entries))
    check.condition("axes of equal length")(equal_axes_1d)


def pooled(
    pool: Callable[..., Array], x: Array, pool_size: int, strides: int, pooled_length: Callable[..., int]
) -> Array:
    """Along one axis or two, one window after the other. Whose `pooled_length` is too large gets shorter windows."""
    places = [pooled_length(n, pool_size, strides) for n in x.shape[1:-1]]
    if any(visited > 3 * n + 10 for visited, n in zip(places, x.shape[1:-1], strict=True)):
        raise ValueError("there would be far more places than entries")  # and walking them all could take for ever
    out = np.empty((x.shape[0], *places, x.shape[-1]))
    for place in np.ndindex(out.shape[1:-1]):
        window = tuple(slice(n * strides, n * strides + pool_size) for n in place)
        out[(slice(None), *place)] = pool(x[(slice(None), *window)], axis=tuple(range(1, x.ndim - 1)))
    return out


@graded("pooling-average")
def average_pool_1d(
    x: Array, pool_size: int, strides: int, *, pooled_length: Callable[..., int] = pooled_length
) -> Array:
    return pooled(np.mean, x, pool_size, strides, pooled_length)


ONE = (1,)
"""The axis along which a window moves in one dimension; TWO below are those in two."""

in_one_dimension(average_pool_1d)
average_pool_1d.like(average, axes=ONE)
average_pool_1d.like(every_pool, pool=np.mean, axes=ONE, what="Average pooling")


# --- max_pool_1d -----------------------------------------------------------------------------------------------------


# Where x holds whole numbers, the result may hold floats or whole numbers: the text allows both.
@graded("pooling-max", exact_type=float)
def max_pool_1d(x: Array, pool_size: int, strides: int, *, pooled_length: Callable[..., int] = pooled_length) -> Array:
    return pooled(np.max, x, pool_size, strides, pooled_length)


in_one_dimension(max_pool_1d)
max_pool_1d.like(maximum, axes=ONE)
max_pool_1d.like(every_pool, pool=np.max, axes=ONE, what="Max pooling")


# --- average_pool_2d -------------------------------------------------------------------------------------------------


def draw_2d(
    rng: np.random.Generator, batch: int, rows: int, columns: int, channels: int, pool_size: int, strides: int
) -> Inputs:
    height = pool_size + strides * (rows - 1) + rest(rng, strides)
    width = pool_size + strides * (columns - 1) + rest(rng, strides)
    return (numbers(rng, batch, height, width, channels), pool_size, strides)


def drawn_2d(pool_size: int, strides: int, left: int, entries: Entries) -> Callable[..., Inputs]:
    def draw(rng: np.random.Generator, batch: int, rows: int, columns: int, channels: int) -> Inputs:
        height, width = (pool_size + strides * (places - 1) + left for places in (rows, columns))
        return (entries(rng, batch, height, width, channels), pool_size, strides)

    return draw


def equal_axes_2d(rng: np.random.Generator) -> Inputs:
    return (numbers(rng, 6, 6, 6, 6), 3, 2)


def in_two_dimensions(check: FunctionCheck) -> None:
    """Declare how the inputs of a pool in two dimensions are drawn."""
    small = range(2, 5)  # a picture has a few thousand entries at most
    check.inputs(without=AMONG_THEM, channels=range(2, 8), pool_size=small, strides=small)(draw_2d)
    for condition, (pool_size, strides, left, entries) in WINDOWS_LIKE.items():
        check.condition(condition)(drawn_2d(pool_size, strides, left, entries))
    check.condition("axes of equal length")(equal_axes_2d)


TWO = (1, 2)


@graded("pooling-2d")
def average_pool_2d(
    x: Array, pool_size: int, strides: int, *, pooled_length: Callable[..., int] = pooled_length
) -> Array:
    return pooled(np.mean, x, pool_size, strides, pooled_length)


in_two_dimensions(average_pool_2d)
average_pool_2d.like(average, axes=TWO)
average_pool_2d.like(every_pool, pool=np.mean, axes=TWO, what="Average pooling")
average_pool_2d.like(two_dimensions, pool=np.mean)


@average_pool_2d.wrong(
    "The sum is divided by the side of the window.", "How many entries does a square window have?", see="pooling-window"
)
def divided_by_side(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return windows[:, ::strides, ::strides].sum(axis=(-2, -1)) / pool_size


# --- max_pool_2d -----------------------------------------------------------------------------------------------------


@graded("pooling-2d", exact_type=float)
def max_pool_2d(x: Array, pool_size: int, strides: int, *, pooled_length: Callable[..., int] = pooled_length) -> Array:
    return pooled(np.max, x, pool_size, strides, pooled_length)


in_two_dimensions(max_pool_2d)
max_pool_2d.like(maximum, axes=TWO)
max_pool_2d.like(every_pool, pool=np.max, axes=TWO, what="Max pooling")
max_pool_2d.like(two_dimensions, pool=np.max)
