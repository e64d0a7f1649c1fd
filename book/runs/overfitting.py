"""Overfitting: nothing, dropout, recurrent dropout and L2, each on eight sets of a hundred examples."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from book.applications.side_by_side import Array, adam, dropout, first_weights, losses, spread, train
from book.applications.sums import INPUTS, STEPS, make
from book.seeds import SEEDS

UNITS, EPOCHS = 16, 40

SETTINGS = {  # dropout of inputs, dropout of states, λ
    "nothing": (0, 0, 0),
    "dropout 0.3": (0.3, 0, 0),
    "recurrent dropout 0.4": (0, 0.4, 0),
    "L2, λ = 0.02": (0, 0, 0.02),
}


def in_keras(patience: int | None = None) -> dict[str, list[float]]:
    """The losses of the page's GRU by epoch, until it is stopped."""
    x, y = make(100, seed=11, wrong=0.1)
    validation = make(300, seed=2, wrong=0.1)
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((STEPS, INPUTS)), keras.layers.GRU(UNITS), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(keras.optimizers.Adam(0.02), loss="binary_crossentropy")
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience, restore_best_weights=True)
    history = model.fit(
        x,
        y,
        validation_data=validation,
        epochs=30,
        batch_size=50,
        callbacks=[stop] if patience else [],
        verbose=0,
    ).history
    if patience:  # the best weights are back
        history["kept"] = [model.evaluate(*validation, verbose=0)]
    return {name: [round(loss, 4) for loss in losses] for name, losses in history.items()}


def run() -> dict[str, Any]:
    """One GRU's losses, with and without stopping; and of each set and way in training and validation, by epoch."""
    p_x, p_h, l2 = np.tile(np.array(list(SETTINGS.values())).T, len(SEEDS))  # 32 networks
    weights, _ = spread(first_weights(SEEDS, INPUTS, UNITS), list(range(len(SETTINGS))))
    sets = [make(100, seed, wrong=0.1) for seed in range(11, 19)]
    xs, ys = (np.repeat(np.stack(part), len(SETTINGS), axis=0) for part in zip(*sets, strict=True))
    x_val, y_val = (array[None] for array in make(300, seed=2, wrong=0.1))

    def watch(weights: Any) -> tuple[Array, Array]:
        return losses(weights, (xs,), ys), losses(weights, (x_val,), y_val)

    noise = dropout(p_x, p_h, 100, INPUTS, UNITS)
    _, curves = train(weights, (xs,), ys, adam, 0.02, epochs=EPOCHS, batch=50, noise=noise, l2=l2, watch=watch)
    return {
        "one": in_keras(),
        "stopped": in_keras(patience=5),
        "curves": curves.reshape(EPOCHS, 2, len(SEEDS), len(SETTINGS)).round(4).tolist(),
    }
