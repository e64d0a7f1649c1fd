"""What a worker starts with. In a module of its own, for a worker imports the whole module of its first function."""

from __future__ import annotations

import resource
import signal

MEMORY = 2 << 30
"""Bytes that a worker may hold. A notebook takes a hundredth of it, and what would take more costs that one alone."""


def start_worker() -> None:
    """Leave Ctrl-C to the process that has started this one, and bound its memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, resource.getrlimit(resource.RLIMIT_DATA)[1]))
