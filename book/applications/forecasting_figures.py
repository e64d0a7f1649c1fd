"""Figures of the page on forecasting. Each function returns a figure; `drawing.show` puts it on the page."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, INK, WIDTH, canvas
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

Series = NDArray[np.floating]


def two_series(temperature: Series, price: Series, border: int, price_border: int) -> Figure:
    """Both series, with the border between the past and what is kept for the test."""
    figure, panels = plt.subplots(2, 1, figsize=(WIDTH, 3.9))
    for axes, series, at, label, key in (
        (panels[0], temperature, border, "°C", "x"),
        (panels[1], price, price_border, "price", "c"),
    ):
        axes.plot(series, color=COLOUR[key], linewidth=0.7)
        axes.axvline(at, color=INK, linestyle="--", linewidth=1.1)
        axes.text(at, 1.03, "test →", transform=axes.get_xaxis_transform(), ha="left", va="bottom", fontsize=10)
        axes.text(at, 1.03, "← train ", transform=axes.get_xaxis_transform(), ha="right", va="bottom", fontsize=10)
        axes.set(ylabel=label, xlim=(0, len(series)))
    panels[1].set_xlabel("day")
    figure.subplots_adjust(hspace=0.5)
    return figure


def window_drawing(values: Sequence[object], window: int, horizon: int, starts: Sequence[int]) -> Figure:
    """A series as a row of cells; below it some windows, each with its target."""
    with canvas(9.2, 1.15 + 0.95 * len(starts)) as (figure, axes):
        figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
        size, left = 0.78, 9.1 - 0.78 * len(values)
        top = 1.0 + 0.95 * len(starts)
        axes.text(0.05, top - 0.35, "series", va="center", fontsize=10)
        for row, start in enumerate([None, *starts]):
            y = top - 0.7 - 0.95 * row
            if start is not None:
                axes.text(0.05, y + 0.35, f"window {start}", va="center", fontsize=10)
            for place, value in enumerate(values):
                inside = start is None or start <= place < start + window
                target = start is not None and place == start + window - 1 + horizon
                if not (inside or target):
                    continue
                key = "y" if target else "x"
                axes.add_patch(
                    Rectangle(
                        (left + place * size, y),
                        size,
                        0.7,
                        facecolor=COLOUR[key] + ("14" if start is None else "40"),
                        edgecolor=COLOUR[key],
                        linewidth=2.4 if target else 1.0,
                        linestyle="--" if target else "-",
                        zorder=4 if target else 3,
                    )
                )
                axes.text(left + (place + 0.5) * size, y + 0.35, str(value), ha="center", va="center", zorder=5)
    return figure


def great_forecast(truth: Series, forecast: Series, zoom: slice | None = None) -> Figure:
    """A forecast over the truth; with `zoom`, only that piece of it, day by day."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.6))
    days = np.arange(len(truth))
    part = zoom or slice(None)
    mark = "o" if zoom else None
    axes.plot(days[part], truth[part], "-", marker=mark, color=COLOUR["x"], linewidth=1.6, label="what came")
    dashes = (0, (4, 1.6))
    axes.plot(
        days[part],
        forecast[part],
        linestyle=dashes,
        marker="X" if zoom else None,
        color=COLOUR["y"],
        linewidth=1.4,
        label="forecast",
    )
    axes.set(xlabel="day of the test part", ylabel="price")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.2), ncol=2, fontsize=10)
    return figure


def rolling_origins(rows: int = 4) -> Figure:
    """Rows of a training part that grows and the test part that follows it."""
    with canvas(9.2, 0.75 * rows + 1.0) as (figure, axes):
        figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
        unit = 1.2
        for row in range(rows):
            y = 0.75 * (rows - 1 - row) + 0.75
            known = unit * (3 + row)
            axes.add_patch(
                Rectangle((0.1, y), known, 0.5, facecolor=COLOUR["x"] + "2e", edgecolor=COLOUR["x"], linewidth=1.4)
            )
            axes.text(0.1 + known / 2, y + 0.24, "train", ha="center", va="center", fontsize=10)
            axes.add_patch(
                Rectangle(
                    (0.1 + known, y),
                    unit,
                    0.5,
                    facecolor=COLOUR["y"] + "4d",
                    edgecolor=COLOUR["y"],
                    linewidth=1.8,
                    linestyle="--",
                )
            )
            axes.text(0.1 + known + unit / 2, y + 0.24, "test", ha="center", va="center", fontsize=10)
        axes.annotate("", (9.1, 0.4), (0.1, 0.4), arrowprops={"arrowstyle": "-|>", "color": INK})
        axes.text(9.05, 0.12, "time", ha="right", va="center", fontsize=10)
    return figure
