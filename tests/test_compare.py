"""The exercise in which the student trains: what is given is what the checks know, and a slip is told where it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest
import small_keras

from autograder.checking.drawing import seeded
from autograder.checking.failed import CheckFailed, collected_remarks, slips_cost
from autograder.checks.applications import compare
from autograder.course.key import Key

ROOT = Path(__file__).resolve().parent.parent
WHERE = "applications/compare.ipynb"
CONSTANTS = ("WINDOW", "SEASON", "BATCH", "EPOCHS", "PATIENCE", "SEEDS", "BETTER", "NOT_SHOWN", "WORSE", "BASELINES")


@pytest.fixture
def model() -> Iterator[small_keras.Network]:
    """A network that trains in milliseconds, in the module where right and wrong answers stand."""
    module = vars(sys.modules[compare.__name__])
    given = small_keras.given(compare.WINDOW)
    module |= given
    with seeded(b"these tests"):
        yield given["model"]


def used(model: Any, **others: Any) -> dict[str, Any]:
    """What a look at the experiment needs."""
    right = {name: getattr(compare, name) for name in ("train", "make_parts", "baseline_forecasts")}
    return {"model": model, **right, **others}


def test_the_notebook_gives_what_the_checks_know() -> None:
    key = Key.read(ROOT / "solutions" / WHERE, ROOT / "exercises" / WHERE)
    before, _, _ = key.by_id["given"].released.partition("model =")
    given: dict[str, Any] = {"np": np}
    exec(before, given)
    for name in (*CONSTANTS, "VAL_START", "TEST_START"):
        assert given[name] == getattr(compare, name), name
    np.testing.assert_array_equal(given["SERIES"], compare.SERIES)


def experiment_with(**others: Any) -> Any:
    """The right experiment, where the notebook has other functions for it to call."""
    return FunctionType(compare.experiment.reference.__code__, {**vars(compare), **others})


def test_what_an_experiment_calls_costs_once(model: Any) -> None:
    leaky = {"make_parts": compare.scaled_by_everything}
    with collected_remarks() as remarks:
        compare.experiment.judge(experiment_with(**leaky), **used(model, **leaky))
    assert [said.blames for said in remarks] == ["make_parts"]
    with slips_cost(once=False), pytest.raises(CheckFailed) as failed:
        compare.experiment.judge(experiment_with(**leaky), **used(model, **leaky))
    assert failed.value.blames == "make_parts"


def test_a_run_that_goes_on_is_the_fault_of_train(model: Any) -> None:
    wrong = {"train": compare.goes_on_from_the_last}
    with pytest.raises(CheckFailed) as failed:
        compare.experiment.judge(experiment_with(**wrong), **used(model, **wrong))
    assert failed.value.blames == "train"


def test_numbers_of_another_kind_are_refused(model: Any) -> None:
    """Text, too few, not finite, no dictionary: each in words about its form."""
    right = compare.experiment.reference(model, compare.SERIES, 120, 156, compare.SEEDS, 1)
    for changed in (
        None,
        3,
        {},
        {**right, "network": "0.9"},
        {**right, "network": [0.9, 1.0]},
        {**right, "linear": "1"},
    ):
        with pytest.raises(CheckFailed) as failed:
            compare.experiment.judge(lambda *_, changed=changed: changed, **used(model))
        assert failed.value.kind in ("none", "type", "values"), changed
    with pytest.raises(CheckFailed) as nothing:
        compare.train.judge(lambda *_: [float("nan")], model=model)
    assert nothing.value.kind == "type"


def test_first_weights_that_happen_to_fit_are_no_training(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of Keras's first weights one in five forecasts far better than the mean does, before anything is learned."""

    def start(model: Any, seed: int) -> None:
        np.random.seed(seed)
        weights = np.zeros((compare.WINDOW, 1))
        weights[-1] = np.random.default_rng(seed).uniform(0.7, 0.9)
        model.set_weights([weights, np.zeros(1)])

    def first_loss_many_times(model: Any, parts: Any, seed: int, epochs: int) -> Any:
        return compare.first_weights_only(model, parts, seed, epochs) * min(epochs, 1 + compare.PATIENCE)

    monkeypatch.setitem(vars(compare), "start", start)
    for untrained in (compare.first_weights_only, first_loss_many_times):
        model.set_weights([np.ones((compare.WINDOW, 1)), np.ones(1)])
        with pytest.raises(CheckFailed) as failed:
            compare.train.judge(untrained, model=model)
        assert failed.value.misconception == "first_weights_only"
    compare.train.judge(compare.train.reference, model=model)


def test_one_seed_that_ends_far_off_costs_nothing(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of some hundred seeds one may: two more are asked before training is said to have learned nothing."""
    far_off = iter([True])
    learns_hardly = compare.learns_hardly
    monkeypatch.setattr(compare, "learns_hardly", lambda *given: next(far_off, False) or learns_hardly(*given))
    compare.train.judge(compare.train.reference, model=model)
    assert next(far_off, None) is None, "it was asked"
    monkeypatch.setattr(compare, "learns_hardly", lambda *_: True)
    with pytest.raises(CheckFailed) as failed:
        compare.train.judge(compare.train.reference, model=model)
    assert failed.value.misconception == "first_weights_only"


@pytest.mark.parametrize("look", range(20))
def test_losses_of_the_training_windows_are_told_from_a_part_not_used(model: Any, look: int) -> None:
    for wrong in (compare.training_losses_returned, compare.a_share_of_the_training_part):
        with seeded(bytes([look])), pytest.raises(CheckFailed) as failed:
            compare.train.judge(wrong, model=model)
        assert failed.value.misconception == wrong.__name__
