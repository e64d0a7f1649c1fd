"""The verdict at the first step: GRUs beside the networks of `lstm_verdict`, and trained as they are, for the strip."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from . import stored
from ._grid import axis, built, drawn, each_seed, last_state, padded, right
from .lstm_verdict import EPOCHS, STEPS, remember_first

BIASES = (0, 1, 3)
UNITS = 18
EXAMPLES = 1000


def answer(weights: list[tf.Tensor], x: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """The last state of a GRU, then a dense layer."""
    W, U, b, V, c = weights
    return (last_state("GRU", (W, U, b[:, :1], b[:, 1:]), x, steps) @ V + c[:, None])[..., 0]


def layers(bias: float) -> list[keras.Layer]:
    """Both layers, their weights drawn, then the update gate's bias set."""
    layer = built(keras.layers.GRU(UNITS), None, None, 5)
    W, U, b = layer.get_weights()
    b[0, :UNITS] = bias
    layer.set_weights([W, U, b])
    return [layer, built(keras.layers.Dense(1), None, UNITS)]


def trained(bias: float, steps: int) -> list[int]:
    """How many of 1000 new sequences are right, for each seed."""
    sets = each_seed(lambda count, rng: remember_first(count, steps, rng), 4000, EXAMPLES)
    data, new = ((padded(x, max(STEPS)), y) for x, y in sets)
    found = right(answer, drawn(partial(layers, bias)), data, new, steps=steps, epochs=EPOCHS).sum(axis=1).tolist()
    print(bias, steps, found, flush=True)
    return found


def run() -> dict[str, Any]:
    """How many of 1000 new sequences are right: network, bias of the gate that keeps, steps, seed."""
    _, rnn, lstm = ([by_epoch[-1] for by_epoch in by_bias] for by_bias in stored("seeds_lstm")["results"]["right"])
    gru = [[trained(bias, steps) for steps in STEPS] for bias in BIASES]
    axes = [
        axis("network", "Network", ["SimpleRNN(34)", "LSTM(16)", f"GRU({UNITS})"]),
        axis("bias", "Keep bias", BIASES, only=[1, 2]),
        axis("steps", "Steps", STEPS),
    ]
    return {"examples": EXAMPLES, "guessing": 0.5, "axes": axes, "at": [2, 0, 1], "right": [rnn, lstm, gru]}
