"""Topologies: "say it backwards" by a synced network, by an encoder and a decoder, and in both directions."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from book.seeds import SEEDS

layers = keras.layers
Array = NDArray[Any]
LENGTH = 6
EVERY = np.random.default_rng(4).permutation(np.indices([4] * LENGTH).reshape(LENGTH, -1).T)  # (4096, 6)
X = np.eye(4, dtype="float32")[EVERY]
Y = EVERY[:, ::-1]


def backwards(seed: int, kind: str) -> dict[str, list[float]]:
    """The share of right letters at each step, on the 1096 sequences that were not seen."""
    keras.utils.set_random_seed(seed)
    letters, out = keras.Input((LENGTH, 4)), layers.Dense(4, activation="softmax")
    late = np.concatenate([np.zeros_like(X[:, :1]), X[:, :0:-1]], axis=1)
    given: Any = X
    if kind == "synced":
        model = keras.Model(letters, out(layers.GRU(48, return_sequences=True)(letters)))
    elif kind == "both directions":
        states = layers.Bidirectional(layers.GRU(32, return_sequences=True))(letters)
        model, halves = keras.Model(letters, out(states)), keras.Model(letters, states)
    else:
        told = keras.Input((LENGTH, 4))
        _, thought = layers.GRU(32, return_state=True)(letters)
        model = keras.Model([letters, told], out(layers.GRU(32, return_sequences=True)(told, initial_state=thought)))
        given = [X, late]
    model.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", jit_compile=False, steps_per_execution=60
    )
    seen = [part[:3000] for part in given] if isinstance(given, list) else given[:3000]
    model.fit(seen, Y[:3000], batch_size=50, epochs=8, verbose=0)
    if kind != "encoder and decoder":
        found = {kind: _share(np.asarray(model(X[3000:])).argmax(axis=-1) == Y[3000:])}
        if kind == "both directions":
            h, forward = np.asarray(halves(X[3000:])), np.arange(64) < 32
            for name, kept in (("forward half only", forward), ("backward half only", ~forward)):
                found[name] = _share(np.asarray(out(h * kept)).argmax(axis=-1) == Y[3000:])
        return found | {"parameters": [model.count_params()]}
    heard = np.zeros_like(X[3000:])
    for t in range(LENGTH):
        p = np.asarray(model([X[3000:], heard]))
        if t + 1 < LENGTH:
            heard[:, t + 1] = np.eye(4)[p[:, t].argmax(axis=-1)]
    return {kind: _share(p.argmax(axis=-1) == Y[3000:]), "parameters": [model.count_params()]}


def _share(right: Array) -> list[float]:
    return [float(value) for value in right.mean(axis=0)]


def run() -> dict[str, Any]:
    """The shares of right letters at each step, a list for each seed."""
    results: dict[str, Any] = {}
    for seed in SEEDS:
        for kind in ("synced", "encoder and decoder", "both directions"):
            for name, shares in backwards(seed, kind).items():
                key = f"parameters, {kind}" if name == "parameters" else name
                results.setdefault(key, []).append(shares)
    return results
