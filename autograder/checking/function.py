"""A check of a function: the student's is compared with a reference on inputs drawn at grading time.

A check is declared where its reference stands, and reads from top to bottom:

    @graded("lstm-hidden-state")
    def hidden_state(o_t, c_t):                     # the reference
        return o_t * np.tanh(c_t)

    @hidden_state.inputs                            # how hidden inputs are drawn, and from which sizes
    def draw(rng, batch, units): ...

    @hidden_state.condition("saturated")            # what they must include beyond what comes of itself
    def saturated(rng, batch, units): ...

    @hidden_state.right                             # another right way
    def by_multiply(o_t, c_t): ...

    @hidden_state.wrong("What you did.", "What to think about.")
    def no_tanh(o_t, c_t): ...
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import update_wrapper
from typing import Any, NoReturn, overload

import numpy as np

from .calling import Failure, afresh, attempt, call_all, copied, failure_name, perturbed, size
from .compare import Difference, differences, same
from .conditions import ORDINARY, Case, Condition, Plan, size_names
from .diagnosis.evidence import Evidence
from .diagnosis.findings import diagnosis, when_it_stops
from .drawing import Inputs, generator
from .failed import CalleeStops, Interrupted, carried_forward, fail, may_call, remark, require_function
from .misconception import Function, Misconception, Mistakes
from .pairs import Both
from .pairs import pairs as pairs_of
from .side_by_side import reference_with, references_with

ONCE_MORE = 8
"""So many further cases, all of the same sizes, show whether an answer is right for a wrong function that it calls."""

ROUNDS = 12
"""So many times as many are drawn at most, where a wrong function stops with some of them."""

ENOUGH = 4
"""In so many cases shows how much of an answer is tried where a function that it calls is wrong."""

SLIGHT = 20
"""What is so many times as far off as it may be can still come of rounding."""


class FunctionCheck(Mistakes):
    """Compares a student's function with `reference`. Called itself, it is the reference."""

    __name__: str

    def __init__(
        self,
        reference: Callable[..., Any],
        section: str,
        outputs: tuple[str, ...],
        draws: int,
        rtol: float,
        atol: float,
        exact_type: type | None,
    ) -> None:
        update_wrapper(self, reference)
        self.reference = reference
        self.section = section
        self.outputs, self.draws = outputs, draws
        self.rtol, self.atol, self.exact_type = rtol, atol, exact_type
        self.misconceptions: list[Misconception] = []
        self.also_right: list[Callable[..., Any]] = []
        self.conditions: list[Condition] = []
        self.fixed: list[Case] = []
        self._plan: Plan | None = None
        self._pairs: list[Both] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the reference gives."""
        return self.reference(*args, **kwargs)

    # --- declaring ---

    @overload
    def inputs(self, draw: Function, /) -> Function: ...

    @overload
    def inputs(
        self, draw: None = None, /, *, without: Collection[str] = (), **ranges: range
    ) -> Callable[[Function], Function]: ...

    def inputs(self, draw: Any = None, /, *, without: Collection[str] = (), **ranges: range) -> Any:
        """Declare how the inputs of a hidden case are drawn: `draw(rng, batch, units)`, from sizes.

        `ranges` are sizes of ordinary cases where they are not the usual, `without` the conditions that would come of
        themselves and that the text of the exercise excludes.
        """

        def declare(function: Function) -> Function:
            self._plan = Plan(function, ranges, without)
            return function

        return declare if draw is None else declare(draw)

    def condition(self, name: str) -> Callable[[Function], Function]:
        """Declare the decorated function a way to draw inputs that meet the condition `name`."""

        def declare(function: Function) -> Function:
            self.conditions.append(Condition(name, function))
            return function

        return declare

    def always(self, name: str, *inputs: Any) -> None:
        """Declare a fixed case, such as an empty one, that meets the condition `name`."""
        self.fixed.append(Case(name, inputs))

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

    @property
    def plan(self) -> Plan:
        """How its cases are made."""
        assert self._plan is not None, f"{self.name} does not say how its inputs are drawn"
        return self._plan

    def cases(self) -> list[Case]:
        """The cases of one run: the fixed ones, ordinary ones, and one for each condition at least."""
        rng = generator(self.name)
        return [
            *self.fixed,
            *self.plan.cases(rng, generator(f"{self.name}, again"), self.draws),
            *(self.plan.drawn(rng, condition) for condition in self.conditions),
        ]

    def judge(self, function: Callable[..., Any], **used: Callable[..., Any]) -> None:
        """Raise `CheckFailed` unless `function` does what the reference does.

        `used` are the student's own versions of the functions in `uses`: where the result is right for them,
        the message points back at them. One that the answer never calls has no part in it, even where it is wrong
        in the same way, or missing.
        """
        require_function(function, self.name)
        cases = self.cases()
        results: list[Any] = []
        errors: list[tuple[Case, Exception]] = []
        for case, outcome in zip(cases, call_all(function, [case.inputs for case in cases]), strict=True):
            if isinstance(outcome, Exception):
                if failure_name(outcome) == "NotImplementedError":
                    raise outcome
                errors.append((case, outcome))
                results.append(Failure(failure_name(outcome)))
                continue
            result, changed = outcome
            if changed:
                self._changes_arguments(changed)
            results.append(result)
        wrong = [
            (number, found)
            for number, (case, result) in enumerate(zip(cases, results, strict=True))
            if not isinstance(result, Failure) and (found := self.compare(result, self.expected(case.inputs)))
        ]
        if not (errors or wrong):
            return
        used = {name: theirs for name, theirs in used.items() if may_call(name)}
        if self._right_in_spite_of(function, cases, results, used):
            return
        self._name(cases, results)
        if errors:
            # The student's own error says most, unless it is known what is behind it.
            case, first = errors[0]
            first.add_note(when_it_stops(cases, [stopping for stopping, _ in errors]))
            if callee := self._stops_alike(case, first, used):
                raise CalleeStops(callee) from first
            raise first
        self._explain(function, cases, results, wrong)

    def _changes_arguments(self, changed: tuple[int, ...]) -> NoReturn:
        names = list(inspect.signature(self.reference).parameters)
        which = " and ".join(f"`{names[n]}`" for n in changed if n < len(names))
        fail(
            f"`{self.name}` changes its argument {which} in place. The caller still needs it as it was: "
            "work on a new one, for example with `a = a + b` in place of `a += b`.",
            "in-place",
            self.section,
        )

    def expected(self, inputs: Inputs) -> Any:
        """What the reference gives, silently."""
        with np.errstate(all="ignore"):
            return self.reference(*copied(inputs))

    def compare(self, result: Any, expected: Any) -> list[Difference]:
        """What is wrong with `result`; empty where nothing is."""
        return differences(result, expected, self.outputs, rtol=self.rtol, atol=self.atol, exact_type=self.exact_type)

    def _right_in_spite_of(
        self,
        function: Callable[..., Any],
        cases: list[Case],
        results: list[Any],
        used: Mapping[str, Callable[..., Any]],
    ) -> bool:
        """Whether a slip in one of `used` explains all that is wrong, and is not to be paid twice.

        Raises `CheckFailed` where it explains that, and is to be paid, or leaves nothing to be told.
        """
        blamed = self.right_for_their_own(cases, results, used)
        if blamed:
            # They may know what the answer gave, and have given that: they have to give it where they cannot know.
            used = {name: afresh(theirs) for name, theirs in used.items()}
            blamed = self.right_for_their_own(cases, results, used)
        theirs = {name: used[name] for name in blamed}
        if not blamed or not (more := self._once_more(function, cases, results, theirs)):
            return False
        names = " and ".join(f"`{name}`" for name in blamed)
        if not (self._varies(more) and self._tells(self._declared(cases), theirs)):
            if any(isinstance(result, Failure) for result in results):
                return False  # that it stops says more
            text = f"`{self.name}` calls {names}, which leaves out so much that nothing can be told of this one."
            fail(f"{text} Mend that one first.", "calls-a-wrong-one", self.section, blames=blamed[0])
        slight = self._slight(cases, results)
        text = f"`{self.name}` itself is right, but it calls {names}, which is not right yet."
        if slight:
            text = f"`{self.name}` itself is right. Its numbers are a little off, as those of {names} are."
        if not carried_forward():
            text = f"{text} Once that is mended, this one passes too."
            fail(text, "calls-a-wrong-one", self.section, blames=blamed[0])
        text = f"{text} With your own {names} it does the right thing, so it has its points."
        remark(text, blames=blamed[0], slight=slight)
        return True

    def _explain(
        self,
        function: Callable[..., Any],
        cases: list[Case],
        results: list[Any],
        wrong: list[tuple[int, list[Difference]]],
    ) -> NoReturn:
        """Say what is wrong in general, the coarsest first: the shape or type of the whole, and numbers last."""
        _, found_differences = min(wrong, key=lambda pair: pair[1][0].rank)
        first = found_differences[0]
        evidence = self.evidence(cases, results, [number for number, _ in wrong])
        fail(
            f"`{self.name}`: {first.text} {diagnosis(evidence, function, first.kind)}".strip(), first.kind, self.section
        )

    def evidence(self, cases: list[Case], results: list[Any], wrong: list[int]) -> Evidence:
        """What is known of an answer that is wrong in the cases of these numbers."""
        return Evidence(
            [*inspect.signature(self.reference).parameters],
            self.outputs,
            cases,
            results,
            frozenset(wrong),
            self.expected,
            [self.expected(case.inputs) for case in cases],
            self._close,
        )

    def _close(self, mine: np.ndarray, right: np.ndarray) -> bool:
        return same(mine, right, rtol=self.rtol, atol=self.atol)

    def _name(self, cases: list[Case], results: list[Any]) -> None:
        """Raise what is known of a mistake that explains every result; nothing where none or several do."""
        matches = self.matching(cases, results)
        if len(matches) == 1:
            found = matches[0]
            fail(f"{found.says} {found.hint}", "misconception", found.section, found.name)
        both = [] if matches else self.matching_pairs(cases, results)
        if len(both) == 1:
            one, other = both[0].one, both[0].other
            text = f"Two things at once. {one.says} {other.says} {one.hint}"
            fail(text, "misconception", one.section, both[0].name)

    def right_for_their_own(
        self, cases: list[Case], results: list[Any], used: Mapping[str, Callable[..., Any]]
    ) -> tuple[str, ...]:
        """The student's own functions for which the results are what the reference gives when it calls those.

        Each is tried first, so that a right one among them is not blamed, then all of them together. Where the
        reference stops, so must the answer, with whatever error; who always stops has shown nothing.
        """
        if not used or all(isinstance(result, Failure) for result in results):
            return ()
        for names in [*((name,) for name in used if len(used) > 1), tuple(used)]:
            theirs = {name: used[name] for name in names}
            expected = references_with(self.reference, [case.inputs for case in cases], theirs)
            pairs = zip(results, expected, strict=True)
            if all(self._as_with_theirs(result, their) for result, their in pairs):
                return names
        return ()

    def _as_with_theirs(self, result: Any, outcome: Any) -> bool:
        """Whether a result, or that there is none, is what the reference comes to with the student's own functions."""
        if isinstance(result, Failure) or isinstance(outcome, Exception):
            return isinstance(result, Failure) and isinstance(outcome, Exception)
        return self._as_theirs(result, outcome)

    def _as_theirs(self, result: Any, theirs: Any) -> bool:
        """Whether a result is what comes of the student's own functions: that may be nothing, or too many parts."""
        if result is None and theirs is None:
            return True
        if isinstance(theirs, tuple) and len(theirs) != len(self.outputs):
            return same(result, theirs, rtol=self.rtol, atol=self.atol)
        return not self.compare(result, theirs)

    def _once_more(
        self,
        function: Callable[..., Any],
        cases: list[Case],
        results: list[Any],
        theirs: Mapping[str, Callable[..., Any]],
    ) -> list[tuple[Inputs, Any]]:
        """Other inputs, and what the reference gives when it calls these functions; none where the answer gives others.

        A function that counts its calls, or sees all that it is asked at once, can tell each case from the others, and
        give what was agreed on for it. These inputs are all drawn alike, the reference stops at none of them, and the
        answer gets them in another order.
        """
        rng = generator(f"{self.name}, once more")
        names = {*size_names(self.plan.draw)}
        going = [
            case
            for case, result in zip(cases, results, strict=True)
            if not isinstance(result, Failure) and case.sizes.keys() == names
        ]
        if not going:
            return []
        sizes = max(reversed(going), key=lambda case: case.condition == ORDINARY).sizes
        found: list[tuple[Inputs, Any]] = []
        for _ in range(ROUNDS):
            more = [self.plan.draw(rng, **sizes) for _ in range(ONCE_MORE)]
            told = references_with(self.reference, more, theirs)
            found += [pair for pair in zip(more, told, strict=True) if not isinstance(pair[1], Exception)]
            if len(found) >= ONCE_MORE:
                break
        else:
            return []
        found = [found[number] for number in rng.permutation(ONCE_MORE).tolist()]
        outcomes = call_all(function, [inputs for inputs, _ in found])
        for outcome, (_, their) in zip(outcomes, found, strict=True):
            if isinstance(outcome, Exception) or not self._as_theirs(outcome[0], their):
                return []
        return found

    def _slight(self, cases: list[Case], results: list[Any]) -> bool:
        """Whether nothing but rounding can be behind what is wrong: a function that rounds may be right itself, and
        what calls it many times no more."""
        return all(
            same(result, self.expected(case.inputs), rtol=SLIGHT * self.rtol, atol=SLIGHT * self.atol)
            for case, result in zip(cases, results, strict=True)
        )

    def _varies(self, more: list[tuple[Inputs, Any]]) -> bool:
        """Whether what came is at least a third as often something else as it is where all is right."""
        return 3 * self._kinds([told for _, told in more]) >= self._kinds([self.expected(inputs) for inputs, _ in more])

    def _kinds(self, outcomes: list[Any]) -> int:
        """How many different results there are. One without any number is like another, and like an error."""
        kinds: list[Any] = []
        empty = False
        for outcome in outcomes:
            if isinstance(outcome, Exception) or not size(outcome):
                empty = True
            elif not any(self._as_one(outcome, other) for other in kinds):
                kinds.append(outcome)
        return len(kinds) + empty

    def _as_one(self, one: Any, other: Any) -> bool:
        if _all_arrays(one) and _all_arrays(other):  # in a fifth of the time
            return same(one, other, rtol=self.rtol, atol=self.atol)
        return self._as_theirs(one, other)

    def _stops_alike(self, case: Case, error: Exception, used: Mapping[str, Callable[..., Any]]) -> str:
        """Which of the student's own functions stops the reference in the same way; "" where none does."""
        for name, theirs in used.items():
            try:
                reference_with(self.reference, case.inputs, {name: theirs})
            except Interrupted:
                raise
            except Exception as stopped:
                if failure_name(stopped) == failure_name(error):
                    return name
        return ""

    def _declared(self, cases: list[Case]) -> list[Inputs]:
        """Of the cases those that were declared, if they are enough to tell by: all others hang on what was drawn."""
        names = {declared.name for declared in self.conditions} | {case.condition for case in self.fixed}
        declared = [case.inputs for case in cases if case.condition in names]
        return declared if len(declared) >= ENOUGH else [case.inputs for case in cases]

    def _tells(self, cases: Sequence[Inputs], theirs: Mapping[str, Callable[..., Any]]) -> bool:
        """Whether being right for these functions says anything: of what matters in all cases, more than a third has to
        matter with them.

        Who writes a step that gives zeros, and then a sequence of zeros, has not written a sequence. Where the
        reference stops with them, nothing matters.
        """
        matter = []
        for inputs in cases:
            right = self.expected(inputs)
            matter.append([(what, other) for what, other in perturbed(inputs) if self._differs(other, right)])
        a_third = sum(len({what for what, _ in changes}) for changes in matter) / 3
        still = 0
        for inputs, changes in zip(cases, matter, strict=True):
            plain, *outcomes = references_with(self.reference, [inputs, *(other for _, other in changes)], theirs)
            if isinstance(plain, Exception):
                continue
            told = [(what, now) for (what, _), now in zip(changes, outcomes, strict=True)]
            still += len({w for w, now in told if not isinstance(now, Exception) and not self._as_theirs(now, plain)})
            if still > a_third:
                return True
        return False

    def _differs(self, inputs: Inputs, right: Any) -> bool:
        """Whether these inputs are right to give, and give another result."""
        try:
            return bool(self.compare(self.expected(inputs), right))
        except Exception:
            return False

    def matching(self, cases: list[Case], results: list[Any]) -> list[Misconception]:
        """The misconceptions that explain every result. Those declared the same count as one."""
        found: list[Misconception] = []
        for misconception in self.misconceptions:
            outcomes = (attempt(misconception.wrong, case.inputs) for case in cases)
            if all(self.alike(mine, theirs) for mine, theirs in zip(outcomes, results, strict=True)):
                found.append(misconception)
        names = {misconception.name for misconception in found}
        return [misconception for misconception in found if misconception.same_as not in names]

    def matching_pairs(self, cases: list[Case], results: list[Any]) -> list[Both]:
        """The pairs of misconceptions that explain every result; none where the answer stops whatever it is given."""
        pairs = list(zip(cases, results, strict=True))
        telling = [pair for pair in pairs if pair[0].condition == ORDINARY and not isinstance(pair[1], Failure)]
        if not telling:
            return []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's, of what two mistakes together do
            if self._pairs is None:
                self._pairs = list(
                    pairs_of([self.reference, *self.also_right], self.misconceptions, self.name, self._is_right(cases))
                )
            # What fits in one ordinary case is rare, and then tried in all.
            pairs.sort(key=lambda pair: pair[0] is not telling[-1][0])
            return [
                both
                for both in self._pairs
                if all(self.alike(attempt(both.wrong, case.inputs), result) for case, result in pairs)
                and not self._is_right(cases)(both.wrong)  # one mistake may undo another
            ]

    def _is_right(self, cases: list[Case]) -> Callable[[Callable[..., Any]], bool]:
        def right(function: Callable[..., Any]) -> bool:
            outcomes = ((attempt(function, case.inputs), case.inputs) for case in cases)
            return all(
                not isinstance(outcome, Failure) and not self.compare(outcome, self.expected(inputs))
                for outcome, inputs in outcomes
            )

        return right

    def alike(self, mine: Any, theirs: Any) -> bool:
        """Whether two outcomes, one of them perhaps an error, are the same."""
        if isinstance(mine, Failure) or isinstance(theirs, Failure):
            return isinstance(mine, Failure) and isinstance(theirs, Failure) and mine.name == theirs.name
        return same(theirs, mine, rtol=self.rtol, atol=self.atol)


def graded(
    section: str,
    outputs: tuple[str, ...] = ("the result",),
    draws: int = 4,
    rtol: float = 1e-4,
    atol: float = 1e-5,
    exact_type: type | None = None,
) -> Callable[[Callable[..., Any]], FunctionCheck]:
    """Declare the decorated function the reference of a graded one.

    `section` is the book's target that treats it, `outputs` what each returned part is called, `draws` how many
    ordinary cases are drawn, and `exact_type` the Python type that the result must have, such as int (NumPy's integers
    count as int).
    """

    def declare(reference: Callable[..., Any]) -> FunctionCheck:
        return FunctionCheck(reference, section, outputs, draws, rtol, atol, exact_type)

    return declare


def _all_arrays(result: Any) -> bool:
    parts = result if isinstance(result, tuple) else (result,)
    return all(isinstance(part, np.ndarray) for part in parts)
