"""Checks of exercises/gradients/bptt.ipynb: Backpropagation through time, checked.

x (batch, time, inputs), h (batch, time + 1, units) with h_0 first, d_outputs (batch, time, units), W (inputs, units),
U (units, units), b (units,); d_h and h_prev (batch, units). All hold floats. The formulas are the chain rule
(Werbos, 1990); truncation is what carrying the state over and training on each piece gives (Williams and Peng, 1990).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from ..families.through_time import through_time

Array = np.ndarray
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


def draw_network(
    rng: np.random.Generator, batch: int, time: int, inputs: int, units: int
) -> tuple[Params, Array, Array]:
    """Parameters with h_0 among them, an input, and the gradients that arrive at the outputs."""
    params = {
        "W": rng.normal(scale=0.6, size=(inputs, units)),
        "U": rng.normal(scale=0.6, size=(units, units)),
        "b": rng.choice([-1, 1], size=units) * rng.uniform(0.2, 0.8, size=units),
        "h_0": rng.choice([-1, 1], size=(batch, units)) * rng.uniform(0.2, 0.9, size=(batch, units)),
    }
    return params, rng.normal(size=(batch, time, inputs)), rng.normal(size=(batch, time, units))


# --- numeric_gradient ------------------------------------------------------------------------------------------------


# Each case evaluates the loss twice for every entry, so cases are few and small.
@graded("gradients-numeric", draws=2)
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


@numeric_gradient.inputs(batch=range(2, 5), time=range(3, 6), inputs=range(2, 5))
def draw_numeric(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return (*draw_network(rng, batch, time, inputs, units), float(rng.uniform(0.05, 0.1)))


@numeric_gradient.condition("a large step")
def draw_large_step(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return (*draw_network(rng, batch, time, inputs, units), float(rng.uniform(0.5, 0.8)))


@numeric_gradient.condition("parameters that are zero")
def draw_zero_parameters(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    params, x, d_outputs = draw_network(rng, batch, time, inputs, units)
    zero = {name: 0 * params[name] for name in "WUb"}
    return {**params, **zero}, x, d_outputs, float(rng.uniform(0.05, 0.1))


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


@numeric_gradient.right
def numeric_by_rows_of_the_identity(params: Params, x: Array, d_outputs: Array, eps: float) -> Params:
    def slope(name: str, nudge: Array) -> float:
        ends = [loss({**params, name: params[name] + sign * nudge}, x, d_outputs) for sign in (1, -1)]
        return (ends[0] - ends[1]) / (2 * eps)

    def one_at_a_time(value: Array) -> list[Array]:
        return [row.reshape(value.shape) for row in eps * np.eye(value.size)]

    return {name: np.reshape([slope(name, n) for n in one_at_a_time(v)], v.shape) for name, v in params.items()}


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
def draw_backward_step(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    params, x, d_outputs = draw_network(rng, batch, 1, inputs, units)
    return (d_outputs[:, 0], x[:, 0], params["h_0"], all_states(params, x)[:, 1], params["U"])


@rnn_backward_step.condition("h_prev is zero")
def draw_backward_first_step(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    params, x, d_outputs = draw_network(rng, batch, 1, inputs, units)
    params["h_0"] = 0 * params["h_0"]
    return (d_outputs[:, 0], x[:, 0], params["h_0"], all_states(params, x)[:, 1], params["U"])


@rnn_backward_step.condition("a unit that is saturated")
def draw_backward_saturated(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    d_h, x_t, h_prev, h_t, U = draw_backward_step(rng, batch, inputs, units)
    h_t[:, 0] = rng.choice([-1.0, 1.0], size=batch)
    return d_h, x_t, h_prev, h_t, U


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


@rnn_backward_step.right
def backward_in_place_on_its_own(d_h: Array, x_t: Array, h_prev: Array, h_t: Array, U: Array) -> list[Array]:
    d_a = d_h.copy()
    d_a -= d_a * np.square(h_t)
    inputs_and_state = np.concatenate([x_t, h_prev], axis=1)
    both = inputs_and_state.T @ d_a
    return [(U @ d_a.T).T, both[: x_t.shape[1]], both[x_t.shape[1] :], np.ones(len(d_a)) @ d_a]


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


def backwards(x: Array, h: Array, d_outputs: Array, U: Array, step: Callable[..., Any]) -> dict[str, Any]:
    """All steps from the last to the first, each by `step`."""
    total: list[Any] = [np.zeros((x.shape[2], len(U))), np.zeros(U.shape), np.zeros(len(U))]
    d_h: Any = np.zeros(h[:, 0].shape)
    for t in reversed(range(x.shape[1])):
        d_h, *shares = step(d_outputs[:, t] + d_h, x[:, t], h[:, t], h[:, t + 1], U)
        total = [old + share for old, share in zip(total, shares, strict=True)]
    return {"W": total[0], "U": total[1], "b": total[2], "h_0": d_h}


@graded("gradients-bptt")
def bptt(
    x: Array, h: Array, d_outputs: Array, U: Array, *, rnn_backward_step: Callable[..., Any] = rnn_backward_step
) -> dict[str, Any]:
    """The gradient of the loss with respect to W, U, b and h_0."""
    return backwards(x, h, d_outputs, U, rnn_backward_step)


@bptt.inputs(time=range(4, 8))
def draw_bptt(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    params, x, d_outputs = draw_network(rng, batch, time, inputs, units)
    return (x, all_states(params, x), d_outputs, params["U"])


@bptt.condition("a gradient from the last output only")
def draw_last_output(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    x, h, d_outputs, U = draw_bptt(rng, batch, time, inputs, units)
    d_outputs[:, :-1] = 0
    return x, h, d_outputs, U


@bptt.condition("h_0 is zero")
def draw_bptt_from_zero(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    params, x, d_outputs = draw_network(rng, batch, time, inputs, units)
    params["h_0"] = 0 * params["h_0"]
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


@bptt.right
def bptt_in_place_on_its_own(x: Array, h: Array, d_outputs: Array, U: Array) -> Params:
    gradients = {"W": np.zeros((x.shape[2], len(U))), "U": np.zeros_like(U), "b": np.zeros(len(U))}
    arriving = d_outputs.copy()
    for t in range(x.shape[1] - 1, -1, -1):
        d_h, d_W, d_U, d_b = rnn_backward_step(arriving[:, t], x[:, t], h[:, t], h[:, t + 1], U)
        if t > 0:
            arriving[:, t - 1] += d_h
        for name, share in zip("WUb", (d_W, d_U, d_b)):
            gradients[name] += share
    gradients["h_0"] = d_h
    return gradients


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


bptt.like(through_time, rnn_backward_step=rnn_backward_step)


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
    bptt: Callable[..., Any] | None = None,
) -> dict[str, Any]:
    """As `bptt`, but no gradient crosses from one piece of `steps` time steps into the piece before it."""
    parts = []
    for start in range(0, x.shape[1], steps):
        end = min(start + steps, x.shape[1])
        piece = x[:, start:end], h[:, start : end + 1], d_outputs[:, start:end], U
        parts.append(bptt(*piece) if bptt else backwards(*piece, rnn_backward_step))
    return {**{name: sum(part[name] for part in parts) for name in "WUb"}, "h_0": parts[0]["h_0"]}


# Pieces of `steps` leave a rest, so that it matters from which end they are counted.
@truncated_bptt.inputs(time=range(4, 10))
def draw_truncated(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    rests = [steps for steps in range(2, time) if time % steps]
    return (*draw_bptt(rng, batch, time, inputs, units), int(rng.choice(rests or [2])))


@truncated_bptt.condition("pieces of one step")
def draw_shortest_pieces(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return (*draw_bptt(rng, batch, time, inputs, units), 1)


@truncated_bptt.condition("no rest")
def draw_equal_pieces(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return (*draw_bptt(rng, batch, 6, inputs, units), int(rng.choice([2, 3])))


@truncated_bptt.condition("a last piece of one step")
def draw_rest_of_one(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return (*draw_bptt(rng, batch, time, inputs, units), time - 1)


@truncated_bptt.condition("three pieces and a rest")
def draw_many_pieces(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return (*draw_bptt(rng, batch, int(rng.choice([10, 11])), inputs, units), 3)


@truncated_bptt.condition("one piece")
def draw_one_piece(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return (*draw_bptt(rng, batch, time, inputs, units), time)


@truncated_bptt.condition("a piece longer than the sequence")
def draw_longer_piece(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return (*draw_bptt(rng, batch, time, inputs, units), time + int(rng.integers(1, 4)))


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


@truncated_bptt.right
def truncated_by_one_loop(x: Array, h: Array, d_outputs: Array, U: Array, steps: int) -> Params:
    d_W, d_U, d_b, d_h = 0, 0, 0, 0
    for t in range(x.shape[1])[::-1]:
        arriving = d_outputs[:, t] if (t + 1) % steps == 0 else d_outputs[:, t] + d_h
        d_h, w, u, b = rnn_backward_step(arriving, x[:, t], h[:, t], h[:, t + 1], U)
        d_W, d_U, d_b = d_W + w, d_U + u, d_b + b
    return {"h_0": d_h, "b": d_b, "U": d_U, "W": d_W}


truncated_bptt.like(through_time, rnn_backward_step=rnn_backward_step)


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
    for t in range(x.shape[1] - 1, max(x.shape[1] - 1 - steps, -1), -1):
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
