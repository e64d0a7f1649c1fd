"""Checks of exercises/applications/forecast.ipynb: Forecast without looking ahead.

A series is (time,), the oldest value first; windows are (n, window, 1), targets (n,), forecasts (n,) or (n, 1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import ChoiceCheck, graded
from ...checking.drawing import Inputs

Array = np.ndarray


# --- split_series ----------------------------------------------------------------------------------------------------


@graded("applications-split", outputs=("the training part", "the test part"))
def split_series(series: Array, fraction: float) -> tuple[Array, Array]:
    """The first `fraction` of the values, rounded down, and the rest; in time order."""
    border = int(fraction * len(series))
    return series[:border], series[border:]


@split_series.inputs
def draw_series_and_fraction(rng: np.random.Generator) -> Inputs:
    """A border that is no whole number, and nearer to the next one."""
    fraction = float(rng.choice([0.6, 0.7, 0.8]))
    lengths = [n for n in range(20, 40) if 0.55 < (fraction * n) % 1 < 0.95]
    return (10 + np.cumsum(rng.normal(size=int(rng.choice(lengths)))), fraction)


@split_series.condition("a border just above a whole number")
def a_small_rest(rng: np.random.Generator) -> Inputs:
    fraction = float(rng.choice([0.25, 0.75]))
    return (rng.normal(size=4 * int(rng.integers(3, 8)) + int(4 * fraction)), fraction)


# Fourths are exact in binary, so the border is a whole number whichever way it is computed.
@split_series.condition("a border that is a whole number")
def no_rest(rng: np.random.Generator) -> Inputs:
    return (rng.normal(size=4 * int(rng.integers(3, 8))), 0.75 if rng.random() < 0.5 else 0.25)


@split_series.condition("values that occur again")
def repeated_values(rng: np.random.Generator) -> Inputs:
    return (np.tile(rng.normal(size=3), 7), 0.7)


split_series.always("a single training value", np.array([2.0, 5.0, -1.0, 7.0, 5.0]), 0.25)


@split_series.right
def split_by_numpy(series: Array, fraction: float) -> tuple[Array, Array]:
    train, test = np.split(series, [int(np.floor(len(series) * fraction))])
    return train, test


@split_series.right
def split_in_a_loop(series: Array, fraction: float) -> tuple[Array, Array]:
    train = [value for t, value in enumerate(series) if t + 1 <= fraction * len(series)]
    return np.array(train), np.array([series[t] for t in range(len(train), len(series))])


@split_series.right
def split_by_a_mask(series: Array, fraction: float) -> tuple[Array, Array]:
    early = np.arange(len(series)) < int(len(series) * fraction)
    return series[early], series[~early]


@split_series.wrong(
    "You shuffle the series before you cut it.",
    "Then the model is trained on days after those it is tested on. Would you have those in practice?",
)
def shuffled_first(series: Array, fraction: float) -> tuple[Array, Array]:
    mixed = np.random.default_rng(0).permutation(series)
    border = int(fraction * len(series))
    return mixed[:border], mixed[border:]


@split_series.wrong(
    "Your test values are taken from all over the series.",
    "Their neighbours on both sides are then in the training part. Which part comes later?",
)
def every_nth_for_the_test(series: Array, fraction: float) -> tuple[Array, Array]:
    step = round(1 / (1 - fraction))
    return np.delete(series, np.arange(step - 1, len(series), step)), series[step - 1 :: step]


@split_series.wrong(
    "You return the two parts in the other order.", "The training part comes first, in time and in the result."
)
def parts_swapped(series: Array, fraction: float) -> tuple[Array, Array]:
    border = int(fraction * len(series))
    return series[border:], series[:border]


@split_series.wrong(
    "You train on the end and test on the beginning.", "A forecast is made for a time that has not been seen yet."
)
def trained_on_the_end(series: Array, fraction: float) -> tuple[Array, Array]:
    border = int(fraction * len(series))
    return series[-border:], series[:-border]


@split_series.wrong("`fraction` is the share of your test part.", "It is the training part's share.")
def fraction_for_the_test(series: Array, fraction: float) -> tuple[Array, Array]:
    border = int((1 - fraction) * len(series))
    return series[:border], series[border:]


@split_series.wrong(
    "Your border is one too far where `fraction` times the length is no whole number.",
    "The exercise says how to round.",
)
def border_rounded_up(series: Array, fraction: float) -> tuple[Array, Array]:
    border = int(np.ceil(fraction * len(series)))
    return series[:border], series[border:]


@split_series.wrong(
    "You round `fraction` times the length to the nearest whole number.",
    "The exercise says how to round.",
)
def border_rounded_to_the_nearest(series: Array, fraction: float) -> tuple[Array, Array]:
    border = round(fraction * len(series))
    return series[:border], series[border:]


@split_series.wrong(
    "One value is in both parts.", "Where the one slice ends, the other begins: use the same number for both."
)
def one_value_in_both(series: Array, fraction: float) -> tuple[Array, Array]:
    border = int(fraction * len(series))
    return series[:border], series[border - 1 :]


@split_series.wrong("One value at the border is lost.", "Together the parts must hold every value once.")
def one_value_in_neither(series: Array, fraction: float) -> tuple[Array, Array]:
    border = int(fraction * len(series))
    return series[:border], series[border + 1 :]


@split_series.wrong(
    "Your training part is the whole series.", "Then the model has seen every value that it is tested on."
)
def trained_on_everything(series: Array, fraction: float) -> tuple[Array, Array]:
    return series, series[int(fraction * len(series)) :]


# --- fit_scaler ------------------------------------------------------------------------------------------------------


@graded("applications-scaling", outputs=("the mean", "the standard deviation"))
def fit_scaler(train: Array) -> tuple[float, float]:
    """The mean, and the standard deviation with division by n, as scikit-learn's StandardScaler and Keras's
    Normalization have it."""
    return float(np.mean(train)), float(np.std(train))


@fit_scaler.inputs
def draw_train(rng: np.random.Generator, time: int) -> Inputs:
    return (rng.uniform(5, 30) + rng.uniform(2, 5) * rng.normal(size=time),)


@fit_scaler.condition("a mean below zero")
def below_zero(rng: np.random.Generator) -> Inputs:
    return (rng.normal(size=6) - 20,)


@fit_scaler.condition("values that are whole numbers")
def whole_train(rng: np.random.Generator) -> Inputs:
    return (rng.choice(np.arange(-9, 30), size=5, replace=False),)


fit_scaler.always("all values equal", np.array([4.0, 4.0, 4.0]))


@fit_scaler.right
def scaler_in_loops(train: Array) -> tuple[float, float]:
    mean = sum(train) / len(train)
    return mean, (sum((value - mean) ** 2 for value in train) / len(train)) ** 0.5


@fit_scaler.right
def scaler_by_moments(train: Array) -> tuple[float, float]:
    mean = np.average(train)
    deviations = train - mean
    return mean, np.sqrt(deviations @ deviations / train.size)


@fit_scaler.right
def scaler_by_norm(train: Array) -> tuple[float, float]:
    mean = np.sum(train) / np.size(train)
    return float(mean), float(np.linalg.norm(train - mean) / np.sqrt(np.size(train)))


@fit_scaler.wrong(
    "Your standard deviation divides by n - 1.",
    "That estimates a population's spread from a sample. What does the formula divide by?",
)
def divided_by_n_minus_one(train: Array) -> tuple[float, float]:
    return np.mean(train), np.std(train, ddof=1)


@fit_scaler.wrong("You return the variance.", "It is measured in squared units. What brings it back?")
def variance_returned(train: Array) -> tuple[float, float]:
    return np.mean(train), np.var(train)


@fit_scaler.wrong("You return the two numbers in the other order.", "The mean comes first.")
def deviation_first(train: Array) -> tuple[float, float]:
    return np.std(train), np.mean(train)


@fit_scaler.wrong(
    "You return the smallest value and the range.",
    "That is another way to scale. Here it is the mean and the standard deviation.",
)
def smallest_and_range(train: Array) -> tuple[float, float]:
    return np.min(train), np.max(train) - np.min(train)


@fit_scaler.wrong(
    "You take the root of the mean square of the values themselves.", "A deviation is measured from the mean."
)
def mean_not_taken_off(train: Array) -> tuple[float, float]:
    return np.mean(train), np.sqrt(np.mean(train**2))


@fit_scaler.wrong("You return the median.", "It is the mean here.")
def median_for_mean(train: Array) -> tuple[float, float]:
    return np.median(train), np.std(train)


@fit_scaler.wrong(
    "You average the absolute deviations.", "A standard deviation squares them first, and takes the root at the end."
)
def mean_absolute_deviation(train: Array) -> tuple[float, float]:
    return np.mean(train), np.mean(np.abs(train - np.mean(train)))


# --- scale_parts -----------------------------------------------------------------------------------------------------

Helper = Callable[..., Any]


@graded("applications-scaling", outputs=("the scaled training part", "the scaled test part"))
def scale_parts(train: Array, test: Array, *, fit_scaler: Helper = fit_scaler) -> tuple[Array, Array]:
    """Both parts with the training part's numbers."""
    mean, std = fit_scaler(train)
    return (train - mean) / std, (test - mean) / std


# One training value, or equal ones, have no spread: nothing can be divided by it.
@scale_parts.inputs(training_steps=range(6, 12), test_steps=range(3, 8), without=("one training step",))
def draw_parts(rng: np.random.Generator, training_steps: int, test_steps: int) -> Inputs:
    """A test part with another level and another spread: what a leak would bring in shows."""
    level, spread = rng.uniform(5, 30), rng.uniform(2, 5)
    train = level + spread * rng.normal(size=training_steps)
    return (train, level + 2 * spread + 0.4 * spread * rng.normal(size=test_steps))


@scale_parts.condition("a level below zero")
def parts_below_zero(rng: np.random.Generator, training_steps: int, test_steps: int) -> Inputs:
    return tuple(part - 60 for part in draw_parts(rng, training_steps, test_steps))


@scale_parts.condition("values that are whole numbers")
def whole_parts(rng: np.random.Generator, training_steps: int, test_steps: int) -> Inputs:
    return tuple(
        rng.choice(values, size=n, replace=False)
        for values, n in ((np.arange(30), training_steps), (np.arange(40, 55), test_steps))
    )


@scale_parts.right
def parts_scaled_at_once(train: Array, test: Array) -> tuple[Array, Array]:
    scaled = (np.concatenate([train, test]) - train.mean()) / train.std()
    return scaled[: len(train)], scaled[len(train) :]


@scale_parts.right
def parts_scaled_in_loops(train: Array, test: Array) -> tuple[Array, Array]:
    mean, std = sum(train) / len(train), np.sqrt(np.mean(train**2) - np.mean(train) ** 2)
    return np.array([(value - mean) / std for value in train]), np.array([(value - mean) / std for value in test])


@scale_parts.right
def parts_scaled_by_the_own_scaler(train: Array, test: Array) -> tuple[Array, Array]:
    mean, std = fit_scaler(train)
    return np.subtract(train, mean) / std, np.subtract(test, mean) / std


@scale_parts.wrong(
    "Your mean and deviation come from all values, those of the test part too.",
    "Then the training data tell what level the future will have. What was known at the border?",
)
def fitted_on_everything(train: Array, test: Array) -> tuple[Array, Array]:
    everything = np.concatenate([train, test])
    return (train - everything.mean()) / everything.std(), (test - everything.mean()) / everything.std()


@scale_parts.wrong(
    "You scale each part with its own mean and deviation.",
    "Then one and the same value becomes two numbers. And the test part's mean is not known yet.",
)
def each_part_by_itself(train: Array, test: Array) -> tuple[Array, Array]:
    return (train - train.mean()) / train.std(), (test - test.mean()) / test.std()


@scale_parts.wrong(
    "You leave the test part as it is.", "The model has only seen scaled numbers: what would it make of these?"
)
def test_left_as_it_is(train: Array, test: Array) -> tuple[Array, Array]:
    return (train - train.mean()) / train.std(), test.copy()


@scale_parts.wrong(
    "Your mean and deviation come from the test part.", "It lies in the future. Which part may you look at?"
)
def fitted_on_the_test(train: Array, test: Array) -> tuple[Array, Array]:
    return (train - test.mean()) / test.std(), (test - test.mean()) / test.std()


@scale_parts.wrong("You divide by the variance.", "The training part must come out with a standard deviation of 1.")
def divided_by_the_variance(train: Array, test: Array) -> tuple[Array, Array]:
    return (train - train.mean()) / train.var(), (test - train.mean()) / train.var()


@scale_parts.wrong("You do not take off the mean.", "The training part must come out with mean 0.")
def not_centred(train: Array, test: Array) -> tuple[Array, Array]:
    return train / train.std(), test / train.std()


@scale_parts.wrong(
    "You take off the mean and stop there.", "The training part must come out with a standard deviation of 1."
)
def only_centred(train: Array, test: Array) -> tuple[Array, Array]:
    return train - train.mean(), test - train.mean()


@scale_parts.wrong("Only the mean is divided.", "`a - b / c` is `a - (b / c)`.")
def precedence_mistaken(train: Array, test: Array) -> tuple[Array, Array]:
    return train - train.mean() / train.std(), test - train.mean() / train.std()


@scale_parts.wrong(
    "You map the training part to the range from 0 to 1.",
    "That is another way to scale. Use what `fit_scaler` returns.",
)
def between_zero_and_one(train: Array, test: Array) -> tuple[Array, Array]:
    span = train.max() - train.min()
    return (train - train.min()) / span, (test - train.min()) / span


# --- make_windows ----------------------------------------------------------------------------------------------------


@graded("applications-windows", outputs=("x", "y"))
def make_windows(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    """Inputs series[k : k + window] and the value `horizon` steps after the last of them."""
    n = len(series) - window - horizon + 1
    x = np.lib.stride_tricks.sliding_window_view(series, window)[:n, :, None]
    return x.copy(), series[window + horizon - 1 :].copy()


@make_windows.inputs(values=range(2, 6), steps=range(2, 6))
def draw_windows(rng: np.random.Generator, values: int, steps: int) -> Inputs:
    """`values` in a window, and the target `steps` after the last of them."""
    return (10 + np.cumsum(rng.normal(size=values + steps + int(rng.integers(6, 12)))), values, steps)


@make_windows.condition("values that occur again")
def windows_of_few_values(rng: np.random.Generator, values: int, steps: int) -> Inputs:
    return (rng.choice([-1.0, 0.0, 2.0], size=20), values, steps)


make_windows.always("the next value", np.array([3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.0]), 3, 1)
make_windows.always("no more than one window", np.array([2.0, 7.0, 1.0, 8.0, 2.5]), 3, 2)


@make_windows.right
def windows_by_index(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(len(series) - window - horizon + 1)
    return series[starts[:, None] + np.arange(window)][..., None], series[starts + window + horizon - 1]


@make_windows.right
def windows_by_columns(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    last = len(series) - horizon
    columns = [series[step : last - window + 1 + step] for step in range(window)]
    return np.stack(columns, axis=1).reshape(-1, window, 1), series[last - len(columns[0]) + horizon :]


@make_windows.right
def windows_in_a_list(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    pairs = [
        (series[k : k + window], series[k + window + horizon - 1]) for k in range(len(series) - window - horizon + 1)
    ]
    return np.array([[[value] for value in inputs] for inputs, _ in pairs]), np.array([target for _, target in pairs])


@make_windows.wrong(
    "Your target is the last value of the window itself.",
    "A model that copies it is perfect, and has forecast nothing. How far ahead must the target lie?",
)
def target_is_the_last_input(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(len(series) - window - horizon + 1)
    return series[starts[:, None] + np.arange(window)][..., None], series[starts + window - 1]


@make_windows.wrong(
    "Your target is one step too early.",
    "With a horizon of 1 it is the first value after the window. Where is it in your code?",
)
def target_one_step_early(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(len(series) - window - horizon + 1)
    return series[starts[:, None] + np.arange(window)][..., None], series[starts + window + horizon - 2]


@make_windows.wrong(
    "Your target is one step too late.",
    "With a horizon of 1 it is the first value after the window. Where is it in your code?",
)
def target_one_step_late(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(len(series) - window - horizon)
    return series[starts[:, None] + np.arange(window)][..., None], series[starts + window + horizon]


@make_windows.wrong("Your target is always the next value.", "What does `horizon` change?")
def horizon_without_effect(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(len(series) - window)
    return series[starts[:, None] + np.arange(window)][..., None], series[starts + window]


@make_windows.wrong(
    "The last window is missing.", "Its target is the last value of the series. How many starts are there?"
)
def last_window_missing(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(len(series) - window - horizon)
    return series[starts[:, None] + np.arange(window)][..., None], series[starts + window + horizon - 1]


@make_windows.wrong(
    "There are more windows than targets.", "A window whose target lies beyond the end of the series cannot be used."
)
def more_windows_than_targets(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(len(series) - window + 1)
    return series[starts[:, None] + np.arange(window)][..., None], series[window + horizon - 1 :]


@make_windows.wrong("Your windows do not overlap.", "From one window to the next it is one step.")
def windows_side_by_side(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(0, len(series) - window - horizon + 1, window)
    return series[starts[:, None] + np.arange(window)][..., None], series[starts + window + horizon - 1]


@make_windows.wrong(
    "Each window has its newest value first.", "A recurrent layer reads from left to right: keep the order of time."
)
def newest_value_first(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(len(series) - window - horizon + 1)
    return series[starts[:, None] + np.arange(window)[::-1]][..., None], series[starts + window + horizon - 1]


@make_windows.wrong(
    "Your target holds all values up to the horizon.", "Only the one at the horizon is asked for: `y` has shape (n,)."
)
def whole_path_as_target(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(len(series) - window - horizon + 1)
    x = series[starts[:, None] + np.arange(window)][..., None]
    return x, series[starts[:, None] + window + np.arange(horizon)]


@make_windows.wrong(
    "Your `x` has no axis for the inputs.",
    "A recurrent layer wants (batch, time, inputs), also where there is one input.",
)
def feature_axis_missing(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(len(series) - window - horizon + 1)
    return series[starts[:, None] + np.arange(window)], series[starts + window + horizon - 1]


@make_windows.wrong(
    "Your window goes on up to the target.", "So the answer is among the inputs. A window has `window` values."
)
def window_reaches_the_target(series: Array, window: int, horizon: int) -> tuple[Array, Array]:
    starts = np.arange(len(series) - window - horizon + 1)
    return series[starts[:, None] + np.arange(window + horizon)][..., None], series[starts + window + horizon - 1]


# --- persistence_forecast --------------------------------------------------------------------------------------------


@graded("applications-baseline")
def persistence_forecast(windows: Array) -> Array:
    """The last value of each window."""
    return windows[:, -1, 0].copy()


@persistence_forecast.inputs
def draw_forecast_windows(rng: np.random.Generator, batch: int, time: int) -> Inputs:
    return (rng.normal(size=(batch, time, 1)),)


@persistence_forecast.right
def persistence_in_a_loop(windows: Array) -> Array:
    return np.array([window[-1][0] for window in windows])


@persistence_forecast.right
def persistence_by_take(windows: Array) -> Array:
    return np.take(windows, windows.shape[1] - 1, axis=1).reshape(len(windows))


@persistence_forecast.right
def persistence_by_time_major(windows: Array) -> Array:
    *_, newest = windows.transpose(1, 0, 2)
    return newest.ravel()


@persistence_forecast.wrong("You forecast the mean of each window.", "Persistence says: it stays as it is now.")
def mean_of_the_window(windows: Array) -> Array:
    return windows.mean(axis=(1, 2))


@persistence_forecast.wrong(
    "You take the oldest value of each window.", "Time runs from left to right. Which value is the newest?"
)
def first_of_the_window(windows: Array) -> Array:
    return windows[:, 0, 0]


@persistence_forecast.wrong("You continue the last step in a straight line.", "Persistence supposes no change at all.")
def drift_continued(windows: Array) -> Array:
    return 2 * windows[:, -1, 0] - windows[:, -2:, 0][:, 0]


@persistence_forecast.wrong(
    "You use the last value of the window that comes after.", "That value lies in the future of this window."
)
def last_of_the_next_window(windows: Array) -> Array:
    return np.append(windows[1:, -1, 0], windows[-1, -1, 0])


@persistence_forecast.wrong(
    "You forecast the same mean for every window.",
    "It was computed from windows that lie in the future, too. Persistence uses one window at a time.",
)
def mean_of_everything(windows: Array) -> Array:
    return np.full(len(windows), windows.mean())


@persistence_forecast.wrong(
    "Every window gets the last value of the last window.",
    "Each window has its own newest value. Which axis do you index?",
)
def last_of_the_last_window(windows: Array) -> Array:
    return np.full(len(windows), windows[-1, -1, 0])


@persistence_forecast.wrong("You take the largest value of each window.", "Which value is the newest?")
def largest_of_the_window(windows: Array) -> Array:
    return windows.max(axis=(1, 2))


# --- mean_absolute_error ---------------------------------------------------------------------------------------------


@graded("applications-errors")
def mean_absolute_error(y: Array, forecast: Array) -> float:
    """The mean of |y - forecast|. A forecast of shape (n, 1), as a Dense(1) gives it, is one of shape (n,)."""
    return float(np.mean(np.abs(y - np.ravel(forecast))))


@mean_absolute_error.inputs
def draw_errors(rng: np.random.Generator, batch: int) -> Inputs:
    """Errors of both signs that do not cancel."""
    y, forecast = rng.normal(3, 1, size=batch), rng.normal(3, 1, size=batch)
    return (y + 0.5 + np.abs(np.mean(y - forecast)), forecast)


@mean_absolute_error.condition("a column of forecasts")
def a_column(rng: np.random.Generator, batch: int) -> Inputs:
    y, forecast = draw_errors(rng, batch)
    return (y, forecast[:, None])


@mean_absolute_error.condition("whole numbers")
def whole_errors(rng: np.random.Generator, batch: int) -> Inputs:
    y, forecast = rng.permutation(np.arange(-9, 10))[: 2 * batch].reshape(2, -1)
    return (y, forecast)


mean_absolute_error.always("errors that nearly cancel", np.array([1.0, 2.0, 4.0, 3.0]), np.array([2.5, 1.0, 3.0, 4.0]))
mean_absolute_error.always("a column, and a true value", np.array([1.0, 2.0, 4.0]), np.array([[2.5], [2.0], [1.0]]))
mean_absolute_error.always("a column of one", np.array([-3.0]), np.array([[2.0]]))
mean_absolute_error.always("no error", np.array([1.0, -2.0, 0.5]), np.array([1.0, -2.0, 0.5]))


@mean_absolute_error.right
def mean_absolute_error_in_a_loop(y: Array, forecast: Array) -> float:
    total = 0.0
    for n in range(len(y)):
        total += abs(float(y[n]) - forecast[n].item())
    return total / len(y)


@mean_absolute_error.right
def mean_absolute_error_as_column(y: Array, forecast: Array) -> float:
    return float(np.linalg.norm(y.reshape(-1, 1) - forecast.reshape(-1, 1), ord=1)) / len(y)


@mean_absolute_error.right
def mean_absolute_error_by_zip(y: Array, forecast: Array) -> float:
    return sum(abs(a - b) for a, b in zip(y.tolist(), forecast.ravel().tolist())) / len(y)


@mean_absolute_error.wrong("You square the errors.", "That is the mean squared error. What does absolute mean?")
def squared_error(y: Array, forecast: Array) -> float:
    return np.mean((y - forecast.ravel()) ** 2)


@mean_absolute_error.wrong(
    "This is the root of the mean squared error.",
    "It gives large errors more weight. Here each error counts by its size.",
)
def root_of_squared_error(y: Array, forecast: Array) -> float:
    return np.sqrt(np.mean((y - forecast.ravel()) ** 2))


@mean_absolute_error.wrong(
    "Errors of opposite sign cancel.", "A forecast that is 10 too high and then 10 too low is not perfect."
)
def with_its_sign(y: Array, forecast: Array) -> float:
    return np.mean(forecast.ravel() - y)


@mean_absolute_error.wrong(
    "Errors of opposite sign cancel, and the result may be negative.",
    "A forecast that is 10 too high and then 10 too low is not perfect.",
)
def with_the_other_sign(y: Array, forecast: Array) -> float:
    return np.mean(y - forecast.ravel())


@mean_absolute_error.wrong(
    "You take the absolute value after the mean.", "By then, errors of opposite sign have cancelled."
)
def absolute_after_the_mean(y: Array, forecast: Array) -> float:
    return np.abs(np.mean(y - forecast.ravel()))


@mean_absolute_error.wrong("You add the errors up.", "A mean also divides by their number.")
def error_summed(y: Array, forecast: Array) -> float:
    return np.sum(np.abs(y - forecast.ravel()))


@mean_absolute_error.wrong(
    "You divide each error by the true value.",
    "That is a relative error, which explodes near 0. Here the error has the unit of the series.",
)
def relative_error(y: Array, forecast: Array) -> float:
    return np.mean(np.abs((y - forecast.ravel()) / y))


@mean_absolute_error.wrong("You take the median of the errors.", "It is the mean.")
def median_error(y: Array, forecast: Array) -> float:
    return np.median(np.abs(y - forecast.ravel()))


@mean_absolute_error.wrong(
    "A forecast of shape (n, 1) is compared with every true value.",
    "Print the shape of `y - forecast` there: NumPy has made (n, n) of it.",
)
def every_pair_compared(y: Array, forecast: Array) -> float:
    return np.mean(np.abs(y - forecast))


# --- skill -----------------------------------------------------------------------------------------------------------


@graded("applications-skill")
def skill(model_error: float, baseline_error: float) -> float:
    """1 for no error, 0 for no better than the baseline, negative for worse."""
    return 1 - model_error / baseline_error


@skill.inputs
def draw_two_errors(rng: np.random.Generator) -> Inputs:
    baseline = float(rng.uniform(0.6, 3))
    return (baseline * float(rng.uniform(0.3, 1.7)), baseline)


skill.always("better than the baseline", 1.0, 4.0)
skill.always("worse than the baseline", 5.0, 4.0)
skill.always("far worse than the baseline", 9.0, 1.5)
skill.always("as good as the baseline", 0.8, 0.8)
skill.always("hardly any error", 0.004, 0.4)
skill.always("errors that are whole numbers", 3, 4)


@skill.right
def skill_as_share_saved(model_error: float, baseline_error: float) -> float:
    return (baseline_error - model_error) / baseline_error


@skill.right
def skill_by_numpy(model_error: float, baseline_error: float) -> float:
    return float(np.float32(1) - np.divide(np.float32(model_error), np.float32(baseline_error)))


@skill.wrong("You divide by the model's error.", "A model without any error must get skill 1. What happens with yours?")
def errors_swapped(model_error: float, baseline_error: float) -> float:
    return 1 - baseline_error / model_error


@skill.wrong("You return the ratio of the errors.", "A model that is as good as the baseline must get skill 0.")
def ratio_of_errors(model_error: float, baseline_error: float) -> float:
    return model_error / baseline_error


@skill.wrong("You return the difference of the errors.", "It would change with the unit of the series. Skill has none.")
def difference_of_errors(model_error: float, baseline_error: float) -> float:
    return baseline_error - model_error


@skill.wrong("Your skill is positive where the model is worse.", "Better than the baseline means more than 0.")
def sign_turned(model_error: float, baseline_error: float) -> float:
    return model_error / baseline_error - 1


@skill.wrong("You return per cent.", "A model without any error has skill 1.")
def in_percent(model_error: float, baseline_error: float) -> float:
    return 100 * (1 - model_error / baseline_error)


@skill.wrong(
    "A model that is worse than the baseline gets 0.",
    "That hides how much worse it is, and whether it is worse at all.",
)
def never_negative(model_error: float, baseline_error: float) -> float:
    return max(0.0, 1 - model_error / baseline_error)


@skill.wrong(
    "You divide the gain by the model's error.", "It is the share of the baseline's error that the model saves."
)
def share_of_the_model_error(model_error: float, baseline_error: float) -> float:
    return (baseline_error - model_error) / model_error


# --- honest_claim ----------------------------------------------------------------------------------------------------

honest_claim = ChoiceCheck(
    "honest_claim",
    "C",
    {
        "A": "P has the smallest training error, so it fits what it has seen. On the test part it errs more than "
        "persistence does: it has fitted much that does not repeat.",
        "B": "R's error is the smallest number in its column, but R forecasts another series, on which doing nothing "
        "errs even less. Errors compare only on the same series.",
        "C": "Q is the only model below its own baseline: its skill is 1 - 0.72/0.80 = 0.1. One test part cannot say "
        "more, and the claim does not.",
        "D": "Whether an error is small depends on the unit and on the series. Two of the three lose to repeating the "
        "last value.",
    },
    "applications-skill",
)
