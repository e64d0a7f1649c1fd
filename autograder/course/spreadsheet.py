"""Tables that a person opens in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A CSV text, its lines ended as spreadsheets do, in which no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([defused(text) for text in row])
    return out.getvalue()


def defused(text: str) -> str:
    """`text` with an apostrophe before whatever a spreadsheet would take for a formula: where the text begins, where a
    line does, and behind what may separate cells in the reader's language."""
    return re.sub(r"(^|[;|\t\r\n])([\s\"]*)(?=[=+\-@\t\r])", r"\1\2'", text)
