"""activation(x_t W + h_prev U + b): what goes wrong in every gate and in every candidate, of any cell.

x_t (batch, inputs), h_prev (batch, units), W (inputs, units), U (units, units), b (units,).
The word `activation` is the function; {what} is what is computed ("A gate", "The candidate").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import Family
from ...checking.drawing import Inputs

Array = np.ndarray
Activation = Callable[..., Any]


def terms(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    """x_t, h_prev, W, U and b; the biases lie apart from zero on the whole, so that a missing one shows."""
    return (
        rng.normal(size=(batch, inputs)),
        rng.normal(size=(batch, units)),
        rng.normal(scale=0.7, size=(inputs, units)),
        rng.normal(scale=0.7, size=(units, units)),
        rng.normal(size=units) + 0.5,
    )


def first_step(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    """Before the first step there is nothing to remember: h_prev is zero."""
    x_t, h_prev, *weights = terms(rng, batch, inputs, units)
    return (x_t, 0 * h_prev, *weights)


def far_from_zero(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    """Sums near 800 and near -800, whose exponentials are more than a float can hold."""
    *others, b = terms(rng, batch, inputs, units)
    return (*others, b + np.where(np.arange(units) % 2, 800.0, -800.0))


weighted_sum = Family()


@weighted_sum.right
def by_einsum(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(np.einsum("bi,iu->bu", x_t, W) + np.einsum("bj,ju->bu", h_prev, U) + b)


@weighted_sum.right
def by_concatenation(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(np.concatenate([h_prev, x_t], axis=1) @ np.concatenate([U, W], axis=0) + b)


@weighted_sum.right
def in_float32(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    x_t, h_prev, W, U, b = (np.asarray(a, dtype="float32") for a in (x_t, h_prev, W, U, b))
    return activation(b + h_prev @ U + x_t @ W)


@weighted_sum.right
def one_example_after_another(
    x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation
) -> Any:
    rows = [activation(W.T @ x + U.T @ h + b) for x, h in zip(x_t, h_prev)]
    return np.array(rows)


@weighted_sum.right
def term_by_term_in_place(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    total = np.zeros((len(x_t), len(b)))
    total += np.dot(x_t, W)
    total += np.dot(h_prev, U)
    total += b
    return activation(total)


@weighted_sum.wrong("The bias is missing.", "Add b once, after both products.")
def no_bias(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(x_t @ W + h_prev @ U)


@weighted_sum.wrong("The bias is added twice.", "There is one bias for both products: add it once to their sum.")
def bias_twice(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation((x_t @ W + b) + (h_prev @ U + b))


@weighted_sum.wrong(
    "The previous hidden state has no effect.", "{what} looks at x_t and at h_prev: where does U come in?"
)
def no_recurrent_term(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(x_t @ W + b)


@weighted_sum.wrong("The input x_t has no effect.", "{what} looks at x_t and at h_prev: where does W come in?")
def no_input_term(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(h_prev @ U + b)


@weighted_sum.wrong(
    "The {activation} is missing, so the result is not bounded.", "Pass the whole sum through the {activation}."
)
def no_activation(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return x_t @ W + h_prev @ U + b


@weighted_sum.wrong(
    "The recurrent kernel is transposed.",
    "Rows are examples here, so it is h_prev @ U as it stands.",
    see="lstm-matrix-product",
)
def transposed_recurrent(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(x_t @ W + h_prev @ U.T + b)


@weighted_sum.wrong(
    "Only the diagonal of the recurrent kernel is used, as in an elementwise product.",
    "Every unit sees every unit of h_prev: use a matrix product.",
    see="lstm-matrix-product",
)
def elementwise_recurrent(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(x_t @ W + h_prev * np.diag(U) + b)


@weighted_sum.wrong(
    "h_prev and U are multiplied elementwise.",
    "Every unit sees every unit of h_prev: use a matrix product.",
    see="lstm-matrix-product",
)
def elementwise_state(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(x_t @ W + h_prev * U + b)


@weighted_sum.wrong(
    "x_t and W are multiplied elementwise.",
    "Every unit sees every input: use a matrix product.",
    see="lstm-matrix-product",
)
def elementwise_input(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(x_t * W + h_prev @ U + b)


@weighted_sum.wrong(
    "The kernels stand on the left of what they multiply.",
    "Rows are examples here: which of the two comes first?",
    see="lstm-matrix-product",
)
def kernels_first(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(W @ x_t + U @ h_prev + b)


@weighted_sum.wrong(
    "The columns of your result are examples.",
    "Rows are examples here, in what comes in and in what goes out.",
    see="lstm-matrix-product",
)
def columns_are_examples(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(W.T @ x_t.T + U.T @ h_prev.T + b[:, None])


@weighted_sum.wrong("h_prev is added as it is, without U.", "{what} sees h_prev through weights: where does U come in?")
def state_without_kernel(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(x_t @ W + h_prev + b)


@weighted_sum.wrong("The bias is subtracted.", "The bias is one of the terms of the sum.")
def bias_subtracted(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(x_t @ W + h_prev @ U - b)


@weighted_sum.wrong(
    "Axes of length 1 are dropped from the result.",
    "A batch of one example is still a batch, and one unit is still an axis: what shape is asked for?",
)
def axes_dropped(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return np.squeeze(activation(x_t @ W + h_prev @ U + b))


@weighted_sum.wrong(
    "The {activation} is applied to each term before they are added.",
    "Add up the two products and the bias first; then apply the {activation} once.",
)
def activation_before_sum(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(x_t @ W) + activation(h_prev @ U) + activation(b)


@weighted_sum.wrong("The bias is added after the {activation}.", "The bias belongs inside the {activation}.")
def bias_outside(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return activation(x_t @ W + h_prev @ U) + b


gate = Family()
"""What goes wrong in a gate beyond that. {ends} says what its two ends do."""


@gate.wrong(
    "You apply tanh where a gate needs a sigmoid.",
    "A gate is a share, from nothing (0) to all of it (1). Which function stays between them?",
)
def tanh_gate(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U + b)


@gate.wrong("You return one minus the gate.", "{ends}")
def one_minus(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array, *, activation: Activation) -> Array:
    return 1 - activation(x_t @ W + h_prev @ U + b)


@gate.wrong("You apply a ReLU where a gate needs a sigmoid.", "A share is never more than all of it.")
def relu_gate(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.maximum(x_t @ W + h_prev @ U + b, 0)


@gate.wrong(
    "You apply a softmax: the gate's entries depend on each other and add up to 1.",
    "Each unit decides for itself. Which function treats each number on its own?",
)
def softmax_gate(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    a = x_t @ W + h_prev @ U + b
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@gate.wrong(
    "The gate is straight between its ends: this is the hard sigmoid of old versions of Keras.",
    "The function asked for is curved, and reaches 0 and 1 only in the limit.",
)
def hard_gate(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.clip(0.2 * (x_t @ W + h_prev @ U + b) + 0.5, 0, 1)
