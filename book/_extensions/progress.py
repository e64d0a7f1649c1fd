"""A reader's progress on every page: `progress.js`, and a page that works where the browser keeps nothing.

Where a browser forbids a site to store anything, the mere mention of `localStorage` is an error, and the theme mentions
it. There, both storages are replaced by ones that last as long as the page.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

SCRIPT = "progress.js"
STORAGE = """
    <script>
      for (const name of ["localStorage", "sessionStorage"])
        try { window[name].length; } catch {
          const kept = new Map();
          const value = {
            getItem: (key) => kept.get(String(key)) ?? null,
            setItem: (key, what) => kept.set(String(key), String(what)),
            removeItem: (key) => kept.delete(String(key)),
          };
          Object.defineProperty(window, name, { value });
          window[`${name}IsBlocked`] = true;
        }
    </script>"""
"""Stands before the theme's own first script."""


def add_storage(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the replacement where it runs first."""
    context["metatags"] = STORAGE + context.get("metatags", "")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_js_file(SCRIPT, loading_method="defer")
    app.connect("html-page-context", add_storage)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
