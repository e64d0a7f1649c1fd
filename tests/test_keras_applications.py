"""The references of the chapter on applications against what Keras does with the same numbers."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from autograder.checks.applications import decoding, forecast, text

SEEDS = range(6)


@pytest.fixture(scope="module")
def keras() -> Any:
    """Keras, imported when the first test needs it and not when tests are collected."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return import_module("keras")


@pytest.mark.parametrize("seed", SEEDS)
def test_padding_is_keras_default(keras: Any, seed: int) -> None:
    sequences, maxlen = text.draw_sequences(np.random.default_rng(seed), 5, 7)
    for one, length in ((sequences, maxlen), text.EMPTY_SEQUENCE):
        np.testing.assert_array_equal(text.pad_sequences(one, length), keras.utils.pad_sequences(one, maxlen=length))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_mask_is_that_of_an_embedding(keras: Any, seed: int) -> None:
    (padded,) = text.draw_padded(np.random.default_rng(seed), 4, 7)
    embedding = keras.layers.Embedding(60, 2, mask_zero=True)
    np.testing.assert_array_equal(text.make_mask(padded), np.asarray(embedding.compute_mask(padded)))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_softmax_is_keras_own(keras: Any, seed: int) -> None:
    for logits, temperature in (text.draw_logits(np.random.default_rng(seed), 3, 5), text.LARGE_LOGITS):
        keras_own = keras.ops.softmax((logits / temperature).astype("float32"), axis=-1)
        mine = text.next_character_probabilities(logits, temperature)
        np.testing.assert_allclose(mine, np.asarray(keras_own), atol=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cross_entropy_is_what_keras_reports_with_a_mask(keras: Any, seed: int) -> None:
    """As a metric, which averages over the tokens that the mask keeps."""
    probabilities, targets, mask = text.draw_predictions(np.random.default_rng(seed), 4, 6, 5)
    metric = keras.metrics.SparseCategoricalCrossentropy()
    metric.update_state(targets, probabilities.astype("float32"), sample_weight=mask.astype("float32"))
    np.testing.assert_allclose(
        text.masked_cross_entropy(probabilities, targets, mask), float(metric.result()), atol=1e-5
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_scaler_is_keras_normalization_adapted_to_the_training_part(keras: Any, seed: int) -> None:
    train, test = forecast.draw_parts(np.random.default_rng(seed), 9, 5)
    layer = keras.layers.Normalization(axis=None)
    layer.adapt(train)
    for mine, part in zip(forecast.scale_parts(train, test), (train, test), strict=True):
        np.testing.assert_allclose(mine, np.asarray(layer(part)), atol=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_windows_are_those_of_a_time_series_dataset(keras: Any, seed: int) -> None:
    series, window, horizon = forecast.draw_windows(np.random.default_rng(seed), 4, 3)
    x, y = forecast.make_windows(series, window, horizon)
    dataset = keras.utils.timeseries_dataset_from_array(
        series[: len(series) - horizon, None], series[window + horizon - 1 :], sequence_length=window, batch_size=100
    )
    keras_x, keras_y = next(iter(dataset))
    np.testing.assert_allclose(x, np.asarray(keras_x), atol=1e-5)
    np.testing.assert_allclose(y, np.asarray(keras_y), atol=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_error_is_keras_metric(keras: Any, seed: int) -> None:
    y, predicted = forecast.draw_errors(np.random.default_rng(seed), 7)
    metric = keras.metrics.MeanAbsoluteError()
    metric.update_state(y[:, None], predicted.reshape(-1, 1))
    np.testing.assert_allclose(forecast.mean_absolute_error(y, predicted), float(metric.result()), atol=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_masked_loss_is_keras_mean_with_weights(keras: Any, seed: int) -> None:
    """As the page says, and not its default, which divides by all places."""
    probabilities, targets = decoding.draw_predictions(np.random.default_rng(seed), 4, 5, 3)
    real = targets != decoding.PAD
    loss = keras.losses.SparseCategoricalCrossentropy
    weighted = loss(reduction="mean_with_sample_weight")(targets, probabilities, sample_weight=real)
    mine = decoding.masked_loss(probabilities, targets)
    np.testing.assert_allclose(mine, float(weighted), rtol=1e-4)
    assert not np.isclose(mine, float(loss()(targets, probabilities, sample_weight=real)), rtol=1e-2)
