"""Backpropagation through time (Werbos, 1990): what goes wrong in the loop, whether or not it is truncated.

x (batch, time, inputs), h (batch, time + 1, units), d_outputs (batch, time, units), U (units, units); where the loop is
truncated, the length of a piece follows. The word `rnn_backward_step` is the student's own step backwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import Family

Array = np.ndarray
Gradients = dict[str, Any]
Step = Callable[..., Any]

through_time = Family()


@through_time.wrong(
    "The gradients of W, U and b are those of one step: each step overwrites them.",
    "All steps share the same parameters. What follows for their gradients?",
    see="gradients-sums",
)
def bptt_overwritten(x: Array, h: Array, d_outputs: Array, U: Array, *steps: int, rnn_backward_step: Step) -> Gradients:
    piece, d_h = (*steps, x.shape[1])[0], np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h = d_outputs[:, t] + d_h * ((t + 1) % piece != 0)
        d_h, d_W, d_U, d_b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t + 1], U)
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@through_time.wrong("The steps are taken from the first to the last.", "The gradient runs against time.")
def bptt_forward_in_time(
    x: Array, h: Array, d_outputs: Array, U: Array, *steps: int, rnn_backward_step: Step
) -> Gradients:
    d_W, d_U, d_b, piece, d_h = 0, 0, 0, (*steps, x.shape[1])[0], np.zeros_like(h[:, 0])
    for t in range(x.shape[1]):
        d_h = d_outputs[:, t] + d_h * (t % piece != 0)
        d_h, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@through_time.wrong(
    "The gradients are averaged over time.",
    "The same weight is used at every step, and each use adds its share.",
    see="gradients-sums",
)
def bptt_averaged_over_time(
    x: Array, h: Array, d_outputs: Array, U: Array, *steps: int, rnn_backward_step: Step
) -> Gradients:
    d_W, d_U, d_b, piece, d_h = 0, 0, 0, (*steps, x.shape[1])[0], np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h = d_outputs[:, t] + d_h * ((t + 1) % piece != 0)
        d_h, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w / x.shape[1], d_U + u / x.shape[1], d_b + b / x.shape[1]
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@through_time.wrong(
    "The gradient is handed to the step before without going through this one.",
    "What does `rnn_backward_step` return first?",
)
def bptt_passed_on_unchanged(
    x: Array, h: Array, d_outputs: Array, U: Array, *steps: int, rnn_backward_step: Step
) -> Gradients:
    d_W, d_U, d_b, piece, d_h = 0, 0, 0, (*steps, x.shape[1])[0], np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h = d_outputs[:, t] + d_h * ((t + 1) % piece != 0)
        first, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": first}


@through_time.wrong(
    "The gradient of an output is added one step too early in time.",
    "d_outputs[:, t] belongs to h_t: it must be there before you go through step t.",
)
def bptt_added_after_the_step(
    x: Array, h: Array, d_outputs: Array, U: Array, *steps: int, rnn_backward_step: Step
) -> Gradients:
    d_W, d_U, d_b, piece, d_h = 0, 0, 0, (*steps, x.shape[1])[0], np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h = d_h * ((t + 1) % piece != 0)
        d_h, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b, d_h = d_W + w, d_U + u, d_b + b, d_h + d_outputs[:, t]
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@through_time.wrong(
    "The states before and after a step have changed places.",
    "h[:, 0] is the initial state. Which two entries of h belong to x[:, t]?",
)
def bptt_states_swapped(
    x: Array, h: Array, d_outputs: Array, U: Array, *steps: int, rnn_backward_step: Step
) -> Gradients:
    d_W, d_U, d_b, piece, d_h = 0, 0, 0, (*steps, x.shape[1])[0], np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h = d_outputs[:, t] + d_h * ((t + 1) % piece != 0)
        d_h, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t + 1], h[:, t], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@through_time.wrong(
    "The derivative of tanh is taken at the state before the step.",
    "h[:, 0] is the initial state. Which entry of h came out of step t?",
)
def bptt_state_one_too_early(
    x: Array, h: Array, d_outputs: Array, U: Array, *steps: int, rnn_backward_step: Step
) -> Gradients:
    d_W, d_U, d_b, piece, d_h = 0, 0, 0, (*steps, x.shape[1])[0], np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h = d_outputs[:, t] + d_h * ((t + 1) % piece != 0)
        d_h, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@through_time.wrong("The first step is left out.", "A sequence of T steps is taken back in T steps.")
def bptt_first_step_missing(
    x: Array, h: Array, d_outputs: Array, U: Array, *steps: int, rnn_backward_step: Step
) -> Gradients:
    d_W, d_U, d_b, piece, d_h = 0, 0, 0, (*steps, x.shape[1])[0], np.zeros_like(h[:, 0])
    for t in range(x.shape[1] - 1, 0, -1):
        d_h = d_outputs[:, t] + d_h * ((t + 1) % piece != 0)
        d_h, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@through_time.wrong("The last step is left out.", "A sequence of T steps is taken back in T steps.")
def bptt_last_step_missing(
    x: Array, h: Array, d_outputs: Array, U: Array, *steps: int, rnn_backward_step: Step
) -> Gradients:
    d_W, d_U, d_b, piece, d_h = 0, 0, 0, (*steps, x.shape[1])[0], np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1] - 1)):
        d_h = d_outputs[:, t] + d_h * ((t + 1) % piece != 0)
        d_h, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}
