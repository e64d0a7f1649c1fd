"""A check of a function: the student's is compared with a reference on inputs drawn at grading time.

A check is declared where its reference stands, and reads from top to bottom:

    @graded("lstm-hidden-state")
    def hidden_state(o_t, c_t):                     # the reference
        return o_t * np.tanh(c_t)

    @hidden_state.inputs                            # how hidden inputs are drawn
    def draw(rng): ...

    @hidden_state.right                             # another right way
    def by_multiply(o_t, c_t): ...

    @hidden_state.wrong("What you did.", "What to think about.")
    def no_tanh(o_t, c_t): ...
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any

import numpy as np

from .calling import Failure, attempt, call, copied, reference_with
from .compare import Difference, differences, same
from .drawing import Draw, Inputs, generator
from .failed import fail
from .misconception import Function, Misconception, Mistakes


class FunctionCheck(Mistakes):
    """Compares a student's function with `reference`. Called itself, it is the reference."""

    __name__: str

    def __init__(
        self,
        reference: Callable[..., Any],
        section: str,
        draw: Draw | None,
        outputs: tuple[str, ...],
        edges: tuple[Inputs, ...],
        draws: int,
        rtol: float,
        atol: float,
        exact_type: type | None,
    ) -> None:
        update_wrapper(self, reference)
        self.reference = reference
        self.section = section
        self.outputs, self.edges, self.draws = outputs, edges, draws
        self.rtol, self.atol, self.exact_type = rtol, atol, exact_type
        self.misconceptions: list[Misconception] = []
        self.also_right: list[Callable[..., Any]] = []
        self._draw = draw

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the reference gives."""
        return self.reference(*args, **kwargs)

    # --- declaring ---

    def inputs(self, draw: Draw) -> Draw:
        """Declare how the inputs of a hidden case are drawn."""
        self._draw = draw
        return draw

    def right(self, function: Function) -> Function:
        """Declare a right implementation written in another way. It must pass; the sample class hands it in."""
        self.also_right.append(function)
        return function

    # --- judging ---

    @property
    def name(self) -> str:
        """The name of the function that the student writes."""
        return self.__name__

    @property
    def uses(self) -> tuple[str, ...]:
        """The student's own functions that this one may call: the reference's keyword-only parameters."""
        parameters = inspect.signature(self.reference).parameters.values()
        return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)

    def draw(self, rng: np.random.Generator) -> Inputs:
        """The inputs of one hidden case."""
        assert self._draw is not None, f"{self.name} does not say how its inputs are drawn"
        return self._draw(rng)

    def cases(self) -> list[Inputs]:
        """The inputs of one run: the edges and `draws` random cases."""
        rng = generator(self.name)
        return [*self.edges, *(self.draw(rng) for _ in range(self.draws))]

    def judge(self, function: Callable[..., Any], **used: Callable[..., Any]) -> None:
        """Raise `CheckFailed` unless `function` does what the reference does.

        `used` are the student's own versions of the functions in `uses`: where the result is right for them,
        the message points back at them.
        """
        if not callable(function):
            fail(f"`{self.name}` is not a function. Did a later cell give that name to something else?", "not-callable")
        cases = self.cases()
        results: list[Any] = []
        wrong: list[tuple[int, list[Difference]]] = []
        for number, inputs in enumerate(cases):
            result, changed = call(function, inputs)
            if changed:
                names = list(inspect.signature(self.reference).parameters)
                which = " and ".join(f"`{names[n]}`" for n in changed if n < len(names))
                fail(
                    f"`{self.name}` changes its argument {which} in place. The caller still needs that array: "
                    "work on a new one, for example with `a = a + b` in place of `a += b`.",
                    "in-place",
                    self.section,
                )
            results.append(result)
            if found := self.compare(result, self.expected(inputs)):
                wrong.append((number, found))
        if wrong:
            self.explain(cases, results, wrong, used)

    def expected(self, inputs: Inputs) -> Any:
        """What the reference gives, silently."""
        with np.errstate(all="ignore"):
            return self.reference(*copied(inputs))

    def compare(self, result: Any, expected: Any) -> list[Difference]:
        """What is wrong with `result`; empty where nothing is."""
        return differences(result, expected, self.outputs, rtol=self.rtol, atol=self.atol, exact_type=self.exact_type)

    def explain(
        self,
        cases: list[Inputs],
        results: list[Any],
        wrong: list[tuple[int, list[Difference]]],
        used: Mapping[str, Callable[..., Any]],
    ) -> None:
        """Raise the most helpful `CheckFailed` that the evidence allows."""
        if self.right_for_their_own(cases, results, used):
            names = " and ".join(f"`{name}`" for name in used)
            fail(
                f"`{self.name}` itself is right, but it calls {names}, which is not right yet. "
                "Once that is mended, this one passes too.",
                "calls-a-wrong-one",
                self.section,
                blames=next(iter(used)),
            )
        matches = self.matching(cases, results, used)
        if len(matches) == 1:
            found = matches[0]
            fail(f"{found.says} {found.hint}", "misconception", found.section, found.name)
        # The shape or type of the whole is the first thing to mend; numbers come last.
        _, found_differences = min(wrong, key=lambda pair: pair[1][0].rank)
        first = found_differences[0]
        text = f"`{self.name}`: {first.text}"
        if first.kind == "values":
            text += " " + self._pattern(cases, results, wrong)
        fail(text.strip(), first.kind, self.section)

    def right_for_their_own(
        self, cases: list[Inputs], results: list[Any], used: Mapping[str, Callable[..., Any]]
    ) -> bool:
        """Whether the results are what the reference gives when it calls the student's own functions."""
        if not used or any(isinstance(result, Failure) for result in results):
            return False
        try:
            theirs = [reference_with(self.reference, inputs, used) for inputs in cases]
        except Exception:
            return False
        return all(not self.compare(result, their) for result, their in zip(results, theirs, strict=True))

    def matching(
        self, cases: list[Inputs], results: list[Any], used: Mapping[str, Callable[..., Any]] | None = None
    ) -> list[Misconception]:
        """The misconceptions that explain every result. Those declared the same count as one."""
        found: list[Misconception] = []
        for misconception in self.misconceptions:
            outcomes = [attempt(misconception.wrong, inputs) for inputs in cases]
            if all(self.alike(mine, theirs) for mine, theirs in zip(outcomes, results, strict=True)):
                found.append(misconception)
        names = {misconception.name for misconception in found}
        return [misconception for misconception in found if misconception.same_as not in names]

    def alike(self, mine: Any, theirs: Any) -> bool:
        """Whether two outcomes, one of them perhaps an error, are the same."""
        if isinstance(mine, Failure) or isinstance(theirs, Failure):
            return isinstance(mine, Failure) and isinstance(theirs, Failure) and mine.name == theirs.name
        return same(theirs, mine, rtol=self.rtol, atol=self.atol)

    def _pattern(self, cases: list[Inputs], results: list[Any], wrong: list[tuple[int, list[Difference]]]) -> str:
        """What the wrong cases have in common, in a sentence."""
        if len(wrong) < len(cases):
            return f"It is right in {len(cases) - len(wrong)} of {len(cases)} hidden cases."
        constant = all(same(results[0], other, rtol=1e-9, atol=0) for other in results[1:])
        if len(results) > 1 and constant:
            return "It gives the same answer whatever its arguments are: compute it from them."
        return "It is wrong in every hidden case, so look at the formula rather than at special cases."


def graded(
    section: str,
    inputs: Draw | None = None,
    outputs: tuple[str, ...] = ("the result",),
    edges: tuple[Inputs, ...] = (),
    draws: int = 4,
    rtol: float = 1e-4,
    atol: float = 1e-5,
    exact_type: type | None = None,
) -> Callable[[Callable[..., Any]], FunctionCheck]:
    """Declare the decorated function the reference of a graded one.

    `section` is the book's target that treats it, `outputs` what each returned part is called, `edges` inputs that are
    always tried too, such as very large numbers, `draws` how many cases are drawn, and `exact_type` the Python type
    that the result must have, such as int (NumPy's integers count as int).
    """

    def declare(reference: Callable[..., Any]) -> FunctionCheck:
        return FunctionCheck(reference, section, inputs, outputs, edges, draws, rtol, atol, exact_type)

    return declare
