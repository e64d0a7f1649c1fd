"""The book's sections, found by the targets that checks name, such as "lstm-forget-gate"."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

BOOK = Path(__file__).parent.parent.parent / "book"


_told: dict[str, tuple[str, str]] = {}


def tell(found: dict[str, tuple[str, str]]) -> None:
    """Take these for the book's sections, on a machine that marks and has no book."""
    _told.clear()
    _told.update(found)


def sections() -> dict[str, tuple[str, str]]:
    """Every target that stands before a heading: its page, without suffix, and the heading's text."""
    return _told or _in_book()


@cache
def _in_book() -> dict[str, tuple[str, str]]:
    found = {}
    for page in sorted(BOOK.glob("**/*.md")):
        for target, title in re.findall(r"^\(([a-z0-9-]+)\)=\n+#+ +(.+)$", page.read_text(), flags=re.MULTILINE):
            found[target] = (page.relative_to(BOOK.parent).with_suffix("").as_posix(), plain(title))
    return found


def plain(title: str) -> str:
    """A heading without its markup."""
    return re.sub(r"[`*$]|\{[a-z]+\}", "", title).strip()


def section_url(target: str, site_url: str) -> str:
    """The address of a section; empty where there is none."""
    if target not in sections():
        return ""
    page, _ = sections()[target]
    return f"{site_url}/{page}.html#{target}"


def section_title(target: str) -> str:
    """The heading of a section; empty where there is none."""
    return sections()[target][1] if target in sections() else ""
