"""The cat, the cats: the first word's gradient before and in training, and the accuracy, for every seed."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ..seeds import SEEDS

WORDS = ["cat", "cats", "that", "we", "saw", "there", "again", "today", "and", "you"]


def sentences(examples: int, between: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """One-hot words (examples, between + 1, 10), and 1 for were, 0 for was."""
    plural = rng.integers(0, 2, (examples, 1))
    filler = rng.integers(2, len(WORDS), (examples, between))
    x = np.eye(len(WORDS))[np.concatenate([plural, filler], axis=1)]
    return x.astype("float32"), plural.astype("float32")


def begun(between: int, seed: int) -> tuple[keras.Model, np.random.Generator, Any, Any]:
    """The network before training, and its data, as on the page."""
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
    return model, rng, x, y


def by_word(model: keras.Model, x: Any, y: Any) -> Any:
    """The mean norm of the gradient of one sentence's loss at each word."""
    some = tf.constant(x[:200])
    with tf.GradientTape() as tape:
        tape.watch(some)
        loss = tf.reduce_sum(keras.losses.binary_crossentropy(y[:200], model(some)))
    return np.linalg.norm(tape.gradient(loss, some), axis=2).mean(axis=0)


def learn(between: int, optimizer: keras.Optimizer, seed: int, watched: bool) -> dict[str, Any]:
    """As on the page. `first` is the first word's gradient before training and, if watched, every five updates."""
    model, rng, x, y = begun(between, seed)
    before = by_word(model, x, y)
    first = [float(before[0])]
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: first.append(float(by_word(model, x, y)[0]))
    )
    model.compile(optimizer, "binary_crossentropy", jit_compile=False, steps_per_execution=5)
    model.fit(x, y, batch_size=32, verbose=0, callbacks=[watch] if watched else [])  # 100 updates
    x, y = sentences(1000, between, rng)
    accuracy = ((np.asarray(model(x)) > 0.5) == y).mean()
    return {"first": first, "last": float(before[-1]), "accuracy": float(accuracy)}


def first_update(between: int, seed: int) -> list[list[float]]:
    """Mean gradient, and mean move by Adam's first update: of the weights of cat and cats, and of all other words'."""
    model, _, x, y = begun(between, seed)
    W = model.layers[0].trainable_weights[0]
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(keras.losses.binary_crossentropy(y[:32], model(tf.constant(x[:32]))))
    gradients = tape.gradient(loss, model.trainable_weights)
    old = W.numpy()
    keras.optimizers.Adam(0.01).apply(gradients, model.trainable_weights)
    changes = np.abs(gradients[0].numpy()), np.abs(W.numpy() - old)
    return [[float(change[rows].mean()) for change in changes] for rows in (slice(2), slice(2, None))]


def run() -> dict[str, Any]:
    """What was measured, a value for each seed."""
    found: dict[str, Any] = {"first update": [first_update(60, seed) for seed in SEEDS]}
    for kind, make in (("Adam", lambda: keras.optimizers.Adam(0.01)), ("SGD", lambda: keras.optimizers.SGD(0.3))):
        for between in (3, 60, 120):
            watched = (kind, between) == ("Adam", 60)
            each = [learn(between, make(), seed, watched) for seed in SEEDS]
            name = f"{kind}, {between}"
            found[name] = {key: [one[key] for one in each] for key in each[0]}
            print(name, *(f"{accuracy:.2f}" for accuracy in found[name]["accuracy"]), flush=True)
    return found
