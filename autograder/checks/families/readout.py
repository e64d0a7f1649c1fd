"""softmax(h V + c): what goes wrong in an output over classes, for one step or for all steps of a sequence.

h (..., units), V (units, outputs), c (outputs,); the result (..., outputs). The scores are h V + c, and
softmax(s)_k = exp(s_k) / sum_j exp(s_j) along the last axis (Bridle, 1990).
{one} is what one distribution belongs to ("of one example").
"""

from __future__ import annotations

import numpy as np

from ...checking import Family

Array = np.ndarray

readout = Family()


@readout.wrong(
    "The softmax is taken over the whole array.",
    "The probabilities {one} sum to one by themselves. What do `axis` and `keepdims` do?",
    see="rnn-softmax",
)
def softmax_over_everything(h: Array, V: Array, c: Array) -> Array:
    a = h @ V + c
    e = np.exp(a - a.max())
    return e / e.sum()


@readout.wrong(
    "The softmax is missing: these are the scores.", "Probabilities are positive, and those {one} sum to one."
)
def softmax_left_out(h: Array, V: Array, c: Array) -> Array:
    return h @ V + c


@readout.wrong(
    "For scores near 1000 or -1000 it gives NaN: exp(1000) is infinite and exp(-1000) is 0.",
    "A softmax does not change if a constant is taken from every score of a row. Which one is safe?",
    see="rnn-softmax",
)
def softmax_overflows(h: Array, V: Array, c: Array) -> Array:
    e = np.exp(h @ V + c)
    return e / e.sum(axis=-1, keepdims=True)


@readout.wrong(
    "The maximum of all scores is taken off, so a row far below it turns into 0 divided by 0.",
    "Each row has a maximum of its own.",
    see="rnn-softmax",
)
def softmax_one_maximum_for_all(h: Array, V: Array, c: Array) -> Array:
    a = h @ V + c
    e = np.exp(a - np.max(a))
    return e / e.sum(axis=-1, keepdims=True)


@readout.wrong(
    "The smallest score of each row is taken off, so a score far above it still overflows.",
    "After the subtraction, how large may an exponent be?",
    see="rnn-softmax",
)
def softmax_minimum_taken_off(h: Array, V: Array, c: Array) -> Array:
    a = h @ V + c
    e = np.exp(a - a.min(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@readout.wrong(
    "The mean score of each row is taken off, so a score far above it still overflows.",
    "After the subtraction, how large may an exponent be?",
    see="rnn-softmax",
)
def softmax_mean_taken_off(h: Array, V: Array, c: Array) -> Array:
    a = h @ V + c
    e = np.exp(a - a.mean(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@readout.wrong(
    "The exponentials are not divided by their sum.", "The probabilities {one} sum to one.", see="rnn-softmax"
)
def softmax_not_normalised(h: Array, V: Array, c: Array) -> Array:
    a = h @ V + c
    return np.exp(a - a.max(axis=-1, keepdims=True))


@readout.wrong(
    "The exponentials of all rows are added, and each is divided by that one sum.",
    "The probabilities {one} sum to one by themselves. What do `axis` and `keepdims` do?",
    see="rnn-softmax",
)
def softmax_one_sum_for_all(h: Array, V: Array, c: Array) -> Array:
    a = h @ V + c
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum()


@readout.wrong(
    "The scores are divided by their sum, without the exponential.",
    "Scores can be negative. What makes them positive first?",
    see="rnn-softmax",
)
def softmax_without_exponential(h: Array, V: Array, c: Array) -> Array:
    a = h @ V + c
    return a / a.sum(axis=-1, keepdims=True)


@readout.wrong(
    "The sign of the exponent is the wrong way round: the smallest score gets the largest probability.",
    "Which class should the largest score favour?",
    see="rnn-softmax",
)
def softmax_of_negative_scores(h: Array, V: Array, c: Array) -> Array:
    a = h @ V + c
    e = np.exp(a.min(axis=-1, keepdims=True) - a)
    return e / e.sum(axis=-1, keepdims=True)


@readout.wrong(
    "You apply a sigmoid to each score.",
    "That answers several yes-or-no questions. Here one class is chosen out of several.",
)
def sigmoid_for_softmax(h: Array, V: Array, c: Array) -> Array:
    return 0.5 * (1 + np.tanh((h @ V + c) / 2))


@readout.wrong("The bias c is missing.", "The scores are h_t V plus c.")
def softmax_no_bias(h: Array, V: Array, c: Array) -> Array:
    a = h @ V
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@readout.wrong(
    "The bias c is added after the softmax.", "Then the rows no longer sum to one. Where does a bias belong?"
)
def softmax_bias_outside(h: Array, V: Array, c: Array) -> Array:
    a = h @ V
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True) + c


@readout.wrong(
    "A tanh is applied to the scores before the softmax.", "The tanh is already in h_t. The scores need no bound."
)
def softmax_of_tanh(h: Array, V: Array, c: Array) -> Array:
    e = np.exp(np.tanh(h @ V + c))
    return e / e.sum(axis=-1, keepdims=True)


@readout.wrong(
    "These are logarithms of probabilities.", "The probabilities themselves are asked for.", see="rnn-softmax"
)
def softmax_logarithm(h: Array, V: Array, c: Array) -> Array:
    a = h @ V + c
    a = a - a.max(axis=-1, keepdims=True)
    return a - np.log(np.exp(a).sum(axis=-1, keepdims=True))


@readout.wrong(
    "The largest score gets 1 and all others 0.", "A softmax is soft: every class keeps a part.", see="rnn-softmax"
)
def softmax_hard(h: Array, V: Array, c: Array) -> Array:
    a = h @ V + c
    return (a == a.max(axis=-1, keepdims=True)).astype(float)
