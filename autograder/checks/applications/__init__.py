"""Checks of the chapter on applications, one module an exercise."""

from __future__ import annotations

from ..check import AnyCheck
from . import forecast, text

CHECKS: dict[str, AnyCheck] = {**text.CHECKS, **forecast.CHECKS}
