"""Let a page import `drawing` and its chapter's figures, wherever the build was started from.

A page is executed in its own folder, so a relative PYTHONPATH would not reach it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx


def add_book(app: Sphinx) -> None:
    """Put the absolute path of book/ first on the PYTHONPATH that kernels inherit."""
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    book = str(Path(app.srcdir) / "book")
    os.environ["PYTHONPATH"] = os.pathsep.join([book, *(path for path in others if path and path != book)])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", add_book)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
