"""What the reference gives when it calls the student's own functions, in many cases at once.

A reference that walks along a sequence asks for one step after the other, and each question takes its way over the wall
and back. So the cases go side by side: each is worked out until it asks, and what all of them ask next goes over
together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from greenlet import getcurrent, greenlet

from .calling import call_all, copied, size
from .drawing import Inputs

Asked = tuple[str, tuple[Any, ...]]
"""The name of a function of the student's, and what it is to be called with."""
MOST = 5_000
"""Numbers in what a student's function gives, that the reference goes on with. No right one gives a third of that, and
two of these in one outer sum or product still fit into the memory of who marks."""


def reference_with(reference: Callable[..., Any], inputs: Inputs, used: Mapping[str, Callable[..., Any]]) -> Any:
    """What the reference gives when it calls the student's own functions. Raises what these raise."""
    outcome = references_with(reference, [inputs], used)[0]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def references_with(
    reference: Callable[..., Any], cases: Sequence[Inputs], used: Mapping[str, Callable[..., Any]]
) -> list[Any]:
    """For each of `cases` what the reference gives when it calls the student's own functions, or the error in which it
    ends. Raises Interrupted."""
    hub = getcurrent()
    outcomes: list[Any] = [None] * len(cases)

    def asking(name: str) -> Callable[..., Any]:
        def ask(*args: Any) -> Any:
            outcome = hub.switch((name, args))  # comes back with the answer
            if isinstance(outcome, Exception):
                raise outcome
            if size(outcome[0]) > MOST:
                raise ValueError(f"what {name} gives is too large to compute with")
            return outcome[0]

        return ask

    def work(number: int) -> None:
        theirs = {name: asking(name) for name in used}
        try:
            with np.errstate(all="ignore"):
                outcomes[number] = reference(*copied(cases[number]), **theirs)
        except Exception as error:
            outcomes[number] = error

    waiting: dict[greenlet, Asked] = {}

    def go_on(worker: greenlet, told: Any) -> None:
        asked = worker.switch(told)
        if not worker.dead:
            waiting[worker] = asked

    for number in range(len(cases)):
        go_on(greenlet(work), number)
    while waiting:
        questions = defaultdict(list)
        for worker, (name, args) in waiting.items():
            questions[name].append((worker, args))
        waiting.clear()
        for name, asked in questions.items():
            try:
                answers: list[Any] = list(call_all(used[name], [args for _, args in asked]))
            except TypeError as error:  # what the reference makes of a None, say, cannot be sent
                answers = [error] * len(asked)
            for (worker, _), answer in zip(asked, answers, strict=True):
                go_on(worker, answer)
    return outcomes
