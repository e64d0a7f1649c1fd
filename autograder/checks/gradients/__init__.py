"""Checks of the chapter on gradients through time, one module an exercise. Arrays are batch-major.

A `wrong` function uses only `np` and names that the exercise notebook defines or is given.
"""

from __future__ import annotations

from ..check import AnyCheck
from . import backpropagation, norms

CHECKS: dict[str, AnyCheck] = {**backpropagation.CHECKS, **norms.CHECKS}
