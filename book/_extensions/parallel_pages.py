"""Executes pages side by side, one a core, before Sphinx reads them one after the other.

What they give goes into Jupyter Book's cache of executed pages, so that reading finds it there. A page that fails
here is executed again when it is read, and reported then as ever.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from warm_kernels import warm_kernels

ALONE = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
"""A page that is executed has one core. TensorFlow's threads for the others would only wait for one another."""

SELDOM = 20_000
"""New objects between two looks for garbage. Pages are trees in which all know each other, and stay until they are
written: to look through them as often as Python does by itself takes a fifth of the build."""

READER = {"name": "myst_nb_md", "type": "plugin"}


@contextmanager
def kernels_unheard() -> Iterator[None]:
    """Send what the kernels log to nowhere. What a cell itself writes to stderr stands in its output."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)


def execute(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute those of the pages to be read that the cache does not hold."""
    if app.config.nb_execution_mode != "cache":
        return
    pages = [Path(env.doc2path(name)) for name in docnames]
    pages = [path for path in pages if path.suffix == ".md" and "{code-cell}" in path.read_text()]
    if len(pages) < 2:
        return
    cache = get_cache(app.config.nb_execution_cache_path or Path(app.outdir).parent / ".jupyter_cache")
    records = [cache.add_nb_to_project(str(path), read_data=READER) for path in pages]
    logger = multiprocessing.get_logger()
    logger.setLevel(logging.CRITICAL)  # reading says what has failed, once
    executor = load_executor("local-parallel", cache, logger)
    with kernels_unheard(), warm_kernels():
        executor.run_and_cache(filter_pks=[record.pk for record in records], timeout=app.config.nb_execution_timeout)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    for name, value in ALONE.items():
        os.environ.setdefault(name, value)
    gc.set_threshold(SELDOM)
    app.connect("env-before-read-docs", execute)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
