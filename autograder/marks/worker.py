"""What a worker starts with. In a module of its own, for a worker imports the whole module of its first function."""

from __future__ import annotations

import os
import resource
import signal

MEMORY = 2 << 30
"""Bytes that a worker may hold. A notebook takes a hundredth of it, and what would take more costs that one alone."""


class NoWorker(Exception):
    """Nobody is left who could mark."""


def start_worker(parent: int) -> None:
    """Leave Ctrl-C to the process that has started this one, end when that is killed, and bound the memory."""
    from ..walled.kernel import prctl  # Linux's, and the commands that need none of it import this module too
    from ..walled.seccomp import PR_SET_PDEATHSIG

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)  # it was killed before it could be asked to tell
    bound_memory()


def bound_memory() -> None:
    """Bound what this process may hold."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, resource.getrlimit(resource.RLIMIT_DATA)[1]))
