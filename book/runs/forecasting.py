"""Forecasting: eight temperatures and eight prices, and on each eight GRUs that differ in their first weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from book.seeds import SEEDS

Array = NDArray[np.floating]
WINDOW, YEAR = 10, 365
BORDER, PRICE_BORDER = 8 * YEAR, 1500


def a_temperature(seed: int) -> tuple[Array, Array]:
    """Ten years of it, and the best forecast of each day from the day before."""
    rng = np.random.default_rng(seed)
    season = 10 - 9 * np.cos(2 * np.pi * np.arange(3650) / YEAR)
    weather = np.zeros(3650)
    for t in range(1, 3650):
        weather[t] = 0.3 * weather[t - 1] + rng.normal(scale=2.6)
    return season + weather, season + 0.3 * np.roll(weather, 1)


def a_price(seed: int) -> Array:
    """2000 days of a random walk."""
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(scale=0.015, size=2000)))


def windows(series: Array) -> tuple[Array, Array]:
    """x (n, WINDOW, 1) and y (n,), the next value."""
    pieces = sliding_window_view(series, WINDOW + 1)
    return pieces[:, :-1, None], pieces[:, -1]


class Eight:
    """Eight GRUs side by side in one model; they share the input and nothing else."""

    def __init__(self) -> None:
        keras.utils.set_random_seed(0)
        window = keras.Input((WINDOW, 1))
        outputs = [keras.layers.Dense(1)(keras.layers.GRU(12)(window)) for _ in SEEDS]
        self.model = keras.Model(window, keras.layers.Concatenate()(outputs))
        self.model.compile(keras.optimizers.Adam(0.01), loss="mean_absolute_error")
        self.model.optimizer.build(self.model.trainable_variables)
        self.variables = [*self.model.variables, *self.model.optimizer.variables]
        self.first = [variable.numpy() for variable in self.variables]

    def forecast(self, x: Array, y: Array, x_test: Array) -> Array:
        """Train from the first weights; (n, 8)."""
        for variable, value in zip(self.variables, self.first, strict=True):
            variable.assign(value)
        keras.utils.set_random_seed(1)
        self.model.fit(x, np.repeat(y[:, None], len(SEEDS), axis=1), epochs=8, batch_size=128, verbose=0)
        return np.asarray(self.model.predict(x_test, verbose=0))


def skill(came: Array, forecast: Array, simple: Array) -> float:
    """1 - error / error of the simple forecast."""
    return float(1 - np.abs(came - forecast).mean() / np.abs(came - simple).mean())


def linear(x: Array, y: Array, x_test: Array) -> Array:
    """The weighted sum that fits the training windows best."""
    with_one = [np.column_stack([part[:, :, 0], np.ones(len(part))]) for part in (x, x_test)]
    return np.asarray(with_one[1] @ np.linalg.lstsq(with_one[0], y, rcond=None)[0])


def run() -> dict[str, Any]:
    """Skill over persistence on the test part, by series; for the GRUs one number a network."""
    eight = Eight()
    results: dict[str, Any] = {"temperature": [], "price": []}
    for seed in SEEDS:
        temperature, best = a_temperature(seed)
        train, test = temperature[:BORDER], temperature[BORDER:]
        mean, deviation = train.mean(), train.std()
        x, y = windows((train - mean) / deviation)
        x_test, _ = windows((test - mean) / deviation)
        came, simple = test[WINDOW:], test[WINDOW - 1 : -1]
        forecasts = mean + deviation * eight.forecast(x, y, x_test)
        results["temperature"].append(
            {
                "error of persistence": float(np.abs(came - simple).mean()),
                "mean of the window": skill(came, sliding_window_view(test[:-1], WINDOW).mean(axis=1), simple),
                "GRU": [skill(came, forecast, simple) for forecast in forecasts.T],
                "linear": skill(came, mean + deviation * linear(x, y, x_test), simple),
                "best possible": skill(came, best[BORDER + WINDOW :], simple),
            }
        )
        price = a_price(seed)
        train, test = price[:PRICE_BORDER], price[PRICE_BORDER:]
        mean, deviation = train.mean(), train.std()
        x, y = windows((train - mean) / deviation)
        x_test, _ = windows((test - mean) / deviation)
        came, simple = test[WINDOW:], test[WINDOW - 1 : -1]
        forecasts = mean + deviation * eight.forecast(x, y, x_test)
        low, high = np.quantile(train, [0.05, 0.95])
        usual = (low < simple) & (simple < high)
        error, simple_error = np.abs(came[:, None] - forecasts), np.abs(came - simple)
        inside = 1 - error[usual].mean(axis=0) / simple_error[usual].mean() if usual.any() else []
        outside = 1 - error[~usual].mean(axis=0) / simple_error[~usual].mean() if not usual.all() else []
        change = 100 * np.diff(price) / price[:-1]
        spread = change[: PRICE_BORDER - 1].std()
        x, y = windows(change[: PRICE_BORDER - 1] / spread)
        x_test, _ = windows(change[PRICE_BORDER:] / spread)
        changes = eight.forecast(x, y, x_test) * spread
        newest, then = test[WINDOW:-1], test[WINDOW + 1 :]
        results["price"].append(
            {
                "outside": float(np.mean(~usual)),
                "by level": [skill(came, forecast, simple) for forecast in forecasts.T],
                "by level, inside": [float(value) for value in inside],
                "by level, outside": [float(value) for value in outside],
                "correlation": [float(np.corrcoef(came, forecast)[0, 1]) for forecast in forecasts.T],
                "linear, by level": skill(came, mean + deviation * linear(*_level(train, test)), simple),
                "by change": [skill(then, newest * (1 + percent / 100), newest) for percent in changes.T],
            }
        )
    return results


def _level(train: Array, test: Array) -> tuple[Array, Array, Array]:
    """What `linear` takes, scaled by the training part."""
    mean, deviation = train.mean(), train.std()
    x, y = windows((train - mean) / deviation)
    return x, y, windows((test - mean) / deviation)[0]
