"""What protection this machine gives: the escapes themselves are tried from a student process.

There are two settings: with namespaces, and without, as in most containers and for an ordinary user of Ubuntu. Both are
a full wall. `grade` works in the first that the machine allows.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ..course.folder import Course
from ..walled.limits import Limits
from .student_process import WITHOUT_NAMESPACES, StudentError, StudentProcess, StudentProcessEnded, Zygote

TIMEOUT = 30.0
PREVENTED = frozenset({"PermissionError", "OSError", "FileNotFoundError", "ProcessLookupError", "MemoryError"})
LIBC = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
"""
READ_ONLY_AGAIN = """
libc.mmap.restype = ctypes.c_ssize_t
libc.mprotect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
part, parts = 32 << 20, 20
at = libc.mmap(None, ctypes.c_size_t(part * parts), 1, 0x4022, -1, ctypes.c_long(0))
for n in range(parts):
    check(libc.mprotect(at + n * part, part, 3))
    ctypes.memset(at + n * part, 1, part)
    check(libc.mprotect(at + n * part, part, 1))
import time; time.sleep(1)
"""
IN_PIPES = """
class Part(ctypes.Structure):
    _fields_ = [("at", ctypes.c_void_p), ("size", ctypes.c_size_t)]
page = ctypes.create_string_buffer(8192)
check(libc.vmsplice(os.pipe()[1], ctypes.byref(Part(ctypes.addressof(page), 4096)), 1, 0))
"""
LIMITS = Limits(memory_mib=32, scratch_mib=16, scratch_files=256)
"""For a probe: what passes them passes them where they are as large as for a student."""
LOOKED_AT = "\nimport time; time.sleep(1)"
"""Without namespaces the guard ends who fills the disk; it may look a moment later."""


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


@dataclass(frozen=True)
class Examination:
    """What was found in one setting."""

    layers: dict[str, object]
    """As the student process reports them: see `wall.lock_room`."""
    findings: list[Finding]

    @property
    def namespaces(self) -> bool:
        """Whether this is the setting with namespaces."""
        return bool(self.layers.get("namespaces"))

    @property
    def escapes(self) -> list[str]:
        """What student code could do and must not be able to."""
        return [one.probe.name for one in self.findings if not one.as_it_should and not one.probe.must_work]

    @property
    def broken(self) -> list[str]:
        """What student code cannot do and must be able to."""
        return [one.probe.name for one in self.findings if not one.as_it_should and one.probe.must_work]

    @property
    def holds(self) -> bool:
        """Whether everything was as it should be."""
        return not self.escapes and not self.broken

    @property
    def amiss(self) -> str:
        """What is not as it should be, to end a sentence on student code that begins with it."""
        found = [f"could {what}" for what in self.escapes] or [f"cannot {what}" for what in self.broken]
        return "; ".join(found)

    @property
    def refusal(self) -> str:
        """Why nothing is marked, a sentence, where the wall does not hold: what could be done comes first."""
        return "" if self.holds else f"On this machine student code {self.amiss}."

    @property
    def says(self) -> str:
        """One line: which layers there are."""
        names = ["namespaces"] if self.namespaces else []
        names += [f"Landlock {self.layers['landlock']}"] if self.layers.get("landlock") else []
        names += ["seccomp"] if self.layers.get("seccomp") else []
        names += ["limits"] if self.namespaces else ["limits", "a watched scratch folder"]
        listed = f"{', '.join(names[:-1])} and {names[-1]} hold."
        return f"The wall: {listed}" if self.namespaces else f"Without namespaces: {listed}"

    @property
    def missing(self) -> list[str]:
        """What the wall lacks on this machine and how to get it, a sentence each."""
        said = []
        if not self.layers.get("landlock"):
            said.append(
                "Landlock is missing. It needs Linux 5.13 or newer and `landlock` in /sys/kernel/security/lsm, which "
                "the boot parameter lsm= sets; in a container, a Docker or Podman whose own filter lets it through."
            )
        if not self.layers.get("seccomp"):
            said.append("seccomp filters are missing. They need Linux on x86_64 or aarch64, not an emulation of it.")
        if said and not self.namespaces:
            said.append(
                f"Namespaces are missing too ({self.layers.get('why_not')}). On Ubuntu an administrator can allow "
                "them: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
            )
        return said


def probes(course: Course, canary: str) -> list[Probe]:
    """The escapes, for this course's folder and the process that asks. `canary` is a file outside, made for them."""
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
    changing = (
        "import os\n"
        f"before = os.stat({canary!r})\n"
        "{attempt}\n"
        f"after = os.stat({canary!r})\n"
        "if (before.st_mode, before.st_mtime_ns) == (after.st_mode, after.st_mtime_ns):\n"
        "    raise PermissionError('nothing has changed')"
    )
    return [
        Probe("read solutions, checks, tests, marks or other submissions", reading),
        Probe(
            "read packages that no exercise uses",
            "import numpy, os\n"
            "open(os.path.join(os.path.dirname(os.path.dirname(numpy.__file__)), 'nbgrader', '__init__.py'))",
        ),
        Probe("list the course's folder", f"import os; os.listdir({root!r})"),
        Probe("write outside its scratch folder", f"open({root + '/escaped'!r}, 'w')"),
        Probe("change the mode of a file outside", changing.format(attempt=f"os.chmod({canary!r}, 0o400)")),
        Probe("change the time of a file outside", changing.format(attempt=f"os.utime({canary!r}, (1, 1))")),
        Probe(
            "see what is made in the course's folder",
            LIBC + f"check(libc.inotify_add_watch(check(libc.inotify_init()), {root.encode()!r}, 0x100))",
        ),
        Probe("list what runs on this machine", f"open('/proc/{judge}/cmdline').read()"),
        Probe("open a network socket", "import socket; socket.create_connection(('127.0.0.1', 9), timeout=1)"),
        Probe("start a program", "import subprocess; subprocess.run(['/bin/sh', '-c', 'true'], check=True)"),
        Probe("start a process", "import os; os._exit(0) if os.fork() == 0 else None"),
        Probe("signal its parent", "import os; os.kill(os.getppid(), 0)"),
        Probe("signal the judge", f"import os; os.kill({judge}, 0)"),
        Probe(
            "trace its parent or the judge",
            LIBC + f"if all(libc.ptrace(0x4206, pid, 0, 0) < 0 for pid in (os.getppid(), {judge})):\n"
            "    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))",
        ),
        Probe("read the judge's memory", f"open('/proc/{judge}/mem', 'rb')"),
        Probe("slow the judge down", f"import os; os.sched_setaffinity({judge}, os.sched_getaffinity(0))"),
        Probe("become another user", "import os; os.setuid(0 if os.getuid() else 1)"),
        Probe("import a module that is not loaded yet", "import colorsys, encodings.idna", must_work=True),
        Probe("use unlimited memory", "x = bytearray(1 << 36)"),
        Probe("use memory that no limit counts: a memory file", "import os; os.memfd_create('a')"),
        Probe(
            "use memory that no limit counts: shared",
            LIBC + "libc.mmap.restype = ctypes.c_ssize_t\n"
            "check(libc.mmap(None, ctypes.c_size_t(1 << 33), 3, 0x21, -1, ctypes.c_long(0)))",
        ),
        Probe("use memory that no limit counts: read-only again", LIBC + READ_ONLY_AGAIN),
        Probe("use memory that no limit counts: in pipes", LIBC + IN_PIPES),
        Probe("fill the disk", "for n in range(99): open(str(n), 'wb').write(bytes(8 << 20))" + LOOKED_AT),
        Probe("fill the disk with empty files", "for n in range(9999): open(str(n), 'w').close()" + LOOKED_AT),
        Probe(
            "fill the disk with files that have no name",
            "import os, tempfile\n"
            "kept = [tempfile.TemporaryFile() for _ in range(20)]\n"
            "for file in kept: file.write(bytes(8 << 20))" + LOOKED_AT,
        ),
    ]


def examine(course: Course, namespaces: bool | None = None) -> Examination:
    """Try every probe in a student process of its own, two at a time: each waits more than it works.

    `namespaces=False` does without them.
    """
    with (
        Zygote(("numpy",), LIMITS, namespaces=namespaces) as zygote,
        tempfile.NamedTemporaryFile() as canary,
        ThreadPoolExecutor(2) as pairs,
    ):
        tried = list(pairs.map(partial(_try, zygote.address), probes(course, canary.name)))
    return Examination(tried[-1][0], [finding for _, finding in tried])


def _try(address: str, probe: Probe) -> tuple[dict[str, object], Finding]:
    """What became of a probe, and the layers of the wall that it was tried in."""
    student = StudentProcess.start(address)
    try:
        student.run(probe.code, "probe", TIMEOUT)
        finding = Finding(probe, probe.must_work, "it worked")
    except StudentError as error:
        prevented = error.name in PREVENTED and not probe.must_work
        said = re.sub(r"\[Errno \d+\] ", "", str(error).splitlines()[0])
        finding = Finding(probe, prevented, said[:100])
    except StudentProcessEnded as ended:
        finding = Finding(probe, not probe.must_work, str(ended))
    finally:
        student.close()
    return student.layers, finding


def holding(course: Course) -> Examination:
    """What `examine` finds, or what it found when it held: kept as long as machine, kernel, user and code are the same.

    Where it does not hold it is tried again each time: somebody may be mending the machine.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(kept_in(course).read_text())
        if kept["circumstances"] == circumstances(course):
            return Examination(kept["layers"], [])
    return examine_and_keep(course)


def examine_and_keep(course: Course) -> Examination:
    """What `examine` finds. Where it holds, `holding` finds it from now on."""
    now = circumstances(course)
    found = examine(course)
    if found.holds:
        path = kept_in(course)
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps({"circumstances": now, "layers": found.layers}) + "\n")
    return found


def kept_in(course: Course) -> Path:
    """The file of the wall's verdict."""
    return course.grading / "wall.json"


def circumstances(course: Course) -> str:
    """Changes with all that an examination depends on: this boot of this machine, its user and namespaces, the code."""
    digest = hashlib.sha256(repr((os.uname(), os.geteuid(), sys.version, sys.prefix, np.__version__)).encode())
    digest.update(repr((str(course.root), os.environ.get(WITHOUT_NAMESPACES))).encode())
    for name in (
        "kernel/random/boot_id",
        "kernel/apparmor_restrict_unprivileged_userns",
        "kernel/unprivileged_userns_clone",
        "user/max_user_namespaces",
    ):
        with suppress(OSError):
            digest.update(Path("/proc/sys", name).read_bytes())
    for name in sorted(os.listdir("/proc/self/ns")):
        digest.update(os.readlink(f"/proc/self/ns/{name}").encode())  # another container has others
    with suppress(OSError):
        digest.update(Path("/proc/self/status").read_bytes().partition(b"CapInh")[2].partition(b"Cpus_allowed")[0])
    here = Path(__file__)
    for path in (here, here.with_name("student_process.py"), *sorted((here.parent.parent / "walled").glob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def both(course: Course) -> list[Examination]:
    """The setting that `grade` works in, and after it the one without namespaces, where that is another."""
    first = examine_and_keep(course)
    return [first, examine(course, namespaces=False)] if first.namespaces else [first]
