"""Checks of exercises/layers/embedding.ipynb: Flatten and Embedding.

indices (batch, time) are whole numbers from 0 to vocabulary - 1; table (vocabulary, dim); vectors and gradient (batch,
time, dim); mask (batch, time), booleans. As in Keras: keras/src/layers/core/embedding.py (compute_mask) for the mask,
keras/src/layers/pooling/global_average_pooling1d.py for the mean of what it leaves. Where all is padding the mean is 0
here, as the exercise says, and NaN there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from ..families.lookup import vector_for_each_index

Array = np.ndarray


# --- flatten ---------------------------------------------------------------------------------------------------------


# Whole numbers may stay whole numbers or become floats: the text allows both.
@graded("layers-flatten", exact_type=float)
def flatten(x: Array) -> Array:
    """One row an example, its last axis running fastest (keras/src/layers/reshaping/flatten.py)."""
    return x.reshape(x.shape[0], np.prod(x.shape[1:]))


@flatten.inputs
def draw_flatten(rng: np.random.Generator, batch: int, height: int, width: int, channels: int) -> Inputs:
    return (rng.normal(size=(batch, height, width, channels)),)


@flatten.condition("two axes")
def rows_already(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    return (rng.normal(size=(batch, units)),)


@flatten.condition("five axes")
def five_axes(rng: np.random.Generator) -> Inputs:
    return (rng.normal(size=(2, 3, 2, 4, 3)),)


@flatten.condition("whole numbers")
def whole_numbers_to_flatten(rng: np.random.Generator, batch: int, time: int, channels: int) -> Inputs:
    return (rng.integers(-9, 10, size=(batch, time, channels)),)


@flatten.condition("three axes")
def three_axes(rng: np.random.Generator, batch: int, time: int, channels: int) -> Inputs:
    return (rng.normal(size=(batch, time, channels)),)


@flatten.right
def flatten_axis_by_axis(x: Array) -> Array:
    while x.ndim > 2:
        x = np.concatenate([x[:, n] for n in range(x.shape[1])], axis=1)
    return x.reshape(len(x), -1)


@flatten.right
def flatten_each_example(x: Array) -> Array:
    return np.array([example.ravel() for example in x])


@flatten.right
def flatten_in_loops(x: Array) -> Array:
    return np.array([[example[place] for place in np.ndindex(example.shape)] for example in x])


@flatten.wrong(
    "You read each example in column order: its first axis runs fastest.",
    "In NumPy's and Keras's order the last axis runs fastest.",
)
def first_axis_fastest(x: Array) -> Array:
    return np.array([example.ravel(order="F") for example in x])


@flatten.wrong("The batch is gone: all examples stand in one row.", "Each example keeps a row of its own.")
def batch_flattened_too(x: Array) -> Array:
    return x.reshape(-1)


@flatten.wrong(
    "You move the channels to the front before you flatten.", "The channels already stand where the layer expects them."
)
def channels_moved_first(x: Array) -> Array:
    return np.moveaxis(x, -1, 1).reshape(x.shape[0], -1)


@flatten.wrong("The last axis is still there.", "Two axes remain: the batch and everything else.")
def channels_kept(x: Array) -> Array:
    return x.reshape(x.shape[0], -1, x.shape[-1])


@flatten.wrong("Your examples stand in columns.", "A row is one example.")
def batch_last(x: Array) -> Array:
    return x.reshape(x.shape[0], -1).T


@flatten.wrong(
    "The shape is right, but a row mixes numbers of several examples.",
    "reshape keeps the order in memory, so the batch has to be its first axis; a transpose afterwards comes too late.",
)
def examples_mixed(x: Array) -> Array:
    return x.reshape(-1, x.shape[0]).T


@flatten.wrong(
    "You average, so that numbers are lost.",
    "Flattening only lays the numbers out anew. How many does an example have, before and after?",
)
def averaged_to_a_row(x: Array) -> Array:
    return x.mean(axis=tuple(range(1, x.ndim - 1)))


# --- one_hot ---------------------------------------------------------------------------------------------------------


@graded("embedding-one-hot")
def one_hot(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] == np.arange(vocabulary)).astype(float)


@one_hot.inputs
def draw_one_hot(rng: np.random.Generator, batch: int, time: int, words: int) -> Inputs:
    return (rng.integers(0, words, size=(batch, time)), words)


@one_hot.condition("the largest index absent")
def one_hot_without_the_last(rng: np.random.Generator, batch: int, time: int, words: int) -> Inputs:
    return (rng.integers(0, words - 1, size=(batch, time)), words)


@one_hot.condition("index 0 absent")
def one_hot_without_padding(rng: np.random.Generator, batch: int, time: int, words: int) -> Inputs:
    return (rng.integers(1, words, size=(batch, time)), words)


@one_hot.condition("an index that comes twice")
def one_hot_with_repeats(rng: np.random.Generator, batch: int, words: int) -> Inputs:
    return (repeated(rng, batch, words), words)


@one_hot.condition("padding alone")
def one_hot_of_padding(rng: np.random.Generator, batch: int, time: int, words: int) -> Inputs:
    return (np.zeros((batch, time), dtype=int), words)


@one_hot.condition("a large vocabulary")
def one_hot_of_many(rng: np.random.Generator, batch: int, time: int) -> Inputs:
    return (rng.integers(0, 50, size=(batch, time)), 50)


def repeated(rng: np.random.Generator, batch: int, words: int) -> Array:
    """Every index but one, which is not the last: some of them twice in a row and in every example."""
    unused = int(rng.integers(words - 1))
    row = np.array([n for n in range(words) if n != unused for _ in (0, 1)])
    return np.stack([rng.permutation(row) for _ in range(batch)])


@one_hot.right
def one_hot_from_identity(indices: Array, vocabulary: int) -> Array:
    return np.eye(vocabulary)[indices]


@one_hot.right
def one_hot_in_loops(indices: Array, vocabulary: int) -> Array:
    out = np.zeros((*indices.shape, vocabulary))
    for b in range(indices.shape[0]):
        for t in range(indices.shape[1]):
            out[b, t, indices[b, t]] = 1
    return out


@one_hot.right
def one_hot_by_put_along_axis(indices: Array, vocabulary: int) -> Array:
    hot = np.zeros((*indices.shape, vocabulary), dtype="float32")
    np.put_along_axis(hot, indices[..., None], 1, axis=-1)
    return hot


@one_hot.wrong("Your ones stand one place too early.", "The vocabulary begins at index 0.")
def one_place_too_early(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] - 1 == np.arange(vocabulary)).astype(float)


@one_hot.wrong(
    "Where the index is 0, your row is empty.",
    "0 is an index like any other here. Only a mask treats it differently.",
    see="embedding-mask",
)
def padding_left_empty(indices: Array, vocabulary: int) -> Array:
    return ((indices[:, :, None] == np.arange(vocabulary)) & (indices[:, :, None] != 0)).astype(float)


@one_hot.wrong("Your ones stand one place too late.", "The vocabulary begins at index 0.")
def one_place_too_late(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] + 1 == np.arange(vocabulary)).astype(float)


@one_hot.wrong("Ones and zeros have changed places.", "One entry of a row is hot, the others are not.")
def all_but_one_hot(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] != np.arange(vocabulary)).astype(float)


@one_hot.wrong("Your rows hold ones up to the index.", "A row names one word. How many ones does it hold?")
def filled_up_to_the_index(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] >= np.arange(vocabulary)).astype(float)


@one_hot.wrong(
    "You write the index where a 1 belongs.",
    "The place says which word it is. What stands there is the same for all words.",
)
def index_in_place_of_one(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] == np.arange(vocabulary)) * indices[:, :, None].astype(float)


@one_hot.wrong(
    "The axis of the vocabulary stands before that of time.", "Each index is replaced by a row, so which axis is new?"
)
def vocabulary_before_time(indices: Array, vocabulary: int) -> Array:
    return (indices[:, None, :] == np.arange(vocabulary)[:, None]).astype(float)


@one_hot.wrong("The axis of the vocabulary comes first.", "Each index is replaced by a row, so which axis is new?")
def vocabulary_first(indices: Array, vocabulary: int) -> Array:
    return (indices == np.arange(vocabulary)[:, None, None]).astype(float)


@one_hot.wrong(
    "You return one row for each sequence.", "That forgets the order of the words. Every step has a row of its own."
)
def bag_of_words(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] == np.arange(vocabulary)).any(axis=1).astype(float)


# --- embedding -------------------------------------------------------------------------------------------------------


def draw_embedding(rng: np.random.Generator, batch: int, time: int, words: int, dim: int) -> Inputs:
    return (rng.integers(0, words, size=(batch, time)), rng.normal(size=(words, dim)))


def largest_absent(rng: np.random.Generator, batch: int, time: int, words: int, dim: int) -> Inputs:
    return (rng.integers(0, words - 1, size=(batch, time)), rng.normal(size=(words, dim)))


def padding_absent(rng: np.random.Generator, batch: int, time: int, words: int, dim: int) -> Inputs:
    return (rng.integers(1, words, size=(batch, time)), rng.normal(size=(words, dim)))


def an_index_twice(rng: np.random.Generator, batch: int, words: int, dim: int) -> Inputs:
    return (repeated(rng, batch, words), rng.normal(size=(words, dim)))


def fewer_dimensions_than_words(rng: np.random.Generator, batch: int, time: int) -> Inputs:
    return (rng.integers(0, 2, size=(batch, time)), rng.normal(size=(6, 2)))


def one_dimension(rng: np.random.Generator, batch: int, time: int, words: int) -> Inputs:
    return (np.zeros((batch, time), dtype=int), rng.normal(size=(words, 1)))


def equal_axes(rng: np.random.Generator) -> Inputs:
    return (rng.permuted(np.tile(np.arange(4), (4, 1)), axis=1), rng.normal(size=(4, 4)))


EMBEDDINGS: dict[str, Callable[..., Inputs]] = {
    "the largest index absent": largest_absent,
    "index 0 absent": padding_absent,
    "an index that comes twice": an_index_twice,
    "fewer dimensions than words": fewer_dimensions_than_words,
    "vectors of one number": one_dimension,
    "axes of equal length": equal_axes,
}
"""Conditions of both embeddings. No index is larger than a row is long: who takes columns for rows gets numbers too."""


@graded("embedding-lookup")
def embedding(indices: Array, table: Array) -> Array:
    return np.take(table, indices, axis=0)


# That dim is 1 and that all sizes are the same is among EMBEDDINGS.
embedding.inputs(without=("one dim", "equal sizes"), dim=range(7, 10))(draw_embedding)
for condition, drawn in EMBEDDINGS.items():
    embedding.condition(condition)(drawn)


@embedding.right
def embedding_in_loops(indices: Array, table: Array) -> Array:
    return np.array([[list(table[index]) for index in row] for row in indices])


@embedding.right
def embedding_of_flat_indices(indices: Array, table: Array) -> Array:
    return table[indices.ravel()].reshape(*indices.shape, -1)


embedding.like(vector_for_each_index)


@embedding.wrong("You look up the row before the right one.", "Index 0 belongs to the first row of the table.")
def row_before(indices: Array, table: Array) -> Array:
    return table[indices - 1]


@embedding.wrong("You look up columns of the table.", "Which axis of the table is the vocabulary?")
def columns_for_rows(indices: Array, table: Array) -> Array:
    return table.T[indices]


@embedding.wrong("You index the second axis of the table.", "Which axis of the table is the vocabulary?")
def columns_in_numpy_order(indices: Array, table: Array) -> Array:
    return table[:, indices]


@embedding.wrong("You average over time.", "An embedding keeps the steps apart.")
def averaged_over_time(indices: Array, table: Array) -> Array:
    return table[indices].mean(axis=1)


@embedding.wrong("You look up the last index of each sequence only.", "Every step gets a vector.")
def last_token_only(indices: Array, table: Array) -> Array:
    return table[indices[:, -1]]


@embedding.wrong("You multiply each vector by its index.", "The index is a name, not an amount.", see="embedding-why")
def scaled_by_the_index(indices: Array, table: Array) -> Array:
    return indices[:, :, None] * table[indices]


# --- embedding_by_product --------------------------------------------------------------------------------------------


@graded("embedding-product")
def embedding_by_product(indices: Array, table: Array, *, one_hot: Callable[..., Array] = one_hot) -> Array:
    return np.matmul(one_hot(indices, table.shape[0]), table)


embedding_by_product.inputs(without=("one dim", "equal sizes"), dim=range(7, 10))(draw_embedding)
for condition, drawn in EMBEDDINGS.items():
    embedding_by_product.condition(condition)(drawn)


@embedding_by_product.right
def product_by_einsum(indices: Array, table: Array) -> Array:
    return np.einsum("btv,vd->btd", one_hot(indices, len(table)), table)


@embedding_by_product.right
def product_in_loops(indices: Array, table: Array) -> Array:
    hot = one_hot(indices, len(table))
    return np.array([[sum(on * row for on, row in zip(token, table)) for token in example] for example in hot])


embedding_by_product.like(vector_for_each_index)


@embedding_by_product.wrong(
    "You multiply entry by entry and do not sum.", "A matrix product also adds up, here over the vocabulary."
)
def product_of_entries(indices: Array, table: Array) -> Array:
    return one_hot(indices, len(table))[:, :, :, None] * table


@embedding_by_product.wrong("You average over the vocabulary.", "A matrix product sums and divides by nothing.")
def mean_over_the_vocabulary(indices: Array, table: Array) -> Array:
    return one_hot(indices, len(table)) @ table / len(table)


@embedding_by_product.wrong("You add up the one-hot rows of a sequence first.", "Every step gets a vector of its own.")
def sum_over_the_sentence(indices: Array, table: Array) -> Array:
    return one_hot(indices, len(table)).sum(axis=1) @ table


# --- embedding_mask --------------------------------------------------------------------------------------------------


@graded("embedding-mask")
def embedding_mask(indices: Array) -> Array:
    """True where there is a token, False where there is padding."""
    return np.not_equal(indices, 0)


@embedding_mask.inputs
def draw_tokens(rng: np.random.Generator, batch: int, time: int) -> Inputs:
    return (rng.integers(1, 20, size=(batch, time)) * rng.integers(0, 2, size=(batch, time)),)


PADDED = {
    "padding in front": [0, 0, 3, 1, 5],
    "padding behind": [4, 1, 2, 0, 0],
    "padding between": [6, 0, 1, 0, 2],
    "no padding": [5, 2, 1, 7, 3],
    "padding alone": [0, 0, 0, 0, 0],
    "one token": [0, 0, 4, 0, 0],
}
"""Where the padding stands in every example of a batch; each condition also shifts the larger indices."""


def padded(row: list[int]) -> Callable[..., Inputs]:
    def draw(rng: np.random.Generator, batch: int) -> Inputs:
        rows = np.tile(row, (batch, 1))
        return (rows + rng.integers(0, 9, size=rows.shape) * (rows > 1),)

    return draw


for condition, row in PADDED.items():
    embedding_mask.condition(condition)(padded(row))


@embedding_mask.condition("padding at different places")
def padded_rows(rng: np.random.Generator) -> Inputs:
    return (rng.permutation(np.array(list(PADDED.values()))),)


@embedding_mask.right
def mask_by_type(indices: Array) -> Array:
    return indices.astype(bool)


@embedding_mask.right
def mask_in_loops(indices: Array) -> Array:
    return np.array([[bool(index > 0) for index in row] for row in indices])


@embedding_mask.right
def mask_filled_in(indices: Array) -> Array:
    mask = np.ones(indices.shape, dtype=bool)
    mask[indices == 0] = False
    return mask


@embedding_mask.wrong("Your mask is the wrong way round.", "In Keras, True means: this step counts.")
def mask_turned_round(indices: Array) -> Array:
    return indices == 0


@embedding_mask.wrong("You mask index 1 too.", "Which index alone stands for padding?")
def index_one_masked_too(indices: Array) -> Array:
    return indices > 1


@embedding_mask.wrong("You return indices.", "A mask says yes or no for each step.")
def indices_for_a_mask(indices: Array) -> Array:
    return np.where(indices != 0, indices, 0)


@embedding_mask.wrong(
    "After the first padding everything is masked.",
    "Padding may stand before the tokens too. Decide for each step by itself.",
)
def false_from_the_first_padding_on(indices: Array) -> Array:
    return np.cumprod(indices != 0, axis=1).astype(bool)


@embedding_mask.wrong(
    "Padding that stands before a token is not masked.",
    "Padding may stand before the tokens too. Decide for each step by itself.",
)
def true_up_to_the_last_token(indices: Array) -> Array:
    return np.cumsum((indices != 0)[:, ::-1], axis=1)[:, ::-1] > 0


@embedding_mask.wrong("You return one answer for each sequence.", "Every step is masked or not by itself.")
def one_answer_for_each_sequence(indices: Array) -> Array:
    return (indices != 0).any(axis=1)


@embedding_mask.wrong("You count the tokens of each sequence.", "A mask says for each step whether it counts.")
def tokens_counted(indices: Array) -> Array:
    return (indices != 0).sum(axis=1)


# --- masked_mean -----------------------------------------------------------------------------------------------------


@graded("embedding-masked-mean")
def masked_mean(vectors: Array, mask: Array) -> Array:
    """Padding weighs nothing. Where all is padding, zeros."""
    weights = mask[:, :, None].astype(float)
    return np.sum(vectors * weights, axis=1) / np.maximum(weights.sum(axis=1), 1)


@masked_mean.inputs
def draw_masked(rng: np.random.Generator, batch: int, time: int, dim: int) -> Inputs:
    (indices,) = draw_tokens(rng, batch, time)
    return (rng.normal(size=(batch, time, dim)) + 0.5, indices != 0)


def masked(row: list[int]) -> Callable[..., Inputs]:
    def draw(rng: np.random.Generator, batch: int, dim: int) -> Inputs:
        return (rng.normal(size=(batch, len(row), dim)) + 0.5, np.tile(np.array(row) != 0, (batch, 1)))

    return draw


for condition, row in PADDED.items():
    masked_mean.condition(condition)(masked(row))


@masked_mean.condition("padding at different places")
def masked_rows(rng: np.random.Generator, dim: int) -> Inputs:
    mask = rng.permutation(np.array(list(PADDED.values()))) != 0
    return (rng.normal(size=(*mask.shape, dim)) + 0.5, mask)


@masked_mean.condition("large numbers in the padding")
def large_where_masked(rng: np.random.Generator, dim: int) -> Inputs:
    vectors, mask = masked_rows(rng, dim)
    return (np.where(mask[:, :, None], vectors, 1e3), mask)


@masked_mean.condition("axes of equal length")
def equal_axes_masked(rng: np.random.Generator) -> Inputs:
    return (rng.normal(size=(5, 5, 5)), np.tri(5, dtype=bool))


@masked_mean.right
def masked_mean_in_loops(vectors: Array, mask: Array) -> Array:
    out = np.zeros((vectors.shape[0], vectors.shape[2]))
    for b in range(vectors.shape[0]):
        if mask[b].any():
            out[b] = vectors[b][mask[b]].mean(axis=0)
    return out


@masked_mean.right
def masked_mean_as_product(vectors: Array, mask: Array) -> Array:
    counts = mask.sum(axis=1, keepdims=True)
    weights = mask / np.where(counts == 0, 1, counts)
    return np.einsum("bt,btd->bd", weights, vectors)


@masked_mean.right
def masked_mean_of_zeroed(vectors: Array, mask: Array) -> Array:
    counted = np.array(vectors)
    counted[mask == False] = 0  # noqa: E712  as students write it
    count = mask.sum(1)
    count[count == 0] = 1
    return (counted.sum(1).T / count).T


@masked_mean.wrong("The mask has no effect.", "Padding should weigh nothing.")
def mean_of_all_steps(vectors: Array, mask: Array) -> Array:
    return vectors.mean(axis=1)


@masked_mean.wrong("You divide by the number of all steps.", "How many vectors did you add up?")
def divided_by_all_steps(vectors: Array, mask: Array) -> Array:
    return (vectors * mask[:, :, None]).mean(axis=1)


@masked_mean.wrong("You average over the padding.", "In Keras, True means: this step counts.", see="embedding-mask")
def mean_of_the_padding(vectors: Array, mask: Array) -> Array:
    hidden = ~mask
    return np.sum(vectors * hidden[:, :, None], axis=1) / np.maximum(hidden.sum(axis=1), 1)[:, None]


@masked_mean.wrong(
    "Where a sequence is padding only, you get NaN.",
    "There you divide zero by zero. Which divisor would leave the zeros as they are?",
)
def zero_over_zero(vectors: Array, mask: Array) -> Array:
    return np.sum(vectors * mask[:, :, None], axis=1) / mask.sum(axis=1)[:, None]


@masked_mean.wrong(
    "You divide by one more than the number of tokens.",
    "That keeps you from dividing by zero, but makes every other mean too small.",
)
def one_more_in_the_divisor(vectors: Array, mask: Array) -> Array:
    return np.sum(vectors * mask[:, :, None], axis=1) / (mask.sum(axis=1) + 1)[:, None]


@masked_mean.wrong("You add up and do not divide.", "Then a long sequence has large numbers only because it is long.")
def sum_of_the_tokens(vectors: Array, mask: Array) -> Array:
    return np.sum(vectors * mask[:, :, None], axis=1)


@masked_mean.wrong(
    "You divide by the number of tokens in the whole batch.", "Each sequence has its own number of tokens."
)
def divided_by_the_tokens_of_the_batch(vectors: Array, mask: Array) -> Array:
    return np.sum(vectors * mask[:, :, None], axis=1) / mask.sum()


@masked_mean.wrong(
    "Your divisor counts the dimensions of the vectors as well.",
    "Each dimension is a mean of its own. How many numbers went into it?",
)
def dimensions_averaged_too(vectors: Array, mask: Array) -> Array:
    counts = np.maximum(mask.sum(axis=1), 1) * vectors.shape[2]
    return np.sum(vectors * mask[:, :, None], axis=1) / counts[:, None]


@masked_mean.wrong(
    "You average the first steps of each sequence.",
    "The right number of steps, but padding may stand before the tokens. Where does the mask say that they are?",
)
def mean_of_the_first_steps(vectors: Array, mask: Array) -> Array:
    out = np.zeros((len(vectors), vectors.shape[2]))
    for b, count in enumerate(mask.sum(axis=1)):
        if count:
            out[b] = vectors[b, :count].mean(axis=0)
    return out


@masked_mean.wrong(
    "Where a sequence is padding only, you average over the padding.", "What did the exercise ask for in that case?"
)
def mean_of_padding_where_nothing_else_is(vectors: Array, mask: Array) -> Array:
    mask = mask | ~mask.any(axis=1, keepdims=True)
    return np.sum(vectors * mask[:, :, None], axis=1) / mask.sum(axis=1)[:, None]


@masked_mean.wrong("You return the last token.", "The mean asks all of them.")
def last_of_the_tokens(vectors: Array, mask: Array) -> Array:
    last = mask.shape[1] - 1 - np.argmax(mask[:, ::-1], axis=1)
    return vectors[np.arange(len(vectors)), last] * mask.any(axis=1, keepdims=True)


# --- embedding_gradient ----------------------------------------------------------------------------------------------


@graded("embedding-gradient")
def embedding_gradient(
    indices: Array, gradient: Array, vocabulary: int, *, one_hot: Callable[..., Array] | None = None
) -> Array:
    """Every place where an index stands adds its gradient to that row of the table."""
    if one_hot is not None:  # some students multiply by their one-hot rows, others add row by row
        return np.tensordot(one_hot(indices, vocabulary), gradient, axes=((0, 1), (0, 1)))
    out = np.zeros((vocabulary, gradient.shape[2]))
    np.add.at(out, indices, gradient)
    return out


@embedding_gradient.inputs
def draw_gradient(rng: np.random.Generator, batch: int, time: int, words: int, dim: int) -> Inputs:
    return (rng.integers(0, words, size=(batch, time)), rng.normal(size=(batch, time, dim)) + 0.3, words)


@embedding_gradient.condition("the largest index absent")
def gradient_without_the_last(rng: np.random.Generator, batch: int, time: int, words: int, dim: int) -> Inputs:
    return (rng.integers(0, words - 1, size=(batch, time)), rng.normal(size=(batch, time, dim)) + 0.3, words)


@embedding_gradient.condition("index 0 absent")
def gradient_without_padding(rng: np.random.Generator, batch: int, time: int, words: int, dim: int) -> Inputs:
    return (rng.integers(1, words, size=(batch, time)), rng.normal(size=(batch, time, dim)) + 0.3, words)


@embedding_gradient.condition("an index that comes twice")
def gradient_with_repeats(rng: np.random.Generator, batch: int, words: int, dim: int) -> Inputs:
    indices = repeated(rng, batch, words)
    return (indices, rng.normal(size=(*indices.shape, dim)) + 0.3, words)


@embedding_gradient.condition("one index everywhere")
def gradient_of_one_word(rng: np.random.Generator, batch: int, time: int, words: int, dim: int) -> Inputs:
    indices = np.full((batch, time), rng.integers(words))
    return (indices, rng.normal(size=(batch, time, dim)) + 0.3, words)


@embedding_gradient.condition("every index once")
def gradient_of_every_word(rng: np.random.Generator, batch: int, time: int, dim: int) -> Inputs:
    words = batch * time
    return (rng.permutation(words).reshape(batch, time), rng.normal(size=(batch, time, dim)) + 0.3, words)


@embedding_gradient.right
def gradient_by_product(indices: Array, gradient: Array, vocabulary: int) -> Array:
    hot = np.eye(vocabulary)[indices.ravel()]
    return hot.T @ gradient.reshape(-1, gradient.shape[2])


@embedding_gradient.right
def gradient_in_loops(indices: Array, gradient: Array, vocabulary: int) -> Array:
    out = np.zeros((vocabulary, gradient.shape[2]))
    for b in range(indices.shape[0]):
        for t in range(indices.shape[1]):
            out[indices[b, t]] += gradient[b, t]
    return out


@embedding_gradient.right
def gradient_row_by_row(indices: Array, gradient: Array, vocabulary: int) -> Array:
    return np.stack([gradient[indices == index].sum(axis=0) for index in range(vocabulary)])


@embedding_gradient.wrong(
    "Where an index occurs several times, only its last place counts.",
    "With an array of indices, NumPy reads all rows first and then writes: `a[i] += b` keeps one result a row. "
    "What should happen to the others?",
)
def last_place_wins(indices: Array, gradient: Array, vocabulary: int) -> Array:
    out = np.zeros((vocabulary, gradient.shape[2]))
    out[indices] += gradient
    return out


@embedding_gradient.wrong(
    "Where an index occurs several times, only its first place counts.",
    "The same row was used at every one of these places.",
)
def first_place_wins(indices: Array, gradient: Array, vocabulary: int) -> Array:
    out = np.zeros((vocabulary, gradient.shape[2]))
    for place in reversed(list(np.ndindex(indices.shape))):
        out[indices[place]] = gradient[place]
    return out


@embedding_gradient.wrong(
    "You average over the places where an index occurs.",
    "A weight that is used several times collects from each use. Nothing is divided.",
)
def averaged_over_places(indices: Array, gradient: Array, vocabulary: int) -> Array:
    places = [gradient[indices == index] for index in range(vocabulary)]
    return np.stack([place.sum(axis=0) / max(len(place), 1) for place in places])


@embedding_gradient.wrong(
    "You divide by the batch size.",
    "If the loss is a mean over the batch, the gradient that arrives here is divided already.",
)
def divided_by_the_batch(indices: Array, gradient: Array, vocabulary: int) -> Array:
    hot = np.eye(vocabulary)[indices.ravel()]
    return hot.T @ gradient.reshape(-1, gradient.shape[2]) / len(indices)


@embedding_gradient.wrong(
    "Row 0 gets no gradient.", "This function knows of no mask: it passes on what arrives at each place."
)
def padding_learns_nothing(indices: Array, gradient: Array, vocabulary: int) -> Array:
    hot = np.eye(vocabulary)[indices.ravel()] * (indices.ravel() != 0)[:, None]
    return hot.T @ gradient.reshape(-1, gradient.shape[2])


@embedding_gradient.wrong(
    "Your gradients land one row too high.", "Index 0 belongs to the first row of the table.", see="embedding-lookup"
)
def gradient_one_row_up(indices: Array, gradient: Array, vocabulary: int) -> Array:
    hot = np.eye(vocabulary)[indices.ravel() - 1]
    return hot.T @ gradient.reshape(-1, gradient.shape[2])


@embedding_gradient.wrong(
    "Rows whose index does not occur are missing.",
    "The gradient has the shape of the table. What is it for a word that was not there?",
)
def only_rows_that_occur(indices: Array, gradient: Array, vocabulary: int) -> Array:
    return np.stack([gradient[indices == index].sum(axis=0) for index in np.unique(indices)])


@embedding_gradient.wrong(
    "You add the sum of a row once for each place, so it counts several times.",
    "Add at each place what arrived at that place.",
)
def sum_at_every_place(indices: Array, gradient: Array, vocabulary: int) -> Array:
    out = np.zeros((vocabulary, gradient.shape[2]))
    for index in indices.ravel():
        out[index] += gradient[indices == index].sum(axis=0)
    return out


@embedding_gradient.wrong("Only the first sequence of the batch counts.", "All sequences look up the same table.")
def first_example_only(indices: Array, gradient: Array, vocabulary: int) -> Array:
    return np.eye(vocabulary)[indices[0]].T @ gradient[0]


@embedding_gradient.wrong(
    "The sign is turned round.", "The gradient is asked for, not the step that the optimiser makes with it."
)
def step_downhill(indices: Array, gradient: Array, vocabulary: int) -> Array:
    hot = np.eye(vocabulary)[indices.ravel()]
    return -hot.T @ gradient.reshape(-1, gradient.shape[2])
