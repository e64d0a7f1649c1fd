"""Flatten, and from indices to vectors: one-hot rows, the embedding, its mask, the mean of tokens, the gradient.

indices (batch, time) of whole numbers from 0 to vocabulary - 1, table (vocabulary, dim), vectors (batch, time, dim).
As in Keras, the mask is True where the index is not 0 (keras/src/layers/core/embedding.py).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..check import AnyCheck, Check, Inputs, Misconception

Array = np.ndarray


# --- flatten ---------------------------------------------------------------------------------------------------------


def flatten(x: Array) -> Array:
    """One row an example, its last axis running fastest (keras/src/layers/reshaping/flatten.py)."""
    return x.reshape(x.shape[0], np.prod(x.shape[1:]))


def flatten_each_example(x: Array) -> Array:
    return np.array([example.ravel() for example in x])


def flatten_in_loops(x: Array) -> Array:
    return np.array([[example[place] for place in np.ndindex(example.shape)] for example in x])


def first_axis_fastest(x: Array) -> Array:
    return np.array([example.ravel(order="F") for example in x])


def batch_flattened_too(x: Array) -> Array:
    return x.reshape(-1)


def channels_moved_first(x: Array) -> Array:
    return np.moveaxis(x, -1, 1).reshape(x.shape[0], -1)


def channels_kept(x: Array) -> Array:
    return x.reshape(x.shape[0], -1, x.shape[-1])


def batch_last(x: Array) -> Array:
    return x.reshape(x.shape[0], -1).T


def examples_mixed(x: Array) -> Array:
    return x.reshape(-1, x.shape[0]).T


def averaged_to_a_row(x: Array) -> Array:
    return x.mean(axis=tuple(range(1, x.ndim - 1)))


def draw_flatten(rng: np.random.Generator) -> Inputs:
    return (rng.normal(size=tuple(rng.permutation([3, 4, 5, 6])[: int(rng.integers(3, 5))])),)


# --- one-hot ---------------------------------------------------------------------------------------------------------


def one_hot(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] == np.arange(vocabulary)).astype(float)


def one_hot_from_identity(indices: Array, vocabulary: int) -> Array:
    return np.eye(vocabulary)[indices]


def one_hot_in_loops(indices: Array, vocabulary: int) -> Array:
    out = np.zeros((*indices.shape, vocabulary))
    for b in range(indices.shape[0]):
        for t in range(indices.shape[1]):
            out[b, t, indices[b, t]] = 1
    return out


def one_place_too_early(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] - 1 == np.arange(vocabulary)).astype(float)


def padding_left_empty(indices: Array, vocabulary: int) -> Array:
    return ((indices[:, :, None] == np.arange(vocabulary)) & (indices[:, :, None] != 0)).astype(float)


def one_place_too_late(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] + 1 == np.arange(vocabulary)).astype(float)


def all_but_one_hot(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] != np.arange(vocabulary)).astype(float)


def filled_up_to_the_index(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] >= np.arange(vocabulary)).astype(float)


def index_in_place_of_one(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] == np.arange(vocabulary)) * indices[:, :, None].astype(float)


def vocabulary_before_time(indices: Array, vocabulary: int) -> Array:
    return (indices[:, None, :] == np.arange(vocabulary)[:, None]).astype(float)


def vocabulary_first(indices: Array, vocabulary: int) -> Array:
    return (indices == np.arange(vocabulary)[:, None, None]).astype(float)


def bag_of_words(indices: Array, vocabulary: int) -> Array:
    return (indices[:, :, None] == np.arange(vocabulary)).any(axis=1).astype(float)


def draw_one_hot(rng: np.random.Generator) -> Inputs:
    batch, time, vocabulary = draw_sizes(rng)
    return (draw_indices(rng, batch, time, vocabulary), vocabulary)


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


# --- embedding -------------------------------------------------------------------------------------------------------


def embedding(indices: Array, table: Array) -> Array:
    return np.take(table, indices, axis=0)


def embedding_in_loops(indices: Array, table: Array) -> Array:
    return np.array([[list(table[index]) for index in row] for row in indices])


def embedding_of_flat_indices(indices: Array, table: Array) -> Array:
    return table[indices.ravel()].reshape(*indices.shape, -1)


def row_before(indices: Array, table: Array) -> Array:
    return table[indices - 1]


def columns_for_rows(indices: Array, table: Array) -> Array:
    return table.T[indices]


def columns_in_numpy_order(indices: Array, table: Array) -> Array:
    return table[:, indices]


def zeros_for_padding(indices: Array, table: Array) -> Array:
    return table[indices] * (indices != 0)[:, :, None]


def averaged_over_time(indices: Array, table: Array) -> Array:
    return table[indices].mean(axis=1)


def time_before_batch(indices: Array, table: Array) -> Array:
    return table[indices.T]


def vectors_side_by_side(indices: Array, table: Array) -> Array:
    return table[indices].reshape(len(indices), -1)


def last_token_only(indices: Array, table: Array) -> Array:
    return table[indices[:, -1]]


def scaled_by_the_index(indices: Array, table: Array) -> Array:
    return indices[:, :, None] * table[indices]


def draw_embedding(rng: np.random.Generator) -> Inputs:
    """More dimensions than words, so that who takes columns for rows gets numbers and not an error."""
    batch, time, vocabulary = draw_sizes(rng)
    dim = vocabulary + int(rng.integers(1, 3))
    return (draw_indices(rng, batch, time, vocabulary), rng.normal(size=(vocabulary, dim)))


# --- the embedding as a product --------------------------------------------------------------------------------------


def embedding_by_product(indices: Array, table: Array, *, one_hot: Callable[..., Array] = one_hot) -> Array:
    return np.matmul(one_hot(indices, table.shape[0]), table)


def product_by_einsum(indices: Array, table: Array) -> Array:
    return np.einsum("btv,vd->btd", one_hot(indices, len(table)), table)


def product_in_loops(indices: Array, table: Array) -> Array:
    hot = one_hot(indices, len(table))
    return np.array([[sum(on * row for on, row in zip(token, table)) for token in example] for example in hot])


def product_of_entries(indices: Array, table: Array) -> Array:
    return one_hot(indices, len(table))[:, :, :, None] * table


def mean_over_the_vocabulary(indices: Array, table: Array) -> Array:
    return one_hot(indices, len(table)) @ table / len(table)


def sum_over_the_sentence(indices: Array, table: Array) -> Array:
    return one_hot(indices, len(table)).sum(axis=1) @ table


def product_time_first(indices: Array, table: Array) -> Array:
    return np.einsum("btv,vd->tbd", one_hot(indices, len(table)), table)


def product_without_padding(indices: Array, table: Array) -> Array:
    return one_hot(indices, len(table))[:, :, 1:] @ table[1:]


def product_from_the_other_side(indices: Array, table: Array) -> Array:
    return np.einsum("btv,vd->dbt", one_hot(indices, len(table)), table)


# --- the mask --------------------------------------------------------------------------------------------------------


def embedding_mask(indices: Array) -> Array:
    """True where there is a token, False where there is padding."""
    return np.not_equal(indices, 0)


def mask_by_type(indices: Array) -> Array:
    return indices.astype(bool)


def mask_in_loops(indices: Array) -> Array:
    return np.array([[bool(index > 0) for index in row] for row in indices])


def mask_turned_round(indices: Array) -> Array:
    return indices == 0


def index_one_masked_too(indices: Array) -> Array:
    return indices > 1


def indices_for_a_mask(indices: Array) -> Array:
    return np.where(indices != 0, indices, 0)


def false_from_the_first_padding_on(indices: Array) -> Array:
    return np.cumprod(indices != 0, axis=1).astype(bool)


def true_up_to_the_last_token(indices: Array) -> Array:
    return np.cumsum((indices != 0)[:, ::-1], axis=1)[:, ::-1] > 0


def one_answer_for_each_sequence(indices: Array) -> Array:
    return (indices != 0).any(axis=1)


def tokens_counted(indices: Array) -> Array:
    return (indices != 0).sum(axis=1)


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


# --- the mean of the real tokens -------------------------------------------------------------------------------------


def masked_mean(vectors: Array, mask: Array) -> Array:
    """Padding weighs nothing. Where all is padding, zeros."""
    weights = mask[:, :, None].astype(float)
    return np.sum(vectors * weights, axis=1) / np.maximum(weights.sum(axis=1), 1)


def masked_mean_in_loops(vectors: Array, mask: Array) -> Array:
    out = np.zeros((vectors.shape[0], vectors.shape[2]))
    for b in range(vectors.shape[0]):
        if mask[b].any():
            out[b] = vectors[b][mask[b]].mean(axis=0)
    return out


def masked_mean_as_product(vectors: Array, mask: Array) -> Array:
    counts = mask.sum(axis=1, keepdims=True)
    weights = mask / np.where(counts == 0, 1, counts)
    return np.einsum("bt,btd->bd", weights, vectors)


def mean_of_all_steps(vectors: Array, mask: Array) -> Array:
    return vectors.mean(axis=1)


def divided_by_all_steps(vectors: Array, mask: Array) -> Array:
    return (vectors * mask[:, :, None]).mean(axis=1)


def mean_of_the_padding(vectors: Array, mask: Array) -> Array:
    hidden = ~mask
    return np.sum(vectors * hidden[:, :, None], axis=1) / np.maximum(hidden.sum(axis=1), 1)[:, None]


def zero_over_zero(vectors: Array, mask: Array) -> Array:
    return np.sum(vectors * mask[:, :, None], axis=1) / mask.sum(axis=1)[:, None]


def one_more_in_the_divisor(vectors: Array, mask: Array) -> Array:
    return np.sum(vectors * mask[:, :, None], axis=1) / (mask.sum(axis=1) + 1)[:, None]


def sum_of_the_tokens(vectors: Array, mask: Array) -> Array:
    return np.sum(vectors * mask[:, :, None], axis=1)


def divided_by_the_tokens_of_the_batch(vectors: Array, mask: Array) -> Array:
    return np.sum(vectors * mask[:, :, None], axis=1) / mask.sum()


def dimensions_averaged_too(vectors: Array, mask: Array) -> Array:
    counts = np.maximum(mask.sum(axis=1), 1) * vectors.shape[2]
    return np.sum(vectors * mask[:, :, None], axis=1) / counts[:, None]


def mean_of_the_first_steps(vectors: Array, mask: Array) -> Array:
    out = np.zeros((len(vectors), vectors.shape[2]))
    for b, count in enumerate(mask.sum(axis=1)):
        if count:
            out[b] = vectors[b, :count].mean(axis=0)
    return out


def mean_of_padding_where_nothing_else_is(vectors: Array, mask: Array) -> Array:
    mask = mask | ~mask.any(axis=1, keepdims=True)
    return np.sum(vectors * mask[:, :, None], axis=1) / mask.sum(axis=1)[:, None]


def last_of_the_tokens(vectors: Array, mask: Array) -> Array:
    last = mask.shape[1] - 1 - np.argmax(mask[:, ::-1], axis=1)
    return vectors[np.arange(len(vectors)), last] * mask.any(axis=1, keepdims=True)


def draw_masked(rng: np.random.Generator) -> Inputs:
    (indices,) = draw_tokens(rng)
    return (rng.normal(size=(*indices.shape, int(rng.integers(2, 4)))) + 0.5, indices != 0)


BEGINS_WITH_PADDING: Inputs = (
    np.array([[[4.0, 1.0, -2.0], [1.5, -3.0, 0.5]], [[0.5, 6.0, 2.5], [3.5, -1.0, 5.0]]]),
    np.array([[False, True], [False, False]]),
)


# --- the gradient ----------------------------------------------------------------------------------------------------


def embedding_gradient(indices: Array, gradient: Array, vocabulary: int) -> Array:
    """Every place where an index stands adds its gradient to that row of the table."""
    out = np.zeros((vocabulary, gradient.shape[2]))
    np.add.at(out, indices, gradient)
    return out


def gradient_by_product(indices: Array, gradient: Array, vocabulary: int) -> Array:
    hot = np.eye(vocabulary)[indices.ravel()]
    return hot.T @ gradient.reshape(-1, gradient.shape[2])


def gradient_in_loops(indices: Array, gradient: Array, vocabulary: int) -> Array:
    out = np.zeros((vocabulary, gradient.shape[2]))
    for b in range(indices.shape[0]):
        for t in range(indices.shape[1]):
            out[indices[b, t]] += gradient[b, t]
    return out


def gradient_row_by_row(indices: Array, gradient: Array, vocabulary: int) -> Array:
    return np.stack([gradient[indices == index].sum(axis=0) for index in range(vocabulary)])


def last_place_wins(indices: Array, gradient: Array, vocabulary: int) -> Array:
    out = np.zeros((vocabulary, gradient.shape[2]))
    out[indices] += gradient
    return out


def first_place_wins(indices: Array, gradient: Array, vocabulary: int) -> Array:
    out = np.zeros((vocabulary, gradient.shape[2]))
    flat = gradient.reshape(-1, gradient.shape[2])
    for index in range(vocabulary):
        places = np.flatnonzero(indices.ravel() == index)
        if len(places) > 0:
            out[index] = flat[places[0]]
    return out


def averaged_over_places(indices: Array, gradient: Array, vocabulary: int) -> Array:
    places = [gradient[indices == index] for index in range(vocabulary)]
    return np.stack([place.sum(axis=0) / max(len(place), 1) for place in places])


def divided_by_the_batch(indices: Array, gradient: Array, vocabulary: int) -> Array:
    hot = np.eye(vocabulary)[indices.ravel()]
    return hot.T @ gradient.reshape(-1, gradient.shape[2]) / len(indices)


def padding_learns_nothing(indices: Array, gradient: Array, vocabulary: int) -> Array:
    hot = np.eye(vocabulary)[indices.ravel()] * (indices.ravel() != 0)[:, None]
    return hot.T @ gradient.reshape(-1, gradient.shape[2])


def gradient_one_row_up(indices: Array, gradient: Array, vocabulary: int) -> Array:
    hot = np.eye(vocabulary)[indices.ravel() - 1]
    return hot.T @ gradient.reshape(-1, gradient.shape[2])


def only_rows_that_occur(indices: Array, gradient: Array, vocabulary: int) -> Array:
    return np.stack([gradient[indices == index].sum(axis=0) for index in np.unique(indices)])


def sum_at_every_place(indices: Array, gradient: Array, vocabulary: int) -> Array:
    out = np.zeros((vocabulary, gradient.shape[2]))
    for index in indices.ravel():
        out[index] += gradient[indices == index].sum(axis=0)
    return out


def first_example_only(indices: Array, gradient: Array, vocabulary: int) -> Array:
    return np.eye(vocabulary)[indices[0]].T @ gradient[0]


def step_downhill(indices: Array, gradient: Array, vocabulary: int) -> Array:
    hot = np.eye(vocabulary)[indices.ravel()]
    return -hot.T @ gradient.reshape(-1, gradient.shape[2])


def draw_gradient(rng: np.random.Generator) -> Inputs:
    batch, time, vocabulary = draw_sizes(rng)
    dim = int(rng.choice([n for n in (2, 3, 4, 5) if n not in (batch, time)]))
    return (draw_indices(rng, batch, time, vocabulary), rng.normal(size=(batch, time, dim)) + 0.3, vocabulary)


# --- the declarations ------------------------------------------------------------------------------------------------


CHECKS: dict[str, AnyCheck] = {
    check.name: check
    for check in (
        Check(
            reference=flatten,
            also_right=(flatten_each_example, flatten_in_loops),
            draw=draw_flatten,
            section="layers-flatten",
            edges=((np.arange(24.0).reshape(2, 3, 4),), (np.arange(72.0).reshape(3, 4, 2, 3) ** 1.5,)),
            misconceptions=(
                Misconception(
                    first_axis_fastest,
                    "You read each example in column order: its first axis runs fastest.",
                    "In NumPy's and Keras's order the last axis runs fastest.",
                    "layers-flatten",
                ),
                Misconception(
                    batch_flattened_too,
                    "The batch is gone: all examples stand in one row.",
                    "Each example keeps a row of its own.",
                    "layers-flatten",
                ),
                Misconception(
                    channels_moved_first,
                    "You move the channels to the front before you flatten.",
                    "The channels already stand where the layer expects them.",
                    "layers-flatten",
                ),
                Misconception(
                    channels_kept,
                    "The last axis is still there.",
                    "Two axes remain: the batch and everything else.",
                    "layers-flatten",
                ),
                Misconception(
                    batch_last,
                    "Your examples stand in columns.",
                    "A row is one example.",
                    "layers-flatten",
                ),
                Misconception(
                    examples_mixed,
                    "The shape is right, but a row mixes numbers of several examples.",
                    "reshape keeps the order in memory, so the batch has to be its first axis; a transpose afterwards "
                    "comes too late.",
                    "layers-flatten",
                ),
                Misconception(
                    averaged_to_a_row,
                    "You average, so that numbers are lost.",
                    "Flattening only lays the numbers out anew. How many does an example have, before and after?",
                    "layers-flatten",
                ),
            ),
        ),
        Check(
            reference=one_hot,
            also_right=(one_hot_from_identity, one_hot_in_loops),
            draw=draw_one_hot,
            section="embedding-one-hot",
            misconceptions=(
                Misconception(
                    one_place_too_early,
                    "Your ones stand one place too early.",
                    "The vocabulary begins at index 0.",
                    "embedding-one-hot",
                ),
                Misconception(
                    padding_left_empty,
                    "Where the index is 0, your row is empty.",
                    "0 is an index like any other here. Only a mask treats it differently.",
                    "embedding-mask",
                ),
                Misconception(
                    one_place_too_late,
                    "Your ones stand one place too late.",
                    "The vocabulary begins at index 0.",
                    "embedding-one-hot",
                ),
                Misconception(
                    all_but_one_hot,
                    "Ones and zeros have changed places.",
                    "One entry of a row is hot, the others are not.",
                    "embedding-one-hot",
                ),
                Misconception(
                    filled_up_to_the_index,
                    "Your rows hold ones up to the index.",
                    "A row names one word. How many ones does it hold?",
                    "embedding-one-hot",
                ),
                Misconception(
                    index_in_place_of_one,
                    "You write the index where a 1 belongs.",
                    "The place says which word it is. What stands there is the same for all words.",
                    "embedding-one-hot",
                ),
                Misconception(
                    vocabulary_before_time,
                    "The axis of the vocabulary stands before that of time.",
                    "Each index is replaced by a row, so which axis is new?",
                    "embedding-one-hot",
                ),
                Misconception(
                    vocabulary_first,
                    "The axis of the vocabulary comes first.",
                    "Each index is replaced by a row, so which axis is new?",
                    "embedding-one-hot",
                ),
                Misconception(
                    bag_of_words,
                    "You return one row for each sequence.",
                    "That forgets the order of the words. Every step has a row of its own.",
                    "embedding-one-hot",
                ),
            ),
        ),
        Check(
            reference=embedding,
            also_right=(embedding_in_loops, embedding_of_flat_indices),
            draw=draw_embedding,
            section="embedding-lookup",
            misconceptions=(
                Misconception(
                    row_before,
                    "You look up the row before the right one.",
                    "Index 0 belongs to the first row of the table.",
                    "embedding-lookup",
                ),
                Misconception(
                    columns_for_rows,
                    "You look up columns of the table.",
                    "Which axis of the table is the vocabulary?",
                    "embedding-lookup",
                ),
                Misconception(
                    columns_in_numpy_order,
                    "You index the second axis of the table.",
                    "Which axis of the table is the vocabulary?",
                    "embedding-lookup",
                ),
                Misconception(
                    zeros_for_padding,
                    "You return zeros where the index is 0.",
                    "Row 0 of the table is looked up like the others. Masking happens later.",
                    "embedding-mask",
                ),
                Misconception(
                    averaged_over_time,
                    "You average over time.",
                    "An embedding keeps the steps apart.",
                    "embedding-lookup",
                ),
                Misconception(
                    time_before_batch,
                    "Batch and time have changed places.",
                    "The axes of the result are batch, time, dim.",
                    "embedding-lookup",
                ),
                Misconception(
                    vectors_side_by_side,
                    "The vectors of a sequence stand in one long row.",
                    "That would be a Flatten after the embedding. Keep the axis of time.",
                    "embedding-lookup",
                ),
                Misconception(
                    last_token_only,
                    "You look up the last index of each sequence only.",
                    "Every step gets a vector.",
                    "embedding-lookup",
                ),
                Misconception(
                    scaled_by_the_index,
                    "You multiply each vector by its index.",
                    "The index is a name, not an amount.",
                    "embedding-why",
                ),
            ),
        ),
        Check(
            reference=embedding_by_product,
            also_right=(product_by_einsum, product_in_loops),
            draw=draw_embedding,
            section="embedding-product",
            misconceptions=(
                Misconception(
                    product_of_entries,
                    "You multiply entry by entry and do not sum.",
                    "A matrix product also adds up, here over the vocabulary.",
                    "embedding-product",
                ),
                Misconception(
                    mean_over_the_vocabulary,
                    "You average over the vocabulary.",
                    "A matrix product sums and divides by nothing.",
                    "embedding-product",
                ),
                Misconception(
                    sum_over_the_sentence,
                    "You add up the one-hot rows of a sequence first.",
                    "Every step gets a vector of its own.",
                    "embedding-product",
                ),
                Misconception(
                    product_time_first,
                    "Batch and time have changed places.",
                    "The axes of the result are batch, time, dim.",
                    "embedding-product",
                ),
                Misconception(
                    product_without_padding,
                    "You leave index 0 out of the product.",
                    "Row 0 of the table takes part like the others. Masking happens later.",
                    "embedding-mask",
                ),
                Misconception(
                    product_from_the_other_side,
                    "The dimensions of the vectors come first.",
                    "Rows multiply from the left: what stands last in the result?",
                    "embedding-product",
                ),
            ),
        ),
        Check(
            reference=embedding_mask,
            also_right=(mask_by_type, mask_in_loops),
            draw=draw_tokens,
            section="embedding-mask",
            misconceptions=(
                Misconception(
                    mask_turned_round,
                    "Your mask is the wrong way round.",
                    "In Keras, True means: this step counts.",
                    "embedding-mask",
                ),
                Misconception(
                    index_one_masked_too,
                    "You mask index 1 too.",
                    "Which index alone stands for padding?",
                    "embedding-mask",
                ),
                Misconception(
                    indices_for_a_mask,
                    "You return indices.",
                    "A mask says yes or no for each step.",
                    "embedding-mask",
                ),
                Misconception(
                    false_from_the_first_padding_on,
                    "After the first padding everything is masked.",
                    "Padding may stand before the tokens too. Decide for each step by itself.",
                    "embedding-mask",
                ),
                Misconception(
                    true_up_to_the_last_token,
                    "Padding that stands before a token is not masked.",
                    "Padding may stand before the tokens too. Decide for each step by itself.",
                    "embedding-mask",
                ),
                Misconception(
                    one_answer_for_each_sequence,
                    "You return one answer for each sequence.",
                    "Every step is masked or not by itself.",
                    "embedding-mask",
                ),
                Misconception(
                    tokens_counted,
                    "You count the tokens of each sequence.",
                    "A mask says for each step whether it counts.",
                    "embedding-mask",
                ),
            ),
        ),
        Check(
            reference=masked_mean,
            also_right=(masked_mean_in_loops, masked_mean_as_product),
            draw=draw_masked,
            section="embedding-masked-mean",
            edges=(BEGINS_WITH_PADDING,),
            misconceptions=(
                Misconception(
                    mean_of_all_steps,
                    "The mask has no effect.",
                    "Padding should weigh nothing.",
                    "embedding-masked-mean",
                ),
                Misconception(
                    divided_by_all_steps,
                    "You divide by the number of all steps.",
                    "How many vectors did you add up?",
                    "embedding-masked-mean",
                ),
                Misconception(
                    mean_of_the_padding,
                    "You average over the padding.",
                    "In Keras, True means: this step counts.",
                    "embedding-mask",
                ),
                Misconception(
                    zero_over_zero,
                    "Where a sequence is padding only, you get NaN.",
                    "There you divide zero by zero. Which divisor would leave the zeros as they are?",
                    "embedding-masked-mean",
                ),
                Misconception(
                    one_more_in_the_divisor,
                    "You divide by one more than the number of tokens.",
                    "That keeps you from dividing by zero, but makes every other mean too small.",
                    "embedding-masked-mean",
                ),
                Misconception(
                    sum_of_the_tokens,
                    "You add up and do not divide.",
                    "Then a long sequence has large numbers only because it is long.",
                    "embedding-masked-mean",
                ),
                Misconception(
                    divided_by_the_tokens_of_the_batch,
                    "You divide by the number of tokens in the whole batch.",
                    "Each sequence has its own number of tokens.",
                    "embedding-masked-mean",
                ),
                Misconception(
                    dimensions_averaged_too,
                    "Your divisor counts the dimensions of the vectors as well.",
                    "Each dimension is a mean of its own. How many numbers went into it?",
                    "embedding-masked-mean",
                ),
                Misconception(
                    mean_of_the_first_steps,
                    "You average the first steps of each sequence.",
                    "The right number of steps, but padding may stand before the tokens. Where does the mask say that "
                    "they are?",
                    "embedding-masked-mean",
                ),
                Misconception(
                    mean_of_padding_where_nothing_else_is,
                    "Where a sequence is padding only, you average over the padding.",
                    "What did the exercise ask for in that case?",
                    "embedding-masked-mean",
                ),
                Misconception(
                    last_of_the_tokens,
                    "You return the last token.",
                    "The mean asks all of them.",
                    "embedding-masked-mean",
                ),
            ),
        ),
        Check(
            reference=embedding_gradient,
            also_right=(gradient_by_product, gradient_in_loops, gradient_row_by_row),
            draw=draw_gradient,
            section="embedding-gradient",
            misconceptions=(
                Misconception(
                    last_place_wins,
                    "Where an index occurs several times, only its last place counts.",
                    "With an array of indices, NumPy reads all rows first and then writes: `a[i] += b` keeps one "
                    "result a row. What should happen to the others?",
                    "embedding-gradient",
                ),
                Misconception(
                    first_place_wins,
                    "Where an index occurs several times, only its first place counts.",
                    "The same row was used at every one of these places.",
                    "embedding-gradient",
                ),
                Misconception(
                    averaged_over_places,
                    "You average over the places where an index occurs.",
                    "A weight that is used several times collects from each use. Nothing is divided.",
                    "embedding-gradient",
                ),
                Misconception(
                    divided_by_the_batch,
                    "You divide by the batch size.",
                    "If the loss is a mean over the batch, the gradient that arrives here is divided already.",
                    "embedding-gradient",
                ),
                Misconception(
                    padding_learns_nothing,
                    "Row 0 gets no gradient.",
                    "This function knows of no mask: it passes on what arrives at each place.",
                    "embedding-gradient",
                ),
                Misconception(
                    gradient_one_row_up,
                    "Your gradients land one row too high.",
                    "Index 0 belongs to the first row of the table.",
                    "embedding-lookup",
                ),
                Misconception(
                    only_rows_that_occur,
                    "Rows whose index does not occur are missing.",
                    "The gradient has the shape of the table. What is it for a word that was not there?",
                    "embedding-gradient",
                ),
                Misconception(
                    sum_at_every_place,
                    "You add the sum of a row once for each place, so it counts several times.",
                    "Add at each place what arrived at that place.",
                    "embedding-gradient",
                ),
                Misconception(
                    first_example_only,
                    "Only the first sequence of the batch counts.",
                    "All sequences look up the same table.",
                    "embedding-gradient",
                ),
                Misconception(
                    step_downhill,
                    "The sign is turned round.",
                    "The gradient is asked for, not the step that the optimiser makes with it.",
                    "embedding-gradient",
                ),
            ),
        ),
    )
}
