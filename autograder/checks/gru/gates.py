"""Checks of exercises/gru/gates.ipynb: The gates of a GRU, in both conventions.

Rows are examples: x_t (batch, inputs); h_prev, gates, candidate and state (batch, units); W (inputs, units), U (units,
units), biases (units,). Cho et al. (2014) for z and for the reset before the product, Chung et al. (2014) for the
other convention of z, keras/src/layers/rnn/gru.py (`reset_after=True`) for the reset after it.
"""

from __future__ import annotations

import numpy as np

from ...checking import ChoiceCheck, graded
from ...checking.drawing import Inputs
from ..families.mixture import mixture
from ..families.weighted_sum import far_from_zero, first_step, gate, terms, weighted_sum
from ..lstm.gates import sigmoid

Array = np.ndarray
Params = dict[str, Array]


# --- update_gate -----------------------------------------------------------------------------------------------------


@graded("gru-update-gate")
def update_gate(x_t: Array, h_prev: Array, W_z: Array, U_z: Array, b_z: Array) -> Array:
    return sigmoid(x_t @ W_z + h_prev @ U_z + b_z)


update_gate.inputs(terms)
update_gate.condition("h_prev is zero")(first_step)
update_gate.condition("sums far from zero")(far_from_zero)
update_gate.like(weighted_sum, activation=sigmoid, what="A gate")
update_gate.like(
    gate,
    activation=sigmoid,
    ends="Return the gate itself. Which of the two states gets z_t and which 1 - z_t is decided later.",
)


# --- reset_gate ------------------------------------------------------------------------------------------------------


@graded("gru-reset-gate")
def reset_gate(x_t: Array, h_prev: Array, W_r: Array, U_r: Array, b_r: Array) -> Array:
    return sigmoid(x_t @ W_r + h_prev @ U_r + b_r)


reset_gate.inputs(terms)
reset_gate.condition("h_prev is zero")(first_step)
reset_gate.condition("sums far from zero")(far_from_zero)
reset_gate.like(weighted_sum, activation=sigmoid, what="A gate")
reset_gate.like(
    gate,
    activation=sigmoid,
    ends="In spite of its name, r_t = 1 resets nothing: the candidate then sees all of the old state.",
)


# --- candidate_reset_before ------------------------------------------------------------------------------------------


@graded("gru-candidate")
def candidate_reset_before(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + (r_t * h_prev) @ U_h + b_h)


@candidate_reset_before.inputs
def draw_before(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    x_t, h_prev, W, U, b = terms(rng, batch, inputs, units)
    return (x_t, h_prev, rng.uniform(0.1, 0.9, size=h_prev.shape), W, U, b)


@candidate_reset_before.condition("h_prev is zero")
def before_first_step(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    x_t, h_prev, *others = draw_before(rng, batch, inputs, units)
    return (x_t, 0 * h_prev, *others)


@candidate_reset_before.condition("reset gates at 0 and at 1")
def before_gates_at_their_ends(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    x_t, h_prev, r_t, *weights = draw_before(rng, batch, inputs, units)
    return (x_t, h_prev, np.where(np.arange(units) % 2, 1.0, 0 * r_t), *weights)


@candidate_reset_before.condition("sums far from zero")
def before_far_from_zero(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    *others, b_h = draw_before(rng, batch, inputs, units)
    return (*others, b_h + np.where(np.arange(units) % 2, 800.0, -800.0))


@candidate_reset_before.right
def before_by_einsum(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(np.einsum("bi,iu->bu", x_t, W_h) + np.einsum("bj,ju->bu", r_t * h_prev, U_h) + b_h)


@candidate_reset_before.right
def before_by_concatenation(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    both = np.concatenate([x_t, h_prev * r_t], axis=1)
    return np.tanh(both @ np.concatenate([W_h, U_h], axis=0) + b_h)


@candidate_reset_before.right
def before_one_example_at_a_time(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    rows = [np.tanh(W_h.T @ x + U_h.T @ seen + b_h) for x, seen in zip(x_t, r_t * h_prev)]
    return np.array(rows, dtype="float32")


@candidate_reset_before.wrong(
    "The reset gate has no effect: this is the candidate of a simple GRU.",
    "How much of the old state the candidate sees is for r_t to say.",
    see="gru-reset-gate",
)
def before_without_reset(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + h_prev @ U_h + b_h)


@candidate_reset_before.wrong(
    "You reset after the product with U_h.",
    "Here the old state is reset first, and U_h mixes what is left of it.",
    see="gru-reset-placement",
)
def before_reset_after_product(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + r_t * (h_prev @ U_h) + b_h)


@candidate_reset_before.wrong(
    "The reset gate acts on the input.",
    "The input is never reset: which of the two products speaks of the past?",
    see="gru-reset-gate",
)
def before_reset_on_input(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(r_t * (x_t @ W_h) + h_prev @ U_h + b_h)


@candidate_reset_before.wrong(
    "The reset gate acts on the whole sum.",
    "Only what comes from the old state is reset; the input and the bias are not.",
    see="gru-reset-gate",
)
def before_reset_on_sum(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(r_t * (x_t @ W_h + h_prev @ U_h + b_h))


@candidate_reset_before.wrong(
    "The reset gate acts on the finished candidate.",
    "The reset gate decides what the candidate is made from, so it acts inside the tanh.",
    see="gru-reset-gate",
)
def before_reset_on_candidate(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return r_t * np.tanh(x_t @ W_h + h_prev @ U_h + b_h)


@candidate_reset_before.wrong(
    "The old state is multiplied by 1 - r_t.",
    "In spite of its name, r_t = 1 keeps the old state in view.",
    see="gru-reset-gate",
)
def before_one_minus_reset(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + ((1 - r_t) * h_prev) @ U_h + b_h)


@candidate_reset_before.wrong(
    "U_h multiplies the reset gate alone: h_prev has no effect.", "The gate is a share of something. Of what?"
)
def before_reset_for_state(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + r_t @ U_h + b_h)


@candidate_reset_before.wrong(
    "The reset gate is added to the old state.",
    "A gate takes a share of something: which operation does that?",
    see="gru-reset-gate",
)
def before_reset_added(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + (r_t + h_prev) @ U_h + b_h)


@candidate_reset_before.wrong(
    "The old state has no effect.", "The candidate looks at x_t and at what the reset gate lets through of h_prev."
)
def before_no_state(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + b_h)


@candidate_reset_before.wrong("The input x_t has no effect.", "Where does W_h come in?")
def before_no_input(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh((r_t * h_prev) @ U_h + b_h)


@candidate_reset_before.wrong("The bias is missing.", "Add b_h once.")
def before_no_bias(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + (r_t * h_prev) @ U_h)


@candidate_reset_before.wrong(
    "You apply a sigmoid where the candidate needs a tanh.", "The candidate is content, not a gate: it may be negative."
)
def before_sigmoid(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return sigmoid(x_t @ W_h + (r_t * h_prev) @ U_h + b_h)


@candidate_reset_before.wrong(
    "The tanh is missing, so the candidate is not bounded.", "Pass the whole sum through the tanh."
)
def before_no_activation(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return x_t @ W_h + (r_t * h_prev) @ U_h + b_h


@candidate_reset_before.wrong(
    "The recurrent kernel is transposed.",
    "Rows are examples here: U_h stands on the right as it is.",
    see="lstm-matrix-product",
)
def before_transposed(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + (r_t * h_prev) @ U_h.T + b_h)


@candidate_reset_before.wrong(
    "The bias is added twice.", "There is one bias for both products: add it once to their sum."
)
def before_bias_twice(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + b_h + (r_t * h_prev) @ U_h + b_h)


@candidate_reset_before.wrong("The bias is added after the tanh.", "The bias belongs inside the tanh.")
def before_bias_outside(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + (r_t * h_prev) @ U_h) + b_h


@candidate_reset_before.wrong(
    "The old state and U_h are multiplied elementwise.",
    "Every unit sees every unit of the old state: use a matrix product.",
    see="lstm-matrix-product",
)
def before_elementwise_state(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + r_t * h_prev * U_h + b_h)


@candidate_reset_before.wrong(
    "Only the diagonal of U_h is used, as in an elementwise product.",
    "Every unit sees every unit of the old state: use a matrix product.",
    see="lstm-matrix-product",
)
def before_diagonal(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + r_t * h_prev * np.diag(U_h) + b_h)


@candidate_reset_before.wrong(
    "The reset gate acts on the old state before the product and on the result once more.",
    "How often does r_t stand in the formula?",
    see="gru-reset-placement",
)
def before_reset_twice(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.tanh(x_t @ W_h + r_t * ((r_t * h_prev) @ U_h) + b_h)


@candidate_reset_before.wrong(
    "Axes of length 1 are dropped from the result.",
    "A batch of one example is still a batch, and one unit is still an axis.",
)
def before_axes_dropped(x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array) -> Array:
    return np.squeeze(np.tanh(x_t @ W_h + (r_t * h_prev) @ U_h + b_h))


# --- candidate_reset_after -------------------------------------------------------------------------------------------


@graded("gru-reset-placement")
def candidate_reset_after(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t * (h_prev @ U_h + b_recurrent))


@candidate_reset_after.inputs
def draw_after(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    # The two biases point apart, so that exchanging them or resetting the wrong one shows.
    return (*draw_before(rng, batch, inputs, units), rng.normal(size=units) - 0.5)


@candidate_reset_after.condition("h_prev is zero")
def after_first_step(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    return (*before_first_step(rng, batch, inputs, units), rng.normal(size=units) - 0.5)


@candidate_reset_after.condition("reset gates at 0 and at 1")
def after_gates_at_their_ends(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    return (*before_gates_at_their_ends(rng, batch, inputs, units), rng.normal(size=units) - 0.5)


@candidate_reset_after.condition("sums far from zero")
def after_far_from_zero(rng: np.random.Generator, batch: int, inputs: int, units: int) -> Inputs:
    return (*before_far_from_zero(rng, batch, inputs, units), rng.normal(size=units) - 0.5)


@candidate_reset_after.right
def after_by_einsum(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    from_state = np.einsum("bu,bj,ju->bu", r_t, h_prev, U_h) + np.einsum("bu,u->bu", r_t, b_recurrent)
    return np.tanh(from_state + np.einsum("bi,iu->bu", x_t, W_h) + b_h)


@candidate_reset_after.right
def after_one_example_at_a_time(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    rows = [np.tanh(b_h + W_h.T @ x + r * (b_recurrent + U_h.T @ h)) for x, h, r in zip(x_t, h_prev, r_t)]
    return np.stack(rows).astype("float32")


@candidate_reset_after.right
def after_multiplied_out(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    a = r_t * b_recurrent + np.dot(x_t, W_h)
    return 2 * sigmoid(2 * (a + r_t * np.dot(h_prev, U_h) + b_h)) - 1


@candidate_reset_after.wrong(
    "You reset before the product with U_h.",
    "Here U_h comes first; the gate then takes a share of what U_h has made of the old state.",
)
def after_reset_before_product(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + (r_t * h_prev) @ U_h + b_recurrent)


@candidate_reset_after.wrong(
    "b_recurrent is added outside the reset.", "This bias belongs to the recurrent part. Where does that part end?"
)
def after_recurrent_bias_not_reset(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t * (h_prev @ U_h) + b_recurrent)


@candidate_reset_after.wrong(
    "Both biases are multiplied by the reset gate.", "One bias belongs to the input's part, which is never reset."
)
def after_both_biases_reset(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + r_t * (h_prev @ U_h + b_h + b_recurrent))


@candidate_reset_after.wrong(
    "The two biases have changed places.", "Which of them goes with the input, which with the old state?"
)
def after_biases_swapped(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_recurrent + r_t * (h_prev @ U_h + b_h))


@candidate_reset_after.wrong("b_recurrent is missing.", "This form has two biases. Both are needed.")
def after_no_recurrent_bias(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t * (h_prev @ U_h))


@candidate_reset_after.wrong("b_h is missing.", "This form has two biases. Both are needed.")
def after_no_input_bias(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + r_t * (h_prev @ U_h + b_recurrent))


@candidate_reset_after.wrong(
    "The reset gate has no effect: this is the candidate of a simple GRU.",
    "How much of the old state the candidate sees is for r_t to say.",
    see="gru-reset-gate",
)
def after_without_reset(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + h_prev @ U_h + b_recurrent)


@candidate_reset_after.wrong(
    "The reset gate acts on the input's part.",
    "The input is never reset: which of the two parts speaks of the past?",
    see="gru-reset-gate",
)
def after_reset_on_input(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(r_t * (x_t @ W_h + b_h) + h_prev @ U_h + b_recurrent)


@candidate_reset_after.wrong(
    "The reset gate acts on the whole sum.", "Only what comes from the old state is reset.", see="gru-reset-gate"
)
def after_reset_on_sum(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(r_t * (x_t @ W_h + b_h + h_prev @ U_h + b_recurrent))


@candidate_reset_after.wrong(
    "The reset gate acts on the finished candidate.",
    "The reset gate decides what the candidate is made from, so it acts inside the tanh.",
    see="gru-reset-gate",
)
def after_reset_on_candidate(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return r_t * np.tanh(x_t @ W_h + b_h + h_prev @ U_h + b_recurrent)


@candidate_reset_after.wrong(
    "The recurrent part is multiplied by 1 - r_t.",
    "In spite of its name, r_t = 1 keeps the old state in view.",
    see="gru-reset-gate",
)
def after_one_minus_reset(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + (1 - r_t) * (h_prev @ U_h + b_recurrent))


@candidate_reset_after.wrong("The input x_t has no effect.", "Where does W_h come in?", see="gru-candidate")
def after_no_input(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(b_h + r_t * (h_prev @ U_h + b_recurrent))


@candidate_reset_after.wrong(
    "You apply a sigmoid where the candidate needs a tanh.",
    "The candidate is content, not a gate: it may be negative.",
    see="gru-candidate",
)
def after_sigmoid(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return sigmoid(x_t @ W_h + b_h + r_t * (h_prev @ U_h + b_recurrent))


@candidate_reset_after.wrong(
    "The tanh is missing, so the candidate is not bounded.", "Pass the whole sum through the tanh.", see="gru-candidate"
)
def after_no_activation(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return x_t @ W_h + b_h + r_t * (h_prev @ U_h + b_recurrent)


@candidate_reset_after.wrong(
    "The recurrent kernel is transposed.",
    "Rows are examples here: U_h stands on the right as it is.",
    see="lstm-matrix-product",
)
def after_transposed(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t * (h_prev @ U_h.T + b_recurrent))


@candidate_reset_after.wrong(
    "Only the diagonal of U_h is used, as in an elementwise product.",
    "Every unit sees every unit of the old state: use a matrix product.",
    see="lstm-matrix-product",
)
def after_diagonal(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t * (h_prev * np.diag(U_h) + b_recurrent))


@candidate_reset_after.wrong(
    "The old state and U_h are multiplied elementwise.",
    "Every unit sees every unit of the old state: use a matrix product.",
    see="lstm-matrix-product",
)
def after_elementwise_state(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t * (h_prev * U_h + b_recurrent))


@candidate_reset_after.wrong("The biases are missing.", "This form has two biases. Both are needed.")
def after_no_biases(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + r_t * (h_prev @ U_h))


@candidate_reset_after.wrong("b_h is added after the tanh.", "Both biases belong inside the tanh.")
def after_bias_outside(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + r_t * (h_prev @ U_h + b_recurrent)) + b_h


@candidate_reset_after.wrong("The old state has no effect.", "What does the reset gate take its share of?")
def after_no_state(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t * b_recurrent)


@candidate_reset_after.wrong(
    "The reset gate is added to the recurrent part.",
    "A gate takes a share of something: which operation does that?",
    see="gru-reset-gate",
)
def after_reset_added(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t + h_prev @ U_h + b_recurrent)


@candidate_reset_after.wrong(
    "The old state is reset before the product, and the result once more.", "How often does r_t stand in the formula?"
)
def after_reset_twice(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.tanh(x_t @ W_h + b_h + r_t * ((r_t * h_prev) @ U_h + b_recurrent))


@candidate_reset_after.wrong(
    "Axes of length 1 are dropped from the result.",
    "A batch of one example is still a batch, and one unit is still an axis.",
)
def after_axes_dropped(
    x_t: Array, h_prev: Array, r_t: Array, W_h: Array, U_h: Array, b_h: Array, b_recurrent: Array
) -> Array:
    return np.squeeze(np.tanh(x_t @ W_h + b_h + r_t * (h_prev @ U_h + b_recurrent)))


# --- new_state_keras -------------------------------------------------------------------------------------------------


def draw_state(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    size = (batch, units)
    h_prev, h_tilde = rng.uniform(-0.9, 0.9, size=(2, *size))
    return (h_prev, rng.uniform(0.1, 0.9, size=size), h_tilde)


def update_gates_at_their_ends(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    h_prev, z_t, h_tilde = draw_state(rng, batch, units)
    return (h_prev, np.where(np.arange(units) % 2, 1.0, 0 * z_t), h_tilde)


def nothing_to_keep(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    h_prev, z_t, h_tilde = draw_state(rng, batch, units)
    return (0 * h_prev, z_t, h_tilde)


def beyond_one(rng: np.random.Generator, batch: int, units: int) -> Inputs:
    """A mixture bounds nothing: an initial state that somebody gives may be as large as it likes."""
    h_prev, z_t, h_tilde = draw_state(rng, batch, units)
    return (h_prev + np.where(np.arange(units) % 2, 8.0, -8.0), z_t, h_tilde)


@graded("gru-new-state")
def new_state_keras(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    """Cho et al. (2014), Keras and PyTorch: z is the share that is kept."""
    return z_t * h_prev + (1 - z_t) * h_tilde


new_state_keras.inputs(draw_state)
new_state_keras.condition("update gates at 0 and at 1")(update_gates_at_their_ends)
new_state_keras.condition("h_prev is zero")(nothing_to_keep)
new_state_keras.condition("an old state beyond 1")(beyond_one)


@new_state_keras.right
def keras_as_a_move(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return h_tilde + z_t * (h_prev - h_tilde)


@new_state_keras.right
def keras_in_loops(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    rows = [[z * h + (1 - z) * g for h, z, g in zip(*row)] for row in zip(h_prev, z_t, h_tilde)]
    return np.array(rows, dtype="float32")


@new_state_keras.right
def keras_multiplied_out(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return h_prev - h_prev * (1 - z_t) + h_tilde - h_tilde * z_t


@new_state_keras.wrong(
    "This is the other convention: here z_t = 1 would write the candidate.",
    "In Keras, what does a unit with z_t = 1 do with its old state?",
    see="gru-z-conventions",
)
def chung_for_keras(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return (1 - z_t) * h_prev + z_t * h_tilde


@new_state_keras.wrong(
    "A pair of parentheses is missing around 1 - z_t, so 1 itself is added.",
    "Products come before differences: what does Python multiply here?",
)
def keras_parentheses_forgotten(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return z_t * h_prev + 1 - z_t * h_tilde


new_state_keras.like(mixture, keeps=True)


# --- new_state_chung -------------------------------------------------------------------------------------------------


@graded("gru-z-conventions")
def new_state_chung(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    """Chung et al. (2014): z is the share that is written."""
    return (1 - z_t) * h_prev + z_t * h_tilde


new_state_chung.inputs(draw_state)
new_state_chung.condition("update gates at 0 and at 1")(update_gates_at_their_ends)
new_state_chung.condition("h_prev is zero")(nothing_to_keep)
new_state_chung.condition("an old state beyond 1")(beyond_one)


@new_state_chung.right
def chung_as_a_move(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return h_prev + z_t * (h_tilde - h_prev)


@new_state_chung.right
def chung_in_loops(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    rows = [[(1 - z) * h + z * g for h, z, g in zip(*row)] for row in zip(h_prev, z_t, h_tilde)]
    return np.array(rows, dtype="float32")


@new_state_chung.right
def chung_multiplied_out(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return h_prev - z_t * h_prev + z_t * h_tilde


@new_state_chung.wrong(
    "This is Keras's convention: here z_t = 1 would keep the old state.",
    "For Chung et al., what does a unit with z_t = 1 do with its old state?",
)
def keras_for_chung(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return z_t * h_prev + (1 - z_t) * h_tilde


@new_state_chung.wrong(
    "A pair of parentheses is missing around 1 - z_t, so 1 itself is added.",
    "Products come before differences: what does Python multiply here?",
    see="gru-new-state",
)
def chung_parentheses_forgotten(h_prev: Array, z_t: Array, h_tilde: Array) -> Array:
    return 1 - z_t * h_prev + z_t * h_tilde


new_state_chung.like(mixture, keeps=False, see="gru-new-state")


# --- update_gate_near_one --------------------------------------------------------------------------------------------

update_gate_near_one = ChoiceCheck(
    "update_gate_near_one",
    "C",
    {
        "A": "True in Keras's convention, but not in both: set z_t = 1 in each of your two functions.",
        "B": "True in Chung's convention, but not in both: set z_t = 1 in each of your two functions.",
        "C": "In each convention one of the two shares is 1 and the other 0, but not the same one. Before you read "
        "what a gate does in a paper, look at its equation.",
        "D": "You have the two the wrong way round: set z_t = 1 in each of your two functions.",
    },
    "gru-z-conventions",
)


# --- reset_gate_at_zero ----------------------------------------------------------------------------------------------

reset_gate_at_zero = ChoiceCheck(
    "reset_gate_at_zero",
    "B",
    {
        "A": "The reset gate acts inside the candidate only. How much of the old state is in h_t, the update gate "
        "says.",
        "B": "With r_t = 0 both forms are left with the input and b_h. The old state can still reach h_t by the other "
        "way, through the update gate.",
        "C": "Put r_t = 0 into both equations: what does it multiply in each, and is anything of h_prev left?",
        "D": "To copy the old state is the update gate's work. With r_t = 0 there is still a candidate.",
    },
    "gru-reset-gate",
)


# --- convert_update_gate ---------------------------------------------------------------------------------------------


@graded("gru-z-conventions")
def convert_update_gate(params: Params) -> Params:
    """1 − σ(a) = σ(−a), so the update gate's three arrays change sign and nothing else does."""
    return {name: -array if name.endswith("_z") else array.copy() for name, array in params.items()}


def draw_nine(rng: np.random.Generator, inputs: int, units: int) -> Params:
    shapes = {"W": (inputs, units), "U": (units, units), "b": (units,)}
    return {f"{kind}_{gate}": rng.normal(scale=0.8, size=shape) for gate in "zrh" for kind, shape in shapes.items()}


@convert_update_gate.inputs
def draw_convert(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (draw_nine(rng, inputs, units),)


@convert_update_gate.condition("the entries of params in another order")
def another_order(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    params = draw_nine(rng, inputs, units)
    return ({name: params[name] for name in sorted(params)},)


@convert_update_gate.condition("biases of zero")
def zero_biases(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    params = draw_nine(rng, inputs, units)
    return ({name: 0 * array if name.startswith("b_") else array for name, array in params.items()},)


@convert_update_gate.right
def convert_in_a_loop(params: Params) -> Params:
    converted = {}
    for name in sorted(params):
        array = np.array(params[name], dtype="float32")
        if name[-1] == "z":
            array *= -1
        converted[name] = array
    return converted


@convert_update_gate.right
def convert_by_copy(params: Params) -> Params:
    converted = dict(params)
    for name in ("W_z", "U_z", "b_z"):
        converted[name] = np.negative(params[name])
    return converted


@convert_update_gate.right
def convert_by_union(params: Params) -> Params:
    return params | {kind + "_z": 0.0 - params[kind + "_z"] for kind in "WUb"}


@convert_update_gate.wrong(
    "Nothing is changed.", "The same weights give the same z_t, but the other convention needs 1 - z_t there."
)
def convert_nothing(params: Params) -> Params:
    return dict(params)


@convert_update_gate.wrong(
    "Only the bias of the update gate is changed.",
    "The sigmoid's argument is a sum of three terms. The sign of all of it has to change.",
)
def convert_bias_only(params: Params) -> Params:
    return {**params, "b_z": -params["b_z"]}


@convert_update_gate.wrong(
    "The bias of the update gate is left as it was.",
    "The sigmoid's argument is a sum of three terms. The sign of all of it has to change.",
)
def convert_kernels_only(params: Params) -> Params:
    return {**params, "W_z": -params["W_z"], "U_z": -params["U_z"]}


@convert_update_gate.wrong(
    "The recurrent kernel of the update gate is left as it was.",
    "The sigmoid's argument is a sum of three terms. The sign of all of it has to change.",
)
def convert_input_side_only(params: Params) -> Params:
    return {**params, "W_z": -params["W_z"], "b_z": -params["b_z"]}


@convert_update_gate.wrong(
    "All the arrays are changed.",
    "The conventions differ in the update gate alone. The reset gate and the candidate are the same.",
)
def convert_every_array(params: Params) -> Params:
    return {name: -array for name, array in params.items()}


@convert_update_gate.wrong("The reset gate is changed.", "Which of the two gates do the conventions read differently?")
def convert_reset_gate(params: Params) -> Params:
    return {**params, "W_r": -params["W_r"], "U_r": -params["U_r"], "b_r": -params["b_r"]}


@convert_update_gate.wrong(
    "The candidate is changed.", "The candidate is the same in both conventions; what differs is the share it gets."
)
def convert_candidate(params: Params) -> Params:
    return {**params, "W_h": -params["W_h"], "U_h": -params["U_h"], "b_h": -params["b_h"]}


@convert_update_gate.wrong("Both gates are changed.", "The reset gate means the same in both conventions.")
def convert_both_gates(params: Params) -> Params:
    return {name: array if name.endswith("h") else -array for name, array in params.items()}


@convert_update_gate.wrong(
    "You take one minus each weight.",
    "It is the gate that has to become 1 - z_t, not its weights. What must happen to a in σ(a)?",
)
def convert_one_minus_weights(params: Params) -> Params:
    return {**params, "W_z": 1 - params["W_z"], "U_z": 1 - params["U_z"], "b_z": 1 - params["b_z"]}


@convert_update_gate.wrong(
    "The two gates have changed places.", "Each gate keeps its part. Only what z_t = 1 means is different."
)
def convert_gates_exchanged(params: Params) -> Params:
    return {name: params[name[:2] + {"z": "r", "r": "z", "h": "h"}[name[2]]] for name in params}


@convert_update_gate.wrong(
    "The kernel W_z of the update gate is left as it was.",
    "The sigmoid's argument is a sum of three terms. The sign of all of it has to change.",
)
def convert_recurrent_side_only(params: Params) -> Params:
    return {**params, "U_z": -params["U_z"], "b_z": -params["b_z"]}


@convert_update_gate.wrong(
    "You take the inverse of each weight.",
    "It is the gate that has to become 1 - z_t. What must happen to a in σ(a)?",
)
def convert_reciprocals(params: Params) -> Params:
    return {**params, "W_z": 1 / params["W_z"], "U_z": 1 / params["U_z"], "b_z": 1 / params["b_z"]}


@convert_update_gate.wrong(
    "You pass the weights through a sigmoid.",
    "It is the gate that has to become 1 - z_t. What must happen to a, before the sigmoid?",
)
def convert_sigmoid_of_weights(params: Params) -> Params:
    return {name: 1 - sigmoid(array) if name.endswith("_z") else array for name, array in params.items()}


@convert_update_gate.wrong(
    "The kernels of the update gate are transposed.", "Their shapes stay as they are: what changes is the sign."
)
def convert_transposed(params: Params) -> Params:
    return {name: -array.T if name.endswith("_z") else array for name, array in params.items()}


@convert_update_gate.wrong(
    "Only the update gate's arrays are returned.", "The new dictionary has the same nine keys as the old one."
)
def convert_three_arrays(params: Params) -> Params:
    return {name: -array for name, array in params.items() if name.endswith("_z")}
