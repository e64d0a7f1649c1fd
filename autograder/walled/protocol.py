"""The one pipe between judge and student process: plain data only, as JSON and raw arrays, never pickle.

A frame is two big-endian 32-bit lengths, then a JSON document, then the bytes of its arrays one after the
other. Both sides use the same codec. The judge trusts nothing it reads: sizes, depth and dtypes are bounded,
and whatever breaks a rule is a `ProtocolError`, never code that runs.
"""

from __future__ import annotations

import base64
import json
import math
import os
import select
import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np

HEADER = struct.Struct(">II")
MAX_JSON = 4 << 20
MAX_ARRAYS = 8 << 20
MAX_DEPTH = 40
MAX_NODES = 200_000
MAX_INT_BITS = 8_192
MAX_ALIKE = 100
"""Keys of one dictionary that have the hash of another: who knows how hashes are made can have all of them alike."""
NUMERIC = frozenset("biufc")
NATIVE = {np.dtype(kind): np.dtype(kind).str for kind in (bool, np.int32, np.int64, np.float32, np.float64)}
"""The kinds of numbers that arrays have as a rule, in this machine's byte order, and how a node names them."""
NAMED = {name: dtype for dtype, name in NATIVE.items()}

Message = dict[str, Any]

_as_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode  # made once: in half of dumps's time


class ProtocolError(Exception):
    """What came over the pipe is not what the protocol allows."""


class Closed(ProtocolError):
    """The other side is gone."""


class Deadline(ProtocolError):
    """The other side did not answer in time."""


def read_exactly(fd: int, size: int, deadline: float | None) -> bytes:
    """Read `size` bytes from `fd`, or raise `Closed` or `Deadline` (a `time.monotonic` value; `fd` must not block)."""
    parts: list[bytes] = []
    missing = size
    while missing:
        try:
            part = os.read(fd, min(missing, 1 << 20))
        except BlockingIOError:
            _wait(fd, select.POLLIN, deadline)
            continue
        except OSError as error:
            raise Closed from error
        if not part:
            raise Closed
        parts.append(part)
        missing -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def write_all(fd: int, data: bytes, deadline: float | None) -> None:
    """Write all of `data`. A peer that stops reading costs its deadline, never the writer's patience."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view[: 1 << 16]) :]
        except BlockingIOError:
            _wait(fd, select.POLLOUT, deadline)
        except OSError as error:
            raise Closed from error


def _wait(fd: int, event: int, deadline: float | None) -> None:
    """Wait until there is something to read, or room to write."""
    poll = select.poll()
    poll.register(fd, event)
    left = None if deadline is None else (deadline - time.monotonic()) * 1000
    if (left is not None and left <= 0) or not poll.poll(left):
        raise Deadline


def send(fd: int, message: Message, arrays: list[np.ndarray], deadline: float | None = None) -> None:
    """Send one frame."""
    body = _as_json(message).encode("ascii")
    raw = b"".join(array.tobytes() for array in arrays)
    if len(body) > MAX_JSON or len(raw) > MAX_ARRAYS:
        raise ProtocolError("the value is too large to send")
    write_all(fd, HEADER.pack(len(body), len(raw)) + body + raw, deadline)


def receive(fd: int, deadline: float | None = None) -> tuple[Message, bytes]:
    """Receive one frame: the JSON document and the bytes of its arrays."""
    json_size, raw_size = HEADER.unpack(read_exactly(fd, HEADER.size, deadline))
    if json_size > MAX_JSON or raw_size > MAX_ARRAYS:
        raise ProtocolError("the value is too large to receive")
    frame = read_exactly(fd, json_size + raw_size, deadline)
    body, raw = frame[:json_size], frame[json_size:]
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("not JSON") from error
    if not isinstance(message, dict):
        raise ProtocolError("not a message")
    return message, raw


class Encoder:
    """Turns values into JSON nodes and a list of arrays; what is not plain data becomes a handle."""

    def __init__(self, handle: Callable[[object], Message]) -> None:
        self.arrays: list[np.ndarray] = []
        self._handle = handle
        self._nodes = 0

    def node(self, value: Any, depth: int = 0) -> Any:
        """The JSON node of `value`. An instance of a subclass counts as what it is a kind of: a namedtuple as a tuple.

        Only the plain type's own methods read it, so none of a subclass's code runs and it cannot lie about its parts.
        """
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise ProtocolError("the value is nested too deeply or has too many parts")
        kind = type(value)
        if kind is np.ndarray and value.dtype in NATIVE and value.flags.c_contiguous:  # nearly all that is sent
            self.arrays.append(value)
            return {"t": "array", "d": NATIVE[value.dtype], "s": value.shape}
        if value is None or kind in (bool, float, str):
            return value
        if issubclass(kind, np.generic) and value.dtype.kind in NUMERIC:
            return self._array(np.asarray(value), "scalar")  # before float: np.float64 is a kind of that, too
        if issubclass(kind, np.ndarray) and not issubclass(kind, np.ma.MaskedArray):  # whose data are not all meant
            array: np.ndarray = np.ndarray.view(value, np.ndarray)
            if array.dtype.kind in NUMERIC:
                return self._array(array, "array")
            return self._handle(value)
        if issubclass(kind, str):
            return str.__str__(value)
        if issubclass(kind, int):
            return self._int(int.__int__(value))
        if issubclass(kind, float):
            return float.__float__(value)
        if issubclass(kind, complex):
            return {"t": "complex", "v": [complex.real.__get__(value), complex.imag.__get__(value)]}
        if kind is bytes:
            return {"t": "bytes", "v": base64.b64encode(value).decode()}
        for plain in (list, tuple):
            if issubclass(kind, plain):
                parts = [self.node(item, depth + 1) for item in plain.__iter__(value)]
                return {"t": plain.__name__, "v": parts}
        if issubclass(kind, dict):
            items = dict.items(value)
            return {"t": "dict", "v": [[self.node(key, depth + 1), self.node(item, depth + 1)] for key, item in items]}
        return self._handle(value)

    @staticmethod
    def _int(value: int) -> Any:
        if -(2**63) <= value < 2**63:
            return value
        if value.bit_length() > MAX_INT_BITS:
            raise ProtocolError("a whole number is too long")
        return {"t": "int", "v": hex(value)}

    def _array(self, array: np.ndarray, tag: str) -> Message:
        native = np.ascontiguousarray(array, array.dtype.newbyteorder("=")).reshape(array.shape)
        self.arrays.append(native)
        return {"t": tag, "d": native.dtype.str, "s": list(array.shape)}


class Decoder:
    """Turns JSON nodes and array bytes back into values, and refuses whatever breaks the rules."""

    def __init__(self, raw: bytes, handle: Callable[[Message], object]) -> None:
        self._raw = raw
        self._at = 0
        self._handle = handle
        self._nodes = 0

    def value(self, node: Any, depth: int = 0) -> Any:
        """The value of a JSON node."""
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise ProtocolError("the value is nested too deeply or has too many parts")
        if isinstance(node, str):
            # A lone surrogate cannot be written to a file or a database later on.
            return node.encode("utf-8", "replace").decode("utf-8")
        if node is None or isinstance(node, bool | int | float):
            return node
        if not isinstance(node, dict):
            raise ProtocolError("unknown node")
        try:
            if node.get("t") == "array":  # nearly all that is sent
                return self._array(node, "array")
            return self._tagged(node, depth)
        except ProtocolError:
            raise
        except Exception as error:
            raise ProtocolError("malformed node") from error

    def _tagged(self, node: Message, depth: int) -> Any:
        tag, body = node.get("t"), node.get("v")
        match tag:
            case "list":
                return [self.value(item, depth + 1) for item in body or []]
            case "tuple":
                return tuple(self.value(item, depth + 1) for item in body or [])
            case "dict":
                pairs = [(self.value(key, depth + 1), self.value(item, depth + 1)) for key, item in body or []]
                if len(pairs) - len({hash(key) for key, _ in pairs}) > MAX_ALIKE:
                    raise ProtocolError("too many keys of a dictionary are alike")
                return dict(pairs)
            case "int":
                return int(str(body)[: MAX_INT_BITS // 4 + 3], 16)
            case "complex":
                real, imaginary = map(float, body or [])
                return complex(real, imaginary)
            case "bytes":
                return base64.b64decode(str(body))
            case "scalar":
                return self._array(node, tag)
            case "handle":
                return self._handle(node)
        raise ProtocolError("unknown node")

    def _array(self, node: Message, tag: str) -> Any:
        name = node["d"]
        dtype = (NAMED.get(name) if type(name) is str else None) or np.dtype(str(name))
        shape = tuple(map(int, node["s"]))
        if dtype.kind not in NUMERIC or len(shape) > 16 or min(shape, default=0) < 0:
            raise ProtocolError("not a numeric array")
        size = math.prod(shape) * dtype.itemsize
        # One without entries has no bytes, and a sum along its empty axis may have any number of them.
        widest = size or math.prod(max(length, 1) for length in shape) * dtype.itemsize
        if self._at + size > len(self._raw) or widest > MAX_ARRAYS:
            raise ProtocolError("an array is larger than its bytes")
        array = np.ndarray(shape, dtype, self._raw, self._at).copy() if size else np.empty(shape, dtype)
        self._at += size
        return array[()] if tag == "scalar" and shape == () else array
