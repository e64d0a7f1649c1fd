"""Checks of exercises/layers/convolution.ipynb: Convolution.

Channels come last. In one dimension x is (batch, time, channels) and the kernel (taps, channels, filters); in two, x is
(batch, height, width, channels) and the kernel (height, width, channels, filters). bias is (filters,). The formulas are
Keras's: compute_conv_output_shape in keras/src/ops/operation_utils.py for the lengths, keras/src/layers/convolutional/
conv1d.py for the zeros of `causal`, and TensorFlow's tensorflow/python/ops/nn_ops.py for those of `same`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from ..families.convolution import convolution, convolved
from ..families.windows import places

Array = np.ndarray


# --- count_parameters ------------------------------------------------------------------------------------------------


@graded("conv-parameters", exact_type=int, rtol=0, atol=0)
def count_parameters(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    """A weight for each place in the window, channel and filter; a bias for each filter."""
    return (int(np.prod(kernel_size)) * channels + 1) * filters


@count_parameters.inputs
def draw_count(rng: np.random.Generator, kernel_height: int, kernel_width: int, channels: int, filters: int) -> Inputs:
    return ((kernel_height, kernel_width), channels, filters)


@count_parameters.condition("one dimension")
def count_in_one_dimension(rng: np.random.Generator, taps: int, channels: int, filters: int) -> Inputs:
    return ((taps,), channels, filters)


@count_parameters.condition("a large layer")
def count_of_a_large_layer(rng: np.random.Generator) -> Inputs:
    return ((7, 5), int(rng.integers(200, 300)), int(rng.integers(300, 400)))


count_parameters.always("one weight and one bias", (1,), 1, 1)


@count_parameters.right
def parameters_by_size(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    return np.zeros((*kernel_size, channels, filters)).size + np.zeros(filters).size


@count_parameters.right
def parameters_by_loop(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    weights = channels * filters
    for side in kernel_size:
        weights *= side
    return weights + filters


@count_parameters.right
def parameters_of_one_filter(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    import math

    one = math.prod(kernel_size) * channels + 1
    return filters * one


@count_parameters.wrong(
    "You count the weights of the kernel only.", "What else does a filter add to its sum, the same at every place?"
)
def bias_not_counted(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    return int(np.prod(kernel_size)) * channels * filters


@count_parameters.wrong(
    "The number of channels has no effect.",
    "A filter sees all channels at once. Does one weight serve them all?",
    see="conv-equation",
)
def channels_not_counted(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    return int(np.prod(kernel_size)) * filters + filters


@count_parameters.wrong("You count a single filter.", "Every filter has a kernel of its own.", see="conv-equation")
def filters_not_counted(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    return int(np.prod(kernel_size)) * channels + 1


@count_parameters.wrong("You count one bias for the whole layer.", "What is the shape of the bias?")
def one_bias_for_all(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    return int(np.prod(kernel_size)) * channels * filters + 1


@count_parameters.wrong(
    "You count a bias for each channel of the input.",
    "The bias is added to the output. How many channels has that?",
    see="conv-equation",
)
def bias_for_each_channel(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    return int(np.prod(kernel_size)) * channels * filters + channels


@count_parameters.wrong(
    "You count a bias for each pair of channel and filter.",
    "A filter sums over the channels first. How many numbers are left to which something is added?",
    see="conv-equation",
)
def bias_for_each_channel_and_filter(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    return int(np.prod(kernel_size)) * channels * filters + channels * filters


@count_parameters.wrong(
    "You add the sides of the window.", "Draw a window of 2 by 3 and count its places.", see="conv-2d"
)
def sides_added(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    return sum(kernel_size) * channels * filters + filters


@count_parameters.wrong(
    "Only the first side of the window counts.",
    "`kernel_size` may hold two numbers: the window has a height and a width.",
    see="conv-2d",
)
def first_side_only(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    return kernel_size[0] * channels * filters + filters


# --- output_length ---------------------------------------------------------------------------------------------------


@graded("conv-output-size", exact_type=int, rtol=0, atol=0)
def output_length(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    """How many places the window visits."""
    if padding == "valid":
        return (n - dilation * (kernel_size - 1) - 1) // strides + 1
    return (n - 1) // strides + 1


def sensible(places: int) -> int:
    """What a student's `output_length` gives, where an array of that length can be worked with."""
    if places > 1000:
        raise ValueError("there would be far more places than steps")
    return places


KINDS = ("valid", "same", "causal")

# A window of one tap, a stride and a dilation of one are among SETTINGS, for every kind of padding.
AMONG_THEM = ("one kernel size", "one stride", "one dilation")


@output_length.inputs(without=AMONG_THEM)
def draw_length(rng: np.random.Generator, places: int, kernel_size: int, strides: int, dilation: int) -> Inputs:
    n = dilation * (kernel_size - 1) + 1 + strides * (places - 1) + int(rng.integers(strides))
    return (n, kernel_size, strides, str(rng.choice(KINDS)), dilation)


Settings = tuple[int, int, int, str, int]
SETTINGS: dict[str, Settings] = {
    "valid, no rest": (9, 3, 2, "valid", 1),
    "valid, a rest": (10, 3, 3, "valid", 1),
    "valid, a dilation": (11, 3, 1, "valid", 3),
    "valid, a stride and a dilation": (13, 3, 2, "valid", 2),
    "valid, one place": (5, 3, 2, "valid", 2),
    "valid, one tap": (7, 1, 3, "valid", 2),
    "same, no rest": (9, 5, 3, "same", 1),
    "same, a rest": (7, 3, 3, "same", 1),
    "same, a dilation": (7, 3, 1, "same", 2),
    "same, a stride and a dilation": (8, 3, 2, "same", 3),
    "same, an odd number of zeros": (5, 4, 1, "same", 1),
    "same, the zeros of one place": (6, 3, 2, "same", 1),
    "same, one tap": (6, 1, 2, "same", 3),
    "same, a stride larger than the window": (8, 2, 4, "same", 1),
    "same, a stride larger than the input": (4, 3, 6, "same", 1),
    "causal, no rest": (10, 4, 2, "causal", 1),
    "causal, a rest": (11, 3, 2, "causal", 1),
    "causal, a dilation": (5, 3, 1, "causal", 2),
    "causal, a stride and a dilation": (11, 2, 3, "causal", 3),
    "causal, one tap": (8, 1, 3, "causal", 2),
    "causal, a stride larger than the input": (4, 2, 5, "causal", 1),
}
"""Conditions of everything in one dimension: the time steps of x, taps, strides, padding, dilation."""
for condition, setting in SETTINGS.items():
    output_length.always(condition, *setting)
output_length.always("one step", 1, 1, 1, "valid", 1)


@output_length.right
def length_by_starts(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    last = n - dilation * (kernel_size - 1) if padding == "valid" else n
    return len(range(0, last, strides))


@output_length.right
def length_rounded_up(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    room = n if padding in ("same", "causal") else n - dilation * kernel_size + dilation
    return int(np.ceil(room / strides))


@output_length.right
def length_by_counting(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    start = count = 0
    while (start + dilation * (kernel_size - 1) if padding == "valid" else start) < n:
        start, count = start + strides, count + 1
    return count


@output_length.wrong(
    "With `same` you always return the length of the input.",
    "That holds while the window moves by one. How many places does it visit when it moves by more?",
)
def same_keeps_the_length(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    if padding == "same":
        return n
    last = n - dilation * (kernel_size - 1) if padding == "valid" else n
    return len(range(0, last, strides))


@output_length.wrong(
    "With zeros at the ends, you lose the last place.",
    "Which division keeps a window that begins inside and ends among the zeros?",
)
def same_rounded_down(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    if padding == "valid":
        return (n - dilation * (kernel_size - 1) - 1) // strides + 1
    return n // strides


@output_length.wrong(
    "With zeros at the ends, you count a place too many.",
    "Does a window begin behind the last step? Try a length that the stride divides.",
)
def same_one_too_many(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    if padding == "valid":
        return (n - dilation * (kernel_size - 1) - 1) // strides + 1
    return n // strides + 1


@output_length.wrong(
    "Your length does not depend on the padding.",
    "Zeros at the ends make room for more places. For which kinds of padding is that so?",
)
def padding_never_matters(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    return (n - dilation * (kernel_size - 1) - 1) // strides + 1


@output_length.wrong(
    "With `causal` you count as if there were no zeros.",
    "Causal padding adds zeros too, all of them before the first step.",
    see="conv-padding",
)
def causal_shrinks(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    return len(range(0, n if padding == "same" else n - dilation * (kernel_size - 1), strides))


@output_length.wrong(
    "The dilation has no effect.", "Taps that stand further apart make a wider window.", see="conv-dilation"
)
def dilation_without_effect_on_length(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    return len(range(0, n - kernel_size + 1 if padding == "valid" else n, strides))


@output_length.wrong(
    "Your window is too wide: you count a gap after the last tap.",
    "Draw three taps with a dilation of 2. How many gaps lie between them?",
    see="conv-dilation",
)
def span_of_dilation_times_taps(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    return len(range(0, n - dilation * kernel_size + 1 if padding == "valid" else n, strides))


@output_length.wrong(
    "You treat the dilation as a stride.",
    "The dilation spreads the taps inside one window. It does not move the window.",
    see="conv-dilation",
)
def dilation_divides_the_length(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    return len(range(0, n - kernel_size + 1 if padding == "valid" else n, strides * dilation))


output_length.like(places, length="conv-output-size", stride="conv-strides", same="conv-padding")


# --- pad_input -------------------------------------------------------------------------------------------------------


# A right answer may turn whole numbers into floats or leave them: the text allows both.
@graded("conv-padding", exact_type=float)
def pad_input(
    x: Array,
    kernel_size: int,
    strides: int,
    padding: str,
    dilation: int,
    *,
    output_length: Callable[..., int] = output_length,
) -> Array:
    before = after = 0
    if padding == "causal":
        before = dilation * (kernel_size - 1)
    elif padding == "same":
        last_begin = (sensible(output_length(x.shape[1], kernel_size, strides, padding, dilation)) - 1) * strides
        total = max(last_begin + dilation * (kernel_size - 1) + 1 - x.shape[1], 0)
        before, after = total // 2, total - total // 2
    return np.pad(x, [(0, 0), (before, after), (0, 0)])


@pad_input.inputs(time=range(5, 9))
def draw_padding(rng: np.random.Generator, batch: int, time: int, channels: int) -> Inputs:
    kernel_size, strides, dilation = (int(n) for n in rng.permutation([2, 3, 4]))
    return (rng.normal(size=(batch, time, channels)), kernel_size, strides, str(rng.choice(KINDS)), dilation)


def drawn_padding(time: int, *setting: Any) -> Callable[..., Inputs]:
    def draw(rng: np.random.Generator, batch: int, channels: int) -> Inputs:
        return (rng.normal(size=(batch, time, channels)), *setting)

    return draw


WIDER: dict[str, Settings] = {
    "same, a window wider than the input": (3, 5, 1, "same", 2),
    "causal, a window wider than the input": (3, 4, 2, "causal", 2),
}
"""More of them where no window has to fit. In conv1d it has to, also for those whose zeros are too few."""

for condition, setting in {**SETTINGS, **WIDER}.items():
    pad_input.condition(condition)(drawn_padding(*setting))


@pad_input.condition("whole numbers")
def whole_numbers_to_pad(rng: np.random.Generator, batch: int, channels: int) -> Inputs:
    return (rng.integers(1, 9, size=(batch, 7, channels)), 4, 2, "same", 1)


@pad_input.condition("axes of equal length")
def equal_axes_to_pad(rng: np.random.Generator) -> Inputs:
    return (rng.normal(size=(5, 5, 5)), 4, 1, "same", 1)


@pad_input.right
def pad_by_joining(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    span = dilation * (kernel_size - 1) + 1
    needed = (int(np.ceil(x.shape[1] / strides)) - 1) * strides + span
    total = {"valid": 0, "same": max(needed - x.shape[1], 0), "causal": span - 1}[padding]
    before = total if padding == "causal" else total // 2
    zeros = np.zeros((x.shape[0], total, x.shape[2]))
    return np.concatenate([zeros[:, :before], x, zeros[:, before:]], axis=1)


@pad_input.right
def pad_into_an_array_of_zeros(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    batch, time, channels = x.shape
    if padding == "valid":
        return 1 * x
    reach = (kernel_size - 1) * dilation
    if padding == "causal":
        total = before = reach
    else:
        # The windows end at or after the last step; how far they reach beyond it depends on where the last begins.
        last_begin = (time - 1) // strides * strides
        total = max(0, last_begin + reach - (time - 1))
        before = (total - total % 2) // 2
    out = np.zeros((batch, time + total, channels))
    out[:, before : before + time] = x
    return out


@pad_input.right
def pad_one_zero_after_the_other(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    reach = dilation * (kernel_size - 1)
    last = (output_length(x.shape[1], kernel_size, strides, "same", dilation) - 1) * strides + reach
    zero = np.zeros((x.shape[0], 1, x.shape[2]))
    missing = {"valid": 0, "same": max(last + 1 - x.shape[1], 0), "causal": reach}[padding]
    for number in range(missing):
        x = np.hstack([x, zero]) if padding == "same" and number % 2 == 0 else np.hstack([zero, x])
    return x


def zeros_at_the_ends(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> tuple[int, int]:
    """How many zeros before and after; the odd one after."""
    reach = dilation * (kernel_size - 1)
    total = max((-(-n // strides) - 1) * strides + reach + 1 - n, 0)
    return {"valid": (0, 0), "same": (total // 2, total - total // 2), "causal": (reach, 0)}[padding]


@pad_input.wrong(
    "With `same` you put the odd zero at the beginning.",
    "When the zeros cannot be shared out evenly, which end gets more in Keras?",
)
def odd_zero_first(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    ends = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, dilation)
    return np.pad(x, [(0, 0), ends[::-1] if padding == "same" else ends, (0, 0)])


@pad_input.wrong(
    "With `same` you lose a zero where their number is odd.",
    "Half of three, rounded down, is one. How many zeros are left for the other end?",
)
def odd_zero_lost(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    before, after = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, dilation)
    return np.pad(x, [(0, 0), (before, before if padding == "same" else after), (0, 0)])


@pad_input.wrong(
    "With `same` your zeros do not depend on the stride.",
    "Count the places first. How far does the last window reach beyond the input?",
)
def same_for_every_stride(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    ends = zeros_at_the_ends(x.shape[1], kernel_size, 1, padding, dilation)
    return np.pad(x, [(0, 0), ends, (0, 0)])


@pad_input.wrong(
    "With `same` you count a place too few where the stride leaves a rest.",
    "A window also begins at the last multiple of the stride. Which way is the number of places rounded?",
)
def places_rounded_down(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    n = x.shape[1] // strides * strides if padding == "same" else x.shape[1]
    total = max(n - strides + dilation * (kernel_size - 1) + 1 - x.shape[1], 0)
    ends = zeros_at_the_ends(n, kernel_size, strides, padding, dilation)
    return np.pad(x, [(0, 0), (total // 2, total - total // 2) if padding == "same" else ends, (0, 0)])


@pad_input.wrong(
    "With `same` you count a place too many where the stride leaves no rest.",
    "Does a window begin behind the last step?",
)
def one_place_too_many(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    total = max(x.shape[1] // strides * strides + dilation * (kernel_size - 1) + 1 - x.shape[1], 0)
    ends = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, dilation)
    return np.pad(x, [(0, 0), (total // 2, total - total // 2) if padding == "same" else ends, (0, 0)])


@pad_input.wrong(
    "With `same` you put half a kernel of zeros at each end.",
    "That fits an odd number of taps at stride 1. Work out how many zeros there are in all, then share them out.",
)
def half_a_kernel_on_both_sides(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    half = dilation * (kernel_size // 2)
    ends = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, dilation)
    return np.pad(x, [(0, 0), (half, half) if padding == "same" else ends, (0, 0)])


@pad_input.wrong(
    "With `same` you put all zeros at the end.", "They are shared out between both ends, as evenly as possible."
)
def same_all_at_the_end(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    ends = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, dilation)
    return np.pad(x, [(0, 0), (0, sum(ends)) if padding == "same" else ends, (0, 0)])


@pad_input.wrong(
    "With `same` you put all zeros at the beginning.", "They are shared out between both ends, as evenly as possible."
)
def same_all_at_the_beginning(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    ends = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, dilation)
    return np.pad(x, [(0, 0), (sum(ends), 0) if padding == "same" else ends, (0, 0)])


@pad_input.wrong(
    "With `same` you leave the dilation out.", "How many steps does a window with gaps span?", see="conv-dilation"
)
def same_without_dilation(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    apart = 1 if padding == "same" else dilation
    ends = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, apart)
    return np.pad(x, [(0, 0), ends, (0, 0)])


@pad_input.wrong(
    "Your causal zeros stand at the end.", "Then an output sees the steps after it. Which end keeps the future out?"
)
def causal_at_the_end(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    ends = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, dilation)
    return np.pad(x, [(0, 0), ends[::-1] if padding == "causal" else ends, (0, 0)])


@pad_input.wrong(
    "With `causal` you leave the dilation out.",
    "The last tap stands on the present step. How far back does the first one reach?",
    see="conv-dilation",
)
def causal_without_dilation(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    apart = 1 if padding == "causal" else dilation
    ends = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, apart)
    return np.pad(x, [(0, 0), ends, (0, 0)])


@pad_input.wrong(
    "With `causal` you add a gap too many.", "Between k taps there are fewer than k gaps.", see="conv-dilation"
)
def causal_of_a_whole_span(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    before, after = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, dilation)
    return np.pad(x, [(0, 0), (before + dilation * (padding == "causal"), after), (0, 0)])


@pad_input.wrong(
    "With `causal` you share out the zeros as with `same`.",
    "A zero at the end means that a window reaches past the present.",
)
def causal_split_like_same(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    kind = "valid" if padding == "valid" else "same"
    return np.pad(x, [(0, 0), zeros_at_the_ends(x.shape[1], kernel_size, strides, kind, dilation), (0, 0)])


@pad_input.wrong("You repeat the first and the last step.", "What Keras puts at the ends is zeros.")
def ends_repeated(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    ends = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, dilation)
    return np.pad(x, [(0, 0), ends, (0, 0)], mode="edge")


@pad_input.wrong("You pad the channels as well.", "The window slides along time. Which axis is that?")
def channels_padded_too(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    ends = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, dilation)
    return np.pad(x, [(0, 0), ends, ends])


@pad_input.wrong("You add zeros with `valid`.", "`valid` leaves the input as it is.")
def valid_padded_like_same(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    kind = "causal" if padding == "causal" else "same"
    return np.pad(x, [(0, 0), zeros_at_the_ends(x.shape[1], kernel_size, strides, kind, dilation), (0, 0)])


# --- conv1d ----------------------------------------------------------------------------------------------------------


def weights_and_biases(rng: np.random.Generator, *shape: int) -> tuple[Array, Array]:
    """A kernel whose last axis is the filters, and one bias for each filter, none near zero."""
    bias = rng.permutation(np.arange(1, shape[-1] + 1)) * 0.4 + rng.uniform(-0.1, 0.1, size=shape[-1])
    return rng.normal(scale=0.6, size=shape), bias * rng.choice([-1, 1])


@graded("conv-equation")
def conv1d(
    x: Array,
    kernel: Array,
    bias: Array,
    strides: int,
    padding: str,
    dilation: int,
    *,
    pad_input: Callable[..., Array] = pad_input,
    output_length: Callable[..., int] | None = None,
) -> Array:
    """One product a tap: the steps that this tap meets, (batch, new time, channels), times its weights."""
    taps = len(kernel)
    padded = pad_input(x, taps, strides, padding, dilation)
    # Some count the places in the padded input, some ask `output_length`: with a wrong one these two differ.
    if output_length is None:
        starts = np.arange(0, padded.shape[1] - dilation * (taps - 1), strides)
    else:
        starts = strides * np.arange(sensible(output_length(x.shape[1], taps, strides, padding, dilation)))
    return bias + sum(padded[:, starts + tap * dilation] @ weights for tap, weights in enumerate(kernel))


@conv1d.inputs
def draw_conv1d(rng: np.random.Generator, batch: int, channels: int, filters: int, taps: int) -> Inputs:
    strides, dilation = (int(n) for n in rng.integers(1, 4, size=2))
    time = max(7, dilation * (taps - 1) + 1 + 2 * strides + int(rng.integers(1, 4)))
    x = rng.normal(size=(batch, time, channels))
    return (x, *weights_and_biases(rng, taps, channels, filters), strides, str(rng.choice(KINDS)), dilation)


def drawn_conv1d(time: int, taps: int, *setting: Any) -> Callable[..., Inputs]:
    def draw(rng: np.random.Generator, batch: int, channels: int, filters: int) -> Inputs:
        return (rng.normal(size=(batch, time, channels)), *weights_and_biases(rng, taps, channels, filters), *setting)

    return draw


for condition, setting in SETTINGS.items():
    conv1d.condition(condition)(drawn_conv1d(*setting))


@conv1d.condition("whole numbers")
def whole_numbers_to_convolve(rng: np.random.Generator, batch: int, channels: int, filters: int) -> Inputs:
    x = rng.integers(-5, 6, size=(batch, 7, channels))
    return (x, *weights_and_biases(rng, 2, channels, filters), 2, "valid", 2)


@conv1d.condition("axes of equal length")
def equal_axes_to_convolve(rng: np.random.Generator) -> Inputs:
    return (rng.normal(size=(4, 4, 4)), *weights_and_biases(rng, 4, 4, 4), 1, "same", 1)


@conv1d.right
def conv1d_in_loops(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, kernel.shape[0], strides, padding, dilation)
    out = []
    for example in x:
        rows: list[list[float]] = []
        for start in range(0, len(example) - dilation * (len(kernel) - 1), strides):
            rows.append([])
            for f in range(kernel.shape[2]):
                total = bias[f]
                for tap in range(kernel.shape[0]):
                    for c in range(kernel.shape[1]):
                        total += example[start + tap * dilation, c] * kernel[tap, c, f]
                rows[-1].append(total)
        out.append(rows)
    return np.array(out)


@conv1d.right
def conv1d_with_a_stretched_kernel(
    x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int
) -> Array:
    padded = pad_input(x, kernel.shape[0], strides, padding, dilation)
    stretched = np.zeros((dilation * (kernel.shape[0] - 1) + 1, *kernel.shape[1:]))
    stretched[::dilation] = kernel
    starts = range(padded.shape[1] - len(stretched) + 1)
    windows = [np.tensordot(padded[:, start : start + len(stretched)], stretched, axes=2) for start in starts]
    return (np.stack(windows, axis=1) + bias)[:, ::strides]


@conv1d.right
def conv1d_in_single_precision(
    x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int
) -> Array:
    x = pad_input(x, kernel.shape[0], strides, padding, dilation).astype(np.float32)
    count = (x.shape[1] - dilation * (kernel.shape[0] - 1) - 1) // strides + 1
    rows = [x[:, n * strides :][:, : dilation * kernel.shape[0] : dilation] for n in range(count)]
    return np.stack([np.einsum("bkc,kcf->bf", row, kernel.astype(np.float32)) + bias for row in rows], axis=1)


@conv1d.right
def conv1d_by_length(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    places = output_length(x.shape[1], len(kernel), strides, padding, dilation)
    x = pad_input(x, len(kernel), strides, padding, dilation)
    out = np.zeros((len(x), places, len(bias)))
    for place in range(places):
        for tap in range(len(kernel)):
            out[:, place] += x[:, place * strides + tap * dilation] @ kernel[tap]
    return out + bias


conv1d.like(convolution, window="the taps", pad_input=pad_input)


@conv1d.wrong(
    "Your taps stand side by side, whatever the dilation.",
    "The dilation is the distance from one tap to the next.",
    see="conv-dilation",
)
def taps_side_by_side(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - len(kernel) + 1, strides)
    return sum(x[:, starts + tap] @ kernel[tap] for tap in range(len(kernel))) + bias


@conv1d.wrong(
    "The dilation moves your window.",
    "It should spread the taps inside the window. The stride alone moves it.",
    see="conv-dilation",
)
def dilation_taken_for_stride(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - len(kernel) + 1, strides * dilation)
    return sum(x[:, starts + tap] @ kernel[tap] for tap in range(len(kernel))) + bias


@conv1d.wrong(
    "Stride and dilation have changed places.",
    "Which of the two moves the window, and which spreads the taps inside it?",
    see="conv-dilation",
)
def stride_inside_the_window(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - strides * (len(kernel) - 1), dilation)
    return sum(x[:, starts + tap * strides] @ kernel[tap] for tap in range(len(kernel))) + bias


@conv1d.wrong(
    "The padding has no effect.",
    "Put the zeros at the ends first, then slide the window over the longer sequence.",
    see="conv-padding",
)
def not_padded(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    return sum(x[:, starts + tap * dilation] @ kernel[tap] for tap in range(len(kernel))) + bias


# --- conv2d ----------------------------------------------------------------------------------------------------------


@graded("conv-2d")
def conv2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    """Without padding. All places of the window at once, for one weight of the window after the other."""
    down = np.arange(0, x.shape[1] - kernel.shape[0] + 1, strides[0])
    across = np.arange(0, x.shape[2] - kernel.shape[1] + 1, strides[1])
    window = np.ndindex(kernel.shape[:2])
    return bias + sum(x[:, down + i][:, :, across + j] @ kernel[i, j] for i, j in window)


WINDOW, PLACES = range(2, 5), range(2, 6)
"""Sizes for which a picture has a few thousand entries at most."""


@conv2d.inputs(
    kernel_height=WINDOW,
    kernel_width=WINDOW,
    rows=PLACES,
    columns=PLACES,
    channels=range(2, 8),
    filters=range(2, 9),
)
def draw_conv2d(
    rng: np.random.Generator,
    batch: int,
    rows: int,
    columns: int,
    channels: int,
    filters: int,
    kernel_height: int,
    kernel_width: int,
) -> Inputs:
    down, across = (int(n) for n in rng.permutation([1, 2, 3])[:2])
    height = kernel_height + down * (rows - 1) + int(rng.integers(down))
    width = kernel_width + across * (columns - 1) + int(rng.integers(across))
    x = rng.normal(size=(batch, height, width, channels))
    return (x, *weights_and_biases(rng, kernel_height, kernel_width, channels, filters), (down, across))


IN_TWO_DIMENSIONS: dict[str, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    "no rest": ((7, 8), (3, 2), (2, 3)),
    "a rest": ((8, 10), (3, 2), (2, 3)),
    "strides larger than the window": ((9, 10), (2, 2), (3, 4)),
    "strides of one": ((5, 6), (3, 2), (1, 1)),
    "only downwards a stride": ((8, 6), (2, 3), (3, 1)),
    "a window as large as the picture": ((3, 4), (3, 4), (2, 1)),
    "a window of one place": ((5, 4), (1, 1), (2, 1)),
    "a square picture and window": ((7, 7), (3, 3), (2, 2)),
}
"""Height and width of x, those of the kernel, and the strides."""


def drawn_conv2d(picture: tuple[int, int], window: tuple[int, int], strides: tuple[int, int]) -> Callable[..., Inputs]:
    def draw(rng: np.random.Generator, batch: int, channels: int, filters: int) -> Inputs:
        x = rng.normal(size=(batch, *picture, channels))
        return (x, *weights_and_biases(rng, *window, channels, filters), strides)

    return draw


for name, (picture, window, step) in IN_TWO_DIMENSIONS.items():
    conv2d.condition(name)(drawn_conv2d(picture, window, step))


@conv2d.condition("whole numbers")
def picture_of_whole_numbers(rng: np.random.Generator, batch: int, channels: int, filters: int) -> Inputs:
    return (
        rng.integers(-5, 6, size=(batch, 6, 7, channels)),
        *weights_and_biases(rng, 3, 2, channels, filters),
        (2, 3),
    )


@conv2d.condition("axes of equal length")
def equal_axes_in_two_dimensions(rng: np.random.Generator) -> Inputs:
    return (rng.normal(size=(4, 4, 4, 4)), *weights_and_biases(rng, 2, 2, 4, 4), (2, 1))


@conv2d.right
def conv2d_in_loops(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    tops = range(0, x.shape[1] - kernel.shape[0] + 1, strides[0])
    lefts = range(0, x.shape[2] - kernel.shape[1] + 1, strides[1])
    out = np.empty((x.shape[0], len(tops), len(lefts), kernel.shape[3]))
    for example, row, column, f in np.ndindex(out.shape):
        top, left = tops[row], lefts[column]
        window = x[example, top : top + kernel.shape[0], left : left + kernel.shape[1]]
        out[example, row, column, f] = np.sum(window * kernel[..., f]) + bias[f]
    return out


@conv2d.right
def conv2d_as_one_product(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    windows = windows[:, :: strides[0], :: strides[1]]
    flat = windows.transpose(0, 1, 2, 4, 5, 3).reshape(*windows.shape[:3], -1)
    return flat @ kernel.reshape(-1, kernel.shape[3]) + bias


@conv2d.right
def conv2d_by_einsum(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    (height, width), (down, across) = kernel.shape[:2], strides
    rows = [
        [np.einsum("bijc,ijcf->bf", x[:, top : top + height, left : left + width], kernel) for left in lefts]
        for lefts in [range(0, x.shape[2] - width + 1, across)]
        for top in range(0, x.shape[1] - height + 1, down)
    ]
    return np.moveaxis(np.array(rows), 2, 0) + bias


conv2d.like(convolution, window="rows and columns", pad_input=pad_input)


@conv2d.wrong(
    "The two strides have changed places.", "The first belongs to the height, as the first axis of the kernel does."
)
def strides_swapped_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    return convolved(x, kernel, bias, strides[::-1], pad_input=pad_input)


@conv2d.wrong("The first stride moves your window along both axes.", "Each axis has a stride of its own.")
def first_stride_for_both_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    return convolved(x, kernel, bias, strides[0], pad_input=pad_input)


@conv2d.wrong("Your window lies on its side.", "Which axis of the kernel is its height?")
def window_on_its_side_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    return convolved(x, kernel.transpose(1, 0, 2, 3), bias, strides, pad_input=pad_input)


@conv2d.wrong(
    "Height and width have changed places in the result.", "The axes of the result are batch, height, width, filters."
)
def height_and_width_swapped_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    return convolved(x, kernel, bias, strides, pad_input=pad_input).transpose(0, 2, 1, 3)
