"""Checks of exercises/layers/constraints.ipynb: Constraints on weights.

w is an array of floats of any rank: the kernel of Dense (inputs, units), of Conv1D (taps, channels, filters), of Conv2D
(height, width, channels, filters), or another. `axis` is an int or a tuple of ints, counted from 0: vectors lie along
it. The formulas are those of keras/src/constraints/constraints.py, their small number is keras.config.epsilon().
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import FunctionCheck, graded
from ...checking.drawing import Inputs
from ..families.norms import norms, scaling

Array = np.ndarray
Axis = int | tuple[int, ...]

EPSILON = 1e-7


# --- incoming_axes ---------------------------------------------------------------------------------------------------


@graded("constraints-axis", exact_type=int, rtol=0, atol=0)
def incoming_axes(shape: tuple[int, ...]) -> list[int]:
    """All axes but the last, which is that of the units or filters."""
    return list(range(len(shape) - 1))


@incoming_axes.inputs
def draw_shape(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    """Of any of the three layers, so that answers that were seen once come in another order."""
    window = rng.integers(2, 7, size=rng.integers(3))
    return ((*(int(side) for side in window), inputs, units),)


@incoming_axes.condition("a kernel of Dense")
def shape_of_dense(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return ((inputs, units),)


@incoming_axes.condition("a kernel of Conv1D")
def shape_of_conv1d(rng: np.random.Generator, taps: int, channels: int, filters: int) -> Inputs:
    return ((taps, channels, filters),)


@incoming_axes.condition("a kernel of Conv2D")
def shape_of_conv2d(rng: np.random.Generator, height: int, width: int, channels: int, filters: int) -> Inputs:
    return ((height, width, channels, filters),)


incoming_axes.always("as many filters as taps", (5, 3, 5))
incoming_axes.always("as many channels as taps", (4, 4, 7))
incoming_axes.always("a square window", (3, 3, 2, 8))
incoming_axes.always("a window of one place", (1, 1, 6, 4))
incoming_axes.always("all sizes alike", (4, 4, 4, 4))


@incoming_axes.right
def axes_by_counting(shape: tuple[int, ...]) -> list[int]:
    axes = []
    for axis in range(len(shape)):
        if axis + 1 < len(shape):
            axes.append(axis)
    return axes


@incoming_axes.right
def axes_up_to_the_last(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axis for axis, _ in enumerate(shape[:-1]))


@incoming_axes.right
def axes_as_array(shape: tuple[int, ...]) -> Array:
    return np.delete(np.arange(len(shape)), -1)


@incoming_axes.wrong(
    "You return all axes but the first, or count axes from 1.",
    "Where do the units or filters stand in a kernel of Keras? And axes are counted from 0.",
)
def all_but_the_first_axis(shape: tuple[int, ...]) -> list[int]:
    return list(range(1, len(shape)))


@incoming_axes.wrong(
    "You return the axis of the units.",
    "Over that axis you would mix the weights of different units. Which weights belong to one unit?",
)
def axis_of_the_units(shape: tuple[int, ...]) -> list[int]:
    return [len(shape) - 1]


@incoming_axes.wrong(
    "You return axis 0, whatever the kernel.",
    "That is right for Dense. In a convolution, what else leads into one filter?",
    see="constraints-conv-axis",
)
def axis_zero_alone(shape: tuple[int, ...]) -> list[int]:
    return [0]


@incoming_axes.wrong("You return every axis.", "Then all units share one norm. Each has one of its own.")
def every_axis(shape: tuple[int, ...]) -> list[int]:
    return list(range(len(shape)))


@incoming_axes.wrong(
    "For a convolution, you leave the axis of its input channels out.",
    "A filter reads all channels at once. Which weights lead into it?",
    see="constraints-conv-axis",
)
def axes_of_the_window(shape: tuple[int, ...]) -> list[int]:
    return list(range(max(1, len(shape) - 2)))


@incoming_axes.wrong(
    "You find an axis by its size.",
    "Two axes may have the same size. Count the axes, whatever their sizes.",
)
def axes_found_by_size(shape: tuple[int, ...]) -> list[int]:
    return [shape.index(size) for size in shape[:-1]]


@incoming_axes.wrong("You return sizes.", "An axis is named by its number: 0, 1, 2 and so on.")
def sizes_for_axes(shape: tuple[int, ...]) -> list[int]:
    return list(shape[:-1])


# --- weight_norms ----------------------------------------------------------------------------------------------------


def weights_with_norms(
    rng: np.random.Generator, shape: tuple[int, ...], axis: Axis, wanted: tuple[float, ...] = (0, 0.3, 1.2, 3)
) -> Array:
    """Weights whose vectors along `axis` have these norms and perhaps others; fewer vectors have the last of them.

    No other is nearer to 0 than the smallest of these that is not 0: at 0.0003, Keras's small number is more than
    rounding, and an answer that does without it is right and comes out elsewhere.
    """
    w = rng.normal(size=shape)
    lengths = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    some = np.array(wanted[-lengths.size :])
    others = rng.uniform(min(norm for norm in wanted if norm), max(wanted), size=lengths.size - len(some))
    return w / lengths * rng.permutation(np.concatenate([some, others])).reshape(lengths.shape)


KERNELS: dict[str, tuple[tuple[int, ...], Axis]] = {
    "axis 1": ((4, 5), 1),
    "a kernel of Conv1D": ((2, 3, 5), (0, 1)),
    "a kernel of Conv2D": ((3, 2, 4, 6), (0, 1, 2)),
    "the last axis of three": ((3, 4, 5), 2),
    "axes that are no neighbours": ((3, 4, 5), (0, 2)),
    "one axis in a tuple": ((4, 6), (0,)),
    "every axis": ((3, 4), (0, 1)),
    "an array with one axis": ((6,), 0),
    "axes of equal length": ((4, 4, 4), 1),
}
"""Conditions of all that has an axis: a shape of w, and the axis."""


def kernel(shape: tuple[int, ...], axis: Axis, limits: tuple[float, ...]) -> Callable[..., Inputs]:
    def draw(rng: np.random.Generator) -> Inputs:
        return (weights_with_norms(rng, shape, axis), *limits, axis)

    return draw


def of_every_kernel(check: FunctionCheck, *limits: float) -> None:
    """Declare cases in which w has another rank, or its vectors lie along another axis."""
    for condition, (shape, axis) in KERNELS.items():
        check.condition(condition)(kernel(shape, axis, limits))


def norms_alone(w: Array, norms: Array) -> Array:
    return norms


@graded("constraints-norm")
def weight_norms(w: Array, axis: Axis) -> Array:
    """One norm a vector, shaped so that it divides w."""
    return np.sqrt(np.square(w).sum(axis=axis, keepdims=True))


@weight_norms.inputs
def draw_weights(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (rng.normal(scale=0.7, size=(inputs, units)), 0)


of_every_kernel(weight_norms)


@weight_norms.condition("large weights")
def large_weights(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (rng.normal(scale=50, size=(inputs, units)), 0)


@weight_norms.condition("nothing but zeros")
def only_zeros(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (np.zeros((inputs, units)), 0)


@weight_norms.condition("nothing negative")
def no_negative_weights(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (rng.uniform(0.1, 2, size=(inputs, units)), 0)


weight_norms.like(norms, then=norms_alone)


@weight_norms.right
def norms_by_einsum(w: Array, axis: Axis) -> Array:
    axes = [axis] if isinstance(axis, int) else list(axis)
    rest = [a for a in range(w.ndim) if a not in axes]
    squares = np.einsum(w, list(range(w.ndim)), w, list(range(w.ndim)), rest)
    return np.sqrt(squares).reshape([1 if a in axes else w.shape[a] for a in range(w.ndim)])


@weight_norms.right
def norms_by_linalg(w: Array, axis: Axis) -> Array:
    axes = (axis,) if isinstance(axis, int) else axis
    rest = [a for a in range(w.ndim) if a not in axes]
    vectors = w.transpose(*rest, *axes).reshape(*[w.shape[a] for a in rest], -1)
    return np.expand_dims(np.linalg.norm(vectors, axis=-1), axes)


@weight_norms.right
def norms_axis_by_axis(w: Array, axis: Axis) -> Array:
    total = w.astype(float) ** 2
    for one in np.atleast_1d(axis):
        total = total.sum(axis=int(one), keepdims=True)
    return total**0.5


@weight_norms.wrong(
    "The axes that you sum over are gone.",
    "The norms will divide w, so they need as many axes as w, with size 1 where you summed.",
)
def norms_without_the_axis(w: Array, axis: Axis) -> Array:
    return np.sqrt(np.sum(w**2, axis=axis))


@weight_norms.wrong(
    "`np.linalg.norm` stops where `axis` names three axes.",
    "It knows vectors and matrices only. The equation asks for no more than squares, a sum and a root.",
    see="constraints-conv-axis",
)
def norm_of_numpy(w: Array, axis: Axis) -> Array:
    return np.asarray(np.linalg.norm(w, axis=axis, keepdims=True))


@weight_norms.wrong("You do not square the entries.", "What is the length of the vector (3, 4)?")
def roots_of_sums(w: Array, axis: Axis) -> Array:
    return np.sqrt(np.abs(np.sum(w, axis=axis, keepdims=True)))


# --- non_neg ---------------------------------------------------------------------------------------------------------


# Where nothing is left, `max(weight, 0)` gives whole zeros.
@graded("constraints-nonneg", exact_type=float)
def non_neg(w: Array) -> Array:
    return np.maximum(0.0, w)


@non_neg.inputs
def draw_non_neg(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (rng.normal(scale=1.5, size=(inputs, units)),)


@non_neg.condition("nothing negative")
def nothing_negative(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (rng.uniform(0.5, 3, size=(inputs, units)),)


@non_neg.condition("everything negative")
def everything_negative(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (-rng.uniform(0.5, 3, size=(inputs, units)),)


@non_neg.condition("only the first weight negative")
def first_negative(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    w = rng.uniform(0.5, 3, size=(inputs, units))
    w[0, 0] = -1.25
    return (w,)


@non_neg.condition("only the first weight positive")
def first_positive(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    w = -rng.uniform(0.5, 3, size=(inputs, units))
    w[0, 0] = 2.25
    return (w,)


@non_neg.condition("far from zero on both sides")
def far_from_zero(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (rng.uniform(20, 40, size=(inputs, units)) * rng.permuted(np.resize([1, -1], (inputs, units))),)


@non_neg.condition("zeros among the weights")
def zeros_among_them(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (rng.normal(size=(inputs, units)) * rng.permuted(np.resize([1, 0], (inputs, units))),)


@non_neg.condition("an array with one axis")
def one_axis(rng: np.random.Generator) -> Inputs:
    return (rng.permutation([1.5, -0.5, 0.75, -2.25, 3.0]),)


@non_neg.condition("a kernel of Conv2D")
def kernel_of_conv2d(rng: np.random.Generator) -> Inputs:
    return (rng.normal(size=(3, 2, 4, 5)),)


@non_neg.right
def non_neg_by_where(w: Array) -> Array:
    return np.where(w > 0, w, 0)


@non_neg.right
def non_neg_by_product(w: Array) -> Array:
    return w * (w >= 0)


@non_neg.right
def non_neg_by_mean(w: Array) -> Array:
    return (w + np.abs(w)) / 2


@non_neg.wrong(
    "You drop the sign.",
    "A weight that an update has carried below 0 is set back to the nearest weight that is allowed.",
)
def sign_dropped(w: Array) -> Array:
    return np.abs(w)


@non_neg.wrong("You shift all weights.", "A weight that is allowed stays as it is.")
def shifted_up(w: Array) -> Array:
    return w - np.min(w)


@non_neg.wrong("You keep the negative weights.", "Which ones should be left?")
def positive_cut_off(w: Array) -> Array:
    return np.minimum(w, 0)


@non_neg.wrong("You cut off at 1 as well.", "There is no upper limit.")
def cut_at_one_too(w: Array) -> Array:
    return np.clip(w, 0, 1)


@non_neg.wrong("Your weights lose what comes after the point.", "A weight that is allowed stays as it is.")
def whole_numbers_kept(w: Array) -> Array:
    return np.trunc(np.maximum(w, 0))


@non_neg.wrong("You squeeze all weights between 0 and 1.", "A weight that is allowed stays as it is.")
def scaled_to_zero_and_one(w: Array) -> Array:
    return (w - np.min(w)) / (np.max(w) - np.min(w))


@non_neg.wrong("You leave the negative weights out.", "The shape must stay: something has to stand in their places.")
def negative_left_out(w: Array) -> Array:
    return w[w >= 0]


@non_neg.wrong("You set negative weights to a small number.", "Which number is the nearest that is allowed?")
def small_number_for_negative(w: Array) -> Array:
    return np.maximum(w, 1e-3)


@non_neg.wrong("One negative weight empties its whole column.", "NonNeg looks at each weight by itself.")
def units_with_a_negative_emptied(w: Array) -> Array:
    return w * np.all(w >= 0, axis=0)


# --- unit_norm -------------------------------------------------------------------------------------------------------


@graded("constraints-unitnorm")
def unit_norm(w: Array, axis: Axis, *, weight_norms: Callable[..., Array] = weight_norms) -> Array:
    return w / (weight_norms(w, axis) + EPSILON)


def scaled_to_one(w: Array, norms: Array) -> Array:
    return w / (norms + 1e-7)


@unit_norm.inputs
def draw_unit_norm(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (weights_with_norms(rng, (inputs, units), 0), 0)


of_every_kernel(unit_norm)


@unit_norm.condition("nothing but zeros")
def unit_norm_of_zeros(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (np.zeros((inputs, units)), 0)


@unit_norm.condition("long vectors")
def unit_norm_of_long(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (weights_with_norms(rng, (inputs, units), 0, (30, 50, 90)), 0)


@unit_norm.condition("short vectors")
def unit_norm_of_short(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (weights_with_norms(rng, (inputs, units), 0, (0.1, 0.2, 0.3)), 0)


unit_norm.like(norms, then=scaled_to_one)
unit_norm.like(scaling, then=scaled_to_one)


@unit_norm.right
def unit_norm_by_where(w: Array, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w * w, axis=axis, keepdims=True))
    return np.where(norms > 0, w / np.where(norms > 0, norms, 1), 0)


@unit_norm.right
def unit_norm_by_product(w: Array, axis: Axis) -> Array:
    return w * np.maximum(np.sum(w**2, axis=axis, keepdims=True), 1e-14) ** -0.5


@unit_norm.wrong("Vectors that are shorter than 1 stay short.", "UnitNorm has no range: which lengths does it allow?")
def only_long_ones_shortened(w: Array, axis: Axis) -> Array:
    return w / np.maximum(1, np.sqrt(np.sum(w**2, axis=axis, keepdims=True)))


@unit_norm.wrong(
    "You clip the entries.", "A vector should keep its direction and change its length.", see="constraints-entries"
)
def entries_clipped_at_one(w: Array, axis: Axis) -> Array:
    return np.clip(w, -1, 1)


@unit_norm.wrong("You subtract the mean first.", "A vector should keep its direction and change its length.")
def standardised(w: Array, axis: Axis) -> Array:
    centred = w - np.mean(w, axis=axis, keepdims=True)
    return centred / (EPSILON + np.sqrt(np.sum(centred**2, axis=axis, keepdims=True)))


# --- max_norm --------------------------------------------------------------------------------------------------------


@graded("constraints-maxnorm")
def max_norm(w: Array, max_value: float, axis: Axis, *, weight_norms: Callable[..., Array] = weight_norms) -> Array:
    norms = weight_norms(w, axis)
    return w * (np.clip(norms, 0, max_value) / (norms + EPSILON))


def scaled_to_at_most(w: Array, norms: Array, max_value: float) -> Array:
    return w * np.minimum(norms, max_value) / (norms + 1e-7)


@max_norm.inputs
def draw_max_norm(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (weights_with_norms(rng, (inputs, units), 0), round(float(rng.uniform(1.4, 2.6)), 2), 0)


of_every_kernel(max_norm, 1.7)


@max_norm.condition("all short enough")
def all_short_enough(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (weights_with_norms(rng, (inputs, units), 0, (0.3, 0.8, 1.9)), 2.0, 0)


@max_norm.condition("all too long")
def all_too_long(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (weights_with_norms(rng, (inputs, units), 0, (2.5, 6, 20)), 2.0, 0)


@max_norm.condition("a limit below 1")
def limit_below_one(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (weights_with_norms(rng, (inputs, units), 0), 0.5, 0)


@max_norm.condition("a limit that is a whole number")
def whole_limit(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (weights_with_norms(rng, (inputs, units), 0), 2, 0)


@max_norm.condition("too long, with every entry small")
def long_of_small_entries(rng: np.random.Generator, units: int) -> Inputs:
    return (rng.uniform(0.5, 0.9, size=(30, units)) * rng.choice([-1, 1], size=(30, units)), 1.5, 0)


max_norm.like(norms, then=scaled_to_at_most)
max_norm.like(scaling, then=scaled_to_at_most)


@max_norm.right
def max_norm_by_where(w: Array, max_value: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return np.where(norms > max_value, w * max_value / np.where(norms > 0, norms, 1), w)


@max_norm.right
def max_norm_by_divisor(w: Array, max_value: float, axis: Axis) -> Array:
    return w / np.maximum(1, np.sqrt(np.sum(w**2, axis=axis, keepdims=True)) / max_value)


@max_norm.wrong(
    "You clip the entries.",
    "A vector may be too long though each of its entries is small. What should keep its direction?",
    see="constraints-entries",
)
def max_norm_clips_entries(w: Array, max_value: float, axis: Axis) -> Array:
    return np.clip(w, -max_value, max_value)


@max_norm.wrong(
    "Every vector gets the largest length that is allowed.", "A vector that is short enough stays as it is."
)
def max_norm_for_every_vector(w: Array, max_value: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return w * max_value / (EPSILON + norms)


@max_norm.wrong("Vectors that are too long get the length 1.", "They should become as long as is allowed.")
def long_ones_to_length_one(w: Array, max_value: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return np.where(norms > max_value, w / (EPSILON + norms), w)


@max_norm.wrong(
    "You divide vectors that are too long by `max_value`.",
    "How long is a vector of length n after that? How long should it be?",
)
def long_ones_divided_by_the_limit(w: Array, max_value: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return np.where(norms > max_value, w / max_value, w)


@max_norm.wrong("Vectors that are too long become zeros.", "They should become as long as is allowed.")
def long_ones_emptied(w: Array, max_value: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return np.where(norms > max_value, 0, w)


# --- min_max_norm ----------------------------------------------------------------------------------------------------


@graded("constraints-minmaxnorm")
def min_max_norm(
    w: Array,
    min_value: float,
    max_value: float,
    rate: float,
    axis: Axis,
    *,
    weight_norms: Callable[..., Array] = weight_norms,
) -> Array:
    norms = weight_norms(w, axis)
    wanted = (1 - rate) * norms + rate * np.clip(norms, min_value, max_value)
    return w * (wanted / (norms + EPSILON))


def scaled_towards(w: Array, norms: Array, min_value: float, max_value: float, rate: float) -> Array:
    return w * (rate * np.clip(norms, min_value, max_value) + (1 - rate) * norms) / (norms + 1e-7)


@min_max_norm.inputs
def draw_min_max_norm(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    """The rate is never 0, 1 or one half: there a rate that is ignored or turned round would not show."""
    limits = round(float(rng.uniform(0.6, 1.0)), 2), round(float(rng.uniform(1.4, 2.2)), 2)
    rate = round(float(rng.choice([rng.uniform(0.15, 0.35), rng.uniform(0.65, 0.85)])), 2)
    return (weights_with_norms(rng, (inputs, units), 0), *limits, rate, 0)


of_every_kernel(min_max_norm, 0.8, 1.7, 0.3)


def of_norms(wanted: tuple[float, ...], min_value: float, max_value: float, rate: float) -> Callable[..., Inputs]:
    def draw(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
        return (weights_with_norms(rng, (inputs, units), 0, wanted), min_value, max_value, rate, 0)

    return draw


LIMITS: dict[str, tuple[Any, ...]] = {
    "a rate of 1": ((0, 0.3, 1.2, 3), 0.8, 1.6, 1.0),
    "a rate of 0": ((0, 0.3, 1.2, 3), 0.8, 1.6, 0.0),
    "a rate that is a whole number": ((0, 0.3, 1.2, 3), 1, 2, 1),
    "all in the range": ((0.9, 1.2, 1.5), 0.8, 1.6, 0.3),
    "all too short": ((0.1, 0.4, 0.7), 0.8, 1.6, 0.7),
    "all too long": ((2, 5, 9), 0.8, 1.6, 0.7),
    "no lower limit": ((0, 0.3, 1.2, 3), 0.0, 1.6, 0.7),
    "one norm in the range": ((0, 0.3, 1.2, 3), 1.1, 1.1, 0.7),
}
"""Norms of w, min_value, max_value, rate."""
for condition, limits in LIMITS.items():
    min_max_norm.condition(condition)(of_norms(*limits))

min_max_norm.like(norms, then=scaled_towards)
min_max_norm.like(scaling, then=scaled_towards)


@min_max_norm.right
def part_of_the_way(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    goal = w * np.clip(norms, min_value, max_value) / np.maximum(norms, 1e-12)
    return w + rate * (goal - w)


@min_max_norm.right
def min_max_norm_by_where(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    factor = np.ones(norms.shape)
    long, short = norms > max_value, (norms < min_value) & (norms > 0)
    factor[long] = max_value / norms[long]
    factor[short] = min_value / norms[short]
    return w * (rate * factor + 1 - rate)


@min_max_norm.wrong(
    "You clip the entries.", "It is the norms that have to lie in the range.", see="constraints-entries"
)
def min_max_clips_entries(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    return rate * np.clip(w, min_value, max_value) + (1 - rate) * w


@min_max_norm.wrong("`min_value` has no effect.", "A vector may also be too short.")
def min_max_without_min(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return w * (rate * np.minimum(norms, max_value) + (1 - rate) * norms) / (EPSILON + norms)


@min_max_norm.wrong("`max_value` has no effect.", "A vector may also be too long.")
def min_max_without_max(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return w * (rate * np.maximum(norms, min_value) + (1 - rate) * norms) / (EPSILON + norms)


@min_max_norm.wrong("The rate has no effect.", "A rate below 1 goes only part of the way.", see="constraints-rate")
def min_max_at_once(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return w * np.clip(norms, min_value, max_value) / (EPSILON + norms)


@min_max_norm.wrong(
    "The rate works the wrong way round.",
    "A rate of 1 enforces the range at once. What does it leave of the old norm?",
    see="constraints-rate",
)
def min_max_rate_turned_round(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return w * ((1 - rate) * np.clip(norms, min_value, max_value) + rate * norms) / (EPSILON + norms)


@min_max_norm.wrong(
    "You multiply by the rate, and the rest is lost.",
    "A vector that lies in the range should stay as it is, whatever the rate.",
    see="constraints-rate",
)
def min_max_scaled_by_rate(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return w * rate * np.clip(norms, min_value, max_value) / (EPSILON + norms)


@min_max_norm.wrong(
    "You multiply by the norm that is wanted and do not divide by the old one.",
    "Which factor takes a vector of length 3 to the length 2?",
)
def min_max_norm_as_weights(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return w * (rate * np.clip(norms, min_value, max_value) + (1 - rate) * norms)
