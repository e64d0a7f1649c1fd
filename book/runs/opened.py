"""Which unit of a trained LSTM or GRU holds the number of the subject: eight networks of each kind.

They read sentences of the first page's kind up to the verb, and say which of four forms stands there: was, were, is or
are. Up to two phrases stand between the subject and its verb. Nobody tells them what a number is. The unit is found by
a rule (`find`): it holds singular and plural subjects furthest apart. Then what it holds is exchanged between two
sentences that differ in the subject's number alone. Weights are rounded to hundredths before anything is measured.
"""

from __future__ import annotations

import itertools
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ..seeds import SEEDS
from ._together import KINDS, ONE_BIAS, first_weights
from .first_page import BE, FORMS, NOUNS, WORDS, beside_it, noun_phrase

UNITS = 12
SENTENCES, KEPT_BACK, EPOCHS, BATCH = 5000, 2000, 8, 50
PHRASES = [0.3, 0.4, 0.3]
"""How often none, one or two phrases stand between a subject and its verb."""
ENOUGH = 0.9
"""The share of answers that one unit must turn to count as the one that holds the number."""
VOCABULARY = sorted({*(word for word in WORDS if word not in FORMS), "that", "today", "yesterday"})
SEVERAL = np.array([form in ("are", "were") for form in FORMS])
OTHER = dict(zip(NOUNS[False], NOUNS[True], strict=True)) | {"a": "two"}
OTHER |= {several: one for one, several in OTHER.items()}

Sentence = tuple[str, ...]
Array = NDArray[np.float64]
States = tuple[Array, ...]


def sentence(rng: np.random.Generator) -> tuple[Sentence, int, str]:
    """The words before the verb, the place of the subject among them, and the verb."""
    several, when = bool(rng.integers(2)), str(rng.choice(["", "", "today", "yesterday"]))
    words = [*([when] if when else []), *noun_phrase(several, rng)]
    subject = len(words) - 1
    for _ in range(rng.choice(len(PHRASES), p=PHRASES)):
        words += beside_it(rng)
    return (*map(str, words),), subject, BE[when, several]


def mirrored(words: Sentence, subject: int) -> Sentence:
    """The same words with the subject's number changed: cat and cats, a and two."""
    first = [k for k in range(subject) if words[k] in ("a", "two")]
    return tuple(OTHER[word] if k in (*first, subject) else word for k, word in enumerate(words))


def numbers(sentences: list[Sentence]) -> NDArray[np.int64]:
    """(examples, time): each word's place in the vocabulary, and -1 behind the end."""
    x = np.full((len(sentences), max(map(len, sentences))), -1)
    for row, words in zip(x, sentences, strict=True):
        row[: len(words)] = [VOCABULARY.index(word) for word in words]
    return x


# --- training --------------------------------------------------------------------------------------------------------


def train(kind: str, x: NDArray[np.int64], verbs: NDArray[np.int64]) -> list[list[Array]]:
    """Kernel, recurrent kernel, bias, V and c of a trained network for each seed, rounded to hundredths."""
    cell, _, states = KINDS[kind]
    networks, words, forms = len(SEEDS), len(VOCABULARY), len(FORMS)
    W, U, b, b_state, *_ = first_weights(kind, UNITS, words, SEEDS, {})
    V = np.stack([keras.initializers.GlorotUniform(seed)((UNITS, forms)) for seed in SEEDS])
    weights = [tf.Variable(w) for w in (W, U, b, b_state, V, np.zeros((networks, 1, forms), "float32"))]
    trained = [weights[k] for k in (0, 1, 2, 4, 5)] if kind in ONE_BIAS else weights
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.02, EPOCHS * len(x) // BATCH))
    optimizer.build(trained)

    @tf.function(jit_compile=True)
    def gradients(rows: tf.Tensor, verb: tf.Tensor) -> list[tf.Tensor]:
        examples, time = rows.shape
        with tf.GradientTape() as tape:
            W, U, b, b_state, V, c = weights
            once = tf.reshape(tf.one_hot(rows, words), (examples * time, words))
            given = once @ tf.reshape(tf.transpose(W, [1, 0, 2]), (words, -1))  # of all networks at once
            given = tf.transpose(tf.reshape(given, (examples, time, networks, -1)), [1, 2, 0, 3])
            state = (tf.zeros((networks, examples, UNITS)),) * states
            for t in range(time):
                after, real = cell(given[t] + b, state, U, b_state), rows[:, t, None] >= 0
                state = tuple(tf.where(real, new, old) for new, old in zip(after, state, strict=True))
            scores = state[0] @ V + c
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.tile(verb[None], [networks, 1]), scores)
            total = tf.reduce_sum(tf.reduce_mean(loss, axis=1))
        return tape.gradient(total, trained)

    rng = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for rows in rng.permutation(len(x)).reshape(-1, BATCH):
            optimizer.apply(gradients(tf.constant(x[rows]), tf.constant(verbs[rows])), trained)
    W, U, b, b_state, V, c = (np.round(w.numpy().astype(float), 2) for w in weights)
    bias = b if kind == "LSTM" else np.concatenate([b, b_state], axis=1)
    return [list(network) for network in zip(W, U, bias, V, c, strict=True)]


# --- reading ---------------------------------------------------------------------------------------------------------


def sigmoid(a: Array) -> Array:
    """Of every entry."""
    return 1 / (1 + np.exp(-a))


def step(kind: str, words: NDArray[np.int64], states: States, weights: list[Array]) -> States:
    """The states after one more word each: h, c and the output gate, or h alone. Each is (examples, units)."""
    kernel, recurrent_kernel, bias = weights[:3]
    h = states[0]
    if kind == "LSTM":
        i, f, g, o = np.split(kernel[words] + h @ recurrent_kernel + bias[0], 4, axis=1)
        c = sigmoid(f) * states[1] + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c, sigmoid(o)
    x_z, x_r, x_h = np.split(kernel[words] + bias[0], 3, axis=1)
    h_z, h_r, h_h = np.split(h @ recurrent_kernel + bias[1], 3, axis=1)
    z = sigmoid(x_z + h_z)
    return (z * h + (1 - z) * np.tanh(x_h + sigmoid(x_r + h_r) * h_h),)


def held(states: States) -> Array:
    """What carries from word to word: c, or h where there is no c."""
    return states[1] if len(states) > 1 else states[0]


def read(kind: str, x: NDArray[np.int64], weights: list[Array], change: Any = None) -> tuple[States, Array]:
    """The states after the last word, and how each example leans to a plural verb (`leaning`).

    `change(t, states)` may put others in the place of the states after word t.
    """
    states: States = (np.zeros((len(x), len(weights[1]))),) * (3 if kind == "LSTM" else 1)
    for t in range(x.shape[1]):
        after = step(kind, np.maximum(x[:, t], 0), states, weights)
        after = change(t, after) if change else after
        real = x[:, t, None] >= 0
        states = tuple(np.where(real, new, old) for new, old in zip(after, states, strict=True))
    return states, leaning(states[0], weights)


def leaning(h: Array, weights: list[Array]) -> Array:
    """log (p(were) + p(are)) - log (p(was) + p(is)), (examples,): above 0 a plural verb is the likelier."""
    scores = h @ weights[3] + weights[4]
    several, one = (np.logaddexp.reduce(scores[:, forms], axis=1) for forms in (SEVERAL, ~SEVERAL))
    plural: Array = several - one
    return plural


def loss(h: Array, verbs: NDArray[np.int64], weights: list[Array]) -> float:
    """The mean loss of the verb."""
    scores = h @ weights[3] + weights[4]
    right = scores[np.arange(len(verbs)), verbs]
    return float((np.logaddexp.reduce(scores, axis=1) - right).mean())


# --- finding ---------------------------------------------------------------------------------------------------------


def find(values: Array, several: NDArray[np.bool_]) -> tuple[Array, Array]:
    """How far apart each unit holds one and several, in standard deviations; and how often that tells which it is.

    `values` is (examples, units): what the units hold before the verb. The first is measured on the first half of the
    examples. So is the threshold, midway between the two means, by which the units are asked about the second half.
    """
    half = len(values) // 2
    one, more = (values[:half][several[:half] == number] for number in (False, True))
    means = one.mean(axis=0), more.mean(axis=0)
    apart = np.abs(means[1] - means[0]) / np.sqrt((one.var(axis=0) + more.var(axis=0)) / 2)
    said = (values[half:] > (means[0] + means[1]) / 2) == (means[1] > means[0])
    return apart, (said == several[half:, None]).mean(axis=0)


def exchanged(states: States, mirror: States, units: list[int]) -> States:
    """The states with what these units hold taken from the mirrored sentence. In an LSTM h follows c, by its own o."""
    new = held(states).copy()
    new[:, units] = held(mirror)[:, units]
    if len(states) == 1:
        return (new,)
    h, _, o = states
    h = h.copy()
    h[:, units] = o[:, units] * np.tanh(new[:, units])
    return h, new, o


def exchanged_early(
    kind: str, x: NDArray[np.int64], mirror: NDArray[np.int64], subject: Array, weights: list[Array], units: list[int]
) -> Array:
    """How each leans when these units are exchanged right after the subject, before the rest is read."""
    kept: list[States] = []

    def keep(t: int, states: States) -> States:
        kept.append(states)
        return states

    def change(t: int, states: States) -> States:
        there = (subject == t)[:, None]
        new = exchanged(states, kept[t], units)
        return tuple(np.where(there, a, b) for a, b in zip(new, states, strict=True))

    read(kind, mirror, weights, keep)
    return read(kind, x, weights, change)[1]


def turned(new: Array, answer: Array, opposite: Array) -> float:
    """The share of answers that are now the other one, among pairs of sentences that were answered differently."""
    pairs = (answer > 0) != (opposite > 0)
    return float(np.mean(((new > 0) != (answer > 0))[pairs]))


def run() -> dict[str, Any]:
    """How well each network agrees, its unit and what exchanging units does; and of each kind one network whole."""
    rng = np.random.default_rng(0)
    learning = [sentence(rng) for _ in range(SENTENCES)]
    seen = {words for words, _, _ in learning}
    fresh = (
        one for one in (sentence(rng) for _ in itertools.count()) if one[0] not in seen and len(one[0]) > one[1] + 1
    )
    new = list(itertools.islice(fresh, KEPT_BACK))
    x, x_new = (numbers([words for words, _, _ in part]) for part in (learning, new))
    verbs, verbs_new = (np.array([FORMS.index(verb) for _, _, verb in part]) for part in (learning, new))
    subject, several = np.array([place for _, place, _ in new]), SEVERAL[verbs_new]
    half = KEPT_BACK // 2
    mine, other = x_new[half:], numbers([mirrored(words, place) for words, place, _ in new])[half:]
    results: dict[str, Any] = {"kept_back": KEPT_BACK, "vocabulary": " ".join(VOCABULARY), "forms": FORMS}
    for kind in ("LSTM", "GRU"):
        found = []
        for seed, weights in zip(SEEDS, train(kind, x, verbs), strict=True):
            states, said = read(kind, x_new, weights)
            apart, tells = find(held(states), several)
            order = [int(unit) for unit in np.argsort(-apart)]
            (here, answer), (there, opposite) = (read(kind, words, weights) for words in (mine, other))
            shares = []
            for units in [*([unit] for unit in range(UNITS)), *(order[:n] for n in range(1, UNITS + 1))]:
                new_answer = leaning(exchanged(here, there, units)[0], weights)
                shares.append(turned(new_answer, answer, opposite))
            early = exchanged_early(kind, mine, other, subject[half:], weights, order[:1])
            enough = [n for n, share in enumerate(shares[UNITS:], start=1) if share >= ENOUGH]
            one: dict[str, Any] = {
                "seed": seed,
                "loss": round(loss(states[0], verbs_new, weights), 5),
                "agrees": float(np.mean((said > 0) == several)),
                "unit": order[0] + 1,
                "apart": [round(float(value), 2) for value in apart],
                "tells": [round(float(value), 3) for value in tells],
                "turned": [round(share, 3) for share in shares[:UNITS]],
                "early": round(turned(early, answer, opposite), 3),
                "needed": enough[0] if enough else None,
            }
            print(kind, one, flush=True)
            found.append((one, weights))
        shown, weights = sorted(found, key=lambda one: one[0]["loss"])[len(SEEDS) // 2]
        names = ["kernel", "recurrent_kernel", "bias", "V", "c"]
        results[kind] = {
            "seeds": [one for one, _ in found],
            "shown": shown["seed"],
            "hundredths": {
                name: [" ".join(f"{100 * value:.0f}" for value in row) for row in array]
                for name, array in zip(names, weights, strict=True)
            },
        }
    return results
