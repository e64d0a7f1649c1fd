"""Figures of the chapter on gradients. Each function returns a figure; `drawing.show` puts it on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, DASHES, MARKER, WIDTH, arrow, board, box
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray


def by_word(norms: Mapping[str, NDArray[np.floating]]) -> Figure:
    """The norm of the loss's gradient with respect to each word, against its distance from the end."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.8))
    for (label, values), key, dash in zip(norms.items(), "cxh", DASHES, strict=False):
        distance = np.arange(len(values))[::-1]
        axes.semilogy(distance, values, linestyle=dash, color=COLOUR[key], label=label)
        axes.plot(distance[:1], values[:1], marker=MARKER[key], color=COLOUR[key], markersize=7)
    axes.set(xlabel="words between it and the end", ylabel="gradient's norm")
    axes.invert_xaxis()
    axes.grid(axis="y")
    axes.legend(fontsize=10, loc="upper left", bbox_to_anchor=(0.0, 1.25), ncols=2)
    return figure


def in_training(rows: NDArray[np.floating], learned: Sequence[bool], every: int) -> Figure:
    """The norm of the first word's gradient in training, a line for each seed: thick where the task was learned."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.8))
    updates = every * np.arange(rows.shape[1])
    for values, enough in zip(rows, learned, strict=True):
        style = {"color": COLOUR["h"], "linewidth": 2.2} if enough else {"color": COLOUR["w"], "linewidth": 1.0}
        shown = np.where(values > 1e-12, values, np.nan)
        axes.semilogy(updates, shown, linestyle="-" if enough else "--", **style)
    handles = [Line2D([], [], color=COLOUR["h"], linewidth=2.2), Line2D([], [], color=COLOUR["w"], linestyle="--")]
    axes.legend(handles, ["learned it", "guesses"], fontsize=10, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)
    axes.set(xlabel="updates", ylabel="gradient's norm, first word")
    axes.grid(axis="y")
    return figure


def backwards(steps: int = 3) -> Figure:
    """The unrolled network: forwards in full lines, the gradients backwards in dashed ones."""
    back = COLOUR["f"]
    with board(9.2, 5.0) as (figure, axes):
        for step in range(1, steps + 1):
            x = 1.95 + 2.75 * (step - 1)
            box(axes, x, 1.9, f"step {step}", "w", w=1.5, h=1.3)
            box(axes, x, 4.2, f"$L_{step}$", "y", w=1.0, h=0.66)
            arrow(axes, (x, 0.6), (x, 1.25), colour=COLOUR["x"])
            axes.text(x, 0.3, f"$x_{step}$", ha="center", va="center")
            arrow(axes, (x - 0.2, 2.55), (x - 0.2, 3.87), colour=COLOUR["h"])
            axes.text(x - 0.32, 3.2, f"$h_{step}$", ha="right", va="center")
            arrow(axes, (x + 0.2, 3.87), (x + 0.2, 2.55), colour=back, dashed=True)
            start = 0.15 if step == 1 else x - 2.0
            arrow(axes, (start, 2.2), (x - 0.75, 2.2), colour=COLOUR["h"])
            axes.text((start + x - 0.75) / 2, 2.32, f"$h_{step - 1}$", ha="center", va="bottom")
            arrow(axes, (x - 0.75, 1.6), (start, 1.6), colour=back, dashed=True)
    return figure


def check(steps: NDArray[np.floating], errors: Mapping[str, Sequence[float]]) -> Figure:
    """The error of difference quotients against the size of the step."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.9))
    for (label, values), key, dash in zip(errors.items(), "fh", DASHES, strict=False):
        axes.loglog(steps, values, linestyle=dash, color=COLOUR[key], marker=MARKER[key], label=label)
    axes.set(xlabel="ε", ylabel="largest error")
    axes.grid(axis="y")
    axes.legend(fontsize=10, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)
    return figure


def decay(lines: Mapping[str, NDArray[np.floating]], ylabel: str) -> Figure:
    """Norms on a logarithmic axis against the distance in steps: the median of the draws, and each as a thin line."""
    figure, axes = plt.subplots(figsize=(WIDTH, 3.2))
    for (label, draws), key, dash in zip(lines.items(), "wxhcf", DASHES, strict=False):
        axes.semilogy(draws.T, color=COLOUR[key], linewidth=0.5, alpha=0.5)
        middle = np.median(draws, axis=0)
        axes.semilogy(middle, linestyle=dash, color=COLOUR[key], marker=MARKER[key], markevery=10, label=label)
    axes.set(xlabel="distance T − t, in steps", ylabel=ylabel)
    axes.grid(axis="y")
    axes.legend(fontsize=10, loc="lower left", handlelength=2.6)
    return figure
