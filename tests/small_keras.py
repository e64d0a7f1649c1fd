"""A stand-in for Keras where a test asks how code that trains is judged, and not what Keras does: a linear network in
NumPy, which trains in milliseconds, with the methods and arguments that the exercises use."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

Array = np.ndarray
RATE = 0.02


@dataclass
class EarlyStopping:
    """keras.callbacks.EarlyStopping, as far as it is used."""

    monitor: str = "val_loss"
    patience: int = 0
    restore_best_weights: bool = False


@dataclass
class Network:
    """A weighted sum of the window, trained by gradient descent on mini-batches."""

    window: int
    weights: list[Array] = field(init=False)

    def __post_init__(self) -> None:
        self.weights = [np.zeros((self.window, 1)), np.zeros(1)]

    def get_weights(self) -> list[Array]:
        return [weight.copy() for weight in self.weights]

    def set_weights(self, weights: list[Array]) -> None:
        self.weights = [np.array(weight) for weight in weights]

    def __call__(self, x: Array) -> Array:
        output: Array = (x[:, :, 0] @ self.weights[0] + self.weights[1]).astype("float32")
        return output

    def predict(self, x: Array, verbose: int) -> Array:
        return self(x)

    def loss(self, x: Array, y: Array) -> float:
        return float(np.mean((self(x)[:, 0] - y) ** 2))

    def fit(
        self,
        x: Array,
        y: Array,
        batch_size: int = 32,
        epochs: int = 1,
        *,
        verbose: int,
        validation_data: tuple[Array, Array] | None = None,
        validation_split: float = 0.0,
        shuffle: bool = True,
        callbacks: tuple[EarlyStopping, ...] = (),
    ) -> SimpleNamespace:
        if validation_split:
            border = int(len(x) * (1 - validation_split))
            x, y, validation_data = x[:border], y[:border], (x[border:], y[border:])
        history: dict[str, list[float]] = {"loss": [], "val_loss": []}
        best, kept, waited = np.inf, self.get_weights(), 0
        stop = callbacks[0] if callbacks else None
        for _ in range(epochs):
            seen = []
            order = np.random.permutation(len(y)) if shuffle else np.arange(len(y))
            for n in range(0, len(y), batch_size):
                batch = order[n : n + batch_size]
                error = (x[batch, :, 0] @ self.weights[0])[:, 0] + self.weights[1][0] - y[batch]
                seen.append(float(np.mean(error**2)))
                self.weights[0] -= RATE * 2 * (x[batch, :, 0].T @ error)[:, None] / len(batch)
                self.weights[1] -= RATE * 2 * error.mean()
            history["loss"].append(float(np.mean(seen)))
            if validation_data is not None:
                history["val_loss"].append(self.loss(*validation_data))
            if stop is not None:
                now = history[stop.monitor][-1]
                if now < best:
                    best, kept, waited = now, self.get_weights(), 0
                else:
                    waited += 1
                if waited >= stop.patience:
                    break
        if stop is not None and stop.restore_best_weights:
            self.set_weights(kept)
        return SimpleNamespace(history=history)


def start(model: Network, seed: int) -> None:
    """As the notebook's own: everything that is drawn from now on depends on `seed` alone."""
    np.random.seed(seed)
    model.set_weights([0.5 * np.random.normal(size=weight.shape) for weight in model.weights])


keras = SimpleNamespace(callbacks=SimpleNamespace(EarlyStopping=EarlyStopping))


def given(window: int) -> dict[str, Any]:
    """What a notebook that trains holds: Keras, the model, and how to start afresh."""
    model = Network(window)
    start(model, 5)
    return {"keras": keras, "model": model, "start": start}
