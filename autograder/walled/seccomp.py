"""seccomp: system calls that no exercise needs, and arguments that none needs of calls that it does.

The filter is the same with and without namespaces. It is also what stands, where there are none, before the calls
that Landlock does not see: those that change a file's mode, time or attributes, and those that reach another process
of the same user.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from functools import cache

from . import kernel

EPERM, ENOSYS, ENOTTY, EOPNOTSUPP = 1, 38, 25, 95
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD_WORD, AND, JUMP_EQUAL, JUMP_GREATER, JUMP_ANY_BIT, RETURN = 0x20, 0x54, 0x15, 0x25, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
CLONE_THREAD = 0x00010000

Numbers = tuple[int | None, int | None]
"""A system call's number on (x86_64, aarch64); None where the architecture has not got it."""

FORBIDDEN: dict[str, Numbers] = {
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
    "process_mrelease": (448, 448),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "kcmp": (312, 272),
    "setpgid": (109, 154),
    "setsid": (112, 157),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "open_tree_attr": (467, 467),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # Requests that all of the machine share: one process could take the last of them.
    "io_setup": (206, 0),
    "io_destroy": (207, 1),
    "io_submit": (209, 2),
    "io_cancel": (210, 3),
    "io_getevents": (208, 4),
    "io_pgetevents": (333, 292),
    # Memory that no limit counts. A page that lies in a pipe stays, and with it the two megabytes it was cut from.
    "vmsplice": (278, 75),
    "splice": (275, 76),
    "tee": (276, 77),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    # Names of files that others make, also where they cannot be opened.
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # A lock on a file that all may read carries a word from one student to another.
    "flock": (73, 32),
    "cachestat": (451, 451),
    # Sets of rules of its own are memory that no limit counts, too.
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
    "seccomp": (317, 277),
    "modify_ldt": (154, None),
    "truncate": (76, 45),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "file_setattr": (469, 469),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "acct": (163, 89),
    "syslog": (103, 116),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "setrlimit": (160, 164),
    "ioprio_set": (251, 30),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
}
UNSUPPORTED: dict[str, Numbers] = {
    # A thousand gigabytes in one second; the C library writes instead.
    "fallocate": (285, 47),
    # shutil.copy does without attributes where it is told so.
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "getxattr": (191, 8),
    "lgetxattr": (192, 9),
    "fgetxattr": (193, 10),
    "listxattr": (194, 11),
    "llistxattr": (195, 12),
    "flistxattr": (196, 13),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "setxattrat": (463, 463),
    "getxattrat": (464, 464),
    "listxattrat": (465, 465),
    "removexattrat": (466, 466),
}
UNKNOWN: dict[str, Numbers] = {
    # A filter cannot see their flags; the C library falls back to clone and openat.
    "clone3": (435, 435),
    "openat2": (437, 437),
    # It splices; shutil.copy falls back to reading and writing.
    "sendfile": (40, 71),
}
WITHOUT_EFFECT: dict[str, Numbers] = {
    # Landlock does not see them, so a file of the same user could be changed anywhere. They answer that all went well,
    # so that shutil.copy and the like go on.
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    # The whole machine's disks.
    "sync": (162, 81),
    "syncfs": (306, 267),
}
NEWEST = 469
"""The highest number that was looked at: what a later kernel can do beyond it is unknown here."""
KILLS: tuple[Numbers, ...] = ((62, 129), (234, 131))
SCHEDULES: tuple[Numbers, ...] = ((142, 118), (144, 119), (203, 122), (314, 274))
"""sched_setparam, sched_setscheduler, sched_setaffinity, sched_setattr."""
SETPRIORITY: Numbers = (141, 140)
CLONE: Numbers = (56, 220)
PRLIMIT: Numbers = (302, 261)
PRCTL: Numbers = (157, 167)
FCNTL: Numbers = (72, 25)
IOCTL: Numbers = (16, 29)
MMAP: Numbers = (9, 222)
OPEN: Numbers = (2, None)
OPENAT: Numbers = (257, 56)
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SCHED_CORE = 1, 4, 22, 62
SEEN_BY_OTHERS = (6, 7, 8, 10, 15, 37, 38, 1024, 1026)
"""fcntl: F_SETLK, F_SETLKW and their two for open files can be seen by others; F_SETOWN, F_SETSIG and F_SETOWN_EX have
the kernel signal them; F_SETLEASE, F_NOTIFY hold up their files."""
TERMINAL_QUESTIONS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""ioctl: TCGETS (isatty), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""
O_ACCMODE, O_TRUNC, O_TMPFILE = 0o3, 0o1000, 0o20000000
MAP_TYPE, MAP_SHARED, MAP_SHARED_VALIDATE = 0xF, 1, 3
MAP_ANONYMOUS, MAP_GROWSDOWN, MAP_HUGETLB = 0x20, 0x100, 0x40000
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
X32_BIT = 0x40000000


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def _op(code: int, value: int, jump_true: int = 0, jump_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, jump_true, jump_false, value)


def _refuse(errno: int) -> bytes:
    return _op(RETURN, ERRNO | errno)


def _argument(position: int, high: bool = False) -> bytes:
    return _op(LOAD_WORD, FIRST_ARGUMENT + 8 * position + 4 * high)


def _unless(values: tuple[int, ...], errno: int) -> list[bytes]:
    """Refuse a loaded word that is none of `values`; go on with one that is."""
    tests = [_op(JUMP_EQUAL, value, len(values) - number) for number, value in enumerate(values)]
    return [*tests, _refuse(errno)]


def _if_any(values: tuple[int, ...], errno: int) -> list[bytes]:
    """Refuse a loaded word that is one of `values`; go on with any other."""
    return [row for value in values for row in (_op(JUMP_EQUAL, value, 0, 1), _refuse(errno))]


def _if_bit(bits: int, errno: int) -> list[bytes]:
    """Refuse a loaded word that has one of `bits`; go on with any other."""
    return [_op(JUMP_ANY_BIT, bits, 0, 1), _refuse(errno)]


def _opening(flags: int) -> list[bytes]:
    """Files without a name are not seen in a folder; truncating by O_TRUNC must need the right to write, as
    Landlock before version 3 does not ask for one."""
    return [
        _argument(flags),
        *_if_bit(O_TMPFILE, EOPNOTSUPP),
        _op(AND, O_ACCMODE | O_TRUNC),
        *_if_any((O_TRUNC, O_TRUNC | O_ACCMODE), EPERM),
    ]


def _by_argument(pid: int) -> list[tuple[Numbers, list[bytes]]]:
    """Calls that depend on their arguments, and the rows that refuse some of them."""
    itself = _unless((pid,), EPERM)
    rules: list[tuple[Numbers, list[bytes]]] = []
    # A process may signal itself (abort, raise) and nobody else, with or without a pid namespace.
    rules += [(call, [_argument(0), *itself]) for call in KILLS]
    # A process of the same user could be starved of its processor.
    rules += [(call, [_argument(0), *_unless((0, pid), EPERM)]) for call in SCHEDULES]
    rules += [(SETPRIORITY, [_argument(0), *_unless((0,), EPERM), _argument(1), *_unless((0, pid), EPERM)])]
    # A new limit (third argument) would raise what limits.py set; reading stays possible.
    new_limit = [_argument(2), *_unless((0,), EPERM), _argument(2, high=True), *_unless((0,), EPERM)]
    rules += [(PRLIMIT, new_limit)]
    rules += [(CLONE, [_argument(0), _op(JUMP_ANY_BIT, CLONE_THREAD, 1, 0), _refuse(EPERM)])]
    # It shall end with its guard, the guard shall be able to see what it holds open, no filter comes after this one,
    # and it shall not have half a processor to itself.
    refused = (PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SCHED_CORE)
    rules += [(PRCTL, [_argument(0), *_if_any(refused, EPERM)])]
    rules += [(FCNTL, [_argument(1), *_if_any(SEEN_BY_OTHERS, EPERM)])]
    rules += [(IOCTL, [_argument(1), *_unless(TERMINAL_QUESTIONS, ENOTTY)])]
    # Shared memory without a file, memory that counts as stack and huge pages are outside the limit on data.
    shared = (MAP_SHARED | MAP_ANONYMOUS, MAP_SHARED_VALIDATE | MAP_ANONYMOUS)
    memory = [_op(AND, MAP_TYPE | MAP_ANONYMOUS), *_if_any(shared, EPERM)]
    rules += [(MMAP, [_argument(3), *_if_bit(MAP_GROWSDOWN | MAP_HUGETLB, EPERM), *memory])]
    rules += [(OPEN, _opening(1)), (OPENAT, _opening(2))]
    return rules


@cache
def program(pid: int) -> bytes:
    """The filter for the process `pid`; empty on a machine without one.

    Threads stay possible: clone needs CLONE_THREAD.
    """
    if platform.machine() not in MACHINES:
        return b""
    column, architecture = MACHINES[platform.machine()]
    rows = [
        _op(LOAD_WORD, ARCHITECTURE),
        _op(JUMP_EQUAL, architecture, 1, 0),
        _op(RETURN, KILL),
        _op(LOAD_WORD, NUMBER),
    ]
    if column == 0:
        rows += _if_bit(X32_BIT, EPERM)
    rows += [_op(JUMP_GREATER, NEWEST, 0, 1), _refuse(ENOSYS)]
    for table, errno in ((FORBIDDEN, EPERM), (UNSUPPORTED, EOPNOTSUPP), (UNKNOWN, ENOSYS), (WITHOUT_EFFECT, 0)):
        rows += _if_any(tuple(number for call in table.values() if (number := call[column]) is not None), errno)
    for call, body in _by_argument(pid):
        number = call[column]
        if number is not None:
            rows += [_op(JUMP_EQUAL, number, 0, len(body) + 1), *body, _op(RETURN, ALLOW)]
    rows.append(_op(RETURN, ALLOW))
    return b"".join(rows)


def restrict() -> None:
    """Install the filter for this thread and all it starts. Raises OSError where this machine cannot."""
    code = program(os.getpid())
    if not code:
        raise OSError(ENOSYS, f"no filter is written for {platform.machine()}")
    buffer = ctypes.create_string_buffer(code, len(code))
    installed = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    kernel.prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
    kernel.prctl(22, 2, ctypes.byref(installed))  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
