"""A check of a value, such as the answer to a quiz."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .compare import differences, same
from .failed import fail
from .misconception import Misconception, Mistakes


class ValueCheck(Mistakes):
    """Compares a student's value `name` with the right one, or with what the function `expected` gives."""

    uses: tuple[str, ...] = ()

    def __init__(
        self,
        name: str,
        expected: Any,
        section: str,
        rtol: float = 1e-4,
        atol: float = 1e-5,
        exact_type: type | None = None,
    ) -> None:
        self.name, self.expected, self.section = name, expected, section
        self.rtol, self.atol, self.exact_type = rtol, atol, exact_type
        self.misconceptions: list[Misconception] = []
        self.also_right: list[Callable[..., Any]] = []

    def judge(self, value: Any) -> None:
        """Raise `CheckFailed` unless `value` is right."""
        if value is None or value is ...:
            fail(f"`{self.name}` has no answer yet.", "blank", self.section)
        expected = self.expected() if callable(self.expected) else self.expected
        found = differences(
            value, expected, (f"`{self.name}`",), rtol=self.rtol, atol=self.atol, exact_type=self.exact_type
        )
        if not found:
            return
        matches = [m for m in self.misconceptions if same(value, m.wrong, rtol=self.rtol, atol=self.atol)]
        if len(matches) == 1:
            fail(f"{matches[0].says} {matches[0].hint}", "misconception", matches[0].section, matches[0].name)
        # Which entries are wrong, and by how much, would give a fixed answer away in a few attempts.
        text = f"`{self.name}` is not right." if found[0].kind == "values" else found[0].text
        fail(text, found[0].kind, self.section)
