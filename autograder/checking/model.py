"""A check of a function that builds a Keras model. It decides on numbers, and it imports no TensorFlow.

The student's builder gives a model, or in the judge a proxy for one. The check draws the builder's arguments, sets
drawn weights, lets the model compute, and compares that with a *twin*: a NumPy function that computes what the right
model does. Each wrong model has a twin too, so what a student built is known by what it computes, not by what it says.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, update_wrapper
from typing import Any, NoReturn

import numpy as np

from .calling import call
from .conditions import different
from .drawing import Inputs, generator
from .failed import Interrupted, fail, require_function
from .misconception import Function, Misconception

Array = np.ndarray
Shape = tuple[int, ...]

MAX_SIZE = 1_000_000
"""No exercise needs a model with more parameters than that, or an input with more numbers."""
MAX_ORDERS = 60
"""How many orders of a model's layers are tried."""
SIZES = range(4, 10)
"""The sizes that a builder is given; the batch that its model is given has 3 rows."""


class Mismatch(Exception):
    """A twin needs a weight that the model does not have."""


class Weights:
    """A model's weights, handed out layer by layer to a twin.

    Keras keeps the weights of one layer together. In which order the layers come depends on how the model was written,
    so where several have the shapes that a twin asks for, `choices` says which it gets: the n-th number is for the n-th
    layer, 0 is the first that fits.
    """

    def __init__(self, arrays: Sequence[Array], choices: Sequence[int] = ()) -> None:
        self._arrays = list(arrays)
        self._free = [True] * len(self._arrays)
        self._choices = list(choices)
        self.fitting: list[int] = []
        """How many there were to choose from, for each layer so far."""

    def layer(self, *shapes: Shape) -> list[Array]:
        """The weights of the next layer, which must have these shapes."""
        starts = [start for start in range(len(self._arrays)) if self._fits(start, shapes)]
        number = len(self.fitting)
        self.fitting.append(len(starts))
        if not starts:
            raise Mismatch
        start = starts[self._choices[number] if number < len(self._choices) else 0]
        self._free[start : start + len(shapes)] = [False] * len(shapes)
        run = self._arrays[start : start + len(shapes)]
        return [run.pop(next(n for n, array in enumerate(run) if array.shape == shape)) for shape in shapes]

    def _fits(self, start: int, shapes: tuple[Shape, ...]) -> bool:
        """Whether the weights from `start` on are free and have these shapes, in any order."""
        end = start + len(shapes)
        found = sorted(array.shape for array in self._arrays[start:end])
        return all(self._free[start:end]) and found == sorted(shapes)

    @property
    def used_up(self) -> bool:
        """Whether the twin has as many weights as the model."""
        return not any(self._free)

    def next_choices(self) -> list[int] | None:
        """The choices to try after these; None when there are no others."""
        made = [*self._choices, *[0] * len(self.fitting)][: len(self.fitting)]
        for number in reversed(range(len(made))):
            if made[number] + 1 < self.fitting[number]:
                return [*made[:number], made[number] + 1]
        return None


class DrawnWeights(Weights):
    """The weights that a twin asks for, drawn as it asks."""

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__(())
        self._rng = rng
        self.count = 0

    def layer(self, *shapes: Shape) -> list[Array]:
        """The weights of the next layer."""
        self.count += sum(math.prod(shape) for shape in shapes)
        return [draw_array(self._rng, shape) for shape in shapes]


Twin = Callable[..., Array]
"""twin(weights, x, *arguments of the builder): what the model computes from x, or from a list of inputs."""


@dataclass(frozen=True)
class WrongModel(Misconception):
    """A misconception about a model: `wrong` is the builder, for the sample class; its twin tells it from others."""

    twin: Twin = field(kw_only=True)
    inputs: Callable[..., tuple[Shape, ...]] | None = field(default=None, kw_only=True)
    """The shapes of its inputs, where they are not the right ones."""


@dataclass(frozen=True)
class Variation:
    """One mistake of a family: what it makes of the keyword-only parameters of a builder and of its twin."""

    name: str
    says: str
    hint: str
    see: str
    builds: Mapping[str, Any]
    computes: Mapping[str, Any]


@dataclass
class ModelFamily:
    """What goes wrong in many models alike, such as the last layer's activation.

    A builder that can go wrong so has a keyword-only parameter for it (`activation="softmax"`), and so has its twin
    (`activation=softmax`, the function). A mistake of the family gives both another value.
    """

    members: list[Variation] = field(default_factory=list)

    def wrong(
        self, name: str, says: str, hint: str, *, builds: Mapping[str, Any], computes: Mapping[str, Any], see: str = ""
    ) -> None:
        """Declare a mistake of this family."""
        self.members.append(Variation(name, says, hint, see, builds, computes))


def varied(function: Callable[..., Any], words: Mapping[str, Any], name: str = "") -> Callable[..., Any]:
    """`function` with some of its keyword-only parameters taken from `words`, the others as they stand, and a name."""
    parameters = inspect.signature(function).parameters.values()
    standing = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    if unknown := set(words) - set(standing):
        raise ValueError(f"{function.__name__} has no keyword-only parameter {', '.join(sorted(unknown))}")
    new = update_wrapper(partial(function, **{**standing, **words}), function)
    new.__name__ = name or function.__name__  # type: ignore[attr-defined]
    return new


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

    `builder` is a right one. The judge never calls it: it has no Keras. Its arguments are sizes, drawn so that all
    differ; `shapes(*arguments)` are the shapes of the model's inputs, the batch axis left out. Its keyword-only
    parameters, and those of its twin, are where a family of mistakes takes hold (see `ModelFamily`).
    """

    __name__: str
    rtol = 1e-4
    atol = 1e-4
    uses: tuple[str, ...] = ()

    def __init__(
        self,
        builder: Callable[..., Any],
        section: str,
        shapes: Callable[..., tuple[Shape, ...]],
        draws: int,
    ) -> None:
        update_wrapper(self, builder)
        self.reference = builder
        self.section, self.draws, self.inputs = section, draws, shapes
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

    def like(self, family: ModelFamily, see: str = "") -> None:
        """Here, too, goes wrong what goes wrong in `family`. The section is the family's own where `see` is empty."""
        for member in family.members:
            builder, twin = varied(self.reference, member.builds, member.name), varied(self.twin, member.computes)
            says, hint = member.says, member.hint
            self.misconceptions.append(WrongModel(builder, says, hint, see or member.see or self.section, twin=twin))

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
        require_function(builder, self.name)
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
        return rng, [self.sizes(rng) for _ in range(self.draws)]

    def sizes(self, rng: np.random.Generator) -> Inputs:
        """Arguments for the builder, all different."""
        parameters = inspect.signature(self.reference).parameters.values()
        names = [parameter.name for parameter in parameters if parameter.kind is not parameter.KEYWORD_ONLY]
        found = different(rng, names, dict.fromkeys(names, SIZES))
        return tuple(found[name] for name in names)

    def _explains(
        self, twin: Twin, inputs: Callable[..., tuple[Shape, ...]], arguments: Inputs, seen: Observed
    ) -> bool:
        """Whether a model with this twin would have shown what was seen."""
        if seen.inputs != inputs(*arguments):
            return False
        return any(
            output.shape == seen.output.shape and np.allclose(seen.output, output, rtol=self.rtol, atol=self.atol)
            for output in outputs_in_every_order(twin, arguments, seen)
        )

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


def outputs_in_every_order(twin: Twin, arguments: Inputs, seen: Observed) -> Iterator[Array]:
    """What the twin computes with the weights of what was seen, its layers taken in each order that fits."""
    choices: list[int] | None = []
    for _ in range(MAX_ORDERS):
        if choices is None:
            return
        weights = Weights(seen.weights, choices)
        try:
            output = twin(weights, seen.x, *arguments)
        except Mismatch:
            pass
        else:
            if weights.used_up:
                yield output
        choices = weights.next_choices()


def model(
    section: str, shapes: Callable[..., tuple[Shape, ...]], draws: int = 2
) -> Callable[[Callable[..., Any]], ModelCheck]:
    """Declare the decorated builder a right one of a graded model. See `ModelCheck` for the parameters."""

    def declare(builder: Callable[..., Any]) -> ModelCheck:
        return ModelCheck(builder, section, shapes, draws)

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
