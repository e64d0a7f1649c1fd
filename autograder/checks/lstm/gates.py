"""Checks of exercises/lstm/gates.ipynb: The gates of an LSTM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from ..families.weighted_sum import gate, weighted_sum

Array = np.ndarray


# --- sigmoid ---------------------------------------------------------------------------------------------------------


@graded("lstm-sigmoid", edges=((np.array([[-1000.0, -30.0, -1.0, 0.0], [1.0, 30.0, 700.0, 1000.0]]),),))
def sigmoid(a: Array) -> Array:
    """1 / (1 + exp(-a)), elementwise. The exponent is never positive, so it never overflows."""
    small = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, small) / (1 + small)


@sigmoid.inputs
def draw_sigmoid(rng: np.random.Generator) -> Inputs:
    return (rng.normal(scale=3, size=tuple(rng.integers(2, 6, size=2))),)


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


# --- forget_gate -----------------------------------------------------------------------------------------------------


def draw_gate(rng: np.random.Generator) -> Inputs:
    batch, inputs, units = rng.permutation([2, 3, 4, 5])[:3]
    return (
        rng.normal(size=(batch, inputs)),
        rng.normal(size=(batch, units)),
        rng.normal(scale=0.7, size=(inputs, units)),
        rng.normal(scale=0.7, size=(units, units)),
        rng.normal(size=units) + 0.5,
    )


@graded("lstm-forget-gate", inputs=draw_gate)
def forget_gate(
    x_t: Array, h_prev: Array, W_f: Array, U_f: Array, b_f: Array, *, sigmoid: Callable[..., Any] = sigmoid
) -> Any:
    return sigmoid(x_t @ W_f + h_prev @ U_f + b_f)


forget_gate.like(weighted_sum, activation=sigmoid, what="A gate")
forget_gate.like(gate, activation=sigmoid, ends="Here 1 means open: keep everything. Check which end is which.")


# --- input_gate ------------------------------------------------------------------------------------------------------


@graded("lstm-input-gate", inputs=draw_gate)
def input_gate(
    x_t: Array, h_prev: Array, W_i: Array, U_i: Array, b_i: Array, *, sigmoid: Callable[..., Any] = sigmoid
) -> Any:
    return sigmoid(x_t @ W_i + h_prev @ U_i + b_i)


input_gate.like(weighted_sum, activation=sigmoid, what="A gate")
input_gate.like(
    gate, activation=sigmoid, ends="Here 1 means open: write the whole candidate. Check which end is which."
)


# --- candidate -------------------------------------------------------------------------------------------------------


@graded("lstm-candidate", inputs=draw_gate)
def candidate(x_t: Array, h_prev: Array, W_c: Array, U_c: Array, b_c: Array) -> Array:
    return np.tanh(x_t @ W_c + h_prev @ U_c + b_c)


@candidate.right
def candidate_by_sigmoid(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return 2 * sigmoid(2 * (x_t @ W + h_prev @ U + b)) - 1


candidate.like(weighted_sum, activation=np.tanh, what="The candidate")


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


@graded("lstm-output-gate", inputs=draw_gate)
def output_gate(
    x_t: Array, h_prev: Array, W_o: Array, U_o: Array, b_o: Array, *, sigmoid: Callable[..., Any] = sigmoid
) -> Any:
    return sigmoid(x_t @ W_o + h_prev @ U_o + b_o)


output_gate.like(weighted_sum, activation=sigmoid, what="A gate")
output_gate.like(gate, activation=sigmoid, ends="Here 1 means open: let everything out. Check which end is which.")


# --- new_cell_state --------------------------------------------------------------------------------------------------


@graded("lstm-cell-state")
def new_cell_state(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t * c_prev + i_t * c_tilde


@new_cell_state.inputs
def draw_cell_state(rng: np.random.Generator) -> Inputs:
    shape = tuple(rng.permutation([2, 3, 4, 5])[:2])
    return (
        rng.normal(scale=2, size=shape),
        rng.uniform(0.1, 0.9, size=shape),
        rng.uniform(0.1, 0.9, size=shape),
        rng.uniform(-0.9, 0.9, size=shape),
    )


@new_cell_state.right
def cell_state_in_loops(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    rows = [[f * c + i * g for f, c, i, g in zip(*row)] for row in zip(f_t, c_prev, i_t, c_tilde)]
    return np.array(rows)


@new_cell_state.right
def cell_state_in_float32(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    f_t, i_t, c_tilde = (np.asarray(a, dtype="float32") for a in (f_t, i_t, c_tilde))
    return i_t * c_tilde + f_t * c_prev.astype("float32")


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


# --- hidden_state ----------------------------------------------------------------------------------------------------


@graded("lstm-hidden-state")
def hidden_state(o_t: Array, c_t: Array) -> Array:
    return o_t * np.tanh(c_t)


@hidden_state.inputs
def draw_hidden_state(rng: np.random.Generator) -> Inputs:
    shape = tuple(rng.permutation([2, 3, 4, 5])[:2])
    return (rng.uniform(0.1, 0.9, size=shape), rng.normal(scale=2, size=shape))


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
