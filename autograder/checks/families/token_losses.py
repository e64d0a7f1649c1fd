"""What goes wrong wherever a loss is averaged over the real tokens of a batch: in the loss itself, and in its power.

probabilities (batch, time, characters), targets ints (batch, time), mask booleans (batch, time). The word `finish` is
the function that turns the mean loss in nats into the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import Family

Array = np.ndarray
Finish = Callable[..., Any]

token_losses = Family()


@token_losses.right
def in_loops(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    total, count = 0.0, 0
    for row in range(len(targets)):
        for t in range(targets.shape[1]):
            if mask[row, t]:
                total -= np.log(probabilities[row, t, targets[row, t]])
                count += 1
    return finish(total / count)


@token_losses.right
def by_one_hot(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    chosen = np.einsum("btc,btc->bt", probabilities, np.eye(probabilities.shape[2])[targets])
    return finish(np.log(np.where(mask, chosen, 1.0)).sum() / -mask.sum())


@token_losses.right
def by_weights(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    batch, time = np.indices(targets.shape)
    chosen = np.where(mask, probabilities[batch, time, targets], 1.0)
    return finish(np.average(-np.log(chosen), weights=mask))


@token_losses.wrong(
    "You take the mean over all positions, padding included.",
    "What a model says about padding tells nothing about it. Which positions does the mask keep?",
    see="applications-masking",
)
def padding_counts_too(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    return finish(-np.log(np.take_along_axis(probabilities, targets[..., None], axis=-1)).mean())


@token_losses.wrong(
    "You add up the real tokens only, but divide by the number of all positions.",
    "Then the result falls when more padding is added. Over how many tokens is the mean?",
)
def divided_by_all_positions(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return finish(-np.log(chosen[mask]).sum() / mask.size)


@token_losses.wrong(
    "You add up the losses and divide by the number of sequences.",
    "Then long sequences come out worse than short ones. Over how many tokens is the mean?",
)
def divided_by_sequences(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return finish(-np.log(chosen[mask]).sum() / len(mask))


@token_losses.wrong(
    "You multiply by the mask after the logarithm.",
    "Where the padding has probability 0, that is 0 times infinity. Leave those positions out earlier.",
)
def masked_after_the_logarithm(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return finish(-(mask * np.log(chosen)).sum() / mask.sum())


@token_losses.wrong(
    "You multiply by a one-hot row after the logarithm.",
    "Where another character has probability 0, that is 0 times infinity. Which logarithms do you need at all?",
)
def one_hot_after_the_logarithm(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    losses = -(np.eye(probabilities.shape[2])[targets] * np.log(probabilities)).sum(axis=-1)
    return finish(losses[mask].mean())


@token_losses.wrong(
    "You take the sum of the losses for their mean.",
    "A longer text would come out worse with the same model. What makes texts comparable?",
)
def sum_for_mean(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return finish(-np.log(chosen[mask]).sum())


@token_losses.wrong(
    "You take the largest probability at each position.",
    "That rewards a model for being sure, right or not. Which character really came?",
)
def most_likely_for_target(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    return finish(-np.log(probabilities.max(axis=-1)[mask]).mean())


@token_losses.wrong(
    "You average the probabilities before the logarithm.",
    "The order matters: each token has its own loss, and the mean is over losses.",
)
def logarithm_of_the_mean(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return finish(-np.log(chosen[mask].mean()))


@token_losses.wrong(
    "You compute the entropy of the model's own distribution.",
    "It does not ask what really came next. Where do `targets` go?",
)
def entropy_of_the_model(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    return finish(-(probabilities * np.log(probabilities)).sum(axis=-1)[mask].mean())


@token_losses.wrong(
    "You count the real tokens of a row, and take as many from its beginning.",
    "Padding may stand in front. Which positions does the mask keep?",
    see="applications-masking",
)
def counted_from_the_beginning(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return finish(-np.log(chosen[np.arange(mask.shape[1]) < mask.sum(axis=1)[:, None]]).mean())


@token_losses.wrong(
    "You average over the padding and leave out the tokens.",
    "The mask is true where a token is real.",
    see="applications-masking",
)
def padding_for_tokens(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return finish(-np.log(chosen[~mask]).mean())


@token_losses.wrong(
    "You take a target that is 0 for padding.",
    "Index 0 may be a target like any other. Which argument says what is real?",
    see="applications-masking",
)
def padding_found_by_targets(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return finish(-np.log(chosen[targets != 0]).mean())


@token_losses.wrong(
    "You leave out real tokens whose target is 0.",
    "Index 0 may be a target like any other. The mask alone says what is real.",
    see="applications-masking",
)
def real_zeros_left_out(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return finish(-np.log(chosen[mask & (targets != 0)]).mean())


@token_losses.wrong(
    "You look up the character before the target.", "Index 0 is there too: it belongs to the padding token."
)
def targets_counted_from_one(probabilities: Array, targets: Array, mask: Array, *, finish: Finish) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None] - 1, axis=-1)[..., 0]
    return finish(-np.log(chosen[mask]).mean())
