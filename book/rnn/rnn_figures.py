"""Figures of the chapter on recurrent networks. Each function returns a figure; `drawing.show` puts it on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, DASHES, FAINT, INK, MARKER, WIDTH, arrow, board, box, operation, path
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray


def loop() -> Figure:
    """The layer as one box whose state comes back to it."""
    hidden = COLOUR["h"]
    with board(9.2, 3.7) as (figure, axes):
        box(axes, 4.2, 1.85, "step", "w", w=1.5, h=0.9)
        arrow(axes, (4.2, 0.55), (4.2, 1.4), colour=COLOUR["x"])
        axes.text(4.2, 0.28, "input $x_t$", ha="center", va="center")
        arrow(axes, (4.2, 2.3), (4.2, 3.15), colour=COLOUR["y"])
        axes.text(4.2, 3.42, "output $y_t$", ha="center", va="center")
        path(axes, (4.95, 1.85), (6.3, 1.85), (6.3, 0.95), (2.1, 0.95), (2.1, 1.85), (3.45, 1.85), colour=hidden)
        axes.text(5.65, 2.0, "$h_t$", ha="center", va="bottom")
        axes.text(2.75, 2.0, "$h_{t-1}$", ha="center", va="bottom")
        axes.text(6.45, 1.4, "kept for the\nnext step", ha="left", va="center", fontsize=10)
    return figure


def unrolled(words: Sequence[str]) -> Figure:
    """The layer once a word, with one and the same set of weights."""
    with board(9.2, 4.6) as (figure, axes):
        gap = 1.62
        for number, word in enumerate(words, start=1):
            x = 1.5 + gap * (number - 1)
            box(axes, x, 2.0, "step", "w", w=0.98, h=0.7, size=10)
            arrow(axes, (x, 1.05), (x, 1.65), colour=COLOUR["x"])
            axes.text(x, 0.82, f"$x_{number}$", ha="center", va="center")
            axes.text(x, 0.28, word, ha="center", va="center", fontsize=10)
            start = x - 1.4 if number == 1 else x - gap + 0.49
            arrow(axes, (start, 2.0), (x - 0.49, 2.0), colour=COLOUR["h"])
            axes.text(x - 0.81 if number > 1 else x - 0.97, 2.12, f"$h_{number - 1}$", ha="center", va="bottom")
            arrow(axes, (x, 3.57), (x, 2.35), colour=COLOUR["w"], width=1.0, dashed=True)
        last = 1.5 + gap * (len(words) - 1)
        arrow(axes, (last + 0.49, 2.0), (9.15, 2.0), colour=COLOUR["h"])
        axes.text(last + 0.86, 2.12, f"$h_{len(words)}$", ha="center", va="bottom")
        axes.plot([1.5, last], [3.57, 3.57], "--", color=COLOUR["w"], linewidth=1.0)
        branches = [1.5 + gap * number for number in range(1, len(words) - 1)]
        axes.plot(branches, [3.57] * len(branches), "o", color=COLOUR["w"], markersize=4, zorder=3)
        box(axes, (1.5 + last) / 2, 4.1, "one set of weights: $W$, $U$, $b$", "w", w=5.4, h=0.7, size=10)
        axes.plot([4.74, 4.74], [3.57, 3.75], "--", color=COLOUR["w"], linewidth=1.0)
    return figure


def states(rows: NDArray[np.floating], words: Sequence[str], marked: str = "") -> Figure:
    """Hidden states, a row a unit and a column a word; the word `marked` is framed, negative values are grey."""
    height, width, start = 0.6, 1.3, 1.3
    units, steps = rows.shape
    top = height * units
    with board(start + width * steps + 0.1, top + 0.75) as (figure, axes):
        for unit in range(units):
            y = top - height * (unit + 1)
            axes.text(start - 0.12, y + height / 2, f"unit {unit + 1}", ha="right", va="center", fontsize=10)
            for step in range(steps):
                value = float(rows[unit, step])
                corner = (start + width * step, y)
                fill = (COLOUR["h" if value > 0 else "w"], 0.04 + 0.46 * min(abs(value), 1.0))
                axes.add_patch(Rectangle(corner, width, height, facecolor=fill, edgecolor=FAINT, linewidth=0.6))
                text = f"{value:.2f}".replace("-", "−")
                middle = (corner[0] + width / 2, y + height / 2)
                axes.text(*middle, "0.00" if text == "−0.00" else text, ha="center", va="center", fontsize=10)
        for step, word in enumerate(words):
            place = start + width * (step + 0.5)
            axes.text(place, top + 0.35, word, ha="center", va="center", fontsize=10)
            if word == marked:
                frame = Rectangle((start + width * step, 0.02), width, top, fill=False, edgecolor=INK, linewidth=2.0)
                frame.set_zorder(5)
                axes.add_patch(frame)
    return figure


def step_drawn() -> Figure:
    """One step: two matrix products, one sum, one tanh; and the output that is read off the new state."""
    with board(9.2, 5.2) as (figure, axes):
        axes.text(0.1, 1.62, "$h_{t-1}$", va="bottom")
        arrow(axes, (0.1, 1.5), (1.5, 1.5), colour=COLOUR["h"])
        box(axes, 2.0, 1.5, "· $U$", "w", w=1.0, h=0.62)
        arrow(axes, (2.5, 1.5), (3.51, 1.5))
        operation(axes, 3.75, 1.5, "+", "w")
        axes.text(1.75, 0.42, "$x_t$", ha="center", va="center")
        arrow(axes, (2.1, 0.42), (3.25, 0.42), colour=COLOUR["x"])
        box(axes, 3.75, 0.42, "· $W$", "w", w=1.0, h=0.62)
        arrow(axes, (3.75, 0.73), (3.75, 1.26))
        axes.text(3.75, 2.62, "$b$", ha="center", va="bottom")
        arrow(axes, (3.75, 2.55), (3.75, 1.74))
        arrow(axes, (3.99, 1.5), (4.85, 1.5))
        box(axes, 5.45, 1.5, "tanh", "h", w=1.2, h=0.62)
        arrow(axes, (6.05, 1.5), (9.1, 1.5), colour=COLOUR["h"])
        axes.text(9.1, 1.62, "$h_t$", ha="right", va="bottom")
        arrow(axes, (7.2, 1.5), (7.2, 2.34), colour=COLOUR["h"])
        axes.plot([7.2], [1.5], marker="o", color=COLOUR["h"], markersize=4, zorder=3)  # a branch
        box(axes, 7.2, 2.65, "· $V + b_y$", "w", w=1.8, h=0.62)
        arrow(axes, (7.2, 2.96), (7.2, 3.44))
        box(axes, 7.2, 3.75, "softmax", "y", w=1.7, h=0.62)
        arrow(axes, (7.2, 4.06), (7.2, 4.62), colour=COLOUR["y"])
        axes.text(7.2, 4.9, "$y_t$", ha="center", va="center")
    return figure


def batch_and_time(batch: int = 3, time: int = 5, marked: int = 2) -> Figure:
    """An array (batch, time, inputs) from above: a sequence a row, a step a column, a vector in each cell."""
    size, left = 1.1, 2.6
    with board(9.2, size * batch + 2.0) as (figure, axes):
        top = size * batch + 0.75
        for row in range(batch):
            y = top - size * (row + 1)
            axes.text(left - 0.2, y + size / 2, f"sequence {row}", ha="right", va="center", fontsize=10)
            for column in range(time):
                filled = column == marked
                axes.add_patch(
                    Rectangle(
                        (left + size * column, y),
                        size,
                        size,
                        facecolor=COLOUR["x"] + ("55" if filled else "14"),
                        edgecolor=COLOUR["x"],
                        linewidth=2.2 if filled else 0.8,
                        zorder=4 if filled else 3,
                    )
                )
                for entry in range(3):  # the inputs, as a small column vector
                    axes.add_patch(
                        Rectangle(
                            (left + size * column + 0.44, y + 0.2 + 0.24 * entry),
                            0.22,
                            0.24,
                            fill=False,
                            edgecolor=INK,
                            linewidth=0.7,
                            zorder=5,
                        )
                    )
        for column in range(time):
            axes.text(left + size * (column + 0.5), top + 0.3, f"t = {column}", ha="center", va="center", fontsize=10)
        axes.text(left + size * (marked + 0.5), 0.35, f"x[:, {marked}]", ha="center", va="center", fontsize=11)
        axes.text(left + size * time / 2, top + 0.95, "time", ha="center", va="center", fontsize=10)
    return figure


def sizes(rows: Mapping[str, NDArray[np.floating]]) -> Figure:
    """The largest entry of the state after each step, on a logarithmic axis: a line for each draw, (draws, steps)."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.7))
    for (label, values), key, dash in zip(rows.items(), "wfh", DASHES, strict=False):
        steps = np.arange(1, values.shape[1] + 1)
        axes.semilogy(steps, values[1:].T, color=COLOUR[key], linewidth=0.5, alpha=0.5)
        axes.semilogy(steps, values[0], dash, color=COLOUR[key], marker=MARKER[key], markevery=7, label=label)
    axes.set(xlabel="step", ylabel="largest entry of |h|")
    axes.grid(axis="y")
    axes.legend(fontsize=10, loc="upper left")
    return figure
