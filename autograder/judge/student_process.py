"""The judge's end of the pipe: start a warm process, get a walled student process from it, and talk to that."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from ..checking.failed import Interrupted
from ..walled import protocol
from ..walled.limits import Limits
from ..walled.protocol import Decoder, Encoder, Message

NUMPY = ("numpy", "numpy.random", "numpy.testing", "matplotlib.pyplot", "IPython")
TENSORFLOW = (*NUMPY, "tensorflow", "keras", "keras.src.backend.tensorflow.trainer")
ZYGOTE = Path(__file__).parent.parent / "walled" / "zygote.py"
FOLDER = "autograder-"
"""How the name of a warm process's folder begins, in the folder for temporary files."""
START_TIMEOUT = 120.0
WALL = ("namespaces", "landlock", "seccomp")
"""Those layers of the wall that a machine may lack."""
WITHOUT_NAMESPACES = "AUTOGRADER_WITHOUT_NAMESPACES"
"""The environment variable that does without namespaces where there are some, for all that do not say."""


@dataclass
class StudentError(Exception):
    """The student's code raised. `lines` are (cell, line number, code), innermost last."""

    name: str
    text: str
    lines: tuple[tuple[str, int, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.text}" if self.text else self.name


class StudentProcessEnded(Interrupted):
    """The student process is gone. The message is for the student and says why."""


def seconds(time: float) -> str:
    """A time in words; less than a second is called one."""
    whole = max(1, round(time))
    return f"{whole} second{'' if whole == 1 else 's'}"


class Zygote:
    """A warm process that has imported `modules`. Use as a context manager.

    `namespaces=False` does without namespaces where there are some, as on a machine that has none.
    """

    def __init__(
        self, modules: tuple[str, ...] = NUMPY, limits: Limits | None = None, *, namespaces: bool | None = None
    ) -> None:
        if namespaces is None:
            namespaces = not os.environ.get(WITHOUT_NAMESPACES)
        sweep()
        self._folder = tempfile.mkdtemp(prefix=FOLDER)
        self.address = os.path.join(self._folder, "socket")
        ground = os.path.join(self._folder, "house")
        lock = _lock(self._folder)
        os.mkdir(ground)  # from now on it counts as left behind once nobody holds the lock
        environment = {
            "PATH": "/usr/bin:/bin",
            "USER": "student",
            "LANG": "C.UTF-8",
            "MPLBACKEND": "Agg",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_ENABLE_ONEDNN_OPTS": "0",
            "CUDA_VISIBLE_DEVICES": "",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, "-I", str(ZYGOTE), self.address, ground, str(lock), str(int(namespaces))]
        command += [json.dumps(asdict(limits or Limits())), *modules]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed by close()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            env=environment,
            cwd="/",
            pass_fds=(lock,),
        )
        os.close(lock)

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def check(self) -> None:
        """Raise NoWarmProcess, with what it printed, where the warm process is gone."""
        if self._process.poll() is not None:
            self._log.seek(0)
            said = self._log.read().decode(errors="replace")[-2000:]
            raise NoWarmProcess(f"the warm process ended with code {self._process.returncode}:\n{said}")

    def close(self) -> None:
        """End the warm process and every student process it made."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        began = time.monotonic()
        while not _remove_if_left(self._folder) and time.monotonic() - began < 5:
            time.sleep(0.01)  # its guards are cleaning up

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def sweep() -> None:
    """Remove what warm processes of this user have left behind that were killed together with their judges."""
    for path in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        try:
            known = path.is_dir() and not path.is_symlink() and path.stat().st_uid == os.geteuid()
        except OSError:
            continue
        if known and (path / "house").exists() and (path / "lock").exists():
            _remove_if_left(str(path))


def _lock(folder: str) -> int:
    """An open, locked file in `folder`; the lock lasts until every process that inherits it has ended."""
    lock = os.open(os.path.join(folder, "lock"), os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def _remove_if_left(folder: str) -> bool:
    """Remove the folder of a warm process that has ended with all its guards. Returns whether it is gone."""
    if not os.path.exists(folder):
        return True
    try:
        lock = _lock(folder)
    except OSError:
        return False
    for parent, folders, _ in os.walk(folder):
        for name in folders:
            if not os.path.islink(path := os.path.join(parent, name)):
                os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)
    return True


class NoWarmProcess(Exception):
    """The warm process is gone, or never came."""


def connect(address: str) -> socket.socket:
    """Connect to the warm process at `address`, waiting until it is there."""
    began = time.monotonic()
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(address)
            return connection
        except (FileNotFoundError, ConnectionRefusedError, BlockingIOError) as error:
            connection.close()
            # It listens from its first moment on: a refusal means that it is gone, not that it is still importing.
            patience = 2.0 if isinstance(error, ConnectionRefusedError) else START_TIMEOUT / 4
            if time.monotonic() - began > patience:
                raise NoWarmProcess(f"no warm process answers at {address}") from None
            time.sleep(0.01)


@dataclass(frozen=True)
class Handle:
    """A student object that stayed in the student process. Never equal to anything but itself."""

    number: int
    type: str
    callable: bool


@dataclass
class Called:
    """What a call of a student function gave."""

    value: Any
    changed: tuple[int, ...] = ()
    """Positions of the arguments that the function changed in place."""


@dataclass
class StudentProcess:
    """One walled process that runs one student's cells. Not reused: a fresh one for every notebook."""

    connection: socket.socket
    layers: Message = field(default_factory=dict)
    output: str = ""
    """What the last request printed."""
    _functions: dict[str, Handle] = field(default_factory=dict)
    """Those that came with the last cell. They hold until student code runs again."""

    @classmethod
    def start(cls, address: str, promised: Message | None = None) -> StudentProcess:
        """Ask the warm process at `address` for a new student process and wait for it to be locked in.

        Raises NoWarmProcess where it is locked in by less than the layers `promised`.
        """
        student = cls(connect(address))
        student.connection.setblocking(False)
        try:
            reply, _ = student._receive(time.monotonic() + START_TIMEOUT)
        except protocol.ProtocolError:
            reply = {}
        if "layers" not in reply:
            student.close()
            raise NoWarmProcess("a student process did not start: run `python -m autograder doctor`")
        student.layers = reply["layers"]
        if lacks := [name for name in WALL if (promised or {}).get(name) and not student.layers.get(name)]:
            student.close()
            raise NoWarmProcess(
                f"student code was to be walled in by {' and '.join(lacks)}, and here it is not: run "
                "`python -m autograder doctor` on the machine that marks"
            )
        return student

    def close(self) -> None:
        """Hang up; the guard ends the process."""
        self.connection.close()

    def run(self, source: str, label: str, timeout: float, then: Iterable[str] = ()) -> None:
        """Run a cell; raise StudentError or StudentProcessEnded.

        `then` names what will be asked for next: functions come along with the reply, and `get` need not ask.
        """
        request = {"op": "run", "source": source, "label": label, "then": [*then]}
        told = self._request(request, Encoder(_no_handles), timeout)[0].get("functions")
        for name, node in told.items() if isinstance(told, dict) else ():
            with suppress(protocol.ProtocolError):
                if name in request["then"] and isinstance(value := _decode(node, b""), Handle):
                    self._functions[name] = value

    def has(self, name: str, timeout: float) -> bool:
        """Whether the student's notebook defines `name`."""
        return not self._request({"op": "get", "name": name}, Encoder(_no_handles), timeout)[0].get("missing")

    def get(self, name: str, timeout: float) -> Any:
        """The value of a student variable: plain data, or a Handle. Raises NameError where there is none."""
        if name in self._functions:
            return self._functions[name]
        reply, raw = self._request({"op": "get", "name": name}, Encoder(_no_handles), timeout)
        if reply.get("missing"):
            raise NameError(f"name '{name}' is not defined", name=name)
        return _decode(reply.get("value"), raw)

    def attribute(self, target: Handle, name: str, timeout: float) -> Any:
        """An attribute of a student object."""
        reply, raw = self._request({"op": "attribute", "target": _node(target), "name": name}, None, timeout)
        return _decode(reply.get("value"), raw)

    def item(self, target: Handle, key: object, timeout: float) -> Any:
        """An item of a student object."""
        encoder = Encoder(_handle_node)
        request = {"op": "item", "target": _node(target), "key": encoder.node(key)}
        reply, raw = self._request(request, encoder, timeout)
        return _decode(reply.get("value"), raw)

    def call(self, target: Handle, args: tuple[Any, ...], kwargs: dict[str, Any], timeout: float) -> Called:
        """Call a student function with plain data or Handles."""
        encoder = Encoder(_handle_node)
        request = {
            "op": "call",
            "target": _node(target),
            "args": [encoder.node(value) for value in args],
            "kwargs": {name: encoder.node(value) for name, value in kwargs.items()},
        }
        reply, raw = self._request(request, encoder, timeout)
        return _called(reply, Decoder(raw, _make_handle))

    def call_all(self, target: Handle, cases: list[tuple[Any, ...]], timeout: float) -> list[Called | StudentError]:
        """Call a student function once for each of `cases`, in one request; each ends by itself."""
        encoder = Encoder(_handle_node)
        nodes = [[encoder.node(value) for value in args] for args in cases]
        reply, raw = self._request({"op": "calls", "target": _node(target), "cases": nodes}, encoder, timeout)
        told, decoder = reply.get("results"), Decoder(raw, _make_handle)
        if not isinstance(told, list) or len(told) != len(cases):
            self.close()
            raise StudentProcessEnded("What it gave back could not be read: not a result for each call.")
        outcomes: list[Called | StudentError] = []
        for one in told:
            said = one if isinstance(one, dict) else {}
            outcomes.append(_student_error(said["error"]) if "error" in said else _called(said, decoder))
        return outcomes

    def _request(self, request: Message, encoder: Encoder | None, timeout: float) -> tuple[Message, bytes]:
        deadline = time.monotonic() + timeout
        if request["op"] != "get":
            self._functions = {}
        try:
            protocol.send(self.connection.fileno(), request, encoder.arrays if encoder else [], deadline)
            reply, raw = self._receive(deadline)
        except protocol.Deadline:
            self.close()
            raise StudentProcessEnded(
                f"It had not finished after {seconds(timeout)} and was stopped. Look for a loop that never ends."
            ) from None
        except protocol.Closed:
            self.close()
            raise StudentProcessEnded("The Python process ended.") from None
        except protocol.ProtocolError as error:
            self.close()
            raise StudentProcessEnded(f"What it gave back could not be read: {error}.") from None
        if "ended" in reply:
            self.close()
            raise StudentProcessEnded(OVER.get(_text(reply.get("over"), 20)) or _why_ended(reply["ended"]))
        self.output = _text(reply.get("output"), 20_000)
        if "error" in reply:
            raise _student_error(reply["error"])
        return reply, raw

    def _receive(self, deadline: float) -> tuple[Message, bytes]:
        return protocol.receive(self.connection.fileno(), deadline)


def _called(said: Message, decoder: Decoder) -> Called:
    """What one call gave, from what the other side said of it."""
    changed = said.get("changed")
    positions = {n for n in changed if isinstance(n, int) and n >= 0} if isinstance(changed, list) else ()
    return Called(decoder.value(said.get("value")), tuple(sorted(positions)))


def _text(value: object, size: int) -> str:
    return value[:size].encode("utf-8", "replace").decode() if isinstance(value, str) else ""


UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that steer a terminal, or have a line read in another order than it is written."""
COLOUR = re.compile("\x1b\\[[0-9;]*m")
"""What colours a terminal: TensorFlow has it in its errors."""


def _seen(value: object, size: int) -> str:
    return UNSEEN.sub("\N{REPLACEMENT CHARACTER}", COLOUR.sub("", _text(value, size)))


def _student_error(said: object) -> StudentError:
    """A StudentError from what the other side said, whatever that was."""
    if not isinstance(said, dict):
        return StudentError("Error", "")
    lines = []
    told = said.get("lines")
    for line in told if isinstance(told, list) else []:
        if isinstance(line, list) and len(line) == 3 and isinstance(line[1], int):
            lines.append((_seen(line[0], 200), line[1], _seen(line[2], 200)))
    return StudentError(_seen(said.get("name"), 80) or "Error", _seen(said.get("text"), 2000), tuple(lines[-8:]))


OVER = {
    "memory": "It used more memory than a notebook may have, and was stopped.",
    "bytes": f"It filled its scratch folder: a notebook may keep {Limits.scratch_mib} MiB there. It was stopped.",
    "files": f"It filled its scratch folder: a notebook may keep {Limits.scratch_files} files there. It was stopped.",
    "folders": "It made folders in its scratch folder that are too deep or that nobody may read, and was stopped.",
    "threads": "It started more threads than a notebook may have, and was stopped.",
}
"""What is said to a student by the bound that the guard found passed."""


def _why_ended(code: object) -> str:
    match code:
        case -9:
            return "The Python process was killed, most likely for using too much memory."
        case -24:
            return "It used all the processor time that one notebook may use, and was stopped."
        case int() if code < 0:
            return f"The Python process crashed (signal {-code})."
        case _:
            return "The Python process ended. Calls like os._exit() or quit() have no place in a notebook."


def _node(handle: Handle) -> Message:
    return {"t": "handle", "v": handle.number}


def _no_handles(value: object) -> Message:
    raise TypeError(f"a graded cell can send plain data only, no {type(value).__name__}")


def _handle_node(value: object) -> Message:
    return _node(value) if isinstance(value, Handle) else _no_handles(value)


def _make_handle(node: Message) -> Handle:
    return Handle(int(node["v"]), _seen(node.get("type"), 80), bool(node.get("callable")))


def _decode(node: Any, raw: bytes) -> Any:
    return Decoder(raw, _make_handle).value(node)
