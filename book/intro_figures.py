"""The figure of the page `intro`: the chapters and what builds on what."""

from __future__ import annotations

from drawing import arrow, board, box
from matplotlib.figure import Figure

PLACES = {
    "1 Recurrent\nnetworks": (1.55, 6.35, "h"),
    "2 Gradients": (1.55, 4.75, "h"),
    "3 LSTM": (1.55, 3.25, "h"),
    "4 GRU": (1.55, 1.75, "h"),
    "5 Topologies": (4.6, 4.75, "y"),
    "6 Layers": (7.65, 4.75, "x"),
    "7 Applications": (6.1, 1.75, "c"),
    "8 Review": (6.1, 0.4, "w"),
}
"""Each chapter in the order of reading: its number and name, where its box stands, and its colour."""

NEEDS = (
    ("1 Recurrent\nnetworks", "2 Gradients"),
    ("1 Recurrent\nnetworks", "5 Topologies"),
    ("2 Gradients", "3 LSTM"),
    ("3 LSTM", "4 GRU"),
    ("3 LSTM", "5 Topologies"),
    ("4 GRU", "7 Applications"),
    ("5 Topologies", "7 Applications"),
    ("6 Layers", "7 Applications"),
    ("7 Applications", "8 Review"),
)
"""Pairs of chapters: the second builds on the first."""

HALF_WIDTH, HALF_HEIGHT = 1.35, 0.36


def chapters() -> Figure:
    """A box for each chapter, an arrow to each that builds on it."""
    with board(9.2, 6.9) as (figure, axes):
        for text, (x, y, colour) in PLACES.items():
            height = 2 * HALF_HEIGHT + 0.3 * text.count("\n")
            box(axes, x, y, text, colour, w=2 * HALF_WIDTH, h=height, size=10.5)
        for first, second in NEEDS:
            (x, y, _), (to_x, to_y, _) = PLACES[first], PLACES[second]
            if x == to_x:
                below = HALF_HEIGHT + 0.15 * first.count("\n")
                arrow(axes, (x, y - below), (to_x, to_y + HALF_HEIGHT))
            elif y == to_y:
                arrow(axes, (x + HALF_WIDTH, y), (to_x - HALF_WIDTH, to_y))
            elif first == "1 Recurrent\nnetworks":
                arrow(axes, (x + HALF_WIDTH, y - 0.2), (to_x - 0.4, to_y + HALF_HEIGHT))
            elif first == "3 LSTM":
                arrow(axes, (x + HALF_WIDTH, y + 0.15), (to_x - 0.4, to_y - HALF_HEIGHT))
            else:
                side = 0.5 if x > to_x else -0.5
                arrow(axes, (x - side * 0.6, y - HALF_HEIGHT), (to_x + side, to_y + HALF_HEIGHT))
    return figure
