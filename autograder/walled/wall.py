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
from pathlib import Path

from . import kernel, landlock, seccomp
from .limits import Limits, threads_of
from .packages import shown_packages

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
class Shown:
    """What of the machine's file system a student process may read."""

    paths: tuple[str, ...]
    """Files, and folders with all below them but for what `packages` keeps back."""
    links: tuple[str, ...]
    """Symbolic links to some of them."""
    packages: dict[str, list[str]]
    """Folders of Python packages below `paths`, and what in each may be read."""

    @property
    def parts(self) -> list[str]:
        """The paths that hold nothing which is kept back; links are none of them, for they may lead anywhere."""
        return [part for path in self.paths for part in self._parts(path)]

    def _parts(self, path: str) -> list[str]:
        if path in self.packages:
            names = self.packages[path]
        elif any(folder.startswith(path + "/") for folder in self.packages):
            names = os.listdir(path)
        else:
            return [path]
        inside = (f"{path}/{name}" for name in names)
        return [part for one in inside if not os.path.islink(one) for part in self._parts(one)]


@dataclass(frozen=True)
class Setting:
    """What the machine allows, found out once by the warm process."""

    shown: Shown

    housed: bool
    """Whether it lives in namespaces of its own."""
    why_not: str
    """What the kernel said to that; empty where it is housed."""
    landlock: int
    """The kernel's Landlock version; 0 where there is none."""
    seccomp: bool
    """Whether system calls can be filtered."""
    own_users: bool
    """Whether each student process can be a user of its own: as root, where others may read this Python."""
    others: int
    """Threads of this user that are none of a student's, where students are the same user."""

    def user(self, number: int) -> int:
        """The id of the user that the student process of this number is."""
        return FIRST_ROOM_UID + number % ROOMS if self.own_users else os.geteuid()


@dataclass(frozen=True)
class Room:
    """Where one student process lives, and as which user."""

    scratch: str
    uid: int


def look_around() -> Shown:
    """Python, the packages that exercises use, and the system's libraries."""
    libraries = [f"{prefix}/{name}" for prefix in (sys.prefix, sys.base_prefix) for name in ("lib", "lib64")]
    wanted = sorted(path for path in {*libraries, str(Path(os.__file__).parent), *SYSTEM} if os.path.exists(path))
    real = [os.path.realpath(path) for path in wanted if not os.path.islink(path)]
    links = [path for path in wanted if os.path.islink(path) and _within(os.path.realpath(path), real)]
    kept = [path for path in wanted if path not in links]
    paths = [path for path in kept if not _within(os.path.dirname(path), kept)]
    return Shown(tuple(paths), tuple(links), shown_packages(path for path in kept if os.path.isdir(path)))


def _within(path: str, folders: list[str]) -> bool:
    """Whether `path` is one of `folders`, or below one."""
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def survey(ground: str, namespaces: bool) -> Setting:
    """Find out what this machine allows, and move this process into a house at the empty folder `ground` if it can.

    Must run while the process has one thread. `namespaces=False` does without a house even where one can be built.
    """
    others = threads_of(os.geteuid())
    shown = look_around()

    def move_in() -> None:
        build_house(ground, shown)
        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWPID)
        if refused := _tried(lambda: _furnish_room(Limits())):
            raise OSError(refused)

    why_not = _tried(move_in) if namespaces else "they were not asked for"
    if not why_not:
        build_house(ground, shown)
    own_users = os.geteuid() == 0 and not _tried(lambda: _become_somebody(shown))
    return Setting(shown, not why_not, why_not, landlock.abi(), not _tried(seccomp.restrict), own_users, others)


def rules_for_all(setting: Setting, rooms: str) -> int | None:
    """What every student process without a house is restricted to: a Landlock ruleset, made once.

    It keeps back packages, which takes hundreds of rules; in a house they are not there. Each student process adds
    one of its own, by which it gets at no other room than its own below `rooms`.
    """
    if setting.housed or not setting.landlock:
        return None
    shown = setting.shown
    return landlock.ruleset([*shown.parts, "/proc"], [rooms, *DEVICES], shown.paths)


def _tried(attempt: Callable[[], object]) -> str:
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


def _become_somebody(shown: Shown) -> None:
    folder = tempfile.mkdtemp()
    try:
        os.chown(folder, FIRST_ROOM_UID, FIRST_ROOM_UID)
    finally:
        os.rmdir(folder)
    os.setegid(FIRST_ROOM_UID)
    os.seteuid(FIRST_ROOM_UID)
    os.seteuid(0)
    os.setegid(0)
    folders = [path for path in shown.paths if os.path.isdir(path)]
    become(FIRST_ROOM_UID)
    for path in folders:
        os.listdir(path)  # Python may lie in root's home, where root may read it and nobody else


def become(uid: int) -> None:
    """Be an ordinary user for good."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def build_house(ground: str, shown: Shown) -> None:
    """Move this process into a file system of its own, built at the empty folder `ground`. Raises OSError."""
    uid, gid = os.geteuid(), os.getegid()
    flags = kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    kernel.unshare(flags if uid == 0 else flags | kernel.CLONE_NEWUSER)
    if uid != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    _furnish(ground, shown)
    os.chdir(ground)
    kernel.call("pivot_root", b".", b".")
    kernel.unmount(".")
    os.chdir(SCRATCH)


def _furnish(ground: str, shown: Shown) -> None:
    """Mount at `ground` all that the house holds."""
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("house", ground, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755")
    for source in shown.paths:
        target = _bind(source, ground)
        for folder, names in shown.packages.items():
            if folder.startswith(source + "/"):
                kernel.mount(
                    "packages", ground + folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755"
                )
                for name in names:
                    _bind(f"{folder}/{name}", ground)
        kernel.make_read_only(target)
    for link in shown.links:
        os.makedirs(os.path.dirname(ground + link), exist_ok=True)
        os.symlink(os.readlink(link), ground + link)
    for device in DEVICES:
        kernel.mount(device, _place(ground, device), flags=kernel.MS_BIND)
    os.symlink(SCRATCH, f"{ground}/dev/shm")
    kernel.mount("/proc", _place(ground, "/proc"), flags=kernel.MS_BIND | kernel.MS_REC)
    if not os.path.exists(f"{ground}/tmp"):  # Python itself may live below /tmp, as in a test of a fresh clone
        os.symlink(SCRATCH, f"{ground}/tmp")
    os.mkdir(ground + SCRATCH)
    kernel.mount("scratch", ground + SCRATCH, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=16m,mode=1777")
    fixed = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("house", ground, flags=fixed)


def _bind(source: str, ground: str) -> str:
    """Mount `source` at its place below `ground`, which is returned."""
    target = _place(ground, source)
    kernel.mount(source, target, flags=kernel.MS_BIND | kernel.MS_REC)
    return target


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
    if setting.housed:
        seccomp.program(1)


def lock_room(setting: Setting, room: Room, limits: Limits) -> dict[str, object]:
    """Lock this process in, for good. Returns which layers hold. Must run before any student line.

    Raises OSError where a layer that the setting promises cannot be had: this process must run no student line then.
    """
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
    if setting.landlock:
        landlock.restrict(landlock.ruleset([*setting.shown.paths, *own], [room.scratch, *DEVICES]))
    if setting.seccomp:
        seccomp.restrict()
    return {
        "namespaces": setting.housed,
        "why_not": setting.why_not,
        "landlock": setting.landlock,
        "seccomp": setting.seccomp,
        "own_users": setting.own_users,
        "uid": os.getuid(),
    }
