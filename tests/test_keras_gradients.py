"""The gradients chapter's references against TensorFlow's tape, against Keras, and against centred differences."""

from __future__ import annotations

import os
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autograder.checking.failed import CheckFailed
from autograder.checks.gradients import bptt, norms

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

SEEDS = range(4)
Params = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def tensorflow_given() -> None:
    """TensorFlow and Keras, imported when the first test needs them and not when tests are collected."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    globals()["tf"] = import_module("tensorflow")
    globals()["keras"] = import_module("keras")


def agree(got: Params, want: Params, tolerance: float = 1e-10) -> None:
    """Two dictionaries of arrays are the same."""
    assert got.keys() == want.keys()
    for name in want:
        np.testing.assert_allclose(np.asarray(got[name]), np.asarray(want[name]), rtol=0, atol=tolerance, err_msg=name)


def network(seed: int, time: int = 8) -> tuple[Params, np.ndarray, np.ndarray]:
    """Parameters, inputs and the gradients that come to the outputs; batch 2, inputs 3, units 4."""
    return bptt.draw_network(np.random.default_rng(seed), batch=2, time=time, inputs=3, units=4)


def taped(params: Params, x: np.ndarray, d_outputs: np.ndarray, steps: int) -> Params:
    """The gradient by TensorFlow's tape, in 64 bits, through a Keras layer that is run piece by piece."""
    layer = keras.layers.SimpleRNN(4, return_sequences=True, return_state=True, dtype="float64")
    layer.build(x.shape)
    layer.set_weights([params[name] for name in "WUb"])
    h_0 = tf.Variable(params["h_0"])
    with tf.GradientTape() as tape:
        state, total = tf.convert_to_tensor(h_0), tf.constant(0.0, tf.float64)
        for start in range(0, x.shape[1], steps):
            outputs, state = layer(x[:, start : start + steps], initial_state=state)
            total += tf.reduce_sum(outputs * d_outputs[:, start : start + steps])
            state = tf.stop_gradient(state)
    found = tape.gradient(total, [*(weight.value for weight in layer.weights), h_0])
    return dict(zip(("W", "U", "b", "h_0"), found, strict=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_states_are_those_of_the_rnn_chapter(seed: int) -> None:
    from autograder.checks.rnn.step import rnn_sequence

    params, x, _ = network(seed)
    h = bptt.all_states(params, x)
    outputs, _ = rnn_sequence(x, params["h_0"], params["W"], params["U"], params["b"])
    np.testing.assert_allclose(h[:, 1:], outputs, atol=1e-12)
    np.testing.assert_array_equal(h[:, 0], params["h_0"])


@pytest.mark.parametrize("seed", SEEDS)
def test_bptt_against_the_tape(seed: int) -> None:
    params, x, d_outputs = network(seed)
    found = bptt.bptt(x, bptt.all_states(params, x), d_outputs, params["U"])
    agree(found, taped(params, x, d_outputs, steps=x.shape[1]))


@pytest.mark.parametrize("steps", [1, 3, 4, 5, 8, 9])
def test_truncated_bptt_against_the_tape(steps: int) -> None:
    params, x, d_outputs = network(0)
    h = bptt.all_states(params, x)
    found = bptt.truncated_bptt(x, h, d_outputs, params["U"], steps)
    agree(found, taped(params, x, d_outputs, steps))


@pytest.mark.parametrize("seed", SEEDS)
def test_bptt_against_centred_differences(seed: int) -> None:
    params, x, d_outputs = network(seed)
    found = bptt.bptt(x, bptt.all_states(params, x), d_outputs, params["U"])
    agree(bptt.numeric_gradient(params, x, d_outputs, 1e-5), found, tolerance=1e-7)


def test_parameters_that_are_moved_and_moved_back_count_as_unchanged() -> None:
    """Adding eps and taking it off again leaves 1e-17 behind: that is how a right answer may work. More is a change."""

    def in_place(params: Params, x: np.ndarray, d_outputs: np.ndarray, eps: float, left: float = 0.0) -> Params:
        gradients = {name: np.zeros(value.shape) for name, value in params.items()}
        for name, value in params.items():
            for place in np.ndindex(value.shape):
                value[place] += eps
                above = bptt.loss(params, x, d_outputs)
                value[place] -= 2 * eps
                gradients[name][place] = (above - bptt.loss(params, x, d_outputs)) / (2 * eps)
                value[place] += eps + left
        return gradients

    params, x, d_outputs = network(0, time=3)
    before = {name: value.copy() for name, value in params.items()}
    in_place(params, x, d_outputs, 0.07)
    assert any((params[name] != before[name]).any() for name in params), "nothing is left behind: another eps shows it"
    bptt.numeric_gradient.judge(in_place)
    with pytest.raises(CheckFailed, match="changes its argument `params`"):
        bptt.numeric_gradient.judge(partial(in_place, left=1e-6))


def test_centred_differences_gain_two_digits_where_one_sided_ones_gain_one() -> None:
    """So the check, whose steps are between 0.05 and 0.1, tells them apart with room to spare."""
    params, x, d_outputs = network(1, time=3)
    exact = bptt.bptt(x, bptt.all_states(params, x), d_outputs, params["U"])

    def error(differences: Any, eps: float) -> float:
        found = differences(params, x, d_outputs, eps)
        return max(float(np.abs(found[name] - exact[name]).max()) for name in exact)

    centred = [error(bptt.numeric_gradient, eps) for eps in (1e-2, 1e-3)]
    one_sided = [error(bptt.one_sided_above, eps) for eps in (1e-2, 1e-3)]
    assert centred[0] / centred[1] == pytest.approx(100, rel=0.05)
    assert one_sided[0] / one_sided[1] == pytest.approx(10, rel=0.05)
    apart = bptt.numeric_gradient(params, x, d_outputs, 0.05)
    other = bptt.one_sided_above(params, x, d_outputs, 0.05)
    assert max(np.abs(apart[name] - other[name]).max() for name in apart) > 1e-2


@pytest.mark.parametrize("seed", SEEDS)
def test_one_step_backwards_against_the_tape(seed: int) -> None:
    params, x, d_outputs = network(seed)
    W, U, b, h_prev = (tf.Variable(params[name]) for name in ("W", "U", "b", "h_0"))
    with tf.GradientTape() as tape:
        h_t = tf.tanh(x[:, 0] @ W + h_prev @ U + b)
        total = tf.reduce_sum(h_t * d_outputs[:, 0])
    want = tape.gradient(total, [h_prev, W, U, b])
    found = bptt.rnn_backward_step(d_outputs[:, 0], x[:, 0], params["h_0"], h_t.numpy(), params["U"])
    names = ("h_0", "W", "U", "b")
    agree(dict(zip(names, found, strict=True)), dict(zip(names, want, strict=True)))


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_jacobians_and_their_products_against_the_tape(seed: int) -> None:
    """The tape gives d h_T[b] / d h_t[a] at [b, a], so ours is its transpose."""
    params, x, _ = network(seed, time=5)
    h = bptt.all_states(params, x)[0]
    W, U, b = (tf.constant(params[name]) for name in "WUb")
    with tf.GradientTape(persistent=True) as tape:
        states = [tf.constant(h[:1])]
        tape.watch(states[0])
        for t in range(x.shape[1]):
            states.append(tf.tanh(x[:1, t] @ W + states[-1] @ U + b))
    found = [tape.jacobian(states[-1], state, experimental_use_pfor=False) for state in reversed(states)]
    jacobians = [jacobian.numpy()[0, :, 0, :].T for jacobian in found]
    np.testing.assert_allclose(norms.step_jacobian(h[-1], params["U"]), jacobians[1], atol=1e-10)
    want = [np.linalg.svd(jacobian)[1][0] for jacobian in jacobians]
    np.testing.assert_allclose(norms.jacobian_norms(h, params["U"]), want, atol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_clipping_against_tensorflow(seed: int) -> None:
    gradients, max_norm = norms.draw_clip(np.random.default_rng(seed), inputs=3, units=4, outputs=2)
    for limit in (max_norm, 100 * max_norm):
        want, norm = tf.clip_by_global_norm([tf.constant(array) for array in gradients.values()], limit)
        agree(norms.clip_by_global_norm(gradients, limit), dict(zip(gradients, want, strict=True)))
        np.testing.assert_allclose(norms.global_norm(gradients), norm.numpy(), rtol=1e-12)


def test_clipping_against_kerass_optimiser() -> None:
    """`global_clipnorm` of a Keras optimiser is this clipping."""
    gradients, max_norm = norms.draw_clip(np.random.default_rng(9), inputs=3, units=4, outputs=2)
    variables = [keras.Variable(np.zeros(array.shape)) for array in gradients.values()]
    optimiser = keras.optimizers.SGD(learning_rate=1.0, global_clipnorm=max_norm)
    optimiser.apply([keras.ops.convert_to_tensor(array, "float32") for array in gradients.values()], variables)
    moved = {name: -np.asarray(variable) for name, variable in zip(gradients, variables, strict=True)}
    agree(moved, norms.clip_by_global_norm(gradients, max_norm), tolerance=1e-5)


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.3])
def test_the_orthogonal_kernel_against_keras(gain: float) -> None:
    """The same normal numbers give the same kernel, and its singular values are the gain."""
    numbers = np.asarray(keras.random.normal((5, 5), seed=11), dtype=float)
    found = norms.orthogonal_kernel(numbers, gain)
    np.testing.assert_allclose(found, keras.initializers.Orthogonal(gain, seed=11)((5, 5)), atol=1e-5)
    np.testing.assert_allclose(np.linalg.svd(found)[1], gain, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_spectral_radius_is_the_growth_of_powers(seed: int) -> None:
    """Gelfand's formula; and the eigenvalues that are drawn first are complex, with a negative real part."""
    (U,) = norms.draw_radius(np.random.default_rng(seed), units=5)
    radius = norms.spectral_radius(U)
    growth = np.linalg.norm(np.linalg.matrix_power(U / radius, 4096), 2) ** (1 / 4096)
    assert growth == pytest.approx(1, rel=2e-3)
    first = max(np.linalg.eigvals(U), key=abs)
    assert abs(first.imag) > 0.3 * radius and first.real < -0.3 * radius
    assert radius < 0.95 * np.linalg.norm(U, 2)
