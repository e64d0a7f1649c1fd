"""Checks of exercises/layers/embedding.ipynb: Flatten and Embedding."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs

Array = np.ndarray


# --- flatten ---------------------------------------------------------------------------------------------------------


@graded("layers-flatten", edges=((np.arange(24.0).reshape(2, 3, 4),), (np.arange(72.0).reshape(3, 4, 2, 3) ** 1.5,)))
def flatten(x: Array) -> Array:
    """One row an example, its last axis running fastest (keras/src/layers/reshaping/flatten.py)."""
    return x.reshape(x.shape[0], np.prod(x.shape[1:]))


@flatten.inputs
def draw_flatten(rng: np.random.Generator) -> Inputs:
    return (rng.normal(size=tuple(rng.permutation([3, 4, 5, 6])[: int(rng.integers(3, 5))])),)


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


def draw_sizes(rng: np.random.Generator) -> tuple[int, int, int]:
    """Batch, time and vocabulary, all different."""
    batch, time = (int(n) for n in rng.permutation([3, 4, 5])[:2])
    return batch, time, int(rng.integers(6, 9))


def draw_indices(rng: np.random.Generator, batch: int, time: int, vocabulary: int) -> Array:
    """The padding index, the last index, one index twice in an example and in two, and one that never comes."""
    unused = int(rng.integers(1, vocabulary - 1))
    indices = rng.choice([n for n in range(vocabulary) if n != unused], size=batch * time)
    often = 1 + unused % (vocabulary - 2)
    indices[rng.permutation(batch * time)[:2]] = 0, vocabulary - 1
    indices = indices.reshape(batch, time)
    indices[0, :2] = indices[-1, -1] = often
    indices[1, 0], indices[1, 1] = 0, vocabulary - 1
    return indices


@one_hot.inputs
def draw_one_hot(rng: np.random.Generator) -> Inputs:
    batch, time, vocabulary = draw_sizes(rng)
    return (draw_indices(rng, batch, time, vocabulary), vocabulary)


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


def draw_embedding(rng: np.random.Generator) -> Inputs:
    """More dimensions than words, so that who takes columns for rows gets numbers and not an error."""
    batch, time, vocabulary = draw_sizes(rng)
    dim = vocabulary + int(rng.integers(1, 3))
    return (draw_indices(rng, batch, time, vocabulary), rng.normal(size=(vocabulary, dim)))


@graded("embedding-lookup", inputs=draw_embedding)
def embedding(indices: Array, table: Array) -> Array:
    return np.take(table, indices, axis=0)


@embedding.right
def embedding_in_loops(indices: Array, table: Array) -> Array:
    return np.array([[list(table[index]) for index in row] for row in indices])


@embedding.right
def embedding_of_flat_indices(indices: Array, table: Array) -> Array:
    return table[indices.ravel()].reshape(*indices.shape, -1)


@embedding.wrong("You look up the row before the right one.", "Index 0 belongs to the first row of the table.")
def row_before(indices: Array, table: Array) -> Array:
    return table[indices - 1]


@embedding.wrong("You look up columns of the table.", "Which axis of the table is the vocabulary?")
def columns_for_rows(indices: Array, table: Array) -> Array:
    return table.T[indices]


@embedding.wrong("You index the second axis of the table.", "Which axis of the table is the vocabulary?")
def columns_in_numpy_order(indices: Array, table: Array) -> Array:
    return table[:, indices]


@embedding.wrong(
    "You return zeros where the index is 0.",
    "Row 0 of the table is looked up like the others. Masking happens later.",
    see="embedding-mask",
)
def zeros_for_padding(indices: Array, table: Array) -> Array:
    return table[indices] * (indices != 0)[:, :, None]


@embedding.wrong("You average over time.", "An embedding keeps the steps apart.")
def averaged_over_time(indices: Array, table: Array) -> Array:
    return table[indices].mean(axis=1)


@embedding.wrong("Batch and time have changed places.", "The axes of the result are batch, time, dim.")
def time_before_batch(indices: Array, table: Array) -> Array:
    return table[indices.T]


@embedding.wrong(
    "The vectors of a sequence stand in one long row.",
    "That would be a Flatten after the embedding. Keep the axis of time.",
)
def vectors_side_by_side(indices: Array, table: Array) -> Array:
    return table[indices].reshape(len(indices), -1)


@embedding.wrong("You look up the last index of each sequence only.", "Every step gets a vector.")
def last_token_only(indices: Array, table: Array) -> Array:
    return table[indices[:, -1]]


@embedding.wrong("You multiply each vector by its index.", "The index is a name, not an amount.", see="embedding-why")
def scaled_by_the_index(indices: Array, table: Array) -> Array:
    return indices[:, :, None] * table[indices]


# --- embedding_by_product --------------------------------------------------------------------------------------------


@graded("embedding-product", inputs=draw_embedding)
def embedding_by_product(indices: Array, table: Array, *, one_hot: Callable[..., Array] = one_hot) -> Array:
    return np.matmul(one_hot(indices, table.shape[0]), table)


@embedding_by_product.right
def product_by_einsum(indices: Array, table: Array) -> Array:
    return np.einsum("btv,vd->btd", one_hot(indices, len(table)), table)


@embedding_by_product.right
def product_in_loops(indices: Array, table: Array) -> Array:
    hot = one_hot(indices, len(table))
    return np.array([[sum(on * row for on, row in zip(token, table)) for token in example] for example in hot])


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


@embedding_by_product.wrong("Batch and time have changed places.", "The axes of the result are batch, time, dim.")
def product_time_first(indices: Array, table: Array) -> Array:
    return np.einsum("btv,vd->tbd", one_hot(indices, len(table)), table)


@embedding_by_product.wrong(
    "You leave index 0 out of the product.",
    "Row 0 of the table takes part like the others. Masking happens later.",
    see="embedding-mask",
)
def product_without_padding(indices: Array, table: Array) -> Array:
    return one_hot(indices, len(table))[:, :, 1:] @ table[1:]


@embedding_by_product.wrong(
    "The dimensions of the vectors come first.", "Rows multiply from the left: what stands last in the result?"
)
def product_from_the_other_side(indices: Array, table: Array) -> Array:
    return np.einsum("btv,vd->dbt", one_hot(indices, len(table)), table)


# --- embedding_mask --------------------------------------------------------------------------------------------------


@graded("embedding-mask")
def embedding_mask(indices: Array) -> Array:
    """True where there is a token, False where there is padding."""
    return np.not_equal(indices, 0)


@embedding_mask.inputs
def draw_tokens(rng: np.random.Generator) -> Inputs:
    """Padding before, after and between the tokens, a row of padding only, and the indices 1 and larger."""
    time = int(rng.integers(5, 8))
    indices = rng.integers(2, 20, size=(4, time))
    indices[0, : int(rng.integers(1, time - 2))] = 0
    indices[1, int(rng.integers(2, time)) :] = 0
    indices[2] = 0
    indices[3, int(rng.integers(1, time - 1))] = 0
    indices[3, 0] = indices[0, -1] = 1
    return (indices[rng.permutation(4)],)


@embedding_mask.right
def mask_by_type(indices: Array) -> Array:
    return indices.astype(bool)


@embedding_mask.right
def mask_in_loops(indices: Array) -> Array:
    return np.array([[bool(index > 0) for index in row] for row in indices])


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

BEGINS_WITH_PADDING: Inputs = (
    np.array([[[4.0, 1.0, -2.0], [1.5, -3.0, 0.5]], [[0.5, 6.0, 2.5], [3.5, -1.0, 5.0]]]),
    np.array([[False, True], [False, False]]),
)


@graded("embedding-masked-mean", edges=(BEGINS_WITH_PADDING,))
def masked_mean(vectors: Array, mask: Array) -> Array:
    """Padding weighs nothing. Where all is padding, zeros."""
    weights = mask[:, :, None].astype(float)
    return np.sum(vectors * weights, axis=1) / np.maximum(weights.sum(axis=1), 1)


@masked_mean.inputs
def draw_masked(rng: np.random.Generator) -> Inputs:
    (indices,) = draw_tokens(rng)
    return (rng.normal(size=(*indices.shape, int(rng.integers(2, 4)))) + 0.5, indices != 0)


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
def embedding_gradient(indices: Array, gradient: Array, vocabulary: int) -> Array:
    """Every place where an index stands adds its gradient to that row of the table."""
    out = np.zeros((vocabulary, gradient.shape[2]))
    np.add.at(out, indices, gradient)
    return out


@embedding_gradient.inputs
def draw_gradient(rng: np.random.Generator) -> Inputs:
    batch, time, vocabulary = draw_sizes(rng)
    dim = int(rng.choice([n for n in (2, 3, 4, 5) if n not in (batch, time)]))
    return (draw_indices(rng, batch, time, vocabulary), rng.normal(size=(batch, time, dim)) + 0.3, vocabulary)


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
    flat = gradient.reshape(-1, gradient.shape[2])
    for index in range(vocabulary):
        places = np.flatnonzero(indices.ravel() == index)
        if len(places) > 0:
            out[index] = flat[places[0]]
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
