"""Checks of exercises/topologies/patterns.ipynb: Five patterns from one step.

A row is one example. x (batch, inputs) or (batch, time, inputs), h_0 (batch, units), W (inputs, units),
U (units, units), b (units,), V (units, outputs), c (outputs,); several outputs are (batch, steps, outputs).
The patterns are those of Karpathy (2015), the step is Elman's (1990).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...checking import graded
from ...checking.drawing import Inputs
from ..families.reading import reading

Array = np.ndarray
Params = dict[str, Array]


def step(x_t: Array, h_prev: Array, params: Params) -> Array:
    """One step of a simple RNN, as in keras/src/layers/rnn/simple_rnn.py. Given in the notebook."""
    return np.tanh(x_t @ params["W"] + h_prev @ params["U"] + params["b"])


def readout(h_t: Array, params: Params) -> Array:
    """A linear output layer. Given in the notebook."""
    return h_t @ params["V"] + params["c"]


def draw_params(rng: np.random.Generator, inputs: int, units: int, outputs: int) -> Params:
    shapes = {"W": (inputs, units), "U": (units, units), "b": (units,), "V": (units, outputs), "c": (outputs,)}
    return {name: rng.normal(scale=0.6, size=shape) for name, shape in shapes.items()}


def draw_step_params(rng: np.random.Generator, inputs: int, units: int) -> Params:
    """Those of a layer that has no output of its own."""
    return {name: array for name, array in draw_params(rng, inputs, units, 1).items() if name in "WUb"}


def draw_sequence(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int, outputs: int) -> Inputs:
    params = draw_params(rng, inputs, units, outputs)
    return (rng.normal(size=(batch, time, inputs)), rng.normal(size=(batch, units)), params)


# --- one_to_one ------------------------------------------------------------------------------------------------------


@graded("topologies-one-to-one")
def one_to_one(x: Array, params: Params) -> Array:
    return readout(step(x, np.zeros((x.shape[0], params["U"].shape[0])), params), params)


@one_to_one.inputs
def draw_one_to_one(rng: np.random.Generator, batch: int, inputs: int, units: int, outputs: int) -> Inputs:
    return (rng.normal(size=(batch, inputs)), draw_params(rng, inputs, units, outputs))


@one_to_one.right
def one_to_one_without_memory(x: Array, params: Params) -> Array:
    return np.tanh(x @ params["W"] + params["b"]) @ params["V"] + params["c"]


@one_to_one.right
def one_to_one_row_by_row(x: Array, params: Params) -> Array:
    nothing = np.zeros((1, len(params["b"])))
    return np.concatenate([readout(step(row[None], nothing, params), params) for row in x])


@one_to_one.right
def one_to_one_in_float32(x: Array, params: Params) -> Array:
    small = {name: array.astype("float32") for name, array in params.items()}
    return readout(step(x.astype("float32"), np.zeros((len(x), small["b"].size), "float32"), small), small)


@one_to_one.wrong("The step starts from a state of ones.", "Nothing was read before x. Which state stands for that?")
def one_to_one_from_ones(x: Array, params: Params) -> Array:
    return readout(step(x, np.ones((x.shape[0], params["U"].shape[0])), params), params)


@one_to_one.wrong(
    "You return the hidden state.",
    "The state is the network's own affair; what leaves it goes through the readout.",
    see="topologies-step-and-readout",
)
def one_to_one_state_returned(x: Array, params: Params) -> Array:
    return step(x, np.zeros((x.shape[0], params["U"].shape[0])), params)


@one_to_one.wrong("x is read twice: two steps are taken.", "One input takes one step.")
def one_to_one_two_steps(x: Array, params: Params) -> Array:
    h = step(x, np.zeros((x.shape[0], params["U"].shape[0])), params)
    return readout(step(x, h, params), params)


@one_to_one.wrong(
    "There is no tanh between input and output.",
    "Use the step as it is given: it squashes the sum.",
    see="topologies-step-and-readout",
)
def one_to_one_linear(x: Array, params: Params) -> Array:
    return readout(x @ params["W"] + params["b"], params)


@one_to_one.wrong(
    "The output goes through tanh once more.",
    "The readout is linear here: its result is the output.",
    see="topologies-step-and-readout",
)
def one_to_one_squashed(x: Array, params: Params) -> Array:
    return np.tanh(readout(step(x, np.zeros((x.shape[0], params["U"].shape[0])), params), params))


@one_to_one.wrong(
    "The readout lacks its bias.",
    "Two arrays belong to the readout. The given function uses both.",
    see="topologies-step-and-readout",
)
def one_to_one_no_output_bias(x: Array, params: Params) -> Array:
    return step(x, np.zeros((x.shape[0], params["U"].shape[0])), params) @ params["V"]


@one_to_one.wrong(
    "The rows of x are read one after the other, as if they were time steps.",
    "Each row is an example of its own: no row may influence another.",
    see="topologies-axes",
)
def one_to_one_rows_as_steps(x: Array, params: Params) -> Array:
    h, outputs = np.zeros((1, params["U"].shape[0])), []
    for row in x:
        h = step(row[None], h, params)
        outputs.append(readout(h, params))
    return np.concatenate(outputs)


# --- one_to_many -----------------------------------------------------------------------------------------------------


@graded("topologies-one-to-many")
def one_to_many(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    h, x_t, outputs = h_0, x, []
    for _ in range(steps):
        h = step(x_t, h, params)
        outputs.append(readout(h, params))
        x_t = np.zeros_like(x)
    return np.stack(outputs, axis=1)


@one_to_many.inputs(steps=range(3, 7))
def draw_one_to_many(rng: np.random.Generator, batch: int, inputs: int, units: int, steps: int, outputs: int) -> Inputs:
    params = draw_params(rng, inputs, units, outputs)
    return (rng.normal(size=(batch, inputs)), rng.normal(size=(batch, units)), steps, params)


@one_to_many.right
def one_to_many_padded(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    padded = np.zeros((x.shape[0], steps, x.shape[1]))
    padded[:, 0] = x
    h, states = h_0, []
    for t in range(steps):
        h = step(padded[:, t], h, params)
        states.append(h)
    return readout(np.stack(states, axis=1), params)


@one_to_many.right
def one_to_many_by_recursion(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    h = step(x, h_0, params)
    first = readout(h, params)[:, None]
    if steps == 1:
        return first
    return np.concatenate([first, one_to_many_by_recursion(0 * x, h, steps - 1, params)], axis=1)


@one_to_many.right
def one_to_many_without_later_inputs(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    h = step(x, h_0, params)
    outputs = [readout(h, params)]
    for _ in range(1, steps):
        h = np.tanh(h @ params["U"] + params["b"])
        outputs.append(readout(h, params))
    return np.array(outputs).transpose(1, 0, 2)


@one_to_many.wrong(
    "x enters at every step, as a RepeatVector would have it.",
    "Here it enters once. What do the later steps get as their input?",
    see="topologies-repeat-vector",
)
def one_to_many_input_repeated(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    h, outputs = h_0, []
    for _ in range(steps):
        h = step(x, h, params)
        outputs.append(readout(h, params))
    return np.stack(outputs, axis=1)


@one_to_many.wrong("x enters at the last step.", "All outputs are to depend on x. When must it come in?")
def one_to_many_input_last(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    h, outputs = h_0, []
    for t in range(steps):
        h = step(x if t == steps - 1 else np.zeros_like(x), h, params)
        outputs.append(readout(h, params))
    return np.stack(outputs, axis=1)


@one_to_many.wrong("x has no effect.", "The first step reads x; only the later ones read zeros.")
def one_to_many_input_left_out(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    h, outputs = h_0, []
    for _ in range(steps):
        h = step(np.zeros_like(x), h, params)
        outputs.append(readout(h, params))
    return np.stack(outputs, axis=1)


@one_to_many.wrong(
    "Every step starts from h_0.",
    "After the first step only the state still knows about x: hand it on.",
    see="topologies-state-carried",
)
def one_to_many_state_not_carried(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    outputs = [readout(step(x if t == 0 else np.zeros_like(x), h_0, params), params) for t in range(steps)]
    return np.stack(outputs, axis=1)


@one_to_many.wrong(
    "One step is taken, and its output is repeated.",
    "Each output needs a step of its own, from the state of the step before.",
)
def one_to_many_one_step_repeated(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    y = readout(step(x, h_0, params), params)
    return np.stack([y] * steps, axis=1)


@one_to_many.wrong(
    "The state starts from zeros, whatever h_0 is.",
    "Start from the state that is given.",
    see="topologies-state-carried",
)
def one_to_many_starts_at_zero(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    h, x_t, outputs = np.zeros_like(h_0), x, []
    for _ in range(steps):
        h = step(x_t, h, params)
        outputs.append(readout(h, params))
        x_t = np.zeros_like(x)
    return np.stack(outputs, axis=1)


@one_to_many.wrong(
    "You return the hidden states.",
    "Each state goes through the readout before it leaves the network.",
    see="topologies-step-and-readout",
)
def one_to_many_states_returned(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    h, x_t, outputs = h_0, x, []
    for _ in range(steps):
        h = step(x_t, h, params)
        outputs.append(h)
        x_t = np.zeros_like(x)
    return np.stack(outputs, axis=1)


@one_to_many.wrong(
    "Time is the first axis of the outputs.", "The order is batch, time, outputs.", see="topologies-axes"
)
def one_to_many_time_first(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    h, x_t, outputs = h_0, x, []
    for _ in range(steps):
        h = step(x_t, h, params)
        outputs.append(readout(h, params))
        x_t = np.zeros_like(x)
    return np.stack(outputs, axis=0)


@one_to_many.wrong("You return the last output alone.", "Keep the output of every step.")
def one_to_many_last_only(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    h = step(x, h_0, params)
    for _ in range(steps - 1):
        h = step(np.zeros_like(x), h, params)
    return readout(h, params)


@one_to_many.wrong("There is one output too many.", "The step that reads x gives an output too: count it.")
def one_to_many_one_too_many(x: Array, h_0: Array, steps: int, params: Params) -> Array:
    h = step(x, h_0, params)
    outputs = [readout(h, params)]
    for _ in range(steps):
        h = step(np.zeros_like(x), h, params)
        outputs.append(readout(h, params))
    return np.stack(outputs, axis=1)


# --- many_to_one -----------------------------------------------------------------------------------------------------


@graded("topologies-many-to-one")
def many_to_one(x: Array, h_0: Array, params: Params) -> Array:
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
    return readout(h, params)


many_to_one.inputs(time=range(3, 7))(draw_sequence)
many_to_one.like(reading, step=step, readout=readout, last=True)


@many_to_one.right
def many_to_one_time_major(x: Array, h_0: Array, params: Params) -> Array:
    h = h_0
    for x_t in np.swapaxes(x, 0, 1):
        h = np.tanh(params["b"] + h @ params["U"] + x_t @ params["W"])
    return params["c"] + h @ params["V"]


@many_to_one.right
def many_to_one_input_first(x: Array, h_0: Array, params: Params) -> Array:
    projected = np.einsum("bti,iu->tbu", x, params["W"]) + params["b"]
    h = h_0
    for a_t in projected:
        h = np.tanh(a_t + np.einsum("bj,ju->bu", h, params["U"]))
    return np.einsum("bu,uo->bo", h, params["V"]) + params["c"]


@many_to_one.wrong(
    "You return an output for every step.",
    "One answer is asked for. After which step does the state know the whole sequence?",
)
def many_to_one_all_outputs(x: Array, h_0: Array, params: Params) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
        outputs.append(readout(h, params))
    return np.stack(outputs, axis=1)


@many_to_one.wrong(
    "You return the mean of all outputs.", "That is a pooled readout. Here the last state alone is read out."
)
def many_to_one_mean(x: Array, h_0: Array, params: Params) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
        outputs.append(readout(h, params))
    return np.mean(outputs, axis=0)


@many_to_one.wrong("You return the sum of all outputs.", "The last state alone is read out.")
def many_to_one_sum(x: Array, h_0: Array, params: Params) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
        outputs.append(readout(h, params))
    return np.sum(outputs, axis=0)


@many_to_one.wrong(
    "You return the output of the first step.", "The first state has seen one input. Which one has seen all of them?"
)
def many_to_one_first_output(x: Array, h_0: Array, params: Params) -> Array:
    return readout(step(x[:, 0], h_0, params), params)


@many_to_one.wrong("The last input is never read.", "A sequence of T inputs takes T steps.")
def many_to_one_last_step_missing(x: Array, h_0: Array, params: Params) -> Array:
    h = h_0
    for t in range(x.shape[1] - 1):
        h = step(x[:, t], h, params)
    return readout(h, params)


@many_to_one.wrong(
    "The inputs are averaged first, so their order has no effect.", "Take one step for each input, in their order."
)
def many_to_one_mean_of_inputs(x: Array, h_0: Array, params: Params) -> Array:
    return readout(step(x.mean(axis=1), h_0, params), params)


# --- many_to_many_synced ---------------------------------------------------------------------------------------------


@graded("topologies-synced")
def many_to_many_synced(x: Array, h_0: Array, params: Params) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
        outputs.append(readout(h, params))
    return np.stack(outputs, axis=1)


many_to_many_synced.inputs(time=range(3, 7))(draw_sequence)
many_to_many_synced.like(reading, step=step, readout=readout, last=False)


@many_to_many_synced.right
def synced_time_major(x: Array, h_0: Array, params: Params) -> Array:
    states = [h_0]
    for x_t in x.transpose(1, 0, 2):
        states.append(step(x_t, states[-1], params))
    return readout(np.array(states[1:]), params).transpose(1, 0, 2)


@many_to_many_synced.right
def synced_by_recursion(x: Array, h_0: Array, params: Params) -> Array:
    h = step(x[:, 0], h_0, params)
    first = readout(h, params)[:, None]
    if x.shape[1] == 1:
        return first
    return np.concatenate([first, synced_by_recursion(x[:, 1:], h, params)], axis=1)


@many_to_many_synced.wrong(
    "The last output stands at every step.", "Read each state out before the next one replaces it."
)
def synced_last_for_all(x: Array, h_0: Array, params: Params) -> Array:
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
    return np.stack([readout(h, params)] * x.shape[1], axis=1)


@many_to_many_synced.wrong("You return the last output alone.", "Every input is to have an output.")
def synced_last_only(x: Array, h_0: Array, params: Params) -> Array:
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
    return readout(h, params)


@many_to_many_synced.wrong(
    "Time is the first axis of the outputs.", "The order is batch, time, outputs.", see="topologies-axes"
)
def synced_time_first(x: Array, h_0: Array, params: Params) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
        outputs.append(readout(h, params))
    return np.stack(outputs, axis=0)


@many_to_many_synced.wrong(
    "Each output is read from the state before its step.", "The output of step t has seen the input of step t."
)
def synced_state_before_update(x: Array, h_0: Array, params: Params) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        outputs.append(readout(h, params))
        h = step(x[:, t], h, params)
    return np.stack(outputs, axis=1)


@many_to_many_synced.wrong(
    "Each output is the mean of all outputs so far.", "The state has gathered the past already: read it out as it is."
)
def synced_running_mean(x: Array, h_0: Array, params: Params) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
        outputs.append(readout(h, params))
    return np.stack([np.mean(outputs[: t + 1], axis=0) for t in range(x.shape[1])], axis=1)


@many_to_many_synced.wrong(
    "The outputs are reshaped to (batch, time, outputs), not moved there.",
    "A reshape fills the axes anew, in the order of memory: numbers of different examples get mixed.",
    see="topologies-axes",
)
def synced_reshaped(x: Array, h_0: Array, params: Params) -> Array:
    h, outputs = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params)
        outputs.append(readout(h, params))
    return np.reshape(outputs, (x.shape[0], x.shape[1], -1))


# --- encoder_decoder -------------------------------------------------------------------------------------------------


# What is fed back carries its rounding with it: an answer in 32 bits is off by up to 2e-5.
@graded("topologies-encoder-decoder", atol=1e-4)
def encoder_decoder(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    """Sutskever et al. (2014), with the source in its own order and a zero vector as the first decoder input."""
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params_encoder)
    y_t, outputs = np.zeros((x.shape[0], params_decoder["c"].shape[0])), []
    for _ in range(steps):
        h = step(y_t, h, params_decoder)
        y_t = readout(h, params_decoder)
        outputs.append(y_t)
    return np.stack(outputs, axis=1)


def draw_two_networks(
    rng: np.random.Generator, batch: int, time: int, inputs: int, steps: int, outputs: int, units: int
) -> Inputs:
    return (
        rng.normal(size=(batch, time, inputs)),
        rng.normal(size=(batch, units)),
        steps,
        draw_step_params(rng, inputs, units),
        draw_params(rng, outputs, units, outputs),
    )


encoder_decoder.inputs(time=range(3, 8), steps=range(3, 8), outputs=range(2, 8))(draw_two_networks)


@encoder_decoder.condition("an answer longer than the source")
def longer_answer(rng: np.random.Generator, batch: int, inputs: int, outputs: int, units: int) -> Inputs:
    return draw_two_networks(rng, batch, 2, inputs, 5, outputs, units)


@encoder_decoder.condition("an answer shorter than the source")
def shorter_answer(rng: np.random.Generator, batch: int, inputs: int, outputs: int, units: int) -> Inputs:
    return draw_two_networks(rng, batch, 5, inputs, 2, outputs, units)


@encoder_decoder.right
def encoder_decoder_filled_in(
    x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params
) -> Array:
    state = h_0
    for x_t in np.moveaxis(x, 1, 0):
        state = step(x_t, state, params_encoder)
    outputs = np.zeros((x.shape[0], steps + 1, params_decoder["c"].size))
    for n in range(steps):
        state = step(outputs[:, n], state, params_decoder)
        outputs[:, n + 1] = readout(state, params_decoder)
    return outputs[:, 1:]


@encoder_decoder.right
def encoder_decoder_written_out(
    x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params
) -> Array:
    e, d = params_encoder, params_decoder
    h = h_0
    for t in range(x.shape[1]):
        h = np.tanh(np.einsum("bi,iu->bu", x[:, t], e["W"]) + h @ e["U"] + e["b"])
    h = np.tanh(h @ d["U"] + d["b"])
    outputs = [h @ d["V"] + d["c"]]
    while len(outputs) < steps:
        h = np.tanh(outputs[-1] @ d["W"] + h @ d["U"] + d["b"])
        outputs.append(h @ d["V"] + d["c"])
    return np.moveaxis(np.array(outputs), 0, 1)


@encoder_decoder.right
def encoder_decoder_by_a_generator(
    x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params
) -> Array:
    def answers() -> Iterator[Array]:
        h, y = h_0, np.zeros((len(x), len(params_decoder["c"])))
        for t in range(x.shape[1]):
            h = step(x[:, t], h, params_encoder)
        while True:
            h = step(y, h, params_decoder)
            yield (y := readout(h, params_decoder))

    return np.stack([y for _, y in zip(range(steps), answers())], axis=1)


@encoder_decoder.wrong(
    "The decoder starts from h_0, so it knows nothing of the source.",
    "What does the encoder leave behind when it has read everything?",
    see="topologies-state-handed-over",
)
def state_not_handed_over(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    h, y_t, outputs = h_0, np.zeros((x.shape[0], params_decoder["c"].shape[0])), []
    for _ in range(steps):
        h = step(y_t, h, params_decoder)
        y_t = readout(h, params_decoder)
        outputs.append(y_t)
    return np.stack(outputs, axis=1)


@encoder_decoder.wrong(
    "The decoder starts from zeros, so it knows nothing of the source.",
    "What does the encoder leave behind when it has read everything?",
    see="topologies-state-handed-over",
)
def decoder_starts_at_zero(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    h, y_t, outputs = np.zeros_like(h_0), np.zeros((x.shape[0], params_decoder["c"].shape[0])), []
    for _ in range(steps):
        h = step(y_t, h, params_decoder)
        y_t = readout(h, params_decoder)
        outputs.append(y_t)
    return np.stack(outputs, axis=1)


@encoder_decoder.wrong(
    "The encoder starts from zeros, whatever h_0 is.",
    "Start from the state that is given.",
    see="topologies-state-carried",
)
def encoder_starts_at_zero(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    h = np.zeros_like(h_0)
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params_encoder)
    y_t, outputs = np.zeros((x.shape[0], params_decoder["c"].shape[0])), []
    for _ in range(steps):
        h = step(y_t, h, params_decoder)
        y_t = readout(h, params_decoder)
        outputs.append(y_t)
    return np.stack(outputs, axis=1)


@encoder_decoder.wrong(
    "The encoder's steps all start from h_0, so only the last input counts.",
    "Hand the state of one step to the next.",
    see="topologies-state-carried",
)
def encoder_keeps_no_state(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    h = step(x[:, -1], h_0, params_encoder)
    y_t, outputs = np.zeros((x.shape[0], params_decoder["c"].shape[0])), []
    for _ in range(steps):
        h = step(y_t, h, params_decoder)
        y_t = readout(h, params_decoder)
        outputs.append(y_t)
    return np.stack(outputs, axis=1)


@encoder_decoder.wrong(
    "The decoder reads zeros at every step.",
    "Only its first input is zero. What has it just said, when it takes the next step?",
    see="topologies-feedback",
)
def output_not_fed_back(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params_encoder)
    y_0, outputs = np.zeros((x.shape[0], params_decoder["c"].shape[0])), []
    for _ in range(steps):
        h = step(y_0, h, params_decoder)
        outputs.append(readout(h, params_decoder))
    return np.stack(outputs, axis=1)


@encoder_decoder.wrong(
    "Every step of the decoder starts from the encoder's last state.",
    "Only the first one does; then the decoder carries its own state on.",
    see="topologies-state-carried",
)
def decoder_keeps_no_state(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params_encoder)
    y_t, outputs = np.zeros((x.shape[0], params_decoder["c"].shape[0])), []
    for _ in range(steps):
        y_t = readout(step(y_t, h, params_decoder), params_decoder)
        outputs.append(y_t)
    return np.stack(outputs, axis=1)


@encoder_decoder.wrong(
    "The first output is read from the encoder's last state, with no step of the decoder.",
    "Every output belongs to a step of the decoder. What is the input of the first?",
    see="topologies-feedback",
)
def encoder_state_read_out(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params_encoder)
    outputs = [readout(h, params_decoder)]
    for _ in range(steps - 1):
        h = step(outputs[-1], h, params_decoder)
        outputs.append(readout(h, params_decoder))
    return np.stack(outputs, axis=1)


@encoder_decoder.wrong(
    "There are as many outputs as inputs.", "How long the answer is does not depend on how long the source is."
)
def as_many_as_were_read(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params_encoder)
    y_t, outputs = np.zeros((x.shape[0], params_decoder["c"].shape[0])), []
    for _ in range(x.shape[1]):
        h = step(y_t, h, params_decoder)
        y_t = readout(h, params_decoder)
        outputs.append(y_t)
    return np.stack(outputs, axis=1)


@encoder_decoder.wrong(
    "The source is read from its end.", "Some translators do that on purpose. Here time runs from index 0 upwards."
)
def source_read_backwards(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    h = h_0
    for t in reversed(range(x.shape[1])):
        h = step(x[:, t], h, params_encoder)
    y_t, outputs = np.zeros((x.shape[0], params_decoder["c"].shape[0])), []
    for _ in range(steps):
        h = step(y_t, h, params_decoder)
        y_t = readout(h, params_decoder)
        outputs.append(y_t)
    return np.stack(outputs, axis=1)


@encoder_decoder.wrong(
    "You return the decoder's states.",
    "Each state goes through the readout before it leaves the network.",
    see="topologies-step-and-readout",
)
def decoder_states_returned(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params_encoder)
    y_t, states = np.zeros((x.shape[0], params_decoder["c"].shape[0])), []
    for _ in range(steps):
        h = step(y_t, h, params_decoder)
        y_t = readout(h, params_decoder)
        states.append(h)
    return np.stack(states, axis=1)


@encoder_decoder.wrong(
    "Time is the first axis of the outputs.", "The order is batch, time, outputs.", see="topologies-axes"
)
def decoder_time_first(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params_encoder)
    y_t, outputs = np.zeros((x.shape[0], params_decoder["c"].shape[0])), []
    for _ in range(steps):
        h = step(y_t, h, params_decoder)
        y_t = readout(h, params_decoder)
        outputs.append(y_t)
    return np.stack(outputs, axis=0)


@encoder_decoder.wrong(
    "The first decoder input, a vector of zeros, counts as an output.",
    "Only what the readout has given is an answer.",
    see="topologies-feedback",
)
def zeros_as_first_output(x: Array, h_0: Array, steps: int, params_encoder: Params, params_decoder: Params) -> Array:
    h = h_0
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params_encoder)
    outputs = [np.zeros((x.shape[0], params_decoder["c"].shape[0]))]
    for _ in range(steps):
        h = step(outputs[-1], h, params_decoder)
        outputs.append(readout(h, params_decoder))
    return np.stack(outputs[:steps], axis=1)


# --- bidirectional ---------------------------------------------------------------------------------------------------


@graded("topologies-bidirectional")
def bidirectional(x: Array, params_f: Params, params_b: Params) -> Array:
    """Schuster and Paliwal (1997): the states of both readings, side by side at the step they belong to."""
    forward, backward = np.zeros((2, *x.shape[:2], params_f["U"].shape[0]))
    h = np.zeros((x.shape[0], params_f["U"].shape[0]))
    for t in range(x.shape[1]):
        h = forward[:, t] = step(x[:, t], h, params_f)
    h = np.zeros((x.shape[0], params_b["U"].shape[0]))
    for t in reversed(range(x.shape[1])):
        h = backward[:, t] = step(x[:, t], h, params_b)
    return np.concatenate([forward, backward], axis=-1)


@bidirectional.inputs(time=range(3, 7))
def draw_both_directions(rng: np.random.Generator, batch: int, time: int, inputs: int, units: int) -> Inputs:
    return (
        rng.normal(size=(batch, time, inputs)),
        draw_step_params(rng, inputs, units),
        draw_step_params(rng, inputs, units),
    )


@bidirectional.right
def both_with_flips(x: Array, params_f: Params, params_b: Params) -> Array:
    readings = []
    for order, params in ((1, params_f), (-1, params_b)):
        h, states = np.zeros((len(x), params["b"].size)), []
        for x_t in np.swapaxes(x, 0, 1)[::order]:
            h = step(x_t, h, params)
            states.append(h)
        readings.append(np.array(states)[::order])
    return np.concatenate(readings, axis=-1).swapaxes(0, 1)


@bidirectional.right
def both_filled_in(x: Array, params_f: Params, params_b: Params) -> Array:
    batch, time, _ = x.shape
    units = params_f["b"].size
    states = np.zeros((batch, time + 2, 2 * units))
    for t in range(1, time + 1):
        states[:, t, :units] = step(x[:, t - 1], states[:, t - 1, :units], params_f)
    for t in range(time, 0, -1):
        states[:, t, units:] = step(x[:, t - 1], states[:, t + 1, units:], params_b)
    return states[:, 1:-1]


@bidirectional.right
def both_by_recursion(x: Array, params_f: Params, params_b: Params) -> Array:
    def states(order: list[int], h: Array, params: Params) -> dict[int, Array]:
        if not order:
            return {}
        h = step(x[:, order[0]], h, params)
        return {order[0]: h} | states(order[1:], h, params)

    nothing, order = np.zeros((len(x), len(params_f["b"]))), list(range(x.shape[1]))
    forward, backward = states(order, nothing, params_f), states(order[::-1], nothing, params_b)
    return np.stack([np.hstack([forward[t], backward[t]]) for t in order], axis=1)


@bidirectional.wrong(
    "The backward states stand in the order in which they were computed.",
    "Which input had the backward reading just seen when it made its first state?",
    see="topologies-bidirectional-order",
)
def both_not_turned_back(x: Array, params_f: Params, params_b: Params) -> Array:
    f, b = np.zeros((2, x.shape[0], params_f["U"].shape[0]))
    outputs = []
    for t in range(x.shape[1]):
        f, b = step(x[:, t], f, params_f), step(x[:, -1 - t], b, params_b)
        outputs.append(np.concatenate([f, b], axis=-1))
    return np.stack(outputs, axis=1)


@bidirectional.wrong(
    "Both readings go forwards.",
    "One of the two begins at the last input. Which axis of x must be turned round for that?",
)
def both_forwards(x: Array, params_f: Params, params_b: Params) -> Array:
    f, b = np.zeros((2, x.shape[0], params_f["U"].shape[0]))
    outputs = []
    for t in range(x.shape[1]):
        f, b = step(x[:, t], f, params_f), step(x[:, t], b, params_b)
        outputs.append(np.concatenate([f, b], axis=-1))
    return np.stack(outputs, axis=1)


@bidirectional.wrong(
    "The two states are added.",
    "Put them side by side, so that what follows can tell them apart.",
    see="topologies-bidirectional-merge",
)
def both_added(x: Array, params_f: Params, params_b: Params) -> Array:
    f, b = np.zeros((2, x.shape[0], params_f["U"].shape[0]))
    forward, backward = [], []
    for t in range(x.shape[1]):
        f, b = step(x[:, t], f, params_f), step(x[:, -1 - t], b, params_b)
        forward.append(f)
        backward.append(b)
    return np.stack(forward, axis=1) + np.stack(backward[::-1], axis=1)


@bidirectional.wrong(
    "The backward states come first.",
    "The forward ones come first, then the backward ones.",
    see="topologies-bidirectional-merge",
)
def both_backward_first(x: Array, params_f: Params, params_b: Params) -> Array:
    f, b = np.zeros((2, x.shape[0], params_f["U"].shape[0]))
    forward, backward = [], []
    for t in range(x.shape[1]):
        f, b = step(x[:, t], f, params_f), step(x[:, -1 - t], b, params_b)
        forward.append(f)
        backward.append(b)
    return np.concatenate([np.stack(backward[::-1], axis=1), np.stack(forward, axis=1)], axis=-1)


@bidirectional.wrong("Both readings use the forward parameters.", "Each direction has learned parameters of its own.")
def both_with_one_set(x: Array, params_f: Params, params_b: Params) -> Array:
    f, b = np.zeros((2, x.shape[0], params_f["U"].shape[0]))
    forward, backward = [], []
    for t in range(x.shape[1]):
        f, b = step(x[:, t], f, params_f), step(x[:, -1 - t], b, params_f)
        forward.append(f)
        backward.append(b)
    return np.concatenate([np.stack(forward, axis=1), np.stack(backward[::-1], axis=1)], axis=-1)


@bidirectional.wrong(
    "Only the forward reading is there.", "At step t the forward state knows nothing of what comes after. Who does?"
)
def both_one_direction(x: Array, params_f: Params, params_b: Params) -> Array:
    h, outputs = np.zeros((x.shape[0], params_f["U"].shape[0])), []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params_f)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@bidirectional.wrong(
    "The backward reading starts from the forward reading's last state.",
    "The two readings know nothing of each other: each starts from zeros.",
)
def both_in_one_go(x: Array, params_f: Params, params_b: Params) -> Array:
    h, forward, backward = np.zeros((x.shape[0], params_f["U"].shape[0])), [], []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, params_f)
        forward.append(h)
    for t in reversed(range(x.shape[1])):
        h = step(x[:, t], h, params_b)
        backward.append(h)
    return np.concatenate([np.stack(forward, axis=1), np.stack(backward[::-1], axis=1)], axis=-1)


@bidirectional.wrong(
    "The backward states stand behind the forward ones along time.",
    "Every step has both: join them along the last axis.",
    see="topologies-bidirectional-merge",
)
def both_along_time(x: Array, params_f: Params, params_b: Params) -> Array:
    f, b = np.zeros((2, x.shape[0], params_f["U"].shape[0]))
    forward, backward = [], []
    for t in range(x.shape[1]):
        f, b = step(x[:, t], f, params_f), step(x[:, -1 - t], b, params_b)
        forward.append(f)
        backward.append(b)
    return np.concatenate([np.stack(forward, axis=1), np.stack(backward[::-1], axis=1)], axis=1)


@bidirectional.wrong(
    "Only the last state of each reading is there.",
    "Every step of the sequence is to have both states.",
    see="topologies-bidirectional-order",
)
def both_last_states(x: Array, params_f: Params, params_b: Params) -> Array:
    f, b = np.zeros((2, x.shape[0], params_f["U"].shape[0]))
    for t in range(x.shape[1]):
        f, b = step(x[:, t], f, params_f), step(x[:, -1 - t], b, params_b)
    return np.concatenate([f, b], axis=-1)


@bidirectional.wrong(
    "The two directions have each other's parameters.",
    "`params_f` belongs to the reading that goes forwards.",
)
def both_parameters_exchanged(x: Array, params_f: Params, params_b: Params) -> Array:
    f, b = np.zeros((2, x.shape[0], params_f["U"].shape[0]))
    forward, backward = [], []
    for t in range(x.shape[1]):
        f, b = step(x[:, t], f, params_b), step(x[:, -1 - t], b, params_f)
        forward.append(f)
        backward.append(b)
    return np.concatenate([np.stack(forward, axis=1), np.stack(backward[::-1], axis=1)], axis=-1)
