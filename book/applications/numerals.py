"""Numbers and their Roman numerals, as tables of symbols: what the page on sequence to sequence translates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.int_]

VALUES = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
SIGNS = ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I")
NUMBERS = range(1, 4000)
PAD, START, STOP = 0, 1, 2
DIGITS = "·0123456789"
LETTERS = "·^$IVXLCDM"
"""The first three are no letters: padding, start and stop."""
LENGTH = 16
"""Places in a row of letters: the longest numeral has 15, MMMDCCCLXXXVIII, and the stop symbol comes after it."""


def roman(number: int) -> str:
    """The number in Roman numerals."""
    text = ""
    for value, sign in zip(VALUES, SIGNS, strict=True):
        count, number = divmod(number, value)
        text += count * sign
    return text


def rows(texts: Iterable[str], alphabet: str, length: int) -> Table:
    """Each text as a row of symbols, (texts, length), with padding behind it."""
    return np.array([[alphabet.index(sign) for sign in text.ljust(length, "·")] for text in texts])


def numeral(row: Iterable[Any]) -> str:
    """The letters of a row up to the stop symbol; an ellipsis where it never comes."""
    text = "".join(LETTERS[int(symbol)] for symbol in row)
    letters, stop, _ = text.partition("$")
    return letters if stop else f"{letters}…"


def split() -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """500 numbers to train on and 1000 that are held out. The settings were chosen with others, the last 1000."""
    order = np.random.default_rng(0).permutation(np.array(NUMBERS))
    return order[:500], order[1000:2000]
