"""An LSTM trained by its own backward pass in NumPy, whole and with one of its two carried gradients left out.

The task, the sizes and the optimiser are those of the LSTM chapter's first page, with forget bias 3. Gradients go back
along both states or along one of them: h alone (what comes along the cell state is forgotten), or c alone (what comes
through the gates is cut, as the LSTM of 1997 was trained). Eight seeds at once: the first axis of every array.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..seeds import SEEDS

UNITS, INPUTS, BATCH, UPDATES = 16, 5, 50, 320
STEPS = (5, 40)
FORGET_BIAS = 3.0
CARRIED = {"along c and h": ("c", "h"), "along h alone": ("h",), "along c alone": ("c",)}
NEW = 1000
"""On how many new sequences accuracy is measured."""

Array = np.ndarray
Weights = dict[str, Array]


def sigmoid(a: Array) -> Array:
    """1 / (1 + exp(-a)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * a))


def remember_first(examples: int, steps: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """x (examples, steps, 5), y (examples, 1): the verdict, +1 or -1, stands in x[:, 0, 0]."""
    y = rng.integers(0, 2, (examples, 1))
    x = rng.normal(size=(examples, steps, INPUTS))
    x[:, :, 0] = 0
    x[:, 0, 0] = 2 * y[:, 0] - 1
    return x, y


def first_weights(rng: np.random.Generator) -> Weights:
    """As Keras draws them, but for the forget gate's bias."""

    def glorot(rows: int, columns: int) -> Array:
        limit = np.sqrt(6 / (rows + columns))
        return rng.uniform(-limit, limit, (rows, columns))

    bias = np.zeros((1, 4 * UNITS))
    bias[0, UNITS : 2 * UNITS] = FORGET_BIAS
    return {
        "kernel": glorot(INPUTS, 4 * UNITS),
        "recurrent_kernel": np.linalg.qr(rng.normal(size=(4 * UNITS, UNITS)))[0].T,
        "bias": bias,
        "V": glorot(UNITS, 1),
        "b_y": np.zeros((1, 1)),
    }


def turned(array: Array) -> Array:
    """The transpose of each seed's matrix."""
    return np.swapaxes(array, -1, -2)


def forward(weights: Weights, x: Array) -> tuple[Array, list[Any], Array]:
    """Logits (seeds, examples, 1), what steps kept, the last hidden state; x is (seeds, examples, steps, inputs)."""
    h = c = np.zeros((*x.shape[:2], UNITS))
    kept = []
    for t in range(x.shape[2]):
        a = x[:, :, t] @ weights["kernel"] + h @ weights["recurrent_kernel"] + weights["bias"]
        i, f, g, o = np.split(a, 4, axis=-1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        h_prev, c_prev = h, c
        c = f * c_prev + i * g
        h = o * np.tanh(c)
        kept.append((x[:, :, t], h_prev, c_prev, np.tanh(c), i, f, g, o))
    return h @ weights["V"] + weights["b_y"], kept, h


def gradients(weights: Weights, x: Array, y: Array, carried: tuple[str, ...]) -> tuple[Array, Weights]:
    """The mean binary cross-entropy of each seed, and its gradients, carried back along the states that are named."""
    logits, kept, h = forward(weights, x)
    losses = np.logaddexp(0, np.where(y, -logits, logits)).mean(axis=(1, 2))
    d_logits = (sigmoid(logits) - y) / x.shape[1]
    found = {name: np.zeros_like(weights[name]) for name in ("kernel", "recurrent_kernel", "bias")}
    found |= {"V": turned(h) @ d_logits, "b_y": d_logits.sum(axis=1, keepdims=True)}
    d_h, d_c = d_logits @ turned(weights["V"]), np.zeros_like(h)
    for x_t, h_prev, c_prev, s, i, f, g, o in reversed(kept):
        d_c = d_c + d_h * o * (1 - s**2)
        d_i, d_f = d_c * g * i * (1 - i), d_c * c_prev * f * (1 - f)
        d_g, d_o = d_c * i * (1 - g**2), d_h * s * o * (1 - o)
        d_a = np.concatenate([d_i, d_f, d_g, d_o], axis=-1)
        found["kernel"] += turned(x_t) @ d_a
        found["recurrent_kernel"] += turned(h_prev) @ d_a
        found["bias"] += d_a.sum(axis=1, keepdims=True)
        d_h = d_a @ turned(weights["recurrent_kernel"]) * ("h" in carried)
        d_c = d_c * f * ("c" in carried)
    return losses, found


def train(steps: int, carried: tuple[str, ...]) -> dict[str, list[float]]:
    """Each seed's loss over its first and its last twenty updates, and its accuracy on new sequences."""
    rngs = [np.random.default_rng(seed) for seed in SEEDS]
    drawn = [first_weights(rng) for rng in rngs]
    weights = {name: np.stack([one[name] for one in drawn]) for name in drawn[0]}
    mean = {name: np.zeros_like(value) for name, value in weights.items()}
    square = {name: np.zeros_like(value) for name, value in weights.items()}
    losses = []
    for update in range(1, UPDATES + 1):
        x, y = batch(BATCH, steps, rngs)
        now, found = gradients(weights, x, y, carried)
        losses.append(now)
        for name, gradient in found.items():  # Adam, with Keras's settings but for the learning rate
            mean[name] += 0.1 * (gradient - mean[name])
            square[name] += 0.001 * (gradient**2 - square[name])
            rate = 0.01 * np.sqrt(1 - 0.999**update) / (1 - 0.9**update)
            weights[name] = weights[name] - rate * mean[name] / (np.sqrt(square[name]) + 1e-7)
    x, y = batch(NEW, steps, rngs)
    accuracy = ((forward(weights, x)[0] > 0) == y).mean(axis=(1, 2))
    curve = np.array(losses)
    return {
        "accuracy": accuracy.tolist(),
        "first losses": curve[:20].mean(axis=0).tolist(),
        "last losses": curve[-20:].mean(axis=0).tolist(),
    }


def batch(examples: int, steps: int, rngs: list[np.random.Generator]) -> tuple[Array, Array]:
    """New sequences for every seed."""
    drawn = [remember_first(examples, steps, rng) for rng in rngs]
    return np.stack([x for x, _ in drawn]), np.stack([y for _, y in drawn])


def run() -> Mapping[str, Any]:
    """For each way to carry gradients and each length: what `train` gives, eight seeds."""
    return {name: {str(steps): train(steps, carried) for steps in STEPS} for name, carried in CARRIED.items()}
