"""What a student is told of a wrong answer that nobody has named: each kind of sentence, and that it is true."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import wraps
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checking import FunctionCheck
from autograder.checking.calling import attempt
from autograder.checking.compare import differences
from autograder.checking.conditions import ORDINARY, Case
from autograder.checking.diagnosis.evidence import Evidence
from autograder.checking.diagnosis.findings import FORMULA, SOME, is_vague
from autograder.checking.diagnosis.probes import CALLS, tells
from autograder.checking.diagnosis.substitutes import as_if
from autograder.checking.drawing import Inputs, seeded
from autograder.checking.failed import CheckFailed, Interrupted
from autograder.checking.pairs import (
    DEDENT,
    INDENT,
    NEWLINE,
    Both,
    changes,
    compiled,
    matching,
    merged,
    pairs,
    tokens_of,
)
from autograder.checks import every_check, notebook_checks
from autograder.checks.lstm.backward import lstm_backward
from tests.mutants import mapped
from tests.test_judge import says_a_number, what_it_says

Array = np.ndarray
Function = Callable[..., Any]
SECRETS = [b"secret %d" % number for number in range(6)]
EVERY = [check for _, _, check in every_check() if isinstance(check, FunctionCheck)]


def check_of(chapter: str, notebook: str, name: str) -> FunctionCheck:
    check = notebook_checks(chapter, notebook)[name]
    assert isinstance(check, FunctionCheck)
    return check


STEP = check_of("rnn", "step", "rnn_step")
SEQUENCE = check_of("rnn", "step", "rnn_sequence")
MASKED = check_of("rnn", "step", "masked_sequence")
GRU = check_of("gru", "sequence", "gru_step")
LSTM = check_of("lstm", "cell", "lstm_step")
BACKWARD = check_of("gradients", "bptt", "rnn_backward_step")
UNPACK = check_of("lstm", "cell", "unpack_keras_weights")
CANDIDATE = check_of("gru", "gates", "candidate_reset_before")
NEW_STATE = check_of("gru", "gates", "new_state_keras")
JACOBIAN = check_of("gradients", "norms", "step_jacobian")
NUMERIC = check_of("gradients", "bptt", "numeric_gradient")
POOL = check_of("layers", "pooling", "average_pool_1d")
PARAMETERS = check_of("rnn", "keras", "count_rnn_parameters")
WINDOWS = check_of("applications", "forecast", "make_windows")
BEAM = check_of("applications", "decoding", "beam_search")


def failure(check: FunctionCheck, answer: Function, secret: bytes = SECRETS[0]) -> CheckFailed:
    """How an answer fails."""
    with seeded(secret), np.errstate(all="ignore"), pytest.raises(CheckFailed) as failed:
        check.judge(answer)
    return failed.value


def said(check: FunctionCheck, answer: Function) -> str:
    """What a student is told, which has to be the same under every secret but for the numbers."""
    messages = [failure(check, answer, secret) for secret in SECRETS]
    found = {
        re.sub(r"^.*? differ, at most by \S+ |^.*?; it should be .*?\. |^.*? is not the right one\. ", "", str(one))
        for one in messages
    }
    assert len(found) == 1, found
    assert len({(one.kind, one.misconception) for one in messages}) == 1
    (text,) = found
    assert re.search(r"[.?]$", text) and not is_vague(str(messages[0])), messages[0]
    assert len(re.findall(r"[.?](?= |$)", re.sub(r"`.*?`", "", text))) <= 2, "two sentences at most"
    return text


def sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def pre(x: Array, h: Array, p: dict[str, Array], gate: str) -> Array:
    return x @ p["W_" + gate] + h @ p["U_" + gate] + p["b_" + gate]


# --- for other arguments it would be right ---


def state_left_out_of_one_gate(x: Array, h: Array, p: dict[str, Array], reset_after: bool) -> Array:
    z, r = sigmoid(pre(x, h, p, "z")), sigmoid(x @ p["W_r"] + p["b_r"])
    inner = r * (h @ p["U_h"] + p["b_recurrent"]) if reset_after else (r * h) @ p["U_h"]
    return z * h + (1 - z) * np.tanh(x @ p["W_h"] + p["b_h"] + inner)


def test_an_argument_that_is_left_out_in_one_place_is_named() -> None:
    text = said(GRU, state_left_out_of_one_gate)
    assert text == "It is what comes out when `params['U_r']` is zero: is it left out?"
    for case, mine in outcomes(GRU, state_left_out_of_one_gate):
        x, h, params, reset_after = case
        assert GRU.compare(mine, GRU.expected((x, h, {**params, "U_r": 0 * params["U_r"]}, reset_after))) == []


def weights_of_another_gate(x: Array, h: Array, c: Array, p: dict[str, Array]) -> tuple[Array, Array]:
    return LSTM.expected((x, h, c, {**p, "b_f": p["b_i"]}))


def test_an_argument_in_the_place_of_another_is_named() -> None:
    text = said(LSTM, weights_of_another_gate)
    assert "In h_t: it is what comes out when `params['b_i']` stands in the place of `params['b_f']`." in text


def counted(function: Function) -> tuple[Function, list[int]]:
    """A function, and a list that grows with every call of it."""
    calls: list[int] = []

    def counting(*args: Any) -> Any:
        calls.append(1)
        return function(*args)

    return counting, calls


def number_of_cases(check: FunctionCheck) -> int:
    with seeded(SECRETS[0]):
        return len(check.cases())


def test_exchanged_arguments_are_named_without_a_further_call() -> None:
    answer, calls = counted(lambda h_prev, z_t, h_tilde: NEW_STATE.expected((z_t, h_prev, h_tilde)))
    text = str(failure(NEW_STATE, answer))
    assert "It is what comes out when `h_prev` and `z_t` have changed places: you have exchanged them." in text
    assert len(calls) == number_of_cases(NEW_STATE)


# --- under which conditions it is right ---


def test_a_condition_under_which_alone_it_is_right_is_told() -> None:
    """Where h_prev is zero the state's term does not show, whatever is done to it."""
    text = said(STEP, lambda x, h, W, U, b: np.tanh(x @ W + np.sin(h @ U) * h.mean() + b))
    assert text == "It is right when `h_prev` is zero, and wrong otherwise: look at what you do with `h_prev`."


def test_right_with_one_and_wrong_with_several_is_told() -> None:
    text = said(STEP, lambda x, h, W, U, b: np.tanh(x @ W + h @ U + b * np.cos(np.arange(len(x)))[:, None] ** 2))
    assert "the first example is right, and every later one is wrong" in text.lower() or "with one example" in text


def test_wrong_under_one_condition_is_told() -> None:
    text = said(STEP, lambda x, h, W, U, b: np.tanh(x @ W + h @ U + b * (1 + (len(x) == 1))))
    assert text == "That happens only with one example."


def test_a_further_call_tells_what_no_case_does() -> None:
    def answer(x: Array, h: Array, W: Array, U: Array, b: Array) -> Any:
        return np.tanh(x @ W + h @ U + b * np.sin(h))

    assert said(STEP, answer) == "It becomes right when `b` is zero: look at what you do with `b`."
    for (x, h, W, U, b), _ in outcomes(STEP, answer):
        assert STEP.compare(answer(x, h, W, U, 0 * b), STEP.expected((x, h, W, U, 0 * b))) == []


def test_an_argument_without_effect_is_told() -> None:
    text = said(JACOBIAN, lambda h_t, U: np.tanh(U + U.T) * 3)
    assert text == "`h_t` has no effect on your result."


def test_mixed_examples_are_told() -> None:
    def centred(x: Array, h: Array, W: Array, U: Array, b: Array) -> Array:
        total = x @ W + h @ U + b
        return np.tanh(total - 0.3 * total.mean(axis=0))

    assert said(STEP, centred).startswith("Changing one example changes your result for the others")
    subtracted = said(STEP, lambda *a: STEP.expected(a) - STEP.expected(a).mean(axis=0))
    assert subtracted == "All examples are off by the same term: what do you add to them, or leave out?"


def test_looking_ahead_is_told() -> None:
    def ahead(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Any:
        return SEQUENCE.expected((x + 0.2 * np.sin(x.sum(axis=1, keepdims=True)), h_0, W, U, b))

    assert "Changing the last step changes your result at earlier steps" in said(SEQUENCE, ahead)


def test_another_activation_is_told() -> None:
    """Near zero sinh and tanh are the same straight line."""
    text = said(STEP, lambda x, h, W, U, b: np.sinh(x @ W + h @ U + b))
    assert text.startswith("It becomes right when all numbers are close to zero: look at the activation")


def test_one_argument_in_one_of_two_places_of_another_is_told() -> None:
    def mixed_up(h_prev: Array, z_t: Array, h_tilde: Array) -> Any:
        return NEW_STATE.expected((h_prev, z_t, h_tilde)) + np.sin(h_prev - h_tilde) * (1 + z_t)

    text = said(NEW_STATE, mixed_up)
    assert text == "It becomes right when `h_prev` and `h_tilde` are the same: you use one where the other belongs."


def test_a_number_without_effect_is_told() -> None:
    text = said(PARAMETERS, lambda inputs, units: units**3 + 7 * units**2 + 11)
    assert text == "`inputs` has no effect on your result."


def test_the_value_of_an_argument_that_makes_it_wrong_is_told() -> None:
    def one_way_only(x: Array, h: Array, p: dict[str, Array], reset_after: bool) -> Any:
        return GRU.expected((x, h, p, reset_after)) + (0 if reset_after else np.cos(np.arange(len(x))[:, None] + h**2))

    assert said(GRU, one_way_only) == "It is wrong when `reset_after` is False, and right otherwise."
    conv = check_of("layers", "convolution", "conv1d")

    def no_causal(*args: Any) -> Any:
        right = conv.expected(args)
        return np.cos(3 * right) + right**2 if args[4] == "causal" else right

    assert said(conv, no_causal) == "It is wrong when `padding` is 'causal', and right otherwise."


# --- where the first wrong number is ---


def wrong_from_the_third_step(x: Array, h_0: Array, W: Array, U: Array, b: Array) -> Any:
    outputs, h = SEQUENCE.expected((x, h_0, W, U, b))
    scale = np.where(np.arange(x.shape[1]) < 2, 1, 1.1 + 0.1 * np.arange(x.shape[1]))
    return outputs * scale[None, :, None] ** 2 + 0 * h[:, None], h


def test_the_first_wrong_step_is_told() -> None:
    text = said(SEQUENCE, wrong_from_the_third_step)
    assert "The first 2 steps are right, and all later ones are wrong" in text or "by the same factor" in text
    noisy = lambda *a: spoilt_from(SEQUENCE.expected(a), 2)  # noqa: E731
    text = said(SEQUENCE, noisy)
    assert text == "Only h_T is right. In the outputs: the first 2 steps are right, and all later ones are wrong."


def test_a_step_that_is_never_filled_in_is_told_by_its_place() -> None:
    """Zeros are no factor."""

    def unfilled(*args: Any) -> Any:
        outputs, h = SEQUENCE.expected(args)
        outputs[:, 0] = 0
        return outputs, h

    assert said(SEQUENCE, unfilled) == "Only h_T is right. In the outputs: only the first step is wrong."


def test_outputs_that_are_several_by_themselves_are_right_in_the_plural() -> None:
    text = said(SEQUENCE, lambda *args: (SEQUENCE.expected(args)[0], np.cos(3 * SEQUENCE.expected(args)[1]) + args[1]))
    assert "Only the outputs are right." in text


def spoilt_from(result: tuple[Array, Array], step: int) -> tuple[Array, Array]:
    """The outputs spoilt from a step on, by something that has no name."""
    outputs, h = result
    late = np.arange(outputs.shape[1])[None, :, None] >= step
    return np.where(late, np.cos(3 * outputs) + outputs**3, outputs), h


@pytest.mark.parametrize(
    ("place", "text"),
    [(0, "Only the first example is wrong."), (-1, "Only the last example is wrong.")],
)
def test_one_wrong_example_is_told(place: int, text: str) -> None:
    def spoilt(*args: Any) -> Array:
        right = STEP.expected(args)
        right[place] = np.cos(3 * right[place]) + right[place] ** 3
        return right

    assert said(STEP, spoilt) == text


def test_numbers_where_the_mask_is_false_are_told() -> None:
    def spoilt(x: Array, mask: Array, *rest: Array) -> Any:
        outputs, h = MASKED.expected((x, mask, *rest))
        return np.where(mask[..., None], outputs, np.cos(3 * outputs) + 2), h

    assert "only numbers where `mask` is False are wrong" in said(MASKED, spoilt)


def test_the_right_entries_are_told() -> None:
    def spoilt(*args: Any) -> Any:
        right = UNPACK.expected(args)
        return {**right, "b_f": np.cos(3 * right["b_f"]) + right["U_f"].sum()}

    assert "Only entry 'b_f' is wrong." in said(UNPACK, spoilt)


def test_a_wrong_diagonal_is_told() -> None:
    text = said(JACOBIAN, lambda h_t, U: JACOBIAN.expected((h_t, U)) + np.diag(np.cos(3 * h_t)))
    assert text in ("Only the diagonal is wrong.", "Only numbers on the diagonal are wrong.")


# --- how it is related to what is right ---


def changed(check: FunctionCheck, change: Callable[[Any], Any]) -> Function:
    """The right answer, changed on its way out."""
    return lambda *args: change(check.expected(args))


RELATED: dict[str, tuple[FunctionCheck, Callable[[Any], Any]]] = {
    "In the outputs: the steps are the right ones in reverse order.": (SEQUENCE, lambda r: (r[0][:, ::-1], r[1])),
    "Each example holds what belongs to the one before it.": (STEP, lambda r: np.roll(r, 1, axis=0)),
    "It is the right result times one number, the same in every case.": (STEP, lambda r: 3.7 * r),
    "It is twice as large as it should be.": (STEP, lambda r: 2 * r),
    "It is the right result with the sign turned.": (STEP, np.negative),
    "It is the absolute value of the right result.": (STEP, np.abs),
    "It is the right result, rounded.": (STEP, np.round),
    "It is the right result, rounded to two digits after the point.": (STEP, lambda r: np.round(r, 2)),
    "A constant is added, the same in every case.": (STEP, lambda r: r + 0.37),
    "In entry 'U': it is the right result, transposed.": (NUMERIC, lambda r: {**r, "U": r["U"].T}),
    "In d_W: the units are the right ones in reverse order.": (BACKWARD, lambda r: (r[0], r[1][:, ::-1], *r[2:])),
    "It is zero everywhere: where is it filled?": (STEP, lambda r: 0 * r),
    "The right result goes through one more tanh.": (CANDIDATE, np.tanh),
    "The numbers are right, but the axes are in another order.": (POOL, lambda r: r.transpose(2, 0, 1)),
    "The numbers are right, and only the shape is not.": (POOL, lambda r: r.reshape(len(r), -1)),
    "At the end one place is missing; the others are right.": (POOL, lambda r: r[:, :-1]),
    "The units are the right ones in another order.": (
        CANDIDATE,
        lambda r: r[:, np.argsort(np.arange(r.shape[1]) * 5 % 7)],
    ),
}


@pytest.mark.parametrize("text", RELATED)
def test_a_relation_with_the_right_result_is_told(text: str) -> None:
    check, change = RELATED[text]
    assert text in said(check, changed(check, change))


def test_too_large_by_an_argument_is_told() -> None:
    text = said(PARAMETERS, lambda inputs, units: PARAMETERS.expected((inputs, units)) + inputs * units)
    assert text == "It is too large by `inputs` times `units`."


def test_divided_by_a_size_is_told() -> None:
    text = said(STEP, lambda x, h, W, U, b: STEP.expected((x, h, W, U, b)) / len(x))
    assert text == (
        "It is too small by a factor: the number of examples is divided by once too often, or never multiplied in."
    )


def outcomes(check: FunctionCheck, answer: Function) -> list[tuple[Any, Any]]:
    """The inputs of every case, and what the answer gives."""
    with seeded(SECRETS[0]):
        return [(case.inputs, attempt(answer, case.inputs)) for case in check.cases()]


# --- two mistakes at once ---


def test_two_known_mistakes_at_once_are_both_named() -> None:
    answer = lambda x, h, W, U, b: np.tanh(h @ U.T + x @ W)  # noqa: E731
    for secret in SECRETS:
        failed = failure(STEP, answer, secret)
        assert (failed.kind, failed.misconception) == ("misconception", "step_no_bias+step_transposed_recurrent")
    one, other = (next(m for m in STEP.misconceptions if m.name == name) for name in failed.misconception.split("+"))
    assert str(failed) == f"Two things at once. {one.says} {other.says} {one.hint}"
    assert failed.section == one.section


def test_wrong_functions_that_are_written_alike_are_merged_though_the_reference_is_not() -> None:
    """Those of lstm_step compute all sums at once; the reference does not."""

    def both(x: Array, h: Array, c: Array, p: dict[str, Array]) -> tuple[Array, Array]:
        c_t = sigmoid(pre(x, h, p, "i")) * c + sigmoid(pre(x, h, p, "f")) * np.tanh(pre(x, h, p, "c"))
        return sigmoid(pre(x, h, p, "o")) * c_t, c_t

    assert failure(LSTM, both).misconception == "step_input_forget_swapped+step_no_output_tanh"


def made(check: FunctionCheck) -> list[Both]:
    """All pairs of one check."""
    with seeded(SECRETS[0]):
        cases = check.cases()

    def right(function: Function) -> bool:
        return all(check.compare(attempt(function, case.inputs), check.expected(case.inputs)) == [] for case in cases)

    return list(pairs([check.reference, *check.also_right], check.misconceptions, check.name, right))


SAME = ("def", "same", "(", "x", ")", ":", NEWLINE, INDENT, "return", "x", NEWLINE, DEDENT)


def test_what_two_mistakes_leave_outside_of_their_function_is_not_run() -> None:
    def same(x: int) -> int:
        return x

    made = compiled(SAME, "same", [same])
    assert made is not None and made(3) == 3
    assert compiled((*SAME, "x", "[", "0", "]", NEWLINE), "same", [same]) is None


@pytest.mark.parametrize("check", [STEP, SEQUENCE, GRU, LSTM, POOL], ids=lambda check: check.name)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_pairs_that_are_named_are_named_alike_under_every_secret(check: FunctionCheck) -> None:
    """Or are not named because several fit, or because one of the two hides the other: the same every time."""
    found = made(check)
    assert len(found) >= 25
    for both in found[:: len(found) // 25]:
        told = []
        for secret in SECRETS[:3]:
            with seeded(secret), np.errstate(all="ignore"):
                try:
                    check.judge(both.wrong)
                    told.append(("passes", ""))
                except CheckFailed as failed:
                    told.append((failed.kind, failed.misconception))
                except Exception:
                    told.append(("error", ""))
        assert len(set(told)) == 1, (both.name, told)


@given(st.lists(st.sampled_from("abc(),")), st.lists(st.sampled_from("abc(),")))
def test_what_two_texts_share_is_what_difflib_finds(one: list[str], other: list[str]) -> None:
    base, changed = (("def", *text, NEWLINE) for text in (one, other))
    known = SequenceMatcher(None, base, changed, autojunk=False)
    assert matching(base, changed) == [tuple(block) for block in known.get_matching_blocks()][:-1]
    edits = [(i, j, changed[k:m]) for kind, i, j, k, m in known.get_opcodes() if kind != "equal"]
    assert [*changes(base, changed)] == edits


def test_changes_that_overlap_are_not_merged() -> None:
    base = ("a", "+", "b", "+", "c")
    assert merged(base, [(0, 2, ())], [(4, 5, ("d",))]) == ("b", "+", "d")
    assert merged(base, [(0, 2, ())], [(1, 3, ("d",))]) is None
    assert merged(base, [(2, 2, ("d",))], [(2, 2, ("e",))]) is None
    assert merged(base, [(0, 1, ("d",))], [(0, 1, ("d",)), (4, 5, ("e",))]) is None
    assert merged(base, [], [(0, 1, ("d",))]) is None


def test_no_loop_without_a_bound_is_ever_merged() -> None:
    """A `while` whose test has been changed need not end, and this runs on the judge's own side."""

    def endless(x: Array) -> Array:
        while x.ndim > 2:
            x = x[0]
        return x

    assert tokens_of(endless, "endless", ["x"]) is None


# --- what is never said, and what is never done ---


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.name)
def test_a_right_answer_is_called_once_a_case(check: FunctionCheck) -> None:
    answer, calls = counted(check.reference)
    with seeded(SECRETS[0]):
        check.judge(answer)
    assert len(calls) == number_of_cases(check)


def test_a_known_misconception_is_called_once_a_case() -> None:
    for misconception in STEP.misconceptions[:5]:
        answer, calls = counted(misconception.wrong)
        failure(STEP, answer)
        assert len(calls) == number_of_cases(STEP)


def spread(value: Array, rows: bool) -> Array:
    """Zero where `value` is, for each example by itself where it has a row for each."""
    return np.asarray(np.abs(value).sum(axis=1, keepdims=True) if rows else np.abs(value).sum())


def nowhere_right(x: Array, h: Array, W: Array, U: Array, b: Array) -> Array:
    return np.cos(3 * (x @ W)) + np.sin(h @ U) ** 2 + b**2 + 0.3


def test_the_formula_is_blamed_where_nothing_is_right_and_calls_are_bounded() -> None:
    answer, calls = counted(nowhere_right)
    assert FORMULA in str(failure(STEP, answer))
    assert number_of_cases(STEP) < len(calls) <= number_of_cases(STEP) + CALLS
    answer, calls = counted(lambda *args: tuple(np.cos(9 * part) - part**2 / 3 for part in LSTM.expected(args)))
    assert FORMULA in str(failure(LSTM, answer))
    assert len(calls) == number_of_cases(LSTM) + CALLS == number_of_cases(LSTM) + 16


@pytest.mark.parametrize("place", range(5))
def test_the_formula_is_not_blamed_where_a_probe_is_right(place: int) -> None:
    """Right where one argument is zero, and wrong in every case."""

    def right_at_zero(*args: Any) -> Array:
        return STEP.expected(args) + np.cos(nowhere_right(*args)) * spread(args[place], rows=place < 2)

    said = str(failure(STEP, right_at_zero))
    assert FORMULA not in said and not SOME.search(said)
    name = ["x_t", "h_prev", "W", "U", "b"][place]
    assert f"right when `{name}` is zero" in said


@pytest.mark.parametrize(
    ("reference", "telling"),
    [(lambda x: np.ones(3), False), (lambda x: 0 * x, False), (lambda x: np.clip(x, -9, -8), False), (np.tanh, True)],
)
def test_a_probe_tells_nothing_where_the_reference_depends_on_nothing(reference: Function, telling: bool) -> None:
    inputs = (np.array([0.3, 0.4, 0.5]),)
    evidence = Evidence(
        ["x"], ("y",), [], [], frozenset(), lambda given: reference(*given), [], lambda a, b: bool(np.allclose(a, b))
    )
    assert tells(evidence, inputs, reference(*inputs)) == telling


def test_other_arguments_are_tried_once_for_all_parts_of_a_result() -> None:
    """A whole sequence's fifteen gradients took a quarter of a minute, each of them with the same other arguments."""
    tried: list[bytes] = []

    def reference(given: Inputs) -> dict[str, Array]:
        tried.append(b"".join(np.asarray(value).tobytes() for value in given))
        return {"a": np.tanh(given[0]), "b": given[0] * given[1]}

    inputs = (np.array([0.3, 0.4, 0.5]), np.array([1.5, 2.5, 4.5]))
    right = reference(inputs)
    mine = {name: np.cos(7 * value) for name, value in right.items()}
    case = Case(ORDINARY, inputs)
    evidence = Evidence(
        ["x", "y"], ("y",), [case], [mine], frozenset([0]), reference, [right], lambda a, b: bool(np.allclose(a, b))
    )
    first, second = evidence.parts
    assert not as_if(first, evidence)
    times = len(tried)
    assert not as_if(second, evidence) and len(tried) == times > 10


def test_nothing_is_told_by_numbers_that_are_too_small_to_differ() -> None:
    """Close to zero a gradient is a product of many small numbers: any answer is right there."""

    def mixed_up(*args: Any) -> Any:
        grads = lstm_backward.expected(args)
        return {**grads, "W_f": 1.5 * grads["W_f"] + 0.3 * grads["U_f"].mean()}

    assert "close to zero" not in str(failure(lstm_backward, mixed_up))


def test_the_diagnosis_survives_what_the_student_raises() -> None:
    """An error in a further call is no result; NotImplementedError and a lost process are what they always are."""
    count = number_of_cases(STEP)
    for error, told in (
        (ValueError, CheckFailed),
        (StopIteration, CheckFailed),
        (NotImplementedError, NotImplementedError),
        (Interrupted, Interrupted),
    ):
        calls: list[int] = []

        def answer(*args: Any, error: type[Exception] = error, calls: list[int] = calls) -> Array:
            calls.append(1)
            if len(calls) > count:
                raise error
            return nowhere_right(*args)

        with seeded(SECRETS[0]), pytest.raises(told):
            STEP.judge(answer)
        assert len(calls) > count


def test_a_single_number_that_is_wrong_is_no_relation() -> None:
    """One wrong number can be anything of the right one: nothing is said of how they are related."""
    check = check_of("gradients", "norms", "clip_by_global_norm")
    other = lambda g, m: {k: v + 1 if k == "scale" else v for k, v in check.expected((g, m)).items()}  # noqa: E731
    assert "In entry" not in str(failure(check, other))


# --- no expected number in any sentence ---

DIAGNOSED: dict[str, Callable[[Array], Any]] = {
    "reversed": lambda right: right[::-1] if right.ndim else right + 1,
    "shifted": lambda right: np.roll(right, 1, axis=-1) if right.ndim else right - 1,
    "one too few": lambda right: right[:-1] if right.ndim else right * 2,
    "transposed": np.transpose,
    "flat": np.ravel,
    "scaled": lambda right: right * 3.7,
    "moved": lambda right: right + 0.37,
    "squared": np.square,
    "rounded": np.round,
    "bent": lambda right: np.sinh(right / 3),
    "last one wrong": lambda right: right + (np.arange(right.size) == right.size - 1).reshape(right.shape),
    "noise": lambda right: right + np.cos(7 * right),
}


_computed: dict[bytes, Any] = {}
"""What the slowest reference has given: all changes ask it for the same, twenty losses a number."""


@pytest.fixture
def remembers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slowest reference computes each result once for all tests of this file that ask for it."""
    reference = NUMERIC.reference

    @wraps(reference)
    def remembering(*args: Any, **used: Any) -> Any:
        if used:
            return reference(*args, **used)
        known = pickle.dumps(args)
        if known not in _computed:
            _computed[known] = reference(*args)
        return _computed[known].copy()

    monkeypatch.setattr(NUMERIC, "reference", remembering)


@pytest.mark.usefixtures("remembers")
@pytest.mark.parametrize("change", DIAGNOSED)
def test_no_sentence_of_the_diagnosis_holds_an_expected_number(change: str) -> None:
    """For every function, whatever it returns: an array, a number, several of them, a dictionary."""
    for check in EVERY:

        def answer(*args: Any, check: FunctionCheck = check) -> Any:
            with np.errstate(all="ignore"):
                return mapped(check.expected(args), DIAGNOSED[change])

        with seeded(SECRETS[0]):
            expected = [check.expected(case.inputs) for case in check.cases()]
            said = what_it_says(check, answer)
        # Whole numbers below a thousand stand in shapes and counts, too, which a message may name.
        whole = isinstance(expected[-1], int | list) or getattr(expected[-1], "dtype", np.dtype(float)).kind in "iub"
        assert whole or says_a_number(said, expected) == [], said
        assert not re.search(r"[{}]|nan|inf\b|None", said.replace("infinite", "")), said


# --- errors ---


@pytest.mark.parametrize(
    ("stops", "note"),
    [
        (lambda x, units: True, "That happens in every case."),
        (lambda x, units: len(x) == 1, "That happens only with one example."),
        (lambda x, units: len(x) == 1 or units == 1, "That happens only with one example or one unit."),
        (lambda x, units: len(x) > 1, "That does not happen with one example, and otherwise it does."),
    ],
)
def test_an_error_says_under_which_conditions_it_happens(stops: Callable[[Array, int], bool], note: str) -> None:
    def answer(x: Array, h: Array, W: Array, U: Array, b: Array) -> Array:
        if stops(x, len(b)):
            raise ZeroDivisionError
        return STEP.expected((x, h, W, U, b))

    for secret in SECRETS:
        with seeded(secret), pytest.raises(ZeroDivisionError) as stopped:
            STEP.judge(answer)
        assert stopped.value.__notes__ == [note]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (range(3), "of type range, which holds no numbers yet"),
        ((n for n in range(3)), "of type generator, which holds no numbers yet"),
        ([[1], [2, 3]], "a list whose parts differ in length"),
        ("abc", "of type str, and not a NumPy array"),
    ],
)
def test_what_is_no_array_is_called_what_it_is(value: object, says: str) -> None:
    (found,) = differences(value, np.arange(3.0), ("the result",), rtol=0, atol=0)
    assert found.kind == "type" and says in found.text


@pytest.mark.parametrize(
    ("value", "expected", "says"),
    [
        (True, 0.5, "of type bool, and not a number."),
        ("0.5", 0.5, "of type str, and not a number."),
        (True, 3, "of type bool, and not a whole number."),
        (True, np.array([True, False]), "of type bool, and not a NumPy array of booleans."),
        (map(float, range(2)), (0.5, 1.5), "one value, of type map, which holds no values yet (`tuple(…)` around it"),
    ],
)
def test_what_is_asked_for_is_called_what_it_is(value: object, expected: object, says: str) -> None:
    (found,) = differences(value, expected, ("the one", "the other"), rtol=0, atol=0)
    assert says in found.text


def windows_like(change: Callable[[Array, Array], tuple[Any, Any]]) -> Function:
    """An answer to `make_windows` that does something else with the right windows and targets."""
    return lambda series, window, horizon: change(*WINDOWS.reference(series, window, horizon))


def without_the_last(x: Array, y: Array) -> tuple[Array, Array]:
    x[-1], y[-1] = 0, 0
    return x, y


def test_an_axis_that_is_always_one_long_is_not_said_to_be_shifted() -> None:
    with seeded(SECRETS[0]):
        text = str(failure(WINDOWS, windows_like(without_the_last)))
    assert "holds what belongs to" not in text


def test_outputs_of_different_shapes_that_have_changed_places_are_told() -> None:
    assert said(WINDOWS, windows_like(lambda x, y: (y, x))) == "In x: it holds what belongs to y."
    for secret in SECRETS:
        swapped = failure(BEAM, lambda *inputs: BEAM.reference(*inputs)[::-1], secret)
        assert "it holds what belongs to the logarithm of the probability" in str(swapped)


def test_several_positions_that_are_too_many_are_named_in_the_plural() -> None:
    def too_many(x: Array, y: Array) -> tuple[Array, Array]:
        return np.concatenate([x, x[:1], x[:1]]), y

    assert said(WINDOWS, windows_like(too_many)).endswith(
        "at the end some positions on axis 0 are too much; the others are right."
    )


# --- no sentence that misleads ---

LARGEST = check_of("layers", "pooling", "max_pool_1d")
LENGTH = check_of("layers", "convolution", "output_length")
CONV = check_of("layers", "convolution", "conv1d")
MASK = check_of("layers", "embedding", "embedding_mask")
AXES = check_of("layers", "constraints", "incoming_axes")


def windows(x: Array, pool_size: int, strides: int) -> list[Array]:
    return [x[:, s : s + pool_size] for s in range(0, x.shape[1] - pool_size + 1, strides)]


def test_whole_numbers_that_are_wrong_have_lost_nothing_behind_the_point() -> None:
    """Of whole numbers the largest is one, so a pool of them may hold whole numbers."""
    failed = failure(LARGEST, lambda x, p, s: np.stack([w.max(axis=1) for w in windows(x, p, s)][::-1], axis=1))
    assert failed.kind == "values" and "point" not in str(failed)


def test_numbers_of_another_kind_are_called_right_where_they_are() -> None:
    failed = failure(MASK, lambda indices: (indices != 0).astype(int))
    assert str(failed).endswith("there should be booleans. The numbers are right, only of another kind.")


def test_one_boolean_for_all_is_no_array_of_them() -> None:
    assert "of type bool, and not a NumPy array of booleans." in str(failure(MASK, lambda indices: bool(indices.any())))


def test_axes_are_whole_numbers() -> None:
    failed = failure(AXES, lambda shape: [float(axis) for axis in range(len(shape) - 1)])
    assert (failed.kind, "there should be whole numbers" in str(failed)) == ("dtype", True)


def test_where_nothing_is_returned_the_argument_that_decides_is_told() -> None:
    def causal_forgotten(n: int, size: int, strides: int, padding: str, dilation: int) -> int | None:
        return None if padding == "causal" else LENGTH.expected((n, size, strides, padding, dilation))

    assert "when `padding` is 'causal', and right otherwise" in str(failure(LENGTH, causal_forgotten))


def test_what_holds_in_the_hidden_cases_is_said_of_them_alone() -> None:
    """Rounding has nothing to do with the size of the window, though it is wrong in no hidden case with one tap."""

    def rounded(n: int, size: int, strides: int, padding: str, dilation: int) -> int:
        return LENGTH.expected((n, size, strides, padding, dilation)) if padding == "valid" else round(n / strides)

    assert "It is wrong only when" not in str(failure(LENGTH, rounded))


def test_an_argument_that_is_a_size_itself_is_called_by_its_name() -> None:
    mixed = failure(POOL, lambda x, p, s: np.stack([w.mean(axis=0) for w in windows(x, p, s)], axis=1))
    assert str(mixed).endswith("Along axis 0 your result is as long as `pool_size` says.")
    short = failure(POOL, lambda x, p, s: np.stack([w[:, :s].mean(axis=1) for w in windows(x, p, s)], axis=1))
    assert "axis" not in str(short)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_length_that_fits_another_size_once_is_no_sign(secret: bytes) -> None:
    """Of so few ordinary cases, one alone may have padding."""

    def without_padding(x: Array, kernel: Array, bias: Array, strides: int, padding: str, dilation: int) -> Array:
        before = dilation * (len(kernel) - 1) if padding == "same" else 0
        padded = np.pad(x, [(0, 0), (before // 2, before - before // 2), (0, 0)])
        if padding == "causal":
            padded = np.pad(x, [(0, 0), (len(kernel) - 1, 0), (0, 0)])
        return np.asarray(CONV.expected((padded, kernel, bias, strides, "valid", dilation)))

    assert "as long as there are" not in str(failure(CONV, without_padding, secret))
