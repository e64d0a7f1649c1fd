"""Sentiment: an LSTM and a GRU on our own film reviews, each from eight first draws of its weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from book.applications.reviews import own_reviews, write
from book.seeds import SEEDS

EPOCHS, MAXLEN = 8, 30


def network(layer_class: Any, mask_zero: bool = False) -> Any:
    """The page's network."""
    return keras.Sequential(
        [
            keras.Input((MAXLEN,), dtype="int32"),
            keras.layers.Embedding(10_000, 32, mask_zero=mask_zero),
            layer_class(5),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def run() -> dict[str, Any]:
    """By kind and seed: the losses by epoch, the best epoch, and what its weights get right on 1000 new reviews."""
    (train_input, marks), (test_input, test_marks) = own_reviews()
    x = keras.utils.pad_sequences(train_input, MAXLEN)
    front = keras.utils.pad_sequences(test_input, MAXLEN)
    behind = keras.utils.pad_sequences(test_input, MAXLEN, padding="post")
    reviews = write(np.random.default_rng(1), 1000)
    meant = np.array([review.meant for review in reviews])
    forms = {
        form: np.array([r.forms == (form,) for r in reviews]) for form in ("plain", "negated", "contrast", "hearsay")
    }
    results: dict[str, Any] = {}
    for kind, layer_class in (("LSTM", keras.layers.LSTM), ("GRU", keras.layers.GRU)):
        results[kind] = []
        for seed in SEEDS:
            keras.utils.set_random_seed(seed)
            model = network(layer_class)
            model.compile(keras.optimizers.Adam(0.03), "binary_crossentropy", metrics=["accuracy"])
            stop = keras.callbacks.EarlyStopping(patience=EPOCHS, restore_best_weights=True)
            history = model.fit(
                x[:-500],
                marks[:-500],
                batch_size=100,
                epochs=EPOCHS,
                validation_data=(x[-500:], marks[-500:]),
                validation_batch_size=500,
                callbacks=[stop],
                verbose=0,
            ).history
            masked = network(layer_class, mask_zero=True)
            masked.set_weights(model.get_weights())
            good = {
                "in front": model(front).numpy()[:, 0] > 0.5,
                "behind": model(behind).numpy()[:, 0] > 0.5,
                "in front, masked": masked(front).numpy()[:, 0] > 0.5,
                "behind, masked": masked(behind).numpy()[:, 0] > 0.5,
            }
            found = {
                "loss": history["loss"],
                "val_loss": history["val_loss"],
                "accuracy": {name: float(np.mean(said == test_marks)) for name, said in good.items()},
                "by form": {form: float(np.mean((good["in front"] == meant)[rows])) for form, rows in forms.items()},
            }
            results[kind].append(found)
    return results
