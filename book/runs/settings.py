"""Settings: learning rates, widths, and a grid against random search, each network from eight first draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.applications.side_by_side import Step, adam, dropout, first_weights, losses, rmsprop, sgd, spread, train
from book.applications.sums import INPUTS, make
from book.seeds import SEEDS

Array = NDArray[Any]
UNITS = 16

x_all, y_all = (array[None] for array in make(500, seed=0))  # the same examples for all networks
x_few, y_few = (array[None] for array in make(200, seed=1, wrong=0.1))
x_val, y_val = (array[None] for array in make(300, seed=2, wrong=0.1))


def try_rates(step: Step, rates: Sequence[float]) -> Array:
    """The loss after training: (rates, seeds)."""
    weights, rate = spread(first_weights(SEEDS, INPUTS, UNITS), rates)
    weights, _ = train(weights, (x_all,), y_all, step, rate, epochs=12, batch=100)
    loss = losses(weights, (x_all,), y_all).reshape(len(SEEDS), len(rates))
    return loss.T


def try_units(units: int) -> list[Array]:
    """The loss in training, and on other examples, of each seed."""
    weights = first_weights(SEEDS, INPUTS, units)
    weights, _ = train(weights, (x_few,), y_few, adam, 0.02, epochs=20, batch=50)
    return [losses(weights, (x_few,), y_few), losses(weights, (x_val,), y_val)]


def plans() -> Array:
    """Rate and dropout of eighteen trials for each first draw, nine of a grid and nine drawn: (8, 18, 2)."""
    rng = np.random.default_rng(2)
    grid = np.array([(rate, p) for rate in (1e-4, 10**-2.5, 1e-1) for p in (0, 0.25, 0.5)])
    drawn = np.stack([10 ** rng.uniform(-4, -1, (8, 9)), rng.uniform(0, 0.5, (8, 9))], axis=-1)
    return np.concatenate([np.stack([grid] * 8), drawn], axis=1)


def search(trials: Array) -> Array:
    """The validation loss of each trial: (8, 18)."""
    rate, p = trials.reshape(-1, 2).T
    many = [np.repeat(array, 18, axis=0) for array in first_weights(SEEDS, INPUTS, UNITS)]  # 144 networks
    noise = dropout(p, p, 200, INPUTS, UNITS)
    trained, _ = train(many, (x_few,), y_few, adam, rate, epochs=20, batch=50, noise=noise)
    return losses(trained, (x_val,), y_val).reshape(8, 18)


def run() -> dict[str, Any]:
    """Losses by optimiser, rate and seed; by width; and of each trial."""
    large, small = [0.001, 0.01, 0.1, 1.0, 10.0, 100.0], [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    rates = {step.__name__: try_rates(step, large if step is sgd else small) for step in (sgd, rmsprop, adam)}
    trials = plans()
    return {
        "rates": {name: loss.round(4).tolist() for name, loss in rates.items()},
        "units": {str(units): np.round(try_units(units), 4).tolist() for units in (1, 4, 32)},
        "trials": trials.round(6).tolist(),
        "search": search(trials).round(4).tolist(),
    }
