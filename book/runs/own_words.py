"""A small LSTM and a bag of words judge our own film reviews, and whatever a reader types on the page.

Names of people and of towns are no words here: the LSTM reads them, and every word that it has never seen, as one and
the same. Weights are rounded to hundredths before anything is measured. "Right" means as the text is meant.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from book.applications.reviews import NAMES, TOWNS, Review, encode, vocabulary, words_of, write
from book.seeds import SEEDS

UNITS, INPUTS, EPOCHS = 5, 8, 16
TRAIN, TEST, HELD_OUT = 2500, 1000, 500
FORMS = ("plain", "negated", "contrast", "hearsay")
PROBES = (
    "It is witty.",
    "It is not witty.",
    "It is not dull. It is witty.",
    "It is not witty. It is dull.",
    "My uncle called it dull and was mistaken.",
    "The film is dull.",
    "The film is not dull.",
    "The film is never dull.",
    "The film is hardly dull.",
    "I never found a film so witty.",
    "It is not only witty but warm.",
)
"""What the page has every network judge. The last four say what no review of ours says, or say it otherwise."""


def known(reviews: list[Review]) -> dict[str, int]:
    """The number of each word, from 4 on, the most frequent first."""
    names = {name.lower() for name in (*NAMES, *TOWNS)}
    ranked = [word for word in vocabulary(review.text for review in reviews) if word not in names]
    return {word: number for number, word in enumerate(ranked, start=4)}


def network(words: int) -> keras.Model:
    """Numbers of words in, with zeros behind; how likely the review is good out."""
    layers = [
        keras.Input((None,), dtype="int32"),
        keras.layers.Embedding(words + 4, INPUTS, mask_zero=True),
        keras.layers.LSTM(UNITS),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    return keras.Sequential(layers)


def padded(texts: list[str], numbers: dict[str, int]) -> NDArray[np.int64]:
    """(examples, time), zeros behind."""
    rows = [encode(text, numbers) for text in texts]
    x: NDArray[np.int64] = keras.utils.pad_sequences(rows, padding="post")
    return x


def bag_of_words(reviews: list[Review], numbers: dict[str, int]) -> tuple[float, NDArray[np.float64]]:
    """Naive Bayes: the odds of a text without words, and what each word adds if it is there, as logarithms."""
    there = np.array([[word in found for word in numbers] for found in (set(words_of(one.text)) for one in reviews)])
    good = np.array([review.good for review in reviews])
    p_bad, p_good = ((1 + there[good == k].sum(axis=0)) / (2 + (good == k).sum()) for k in (False, True))
    if_there, if_not = np.log(p_good / p_bad), np.log((1 - p_good) / (1 - p_bad))
    prior = np.log(good.mean() / (1 - good.mean()))
    return round(float(prior + if_not.sum()), 2), np.round(if_there - if_not, 2)


def bag_odds(text: str, numbers: dict[str, int], empty: float, adds: NDArray[np.float64]) -> float:
    """What the bag makes of a text: above 0 it is good. Rounded, for a set has its words in any order."""
    return round(empty + sum(float(adds[numbers[word] - 4]) for word in set(words_of(text)) if word in numbers), 6)


def wrong(good: NDArray[np.bool_], reviews: list[Review]) -> dict[str, Any]:
    """Which reviews are judged otherwise than they are meant, and how many of those with one opinion, by its form."""
    meant, label = (np.array([getattr(review, name) for review in reviews]) for name in ("meant", "good"))
    missed = good != meant
    forms = {form: int(missed[[review.forms == (form,) for review in reviews]].sum()) for form in FORMS}
    where = " ".join(map(str, np.flatnonzero(missed)))
    return {"label": float(np.mean(good == label)), "meant": float(np.mean(~missed)), "forms": forms, "wrong": where}


def run() -> dict[str, Any]:
    """Both models on 1000 new reviews, what they say of the probes, and the weights of one network and of the bag."""
    reviews = write(np.random.default_rng(0), TRAIN)
    new = write(np.random.default_rng(1), TEST)
    learning, held_out = reviews[:-HELD_OUT], reviews[-HELD_OUT:]
    numbers = known(learning)
    x, x_held, x_new = (padded([one.text for one in part], numbers) for part in (learning, held_out, new))
    y, y_held = (np.array([float(one.good) for one in part]) for part in (learning, held_out))
    probes = padded(list(PROBES), numbers)
    found = []
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        model = network(len(numbers))
        model.compile(keras.optimizers.Adam(0.03), "binary_crossentropy", jit_compile=False, steps_per_execution=20)
        best = keras.callbacks.EarlyStopping(patience=EPOCHS, restore_best_weights=True)
        fit = {"batch_size": 100, "epochs": EPOCHS, "validation_batch_size": HELD_OUT, "verbose": 0}
        losses = model.fit(x, y, validation_data=(x_held, y_held), callbacks=[best], **fit).history["val_loss"]
        model.set_weights([np.round(weights, 2) for weights in model.get_weights()])
        said = model.predict(x_new, batch_size=TEST, verbose=0)[:, 0]
        one: dict[str, Any] = {"seed": seed, "loss": float(min(losses)), "epoch": int(np.argmin(losses)) + 1}
        one |= wrong(said > 0.5, new)
        one["probes"] = [round(float(p), 3) for p in model.predict(probes, verbose=0)[:, 0]]
        print(one["seed"], one["loss"], one["epoch"], one["meant"], one["forms"], one["probes"], flush=True)
        found.append((one, model.get_weights()))
    empty, adds = bag_of_words(learning, numbers)
    odds = np.array([bag_odds(review.text, numbers, empty, adds) for review in new])
    bag = wrong(odds > 0, new)
    bag["probes"] = [round(float(1 / (1 + np.exp(-bag_odds(text, numbers, empty, adds)))), 3) for text in PROBES]
    shown, weights = sorted(found, key=lambda one: one[0]["loss"])[len(SEEDS) // 2]
    names = ["embeddings", "kernel", "recurrent_kernel", "bias", "V", "c"]
    return {
        "seeds": [one for one, _ in found],
        "bag": bag,
        "of": {form: sum(review.forms == (form,) for review in new) for form in FORMS},
        "probes": PROBES,
        "shown": shown["seed"],
        "words": " ".join(numbers),
        "bag_hundredths": {"empty": round(100 * empty), "adds": " ".join(f"{100 * value:.0f}" for value in adds)},
        "hundredths": {
            name: [" ".join(f"{100 * value:.0f}" for value in row) for row in np.atleast_2d(array)]
            for name, array in zip(names, weights, strict=True)
        },
    }
