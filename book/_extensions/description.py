"""The sentence or two that stand below a page's title where a link to it is shared or found.

sphinxext-opengraph writes all the tags. The description that it would make itself begins with whatever the page begins
with: the buttons of an exercise, a question with its answers, a formula's LaTeX. This one is whole sentences of prose.
"""

from __future__ import annotations

import html
import re
import textwrap
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

ABOUT = (
    "A course on recurrent networks: a book whose figures answer to your hand, exercises in NumPy and Keras, "
    "and feedback that names what was misunderstood."
)
SHORTEST, LONGEST = 40, 200
"""Characters. What is longer is cut by those who show it."""

ASIDE = (nodes.Admonition, nodes.container, nodes.table)
"""What stands in these is no prose."""


def description(doctree: nodes.document | None) -> str:
    """The first sentences of a page's first paragraph of prose without a formula, else of the course."""
    for paragraph in doctree.findall(nodes.paragraph) if doctree is not None else ():
        text = " ".join(paragraph.astext().split())
        formula = next(iter(paragraph.findall(nodes.math)), None)
        if len(text) > SHORTEST and formula is None and not is_aside(paragraph):
            return shortened(text)
    return ABOUT


def is_aside(node: nodes.Node) -> bool:
    """Whether `node` stands in one of `ASIDE`, at any depth."""
    return node.parent is not None and (isinstance(node.parent, ASIDE) or is_aside(node.parent))


def shortened(text: str) -> str:
    """`text` cut after a sentence, else after a word, so that it is no longer than `LONGEST`."""
    whole = re.match(rf".{{{SHORTEST},{LONGEST - 1}}}[.?!](?= |$)", text)
    return whole[0] if whole else textwrap.shorten(text, LONGEST, placeholder="…")


def describe(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Hand the description to sphinxext-opengraph, which looks for it in the page's own settings."""
    about = html.escape(description(doctree))
    context["metatags"] = f'{context.get("metatags", "")}\n    <meta name="description" content="{about}" />'
    context["meta"] = {**(context.get("meta") or {}), "og:description": about}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.setup_extension("sphinxext.opengraph")
    app.connect("html-page-context", describe, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
