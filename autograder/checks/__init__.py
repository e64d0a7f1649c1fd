"""What each graded function must do, as data: one module a chapter, one `Check` a function.

A hidden test reads `from autograder.checks import hidden`, then `hidden.lstm.forget_gate(forget_gate)`.
"""

from __future__ import annotations

import importlib
from types import SimpleNamespace

from .check import AnyCheck

CHAPTERS = ("lstm", "layers", "gru", "applications", "rnn", "gradients", "topologies", "review")


def chapter_checks(chapter: str) -> dict[str, AnyCheck]:
    """The checks of one chapter, by the name of the function that the student writes."""
    checks: dict[str, AnyCheck] = importlib.import_module(f"{__name__}.{chapter}").CHECKS
    return checks


class _Chapters:
    """Attribute access to every chapter's checks, imported when first asked for."""

    def __getattr__(self, chapter: str) -> SimpleNamespace:
        if chapter not in CHAPTERS:
            raise AttributeError(f"no chapter {chapter!r} has checks; there are {', '.join(CHAPTERS)}")
        return SimpleNamespace(**chapter_checks(chapter))


hidden = _Chapters()
