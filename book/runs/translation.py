"""Sequence to sequence: numbers into Roman numerals, with and without attention, with and without a mask.

The networks of one architecture are trained all at once: the first axis of every weight is the network. They share
none, so the gradient of the sum of their losses is, in each network's weights, that of its own. Then each is put into
Keras and asked. Weights are rounded to float16 before that: those of the first seed, which are stored, are the very
ones whose numbers are.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from book.applications.beams import beams
from book.applications.numerals import DIGITS, LENGTH, LETTERS, PAD, START, STOP, numeral, roman, rows, split
from book.seeds import SEEDS

from ._together import gru

layers = keras.layers
Array = NDArray[Any]

UNITS = 48
EPOCHS = 50
BATCH = 50
WIDTHS = (3, 10)


def tables(numbers: Array) -> tuple[Array, Array, Array]:
    """Digits (n, 4), what the decoder is told (n, 16) and what it should say (n, 16)."""
    texts = [roman(int(number)) for number in numbers]
    return (
        rows(map(str, numbers), DIGITS, 4),
        rows(("^" + text for text in texts), LETTERS, LENGTH),
        rows((text + "$" for text in texts), LETTERS, LENGTH),
    )


class Network:
    """The layers, the training graph, the encoder and the one-step decoder, which share their weights."""

    def __init__(self, attention: bool) -> None:
        digits, told = keras.Input((4,), dtype="int32"), keras.Input((None,), dtype="int32")
        embed_digits = layers.Embedding(len(DIGITS), 16, mask_zero=True)
        reader = layers.GRU(UNITS, return_sequences=True, return_state=True)
        embed = layers.Embedding(len(LETTERS), 16)
        writer = layers.GRU(UNITS, return_sequences=True, return_state=True)
        look, join = layers.Attention(), layers.Dense(UNITS, activation="tanh")
        answer = layers.Dense(len(LETTERS), activation="softmax")

        def read_out(h: Any, states: Any, real: Any) -> Any:
            if attention:
                h = join(layers.Concatenate()([h, look([h, states], mask=[None, real])]))
            return answer(h)

        states, thought = reader(embed_digits(digits))
        real = keras.ops.not_equal(digits, PAD)
        h, _ = writer(embed(told), initial_state=thought)
        self.model = keras.Model([digits, told], read_out(h, states, real))
        self.encoder = keras.Model(digits, [thought, states, real])
        before, kept = keras.Input((UNITS,)), keras.Input((4, UNITS))
        counts = keras.Input((4,), dtype="bool")
        h, after = writer(embed(told), initial_state=before)
        given = [told, before, kept, counts] if attention else [told, before]
        self.decoder = keras.Model(given, [read_out(h, kept, counts), after])
        self.attention = attention
        self.layers = [embed_digits, reader, embed, writer, *([join] if attention else []), answer]

    def get_weights(self) -> list[Array]:
        """Layer after layer, in the order in which they are named above."""
        return [w for layer in self.layers for w in layer.get_weights()]

    def set_weights(self, weights: Sequence[Array]) -> None:
        """Rounded to float16."""
        rest = [w.astype("float16").astype("float32") for w in weights]
        for layer in self.layers:
            count = len(layer.get_weights())
            layer.set_weights(rest[:count])
            rest = rest[count:]


def probabilities(weights: list[tf.Tensor], x: tf.Tensor, told: tf.Tensor) -> tf.Tensor:
    """What the training graph gives, for all networks: (networks, batch, time, symbols)."""
    embed_x, W, U, b, embed_y, W_d, U_d, b_d, *join, V, c = weights
    fed = tf.gather(embed_x, x, axis=1) @ W[:, None] + b[:, None, None, 0]
    h = tf.zeros((len(U), len(x), UNITS))
    states = []
    for t in range(x.shape[1]):
        (after,) = gru(fed[:, :, t], (h,), U, b[:, None, 1])
        h = tf.where((x[:, t] != PAD)[:, None], after, h)
        states.append(h)
    kept = tf.stack(states, axis=2)
    fed = tf.gather(embed_y, told, axis=1) @ W_d[:, None] + b_d[:, None, None, 0]
    said = []
    for t in range(told.shape[1]):
        (h,) = gru(fed[:, :, t], (h,), U_d, b_d[:, None, 1])
        said.append(h)
    h = tf.stack(said, axis=2)
    if join:
        scores = h @ tf.transpose(kept, (0, 1, 3, 2))
        scores -= tf.where(x == PAD, 1e9, 0.0)[:, None]
        mean = tf.nn.softmax(scores) @ kept
        h = tf.tanh(tf.concat([h, mean], axis=-1) @ join[0][:, None] + join[1][:, None, None])
    return tf.nn.softmax(h @ V[:, None] + c[:, None, None])


def train(seeds: Sequence[int], attention: bool, numbers: Array) -> tuple[list[list[Array]], list[list[Array]]]:
    """The weights of networks whose losses are masked, and of others, from the same draws, whose are not."""
    drawn = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        drawn.append(Network(attention).get_weights())
    weights = [tf.Variable(np.stack(arrays)) for arrays in zip(*drawn, *drawn, strict=True)]
    x, told, y = (table.astype("int32") for table in tables(numbers))
    optimizer = keras.optimizers.Adam(0.01)
    optimizer.build(weights)
    of_masked = np.arange(2 * len(seeds))[:, None, None] < len(seeds)

    @tf.function
    def update(x: tf.Tensor, told: tf.Tensor, y: tf.Tensor) -> list[tf.Tensor]:
        counts = tf.cast((y != PAD) | ~of_masked, tf.float32)  # (networks, batch, time)
        with tf.GradientTape() as tape:
            p = probabilities(weights, x, told)
            losses = -tf.math.log(tf.reduce_sum(p * tf.one_hot(y, len(LETTERS)), axis=-1))
            means = tf.reduce_sum(losses * counts, axis=(1, 2)) / tf.reduce_sum(counts, axis=(1, 2))
            loss = tf.reduce_sum(means)
        return tape.gradient(loss, weights)

    for epoch in range(EPOCHS):
        order = np.random.default_rng(epoch).permutation(len(x))
        for rows_ in order.reshape(-1, BATCH):
            optimizer.apply(update(x[rows_], told[rows_], y[rows_]), weights)
    apart = [[w[n] for w in (w.numpy() for w in weights)] for n in range(2 * len(seeds))]
    return apart[: len(seeds)], apart[len(seeds) :]


def asked(network: Network, numbers: Array) -> dict[str, Any]:
    """What comes of the numbers: losses, shares of right numerals, greedy search and beam search."""
    x, told, y = tables(numbers)
    right = [roman(int(number)) for number in numbers]
    p = np.asarray(network.model([x, told]))
    chosen = np.take_along_axis(p, y[..., None], axis=-1)[..., 0]
    thought, *kept = (np.asarray(array) for array in network.encoder(x))
    fixed = kept if network.attention else []

    def step(last: Array, states: Any) -> tuple[Array, list[Array]]:
        p, after = network.decoder([last[:, None], *states])
        return np.asarray(p)[:, 0].astype(float), [np.asarray(after), *states[1:]]

    found: dict[str, Any] = {
        "loss": float(-np.log(chosen[y != PAD]).mean()),
        "loss of all places": float(-np.log(chosen).mean()),
        "letters when told": float((p.argmax(axis=-1) == y)[y != PAD].mean()),
    }
    greedy: list[str] = []
    log_greedy = np.zeros(len(x))
    for width in (1, *WIDTHS):
        written, log_p = beams(step, [thought, *fixed], width, LENGTH, start=START, stop=STOP, pad=PAD)
        texts = [[numeral(row) for row in hypotheses] for hypotheses in written]
        best = [hypotheses[0] for hypotheses in texts]
        if width == 1:
            greedy, log_greedy = best, log_p[:, 0]
            free = np.where(y != PAD, written[:, 0] == y, False)
            found["letters when free"] = float(free.sum() / (y != PAD).sum())
            found["greedy"] = float(np.mean([a == b for a, b in zip(best, right, strict=True)]))
            continue
        lengths = np.maximum((written != PAD).sum(axis=-1), 1)
        by_length = (log_p / lengths).argmax(axis=1)
        normalised = [texts[n][k] for n, k in enumerate(by_length)]
        found[f"beam {width}"] = {
            "right": float(np.mean([a == b for a, b in zip(best, right, strict=True)])),
            "more probable": int(np.sum(log_p[:, 0] > log_greedy + 1e-6)),
            "less probable": int(np.sum(log_p[:, 0] < log_greedy - 1e-6)),
            "mended": sum(a == c != b for a, b, c in zip(best, greedy, right, strict=True)),
            "spoilt": sum(b == c != a for a, b, c in zip(best, greedy, right, strict=True)),
            "others by length": sum(a != b for a, b in zip(normalised, best, strict=True)),
            "right by length": float(np.mean([a == b for a, b in zip(normalised, right, strict=True)])),
        }
    return found


def packed(network: Network) -> str:
    """All weights in a row, as float16, in base64."""
    flat = np.concatenate([w.ravel() for w in network.get_weights()]).astype("float16")
    return base64.b64encode(flat.tobytes()).decode()


def run() -> dict[str, Any]:
    """By kind of network: what came of the held-out numbers with each seed; and the first seed's weights."""
    seen, new = split()
    results: dict[str, Any] = {"weights": {}}
    for kind in ("last state", "attention"):
        network = Network(kind == "attention")
        for loss, trained in zip(("masked", "all places"), train(SEEDS, network.attention, seen), strict=True):
            found = []
            for seed, weights in zip(SEEDS, trained, strict=True):
                network.set_weights(weights)
                found.append(asked(network, new))
                if loss == "masked" and seed == SEEDS[0]:
                    results["weights"][kind] = packed(network)
            results[f"{kind}, {loss}"] = found
    return results
