"""Checks of the chapter on the LSTM. The equations are those of Gers et al. (2000), in Keras's layout.

Arrays are batch-major: x_t (batch, inputs), h_prev and c_prev (batch, units), W (inputs, units), U (units, units),
b (units,). A `wrong` function uses only `np` and names that the exercise notebook defines or is given, so that the
sample class can put its source into a notebook as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .check import AnyCheck, Check, Inputs, Misconception

Array = np.ndarray


# --- sigmoid ---------------------------------------------------------------------------------------------------------


def sigmoid(a: Array) -> Array:
    """1 / (1 + exp(-a)), elementwise. The exponent is never positive, so it never overflows."""
    small = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, small) / (1 + small)


def sigmoid_by_tanh(a: Array) -> Array:
    return 0.5 * (1 + np.tanh(a / 2))


def sigmoid_that_warns(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def sigmoid_in_loops(a: Array) -> Array:
    out = np.empty(np.shape(a))
    for place in np.ndindex(out.shape):
        out[place] = 1 / (1 + np.exp(-np.clip(a[place], -700, 700)))
    return out


def exponential_over_one_plus(a: Array) -> Array:
    return np.exp(a) / (1 + np.exp(a))


def tanh_for_sigmoid(a: Array) -> Array:
    return np.tanh(a)


def sign_of_exponent(a: Array) -> Array:
    return 1 / (1 + np.exp(a))


def softmax_for_sigmoid(a: Array) -> Array:
    return np.exp(a - np.max(a)) / np.sum(np.exp(a - np.max(a)))


def clipped_too_early(a: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(a, -1, 1)))


def relu_for_sigmoid(a: Array) -> Array:
    return np.maximum(a, 0)


def draw_sigmoid(rng: np.random.Generator) -> Inputs:
    return (rng.normal(scale=3, size=tuple(rng.integers(2, 6, size=2))),)


# --- one gate --------------------------------------------------------------------------------------------------------


def gate_by_einsum(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return sigmoid(np.einsum("bi,iu->bu", x_t, W) + np.einsum("bj,ju->bu", h_prev, U) + b)


def gate_by_concatenation(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return sigmoid(np.concatenate([h_prev, x_t], axis=1) @ np.concatenate([U, W], axis=0) + b)


def gate_in_float32(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    x_t, h_prev, W, U, b = (np.asarray(a, dtype="float32") for a in (x_t, h_prev, W, U, b))
    return sigmoid(b + h_prev @ U + x_t @ W)


def no_bias(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return sigmoid(x_t @ W + h_prev @ U)


def bias_twice(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return sigmoid((x_t @ W + b) + (h_prev @ U + b))


def no_recurrent_term(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return sigmoid(x_t @ W + b)


def no_input_term(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return sigmoid(h_prev @ U + b)


def no_activation(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return x_t @ W + h_prev @ U + b


def tanh_gate(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U + b)


def one_minus(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return 1 - sigmoid(x_t @ W + h_prev @ U + b)


def transposed_recurrent(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return sigmoid(x_t @ W + h_prev @ U.T + b)


def elementwise_recurrent(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return sigmoid(x_t @ W + h_prev * np.diag(U) + b)


def activation_before_sum(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return sigmoid(x_t @ W) + sigmoid(h_prev @ U) + sigmoid(b)


def bias_outside(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return sigmoid(x_t @ W + h_prev @ U) + b


def draw_gate(rng: np.random.Generator) -> Inputs:
    batch, inputs, units = rng.permutation([2, 3, 4, 5])[:3]
    return (
        rng.normal(size=(batch, inputs)),
        rng.normal(size=(batch, units)),
        rng.normal(scale=0.7, size=(inputs, units)),
        rng.normal(scale=0.7, size=(units, units)),
        rng.normal(size=units) + 0.5,
    )


def sum_misconceptions(activated: str, section: str, *wrong: Callable[..., Any]) -> tuple[Misconception, ...]:
    """What goes wrong in activation(x W + h U + b); `wrong` in the order of the texts below."""
    texts = (
        ("The bias is missing.", "Add b once, after both products."),
        ("The bias is added twice.", "One gate has one bias: add it once to the sum of both products."),
        ("The previous hidden state has no effect.", "A gate looks at x_t and at h_prev: where does U come in?"),
        ("The input x_t has no effect.", "A gate looks at x_t and at h_prev: where does W come in?"),
        (f"The {activated} is missing, so the result is not bounded.", f"Pass the whole sum through the {activated}."),
        ("The recurrent kernel is transposed.", "Rows are examples here, so it is h_prev @ U as it stands."),
        (
            "Only the diagonal of the recurrent kernel is used, as in an elementwise product.",
            "Every unit sees every unit of h_prev: use a matrix product.",
        ),
        (
            f"The {activated} is applied to each term before they are added.",
            f"Add up the two products and the bias first; then apply the {activated} once.",
        ),
        (f"The bias is added after the {activated}.", f"The bias belongs inside the {activated}."),
    )
    product = "lstm-matrix-product"
    sections = (section, section, section, section, section, product, product, section, section)
    return tuple(
        Misconception(function, says, hint, where)
        for function, (says, hint), where in zip(wrong, texts, sections, strict=True)
    )


def gate_misconceptions(
    section: str,
    one_minus_hint: str = "Here 1 means open: for the forget gate, keep everything. Check which end is which.",
) -> tuple[Misconception, ...]:
    """What goes wrong in any gate, of an LSTM or a GRU. Which end of the gate is which differs: `one_minus_hint`."""
    return (
        *sum_misconceptions(
            "sigmoid",
            section,
            no_bias,
            bias_twice,
            no_recurrent_term,
            no_input_term,
            no_activation,
            transposed_recurrent,
            elementwise_recurrent,
            activation_before_sum,
            bias_outside,
        ),
        Misconception(
            tanh_gate,
            "You apply tanh where a gate needs a sigmoid.",
            "A gate is a share, from nothing (0) to all of it (1). Which function stays between them?",
            section,
        ),
        Misconception(one_minus, "You return one minus the gate.", one_minus_hint, section),
    )


def forget_gate(
    x_t: Array, h_prev: Array, W_f: Array, U_f: Array, b_f: Array, *, sigmoid: Callable[..., Any] = sigmoid
) -> Any:
    return sigmoid(x_t @ W_f + h_prev @ U_f + b_f)


def input_gate(
    x_t: Array, h_prev: Array, W_i: Array, U_i: Array, b_i: Array, *, sigmoid: Callable[..., Any] = sigmoid
) -> Any:
    return sigmoid(x_t @ W_i + h_prev @ U_i + b_i)


def output_gate(
    x_t: Array, h_prev: Array, W_o: Array, U_o: Array, b_o: Array, *, sigmoid: Callable[..., Any] = sigmoid
) -> Any:
    return sigmoid(x_t @ W_o + h_prev @ U_o + b_o)


# --- the candidate ---------------------------------------------------------------------------------------------------


def candidate(x_t: Array, h_prev: Array, W_c: Array, U_c: Array, b_c: Array) -> Array:
    return np.tanh(x_t @ W_c + h_prev @ U_c + b_c)


def candidate_by_einsum(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(np.einsum("bi,iu->bu", x_t, W) + np.einsum("bj,ju->bu", h_prev, U) + b)


def candidate_by_sigmoid(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return 2 * sigmoid(2 * (x_t @ W + h_prev @ U + b)) - 1


def candidate_no_bias(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U)


def candidate_bias_twice(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh((x_t @ W + b) + (h_prev @ U + b))


def candidate_no_recurrent_term(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + b)


def candidate_no_input_term(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(h_prev @ U + b)


def candidate_no_activation(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return x_t @ W + h_prev @ U + b


def candidate_transposed(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U.T + b)


def candidate_elementwise(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev * np.diag(U) + b)


def candidate_activation_before_sum(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W) + np.tanh(h_prev @ U) + np.tanh(b)


def candidate_bias_outside(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U) + b


def sigmoid_for_tanh(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return sigmoid(x_t @ W + h_prev @ U + b)


def relu_for_tanh(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.maximum(x_t @ W + h_prev @ U + b, 0)


# --- the states ------------------------------------------------------------------------------------------------------


def new_cell_state(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t * c_prev + i_t * c_tilde


def cell_state_in_loops(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    rows = [[f * c + i * g for f, c, i, g in zip(*row)] for row in zip(f_t, c_prev, i_t, c_tilde)]
    return np.array(rows)


def cell_state_in_float32(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    f_t, i_t, c_tilde = (np.asarray(a, dtype="float32") for a in (f_t, i_t, c_tilde))
    return i_t * c_tilde + f_t * c_prev.astype("float32")


def input_and_forget_swapped(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return i_t * c_prev + f_t * c_tilde


def one_minus_forget_for_input(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t * c_prev + (1 - f_t) * c_tilde


def one_minus_forget_for_memory(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return (1 - f_t) * c_prev + i_t * c_tilde


def candidate_gated_by_forget(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t * c_prev + f_t * c_tilde


def candidate_not_gated(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return f_t * c_prev + c_tilde


def nothing_forgotten(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return c_prev + i_t * c_tilde


def memory_dropped(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return i_t * c_tilde


def cell_state_squashed(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return np.tanh(f_t * c_prev + i_t * c_tilde)


def product_for_sum(c_prev: Array, f_t: Array, i_t: Array, c_tilde: Array) -> Array:
    return (f_t * c_prev) * (i_t * c_tilde)


def draw_cell_state(rng: np.random.Generator) -> Inputs:
    shape = tuple(rng.permutation([2, 3, 4, 5])[:2])
    return (
        rng.normal(scale=2, size=shape),
        rng.uniform(0.1, 0.9, size=shape),
        rng.uniform(0.1, 0.9, size=shape),
        rng.uniform(-0.9, 0.9, size=shape),
    )


def hidden_state(o_t: Array, c_t: Array) -> Array:
    return o_t * np.tanh(c_t)


def hidden_state_by_multiply(o_t: Array, c_t: Array) -> Array:
    return np.multiply(np.tanh(c_t), o_t)


def hidden_state_by_sigmoid(o_t: Array, c_t: Array) -> Array:
    return o_t * (2 * sigmoid(2 * c_t) - 1)


def no_tanh(o_t: Array, c_t: Array) -> Array:
    return o_t * c_t


def tanh_of_product(o_t: Array, c_t: Array) -> Array:
    return np.tanh(o_t * c_t)


def sigmoid_of_cell_state(o_t: Array, c_t: Array) -> Array:
    return o_t * sigmoid(c_t)


def output_gate_closed_by_one(o_t: Array, c_t: Array) -> Array:
    return (1 - o_t) * np.tanh(c_t)


def output_gate_left_out(o_t: Array, c_t: Array) -> Array:
    return np.tanh(c_t)


def tanh_of_output_gate(o_t: Array, c_t: Array) -> Array:
    return np.tanh(o_t) * c_t


def draw_hidden_state(rng: np.random.Generator) -> Inputs:
    shape = tuple(rng.permutation([2, 3, 4, 5])[:2])
    return (rng.uniform(0.1, 0.9, size=shape), rng.normal(scale=2, size=shape))


# --- one step --------------------------------------------------------------------------------------------------------

Params = dict[str, Array]


def pre(x_t: Array, h_prev: Array, params: Params, gate: str) -> Array:
    return x_t @ params["W_" + gate] + h_prev @ params["U_" + gate] + params["b_" + gate]


def lstm_step(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    f_t = sigmoid(pre(x_t, h_prev, params, "f"))
    i_t = sigmoid(pre(x_t, h_prev, params, "i"))
    c_tilde = np.tanh(pre(x_t, h_prev, params, "c"))
    o_t = sigmoid(pre(x_t, h_prev, params, "o"))
    c_t = f_t * c_prev + i_t * c_tilde
    return o_t * np.tanh(c_t), c_t


def step_fused(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    W, U, b = (np.concatenate([params[kind + gate] for gate in "fico"], axis=-1) for kind in ("W_", "U_", "b_"))
    f, i, g, o = np.split(x_t @ W + h_prev @ U + b, 4, axis=1)
    c_t = sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c_t), c_t


def step_one_example_at_a_time(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    h_t, c_t = [], []
    for x, h, c in zip(x_t, h_prev, c_prev):
        f, i, g, o = (params["W_" + k].T @ x + params["U_" + k].T @ h + params["b_" + k] for k in "fico")
        c_t.append(sigmoid(f) * c + sigmoid(i) * np.tanh(g))
        h_t.append(sigmoid(o) * np.tanh(c_t[-1]))
    return np.array(h_t), np.array(c_t)


def step_input_forget_swapped(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["i"]) * c_prev + sigmoid(a["f"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


def step_forget_output_swapped(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["o"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["f"]) * np.tanh(c_t), c_t


def step_one_minus_forget(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + (1 - sigmoid(a["f"])) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


def step_candidate_gated_by_forget(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["f"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


def step_sigmoid_candidate(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * sigmoid(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


def step_no_output_tanh(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * c_t, c_t


def step_old_cell_state_out(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_prev), c_t


def step_overwritten_too_early(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_prev = sigmoid(a["i"]) * np.tanh(a["c"])
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


def step_no_bias(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


def step_bias_twice(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + 2 * params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


def step_no_recurrent_term(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


def step_transposed_recurrent(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g].T + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


def step_cell_state_fed_back(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + c_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return sigmoid(a["o"]) * np.tanh(c_t), c_t


def step_states_in_wrong_order(x_t: Array, h_prev: Array, c_prev: Array, params: Params) -> tuple[Array, Array]:
    a = {g: x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g] for g in "fico"}
    c_t = sigmoid(a["f"]) * c_prev + sigmoid(a["i"]) * np.tanh(a["c"])
    return c_t, sigmoid(a["o"]) * np.tanh(c_t)


def draw_params(rng: np.random.Generator, inputs: int, units: int) -> Params:
    shapes = {"W": (inputs, units), "U": (units, units), "b": (units,)}
    return {f"{kind}_{gate}": rng.normal(scale=0.7, size=shape) for gate in "fico" for kind, shape in shapes.items()}


def draw_step(rng: np.random.Generator) -> Inputs:
    batch, inputs, units = (int(n) for n in rng.permutation([2, 3, 4, 5])[:3])
    states = rng.normal(size=(2, batch, units))
    return (rng.normal(size=(batch, inputs)), states[0], states[1], draw_params(rng, inputs, units))


# --- a whole sequence ------------------------------------------------------------------------------------------------


def lstm_sequence(
    x: Array, h_0: Array, c_0: Array, params: Params, *, lstm_step: Callable[..., Any] = lstm_step
) -> tuple[Any, Any, Any]:
    h, c, outputs = h_0, c_0, []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


def sequence_time_major(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for x_t in np.swapaxes(x, 0, 1):
        h, c = lstm_step(x_t, h, c, params)
        outputs.append(h)
    return np.swapaxes(np.array(outputs), 0, 1), h, c


def sequence_by_recursion(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c = lstm_step(x[:, 0], h_0, c_0, params)
    if x.shape[1] == 1:
        return h[:, None], h, c
    rest, h_end, c_end = sequence_by_recursion(x[:, 1:], h, c, params)
    return np.concatenate([h[:, None], rest], axis=1), h_end, c_end


def sequence_state_not_carried(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    steps = [lstm_step(x[:, t], h_0, c_0, params) for t in range(x.shape[1])]
    return np.stack([h for h, _ in steps], axis=1), *steps[-1]


def sequence_cell_state_not_carried(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c_0, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


def sequence_starts_at_zero(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = np.zeros_like(h_0), np.zeros_like(c_0), []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


def sequence_last_output_for_all(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c = h_0, c_0
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
    return np.stack([h] * x.shape[1], axis=1), h, c


def sequence_time_first(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=0), h, c


def sequence_state_before_update(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for t in range(x.shape[1]):
        outputs.append(h)
        h, c = lstm_step(x[:, t], h, c, params)
    return np.stack(outputs, axis=1), h, c


def sequence_backwards(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for t in reversed(range(x.shape[1])):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


def sequence_cell_states_returned(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(c)
    return np.stack(outputs, axis=1), h, c


def sequence_last_step_missing(x: Array, h_0: Array, c_0: Array, params: Params) -> tuple[Array, Array, Array]:
    h, c, outputs = h_0, c_0, [np.zeros_like(h_0)]
    for t in range(x.shape[1] - 1):
        h, c = lstm_step(x[:, t], h, c, params)
        outputs.append(h)
    return np.stack(outputs, axis=1), h, c


def draw_sequence(rng: np.random.Generator) -> Inputs:
    time = int(rng.integers(3, 7))
    batch, inputs, units = (int(n) for n in rng.permutation([n for n in (2, 3, 4, 5, 6) if n != time])[:3])
    states = rng.normal(size=(2, batch, units))
    return (rng.normal(size=(batch, time, inputs)), states[0], states[1], draw_params(rng, inputs, units))


# --- Keras's weights -------------------------------------------------------------------------------------------------


def unpack_keras_weights(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    """Keras 3 keeps the four blocks side by side, in the order i, f, c, o (keras/src/layers/rnn/lstm.py)."""
    parts = zip("ifco", np.split(kernel, 4, 1), np.split(recurrent_kernel, 4, 1), np.split(bias, 4), strict=True)
    return {name: array for gate, W, U, b in parts for name, array in _named(gate, W, U, b)}


def _named(gate: str, W: Array, U: Array, b: Array) -> list[tuple[str, Array]]:
    return [(f"W_{gate}", W), (f"U_{gate}", U), (f"b_{gate}", b)]


def unpack_by_reshape(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        blocks = np.moveaxis(array.reshape(*array.shape[:-1], 4, -1), -2, 0)
        params.update({kind + gate: block for gate, block in zip("ifco", blocks)})
    return params


def unpack_by_index(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    units = bias.size // 4
    places = {gate: np.arange(n * units, (n + 1) * units) for n, gate in enumerate("ifco")}
    arrays = {"W_": kernel, "U_": recurrent_kernel, "b_": bias}
    return {kind + gate: np.take(array, places[gate], axis=-1) for kind, array in arrays.items() for gate in "ocfi"}


def unpack_forget_first(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("fico"):
        W, U, b = (np.split(array, 4, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b})
    return params


def unpack_candidate_last(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("ifoc"):
        W, U, b = (np.split(array, 4, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b})
    return params


def unpack_interleaved(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("ifco"):
        params.update({"W_" + gate: kernel[:, n::4], "U_" + gate: recurrent_kernel[:, n::4], "b_" + gate: bias[n::4]})
    return params


def unpack_transposed(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("ifco"):
        W, U, b = (np.split(array, 4, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U.T, "b_" + gate: b})
    return params


def draw_keras_weights(rng: np.random.Generator) -> Inputs:
    inputs, units = (int(n) for n in rng.permutation([2, 3, 4, 5])[:2])
    return (
        rng.normal(size=(inputs, 4 * units)),
        rng.normal(size=(units, 4 * units)),
        rng.normal(size=4 * units),
    )


# --- how many parameters ---------------------------------------------------------------------------------------------


def count_parameters(inputs: int, units: int) -> int:
    return 4 * ((inputs + units) * units + units)


def count_by_columns(inputs: int, units: int) -> int:
    return (inputs + units + 1) * 4 * units


def count_by_arrays(inputs: int, units: int) -> int:
    return sum(np.zeros(shape).size for shape in ((inputs, 4 * units), (units, 4 * units), (4 * units,)))


def count_without_bias(inputs: int, units: int) -> int:
    return 4 * (inputs + units) * units


def count_one_gate(inputs: int, units: int) -> int:
    return (inputs + units) * units + units


def count_three_gates(inputs: int, units: int) -> int:
    return 3 * ((inputs + units) * units + units)


def count_without_recurrent(inputs: int, units: int) -> int:
    return 4 * (inputs * units + units)


def count_two_biases(inputs: int, units: int) -> int:
    return 4 * ((inputs + units) * units + 2 * units)


def count_one_bias_for_all(inputs: int, units: int) -> int:
    return 4 * (inputs + units) * units + units


def draw_sizes(rng: np.random.Generator) -> Inputs:
    inputs, units = rng.choice(np.arange(2, 60), size=2, replace=False)
    return int(inputs), int(units)


# --- the declarations ------------------------------------------------------------------------------------------------

_overflow = "Near a = 1000 it gives NaN, because exp(1000) is infinite and infinite over infinite is undefined."

CHECKS: dict[str, AnyCheck] = {
    check.name: check
    for check in (
        Check(
            reference=sigmoid,
            also_right=(sigmoid_by_tanh, sigmoid_that_warns, sigmoid_in_loops),
            draw=draw_sigmoid,
            section="lstm-sigmoid",
            edges=((np.array([[-1000.0, -30.0, -1.0, 0.0], [1.0, 30.0, 700.0, 1000.0]]),),),
            misconceptions=(
                Misconception(
                    exponential_over_one_plus,
                    _overflow,
                    "For positive a, use the form whose exponent is negative.",
                    "lstm-sigmoid",
                ),
                Misconception(
                    tanh_for_sigmoid,
                    "This is tanh.",
                    "A sigmoid lies between 0 and 1, and is 0.5 at 0.",
                    "lstm-sigmoid",
                ),
                Misconception(
                    sign_of_exponent,
                    "The sign of the exponent is the wrong way round.",
                    "For a large positive a the sigmoid is near 1.",
                    "lstm-sigmoid",
                ),
                Misconception(
                    softmax_for_sigmoid,
                    "This is a softmax: its entries depend on each other and add up to 1.",
                    "A sigmoid treats each number on its own.",
                    "lstm-sigmoid",
                ),
                Misconception(
                    clipped_too_early,
                    "The input is clipped to [-1, 1].",
                    "Clipping changes the function itself. Change the form of the fraction instead.",
                    "lstm-sigmoid",
                ),
                Misconception(
                    relu_for_sigmoid, "This is a ReLU.", "A sigmoid never exceeds 1: a gate needs that.", "lstm-sigmoid"
                ),
            ),
        ),
        Check(
            reference=forget_gate,
            also_right=(gate_by_einsum, gate_by_concatenation, gate_in_float32),
            draw=draw_gate,
            section="lstm-forget-gate",
            misconceptions=gate_misconceptions("lstm-forget-gate"),
        ),
        Check(
            reference=input_gate,
            also_right=(gate_by_einsum, gate_by_concatenation, gate_in_float32),
            draw=draw_gate,
            section="lstm-input-gate",
            misconceptions=gate_misconceptions("lstm-input-gate"),
        ),
        Check(
            reference=output_gate,
            also_right=(gate_by_einsum, gate_by_concatenation, gate_in_float32),
            draw=draw_gate,
            section="lstm-output-gate",
            misconceptions=gate_misconceptions("lstm-output-gate"),
        ),
        Check(
            reference=candidate,
            also_right=(candidate_by_einsum, candidate_by_sigmoid),
            draw=draw_gate,
            section="lstm-candidate",
            misconceptions=(
                *sum_misconceptions(
                    "tanh",
                    "lstm-candidate",
                    candidate_no_bias,
                    candidate_bias_twice,
                    candidate_no_recurrent_term,
                    candidate_no_input_term,
                    candidate_no_activation,
                    candidate_transposed,
                    candidate_elementwise,
                    candidate_activation_before_sum,
                    candidate_bias_outside,
                ),
                Misconception(
                    sigmoid_for_tanh,
                    "You apply a sigmoid where the candidate needs a tanh.",
                    "The candidate is content, not a gate: it must be able to lower the cell state too.",
                    "lstm-candidate",
                ),
                Misconception(
                    relu_for_tanh,
                    "You apply a ReLU where the candidate needs a tanh.",
                    "The candidate must be able to lower the cell state, and it is bounded.",
                    "lstm-candidate",
                ),
            ),
        ),
        Check(
            reference=new_cell_state,
            also_right=(cell_state_in_loops, cell_state_in_float32),
            draw=draw_cell_state,
            section="lstm-cell-state",
            misconceptions=(
                Misconception(
                    input_and_forget_swapped,
                    "The input gate and the forget gate have changed places.",
                    "Which of the two decides about the old memory, which about the new content?",
                    "lstm-cell-state",
                ),
                Misconception(
                    one_minus_forget_for_input,
                    "You use 1 - f_t where the input gate belongs.",
                    "That is the GRU's way. In an LSTM keeping and writing are decided apart.",
                    "lstm-cell-state",
                ),
                Misconception(
                    one_minus_forget_for_memory,
                    "The old memory is multiplied by 1 - f_t.",
                    "In spite of its name, f_t = 1 keeps the memory.",
                    "lstm-forget-gate",
                ),
                Misconception(
                    candidate_gated_by_forget,
                    "The candidate is gated by f_t.",
                    "The candidate has a gate of its own.",
                    "lstm-input-gate",
                ),
                Misconception(
                    candidate_not_gated,
                    "The whole candidate is written, whatever the input gate says.",
                    "How much of the candidate gets in is for i_t to say.",
                    "lstm-input-gate",
                ),
                Misconception(
                    nothing_forgotten,
                    "The old memory is kept whole, whatever the forget gate says.",
                    "This is the cell of 1997. Since 2000 the old memory has a gate too.",
                    "lstm-forget-gate",
                ),
                Misconception(
                    memory_dropped,
                    "The old memory is dropped.",
                    "The new cell state has two parts: what is kept and what is added.",
                    "lstm-cell-state",
                ),
                Misconception(
                    cell_state_squashed,
                    "The cell state is passed through tanh.",
                    "The cell state itself is not bounded; tanh comes on its way out, in h_t.",
                    "lstm-cell-state",
                ),
                Misconception(
                    product_for_sum,
                    "The two parts are multiplied.",
                    "What is kept and what is new are added: that is the additive path.",
                    "lstm-additive-path",
                ),
            ),
        ),
        Check(
            reference=hidden_state,
            also_right=(hidden_state_by_multiply, hidden_state_by_sigmoid),
            draw=draw_hidden_state,
            section="lstm-hidden-state",
            misconceptions=(
                Misconception(
                    no_tanh,
                    "The tanh of the cell state is missing.",
                    "The cell state can grow large; what leaves the cell is bounded.",
                    "lstm-hidden-state",
                ),
                Misconception(
                    tanh_of_product,
                    "tanh is applied after the gate.",
                    "Bound the cell state first, then let the gate decide how much leaves.",
                    "lstm-hidden-state",
                ),
                Misconception(
                    sigmoid_of_cell_state,
                    "The cell state goes through a sigmoid.",
                    "The hidden state can be negative as well.",
                    "lstm-hidden-state",
                ),
                Misconception(
                    output_gate_closed_by_one,
                    "The output gate is used as 1 - o_t.",
                    "o_t = 1 lets everything out.",
                    "lstm-output-gate",
                ),
                Misconception(
                    output_gate_left_out,
                    "The output gate has no effect.",
                    "How much leaves the cell is for o_t to say.",
                    "lstm-output-gate",
                ),
                Misconception(
                    tanh_of_output_gate,
                    "tanh is applied to the gate.",
                    "The gate is between 0 and 1 already; it is the cell state that needs a bound.",
                    "lstm-hidden-state",
                ),
            ),
        ),
        Check(
            reference=lstm_step,
            also_right=(step_fused, step_one_example_at_a_time),
            draw=draw_step,
            section="lstm-step",
            outputs=("h_t", "c_t"),
            misconceptions=(
                Misconception(
                    step_input_forget_swapped,
                    "The input gate and the forget gate have changed places.",
                    "Which of the two multiplies c_prev?",
                    "lstm-cell-state",
                ),
                Misconception(
                    step_forget_output_swapped,
                    "The forget gate and the output gate have changed places.",
                    "Which of the two acts on the memory, which on what leaves the cell?",
                    "lstm-output-gate",
                ),
                Misconception(
                    step_one_minus_forget,
                    "You use 1 - f_t where the input gate belongs.",
                    "That is the GRU's way. An LSTM has an input gate with weights of its own.",
                    "lstm-input-gate",
                ),
                Misconception(
                    step_candidate_gated_by_forget,
                    "The candidate is gated by f_t.",
                    "The candidate has a gate of its own.",
                    "lstm-input-gate",
                ),
                Misconception(
                    step_sigmoid_candidate,
                    "The candidate goes through a sigmoid.",
                    "The candidate is content, not a gate: it may be negative.",
                    "lstm-candidate",
                ),
                Misconception(
                    step_no_output_tanh,
                    "h_t lacks the tanh of the cell state.",
                    "The cell state can grow large; what leaves the cell is bounded.",
                    "lstm-hidden-state",
                ),
                Misconception(
                    step_old_cell_state_out,
                    "h_t is computed from the old cell state.",
                    "Update c first; then let it out.",
                    "lstm-hidden-state",
                ),
                Misconception(
                    step_overwritten_too_early,
                    "c_prev is overwritten before it is used.",
                    "The old memory is still needed for f_t * c_prev: use another name for the new part.",
                    "lstm-cell-state",
                ),
                Misconception(step_no_bias, "The biases are missing.", "Every gate adds its own b.", "lstm-step"),
                Misconception(
                    step_bias_twice, "Each bias is added twice.", "One gate, one bias, added once.", "lstm-step"
                ),
                Misconception(
                    step_no_recurrent_term,
                    "h_prev has no effect.",
                    "Every gate looks at x_t and at h_prev: where does U come in?",
                    "lstm-step",
                ),
                Misconception(
                    step_transposed_recurrent,
                    "The recurrent kernels are transposed.",
                    "Rows are examples here, so it is h_prev @ U as it stands.",
                    "lstm-matrix-product",
                ),
                Misconception(
                    step_cell_state_fed_back,
                    "The gates look at the cell state instead of the hidden state.",
                    "U multiplies h_prev.",
                    "lstm-step",
                ),
                Misconception(
                    step_states_in_wrong_order,
                    "The two states are returned in the wrong order.",
                    "Return h_t first, then c_t.",
                    "lstm-step",
                ),
            ),
        ),
        Check(
            reference=lstm_sequence,
            also_right=(sequence_time_major, sequence_by_recursion),
            draw=draw_sequence,
            section="lstm-sequence",
            outputs=("the outputs", "the last h", "the last c"),
            misconceptions=(
                Misconception(
                    sequence_state_not_carried,
                    "Every step starts from h_0 and c_0, so nothing is remembered.",
                    "Hand the states of one step to the next.",
                    "lstm-sequence",
                ),
                Misconception(
                    sequence_cell_state_not_carried,
                    "h is carried from step to step, c is not.",
                    "Both states go on to the next step.",
                    "lstm-sequence",
                ),
                Misconception(
                    sequence_starts_at_zero,
                    "The sequence starts from zeros, whatever h_0 and c_0 are.",
                    "Start from the states that are given.",
                    "lstm-sequence",
                ),
                Misconception(
                    sequence_last_output_for_all,
                    "The last output stands at every time step.",
                    "Keep each step's h before the next one replaces it.",
                    "lstm-sequence",
                ),
                Misconception(
                    sequence_time_first,
                    "Time is the first axis of the outputs.",
                    "The order is batch, time, units.",
                    "lstm-sequence",
                ),
                Misconception(
                    sequence_state_before_update,
                    "Each output is the state before its step.",
                    "Keep h after the step, not before it.",
                    "lstm-sequence",
                ),
                Misconception(
                    sequence_backwards,
                    "The sequence is read from its end.",
                    "Time runs from index 0 upwards.",
                    "lstm-sequence",
                ),
                Misconception(
                    sequence_cell_states_returned,
                    "The outputs are the cell states.",
                    "What a layer hands on is h; c stays inside.",
                    "lstm-sequence",
                ),
                Misconception(
                    sequence_last_step_missing,
                    "One time step too few is computed.",
                    "A sequence of T inputs takes T steps.",
                    "lstm-sequence",
                ),
            ),
        ),
        Check(
            reference=unpack_keras_weights,
            also_right=(unpack_by_reshape, unpack_by_index),
            draw=draw_keras_weights,
            section="lstm-keras-order",
            misconceptions=(
                Misconception(
                    unpack_forget_first,
                    "The blocks are read as f, i, c, o.",
                    "Many papers put the forget gate first. Keras does not.",
                    "lstm-keras-order",
                ),
                Misconception(
                    unpack_candidate_last,
                    "The blocks are read as i, f, o, c.",
                    "In Keras the candidate does not come last.",
                    "lstm-keras-order",
                ),
                Misconception(
                    unpack_interleaved,
                    "Every fourth column is taken for one gate.",
                    "The columns of one gate lie side by side, in one block.",
                    "lstm-keras-order",
                ),
                Misconception(
                    unpack_transposed,
                    "The recurrent kernels are transposed.",
                    "Keras, too, multiplies from the right: take the block as it is.",
                    "lstm-matrix-product",
                ),
            ),
        ),
        Check(
            reference=count_parameters,
            also_right=(count_by_columns, count_by_arrays),
            draw=draw_sizes,
            section="lstm-parameters",
            exact_type=int,
            rtol=0,
            atol=0,
            misconceptions=(
                Misconception(
                    count_without_bias,
                    "The biases are not counted.",
                    "Each gate has one bias a unit.",
                    "lstm-parameters",
                ),
                Misconception(
                    count_one_gate, "Only one gate is counted.", "How many blocks does an LSTM have?", "lstm-parameters"
                ),
                Misconception(
                    count_three_gates,
                    "Three blocks are counted.",
                    "Three gates, and something else that has weights.",
                    "lstm-parameters",
                ),
                Misconception(
                    count_without_recurrent,
                    "The recurrent kernels are not counted.",
                    "Each gate has a W and a U.",
                    "lstm-parameters",
                ),
                Misconception(
                    count_two_biases,
                    "Two biases a gate are counted.",
                    "PyTorch has two; Keras's LSTM has one.",
                    "lstm-parameters",
                ),
                Misconception(
                    count_one_bias_for_all,
                    "One bias is counted for all gates together.",
                    "Each gate has a bias of its own.",
                    "lstm-parameters",
                ),
            ),
        ),
    )
}
