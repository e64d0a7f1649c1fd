"""The first page on recurrent networks: one sentence learned by heart, and which of two words comes first."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from ..seeds import SEEDS

layers = keras.layers


def fitted(hidden: list[Any], outputs: int, x: Any, y: Any, rate: float, **how: int) -> keras.Model:
    """As on the page."""
    last = layers.Dense(outputs, activation="sigmoid" if outputs == 1 else "softmax")
    model = keras.Sequential([keras.Input(x.shape[1:]), *hidden, last])
    loss = "binary_crossentropy" if outputs == 1 else "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(rate), loss, jit_compile=False, steps_per_execution=40)
    model.fit(x, y, verbose=0, **how)
    return model


def sentence(seed: int) -> list[float]:
    """What a SimpleRNN gives the right word after the first class and after the second."""
    keras.utils.set_random_seed(seed)
    number = np.array([0, 1, 2, 3, 4, 1, 5])
    x, y = np.eye(6, dtype="float32")[number[:-1]][np.newaxis], number[1:][np.newaxis]
    hidden = [layers.SimpleRNN(8, return_sequences=True)]
    model = fitted(hidden, 6, x.repeat(200, axis=0), y.repeat(200, axis=0), 0.05, batch_size=1)
    p = np.asarray(model(x))[0]
    return [float(p[1, 2]), float(p[5, 5])]


def sentences(examples: int, steps: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """x (examples, steps, 6), one-hot, dog is 0; y is 1 where the dog is first."""
    y = rng.integers(0, 2, examples)
    x = rng.integers(2, 6, (examples, steps))
    for row in range(examples):
        first, second = np.sort(rng.choice(steps, 2, replace=False))
        x[row, first], x[row, second] = 1 - y[row], y[row]
    return np.eye(6, dtype="float32")[x], y


def order(seed: int) -> dict[str, float]:
    """Which comes first, the dog or the man? The accuracy of each network on 1000 new sentences."""
    rng = np.random.default_rng(seed)
    train, (x, y) = sentences(2000, 8, rng), sentences(1000, 8, rng)
    keras.utils.set_random_seed(seed)
    candidates = {
        "bag of words": [layers.GlobalAveragePooling1D(), layers.Dense(16, activation="tanh")],
        "fixed window": [layers.Flatten(), layers.Dense(16, activation="tanh")],
        "SimpleRNN": [layers.SimpleRNN(16)],
    }
    found = {}
    for name, hidden in candidates.items():
        model = fitted(hidden, 1, *train, 0.01, epochs=4, batch_size=50)
        found[name] = float(((np.asarray(model(x))[:, 0] > 0.5) == y).mean())
    return found


def run() -> dict[str, Any]:
    """A value for each seed."""
    orders = [order(seed) for seed in SEEDS]
    found = {
        "sentence": [sentence(seed) for seed in SEEDS],
        "order": {name: [one[name] for one in orders] for name in orders[0]},
    }
    print(found, flush=True)
    return found
