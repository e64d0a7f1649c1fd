"""Checks of exercises/gradients/bptt.ipynb: Backpropagation through time, checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs

Array = np.ndarray


# --- numeric_gradient ------------------------------------------------------------------------------------------------

Params = dict[str, Any]


def all_states(params: Params, x: Array) -> Array:
    """Every hidden state of a simple RNN, h_0 first: (batch, time + 1, units)."""
    states = [params["h_0"]]
    for t in range(x.shape[1]):
        states.append(np.tanh(x[:, t] @ params["W"] + states[t] @ params["U"] + params["b"]))
    return np.stack(states, axis=1)


def loss(params: Params, x: Array, d_outputs: Array) -> float:
    """A number whose gradient with respect to the output at step t is d_outputs[:, t]."""
    exact = {name: np.asarray(value, dtype=float) for name, value in params.items()}
    return float(np.sum(d_outputs * all_states(exact, x)[:, 1:]))


@graded("gradients-numeric", draws=3)
def numeric_gradient(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    """Centred differences of `loss`, with the step that is asked for."""
    gradients = {}
    for name, value in params.items():
        exact = np.asarray(value, dtype=float)
        gradient = np.empty(exact.shape)
        for place in np.ndindex(exact.shape):
            nudge = np.zeros(exact.shape)
            nudge[place] = eps
            above = loss({**params, name: exact + nudge}, x, d_outputs)
            below = loss({**params, name: exact - nudge}, x, d_outputs)
            gradient[place] = (above - below) / (2 * eps)
        gradients[name] = gradient
    return gradients


def draw_network(
    rng: np.random.Generator, time: int, batch: int, inputs: int, units: int
) -> tuple[Params, Array, Array]:
    """Parameters with h_0 among them, an input, and the gradients that arrive at the outputs."""
    params = {
        "W": rng.normal(scale=0.6, size=(inputs, units)),
        "U": rng.normal(scale=0.6, size=(units, units)),
        "b": rng.choice([-1, 1], size=units) * rng.uniform(0.2, 0.8, size=units),
        "h_0": rng.choice([-1, 1], size=(batch, units)) * rng.uniform(0.2, 0.9, size=(batch, units)),
    }
    return params, rng.normal(size=(batch, time, inputs)), rng.normal(size=(batch, time, units))


@numeric_gradient.inputs
def draw_numeric(rng: np.random.Generator) -> Inputs:
    batch, inputs, units = (int(n) for n in rng.permutation([2, 4, 5])[:3])
    return (*draw_network(rng, 3, batch, inputs, units), float(rng.uniform(0.05, 0.1)))


@numeric_gradient.right
def numeric_by_writing_back(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    params = {name: np.array(value, dtype=float) for name, value in params.items()}
    gradients = {name: np.zeros(value.shape) for name, value in params.items()}
    for name, value in params.items():
        for n in range(value.size):
            old = value.flat[n]
            value.flat[n] = old + eps
            up = loss(params, x, d_outputs)
            value.flat[n] = old - eps
            gradients[name].flat[n] = (up - loss(params, x, d_outputs)) / eps / 2
            value.flat[n] = old
    return gradients


@numeric_gradient.right
def numeric_from_two_sides(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    here = loss(params, x, d_outputs)
    gradients = {}
    for name in params:
        slopes = []
        for n in range(params[name].size):
            ends = []
            for step in (eps, -eps):
                moved = {key: np.array(value, dtype=float) for key, value in params.items()}
                moved[name].flat[n] += step
                ends.append((loss(moved, x, d_outputs) - here) / step)
            slopes.append(np.mean(ends))
        gradients[name] = np.reshape(slopes, params[name].shape)
    return gradients


@numeric_gradient.wrong(
    "These are one-sided differences, from the parameter upwards.",
    "Their error shrinks with eps, that of centred ones with eps squared. What lies on the other side?",
)
def one_sided_above(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    gradients = {}
    for name in params:
        gradients[name] = np.zeros(params[name].shape)
        for n in range(params[name].size):
            moved = {key: value.copy() for key, value in params.items()}
            moved[name].flat[n] += eps
            gradients[name].flat[n] = (loss(moved, x, d_outputs) - loss(params, x, d_outputs)) / eps
    return gradients


@numeric_gradient.wrong(
    "These are one-sided differences, from the parameter downwards.",
    "Their error shrinks with eps, that of centred ones with eps squared. What lies on the other side?",
)
def one_sided_below(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    gradients = {}
    for name in params:
        gradients[name] = np.zeros(params[name].shape)
        for n in range(params[name].size):
            moved = {key: value.copy() for key, value in params.items()}
            moved[name].flat[n] -= eps
            gradients[name].flat[n] = (loss(params, x, d_outputs) - loss(moved, x, d_outputs)) / eps
    return gradients


@numeric_gradient.wrong(
    "The differences are twice too large.", "How far apart are the two points at which you evaluate the loss?"
)
def not_divided_by_two(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    gradients = {}
    for name in params:
        gradients[name] = np.zeros(params[name].shape)
        for n in range(params[name].size):
            moved = {key: value.copy() for key, value in params.items()}
            moved[name].flat[n] += eps
            above = loss(moved, x, d_outputs)
            moved[name].flat[n] -= 2 * eps
            gradients[name].flat[n] = (above - loss(moved, x, d_outputs)) / eps
    return gradients


@numeric_gradient.wrong(
    "The difference reaches only to one side of the parameter, but is divided by 2 * eps.",
    "After you have raised an entry by eps, taking eps off again brings you back to where you began.",
)
def one_sided_divided_by_two(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    gradients = {}
    for name in params:
        gradients[name] = np.zeros(params[name].shape)
        for n in range(params[name].size):
            moved = {key: value.copy() for key, value in params.items()}
            moved[name].flat[n] += eps
            gradients[name].flat[n] = (loss(moved, x, d_outputs) - loss(params, x, d_outputs)) / (2 * eps)
    return gradients


@numeric_gradient.wrong("The differences are not divided by the distance.", "A slope is a rise divided by a run.")
def not_divided_at_all(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    gradients = {}
    for name in params:
        gradients[name] = np.zeros(params[name].shape)
        for n in range(params[name].size):
            moved = {key: value.copy() for key, value in params.items()}
            moved[name].flat[n] += eps
            above = loss(moved, x, d_outputs)
            moved[name].flat[n] -= 2 * eps
            gradients[name].flat[n] = above - loss(moved, x, d_outputs)
    return gradients


@numeric_gradient.wrong(
    "After an entry has been tried, it stays moved while the others are tried.",
    "Only one entry at a time may differ from `params`. Put each back, or start from a fresh copy.",
)
def eps_left_in(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    moved = {key: value.copy() for key, value in params.items()}
    gradients = {}
    for name in params:
        gradients[name] = np.zeros(params[name].shape)
        for n in range(params[name].size):
            moved[name].flat[n] += eps
            above = loss(moved, x, d_outputs)
            moved[name].flat[n] -= 2 * eps
            gradients[name].flat[n] = (above - loss(moved, x, d_outputs)) / (2 * eps)
    return gradients


@numeric_gradient.wrong(
    "All entries of an array are moved together, so they all get the same number.",
    "How much does the loss change if one single entry moves?",
)
def all_entries_moved_at_once(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    gradients = {}
    for name in params:
        above = loss({**params, name: params[name] + eps}, x, d_outputs)
        below = loss({**params, name: params[name] - eps}, x, d_outputs)
        gradients[name] = np.full(params[name].shape, (above - below) / (2 * eps))
    return gradients


@numeric_gradient.wrong(
    "The sign is the wrong way round.", "A gradient is positive where a larger entry makes the loss larger."
)
def differences_the_wrong_way_round(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    gradients = {}
    for name in params:
        gradients[name] = np.zeros(params[name].shape)
        for n in range(params[name].size):
            moved = {key: value.copy() for key, value in params.items()}
            moved[name].flat[n] += eps
            above = loss(moved, x, d_outputs)
            moved[name].flat[n] -= 2 * eps
            gradients[name].flat[n] = (loss(moved, x, d_outputs) - above) / (2 * eps)
    return gradients


@numeric_gradient.wrong(
    "The step `eps` is not the one that is asked for.",
    "Use the argument, also where it is large: you will compare several.",
)
def a_step_of_its_own(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    eps = 1e-5
    gradients = {}
    for name in params:
        gradients[name] = np.zeros(params[name].shape)
        for n in range(params[name].size):
            moved = {key: value.copy() for key, value in params.items()}
            moved[name].flat[n] += eps
            above = loss(moved, x, d_outputs)
            moved[name].flat[n] -= 2 * eps
            gradients[name].flat[n] = (above - loss(moved, x, d_outputs)) / (2 * eps)
    return gradients


# --- rnn_backward_step -----------------------------------------------------------------------------------------------


@graded("gradients-backward-step", outputs=("d_h_prev", "d_W", "d_U", "d_b"))
def rnn_backward_step(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> Any:
    """From dL/dh_t to dL/dh_{t-1}, and this step's share of dL/dW, dL/dU and dL/db."""
    d_a = d_h * (1 - h_t**2)
    return d_a @ U.T, x_t.T @ d_a, h_prev.T @ d_a, d_a.sum(axis=0)


@rnn_backward_step.inputs
def draw_backward_step(rng: np.random.Generator) -> Inputs:
    batch, inputs, units = (int(n) for n in rng.permutation([2, 3, 4, 5])[:3])
    params, x, d_outputs = draw_network(rng, 3, batch, inputs, units)
    return (d_outputs[:, 0], x[:, 0], params["h_0"], all_states(params, x)[:, 1], params["U"])


@rnn_backward_step.right
def backward_by_einsum(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = np.einsum("bu,bu->bu", d_h, (1 + h_t) * (1 - h_t))
    d_h_prev = np.einsum("bu,ju->bj", d_a, U)
    return d_h_prev, np.einsum("bi,bu->iu", x_t, d_a), np.einsum("bj,bu->ju", h_prev, d_a), np.einsum("bu->u", d_a)


@rnn_backward_step.right
def backward_example_by_example(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_h_prev, d_W = np.zeros(h_prev.shape), np.zeros((x_t.shape[1], len(U)))
    d_U, d_b = np.zeros(U.shape), np.zeros(len(U))
    for n in range(len(d_h)):
        d_a = d_h[n] - d_h[n] * h_t[n] ** 2
        d_h_prev[n] = U @ d_a
        d_W = d_W + np.outer(x_t[n], d_a)
        d_U = d_U + np.outer(h_prev[n], d_a)
        d_b = d_b + d_a
    return d_h_prev, d_W, d_U, d_b


@rnn_backward_step.wrong(
    "The derivative of tanh is missing.",
    "From h_t back to the sum inside the tanh there is a factor for each unit.",
    see="gradients-tanh-derivative",
)
def backward_without_derivative(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    return d_h @ U.T, x_t.T @ d_h, h_prev.T @ d_h, d_h.sum(axis=0)


@rnn_backward_step.wrong(
    "The derivative of tanh is taken at h_prev.",
    "Which state came out of this step's tanh?",
    see="gradients-tanh-derivative",
)
def backward_derivative_at_h_prev(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_prev**2)
    return d_a @ U.T, x_t.T @ d_a, h_prev.T @ d_a, d_a.sum(axis=0)


@rnn_backward_step.wrong(
    "The derivative uses tanh(h_t), but h_t is a tanh already.",
    "The derivative of tanh, written by means of tanh's own value, needs no further tanh.",
    see="gradients-tanh-derivative",
)
def backward_tanh_twice(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - np.tanh(h_t) ** 2)
    return d_a @ U.T, x_t.T @ d_a, h_prev.T @ d_a, d_a.sum(axis=0)


@rnn_backward_step.wrong(
    "This is the derivative of a sigmoid.",
    "The sigmoid's is s(1 - s). What is that of tanh?",
    see="gradients-tanh-derivative",
)
def backward_sigmoid_derivative(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * h_t * (1 - h_t)
    return d_a @ U.T, x_t.T @ d_a, h_prev.T @ d_a, d_a.sum(axis=0)


@rnn_backward_step.wrong(
    "The state is not squared in the derivative of tanh.",
    "At h = -1 and at h = 1 alike tanh is flat.",
    see="gradients-tanh-derivative",
)
def backward_not_squared(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_t)
    return d_a @ U.T, x_t.T @ d_a, h_prev.T @ d_a, d_a.sum(axis=0)


@rnn_backward_step.wrong(
    "On its way to h_prev the gradient is multiplied by U as it stands.",
    "Forward it is h_prev U. Backward the gradient takes the same connections the other way.",
)
def backward_recurrent_not_transposed(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_t**2)
    return d_a @ U, x_t.T @ d_a, h_prev.T @ d_a, d_a.sum(axis=0)


@rnn_backward_step.wrong(
    "d_h_prev lacks the derivative of tanh; the other three have it.",
    "The way to h_prev leads through the tanh as well.",
)
def backward_state_skips_derivative(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_t**2)
    return d_h @ U.T, x_t.T @ d_a, h_prev.T @ d_a, d_a.sum(axis=0)


@rnn_backward_step.wrong("d_h_prev stops at the sum inside the tanh.", "Between that sum and h_prev stands U.")
def backward_state_skips_recurrent(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_t**2)
    return d_a, x_t.T @ d_a, h_prev.T @ d_a, d_a.sum(axis=0)


@rnn_backward_step.wrong("d_U is computed from h_t.", "Which state does U multiply in this step?")
def backward_new_state_in_d_u(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_t**2)
    return d_a @ U.T, x_t.T @ d_a, h_t.T @ d_a, d_a.sum(axis=0)


@rnn_backward_step.wrong(
    "d_U is transposed.", "d_U[a, b] belongs to U[a, b], which leads from unit a of h_prev to unit b of h_t."
)
def backward_d_u_transposed(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_t**2)
    return d_a @ U.T, x_t.T @ d_a, d_a.T @ h_prev, d_a.sum(axis=0)


@rnn_backward_step.wrong("d_W is transposed.", "A gradient has the shape of what it belongs to.")
def backward_d_w_transposed(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_t**2)
    return d_a @ U.T, d_a.T @ x_t, h_prev.T @ d_a, d_a.sum(axis=0)


@rnn_backward_step.wrong(
    "The gradients of the parameters are averaged over the batch.",
    "The loss is a sum over the examples. Is its gradient a mean?",
    see="gradients-sums",
)
def backward_averaged(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_t**2)
    return d_a @ U.T, x_t.T @ d_a / len(x_t), h_prev.T @ d_a / len(x_t), d_a.mean(axis=0)


@rnn_backward_step.wrong(
    "d_b is averaged over the batch.", "All examples share one b, and their gradients add up.", see="gradients-sums"
)
def backward_bias_averaged(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_t**2)
    return d_a @ U.T, x_t.T @ d_a, h_prev.T @ d_a, d_a.mean(axis=0)


@rnn_backward_step.wrong(
    "d_b has a row for each example.", "All examples share one b, and their gradients add up.", see="gradients-sums"
)
def backward_bias_not_summed(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_t**2)
    return d_a @ U.T, x_t.T @ d_a, h_prev.T @ d_a, d_a


@rnn_backward_step.wrong(
    "d_b lacks the derivative of tanh; the other three have it.", "The bias stands inside the tanh."
)
def backward_bias_of_ones(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_t**2)
    return d_a @ U.T, x_t.T @ d_a, h_prev.T @ d_a, d_h.sum(axis=0)


@rnn_backward_step.wrong(
    "d_W and d_U have changed places.", "The order is d_h_prev, d_W, d_U, d_b. W multiplies the input, U the state."
)
def backward_kernels_swapped(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> tuple[Array, ...]:
    d_a = d_h * (1 - h_t**2)
    return d_a @ U.T, h_prev.T @ d_a, x_t.T @ d_a, d_a.sum(axis=0)


# --- bptt ------------------------------------------------------------------------------------------------------------


def backwards(x: Array, h: Array, d_outputs: Array, U: Array, steps: int, step: Callable[..., Any]) -> dict[str, Any]:
    """Backpropagation in pieces of `steps` time steps, counted from the start."""
    time, inputs, units = x.shape[1], x.shape[2], h.shape[2]
    total = [np.zeros((inputs, units)), np.zeros((units, units)), np.zeros(units)]
    carried: Any = np.zeros(h[:, 0].shape)
    for t in reversed(range(time)):
        if (t + 1) % steps == 0:
            carried = np.zeros(h[:, 0].shape)
        carried, *shares = step(d_outputs[:, t] + carried, x[:, t], h[:, t], h[:, t + 1], U)
        total = [old + share for old, share in zip(total, shares, strict=True)]
    return {"W": total[0], "U": total[1], "b": total[2], "h_0": carried}


@graded("gradients-bptt")
def bptt(
    x: Array, h: Array, d_outputs: Array, U: Array, *, rnn_backward_step: Callable[..., Any] = rnn_backward_step
) -> dict[str, Any]:
    """The gradient of the loss with respect to W, U, b and h_0."""
    return backwards(x, h, d_outputs, U, x.shape[1], rnn_backward_step)


@bptt.inputs
def draw_bptt(rng: np.random.Generator) -> Inputs:
    time = int(rng.integers(4, 7))
    batch, inputs, units = (int(n) for n in rng.permutation([n for n in (2, 3, 4, 5, 6) if n != time])[:3])
    params, x, d_outputs = draw_network(rng, time, batch, inputs, units)
    return (x, all_states(params, x), d_outputs, params["U"])


@bptt.right
def bptt_by_jacobians(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    gradients = {"W": np.zeros((x.shape[2], len(U))), "U": np.zeros(U.shape), "b": np.zeros(len(U)), "h_0": 0 * h[:, 0]}
    for n in range(len(x)):
        for late in range(x.shape[1]):
            d = d_outputs[n, late]
            for t in range(late, -1, -1):
                d_a = d * (1 - h[n, t + 1] ** 2)
                gradients["W"] += np.outer(x[n, t], d_a)
                gradients["U"] += np.outer(h[n, t], d_a)
                gradients["b"] += d_a
                d = U @ d_a
            gradients["h_0"][n] += d
    return gradients


@bptt.right
def bptt_sums_at_the_end(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    d_a = np.zeros(d_outputs.shape)
    d_h = np.zeros(h[:, 0].shape)
    for t in range(x.shape[1])[::-1]:
        d_a[:, t] = (d_h + d_outputs[:, t]) * (1 - h[:, t + 1] ** 2)
        d_h = d_a[:, t] @ U.T
    d_W = np.einsum("bti,btu->iu", x, d_a)
    return {"b": d_a.sum(axis=(0, 1)), "W": d_W, "U": np.einsum("btj,btu->ju", h[:, :-1], d_a), "h_0": d_h}


@bptt.wrong(
    "Each step sees only the gradient of its own output.",
    "A state also acts on all later outputs. How does their gradient reach it?",
)
def bptt_nothing_carried(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    d_W, d_U, d_b = 0, 0, 0
    for t in reversed(range(x.shape[1])):
        d_h, w, u, b = rnn_backward_step(d_outputs[:, t], x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@bptt.wrong("Only the last output's gradient goes in.", "Here every step has an output, and each brings a gradient.")
def bptt_only_last_output(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, d_outputs[:, -1]
    for t in reversed(range(x.shape[1])):
        d_h, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@bptt.wrong("Only the last step is taken backwards.", "The gradient goes on, step by step, to h_0.")
def bptt_only_last_step(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    d_h, d_W, d_U, d_b = rnn_backward_step(d_outputs[:, -1], x[:, -1], h[:, -2], h[:, -1], U)
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@bptt.wrong(
    "The gradients of W, U and b are those of one step: each step overwrites them.",
    "All steps share the same parameters. What follows for their gradients?",
    see="gradients-sums",
)
def bptt_overwritten(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    d_h = np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h, d_W, d_U, d_b = rnn_backward_step(d_outputs[:, t] + d_h, x[:, t], h[:, t], h[:, t + 1], U)
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@bptt.wrong("The steps are taken from the first to the last.", "The gradient runs against time.")
def bptt_forward_in_time(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, np.zeros_like(h[:, 0])
    for t in range(x.shape[1]):
        d_h, w, u, b = rnn_backward_step(d_outputs[:, t] + d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@bptt.wrong(
    "The gradients are averaged over time.",
    "The same weight is used at every step, and each use adds its share.",
    see="gradients-sums",
)
def bptt_averaged_over_time(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h, w, u, b = rnn_backward_step(d_outputs[:, t] + d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W / x.shape[1], "U": d_U / x.shape[1], "b": d_b / x.shape[1], "h_0": d_h}


@bptt.wrong(
    "The gradient is handed to the step before without going through this one.",
    "What does `rnn_backward_step` return first?",
)
def bptt_passed_on_unchanged(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h = d_h + d_outputs[:, t]
        first, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": first}


@bptt.wrong(
    "The gradient of an output is added one step too early in time.",
    "d_outputs[:, t] belongs to h_t: it must be there before you go through step t.",
)
def bptt_added_after_the_step(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_h = d_h + d_outputs[:, t]
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@bptt.wrong(
    "The states before and after a step have changed places.",
    "h[:, 0] is the initial state. Which two entries of h belong to x[:, t]?",
)
def bptt_states_swapped(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h, w, u, b = rnn_backward_step(d_outputs[:, t] + d_h, x[:, t], h[:, t + 1], h[:, t], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@bptt.wrong("The first step is left out.", "A sequence of T steps is taken back in T steps.")
def bptt_first_step_missing(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, np.zeros_like(h[:, 0])
    for t in range(x.shape[1] - 1, 0, -1):
        d_h, w, u, b = rnn_backward_step(d_outputs[:, t] + d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


# --- truncated_bptt --------------------------------------------------------------------------------------------------


@graded("gradients-truncated")
def truncated_bptt(
    x: Array,
    h: Array,
    d_outputs: Array,
    U: Array,
    steps: int,
    *,
    rnn_backward_step: Callable[..., Any] = rnn_backward_step,
) -> dict[str, Any]:
    """As `bptt`, but no gradient crosses from one piece of `steps` time steps into the piece before it."""
    return backwards(x, h, d_outputs, U, steps, rnn_backward_step)


@truncated_bptt.inputs
def draw_truncated(rng: np.random.Generator) -> Inputs:
    """The pieces are not the same when they are counted from the end, or from index 1."""
    time = 8
    batch, inputs, units = (int(n) for n in rng.permutation([2, 3, 4, 5])[:3])
    params, x, d_outputs = draw_network(rng, time, batch, inputs, units)
    return (x, all_states(params, x), d_outputs, params["U"], int(rng.choice([3, 5])))


@truncated_bptt.right
def truncated_piece_by_piece(x: Array, h: Array, d_outputs: Array, U: Array, steps: int) -> Params:
    total = {}
    for start in range(0, x.shape[1], steps):
        end = min(start + steps, x.shape[1])
        part = bptt(x[:, start:end], h[:, start : end + 1], d_outputs[:, start:end], U)
        if start == 0:
            total = dict(part)
        else:
            for name in "WUb":
                total[name] = total[name] + part[name]
    return total


@truncated_bptt.right
def truncated_by_a_gate(x: Array, h: Array, d_outputs: Array, U: Array, steps: int) -> Params:
    d_a = np.zeros(d_outputs.shape)
    d_h = np.zeros(h[:, 0].shape)
    for t in range(x.shape[1])[::-1]:
        d_a[:, t] = (d_h + d_outputs[:, t]) * (1 - h[:, t + 1] ** 2)
        d_h = (d_a[:, t] @ U.T) * (t % steps != 0 or t == 0)
    d_W = np.einsum("bti,btu->iu", x, d_a)
    return {"b": d_a.sum(axis=(0, 1)), "W": d_W, "U": np.einsum("btj,btu->ju", h[:, :-1], d_a), "h_0": d_h}


@truncated_bptt.wrong("Nothing is cut: this is the full gradient.", "Between two pieces no gradient passes.")
def truncated_not_at_all(x: Array, h: Array, d_outputs: Array, U: Array, steps: int) -> Params:
    return bptt(x, h, d_outputs, U)


@truncated_bptt.wrong("The gradient is cut at every step.", "Inside a piece it passes as usual.")
def truncated_every_step(x: Array, h: Array, d_outputs: Array, U: Array, steps: int) -> Params:
    d_W, d_U, d_b = 0, 0, 0
    for t in reversed(range(x.shape[1])):
        d_h, w, u, b = rnn_backward_step(d_outputs[:, t], x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@truncated_bptt.wrong(
    "The pieces are counted from the end of the sequence.",
    "Where does the first piece start, and which piece may be shorter?",
)
def truncated_counted_from_the_end(x: Array, h: Array, d_outputs: Array, U: Array, steps: int) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, np.zeros_like(h[:, 0])
    for k, t in enumerate(reversed(range(x.shape[1]))):
        if k % steps == 0:
            d_h = np.zeros_like(h[:, 0])
        d_h, w, u, b = rnn_backward_step(d_outputs[:, t] + d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@truncated_bptt.wrong(
    "The cuts are off by one step.", "Write down for steps=2 and five time steps which indices make up each piece."
)
def truncated_one_step_late(x: Array, h: Array, d_outputs: Array, U: Array, steps: int) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        if t % steps == 0:
            d_h = np.zeros_like(h[:, 0])
        d_h, w, u, b = rnn_backward_step(d_outputs[:, t] + d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@truncated_bptt.wrong(
    "Only the last steps of the sequence are used.",
    "Earlier pieces have outputs too, and bring gradients of their own.",
)
def truncated_last_steps_only(x: Array, h: Array, d_outputs: Array, U: Array, steps: int) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, np.zeros_like(h[:, 0])
    for t in range(x.shape[1] - 1, x.shape[1] - 1 - steps, -1):
        d_h, w, u, b = rnn_backward_step(d_outputs[:, t] + d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@truncated_bptt.wrong(
    "Every output's gradient goes back the same number of steps, across the cuts.",
    "That is another kind of truncation. Here the cuts stand at fixed places.",
)
def truncated_with_a_window(x: Array, h: Array, d_outputs: Array, U: Array, steps: int) -> Params:
    d_W, d_U, d_b, d_h_0 = 0, 0, 0, np.zeros_like(h[:, 0])
    for late in range(x.shape[1]):
        d_h = d_outputs[:, late]
        for t in range(late, max(late - steps, -1), -1):
            d_h, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t + 1], U)
            d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
        if late < steps:
            d_h_0 = d_h_0 + d_h
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h_0}


@truncated_bptt.wrong(
    "At each cut the gradient of an output is lost as well.",
    "Only what is carried over from the next piece is dropped.",
)
def truncated_loses_an_output(x: Array, h: Array, d_outputs: Array, U: Array, steps: int) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h = d_h + d_outputs[:, t]
        if (t + 1) % steps == 0:
            d_h = np.zeros_like(h[:, 0])
        d_h, w, u, b = rnn_backward_step(d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@truncated_bptt.wrong("No gradient reaches h_0.", "In front of the first piece there is no other piece to be cut off.")
def truncated_before_the_start(x: Array, h: Array, d_outputs: Array, U: Array, steps: int) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        d_h, w, u, b = rnn_backward_step(d_outputs[:, t] + d_h, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
        if t % steps == 0:
            d_h = np.zeros_like(h[:, 0])
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}


@truncated_bptt.wrong(
    "Each piece is taken back as if it had started from a zero state.",
    "The state does cross from piece to piece; it is the gradient that does not.",
)
def truncated_from_zero_states(x: Array, h: Array, d_outputs: Array, U: Array, steps: int) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        if (t + 1) % steps == 0:
            d_h = np.zeros_like(h[:, 0])
        before = 0 * h[:, t] if t % steps == 0 and t > 0 else h[:, t]
        d_h, w, u, b = rnn_backward_step(d_outputs[:, t] + d_h, x[:, t], before, h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"W": d_W, "U": d_U, "b": d_b, "h_0": d_h}
