"""The warm process. It imports what notebooks import, then forks a walled student process for each connection.

It never runs a TensorFlow operation (afterwards a fork would be unsound), never imports a check, a reference or
a solution, and holds no database: a child inherits all that it holds. Run as
`python -I zygote.py SOCKET GROUND LOCK NAMESPACES LIMITS_JSON MODULE...`; it ends when its standard input closes.
LOCK is an open file, locked: it stays so until the warm process and all its guards have ended. NAMESPACES is 0 or 1.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

if not __package__:
    # Started as a script in isolated mode. Only this folder is put on the path, and it is taken off again.
    sys.path.insert(0, str(Path(__file__).parent.parent))
    __package__ = "walled"
    importlib.import_module("walled")

from . import kernel, landlock, packages, protocol, seccomp, shell, wall
from .limits import Limits
from .wall import Room, Setting
from .watch import ScratchWatch, Watch


@dataclass(frozen=True)
class Warm:
    """What every child inherits."""

    setting: Setting
    limits: Limits
    shell: shell.Shell
    folder: str
    """Where rooms are made when there is no house."""
    going_on: int
    """Reads as closed once the warm process has ended, however it ended."""
    rules: int | None
    """See `wall.rules_for_all`."""


def main(arguments: list[str]) -> None:
    """Build the house, import the modules, then serve connections until standard input closes."""
    address, ground, _lock, namespaces, limits_json, *modules = arguments
    folder = os.path.dirname(ground)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    os.chmod(address, 0o600)
    listener.listen(64)
    setting = wall.survey(ground, namespaces == "1")
    scratch = wall.SCRATCH if setting.housed else make_rooms(folder, setting)
    rules = wall.rules_for_all(setting, f"{folder}/rooms")
    if rules is not None:
        packages.overlook_others(setting.shown.packages)
    os.environ.update(HOME=scratch, MPLCONFIGDIR=f"{scratch}/matplotlib", IPYTHONDIR=f"{scratch}/ipython")
    sys.path[:] = [entry for entry in sys.path if entry != str(Path(__file__).parent.parent)]
    for name in modules:
        importlib.import_module(name)
    student_shell = shell.make_shell()
    shell.warm_up(student_shell)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    going_on, ending = os.pipe()
    warm = Warm(setting, Limits(**json.loads(limits_json)), student_shell, folder, going_on, rules)
    room = 0
    while True:
        ready, _, _ = select.select([listener.fileno(), 0], [], [])
        if 0 in ready and not os.read(0, 1):
            break
        if listener.fileno() in ready:
            room += 1
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                os.close(ending)
                guard(connection, room, warm)
            connection.close()
    os.close(ending)
    with contextlib.suppress(ChildProcessError):
        os.wait()  # as its children are not waited for, this ends when all of them have
    if not setting.housed:
        shutil.rmtree(folder, ignore_errors=True)


def make_rooms(folder: str, setting: Setting) -> str:
    """Make the folder for scratch folders below `folder`, and that of the warm process, which is returned."""
    passable = 0o711 if setting.own_users else 0o700
    os.chmod(folder, passable)
    os.mkdir(f"{folder}/rooms", passable)
    os.chmod(f"{folder}/rooms", passable)
    os.mkdir(f"{folder}/warm", 0o700)
    return f"{folder}/warm"


def guard(connection: socket.socket, number: int, warm: Warm) -> None:
    """Stand between the walled process and the machine: end it when the judge hangs up or the warm process is gone,
    or when it takes more memory or files than it may; report how it ended, and clean up."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    setting = warm.setting
    uid = wall.FIRST_ROOM_UID + number % wall.ROOMS if setting.own_users else os.geteuid()
    if setting.housed:
        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWPID)
        room = Room(wall.SCRATCH, uid)
    else:
        room = Room(f"{warm.folder}/rooms/{number}", uid)
        os.mkdir(room.scratch, 0o700)
    start, begin = os.pipe()
    student = os.fork()
    if student == 0:
        os.close(begin)
        lock_in_and_serve(connection, start, room, warm)
    if setting.housed:
        watch = Watch(student, warm.limits)
    else:
        if setting.own_users:
            # The student's user may look into its /proc; root may not, where a container leaves it few capabilities.
            os.chown(room.scratch, uid, uid)
            os.setegid(uid)
            os.seteuid(uid)
        watch = ScratchWatch(student, warm.limits, room.scratch)
    os.write(begin, b"!")
    over = watch_over(student, connection, warm.going_on, watch)
    os.kill(student, signal.SIGKILL)
    _, status, used = os.wait4(student, 0)
    try:
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGKILL and used.ru_utime + used.ru_stime > 0.5 * warm.limits.cpu_seconds:
            code = -signal.SIGXCPU  # the first process of a namespace is only ever killed; the kernel counts in ticks
        protocol.send(connection.fileno(), {"ended": code, "over": over}, [], None)
    except protocol.ProtocolError:
        pass
    if not setting.housed:
        if setting.own_users:
            os.seteuid(0)
            os.setegid(0)
        clear(room.scratch)
    os._exit(0)


def watch_over(student: int, connection: socket.socket, going_on: int, watch: Watch) -> str:
    """Wait until the student process has ended or must end. Returns which bound it passed; empty for none."""
    poll = select.poll()
    poll.register(os.pidfd_open(student), select.POLLIN)
    poll.register(connection, select.POLLRDHUP | select.POLLHUP)
    poll.register(going_on, select.POLLHUP)
    while not poll.poll(watch.pause * 1000):
        if over := watch.look():
            return over
    return ""


def clear(folder: str) -> None:
    """Remove a scratch folder, whatever modes its folders were left in."""
    for parent, folders, _ in os.walk(folder):
        for name in folders:
            path = os.path.join(parent, name)
            if not os.path.islink(path):
                os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)


def lock_in_and_serve(connection: socket.socket, start: int, room: Room, warm: Warm) -> None:
    """Become the student process: keep one file descriptor, lock the room, then obey the judge."""
    try:
        kernel.prctl(seccomp.PR_SET_PDEATHSIG, signal.SIGKILL)
        if not os.read(start, 1):
            return  # the guard has ended before it was ready
        if warm.rules is not None:
            landlock.restrict(warm.rules)
        pipe = 3
        os.dup2(os.open("/dev/null", os.O_RDWR), 0)
        os.dup2(0, 1)
        os.dup2(0, 2)
        os.dup2(connection.fileno(), pipe)
        os.closerange(pipe + 1, 1 << 16)
        connection.detach()
        layers = wall.lock_room(warm.setting, room, warm.limits)
        protocol.send(pipe, {"layers": layers}, [])
        shell.serve(pipe, warm.shell)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
