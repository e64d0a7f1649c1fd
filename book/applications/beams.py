"""Beam search over a whole batch at once, in NumPy, with any one-step decoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Step = Callable[[Array, Sequence[Array]], tuple[Array, Sequence[Array]]]
"""From the last symbols, (rows,), and states, (rows, …) each: probabilities, (rows, symbols), and new states."""


def beams(
    step: Step, states: Sequence[Array], width: int, length: int, *, start: int, stop: int, pad: int
) -> tuple[Array, Array]:
    """Symbols, (batch, width, length), and log probabilities, (batch, width), of the hypotheses left, the best first.

    A finished hypothesis keeps its place in the beam. At the end the finished ones come before all others.
    """
    batch = len(states[0])
    states = [np.repeat(state, width, axis=0) for state in states]
    log_p = np.full((batch, width), -np.inf)
    log_p[:, 0] = 0.0  # there is one hypothesis to begin with, the empty one
    last = np.full((batch, width), start)
    done = np.zeros((batch, width), bool)
    written = np.zeros((batch, width, 0), int)
    row = np.arange(batch)[:, None]
    for _ in range(length):
        p, states = step(last.ravel(), states)
        symbols = p.shape[-1]
        with np.errstate(divide="ignore"):
            log_next = np.log(p).reshape(batch, width, symbols)
        stays = np.where(np.arange(symbols) == pad, 0.0, -np.inf)
        log_next = np.where(done[..., None], stays, log_next)
        every = (log_p[..., None] + log_next).reshape(batch, -1)
        best = np.argsort(-every, axis=1, kind="stable")[:, :width]
        parent, last = np.divmod(best, symbols)
        log_p = every[row, best]
        written = np.concatenate([written[row, parent], last[..., None]], axis=2)
        done = done[row, parent] | (last == stop)
        states = [state[(row * width + parent).ravel()] for state in states]
    order = np.lexsort((-log_p, ~done), axis=1)
    return written[row, order], log_p[row, order]
