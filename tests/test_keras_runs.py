"""The networks that the book's runs train side by side are trained as Keras trains them."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import numpy as np
import pytest

EPOCHS, BATCH, UNITS, SEEDS = 3, 20, 6, (0, 1)


@pytest.mark.parametrize(("kind", "layer"), [("RNN", "SimpleRNN"), ("LSTM", "LSTM"), ("GRU", "GRU")])
def test_networks_side_by_side_answer_as_keras_does(kind: str, layer: str) -> None:
    """With the same seeds and batches they give the same answers after each epoch."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    keras: Any = import_module("keras")
    together = import_module("book.runs._together")
    rng = np.random.default_rng(3)
    x, x_new = (rng.normal(size=(examples, 5, 3)).astype("float32") for examples in (200, 3000))
    y, y_new = ((one[:, 0, 0] + one.mean(axis=(1, 2)) > 0.1).astype("float32") for one in (x, x_new))
    both = [np.stack([array] * len(SEEDS)) for array in (x, y, x_new, y_new)]
    ours = together.train(kind, UNITS, SEEDS, both[:2], both[2:], epochs=EPOCHS, batch=BATCH)
    for number, seed in enumerate(SEEDS):
        keras.utils.set_random_seed(seed)
        recurrent, dense = getattr(keras.layers, layer)(UNITS), keras.layers.Dense(1)
        recurrent.build((None, None, 3))
        dense.build((None, UNITS))
        model = keras.Sequential([keras.Input((5, 3)), recurrent, dense])
        model.compile(keras.optimizers.Adam(0.01), keras.losses.BinaryCrossentropy(from_logits=True))
        for epoch in range(EPOCHS):
            rows = np.random.default_rng(epoch).permutation(len(x))
            model.fit(x[rows], y[rows], batch_size=BATCH, shuffle=False, verbose=0)
            theirs = (np.asarray(model(x_new))[:, 0] > 0) == y_new
            assert np.mean(ours[epoch, number] == theirs) > 0.999, (kind, seed, epoch)
