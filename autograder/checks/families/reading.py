"""What goes wrong wherever a recurrent step reads a whole sequence and its states are read out.

x (batch, time, inputs), h_0 (batch, units), params a dictionary. The words `step` and `readout` are the functions
given in the exercise. `last` says whether one output is asked for, (batch, outputs), or one for each step,
(batch, time, outputs).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import Family

Array = np.ndarray
Params = dict[str, Array]
Given = Callable[..., Any]

reading = Family()


@reading.right
def by_filling_an_array(x: Array, h_0: Array, params: Params, *, step: Given, readout: Given, last: bool) -> Array:
    states = np.zeros((x.shape[1] + 1, *h_0.shape))
    states[0] = h_0
    for t in range(x.shape[1]):
        states[t + 1] = step(x[:, t, :], states[t], params)
    outputs = np.stack([readout(h, params) for h in states[1:]], axis=1)
    return outputs[:, -1] if last else outputs


@reading.right
def example_by_example(x: Array, h_0: Array, params: Params, *, step: Given, readout: Given, last: bool) -> Array:
    outputs = []
    for sequence, h in zip(x, h_0):
        rows = []
        for x_t in sequence:
            h = step(x_t, h, params)
            rows.append(readout(h, params))
        outputs.append(rows[-1] if last else rows)
    return np.array(outputs)


@reading.wrong(
    "The sequence starts from zeros, whatever h_0 is.",
    "Start from the state that is given.",
    see="topologies-state-carried",
)
def starts_at_zero(x: Array, h_0: Array, params: Params, *, step: Given, readout: Given, last: bool) -> Array:
    h, outputs = np.zeros_like(h_0), []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
        outputs.append(readout(h, params))
    return outputs[-1] if last else np.stack(outputs, axis=1)


@reading.wrong(
    "Every step starts from h_0, so each knows its own input alone.",
    "Hand the state of one step to the next.",
    see="topologies-state-carried",
)
def state_not_carried(x: Array, h_0: Array, params: Params, *, step: Given, readout: Given, last: bool) -> Array:
    outputs = [readout(step(x[:, t], h_0, params), params) for t in range(x.shape[1])]
    return outputs[-1] if last else np.stack(outputs, axis=1)


@reading.wrong("The sequence is read from its end.", "Time runs from index 0 upwards.", see="topologies-axes")
def read_backwards(x: Array, h_0: Array, params: Params, *, step: Given, readout: Given, last: bool) -> Array:
    h, outputs = h_0, []
    for t in reversed(range(x.shape[1])):
        h = step(x[:, t], h, params)
        outputs.append(readout(h, params))
    return outputs[-1] if last else np.stack(outputs, axis=1)


@reading.wrong(
    "You return hidden states.",
    "A state goes through the readout before it leaves the network.",
    see="topologies-step-and-readout",
)
def states_returned(x: Array, h_0: Array, params: Params, *, step: Given, last: bool) -> Array:
    h, states = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
        states.append(h)
    return states[-1] if last else np.stack(states, axis=1)


@reading.wrong(
    "The readout's bias is missing.",
    "Two arrays belong to the readout. The given function uses both.",
    see="topologies-step-and-readout",
)
def no_output_bias(x: Array, h_0: Array, params: Params, *, step: Given, last: bool) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
        outputs.append(h @ params["V"])
    return outputs[-1] if last else np.stack(outputs, axis=1)
