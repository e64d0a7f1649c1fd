"""GRU and minGRU with about as many parameters on the tasks of gru_tasks, started with two biases, for every seed.

A minGRU is Feng et al.'s (2024): its gate and its candidate see the input alone, and the candidate is linear. The gate
is the share that is kept, as in the course. Stacked, the second layer's gate sees the first layer's state.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ._together import KINDS, ONE_BIAS
from .gru_tasks import measure

EPOCHS = 4


def leak(a: tf.Tensor, h_prev: tf.Tensor) -> tf.Tensor:
    """Keras's order: z, then the candidate. Nothing in `a` comes from h_prev."""
    z, h_tilde = tf.split(a, 2, axis=-1)
    z = tf.sigmoid(z)
    return z * h_prev + (1 - z) * h_tilde


def min_gru(x_t: tf.Tensor, states: tuple, U: tf.Tensor, b: tf.Tensor) -> tuple:
    """U has no columns: of the state nothing is read."""
    (h,) = states
    return (leak(tf.concat([x_t + b, h @ U], axis=-1), h),)


def two_layers(x_t: tf.Tensor, states: tuple, U: tf.Tensor, b: tf.Tensor) -> tuple:
    """U and b are the second layer's kernel and bias, applied to what the first has at this step."""
    above, below = states
    below = leak(x_t, below)
    return leak(below @ U + b, above), below


class MinGRU(keras.layers.Layer):
    """Draws the weights of one or two layers as Keras draws a GRU's, in the order kernel, U, bias."""

    def __init__(self, units: int, layers: int, keep_bias: float) -> None:
        super().__init__()
        self.units, self.layers, self.keep_bias = units, layers, keep_bias

    def build(self, shape: tuple) -> None:
        blocks = 2 * self.units
        self.add_weight((shape[-1], blocks), initializer="glorot_uniform")
        self.add_weight((self.units, blocks if self.layers == 2 else 0), initializer="glorot_uniform")
        first = np.repeat([self.keep_bias, 0.0], self.units).astype("float32")
        bias = [first, first if self.layers == 2 else 0 * first]
        self.add_weight((2, blocks), initializer=lambda shape, dtype: tf.constant(bias))


NETWORKS: dict[str, tuple[str, int, dict[int, float]]] = {
    "GRU(18), keep bias 0": ("GRU", 18, {0: 0.0}),
    "GRU(18), keep bias 2": ("GRU", 18, {0: 2.0}),
}
for keep_bias in (0, 2):
    for layers, units, cell in ((1, 80, min_gru), (2, 22, two_layers)):
        kind = f"minGRU({units}){', two layers' if layers == 2 else ''}, keep bias {keep_bias}"
        KINDS[kind] = cell, partial(MinGRU, layers=layers, keep_bias=keep_bias), layers  # type: ignore[assignment]
        NETWORKS[kind] = kind, units, {}
        if layers == 1:
            ONE_BIAS.add(kind)
"""Units: as many as fit into the 1531 parameters of GRU(18) with its answer."""


def run() -> dict[str, Any]:
    """Accuracy after each epoch."""
    return measure(NETWORKS, EPOCHS)
