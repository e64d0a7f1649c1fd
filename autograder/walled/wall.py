"""The wall: first the warm process moves into a house of its own, then each child is locked into a room of it.

The house (once, before anything is imported) is a file system that holds Python, the installed packages and the
few system files they need, read-only, with no network. The room (each child, before any student line) adds a
process namespace, a private scratch folder, limits, no privileges, Landlock and seccomp. A layer that a machine
refuses is left out and reported; `autograder doctor` tries the escapes themselves, so nothing rests on belief.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from . import kernel, landlock, seccomp
from .limits import Limits

FIRST_ROOM_UID = 61_500
ROOMS = 500
SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
)
SCRATCH = "/scratch"
"""The one place in the house that can be written to: empty for each student process, and gone with it."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def readable_paths() -> list[str]:
    """What a student process may read: Python, its packages and the system's libraries."""
    python = {sys.prefix, sys.base_prefix, str(Path(os.__file__).parent)}
    paths = [path for path in (*sorted(python), *SYSTEM) if os.path.exists(path)]
    outer = [path for path in paths if os.path.isdir(path)]
    return [path for path in paths if not any(path.startswith(other + "/") for other in outer)]


def build_house(ground: str) -> bool:
    """Move this process into a file system of its own, built at the empty folder `ground`.

    Must run while the process has one thread. Returns whether the machine allows it; where it does not,
    the process sees the file system as before.
    """
    uid, gid = os.geteuid(), os.getegid()
    flags = kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    try:
        kernel.unshare(flags if uid == 0 else flags | kernel.CLONE_NEWUSER)
    except OSError:
        return False
    if uid != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    try:
        _furnish(ground)
    except OSError:
        return False  # Ubuntu's AppArmor, for one, lets a user make a namespace and then mount nothing in it.
    os.chdir(ground)
    kernel.call("pivot_root", b".", b".")
    kernel.unmount(".")
    os.chdir(SCRATCH)
    return True


def _furnish(ground: str) -> None:
    """Mount at `ground` all that the house holds."""
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("house", ground, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755")
    for source in readable_paths():
        target = _place(ground, source)
        kernel.mount(source, target, flags=kernel.MS_BIND | kernel.MS_REC)
        kernel.make_read_only(target)
    for device in DEVICES:
        kernel.mount(device, _place(ground, device), flags=kernel.MS_BIND)
    os.symlink(SCRATCH, f"{ground}/dev/shm")
    kernel.mount("/proc", _place(ground, "/proc"), flags=kernel.MS_BIND | kernel.MS_REC)
    if not os.path.exists(f"{ground}/tmp"):  # Python itself may live below /tmp, as in a test of a fresh clone
        os.symlink(SCRATCH, f"{ground}/tmp")
    os.mkdir(ground + SCRATCH)
    kernel.mount("scratch", ground + SCRATCH, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=16m,mode=1777")


def _place(ground: str, source: str) -> str:
    target = ground + source
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT))
    return target


def lock_room(housed: bool, room: int, limits: Limits) -> dict[str, object]:
    """Lock this process in, for good. Returns which layers hold. Must run before any student line."""
    if housed:
        flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
        kernel.mount("proc", "/proc", "proc", flags)
        size = f"size={limits.scratch_mib}m,nr_inodes=4096,mode=1777"
        kernel.mount("scratch", SCRATCH, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, size)
        scratch = SCRATCH
    else:
        scratch = f"/tmp/student-{os.getpid()}"
        os.mkdir(scratch, 0o700)
    os.chdir(scratch)
    os.environ.update(HOME=scratch, TMPDIR=scratch)
    tempfile.tempdir = scratch  # some library may have asked for it before the fork
    limits.apply()
    if os.geteuid() == 0:
        uid = FIRST_ROOM_UID + room % ROOMS
        os.chown(scratch, uid, uid)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    kernel.drop_capabilities()
    version = landlock.restrict([*readable_paths(), "/proc", "/dev"], [scratch, *DEVICES])
    filtered = seccomp.restrict()
    return {"namespaces": housed, "landlock": version, "seccomp": filtered, "uid": os.getuid()}
