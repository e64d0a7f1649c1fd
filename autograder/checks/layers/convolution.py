"""Checks of exercises/layers/convolution.ipynb: Convolution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs

Array = np.ndarray


# --- count_parameters ------------------------------------------------------------------------------------------------


@graded("conv-parameters", edges=(((4,), 3, 5), ((2, 4), 3, 5)), exact_type=int, rtol=0, atol=0)
def count_parameters(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    """A weight for each place in the window, channel and filter; a bias for each filter."""
    return (int(np.prod(kernel_size)) * channels + 1) * filters


@count_parameters.inputs
def draw_count(rng: np.random.Generator) -> Inputs:
    first, second, channels, filters = (int(n) for n in rng.permutation([2, 3, 5, 7]))
    return ((first, second) if rng.random() < 0.5 else (first,), channels, filters)


@count_parameters.right
def parameters_by_size(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    return np.zeros((*kernel_size, channels, filters)).size + np.zeros(filters).size


@count_parameters.right
def parameters_by_loop(kernel_size: tuple[int, ...], channels: int, filters: int) -> int:
    weights = channels * filters
    for side in kernel_size:
        weights *= side
    return weights + filters


@count_parameters.wrong(
    "You count the weights of the kernel only.", "What else does a filter add, once for each place?"
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


@graded(
    "conv-output-size",
    edges=(
        (12, 3, 2, "valid", 1),
        (13, 3, 1, "valid", 3),
        (17, 2, 3, "valid", 2),
        (10, 4, 3, "same", 1),
        (12, 3, 1, "same", 2),
        (11, 3, 2, "causal", 1),
        (9, 3, 1, "causal", 2),
    ),
    exact_type=int,
    rtol=0,
    atol=0,
)
def output_length(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    """How many places the window visits."""
    if padding == "valid":
        return (n - dilation * (kernel_size - 1) - 1) // strides + 1
    return (n - 1) // strides + 1


KINDS = ("valid", "same", "causal")


@output_length.inputs
def draw_length(rng: np.random.Generator) -> Inputs:
    kernel_size, strides, dilation = (int(n) for n in rng.permutation([2, 3, 4]))
    return (int(rng.integers(14, 40)), kernel_size, strides, str(rng.choice(KINDS)), dilation)


@output_length.right
def length_by_starts(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    last = n - dilation * (kernel_size - 1) if padding == "valid" else n
    return len(range(0, last, strides))


@output_length.right
def length_rounded_up(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    places = n if padding in ("same", "causal") else n - dilation * kernel_size + dilation
    return int(np.ceil(places / strides))


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


@output_length.wrong(
    "The stride has no effect.", "From one place to the next the window moves by `strides`.", see="conv-strides"
)
def stride_without_effect_on_length(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    return n - dilation * (kernel_size - 1) if padding == "valid" else n


@output_length.wrong(
    "Without padding, you count one place too few.",
    "You count the moves. The place before the first move counts as well.",
)
def first_place_not_counted(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    if padding == "valid":
        return (n - dilation * (kernel_size - 1) - 1) // strides
    return -(-n // strides)


@output_length.wrong(
    "Without padding, a rest that is too short for a whole move is counted as a place.",
    "The window has to stay inside.",
)
def rest_counted_as_a_place(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    if padding == "valid":
        return -(-(n - dilation * (kernel_size - 1) - 1) // strides) + 1
    return -(-n // strides)


@output_length.wrong(
    "With zeros at the ends, you lose the last place.",
    "Which division keeps a window that begins inside and ends among the zeros?",
)
def same_rounded_down(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> int:
    if padding == "valid":
        return (n - dilation * (kernel_size - 1) - 1) // strides + 1
    return n // strides


@output_length.wrong("The length is not a whole number.", "Count places. Which way is each division rounded?")
def length_with_a_point(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> float:
    if padding == "valid":
        return (n - dilation * (kernel_size - 1) - 1) / strides + 1
    return n / strides


# --- pad_input -------------------------------------------------------------------------------------------------------


def steps(count: int) -> Array:
    """Two channels in which no number is zero or stands next to an equal one."""
    return np.stack([np.arange(1.0, count + 1), -0.5 * np.arange(2.0, count + 2)], axis=1)[None]


def zeros_at_the_ends(n: int, kernel_size: int, strides: int, padding: str, dilation: int) -> tuple[int, int]:
    """How many zeros before and after; the odd one after."""
    if padding == "valid":
        return 0, 0
    if padding == "causal":
        return dilation * (kernel_size - 1), 0
    last_place = (output_length(n, kernel_size, strides, padding, dilation) - 1) * strides
    total = max(last_place + dilation * (kernel_size - 1) + 1 - n, 0)
    return total // 2, total - total // 2


@graded(
    "conv-padding",
    edges=(
        (steps(5), 4, 1, "same", 1),
        (steps(6), 3, 2, "same", 1),
        (steps(7), 3, 1, "same", 2),
        (steps(8), 2, 4, "same", 1),
        (steps(5), 3, 1, "causal", 2),
        (steps(6), 4, 2, "causal", 1),
        (steps(5), 3, 1, "valid", 2),
    ),
)
def pad_input(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    before, after = zeros_at_the_ends(x.shape[1], kernel_size, strides, padding, dilation)
    return np.pad(x, [(0, 0), (before, after), (0, 0)])


@pad_input.inputs
def draw_padding(rng: np.random.Generator) -> Inputs:
    kernel_size, strides, dilation = (int(n) for n in rng.permutation([2, 3, 4]))
    x = rng.normal(size=(2, int(rng.integers(5, 9)), 3))
    return (x, kernel_size, strides, str(rng.choice(KINDS)), dilation)


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


@pad_input.wrong(
    "With `same` you put the odd zero at the beginning.",
    "When the zeros cannot be shared out evenly, which end gets more in Keras?",
)
def odd_zero_first(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    if padding != "same":
        return np.pad(x, [(0, 0), ((kernel_size - 1) * dilation * (padding == "causal"), 0), (0, 0)])
    reach = dilation * (kernel_size - 1)
    total = max((-(-x.shape[1] // strides) - 1) * strides + reach + 1 - x.shape[1], 0)
    return np.pad(x, [(0, 0), (total - total // 2, total // 2), (0, 0)])


@pad_input.wrong(
    "With `same` your zeros do not depend on the stride.",
    "Count the places first. How far does the last window reach beyond the input?",
)
def same_for_every_stride(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    reach = dilation * (kernel_size - 1)
    before, after = {"valid": (0, 0), "same": (reach // 2, reach - reach // 2), "causal": (reach, 0)}[padding]
    return np.pad(x, [(0, 0), (before, after), (0, 0)])


@pad_input.wrong(
    "With `same` you put half a kernel of zeros at each end.",
    "That fits an odd number of taps at stride 1. Work out how many zeros there are in all, then share them out.",
)
def half_a_kernel_on_both_sides(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    half = dilation * (kernel_size // 2)
    before, after = {"valid": (0, 0), "same": (half, half), "causal": (dilation * (kernel_size - 1), 0)}[padding]
    return np.pad(x, [(0, 0), (before, after), (0, 0)])


@pad_input.wrong(
    "With `same` you put all zeros at the end.", "They are shared out between both ends, as evenly as possible."
)
def same_all_at_the_end(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    reach = dilation * (kernel_size - 1)
    total = max((-(-x.shape[1] // strides) - 1) * strides + reach + 1 - x.shape[1], 0)
    before, after = {"valid": (0, 0), "same": (0, total), "causal": (reach, 0)}[padding]
    return np.pad(x, [(0, 0), (before, after), (0, 0)])


@pad_input.wrong(
    "With `same` you leave the dilation out.", "How many steps does a window with gaps span?", see="conv-dilation"
)
def same_without_dilation(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    total = max((-(-x.shape[1] // strides) - 1) * strides + kernel_size - x.shape[1], 0)
    causal = dilation * (kernel_size - 1)
    before, after = {"valid": (0, 0), "same": (total // 2, total - total // 2), "causal": (causal, 0)}[padding]
    return np.pad(x, [(0, 0), (before, after), (0, 0)])


@pad_input.wrong(
    "Your causal zeros stand at the end.", "Then an output sees the steps after it. Which end keeps the future out?"
)
def causal_at_the_end(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    reach = dilation * (kernel_size - 1)
    total = max((-(-x.shape[1] // strides) - 1) * strides + reach + 1 - x.shape[1], 0)
    before, after = {"valid": (0, 0), "same": (total // 2, total - total // 2), "causal": (0, reach)}[padding]
    return np.pad(x, [(0, 0), (before, after), (0, 0)])


@pad_input.wrong(
    "With `causal` you leave the dilation out.",
    "The last tap stands on the present step. How far back does the first one reach?",
    see="conv-dilation",
)
def causal_without_dilation(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    reach = dilation * (kernel_size - 1)
    total = max((-(-x.shape[1] // strides) - 1) * strides + reach + 1 - x.shape[1], 0)
    kinds = {"valid": (0, 0), "same": (total // 2, total - total // 2), "causal": (kernel_size - 1, 0)}
    return np.pad(x, [(0, 0), kinds[padding], (0, 0)])


@pad_input.wrong(
    "With `causal` you add a gap too many.", "Between k taps there are fewer than k gaps.", see="conv-dilation"
)
def causal_of_a_whole_span(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    reach = dilation * (kernel_size - 1)
    total = max((-(-x.shape[1] // strides) - 1) * strides + reach + 1 - x.shape[1], 0)
    kinds = {"valid": (0, 0), "same": (total // 2, total - total // 2), "causal": (dilation * kernel_size, 0)}
    return np.pad(x, [(0, 0), kinds[padding], (0, 0)])


@pad_input.wrong(
    "With `causal` you share out the zeros as with `same`.",
    "A zero at the end means that a window reaches past the present.",
)
def causal_split_like_same(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    total = max((-(-x.shape[1] // strides) - 1) * strides + dilation * (kernel_size - 1) + 1 - x.shape[1], 0)
    before, after = (0, 0) if padding == "valid" else (total // 2, total - total // 2)
    return np.pad(x, [(0, 0), (before, after), (0, 0)])


@pad_input.wrong("You repeat the first and the last step.", "What Keras puts at the ends is zeros.")
def ends_repeated(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    reach = dilation * (kernel_size - 1)
    total = max((-(-x.shape[1] // strides) - 1) * strides + reach + 1 - x.shape[1], 0)
    before, after = {"valid": (0, 0), "same": (total // 2, total - total // 2), "causal": (reach, 0)}[padding]
    return np.pad(x, [(0, 0), (before, after), (0, 0)], mode="edge")


@pad_input.wrong("You pad the channels as well.", "The window slides along time. Which axis is that?")
def channels_padded_too(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    reach = dilation * (kernel_size - 1)
    total = max((-(-x.shape[1] // strides) - 1) * strides + reach + 1 - x.shape[1], 0)
    before, after = {"valid": (0, 0), "same": (total // 2, total - total // 2), "causal": (reach, 0)}[padding]
    return np.pad(x, [(0, 0), (before, after), (before, after)])


@pad_input.wrong("You add zeros with `valid`.", "`valid` leaves the input as it is.")
def valid_padded_like_same(x: Array, kernel_size: int, strides: int, padding: str, dilation: int) -> Array:
    reach = dilation * (kernel_size - 1)
    total = max((-(-x.shape[1] // strides) - 1) * strides + reach + 1 - x.shape[1], 0)
    before, after = (reach, 0) if padding == "causal" else (total // 2, total - total // 2)
    return np.pad(x, [(0, 0), (before, after), (0, 0)])


# --- conv1d ----------------------------------------------------------------------------------------------------------


def weights_and_biases(rng: np.random.Generator, *shape: int) -> tuple[Array, Array]:
    """A kernel whose last axis is the filters, and one bias for each filter, none near zero."""
    bias = rng.permutation(np.arange(1, shape[-1] + 1)) * 0.4 + rng.uniform(-0.1, 0.1, size=shape[-1])
    return rng.normal(scale=0.6, size=shape), bias * rng.choice([-1, 1])


def conv1d_edges() -> tuple[Inputs, ...]:
    """Every kind of padding, where each wrong way to pad gives other outputs; and an input of whole numbers."""
    rng = np.random.default_rng(20)
    settings = (
        (8, 3, 2, "valid", 1),
        (9, 3, 1, "valid", 3),
        (7, 4, 1, "same", 1),
        (8, 3, 2, "same", 1),
        (9, 3, 1, "same", 2),
        (7, 3, 1, "causal", 2),
        (8, 4, 2, "causal", 1),
    )
    drawn = [
        (rng.normal(size=(2, time, 5)), *weights_and_biases(rng, taps, 5, 3), *rest) for time, taps, *rest in settings
    ]
    whole = (rng.integers(-5, 6, size=(2, 7, 3)), *weights_and_biases(rng, 2, 3, 4), 2, "valid", 2)
    return (*drawn, whole)


@graded("conv-equation", edges=conv1d_edges())
def conv1d(
    x: Array,
    kernel: Array,
    bias: Array,
    strides: int,
    padding: str,
    dilation: int,
    *,
    pad_input: Callable[..., Array] = pad_input,
) -> Array:
    """One product a tap: the steps that this tap meets, (batch, new time, channels), times its weights."""
    padded = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, padded.shape[1] - dilation * (len(kernel) - 1), strides)
    return bias + sum(padded[:, starts + tap * dilation] @ weights for tap, weights in enumerate(kernel))


@conv1d.inputs
def draw_conv1d(rng: np.random.Generator) -> Inputs:
    batch, channels, filters, taps = (int(n) for n in rng.permutation([2, 3, 4, 5]))
    strides, dilation = (int(n) for n in rng.integers(1, 4, size=2))
    time = max(6, dilation * (taps - 1) + 1 + 2 * strides + int(rng.integers(1, 4)))
    x = rng.normal(size=(batch, time, channels))
    return (x, *weights_and_biases(rng, taps, channels, filters), strides, str(rng.choice(KINDS)), dilation)


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
    places = range(padded.shape[1] - len(stretched) + 1)
    windows = [np.tensordot(padded[:, place : place + len(stretched)], stretched, axes=2) for place in places]
    return (np.stack(windows, axis=1) + bias)[:, ::strides]


@conv1d.right
def conv1d_in_single_precision(
    x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int
) -> Array:
    x = pad_input(x, kernel.shape[0], strides, padding, dilation).astype(np.float32)
    count = (x.shape[1] - dilation * (kernel.shape[0] - 1) - 1) // strides + 1
    rows = [x[:, n * strides :][:, : dilation * kernel.shape[0] : dilation] for n in range(count)]
    return np.stack([np.einsum("bkc,kcf->bf", row, kernel.astype(np.float32)) + bias for row in rows], axis=1)


@conv1d.wrong(
    "You turn the kernel round.",
    "That is a convolution as mathematics has it. What does Keras compute?",
    see="conv-cross-correlation",
)
def kernel_turned_round(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    return sum(x[:, starts + tap * dilation] @ kernel[len(kernel) - 1 - tap] for tap in range(len(kernel))) + bias


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
    "The stride has no effect.", "From one output to the next the window moves by `strides`.", see="conv-strides"
)
def window_moves_by_one(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1))
    return sum(x[:, starts + tap * dilation] @ kernel[tap] for tap in range(len(kernel))) + bias


@conv1d.wrong(
    "A window that ends exactly at the end is left out.",
    "range() stops before its end: which is the last start that still fits?",
    see="conv-output-size",
)
def last_window_left_out(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1) - 1, strides)
    return sum(x[:, starts + tap * dilation] @ kernel[tap] for tap in range(len(kernel))) + bias


@conv1d.wrong(
    "The padding has no effect.",
    "Put the zeros at the ends first, then slide the window over the longer sequence.",
    see="conv-padding",
)
def not_padded(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    return sum(x[:, starts + tap * dilation] @ kernel[tap] for tap in range(len(kernel))) + bias


@conv1d.wrong("The bias is missing.", "Each filter has a number that it adds to each of its outputs.")
def without_bias(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    return sum(x[:, starts + tap * dilation] @ kernel[tap] for tap in range(len(kernel)))


@conv1d.wrong("You add the bias once for each tap.", "Is it inside the sum or outside?")
def bias_at_every_tap(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    return sum(x[:, starts + tap * dilation] @ kernel[tap] + bias for tap in range(len(kernel)))


@conv1d.wrong("You add the bias once for each channel of the input.", "Is it inside the sum or outside?")
def bias_at_every_channel(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    total = sum(x[:, starts + tap * dilation] @ kernel[tap] for tap in range(len(kernel)))
    return total + x.shape[2] * bias


@conv1d.wrong("You use the first channel only.", "The sum runs over the taps and over something else.")
def first_channel_only(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    return sum(x[:, starts + tap * dilation, :1] @ kernel[tap, :1] for tap in range(len(kernel))) + bias


@conv1d.wrong("You average over the channels.", "The equation has a sum there, and divides by nothing.")
def channels_averaged(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    total = sum(x[:, starts + tap * dilation] @ kernel[tap] for tap in range(len(kernel)))
    return total / x.shape[2] + bias


@conv1d.wrong("You average over the taps.", "The equation has a sum there, and divides by nothing.")
def taps_averaged(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    return np.mean([x[:, starts + tap * dilation] @ kernel[tap] for tap in range(len(kernel))], axis=0) + bias


@conv1d.wrong(
    "Each of your filters looks at one channel only.",
    "That is a depthwise convolution. How many weights does a filter have for one tap?",
)
def one_channel_for_each_filter(
    x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int
) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    filters = np.arange(kernel.shape[2])
    channels = filters % x.shape[2]
    taps = [
        x[:, starts + tap * dilation][:, :, channels] * kernel[tap, channels, filters] for tap in range(len(kernel))
    ]
    return sum(taps) + bias


@conv1d.wrong(
    "Your result keeps the channels of the input apart.",
    "Which letters are on the right side of the equation only? Those are summed over.",
)
def channels_kept_apart(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    taps = [x[:, starts + tap * dilation][:, :, :, None] * kernel[tap] for tap in range(len(kernel))]
    return sum(taps) + bias


@conv1d.wrong(
    "You swap two axes of the kernel with reshape.",
    "reshape keeps the order in memory, so it deals the weights out anew. The axes already stand as the "
    "equation needs them.",
)
def kernel_reshaped_to_swap_axes(
    x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int
) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    rows = kernel.reshape(len(kernel), kernel.shape[2], kernel.shape[1])
    return sum(x[:, starts + tap * dilation] @ rows[tap].T for tap in range(len(kernel))) + bias


@conv1d.wrong("Negative outputs become 0.", "Nobody asked for an activation here.")
def negative_outputs_cut_off(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    x = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, x.shape[1] - dilation * (len(kernel) - 1), strides)
    return np.maximum(sum(x[:, starts + tap * dilation] @ kernel[tap] for tap in range(len(kernel))) + bias, 0)


@conv1d.wrong(
    "For an input of whole numbers your results lose what comes after the point.",
    "An array made like the input takes over its integer dtype.",
    see="pooling-dtype",
)
def stored_like_the_input(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
    padded = pad_input(x, len(kernel), strides, padding, dilation)
    starts = np.arange(0, padded.shape[1] - dilation * (len(kernel) - 1), strides)
    total = sum(padded[:, starts + tap * dilation] @ kernel[tap] for tap in range(len(kernel))) + bias
    return total.astype(x.dtype)


# --- conv2d ----------------------------------------------------------------------------------------------------------


def conv2d_edges() -> tuple[Inputs, ...]:
    rng = np.random.default_rng(21)
    whole = rng.integers(-5, 6, size=(2, 6, 7, 3))
    return (
        (whole, *weights_and_biases(rng, 3, 2, 3, 4), (2, 3)),
        (whole, *weights_and_biases(rng, 2, 3, 3, 4), (3, 1)),
    )


@graded("conv-2d", edges=conv2d_edges())
def conv2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    """Without padding. All places of the window at once, for one weight of the window after the other."""
    down = np.arange(0, x.shape[1] - kernel.shape[0] + 1, strides[0])
    across = np.arange(0, x.shape[2] - kernel.shape[1] + 1, strides[1])
    places = np.ndindex(kernel.shape[:2])
    return bias + sum(x[:, down + i][:, :, across + j] @ kernel[i, j] for i, j in places)


@conv2d.inputs
def draw_conv2d(rng: np.random.Generator) -> Inputs:
    kernel_height, kernel_width, channels, filters = (int(n) for n in rng.permutation([2, 3, 4, 5]))
    strides = tuple(int(n) for n in rng.permutation([1, 2, 3])[:2])
    rows, columns = (int(n) for n in rng.permutation([3, 4]))
    height, width = kernel_height + strides[0] * (rows - 1), kernel_width + strides[1] * (columns - 1)
    # A rest that no window covers, but never one that makes a square of the picture.
    height += int(rng.integers(0, strides[0]))
    width += int(height == width)
    x = rng.normal(size=(2, height, width, channels))
    return (x, *weights_and_biases(rng, kernel_height, kernel_width, channels, filters), strides)


@conv2d.right
def conv2d_in_loops(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    tops = range(0, x.shape[1] - kernel.shape[0] + 1, strides[0])
    lefts = range(0, x.shape[2] - kernel.shape[1] + 1, strides[1])
    out = np.empty((x.shape[0], len(tops), len(lefts), kernel.shape[3]))
    for example in range(len(x)):
        for row, top in enumerate(tops):
            for column, left in enumerate(lefts):
                for f in range(kernel.shape[3]):
                    window = x[example, top : top + kernel.shape[0], left : left + kernel.shape[1]]
                    out[example, row, column, f] = np.sum(window * kernel[..., f]) + bias[f]
    return out


@conv2d.right
def conv2d_as_one_product(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[1]
    ]
    flat = windows.transpose(0, 1, 2, 4, 5, 3).reshape(*windows.shape[:3], -1)
    return flat @ kernel.reshape(-1, kernel.shape[3]) + bias


@conv2d.wrong("You turn the kernel round.", "Lay it on the picture as it is.", see="conv-cross-correlation")
def kernel_turned_round_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[1]
    ]
    return np.tensordot(windows, kernel[::-1, ::-1], axes=([4, 5, 3], [0, 1, 2])) + bias


@conv2d.wrong(
    "The two strides have changed places.", "The first belongs to the height, as the first axis of the kernel does."
)
def strides_swapped_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[1], :: strides[0]
    ]
    return np.tensordot(windows, kernel, axes=([4, 5, 3], [0, 1, 2])) + bias


@conv2d.wrong("The first stride moves your window along both axes.", "Each axis has a stride of its own.")
def first_stride_for_both_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[0]
    ]
    return np.tensordot(windows, kernel, axes=([4, 5, 3], [0, 1, 2])) + bias


@conv2d.wrong(
    "The strides have no effect.", "From one place to the next the window moves by its stride.", see="conv-strides"
)
def strides_ignored_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    return np.tensordot(windows, kernel, axes=([4, 5, 3], [0, 1, 2])) + bias


@conv2d.wrong("Your window lies on its side.", "Which axis of the kernel is its height?")
def window_on_its_side_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    kernel = kernel.transpose(1, 0, 2, 3)
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[1]
    ]
    return np.tensordot(windows, kernel, axes=([4, 5, 3], [0, 1, 2])) + bias


@conv2d.wrong(
    "Height and width have changed places in the result.", "The axes of the result are batch, height, width, filters."
)
def height_and_width_swapped_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[1]
    ]
    return (np.tensordot(windows, kernel, axes=([4, 5, 3], [0, 1, 2])) + bias).transpose(0, 2, 1, 3)


@conv2d.wrong(
    "A window that ends exactly at the edge is left out.",
    "range() stops before its end: which is the last start that still fits?",
    see="conv-output-size",
)
def last_places_left_out_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    windows = windows[:, : -1 : strides[0], : -1 : strides[1]]
    return np.tensordot(windows, kernel, axes=([4, 5, 3], [0, 1, 2])) + bias


@conv2d.wrong(
    "The bias is missing.", "Each filter has a number that it adds to each of its outputs.", see="conv-equation"
)
def without_bias_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[1]
    ]
    return np.tensordot(windows, kernel, axes=([4, 5, 3], [0, 1, 2]))


@conv2d.wrong(
    "You add the bias once for each channel of the input.", "Is it inside the sum or outside?", see="conv-equation"
)
def bias_at_every_channel_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[1]
    ]
    return np.tensordot(windows, kernel, axes=([4, 5, 3], [0, 1, 2])) + x.shape[3] * bias


@conv2d.wrong("You use the first channel only.", "The sum runs over rows, columns and something else.")
def first_channel_only_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[1]
    ]
    return np.tensordot(windows[:, :, :, 0], kernel[:, :, 0], axes=2) + bias


@conv2d.wrong("You average over the channels.", "The equation has a sum there, and divides by nothing.")
def channels_averaged_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[1]
    ]
    return np.tensordot(windows, kernel, axes=([4, 5, 3], [0, 1, 2])) / x.shape[3] + bias


@conv2d.wrong("You average over the places in the window.", "The equation has a sum there, and divides by nothing.")
def window_averaged_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[1]
    ]
    total = np.tensordot(windows, kernel, axes=([4, 5, 3], [0, 1, 2]))
    return total / (kernel.shape[0] * kernel.shape[1]) + bias


@conv2d.wrong(
    "Each of your filters looks at one channel only.",
    "That is a depthwise convolution. How many weights does a filter have for one place in the window?",
)
def one_channel_for_each_filter_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[1]
    ]
    filters = range(kernel.shape[3])
    maps = [np.tensordot(windows[:, :, :, f % x.shape[3]], kernel[:, :, f % x.shape[3], f], axes=2) for f in filters]
    return np.stack(maps, axis=-1) + bias


@conv2d.wrong(
    "Your result keeps the channels of the input apart.",
    "Which letters are on the right side of the equation only? Those are summed over.",
)
def channels_kept_apart_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[1]
    ]
    return np.einsum("bpqcij,ijcf->bpqcf", windows, kernel) + bias


@conv2d.wrong(
    "For a picture of whole numbers your results lose what comes after the point.",
    "An array made like the input takes over its integer dtype.",
    see="pooling-dtype",
)
def stored_like_the_input_2d(x: Array, kernel: Array, bias: Array, strides: tuple[int, int]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[
        :, :: strides[0], :: strides[1]
    ]
    return (np.tensordot(windows, kernel, axes=([4, 5, 3], [0, 1, 2])) + bias).astype(x.dtype)
