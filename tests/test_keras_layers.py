"""The references of the layers' chapter against Keras 3 with the same weights, to 1e-5 at float32."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autograder.checks.layers import constraints, convolution, embedding, pooling

if TYPE_CHECKING:
    import keras

Array = np.ndarray


@pytest.fixture(scope="module", autouse=True)
def keras_given() -> None:
    """Keras, imported when the first test needs it and not when tests are collected."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    globals()["keras"] = import_module("keras")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def agree(ours: Array, theirs: Any) -> None:
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def with_weights(layer: keras.layers.Layer, *weights: Array) -> keras.layers.Layer:
    """The layer, built by hand-given weights."""
    layer.set_weights([weight.astype("float32") for weight in weights])
    return layer


# --- convolution ---


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
@pytest.mark.parametrize(("strides", "dilation"), [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)])
@pytest.mark.parametrize("taps", [1, 2, 3, 4])
def test_conv1d(rng: np.random.Generator, padding: str, strides: int, dilation: int, taps: int) -> None:
    for time in (11, 12, 13):
        x = rng.normal(size=(2, time, 3))
        kernel, bias = convolution.weights_and_biases(rng, taps, 3, 5)
        layer = keras.layers.Conv1D(5, taps, strides, padding, dilation_rate=dilation)
        layer.build((None, time, 3))
        theirs = with_weights(layer, kernel, bias)(x.astype("float32"))
        agree(convolution.conv1d(x, kernel, bias, strides, padding, dilation), theirs)
        assert convolution.output_length(time, taps, strides, padding, dilation) == theirs.shape[1]
        assert convolution.count_parameters((taps,), 3, 5) == layer.count_params()


@pytest.mark.parametrize("strides", [(1, 1), (2, 1), (1, 3), (3, 2)])
@pytest.mark.parametrize("size", [(3, 3), (2, 4), (1, 3)])
def test_conv2d(rng: np.random.Generator, size: tuple[int, int], strides: tuple[int, int]) -> None:
    x = rng.normal(size=(2, 10, 11, 3))
    kernel, bias = convolution.weights_and_biases(rng, *size, 3, 5)
    layer = keras.layers.Conv2D(5, size, strides)
    layer.build((None, 10, 11, 3))
    agree(convolution.conv2d(x, kernel, bias, strides), with_weights(layer, kernel, bias)(x.astype("float32")))
    assert convolution.count_parameters(size, 3, 5) == layer.count_params()


# --- pooling ---

ONE = [
    ("AveragePooling1D", pooling.average_pool_1d),
    ("MaxPooling1D", pooling.max_pool_1d),
]
TWO = [
    ("AveragePooling2D", pooling.average_pool_2d),
    ("MaxPooling2D", pooling.max_pool_2d),
]


@pytest.mark.parametrize(("size", "strides"), [(2, 2), (3, 2), (2, 3), (4, 1), (3, 5)])
def test_pooling(rng: np.random.Generator, size: int, strides: int) -> None:
    x = rng.normal(size=(2, 10, 11, 3)) - 0.5
    for layer, reference in TWO:
        agree(reference(x, size, strides), getattr(keras.layers, layer)(size, strides)(x.astype("float32")))
    for layer, reference in ONE:
        theirs = getattr(keras.layers, layer)(size, strides)(x[:, 0].astype("float32"))
        agree(reference(x[:, 0], size, strides), theirs)
        assert reference(x[:, 0], size, strides).shape[1] == pooling.pooled_length(11, size, strides)


# --- flatten and embedding ---


@pytest.mark.parametrize("shape", [(2, 5), (3, 4, 2), (2, 3, 4, 5), (2, 2, 3, 2, 2)])
def test_flatten(rng: np.random.Generator, shape: tuple[int, ...]) -> None:
    x = rng.normal(size=shape)
    agree(embedding.flatten(x), keras.layers.Flatten()(x.astype("float32")))


@pytest.mark.parametrize(("vocabulary", "dim"), [(6, 3), (9, 4), (5, 8)])
def test_embedding_mask_and_mean(rng: np.random.Generator, vocabulary: int, dim: int) -> None:
    indices = rng.integers(0, vocabulary, size=(4, 7))
    indices[0, :3] = 0
    indices[:, -1] = 1 + indices[:, -1] % (vocabulary - 1)
    table = rng.normal(size=(vocabulary, dim))
    layer = keras.layers.Embedding(vocabulary, dim, mask_zero=True)
    layer.build((None, 7))
    vectors = with_weights(layer, table)(indices)
    agree(embedding.embedding(indices, table), vectors)
    agree(embedding.embedding_by_product(indices, table), vectors)
    agree(embedding.one_hot(indices, vocabulary), keras.ops.one_hot(indices, vocabulary))
    mask = np.asarray(layer.compute_mask(indices))
    assert np.array_equal(embedding.embedding_mask(indices), mask)
    mean = keras.layers.GlobalAveragePooling1D()(vectors, mask=mask)
    agree(embedding.masked_mean(embedding.embedding(indices, table), mask), mean)


def test_where_all_is_padding_keras_divides_zero_by_zero(rng: np.random.Generator) -> None:
    """Here the reference differs on purpose; exercise and book say so."""
    vectors, mask = rng.normal(size=(2, 3, 4)), np.array([[True, False, True], [False, False, False]])
    mean = np.asarray(keras.layers.GlobalAveragePooling1D()(vectors.astype("float32"), mask=mask))
    assert np.isnan(mean[1]).all()
    assert np.array_equal(embedding.masked_mean(vectors, mask)[1], np.zeros(4))


@pytest.mark.parametrize(("batch", "time", "vocabulary"), [(2, 5, 6), (4, 3, 5), (1, 9, 4)])
def test_embedding_gradient(rng: np.random.Generator, batch: int, time: int, vocabulary: int) -> None:
    import tensorflow as tf

    indices, weights = rng.integers(0, vocabulary, size=(batch, time)), rng.normal(size=(batch, time, 3))
    layer = keras.layers.Embedding(vocabulary, 3)
    layer.build((None, time))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(indices) * weights.astype("float32"))
    theirs = tf.convert_to_tensor(tape.gradient(loss, layer.trainable_weights[0].value))
    agree(embedding.embedding_gradient(indices, weights, vocabulary), theirs)


# --- constraints ---

AXES: list[tuple[tuple[int, ...], constraints.Axis]] = [
    ((4, 6), 0),
    ((6, 4), 1),
    ((3, 4, 5), (0, 1)),
    ((3, 4, 5), 2),
    ((3, 2, 4, 6), (0, 1, 2)),
    ((2, 3), (0, 1)),
]


def listed(axis: constraints.Axis) -> int | list[int]:
    """As Keras's own documentation writes several axes."""
    return axis if isinstance(axis, int) else list(axis)


@pytest.mark.parametrize(("shape", "axis"), AXES)
def test_constraints_over_an_axis(rng: np.random.Generator, shape: tuple[int, ...], axis: constraints.Axis) -> None:
    assert keras.config.epsilon() == constraints.EPSILON
    for scale in (0.1, 1.0, 3.0):
        w = rng.normal(scale=scale, size=shape)
        w[..., 0] = 0
        narrow = w.astype("float32")
        agree(constraints.non_neg(w), keras.constraints.NonNeg()(narrow))
        agree(constraints.unit_norm(w, axis), keras.constraints.UnitNorm(listed(axis))(narrow))
        for limit in (0.5, 2.0):
            agree(constraints.max_norm(w, limit, axis), keras.constraints.MaxNorm(limit, listed(axis))(narrow))
        for rate in (0.0, 0.3, 1.0):
            theirs = keras.constraints.MinMaxNorm(0.6, 1.5, rate, listed(axis))(narrow)
            agree(constraints.min_max_norm(w, 0.6, 1.5, rate, axis), theirs)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [("Dense", (5,)), ("Conv1D", (5, 3)), ("Conv2D", (5, (2, 3)))],
    ids=["Dense", "Conv1D", "Conv2D"],
)
def test_the_axes_of_a_kernel_leave_one_norm_a_unit(kind: str, arguments: tuple[Any, ...]) -> None:
    layer = getattr(keras.layers, kind)(*arguments)
    layer.build({1: (None, 7), 2: (None, 9, 7), 3: (None, 9, 8, 7)}[len(getattr(layer, "kernel_size", ())) + 1])
    kernel = np.asarray(layer.kernel)
    norms = constraints.weight_norms(kernel, tuple(constraints.incoming_axes(kernel.shape)))
    assert norms.size == 5
    outputs = [np.linalg.norm(kernel[..., unit]) for unit in range(5)]
    np.testing.assert_allclose(norms.ravel(), outputs, rtol=1e-5)
