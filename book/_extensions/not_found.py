"""What the page for wrong addresses says. sphinx-notfound-page makes it, with links that work at any depth.

It says nothing of `data-content_root`, from which the search and progress.js find the site: that is added here.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

BODY = """
<section id="no-such-page">
<h1>There is no such page</h1>
<p>The address may be mistyped, or the page may have another name now.</p>
<ul>
<li><a href="{prefix}{root}.html">Start here</a></li>
<li><a href="{prefix}book/exercises.html">All exercises</a></li>
<li><a href="{prefix}search.html">Search this course</a></li>
</ul>
</section>
"""


def say(app: Sphinx, config: Config) -> None:
    """Hand title and text to sphinx-notfound-page, which leaves the links in them alone."""
    body = BODY.format(prefix=config.notfound_urls_prefix, root=config.root_doc)
    config.notfound_context = {
        "title": "No such page",
        "body": body,
        "metatags": '\n    <meta name="robots" content="noindex" />',
    }


def set_root(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Have the page's scripts look for the site where it is."""
    if pagename == app.config.notfound_pagename:
        context["content_root"] = app.config.notfound_urls_prefix


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.setup_extension("notfound.extension")
    app.connect("config-inited", say)
    app.connect("html-page-context", set_root)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
