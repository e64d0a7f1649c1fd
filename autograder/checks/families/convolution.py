"""A kernel that moves along one axis or two: what goes wrong in every convolution.

In one dimension x (batch, time, channels), kernel (taps, channels, filters), strides an int, then padding and dilation.
In two x (batch, height, width, channels), kernel (height, width, channels, filters), strides a pair, and no more than
that. bias (filters,). The word {window} says what a window is made of ("the taps"), `pad_input` puts zeros at the ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import Family

Array = np.ndarray
Strides = int | tuple[int, int]
Pad = Callable[..., Array]


def with_zeros(x: Array, kernel: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    return pad_input(x, len(kernel), strides, *given) if given else x


def convolved(
    x: Array,
    kernel: Array,
    bias: Array,
    strides: Strides,
    padding: str = "valid",
    dilation: int = 1,
    *,
    pad_input: Pad,
) -> Array:
    """What is right: (batch, places along each axis, filters)."""
    x = x if padding == "valid" else pad_input(x, len(kernel), strides, padding, dilation)
    total: Any = bias
    for place in np.ndindex(kernel.shape[:-2]):
        steps = x
        for axis, (offset, step) in enumerate(zip(place, np.broadcast_to(strides, len(place)), strict=True), start=1):
            starts = np.arange(0, x.shape[axis] - dilation * (kernel.shape[axis - 1] - 1), step)
            steps = np.take(steps, starts + dilation * offset, axis)
        total = total + steps @ kernel[place]
    return np.asarray(total)


convolution = Family()


@convolution.wrong(
    "You turn the kernel round.",
    "That is a convolution as mathematics has it. What does Keras compute?",
    see="conv-cross-correlation",
)
def kernel_turned_round(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    return convolved(x, np.flip(kernel, axis=tuple(range(kernel.ndim - 2))), bias, strides, *given, pad_input=pad_input)


@convolution.wrong(
    "The stride has no effect: the window moves by one.",
    "From one output to the next the window moves by its stride.",
    see="conv-strides",
)
def stride_ignored(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    x = with_zeros(x, kernel, strides, *given, pad_input=pad_input)
    return convolved(x, kernel, bias, 1, "valid", *given[1:], pad_input=pad_input)


@convolution.wrong(
    "The window moves by its own size.", "How far it moves is for the stride to say.", see="conv-strides"
)
def stride_is_the_window(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    x = with_zeros(x, kernel, strides, *given, pad_input=pad_input)
    return convolved(x, kernel, bias, kernel.shape[:-2], "valid", *given[1:], pad_input=pad_input)


@convolution.wrong(
    "A window that ends exactly at the end is left out.",
    "range() stops before its end: which is the last start that still fits?",
    see="conv-output-size",
)
def last_window_left_out(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    x = with_zeros(x, kernel, strides, *given, pad_input=pad_input)
    shorter = x[:, :-1] if kernel.ndim == 3 else x[:, :-1, :-1]
    return convolved(shorter, kernel, bias, strides, "valid", *given[1:], pad_input=pad_input)


@convolution.wrong(
    "Windows that hang over the end are counted.",
    "A window counts only if all of it lies inside, the zeros of the padding included.",
    see="conv-output-size",
)
def windows_over_the_end(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    x = with_zeros(x, kernel, strides, *given, pad_input=pad_input)
    over = [(0, side - 1) if not given else (0, given[1] * (side - 1)) for side in kernel.shape[:-2]]
    longer = np.pad(x, [(0, 0), *over, (0, 0)])
    return convolved(longer, kernel, bias, strides, "valid", *given[1:], pad_input=pad_input)


@convolution.wrong(
    "The bias is missing.", "Each filter has a number that it adds to each of its outputs.", see="conv-equation"
)
def without_bias(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    return convolved(x, kernel, 0 * bias, strides, *given, pad_input=pad_input)


@convolution.wrong(
    "You add the bias once for each place in the window.", "Is it inside the sum or outside?", see="conv-equation"
)
def bias_in_every_term(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    return convolved(x, kernel, bias * np.prod(kernel.shape[:-2]), strides, *given, pad_input=pad_input)


@convolution.wrong(
    "You add the bias once for each channel of the input.", "Is it inside the sum or outside?", see="conv-equation"
)
def bias_at_every_channel(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    return convolved(x, kernel, bias * x.shape[-1], strides, *given, pad_input=pad_input)


@convolution.wrong("Every filter adds the bias of the first.", "What is the shape of the bias?", see="conv-equation")
def first_bias_for_all(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    return convolved(x, kernel, bias[:1], strides, *given, pad_input=pad_input)


@convolution.wrong(
    "You use the first channel only.", "The sum runs over {window} and over something else.", see="conv-equation"
)
def first_channel_only(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    return convolved(x[..., :1], kernel[..., :1, :], bias, strides, *given, pad_input=pad_input)


@convolution.wrong(
    "You average over the channels.", "The equation has a sum there, and divides by nothing.", see="conv-equation"
)
def channels_averaged(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    return convolved(x / x.shape[-1], kernel, bias, strides, *given, pad_input=pad_input)


@convolution.wrong(
    "You average over {window}.", "The equation has a sum there, and divides by nothing.", see="conv-equation"
)
def window_averaged(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    return convolved(x / np.prod(kernel.shape[:-2]), kernel, bias, strides, *given, pad_input=pad_input)


@convolution.wrong(
    "Each of your filters looks at one channel only.",
    "That is a depthwise convolution. How many weights does a filter have for one place in its window?",
    see="conv-equation",
)
def one_channel_for_each_filter(
    x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad
) -> Array:
    seen = np.equal.outer(np.arange(kernel.shape[-2]), np.arange(kernel.shape[-1]) % kernel.shape[-2])
    return convolved(x, kernel * seen, bias, strides, *given, pad_input=pad_input)


@convolution.wrong(
    "Your result keeps the channels of the input apart.",
    "Which letters are on the right side of the equation only? Those are summed over.",
    see="conv-equation",
)
def channels_kept_apart(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    channels = range(x.shape[-1])
    apart = [convolved(x[..., [c]], kernel[..., [c], :], bias, strides, *given, pad_input=pad_input) for c in channels]
    return np.stack(apart, axis=-2)


@convolution.wrong(
    "You swap two axes of the kernel with reshape.",
    "reshape keeps the order in memory, so it deals the weights out anew. The axes stand as the equation needs them.",
    see="conv-equation",
)
def kernel_reshaped_to_swap_axes(
    x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad
) -> Array:
    rows = kernel.reshape(*kernel.shape[:-2], *kernel.shape[:-3:-1]).swapaxes(-1, -2)
    return convolved(x, rows, bias, strides, *given, pad_input=pad_input)


@convolution.wrong("Negative outputs become 0.", "Nobody asked for an activation here.", see="conv-equation")
def negative_outputs_cut_off(
    x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad
) -> Array:
    return np.maximum(convolved(x, kernel, bias, strides, *given, pad_input=pad_input), 0)


@convolution.wrong(
    "The filters stand right behind the batch.", "Channels come last, in the output too.", see="conv-data-format"
)
def filters_first(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    return np.moveaxis(convolved(x, kernel, bias, strides, *given, pad_input=pad_input), -1, 1)


@convolution.wrong(
    "Axes of size 1 are gone from your result.",
    "It keeps all its axes, also with one example, one place or one filter.",
    see="conv-equation",
)
def squeezed(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    return np.squeeze(convolved(x, kernel, bias, strides, *given, pad_input=pad_input))


@convolution.wrong(
    "For an input of whole numbers your results lose what comes after the point.",
    "An array made like the input takes over its integer dtype.",
    see="pooling-dtype",
)
def stored_like_the_input(x: Array, kernel: Array, bias: Array, strides: Strides, *given: Any, pad_input: Pad) -> Array:
    return convolved(x, kernel, bias, strides, *given, pad_input=pad_input).astype(x.dtype)
