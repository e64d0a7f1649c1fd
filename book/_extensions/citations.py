"""Lists of works that a screen reader can count.

docutils marks such a list as a list and its entries as `doc-biblioentry`, which browsers no longer take for items of
one. Here they are `listitem`.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

ENTRY = re.compile(r'(<div class="citation" id="[^"]*" role=")doc-biblioentry(")')


def name_items(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the entries of a page's lists their role."""
    if "body" in context:
        context["body"] = ENTRY.sub(r"\1listitem\2", context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", name_items)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
