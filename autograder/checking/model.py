"""A check of a function that builds a Keras model. It decides on numbers, and it imports no TensorFlow.

The student's builder gives a model, or in the judge a proxy for one. The check draws the builder's arguments, sets
drawn weights, lets the model compute, and compares that with a *twin*: a NumPy function that computes what the right
model does. Each wrong model has a twin too, so what a student built is known by what it computes, not by what it says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import Any, NoReturn

import numpy as np

from .calling import call
from .drawing import Draw, Inputs, generator
from .failed import Interrupted, fail
from .misconception import Function, Misconception

Array = np.ndarray
Shape = tuple[int, ...]

MAX_SIZE = 1_000_000
"""No exercise needs a model with more parameters than that, or an input with more numbers."""


class Mismatch(Exception):
    """A twin needs a weight that the model does not have."""


class Weights:
    """A model's weights, in Keras's order, handed out one by one to the layers of a twin."""

    def __init__(self, arrays: Sequence[Array]) -> None:
        self._left = list(arrays)

    def take(self, *shape: int) -> Array:
        """The next weight, which must have this shape."""
        if not self._left or self._left[0].shape != shape:
            raise Mismatch
        return self._left.pop(0)

    @property
    def used_up(self) -> bool:
        """Whether the twin has as many weights as the model."""
        return not self._left


class DrawnWeights(Weights):
    """The weights that a twin asks for, drawn as it asks."""

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__(())
        self._rng = rng
        self.count = 0

    def take(self, *shape: int) -> Array:
        """The next weight."""
        self.count += math.prod(shape)
        return draw_array(self._rng, shape)


Twin = Callable[..., Array]
"""twin(weights, x, *arguments of the builder): what the model computes from x, or from a list of inputs."""


@dataclass(frozen=True)
class WrongModel(Misconception):
    """A misconception about a model: `wrong` is the builder, for the sample class; its twin tells it from others."""

    twin: Twin = field(kw_only=True)
    inputs: Callable[..., tuple[Shape, ...]] | None = field(default=None, kw_only=True)
    """The shapes of its inputs, where they are not the right ones."""


@dataclass(frozen=True)
class Observed:
    """One model that the student built, and what it computed."""

    inputs: tuple[Shape, ...]
    """The shape of each input, the batch axis left out."""
    weights: list[Array]
    x: Any
    """What it was given: an array, or a list of several inputs."""
    output: Array


class ModelCheck:
    """Compares the model that a student's function builds with a twin of the right one.

    `builder` is a right one. The judge never calls it: it has no Keras. `draw` draws the builder's arguments,
    `shapes(*arguments)` are the shapes of the model's inputs, the batch axis left out.
    """

    __name__: str
    rtol = 1e-4
    atol = 1e-4
    uses: tuple[str, ...] = ()

    def __init__(
        self,
        builder: Callable[..., Any],
        section: str,
        draw: Draw,
        shapes: Callable[..., tuple[Shape, ...]],
        draws: int,
    ) -> None:
        update_wrapper(self, builder)
        self.reference = builder
        self.section, self.draws = section, draws
        self.draw, self.inputs = draw, shapes
        self.misconceptions: list[WrongModel] = []
        self.also_right: list[Callable[..., Any]] = []
        self._twin: Twin | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the right builder gives."""
        return self.reference(*args, **kwargs)

    # --- declaring ---

    def computes(self, twin: Twin) -> Twin:
        """Declare what a right model computes."""
        self._twin = twin
        return twin

    def right(self, builder: Function) -> Function:
        """Declare a right builder written in another way."""
        self.also_right.append(builder)
        return builder

    def wrong(
        self,
        says: str,
        hint: str,
        *,
        computes: Twin,
        shapes: Callable[..., tuple[Shape, ...]] | None = None,
        see: str = "",
        same_as: str = "",
    ) -> Callable[[Function], Function]:
        """Declare the decorated builder a misconception, and what the model that it builds computes."""

        def declare(builder: Function) -> Function:
            where = see or self.section
            self.misconceptions.append(WrongModel(builder, says, hint, where, same_as, twin=computes, inputs=shapes))
            return builder

        return declare

    # --- judging ---

    @property
    def name(self) -> str:
        """The name of the function that the student writes."""
        return self.__name__

    @property
    def twin(self) -> Twin:
        """What a right model computes."""
        assert self._twin is not None, f"{self.name} does not say what its model computes"
        return self._twin

    def judge(self, builder: Callable[..., Any]) -> None:
        """Raise `CheckFailed` unless `builder` builds models that compute what the twin does."""
        if not callable(builder):
            fail(f"`{self.name}` is not a function. Did a later cell give that name to something else?", "not-callable")
        rng, cases = self._cases()
        seen = [self.observe(call(builder, arguments)[0], rng) for arguments in cases]
        pairs = list(zip(cases, seen, strict=True))
        wrong = [pair for pair in pairs if not self._explains(self.twin, self.inputs, *pair)]
        if not wrong:
            return
        matches = [
            m for m in self.misconceptions if all(self._explains(m.twin, m.inputs or self.inputs, *p) for p in pairs)
        ]
        if len(matches) == 1:
            found = matches[0]
            fail(f"{found.says} {found.hint}", "misconception", found.section, found.name)
        self._explain(*wrong[0])

    def expected(self) -> list[Array]:
        """What a right model computes in the cases of one run."""
        rng, cases = self._cases()
        return [self.twin(DrawnWeights(rng), draw_inputs(rng, self.inputs(*case)), *case) for case in cases]

    def observe(self, model: Any, rng: np.random.Generator) -> Observed:
        """Set drawn weights and run the model on drawn inputs."""
        if model is None:
            fail(f"`{self.name}` returns None. Is there a `return` at its end?", "none", self.section)
        try:
            inputs, weights = input_shapes(model.input_shape), list(model.get_weights())
        except Interrupted:
            raise
        except Exception:
            inputs, weights = None, []
        if inputs is None or not all(isinstance(weight, Array) for weight in weights):
            fail(
                f"`{self.name}` should return a keras.Model whose sizes are all known: begin it with a keras.Input "
                "that has the shape asked for, the batch axis left out.",
                "no-model",
                self.section,
            )
        if sum(weight.size for weight in weights) > MAX_SIZE or sum(math.prod(shape) for shape in inputs) > MAX_SIZE:
            fail(f"`{self.name}` builds a model that is far too large.", "too-large", self.section)
        x = draw_inputs(rng, inputs)
        weights = [draw_array(rng, weight.shape) for weight in weights]
        model.set_weights(weights)
        output = array_of(model(x))
        if output is None:
            fail(f"The model that `{self.name}` builds should have one output.", "count", self.section)
        return Observed(inputs, weights, x, output)

    def _cases(self) -> tuple[np.random.Generator, list[Inputs]]:
        rng = generator(self.name)
        return rng, [self.draw(rng) for _ in range(self.draws)]

    def _explains(
        self, twin: Twin, inputs: Callable[..., tuple[Shape, ...]], arguments: Inputs, seen: Observed
    ) -> bool:
        """Whether a model with this twin would have shown what was seen."""
        if seen.inputs != inputs(*arguments):
            return False
        weights = Weights(seen.weights)
        try:
            output = twin(weights, seen.x, *arguments)
        except Mismatch:
            return False
        alike = weights.used_up and seen.output.shape == output.shape
        return alike and bool(np.allclose(seen.output, output, rtol=self.rtol, atol=self.atol))

    def _explain(self, arguments: Inputs, seen: Observed) -> NoReturn:
        """Say what is wrong in general, the coarsest first."""
        model = f"The model that `{self.name}` builds"
        wanted = self.inputs(*arguments)
        if seen.inputs != wanted:
            text = f"{model} has the input shape {shown(seen.inputs)}; it should be {shown(wanted)}."
            fail(text, "shape", self.section)
        weights = DrawnWeights(np.random.default_rng(0))
        output = self.twin(weights, seen.x, *arguments)
        if seen.output.shape != output.shape:
            got, want = (shown((array.shape[1:],)) for array in (seen.output, output))
            fail(f"{model} has the output shape {got}; it should be {want}.", "shape", self.section)
        count = sum(weight.size for weight in seen.weights)
        if count != weights.count:
            amount = "more" if count > weights.count else "fewer"
            text = f"{model} has {count} parameters, {amount} than the one asked for. Which layers should it have?"
            fail(text, "parameters", self.section)
        fail(
            f"{model} has the right shapes and as many parameters as it should, but with the same weights it computes "
            "other numbers. Look at the order of the layers, their activations, and what each hands to the next.",
            "values",
            self.section,
        )


def model(
    section: str, inputs: Draw, shapes: Callable[..., tuple[Shape, ...]], draws: int = 2
) -> Callable[[Callable[..., Any]], ModelCheck]:
    """Declare the decorated builder a right one of a graded model. See `ModelCheck` for the parameters."""

    def declare(builder: Callable[..., Any]) -> ModelCheck:
        return ModelCheck(builder, section, inputs, shapes, draws)

    return declare


def draw_array(rng: np.random.Generator, shape: Shape) -> Array:
    """Numbers as Keras computes with them."""
    return rng.normal(scale=0.6, size=shape).astype("float32")


def draw_inputs(rng: np.random.Generator, shapes: tuple[Shape, ...]) -> Any:
    """A small batch for a model with inputs of these shapes: an array, or a list where there are several."""
    arrays = [draw_array(rng, (3, *shape)) for shape in shapes]
    return arrays if len(arrays) > 1 else arrays[0]


def input_shapes(shape: Any) -> tuple[Shape, ...] | None:
    """What a model says of its inputs, the batch axis left out; None where it is not known in full."""
    shapes = [shape] if isinstance(shape, tuple) and not any(isinstance(part, tuple) for part in shape) else shape
    if not isinstance(shapes, list | tuple) or not shapes:
        return None
    for one in shapes:
        sizes = one[1:] if isinstance(one, tuple) and len(one) > 1 and one[0] is None else ()
        if not sizes or not all(type(size) is int and size > 0 for size in sizes):
            return None
    return tuple(one[1:] for one in shapes)


def shown(shapes: tuple[Shape, ...]) -> str:
    """Shapes as Keras shows them."""
    texts = [str((None, *shape)) for shape in shapes]
    return f"[{', '.join(texts)}]" if len(texts) > 1 else texts[0]


def array_of(value: Any) -> Array | None:
    """A model's output as an array: in the judge it is one already, elsewhere it is a tensor."""
    if not isinstance(value, Array) and type(value).__module__.partition(".")[0] == "tensorflow":
        value = np.asarray(value)
    return value if isinstance(value, Array) and value.dtype.kind == "f" else None
