"""Figures of the page on sequence to sequence. Each function returns a figure; `drawing.show` puts it on the page."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, WIDTH, arrow, box, canvas
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray


def told(number: str, text: str) -> Figure:
    """Digits into the encoder, the answer one step late into the decoder, and what it should write."""
    read, write = list(number), ["^", *text]
    steps = len(read) + len(write)
    with canvas(9.2, 4.3) as (figure, axes):
        figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
        gap = 7.7 / steps
        axes.text(0.05, 0.35, "reads", va="center", fontsize=10)
        axes.text(0.05, 3.9, "writes", va="center", fontsize=10)
        for step, symbol in enumerate([*read, *write]):
            centre = 1.75 + gap * step
            decodes = step >= len(read)
            box(axes, centre, 2.1, "D" if decodes else "E", "c" if decodes else "h", w=0.7, h=0.7, size=10)
            axes.text(centre, 0.35, symbol, ha="center", va="center", fontsize=13)
            arrow(axes, (centre, 0.7), (centre, 1.75), colour=COLOUR["x"])
            if step:
                arrow(axes, (centre - gap + 0.35, 2.1), (centre - 0.35, 2.1), colour=COLOUR["h"], width=2.4)
            if decodes:
                said = [*text, "$"][step - len(read)]
                axes.text(centre, 3.9, said, ha="center", va="center", fontsize=13)
                arrow(axes, (centre, 2.45), (centre, 3.55), colour=COLOUR["y"])
    return figure


def looked_at(weights: NDArray[np.floating], letters: Sequence[str], digits: Sequence[str]) -> Figure:
    """A map of attention weights, a row a letter that is written and a column a digit; the number is in each cell."""
    figure, axes = plt.subplots(figsize=(WIDTH * 0.8, 0.38 * len(letters) + 0.8))
    for row, line in enumerate(weights):
        for column, weight in enumerate(line):
            shade = f"{round(20 + 190 * float(weight)):02x}"
            axes.add_patch(
                Rectangle((column, -row - 1), 0.96, 0.9, facecolor=COLOUR["h"] + shade, edgecolor="none", zorder=2)
            )
            axes.text(column + 0.48, -row - 0.55, f"{weight:.2f}", ha="center", va="center", fontsize=10, zorder=3)
    axes.set(xlim=(0, len(digits)), ylim=(-len(letters), 0), xlabel="state after reading the digit", ylabel="writes")
    axes.set_xticks(np.arange(len(digits)) + 0.48, digits)
    axes.set_yticks(-np.arange(len(letters)) - 0.55, letters)
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    return figure
