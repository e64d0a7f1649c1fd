"""Checks of exercises/lstm/backward.ipynb: Backwards through an LSTM.

d_h, d_c, h_prev, c_prev, c_t (batch, units); x (batch, time, inputs); h and c (batch, time + 1, units) with the initial
state first; `gates` has f, i, o and the candidate c, each (batch, units) or (batch, time, units); `params` is as in
cell.py. The formulas are the chain rule (Werbos, 1990) through the step of cell.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from .cell import draw_params, pre
from .gates import sigmoid

Array = np.ndarray
Arrays = dict[str, Any]


def gate_values(x_t: Array, h_prev: Array, params: Arrays) -> Arrays:
    """What comes out of the three sigmoids and the tanh of one step."""
    gates = {gate: sigmoid(pre(x_t, h_prev, params, gate)) for gate in "fio"}
    return {**gates, "c": np.tanh(pre(x_t, h_prev, params, "c"))}


def run(x: Array, h_0: Array, c_0: Array, params: Arrays) -> tuple[Array, Array, Arrays]:
    """All hidden states and all cell states, the initial ones first, and all gates."""
    h, c, kept = [h_0], [c_0], []
    for t in range(x.shape[1]):
        gates = gate_values(x[:, t], h[-1], params)
        kept.append(gates)
        c.append(gates["f"] * c[-1] + gates["i"] * gates["c"])
        h.append(gates["o"] * np.tanh(c[-1]))
    stacked = {gate: np.stack([gates[gate] for gates in kept], axis=1) for gate in "fico"}
    return np.stack(h, axis=1), np.stack(c, axis=1), stacked


# --- gates_backward --------------------------------------------------------------------------------------------------


@graded("lstm-backward-activations")
def gates_backward(d_gates: Arrays, gates: Arrays) -> Arrays:
    """From what comes out of the sigmoids and the tanh to the sums that go in."""
    slopes = {**{gate: gates[gate] * (1 - gates[gate]) for gate in "fio"}, "c": 1 - gates["c"] ** 2}
    return {gate: d_gates[gate] * slopes[gate] for gate in "fico"}


def draw_gates(rng: np.random.Generator, batch: int, units: int) -> Arrays:
    """Gates that are neither open nor shut, and a candidate of either sign."""
    gates = {gate: rng.uniform(0.1, 0.9, size=(batch, units)) for gate in "fio"}
    return {**gates, "c": rng.choice([-1, 1], size=(batch, units)) * rng.uniform(0.1, 0.9, size=(batch, units))}


@gates_backward.inputs
def draw_for_gates(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    return {gate: rng.normal(size=(batch, units)) for gate in "fico"}, draw_gates(rng, batch, units)


@gates_backward.condition("gates quite open or quite shut")
def draw_ends(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    d_gates, gates = draw_for_gates(rng, batch, units)
    for value in gates.values():
        value[:, 0] = rng.integers(0, 2, size=batch)
    gates["c"][:, 0] = rng.choice([-1.0, 1.0], size=batch)
    return d_gates, gates


@gates_backward.condition("the entries in another order")
def draw_gates_in_another_order(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    d_gates, gates = draw_for_gates(rng, batch, units)
    return {name: d_gates[name] for name in "oifc"}, {name: gates[name] for name in "coif"}


@gates_backward.right
def gates_one_by_one(d_gates: Arrays, gates: Arrays) -> Arrays:
    return {
        "i": d_gates["i"] * gates["i"] - d_gates["i"] * gates["i"] ** 2,
        "f": d_gates["f"] * (gates["f"] - np.square(gates["f"])),
        "o": np.multiply(d_gates["o"] * gates["o"], 1 - gates["o"]),
        "c": d_gates["c"] * (1 + gates["c"]) * (1 - gates["c"]),
    }


@gates_backward.right
def gates_in_a_loop_and_in_float32(d_gates: Arrays, gates: Arrays) -> Arrays:
    found = {}
    for name, value in gates.items():
        s = value.astype("float32")
        if name == "c":
            slope = 1 - s * s
        else:
            slope = s * (1 - s)
        found[name] = slope * d_gates[name]
    return found


@gates_backward.wrong(
    "All four go back through the derivative of tanh.",
    "Three of them came out of a sigmoid. What is its derivative, written by means of its own value?",
)
def tanh_for_all(d_gates: Arrays, gates: Arrays) -> Arrays:
    return {k: d_gates[k] * (1 - gates[k] ** 2) for k in "fico"}


@gates_backward.wrong(
    "All four go back through the derivative of a sigmoid.",
    "One of them is no gate. Which function did it come out of?",
)
def sigmoid_for_all(d_gates: Arrays, gates: Arrays) -> Arrays:
    return {k: d_gates[k] * gates[k] * (1 - gates[k]) for k in "fico"}


@gates_backward.wrong(
    "The gates are put through the sigmoid once more before the derivative is taken.",
    "What is given has been through its sigmoid already: the derivative is written by means of that value.",
)
def sigmoid_twice(d_gates: Arrays, gates: Arrays) -> Arrays:
    found = {k: d_gates[k] * sigmoid(gates[k]) * (1 - sigmoid(gates[k])) for k in "fio"}
    return {**found, "c": d_gates["c"] * (1 - gates["c"] ** 2)}


@gates_backward.wrong(
    "The candidate is put through tanh once more before the derivative is taken.",
    "What is given has been through its tanh already: the derivative is written by means of that value.",
)
def tanh_twice(d_gates: Arrays, gates: Arrays) -> Arrays:
    found = {k: d_gates[k] * gates[k] * (1 - gates[k]) for k in "fio"}
    return {**found, "c": d_gates["c"] * (1 - np.tanh(gates["c"]) ** 2)}


@gates_backward.wrong(
    "Both are put through their function once more: the gates through the sigmoid, the candidate through tanh.",
    "What is given are the values that came out, not the sums that went in.",
)
def both_twice(d_gates: Arrays, gates: Arrays) -> Arrays:
    found = {k: d_gates[k] * sigmoid(gates[k]) * (1 - sigmoid(gates[k])) for k in "fio"}
    return {**found, "c": d_gates["c"] * (1 - np.tanh(gates["c"]) ** 2)}


@gates_backward.wrong(
    "The sigmoid's derivative lacks its second factor.",
    "A sigmoid is flat at both its ends, where the gate is 0 and where it is 1. Is your factor 0 at both?",
)
def second_factor_missing(d_gates: Arrays, gates: Arrays) -> Arrays:
    found = {k: d_gates[k] * gates[k] for k in "fio"}
    return {**found, "c": d_gates["c"] * (1 - gates["c"] ** 2)}


@gates_backward.wrong(
    "The sigmoid's derivative lacks its first factor.",
    "A sigmoid is flat at both its ends, where the gate is 0 and where it is 1. Is your factor 0 at both?",
)
def first_factor_missing(d_gates: Arrays, gates: Arrays) -> Arrays:
    found = {k: d_gates[k] * (1 - gates[k]) for k in "fio"}
    return {**found, "c": d_gates["c"] * (1 - gates["c"] ** 2)}


@gates_backward.wrong(
    "The sigmoid's derivative has the wrong sign.", "A sigmoid rises everywhere. So is its derivative ever below 0?"
)
def sign_turned(d_gates: Arrays, gates: Arrays) -> Arrays:
    found = {k: d_gates[k] * gates[k] * (gates[k] - 1) for k in "fio"}
    return {**found, "c": d_gates["c"] * (1 - gates["c"] ** 2)}


@gates_backward.wrong("The candidate is not squared in the derivative of tanh.", "At -1 and at 1 alike tanh is flat.")
def candidate_not_squared(d_gates: Arrays, gates: Arrays) -> Arrays:
    found = {k: d_gates[k] * gates[k] * (1 - gates[k]) for k in "fio"}
    return {**found, "c": d_gates["c"] * (1 - gates["c"])}


@gates_backward.wrong(
    "The candidate's gradient passes unchanged.", "The candidate came out of a function, too. Which one?"
)
def candidate_unchanged(d_gates: Arrays, gates: Arrays) -> Arrays:
    found = {k: d_gates[k] * gates[k] * (1 - gates[k]) for k in "fio"}
    return {**found, "c": d_gates["c"]}


@gates_backward.wrong(
    "These are the derivatives of the four functions by themselves.",
    "The chain rule multiplies them by what arrives. Where do `d_gates` come in?",
)
def nothing_arrives(d_gates: Arrays, gates: Arrays) -> Arrays:
    return {**{k: gates[k] * (1 - gates[k]) for k in "fio"}, "c": 1 - gates["c"] ** 2}


@gates_backward.wrong(
    "The gradients pass unchanged.", "Between a gate and the sum that went in stands a sigmoid or a tanh."
)
def all_unchanged(d_gates: Arrays, gates: Arrays) -> Arrays:
    return {k: d_gates[k] for k in "fico"}


@gates_backward.wrong(
    "You divide by the derivatives.", "Backwards the chain rule multiplies: a flat function lets nothing through."
)
def divided(d_gates: Arrays, gates: Arrays) -> Arrays:
    found = {k: d_gates[k] / (gates[k] * (1 - gates[k])) for k in "fio"}
    return {**found, "c": d_gates["c"] / (1 - gates["c"] ** 2)}


@gates_backward.wrong(
    "The values and the gradients have changed places.", "The derivative is taken at the gate's value."
)
def arguments_exchanged(d_gates: Arrays, gates: Arrays) -> Arrays:
    found = {k: gates[k] * d_gates[k] * (1 - d_gates[k]) for k in "fio"}
    return {**found, "c": gates["c"] * (1 - d_gates["c"] ** 2)}


@gates_backward.wrong(
    "The output gate goes back through tanh, and the candidate through a sigmoid.",
    "Take the four by their names: which one is the candidate?",
    see="lstm-keras-order",
)
def output_for_candidate(d_gates: Arrays, gates: Arrays) -> Arrays:
    found = {k: d_gates[k] * gates[k] * (1 - gates[k]) for k in "fic"}
    return {**found, "o": d_gates["o"] * (1 - gates["o"] ** 2)}


# --- cell_backward ---------------------------------------------------------------------------------------------------


@graded("lstm-backward-cell")
def cell_backward(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    """From the two states after a step to the gates, the candidate and the cell state before it."""
    shown = np.tanh(c_t)
    whole = d_c + d_h * gates["o"] * (1 - shown**2)
    return {
        "o": d_h * shown,
        "f": whole * c_prev,
        "i": whole * gates["c"],
        "c": whole * gates["i"],
        "c_prev": whole * gates["f"],
    }


@cell_backward.inputs
def draw_cell(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    d_h, d_c = rng.normal(size=(2, batch, units))
    gates = draw_gates(rng, batch, units)
    c_prev = rng.choice([-1, 1], size=(batch, units)) * rng.uniform(0.3, 1.5, size=(batch, units))
    return d_h, d_c, c_prev, gates["f"] * c_prev + gates["i"] * gates["c"], gates


@cell_backward.condition("d_c is zero")
def draw_last_step(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    d_h, d_c, *others = draw_cell(rng, batch, units)
    return (d_h, 0 * d_c, *others)


@cell_backward.condition("d_h is zero")
def draw_silent_step(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    d_h, *others = draw_cell(rng, batch, units)
    return (0 * d_h, *others)


@cell_backward.condition("c_prev is zero")
def draw_no_memory(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    d_h, d_c, c_prev, _, gates = draw_cell(rng, batch, units)
    return d_h, d_c, 0 * c_prev, gates["i"] * gates["c"], gates


@cell_backward.condition("a memory far from zero")
def draw_large_memory(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    d_h, d_c, _, _, gates = draw_cell(rng, batch, units)
    c_prev = rng.choice([-1, 1], size=(batch, units)) * rng.uniform(20, 40, size=(batch, units))
    return d_h, d_c, c_prev, gates["f"] * c_prev + gates["i"] * gates["c"], gates


@cell_backward.right
def cell_by_einsum(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    f, i, g, o = (gates[name] for name in "fico")
    d_c_t = np.add(d_c, np.einsum("bu,bu,bu->bu", d_h, o, 1 - np.tanh(c_t) * np.tanh(c_t)))
    products = np.einsum("bu,kbu->kbu", d_c_t, np.stack([c_prev, g, i, f]))
    return {**dict(zip(["f", "i", "c", "c_prev"], products)), "o": np.tanh(c_t) * d_h}


@cell_backward.right
def cell_entry_by_entry(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    found = {name: np.zeros(d_h.shape) for name in ("f", "i", "c", "o", "c_prev")}
    for place in np.ndindex(d_h.shape):
        found["o"][place] = d_h[place] * np.tanh(c_t[place])
        total = d_c[place] + d_h[place] * gates["o"][place] / np.cosh(c_t[place]) ** 2
        found["f"][place] = total * c_prev[place]
        found["c_prev"][place] = total * gates["f"][place]
        found["i"][place] = total * gates["c"][place]
        found["c"][place] = total * gates["i"][place]
    return found


@cell_backward.right
def cell_from_h_t(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    h_t = gates["o"] * np.tanh(c_t)
    d_c_t = d_c.copy()
    d_c_t += d_h * (gates["o"] - h_t * np.tanh(c_t))
    partner = {"f": c_prev, "c_prev": gates["f"], "i": gates["c"], "c": gates["i"]}
    return {"o": d_h * np.tanh(c_t), **{name: d_c_t * other for name, other in partner.items()}}


@cell_backward.wrong(
    "The output gate's gradient takes c_t without its tanh.",
    "What does o_t multiply, on the way to h_t?",
    see="lstm-backward-output",
)
def output_without_tanh(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    return {"o": d_h * c_t, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "The output gate's gradient takes the old cell state.",
    "o_t lets out the cell state of its own step, which is the new one.",
    see="lstm-backward-output",
)
def output_from_old_state(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    out = d_h * np.tanh(c_prev)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "The output gate's gradient takes the derivative of tanh.",
    "In a product each factor's gradient is what arrives, times the other factor as it is.",
    see="lstm-backward-output",
)
def output_from_derivative(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    out = d_h * (1 - np.tanh(c_t) ** 2)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "The output gate's gradient is made from the whole gradient of c_t.",
    "o_t acts on h_t and on nothing else. Which gradient comes to h_t?",
    see="lstm-backward-output",
)
def output_from_cell_gradient(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    out = d * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "The derivative of tanh is missing on the way from h_t to c_t.",
    "h_t is made from tanh(c_t), not from c_t.",
    see="lstm-backward-output",
)
def no_derivative(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"]
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "The output gate is missing on the way from h_t to c_t.",
    "With a shut output gate, does h_t change when c_t does?",
    see="lstm-backward-output",
)
def no_output_gate(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * (1 - np.tanh(c_t) ** 2)
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "d_c, which comes along the cell state from the step behind, is left out.",
    "c_t has two uses: it makes h_t, and it is the next step's old cell state.",
    see="lstm-backward-arrivals",
)
def nothing_from_the_right(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "What c_t gets by way of h_t is left out.",
    "c_t has two uses: it is the next step's old cell state, and it makes h_t.",
    see="lstm-backward-arrivals",
)
def nothing_from_above(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "What comes along the cell state and what comes by way of h_t are multiplied.",
    "Where something has two uses, what comes back from them is added.",
    see="lstm-backward-arrivals",
)
def arrivals_multiplied(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c * d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "d_c is taken through the output gate and the tanh as well.",
    "d_c is the gradient of c_t already. Which of the two has yet to get from h_t to c_t?",
    see="lstm-backward-arrivals",
)
def arrivals_added_too_early(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = (d_c + d_h) * gates["o"] * (1 - np.tanh(c_t) ** 2)
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "The derivative of tanh is written with c_t where tanh(c_t) belongs.",
    "1 - s² is the derivative where s is what came out of the tanh. Is c_t that?",
    see="lstm-backward-output",
)
def state_taken_for_its_tanh(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - c_t**2)
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "The derivative of tanh is taken at the old cell state.",
    "Which of the two cell states goes through the tanh?",
    see="lstm-backward-output",
)
def derivative_at_old_state(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_prev) ** 2)
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "The tanh is not squared in its derivative.", "At -1 and at 1 alike tanh is flat.", see="lstm-backward-output"
)
def tanh_not_squared(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_t))
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "The forget gate's gradient takes the new cell state.", "Which cell state does f_t multiply, before the sum?"
)
def forget_from_new_state(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_t, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "The forget gate's gradient takes the forget gate itself.",
    "In a product each factor's gradient is what arrives, times the other factor.",
)
def forget_from_itself(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * gates["f"], "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "The gradients of the input gate and the candidate have changed places.",
    "In a product each factor's gradient is what arrives, times the other factor.",
)
def input_and_candidate_swapped(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["i"], "c": d * gates["c"], "c_prev": d * gates["f"]}


@cell_backward.wrong(
    "The old cell state's gradient is multiplied by the input gate.",
    "Which gate stands between c_prev and the sum?",
)
def old_state_by_input_gate(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d * gates["i"]}


@cell_backward.wrong(
    "The old cell state gets the gradient of c_t whole, whatever the forget gate says.",
    "This is the cell of 1997, without a forget gate. What stands between c_prev and the sum today?",
    see="lstm-additive-path",
)
def old_state_without_gate(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d}


@cell_backward.wrong(
    "The old cell state hears only of what came along the cell state, and not of this step's h_t.",
    "c_prev acts on c_t, and c_t on both. Which gradient of c_t is the whole one?",
    see="lstm-backward-arrivals",
)
def old_state_misses_h(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    out = d_h * np.tanh(c_t)
    return {"o": out, "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"], "c_prev": d_c * gates["f"]}


@cell_backward.wrong(
    "The gradients are taken through the sigmoids and the candidate's tanh already.",
    "Here they stop at the gates. `gates_backward` takes them on from there.",
    see="lstm-backward-activations",
)
def one_step_too_far(d_h: Array, d_c: Array, c_prev: Array, c_t: Array, gates: Arrays) -> Arrays:
    d = d_c + d_h * gates["o"] * (1 - np.tanh(c_t) ** 2)
    found = {"o": d_h * np.tanh(c_t), "f": d * c_prev, "i": d * gates["c"], "c": d * gates["i"]}
    found = {**{k: found[k] * gates[k] * (1 - gates[k]) for k in "fio"}, "c": found["c"] * (1 - gates["c"] ** 2)}
    return {**found, "c_prev": d * gates["f"]}


# --- lstm_step_backward ----------------------------------------------------------------------------------------------


@graded("lstm-backward-weights")
def lstm_step_backward(
    d_h: Array,
    d_c: Array,
    x_t: Array,
    h_prev: Array,
    c_prev: Array,
    c_t: Array,
    gates: Arrays,
    params: Arrays,
    *,
    gates_backward: Callable[..., Any] = gates_backward,
    cell_backward: Callable[..., Any] = cell_backward,
) -> Arrays:
    """From the two states after a step to what went in, and the step's share of the twelve parameters' gradients."""
    arrived = cell_backward(d_h, d_c, c_prev, c_t, gates)
    sums = gates_backward({gate: arrived[gate] for gate in "fico"}, gates)
    back = {"x_t": np.zeros(x_t.shape), "h_prev": np.zeros(h_prev.shape), "c_prev": arrived["c_prev"]}
    for gate in "fico":
        back["x_t"] = back["x_t"] + sums[gate] @ params[f"W_{gate}"].T
        back["h_prev"] = back["h_prev"] + sums[gate] @ params[f"U_{gate}"].T
        back[f"W_{gate}"] = x_t.T @ sums[gate]
        back[f"U_{gate}"] = h_prev.T @ sums[gate]
        back[f"b_{gate}"] = np.sum(sums[gate], axis=0)
    return back


@lstm_step_backward.inputs(batch=range(2, 5), inputs=range(2, 6), units=range(2, 5))
def draw_step_backward(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    params = draw_params(rng, inputs, units)
    x_t, (h_prev, c_prev, d_h, d_c) = rng.normal(size=(batch, inputs)), rng.normal(size=(4, batch, units))
    gates = gate_values(x_t, h_prev, params)
    return d_h, d_c, x_t, h_prev, c_prev, gates["f"] * c_prev + gates["i"] * gates["c"], gates, params


@lstm_step_backward.condition("both states are zero")
def draw_first_step_backward(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    d_h, d_c, x_t, h_prev, c_prev, _, _, params = draw_step_backward(rng, batch, inputs, units)
    gates = gate_values(x_t, 0 * h_prev, params)
    return d_h, d_c, x_t, 0 * h_prev, 0 * c_prev, gates["i"] * gates["c"], gates, params


@lstm_step_backward.condition("d_c is zero")
def draw_last_step_backward(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    d_h, d_c, *others = draw_step_backward(rng, batch, inputs, units)
    return (d_h, 0 * d_c, *others)


@lstm_step_backward.condition("the entries of params in another order")
def draw_params_in_another_order(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    *others, gates, params = draw_step_backward(rng, batch, inputs, units)
    return (*others, {name: gates[name] for name in "ocif"}, {name: params[name] for name in sorted(params)})


@lstm_step_backward.right
def step_backward_side_by_side(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    f, i, g, o = (gates[name] for name in "fico")
    s = np.tanh(c_t)
    d_c = d_c + d_h * o * (1 - s * s)
    blocks = [d_c * c_prev * f * (1 - f), d_c * g * i * (1 - i), d_c * i * (1 - g * g), d_h * s * o * (1 - o)]
    d_a = np.concatenate(blocks, axis=1)
    W, U = (np.concatenate([params[kind + name] for name in "fico"], axis=1) for kind in ("W_", "U_"))
    d_W, d_U, d_b = (np.split(whole, 4, axis=-1) for whole in (x_t.T @ d_a, h_prev.T @ d_a, d_a.sum(axis=0)))
    found = {"x_t": d_a @ W.T, "h_prev": d_a @ U.T, "c_prev": d_c * f}
    for number, name in enumerate("fico"):
        found["W_" + name], found["U_" + name], found["b_" + name] = d_W[number], d_U[number], d_b[number]
    return found


@lstm_step_backward.right
def step_backward_by_einsum(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({name: d[name] for name in "fico"}, gates)
    stacked = np.stack([d_a[name] for name in "fico"])
    found = {"c_prev": d["c_prev"]}
    found["x_t"] = np.einsum("gbu,giu->bi", stacked, np.stack([params["W_" + name] for name in "fico"]))
    found["h_prev"] = np.einsum("gbu,gju->bj", stacked, np.stack([params["U_" + name] for name in "fico"]))
    found |= {"W_" + name: np.einsum("bi,bu->iu", x_t, d_a[name]) for name in "fico"}
    found |= {"U_" + name: np.einsum("bj,bu->ju", h_prev, d_a[name]) for name in "fico"}
    return found | {"b_" + name: np.einsum("bu->u", d_a[name]) for name in "fico"}


@lstm_step_backward.right
def step_backward_example_by_example(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "oicf"}, gates)
    found = {name: np.zeros(value.shape) for name, value in params.items()}
    found["x_t"], found["h_prev"], found["c_prev"] = np.zeros(x_t.shape), np.zeros(h_prev.shape), d["c_prev"]
    for n in range(len(x_t)):
        for k in "oicf":
            found["x_t"][n] += params["W_" + k] @ d_a[k][n]
            found["h_prev"][n] += params["U_" + k] @ d_a[k][n]
            found["W_" + k] += np.outer(x_t[n], d_a[k][n])
            found["U_" + k] += np.outer(h_prev[n], d_a[k][n])
            found["b_" + k] += d_a[k][n]
    return found


@lstm_step_backward.wrong(
    "The old hidden state hears of the output gate only.",
    "Which of the four blocks read h_prev?",
)
def step_h_from_output_gate_only(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = d_a["o"] @ params["U_o"].T
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The old hidden state hears of the candidate only.",
    "Which of the four blocks read h_prev?",
)
def step_h_from_candidate_only(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = d_a["c"] @ params["U_c"].T
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The old hidden state does not hear of the output gate.",
    "Which of the four blocks read h_prev?",
)
def step_h_misses_output_gate(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fic")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The old hidden state and the input hear of the candidate only.",
    "The three gates are computed from x_t and h_prev as well.",
)
def step_h_misses_gates(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = d_a["c"] @ params["W_c"].T
    d_h_prev = d_a["c"] @ params["U_c"].T
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The input hears of the candidate only.",
    "Which of the four blocks read x_t?",
)
def step_x_from_candidate_only(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = d_a["c"] @ params["W_c"].T
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "On its way to h_prev the gradient is multiplied by the U as they stand.",
    "Forward it is h_prev @ U. Backward the gradient takes the same connections the other way.",
)
def step_recurrent_not_transposed(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k] for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The derivatives of the sigmoids and the tanh are left out everywhere.",
    "From a gate to the sum that went in, `gates_backward` leads.",
    see="lstm-backward-activations",
)
def step_activations_left_out(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = {k: d[k] for k in "fico"}
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The way to x_t and to h_prev leaves out the derivatives; the parameters have them.",
    "W and U stand inside the sigmoid. So which gradient meets them, the gate's or the sum's?",
    see="lstm-backward-activations",
)
def step_states_skip_activations(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "d_h itself is added to the gradient of h_prev.",
    "Is there a line from h_prev to h_t that leads through none of the four blocks?",
    see="lstm-backward-paths",
)
def step_h_passed_on(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = d_h + sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "d_c is handed on to c_prev as it came.",
    "What did `cell_backward` make of it?",
    see="lstm-backward-cell",
)
def step_c_passed_on(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d_c}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "d_c, which comes along the cell state from the step behind, is left out.",
    "c_t has two uses: it makes h_t, and it is the next step's old cell state.",
    see="lstm-backward-arrivals",
)
def step_nothing_from_the_right(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, 0 * d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "d_h and d_c have changed places.",
    "Which of the two comes first in `cell_backward`?",
    see="lstm-backward-arrivals",
)
def step_arrivals_swapped(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_c, d_h, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The cell states before and after the step have changed places.",
    "Which of the two comes first in `cell_backward`?",
    see="lstm-backward-cell",
)
def step_cell_states_swapped(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_t, c_prev, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The gradients of the U are computed from h_t.",
    "Which hidden state do the U multiply in this step?",
)
def step_u_from_new_state(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: (gates["o"] * np.tanh(c_t)).T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The gradients of the U are computed from the cell state.",
    "Which state do the gates read?",
)
def step_u_from_cell_state(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: c_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The gradients of the U are transposed.",
    "d_U[j, k] belongs to U[j, k], which leads from unit j of h_prev to unit k of the gate.",
)
def step_u_transposed(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: d_a[k].T @ h_prev for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The gradients of the W are transposed.",
    "A gradient has the shape of what it belongs to.",
)
def step_w_transposed(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: d_a[k].T @ x_t for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The gradients of the parameters are averaged over the batch.",
    "The loss is a sum over the examples. Is its gradient a mean?",
    see="gradients-sums",
)
def step_averaged(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] / len(x_t) for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] / len(x_t) for k in "fico"}
    return found | {"b_" + k: d_a[k].mean(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The gradients of the biases are averaged over the batch.",
    "All examples share one bias, and their gradients add up.",
    see="gradients-sums",
)
def step_bias_averaged(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].mean(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The gradients of the biases have a row for each example.",
    "All examples share one bias, and their gradients add up.",
    see="gradients-sums",
)
def step_bias_not_summed(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k] for k in "fico"}


@lstm_step_backward.wrong(
    "The biases' gradients lack the derivatives of the sigmoids and the tanh.",
    "A bias stands inside the sigmoid, beside W and U.",
    see="lstm-backward-activations",
)
def step_bias_skips_activations(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The gradients of the W and of the U have changed places.",
    "W multiplies the input, U the state.",
)
def step_kernels_swapped(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"U_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"W_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


@lstm_step_backward.wrong(
    "The blocks of the input gate and the forget gate have changed places.",
    "Keras's order is i, f, c, o. Take each of the four by its name.",
    see="lstm-keras-order",
)
def step_blocks_in_keras_order(
    d_h: Array, d_c: Array, x_t: Array, h_prev: Array, c_prev: Array, c_t: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d = cell_backward(d_h, d_c, c_prev, c_t, gates)
    d_a = gates_backward({k: d[k] for k in "fico"}, gates)
    d_a = dict(zip("ifco", [d_a[k] for k in "fico"]))
    d_x = sum(d_a[k] @ params["W_" + k].T for k in "fico")
    d_h_prev = sum(d_a[k] @ params["U_" + k].T for k in "fico")
    found = {"x_t": d_x, "h_prev": d_h_prev, "c_prev": d["c_prev"]}
    found |= {"W_" + k: x_t.T @ d_a[k] for k in "fico"}
    found |= {"U_" + k: h_prev.T @ d_a[k] for k in "fico"}
    return found | {"b_" + k: d_a[k].sum(axis=0) for k in "fico"}


# --- lstm_backward ---------------------------------------------------------------------------------------------------


@graded("lstm-backward-sequence", draws=3)
def lstm_backward(
    d_outputs: Array,
    d_c_T: Array,
    x: Array,
    h: Array,
    c: Array,
    gates: Arrays,
    params: Arrays,
    *,
    lstm_step_backward: Callable[..., Any] = lstm_step_backward,
) -> Arrays:
    """The gradient of the loss with respect to the twelve parameters, the inputs and both initial states."""
    names = [kind + gate for kind in ("W_", "U_", "b_") for gate in "fico"]
    total: Arrays = {name: np.zeros(params[name].shape) for name in names}
    d_h: Any = np.zeros(d_c_T.shape)
    d_c, d_x = d_c_T, []
    for t in reversed(range(x.shape[1])):
        at_t = {gate: gates[gate][:, t] for gate in "fico"}
        back = lstm_step_backward(d_h + d_outputs[:, t], d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], at_t, params)
        d_h, d_c = back["h_prev"], back["c_prev"]
        d_x.append(back["x_t"])
        total = {name: total[name] + back[name] for name in names}
    return {**total, "x": np.stack(d_x[::-1], axis=1), "h_0": d_h, "c_0": d_c}


@lstm_backward.inputs(batch=range(2, 4), time=range(3, 6), inputs=range(2, 6), units=range(2, 5))
def draw_backward(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    params, x = draw_params(rng, inputs, units), rng.normal(size=(batch, time, inputs))
    h_0, c_0, d_c_T = rng.normal(size=(3, batch, units))
    return rng.normal(size=(batch, time, units)), d_c_T, x, *run(x, h_0, c_0, params), params


@lstm_backward.condition("a gradient from the last output only")
def draw_last_output(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    d_outputs, d_c_T, *others = draw_backward(rng, batch, time, inputs, units)
    d_outputs[:, :-1] = 0
    return (d_outputs, 0 * d_c_T, *others)


@lstm_backward.condition("nothing comes to c_T")
def draw_outputs_only(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    d_outputs, d_c_T, *others = draw_backward(rng, batch, time, inputs, units)
    return (d_outputs, 0 * d_c_T, *others)


@lstm_backward.condition("a gradient to c_T only")
def draw_last_cell_state(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    d_outputs, *others = draw_backward(rng, batch, time, inputs, units)
    return (0 * d_outputs, *others)


@lstm_backward.condition("both initial states are zero")
def draw_backward_from_zero(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    d_outputs, d_c_T, x, h, *_, params = draw_backward(rng, batch, time, inputs, units)
    return d_outputs, d_c_T, x, *run(x, 0 * h[:, 0], 0 * h[:, 0], params), params


@lstm_backward.right
def backward_sums_at_the_end(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    shown = np.tanh(c[:, 1:])
    d_a = {k: np.zeros(d_outputs.shape) for k in "fico"}
    d_h, d_c = np.zeros(d_c_T.shape), d_c_T
    for t in range(x.shape[1])[::-1]:
        f, i, g, o = (gates[k][:, t] for k in "fico")
        d_h = d_h + d_outputs[:, t]
        d_c = d_c + d_h * o * (1 - shown[:, t] ** 2)
        d_a["f"][:, t] = d_c * c[:, t] * f * (1 - f)
        d_a["i"][:, t] = d_c * g * i * (1 - i)
        d_a["c"][:, t] = d_c * i * (1 - g**2)
        d_a["o"][:, t] = d_h * shown[:, t] * o * (1 - o)
        d_c = d_c * f
        d_h = sum(d_a[k][:, t] @ params["U_" + k].T for k in "fico")
    found = {"h_0": d_h, "c_0": d_c, "x": sum(d_a[k] @ params["W_" + k].T for k in "fico")}
    for k in "fico":
        found["W_" + k] = np.einsum("bti,btu->iu", x, d_a[k])
        found["U_" + k] = np.einsum("btj,btu->ju", h[:, :-1], d_a[k])
        found["b_" + k] = d_a[k].sum(axis=(0, 1))
    return found


@lstm_backward.right
def backward_by_recursion(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    def from_step(t: int, d_h: Array, d_c: Array) -> Arrays:
        at_t = {k: v[:, t] for k, v in gates.items()}
        one = lstm_step_backward(d_h + d_outputs[:, t], d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], at_t, params)
        if t == 0:
            return {**{k: one[k] for k in params}, "x": [one["x_t"]], "h_0": one["h_prev"], "c_0": one["c_prev"]}
        earlier = from_step(t - 1, one["h_prev"], one["c_prev"])
        earlier |= {k: earlier[k] + one[k] for k in params}
        return {**earlier, "x": [*earlier["x"], one["x_t"]]}

    found = from_step(x.shape[1] - 1, np.zeros_like(d_c_T), d_c_T)
    return {**found, "x": np.stack(found["x"], axis=1)}


@lstm_backward.right
def backward_example_by_example(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    found = {**{k: np.zeros(v.shape) for k, v in params.items()}, "x": np.zeros(x.shape)}
    found["h_0"], found["c_0"] = np.zeros(d_c_T.shape), np.zeros(d_c_T.shape)
    for n in range(len(x)):
        d_h, d_c = np.zeros((1, h.shape[2])), d_c_T[n : n + 1]
        for t in range(x.shape[1] - 1, -1, -1):
            g = {k: gates[k][n : n + 1, t] for k in "fico"}
            old, new = c[n : n + 1, t], c[n : n + 1, t + 1]
            one = lstm_step_backward(
                d_outputs[n : n + 1, t] + d_h, d_c, x[n : n + 1, t], h[n : n + 1, t], old, new, g, params
            )
            d_h, d_c = one["h_prev"], one["c_prev"]
            found["x"][n, t] = one["x_t"][0]
            for k in params:
                found[k] = found[k] + one[k]
        found["h_0"][n], found["c_0"][n] = d_h[0], d_c[0]
    return found


@lstm_backward.wrong(
    "The hidden state's gradient is not carried from step to step.",
    "h_t is also read by the gates of the next step. How does what they did get back to it?",
    see="lstm-backward-arrivals",
)
def backward_h_not_carried(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The cell state's gradient is not carried from step to step.",
    "c_t is also the old cell state of the next step. Which entry of what the step gives back is that?",
    see="lstm-backward-arrivals",
)
def backward_c_not_carried(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_x[:, t] = one["h_prev"], one["x_t"]
        d_c, last = np.zeros_like(d_c), one["c_prev"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": last}


@lstm_backward.wrong(
    "Every step gets the gradient that belongs to the last cell state.",
    "What arrives at c_t is what the step behind it hands back.",
    see="lstm-backward-arrivals",
)
def backward_same_c_every_step(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c_T, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "What comes to c_T from outside is left out.",
    "At the last step no step stands behind. Where does `d_c_T` come in?",
)
def backward_last_c_ignored(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), np.zeros_like(d_c_T), np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "What comes to c_T from outside is added at every step.",
    "From outside something comes to the last cell state alone. The others get what is handed back.",
)
def backward_last_c_added_at_every_step(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"] + d_c_T * (t > 0), one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "Only the last output's gradient goes in.",
    "Here every step has an output, and each brings a gradient.",
)
def backward_only_last_output(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t] * (t == x.shape[1] - 1)
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The gradients of the parameters are those of one step: each step overwrites them.",
    "All steps share the same parameters. What follows for their gradients?",
    see="gradients-sums",
)
def backward_overwritten(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The gradients of the parameters are averaged over time.",
    "The same weight is used at every step, and each use adds its share.",
    see="gradients-sums",
)
def backward_averaged_over_time(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] / x.shape[1] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The gradients of the parameters are averaged over the batch.",
    "The loss is a sum over the examples. Is its gradient a mean?",
    see="gradients-sums",
)
def backward_averaged_over_batch(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] / len(x) for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The steps are taken from the first to the last.",
    "The gradient runs against time.",
)
def backward_forward_in_time(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in range(x.shape[1]):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The gradient of an output is added one step too early in time.",
    "d_outputs[:, t] belongs to the state that step t makes: it must be there before you go through step t.",
)
def backward_added_after_the_step(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"] + d_outputs[:, t], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The first step is left out.",
    "A sequence of T steps is taken back in T steps.",
)
def backward_first_step_missing(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in range(x.shape[1] - 1, 0, -1):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The last step is left out.",
    "A sequence of T steps is taken back in T steps.",
)
def backward_last_step_missing(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1] - 1)):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The hidden state that a step reads is taken to be the one that it makes.",
    "h[:, 0] is the initial state. Which entry of h do the gates of step t read?",
)
def backward_h_one_too_late(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t + 1], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The cell states before and after a step have changed places.",
    "c[:, 0] is the initial state. Which two entries of c belong to x[:, t], and in which order?",
)
def backward_c_swapped(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t + 1], c[:, t], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The cell state after a step is taken to be the one before it.",
    "c[:, 0] is the initial state. Which entry of c does step t make?",
)
def backward_old_c_twice(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The gradients of the two states have changed places.",
    "Which of the two does `lstm_step_backward` expect first?",
)
def backward_arrivals_swapped(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_c, d_h, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "What a step hands back for h goes to c, and the other way round.",
    "Each of the two goes on along its own line.",
)
def backward_handed_on_crosswise(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_c, d_h, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_c, "c_0": d_h}


@lstm_backward.wrong(
    "The inputs' gradients stand in the order in which they were found, from the last step to the first.",
    "`x` at step t of the result belongs to x[:, t].",
)
def backward_x_turned_round(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x[:, ::-1], "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "Time is the first axis of the inputs' gradient.",
    "It has the shape of x.",
)
def backward_x_time_first(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x.swapaxes(0, 1), "h_0": d_h, "c_0": d_c}


@lstm_backward.wrong(
    "The gradients of the two initial states have changed places.",
    "Which of the two was carried along c?",
)
def backward_initial_states_swapped(
    d_outputs: Array, d_c_T: Array, x: Array, h: Array, c: Array, gates: Arrays, params: Arrays
) -> Arrays:
    d_h, d_c, d_x = np.zeros_like(d_c_T), d_c_T, np.zeros_like(x)
    total = {k: np.zeros_like(v) for k, v in params.items()}
    for t in reversed(range(x.shape[1])):
        g = {k: v[:, t] for k, v in gates.items()}
        d_h = d_h + d_outputs[:, t]
        one = lstm_step_backward(d_h, d_c, x[:, t], h[:, t], c[:, t], c[:, t + 1], g, params)
        d_h, d_c, d_x[:, t] = one["h_prev"], one["c_prev"], one["x_t"]
        total = {k: total[k] + one[k] for k in params}
    return {**total, "x": d_x, "h_0": d_c, "c_0": d_h}


# --- direct_path -----------------------------------------------------------------------------------------------------


@graded("lstm-backward-paths")
def direct_path(f: Array) -> Array:
    """What is left, at each step, of a gradient that comes to c_T and goes back along the cell state alone."""
    return np.stack([np.prod(f[:, t + 1 :], axis=1) for t in range(f.shape[1])], axis=1)


@direct_path.inputs(time=range(3, 7))
def draw_path(rng: np.random.Generator, batch: int, time: int, units: int) -> Inputs:
    return (rng.uniform(0.2, 0.95, size=(batch, time, units)),)


@direct_path.condition("a gate that is quite shut")
def draw_shut(rng: np.random.Generator, batch: int, time: int, units: int) -> Inputs:
    (f,) = draw_path(rng, batch, time, units)
    f[:, time // 2] = 0
    return (f,)


@direct_path.condition("all gates quite open")
def draw_open(rng: np.random.Generator, batch: int, time: int, units: int) -> Inputs:
    return (np.ones((batch, time, units)),)


@direct_path.right
def path_by_cumprod(f: Array) -> Array:
    later = np.concatenate([f[:, 1:], np.ones_like(f[:, :1])], axis=1)
    return np.flip(np.cumprod(np.flip(later, axis=1), axis=1), axis=1)


@direct_path.right
def path_step_by_step(f: Array) -> Array:
    left = np.ones(f.shape)
    for t in range(f.shape[1] - 2, -1, -1):
        left[:, t] = left[:, t + 1] * f[:, t + 1]
    return left


@direct_path.right
def path_in_a_list(f: Array) -> Array:
    later: list[Array] = [np.ones(f[:, 0].shape)]
    for t in range(f.shape[1] - 1, 0, -1):
        later = [later[0] * f[:, t], *later]
    return np.array(later).transpose(1, 0, 2)


@direct_path.wrong(
    "The gate of step t itself is in the product.",
    "Between c_t and the next cell state, which step's forget gate stands?",
    see="lstm-additive-path",
)
def path_own_gate_too(f: Array) -> Array:
    return np.stack([np.prod(f[:, t:], axis=1) for t in range(f.shape[1])], axis=1)


@direct_path.wrong(
    "The gate of the last step is missing from the products.",
    "From the last but one cell state to c_T there is one step. Which gate stands in it?",
    see="lstm-additive-path",
)
def path_last_gate_missing(f: Array) -> Array:
    return np.stack([np.prod(f[:, t + 1 : -1], axis=1) for t in range(f.shape[1])], axis=1)


@direct_path.wrong(
    "The products run from the first step on.",
    "The gradient starts at c_T. Which gates has it met when it comes to c_t?",
)
def path_from_the_start(f: Array) -> Array:
    return np.stack([np.prod(f[:, : t + 1], axis=1) for t in range(f.shape[1])], axis=1)


@direct_path.wrong(
    "The products are those of the gates before step t.",
    "The gradient starts at c_T. Which gates has it met when it comes to c_t?",
)
def path_of_earlier_gates(f: Array) -> Array:
    return np.stack([np.prod(f[:, :t], axis=1) for t in range(f.shape[1])], axis=1)


@direct_path.wrong(
    "The steps of the result stand from the last to the first.",
    "At index t of the result belongs what is left at c_t.",
)
def path_turned_round(f: Array) -> Array:
    return np.stack([np.prod(f[:, t + 1 :], axis=1) for t in reversed(range(f.shape[1]))], axis=1)


@direct_path.wrong(
    "The gates are added up.",
    "Each step takes a share of what arrives. Which operation does that?",
    see="lstm-additive-path",
)
def path_added(f: Array) -> Array:
    return np.stack([np.sum(f[:, t + 1 :], axis=1) for t in range(f.shape[1])], axis=1)


@direct_path.wrong(
    "You use 1 - f where f belongs.",
    "f = 1 keeps everything, forwards and backwards.",
    see="lstm-forget-gate",
)
def path_one_minus_gates(f: Array) -> Array:
    return np.stack([np.prod(1 - f[:, t + 1 :], axis=1) for t in range(f.shape[1])], axis=1)


@direct_path.wrong(
    "Each step has the factor of one gate only.",
    "From c_T back to c_t the gradient passes every step in between.",
    see="lstm-additive-path",
)
def path_of_one_gate(f: Array) -> Array:
    return np.concatenate([f[:, 1:], np.ones_like(f[:, :1])], axis=1)


@direct_path.wrong(
    "You take a power of the mean gate.",
    "Two gates of 0.5 leave a quarter. What do gates of 0 and 1 leave, whose mean is 0.5 as well?",
    see="lstm-additive-path",
)
def path_of_the_mean_gate(f: Array) -> Array:
    powers = [np.mean(f, axis=1) ** (f.shape[1] - 1 - t) for t in range(f.shape[1])]
    return np.stack(powers, axis=1)


@direct_path.wrong(
    "You divide one product by another: where a gate is quite shut, that is 0 / 0.",
    "Build the products up from the end, and nothing has to be divided out.",
)
def path_by_division(f: Array) -> Array:
    whole = np.cumprod(f, axis=1)
    return whole[:, -1:] / whole


@direct_path.wrong(
    "Nothing is left even at the last step.",
    "No step lies between c_T and itself: how much of its gradient is there?",
)
def path_starts_at_zero(f: Array) -> Array:
    return np.stack([np.prod(f[:, t + 1 :], axis=1) * (t + 1 < f.shape[1]) for t in range(f.shape[1])], axis=1)


@direct_path.wrong(
    "The result has no time axis: it is what is left at the first step.",
    "What is left is asked for at every step. The result has the shape of f.",
)
def path_to_the_first_step_only(f: Array) -> Array:
    return np.prod(f[:, 1:], axis=1)


@direct_path.wrong(
    "The products run over the units.",
    "Each unit of c has a line of its own. Which axis is time?",
)
def path_over_units(f: Array) -> Array:
    return np.stack([np.prod(f[:, :, k + 1 :], axis=2) for k in range(f.shape[2])], axis=2)


@direct_path.wrong(
    "The units share one number.",
    "Each unit of c has a line of its own, with gates of its own.",
    see="lstm-additive-path",
)
def path_averaged_over_units(f: Array) -> Array:
    found = np.stack([np.prod(f[:, t + 1 :], axis=1) for t in range(f.shape[1])], axis=1)
    return np.broadcast_to(found.mean(axis=2, keepdims=True), f.shape).copy()
