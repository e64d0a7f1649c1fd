"""What each graded function must do. The checks of exercises/CHAPTER/NOTEBOOK.ipynb stand in CHAPTER/NOTEBOOK.py.

A hidden test reads `from autograder.checks import hidden`, then `hidden.lstm.gates.forget_gate(forget_gate)`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from ..checking import AnyCheck, BehaviourCheck, ChoiceCheck, FunctionCheck, ModelCheck, ValueCheck

KINDS = (FunctionCheck, ValueCheck, ChoiceCheck, ModelCheck, BehaviourCheck)


@cache
def notebooks() -> list[tuple[str, str]]:
    """The chapter and the name of every notebook that has checks."""
    paths = sorted(Path(__file__).parent.glob("*/*.py"))
    return [(path.parent.name, path.stem) for path in paths if path.stem != "__init__" and path.parent.name != FAMILIES]


FAMILIES = "families"
"""The folder of mistakes that several notebooks share; it belongs to no chapter."""


@cache
def notebook_checks(chapter: str, notebook: str) -> dict[str, AnyCheck]:
    """The checks of one notebook in its order, by the name of what the student writes."""
    if (chapter, notebook) not in notebooks():
        return {}  # all of it is marked by a person
    module = importlib.import_module(f"{__name__}.{chapter}.{notebook}")
    found = (value for value in vars(module).values() if isinstance(value, KINDS))
    return {check.name: check for check in found if _home(check) in ("", module.__name__)}


def every_check() -> Iterator[tuple[str, str, AnyCheck]]:
    """Every check of the course, with its chapter and its notebook."""
    for chapter, notebook in notebooks():
        for check in notebook_checks(chapter, notebook).values():
            yield chapter, notebook, check


def _home(check: AnyCheck) -> str:
    """The module of a function's check: a notebook may use the functions of another, and does not check them again."""
    return str(check.reference.__module__) if isinstance(check, FunctionCheck | ModelCheck | BehaviourCheck) else ""


class _Hidden:
    """hidden.CHAPTER.NOTEBOOK.NAME, imported when first asked for."""

    def __getattr__(self, chapter: str) -> _Chapter:
        names = {name for known, name in notebooks() if known == chapter}
        if not names:
            raise AttributeError(f"no chapter {chapter!r} has checks")
        return _Chapter(chapter, names)


class _Chapter:
    def __init__(self, chapter: str, notebooks: set[str]) -> None:
        self._chapter, self._notebooks = chapter, notebooks

    def __getattr__(self, notebook: str) -> SimpleNamespace:
        if notebook not in self._notebooks:
            raise AttributeError(f"no notebook {notebook!r} of {self._chapter} has checks")
        return _judges(self._chapter, notebook)


@cache
def _judges(chapter: str, notebook: str) -> SimpleNamespace:
    return SimpleNamespace(**{name: check.judge for name, check in notebook_checks(chapter, notebook).items()})


hidden = _Hidden()
