"""Carbon dioxide, week by week: GRUs and LSTMs, direct and recursive, from four borders; and what is done about gaps.

Units, learning rate and number of updates were chosen by forecasts of the four years before the first border, and the
lags of the autoregression beside them are the networks' window. No test week had a say.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from statsmodels.datasets import co2

from book.seeds import SEEDS

from ._together import KINDS, ONE_BIAS, first_weights

Array = NDArray[np.floating]
Weeks = NDArray[np.integer]

WINDOW, SEASON, YEARS = 26, 52, 4
HORIZONS = np.array([1, 4, 13, 26])
FURTHEST = int(HORIZONS[-1])
TEST = YEARS * SEASON
BORDERS = [2284 - FURTHEST - TEST * k for k in (4, 3, 2, 1)]
UPDATES, BATCH, RATE = 200, 64, 0.005
COVERED = 0.9
UNITS = {"GRU": 16, "LSTM": 14}
"""As many as give both about the same number of parameters."""


def last_known(series: Array) -> Array:
    """The series with each gap filled by the value before it."""
    known = np.maximum.accumulate(np.where(np.isnan(series), 0, np.arange(len(series))))
    return np.asarray(series[known])


def points(border: int) -> tuple[Weeks, Weeks, Weeks]:
    """The weeks at whose end a forecast is made, to train, for the intervals, to test; no part knows the next one's."""
    test = np.arange(border, border + TEST)
    validation = test - TEST - FURTHEST
    return np.arange(SEASON, validation[0] - FURTHEST), validation, test


class Series:
    """A series as the networks see it. `inputs` is (weeks, 6): change, four of the calendar, was it missing."""

    def __init__(self, series: Array, filled: Array, known: int) -> None:
        """Scaled with what was known after week `known`."""
        self.filled = filled
        change = np.diff(filled, prepend=filled[0])
        self.spread = change[1 : known + 1].std()
        self.inputs = np.column_stack([change / self.spread, CALENDAR, np.isnan(series)]).astype("float32")

    def windows(self, weeks: Weeks) -> Array:
        """(weeks, WINDOW, 6), the newest last."""
        return np.asarray(self.inputs[weeks[:, None] + np.arange(1 - WINDOW, 1)])


class Networks:
    """One network for each seed, trained all at once: `outputs` numbers after the last step of a window."""

    def __init__(self, kind: str, outputs: int, *, masked: bool = False) -> None:
        self.cell, _, self.states = KINDS[kind]
        self.units, self.masked = UNITS[kind], masked
        self.first = first_weights(kind, self.units, 6, SEEDS, {})
        drawn = [keras.initializers.GlorotUniform(seed)((self.units, outputs)) for seed in SEEDS]
        self.first[4:] = [np.stack(drawn), np.zeros((len(SEEDS), 1, outputs), "float32")]
        self.weights = [tf.Variable(w) for w in self.first]
        self.optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, UPDATES))
        W, U, b, _, V, c = self.weights
        self.trained = [W, U, b, V, c] if kind in ONE_BIAS else self.weights
        self.optimizer.build(self.trained)
        self.predict = tf.function(self.outputs, jit_compile=True)
        self.update = tf.function(self.gradients, jit_compile=True)

    def outputs(self, x: tf.Tensor) -> tf.Tensor:
        """x is (networks, weeks, WINDOW, 6), the outputs (networks, weeks, outputs)."""
        W, U, b, b_state, V, c = self.weights
        networks, weeks, time, inputs = x.shape
        real = tf.transpose(x[..., -1:] == 0, [2, 0, 1, 3])
        if self.masked:
            x = tf.concat([x[..., :-1], tf.zeros_like(x[..., -1:])], axis=-1)
        fed = tf.reshape(tf.reshape(x, (networks, weeks * time, inputs)) @ W + b, (networks, weeks, time, -1))
        fed = tf.transpose(fed, [2, 0, 1, 3])
        state = (tf.zeros((networks, weeks, self.units)),) * self.states
        for t in tf.range(time):
            after = self.cell(fed[t], state, U, b_state)
            if self.masked:
                after = tuple(tf.where(real[t], a, before) for a, before in zip(after, state, strict=True))
            state = after
        return state[0] @ V + c

    def gradients(self, x: tf.Tensor, y: tf.Tensor, there: tf.Tensor) -> list[tf.Tensor]:
        """Of the mean absolute error over the targets that are there."""
        with tf.GradientTape() as tape:
            answers = self.outputs(tf.tile(x[None], (len(SEEDS), 1, 1, 1)))
            loss = tf.reduce_sum(there * tf.abs(y - answers)) / tf.reduce_sum(there)
        return tape.gradient(loss, self.trained)

    def fit(self, x: Array, y: Array) -> None:
        """From the first weights on. y is (weeks, outputs), standardised, and may be missing."""
        for variable, value in zip(self.weights, self.first, strict=True):
            variable.assign(value)
        for variable in self.optimizer.variables:
            variable.assign(tf.zeros_like(variable))
        there = ~np.isnan(y)
        y = np.where(there, y, 0).astype("float32")
        rng = np.random.default_rng(0)
        for _ in range(UPDATES):
            rows = rng.choice(len(x), BATCH, replace=False)
            self.optimizer.apply(self.update(x[rows], y[rows], there[rows].astype("float32")), self.trained)


def direct(networks: Networks, data: Series, came: Array, parts: tuple[Weeks, Weeks, Weeks]) -> list[Array]:
    """One output a horizon: forecasts (networks, weeks, horizons) for validation and test."""
    train, *rest = parts
    y = came[train[:, None] + HORIZONS] - data.filled[train, None]
    mean, spread = np.nanmean(y, axis=0), np.nanstd(y, axis=0)
    networks.fit(data.windows(train), (y - mean) / spread)
    answers = [networks.predict(np.repeat(data.windows(weeks)[None], len(SEEDS), 0)).numpy() for weeks in rest]
    return [data.filled[weeks, None] + mean + spread * one for weeks, one in zip(rest, answers, strict=True)]


def recursive(networks: Networks, data: Series, came: Array, parts: tuple[Weeks, Weeks, Weeks]) -> list[Array]:
    """One output, the next week, fed back as if it had come: the same shapes."""
    train, *rest = parts
    y = came[train[:, None] + 1] - data.filled[train, None]
    mean, spread = np.nanmean(y), np.nanstd(y)
    networks.fit(data.windows(train), (y - mean) / spread)
    found = []
    for weeks in rest:
        x = np.repeat(data.windows(weeks)[None], len(SEEDS), 0)
        level, path = data.filled[weeks], []
        for h in range(1, FURTHEST + 1):
            step = mean + spread * networks.predict(x).numpy()[..., 0]
            level = level + step
            path.append(level)
            calendar = np.broadcast_to(CALENDAR[weeks + h], (*step.shape, CALENDAR.shape[1]))
            new = np.concatenate([step[..., None] / data.spread, calendar, 0 * step[..., None]], axis=-1)
            x = np.concatenate([x[:, :, 1:], new[:, :, None]], axis=2).astype("float32")
        found.append(np.stack(path, axis=-1)[..., HORIZONS - 1])
    return found


def by_year(errors: Array) -> Array:
    """The mean absolute error of each year: (…, weeks, horizons) to (…, years, horizons)."""
    return np.asarray(np.nanmean(errors.reshape(*errors.shape[:-2], YEARS, SEASON, -1), axis=-2))


def half_width(errors: Array) -> Array:
    """The absolute error that a share COVERED of the validation weeks stays within, by horizon, a little widened.

    Of n errors it is the one of rank (n + 1) COVERED, rounded up: split conformal prediction.
    """
    n = np.sum(~np.isnan(errors), axis=-2, keepdims=True)
    rank = np.ceil((n + 1) * COVERED).astype(int)
    return np.asarray(np.take_along_axis(np.sort(errors, axis=-2), rank - 1, axis=-2)[..., 0, :])


def with_holes(series: Array) -> Array:
    """The series with a quarter of its weeks taken out, in gaps of one to eight weeks."""
    rng, holed = np.random.default_rng(0), series.copy()
    while np.isnan(holed).mean() < 0.25:
        start = rng.integers(SEASON, len(series))
        holed[start : start + rng.integers(1, 9)] = np.nan
    return holed


def gaps() -> dict[str, Any]:
    """A GRU, direct, from the last border, on a series with many gaps, which are dealt with in four ways.

    The mean absolute error by seed and horizon, of the test weeks that came and of those that fell into a gap.
    """
    parts = points(BORDERS[-1])
    test, known = parts[2], int(parts[0][-1]) + FURTHEST
    holed = with_holes(CO2)
    real = ~np.isnan(holed)
    straight = np.interp(np.arange(len(CO2)), np.flatnonzero(real), holed[real])
    ways = {
        "last known value": (np.zeros_like(CO2), last_known(holed), False),
        "and a flag": (holed, last_known(holed), False),
        "and a mask": (holed, last_known(holed), True),
        "interpolated": (np.zeros_like(CO2), straight, False),
    }
    found: dict[str, Any] = {"missing": float(np.mean(~real)), "in a gap": int(np.sum(~real[test]))}
    for name, (flags, filled, masked) in ways.items():
        data = Series(flags, filled, known)
        forecast = direct(Networks("GRU", len(HORIZONS), masked=masked), data, holed, parts)[1]
        errors = np.abs(CO2[test[:, None] + HORIZONS] - forecast)
        found[name] = {
            "came": rounded(np.nanmean(errors[:, real[test]], axis=1)),
            "in a gap": rounded(np.nanmean(errors[:, ~real[test]], axis=1)),
        }
    return found


def rounded(values: Array) -> Any:
    """As it is stored."""
    return np.round(values.astype(float), 4).tolist()


TABLE = co2.load().data
CO2: Array = TABLE["co2"].to_numpy()
YEAR_SHARE = TABLE.index.day_of_year.to_numpy() / 365.25
CALENDAR = np.column_stack([wave(2 * np.pi * k * YEAR_SHARE) for k in (1, 2) for wave in (np.sin, np.cos)])


def run() -> dict[str, Any]:
    """By way and border: mean absolute errors (seeds, years, horizons); half widths and coverage (seeds, horizons)."""
    ways = {
        f"{kind}, {name}": (Networks(kind, outputs), way)
        for kind in UNITS
        for name, outputs, way in (("direct", len(HORIZONS), direct), ("recursive", 1, recursive))
    }
    results: dict[str, Any] = {"borders": BORDERS, "gaps": gaps(), "seasonal naive": []}
    results["parameters"] = {
        name: sum(w[0].numpy().size for w in networks.trained) for name, (networks, _) in ways.items()
    }
    filled = last_known(CO2)
    for border in BORDERS:
        parts = points(border)
        _, validation, test = parts
        naive = filled[test[:, None] + HORIZONS - SEASON]
        results["seasonal naive"].append(rounded(by_year(np.abs(CO2[test[:, None] + HORIZONS] - naive))))
        data = Series(CO2, filled, int(parts[0][-1]) + FURTHEST)
        for name, (networks, way) in ways.items():
            before, after = way(networks, data, CO2, parts)
            width = half_width(np.abs(CO2[validation[:, None] + HORIZONS] - before))
            errors = np.abs(CO2[test[:, None] + HORIZONS] - after)
            within = np.nanmean(np.where(np.isnan(errors), np.nan, errors <= width[:, None]), axis=1)
            found = {"error": rounded(by_year(errors)), "half width": rounded(width), "coverage": rounded(within)}
            results.setdefault(name, []).append(found)
    return results
