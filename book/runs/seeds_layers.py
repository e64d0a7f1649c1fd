"""A pattern that moves: dense layers and convolutions of several widths, shown more places or fewer, for the strip."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ._grid import Array, axis, built, drawn, each_seed, right
from .layers import TIME, signals

PLACES = (8, 16, 24)
UNITS = (2, 4, 16)
NETWORKS = ("Dense", "Conv1D")
SIZE = 7
GROUP = 5
"""The tooth begins at one of 35 steps, in groups of five."""


def dense(weights: list[tf.Tensor], x: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """x (networks, examples, time)."""
    W, b, V, c = weights
    return (tf.nn.relu(x @ W + b[:, None]) @ V + c[:, None])[..., 0]


def convolution(weights: list[tf.Tensor], x: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """A window at each step, with zeros around the signal, then the largest of each filter."""
    kernel, b, V, c = weights
    around = tf.pad(x, [(0, 0), (0, 0), (SIZE // 2, SIZE // 2)])
    windows = tf.stack([around[:, :, k : k + TIME] for k in range(SIZE)], axis=-1)
    flat = tf.reshape(windows, (x.shape[0], -1, SIZE)) @ kernel[:, :, 0] + b[:, None]
    found = tf.nn.relu(tf.reshape(flat, (*x.shape[:2], TIME, -1)))
    return (tf.reduce_max(found, axis=2) @ V + c[:, None])[..., 0]


def layers(network: str, units: int) -> list[keras.Layer]:
    """The layers of a network, their weights drawn."""
    if network == "Dense":
        hidden = built(keras.layers.Dense(units), None, TIME)
    else:
        hidden = built(keras.layers.Conv1D(units, SIZE), None, TIME, 1)
    return [hidden, built(keras.layers.Dense(1), None, units)]


def run() -> dict[str, Any]:
    """Of 500 new signals how many are right: network, units, places in training, where the tooth begins, seed."""
    answers = dict(zip(NETWORKS, (dense, convolution), strict=True))
    found: list[Any] = [[[] for _ in UNITS] for _ in NETWORKS]
    for places in PLACES:

        def begins(count: int, rng: np.random.Generator, last: int = places) -> tuple[Array, Array]:
            return signals(rng, rng.integers(0, last, count) if count == 2000 else np.repeat(np.arange(35), 100))

        data, new = each_seed(begins, 2000, 3500)
        for k, name in enumerate(NETWORKS):
            for j, units in enumerate(UNITS):
                good = right(answers[name], drawn(partial(layers, name, units)), data, new, rate=0.02, epochs=10)
                found[k][j].append(good.reshape(len(good), -1, 100 * GROUP).sum(axis=2).T.tolist())
                print(name, units, places, found[k][j][-1], flush=True)
    axes = [
        axis("network", "Network", NETWORKS),
        axis("units", "Units, or filters", UNITS),
        axis("places", "Begins seen in training", [f"0 to {last - 1}" for last in PLACES]),
        axis("begin", "The tooth begins at", [f"{k}–{k + GROUP - 1}" for k in range(0, 35, GROUP)]),
    ]
    return {"examples": 100 * GROUP, "guessing": 0.5, "axes": axes, "at": [0, 2, 1, 5], "right": found}
