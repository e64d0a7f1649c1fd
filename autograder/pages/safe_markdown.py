"""A student's Markdown as HTML in which nothing of theirs runs and nothing is fetched.

nbgrader's formgrader renders Markdown with raw HTML in it, scripts too, and does not heed `sanitize_html` there. It
reads this filter from nbgrader_config.py instead. Formulas, tables, lists and code stay as they are.
"""

from __future__ import annotations

from html import escape

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath


class _Renderer(IPythonRenderer):
    """Raw HTML is shown as the text that it is, and so is the address of an image."""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f"<em>[image: {escape(text)} {escape(url)}]</em>"

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre><code>{escape(code)}</code></pre>"


def safe_markdown(source: str) -> str:
    """The HTML of `source`."""
    renderer = _Renderer(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
    without_links = source.replace("\\href", "\\ href")  # in a formula MathJax would make a link of it, to any address
    return str(MarkdownWithMath(renderer=renderer).render(without_links))
