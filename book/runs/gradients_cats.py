"""The cat, the cats: the first word's gradient before and after training, and the accuracy, for every seed."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ..seeds import SEEDS

WORDS = ["cat", "cats", "that", "we", "saw", "there", "again", "today", "and", "you"]
RUNS = {
    "3 words, Adam": (3, lambda: keras.optimizers.Adam(0.01)),
    "60 words, Adam": (60, lambda: keras.optimizers.Adam(0.01)),
    "120 words, Adam": (120, lambda: keras.optimizers.Adam(0.01)),
    "3 words, SGD": (3, lambda: keras.optimizers.SGD(0.3)),
    "60 words, SGD": (60, lambda: keras.optimizers.SGD(0.3)),
    "120 words, Adam, epsilon 1e-15": (120, lambda: keras.optimizers.Adam(0.01, epsilon=1e-15)),
}


def sentences(examples: int, between: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """One-hot words (examples, between + 1, 10), and 1 for were, 0 for was."""
    plural = rng.integers(0, 2, (examples, 1))
    filler = rng.integers(2, len(WORDS), (examples, between))
    x = np.eye(len(WORDS))[np.concatenate([plural, filler], axis=1)]
    return x.astype("float32"), plural.astype("float32")


def by_word(model: keras.Model, x: Any, y: Any) -> Any:
    """The mean norm of the gradient of one sentence's loss at each word."""
    some = tf.constant(x[:200])
    with tf.GradientTape() as tape:
        tape.watch(some)
        loss = tf.reduce_sum(keras.losses.binary_crossentropy(y[:200], model(some)))
    return np.linalg.norm(tape.gradient(loss, some), axis=2).mean(axis=0)


def learn(between: int, optimizer: keras.Optimizer, seed: int) -> dict[str, Any]:
    """As on the page; with sixty words also the first word's gradient after every five of the hundred updates."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = sentences(3200, between, rng)
    model = keras.Sequential(
        [
            keras.Input((None, len(WORDS))),
            keras.layers.SimpleRNN(16),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    before = by_word(model, x, y)
    during = [float(before[0])]
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: during.append(float(by_word(model, x, y)[0]))
    )
    model.compile(optimizer, "binary_crossentropy", jit_compile=False, steps_per_execution=5)
    model.fit(x, y, batch_size=32, verbose=0, callbacks=[watch] if between == 60 else [])  # 100 updates
    after = by_word(model, x, y)
    x, y = sentences(1000, between, rng)
    accuracy = ((np.asarray(model(x)) > 0.5) == y).mean()
    return {
        "during": during,
        "first before": float(before[0]),
        "last before": float(before[-1]),
        "first after": float(after[0]),
        "last after": float(after[-1]),
        "accuracy": float(accuracy),
    }


def run() -> dict[str, Any]:
    """What was measured, a value for each seed."""
    found: dict[str, Any] = {}
    for name, (between, optimizer) in RUNS.items():
        each = [learn(between, optimizer(), seed) for seed in SEEDS]
        found[name] = {key: [one[key] for one in each] for key in each[0]}
        print(name, *(f"{accuracy:.2f}" for accuracy in found[name]["accuracy"]), flush=True)
    return found
