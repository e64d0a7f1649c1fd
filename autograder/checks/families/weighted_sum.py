"""activation(x_t W + h_prev U + b): what goes wrong in every gate and in every candidate, of any cell.

x_t (batch, inputs), h_prev (batch, units), W (inputs, units), U (units, units), b (units,).
The word `activation` is the function; {what} is what is computed ("a gate", "the candidate").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import Family

Array = np.ndarray
Activation = Callable[..., Any]

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
