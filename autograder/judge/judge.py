"""Marks one notebook. Student cells run in the student process; graded cells run here, over proxies."""

from __future__ import annotations

import hashlib
import hmac
import io
import re
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache, cached_property, partial
from types import CodeType
from typing import Any

import numpy as np

from ..checking.drawing import seeded
from ..checking.failed import CalleeStops, CheckFailed, Remark, collected_remarks, may_call, only_calls, slips_cost
from ..course.key import Key, KeyCell, Names, free_names
from ..handed_in.submission import Cell, Submission
from ..results.verdict import Marked, Verdict
from .proxies import Budget, RemoteFunction, wrap
from .student_process import StudentError, StudentProcess, StudentProcessEnded

NOT_ATTEMPTED = "NotImplementedError"
INSIDE = "It stopped with an error inside"


@dataclass(frozen=True)
class Timeouts:
    """Seconds of student code: for one cell, and for one notebook."""

    cell: float
    notebook: float

    @classmethod
    def usual(cls, key: Key) -> Timeouts:
        """Enough for any answer to `key`: a notebook with TensorFlow may train a small model."""
        return cls(60, 180) if key.uses_tensorflow else cls(10, 60)


class Judge:
    """Runs one submission through. One use each."""

    def __init__(
        self,
        submission: Submission,
        key: Key,
        start: Callable[[], StudentProcess],
        secret: bytes,
        timeouts: Timeouts,
        slips_cost_once: bool = True,
        all_cells: bool = False,
    ) -> None:
        self._submission, self._key, self._start = submission, key, start
        self._slips_cost_once = slips_cost_once
        graded = [n for n, cell in enumerate(submission.cells) if cell.key is not None and cell.key.auto_graded]
        self._last = len(submission.cells) if all_cells else max(graded, default=0)
        self._lending = lending_tests(submission.cells[: self._last])
        self._seed = attempt_seed(secret, key, submission)
        self._timeouts = timeouts
        self._budget = Budget(timeouts.cell, timeouts.notebook)
        self._deadly: set[int] = set()
        self._errors: dict[str, str] = {}
        self._student: StudentProcess | None = None
        self._beside: StudentProcess | None = None
        self._beside_ran = 0
        self._verdicts: dict[str, Verdict] = {}
        self._replaced: dict[str, tuple[str, str]] = {}
        """Which function an answer is right in spite of, and its test, where that function has not failed its own."""

    def mark(self) -> Marked:
        """Run the cells in order. A cell that ends or hangs the process costs that cell alone.

        No mark depends on a cell behind the last test, so those are run only where that is asked for.
        """
        outputs: dict[int, str] = {}
        try:
            for position, cell in enumerate(self._submission.cells):
                if cell.key is not None and cell.key.auto_graded:
                    self._verdicts[cell.key.grade_id] = self._judge(cell.key, position)
                    if position in self._lending:
                        self._run(cell, position)
                    continue
                if cell.key is not None and cell.key.manually_graded:
                    self._verdicts[cell.key.grade_id] = self._leave_to_a_person(cell)
                if cell.cell_type == "code" and position < self._last:
                    outputs[position] = self._run(cell, position)
        finally:
            self._hang_up()
        self._take_back()
        verdicts = [self._verdicts[cell.grade_id] for cell in self._key.cells if cell.grade]
        return Marked(verdicts, {n: text for n, text in outputs.items() if text}, list(self._submission.notes))

    # --- student cells ---

    def _run(self, cell: Cell, position: int) -> str:
        """Run a student's cell; return what it printed and how it failed, as text."""
        self._budget.start_cell(given=cell.key is not None and cell.key.locked)
        try:
            student = self._process(position)
            student.run(source_in_jupyter(cell), cell.label, self._budget.left(), self._asked_next(position))
            return student.output
        except StudentError as error:
            text = explain(error)
            self._errors[cell.label] = text
            printed = self._student.output if self._student else ""
            return f"{printed}\n{text}".strip()
        except StudentProcessEnded as ended:
            self._lose(position)
            self._errors[cell.label] = str(ended)
            return str(ended)

    def _asked_next(self, position: int) -> frozenset[str]:
        """The names that the graded cell after this one will ask for, if no other code comes before it."""
        keys = (cell.key for cell in self._submission.cells[position + 1 :] if cell.cell_type == "code")
        key_cell = next(keys, None)
        return free_names(key_cell.source) if key_cell is not None and key_cell.auto_graded else frozenset()

    def _process(self, position: int) -> StudentProcess:
        """The student process; where it was lost, a fresh one that has run all cells before `position`
        but for those that end it."""
        if self._student is None:
            self._budget.left()  # where nothing is left, no process is started either
            self._student = self._start()
            self._catch_up(self._student, position)
        return self._student

    def _catch_up(self, student: StudentProcess, position: int, since: int = 0) -> None:
        """Run in another process all cells from `since` up to `position`, but for those that end it."""
        for earlier, cell in enumerate(self._submission.cells[since:position], start=since):
            graded = cell.key is not None and cell.key.auto_graded and earlier not in self._lending
            if cell.cell_type != "code" or graded or earlier in self._deadly:
                continue
            try:
                student.run(source_in_jupyter(cell), cell.label, self._budget.left())
            except StudentError:
                pass
            except StudentProcessEnded:
                self._lose(earlier)
                raise

    def _afresh(self, name: str, position: int) -> Any:
        """What `name` is in a process beside the student's own, in which no answer is ever tried.

        A function that an answer calls could keep there what the answer gave, and give that to the reference.
        """
        if self._beside is None:
            self._budget.left()
            self._beside, self._beside_ran = self._start(), 0
        self._catch_up(self._beside, position, self._beside_ran)
        self._beside_ran = position
        return wrap(self._beside.get(name, self._budget.left()), self._beside, self._budget)

    def _lose(self, position: int) -> None:
        self._deadly.add(position)
        self._hang_up()

    def _hang_up(self) -> None:
        for process in (self._student, self._beside):
            if process is not None:
                process.close()
        self._student = self._beside = None

    # --- graded cells ---

    def _leave_to_a_person(self, cell: Cell) -> Verdict:
        assert cell.key is not None
        verdict = Verdict(cell.key.grade_id, 0.0, cell.key.points, "manual", "A person marks this answer.")
        if cell.source.strip() == cell.key.released.strip():
            verdict.kind, verdict.message = "blank", "There is no answer yet."
        return verdict

    def _judge(self, key_cell: KeyCell, position: int) -> Verdict:
        verdict = Verdict(key_cell.grade_id, 0.0, key_cell.points, "error")
        self._budget.start_cell()
        try:
            reached = cache(lambda: self._reached(key_cell))
            with slips_cost(once=self._slips_cost_once), collected_remarks() as remarks, only_calls(reached):
                self._execute(key_cell, position, remarks)
            carried = [said for said in remarks if said.blames]
            verdict.kind, verdict.points = "carried" if carried else "right", key_cell.points
            verdict.message = " ".join(said.text for said in remarks)
            verdict.blames = self._cell_of(carried[0].blames) if carried else ""
            if carried and not carried[0].slight and not self._failed(verdict.blames):
                self._replaced[key_cell.grade_id] = carried[0].blames, self._test_of(verdict.blames)
        except CheckFailed as failed:
            verdict.kind, verdict.message = failed.kind, str(failed)
            verdict.misconception, verdict.section = failed.misconception, failed.section
            verdict.blames = self._cell_of(failed.blames)
        except CalleeStops as stops:
            self._blame_callee(stops, key_cell, verdict)
        except StudentError as error:
            self._blame_error(error, verdict)
        except StudentProcessEnded as ended:
            self._lose(position)
            verdict.kind, verdict.message = "ended", f"While this answer was tried: {ended}"
        except NameError as error:
            self._blame_missing(str(error.name), verdict)
        except AssertionError as error:
            verdict.kind, verdict.message = "visible-test", self._visible_test(error, key_cell)
        except Exception as error:
            verdict.message = self._other(error)
        if not verdict.right and verdict.kind != "blank":
            self._point_at_cause(key_cell, verdict)
        return verdict

    def _reached(self, key_cell: KeyCell) -> frozenset[str]:
        """The names that an answer reads, and those that the student's cells read which define these, and so on."""
        asked = {name for name in free_names(key_cell.source) if f"{name}={name}" in key_cell.hidden}
        if not asked:
            return frozenset()
        answer = self._answer_to(key_cell)
        own = Names.of(answer.source if answer else "")
        reached, followed = own.read, (free_names(key_cell.source) - asked) | own.from_elsewhere
        cells = list(self._students_cells)
        while defining := [cell for cell in cells if followed & cell.stored]:
            cells = [cell for cell in cells if cell not in defining]
            for cell in defining:
                reached |= cell.read
                followed |= cell.from_elsewhere
        return reached

    @cached_property
    def _students_cells(self) -> list[Names]:
        cells = (cell for cell in self._submission.cells if cell.cell_type == "code")
        return [Names.of(cell.source) for cell in cells if cell.key is None or not cell.key.locked]

    def _execute(self, key_cell: KeyCell, position: int, remarks: list[Remark]) -> None:
        student = self._process(position)
        namespace: dict[str, Any] = {"__name__": "graded", "__builtins__": __builtins__, "hint": _no_hint}
        wanted = free_names(key_cell.source)
        for statement in self._key.imports:
            # Of Keras nothing is needed here, and what only a student's plot needs takes a worker half a second.
            if not ("keras" in statement or "tensorflow" in statement) and wanted & Names.of(statement).stored:
                exec(compiled(statement, "<imports>"), namespace)
        for name in sorted(wanted - set(namespace)):
            try:
                value = wrap(student.get(name, self._budget.left()), student, self._budget)
            except NameError:
                if not may_call(name) and name not in Names.of(key_cell.visible).read:
                    namespace[name] = None  # The answer does without it, so its check need not know it.
                continue  # Otherwise the cell itself raises NameError where it really needs the name.
            if isinstance(value, RemoteFunction):
                value.afresh = partial(self._afresh, name, position)
            namespace[name] = value
        seed = cell_seed(self._seed, key_cell)
        ignored = io.StringIO()
        with seeded(seed), np.errstate(all="ignore"), redirect_stdout(ignored), redirect_stderr(ignored):
            try:
                exec(compiled(key_cell.visible, f"<graded {key_cell.grade_id}>"), namespace)
            except (AssertionError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                # The hidden check knows more about what is wrong than the visible test's own words.
                exec(compiled(key_cell.hidden, "<hidden>"), namespace)
                if not any(said.blames for said in remarks):
                    raise
                return  # the visible numbers hold for right functions; this answer is right for the one it calls
            except StudentError as error:
                # So it does of code that stops with an error, where it can name what is behind that.
                if error.name == NOT_ATTEMPTED:
                    raise
                self._name_misconception(key_cell, namespace)
                if not any(said.blames for said in remarks):
                    raise
                return
            exec(compiled(key_cell.hidden, "<hidden>"), namespace)

    def _name_misconception(self, key_cell: KeyCell, namespace: dict[str, Any]) -> None:
        """Raise what the hidden check says if it knows the misconception; otherwise the error itself says more."""
        try:
            exec(compiled(key_cell.hidden, "<hidden>"), namespace)
        except CheckFailed as failed:
            if failed.misconception:
                raise
        except StudentError:
            pass

    def _point_at_cause(self, key_cell: KeyCell, verdict: Verdict) -> None:
        """Where this answer calls one that failed before, say so: that one is to be mended first.

        Where the check has tried the answer with that very function, the answer has a mistake of its own too.
        """
        if verdict.blames:
            return
        answer = self._answer_to(key_cell)
        if answer is None:
            return
        for name in sorted(Names.of(answer.source).read):
            cell = self._cell_of(name)
            if not cell or cell == answer.label or not self._failed(cell):
                continue
            of_its_own = f"{name}={name}" in key_cell.hidden and verdict.kind not in ("error", "missing")
            if of_its_own or verdict.message.startswith(INSIDE):
                apart = "\n" if "\n" in verdict.message else " "
                verdict.message += f"{apart}It also calls `{name}`, which is not right yet: mend that one first."
            else:
                verdict.blames = cell
                verdict.message = f"It calls `{name}`, which is not right yet. Mend that one first. {verdict.message}"
            return

    def _take_back(self) -> None:
        """Of what was right in spite of a function that then passed its own test: it was right with another of that
        name. Who gives a right function another meaning has no slip that would be paid twice."""
        for grade_id, (name, test) in self._replaced.items():
            if (passed := self._verdicts.get(test)) is not None and passed.kind == "right":  # "carried" has a cause
                verdict = self._verdicts[grade_id]
                verdict.kind, verdict.points, verdict.blames = "calls-a-wrong-one", 0.0, ""
                verdict.message = (
                    f"It is right only where `{name}` gives something wrong, and your `{name}` has passed its own "
                    "test. Does some other cell give that name to something else?"
                )

    def _failed(self, cell: str) -> bool:
        """Whether the answer cell `cell` has been judged, and not been right in itself."""
        verdict = self._verdicts.get(self._test_of(cell))
        return verdict is not None and not verdict.right

    def _answer_to(self, key_cell: KeyCell) -> Cell | None:
        """The student's cell that a graded cell tests: the last answer before it."""
        before = self._key.cells[: self._key.cells.index(key_cell)]
        answers = [cell for cell in before if cell.solution]
        return next((cell for cell in self._submission.cells if answers and cell.key is answers[-1]), None)

    def _test_of(self, grade_id: str) -> str:
        """The graded cell that tests the answer cell `grade_id`; "" where that is no answer, like one that is given."""
        cells = iter(self._key.cells)
        for cell in cells:
            if cell.grade_id == grade_id and cell.solution:
                return next((later.grade_id for later in cells if later.auto_graded), "")
        return ""

    def _cell_of(self, name: str) -> str:
        definer = self._key.definer(name) if name else None
        return definer.grade_id if definer else ""

    def _blame_error(self, error: StudentError, verdict: Verdict) -> None:
        """Say what stopped, and where the fault lies: in the answer, unless an answer that it calls is wrong itself."""
        if error.name == NOT_ATTEMPTED:
            verdict.kind, verdict.message = "blank", "Not attempted yet: the cell still raises NotImplementedError."
        else:
            verdict.kind, verdict.message = "error", f"Your code stopped with an error.\n{explain(error)}"
        caller = error.lines[0][0] if error.lines else ""
        inner = error.lines[-1][0] if error.lines else ""
        if not inner or inner == caller:
            return
        if error.name == NOT_ATTEMPTED:
            verdict.blames, verdict.message = inner, f"It calls what belongs in `{inner}`, which is not written yet."
        elif self._stops(inner):
            _blame_stopping(inner, error, verdict)
        elif self._is_given(inner) or self._test_of(inner) in self._verdicts:
            right = "which does not stop when it is called rightly" if self._failed(inner) else "which is right"
            verdict.message = f"{INSIDE} `{inner}`, {right}. Look at what it is called with.\n{explain(error)}"

    def _blame_callee(self, stops: CalleeStops, key_cell: KeyCell, verdict: Verdict) -> None:
        """Point at a function that stops the reference as it stops the answer, if the answer calls it at all."""
        answer, error = self._answer_to(key_cell), stops.__cause__
        assert isinstance(error, StudentError)
        if answer is None or stops.name not in Names.of(answer.source).read:
            self._blame_error(error, verdict)
        else:
            _blame_stopping(self._cell_of(stops.name), error, verdict)

    def _stops(self, cell: str) -> bool:
        """Whether what the answer cell `cell` defines has been judged, and stopped with the right arguments too."""
        verdict = self._verdicts.get(self._test_of(cell))
        return verdict is not None and verdict.kind in ("error", "ended", "missing", "blank")

    def _is_given(self, cell: str) -> bool:
        """Whether `cell` is the instructor's, and nobody may change it."""
        key_cell = self._key.by_id.get(cell)
        return key_cell is not None and key_cell.locked

    def _blame_missing(self, name: str, verdict: Verdict) -> None:
        cell = self._cell_of(name)
        verdict.kind, verdict.message = "missing", f"`{name}` is not defined."
        if cell in self._errors:
            verdict.kind = "blank" if self._errors[cell].startswith(NOT_ATTEMPTED) else "error"
            verdict.message = f"`{name}` is not defined, because its cell `{cell}` stopped:\n{self._errors[cell]}"
            if verdict.kind == "blank":
                verdict.message = f"Not attempted yet: the cell `{cell}` still raises NotImplementedError."

    def _visible_test(self, error: AssertionError, key_cell: KeyCell) -> str:
        line = _line_of(error, key_cell)
        if line is None:
            return "A test failed."
        code = key_cell.visible.splitlines()[line - 1].strip()
        said = str(error).strip()[:600]
        return f"A test that you can see failed:\n  {code}\n{said}".rstrip()

    def _other(self, error: Exception) -> str:
        return f"The tests could not use your answer: {type(error).__name__}: {_short(error)}"


def attempt_seed(secret: bytes, key: Key, submission: Submission) -> bytes:
    """What hidden inputs are drawn from: the same whenever this file is marked, another for every other attempt.

    What an attempt finds out about its hidden inputs is of no use to the next one. Verdicts do not depend on the draw.
    """
    digest = hashlib.sha256(f"{key.assignment}/{key.notebook}".encode())
    for cell in submission.cells:
        digest.update(cell.cell_type.encode())  # code that is turned into text, or back, makes another notebook
        digest.update(hashlib.sha256(cell.source.encode("utf-8", "replace")).digest())
    return hmac.digest(secret, digest.digest(), hashlib.sha256)


def cell_seed(seed: bytes, key_cell: KeyCell) -> bytes:
    """What one graded cell draws from."""
    return hmac.digest(seed, key_cell.grade_id.encode(), hashlib.sha256)


def lending_tests(cells: list[Cell]) -> set[int]:
    """The positions of test cells whose visible part defines a name that a later one of these cells reads.

    In Jupyter such a cell finds the name, so it has to find it here.
    """
    found, wanted = set(), set[str]()
    tests = [cell.key for cell in cells if cell.key is not None and cell.key.auto_graded]
    lent = words(frozenset().union(*(Names.of(key_cell.visible).stored for key_cell in tests)))
    for position, cell in reversed(list(enumerate(cells))):
        if cell.cell_type != "code":
            continue
        if cell.key is not None and cell.key.auto_graded:
            if wanted & Names.of(cell.key.visible).stored:
                found.add(position)
        elif (cell.key is None or not cell.key.locked) and lent.search(cell.source):
            wanted |= Names.of(cell.source).read
    return found


@cache
def words(names: frozenset[str]) -> re.Pattern[str]:
    """Finds any of these names in a text: much sooner than its syntax tree, which tells what it is there."""
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b" if names else r"(?!)")


def source_in_jupyter(cell: Cell) -> str:
    """What the student's own notebook holds of a cell: of a test, the part that they see."""
    return cell.key.visible if cell.key is not None and cell.key.auto_graded else cell.source


@cache
def compiled(source: str, name: str) -> CodeType:
    """A part of a graded cell, compiled once for the whole class."""
    return compile(source, name, "exec")


def explain(error: StudentError) -> str:
    """A student's error as they would read it: what, then where, then with which inputs."""
    lines = [f"{error.name}: {error.text}".rstrip(": ")]
    lines += [f"  in `{cell}`, line {number}: {code}" for cell, number, code in error.lines]
    lines += getattr(error, "__notes__", [])
    return "\n".join(lines)


def _blame_stopping(cell: str, error: StudentError, verdict: Verdict) -> None:
    """Point at the answer in `cell`, which stops when it is called as it should be, or gives what stops its caller."""
    verdict.blames = cell
    stops = "which stops" if any(place == cell for place, _, _ in error.lines) else "and stops on what comes back"
    verdict.message = f"It calls what you wrote in `{cell}`, {stops}. Mend that one first.\n{explain(error)}"


def _no_hint(name: str) -> None:
    """What stands for a notebook's `hint` here: hints are for the student at work."""


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _line_of(error: BaseException, key_cell: KeyCell) -> int | None:
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno for f in frames if f.filename == f"<graded {key_cell.grade_id}>"), None)
