"""The LSTM's backward pass of the checks against TensorFlow's tape through Keras's layer, and against differences."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from autograder.checks.lstm import backward, cell
from book.runs import lstm_backward as trained

SIZES = [(2, 3, 4, 5), (3, 5, 2, 4)]
"""batch, time, inputs, units"""
Sizes = tuple[int, int, int, int]


def drawn(sizes: Sizes) -> tuple[Any, ...]:
    """What `lstm_backward` is given."""
    batch, time, inputs, units = sizes
    return backward.draw_backward(np.random.default_rng(sum(sizes)), batch, time, inputs, units)


@pytest.mark.parametrize("sizes", SIZES)
def test_the_whole_sequence_against_the_tape(sizes: Sizes) -> None:
    """In 64 bits, with a gradient to every output and to the last cell state, from states that are not zero."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    tf, keras = import_module("tensorflow"), import_module("keras")
    d_outputs, d_c_T, x, h, c, gates, params = drawn(sizes)
    layer = keras.layers.LSTM(sizes[3], return_sequences=True, return_state=True, dtype="float64")
    layer.build(x.shape)
    layer.set_weights([np.concatenate([params[f"{kind}_{gate}"] for gate in "ifco"], axis=-1) for kind in "WUb"])
    given = [tf.Variable(array) for array in (x, h[:, 0], c[:, 0])]
    with tf.GradientTape() as tape:
        outputs, _, c_T = layer(given[0], initial_state=given[1:])
        total = tf.reduce_sum(outputs * d_outputs) + tf.reduce_sum(c_T * d_c_T)
    *weights, d_x, d_h_0, d_c_0 = tape.gradient(total, [*(weight.value for weight in layer.weights), *given])
    want = {"x": d_x, "h_0": d_h_0, "c_0": d_c_0, **cell.unpack_keras_weights(*(w.numpy() for w in weights))}
    found = backward.lstm_backward(d_outputs, d_c_T, x, h, c, gates, params)
    assert found.keys() == want.keys()
    for name in want:
        np.testing.assert_allclose(found[name], np.asarray(want[name]), rtol=0, atol=1e-10, err_msg=name)


def test_one_step_against_differences() -> None:
    """Every entry of what the step read, moved up and down; the pass forwards is that of `lstm.cell`."""
    d_h, d_c, x_t, h_prev, c_prev, c_t, gates, params = backward.draw_step_backward(np.random.default_rng(3), 2, 3, 4)
    found = backward.lstm_step_backward(d_h, d_c, x_t, h_prev, c_prev, c_t, gates, params)
    read = {"x_t": x_t, "h_prev": h_prev, "c_prev": c_prev, **params}

    def loss() -> float:
        h, c = cell.lstm_step(read["x_t"], read["h_prev"], read["c_prev"], read)
        return float(np.sum(d_h * h) + np.sum(d_c * c))

    assert found.keys() == read.keys()
    for name, array in read.items():
        for place in np.ndindex(array.shape):
            kept, ends = array[place], []
            for nudge in (1e-5, -1e-5):
                array[place] = kept + nudge
                ends.append(loss())
            array[place] = kept
            assert found[name][place] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-8), name


def test_the_direct_path_is_what_is_left_when_no_gradient_goes_through_h() -> None:
    d_outputs, d_c_T, x, h, c, gates, params = drawn(SIZES[0])
    cut = {name: 0 * value if name.startswith("U_") else value for name, value in params.items()}
    found = backward.lstm_backward(0 * d_outputs, d_c_T, x, h, c, gates, cut)
    first = backward.direct_path(gates["f"])[:, 0] * gates["f"][:, 0]
    np.testing.assert_allclose(found["c_0"], d_c_T * first, atol=1e-12)


def test_the_stored_run_trains_with_this_gradient() -> None:
    """Its own backward pass, which takes all seeds at once, is that of the checks; cut, it is another one."""
    rngs = [np.random.default_rng(seed) for seed in (0, 1)]
    drawn = [trained.first_weights(rng) for rng in rngs]
    weights = {name: np.stack([one[name] for one in drawn]) for name in drawn[0]}
    x, y = trained.batch(4, 6, rngs)
    _, found = trained.gradients(weights, x, y, ("c", "h"))
    for seed in range(len(rngs)):
        names = ("kernel", "recurrent_kernel", "bias")
        kernel, recurrent_kernel, bias = (weights[name][seed] for name in names)
        params = cell.unpack_keras_weights(kernel, recurrent_kernel, bias[0])
        start = np.zeros((4, trained.UNITS))
        h, c, gates = backward.run(x[seed], start, start, params)
        logits = h[:, -1] @ weights["V"][seed] + weights["b_y"][seed]
        d_outputs = np.zeros((4, 6, trained.UNITS))
        d_outputs[:, -1] = (1 / (1 + np.exp(-logits)) - y[seed]) / 4 @ weights["V"][seed].T
        want = backward.lstm_backward(d_outputs, start, x[seed], h, c, gates, params)
        for kind, name in zip("WUb", names, strict=True):
            side_by_side = np.concatenate([want[f"{kind}_{gate}"] for gate in "ifco"], axis=-1)
            np.testing.assert_allclose(np.squeeze(found[name][seed]), side_by_side, atol=1e-12, err_msg=name)
    for carried in (("c",), ("h",)):
        _, cut = trained.gradients(weights, x, y, carried)
        assert np.abs(cut["recurrent_kernel"] - found["recurrent_kernel"]).max() > 1e-4
