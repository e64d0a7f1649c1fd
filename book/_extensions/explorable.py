"""The `{explorable}` directive: a figure that answers to the reader's hand.

    ```{explorable} lstm-cell
    :title: Open and close the gates
    :alt: What the picture shows, in a sentence or two, for whoever cannot see it or has no JavaScript.

    **Try** to close the forget gate. **Notice** that ...
    ```

The figure itself is a module in book/_assets/explorables, which JupyterLab can run too (book/explorables.py). One that
shows any experiment of a kind is told by `:run: NAME` which stored run goes into the page. A page that has an
explorable loads one script for it, and no other page does. Until that script has run, and where it never does, the page
shows the picture kept beside the module (explorable_pictures.py). Elsewhere (LaTeX, text) the alt text stands for it.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from explorable_bundle import FOLDER, names, parts, results, runs, script
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOGGER = logging.getLogger(__name__)
STYLES = "explorables/explorables.css"
WITHOUT = "With JavaScript this figure answers to your hand. The picture shows how it begins."


class explorable(nodes.General, nodes.Element):
    """The figure; its children say what to try and what to notice."""


class ExplorableDirective(SphinxDirective):
    """Turn the directive into a node, and report what is missing."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {
        "title": directives.unchanged_required,
        "alt": directives.unchanged_required,
        "start": directives.unchanged_required,
        "run": directives.unchanged_required,
        "name": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Read title, text and values to start with."""
        name = self.arguments[0]
        if name not in names():
            self.warn(f"there is no {name!r} among {', '.join(names())}")
            return []
        for option in ("title", "alt"):
            if not self.options.get(option):
                self.warn(f"{name} needs a :{option}:")
        if not self.content:
            self.warn(f"{name} does not say what to try and what to notice")
        run = self.options.get("run")
        if run not in runs().get(name, [None]):
            self.warn(f":run: is {run!r}, and for {name} it is one of {', '.join(runs().get(name, ['none']))}")
            return []
        picture = FOLDER / f"{run or name}.svg"
        stored = [FOLDER.parent.parent / "runs" / f"{run}.json"] if run else []
        for path in (*parts(name), *parts("host"), *stored, *([picture] if picture.is_file() else [])):
            self.env.note_dependency(str(path))
        node = explorable(
            figure=name,
            title=self.options.get("title", name),
            alt=self.options.get("alt", ""),
            start=self.start(),
            picture=self.picture(picture),
        )
        self.set_source_info(node)
        self.options.setdefault("name", f"explorable-{name}")
        self.add_name(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]

    def start(self) -> str:
        """The values that differ from the module's own, as JSON."""
        try:
            values = json.loads(self.options.get("start", "{}"))
        except json.JSONDecodeError as problem:
            values = None
            self.warn(f":start: is no JSON: {problem}")
        if not isinstance(values, dict):
            self.warn(':start: is no JSON object, such as {"size": 1}')
            values = {}
        if "run" in self.options:
            values["run"] = results(self.options["run"])
        return json.dumps(values, separators=(",", ":"), ensure_ascii=False)

    def picture(self, path: Path) -> str:
        """The kept drawing, with the alt text for its label."""
        if not path.is_file():
            self.warn(f"{path.name} is missing: run python book/_extensions/explorable_pictures.py")
            return ""
        label = html.escape(self.options.get("alt", ""), quote=True)
        return re.sub(r'aria-label="[^"]*"', lambda _: f'aria-label="{label}"', path.read_text().strip(), count=1)

    def warn(self, message: str) -> None:
        """A fault is a warning, so a strict build stops at it."""
        LOGGER.warning("explorable: %s", message, location=(self.env.docname, self.lineno), type="explorable")


class PlainExplorable(SphinxPostTransform):
    """Where nothing can move (LaTeX, text, man): the title, the alt text, then what the directive says."""

    default_priority = 20

    def run(self, **kwargs: Any) -> None:
        """Replace every explorable by plain nodes unless the builder writes HTML."""
        if self.app.builder.format == "html":
            return
        for node in list(self.document.findall(explorable)):
            title = nodes.paragraph("", "", nodes.strong("", node["title"]), ids=node["ids"], names=node["names"])
            node.replace_self([title, nodes.paragraph("", node["alt"]), *node.children])


def visit_explorable(self: Any, node: explorable) -> None:
    """Open the box: title, the empty stage, the picture, then the text."""
    key = node["ids"][0]
    start = html.escape(node["start"], quote=True)
    self.body.append(
        f'<div class="explorable" id="{key}" role="group" aria-labelledby="{key}-title"'
        f' data-explorable="{node["figure"]}" data-start="{start}">\n'
        f'<p class="explorable-title" id="{key}-title"><span>Try it yourself</span> {html.escape(node["title"])}</p>\n'
        '<div class="explorable-stage" hidden></div>\n'
        f'<div class="explorable-picture">{node["picture"]}<p>{WITHOUT}</p></div>\n'
        '<div class="explorable-text">\n'
    )


def depart_explorable(self: Any, node: explorable) -> None:
    """Close the text and the box."""
    self.body.append("</div>\n</div>\n")


def write_scripts(app: Sphinx) -> None:
    """One script an explorable, beside the site's other static files."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static"
    target.mkdir(parents=True, exist_ok=True)
    for name in names():
        (target / file_of(name)).write_text(script(name))


def file_of(name: str) -> str:
    """What the script of an explorable is called."""
    return f"explorable-{name}.js"


def add_files(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Load styles and scripts on pages that have an explorable, and on no others."""
    figures = dict.fromkeys(node["figure"] for node in doctree.findall(explorable)) if doctree is not None else {}
    if figures:
        app.add_css_file(STYLES)
    for name in figures:
        app.add_js_file(file_of(name), loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_node(explorable, html=(visit_explorable, depart_explorable))
    app.add_directive("explorable", ExplorableDirective)
    app.add_post_transform(PlainExplorable)
    app.connect("builder-inited", write_scripts)
    app.connect("html-page-context", add_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
