"""Figures of the pages on settings, overfitting and attention; `drawing.show` puts what one returns on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, FAINT, INK, WIDTH, arrow, box, canvas, operation
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

STYLES = (("c", "D", "-"), ("h", "o", "--"), ("x", "s", "-."), ("y", "P", ":"))
"""Quantity for the colour, marker and line of the first, second, third and fourth thing in a figure."""


def rates(learning_rates: Sequence[float], losses: NDArray[np.floating], guess: float) -> Figure:
    """The loss after training against the learning rate. `losses` is (rates, seeds); a line at the guesser's loss."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.9))
    for seed in range(losses.shape[1]):
        axes.plot(learning_rates, losses[:, seed], "o", color=COLOUR["c"], alpha=0.8)
    axes.plot(learning_rates, np.median(losses, axis=1), "-", color=COLOUR["c"])
    axes.axhline(guess, color=FAINT, linewidth=1.2, linestyle=":")
    axes.annotate("guessing", (learning_rates[2], guess), xytext=(0, 5), textcoords="offset points")
    axes.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="training loss")
    return figure


def grid_and_random(grid: ArrayLike, drawn: ArrayLike) -> Figure:
    """Two plans of nine trials. (trials, 2): learning rate and dropout; strokes show the rates tried."""
    figure, panels = plt.subplots(1, 2, figsize=(WIDTH, 2.7), sharey=True)
    for axes, name, trials, (quantity, marker, _) in zip(
        panels, ("grid", "random"), (np.asarray(grid), np.asarray(drawn)), STYLES, strict=False
    ):
        axes.plot(trials[:, 0], trials[:, 1], marker, color=COLOUR[quantity], markersize=6)
        axes.vlines(trials[:, 0], -0.09, -0.04, color=COLOUR[quantity], linewidth=2)
        axes.set(xscale="log", xlabel="learning rate", xlim=(6e-5, 0.16), ylim=(-0.1, 0.55), title=name)
        axes.set_xticks([1e-4, 1e-1])
    panels[0].set_ylabel("dropout")
    figure.tight_layout()
    return figure


def splits(folds: int = 4) -> Figure:
    """Which part of a series is trained on and which is validated on: in folds, and in forward chaining."""
    names = {"train": COLOUR["w"] + "2e", "validate": COLOUR["c"] + "99"}
    with canvas(9.2, 6.9) as (figure, axes):
        figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
        for top, title, forward in ((6.5, "four folds", False), (3.25, "forward chaining", True)):
            axes.text(0.1, top, title, va="center")
            for fold in range(folds):
                y = top - 0.75 - 0.55 * fold
                for part in range(folds + 1):
                    held_out = part == (fold + 1 if forward else fold)
                    if (forward and part > fold + 1) or (not forward and part == folds):
                        continue
                    width = 8.9 / (folds + 1 if forward else folds)
                    axes.add_patch(
                        Rectangle(
                            (0.1 + width * part, y),
                            width - 0.08,
                            0.42,
                            facecolor=names["validate" if held_out else "train"],
                            edgecolor=COLOUR["c" if held_out else "w"],
                            hatch="//" if held_out else None,
                            linewidth=1.2,
                        )
                    )
        arrow(axes, (0.1, 0.62), (9.0, 0.62))
        axes.text(9.0, 0.32, "time", ha="right", va="center")
        axes.text(0.1, 0.32, "plain: train    hatched: validate", va="center")
    return figure


def regularised(curves: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Figure:
    """Training loss (full) and validation loss (dashed) after each epoch, a panel for each way to train."""
    figure, panels = plt.subplots(len(curves), 1, figsize=(WIDTH, 1.75 * len(curves) + 0.4), sharex=True, sharey=True)
    for axes, (name, (training, validation)) in zip(np.atleast_1d(panels), curves.items(), strict=True):
        epochs = np.arange(1, len(np.asarray(training)) + 1)
        axes.plot(epochs, training, "-", color=COLOUR["w"], label="training")
        axes.plot(epochs, validation, "--", color=COLOUR["c"], label="validation")
        axes.set_title(name, loc="left")
        axes.set_ylabel("loss")
    np.atleast_1d(panels)[-1].set_xlabel("epoch")
    handles, labels = np.atleast_1d(panels)[0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=10, loc="upper center", bbox_to_anchor=(0.52, 0.0), ncol=2)
    figure.tight_layout()
    return figure


def attention() -> Figure:
    """Three states, their scores with the query, the softmax, and the weighted sum."""
    with canvas(9.2, 6.6) as (figure, axes):
        figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
        columns = (2.2, 4.6, 7.0)
        for step, x in enumerate(columns, start=1):
            box(axes, x, 0.7, f"$h_{step}$", "h", w=1.1, h=0.62)
            arrow(axes, (x, 1.01), (x, 1.81), colour=COLOUR["h"])
            operation(axes, x, 2.05, "·", "w")
            arrow(axes, (x, 2.29), (x, 3.07))
            axes.text(x + 0.14, 2.62, f"$s_{step}$", va="center")
            arrow(axes, (x, 3.63), (x, 4.41))
            axes.text(x - 0.16, 4.05, rf"$\alpha_{step}$", va="center", ha="right")
            operation(axes, x, 4.65, "×", "h")
            axes.plot([x + 0.55, x + 0.95, x + 0.95], [0.7, 0.7, 3.0], color=COLOUR["h"], linewidth=1.3, zorder=2)
            axes.plot([x + 0.95] * 2, [3.7, 4.65], color=COLOUR["h"], linewidth=1.3, zorder=2)  # behind the box
            arrow(axes, (x + 0.95, 4.65), (x + 0.24, 4.65), colour=COLOUR["h"])
            axes.plot([x, x], [4.89, 5.9], color=INK, linewidth=1.3, zorder=2)
        box(axes, 4.6, 3.35, "softmax over time", "w", w=6.2, h=0.56)
        axes.text(0.3, 2.05, "$q$", va="center")
        for start, end in zip((0.62, 2.44, 4.84), columns, strict=True):
            arrow(axes, (start, 2.05), (end - 0.24, 2.05), colour=COLOUR["x"])
        axes.plot([2.2, 8.0], [5.9, 5.9], color=INK, linewidth=1.3, zorder=2)
        arrow(axes, (7.0, 5.9), (7.76, 5.9))
        operation(axes, 8.0, 5.9, "+", "y")
        arrow(axes, (8.24, 5.9), (8.75, 5.9), colour=COLOUR["y"])
        axes.text(8.82, 5.9, r"$\bar{h}$", va="center")
    return figure


def looked_at(weights: NDArray[np.floating], rows: Sequence[str], columns: Sequence[str]) -> Figure:
    """A map of attention weights, a row a question and a column a step; the number stands in each cell."""
    figure, axes = plt.subplots(figsize=(WIDTH, 0.42 * len(rows) + 0.9))
    for row, line in enumerate(weights):
        for column, weight in enumerate(line):
            shade = f"{round(20 + 190 * float(weight)):02x}"
            axes.add_patch(
                Rectangle((column, -row - 1), 0.94, 0.9, facecolor=COLOUR["h"] + shade, edgecolor="none", zorder=2)
            )
            axes.text(column + 0.47, -row - 0.55, f"{weight:.1f}", ha="center", va="center", fontsize=10, zorder=3)
    axes.set(xlim=(0, len(columns)), ylim=(-len(rows), 0), xlabel="step: key and value")
    axes.set_xticks(np.arange(len(columns)) + 0.47, columns)
    axes.set_yticks(-np.arange(len(rows)) - 0.55, rows)
    axes.set_ylabel("asked for")
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    return figure
