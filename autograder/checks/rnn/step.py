"""The simple recurrent network (Elman, 1990): a step, its output, a sequence, and padding.

x_t (batch, inputs), h_prev (batch, units), x (batch, time, inputs). W (inputs, units) multiplies the input and
U (units, units) the hidden state; V (units, outputs) makes the output.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..check import AnyCheck, Check, Inputs, Misconception

Array = np.ndarray


# --- one step --------------------------------------------------------------------------------------------------------


def rnn_step(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    """h_t = tanh(x_t W + h_{t-1} U + b)."""
    return np.tanh(x_t @ W + h_prev @ U + b)


def step_by_einsum(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(b + np.einsum("bj,ju->bu", h_prev, U) + np.einsum("bi,iu->bu", x_t, W))


def step_by_concatenation(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(np.concatenate([h_prev, x_t], axis=1) @ np.concatenate([U, W]) + b)


def step_in_loops(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    h_t = np.zeros(h_prev.shape)
    for row in range(h_prev.shape[0]):
        for unit in range(h_prev.shape[1]):
            total = b[unit]
            total = total + sum(x_t[row, i] * W[i, unit] for i in range(W.shape[0]))
            total = total + sum(h_prev[row, j] * U[j, unit] for j in range(U.shape[0]))
            h_t[row, unit] = 2 / (1 + np.exp(-2 * total)) - 1
    return h_t


def step_in_float32(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    x_t, h_prev, W, U, b = (np.asarray(a, dtype="float32") for a in (x_t, h_prev, W, U, b))
    return np.tanh(h_prev @ U + (x_t @ W + b))


def step_no_bias(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U)


def step_bias_twice(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh((x_t @ W + b) + (h_prev @ U + b))


def step_no_recurrent_term(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + b)


def step_no_input_term(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(h_prev @ U + b)


def step_no_tanh(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return x_t @ W + h_prev @ U + b


def step_sigmoid_for_tanh(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return 1 / (1 + np.exp(-(x_t @ W + h_prev @ U + b)))


def step_relu_for_tanh(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.maximum(x_t @ W + h_prev @ U + b, 0)


def step_tanh_of_each_term(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W) + np.tanh(h_prev @ U) + np.tanh(b)


def step_recurrent_term_outside(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + b) + h_prev @ U


def step_bias_outside(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U) + b


def step_transposed_recurrent(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U.T + b)


def step_elementwise_recurrent(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev * np.diag(U) + b)


def step_examples_in_columns(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(W.T @ x_t.T + U.T @ h_prev.T + b[:, None])


def step_added_to_old_state(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return h_prev + np.tanh(x_t @ W + h_prev @ U + b)


def draw_step(rng: np.random.Generator) -> Inputs:
    batch, inputs, units = (int(n) for n in rng.permutation([2, 3, 4, 5])[:3])
    return (
        rng.normal(size=(batch, inputs)),
        rng.uniform(-0.9, 0.9, size=(batch, units)),
        *draw_cell(rng, inputs, units),
    )


def draw_cell(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    """W, U and b. The bias is not near zero."""
    return (
        rng.normal(scale=0.7, size=(inputs, units)),
        rng.normal(scale=0.7, size=(units, units)),
        rng.choice([-1, 1], size=units) * rng.uniform(0.3, 1, size=units),
    )


# --- the output ------------------------------------------------------------------------------------------------------


def rnn_output(h_t: Array, V: Array, c: Array) -> Array:
    """y_t = softmax(h_t V + c), row by row. The largest exponent is 0, so nothing overflows."""
    logits = h_t @ V + c
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def output_by_logarithms(h_t: Array, V: Array, c: Array) -> Array:
    scores = np.einsum("bu,uo->bo", h_t, V) + c
    return np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, np.newaxis])


def output_row_by_row(h_t: Array, V: Array, c: Array) -> Array:
    rows = []
    for h in h_t:
        score = V.T @ h + c
        rows.append([1 / np.sum(np.exp(np.minimum(score - s, 700))) for s in score])
    return np.array(rows)


def output_in_float32(h_t: Array, V: Array, c: Array) -> Array:
    scores = (c + h_t @ V).astype("float32")
    e = np.exp(scores.T - scores.max(axis=1))
    return (e / e.sum(axis=0)).T


def softmax_over_batch(h_t: Array, V: Array, c: Array) -> Array:
    a = h_t @ V + c
    e = np.exp(a - a.max(axis=0))
    return e / e.sum(axis=0)


def softmax_over_everything(h_t: Array, V: Array, c: Array) -> Array:
    a = h_t @ V + c
    e = np.exp(a - a.max())
    return e / e.sum()


def softmax_left_out(h_t: Array, V: Array, c: Array) -> Array:
    return h_t @ V + c


def softmax_overflows(h_t: Array, V: Array, c: Array) -> Array:
    e = np.exp(h_t @ V + c)
    return e / e.sum(axis=1, keepdims=True)


def softmax_one_maximum_for_all(h_t: Array, V: Array, c: Array) -> Array:
    a = h_t @ V + c
    e = np.exp(a - np.max(a))
    return e / e.sum(axis=1, keepdims=True)


def softmax_not_normalised(h_t: Array, V: Array, c: Array) -> Array:
    a = h_t @ V + c
    return np.exp(a - a.max(axis=1, keepdims=True))


def softmax_without_exponential(h_t: Array, V: Array, c: Array) -> Array:
    a = h_t @ V + c
    return a / a.sum(axis=1, keepdims=True)


def sigmoid_for_softmax(h_t: Array, V: Array, c: Array) -> Array:
    return 0.5 * (1 + np.tanh((h_t @ V + c) / 2))


def softmax_no_bias(h_t: Array, V: Array, c: Array) -> Array:
    a = h_t @ V
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_bias_outside(h_t: Array, V: Array, c: Array) -> Array:
    a = h_t @ V
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True) + c


def softmax_of_tanh(h_t: Array, V: Array, c: Array) -> Array:
    e = np.exp(np.tanh(h_t @ V + c))
    return e / e.sum(axis=1, keepdims=True)


def softmax_logarithm(h_t: Array, V: Array, c: Array) -> Array:
    a = h_t @ V + c
    a = a - a.max(axis=1, keepdims=True)
    return a - np.log(np.exp(a).sum(axis=1, keepdims=True))


def softmax_hard(h_t: Array, V: Array, c: Array) -> Array:
    a = h_t @ V + c
    return (a == a.max(axis=1, keepdims=True)).astype(float)


def draw_output(rng: np.random.Generator) -> Inputs:
    batch, units, outputs = (int(n) for n in rng.permutation([2, 3, 4, 5])[:3])
    return (rng.uniform(-0.9, 0.9, size=(batch, units)), *draw_readout(rng, units, outputs))


def draw_readout(rng: np.random.Generator, units: int, outputs: int) -> Inputs:
    """V and c."""
    return (rng.normal(size=(units, outputs)), rng.choice([-1, 1], size=outputs) * rng.uniform(0.3, 1, size=outputs))


# Rows with scores near 1000, near -1000 and near 0: only the differences within a row count.
FAR_FROM_ZERO: Inputs = (
    np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]),
    np.array([[1000.0, 998.0, 999.0, 400.0], [-1000.0, -1003.0, -1001.0, -1002.0]]),
    np.array([0.5, -0.25, 1.0, 2.0]),
)


# --- a whole sequence ------------------------------------------------------------------------------------------------


def rnn_sequence(
    x: Array, h_0: Array, W: Array, U: Array, b: Array, *, rnn_step: Callable[..., Any] = rnn_step
) -> tuple[Any, Any]:
    """All hidden states (batch, time, units), and the last one."""
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def sequence_inputs_first(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    projected = x @ W + b
    outputs = np.zeros_like(projected)
    h = h_0
    for t in range(x.shape[1]):
        h = np.tanh(projected[:, t] + h @ U)
        outputs[:, t] = h
    return outputs, h


def sequence_by_recursion(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h = rnn_step(x[:, 0], h_0, W, U, b)
    if x.shape[1] == 1:
        return h[:, None], h
    rest, h_end = sequence_by_recursion(x[:, 1:], h, W, U, b)
    return np.concatenate([h[:, None], rest], axis=1), h_end


def sequence_one_example_at_a_time(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    outputs = []
    for example, h in zip(x, h_0):
        states = []
        for x_t in example:
            h = np.tanh(W.T @ x_t + U.T @ h + b)
            states.append(h)
        outputs.append(states)
    return np.array(outputs), np.array(outputs)[:, -1]


def sequence_state_not_carried(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    steps = [rnn_step(x[:, t], h_0, W, U, b) for t in range(x.shape[1])]
    return np.stack(steps, axis=1), steps[-1]


def sequence_starts_at_zero(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = np.zeros_like(h_0), []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def sequence_last_output_for_all(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h = h_0
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b)
    return np.stack([h] * x.shape[1], axis=1), h


def sequence_time_first(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return np.array(outputs), h


def sequence_reshaped(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return np.array(outputs).reshape(x.shape[0], x.shape[1], -1), h


def sequence_state_before_update(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        outputs.append(h)
        h = rnn_step(x[:, t], h, W, U, b)
    return np.stack(outputs, axis=1), h


def sequence_with_initial_state(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, [h_0]
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def sequence_backwards(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in reversed(range(x.shape[1])):
        h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def sequence_last_step_missing(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, np.zeros((x.shape[0], x.shape[1], h_0.shape[1]))
    for t in range(x.shape[1] - 1):
        h = rnn_step(x[:, t], h, W, U, b)
        outputs[:, t] = h
    return outputs, h


def sequence_results_in_wrong_order(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return h, np.stack(outputs, axis=1)


def draw_sizes(rng: np.random.Generator, count: int) -> list[int]:
    """How many time steps, then `count` other sizes; all differ."""
    time = int(rng.integers(3, 7))
    others = rng.permutation([n for n in (2, 3, 4, 5, 6) if n != time])[:count]
    return [time, *(int(n) for n in others)]


def draw_sequence(rng: np.random.Generator) -> Inputs:
    time, batch, inputs, units = draw_sizes(rng, 3)
    h_0 = rng.choice([-1, 1], size=(batch, units)) * rng.uniform(0.2, 0.9, size=(batch, units))
    return (rng.normal(size=(batch, time, inputs)), h_0, *draw_cell(rng, inputs, units))


# --- an output at every step -----------------------------------------------------------------------------------------


def rnn_outputs(states: Array, V: Array, c: Array, *, rnn_output: Callable[..., Any] = rnn_output) -> Any:
    """The output at every step, (batch, time, outputs), from all hidden states, (batch, time, units)."""
    return np.stack([rnn_output(states[:, t], V, c) for t in range(states.shape[1])], axis=1)


def outputs_all_at_once(states: Array, V: Array, c: Array) -> Array:
    flat = rnn_output(states.reshape(-1, states.shape[2]), V, c)
    return flat.reshape(states.shape[0], states.shape[1], -1)


def outputs_by_last_axis(states: Array, V: Array, c: Array) -> Array:
    scores = np.einsum("btu,uo->bto", states, V) + c
    return np.exp(scores - np.logaddexp.reduce(scores, axis=2, keepdims=True))


def outputs_example_by_example(states: Array, V: Array, c: Array) -> Array:
    return np.array([rnn_output(example, V, c) for example in states])


def outputs_last_only(states: Array, V: Array, c: Array) -> Array:
    return rnn_output(states[:, -1], V, c)


def outputs_last_for_all(states: Array, V: Array, c: Array) -> Array:
    return np.stack([rnn_output(states[:, -1], V, c)] * states.shape[1], axis=1)


def outputs_softmax_over_time(states: Array, V: Array, c: Array) -> Array:
    e = np.exp(states @ V + c)
    return e / e.sum(axis=1, keepdims=True)


def outputs_softmax_over_batch(states: Array, V: Array, c: Array) -> Array:
    e = np.exp(states @ V + c)
    return e / e.sum(axis=0, keepdims=True)


def outputs_softmax_over_time_and_classes(states: Array, V: Array, c: Array) -> Array:
    e = np.exp(states @ V + c)
    return e / e.sum(axis=(1, 2), keepdims=True)


def outputs_without_softmax(states: Array, V: Array, c: Array) -> Array:
    return states @ V + c


def outputs_time_first(states: Array, V: Array, c: Array) -> Array:
    return np.array([rnn_output(states[:, t], V, c) for t in range(states.shape[1])])


def outputs_reshaped(states: Array, V: Array, c: Array) -> Array:
    steps = np.array([rnn_output(states[:, t], V, c) for t in range(states.shape[1])])
    return steps.reshape(states.shape[0], states.shape[1], -1)


def outputs_from_the_mean(states: Array, V: Array, c: Array) -> Array:
    return rnn_output(states.mean(axis=1), V, c)


def outputs_from_the_sum_so_far(states: Array, V: Array, c: Array) -> Array:
    total = np.cumsum(states, axis=1)
    return np.stack([rnn_output(total[:, t], V, c) for t in range(states.shape[1])], axis=1)


def draw_states(rng: np.random.Generator) -> Inputs:
    time, batch, units, outputs = draw_sizes(rng, 3)
    return (rng.uniform(-0.9, 0.9, size=(batch, time, units)), *draw_readout(rng, units, outputs))


# --- padding ---------------------------------------------------------------------------------------------------------


def masked_sequence(
    x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array, *, rnn_step: Callable[..., Any] = rnn_step
) -> tuple[Any, Any]:
    """As `rnn_sequence`, but an example's state stays as it is where its mask is False.

    Keras does the same with the state (keras/src/backend/tensorflow/rnn.py). Its outputs differ in one thing: before
    the first step that counts they are 0, not the initial state.
    """
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None], rnn_step(x[:, t], h, W, U, b), h)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def masked_by_arithmetic(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    keep = mask.astype(float)[..., np.newaxis]
    h, outputs = h_0, np.empty((*x.shape[:2], U.shape[0]))
    for t in range(x.shape[1]):
        h = keep[:, t] * rnn_step(x[:, t], h, W, U, b) + (1 - keep[:, t]) * h
        outputs[:, t] = h
    return outputs, h


def masked_by_index(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0.copy(), []
    for t in range(x.shape[1]):
        counts = mask[:, t]
        h[counts] = np.tanh(x[counts, t] @ W + h[counts] @ U + b)
        outputs.append(h.copy())
    return np.swapaxes(outputs, 0, 1), h


def mask_ignored(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def mask_zeroes_inputs(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t] * mask[:, t, None], h, W, U, b)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def mask_zeroes_state(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b) * mask[:, t, None]
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def mask_zeroes_outputs(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None], rnn_step(x[:, t], h, W, U, b), h)
        outputs.append(h * mask[:, t, None])
    return np.stack(outputs, axis=1), h


def mask_only_on_outputs(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, shown, outputs = h_0, h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b)
        shown = np.where(mask[:, t, None], h, shown)
        outputs.append(shown)
    return np.stack(outputs, axis=1), shown


def mask_inverted(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None], h, rnn_step(x[:, t], h, W, U, b))
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def mask_for_the_whole_batch(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        if mask[:, t].all():
            h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def mask_returns_to_start(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None], rnn_step(x[:, t], h, W, U, b), h_0)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def mask_taken_for_lengths(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(t < mask.sum(axis=1)[:, None], rnn_step(x[:, t], h, W, U, b), h)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def mask_stops_at_first_gap(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(mask[:, : t + 1].min(axis=1)[:, None], rnn_step(x[:, t], h, W, U, b), h)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


def draw_masked(rng: np.random.Generator) -> Inputs:
    """One example is padded in front, one behind, one in the middle, and any others anywhere."""
    time, batch, inputs, units = 5, *(int(n) for n in rng.permutation([3, 4, 6])[:3])
    mask = rng.random((batch, time)) < 0.6
    mask[:3] = True
    mask[0, : rng.integers(1, 3)] = False
    mask[1, -rng.integers(1, 3) :] = False
    mask[2, rng.integers(1, 4)] = False
    h_0 = rng.choice([-1, 1], size=(batch, units)) * rng.uniform(0.2, 0.9, size=(batch, units))
    return (rng.normal(size=(batch, time, inputs)), mask, h_0, *draw_cell(rng, inputs, units))


# --- the declarations ------------------------------------------------------------------------------------------------

CHECKS: dict[str, AnyCheck] = {
    check.name: check
    for check in (
        Check(
            reference=rnn_step,
            also_right=(step_by_einsum, step_by_concatenation, step_in_loops, step_in_float32),
            draw=draw_step,
            section="rnn-step",
            outputs=("h_t",),
            misconceptions=(
                Misconception(step_no_bias, "The bias is missing.", "Add b once, after both products.", "rnn-step"),
                Misconception(
                    step_bias_twice,
                    "The bias is added twice.",
                    "One layer has one bias: add it once to the sum of both products.",
                    "rnn-step",
                ),
                Misconception(
                    step_no_recurrent_term,
                    "The previous hidden state has no effect, so nothing is remembered.",
                    "This is a Dense layer so far. Where does U come in?",
                    "rnn-step",
                ),
                Misconception(
                    step_no_input_term,
                    "The input x_t has no effect.",
                    "A step looks at x_t and at h_prev. Where does W come in?",
                    "rnn-step",
                ),
                Misconception(
                    step_no_tanh,
                    "The tanh is missing, so the state is not bounded.",
                    "Pass the whole sum through tanh.",
                    "rnn-tanh",
                ),
                Misconception(
                    step_sigmoid_for_tanh,
                    "You apply a sigmoid where the step has tanh.",
                    "A hidden state may be negative. Which function lies between -1 and 1?",
                    "rnn-tanh",
                ),
                Misconception(
                    step_relu_for_tanh,
                    "You apply a ReLU where the step has tanh.",
                    "The same step is taken again and again: what keeps the state bounded?",
                    "rnn-tanh",
                ),
                Misconception(
                    step_tanh_of_each_term,
                    "tanh is applied to each term before they are added.",
                    "Add up the two products and the bias first; then apply tanh once.",
                    "rnn-tanh",
                ),
                Misconception(
                    step_recurrent_term_outside,
                    "The recurrent term is added after tanh.",
                    "Both products belong inside the tanh.",
                    "rnn-tanh",
                ),
                Misconception(
                    step_bias_outside, "The bias is added after tanh.", "The bias belongs inside the tanh.", "rnn-tanh"
                ),
                Misconception(
                    step_transposed_recurrent,
                    "The recurrent kernel U is transposed.",
                    "Rows are examples here, so U stands to the right of h_prev, as it is.",
                    "rnn-matrix-product",
                ),
                Misconception(
                    step_elementwise_recurrent,
                    "Only the diagonal of U is used, as in an elementwise product.",
                    "Every unit sees every unit of h_prev: use a matrix product.",
                    "rnn-matrix-product",
                ),
                Misconception(
                    step_examples_in_columns,
                    "The result has its examples in columns, as in papers that write W x.",
                    "Here rows are examples: x_t stands to the left of W, and h_t has the shape of h_prev.",
                    "rnn-matrix-product",
                ),
                Misconception(
                    step_added_to_old_state,
                    "The new state is added to the old one.",
                    "In this network tanh(...) replaces the old state. An additive path is what the LSTM brings.",
                    "rnn-step",
                ),
            ),
        ),
        Check(
            reference=rnn_output,
            also_right=(output_by_logarithms, output_row_by_row, output_in_float32),
            draw=draw_output,
            edges=(FAR_FROM_ZERO,),
            section="rnn-output",
            outputs=("the probabilities",),
            misconceptions=(
                Misconception(
                    softmax_over_batch,
                    "The softmax is taken over the batch: the columns sum to one.",
                    "Each example has its own distribution. Along which axis do the outputs of one example lie?",
                    "rnn-softmax",
                ),
                Misconception(
                    softmax_over_everything,
                    "The softmax is taken over the whole array.",
                    "Each row must sum to one by itself. What do `axis` and `keepdims` do?",
                    "rnn-softmax",
                ),
                Misconception(
                    softmax_left_out,
                    "The softmax is missing: these are the scores.",
                    "Probabilities are positive, and those of one example sum to one.",
                    "rnn-output",
                ),
                Misconception(
                    softmax_overflows,
                    "For scores near 1000 or -1000 it gives NaN: exp(1000) is infinite and exp(-1000) is 0.",
                    "A softmax does not change if a constant is taken from every score of a row. Which one is safe?",
                    "rnn-softmax",
                ),
                Misconception(
                    softmax_one_maximum_for_all,
                    "The maximum of the whole batch is taken off, so a row far below it turns into 0 divided by 0.",
                    "Each row has a maximum of its own.",
                    "rnn-softmax",
                ),
                Misconception(
                    softmax_not_normalised,
                    "The exponentials are not divided by their sum.",
                    "The probabilities of one example sum to one.",
                    "rnn-softmax",
                ),
                Misconception(
                    softmax_without_exponential,
                    "The scores are divided by their sum, without the exponential.",
                    "Scores can be negative. What makes them positive first?",
                    "rnn-softmax",
                ),
                Misconception(
                    sigmoid_for_softmax,
                    "You apply a sigmoid to each score.",
                    "That answers several yes-or-no questions. Here one class is chosen out of several.",
                    "rnn-output",
                ),
                Misconception(softmax_no_bias, "The bias c is missing.", "The scores are h_t V plus c.", "rnn-output"),
                Misconception(
                    softmax_bias_outside,
                    "The bias c is added after the softmax.",
                    "Then the rows no longer sum to one. Where does a bias belong?",
                    "rnn-output",
                ),
                Misconception(
                    softmax_of_tanh,
                    "A tanh is applied to the scores before the softmax.",
                    "The tanh is already in h_t. The scores need no bound.",
                    "rnn-output",
                ),
                Misconception(
                    softmax_logarithm,
                    "These are logarithms of probabilities.",
                    "The probabilities themselves are asked for.",
                    "rnn-softmax",
                ),
                Misconception(
                    softmax_hard,
                    "The largest score gets 1 and all others 0.",
                    "A softmax is soft: every class keeps a part.",
                    "rnn-softmax",
                ),
            ),
        ),
        Check(
            reference=rnn_sequence,
            also_right=(sequence_inputs_first, sequence_by_recursion, sequence_one_example_at_a_time),
            draw=draw_sequence,
            section="rnn-sequence",
            outputs=("the outputs", "h_T"),
            misconceptions=(
                Misconception(
                    sequence_state_not_carried,
                    "Every step starts from h_0, so nothing is remembered.",
                    "Hand the state of one step to the next.",
                    "rnn-sequence",
                ),
                Misconception(
                    sequence_starts_at_zero,
                    "The sequence starts from zeros, whatever h_0 is.",
                    "Start from the state that is given.",
                    "rnn-sequence",
                ),
                Misconception(
                    sequence_last_output_for_all,
                    "The last state stands at every time step.",
                    "Keep each step's h before the next one replaces it.",
                    "rnn-sequence",
                ),
                Misconception(
                    sequence_time_first,
                    "Time is the first axis of the outputs.",
                    "The order is batch, time, units.",
                    "rnn-axes",
                ),
                Misconception(
                    sequence_reshaped,
                    "The outputs have the right shape, but examples and time steps are mixed up.",
                    "A reshape does not move an axis. Which function does?",
                    "rnn-axes",
                ),
                Misconception(
                    sequence_state_before_update,
                    "Each output is the state before its step.",
                    "Keep h after the step, not before it.",
                    "rnn-sequence",
                ),
                Misconception(
                    sequence_with_initial_state,
                    "The initial state is among the outputs.",
                    "A sequence of T inputs has T outputs.",
                    "rnn-sequence",
                ),
                Misconception(
                    sequence_backwards,
                    "The sequence is read from its end.",
                    "Time runs from index 0 upwards.",
                    "rnn-sequence",
                ),
                Misconception(
                    sequence_last_step_missing,
                    "One time step too few is computed.",
                    "A sequence of T inputs takes T steps.",
                    "rnn-sequence",
                ),
                Misconception(
                    sequence_results_in_wrong_order,
                    "The two results are returned in the wrong order.",
                    "Return all outputs first, then h_T.",
                    "rnn-sequence",
                ),
            ),
        ),
        Check(
            reference=rnn_outputs,
            also_right=(outputs_all_at_once, outputs_by_last_axis, outputs_example_by_example),
            draw=draw_states,
            section="rnn-output",
            outputs=("the probabilities",),
            misconceptions=(
                Misconception(
                    outputs_last_only,
                    "Only the last step has an output.",
                    "Here one is wanted at every step, in an axis of its own.",
                    "rnn-output",
                ),
                Misconception(
                    outputs_last_for_all,
                    "The output of the last step stands at every step.",
                    "The output at step t comes from the state at step t.",
                    "rnn-output",
                ),
                Misconception(
                    outputs_softmax_over_time,
                    "The softmax is taken over time.",
                    "With three axes, axis 1 is no longer that of the classes. What must sum to one?",
                    "rnn-axes",
                ),
                Misconception(
                    outputs_softmax_over_batch,
                    "The softmax is taken over the batch.",
                    "Each example has at each step a distribution of its own.",
                    "rnn-axes",
                ),
                Misconception(
                    outputs_softmax_over_time_and_classes,
                    "The softmax is taken over time and classes together.",
                    "The probabilities sum to one at each step.",
                    "rnn-softmax",
                ),
                Misconception(
                    outputs_without_softmax,
                    "The softmax is missing: these are the scores.",
                    "Probabilities are positive, and at each step they sum to one.",
                    "rnn-softmax",
                ),
                Misconception(
                    outputs_time_first,
                    "Time is the first axis of the result.",
                    "The order is batch, time, outputs.",
                    "rnn-axes",
                ),
                Misconception(
                    outputs_reshaped,
                    "The result has the right shape, but examples and time steps are mixed up.",
                    "A reshape does not move an axis. Which function does?",
                    "rnn-axes",
                ),
                Misconception(
                    outputs_from_the_mean,
                    "The states are averaged over time before the output.",
                    "Every step has its own output.",
                    "rnn-output",
                ),
                Misconception(
                    outputs_from_the_sum_so_far,
                    "The states are added up over time before the output.",
                    "The memory is in the state already: y_t needs h_t and nothing else.",
                    "rnn-output",
                ),
            ),
        ),
        Check(
            reference=masked_sequence,
            also_right=(masked_by_arithmetic, masked_by_index),
            draw=draw_masked,
            section="rnn-masking",
            outputs=("the outputs", "h_T"),
            misconceptions=(
                Misconception(
                    mask_ignored,
                    "The mask has no effect: padding is read like any input.",
                    "Where the mask is False, nothing must happen to that example's state.",
                    "rnn-masking",
                ),
                Misconception(
                    mask_zeroes_inputs,
                    "Masked inputs are set to zero, but the step is still taken.",
                    "With x_t = 0 the state still changes, through U and b. It must not.",
                    "rnn-masking",
                ),
                Misconception(
                    mask_zeroes_state,
                    "The state is set to zero where the mask is False, so the memory is lost.",
                    "A masked step leaves the state as it was.",
                    "rnn-masking",
                ),
                Misconception(
                    mask_zeroes_outputs,
                    "The state is right, but the outputs of masked steps are set to zero.",
                    "The output of a step is the state after it, also where nothing happened.",
                    "rnn-masking",
                ),
                Misconception(
                    mask_only_on_outputs,
                    "The outputs stand still, but underneath the state has read the padding.",
                    "Which state does the next step that counts start from?",
                    "rnn-masking",
                ),
                Misconception(
                    mask_inverted,
                    "The mask is used the wrong way round.",
                    "True means that the step counts.",
                    "rnn-masking",
                ),
                Misconception(
                    mask_for_the_whole_batch,
                    "One masked example holds up the whole batch.",
                    "The mask has a row for each example: decide row by row.",
                    "rnn-masking",
                ),
                Misconception(
                    mask_returns_to_start,
                    "A masked step goes back to h_0.",
                    "The state stays where it is; it does not start anew.",
                    "rnn-masking",
                ),
                Misconception(
                    mask_taken_for_lengths,
                    "You count the steps of each example and read that many from the front.",
                    "Padding can stand in front or in the middle too. The mask says which steps count.",
                    "rnn-masking",
                ),
                Misconception(
                    mask_stops_at_first_gap,
                    "An example ends at its first masked step.",
                    "After a gap the sequence goes on.",
                    "rnn-masking",
                ),
            ),
        ),
    )
}
