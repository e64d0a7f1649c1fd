"""Checks of exercises/rnn/step.ipynb: One step, then a whole sequence.

x_t (batch, inputs), x (batch, time, inputs), h_prev and h_0 (batch, units), W (inputs, units), U (units, units),
b (units,), V (units, outputs), c (outputs,), all of floats; mask (batch, time) of booleans.
The network is Elman's (1990) with tanh, written as in Keras: keras/src/layers/rnn/simple_rnn.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from ..families.readout import readout
from ..families.sequence import sequence

Array = np.ndarray


def draw_cell(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    """W, U and b. The bias is not near zero."""
    return (
        rng.normal(scale=0.7, size=(inputs, units)),
        rng.normal(scale=0.7, size=(units, units)),
        rng.choice([-1, 1], size=units) * rng.uniform(0.3, 1, size=units),
    )


def draw_state(rng: np.random.Generator, batch: int, units: int) -> Array:
    """A hidden state, no entry of which is near zero."""
    return rng.choice([-1, 1], size=(batch, units)) * rng.uniform(0.2, 0.9, size=(batch, units))


def draw_readout(rng: np.random.Generator, units: int, outputs: int) -> Inputs:
    """V and c."""
    return (rng.normal(size=(units, outputs)), rng.choice([-1, 1], size=outputs) * rng.uniform(0.3, 1, size=outputs))


# --- rnn_step --------------------------------------------------------------------------------------------------------


@graded("rnn-step", outputs=("h_t",))
def rnn_step(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    """h_t = tanh(x_t W + h_{t-1} U + b)."""
    return np.tanh(x_t @ W + h_prev @ U + b)


@rnn_step.inputs
def draw_step(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    return (rng.normal(size=(batch, inputs)), draw_state(rng, batch, units), *draw_cell(rng, inputs, units))


@rnn_step.condition("h_prev is zero")
def draw_first_step(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    return (rng.normal(size=(batch, inputs)), np.zeros((batch, units)), *draw_cell(rng, inputs, units))


@rnn_step.right
def step_by_einsum(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(b + np.einsum("bj,ju->bu", h_prev, U) + np.einsum("bi,iu->bu", x_t, W))


@rnn_step.right
def step_by_concatenation(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(np.concatenate([h_prev, x_t], axis=1) @ np.concatenate([U, W]) + b)


@rnn_step.right
def step_in_loops(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    h_t = np.zeros(h_prev.shape)
    for row in range(h_prev.shape[0]):
        for unit in range(h_prev.shape[1]):
            total = b[unit]
            total = total + sum(x_t[row, i] * W[i, unit] for i in range(W.shape[0]))
            total = total + sum(h_prev[row, j] * U[j, unit] for j in range(U.shape[0]))
            h_t[row, unit] = 2 / (1 + np.exp(-2 * total)) - 1
    return h_t


@rnn_step.right
def step_in_float32(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    x_t, h_prev, W, U, b = (np.asarray(a, dtype="float32") for a in (x_t, h_prev, W, U, b))
    return np.tanh(h_prev @ U + (x_t @ W + b))


@rnn_step.right
def step_in_place_on_its_own(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    total = np.matmul(x_t, W)
    total += np.matmul(h_prev, U)
    total += b
    return np.tanh(total, out=total)


@rnn_step.wrong("The bias is missing.", "Add b once, after both products.")
def step_no_bias(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U)


@rnn_step.wrong("The bias is added twice.", "One layer has one bias: add it once to the sum of both products.")
def step_bias_twice(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh((x_t @ W + b) + (h_prev @ U + b))


@rnn_step.wrong(
    "The previous hidden state has no effect, so nothing is remembered.",
    "This is a Dense layer so far. Where does U come in?",
)
def step_no_recurrent_term(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + b)


@rnn_step.wrong("The input x_t has no effect.", "A step looks at x_t and at h_prev. Where does W come in?")
def step_no_input_term(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(h_prev @ U + b)


@rnn_step.wrong("The tanh is missing, so the state is not bounded.", "Pass the whole sum through tanh.", see="rnn-tanh")
def step_no_tanh(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return x_t @ W + h_prev @ U + b


@rnn_step.wrong(
    "You apply a sigmoid where the step has tanh.",
    "A hidden state may be negative. Which function lies between -1 and 1?",
    see="rnn-tanh",
)
def step_sigmoid_for_tanh(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return 1 / (1 + np.exp(-(x_t @ W + h_prev @ U + b)))


@rnn_step.wrong(
    "You apply a ReLU where the step has tanh.",
    "The same step is taken again and again: what keeps the state bounded?",
    see="rnn-tanh",
)
def step_relu_for_tanh(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.maximum(x_t @ W + h_prev @ U + b, 0)


@rnn_step.wrong(
    "tanh is applied to each term before they are added.",
    "Add up the two products and the bias first; then apply tanh once.",
    see="rnn-tanh",
)
def step_tanh_of_each_term(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W) + np.tanh(h_prev @ U) + np.tanh(b)


@rnn_step.wrong("The recurrent term is added after tanh.", "Both products belong inside the tanh.", see="rnn-tanh")
def step_recurrent_term_outside(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + b) + h_prev @ U


@rnn_step.wrong("The bias is added after tanh.", "The bias belongs inside the tanh.", see="rnn-tanh")
def step_bias_outside(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U) + b


@rnn_step.wrong(
    "The recurrent kernel U is transposed.",
    "Rows are examples here, so U stands to the right of h_prev, as it is.",
    see="rnn-matrix-product",
)
def step_transposed_recurrent(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U.T + b)


@rnn_step.wrong(
    "Only the diagonal of U is used, as in an elementwise product.",
    "Every unit sees every unit of h_prev: use a matrix product.",
    see="rnn-matrix-product",
)
def step_elementwise_recurrent(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev * np.diag(U) + b)


@rnn_step.wrong(
    "The result has its examples in columns, as in papers that write W x.",
    "Here rows are examples: x_t stands to the left of W, and h_t has the shape of h_prev.",
    see="rnn-matrix-product",
)
def step_examples_in_columns(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(W.T @ x_t.T + U.T @ h_prev.T + b[:, None])


@rnn_step.wrong(
    "The new state is added to the old one.",
    "In this network tanh(...) replaces the old state. An additive path is what the LSTM brings.",
)
def step_added_to_old_state(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return h_prev + np.tanh(x_t @ W + h_prev @ U + b)


@rnn_step.wrong("The new state is added to h_prev inside the tanh.", "What multiplies h_prev before the sum is taken?")
def step_state_without_kernel(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U + b + h_prev)


@rnn_step.wrong("The bias is subtracted.", "Look at the signs in the formula.")
def step_bias_subtracted(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev @ U - b)


@rnn_step.wrong(
    "h_prev and U are multiplied entry by entry.",
    "Every unit sees every unit of h_prev: use a matrix product.",
    see="rnn-matrix-product",
)
def step_entry_by_entry(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ W + h_prev * U + b)


@rnn_step.wrong("W and U have changed places.", "Which of the two has a row for each input, and which for each unit?")
def step_kernels_exchanged(x_t: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x_t @ U + h_prev @ W + b)


# --- rnn_output ------------------------------------------------------------------------------------------------------


@graded("rnn-output", outputs=("the probabilities",))
def rnn_output(h_t: Array, V: Array, c: Array) -> Array:
    """y_t = softmax(h_t V + c), row by row. The largest exponent is 0, so nothing overflows."""
    logits = h_t @ V + c
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


# The text has one class chosen out of several.
@rnn_output.inputs(without=("one output",))
def draw_output(rng: np.random.Generator, batch: int, units: int, outputs: int) -> Inputs:
    return (draw_state(rng, batch, units), *draw_readout(rng, units, outputs))


# Rows with scores near 1000, near -1000 and near 0: only the differences within a row count.
FAR_FROM_ZERO: Inputs = (
    np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]),
    np.array([[1000.0, 998.0, 999.0, 400.0], [-1000.0, -1003.0, -1001.0, -1002.0]]),
    np.array([0.5, -0.25, 1.0, 2.0]),
)

# In each row one score is far above the others, or far below them, and it stands in each place once.
FAR_APART: Inputs = (
    np.eye(4),
    np.array([[2000.0, 1.0, 0.0], [0.0, 2000.0, 1.0], [1.0, 0.0, 2000.0], [-2000.0, 1.0, 0.0]]),
    np.array([0.5, -0.25, 1.0]),
)

rnn_output.always("scores far from zero", *FAR_FROM_ZERO)
rnn_output.always("scores far apart", *FAR_APART)


@rnn_output.right
def output_by_logarithms(h_t: Array, V: Array, c: Array) -> Array:
    scores = np.einsum("bu,uo->bo", h_t, V) + c
    return np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, np.newaxis])


@rnn_output.right
def output_row_by_row(h_t: Array, V: Array, c: Array) -> Array:
    rows = []
    for h in h_t:
        score = V.T @ h + c
        rows.append([1 / np.sum(np.exp(np.minimum(score - s, 700))) for s in score])
    return np.array(rows)


@rnn_output.right
def output_in_float32(h_t: Array, V: Array, c: Array) -> Array:
    scores = (c + h_t @ V).astype("float32")
    e = np.exp(scores.T - scores.max(axis=1))
    return (e / e.sum(axis=0)).T


@rnn_output.right
def output_in_place_on_its_own(h_t: Array, V: Array, c: Array) -> Array:
    scores = h_t @ V + c
    scores -= np.amax(scores, axis=-1)[:, None]
    np.exp(scores, out=scores)
    scores /= np.add.reduce(scores, axis=-1)[:, None]
    return scores


@rnn_output.wrong(
    "The softmax is taken over the batch: the columns sum to one.",
    "Each example has its own distribution. Along which axis do the outputs of one example lie?",
    see="rnn-softmax",
)
def softmax_over_batch(h_t: Array, V: Array, c: Array) -> Array:
    a = h_t @ V + c
    e = np.exp(a - a.max(axis=0))
    return e / e.sum(axis=0)


rnn_output.like(readout, one="of one example")


# --- rnn_sequence ----------------------------------------------------------------------------------------------------


@graded("rnn-sequence", outputs=("the outputs", "h_T"))
def rnn_sequence(
    x: Array, h_0: Array, W: Array, U: Array, b: Array, *, rnn_step: Callable[..., Any] = rnn_step
) -> tuple[Any, Any]:
    """All hidden states (batch, time, units), and the last one."""
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@rnn_sequence.inputs(time=range(3, 8))
def draw_sequence(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return (rng.normal(size=(batch, time, inputs)), draw_state(rng, batch, units), *draw_cell(rng, inputs, units))


@rnn_sequence.condition("h_0 is zero")
def draw_from_zero(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return (rng.normal(size=(batch, time, inputs)), np.zeros((batch, units)), *draw_cell(rng, inputs, units))


@rnn_sequence.right
def sequence_inputs_first(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    projected = x @ W + b
    outputs = np.zeros_like(projected)
    h = h_0
    for t in range(x.shape[1]):
        h = np.tanh(projected[:, t] + h @ U)
        outputs[:, t] = h
    return outputs, h


@rnn_sequence.right
def sequence_by_columns(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    outputs = []
    for example, h in zip(x, h_0):
        states = []
        for x_t in example:
            h = np.tanh(W.T @ x_t + U.T @ h + b)
            states.append(h)
        outputs.append(states)
    return np.array(outputs), np.array(outputs)[:, -1]


rnn_sequence.like(sequence, step=rnn_step)


# --- rnn_outputs -----------------------------------------------------------------------------------------------------


@graded("rnn-output", outputs=("the probabilities",))
def rnn_outputs(states: Array, V: Array, c: Array, *, rnn_output: Callable[..., Any] = rnn_output) -> Any:
    """The output at every step, (batch, time, outputs), from all hidden states, (batch, time, units)."""
    return np.stack([rnn_output(states[:, t], V, c) for t in range(states.shape[1])], axis=1)


@rnn_outputs.inputs(time=range(3, 8), without=("one output",))
def draw_states(rng: np.random.Generator, batch: int, time: int, units: int, outputs: int) -> Inputs:
    states = rng.uniform(-0.9, 0.9, size=(batch, time, units))
    return (states, *draw_readout(rng, units, outputs))


rnn_outputs.always("scores far from zero", np.stack([FAR_FROM_ZERO[0], FAR_FROM_ZERO[0][::-1]]), *FAR_FROM_ZERO[1:])
rnn_outputs.always("scores far apart", np.stack([FAR_APART[0], FAR_APART[0][::-1]]), *FAR_APART[1:])


@rnn_outputs.right
def outputs_all_at_once(states: Array, V: Array, c: Array) -> Array:
    flat = rnn_output(states.reshape(-1, states.shape[2]), V, c)
    return flat.reshape(states.shape[0], states.shape[1], -1)


@rnn_outputs.right
def outputs_by_last_axis(states: Array, V: Array, c: Array) -> Array:
    scores = np.einsum("btu,uo->bto", states, V) + c
    return np.exp(scores - np.logaddexp.reduce(scores, axis=2, keepdims=True))


@rnn_outputs.right
def outputs_example_by_example(states: Array, V: Array, c: Array) -> Array:
    return np.array([rnn_output(example, V, c) for example in states])


@rnn_outputs.wrong("Only the last step has an output.", "Here one is wanted at every step, in an axis of its own.")
def outputs_last_only(states: Array, V: Array, c: Array) -> Array:
    return rnn_output(states[:, -1], V, c)


@rnn_outputs.wrong(
    "The output of the last step stands at every step.", "The output at step t comes from the state at step t."
)
def outputs_last_for_all(states: Array, V: Array, c: Array) -> Array:
    return np.stack([rnn_output(states[:, -1], V, c)] * states.shape[1], axis=1)


@rnn_outputs.wrong(
    "The softmax is taken over time.",
    "With three axes, axis 1 is no longer that of the classes. What must sum to one?",
    see="rnn-axes",
)
def outputs_softmax_over_time(states: Array, V: Array, c: Array) -> Array:
    a = states @ V + c
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@rnn_outputs.wrong(
    "The softmax is taken over the batch.", "Each example has at each step a distribution of its own.", see="rnn-axes"
)
def outputs_softmax_over_batch(states: Array, V: Array, c: Array) -> Array:
    a = states @ V + c
    e = np.exp(a - a.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


@rnn_outputs.wrong(
    "The softmax is taken over time and classes together.",
    "The probabilities sum to one at each step.",
    see="rnn-softmax",
)
def outputs_softmax_over_time_and_classes(states: Array, V: Array, c: Array) -> Array:
    a = states @ V + c
    e = np.exp(a - a.max(axis=(1, 2), keepdims=True))
    return e / e.sum(axis=(1, 2), keepdims=True)


rnn_outputs.like(readout, one="of one example at one step")


@rnn_outputs.wrong("Time is the first axis of the result.", "The order is batch, time, outputs.", see="rnn-axes")
def outputs_time_first(states: Array, V: Array, c: Array) -> Array:
    return np.array([rnn_output(states[:, t], V, c) for t in range(states.shape[1])])


@rnn_outputs.wrong(
    "The result has the right shape, but examples and time steps are mixed up.",
    "A reshape does not move an axis. Which function does?",
    see="rnn-axes",
)
def outputs_reshaped(states: Array, V: Array, c: Array) -> Array:
    steps = np.array([rnn_output(states[:, t], V, c) for t in range(states.shape[1])])
    return steps.reshape(states.shape[0], states.shape[1], -1)


@rnn_outputs.wrong("The states are averaged over time before the output.", "Every step has its own output.")
def outputs_from_the_mean(states: Array, V: Array, c: Array) -> Array:
    return rnn_output(states.mean(axis=1), V, c)


@rnn_outputs.wrong(
    "The states are added up over time before the output.",
    "The memory is in the state already: y_t needs h_t and nothing else.",
)
def outputs_from_the_sum_so_far(states: Array, V: Array, c: Array) -> Array:
    total = np.cumsum(states, axis=1)
    return np.stack([rnn_output(total[:, t], V, c) for t in range(states.shape[1])], axis=1)


# --- masked_sequence -------------------------------------------------------------------------------------------------


@graded("rnn-masking", outputs=("the outputs", "h_T"))
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


def masked_inputs(rng: np.random.Generator, mask: Array, inputs: int, units: int) -> Inputs:
    batch, time = mask.shape
    h_0 = draw_state(rng, batch, units)
    return (rng.normal(size=(batch, time, inputs)), mask, h_0, *draw_cell(rng, inputs, units))


@masked_sequence.inputs(time=range(4, 9))
def draw_masked(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return masked_inputs(rng, rng.random((batch, time)) < 0.6, inputs, units)


def lengths(rng: np.random.Generator, batch: int, time: int) -> Array:
    """How many steps of each example count: not all, and not as many in each. (batch, 1)"""
    return rng.permutation(1 + np.arange(batch) % (time - 1))[:, None]


@masked_sequence.condition("padding behind")
def draw_padded_behind(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return masked_inputs(rng, np.arange(time) < lengths(rng, batch, time), inputs, units)


@masked_sequence.condition("padding in front")
def draw_padded_in_front(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return masked_inputs(rng, np.arange(time)[::-1] < lengths(rng, batch, time), inputs, units)


@masked_sequence.condition("padding between")
def draw_padded_between(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    gaps = rng.permutation(1 + np.arange(batch) % (time - 2))
    return masked_inputs(rng, np.arange(time) != gaps[:, None], inputs, units)


@masked_sequence.condition("no padding")
def draw_unpadded(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return masked_inputs(rng, np.ones((batch, time), dtype=bool), inputs, units)


@masked_sequence.condition("nothing but padding")
def draw_all_padding(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return masked_inputs(rng, np.zeros((batch, time), dtype=bool), inputs, units)


@masked_sequence.condition("one example of nothing but padding")
def draw_one_all_padding(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    mask = np.ones((batch, time), dtype=bool)
    mask[rng.integers(batch)] = False
    return masked_inputs(rng, mask, inputs, units)


@masked_sequence.right
def masked_by_arithmetic(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    keep = mask.astype(float)[..., np.newaxis]
    h, outputs = h_0, np.empty((*x.shape[:2], U.shape[0]))
    for t in range(x.shape[1]):
        h = keep[:, t] * rnn_step(x[:, t], h, W, U, b) + (1 - keep[:, t]) * h
        outputs[:, t] = h
    return outputs, h


@masked_sequence.right
def masked_by_index(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0.copy(), []
    for t in range(x.shape[1]):
        counts = mask[:, t]
        h[counts] = np.tanh(x[counts, t] @ W + h[counts] @ U + b)
        outputs.append(h.copy())
    return np.swapaxes(outputs, 0, 1), h


@masked_sequence.right
def masked_example_by_example(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    outputs = np.zeros((x.shape[0], x.shape[1], h_0.shape[1]))
    last = h_0.copy()
    for n, counts in enumerate(mask):
        for t, word in enumerate(counts):
            if word:
                last[n : n + 1] = rnn_step(x[n : n + 1, t], last[n : n + 1], W, U, b)
            outputs[n, t] = last[n]
    return outputs, last


@masked_sequence.right
def masked_by_recursion(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    if x.shape[1] == 0:
        return np.empty((x.shape[0], 0, h_0.shape[1])), h_0
    before, h = masked_by_recursion(x[:, :-1], mask[:, :-1], h_0, W, U, b)
    h = np.array([rnn_step(x[n, -1], h[n], W, U, b) if mask[n, -1] else h[n] for n in range(len(x))])
    return np.concatenate([before, h[:, np.newaxis]], axis=1), h


@masked_sequence.wrong(
    "The mask has no effect: padding is read like any input.",
    "Where the mask is False, nothing must happen to that example's state.",
)
def mask_ignored(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong(
    "Masked inputs are set to zero, but the step is still taken.",
    "With x_t = 0 the state still changes, through U and b. It must not.",
)
def mask_zeroes_inputs(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t] * mask[:, t, None], h, W, U, b)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong(
    "The state is set to zero where the mask is False, so the memory is lost.",
    "A masked step leaves the state as it was.",
)
def mask_zeroes_state(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b) * mask[:, t, None]
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong(
    "The state is right, but the outputs of masked steps are set to zero.",
    "The output of a step is the state after it, also where nothing happened.",
)
def mask_zeroes_outputs(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None], rnn_step(x[:, t], h, W, U, b), h)
        outputs.append(h * mask[:, t, None])
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong(
    "The outputs stand still, but underneath the state has read the padding.",
    "Which state does the next step that counts start from?",
)
def mask_only_on_outputs(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, shown, outputs = h_0, h_0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W, U, b)
        shown = np.where(mask[:, t, None], h, shown)
        outputs.append(shown)
    return np.stack(outputs, axis=1), shown


@masked_sequence.wrong("The mask is used the wrong way round.", "True means that the step counts.")
def mask_inverted(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None], h, rnn_step(x[:, t], h, W, U, b))
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong(
    "One masked example holds up the whole batch.", "The mask has a row for each example: decide row by row."
)
def mask_for_the_whole_batch(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        if mask[:, t].all():
            h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong(
    "One example that goes on takes the whole batch along.", "The mask has a row for each example: decide row by row."
)
def mask_of_anybody(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        if mask[:, t].any():
            h = rnn_step(x[:, t], h, W, U, b)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong("A masked step goes back to h_0.", "The state stays where it is; it does not start anew.")
def mask_returns_to_start(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None], rnn_step(x[:, t], h, W, U, b), h_0)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong(
    "You count the steps of each example and read that many from the front.",
    "Padding can stand in front or in the middle too. The mask says which steps count.",
)
def mask_taken_for_lengths(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(t < mask.sum(axis=1)[:, None], rnn_step(x[:, t], h, W, U, b), h)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong("An example ends at its first masked step.", "After a gap the sequence goes on.")
def mask_stops_at_first_gap(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(mask[:, : t + 1].min(axis=1)[:, None], rnn_step(x[:, t], h, W, U, b), h)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong("The sequence starts from zeros, whatever h_0 is.", "Start from the state that is given.")
def mask_starts_at_zero(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = np.zeros_like(h_0), []
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None], rnn_step(x[:, t], h, W, U, b), h)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong(
    "Until an example's first word its outputs are zeros, as they are in Keras.",
    "Here the output of a step is the state after it. Which state is that before the first word?",
)
def mask_zeros_before_the_first_word(
    x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array
) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None], rnn_step(x[:, t], h, W, U, b), h)
        begun = np.any(mask[:, : t + 1], axis=1, keepdims=True)
        outputs.append(h * begun)
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong("Time is the first axis of the outputs.", "The order is batch, time, units.", see="rnn-axes")
def mask_time_first(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None], rnn_step(x[:, t], h, W, U, b), h)
        outputs.append(h)
    return np.array(outputs), h


@masked_sequence.wrong("Each output is the state before its step.", "Keep h after the step, not before it.")
def mask_state_before_update(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        outputs.append(h)
        h = np.where(mask[:, t, None], rnn_step(x[:, t], h, W, U, b), h)
    return np.stack(outputs, axis=1), h


@masked_sequence.wrong(
    "h_T is the state after reading the padding too; the outputs are right.",
    "If padding stands at the end of a sequence, which state is its last?",
)
def mask_not_on_the_last_state(x: Array, mask: Array, h_0: Array, W: Array, U: Array, b: Array) -> tuple[Array, Array]:
    h, all_read, outputs = h_0, h_0, []
    for t in range(x.shape[1]):
        all_read = rnn_step(x[:, t], h, W, U, b)
        h = np.where(mask[:, t, None], all_read, h)
        outputs.append(h)
    return np.stack(outputs, axis=1), all_read
