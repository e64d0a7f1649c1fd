"""From one step to a whole sequence, for a cell with one state: what goes wrong whatever the step computes.

x (batch, time, inputs), h_0 (batch, units); `given` is whatever the step needs besides, such as the weights.
The word `step` is the student's function h_t = step(x_t, h_prev, *given). The result is all outputs, of shape
(batch, time, units), and the last state, of shape (batch, units).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import Family

Array = np.ndarray
Step = Callable[..., Any]
Result = tuple[Any, Any]

sequence = Family()


@sequence.right
def time_major(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    states = [h_0]
    for x_t in np.swapaxes(x, 0, 1):
        states.append(step(x_t, states[-1], *given))
    return np.swapaxes(np.array(states[1:]), 0, 1), states[-1]


@sequence.right
def by_recursion(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    h = step(x[:, 0], h_0, *given)
    if x.shape[1] == 1:
        return h[:, None], h
    rest, h_end = by_recursion(x[:, 1:], h, *given, step=step)
    return np.concatenate([h[:, None], rest], axis=1), h_end


@sequence.right
def one_example_at_a_time(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    outputs = np.zeros((len(x), x.shape[1], h_0.shape[1]), dtype="float32")
    for n in range(len(x)):
        h = h_0[n : n + 1]
        for t in range(x.shape[1]):
            h = step(x[n : n + 1, t], h, *given)
            outputs[n, t] = h[0]
    return outputs, outputs[:, -1]


@sequence.wrong("Every step starts from h_0, so nothing is remembered.", "Hand the state of one step to the next.")
def sequence_state_not_carried(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    steps = [step(x[:, t], h_0, *given) for t in range(x.shape[1])]
    return np.stack(steps, axis=1), steps[-1]


@sequence.wrong("The sequence starts from zeros, whatever h_0 is.", "Start from the state that is given.")
def sequence_starts_at_zero(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    h, outputs = np.zeros_like(h_0), []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, *given)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@sequence.wrong("The last output stands at every time step.", "Keep each step's h before the next one replaces it.")
def sequence_last_output_for_all(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, *given)
    return np.stack([h] * x.shape[1], axis=1), h


@sequence.wrong("Time is the first axis of the outputs.", "The order is batch, time, units.")
def sequence_time_first(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, *given)
        outputs.append(h)
    return np.array(outputs), h


@sequence.wrong(
    "The outputs have the right shape, but the numbers of different examples and steps are mixed.",
    "To exchange two axes is not to reshape. Which axis is which before, and which after?",
)
def sequence_reshaped(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, *given)
        outputs.append(h)
    return np.array(outputs).reshape(len(x), x.shape[1], -1), h


@sequence.wrong("Each output is the state before its step.", "Keep h after the step, not before it.")
def sequence_state_before_update(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        outputs.append(h)
        h = step(x[:, t], h, *given)
    return np.stack(outputs, axis=1), h


@sequence.wrong(
    "The outputs begin with h_0, so there is one too many.", "The first output is the state after the first input."
)
def sequence_initial_state_kept(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    states = [h_0]
    for t in range(x.shape[1]):
        states.append(step(x[:, t], states[-1], *given))
    return np.stack(states, axis=1), states[-1]


@sequence.wrong("The sequence is read from its end.", "Time runs from index 0 upwards.")
def sequence_backwards(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    h, outputs = h_0, []
    for t in reversed(range(x.shape[1])):
        h = step(x[:, t], h, *given)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@sequence.wrong("One time step too few is computed.", "A sequence of T inputs takes T steps.")
def sequence_last_step_missing(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    outputs, h = np.zeros((*x.shape[:2], h_0.shape[1])), h_0
    for t in range(x.shape[1] - 1):
        h = step(x[:, t], h, *given)
        outputs[:, t] = h
    return outputs, h


@sequence.wrong(
    "The first time step is left out.", "A sequence of T inputs takes T steps. Where does Python's range begin?"
)
def sequence_first_step_missing(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    outputs, h = np.zeros((*x.shape[:2], h_0.shape[1])), h_0
    for t in range(1, x.shape[1]):
        h = step(x[:, t], h, *given)
        outputs[:, t] = h
    return outputs, h


@sequence.wrong("Only the last output is returned, twice.", "The first result has the outputs of all steps.")
def sequence_only_the_last(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, *given)
    return h, h


@sequence.wrong("The loop runs over the examples in place of the time steps.", "Which axis of x is time?")
def sequence_over_examples(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    h, outputs = h_0, []
    for n in range(len(x)):
        h = step(x[n], h, *given)
        outputs.append(h)
    return np.stack(outputs, axis=1), h


@sequence.wrong("The two results are returned in the wrong order.", "Return all outputs first, then the last state.")
def sequence_results_swapped(x: Array, h_0: Array, *given: Any, step: Step) -> Result:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, *given)
        outputs.append(h)
    return h, np.stack(outputs, axis=1)
