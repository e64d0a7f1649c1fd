"""A student's Markdown as HTML in which nothing of theirs runs and nothing is fetched.

nbgrader's formgrader renders Markdown with raw HTML in it, scripts too, and does not heed `sanitize_html` there. It
reads this filter from nbgrader_config.py instead. Formulas, tables, lists and code stay as they are.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

REACHES_OUT = re.compile(
    r"\\(?=(?:href|url|style|class|cssId|data|bbox|require|csname|unicode|toggle|enclose|action|maction|mathtip"
    r"|texttip|mmlToken|includegraphics|html[A-Z]\w*|special)(?![A-Za-z]))"
)
"""Commands of a formula that make more than a formula: a link, a layer over the page, an id that is another's."""


class _Renderer(IPythonRenderer):
    """Raw HTML is shown as the text that it is, and so is the address of an image. Headings get no id: a page's own
    controls are found by theirs."""

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return f"<h{level}>{text}</h{level}>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f"<em>[image: {escape(text)} {escape(url)}]</em>"

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre><code>{escape(code)}</code></pre>"


def safe_markdown(source: str) -> str:
    """The HTML of `source`."""
    renderer = _Renderer(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(REACHES_OUT.sub(r"\\ ", source)))
