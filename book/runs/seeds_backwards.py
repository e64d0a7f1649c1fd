"""Say it backwards, in one direction and in both, by networks of several sizes, for the strip of seeds.

The largest are those of `backwards`, and its results are taken from there.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ..seeds import SEEDS
from . import stored
from ._grid import axis, built, drawn, right
from ._together import gru
from .backwards import LENGTH, X, Y

NETWORKS = {"one direction": (6, 18, 48), "both directions": (4, 12, 32)}
"""Units of a direction: about 250, 1400 and 8000 parameters."""
SEEN, LETTERS = 3000, 4
NEW = len(X) - SEEN


def states(weights: list[tf.Tensor], x: tf.Tensor) -> tf.Tensor:
    """A GRU's state at each step: (networks, examples, time, units)."""
    W, U, b = weights
    networks, examples, time, inputs = x.shape
    fed = tf.reshape(tf.reshape(x, (networks, examples * time, inputs)) @ W + b[:, :1], (networks, examples, time, -1))
    zero = tf.zeros((networks, examples, U.shape[1]))
    h = tf.scan(lambda h, x_t: gru(x_t, (h,), U, b[:, 1:])[0], tf.transpose(fed, [2, 0, 1, 3]), zero)
    return tf.transpose(h, [1, 2, 0, 3])


def answer(both: bool, weights: list[tf.Tensor], x: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """Logits of the letters: (networks, examples, time, letters)."""
    *_, V, c = weights
    h = states(weights[:3], x)
    if both:
        h = tf.concat([h, states(weights[3:6], x[:, :, ::-1])[:, :, ::-1]], axis=-1)
    networks, examples, time, units = h.shape
    logits = tf.reshape(h, (networks, examples * time, units)) @ V + c[:, None]
    return tf.reshape(logits, (networks, examples, time, LETTERS))


ANSWERS = {name: partial(answer, name == "both directions") for name in NETWORKS}


def layers(directions: int, units: int) -> list[keras.Layer]:
    """The layers of a network, their weights drawn."""
    read = [built(keras.layers.GRU(units), None, None, LETTERS) for _ in range(directions)]
    return [*read, built(keras.layers.Dense(LETTERS), None, directions * units)]


def measured(name: str) -> list[Any]:
    """Of 1096 new sequences how many have each letter right, by the stored run: letter, seed."""
    shares = stored("backwards")["results"]["synced" if name == "one direction" else name]
    return np.rint(NEW * np.array(shares).T).astype(int).tolist()


def run() -> dict[str, Any]:
    """Of 1096 new sequences how many have each letter right: network, size, letter, seed."""
    x, y = (np.broadcast_to(a, (len(SEEDS), *a.shape)) for a in (X, Y.astype("int32")))
    data, new = (x[:, :SEEN], y[:, :SEEN]), (x[:, SEEN:], y[:, SEEN:])
    found: list[Any] = [[], []]
    for k, (name, sizes) in enumerate(NETWORKS.items()):
        for units in sizes[:-1]:
            good = right(ANSWERS[name], drawn(partial(layers, 1 + k, units)), data, new, epochs=8)
            found[k].append(good.sum(axis=1).T.tolist())
            print(name, units, found[k][-1], flush=True)
        found[k].append(measured(name))
    axes = [
        axis("network", "Network", list(NETWORKS)),
        axis("size", "Parameters", ["about 250", "about 1400", "about 8000"]),
        axis("said", "Letter that is said", range(1, LENGTH + 1)),
    ]
    return {"examples": NEW, "guessing": 1 / LETTERS, "axes": axes, "at": [1, 2, 0], "right": found}
