"""What a link to a page looks like where it is shared: a title, a sentence and a picture that is drawn here.

Other sites read absolute addresses only, so the picture's starts with `html: baseurl`.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
from docutils import nodes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from sphinx.application import Sphinx

CARD = "_static/social-card.png"
SIZE = (1200, 630)
ALT = "A recurrent network unrolled over four steps, and the name of the course."
ABOUT = (
    "A course on recurrent networks: a book whose figures answer to your hand, exercises in NumPy and Keras, "
    "and feedback that names what was misunderstood."
)
LONGEST = 200
"""Characters of a description. What is longer is cut by those who show it."""


def draw(title: str, path: Path) -> None:
    """Draw the picture."""
    width, height = SIZE
    with mpl.rc_context({"font.family": "DejaVu Sans", "text.usetex": False, "svg.fonttype": "none"}):
        figure = Figure(figsize=(width / 100, height / 100), dpi=100, facecolor="#14181e")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0), xlim=(0, width), ylim=(0, height))
        axes.set_axis_off()
        first, _, rest = title.partition(", ")
        axes.text(80, 500, first, size=50, weight="bold", color="#ffffff", va="center")
        axes.text(80, 415, rest, size=36, color="#c9d1d9", va="center")
        for step in range(4):
            left, middle = 80 + 280 * step, 190
            style = "round,pad=0,rounding_size=24"
            axes.add_patch(FancyBboxPatch((left, middle - 60), 160, 120, boxstyle=style, fc="#219a6c", ec="none"))
            axes.text(left + 80, middle, f"$h_{step + 1}$", size=34, color="#ffffff", ha="center", va="center")
            end = left + (276 if step < 3 else 240)
            for start, stop, colour in (
                ((left + 164, middle), (end, middle), "#c9d1d9"),
                ((left + 80, middle - 135), (left + 80, middle - 64), "#6aa9ee"),
            ):
                axes.add_patch(FancyArrowPatch(start, stop, arrowstyle="-|>", mutation_scale=28, lw=5, color=colour))
            axes.text(left + 80, middle - 160, f"$x_{step + 1}$", size=26, color="#6aa9ee", ha="center", va="center")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Software": None})


def draw_card(app: Sphinx, error: Exception | None) -> None:
    """Put the picture beside the other static files."""
    if error is None and app.builder.format == "html":
        draw(app.config.html_title or app.config.project, Path(app.outdir) / CARD)


def description(doctree: nodes.document | None) -> str:
    """The first sentences of a page, whole ones if they are short enough."""
    if doctree is None:
        return ABOUT
    for paragraph in doctree.findall(nodes.paragraph):
        if any(isinstance(parent, nodes.Admonition | nodes.container | nodes.table) for parent in parents(paragraph)):
            continue
        if next(iter(paragraph.findall(nodes.math)), None) is None:
            text = " ".join(paragraph.astext().split())
            if len(text) > 40:
                return shortened(text)
    return ABOUT


def parents(node: nodes.Node) -> list[nodes.Node]:
    """What `node` stands in, from the inside out."""
    found = []
    while node.parent is not None:
        node = node.parent
        found.append(node)
    return found


def shortened(text: str) -> str:
    """`text` cut after a sentence, else after a word, so that it is no longer than `LONGEST`."""
    if len(text) <= LONGEST:
        return text
    start = text[:LONGEST]
    if ". " in start[40:]:
        return start[: start.rindex(". ") + 1]
    return start[: start[: LONGEST - 1].rindex(" ")] + "…"


def add_tags(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Add the page's description and card to its head."""
    base = app.config.html_baseurl.rstrip("/")
    site = app.config.html_title or app.config.project
    title = html.unescape(plain(context.get("title") or site))
    about = description(doctree)
    tags = {
        "og:type": "website",
        "og:site_name": site,
        "og:title": title,
        "og:description": about,
        "og:url": f"{base}/{pagename}.html",
        "og:image": f"{base}/{CARD}",
        "og:image:alt": ALT,
        "og:image:width": str(SIZE[0]),
        "og:image:height": str(SIZE[1]),
    }
    lines = [f'<meta name="description" content="{html.escape(about)}" />']
    lines += [f'<meta property="{name}" content="{html.escape(value)}" />' for name, value in tags.items()]
    lines += ['<meta name="twitter:card" content="summary_large_image" />']
    context["metatags"] = context.get("metatags", "") + "".join(f"\n    {line}" for line in lines)


def plain(title: str) -> str:
    """A title without the tags that Sphinx has rendered into it."""

    return re.sub(r"<[^>]+>", "", title)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", add_tags)
    app.connect("build-finished", draw_card)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
