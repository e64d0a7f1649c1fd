"""What one student process may use. A limit it meets is an error in its own cell, or its own end."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

MIB = 1 << 20
UNCOUNTED_MIB = 128
"""What a process may hold beside its data: tables that map its address space, code that was made, what was data once.
The guard ends who holds more."""


@dataclass(frozen=True)
class Limits:
    """Upper bounds for one student process."""

    memory_mib: int = 2048
    """On top of what the warm process holds already. Data, not address space: Keras alone maps a gigabyte."""
    cpu_seconds: int = 180
    file_mib: int = 32
    scratch_mib: int = 64
    scratch_files: int = 4096
    open_files: int = 256
    threads: int = 256
    address_gib: int = 32
    """On top of what is mapped already. Far more than is used; it bounds the tables that map it."""
    stack_mib: int = 8
    signals: int = 1024
    """That wait, and timers, each of which may send one. All processes of a user share them."""

    @classmethod
    def sharing(cls, students: int, machine_mib: int) -> Limits:
        """The limits where so many run at once: their data may take three quarters of the machine's memory.

        With all that a process may hold beside its data, they fit into it.
        """
        return cls(memory_mib=min(cls.memory_mib, 3 * machine_mib // (4 * students)))

    def apply(self, others: int = 0) -> None:
        """Set them for this process, soft and hard.

        The kernel counts the threads of a user, not of a process: `others` are those that are none of this student's.
        """
        now = _now_kib()
        for what, amount in (
            (resource.RLIMIT_DATA, now["VmData"] * 1024 + self.memory_mib * MIB),
            (resource.RLIMIT_AS, now["VmSize"] * 1024 + self.address_gib * 1024 * MIB),
            (resource.RLIMIT_CPU, self.cpu_seconds),
            (resource.RLIMIT_FSIZE, self.file_mib * MIB),
            (resource.RLIMIT_NOFILE, self.open_files),
            (resource.RLIMIT_NPROC, others + self.threads),
            (resource.RLIMIT_STACK, self.stack_mib * MIB),
            (resource.RLIMIT_SIGPENDING, self.signals),
            (resource.RLIMIT_MEMLOCK, 0),
            (resource.RLIMIT_MSGQUEUE, 0),
            (resource.RLIMIT_CORE, 0),
        ):
            hard = resource.getrlimit(what)[1]
            amount = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
            resource.setrlimit(what, (amount, amount))


def threads_of(uid: int) -> int:
    """How many threads this user has on the machine at this moment."""
    found = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == uid:
                    found += os.stat(f"/proc/{name}/task").st_nlink - 2
            except OSError:
                continue  # it has ended meanwhile
    return found


def _now_kib() -> dict[str, int]:
    """What /proc/self/status says in KiB, by name."""
    with open("/proc/self/status") as status:
        lines = (line.split() for line in status if line.startswith("Vm"))
        return {name.rstrip(":"): int(amount) for name, amount, _ in lines}
