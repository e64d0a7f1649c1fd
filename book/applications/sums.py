"""The task of the pages on settings and on overfitting: is the sum of the first numbers positive?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS, INPUTS = 8, 3


def make(examples: int, seed: int, wrong: float = 0.0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """x (examples, STEPS, INPUTS) and the labels y (examples,), a share of which is wrong."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(examples, STEPS, INPUTS))
    y = (x[..., 0].sum(axis=1) > 0) ^ (rng.random(examples) < wrong)
    return x.astype("float32"), y.astype("float32")
