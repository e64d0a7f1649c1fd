"""Checks of exercises/lstm/cell.ipynb: A whole LSTM, and Keras's weights in it.

Rows are examples: x (batch, time, inputs); h and c (batch, units). `params` has, for each of the blocks f, i, c and o,
W_ (inputs, units), U_ (units, units) and b_ (units,). Equations and the order of the blocks i, f, c, o as in
keras/src/layers/rnn/lstm.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from ..families.parameter_count import parameter_count, several_blocks
from .gates import sigmoid

Array = np.ndarray
Params = dict[str, Array]


# --- lstm_step -------------------------------------------------------------------------------------------------------


def pre(x_t: Array, h_prev: Array, params: Params, gate: str) -> Array:
    """The sum that goes into the sigmoid or the tanh of one block."""
    return x_t @ params["W_" + gate] + h_prev @ params["U_" + gate] + params["b_" + gate]


@graded("lstm-step", outputs=("h_t", "c_t"))
def lstm_step(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    f_t = sigmoid(pre(x_t, h_prev, params, "f"))
    i_t = sigmoid(pre(x_t, h_prev, params, "i"))
    c_tilde = np.tanh(pre(x_t, h_prev, params, "c"))
    o_t = sigmoid(pre(x_t, h_prev, params, "o"))
    c_t = f_t * c_prev + i_t * c_tilde
    return o_t * np.tanh(c_t), c_t


def draw_params(rng: np.random.Generator, inputs: int, units: int) -> Params:
    shapes = {"W": (inputs, units), "U": (units, units), "b": (units,)}
    return {f"{kind}_{gate}": rng.normal(scale=0.7, size=shape) for gate in "fico" for kind, shape in shapes.items()}


@lstm_step.inputs
def draw_step(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    h_prev, c_prev = rng.normal(size=(2, batch, units))
    return (rng.normal(size=(batch, inputs)), h_prev, c_prev, draw_params(rng, inputs, units))


@lstm_step.condition("both states are zero")
def first_step(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    x_t, h_prev, c_prev, params = draw_step(rng, batch, inputs, units)
    return (x_t, 0 * h_prev, 0 * c_prev, params)


@lstm_step.condition("a memory far from zero")
def large_memory(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    x_t, h_prev, c_prev, params = draw_step(rng, batch, inputs, units)
    return (x_t, h_prev, c_prev + np.where(np.arange(units) % 2, 40.0, -40.0), params)


@lstm_step.condition("sums far from zero")
def far_from_zero(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    x_t, h_prev, c_prev, params = draw_step(rng, batch, inputs, units)
    far = np.where(np.arange(units) % 2, 800.0, -800.0)
    return (x_t, h_prev, c_prev, {name: b + far if name.startswith("b_") else b for name, b in params.items()})


@lstm_step.condition("the entries of params in another order")
def another_order(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    *others, params = draw_step(rng, batch, inputs, units)
    return (*others, {name: params[name] for name in sorted(params, reverse=True)})


@lstm_step.right
def step_in_float32(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> list[Array]:
    p = {name: array.astype("float32") for name, array in params.items()}
    f, i, c, o = (np.dot(x_t, p["W_" + g]) + np.dot(h_prev, p["U_" + g]) + p["b_" + g] for g in "fico")
    c_t = (c_prev * sigmoid(f) + sigmoid(i) * (2 * sigmoid(2 * c) - 1)).astype("float32")
    return [sigmoid(o) * np.tanh(c_t), c_t]


@lstm_step.right
def step_fused(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    W, U, b = (np.concatenate([params[kind + gate] for gate in "fico"], axis=-1) for kind in ("W_", "U_", "b_"))
    f, i, g, o = np.split(x_t @ W + h_prev @ U + b, 4, axis=1)
    c_t = sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c_t), c_t


@lstm_step.right
def step_one_example_at_a_time(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    h_t, c_t = [], []
    for x, h, c in zip(x_t, h_prev, c_prev):
        f, i, g, o = (params["W_" + k].T @ x + params["U_" + k].T @ h + params["b_" + k] for k in "fico")
        c_t.append(sigmoid(f) * c + sigmoid(i) * np.tanh(g))
        h_t.append(sigmoid(o) * np.tanh(c_t[-1]))
    return np.array(h_t), np.array(c_t)


@lstm_step.wrong(
    "The input gate and the forget gate have changed places.",
    "Which of the two multiplies c_prev?",
    see="lstm-cell-state",
)
def step_input_forget_swapped(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["i"]) * c_prev + sigmoid(a["f"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "The forget gate and the output gate have changed places.",
    "Which of the two acts on the memory, which on what leaves the cell?",
    see="lstm-output-gate",
)
def step_forget_output_swapped(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["o"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["f"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "You use 1 - f_t where the input gate belongs.",
    "That is the GRU's way. An LSTM has an input gate with weights of its own.",
    see="lstm-input-gate",
)
def step_one_minus_forget(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + (1 - sigmoid(a["f"])) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong("The candidate is gated by f_t.", "The candidate has a gate of its own.", see="lstm-input-gate")
def step_candidate_gated_by_forget(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["f"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "The candidate goes through a sigmoid.",
    "The candidate is content, not a gate: it may be negative.",
    see="lstm-candidate",
)
def step_sigmoid_candidate(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * sigmoid(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "h_t lacks the tanh of the cell state.",
    "The cell state can grow large; what leaves the cell is bounded.",
    see="lstm-hidden-state",
)
def step_no_output_tanh(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * c_t, c_t


@lstm_step.wrong(
    "h_t is computed from the old cell state.", "Update c first; then let it out.", see="lstm-hidden-state"
)
def step_old_cell_state_out(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_prev), c_t


@lstm_step.wrong(
    "c_prev is overwritten before it is used.",
    "The old memory is still needed for f_t * c_prev: use another name for the new part.",
    see="lstm-cell-state",
)
def step_overwritten_too_early(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_prev = sigmoid(a["i"]) * np.tanh(a["c"])
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong("The biases are missing.", "Every gate adds its own b.")
def step_no_bias(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong("Each bias is added twice.", "One gate, one bias, added once.")
def step_bias_twice(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + 2 * params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong("h_prev has no effect.", "Every gate looks at x_t and at h_prev: where does U come in?")
def step_no_recurrent_term(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "The recurrent kernels are transposed.",
    "Rows are examples here, so it is h_prev @ U as it stands.",
    see="lstm-matrix-product",
)
def step_transposed_recurrent(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g].T + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong("The gates look at the cell state instead of the hidden state.", "U multiplies h_prev.")
def step_cell_state_fed_back(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + c_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong("The two states are returned in the wrong order.", "Return h_t first, then c_t.")
def step_states_in_wrong_order(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return c_t, sigmoid(a["o"]) * np.tanh(c_t)


@lstm_step.wrong(
    "The input gate and the output gate have changed places.",
    "Which of the two acts on the new content, which on what leaves the cell?",
    see="lstm-output-gate",
)
def step_input_output_swapped(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["o"]) * np.tanh(a["c"])
    return sigmoid(a["i"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "The gates go through tanh.", "A gate is a share, from nothing (0) to all of it (1).", see="lstm-forget-gate"
)
def step_tanh_gates(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = np.tanh(a["f"]) * c_prev + np.tanh(a["i"]) * np.tanh(a["c"])
    return np.tanh(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "The candidate has no activation.", "Which function keeps new content between -1 and 1?", see="lstm-candidate"
)
def step_candidate_without_tanh(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * a["c"]
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "The whole candidate is written, whatever the input gate says.",
    "How much of the candidate gets in is for i_t to say.",
    see="lstm-input-gate",
)
def step_candidate_not_gated(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "The old memory is kept whole, whatever the forget gate says.",
    "Since 2000 the old memory has a gate too.",
    see="lstm-forget-gate",
)
def step_nothing_forgotten(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "The old memory is dropped.",
    "The new cell state has two parts: what is kept and what is added.",
    see="lstm-cell-state",
)
def step_memory_dropped(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "The output gate has no effect.", "How much leaves the cell is for o_t to say.", see="lstm-output-gate"
)
def step_output_gate_left_out(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return np.tanh(c_t), c_t


@lstm_step.wrong(
    "The cell state is passed through tanh before it is handed on.",
    "The cell state itself is not bounded; tanh comes on its way out, in h_t.",
    see="lstm-cell-state",
)
def step_cell_state_squashed(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = np.tanh(sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"]))
    return sigmoid(a["o"]) * c_t, c_t


@lstm_step.wrong("x_t has no effect.", "Every gate looks at x_t and at h_prev: where does W come in?")
def step_no_input_term(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "h_prev and the recurrent kernels are multiplied elementwise.",
    "Every unit sees every unit of h_prev: use a matrix product.",
    see="lstm-matrix-product",
)
def step_elementwise_recurrent(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev * params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong(
    "h_prev and c_prev have changed places.",
    "Which of the two do the gates look at, which is the memory?",
    see="lstm-hidden-state",
)
def step_states_exchanged(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + c_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * h_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


@lstm_step.wrong("Only h_t is returned.", "The next step needs two things from this one.")
def step_only_the_hidden_state(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> Array:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t)


@lstm_step.wrong(
    "Axes of length 1 are dropped from the results.",
    "A batch of one example is still a batch, and one unit is still an axis.",
)
def step_axes_dropped(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return np.squeeze(sigmoid(a["o"]) * np.tanh(c_t)), np.squeeze(c_t)


@lstm_step.wrong("The entries of params are taken by their place.", "Take them by their names: their order may be any.")
def step_params_by_place(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    blocks = list(params.values())
    f, i, c, o = (x_t @ blocks[n] + h_prev @ blocks[n + 1] + blocks[n + 2] for n in (0, 3, 6, 9))
    c_t = sigmoid(f) * c_prev + sigmoid(i) * np.tanh(c)
    return sigmoid(o) * np.tanh(c_t), c_t


# --- lstm_sequence ---------------------------------------------------------------------------------------------------


@graded("lstm-sequence", outputs=("the outputs", "the last h", "the last c"))
def lstm_sequence(
    x: Array, h_0: Array, c_0: Array, params: Params, *, lstm_step: Callable[..., Any] = lstm_step
) -> tuple[Any, Any, Any]:
    h, c, outputs = h_0, c_0, []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


@lstm_sequence.inputs(time=range(3, 8))  # With two steps, "the last but one" and "the first" are the same.
def draw_sequence(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    h_0, c_0 = rng.normal(size=(2, batch, units))
    return (rng.normal(size=(batch, time, inputs)), h_0, c_0, draw_params(rng, inputs, units))


@lstm_sequence.condition("both states are zero")
def from_nothing(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    x, h_0, c_0, params = draw_sequence(rng, batch, time, inputs, units)
    return (x, 0 * h_0, 0 * c_0, params)


@lstm_sequence.condition("a long sequence")
def long_sequence(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    return draw_sequence(rng, batch, 30, inputs, units)


@lstm_sequence.right
def sequence_time_major(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for x_t in x.transpose(1, 0, 2):
        h, c = lstm_step(x_t, h, c, params)
        outputs.append(h)
    return np.array(outputs).transpose(1, 0, 2), h, c


@lstm_sequence.right
def sequence_by_recursion(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c = lstm_step(x[:, 0], h_0, c_0, params)
    if x.shape[1] == 1:
        return h[:, None], h, c
    rest, h_end, c_end = sequence_by_recursion(x[:, 1:], h, c, params)
    return np.concatenate([h[:, None], rest], axis=1), h_end, c_end


@lstm_sequence.right
def sequence_one_example_at_a_time(x: Array, h_0: Array, c_0: Array, params: Params) -> list[Array]:
    outputs, last_h, last_c = [], [], []
    for inputs, h, c in zip(x, h_0[:, None], c_0[:, None]):
        states = []
        for x_t in inputs:
            h, c = lstm_step(x_t[None], h, c, params)
            states.append(h)
        outputs.append(np.concatenate(states))
        last_h.append(h)
        last_c.append(c)
    return [np.stack(outputs), np.concatenate(last_h), np.concatenate(last_c)]


@lstm_sequence.wrong(
    "Every step starts from h_0 and c_0, so nothing is remembered.", "Hand the states of one step to the next."
)
def sequence_state_not_carried(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    steps = [lstm_step(x[:, t], h_0, c_0, params) for t in range(x.shape[1])]
    return np.stack([h for h, _ in steps], axis=1), *steps[-1]


@lstm_sequence.wrong("h is carried from step to step, c is not.", "Both states go on to the next step.")
def sequence_cell_state_not_carried(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c_0, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


@lstm_sequence.wrong(
    "The sequence starts from zeros, whatever h_0 and c_0 are.", "Start from the states that are given."
)
def sequence_starts_at_zero(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = np.zeros_like(h_0), np.zeros_like(c_0), []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


@lstm_sequence.wrong(
    "The last output stands at every time step.", "Keep each step's h before the next one replaces it."
)
def sequence_last_output_for_all(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c = h_0, c_0
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
    return np.stack([h] * x.shape[1], axis=1), h, c


@lstm_sequence.wrong("Time is the first axis of the outputs.", "The order is batch, time, units.")
def sequence_time_first(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=0), h, c


@lstm_sequence.wrong("Each output is the state before its step.", "Keep h after the step, not before it.")
def sequence_state_before_update(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for t in range(x.shape[1]):
        outputs.append(h)
        h, c = lstm_step(x[:, t], h, c, params)
    return np.stack(outputs, axis=1), h, c


@lstm_sequence.wrong("The sequence is read from its end.", "Time runs from index 0 upwards.")
def sequence_backwards(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for t in reversed(range(x.shape[1])):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


@lstm_sequence.wrong("The outputs are the cell states.", "What a layer hands on is h; c stays inside.")
def sequence_cell_states_returned(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(c)
    return np.stack(outputs, axis=1), h, c


@lstm_sequence.wrong("One time step too few is computed.", "A sequence of T inputs takes T steps.")
def sequence_last_step_missing(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, np.zeros((*x.shape[:2], h_0.shape[1]))
    for t in range(x.shape[1] - 1):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs[:, t] = h
    return outputs, h, c


@lstm_sequence.wrong(
    "The first time step is left out.", "A sequence of T inputs takes T steps. Which index has the first?"
)
def sequence_first_step_missing(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, np.zeros((*x.shape[:2], h_0.shape[1]))
    for t in range(1, x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs[:, t] = h
    return outputs, h, c


@lstm_sequence.wrong("c is carried from step to step, h is not.", "Both states go on to the next step.")
def sequence_hidden_state_not_carried(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    c, outputs = c_0, []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h_0, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


@lstm_sequence.wrong("The two initial states have changed places.", "In which order does a step take them?")
def sequence_initial_states_exchanged(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = c_0, h_0, []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


@lstm_sequence.wrong("The two states change places from step to step.", "In which order does a step return them?")
def sequence_states_exchanged_at_each_step(
    x: Array, h_0: Array, c_0: Array, params: Params
) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for t in range(x.shape[1]):
        c, h = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


@lstm_sequence.wrong("The last h and the last c have changed places.", "Look at the order that is asked for.")
def sequence_last_states_exchanged(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), c, h


@lstm_sequence.wrong(
    "The outputs have the right shape, but the numbers of different examples and steps are mixed.",
    "To exchange two axes is not to reshape. Which axis is which before, and which after?",
)
def sequence_reshaped(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.array(outputs).reshape(len(x), x.shape[1], -1), h, c


@lstm_sequence.wrong(
    "The outputs begin with h_0, so there is one too many.", "The first output is the state after the first input."
)
def sequence_initial_state_kept(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, [h_0]
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


@lstm_sequence.wrong("Only the last states are returned.", "The first result has the outputs of all steps.")
def sequence_outputs_missing(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c = h_0, c_0
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
    return h, h, c


@lstm_sequence.wrong("The loop runs over the examples in place of the time steps.", "Which axis of x is time?")
def sequence_over_examples(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for n in range(len(x)):
        h, c = lstm_step(x[n], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


# --- unpack_keras_weights --------------------------------------------------------------------------------------------


def _named(gate: str, W: Array, U: Array, b: Array) -> list[tuple[str, Array]]:
    return [(f"W_{gate}", W), (f"U_{gate}", U), (f"b_{gate}", b)]


@graded("lstm-keras-order")
def unpack_keras_weights(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    """Keras 3 keeps the four blocks side by side, in the order i, f, c, o (keras/src/layers/rnn/lstm.py)."""
    parts = zip("ifco", np.split(kernel, 4, 1), np.split(recurrent_kernel, 4, 1), np.split(bias, 4))
    return {name: array for gate, W, U, b in parts for name, array in _named(gate, W, U, b)}


@unpack_keras_weights.inputs
def draw_keras_weights(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    sizes = ((inputs, 4 * units), (units, 4 * units), (4 * units,))
    return tuple(rng.normal(size=size) for size in sizes)


@unpack_keras_weights.right
def unpack_by_reshape(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        blocks = array.reshape(*array.shape[:-1], 4, len(recurrent_kernel))
        params.update({kind + gate: blocks[..., n, :] for n, gate in enumerate("ifco")})
    return params


@unpack_keras_weights.right
def unpack_by_index(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    units = bias.size // 4
    places = {gate: np.arange(n * units, (n + 1) * units) for n, gate in enumerate("ifco")}
    arrays = {"W_": kernel, "U_": recurrent_kernel, "b_": bias}
    return {kind + gate: np.take(array, places[gate], axis=-1) for kind, array in arrays.items() for gate in "ocfi"}


@unpack_keras_weights.right
def unpack_by_copies(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    i, f, c, o = (slice(n * len(recurrent_kernel), (n + 1) * len(recurrent_kernel)) for n in range(4))
    params = {}
    for gate, place in {"f": f, "i": i, "c": c, "o": o}.items():
        params["W_" + gate] = np.ascontiguousarray(kernel[:, place])
        params["U_" + gate] = recurrent_kernel.T[place].T.copy()
        params["b_" + gate] = np.array([bias[n] for n in range(len(bias))[place]])
    return params


@unpack_keras_weights.wrong(
    "The blocks are read as f, i, c, o.", "Many papers put the forget gate first. Keras does not."
)
def unpack_forget_first(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        params.update({kind + gate: block for gate, block in zip("fico", np.split(array, 4, axis=-1))})
    return params


@unpack_keras_weights.wrong("The blocks are read as i, f, o, c.", "In Keras the candidate does not come last.")
def unpack_candidate_last(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        params.update({kind + gate: block for gate, block in zip("ifoc", np.split(array, 4, axis=-1))})
    return params


@unpack_keras_weights.wrong(
    "The blocks are read as f, i, o, c.",
    "Many papers put the forget gate first and the candidate last. Keras does neither.",
)
def unpack_gates_first(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        params.update({kind + gate: block for gate, block in zip("fioc", np.split(array, 4, axis=-1))})
    return params


@unpack_keras_weights.wrong(
    "The blocks are read as i, c, f, o, the order of TensorFlow 1.", "Which block follows the input gate's in Keras?"
)
def unpack_tensorflow_1(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        params.update({kind + gate: block for gate, block in zip("icfo", np.split(array, 4, axis=-1))})
    return params


@unpack_keras_weights.wrong(
    "The blocks are read as i, o, f, c, the order of ONNX.", "Which block follows the input gate's in Keras?"
)
def unpack_onnx(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        params.update({kind + gate: block for gate, block in zip("iofc", np.split(array, 4, axis=-1))})
    return params


@unpack_keras_weights.wrong(
    "The blocks are read in alphabetical order: c, f, i, o.", "Keras's order is not alphabetical."
)
def unpack_alphabetically(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        params.update({kind + gate: block for gate, block in zip("cfio", np.split(array, 4, axis=-1))})
    return params


@unpack_keras_weights.wrong(
    "The blocks are read from the last to the first.", "The first columns belong to the first block."
)
def unpack_reversed(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        params.update({kind + gate: block for gate, block in zip("ocfi", np.split(array, 4, axis=-1))})
    return params


@unpack_keras_weights.wrong(
    "Every fourth column is taken for one gate.", "The columns of one gate lie side by side, in one block."
)
def unpack_interleaved(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    arrays = {"W_": kernel, "U_": recurrent_kernel, "b_": bias}
    return {kind + gate: array[..., n::4] for kind, array in arrays.items() for n, gate in enumerate("ifco")}


@unpack_keras_weights.wrong(
    "The recurrent kernels are transposed.",
    "Keras, too, multiplies from the right: take the block as it is.",
    see="lstm-matrix-product",
)
def unpack_transposed(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    arrays = {"W_": kernel, "U_": recurrent_kernel, "b_": bias}
    blocks = {kind: dict(zip("ifco", np.split(array, 4, axis=-1))) for kind, array in arrays.items()}
    return {kind + g: block.T if kind == "U_" else block for kind, row in blocks.items() for g, block in row.items()}


@unpack_keras_weights.wrong(
    "The kernels are reshaped, not cut: numbers of different blocks are mixed.",
    "Each row of the kernel holds all four blocks. What does reshape do with a row?",
)
def unpack_reshaped(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        blocks = array.reshape(4, *array.shape[:-1], -1)
        params.update({kind + gate: block for gate, block in zip("ifco", blocks)})
    return params


@unpack_keras_weights.wrong(
    "`kernel` and `recurrent_kernel` have changed places.", "Which of the two multiplies the input?"
)
def unpack_kernels_exchanged(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("ifco"):
        W, U, b = (np.split(array, 4, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: U, "U_" + gate: W, "b_" + gate: b})
    return params


@unpack_keras_weights.wrong("Every block begins at the first column.", "Where does the second block begin?")
def unpack_first_block_for_all(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    units = len(bias) // 4
    arrays = {"W_": kernel, "U_": recurrent_kernel, "b_": bias}
    return {kind + gate: array[..., :units] for kind, array in arrays.items() for gate in "ifco"}


@unpack_keras_weights.wrong("Each block has a column too many.", "The end of a slice is not part of it.")
def unpack_one_column_too_many(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    units, params = len(bias) // 4, {}
    for n, gate in enumerate("ifco"):
        W, U, b = (array[..., n * units : (n + 1) * units + 1] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b})
    return params


@unpack_keras_weights.wrong(
    "The biases have two axes.", "A bias has the shape (units,), as the bias that you are given has one axis."
)
def unpack_biases_as_rows(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("ifco"):
        W, U, b = (np.split(array, 4, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[None]})
    return params


@unpack_keras_weights.wrong(
    "The number of units is read from the first axis of `kernel`.", "What do the rows of `kernel` stand for?"
)
def unpack_units_from_inputs(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    units, params = kernel.shape[0], {}
    for n, gate in enumerate("ifco"):
        W, U, b = (array[..., n * units : (n + 1) * units] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b})
    return params


# --- count_parameters ------------------------------------------------------------------------------------------------


@graded("lstm-parameters", exact_type=int, rtol=0, atol=0)
def count_parameters(inputs: int, units: int) -> int:
    return 4 * ((inputs + units) * units + units)


@count_parameters.inputs(inputs=range(2, 60), units=range(2, 60))
def draw_sizes(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (inputs, units)


count_parameters.always("more units than inputs", 7, 40)
count_parameters.always("more inputs than units", 1000, 64)


@count_parameters.right
def count_by_arrays(inputs: int, units: int) -> int:
    return sum(np.empty(shape).size for shape in ((inputs, 4 * units), (units, 4 * units), (4 * units,)))


@count_parameters.right
def count_by_columns(inputs: int, units: int) -> int:
    return (inputs + units + 1) * 4 * units


@count_parameters.right
def count_block_by_block(inputs: int, units: int) -> int:
    total = 0
    for _ in "fico":
        total += inputs * units
        total += units**2 + units
    return total


count_parameters.like(parameter_count, blocks=4, block="block", layer="an LSTM")
count_parameters.like(several_blocks, blocks=4, block="block", layer="an LSTM")


@count_parameters.wrong("Two biases a block are counted.", "PyTorch has two; Keras's LSTM has one.")
def count_two_biases(inputs: int, units: int) -> int:
    return 4 * (inputs + units + 2) * units


@count_parameters.wrong("This is the count for the peephole LSTM.", "Keras's gates look at x_t and at h_prev only.")
def count_with_peepholes(inputs: int, units: int) -> int:
    return 4 * (inputs + units + 1) * units + 3 * units
