"""Which of two words comes first: networks of several widths over growing sentences, for the strip of seeds."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from ._grid import Array, axis, built, drawn, each_seed, last_state, padded, right
from .rnn_words import sentences

WORDS = (8, 16, 32)
UNITS = (2, 4, 16)
NETWORKS = ("bag of words", "fixed window", "SimpleRNN")
EXAMPLES = 1000


def bag(weights: list[tf.Tensor], x: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """The mean of the words' vectors, then two dense layers."""
    return dense(weights, tf.reduce_sum(x, axis=2) / tf.cast(steps, tf.float32))


def window(weights: list[tf.Tensor], x: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """The words' vectors end to end, then two dense layers."""
    return dense(weights, tf.reshape(x, (*x.shape[:2], -1)))


def dense(weights: list[tf.Tensor], x: tf.Tensor) -> tf.Tensor:
    """x (networks, examples, inputs)."""
    W, b, V, c = weights
    return (tf.tanh(x @ W + b[:, None]) @ V + c[:, None])[..., 0]


def recurrent(weights: list[tf.Tensor], x: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """The last state of a plain RNN, then a dense layer."""
    W, U, b, V, c = weights
    return (last_state("RNN", (W, U, b[:, None], tf.zeros(())), x, steps) @ V + c[:, None])[..., 0]


def layers(network: str, units: int, words: int) -> list[keras.Layer]:
    """Both layers of a network, their weights drawn."""
    if network == "SimpleRNN":
        hidden = built(keras.layers.SimpleRNN(units), None, None, 6)
    else:
        hidden = built(keras.layers.Dense(units), None, 6 * words if network == "fixed window" else 6)
    return [hidden, built(keras.layers.Dense(1), None, units)]


def run() -> dict[str, Any]:
    """How many of 1000 new sentences are right: network, units, words, seed."""
    answers = dict(zip(NETWORKS, (bag, window, recurrent), strict=True))
    found: list[Any] = [[[] for _ in UNITS] for _ in NETWORKS]
    for words in WORDS:
        plain = each_seed(lambda count, rng, steps=words: sentences(count, steps, rng), 2000, EXAMPLES)
        long = [(padded(x, max(WORDS)), y) for x, y in plain]
        for k, name in enumerate(NETWORKS):
            data, new = plain if name == "fixed window" else long
            for j, units in enumerate(UNITS):
                first: list[Array] = drawn(partial(layers, name, units, words))
                good = right(answers[name], first, data, new, steps=words, epochs=4)
                found[k][j].append(good.sum(axis=1).tolist())
                print(name, units, words, found[k][j][-1], flush=True)
    axes = [
        axis("network", "Network", NETWORKS),
        axis("units", "Units", UNITS),
        axis("words", "Words in a sentence", WORDS),
    ]
    return {"examples": EXAMPLES, "guessing": 0.5, "axes": axes, "at": [2, 2, 0], "right": found}
