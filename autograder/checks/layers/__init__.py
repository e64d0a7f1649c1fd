"""Checks of the chapter on Keras's layers, one module an exercise. Arrays are channels-last, as Keras has them."""

from __future__ import annotations

from ..check import AnyCheck
from . import constraints, convolution, embedding, pooling

CHECKS: dict[str, AnyCheck] = {**pooling.CHECKS, **convolution.CHECKS, **embedding.CHECKS, **constraints.CHECKS}
