"""Figures of the page on generating text. Each function returns a figure; `drawing.show` puts it on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, FAINT, INK, MARKER, WIDTH, arrow, box, canvas
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

SPACE = "␣"
"""How a space is shown where it would not be seen."""


def visible(character: str) -> str:
    """The character as a figure shows it."""
    return SPACE if character == " " else character


def next_characters(text: str) -> Figure:
    """One step a character: what goes in, and what should come out."""
    steps = len(text) - 1
    with canvas(9.2, 4.1) as (figure, axes):
        figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
        gap = 7.4 / steps
        axes.text(0.05, 0.35, "input", va="center", fontsize=10)
        axes.text(0.05, 3.7, "target", va="center", fontsize=10)
        for step in range(steps):
            centre = 2.2 + gap * step
            box(axes, centre, 2.0, "GRU", "h", w=0.96, h=0.7, size=10)
            axes.text(centre, 0.35, visible(text[step]), ha="center", va="center", fontsize=13)
            axes.text(centre, 3.7, visible(text[step + 1]), ha="center", va="center", fontsize=13)
            arrow(axes, (centre, 0.7), (centre, 1.65), colour=COLOUR["x"])
            arrow(axes, (centre, 2.35), (centre, 3.35), colour=COLOUR["y"])
            start = centre - gap + 0.48 if step else 1.2
            arrow(axes, (start, 2.0), (centre - 0.48, 2.0), colour=COLOUR["h"], width=2.4)
        axes.text(1.15, 2.0, "$h_0 = 0$", ha="right", va="center")
    return figure


def needle(probabilities: Mapping[str, float], u: float) -> Figure:
    """Probabilities laid side by side from 0 to 1, and a needle dropped at `u`."""
    figure, axes = plt.subplots(figsize=(WIDTH, 1.35))
    left = 0.0
    for number, (name, p) in enumerate(probabilities.items()):
        hit = left <= u < left + p
        axes.add_patch(
            Rectangle(
                (left, 0),
                p,
                1,
                facecolor=COLOUR["y"] + ("73" if hit else "14"),
                edgecolor=COLOUR["y"],
                linewidth=1.5,
            )
        )
        axes.text(left + p / 2, 0.5, f"{number}: {visible(name)}", ha="center", va="center")
        left += p
    axes.annotate(
        f"$u = {u}$",
        (u, 0.82),
        (u, 1.75),
        ha="center",
        va="center",
        arrowprops={"arrowstyle": "-|>", "color": INK, "shrinkA": 2, "shrinkB": 0},
    )
    borders = np.concatenate([[0.0], np.cumsum(list(probabilities.values()))])
    axes.set(xlim=(-0.01, 1.01), ylim=(0, 2), yticks=[], xticks=borders, xticklabels=[f"{b:.2g}" for b in borders])
    axes.spines[["left", "bottom"]].set_visible(False)
    return figure


def temperatures(letters: Sequence[str], table: Mapping[float, NDArray[np.floating]]) -> Figure:
    """One panel a temperature: the probability of each letter."""
    figure, panels = plt.subplots(len(table), 1, figsize=(WIDTH, 1.25 * len(table)), sharex=True, sharey=True)
    names = [visible(letter) for letter in letters]
    for axes, (temperature, p) in zip(panels, table.items(), strict=True):
        axes.bar(range(len(p)), p, color=COLOUR["y"], width=0.75)
        axes.text(0.98, 0.92, f"τ = {temperature:g}", transform=axes.transAxes, ha="right", va="top")
        axes.set(ylim=(0, 1), yticks=[0, 1])
    panels[len(panels) // 2].set_ylabel("probability")
    panels[-1].set_xticks(range(len(names)), names)
    panels[-1].tick_params(axis="x", length=0, labelsize=10)
    figure.subplots_adjust(hspace=0.25)
    return figure


def perplexities(results: Mapping[str, float | Sequence[float]]) -> Figure:
    """Perplexity of each model on the test text, on a logarithmic axis; a mark a seed where there are several."""
    figure, axes = plt.subplots(figsize=(WIDTH, 0.42 * len(results) + 0.9))
    for row, (name, value) in enumerate(results.items()):
        key = "h" if name.startswith("GRU") else "w"
        marker = MARKER["h"] if key == "h" else "s"
        values = np.atleast_1d(value)
        axes.plot(values, [row] * len(values), marker, color=COLOUR[key], markersize=7, alpha=0.8, linestyle="none")
    axes.set(xscale="log", xlim=(3.3, 31), xlabel="perplexity on the test text", ylim=(len(results) - 0.4, -0.6))
    axes.set_xticks([4, 6, 8, 12, 16, 27], ["4", "6", "8", "12", "16", "27"])
    axes.set_xticks([], minor=True)
    axes.set_yticks(range(len(results)), list(results))
    axes.grid(axis="x", color=FAINT)
    return figure
