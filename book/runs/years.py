"""Topologies: the four questions about a year, each put to the topology that suits it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from book.seeds import SEEDS

layers = keras.layers
Array = NDArray[Any]

VALUES = [1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1]
LETTERS = ["M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"]
YEARS = np.arange(1000, 4000)
DIGITS = YEARS[:, None] // [1000, 100, 10, 1] % 10
ORDER = np.random.default_rng(1).permutation(3000)
SEEN, NEW = ORDER[:2400], ORDER[2400:]
FONT = """
111 010 111 111 101 111 111 111 111 111
101 110 001 001 101 100 100 001 101 101
101 010 111 111 111 111 111 010 111 111
101 010 100 001 001 001 101 010 101 001
111 111 111 111 001 111 111 010 111 111
"""
"""The digits 0 to 9, each three pixels wide and five high."""


def roman(year: int) -> str:
    """The year in Roman numerals."""
    text = ""
    for value, letters in zip(VALUES, LETTERS, strict=True):
        count, year = divmod(year, value)
        text += count * letters
    return text


def pictures(noise: float) -> Array:
    """Each year as a picture of 5 by 12 pixels, in one row, with noise."""
    rows = [[[int(pixel) for pixel in digit] for digit in line.split()] for line in FONT.split("\n") if line]
    digits = np.array(rows).transpose(1, 0, 2)  # (10, 5, 3)
    clean = digits[DIGITS].transpose(0, 2, 1, 3).reshape(3000, 60)
    return (clean + np.random.default_rng(2).normal(scale=noise, size=clean.shape)).astype("float32")


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


def writer(seed: int, x: Array, y: Array, classes: int, *, picture: bool, epochs: int) -> list[float]:
    """Reads, then writes: an encoder for a sequence, a first input for a picture. The share of whole answers right."""
    keras.utils.set_random_seed(seed)
    steps = y.shape[1]
    told = keras.Input((steps, classes))
    gru = layers.GRU(64, return_sequences=True)
    out = layers.Dense(classes, activation="softmax")
    if picture:
        given = keras.Input((60,))
        first = layers.Reshape((1, classes))(layers.Dense(classes)(layers.Dense(64, activation="tanh")(given)))
        said = out(gru(layers.Concatenate(axis=1)([first, told])))[:, 1:]
    else:
        given = keras.Input((4, 10))
        said = out(gru(told, initial_state=layers.GRU(64)(given)))
    model = keras.Model([given, told], said)
    one_hot = np.eye(classes, dtype="float32")[y]
    late = np.concatenate([np.zeros_like(one_hot[:, :1]), one_hot[:, :-1]], axis=1)
    fit(model, [x[SEEN], late[SEEN]], y[SEEN], epochs)
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
    picture = pictures(0.3)
    results: dict[str, Any] = {}
    for seed in SEEDS:
        answers = {
            "2. so far?, in step": in_step(seed, x, so_far, 2),
            "4. backwards, in step": in_step(seed, x, DIGITS[:, ::-1], 10),
            "1. divisible?, many to one": after_the_last(seed, x, so_far[:, -1]),
            "3. in Roman, encoder and decoder": writer(seed, x, written, 8, picture=False, epochs=20),
            "a picture, one to many": writer(seed, picture, written, 8, picture=True, epochs=20),
        }
        for name, shares in answers.items():
            results.setdefault(name, []).append(shares)
    return results
