"""Experiments that take too long for a page: each module here is one, and its results stand beside it as JSON.

`python -m book.runs` says which there are and whether what is stored is what the module, as it is, would be asked for;
`python -m book.runs NAME` runs one anew and stores it. A page reads results with `stored("NAME")` and shows every seed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = list[NDArray[Any]]

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


def packed(weights: Iterable[NDArray[Any]]) -> str:
    """A network's weights in a row, as float16, in base64."""
    return base64.b64encode(np.concatenate([w.ravel() for w in weights]).astype("float16").tobytes()).decode()


def unpacked(text: str, like: Iterable[NDArray[Any]]) -> Weights:
    """Packed weights, in the shapes of these: `model.set_weights(unpacked(text, model.get_weights()))`."""
    rest = np.frombuffer(base64.b64decode(text), "float16").astype("float32")
    weights = []
    for w in like:
        weights.append(rest[: w.size].reshape(w.shape))
        rest = rest[w.size :]
    if rest.size:
        raise ValueError("these weights belong to another network")
    return weights


def names() -> list[str]:
    """Every run."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
