"""The RNN chapter's references against Keras's SimpleRNN with the same weights."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autograder.checking.drawing import Inputs
from autograder.checks.rnn import keras as rnn_keras
from autograder.checks.rnn import step

if TYPE_CHECKING:
    import keras

SEEDS = range(5)
SEQUENCE = {"batch": 2, "time": 6, "inputs": 3, "units": 4}
PADDED = {
    "anywhere": step.draw_masked,
    "behind": step.draw_padded_behind,
    "in front": step.draw_padded_in_front,
    "between": step.draw_padded_between,
    "nothing but padding": step.draw_all_padding,
    "one example of nothing but padding": step.draw_one_all_padding,
}


@pytest.fixture(scope="module", autouse=True)
def keras_given() -> None:
    """Keras, imported when the first test needs it and not when tests are collected."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    globals()["keras"] = import_module("keras")


def layer_with(W: np.ndarray, U: np.ndarray, b: np.ndarray, **options: Any) -> keras.layers.SimpleRNN:
    """A SimpleRNN with these weights that returns all outputs and its last state."""
    layer = keras.layers.SimpleRNN(U.shape[0], return_sequences=True, return_state=True, **options)
    layer.build((None, None, W.shape[0]))
    layer.set_weights([W, U, b])
    return layer


def single(array: np.ndarray) -> np.ndarray:
    return array.astype("float32")


def agree(got: Any, want: Any) -> None:
    """Both are the same to 1e-5, Keras's 32 bits against our 64."""
    np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=0, atol=1e-5)


@pytest.mark.parametrize("unroll", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_sequence(seed: int, unroll: bool) -> None:
    x, h_0, W, U, b = step.draw_sequence(np.random.default_rng(seed), **SEQUENCE)
    outputs, h_T = layer_with(W, U, b, unroll=unroll)(single(x), initial_state=single(h_0))
    want, want_last = step.rnn_sequence(x, h_0, W, U, b)
    agree(outputs, want)
    agree(h_T, want_last)
    agree(outputs, rnn_keras.keras_rnn(x, h_0, W, U, b))


@pytest.mark.parametrize("seed", SEEDS)
def test_one_step_is_a_cell(seed: int) -> None:
    x_t, h_prev, W, U, b = step.draw_step(np.random.default_rng(seed), batch=2, inputs=3, units=4)
    cell = keras.layers.SimpleRNNCell(U.shape[0])
    cell.build(x_t.shape)
    cell.set_weights([W, U, b])
    output, states = cell(single(x_t), [single(h_prev)])
    agree(output, step.rnn_step(x_t, h_prev, W, U, b))
    agree(states[0], output)


@pytest.mark.parametrize("seed", SEEDS)
def test_outputs_are_a_dense_layer_with_softmax_at_every_step(seed: int) -> None:
    states, V, c = step.draw_states(np.random.default_rng(seed), batch=2, time=6, units=4, outputs=3)
    dense = keras.layers.Dense(len(c), activation="softmax")
    dense.build(states.shape)
    dense.set_weights([V, c])
    agree(keras.layers.TimeDistributed(dense)(single(states)), step.rnn_outputs(states, V, c))
    agree(dense(single(states[:, 0])), step.rnn_output(states[:, 0], V, c))


@pytest.mark.parametrize("case", [step.FAR_FROM_ZERO, step.FAR_APART], ids=["far from zero", "far apart"])
def test_the_softmax_of_large_scores(case: Inputs) -> None:
    h_t, V, c = case
    agree(keras.ops.softmax(h_t @ V + c), step.rnn_output(h_t, V, c))


@pytest.mark.parametrize("padding", PADDED)
def test_a_mask(padding: str) -> None:
    """The states are Keras's. So are the outputs, but for those before an example's first step that counts."""
    x, mask, h_0, W, U, b = PADDED[padding](np.random.default_rng(0), **SEQUENCE)
    outputs, h_T = layer_with(W, U, b)(single(x), mask=mask, initial_state=single(h_0))
    want, want_last = step.masked_sequence(x, mask, h_0, W, U, b)
    begun = np.logical_or.accumulate(mask, axis=1)
    assert not mask.all()
    agree(h_T, want_last)
    agree(np.asarray(outputs)[begun], want[begun])
    agree(np.asarray(outputs)[~begun], np.zeros_like(want[~begun]))
    agree(want[~begun], np.broadcast_to(h_0[:, None], want.shape)[~begun])


@pytest.mark.parametrize("seed", SEEDS)
def test_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    inputs, units, outputs, vocabulary = (int(n) for n in rng.integers(2, 40, size=4))
    layer = keras.layers.SimpleRNN(units)
    layer.build((None, None, inputs))
    assert layer.count_params() == rnn_keras.count_rnn_parameters(inputs, units)
    for time in (3, 11):
        model = keras.Sequential(
            [
                keras.Input((time,)),
                keras.layers.Embedding(vocabulary, inputs),
                keras.layers.SimpleRNN(units),
                keras.layers.Dense(outputs),
            ]
        )
        assert model.count_params() == rnn_keras.count_model_parameters(vocabulary, inputs, units, outputs, time)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_largest_layer_that_fits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    inputs, budget = rnn_keras.draw_budget(rng, inputs=int(rng.integers(1, 30)))
    units = rnn_keras.largest_units(inputs, budget)
    counts = []
    for size in (units, units + 1):
        layer = keras.layers.SimpleRNN(size)
        layer.build((None, None, inputs))
        counts.append(layer.count_params())
    assert counts[0] <= budget < counts[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_weights_in_pytorchs_layout(seed: int) -> None:
    """PyTorch's equation, written out in its own layout (columns), against Keras with the weights brought over."""
    rng = np.random.default_rng(seed)
    inputs: Inputs = rnn_keras.draw_torch_weights(rng, inputs=3, units=4)
    W_ih, W_hh, b_ih, b_hh = inputs
    x, h = rng.normal(size=(4, 6, W_ih.shape[1])), rng.normal(size=(4, len(W_hh)))
    outputs, _ = layer_with(*rnn_keras.to_keras_weights(*inputs))(single(x), initial_state=single(h))
    for t in range(x.shape[1]):
        h = np.array([np.tanh(W_ih @ column + b_ih + W_hh @ state + b_hh) for column, state in zip(x[:, t], h)])
        agree(outputs[:, t], h)
