"""The warm process. It imports what notebooks import, then forks a walled student process for each connection.

It never runs a TensorFlow operation (afterwards a fork would be unsound), never imports a check, a reference or
a solution, and holds no database: a child inherits all that it holds. Run as
`python -I zygote.py SOCKET GROUND LIMITS_JSON MODULE...`; it ends when its standard input closes.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from pathlib import Path

if not __package__:
    # Started as a script in isolated mode. Only this folder is put on the path, and it is taken off again.
    sys.path.insert(0, str(Path(__file__).parent.parent))
    __package__ = "walled"
    importlib.import_module("walled")

from . import kernel, protocol, shell, wall
from .limits import Limits


def main(arguments: list[str]) -> None:
    """Build the house, import the modules, then serve connections until standard input closes."""
    address, ground, limits_json, *modules = arguments
    limits = Limits(**json.loads(limits_json))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    housed = wall.build_house(ground)
    scratch = wall.SCRATCH if housed else "/tmp"
    os.environ.update(HOME=scratch, MPLCONFIGDIR=f"{scratch}/matplotlib", IPYTHONDIR=f"{scratch}/ipython")
    sys.path[:] = [entry for entry in sys.path if entry != str(Path(__file__).parent.parent)]
    for name in modules:
        importlib.import_module(name)
    student_shell = shell.make_shell()
    shell.warm_up(student_shell)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    room = 0
    while True:
        ready, _, _ = select.select([listener.fileno(), 0], [], [])
        if 0 in ready and not os.read(0, 1):
            return
        if listener.fileno() in ready:
            room += 1
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                guard(connection, housed, room, limits, student_shell)
            connection.close()


def guard(connection: socket.socket, housed: bool, room: int, limits: Limits, student_shell: shell.Shell) -> None:
    """Stand between the walled process and the machine: end it when the judge hangs up, report how it ended."""
    die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if housed:
        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWPID)
    student = os.fork()
    if student == 0:
        lock_in_and_serve(connection, housed, room, limits, student_shell)
    ended = os.pidfd_open(student)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(connection, select.POLLRDHUP | select.POLLHUP)
    if ended not in dict(poll.poll()):
        os.kill(student, signal.SIGKILL)
    _, status, used = os.wait4(student, 0)
    try:
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGKILL and used.ru_utime + used.ru_stime > 0.8 * limits.cpu_seconds:
            code = -signal.SIGXCPU  # the first process of a namespace is only ever killed; the kernel counts in ticks
        protocol.send(connection.fileno(), {"ended": code}, [], None)
    except protocol.ProtocolError:
        pass
    if not housed:
        import shutil

        shutil.rmtree(f"/tmp/student-{student}", ignore_errors=True)
    os._exit(0)


def lock_in_and_serve(
    connection: socket.socket, housed: bool, room: int, limits: Limits, student_shell: shell.Shell
) -> None:
    """Become the student process: keep one file descriptor, lock the room, then obey the judge."""
    try:
        pipe = 3
        os.dup2(os.open("/dev/null", os.O_RDWR), 0)
        os.dup2(0, 1)
        os.dup2(0, 2)
        os.dup2(connection.fileno(), pipe)
        os.closerange(pipe + 1, 1 << 16)
        connection.detach()
        die_with_parent()
        layers = wall.lock_room(housed, room, limits)
        die_with_parent()  # changing the user cleared it
        protocol.send(pipe, {"layers": layers}, [])
        shell.serve(pipe, student_shell)
    finally:
        os._exit(0)


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends."""
    kernel.prctl(1, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
