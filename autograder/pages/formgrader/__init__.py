"""nbgrader's formgrader with the rubric beside each answer that a person marks, and formulas without a network.

nbgrader's own page stays as it is: two of the files that it is made of are replaced (`formgrade/`), and a preprocessor
hands the rubrics over (`rubrics.py`). They are put in when the page is shown, so that no file of a student holds them.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from traitlets.config import Config


def configure(config: Config) -> None:
    """Have the formgrader use what stands here. nbgrader_config.py calls this."""
    nbgrader = _folder("nbgrader") / "server_extensions" / "formgrader" / "templates"
    mathjax = _folder("sphinx-mathjax-offline") / "static" / "mathjax"
    config.HTMLExporter.extra_template_basedirs = [str(Path(__file__).parent), str(nbgrader)]
    config.HTMLExporter.extra_template_paths = [str(nbgrader), str(mathjax)]
    config.HTMLExporter.preprocessors = ["autograder.pages.formgrader.rubrics.Rubrics"]


def _folder(package: str) -> Path:
    """Where a package lies, without importing it: `grade` reads the configuration too, and has to start quickly."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ImportError(f"{package} is not installed: run `make setup`.")
    return Path(found.origin).parent
