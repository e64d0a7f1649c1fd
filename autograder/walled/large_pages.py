"""Memory that is quick to fork: what a process holds, moved into pages of two megabytes where the kernel can.

A fork copies an entry for each page, and the child's end takes it away again. For all that TensorFlow's warm process
holds that takes longer than to answer a request.
"""

from __future__ import annotations

from collections.abc import Iterator

from . import kernel

LARGE = 2 << 20
"""Bytes of a large page on x86_64, and on aarch64 where its small ones have 4 KiB."""


def gather() -> None:
    """Move what this process holds into large pages.

    Linux can since 6.1. A child that writes to one gets a small page of its own, as from any other. Where nothing can
    be moved, all stays as it is.
    """
    for start in _places():
        kernel.collapse(start, LARGE)


def _places() -> Iterator[int]:
    """Where large pages have room: in private memory that can be written to and is no file's."""
    with open("/proc/self/maps") as maps:
        rows = [line.split() for line in maps]  # at once, for what is moved may change the list
    for addresses, rights, *_, owner in rows:
        if rights == "rw-p" and owner in ("0", "[heap]"):  # the number of no file, as the last word of a nameless row
            start, end = (int(address, 16) for address in addresses.split("-"))
            yield from range(-(-start // LARGE) * LARGE, end - LARGE + 1, LARGE)
