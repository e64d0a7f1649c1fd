"""A verdict at the first step, noise after it, and at the end the question which verdict it was: for every seed.

Plain RNNs of two widths and LSTMs with several forget biases, over growing lengths.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..seeds import SEEDS
from ._together import Array, train

STEPS = (5, 40, 80)
EPOCHS = 4
NETWORKS: dict[str, tuple[str, int, dict[int, float]]] = {
    "SimpleRNN(16)": ("RNN", 16, {}),
    "SimpleRNN(34)": ("RNN", 34, {}),
    "LSTM(16), forget bias 0": ("LSTM", 16, {1: 0.0}),
    "LSTM(16), forget bias 1": ("LSTM", 16, {1: 1.0}),
    "LSTM(16), forget bias 3": ("LSTM", 16, {1: 3.0}),
}


def remember_first(examples: int, steps: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """x (examples, steps, 5), y (examples,): the verdict stands in x[:, 0, 0]."""
    y = rng.integers(0, 2, examples)
    x = rng.normal(size=(examples, steps, 5)).astype("float32")
    x[:, :, 0] = 0
    x[:, 0, 0] = 2 * y - 1
    return x, y.astype("float32")


def run() -> dict[str, Any]:
    """Accuracy on 1000 new sequences after each epoch: name, steps, epoch, seed."""
    found: dict[str, Any] = {name: {} for name in NETWORKS}
    for steps in STEPS:
        rngs = [np.random.default_rng(seed) for seed in SEEDS]
        data, new = (
            tuple(np.stack(a) for a in zip(*(remember_first(examples, steps, rng) for rng in rngs), strict=True))
            for examples in (4000, 1000)
        )
        for name, (kind, units, gates) in NETWORKS.items():
            right = train(kind, units, list(SEEDS), data, new, gates=gates, epochs=EPOCHS, batch=50)
            found[name][str(steps)] = right.mean(axis=-1).round(3).tolist()
            print(name, steps, sorted(found[name][str(steps)][-1]), flush=True)
    return found
