"""The topologies' references against Keras with the same weights; the check of models against what is no model."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autograder.checking.drawing import generator, seeded
from autograder.checking.failed import CheckFailed
from autograder.checking.model import (
    MAX_ORDERS,
    DrawnWeights,
    ModelCheck,
    Observed,
    Weights,
    WrongModel,
    draw_inputs,
    outputs_in_every_order,
)
from autograder.checks import notebook_checks
from autograder.checks.topologies import keras as models
from autograder.checks.topologies import patterns

if TYPE_CHECKING:
    import keras

CHECKS = [
    pytest.param(check, id=name)
    for name, check in notebook_checks("topologies", "keras").items()
    if isinstance(check, ModelCheck)
]
SEEDS = [n.to_bytes(4) for n in range(3)]


@pytest.fixture(scope="module", autouse=True)
def keras_given() -> None:
    """Keras, here and for the builders, imported when the first test needs it and not when tests are collected."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    globals()["keras"] = vars(models)["keras"] = import_module("keras")


def simple_rnn(params: patterns.Params, **options: Any) -> keras.layers.SimpleRNN:
    """Keras's layer with the weights of our step."""
    layer = keras.layers.SimpleRNN(params["U"].shape[0], **options)
    layer.build((None, None, params["W"].shape[0]))
    layer.set_weights([params[name] for name in "WUb"])
    return layer


def agree(got: Any, want: np.ndarray) -> None:
    """Both are the same to 1e-5, Keras's 32 bits against our 64."""
    np.testing.assert_allclose(np.asarray(got), want, rtol=0, atol=1e-5)


def tensor(array: np.ndarray) -> Any:
    return keras.ops.convert_to_tensor(array.astype("float32"))


# --- the five patterns ---


@pytest.mark.parametrize("seed", range(3))
def test_one_to_one_is_two_dense_layers(seed: int) -> None:
    x, params = patterns.draw_one_to_one(np.random.default_rng(seed), 4, 3, 5, 2)
    hidden = keras.layers.Dense(params["b"].size, activation="tanh")
    output = keras.layers.Dense(params["c"].size)
    model = keras.Sequential([keras.Input((x.shape[1],)), hidden, output])
    model.set_weights([params[name] for name in "WbVc"])
    agree(model(tensor(x)), patterns.one_to_one(x, params))


@pytest.mark.parametrize("seed", range(3))
def test_one_to_many_is_a_simple_rnn_on_x_and_zeros(seed: int) -> None:
    x, h_0, steps, params = patterns.draw_one_to_many(np.random.default_rng(seed), 4, 3, 5, 6, 2)
    padded = np.zeros((len(x), steps, x.shape[1]))
    padded[:, 0] = x
    states = simple_rnn(params, return_sequences=True)(tensor(padded), initial_state=tensor(h_0))
    want = patterns.one_to_many(x, h_0, steps, params)
    agree(patterns.readout(np.asarray(states), params), want)


@pytest.mark.parametrize("seed", range(3))
def test_a_sequence_read_by_keras(seed: int) -> None:
    x, h_0, params = patterns.draw_sequence(np.random.default_rng(seed), 4, 6, 3, 5, 2)
    states = simple_rnn(params, return_sequences=True)(tensor(x), initial_state=tensor(h_0))
    last = simple_rnn(params)(tensor(x), initial_state=tensor(h_0))
    got = patterns.readout(np.asarray(states), params)
    agree(got, patterns.many_to_many_synced(x, h_0, params))
    got = patterns.readout(np.asarray(last), params)
    agree(got, patterns.many_to_one(x, h_0, params))


@pytest.mark.parametrize("seed", range(3))
def test_encoder_and_decoder_in_keras(seed: int) -> None:
    """Given its own outputs as inputs, one step late, Keras's decoder gives the same outputs."""
    x, h_0, steps, encoder, decoder = patterns.draw_two_networks(np.random.default_rng(seed), 4, 6, 3, 7, 2, 5)
    outputs = patterns.encoder_decoder(x, h_0, steps, encoder, decoder)
    _, state = simple_rnn(encoder, return_state=True)(tensor(x), initial_state=tensor(h_0))
    late = np.concatenate([np.zeros_like(outputs[:, :1]), outputs[:, :-1]], axis=1)
    states = simple_rnn(decoder, return_sequences=True)(tensor(late), initial_state=state)
    agree(patterns.readout(np.asarray(states), decoder), outputs)


@pytest.mark.parametrize("seed", range(3))
def test_both_directions_in_keras(seed: int) -> None:
    x, params_f, params_b = patterns.draw_both_directions(np.random.default_rng(seed), 4, 6, 3, 5)
    forward = simple_rnn(params_f, return_sequences=True)
    backward = simple_rnn(params_b, return_sequences=True, go_backwards=True)
    model = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Bidirectional(forward, backward_layer=backward)])
    model.set_weights([params[name] for params in (params_f, params_b) for name in "WUb"])
    agree(model(tensor(x)), patterns.bidirectional(x, params_f, params_b))


# --- shapes and parameters ---


def keras_layer(kind: str, *arguments: Any) -> keras.layers.Layer:
    layers = keras.layers
    if kind == "LSTM":
        return layers.LSTM(arguments[0], return_sequences=arguments[1])
    if kind == "Bidirectional":
        return layers.Bidirectional(layers.LSTM(arguments[0], return_sequences=arguments[1]))
    return getattr(layers, kind)(*arguments)


def test_shapes_are_those_of_keras() -> None:
    rng = np.random.default_rng(0)
    fixed = [case.inputs for case in models.shape_after.fixed]
    for shape, layers in [*fixed, *(models.draw_shape(rng, 5, 4, 3, 2) for _ in range(6))]:
        x = keras.Input(batch_shape=shape)
        for layer in layers:
            x = keras_layer(*layer)(x)
        assert models.shape_after(shape, layers) == list(x.shape)


def test_parameters_are_counted_as_keras_does() -> None:
    for inputs, units, classes in ((1, 1, 1), (3, 5, 2), (7, 2, 9)):
        model = keras.Sequential([keras.Input((4, inputs)), keras_layer("Bidirectional", units, False)])
        model.add(keras.layers.Dense(classes))
        assert models.count_bidirectional(inputs, units, classes) == model.count_params()


# --- the twins ---


@pytest.mark.parametrize("check", CHECKS)
def test_every_twin_computes_what_keras_does(check: ModelCheck) -> None:
    """The right model's and each wrong one's, to 1e-5, with all weights used and none left over."""
    exactly(check.reference, check.twin, check.inputs, check).judge(check.reference)
    for wrong in check.misconceptions:
        assert isinstance(wrong, WrongModel)
        exactly(wrong.wrong, wrong.twin, wrong.inputs or check.inputs, check, draws=1).judge(wrong.wrong)


def exactly(builder: Any, twin: Any, shapes: Any, like: ModelCheck, draws: int = 2) -> ModelCheck:
    """A check that lets `builder` pass only where its models compute what `twin` does, to 1e-5."""
    tight = ModelCheck(builder, like.section, shapes, draws)
    tight.rtol, tight.atol = 0.0, 1e-5
    tight.computes(twin)
    return tight


@pytest.mark.parametrize("check", CHECKS)
def test_the_expected_outputs_are_those_of_the_run(check: ModelCheck) -> None:
    with seeded(SEEDS[0]):
        rng = generator(check.name)
        cases = [check.sizes(rng) for _ in range(check.draws)]
        seen = [check.observe(check.reference(*case), rng).output for case in cases]
        for got, want in zip(seen, check.expected(), strict=True):
            agree(got, want)


@pytest.mark.parametrize("check", CHECKS)
def test_all_sizes_differ_from_each_other_and_from_the_batch(check: ModelCheck) -> None:
    for seed in SEEDS:
        with seeded(seed):
            rng = generator(check.name)
            case = check.sizes(rng)
            x = draw_inputs(rng, check.inputs(*case))
            batch = (x[0] if isinstance(x, list) else x).shape[0]
            assert len({batch, *case}) == 1 + len(case)
            output = check.twin(DrawnWeights(rng), x, *case)
            assert np.ptp(output, axis=0).max() > 0.01, "every example has the same output"


# --- in which order a model's layers come ---


def layers_seen(*layers: list[np.ndarray]) -> Observed:
    """A model of one input that has these layers, in Keras's order."""
    weights = [array for layer in layers for array in layer]
    return Observed(((2,),), weights, np.ones((3, 2)), np.zeros((3, 2)))


def two_layers(w: Weights, x: np.ndarray) -> np.ndarray:
    return models.dense(w, np.tanh(models.dense(w, x, 2)), 2)


def test_layers_of_the_same_shape_are_tried_in_every_order() -> None:
    rng = np.random.default_rng(0)
    one, other = ([rng.normal(size=(2, 2)), rng.normal(size=2)] for _ in range(2))
    in_order, turned = outputs_in_every_order(two_layers, (), layers_seen(one, other))
    agree(in_order, np.tanh(np.ones((3, 2)) @ one[0] + one[1]) @ other[0] + other[1])
    agree(turned, np.tanh(np.ones((3, 2)) @ other[0] + other[1]) @ one[0] + one[1])


def test_the_weights_of_a_layer_may_come_in_another_order_too() -> None:
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(2, 2)), rng.normal(size=2)
    as_keras, turned = (
        [*outputs_in_every_order(lambda w, x: models.dense(w, x, 2), (), layers_seen(layer))]
        for layer in ([kernel, bias], [bias, kernel])
    )
    assert len(as_keras) == len(turned) == 1
    agree(as_keras[0], turned[0])


def test_no_order_makes_up_for_weights_that_are_missing_or_too_many() -> None:
    layer = [np.ones((2, 2)), np.ones(2)]
    assert [*outputs_in_every_order(two_layers, (), layers_seen(layer))] == []
    assert [*outputs_in_every_order(two_layers, (), layers_seen(layer, layer, layer))] == []


def test_how_many_orders_are_tried_is_bounded() -> None:
    layer = [np.ones((2, 2)), np.ones(2)]

    def deep(w: Weights, x: np.ndarray) -> np.ndarray:
        for _ in range(8):
            x = models.dense(w, x, 2)
        return x

    assert len([*outputs_in_every_order(deep, (), layers_seen(*[layer] * 8))]) <= MAX_ORDERS


# --- what is no model, and a model that lies ---

MANY = models.build_many_to_one


def told(builder: Any) -> CheckFailed:
    with seeded(SEEDS[0]), pytest.raises(CheckFailed) as failed:
        MANY.judge(builder)
    return failed.value


NO_MODELS: dict[str, Callable[..., Any]] = {
    "text": lambda *sizes: "LSTM",
    "an array": lambda *sizes: np.zeros((2, 3)),
    "a dictionary": lambda *sizes: {"layers": 2},
    "a class": lambda *sizes: keras.Sequential,
    "a layer": lambda *sizes: keras.layers.Dense(3),
    "a model without an input": lambda *sizes: keras.Sequential([keras.layers.LSTM(4)]),
    "a model of unknown length": lambda *sizes: keras.Sequential([keras.Input((None, 4)), keras.layers.LSTM(4)]),
    "a model of unknown outputs": lambda *sizes: keras.Model(),
}


@pytest.mark.parametrize("what", NO_MODELS)
def test_what_is_no_model_is_told(what: str) -> None:
    assert told(NO_MODELS[what]).kind == "no-model"


def test_nothing_at_all_is_told() -> None:
    assert told(lambda *sizes: None).kind == "none"
    assert told(3).kind == "not-callable"


def test_several_outputs_are_told() -> None:
    def both(time: int, inputs: int, units: int, classes: int) -> Any:
        x = keras.Input((time, inputs))
        return keras.Model(x, keras.layers.LSTM(units, return_state=True)(x))

    assert told(both).kind == "count"


def chain(time: int, inputs: int, *layers: Any) -> keras.Model:
    return keras.Sequential([keras.Input((time, inputs)), *layers])


def test_the_coarsest_difference_is_told_and_no_expected_number() -> None:
    layers = keras.layers
    short = told(lambda t, i, u, c: chain(t - 1, i, layers.LSTM(u), layers.Dense(c, activation="softmax")))
    assert short.kind == "shape" and "input shape" in str(short)
    wide = told(lambda t, i, u, c: chain(t, i, layers.LSTM(u), layers.Dense(c + 1, activation="softmax")))
    assert wide.kind == "shape" and "output shape" in str(wide)
    large = told(lambda t, i, u, c: chain(t, i, layers.LSTM(u + 1), layers.Dense(c, activation="softmax")))
    assert large.kind == "parameters" and "more than" in str(large)
    other = told(lambda t, i, u, c: chain(t, i, layers.LSTM(u), layers.Dense(c, activation="tanh")))
    assert other.kind == "values"
    fixed = told(lambda *sizes: chain(5, 3, layers.LSTM(4), layers.Dense(2, activation="softmax")))
    assert fixed.kind == "shape"


class Liar:
    """Says what a right model would say and computes something else."""

    def __init__(self, time: int, inputs: int, units: int, classes: int) -> None:
        self.input_shape, self.output_shape = (None, time, inputs), (None, classes)
        shapes = [(inputs, 4 * units), (units, 4 * units), (4 * units,), (units, classes), (classes,)]
        self._weights = [np.zeros(shape) for shape in shapes]
        self._classes = classes

    def count_params(self) -> int:
        return sum(weight.size for weight in self._weights)

    def get_weights(self) -> list[np.ndarray]:
        return self._weights

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self._weights = weights

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return np.full((len(x), self._classes), 1 / self._classes)

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def test_a_model_is_not_taken_at_its_word() -> None:
    assert told(Liar).kind == "values"


class Huge(Liar):
    def get_weights(self) -> list[np.ndarray]:
        return [np.broadcast_to(np.float32(0), (10_000, 10_000))]


def test_a_model_that_is_far_too_large_is_not_run() -> None:
    assert told(Huge).kind == "too-large"


def test_an_error_of_the_students_own_is_theirs() -> None:
    layers = keras.layers
    with pytest.raises(ValueError, match="expected ndim=3, found ndim=2"):
        MANY.judge(lambda t, i, u, c: chain(t, i, layers.LSTM(u), layers.LSTM(u)))
