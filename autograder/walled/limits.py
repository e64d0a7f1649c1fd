"""What one student process may use. A limit it meets is an error in its own cell, or its own end."""

from __future__ import annotations

import resource
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Upper bounds for one student process."""

    memory_mib: int = 2048
    """On top of what the warm process holds already. Data, not address space: Keras alone maps a gigabyte."""
    cpu_seconds: int = 180
    file_mib: int = 32
    scratch_mib: int = 64
    open_files: int = 256
    threads: int = 256

    def apply(self) -> None:
        """Set them for this process, soft and hard."""
        data = _data_bytes() + self.memory_mib * MIB
        for what, amount in (
            (resource.RLIMIT_DATA, data),
            (resource.RLIMIT_CPU, self.cpu_seconds),
            (resource.RLIMIT_FSIZE, self.file_mib * MIB),
            (resource.RLIMIT_NOFILE, self.open_files),
            (resource.RLIMIT_NPROC, self.threads),
            (resource.RLIMIT_CORE, 0),
        ):
            hard = resource.getrlimit(what)[1]
            amount = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
            resource.setrlimit(what, (amount, amount))


def _data_bytes() -> int:
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0
