"""A check is data: a reference, how inputs are drawn, how closely to compare, and the known misconceptions.

The same declaration serves in JupyterLab, under stock nbgrader (there a student function is a plain function) and
in the judge (there it is a proxy for a function in the student process). Only the judge's side is trusted.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import numpy as np

from .compare import Difference, differences, same

if TYPE_CHECKING:
    from .model_check import ModelCheck

Inputs = tuple[Any, ...]
Draw = Callable[[np.random.Generator], Inputs]

_seed: ContextVar[bytes | None] = ContextVar("seed", default=None)


@contextmanager
def seeded(seed: bytes) -> Iterator[None]:
    """Draw the inputs of every check inside from `seed`; outside they are drawn from the operating system."""
    token = _seed.set(seed)
    try:
        yield
    finally:
        _seed.reset(token)


def generator(name: str) -> np.random.Generator:
    """Where the check `name` draws from: it depends on the seed and the name alone."""
    seed = _seed.get() or os.urandom(16)
    digest = hashlib.blake2b(name.encode(), key=seed[:64], digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest))


@dataclass(frozen=True)
class Misconception:
    """A named, plausible wrong implementation (or, for a `ValueCheck`, a wrong value)."""

    wrong: Any
    says: str
    """What the student seems to have done, as a sentence: "You apply tanh where the gate needs a sigmoid."."""
    hint: str
    """What to think about next. Never the answer."""
    section: str
    """The target in the book that clears it up, such as "lstm-forget-gate"."""
    same_as: str = ""
    """The name of another misconception of this check that no input can tell from this one."""

    @property
    def name(self) -> str:
        """The name of the wrong function, or of a wrong value its first words."""
        if callable(self.wrong):
            return str(self.wrong.__name__)
        return "-".join(re.findall(r"[a-z]+", self.says.lower())[:5])


class CheckFailed(AssertionError):
    """A student's answer is wrong. The text is for the student and never holds an expected value."""

    def __init__(self, text: str, *, kind: str, misconception: str = "", section: str = "", blames: str = "") -> None:
        super().__init__(text)
        self.kind = kind
        self.misconception = misconception
        self.section = section
        self.blames = blames


@dataclass(frozen=True)
class Check:
    """Compares a student's function with `reference` on inputs drawn at grading time."""

    reference: Callable[..., Any]
    draw: Draw
    section: str
    outputs: tuple[str, ...] = ("the result",)
    misconceptions: tuple[Misconception, ...] = ()
    also_right: tuple[Callable[..., Any], ...] = ()
    """Right implementations written in other ways. They must pass; the sample class hands them in."""
    edges: tuple[Inputs, ...] = ()
    """Inputs that are always tried too, such as very large numbers."""
    draws: int = 4
    rtol: float = 1e-4
    atol: float = 1e-5
    exact_type: type | None = None
    """The Python type that the result must have, such as int. NumPy's integers count as int."""

    @property
    def name(self) -> str:
        """The name of the function that the student writes."""
        return self.reference.__name__

    @property
    def uses(self) -> tuple[str, ...]:
        """The student's own functions that this one may call: the reference's keyword-only parameters."""
        parameters = inspect.signature(self.reference).parameters.values()
        return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)

    def cases(self) -> list[Inputs]:
        """The inputs of one run: the edges and `draws` random cases."""
        rng = generator(self.name)
        return [*self.edges, *(self.draw(rng) for _ in range(self.draws))]

    def __call__(self, function: Callable[..., Any], **used: Callable[..., Any]) -> None:
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


@dataclass(frozen=True)
class ValueCheck:
    """Compares a student's value, such as the answer to a quiz, with the right one."""

    name: str
    expected: Any
    section: str
    misconceptions: tuple[Misconception, ...] = ()
    rtol: float = 1e-4
    atol: float = 1e-5
    exact_type: type | None = None
    uses: tuple[str, ...] = field(default=())

    def __call__(self, value: Any) -> None:
        """Raise `CheckFailed` unless `value` is right."""
        if value is None or value is ...:
            fail(f"`{self.name}` has no answer yet.", "blank", self.section)
        expected = self.expected() if callable(self.expected) else self.expected
        found = differences(
            value, expected, (f"`{self.name}`",), rtol=self.rtol, atol=self.atol, exact_type=self.exact_type
        )
        if not found:
            return
        matches = [m for m in self.misconceptions if same(value, m.wrong, rtol=self.rtol, atol=self.atol)]
        if len(matches) == 1:
            fail(f"{matches[0].says} {matches[0].hint}", "misconception", matches[0].section, matches[0].name)
        # Which entries are wrong, and by how much, would give a fixed answer away in a few attempts.
        text = f"`{self.name}` is not right." if found[0].kind == "values" else found[0].text
        fail(text, found[0].kind, self.section)


@dataclass(frozen=True)
class ChoiceCheck:
    """A question with lettered options, one of them right. Every option has its explanation."""

    name: str
    right: str
    options: Mapping[str, str]
    """The explanation of each option, by its letter."""
    section: str
    uses: tuple[str, ...] = ()

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """The wrong options."""
        wrong = (letter for letter in self.options if letter != self.right)
        return tuple(Misconception(letter, f"{letter}: {self.options[letter]}", "", self.section) for letter in wrong)

    def __call__(self, value: Any) -> None:
        """Raise `CheckFailed` unless `value` is the right letter; explain what was chosen either way."""
        if value is None or value is ... or (isinstance(value, str) and not value.strip()):
            fail(f"`{self.name}` has no answer yet.", "blank", self.section)
        letter = value.strip().upper() if isinstance(value, str) else value
        if not isinstance(letter, str) or letter not in self.options:
            letters = ", ".join(f'"{known}"' for known in self.options)
            fail(f"`{self.name}` must be one of {letters}.", "type", self.section)
        for misconception in self.misconceptions:
            if letter == misconception.wrong:
                fail(misconception.says, "misconception", self.section, misconception.name)
        remark(f"{letter}: {self.options[letter]}")


AnyCheck: TypeAlias = "Check | ValueCheck | ChoiceCheck | ModelCheck"

_remarks: ContextVar[list[str] | None] = ContextVar("remarks", default=None)


@contextmanager
def collected_remarks() -> Iterator[list[str]]:
    """What checks have to say about right answers."""
    remarks: list[str] = []
    token = _remarks.set(remarks)
    try:
        yield remarks
    finally:
        _remarks.reset(token)


def remark(text: str) -> None:
    """Tell a student something about a right answer."""
    remarks = _remarks.get()
    if remarks is not None:
        remarks.append(text)


@dataclass(frozen=True)
class Failure:
    """A wrong implementation raised; its error's name stands for its result."""

    name: str


def fail(text: str, kind: str, section: str = "", misconception: str = "", blames: str = "") -> NoReturn:
    """Raise `CheckFailed`."""
    raise CheckFailed(text, kind=kind, section=section, misconception=misconception, blames=blames)


def copied(inputs: Iterable[Any]) -> list[Any]:
    """Copies of the arrays in `inputs`, also of those in dictionaries and lists."""
    return [_copy(value) for value in inputs]


def _copy(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value


def call(function: Callable[..., Any], inputs: Inputs) -> tuple[Any, tuple[int, ...]]:
    """The result of `function` on copies of `inputs`, and the positions of the arguments it changed.

    A proxy for a function in the student process has a method `watched` that does the same over there.
    """
    watched = getattr(function, "watched", None)
    if watched is not None:
        result: tuple[Any, tuple[int, ...]] = watched(*inputs)
        return result
    arguments = copied(inputs)
    value = function(*arguments)
    pairs = enumerate(zip(inputs, arguments, strict=True))
    return value, tuple(number for number, (old, new) in pairs if not _unchanged(old, new))


def _unchanged(old: Any, new: Any) -> bool:
    if isinstance(old, np.ndarray):
        return old.shape == new.shape and np.array_equal(old, new, equal_nan=old.dtype.kind in "fc")
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_unchanged(old[key], new[key]) for key in old)
    return True


def attempt(wrong: Callable[..., Any], inputs: Inputs) -> Any:
    """The result of a wrong implementation, or the `Failure` it ends in."""
    try:
        with np.errstate(all="ignore"):
            return wrong(*copied(inputs))
    except Exception as error:
        return Failure(type(error).__name__)


def reference_with(reference: Callable[..., Any], inputs: Inputs, used: Mapping[str, Callable[..., Any]]) -> Any:
    """What the reference gives when it calls the student's own functions."""
    with np.errstate(all="ignore"):
        return reference(*copied(inputs), **used)
