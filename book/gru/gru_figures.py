"""Figures of the GRU chapter. Each function returns a figure; `drawing.show` puts it on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, DASHES, FAINT, MARKER, WIDTH, arrow, board, box, operation, part, path
from matplotlib.figure import Figure
from numpy.typing import NDArray


def cell(highlight: str = "all") -> Figure:
    """The GRU cell, z kept, reset before the product. `highlight` names the part that is drawn in full.

    Parts: update, reset, candidate, state (the new state), all.
    """
    hidden, given = COLOUR["h"], COLOUR["x"]

    def on(*parts: str) -> bool:
        return highlight == "all" or highlight in parts

    with board(9.2, 6.7) as (figure, axes):

        def dot(x: float, y: float, colour: str) -> None:
            """A branch."""
            axes.plot([x], [y], marker="o", color=colour, markersize=4, zorder=3)

        with part(axes, on("update", "reset", "candidate")):
            path(axes, (0.35, 0.6), (2.4, 0.6), colour=given, head=False)
            axes.text(0.35, 0.38, "$x_t$", va="top")
        with part(axes, on("update", "candidate")):
            path(axes, (2.4, 0.6), (4.4, 0.6), colour=given, head=False)
        with part(axes, on("update")):
            path(axes, (4.4, 0.6), (7.2, 0.6), (7.2, 1.82), colour=given)
            path(axes, (2.0, 1.25), (6.8, 1.25), (6.8, 1.82), colour=hidden)
            box(axes, 7.0, 2.1, "σ", "z", w=0.98, h=0.56)
        with part(axes, on("update", "reset")):
            path(axes, (0.9, 5.2), (0.9, 1.25), (2.0, 1.25), colour=hidden, head=False)
            dot(0.9, 5.2, hidden)
        with part(axes, on("reset")):
            arrow(axes, (2.0, 1.25), (2.0, 1.82), colour=hidden)
            dot(2.0, 1.25, hidden)
            arrow(axes, (2.4, 0.6), (2.4, 1.82), colour=given)
            dot(2.4, 0.6, given)
            box(axes, 2.2, 2.1, "σ", "r", w=0.98, h=0.56)
        with part(axes, on("reset", "candidate")):
            arrow(axes, (2.2, 2.38), (2.2, 3.16), colour=COLOUR["r"])
            axes.text(2.08, 2.78, "$r_t$", va="center", ha="right")
            operation(axes, 2.2, 3.4, "×", "r")
            arrow(axes, (2.2, 5.2), (2.2, 3.64), colour=hidden)
            dot(2.2, 5.2, hidden)
        with part(axes, on("candidate")):
            path(axes, (2.44, 3.4), (3.2, 3.4), (3.2, 2.1), (3.91, 2.1), colour=hidden)
            arrow(axes, (4.4, 0.6), (4.4, 1.82), colour=given)
            dot(4.4, 0.6, given)
            box(axes, 4.4, 2.1, "tanh", "g", w=0.98, h=0.56)
        with part(axes, on("candidate", "state")):
            arrow(axes, (4.4, 2.38), (4.4, 3.66), colour=COLOUR["g"])
            axes.text(4.52, 2.95, "$\\tilde{h}_t$", va="center")
        with part(axes, on("update", "state")):
            path(axes, (7.0, 2.38), (7.0, 3.9), (6.1, 3.9), colour=COLOUR["z"])
            dot(7.0, 3.9, COLOUR["z"])
            axes.text(7.14, 2.95, "$z_t$", va="center")
        with part(axes, on("state")):
            box(axes, 5.75, 3.9, "1 −", "z", w=0.7, h=0.48)
            arrow(axes, (5.4, 3.9), (4.64, 3.9), colour=COLOUR["z"])
            path(axes, (7.0, 3.9), (7.0, 6.2), (3.3, 6.2), (3.3, 5.44), colour=COLOUR["z"])
            operation(axes, 4.4, 3.9, "×", "g")
            arrow(axes, (4.4, 4.14), (4.4, 4.96))
            operation(axes, 3.3, 5.2, "×", "z")
            arrow(axes, (2.2, 5.2), (3.06, 5.2), colour=hidden, width=2.4)
            arrow(axes, (3.54, 5.2), (4.16, 5.2), colour=hidden, width=2.4)
            operation(axes, 4.4, 5.2, "+", "h")
            arrow(axes, (4.64, 5.2), (8.95, 5.2), colour=hidden, width=2.4)
            axes.text(8.95, 5.42, "$h_t$", va="bottom", ha="right")
        path(axes, (0.25, 5.2), (2.2, 5.2), colour=hidden, width=2.4, head=False)
        axes.text(0.25, 5.42, "$h_{t-1}$", va="bottom")
    return figure


def placements() -> Figure:
    """The way of the old state into the candidate, with the reset before and after the product."""
    with board(9.2, 4.5) as (figure, axes):
        rows = ((3.2, "before the product", ("r", "U")), (1.0, "after the product", ("U", "r")))
        for y, name, order in rows:
            axes.text(0.1, y + 1.0, name, va="center", fontsize=10)
            axes.text(0.1, y, "$h_{t-1}$", va="center")
            for x, part in zip((2.6, 4.7), order, strict=True):
                if part == "r":
                    operation(axes, x, y, "×", "r")
                    arrow(axes, (x, y - 0.8), (x, y - 0.24), colour=COLOUR["r"])
                    axes.text(x + 0.15, y - 0.65, "$r_t$", va="center")
                else:
                    text = "$U_h$" if order[0] == "r" else "$U_h,\\ b'_h$"
                    box(axes, x, y, text, "w", w=1.3, h=0.56)
            half = [0.24 if part == "r" else 0.65 for part in order]
            arrow(axes, (1.1, y), (2.6 - half[0], y), colour=COLOUR["h"])
            arrow(axes, (2.6 + half[0], y), (4.7 - half[1], y), colour=COLOUR["h"])
            arrow(axes, (4.7 + half[1], y), (6.36, y), colour=COLOUR["h"])
            operation(axes, 6.6, y, "+", "g")
            arrow(axes, (6.6, y - 0.8), (6.6, y - 0.24), colour=COLOUR["x"])
            axes.text(6.75, y - 0.65, "$x_t W_h + b_h$", va="center", fontsize=10)
            arrow(axes, (6.84, y), (7.6, y))
            box(axes, 8.15, y, "tanh", "g", w=1.05, h=0.56)
    return figure


KEY = {"RNN": "w", "LSTM": "c", "GRU": "h"}
"""The colour and the marker of each kind of network."""


def growth(results: Mapping[str, NDArray[np.floating]], at: Sequence[int], xlabel: str, chance: float = 0.5) -> Figure:
    """Each model's median accuracy against what grows, and every seed as a small mark; `results` are (at, seeds)."""
    figure, axes = plt.subplots(figsize=(WIDTH, 3.0))
    places = np.arange(len(at))
    axes.axhline(chance, color=FAINT, linewidth=1)
    for number, (name, rows) in enumerate(results.items()):
        key = KEY[name.split("(")[0]]
        at_places = places + 0.12 * (number - (len(results) - 1) / 2)
        dash = DASHES[3] if "input" in name else DASHES[0] if name.endswith("2") else DASHES[1]
        marker = "s" if key == "w" else MARKER[key]
        axes.plot(at_places, rows, marker, color=COLOUR[key], markersize=2.5, alpha=0.6)
        middle = np.median(rows, axis=1)
        axes.plot(at_places, middle, linestyle=dash, color=COLOUR[key], marker=marker, label=name.replace("-", "−"))
    axes.set(xticks=places, xlabel=xlabel, ylabel="accuracy", ylim=(-0.04, 1.05))
    axes.set_xticklabels([str(value) for value in at])
    axes.legend(fontsize=10, loc="upper center", bbox_to_anchor=(0.45, -0.22))
    return figure


def decay(norms: Mapping[str, Mapping[int, NDArray[np.floating]]]) -> Figure:
    """Norms on a logarithmic axis against the distance in steps: a panel for each kind, a line for each keep bias.

    A line is the median of the draws, (draws, steps). Each draw is a thin line.
    """
    figure, panels = plt.subplots(1, len(norms), figsize=(WIDTH, 3.0), sharey=True)
    for panel, (kind, lines) in zip(panels, norms.items(), strict=True):
        for bias, draws in lines.items():
            dash = "-" if kind == "RNN" else {0: ":", 1: "--", 3: "-"}[bias]
            values, at = np.median(draws, axis=0), np.arange(1, draws.shape[1] + 1)
            panel.semilogy(at, draws.T, color=COLOUR[KEY[kind]], linewidth=0.4, alpha=0.5)
            panel.semilogy(at, values, dash, color=COLOUR[KEY[kind]])
            panel.annotate(
                "" if kind == "RNN" else f"bias {bias}",
                (50, values[-1]),
                xytext={0: (-13, -4), 1: (-2, 20), 3: (-2, 5)}[bias],
                textcoords="offset points",
                ha="right",
                fontsize=10,
            )
        panel.set(title=kind, xticks=[1, 25, 50], xlim=(0, 52))
        panel.grid(axis="y")
    panels[0].set(ylabel="norm of ∂$h_T$ / ∂$h_t$")
    panels[1].set(xlabel="distance T − t, in steps")
    figure.tight_layout(w_pad=0.6)
    return figure
