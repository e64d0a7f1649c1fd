"""Checks of exercises/applications/text.ipynb: Padding, masking, sampling.

A row is one example, token 0 is padding: padded, targets and mask are (batch, time), logits (batch, characters),
probabilities (characters,) or (batch, time, characters).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from ..families.token_losses import token_losses

Array = np.ndarray


# --- pad_sequences ---------------------------------------------------------------------------------------------------


@graded("applications-padding", rtol=0, atol=0)
def pad_sequences(sequences: list[list[int]], maxlen: int) -> Array:
    """Zeros in front, and of a long sequence its end (keras/src/utils/sequence_utils.py, its defaults)."""
    padded = np.zeros((len(sequences), maxlen), dtype=int)
    for row, sequence in zip(padded, sequences, strict=True):
        kept = sequence[max(len(sequence) - maxlen, 0) :]
        row[maxlen - len(kept) :] = kept
    return padded


@pad_sequences.inputs(places=range(6, 9))
def draw_sequences(rng: np.random.Generator, batch: int, places: int) -> Inputs:
    """Shorter sequences, longer ones, and one that fills its row, as far as there are sequences."""
    lengths = [places, places - 1, places + 2, 2, places + 4, 1]
    kept = rng.permutation(lengths[:batch]) if places > 1 else np.arange(batch) % 3
    return ([rng.integers(1, 60, size=length).tolist() for length in kept], places)


@pad_sequences.condition("every sequence shorter than maxlen")
def all_short(rng: np.random.Generator, batch: int) -> Inputs:
    return ([rng.integers(1, 60, size=length).tolist() for length in rng.integers(1, 5, size=batch)], 7)


@pad_sequences.condition("every sequence longer than maxlen")
def all_long(rng: np.random.Generator, batch: int) -> Inputs:
    return ([rng.integers(1, 60, size=length).tolist() for length in rng.integers(5, 9, size=batch)], 3)


EMPTY_SEQUENCE: Inputs = ([[], [4, 5], [6, 1, 7, 2]], 3)

pad_sequences.always("an empty sequence", *EMPTY_SEQUENCE)
pad_sequences.always("nothing but padding", [[], []], 4)
pad_sequences.always("every sequence of length maxlen", [[3, 1, 2], [9, 9, 1]], 3)
pad_sequences.always("tokens of a large vocabulary", [[20000, 200], [130]], 3)


@pad_sequences.right
def padded_as_lists(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + list(sequence))[-maxlen:] for sequence in sequences])


@pad_sequences.right
def padded_from_behind(sequences: list[list[int]], maxlen: int) -> Array:
    padded = np.zeros((len(sequences), maxlen), dtype=int)
    for row, sequence in enumerate(sequences):
        for step in range(1, min(len(sequence), maxlen) + 1):
            padded[row, -step] = sequence[-step]
    return padded


@pad_sequences.right
def padded_by_a_generator(sequences: list[list[int]], maxlen: int) -> list[list[int]]:
    ends = (sequence[-maxlen:] for sequence in sequences)
    return [[0] * (maxlen - len(end)) + end for end in ends]


@pad_sequences.wrong(
    "You put the zeros behind a short sequence.",
    "A recurrent layer would then read the padding last. On which side does Keras put it by default?",
)
def zeros_behind(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([(sequence[-maxlen:] + [0] * maxlen)[:maxlen] for sequence in sequences])


@pad_sequences.wrong(
    "Of a long sequence you keep the beginning.",
    "Which end of a review does the layer read last, and which end does Keras keep by default?",
    see="applications-truncating",
)
def end_cut_off(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + sequence[:maxlen])[-maxlen:] for sequence in sequences])


@pad_sequences.wrong("You pad and cut at the end of a sequence.", "Both happen at the other end here.")
def zeros_behind_and_end_cut_off(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([(sequence + [0] * maxlen)[:maxlen] for sequence in sequences])


@pad_sequences.wrong(
    "A sequence that is longer than `maxlen` keeps all its tokens.",
    "Every row must have `maxlen` entries, whatever the longest sequence is.",
    see="applications-truncating",
)
def never_cut(sequences: list[list[int]], maxlen: int) -> Array:
    width = max(maxlen, max(len(sequence) for sequence in sequences))
    return np.array([([0] * width + sequence)[-width:] for sequence in sequences])


@pad_sequences.wrong(
    "You keep one token too few of a sequence that fills its row.",
    "How many entries does a slice like `s[-n:]` hold?",
    see="applications-truncating",
)
def one_token_lost(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + sequence[-(maxlen - 1) :])[-maxlen:] for sequence in sequences])


@pad_sequences.wrong(
    "The tokens of each sequence come out in reverse order.",
    "Padding moves a sequence to the end of its row. It does not turn it round.",
)
def tokens_reversed(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + sequence[-maxlen:][::-1])[-maxlen:] for sequence in sequences])


@pad_sequences.wrong(
    "Sequences that are a little shorter than `maxlen` lose tokens.",
    "What is `len(sequence) - maxlen` there, and what does a slice make of a negative start?",
    see="applications-truncating",
)
def negative_start(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + sequence[len(sequence) - maxlen :])[-maxlen:] for sequence in sequences])


@pad_sequences.wrong(
    "A sequence that is too long becomes a row of zeros.", "Keep as much of it as fits.", see="applications-truncating"
)
def long_ones_left_out(sequences: list[list[int]], maxlen: int) -> Array:
    kept = [sequence if len(sequence) <= maxlen else [] for sequence in sequences]
    return np.array([([0] * maxlen + sequence)[-maxlen:] for sequence in kept])


@pad_sequences.wrong("You return time first.", "Rows are examples: (batch, maxlen).")
def time_first(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + sequence)[-maxlen:] for sequence in sequences]).T


@pad_sequences.wrong(
    "Your rows are as long as the longest sequence.",
    "`maxlen` says how long a row is, also where no sequence is that long.",
)
def as_long_as_the_longest(sequences: list[list[int]], maxlen: int) -> Array:
    width = max(len(sequence) for sequence in sequences)
    return np.array([[0] * (width - len(sequence)) + sequence for sequence in sequences])


@pad_sequences.wrong(
    "Your rows are never longer than the longest sequence.",
    "`maxlen` says how long a row is, also where every sequence is shorter.",
)
def never_longer_than_the_longest(sequences: list[list[int]], maxlen: int) -> Array:
    width = min(maxlen, max(len(sequence) for sequence in sequences))
    return np.array([([0] * width + sequence)[len(sequence) :] for sequence in sequences])


# --- make_mask -------------------------------------------------------------------------------------------------------


@graded("applications-masking", rtol=0, atol=0)
def make_mask(padded: Array) -> Array:
    """Where the real tokens are: token 0 is padding, as in `Embedding(mask_zero=True)`."""
    return padded != 0


@make_mask.inputs(time=range(6, 9))
def draw_padded(rng: np.random.Generator, batch: int, time: int) -> Inputs:
    """Rows of different lengths, a full one among them and one of length 1; token 1 is in each."""
    lengths = rng.permutation([*{time, 1}, *rng.integers(1, time + 1, size=batch)][:batch])
    padded = np.zeros((batch, time), dtype=int)
    for row, length in zip(padded, lengths, strict=True):
        row[time - length :] = rng.integers(2, 30, size=length)
        row[time - 1 - int(rng.integers(0, length))] = 1
    return (padded,)


@make_mask.condition("no padding")
def full_rows(rng: np.random.Generator, batch: int, time: int) -> Inputs:
    return (rng.integers(1, 30, size=(batch, time)),)


@make_mask.condition("a row of padding alone")
def an_empty_row(rng: np.random.Generator, batch: int, time: int) -> Inputs:
    padded = np.zeros((batch, time), dtype=int)
    padded[1:, 2:] = rng.integers(1, 30, size=(batch - 1, time - 2))
    return (padded,)


make_mask.always("nothing but padding", np.zeros((2, 3), dtype=int))


@make_mask.right
def mask_in_loops(padded: Array) -> Array:
    return np.array([[int(token) > 0 for token in row] for row in padded])


@make_mask.right
def mask_by_lengths(padded: Array) -> Array:
    lengths = np.count_nonzero(padded, axis=1)
    return np.arange(padded.shape[1])[None, :] >= padded.shape[1] - lengths[:, None]


@make_mask.right
def mask_by_conversion(padded: Array) -> Array:
    return padded.astype(bool)


@make_mask.wrong("Your mask is true at the padding.", "In Keras, true means: this step counts.")
def mask_inverted(padded: Array) -> Array:
    return padded == 0


@make_mask.wrong("You treat token 1 as padding too.", "Only one token is reserved. Which one?")
def token_one_as_padding(padded: Array) -> Array:
    return padded > 1


@make_mask.wrong(
    "You return the tokens themselves.", "A mask says yes or no at each position: compare, and return the outcome."
)
def tokens_for_mask(padded: Array) -> Array:
    return np.where(padded != 0, padded, 0)


@make_mask.wrong(
    "You return one number for each sequence: its length.",
    "A mask has an entry for every position, so it has the shape of `padded`.",
)
def lengths_for_mask(padded: Array) -> Array:
    return (padded != 0).sum(axis=1)


@make_mask.wrong(
    "Your mask has as many true entries as there are tokens, but at the beginning of the row.",
    "On which side is the padding?",
    see="applications-padding",
)
def real_tokens_in_front(padded: Array) -> Array:
    return np.arange(padded.shape[1]) < (padded != 0).sum(axis=1)[:, None]


@make_mask.wrong(
    "Every row has the mask of the first one.", "Sequences have different lengths, so each row needs its own."
)
def one_mask_for_all(padded: Array) -> Array:
    return np.tile(padded[0] != 0, (len(padded), 1))


@make_mask.wrong("Your mask has a third axis.", "There is one entry for each token, so its shape is that of `padded`.")
def mask_with_third_axis(padded: Array) -> Array:
    return padded[:, :, None] != 0


@make_mask.wrong("Your mask holds numbers, not booleans.", "A comparison gives booleans. Hand them back as they are.")
def mask_of_numbers(padded: Array) -> Array:
    return np.where(padded != 0, 1, 0)


# --- next_character_probabilities ------------------------------------------------------------------------------------


@graded("applications-temperature")
def next_character_probabilities(logits: Array, temperature: float) -> Array:
    """softmax(logits / temperature) along the last axis. Shifted by each row's maximum, no exponent is positive."""
    scaled = logits / temperature
    powers = np.exp(scaled - np.max(scaled, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


@next_character_probabilities.inputs
def draw_logits(rng: np.random.Generator, batch: int, characters: int) -> Inputs:
    """A low temperature or a high one, never 1."""
    temperature = float(rng.choice([rng.uniform(0.6, 0.8), rng.uniform(1.4, 2.2)]))
    return (rng.normal(size=(batch, characters)), temperature)


@next_character_probabilities.condition("a low temperature")
def low_temperature(rng: np.random.Generator, batch: int, characters: int) -> Inputs:
    return (rng.normal(size=(batch, characters)), float(rng.uniform(0.3, 0.5)))


@next_character_probabilities.condition("a high temperature")
def high_temperature(rng: np.random.Generator, batch: int, characters: int) -> Inputs:
    return (rng.normal(size=(batch, characters)), float(rng.uniform(2, 3)))


@next_character_probabilities.condition("logits and temperature are whole numbers")
def whole_logits(rng: np.random.Generator, batch: int, characters: int) -> Inputs:
    return (rng.integers(-3, 4, size=(batch, characters)), 2)


LARGE_LOGITS: Inputs = (np.array([[1000.0, 1001.0, 999.5], [-1000.0, -999.0, -1000.5]]), 0.5)

next_character_probabilities.always("very large and very small logits", *LARGE_LOGITS)
next_character_probabilities.always("very large logits", LARGE_LOGITS[0][:1], 2.0)
next_character_probabilities.always("very small logits", LARGE_LOGITS[0][1:], 2.0)
next_character_probabilities.always("logits far apart", np.array([[0.0, 1000.0, -1000.0], [0.5, -999.0, 0.0]]), 1.0)
next_character_probabilities.always("all logits equal", np.array([[0.0, 0.0, 0.0, 0.0], [7.0, 7.0, 7.0, 7.0]]), 1.5)


@next_character_probabilities.right
def probabilities_by_logarithm(logits: Array, temperature: float) -> Array:
    scaled = logits / temperature
    log_sum = np.logaddexp.reduce(scaled, axis=1)
    return np.exp(scaled - log_sum[:, None])


@next_character_probabilities.right
def probabilities_to_a_power(logits: Array, temperature: float) -> Array:
    at_one = np.exp(logits - logits.max(axis=1, keepdims=True))
    at_one = (at_one / at_one.sum(axis=1, keepdims=True)) ** (1 / temperature)
    return at_one / at_one.sum(axis=1, keepdims=True)


@next_character_probabilities.right
def probabilities_in_loops(logits: Array, temperature: float) -> Array:
    out = []
    for row in logits:
        powers = [np.exp((value - max(row)) / temperature) for value in row]
        out.append([power / sum(powers) for power in powers])
    return np.array(out)


@next_character_probabilities.wrong(
    "You multiply by the temperature.",
    "A high temperature should make the probabilities more equal. What does yours do?",
)
def temperature_multiplied(logits: Array, temperature: float) -> Array:
    powers = np.exp(temperature * (logits - logits.max(axis=1, keepdims=True)))
    return powers / powers.sum(axis=1, keepdims=True)


@next_character_probabilities.wrong(
    "The temperature has no effect.",
    "Dividing the probabilities by it and then normalising them cancels it. What should be divided?",
)
def temperature_without_effect(logits: Array, temperature: float) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@next_character_probabilities.wrong(
    "You divide the probabilities by the temperature.",
    "Add up a row of your result: is that still a distribution? Divide at an earlier point.",
)
def temperature_after_softmax(logits: Array, temperature: float) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) / temperature


@next_character_probabilities.wrong(
    "Your columns add up to 1.",
    "Each row is one prediction. Along which axis do the characters lie?",
    see="applications-softmax",
)
def softmax_over_the_batch(logits: Array, temperature: float) -> Array:
    powers = np.exp((logits - logits.max(axis=0)) / temperature)
    return powers / powers.sum(axis=0)


@next_character_probabilities.wrong(
    "All your numbers together add up to 1.",
    "Each row is one prediction and a distribution of its own.",
    see="applications-softmax",
)
def softmax_over_everything(logits: Array, temperature: float) -> Array:
    powers = np.exp((logits - logits.max()) / temperature)
    return powers / powers.sum()


@next_character_probabilities.wrong(
    "It is right for small logits, but for large ones the exponential overflows or is 0 everywhere.",
    "Softmax does not change when you subtract one number from a whole row. Which number helps?",
    see="applications-softmax",
)
def exponential_overflows(logits: Array, temperature: float) -> Array:
    powers = np.exp(logits / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


@next_character_probabilities.wrong(
    "You subtract one maximum, that of the whole batch.",
    "What becomes of a row whose entries all lie far below it?",
    see="applications-softmax",
)
def one_maximum_for_all(logits: Array, temperature: float) -> Array:
    powers = np.exp((logits - logits.max()) / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


@next_character_probabilities.wrong(
    "You divide the logits by the temperature, but subtract the maximum undivided.",
    "It does no harm while numbers are small. For large ones, is what you subtract still the largest of the row?",
    see="applications-softmax",
)
def maximum_not_divided(logits: Array, temperature: float) -> Array:
    powers = np.exp(logits / temperature - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@next_character_probabilities.wrong(
    "You clip the logits.",
    "Logits that were different become equal so. What may be subtracted from a whole row without any effect?",
    see="applications-softmax",
)
def logits_clipped(logits: Array, temperature: float) -> Array:
    powers = np.exp(np.clip(logits / temperature, -500, 500))
    return powers / powers.sum(axis=1, keepdims=True)


@next_character_probabilities.wrong(
    "You return the logarithms of the probabilities.",
    "They are asked for as numbers between 0 and 1.",
    see="applications-softmax",
)
def log_probabilities(logits: Array, temperature: float) -> Array:
    scaled = (logits - logits.max(axis=1, keepdims=True)) / temperature
    return scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))


@next_character_probabilities.wrong(
    "You give the largest logit probability 1.", "That is the limit for a temperature near 0. The others keep a share."
)
def certainty_for_the_largest(logits: Array, temperature: float) -> Array:
    return np.eye(logits.shape[1])[np.argmax(logits / temperature, axis=1)]


@next_character_probabilities.wrong(
    "You divide the logits by their sum.",
    "A logit may be negative, a probability may not. Which function makes every number positive?",
    see="applications-softmax",
)
def without_exponential(logits: Array, temperature: float) -> Array:
    return logits / temperature / np.sum(logits / temperature, axis=1, keepdims=True)


@next_character_probabilities.wrong(
    "You return the exponentials.", "What must a row of probabilities add up to?", see="applications-softmax"
)
def not_normalised(logits: Array, temperature: float) -> Array:
    return np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)


# --- sample_index ----------------------------------------------------------------------------------------------------


@graded("applications-sampling", draws=5, exact_type=int, rtol=0, atol=0)
def sample_index(probabilities: Array, u: float) -> int:
    """The smallest k with u < P_0 + ... + P_k; the last where rounding leaves none."""
    return min(int(np.searchsorted(np.cumsum(probabilities), u, side="right")), len(probabilities) - 1)


# With one character there is nothing between the first and the last: it is a fixed case below.
@sample_index.inputs(characters=range(6, 10), without=("one character",))
def draw_sample(rng: np.random.Generator, characters: int) -> Inputs:
    """A draw that hits neither the first, nor the last, nor the most likely character, nor the one that equal
    pieces would give."""
    while True:
        weights = rng.uniform(0.2, 1.8, size=characters)
        probabilities = weights / weights.sum()
        k = int(rng.integers(1, len(weights) - 1))
        u = float(probabilities[:k].sum() + probabilities[k] * rng.uniform(0.2, 0.8))
        if k not in (int(np.argmax(weights)), int(u * len(weights))):
            return (probabilities, u)


@sample_index.condition("the last character is drawn")
def last_character(rng: np.random.Generator, characters: int) -> Inputs:
    weights = rng.uniform(0.2, 1.8, size=characters)
    return (weights / weights.sum(), float(1 - 0.5 * weights[-1] / weights.sum()))


@sample_index.condition("the first character is drawn")
def first_character(rng: np.random.Generator, characters: int) -> Inputs:
    weights = rng.uniform(0.2, 1.8, size=characters)
    return (weights / weights.sum(), float(0.5 * weights[0] / weights.sum()))


sample_index.always("u just below a border", np.array([0.25304, 0.5, 0.24696]), 0.25301)
sample_index.always("u on a border", np.array([0.25, 0.25, 0.5]), 0.25)
sample_index.always("an impossible first character", np.array([0.0, 0.5, 0.5]), 0.0)
sample_index.always("an impossible character on a border", np.array([0.5, 0.0, 0.25, 0.25]), 0.5)
sample_index.always("a sum below u", np.array([0.333333, 0.333333, 0.333333]), 0.9999995)
sample_index.always("one character only", np.array([1.0]), 0.75)
sample_index.always("one character is certain", np.array([0.0, 0.0, 1.0, 0.0]), 0.5)


@sample_index.right
def sampled_in_a_loop(probabilities: Array, u: float) -> int:
    total = 0.0
    for index, probability in enumerate(probabilities):
        total += probability
        if u < total:
            return index
    return len(probabilities) - 1


@sample_index.right
def sampled_by_counting(probabilities: Array, u: float) -> int:
    return int(np.sum(np.cumsum(probabilities)[:-1] <= u))


@sample_index.right
def sampled_by_subtraction(probabilities: Array, u: float) -> int:
    index = 0
    while index < len(probabilities) - 1 and u >= sum(probabilities[: index + 1]):
        index += 1
    return index


@sample_index.wrong(
    "You always take the most likely character.",
    "That is not sampling: `u` has no effect, and a text made so soon repeats itself.",
)
def most_likely(probabilities: Array, u: float) -> int:
    return int(np.argmax(probabilities))


@sample_index.wrong(
    "You look for a running sum that is below `u`.", "The character is found when the sum has gone past `u`."
)
def compared_the_wrong_way(probabilities: Array, u: float) -> int:
    return int(np.argmax(np.cumsum(probabilities) < u))


@sample_index.wrong(
    "You count the running sums that are above `u`.",
    "The index is the number of characters that come before the one you look for.",
)
def counted_from_above(probabilities: Array, u: float) -> int:
    return int(np.sum(np.cumsum(probabilities) > u))


@sample_index.wrong("Your index is one too small.", "Is index 0 the first character, or the place before it?")
def one_index_early(probabilities: Array, u: float) -> int:
    return min(int(np.searchsorted(np.cumsum(probabilities), u, side="right")), len(probabilities) - 1) - 1


@sample_index.wrong("Your index is one too large.", "Indices begin at 0.")
def counted_from_one(probabilities: Array, u: float) -> int:
    return min(int(np.searchsorted(np.cumsum(probabilities), u, side="right")), len(probabilities) - 1) + 1


@sample_index.wrong(
    "You compare `u` with each probability by itself.",
    "Lay the probabilities side by side on the line from 0 to 1. Where does each of them begin?",
)
def without_sums(probabilities: Array, u: float) -> int:
    return int(np.argmax(probabilities > u))


@sample_index.wrong("You cut the line from 0 to 1 into equal pieces.", "A likely character needs a longer piece.")
def all_equally_likely(probabilities: Array, u: float) -> int:
    return int(u * len(probabilities))


@sample_index.wrong(
    "You sort the probabilities first, so your index counts in another order.",
    "The index must say which character it is.",
)
def sorted_first(probabilities: Array, u: float) -> int:
    running = np.cumsum(np.sort(probabilities)[::-1])
    return min(int(np.searchsorted(running, u, side="right")), len(probabilities) - 1)


@sample_index.wrong(
    "Where `u` is exactly on a border you take the character before it.",
    "With `u = 0` you could return a character of probability 0. Is it < or ≤?",
)
def border_included(probabilities: Array, u: float) -> int:
    return min(int(np.searchsorted(np.cumsum(probabilities), u, side="left")), len(probabilities) - 1)


@sample_index.wrong(
    "Where rounding leaves the last sum below `u`, your index points past the end.",
    "What should happen when no running sum exceeds `u`?",
)
def past_the_end(probabilities: Array, u: float) -> int:
    return int(np.searchsorted(np.cumsum(probabilities), u, side="right"))


@sample_index.wrong(
    "Where rounding leaves the last sum below `u`, you return the first character.",
    "`argmax` of an array that is nowhere true is 0. What should happen there?",
)
def first_where_none_is_found(probabilities: Array, u: float) -> int:
    return int(np.argmax(np.cumsum(probabilities) > u))


@sample_index.wrong(
    "Two edges are wrong: where `u` is exactly on a border, and where rounding leaves the last sum below `u`.",
    "Is it < or ≤, and what should happen when no running sum exceeds `u`?",
)
def found_from_the_left(probabilities: Array, u: float) -> int:
    return int(np.searchsorted(np.cumsum(probabilities), u))


@sample_index.wrong(
    "`u` on a border gives the character before it, and where no sum exceeds `u` you return the first.",
    "Is it < or ≤? And what is `argmax` of an array that is nowhere true?",
)
def first_that_reaches(probabilities: Array, u: float) -> int:
    return int(np.argmax(np.cumsum(probabilities) >= u))


# --- masked_cross_entropy --------------------------------------------------------------------------------------------


def draw_probabilities(rng: np.random.Generator, batch: int, time: int, characters: int) -> Array:
    powers = np.exp(rng.normal(size=(batch, time, characters)))
    return powers / powers.sum(axis=-1, keepdims=True)


def draw_predictions(rng: np.random.Generator, batch: int, time: int, characters: int) -> Inputs:
    """A full row, a row with one real token, and others between them."""
    lengths = rng.permutation([1, time, *rng.integers(1, time + 1, size=batch)][:batch])
    mask = np.arange(time) >= time - lengths[:, None]
    targets = np.where(mask, rng.integers(min(1, characters - 1), characters, size=(batch, time)), 0)
    return (draw_probabilities(rng, batch, time, characters), targets, mask)


def no_padding(rng: np.random.Generator, batch: int, time: int, characters: int) -> Inputs:
    targets = rng.integers(0, characters, size=(batch, time))
    return (draw_probabilities(rng, batch, time, characters), targets, np.ones((batch, time), dtype=bool))


def target_zero_is_real(rng: np.random.Generator, batch: int, time: int, characters: int) -> Inputs:
    """And what stands at the padding is no zero: the mask alone decides."""
    probabilities, targets, mask = draw_predictions(rng, batch, time, characters)
    targets = np.where(mask, targets, characters - 1)
    targets[:, -1] = 0
    return (probabilities, targets, mask)


def an_empty_sequence(rng: np.random.Generator, batch: int, time: int, characters: int) -> Inputs:
    probabilities, targets, mask = draw_predictions(rng, batch, time, characters)
    mask[int(np.argmin(mask.sum(axis=1)))] = False
    return (probabilities, targets, mask)


def one_real_token(rng: np.random.Generator, batch: int, time: int, characters: int) -> Inputs:
    probabilities, targets, mask = draw_predictions(rng, batch, time, characters)
    mask[:] = False
    mask[0, -1] = True
    return (probabilities, targets, mask)


IMPOSSIBLE_PADDING: Inputs = (
    np.array([[[0.0, 0.75, 0.25], [0.25, 0.25, 0.5]], [[0.5, 0.125, 0.375], [0.125, 0.625, 0.25]]]),
    np.array([[0, 1], [2, 1]]),
    np.array([[False, True], [True, True]]),
)

POSSIBLE_ROWS = np.array([[[0.5, 0.25, 0.25], [0.25, 0.625, 0.125], [0.125, 0.5, 0.375]] for _ in range(3)])
SCATTERED: Inputs = (
    POSSIBLE_ROWS,
    np.array([[0, 2, 1], [1, 0, 2], [2, 1, 0]]),
    np.array([[True, False, True], [False, True, False], [True, True, False]]),
)
IMPOSSIBLE_CHARACTER: Inputs = (
    np.array([[[0.0, 0.75, 0.25], [0.25, 0.25, 0.5]]]),
    np.array([[1, 0]]),
    np.array([[True, True]]),
)


@graded("applications-cross-entropy")
def masked_cross_entropy(probabilities: Array, targets: Array, mask: Array) -> float:
    """The mean of -ln(probability of the target) over the real tokens of the whole batch."""
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return float(-np.mean(np.log(chosen[mask])))


masked_cross_entropy.inputs(draw_predictions)
masked_cross_entropy.condition("no padding")(no_padding)
masked_cross_entropy.condition("a real target is 0")(target_zero_is_real)
masked_cross_entropy.condition("a sequence of padding alone")(an_empty_sequence)
masked_cross_entropy.condition("a single real token")(one_real_token)
masked_cross_entropy.always("probability 0 at the padding", *IMPOSSIBLE_PADDING)
masked_cross_entropy.always("padding between and behind the tokens", *SCATTERED)
masked_cross_entropy.always("probability 0 for another character", *IMPOSSIBLE_CHARACTER)
masked_cross_entropy.like(token_losses, finish=float)


@masked_cross_entropy.wrong(
    "Your logarithm has base 2.", "That measures in bits. The loss here, as in Keras, is in nats: which base is that?"
)
def in_bits(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return -np.log2(chosen[mask]).mean()


@masked_cross_entropy.wrong(
    "Your result is negative.", "The logarithm of a probability is never positive; a loss is never negative."
)
def minus_forgotten(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return np.log(chosen[mask]).mean()


@masked_cross_entropy.wrong(
    "You average each sequence first, then the averages.",
    "So a token of a short sequence weighs more than one of a long. Here each token weighs the same.",
)
def mean_of_sequence_means(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return np.mean([-np.log(chosen[row][mask[row]]).mean() for row in range(len(mask))])


# --- perplexity ------------------------------------------------------------------------------------------------------

Helper = Callable[..., Any]


@graded("applications-perplexity")
def perplexity(
    probabilities: Array, targets: Array, mask: Array, *, masked_cross_entropy: Helper = masked_cross_entropy
) -> float:
    """exp of the cross-entropy in nats."""
    return float(np.exp(masked_cross_entropy(probabilities, targets, mask)))


perplexity.inputs(draw_predictions)
perplexity.condition("no padding")(no_padding)
perplexity.condition("a real target is 0")(target_zero_is_real)
perplexity.condition("a sequence of padding alone")(an_empty_sequence)
perplexity.condition("a single real token")(one_real_token)
perplexity.always("probability 0 at the padding", *IMPOSSIBLE_PADDING)
perplexity.always("padding between and behind the tokens", *SCATTERED)
perplexity.always("probability 0 for another character", *IMPOSSIBLE_CHARACTER)
perplexity.like(token_losses, finish=np.exp, see="applications-cross-entropy")


@perplexity.right
def perplexity_as_inverse_geometric_mean(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = [probabilities[row, t, targets[row, t]] for row, t in np.argwhere(mask)]
    return np.prod(chosen) ** (-1 / len(chosen))


@perplexity.right
def perplexity_from_bits(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return 2 ** -np.log2(chosen[mask]).mean()


@perplexity.wrong(
    "You return the cross-entropy.", "Perplexity is a number of choices, not a number of nats. What undoes a logarithm?"
)
def exponential_forgotten(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return -np.log(chosen[mask]).mean()


@perplexity.wrong("You raise 2 to a cross-entropy in nats.", "The base of the power must be the base of the logarithm.")
def two_to_the_nats(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return 2 ** -np.log(chosen[mask]).mean()


@perplexity.wrong(
    "Your perplexity is below 1.",
    "A model that is always sure and right has perplexity 1, and none has less. Look at the sign.",
)
def exponent_negative(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return np.exp(np.log(chosen[mask]).mean())


@perplexity.wrong(
    "You average 1/p over the tokens.", "One unlikely token would rule it all. Average first, then leave the logarithm."
)
def mean_of_token_perplexities(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return np.mean(1 / chosen[mask])


@perplexity.wrong(
    "You average the perplexities of the sequences.", "Every token weighs the same, whichever sequence it stands in."
)
def mean_of_sequence_perplexities(probabilities: Array, targets: Array, mask: Array) -> float:
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return np.mean([np.exp(-np.log(chosen[row][mask[row]]).mean()) for row in range(len(mask))])
