"""What limits do not bound: the guard looks, and ends who passes it.

Memory, everywhere: the limit on data counts what can be written to, and a page that was written to and is read-only
now is still there. And the scratch folder, where it cannot be a file system of its own.

There a look costs next to nothing until the first file is made: whatever is made or removed changes the folder's own
time, which no student process can set. From then on the student process is held for each look, so that no file is moved
from where the guard has not looked yet to where it has. seccomp refuses what would get round a look: space reserved
without being written, files that never had a name, memory files, pages kept in pipes, and hiding from the guard.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import stat
import time
from pathlib import Path

from .limits import MIB, UNCOUNTED_MIB, Limits
from .wall import OWN_PROCESS

LOOK_EVERY = 0.005
"""Seconds between two looks. In that time a process writes some ten megabytes, as fast as memory takes them."""
LOOK_AT_MEMORY_EVERY = 0.01
"""Where that is all there is to look at. In that time a process fills some twenty megabytes a thread."""
LOOK_AT_LEAST_EVERY = 0.05
"""Where there are thousands of files to look at, and a look takes as long as many students' whole notebooks."""
PAUSES = 4
"""A pause lasts as many times as long as the look before it took of the processor."""
DEEPEST = 64
EVENTS = os.WSTOPPED | os.WEXITED | os.WNOWAIT
HELD = re.compile(rb"^(?:RssAnon|VmSwap|VmPTE):\s+(\d+) kB$", re.MULTILINE)
"""In /proc/PID/status: memory of its own, what of it was moved to disk, and the tables that map it."""
NUMBER = re.compile(r"^Pid:\s+(\d+)$", re.MULTILINE)
"""In /proc/self/fdinfo/FD of a process's file descriptor."""
DELETED = re.compile(r" ([1-9]\d*) +(/.*) \(deleted\)$", re.MULTILINE)
"""In /proc/PID/maps: the inode and path of a file that was removed and is still mapped."""


class Beyond(Exception):
    """The student process is over a bound: "memory", "bytes", "files", "folders" or "threads"."""


class Watch:
    """What the guard knows of the memory of one student process."""

    pause = LOOK_AT_MEMORY_EVERY
    """Seconds until the next look is due."""

    def __init__(self, process: int, limits: Limits) -> None:
        """Takes the file descriptor of a process that this one has just forked. It may be in a namespace of its own."""
        self._limits = limits
        # /proc knows it by a number of its own where it shows more than this process's namespace.
        found = NUMBER.search(Path(f"/proc/self/fdinfo/{process}").read_text())
        self._number = int(found[1]) if found else 0
        self._status = os.open(f"/proc/{self._number}/status", os.O_RDONLY)
        # This process holds at least what the other has from it.
        with open("/proc/self/status", "rb") as own:
            self._memory = _in_use(own.read()) + (limits.memory_mib + UNCOUNTED_MIB) * MIB

    def close(self) -> None:
        """Let go of what shows its memory."""
        os.close(self._status)

    def look(self) -> str:
        """Look once. Returns which bound the student process is over; empty for none."""
        try:
            self._look()
        except Beyond as bound:
            return str(bound)
        except (ProcessLookupError, FileNotFoundError):
            pass  # it has ended
        return ""

    def _look(self) -> None:
        if _in_use(os.pread(self._status, 8192, 0)) > self._memory:
            raise Beyond("memory")


def _in_use(status: bytes) -> int:
    """Bytes, from /proc/PID/status."""
    return sum(map(int, HELD.findall(status))) * 1024


class ScratchWatch(Watch):
    """What the guard knows of one student process and its scratch folder."""

    pause = LOOK_EVERY

    def __init__(self, process: int, student: int, limits: Limits, scratch: str) -> None:
        """Must be made before the student process runs a student line, and by one who may look into /proc/STUDENT."""
        super().__init__(process, limits)
        self._student = student
        self._scratch = scratch
        self._process = os.open(f"/proc/{student}", os.O_RDONLY | os.O_DIRECTORY)
        self._folder = os.open(scratch, os.O_RDONLY | os.O_DIRECTORY)
        self._untouched = self._changed()
        # Landlock knows a file of /proc by an object in memory; while it is held here the kernel does not make it anew.
        self._held = [os.open(name, os.O_PATH, dir_fd=self._process) for name in OWN_PROCESS]

    def _look(self) -> None:
        began = time.thread_time()
        super()._look()
        self._count_threads()
        if self._changed() != self._untouched:
            self._look_into_files()
        self.pause = min(max(LOOK_EVERY, PAUSES * (time.thread_time() - began)), LOOK_AT_LEAST_EVERY)

    def _changed(self) -> int:
        return os.fstat(self._folder).st_ctime_ns

    def _count_threads(self) -> None:
        # Those that a library starts have stacks of the usual size: they meet the limit on data first, in their cell.
        if os.stat("task", dir_fd=self._process).st_nlink - 2 > 2 * self._limits.threads:
            raise Beyond("threads")

    def _read(self, name: str) -> str:
        with open(os.open(name, os.O_RDONLY, dir_fd=self._process), errors="surrogateescape") as file:
            return file.read()

    def _look_into_files(self) -> None:
        os.kill(self._student, signal.SIGSTOP)
        try:
            while (found := os.waitid(os.P_PID, self._student, EVENTS | os.WNOHANG)) is None:
                # A write that is under way goes on until it is done or killed, and hundreds may be.
                with contextlib.suppress(OSError):
                    self._measure()
                time.sleep(0.001)
            if found.si_code != os.CLD_STOPPED:
                return  # it has ended
            os.waitid(os.P_PID, self._student, os.WSTOPPED | os.WNOHANG)
            self._measure()
        finally:
            os.kill(self._student, signal.SIGCONT)

    def _measure(self) -> None:
        tally = _Tally(self._limits)
        tally.folder(self._folder, ".")
        open_files = os.open("fd", os.O_RDONLY | os.O_DIRECTORY, dir_fd=self._process)
        try:
            for name in os.listdir(open_files):
                status = os.stat(name, dir_fd=open_files)
                if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                    tally.add(status)
        finally:
            os.close(open_files)
        for inode, path in DELETED.findall(self._read("maps")):
            if path.startswith(self._scratch + "/"):
                tally.add_unseen(int(inode))


class _Tally:
    """Files and bytes, each file once. Raises Beyond as soon as a bound is passed."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bytes = 0
        self._seen: set[int] = set()

    def folder(self, parent: int, name: str, depth: int = 0) -> None:
        """Add what is in a folder and below it."""
        try:
            folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
        except PermissionError:
            raise Beyond("folders") from None  # made so that nobody can look into it
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    self.add(status)
                    if stat.S_ISDIR(status.st_mode):
                        if depth == DEEPEST:
                            raise Beyond("folders")
                        self.folder(folder, entry.name, depth + 1)
        finally:
            os.close(folder)

    def add(self, status: os.stat_result) -> None:
        """Add a file by the blocks that it takes, not by its length."""
        self._count(status.st_ino, status.st_blocks * 512)

    def add_unseen(self, inode: int) -> None:
        """Add a file of which only the number is known: as large as it may be."""
        self._count(inode, self._limits.file_mib << 20)

    def _count(self, inode: int, size: int) -> None:
        if inode in self._seen:
            return
        self._seen.add(inode)
        self._bytes += size
        if self._bytes > self._limits.scratch_mib << 20:
            raise Beyond("bytes")
        if len(self._seen) > self._limits.scratch_files:
            raise Beyond("files")
