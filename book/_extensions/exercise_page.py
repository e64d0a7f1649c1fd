"""At the top of every page under exercises/: where to open the notebook, a button that downloads it, how to hand it in.

What imports only NumPy opens in the reader's browser (lite.py). Where the course has a repository on GitHub, Colab
opens each file itself (publishing.py); else what needs TensorFlow leads to Colab's dialogue for uploads. The file
behind the download is the notebook as it stands in exercises/, byte for byte.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lite
from docutils import nodes
from publishing import COLAB
from sphinx.addnodes import download_reference
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
FOLDER = "exercises/"
BUTTON = "Download this notebook"
OPEN = "Open in your browser"
UPLOAD = f"{COLAB}#upload=true"
IN_BROWSER = (
    "“Open in your browser” needs nothing installed: Python runs in the page. {start} "
    "What you write is sent nowhere and is kept in that browser alone. "
    "To hand in, run Kernel > Restart Kernel and Run All Cells, then File > Download, and hand in the file."
)
FROM_ELSEWHERE = "Its first start fetches up to 30 MB from cdn.jsdelivr.net and takes about half a minute."
FROM_HERE = "Its first start takes about half a minute."
OR_DOWNLOAD = (
    "Or download the notebook, solve it in JupyterLab{colab}, run Kernel > Restart and run all, and hand in the file."
)
NEEDS_TENSORFLOW = (
    "This exercise needs TensorFlow, which does not run in a web page. Solve it on your own machine{colab}."
)
LOCAL = "On your own machine: download the notebook and open it in JupyterLab."
FROM_REPOSITORY = (
    "In Colab: the button opens it there; save a copy of your work with File > Download > Download .ipynb."
)
BY_UPLOAD = (
    "In Colab: download the notebook first, then press “Open Colab” and upload the file there; save your work with "
    "File > Download > Download .ipynb."
)
HINTS = "Where a known mistake is behind a failing test, the test prints a hint above the failure: "
HINTS_PAGE = ("a mistake opens its own hint", "book/hints.html")
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
        in_browser, alone = lite.runs_in_browser(source), bool(self.config.lite_pyodide)
        links = [(OPEN, "../" * name.count("/") + lite.address(name))] if in_browser else []
        if self.config.course_colab:
            links.append(("Open in Colab", f"{self.config.course_colab}{name}.ipynb"))
        elif not in_browser and not alone:
            links.append(("Open Colab", UPLOAD))
        buttons = nodes.paragraph()
        for label, address in links:
            buttons += [button(label, address), nodes.Text(" ")]
        buttons += download
        lines = [nodes.paragraph(line, line) for line in advice(in_browser, bool(self.config.course_colab), alone)]
        if '"hints"' in source.read_text():
            label, page = HINTS_PAGE
            where = nodes.reference("", label, refuri="../" * name.count("/") + page, internal=True)
            lines.append(nodes.paragraph("", "", nodes.Text(HINTS), where, nodes.Text(".")))
        head = nodes.container("", buttons, *lines, classes=["exercise-head"])
        title.parent.insert(title.parent.index(title) + 1, head)


def button(label: str, address: str) -> nodes.reference:
    """A link that looks like a button."""
    return nodes.reference("", label, refuri=address, internal=True, classes=["exercise-button"])


def advice(in_browser: bool, in_colab: bool, alone: bool) -> list[str]:
    """What to say below the buttons.

    `in_colab`: a button opens the exercise there. `alone`: the site is read where there is no other server.
    """
    if in_browser:
        colab = "" if alone else " or Colab"
        return [IN_BROWSER.format(start=FROM_HERE if alone else FROM_ELSEWHERE), OR_DOWNLOAD.format(colab=colab)]
    if alone:
        return [NEEDS_TENSORFLOW.format(colab=""), LOCAL, HAND_IN]
    return [NEEDS_TENSORFLOW.format(colab=" or in Colab"), LOCAL, FROM_REPOSITORY if in_colab else BY_UPLOAD, HAND_IN]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_transform(ExerciseHead)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
