"""Marks one notebook as the judge does, and keeps the hidden cases: for the instructor's eyes only.

A verdict never holds an expected value, for a student reads it. Here each answer is tried once more after its verdict,
on the same hidden inputs, and what came is kept beside what should have come. Nothing of this is written anywhere.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..checking import AnyCheck, BehaviourCheck, ChoiceCheck, FunctionCheck, ModelCheck, ValueCheck
from ..checking.calling import call, call_all
from ..checking.compare import differences
from ..checking.conditions import ORDINARY
from ..checking.drawing import seeded
from ..checking.failed import CheckFailed, Interrupted
from ..checking.model import outputs_in_every_order, shown
from ..checks import notebook_checks
from ..course.key import KeyCell
from ..results.verdict import Verdict
from .judge import Judge, cell_seed, explain
from .proxies import wrap
from .student_process import StudentError, StudentProcessEnded


@dataclass(frozen=True)
class Tried:
    """One hidden case of one answer, as values; a string says what happened in place of a value."""

    condition: str
    """What the case was made to have, such as "one example"."""
    inputs: dict[str, Any]
    expected: Any
    got: Any
    wrong: str = ""
    """What is wrong with it; empty where it is right."""


@dataclass
class Answer:
    """What came of trying one function, value or model."""

    name: str
    cases: list[Tried] = field(default_factory=list)
    stopped: str = ""
    """Why it could not be tried, or not to the end."""


class Stopped(str):
    """What stands in the place of a value: that the student's code stopped, and how."""


class ExplainingJudge(Judge):
    """A judge that also keeps, for each graded cell, the hidden cases. One use each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tried: dict[str, list[Answer]] = {}
        """By the grade_id of the test."""

    def _judge(self, key_cell: KeyCell, position: int) -> Verdict:
        verdict = super()._judge(key_cell, position)
        self.tried[key_cell.grade_id] = [
            self._try(name, check, key_cell, position) for name, check in checks_of(key_cell)
        ]
        return verdict

    def _try(self, name: str, check: AnyCheck, key_cell: KeyCell, position: int) -> Answer:
        answer = Answer(check.name)
        self._budget.start_cell()
        try:
            student = self._process(position)
            value = wrap(student.get(name, self._budget.left()), student, self._budget)
            with seeded(cell_seed(self._seed, key_cell)), np.errstate(all="ignore"):
                if isinstance(check, FunctionCheck):
                    _try_function(check, value, answer)
                elif isinstance(check, ModelCheck):
                    _try_model(check, value, answer)
                elif isinstance(check, BehaviourCheck):
                    answer.stopped = (
                        f"No single result is compared: {check.name} trains, and how it behaves is looked at."
                    )
                else:
                    answer.cases.append(_try_value(check, value))
        except StudentProcessEnded as ended:
            self._lose(position)
            answer.stopped = str(ended)
        except StudentError as error:
            answer.stopped = explain(error)
        except (CheckFailed, Interrupted) as error:
            answer.stopped = str(error)
        except NameError:
            answer.stopped = f"{name} is not defined."
        except Exception as error:
            answer.stopped = f"It could not be tried: {type(error).__name__}: {str(error)[:300]}"
        return answer


def checks_of(key_cell: KeyCell) -> list[tuple[str, AnyCheck]]:
    """What a test's hidden part asks: the student's name, and the check it goes to."""
    found = []
    for node in ast.walk(ast.parse(key_cell.hidden)):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Name):
            continue
        path = ast.unparse(node.func).split(".")
        if len(path) == 4 and path[0] == "hidden" and path[3] in (checks := notebook_checks(path[1], path[2])):
            found.append((node.args[0].id, checks[path[3]]))
    return found


def _try_function(check: FunctionCheck, function: Any, answer: Answer) -> None:
    if not callable(function):
        answer.stopped = f"{check.name} is not a function."
        return
    names = [*inspect.signature(check.reference).parameters]
    cases = check.cases()
    for case, outcome in zip(cases, call_all(function, [case.inputs for case in cases]), strict=True):
        expected = check.expected(case.inputs)
        inputs = dict(zip(names, case.inputs, strict=False))
        if isinstance(outcome, Exception):
            got: Any = Stopped(explain(outcome) if isinstance(outcome, StudentError) else str(outcome))
            answer.cases.append(Tried(case.condition, inputs, expected, got, "it stops"))
            continue
        got, changed = outcome
        says = [one.text for one in check.compare(got, expected)]
        says += ["it changes " + ", ".join(names[n] for n in changed if n < len(names))] if changed else []
        answer.cases.append(Tried(case.condition, inputs, expected, got, " ".join(says)))


def _try_value(check: ValueCheck | ChoiceCheck, value: Any) -> Tried:
    if isinstance(check, ChoiceCheck):
        chosen = value.strip().upper() if isinstance(value, str) else value
        right = isinstance(chosen, str) and chosen == check.right
        return Tried(ORDINARY, {}, check.right, value, "" if right else "another answer is right")
    expected = check.expected() if callable(check.expected) else check.expected
    says = differences(value, expected, (check.name,), rtol=check.rtol, atol=check.atol, exact_type=check.exact_type)
    return Tried(ORDINARY, {}, expected, value, " ".join(one.text for one in says))


def _try_model(check: ModelCheck, builder: Any, answer: Answer) -> None:
    names = [*inspect.signature(check.reference).parameters]
    rng, cases = check._cases()
    for arguments in cases:
        seen = check.observe(call(builder, arguments)[0], rng)
        right = next(outputs_in_every_order(check.twin, arguments, seen), None)
        fits = check._explains(check.twin, check.inputs, arguments, seen)
        inputs = {**dict(zip(names, arguments, strict=False)), "input shape": shown(seen.inputs)}
        inputs["parameters"] = sum(weight.size for weight in seen.weights)
        expected = Stopped("no right model has such weights") if right is None else right
        says = "" if fits else f"the input shape should be {shown(check.inputs(*arguments))}, the output as expected"
        answer.cases.append(Tried(ORDINARY, inputs, expected, seen.output, says))
