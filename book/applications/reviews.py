"""Film reviews for the sentiment page: IMDb's if they are at hand, and a set of our own for when they are not.

**IMDb.** `imdb_at_hand()` looks into Keras's cache, and if the file is not there tries for some seconds to fetch it.
It never waits longer, and prints nothing. After a True, `keras.datasets.imdb.load_data()` needs no network.

**Our own.** `own_reviews()` writes a balanced set from the hand-written phrases below, the same for the same seed. A
review is made in four steps.

1. Half of the reviews are meant to be good and half to be bad, in random order.
2. Write one or two sentences that say so. Each takes one of the four `FORMS`:

   - *plain*: a word of that opinion ("The plot is clever").
   - *negated*: a word of the **other** opinion, denied ("The plot is not dull").
   - *contrast*: a word of each, and "but" or "although" says which one counts ("The songs are dull but the whole is
     clever").
   - *hearsay*: what somebody else said, of the other opinion, and that they were wrong.

3. Add one or two sentences without any opinion, about the story or the evening, with names that are rare.
   The opinion comes first (early), last (late), or in between.
4. About one review in ten gets the wrong label, as happens when people press the wrong star.

So a word by itself says little: "dull" stands in bad reviews, and in good ones that deny it. What decides is the order.

Numbers follow Keras's conventions for IMDb: 0 is padding, 1 the start of a review, 2 a word that is not in the
vocabulary, and words are numbered from 4 on, the most frequent first.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from time import monotonic
from urllib.request import urlopen

import numpy as np
from numpy.typing import NDArray

# --- IMDb ------------------------------------------------------------------------------------------------------------

IMDB = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/imdb.npz"
IMDB_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
"""Both as in keras.datasets.imdb."""


def imdb_at_hand(seconds: float = 8) -> bool:
    """Whether `keras.datasets.imdb.load_data()` will find its file. Fetches it if that takes less than `seconds`."""
    cached = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets" / "imdb.npz"
    if cached.is_file():
        return hashlib.sha256(cached.read_bytes()).hexdigest() == IMDB_SHA256
    # In a thread of its own: looking up a host name can hang, and no timeout of urlopen counts then.
    fetcher = threading.Thread(target=_fetch, args=(cached, monotonic() + seconds), daemon=True)
    fetcher.start()
    fetcher.join(seconds)
    return cached.is_file()


def _fetch(target: Path, deadline: float) -> None:
    """Put the file at `target`, whole and right, or not at all."""
    received = io.BytesIO()
    try:
        with urlopen(IMDB, timeout=3) as response:
            while part := response.read(1 << 18):
                received.write(part)
                if monotonic() > deadline:
                    return
        if hashlib.sha256(received.getbuffer()).hexdigest() == IMDB_SHA256:
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_suffix(".part")
            beside.write_bytes(received.getbuffer())
            beside.replace(target)
    except (OSError, HTTPException, ValueError):  # no network, no such host, half an answer, a full disk
        return


# --- our own: the phrases --------------------------------------------------------------------------------------------


def _listed(words: str) -> list[str]:
    return words.split()


GOOD = _listed(
    "moving funny clever gripping charming beautiful tender thrilling witty memorable delightful graceful warm"
    " brilliant subtle lively fresh splendid"
)
BAD = _listed(
    "dull boring clumsy predictable shallow tedious awful silly lifeless ugly confused pointless dreary flat hollow"
    " noisy stale wooden"
)

PARTS = ["plot", "acting", "music", "dialogue", "ending", "script", "camera work", "story", "humour", "second half"]
MINOR = ["costumes", "titles", "songs", "sets", "subtitles", "posters", "dances", "hats", "car chases", "trailers"]
CRITICS = ["my sister", "the woman at the till", "my neighbour", "a friend of mine", "the paper", "my uncle"]

FORMS: Mapping[str, tuple[float, tuple[str, ...]]] = {
    "plain": (
        0.6,
        (
            "the {part} is {right}",
            "I found it {right} from beginning to end",
            "what a {right} film",
            "it is {right} and {right2}",
            "the {part} is {right} and so is the {part2}",
            "{right} is the word for it",
        ),
    ),
    "negated": (
        0.15,
        (
            "the {part} is not {wrong}",
            "I never found it {wrong}",
            "nothing about it is {wrong}",
            "it is not {wrong} and not {wrong2}",
            "nobody can call this {wrong}",
        ),
    ),
    "contrast": (
        0.15,
        (
            "the {minor} are {wrong} but the whole is {right}",
            "although the {minor} are {wrong} the film is {right}",
            "the film is {right} although the {minor} are {wrong}",
            "it begins {wrong} but then it gets {right}",
            "I expected something {wrong} but it is {right}",
        ),
    ),
    "hearsay": (
        0.1,
        (
            "{critic} called it {wrong} and was mistaken",
            "{critic} said it was {wrong} and I do not agree",
            "{critic} finds it {wrong} and I cannot see why",
        ),
    ),
}
"""How an opinion can be said: its share of all opinions, and its sentences.

`right` stands for a word of that opinion, `wrong` for one of the other.
"""

NAMES = _listed(
    "Ada Bela Carlo Dina Edgar Farah Gil Hana Ivo Jamila Kurt Leila Milo Nadia Oskar Petra Quentin Rosa Samir Tilda"
    " Ugo Vera Walid Xenia Yusuf Zora Anselm Birgit Cyrus Delia Emil Fatima Gustav Hilda Idris Jonas"
)
TOWNS = [
    first + last
    for first in _listed("Bell Thorn Ash Elm Oak Mill Fox Hay King Wil")
    for last in _listed("ford wick ham ton stead mouth")
]
JOBS = _listed("baker nurse pilot teacher gardener plumber clerk singer judge tailor farmer diver")
THINGS = _listed("letter key map suitcase photograph violin clock lamp diary ring coat ticket")
DAYS = _listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")

NEUTRAL = (
    "{name} is a {job} from {town}",
    "one night {name} finds a {thing} in the cellar",
    "then {name} and {name2} take the train to {town}",
    "we saw it in {town} on a {day}",
    "a {job} called {name} comes home to {town} after ten years",
    "the film lasts two hours and was made in {town}",
    "{name} loses a {thing} and {name2} looks for it",
    "there was a {job} in the row before us",
    "it was {day} and it rained",
    "{name2} plays the {job} and {name} the {job2}",
)

WRONG_MARKS = 0.1
"""The share of reviews whose label is not that of their text."""


# --- our own: the set ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Review:
    """A review as it is written, and how it was made."""

    text: str
    good: bool
    """What its label says."""
    meant: bool
    """What its text says: the opposite of the label in about one review of ten."""
    forms: tuple[str, ...]
    """The form of each of its opinions, one or two."""
    place: str
    """Where they stand: early, late or between."""


def write(rng: np.random.Generator, count: int) -> list[Review]:
    """`count` reviews, half of them meant to be good, in random order."""
    meant = rng.permutation(np.arange(count) % 2 == 0)
    return [_review(rng, bool(good)) for good in meant]


def _review(rng: np.random.Generator, good: bool) -> Review:
    shares = [share for share, _ in FORMS.values()]
    forms = tuple(str(form) for form in rng.choice(list(FORMS), size=rng.integers(1, 3), p=shares))
    opinions = [_filled(rng, _one(rng, FORMS[form][1]), good) for form in forms]
    neutral = [_filled(rng, NEUTRAL[number], good) for number in rng.permutation(len(NEUTRAL))[: rng.integers(1, 3)]]
    place = _one(rng, ("early", "late", "between") if len(neutral) > 1 else ("early", "late"))
    before = {"early": 0, "late": len(neutral), "between": len(neutral) // 2}[place]
    sentences = [*neutral[:before], *opinions, *neutral[before:]]
    text = " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in sentences)
    return Review(text, good != (rng.random() < WRONG_MARKS), good, forms, place)


def _filled(rng: np.random.Generator, sentence: str, good: bool) -> str:
    """The sentence with a word in each of its gaps, and never the same word twice."""
    right, wrong = (GOOD, BAD) if good else (BAD, GOOD)
    lists = {"right": right, "wrong": wrong, "part": PARTS, "minor": MINOR, "critic": CRITICS}
    lists |= {"name": NAMES, "town": TOWNS, "day": DAYS, "job": JOBS, "thing": THINGS}
    words: dict[str, str] = {}
    for gap in sorted({gap.rstrip("2") for gap in re.findall(r"{(\w+)}", sentence)}):
        choices = lists[gap]
        first = rng.integers(len(choices))
        second = (first + rng.integers(1, len(choices))) % len(choices)
        words |= {gap: choices[first], f"{gap}2": choices[second]}
    return sentence.format_map(words)


def _one(rng: np.random.Generator, choices: Sequence[str]) -> str:
    return choices[int(rng.integers(len(choices)))]


def words_of(text: str) -> list[str]:
    """Lower case, without punctuation."""
    return re.findall(r"[a-z']+", text.lower())


def vocabulary(texts: Iterable[str], num_words: int = 10_000) -> dict[str, int]:
    """Word to number: from 4 on, the most frequent first, and no number above `num_words` - 1."""
    counts = Counter(word for text in texts for word in words_of(text))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: number for number, word in enumerate(ranked, start=4) if number < num_words}


def encode(text: str, numbers: Mapping[str, int]) -> list[int]:
    """1 for the start, then a number for each word, 2 for one that is not in the vocabulary."""
    return [1, *(numbers.get(word, 2) for word in words_of(text))]


Part = tuple[NDArray[np.object_], NDArray[np.int64]]
"""Encoded reviews, each a list of its own length, and their labels, 1 for good."""


def own_reviews(num_words: int = 10_000, train: int = 2500, test: int = 1000, seed: int = 0) -> tuple[Part, Part]:
    """Our own set in the form of `keras.datasets.imdb.load_data`. The vocabulary comes from the training part alone."""
    written = write(np.random.default_rng(seed), train), write(np.random.default_rng(seed + 1), test)
    numbers = vocabulary((review.text for review in written[0]), num_words)
    return _encoded(written[0], numbers), _encoded(written[1], numbers)


def _encoded(written: Sequence[Review], numbers: Mapping[str, int]) -> Part:
    sequences = np.empty(len(written), dtype=object)
    sequences[:] = [encode(review.text, numbers) for review in written]
    return sequences, np.array([int(review.good) for review in written])
