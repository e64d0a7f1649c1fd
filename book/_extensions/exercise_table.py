"""The `{exercise-table}` directive: every exercise of the course with what it practises, its minutes and its points.

It reads the table that stands in each exercise's title cell, so a number is written down once. The order and the names
of the chapters are those of _toc.yml. An exercise that has no page there yet is listed without a link.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOGGER = logging.getLogger(__name__)
FOLDER = "exercises"
TOC = "_toc.yml"
HEAD = ("| Chapter | Exercise | Minutes | Points | You practise |", "|---|---|--:|--:|---|")  # numbers fit on a phone


class NoTable(ValueError):
    """The title cell of a notebook lacks what the table needs."""


@dataclass(frozen=True)
class Place:
    """Where an exercise stands in the course."""

    number: int
    chapter: str
    start: str
    """The first page of the chapter; empty where the chapter has its exercises alone."""


@dataclass(frozen=True)
class Exercise:
    """What one title cell says."""

    name: str
    """Its docname, such as exercises/lstm/gates."""
    title: str
    practises: str
    minutes: int
    points: int


def read_exercise(path: Path, root: Path) -> Exercise:
    """The exercise in a notebook. Raises NoTable."""
    cells = json.loads(path.read_text())["cells"]
    lines = "".join(cells[0]["source"]).splitlines() if cells else []
    title = next((line[2:].strip() for line in lines if line.startswith("# ")), "")
    rows = (re.fullmatch(r"\| *(\w[\w ]*?) *\| *(.+?) *\|", line) for line in lines)
    found = {row[1]: row[2] for row in rows if row}
    minutes = re.fullmatch(r"about (\d+) minutes", found.get("Time", ""))
    points = re.fullmatch(r"\d+", found.get("Points", ""))
    practises = found.get("You practise", "")
    if not (title and practises and minutes and points):
        raise NoTable(
            "its first cell needs a title and a table with You practise, Time (about N minutes) and Points (N)"
        )
    name = path.relative_to(root).with_suffix("").as_posix()
    return Exercise(name, title, practises, int(minutes[1]), int(points[0]))


def notebooks(root: Path) -> list[Path]:
    """The notebooks that students get."""
    return sorted(root.glob(f"{FOLDER}/*/*.ipynb"))


def places(toc: Path) -> dict[str, Place]:
    """Where each exercise stands that has a page, by its docname."""
    content = yaml.safe_load(toc.read_text()) if toc.is_file() else {}
    found: dict[str, Place] = {}
    for part in content.get("parts") or [content]:
        pages = files(part)
        start = next((page for page in pages if not page.startswith(f"{FOLDER}/")), "")
        for page in pages:
            if page.startswith(f"{FOLDER}/"):
                found[page] = Place(len(found), part.get("caption") or chapter_of(page), start)
    return found


def files(part: dict[str, Any]) -> list[str]:
    """The pages of a part of the table of contents, those of its sections too."""
    found = []
    for entry in [*part.get("chapters", []), *part.get("sections", [])]:
        found += [re.sub(r"\.(md|ipynb)$", "", entry["file"])] if "file" in entry else []
        found += files(entry)
    return found


def chapter_of(name: str) -> str:
    """What to call the chapter of an exercise that the table of contents does not name: its folder."""
    folder = name.split("/")[1]
    return folder.upper() if folder in ("rnn", "lstm", "gru") else folder.capitalize()


def table(exercises: list[Exercise], where: dict[str, Place]) -> list[str]:
    """The lines of the table, in Markdown: one row an exercise, and the sums."""
    last = len(where)
    rows = []
    for one in sorted(exercises, key=lambda one: (where[one.name].number if one.name in where else last, one.name)):
        place = where.get(one.name)
        chapter = place.chapter if place else chapter_of(one.name)
        chapter = f"[{chapter}](/{place.start}.md)" if place and place.start else chapter
        title = f"[{one.title}](/{one.name}.ipynb)" if place else one.title
        rows.append(f"| {chapter} | {title} | {one.minutes} | {one.points} | {one.practises} |")
    minutes, points = sum(one.minutes for one in exercises), sum(one.points for one in exercises)
    return [*HEAD, *rows, f"| **All** | **{len(exercises)} exercises** | **{minutes}** | **{points}** | |"]


class ExerciseTable(SphinxDirective):
    """Put the table here."""

    def run(self) -> list[nodes.Node]:
        """Read the notebooks; a page with this table is built anew when one of them or _toc.yml has changed."""
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / TOC))
        exercises = []
        for path in notebooks(root):
            self.env.note_dependency(str(path))
            try:
                exercises.append(read_exercise(path, root))
            except (NoTable, ValueError, KeyError, TypeError) as error:
                LOGGER.warning("%s: %s", path.relative_to(root), error, location=self.get_location(), type="exercise")
        box = nodes.container(classes=["exercise-table"])
        self.state.nested_parse(StringList(table(exercises, places(root / TOC)), TOC), self.content_offset, box)
        return [box]


def new_or_gone(app: Sphinx, env: Any, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """The pages with a table, when there is a notebook that they do not know."""
    now = {path.relative_to(app.srcdir).as_posix() for path in notebooks(Path(app.srcdir))}
    outdated = []
    for name, dependencies in env.dependencies.items():
        known = {Path(app.srcdir, path).resolve() for path in dependencies}
        if Path(app.srcdir, TOC).resolve() in known and not {Path(app.srcdir, path).resolve() for path in now} <= known:
            outdated.append(name)
    return outdated


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("exercise-table", ExerciseTable)
    app.connect("env-get-outdated", new_or_gone)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
