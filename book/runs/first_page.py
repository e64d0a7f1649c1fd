"""The network of the first page: it reads sentences made by the small grammar below, and guesses each next word.

Eight are trained, alike but for the seed. The page shows the fifth best of them by its loss on sentences that were
kept back (of eight there is no middle one; of the two next to it, the worse), with weights rounded to hundredths.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import keras
import numpy as np

from ..seeds import SEEDS

UNITS = 12
SENTENCES, KEPT_BACK, EPOCHS = 20_000, 4000, 30
NOUNS = {
    False: ["cat", "dog", "bird", "horse", "child", "teacher"],
    True: ["cats", "dogs", "birds", "horses", "children", "teachers"],
}
"""By whether there are several."""
DETERMINERS = {False: ["the", "the", "a", "my"], True: ["the", "the", "two", "my"]}
PREPOSITIONS = ["near", "behind", "beside", "with"]
ADJECTIVES = ["hungry", "tired", "happy", "old", "small", "loud"]
VERBS = ["saw", "heard", "liked", "chased"]
BE = {("", False): "was", ("", True): "were", ("today", False): "is", ("today", True): "are"}
BE |= {("yesterday", several): BE["", several] for several in (False, True)}
FORMS = ["is", "are", "was", "were"]
WORDS = [
    *NOUNS[False],
    *NOUNS[True],
    *DETERMINERS[False],
    *DETERMINERS[True],
    *PREPOSITIONS,
    *ADJECTIVES,
    *VERBS,
    *FORMS,
]
VOCABULARY = [".", *sorted({*WORDS, "that", "and", "very", "today", "yesterday"})]

Sentence = tuple[str, ...]


def noun_phrase(several: bool, rng: np.random.Generator) -> list[str]:
    """the old cat, two dogs"""
    adjective = [rng.choice(ADJECTIVES)] if rng.random() < 0.15 else []
    return [rng.choice(DETERMINERS[several]), *adjective, rng.choice(NOUNS[several])]


def beside_it(rng: np.random.Generator) -> list[str]:
    """What may stand between a subject and its verb: its number says nothing about the subject's."""
    other, kind = noun_phrase(bool(rng.integers(2)), rng), rng.random()
    if kind < 0.6:
        return [rng.choice(PREPOSITIONS), *other]
    verb = rng.choice(VERBS)
    return ["that", verb, *other] if kind < 0.8 else ["that", *other, verb]


def sentence(rng: np.random.Generator) -> tuple[Sentence, int, bool]:
    """A sentence, the place of its `was`, `were`, `is` or `are` (0: it has none), and whether words stand between."""
    several, between = bool(rng.integers(2)), rng.random() < 0.6
    when = str(rng.choice(["", "", "today", "yesterday"]))
    words = [*([when] if when else []), *noun_phrase(several, rng)]
    if between:
        words += beside_it(rng)
        while rng.random() < 0.05:
            words += beside_it(rng)
    elif rng.random() < 0.25:
        words += ["and", *noun_phrase(bool(rng.integers(2)), rng)]
        several = True
    if not between and rng.random() < 0.4:
        return (*map(str, [*words, rng.choice(VERBS), *noun_phrase(bool(rng.integers(2)), rng), "."]),), 0, False
    very = ["very"] if rng.random() < 0.15 else []
    place = len(words)
    return (*map(str, [*words, BE[when, several], *very, rng.choice(ADJECTIVES), "."]),), place, between


def numbered(sentences: list[Sentence]) -> tuple[Any, Any, Any]:
    """x and y (examples, time), the words' numbers and those of the next words; and where there is a next word."""
    longest = max(map(len, sentences)) - 1
    x, y = np.zeros((2, len(sentences), longest), int)
    for row, words in enumerate(sentences):
        found = [VOCABULARY.index(word) for word in words]
        x[row, : len(found) - 1], y[row, : len(found) - 1] = found[:-1], found[1:]
    steps = np.array([len(words) - 1 for words in sentences])
    return x, y, (np.arange(longest) < steps[:, None]).astype("float32")


def network() -> keras.Model:
    """The words' numbers in, the probabilities of the next word out."""
    words = len(VOCABULARY)
    layers = [
        keras.Input((None,), dtype="int32"),
        keras.layers.Embedding(words, words, embeddings_initializer="identity", trainable=False),  # one-hot
        keras.layers.GRU(UNITS, return_sequences=True),
        keras.layers.Dense(words, activation="softmax"),
    ]
    return keras.Sequential(layers)


def agreement(probabilities: Any, kept: list[tuple[Sentence, int, bool]]) -> dict[str, float]:
    """How often the likeliest of the four forms has the subject's number, and how often it is the right one."""
    said = [FORMS[int(np.argmax(row))] for row in probabilities]
    right = [words[place] for words, place, _ in kept]
    several = [word in ("are", "were") for word in said]
    number = [one == (word in ("are", "were")) for one, word in zip(several, right, strict=True)]
    return {"number": float(np.mean(number)), "form": float(np.mean([a == b for a, b in zip(said, right)]))}


def last_words(train: list[Sentence], kept: list[tuple[Sentence, int, bool]], n: int) -> Any:
    """What sees only the last n words: how often each form came after them in training."""
    count: Counter[Sentence] = Counter()
    for words in train:
        count.update(words[k : k + n + 1] for k in range(len(words) - n) if words[k + n] in FORMS)
    return np.array([[count[(*words[place - n : place], form)] for form in FORMS] for words, place, _ in kept])


def run() -> dict[str, Any]:
    """The eight, the baselines, and the network of the page."""
    rng = np.random.default_rng(0)
    train = [sentence(rng)[0] for _ in range(SENTENCES)]
    seen = set(train)
    fresh = (one for one in (sentence(rng) for _ in itertools.count()) if one[0] not in seen)
    new = list(itertools.islice(fresh, KEPT_BACK))
    between = [one for one in new if one[2]]
    x, y, real = numbered(train)
    x_new, y_new, real_new = numbered([words for words, _, _ in new])
    apart = [row for row, one in enumerate(new) if one[2]]
    places = [place - 1 for _, place, _ in between]
    forms = [VOCABULARY.index(form) for form in FORMS]
    trained = []
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        model = network()
        steps = EPOCHS * SENTENCES // 100
        rate = keras.optimizers.schedules.CosineDecay(0.02, steps)
        how = {"jit_compile": False, "steps_per_execution": 50}
        model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", **how)
        model.fit(x, y, sample_weight=real, batch_size=100, epochs=EPOCHS, verbose=0)
        model.set_weights([np.round(weights, 2) for weights in model.get_weights()])
        p = model.predict(x_new, batch_size=1000, verbose=0)
        loss = -np.log(np.take_along_axis(p, y_new[..., None], -1)[..., 0])
        one = {"seed": seed, "loss": float((loss * real_new).sum() / real_new.sum())}
        one |= agreement(p[apart, places][:, forms], between)
        print(one, flush=True)
        trained.append((one, model.get_weights()[1:]))
    shown, weights = sorted(trained, key=lambda one: one[0]["loss"])[len(SEEDS) // 2]
    names = ["kernel", "recurrent_kernel", "bias", "V", "c"]
    return {
        "kept_back": len(new),
        "between": len(between),
        "seeds": [one for one, _ in trained],
        "baselines": {str(n): agreement(last_words(train, between, n), between) for n in (1, 2)},
        "shown": shown["seed"],
        "vocabulary": " ".join(VOCABULARY),
        "hundredths": {
            name: [" ".join(f"{100 * value:.0f}" for value in row) for row in np.atleast_2d(array)]
            for name, array in zip(names, weights, strict=True)
        },
    }
