"""A check of a question with lettered options. Every option has its explanation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .failed import fail, remark
from .misconception import Misconception


class ChoiceCheck:
    """A question whose answer is the letter `right`. `options` explains each option, by its letter."""

    uses: tuple[str, ...] = ()

    def __init__(self, name: str, right: str, options: Mapping[str, str], section: str) -> None:
        self.name, self.right, self.options, self.section = name, right, options, section
        wrong = (letter for letter in options if letter != right)
        self.misconceptions = [Misconception(letter, f"{letter}: {options[letter]}", "", section) for letter in wrong]

    def judge(self, value: Any) -> None:
        """Raise `CheckFailed` unless `value` is the right letter; explain what was chosen either way."""
        if value is None or value is ... or (isinstance(value, str) and not value.strip()):
            fail(f"`{self.name}` has no answer yet.", "blank", self.section)
        letter = value.strip().upper() if isinstance(value, str) else value
        if not isinstance(letter, str) or letter not in self.options:
            letters = ", ".join(f'"{known}"' for known in self.options)
            fail(f"`{self.name}` must be one of {letters}.", "type", self.section)
        for misconception in self.misconceptions:
            if letter == misconception.wrong:
                fail(misconception.says, "misconception", self.section, misconception.name)
        remark(f"{letter}: {self.options[letter]}")
