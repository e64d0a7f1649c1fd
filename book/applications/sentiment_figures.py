"""Figures of the sentiment page. Each function returns a figure; `drawing.show` puts it on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, FAINT, WIDTH, array_cells, arrow, canvas
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

MODELS = {"LSTM": ("c", "D"), "GRU": ("h", "o")}
"""Each model's quantity, for its colour, and its marker."""


def padded(before: NDArray[np.integer], behind: NDArray[np.integer]) -> Figure:
    """The same sequences with zeros in front and with zeros behind; real tokens are filled."""
    size = 0.85
    with canvas(9.2, 4.6) as (figure, axes):
        figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
        for left, name, rows in ((0.2, "zeros in front", before), (5.2, "zeros behind", behind)):
            filled = {(int(row), int(column)) for row, column in zip(*np.nonzero(rows), strict=True)}
            axes.text(left, 4.2, name, va="center")
            array_cells(axes, [list(row) for row in rows], left, 3.8, "x", size=size, marked=filled)
            last = left + size * (rows.shape[1] - 0.5)
            bottom = 3.8 - size * rows.shape[0]
            arrow(axes, (left + 0.2, bottom - 0.35), (last, bottom - 0.35))
            axes.text(last, bottom - 0.7, "read last", ha="right", va="center")
    return figure


def published(accuracies: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Figure:
    """Training and test accuracy after each epoch, of a model each: training in full lines, test dashed."""
    figure, axes = plt.subplots(figsize=(WIDTH, 3.3))
    for name, (training, test) in accuracies.items():
        quantity, marker = MODELS[name]
        epochs = np.arange(1, len(np.asarray(training)) + 1)
        axes.plot(epochs, training, "-", color=COLOUR[quantity], marker=marker, label=f"{name}, training")
        axes.plot(epochs, test, "--", color=COLOUR[quantity], marker=marker, label=f"{name}, test")
    axes.set(xlabel="epoch", ylabel="accuracy", xticks=epochs)
    axes.legend(fontsize=10, loc="upper center", bbox_to_anchor=(0.45, -0.22), ncol=2)
    return figure


def learning_curves(losses: Mapping[str, Sequence[tuple[ArrayLike, ArrayLike]]]) -> Figure:
    """Training and validation loss of each run, a panel a model; a ring where a validation loss is lowest."""
    figure, panels = plt.subplots(len(losses), 1, figsize=(WIDTH, 2.3 * len(losses) + 0.5), sharex=True, sharey=True)
    for axes, (name, runs) in zip(np.atleast_1d(panels), losses.items(), strict=True):
        colour = COLOUR[MODELS[name][0]]
        for training, validation in runs:
            values = np.asarray(validation)
            epochs, best = np.arange(1, len(values) + 1), int(values.argmin())
            axes.plot(epochs, training, "-", color=FAINT, linewidth=1.4)
            axes.plot(epochs, values, "--", color=colour, linewidth=1.6)
            axes.plot(best + 1, values[best], "o", color=colour, markersize=9, markerfacecolor="none")
        axes.set(ylabel="loss", xticks=epochs)
        axes.set_title(name, loc="left")
    np.atleast_1d(panels)[-1].set_xlabel("epoch")
    keys = [
        Line2D([], [], linestyle="-", color=FAINT, label="training"),
        Line2D([], [], linestyle="--", color=COLOUR["w"], label="validation"),
        Line2D(
            [], [], linestyle="none", marker="o", markersize=9, markerfacecolor="none", color=COLOUR["w"], label="best"
        ),
    ]
    figure.legend(handles=keys, fontsize=10, loc="upper center", bbox_to_anchor=(0.52, 0.0), ncol=3)
    figure.tight_layout()
    return figure
