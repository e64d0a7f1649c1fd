"""The wall: first the warm process moves into a house of its own, then each child is locked into a room of it.

The house (once, before anything is imported) is a file system that holds Python, the installed packages and the
few system files they need, read-only, with no network. The room (each child, before any student line) adds a
process namespace, a private scratch folder, limits, no privileges, Landlock and seccomp.

A machine that does not let a house be built gives no part of it: what works is found out once, by trying it in a child.
There the room rests on Landlock, seccomp, limits and a guard that watches the scratch folder (watch.py). `autograder
doctor` tries the escapes themselves in both settings, so nothing rests on belief.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import kernel, landlock, seccomp
from .limits import Limits, threads_of

FIRST_ROOM_UID = 61_500
ROOMS = 500
SPARE_THREADS = 4096
"""For all that one user runs beside a student process. Where they share a user, the guard counts that one's threads."""
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
DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
"""Not /dev/zero: mapped and shared it is memory that no limit counts."""
PROCESSORS = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm/overcommit_memory")
OWN_PROCESS = ("cmdline", "comm", "environ", "fd", "limits", "maps", "smaps", "stat", "statm", "status")
"""What of /proc/self can be opened where /proc shows the whole machine: not its list of connections, say."""


@dataclass(frozen=True)
class Setting:
    """What the machine allows, found out once by the warm process."""

    housed: bool
    """Whether it lives in namespaces of its own."""
    why_not: str
    """What the kernel said to that; empty where it is housed."""
    own_users: bool
    """Whether each student process can be a user of its own: as root, where others may read this Python."""
    others: int
    """Threads of this user that are none of a student's, where students are the same user."""


@dataclass(frozen=True)
class Room:
    """Where one student process lives, and as which user."""

    scratch: str
    uid: int


@cache
def readable_paths() -> list[str]:
    """What a student process may read: Python, its packages and the system's libraries."""
    python = {sys.prefix, sys.base_prefix, str(Path(os.__file__).parent)}
    paths = [path for path in (*sorted(python), *SYSTEM) if os.path.exists(path)]
    outer = [path for path in paths if os.path.isdir(path)]
    return [path for path in paths if not any(path.startswith(other + "/") for other in outer)]


def survey(ground: str, namespaces: bool) -> Setting:
    """Find out what this machine allows, and move this process into a house at the empty folder `ground` if it can.

    Must run while the process has one thread. `namespaces=False` does without a house even where one can be built.
    """
    others = threads_of(os.geteuid())

    def move_in() -> None:
        build_house(ground)
        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWPID)
        if refused := _tried(lambda: _furnish_room(Limits())):
            raise OSError(refused)

    why_not = _tried(move_in) if namespaces else "they were not asked for"
    if not why_not:
        build_house(ground)
    own_users = os.geteuid() == 0 and not _tried(_become_somebody)
    return Setting(not why_not, why_not, own_users, others)


def _tried(attempt: Callable[[], None]) -> str:
    """What the kernel says when a child of this process tries `attempt`; empty where it works."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            attempt()
            said = ""
        except OSError as error:
            said = str(error.strerror or error) if error.filename is None else str(error)
        except BaseException as error:
            said = repr(error)
        os.write(writing, said.encode()[:1000])
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return said or ("" if status == 0 else f"the attempt ended with status {status}")


def _become_somebody() -> None:
    folder = tempfile.mkdtemp()
    try:
        os.chown(folder, FIRST_ROOM_UID, FIRST_ROOM_UID)
    finally:
        os.rmdir(folder)
    os.setegid(FIRST_ROOM_UID)
    os.seteuid(FIRST_ROOM_UID)
    os.seteuid(0)
    os.setegid(0)
    folders = [path for path in readable_paths() if os.path.isdir(path)]
    become(FIRST_ROOM_UID)
    for path in folders:
        os.listdir(path)  # Python may lie in root's home, where root may read it and nobody else


def become(uid: int) -> None:
    """Be an ordinary user for good."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def build_house(ground: str) -> None:
    """Move this process into a file system of its own, built at the empty folder `ground`. Raises OSError."""
    uid, gid = os.geteuid(), os.getegid()
    flags = kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    kernel.unshare(flags if uid == 0 else flags | kernel.CLONE_NEWUSER)
    if uid != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    _furnish(ground)
    os.chdir(ground)
    kernel.call("pivot_root", b".", b".")
    kernel.unmount(".")
    os.chdir(SCRATCH)


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


def _furnish_room(limits: Limits) -> None:
    """Mount what a room has of its own: the list of its processes, and the scratch folder."""
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    size = f"size={limits.scratch_mib}m,nr_inodes={limits.scratch_files},mode=1777"
    kernel.mount("scratch", SCRATCH, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, size)


def get_ready(setting: Setting) -> None:
    """Work out before any fork what all children need alike. Must be called where they will live."""
    readable_paths.cache_clear()
    readable_paths()
    if setting.housed:
        seccomp.program(1)


def lock_room(setting: Setting, room: Room, limits: Limits) -> dict[str, object]:
    """Lock this process in, for good. Returns which layers hold. Must run before any student line."""
    if setting.housed:
        _furnish_room(limits)
        if setting.own_users:
            os.chown(room.scratch, room.uid, room.uid)
    os.chdir(room.scratch)
    os.environ.update(HOME=room.scratch, TMPDIR=room.scratch)
    tempfile.tempdir = room.scratch  # some library may have asked for it before the fork
    limits.apply(0 if setting.housed or setting.own_users else setting.others + SPARE_THREADS)
    if setting.own_users:
        become(room.uid)
    kernel.drop_capabilities()
    # Changing the user cleared the first, and the second, by which the guard may look into /proc.
    kernel.prctl(seccomp.PR_SET_PDEATHSIG, signal.SIGKILL)
    if not setting.housed:
        kernel.prctl(seccomp.PR_SET_DUMPABLE, 1)
    own = ["/proc"] if setting.housed else [*PROCESSORS, *(f"/proc/self/{name}" for name in OWN_PROCESS)]
    version = landlock.restrict([*readable_paths(), *own], [room.scratch, *DEVICES])
    filtered = seccomp.restrict()
    return {
        "namespaces": setting.housed,
        "why_not": setting.why_not,
        "landlock": version,
        "seccomp": filtered,
        "own_users": setting.own_users,
        "uid": os.getuid(),
    }
