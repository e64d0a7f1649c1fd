"""Whether a function has changed its arguments: on both sides of the wall this says so, and both alike."""

from __future__ import annotations

from typing import Any

import numpy as np


def copied(value: Any) -> Any:
    """A copy of an array, or of the arrays in a dictionary or a list."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


def unchanged(old: Any, new: Any) -> bool:
    """Whether an argument holds what it did, but for rounding: who adds a number and takes it away again may do so."""
    if isinstance(old, np.ndarray):
        alike = isinstance(new, np.ndarray) and old.shape == new.shape and old.dtype == new.dtype
        identical = alike and old.tobytes() == new.tobytes()
        if identical or not alike or old.dtype.kind not in "fc":
            return identical
        return bool(np.allclose(old, new, rtol=1e-9, atol=1e-12, equal_nan=True))
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(unchanged(old[key], new[key]) for key in old)
    if isinstance(old, list):
        return len(old) == len(new) and all(unchanged(one, other) for one, other in zip(old, new, strict=True))
    return bool(old == new)
