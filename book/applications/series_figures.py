"""Figures of the page on a real series. Each function returns a figure; `drawing.show` puts it on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, DASHES, INK, MARKER, WIDTH, arrow, board, box
from matplotlib.figure import Figure
from numpy.typing import NDArray

Series = NDArray[np.floating]


def series_and_gaps(years: Series, series: Series, borders: Sequence[float]) -> Figure:
    """The series with the borders of the test parts; below it a stroke for each week that is missing."""
    figure, (axes, strokes) = plt.subplots(
        2, 1, figsize=(WIDTH, 3.4), sharex=True, gridspec_kw={"height_ratios": [6, 1], "hspace": 0.12}
    )
    axes.plot(years, series, color=COLOUR["x"], linewidth=0.8)
    for number, border in enumerate(borders):
        axes.axvline(border, color=INK, linestyle="--", linewidth=1.0)
        axes.text(border, 1.02, f"{number + 1}", transform=axes.get_xaxis_transform(), ha="center", va="bottom")
    axes.set(ylabel="CO₂ in ppm", xlim=(years[0], years[-1]))
    strokes.vlines(years[np.isnan(series)], 0, 1, color=COLOUR["y"], linewidth=1.0)
    strokes.set(ylabel="gaps", yticks=[], xlabel="year")
    strokes.yaxis.label.set(rotation=0, ha="right", va="center")
    return figure


def filled_gap(years: Series, series: Series, last: Series, straight: Series) -> Figure:
    """One gap, filled with the last known value and by a straight line to the value after it."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.8))
    missing = np.isnan(series)
    axes.plot(years, series, MARKER["x"], color=COLOUR["x"], markersize=4, label="came")
    axes.plot(years[missing], last[missing], MARKER["h"], color=COLOUR["h"], markersize=4, label="last known")
    axes.plot(years[missing], straight[missing], MARKER["y"], color=COLOUR["y"], markersize=5, label="interpolated")
    axes.set(ylabel="ppm", xlabel="year")
    axes.ticklabel_format(useOffset=False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.22), ncol=3, fontsize=10, handletextpad=0.1)
    return figure


def direct_and_recursive() -> Figure:
    """On the left one model with an output for each horizon; on the right one that is fed its own answer."""
    with board(9.2, 5.6) as (figure, axes):
        axes.text(2.0, 5.35, "direct", ha="center", va="center")
        box(axes, 2.0, 0.6, "window", "x", w=3.5)
        box(axes, 2.0, 2.4, "model", "h", w=3.5)
        arrow(axes, (2.0, 0.9), (2.0, 2.1))
        for place, horizon in enumerate((1, 4, 13, 26)):
            x = 0.65 + 0.9 * place
            box(axes, x, 4.2, f"+{horizon}", "y", w=0.8)
            arrow(axes, (x, 2.7), (x, 3.9))
        axes.text(6.7, 5.35, "recursive", ha="center", va="center")
        for step in range(3):
            x = 5.1 + 1.6 * step
            box(axes, x, 0.6, "window", "x", w=1.4, size=10)
            box(axes, x, 2.4, "model", "h", w=1.4, size=10)
            box(axes, x, 4.2, f"+{step + 1}", "y", w=0.8)
            arrow(axes, (x, 0.9), (x, 2.1))
            arrow(axes, (x, 2.7), (x, 3.9))
            if step < 2:
                arrow(axes, (x + 0.4, 4.2), (x + 1.3, 0.9), colour=COLOUR["y"], dashed=True)
    return figure


def four_borders(parts: Sequence[Sequence[tuple[float, float]]]) -> Figure:
    """For each border the years of training, validation and test."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.4))
    looks = (("train", "x", ""), ("validation", "c", "//"), ("test", "y", "xx"))
    for row, spans in enumerate(parts):
        for (start, end), (name, key, hatch) in zip(spans, looks, strict=True):
            axes.barh(
                row,
                end - start,
                left=start,
                height=0.62,
                facecolor=COLOUR[key] + "40",
                edgecolor=COLOUR[key],
                hatch=hatch,
                label=None if row else name,
            )
    axes.set(yticks=range(len(parts)), yticklabels=[str(row + 1) for row in range(len(parts))])
    axes.set(ylabel="border", xlabel="year")
    axes.invert_yaxis()
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.26), ncol=3, fontsize=10)
    return figure


def by_horizon(horizons: Sequence[int], simple: Mapping[str, Series], seeds: Series, network: str) -> Figure:
    """MASE against the horizon: a line for each forecast without seeds, a dot for each seed of a network."""
    figure, axes = plt.subplots(figsize=(WIDTH, 3.3))
    places = np.arange(len(horizons))
    for (name, values), key, dashes in zip(simple.items(), ("f", "c", "o", "i", "x"), DASHES, strict=False):
        axes.plot(places, values, color=COLOUR[key], linestyle=dashes, marker=MARKER[key], label=name)
    apart = np.linspace(-0.12, 0.12, len(seeds))
    for number, (values, shift) in enumerate(zip(seeds, apart, strict=True)):
        axes.plot(
            places + shift,
            values,
            MARKER["y"],
            color=COLOUR["y"],
            markersize=4,
            label=None if number else f"{network}, 8 seeds",
            zorder=4,
        )
    axes.axhline(1, color=INK, linewidth=0.8)
    axes.set(yscale="log", xlabel="horizon in weeks", ylabel="MASE")
    axes.set(xticks=places, xticklabels=[str(one) for one in horizons])
    axes.set(yticks=(0.25, 0.5, 1, 2, 3), yticklabels=("0.25", "0.5", "1", "2", "3"))
    axes.minorticks_off()
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, 1.42), ncol=2, fontsize=10)
    return figure


def with_intervals(past: Series, came: Series, forecast: Series, half_widths: Series, covered: float) -> Figure:
    """The weeks before, the forecast of the weeks after with its intervals, and what came."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.9))
    ahead = np.arange(1, len(forecast) + 1)
    axes.plot(np.arange(1 - len(past), 1), past, color=COLOUR["x"], linewidth=1.4)
    axes.fill_between(
        ahead,
        forecast - half_widths,
        forecast + half_widths,
        facecolor=COLOUR["y"] + "38",
        edgecolor=COLOUR["y"],
        linewidth=0.6,
        label=f"{covered:.0%} interval",
    )
    axes.plot(ahead, forecast, linestyle="--", color=COLOUR["y"], linewidth=1.4, label="forecast")
    axes.plot(ahead, came, MARKER["x"], color=COLOUR["x"], markersize=3.5, label="came")
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set(xlabel="weeks from the forecast", ylabel="ppm")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.22), ncol=3, fontsize=10)
    return figure
