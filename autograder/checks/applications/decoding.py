"""Checks of exercises/applications/decoding.ipynb: A masked loss, and two ways to decode.

A symbol is a whole number: 0 is padding, 1 the start, 2 the stop symbol, letters come after them. sequences are lists
of letters; inputs and targets (batch, time); probabilities (batch, time, symbols). The exercise's decoder is a pair of
tables, {"p": (states, symbols, symbols), "next": (states, symbols)}, and its state a whole number. An answer is a list
of symbols that the stop symbol ends, where it was reached. Beam search is as in Sutskever, Vinyals and Le (2014), but
that a finished hypothesis keeps its place in the beam.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs

Array = np.ndarray
Decoder = dict[str, Array]
Hypothesis = tuple[float, list[int], int]

PAD, START, STOP = 0, 1, 2


def step(symbol: int, state: int, decoder: Decoder) -> tuple[Array, int]:
    """Reads one symbol: the probabilities of the next, and the new state. Given in the notebook."""
    return decoder["p"][state, symbol], int(decoder["next"][state, symbol])


# --- teacher_forcing -------------------------------------------------------------------------------------------------


def padded(lists: list[list[int]], fill: int = PAD) -> Array:
    """Rows of one length, filled up behind."""
    longest = max(len(row) for row in lists)
    return np.array([row + [fill] * (longest - len(row)) for row in lists], dtype=int)


def tables(sequences: list[list[int]]) -> tuple[Array, Array]:
    """Inputs and targets, as they should be."""
    return padded([[START, *sequence] for sequence in sequences]), padded([[*sequence, STOP] for sequence in sequences])


@graded("translation-teacher", outputs=("inputs", "targets"), rtol=0, atol=0)
def teacher_forcing(sequences: list[list[int]]) -> tuple[Array, Array]:
    inputs = [[START, *sequence] for sequence in sequences]
    targets = [[*sequence, STOP] for sequence in sequences]
    return padded(inputs), padded(targets)


@teacher_forcing.inputs(batch=range(3, 6), longest=range(4, 8))
def draw_sequences(rng: np.random.Generator, batch: int, longest: int) -> Inputs:
    """Of different lengths, as far as there are lengths; the longest is neither first nor last."""
    shorter = rng.permutation(np.arange(1, longest))
    lengths = [*shorter, *shorter, *shorter, *[1] * batch][: batch - 1]
    lengths.insert(min(1, batch - 1), longest)
    return ([rng.integers(3, 12, size=length).tolist() for length in lengths],)


@teacher_forcing.condition("equal lengths")
def draw_equal_lengths(rng: np.random.Generator, batch: int, longest: int) -> Inputs:
    return (rng.integers(3, 12, size=(batch, longest)).tolist(),)


teacher_forcing.always("an empty sequence", [[5, 3, 4], [], [6]])
teacher_forcing.always("nothing but empty sequences", [[], []])
teacher_forcing.always("letters that come again", [[3, 3], [7, 7, 7, 7]])


@teacher_forcing.right
def forced_in_arrays(sequences: list[list[int]]) -> tuple[Array, Array]:
    longest = max(map(len, sequences))
    inputs = np.zeros((len(sequences), longest + 1), dtype=int)
    targets = np.zeros((len(sequences), longest + 1), dtype=int)
    inputs[:, 0] = START
    for row, sequence in enumerate(sequences):
        inputs[row, 1 : len(sequence) + 1] = sequence
        targets[row, : len(sequence)] = sequence
        targets[row, len(sequence)] = STOP
    return inputs, targets


@teacher_forcing.right
def forced_from_the_targets(sequences: list[list[int]]) -> tuple[Array, Array]:
    width = 1 + max(len(sequence) for sequence in sequences)
    targets = np.array([(list(s) + [STOP] + [PAD] * width)[:width] for s in sequences])
    inputs = np.roll(np.where(targets == STOP, PAD, targets), 1, axis=1)
    inputs[:, 0] = START
    return inputs, targets


@teacher_forcing.right
def forced_as_lists(sequences: list[list[int]]) -> tuple[list[list[int]], list[list[int]]]:
    inputs, targets = [], []
    longest = 0
    for sequence in sequences:
        longest = max(longest, len(sequence))
    for sequence in sequences:
        rest = [PAD] * (longest - len(sequence))
        inputs.append([START, *sequence, *rest])
        targets.append([*sequence, STOP, *rest])
    return inputs, targets


@teacher_forcing.wrong(
    "Your targets have no stop symbol.",
    "Then the decoder never learns when to end. What should it say after the last letter?",
    see="translation-symbols",
)
def forced_without_stop(sequences: list[list[int]]) -> tuple[Array, Array]:
    return padded([[START, *s] for s in sequences]), padded([[*s, PAD] for s in sequences])


@teacher_forcing.wrong(
    "Your inputs have no start symbol: the decoder is told the letter that it should say.",
    "At every step, what has been said before? And before the first?",
)
def forced_without_start(sequences: list[list[int]]) -> tuple[Array, Array]:
    return padded([[*s, PAD] for s in sequences]), padded([[*s, STOP] for s in sequences])


@teacher_forcing.wrong(
    "Inputs and targets are the same.",
    "A decoder that is told its answer has nothing to learn. By how many places do the two differ?",
)
def forced_with_targets_as_inputs(sequences: list[list[int]]) -> tuple[Array, Array]:
    return padded([[*s, STOP] for s in sequences]), padded([[*s, STOP] for s in sequences])


@teacher_forcing.wrong(
    "Your targets begin with the start symbol.",
    "The start symbol is given to the decoder. Should it learn to say it?",
)
def forced_with_start_in_targets(sequences: list[list[int]]) -> tuple[Array, Array]:
    both = padded([[START, *s, STOP] for s in sequences])
    return both, both.copy()


@teacher_forcing.wrong(
    "Your inputs hold the stop symbol.",
    "After the stop symbol nothing is said any more. Who would have to be told it?",
    see="translation-symbols",
)
def forced_with_stop_in_inputs(sequences: list[list[int]]) -> tuple[Array, Array]:
    return padded([[START, *s, STOP] for s in sequences]), padded([[*s, STOP, PAD] for s in sequences])


@teacher_forcing.wrong(
    "In your inputs the rows that are padded hold the stop symbol.",
    "Cutting the last place off takes padding away there, and no stop symbol. Who would have to be told that?",
    see="translation-symbols",
)
def forced_with_the_last_place_cut_off(sequences: list[list[int]]) -> tuple[Array, Array]:
    both = padded([[START, *s, STOP] for s in sequences])
    return both[:, :-1], both[:, 1:]


@teacher_forcing.wrong(
    "You pad in front.",
    "The decoder's first step reads the start symbol, in every row. On which side is there room?",
)
def forced_padded_in_front(sequences: list[list[int]]) -> tuple[Array, Array]:
    width = 1 + max(len(s) for s in sequences)
    fill = [[PAD] * (width - 1 - len(s)) for s in sequences]
    inputs = [[*f, START, *s] for f, s in zip(fill, sequences, strict=True)]
    return np.array(inputs), np.array([[*f, *s, STOP] for f, s in zip(fill, sequences, strict=True)])


@teacher_forcing.wrong(
    "The stop symbol stands at the end of the row, behind the padding.",
    "When should the decoder stop: when the row is full, or when the last letter has been said?",
    see="translation-symbols",
)
def forced_with_stop_behind_padding(sequences: list[list[int]]) -> tuple[Array, Array]:
    letters = padded([[*s, PAD] for s in sequences])
    letters[:, -1] = STOP
    return padded([[START, *s] for s in sequences]), letters


@teacher_forcing.wrong(
    "You fill the rows with the stop symbol.",
    "One stop symbol is to be said, and it counts. What stands for a place that doesn't count?",
    see="translation-symbols",
)
def forced_filled_with_stop(sequences: list[list[int]]) -> tuple[Array, Array]:
    return padded([[START, *s] for s in sequences], STOP), padded([[*s, STOP] for s in sequences], STOP)


@teacher_forcing.wrong("Start and stop symbol have changed places.", "Which number is START, and which is STOP?")
def forced_with_start_and_stop_swapped(sequences: list[list[int]]) -> tuple[Array, Array]:
    return padded([[STOP, *s] for s in sequences]), padded([[*s, START] for s in sequences])


@teacher_forcing.wrong("You return the targets first.", "The inputs come first, then the targets.")
def forced_in_the_other_order(sequences: list[list[int]]) -> tuple[Array, Array]:
    return padded([[*s, STOP] for s in sequences]), padded([[START, *s] for s in sequences])


@teacher_forcing.wrong(
    "The targets are one step late, and not the inputs.",
    "What the decoder should say at a step is what it is told at the next one.",
)
def forced_with_targets_late(sequences: list[list[int]]) -> tuple[Array, Array]:
    return padded([[*s, STOP, PAD] for s in sequences]), padded([[START, *s, STOP] for s in sequences])


@teacher_forcing.wrong(
    "Your rows have a place too many.", "The longest sequence and one symbol: how many places does it need?"
)
def forced_one_place_too_many(sequences: list[list[int]]) -> tuple[Array, Array]:
    inputs, targets = tables(sequences)
    return np.pad(inputs, ((0, 0), (0, 1))), np.pad(targets, ((0, 0), (0, 1)))


@teacher_forcing.wrong(
    "Your rows are as long as the longest sequence, so that its stop symbol is lost.",
    "How many symbols does the decoder have to say for it?",
)
def forced_one_place_too_few(sequences: list[list[int]]) -> tuple[Array, Array]:
    inputs, targets = tables(sequences)
    return inputs[:, :-1], targets[:, :-1]


@teacher_forcing.wrong("Time is the first axis of your tables.", "A row is an example: (batch, time).")
def forced_time_first(sequences: list[list[int]]) -> tuple[Array, Array]:
    inputs, targets = tables(sequences)
    return inputs.T, targets.T


@teacher_forcing.wrong(
    "The decoder's first input is padding.",
    "Padding stands for a place that doesn't count, and the first step does. Which symbol is for it?",
    see="translation-symbols",
)
def forced_to_start_with_padding(sequences: list[list[int]]) -> tuple[Array, Array]:
    return padded([[PAD, *s] for s in sequences]), padded([[*s, STOP] for s in sequences])


@teacher_forcing.wrong(
    "The letters of each sequence come in reverse order.", "The decoder says them in the order that is given."
)
def forced_backwards(sequences: list[list[int]]) -> tuple[Array, Array]:
    return tables([s[::-1] for s in sequences])


# --- masked_loss -----------------------------------------------------------------------------------------------------


def at_targets(probabilities: Array, targets: Array) -> Array:
    """What each target's probability was: (batch, time)."""
    return np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]


@graded("translation-mask")
def masked_loss(probabilities: Array, targets: Array) -> float:
    """The mean of -ln(probability of the target) over all places of the batch that are no padding."""
    real = np.not_equal(targets, PAD)
    return float(-np.mean(np.log(at_targets(probabilities, targets)[real])))


def draw_probabilities(rng: np.random.Generator, batch: int, time: int, symbols: int) -> Array:
    powers = np.exp(rng.normal(size=(batch, time, symbols)))
    return powers / powers.sum(axis=-1, keepdims=True)


@masked_loss.inputs(batch=range(3, 5), time=range(4, 6), letters=range(2, 5))
def draw_predictions(rng: np.random.Generator, batch: int, time: int, letters: int) -> Inputs:
    """A full row, one with the stop symbol alone, and others between them; each ends with the stop symbol."""
    lengths = rng.permutation([time, 1, *rng.integers(2, max(time, 3), size=batch)][:batch])
    targets = np.zeros((batch, time), dtype=int)
    for row, length in zip(targets, np.minimum(lengths, time), strict=True):
        row[: length - 1] = rng.integers(3, 3 + letters, size=length - 1)
        row[length - 1] = STOP
    return (draw_probabilities(rng, batch, time, 3 + letters), targets)


@masked_loss.condition("no padding")
def draw_full_rows(rng: np.random.Generator, batch: int, time: int, letters: int) -> Inputs:
    targets = rng.integers(3, 3 + letters, size=(batch, time))
    targets[:, -1] = STOP
    return (draw_probabilities(rng, batch, time, 3 + letters), targets)


@masked_loss.condition("a row of padding alone")
def draw_an_empty_row(rng: np.random.Generator, batch: int, time: int, letters: int) -> Inputs:
    probabilities, targets = draw_predictions(rng, batch, time, letters)
    targets[int(np.argmin((targets != PAD).sum(axis=1)))] = PAD
    return (probabilities, targets)


IMPOSSIBLE_PADDING: Inputs = (
    np.array(
        [
            [[0.125, 0.125, 0.25, 0.5], [0.0, 0.25, 0.5, 0.25], [0.0, 0.125, 0.375, 0.5]],
            [[0.25, 0.25, 0.125, 0.375], [0.125, 0.25, 0.375, 0.25], [0.25, 0.125, 0.5, 0.125]],
        ]
    ),
    np.array([[2, 0, 0], [3, 3, 2]]),
)
masked_loss.always("probability 0 at the padding", *IMPOSSIBLE_PADDING)


@masked_loss.right
def loss_in_loops(probabilities: Array, targets: Array) -> float:
    total, count = 0.0, 0
    for row in range(len(targets)):
        for t in range(targets.shape[1]):
            if targets[row, t] != PAD:
                total -= np.log(probabilities[row, t, targets[row, t]])
                count += 1
    return total / count


@masked_loss.right
def loss_by_one_hot(probabilities: Array, targets: Array) -> float:
    one_hot = np.eye(probabilities.shape[-1])[targets]
    chosen = np.einsum("bts,bts->bt", probabilities, one_hot)
    return -np.log(np.where(targets > 0, chosen, 1.0)).sum() / np.count_nonzero(targets)


@masked_loss.right
def loss_by_weights(probabilities: Array, targets: Array) -> float:
    row, t = np.indices(targets.shape)
    mask = targets != PAD
    return np.average(-np.log(probabilities[row, t, targets] + ~mask), weights=mask)


@masked_loss.right
def loss_of_the_rows_weighted(probabilities: Array, targets: Array) -> float:
    sums, counts = [], []
    for p, y in zip(probabilities, targets, strict=True):
        steps = np.flatnonzero(y)
        sums.append(-np.log(p[steps, y[steps]]).sum())
        counts.append(len(steps))
    return sum(sums) / sum(counts)


@masked_loss.wrong(
    "You take the mean over all places, padding included.",
    "What a model says behind the stop symbol tells nothing about it. Which places count?",
)
def loss_of_all_places(probabilities: Array, targets: Array) -> float:
    return -np.log(at_targets(probabilities, targets)).mean()


@masked_loss.wrong(
    "You add up the real places only, but divide by the number of all places.",
    "Add more padding, and your loss falls. Over how many symbols is the mean?",
)
def loss_divided_by_all_places(probabilities: Array, targets: Array) -> float:
    return -np.log(at_targets(probabilities, targets)[targets != PAD]).sum() / targets.size


@masked_loss.wrong(
    "You take the mean of each sequence, and then the mean of those.",
    "So a symbol of a short answer weighs more than one of a long. Here every symbol weighs the same.",
)
def loss_mean_of_means(probabilities: Array, targets: Array) -> float:
    chosen = at_targets(probabilities, targets)
    return np.mean([-np.log(p[y != PAD]).mean() for p, y in zip(chosen, targets, strict=True)])


@masked_loss.wrong(
    "You leave out rows of padding, and take the mean of the other rows' means.",
    "So a symbol of a short answer weighs more than one of a long. Here every symbol weighs the same.",
)
def loss_mean_of_real_means(probabilities: Array, targets: Array) -> float:
    chosen = at_targets(probabilities, targets)
    return np.mean([-np.log(p[y != PAD]).mean() for p, y in zip(chosen, targets, strict=True) if y.any()])


@masked_loss.wrong(
    "You take the mean over the examples at each step, and then the mean over the steps.",
    "Late steps have few examples left. Here every symbol weighs the same.",
)
def loss_mean_of_steps(probabilities: Array, targets: Array) -> float:
    chosen = at_targets(probabilities, targets)
    return np.mean([-np.log(p[y != PAD]).mean() for p, y in zip(chosen.T, targets.T, strict=True)])


@masked_loss.wrong(
    "You leave out the stop symbol.",
    "The decoder has to learn when to stop, as it has to learn every letter. Is its stop symbol padding?",
    see="translation-symbols",
)
def loss_without_stop(probabilities: Array, targets: Array) -> float:
    return -np.log(at_targets(probabilities, targets)[targets > STOP]).mean()


@masked_loss.wrong(
    "You leave out the stop symbol, but count it when you divide.",
    "The decoder has to learn when to stop, as it has to learn every letter. Is its stop symbol padding?",
    see="translation-symbols",
)
def loss_stop_counted_only(probabilities: Array, targets: Array) -> float:
    return -np.log(at_targets(probabilities, targets)[targets > STOP]).sum() / np.count_nonzero(targets)


@masked_loss.wrong(
    "You leave out the first step.",
    "The start symbol stands in the inputs. Which symbol is the first of the targets?",
    see="translation-teacher",
)
def loss_without_the_first_step(probabilities: Array, targets: Array) -> float:
    chosen = at_targets(probabilities, targets)[:, 1:]
    return -np.log(chosen[targets[:, 1:] != PAD]).mean()


@masked_loss.wrong(
    "You multiply by the mask after the logarithm.",
    "Where the padding has probability 0, that is 0 times infinity. Leave those places out earlier.",
)
def loss_masked_after_the_logarithm(probabilities: Array, targets: Array) -> float:
    real = targets != PAD
    return -(real * np.log(at_targets(probabilities, targets))).sum() / real.sum()


@masked_loss.wrong(
    "You multiply the probabilities by the mask, before the logarithm.",
    "The logarithm of 0 is minus infinity. With which probability is the loss 0?",
)
def loss_of_zeroed_probabilities(probabilities: Array, targets: Array) -> float:
    real = targets != PAD
    return -np.log(at_targets(probabilities, targets) * real).sum() / real.sum()


@masked_loss.wrong(
    "You take the sum of the losses for their mean.", "A larger batch would come out worse with the same model."
)
def loss_summed(probabilities: Array, targets: Array) -> float:
    return -np.log(at_targets(probabilities, targets)[targets != PAD]).sum()


@masked_loss.wrong(
    "You divide by the number of sequences.", "Then long answers come out worse. Over how many symbols is the mean?"
)
def loss_divided_by_sequences(probabilities: Array, targets: Array) -> float:
    return -np.log(at_targets(probabilities, targets)[targets != PAD]).sum() / len(targets)


@masked_loss.wrong(
    "You keep the padding and leave out what is real.", "Padding is where the target is PAD. Which of the two counts?"
)
def loss_of_padding(probabilities: Array, targets: Array) -> float:
    return -np.log(at_targets(probabilities, targets)[targets == PAD]).mean()


@masked_loss.wrong(
    "Your loss is negative.", "The logarithm of a probability is never positive; a loss is never negative."
)
def loss_minus_forgotten(probabilities: Array, targets: Array) -> float:
    return np.log(at_targets(probabilities, targets)[targets != PAD]).mean()


@masked_loss.wrong(
    "You average the probabilities before the logarithm.", "Each symbol has its own loss, and the mean is over losses."
)
def loss_logarithm_of_the_mean(probabilities: Array, targets: Array) -> float:
    return -np.log(at_targets(probabilities, targets)[targets != PAD].mean())


@masked_loss.wrong(
    "You take the largest probability at each place.",
    "That rewards a model for being sure, right or not. Which symbol should it have said?",
)
def loss_of_the_most_likely(probabilities: Array, targets: Array) -> float:
    return -np.log(probabilities.max(axis=-1)[targets != PAD]).mean()


@masked_loss.wrong("Your logarithm has base 2.", "The loss here, as in Keras, is in nats: which base is that?")
def loss_in_bits(probabilities: Array, targets: Array) -> float:
    return -np.log2(at_targets(probabilities, targets)[targets != PAD]).mean()


# --- log_probability -------------------------------------------------------------------------------------------------


def draw_decoder(rng: np.random.Generator, states: int, letters: int, sharp: float = 1.5) -> Decoder:
    """Probabilities above 0, small ones for padding and start; from each state every symbol leads to another."""
    symbols = 3 + letters
    logits = rng.normal(scale=sharp, size=(states, symbols, symbols))
    logits[..., :STOP] = -6.0 - rng.random((states, symbols, 2))
    p = np.exp(logits)
    p = np.maximum(np.round(p / p.sum(axis=-1, keepdims=True), 3), 0.001)  # short enough for a notebook
    following = (rng.integers(0, states, size=(states, 1)) + np.arange(symbols)) % states
    return {"p": p, "next": rng.permuted(following, axis=1)}


def until(draw: Callable[[], Inputs], fits: Callable[..., bool]) -> Inputs:
    """The first draw that fits."""
    while not fits(*(inputs := draw())):
        pass
    return inputs


def draw_letters(rng: np.random.Generator, letters: int, count: int) -> list[int]:
    return [int(symbol) for symbol in rng.integers(3, 3 + letters, size=count)]


@graded("translation-probability")
def log_probability(symbols: list[int], state: int, decoder: Decoder) -> float:
    """The sum of the logarithms, each symbol read after it was asked for."""
    total, last = 0.0, START
    for symbol in symbols:
        p, state = step(last, state, decoder)
        total += float(np.log(p[symbol]))
        last = symbol
    return total


@log_probability.inputs(states=range(2, 4), letters=range(2, 4), steps=range(3, 7))
def draw_answer(rng: np.random.Generator, states: int, letters: int, steps: int) -> Inputs:
    symbols = [*draw_letters(rng, letters, steps - 1), STOP]
    return (symbols, int(rng.integers(min(1, states - 1), states)), draw_decoder(rng, states, letters, sharp=1.0))


@log_probability.condition("an answer that was cut off")
def draw_cut_off(rng: np.random.Generator, states: int, letters: int, steps: int) -> Inputs:
    _, state, decoder = draw_answer(rng, states, letters, steps)
    return (draw_letters(rng, letters, steps), state, decoder)


@log_probability.condition("an answer of 400 symbols")
def draw_long_answer(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    def draw() -> Inputs:
        state = int(rng.integers(min(1, states - 1), states))
        return ([*draw_letters(rng, letters, 399), STOP], state, draw_decoder(rng, states, letters, sharp=3.0))

    return until(draw, lambda *inputs: log_probability(*inputs) < -800)  # no float is as small as that probability


@log_probability.right
def probability_with_inputs_beside_targets(symbols: list[int], state: int, decoder: Decoder) -> float:
    logs = []
    for told, said in zip([START, *symbols[:-1]], symbols, strict=True):
        p, state = step(told, state, decoder)
        logs.append(np.log(p[said]))
    return sum(logs)


@log_probability.right
def probability_by_recursion_over_states(symbols: list[int], state: int, decoder: Decoder) -> float:
    told = np.array([START, *symbols])
    chosen = np.ones(len(symbols))
    for t, said in enumerate(symbols):
        chosen[t] = decoder["p"][state, told[t], said]
        state = decoder["next"][state, told[t]]
    return np.log(chosen).sum()


@log_probability.right
def probability_in_base_two(symbols: list[int], state: int, decoder: Decoder) -> float:
    bits, last = 0.0, START
    while symbols:
        p, state = step(last, state, decoder)
        last, *symbols = symbols
        bits += np.log2(p[last])
    return bits * np.log(2)


def asked(
    symbols: list[int],
    state: int,
    decoder: Decoder,
    told: Callable[[list[int], int, Array | None], int],
    *,
    carried: bool = True,
) -> list[float]:
    """The probabilities of `symbols` where `told` chooses what each step reads."""
    chosen: list[float] = []
    p: Array | None = None
    for t, symbol in enumerate(symbols):
        p, after = step(told(symbols, t, p), state, decoder)
        state = after if carried else state
        chosen.append(float(p[symbol]))
    return chosen


def as_taught(symbols: list[int], t: int, p: Array | None) -> int:
    return symbols[t - 1] if t else START


@log_probability.wrong(
    "You return the probability, and not its logarithm.",
    "Of a long answer it is too small for a float. What is the logarithm of a product?",
)
def probability_itself(symbols: list[int], state: int, decoder: Decoder) -> float:
    return float(np.prod(asked(symbols, state, decoder, as_taught)))


@log_probability.wrong(
    "For a long answer it gives minus infinity.",
    "The product of 400 probabilities is 0 in floating point. Take the logarithms first.",
)
def probability_logarithm_last(symbols: list[int], state: int, decoder: Decoder) -> float:
    return float(np.log(np.prod(asked(symbols, state, decoder, as_taught))))


@log_probability.wrong(
    "You leave out the stop symbol.",
    "To end here was a choice too. How probable was it?",
    see="translation-symbols",
)
def probability_without_stop(symbols: list[int], state: int, decoder: Decoder) -> float:
    chosen = asked(symbols, state, decoder, as_taught)
    return float(sum(np.log(p) for p, symbol in zip(chosen, symbols, strict=True) if symbol != STOP))


@log_probability.wrong("The last symbol is left out.", "Every symbol of the answer has its probability, the last too.")
def probability_without_the_last(symbols: list[int], state: int, decoder: Decoder) -> float:
    return float(np.log(asked(symbols, state, decoder, as_taught)[:-1]).sum())


@log_probability.wrong(
    "The first symbol is left out.",
    "Its probability comes from the step that reads the start symbol.",
    see="translation-teacher",
)
def probability_without_the_first(symbols: list[int], state: int, decoder: Decoder) -> float:
    return float(np.log(asked(symbols, state, decoder, as_taught)[1:]).sum())


@log_probability.wrong(
    "Each step reads the symbol that you ask it about.",
    "A step must not know what it should say. What was the last symbol before it?",
    see="translation-teacher",
)
def probability_told_the_answer(symbols: list[int], state: int, decoder: Decoder) -> float:
    return float(np.log(asked(symbols, state, decoder, lambda symbols, t, p: symbols[t])).sum())


@log_probability.wrong(
    "Every step reads the start symbol.",
    "Only the first does. What does the decoder read after it has said a letter?",
    see="translation-teacher",
)
def probability_told_start_each_time(symbols: list[int], state: int, decoder: Decoder) -> float:
    return float(np.log(asked(symbols, state, decoder, lambda symbols, t, p: START)).sum())


@log_probability.wrong(
    "Each step reads the most probable symbol, and not that of the answer.",
    "You are asked about this answer. Every step must continue it.",
    see="translation-teacher",
)
def probability_told_its_own_answer(symbols: list[int], state: int, decoder: Decoder) -> float:
    chosen = asked(symbols, state, decoder, lambda symbols, t, p: START if p is None else int(p.argmax()))
    return float(np.log(chosen).sum())


@log_probability.wrong(
    "The state is not carried: every step begins from the first one.",
    "`step` returns two things. Who needs the second?",
    see="translation-stepwise",
)
def probability_state_not_carried(symbols: list[int], state: int, decoder: Decoder) -> float:
    return float(np.log(asked(symbols, state, decoder, as_taught, carried=False)).sum())


@log_probability.wrong(
    "You begin from state 0, whatever is given.",
    "The first state is what the encoder has read.",
    see="translation-stepwise",
)
def probability_from_state_zero(symbols: list[int], state: int, decoder: Decoder) -> float:
    return float(np.log(asked(symbols, 0, decoder, as_taught)).sum())


@log_probability.wrong(
    "You divide by the number of symbols.",
    "That is a mean. The probability of a whole answer is a product: what is its logarithm?",
    see="translation-length",
)
def probability_by_length(symbols: list[int], state: int, decoder: Decoder) -> float:
    return float(np.log(asked(symbols, state, decoder, as_taught)).mean())


@log_probability.wrong(
    "Your result is positive.", "A loss has a minus sign. The logarithm of a probability, which is asked for, has none."
)
def probability_as_a_loss(symbols: list[int], state: int, decoder: Decoder) -> float:
    return float(-np.log(asked(symbols, state, decoder, as_taught)).sum())


@log_probability.wrong(
    "You add up the probabilities.", "The probabilities of things that all must happen are multiplied."
)
def probability_sum_of_probabilities(symbols: list[int], state: int, decoder: Decoder) -> float:
    return float(sum(asked(symbols, state, decoder, as_taught)))


@log_probability.wrong(
    "At each step you take the largest probability.", "How probable was the symbol that the answer has there?"
)
def probability_of_the_most_likely(symbols: list[int], state: int, decoder: Decoder) -> float:
    total, last = 0.0, START
    for symbol in symbols:
        p, state = step(last, state, decoder)
        total += float(np.log(p.max()))
        last = symbol
    return total


@log_probability.wrong("Your logarithm has base 2.", "The natural logarithm is asked for, as in the loss.")
def probability_in_bits(symbols: list[int], state: int, decoder: Decoder) -> float:
    return float(np.log2(asked(symbols, state, decoder, as_taught)).sum())


# --- greedy ----------------------------------------------------------------------------------------------------------


@graded("translation-greedy", rtol=0, atol=0)
def greedy(state: int, decoder: Decoder, max_length: int) -> Array:
    """The most probable symbol at each step, fed back, up to the stop symbol or max_length symbols."""
    symbols = [START]
    while symbols[-1] != STOP and len(symbols) <= max_length:
        p, state = step(symbols[-1], state, decoder)
        symbols.append(int(np.argmax(p)))
    return np.array(symbols[1:])


def clear(symbols: list[int], state: int, decoder: Decoder) -> bool:
    """Whether along these symbols the most probable one is so by far: no rounding makes it another."""
    last = START
    for symbol in symbols:
        p, state = step(last, state, decoder)
        second, first = np.sort(p)[-2:]
        if first - second < 0.01:
            return False
        last = symbol
    return True


def draw_start(rng: np.random.Generator, states: int, letters: int) -> tuple[int, Decoder]:
    return int(rng.integers(min(1, states - 1), states)), draw_decoder(rng, states, letters)


def tells(state: int, decoder: Decoder, max_length: int) -> bool:
    """Whether the answer ends in time, and what is fed and carried matters for it."""
    answer = greedy(state, decoder, max_length).tolist()
    if not (3 <= len(answer) <= max_length - 2 and answer[-1] == STOP and clear(answer, state, decoder)):
        return False
    others = [greedy_told_start_each_time, greedy_state_not_carried, greedy_from_state_zero, greedy_told_the_runner_up]
    return all(np.array(other(state, decoder, max_length)).tolist() != answer for other in others)


# With one state or one letter, what is carried or fed could not matter: those are conditions of their own.
@greedy.inputs(states=range(3, 5), letters=range(3, 5), without=("one state", "one letter", "equal sizes"))
def draw_greedy(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    return until(lambda: (*draw_start(rng, states, letters), 9), tells)


@greedy.condition("one state")
def draw_greedy_in_one_state(rng: np.random.Generator, letters: int) -> Inputs:
    def fits(state: int, decoder: Decoder, max_length: int) -> bool:
        answer = greedy(state, decoder, max_length).tolist()
        return len(answer) >= 2 and clear(answer, state, decoder)

    return until(lambda: (*draw_start(rng, 1, letters), 6), fits)


@greedy.condition("one letter")
def draw_greedy_with_one_letter(rng: np.random.Generator, states: int) -> Inputs:
    def fits(state: int, decoder: Decoder, max_length: int) -> bool:
        answer = greedy(state, decoder, max_length).tolist()
        return len(answer) >= 2 and clear(answer, state, decoder)

    return until(lambda: (*draw_start(rng, states, 1), 6), fits)


@greedy.condition("the stop symbol comes first")
def draw_stop_first(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    def fits(state: int, decoder: Decoder, max_length: int) -> bool:
        return greedy(state, decoder, max_length).tolist() == [STOP] and clear([STOP], state, decoder)

    return until(lambda: (*draw_start(rng, states, letters), 6), fits)


@greedy.condition("the stop symbol never comes")
def draw_no_stop(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    def fits(state: int, decoder: Decoder, max_length: int) -> bool:
        answer = greedy(state, decoder, 40).tolist()
        return STOP not in answer and clear(answer[: max_length + 3], state, decoder)

    return until(lambda: (*draw_start(rng, states, letters), 5), fits)


@greedy.condition("the stop symbol is the last that there is room for")
def draw_just_room(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    state, decoder, _ = draw_greedy(rng, states, letters)
    return (state, decoder, len(greedy(state, decoder, 9)))


@greedy.condition("the stop symbol would come one step too late")
def draw_no_room(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    state, decoder, max_length = draw_just_room(rng, states, letters)
    return (state, decoder, max_length - 1)


def draw_start_of_any(rng: np.random.Generator, states: int, letters: int) -> tuple[int, Decoder]:
    """A decoder in which padding and the start symbol are as probable as other decoders' letters."""
    state, decoder = draw_start(rng, states, letters)
    places = np.arange(3 + letters)
    places[[PAD, START, 3, 4]] = 3, 4, PAD, START
    return state, {**decoder, "p": decoder["p"][..., places]}


@greedy.condition("padding is the most probable symbol")
def draw_padding_said(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    def fits(state: int, decoder: Decoder, max_length: int) -> bool:
        answer = greedy(state, decoder, max_length).tolist()
        return {PAD, START} <= {*answer[:-1]} and clear(answer, state, decoder)

    return until(lambda: (*draw_start_of_any(rng, states, letters), 6), fits)


@greedy.condition("max_length is 1")
def draw_room_for_one(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    return (*draw_greedy(rng, states, letters)[:2], 1)


@greedy.right
def greedy_in_a_for_loop(state: int, decoder: Decoder, max_length: int) -> list[int]:
    answer: list[int] = []
    last = START
    for _ in range(max_length):
        p, state = step(last, state, decoder)
        last = int(np.argmax(p))
        answer.append(last)
        if last == STOP:
            break
    return answer


@greedy.right
def greedy_by_recursion(state: int, decoder: Decoder, max_length: int) -> list[int]:
    def rest(last: int, state: int, room: int) -> list[int]:
        if room == 0 or last == STOP:
            return []
        p, state = step(last, state, decoder)
        best = max(range(len(p)), key=lambda k: p[k])
        return [best, *rest(best, state, room - 1)]

    return rest(START, state, max_length)


@greedy.right
def greedy_cut_afterwards(state: int, decoder: Decoder, max_length: int) -> Array:
    written = np.zeros(max_length + 1, dtype=int)
    written[0] = START
    for t in range(max_length):
        p, state = decoder["p"][state, written[t]], decoder["next"][state, written[t]]
        written[t + 1] = np.argsort(p)[-1]
    ends = np.flatnonzero(written == STOP)
    return written[1 : ends[0] + 1] if len(ends) else written[1:]


def spoken(
    state: int,
    decoder: Decoder,
    room: int,
    told: Callable[[int, Array], int] | None = None,
    choose: Callable[[Array], int] = lambda p: int(np.argmax(p)),
    *,
    first: int = START,
    stops: bool = True,
    carried: bool = True,
) -> list[int]:
    """The loop, with what may go wrong in it: `told` says what is read after a symbol has been chosen."""
    answer: list[int] = []
    last = first
    for _ in range(room):
        p, after = step(last, state, decoder)
        answer.append(choose(p))
        if stops and answer[-1] == STOP:
            break
        last = answer[-1] if told is None else told(answer[-1], p)
        state = after if carried else state
    return answer


@greedy.wrong(
    "It goes on after the stop symbol.",
    "What does the decoder mean by its stop symbol? Leave the loop there.",
    see="translation-symbols",
)
def greedy_never_stops(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return spoken(state, decoder, max_length, stops=False)


@greedy.wrong(
    "The stop symbol is missing at the end of your answer.",
    "Answers are written as the targets are: with the stop symbol, where it was reached.",
    see="translation-symbols",
)
def greedy_stop_cut_off(state: int, decoder: Decoder, max_length: int) -> list[int]:
    answer = spoken(state, decoder, max_length)
    return answer[:-1] if answer[-1] == STOP else answer


@greedy.wrong(
    "Your answer begins with the start symbol.",
    "It was given to the decoder, and not said by it.",
    see="translation-symbols",
)
def greedy_with_start(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return [START, *spoken(state, decoder, max_length)]


@greedy.wrong(
    "The start symbol is in your answer, and the stop symbol isn't.",
    "Which of the two did the decoder say?",
    see="translation-symbols",
)
def greedy_with_start_without_stop(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return [START, *(symbol for symbol in spoken(state, decoder, max_length) if symbol != STOP)]


@greedy.wrong(
    "A stop symbol is added to an answer that was cut off.",
    "The decoder never said it. What does the text say of an answer that finds no end?",
)
def greedy_stop_added(state: int, decoder: Decoder, max_length: int) -> list[int]:
    answer = spoken(state, decoder, max_length)
    return answer if answer[-1] == STOP else [*answer, STOP]


@greedy.wrong(
    "Your answer is filled up to max_length.",
    "It ends with its stop symbol. A table needs rows of one length; a single answer doesn't.",
)
def greedy_filled_with_padding(state: int, decoder: Decoder, max_length: int) -> list[int]:
    answer = spoken(state, decoder, max_length)
    return answer + [PAD] * (max_length - len(answer))


@greedy.wrong("One symbol too few is said.", "Nothing but max_length symbols may be said: count the loop's rounds.")
def greedy_one_step_too_few(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return spoken(state, decoder, max_length - 1)


@greedy.wrong("One symbol too many is said.", "Where the stop symbol doesn't come, how many symbols are there?")
def greedy_one_step_too_many(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return spoken(state, decoder, max_length + 1)


@greedy.wrong(
    "The stop symbol comes after max_length symbols.",
    "It takes a place like any other symbol.",
    see="translation-symbols",
)
def greedy_stop_not_counted(state: int, decoder: Decoder, max_length: int) -> list[int]:
    answer = spoken(state, decoder, max_length + 1)
    return answer if answer[-1] == STOP else answer[:max_length]


@greedy.wrong(
    "The state is not carried: every step begins from the first one.",
    "`step` returns two things. Who needs the second?",
    see="translation-stepwise",
)
def greedy_state_not_carried(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return spoken(state, decoder, max_length, carried=False)


@greedy.wrong(
    "Every step reads the start symbol.",
    "Nobody tells the decoder what it should have said. What does it read instead?",
)
def greedy_told_start_each_time(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return spoken(state, decoder, max_length, lambda said, p: START)


@greedy.wrong("Every step but the first reads padding.", "What has the decoder just said?")
def greedy_told_padding(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return spoken(state, decoder, max_length, lambda said, p: PAD)


@greedy.wrong(
    "The decoder reads the second most probable symbol, and says the first.",
    "It must go on from what it has said.",
)
def greedy_told_the_runner_up(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return spoken(state, decoder, max_length, lambda said, p: int(np.argsort(p)[-2]))


@greedy.wrong(
    "The first step reads padding.", "There is a symbol that says: begin. Which one?", see="translation-symbols"
)
def greedy_begins_with_padding(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return spoken(state, decoder, max_length, first=PAD)


@greedy.wrong(
    "The first step reads the stop symbol.",
    "There is a symbol that says: begin. Which one?",
    see="translation-symbols",
)
def greedy_begins_with_stop(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return spoken(state, decoder, max_length, first=STOP)


@greedy.wrong(
    "You begin from state 0, whatever is given.",
    "The first state is what the encoder has read.",
    see="translation-stepwise",
)
def greedy_from_state_zero(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return spoken(0, decoder, max_length)


@greedy.wrong("You take the least probable symbol.", "Which of NumPy's two functions finds the largest?")
def greedy_least_probable(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return spoken(state, decoder, max_length, choose=lambda p: int(np.argmin(p)))


@greedy.wrong(
    "Padding, start and stop symbol are left out before the most probable one is taken.",
    "Then the answer can't end. The stop symbol may be chosen like a letter.",
    see="translation-symbols",
)
def greedy_letters_only(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return spoken(state, decoder, max_length, choose=lambda p: 3 + int(np.argmax(p[3:])))


@greedy.wrong(
    "Your symbols are counted from the first letter.",
    "Padding, start and stop have numbers too: a symbol is its place in `p`.",
    see="translation-symbols",
)
def greedy_counted_from_the_letters(state: int, decoder: Decoder, max_length: int) -> list[int]:
    return [symbol - 3 for symbol in spoken(state, decoder, max_length)]


@greedy.wrong("You return the last symbol only.", "The whole answer is asked for, symbol by symbol.")
def greedy_last_only(state: int, decoder: Decoder, max_length: int) -> int:
    return spoken(state, decoder, max_length)[-1]


# --- beam_search -----------------------------------------------------------------------------------------------------

BEAM_ROOM = 5


def extended(hypothesis: Hypothesis, decoder: Decoder) -> list[Hypothesis]:
    """The hypothesis with each symbol behind it."""
    total, symbols, state = hypothesis
    p, after = step(symbols[-1] if symbols else START, state, decoder)
    return [(total + float(np.log(p[k])), [*symbols, k], after) for k in range(len(p))]


def finished(hypothesis: Hypothesis) -> bool:
    return hypothesis[1][-1:] == [STOP]


@graded("translation-beam", outputs=("the symbols", "the logarithm of the probability"))
def beam_search(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[Array, float]:
    """The `width` most probable of all continuations and finished hypotheses are kept; the best finished one wins."""
    beam: list[Hypothesis] = [(0.0, [], state)]
    for _ in range(max_length):
        candidates = [one for one in beam if finished(one)]
        for one in beam:
            if not finished(one):
                candidates += extended(one, decoder)
        beam = sorted(candidates, key=lambda one: -one[0])[:width]
    best = next((one for one in beam if finished(one)), beam[0])
    return np.array(best[1]), best[0]


def beams(
    state: int,
    decoder: Decoder,
    width: int,
    max_length: int,
    *,
    score: Callable[[Hypothesis], float] = lambda one: one[0],
    last_score: Callable[[Hypothesis], float] | None = None,
    grow: Callable[[Hypothesis, Decoder], list[Hypothesis]] = extended,
    keep: Callable[[Hypothesis], bool] = finished,
    prefer: Callable[[Hypothesis], bool] = finished,
) -> Hypothesis:
    """The search with what may go wrong in it."""
    beam: list[Hypothesis] = [(0.0, [], state)]
    for _ in range(max_length):
        candidates = [one for one in beam if keep(one)]
        candidates += [new for one in beam if not keep(one) for new in grow(one, decoder)]
        beam = sorted(candidates, key=score, reverse=True)[:width]
    return max([one for one in beam if prefer(one)] or beam, key=last_score or score)


def answer(hypothesis: Hypothesis) -> tuple[list[int], float]:
    total, symbols, _ = hypothesis
    return symbols, total


def by_length(one: Hypothesis) -> float:
    return one[0] / max(len(one[1]), 1)


def apart(state: int, decoder: Decoder, width: int, max_length: int) -> bool:
    """Whether at every step, and at the end, the last that is kept is better by far than the first that is not."""
    beam: list[Hypothesis] = [(0.0, [], state)]
    for _ in range(max_length):
        candidates = [one for one in beam if finished(one)]
        candidates += [new for one in beam if not finished(one) for new in extended(one, decoder)]
        ranked = sorted(candidates, key=lambda one: -one[0])
        beam = ranked[:width]
        if ranked[width:] and beam[-1][0] - ranked[width][0] < 0.003:
            return False
    totals = sorted((one[0] for one in beam if finished(one) or not any(map(finished, beam))), reverse=True)
    return len(totals) < 2 or totals[0] - totals[1] > 0.003


def draw_search(
    rng: np.random.Generator,
    states: int,
    letters: int,
    width: int,
    *others: Callable[..., Any],
    room: int = BEAM_ROOM,
    fits: Callable[..., bool] = lambda *inputs: True,
    differ: bool = False,
    start: Callable[..., tuple[int, Decoder]] = draw_start,
) -> Inputs:
    """A search whose result none of `others` gives; where they `differ`, each of these gives another."""

    def told_apart(*inputs: Any) -> bool:
        if not apart(*inputs) or not fits(*inputs):
            return False
        right = beam_search(*inputs)[0].tolist()
        found = [np.array(other(*inputs)[0]).tolist() for other in others]
        return right not in found and not (differ and any(a == b for a, b in itertools.combinations(found, 2)))

    return until(lambda: (*start(rng, states, letters), width, room), told_apart)


@beam_search.inputs(states=range(3, 5), letters=range(2, 4), without=("one state", "one letter", "equal sizes"))
def draw_beam(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    """Greedy decoding finds less here, and the answer ends before the room does."""
    width = int(rng.integers(2, 4))

    def in_time(*inputs: Any) -> bool:
        right = beam_search(*inputs)[0]
        return bool(right[-1] == STOP and 3 <= len(right) < BEAM_ROOM)

    return draw_search(rng, states, letters, width, beam_greedy, beam_state_not_carried, fits=in_time)


@beam_search.condition("width 1")
def draw_narrow(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    return draw_search(rng, states, letters, 1, beam_of_one_more)


@beam_search.condition("one state")
def draw_beam_in_one_state(rng: np.random.Generator, letters: int) -> Inputs:
    return draw_search(rng, 1, letters, 3)


@beam_search.condition("one letter")
def draw_beam_with_one_letter(rng: np.random.Generator, states: int) -> Inputs:
    return draw_search(rng, states, 1, 3)


@beam_search.condition("no hypothesis is finished")
def draw_none_finished(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    def fits(*inputs: Any) -> bool:
        return STOP not in beam_search(*inputs)[0].tolist()

    return draw_search(rng, states, letters, 2, room=3, fits=fits)


@beam_search.condition("an unfinished hypothesis is more probable than every finished one")
def draw_unfinished_ahead(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    def just_fits(*inputs: Any) -> bool:
        return len(beam_search(*inputs)[0]) == inputs[-1]

    return draw_search(rng, states, letters, 3, beam_unfinished_wins, room=4, fits=just_fits)


@beam_search.condition("padding is in the most probable answer")
def draw_padding_found(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    def fits(*inputs: Any) -> bool:
        return {PAD, START} <= {*beam_search(*inputs)[0].tolist()[:-1]}

    return draw_search(rng, states, letters, 2, fits=fits, start=draw_start_of_any)


@beam_search.condition("a short answer is the most probable, a longer one so for each symbol")
def draw_short_answer(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    return draw_search(rng, states, letters, 3, beam_by_length_at_the_end, beam_by_length_throughout, differ=True)


def leaving_changes_nothing(*inputs: Any) -> bool:
    """Whether it does not matter if finished hypotheses leave the beam."""
    return bool(beam_finished_leave(*inputs)[0] == beam_search(*inputs)[0].tolist())


@beam_search.condition("the first hypothesis to finish is overtaken")
def draw_overtaken(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    return draw_search(rng, states, letters, 3, beam_first_finished, fits=leaving_changes_nothing)


@beam_search.condition("a finished hypothesis takes a place")
def draw_place_taken(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    return draw_search(rng, states, letters, 2, beam_finished_leave)


@beam_search.condition("two continuations of one hypothesis are kept")
def draw_siblings(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    return draw_search(rng, states, letters, 3, beam_one_child_each, beam_by_the_last_symbol, differ=True)


@beam_search.condition("a hypothesis that was dropped would have won")
def draw_dropped(rng: np.random.Generator, states: int, letters: int) -> Inputs:
    return draw_search(
        rng, states, letters, 2, beam_never_pruned, beam_of_one_more, room=4, fits=leaving_changes_nothing
    )


@beam_search.right
def beam_stopping_early(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    beam: list[Any] = [([START], 0.0, state)]
    for _ in range(max_length):
        candidates: list[Any] = []
        for symbols, total, before in beam:
            if symbols[-1] == STOP:
                candidates.append((symbols, total, before))
                continue
            p, after = step(symbols[-1], before, decoder)
            for k, log in enumerate(np.log(p)):
                candidates.append(([*symbols, k], total + log, after))
        candidates.sort(key=lambda one: one[1])
        beam = candidates[::-1][:width]
        if all(symbols[-1] == STOP for symbols, _, _ in beam):
            break
    done = [one for one in beam if one[0][-1] == STOP]
    symbols, total, _ = max(done or beam, key=lambda one: one[1])
    return symbols[1:], total


@beam_search.right
def beam_in_arrays(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[Array, float]:
    written = np.full((1, 1), START)
    totals, states = np.zeros(1), np.array([state])
    for _ in range(max_length):
        done = written[:, -1] == STOP
        logs = np.log(decoder["p"][states, written[:, -1]])
        logs[done] = -np.inf
        logs[done, PAD] = 0.0
        every = totals[:, None] + logs
        best = np.argsort(-every, axis=None)[:width]
        row, symbol = np.unravel_index(best, every.shape)
        symbol = np.where(done[row], STOP, symbol)
        states = decoder["next"][states[row], written[row, -1]]
        written, totals = np.concatenate([written[row], symbol[:, None]], axis=1), every.ravel()[best]
    ends = np.flatnonzero(written[:, -1] == STOP)
    winner = ends[np.argmax(totals[ends])] if len(ends) else int(np.argmax(totals))
    letters = written[winner, 1:].tolist()
    return np.array(letters[: letters.index(STOP) + 1] if STOP in letters else letters), totals[winner]


@beam_search.right
def beam_of_dictionaries(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    beam: dict[tuple[int, ...], tuple[float, int]] = {(): (0.0, state)}
    for _ in range(max_length):
        candidates = {}
        for symbols, (total, before) in beam.items():
            if STOP in symbols:
                candidates[symbols] = total, before
            else:
                p, after = step(symbols[-1] if symbols else START, before, decoder)
                candidates |= {(*symbols, k): (total + np.log(p[k]), after) for k in range(len(p))}
        best = sorted(candidates, key=lambda symbols: candidates[symbols][0])[-width:]
        beam = {symbols: candidates[symbols] for symbols in best}
    winner = max(beam, key=lambda symbols: (STOP in symbols, beam[symbols][0]))
    return list(winner), beam[winner][0]


@beam_search.wrong(
    "The width has no effect: this is greedy decoding.",
    "How many hypotheses are there after the first step?",
    see="translation-greedy",
)
def beam_greedy(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(state, decoder, 1, max_length))


@beam_search.wrong(
    "Of each hypothesis you keep its best continuation only.",
    "Two continuations of one hypothesis may both be among the best. What do you choose from?",
)
def beam_one_child_each(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    def grow(one: Hypothesis, decoder: Decoder) -> list[Hypothesis]:
        children = sorted(extended(one, decoder), key=lambda new: -new[0])
        return children[: 1 if one[1] else width]

    return answer(beams(state, decoder, width, max_length, grow=grow))


@beam_search.wrong(
    "Each hypothesis keeps its `width` best continuations, and none is ever dropped.",
    "How many hypotheses are there after four steps? The width is that of the whole beam.",
)
def beam_never_pruned(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    def grow(one: Hypothesis, decoder: Decoder) -> list[Hypothesis]:
        return sorted(extended(one, decoder), key=lambda new: -new[0])[:width]

    most = 50  # of thousands, one that is no longer among these can no longer win
    return answer(beams(state, decoder, most, max_length, grow=grow))


@beam_search.wrong("The beam is one wider than it should be.", "How many hypotheses does a slice like `[:n]` keep?")
def beam_of_one_more(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(state, decoder, width + 1, max_length))


@beam_search.wrong(
    "Finished hypotheses grow on.",
    "What comes after a stop symbol? Carry such a hypothesis over as it is.",
    see="translation-symbols",
)
def beam_finished_grow_on(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(state, decoder, width, max_length, keep=lambda one: False, prefer=lambda one: False))


@beam_search.wrong(
    "Finished hypotheses are lost at the next step.",
    "They can't grow, but they can win. Carry them over as they are.",
)
def beam_finished_lost(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    def grow(one: Hypothesis, decoder: Decoder) -> list[Hypothesis]:
        return [] if finished(one) else extended(one, decoder)

    beam: list[Hypothesis] = [(0.0, [], state)]
    for _ in range(max_length):
        candidates = [new for one in beam for new in grow(one, decoder)]
        beam = sorted(candidates, key=lambda one: -one[0])[:width] or beam
    return answer(max(filter(finished, beam), key=lambda one: one[0], default=beam[0]))


@beam_search.wrong(
    "A finished hypothesis leaves the beam and makes room for another.",
    "That is done too, but here it keeps its place: it counts among the `width` that are kept.",
)
def beam_finished_leave(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    beam: list[Hypothesis] = [(0.0, [], state)]
    done: list[Hypothesis] = []
    for _ in range(max_length):
        candidates = sorted((new for one in beam for new in extended(one, decoder)), key=lambda one: -one[0])
        done += [one for one in candidates[:width] if finished(one)]
        beam = [one for one in candidates if not finished(one)][:width]
    return answer(max(done or beam, key=lambda one: one[0]))


@beam_search.wrong(
    "You return the first hypothesis that is finished.",
    "A longer one may still overtake it. When do you know that none does?",
)
def beam_first_finished(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    for room in range(1, max_length + 1):
        best = beams(state, decoder, width, room)
        if finished(best):
            break
    return answer(best)


@beam_search.wrong(
    "An unfinished hypothesis wins over a finished one.",
    "A beginning stands for all its continuations, so it is always more probable than each of them. Which are answers?",
)
def beam_unfinished_wins(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(state, decoder, width, max_length, prefer=lambda one: True))


@beam_search.wrong(
    "At the end you compare means: sums divided by lengths.",
    "That is length normalisation, and it is not asked for. Compare the sums.",
    see="translation-length",
)
def beam_by_length_at_the_end(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(state, decoder, width, max_length, last_score=by_length))


@beam_search.wrong(
    "At every step you compare means: sums divided by lengths.",
    "That is length normalisation, and it is not asked for. Compare the sums.",
    see="translation-length",
)
def beam_by_length_throughout(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(state, decoder, width, max_length, score=by_length))


@beam_search.wrong(
    "You return a mean: the sum divided by the length.",
    "The logarithm of the answer's probability is asked for: the sum.",
    see="translation-probability",
)
def beam_mean_returned(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    symbols, total = answer(beams(state, decoder, width, max_length))
    return symbols, total / len(symbols)


@beam_search.wrong(
    "You return the probability, and not its logarithm.",
    "The sum of the logarithms is asked for.",
    see="translation-probability",
)
def beam_probability_returned(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    symbols, total = answer(beams(state, decoder, width, max_length))
    return symbols, float(np.exp(total))


@beam_search.wrong(
    "The second result has the wrong sign.",
    "The logarithm of a probability is never positive.",
    see="translation-probability",
)
def beam_sign_turned(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    symbols, total = answer(beams(state, decoder, width, max_length))
    return symbols, -total


@beam_search.wrong(
    "You add up probabilities, not their logarithms.",
    "The probabilities of things that all must happen are multiplied. What is the logarithm of a product?",
    see="translation-probability",
)
def beam_sum_of_probabilities(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    def grow(one: Hypothesis, decoder: Decoder) -> list[Hypothesis]:
        return [(one[0] + np.exp(new[0] - one[0]), *new[1:]) for new in extended(one, decoder)]

    return answer(beams(state, decoder, width, max_length, grow=grow))


@beam_search.wrong(
    "You choose by the probability of the last symbol alone.",
    "A hypothesis is as probable as all its symbols together.",
    see="translation-probability",
)
def beam_by_the_last_symbol(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    beam: list[tuple[float, Hypothesis]] = [(0.0, (0.0, [], state))]
    for _ in range(max_length):
        candidates = [(log, one) for log, one in beam if finished(one)]
        growing = [one for _, one in beam if not finished(one)]
        candidates += [(new[0] - one[0], new) for one in growing for new in extended(one, decoder)]
        beam = sorted(candidates, key=lambda pair: -pair[0])[:width]
    hypotheses = [one for _, one in beam]
    return answer(max([one for one in hypotheses if finished(one)] or hypotheses, key=lambda one: one[0]))


@beam_search.wrong(
    "The state is not carried: every step begins from the first one.",
    "Each hypothesis has read other symbols, so each has a state of its own.",
    see="translation-stepwise",
)
def beam_state_not_carried(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    def grow(one: Hypothesis, decoder: Decoder) -> list[Hypothesis]:
        return extended((one[0], one[1], state), decoder)

    return answer(beams(state, decoder, width, max_length, grow=grow))


@beam_search.wrong(
    "All hypotheses share one state, that of the last one that was extended.",
    "Each hypothesis has read other symbols, so each has a state of its own.",
    see="translation-stepwise",
)
def beam_state_shared(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    shared = [state]

    def grow(one: Hypothesis, decoder: Decoder) -> list[Hypothesis]:
        new = extended((one[0], one[1], shared[0]), decoder)
        shared[0] = new[0][2]
        return new

    return answer(beams(state, decoder, width, max_length, grow=grow))


@beam_search.wrong(
    "You begin from state 0, whatever is given.",
    "The first state is what the encoder has read.",
    see="translation-stepwise",
)
def beam_from_state_zero(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(0, decoder, width, max_length))


@beam_search.wrong("One step too few is taken.", "An answer may have max_length symbols: count the loop's rounds.")
def beam_one_step_too_few(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(state, decoder, width, max_length - 1))


@beam_search.wrong("One step too many is taken.", "An answer may have max_length symbols, its stop symbol counted.")
def beam_one_step_too_many(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(state, decoder, width, max_length + 1))


@beam_search.wrong(
    "The stop symbol is missing at the end of your answer.",
    "Answers are written as the targets are: with the stop symbol, where it was reached.",
    see="translation-symbols",
)
def beam_stop_cut_off(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    symbols, total = answer(beams(state, decoder, width, max_length))
    return [symbol for symbol in symbols if symbol != STOP], total


@beam_search.wrong(
    "Your answer begins with the start symbol.",
    "It was given to the decoder, and not said by it.",
    see="translation-symbols",
)
def beam_with_start(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    symbols, total = answer(beams(state, decoder, width, max_length))
    return [START, *symbols], total


@beam_search.wrong(
    "The stop symbol's own probability is left out.",
    "To end here was a choice too. How probable was it?",
    see="translation-symbols",
)
def beam_stop_for_free(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    def grow(one: Hypothesis, decoder: Decoder) -> list[Hypothesis]:
        return [(one[0], *new[1:]) if finished(new) else new for new in extended(one, decoder)]

    return answer(beams(state, decoder, width, max_length, grow=grow))


@beam_search.wrong("The least probable are kept.", "In which order does `sorted` put numbers?")
def beam_least_probable(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(state, decoder, width, max_length, score=lambda one: -one[0]))


@beam_search.wrong(
    "At the end you take the last hypothesis of the beam.", "Which end of your beam is the most probable one?"
)
def beam_worst_returned(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(state, decoder, width, max_length, last_score=lambda one: -one[0]))
