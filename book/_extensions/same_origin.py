"""A page asks no server but its own for anything.

MathJax would come from a CDN. Here its files come from the wheel `sphinx-mathjax-offline`, which holds
MathJax 3.2.2 as published on npm. That wheel is a Sphinx extension too, but one that copies every
variant of MathJax; this one copies what the pages can ask for.

Jupyter Book always loads sphinx-thebe, whose scripts would fetch Thebe from a CDN. We run no such
cells, so the scripts are dropped.
"""

from __future__ import annotations

import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

WHEEL = "sphinx-mathjax-offline"
MAIN = "tex-chtml.js"
PARTS = (MAIN, "input/tex/extensions", "output/chtml/fonts/woff-v2", "ui", "a11y", "sre")
"""What `MAIN` loads, now or when the reader asks for it in MathJax's own menu (speech, contrast)."""


def source() -> Path:
    """The folder of MathJax's files inside the installed wheel."""
    try:
        folder = Path(str(distribution(WHEEL).locate_file(f"{WHEEL}/static/mathjax")))
    except PackageNotFoundError as error:
        raise ExtensionError(f"MathJax is missing: pip install {WHEEL}") from error
    if not (folder / MAIN).is_file():
        raise ExtensionError(f"{WHEEL} holds no {MAIN} in {folder}")
    return folder


def set_path(app: Sphinx, config: Config) -> None:
    """Point Sphinx at the site's own copy."""
    config.mathjax_path = f"mathjax/{MAIN}"


def copy_files(app: Sphinx) -> None:
    """Copy the parts beside the site's other static files."""
    if app.builder.format != "html":
        return
    origin, target = source(), Path(app.outdir) / "_static" / "mathjax"
    for part in PARTS:
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if (origin / part).is_dir():
            shutil.copytree(origin / part, target / part, dirs_exist_ok=True)
        else:
            shutil.copy2(origin / part, target / part)


def drop_thebe(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Leave sphinx-thebe's scripts out of the page, the named one and the inline one."""
    context["script_files"] = [
        script
        for script in context.get("script_files", [])
        if "thebe" not in f"{script} {getattr(script, 'attributes', {}).get('body')}".lower()
    ]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.setup_extension("sphinx.ext.mathjax")
    app.connect("config-inited", set_path)
    app.connect("builder-inited", copy_files)
    app.connect("html-page-context", drop_thebe)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
