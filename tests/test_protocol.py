"""The pipe: what is plain data comes over unchanged, everything else is a handle, and no bytes can do harm."""

from __future__ import annotations

import json
import math
import os
import time
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.judge.student_process import StudentProcess
from autograder.walled import protocol
from autograder.walled.protocol import Closed, Deadline, Decoder, Encoder, Message, ProtocolError


@dataclass(frozen=True)
class Kept:
    """What the decoder makes of a handle here."""

    number: Any


class Objects:
    """Numbers the objects that the encoder will not send."""

    def __init__(self) -> None:
        self.kept: list[object] = []

    def keep(self, value: object) -> Message:
        self.kept.append(value)
        return {"t": "handle", "v": len(self.kept) - 1}


def make_kept(node: Message) -> Kept:
    return Kept(node["v"])


def receive_bytes(data: bytes) -> tuple[Message, bytes]:
    """Receive one frame from `data`, after which the other side hangs up."""
    fd = os.memfd_create("frame")
    try:
        os.write(fd, data)
        os.lseek(fd, 0, os.SEEK_SET)
        return protocol.receive(fd)
    finally:
        os.close(fd)


def frame_of(value: object, objects: Objects | None = None) -> bytes:
    """The bytes that go over the pipe for `value`."""
    encoder = Encoder((objects or Objects()).keep)
    fd = os.memfd_create("frame")
    try:
        protocol.send(fd, {"value": encoder.node(value)}, encoder.arrays)
        return os.pread(fd, 1 << 27, 0)
    finally:
        os.close(fd)


def frame(body: bytes, raw: bytes = b"") -> bytes:
    return protocol.HEADER.pack(len(body), len(raw)) + body + raw


def decode_frame(data: bytes) -> Any:
    message, raw = receive_bytes(data)
    return Decoder(raw, make_kept).value(message.get("value"))


def round_trip(value: object, objects: Objects | None = None) -> Any:
    return decode_frame(frame_of(value, objects))


def decode(node: Any, raw: bytes = b"") -> Any:
    return Decoder(raw, make_kept).value(node)


def identical(a: Any, b: Any) -> bool:
    """The same types all the way down, and the same values, NaN equal to NaN and 0.0 unequal to -0.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if isinstance(a, complex):
        return identical(a.real, b.real) and identical(a.imag, b.imag)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(identical, a, b))
    if isinstance(a, dict):
        return identical(list(a), list(b)) and identical(list(a.values()), list(b.values()))
    if isinstance(a, np.ndarray | np.generic):
        native = a.dtype.newbyteorder("=")
        return b.dtype == native and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    return bool(a == b)


# --- plain data ---

KEYS = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.tuples(st.integers(), st.text(max_size=3))
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**63, max_value=2**4000)
    | st.integers(min_value=-(2**4000), max_value=-(2**63))
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.binary()
)
PLAIN = st.recursive(
    LEAVES,
    lambda parts: st.lists(parts) | st.lists(parts).map(tuple) | st.dictionaries(KEYS, parts),
    max_leaves=20,
)
DTYPES = (
    hnp.boolean_dtypes()
    | hnp.integer_dtypes(endianness="?")
    | hnp.unsigned_integer_dtypes(endianness="?")
    | hnp.floating_dtypes(endianness="?")
    | hnp.complex_number_dtypes(endianness="?")
    | st.just(np.dtype(np.longdouble))
)
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4))


@given(PLAIN)
def test_plain_data_comes_over_unchanged(value: object) -> None:
    assert identical(value, round_trip(value))


@given(ARRAYS)
def test_arrays_of_every_numeric_dtype_and_shape_come_over_unchanged(array: np.ndarray) -> None:
    assert identical(array, round_trip(array))


@given(ARRAYS, st.data())
def test_views_come_over_as_what_they_show(array: np.ndarray, data: st.DataObject) -> None:
    view = array[data.draw(hnp.basic_indices(array.shape))] if array.ndim else array
    assert identical(view, round_trip(view))
    assert identical(array.T, round_trip(array.T))


@given(st.lists(ARRAYS, max_size=4), PLAIN)
def test_several_arrays_in_one_value_do_not_mix(arrays: list[np.ndarray], plain: object) -> None:
    value = (arrays, plain, {"arrays": tuple(arrays)})
    assert identical(value, round_trip(value))


@given(hnp.arrays(DTYPES, ()))
def test_numpy_scalars_stay_scalars(array: np.ndarray) -> None:
    assert identical(array[()], round_trip(array[()]))


def test_a_received_array_is_a_copy_that_may_be_written() -> None:
    array = round_trip(np.arange(3.0))
    array[0] = 7.0
    assert array[0] == 7.0


def test_an_integer_that_is_too_long_is_refused_not_cut() -> None:
    with pytest.raises(ProtocolError):
        round_trip(10**10_000)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc80" * 3])
def test_lone_surrogates_become_harmless(text: str) -> None:
    for received in (round_trip(text), *round_trip({text: [text]})):
        received.encode("utf-8")
    assert round_trip({text: 1})


# --- handles ---


class SlyList(list[int]):
    def __eq__(self, other: object) -> bool:
        return True


class SlyInt(int):
    def __eq__(self, other: object) -> bool:
        return True


class SlyArray(np.ndarray):
    def __eq__(self, other: object) -> Any:
        return True


class SlyTuple(tuple):  # type: ignore[type-arg]
    def __iter__(self) -> Any:
        return iter("lie")


class Gate(IntEnum):
    FORGET = 2


class State(NamedTuple):
    h: int
    c: float


class SlyDict(dict[str, int]):
    def items(self) -> Any:
        return [("a", "a lie")]


class SlyStr(str):
    def __str__(self) -> str:
        return "a lie"


SUBCLASSES: list[tuple[Any, Any]] = [
    (SlyList([1]), [1]),
    (SlyInt(1), 1),
    (SlyStr("a"), "a"),
    (SlyDict(a=1), {"a": 1}),
    (np.zeros(2).view(SlyArray), np.zeros(2)),
    (np.matrix([[1.0, 2.0]]), np.array([[1.0, 2.0]])),
    (type("F", (float,), {"__float__": lambda self: 7.0})(1.0), 1.0),
    (type("C", (complex,), {})(1j), 1j),
    (SlyTuple([1]), (1,)),
    (State(1, 2.0), (1, 2.0)),
    (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    (defaultdict(int, a=1), {"a": 1}),
    (np.str_("B"), "B"),
    (Gate.FORGET, 2),
]
"""What a student may well return, and some that lie, each with the plain value that it is."""
NOT_NUMBERS = [
    np.array([object()]),
    np.array(["text"]),
    np.array([b"bytes"]),
    np.array(["2026-01-01"], dtype="M8[D]"),
    np.zeros(2, dtype=[("a", int)]),
    np.datetime64("2026-01-01"),
    np.ma.masked_array([1.0, 2.0], mask=[True, False]),
    np.rec.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
    type("B", (bytes,), {})(b"a"),
    object(),
    len,
    {1, 2},
    range(3),
]


@pytest.mark.parametrize(("value", "plain"), SUBCLASSES, ids=lambda value: type(value).__name__)
def test_an_instance_of_a_subclass_counts_as_what_it_is_a_kind_of(value: Any, plain: Any) -> None:
    received = round_trip(value, Objects())
    assert type(received) is type(plain)
    np.testing.assert_array_equal(received, plain)
    assert type(round_trip([value], Objects())[0]) is type(plain)


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=lambda value: type(value).__name__)
def test_whatever_is_not_plain_becomes_a_handle(value: object) -> None:
    objects = Objects()
    assert round_trip(value, objects) == Kept(0)
    assert objects.kept[0] is value
    assert round_trip([value, {"a": value}], Objects()) == [Kept(0), {"a": Kept(1)}]


def test_a_students_subclasses_arrive_as_plain_values(student: StudentProcess) -> None:
    student.run(
        "import numpy as np\n"
        "def sly(kind): return type('Sly', (kind,), {'__eq__': lambda self, other: True, '__hash__': None})\n"
        "a, b, c = sly(list)([1]), sly(int)(1), np.zeros(2).view(sly(np.ndarray))\n"
        "plain = [1, np.zeros(2)]",
        "cell",
        10,
    )
    assert [type(student.get(name, 10)) for name in "abc"] == [list, int, np.ndarray]
    one, zeros = student.get("plain", 10)
    assert type(one) is int and type(zeros) is np.ndarray


# --- bounds ---


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def nested_node(depth: int) -> Message:
    node: Message = {"t": "list", "v": []}
    for _ in range(depth):
        node = {"t": "list", "v": [node]}
    return node


def test_nesting_is_bounded_on_both_sides() -> None:
    assert round_trip(nested(protocol.MAX_DEPTH)) == nested(protocol.MAX_DEPTH)
    with pytest.raises(ProtocolError):
        Encoder(Objects().keep).node(nested(protocol.MAX_DEPTH + 1))
    with pytest.raises(ProtocolError):
        decode(nested_node(protocol.MAX_DEPTH + 1))


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ProtocolError):
        Encoder(Objects().keep).node(endless)


def test_the_number_of_parts_is_bounded_on_both_sides() -> None:
    with pytest.raises(ProtocolError):
        Encoder(Objects().keep).node([None] * protocol.MAX_NODES)
    with pytest.raises(ProtocolError):
        decode({"t": "list", "v": [None] * protocol.MAX_NODES})
    assert len(decode({"t": "list", "v": [None] * (protocol.MAX_NODES - 1)})) == protocol.MAX_NODES - 1


def array_node(dtype: object, shape: object) -> Message:
    return {"t": "array", "d": dtype, "s": shape}


MALFORMED = {
    "objects": array_node("O", [1]),
    "objects in a record": array_node("i4,O", [1]),
    "record": array_node("i4,i4", [1]),
    "subarray": array_node("(2,)f8", [1]),
    "void": array_node("V8", [1]),
    "text": array_node("U2", [1]),
    "bytes": array_node("S8", [1]),
    "dates": array_node("M8[s]", [1]),
    "no such dtype": array_node("no-such", [1]),
    "dtype by import": array_node("os.system", [1]),
    "negative size": array_node("f8", [-1]),
    "two negative sizes": array_node("f8", [-1, -1]),
    "negative and zero": array_node("f8", [0, -1]),
    "larger than its bytes": array_node("f8", [3]),
    "overflows to 0": array_node("f8", [1 << 32, 1 << 32]),
    "overflows to 1": array_node("i1", [(1 << 64) + 1]),
    "empty and huge": array_node("f8", [0, 1 << 62]),
    "empty and overflowing": array_node("f8", [0, *[1 << 26] * 5]),
    "too many axes": array_node("f8", [1] * 17),
    "infinite size": array_node("f8", [math.inf]),
    "not a size": array_node("f8", ["x"]),
    "shape is no list": array_node("f8", 1),
    "no shape": {"t": "array", "d": "f8"},
    "no dtype": {"t": "array", "s": [1]},
    "unknown tag": {"t": "pickle", "v": "gASVBwAAAAAAAACMA29zlC4="},
    "no tag": {},
    "tag is a list": {"t": ["list"], "v": []},
    "bare list": [1, 2],
    "list of a number": {"t": "list", "v": 7},
    "pairs that are none": {"t": "dict", "v": [[1]]},
    "unhashable key": {"t": "dict", "v": [[{"t": "list", "v": []}, 1]]},
    "complex of three": {"t": "complex", "v": [1, 2, 3]},
    "int of text": {"t": "int", "v": "seven"},
    "bytes that are not base 64": {"t": "bytes", "v": "\ud800"},
    "handle without a number": {"t": "handle"},
}


@pytest.mark.parametrize("node", MALFORMED.values(), ids=MALFORMED)
def test_malformed_nodes_are_refused(node: Any) -> None:
    with pytest.raises(ProtocolError):
        decode(node, raw=bytes(16))


def test_arrays_cannot_take_bytes_twice() -> None:
    one = array_node("f8", [1])
    assert len(decode({"t": "list", "v": [one, one]}, raw=bytes(16))) == 2
    with pytest.raises(ProtocolError):
        decode({"t": "list", "v": [one, one, one]}, raw=bytes(16))


# --- frames ---


@given(PLAIN, st.data())
def test_a_frame_cut_off_anywhere_is_a_closed_connection(value: object, data: st.DataObject) -> None:
    whole = frame_of([value, np.arange(3)])
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(Closed):
        receive_bytes(whole[:cut])


@contextmanager
def open_pipe() -> Iterator[tuple[int, int]]:
    """A pipe of which both ends stay open, and do not block."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    try:
        yield reading, writing
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("sizes", [(protocol.MAX_JSON + 1, 0), (0, protocol.MAX_ARRAYS + 1), (2**32 - 1, 2**32 - 1)])
def test_huge_lengths_are_refused_before_a_byte_of_them_is_read(sizes: tuple[int, int]) -> None:
    with open_pipe() as (reading, writing):
        os.write(writing, protocol.HEADER.pack(*sizes))
        with pytest.raises(ProtocolError) as refused:
            protocol.receive(reading, time.monotonic() + 5)
    assert refused.type is ProtocolError


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1]", b"7", b'"text"', b"null", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5_000],
    ids=lambda body: repr(body[:8]),
)
def test_what_is_not_a_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        receive_bytes(frame(body))


def test_values_too_large_to_send_are_refused_by_the_sender() -> None:
    with pytest.raises(ProtocolError):
        frame_of(np.zeros(protocol.MAX_ARRAYS // 8 + 1))
    with pytest.raises(ProtocolError):
        frame_of("x" * (protocol.MAX_JSON + 1))


def test_a_peer_that_is_silent_or_does_not_read_costs_its_deadline_only() -> None:
    with open_pipe() as (reading, writing):
        with pytest.raises(Deadline):
            protocol.receive(reading, time.monotonic() + 0.05)
        with pytest.raises(Deadline):
            protocol.write_all(writing, bytes(1 << 20), time.monotonic() + 0.05)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=3), parts, max_size=4),
    max_leaves=10,
)
TAGS = st.sampled_from(["list", "tuple", "dict", "int", "complex", "bytes", "array", "scalar", "handle"])
NAMES = st.sampled_from(["f8", "<i4", ">c16", "b1", "O", "U4", "i4,i4", "M8[s]", "", "f", "longdouble", "(3,)i1"])
NODES = st.recursive(
    JSON,
    lambda parts: st.fixed_dictionaries(
        {"t": TAGS},
        optional={
            "v": parts | st.lists(parts, max_size=3) | st.lists(st.lists(parts, max_size=2), max_size=2),
            "d": NAMES | JSON,
            "s": st.lists(st.integers(-2, 4) | st.integers(), max_size=4) | JSON,
        },
    ),
    max_leaves=12,
)


@given(NODES, st.binary(max_size=64))
def test_no_json_makes_the_decoder_raise_anything_else(node: Any, raw: bytes) -> None:
    body = json.dumps({"value": node}).encode()
    try:
        value = decode_frame(frame(body, raw))
    except ProtocolError:
        return
    assert_plain(value)


@given(st.binary(max_size=200) | st.builds(frame, st.binary(max_size=100), st.binary(max_size=20)))
def test_no_bytes_make_the_receiver_raise_anything_else(data: bytes) -> None:
    try:
        value = decode_frame(data)
    except ProtocolError:
        return
    assert_plain(value)


@given(PLAIN, st.integers(0, 10**6), st.binary(min_size=1, max_size=4))
def test_no_change_of_a_good_frame_makes_the_receiver_raise_anything_else(
    value: object, at: int, change: bytes
) -> None:
    data = bytearray(frame_of([value, np.arange(4.0), {"a": (1j, b"b")}]))
    place = at % len(data)
    data[place : place + len(change)] = change
    try:
        received = decode_frame(bytes(data))
    except ProtocolError:
        return
    assert_plain(received)


def assert_plain(value: object) -> None:
    """Whatever came out of the decoder is of a type that cannot lie."""
    if isinstance(value, list | tuple):
        assert type(value) in (list, tuple)
        for item in value:
            assert_plain(item)
    elif isinstance(value, dict):
        assert type(value) is dict
        for key, item in value.items():
            assert_plain(key)
            assert_plain(item)
    elif isinstance(value, np.ndarray):
        assert type(value) is np.ndarray and value.dtype.kind in protocol.NUMERIC
    elif isinstance(value, np.generic):
        assert value.dtype.kind in protocol.NUMERIC
    else:
        assert value is None or type(value) in (bool, int, float, complex, str, bytes, Kept)
