"""404.html: what a host shows for an address that is none of ours.

It is shown at any depth (`/book/lstm/nothing.html` too), so its links start with the path of `html: baseurl`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx

NAME = "404"
RELATIVE = re.compile(r'\b(href|src|action|data-content_root)="(?!#|/|[a-z][a-z0-9+.-]*:)(?:\./)?([^"]*)"', re.I)
BODY = """
<section id="no-such-page">
<h1>There is no such page</h1>
<p>The address may be mistyped, or the page may have another name now.</p>
<ul>
<li><a href="{root}.html">Start here</a></li>
<li><a href="book/exercises.html">All exercises</a></li>
<li><a href="search.html">Search this course</a></li>
</ul>
</section>
"""


def add_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The page, as Sphinx collects pages that no source file stands for."""
    body, tags = BODY.format(root=app.config.root_doc), '\n    <meta name="robots" content="noindex" />'
    yield NAME, {"title": "No such page", "body": body, "metatags": tags}, "page.html"


def prefix(baseurl: str) -> str:
    """The path under which the site is published, with a slash at both ends."""
    return "/" + f"{urlsplit(baseurl).path.strip('/')}/".lstrip("/")


def absolute(page: str, start: str) -> str:
    """`page` with every relative address made absolute."""
    return RELATIVE.sub(lambda found: f'{found[1]}="{start}{found[2]}"', page)


def make_absolute(app: Sphinx, error: Exception | None) -> None:
    """Rewrite the page once it is there."""
    path = Path(app.outdir) / f"{NAME}.html"
    if error is None and app.builder.format == "html" and path.is_file():
        path.write_text(absolute(path.read_text(), prefix(app.config.html_baseurl)))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-collect-pages", add_page)
    app.connect("build-finished", make_absolute)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
