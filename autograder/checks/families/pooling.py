"""Windows of x, each replaced by one number: what goes wrong in every pool, average and max, one and two dimensions.

x (batch, time, channels) or (batch, height, width, channels); pool_size and strides are ints, the same for all axes.
The word `pool` is np.mean or np.max, `axes` are those along which the window moves: (1,) or (1, 2). One axis is pooled
after the other: of a window whose sides lie along the axes, that gives the same mean and the same maximum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import Family

Array = np.ndarray
Pool = Callable[..., Any]
Axes = tuple[int, ...]

every_pool = Family()


@every_pool.right
def one_axis_after_the_other(x: Array, pool_size: int, strides: int, *, pool: Pool, axes: Axes) -> Array:
    for axis in axes:
        starts = range(0, x.shape[axis] - pool_size + 1, strides)
        x = np.stack([pool(np.take(x, range(s, s + pool_size), axis), axis=axis) for s in starts], axis=axis)
    return x


@every_pool.right
def place_by_place(x: Array, pool_size: int, strides: int, *, pool: Pool, axes: Axes) -> Array:
    sizes = [(x.shape[axis] - pool_size) // strides + 1 for axis in axes]
    out = np.zeros((x.shape[0], *sizes, x.shape[-1]))
    for example, *place, channel in np.ndindex(out.shape):
        window = tuple(slice(n * strides, n * strides + pool_size) for n in place)
        out[(example, *place, channel)] = pool(x[(example, *window, channel)])
    return out


@every_pool.right
def windows_as_a_view(x: Array, pool_size: int, strides: int, *, pool: Pool, axes: Axes) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, [pool_size for _ in axes], axis=axes)
    every = tuple(slice(None, None, strides) for _ in axes)
    return pool(windows[(slice(None), *every)], axis=tuple(range(x.ndim, windows.ndim)))


@every_pool.wrong(
    "The stride has no effect: the window moves by one.",
    "From one window to the next it moves by `strides`.",
    see="pooling-stride",
)
def stride_ignored(x: Array, pool_size: int, strides: int, *, pool: Pool, axes: Axes) -> Array:
    for axis in axes:
        starts = np.arange(x.shape[axis] - pool_size + 1)
        x = pool(np.take(x, starts[:, None] + np.arange(pool_size), axis), axis=axis + 1)
    return x


@every_pool.wrong(
    "The window moves by its own size.",
    "That is only the default. Here `strides` says how far it moves.",
    see="pooling-stride",
)
def stride_is_pool_size(x: Array, pool_size: int, strides: int, *, pool: Pool, axes: Axes) -> Array:
    for axis in axes:
        starts = np.arange(0, x.shape[axis] - pool_size + 1, pool_size)
        x = pool(np.take(x, starts[:, None] + np.arange(pool_size), axis), axis=axis + 1)
    return x


@every_pool.wrong(
    "Window and stride have changed places.", "Which of the two says how large, which how far?", see="pooling-stride"
)
def size_and_stride_swapped(x: Array, pool_size: int, strides: int, *, pool: Pool, axes: Axes) -> Array:
    for axis in axes:
        starts = range(0, max(x.shape[axis] - strides, 0) + 1, pool_size)
        windows = [range(s, min(s + strides, x.shape[axis])) for s in starts]
        x = np.stack([pool(np.take(x, window, axis), axis=axis) for window in windows], axis)
    return x


@every_pool.wrong(
    "Windows that hang over the end are counted.",
    "Without padding, a window counts only if all of it lies inside.",
    see="pooling-output-size",
)
def rest_included(x: Array, pool_size: int, strides: int, *, pool: Pool, axes: Axes) -> Array:
    for axis in axes:
        windows = [range(s, min(s + pool_size, x.shape[axis])) for s in range(0, x.shape[axis], strides)]
        x = np.stack([pool(np.take(x, window, axis), axis=axis) for window in windows], axis)
    return x


@every_pool.wrong(
    "A window that ends exactly at the end is left out.",
    "range() stops before its end: which is the last start that still fits?",
    see="pooling-output-size",
)
def last_window_missing(x: Array, pool_size: int, strides: int, *, pool: Pool, axes: Axes) -> Array:
    for axis in axes:
        starts = np.arange(0, x.shape[axis] - pool_size, strides)
        x = pool(np.take(x, starts[:, None] + np.arange(pool_size), axis), axis=axis + 1)
    return x


@every_pool.wrong("Your window is one entry too long.", "How many entries does your slice hold?", see="pooling-window")
def window_one_too_long(x: Array, pool_size: int, strides: int, *, pool: Pool, axes: Axes) -> Array:
    for axis in axes:
        starts = range(0, x.shape[axis] - pool_size + 1, strides)
        windows = [range(s, min(s + pool_size + 1, x.shape[axis])) for s in starts]
        x = np.stack([pool(np.take(x, window, axis), axis=axis) for window in windows], axis)
    return x


@every_pool.wrong("You pool over the channels too.", "Each channel is pooled on its own.", see="pooling-channels")
def pooled_over_channels(x: Array, pool_size: int, strides: int, *, pool: Pool, axes: Axes) -> Array:
    channels = x.shape[-1]
    for axis in axes:
        starts = np.arange(0, x.shape[axis] - pool_size + 1, strides)
        x = pool(np.take(x, starts[:, None] + np.arange(pool_size), axis), axis=axis + 1)
    return np.repeat(pool(x, axis=-1, keepdims=True), channels, axis=-1)


@every_pool.wrong(
    "Axes of size 1 are gone from your result.",
    "It keeps all its axes, also with one example, one channel or one window.",
    see="pooling-channels",
)
def squeezed(x: Array, pool_size: int, strides: int, *, pool: Pool, axes: Axes) -> Array:
    for axis in axes:
        starts = np.arange(0, x.shape[axis] - pool_size + 1, strides)
        x = pool(np.take(x, starts[:, None] + np.arange(pool_size), axis), axis=axis + 1)
    return np.squeeze(x)


@every_pool.wrong("You take the smallest entry.", "{what} takes another number from each window.", see="pooling-window")
def min_of_each_window(x: Array, pool_size: int, strides: int, *, axes: Axes) -> Array:
    for axis in axes:
        starts = np.arange(0, x.shape[axis] - pool_size + 1, strides)
        x = np.take(x, starts[:, None] + np.arange(pool_size), axis).min(axis=axis + 1)
    return x


average = Family()
"""What goes wrong in average pooling."""


@average.right
def shifted_and_added(x: Array, pool_size: int, strides: int, *, axes: Axes) -> Array:
    for axis in axes:
        last = x.shape[axis] - pool_size + 1
        x = np.add.reduce([np.take(x, range(k, k + last, strides), axis) for k in range(pool_size)]) / pool_size
    return x


@average.wrong("This is max pooling.", "Take the mean of each window.", see="pooling-average")
def max_for_average(x: Array, pool_size: int, strides: int, *, axes: Axes) -> Array:
    for axis in axes:
        starts = np.arange(0, x.shape[axis] - pool_size + 1, strides)
        x = np.take(x, starts[:, None] + np.arange(pool_size), axis).max(axis=axis + 1)
    return x


@average.wrong("You add up each window.", "A mean also divides by the number of entries.", see="pooling-average")
def sum_for_mean(x: Array, pool_size: int, strides: int, *, axes: Axes) -> Array:
    for axis in axes:
        starts = np.arange(0, x.shape[axis] - pool_size + 1, strides)
        x = np.take(x, starts[:, None] + np.arange(pool_size), axis).sum(axis=axis + 1)
    return x


@average.wrong(
    "For an array of integers your means lose what comes after the point.",
    "An array made like the input takes over its integer dtype. Make the output a float array.",
    see="pooling-dtype",
)
def average_whole_numbers(x: Array, pool_size: int, strides: int, *, axes: Axes) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, [pool_size for _ in axes], axis=axes)
    windows = windows[(slice(None), *(slice(None, None, strides) for _ in axes))]
    return windows.mean(axis=tuple(range(x.ndim, windows.ndim))).astype(x.dtype)


@average.wrong("You take the median of each window.", "The mean asks how large every entry is.", see="pooling-average")
def median_for_mean(x: Array, pool_size: int, strides: int, *, axes: Axes) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, [pool_size for _ in axes], axis=axes)
    every = tuple(slice(None, None, strides) for _ in axes)
    return np.median(windows[(slice(None), *every)], axis=tuple(range(x.ndim, windows.ndim)))


maximum = Family()
"""What goes wrong in max pooling."""


@maximum.right
def shifted_and_compared(x: Array, pool_size: int, strides: int, *, axes: Axes) -> Array:
    for axis in axes:
        last = x.shape[axis] - pool_size + 1
        x = np.maximum.reduce([np.take(x, range(k, k + last, strides), axis) for k in range(pool_size)])
    return x


@maximum.wrong("This is average pooling.", "Take the largest entry of each window.", see="pooling-max")
def average_for_max(x: Array, pool_size: int, strides: int, *, axes: Axes) -> Array:
    for axis in axes:
        starts = np.arange(0, x.shape[axis] - pool_size + 1, strides)
        x = np.take(x, starts[:, None] + np.arange(pool_size), axis).mean(axis=axis + 1)
    return x


@maximum.wrong(
    "Where all entries of a window are negative you return 0.",
    "The largest of some negative numbers is negative. Where does your running maximum start?",
    see="pooling-max",
)
def max_starting_at_zero(x: Array, pool_size: int, strides: int, *, axes: Axes) -> Array:
    for axis in axes:
        starts = np.arange(0, x.shape[axis] - pool_size + 1, strides)
        x = np.take(x, starts[:, None] + np.arange(pool_size), axis).max(axis=axis + 1, initial=0)
    return x


@maximum.wrong("You compare magnitudes, without the sign.", "-5 is smaller than 1.", see="pooling-max")
def max_of_magnitude(x: Array, pool_size: int, strides: int, *, axes: Axes) -> Array:
    for axis in axes:
        starts = np.arange(0, x.shape[axis] - pool_size + 1, strides)
        x = np.take(np.abs(x), starts[:, None] + np.arange(pool_size), axis).max(axis=axis + 1)
    return x


@maximum.wrong(
    "You return where the largest entry stands.", "Which number is the largest, not at which place?", see="pooling-max"
)
def place_of_the_largest(x: Array, pool_size: int, strides: int, *, axes: Axes) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, [pool_size for _ in axes], axis=axes)
    windows = windows[(slice(None), *(slice(None, None, strides) for _ in axes))]
    return windows.reshape(*windows.shape[: x.ndim], -1).argmax(axis=-1)


two_dimensions = Family()
"""What goes wrong only where the window is a square."""


@two_dimensions.wrong(
    "Only the rows are pooled.", "The window is square: it spans rows and columns.", see="pooling-window"
)
def height_only(x: Array, pool_size: int, strides: int, *, pool: Pool) -> Array:
    starts = np.arange(0, x.shape[1] - pool_size + 1, strides)
    x = x[:, :, np.arange(0, x.shape[2] - pool_size + 1, strides)]
    return pool(x[:, starts[:, None] + np.arange(pool_size)], axis=2)


@two_dimensions.wrong(
    "Only the columns are pooled.", "The window is square: it spans rows and columns.", see="pooling-window"
)
def width_only(x: Array, pool_size: int, strides: int, *, pool: Pool) -> Array:
    starts = np.arange(0, x.shape[2] - pool_size + 1, strides)
    x = x[:, np.arange(0, x.shape[1] - pool_size + 1, strides)]
    return pool(x[:, :, starts[:, None] + np.arange(pool_size)], axis=3)


@two_dimensions.wrong(
    "Height and width have changed places in the result.",
    "The axes of the result are batch, height, width, channels.",
    see="pooling-channels",
)
def height_and_width_swapped(x: Array, pool_size: int, strides: int, *, pool: Pool) -> Array:
    for axis in (1, 2):
        starts = np.arange(0, x.shape[axis] - pool_size + 1, strides)
        x = pool(np.take(x, starts[:, None] + np.arange(pool_size), axis), axis=axis + 1)
    return x.transpose(0, 2, 1, 3)


@two_dimensions.wrong(
    "You count as many columns as rows.", "A picture need not be square: look at both lengths.", see="pooling-2d"
)
def as_many_columns_as_rows(x: Array, pool_size: int, strides: int, *, pool: Pool) -> Array:
    starts = np.arange(0, x.shape[1] - pool_size + 1, strides)
    for axis in (1, 2):
        places = np.minimum(starts[:, None] + np.arange(pool_size), x.shape[axis] - 1)
        x = pool(np.take(x, places, axis), axis=axis + 1)
    return x
