"""Checks of exercises/lstm/cell.ipynb: A whole LSTM, and Keras's weights in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from .gates import sigmoid

Array = np.ndarray


# --- lstm_step -------------------------------------------------------------------------------------------------------

Params = dict[str, Array]


def pre(x_t: Array, h_prev: Array, params: Params, gate: str) -> Array:
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
def draw_step(rng: np.random.Generator) -> Inputs:
    batch, inputs, units = (int(n) for n in rng.permutation([2, 3, 4, 5])[:3])
    states = rng.normal(size=(2, batch, units))
    return (rng.normal(size=(batch, inputs)), states[0], states[1], draw_params(rng, inputs, units))


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


@lstm_sequence.inputs
def draw_sequence(rng: np.random.Generator) -> Inputs:
    time = int(rng.integers(3, 7))
    batch, inputs, units = (int(n) for n in rng.permutation([n for n in (2, 3, 4, 5, 6) if n != time])[:3])
    states = rng.normal(size=(2, batch, units))
    return (rng.normal(size=(batch, time, inputs)), states[0], states[1], draw_params(rng, inputs, units))


@lstm_sequence.right
def sequence_time_major(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for x_t in np.swapaxes(x, 0, 1):
        h, c = lstm_step(x_t, h, c, params)
        outputs.append(h)
    return np.swapaxes(np.array(outputs), 0, 1), h, c


@lstm_sequence.right
def sequence_by_recursion(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c = lstm_step(x[:, 0], h_0, c_0, params)
    if x.shape[1] == 1:
        return h[:, None], h, c
    rest, h_end, c_end = sequence_by_recursion(x[:, 1:], h, c, params)
    return np.concatenate([h[:, None], rest], axis=1), h_end, c_end


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
    h, c, outputs = h_0, c_0, [np.zeros_like(h_0)]
    for t in range(x.shape[1] - 1):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


# --- unpack_keras_weights --------------------------------------------------------------------------------------------


def _named(gate: str, W: Array, U: Array, b: Array) -> list[tuple[str, Array]]:
    return [(f"W_{gate}", W), (f"U_{gate}", U), (f"b_{gate}", b)]


@graded("lstm-keras-order")
def unpack_keras_weights(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    """Keras 3 keeps the four blocks side by side, in the order i, f, c, o (keras/src/layers/rnn/lstm.py)."""
    parts = zip("ifco", np.split(kernel, 4, 1), np.split(recurrent_kernel, 4, 1), np.split(bias, 4), strict=True)
    return {name: array for gate, W, U, b in parts for name, array in _named(gate, W, U, b)}


@unpack_keras_weights.inputs
def draw_keras_weights(rng: np.random.Generator) -> Inputs:
    inputs, units = (int(n) for n in rng.permutation([2, 3, 4, 5])[:2])
    return (
        rng.normal(size=(inputs, 4 * units)),
        rng.normal(size=(units, 4 * units)),
        rng.normal(size=4 * units),
    )


@unpack_keras_weights.right
def unpack_by_reshape(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        blocks = np.moveaxis(array.reshape(*array.shape[:-1], 4, -1), -2, 0)
        params.update({kind + gate: block for gate, block in zip("ifco", blocks)})
    return params


@unpack_keras_weights.right
def unpack_by_index(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    units = bias.size // 4
    places = {gate: np.arange(n * units, (n + 1) * units) for n, gate in enumerate("ifco")}
    arrays = {"W_": kernel, "U_": recurrent_kernel, "b_": bias}
    return {kind + gate: np.take(array, places[gate], axis=-1) for kind, array in arrays.items() for gate in "ocfi"}


@unpack_keras_weights.wrong(
    "The blocks are read as f, i, c, o.", "Many papers put the forget gate first. Keras does not."
)
def unpack_forget_first(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("fico"):
        W, U, b = (np.split(array, 4, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b})
    return params


@unpack_keras_weights.wrong("The blocks are read as i, f, o, c.", "In Keras the candidate does not come last.")
def unpack_candidate_last(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("ifoc"):
        W, U, b = (np.split(array, 4, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b})
    return params


@unpack_keras_weights.wrong(
    "Every fourth column is taken for one gate.", "The columns of one gate lie side by side, in one block."
)
def unpack_interleaved(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("ifco"):
        params.update({"W_" + gate: kernel[:, n::4], "U_" + gate: recurrent_kernel[:, n::4], "b_" + gate: bias[n::4]})
    return params


@unpack_keras_weights.wrong(
    "The recurrent kernels are transposed.",
    "Keras, too, multiplies from the right: take the block as it is.",
    see="lstm-matrix-product",
)
def unpack_transposed(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("ifco"):
        W, U, b = (np.split(array, 4, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U.T, "b_" + gate: b})
    return params


# --- count_parameters ------------------------------------------------------------------------------------------------


@graded("lstm-parameters", exact_type=int, rtol=0, atol=0)
def count_parameters(inputs: int, units: int) -> int:
    return 4 * ((inputs + units) * units + units)


@count_parameters.inputs
def draw_sizes(rng: np.random.Generator) -> Inputs:
    inputs, units = rng.choice(np.arange(2, 60), size=2, replace=False)
    return int(inputs), int(units)


@count_parameters.right
def count_by_columns(inputs: int, units: int) -> int:
    return (inputs + units + 1) * 4 * units


@count_parameters.right
def count_by_arrays(inputs: int, units: int) -> int:
    return sum(np.zeros(shape).size for shape in ((inputs, 4 * units), (units, 4 * units), (4 * units,)))


@count_parameters.wrong("The biases are not counted.", "Each gate has one bias a unit.")
def count_without_bias(inputs: int, units: int) -> int:
    return 4 * (inputs + units) * units


@count_parameters.wrong("Only one gate is counted.", "How many blocks does an LSTM have?")
def count_one_gate(inputs: int, units: int) -> int:
    return (inputs + units) * units + units


@count_parameters.wrong("Three blocks are counted.", "Three gates, and something else that has weights.")
def count_three_gates(inputs: int, units: int) -> int:
    return 3 * ((inputs + units) * units + units)


@count_parameters.wrong("The recurrent kernels are not counted.", "Each gate has a W and a U.")
def count_without_recurrent(inputs: int, units: int) -> int:
    return 4 * (inputs * units + units)


@count_parameters.wrong("Two biases a gate are counted.", "PyTorch has two; Keras's LSTM has one.")
def count_two_biases(inputs: int, units: int) -> int:
    return 4 * ((inputs + units) * units + 2 * units)


@count_parameters.wrong("One bias is counted for all gates together.", "Each gate has a bias of its own.")
def count_one_bias_for_all(inputs: int, units: int) -> int:
    return 4 * (inputs + units) * units + units
