"""Where hidden inputs come from: numbers that depend on the seed of a run and on the name of a check."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

Inputs = tuple[Any, ...]

_seed: ContextVar[bytes | None] = ContextVar("seed", default=None)


@contextmanager
def seeded(seed: bytes) -> Iterator[None]:
    """Draw the inputs of every check inside from `seed`; outside they are drawn from the operating system."""
    token = _seed.set(seed)
    try:
        yield
    finally:
        _seed.reset(token)


def generator(name: str) -> np.random.Generator:
    """Where the check `name` draws from: it depends on the seed and the name alone."""
    seed = _seed.get() or os.urandom(16)
    digest = hashlib.blake2b(name.encode(), key=seed[:64], digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest))
