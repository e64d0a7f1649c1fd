"""At the top of every page under exercises/: where to open the notebook, a button that downloads it, how to hand it in.

What imports only NumPy opens in the reader's browser (lite.py). What needs TensorFlow says so, and has a button for
Colab: on the file itself where _config.yml names a repository on GitHub, else on Colab's dialogue for uploads. The file
behind the download is the notebook as it stands in exercises/, byte for byte.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import lite
from docutils import nodes
from sphinx.addnodes import download_reference
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
FOLDER = "exercises/"
BUTTON = "Download this notebook"
OPEN = "Open in your browser"
COLAB = "https://colab.research.google.com/"
UPLOAD = f"{COLAB}#upload=true"
IN_BROWSER = (
    "“Open in your browser” needs nothing installed: Python runs in the page. Its first start fetches up to 30 MB from "
    "cdn.jsdelivr.net and takes about half a minute. What you write is sent nowhere and is kept in that browser alone. "
    "To hand in, run Kernel > Restart Kernel and Run All Cells, then File > Download, and hand in the file.",
    "Or download the notebook, solve it in JupyterLab or Colab, run Kernel > Restart and run all, "
    "and hand in the file.",
)
NEEDS_TENSORFLOW = (
    "This exercise needs TensorFlow, which does not run in a web page. Solve it on your own machine or in Colab."
)
LOCAL = "On your own machine: download the notebook and open it in JupyterLab."
FROM_REPOSITORY = (
    "In Colab: the button opens it there; save a copy of your work with File > Download > Download .ipynb."
)
BY_UPLOAD = (
    "In Colab: download the notebook first, then press “Open Colab” and upload the file there; save your work with "
    "File > Download > Download .ipynb."
)
HAND_IN = "At the end run everything once more from the top (Restart and run all), and hand in the file."


class ExerciseHead(SphinxTransform):
    """Put the buttons and the advice below the title. Runs at reading time, so Sphinx collects the download."""

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
        download = download_reference("", BUTTON, reftarget=f"/{name}.ipynb", classes=["exercise-button"])
        download["refdoc"] = name
        if lite.runs_in_browser(source):
            first, advice = button(OPEN, "../" * name.count("/") + lite.address(name)), list(IN_BROWSER)
        else:
            link, label = colab(self.config.html_theme_options, name)
            first = button(label, link)
            advice = [NEEDS_TENSORFLOW, LOCAL, BY_UPLOAD if link == UPLOAD else FROM_REPOSITORY, HAND_IN]
        buttons = nodes.paragraph("", "", first, nodes.Text(" "), download)
        lines = [nodes.paragraph(line, line) for line in advice]
        head = nodes.container("", buttons, *lines, classes=["exercise-head"])
        title.parent.insert(title.parent.index(title) + 1, head)


def button(label: str, address: str) -> nodes.reference:
    """A link that looks like a button."""
    return nodes.reference("", label, refuri=address, internal=True, classes=["exercise-button"])


def colab(options: dict[str, Any], name: str) -> tuple[str, str]:
    """Where Colab opens the exercise, and what the button says."""
    found = re.fullmatch(r"https://github\.com/([^/]+/[^/]+?)(?:\.git)?/?", options.get("repository_url") or "")
    if found is None:
        return UPLOAD, "Open Colab"
    branch = options.get("repository_branch") or "main"
    return f"{COLAB}github/{found[1]}/blob/{branch}/{name}.ipynb", "Open in Colab"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_transform(ExerciseHead)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
