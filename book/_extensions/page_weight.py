"""Leaves out of every page what the theme loads and no page of ours uses.

The theme loads Font Awesome twice: as fonts with a style sheet, and as 1.5 MB of JavaScript that replaces each icon by
an SVG. The fonts do. Of the three, one is used: the others would be fetched ahead of time for nothing.
"""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

UNUSED = (
    re.compile(r'<script src="[^"]*/fontawesome/[^"]*/js/all\.min\.js[^"]*"></script>\s*'),
    re.compile(r'<link rel="preload"[^>]*/fa-brands-400\.woff2"[^>]*>\s*'),
    re.compile(r'<link rel="preload"[^>]*/fa-regular-400\.woff2"[^>]*>\s*'),
)


def without_unused(head: str) -> Markup:
    """`head` without those three. It is an error if the theme has changed them."""
    for pattern in UNUSED:
        head, count = pattern.subn("", head)
        if count != 1:
            raise ExtensionError(f"the theme's head no longer holds {pattern.pattern}")
    return Markup(head)


def add_filter(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Hand the function to book/_templates/layout.html."""
    context["without_unused"] = without_unused


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", add_filter)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
