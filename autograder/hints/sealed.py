"""Makes the hints of one notebook: practice inputs, and for each mistake a hint, sealed with what it gives on them."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import importlib
import inspect
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from ..checking import FunctionCheck, Misconception, ModelCheck
from ..checking.conditions import AGAIN, ORDINARY, described_all
from ..checking.diagnosis.substitutes import called, is_floats, places, value_at
from ..checking.drawing import generator, seeded
from ..checks import notebook_checks
from ..course.sections import section_title, section_url, sections
from . import in_notebook as notebook_side

MODES = ("off", "mistakes", "right")
"""What the hints of an assignment tell: nothing, known mistakes, or also what is right on the practice inputs."""
BATCHES = 40
"""From how many draws of a check's cases practice inputs are chosen at most."""
SMALL, LARGE = 500, 2000
"""Numbers in a case that is too large for a notebook; the second where nothing smaller will do."""
NUDGE = 2e-6
"""How far off a result may be, in parts of its size, and still be the same text: float32 has 1e-7 an operation."""
ENOUGH = 6
"""Numbers that a function's results must hold: a key or a fingerprint made of fewer might be found by trying."""

ROOT = Path(__file__).resolve().parent.parent.parent

Text = str


@dataclass(frozen=True)
class Practice:
    """One practice case: its condition, its inputs as the notebook holds them, and what each implementation gives."""

    condition: str
    inputs: list[Any]
    stored: list[Any]
    right: list[Text | None]
    """What the reference gives, then what other right ways do; None where a last digit decides."""
    wrong: list[Text]

    @cached_property
    def size(self) -> int:
        """How much room it takes."""
        return len(json.dumps(self.stored))

    @cached_property
    def tells_apart(self) -> set[tuple[int, int]]:
        """Which implementations it tells from each other; 0 is the right one."""
        wrong = {(a, b) for a, b in combinations(range(len(self.wrong)), 2) if self.wrong[a] != self.wrong[b]}
        return {(a + 1, b + 1) for a, b in wrong} | {
            (0, n) for n, text in enumerate(self.wrong, start=1) if text not in self.right
        }


def cell_source(chapter: str, notebook: str, site_url: str, mode: str = "mistakes") -> str:
    """The source of the cell that gives a notebook its hints."""
    if mode not in MODES:
        raise ValueError(f"hints can be {', '.join(MODES)}; {chapter} asks for {mode!r}")
    text = Path(notebook_side.__file__).read_text()
    code = text[text.index('"""', 3) + 3 :].strip()
    made = kept(chapter, notebook, mode) if mode != "off" else {"about": {}}
    data = json.dumps({"book": site_url, **made}, ensure_ascii=False, separators=(",", ":"))
    assert '"""' not in data
    return code.replace('_loads("{}"', f'_loads(r"""{data}"""')


def kept(chapter: str, notebook: str, mode: str) -> dict[str, Any]:
    """`hints`, kept in _build/hints as long as nothing has changed that they are made from.

    They take seconds: who needs the same ones at the same time waits for the first.
    """
    path = ROOT / "_build" / "hints" / f"{chapter}-{notebook}-{mode}-{made_from()}.json"
    with ExitStack() as stack:
        with suppress(OSError):  # nothing is lost but time
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context(path.with_name("lock").open("a"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return dict(json.loads(path.read_text()))
        except (OSError, ValueError):
            made = hints(chapter, notebook, mode)
        with suppress(OSError):
            new = path.with_name(f"{path.name}.{os.getpid()}")
            new.write_text(json.dumps(made))
            new.replace(path)
        return made


@cache
def made_from() -> str:
    """What stands for all that hints are made from: the checks, this code, and the headings of the book."""
    digest = hashlib.sha256(f"{np.__version__} {sorted(sections().items())}".encode())
    for room in ("checking", "checks", "hints"):
        for path in sorted((ROOT / "autograder" / room).glob("**/*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def hints(chapter: str, notebook: str, mode: str) -> dict[str, Any]:
    """What the notebook's code reads: practice inputs, conditions and sealed hints of every function."""
    about: dict[str, Any] = {}
    texts = Texts()
    for name, check in notebook_checks(chapter, notebook).items():
        if isinstance(check, FunctionCheck):
            about[name] = of_function(check, texts, mode)
        elif isinstance(check, ModelCheck):
            about[name] = of_model(check, texts)
    data = base64.b64encode(texts.sealed).decode()
    return {"sections": texts.sections, "about": about, "texts": data}


class Texts:
    """The hints' texts one after another, each sealed with a key of its own, so that not even their lengths show."""

    def __init__(self) -> None:
        self.sealed = b""
        self.sections: list[str] = []
        """Where there is more to read, as hints refer to it by number."""
        self._entries: dict[str, bytes] = {}

    def entry(self, misconception: Misconception) -> bytes:
        """Where the words about a mistake stand, and the key that opens them: 3, 2 and 15 bytes."""
        target = misconception.section
        read = f"{section_title(target)}, {section_url(target, '')}"
        if read not in self.sections:
            self.sections.append(read)
        text = f"{self.sections.index(read):2} {misconception.says} {misconception.hint}"
        if text not in self._entries:
            key = hashlib.sha256(f"recurrent networks: {text}".encode()).digest()[:15]
            start, plain = len(self.sealed), text.encode()
            self.sealed += notebook_side._opened(key, plain)
            self._entries[text] = start.to_bytes(3, "big") + len(plain).to_bytes(2, "big") + key
        return self._entries[text]


def records(name: str, opened: Sequence[tuple[list[Text], Misconception]], texts: Texts) -> str:
    """A function's sealed hints, in the order of their keys: for each 6 bytes to know it by, and its entry sealed."""
    found: dict[bytes, bytes] = {}
    for results, misconception in opened:
        key = notebook_side._key(name, results)
        found.setdefault(key[:6], key[:6] + notebook_side._opened(key, texts.entry(misconception)))
    return base64.b64encode(b"".join(found[start] for start in sorted(found))).decode()


# --- functions ---


def of_function(check: FunctionCheck, texts: Texts, mode: str) -> dict[str, Any]:
    """Practice inputs and sealed hints of one function."""
    chosen = practice(check)
    opened = [([case.wrong[n] for case in chosen], wrong) for n, wrong in enumerate(check.misconceptions)]
    own = [results for results, wrong in opened if not wrong.same_as]
    right = [list(results) for results in zip(*(case.right for case in chosen), strict=True)]
    told = [pair for pair in opened if own.count(pair[0]) == 1 and pair[0] not in right and not pair[1].same_as]
    return {
        "inputs": [case.stored for case in chosen],
        "conditions": [*conditions(check, chosen, mode)],
        "tells": mode == "right",
        "hints": records(check.name, told, texts),
    }


@cache
def practice(check: FunctionCheck) -> list[Practice]:
    """Few and small cases on which every known mistake gives something of its own; an ordinary one first, if it may."""
    cases: list[Practice] = []
    different = [0, *(n for n, wrong in enumerate(check.misconceptions, start=1) if not wrong.same_as)]
    untold = set(combinations(different, 2))
    for batch in range(BATCHES):
        cases += usable(check, batch, SMALL if batch < BATCHES // 4 else LARGE)
        cases.sort(key=lambda case: (case.condition != ORDINARY, case.size))
        told = set().union(*(case.tells_apart for case in cases))
        if untold <= told and cases[0].condition == ORDINARY:
            break
    if not cases:
        raise ValueError(f"{check.name}: none of its cases can serve as a practice input")
    chosen, untold = cases[:1], told - cases[0].tells_apart
    while untold:
        chosen.append(max(cases, key=lambda case: len(untold & case.tells_apart) / case.size))
        untold -= chosen[-1].tells_apart
    while sum(len(numbers(str(case.right[0]))) for case in chosen) < ENOUGH and len(chosen) < len(cases):
        chosen.append(next(case for case in cases if all(case is not one for one in chosen)))
    return chosen


def numbers(text: Text) -> list[str]:
    """The numbers in a result's text."""
    return re.findall(r"-?\d+(?:\.\d+)?", text)


def usable(check: FunctionCheck, batch: int, large: int) -> Iterator[Practice]:
    """The cases of one draw that are small, and on which no rounding decides."""
    with seeded(f"practice inputs {batch}".encode()):
        cases = check.cases()
    for case in cases:
        if case.condition == AGAIN or sum(np.size(value) for value in leaves(case.inputs)) > large:
            continue
        stored = [as_stored(value) for value in case.inputs]
        inputs = json.loads(json.dumps(stored), object_hook=notebook_side._read)
        if (reference := steady(check.reference, inputs)) is None:
            continue
        wrong: list[Text] = []
        for one in check.misconceptions:
            if (text := steady(one.wrong, inputs)) is None:
                break
            wrong.append(text)
        else:
            right = [reference, *(steady(function, inputs) for function in check.also_right)]
            yield Practice(case.condition, inputs, stored, right, wrong)


def steady(function: Callable[..., Any], inputs: list[Any]) -> Text | None:
    """What `function` gives, as text; None where a last digit decides what the text is."""
    result = notebook_side._result(function, inputs)
    found = {notebook_side._text(result, nudge) for nudge in (-NUDGE, 0.0, NUDGE)}
    return found.pop() if len(found) == 1 else None


def conditions(check: FunctionCheck, chosen: list[Practice], mode: str) -> Iterator[list[Any]]:
    """Fingerprints of the right result in simpler cases: its words, which case it is, and six bytes."""
    first = chosen[0]
    if mode == "right" and rich(check.reference, first.inputs):
        yield [described_all([ORDINARY]), 0, mark(check.name, described_all([ORDINARY]), str(first.right[0]))]
    for place, name in zeroable(check, first.inputs):
        inputs = notebook_side._zeroed(first.inputs, place)
        right = steady(check.reference, inputs)
        if right is not None and right != first.right[0] and rich(check.reference, inputs):
            said = f"when {name} is zero"
            yield [said, place, mark(check.name, said, right)]
    for number, case in enumerate(chosen):
        repeated = case.condition in {earlier.condition for earlier in chosen[:number]}
        if case.condition != ORDINARY and not repeated and rich(check.reference, case.inputs):
            said = described_all([case.condition])
            yield [said, number, mark(check.name, said, str(case.right[0]))]


def mark(name: str, said: str, right: Text) -> str:
    """What a right result is known by."""
    return str(notebook_side._key(name, said, right)[:6].hex())


def zeroable(check: FunctionCheck, inputs: list[Any]) -> Iterator[tuple[list[Any], str]]:
    """The places of float arrays in the inputs, also in a dictionary, and what they are called."""
    names = list(inspect.signature(check.reference).parameters)
    for place in places(tuple(inputs)):
        if is_floats(value_at(tuple(inputs), place)):
            yield [part for part in place if part is not None], called(place, names)


def rich(function: Callable[..., Any], inputs: list[Any]) -> bool:
    """Whether a result holds enough different finite numbers that nobody finds it by trying."""
    result = notebook_side._result(function, inputs)
    parts = [np.asarray(part) for part in leaves([result]) if is_floats(part)]
    numbers = np.concatenate([part.ravel() for part in parts]) if parts else np.empty(0)
    return bool(np.isfinite(numbers).all()) and len(set(np.round(numbers, 2).tolist())) >= ENOUGH


def leaves(value: Any) -> Iterator[Any]:
    """All that stands in lists, tuples and dictionaries."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def as_stored(value: Any) -> Any:
    """An input as JSON that `_read` reads: arrays as dtype, shape and bytes, tuples as lists that say so."""
    if isinstance(value, np.ndarray):
        dtype = {"f": "<f4", "i": "<i4", "b": "|b1"}[value.dtype.kind]
        data = base64.b64encode(value.astype(dtype).tobytes()).decode()
        return {dtype: [list(value.shape), data]}
    if isinstance(value, tuple):
        return {"tuple": [as_stored(part) for part in value]}
    if isinstance(value, list):
        return [as_stored(part) for part in value]
    if isinstance(value, dict):
        return {key: as_stored(part) for key, part in value.items()}
    return value.item() if isinstance(value, np.generic) else value


# --- models ---


def of_model(check: ModelCheck, texts: Texts) -> dict[str, Any]:
    """Arguments for a builder, and sealed hints: its models are built here, with Keras, as the notebook builds them."""
    with silent():
        vars(sys.modules[check.reference.__module__])["keras"] = importlib.import_module("keras")
        for batch in range(BATCHES):
            with seeded(f"practice inputs {batch}".encode()):
                arguments = list(check.sizes(generator(check.name)))
            right = [steady(builder, arguments) for builder in (check.reference, *check.also_right)]
            wrong = [steady(wrong.wrong, arguments) for wrong in check.misconceptions]
            if None not in wrong and len(set(wrong)) == len(wrong) and set(right).isdisjoint(wrong):
                break
        else:
            raise ValueError(f"{check.name}: no sizes tell its mistakes from each other and from what is right")
    opened = [([text], one) for text, one in zip(wrong, check.misconceptions, strict=True) if text is not None]
    return {"inputs": [arguments], "conditions": [], "tells": False, "hints": records(check.name, opened, texts)}


@contextmanager
def silent() -> Iterator[None]:
    """TensorFlow tells stderr about its processors, from C++ and before it can be asked not to."""
    sys.stderr.flush()
    before = os.dup(2)
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
