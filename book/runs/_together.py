"""Small recurrent networks that answer yes or no after the last step, one for each seed, trained all at once.

The first axis of every array is the network. They share no weight, so the gradient of the sum of their losses is, in
each network's weights, that of its own. Weights are those that Keras draws. A step whose inputs are all 0 is padding.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Array = NDArray[np.float32]


def rnn(x_t: tf.Tensor, states: tuple, U: tf.Tensor, b: tf.Tensor) -> tuple:
    """x_t is what the inputs give at this step, x_t W and the first bias."""
    return (tf.tanh(x_t + states[0] @ U + b),)


def lstm(x_t: tf.Tensor, states: tuple, U: tf.Tensor, b: tf.Tensor) -> tuple:
    """Keras's blocks: i, f, c, o."""
    h, c = states
    i, f, g, o = tf.split(x_t + h @ U + b, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


def gru(x_t: tf.Tensor, states: tuple, U: tf.Tensor, b: tf.Tensor) -> tuple:
    """Keras's blocks: z, r, h; the reset comes after the product."""
    (h,) = states
    x_z, x_r, x_h = tf.split(x_t, 3, axis=-1)
    h_z, h_r, h_h = tf.split(h @ U + b, 3, axis=-1)
    z = tf.sigmoid(x_z + h_z)
    return (z * h + (1 - z) * tf.tanh(x_h + tf.sigmoid(x_r + h_r) * h_h),)


KINDS = {
    "RNN": (rnn, keras.layers.SimpleRNN, 1),
    "LSTM": (lstm, keras.layers.LSTM, 2),
    "GRU": (gru, keras.layers.GRU, 1),
}
"""The cell, Keras's layer and the number of states."""
ONE_BIAS = {"RNN", "LSTM"}
"""Kinds whose layer has one bias: what is added to the state stays zero, or Adam would move the sum twice as far."""


def first_weights(kind: str, units: int, inputs: int, seeds: Sequence[int], gates: dict[int, float]) -> list[Array]:
    """W, U, the input's and the state's bias, V and c. `gates` sets the bias of a block, by the block's number."""
    drawn = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        layer, dense = KINDS[kind][1](units), keras.layers.Dense(1)
        layer.build((None, None, inputs))
        dense.build((None, units))
        W, U, b = layer.get_weights()
        b = b if b.ndim == 2 else np.stack([b, 0 * b])
        for block, value in gates.items():
            b[0, block * units : (block + 1) * units] = value
        V, c = dense.get_weights()
        drawn.append([W, U, b[:1], b[1:], V, c[None]])
    return [np.stack(arrays) for arrays in zip(*drawn, strict=True)]


def train(
    kind: str,
    units: int,
    seeds: Sequence[int],
    data: tuple[Array, Array],
    new: tuple[Array, Array],
    *,
    gates: dict[int, float] | None = None,
    identity: bool = False,
    epochs: int = 1,
    batch: int = 40,
) -> NDArray[np.bool_]:
    """Which answers on `new` are right after each epoch: (epochs, networks, examples).

    x is (networks, examples, time, inputs), y (networks, examples). `identity` lets U begin as the identity.
    """
    cell, _, states = KINDS[kind]
    (x, y), (x_new, y_new) = data, new
    first = first_weights(kind, units, x.shape[-1], seeds, gates or {})
    if identity:
        first[1][:] = np.eye(units)
    weights = [tf.Variable(w) for w in first]
    W, U, b, b_state, V, c = weights
    trained = [W, U, b, V, c] if kind in ONE_BIAS else weights
    optimizer = keras.optimizers.Adam(0.01)
    optimizer.build(trained)

    def logits(x: tf.Tensor) -> tf.Tensor:
        networks, examples, time, inputs = x.shape
        flat = tf.reshape(x, (networks, examples * time, inputs))
        fed = tf.transpose(tf.reshape(flat @ W + b, (networks, examples, time, -1)), [2, 0, 1, 3])
        real = tf.transpose(tf.reduce_any(x != 0, axis=-1, keepdims=True), [2, 0, 1, 3])
        state = (tf.zeros((networks, examples, units)),) * states
        for t in tf.range(time):
            after = cell(fed[t], state, U, b_state)
            state = tuple(tf.where(real[t], a, before) for a, before in zip(after, state, strict=True))
        return (state[0] @ V + c)[..., 0]

    @tf.function(jit_compile=True)
    def update(x: tf.Tensor, y: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            losses = tf.nn.sigmoid_cross_entropy_with_logits(y, logits(x))
            loss = tf.reduce_sum(tf.reduce_mean(losses, axis=1))
        return tape.gradient(loss, trained)

    answer = tf.function(logits, jit_compile=True)
    right = []
    for epoch in range(epochs):
        order = np.random.default_rng(epoch).permutation(x.shape[1])
        for rows in order.reshape(-1, batch):
            optimizer.apply(update(x[:, rows], y[:, rows]), trained)
        right.append((answer(x_new).numpy() > 0) == y_new)
    return np.array(right)
