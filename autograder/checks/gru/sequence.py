"""Checks of exercises/gru/sequence.ipynb: A whole GRU, and Keras's weights in it.

Rows are examples: x (batch, time, inputs); h (batch, units). `params` has, for each of the blocks z, r, h, W_ (inputs,
units), U_ (units, units) and b_ (units,), and b_recurrent (units,) for the candidate that is reset after its product.
Equations, both places of the reset and the order of the blocks z, r, h as in keras/src/layers/rnn/gru.py.

Ordinary cases have reset_after=True, Keras's default; declared conditions have the other form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from ..families.parameter_count import parameter_count, several_blocks
from ..families.sequence import sequence
from ..lstm.gates import sigmoid
from .gates import (
    Params,
    candidate_reset_after,
    candidate_reset_before,
    draw_nine,
    new_state_keras,
    reset_gate,
    update_gate,
)

Array = np.ndarray


# --- gru_step --------------------------------------------------------------------------------------------------------


@graded("gru-step", outputs=("h_t",))
def gru_step(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z_t = update_gate(x_t, h_prev, params["W_z"], params["U_z"], params["b_z"])
    r_t = reset_gate(x_t, h_prev, params["W_r"], params["U_r"], params["b_r"])
    W_h, U_h, b_h = params["W_h"], params["U_h"], params["b_h"]
    if reset_after:
        h_tilde = candidate_reset_after(x_t, h_prev, r_t, W_h, U_h, b_h, params["b_recurrent"])
    else:
        h_tilde = candidate_reset_before(x_t, h_prev, r_t, W_h, U_h, b_h)
    return new_state_keras(h_prev, z_t, h_tilde)


def draw_params(rng: np.random.Generator, inputs: int, units: int) -> Params:
    # The candidate's two biases point apart, so that exchanging them or resetting the wrong one shows.
    params = draw_nine(rng, inputs, units)
    params["b_h"] += 0.5
    return {**params, "b_recurrent": rng.normal(scale=0.8, size=units) - 0.5}


@gru_step.inputs
def draw_step(rng: np.random.Generator, batch: int, inputs: int, units: int, reset_after: bool = True) -> Inputs:
    x_t, h_prev = rng.normal(size=(batch, inputs)), rng.uniform(-0.9, 0.9, size=(batch, units))
    return (x_t, h_prev, draw_params(rng, inputs, units), reset_after)


@gru_step.condition("reset_after=False")
def step_before(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    return draw_step(rng, batch, inputs, units, False)


@gru_step.condition("reset_after=False, one example")
def step_before_one_example(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return draw_step(rng, 1, inputs, units, False)


@gru_step.condition("reset_after=False, one unit")
def step_before_one_unit(rng: np.random.Generator, batch: int, inputs: int) -> Inputs:
    return draw_step(rng, batch, inputs, 1, False)


@gru_step.condition("reset_after=False, equal sizes")
def step_before_equal_sizes(rng: np.random.Generator, units: int) -> Inputs:
    return draw_step(rng, units, units, units, False)


@gru_step.condition("h_prev is zero")
def first_step(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    x_t, h_prev, *others = draw_step(rng, batch, inputs, units)
    return (x_t, 0 * h_prev, *others)


@gru_step.condition("an old state beyond 1")
def beyond_one(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    x_t, h_prev, *others = draw_step(rng, batch, inputs, units)
    return (x_t, h_prev + np.where(np.arange(units) % 2, 8.0, -8.0), *others)


def far_from_zero(params: Params) -> Params:
    """Sums near 800 and near -800 in every block."""
    far = np.where(np.arange(len(params["b_z"])) % 2, 800.0, -800.0)
    return {name: b + far if name in ("b_z", "b_r", "b_h") else b for name, b in params.items()}


@gru_step.condition("sums far from zero")
def step_far_from_zero(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    x_t, h_prev, params, reset_after = draw_step(rng, batch, inputs, units)
    return (x_t, h_prev, far_from_zero(params), reset_after)


@gru_step.condition("reset_after=False, sums far from zero")
def step_before_far_from_zero(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    x_t, h_prev, params, reset_after = draw_step(rng, batch, inputs, units, False)
    return (x_t, h_prev, far_from_zero(params), reset_after)


@gru_step.condition("the entries of params in another order")
def another_order(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    x_t, h_prev, params, reset_after = draw_step(rng, batch, inputs, units)
    return (x_t, h_prev, {name: params[name] for name in sorted(params)}, reset_after)


@gru_step.right
def step_in_float32(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    p = {name: np.array(array, dtype="float32") for name, array in params.items()}
    z = sigmoid(np.dot(x_t, p["W_z"]) + np.dot(h_prev, p["U_z"]) + p["b_z"])
    r = sigmoid(np.dot(x_t, p["W_r"]) + np.dot(h_prev, p["U_r"]) + p["b_r"])
    from_state = r * (np.dot(h_prev, p["U_h"]) + p["b_recurrent"]) if reset_after else np.dot(r * h_prev, p["U_h"])
    h_t = np.tanh(np.dot(x_t, p["W_h"]) + p["b_h"] + from_state)
    h_t += z * (h_prev - h_t)
    return h_t.astype("float32")


@gru_step.right
def step_fused(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    W, U, b = (np.concatenate([params[kind + gate] for gate in "zrh"], axis=-1) for kind in ("W_", "U_", "b_"))
    units = h_prev.shape[1]
    from_input, from_state = x_t @ W + b, h_prev @ U
    gates = sigmoid((from_input + from_state)[:, : 2 * units])
    z, r = np.split(gates, 2, axis=1)
    inner = r * (from_state[:, -units:] + params["b_recurrent"]) if reset_after else (h_prev * r) @ params["U_h"]
    h_tilde = np.tanh(from_input[:, -units:] + inner)
    return h_tilde + z * (h_prev - h_tilde)


@gru_step.right
def step_one_example_at_a_time(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    rows = []
    for x, h in zip(x_t, h_prev):
        z, r = (sigmoid(params["W_" + g].T @ x + params["U_" + g].T @ h + params["b_" + g]) for g in "zr")
        inner = params["U_h"].T @ h + params["b_recurrent"] if reset_after else params["U_h"].T @ (r * h)
        h_tilde = np.tanh(params["W_h"].T @ x + params["b_h"] + (r * inner if reset_after else inner))
        rows.append((1 - z) * h_tilde + z * h)
    return np.array(rows)


@gru_step.wrong(
    "z_t and 1 - z_t have changed places.",
    "That is the convention of Chung et al. What does z_t = 1 mean in Keras?",
    see="gru-z-conventions",
)
def step_other_convention(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return (1 - z) * h_prev + z * h_tilde


@gru_step.wrong(
    "The update gate and the reset gate have changed places.",
    "Which of the two acts inside the candidate, which mixes old and new?",
)
def step_gates_swapped(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    r, z = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "The two places of the reset have changed places.",
    "After means: after the product with U_h.",
    see="gru-reset-placement",
)
def step_placements_swapped(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (before if reset_after else after))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "You always reset after the product.",
    "Where reset_after is false, the old state is reset before it meets U_h.",
    see="gru-reset-placement",
)
def step_always_after(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    after = r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + after)
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "You always reset before the product.", "Where reset_after is true, U_h comes first.", see="gru-reset-placement"
)
def step_always_before(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (r * h_prev) @ params["U_h"])
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "b_recurrent is added although reset_after is false.",
    "Only one of the two forms has a second bias.",
    see="gru-reset-placement",
)
def step_recurrent_bias_always(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before + params["b_recurrent"]))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "b_recurrent is added outside the reset.",
    "This bias belongs to the recurrent part. Where does that part end?",
    see="gru-reset-placement",
)
def step_recurrent_bias_not_reset(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"]) + params["b_recurrent"]
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "b_recurrent is missing.", "Where reset_after is true, the candidate has two biases.", see="gru-reset-placement"
)
def step_no_recurrent_bias(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "The candidate's two biases have changed places.",
    "Which of them goes with the input, which with the old state?",
    see="gru-reset-placement",
)
def step_biases_swapped(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_h"])
    inner = after + params["b_recurrent"] if reset_after else before + params["b_h"]
    return z * h_prev + (1 - z) * np.tanh(x_t @ params["W_h"] + inner)


@gru_step.wrong(
    "The reset gate has no effect: this is a simple GRU.",
    "How much of the old state the candidate sees is for r_t to say.",
    see="gru-reset-gate",
)
def step_without_reset(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z = sigmoid(x_t @ params["W_z"] + h_prev @ params["U_z"] + params["b_z"])
    inner = h_prev @ params["U_h"] + (params["b_recurrent"] if reset_after else 0)
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + inner)
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "The reset gate acts on the input.",
    "The input is never reset: which of the two products speaks of the past?",
    see="gru-reset-gate",
)
def step_reset_on_input(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    inner = h_prev @ params["U_h"] + (params["b_recurrent"] if reset_after else 0)
    h_tilde = np.tanh(r * (x_t @ params["W_h"]) + params["b_h"] + inner)
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "The reset gate acts on the finished candidate.",
    "The reset gate decides what the candidate is made from, so it acts inside the tanh.",
    see="gru-reset-gate",
)
def step_reset_on_candidate(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    inner = h_prev @ params["U_h"] + (params["b_recurrent"] if reset_after else 0)
    h_tilde = r * np.tanh(x_t @ params["W_h"] + params["b_h"] + inner)
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "The old state is reset in the last line too, where old and new are mixed.",
    "What is kept of the old state is for z_t alone to say. Did you overwrite h_prev?",
    see="gru-new-state",
)
def step_reset_on_old_state(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * (r * h_prev) + (1 - z) * h_tilde


@gru_step.wrong(
    "The reset gate is used as 1 - r_t.",
    "In spite of its name, r_t = 1 keeps the old state in view.",
    see="gru-reset-gate",
)
def step_one_minus_reset(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = ((1 - r) * h_prev) @ params["U_h"], (1 - r) * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "The reset gate mixes old and new; the update gate has no effect.",
    "Which gate takes the shares of the old state and of the candidate?",
    see="gru-new-state",
)
def step_mixed_by_reset(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    r = sigmoid(x_t @ params["W_r"] + h_prev @ params["U_r"] + params["b_r"])
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return r * h_prev + (1 - r) * h_tilde


@gru_step.wrong(
    "The whole candidate is written.",
    "Old and new share one state: how large is the candidate's share?",
    see="gru-new-state",
)
def step_candidate_not_gated(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + h_tilde


@gru_step.wrong(
    "The candidate goes through a sigmoid.",
    "The candidate is content, not a gate: it may be negative.",
    see="gru-candidate",
)
def step_sigmoid_candidate(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = sigmoid(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "The gates go through tanh.", "A gate is a share, from nothing (0) to all of it (1).", see="gru-update-gate"
)
def step_tanh_gates(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (np.tanh(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "The new state is passed through tanh.",
    "tanh on the way out is the LSTM's. A mixture of bounded numbers needs none.",
    see="gru-new-state",
)
def step_squashed(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return np.tanh(z * h_prev + (1 - z) * h_tilde)


@gru_step.wrong("The biases are missing.", "Every block adds its own b.")
def step_no_bias(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"])
    h_tilde = np.tanh(x_t @ params["W_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "h_prev has no effect on the gates.",
    "A gate looks at x_t and at h_prev: where do U_z and U_r come in?",
    see="gru-update-gate",
)
def step_gates_see_only_the_input(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "The recurrent kernels are transposed.",
    "Rows are examples here, so it is h_prev @ U as it stands.",
    see="lstm-matrix-product",
)
def step_transposed_recurrent(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g].T + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"].T, r * (h_prev @ params["U_h"].T + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "The old state is dropped.", "The new state is a mixture of two things: which one is missing?", see="gru-new-state"
)
def step_old_state_dropped(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return (1 - z) * h_tilde


@gru_step.wrong(
    "The candidate has no activation.", "Which function keeps new content between -1 and 1?", see="gru-candidate"
)
def step_candidate_without_tanh(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before)
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "x_t has no effect on the gates.",
    "A gate looks at x_t and at h_prev: where do W_z and W_r come in?",
    see="gru-update-gate",
)
def step_gates_see_only_the_state(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong("x_t has no effect on the candidate.", "Where does W_h come in?", see="gru-candidate")
def step_candidate_without_input(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "The old state has no effect on the candidate.",
    "The candidate looks at x_t and at what the reset gate lets through of h_prev.",
    see="gru-candidate",
)
def step_candidate_without_state(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    inner = r * params["b_recurrent"] if reset_after else 0
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + inner)
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "h_prev and the recurrent kernels of the gates are multiplied elementwise.",
    "Every unit sees every unit of h_prev: use a matrix product.",
    see="lstm-matrix-product",
)
def step_elementwise_recurrent(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev * params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


@gru_step.wrong(
    "Axes of length 1 are dropped from the result.",
    "A batch of one example is still a batch, and one unit is still an axis.",
)
def step_axes_dropped(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + g] + h_prev @ params["U_" + g] + params["b_" + g]) for g in "zr")
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return np.squeeze(z * h_prev + (1 - z) * h_tilde)


@gru_step.wrong(
    "The candidate is returned, not the new state.",
    "There is one more line: old and new are mixed.",
    see="gru-new-state",
)
def step_candidate_returned(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    r = sigmoid(x_t @ params["W_r"] + h_prev @ params["U_r"] + params["b_r"])
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    return np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))


@gru_step.wrong(
    "The kernels of the two gates have changed places, their biases have not.",
    "Each gate has a W, a U and a b of its own: which go together?",
    see="gru-update-gate",
)
def step_kernels_of_gates_swapped(x_t: Array, h_prev: Array, params: Params, reset_after: bool) -> Array:
    z, r = (sigmoid(x_t @ params["W_" + k] + h_prev @ params["U_" + k] + params["b_" + b]) for k, b in ("rz", "zr"))
    before, after = (r * h_prev) @ params["U_h"], r * (h_prev @ params["U_h"] + params["b_recurrent"])
    h_tilde = np.tanh(x_t @ params["W_h"] + params["b_h"] + (after if reset_after else before))
    return z * h_prev + (1 - z) * h_tilde


# --- gru_sequence ----------------------------------------------------------------------------------------------------


@graded("gru-sequence", outputs=("the outputs", "the last h"))
def gru_sequence(
    x: Array, h_0: Array, params: Params, reset_after: bool, *, gru_step: Callable[..., Any] = gru_step
) -> tuple[Any, Any]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, params, reset_after)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@gru_sequence.inputs(time=range(3, 8))  # With two steps, "the last but one" and "the first" are the same.
def draw_sequence(
    rng: np.random.Generator, batch: int, time: int, inputs: int, units: int, reset_after: bool = True
) -> Inputs:
    x, h_0 = rng.normal(size=(batch, time, inputs)), rng.uniform(-0.9, 0.9, size=(batch, units))
    return (x, h_0, draw_params(rng, inputs, units), reset_after)


@gru_sequence.condition("reset_after=False")
def sequence_before(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return draw_sequence(rng, batch, time, inputs, units, False)


@gru_sequence.condition("reset_after=False, one example")
def sequence_before_one_example(rng: np.random.Generator, time: int, inputs: int, units: int) -> Inputs:
    return draw_sequence(rng, 1, time, inputs, units, False)


@gru_sequence.condition("reset_after=False, one step")
def sequence_before_one_step(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    return draw_sequence(rng, batch, 1, inputs, units, False)


@gru_sequence.condition("h_0 is zero")
def from_nothing(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    x, h_0, *others = draw_sequence(rng, batch, time, inputs, units)
    return (x, 0 * h_0, *others)


@gru_sequence.condition("a long sequence")
def long_sequence(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    return draw_sequence(rng, batch, 30, inputs, units)


gru_sequence.like(sequence, step=gru_step)


@gru_sequence.wrong(
    "Every step is taken with reset_after=True.", "Hand on to the step what you were given.", see="gru-reset-placement"
)
def sequence_always_after(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, params, True)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@gru_sequence.wrong(
    "Every step is taken with reset_after=False.", "Hand on to the step what you were given.", see="gru-reset-placement"
)
def sequence_always_before(x: Array, h_0: Array, params: Params, reset_after: bool) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, params, False)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


# --- unpack_keras_weights --------------------------------------------------------------------------------------------


@graded("gru-keras-weights")
def unpack_keras_weights(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    """Keras 3 keeps the blocks in the order z, r, h, and two biases: the input's, then the recurrent one.

    The gates add their two biases up. The candidate cannot: its second one is multiplied by the reset gate.
    """
    blocks = [np.split(array, 3, axis=1) for array in (kernel, recurrent_kernel, bias)]
    params = {f"{kind}_{gate}": block for kind, row in zip("WU", blocks) for gate, block in zip("zrh", row)}
    for gate, pair in zip("zr", blocks[2]):
        params[f"b_{gate}"] = pair.sum(axis=0)
    params["b_h"], params["b_recurrent"] = blocks[2][2]
    return params


@unpack_keras_weights.inputs
def draw_keras_weights(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    sizes = ((inputs, 3 * units), (units, 3 * units), (2, 3 * units))
    return tuple(rng.normal(size=size) for size in sizes)


@unpack_keras_weights.right
def unpack_by_names(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    params["W_z"], params["W_r"], params["W_h"] = np.hsplit(kernel, 3)
    params["U_z"], params["U_r"], params["U_h"] = np.hsplit(recurrent_kernel, 3)
    both = bias.reshape(2, 3, len(recurrent_kernel)).astype("float32")
    params["b_z"], params["b_r"] = both.sum(axis=0)[:2]
    params["b_h"], params["b_recurrent"] = both[:, 2]
    return params


@unpack_keras_weights.right
def unpack_by_reshape(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for kind, array in (("W_", kernel), ("U_", recurrent_kernel), ("b_", bias)):
        blocks = array.reshape(len(array), 3, len(recurrent_kernel))
        params.update({kind + gate: blocks[:, n] for n, gate in enumerate("zrh")})
    second = params["b_h"][1]
    params.update({"b_" + gate: np.add(*params["b_" + gate]) for gate in "zr"})
    return {**params, "b_h": params["b_h"][0], "b_recurrent": second}


@unpack_keras_weights.right
def unpack_by_index(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    units = len(recurrent_kernel)
    params = {"b_recurrent": bias[1, -units:]}
    for place, gate in ((2, "h"), (1, "r"), (0, "z")):
        columns = np.arange(units) + place * units
        params["W_" + gate], params["U_" + gate] = kernel[:, columns], recurrent_kernel[:, columns]
        params["b_" + gate] = bias[0, columns] + (bias[1, columns] if gate != "h" else 0)
    return params


@unpack_keras_weights.wrong("The blocks are read as r, z, h.", "PyTorch puts the reset gate first. Keras does not.")
def unpack_reset_first(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("rzh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0] + b[1]})
    return {**params, "b_h": b[0], "b_recurrent": b[1]}


@unpack_keras_weights.wrong("The blocks are read as h, z, r.", "In Keras the candidate does not come first.")
def unpack_candidate_first(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("hzr"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0] + b[1]})
    first, second = np.split(bias, 3, axis=-1)[0]
    return {**params, "b_h": first, "b_recurrent": second}


@unpack_keras_weights.wrong(
    "The blocks are read as z, h, r.", "In Keras the candidate does not stand between the gates."
)
def unpack_candidate_second(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zhr"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0] + b[1]})
    first, second = np.split(bias, 3, axis=-1)[1]
    return {**params, "b_h": first, "b_recurrent": second}


@unpack_keras_weights.wrong("Every third column is taken for one block.", "The columns of one block lie side by side.")
def unpack_interleaved(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        params.update({"W_" + gate: kernel[:, n::3], "U_" + gate: recurrent_kernel[:, n::3]})
        params["b_" + gate] = bias[0, n::3] + bias[1, n::3]
    return {**params, "b_h": bias[0, 2::3], "b_recurrent": bias[1, 2::3]}


@unpack_keras_weights.wrong(
    "The recurrent kernels are transposed.",
    "Keras, too, multiplies from the right: take the block as it is.",
    see="lstm-matrix-product",
)
def unpack_transposed(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    W, U, b = (np.split(array, 3, axis=-1) for array in (kernel, recurrent_kernel, bias))
    params = {
        kind + g: row[n] for kind, row in (("W_", W), ("U_", [block.T for block in U])) for n, g in enumerate("zrh")
    }
    return {**params, "b_z": sum(b[0]), "b_r": sum(b[1]), "b_h": b[2][0], "b_recurrent": b[2][1]}


@unpack_keras_weights.wrong(
    "b_h and b_recurrent have changed places.",
    "The first row of the bias belongs to the input, the second to the old state.",
)
def unpack_biases_swapped(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0] + b[1]})
    return {**params, "b_h": b[1], "b_recurrent": b[0]}


@unpack_keras_weights.wrong(
    "The candidate's two biases are added up too.",
    "For a gate that is right. In the candidate something stands between the two.",
    see="gru-reset-placement",
)
def unpack_biases_added(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    W, U, b = (np.split(array, 3, axis=-1) for array in (kernel, recurrent_kernel, bias))
    params = {kind + g: row[n] for kind, row in (("W_", W), ("U_", U)) for n, g in enumerate("zrh")}
    return {**params, "b_z": sum(b[0]), "b_r": sum(b[1]), "b_h": sum(b[2]), "b_recurrent": 0 * b[2][1]}


@unpack_keras_weights.wrong(
    "The candidate's recurrent bias is counted twice: in b_h and in b_recurrent.",
    "In the candidate the two biases stay apart.",
    see="gru-reset-placement",
)
def unpack_recurrent_bias_twice(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    W, U, b = (np.split(array, 3, axis=-1) for array in (kernel, recurrent_kernel, bias))
    params = {kind + g: row[n] for kind, row in (("W_", W), ("U_", U)) for n, g in enumerate("zrh")}
    return {**params, "b_z": sum(b[0]), "b_r": sum(b[1]), "b_h": sum(b[2]), "b_recurrent": b[2][1]}


@unpack_keras_weights.wrong(
    "The gates get the first row of the bias only.", "A gate adds both of its biases, and so can you."
)
def unpack_first_bias_for_gates(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0]})
    return {**params, "b_recurrent": b[1]}


@unpack_keras_weights.wrong(
    "The gates get the second row of the bias only.", "A gate adds both of its biases, and so can you."
)
def unpack_second_bias_for_gates(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[1]})
    return {**params, "b_h": b[0], "b_recurrent": b[1]}


@unpack_keras_weights.wrong(
    "The second row of the bias is left out everywhere.",
    "With reset_after=True each block has two biases, and both count.",
)
def unpack_only_the_first_bias(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0]})
    return {**params, "b_recurrent": np.zeros_like(b[0])}


@unpack_keras_weights.wrong(
    "The blocks are read from the last to the first.", "The first columns belong to the first block."
)
def unpack_reversed(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("hrz"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b.sum(axis=0)})
    params["b_h"], params["b_recurrent"] = np.split(bias, 3, axis=-1)[0]
    return params


@unpack_keras_weights.wrong("The blocks are read as r, h, z.", "In Keras the update gate does not come last.")
def unpack_update_last(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("rhz"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b.sum(axis=0)})
    params["b_h"], params["b_recurrent"] = np.split(bias, 3, axis=-1)[1]
    return params


@unpack_keras_weights.wrong(
    "The kernels are reshaped, not cut: numbers of different blocks are mixed.",
    "Each row of a kernel holds all three blocks. What does reshape do with a row?",
)
def unpack_reshaped(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    W, U = (array.reshape(3, len(array), -1) for array in (kernel, recurrent_kernel))
    b = np.split(bias, 3, axis=-1)
    params = {kind + gate: block for kind, blocks in (("W_", W), ("U_", U)) for gate, block in zip("zrh", blocks)}
    return {**params, "b_z": sum(b[0]), "b_r": sum(b[1]), "b_h": b[2][0], "b_recurrent": b[2][1]}


@unpack_keras_weights.wrong(
    "`kernel` and `recurrent_kernel` have changed places.", "Which of the two multiplies the input?"
)
def unpack_kernels_exchanged(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: U, "U_" + gate: W, "b_" + gate: b[0] + b[1]})
    return {**params, "b_h": b[0], "b_recurrent": b[1]}


@unpack_keras_weights.wrong("Each block has a column too many.", "The end of a slice is not part of it.")
def unpack_one_column_too_many(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    units, params = bias.shape[1] // 3, {}
    for n, gate in enumerate("zrh"):
        W, U, b = (a[:, n * units : (n + 1) * units + 1] for a in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0] + b[1]})
    return {**params, "b_h": b[0], "b_recurrent": b[1]}


@unpack_keras_weights.wrong(
    "The two biases of a gate are averaged.", "The sums of both products are added, each with its bias."
)
def unpack_biases_averaged(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b.mean(axis=0)})
    return {**params, "b_h": b[0], "b_recurrent": b[1]}


@unpack_keras_weights.wrong("`b_recurrent` is missing.", "With reset_after=True the candidate has a second bias.")
def unpack_without_recurrent_bias(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[0] + b[1]})
    return {**params, "b_h": b[0]}


@unpack_keras_weights.wrong("The biases have two axes.", "A bias has the shape (units,).")
def unpack_biases_as_rows(kernel: Array, recurrent_kernel: Array, bias: Array) -> Params:
    params = {}
    for n, gate in enumerate("zrh"):
        W, U, b = (np.split(array, 3, axis=-1)[n] for array in (kernel, recurrent_kernel, bias))
        params.update({"W_" + gate: W, "U_" + gate: U, "b_" + gate: b[:1] + b[1:]})
    return {**params, "b_h": b[:1], "b_recurrent": b[1:]}


# --- count_parameters ------------------------------------------------------------------------------------------------


@graded("gru-parameters", exact_type=int, rtol=0, atol=0)
def count_parameters(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * ((inputs + units) * units + (2 * units if reset_after else units))


@count_parameters.inputs(inputs=range(2, 60), units=range(2, 60))
def draw_sizes(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (inputs, units, True)


@count_parameters.condition("reset_after=False")
def sizes_before(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (inputs, units, False)


@count_parameters.condition("reset_after=False, one unit")
def sizes_before_one_unit(rng: np.random.Generator, inputs: int) -> Inputs:
    return (inputs, 1, False)


count_parameters.always("5 units on 32 inputs", 32, 5, True)
count_parameters.always("5 units on 32 inputs, reset_after=False", 32, 5, False)
count_parameters.always("more units than inputs", 7, 40, True)
count_parameters.always("more units than inputs, reset_after=False", 7, 40, False)


@count_parameters.right
def count_by_arrays(inputs: int, units: int, reset_after: bool) -> int:
    biases = np.empty((2, 3 * units) if reset_after else 3 * units)
    return np.empty((inputs, 3 * units)).size + np.empty((units, 3 * units)).size + biases.size


@count_parameters.right
def count_by_columns(inputs: int, units: int, reset_after: bool) -> int:
    rows = inputs + units + (2 if reset_after else 1)
    return rows * 3 * units


@count_parameters.right
def count_block_by_block(inputs: int, units: int, reset_after: bool) -> int:
    total = 0
    for _ in "zrh":
        total += inputs * units + units**2
        total += units
        if reset_after:
            total += units
    return total


count_parameters.like(parameter_count, blocks=3, block="block", layer="a GRU")
count_parameters.like(several_blocks, blocks=3, block="block", layer="a GRU")


@count_parameters.wrong(
    "This is the count of an LSTM.",
    "The 760 that some summaries give for GRU(5) on 32 inputs are an LSTM's too. How many blocks does a GRU have?",
)
def count_lstm(inputs: int, units: int, reset_after: bool) -> int:
    return 4 * ((inputs + units) * units + units)


@count_parameters.wrong(
    "One bias a block is counted, whatever reset_after is.", "What shape has Keras's bias where reset_after is true?"
)
def count_always_one_bias(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * ((inputs + units) * units + units)


@count_parameters.wrong(
    "Two biases a block are counted, whatever reset_after is.", "Which of the two forms needs a second bias?"
)
def count_always_two_biases(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * ((inputs + units) * units + 2 * units)


@count_parameters.wrong(
    "The second bias is counted where reset_after is false.", "Which of the two forms needs a second bias?"
)
def count_flag_reversed(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * ((inputs + units) * units + (units if reset_after else 2 * units))


@count_parameters.wrong(
    "The second bias is counted for the candidate only.",
    "The mathematics needs no more, but Keras stores more: look at the shape of its bias.",
)
def count_second_bias_for_candidate_only(inputs: int, units: int, reset_after: bool) -> int:
    return 3 * ((inputs + units) * units + units) + (units if reset_after else 0)
