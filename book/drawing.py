"""The visual language of the book: one colour and one marker for each quantity, and one way to show a figure.

A figure is drawn with matplotlib, turned into inline SVG, and everything drawn in `INK` becomes
`currentColor`. So one picture serves the light and the dark theme, and scales to a phone. Its text is
drawn as outlines: what a phone has for fonts cannot move a label or a subscript. Every figure carries a
text for readers who cannot see it.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Rectangle

INK = "#010203"
"""Text, axes and arrows. It is replaced by the reader's own text colour."""

FAINT = "#8a8f98"
"""Grid lines and what should stay in the background."""

COLOUR = {
    "x": "#3b82d6",  # input
    "h": "#219a6c",  # hidden state
    "c": "#d9771f",  # cell state
    "y": "#c4559b",  # output of the model
    "f": "#d8485a",  # forget gate
    "i": "#1496a8",  # input gate
    "o": "#8a68cf",  # output gate
    "g": "#94881c",  # candidate
    "z": "#d8485a",  # update gate: it does the forget gate's work
    "r": "#8a68cf",  # reset gate
    "w": "#6f7f95",  # weights
}
"""One colour a quantity, each at least 3:1 against the white and the dark page."""

MARKER = {
    "x": "s",
    "h": "o",
    "c": "D",
    "y": "P",
    "f": "v",
    "i": "^",
    "o": "X",
    "g": "*",
    "z": "v",
    "r": "X",
    "w": ".",
}
"""One marker a quantity, so that colour is never the only carrier of meaning."""

DASHES = ("-", "--", "-.", ":", (0, (4, 1, 1, 1, 1, 1)))
"""Line styles in the order in which a figure uses them, beside the colours."""

WIDTH = 4.6
"""Inches. Narrow on purpose: at phone width the text of a figure stays readable."""

DIMMED = 0.24
"""Opacity of the parts of a drawing that its page does not speak of yet."""

mpl.rcParams.update(
    {
        "figure.figsize": (WIDTH, 2.8),
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
        "svg.fonttype": "path",
        "font.family": "sans-serif",
        "font.size": 11,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "patch.edgecolor": INK,
        "hatch.color": INK,
        "axes.titlecolor": INK,
        "axes.titlesize": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": False,
        "axes.prop_cycle": cycler(color=list(dict.fromkeys(COLOUR.values()))),
        "grid.color": FAINT,
        "grid.linewidth": 0.4,
        "xtick.color": INK,
        "ytick.color": INK,
        "text.color": INK,
        "legend.frameon": False,
        "lines.linewidth": 1.8,
        "lines.markersize": 5,
    }
)


class Picture:
    """A finished figure: inline SVG for the site, its PDF and Jupyter, a text for everyone else."""

    def __init__(self, svg: str, alt: str) -> None:
        self.svg, self.alt = svg, alt

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {
            "text/html": f'<div class="drawing">{self.svg}</div>',
            "text/plain": self.alt,
        }


def show(figure: Figure, alt: str) -> None:
    """Display `figure` with `alt`, a sentence or two that says what can be seen in it."""
    display(picture(figure, alt))  # type: ignore[no-untyped-call]
    plt.close(figure)


def picture(figure: Figure, alt: str) -> Picture:
    """Turn `figure` into a `Picture`. Same drawing, same bytes: ids come from a hash of the text."""
    if len(alt.split()) < 5:
        raise ValueError("alt says what can be seen in the figure, in at least five words")
    key = hashlib.sha256(alt.encode()).hexdigest()[:8]
    as_svg = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": key}):
        figure.savefig(as_svg, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    svg = re.search(r"<svg.*</svg>", as_svg.getvalue(), flags=re.DOTALL)
    assert svg is not None
    text = re.sub(r"<metadata>.*?</metadata>", "", svg[0], flags=re.DOTALL)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{key}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{key}-\1"', text)
    text = text.replace(INK, "currentColor")
    label = html.escape(alt, quote=True)
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', text)
    assert size is not None
    style = f'style="width:{float(size[1]) * 1.5:.0f}px" role="img" aria-label="{label}"'
    text = text.replace(size[0], style, 1)
    return Picture(re.sub(r"\n\s*", "\n", text), alt)


@contextmanager
def canvas(width: float, height: float, *, inches: float = WIDTH) -> Iterator[tuple[Figure, Axes]]:
    """An empty drawing board of `width` by `height` units, equal on both axes, without ticks."""
    figure, axes = plt.subplots(figsize=(inches, inches * height / width))
    axes.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    axes.axis("off")
    yield figure, axes


@contextmanager
def board(width: float, height: float) -> Iterator[tuple[Figure, Axes]]:
    """A `canvas` without margins, so that its drawing is as wide as every other figure."""
    with canvas(width, height) as (figure, axes):
        figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
        yield figure, axes


@contextmanager
def part(axes: Axes, lit: bool) -> Iterator[None]:
    """Dim what is drawn inside this block unless it is `lit`."""
    known = {id(artist) for artist in (*axes.patches, *axes.texts, *axes.lines)}
    yield
    for artist in (*axes.patches, *axes.texts, *axes.lines):
        if id(artist) not in known and not lit:
            artist.set_alpha(DIMMED)


def box(
    axes: Axes, x: float, y: float, text: str, quantity: str = "w", *, w: float = 1.0, h: float = 0.6, size: float = 11
) -> None:
    """A rounded box centred at (x, y), outlined in the colour of `quantity`."""
    colour = COLOUR[quantity]
    shape = FancyBboxPatch(
        (x - w / 2, y - h / 2),
        w,
        h,
        boxstyle="round,pad=0,rounding_size=0.12",
        facecolor=colour + "2e",
        edgecolor=colour,
        linewidth=1.6,
        zorder=3,
    )
    axes.add_patch(shape)
    axes.text(x, y, text, ha="center", va="center", fontsize=size, zorder=4)


def operation(axes: Axes, x: float, y: float, text: str, quantity: str = "w", *, radius: float = 0.24) -> None:
    """A round node for a pointwise operation, such as × or +."""
    colour = COLOUR[quantity]
    axes.add_patch(Circle((x, y), radius, facecolor=colour + "2e", edgecolor=colour, linewidth=1.6, zorder=3))
    axes.text(x, y, text, ha="center", va="center_baseline", fontsize=12, zorder=4)


def arrow(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    colour: str = INK,
    bend: float = 0.0,
    width: float = 1.3,
    dashed: bool = False,
) -> None:
    """An arrow from `start` to `end`; `bend` curves it."""
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=10,
            color=colour,
            linewidth=width,
            linestyle="--" if dashed else "-",
            connectionstyle=f"arc3,rad={bend}",
            shrinkA=0,
            shrinkB=0,
            zorder=2,
        )
    )


def path(axes: Axes, *points: tuple[float, float], colour: str = INK, width: float = 1.3, head: bool = True) -> None:
    """A bent line through the points, with an arrow's head unless it ends in a junction."""
    for start, end in pairwise(points[:-1] if head else points):
        axes.plot([start[0], end[0]], [start[1], end[1]], color=colour, linewidth=width, zorder=2)
    if head:
        arrow(axes, points[-2], points[-1], colour=colour, width=width)


def carried(*states: str, steps: int = 3) -> Figure:
    """One cell at several steps and the one or two states it hands on, the first one thick: `carried("c", "h")`."""
    height = 0.6 + 0.8 * len(states)
    rows = [2.75, 1.65] if len(states) == 2 else [1.8]
    with board(9.2, height + 2.2) as (figure, axes):
        for step in range(steps):
            centre = 2.0 + 2.6 * step
            box(axes, centre, 1.1 + height / 2, "cell", "w", w=1.3, h=height)
            arrow(axes, (centre, 0.55), (centre, 1.1), colour=COLOUR["x"])
            axes.text(centre, 0.25, f"$x_{step + 1}$", ha="center", va="center")
            arrow(axes, (centre, 1.1 + height), (centre, 1.65 + height), colour=COLOUR["h"])
            axes.text(centre, 1.95 + height, f"$h_{step + 1}$", ha="center", va="center")
        for step in range(steps + 1):
            left = 0.2 if step == 0 else 2.65 + 2.6 * (step - 1)
            right = 1.35 + 2.6 * step if step < steps else 9.0
            for row, (state, y) in enumerate(zip(states, rows, strict=True)):
                arrow(axes, (left, y), (right, y), colour=COLOUR[state], width=1.3 if row else 3.0)
                label, side = (y - 0.2, "top") if row else (y + 0.26, "bottom")
                axes.text((left + right) / 2 - 0.08, label, f"${state}_{step}$", ha="center", va=side)
    return figure


def array_cells(
    axes: Axes,
    values: list[list[object]],
    x: float,
    y: float,
    quantity: str = "x",
    *,
    size: float = 0.6,
    marked: set[tuple[int, int]] | None = None,
) -> None:
    """A matrix drawn as a grid of numbers, top left corner at (x, y); `marked` cells are filled."""
    colour = COLOUR[quantity]
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            filled = marked is not None and (row, column) in marked
            corner = (x + column * size, y - (row + 1) * size)
            axes.add_patch(
                Rectangle(
                    corner,
                    size,
                    size,
                    facecolor=colour + ("66" if filled else "1a"),
                    edgecolor=colour,
                    linewidth=2.2 if filled else 1.0,
                    zorder=4 if filled else 3,
                )
            )
            axes.text(corner[0] + size / 2, corner[1] + size / 2, str(value), ha="center", va="center", zorder=5)
