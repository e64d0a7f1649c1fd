"""Pictures as inline SVG. Each says in words what it shows, and none shows anything by its colour alone."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

BAR, GAP, TALL = 28, 4, 84
"""Of the histogram: the width of a bar, the space between two, the height of the tallest, in units of the picture."""
STRIP = 24
"""The height of a strip."""


def histogram(counts: Sequence[int], what: str) -> Markup:
    """How many of `what` have up to a tenth of the points, up to two tenths, and so on."""
    most = max(counts, default=0) or 1
    width = len(counts) * (BAR + GAP) + GAP
    parts = []
    for number, count in enumerate(counts):
        height = round(TALL * count / most, 1)
        x, top = GAP + number * (BAR + GAP), 16 + TALL - height
        parts.append(f'<rect x="{x}" y="{top:g}" width="{BAR}" height="{max(height, 1):g}"/>')
        if count:
            parts.append(f'<text x="{x + BAR / 2:g}" y="{top - 4:g}">{count}</text>')
    edges = (0, len(counts) // 2, len(counts))
    anchors = ("start", "middle", "end")
    for edge, anchor in zip(edges, anchors, strict=True):
        place = f'x="{GAP // 2 + edge * (BAR + GAP)}" y="{TALL + 32}" style="text-anchor:{anchor}"'
        parts.append(f'<text class="axis" {place}>{100 * edge // len(counts)} %</text>')
    step = 100 // len(counts)
    said = ", ".join(f"{count} from {n * step} to {(n + 1) * step} %" for n, count in enumerate(counts) if count)
    label = escape(f"Distribution of points, {what}: {said or 'none'}.")
    box = f'viewBox="0 0 {width} {TALL + 38}"'
    return Markup(f'<svg class="histogram" role="img" aria-label="{label}" {box}>{"".join(parts)}</svg>')


def strip(columns: Sequence[float], share: float) -> Markup:
    """The class from those with most points, left, to those with fewest: each column is as high as its share."""
    path = "".join(f"M{n} {STRIP}v{-STRIP * one:g}h.9v{STRIP * one:g}z" for n, one in enumerate(columns) if one > 0)
    third = max(len(columns) // 3, 1)
    first, last = (sum(part) / len(part) if part else 0.0 for part in (columns[:third], columns[-third:]))
    label = f"{share:.0%} of the points; the best third of the class has {first:.0%}, the last third {last:.0%}."
    return Markup(
        f'<svg class="strip" role="img" aria-label="{escape(label)}" viewBox="0 0 {max(len(columns), 1)} {STRIP}" '
        f'preserveAspectRatio="none"><path d="{path}"/></svg>'
    )
