"""What protection this machine gives: the escapes themselves are tried from a student process."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..course.folder import Course
from .student_process import NUMPY, StudentError, StudentProcess, StudentProcessEnded, Zygote

TIMEOUT = 30.0
PREVENTED = frozenset({"PermissionError", "OSError", "FileNotFoundError", "ProcessLookupError", "MemoryError"})


@dataclass(frozen=True)
class Probe:
    """One thing that student code must not be able to do. `code` raises OSError where it is prevented."""

    name: str
    code: str
    must_work: bool = False
    """The other way round: something that student code needs."""


@dataclass(frozen=True)
class Finding:
    """What became of a probe."""

    probe: Probe
    as_it_should: bool
    """Whether it was prevented, or, for what must work, worked."""
    how: str


def probes(course: Course) -> list[Probe]:
    """The escapes, for this course's folder and the process that asks."""
    root, judge = str(course.root), os.getpid()
    some = (course.solutions, course.root / "autograder", course.root / "tests", course.grading)
    files = [path for folder in some for path in sorted(folder.rglob("*"))[:400] if path.is_file()]
    reading = "\n".join(
        (
            "import os",
            "opened = []",
            f"for path in {[str(path) for path in files]!r} + ['/etc/shadow', '/root/.ssh', '/home']:",
            "    try: opened.append(open(path).name)",
            "    except OSError: pass",
            "assert not opened, opened[0]",
            "raise PermissionError('no file of the course can be opened')",
        )
    )
    return [
        Probe("read solutions, checks, tests, marks or other submissions", reading),
        Probe("list the course's folder", f"import os; os.listdir({root!r})"),
        Probe("write outside its scratch folder", f"open({root + '/escaped'!r}, 'w')"),
        Probe("open a network socket", "import socket; socket.create_connection(('127.0.0.1', 9), timeout=1)"),
        Probe("start a program", "import subprocess; subprocess.run(['/bin/sh', '-c', 'true'], check=True)"),
        Probe("start a process", "import os; os._exit(0) if os.fork() == 0 else None"),
        Probe("signal its parent", "import os; os.kill(os.getppid(), 0)"),
        Probe("signal the judge", f"import os; os.kill({judge}, 0)"),
        Probe(
            "trace its parent or the judge",
            "import ctypes, os\n"
            "libc = ctypes.CDLL(None, use_errno=True)\n"
            f"if all(libc.ptrace(0x4206, pid, 0, 0) < 0 for pid in (os.getppid(), {judge})):\n"
            "    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))",
        ),
        Probe("read the judge's memory", f"open('/proc/{judge}/mem', 'rb')"),
        Probe("become another user", "import os; os.setuid(0)\nassert os.getuid() == 0"),
        Probe("import a module that is not loaded yet", "import colorsys, encodings.idna", must_work=True),
        Probe("use unlimited memory", "x = bytearray(1 << 36)"),
        Probe("fill the disk", "for n in range(99): open(str(n), 'wb').write(bytes(8 << 20))"),
    ]


def examine(course: Course) -> tuple[dict[str, object], list[Finding]]:
    """Try every probe in a student process of its own. Returns the wall's layers and what was found."""
    findings: list[Finding] = []
    layers: dict[str, object] = {}
    with Zygote(NUMPY) as zygote:
        for probe in probes(course):
            student = StudentProcess.start(zygote.address)
            layers = student.layers
            try:
                student.run(probe.code, "probe", TIMEOUT)
                findings.append(Finding(probe, probe.must_work, "it worked"))
            except StudentError as error:
                prevented = error.name in PREVENTED and not probe.must_work
                findings.append(Finding(probe, prevented, str(error).splitlines()[0][:100]))
            except StudentProcessEnded as ended:
                findings.append(Finding(probe, not probe.must_work, str(ended)))
            finally:
                student.close()
    return layers, findings


def is_safe(findings: list[Finding]) -> bool:
    """Whether nothing escaped."""
    return all(finding.as_it_should for finding in findings)
