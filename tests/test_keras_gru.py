"""The GRU of the checks is Keras's: the same weights give the same numbers, in both places of the reset."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from autograder.checks.gru import gates
from autograder.checks.gru import sequence as whole

SIZES = [(2, 3, 4, 5), (4, 6, 2, 3), (3, 5, 5, 2)]
"""batch, time, inputs, units"""


@pytest.fixture(scope="module")
def keras() -> Any:
    """Keras, imported when the first test needs it and not when tests are collected."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return import_module("keras")


def layer_with_random_weights(keras: Any, inputs: int, units: int, reset_after: bool, seed: int) -> Any:
    """A GRU that returns everything. All its weights are random, the biases too."""
    layer = keras.layers.GRU(units, reset_after=reset_after, return_sequences=True, return_state=True)
    layer.build((None, None, inputs))
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(scale=0.7, size=weight.shape) for weight in layer.get_weights()])
    return layer


def params_of(layer: Any) -> gates.Params:
    """The layer's weights, by name. With one bias a block there is no second one to unpack: it is zero."""
    kernel, recurrent_kernel, bias = layer.get_weights()
    if bias.ndim == 1:
        bias = np.stack([bias, np.zeros_like(bias)])
    return whole.unpack_keras_weights(kernel, recurrent_kernel, bias)


def sequence(sizes: tuple[int, int, int, int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A random input and a random initial state."""
    batch, time, inputs, units = sizes
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, time, inputs)).astype("float32")
    return x, rng.uniform(-0.9, 0.9, size=(batch, units)).astype("float32")


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("sizes", SIZES)
def test_outputs_and_state_are_those_of_keras(keras: Any, sizes: tuple[int, int, int, int], reset_after: bool) -> None:
    layer = layer_with_random_weights(keras, *sizes[2:], reset_after, seed=sum(sizes))
    x, h_0 = sequence(sizes, seed=sizes[0])
    theirs = [np.asarray(a) for a in layer(x, initial_state=h_0)]
    ours = whole.gru_sequence(x, h_0, params_of(layer), reset_after)
    assert len(theirs) == len(ours) == 2
    for mine, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, their, atol=1e-5)
    # The other place of the reset is another network: the comparison can tell them apart.
    other, _ = whole.gru_sequence(x, h_0, params_of(layer), not reset_after)
    assert np.abs(other - theirs[0]).max() > 1e-2


@pytest.mark.parametrize("reset_after", [True, False])
def test_without_an_initial_state_keras_starts_from_zero(keras: Any, reset_after: bool) -> None:
    layer = layer_with_random_weights(keras, 4, 3, reset_after, seed=1)
    x, h_0 = sequence((2, 5, 4, 3), seed=1)
    theirs = [np.asarray(a) for a in layer(x)]
    for mine, their in zip(whole.gru_sequence(x, 0 * h_0, params_of(layer), reset_after), theirs, strict=True):
        np.testing.assert_allclose(mine, their, atol=1e-5)


def test_the_pieces_make_up_a_step_of_keras_cell(keras: Any) -> None:
    cell = keras.layers.GRUCell(3)
    cell.build((None, 4))
    rng = np.random.default_rng(2)
    cell.set_weights([rng.normal(scale=0.7, size=weight.shape) for weight in cell.get_weights()])
    x_t, h_prev = (rng.normal(size=shape).astype("float32") for shape in ((2, 4), (2, 3)))
    theirs, _ = cell(x_t, [h_prev])
    p = params_of(cell)
    z_t = gates.update_gate(x_t, h_prev, p["W_z"], p["U_z"], p["b_z"])
    r_t = gates.reset_gate(x_t, h_prev, p["W_r"], p["U_r"], p["b_r"])
    h_tilde = gates.candidate_reset_after(x_t, h_prev, r_t, p["W_h"], p["U_h"], p["b_h"], p["b_recurrent"])
    np.testing.assert_allclose(gates.new_state_keras(h_prev, z_t, h_tilde), np.asarray(theirs), atol=1e-5)


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("sizes", SIZES)
def test_both_conventions_of_z_agree_after_conversion(
    keras: Any, sizes: tuple[int, int, int, int], reset_after: bool
) -> None:
    layer = layer_with_random_weights(keras, *sizes[2:], reset_after, seed=3)
    x, h_0 = sequence(sizes, seed=3)
    theirs = np.asarray(layer(x, initial_state=h_0)[0])
    params = params_of(layer)
    converted = in_chungs_convention(x, h_0, gates.convert_update_gate(params), reset_after)
    np.testing.assert_allclose(converted, theirs, atol=1e-5)
    assert np.abs(in_chungs_convention(x, h_0, params, reset_after) - theirs).max() > 1e-2
    twice = gates.convert_update_gate(gates.convert_update_gate(params))
    assert all(np.array_equal(twice[name], params[name]) for name in params)


def in_chungs_convention(x: np.ndarray, h: np.ndarray, p: gates.Params, reset_after: bool) -> np.ndarray:
    """All outputs of a GRU in which z is the share that is written."""
    outputs = []
    for t in range(x.shape[1]):
        z_t = gates.update_gate(x[:, t], h, p["W_z"], p["U_z"], p["b_z"])
        r_t = gates.reset_gate(x[:, t], h, p["W_r"], p["U_r"], p["b_r"])
        if reset_after:
            h_tilde = gates.candidate_reset_after(x[:, t], h, r_t, p["W_h"], p["U_h"], p["b_h"], p["b_recurrent"])
        else:
            h_tilde = gates.candidate_reset_before(x[:, t], h, r_t, p["W_h"], p["U_h"], p["b_h"])
        h = gates.new_state_chung(h, z_t, h_tilde)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@pytest.mark.parametrize(
    ("inputs", "units", "reset_after", "count"),
    [(32, 5, True, 585), (32, 5, False, 570), (3, 7, True, None), (8, 2, False, None)],
)
def test_the_count_is_keras_count(keras: Any, inputs: int, units: int, reset_after: bool, count: int | None) -> None:
    layer = keras.layers.GRU(units, reset_after=reset_after)
    layer.build((None, None, inputs))
    assert whole.count_parameters(inputs, units, reset_after) == layer.count_params()
    assert count in (None, layer.count_params())


def test_the_760_in_the_seeds_are_an_lstms(keras: Any) -> None:
    layer = keras.layers.LSTM(5)
    layer.build((None, None, 32))
    assert layer.count_params() == whole.count_lstm(32, 5, True) == 760
