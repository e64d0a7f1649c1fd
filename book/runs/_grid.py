"""Grids of settings for the strips of seeds (book/_assets/explorables/seed-strip.js): all seeds of a setting at once.

The first axis of every array is the network, one for each seed. They share no weight, so the gradient of the sum of
their losses is, in each network's weights, that of its own. Weights are those that Keras draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ..seeds import SEEDS
from ._together import KINDS

Array = NDArray[Any]
Answer = Callable[[list[tf.Tensor], tf.Tensor, tf.Tensor], tf.Tensor]
"""Weights, inputs (networks, examples, …) and steps to logits (networks, examples); of classes on a last axis."""


def drawn(make: Callable[[], Iterable[keras.Layer]]) -> list[Array]:
    """The weights of built layers, drawn anew for each seed: (networks, …)."""
    each = []
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        each.append([weight for layer in make() for weight in layer.get_weights()])
    return [np.stack(arrays) for arrays in zip(*each, strict=True)]


def built(layer: keras.Layer, *shape: int | None) -> keras.Layer:
    """The layer, its weights drawn."""
    layer.build(shape)
    return layer


def last_state(kind: str, weights: Sequence[tf.Tensor], x: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """The state (networks, examples, units) after so many steps of x (networks, examples, time, inputs).

    What is behind them is not read: arrays of one shape are compiled once, whatever the number of steps.
    """
    cell, _, count = KINDS[kind]
    W, U, b, b_state = weights
    networks, examples, time, inputs = x.shape
    fed = tf.reshape(tf.reshape(x, (networks, examples * time, inputs)) @ W + b, (networks, examples, time, -1))
    fed = tf.transpose(fed, [2, 0, 1, 3])
    state = (tf.zeros((networks, examples, U.shape[1])),) * count
    _, h, *_ = tf.while_loop(
        lambda t, *state: t < steps,
        lambda t, *state: (t + 1, *cell(fed[t], state, U, b_state)),
        (tf.constant(0), *state),
        maximum_iterations=time,
    )
    return h


def padded(x: Array, time: int) -> Array:
    """x (networks, examples, steps, inputs) with zeros behind, up to so many steps."""
    return np.pad(x, [(0, 0), (0, 0), (0, time - x.shape[2]), (0, 0)])


@cache
def _compiled(answer: Answer) -> tuple[Any, Any]:
    """The gradients of the losses' sum, and the answers."""

    def gradients(weights: list[tf.Tensor], x: tf.Tensor, y: tf.Tensor, steps: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            logits = answer(weights, x, steps)
            if logits.shape == y.shape:
                losses = tf.nn.sigmoid_cross_entropy_with_logits(y, logits)
            else:
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
            loss = tf.reduce_sum(losses) / np.prod(y.shape[1:])
        return tape.gradient(loss, weights)

    return tf.function(gradients, jit_compile=True), tf.function(answer, jit_compile=True)


@tf.function(jit_compile=True)
def _adam(w: Any, m: Any, v: Any, g: Any, t: tf.Tensor, rate: tf.Tensor) -> Any:
    """As Keras's: the averages' corrections in the rate."""
    m = [0.9 * old + 0.1 * new for old, new in zip(m, g, strict=True)]
    v = [0.999 * old + 0.001 * new**2 for old, new in zip(v, g, strict=True)]
    rate = rate * tf.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return [a - rate * b / (tf.sqrt(c) + 1e-7) for a, b, c in zip(w, m, v, strict=True)], m, v


@tf.function(jit_compile=True)
def _descent(w: Any, g: Any, rate: tf.Tensor) -> Any:
    return [a - rate * b for a, b in zip(w, g, strict=True)]


def right(
    answer: Answer,
    first: list[Array],
    data: tuple[Array, Array],
    new: tuple[Array, Array],
    *,
    steps: int = 0,
    rate: float = 0.01,
    epochs: int = 1,
    batch: int = 50,
    adam: bool = True,
) -> NDArray[np.bool_]:
    """Which answers on `new` are right after training by Adam, or by plain gradient descent: in the shape of its y."""
    gradients, answers = _compiled(answer)
    (x, y), (x_new, y_new), time = data, new, tf.constant(steps)
    weights = [tf.constant(w) for w in first]
    m = v = [tf.zeros_like(w) for w in weights]
    speed, t = tf.constant(rate), 0.0
    for epoch in range(epochs):
        for rows in np.random.default_rng(epoch).permutation(x.shape[1]).reshape(-1, batch):
            g, t = gradients(weights, tf.constant(x[:, rows]), tf.constant(y[:, rows]), time), t + 1
            if adam:
                weights, m, v = _adam(weights, m, v, g, tf.constant(t), speed)
            else:
                weights = _descent(weights, g, speed)
    logits = answers(weights, tf.constant(x_new), time).numpy()
    return np.asarray((logits > 0 if logits.shape == y_new.shape else logits.argmax(axis=-1)) == y_new)


def each_seed(draw: Callable[[int, np.random.Generator], tuple[Array, Array]], *examples: int) -> list[Any]:
    """For each number of examples x and y (networks, examples, …) in float32, drawn one set after the other."""
    rngs = [np.random.default_rng(seed) for seed in SEEDS]
    sets = [zip(*(draw(count, rng) for rng in rngs), strict=True) for count in examples]
    return [tuple(np.stack(arrays).astype("float32") for arrays in one) for one in sets]


def axis(name: str, label: str, values: Sequence[float | str], **more: Any) -> dict[str, Any]:
    """One direction of the grid, as the strip reads it."""
    return {"name": name, "label": label, "values": list(values), **more}
