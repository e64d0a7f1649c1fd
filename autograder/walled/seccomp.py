"""seccomp: system calls that no exercise needs. New processes, sockets, tracing and mounts fail with EPERM."""

from __future__ import annotations

import ctypes
import os
import platform
import struct

from . import kernel

EPERM, ENOSYS = 1, 38
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD_WORD, JUMP_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
CLONE_THREAD = 0x00010000

# number of each system call on (x86_64, aarch64); None where the architecture has not got it
FORBIDDEN: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "setrlimit": (160, 164),
    "ioprio_set": (251, 30),
    "fanotify_init": (300, 262),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
}
SIGNAL = ((62, 129), (234, 131))  # kill, tgkill
CLONE = (56, 220)
CLONE3 = (435, 435)
PRLIMIT = (302, 261)
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
X32_BIT = 0x40000000


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def _program(column: int, architecture: int, pid: int) -> bytes:
    """The filter. Threads stay possible: clone needs CLONE_THREAD, and clone3, whose flags a filter cannot see,
    answers ENOSYS, upon which the C library falls back to clone."""

    def op(code: int, jump_true: int, jump_false: int, value: int) -> bytes:
        return struct.pack("=HBBI", code, jump_true, jump_false, value)

    rows = [
        op(LOAD_WORD, 0, 0, ARCHITECTURE),
        op(JUMP_EQUAL, 1, 0, architecture),
        op(RETURN, 0, 0, KILL),
        op(LOAD_WORD, 0, 0, NUMBER),
    ]
    if column == 0:
        rows += [op(JUMP_ANY_BIT, 0, 1, X32_BIT), op(RETURN, 0, 0, ERRNO | EPERM)]
    for numbers in FORBIDDEN.values():
        number = numbers[column]
        if number is not None:
            rows += [op(JUMP_EQUAL, 0, 1, number), op(RETURN, 0, 0, ERRNO | EPERM)]
    rows += [op(JUMP_EQUAL, 0, 1, CLONE3[column]), op(RETURN, 0, 0, ERRNO | ENOSYS)]
    # A process may signal itself (abort, raise) and nobody else, with or without a pid namespace.
    for numbers in SIGNAL:
        rows += [
            op(JUMP_EQUAL, 0, 4, numbers[column]),
            op(LOAD_WORD, 0, 0, FIRST_ARGUMENT),
            op(JUMP_EQUAL, 1, 0, pid),
            op(RETURN, 0, 0, ERRNO | EPERM),
            op(RETURN, 0, 0, ALLOW),
        ]
    # prlimit64 with a new limit (third argument) would raise what limits.py set; reading stays possible.
    rows += [
        op(JUMP_EQUAL, 0, 6, PRLIMIT[column]),
        op(LOAD_WORD, 0, 0, FIRST_ARGUMENT + 16),
        op(JUMP_EQUAL, 0, 2, 0),
        op(LOAD_WORD, 0, 0, FIRST_ARGUMENT + 20),
        op(JUMP_EQUAL, 1, 0, 0),
        op(RETURN, 0, 0, ERRNO | EPERM),
        op(RETURN, 0, 0, ALLOW),
    ]
    rows += [
        op(JUMP_EQUAL, 0, 3, CLONE[column]),
        op(LOAD_WORD, 0, 0, FIRST_ARGUMENT),
        op(JUMP_ANY_BIT, 1, 0, CLONE_THREAD),
        op(RETURN, 0, 0, ERRNO | EPERM),
        op(RETURN, 0, 0, ALLOW),
    ]
    return b"".join(rows)


def restrict() -> bool:
    """Install the filter for this thread and all it starts. Return whether this machine can."""
    if platform.machine() not in MACHINES:
        return False
    column, architecture = MACHINES[platform.machine()]
    code = _program(column, architecture, os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    try:
        kernel.prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
        kernel.prctl(22, 2, ctypes.byref(program))  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
    except OSError:
        return False
    return True
