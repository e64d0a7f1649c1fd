"""The glossary: each link to it resolves, and each of its words is short, treated somewhere, and used somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

BOOK = Path(__file__).resolve().parents[1] / "book"
GLOSSARY = BOOK / "review" / "glossary.md"
TEXT = re.search(r"```\{glossary\}\n(.*?)```", GLOSSARY.read_text(), re.DOTALL)
assert TEXT
ENTRIES = dict(entry.split("\n", 1) for entry in TEXT[1].strip().split("\n\n"))
PAGES = {path: path.read_text() for path in BOOK.rglob("*.md") if not path.relative_to(BOOK).parts[0].startswith("_")}


def label_of(link: str) -> str:
    """The word of the glossary that `{term}` leads to: "a word" or "shown <a word>"."""
    shown = re.fullmatch(r".*<(.*)>", link, re.DOTALL)
    return " ".join((shown[1] if shown else link).split())


def prose(text: str) -> str:
    """A page without its code cells."""
    return re.sub(r"^(```+)\{code-cell\}.*?^\1 *$", "", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(BOOK).as_posix())
def test_every_link_to_a_word_resolves(page: Path) -> None:
    known = {word.lower() for word in ENTRIES}
    linked = [label_of(link) for link in re.findall(r"\{term\}`([^`]+)`", PAGES[page])]
    assert not [word for word in linked if word.lower() not in known]


def test_words_are_sorted() -> None:
    assert list(ENTRIES) == sorted(ENTRIES, key=str.lower)


@pytest.mark.parametrize("word", ENTRIES)
def test_a_word_is_short_and_leads_to_a_section(word: str) -> None:
    meaning = ENTRIES[word]
    links = re.findall(r"\]\(([^)]+)\)", meaning)
    labels = {
        label for page, text in PAGES.items() if page != GLOSSARY for label in re.findall(r"(?m)^\((.+)\)=$", text)
    }
    assert links and set(links) <= labels
    explained = re.split(r"\s*See \[", meaning)[0]
    assert len(re.findall(r"\.(?:\s|$)", explained)) <= 2, "more than two sentences"


@pytest.mark.parametrize("word", ENTRIES)
def test_a_word_is_used_on_a_page(word: str) -> None:
    parts = r"[\s-]".join(re.escape(part) for part in word.split())
    used = re.compile(rf"\b{parts}", re.IGNORECASE)
    assert any(used.search(prose(text)) for page, text in PAGES.items() if page != GLOSSARY)
