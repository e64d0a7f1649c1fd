"""RNN, LSTM and GRU with about as many parameters on two tasks, started with several biases, for every seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..seeds import SEEDS
from ._together import Array, train

INPUTS, TIME = 8, 32
LENGTHS = (4, 8, 16, 32)
BETWEEN = (0, 3, 6, 9)
WORDS = ["the", "cat", "cats", "dog", "dogs", "near", "today", "here"]
NETWORKS: dict[str, tuple[str, int, dict[int, float]]] = {
    "RNN(35)": ("RNN", 35, {}),
    "LSTM(16), keep bias 1": ("LSTM", 16, {1: 1.0}),
    "LSTM(16), keep bias 2": ("LSTM", 16, {1: 2.0}),
    "LSTM(16), keep bias 2, input bias -2": ("LSTM", 16, {1: 2.0, 0: -2.0}),
    "GRU(18), keep bias 0": ("GRU", 18, {0: 0.0}),
    "GRU(18), keep bias 2": ("GRU", 18, {0: 2.0}),
}


def remember_first(length: int, examples: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """x (examples, TIME, INPUTS): zeros, the verdict, then noise. y: 1 for +1."""
    y = rng.integers(0, 2, examples)
    x = np.zeros((examples, TIME, INPUTS))
    x[:, -length:, 1:] = rng.normal(size=(examples, length, INPUTS - 1))
    x[:, -length, 0] = 2 * y - 1
    return x, y


def sentences(between: Array, rng: np.random.Generator, opposed: bool = False) -> tuple[Array, Array]:
    """x one-hot, with zeros in front; y: 1 for were. between: how many nouns stand in between."""
    y = rng.integers(0, 2, len(between))
    x = np.zeros((len(between), TIME, INPUTS))
    for row, (others, plural) in enumerate(zip(between, y, strict=True)):
        text = ["today", "here"][: rng.integers(3)]  # none, one or both
        for place in range(others + 1):
            number = plural  # the first noun's
            if place > 0:
                text.append("near")
                number = 1 - plural if opposed else rng.integers(2)
            text += ["the", WORDS[1 + 2 * rng.integers(2) + number]]
        x[row, range(-len(text), 0), [WORDS.index(word) for word in text]] = 1
    return x, y


def rows(first: int, examples: int, between: Array, opposed: bool) -> tuple[Array, Array]:
    """Of every seed each length, then agreement: x (5 seeds, examples, TIME, INPUTS), y."""
    found = []
    for seed in SEEDS:
        rng = np.random.default_rng(first + seed)
        found += [remember_first(length, examples, rng) for length in LENGTHS]
        found.append(sentences(between, rng, opposed))
    x, y = (np.stack(arrays).astype("float32") for arrays in zip(*found, strict=True))
    return x, y


def measure(networks: dict[str, tuple[str, int, dict[int, float]]], epochs: int) -> dict[str, dict[str, Any]]:
    """Accuracy after each epoch of 40 updates, on 300 new sequences of each length, (epochs, lengths, seeds), and on 75
    sentences for each number of nouns in between, (epochs, nouns in between, seeds)."""
    data = rows(0, 1600, np.random.default_rng(0).integers(0, 4, 1600), opposed=False)
    new = rows(100, 300, np.repeat(BETWEEN, 75), opposed=True)
    seeds = np.repeat(SEEDS, len(LENGTHS) + 1).tolist()
    memory, agreement = {}, {}
    for name, (kind, units, gates) in networks.items():
        right = train(kind, units, seeds, data, new, gates=gates, epochs=epochs)
        right = right.reshape(epochs, len(SEEDS), len(LENGTHS) + 1, -1)
        memory[name] = np.moveaxis(right[:, :, :-1].mean(axis=-1), 1, 2).round(3).tolist()
        by_between = right[:, :, -1].reshape(epochs, len(SEEDS), len(BETWEEN), -1)
        agreement[name] = np.moveaxis(by_between.mean(axis=-1), 1, 2).round(3).tolist()
        print(name, *memory[name], "", *agreement[name], sep="\n", flush=True)
    return {"memory": memory, "agreement": agreement}


def run() -> dict[str, Any]:
    """Accuracy after the one epoch: (lengths, seeds) and (nouns in between, seeds)."""
    found = measure(NETWORKS, epochs=1)
    return {task: {name: epochs[-1] for name, epochs in of.items()} for task, of in found.items()}
