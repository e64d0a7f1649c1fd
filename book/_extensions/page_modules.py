"""The modules and stored runs that pages take from book/: pages find them, and are executed anew when one has changed.

A page is executed in its own folder, so a relative PYTHONPATH would not reach book/. And the cache of executed
pages knows a page by its cells alone: without this, a page would keep a figure that its module no longer draws.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*)", flags=re.MULTILINE)
STORED = re.compile(r"""\bstored\(["'](\w+)["']\)""")
RECORD = "page_modules.json"
"""In the cache's folder: the state of each page's modules when the site was last built."""


def modules(page: Path, book: Path) -> list[Path]:
    """Every module of the book that a page imports, directly or through another one, and the stored runs they read."""
    found: set[Path] = set()
    todo = [page]
    while todo:
        text = todo.pop().read_text()
        runs = (book / "runs" / f"{name}.json" for name in STORED.findall(text))
        found.update(path for path in runs if path.is_file())
        for name in IMPORT.findall(text):
            for path in (page.parent / f"{name}.py", book / f"{name}.py"):
                if path.is_file() and path not in found:
                    found.add(path)
                    todo.append(path)
    return sorted(found)


def digest(page: Path, book: Path) -> str:
    """A short name for the present state of a page's modules."""
    state = hashlib.sha256()
    for path in modules(page, book):
        state.update(path.relative_to(book).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return state.hexdigest()[:12]


def digests(env: BuildEnvironment) -> dict[str, str]:
    """The state of the modules of every page of the book."""
    book = Path(env.srcdir) / "book"
    pages = {name: Path(env.doc2path(name)) for name in sorted(env.found_docs)}
    return {name: digest(path, book) for name, path in pages.items() if book in path.parents}


def cache_folder(app: Sphinx) -> Path:
    """Where Jupyter Book keeps executed pages."""
    return Path(app.config.nb_execution_cache_path or Path(app.outdir).parent / ".jupyter_cache")


def add_book(app: Sphinx, config: Config) -> None:
    """Put book/ first on the PYTHONPATH that kernels inherit."""
    book = str(Path(app.srcdir) / "book")
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join([book, *(path for path in others if path and path != book)])


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> Iterable[str]:
    """Name the pages whose modules have changed since they were executed, and have the cache forget those."""
    folder = cache_folder(app)
    record = folder / RECORD
    if not folder.is_dir():
        return []
    before = json.loads(record.read_text()) if record.is_file() else {}
    stale = {name for name, state in digests(env).items() if before.get(name) != state}
    files = {env.doc2path(name) for name in stale}
    cache = get_cache(folder)
    for known in cache.list_cache_records():
        if known.uri in files:
            cache.remove_cache(known.pk)
    return stale


def remember(app: Sphinx, error: Exception | None) -> None:
    """After a build, note what its pages were executed with. A build that broke off is not to be relied on."""
    folder = cache_folder(app)
    if error is None and folder.is_dir():
        (folder / RECORD).write_text(json.dumps(digests(app.env), indent=1))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("config-inited", add_book)
    app.connect("env-get-outdated", outdated)
    app.connect("build-finished", remember)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
