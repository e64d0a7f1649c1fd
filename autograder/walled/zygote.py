"""The warm process. It imports what notebooks import, then forks a walled student process for each connection.

It never runs a TensorFlow operation (afterwards a fork would be unsound), never imports a check, a reference or
a solution, and holds no database: a child inherits all that it holds. Run as
`python -I zygote.py SOCKET GROUND LOCK NAMESPACES LIMITS_JSON MODULE...`; it ends when its standard input closes.
LOCK is an open file, locked: it stays so until the warm process and all its guards have ended. NAMESPACES is 0 or 1.

Who stands guard over a student process ends it when the judge hangs up or the warm process is gone, says how it ended,
and cleans up. In a house that is the warm process itself, for there is nothing to watch: a fork less, of three
milliseconds. Without one each has a guard of its own, for a look at one student's files shall hold up no other.
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

from . import kernel, landlock, large_pages, packages, protocol, seccomp, shell, wall
from .limits import Limits
from .wall import Room, Setting
from .watch import LOOK_AT_MEMORY_EVERY, ScratchWatch, Watch


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
    ending: int
    """The other end of that, which only the warm process keeps."""
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
    if setting.housed:
        become_the_first()
    scratch = wall.SCRATCH if setting.housed else make_rooms(folder, setting)
    if os.path.isdir(fonts := f"{sys.prefix}/lib/matplotlib"):
        shutil.copytree(fonts, f"{scratch}/matplotlib")  # to make this list takes a fifth of a second
    rules = wall.rules_for_all(setting, f"{folder}/rooms")
    if rules is not None:
        packages.overlook_others(setting.shown.packages)
    os.environ.update(HOME=scratch, MPLCONFIGDIR=f"{scratch}/matplotlib", IPYTHONDIR=f"{scratch}/ipython")
    sys.path[:] = [entry for entry in sys.path if entry != str(Path(__file__).parent.parent)]
    gc.disable()  # what is imported stays; to look through it for garbage takes a fifth of the time for TensorFlow
    for name in modules:
        importlib.import_module(name)
    student_shell = shell.make_shell()
    if "matplotlib.pyplot" in modules:
        shell.warm_up(student_shell)
    gc.collect()
    gc.freeze()
    gc.enable()
    large_pages.gather()
    going_on, ending = os.pipe()
    warm = Warm(setting, Limits(**json.loads(limits_json)), student_shell, folder, going_on, ending, rules)
    wall.get_ready(setting)
    serve_house(listener, warm) if setting.housed else serve_rooms(listener, warm)


def become_the_first() -> None:
    """Go on as the first process of a namespace, while this one waits: whoever is below ends with it, says the kernel.

    And an ordinary user can give children a namespace and come back from it only to one of its own.
    """
    kernel.unshare(kernel.CLONE_NEWPID)
    if (first := os.fork()) != 0:
        os.closerange(0, 1 << 16)
        os._exit(abs(os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])))
    kernel.prctl(seccomp.PR_SET_PDEATHSIG, signal.SIGKILL)


def serve_house(listener: socket.socket, warm: Warm) -> None:
    """Fork a student process for each connection, and stand guard over all of them, until standard input closes."""
    own_processes = os.open("/proc/self/ns/pid", os.O_RDONLY)
    waiting = select.poll()
    for fd in (listener.fileno(), 0):
        waiting.register(fd, select.POLLIN)
    wards: dict[int, Ward] = {}
    number = somewhere()
    while True:
        ready = {fd for fd, _ in waiting.poll(LOOK_AT_MEMORY_EVERY * 1000 if wards else None)}
        if 0 in ready and not os.read(0, 1):
            break
        for watched in set(wards.values()):
            watched.look(waiting)
        for fd in ready & wards.keys():
            ward = wards.get(fd)  # the other descriptor may have been ready too
            if ward is not None and fd == ward.process:
                del wards[ward.connection.fileno()], wards[fd]
                ward.bury(waiting, warm)
            elif ward is not None:
                ward.end(waiting)
        if listener.fileno() in ready:
            number += 1
            connection, _ = listener.accept()
            ward = admit(connection, number, warm, own_processes)
            wards[connection.fileno()] = wards[ward.process] = ward
            waiting.register(connection, select.POLLRDHUP | select.POLLHUP)
            waiting.register(ward.process, select.POLLIN)
    for left in set(wards.values()):
        left.bury(waiting, warm)


def somewhere() -> int:
    """The number from which student processes count on. By it they get their users, whose threads the kernel counts
    together: two warm processes that both began with the first one would share them."""
    return int.from_bytes(os.urandom(4))


@dataclass(eq=False)
class Ward:
    """A student process over which the warm process itself stands guard."""

    connection: socket.socket
    pid: int
    process: int
    """Its file descriptor, which can be read from once it has ended."""
    watch: Watch
    ended: bool = False
    over: str = ""
    """Which bound it has passed."""

    def look(self, waiting: select.poll) -> None:
        """End it where it has passed a bound."""
        if not self.ended and (over := self.watch.look()):
            self.over = over
            self.end(waiting)

    def end(self, waiting: select.poll) -> None:
        """Kill it; the kernel ends with it whatever it has started."""
        if not self.ended:
            self.ended = True
            waiting.unregister(self.connection)
            os.kill(self.pid, signal.SIGKILL)

    def bury(self, waiting: select.poll, warm: Warm) -> None:
        """Take its exit code, tell the judge, and forget it."""
        self.end(waiting)
        waiting.unregister(self.process)
        report(self.connection, self.pid, warm.limits, self.over)
        self.watch.close()
        os.close(self.process)
        self.connection.close()


def admit(connection: socket.socket, number: int, warm: Warm, own_processes: int) -> Ward:
    """Fork a student process, the first one of a process namespace of its own."""
    room = Room(wall.SCRATCH, warm.setting.user(number))
    kernel.unshare(kernel.CLONE_NEWPID)
    pid = os.fork()
    if pid == 0:
        try:
            os.close(warm.ending)
            kernel.unshare(kernel.CLONE_NEWNS)
            lock_in_and_serve(connection, warm.going_on, room, warm)
        finally:
            os._exit(1)
    # A process can leave its children a new namespace only from its own.
    kernel.enter(own_processes, kernel.CLONE_NEWPID)
    process = os.pidfd_open(pid)
    return Ward(connection, pid, process, Watch(process, warm.limits))


def serve_rooms(listener: socket.socket, warm: Warm) -> None:
    """Fork a guard for each connection, which forks the student process, until standard input closes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    number = somewhere()
    while True:
        ready, _, _ = select.select([listener.fileno(), 0], [], [])
        if 0 in ready and not os.read(0, 1):
            break
        if listener.fileno() in ready:
            number += 1
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                os.close(warm.ending)
                guard(connection, number, warm)
            connection.close()
    os.close(warm.ending)
    with contextlib.suppress(ChildProcessError):
        os.wait()  # as its children are not waited for, this ends when all of them have
    shutil.rmtree(warm.folder, ignore_errors=True)


def make_rooms(folder: str, setting: Setting) -> str:
    """Make the folder for scratch folders below `folder`, and that of the warm process, which is returned."""
    passable = 0o711 if setting.own_users else 0o700
    os.chmod(folder, passable)
    os.mkdir(f"{folder}/rooms", passable)
    os.chmod(f"{folder}/rooms", passable)
    os.mkdir(f"{folder}/warm", 0o700)
    return f"{folder}/warm"


def guard(connection: socket.socket, number: int, warm: Warm) -> None:
    """Stand guard over one student process where there is no house: it may fill its scratch folder, too."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    setting = warm.setting
    room = Room(f"{warm.folder}/rooms/{number}", setting.user(number))
    os.mkdir(room.scratch, 0o700)
    start, begin = os.pipe()
    student = os.fork()
    if student == 0:
        os.close(begin)
        if os.read(start, 1):  # else the guard has ended before it was ready
            lock_in_and_serve(connection, warm.going_on, room, warm)
        os._exit(0)
    if setting.own_users:
        # The student's user may look into its /proc; root may not, where a container leaves it few capabilities.
        os.chown(room.scratch, room.uid, room.uid)
        os.setegid(room.uid)
        os.seteuid(room.uid)
    process = os.pidfd_open(student)
    watch = ScratchWatch(process, student, warm.limits, room.scratch)
    os.write(begin, b"!")
    over = watch_over(process, connection, warm.going_on, watch)
    os.kill(student, signal.SIGKILL)
    report(connection, student, warm.limits, over)
    if setting.own_users:
        os.seteuid(0)
        os.setegid(0)
    clear(room.scratch)
    os._exit(0)


def report(connection: socket.socket, student: int, limits: Limits, over: str = "") -> None:
    """Wait for a student process that ends or has ended, and tell the judge how, and which bound it has passed."""
    _, status, used = os.wait4(student, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL and used.ru_utime + used.ru_stime > 0.5 * limits.cpu_seconds:
        code = -signal.SIGXCPU  # the first process of a namespace is only ever killed; the kernel counts in ticks
    with contextlib.suppress(protocol.ProtocolError):
        protocol.send(connection.fileno(), {"ended": code, "over": over}, [], None)


def watch_over(process: int, connection: socket.socket, going_on: int, watch: Watch) -> str:
    """Wait until the student process has ended or must end. Returns which bound it passed; empty for none."""
    poll = select.poll()
    poll.register(process, select.POLLIN)
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


def lock_in_and_serve(connection: socket.socket, going_on: int, room: Room, warm: Warm) -> None:
    """Become the student process: keep one file descriptor, lock the room, then obey the judge."""
    try:
        kernel.prctl(seccomp.PR_SET_PDEATHSIG, signal.SIGKILL)
        if select.select([going_on], [], [], 0)[0]:
            return  # the warm process has ended before it could take this one along
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
