"""Checks of the chapter on the simple recurrent network, one module an exercise. Arrays are batch-major.

A `wrong` function uses only `np` and names that the exercise notebook defines.
"""

from __future__ import annotations

from ..check import AnyCheck
from . import simple_rnn, step

CHECKS: dict[str, AnyCheck] = {**step.CHECKS, **simple_rnn.CHECKS}
