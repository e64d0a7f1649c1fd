"""The student process at work: runs cells in a plain IPython shell and answers the judge's questions about names."""

from __future__ import annotations

import io
import linecache
import re
import sys
import threading
import traceback
from types import CodeType, FunctionType
from typing import Any

import numpy as np
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from . import protocol
from .arguments import copied, unchanged
from .protocol import Decoder, Encoder, Message

MAX_OUTPUT = 20_000
MAX_TEXT = 2_000
MAX_FRAMES = 8
WITH_THE_CELL = ("pre_run_cell", "post_run_cell")
"""The events of IPython whose hooks are told of the cell itself."""
THREAD_STACK = 1 << 20
WARM_UP = """
import matplotlib.pyplot as plt
plt.figure()
plt.plot([0, 1], "o-", label="a")
plt.xlabel("x")
plt.title("a")
plt.legend()
plt.show()
plt.close("all")
"""


class Muted(DisplayPublisher):
    """Rich output (HTML, JavaScript, widgets) goes nowhere: nothing a student prints shall reach a browser."""

    def publish(self, *arguments: Any, **keywords: Any) -> None:
        """Drop it."""


class Shell(InteractiveShell):
    """An IPython shell without history, colours, tracebacks on the screen or GUI event loops."""

    def init_display_pub(self) -> None:
        self.display_pub = Muted(parent=self, shell=self)  # type: ignore[no-untyped-call]

    def showtraceback(self, *arguments: Any, **keywords: Any) -> None:
        """`describe` tells the judge what went wrong."""

    def showsyntaxerror(self, *arguments: Any, **keywords: Any) -> None:
        """`describe` tells the judge what went wrong."""

    def system(self, cmd: str) -> None:
        """`!pip install numpy`: there is no other program here. In Jupyter too a command that fails stops no cell."""
        print(f"There are no other programs here, so this was not run: {cmd}")
        self.user_ns["_exit_code"] = 1

    def getoutput(self, cmd: str, *arguments: Any, **keywords: Any) -> list[str]:
        """`files = !ls`: nothing, as from a command that is not there."""
        self.system(cmd)
        return []

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no screen."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str | None, str]:
        """Draw off screen whatever `%matplotlib` asks for, and render nothing."""
        return None, "agg"


class Output(io.StringIO):
    """Printed text, up to a bound: endless output fills no memory."""

    def write(self, text: str) -> int:
        """Keep what fits."""
        room = MAX_OUTPUT - self.tell()
        if room > 0:
            super().write(str(text)[:room])
        return len(text)


def make_shell() -> Shell:
    """The shell, made once in the warm process and inherited by every child."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell: Shell = Shell.instance(config=config)
    # With the usual 8 MiB each, threads that are left running take all the memory that the answers need.
    threading.stack_size(THREAD_STACK)
    return shell


def warm_up(shell: Shell) -> None:
    """Draw a figure before any fork, so that fonts, backend and IPython's own caches are found, not made, by children.

    Only for what has no threads: never anything of TensorFlow. No name stays behind.
    """
    kept = dict(shell.user_ns)
    run_cell(shell, WARM_UP, "", {})
    shell.user_ns.clear()
    shell.user_ns.update(kept)


class Objects:
    """Student objects that stay here; the judge holds numbers for them."""

    def __init__(self) -> None:
        self._kept: dict[int, object] = {}

    def keep(self, value: object) -> Message:
        """The handle by which the judge may ask for `value` again."""
        number = len(self._kept) + 1
        self._kept[number] = value
        kind = type(value)
        name = f"{kind.__name__} of {value.dtype}" if isinstance(value, np.ndarray) else kind.__name__
        return {"t": "handle", "v": number, "type": name[:80], "callable": callable(value)}

    def get(self, node: Message) -> object:
        """The object of a handle."""
        return self._kept[node["v"]]


def serve(pipe: int, shell: Shell) -> None:
    """Answer the judge's requests one by one until it hangs up."""
    objects = Objects()
    cells: dict[int, str] = {}
    while True:
        try:
            request, raw = protocol.receive(pipe)
        except protocol.Closed:
            return
        output = Output()
        stdout, stderr = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = output
        encoder = Encoder(objects.keep)
        try:
            reply = answer(request, Decoder(raw, objects.get), encoder, shell, cells)
        except BaseException as error:
            encoder = Encoder(objects.keep)
            reply = {"error": describe(error, cells)}
        finally:
            sys.stdout, sys.stderr = stdout, stderr
        reply["output"] = output.getvalue()
        try:
            protocol.send(pipe, reply, encoder.arrays)
        except protocol.Closed:
            return
        except protocol.ProtocolError as error:
            protocol.send(pipe, {"error": {"name": "TooLarge", "text": str(error), "lines": []}}, [])


def answer(request: Message, decoder: Decoder, encoder: Encoder, shell: Shell, cells: dict[int, str]) -> Message:
    """Do what one request asks and return the reply."""
    match request["op"]:
        case "run":
            reply = run_cell(shell, request["source"], request["label"], cells)
            found = {name: shell.user_ns.get(name) for name in request["then"]}
            functions = {name: value for name, value in found.items() if type(value) is FunctionType}
            return reply | {"functions": {name: encoder.node(value) for name, value in functions.items()}}
        case "get":
            if request["name"] not in shell.user_ns:
                return {"missing": True}
            return {"value": encoder.node(plain(shell.user_ns[request["name"]]))}
        case "attribute":
            return {"value": encoder.node(plain(getattr(decoder.value(request["target"]), request["name"])))}
        case "item":
            target, key = decoder.value(request["target"]), decoder.value(request["key"])
            return {"value": encoder.node(plain(target[key]))}
        case "call":
            arguments = [decoder.value(node) for node in request["args"]]
            keywords = {name: decoder.value(node) for name, node in request["kwargs"].items()}
            return call(decoder.value(request["target"]), arguments, keywords, encoder)
        case "calls":
            function = decoder.value(request["target"])
            cases = [[decoder.value(node) for node in nodes] for nodes in request["cases"]]
            return {"results": [called(function, arguments, encoder, cells) for arguments in cases]}
    raise ValueError("unknown request")


def called(function: Any, arguments: list[Any], encoder: Encoder, cells: dict[int, str]) -> Message:
    """Call a student function with one case of many: an error ends this case alone."""
    sent = len(encoder.arrays)
    try:
        said = call(function, arguments, {}, encoder)
        if sum(array.nbytes for array in encoder.arrays) > protocol.MAX_ARRAYS:
            raise protocol.ProtocolError("the value is too large to send")
        # The next case may write into what this one returned.
        encoder.arrays[sent:] = [array.copy() for array in encoder.arrays[sent:]]
        return said
    except BaseException as error:
        del encoder.arrays[sent:]
        return {"error": describe(error, cells)}


def call(function: Any, arguments: list[Any], keywords: dict[str, Any], encoder: Encoder) -> Message:
    """Call a student function; tell which of its arguments it changed in place."""
    before = [copied(value) for value in arguments]
    result = function(*arguments, **keywords)
    pairs = enumerate(zip(before, arguments, strict=True))
    changed = [number for number, (old, new) in pairs if not unchanged(old, new)]
    return {"value": encoder.node(plain(result)), "changed": changed}


def plain(value: object) -> object:
    """A TensorFlow tensor or Keras variable as the NumPy array it holds; anything else as it is."""
    module = type(value).__module__ or ""
    if module.partition(".")[0] in ("tensorflow", "keras") and hasattr(value, "numpy"):
        return np.asarray(value.numpy())
    if isinstance(value, tuple | list) and type(value) in (tuple, list):
        return type(value)(plain(item) for item in value)
    return value


def run_cell(shell: Shell, source: str, label: str, cells: dict[int, str]) -> Message:
    """Run one cell and say how it went."""
    number = len(cells) + 1
    cells[number] = label
    try:
        code = plain_python(shell, source, number)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a magic, an await, or no Python at all
        shell.execution_count = number
        result = shell.run_cell(source, store_history=False, silent=True)  # type: ignore[no-untyped-call]
        error = result.error_before_exec or result.error_in_exec
    else:
        error = None
        try:
            with shell.builtin_trap:
                shell.events.trigger("pre_execute")
                exec(code, shell.user_ns)
        except BaseException as stopped:
            error = stopped
        shell.events.trigger("post_execute")
    return {} if error is None else {"error": describe(error, cells)}


def plain_python(shell: Shell, source: str, number: int) -> CodeType:
    """A cell, compiled as IPython compiles it: under its name, and with what earlier cells imported from `__future__`.

    A cell that is Python as it stands means the same without IPython's own reading of it, which takes ten times as
    long. Raises SyntaxError for any other cell, and where the notebook has given IPython something to do of its own.
    """
    if (
        any(shell.events.callbacks[event] for event in WITH_THE_CELL)
        or shell.ast_transformers
        or shell.input_transformers_post
        or shell.custom_exceptions
    ):
        raise SyntaxError
    name = f"<ipython-input-{number}->"
    code: CodeType = shell.compile(source, name, "exec")  # at once: a tree of Python's objects takes as long again
    linecache.cache[name] = len(source), None, f"{source}\n".splitlines(keepends=True), name
    return code


def label_of(filename: str, cells: dict[int, str]) -> str:
    """The label of the cell that IPython compiled under `filename`; empty for a file that is no cell."""
    found = re.match(r"<ipython-input-(\d+)-", filename)
    return cells.get(int(found[1]), "") if found else ""


def describe(error: BaseException, cells: dict[int, str]) -> Message:
    """What a person needs to know of an error: its name, its text and the lines of student code it passed."""
    lines = []
    if isinstance(error, SyntaxError):
        lines.append([label_of(error.filename or "", cells), error.lineno or 0, (error.text or "").strip()[:200]])
    else:
        for frame in traceback.extract_tb(error.__traceback__):
            if label := label_of(frame.filename, cells):
                code = linecache.getline(frame.filename, frame.lineno or 0).strip()
                lines.append([label, frame.lineno or 0, code[:200]])
    try:
        text = str(error.msg if isinstance(error, SyntaxError) else error)
    except Exception:
        text = ""
    # IPython has Python 3.13 raise a SyntaxError of a kind of its own for a cell that breaks off.
    name = type(error).__name__.replace("_IncompleteInputError", "SyntaxError")
    return {"name": name[:80], "text": text[:MAX_TEXT], "lines": lines[-MAX_FRAMES:]}
