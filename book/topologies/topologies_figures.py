"""Figures of the chapter on topologies. Each function returns a figure; `drawing.show` puts it on the page.

One visual language: a square at the bottom is an input, a box in the middle a step, a pill at the top an output,
and a line to the right is the state. A second network (a decoder) has a frame of its own colour and its own name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, FAINT, MARKER, WIDTH, arrow, board, box
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from numpy.typing import NDArray


@dataclass(frozen=True)
class Step:
    """One step of a network: what goes in, what comes out, and the name of the network."""

    given: str = ""
    told: str = ""
    name: str = "step"
    key: str = "h"


def _input(axes: Axes, x: float, y: float, text: str, *, w: float, h: float) -> None:
    colour = COLOUR["x"]
    corner = (x - w / 2, y - h / 2)
    axes.add_patch(Rectangle(corner, w, h, facecolor=colour + "2e", edgecolor=colour, linewidth=1.6, zorder=3))
    axes.text(x, y, text, ha="center", va="center", fontsize=10, zorder=4)


def _output(axes: Axes, x: float, y: float, text: str, *, w: float, h: float) -> None:
    colour = COLOUR["y"]
    style = f"round,pad=0,rounding_size={h / 2}"
    shape = FancyBboxPatch(
        (x - w / 2, y - h / 2), w, h, boxstyle=style, facecolor=colour + "2e", edgecolor=colour, linewidth=1.6, zorder=3
    )
    axes.add_patch(shape)
    axes.text(x, y, text, ha="center", va="center", fontsize=10, zorder=4)


def chain(steps: Sequence[Step], start: str = "", *, states: Sequence[str] = (), feedback: bool = False) -> Figure:
    """The steps from left to right. `start` names the state they start from, `states` those between them.

    With `feedback` each output goes, dashed, to the input of the next step.
    """
    with board(9.2, 4.3) as (figure, axes):
        count = len(steps)
        gap = min(2.2, 8.6 / count)
        left = 4.6 - gap * (count - 1) / 2 + (0.35 if start and count > 5 else 0)
        wide = min(1.5, gap - (0.5 if feedback else 0.36))
        for number, step in enumerate(steps):
            x = left + gap * number
            box(axes, x, 2.15, step.name, step.key, w=wide, h=0.74, size=10)
            if step.given:
                _input(axes, x, 0.5, step.given, w=wide, h=0.66)
                arrow(axes, (x, 0.83), (x, 1.78), colour=COLOUR["x"])
            if step.told:
                _output(axes, x, 3.8, step.told, w=wide, h=0.66)
                arrow(axes, (x, 2.52), (x, 3.47), colour=COLOUR["y"])
            if number:
                arrow(axes, (x - gap + wide / 2, 2.15), (x - wide / 2, 2.15), colour=COLOUR["h"], width=2.2)
            if number and states:
                axes.text(x - gap / 2, 2.3, states[number - 1], ha="center", va="bottom", fontsize=10)
            if number and feedback and steps[number - 1].told and step.given:
                middle = x - gap / 2
                line = ([x - gap + wide / 2, middle, middle], [3.8, 3.8, 0.5])
                axes.plot(*line, color=COLOUR["y"], linewidth=1.3, linestyle="--", zorder=2)
                arrow(axes, (middle, 0.5), (x - wide / 2, 0.5), colour=COLOUR["y"])
        if start:
            arrow(axes, (left - wide / 2 - 0.55, 2.15), (left - wide / 2, 2.15), colour=COLOUR["h"], width=2.2)
            axes.text(left - wide / 2 - 0.62, 2.15, start, ha="right", va="center")
    return figure


def overview() -> Figure:
    """The five, small: squares go in, boxes are steps, pills come out."""
    panels = {  # steps that read, steps that answer, how many steps, where the second network begins
        "one to one": ((1.55, 5.75), [0], [0], 1, 1),
        "one to many": ((4.6, 5.75), [0], [0, 1, 2], 3, 3),
        "many to one": ((7.65, 5.75), [0, 1, 2], [2], 3, 3),
        "many to many,\nencoder–decoder": ((2.5, 1.55), [0, 1, 2], [3, 4], 5, 3),
        "many to many,\nin step": ((7.1, 1.55), [0, 1, 2], [0, 1, 2], 3, 3),
    }
    with board(9.2, 8.3) as (figure, axes):
        for name, ((centre, base), reads, tells, count, second) in panels.items():
            gap = 0.92
            for number in range(count):
                x = centre + gap * (number - (count - 1) / 2)
                box(axes, x, base + 0.85, "", "h" if number < second else "c", w=0.5, h=0.44)
                if number:
                    arrow(axes, (x - gap + 0.25, base + 0.85), (x - 0.25, base + 0.85), colour=COLOUR["h"])
                if number in reads:
                    _input(axes, x, base - 0.05, "", w=0.42, h=0.36)
                    arrow(axes, (x, base + 0.13), (x, base + 0.63), colour=COLOUR["x"])
                if number in tells:
                    _output(axes, x, base + 1.75, "", w=0.5, h=0.34)
                    arrow(axes, (x, base + 1.07), (x, base + 1.58), colour=COLOUR["y"])
            axes.text(centre, base - 0.42, name, ha="center", va="top", fontsize=11, linespacing=1.25)
    return figure


def who_knows(panels: Mapping[str, NDArray[np.bool_]]) -> Figure:
    """For each pattern a grid, a row an output and a column an input; a mark where the output depends on the input."""
    figure, boards = plt.subplots(1, len(panels), figsize=(WIDTH, 2.3), squeeze=False, layout="constrained")
    for axes, (name, depends) in zip(boards[0], panels.items(), strict=True):
        rows, columns = depends.shape
        for row in range(rows):
            for column in range(columns):
                known = bool(depends[row, column])
                colour = COLOUR["h"] if known else FAINT
                axes.add_patch(
                    Rectangle((column, row), 1, 1, facecolor=colour + ("40" if known else "00"), edgecolor=FAINT)
                )
                if known:
                    axes.plot(column + 0.5, row + 0.5, MARKER["h"], color=colour, markersize=4.5)
        axes.set(xlim=(0, columns), ylim=(rows, 0), aspect="equal", xlabel="input")
        axes.set_xticks(np.arange(columns) + 0.5, [str(n + 1) for n in range(columns)], fontsize=10)
        axes.set_yticks(np.arange(rows) + 0.5, [str(n + 1) for n in range(rows)], fontsize=10)
        axes.tick_params(length=0)
        axes.set_title(name, fontsize=10)
        for spine in axes.spines.values():
            spine.set_visible(False)
    boards[0][0].set_ylabel("output")
    return figure


def pipelines(columns: Mapping[str, Sequence[str]]) -> Figure:
    """Layers and the shapes between them, from the bottom to the top. Odd entries are layers, even ones shapes."""
    tallest = max(len(entries) for entries in columns.values())
    height = 0.62 * tallest + 0.45
    width = 9.2 / len(columns)
    with board(9.2, height) as (figure, axes):
        for number, (name, entries) in enumerate(columns.items()):
            x = width * (number + 0.5)
            axes.text(x, 0.4 + 0.62 * len(entries), name, ha="center", va="center", fontsize=11, fontweight="bold")
            for level, text in enumerate(entries):
                y = 0.3 + 0.62 * level
                if level % 2:
                    key = "h" if "RNN" in text or "GRU" in text else "w"
                    box(axes, x, y, text, key, w=min(3.8, width - 0.2), h=0.46, size=10)
                    arrow(axes, (x, y + 0.23), (x, y + 0.45))
                else:
                    axes.text(x, y, text, ha="center", va="center", fontsize=10)
                    if level + 1 < len(entries):
                        arrow(axes, (x, y + 0.17), (x, y + 0.39))
    return figure


def two_networks(
    source: str, encoder: str, state: str, target: str, decoder: str, states: str, dense: str, answer: str
) -> Figure:
    """Encoder and decoder in Keras, with the shape at every arrow."""
    with board(9.2, 4.5) as (figure, axes):
        box(axes, 1.75, 1.5, encoder, "h", w=3.1, h=0.6, size=10)
        box(axes, 7.2, 1.5, decoder, "c", w=3.8, h=0.6, size=10)
        box(axes, 7.2, 3.0, dense, "w", w=3.0, h=0.6, size=10)
        for x, y, text in ((1.75, 0.3, source), (7.2, 0.3, target), (7.2, 4.2, answer)):
            axes.text(x, y, text, ha="center", va="center", fontsize=10)
        arrow(axes, (1.75, 0.5), (1.75, 1.2), colour=COLOUR["x"])
        arrow(axes, (7.2, 0.5), (7.2, 1.2), colour=COLOUR["x"])
        arrow(axes, (3.3, 1.5), (5.3, 1.5), colour=COLOUR["h"], width=2.2)
        axes.text(4.3, 1.68, state, ha="center", va="bottom", fontsize=10)
        axes.text(4.3, 1.32, "state", ha="center", va="top", fontsize=10)
        arrow(axes, (7.2, 1.8), (7.2, 2.7))
        axes.text(7.35, 2.25, states, ha="left", va="center", fontsize=10)
        arrow(axes, (7.2, 3.3), (7.2, 4.0), colour=COLOUR["y"])
    return figure


def by_step(results: Mapping[str, NDArray[np.floating]], chance: float) -> Figure:
    """The share of right answers at each step, a line for each seed of a model, with the level of guessing."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.8))
    for (name, values), key, dash in zip(results.items(), "xch", (":", "-", "--"), strict=False):
        seeds = np.atleast_2d(values)
        steps = np.arange(1, seeds.shape[1] + 1)
        for number, one in enumerate(seeds):
            label = None if number else name
            axes.plot(steps, one, dash, color=COLOUR[key], marker=MARKER[key], linewidth=1.2, markersize=4, label=label)
    axes.axhline(chance, color=FAINT, linewidth=1)
    axes.text(len(steps) + 0.1, chance + 0.02, "guessing", ha="right", va="bottom", fontsize=10)
    axes.set(xlabel="step of the answer", ylabel="share of right answers", ylim=(0, 1.06), xticks=steps)
    axes.legend(fontsize=10, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncol=1)
    return figure


def merged(width: int = 3, steps: int = 4) -> Figure:
    """What a bidirectional layer hands on at each step: forward half first, then backward half."""
    with board(9.2, 4.2) as (figure, axes):
        for step in range(steps):
            x = 2.75 + 1.75 * step
            for unit in range(width):
                for half, key in enumerate(("h", "o")):
                    colour = COLOUR[key]
                    corner = (x - 0.3, 3.35 - 0.44 * (half * width + unit) - 0.44)
                    axes.add_patch(
                        Rectangle(
                            corner,
                            0.6,
                            0.44,
                            facecolor=colour + "2e",
                            edgecolor=colour,
                            hatch="" if key == "h" else "//",
                            linewidth=1.2,
                        )
                    )
            axes.text(x, 0.12, f"step {step + 1}", ha="center", va="center", fontsize=10)
        axes.text(0.1, 2.69, "forwards", ha="left", va="center", fontsize=10)
        axes.text(0.1, 1.37, "backwards", ha="left", va="center", fontsize=10)
        last = 2.75 + 1.75 * (steps - 1)
        arrow(axes, (2.3, 3.72), (last + 0.45, 3.72), colour=COLOUR["h"])
        axes.text(2.1, 3.72, "reads", ha="right", va="center", fontsize=10)
        arrow(axes, (last + 0.45, 0.46), (2.3, 0.46), colour=COLOUR["o"])
        axes.text(2.1, 0.46, "reads", ha="right", va="center", fontsize=10)
    return figure
