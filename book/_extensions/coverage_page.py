"""COVERAGE.md, for maintainers: where each topic of the sources is taught, and each of their mistakes corrected.

    python book/_extensions/coverage_page.py     # writes it from book/coverage.toml

Places and sentences are looked up in the book's own text. One that is not there is an error, and nothing is written.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BOOK = Path(__file__).resolve().parent.parent
PAGE = BOOK.parent / "COVERAGE.md"
DATA = BOOK / "coverage.toml"

HEAD = """# Coverage

Made by `python book/_extensions/coverage_page.py` from [book/coverage.toml](book/coverage.toml). Edit that file, not
this one. `tests/test_coverage.py` proves that every place and every sentence is in the book.
"""


class NotInTheBook(LookupError):
    """A place or a sentence that coverage.toml names is not in the book."""


@dataclass(frozen=True)
class Place:
    """Where something is taught."""

    page: str
    """Below book/, such as lstm/cell.md."""
    title: str
    """The heading."""

    def link(self) -> str:
        """The place as a Markdown link from COVERAGE.md."""
        return f"[{self.title}](book/{self.page})"


def pages(book: Path = BOOK) -> dict[str, str]:
    """The text of every page, by its path below book/, without code: a comment in Python looks like a heading."""
    found = {}
    for path in sorted(path for path in book.rglob("*.md") if not path.relative_to(book).parts[0].startswith("_")):
        text = re.sub(r"^(```+)\{code-cell\}.*?^\1 *$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
        found[path.relative_to(book).as_posix()] = text
    return found


def plain(heading: str) -> str:
    """A heading without its marks."""
    return re.sub(r"[`*$]", "", heading).strip()


def places(text: str, page: str) -> Iterator[tuple[str, Place]]:
    """Every name that coverage.toml may use for a place on this page: the page, its targets, its headings."""
    title, waiting = "", []
    for line in text.splitlines():
        if match := re.fullmatch(r"\(([a-z0-9-]+)\)=", line):
            waiting.append(match[1])
        elif match := re.fullmatch(r"#+ +(.+)", line):
            yield (page if not title else f"{page} # {plain(match[1])}"), Place(page, plain(match[1]))
            title = plain(match[1])
        if line.strip() and waiting and not re.fullmatch(r"\([a-z0-9-]+\)=", line):
            yield from ((target, Place(page, title)) for target in waiting)
            waiting = []


def flat(text: str) -> str:
    """Text without line breaks, bold face and links to the glossary."""
    text = re.sub(r"\{term\}`([^`<]+?)(?: <[^`]*>)?`", r"\1", text)
    return " ".join(text.replace("**", "").split())


def page_of(data: dict[str, Any], book: Path = BOOK) -> str:
    """The text of COVERAGE.md. Raises NotInTheBook with all that is missing."""
    texts = pages(book)
    known = {name: place for page, text in texts.items() for name, place in places(text, page)}
    missing: list[str] = []
    lines = [HEAD]
    for source in data["source"]:
        lines += [f"## {source['name']}", "", "| Topic | Taught in |", "|---|---|"]
        for topic, named in source["topics"].items():
            names = [named] if isinstance(named, str) else named
            missing += [f"no such place: {name} (for: {topic})" for name in names if name not in known]
            links = dict.fromkeys(known[name].link() for name in names if name in known)
            lines.append(f"| {topic} | {', '.join(links)} |")
        lines += ["", *(f"Left out: {what}.\n" for what in source.get("left_out", []))]
    lines += ["## Mistakes put right", ""]
    for number, mistake in enumerate(data["mistake"], 1):
        lines += [f"{number}. {mistake['said']}", ""]
        for correction in mistake["corrected"]:
            page, sentence = correction["page"], flat(correction["sentence"])
            if sentence not in flat(texts.get(page, "")):
                missing.append(f"not on {page}: {sentence}")
            lines += [f"   > {sentence}", "", f"   [book/{page}](book/{page})", ""]
    if missing:
        raise NotInTheBook("\n".join(missing))
    return "\n".join(lines).rstrip() + "\n"


def read(path: Path = DATA) -> dict[str, Any]:
    """coverage.toml."""
    return tomllib.loads(path.read_text())


if __name__ == "__main__":
    try:
        PAGE.write_text(page_of(read()))
    except NotInTheBook as error:
        sys.exit(str(error))
