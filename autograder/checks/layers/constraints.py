"""Checks of exercises/layers/constraints.ipynb: Constraints on weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs

Array = np.ndarray


# --- incoming_axes ---------------------------------------------------------------------------------------------------


@graded("constraints-axis", edges=(((6, 7),), ((5, 8, 9),), ((7, 8, 5, 6),)), rtol=0, atol=0)
def incoming_axes(shape: tuple[int, ...]) -> list[int]:
    """All axes but the last, which is that of the units or filters."""
    return list(range(len(shape) - 1))


@incoming_axes.inputs
def draw_shape(rng: np.random.Generator) -> Inputs:
    sizes = rng.permutation([5, 6, 7, 8, 9])[: int(rng.integers(2, 5))]
    return (tuple(int(size) for size in sizes),)


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


@incoming_axes.wrong("You return sizes.", "An axis is named by its number: 0, 1, 2 and so on.")
def sizes_for_axes(shape: tuple[int, ...]) -> list[int]:
    return list(shape[:-1])


# --- weight_norms ----------------------------------------------------------------------------------------------------

SHAPES = (((3, 6), 0), ((5, 4), 1), ((2, 3, 5), (0, 1)), ((3, 2, 4, 6), (0, 1, 2)))

Axis = int | tuple[int, ...]


def weights_with_norms(
    rng: np.random.Generator, shape: tuple[int, ...], axis: Axis, norms: tuple[float, ...] = (0, 0.3, 1.2, 3)
) -> Array:
    """Weights whose vectors along `axis` have, in some order, these norms and perhaps others; the first is 0."""
    w = rng.normal(size=shape)
    lengths = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    wanted = np.concatenate([norms, rng.uniform(0.2, 4, size=lengths.size - len(norms))])
    return w / lengths * rng.permutation(wanted).reshape(lengths.shape)


@graded(
    "constraints-norm",
    edges=tuple((weights_with_norms(np.random.default_rng(23), *given), given[1]) for given in SHAPES),
)
def weight_norms(w: Array, axis: Axis) -> Array:
    """One norm a vector, shaped so that it divides w."""
    return np.sqrt(np.square(w).sum(axis=axis, keepdims=True))


@weight_norms.inputs
def draw_weights(rng: np.random.Generator) -> Inputs:
    shape, axis = SHAPES[int(rng.integers(len(SHAPES)))]
    return (rng.normal(scale=0.7, size=shape), axis)


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
        total = np.add.reduce(total, axis=one, keepdims=True)
    return total**0.5


@weight_norms.wrong(
    "The axes that you sum over are gone.",
    "The norms will divide w, so they need as many axes as w, with size 1 where you summed.",
)
def norms_without_the_axis(w: Array, axis: Axis) -> Array:
    return np.sqrt(np.sum(w**2, axis=axis))


@weight_norms.wrong("You use the square of the norm.", "What is the length of the vector (3, 4)?")
def squared_norms(w: Array, axis: Axis) -> Array:
    return np.sum(w**2, axis=axis, keepdims=True)


@weight_norms.wrong(
    "You add up magnitudes in place of a length.", "The length of (3, 4) is not 7. How does Pythagoras have it?"
)
def sums_of_magnitudes(w: Array, axis: Axis) -> Array:
    return np.sum(np.abs(w), axis=axis, keepdims=True)


@weight_norms.wrong("You return the largest magnitude of each vector.", "All entries count towards a length.")
def largest_magnitudes(w: Array, axis: Axis) -> Array:
    return np.max(np.abs(w), axis=axis, keepdims=True)


@weight_norms.wrong("You average the squares.", "A length adds them up.")
def root_mean_squares(w: Array, axis: Axis) -> Array:
    return np.sqrt(np.mean(w**2, axis=axis, keepdims=True))


@weight_norms.wrong(
    "You take one norm over the whole array.",
    "Each unit or filter has a norm of its own. Which argument says so?",
    see="constraints-axis",
)
def one_norm_for_all(w: Array, axis: Axis) -> Array:
    return np.sqrt(np.sum(w**2, keepdims=True))


@weight_norms.wrong(
    "You always sum over axis 0.", "`axis` says over which axes, and it may name several.", see="constraints-axis"
)
def axis_zero_always(w: Array, axis: Axis) -> Array:
    return np.sqrt(np.sum(w**2, axis=0, keepdims=True))


@weight_norms.wrong(
    "You take the norm over the axes that `axis` does not name.",
    "`axis` names what is summed over and disappears into a norm, not what is kept.",
    see="constraints-axis",
)
def axis_kept_not_summed(w: Array, axis: Axis) -> Array:
    rest = tuple(a for a in range(w.ndim) if a not in np.atleast_1d(axis))
    return np.sqrt(np.sum(w**2, axis=rest, keepdims=True))


@weight_norms.wrong("You do not square the entries.", "What is the length of the vector (3, 4)?")
def roots_of_sums(w: Array, axis: Axis) -> Array:
    return np.sqrt(np.abs(np.sum(w, axis=axis, keepdims=True)))


# --- non_neg ---------------------------------------------------------------------------------------------------------


@graded("constraints-nonneg")
def non_neg(w: Array) -> Array:
    return np.maximum(0.0, w)


@non_neg.inputs
def draw_non_neg(rng: np.random.Generator) -> Inputs:
    w = rng.normal(scale=1.5, size=tuple(int(n) for n in rng.permutation([3, 4, 5])[: int(rng.integers(2, 4))]))
    w[..., 0] = np.abs(w[..., 0])
    w.flat[[0, 1, -1]] = 1.75, -0.5, 0
    return (w,)


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


@non_neg.wrong("You squeeze all weights between 0 and 1.", "A weight that is allowed stays as it is.")
def scaled_to_zero_and_one(w: Array) -> Array:
    return (w - np.min(w)) / (np.max(w) - np.min(w))


@non_neg.wrong("You leave the negative weights out.", "The shape must stay: something has to stand in their places.")
def negative_left_out(w: Array) -> Array:
    return w[w >= 0]


@non_neg.wrong("One negative weight empties its whole column.", "NonNeg looks at each weight by itself.")
def units_with_a_negative_emptied(w: Array) -> Array:
    return w * np.all(w >= 0, axis=0)


# --- unit_norm -------------------------------------------------------------------------------------------------------

EPSILON = 1e-7


@graded("constraints-unitnorm")
def unit_norm(w: Array, axis: Axis, *, weight_norms: Callable[..., Array] = weight_norms) -> Array:
    return w / (weight_norms(w, axis) + EPSILON)


@unit_norm.inputs
def draw_unit_norm(rng: np.random.Generator) -> Inputs:
    shape, axis = SHAPES[int(rng.integers(len(SHAPES)))]
    return (weights_with_norms(rng, shape, axis), axis)


@unit_norm.right
def unit_norm_by_where(w: Array, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w * w, axis=axis, keepdims=True))
    return np.where(norms > 0, w / np.where(norms > 0, norms, 1), 0)


@unit_norm.right
def unit_norm_by_product(w: Array, axis: Axis) -> Array:
    return w * np.maximum(np.sum(w**2, axis=axis, keepdims=True), 1e-14) ** -0.5


@unit_norm.wrong(
    "A vector of zeros becomes NaN.",
    "Its norm is 0, and you divide by it. Keras's small number keeps that from happening: where does it stand?",
    see="constraints-zero-norm",
)
def unit_norm_of_zero_is_nan(w: Array, axis: Axis) -> Array:
    return w / np.sqrt(np.sum(w**2, axis=axis, keepdims=True))


@unit_norm.wrong(
    "You add up magnitudes in place of a length.",
    "The length of (3, 4) is not 7. How does Pythagoras have it?",
    see="constraints-norm",
)
def unit_sum_of_magnitudes(w: Array, axis: Axis) -> Array:
    return w / (EPSILON + np.sum(np.abs(w), axis=axis, keepdims=True))


@unit_norm.wrong("You use the square of the norm.", "What is the length of the vector (3, 4)?", see="constraints-norm")
def divided_by_squared_norm(w: Array, axis: Axis) -> Array:
    return w / (EPSILON + np.sum(w**2, axis=axis, keepdims=True))


@unit_norm.wrong(
    "You take one norm over the whole array.",
    "Each unit or filter has a norm of its own. Which argument says so?",
    see="constraints-axis",
)
def unit_norm_of_all(w: Array, axis: Axis) -> Array:
    return w / (EPSILON + np.sqrt(np.sum(w**2)))


@unit_norm.wrong(
    "You take the norm over the axes that `axis` does not name.",
    "`axis` names what is summed over and disappears into a norm, not what is kept.",
    see="constraints-axis",
)
def unit_norm_over_the_rest(w: Array, axis: Axis) -> Array:
    rest = tuple(a for a in range(w.ndim) if a not in np.atleast_1d(axis))
    return w / (EPSILON + np.sqrt(np.sum(w**2, axis=rest, keepdims=True)))


@unit_norm.wrong("Vectors that are shorter than 1 stay short.", "UnitNorm has no range: which lengths does it allow?")
def only_long_ones_shortened(w: Array, axis: Axis) -> Array:
    return w / np.maximum(1, np.sqrt(np.sum(w**2, axis=axis, keepdims=True)))


@unit_norm.wrong(
    "You scale so that the largest entry is 1.", "It is the length that should be 1.", see="constraints-norm"
)
def largest_entry_is_one(w: Array, axis: Axis) -> Array:
    return w / (EPSILON + np.max(np.abs(w), axis=axis, keepdims=True))


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


@max_norm.inputs
def draw_max_norm(rng: np.random.Generator) -> Inputs:
    shape, axis = SHAPES[int(rng.integers(len(SHAPES)))]
    return (weights_with_norms(rng, shape, axis), round(float(rng.uniform(1.4, 2.6)), 2), axis)


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


@max_norm.wrong(
    "A vector of zeros becomes NaN.",
    "Its norm is 0, and you divide by it. Keras's small number keeps that from happening: where does it stand?",
    see="constraints-zero-norm",
)
def max_norm_of_zero_is_nan(w: Array, max_value: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return w * np.minimum(norms, max_value) / norms


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


@max_norm.wrong("You use the square of the norm.", "What is the length of the vector (3, 4)?", see="constraints-norm")
def max_norm_squared(w: Array, max_value: float, axis: Axis) -> Array:
    norms = np.sum(w**2, axis=axis, keepdims=True)
    return w * np.minimum(norms, max_value) / (EPSILON + norms)


@max_norm.wrong(
    "You add up magnitudes in place of a length.",
    "The length of (3, 4) is not 7. How does Pythagoras have it?",
    see="constraints-norm",
)
def max_norm_of_magnitudes(w: Array, max_value: float, axis: Axis) -> Array:
    norms = np.sum(np.abs(w), axis=axis, keepdims=True)
    return w * np.minimum(norms, max_value) / (EPSILON + norms)


@max_norm.wrong(
    "You take one norm over the whole array.",
    "Each unit or filter has a norm of its own. Which argument says so?",
    see="constraints-axis",
)
def max_norm_of_all(w: Array, max_value: float, axis: Axis) -> Array:
    norm = np.sqrt(np.sum(w**2))
    return w * np.minimum(norm, max_value) / (EPSILON + norm)


@max_norm.wrong(
    "You take the norm over the axes that `axis` does not name.",
    "`axis` names what is summed over and disappears into a norm, not what is kept.",
    see="constraints-axis",
)
def max_norm_over_the_rest(w: Array, max_value: float, axis: Axis) -> Array:
    rest = tuple(a for a in range(w.ndim) if a not in np.atleast_1d(axis))
    norms = np.sqrt(np.sum(w**2, axis=rest, keepdims=True))
    return w * np.minimum(norms, max_value) / (EPSILON + norms)


@max_norm.wrong("If one vector is too long, you shorten them all.", "Each vector has a norm and a factor of its own.")
def longest_decides_for_all(w: Array, max_value: float, axis: Axis) -> Array:
    longest = np.max(np.sqrt(np.sum(w**2, axis=axis, keepdims=True)))
    return w * np.minimum(longest, max_value) / (EPSILON + longest)


# --- min_max_norm ----------------------------------------------------------------------------------------------------

# Strictly enforced, as is Keras's default, and over the filters of a Conv2D.
STRICT: Inputs = (weights_with_norms(np.random.default_rng(22), (3, 2, 4, 6), (0, 1, 2)), 0.8, 1.6, 1.0, (0, 1, 2))


@graded("constraints-minmaxnorm", edges=(STRICT,))
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


@min_max_norm.inputs
def draw_min_max_norm(rng: np.random.Generator) -> Inputs:
    """The rate is never 0, 1 or one half: there a rate that is ignored or turned round would not show."""
    shape, axis = SHAPES[int(rng.integers(len(SHAPES)))]
    limits = round(float(rng.uniform(0.6, 1.0)), 2), round(float(rng.uniform(1.4, 2.2)), 2)
    rate = round(float(rng.choice([rng.uniform(0.15, 0.35), rng.uniform(0.65, 0.85)])), 2)
    return (weights_with_norms(rng, shape, axis), *limits, rate, axis)


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
    "A vector of zeros becomes NaN.",
    "Its norm is 0, and you divide by it. Keras's small number keeps that from happening: where does it stand?",
    see="constraints-zero-norm",
)
def min_max_of_zero_is_nan(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return w * ((rate * np.clip(norms, min_value, max_value) + (1 - rate) * norms) / norms)


@min_max_norm.wrong(
    "You multiply by the norm that is wanted and do not divide by the old one.",
    "Which factor takes a vector of length 3 to the length 2?",
)
def min_max_norm_as_weights(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norms = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return w * (rate * np.clip(norms, min_value, max_value) + (1 - rate) * norms)


@min_max_norm.wrong(
    "You use the square of the norm.", "What is the length of the vector (3, 4)?", see="constraints-norm"
)
def min_max_squared(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norms = np.sum(w**2, axis=axis, keepdims=True)
    return w * (rate * np.clip(norms, min_value, max_value) + (1 - rate) * norms) / (EPSILON + norms)


@min_max_norm.wrong(
    "You add up magnitudes in place of a length.",
    "The length of (3, 4) is not 7. How does Pythagoras have it?",
    see="constraints-norm",
)
def min_max_of_magnitudes(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norms = np.sum(np.abs(w), axis=axis, keepdims=True)
    return w * (rate * np.clip(norms, min_value, max_value) + (1 - rate) * norms) / (EPSILON + norms)


@min_max_norm.wrong(
    "You take one norm over the whole array.",
    "Each unit or filter has a norm of its own. Which argument says so?",
    see="constraints-axis",
)
def min_max_of_all(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    norm = np.sqrt(np.sum(w**2))
    return w * (rate * np.clip(norm, min_value, max_value) + (1 - rate) * norm) / (EPSILON + norm)


@min_max_norm.wrong(
    "You take the norm over the axes that `axis` does not name.",
    "`axis` names what is summed over and disappears into a norm, not what is kept.",
    see="constraints-axis",
)
def min_max_over_the_rest(w: Array, min_value: float, max_value: float, rate: float, axis: Axis) -> Array:
    rest = tuple(a for a in range(w.ndim) if a not in np.atleast_1d(axis))
    norms = np.sqrt(np.sum(w**2, axis=rest, keepdims=True))
    return w * (rate * np.clip(norms, min_value, max_value) + (1 - rate) * norms) / (EPSILON + norms)
