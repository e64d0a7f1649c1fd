"""The minGRU of the stored run is that of its page, one layer and two, with the parameters that the page counts."""

from __future__ import annotations

import importlib
import os
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from tests.test_explorables import chapter


@pytest.fixture(scope="module")
def run() -> Any:
    """The module of the run, imported with Keras when the first test needs it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import_module("keras")
    return importlib.import_module("book.runs.min_gru")


def drawn(run: Any, units: int, layers: int) -> list[np.ndarray]:
    """Kernel, U and the two rows of the bias, all of them random; the bias is no longer as it begins."""
    layer = run.MinGRU(units, layers, keep_bias=2.0)
    layer.build((None, None, 3))
    begins = layer.get_weights()[2]
    assert begins[0].tolist() == [2.0] * units + [0.0] * units
    assert begins[1].tolist() == (begins[0].tolist() if layers == 2 else [0.0] * 2 * units)
    rng = np.random.default_rng(units)
    return [rng.normal(size=weight.shape) for weight in layer.get_weights()]


@pytest.mark.parametrize("layers", [1, 2])
def test_the_cell_that_was_trained_is_the_pages(run: Any, layers: int) -> None:
    scan, min_gru = chapter("gru/since.md", "scan", "min_gru")
    batch, time, units = 2, 7, 4
    kernel, U, bias = drawn(run, units, layers)
    x = np.random.default_rng(0).normal(size=(batch, time, 3))
    expected = x
    rows = [(kernel, bias[0] if layers == 2 else bias.sum(axis=0)), (U, bias[1])]
    for W, b in rows[:layers]:
        W_z, W_h = np.split(W, 2, axis=1)
        b_z, b_h = np.split(b, 2)
        expected = min_gru(expected, W_z, b_z, W_h, b_h, scan)
    states = (np.zeros((batch, units)),) * layers
    cell = run.min_gru if layers == 1 else run.two_layers
    for t in range(time):
        states = cell(x[:, t] @ kernel + bias[0], states, U, bias[1])
        assert np.allclose(states[0], expected[:, t], rtol=0, atol=1e-12)


def test_the_networks_are_as_large_as_fits(run: Any) -> None:
    """With the answer's weights none has more than GRU(18), and one unit more would be too many."""

    def size(units: int, layers: int) -> int:
        layer = run.MinGRU(units, layers, keep_bias=0.0)
        layer.build((None, None, 8))
        unused = 0 if layers == 2 else 2 * units  # the second bias is added to the first
        return int(layer.count_params()) - unused + units + 1

    largest = 3 * (8 + 18 + 2) * 18 + 18 + 1
    for name, (_, units, _) in run.NETWORKS.items():
        if name.startswith("minGRU"):
            layers = 2 if "two layers" in name else 1
            assert size(units, layers) <= largest < size(units + 1, layers)
