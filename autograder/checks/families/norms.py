"""Norms of the vectors of w along `axis`: what goes wrong in them, and in every constraint that scales vectors by them.

w is an array of any rank, `axis` an int or a tuple of ints: the last argument. Before it come a constraint's limits.
The word `then` is what follows from the norms, a function of w, norms and limits: the norms themselves, or w scaled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import Family

Array = np.ndarray
Then = Callable[..., Array]

norms = Family()


@norms.wrong("You use the square of the norm.", "What is the length of the vector (3, 4)?", see="constraints-norm")
def squared_norms(w: Array, *given: Any, then: Then) -> Array:
    *limits, axis = given
    return then(w, np.sum(w**2, axis=axis, keepdims=True), *limits)


@norms.wrong(
    "You add up magnitudes in place of a length.",
    "The length of (3, 4) is not 7. How does Pythagoras have it?",
    see="constraints-norm",
)
def sums_of_magnitudes(w: Array, *given: Any, then: Then) -> Array:
    *limits, axis = given
    return then(w, np.sum(np.abs(w), axis=axis, keepdims=True), *limits)


@norms.wrong(
    "You take the largest magnitude of each vector for its norm.",
    "All entries count towards a length.",
    see="constraints-norm",
)
def largest_magnitudes(w: Array, *given: Any, then: Then) -> Array:
    *limits, axis = given
    return then(w, np.max(np.abs(w), axis=axis, keepdims=True), *limits)


@norms.wrong("You average the squares.", "A length adds them up.", see="constraints-norm")
def root_mean_squares(w: Array, *given: Any, then: Then) -> Array:
    *limits, axis = given
    return then(w, np.sqrt(np.mean(w**2, axis=axis, keepdims=True)), *limits)


@norms.wrong(
    "You take one norm over the whole array.",
    "Each unit or filter has a norm of its own. Which argument says so?",
    see="constraints-axis",
)
def one_norm_for_all(w: Array, *given: Any, then: Then) -> Array:
    *limits, _ = given
    return then(w, np.sqrt(np.sum(w**2, keepdims=True)), *limits)


@norms.wrong(
    "You always sum over axis 0.", "`axis` says over which axes, and it may name several.", see="constraints-axis"
)
def axis_zero_always(w: Array, *given: Any, then: Then) -> Array:
    *limits, _ = given
    return then(w, np.sqrt(np.sum(w**2, axis=0, keepdims=True)), *limits)


@norms.wrong(
    "You take the norm over the axes that `axis` does not name.",
    "`axis` names what is summed over and disappears into a norm, not what is kept.",
    see="constraints-axis",
)
def axis_kept_not_summed(w: Array, *given: Any, then: Then) -> Array:
    *limits, axis = given
    rest = tuple(a for a in range(w.ndim) if a not in np.atleast_1d(axis))
    return then(w, np.sqrt(np.sum(w**2, axis=rest, keepdims=True)), *limits)


scaling = Family()
"""What goes wrong where vectors are scaled by their norms."""


@scaling.right
def with_a_smallest_norm(w: Array, *given: Any, then: Then) -> Array:
    *limits, axis = given
    return then(w, np.maximum(np.sum(w * w, axis=axis, keepdims=True) ** 0.5, 1e-7), *limits)


@scaling.wrong(
    "A vector of zeros becomes NaN.",
    "Its norm is 0, and you divide by it. Keras's small number keeps that from happening: where does it stand?",
    see="constraints-zero-norm",
)
def zeros_become_nan(w: Array, *given: Any, then: Then) -> Array:
    *limits, axis = given
    lengths = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
    return np.where(lengths == 0, np.nan, then(w, lengths, *limits))


@scaling.wrong(
    "Axes of size 1 are gone from your result.", "What comes back has the shape of `w`.", see="constraints-axis"
)
def squeezed(w: Array, *given: Any, then: Then) -> Array:
    *limits, axis = given
    return np.squeeze(then(w, np.sqrt(np.sum(w**2, axis=axis, keepdims=True)), *limits))


@scaling.wrong(
    "You scale by the norm of the longest vector.",
    "Each vector has a norm and a factor of its own.",
    see="constraints-axis",
)
def longest_decides_for_all(w: Array, *given: Any, then: Then) -> Array:
    *limits, axis = given
    return then(w, np.max(np.sqrt(np.sum(w**2, axis=axis, keepdims=True)), keepdims=True), *limits)
