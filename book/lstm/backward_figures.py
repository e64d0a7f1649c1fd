"""The figure of the page on the LSTM's backward pass."""

from __future__ import annotations

from itertools import pairwise

from drawing import COLOUR, INK, arrow, board, box, operation, path
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BACK = COLOUR["f"]
"""Gradients, as in the chapter on gradients: dashed, in this colour."""

Point = tuple[float, float]


def back(axes: Axes, *points: Point) -> None:
    """A dashed line through the points, an arrow's head at its end."""
    for start, end in pairwise(points[:-1]):
        axes.plot([start[0], end[0]], [start[1], end[1]], color=BACK, linewidth=1.4, linestyle="--", zorder=2)
    arrow(axes, points[-2], points[-1], colour=BACK, dashed=True, width=1.4)


def backward_step() -> Figure:
    """One step of the LSTM: full lines forwards, and beside each of them a dashed one back with its factor."""
    gates = {"f": (2.2, "σ", "$f(1-f)$"), "i": (3.6, "σ", "$i(1-i)$")}
    gates |= {"g": (5.0, "tanh", r"$1-\tilde{c}^2$"), "o": (6.4, "σ", "$o(1-o)$")}
    with board(9.2, 6.5) as (figure, axes):

        def text(x: float, y: float, words: str, *, ha: str = "center", va: str = "center", size: float = 9.5) -> None:
            axes.text(x, y, words, ha=ha, va=va, fontsize=size)

        # forwards
        path(axes, (0.2, 1.0), (1.3, 1.0), colour=COLOUR["h"], head=False)
        path(axes, (1.3, 1.0), (6.4, 1.0), head=False)
        axes.plot([2.2, 3.6, 5.0], [1.0] * 3, "o", color=INK, markersize=4, zorder=3)  # where it branches
        path(axes, (1.0, 0.45), (1.0, 0.7), (1.3, 1.0), colour=COLOUR["x"], head=False)
        text(0.2, 1.12, "$h_{t-1}$", ha="left", va="bottom", size=11)
        text(1.0, 0.15, "$x_t$", size=11)
        for key, (x, words, slope) in gates.items():
            arrow(axes, (x, 1.0), (x, 1.82))
            box(axes, x, 2.1, words, key, w=0.98, h=0.56)
            back(axes, (x - 0.2, 1.8), (x - 0.2, 1.06))
            text(x + 0.1, 1.42, slope, ha="left", size=8.5)
        path(axes, (0.2, 5.3), (1.96, 5.3), colour=COLOUR["c"], width=2.4)
        operation(axes, 2.2, 5.3, "×", "f")
        arrow(axes, (2.2, 2.38), (2.2, 5.06), colour=COLOUR["f"])
        path(axes, (3.6, 2.38), (3.6, 3.7), (4.06, 3.7), colour=COLOUR["i"])
        path(axes, (5.0, 2.38), (5.0, 3.7), (4.54, 3.7), colour=COLOUR["g"])
        operation(axes, 4.3, 3.7, "×", "i")
        path(axes, (2.44, 5.3), (4.06, 5.3), colour=COLOUR["c"], width=2.4)
        arrow(axes, (4.3, 3.94), (4.3, 5.06))
        operation(axes, 4.3, 5.3, "+", "c")
        path(axes, (4.54, 5.3), (9.0, 5.3), colour=COLOUR["c"], width=2.4)
        path(axes, (6.4, 2.38), (6.4, 3.0), (7.36, 3.0), colour=COLOUR["o"])
        axes.plot([7.6], [5.3], marker="o", color=COLOUR["c"], markersize=4, zorder=3)
        arrow(axes, (7.6, 5.3), (7.6, 4.48), colour=COLOUR["c"])
        box(axes, 7.6, 4.2, "tanh", "c", w=0.98, h=0.56)
        arrow(axes, (7.6, 3.92), (7.6, 3.24), colour=COLOUR["c"])
        operation(axes, 7.6, 3.0, "×", "h")
        path(axes, (7.6, 2.76), (7.6, 1.0), (9.0, 1.0), colour=COLOUR["h"])
        text(0.2, 5.12, "$c_{t-1}$", ha="left", va="top", size=11)
        text(9.0, 5.12, "$c_t$", ha="right", va="top", size=11)
        text(9.0, 0.88, "$h_t$", ha="right", va="top", size=11)

        # backwards
        back(axes, (9.0, 5.62), (4.55, 5.62))
        text(9.0, 5.75, r"$\partial L/\partial c_t$, from step $t+1$", ha="right", va="bottom")
        back(axes, (4.05, 5.62), (2.45, 5.62))
        back(axes, (1.95, 5.62), (0.2, 5.62))
        text(1.1, 5.75, "$\\odot\\; f$", va="bottom")
        back(axes, (9.0, 1.28), (7.85, 1.28), (7.85, 2.74))
        text(9.05, 1.4, r"$\partial L/\partial h_t$", ha="right", va="bottom")
        back(axes, (7.85, 3.25), (7.85, 3.88))
        text(8.0, 3.56, "$\\odot\\; o$", ha="left")
        back(axes, (7.85, 4.52), (7.85, 5.22))
        text(7.45, 4.86, r"$\odot\,(1-\tanh^2 c_t)$", ha="right")
        back(axes, (7.36, 3.27), (6.15, 3.27), (6.15, 2.42))
        text(6.85, 3.37, r"$\odot\,\tanh c_t$", va="bottom")
        back(axes, (1.95, 5.05), (1.95, 2.42))
        text(1.82, 3.7, "$\\odot\\; c_{t-1}$", ha="right")
        back(axes, (4.55, 5.05), (4.55, 3.95))
        back(axes, (4.1, 3.97), (3.35, 3.97), (3.35, 2.42))
        text(3.22, 3.2, r"$\odot\;\tilde{c}$", ha="right")
        back(axes, (4.6, 3.93), (5.25, 3.93), (5.25, 2.42))
        text(5.38, 3.2, "$\\odot\\; i$", ha="left")
        back(axes, (6.4, 0.74), (0.2, 0.74))
        text(0.2, 0.62, "$U^\\top$", ha="left", va="top")
        back(axes, (1.4, 0.74), (1.4, 0.2))
        text(1.55, 0.35, "$W^\\top$", ha="left", size=9.5)
        text(3.1, 0.62, "all four add up", ha="left", va="top")
    return figure
