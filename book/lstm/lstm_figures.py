"""Figures of the LSTM chapter. Each function returns a figure; `drawing.show` puts it on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, DASHES, FAINT, INK, MARKER, WIDTH, arrow, board, box, operation, part, path
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray


def learning_curves(curves: Mapping[str, NDArray[np.floating]], chance: float = 0.5) -> Figure:
    """Accuracy after each epoch, a panel for each model and a line for each seed: (epochs, seeds)."""
    figure, panels = plt.subplots(1, len(curves), figsize=(WIDTH, 2.5), sharey=True)
    for panel, (label, values), key in zip(panels, curves.items(), "wxc", strict=False):
        epochs = np.arange(1, len(values) + 1)
        panel.axhline(chance, color=FAINT, linewidth=1)
        panel.plot(epochs, values, color=COLOUR[key], marker=MARKER[key], linewidth=1, markersize=4)
        panel.set_title(label, fontsize=10)
        panel.set(xticks=epochs, ylim=(0.42, 1.04))
    panels[-1].text(1, chance - 0.015, "guessing", va="top", fontsize=9)
    panels[0].set(ylabel="accuracy")
    panels[len(panels) // 2].set(xlabel="epoch")
    figure.tight_layout(w_pad=0.6)
    return figure


def operations() -> Figure:
    """The five operations of which a cell is made, as the drawings of this chapter show them."""
    with board(9.2, 2.5) as (figure, axes):
        columns = [0.95 + 1.83 * number for number in range(5)]
        for x in columns[:2]:
            arrow(axes, (x, 0.85), (x, 1.33))
            arrow(axes, (x, 1.87), (x, 2.35))
        box(axes, columns[0], 1.6, "σ", "w", w=0.95, h=0.54)
        box(axes, columns[1], 1.6, "tanh", "w", w=0.95, h=0.54)
        for x, sign in zip(columns[2:4], "×+", strict=True):
            operation(axes, x, 1.6, sign)
            arrow(axes, (x - 0.75, 1.6), (x - 0.24, 1.6))
            arrow(axes, (x, 0.85), (x, 1.36))
            arrow(axes, (x + 0.24, 1.6), (x + 0.75, 1.6))
        join = columns[4]
        path(axes, (join - 0.3, 0.85), (join - 0.3, 1.3), (join, 1.6), head=False)  # no dot: a dot marks a branch
        arrow(axes, (join - 0.75, 1.6), (join + 0.75, 1.6))
        names = ("sigmoid", "tanh", "pointwise\nproduct", "pointwise\nsum", "concatenate")
        for x, name in zip(columns, names, strict=True):
            axes.text(x, 0.62, name, ha="center", va="top", fontsize=10)
    return figure


def squashing() -> Figure:
    """The sigmoid and the hyperbolic tangent over the same axis."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.5))
    a = np.linspace(-6, 6, 241)
    axes.axhline(0, color=FAINT, linewidth=0.8)
    axes.plot(a, 0.5 * (1 + np.tanh(a / 2)), color=COLOUR["f"])
    axes.plot(a, np.tanh(a), "--", color=COLOUR["g"])
    axes.text(-0.5, 0.62, "σ(a)", ha="right", color=INK)
    axes.text(0.2, -0.62, "tanh(a)", ha="left", color=INK)
    axes.set(xlabel="a", yticks=[-1, 0, 0.5, 1], xticks=[-6, -3, 0, 3, 6])
    return figure


def cell(highlight: str = "all") -> Figure:
    """The LSTM cell. `highlight` names the part that is drawn in full, the others are dimmed.

    Parts: forget, input, candidate, cell (the new cell state), output, hidden (the new hidden state), all.
    """
    state, hidden = COLOUR["c"], COLOUR["h"]

    def on(*parts: str) -> bool:
        return highlight == "all" or highlight in parts

    with board(9.2, 6.3) as (figure, axes):

        def dot(x: float, y: float, colour: str) -> None:
            """A branch."""
            axes.plot([x], [y], marker="o", color=colour, markersize=4, zorder=3)

        gates = {"forget": (2.2, "σ", "f"), "input": (3.6, "σ", "i"), "candidate": (5.0, "tanh", "g")}
        gates["output"] = (6.4, "σ", "o")

        with part(axes, on("forget", "input", "candidate", "output")):  # what every gate reads
            path(axes, (0.25, 1.0), (1.3, 1.0), colour=hidden, head=False)
            path(axes, (1.0, 0.45), (1.0, 0.7), (1.3, 1.0), colour=COLOUR["x"], head=False)
            path(axes, (1.3, 1.0), (2.2, 1.0), head=False)
            axes.text(0.25, 1.28, "$h_{t-1}$", va="bottom")
            axes.text(1.0, 0.15, "$x_t$", ha="center", va="center")
        ends = [2.2, 3.6, 5.0, 6.4]
        for number, (start, end) in enumerate(pairwise(ends), start=1):
            with part(axes, on(*list(gates)[number:])):
                path(axes, (start, 1.0), (end, 1.0), head=False)
        for name, (x, text, quantity) in gates.items():
            with part(axes, on(name)):
                arrow(axes, (x, 1.0), (x, 1.82))
                if x < ends[-1]:
                    dot(x, 1.0, INK)
                box(axes, x, 2.1, text, quantity, w=0.98, h=0.56)
        with part(axes, on("forget", "cell")):
            path(axes, (0.25, 5.3), (1.96, 5.3), colour=state, width=2.4)
            axes.text(0.25, 5.52, "$c_{t-1}$", va="bottom")
            operation(axes, 2.2, 5.3, "×", "f")
        with part(axes, on("forget", "cell")):
            arrow(axes, (2.2, 2.38), (2.2, 5.06), colour=COLOUR["f"])
            axes.text(2.32, 3.3, "$f_t$", va="center")
        with part(axes, on("input", "cell")):
            path(axes, (3.6, 2.38), (3.6, 3.7), (4.06, 3.7), colour=COLOUR["i"])
            axes.text(3.48, 3.3, "$i_t$", va="center", ha="right")
        with part(axes, on("candidate", "cell")):
            path(axes, (5.0, 2.38), (5.0, 3.7), (4.54, 3.7), colour=COLOUR["g"])
            axes.text(5.12, 3.3, "$\\tilde{c}_t$", va="center")
        with part(axes, on("input", "candidate", "cell")):
            operation(axes, 4.3, 3.7, "×", "i")
        with part(axes, on("cell")):
            path(axes, (2.44, 5.3), (4.06, 5.3), colour=state, width=2.4)
            arrow(axes, (4.3, 3.94), (4.3, 5.06))
            operation(axes, 4.3, 5.3, "+", "c")
            path(axes, (4.54, 5.3), (8.95, 5.3), colour=state, width=2.4)
            axes.text(8.95, 5.52, "$c_t$", va="bottom", ha="right")
        with part(axes, on("output", "hidden")):
            path(axes, (6.4, 2.38), (6.4, 3.0), (7.36, 3.0), colour=COLOUR["o"])
            axes.text(6.9, 3.1, "$o_t$", va="bottom", ha="center")
        with part(axes, on("hidden")):
            arrow(axes, (7.6, 5.3), (7.6, 4.48), colour=state)
            dot(7.6, 5.3, state)
            box(axes, 7.6, 4.2, "tanh", "c", w=0.98, h=0.56)
            arrow(axes, (7.6, 3.92), (7.6, 3.24), colour=state)
            operation(axes, 7.6, 3.0, "×", "h")
            path(axes, (7.6, 2.76), (7.6, 1.0), (8.95, 1.0), colour=hidden)
            axes.text(8.95, 1.22, "$h_t$", va="bottom", ha="right")
    return figure


def over_time(rows: Mapping[str, NDArray[np.floating]], quantities: str, words: Sequence[str]) -> Figure:
    """A table of values over time. The fuller a cell, the larger the number in it."""
    names, height, width, start = list(rows), 0.62, 0.95, 1.1
    with board(start + width * len(words) + 0.1, height * (len(names) + 1) + 0.1) as (figure, axes):
        top = height * len(names)
        for column, word in enumerate(words):
            axes.text(start + width * (column + 0.5), top + height / 2, word, ha="center", va="center", fontsize=10)
        for row, (name, quantity) in enumerate(zip(names, quantities, strict=True)):
            y = top - height * (row + 1)
            axes.text(start - 0.15, y + height / 2, name, ha="right", va="center", fontsize=11)
            for column, value in enumerate(rows[name]):
                corner = (start + width * column, y)
                fill = (COLOUR[quantity], 0.05 + 0.5 * min(abs(float(value)), 1.0))
                axes.add_patch(Rectangle(corner, width, height, facecolor=fill, edgecolor=FAINT, linewidth=0.6))
                text = f"{value:.2f}".replace("-", "−")
                text = "0.00" if text == "−0.00" else text
                middle = (corner[0] + width / 2, corner[1] + height / 2)
                axes.text(*middle, text, ha="center", va="center", fontsize=10)
    return figure


def decay(lines: Mapping[str, NDArray[np.floating]], ylabel: str) -> Figure:
    """Norms on a logarithmic axis against the distance in steps: the median of the draws, and each as a thin line."""
    figure, axes = plt.subplots(figsize=(WIDTH, 3.0))
    for (label, draws), key, dash in zip(lines.items(), "wfchx", DASHES, strict=False):
        axes.semilogy(draws.T, color=COLOUR[key], linewidth=0.5, alpha=0.5)
        middle = np.median(draws, axis=0)
        axes.semilogy(middle, linestyle=dash, color=COLOUR[key], marker=MARKER[key], markevery=10, label=label)
    axes.set(xlabel="distance T − t, in steps", ylabel=ylabel)
    axes.grid(axis="y")
    axes.legend(fontsize=10, loc="lower left")
    return figure


def stacked() -> Figure:
    """Two layers: the lower one's hidden state at each step is the upper one's input."""
    with board(9.2, 4.6) as (figure, axes):
        for layer, y in enumerate((1.5, 3.3), start=1):
            axes.text(0.15, y, f"layer {layer}", va="center", fontsize=10)
            for step in range(3):
                x = 2.6 + 2.5 * step
                box(axes, x, y, "LSTM", "h" if layer == 1 else "c", w=1.3, h=0.7)
                arrow(axes, (x, y - 0.9 if layer == 1 else y - 1.45), (x, y - 0.35))
                if step < 2:
                    arrow(axes, (x + 0.65, y), (x + 1.85, y), colour=COLOUR["h" if layer == 1 else "c"])
        for step in range(3):
            x = 2.6 + 2.5 * step
            axes.text(x, 0.3, f"$x_{step + 1}$", ha="center", va="center")
            axes.text(x + 0.12, 2.4, f"$h_{step + 1}$", va="center", ha="left", fontsize=10)
        arrow(axes, (7.6, 3.65), (7.6, 4.2))
        axes.text(7.45, 4.2, "output", ha="right", va="center", fontsize=10)
    return figure


def bidirectional() -> Figure:
    """One layer reads from the left, one from the right; their outputs stand side by side."""
    with board(9.2, 5.0) as (figure, axes):
        for y, text, key in ((1.5, "forwards", "h"), (2.8, "backwards", "o")):
            axes.text(0.1, y, text, va="center", fontsize=10)
            for step in range(3):
                x = 2.9 + 2.4 * step
                box(axes, x, y, "LSTM", key, w=1.2, h=0.66)
                if step < 2:
                    ends = ((x + 0.6, y), (x + 1.8, y))
                    arrow(axes, *(ends if key == "h" else ends[::-1]), colour=COLOUR[key])
        for step in range(3):
            x = 2.9 + 2.4 * step
            axes.text(x, 0.3, f"$x_{step + 1}$", ha="center", va="center")
            arrow(axes, (x, 0.55), (x, 1.17))
            axes.plot([x, x + 0.8, x + 0.8, x + 0.3], [0.75, 0.75, 2.15, 2.15], color=INK, linewidth=1.3)
            axes.plot([x], [0.75], marker="o", color=INK, markersize=4, zorder=3)  # a branch
            arrow(axes, (x + 0.3, 2.15), (x + 0.3, 2.47))
            arrow(axes, (x, 3.13), (x, 3.97), colour=COLOUR["o"])
            axes.plot([x - 0.3, x - 0.3, x - 0.8], [1.83, 2.15, 2.15], color=COLOUR["h"], linewidth=1.3)
            arrow(axes, (x - 0.8, 2.15), (x - 0.8, 3.97), colour=COLOUR["h"])
            box(axes, x, 4.25, "concatenate", "w", w=2.2, h=0.56, size=10)
    return figure


def hierarchical() -> Figure:
    """Words become a vector for each sentence, and the sentences' vectors one for the document."""
    with board(9.2, 5.4) as (figure, axes):
        box(axes, 4.6, 4.4, "LSTM over sentences", "c", w=4.6, h=0.7, size=10)
        arrow(axes, (4.6, 4.75), (4.6, 5.3), colour=COLOUR["c"])
        for sentence in range(3):
            x = 1.6 + 3.0 * sentence
            box(axes, x, 2.2, "LSTM over words", "h", w=2.75, h=0.7, size=10)
            arrow(axes, (x, 2.55), (4.6 + 1.5 * (sentence - 1), 4.05), colour=COLOUR["h"])
            for word in range(4):
                place = x - 0.99 + 0.66 * word
                axes.add_patch(
                    Rectangle((place - 0.2, 0.75), 0.4, 0.4, facecolor=COLOUR["x"] + "2e", edgecolor=COLOUR["x"])
                )
                arrow(axes, (place, 1.15), (place, 1.85))
            axes.text(x, 0.3, f"sentence {sentence + 1}", ha="center", va="center", fontsize=10)
    return figure
