"""The Linux calls that Python does not have, by number and through ctypes, so that nothing is compiled."""

from __future__ import annotations

import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)

NUMBERS = {
    # x86_64 has its own table; every newer architecture shares the generic one.
    "x86_64": {"pivot_root": 155, "seccomp": 317},
    "aarch64": {"pivot_root": 41, "seccomp": 277},
}
GENERIC = {
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}


def call(name: str, *arguments: object) -> int:
    """Make the system call `name`; raise OSError where it fails."""
    number = GENERIC.get(name) or NUMBERS.get(platform.machine(), {}).get(name)
    if number is None:
        raise OSError(38, f"{name} has no known number on {platform.machine()}")
    return checked(libc.syscall(number, *arguments), name)


def checked(result: int, what: str) -> int:
    """Return `result`, or raise the OSError that errno names."""
    if result < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, f"{what}: {os.strerror(errno)}")
    return result


def prctl(option: int, first: int = 0, second: object = 0) -> None:
    """prctl(2)."""
    checked(libc.prctl(option, first, second, 0, 0), f"prctl {option}")


def collapse(start: int, length: int) -> bool:
    """madvise(2) with MADV_COLLAPSE. Returns whether the range is in huge pages now."""
    madv_collapse = 25
    return bool(libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), madv_collapse) == 0)


CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000


def unshare(flags: int) -> None:
    """unshare(2)."""
    checked(libc.unshare(flags), "unshare")


def enter(namespace: int, kind: int) -> None:
    """setns(2), with an open file of /proc/PID/ns."""
    checked(libc.setns(namespace, kind), "setns")


MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2)."""
    result = libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())
    checked(result, f"mount {target}")


def unmount(target: str) -> None:
    """umount2(2) with MNT_DETACH."""
    checked(libc.umount2(target.encode(), MNT_DETACH), f"umount {target}")


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns_fd")]


def make_read_only(target: str) -> None:
    """Make a mount and all below it read-only, without devices and set-uid programs."""
    attributes = _MountAttributes(set=MS_RDONLY | MS_NOSUID | MS_NODEV)
    at_recursive = 0x8000
    size = ctypes.sizeof(attributes)
    call("mount_setattr", -100, target.encode(), at_recursive, ctypes.byref(attributes), size)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapabilityData(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


def drop_capabilities() -> None:
    """Give up every capability, for good."""
    pr_cap_ambient, clear_all, pr_capbset_drop = 47, 4, 24
    libc.prctl(pr_cap_ambient, clear_all, 0, 0, 0)
    for capability in range(64):
        libc.prctl(pr_capbset_drop, capability, 0, 0, 0)
    header, data = _CapabilityHeader(0x20080522, 0), (_CapabilityData * 2)()
    checked(libc.capset(ctypes.byref(header), data), "capset")
