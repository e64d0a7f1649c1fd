"""Tries escapes from a student process in other circumstances than the test's own: run as a script by test_wall.py.

`python elsewhere.py CIRCUMSTANCE...` reads {name: code} and a list of names that a process without a wall may try
too, and writes what became of each. A circumstance is "ordinary-user", "one-user" (root that cannot become anybody
else), "no-namespaces", "no-mounts", "no-landlock" or "no-seccomp".
`python elsewhere.py run CALL,CALL COMMAND...` runs a command on a machine that refuses these system calls.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from autograder.judge.student_process import NUMPY, StudentError, StudentProcess, StudentProcessEnded, Zygote
from autograder.walled import kernel, seccomp
from autograder.walled.limits import Limits

COURSE = Path(__file__).resolve().parent.parent
NOBODY = 65_534
OTHER_CALLS = {"landlock_create_ruleset": (444, 444), "setresuid": (117, 147)}
EPERM = 1
OUTSIDE = b"a file of the same user outside the wall"


def refuse(*names: str) -> None:
    """Have the kernel refuse these system calls to this process and all that it starts, as some machines do."""
    column, _ = seccomp.MACHINES[platform.machine()]
    calls = seccomp.FORBIDDEN | OTHER_CALLS
    code = struct.pack("=HBBI", 0x20, 0, 0, 0)
    for name in names:
        code += struct.pack("=HBBIHBBI", 0x15, 0, 1, calls[name][column], 0x06, 0, 0, 0x00050000 | EPERM)
    install(code + struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000))


def refuse_filters() -> None:
    """Have the kernel refuse seccomp filters, which are asked for by prctl(22)."""
    column, _ = seccomp.MACHINES[platform.machine()]
    rows = [(0x20, 0, 0, 0), (0x15, 0, 3, seccomp.PRCTL[column]), (0x20, 0, 0, 16), (0x15, 0, 1, 22)]
    rows += [(0x06, 0, 0, 0x00050000 | EPERM), (0x06, 0, 0, 0x7FFF0000)]
    install(b"".join(struct.pack("=HBBI", *row) for row in rows))


def install(code: bytes) -> None:
    """Filter this process's system calls, and those of all that it starts, by a program of 8-byte rows."""
    buffer = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(
        struct.pack("=HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer)), ctypes.sizeof(ctypes.c_void_p) * 2
    )
    kernel.prctl(38, 1)
    kernel.prctl(22, 2, program)


def run_refusing(names: list[str], command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command on a machine that refuses these system calls."""
    started = [sys.executable, __file__, "run", ",".join(names), *command]
    environment = {**os.environ, "PYTHONPATH": str(COURSE)}
    return subprocess.run(started, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def open_python() -> None:
    """Let every user read this Python and this course, also where they lie in root's home."""
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    for path in (sys.base_prefix, str(Path(__file__).resolve().parent.parent)):
        closed = next((p for p in reversed(Path(path).parents) if not p.stat().st_mode & 0o001), None)
        if closed is not None:
            inside = os.open(path, os.O_PATH)
            kernel.mount("open", str(closed), "tmpfs", 0, "mode=755")
            os.makedirs(path)
            kernel.mount(f"/proc/self/fd/{inside}", path, flags=kernel.MS_BIND | kernel.MS_REC)
            os.close(inside)


def become_nobody() -> None:
    """Be an ordinary user."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    kernel.prctl(4, 1)  # PR_SET_DUMPABLE: as for any program that this user starts


def try_walled(address: str, code: str) -> dict[str, Any]:
    """What became of `code` in a student process: the error it ended in, and what it printed."""
    student = StudentProcess.start(address)
    try:
        student.run(code, "probe", 30)
        return {"error": "", "output": student.output, "layers": student.layers}
    except StudentError as error:
        return {"error": error.name, "text": str(error), "output": student.output, "layers": student.layers}
    except StudentProcessEnded as ended:
        return {"error": "ended", "text": str(ended), "output": "", "layers": student.layers}
    finally:
        student.close()


def try_unwalled(code: str) -> str:
    """The same code as an ordinary process; the name of the error it ended in, empty for none."""
    try:
        exec(code, {"print": lambda *values: None})
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def main(circumstances: list[str]) -> None:
    """Bring the circumstances about, then try everything."""
    work = json.load(sys.stdin)
    if circumstances and os.geteuid() == 0:
        open_python()
    if "ordinary-user" in circumstances:
        become_nobody()
    if "no-namespaces" in circumstances:
        refuse("unshare")
    if "no-mounts" in circumstances:
        refuse("mount")
    if "one-user" in circumstances:
        refuse("setresuid")
    if "no-landlock" in circumstances:
        refuse("landlock_create_ruleset")
    if "no-seccomp" in circumstances:
        refuse_filters()
    descriptor, outside = tempfile.mkstemp()
    os.write(descriptor, OUTSIDE)
    before = os.fstat(descriptor)
    places = {"JUDGE": str(os.getpid()), "OUTSIDE": outside}
    codes = work["codes"]
    for place, value in places.items():
        codes = {name: code.replace(place, value) for name, code in codes.items()}
    with Zygote(NUMPY, Limits(memory_mib=512)) as zygote:
        walled = {name: try_walled(zygote.address, code) for name, code in codes.items()}
    after = os.fstat(descriptor)
    unwalled = {}
    for name in work["unwalled"]:
        os.chmod(outside, 0o600)
        Path(outside).write_bytes(OUTSIDE)
        unwalled[name] = try_unwalled(codes[name])
    os.unlink(outside)
    untouched = (before.st_mode, before.st_mtime_ns, before.st_size) == (
        after.st_mode,
        after.st_mtime_ns,
        after.st_size,
    )
    json.dump({"walled": walled, "unwalled": unwalled, "untouched": untouched}, sys.stdout)


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        refuse(*sys.argv[2].split(","))
        os.execv(sys.argv[3], sys.argv[3:])
    main(sys.argv[1:])
