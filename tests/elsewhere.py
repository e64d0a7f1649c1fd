"""Tries escapes from a student process in other circumstances than the test's own: run as a script by test_wall.py.

`python elsewhere.py CIRCUMSTANCE...` reads {name: code} and a list of names that a process without a wall may try
too, and writes what became of each. A circumstance is "ordinary-user", "no-namespaces" or "no-mounts".
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import struct
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from autograder.judge.student_process import NUMPY, StudentError, StudentProcess, StudentProcessEnded, Zygote
from autograder.walled import kernel, seccomp
from autograder.walled.limits import Limits

NOBODY = 65_534
EPERM = 1


def refuse(*names: str) -> None:
    """Have the kernel refuse these system calls to this process and all that it starts, as some machines do."""
    column, _ = seccomp.MACHINES[platform.machine()]
    numbers = [seccomp.FORBIDDEN[name][column] for name in names]
    code = struct.pack("=HBBI", 0x20, 0, 0, 0)
    for number in numbers:
        code += struct.pack("=HBBIHBBI", 0x15, 0, 1, number, 0x06, 0, 0, 0x00050000 | EPERM)
    code += struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(
        struct.pack("=HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer)), ctypes.sizeof(ctypes.c_void_p) * 2
    )
    kernel.prctl(38, 1)
    kernel.prctl(22, 2, program)


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
    codes = {name: code.replace("JUDGE", str(os.getpid())) for name, code in work["codes"].items()}
    with Zygote(NUMPY, Limits(memory_mib=512)) as zygote:
        walled = {name: try_walled(zygote.address, code) for name, code in codes.items()}
    unwalled = {name: try_unwalled(codes[name]) for name in work["unwalled"]}
    json.dump({"walled": walled, "unwalled": unwalled, "judge": os.getpid()}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
