"""Runs a released notebook's cells where nothing of the course can be imported, and says what its hints print.

In, a line for each notebook: a JSON object with the code cells in order, [grade_id, source], and a list of tries:
{function, answers}, where `answers` are the sources that take the place of cells. Out, a line for each: for each try
what `hint(function)` prints.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys

os.environ["MPLBACKEND"] = "agg"


def printed(cells: list[list[str]], answers: dict[str, str], function: str) -> str:
    """What the hint prints in a notebook with these answers."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    for grade_id, source in cells:
        exec(answers.get(grade_id, source), namespace)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        namespace["hint"](function)  # type: ignore[operator]
    return out.getvalue()


def main() -> None:
    """Answer stdin on stdout. One Python does for all notebooks: some import TensorFlow, which takes it seconds."""
    try:
        import autograder  # noqa: F401
    except ImportError:
        pass
    else:
        raise SystemExit("the course can be imported here, so nothing is shown")
    for line in sys.stdin:
        asked = json.loads(line)
        said = [printed(asked["cells"], one["answers"], one["function"]) for one in asked["tries"]]
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
