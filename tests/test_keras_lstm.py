"""The LSTM of the checks is Keras's: the same weights give the same numbers, forwards, backwards and in both."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from autograder.checks.lstm import cell, gates

SIZES = [(2, 3, 4, 5), (4, 6, 2, 3), (3, 5, 5, 2)]
"""batch, time, inputs, units"""
Sizes = tuple[int, int, int, int]


@pytest.fixture(scope="module")
def keras() -> Any:
    """Keras, imported when the first test needs it and not when tests are collected."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return import_module("keras")


def randomise(layer: Any, inputs: int, seed: int) -> Any:
    """Build a layer and make all its weights random, the biases too."""
    layer.build((None, None, inputs))
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(scale=0.7, size=weight.shape) for weight in layer.get_weights()])
    return layer


def drawn(sizes: Sizes, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A random input and two random states."""
    batch, time, inputs, units = sizes
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, time, inputs)).astype("float32")
    h, c = rng.normal(size=(2, batch, units)).astype("float32")
    return x, h, c


def close(ours: Any, theirs: Any) -> None:
    """Every array of `ours` is that of `theirs`."""
    for mine, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, np.asarray(their), atol=1e-5)


@pytest.mark.parametrize("sizes", SIZES)
def test_outputs_and_both_states_are_those_of_keras(keras: Any, sizes: Sizes) -> None:
    layer = randomise(keras.layers.LSTM(sizes[3], return_sequences=True, return_state=True), sizes[2], sum(sizes))
    x, h_0, c_0 = drawn(sizes, seed=sizes[0])
    params = cell.unpack_keras_weights(*layer.get_weights())
    close(cell.lstm_sequence(x, h_0, c_0, params), layer(x, initial_state=[h_0, c_0]))
    # The two initial states are not interchangeable: the comparison can tell them apart.
    swapped, _, _ = cell.lstm_sequence(x, c_0, h_0, params)
    assert np.abs(swapped - np.asarray(layer(x, initial_state=[h_0, c_0])[0])).max() > 1e-2


def test_without_initial_states_keras_starts_from_zero(keras: Any) -> None:
    layer = randomise(keras.layers.LSTM(3, return_sequences=True, return_state=True), 4, seed=1)
    x, h_0, c_0 = drawn((2, 5, 4, 3), seed=1)
    close(cell.lstm_sequence(x, 0 * h_0, 0 * c_0, cell.unpack_keras_weights(*layer.get_weights())), layer(x))


def test_without_return_sequences_keras_gives_the_last_output(keras: Any) -> None:
    layer = randomise(keras.layers.LSTM(3), 4, seed=2)
    x, h_0, c_0 = drawn((2, 5, 4, 3), seed=2)
    outputs, h, _ = cell.lstm_sequence(x, h_0, c_0, cell.unpack_keras_weights(*layer.get_weights()))
    theirs = layer(x, initial_state=[h_0, c_0])
    close([outputs[:, -1], h], [theirs, theirs])


def test_the_pieces_make_up_a_step_of_keras_cell(keras: Any) -> None:
    keras_cell = keras.layers.LSTMCell(3)
    keras_cell.build((None, 4))
    rng = np.random.default_rng(3)
    keras_cell.set_weights([rng.normal(scale=0.7, size=weight.shape) for weight in keras_cell.get_weights()])
    x, h_prev, c_prev = drawn((2, 1, 4, 3), seed=3)
    p = cell.unpack_keras_weights(*keras_cell.get_weights())
    f_t = gates.forget_gate(x[:, 0], h_prev, p["W_f"], p["U_f"], p["b_f"])
    i_t = gates.input_gate(x[:, 0], h_prev, p["W_i"], p["U_i"], p["b_i"])
    o_t = gates.output_gate(x[:, 0], h_prev, p["W_o"], p["U_o"], p["b_o"])
    c_tilde = gates.candidate(x[:, 0], h_prev, p["W_c"], p["U_c"], p["b_c"])
    c_t = gates.new_cell_state(c_prev, f_t, i_t, c_tilde)
    _, theirs = keras_cell(x[:, 0], [h_prev, c_prev])
    close([gates.hidden_state(o_t, c_t), c_t], theirs)
    close(cell.lstm_step(x[:, 0], h_prev, c_prev, p), theirs)


def test_the_sigmoid_is_keras_sigmoid(keras: Any) -> None:
    a = np.linspace(-90, 90, 181, dtype="float32")
    close([gates.sigmoid(a)], [keras.ops.sigmoid(a)])


@pytest.mark.parametrize(("inputs", "units"), [(32, 5), (3, 7), (8, 2)])
def test_the_count_is_keras_count(keras: Any, inputs: int, units: int) -> None:
    layer = keras.layers.LSTM(units)
    layer.build((None, None, inputs))
    assert cell.count_parameters(inputs, units) == layer.count_params()


def backwards(x: np.ndarray, h_0: np.ndarray, c_0: np.ndarray, params: cell.Params) -> tuple[Any, Any, Any]:
    """The reference read from the last step to the first; its outputs lie in the order of the inputs."""
    outputs, h, c = cell.lstm_sequence(x[:, ::-1], h_0, c_0, params)
    return outputs[:, ::-1], h, c


@pytest.mark.parametrize("sizes", SIZES)
def test_go_backwards_reads_from_the_end_and_leaves_the_outputs_in_that_order(keras: Any, sizes: Sizes) -> None:
    layer = keras.layers.LSTM(sizes[3], return_sequences=True, return_state=True, go_backwards=True)
    randomise(layer, sizes[2], seed=4)
    x, h_0, c_0 = drawn(sizes, seed=4)
    outputs, h, c = backwards(x, h_0, c_0, cell.unpack_keras_weights(*layer.get_weights()))
    close([outputs[:, ::-1], h, c], layer(x, initial_state=[h_0, c_0]))


@pytest.mark.parametrize("mode", ["concat", "sum", "ave", "mul"])
@pytest.mark.parametrize("sizes", SIZES)
def test_bidirectional_is_two_references(keras: Any, sizes: Sizes, mode: str) -> None:
    layer = keras.layers.Bidirectional(
        keras.layers.LSTM(sizes[3], return_sequences=True, return_state=True), merge_mode=mode
    )
    randomise(layer, sizes[2], seed=5)
    x, h_0, c_0 = drawn(sizes, seed=5)
    _, h_end, c_end = drawn(sizes, seed=6)
    weights = layer.get_weights()
    forward = cell.lstm_sequence(x, h_0, c_0, cell.unpack_keras_weights(*weights[:3]))
    backward = backwards(x, h_end, c_end, cell.unpack_keras_weights(*weights[3:]))
    merged = {
        "concat": np.concatenate([forward[0], backward[0]], axis=-1),
        "sum": forward[0] + backward[0],
        "ave": (forward[0] + backward[0]) / 2,
        "mul": forward[0] * backward[0],
    }
    theirs = layer(x, initial_state=[h_0, c_0, h_end, c_end])
    close([merged[mode], *forward[1:], *backward[1:]], theirs)


def test_bidirectional_without_sequences_joins_the_end_of_each_direction(keras: Any) -> None:
    """The last output of the backward direction belongs to the first input."""
    layer = randomise(keras.layers.Bidirectional(keras.layers.LSTM(3)), 4, seed=7)
    x, _, _ = drawn((2, 5, 4, 3), seed=7)
    zero = np.zeros((2, 3))
    weights = layer.get_weights()
    ahead, _, _ = cell.lstm_sequence(x, zero, zero, cell.unpack_keras_weights(*weights[:3]))
    back, _, _ = backwards(x, zero, zero, cell.unpack_keras_weights(*weights[3:]))
    close([np.concatenate([ahead[:, -1], back[:, 0]], axis=-1)], [layer(x)])
    assert layer.count_params() == 2 * cell.count_parameters(4, 3)
