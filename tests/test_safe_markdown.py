"""What the formgrader shows of a student's Markdown: all that they wrote, and nothing of it runs."""

from __future__ import annotations

import nbformat
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT
from nbconvert.exporters import HTMLExporter
from traitlets.config.loader import PyFileConfigLoader

from autograder.pages.safe_markdown import safe_markdown

HOSTILE = [
    "<script>alert(1)</script>",
    "text <img src=x onerror=alert(1)> text",
    "<svg onload=alert(1)>",
    '<div style="position:fixed;inset:0"><form action="https://example.org"><input name=mark value=100></form></div>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "<javascript:alert(1)>",
    "![a picture](https://example.org/seen.png)",
    '![a" onerror="alert(1)](x)',
    "![a][b]\n\n[b]: https://example.org/seen.png",
    "```mermaid\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "$<script>alert(1)</script>$ and $$</span><img src=x onerror=alert(1)>$$",
    "\\begin{equation}<img src=x onerror=alert(1)>\\end{equation}",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "# <script>alert(1)</script>",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\style{position:fixed;inset:0;background:red}{x}$",
    "$$\\cssId{submit}{x} \\class{btn-primary}{y}$$",
    "$\\bbox[border: 9999px solid red]{x}$ $\\csname href\\endcsname{javascript:alert(1)}{x}$",
    "# Save and submit",
    '[a]: https://example.org "\\"><script>alert(1)</script>"\n\n[a]',
]
HARMLESS = {"p", "a", "em", "strong", "code", "pre", "span", "div", "h1", "table", "thead", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_of_theirs_runs_or_is_fetched(source: str) -> None:
    page = BeautifulSoup(safe_markdown(source), "html.parser")
    for tag in page.find_all(True):
        assert tag.name in HARMLESS, tag
        assert set(tag.attrs) <= {"class", "href", "title"}, tag
        assert not any(f"\\{command}" in tag.text for command in ("href", "style", "cssId", "class", "bbox", "csname"))
        assert not str(tag.get("href", "")).lower().startswith(("javascript:", "data:", "vbscript:")), tag


def test_what_they_wrote_is_there() -> None:
    html = safe_markdown(
        "**State** $h_t < 1$ and `a < b`\n\n$$c_t = f_t \\odot c_{t-1}$$\n\n"
        "| gate | range |\n|---|---|\n| $f_t$ | 0 to 1 |\n\n- one\n"
    )
    page = BeautifulSoup(html, "html.parser")
    assert "$h_t < 1$" in page.text and "$$c_t = f_t \\odot c_{t-1}$$" in page.text
    assert [code.text for code in page.find_all("code")] == ["a < b"]
    assert [cell.text for cell in page.find_all("td")] == ["$f_t$", "0 to 1"]
    assert page.strong is not None and page.li is not None
    assert "<script>" in BeautifulSoup(safe_markdown("<script>x</script>"), "html.parser").text


def test_the_course_gives_it_to_nbgrader() -> None:
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(HOSTILE[1])])
    exporter = HTMLExporter(config=config)  # type: ignore[no-untyped-call]
    body, _ = exporter.from_notebook_node(notebook)
    assert "onerror=alert(1)&gt;" in body and "<img src=x" not in body and 'onerror="' not in body
