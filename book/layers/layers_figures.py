"""The drawings of the chapter on layers. The cells of its pages only say what is drawn and what can be seen."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLOUR, FAINT, INK, MARKER, WIDTH, array_cells, arrow, canvas
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray

Numbers = NDArray[np.floating] | NDArray[np.integer]


def strip(
    axes: Axes,
    values: Sequence[object],
    x: float,
    y: float,
    quantity: str = "x",
    *,
    size: float = 0.6,
    marked: Sequence[int] = (),
    padded: Sequence[int] = (),
) -> None:
    """One row of cells, top left corner at (x, y). `marked` cells are filled, `padded` ones have a dashed edge."""
    for column, value in enumerate(values):
        left = x + column * size
        if column in padded:
            axes.add_patch(
                Rectangle((left, y - size), size, size, facecolor="none", edgecolor=FAINT, linestyle=(0, (2, 2)))
            )
            axes.text(left + size / 2, y - size / 2, str(value), ha="center", va="center")
        else:
            array_cells(axes, [[value]], left, y, quantity, size=size, marked={(0, 0)} if column in marked else None)


def bracket(axes: Axes, left: float, right: float, y: float, *, dashed: bool = False) -> None:
    """A bracket under the cells from `left` to `right`."""
    tip = 0.14
    axes.plot(
        [left, left, right, right],
        [y + tip, y, y, y + tip],
        color=INK,
        linewidth=1.4,
        linestyle="--" if dashed else "-",
    )


def accuracy_by_position(dense: Numbers, convolution: Numbers, *, trained: int) -> Figure:
    """Accuracy at each position of the pattern; the positions seen in training are shaded."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.9))
    axes.axvspan(-0.5, trained - 0.5, color=FAINT, alpha=0.22, linewidth=0)
    positions = np.arange(len(dense))
    axes.plot(positions, convolution, color=COLOUR["h"], marker=MARKER["h"], label="Conv1D", markersize=4)
    axes.plot(positions, dense, color=COLOUR["f"], marker=MARKER["f"], linestyle="--", label="Dense", markersize=4)
    axes.axhline(0.5, color=INK, linewidth=0.8, linestyle=":")
    axes.text((trained - 1) / 2, 0.12, "in the\ntraining set", ha="center", va="center")
    axes.text((trained + len(dense) - 1) / 2, 0.12, "new positions", ha="center", va="center")
    axes.set(
        xlabel="step at which the pattern begins", ylabel="accuracy", ylim=(0, 1.05), xlim=(-0.5, len(dense) - 0.5)
    )
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure


def sliding_window(x: Sequence[int], kernel: Sequence[int], outputs: Sequence[int]) -> Figure:
    """One row for each place of the window: the input, the kernel under it, the output."""
    size, left, row_height = 0.6, 0.95, 1.5
    k = len(kernel)
    end = left + len(x) * size
    with canvas(end + 1.5, row_height * len(outputs)) as (figure, axes):
        for t, output in enumerate(outputs):
            top = row_height * (len(outputs) - t) - 0.05
            axes.text(0.4, top - size / 2, f"$t={t}$", ha="center", va="center")
            strip(axes, x, left, top, "x", size=size, marked=range(t, t + k))
            strip(axes, kernel, left + t * size, top - size, "w", size=size)
            arrow(axes, (end + 0.12, top - size / 2), (end + 0.68, top - size / 2))
            strip(axes, [output], end + 0.8, top, "y", size=size, marked=[0])
    return figure


def padding_kinds(x: Sequence[int], pads: dict[str, tuple[int, int]], k: int) -> Figure:
    """The same input under each kind of padding, with the first and the last window bracketed."""
    size, row_height = 0.5, 1.75
    widest = max(before for before, _ in pads.values())
    columns = widest + len(x) + max(after for _, after in pads.values())
    with canvas(columns * size + 0.1, row_height * len(pads)) as (figure, axes):
        for row, (name, (before, after)) in enumerate(pads.items()):
            top = row_height * (len(pads) - row) - 0.5
            left = 0.05 + (widest - before) * size
            n = before + len(x) + after
            zeros = [*range(before), *range(before + len(x), n)]
            strip(axes, [0] * before + list(x) + [0] * after, left, top, size=size, padded=zeros)
            axes.text(
                0.05, top + 0.12, f"{name}: {before} before, {after} after, {n - k + 1} outputs", ha="left", va="bottom"
            )
            bracket(axes, left + 0.04, left + k * size - 0.04, top - size - 0.22)
            bracket(axes, left + (n - k) * size + 0.04, left + n * size - 0.04, top - size - 0.46, dashed=True)
    return figure


def dilations(n: int, k: int, rates: Sequence[int]) -> Figure:
    """The first window of a kernel of `k` taps for several dilation rates."""
    size, row_height = 0.5, 1.2
    with canvas(n * size + 0.1, row_height * len(rates)) as (figure, axes):
        for row, d in enumerate(rates):
            top = row_height * (len(rates) - row) - 0.5
            strip(axes, range(n), 0.05, top, size=size, marked=range(0, d * (k - 1) + 1, d))
            axes.text(0.05, top + 0.1, f"$d={d}$: {k} taps span {d * (k - 1) + 1} steps", ha="left", va="bottom")
    return figure


def receptive_field(k: int, rates: Sequence[int], n: int) -> Figure:
    """Stacked causal layers: every path that leads to the last output."""
    gap, left, radius = 0.62, 1.95, 0.17
    with canvas(left + n * gap, 0.95 * len(rates) + 0.6) as (figure, axes):
        names = ["input"] + [f"layer {i}, $d={d}$" for i, d in enumerate(rates, start=1)]
        active: set[int] = {n - 1}
        for level in range(len(rates), -1, -1):
            y = 0.3 + 0.95 * level
            axes.text(0.0, y, names[level], ha="left", va="center", fontsize=10)
            quantity = "x" if level == 0 else "y" if level == len(rates) else "h"
            below: set[int] = set()
            for t in range(n):
                centre = (left + t * gap + 0.2, y)
                on = t in active
                colour = COLOUR[quantity] if on else FAINT
                axes.add_patch(
                    Circle(
                        centre,
                        radius,
                        facecolor=colour + ("66" if on else "00"),
                        edgecolor=colour,
                        linewidth=1.8 if on else 0.8,
                        zorder=3,
                    )
                )
                if on and level > 0:
                    for j in range(k):
                        source = t - j * rates[level - 1]
                        below.add(source)
                        start = (left + source * gap + 0.2, y - 0.95 + radius)
                        axes.plot([start[0], centre[0]], [start[1], y - radius], color=INK, linewidth=1.1, zorder=2)
            active = below
    return figure


def window_2d(image: Numbers, kernel: Numbers, output: Numbers, place: tuple[int, int]) -> Figure:
    """An image with one window marked, the kernel, and the output with the matching cell marked."""
    size = 0.6
    rows, columns = image.shape
    kh, kw = kernel.shape
    window = {(place[0] + i, place[1] + j) for i in range(kh) for j in range(kw)}
    height = rows * size + 0.6
    top_edge = rows * size + 0.05
    middle = top_edge - rows * size / 2
    with canvas((columns + kw + output.shape[1]) * size + 1.7, height) as (figure, axes):
        x = 0.05
        array_cells(axes, image.tolist(), x, top_edge, "x", size=size, marked=window)
        axes.text(x + columns * size / 2, top_edge + 0.12, "image", ha="center", va="bottom")
        x += columns * size + 0.4
        axes.text(x - 0.2, middle, "⋆", ha="center", va="center", fontsize=18)
        array_cells(axes, kernel.tolist(), x, middle + kh * size / 2, "w", size=size)
        axes.text(x + kw * size / 2, middle + kh * size / 2 + 0.12, "kernel", ha="center", va="bottom")
        x += kw * size + 1.0
        arrow(axes, (x - 0.85, middle), (x - 0.15, middle))
        top = middle + output.shape[0] * size / 2
        array_cells(axes, output.tolist(), x, top, "y", size=size, marked={place})
        axes.text(x + output.shape[1] * size / 2, top + 0.12, "output", ha="center", va="bottom")
    return figure


def learned_kernels(true: Numbers, learned: Numbers, names: Sequence[str]) -> Figure:
    """Each filter (a column) as it was made and as it was learned."""
    figure, panels = plt.subplots(1, len(names), figsize=(WIDTH, 2.5), sharey=True)
    taps = np.arange(len(true))
    for panel, name, column_true, column_learned in zip(panels, names, true.T, learned.T, strict=True):
        panel.axhline(0, color=FAINT, linewidth=0.8)
        panel.bar(taps, column_true, width=0.62, facecolor=COLOUR["w"] + "55", edgecolor=COLOUR["w"], label="true")
        panel.plot(taps, column_learned, color=COLOUR["f"], marker="X", linestyle="none", markersize=7, label="learned")
        panel.set(title=name, xlabel="tap $j$", xticks=taps)
    panels[0].set_ylabel("weight")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", bbox_to_anchor=(0.5, 0.98), ncols=2)
    figure.tight_layout()
    return figure


def pooling_windows(x: Sequence[int], size: int, strides: Sequence[int]) -> Figure:
    """The windows of one pool size for several strides, as brackets under the input."""
    cell, row_height = 0.6, 1.75
    with canvas(len(x) * cell + 0.1, row_height * len(strides)) as (figure, axes):
        for row, stride in enumerate(strides):
            top = row_height * (len(strides) - row) - 0.5
            starts = range(0, len(x) - size + 1, stride)
            used = {t for start in starts for t in range(start, start + size)}
            unused = [t for t in range(len(x)) if t not in used]
            strip(axes, x, 0.05, top, size=cell, padded=unused)
            axes.text(0.05, top + 0.12, f"stride {stride}: {len(starts)} windows", ha="left", va="bottom")
            for number, start in enumerate(starts):
                y = top - cell - (0.22 if number % 2 == 0 else 0.46)
                bracket(
                    axes, 0.05 + start * cell + 0.05, 0.05 + (start + size) * cell - 0.05, y, dashed=number % 2 == 1
                )
    return figure


def pooling_2d(image: Numbers, maximum: Numbers, average: Numbers) -> Figure:
    """An array cut into 2 by 2 windows, and both ways to sum each one up. One window is marked throughout."""
    cell = 0.62
    rows, columns = image.shape
    window = {(0, columns - 2), (0, columns - 1), (1, columns - 2), (1, columns - 1)}
    place = {(0, columns // 2 - 1)}
    wide = 0.95
    top = rows * cell + 1.3
    with canvas(columns * cell + 1.0 + 2 * wide + 0.2, top + 0.45) as (figure, axes):
        input_top = top - (top - rows * cell) / 2
        array_cells(axes, image.tolist(), 0.05, input_top, "x", size=cell, marked=window)
        axes.text(0.05 + columns * cell / 2, input_top + 0.12, "input", ha="center", va="bottom")
        for k in range(0, columns + 1, 2):
            axes.plot([0.05 + k * cell] * 2, [input_top - rows * cell, input_top], color=INK, linewidth=1.8, zorder=6)
        for k in range(0, rows + 1, 2):
            axes.plot([0.05, 0.05 + columns * cell], [input_top - k * cell] * 2, color=INK, linewidth=1.8, zorder=6)
        x = columns * cell + 1.05
        middle = input_top - rows * cell / 2
        for name, values, y in (("maximum", maximum, top), ("average", average, top - 2 * cell - 0.85)):
            for row in range(2):
                for column in range(2):
                    filled = (row, column) in place
                    corner = (x + column * wide, y - (row + 1) * cell)
                    axes.add_patch(
                        Rectangle(
                            corner,
                            wide,
                            cell,
                            facecolor=COLOUR["y"] + ("66" if filled else "1a"),
                            edgecolor=COLOUR["y"],
                            linewidth=2.2 if filled else 1.0,
                            zorder=4 if filled else 3,
                        )
                    )
                    axes.text(
                        corner[0] + wide / 2,
                        corner[1] + cell / 2,
                        f"{values[row, column]:g}",
                        ha="center",
                        va="center",
                        zorder=5,
                    )
            axes.text(x + wide, y + 0.12, name, ha="center", va="bottom")
            arrow(axes, (x - 0.82, middle + (0.15 if name == "maximum" else -0.15)), (x - 0.12, y - cell))
    return figure


def change_by_shift(shifts: Sequence[int], change: dict[str, Numbers]) -> Figure:
    """How far the features move when the input is shifted; for each kind of pooling (seeds, shifts), a line a seed."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.9))
    looks = [("f", "--"), ("x", "-"), ("c", "-."), ("h", ":")]
    for (name, values), (quantity, line) in zip(change.items(), looks, strict=False):
        for number, one in enumerate(values):
            look = {"color": COLOUR[quantity], "marker": MARKER[quantity], "linestyle": line}
            axes.plot(shifts, one, linewidth=1, markersize=4, label=None if number else name, **look)
    axes.set(xlabel="shift of the input (steps)", ylabel="relative change", xticks=list(shifts), ylim=(-0.05, None))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure


def flattened(array: Sequence[Sequence[int]]) -> Figure:
    """An array and the row that it becomes; the first row is filled in both."""
    cell = 0.62
    rows, columns = len(array), len(array[0])
    flat: list[object] = [value for row in array for value in row]
    width = columns * cell + 1.0 + len(flat) * cell + 0.1
    with canvas(width, rows * cell + 0.1) as (figure, axes):
        top = rows * cell + 0.05
        first = {(0, column) for column in range(columns)}
        array_cells(axes, [list(row) for row in array], 0.05, top, "x", size=cell, marked=first)
        middle = top - rows * cell / 2
        left = 0.05 + columns * cell
        arrow(axes, (left + 0.15, middle), (left + 0.85, middle))
        array_cells(axes, [flat], left + 1.0, middle + cell / 2, "y", size=cell, marked=first)
    return figure


def lookup(indices: Sequence[int], table: Numbers, *, marked: int) -> Figure:
    """Indices, the table with its rows numbered, and the rows that were looked up. One index is filled throughout."""
    cell = 0.62
    rows, dim = table.shape
    height = max(rows, len(indices)) * cell
    top = height + 0.05
    hits = [place for place, index in enumerate(indices) if index == marked]
    with canvas((2 * dim + 1) * cell + 3.2, height + 0.6) as (figure, axes):
        x = 0.3
        array_cells(axes, [[i] for i in indices], x, top, "x", size=cell, marked={(place, 0) for place in hits})
        axes.text(x + cell / 2, top + 0.12, "indices", ha="center", va="bottom")
        table_left = x + cell + 1.35
        array_cells(axes, table.tolist(), table_left, top, "w", size=cell, marked={(marked, c) for c in range(dim)})
        axes.text(table_left + dim * cell / 2, top + 0.12, "table", ha="center", va="bottom")
        for row in range(rows):
            axes.text(table_left - 0.12, top - (row + 0.5) * cell, str(row), ha="right", va="center", fontsize=10)
        out_left = table_left + dim * cell + 1.1
        filled = {(place, c) for place in hits for c in range(dim)}
        array_cells(axes, [table[i].tolist() for i in indices], out_left, top, "y", size=cell, marked=filled)
        axes.text(out_left + dim * cell / 2, top + 0.12, "output", ha="center", va="bottom")
        row_y = top - (marked + 0.5) * cell
        for place in hits:
            y = top - (place + 0.5) * cell
            arrow(axes, (x + cell + 0.08, y), (table_left - 0.4, row_y))
            arrow(axes, (table_left + dim * cell + 0.08, row_y), (out_left - 0.1, y))
    return figure


def word_map(vectors: Numbers, groups: dict[str, range]) -> Figure:
    """The two numbers of each word, one marker for each group."""
    figure, axes = plt.subplots(figsize=(WIDTH, 3.4))
    looks = dict(zip(groups, ("h", "f", "w", "c"), strict=False))
    axes.axhline(0, color=FAINT, linewidth=0.6)
    axes.axvline(0, color=FAINT, linewidth=0.6)
    for name, group in groups.items():
        quantity = looks[name]
        marker = "o" if quantity == "w" else MARKER[quantity]
        x, y = vectors[list(group)].T
        face = "none" if quantity == "w" else COLOUR[quantity]
        axes.plot(
            x,
            y,
            marker=marker,
            linestyle="none",
            color=COLOUR[quantity],
            markerfacecolor=face,
            label=name,
            markersize=6,
        )
    axes.set(xlabel="first number", ylabel="second number")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, handletextpad=0.2)
    return figure


def circle(axes: Axes, radius: float) -> None:
    """A circle about the origin."""
    axes.add_patch(Circle((0, 0), radius, facecolor="none", edgecolor=FAINT, linewidth=1.0))


def clipped_or_scaled(vector: tuple[float, float], limit: float) -> Figure:
    """A vector in the plane, clipped entry by entry and scaled to the limit."""
    figure, axes = plt.subplots(figsize=(WIDTH, 3.6))
    circle(axes, limit)
    axes.add_patch(
        Rectangle((-limit, -limit), 2 * limit, 2 * limit, facecolor="none", edgecolor=FAINT, linestyle=(0, (3, 3)))
    )
    length = float(np.hypot(*vector))
    clipped = (min(vector[0], limit), min(vector[1], limit))
    scaled = (vector[0] * limit / length, vector[1] * limit / length)
    arrow(axes, (0, 0), vector, colour=COLOUR["w"], width=1.8)
    arrow(axes, vector, clipped, colour=COLOUR["f"], dashed=True)
    axes.plot(*clipped, MARKER["f"], color=COLOUR["f"], markersize=9, zorder=4)
    axes.plot(*scaled, MARKER["h"], color=COLOUR["h"], markersize=9, zorder=4)
    axes.text(vector[0] + 0.15, vector[1], f"({vector[0]:g}, {vector[1]:g})", ha="left", va="center")
    axes.text(clipped[0] + 0.25, clipped[1] - 0.05, f"clipped ({clipped[0]:g}, {clipped[1]:g})", ha="left", va="center")
    axes.text(scaled[0] - 1.0, scaled[1] + 0.75, f"scaled\n({scaled[0]:g}, {scaled[1]:g})", ha="center", va="bottom")
    axes.plot([scaled[0] - 0.75, scaled[0] - 0.12], [scaled[1] + 0.68, scaled[1] + 0.14], color=INK, linewidth=0.8)
    axes.set(xlim=(-2.4, 5.2), ylim=(-2.3, 4.6), aspect="equal", xticks=range(-2, 5), yticks=range(-2, 5))
    return figure


def norms_by_axis(kernel: Numbers) -> Figure:
    """One matrix twice: its columns framed, with their norms, and its rows framed, with theirs."""
    cell, rows, columns = 0.62, *kernel.shape
    gap = 1.9
    width = 2 * columns * cell + gap + 1.5
    with canvas(width, rows * cell + 1.35) as (figure, axes):
        top = rows * cell + 0.75
        for axis in (0, 1):
            left = 0.55 + axis * (columns * cell + gap)
            array_cells(axes, kernel.tolist(), left, top, "w", size=cell)
            axes.text(left + columns * cell / 2, top + 0.16, f"axis={axis}", ha="center", va="bottom")
            norms = np.sqrt(np.square(kernel).sum(axis=axis))
            inset = 0.07
            for n, norm in enumerate(norms):
                x, y = (left + n * cell, top - rows * cell) if axis == 0 else (left, top - (n + 1) * cell)
                w, h = (cell, rows * cell) if axis == 0 else (columns * cell, cell)
                axes.add_patch(
                    Rectangle(
                        (x + inset, y + inset),
                        w - 2 * inset,
                        h - 2 * inset,
                        facecolor="none",
                        edgecolor=COLOUR["y"],
                        linewidth=2.0,
                        zorder=6,
                    )
                )
                text = f"{norm:.2f}".rstrip("0").rstrip(".")
                if axis == 0:
                    axes.text(x + cell / 2, y - 0.16, text, ha="center", va="top")
                else:
                    axes.text(x + w + 0.14, y + cell / 2, text, ha="left", va="center")
    return figure


def before_and_after(before: Numbers, after: dict[str, Numbers]) -> Figure:
    """Weight vectors in the plane, before and after each constraint. `before` is (2, units)."""
    figure, panels = plt.subplots(2, 2, figsize=(WIDTH, 5.0), sharex=True, sharey=True)
    for panel, (name, moved) in zip(panels.flat, after.items(), strict=True):
        for radius in (1, 2):
            circle(panel, radius)
        panel.plot([before[0], moved[0]], [before[1], moved[1]], color=FAINT, linewidth=0.7, zorder=1)
        panel.plot(*before, "o", color=COLOUR["w"], markerfacecolor="none", markersize=4, label="before")
        panel.plot(*moved, "o", color=COLOUR["h"], markersize=4, label="after")
        panel.set(title=name, aspect="equal", xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), xticks=(-2, 0, 2), yticks=(-2, 0, 2))
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", bbox_to_anchor=(0.5, 0.97), ncols=2)
    figure.tight_layout()
    return figure


def norms_in_training(norms: dict[str, Numbers]) -> Figure:
    """The norm of the weights after each step, one line for each rule."""
    figure, axes = plt.subplots(figsize=(WIDTH, 3.2))
    looks = [("f", "-"), ("c", "--"), ("x", "-."), ("h", ":"), ("o", "-")]
    for n, ((name, values), (quantity, line)) in enumerate(zip(norms.items(), looks, strict=True)):
        steps = np.arange(1, len(values) + 1)
        axes.plot(
            steps,
            values,
            color=COLOUR[quantity],
            linestyle=line,
            marker=MARKER[quantity],
            markevery=(5 + 4 * n, 20),
            label=name,
        )
    axes.set(xlabel="update", ylabel="norm of the weights", ylim=(0, None))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure
