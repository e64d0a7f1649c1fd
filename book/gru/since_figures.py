"""Figures of `since.md`. Each function returns a figure; `drawing.show` puts it on the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, DASHES, FAINT, MARKER, WIDTH
from matplotlib.figure import Figure
from numpy.typing import NDArray

SHOWN = 200
"""Steps that are drawn."""


def leaks(gates: Sequence[float], left: Callable[[float, int], NDArray[np.floating]]) -> Figure:
    """What is left of a 1 under several forget gates, with a mark at each gate's time scale."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.8))
    axes.axhline(np.exp(-1), color=FAINT, linewidth=1)
    axes.text(SHOWN, np.exp(-1) + 0.02, "0.37", ha="right", va="bottom", fontsize=10)
    for f, dash, key in zip(gates, DASHES, "fch", strict=False):
        values, scale = left(f, SHOWN + 1), round(1 / (1 - f))
        axes.plot(values, linestyle=dash, color=COLOUR[key], label=f"f = {f}, time scale {scale}")
        axes.plot([scale], [values[scale]], marker=MARKER[key], markersize=8, color=COLOUR[key])
    axes.set(xlabel="steps since", ylabel="left of the 1", xlim=(-3, SHOWN), ylim=(0, 1.05))
    axes.legend(fontsize=10, loc="upper right")
    return figure


def agreement(accuracies: Mapping[str, Sequence[Sequence[float]]], between: Sequence[int] = (0, 3, 6, 9)) -> Figure:
    """Each network's median accuracy against the nouns in between, and every seed as a small mark."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.8))
    axes.axhline(0.5, color=FAINT, linewidth=1)
    places = np.arange(len(between))
    for number, (name, rows) in enumerate(accuracies.items()):
        key = ("h", "z", "c")[number]
        at = places + 0.14 * (number - 1)
        axes.plot(at, rows, MARKER[key], color=COLOUR[key], markersize=2.5, alpha=0.6)
        middle = np.median(rows, axis=1)
        axes.plot(at, middle, linestyle=DASHES[number], marker=MARKER[key], color=COLOUR[key], label=name)
    axes.set(xlabel="nouns of the other number in between", ylabel="accuracy", ylim=(-0.05, 1.08))
    axes.set_xticks(places, [str(value) for value in between])
    axes.legend(fontsize=10, loc="upper center", bbox_to_anchor=(0.45, -0.22))
    return figure
