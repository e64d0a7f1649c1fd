"""Attention: eight networks that read the last state and eight that look back, from the same first weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from book.applications.side_by_side import adam, first_attention, last_state_or_attention, train
from book.seeds import SEEDS

from . import packed

UNITS = 16
Array = NDArray[np.float32]


def pairs(examples: int, seed: int) -> tuple[Array, ...]:
    """x (examples, 8, 9), ask (examples, 8) and y (examples,), as on the page."""
    rng = np.random.default_rng(seed)
    letter = rng.permuted(np.tile(np.arange(8), (examples, 1)), axis=1)
    sign = rng.choice([-1.0, 1.0], size=(examples, 8))
    where, row = rng.integers(0, 8, examples), np.arange(examples)
    one_hot = np.eye(8)
    x = np.concatenate([one_hot[letter], sign[..., None]], axis=-1)
    ask, y = one_hot[letter[row, where]], sign[row, where] > 0
    return x.astype("float32"), ask.astype("float32"), y.astype("float32")


def in_keras(weights: list[Array]) -> keras.Model:
    """The page's network with attention, with these weights."""
    L = keras.layers
    x_in, ask_in = keras.Input((8, 9)), keras.Input((8,))
    reader, to_query = L.GRU(UNITS, return_sequences=True), L.Dense(UNITS)
    hidden, last = L.Dense(UNITS, activation="tanh"), L.Dense(1, activation="sigmoid")
    mean = L.Attention()([L.Reshape((1, UNITS))(to_query(ask_in)), reader(x_in)])
    model = keras.Model([x_in, ask_in], last(hidden(L.Concatenate()([L.Flatten()(mean), ask_in]))))
    *of_gru, Q, b_q, A, B, b, V, b_y = weights
    reader.set_weights(of_gru)
    to_query.set_weights([Q, b_q[0]])
    hidden.set_weights([np.concatenate([A, B]), b[0]])
    last.set_weights([V, b_y[0]])
    return model


def run() -> dict[str, Any]:
    """The share of right answers on new sequences, for each seed; the weights of the first with attention."""
    x, ask, y = pairs(2000, seed=0)
    x_new, ask_new, y_new = pairs(1000, seed=1)
    both = first_attention(SEEDS, 9, 8, UNITS)  # the first eight read the last state
    both, _ = train(both, (x[None], ask[None]), y[None], adam, 0.03, epochs=5, batch=100, model=last_state_or_attention)
    logits = last_state_or_attention(both, x_new[None], ask_new[None]).numpy()
    model = in_keras([array[8] for array in both])
    one = np.asarray(model([x_new, ask_new]))[:, 0]
    assert abs(one - 1 / (1 + np.exp(-logits[8]))).max() < 1e-3  # one of them in Keras gives the same answers
    right = np.mean((logits > 0) == (y_new > 0.5), axis=1).round(3).tolist()
    return {"last state": right[:8], "attention": right[8:], "weights": packed(model.get_weights())}
