"""Many small networks trained at once: the first axis of every array of weights is the network.

The networks share no weight. So the gradient of the sum of their losses is, in each network's weights, that of its own
loss, and a dozen of them cost little more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float32]
Tensors = tuple[tf.Tensor, ...]
Model = Callable[..., tf.Tensor]
"""Weights and inputs, in this order, to logits (networks, examples)."""

Memory = dict[str, Array]
"""What an optimiser keeps of an array of weights from one update to the next."""
Step = Callable[[Array, Memory, int, ArrayLike], Array]
"""A gradient, the memory, the number of the update and the rate, to what is subtracted from the weights."""


def sgd(g: Array, memory: Memory, update: int, rate: ArrayLike) -> Array:
    """Plain gradient descent."""
    return rate * g


def rmsprop(g: Array, memory: Memory, update: int, rate: ArrayLike) -> Array:
    rho, epsilon = 0.9, 1e-7
    v = memory["v"] = rho * memory.get("v", 0) + (1 - rho) * g**2
    return rate * g / np.sqrt(v + epsilon)


def adam(g: Array, memory: Memory, update: int, rate: ArrayLike) -> Array:
    beta_1, beta_2, epsilon = 0.9, 0.999, 1e-7
    m = memory["m"] = beta_1 * memory.get("m", 0) + (1 - beta_1) * g
    v = memory["v"] = beta_2 * memory.get("v", 0) + (1 - beta_2) * g**2
    corrected = rate * (1 - beta_2**update) ** 0.5 / (1 - beta_1**update)
    return corrected * m / (np.sqrt(v) + epsilon)


def spread(start: Sequence[Array], settings: Sequence[float]) -> tuple[list[Array], Array]:
    """Each network once for each setting, one network after the other, and the settings in that order."""
    return [np.repeat(array, len(settings), axis=0) for array in start], np.tile(settings, len(start[0]))


def dropout(
    p_x: ArrayLike, p_h: ArrayLike, examples: int, inputs: int, units: int
) -> Callable[[np.random.Generator], tuple[Array, ...]]:
    """The `noise` of `train` for dropout of inputs and states, each with a share for each network."""

    def mask(rng: np.random.Generator, p: ArrayLike, width: int) -> Array:
        p = np.reshape(p, (-1, 1, 1))
        return ((rng.random((len(p), examples, width)) >= p) / (1 - p)).astype("float32")

    return lambda rng: (mask(rng, p_x, inputs), mask(rng, p_h, units))


def first_weights(seeds: Sequence[int], inputs: int, units: int) -> list[Array]:
    """What Keras draws for a GRU and a Dense(1), a network for each seed: kernel, recurrent kernel, bias, V, b_y."""
    drawn = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        gru, dense = keras.layers.GRU(units), keras.layers.Dense(1)
        gru.build((None, None, inputs))
        dense.build((None, units))
        *weights, b_y = (*gru.get_weights(), *dense.get_weights())
        drawn.append([*weights, b_y[None]])
    return [np.stack(arrays) for arrays in zip(*drawn, strict=True)]


def gru(
    kernel: tf.Tensor,
    recurrent_kernel: tf.Tensor,
    bias: tf.Tensor,
    x: tf.Tensor,
    keep_x: tf.Tensor | None = None,
    keep_h: tf.Tensor | None = None,
) -> tf.Tensor:
    """Keras's GRU. x (networks or 1, examples, time, inputs); returns (networks, examples, time, units).

    `keep_x` and `keep_h` are dropout's masks, one for each example and the same at each of its steps.
    """
    units, rows = tf.shape(recurrent_kernel)[1], tf.shape(x)[1]
    if keep_x is not None:
        x = x * keep_x[:, :, None]
    flat = tf.reshape(x, (tf.shape(x)[0], rows * x.shape[2], tf.shape(x)[3]))  # all steps in one product
    from_x = tf.reshape(flat @ kernel + bias[:, :1], (-1, rows, x.shape[2], 3 * units))
    from_x_gates, from_x_candidate = tf.split(from_x, [2 * units, units], axis=-1)  # Keras's order: z, r, h

    h = tf.zeros((tf.shape(kernel)[0], rows, units))
    states = []
    for x_gates, x_candidate in zip(
        tf.unstack(from_x_gates, axis=2), tf.unstack(from_x_candidate, axis=2), strict=True
    ):
        seen = h if keep_h is None else h * keep_h
        h_gates, h_candidate = tf.split(seen @ recurrent_kernel + bias[:, 1:], [2 * units, units], axis=-1)
        z, r = tf.split(tf.sigmoid(x_gates + h_gates), 2, axis=-1)
        candidate = tf.tanh(x_candidate + r * h_candidate)
        h = candidate + z * (h - candidate)  # the same as z h + (1 - z) candidate
        states.append(h)
    return tf.stack(states, axis=2)


def gru_and_dense(weights: Sequence[tf.Tensor], x: tf.Tensor, *keep: tf.Tensor) -> tf.Tensor:
    """The logit that a Dense(1) makes of a GRU's last state: (networks, examples)."""
    *of_gru, V, b_y = weights
    return (gru(*of_gru, x, *keep)[:, :, -1] @ V + b_y)[..., 0]


def first_attention(seeds: Sequence[int], inputs: int, letters: int, units: int) -> list[Array]:
    """Weights for `last_state_or_attention`: a network of each kind for each seed, with the same weights."""
    rng = np.random.default_rng(0)
    to_query, to_hidden, last = (
        [(letters, units), (1, units)],
        [(units, units), (letters, units), (1, units)],
        [(units, 1), (1, 1)],
    )
    drawn = [
        rng.normal(scale=0.25, size=(len(seeds), *shape)).astype("float32") for shape in to_query + to_hidden + last
    ]
    return [np.concatenate([array, array]) for array in (*first_weights(seeds, inputs, units)[:3], *drawn)]


def last_state_or_attention(weights: Sequence[tf.Tensor], x: tf.Tensor, ask: tf.Tensor) -> tf.Tensor:
    """The logits of networks with a question, (networks or 1, examples, letters): (networks, examples).

    The first half of the networks read the GRU's last state, the others the mean of all, weighted by attention.
    """
    *of_gru, Q, b_q, A, B, b, V, b_y = weights
    h = gru(*of_gru, x)  # (networks, examples, time, units)
    query = ask @ Q + b_q  # (networks, examples, units)
    alpha = tf.nn.softmax(tf.reduce_sum(h * query[:, :, None], axis=-1), axis=-1)  # (networks, examples, time)
    mean = tf.reduce_sum(alpha[..., None] * h, axis=2)
    half = tf.shape(h)[0] // 2
    read = tf.concat([h[:half, :, -1], mean[half:]], axis=0)
    return (tf.tanh(read @ A + ask @ B + b) @ V + b_y)[..., 0]


def _cross_entropy(logits: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    y = tf.broadcast_to(y, tf.shape(logits))
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, logits), axis=1)


def _losses(model: Model, weights: Tensors, inputs: Tensors, y: tf.Tensor) -> tf.Tensor:
    return _cross_entropy(model(weights, *inputs), y)


def _gradients(model: Model, weights: Tensors, inputs: Tensors, y: tf.Tensor) -> list[tf.Tensor]:
    with tf.GradientTape() as tape:
        tape.watch(weights)
        loss = _losses(model, weights, inputs, y)
    return tape.gradient(loss, weights, unconnected_gradients="zero")


_graphs: dict[tuple[object, ...], Callable] = {}


def _graph(of: Callable, model: Model, weights: Sequence[Array], inputs: Sequence[Array]) -> Callable:
    """One graph for all numbers of networks, examples and units: tracing takes longer than many updates."""
    key = (of, model, len(inputs))
    if key not in _graphs:
        weights_, inputs_ = (
            tuple(tf.TensorSpec([None, None, a.shape[2], None] if a.ndim == 4 else [None] * a.ndim) for a in arrays)
            for arrays in (weights, inputs)
        )
        _graphs[key] = tf.function(partial(of, model), input_signature=(weights_, inputs_, tf.TensorSpec([None, None])))
    return _graphs[key]


def losses(weights: Sequence[Array], inputs: tuple[Array, ...], y: Array, model: Model = gru_and_dense) -> Array:
    """The cross-entropy of each network: (networks,)."""
    return _graph(_losses, model, weights, inputs)(tuple(weights), inputs, y).numpy()


def gradients(
    weights: Sequence[Array], inputs: tuple[Array, ...], y: Array, model: Model = gru_and_dense
) -> list[Array]:
    """Of each network's cross-entropy, an array for each array of weights."""
    if model is gru_and_dense and len(inputs) == 1:
        nothing_dropped = np.ones((1, y.shape[1], 1), np.float32)
        inputs = (*inputs, nothing_dropped, nothing_dropped)  # so that there is one graph with dropout and without
    return [g.numpy() for g in _graph(_gradients, model, weights, inputs)(tuple(weights), inputs, y)]


def train(
    weights: Sequence[Array],
    inputs: tuple[Array, ...],
    y: Array,
    step: Step,
    rate: ArrayLike,
    *,
    epochs: int,
    batch: int,
    noise: Callable[[np.random.Generator], tuple[Array, ...]] = lambda rng: (),
    l2: ArrayLike = 0.0,
    watch: Callable[[Sequence[Array]], Sequence[Array]] | None = None,
    model: Model = gru_and_dense,
) -> tuple[list[Array], Array]:
    """The trained weights, and what `watch` says of them after each epoch.

    `rate` and `l2` are one number, or one for each network. `noise` draws further inputs anew for each epoch.
    """
    rng = np.random.default_rng(0)
    rate, l2 = (np.asarray(a, np.float32).reshape(-1, 1, 1) for a in (rate, l2))
    weights, watched, update = list(weights), [], 0
    memory: list[Memory] = [{} for _ in weights]
    for _ in range(epochs):
        drawn = noise(rng)
        for rows in np.split(rng.permutation(y.shape[1]), y.shape[1] // batch):
            update += 1
            of_batch = tuple(a[:, rows] for a in (*inputs, *drawn))
            for place, g in enumerate(gradients(weights, of_batch, y[:, rows], model)):
                if place < 2:  # the penalty is on the two kernels
                    g = g + 2 * l2 * weights[place]
                weights[place] = weights[place] - step(g, memory[place], update, rate)
        if watch:
            watched.append(watch(weights))
    return weights, np.array(watched)
