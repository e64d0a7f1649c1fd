"""The built site as a whole. `make test` builds it first, with warnings as errors."""

from __future__ import annotations

import html
import itertools
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
PAGES = [TOC["root"], *(chapter["file"] for part in TOC["parts"] for chapter in part["chapters"])]

pytestmark = pytest.mark.usefixtures("built_site")


def text_of(page: str) -> str:
    """The HTML of a page."""
    return (SITE / f"{page}.html").read_text()


@pytest.mark.parametrize("page", PAGES)
def test_no_directive_is_left_as_text(page: str) -> None:
    shown = html.unescape(re.sub(r"<[^>]+>", "", text_of(page)))
    assert not re.findall(
        r"^\s*[`:]{3,}|\{(?:quiz|code-cell|figure|cite|ref|bibliography)\}", shown, flags=re.MULTILINE
    )


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_has_a_text_and_headings_are_in_order(page: str) -> None:
    source = text_of(page)
    article = source[source.index("<article") : source.index("</article>")]
    for image in re.findall(r"<img [^>]*>", article):
        assert re.search(r'alt="[^"]{20,}"', image), image
    for drawing in re.findall(r"<svg [^>]*role=.img.[^>]*>", article):
        assert re.search(r'aria-label="[^"]{20,}"', drawing), drawing[:200]
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", article)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels)), levels


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_nobody_else_for_anything(page: str) -> None:
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="(https?://[^"]+)"', text_of(page))
    assert [address for address in loaded if not address.startswith("http://localhost:8000")] == []


def test_every_exercise_is_a_page() -> None:
    exercises = {path.relative_to(ROOT).with_suffix("").as_posix() for path in ROOT.glob("exercises/*/*.ipynb")}
    assert exercises <= set(PAGES)


def test_every_page_of_the_book_is_in_the_table_of_contents() -> None:
    pages = {path.relative_to(ROOT).with_suffix("").as_posix() for path in ROOT.glob("book/**/*.md")}
    assert pages <= set(PAGES)
