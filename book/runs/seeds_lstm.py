"""The verdict at the first step, by what `lstm_verdict` has measured, laid out for the strip of seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import stored
from ._grid import axis
from .lstm_verdict import EPOCHS, STEPS

BIASES = (0, 1, 3)
NETWORKS = ("SimpleRNN(16)", "SimpleRNN(34)", "LSTM(16)")
EXAMPLES = 1000


def measured(name: str) -> list[Any]:
    """How many of 1000 new sequences were right: epoch, steps, seed."""
    shares = stored("lstm_verdict")["results"][name]
    counts = np.rint(EXAMPLES * np.array([shares[str(steps)] for steps in STEPS])).astype(int)
    return counts.swapaxes(0, 1).tolist()


def run() -> dict[str, Any]:
    """How many of 1000 new sequences are right: network, forget bias, epochs, steps, seed."""
    names = [[name if name != "LSTM(16)" else f"LSTM(16), forget bias {b}" for b in BIASES] for name in NETWORKS]
    axes = [
        axis("network", "Network", NETWORKS),
        axis("bias", "Forget bias", BIASES, only=[NETWORKS.index("LSTM(16)")]),
        axis("epochs", "Epochs", range(1, EPOCHS + 1)),
        axis("steps", "Steps", STEPS),
    ]
    right = [[measured(name) for name in by_bias] for by_bias in names]
    return {"examples": EXAMPLES, "guessing": 0.5, "axes": axes, "at": [2, 1, EPOCHS - 1, 1], "right": right}
