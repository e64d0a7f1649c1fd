"""Generation: the page's GRU from eight first draws of its weights, asked about new text and left to write."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from book.applications.generation_text import TEXT
from book.seeds import SEEDS

Array = NDArray[np.floating]
WINDOW, UNITS = 32, 64
text = " ".join(TEXT.lower().split())
letters = sorted(set(text))
index = {letter: k for k, letter in enumerate(letters)}
tokens = np.array([index[letter] for letter in text])
train, rest = np.split(tokens, [text.index("in the spring")])
_, test = np.split(rest, [text[len(train) :].index("in the summer")])
known = set(text[: len(train)].replace(",", "").replace(".", "").split())


def softmax(z: Array) -> Array:
    """Probabilities from one row of logits."""
    e = np.exp(z - z.max())
    return np.asarray(e / e.sum())


def sigmoid(a: Array) -> Array:
    """Entry by entry."""
    return np.asarray(1 / (1 + np.exp(-a)))


class Writer:
    """The trained GRU, one character at a time."""

    def __init__(self, seed: int) -> None:
        pieces = np.lib.stride_tricks.sliding_window_view(train, WINDOW + 1)[::4]
        keras.utils.set_random_seed(seed)
        model = keras.Sequential(
            [
                keras.layers.Embedding(len(letters), 16),
                keras.layers.GRU(UNITS, return_sequences=True),
                keras.layers.Dropout(0.4),
                keras.layers.Dense(len(letters)),
            ]
        )
        model.compile(keras.optimizers.Adam(0.01), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(pieces[:, :-1], pieces[:, 1:], epochs=8, batch_size=32, verbose=0)
        self.E, self.W, self.U, self.b, self.V, self.c = (w.astype(float) for w in model.get_weights())

    def step(self, token: int, h: Array) -> tuple[Array, Array]:
        """Logits for the next character, and the new state."""
        x_z, x_r, x_h = np.split(self.E[token] @ self.W + self.b[0], 3)
        h_z, h_r, h_h = np.split(h @ self.U + self.b[1], 3)
        z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
        h = z * h + (1 - z) * np.tanh(x_h + r * h_h)
        return h @ self.V + self.c, h

    def perplexity(self, forget_after: int) -> float:
        """On the test text, the state set back to zeros after so many characters."""
        h, losses = np.zeros(UNITS), []
        for t in range(len(test) - 1):
            if t % forget_after == 0:
                h = np.zeros(UNITS)
            logits, h = self.step(test[t], h)
            losses.append(np.logaddexp.reduce(logits) - logits[test[t + 1]])
        return float(np.exp(np.mean(losses[3:])))

    def write(self, length: int, tau: float) -> tuple[float, float]:
        """Of a text after "on monday ": the share of known words, and of distinct pieces of its end."""
        rng, h, written = np.random.default_rng(0), np.zeros(UNITS), "on monday "
        for letter in written:
            logits, h = self.step(index[letter], h)
        for _ in range(length):
            token = int(rng.choice(len(logits), p=softmax(logits / tau)) if tau else np.argmax(logits))
            written += letters[token]
            logits, h = self.step(token, h)
        words = written.replace(",", "").replace(".", "").split()[1:-1]
        last = written[-600:]
        distinct = len({last[i : i + 8] for i in range(len(last) - 7)}) / (len(last) - 7)
        return float(np.mean([word in known for word in words])), distinct


def run() -> dict[str, Any]:
    """By seed: perplexity by how long the state is kept, and what is written at each temperature (0 is argmax)."""
    results = []
    for seed in SEEDS:
        writer = Writer(seed)
        results.append(
            {
                "perplexity": {str(kept): writer.perplexity(kept) for kept in (1, 5, 25, len(test))},
                "known and distinct": {
                    str(tau): writer.write(3000 if tau else 1000, tau) for tau in (0, 0.3, 0.7, 1.0, 2.0)
                },
            }
        )
    return {"test": len(test), "seeds": results}
