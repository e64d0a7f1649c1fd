"""Checks of exercises/rnn/keras.ipynb: Keras's SimpleRNN, with your weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from .step import rnn_sequence

Array = np.ndarray


# --- count_rnn_parameters --------------------------------------------------------------------------------------------


@graded("rnn-parameters", exact_type=int, rtol=0, atol=0)
def count_rnn_parameters(inputs: int, units: int) -> int:
    """The entries of W, U and b."""
    return inputs * units + units * units + units


@count_rnn_parameters.inputs
def draw_count(rng: np.random.Generator) -> Inputs:
    inputs, units = rng.choice(np.arange(2, 60), size=2, replace=False)
    return int(inputs), int(units)


@count_rnn_parameters.right
def count_by_rows(inputs: int, units: int) -> int:
    return (inputs + units + 1) * units


@count_rnn_parameters.right
def count_by_arrays(inputs: int, units: int) -> int:
    return sum(np.empty(shape).size for shape in ((inputs, units), (units, units), (units,)))


@count_rnn_parameters.wrong("The biases are not counted.", "Each unit has one bias.")
def count_without_bias(inputs: int, units: int) -> int:
    return (inputs + units) * units


@count_rnn_parameters.wrong(
    "The recurrent kernel U is not counted.",
    "This is the count of a Dense layer. What does a recurrent one have besides?",
)
def count_without_recurrent(inputs: int, units: int) -> int:
    return (inputs + 1) * units


@count_rnn_parameters.wrong("The kernel W is not counted.", "Every input is connected to every unit.")
def count_without_input(inputs: int, units: int) -> int:
    return (units + 1) * units


@count_rnn_parameters.wrong(
    "Two biases a unit are counted.", "PyTorch has two. Keras's SimpleRNN adds up its two products and one bias."
)
def count_two_biases(inputs: int, units: int) -> int:
    return (inputs + units + 2) * units


@count_rnn_parameters.wrong("One bias is counted for the whole layer.", "b has one entry for each unit.")
def count_single_bias(inputs: int, units: int) -> int:
    return (inputs + units) * units + 1


@count_rnn_parameters.wrong(
    "inputs and units have changed places.", "U leads from units to units, and W from inputs to units."
)
def count_inputs_for_units(inputs: int, units: int) -> int:
    return (inputs + units + 1) * inputs


@count_rnn_parameters.wrong("This is the count of an LSTM.", "A simple recurrent layer has no gates.")
def count_four_gates(inputs: int, units: int) -> int:
    return 4 * (inputs + units + 1) * units


@count_rnn_parameters.wrong(
    "The recurrent kernel is counted as if it had one weight a unit.",
    "Every unit sees every unit of the previous state.",
)
def count_diagonal_recurrent(inputs: int, units: int) -> int:
    return (inputs + 2) * units


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


@count_model_parameters.inputs
def draw_model(rng: np.random.Generator) -> Inputs:
    vocabulary, time = int(rng.integers(200, 900)), int(rng.integers(61, 99))
    embedding, units, outputs = rng.choice(np.arange(3, 50), size=3, replace=False)
    return vocabulary, int(embedding), int(units), int(outputs), time


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


# --- largest_units ---------------------------------------------------------------------------------------------------


@graded("rnn-parameters", edges=((3, 45), (4, 149), (6, 70)), exact_type=int, rtol=0, atol=0)
def largest_units(inputs: int, budget: int, *, count_rnn_parameters: Callable[..., Any] = count_rnn_parameters) -> int:
    """The largest number of units whose parameters fit the budget."""
    units = 1
    while count_rnn_parameters(inputs, units + 1) <= budget:
        units += 1
    return units


@largest_units.inputs
def draw_budget(rng: np.random.Generator) -> Inputs:
    return int(rng.integers(3, 40)), int(rng.integers(800, 6000))


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


# --- to_keras_weights ------------------------------------------------------------------------------------------------


@graded("rnn-keras-weights", outputs=("kernel", "recurrent_kernel", "bias"))
def to_keras_weights(W_ih: Array, W_hh: Array, b_ih: Array, b_hh: Array) -> tuple[Array, Array, Array]:
    """PyTorch's nn.RNN is tanh(x_t W_ih^T + b_ih + h_{t-1} W_hh^T + b_hh); Keras has kernel, recurrent kernel, bias."""
    return W_ih.T, W_hh.T, b_ih + b_hh


@to_keras_weights.inputs
def draw_torch_weights(rng: np.random.Generator) -> Inputs:
    inputs, units = (int(n) for n in rng.permutation([2, 3, 4, 5])[:2])
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


# --- keras_rnn -------------------------------------------------------------------------------------------------------


@graded("rnn-simplernn", outputs=("the outputs",))
def keras_rnn(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Array:
    """What keras.layers.SimpleRNN(units, return_sequences=True) gives with these weights and this initial state."""
    outputs, _ = rnn_sequence(x, h_0, W, U, b)
    return np.asarray(outputs)


def draw_cell(rng: np.random.Generator, inputs: int, units: int) -> Inputs:
    """W, U and b. The bias is not near zero."""
    return (
        rng.normal(scale=0.7, size=(inputs, units)),
        rng.normal(scale=0.7, size=(units, units)),
        rng.choice([-1, 1], size=units) * rng.uniform(0.3, 1, size=units),
    )


def draw_sizes(rng: np.random.Generator, count: int) -> list[int]:
    """How many time steps, then `count` other sizes; all differ."""
    time = int(rng.integers(3, 7))
    others = rng.permutation([n for n in (2, 3, 4, 5, 6) if n != time])[:count]
    return [time, *(int(n) for n in others)]


@keras_rnn.inputs
def draw_sequence(rng: np.random.Generator) -> Inputs:
    time, batch, inputs, units = draw_sizes(rng, 3)
    h_0 = rng.choice([-1, 1], size=(batch, units)) * rng.uniform(0.2, 0.9, size=(batch, units))
    return (rng.normal(size=(batch, time, inputs)), h_0, *draw_cell(rng, inputs, units))


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
