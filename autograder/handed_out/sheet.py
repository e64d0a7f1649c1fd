"""A platform's own table, in which some cells are changed and every other byte stays.

The platform reads its own file back: names, identifiers and dates have to be what it wrote. So a table is cut at its
separators and no more: a cell that nobody fills keeps its quotes, spaces and line ends, the file its encoding, its
byte-order mark and its decimal comma.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from ..handed_in.submission import Unreadable, read_bytes

ENCODINGS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
SEPARATORS = ",;\t"
COMMA = re.compile(r"-?\d+,\d+")


class NotATable(Exception):
    """The file is no table that a platform has written. The text says why."""


@dataclass
class Sheet:
    """A table by rows and columns; row 0 is the header."""

    rows: list[list[str]]
    """Each cell as it stands in the file, quotes included."""
    ends: list[str]
    """How each row ends: in a line end, or in nothing at the end of the file."""
    separator: str
    encoding: str
    mark: bytes = b""

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """Read a table. Raises NotATable."""
        try:
            data = read_bytes(path)
        except Unreadable as error:
            raise NotATable(f"{path}: {error}") from None
        mark = next((mark for mark in ENCODINGS if data.startswith(mark)), b"")
        encoding = ENCODINGS.get(mark, "utf-8")
        try:
            text = data[len(mark) :].decode(encoding)
        except UnicodeDecodeError:
            if mark:
                raise NotATable(f"{path} is not the text in {encoding} that it says it is.") from None
            encoding = "latin-1"  # whatever it is: each byte is one character, and goes out as it came in
            text = data.decode(encoding)
        separator = max(SEPARATORS, key=lambda one: _columns(text, one))
        try:
            rows, ends = ([], []) if "\0" in text else cut(text, separator)
        except NotATable as error:
            raise NotATable(f"{path} is no table. {error}") from None
        if not rows or len(rows[0]) < 2:
            raise NotATable(f"{path} is no table: its first line names no columns.")
        return cls(rows, ends, separator, encoding, mark)

    @property
    def header(self) -> list[str]:
        """The columns' names."""
        return [plain(cell) for cell in self.rows[0]]

    def text(self, row: int, column: int) -> str:
        """What a cell says; "" where the row is too short to have it."""
        return plain(self.rows[row][column]) if column < len(self.rows[row]) else ""

    def fill(self, row: int, column: int, text: str) -> None:
        """Write `text` in a cell, quoted where the cell was or where it has to be."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        quoted = cells[column].startswith('"') or any(sign in text for sign in f'{self.separator}"\r\n')
        cells[column] = '"' + text.replace('"', '""') + '"' if quoted else text

    def decimal_comma(self, columns: list[int]) -> bool:
        """Whether numbers in these columns are written with a comma."""
        return any(COMMA.fullmatch(self.text(row, column)) for row in range(len(self.rows)) for column in columns)

    def to_bytes(self) -> bytes:
        """The file. Raises UnicodeEncodeError where a text that was filled in does not exist in its encoding."""
        text = "".join(self.separator.join(row) + end for row, end in zip(self.rows, self.ends, strict=True))
        return self.mark + text.encode(self.encoding)


def plain(cell: str) -> str:
    """What a cell says, without its quotes and the space around it."""
    cell = cell.strip()
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _columns(text: str, separator: str) -> int:
    """How many columns the header has, if this separates them; 0 where it cannot be read so."""
    try:
        rows, _ = cut(text, separator, rows=1)
    except NotATable:
        return 0
    return len(rows[0]) if rows else 0


def cut(text: str, separator: str, rows: int = 0) -> tuple[list[list[str]], list[str]]:
    """The cells of each row as they stand, and how each row ends; of the first `rows` only, where that is not 0."""
    piece = re.compile(rf'("(?:[^"]|"")*"[^{separator}\r\n"]*|(?!")[^{separator}\r\n]*)({separator}|\r\n|\n|\r|\Z)')
    found: list[list[str]] = []
    ends: list[str] = []
    cells: list[str] = []
    place = 0
    while place < len(text) or cells:
        match = piece.match(text, place)
        if match is None:
            raise NotATable("There is a quote without its end.")
        cells.append(match[1])
        place = match.end()
        if match[2] != separator:
            found.append(cells)
            ends.append(match[2])
            cells = []
            if rows and len(found) == rows:
                break
    return found, ends
