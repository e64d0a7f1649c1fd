"""Checks of exercises/applications/compare.ipynb: Train, compare, report.

A series is (time,), the oldest value first. It is cut at two borders: training values before `val_start`, validation
values before `test_start`, test values from there on. Windows are (n, window, 1), targets and forecasts (n,).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...checking import behaviour, graded
from ...checking.drawing import Inputs
from ...checking.failed import carried_forward, fail, remark
from ...checking.model import array_of, draw_array

if TYPE_CHECKING:
    import keras

    model: Any = None
    """Given in the notebook: the one network, compiled."""

    def start(model: Any, seed: int) -> None:
        """Given in the notebook: draw new first weights from `seed`, and forget what an optimizer remembers."""


Array = np.ndarray
Parts = dict[str, Any]
Numbers = dict[str, Any]

WINDOW, SEASON, BATCH, PATIENCE = 8, 12, 8, 2
VAL_START, TEST_START, EPOCHS = 120, 156, 4
SEEDS = [*range(8)]
BETTER, NOT_SHOWN, WORSE = 1, 0, -1
"""These are the notebook's own."""
BASELINES = ("persistence", "seasonal naive", "linear")


def season_and_weather(rng: np.random.Generator, steps: int) -> Array:
    """A season of twelve steps, and a deviation from it of which six tenths last."""
    noise = rng.normal(scale=1.2, size=steps)
    weather = np.zeros(steps)
    for t in range(1, steps):
        weather[t] = 0.6 * weather[t - 1] + noise[t]
    series: Array = 20 + 5 * np.cos(2 * np.pi * np.arange(steps) / SEASON) + weather
    return series


SERIES = season_and_weather(np.random.default_rng(12), 200)


# --- make_parts ------------------------------------------------------------------------------------------------------


def cut(series: Array, window: int) -> tuple[Array, Array]:
    """Each window and the value that follows it."""
    pieces = sliding_window_view(series, window + 1)
    return pieces[:, :-1, None].copy(), pieces[:, -1].copy()


def as_parts(pairs: Iterable[tuple[Array, Array]], mean: Any, std: Any) -> Parts:
    """The dictionary that is asked for."""
    parts: Parts = {}
    for name, (x, y) in zip(("train", "val", "test"), pairs, strict=True):
        parts |= {f"x_{name}": x, f"y_{name}": y}
    return {**parts, "mean": float(mean), "std": float(std)}


@graded("applications-split")
def make_parts(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    """Three parts in the order of time, scaled by the first one's numbers, each cut into windows by itself."""
    train = series[:val_start]
    mean, std = train.mean(), train.std()
    parts: Parts = {"mean": float(mean), "std": float(std)}
    for name, part in zip(("train", "val", "test"), np.split(series, [val_start, test_start]), strict=True):
        pieces = sliding_window_view((part - mean) / std, window + 1)
        parts |= {f"x_{name}": pieces[:, :-1, None].copy(), f"y_{name}": pieces[:, -1].copy()}
    return parts


@make_parts.inputs
def draw_series_and_borders(rng: np.random.Generator) -> Inputs:
    """A series whose level and spread change: what a leak would bring in shows."""
    window = int(rng.integers(3, 6))
    train, val, test = (int(n) for n in rng.permutation(np.arange(window + 3, window + 9))[:3])
    rise = np.repeat([0.0, 4.0, 7.0], (train + 6, val, test))
    spread = np.repeat([1.0, 2.0, 3.0], (train + 6, val, test))
    series = 12 + rise + spread * rng.normal(size=len(rise))
    return (series, window, train + 6, train + 6 + val)


@make_parts.condition("a window of one")
def window_of_one(rng: np.random.Generator) -> Inputs:
    series, _, val_start, test_start = draw_series_and_borders(rng)
    return (series, 1, val_start, test_start)


@make_parts.condition("values that are whole numbers")
def whole_series(rng: np.random.Generator) -> Inputs:
    series, window, val_start, test_start = draw_series_and_borders(rng)
    return (np.round(3 * series).astype(int), window, val_start, test_start)


@make_parts.condition("one window in each later part")
def one_window_each(rng: np.random.Generator) -> Inputs:
    return (rng.normal(5, 2, size=7 + 4 + 4), 3, 7, 11)


@make_parts.right
def parts_in_loops(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    mean = sum(series[:val_start]) / val_start
    std = (sum((value - mean) ** 2 for value in series[:val_start]) / val_start) ** 0.5
    parts = {"mean": mean, "std": std}
    for name, first, end in (
        ("train", 0, val_start),
        ("val", val_start, test_start),
        ("test", test_start, len(series)),
    ):
        x, y = [], []
        for t in range(first + window, end):
            x.append([[(value - mean) / std] for value in series[t - window : t]])
            y.append((series[t] - mean) / std)
        parts["x_" + name], parts["y_" + name] = np.array(x), np.array(y)
    return parts


@make_parts.right
def parts_by_index(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    mean, std = np.mean(series[:val_start]), np.std(series[:val_start])
    scaled = (series - mean) / std
    borders = {"train": (0, val_start), "val": (val_start, test_start), "test": (test_start, len(series))}
    parts = {"mean": mean, "std": std}
    for name, (first, end) in borders.items():
        last = np.arange(first + window, end)
        parts[f"x_{name}"] = scaled[last[:, None] - np.arange(window, 0, -1)].reshape(-1, window, 1)
        parts[f"y_{name}"] = scaled[last]
    return parts


@make_parts.wrong(
    "The mean and the deviation come from the whole series.",
    "At the first border nobody knows the values behind it: so scaled, the training data tell of the future.",
    see="applications-scaling",
)
def scaled_by_everything(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    scaled = (series - series.mean()) / series.std()
    pairs = [cut(part, window) for part in np.split(scaled, [val_start, test_start])]
    return as_parts(pairs, series.mean(), series.std())


@make_parts.wrong(
    "The mean and the deviation come from the training and the validation part together.",
    "The validation part is to play the future while you choose. What was known at the first border?",
    see="applications-scaling",
)
def scaled_by_validation_too(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    known = series[:test_start]
    pairs = [cut((part - known.mean()) / known.std(), window) for part in np.split(series, [val_start, test_start])]
    return as_parts(pairs, known.mean(), known.std())


@make_parts.wrong(
    "Each part is scaled by its own mean and deviation.",
    "Then one value becomes three numbers, and the test part's mean is not known when a forecast is made.",
    see="applications-scaling",
)
def each_part_by_its_own(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    pairs = [cut((part - part.mean()) / part.std(), window) for part in np.split(series, [val_start, test_start])]
    return as_parts(pairs, series[:val_start].mean(), series[:val_start].std())


@make_parts.wrong(
    "Nothing is scaled: mean and deviation are returned, and not used.",
    "A network learns best from numbers around 0 with a spread around 1.",
    see="applications-scaling",
)
def not_scaled(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    pairs = [cut(part.astype(float), window) for part in np.split(series, [val_start, test_start])]
    return as_parts(pairs, series[:val_start].mean(), series[:val_start].std())


@make_parts.wrong(
    "The windows are scaled, and the targets are not.",
    "The network reads scaled numbers, so it should also be asked for them.",
    see="applications-scaling",
)
def targets_left_as_they_are(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    mean, std = series[:val_start].mean(), series[:val_start].std()
    pairs = [cut(part.astype(float), window) for part in np.split(series, [val_start, test_start])]
    return as_parts([((x - mean) / std, y) for x, y in pairs], mean, std)


@make_parts.wrong(
    "Windows straddle the borders: training windows have their targets in the validation part, and validation windows "
    "in the test part.",
    "You cut the windows first and then divide them by where they begin. Cut the series first.",
    see="applications-windows",
)
def divided_by_where_they_begin(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    mean, std = series[:val_start].mean(), series[:val_start].std()
    x, y = cut((series - mean) / std, window)
    borders = [val_start, test_start]
    return as_parts(zip(np.split(x, borders), np.split(y, borders), strict=True), mean, std)


@make_parts.wrong(
    "Windows straddle the borders: they begin in the part before.",
    "For a test window that may be allowed. The task asks for windows that lie in their own part, so that all methods "
    "have the same targets.",
    see="applications-windows",
)
def windows_begin_in_the_part_before(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    mean, std = series[:val_start].mean(), series[:val_start].std()
    x, y = cut((series - mean) / std, window)
    borders = [val_start - window, test_start - window]
    return as_parts(zip(np.split(x, borders), np.split(y, borders), strict=True), mean, std)


@make_parts.wrong(
    "The windows are shuffled before they are divided.",
    "Then there are training windows that overlap with each test window, and some that come after it.",
)
def windows_shuffled(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    mean, std = series[:val_start].mean(), series[:val_start].std()
    x, y = cut((series - mean) / std, window)
    order = np.random.default_rng(0).permutation(len(y))
    borders = [val_start - window, test_start - 2 * window]
    return as_parts(zip(np.split(x[order], borders), np.split(y[order], borders), strict=True), mean, std)


@make_parts.wrong(
    "The series is shuffled before it is cut.",
    "Then the network is trained on steps after those it is tested on, and in windows that never happened.",
)
def series_shuffled(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    mixed = np.random.default_rng(0).permutation(series)
    mean, std = mixed[:val_start].mean(), mixed[:val_start].std()
    return as_parts([cut((p - mean) / std, window) for p in np.split(mixed, [val_start, test_start])], mean, std)


@make_parts.wrong(
    "The validation values are among the training values as well.",
    "What was trained on cannot tell when to stop. Where does the training part end?",
    see="applications-best-of-many",
)
def trained_up_to_the_test(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    mean, std = series[:val_start].mean(), series[:val_start].std()
    scaled = (series - mean) / std
    parts = (scaled[:test_start], scaled[val_start:test_start], scaled[test_start:])
    return as_parts([cut(part, window) for part in parts], mean, std)


@make_parts.wrong(
    "The validation part and the test part have changed places.",
    "Which of the two is nearer to the training part, and which is kept for the one question at the end?",
)
def later_parts_swapped(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    mean, std = series[:val_start].mean(), series[:val_start].std()
    train, val, test = (cut((part - mean) / std, window) for part in np.split(series, [val_start, test_start]))
    return as_parts([train, test, val], mean, std)


@make_parts.wrong(
    "The target is the last value of its own window.",
    "A network that copies it is perfect, and has forecast nothing.",
    see="applications-windows",
)
def target_in_the_window(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    mean, std = series[:val_start].mean(), series[:val_start].std()
    pairs = [cut((part - mean) / std, window) for part in np.split(series, [val_start, test_start])]
    return as_parts([(x, x[:, -1, 0].copy()) for x, _ in pairs], mean, std)


@make_parts.wrong(
    "The windows have no axis for the inputs.",
    "A recurrent layer reads (batch, time, inputs), also where there is one input.",
    see="applications-windows",
)
def no_axis_for_the_inputs(series: Array, window: int, val_start: int, test_start: int) -> Parts:
    mean, std = series[:val_start].mean(), series[:val_start].std()
    pairs = [cut((part - mean) / std, window) for part in np.split(series, [val_start, test_start])]
    return as_parts([(x[:, :, 0], y) for x, y in pairs], mean, std)


# --- baseline_forecasts ----------------------------------------------------------------------------------------------


def with_one(x: Array) -> Array:
    """Windows as rows, with a column of ones behind them."""
    return np.column_stack([x[:, :, 0], np.ones(len(x))])


def fitted_line(series: Array, window: int) -> Array:
    """The weights, and last the constant, of the linear forecast that fits all windows of a series best."""
    x, y = cut(series, window)
    weights: Array = np.linalg.lstsq(with_one(x), y, rcond=None)[0]
    return weights


def simple_forecasts(
    series: Array, window: int, season: int, first: int, end: int, weights: Array
) -> tuple[Array, Array, Array]:
    """The three forecasts of the values from step `first` up to `end`."""
    t = np.arange(first, end)
    windows = series[t[:, None] - np.arange(window, 0, -1), None]
    return series[t - 1].astype(float), series[t - season].astype(float), with_one(windows) @ weights


@graded("applications-baseline", outputs=("the persistence forecast", "the seasonal naive one", "the linear one"))
def baseline_forecasts(
    series: Array, window: int, season: int, val_start: int, test_start: int
) -> tuple[Array, Array, Array]:
    """Of the targets of the test part's windows, in the units of the series."""
    x, y = cut(series[:val_start], window)
    weights = np.linalg.lstsq(with_one(x), y, rcond=None)[0]
    t = np.arange(test_start + window, len(series))
    windows = series[t[:, None] - np.arange(window, 0, -1), None]
    return series[t - 1].astype(float), series[t - season].astype(float), with_one(windows) @ weights


@baseline_forecasts.inputs
def draw_for_baselines(rng: np.random.Generator) -> Inputs:
    """More windows than weights, and a season that no window covers."""
    window = int(rng.integers(3, 5))
    train, val, test = (int(n) for n in rng.permutation(np.arange(window + 5, window + 10))[:3])
    season = window + 1 + int(rng.integers(2, 4))
    steps = 12 + train + val + test
    series = 9 + 3 * np.sin(2 * np.pi * np.arange(steps) / season) + rng.normal(size=steps)
    series[12 + train :] *= 1.5
    return (series, window, season, 12 + train, 12 + train + val)


@baseline_forecasts.condition("a season shorter than the window")
def short_season(rng: np.random.Generator) -> Inputs:
    series, _, _, val_start, test_start = draw_for_baselines(rng)
    return (series, 4, 2, val_start, test_start)


@baseline_forecasts.condition("values that are whole numbers")
def whole_for_baselines(rng: np.random.Generator) -> Inputs:
    series, window, season, val_start, test_start = draw_for_baselines(rng)
    return (np.round(4 * series).astype(int), window, season, val_start, test_start)


@baseline_forecasts.condition("a window of one")
def baselines_window_of_one(rng: np.random.Generator) -> Inputs:
    series, _, season, val_start, test_start = draw_for_baselines(rng)
    return (series, 1, season, val_start, test_start)


@baseline_forecasts.right
def baselines_in_loops(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    rows = [[*series[t - window : t], 1.0] for t in range(window, val_start)]
    weights, *_ = np.linalg.lstsq(np.array(rows), series[window:val_start], rcond=None)
    persistence, seasonal, linear = [], [], []
    for t in range(test_start + window, len(series)):
        persistence.append(float(series[t - 1]))
        seasonal.append(float(series[t - season]))
        linear.append(float(np.dot(weights[:-1], series[t - window : t]) + weights[-1]))
    return np.array(persistence), np.array(seasonal), np.array(linear)


@baseline_forecasts.right
def baselines_from_scaled_values(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    mean, std = series[:val_start].mean(), series[:val_start].std()
    scaled = (series - mean) / std
    pieces = sliding_window_view(scaled[:val_start], window + 1)
    known = np.hstack([pieces[:, :-1], np.ones((len(pieces), 1))])
    weights = np.linalg.pinv(known) @ pieces[:, -1]
    x = sliding_window_view(scaled[test_start:], window)[:-1]
    linear = (x @ weights[:-1] + weights[-1]) * std + mean
    first = test_start + window
    persistence = 1.0 * series[first - 1 : -1]
    return persistence, 1.0 * series[first - season : len(series) - season], linear


@baseline_forecasts.wrong(
    "The baselines forecast other points than the network: every value of the test part.",
    "The network's first test window needs its first values to read. Errors compare on the same targets only.",
    see="applications-compare",
)
def baselines_on_other_points(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    weights = fitted_line(series[:val_start], window)
    return simple_forecasts(series, window, season, test_start, len(series), weights)


@baseline_forecasts.wrong(
    "The baselines forecast the validation part.",
    "What is compared at the end is the test part, for them as for the network.",
    see="applications-compare",
)
def baselines_on_the_validation(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    weights = fitted_line(series[:val_start], window)
    return simple_forecasts(series, window, season, val_start + window, test_start, weights)


@baseline_forecasts.wrong(
    "The linear forecast is fitted on the whole series.",
    "It is a model as well: it may not know the future any more than the network may.",
    see="applications-split",
)
def line_fitted_on_everything(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    weights = fitted_line(series, window)
    return simple_forecasts(series, window, season, test_start + window, len(series), weights)


@baseline_forecasts.wrong(
    "The linear forecast is fitted on the test part.",
    "Fitted on what it is asked about, it would win against anything.",
    see="applications-split",
)
def line_fitted_on_the_test(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    weights = fitted_line(series[test_start:], window)
    return simple_forecasts(series, window, season, test_start + window, len(series), weights)


@baseline_forecasts.wrong(
    "The linear forecast is fitted on the training and the validation part.",
    "The network's weights come from the training part alone. Give both the same.",
    see="applications-compare",
)
def line_fitted_on_more(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    weights = fitted_line(series[:test_start], window)
    return simple_forecasts(series, window, season, test_start + window, len(series), weights)


@baseline_forecasts.wrong(
    "The linear forecast has no constant.",
    "With all weights 0 it should still be able to say 20.",
)
def line_without_constant(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    x, y = cut(series[:val_start], window)
    weights = np.append(np.linalg.lstsq(x[:, :, 0], y, rcond=None)[0], 0.0)
    return simple_forecasts(series, window, season, test_start + window, len(series), weights)


@baseline_forecasts.wrong(
    "The forecasts are in scaled units.",
    "Their errors are to stand beside the network's in the units of the series.",
    see="applications-compare",
)
def forecasts_left_scaled(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    scaled = (series - series[:val_start].mean()) / series[:val_start].std()
    weights = fitted_line(scaled[:val_start], window)
    return simple_forecasts(scaled, window, season, test_start + window, len(series), weights)


@baseline_forecasts.wrong(
    "Persistence repeats the value that is to be forecast.",
    "A forecast without any error has seen its target. Which value is the newest that is known?",
)
def persistence_knows_the_target(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    t = np.arange(test_start + window, len(series))
    _, seasonal, linear = simple_forecasts(
        series, window, season, t[0], len(series), fitted_line(series[:val_start], window)
    )
    return series[t].astype(float), seasonal, linear


@baseline_forecasts.wrong(
    "Persistence repeats the last training value for the whole test part.",
    "The task is one step ahead: before each target, the value of the step before is known.",
)
def persistence_from_the_border(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    first = test_start + window
    persistence, seasonal, linear = simple_forecasts(
        series, window, season, first, len(series), fitted_line(series[:val_start], window)
    )
    return np.full_like(persistence, series[val_start - 1]), seasonal, linear


@baseline_forecasts.wrong(
    "The seasonal naive forecast takes the value of one season before the newest known value.",
    "One season before which step?",
)
def season_counted_from_the_newest(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    first = test_start + window
    persistence, _, linear = simple_forecasts(
        series, window, season, first, len(series), fitted_line(series[:val_start], window)
    )
    return persistence, series[np.arange(first, len(series)) - season - 1].astype(float), linear


@baseline_forecasts.wrong(
    "The seasonal naive forecast looks one season ahead.",
    "That value lies in the future, and for the last targets there is none.",
)
def season_ahead(series: Array, window: int, season: int, val_start: int, test_start: int) -> Any:
    first = test_start + window
    persistence, _, linear = simple_forecasts(
        series, window, season, first, len(series), fitted_line(series[:val_start], window)
    )
    later = np.minimum(np.arange(first, len(series)) + season, len(series) - 1)
    return persistence, series[later].astype(float), linear


# --- train -----------------------------------------------------------------------------------------------------------


@behaviour("applications-early-stopping", uses=("model",))
def train(model: Any, parts: Parts, seed: int, epochs: int) -> list[float]:
    """The validation loss of each epoch; the model keeps the weights of the best one."""
    start(model, seed)
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    fitted = model.fit(
        parts["x_train"],
        parts["y_train"],
        validation_data=(parts["x_val"], parts["y_val"]),
        epochs=epochs,
        batch_size=BATCH,
        callbacks=[stop],
        verbose=0,
    )
    losses: list[float] = fitted.history["val_loss"]
    return losses


LOOKED_AT = (110, 136, 162)
"""Two borders and the end of the series on which training is looked at: short, since each epoch takes a while."""
TRAINED = 0.8
"""The most that training may leave of the squared error of "always the mean", which is 1. A fifth is usual."""
SHORT, LONG = 3, 12
"""Epochs: to see what changes the weights, and to see when training stops."""
FAR = 100.0
"""Scaled values are a hundredth of that."""
SAME = 1e-4
"""How far apart, in parts, two numbers may be that come of the same computation."""


def draw_to_train_on(rng: np.random.Generator) -> Array:
    return season_and_weather(rng, LOOKED_AT[2])


@dataclass(frozen=True)
class Run:
    """What one call of `train` left behind."""

    losses: Array
    weights: list[Array]


def run(train: Callable[..., Any], model: Any, parts: Parts, seed: int, epochs: int) -> Run:
    """Call `train`, and look at its model."""
    told = train(model, parts, seed, epochs)
    if told is None:
        fail("`train` returns None. Is there a `return` at its end?", "none", "applications-early-stopping")
    losses = numbers_in(told)
    if losses is None or losses.size == 0:
        fail(
            "`train` should return a list of numbers, the validation loss of each epoch. Keras keeps them in the "
            '`history` of what `fit` returns, under "val_loss".',
            "type",
            "applications-early-stopping",
        )
    return Run(losses, [np.asarray(weight) for weight in model.get_weights()])


def numbers_in(value: Any) -> Array | None:
    """A list of finite numbers as an array; None where it is no such list."""
    if not isinstance(value, list | tuple | np.ndarray):
        return None
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return None
    return array if array.ndim == 1 and np.isfinite(array).all() else None


def alike(one: Run, other: Run) -> bool:
    """Whether two runs ended with the same weights."""
    pairs = zip(one.weights, other.weights, strict=True)
    return all(a.shape == b.shape and np.allclose(a, b, rtol=SAME, atol=1e-5) for a, b in pairs)


def forecasts_of(model: Any, x: Array) -> Array:
    """What the model says to windows, (n,)."""
    output = array_of(model(x.astype("float32")))
    if output is None or output.size != len(x):
        fail("The model no longer gives one number for each window.", "no-model", "applications-windows")
    return output.reshape(len(x)).astype(float)


def squared_error(model: Any, parts: Parts, part: str) -> float:
    return float(np.mean((forecasts_of(model, parts[f"x_{part}"]) - parts[f"y_{part}"]) ** 2))


def learns_hardly(model: Any, parts: Parts) -> bool:
    return squared_error(model, parts, "train") > TRAINED


def learns_hardly_again(train: Callable[..., Any], model: Any, parts: Parts, seed: int) -> bool:
    run(train, model, parts, seed, SHORT)
    return learns_hardly(model, parts)


def stops_after(losses: Array) -> int:
    """After how many of these epochs Keras's EarlyStopping ends: when `PATIENCE` in a row brought no new best loss."""
    best, waited = np.inf, 0
    for number, loss in enumerate(losses, start=1):
        best, waited = (loss, 0) if loss < best else (best, waited + 1)
        if waited >= PATIENCE:
            return number
    return len(losses) + 1


def altered(parts: Parts, part: str, change: Callable[[Array], Array]) -> Parts:
    return {**parts, f"x_{part}": change(parts[f"x_{part}"]), f"y_{part}": change(parts[f"y_{part}"])}


def turned(array: Array) -> Array:
    """The same examples in another order: to who only measures an error on them, nothing has changed."""
    return np.ascontiguousarray(array[::-1])


def far_away(parts: Parts, part: str, where: float) -> Parts:
    """Targets beyond all that a network forecasts."""
    return {**parts, f"y_{part}": np.full_like(parts[f"y_{part}"], where)}


def upside_down(parts: Parts, part: str) -> Parts:
    """The targets with the other sign: the better a network learns the others, the worse it does on these."""
    return {**parts, f"y_{part}": -parts[f"y_{part}"]}


@train.look
def look_at_training(rng: np.random.Generator, train: Callable[..., Any], model: Any) -> str:
    """Runs that may differ in nothing must not differ: after the future was altered, too."""
    parts = make_parts.reference(draw_to_train_on(rng), WINDOW, *LOOKED_AT[:2])
    seed, other = (int(n) for n in rng.choice(1000, size=2, replace=False))
    before = [np.asarray(weight) for weight in model.get_weights()]
    first = run(train, model, parts, seed, SHORT)
    if all(map(np.array_equal, before, first.weights)):
        return "not trained"
    if len(first.losses) > SHORT:
        return "epochs without effect"
    found = measured_elsewhere(train, model, parts, seed, first)
    if found:
        return found
    # The steps are large, and of hundreds of seeds one ends far off: two more are asked.
    if learns_hardly(model, parts) and all(
        learns_hardly_again(train, model, parts, again) for again in (other, 1000 + other)
    ):
        return "hardly trained"
    # Nothing of this may change anything: the order of the validation examples, and any test value.
    unseen = upside_down(altered(parts, "val", turned), "test")
    if not alike(first, run(train, model, unseen, seed, SHORT)):
        return why_it_differs(train, model, parts, seed, first)
    if alike(first, run(train, model, parts, other, SHORT)):
        return "seed without effect"
    return when_it_stops(train, model, parts, seed, first)


def measured_elsewhere(train: Callable[..., Any], model: Any, parts: Parts, seed: int, first: Run) -> str:
    """What the returned losses are, where they are not the validation losses of the model."""
    best = float(first.losses.min())
    if np.isclose(squared_error(model, parts, "val"), best, rtol=1e-3):
        return ""
    if np.isclose(squared_error(model, parts, "test"), best, rtol=1e-3):
        return "chosen on the test"
    if np.isclose(squared_error(model, parts, "val"), first.losses[-1], rtol=1e-3):
        return when_it_stops(train, model, parts, seed, first) or "last weights kept"
    # Against targets far above all forecasts the best epoch is that of the largest forecasts, far below that of the
    # smallest. They are never the same one, so that who looks at the validation part keeps other weights.
    one, other = (run(train, model, far_away(parts, "val", side), seed, SHORT) for side in (FAR, -FAR))
    if (
        one.losses.shape == other.losses.shape
        and np.allclose(one.losses, other.losses, rtol=SAME)
        and alike(one, other)
    ):
        return "validation part not used"
    return "other numbers returned"


def why_it_differs(train: Callable[..., Any], model: Any, parts: Parts, seed: int, first: Run) -> str:
    """What changed the weights though it may not."""
    if not alike(first, run(train, model, parts, seed, SHORT)):
        return "goes on"
    if not alike(first, run(train, model, altered(parts, "val", turned), seed, SHORT)):
        return "trained on the validation"
    if not alike(first, run(train, model, altered(parts, "test", turned), seed, SHORT)):
        return "trained on the test"
    return "chosen on the test"


def when_it_stops(train: Callable[..., Any], model: Any, parts: Parts, seed: int, first: Run) -> str:
    """Whether it stops when validation says so, and keeps the best weights, where validation gets worse and worse."""
    worse = upside_down(parts, "train")
    seen = run(train, model, worse, seed, LONG)
    if alike(first, seen):
        return "hardly trained"  # first weights may happen to fit; other targets give others, where these are learned
    ends = stops_after(seen.losses)
    if ends < len(seen.losses):
        return "no early stopping" if len(seen.losses) == LONG else "another patience"
    if ends > len(seen.losses) and len(seen.losses) < LONG:
        return "another patience"
    if not np.isclose(squared_error(model, worse, "val"), seen.losses.min(), rtol=1e-3):
        return "last weights kept"
    return ""


@train.right
def train_with_a_loop(model: Any, parts: Parts, seed: int, epochs: int) -> list[float]:
    start(model, seed)
    losses: list[float] = []
    best, weights, waited = np.inf, None, 0
    for _ in range(epochs):
        model.fit(parts["x_train"], parts["y_train"], batch_size=BATCH, epochs=1, verbose=0)
        forecast = np.asarray(model(parts["x_val"].astype("float32")))[:, 0]
        losses.append(float(np.mean((forecast - parts["y_val"]) ** 2)))
        waited += 1
        if losses[-1] < best:
            best, weights, waited = losses[-1], model.get_weights(), 0
        if waited == PATIENCE:
            break
    model.set_weights(weights)
    return losses


@train.right
def train_without_shuffling(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    x, y, validation = parts["x_train"], parts["y_train"], (parts["x_val"], parts["y_val"])
    start(model, seed)
    best = keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE, restore_best_weights=True)
    told = model.fit(
        x, y, BATCH, epochs, verbose=0, shuffle=False, validation_data=validation, callbacks=[best]
    ).history
    return np.array(told["val_loss"])


@train.wrong(
    "The weights are the same before and after: nothing was trained.",
    "Which method of a Keras model changes its weights?",
    shows="not trained",
    see="applications-learning-rate",
)
def nothing_trained(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    forecast = np.asarray(model(parts["x_val"].astype("float32")))[:, 0]
    return [float(np.mean((forecast - parts["y_val"]) ** 2))] * epochs


@train.wrong(
    "Of the training targets the network has learned hardly anything.",
    "Is `fit` given windows and their own targets, and for how many epochs?",
    shows="hardly trained",
    see="applications-learning-rate",
)
def first_weights_only(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    start(model, seed)
    forecast = np.asarray(model(parts["x_val"].astype("float32")))[:, 0]
    return [float(np.mean((forecast - parts["y_val"]) ** 2))]


@train.wrong(
    "Training goes on where the last one ended: the same seed twice does not give the same network twice.",
    "What must happen before each run, so that it knows of none before it?",
    shows="goes on",
    see="applications-compare",
)
def goes_on_from_the_last(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    fitted = model.fit(
        parts["x_train"],
        parts["y_train"],
        validation_data=(parts["x_val"], parts["y_val"]),
        epochs=epochs,
        batch_size=BATCH,
        callbacks=[stop],
        verbose=0,
    )
    return fitted.history["val_loss"]


@train.wrong(
    "Every seed gives the same network.",
    "`seed` has no effect. So eight runs would be one run, eight times.",
    shows="seed without effect",
    see="applications-compare",
)
def always_the_same_seed(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    start(model, 0)
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    fitted = model.fit(
        parts["x_train"],
        parts["y_train"],
        validation_data=(parts["x_val"], parts["y_val"]),
        epochs=epochs,
        batch_size=BATCH,
        callbacks=[stop],
        verbose=0,
    )
    return fitted.history["val_loss"]


@train.wrong(
    "The epoch is chosen on the test part.",
    "Then its error is the best of several, and no longer a test. Which part is there to choose by?",
    shows="chosen on the test",
    see="applications-best-of-many",
)
def stopped_by_the_test(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    start(model, seed)
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    fitted = model.fit(
        parts["x_train"],
        parts["y_train"],
        validation_data=(parts["x_test"], parts["y_test"]),
        epochs=epochs,
        batch_size=BATCH,
        callbacks=[stop],
        verbose=0,
    )
    return fitted.history["val_loss"]


@train.wrong(
    "The test part is among what the network is trained on: with other test values it gets other weights.",
    "What may `fit` be given?",
    shows="trained on the test",
    see="applications-split",
)
def fitted_to_the_test(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    start(model, seed)
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    fitted = model.fit(
        np.concatenate([parts["x_train"], parts["x_test"]]),
        np.concatenate([parts["y_train"], parts["y_test"]]),
        validation_data=(parts["x_val"], parts["y_val"]),
        epochs=epochs,
        batch_size=BATCH,
        callbacks=[stop],
        verbose=0,
    )
    return fitted.history["val_loss"]


@train.wrong(
    "The validation part is among what the network is trained on.",
    "What it has learned by heart cannot tell when it begins to learn by heart.",
    shows="trained on the validation",
    see="applications-best-of-many",
)
def fitted_to_the_validation(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    start(model, seed)
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    fitted = model.fit(
        np.concatenate([parts["x_train"], parts["x_val"]]),
        np.concatenate([parts["y_train"], parts["y_val"]]),
        validation_data=(parts["x_val"], parts["y_val"]),
        epochs=epochs,
        batch_size=BATCH,
        callbacks=[stop],
        verbose=0,
    )
    return fitted.history["val_loss"]


@train.wrong(
    "The validation part has no effect: other values there change none of your losses.",
    "The task gives you a validation part, which comes after the training part. Is a share of the training windows "
    "held back in its place?",
    shows="validation part not used",
)
def a_share_of_the_training_part(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    start(model, seed)
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    fitted = model.fit(
        parts["x_train"],
        parts["y_train"],
        validation_split=0.2,
        epochs=epochs,
        batch_size=BATCH,
        callbacks=[stop],
        verbose=0,
    )
    return fitted.history["val_loss"]


@train.wrong(
    "Training goes on to the last epoch while the validation loss rises.",
    "What ends it when validation has brought no new best for a while?",
    shows="no early stopping",
)
def trained_to_the_end(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    start(model, seed)
    fitted = model.fit(
        parts["x_train"],
        parts["y_train"],
        validation_data=(parts["x_val"], parts["y_val"]),
        epochs=epochs,
        batch_size=BATCH,
        verbose=0,
    )
    return fitted.history["val_loss"]


@train.wrong(
    "You stop after another number of epochs without a new best loss than the task says.",
    "The number is in `PATIENCE`.",
    shows="another patience",
)
def another_patience(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    start(model, seed)
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE + 1, restore_best_weights=True)
    fitted = model.fit(
        parts["x_train"],
        parts["y_train"],
        validation_data=(parts["x_val"], parts["y_val"]),
        epochs=epochs,
        batch_size=BATCH,
        callbacks=[stop],
        verbose=0,
    )
    return fitted.history["val_loss"]


@train.wrong(
    "The model keeps the weights of the last epoch, after the waiting.",
    "The best epoch was some epochs before. Which argument of `EarlyStopping` brings its weights back?",
    shows="last weights kept",
)
def best_weights_not_restored(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    start(model, seed)
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE)
    fitted = model.fit(
        parts["x_train"],
        parts["y_train"],
        validation_data=(parts["x_val"], parts["y_val"]),
        epochs=epochs,
        batch_size=BATCH,
        callbacks=[stop],
        verbose=0,
    )
    return fitted.history["val_loss"]


@train.wrong(
    "The numbers that you return are not the validation losses of the network that you return.",
    "Is that the loss on the training windows? Look at the keys of `history`.",
    shows="other numbers returned",
)
def training_losses_returned(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    start(model, seed)
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    fitted = model.fit(
        parts["x_train"],
        parts["y_train"],
        validation_data=(parts["x_val"], parts["y_val"]),
        epochs=epochs,
        batch_size=BATCH,
        callbacks=[stop],
        verbose=0,
    )
    return fitted.history["loss"]


@train.wrong(
    "It trains for more epochs than it is told.",
    "`epochs` says how many there are at most.",
    shows="epochs without effect",
)
def as_many_epochs_as_it_likes(model: Any, parts: Parts, seed: int, epochs: int) -> Any:
    start(model, seed)
    fitted = model.fit(
        parts["x_train"],
        parts["y_train"],
        validation_data=(parts["x_val"], parts["y_val"]),
        epochs=EPOCHS,
        batch_size=BATCH,
        verbose=0,
    )
    return fitted.history["val_loss"]


# --- experiment ------------------------------------------------------------------------------------------------------


def mean_absolute_error(y: Array, forecast: Array) -> float:
    """In the units of the two."""
    return float(np.mean(np.abs(y - forecast)))


def in_units(model: Any, parts: Parts, part: str = "test") -> tuple[Array, Array]:
    """Targets and forecasts of a part, in the units of the series."""
    forecast = np.asarray(model(parts[f"x_{part}"].astype("float32")))[:, 0]
    return parts[f"y_{part}"] * parts["std"] + parts["mean"], forecast * parts["std"] + parts["mean"]


def errors_of_baselines(series: Array, val_start: int, test_start: int) -> Numbers:
    forecasts = baseline_forecasts(series, WINDOW, SEASON, val_start, test_start)
    return {name: error_at_the_end(series, forecast) for name, forecast in zip(BASELINES, forecasts, strict=True)}


def error_at_the_end(series: Array, forecast: Any) -> float:
    """Of a forecast of the last values of a series, however many it forecasts."""
    return mean_absolute_error(series[-len(forecast) :], forecast)


@behaviour("applications-compare", uses=("model", "train", "make_parts", "baseline_forecasts"))
def experiment(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Numbers:
    """The mean absolute test errors of one network for each seed, and of the baselines."""
    parts = make_parts(series, WINDOW, val_start, test_start)
    errors = []
    for seed in seeds:
        train(model, parts, seed, epochs)
        forecast = model.predict(parts["x_test"], verbose=0)[:, 0]
        errors.append(float(parts["std"] * np.mean(np.abs(parts["y_test"] - forecast))))
    found: Numbers = {"network": errors}
    simple = baseline_forecasts(series, WINDOW, SEASON, val_start, test_start)
    for name, forecast in zip(BASELINES, simple, strict=True):
        found[name] = float(np.mean(np.abs(series[-len(forecast) :] - forecast)))
    return found


@dataclass(frozen=True)
class Trained:
    """What the student's own functions give with one seed: targets and forecasts of each part, scaled."""

    pairs: dict[str, tuple[Array, Array]]
    std: float

    def error(self, part: str = "test") -> float:
        return self.std * mean_absolute_error(*self.pairs[part])


def trained(model: Any, train: Callable[..., Any], parts: Parts, seed: int, epochs: int) -> Trained:
    train(model, parts, seed, epochs)
    pairs = {
        part: (np.ravel(parts[f"y_{part}"]), forecasts_of(model, parts[f"x_{part}"]))
        for part in ("train", "val", "test")
    }
    return Trained(pairs, float(parts["std"]))


def one_number(value: Any) -> float | None:
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    usable = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return float(value) if usable and np.isfinite(value) else None


def told_by(name: str, value: Any, keys: Iterable[str], count: int) -> tuple[Array, dict[str, float]]:
    """The errors of the networks and the single numbers that an answer gives, or a failure in form."""
    keys = list(keys)
    if value is None:
        fail(f"`{name}` returns None. Is there a `return` at its end?", "none", "applications-compare")
    if not isinstance(value, dict) or not {"network", *keys} <= set(value):
        wanted = ", ".join(f'"{key}"' for key in ("network", *keys))
        fail(f"`{name}` should return a dictionary with the keys {wanted}.", "type", "applications-compare")
    network = numbers_in(value["network"])
    if network is None or network.size not in (1, count):
        fail(
            f'`{name}`: under "network" there should be a list of {count} numbers, one error for each seed.',
            "type",
            "applications-compare",
        )
    single: dict[str, float] = {}
    for key in keys:
        number = one_number(value[key])
        if number is None:
            fail(f'`{name}`: under "{key}" there should be one number.', "type", "applications-compare")
        single[key] = number
    return network, single


def close(one: Any, other: Any, rtol: float = SAME) -> bool:
    """Whether errors are the same, in whatever order the seeds stand."""
    a, b = np.sort(np.ravel(one)), np.sort(np.ravel(other))
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=rtol, atol=0))


@experiment.look
def look_at_the_experiment(
    rng: np.random.Generator,
    experiment: Callable[..., Any],
    model: Any,
    train: Callable[..., Any],
    make_parts: Callable[..., Any],
    baseline_forecasts: Callable[..., Any],
) -> str:
    """Its numbers must be those of the student's own `train`, `make_parts` and `baseline_forecasts`."""
    series, (val_start, test_start, _) = draw_to_train_on(rng), LOOKED_AT
    parts = make_parts(series, WINDOW, val_start, test_start)
    seeds: list[int] = []
    own: list[Trained] = []
    # Two seeds whose errors differ, so that one cannot stand for both; where none do, `seed` has no effect in `train`.
    for seed in rng.choice(1000, size=4, replace=False):
        one = trained(model, train, parts, int(seed), 2)
        if not own or not np.isclose(own[0].error(), one.error(), rtol=100 * SAME):
            seeds, own = [*seeds, int(seed)], [*own, one]
        if len(seeds) == 2:
            break
    if own[-1].error() < own[0].error():  # the last is not the best
        seeds, own = seeds[::-1], own[::-1]
    model.set_weights([draw_array(rng, np.shape(weight)) for weight in model.get_weights()])
    untrained = forecasts_of(model, parts["x_test"])
    told = experiment(model, series.copy(), val_start, test_start, list(seeds), 2)
    network, simple = told_by("experiment", told, BASELINES, len(seeds))
    forecasts = baseline_forecasts(series, WINDOW, SEASON, val_start, test_start)
    expected = [error_at_the_end(series, np.ravel(forecast)) for forecast in forecasts]
    if not close(network, [one.error() for one in own]):
        if not close(trained(model, train, parts, seeds[0], 2).error(), own[0].error()):
            blame_train()
        return which_errors(network, own, untrained)
    if not np.allclose([simple[name] for name in BASELINES], expected, rtol=SAME):
        return which_baselines(simple, expected, series, float(parts["std"]))
    for name, check, mine in (
        ("make_parts", "mean", float(parts["mean"])),
        ("baseline_forecasts", "linear", expected[2]),
    ):
        right = REFERENCES[name](series, val_start, test_start)[check]
        if not np.isclose(mine, right, rtol=SAME):
            text = f"`experiment` itself is right, but it calls `{name}`, which is not right yet."
            if not carried_forward():
                fail(text, "calls-a-wrong-one", "applications-compare", blames=name)
            remark(f"{text} With your own `{name}` it does the right thing, so it has its points.", blames=name)
    return ""


REFERENCES: dict[str, Callable[..., Numbers]] = {
    "make_parts": lambda series, val_start, test_start: make_parts.reference(series, WINDOW, val_start, test_start),
    "baseline_forecasts": errors_of_baselines,
}


def blame_train() -> None:
    fail(
        "`train` does not give the same network for the same seed twice, so nothing that is computed with it can be "
        "told. Mend that one first.",
        "calls-a-wrong-one",
        "applications-compare",
        blames="train",
    )


def which_errors(network: Array, own: list[Trained], untrained: Array) -> str:
    """What the numbers under "network" are."""
    errors = [one.error() for one in own]
    y = own[0].pairs["test"][0]
    ways: dict[str, list[float]] = {
        "scaled units": [one.error() / one.std for one in own],
        "validation errors": [one.error("val") for one in own],
        "training errors": [one.error("train") for one in own],
        "squared": [one.std**2 * float(np.mean((y - one.pairs["test"][1]) ** 2)) for one in own],
        "every pair": [one.std * mean_absolute_error(y, one.pairs["test"][1][:, None]) for one in own],
        "last network only": [errors[-1]] * len(errors),
        "best seed only": [min(errors)] * len(errors),
        "one seed only": [errors[0]] * len(errors),
        "untrained": [own[0].std * mean_absolute_error(y, untrained)] * len(errors),
    }
    if network.size == 1 and len(own) > 1:
        return "best seed only" if np.isclose(network[0], min(errors), rtol=SAME) else "one seed only"
    found = [name for name, numbers in ways.items() if close(network, numbers)]
    if not found:
        fail(
            'The errors under "network" are not those of the networks that your own `train` gives with these seeds, on '
            "the test windows and in the units of the series.",
            "values",
            "applications-compare",
        )
    return found[0]


def which_baselines(simple: dict[str, float], expected: list[float], series: Array, std: float) -> str:
    """What the numbers of the baselines are."""
    val_start, test_start, end = LOOKED_AT
    told = [simple[name] for name in BASELINES]
    if np.allclose(told, np.array(expected) / std, rtol=SAME):
        return "baselines scaled"
    weights = fitted_line(series[:val_start], WINDOW)
    for name, first, last in (("other points", test_start, end), ("other points", val_start + WINDOW, test_start)):
        others = simple_forecasts(series, WINDOW, SEASON, first, last, weights)
        errors = [mean_absolute_error(series[first:last], forecast) for forecast in others]
        if any(np.isclose(one, error, rtol=SAME) for one, error in zip(told, errors, strict=True)):
            return name
    if not np.allclose(np.sort(told), np.sort(expected), rtol=SAME):
        fail(
            "The errors of the baselines are not the mean absolute errors of your own `baseline_forecasts`, on the "
            "targets of the test windows and in the units of the series.",
            "values",
            "applications-compare",
        )
    return "baselines mixed up"


@experiment.right
def experiment_with_a_comprehension(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)

    def error(seed: int) -> Any:
        train(model, parts, seed, epochs)
        forecast = np.asarray(model(parts["x_test"].astype("float32")))
        return parts["std"] * np.abs(parts["y_test"] - np.ravel(forecast)).mean()

    y = parts["y_test"] * parts["std"] + parts["mean"]
    persistence, seasonal, linear = baseline_forecasts(series, WINDOW, SEASON, val_start, test_start)
    return {
        "linear": np.abs(linear - y).mean(),
        "persistence": np.abs(persistence - y).mean(),
        "seasonal naive": np.abs(seasonal - y).mean(),
        "network": np.array([error(int(seed)) for seed in seeds]),
    }


@experiment.wrong(
    "The networks' errors are in scaled units, and the baselines' in those of the series.",
    "What does a scaled error of 1 mean in the units of the series? Bring both to the same units.",
    shows="scaled units",
)
def network_in_scaled_units(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)
    errors = []
    for seed in seeds:
        train(model, parts, seed, epochs)
        forecast = np.asarray(model(parts["x_test"].astype("float32")))[:, 0]
        errors.append(mean_absolute_error(parts["y_test"], forecast))
    return {"network": errors, **errors_of_baselines(series, val_start, test_start)}


@experiment.wrong(
    "The baselines' errors are in scaled units, and the networks' in those of the series.",
    "So the baselines look better than they are, or worse. Bring both to the same units.",
    shows="baselines scaled",
)
def baselines_in_scaled_units(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)
    errors = []
    for seed in seeds:
        train(model, parts, seed, epochs)
        errors.append(mean_absolute_error(*in_units(model, parts)))
    simple = errors_of_baselines(series, val_start, test_start)
    return {"network": errors, **{name: error / parts["std"] for name, error in simple.items()}}


@experiment.wrong(
    "The networks' errors are those on the validation part.",
    "By it the epoch was chosen, so they are too good. Which part has not been looked at?",
    shows="validation errors",
    see="applications-best-of-many",
)
def errors_on_the_validation(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)
    errors = []
    for seed in seeds:
        train(model, parts, seed, epochs)
        errors.append(mean_absolute_error(*in_units(model, parts, "val")))
    return {"network": errors, **errors_of_baselines(series, val_start, test_start)}


@experiment.wrong(
    "The networks' errors are those on the training part.",
    "They say how well a network fits what it has seen.",
    shows="training errors",
    see="applications-split",
)
def errors_on_the_training_part(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)
    errors = []
    for seed in seeds:
        train(model, parts, seed, epochs)
        errors.append(mean_absolute_error(*in_units(model, parts, "train")))
    return {"network": errors, **errors_of_baselines(series, val_start, test_start)}


@experiment.wrong(
    "The networks' errors are squared, and the baselines' are not.",
    "The loss that `fit` makes small is not the error that is asked for. Measure all in the same way.",
    shows="squared",
    see="applications-errors",
)
def squared_for_the_network(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)
    errors = []
    for seed in seeds:
        train(model, parts, seed, epochs)
        y, forecast = in_units(model, parts)
        errors.append(float(np.mean((y - forecast) ** 2)))
    return {"network": errors, **errors_of_baselines(series, val_start, test_start)}


@experiment.wrong(
    "Each target is compared with the forecasts of all windows.",
    "The model gives (n, 1) and the targets are (n,): print the shape of their difference.",
    shows="every pair",
    see="applications-errors",
)
def every_target_with_every_forecast(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)
    errors = []
    for seed in seeds:
        train(model, parts, seed, epochs)
        y, forecast = in_units(model, parts)
        errors.append(mean_absolute_error(y, forecast[:, None]))
    return {"network": errors, **errors_of_baselines(series, val_start, test_start)}


@experiment.wrong(
    "Only the best seed's error is reported.",
    "It was picked by the test part. Of eight runs by luck alone, too, one is the best.",
    shows="best seed only",
    see="applications-best-of-many",
)
def only_the_best_seed(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)
    errors = []
    for seed in seeds:
        train(model, parts, seed, epochs)
        errors.append(mean_absolute_error(*in_units(model, parts)))
    return {"network": [min(errors)] * len(errors), **errors_of_baselines(series, val_start, test_start)}


@experiment.wrong(
    "There is the error of one network, and there should be one for each seed.",
    "With one run nobody can tell how much of the result is luck.",
    shows="one seed only",
)
def mean_of_the_seeds(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)
    errors = []
    for seed in seeds:
        train(model, parts, seed, epochs)
        errors.append(mean_absolute_error(*in_units(model, parts)))
    return {"network": [float(np.mean(errors))], **errors_of_baselines(series, val_start, test_start)}


@experiment.wrong(
    "All networks have the same error, that of the last one.",
    "There is one model, and each run overwrites its weights: ask it before the next seed begins.",
    shows="last network only",
)
def asked_after_the_loop(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)
    for seed in seeds:
        train(model, parts, seed, epochs)
    errors = [mean_absolute_error(*in_units(model, parts)) for _ in seeds]
    return {"network": errors, **errors_of_baselines(series, val_start, test_start)}


@experiment.wrong(
    "All networks have the same error: it is that of the weights the model had before.",
    "Is `train` called for each seed, before the model is asked?",
    shows="untrained",
)
def never_trained(model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)
    errors = [mean_absolute_error(*in_units(model, parts)) for _ in seeds]
    return {"network": errors, **errors_of_baselines(series, val_start, test_start)}


@experiment.wrong(
    "The baselines are measured on other points than the networks.",
    "The first target of the test part is the one after its first window. Take the same targets for all.",
    shows="other points",
)
def baselines_on_the_whole_test_part(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)
    errors = []
    for seed in seeds:
        train(model, parts, seed, epochs)
        errors.append(mean_absolute_error(*in_units(model, parts)))
    simple = errors_of_baselines(series, val_start, test_start)
    simple["persistence"] = float(np.mean(np.abs(np.diff(series[test_start - 1 :]))))
    return {"network": errors, **simple}


@experiment.wrong(
    "The baselines' errors stand under each other's names.",
    "In which order does `baseline_forecasts` return them?",
    shows="baselines mixed up",
)
def baselines_under_other_names(
    model: Any, series: Array, val_start: int, test_start: int, seeds: Iterable[int], epochs: int
) -> Any:
    parts = make_parts(series, WINDOW, val_start, test_start)
    errors = []
    for seed in seeds:
        train(model, parts, seed, epochs)
        errors.append(mean_absolute_error(*in_units(model, parts)))
    simple = errors_of_baselines(series, val_start, test_start)
    return {"network": errors, **dict(zip(BASELINES, reversed(simple.values()), strict=True))}


# --- verdict ---------------------------------------------------------------------------------------------------------


@graded("applications-compare", outputs=("the gain", "its standard error", "the verdict"))
def verdict(network_errors: Array, baseline_errors: Array) -> tuple[float, float, int]:
    """The gain over the strongest baseline; a verdict only where the gain is more than three standard errors."""
    gain = float(np.min(baseline_errors) - np.mean(network_errors))
    error = float(np.std(network_errors, ddof=1) / np.sqrt(len(network_errors)))
    if abs(gain) <= 3 * error:
        return gain, error, NOT_SHOWN
    return gain, error, BETTER if gain > 0 else WORSE


def draw_errors(rng: np.random.Generator, of_error: float) -> Inputs:
    """Errors whose mean lies so many standard errors below the strongest of three baselines, which stands second."""
    seeds = int(rng.integers(5, 10))
    spread = rng.normal(size=seeds)
    spread = (spread - spread.mean()) / spread.std(ddof=1) * rng.uniform(0.1, 0.2)
    network = rng.uniform(1.0, 1.5) + spread
    strongest = network.mean() + of_error * spread.std(ddof=1) / np.sqrt(seeds)
    return (network, strongest + np.array([rng.uniform(0.5, 0.9), 0.0, rng.uniform(1.0, 1.4)]))


@verdict.inputs
def draw_two_sides(rng: np.random.Generator) -> Inputs:
    return draw_errors(rng, float(rng.choice([-1, 1]) * rng.uniform(5, 6)))


def far_from(of_error: float) -> Callable[[np.random.Generator], Inputs]:
    return lambda rng: draw_errors(rng, of_error * float(rng.uniform(0.99, 1.01)))


for words, distance in (
    ("far better", 12.0),
    ("better, by little more than three standard errors", 3.08),
    ("worse, by little more than three standard errors", -3.08),
    ("a gain of two and a half standard errors", 2.5),
    ("a loss of two and a half standard errors", -2.5),
    ("a gain of one and a half standard errors", 1.5),
    ("a gain of less than one standard error", 0.5),
):
    verdict.condition(words)(far_from(distance))

verdict.always("every seed alike, and better", np.array([1.0, 1.0, 1.0]), np.array([1.5, 1.25, 2.0]))
verdict.always("every seed alike, and as good", np.array([1.25, 1.25, 1.25]), np.array([1.5, 1.25, 2.0]))
verdict.always("one baseline alone", np.array([1.0, 1.1, 1.2, 1.3]), np.array([0.9]))


@verdict.right
def verdict_in_a_loop(network_errors: Array, baseline_errors: Array) -> Any:
    n = len(network_errors)
    mean = sum(network_errors) / n
    variance = sum((error - mean) ** 2 for error in network_errors) / (n - 1)
    standard_error = (variance / n) ** 0.5
    gain = min(baseline_errors) - mean
    for says, holds in ((1, gain > 3 * standard_error), (-1, -gain > 3 * standard_error)):
        if holds:
            return gain, standard_error, says
    return gain, standard_error, 0


@verdict.right
def verdict_by_sign(network_errors: Array, baseline_errors: Array) -> Any:
    gains = np.sort(baseline_errors)[0] - network_errors
    standard_error = np.sqrt(np.var(gains, ddof=1) / gains.size)
    return gains.mean(), standard_error, int(np.sign(gains.mean()) * (abs(gains.mean()) > 3 * standard_error))


def judged(gain: Any, error: Any, times: float = 3) -> tuple[float, float, int]:
    shown = abs(gain) > times * error
    return float(gain), float(error), (BETTER if gain > 0 else WORSE) if shown else NOT_SHOWN


def error_of_the_mean(errors: Array) -> Any:
    return np.std(errors, ddof=1) / np.sqrt(len(errors))


@verdict.wrong(
    "You compare with the weakest baseline.",
    "To beat the weakest is no feat. Against which one does a network have to prove itself?",
    see="applications-baseline",
)
def against_the_weakest(network_errors: Array, baseline_errors: Array) -> Any:
    return judged(np.max(baseline_errors) - np.mean(network_errors), error_of_the_mean(network_errors))


@verdict.wrong(
    "You compare with the first baseline in the list.",
    "Another may be stronger. Against which one does a network have to prove itself?",
    see="applications-baseline",
)
def against_the_first(network_errors: Array, baseline_errors: Array) -> Any:
    return judged(baseline_errors[0] - np.mean(network_errors), error_of_the_mean(network_errors))


@verdict.wrong(
    "You compare with the mean of the baselines.",
    "Two weak baselines would make a strong one harmless.",
    see="applications-baseline",
)
def against_their_mean(network_errors: Array, baseline_errors: Array) -> Any:
    return judged(np.mean(baseline_errors) - np.mean(network_errors), error_of_the_mean(network_errors))


@verdict.wrong(
    "You compare the best seed alone.",
    "Who picks the best of eight by the test error reports their luck.",
    see="applications-best-of-many",
)
def by_the_best_seed(network_errors: Array, baseline_errors: Array) -> Any:
    return judged(np.min(baseline_errors) - np.min(network_errors), error_of_the_mean(network_errors))


@verdict.wrong("You compare the median of the seeds.", "The rule is about their mean.")
def by_the_median(network_errors: Array, baseline_errors: Array) -> Any:
    return judged(np.min(baseline_errors) - np.median(network_errors), error_of_the_mean(network_errors))


@verdict.wrong(
    "You take the standard deviation of the seeds for the standard error of their mean.",
    "One seed scatters that much. The mean of many scatters less: by which factor?",
)
def deviation_for_error(network_errors: Array, baseline_errors: Array) -> Any:
    return judged(np.min(baseline_errors) - np.mean(network_errors), np.std(network_errors, ddof=1))


@verdict.wrong(
    "Your standard deviation divides by n.",
    "With few seeds that is too small, since their own mean was taken off. What does the text divide by?",
)
def divided_by_n(network_errors: Array, baseline_errors: Array) -> Any:
    error = np.std(network_errors) / np.sqrt(len(network_errors))
    return judged(np.min(baseline_errors) - np.mean(network_errors), error)


@verdict.wrong(
    "You divide the deviation by the number of seeds, and not by its root.",
    "Four times the seeds halve the error of a mean.",
)
def divided_without_the_root(network_errors: Array, baseline_errors: Array) -> Any:
    error = np.std(network_errors, ddof=1) / len(network_errors)
    return judged(np.min(baseline_errors) - np.mean(network_errors), error)


@verdict.wrong(
    "One standard error is enough for your verdict.",
    "By luck alone one in three comparisons would pass. What is the book's rule?",
)
def one_error_is_enough(network_errors: Array, baseline_errors: Array) -> Any:
    return judged(np.min(baseline_errors) - np.mean(network_errors), error_of_the_mean(network_errors), 1)


@verdict.wrong(
    "Two standard errors are enough for your verdict.",
    "That is another rule than the book's.",
)
def two_errors_are_enough(network_errors: Array, baseline_errors: Array) -> Any:
    return judged(np.min(baseline_errors) - np.mean(network_errors), error_of_the_mean(network_errors), 2)


@verdict.wrong(
    "You always decide, however small the gain is.",
    "Sometimes the honest verdict is that nothing is shown.",
)
def always_decided(network_errors: Array, baseline_errors: Array) -> Any:
    return judged(np.min(baseline_errors) - np.mean(network_errors), error_of_the_mean(network_errors), 0)


@verdict.wrong(
    "A network that is worse is called undecided.",
    "Worse than the baseline is a result, and should be reported as such.",
    see="applications-skill",
)
def worse_is_hidden(network_errors: Array, baseline_errors: Array) -> Any:
    gain, error, says = judged(np.min(baseline_errors) - np.mean(network_errors), error_of_the_mean(network_errors))
    return gain, error, max(says, NOT_SHOWN)


@verdict.wrong(
    "Your gain has the wrong sign: it is positive where the network is worse.",
    "A smaller error is a gain.",
)
def loss_for_gain(network_errors: Array, baseline_errors: Array) -> Any:
    return judged(np.mean(network_errors) - np.min(baseline_errors), error_of_the_mean(network_errors))


# --- report ----------------------------------------------------------------------------------------------------------

TYPED = 0.02
"""How far a reported error may be from that of the network, in parts: it may have been typed, on another machine."""


@behaviour("applications-compare", uses=("model", "experiment", "verdict"))
def report() -> Numbers:
    """The numbers of the student's own run, and their verdict."""
    found: Numbers = experiment(model, SERIES, VAL_START, TEST_START, SEEDS, EPOCHS)
    return {**found, "verdict": verdict(np.array(found["network"]), np.array([found[n] for n in BASELINES]))[2]}


def own_run() -> Numbers:
    """The numbers of the whole run."""
    found: Numbers = experiment(model, SERIES, VAL_START, TEST_START, SEEDS, EPOCHS)
    return found


def own_verdict(found: Numbers) -> int:
    """What `verdict` says of the numbers in a report."""
    says: int = verdict(np.array(found["network"]), np.array([found[name] for name in BASELINES]))[2]
    return says


@report.look
def look_at_the_report(
    rng: np.random.Generator,
    report: Callable[..., Any],
    model: Any,
    experiment: Callable[..., Any],
    verdict: Callable[..., Any],
    found: Any = None,
) -> str:
    """Its numbers must be those of the student's own experiment; its verdict must be what its numbers say.

    `found` is what `report()` gave, where it was called already.
    """
    told = report() if found is None else found
    network, single = told_by("report", told, (*BASELINES, "verdict"), len(SEEDS))
    says = single.pop("verdict")
    if says not in (BETTER, NOT_SHOWN, WORSE):
        fail('`report`: under "verdict" there should be 1, 0 or -1.', "type", "applications-compare")
    seeds = [int(seed) for seed in rng.choice(SEEDS, size=2, replace=False)]
    if np.ptp(network) > 0:
        seeds = seeds[:1]  # each one takes a while, and two are needed only where all seeds are reported alike
    own = experiment(model, SERIES.copy(), VAL_START, TEST_START, seeds, EPOCHS)
    mine, simple = told_by("experiment", own, BASELINES, len(seeds))
    spread = float(SERIES[:VAL_START].std())
    tells_seeds_apart = mine.size == len(seeds) and (len(seeds) == 1 or np.ptp(mine) > 0)
    if tells_seeds_apart and np.ptp(network) == 0:
        return "one seed only" if network.size == 1 else "best seed only"
    gaps = [float(np.min(np.abs(network - error) / error)) for error in mine]
    if max(gaps) > TYPED:
        if not tells_seeds_apart:
            text = "`report` calls `experiment`, which does not give an error for each seed yet. Mend that one first."
            fail(text, "calls-a-wrong-one", "applications-compare", blames="experiment")
        again = experiment(model, SERIES.copy(), VAL_START, TEST_START, seeds, EPOCHS)
        if not close(told_by("experiment", again, BASELINES, len(seeds))[0], mine):
            blame_train()
        scaled = [float(np.min(np.abs(network * spread - error) / error)) for error in mine]
        return "scaled units" if max(scaled) < TYPED else "invented"
    if any(abs(single[name] - simple[name]) > TYPED * simple[name] for name in BASELINES):
        return "invented baselines"
    right = REPORTED(network, np.array([single[name] for name in BASELINES]))[2]
    if says != right and says != one_number(verdict(network, np.array([single[name] for name in BASELINES]))[2]):
        return "claimed better" if says == BETTER else "called undecided" if says == NOT_SHOWN else "claimed worse"
    return ""


REPORTED = verdict.reference


@report.right
def report_in_steps() -> Any:
    found = experiment(model, SERIES, VAL_START, TEST_START, SEEDS, EPOCHS)
    baselines = np.array([found["linear"], found["persistence"], found["seasonal naive"]])
    gain, error, says = verdict(np.asarray(found["network"]), baselines)
    return {"gain": gain, "standard error": error, "verdict": says, **found}


@report.right
def report_rounded() -> Any:
    found = experiment(model, SERIES, VAL_START, TEST_START, SEEDS, EPOCHS)
    says = verdict(np.array(found["network"]), np.array([found[name] for name in BASELINES]))[2]
    rounded = {name: round(float(found[name]), 3) for name in BASELINES}
    return {"network": [round(float(error), 3) for error in found["network"]], **rounded, "verdict": says}


@report.wrong(
    "The best seed stands for all: every network has the same error.",
    "Hand in the errors of all seeds. The best one was picked by the test part.",
    shows="best seed only",
    see="applications-best-of-many",
)
def best_seed_reported() -> Any:
    found = own_run()
    says = own_verdict(found)
    return {**found, "network": [min(found["network"])] * len(found["network"]), "verdict": says}


@report.wrong(
    "There is one error for all seeds.",
    "Hand in the errors of all seeds: without them nobody can tell how much is luck.",
    shows="one seed only",
)
def mean_reported() -> Any:
    found = own_run()
    says = own_verdict(found)
    return {**found, "network": [float(np.mean(found["network"])) * 1.05], "verdict": says}


@report.wrong(
    "Your own code gives other errors for these networks than your report holds.",
    "Was the code changed after the numbers were taken down? Run it again, and hand in what it gives.",
    shows="invented",
)
def better_numbers_invented() -> Any:
    found = own_run()
    says = own_verdict(found)
    return {**found, "network": [0.8 * error for error in found["network"]], "verdict": says}


@report.wrong(
    "The networks' errors in your report are in scaled units, and your experiment's in those of the series.",
    "Beside baselines in the units of the series they look better, or worse, than they are.",
    shows="scaled units",
)
def scaled_errors_reported() -> Any:
    found = own_run()
    says = own_verdict(found)
    return {**found, "network": [error / SERIES[:VAL_START].std() for error in found["network"]], "verdict": says}


@report.wrong(
    "Your own code gives other errors for the baselines than your report holds.",
    "A weak baseline makes a strong network. Hand in what your code gives.",
    shows="invented baselines",
    see="applications-baseline",
)
def weaker_baselines_invented() -> Any:
    found = own_run()
    says = own_verdict(found)
    return {**found, "linear": 2 * found["linear"], "verdict": says}


@report.wrong(
    "Your report says that the networks are better, and its numbers do not.",
    "Better than which baseline? Take the strongest, and the book's rule.",
    shows="claimed better",
)
def claimed_to_be_better() -> Any:
    return {**own_run(), "verdict": BETTER}


@report.wrong(
    "Your report says that nothing is shown, and its numbers show something.",
    "How many standard errors lie between the networks' mean and the strongest baseline?",
    shows="called undecided",
)
def called_undecided() -> Any:
    return {**own_run(), "verdict": NOT_SHOWN}
