"""The light switch, for every seed: an RNN and two windows told each answer, and an RNN told the last one only."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from ..seeds import SEEDS

layers = keras.layers


def switch(examples: int, steps: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """x (examples, steps, 1): presses. y, of the same shape: is the light on?"""
    x = rng.integers(0, 2, (examples, steps, 1))
    return x.astype("float32"), np.cumsum(x, axis=1) % 2


def window(units: int) -> list[Any]:
    """All eight steps at once, eight answers."""
    hidden = layers.Dense(units, activation="tanh")
    return [layers.Flatten(), hidden, layers.Dense(8, activation="sigmoid"), layers.Reshape((8, 1))]


def train(hidden: list[Any], x: Any, y: Any, epochs: int, steps: int | None) -> keras.Model:
    """As on the page."""
    model = keras.Sequential([keras.Input((steps, 1)), *hidden])
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", jit_compile=False, steps_per_execution=50)
    model.fit(x, y, batch_size=16, epochs=epochs, verbose=0)
    return model


def accuracy(model: keras.Model, x: Any, y: Any) -> float:
    """The share of sequences whose last answer is right."""
    return float(((np.asarray(model(x)) > 0.5) == y)[:, -1].mean())


def every_step(seed: int) -> dict[str, Any]:
    """Seen and unseen sequences of 8 steps for three networks; and the RNN on longer ones."""
    every = np.arange(256)[:, np.newaxis] >> np.arange(8) & 1
    x, y = every[..., np.newaxis].astype("float32"), np.cumsum(every, axis=1)[..., np.newaxis] % 2
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(256)
    seen, unseen = order[:200], order[200:]
    recurrent = [layers.SimpleRNN(12, return_sequences=True), layers.Dense(1, activation="sigmoid")]
    networks = {"SimpleRNN, 12 units": recurrent, "window, 10 units": window(10), "window, 256 units": window(256)}
    found: dict[str, Any] = {}
    again = np.tile(seen, 4)  # 800 sequences, 50 updates an epoch
    for name, hidden in networks.items():
        model = train(hidden, x[again], y[again], 12, None if hidden is recurrent else 8)
        found[name] = [accuracy(model, x[part], y[part]) for part in (seen, unseen)]
        if hidden is recurrent:
            found["longer"] = [accuracy(model, *switch(1000, steps, rng)) for steps in (8, 20, 100)]
    return found


def at_the_end(steps: int, seed: int) -> float:
    """Told the answer after the last step only."""
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    x, y = switch(400 * 16, steps, rng)
    hidden = [layers.SimpleRNN(12), layers.Dense(1, activation="sigmoid")]
    model = train(hidden, x, y[:, -1], 1, steps)
    x, y = switch(1000, steps, rng)
    return float(((np.asarray(model(x)) > 0.5) == y[:, -1]).mean())


def run() -> dict[str, Any]:
    """A value, or a list of them, for each seed."""
    each = [every_step(seed) for seed in SEEDS]
    found: dict[str, Any] = {name: [one[name] for one in each] for name in each[0]}
    found["at the end"] = {str(steps): [at_the_end(steps, seed) for seed in SEEDS] for steps in (2, 4, 8)}
    print(found, flush=True)
    return found
