"""Experiments that take too long for a page: each module here is one, and its results stand beside it as JSON.

`python -m book.runs` says which there are and whether what is stored is what the module, as it is, would be asked for;
`python -m book.runs NAME` runs one anew and stores it. A page reads results with `stored("NAME")` and shows every seed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def digest(name: str) -> str:
    """What stands for the module that made a result, and for the modules beside it that it imports."""
    source = (FOLDER / f"{name}.py").read_bytes()
    beside = [path.read_bytes() for path in sorted(FOLDER.glob("*.py")) if f"from .{path.stem} ".encode() in source]
    return hashlib.sha256(b"".join([source, *beside])).hexdigest()[:16]


def stored(name: str) -> dict[str, Any]:
    """The stored results of a run: `results`, as its `run()` returned them, and `made`, when and with what."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    if found["module"] != digest(name):
        raise ValueError(f"book/runs/{name}.py has changed since its results were stored: python -m book.runs {name}")
    return found


def names() -> list[str]:
    """Every run."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
