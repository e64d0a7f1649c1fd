"""At the top of every page under exercises/: a button that downloads the notebook, and how to hand it in.

The file behind the button is the notebook as it stands in exercises/, byte for byte.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import download_reference
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
FOLDER = "exercises/"
BUTTON = "Download this notebook"
ADVICE = "Solve it in JupyterLab or Colab, run Kernel > Restart and run all, and hand in the file."


class ExerciseHead(SphinxTransform):
    """Put the button and the advice below the title. Runs at reading time, so Sphinx collects the download."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Insert the head, unless the page is not an exercise."""
        name = self.env.docname
        source = Path(self.env.doc2path(name))
        if not name.startswith(FOLDER) or source.suffix != ".ipynb":
            return
        title = next(iter(self.document.findall(nodes.title)), None)
        if title is None or title.parent is None:
            LOGGER.warning("an exercise needs a title", location=name, type="exercise")
            return
        link = download_reference("", BUTTON, reftarget=f"/{name}.ipynb", classes=["exercise-download"])
        link["refdoc"] = name
        head = nodes.container(
            "", nodes.paragraph("", "", link), nodes.paragraph("", ADVICE), classes=["exercise-head"]
        )
        title.parent.insert(title.parent.index(title) + 1, head)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_transform(ExerciseHead)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
