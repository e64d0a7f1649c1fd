"""A vector for each index: what goes wrong however the rows of the table are found, by looking up or by a product.

indices (batch, time), table (vocabulary, dim), the result (batch, time, dim).
"""

from __future__ import annotations

import numpy as np

from ...checking import Family

Array = np.ndarray

vector_for_each_index = Family()


@vector_for_each_index.right
def row_after_row(indices: Array, table: Array) -> Array:
    out = np.zeros((*indices.shape, table.shape[1]))
    for b, t in np.ndindex(indices.shape):
        out[b, t] = table[indices[b, t]]
    return out


@vector_for_each_index.wrong(
    "You return zeros where the index is 0.",
    "Row 0 of the table takes part like the others. Masking happens later.",
    see="embedding-mask",
)
def zeros_for_padding(indices: Array, table: Array) -> Array:
    return table[indices] * (indices != 0)[:, :, None]


@vector_for_each_index.wrong("Batch and time have changed places.", "The axes of the result are batch, time, dim.")
def time_before_batch(indices: Array, table: Array) -> Array:
    return table[indices.T]


@vector_for_each_index.wrong(
    "The dimensions of the vectors come first.", "The axes of the result are batch, time, dim."
)
def dimensions_first(indices: Array, table: Array) -> Array:
    return np.moveaxis(table[indices], -1, 0)


@vector_for_each_index.wrong(
    "The vectors of a sequence stand in one long row.",
    "That would be a Flatten after the embedding. Keep the axis of time.",
)
def vectors_side_by_side(indices: Array, table: Array) -> Array:
    return table[indices].reshape(len(indices), -1)


@vector_for_each_index.wrong(
    "Axes of size 1 are gone from your result.", "It keeps all its axes, also with one example or one step."
)
def squeezed(indices: Array, table: Array) -> Array:
    return np.squeeze(table[indices])
