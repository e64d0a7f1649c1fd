"""Checks on text: padding and masks, drawing the next character, and how good a prediction was.

Arrays are batch-major: padded, targets and mask (batch, time), logits (batch, characters). A `wrong` function uses
only `np`, builtins and names that the exercise notebook defines, so that the sample class can put its source into a
notebook as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..check import AnyCheck, Check, Inputs, Misconception

Array = np.ndarray
Helper = Callable[..., Any]


# --- padding ---------------------------------------------------------------------------------------------------------


def pad_sequences(sequences: list[list[int]], maxlen: int) -> Array:
    """Zeros in front, and of a long sequence its end (keras/src/utils/sequence_utils.py, its defaults)."""
    padded = np.zeros((len(sequences), maxlen), dtype=int)
    for row, sequence in zip(padded, sequences, strict=True):
        kept = sequence[max(len(sequence) - maxlen, 0) :]
        row[maxlen - len(kept) :] = kept
    return padded


def padded_as_lists(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + list(sequence))[-maxlen:] for sequence in sequences])


def padded_from_behind(sequences: list[list[int]], maxlen: int) -> Array:
    padded = np.zeros((len(sequences), maxlen))
    for row, sequence in enumerate(sequences):
        for step in range(1, min(len(sequence), maxlen) + 1):
            padded[row, -step] = sequence[-step]
    return padded


def zeros_behind(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([(sequence[-maxlen:] + [0] * maxlen)[:maxlen] for sequence in sequences])


def end_cut_off(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + sequence[:maxlen])[-maxlen:] for sequence in sequences])


def zeros_behind_and_end_cut_off(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([(sequence + [0] * maxlen)[:maxlen] for sequence in sequences])


def never_cut(sequences: list[list[int]], maxlen: int) -> Array:
    width = max(maxlen, max(len(sequence) for sequence in sequences))
    return np.array([([0] * width + sequence)[-width:] for sequence in sequences])


def one_token_lost(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + sequence[-(maxlen - 1) :])[-maxlen:] for sequence in sequences])


def tokens_reversed(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + sequence[-maxlen:][::-1])[-maxlen:] for sequence in sequences])


def negative_start(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + sequence[len(sequence) - maxlen :])[-maxlen:] for sequence in sequences])


def long_ones_left_out(sequences: list[list[int]], maxlen: int) -> Array:
    kept = [sequence if len(sequence) <= maxlen else [] for sequence in sequences]
    return np.array([([0] * maxlen + sequence)[-maxlen:] for sequence in kept])


def time_first(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + sequence)[-maxlen:] for sequence in sequences]).T


def draw_sequences(rng: np.random.Generator) -> Inputs:
    maxlen = int(rng.integers(6, 9))
    lengths = rng.permutation([2, maxlen - 1, maxlen, maxlen + 2, maxlen + 4])
    return ([rng.permutation(np.arange(1, 60))[:length].tolist() for length in lengths], maxlen)


EMPTY_SEQUENCE: Inputs = ([[], [4, 5], [6, 1, 7, 2]], 3)


# --- the mask --------------------------------------------------------------------------------------------------------


def make_mask(padded: Array) -> Array:
    """Where the real tokens are: token 0 is padding, as in `Embedding(mask_zero=True)`."""
    return padded != 0


def mask_in_loops(padded: Array) -> Array:
    return np.array([[int(token) > 0 for token in row] for row in padded])


def mask_by_lengths(padded: Array) -> Array:
    lengths = np.count_nonzero(padded, axis=1)
    return np.arange(padded.shape[1])[None, :] >= padded.shape[1] - lengths[:, None]


def mask_inverted(padded: Array) -> Array:
    return padded == 0


def token_one_as_padding(padded: Array) -> Array:
    return padded > 1


def tokens_for_mask(padded: Array) -> Array:
    return np.where(padded != 0, padded, 0)


def lengths_for_mask(padded: Array) -> Array:
    return (padded != 0).sum(axis=1)


def real_tokens_in_front(padded: Array) -> Array:
    return np.arange(padded.shape[1]) < (padded != 0).sum(axis=1)[:, None]


def one_mask_for_all(padded: Array) -> Array:
    return np.tile(padded[0] != 0, (len(padded), 1))


def mask_with_third_axis(padded: Array) -> Array:
    return padded[:, :, None] != 0


def draw_padded(rng: np.random.Generator) -> Inputs:
    time = int(rng.integers(6, 9))
    lengths = rng.permutation([1, 3, time - 1, time])
    padded = np.zeros((4, time), dtype=int)
    for row, length in zip(padded, lengths, strict=True):
        row[time - length :] = rng.integers(1, 30, size=length)
        row[time - 1 - int(rng.integers(0, length))] = 1
    return (padded,)


# --- probabilities of the next character -----------------------------------------------------------------------------


def next_character_probabilities(logits: Array, temperature: float) -> Array:
    """softmax(logits / temperature) along the last axis. Shifted by each row's maximum, no exponent is positive."""
    scaled = logits / temperature
    powers = np.exp(scaled - np.max(scaled, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


def probabilities_in_loops(logits: Array, temperature: float) -> Array:
    out = []
    for row in logits:
        powers = [np.exp((value - max(row)) / temperature) for value in row]
        out.append([power / sum(powers) for power in powers])
    return np.array(out)


def probabilities_by_logarithm(logits: Array, temperature: float) -> Array:
    scaled = logits / temperature
    log_sum = np.logaddexp.reduce(scaled, axis=1)
    return np.exp(scaled - log_sum[:, None])


def probabilities_to_a_power(logits: Array, temperature: float) -> Array:
    at_one = np.exp(logits - logits.max(axis=1, keepdims=True))
    at_one = (at_one / at_one.sum(axis=1, keepdims=True)) ** (1 / temperature)
    return at_one / at_one.sum(axis=1, keepdims=True)


def temperature_multiplied(logits: Array, temperature: float) -> Array:
    powers = np.exp(temperature * (logits - logits.max(axis=1, keepdims=True)))
    return powers / powers.sum(axis=1, keepdims=True)


def temperature_without_effect(logits: Array, temperature: float) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def temperature_after_softmax(logits: Array, temperature: float) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) / temperature


def softmax_over_the_batch(logits: Array, temperature: float) -> Array:
    powers = np.exp((logits - logits.max(axis=0)) / temperature)
    return powers / powers.sum(axis=0)


def softmax_over_everything(logits: Array, temperature: float) -> Array:
    powers = np.exp((logits - logits.max()) / temperature)
    return powers / powers.sum()


def exponential_overflows(logits: Array, temperature: float) -> Array:
    powers = np.exp(logits / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def one_maximum_for_all(logits: Array, temperature: float) -> Array:
    powers = np.exp((logits - logits.max()) / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def log_probabilities(logits: Array, temperature: float) -> Array:
    scaled = (logits - logits.max(axis=1, keepdims=True)) / temperature
    return scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))


def certainty_for_the_largest(logits: Array, temperature: float) -> Array:
    return np.eye(logits.shape[1])[np.argmax(logits / temperature, axis=1)]


def without_exponential(logits: Array, temperature: float) -> Array:
    return logits / temperature / np.sum(logits / temperature, axis=1, keepdims=True)


def not_normalised(logits: Array, temperature: float) -> Array:
    return np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)


def draw_logits(rng: np.random.Generator) -> Inputs:
    batch, characters = (int(n) for n in rng.permutation([3, 4, 5, 6])[:2])
    temperature = float(rng.choice([rng.uniform(0.6, 0.8), rng.uniform(1.4, 2.2)]))
    return (rng.normal(size=(batch, characters)), temperature)


LARGE_LOGITS: Inputs = (np.array([[1000.0, 1001.0, 999.5], [-1000.0, -999.0, -1000.5]]), 0.5)


# --- drawing a character ---------------------------------------------------------------------------------------------


def sample_index(probabilities: Array, u: float) -> int:
    """The smallest k with u < P_0 + ... + P_k; the last where rounding leaves none."""
    return min(int(np.searchsorted(np.cumsum(probabilities), u, side="right")), len(probabilities) - 1)


def sampled_in_a_loop(probabilities: Array, u: float) -> int:
    total = 0.0
    for index, probability in enumerate(probabilities):
        total += probability
        if u < total:
            return index
    return len(probabilities) - 1


def sampled_by_subtraction(probabilities: Array, u: float) -> int:
    index = 0
    while index < len(probabilities) - 1 and u >= sum(probabilities[: index + 1]):
        index += 1
    return index


def sampled_by_counting(probabilities: Array, u: float) -> int:
    return int(np.sum(np.cumsum(probabilities)[:-1] <= u))


def most_likely(probabilities: Array, u: float) -> int:
    return int(np.argmax(probabilities))


def compared_the_wrong_way(probabilities: Array, u: float) -> int:
    return int(np.argmax(np.cumsum(probabilities) < u))


def counted_from_above(probabilities: Array, u: float) -> int:
    return int(np.sum(np.cumsum(probabilities) > u))


def one_index_early(probabilities: Array, u: float) -> int:
    return min(int(np.searchsorted(np.cumsum(probabilities), u, side="right")), len(probabilities) - 1) - 1


def counted_from_one(probabilities: Array, u: float) -> int:
    return min(int(np.searchsorted(np.cumsum(probabilities), u, side="right")), len(probabilities) - 1) + 1


def without_sums(probabilities: Array, u: float) -> int:
    return int(np.argmax(probabilities > u))


def all_equally_likely(probabilities: Array, u: float) -> int:
    return int(u * len(probabilities))


def sorted_first(probabilities: Array, u: float) -> int:
    running = np.cumsum(np.sort(probabilities)[::-1])
    return min(int(np.searchsorted(running, u, side="right")), len(probabilities) - 1)


def border_included(probabilities: Array, u: float) -> int:
    return min(int(np.searchsorted(np.cumsum(probabilities), u, side="left")), len(probabilities) - 1)


def past_the_end(probabilities: Array, u: float) -> int:
    return int(np.searchsorted(np.cumsum(probabilities), u, side="right"))


def first_where_none_is_found(probabilities: Array, u: float) -> int:
    return int(np.argmax(np.cumsum(probabilities) > u))


def draw_sample(rng: np.random.Generator) -> Inputs:
    """A draw that hits neither the first, nor the last, nor the most likely character, nor the one that equal
    pieces would give."""
    while True:
        weights = rng.uniform(0.2, 1.8, size=int(rng.integers(6, 10)))
        probabilities = weights / weights.sum()
        k = int(rng.integers(1, len(weights) - 1))
        u = float(probabilities[:k].sum() + probabilities[k] * rng.uniform(0.2, 0.8))
        if k not in (int(np.argmax(weights)), int(u * len(weights))):
            return (probabilities, u)


ON_A_BORDER: Inputs = (np.array([0.25, 0.25, 0.5]), 0.25)
IMPOSSIBLE_FIRST: Inputs = (np.array([0.0, 0.5, 0.5]), 0.0)
ROUNDED_SUM: Inputs = (np.array([0.333333, 0.333333, 0.333333]), 0.9999995)


# --- cross-entropy and perplexity ------------------------------------------------------------------------------------


def masked_cross_entropy(probabilities: Array, targets: Array, mask: Array) -> float:
    """The mean of -ln(probability of the target) over the real tokens of the whole batch."""
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return float(-np.mean(np.log(chosen[mask])))


def cross_entropy_in_loops(probabilities: Array, targets: Array, mask: Array) -> float:
    total, count = 0.0, 0
    for row in range(len(targets)):
        for t in range(targets.shape[1]):
            if mask[row, t]:
                total -= np.log(probabilities[row, t, targets[row, t]])
                count += 1
    return total / count


def cross_entropy_by_one_hot(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.einsum("btc,btc->bt", probabilities, np.eye(probabilities.shape[2])[targets])
    return np.log(np.where(mask, chosen, 1.0)).sum() / -mask.sum()


def padding_counts_too(probabilities: Array, targets: Array, mask: Array) -> float:
    return -np.log(np.take_along_axis(probabilities, targets[..., None], axis=-1)).mean()


def divided_by_all_positions(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return -np.log(chosen[mask]).sum() / mask.size


def masked_after_the_logarithm(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return -(mask * np.log(chosen)).sum() / mask.sum()


def in_bits(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return -np.log2(chosen[mask]).mean()


def sum_for_mean(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return -np.log(chosen[mask]).sum()


def minus_forgotten(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return np.log(chosen[mask]).mean()


def mean_of_sequence_means(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return np.mean([-np.log(chosen[row][mask[row]]).mean() for row in range(len(mask))])


def most_likely_for_target(probabilities: Array, targets: Array, mask: Array) -> float:
    return -np.log(probabilities.max(axis=-1)[mask]).mean()


def logarithm_of_the_mean(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return -np.log(chosen[mask].mean())


def entropy_of_the_model(probabilities: Array, targets: Array, mask: Array) -> float:
    return -(probabilities * np.log(probabilities)).sum(axis=-1)[mask].mean()


def padding_for_tokens(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return -np.log(chosen[~mask]).mean()


def targets_counted_from_one(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None] - 1, axis=-1)[..., 0]
    return -np.log(chosen[mask]).mean()


def perplexity(
    probabilities: Array, targets: Array, mask: Array, *, masked_cross_entropy: Helper = masked_cross_entropy
) -> float:
    """exp of the cross-entropy in nats."""
    return float(np.exp(masked_cross_entropy(probabilities, targets, mask)))


def perplexity_as_inverse_geometric_mean(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = [probabilities[row, t, targets[row, t]] for row, t in np.argwhere(mask)]
    return np.prod(chosen) ** (-1 / len(chosen))


def perplexity_from_bits(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return 2 ** -np.log2(chosen[mask]).mean()


def exponential_forgotten(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return -np.log(chosen[mask]).mean()


def two_to_the_nats(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return 2 ** -np.log(chosen[mask]).mean()


def exponent_negative(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return np.exp(np.log(chosen[mask]).mean())


def mean_of_token_perplexities(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return np.mean(1 / chosen[mask])


def inverse_of_mean_probability(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return 1 / chosen[mask].mean()


def mean_of_sequence_perplexities(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return np.mean([np.exp(-np.log(chosen[row][mask[row]]).mean()) for row in range(len(mask))])


def perplexity_of_padding_too(probabilities: Array, targets: Array, mask: Array) -> float:
    return np.exp(-np.log(np.take_along_axis(probabilities, targets[..., None], axis=-1)).mean())


def draw_predictions(rng: np.random.Generator) -> Inputs:
    batch, time, characters = (int(n) for n in rng.permutation([3, 4, 5, 6])[:3])
    lengths = rng.permutation([1, *rng.choice(np.arange(2, time), size=batch - 2), time])
    mask = np.arange(time) >= time - lengths[:, None]
    targets = np.where(mask, rng.integers(1, characters, size=(batch, time)), 0)
    powers = np.exp(rng.normal(size=(batch, time, characters)))
    return (powers / powers.sum(axis=-1, keepdims=True), targets, mask)


IMPOSSIBLE_PADDING: Inputs = (
    np.array([[[0.0, 0.75, 0.25], [0.25, 0.25, 0.5]], [[0.5, 0.125, 0.375], [0.125, 0.625, 0.25]]]),
    np.array([[0, 1], [2, 1]]),
    np.array([[False, True], [True, True]]),
)


# --- the declarations ------------------------------------------------------------------------------------------------

CHECKS: dict[str, AnyCheck] = {
    check.name: check
    for check in (
        Check(
            reference=pad_sequences,
            also_right=(padded_as_lists, padded_from_behind),
            draw=draw_sequences,
            section="applications-padding",
            edges=(EMPTY_SEQUENCE,),
            rtol=0,
            atol=0,
            misconceptions=(
                Misconception(
                    zeros_behind,
                    "You put the zeros behind a short sequence.",
                    "A recurrent layer would then read the padding last. On which side does Keras put it by default?",
                    "applications-padding",
                ),
                Misconception(
                    end_cut_off,
                    "Of a long sequence you keep the beginning.",
                    "Which end of a review does the layer read last, and which end does Keras keep by default?",
                    "applications-truncating",
                ),
                Misconception(
                    zeros_behind_and_end_cut_off,
                    "You pad and cut at the end of a sequence.",
                    "Both happen at the other end here.",
                    "applications-padding",
                ),
                Misconception(
                    never_cut,
                    "A sequence that is longer than `maxlen` keeps all its tokens.",
                    "Every row must have `maxlen` entries, whatever the longest sequence is.",
                    "applications-truncating",
                ),
                Misconception(
                    one_token_lost,
                    "You keep one token too few of a sequence that fills its row.",
                    "How many entries does a slice like `s[-n:]` hold?",
                    "applications-truncating",
                ),
                Misconception(
                    tokens_reversed,
                    "The tokens of each sequence come out in reverse order.",
                    "Padding moves a sequence to the end of its row. It does not turn it round.",
                    "applications-padding",
                ),
                Misconception(
                    negative_start,
                    "Sequences that are a little shorter than `maxlen` lose tokens.",
                    "What is `len(sequence) - maxlen` there, and what does a slice make of a negative start?",
                    "applications-truncating",
                ),
                Misconception(
                    long_ones_left_out,
                    "A sequence that is too long becomes a row of zeros.",
                    "Keep as much of it as fits.",
                    "applications-truncating",
                ),
                Misconception(
                    time_first, "You return time first.", "Rows are examples: (batch, maxlen).", "applications-padding"
                ),
            ),
        ),
        Check(
            reference=make_mask,
            also_right=(mask_in_loops, mask_by_lengths),
            draw=draw_padded,
            section="applications-masking",
            rtol=0,
            atol=0,
            misconceptions=(
                Misconception(
                    mask_inverted,
                    "Your mask is true at the padding.",
                    "In Keras, true means: this step counts.",
                    "applications-masking",
                ),
                Misconception(
                    token_one_as_padding,
                    "You treat token 1 as padding too.",
                    "Only one token is reserved. Which one?",
                    "applications-masking",
                ),
                Misconception(
                    tokens_for_mask,
                    "You return the tokens themselves.",
                    "A mask says yes or no at each position: compare, and return the outcome.",
                    "applications-masking",
                ),
                Misconception(
                    lengths_for_mask,
                    "You return one number for each sequence: its length.",
                    "A mask has an entry for every position, so it has the shape of `padded`.",
                    "applications-masking",
                ),
                Misconception(
                    real_tokens_in_front,
                    "Your mask has as many true entries as there are tokens, but at the beginning of the row.",
                    "On which side is the padding?",
                    "applications-padding",
                ),
                Misconception(
                    one_mask_for_all,
                    "Every row has the mask of the first one.",
                    "Sequences have different lengths, so each row needs its own.",
                    "applications-masking",
                ),
                Misconception(
                    mask_with_third_axis,
                    "Your mask has a third axis.",
                    "There is one entry for each token, so its shape is that of `padded`.",
                    "applications-masking",
                ),
            ),
        ),
        Check(
            reference=next_character_probabilities,
            also_right=(probabilities_by_logarithm, probabilities_to_a_power, probabilities_in_loops),
            draw=draw_logits,
            section="applications-temperature",
            edges=(LARGE_LOGITS,),
            draws=5,
            misconceptions=(
                Misconception(
                    temperature_multiplied,
                    "You multiply by the temperature.",
                    "A high temperature should make the probabilities more equal. What does yours do?",
                    "applications-temperature",
                ),
                Misconception(
                    temperature_without_effect,
                    "The temperature has no effect.",
                    "Dividing the probabilities by it and then normalising them cancels it. What should be divided?",
                    "applications-temperature",
                ),
                Misconception(
                    temperature_after_softmax,
                    "You divide the probabilities by the temperature.",
                    "Add up a row of your result: is that still a distribution? Divide at an earlier point.",
                    "applications-temperature",
                ),
                Misconception(
                    softmax_over_the_batch,
                    "Your columns add up to 1.",
                    "Each row is one prediction. Along which axis do the characters lie?",
                    "applications-softmax",
                ),
                Misconception(
                    softmax_over_everything,
                    "All your numbers together add up to 1.",
                    "Each row is one prediction and a distribution of its own.",
                    "applications-softmax",
                ),
                Misconception(
                    exponential_overflows,
                    "It is right for small logits, but for large ones the exponential overflows or is 0 everywhere.",
                    "Softmax does not change when you subtract one number from a whole row. Which number helps?",
                    "applications-softmax",
                ),
                Misconception(
                    one_maximum_for_all,
                    "You subtract one maximum, that of the whole batch.",
                    "What becomes of a row whose entries all lie far below it?",
                    "applications-softmax",
                ),
                Misconception(
                    log_probabilities,
                    "You return the logarithms of the probabilities.",
                    "They are asked for as numbers between 0 and 1.",
                    "applications-softmax",
                ),
                Misconception(
                    certainty_for_the_largest,
                    "You give the largest logit probability 1.",
                    "That is the limit for a temperature near 0. The others keep a share.",
                    "applications-temperature",
                ),
                Misconception(
                    without_exponential,
                    "You divide the logits by their sum.",
                    "A logit may be negative, a probability may not. Which function makes every number positive?",
                    "applications-softmax",
                ),
                Misconception(
                    not_normalised,
                    "You return the exponentials.",
                    "What must a row of probabilities add up to?",
                    "applications-softmax",
                ),
            ),
        ),
        Check(
            reference=sample_index,
            also_right=(sampled_in_a_loop, sampled_by_counting, sampled_by_subtraction),
            draw=draw_sample,
            section="applications-sampling",
            edges=(ON_A_BORDER, IMPOSSIBLE_FIRST, ROUNDED_SUM),
            draws=5,
            exact_type=int,
            rtol=0,
            atol=0,
            misconceptions=(
                Misconception(
                    most_likely,
                    "You always take the most likely character.",
                    "That is not sampling: `u` has no effect, and a text made so soon repeats itself.",
                    "applications-sampling",
                ),
                Misconception(
                    compared_the_wrong_way,
                    "You look for a running sum that is below `u`.",
                    "The character is found when the sum has gone past `u`.",
                    "applications-sampling",
                ),
                Misconception(
                    counted_from_above,
                    "You count the running sums that are above `u`.",
                    "The index is the number of characters that come before the one you look for.",
                    "applications-sampling",
                ),
                Misconception(
                    one_index_early,
                    "Your index is one too small.",
                    "Is index 0 the first character, or the place before it?",
                    "applications-sampling",
                ),
                Misconception(
                    counted_from_one,
                    "Your index is one too large.",
                    "Indices begin at 0.",
                    "applications-sampling",
                ),
                Misconception(
                    without_sums,
                    "You compare `u` with each probability by itself.",
                    "Lay the probabilities side by side on the line from 0 to 1. Where does each of them begin?",
                    "applications-sampling",
                ),
                Misconception(
                    all_equally_likely,
                    "You cut the line from 0 to 1 into equal pieces.",
                    "A likely character needs a longer piece.",
                    "applications-sampling",
                ),
                Misconception(
                    sorted_first,
                    "You sort the probabilities first, so your index counts in another order.",
                    "The index must say which character it is.",
                    "applications-sampling",
                ),
                Misconception(
                    border_included,
                    "Where `u` is exactly on a border you take the character before it.",
                    "With `u = 0` you could return a character of probability 0. Is it < or ≤?",
                    "applications-sampling",
                ),
                Misconception(
                    past_the_end,
                    "Where rounding leaves the last sum below `u`, your index points past the end.",
                    "What should happen when no running sum exceeds `u`?",
                    "applications-sampling",
                ),
                Misconception(
                    first_where_none_is_found,
                    "Where rounding leaves the last sum below `u`, you return the first character.",
                    "`argmax` of an array that is nowhere true is 0. What should happen there?",
                    "applications-sampling",
                ),
            ),
        ),
        Check(
            reference=masked_cross_entropy,
            also_right=(cross_entropy_in_loops, cross_entropy_by_one_hot),
            draw=draw_predictions,
            section="applications-cross-entropy",
            edges=(IMPOSSIBLE_PADDING,),
            misconceptions=(
                Misconception(
                    padding_counts_too,
                    "You take the mean over all positions, padding included.",
                    "What a model says about padding tells nothing about it. Which positions does the mask keep?",
                    "applications-cross-entropy",
                ),
                Misconception(
                    divided_by_all_positions,
                    "You add up the real tokens only, but divide by the number of all positions.",
                    "Then the loss falls when more padding is added. Over how many tokens is the mean?",
                    "applications-cross-entropy",
                ),
                Misconception(
                    masked_after_the_logarithm,
                    "You multiply by the mask after the logarithm.",
                    "Where the padding has probability 0, that is 0 times infinity. Leave those positions out earlier.",
                    "applications-cross-entropy",
                ),
                Misconception(
                    in_bits,
                    "Your logarithm has base 2.",
                    "That measures in bits. The loss here, as in Keras, is in nats: which base is that?",
                    "applications-cross-entropy",
                ),
                Misconception(
                    sum_for_mean,
                    "You return the sum.",
                    "A longer text would have a larger loss with the same model. What makes texts comparable?",
                    "applications-cross-entropy",
                ),
                Misconception(
                    minus_forgotten,
                    "Your result is negative.",
                    "The logarithm of a probability is never positive; a loss is never negative.",
                    "applications-cross-entropy",
                ),
                Misconception(
                    mean_of_sequence_means,
                    "You average each sequence first, then the averages.",
                    "So a token of a short sequence weighs more than one of a long. Here each token weighs the same.",
                    "applications-cross-entropy",
                ),
                Misconception(
                    most_likely_for_target,
                    "You take the largest probability at each position.",
                    "That rewards a model for being sure, right or not. Which character really came?",
                    "applications-cross-entropy",
                ),
                Misconception(
                    logarithm_of_the_mean,
                    "You average the probabilities before the logarithm.",
                    "The order matters: each token has its own loss, and the mean is over losses.",
                    "applications-cross-entropy",
                ),
                Misconception(
                    entropy_of_the_model,
                    "You compute the entropy of the model's own distribution.",
                    "It does not ask what really came next. Where do `targets` go?",
                    "applications-cross-entropy",
                ),
                Misconception(
                    padding_for_tokens,
                    "You average over the padding and leave out the tokens.",
                    "The mask is true where a token is real.",
                    "applications-masking",
                ),
                Misconception(
                    targets_counted_from_one,
                    "You look up the character before the target.",
                    "Index 0 is there too: it belongs to the padding token.",
                    "applications-cross-entropy",
                ),
            ),
        ),
        Check(
            reference=perplexity,
            also_right=(perplexity_as_inverse_geometric_mean, perplexity_from_bits),
            draw=draw_predictions,
            section="applications-perplexity",
            edges=(IMPOSSIBLE_PADDING,),
            misconceptions=(
                Misconception(
                    exponential_forgotten,
                    "You return the cross-entropy.",
                    "Perplexity is a number of choices, not a number of nats. What undoes a logarithm?",
                    "applications-perplexity",
                ),
                Misconception(
                    two_to_the_nats,
                    "You raise 2 to a cross-entropy in nats.",
                    "The base of the power must be the base of the logarithm.",
                    "applications-perplexity",
                ),
                Misconception(
                    exponent_negative,
                    "Your perplexity is below 1.",
                    "A model that is always sure and right has perplexity 1, and none has less. Look at the sign.",
                    "applications-perplexity",
                ),
                Misconception(
                    mean_of_token_perplexities,
                    "You average 1/p over the tokens.",
                    "One unlikely token would rule it all. Average first, then leave the logarithm.",
                    "applications-perplexity",
                ),
                Misconception(
                    inverse_of_mean_probability,
                    "You average the probabilities.",
                    "Perplexity comes from the mean of the logarithms.",
                    "applications-perplexity",
                ),
                Misconception(
                    mean_of_sequence_perplexities,
                    "You average the perplexities of the sequences.",
                    "Every token weighs the same, whichever sequence it stands in.",
                    "applications-perplexity",
                ),
                Misconception(
                    perplexity_of_padding_too,
                    "The padding counts too.",
                    "Only real tokens enter the mean.",
                    "applications-cross-entropy",
                ),
            ),
        ),
    )
}
