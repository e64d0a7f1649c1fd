"""The modules that pages import from book/: pages find them, and are executed anew when one has changed.

A page is executed in its own folder, so a relative PYTHONPATH would not reach book/. And the cache of executed
pages knows a page by its cells alone: without this, a page would keep a figure that its module no longer draws.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config


def modules(book: Path) -> list[Path]:
    """Every module that a page could import."""
    return sorted(path for path in book.rglob("*.py") if "_extensions" not in path.parts)


def digest(book: Path) -> str:
    """A short name for the present state of all modules."""
    state = hashlib.sha256()
    for path in modules(book):
        state.update(path.relative_to(book).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return state.hexdigest()[:12]


def add_book(app: Sphinx, config: Config) -> None:
    """Put book/ first on the PYTHONPATH that kernels inherit, and choose the cache for this state of its modules."""
    book = Path(app.srcdir) / "book"
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(book), *(path for path in others if path and path != str(book))])
    caches = Path(app.outdir).parent / ".jupyter_cache"
    current = caches / digest(book)
    for old in caches.glob("*"):
        if old != current and old.is_dir():
            shutil.rmtree(old)
    config.nb_execution_cache_path = str(current)  # a changed value also makes Sphinx read all pages again


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("config-inited", add_book)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
