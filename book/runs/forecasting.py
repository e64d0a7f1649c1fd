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


def gru_each(x: list[Array], y: list[Array], x_test: list[Array]) -> Array:
    """Forecasts (n, series) of eight GRUs, one a series, that differ in their first weights too.

    They lie side by side in one model and share nothing: the loss is the mean of their losses, and Adam's steps do not
    depend on a loss's scale.
    """
    keras.utils.set_random_seed(0)
    window = keras.Input((WINDOW, len(x)))
    alone = [window[:, :, k : k + 1] for k in range(len(x))]
    outputs = [keras.layers.Dense(1)(keras.layers.GRU(12)(one)) for one in alone]
    model = keras.Model(window, keras.layers.Concatenate()(outputs))
    model.compile(keras.optimizers.Adam(0.01), loss="mean_absolute_error", jit_compile=False)
    model.fit(np.concatenate(x, axis=2), np.stack(y, axis=1), epochs=8, batch_size=128, verbose=0)
    return np.asarray(model.predict(np.concatenate(x_test, axis=2), verbose=0))


def scaled(series: Array, border: int) -> tuple[Array, Array, Array, Array, Array]:
    """Windows and targets of the training part, windows of the test part, and mean and deviation of the former."""
    train, test = series[:border], series[border:]
    mean, deviation = train.mean(), train.std()
    return *windows((train - mean) / deviation), windows((test - mean) / deviation)[0], mean, deviation


def skill(came: Array, forecast: Array, simple: Array) -> float:
    """1 - error / error of the simple forecast."""
    return float(1 - np.abs(came - forecast).mean() / np.abs(came - simple).mean())


def linear(x: Array, y: Array, x_test: Array) -> Array:
    """The weighted sum that fits the training windows best."""
    with_one = [np.column_stack([part[:, :, 0], np.ones(len(part))]) for part in (x, x_test)]
    return np.asarray(with_one[1] @ np.linalg.lstsq(with_one[0], y, rcond=None)[0])


def run() -> dict[str, Any]:
    """Skill over persistence on the test part, by series."""
    results: dict[str, Any] = {"temperature": [], "price": []}

    pairs = [a_temperature(seed) for seed in SEEDS]
    parts = [scaled(temperature, BORDER) for temperature, _ in pairs]
    x, y, x_test, mean, deviation = map(list, zip(*parts, strict=True))
    output = gru_each(x, y, x_test)
    for k, (temperature, best) in enumerate(pairs):
        test = temperature[BORDER:]
        came, simple = test[WINDOW:], test[WINDOW - 1 : -1]
        forecasts = {
            "mean of the window": sliding_window_view(test[:-1], WINDOW).mean(axis=1),
            "GRU": mean[k] + deviation[k] * output[:, k],
            "linear": mean[k] + deviation[k] * linear(x[k], y[k], x_test[k]),
            "best possible": best[BORDER + WINDOW :],
        }
        results["temperature"].append({name: skill(came, forecast, simple) for name, forecast in forecasts.items()})

    prices = [a_price(seed) for seed in SEEDS]
    parts = [scaled(price, PRICE_BORDER) for price in prices]
    x, y, x_test, mean, deviation = map(list, zip(*parts, strict=True))
    by_level = gru_each(x, y, x_test)
    changes = [100 * np.diff(price) / price[:-1] for price in prices]
    spreads = [change[: PRICE_BORDER - 1].std() for change in changes]
    known = [windows(change[: PRICE_BORDER - 1] / spread) for change, spread in zip(changes, spreads, strict=True)]
    asked = [windows(change[PRICE_BORDER:] / spread)[0] for change, spread in zip(changes, spreads, strict=True)]
    by_change = gru_each([one for one, _ in known], [one for _, one in known], asked)
    for k, price in enumerate(prices):
        train, test = price[:PRICE_BORDER], price[PRICE_BORDER:]
        came, simple = test[WINDOW:], test[WINDOW - 1 : -1]
        forecast = mean[k] + deviation[k] * by_level[:, k]
        straight = mean[k] + deviation[k] * linear(x[k], y[k], x_test[k])
        low, high = np.quantile(train, [0.1, 0.9])
        usual = (low < simple) & (simple < high)
        newest, then = test[WINDOW:-1], test[WINDOW + 1 :]
        found: dict[str, Any] = {
            "outside": float(np.mean(~usual)),
            "correlation": float(np.corrcoef(came, forecast)[0, 1]),
            "by level": skill(came, forecast, simple),
            "linear, by level": skill(came, straight, simple),
            "by change": skill(then, newest * (1 + by_change[:, k] * spreads[k] / 100), newest),
        }
        for name, days in (("inside", usual), ("outside", ~usual)):
            if days.any():
                found[f"by level, {name}"] = skill(came[days], forecast[days], simple[days])
        results["price"].append(found)
    return results
