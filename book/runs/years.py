"""Topologies: the four questions about a year, each put to the topology that suits it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from book.applications.numerals import roman
from book.seeds import SEEDS

layers = keras.layers
Array = NDArray[Any]

YEARS = np.arange(1000, 4000)
DIGITS = YEARS[:, None] // [1000, 100, 10, 1] % 10
ORDER = np.random.default_rng(1).permutation(3000)
SEEN, NEW = ORDER[:2400], ORDER[2400:]


def fit(model: Any, x: Any, y: Array, epochs: int) -> None:
    """Train on the years that are seen."""
    model.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", jit_compile=False, steps_per_execution=40
    )
    model.fit(x, y, batch_size=60, epochs=epochs, verbose=0)


def in_step(seed: int, x: Array, y: Array, classes: int) -> list[float]:
    """An answer at each step. The share of right ones at each."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((4, 10)),
            layers.SimpleRNN(32, return_sequences=True),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    fit(model, x[SEEN], y[SEEN], 15)
    return _share(np.asarray(model(x[NEW])).argmax(axis=-1) == y[NEW])


def after_the_last(seed: int, x: Array, y: Array) -> list[float]:
    """Many to one."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((4, 10)), layers.SimpleRNN(32), layers.Dense(2, activation="softmax")])
    fit(model, x[SEEN], y[SEEN], 40)
    return [float(np.mean(np.asarray(model(x[NEW])).argmax(axis=-1) == y[NEW]))]


def writer(seed: int, x: Array, y: Array, classes: int) -> list[float]:
    """Encoder and decoder. The share of new years whose whole answer is right."""
    keras.utils.set_random_seed(seed)
    steps = y.shape[1]
    given, told = keras.Input((4, 10)), keras.Input((steps, classes))
    gru = layers.GRU(64, return_sequences=True)
    out = layers.Dense(classes, activation="softmax")
    model = keras.Model([given, told], out(gru(told, initial_state=layers.GRU(64)(given))))
    one_hot = np.eye(classes, dtype="float32")[y]
    late = np.concatenate([np.zeros_like(one_hot[:, :1]), one_hot[:, :-1]], axis=1)
    fit(model, [x[SEEN], late[SEEN]], y[SEEN], 20)
    heard = np.zeros_like(late[NEW])
    for t in range(steps):
        p = np.asarray(model([x[NEW], heard]))
        if t + 1 < steps:
            heard[:, t + 1] = np.eye(classes)[p[:, t].argmax(axis=-1)]
    return [float(np.mean((p.argmax(axis=-1) == y[NEW]).all(axis=1)))]


def _share(right: Array) -> list[float]:
    return [float(value) for value in right.mean(axis=0)]


def run() -> dict[str, Any]:
    """The shares of right answers, a list for each seed."""
    x = np.eye(10, dtype="float32")[DIGITS]
    so_far = (YEARS[:, None] // [1000, 100, 10, 1] % 3 == 0).astype("int32")
    number = {letter: n for n, letter in enumerate(" MDCLXVI")}
    written = np.array([[number[a] for a in roman(int(year)).ljust(16)] for year in YEARS])
    results: dict[str, Any] = {}
    for seed in SEEDS:
        answers = {
            "2. so far?, in step": in_step(seed, x, so_far, 2),
            "4. backwards, in step": in_step(seed, x, DIGITS[:, ::-1], 10),
            "1. divisible?, many to one": after_the_last(seed, x, so_far[:, -1]),
            "3. in Roman, encoder and decoder": writer(seed, x, written, 8),
        }
        for name, shares in answers.items():
            results.setdefault(name, []).append(shares)
    return results
