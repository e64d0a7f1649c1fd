"""Checks of exercises/lstm/gates.ipynb: The gates of an LSTM.

Rows are examples: x_t (batch, inputs); h_prev, c_prev, every gate, candidate and state (batch, units); W (inputs,
units), U (units, units), b (units,). Equations: Hochreiter and Schmidhuber (1997) with the forget gate of Gers,
Schmidhuber and Cummins (2000), as in keras/src/layers/rnn/lstm.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from ..families.weighted_sum import far_from_zero, first_step, gate, terms, weighted_sum

Array = np.ndarray


# --- sigmoid ---------------------------------------------------------------------------------------------------------


@graded("lstm-sigmoid")
def sigmoid(a: Array) -> Array:
    """1 / (1 + exp(-a)), elementwise. The exponent is never positive, so it never overflows."""
    small = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, small) / (1 + small)


@sigmoid.inputs
def draw_sigmoid(rng: np.random.Generator, rows: int, columns: int) -> Inputs:
    return (rng.normal(scale=3, size=(rows, columns)),)


@sigmoid.condition("one axis")
def one_axis(rng: np.random.Generator, columns: int) -> Inputs:
    return (rng.normal(scale=3, size=columns),)


@sigmoid.condition("three axes")
def three_axes(rng: np.random.Generator, batch: int, rows: int, columns: int) -> Inputs:
    return (rng.normal(scale=3, size=(batch, rows, columns)),)


@sigmoid.condition("whole numbers")
def whole_numbers(rng: np.random.Generator, rows: int) -> Inputs:
    return (np.stack([rng.integers(1, 4, size=rows), rng.integers(-4, 0, size=rows)]),)


sigmoid.always("near 0 and far from it", np.array([[-1000.0, -30.0, -1.0, 0.0], [1.0, 30.0, 700.0, 1000.0]]))
sigmoid.always("all below zero, and far", np.array([-1000.0, -2.0, -800.0]))
sigmoid.always("all above zero, and far", np.array([1000.0, 2.0, 800.0]))


@sigmoid.right
def sigmoid_by_tanh(a: Array) -> Array:
    return 0.5 * (1 + np.tanh(a / 2))


@sigmoid.right
def sigmoid_that_warns(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


@sigmoid.right
def sigmoid_in_loops(a: Array) -> Array:
    out = np.empty(np.shape(a))
    for place in np.ndindex(out.shape):
        out[place] = 1 / (1 + np.exp(-np.clip(a[place], -700, 700)))
    return out


@sigmoid.right
def sigmoid_by_masks(a: Array) -> Array:
    out, positive = np.zeros(a.shape, dtype="float32"), a >= 0
    out[positive] = 1 / (1 + np.exp(-a[positive]))
    e = np.exp(a[~positive])
    out[~positive] = e / (1 + e)
    return out


@sigmoid.right
def sigmoid_by_logaddexp(a: Array) -> Array:
    return np.exp(-np.logaddexp(0, -a))


@sigmoid.wrong(
    "Near a = 1000 it gives NaN, because exp(1000) is infinite and infinite over infinite is undefined.",
    "For positive a, use the form whose exponent is negative.",
)
def exponential_over_one_plus(a: Array) -> Array:
    return np.exp(a) / (1 + np.exp(a))


@sigmoid.wrong("This is tanh.", "A sigmoid lies between 0 and 1, and is 0.5 at 0.")
def tanh_for_sigmoid(a: Array) -> Array:
    return np.tanh(a)


@sigmoid.wrong("The sign of the exponent is the wrong way round.", "For a large positive a the sigmoid is near 1.")
def sign_of_exponent(a: Array) -> Array:
    return 1 / (1 + np.exp(a))


@sigmoid.wrong(
    "This is a softmax: its entries depend on each other and add up to 1.", "A sigmoid treats each number on its own."
)
def softmax_for_sigmoid(a: Array) -> Array:
    return np.exp(a - np.max(a)) / np.sum(np.exp(a - np.max(a)))


@sigmoid.wrong(
    "The input is clipped to [-1, 1].", "Clipping changes the function itself. Change the form of the fraction instead."
)
def clipped_too_early(a: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(a, -1, 1)))


@sigmoid.wrong("This is a ReLU.", "A sigmoid never exceeds 1: a gate needs that.")
def relu_for_sigmoid(a: Array) -> Array:
    return np.maximum(a, 0)


@sigmoid.wrong(
    "Parentheses are missing, so that 1 / 1 is taken first.", "What does the fraction bar stand over, on paper?"
)
def parentheses_forgotten(a: Array) -> Array:
    return 1 / 1 + np.exp(-a)


@sigmoid.wrong(
    "Whole numbers come in, and whole numbers go out.",
    "An array made by zeros_like has the dtype of its pattern. Which dtype does a share need?",
)
def dtype_of_the_argument(a: Array) -> Array:
    out = np.zeros_like(a)
    out[...] = 0.5 * (1 + np.tanh(a / 2))
    return out


@sigmoid.wrong(
    "This is the hard sigmoid of old versions of Keras: straight between its ends.",
    "The sigmoid is curved, and reaches 0 and 1 only in the limit.",
)
def hard_sigmoid(a: Array) -> Array:
    return np.clip(0.2 * a + 0.5, 0, 1)


@sigmoid.wrong("The result has one axis, whatever a has.", "It has the shape of a.")
def flattened(a: Array) -> Array:
    return 0.5 * (1 + np.tanh(np.ravel(a) / 2))


@sigmoid.wrong("Axes of length 1 are dropped from the result.", "It has the shape of a, also where an axis is short.")
def axes_of_one_dropped(a: Array) -> Array:
    return np.squeeze(0.5 * (1 + np.tanh(a / 2)))


# --- forget_gate -----------------------------------------------------------------------------------------------------


@graded("lstm-forget-gate", inputs=terms)
def forget_gate(
    x_t: Array, h_prev: Array, W_f: Array, U_f: Array, b_f: Array, *, sigmoid: Callable[..., Any] = sigmoid
) -> Any:
    return sigmoid(x_t @ W_f + h_prev @ U_f + b_f)


forget_gate.condition("h_prev is zero")(first_step)
forget_gate.condition("sums far from zero")(far_from_zero)
forget_gate.like(weighted_sum, activation=sigmoid, what="A gate")
forget_gate.like(gate, activation=sigmoid, ends="Here 1 means open: keep everything. Check which end is which.")


# --- input_gate ------------------------------------------------------------------------------------------------------


@graded("lstm-input-gate", inputs=terms)
def input_gate(
    x_t: Array, h_prev: Array, W_i: Array, U_i: Array, b_i: Array, *, sigmoid: Callable[..., Any] = sigmoid
) -> Any:
    return sigmoid(x_t @ W_i + h_prev @ U_i + b_i)


input_gate.condition("h_prev is zero")(first_step)
input_gate.condition("sums far from zero")(far_from_zero)
input_gate.like(weighted_sum, activation=sigmoid, what="A gate")
input_gate.like(
    gate, activation=sigmoid, ends="Here 1 means open: write the whole candidate. Check which end is which."
)


# --- candidate -------------------------------------------------------------------------------------------------------


@graded("lstm-candidate", inputs=terms)
def candidate(x_t: Array, h_prev: Array, W_c: Array, U_c: Array, b_c: Array) -> Array:
    return np.tanh(x_t @ W_c + h_prev @ U_c + b_c)


candidate.condition("h_prev is zero")(first_step)
candidate.condition("sums far from zero")(far_from_zero)
candidate.like(weighted_sum, activation=np.tanh, what="The candidate")


@candidate.right
def candidate_by_sigmoid(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return 2 * sigmoid(2 * (x_t @ W + h_prev @ U + b)) - 1


@candidate.wrong(
    "You apply a sigmoid where the candidate needs a tanh.",
    "The candidate is content, not a gate: it must be able to lower the cell state too.",
)
def sigmoid_for_tanh(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return sigmoid(x_t @ W + h_prev @ U + b)


@candidate.wrong(
    "You apply a ReLU where the candidate needs a tanh.",
    "The candidate must be able to lower the cell state, and it is bounded.",
)
def relu_for_tanh(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.maximum(x_t @ W + h_prev @ U + b, 0)


# --- output_gate -----------------------------------------------------------------------------------------------------


@graded("lstm-output-gate", inputs=terms)
def output_gate(
    x_t: Array, h_prev: Array, W_o: Array, U_o: Array, b_o: Array, *, sigmoid: Callable[..., Any] = sigmoid
) -> Any:
    return sigmoid(x_t @ W_o + h_prev @ U_o + b_o)


output_gate.condition("h_prev is zero")(first_step)
output_gate.condition("sums far from zero")(far_from_zero)
output_gate.like(weighted_sum, activation=sigmoid, what="A gate")
output_gate.like(gate, activation=sigmoid, ends="Here 1 means open: let everything out. Check which end is which.")


# --- new_cell_state --------------------------------------------------------------------------------------------------


@graded("lstm-cell-state")
def new_cell_state(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t * c_prev + i_t * c_tilde


@new_cell_state.inputs
def draw_cell_state(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    size = (batch, units)
    gates = rng.uniform(0.1, 0.9, size=(2, *size))
    return (rng.normal(scale=2, size=size), *gates, rng.uniform(-0.9, 0.9, size=size))


@new_cell_state.condition("a memory far from zero")
def large_memory(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    c_prev, *others = draw_cell_state(rng, batch, units)
    return (c_prev + np.where(np.arange(units) % 2, 40.0, -40.0), *others)


@new_cell_state.condition("c_prev is zero")
def no_memory_yet(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    c_prev, *others = draw_cell_state(rng, batch, units)
    return (0 * c_prev, *others)


@new_cell_state.condition("gates quite open or quite shut")
def gates_at_their_ends(rng: np.random.Generator, batch: int) -> Inputs:
    f_t, i_t = np.tile([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]], (batch, 1, 1)).swapaxes(0, 1)
    c_prev, *_, c_tilde = draw_cell_state(rng, batch, 4)
    return (c_prev, f_t, i_t, c_tilde)


@new_cell_state.right
def cell_state_in_loops(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    rows = [[f * c + i * g for f, c, i, g in zip(*row)] for row in zip(f_t, c_prev, i_t, c_tilde)]
    return np.array(rows)


@new_cell_state.right
def cell_state_in_float32(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    f_t, i_t, c_tilde = (np.asarray(a, dtype="float32") for a in (f_t, i_t, c_tilde))
    return i_t * c_tilde + f_t * c_prev.astype("float32")


@new_cell_state.right
def cell_state_by_einsum(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return np.einsum("gbu,gbu->bu", np.stack([f_t, i_t]), np.stack([c_prev, c_tilde]))


@new_cell_state.right
def cell_state_in_place(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    c_t = c_prev.copy()
    c_t *= f_t
    c_t += i_t * c_tilde
    return c_t


@new_cell_state.wrong(
    "The input gate and the forget gate have changed places.",
    "Which of the two decides about the old memory, which about the new content?",
)
def input_and_forget_swapped(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return i_t * c_prev + f_t * c_tilde


@new_cell_state.wrong(
    "You use 1 - f_t where the input gate belongs.",
    "That is the GRU's way. In an LSTM keeping and writing are decided apart.",
)
def one_minus_forget_for_input(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t * c_prev + (1 - f_t) * c_tilde


@new_cell_state.wrong(
    "The old memory is multiplied by 1 - f_t.",
    "In spite of its name, f_t = 1 keeps the memory.",
    see="lstm-forget-gate",
)
def one_minus_forget_for_memory(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return (1 - f_t) * c_prev + i_t * c_tilde


@new_cell_state.wrong("The candidate is gated by f_t.", "The candidate has a gate of its own.", see="lstm-input-gate")
def candidate_gated_by_forget(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t * c_prev + f_t * c_tilde


@new_cell_state.wrong(
    "The whole candidate is written, whatever the input gate says.",
    "How much of the candidate gets in is for i_t to say.",
    see="lstm-input-gate",
)
def candidate_not_gated(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t * c_prev + c_tilde


@new_cell_state.wrong(
    "The old memory is kept whole, whatever the forget gate says.",
    "This is the cell of 1997. Since 2000 the old memory has a gate too.",
    see="lstm-forget-gate",
)
def nothing_forgotten(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return c_prev + i_t * c_tilde


@new_cell_state.wrong("The old memory is dropped.", "The new cell state has two parts: what is kept and what is added.")
def memory_dropped(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return i_t * c_tilde


@new_cell_state.wrong(
    "The cell state is passed through tanh.", "The cell state itself is not bounded; tanh comes on its way out, in h_t."
)
def cell_state_squashed(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return np.tanh(f_t * c_prev + i_t * c_tilde)


@new_cell_state.wrong(
    "The two parts are multiplied.",
    "What is kept and what is new are added: that is the additive path.",
    see="lstm-additive-path",
)
def product_for_sum(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return (f_t * c_prev) * (i_t * c_tilde)


@new_cell_state.wrong(
    "The candidate goes through tanh once more.", "c_tilde has been through its tanh already: use it as it is."
)
def candidate_squashed_again(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t * c_prev + i_t * np.tanh(c_tilde)


@new_cell_state.wrong(
    "The new content is left out.", "The new cell state has two parts: what is kept and what is added."
)
def nothing_written(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t * c_prev


@new_cell_state.wrong("The cell state is cut off at -1 and 1.", "A memory may grow as large as it likes.")
def cell_state_clipped(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return np.clip(f_t * c_prev + i_t * c_tilde, -1, 1)


@new_cell_state.wrong("The new content is subtracted.", "The two parts are added; the candidate brings its own sign.")
def difference_for_sum(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t * c_prev - i_t * c_tilde


@new_cell_state.wrong(
    "The products are matrix products.", "Here each unit is multiplied by its own gate: all products are elementwise."
)
def matrix_products(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t @ c_prev + i_t @ c_tilde


# --- hidden_state ----------------------------------------------------------------------------------------------------


@graded("lstm-hidden-state")
def hidden_state(o_t: Array, c_t: Array) -> Array:
    return o_t * np.tanh(c_t)


@hidden_state.inputs
def draw_hidden_state(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    return (rng.uniform(0.1, 0.9, size=(batch, units)), rng.normal(scale=2, size=(batch, units)))


@hidden_state.condition("a memory far from zero")
def memory_far_from_zero(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    o_t, c_t = draw_hidden_state(rng, batch, units)
    return (o_t, c_t + np.where(np.arange(units) % 2, 800.0, -800.0))


@hidden_state.condition("gates quite open or quite shut")
def output_gates_at_their_ends(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    o_t, c_t = draw_hidden_state(rng, batch, units)
    return (np.where(np.arange(units) % 2, 0.0, np.ones_like(o_t)), c_t)


@hidden_state.right
def hidden_state_in_loops(o_t: Array, c_t: Array) -> Array:
    return np.array([[o * np.tanh(c) for o, c in zip(*row)] for row in zip(o_t, c_t)], dtype="float32")


@hidden_state.right
def hidden_state_by_multiply(o_t: Array, c_t: Array) -> Array:
    return np.multiply(np.tanh(c_t), o_t)


@hidden_state.right
def hidden_state_by_sigmoid(o_t: Array, c_t: Array) -> Array:
    return o_t * (2 * sigmoid(2 * c_t) - 1)


@hidden_state.wrong(
    "The tanh of the cell state is missing.", "The cell state can grow large; what leaves the cell is bounded."
)
def no_tanh(o_t: Array, c_t: Array) -> Array:
    return o_t * c_t


@hidden_state.wrong(
    "tanh is applied after the gate.", "Bound the cell state first, then let the gate decide how much leaves."
)
def tanh_of_product(o_t: Array, c_t: Array) -> Array:
    return np.tanh(o_t * c_t)


@hidden_state.wrong("The cell state goes through a sigmoid.", "The hidden state can be negative as well.")
def sigmoid_of_cell_state(o_t: Array, c_t: Array) -> Array:
    return o_t * sigmoid(c_t)


@hidden_state.wrong("The output gate is used as 1 - o_t.", "o_t = 1 lets everything out.", see="lstm-output-gate")
def output_gate_closed_by_one(o_t: Array, c_t: Array) -> Array:
    return (1 - o_t) * np.tanh(c_t)


@hidden_state.wrong(
    "The output gate has no effect.", "How much leaves the cell is for o_t to say.", see="lstm-output-gate"
)
def output_gate_left_out(o_t: Array, c_t: Array) -> Array:
    return np.tanh(c_t)


@hidden_state.wrong(
    "tanh is applied to the gate.", "The gate is between 0 and 1 already; it is the cell state that needs a bound."
)
def tanh_of_output_gate(o_t: Array, c_t: Array) -> Array:
    return np.tanh(o_t) * c_t


@hidden_state.wrong(
    "tanh is applied to the gate and to the cell state.", "The gate is between 0 and 1 already: it needs no tanh."
)
def tanh_of_both(o_t: Array, c_t: Array) -> Array:
    return np.tanh(o_t) * np.tanh(c_t)


@hidden_state.wrong("The gate goes through the sigmoid once more.", "o_t has been through its sigmoid already.")
def sigmoid_of_output_gate(o_t: Array, c_t: Array) -> Array:
    return sigmoid(o_t) * np.tanh(c_t)


@hidden_state.wrong("The gate is added.", "A gate takes a share of something: which operation does that?")
def gate_added(o_t: Array, c_t: Array) -> Array:
    return o_t + np.tanh(c_t)


@hidden_state.wrong("The cell state is cut off at -1 and 1.", "Which function takes every number smoothly in between?")
def cut_off_for_tanh(o_t: Array, c_t: Array) -> Array:
    return o_t * np.clip(c_t, -1, 1)


@hidden_state.wrong("The cell state goes through a ReLU.", "The hidden state can be negative as well.")
def relu_of_cell_state(o_t: Array, c_t: Array) -> Array:
    return o_t * np.maximum(c_t, 0)


@hidden_state.wrong(
    "The product is a matrix product.", "Here each unit is multiplied by its own gate: the product is elementwise."
)
def matrix_product(o_t: Array, c_t: Array) -> Array:
    return o_t @ np.tanh(c_t)
