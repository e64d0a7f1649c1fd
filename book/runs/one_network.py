"""The networks that pages open after training: each trained with one seed as its page says, its weights stored.

Weights are kept as float16; `unpacked` in book/runs/__init__.py gives them back to a model.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from book.applications.generation_text import TEXT

from . import packed

layers = keras.layers

LENGTH, SEEN = 6, 3000
EVERY = np.random.default_rng(4).permutation(np.indices([4] * LENGTH).reshape(LENGTH, -1).T)  # (4096, 6)
X = np.eye(4, dtype="float32")[EVERY]
Y = EVERY[:, ::-1]


def say_backwards(model: Any, given: Any) -> str:
    """Topologies: the same letters in reverse."""
    model.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", jit_compile=False, steps_per_execution=60
    )
    model.fit(given, Y[:SEEN], batch_size=50, epochs=8, verbose=0)
    return packed(model.get_weights())


def in_step() -> str:
    """An answer at each step."""
    keras.utils.set_random_seed(4)
    stack = [layers.GRU(48, return_sequences=True), layers.Dense(4, activation="softmax")]
    return say_backwards(keras.Sequential([keras.Input((LENGTH, 4)), *stack]), X[:SEEN])


def pair() -> str:
    """Encoder and decoder."""
    keras.utils.set_random_seed(4)
    word, told = keras.Input((LENGTH, 4)), keras.Input((LENGTH, 4))
    _, thought = layers.GRU(32, return_state=True)(word)
    states = layers.GRU(32, return_sequences=True)(told, initial_state=thought)
    late = np.concatenate([np.zeros_like(X[:, :1]), X[:, :0:-1]], axis=1)
    model = keras.Model([word, told], layers.Dense(4, activation="softmax")(states))
    return say_backwards(model, [X[:SEEN], late[:SEEN]])


def both_directions() -> str:
    """Read from both ends."""
    keras.utils.set_random_seed(4)
    letters = keras.Input((LENGTH, 4))
    states = layers.Bidirectional(layers.GRU(32, return_sequences=True))(letters)
    return say_backwards(keras.Model(letters, layers.Dense(4, activation="softmax")(states)), X[:SEEN])


def generation() -> str:
    """Characters."""
    text = " ".join(TEXT.lower().split())
    letters = sorted(set(text))
    tokens = np.array([letters.index(letter) for letter in text])
    pieces = sliding_window_view(tokens[: text.index("in the spring")], 32 + 1)[::4]
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            layers.Embedding(len(letters), 16),
            layers.GRU(64, return_sequences=True),
            layers.Dropout(0.4),
            layers.Dense(len(letters)),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(pieces[:, :-1], pieces[:, 1:], epochs=8, batch_size=32, verbose=0)
    return packed(model.get_weights())


def forecasting() -> str:
    """A temperature, ten years of it."""
    year, border = 365, 8 * 365
    rng = np.random.default_rng(0)
    season = 10 - 9 * np.cos(2 * np.pi * np.arange(3650) / year)
    weather = np.zeros(3650)
    for t in range(1, 3650):
        weather[t] = 0.3 * weather[t - 1] + rng.normal(scale=2.6)
    train = (season + weather)[:border]
    pieces = sliding_window_view((train - train.mean()) / train.std(), 10 + 1)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((10, 1)), layers.GRU(12), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), loss="mean_absolute_error")
    model.fit(pieces[:, :-1, None], pieces[:, -1], epochs=8, batch_size=128, verbose=0)
    return packed(model.get_weights())


def run() -> dict[str, str]:
    """The weights by the network's name."""
    return {made.__name__: made() for made in (in_step, pair, both_directions, generation, forecasting)}
