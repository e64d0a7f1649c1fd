"""The cat, the cats: plain networks of several widths, over growing distances, by two optimisers, for the strip."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras

from ._grid import axis, built, drawn, each_seed, padded, right
from .gradients_cats import WORDS, sentences
from .seeds_rnn import recurrent

BETWEEN = (3, 15, 30, 60, 120)
UNITS = (8, 16, 32)
OPTIMISERS = {"Adam": 0.01, "gradient descent": 0.3}
EXAMPLES = 1000


def layers(units: int) -> list[keras.Layer]:
    """Both layers of the network, their weights drawn."""
    hidden = built(keras.layers.SimpleRNN(units), None, None, len(WORDS))
    return [hidden, built(keras.layers.Dense(1), None, units)]


def run() -> dict[str, Any]:
    """How many of 1000 new sentences are right: optimiser, units, words between, seed."""
    found: list[Any] = [[[] for _ in UNITS] for _ in OPTIMISERS]
    for between in BETWEEN:
        sets = each_seed(lambda count, rng, n=between: sentences(count, n, rng), 3200, EXAMPLES)
        data, new = ((padded(x, 1 + max(BETWEEN)), y[..., 0]) for x, y in sets)
        for j, units in enumerate(UNITS):
            first = drawn(partial(layers, units))
            for k, (name, rate) in enumerate(OPTIMISERS.items()):
                how: dict[str, Any] = {"steps": 1 + between, "rate": rate, "batch": 32, "adam": name == "Adam"}
                found[k][j].append(right(recurrent, first, data, new, **how).sum(axis=1).tolist())
                print(name, units, between, found[k][j][-1], flush=True)
    axes = [
        axis("optimiser", "Optimiser", list(OPTIMISERS)),
        axis("units", "Units", UNITS),
        axis("between", "Words between", BETWEEN),
    ]
    return {"examples": EXAMPLES, "guessing": 0.5, "axes": axes, "at": [0, 1, 3], "right": found}
