"""What sealed hints cost: their room in each notebook, and the time of a call.

`python -m benchmarks.hints` writes benchmarks/HINTS.md. A call is `hint(name)` in the released notebook with the
instructor's answers; the slowest function of each notebook counts, as the median of five calls.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import time
from pathlib import Path
from typing import Any

from autograder.course.key import Key, read_keys

from .folders import REPOSITORY
from .throughput import machine

RESULTS = Path(__file__).parent / "HINTS.md"
RUNS = 5


def notebook(key: Key) -> dict[str, Any]:
    """The released notebook's namespace, with the instructor's answers."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in key.cells:
        if cell.cell_type == "code" and not cell.grade:
            exec(cell.source if cell.solution else cell.released, namespace)
    return namespace


def milliseconds(namespace: dict[str, Any], name: str) -> float:
    """How long a call takes."""
    found = []
    for _ in range(RUNS):
        began = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            namespace["hint"](name)
        found.append(1000 * (time.perf_counter() - began))
    return statistics.median(found)


def main() -> None:
    """Measure every notebook."""
    os.environ["MPLBACKEND"] = "agg"
    rows = []
    for (assignment, name), key in read_keys(REPOSITORY / "solutions", REPOSITORY / "exercises").items():
        if "hints" not in key.by_id:
            continue
        namespace = notebook(key)
        about = namespace["_HINTS"]["about"]
        slowest, slowest_name = max((milliseconds(namespace, function), function) for function in about)
        sealed = sum(len(one["hints"]) * 3 // 4 // 26 for one in about.values())
        size = len(key.by_id["hints"].released.encode()) / 1000
        rows.append(f"| {assignment}/{name} | {sealed} | {size:.1f} | {slowest:.1f} | `{slowest_name}` |")
    head = "| Notebook | Sealed hints | kB | Slowest call, ms | of |\n|---|--:|--:|--:|---|"
    about_it = ". ".join(["`python -m benchmarks.hints`", *machine()])
    said = "The time of a Keras function is Keras's own: it runs on the practice inputs."
    RESULTS.write_text("\n".join(["# What sealed hints cost", "", f"{about_it}. {said}", "", head, *rows, ""]))
    print(RESULTS.read_text())


if __name__ == "__main__":
    main()
