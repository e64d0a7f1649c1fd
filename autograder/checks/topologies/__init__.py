"""Checks of the chapter on topologies, one module an exercise. Arrays are batch-major: x (batch, time, inputs)."""

from __future__ import annotations

from ..check import AnyCheck
from . import models, patterns

CHECKS: dict[str, AnyCheck] = {**patterns.CHECKS, **models.CHECKS}
