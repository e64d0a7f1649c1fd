"""Checks of exercises/rnn/keras.ipynb: Keras's SimpleRNN, with your weights.

x (batch, time, inputs), h_0 (batch, units), W or kernel (inputs, units), U or recurrent_kernel (units, units), b or
bias (units,); in PyTorch's layout W_ih (units, inputs), W_hh (units, units), b_ih and b_hh (units,). Sizes and counts
are ints. Keras: keras/src/layers/rnn/simple_rnn.py. PyTorch: the documentation of torch.nn.RNN.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from ..families.parameter_count import parameter_count
from .step import draw_from_zero, draw_sequence, rnn_sequence

Array = np.ndarray


# --- count_rnn_parameters --------------------------------------------------------------------------------------------


@graded("rnn-parameters", exact_type=int, rtol=0, atol=0)
def count_rnn_parameters(inputs: int, units: int) -> int:
    """The entries of W, U and b."""
    return inputs * units + units * units + units


@count_rnn_parameters.inputs(inputs=range(2, 60), units=range(2, 60))
def draw_count(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return inputs, units


@count_rnn_parameters.right
def count_by_arrays(inputs: int, units: int) -> int:
    return sum(np.empty(shape).size for shape in ((inputs, units), (units, units), (units,)))


count_rnn_parameters.like(parameter_count, blocks=1, block="layer", layer="a SimpleRNN")


@count_rnn_parameters.wrong(
    "Two biases a unit are counted.", "PyTorch has two. Keras's SimpleRNN adds up its two products and one bias."
)
def count_two_biases(inputs: int, units: int) -> int:
    return (inputs + units + 2) * units


@count_rnn_parameters.wrong("This is the count of an LSTM.", "A simple recurrent layer has no gates.")
def count_four_gates(inputs: int, units: int) -> int:
    return 4 * (inputs + units + 1) * units


@count_rnn_parameters.wrong("This is the count of a GRU.", "A simple recurrent layer has no gates.")
def count_three_blocks(inputs: int, units: int) -> int:
    return 3 * (inputs + units + 1) * units


@count_rnn_parameters.wrong("W and U are multiplied, not added.", "Three arrays: count the numbers in each.")
def count_product(inputs: int, units: int) -> int:
    return inputs * units * units * units + units


# --- count_model_parameters ------------------------------------------------------------------------------------------


@graded("rnn-parameters", exact_type=int, rtol=0, atol=0)
def count_model_parameters(
    vocabulary: int,
    embedding: int,
    units: int,
    outputs: int,
    time: int,
    *,
    count_rnn_parameters: Callable[..., Any] = count_rnn_parameters,
) -> Any:
    """Embedding -> SimpleRNN -> Dense. The weights are shared by all time steps, so `time` does not matter."""
    return vocabulary * embedding + count_rnn_parameters(embedding, units) + units * outputs + outputs


# Every range holds 2 to 6, so that all sizes can also be equal.
@count_model_parameters.inputs(
    vocabulary=range(2, 900), embedding=range(2, 50), units=range(2, 50), outputs=range(2, 50), time=range(2, 99)
)
def draw_model(
    rng: np.random.Generator, vocabulary: int, embedding: int, units: int, outputs: int, time: int
) -> Inputs:
    return vocabulary, embedding, units, outputs, time


@count_model_parameters.right
def model_by_arrays(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    shapes = [(vocabulary, embedding), (embedding, units), (units, units), (units,), (units, outputs), (outputs,)]
    return int(sum(np.prod(shape) for shape in shapes))


@count_model_parameters.right
def model_by_layers(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    layers = {"embedding": vocabulary * embedding}
    layers["rnn"] = units * (embedding + units + 1)
    layers["dense"] = (units + 1) * outputs
    return sum(layers.values())


@count_model_parameters.right
def model_by_a_loop(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    total = embedding * vocabulary
    for rows, columns in [(embedding + units + 1, units), (units + 1, outputs)]:
        total += rows * columns
    return total


@count_model_parameters.wrong(
    "The recurrent layer's parameters are counted once for each time step.",
    "Unrolling draws the layer many times. How many sets of weights are there?",
    see="rnn-shared-weights",
)
def model_times_time(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return vocabulary * embedding + time * (embedding + units + 1) * units + (units + 1) * outputs


@count_model_parameters.wrong(
    "The recurrent layer's and the Dense layer's parameters are counted once for each time step.",
    "Unrolling draws a layer many times. How many sets of weights are there?",
    see="rnn-shared-weights",
)
def model_all_times_time(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return vocabulary * embedding + time * ((embedding + units + 1) * units + (units + 1) * outputs)


@count_model_parameters.wrong(
    "The Dense layer is counted as if it saw the states of all time steps at once.",
    "SimpleRNN hands on its last state here: how many numbers are that?",
)
def model_flattened_before_dense(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return vocabulary * embedding + (embedding + units + 1) * units + (time * units + 1) * outputs


@count_model_parameters.wrong(
    "The embedding is counted once for each time step.",
    "All positions look up the same table.",
    see="rnn-shared-weights",
)
def model_embedding_per_position(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return vocabulary * embedding * time + (embedding + units + 1) * units + (units + 1) * outputs


@count_model_parameters.wrong(
    "The embedding is counted with a bias.", "An embedding is a table: one row for each word, and nothing else."
)
def model_embedding_with_bias(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return (vocabulary + 1) * embedding + (embedding + units + 1) * units + (units + 1) * outputs


@count_model_parameters.wrong("The embedding is not counted.", "The table of word vectors is learnt too.")
def model_without_embedding(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return (embedding + units + 1) * units + (units + 1) * outputs


@count_model_parameters.wrong(
    "The recurrent layer is counted as if words reached it one-hot.",
    "What it reads are word vectors. How long are they?",
)
def model_one_hot_inputs(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return vocabulary * embedding + (vocabulary + units + 1) * units + (units + 1) * outputs


@count_model_parameters.wrong("The Dense layer's biases are not counted.", "Each output has one.")
def model_dense_without_bias(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return vocabulary * embedding + (embedding + units + 1) * units + units * outputs


@count_model_parameters.wrong("The Dense layer is not counted.", "Three layers, three counts.")
def model_without_dense(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return vocabulary * embedding + (embedding + units + 1) * units


@count_model_parameters.wrong("The recurrent layer is not counted.", "Three layers, three counts.")
def model_without_recurrent(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return vocabulary * embedding + (units + 1) * outputs


@count_model_parameters.wrong("The recurrent layer's biases are not counted.", "Each unit has one.")
def model_recurrent_without_bias(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return vocabulary * embedding + (embedding + units) * units + (units + 1) * outputs


@count_model_parameters.wrong(
    "The embedding is counted as if each vector had as many numbers as there are units.",
    "A row of the table is one word vector. How long is it?",
)
def model_embedding_of_units(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return vocabulary * units + (embedding + units + 1) * units + (units + 1) * outputs


@count_model_parameters.wrong(
    "The Dense layer is counted as if it read the word vectors.", "What does SimpleRNN hand on, and how long is it?"
)
def model_dense_on_embedding(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return vocabulary * embedding + (embedding + units + 1) * units + (embedding + 1) * outputs


@count_model_parameters.wrong(
    "The embedding is counted as if it read whole sentences.",
    "The table has a row for each word of the vocabulary, however long a sentence is.",
)
def model_embedding_of_time(vocabulary: int, embedding: int, units: int, outputs: int, time: int) -> int:
    return time * embedding + (embedding + units + 1) * units + (units + 1) * outputs


# --- largest_units ---------------------------------------------------------------------------------------------------


@graded("rnn-parameters", exact_type=int, rtol=0, atol=0)
def largest_units(inputs: int, budget: int, *, count_rnn_parameters: Callable[..., Any] = count_rnn_parameters) -> int:
    """The largest number of units whose parameters fit the budget; every unit has one parameter at least."""
    sizes = range(1, budget + 1)
    return bisect.bisect_right(sizes, budget, key=lambda units: count_rnn_parameters(inputs, units))


@largest_units.inputs(inputs=range(2, 20))
def draw_budget(rng: np.random.Generator, inputs: int) -> Inputs:
    """Budgets that many numbers of units fit alike, as many parameters as squares."""
    return inputs, int(rng.uniform(25, 140) ** 2)


@largest_units.condition("a budget that is used up exactly")
def draw_exact_budget(rng: np.random.Generator, inputs: int) -> Inputs:
    return inputs, count_rnn_parameters(inputs, int(rng.integers(5, 40)))


@largest_units.condition("a budget that is one short of another unit")
def draw_short_budget(rng: np.random.Generator, inputs: int) -> Inputs:
    return inputs, count_rnn_parameters(inputs, int(rng.integers(5, 40))) - 1


@largest_units.condition("a budget that is short of another unit's weights")
def draw_budget_beyond_the_middle(rng: np.random.Generator, inputs: int) -> Inputs:
    more = int(rng.integers(6, 40))
    return inputs, more * (inputs + more) - 1


@largest_units.condition("a budget for one unit exactly")
def draw_least_budget(rng: np.random.Generator, inputs: int) -> Inputs:
    return inputs, count_rnn_parameters(inputs, 1)


@largest_units.condition("one input, and the budget used up")
def draw_narrow_budget(rng: np.random.Generator) -> Inputs:
    return 1, count_rnn_parameters(1, int(rng.integers(5, 40)))


@largest_units.condition("a large budget")
def draw_large_budget(rng: np.random.Generator, inputs: int) -> Inputs:
    return inputs, int(rng.integers(1_100_000, 1_300_000))


@largest_units.right
def largest_by_formula(inputs: int, budget: int) -> int:
    p = inputs + 1
    return int((np.sqrt(p * p + 4.0 * budget) - p) // 2)


@largest_units.right
def largest_by_bisection(inputs: int, budget: int) -> int:
    low, high = 1, budget
    while high - low > 1:
        middle = (low + high) // 2
        if (inputs + 1) * middle + middle**2 <= budget:
            low = middle
        else:
            high = middle
    return low


@largest_units.right
def largest_from_above(inputs: int, budget: int) -> int:
    sizes = np.arange(1, int(np.sqrt(budget)) + 1)
    return int(sizes[sizes * (inputs + sizes + 1) <= budget].max())


@largest_units.wrong(
    "This is the first number of units that no longer fits.",
    "When your search stops, is the last candidate still within the budget?",
)
def largest_one_too_many(inputs: int, budget: int) -> int:
    units = 1
    while units * (inputs + units + 1) <= budget:
        units += 1
    return units


@largest_units.wrong(
    "A number of units that uses up the budget exactly is refused.", "At most the budget: is that < or <=?"
)
def largest_strictly_below(inputs: int, budget: int) -> int:
    units = 1
    while (units + 1) * (inputs + units + 2) < budget:
        units += 1
    return units


@largest_units.wrong(
    "The number of units is rounded to the nearest, and so it is sometimes over the budget.",
    "Rounding up breaks the budget.",
)
def largest_rounded(inputs: int, budget: int) -> int:
    return round((((inputs + 1) ** 2 + 4 * budget) ** 0.5 - (inputs + 1)) / 2)


@largest_units.wrong("The recurrent kernel is left out of the budget.", "Its size grows with the square of the units.")
def largest_without_recurrent(inputs: int, budget: int) -> int:
    return budget // (inputs + 1)


@largest_units.wrong("Only the recurrent kernel is counted against the budget.", "W and b take their share too.")
def largest_only_recurrent(inputs: int, budget: int) -> int:
    return int(budget**0.5)


@largest_units.wrong("The biases are left out of the budget.", "Each unit has one.")
def largest_without_bias(inputs: int, budget: int) -> int:
    units = 1
    while (units + 1) * (inputs + units + 1) <= budget:
        units += 1
    return units


@largest_units.wrong(
    "The search ends at 100 units, though the budget allows more.", "When is the search at its end? The budget says it."
)
def largest_up_to_a_hundred(inputs: int, budget: int) -> int:
    return max(units for units in range(1, 101) if units * (inputs + units + 1) <= budget)


@largest_units.wrong("This is how many parameters are used, not how many units.", "What is it that is counted?")
def largest_count_returned(inputs: int, budget: int) -> int:
    units = 1
    while (units + 1) * (inputs + units + 2) <= budget:
        units += 1
    return units * (inputs + units + 1)


@largest_units.wrong(
    "The number of units is one too small.", "Could the layer have one unit more and still be within the budget?"
)
def largest_one_too_few(inputs: int, budget: int) -> int:
    units = 1
    while (units + 1) * (inputs + units + 2) <= budget:
        units += 1
    return units - 1


# --- to_keras_weights ------------------------------------------------------------------------------------------------


@graded("rnn-keras-weights", outputs=("kernel", "recurrent_kernel", "bias"))
def to_keras_weights(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> tuple[Array, Array, Array]:
    """PyTorch's nn.RNN is tanh(x_t W_ih^T + b_ih + h_{t-1} W_hh^T + b_hh); Keras has kernel, recurrent kernel, bias."""
    return W_ih.T, W_hh.T, b_ih + b_hh


@to_keras_weights.inputs
def draw_torch_weights(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    return (
        rng.normal(scale=0.7, size=(units, inputs)),
        rng.normal(scale=0.7, size=(units, units)),
        rng.normal(size=units) + 0.5,
        rng.normal(size=units) - 0.5,
    )


@to_keras_weights.right
def weights_by_einsum(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [np.einsum("ui->iu", W_ih), np.einsum("uj->ju", W_hh), np.sum([b_ih, b_hh], axis=0)]


@to_keras_weights.right
def weights_in_loops(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    kernel = np.array([[row[i] for row in W_ih] for i in range(W_ih.shape[1])])
    recurrent_kernel = np.array([[row[j] for row in W_hh] for j in range(W_hh.shape[1])])
    return [kernel, recurrent_kernel, np.array([b + d for b, d in zip(b_ih, b_hh)])]


@to_keras_weights.right
def weights_in_place_on_copies(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> tuple[Array, Array, Array]:
    bias = b_ih.copy()
    bias += b_hh
    return np.ascontiguousarray(W_ih.T), np.swapaxes(W_hh, 0, 1).copy(), bias


@to_keras_weights.wrong(
    "The two matrices are handed on as they are.",
    "In PyTorch a matrix has a row for each unit. In Keras it has a row for each number that comes in.",
)
def weights_as_they_are(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [W_ih, W_hh, b_ih + b_hh]


@to_keras_weights.wrong(
    "The recurrent matrix is handed on as it is.",
    "It is square, so its shape does not tell you; but its rows and columns have changed their roles.",
)
def weights_recurrent_not_transposed(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [W_ih.T, W_hh, b_ih + b_hh]


@to_keras_weights.wrong(
    "The kernel is reshaped.", "A reshape gives the right shape and mixes up the numbers. Rows are to become columns."
)
def weights_reshaped(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [W_ih.reshape(W_ih.shape[::-1]), W_hh.T, b_ih + b_hh]


@to_keras_weights.wrong("The recurrent kernel comes first.", "Keras's order is kernel, recurrent kernel, bias.")
def weights_recurrent_first(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [W_hh.T, W_ih.T, b_ih + b_hh]


@to_keras_weights.wrong("The bias comes first.", "Keras's order is kernel, recurrent kernel, bias.")
def weights_bias_first(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [b_ih + b_hh, W_ih.T, W_hh.T]


@to_keras_weights.wrong("Only b_ih is used.", "Both biases act in every step. One bias must do the work of both.")
def weights_input_bias_only(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [W_ih.T, W_hh.T, b_ih + 0]


@to_keras_weights.wrong("Only b_hh is used.", "Both biases act in every step. One bias must do the work of both.")
def weights_hidden_bias_only(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [W_ih.T, W_hh.T, b_hh + 0]


@to_keras_weights.wrong("The biases are averaged.", "Look at PyTorch's equation: what do the two biases do together?")
def weights_biases_averaged(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [W_ih.T, W_hh.T, (b_ih + b_hh) / 2]


@to_keras_weights.wrong(
    "The two biases are stacked.", "Keras's GRU has a bias of two rows. Its SimpleRNN has one vector."
)
def weights_biases_stacked(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [W_ih.T, W_hh.T, np.stack([b_ih, b_hh])]


@to_keras_weights.wrong("The two biases are laid end to end.", "Keras's bias has one entry for each unit.")
def weights_biases_joined(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [W_ih.T, W_hh.T, np.concatenate([b_ih, b_hh])]


@to_keras_weights.wrong("Four arrays are returned.", "A SimpleRNN takes three: it has one bias, not two.")
def weights_four_arrays(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [W_ih.T, W_hh.T, b_ih, b_hh]


@to_keras_weights.wrong(
    "The bias is a row of a matrix.", "Keras's bias is a vector with one entry for each unit.", see="rnn-simplernn"
)
def weights_bias_in_a_row(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [W_ih.T, W_hh.T, (b_ih + b_hh)[None]]


@to_keras_weights.wrong(
    "Both matrices are reshaped.",
    "A reshape gives the right shape and mixes up the numbers. Rows are to become columns.",
)
def weights_both_reshaped(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> list[Array]:
    return [W_ih.reshape(-1, len(W_ih)), W_hh.reshape(len(W_hh), -1), b_ih + b_hh]


# --- keras_rnn -------------------------------------------------------------------------------------------------------


# Each case builds a Keras layer, so there are few ordinary ones.
@graded("rnn-simplernn", outputs=("the outputs",), draws=2)
def keras_rnn(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    """What keras.layers.SimpleRNN(units, return_sequences=True) gives with these weights and this initial state."""
    outputs, _ = rnn_sequence(x, h_0, W, U, b)
    return np.asarray(outputs)


keras_rnn.inputs(time=range(3, 8))(draw_sequence)
keras_rnn.condition("h_0 is zero")(draw_from_zero)


@keras_rnn.right
def layer_in_float32(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    x, h, W, U, b = (np.asarray(a, dtype="float32") for a in (x, h_0, W, U, b))
    found = []
    for x_t in np.moveaxis(x, 1, 0):
        h = np.tanh(x_t @ W + b + h @ U)
        found.append(h)
    return np.moveaxis(np.array(found), 0, 1)


@keras_rnn.right
def layer_written_out(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    states = np.concatenate([h_0[:, None], np.zeros((x.shape[0], x.shape[1], len(b)))], axis=1)
    for t in range(x.shape[1]):
        states[:, t + 1] = np.tanh(np.concatenate([x[:, t], states[:, t]], axis=1) @ np.concatenate([W, U]) + b)
    return states[:, 1:]


@keras_rnn.right
def layer_one_example_after_another(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    outputs = np.zeros((x.shape[0], x.shape[1], U.shape[0]), dtype="float32")
    for n, t in np.ndindex(x.shape[:2]):
        before = outputs[n, t - 1] if t else h_0[n]
        outputs[n, t] = np.tanh(W.T @ x[n, t] + U.T @ before + b)
    return outputs


@keras_rnn.wrong(
    "Only the last output is returned.", "Which argument of the layer makes it return one output for each time step?"
)
def layer_last_output_only(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    h = h_0
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U + b)
    return h


@keras_rnn.wrong("The last output is repeated for every time step.", "Let the layer itself return all its outputs.")
def layer_last_output_repeated(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    h = h_0
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U + b)
    return np.stack([h] * x.shape[1], axis=1)


@keras_rnn.wrong(
    "The layer starts from zeros, whatever h_0 is.",
    "That is its default. Which argument of the call sets the state it starts from?",
)
def layer_initial_state_ignored(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    h, outputs = 0 * h_0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@keras_rnn.wrong(
    "The layer's bias is zero, as it is after building.",
    "Three arrays must get into the layer.",
    see="rnn-keras-weights",
)
def layer_default_bias(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@keras_rnn.wrong(
    "Neither the bias nor the initial state has got into the layer.",
    "Both are zero by default. Where does each of them go?",
)
def layer_default_bias_and_state(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    h, outputs = 0 * h_0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@keras_rnn.wrong("The recurrent kernel is transposed.", "U has Keras's layout already.", see="rnn-keras-weights")
def layer_recurrent_transposed(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U.T + b)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@keras_rnn.wrong("The layer has no activation.", "What is the default of `activation`, and what did you set it to?")
def layer_no_activation(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = x[:, t] @ W + h @ U + b
        outputs.append(h)
    return np.stack(outputs, axis=1)


@keras_rnn.wrong(
    "The layer's activation is a sigmoid.", "The states of this network lie between -1 and 1.", see="rnn-tanh"
)
def layer_sigmoid(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = 1 / (1 + np.exp(-(x[:, t] @ W + h @ U + b)))
        outputs.append(h)
    return np.stack(outputs, axis=1)


@keras_rnn.wrong(
    "The layer's activation is a ReLU.", "The states of this network lie between -1 and 1.", see="rnn-tanh"
)
def layer_relu(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.maximum(x[:, t] @ W + h @ U + b, 0)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@keras_rnn.wrong("The layer reads the sequence from its end.", "Look at `go_backwards`.")
def layer_read_backwards(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    h, outputs = h_0, []
    for t in reversed(range(x.shape[1])):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@keras_rnn.wrong(
    "Time is the first axis of the result.", "Keras's layers take and return batch, time, features.", see="rnn-axes"
)
def layer_time_first(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        outputs.append(h)
    return np.array(outputs)


@keras_rnn.wrong(
    "The recurrent kernel has no effect: this is a Dense layer, applied at each step.",
    "Three arrays must get into the layer, U among them.",
    see="rnn-keras-weights",
)
def layer_like_dense(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x @ W + b)
