"""Answers to the exercises of the chapter Applications that once had full points, and what is said of them now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.checking import FunctionCheck
from autograder.checking.drawing import seeded
from autograder.checking.failed import CheckFailed
from autograder.checks import notebook_checks
from autograder.checks.applications.decoding import PAD, START, STOP, Decoder, answer, beams, extended, finished, step

Array = np.ndarray
SECRETS = [b"secret %d" % number for number in range(3)]


def without_the_special(state: int, decoder: Decoder, max_length: int) -> list[int]:
    """Greedy decoding that never says padding or the start symbol."""
    said, last = [], START
    while len(said) < max_length and last != STOP:
        p, state = step(last, state, decoder)
        last = STOP + int(np.argmax(p[STOP:]))
        said.append(last)
    return said


def ended_by_padding(state: int, decoder: Decoder, max_length: int) -> list[int]:
    said, last = [], START
    while len(said) < max_length and last not in (STOP, PAD):
        p, state = step(last, state, decoder)
        last = int(np.argmax(p))
        said.append(last)
    return said


def beam_without_the_special(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(state, decoder, width, max_length, grow=lambda one, d: extended(one, d)[STOP:]))


def beam_ended_by_padding(state: int, decoder: Decoder, width: int, max_length: int) -> tuple[list[int], float]:
    return answer(beams(state, decoder, width, max_length, keep=lambda one: finished(one) or one[1][-1:] == [PAD]))


def sampled_from_rounded_sums(probabilities: Array, u: float) -> int:
    sums = np.round(np.cumsum(probabilities), 3)
    return min(int(np.searchsorted(sums, u, side="right")), len(probabilities) - 1)


def counted_from_the_end(probabilities: Array, targets: Array, mask: Array) -> float:
    real = np.arange(mask.shape[1]) >= mask.shape[1] - mask.sum(axis=1)[:, None]
    chosen = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return float(-np.log(chosen[real]).mean())


def in_small_numbers(sequences: list[list[int]], maxlen: int) -> Array:
    return np.array([([0] * maxlen + one)[-maxlen:] for one in sequences]).astype(np.int8)


@pytest.mark.parametrize(
    ("notebook", "name", "wrong", "where"),
    [
        ("decoding", "greedy", without_the_special, "padding is the most probable symbol"),
        ("decoding", "greedy", ended_by_padding, "padding is the most probable symbol"),
        ("decoding", "beam_search", beam_without_the_special, "padding is in the most probable answer"),
        ("decoding", "beam_search", beam_ended_by_padding, "padding is in the most probable answer"),
        ("text", "sample_index", sampled_from_rounded_sums, "u just below a border"),
        ("text", "masked_cross_entropy", counted_from_the_end, "padding between and behind the tokens"),
        ("text", "pad_sequences", in_small_numbers, "tokens of a large vocabulary"),
    ],
)
def test_what_is_wrong_in_one_case_only_fails_there(
    notebook: str, name: str, wrong: Callable[..., Any], where: str
) -> None:
    check = notebook_checks("applications", notebook)[name]
    assert isinstance(check, FunctionCheck)
    for secret in SECRETS:
        with seeded(secret), pytest.raises(CheckFailed, match=f"That happens only in the case “{where}”"):
            check.judge(wrong)


def test_an_index_may_be_an_array_without_axes() -> None:
    """`np.where` gives one, and the visible test takes it for the number that it holds."""
    check = notebook_checks("applications", "text")["sample_index"]
    assert isinstance(check, FunctionCheck)

    def sampled(probabilities: Array, u: float) -> Array:
        above = np.cumsum(probabilities) > u
        return np.where(above.any(), np.argmax(above), len(probabilities) - 1)

    for secret in SECRETS:
        with seeded(secret):
            check.judge(sampled)
            with pytest.raises(CheckFailed, match="of type ndarray, and not a whole number"):
                check.judge(lambda *inputs: sampled(*inputs)[None])
