"""From the bytes of one submission to its marks and pages: a function, so that any executor can map it over a class."""

from __future__ import annotations

import atexit
import hashlib
import json
import time
from dataclasses import dataclass, field

import nbformat

from ..checks import notebook_checks
from ..course.key import Key
from ..course.late import IN_TIME, Lateness
from ..handed_in.submission import Submission, Unreadable, parse, to_notebook
from ..judge.judge import Judge, Timeouts
from ..judge.student_process import NUMPY, TENSORFLOW, StudentProcess, Zygote
from ..pages.feedback import feedback_page, template
from ..results.result import SLOW, Result
from ..results.verdict import Marked, Verdict
from ..walled.limits import Limits


@dataclass(frozen=True)
class Job:
    """One notebook of one student."""

    student: str
    key: Key
    data: bytes | None
    """The bytes handed in; None where there is no readable file."""
    notes: tuple[str, ...] = ()
    """What is odd about the file; where `data` is None, why it cannot be marked."""
    missing: bool = False
    """Whether there is no file at all."""
    made_of: dict[str, str] = field(default_factory=dict)
    """What its result will depend on, in parts."""
    late: Lateness = IN_TIME


@dataclass(frozen=True)
class Setting:
    """What is the same for every job of a run."""

    secret: bytes
    timeouts: Timeouts | None = None
    """Where it is not the usual for the exercise."""
    slips_cost_once: bool = True
    """Whether an answer has its points where it is right for the student's own wrong function that it calls."""
    all_cells: bool = False
    """Whether cells behind the last test are run too, for what they show."""
    site_url: str = ""
    warm: tuple[str, str] = ("", "")
    """Addresses of the warm processes without and with TensorFlow; empty where each worker starts its own."""
    layers: dict[str, object] = field(default_factory=dict)
    """Of what the wall was found to be made: what is walled in by less marks nothing."""


def get_ready(key: Key) -> None:
    """Import what marking this notebook takes, and compile what its page is made of."""
    notebook_checks(key.assignment, key.notebook)
    template()


_keys: dict[tuple[str, str, str], Key] = {}


def known_key(key: Key) -> Key:
    """The same key as it came with an earlier job, with all that has been worked out of it since."""
    return _keys.setdefault((key.assignment, key.notebook, key.digest), key)


def mark(job: Job, setting: Setting) -> Result:
    """Mark one notebook. Whatever the student handed in, this returns a result."""
    key = known_key(job.key)
    result = Result(job.student, key.assignment, key.notebook, key.max_points, missing=job.missing, made_of=job.made_of)
    result.late, result.late_share = job.late.words, job.late.share
    result.file = hashlib.sha256(job.data or b"").hexdigest()[:16]
    try:
        if job.data is None:
            raise Unreadable(" ".join(job.notes))
        submission = parse(job.data, key)
    except Unreadable as error:
        result.unreadable = str(error)
        result.verdicts = [
            Verdict(cell.grade_id, 0.0, cell.points, "unreadable", str(error)) for cell in key.cells if cell.grade
        ]
        result.feedback = feedback_page(job.student, key, result.verdicts, [], None, {}, str(error), setting.site_url)
        return result
    began = time.monotonic()
    marked = judge(submission, key, setting)
    taken = int(time.monotonic() - began)
    result.slow = taken if taken >= SLOW else 0
    result.verdicts = marked.verdicts
    result.notes = [*job.notes, *marked.notes]
    result.unchanged = [
        cell.key.grade_id
        for cell in submission.cells
        if cell.key and cell.key.solution and cell.source.strip() == cell.key.released.strip()
    ]
    # On one line: what the C encoder writes in a tenth of the time that nbformat.writes takes.
    result.autograded = json.dumps(autograded_notebook(submission, key, marked), ensure_ascii=False)
    result.feedback = feedback_page(
        job.student, key, marked.verdicts, result.notes, submission, marked.outputs, "", setting.site_url, result.late
    )
    return result


def judge(submission: Submission, key: Key, setting: Setting) -> Marked:
    """The verdicts on a submission that could be read."""
    address = setting.warm[key.uses_tensorflow] or own_zygote(key.uses_tensorflow).address
    timeouts = setting.timeouts or Timeouts.usual(key)
    return Judge(
        submission,
        key,
        lambda: StudentProcess.start(address, setting.layers),
        setting.secret,
        timeouts,
        setting.slips_cost_once,
        setting.all_cells,
    ).mark()


_own: dict[bool, Zygote] = {}
_limits = Limits()


def limit_own_zygotes(limits: Limits) -> None:
    """What student processes of this process's own warm processes may use from now on."""
    global _limits
    _limits = limits


def own_zygote(tensorflow: bool) -> Zygote:
    """This process's own warm process, started when first needed and ended with this process."""
    if tensorflow not in _own:
        _own[tensorflow] = Zygote(TENSORFLOW if tensorflow else NUMPY, _limits)
        atexit.register(_own[tensorflow].close)
    return _own[tensorflow]


def autograded_notebook(submission: Submission, key: Key, marked: Marked) -> nbformat.NotebookNode:
    """The notebook as the formgrader shows it: what the student's cells printed, and a verdict under each test."""
    notebook = to_notebook(submission, key)
    verdicts = {verdict.grade_id: verdict for verdict in marked.verdicts}
    for position, (cell, node) in enumerate(zip(submission.cells, notebook.cells, strict=True)):
        if cell.cell_type != "code":
            continue
        verdict = verdicts.get(cell.key.grade_id) if cell.key and cell.key.auto_graded else None
        if verdict and not verdict.right:
            text = f"{verdict.kind}: {verdict.message}"
            node.outputs = [
                nbformat.v4.new_output("error", ename=verdict.kind, evalue=verdict.message, traceback=[text])
            ]
        elif text := marked.outputs.get(position, ""):
            node.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
    return notebook
