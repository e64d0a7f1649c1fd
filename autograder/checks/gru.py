"""Checks of the chapter on the GRU, in both conventions of the update gate and both places of the reset gate.

h = z ⊙ h_prev + (1 − z) ⊙ h̃ is the form of Cho et al. (2014), Keras and PyTorch; Chung et al. (2014) exchange z and
1 − z. Cho et al. reset before the product with U (in the published version, arXiv 1406.1078v3; Keras's
reset_after=False); cuDNN, PyTorch and Keras's default reset after it, with a bias of its own inside the reset
(keras/src/layers/rnn/gru.py).

Arrays are batch-major: x_t (batch, inputs), h_prev, z_t, r_t and h_tilde (batch, units), W (inputs, units), U (units,
units), b (units,). A `wrong` function uses only `np` and names that the exercise notebook defines or is given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .check import AnyCheck, Check, ChoiceCheck, Inputs, Misconception
from .lstm import (
    draw_gate,
    gate_by_concatenation,
    gate_by_einsum,
    gate_in_float32,
    gate_misconceptions,
    sigmoid,
)

Array = np.ndarray
Params = dict[str, Array]


# --- the two gates ---------------------------------------------------------------------------------------------------


def update_gate(x_t: Array, h_prev: Array, W_z: Array, U_z: Array, b_z: Array) -> Array:
    return sigmoid(x_t @ W_z + h_prev @ U_z + b_z)


def reset_gate(x_t: Array, h_prev: Array, W_r: Array, U_r: Array, b_r: Array) -> Array:
    return sigmoid(x_t @ W_r + h_prev @ U_r + b_r)


# --- the candidate, reset before the product -------------------------------------------------------------------------


def candidate_reset_before(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + (r_t * h_prev) @ U_h + b_h)


def before_by_einsum(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(np.einsum("bi,iu->bu", x_t, W_h) + np.einsum("bj,bj,ju->bu", r_t, h_prev, U_h) + b_h)


def before_by_concatenation(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    both = np.concatenate([x_t, np.multiply(h_prev, r_t)], axis=1)
    return np.tanh(both @ np.concatenate([W_h, U_h], axis=0) + b_h)


def before_one_example_at_a_time(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    rows = [np.tanh(W_h.T @ x + U_h.T @ (r * h) + b_h) for x, h, r in zip(x_t, h_prev, r_t)]
    return np.array(rows, dtype="float32")


def before_without_reset(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + h_prev @ U_h + b_h)


def before_reset_after_product(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + r_t * (h_prev @ U_h) + b_h)


def before_reset_on_input(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(r_t * (x_t @ W_h) + h_prev @ U_h + b_h)


def before_reset_on_sum(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(r_t * (x_t @ W_h + h_prev @ U_h + b_h))


def before_reset_on_candidate(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return r_t * np.tanh(x_t @ W_h + h_prev @ U_h + b_h)


def before_one_minus_reset(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + ((1 - r_t) * h_prev) @ U_h + b_h)


def before_reset_for_state(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + r_t @ U_h + b_h)


def before_reset_added(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + (r_t + h_prev) @ U_h + b_h)


def before_no_state(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + b_h)


def before_no_input(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh((r_t * h_prev) @ U_h + b_h)


def before_no_bias(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + (r_t * h_prev) @ U_h)


def before_sigmoid(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return sigmoid(x_t @ W_h + (r_t * h_prev) @ U_h + b_h)


def before_no_activation(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return x_t @ W_h + (r_t * h_prev) @ U_h + b_h


def before_transposed(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + (r_t * h_prev) @ U_h.T + b_h)


def draw_before(rng: np.random.Generator) -> Inputs:
    x_t, h_prev, W, U, b = draw_gate(rng)
    return (x_t, h_prev, rng.uniform(0.1, 0.9, size=h_prev.shape), W, U, b)


# --- the candidate, reset after the product --------------------------------------------------------------------------


def candidate_reset_after(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t * (h_prev @ U_h + b_recurrent))


def after_by_einsum(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    from_state = np.einsum("bu,bj,ju->bu", r_t, h_prev, U_h) + np.einsum("bu,u->bu", r_t, b_recurrent)
    return np.tanh(from_state + np.einsum("bi,iu->bu", x_t, W_h) + b_h)


def after_one_example_at_a_time(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    rows = [np.tanh(b_h + W_h.T @ x + r * (b_recurrent + U_h.T @ h)) for x, h, r in zip(x_t, h_prev, r_t)]
    return np.stack(rows).astype("float32")


def after_multiplied_out(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    a = r_t * b_recurrent + np.dot(x_t, W_h)
    return 2 * sigmoid(2 * (a + r_t * np.dot(h_prev, U_h) + b_h)) - 1


def after_reset_before_product(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + (r_t * h_prev) @ U_h + b_recurrent)


def after_recurrent_bias_not_reset(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t * (h_prev @ U_h) + b_recurrent)


def after_both_biases_reset(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + r_t * (h_prev @ U_h + b_h + b_recurrent))


def after_biases_swapped(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_recurrent + r_t * (h_prev @ U_h + b_h))


def after_no_recurrent_bias(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t * (h_prev @ U_h))


def after_no_input_bias(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + r_t * (h_prev @ U_h + b_recurrent))


def after_without_reset(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + h_prev @ U_h + b_recurrent)


def after_reset_on_input(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(r_t * (x_t @ W_h + b_h) + h_prev @ U_h + b_recurrent)


def after_reset_on_sum(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(r_t * (x_t @ W_h + b_h + h_prev @ U_h + b_recurrent))


def after_reset_on_candidate(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return r_t * np.tanh(x_t @ W_h + b_h + h_prev @ U_h + b_recurrent)


def after_one_minus_reset(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + (1 - r_t) * (h_prev @ U_h + b_recurrent))


def after_no_input(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(b_h + r_t * (h_prev @ U_h + b_recurrent))


def after_sigmoid(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return sigmoid(x_t @ W_h + b_h + r_t * (h_prev @ U_h + b_recurrent))


def after_no_activation(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return x_t @ W_h + b_h + r_t * (h_prev @ U_h + b_recurrent)


def after_transposed(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t * (h_prev @ U_h.T + b_recurrent))


def draw_after(rng: np.random.Generator) -> Inputs:
    x_t, h_prev, W, U, b = draw_gate(rng)
    # The two biases point apart, so that exchanging them or resetting the wrong one shows.
    return (x_t, h_prev, rng.uniform(0.1, 0.9, size=h_prev.shape), W, U, b, rng.normal(size=b.shape) - 0.5)


# --- the new state ---------------------------------------------------------------------------------------------------


def new_state_keras(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    """Cho et al. (2014), Keras and PyTorch: z is the share that is kept."""
    return z_t * h_prev + (1 - z_t) * h_tilde


def new_state_chung(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    """Chung et al. (2014): z is the share that is written."""
    return (1 - z_t) * h_prev + z_t * h_tilde


def keras_as_a_move(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return h_tilde + z_t * (h_prev - h_tilde)


def keras_in_loops(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    rows = [[z * h + (1 - z) * g for h, z, g in zip(*row)] for row in zip(h_prev, z_t, h_tilde)]
    return np.array(rows, dtype="float32")


def chung_as_a_move(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return h_prev + z_t * (h_tilde - h_prev)


def chung_in_loops(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    rows = [[(1 - z) * h + z * g for h, z, g in zip(*row)] for row in zip(h_prev, z_t, h_tilde)]
    return np.array(rows, dtype="float32")


def keras_parentheses_forgotten(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return z_t * h_prev + 1 - z_t * h_tilde


def chung_parentheses_forgotten(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return 1 - z_t * h_prev + z_t * h_tilde


def z_for_both(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return z_t * h_prev + z_t * h_tilde


def one_minus_z_for_both(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return (1 - z_t) * h_prev + (1 - z_t) * h_tilde


def z_keeps_all_is_written(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return z_t * h_prev + h_tilde


def one_minus_z_keeps_all_is_written(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return (1 - z_t) * h_prev + h_tilde


def all_is_kept_one_minus_z_written(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return h_prev + (1 - z_t) * h_tilde


def all_is_kept_z_written(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return h_prev + z_t * h_tilde


def one_minus_z_written_nothing_kept(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return (1 - z_t) * h_tilde


def z_written_nothing_kept(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return z_t * h_tilde


def keras_squashed(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return np.tanh(z_t * h_prev + (1 - z_t) * h_tilde)


def chung_squashed(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return np.tanh((1 - z_t) * h_prev + z_t * h_tilde)


def keras_product_for_sum(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return (z_t * h_prev) * ((1 - z_t) * h_tilde)


def chung_product_for_sum(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return ((1 - z_t) * h_prev) * (z_t * h_tilde)


def state_misconceptions(swapped: Misconception, *wrong: Callable[..., Any]) -> tuple[Misconception, ...]:
    """What goes wrong in the interpolation; `wrong` in the order of the texts below."""
    texts = (
        (
            "A pair of parentheses is missing around 1 - z_t, so 1 itself is added.",
            "Products come before differences: what does Python multiply here?",
        ),
        ("z_t stands at both terms.", "What one term gains the other loses: their two shares add up to 1."),
        ("1 - z_t stands at both terms.", "What one term gains the other loses: their two shares add up to 1."),
        ("The whole candidate is written.", "Old and new share one state: how large is the candidate's share?"),
        (
            "The whole old state is kept.",
            "Then the state could grow without bound. How large is the old state's share?",
        ),
        ("The old state is dropped.", "The new state is a mixture of two things: which one is missing?"),
        (
            "The mixture is passed through tanh.",
            "A mixture of two numbers between -1 and 1 lies there already; tanh on the way out is the LSTM's.",
        ),
        ("The two terms are multiplied.", "Each term carries its share, and the shares are added."),
    )
    rest = (
        Misconception(function, says, hint, "gru-new-state")
        for function, (says, hint) in zip(wrong, texts, strict=True)
    )
    return (swapped, *rest)


def draw_state(rng: np.random.Generator) -> Inputs:
    shape = tuple(rng.permutation([2, 3, 4, 5])[:2])
    return (rng.uniform(-0.9, 0.9, size=shape), rng.uniform(0.1, 0.9, size=shape), rng.uniform(-0.9, 0.9, size=shape))


# --- from one convention to the other --------------------------------------------------------------------------------


def convert_update_gate(params: Params) -> Params:
    """1 − σ(a) = σ(−a), so the update gate's three arrays change sign and nothing else does."""
    return {name: -array if name.endswith("_z") else array.copy() for name, array in params.items()}


def convert_by_copy(params: Params) -> Params:
    converted = dict(params)
    for name in ("W_z", "U_z", "b_z"):
        converted[name] = np.negative(params[name])
    return converted


def convert_by_union(params: Params) -> Params:
    return params | {kind + "_z": 0.0 - params[kind + "_z"] for kind in "WUb"}


def convert_nothing(params: Params) -> Params:
    return dict(params)


def convert_bias_only(params: Params) -> Params:
    return {**params, "b_z": -params["b_z"]}


def convert_kernels_only(params: Params) -> Params:
    return {**params, "W_z": -params["W_z"], "U_z": -params["U_z"]}


def convert_input_side_only(params: Params) -> Params:
    return {**params, "W_z": -params["W_z"], "b_z": -params["b_z"]}


def convert_every_array(params: Params) -> Params:
    return {name: -array for name, array in params.items()}


def convert_reset_gate(params: Params) -> Params:
    return {**params, "W_r": -params["W_r"], "U_r": -params["U_r"], "b_r": -params["b_r"]}


def convert_candidate(params: Params) -> Params:
    return {**params, "W_h": -params["W_h"], "U_h": -params["U_h"], "b_h": -params["b_h"]}


def convert_both_gates(params: Params) -> Params:
    return {name: array if name.endswith("h") else -array for name, array in params.items()}


def convert_one_minus_weights(params: Params) -> Params:
    return {**params, "W_z": 1 - params["W_z"], "U_z": 1 - params["U_z"], "b_z": 1 - params["b_z"]}


def convert_gates_exchanged(params: Params) -> Params:
    return {name: params[name[:2] + {"z": "r", "r": "z", "h": "h"}[name[2]]] for name in params}


def draw_nine(rng: np.random.Generator, inputs: int, units: int) -> Params:
    shapes = {"W": (inputs, units), "U": (units, units), "b": (units,)}
    return {f"{kind}_{gate}": rng.normal(scale=0.8, size=shape) for gate in "zrh" for kind, shape in shapes.items()}


def draw_convert(rng: np.random.Generator) -> Inputs:
    inputs, units = (int(n) for n in rng.permutation([2, 3, 4, 5])[:2])
    return (draw_nine(rng, inputs, units),)


# --- one step --------------------------------------------------------------------------------------------------------


def gru_step(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z_t = update_gate(x_t, h_prev, params["W_z"], params["U_z"], params["b_z"])
    r_t = reset_gate(x_t, h_prev, params["W_r"], params["U_r"], params["b_r"])
    W_h, U_h, b_h = params["W_h"], params["U_h"], params["b_h"]
    if reset_after:
        h_tilde = candidate_reset_after(x_t, h_prev, r_t, W_h, U_h, b_h, params["b_recurrent"])
    else:
        h_tilde = candidate_reset_before(x_t, h_prev, r_t, W_h, U_h, b_h)
    return new_state_keras(h_prev, z_t, h_tilde)


def step_fused(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    W, U, b = (np.concatenate([params[kind + gate] for gate in "zrh"], axis=-1) for kind in ("W_", "U_", "b_"))
    units = h_prev.shape[1]
    from_input, from_state = x_t @ W + b, h_prev @ U
    gates = sigmoid((from_input + from_state)[:, : 2 * units])
    z, r = np.split(gates, 2, axis=1)
    inner = r * (from_state[:, -units:] + params["b_recurrent"]) if reset_after else (h_prev * r) @ params["U_h"]
    h_tilde = np.tanh(from_input[:, -units:] + inner)
    return h_tilde + z * (h_prev - h_tilde)


def step_one_example_at_a_time(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    rows = []
    for x, h in zip(x_t, h_prev):
        z, r = (sigmoid(params["W_" + g].T @ x + params["U_" + g].T @ h + params["b_" + g]) for g in "zr")
        inner = params["U_h"].T @ h + params["b_recurrent"] if reset_after else params["U_h"].T @ (r * h)
        h_tilde = np.tanh(params["W_h"].T @ x + params["b_h"] + (r * inner if reset_after else inner))
        rows.append((1 - z) * h_tilde + z * h)
    return np.array(rows)


def step_other_convention(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return (1 - z) * h_prev + z * h_tilde


def step_gates_swapped(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    r, z = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


def step_placements_swapped(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (before if reset_after else after))
    return z * h_prev + (1 - z) * h_tilde


def step_always_after(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    after = r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + after)
    return z * h_prev + (1 - z) * h_tilde


def step_always_before(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (r * h_prev) @ params["U_h"])
    return z * h_prev + (1 - z) * h_tilde


def step_recurrent_bias_always(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    inner = after if reset_after else before + params["b_recurrent"]
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + inner)
    return z * h_prev + (1 - z) * h_tilde


def step_recurrent_bias_not_reset(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"]) + params["b_recurrent"]
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


def step_no_recurrent_bias(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


def step_biases_swapped(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_h"])
    inner = after + params["b_recurrent"] if reset_after else before + params["b_h"]
    return z * h_prev + (1 - z) * np.tanh(x_t @ params["W_h"] + inner)


def step_without_reset(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z = sigmoid(x_t @ params["W_z"] + h_prev @ params["U_z"] + params["b_z"])
    inner = h_prev @ params["U_h"] + (params["b_recurrent"] if reset_after else 0)
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + inner)
    return z * h_prev + (1 - z) * h_tilde


def step_reset_on_input(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    inner = h_prev @ params["U_h"] + (params["b_recurrent"] if reset_after else 0)
    h_tilde = np.tanh(r * (x_t @ params["W_h"]) + params["b_h"] + inner)
    return z * h_prev + (1 - z) * h_tilde


def step_reset_on_candidate(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    inner = h_prev @ params["U_h"] + (params["b_recurrent"] if reset_after else 0)
    h_tilde = r * np.tanh(x_t @ params["W_h"] + params["b_h"] + inner)
    return z * h_prev + (1 - z) * h_tilde


def step_reset_on_old_state(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * (r * h_prev) + (1 - z) * h_tilde


def step_one_minus_reset(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    r = 1 - r
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


def step_mixed_by_reset(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    r = sigmoid(x_t @ params["W_r"] + h_prev @ params["U_r"] + params["b_r"])
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return r * h_prev + (1 - r) * h_tilde


def step_candidate_not_gated(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + h_tilde


def step_sigmoid_candidate(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = sigmoid(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


def step_tanh_gates(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (np.tanh(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


def step_squashed(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return np.tanh(z * h_prev + (1 - z) * h_tilde)


def step_no_bias(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"])
    h_tilde = np.tanh(x_t @ params["W_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


def step_gates_see_only_the_input(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


def step_transposed_recurrent(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g].T + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"].T, r * (h_prev @ params["U_h"].T + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


def draw_params(rng: np.random.Generator, inputs: int, units: int) -> Params:
    # The candidate's two biases point apart, so that exchanging them or resetting the wrong one shows.
    params = draw_nine(rng, inputs, units)
    params["b_h"] += 0.5
    return {**params, "b_recurrent": rng.normal(scale=0.8, size=units) - 0.5}


def draw_step(rng: np.random.Generator, reset_after: bool | None = None) -> Inputs:
    batch, inputs, units = (int(n) for n in rng.permutation([2, 3, 4, 5])[:3])
    x_t, h_prev = rng.normal(size=(batch, inputs)), rng.uniform(-0.9, 0.9, size=(batch, units))
    return (x_t, h_prev, draw_params(rng, inputs, units), coin(rng, reset_after))


def coin(rng: np.random.Generator, fixed: bool | None) -> bool:
    """`fixed` where it is given, or else true or false."""
    tossed = bool(rng.integers(2))
    return tossed if fixed is None else fixed


# --- a whole sequence ------------------------------------------------------------------------------------------------


def gru_sequence(
    x: Array, h_0: Array, params: Params, reset_after: bool, *, gru_step: Callable[..., Any] = gru_step
) -> tuple[Any, Any]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, params, reset_after)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def sequence_time_major(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    states = [h_0]
    for x_t in np.swapaxes(x, 0, 1):
        states.append(gru_step(x_t, states[-1], params, reset_after))
    return np.swapaxes(np.array(states[1:]), 0, 1), states[-1]


def sequence_by_recursion(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    h = gru_step(x[:, 0], h_0, params, reset_after)
    if x.shape[1] == 1:
        return h[:, None], h
    rest, h_end = sequence_by_recursion(x[:, 1:], h, params, reset_after)
    return np.concatenate([h[:, None], rest], axis=1), h_end


def sequence_state_not_carried(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    steps = [gru_step(x[:, t], h_0, params, reset_after) for t in range(x.shape[1])]
    return np.stack(steps, axis=1), steps[-1]


def sequence_starts_at_zero(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    h, outputs = np.zeros_like(h_0), []
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, params, reset_after)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def sequence_last_output_for_all(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    h = h_0
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, params, reset_after)
    return np.stack([h] * x.shape[1], axis=1), h


def sequence_time_first(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, params, reset_after)
        outputs.append(h)
    return np.array(outputs), h


def sequence_state_before_update(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        outputs.append(h)
        h = gru_step(x[:, t], h, params, reset_after)
    return np.stack(outputs, axis=1), h


def sequence_initial_state_kept(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    h, outputs = h_0, [h_0]
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, params, reset_after)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def sequence_backwards(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in reversed(range(x.shape[1])):
        h = gru_step(x[:, t], h, params, reset_after)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def sequence_last_step_missing(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    outputs = np.zeros((*x.shape[:2], h_0.shape[1]))
    h = h_0
    for t in range(x.shape[1] - 1):
        h = gru_step(x[:, t], h, params, reset_after)
        outputs[:, t] = h
    return outputs, h


def sequence_always_after(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, params, True)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def sequence_always_before(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, params, False)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def sequence_results_swapped(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, params, reset_after)
        outputs.append(h)
    return h, np.stack(outputs, axis=1)


def draw_sequence(rng: np.random.Generator, reset_after: bool | None = None) -> Inputs:
    time = int(rng.integers(3, 7))
    batch, inputs, units = (int(n) for n in rng.permutation([n for n in (2, 3, 4, 5, 6) if n != time])[:3])
    x, h_0 = rng.normal(size=(batch, time, inputs)), rng.uniform(-0.9, 0.9, size=(batch, units))
    return (x, h_0, draw_params(rng, inputs, units), coin(rng, reset_after))


# --- Keras's weights -------------------------------------------------------------------------------------------------


def unpack_keras_weights(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    """Keras 3 keeps the blocks in the order z, r, h, and two biases: the input's, then the recurrent one.

    The gates add their two biases up. The candidate cannot: its second one is multiplied by the reset gate.
    """
    blocks = [np.split(array, 3, axis=-1) for array in (kernel, recurrent_kernel, bias)]
    params = {f"{kind}_{gate}": block for kind, row in zip("WU", blocks) for gate, block in zip("zrh", row)}
    for gate, pair in zip("zr", blocks[2]):
        params[f"b_{gate}"] = pair.sum(axis=0)
    params["b_h"], params["b_recurrent"] = blocks[2][2]
    return params


def unpack_by_reshape(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        blocks = np.moveaxis(array.reshape(len(array), 3, -1), 1, 0)
        params.update({kind + gate: block for gate, block in zip("zrh", blocks)})
    second = params["b_h"][1]
    params.update({"b_" + gate: np.add(*params["b_" + gate]) for gate in "zr"})
    return {**params, "b_h": params["b_h"][0], "b_recurrent": second}


def unpack_by_index(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    units = bias.shape[1] // 3
    params = {"b_recurrent": bias[1, -units:]}
    for place, gate in ((2, "h"), (1, "r"), (0, "z")):
        columns = np.arange(units) + place * units
        params["W_" + gate], params["U_" + gate] = kernel[:, columns], recurrent_kernel[:, columns]
        params["b_" + gate] = bias[0, columns] + (bias[1, columns] if gate != "h" else 0)
    return params


def unpack_reset_first(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("rzh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0] + b[1]})
    return {**params, "b_h": b[0], "b_recurrent": b[1]}


def unpack_candidate_first(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("hzr"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0] + b[1]})
    first, second = np.split(bias, 3, axis=-1)[0]
    return {**params, "b_h": first, "b_recurrent": second}


def unpack_candidate_second(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zhr"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0] + b[1]})
    first, second = np.split(bias, 3, axis=-1)[1]
    return {**params, "b_h": first, "b_recurrent": second}


def unpack_interleaved(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        params.update({"W_" + gate: kernel[:, n::3], "U_" + gate: recurrent_kernel[:, n::3]})
        params["b_" + gate] = bias[0, n::3] + bias[1, n::3]
    return {**params, "b_h": bias[0, 2::3], "b_recurrent": bias[1, 2::3]}


def unpack_transposed(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U.T, "b_" + gate: b[0] + b[1]})
    return {**params, "b_h": b[0], "b_recurrent": b[1]}


def unpack_biases_swapped(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0] + b[1]})
    return {**params, "b_h": b[1], "b_recurrent": b[0]}


def unpack_biases_added(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0] + b[1]})
    return {**params, "b_recurrent": np.zeros_like(b[1])}


def unpack_recurrent_bias_twice(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0] + b[1]})
    return {**params, "b_recurrent": b[1]}


def unpack_first_bias_for_gates(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0]})
    return {**params, "b_recurrent": b[1]}


def unpack_second_bias_for_gates(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[1]})
    return {**params, "b_h": b[0], "b_recurrent": b[1]}


def unpack_only_the_first_bias(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0]})
    return {**params, "b_recurrent": np.zeros_like(b[0])}


def draw_keras_weights(rng: np.random.Generator) -> Inputs:
    inputs, units = (int(n) for n in rng.permutation([2, 3, 4, 5])[:2])
    return (
        rng.normal(size=(inputs, 3 * units)),
        rng.normal(size=(units, 3 * units)),
        rng.normal(size=(2, 3 * units)),
    )


# --- how many parameters ---------------------------------------------------------------------------------------------


def count_parameters(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * ((inputs + units) * units + (2 * units if reset_after else units))


def count_by_columns(inputs: int, units: int, reset_after: bool) -> int:
    rows = inputs + units + 1 + bool(reset_after)
    return rows * 3 * units


def count_by_arrays(inputs: int, units: int, reset_after: bool) -> int:
    biases = np.zeros((2, 3 * units) if reset_after else 3 * units)
    return np.zeros((inputs, 3 * units)).size + np.zeros((units, 3 * units)).size + biases.size


def count_lstm(inputs: int, units: int, reset_after: bool) -> int:
    return 4 * ((inputs + units) * units + units)


def count_four_blocks(inputs: int, units: int, reset_after: bool) -> int:
    return 4 * ((inputs + units) * units + (2 * units if reset_after else units))


def count_two_gates(inputs: int, units: int, reset_after: bool) -> int:
    return 2 * ((inputs + units) * units + (2 * units if reset_after else units))


def count_one_block(inputs: int, units: int, reset_after: bool) -> int:
    return (inputs + units) * units + (2 * units if reset_after else units)


def count_without_bias(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * (inputs + units) * units


def count_always_one_bias(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * ((inputs + units) * units + units)


def count_always_two_biases(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * ((inputs + units) * units + 2 * units)


def count_flag_reversed(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * ((inputs + units) * units + (units if reset_after else 2 * units))


def count_second_bias_for_candidate_only(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * ((inputs + units) * units + units) + (units if reset_after else 0)


def count_without_recurrent(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * (inputs * units + (2 * units if reset_after else units))


def count_one_bias_for_all(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * (inputs + units) * units + (2 * units if reset_after else units)


def count_one_number_a_bias(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * ((inputs + units) * units + (2 if reset_after else 1))


def draw_sizes(rng: np.random.Generator) -> Inputs:
    inputs, units = rng.choice(np.arange(2, 60), size=2, replace=False)
    return int(inputs), int(units), bool(rng.integers(2))


# --- the declarations ------------------------------------------------------------------------------------------------

# Both values of reset_after in every run, whatever is drawn.
BOTH = (True, False)
STEP_EDGES = tuple(draw_step(np.random.default_rng(n), after) for n, after in enumerate(BOTH))
SEQUENCE_EDGES = tuple(draw_sequence(np.random.default_rng(n), after) for n, after in enumerate(BOTH))

CHECKS: dict[str, AnyCheck] = {
    check.name: check
    for check in (
        Check(
            reference=update_gate,
            also_right=(gate_by_einsum, gate_by_concatenation, gate_in_float32),
            draw=draw_gate,
            section="gru-update-gate",
            misconceptions=gate_misconceptions(
                "gru-update-gate",
                "Return the gate itself. Which of the two states gets z_t and which 1 - z_t is decided later.",
            ),
        ),
        Check(
            reference=reset_gate,
            also_right=(gate_by_einsum, gate_by_concatenation, gate_in_float32),
            draw=draw_gate,
            section="gru-reset-gate",
            misconceptions=gate_misconceptions(
                "gru-reset-gate",
                "In spite of its name, r_t = 1 resets nothing: the candidate then sees all of the old state.",
            ),
        ),
        Check(
            reference=candidate_reset_before,
            also_right=(before_by_einsum, before_by_concatenation, before_one_example_at_a_time),
            draw=draw_before,
            section="gru-candidate",
            misconceptions=(
                Misconception(
                    before_without_reset,
                    "The reset gate has no effect: this is the candidate of a simple GRU.",
                    "How much of the old state the candidate sees is for r_t to say.",
                    "gru-reset-gate",
                ),
                Misconception(
                    before_reset_after_product,
                    "You reset after the product with U_h.",
                    "Here the old state is reset first, and U_h mixes what is left of it.",
                    "gru-reset-placement",
                ),
                Misconception(
                    before_reset_on_input,
                    "The reset gate acts on the input.",
                    "The input is never reset: which of the two products speaks of the past?",
                    "gru-reset-gate",
                ),
                Misconception(
                    before_reset_on_sum,
                    "The reset gate acts on the whole sum.",
                    "Only what comes from the old state is reset; the input and the bias are not.",
                    "gru-reset-gate",
                ),
                Misconception(
                    before_reset_on_candidate,
                    "The reset gate acts on the finished candidate.",
                    "The reset gate decides what the candidate is made from, so it acts inside the tanh.",
                    "gru-reset-gate",
                ),
                Misconception(
                    before_one_minus_reset,
                    "The old state is multiplied by 1 - r_t.",
                    "In spite of its name, r_t = 1 keeps the old state in view.",
                    "gru-reset-gate",
                ),
                Misconception(
                    before_reset_for_state,
                    "U_h multiplies the reset gate alone: h_prev has no effect.",
                    "The gate is a share of something. Of what?",
                    "gru-candidate",
                ),
                Misconception(
                    before_reset_added,
                    "The reset gate is added to the old state.",
                    "A gate takes a share of something: which operation does that?",
                    "gru-reset-gate",
                ),
                Misconception(
                    before_no_state,
                    "The old state has no effect.",
                    "The candidate looks at x_t and at what the reset gate lets through of h_prev.",
                    "gru-candidate",
                ),
                Misconception(
                    before_no_input,
                    "The input x_t has no effect.",
                    "Where does W_h come in?",
                    "gru-candidate",
                ),
                Misconception(before_no_bias, "The bias is missing.", "Add b_h once.", "gru-candidate"),
                Misconception(
                    before_sigmoid,
                    "You apply a sigmoid where the candidate needs a tanh.",
                    "The candidate is content, not a gate: it may be negative.",
                    "gru-candidate",
                ),
                Misconception(
                    before_no_activation,
                    "The tanh is missing, so the candidate is not bounded.",
                    "Pass the whole sum through the tanh.",
                    "gru-candidate",
                ),
                Misconception(
                    before_transposed,
                    "The recurrent kernel is transposed.",
                    "Rows are examples here: U_h stands on the right as it is.",
                    "lstm-matrix-product",
                ),
            ),
        ),
        Check(
            reference=candidate_reset_after,
            also_right=(after_by_einsum, after_one_example_at_a_time, after_multiplied_out),
            draw=draw_after,
            section="gru-reset-placement",
            misconceptions=(
                Misconception(
                    after_reset_before_product,
                    "You reset before the product with U_h.",
                    "Here U_h comes first; the gate then takes a share of what U_h has made of the old state.",
                    "gru-reset-placement",
                ),
                Misconception(
                    after_recurrent_bias_not_reset,
                    "b_recurrent is added outside the reset.",
                    "This bias belongs to the recurrent part. Where does that part end?",
                    "gru-reset-placement",
                ),
                Misconception(
                    after_both_biases_reset,
                    "Both biases are multiplied by the reset gate.",
                    "One bias belongs to the input's part, which is never reset.",
                    "gru-reset-placement",
                ),
                Misconception(
                    after_biases_swapped,
                    "The two biases have changed places.",
                    "Which of them goes with the input, which with the old state?",
                    "gru-reset-placement",
                ),
                Misconception(
                    after_no_recurrent_bias,
                    "b_recurrent is missing.",
                    "This form has two biases. Both are needed.",
                    "gru-reset-placement",
                ),
                Misconception(
                    after_no_input_bias,
                    "b_h is missing.",
                    "This form has two biases. Both are needed.",
                    "gru-reset-placement",
                ),
                Misconception(
                    after_without_reset,
                    "The reset gate has no effect: this is the candidate of a simple GRU.",
                    "How much of the old state the candidate sees is for r_t to say.",
                    "gru-reset-gate",
                ),
                Misconception(
                    after_reset_on_input,
                    "The reset gate acts on the input's part.",
                    "The input is never reset: which of the two parts speaks of the past?",
                    "gru-reset-gate",
                ),
                Misconception(
                    after_reset_on_sum,
                    "The reset gate acts on the whole sum.",
                    "Only what comes from the old state is reset.",
                    "gru-reset-gate",
                ),
                Misconception(
                    after_reset_on_candidate,
                    "The reset gate acts on the finished candidate.",
                    "The reset gate decides what the candidate is made from, so it acts inside the tanh.",
                    "gru-reset-gate",
                ),
                Misconception(
                    after_one_minus_reset,
                    "The recurrent part is multiplied by 1 - r_t.",
                    "In spite of its name, r_t = 1 keeps the old state in view.",
                    "gru-reset-gate",
                ),
                Misconception(
                    after_no_input,
                    "The input x_t has no effect.",
                    "Where does W_h come in?",
                    "gru-candidate",
                ),
                Misconception(
                    after_sigmoid,
                    "You apply a sigmoid where the candidate needs a tanh.",
                    "The candidate is content, not a gate: it may be negative.",
                    "gru-candidate",
                ),
                Misconception(
                    after_no_activation,
                    "The tanh is missing, so the candidate is not bounded.",
                    "Pass the whole sum through the tanh.",
                    "gru-candidate",
                ),
                Misconception(
                    after_transposed,
                    "The recurrent kernel is transposed.",
                    "Rows are examples here: U_h stands on the right as it is.",
                    "lstm-matrix-product",
                ),
            ),
        ),
        Check(
            reference=new_state_keras,
            also_right=(keras_as_a_move, keras_in_loops),
            draw=draw_state,
            section="gru-new-state",
            misconceptions=state_misconceptions(
                Misconception(
                    new_state_chung,
                    "This is the other convention: here z_t = 1 would write the candidate.",
                    "In Keras, what does a unit with z_t = 1 do with its old state?",
                    "gru-z-conventions",
                ),
                keras_parentheses_forgotten,
                z_for_both,
                one_minus_z_for_both,
                z_keeps_all_is_written,
                all_is_kept_one_minus_z_written,
                one_minus_z_written_nothing_kept,
                keras_squashed,
                keras_product_for_sum,
            ),
        ),
        Check(
            reference=new_state_chung,
            also_right=(chung_as_a_move, chung_in_loops),
            draw=draw_state,
            section="gru-z-conventions",
            misconceptions=state_misconceptions(
                Misconception(
                    new_state_keras,
                    "This is Keras's convention: here z_t = 1 would keep the old state.",
                    "For Chung et al., what does a unit with z_t = 1 do with its old state?",
                    "gru-z-conventions",
                ),
                chung_parentheses_forgotten,
                z_for_both,
                one_minus_z_for_both,
                one_minus_z_keeps_all_is_written,
                all_is_kept_z_written,
                z_written_nothing_kept,
                chung_squashed,
                chung_product_for_sum,
            ),
        ),
        ChoiceCheck(
            name="update_gate_near_one",
            right="C",
            section="gru-z-conventions",
            options={
                "A": "True in Keras's convention, but not in both: set z_t = 1 in each of your two functions.",
                "B": "True in Chung's convention, but not in both: set z_t = 1 in each of your two functions.",
                "C": "In each convention one of the two shares is 1 and the other 0, but not the same one. "
                "Before you read what a gate does in a paper, look at its equation.",
                "D": "You have the two the wrong way round: set z_t = 1 in each of your two functions.",
            },
        ),
        ChoiceCheck(
            name="reset_gate_at_zero",
            right="B",
            section="gru-reset-gate",
            options={
                "A": "The reset gate acts inside the candidate only. How much of the old state is in h_t, "
                "the update gate says.",
                "B": "With r_t = 0 both forms are left with the input and b_h. The old state can still reach h_t "
                "by the other way, through the update gate.",
                "C": "Put r_t = 0 into both equations: what does it multiply in each, and is anything of h_prev left?",
                "D": "To copy the old state is the update gate's work. With r_t = 0 there is still a candidate.",
            },
        ),
        Check(
            reference=convert_update_gate,
            also_right=(convert_by_copy, convert_by_union),
            draw=draw_convert,
            section="gru-z-conventions",
            misconceptions=(
                Misconception(
                    convert_nothing,
                    "Nothing is changed.",
                    "The same weights give the same z_t, but the other convention needs 1 - z_t there.",
                    "gru-z-conventions",
                ),
                Misconception(
                    convert_bias_only,
                    "Only the bias of the update gate is changed.",
                    "The sigmoid's argument is a sum of three terms. The sign of all of it has to change.",
                    "gru-z-conventions",
                ),
                Misconception(
                    convert_kernels_only,
                    "The bias of the update gate is left as it was.",
                    "The sigmoid's argument is a sum of three terms. The sign of all of it has to change.",
                    "gru-z-conventions",
                ),
                Misconception(
                    convert_input_side_only,
                    "The recurrent kernel of the update gate is left as it was.",
                    "The sigmoid's argument is a sum of three terms. The sign of all of it has to change.",
                    "gru-z-conventions",
                ),
                Misconception(
                    convert_every_array,
                    "All the arrays are changed.",
                    "The conventions differ in the update gate alone. The reset gate and the candidate are the same.",
                    "gru-z-conventions",
                ),
                Misconception(
                    convert_reset_gate,
                    "The reset gate is changed.",
                    "Which of the two gates do the conventions read differently?",
                    "gru-z-conventions",
                ),
                Misconception(
                    convert_candidate,
                    "The candidate is changed.",
                    "The candidate is the same in both conventions; what differs is the share it gets.",
                    "gru-z-conventions",
                ),
                Misconception(
                    convert_both_gates,
                    "Both gates are changed.",
                    "The reset gate means the same in both conventions.",
                    "gru-z-conventions",
                ),
                Misconception(
                    convert_one_minus_weights,
                    "You take one minus each weight.",
                    "It is the gate that has to become 1 - z_t, not its weights. What must happen to a in σ(a)?",
                    "gru-z-conventions",
                ),
                Misconception(
                    convert_gates_exchanged,
                    "The two gates have changed places.",
                    "Each gate keeps its part. Only what z_t = 1 means is different.",
                    "gru-z-conventions",
                ),
            ),
        ),
        Check(
            reference=gru_step,
            also_right=(step_fused, step_one_example_at_a_time),
            draw=draw_step,
            section="gru-step",
            outputs=("h_t",),
            edges=STEP_EDGES,
            misconceptions=(
                Misconception(
                    step_other_convention,
                    "z_t and 1 - z_t have changed places.",
                    "That is the convention of Chung et al. What does z_t = 1 mean in Keras?",
                    "gru-z-conventions",
                ),
                Misconception(
                    step_gates_swapped,
                    "The update gate and the reset gate have changed places.",
                    "Which of the two acts inside the candidate, which mixes old and new?",
                    "gru-step",
                ),
                Misconception(
                    step_placements_swapped,
                    "The two places of the reset have changed places.",
                    "After means: after the product with U_h.",
                    "gru-reset-placement",
                ),
                Misconception(
                    step_always_after,
                    "You always reset after the product.",
                    "Where reset_after is false, the old state is reset before it meets U_h.",
                    "gru-reset-placement",
                ),
                Misconception(
                    step_always_before,
                    "You always reset before the product.",
                    "Where reset_after is true, U_h comes first.",
                    "gru-reset-placement",
                ),
                Misconception(
                    step_recurrent_bias_always,
                    "b_recurrent is added although reset_after is false.",
                    "Only one of the two forms has a second bias.",
                    "gru-reset-placement",
                ),
                Misconception(
                    step_recurrent_bias_not_reset,
                    "b_recurrent is added outside the reset.",
                    "This bias belongs to the recurrent part. Where does that part end?",
                    "gru-reset-placement",
                ),
                Misconception(
                    step_no_recurrent_bias,
                    "b_recurrent is missing.",
                    "Where reset_after is true, the candidate has two biases.",
                    "gru-reset-placement",
                ),
                Misconception(
                    step_biases_swapped,
                    "The candidate's two biases have changed places.",
                    "Which of them goes with the input, which with the old state?",
                    "gru-reset-placement",
                ),
                Misconception(
                    step_without_reset,
                    "The reset gate has no effect: this is a simple GRU.",
                    "How much of the old state the candidate sees is for r_t to say.",
                    "gru-reset-gate",
                ),
                Misconception(
                    step_reset_on_input,
                    "The reset gate acts on the input.",
                    "The input is never reset: which of the two products speaks of the past?",
                    "gru-reset-gate",
                ),
                Misconception(
                    step_reset_on_candidate,
                    "The reset gate acts on the finished candidate.",
                    "The reset gate decides what the candidate is made from, so it acts inside the tanh.",
                    "gru-reset-gate",
                ),
                Misconception(
                    step_reset_on_old_state,
                    "The old state is reset in the last line too, where old and new are mixed.",
                    "What is kept of the old state is for z_t alone to say. Did you overwrite h_prev?",
                    "gru-new-state",
                ),
                Misconception(
                    step_one_minus_reset,
                    "The reset gate is used as 1 - r_t.",
                    "In spite of its name, r_t = 1 keeps the old state in view.",
                    "gru-reset-gate",
                ),
                Misconception(
                    step_mixed_by_reset,
                    "The reset gate mixes old and new; the update gate has no effect.",
                    "Which gate takes the shares of the old state and of the candidate?",
                    "gru-new-state",
                ),
                Misconception(
                    step_candidate_not_gated,
                    "The whole candidate is written.",
                    "Old and new share one state: how large is the candidate's share?",
                    "gru-new-state",
                ),
                Misconception(
                    step_sigmoid_candidate,
                    "The candidate goes through a sigmoid.",
                    "The candidate is content, not a gate: it may be negative.",
                    "gru-candidate",
                ),
                Misconception(
                    step_tanh_gates,
                    "The gates go through tanh.",
                    "A gate is a share, from nothing (0) to all of it (1).",
                    "gru-update-gate",
                ),
                Misconception(
                    step_squashed,
                    "The new state is passed through tanh.",
                    "tanh on the way out is the LSTM's. A mixture of bounded numbers needs none.",
                    "gru-new-state",
                ),
                Misconception(step_no_bias, "The biases are missing.", "Every block adds its own b.", "gru-step"),
                Misconception(
                    step_gates_see_only_the_input,
                    "h_prev has no effect on the gates.",
                    "A gate looks at x_t and at h_prev: where do U_z and U_r come in?",
                    "gru-update-gate",
                ),
                Misconception(
                    step_transposed_recurrent,
                    "The recurrent kernels are transposed.",
                    "Rows are examples here, so it is h_prev @ U as it stands.",
                    "lstm-matrix-product",
                ),
            ),
        ),
        Check(
            reference=gru_sequence,
            also_right=(sequence_time_major, sequence_by_recursion),
            draw=draw_sequence,
            section="gru-sequence",
            outputs=("the outputs", "the last h"),
            edges=SEQUENCE_EDGES,
            misconceptions=(
                Misconception(
                    sequence_state_not_carried,
                    "Every step starts from h_0, so nothing is remembered.",
                    "Hand the state of one step to the next.",
                    "gru-sequence",
                ),
                Misconception(
                    sequence_starts_at_zero,
                    "The sequence starts from zeros, whatever h_0 is.",
                    "Start from the state that is given.",
                    "gru-sequence",
                ),
                Misconception(
                    sequence_last_output_for_all,
                    "The last output stands at every time step.",
                    "Keep each step's h before the next one replaces it.",
                    "gru-sequence",
                ),
                Misconception(
                    sequence_time_first,
                    "Time is the first axis of the outputs.",
                    "The order is batch, time, units.",
                    "gru-sequence",
                ),
                Misconception(
                    sequence_state_before_update,
                    "Each output is the state before its step.",
                    "Keep h after the step, not before it.",
                    "gru-sequence",
                ),
                Misconception(
                    sequence_initial_state_kept,
                    "The outputs begin with h_0, so there is one too many.",
                    "The first output is the state after the first input.",
                    "gru-sequence",
                ),
                Misconception(
                    sequence_backwards,
                    "The sequence is read from its end.",
                    "Time runs from index 0 upwards.",
                    "gru-sequence",
                ),
                Misconception(
                    sequence_last_step_missing,
                    "One time step too few is computed.",
                    "A sequence of T inputs takes T steps.",
                    "gru-sequence",
                ),
                Misconception(
                    sequence_always_after,
                    "Every step is taken with reset_after=True.",
                    "Hand on to the step what you were given.",
                    "gru-reset-placement",
                ),
                Misconception(
                    sequence_always_before,
                    "Every step is taken with reset_after=False.",
                    "Hand on to the step what you were given.",
                    "gru-reset-placement",
                ),
                Misconception(
                    sequence_results_swapped,
                    "The two results are returned in the wrong order.",
                    "Return all outputs first, then the last state.",
                    "gru-sequence",
                ),
            ),
        ),
        Check(
            reference=unpack_keras_weights,
            also_right=(unpack_by_reshape, unpack_by_index),
            draw=draw_keras_weights,
            section="gru-keras-weights",
            misconceptions=(
                Misconception(
                    unpack_reset_first,
                    "The blocks are read as r, z, h.",
                    "PyTorch puts the reset gate first. Keras does not.",
                    "gru-keras-weights",
                ),
                Misconception(
                    unpack_candidate_first,
                    "The blocks are read as h, z, r.",
                    "In Keras the candidate does not come first.",
                    "gru-keras-weights",
                ),
                Misconception(
                    unpack_candidate_second,
                    "The blocks are read as z, h, r.",
                    "In Keras the candidate does not stand between the gates.",
                    "gru-keras-weights",
                ),
                Misconception(
                    unpack_interleaved,
                    "Every third column is taken for one block.",
                    "The columns of one block lie side by side.",
                    "gru-keras-weights",
                ),
                Misconception(
                    unpack_transposed,
                    "The recurrent kernels are transposed.",
                    "Keras, too, multiplies from the right: take the block as it is.",
                    "lstm-matrix-product",
                ),
                Misconception(
                    unpack_biases_swapped,
                    "b_h and b_recurrent have changed places.",
                    "The first row of the bias belongs to the input, the second to the old state.",
                    "gru-keras-weights",
                ),
                Misconception(
                    unpack_biases_added,
                    "The candidate's two biases are added up too.",
                    "For a gate that is right. In the candidate something stands between the two.",
                    "gru-reset-placement",
                ),
                Misconception(
                    unpack_recurrent_bias_twice,
                    "The candidate's recurrent bias is counted twice: in b_h and in b_recurrent.",
                    "In the candidate the two biases stay apart.",
                    "gru-reset-placement",
                ),
                Misconception(
                    unpack_first_bias_for_gates,
                    "The gates get the first row of the bias only.",
                    "A gate adds both of its biases, and so can you.",
                    "gru-keras-weights",
                ),
                Misconception(
                    unpack_second_bias_for_gates,
                    "The gates get the second row of the bias only.",
                    "A gate adds both of its biases, and so can you.",
                    "gru-keras-weights",
                ),
                Misconception(
                    unpack_only_the_first_bias,
                    "The second row of the bias is left out everywhere.",
                    "With reset_after=True each block has two biases, and both count.",
                    "gru-keras-weights",
                ),
            ),
        ),
        Check(
            reference=count_parameters,
            also_right=(count_by_columns, count_by_arrays),
            draw=draw_sizes,
            section="gru-parameters",
            exact_type=int,
            rtol=0,
            atol=0,
            edges=((7, 4, True), (9, 6, False)),
            misconceptions=(
                Misconception(
                    count_lstm,
                    "This is the count of an LSTM.",
                    "The 760 that some summaries give for GRU(5) on 32 inputs are an LSTM's too. "
                    "How many blocks does a GRU have?",
                    "gru-parameters",
                ),
                Misconception(
                    count_four_blocks,
                    "Four blocks are counted, as in an LSTM.",
                    "How many gates does a GRU have, and what else has weights?",
                    "gru-parameters",
                ),
                Misconception(
                    count_two_gates,
                    "Two blocks are counted.",
                    "Two gates, and something else that has weights.",
                    "gru-parameters",
                ),
                Misconception(
                    count_one_block, "Only one block is counted.", "How many blocks does a GRU have?", "gru-parameters"
                ),
                Misconception(
                    count_without_bias,
                    "The biases are not counted.",
                    "Each block has a bias, or two of them.",
                    "gru-parameters",
                ),
                Misconception(
                    count_always_one_bias,
                    "One bias a block is counted, whatever reset_after is.",
                    "What shape has Keras's bias where reset_after is true?",
                    "gru-parameters",
                ),
                Misconception(
                    count_always_two_biases,
                    "Two biases a block are counted, whatever reset_after is.",
                    "Which of the two forms needs a second bias?",
                    "gru-parameters",
                ),
                Misconception(
                    count_flag_reversed,
                    "The second bias is counted where reset_after is false.",
                    "Which of the two forms needs a second bias?",
                    "gru-parameters",
                ),
                Misconception(
                    count_second_bias_for_candidate_only,
                    "The second bias is counted for the candidate only.",
                    "The mathematics needs no more, but Keras stores more: look at the shape of its bias.",
                    "gru-parameters",
                ),
                Misconception(
                    count_without_recurrent,
                    "The recurrent kernels are not counted.",
                    "Each block has a W and a U.",
                    "gru-parameters",
                ),
                Misconception(
                    count_one_bias_for_all,
                    "One bias is counted for all blocks together.",
                    "Each block has a bias of its own.",
                    "gru-parameters",
                ),
                Misconception(
                    count_one_number_a_bias,
                    "A bias is counted as one number.",
                    "A bias has one entry for each unit.",
                    "gru-parameters",
                ),
            ),
        ),
    )
}
