"""Landlock: the process may read these paths, write those, and touch nothing else of the file system."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

from . import kernel

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REFER = 1, 2, 4, 8, 1 << 13
ALL_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
FILE_ONLY = EXECUTE | WRITE_FILE | READ_FILE | (1 << 14) | (1 << 15)
RULE_PATH_BENEATH = 1


class _Ruleset(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    try:
        return kernel.call("landlock_create_ruleset", None, 0, 1)
    except OSError:
        return 0


def ruleset(readable: Iterable[str], writable: Iterable[str], listable: Iterable[str] = ()) -> int:
    """A descriptor of what a process may do once it is restricted to it. Raises OSError where there is no Landlock.

    Below `listable` names can be seen, and nothing of what is in the files.
    """
    version = kernel.call("landlock_create_ruleset", None, 0, 1)
    handled = ALL_BY_ABI[min(version, 5)]
    # No TCP at all (version 4), no signals and no abstract sockets out of this domain (version 6).
    attributes = _Ruleset(fs=handled, net=3 if version >= 4 else 0, scoped=3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    fd = kernel.call("landlock_create_ruleset", ctypes.byref(attributes), size, 0)
    # Without REFER nothing moves from one folder to another, with every version alike.
    rights = ((readable, READ_FILE | READ_DIR), (writable, handled & ~(EXECUTE | REFER)), (listable, READ_DIR))
    try:
        for paths, allowed in rights:
            for path in paths:
                _allow(fd, path, allowed & handled)
    except BaseException:
        os.close(fd)
        raise
    return fd


def restrict(ruleset: int) -> None:
    """Restrict this process to a ruleset for good, on top of what already restricts it. Closes the descriptor."""
    try:
        kernel.prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
        kernel.call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, allowed: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            allowed &= FILE_ONLY
        if not allowed:
            return
        rule = _PathBeneath(allowed, fd)
        kernel.call("landlock_add_rule", ruleset, RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(fd)
