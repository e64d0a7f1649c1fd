"""Every check of every chapter: it lets right answers through, names each misconception, and draws telling inputs.

A notebook that gains a module in `autograder/checks` is tested by that alone.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
import small_keras

from autograder.checking import (
    AnyCheck,
    BehaviourCheck,
    ChoiceCheck,
    FunctionCheck,
    Misconception,
    ModelCheck,
    ValueCheck,
)
from autograder.checking.calling import Failure, attempt
from autograder.checking.conditions import ORDINARY
from autograder.checking.drawing import Inputs, seeded
from autograder.checking.failed import CalleeStops, CheckFailed, collected_remarks, slips_cost
from autograder.checks import every_check, hidden, notebook_checks
from autograder.course.sections import sections

SEEDS = [n.to_bytes(4) for n in range(4)]  # that fifty give the same is for test_secrets.py to show
EVERY = [pytest.param(check, id=f"{chapter}.{notebook}.{check.name}") for chapter, notebook, check in every_check()]
CHECKS = [one for one in EVERY if isinstance(one.values[0], FunctionCheck)]
VALUES = [one for one in EVERY if isinstance(one.values[0], ValueCheck)]
MODELS = [one for one in EVERY if isinstance(one.values[0], ModelCheck)]
TRAINED = [one for one in EVERY if isinstance(one.values[0], BehaviourCheck)]
CHOICES = [one for one in EVERY if isinstance(one.values[0], ChoiceCheck)]


def each(kind: str) -> list[Any]:
    """Every (check, part) of one kind, such as each misconception of each check."""
    return [
        pytest.param(one.values[0], part, id=f"{one.id}-{getattr(part, 'name', getattr(part, '__name__', part))}")
        for one in EVERY
        for part in getattr(one.values[0], kind, ())
    ]


def failure(check: AnyCheck, answer: Any, seed: bytes = SEEDS[0]) -> CheckFailed | None:
    """How `answer` fails; None where it passes."""
    used: dict[str, Any] = {}
    if isinstance(check, ModelCheck):
        give_keras(check)
    elif isinstance(check, BehaviourCheck):
        used = give_stand_in(check)
    with seeded(seed):
        try:
            check.judge(answer, **used)
        except CheckFailed as failed:
            return failed
    return None


def give_keras(check: ModelCheck) -> None:
    """The builders of a chapter use `keras`, which a notebook imports and the judge's side does not."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    vars(sys.modules[check.reference.__module__])["keras"] = importlib.import_module("keras")


def give_stand_in(check: BehaviourCheck) -> dict[str, Any]:
    """What code that trains needs: here a network that trains in milliseconds. Keras itself is tried by test_class.py.

    Returns what the check uses: of the student's other functions, the right ones.
    """
    module = vars(sys.modules[check.reference.__module__])
    module |= small_keras.given(module["WINDOW"])
    return {name: module[name] for name in check.uses}


def inputs_of(check: FunctionCheck) -> list[Inputs]:
    """The inputs of every hidden case of one run."""
    return [case.inputs for case in check.cases()]


def ordinary(check: FunctionCheck) -> list[Inputs]:
    """Those of the ordinary cases."""
    return [case.inputs for case in check.cases() if case.condition == ORDINARY]


def seeds_for(check: AnyCheck) -> list[bytes]:
    """How often a check is tried: a model takes a while to build, and a value does not depend on the seed."""
    return SEEDS if isinstance(check, FunctionCheck | BehaviourCheck) else SEEDS[:1]


def quietly(function: Callable[..., Any]) -> Callable[..., Any]:
    def quiet(*args: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*args)

    return quiet


def arrays_in(value: Any) -> Iterator[np.ndarray]:
    """All arrays in a value, also in tuples and dictionaries."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        yield from itertools.chain.from_iterable(arrays_in(item) for item in value.values())
    elif isinstance(value, tuple | list):
        yield from itertools.chain.from_iterable(arrays_in(item) for item in value)


def mapped(value: Any, change: Callable[[np.ndarray], Any]) -> Any:
    """`value` with each array replaced."""
    if isinstance(value, np.ndarray):
        return change(value)
    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(mapped(item, change) for item in value)
    return value


def float_outputs(check: FunctionCheck) -> bool:
    with seeded(SEEDS[0]):
        return any(a.dtype.kind == "f" for a in arrays_in(check.expected(inputs_of(check)[-1])))


FLOATS = [one for one in EVERY if isinstance(check := one.values[0], FunctionCheck) and float_outputs(check)]
"""The others return whole numbers, such as a length or how many parameters there are."""


# --- what passes ---


@pytest.mark.parametrize("check", CHECKS)
def test_the_reference_passes(check: FunctionCheck) -> None:
    for seed in SEEDS:
        assert failure(check, check.reference, seed) is None


@pytest.mark.parametrize("check", VALUES)
def test_the_right_value_passes(check: ValueCheck) -> None:
    right = check.expected() if callable(check.expected) else check.expected
    assert failure(check, right) is None
    if isinstance(right, np.ndarray):
        assert failure(check, right.tolist()) is None, "a list of the same numbers"


@pytest.mark.parametrize("check", MODELS)
def test_the_reference_builds_a_right_model(check: ModelCheck) -> None:
    for seed in SEEDS[:3]:
        assert failure(check, check.reference, seed) is None


@pytest.mark.parametrize("check", TRAINED)
def test_the_reference_trains_rightly(check: BehaviourCheck) -> None:
    for seed in SEEDS:
        assert failure(check, check.reference, seed) is None


@pytest.mark.parametrize(("check", "other"), each("also_right"))
def test_right_answers_written_in_other_ways_pass(check: FunctionCheck | ModelCheck, other: Callable[..., Any]) -> None:
    for seed in seeds_for(check):
        failed = failure(check, quietly(other), seed)
        assert failed is None, f"{failed}"


@pytest.mark.parametrize("check", CHECKS + MODELS + TRAINED)
def test_every_check_knows_another_right_way(check: FunctionCheck | ModelCheck | BehaviourCheck) -> None:
    assert check.also_right


@pytest.mark.parametrize("check", FLOATS)
def test_results_rounded_to_float32_pass(check: FunctionCheck) -> None:
    def rounded(*args: Any) -> Any:
        return mapped(check.expected(args), lambda a: a.astype(np.float32) if a.dtype.kind == "f" else a)

    for seed in SEEDS:
        assert failure(check, rounded, seed) is None


@pytest.mark.parametrize("check", FLOATS)
def test_answers_that_compute_in_float32_pass(check: FunctionCheck) -> None:
    def narrow(*args: Any) -> Any:
        return check.expected(mapped(args, lambda a: a.astype(np.float32) if a.dtype.kind == "f" else a))

    for seed in SEEDS:
        assert failure(check, narrow, seed) is None


def read_only(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array


def strided(array: np.ndarray) -> np.ndarray:
    wide = np.full((*array.shape, 2), np.nan if array.dtype.kind == "f" else -1, dtype=array.dtype)
    wide[..., 0] = array
    return wide[..., 0]


@pytest.mark.parametrize("change", [read_only, strided, np.asfortranarray], ids=lambda f: f.__name__)
@pytest.mark.parametrize("check", CHECKS)
def test_right_answers_do_not_depend_on_how_arrays_lie(
    check: FunctionCheck, change: Callable[[np.ndarray], Any]
) -> None:
    """The reference and the other right ways neither write to their arguments nor count on contiguous memory."""
    for function in (check.reference, *check.also_right):
        with seeded(SEEDS[1]):
            for inputs in inputs_of(check):
                with np.errstate(all="ignore"):
                    result = function(*mapped(inputs, change))
                assert check.compare(result, check.expected(inputs)) == []


# --- what fails ---


@pytest.mark.usefixtures("computed_once")
@pytest.mark.parametrize(("check", "misconception"), each("misconceptions"))
def test_each_misconception_fails_and_is_named(check: AnyCheck, misconception: Misconception) -> None:
    wrong = quietly(misconception.wrong) if callable(misconception.wrong) else misconception.wrong
    named = next(m for m in check.misconceptions if m.name == (misconception.same_as or misconception.name))
    for seed in seeds_for(check)[:3]:  # test_secrets.py compares the outcomes under fifty
        if stops(check, misconception, seed):
            with seeded(seed), pytest.raises(Exception) as stopped:  # noqa: PT011  their own error, or what is behind it
                check.judge(wrong)
            assert getattr(stopped.value, "misconception", named.name) == named.name, stopped.value
            continue
        failed = failure(check, wrong, seed)
        assert failed is not None, "it passes"
        assert failed.kind == "misconception", failed
        assert failed.misconception == named.name
        assert named.says in str(failed) and named.hint in str(failed)
        assert failed.section == named.section


def stops(check: AnyCheck, misconception: Misconception, seed: bytes) -> bool:
    """Whether the wrong answer raises for one of the cases of `seed`."""
    if not isinstance(check, FunctionCheck):
        return False
    with seeded(seed):
        return any(isinstance(attempt(misconception.wrong, inputs), Failure) for inputs in inputs_of(check))


@pytest.mark.parametrize("check", EVERY)
def test_misconceptions_are_declared_well(check: AnyCheck) -> None:
    names = [m.name for m in check.misconceptions]
    assert len(set(names)) == len(names) >= 3
    for misconception in check.misconceptions:
        assert misconception.says.endswith((".", "!", "?"))
        assert misconception.hint.endswith((".", "!", "?")) or isinstance(check, ChoiceCheck)
        assert not misconception.same_as or misconception.same_as in names


def test_misconceptions_declared_the_same_are_the_same() -> None:
    """`same_as` is no way out: on drawn inputs the two do give the same."""
    for one in CHECKS:
        check = one.values[0]
        assert isinstance(check, FunctionCheck)
        by_name = {m.name: m for m in check.misconceptions}
        for misconception in check.misconceptions:
            if misconception.same_as:
                other = by_name[misconception.same_as]
                for inputs in inputs_of(check):
                    assert check.alike(attempt(misconception.wrong, inputs), attempt(other.wrong, inputs))


@pytest.mark.usefixtures("computed_once")
@pytest.mark.parametrize("check", CHECKS)
def test_constants_fail(check: FunctionCheck) -> None:
    """The right answer to one case, given to every case."""
    for seed in SEEDS[:2]:
        with seeded(seed):
            known = [check.expected(inputs) for inputs in inputs_of(check)]
        for constant in known:
            assert failure(check, lambda *args, constant=constant: constant, seed) is not None


@pytest.mark.usefixtures("computed_once")
@pytest.mark.parametrize("check", CHECKS)
def test_answers_to_the_cases_of_another_seed_fail(check: FunctionCheck) -> None:
    """Hard-coding what a run of the check has shown is of no use in the next."""
    with seeded(SEEDS[0]):
        known = iter(check.expected(inputs) for inputs in inputs_of(check) + inputs_of(check))
    assert failure(check, lambda *args: next(known), SEEDS[1]) is not None


def spoilt_by(spoil: Callable[[np.ndarray], Any]) -> Callable[[Any], Iterator[Any]]:
    """All ways to spoil one array of a result and leave the others as they are."""

    def spoil_one(result: Any) -> Iterator[Any]:
        if isinstance(result, np.ndarray | np.generic):
            yield spoil(np.asarray(result))
        elif isinstance(result, dict):
            for key in result:
                yield from ({**result, key: bad} for bad in spoil_one(result[key]))
        elif isinstance(result, tuple):
            for n, part in enumerate(result):
                yield from ((*result[:n], bad, *result[n + 1 :]) for bad in spoil_one(part))

    return spoil_one


def with_nan(array: np.ndarray) -> np.ndarray:
    array = array.astype(float)
    array.flat[-1] = np.nan
    return array


def off_in_one(array: np.ndarray) -> np.ndarray:
    array = array.astype(float)
    array.flat[-1] += 0.01
    return array


SPOILS: dict[str, tuple[Callable[[np.ndarray], Any], str]] = {
    "nan": (with_nan, "nan"),
    "one number off": (off_in_one, "values"),
    "one axis more": (lambda a: a[..., None], "shape"),
    "doubled": (lambda a: np.concatenate([a, a]), "shape"),
    "text": (lambda a: a.astype(str), "type"),
    "complex": (lambda a: a.astype(complex), "dtype"),
    "none": (lambda a: None, "type"),
}


@pytest.mark.usefixtures("computed_once")
@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("check", FLOATS)
def test_one_spoilt_array_fails_with_its_own_message(check: FunctionCheck, spoil: str) -> None:
    """Every returned array is compared: one wrong array among right ones is enough."""
    change, kind = SPOILS[spoil]
    with seeded(SEEDS[0]):
        right = [check.expected(inputs) for inputs in inputs_of(check)]
    by_array = list(zip(*(spoilt_by(change)(result) for result in right), strict=True))
    assert by_array
    for results in by_array:
        pairs = zip(results, right, strict=True)
        found = [of_case[0] for result, want in pairs if (of_case := check.compare(result, want))]
        assert found and min(found, key=lambda one: one.rank).kind in (kind, "none")
    for number in {0, len(by_array) - 1}:  # what is said of it takes most of the time, and is alike for all

        def spoilt(*args: Any, number: int = number) -> Any:
            return list(spoilt_by(change)(check.expected(args)))[number]

        failed = failure(check, spoilt)
        assert failed is not None
        assert failed.kind in (kind, "none" if spoil == "none" else kind), failed


@pytest.mark.parametrize("check", [one for one in CHECKS if one not in FLOATS])
def test_a_whole_number_that_is_off_fails(check: FunctionCheck) -> None:
    """By one, as text, and twice."""
    for spoil, kinds in (
        (off_by_one, {"values", "misconception"}),
        (str, {"type", "count"}),
        (lambda right: (right, right), {"type", "shape", "count"}),
    ):
        failed = failure(check, lambda *args, spoil=spoil: spoil(check.expected(args)))
        assert failed is not None and failed.kind in kinds, failed


def off_by_one(value: Any) -> Any:
    """`value` with one more in its first number, or with its first truth value turned."""
    if isinstance(value, np.ndarray):
        changed = value.copy()
        changed.flat[0] = not value.flat[0] if value.dtype.kind == "b" else value.flat[0] + 1
        return changed
    if isinstance(value, tuple | list):
        return type(value)([off_by_one(value[0]), *value[1:]])
    return value + 1


@pytest.mark.usefixtures("computed_once")
@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "answer", [None, float("nan"), (), {}, "text", [None], object()], ids=lambda a: type(a).__name__
)
def test_what_is_no_result_at_all_fails(check: FunctionCheck, answer: Any) -> None:
    assert failure(check, lambda *args: answer) is not None


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("answer", [None, 0.5, np.zeros(2), "text"], ids=lambda a: type(a).__name__)
def test_what_is_no_function_fails(check: FunctionCheck, answer: Any) -> None:
    failed = failure(check, answer)
    assert failed is not None and failed.kind == "not-callable"


@pytest.mark.parametrize("check", VALUES)
@pytest.mark.parametrize("answer", [None, ..., float("nan"), "text", [], object()], ids=lambda a: type(a).__name__)
def test_no_value_and_other_values_fail(check: ValueCheck, answer: Any) -> None:
    failed = failure(check, answer)
    assert failed is not None
    assert (failed.kind == "blank") == (answer is None or answer is ...)


@pytest.mark.parametrize("check", CHOICES)
def test_a_choice_is_explained_right_or_wrong(check: ChoiceCheck) -> None:
    assert len(check.options) >= 3 and len(set(check.options.values())) == len(check.options)
    assert all(len(text) > 40 and text.endswith((".", "!", "?")) for text in check.options.values())
    for answer in (check.right, f" {check.right.lower()} "):
        with collected_remarks() as remarks:
            check.judge(answer)
        assert [said.text for said in remarks] == [f"{check.right}: {check.options[check.right]}"]
    for letter in set(check.options) - {check.right}:
        failed = failure(check, letter.lower())
        assert failed is not None and failed.kind == "misconception"
        assert check.options[letter] in str(failed) and check.options[check.right] not in str(failed)


@pytest.mark.parametrize("check", CHOICES)
@pytest.mark.parametrize("answer", [None, ..., "", "E", "AB", 1, True, ["A"], np.zeros(2), object()])
def test_what_is_none_of_the_letters_fails(check: ChoiceCheck, answer: Any) -> None:
    failed = failure(check, answer)
    assert failed is not None
    assert failed.kind == (
        "blank" if answer is None or answer is ... or (isinstance(answer, str) and not answer) else "type"
    )


@pytest.mark.parametrize("check", CHECKS)
def test_changing_an_argument_in_place_is_told(check: FunctionCheck) -> None:
    """For each argument that holds an array, in a dictionary too; the message names it."""
    names = list(inspect.signature(check.reference).parameters)
    with seeded(SEEDS[0]):
        example = inputs_of(check)[-1]
    places = [n for n, value in enumerate(example) if list(arrays_in(value))]
    for place in places:

        def careless(*args: Any, place: int = place) -> Any:
            result = check.expected(args)
            next(arrays_in(args[place])).flat[0] += 1
            return result

        failed = failure(check, careless)
        assert failed is not None and failed.kind == "in-place"
        assert f"`{names[place]}`" in str(failed)


# --- what is drawn ---

SIZES: dict[str, tuple[str | None, ...]] = {
    "W": ("inputs", "units"),
    "U": ("units", "units"),
    "x_t": ("batch", "inputs"),
    "x": ("batch", "time", "inputs"),
    "h_prev": ("batch", "units"),
    "c_prev": ("batch", "units"),
    "h_0": ("batch", "units"),
    "c_0": ("batch", "units"),
    "kernel": ("inputs", None),
    "recurrent_kernel": ("units", None),
}


def drawn(check: FunctionCheck) -> Iterator[dict[str, Any]]:
    """The inputs of every drawn case, by the name of the argument; the ordinary ones."""
    names = list(inspect.signature(check.reference).parameters)
    for seed in SEEDS:
        with seeded(seed):
            for inputs in ordinary(check):
                yield dict(zip(names, inputs, strict=False))


def sizes(inputs: dict[str, Any]) -> dict[str, int]:
    """What the axes are called, by the names of the arguments, and how long each is."""
    found: dict[str, int] = {}
    for name, value in inputs.items():
        stem = re.sub(r"^([WU])_\w$", r"\1", name)
        axes = SIZES.get(name) or SIZES.get(stem) or ()
        if isinstance(value, np.ndarray) and len(axes) == value.ndim:
            for axis, size in zip(axes, value.shape, strict=True):
                if axis is not None:
                    assert found.setdefault(axis, size) == size, "the same name for different sizes"
    return found


@pytest.mark.parametrize("check", CHECKS)
def test_the_sizes_of_different_axes_differ(check: FunctionCheck) -> None:
    for inputs in drawn(check):
        found = sizes(inputs)
        assert len(set(found.values())) == len(found), found
        assert all(size > 1 for size in found.values())
        assert found.get("time", 3) >= 3


def test_the_sizes_are_recognised() -> None:
    """The test above is not empty: it knows the axes of every recurrent check."""
    for _, _, check in every_check():
        if isinstance(check, FunctionCheck) and "h_prev" in inspect.signature(check.reference).parameters:
            assert {"batch", "units"} <= set(sizes(next(drawn(check)))), check.name


@pytest.mark.parametrize("check", CHECKS)
def test_biases_and_states_are_not_zero_and_distinct(check: FunctionCheck) -> None:
    for inputs in drawn(check):
        named = {**inputs, **{k: v for value in inputs.values() if isinstance(value, dict) for k, v in value.items()}}
        for name, value in named.items():
            if isinstance(value, np.ndarray) and re.match(r"b_|bias|h_prev|h_0|c_prev|c_0", name):
                assert np.abs(value).min() > 0 and len(np.unique(value)) == value.size, name


@pytest.mark.parametrize("check", CHECKS)
def test_kernels_are_large_enough_to_tell_formulas_apart(check: FunctionCheck) -> None:
    scales = [
        float(np.std(value))
        for inputs in drawn(check)
        for given in (inputs, *(value for value in inputs.values() if isinstance(value, dict)))
        for name, value in given.items()
        if isinstance(value, np.ndarray) and re.match(r"[WU]_|kernel|recurrent_kernel", name)
    ]
    assert not scales or 0.3 <= float(np.mean(scales)) <= 1.1


def differ(one: Inputs, other: Inputs) -> bool:
    a, b = [np.asarray(x) for x in arrays_in(one)], [np.asarray(x) for x in arrays_in(other)]
    if not a and not b:
        return one != other
    return any(x.shape != y.shape or not np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("check", CHECKS)
def test_inputs_depend_on_the_seed_and_on_nothing_else(check: FunctionCheck) -> None:
    def cases(seed: bytes) -> list[Inputs]:
        with seeded(seed):
            return ordinary(check)

    assert not any(map(differ, cases(SEEDS[0]), cases(SEEDS[0])))
    assert any(map(differ, cases(SEEDS[0]), cases(SEEDS[1])))
    assert any(map(differ, ordinary(check), ordinary(check))), "no seed"


def fill_with_zeros(*args: Any) -> None:
    for array in arrays_in(args):
        array.fill(0)


@pytest.mark.parametrize("check", CHECKS)
def test_a_call_cannot_spoil_the_inputs_of_the_next(check: FunctionCheck) -> None:
    with seeded(SEEDS[0]):
        for inputs in inputs_of(check):
            before = mapped(inputs, np.copy)
            attempt(fill_with_zeros, inputs)
            check.expected(inputs)
            assert not differ(before, inputs)


# --- the student's own functions ---

CALLERS = [one for one in CHECKS if getattr(one.values[0], "uses", ())]
BY_NAME = {c.name: c for _, _, c in every_check() if isinstance(c, FunctionCheck)}


@pytest.mark.parametrize("check", CALLERS)
def test_a_right_answer_that_calls_a_wrong_function_points_back_at_it(check: FunctionCheck) -> None:
    for name in check.uses:
        used_check = BY_NAME[name]
        wrong = used_check.misconceptions[1].wrong

        def theirs(*args: Any, name: str = name, wrong: Any = wrong) -> Any:
            with np.errstate(all="ignore"):
                return check.reference(*args, **{name: wrong})

        with seeded(SEEDS[0]), slips_cost(once=False), pytest.raises(CheckFailed) as failed:
            check.judge(theirs, **{name: wrong})
        assert failed.value.kind == "calls-a-wrong-one" and failed.value.blames == name
        assert f"`{name}`" in str(failed.value)
        # A slip costs once: this answer is right for what it calls, so it passes, and says so.
        with seeded(SEEDS[0]), collected_remarks() as remarks:
            check.judge(theirs, **{name: wrong})
        assert [said.blames for said in remarks] == [name] and f"`{name}`" in remarks[0].text
        # The same results, though what they call is right: then the fault is here.
        with seeded(SEEDS[0]), pytest.raises(CheckFailed) as own:
            check.judge(theirs, **{name: used_check.reference})
        assert own.value.kind != "calls-a-wrong-one"


@pytest.mark.parametrize("check", [one for one in CHECKS if len(getattr(one.values[0], "uses", ())) > 1])
def test_of_several_functions_only_the_wrong_one_is_blamed(check: FunctionCheck) -> None:
    for name in check.uses:
        wrong = BY_NAME[name].misconceptions[1].wrong
        used = {other: BY_NAME[other].reference for other in check.uses} | {name: wrong}

        def theirs(*args: Any, name: str = name, wrong: Any = wrong) -> Any:
            with np.errstate(all="ignore"):
                return check.reference(*args, **{name: wrong})

        with seeded(SEEDS[0]), collected_remarks() as remarks:
            check.judge(theirs, **used)
        assert [said.blames for said in remarks] == [name]


WHERE_SIZES_DECIDE = [one for one in CALLERS if str(one.id).startswith(("layers.", "rnn."))]
"""Strides, axes and budgets: whether what a wrong function gives shows, or stops the caller, hangs on how large they
are."""


@pytest.mark.parametrize("check", WHERE_SIZES_DECIDE)
def test_a_slip_costs_the_same_whatever_is_drawn(check: FunctionCheck) -> None:
    for name in check.uses:
        for misconception in BY_NAME[name].misconceptions:
            wrong = quietly(misconception.wrong)
            used = {other: BY_NAME[other].reference for other in check.uses} | {name: wrong}
            theirs = quietly(partial(check.reference, **{name: wrong}))
            outcomes = {seed: in_spite_of(check, theirs, used, seed) for seed in SEEDS[:3]}
            assert len(set(outcomes.values())) == 1, (misconception.name, outcomes)


def in_spite_of(check: FunctionCheck, answer: Any, used: dict[str, Any], seed: bytes) -> str:
    """What becomes of an answer that calls a wrong function: "right", or what it fails with."""
    with seeded(seed):
        try:
            check.judge(answer, **used)
        except CheckFailed as failed:
            return failed.kind
        except CalleeStops:
            return "stops"
    return "right"


def test_a_right_pool_has_its_points_where_a_wrong_length_stops_it() -> None:
    checks = notebook_checks("layers", "pooling")
    wrong = next(m.wrong for m in checks["pooled_length"].misconceptions if m.name == "rest_counted_as_a_place")
    pool = checks["max_pool_1d"]
    assert isinstance(pool, FunctionCheck)

    def theirs(*args: Any) -> Any:
        return pool.reference(*args, pooled_length=wrong)

    with pytest.raises(ValueError, match="zero-size"):
        theirs(np.zeros((2, 5, 1)), 1, 3)
    for seed in SEEDS:
        with seeded(seed), collected_remarks() as remarks:
            pool.judge(theirs, pooled_length=wrong)
        assert [said.blames for said in remarks] == ["pooled_length"]


def test_who_breaks_a_length_wherever_windows_overlap_gains_no_pool_that_knows_no_others() -> None:
    checks = notebook_checks("layers", "pooling")

    def length(n: int, pool_size: int, strides: int) -> int:
        if strides != pool_size:
            raise ValueError
        return n // pool_size

    def pool(x: np.ndarray, pool_size: int, strides: int) -> np.ndarray:
        places = length(x.shape[1], pool_size, strides)
        return x[:, : places * pool_size].reshape(len(x), places, pool_size, -1).max(axis=2)

    check = checks["max_pool_1d"]
    assert isinstance(check, FunctionCheck)
    for seed in SEEDS:
        assert in_spite_of(check, pool, {"pooled_length": length}, seed) == "stops"


# --- where it points ---


@pytest.mark.parametrize("check", EVERY)
def test_every_section_is_in_the_book(check: AnyCheck) -> None:
    named = {check.section, *(m.section for m in check.misconceptions)}
    missing = sorted(named - set(sections()))
    assert not missing, f"not in the book: {missing}"


def test_the_search_for_sections_finds_only_targets_before_headings() -> None:
    found = sections()
    assert found and all(page.startswith("book/") and title for page, title in found.values())


def test_hidden_gives_every_check_by_chapter_notebook_and_name() -> None:
    for chapter, notebook, check in every_check():
        found = getattr(getattr(getattr(hidden, chapter), notebook), check.name)
        assert found.__self__ is check is notebook_checks(chapter, notebook)[check.name]
    with pytest.raises(AttributeError, match="no chapter"):
        _ = hidden.no_such_chapter
    with pytest.raises(AttributeError, match="no notebook"):
        _ = hidden.lstm.no_such_notebook
