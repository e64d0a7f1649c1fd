"""Explorables, from the modules in book/_assets/explorables to one file each, for the two places that run them.

A module imports from the others there (`import { sigmoid } from "./maths.js";`), exports its parameters as `start` and
its widget by `export default`. A stored run that it imports as JSON is written into it. JupyterLab's anywidget takes
one ES module as a string. The site takes a plain script: ES modules do not load from a page that is opened as a file,
and the course should be readable without a server. An explorable that shows any experiment of a kind gets its stored
run from the page, with its other values.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "_assets" / "explorables"
PARTS = ("maths", "ui", "distance-axes", "host")
"""Modules that are no explorables themselves."""

IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z-]+)\.js";\n', flags=re.MULTILINE)
RUN = re.compile(r'^import (\w+) from "\.\./\.\./(runs/\w+\.json)" with \{ type: "json" \};\n', flags=re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|function|class) )", flags=re.MULTILINE)
DEFAULT = "export default "


def names(folder: Path = FOLDER) -> list[str]:
    """Every explorable there is."""
    return sorted(path.stem for path in folder.glob("*.js") if path.stem not in PARTS)


def runs(folder: Path = FOLDER) -> dict[str, list[str]]:
    """The explorables that show any experiment of one kind, and the stored runs that are of it."""
    return {"seed-strip": sorted(path.stem for path in (folder.parent.parent / "runs").glob("seeds_*.json"))}


def results(run: str, folder: Path = FOLDER) -> dict[str, Any]:
    """What a stored run has found."""
    found: dict[str, Any] = json.loads((folder.parent.parent / "runs" / f"{run}.json").read_text())["results"]
    return found


def pictures(folder: Path = FOLDER) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every picture that is kept: its explorable, and what that is given besides its own start values."""
    of_runs = runs(folder)
    own = {name: (name, dict[str, Any]()) for name in names(folder) if name not in of_runs}
    return own | {run: (name, {"run": results(run, folder)}) for name in of_runs for run in of_runs[name]}


def parts(name: str, folder: Path = FOLDER) -> list[Path]:
    """The module and all that it imports, each behind what it needs."""
    found: list[Path] = []
    path = folder / f"{name}.js"
    for other in IMPORT.findall(path.read_text()):
        found += [part for part in parts(other, folder) if part not in found]
    return [*found, path]


def body(path: Path) -> str:
    """A module's text without its imports, and with the stored runs that it imports."""
    text = RUN.sub(lambda found: f"const {found[1]} = {run(path, found[2])};\n", path.read_text())
    return IMPORT.sub("", text).strip() + "\n"


def run(path: Path, name: str) -> str:
    """A stored run, in one line."""
    return json.dumps(json.loads((path.parent.parent.parent / name).read_text()), separators=(",", ":"))


def module(name: str, folder: Path = FOLDER) -> str:
    """One ES module for anywidget, whose default export is the widget."""
    *needed, last = parts(name, folder)
    return "\n".join([*(EXPORT.sub("", body(path)) for path in needed), body(last)])


def script(name: str, folder: Path = FOLDER) -> str:
    """One plain script that puts the explorable in its places on a page."""
    needed = parts(name, folder)
    needed += [path for path in parts("host", folder) if path not in needed]
    text = "\n".join(EXPORT.sub("", body(path)) for path in needed)
    assert text.count(f"\n{DEFAULT}") == 1, f"{name}.js needs one default export"
    text = text.replace(f"\n{DEFAULT}", "\nconst widget = ")
    return f'(() => {{\n"use strict";\n{text}\nmount("{name}", widget, start);\n}})();\n'


def styles(folder: Path = FOLDER) -> str:
    """The style sheet of all explorables."""
    return (folder / "explorables.css").read_text()
