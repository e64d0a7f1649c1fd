"""Checks of exercises/layers/pooling.ipynb: Pooling."""

from __future__ import annotations

import numpy as np

from ...checking import ValueCheck, graded
from ...checking.drawing import Inputs

Array = np.ndarray


# --- quiz_answer -----------------------------------------------------------------------------------------------------

QUIZ = np.array([[1, 2, 3, 4], [5, 6, 7, 8], [1, 2, 3, 4], [5, 7, 6, 8]])


def windows_2d(x: Array, pool_size: int, strides: int) -> Array:
    """All windows: (batch, new height, new width, channels, pool_size, pool_size)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return windows[:, ::strides, ::strides]


def quiz_windows() -> Array:
    return windows_2d(QUIZ.reshape(1, 4, 4, 1), 2, 2)[0, :, :, 0]


def quiz_means() -> Array:
    return quiz_windows().mean(axis=(-2, -1))


quiz_answer = ValueCheck("quiz_answer", expected=quiz_means, section="pooling-average")

quiz_answer.wrong_value(
    quiz_windows().max(axis=(-2, -1)), "That is max pooling.", "The question asks for the average of each window."
)
quiz_answer.wrong_value(
    quiz_windows().sum(axis=(-2, -1)),
    "Those are the sums of the windows.",
    "Divide by the number of entries in a window.",
)
quiz_answer.wrong_value(
    quiz_windows().mean(axis=(-2, -1)).astype(int),
    "The digits after the point are missing.",
    "The mean of whole numbers need not be whole.",
    see="pooling-dtype",
)
quiz_answer.wrong_value(
    quiz_windows().mean(axis=(-2, -1)).T,
    "Rows and columns have changed places.",
    "The first row of the answer comes from the first two rows of the array.",
    see="pooling-window",
)
quiz_answer.wrong_value(
    windows_2d(QUIZ.reshape(1, 4, 4, 1), 2, 1)[0, :, :, 0].mean(axis=(-2, -1)),
    "The window moves by one, so there are nine windows.",
    "With a stride of 2 the windows do not overlap.",
    see="pooling-stride",
)
quiz_answer.wrong_value(
    quiz_windows().min(axis=(-2, -1)),
    "Those are the smallest entries.",
    "The question asks for the average of each window.",
)


# --- pooled_length ---------------------------------------------------------------------------------------------------


@graded("pooling-output-size", edges=((2, 2, 2), (7, 3, 4), (9, 2, 3)), exact_type=int, rtol=0, atol=0)
def pooled_length(n: int, pool_size: int, strides: int) -> int:
    """How many windows of `pool_size` fit into `n` entries without padding (keras/src/ops/operation_utils.py)."""
    return (n - pool_size) // strides + 1


@pooled_length.inputs
def draw_length(rng: np.random.Generator) -> Inputs:
    pool_size, strides = (int(n) for n in rng.permutation([2, 3, 4, 5])[:2])
    return (int(rng.integers(12, 40)), pool_size, strides)


@pooled_length.right
def length_by_counting(n: int, pool_size: int, strides: int) -> int:
    return len(range(0, n - pool_size + 1, strides))


@pooled_length.right
def length_by_loop(n: int, pool_size: int, strides: int) -> int:
    count = 0
    while count * strides + pool_size <= n:
        count += 1
    return count


@pooled_length.wrong("One window too few is counted.", "The window that starts at 0 counts as well.")
def one_window_missing(n: int, pool_size: int, strides: int) -> int:
    return (n - pool_size) // strides


@pooled_length.wrong(
    "The length is divided by the pool size.",
    "That holds only where the stride is the pool size.",
    see="pooling-stride",
)
def stride_taken_for_pool_size(n: int, pool_size: int, strides: int) -> int:
    return n // pool_size


@pooled_length.wrong("The pool size has no effect.", "The last window must lie inside as a whole.")
def pool_size_ignored(n: int, pool_size: int, strides: int) -> int:
    return n // strides


@pooled_length.wrong("A rest that no window fills is counted as a window.", "Without padding the division rounds down.")
def rounded_up(n: int, pool_size: int, strides: int) -> int:
    return -(-(n - pool_size) // strides) + 1


@pooled_length.wrong("This is the length for `same` padding.", "Here there is no padding.", see="pooling-same")
def length_of_same_padding(n: int, pool_size: int, strides: int) -> int:
    return -(-n // strides)


@pooled_length.wrong("The stride has no effect.", "Only every `strides`-th window counts.", see="pooling-stride")
def stride_one(n: int, pool_size: int, strides: int) -> int:
    return n - pool_size + 1


@pooled_length.wrong("The length is not a whole number.", "Count only windows that fit: which division rounds down?")
def true_division(n: int, pool_size: int, strides: int) -> float:
    return (n - pool_size) / strides + 1


# --- average_pool_1d -------------------------------------------------------------------------------------------------


def with_a_negative_channel(x: Array) -> Array:
    """`x` with a first channel of which every window's maximum is negative."""
    x[..., 0] = -np.abs(x[..., 0])
    return x


def draw_1d(rng: np.random.Generator) -> Inputs:
    pool_size, strides = (int(n) for n in rng.permutation([2, 3, 4])[:2])
    time = pool_size + strides * int(rng.integers(2, 4)) + int(rng.integers(0, strides))
    return (with_a_negative_channel(rng.normal(size=(2, time, 3)) - 0.5), pool_size, strides)


# The first leaves a rest that no window covers; in the second the last window ends exactly at the end.
WHOLE_NUMBERS_1D: Inputs = (np.array([[[3, -8], [4, -1], [8, -4], [1, -6], [6, -3], [2, -9], [9, -2]]]), 2, 3)

NO_REST_1D: Inputs = (np.array([[0.5, -2.0, 1.5, 4.0, -3.5, 2.5, 3.0]]).reshape(1, 7, 1), 3, 2)


def windows_1d(x: Array, pool_size: int, strides: int) -> Array:
    """All windows: (batch, new time, channels, pool_size)."""
    return np.lib.stride_tricks.sliding_window_view(x, pool_size, axis=1)[:, ::strides]


@graded("pooling-average", inputs=draw_1d, edges=(WHOLE_NUMBERS_1D, NO_REST_1D))
def average_pool_1d(x: Array, pool_size: int, strides: int) -> Array:
    return windows_1d(x, pool_size, strides).mean(axis=-1)


@average_pool_1d.right
def average_1d_in_loops(x: Array, pool_size: int, strides: int) -> Array:
    out = []
    for example in x:
        starts = range(0, len(example) - pool_size + 1, strides)
        out.append([[sum(example[s : s + pool_size, c]) / pool_size for c in range(x.shape[2])] for s in starts])
    return np.array(out)


@average_pool_1d.right
def average_1d_by_running_sum(x: Array, pool_size: int, strides: int) -> Array:
    total = np.concatenate([np.zeros_like(x[:, :1]), np.cumsum(x, axis=1)], axis=1)
    return ((total[:, pool_size:] - total[:, :-pool_size]) / pool_size)[:, ::strides]


@average_pool_1d.wrong("This is max pooling.", "Take the mean of each window.")
def max_for_average_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1] - pool_size + 1, strides)
    return np.stack([x[:, s : s + pool_size].max(axis=1) for s in starts], axis=1)


@average_pool_1d.wrong("You add up each window.", "A mean also divides by the number of entries.")
def sum_for_mean_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1] - pool_size + 1, strides)
    return np.stack([x[:, s : s + pool_size].sum(axis=1) for s in starts], axis=1)


@average_pool_1d.wrong(
    "For an array of integers your means lose what comes after the point.",
    "An array made like the input takes over its integer dtype. Make the output a float array.",
    see="pooling-dtype",
)
def average_whole_numbers_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1] - pool_size + 1, strides)
    out = np.zeros((x.shape[0], len(starts), x.shape[2]), dtype=x.dtype)
    for n, s in enumerate(starts):
        out[:, n] = x[:, s : s + pool_size].mean(axis=1)
    return out


@average_pool_1d.wrong(
    "You average over the channels too.", "Each channel is pooled on its own.", see="pooling-channels"
)
def average_over_channels_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1] - pool_size + 1, strides)
    means = np.stack([x[:, s : s + pool_size].mean(axis=(1, 2)) for s in starts], axis=1)
    return np.repeat(means[:, :, None], x.shape[2], axis=2)


@average_pool_1d.wrong(
    "The stride has no effect: the window moves by one.",
    "From one window to the next it moves by `strides`.",
    see="pooling-stride",
)
def average_stride_ignored_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(x.shape[1] - pool_size + 1)
    return np.stack([x[:, s : s + pool_size].mean(axis=1) for s in starts], axis=1)


@average_pool_1d.wrong(
    "The window moves by its own size.",
    "That is only the default. Here `strides` says how far it moves.",
    see="pooling-stride",
)
def average_stride_is_pool_size_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1] - pool_size + 1, pool_size)
    return np.stack([x[:, s : s + pool_size].mean(axis=1) for s in starts], axis=1)


@average_pool_1d.wrong(
    "Windows that hang over the end are counted.",
    "Without padding, a window counts only if all of it lies inside.",
    see="pooling-output-size",
)
def average_rest_included_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1], strides)
    return np.stack([x[:, s : s + pool_size].mean(axis=1) for s in starts], axis=1)


@average_pool_1d.wrong(
    "A window that ends exactly at the end is left out.",
    "range() stops before its end: which is the last start that still fits?",
    see="pooling-output-size",
)
def average_last_window_missing_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1] - pool_size, strides)
    return np.stack([x[:, s : s + pool_size].mean(axis=1) for s in starts], axis=1)


# --- max_pool_1d -----------------------------------------------------------------------------------------------------


@graded("pooling-max", inputs=draw_1d, edges=(WHOLE_NUMBERS_1D, NO_REST_1D))
def max_pool_1d(x: Array, pool_size: int, strides: int) -> Array:
    return windows_1d(x, pool_size, strides).max(axis=-1)


@max_pool_1d.right
def max_1d_in_loops(x: Array, pool_size: int, strides: int) -> Array:
    out = []
    for example in x:
        starts = range(0, len(example) - pool_size + 1, strides)
        out.append([[max(example[s : s + pool_size, c]) for c in range(x.shape[2])] for s in starts])
    return np.array(out)


@max_pool_1d.right
def max_1d_of_shifted(x: Array, pool_size: int, strides: int) -> Array:
    last = x.shape[1] - pool_size + 1
    return np.maximum.reduce([x[:, k : k + last : strides] for k in range(pool_size)])


@max_pool_1d.wrong("This is average pooling.", "Take the largest entry of each window.")
def average_for_max_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1] - pool_size + 1, strides)
    return np.stack([x[:, s : s + pool_size].mean(axis=1) for s in starts], axis=1)


@max_pool_1d.wrong(
    "Where all entries of a window are negative you return 0.",
    "The largest of some negative numbers is negative. Where does your running maximum start?",
)
def max_starting_at_zero_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1] - pool_size + 1, strides)
    out = np.zeros((x.shape[0], len(starts), x.shape[2]))
    for n, s in enumerate(starts):
        for k in range(pool_size):
            out[:, n] = np.maximum(out[:, n], x[:, s + k])
    return out


@max_pool_1d.wrong("You compare magnitudes, without the sign.", "-5 is smaller than 1.")
def max_of_magnitude_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1] - pool_size + 1, strides)
    return np.stack([np.abs(x[:, s : s + pool_size]).max(axis=1) for s in starts], axis=1)


@max_pool_1d.wrong("You take the smallest entry.", "Take the largest.")
def min_for_max_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1] - pool_size + 1, strides)
    return np.stack([x[:, s : s + pool_size].min(axis=1) for s in starts], axis=1)


@max_pool_1d.wrong(
    "The stride has no effect: the window moves by one.",
    "From one window to the next it moves by `strides`.",
    see="pooling-stride",
)
def max_stride_ignored_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(x.shape[1] - pool_size + 1)
    return np.stack([x[:, s : s + pool_size].max(axis=1) for s in starts], axis=1)


@max_pool_1d.wrong(
    "The window moves by its own size.",
    "That is only the default. Here `strides` says how far it moves.",
    see="pooling-stride",
)
def max_stride_is_pool_size_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1] - pool_size + 1, pool_size)
    return np.stack([x[:, s : s + pool_size].max(axis=1) for s in starts], axis=1)


@max_pool_1d.wrong(
    "Windows that hang over the end are counted.",
    "Without padding, a window counts only if all of it lies inside.",
    see="pooling-output-size",
)
def max_rest_included_1d(x: Array, pool_size: int, strides: int) -> Array:
    starts = range(0, x.shape[1], strides)
    return np.stack([x[:, s : s + pool_size].max(axis=1) for s in starts], axis=1)


# --- average_pool_2d -------------------------------------------------------------------------------------------------


def draw_2d(rng: np.random.Generator) -> Inputs:
    pool_size, strides = (int(n) for n in rng.permutation([2, 3, 4])[:2])
    rows, columns = (int(n) for n in rng.choice([2, 3, 4], size=2, replace=False))
    height = pool_size + strides * (rows - 1) + int(rng.integers(0, strides))
    width = pool_size + strides * (columns - 1) + int(rng.integers(0, strides))
    return (with_a_negative_channel(rng.normal(size=(2, height, width, 3)) - 0.5), pool_size, strides)


WHOLE_NUMBERS_2D: Inputs = (
    np.array([[3, -8, 5, 1, 2], [4, -1, 6, 9, 7], [8, -4, 2, 5, 1], [1, -6, 7, 3, 8]]).reshape(1, 4, 5, 1),
    2,
    1,
)


@graded("pooling-2d", inputs=draw_2d, edges=(WHOLE_NUMBERS_2D,))
def average_pool_2d(x: Array, pool_size: int, strides: int) -> Array:
    return windows_2d(x, pool_size, strides).mean(axis=(-2, -1))


@average_pool_2d.right
def average_2d_one_axis_after_the_other(x: Array, pool_size: int, strides: int) -> Array:
    for axis in (1, 2):
        x = np.lib.stride_tricks.sliding_window_view(x, pool_size, axis=axis).mean(axis=-1)
    return x[:, ::strides, ::strides]


@average_pool_2d.right
def average_2d_of_shifted(x: Array, pool_size: int, strides: int) -> Array:
    rows, columns = x.shape[1] - pool_size + 1, x.shape[2] - pool_size + 1
    shifts = [(i, j) for i in range(pool_size) for j in range(pool_size)]
    shifted = [x[:, i : i + rows : strides, j : j + columns : strides] for i, j in shifts]
    return np.add.reduce(shifted) / pool_size**2


@average_pool_2d.wrong("This is max pooling.", "Take the mean of each window.", see="pooling-average")
def max_for_average_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return windows[:, ::strides, ::strides].max(axis=(-2, -1))


@average_pool_2d.wrong(
    "You add up each window.", "A mean also divides by the number of entries.", see="pooling-average"
)
def sum_for_mean_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return windows[:, ::strides, ::strides].sum(axis=(-2, -1))


@average_pool_2d.wrong(
    "For an array of integers your means lose what comes after the point.",
    "An array made like the input takes over its integer dtype. Make the output a float array.",
    see="pooling-dtype",
)
def average_whole_numbers_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return windows[:, ::strides, ::strides].mean(axis=(-2, -1)).astype(x.dtype)


@average_pool_2d.wrong(
    "You average over the channels too.", "Each channel is pooled on its own.", see="pooling-channels"
)
def average_over_channels_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    means = windows[:, ::strides, ::strides].mean(axis=(-3, -2, -1))
    return np.repeat(means[..., None], x.shape[3], axis=3)


@average_pool_2d.wrong(
    "The stride has no effect: the window moves by one.",
    "From one window to the next it moves by `strides`.",
    see="pooling-stride",
)
def average_stride_ignored_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return windows.mean(axis=(-2, -1))


@average_pool_2d.wrong(
    "The window moves by its own size.",
    "That is only the default. Here `strides` says how far it moves.",
    see="pooling-stride",
)
def average_stride_is_pool_size_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return windows[:, ::pool_size, ::pool_size].mean(axis=(-2, -1))


@average_pool_2d.wrong(
    "The sum is divided by the side of the window.", "How many entries does a square window have?", see="pooling-window"
)
def divided_by_side_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return windows[:, ::strides, ::strides].sum(axis=(-2, -1)) / pool_size


@average_pool_2d.wrong(
    "Only the rows are pooled.", "The window is square: it spans rows and columns.", see="pooling-window"
)
def average_height_only_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, 1), axis=(1, 2))
    return windows[:, ::strides, : x.shape[2] - pool_size + 1 : strides].mean(axis=(-2, -1))


@average_pool_2d.wrong(
    "Height and width have changed places in the result.",
    "The axes of the result are batch, height, width, channels.",
    see="pooling-channels",
)
def average_axes_swapped_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return windows[:, ::strides, ::strides].mean(axis=(-2, -1)).transpose(0, 2, 1, 3)


# --- max_pool_2d -----------------------------------------------------------------------------------------------------


@graded("pooling-2d", inputs=draw_2d, edges=(WHOLE_NUMBERS_2D,))
def max_pool_2d(x: Array, pool_size: int, strides: int) -> Array:
    return windows_2d(x, pool_size, strides).max(axis=(-2, -1))


@max_pool_2d.right
def max_2d_in_loops(x: Array, pool_size: int, strides: int) -> Array:
    tops = range(0, x.shape[1] - pool_size + 1, strides)
    lefts = range(0, x.shape[2] - pool_size + 1, strides)
    rows = [[x[:, t : t + pool_size, s : s + pool_size].max(axis=(1, 2)) for s in lefts] for t in tops]
    return np.array(rows).transpose(2, 0, 1, 3)


@max_pool_2d.right
def max_2d_of_shifted(x: Array, pool_size: int, strides: int) -> Array:
    rows, columns = x.shape[1] - pool_size + 1, x.shape[2] - pool_size + 1
    shifts = [(i, j) for i in range(pool_size) for j in range(pool_size)]
    return np.maximum.reduce([x[:, i : i + rows : strides, j : j + columns : strides] for i, j in shifts])


@max_pool_2d.wrong("This is average pooling.", "Take the largest entry of each window.", see="pooling-max")
def average_for_max_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return windows[:, ::strides, ::strides].mean(axis=(-2, -1))


@max_pool_2d.wrong(
    "Where all entries of a window are negative you return 0.",
    "The largest of some negative numbers is negative. Where does your running maximum start?",
    see="pooling-max",
)
def max_starting_at_zero_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return np.maximum(windows[:, ::strides, ::strides].max(axis=(-2, -1)), 0)


@max_pool_2d.wrong("You compare magnitudes, without the sign.", "-5 is smaller than 1.", see="pooling-max")
def max_of_magnitude_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(np.abs(x), (pool_size, pool_size), axis=(1, 2))
    return windows[:, ::strides, ::strides].max(axis=(-2, -1))


@max_pool_2d.wrong(
    "The stride has no effect: the window moves by one.",
    "From one window to the next it moves by `strides`.",
    see="pooling-stride",
)
def max_stride_ignored_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return windows.max(axis=(-2, -1))


@max_pool_2d.wrong(
    "The window moves by its own size.",
    "That is only the default. Here `strides` says how far it moves.",
    see="pooling-stride",
)
def max_stride_is_pool_size_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (pool_size, pool_size), axis=(1, 2))
    return windows[:, ::pool_size, ::pool_size].max(axis=(-2, -1))


@max_pool_2d.wrong(
    "Only the columns are pooled.", "The window is square: it spans rows and columns.", see="pooling-window"
)
def max_width_only_2d(x: Array, pool_size: int, strides: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (1, pool_size), axis=(1, 2))
    return windows[:, : x.shape[1] - pool_size + 1 : strides, ::strides].max(axis=(-2, -1))
