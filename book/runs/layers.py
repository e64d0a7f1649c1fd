"""Layers: a pattern that moves, and words that go together, each from eight seeds."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from book.seeds import SEEDS

Array = NDArray[Any]
TIME = 40
TOOTH = np.arange(1, 7) / 6


def signals(rng: np.random.Generator, begins: Array) -> tuple[Array, Array]:
    """One signal for each begin of the tooth: x (batch, time), class (batch,)."""
    y = rng.integers(0, 2, size=len(begins))
    x = rng.normal(scale=0.1, size=(len(begins), TIME))
    for row, begin in enumerate(begins):
        x[row, begin : begin + 6] += TOOTH if y[row] == 1 else TOOTH[::-1]
    return x.astype("float32"), y


def moved(seed: int) -> dict[str, list[float]]:
    """Accuracy at each begin of the tooth, trained on the begins 0 to 15."""
    rng = np.random.default_rng(seed)
    x_train, y_train = signals(rng, rng.integers(0, 16, size=2000))
    x_test, y_test = signals(rng, np.repeat(np.arange(35), 100))
    keras.utils.set_random_seed(seed)
    models = {
        "Dense": [keras.layers.Dense(16, activation="relu")],
        "Conv1D": [
            keras.layers.Reshape((TIME, 1)),
            keras.layers.Conv1D(4, 7, padding="same", activation="relu"),
            keras.layers.GlobalMaxPooling1D(),
        ],
    }
    found = {}
    for name, body in models.items():
        model = keras.Sequential([keras.Input((TIME,)), *body, keras.layers.Dense(1, activation="sigmoid")])
        model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy")
        model.fit(x_train, y_train, epochs=10, batch_size=50, verbose=0)
        guess = model.predict(x_test, batch_size=500, verbose=0)[:, 0] > 0.5
        found[name] = [float(share) for share in (guess == y_test).reshape(35, 100).mean(axis=1)]
    return found


GROUPS = {"good": range(1, 11), "bad": range(11, 21), "neutral": range(21, 31), "never seen": range(31, 36)}


def reviews(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Indices (count, 8), padded with 0 at the end; classes (count,)."""
    x = rng.integers(1, 31, size=(3 * count, 8))
    x[np.arange(8) >= rng.integers(3, 9, size=(3 * count, 1))] = 0
    good = ((x >= 1) & (x <= 10)).sum(axis=1)
    bad = ((x >= 11) & (x <= 20)).sum(axis=1)
    clear = np.flatnonzero(good != bad)[:count]
    return x[clear], (good > bad)[clear].astype("float32")


def words(seed: int) -> dict[str, Any]:
    """Accuracy on new reviews, and the smallest and the largest score of each group of words."""
    rng = np.random.default_rng(seed)
    x_train, y_train = reviews(rng, 600)
    x_test, y_test = reviews(rng, 400)
    keras.utils.set_random_seed(seed)
    table = keras.layers.Embedding(36, 2, mask_zero=True)
    model = keras.Sequential(
        [
            keras.Input((8,), dtype="int32"),
            table,
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.03), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=6, batch_size=30, verbose=0)
    score = table.get_weights()[0] @ model.layers[-1].get_weights()[0][:, 0]
    return {
        "accuracy": float(model.evaluate(x_test, y_test, batch_size=400, verbose=0)[1]),
        "scores": {name: [float(score[group].min()), float(score[group].max())] for name, group in GROUPS.items()},
    }


def run() -> dict[str, Any]:
    """A list with an entry for each seed, of each experiment."""
    return {"moved": [moved(seed) for seed in SEEDS], "words": [words(seed) for seed in SEEDS]}
