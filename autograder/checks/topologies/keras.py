"""Checks of exercises/topologies/keras.ipynb: The same five in Keras.

A sequence is (batch, time, inputs); the shapes of a model's inputs leave the batch axis out. A twin is what a model
computes, in NumPy: the formulas and the layout of the weights are those of keras/src/layers, as each helper names them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ...checking import graded, model
from ...checking.drawing import Inputs
from ...checking.model import Shape, Weights
from ..families.models import an_answer_at_every_step, one_answer, order_of_time, probabilities
from ..lstm.cell import lstm_sequence, unpack_keras_weights

if TYPE_CHECKING:
    import keras

Array = np.ndarray
Activation = Callable[[Array], Array]


# --- what layers compute ---------------------------------------------------------------------------------------------


def dense(w: Weights, x: Array, units: int) -> Array:
    """keras/src/layers/core/dense.py: on the last axis, whatever stands before it."""
    kernel, bias = w.layer((x.shape[-1], units), (units,))
    return x @ kernel + bias


def softmax(a: Array, axis: int = -1) -> Array:
    """keras/src/backend: along the last axis unless a layer says otherwise."""
    e = np.exp(a - a.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def rnn(w: Weights, x: Array, units: int) -> Array:
    """keras/src/layers/rnn/simple_rnn.py: the state after every step."""
    kernel, recurrent_kernel, bias = w.layer((x.shape[2], units), (units, units), (units,))
    h, states = np.zeros((x.shape[0], units)), []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ kernel + h @ recurrent_kernel + bias)
        states.append(h)
    return np.stack(states, axis=1)


def lstm(
    w: Weights, x: Array, units: int, h: Array | None = None, c: Array | None = None
) -> tuple[Array, Array, Array]:
    """keras/src/layers/rnn/lstm.py: the output after every step, and the last two states."""
    params = unpack_keras_weights(*w.layer((x.shape[2], 4 * units), (units, 4 * units), (4 * units,)))
    start = np.zeros((x.shape[0], units))
    return lstm_sequence(x, start if h is None else h, start if c is None else c, params)


def read(w: Weights, x: Array, units: int, return_sequences: bool, go_backwards: bool) -> Array:
    """What an LSTM layer with these arguments returns."""
    states, last, _ = lstm(w, x[:, ::-1] if go_backwards else x, units)
    return states if return_sequences else last


def both_ways(w: Weights, x: Array, units: int) -> tuple[Array, Array]:
    """keras/src/layers/rnn/bidirectional.py before it merges: the backward outputs are turned back."""
    forward, _, _ = lstm(w, x, units)
    backward, _, _ = lstm(w, x[:, ::-1], units)
    return forward, backward[:, ::-1]


def side_by_side(*arrays: Array) -> Array:
    """keras/src/layers/merging/concatenate.py"""
    return np.concatenate(arrays, axis=-1)


def repeated(x: Array, steps: int) -> Array:
    """keras/src/layers/reshaping/repeat_vector.py"""
    return np.repeat(x[:, None], steps, axis=1)


# --- what models are given -------------------------------------------------------------------------------------------


def inputs_one_to_one(inputs: int, *others: int) -> tuple[Shape, ...]:
    return ((inputs,),)


def inputs_sequence(time: int, inputs: int, *others: int) -> tuple[Shape, ...]:
    return ((time, inputs),)


def inputs_swapped(time: int, inputs: int, *others: int) -> tuple[Shape, ...]:
    return ((inputs, time),)


# --- build_one_to_one ------------------------------------------------------------------------------------------------


@model("topologies-one-to-one", shapes=inputs_one_to_one)
def build_one_to_one(inputs: int, units: int, classes: int, *, activation: str = "softmax") -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.Dense(units, activation="tanh")(x)
    return keras.Model(x, keras.layers.Dense(classes, activation=activation)(h))


@build_one_to_one.computes
def twin_one_to_one(
    w: Weights, x: Array, inputs: int, units: int, classes: int, *, activation: Activation = softmax
) -> Array:
    return activation(dense(w, np.tanh(dense(w, x, units)), classes))


@build_one_to_one.right
def one_to_one_in_sequence(inputs: int, units: int, classes: int) -> Any:
    model = keras.Sequential([keras.Input(shape=(inputs,))])
    model.add(keras.layers.Dense(units, activation=keras.activations.tanh))
    model.add(keras.layers.Dense(classes, activation=keras.activations.softmax))
    return model


@build_one_to_one.right
def one_to_one_as_a_subclass(inputs: int, units: int, classes: int) -> Any:
    class TwoLayers(keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.above = keras.layers.Dense(classes, activation="softmax")
            self.below = keras.layers.Dense(units, activation="tanh")

        def build(self, shape: Any) -> None:
            self.below.build(shape)
            self.above.build((*shape[:-1], units))

        def call(self, x: Any) -> Any:
            return self.above(self.below(x))

    return keras.Sequential([keras.Input((inputs,)), TwoLayers()])


@build_one_to_one.right
def one_to_one_layer_by_layer(inputs: int, units: int, classes: int) -> Any:
    layers = keras.layers
    parts = [layers.Dense(units), layers.Activation("tanh"), layers.Dense(classes), layers.Softmax()]
    return keras.Sequential([layers.Input((inputs,)), *parts])


build_one_to_one.like(probabilities)


def twin_hidden_layer_linear(w: Weights, x: Array, inputs: int, units: int, classes: int) -> Array:
    return softmax(dense(w, dense(w, x, units), classes))


@build_one_to_one.wrong(
    "The hidden layer has no activation, so two layers can do no more than one.",
    "What does the step of an RNN pass its sum through?",
    computes=twin_hidden_layer_linear,
)
def hidden_layer_linear(inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.Dense(units)(x)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_relu_for_tanh(w: Weights, x: Array, inputs: int, units: int, classes: int) -> Array:
    return softmax(dense(w, np.maximum(dense(w, x, units), 0), classes))


@build_one_to_one.wrong(
    "The hidden layer has a ReLU.",
    "It is to do what a step of a simple RNN does, and that squashes from both sides.",
    computes=twin_relu_for_tanh,
)
def relu_for_tanh(inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.Dense(units, activation="relu")(x)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_no_hidden_layer(w: Weights, x: Array, inputs: int, units: int, classes: int) -> Array:
    return softmax(dense(w, x, classes))


@build_one_to_one.wrong(
    "There is no hidden layer.",
    "Between input and output stands what would be the step of an RNN.",
    computes=twin_no_hidden_layer,
)
def no_hidden_layer(inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((inputs,))
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(x))


def twin_sizes_swapped(w: Weights, x: Array, inputs: int, units: int, classes: int) -> Array:
    return softmax(dense(w, np.tanh(dense(w, x, classes)), units))


@build_one_to_one.wrong(
    "The sizes of the two layers have changed places.",
    "One of the two numbers says how wide the hidden layer is, the other how many answers there are.",
    computes=twin_sizes_swapped,
    see="topologies-shapes",
)
def sizes_swapped(inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.Dense(classes, activation="tanh")(x)
    return keras.Model(x, keras.layers.Dense(units, activation="softmax")(h))


def twin_activations_swapped(w: Weights, x: Array, inputs: int, units: int, classes: int) -> Array:
    return np.tanh(dense(w, softmax(dense(w, x, units)), classes))


@build_one_to_one.wrong(
    "The activations of the two layers have changed places.",
    "Which layer gives probabilities?",
    computes=twin_activations_swapped,
    see="topologies-output-activation",
)
def activations_swapped(inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.Dense(units, activation="softmax")(x)
    return keras.Model(x, keras.layers.Dense(classes, activation="tanh")(h))


# --- shape_after -----------------------------------------------------------------------------------------------------

Layers = list[tuple[Any, ...]]


@graded("topologies-shapes", outputs=("the tuple you return",), rtol=0, atol=0)
def shape_after(shape: Shape, layers: Layers) -> list[int]:
    """The shape rules of keras/src/layers: core/dense.py, reshaping/, rnn/rnn.py and rnn/bidirectional.py."""
    for kind, *arguments in layers:
        batch, *rest = shape
        if kind == "Flatten":
            shape = (batch, int(np.prod(rest)))
        elif kind == "RepeatVector":
            shape = (batch, arguments[0], *rest)
        elif kind == "Dense":
            shape = (*shape[:-1], arguments[0])
        else:
            units = 2 * arguments[0] if kind == "Bidirectional" else arguments[0]
            shape = (batch, rest[0], units) if arguments[1] else (batch, units)
    return list(shape)


@shape_after.inputs
def draw_shape(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    """One of four chains, in which every layer comes up."""
    n = [int(size) for size in rng.permutation(np.arange(7, 15))[:3]]
    chains: list[Layers] = [
        [("Bidirectional", units, True), ("Dense", n[1])],
        [("LSTM", units, False), ("RepeatVector", n[1]), ("LSTM", n[2], True), ("Dense", n[0])],
        [("LSTM", units, True), ("Bidirectional", n[1], False), ("Dense", n[2])],
        [("Dense", units), ("Bidirectional", n[1], True), ("LSTM", n[2], True), ("Flatten",)],
    ]
    return (batch, time, inputs), chains[int(rng.integers(len(chains)))]


shape_after.always("the last step only", (3, 7, 4), [("LSTM", 5, False)])
shape_after.always("levels and an output", (3, 7, 4), [("LSTM", 5, True), ("LSTM", 6, False), ("Dense", 2)])
shape_after.always("a vector repeated", (2, 6), [("RepeatVector", 5), ("LSTM", 3, True)])
shape_after.always("an output at every step", (5, 8, 3), [("Bidirectional", 4, True), ("Dense", 2)])
shape_after.always("one answer from both directions", (5, 8, 3), [("Bidirectional", 6, False)])
shape_after.always("every step laid end to end", (4, 9, 2), [("LSTM", 7, True), ("Flatten",)])
shape_after.always("a dense layer on vectors", (4, 9), [("Dense", 3), ("Dense", 2)])
shape_after.always("a dense layer at every step", (4, 9, 2), [("Dense", 3), ("Flatten",)])
shape_after.always("steps and features alike", (4, 3, 3), [("LSTM", 3, True), ("Bidirectional", 3, True), ("Flatten",)])
shape_after.always("no layers", (2, 5, 3), [])


@shape_after.right
def shape_by_tables(shape: Shape, layers: Layers) -> list[int]:
    sizes = list(shape)
    for layer in layers:
        if layer[0] == "Flatten":
            sizes = [sizes[0], int(np.prod(sizes[1:]))]
        elif layer[0] == "RepeatVector":
            sizes.insert(1, layer[1])
        else:
            if layer[0] != "Dense" and not layer[2]:
                del sizes[1]
            sizes[-1] = layer[1] * {"Dense": 1, "LSTM": 1, "Bidirectional": 2}[layer[0]]
    return sizes


@shape_after.right
def shape_by_recursion(shape: Shape, layers: Layers) -> Any:
    if not layers:
        return tuple(shape)
    kind, numbers = layers[0][0], layers[0][1:]
    out: Any
    if kind == "RepeatVector":
        out = (shape[0], numbers[0], shape[1])
    elif kind == "Flatten":
        out = (shape[0], shape[1] * shape[2])
    elif kind == "Dense":
        out = shape[:-1] + numbers
    else:
        out = (*shape[: 1 + numbers[1]], numbers[0] * (1 + (kind == "Bidirectional")))
    return shape_by_recursion(out, layers[1:])


@shape_after.right
def shape_axis_by_axis(shape: Shape, layers: Layers) -> tuple[int, ...]:
    batch, *time, features = shape
    for kind, *numbers in layers:
        if kind == "Flatten":
            time, features = [], time[0] * features
        elif kind == "RepeatVector":
            time = numbers
        else:
            time = time if kind == "Dense" or numbers[1] else []
            features = numbers[0] + numbers[0] * (kind == "Bidirectional")
    return (batch, *time, features)


@shape_after.wrong(
    "Every recurrent layer keeps the time axis.",
    "What does a recurrent layer return when return_sequences is False?",
    see="topologies-return-sequences",
)
def sequences_always_returned(shape: Shape, layers: Layers) -> Any:
    for kind, *n in layers:
        if kind == "Flatten":
            shape = (shape[0], int(np.prod(shape[1:])))
        elif kind in ("Dense", "RepeatVector"):
            shape = (*shape[:-1], n[0]) if kind == "Dense" else (shape[0], n[0], shape[-1])
        else:
            shape = (*shape[:-1], (1 + (kind == "Bidirectional")) * n[0])
    return tuple(shape)


@shape_after.wrong(
    "No recurrent layer keeps the time axis.",
    "What does a recurrent layer return when return_sequences is True?",
    see="topologies-return-sequences",
)
def sequences_never_returned(shape: Shape, layers: Layers) -> Any:
    for kind, *n in layers:
        if kind == "Flatten":
            shape = (shape[0], int(np.prod(shape[1:])))
        elif kind in ("Dense", "RepeatVector"):
            shape = (*shape[:-1], n[0]) if kind == "Dense" else (shape[0], n[0], shape[-1])
        else:
            shape = (shape[0], (1 + (kind == "Bidirectional")) * n[0])
    return tuple(shape)


@shape_after.wrong(
    "return_sequences is used the wrong way round.", "True keeps every step.", see="topologies-return-sequences"
)
def sequences_the_wrong_way_round(shape: Shape, layers: Layers) -> Any:
    for kind, *n in layers:
        if kind == "Flatten":
            shape = (shape[0], int(np.prod(shape[1:])))
        elif kind in ("Dense", "RepeatVector"):
            shape = (*shape[:-1], n[0]) if kind == "Dense" else (shape[0], n[0], shape[-1])
        else:
            shape = (*shape[: 2 - n[1]], (1 + (kind == "Bidirectional")) * n[0])
    return tuple(shape)


@shape_after.wrong(
    "A bidirectional layer is as wide as one direction.",
    "Each direction has its own units, and both are handed on.",
    see="topologies-bidirectional-merge",
)
def one_direction_wide(shape: Shape, layers: Layers) -> Any:
    for kind, *n in layers:
        if kind == "Flatten":
            shape = (shape[0], int(np.prod(shape[1:])))
        elif kind in ("Dense", "RepeatVector"):
            shape = (*shape[:-1], n[0]) if kind == "Dense" else (shape[0], n[0], shape[-1])
        else:
            shape = (*shape[: 1 + n[1]], n[0])
    return tuple(shape)


@shape_after.wrong(
    "A dense layer drops the time axis.",
    "Which axis does its kernel multiply? The others stay.",
    see="topologies-dense-per-step",
)
def dense_flattens(shape: Shape, layers: Layers) -> Any:
    for kind, *n in layers:
        if kind == "Flatten":
            shape = (shape[0], int(np.prod(shape[1:])))
        elif kind in ("Dense", "RepeatVector"):
            shape = (shape[0], n[0]) if kind == "Dense" else (shape[0], n[0], shape[-1])
        else:
            shape = (*shape[: 1 + n[1]], (1 + (kind == "Bidirectional")) * n[0])
    return tuple(shape)


@shape_after.wrong(
    "RepeatVector puts the new axis last.",
    "The order is batch, time, features: what is repeated is the whole vector, once for each step.",
    see="topologies-repeat-vector",
)
def time_at_the_end(shape: Shape, layers: Layers) -> Any:
    for kind, *n in layers:
        if kind == "Flatten":
            shape = (shape[0], int(np.prod(shape[1:])))
        elif kind in ("Dense", "RepeatVector"):
            shape = (*shape[:-1], n[0]) if kind == "Dense" else (shape[0], shape[-1], n[0])
        else:
            shape = (*shape[: 1 + n[1]], (1 + (kind == "Bidirectional")) * n[0])
    return tuple(shape)


@shape_after.wrong(
    "RepeatVector makes the vector longer.",
    "It makes a new axis, and leaves the vector as it is.",
    see="topologies-repeat-vector",
)
def repeated_side_by_side(shape: Shape, layers: Layers) -> Any:
    for kind, *n in layers:
        if kind == "Flatten":
            shape = (shape[0], int(np.prod(shape[1:])))
        elif kind in ("Dense", "RepeatVector"):
            shape = (*shape[:-1], n[0]) if kind == "Dense" else (shape[0], n[0] * shape[-1])
        else:
            shape = (*shape[: 1 + n[1]], (1 + (kind == "Bidirectional")) * n[0])
    return tuple(shape)


@shape_after.wrong("Flatten joins the batch axis too.", "Examples stay apart in every layer.", see="topologies-axes")
def batch_flattened_too(shape: Shape, layers: Layers) -> Any:
    for kind, *n in layers:
        if kind == "Flatten":
            shape = (int(np.prod(shape)),)
        elif kind in ("Dense", "RepeatVector"):
            shape = (*shape[:-1], n[0]) if kind == "Dense" else (shape[0], n[0], shape[-1])
        else:
            shape = (*shape[: 1 + n[1]], (1 + (kind == "Bidirectional")) * n[0])
    return tuple(shape)


@shape_after.wrong(
    "The batch axis is missing.",
    "keras.Input is not told the batch size, but every array has that axis.",
    see="topologies-axes",
)
def batch_left_out(shape: Shape, layers: Layers) -> Any:
    for kind, *n in layers:
        if kind == "Flatten":
            shape = (shape[0], int(np.prod(shape[1:])))
        elif kind in ("Dense", "RepeatVector"):
            shape = (*shape[:-1], n[0]) if kind == "Dense" else (shape[0], n[0], shape[-1])
        else:
            shape = (*shape[: 1 + n[1]], (1 + (kind == "Bidirectional")) * n[0])
    return tuple(shape[1:])


# --- build_many_to_one -----------------------------------------------------------------------------------------------


@model("topologies-many-to-one", shapes=inputs_sequence)
def build_many_to_one(
    time: int,
    inputs: int,
    units: int,
    classes: int,
    *,
    activation: str = "softmax",
    return_sequences: bool = False,
    go_backwards: bool = False,
) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.LSTM(units, return_sequences=return_sequences, go_backwards=go_backwards)(x)
    return keras.Model(x, keras.layers.Dense(classes, activation=activation)(h))


@build_many_to_one.computes
def twin_many_to_one(
    w: Weights,
    x: Array,
    time: int,
    inputs: int,
    units: int,
    classes: int,
    *,
    activation: Activation = softmax,
    return_sequences: bool = False,
    go_backwards: bool = False,
) -> Array:
    return activation(dense(w, read(w, x, units, return_sequences, go_backwards), classes))


@build_many_to_one.right
def many_to_one_by_index(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    states = keras.layers.LSTM(units, return_sequences=True)(x)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(states[:, -1]))


@build_many_to_one.right
def many_to_one_by_state(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    _, h, _ = keras.layers.LSTM(units, return_state=True)(x)
    return keras.Model(x, keras.layers.Softmax()(keras.layers.Dense(classes)(h)))


@build_many_to_one.right
def many_to_one_by_cell(time: int, inputs: int, units: int, classes: int) -> Any:
    model = keras.Sequential([keras.Input((time, inputs)), keras.layers.RNN(keras.layers.LSTMCell(units))])
    model.add(keras.layers.Dense(classes))
    model.add(keras.layers.Activation("softmax"))
    return model


build_many_to_one.like(probabilities)
build_many_to_one.like(one_answer)
build_many_to_one.like(order_of_time)


def twin_one_flattened(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    states, _, _ = lstm(w, x, units)
    return softmax(dense(w, states.reshape(len(x), -1), classes))


@build_many_to_one.wrong(
    "The states of all steps are flattened and go into the dense layer together.",
    "The last state has seen the whole sequence. With Flatten the parameters grow with the length.",
    computes=twin_one_flattened,
)
def one_flattened(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.LSTM(units, return_sequences=True)(x)
    h = keras.layers.Flatten()(h)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_one_averaged(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    states, _, _ = lstm(w, x, units)
    return softmax(dense(w, states.mean(axis=1), classes))


@build_many_to_one.wrong(
    "The states of all steps are averaged.",
    "That is a pooled readout. Here the last state alone is read out.",
    computes=twin_one_averaged,
)
def one_averaged(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.LSTM(units, return_sequences=True)(x)
    h = keras.layers.GlobalAveragePooling1D()(h)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_one_first_state(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    states, _, _ = lstm(w, x, units)
    return softmax(dense(w, states[:, 0], classes))


@build_many_to_one.wrong(
    "The answer is read from the first state.",
    "The first state has seen one input. Which one has seen all of them?",
    computes=twin_one_first_state,
)
def one_first_state(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.LSTM(units, return_sequences=True)(x)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h[:, 0]))


def twin_one_cell_state(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    _, _, c = lstm(w, x, units)
    return softmax(dense(w, c, classes))


@build_many_to_one.wrong(
    "The answer is read from the cell state.",
    "What an LSTM hands to the next layer is h; c stays inside.",
    computes=twin_one_cell_state,
    see="topologies-state-handed-over",
)
def one_cell_state(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    _, _, c = keras.layers.LSTM(units, return_state=True)(x)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(c))


@build_many_to_one.wrong(
    "In the shape of the input, time and features have changed places.",
    "The order is batch, time, features, and keras.Input is told all but the batch.",
    computes=twin_many_to_one,
    shapes=inputs_swapped,
    see="topologies-axes",
)
def one_axes_swapped(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((inputs, time))
    h = keras.layers.LSTM(units)(x)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_one_sizes_swapped(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    _, h, _ = lstm(w, x, classes)
    return softmax(dense(w, h, units))


@build_many_to_one.wrong(
    "The sizes of the two layers have changed places.",
    "One of the two numbers says how wide the state is, the other how many answers there are.",
    computes=twin_one_sizes_swapped,
    see="topologies-shapes",
)
def one_sizes_swapped(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.LSTM(classes)(x)
    return keras.Model(x, keras.layers.Dense(units, activation="softmax")(h))


def twin_one_simple_rnn(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    return softmax(dense(w, rnn(w, x, units)[:, -1], classes))


@build_many_to_one.wrong(
    "The recurrent layer is a SimpleRNN.",
    "An LSTM is asked for: it has four times as many parameters.",
    computes=twin_one_simple_rnn,
)
def one_simple_rnn(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.SimpleRNN(units)(x)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


# --- build_one_to_many -----------------------------------------------------------------------------------------------


@model("topologies-repeat-vector", shapes=inputs_one_to_one)
def build_one_to_many(inputs: int, steps: int, units: int, outputs: int, *, return_sequences: bool = True) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.RepeatVector(steps)(x)
    h = keras.layers.SimpleRNN(units, return_sequences=return_sequences)(h)
    return keras.Model(x, keras.layers.Dense(outputs)(h))


@build_one_to_many.computes
def twin_one_to_many(
    w: Weights, x: Array, inputs: int, steps: int, units: int, outputs: int, *, return_sequences: bool = True
) -> Array:
    states = rnn(w, repeated(x, steps), units)
    return dense(w, states if return_sequences else states[:, -1], outputs)


@build_one_to_many.right
def one_to_many_in_sequence(inputs: int, steps: int, units: int, outputs: int) -> Any:
    model = keras.Sequential([keras.Input(shape=(inputs,)), keras.layers.RepeatVector(steps)])
    model.add(keras.layers.SimpleRNN(units, return_sequences=True))
    model.add(keras.layers.TimeDistributed(keras.layers.Dense(outputs)))
    return model


@build_one_to_many.right
def one_to_many_by_cell(inputs: int, steps: int, units: int, outputs: int) -> Any:
    x = keras.Input((inputs,))
    same = keras.ops.stack([x] * steps, axis=1)
    states = keras.layers.RNN(keras.layers.SimpleRNNCell(units), return_sequences=True)(same)
    return keras.Model(x, keras.layers.Dense(outputs, activation="linear")(states))


build_one_to_many.like(an_answer_at_every_step)


def twin_many_repeated_after(w: Weights, x: Array, inputs: int, steps: int, units: int, outputs: int) -> Array:
    return dense(w, repeated(rnn(w, x[:, None], units)[:, -1], steps), outputs)


@build_one_to_many.wrong(
    "One step is taken, and its state is repeated, so every output is the same.",
    "Repeat what goes into the recurrent layer, not what comes out of it.",
    computes=twin_many_repeated_after,
)
def many_repeated_after(inputs: int, steps: int, units: int, outputs: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.Reshape((1, inputs))(x)
    h = keras.layers.SimpleRNN(units)(h)
    h = keras.layers.RepeatVector(steps)(h)
    return keras.Model(x, keras.layers.Dense(outputs)(h))


def twin_many_input_once(w: Weights, x: Array, inputs: int, steps: int, units: int, outputs: int) -> Array:
    padded = np.zeros((len(x), steps, inputs))
    padded[:, 0] = x
    return dense(w, rnn(w, padded, units), outputs)


@build_one_to_many.wrong(
    "x enters at the first step only, and zeros follow.",
    "That is the first notebook's way. Here every step gets x.",
    computes=twin_many_input_once,
)
def many_input_once(inputs: int, steps: int, units: int, outputs: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.Reshape((1, inputs))(x)
    h = keras.layers.ZeroPadding1D((0, steps - 1))(h)
    h = keras.layers.SimpleRNN(units, return_sequences=True)(h)
    return keras.Model(x, keras.layers.Dense(outputs)(h))


def twin_many_one_dense_for_all(w: Weights, x: Array, inputs: int, steps: int, units: int, outputs: int) -> Array:
    flat = rnn(w, repeated(x, steps), units).reshape(len(x), -1)
    return dense(w, flat, steps * outputs).reshape(len(x), steps, outputs)


@build_one_to_many.wrong(
    "One dense layer looks at all steps together.",
    "Each step's output is computed from its own state, and by the same weights at every step.",
    computes=twin_many_one_dense_for_all,
    see="topologies-dense-per-step",
)
def many_one_dense_for_all(inputs: int, steps: int, units: int, outputs: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.RepeatVector(steps)(x)
    h = keras.layers.SimpleRNN(units, return_sequences=True)(h)
    h = keras.layers.Dense(steps * outputs)(keras.layers.Flatten()(h))
    return keras.Model(x, keras.layers.Reshape((steps, outputs))(h))


def twin_many_sizes_swapped(w: Weights, x: Array, inputs: int, steps: int, units: int, outputs: int) -> Array:
    return dense(w, rnn(w, repeated(x, steps), outputs), units)


@build_one_to_many.wrong(
    "The recurrent layer and the dense layer have each other's size.",
    "One of the two numbers says how wide the state is, the other how wide an output.",
    computes=twin_many_sizes_swapped,
    see="topologies-shapes",
)
def many_sizes_swapped(inputs: int, steps: int, units: int, outputs: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.RepeatVector(steps)(x)
    h = keras.layers.SimpleRNN(outputs, return_sequences=True)(h)
    return keras.Model(x, keras.layers.Dense(units)(h))


def twin_many_repeated_units_times(w: Weights, x: Array, inputs: int, steps: int, units: int, outputs: int) -> Array:
    return dense(w, rnn(w, repeated(x, units), steps), outputs)


@build_one_to_many.wrong(
    "The number of steps and the number of units have changed places.",
    "How often x is repeated is how many steps are taken. What are units?",
    computes=twin_many_repeated_units_times,
    see="topologies-shapes",
)
def many_repeated_units_times(inputs: int, steps: int, units: int, outputs: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.RepeatVector(units)(x)
    h = keras.layers.SimpleRNN(steps, return_sequences=True)(h)
    return keras.Model(x, keras.layers.Dense(outputs)(h))


def twin_many_without_recurrence(w: Weights, x: Array, inputs: int, steps: int, units: int, outputs: int) -> Array:
    return dense(w, repeated(np.tanh(dense(w, x, units)), steps), outputs)


@build_one_to_many.wrong(
    "There is no recurrent layer, so every output is the same.",
    "What must differ from step to step, when the input does not?",
    computes=twin_many_without_recurrence,
)
def many_without_recurrence(inputs: int, steps: int, units: int, outputs: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.Dense(units, activation="tanh")(x)
    h = keras.layers.RepeatVector(steps)(h)
    return keras.Model(x, keras.layers.Dense(outputs)(h))


def twin_many_with_lstm(w: Weights, x: Array, inputs: int, steps: int, units: int, outputs: int) -> Array:
    return dense(w, lstm(w, repeated(x, steps), units)[0], outputs)


@build_one_to_many.wrong(
    "The recurrent layer is an LSTM.",
    "A SimpleRNN is asked for: it does what the first notebook's step does.",
    computes=twin_many_with_lstm,
)
def many_with_lstm(inputs: int, steps: int, units: int, outputs: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.RepeatVector(steps)(x)
    h = keras.layers.LSTM(units, return_sequences=True)(h)
    return keras.Model(x, keras.layers.Dense(outputs)(h))


def twin_many_with_softmax(w: Weights, x: Array, inputs: int, steps: int, units: int, outputs: int) -> Array:
    return softmax(dense(w, rnn(w, repeated(x, steps), units), outputs))


@build_one_to_many.wrong(
    "The output goes through a softmax.",
    "These outputs are measured values, not probabilities: leave them as they are.",
    computes=twin_many_with_softmax,
    see="topologies-output-activation",
)
def many_with_softmax(inputs: int, steps: int, units: int, outputs: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.RepeatVector(steps)(x)
    h = keras.layers.SimpleRNN(units, return_sequences=True)(h)
    return keras.Model(x, keras.layers.Dense(outputs, activation="softmax")(h))


def twin_many_states_returned(w: Weights, x: Array, inputs: int, steps: int, units: int, outputs: int) -> Array:
    return rnn(w, repeated(x, steps), units)


@build_one_to_many.wrong(
    "The model returns its hidden states.",
    "Each state goes through a dense layer before it leaves the network.",
    computes=twin_many_states_returned,
    see="topologies-dense-per-step",
)
def many_states_returned(inputs: int, steps: int, units: int, outputs: int) -> Any:
    x = keras.Input((inputs,))
    h = keras.layers.RepeatVector(steps)(x)
    return keras.Model(x, keras.layers.SimpleRNN(units, return_sequences=True)(h))


# --- build_synced ----------------------------------------------------------------------------------------------------


@model("topologies-synced", shapes=inputs_sequence)
def build_synced(
    time: int,
    inputs: int,
    units: int,
    classes: int,
    *,
    activation: str = "softmax",
    return_sequences: bool = True,
    go_backwards: bool = False,
) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.LSTM(units, return_sequences=return_sequences, go_backwards=go_backwards)(x)
    return keras.Model(x, keras.layers.Dense(classes, activation=activation)(h))


@build_synced.computes
def twin_synced(
    w: Weights,
    x: Array,
    time: int,
    inputs: int,
    units: int,
    classes: int,
    *,
    activation: Activation = softmax,
    return_sequences: bool = True,
    go_backwards: bool = False,
) -> Array:
    return activation(dense(w, read(w, x, units, return_sequences, go_backwards), classes))


@build_synced.right
def synced_by_time_distributed(time: int, inputs: int, units: int, classes: int) -> Any:
    model = keras.Sequential([keras.Input(shape=(time, inputs))])
    model.add(keras.layers.LSTM(units, return_sequences=True))
    model.add(keras.layers.TimeDistributed(keras.layers.Dense(classes, activation="softmax")))
    return model


@build_synced.right
def synced_by_softmax_layer(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    states, _, _ = keras.layers.LSTM(units, return_sequences=True, return_state=True)(x)
    scores = keras.layers.Dense(classes)(states)
    return keras.Model(inputs=x, outputs=keras.ops.softmax(scores, axis=-1))


build_synced.like(probabilities)
build_synced.like(an_answer_at_every_step)
build_synced.like(order_of_time)


def twin_frames_last_repeated(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    return softmax(dense(w, repeated(lstm(w, x, units)[1], time), classes))


@build_synced.wrong(
    "The last state is repeated, so every step has the same answer.",
    "The shape is right, but the answer at step t should know what was read up to t.",
    computes=twin_frames_last_repeated,
)
def frames_last_repeated(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.LSTM(units)(x)
    h = keras.layers.RepeatVector(time)(h)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_frames_one_dense_for_all(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    flat = lstm(w, x, units)[0].reshape(len(x), -1)
    return softmax(dense(w, flat, time * classes).reshape(len(x), time, classes))


@build_synced.wrong(
    "One dense layer looks at all steps together.",
    "Each step's answer is computed from its own state, and by the same weights at every step.",
    computes=twin_frames_one_dense_for_all,
    see="topologies-dense-per-step",
)
def frames_one_dense_for_all(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.LSTM(units, return_sequences=True)(x)
    h = keras.layers.Dense(time * classes)(keras.layers.Flatten()(h))
    return keras.Model(x, keras.layers.Softmax()(keras.layers.Reshape((time, classes))(h)))


def twin_frames_softmax_over_time(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    return softmax(dense(w, lstm(w, x, units)[0], classes), axis=1)


@build_synced.wrong(
    "The softmax runs over time.",
    "For each step the probabilities of the classes add up to 1.",
    computes=twin_frames_softmax_over_time,
    see="topologies-output-activation",
)
def frames_softmax_over_time(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.LSTM(units, return_sequences=True)(x)
    return keras.Model(x, keras.layers.Softmax(axis=1)(keras.layers.Dense(classes)(h)))


def twin_frames_sizes_swapped(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    return softmax(dense(w, lstm(w, x, classes)[0], units))


@build_synced.wrong(
    "The sizes of the two layers have changed places.",
    "One of the two numbers says how wide the state is, the other how many answers there are.",
    computes=twin_frames_sizes_swapped,
    see="topologies-shapes",
)
def frames_sizes_swapped(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.LSTM(classes, return_sequences=True)(x)
    return keras.Model(x, keras.layers.TimeDistributed(keras.layers.Dense(units, activation="softmax"))(h))


@build_synced.wrong(
    "In the shape of the input, time and features have changed places.",
    "The order is batch, time, features, and keras.Input is told all but the batch.",
    computes=twin_synced,
    shapes=inputs_swapped,
    see="topologies-axes",
)
def frames_axes_swapped(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((inputs, time))
    h = keras.layers.LSTM(units, return_sequences=True)(x)
    return keras.Model(x, keras.layers.TimeDistributed(keras.layers.Dense(classes, activation="softmax"))(h))


def twin_frames_without_recurrence(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    return softmax(dense(w, np.tanh(dense(w, x, units)), classes))


@build_synced.wrong(
    "There is no recurrent layer: each step is labelled on its own.",
    "What a frame shows may depend on the frames before it.",
    computes=twin_frames_without_recurrence,
)
def frames_without_recurrence(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.TimeDistributed(keras.layers.Dense(units, activation="tanh"))(x)
    return keras.Model(x, keras.layers.TimeDistributed(keras.layers.Dense(classes, activation="softmax"))(h))


# --- build_encoder_decoder -------------------------------------------------------------------------------------------


def inputs_encoder_decoder(time: int, inputs: int, steps: int, classes: int, units: int) -> tuple[Shape, ...]:
    return (time, inputs), (steps, classes)


@model("topologies-encoder-decoder", shapes=inputs_encoder_decoder)
def build_encoder_decoder(
    time: int,
    inputs: int,
    steps: int,
    classes: int,
    units: int,
    *,
    activation: str = "softmax",
    return_sequences: bool = True,
    go_backwards: bool = False,
) -> Any:
    source, target = keras.Input((time, inputs)), keras.Input((steps, classes))
    _, h, c = keras.layers.LSTM(units, return_state=True, go_backwards=go_backwards)(source)
    states = keras.layers.LSTM(units, return_sequences=return_sequences)(target, initial_state=[h, c])
    return keras.Model([source, target], keras.layers.Dense(classes, activation=activation)(states))


@build_encoder_decoder.computes
def twin_encoder_decoder(
    w: Weights,
    x: list[Array],
    time: int,
    inputs: int,
    steps: int,
    classes: int,
    units: int,
    *,
    activation: Activation = softmax,
    return_sequences: bool = True,
    go_backwards: bool = False,
) -> Array:
    source, target = x
    _, h, c = lstm(w, source[:, ::-1] if go_backwards else source, units)
    states, last, _ = lstm(w, target, units, h, c)
    return activation(dense(w, states if return_sequences else last, classes))


@build_encoder_decoder.right
def encoder_decoder_with_every_state(time: int, inputs: int, steps: int, classes: int, units: int) -> Any:
    source, target = keras.Input(shape=(time, inputs)), keras.Input(shape=(steps, classes))
    _, *states = keras.layers.LSTM(units, return_sequences=True, return_state=True)(source)
    decoder = keras.layers.LSTM(units, return_sequences=True, return_state=True)
    outputs, _, _ = decoder(target, initial_state=states)
    readout = keras.layers.TimeDistributed(keras.layers.Dense(classes, activation="softmax"))
    return keras.Model(inputs=[source, target], outputs=readout(outputs))


@build_encoder_decoder.right
def encoder_decoder_by_cells(time: int, inputs: int, steps: int, classes: int, units: int) -> Any:
    source, target = keras.Input((time, inputs)), keras.Input((steps, classes))
    encoder = keras.layers.RNN(keras.layers.LSTMCell(units), return_state=True)
    decoder = keras.layers.RNN(keras.layers.LSTMCell(units), return_sequences=True)
    y = decoder(target, initial_state=encoder(source)[1:])
    return keras.Model([source, target], keras.layers.Softmax()(keras.layers.Dense(classes)(y)))


build_encoder_decoder.like(probabilities)
build_encoder_decoder.like(an_answer_at_every_step)
build_encoder_decoder.like(order_of_time)


def twin_no_state_handed_over(
    w: Weights, x: list[Array], time: int, inputs: int, steps: int, classes: int, units: int
) -> Array:
    source, target = x
    lstm(w, source, units)
    return softmax(dense(w, lstm(w, target, units)[0], classes))


@build_encoder_decoder.wrong(
    "The source has no effect: the decoder starts from zeros.",
    "What has the encoder when it has read everything, and how does a Keras layer get it to start from?",
    computes=twin_no_state_handed_over,
    see="topologies-state-handed-over",
)
def no_state_handed_over(time: int, inputs: int, steps: int, classes: int, units: int) -> Any:
    source, target = keras.Input((time, inputs)), keras.Input((steps, classes))
    h = keras.layers.LSTM(units)(source)
    states = keras.layers.LSTM(units, return_sequences=True)(target)
    states = states + 0 * keras.layers.RepeatVector(steps)(h)
    return keras.Model([source, target], keras.layers.Dense(classes, activation="softmax")(states))


def twin_encoder_left_out(
    w: Weights, x: list[Array], time: int, inputs: int, steps: int, classes: int, units: int
) -> Array:
    return softmax(dense(w, lstm(w, x[1], units)[0], classes))


@build_encoder_decoder.wrong(
    "What the encoder computes goes nowhere, so Keras leaves it out of the model: the decoder starts from zeros.",
    "What has the encoder when it has read everything, and how does a Keras layer get it to start from?",
    computes=twin_encoder_left_out,
    see="topologies-state-handed-over",
)
def encoder_left_out(time: int, inputs: int, steps: int, classes: int, units: int) -> Any:
    source, target = keras.Input((time, inputs)), keras.Input((steps, classes))
    states = keras.layers.LSTM(units, return_sequences=True)(target)
    return keras.Model([source, target], keras.layers.Dense(classes, activation="softmax")(states))


def twin_hidden_state_only(
    w: Weights, x: list[Array], time: int, inputs: int, steps: int, classes: int, units: int
) -> Array:
    source, target = x
    _, h, _ = lstm(w, source, units)
    return softmax(dense(w, lstm(w, target, units, h)[0], classes))


@build_encoder_decoder.wrong(
    "The decoder gets the encoder's h; its c starts from zeros.",
    "How many states has an LSTM?",
    computes=twin_hidden_state_only,
    see="topologies-state-handed-over",
)
def hidden_state_only(time: int, inputs: int, steps: int, classes: int, units: int) -> Any:
    source, target = keras.Input((time, inputs)), keras.Input((steps, classes))
    h = keras.layers.LSTM(units)(source)
    decoder = keras.layers.LSTM(units, return_sequences=True)
    states = decoder(target, initial_state=[h, keras.ops.zeros_like(h)])
    return keras.Model([source, target], keras.layers.Dense(classes, activation="softmax")(states))


def twin_hidden_state_twice(
    w: Weights, x: list[Array], time: int, inputs: int, steps: int, classes: int, units: int
) -> Array:
    source, target = x
    _, h, _ = lstm(w, source, units)
    return softmax(dense(w, lstm(w, target, units, h, h)[0], classes))


@build_encoder_decoder.wrong(
    "The decoder starts with h in both places.",
    "The first thing that an LSTM with return_state returns is its output, which is h too.",
    computes=twin_hidden_state_twice,
    see="topologies-state-handed-over",
)
def hidden_state_twice(time: int, inputs: int, steps: int, classes: int, units: int) -> Any:
    source, target = keras.Input((time, inputs)), keras.Input((steps, classes))
    h = keras.layers.LSTM(units)(source)
    states = keras.layers.LSTM(units, return_sequences=True)(target, initial_state=[h, h])
    return keras.Model([source, target], keras.layers.Dense(classes, activation="softmax")(states))


def twin_states_swapped(
    w: Weights, x: list[Array], time: int, inputs: int, steps: int, classes: int, units: int
) -> Array:
    source, target = x
    _, h, c = lstm(w, source, units)
    return softmax(dense(w, lstm(w, target, units, c, h)[0], classes))


@build_encoder_decoder.wrong(
    "h and c have changed places on the way to the decoder.",
    "Keras returns h before c, and takes them in the same order.",
    computes=twin_states_swapped,
    see="topologies-state-handed-over",
)
def states_swapped(time: int, inputs: int, steps: int, classes: int, units: int) -> Any:
    source, target = keras.Input((time, inputs)), keras.Input((steps, classes))
    _, h, c = keras.layers.LSTM(units, return_state=True)(source)
    states = keras.layers.LSTM(units, return_sequences=True)(target, initial_state=[c, h])
    return keras.Model([source, target], keras.layers.Dense(classes, activation="softmax")(states))


def twin_inputs_in_wrong_order(
    w: Weights, x: list[Array], time: int, inputs: int, steps: int, classes: int, units: int
) -> Array:
    target, source = x
    _, h, c = lstm(w, source, units)
    return softmax(dense(w, lstm(w, target, units, h, c)[0], classes))


def target_first(time: int, inputs: int, steps: int, classes: int, units: int) -> tuple[Shape, ...]:
    return (steps, classes), (time, inputs)


@build_encoder_decoder.wrong(
    "The model takes its two inputs in the wrong order.",
    "The source comes first, then the target.",
    computes=twin_inputs_in_wrong_order,
    shapes=target_first,
)
def inputs_in_wrong_order(time: int, inputs: int, steps: int, classes: int, units: int) -> Any:
    source, target = keras.Input((time, inputs)), keras.Input((steps, classes))
    _, h, c = keras.layers.LSTM(units, return_state=True)(source)
    states = keras.layers.LSTM(units, return_sequences=True)(target, initial_state=[h, c])
    return keras.Model([target, source], keras.layers.Dense(classes, activation="softmax")(states))


def twin_target_encoded(
    w: Weights, x: list[Array], time: int, inputs: int, steps: int, classes: int, units: int
) -> Array:
    source, target = x
    _, h, c = lstm(w, target, units)
    return softmax(dense(w, lstm(w, source, units, h, c)[0], classes))


@build_encoder_decoder.wrong(
    "The target is encoded, and the decoder reads the source.",
    "Which of the two is known from the start, and which is the answer?",
    computes=twin_target_encoded,
)
def target_encoded(time: int, inputs: int, steps: int, classes: int, units: int) -> Any:
    source, target = keras.Input((time, inputs)), keras.Input((steps, classes))
    _, h, c = keras.layers.LSTM(units, return_state=True)(target)
    states = keras.layers.LSTM(units, return_sequences=True)(source, initial_state=[h, c])
    return keras.Model([source, target], keras.layers.Dense(classes, activation="softmax")(states))


def twin_target_ignored(
    w: Weights, x: list[Array], time: int, inputs: int, steps: int, classes: int, units: int
) -> Array:
    _, h, c = lstm(w, x[0], units)
    return softmax(dense(w, lstm(w, repeated(h, steps), units, h, c)[0], classes))


@build_encoder_decoder.wrong(
    "The decoder reads the encoder's h at every step; the target has no effect.",
    "In training the decoder is told the answer so far. Which input holds it?",
    computes=twin_target_ignored,
    see="topologies-feedback",
)
def target_ignored(time: int, inputs: int, steps: int, classes: int, units: int) -> Any:
    source, target = keras.Input((time, inputs)), keras.Input((steps, classes))
    _, h, c = keras.layers.LSTM(units, return_state=True)(source)
    repeated_h = keras.layers.RepeatVector(steps)(h)
    states = keras.layers.LSTM(units, return_sequences=True)(repeated_h, initial_state=[h, c])
    return keras.Model([source, target], keras.layers.Dense(classes, activation="softmax")(states))


# --- build_stacked ---------------------------------------------------------------------------------------------------


@model("topologies-stacked", shapes=inputs_sequence)
def build_stacked(
    time: int,
    inputs: int,
    units: int,
    classes: int,
    *,
    activation: str = "softmax",
    return_sequences: bool = False,
    go_backwards: bool = False,
) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.Bidirectional(keras.layers.LSTM(units, return_sequences=True))(x)
    h = keras.layers.LSTM(units, return_sequences=return_sequences, go_backwards=go_backwards)(h)
    return keras.Model(x, keras.layers.Dense(classes, activation=activation)(h))


@build_stacked.computes
def twin_stacked(
    w: Weights,
    x: Array,
    time: int,
    inputs: int,
    units: int,
    classes: int,
    *,
    activation: Activation = softmax,
    return_sequences: bool = False,
    go_backwards: bool = False,
) -> Array:
    h = side_by_side(*both_ways(w, x, units))
    return activation(dense(w, read(w, h, units, return_sequences, go_backwards), classes))


@build_stacked.right
def stacked_in_sequence(time: int, inputs: int, units: int, classes: int) -> Any:
    layers = keras.layers
    model = keras.Sequential([layers.Input((time, inputs))])
    model.add(layers.Bidirectional(layers.LSTM(units, return_sequences=True), merge_mode="concat"))
    model.add(layers.LSTM(units))
    model.add(layers.Dense(classes, activation="softmax"))
    return model


@build_stacked.right
def stacked_joined_by_hand(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    both = keras.layers.Bidirectional(keras.layers.LSTM(units, return_sequences=True), merge_mode=None)
    forward, backward = both(x)
    states = keras.layers.LSTM(units, return_sequences=True)(keras.layers.Concatenate()([forward, backward]))
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(states[:, -1]))


@build_stacked.right
def stacked_from_two_readings(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    backward = keras.layers.LSTM(units, return_sequences=True, go_backwards=True)(x)
    forward = keras.layers.LSTM(units, return_sequences=True)(x)
    both = keras.layers.Concatenate()([forward, keras.ops.flip(backward, axis=1)])
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(keras.layers.LSTM(units)(both)))


build_stacked.like(probabilities)
build_stacked.like(one_answer)
build_stacked.like(order_of_time)


def twin_directions_summed(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    forward, backward = both_ways(w, x, units)
    return softmax(dense(w, lstm(w, forward + backward, units)[1], classes))


@build_stacked.wrong(
    "The two directions are added.",
    "They are to stand side by side. Which argument of the wrapper decides that?",
    computes=twin_directions_summed,
    see="topologies-bidirectional-merge",
)
def directions_summed(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.Bidirectional(keras.layers.LSTM(units, return_sequences=True), merge_mode="sum")(x)
    h = keras.layers.LSTM(units)(h)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_directions_averaged(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    forward, backward = both_ways(w, x, units)
    return softmax(dense(w, lstm(w, (forward + backward) / 2, units)[1], classes))


@build_stacked.wrong(
    "The two directions are averaged.",
    "They are to stand side by side. Which argument of the wrapper decides that?",
    computes=twin_directions_averaged,
    see="topologies-bidirectional-merge",
)
def directions_averaged(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.Bidirectional(keras.layers.LSTM(units, return_sequences=True), merge_mode="ave")(x)
    h = keras.layers.LSTM(units)(h)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_one_direction_only(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    return softmax(dense(w, lstm(w, lstm(w, x, units)[0], units)[1], classes))


@build_stacked.wrong(
    "Both levels read forwards only.",
    "The first level is to read in both directions.",
    computes=twin_one_direction_only,
    see="topologies-bidirectional",
)
def one_direction_only(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.LSTM(units, return_sequences=True)(x)
    h = keras.layers.LSTM(units)(h)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_both_directions_above(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    forward, backward = both_ways(w, side_by_side(*both_ways(w, x, units)), units)
    return softmax(dense(w, side_by_side(forward[:, -1], backward[:, 0]), classes))


@build_stacked.wrong(
    "Both levels read in both directions.",
    "Only the first one is to; the second reads forwards.",
    computes=twin_both_directions_above,
)
def both_directions_above(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.Bidirectional(keras.layers.LSTM(units, return_sequences=True))(x)
    h = keras.layers.Bidirectional(keras.layers.LSTM(units))(h)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_levels_swapped(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    forward, backward = both_ways(w, lstm(w, x, units)[0], units)
    return softmax(dense(w, side_by_side(forward[:, -1], backward[:, 0]), classes))


@build_stacked.wrong(
    "The second level reads in both directions, the first one does not.",
    "Which of the two is to see what comes later?",
    computes=twin_levels_swapped,
)
def levels_swapped(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.LSTM(units, return_sequences=True)(x)
    h = keras.layers.Bidirectional(keras.layers.LSTM(units))(h)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_last_state_repeated(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    forward, backward = both_ways(w, x, units)
    h = repeated(side_by_side(forward[:, -1], backward[:, 0]), time)
    return softmax(dense(w, lstm(w, h, units)[1], classes))


@build_stacked.wrong(
    "The first level hands on its last states, repeated.",
    "The shapes fit, but the second level reads the same thing at every step. What should it read?",
    computes=twin_last_state_repeated,
    see="topologies-return-sequences",
)
def last_state_repeated(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.Bidirectional(keras.layers.LSTM(units))(x)
    h = keras.layers.RepeatVector(time)(h)
    h = keras.layers.LSTM(units)(h)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_sequence_of_one(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    forward, backward = both_ways(w, x, units)
    h = repeated(side_by_side(forward[:, -1], backward[:, 0]), 1)
    return softmax(dense(w, lstm(w, h, units)[1], classes))


@build_stacked.wrong(
    "The first level hands on its last states, as a sequence of length 1.",
    "The shapes fit, but the second level takes one step only. What should it read?",
    computes=twin_sequence_of_one,
    see="topologies-return-sequences",
)
def sequence_of_one(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.Bidirectional(keras.layers.LSTM(units))(x)
    h = keras.layers.Reshape((1, 2 * units))(h)
    h = keras.layers.LSTM(units)(h)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_one_level_only(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    forward, backward = both_ways(w, x, units)
    return softmax(dense(w, side_by_side(forward[:, -1], backward[:, 0]), classes))


@build_stacked.wrong(
    "There is only one recurrent level.",
    "A stack has at least two: the second reads the sequence that the first one makes.",
    computes=twin_one_level_only,
)
def one_level_only(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    h = keras.layers.Bidirectional(keras.layers.LSTM(units))(x)
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


def twin_backward_not_turned(w: Weights, x: Array, time: int, inputs: int, units: int, classes: int) -> Array:
    forward, backward = both_ways(w, x, units)
    return softmax(dense(w, lstm(w, side_by_side(forward, backward[:, ::-1]), units)[1], classes))


@build_stacked.wrong(
    "The backward states stand in the order in which they were computed.",
    "A layer with go_backwards starts its output at the end of time: each state must be moved to its own step.",
    computes=twin_backward_not_turned,
    see="topologies-bidirectional-order",
)
def backward_not_turned(time: int, inputs: int, units: int, classes: int) -> Any:
    x = keras.Input((time, inputs))
    forward = keras.layers.LSTM(units, return_sequences=True)(x)
    backward = keras.layers.LSTM(units, return_sequences=True, go_backwards=True)(x)
    h = keras.layers.LSTM(units)(keras.layers.Concatenate()([forward, backward]))
    return keras.Model(x, keras.layers.Dense(classes, activation="softmax")(h))


# --- count_bidirectional ---------------------------------------------------------------------------------------------


@graded("topologies-parameters", exact_type=int, rtol=0, atol=0)
def count_bidirectional(inputs: int, units: int, classes: int) -> int:
    """Bidirectional(LSTM(units)) on `inputs` features, then Dense(classes)."""
    one_direction = 4 * ((inputs + units) * units + units)
    return 2 * one_direction + 2 * units * classes + classes


@count_bidirectional.inputs(inputs=range(2, 60), units=range(2, 60), classes=range(2, 60))
def draw_counts(rng: np.random.Generator, inputs: int, units: int, classes: int) -> Inputs:
    return (inputs, units, classes)


@count_bidirectional.right
def count_by_arrays(inputs: int, units: int, classes: int) -> int:
    recurrent = [(inputs, 4 * units), (units, 4 * units), (4 * units,)]
    return sum(int(np.prod(shape)) for shape in [*recurrent, *recurrent, (2 * units, classes), (classes,)])


@count_bidirectional.right
def count_by_columns(inputs: int, units: int, classes: int) -> int:
    return 8 * units * (inputs + units + 1) + (2 * units + 1) * classes


@count_bidirectional.wrong("Only one direction is counted.", "The backward LSTM has weights of its own.")
def count_one_direction(inputs: int, units: int, classes: int) -> int:
    return 4 * ((inputs + units) * units + units) + 2 * units * classes + classes


@count_bidirectional.wrong(
    "This is the count for an LSTM that reads forwards only.",
    "How many LSTMs are there, and how wide is what the dense layer gets?",
)
def count_plain_lstm(inputs: int, units: int, classes: int) -> int:
    return 4 * ((inputs + units) * units + units) + units * classes + classes


@count_bidirectional.wrong(
    "The dense layer is counted as if it got one direction.",
    "How wide is what the two directions hand on?",
    see="topologies-bidirectional-merge",
)
def count_dense_on_units(inputs: int, units: int, classes: int) -> int:
    return 2 * 4 * ((inputs + units) * units + units) + units * classes + classes


@count_bidirectional.wrong(
    "One LSTM with twice the units is counted.",
    "The two directions don't look at each other's states: compare the sizes of the recurrent kernels.",
)
def count_twice_the_units(inputs: int, units: int, classes: int) -> int:
    return 4 * ((inputs + 2 * units) * 2 * units + 2 * units) + 2 * units * classes + classes


@count_bidirectional.wrong("The dense layer is counted twice.", "There are two LSTMs, but one dense layer behind them.")
def count_everything_twice(inputs: int, units: int, classes: int) -> int:
    return 2 * (4 * ((inputs + units) * units + units) + units * classes + classes)


@count_bidirectional.wrong(
    "The biases are not counted.", "Each of the four blocks has one bias a unit, and the dense layer has some too."
)
def count_no_biases(inputs: int, units: int, classes: int) -> int:
    return 2 * 4 * (inputs + units) * units + 2 * units * classes


@count_bidirectional.wrong(
    "The biases of the dense layer are not counted.", "A dense layer has one bias for each output."
)
def count_no_dense_bias(inputs: int, units: int, classes: int) -> int:
    return 2 * 4 * ((inputs + units) * units + units) + 2 * units * classes


@count_bidirectional.wrong("The dense layer is not counted.", "It has a kernel and biases too.")
def count_no_dense(inputs: int, units: int, classes: int) -> int:
    return 2 * 4 * ((inputs + units) * units + units)


@count_bidirectional.wrong("One block of each LSTM is counted.", "How many blocks has an LSTM?")
def count_one_gate(inputs: int, units: int, classes: int) -> int:
    return 2 * ((inputs + units) * units + units) + 2 * units * classes + classes


@count_bidirectional.wrong(
    "Three blocks of each LSTM are counted.", "Three gates, and something else that has weights."
)
def count_three_blocks(inputs: int, units: int, classes: int) -> int:
    return 2 * 3 * ((inputs + units) * units + units) + 2 * units * classes + classes
