"""The works that the pages cite: each can be found, and none stands in the list that no page cites."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

BOOK = Path(__file__).resolve().parents[1] / "book"
ENTRIES = {
    match[1]: dict(re.findall(r"^  (\w+) *= \{(.*)\},$", match[2], re.MULTILINE))
    for match in re.finditer(
        r"^@\w+\{(\w+),\n(.*?)^\}$", (BOOK / "references.bib").read_text(), re.MULTILINE | re.DOTALL
    )
}


def cited() -> set[str]:
    """The keys that pages of the book cite."""
    pages = "\n".join(path.read_text() for path in BOOK.rglob("*.md"))
    return {key.strip() for keys in re.findall(r"\{cite:\w+\}`([^`]+)`", pages) for key in keys.split(",")}


@pytest.mark.parametrize("key", ENTRIES)
def test_a_work_can_be_found(key: str) -> None:
    entry = ENTRIES[key]
    assert {"author", "title", "year"} <= set(entry)
    assert re.fullmatch(r"10\.\d{4,5}/\S+", entry.get("doi", "")) or re.fullmatch(r"https://\S+", entry.get("url", ""))


def test_every_work_is_cited_and_every_citation_is_a_work() -> None:
    assert set(ENTRIES) == cited()


def test_works_are_sorted_and_named_once() -> None:
    keys = re.findall(r"^@\w+\{(\w+),", (BOOK / "references.bib").read_text(), re.MULTILINE)
    assert keys == sorted(set(keys)) == list(ENTRIES)
