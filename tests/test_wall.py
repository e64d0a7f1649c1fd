"""The wall, tried from inside: what student code must not be able to do, on machines that allow all or little of it.

Each escape is code that raises where it is prevented. Those that are harmless are also run without a wall, where they
must succeed: so a typing error in an escape does not pass for a wall.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import mmap
import os
import platform
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from matplotlib.font_manager import FontManager

from autograder.checks import every_check
from autograder.course.key import Key, read_keys
from autograder.handed_in.submission import Cell, Submission
from autograder.judge.judge import Judge, Timeouts
from autograder.judge.student_process import (
    NUMPY,
    NoWarmProcess,
    StudentError,
    StudentProcess,
    StudentProcessEnded,
    Zygote,
    sweep,
)
from autograder.marks import marking
from autograder.marks.marking import Job, mark
from autograder.walled import kernel, landlock, large_pages, seccomp, wall
from autograder.walled.limits import Limits
from autograder.walled.packages import FOLDERS, LEFT_OUT, needed, recorded
from autograder.walled.wall import FIRST_ROOM_UID, SPARE_THREADS, Room, Setting

ELSEWHERE = Path(__file__).parent / "elsewhere.py"
TIMEOUT = 30.0
CANARY = "canary-" + secrets.token_hex(8)
GONE = ("PermissionError", "FileNotFoundError")
ANY = (*GONE, "OSError", "ProcessLookupError")

LIBC = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""
OPEN_ANY = """
import os
opened = []
for path in PATHS:
    try:
        with open(path, "rb"):
            opened.append(path)
    except OSError:
        pass
print(opened[:5])
if not opened:
    raise PermissionError("none of them can be opened")
"""


CHANGE = """
import os
def seen():
    status = os.stat("OUTSIDE")
    return status.st_mode, status.st_mtime_ns, status.st_size
before = seen()
ATTEMPT
if seen() == before:
    raise PermissionError("nothing has changed")
"""
MAP = """
libc.mmap.restype = ctypes.c_ssize_t
size, zero = ctypes.c_size_t(4096), ctypes.c_long(0)
"""
SYSCALL = """
def syscall(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""
READ_ONLY_AGAIN = (
    MAP
    + """
libc.mprotect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
part, parts = 32 << 20, 60
at = libc.mmap(None, ctypes.c_size_t(part * parts), 1, 0x4022, -1, zero)
for n in range(parts):
    libc.mprotect(at + n * part, part, 3)
    ctypes.memset(at + n * part, 1, part)
    libc.mprotect(at + n * part, part, 1)
"""
)
"""Two gigabytes, of which no more than one part at a time counts as data."""
KEPT_IN_PIPES = (
    SYSCALL
    + """
class Part(ctypes.Structure):
    _fields_ = [("at", ctypes.c_void_p), ("size", ctypes.c_size_t)]
page = ctypes.create_string_buffer(8192)
reading, writing = os.pipe()
syscall(NUMBER, writing, ctypes.byref(Part(ctypes.addressof(page), 4096)), 1, 0)
"""
)
OLD_WAY = """
import ctypes, mmap
code = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
"""
"""getpid by the gate of 32-bit programs, which has numbers of its own."""
COLUMN = seccomp.MACHINES[platform.machine()][0]
EVERY_CALL = f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
made = []
for name, number in { {name: call[COLUMN] for name, call in seccomp.FORBIDDEN.items() if call[COLUMN]}!r}.items():
    ctypes.set_errno(0)
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) >= 0 or ctypes.get_errno() != 1:
        made.append(name)
print(made)
if not made:
    raise PermissionError("all are refused")
"""


MACHINES_PACKAGES = sorted(
    {folder for library in (f"{sys.base_prefix}/lib", "/usr/lib") for folder in glob(f"{library}/{FOLDERS}")}
)


@dataclass(frozen=True)
class Escape:
    """Student code that raises one of the errors `stopped_by` where the wall holds."""

    code: str
    stopped_by: tuple[str, ...] = ("PermissionError",)
    unwalled: bool = True
    """Whether it is tried without a wall too, by a process of this user."""


def opens(*patterns: str) -> Escape:
    """An escape that opens any of the course's files that match."""
    paths = [str(path) for pattern in patterns for path in sorted(ROOT.glob(pattern)) if path.is_file()]
    return Escape(OPEN_ANY.replace("PATHS", repr(paths[:400])))


def opens_in(folders: list[str]) -> Escape:
    """An escape that opens any of the first files below these folders."""
    paths = islice((str(path) for folder in folders for path in files_below(Path(folder))), 100)
    return Escape(OPEN_ANY.replace("PATHS", repr([*paths])))


def files_below(folder: Path) -> Iterator[Path]:
    """Its files, and those of the folders in it, in order; a machine's packages are too many to look at each."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            yield from files_below(path)
        elif path.is_file():
            yield path


def package(name: str) -> Path:
    """The file of an installed package that no exercise uses."""
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin)


def changes(attempt: str) -> Escape:
    """An escape that changes the file outside."""
    return Escape(CHANGE.replace("ATTEMPT", attempt), GONE)


def libc(code: str, *, unwalled: bool = True, stopped_by: tuple[str, ...] = ("PermissionError",)) -> Escape:
    return Escape(LIBC + code, stopped_by, unwalled)


def numbered(call: str, arguments: str) -> Escape:
    """An escape that makes a system call by its number, for the C library may have no name for it."""
    return libc(f"{SYSCALL}syscall({seccomp.FORBIDDEN[call][COLUMN]}, {arguments})", unwalled=False)


def escapes() -> dict[str, Escape]:
    """Everything that is tried, by name.

    JUDGE stands for the judge's process number, OUTSIDE for a file of its user's that lies outside the wall.
    """
    solution = str(next(ROOT.glob("solutions/*/*.ipynb")))
    root = str(ROOT)
    gradebook = str(next(package("nbgrader").parent.rglob("*.db")))
    return {
        "read solutions": opens("solutions/**/*"),
        "read checks": opens("autograder/**/*"),
        "read tests": opens("tests/**/*"),
        "read the gradebook": opens("grading/*.db", "grading/wall-test"),
        "read another submission": opens("grading/submitted/*/*/*.ipynb"),
        "read the course's secret": Escape(f"open({root + '/grading/secret'!r})", GONE, unwalled=False),
        "read the password file": Escape("open('/etc/shadow')", GONE, unwalled=False),
        "read user names": Escape("open('/etc/passwd')", GONE),
        "read by way of the judge's root": Escape(f"open('/proc/JUDGE/root{solution}')", GONE),
        "read by way of the judge's folder": Escape("import os; os.listdir('/proc/JUDGE/cwd/')", GONE),
        "read the judge's environment": Escape("open('/proc/JUDGE/environ').read()", GONE),
        "read the judge's memory": Escape("open('/proc/JUDGE/mem', 'rb')", GONE),
        "read the judge's open files": Escape("import os; os.readlink('/proc/JUDGE/fd/0')", GONE),
        "read by a link": Escape(
            f"import os, tempfile\nos.chdir(tempfile.mkdtemp())\nos.symlink({solution!r}, 'link'); open('link')", GONE
        ),
        "list the course": Escape(f"import os; os.listdir({root!r})", GONE),
        "list the root": Escape("import os; os.listdir('/')", GONE),
        "write into the course": Escape(f"open({root + '/escaped'!r}, 'w')", ANY, unwalled=False),
        "write into a package": Escape("import numpy; open(numpy.__file__, 'a')", ANY, unwalled=False),
        "write into the root": Escape("import os; os.mkdir('/escaped')", ANY, unwalled=False),
        "write beside the scratch folder": Escape("open('/var/tmp/escaped', 'w')", ANY, unwalled=False),
        "write into the kernel": Escape("open('/proc/sys/kernel/domainname', 'w').write('a')", ANY, unwalled=False),
        "keep a huge file": Escape("open('large', 'wb').write(bytes(33 << 20))", ("OSError",), unwalled=False),
        "use much memory": Escape("held = bytearray(600 << 20)", ("MemoryError",)),
        "internet socket": Escape("import socket; socket.socket()"),
        "datagram socket": Escape("import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)"),
        "unix socket": Escape("import socket; socket.socket(socket.AF_UNIX)"),
        "netlink socket": Escape("import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)"),
        "socket pair": Escape("import socket; socket.socketpair()"),
        "fork": Escape("import os\nif os.fork() == 0: os._exit(0)"),
        "forkpty": Escape(
            "import os\nif os.forkpty()[0] == 0: os._exit(0)", ANY, unwalled=os.path.exists("/dev/pts/ptmx")
        ),
        "run a program": Escape("import subprocess; subprocess.run(['/bin/true'], check=True)", GONE),
        "spawn a program": Escape("import os; os.posix_spawn('/bin/true', ['true'], {})", GONE),
        "become a program": Escape("import sys, os; os.execv(sys.executable, ['python', '-c', ''])", unwalled=False),
        "start a process": Escape("import multiprocessing as m; m.get_context('fork').Process().start()", ANY),
        "signal its parent": Escape("import os; os.kill(os.getppid(), 0)", unwalled=False),
        "signal everybody": Escape("import os; os.kill(-1, 0)"),
        "signal its group": Escape("import os; os.kill(0, 0)"),
        "kill the judge": Escape("import os; os.kill(JUDGE, 9)", unwalled=False),
        "signal the judge": Escape("import os; os.kill(JUDGE, 0)"),
        "stop the judge's thread": libc("call('tgkill', JUDGE, JUDGE, 0)"),
        "signal the judge by pidfd": Escape("import os; os.pidfd_open(JUDGE)"),
        "trace the judge": libc("call('ptrace', 0x4206, JUDGE, 0, 0)", unwalled=False),
        "trace its parent": libc("call('ptrace', 0x4206, os.getppid() or 1, 0, 0)", unwalled=False),
        "read another's memory": libc(
            "word = ctypes.create_string_buffer(8)\n"
            "part = (ctypes.c_size_t * 2)(ctypes.addressof(word), 8)\n"
            "call('process_vm_readv', JUDGE, part, 1, part, 1, 0)"
        ),
        "become another user": Escape("import os; os.setuid(0 if os.getuid() else 1)", ANY, unwalled=False),
        "own another namespace": libc("call('unshare', 0x10000000)", unwalled=False),
        "enter a namespace": libc("call('setns', os.open('/proc/self/ns/net', os.O_RDONLY), 0)", unwalled=False),
        "mount": libc("call('mount', b'a', b'/tmp', b'tmpfs', 0, b'')", unwalled=False),
        "unmount": libc("call('umount2', b'/proc', 2)", unwalled=False),
        "change its root": libc("call('chroot', b'/tmp')", unwalled=False),
        "shared memory": libc("call('shmget', 0, 4096, 0o1600)"),
        "io_uring": libc(
            f"if libc.syscall(425, 1, ctypes.create_string_buffer(120)) < 0 and ctypes.get_errno() == {1}:\n"
            "    raise PermissionError",
            unwalled=False,
        ),
        "raise a limit": Escape(
            "import resource\n"
            "for name in (n for n in dir(resource) if n.startswith('RLIMIT_')):\n"
            "    what = getattr(resource, name)\n"
            "    before = resource.getrlimit(what)\n"
            "    for wanted in ((resource.RLIM_INFINITY,) * 2, (before[1] + 1,) * 2):\n"
            "        try: resource.setrlimit(what, wanted)\n"
            "        except (ValueError, OSError): pass\n"
            "    assert resource.getrlimit(what) == before, name\n"
            "raise PermissionError('all are as they were')",
            unwalled=False,
        ),
        "raise the judge's limit": Escape(
            "import resource\ntry: resource.prlimit(JUDGE, resource.RLIMIT_NOFILE, (9, 9))\n"
            "except OSError: raise PermissionError from None",
            unwalled=False,
        ),
        "find the judge among processes": Escape(
            "import os\nif 'JUDGE' not in os.listdir('/proc'): raise PermissionError('it is not there')"
        ),
        "read the judge's command": Escape("open('/proc/JUDGE/cmdline').read()", GONE),
        "list the machine's sockets": Escape(
            "if len(open('/proc/self/net/unix').readlines()) < 2: raise PermissionError('there is none')"
        ),
        "change a mode": changes("os.chmod('OUTSIDE', 0o400)"),
        "change a mode by fchmodat2": changes(
            "import ctypes; ctypes.CDLL(None).syscall(452, -100, b'OUTSIDE', 0o400, 0)"
        ),
        "change a time": changes("os.utime('OUTSIDE', (1, 1))"),
        "empty a file": changes("os.truncate('OUTSIDE', 0)"),
        "empty a file that is opened for reading": changes("os.open('OUTSIDE', os.O_RDONLY | os.O_TRUNC)"),
        "give an attribute": libc(
            "call('setxattr', b'OUTSIDE', b'user.a', b'b', 1, 0)", stopped_by=ANY, unwalled=False
        ),
        "give a file away": Escape("import os; os.chown('OUTSIDE', os.getuid(), -1)", GONE),
        "set a file's flags": libc(
            "call('ioctl', os.open('mine', os.O_CREAT), 0x40086602, ctypes.byref(ctypes.c_long(0)))",
            stopped_by=("OSError",),
            unwalled=False,
        ),
        "link to a file": Escape("import os; os.link('OUTSIDE', 'linked')", ANY, unwalled=False),
        "move between folders": Escape(
            "import os\nos.mkdir('a'); open('b', 'w').close(); os.rename('b', 'a/b')", ("OSError",), unwalled=False
        ),
        "lock a file that all may read": Escape("import fcntl, json; fcntl.flock(open(json.__file__), fcntl.LOCK_SH)"),
        "lock a part of a file that all may read": Escape(
            "import fcntl, json; fcntl.lockf(open(json.__file__), fcntl.LOCK_SH)"
        ),
        "lock its own file": Escape("import fcntl; fcntl.lockf(open('mine', 'w'), fcntl.LOCK_EX)", unwalled=False),
        "take a lease": Escape(
            "import fcntl, os; fcntl.fcntl(os.open('mine', os.O_CREAT), fcntl.F_SETLEASE, fcntl.F_RDLCK)",
            unwalled=False,
        ),
        "have the kernel signal the judge": Escape(
            "import fcntl; fcntl.fcntl(0, fcntl.F_SETOWN, JUDGE)", unwalled=False
        ),
        "watch a folder": libc("fd = os.dup(call('inotify_init') or 0)"),
        "bind the judge to a processor": Escape("import os; os.sched_setaffinity(JUDGE, os.sched_getaffinity(0))", ANY),
        "schedule the judge": Escape("import os; os.sched_setscheduler(JUDGE, os.SCHED_OTHER, os.sched_param(0))", ANY),
        "make the judge yield": libc("call('setpriority', 0, JUDGE, os.nice(0))", stopped_by=ANY),
        "make its group yield": libc("call('setpriority', 1, 0, os.nice(0))"),
        "leave its group": Escape("import os; os.setpgid(0, 0)", unwalled=False),
        "outlive its guard": libc("call('prctl', 1, 0, 0, 0, 0)"),
        "hide from its guard": libc("call('prctl', 4, 1, 0, 0, 0)"),
        "memory file": libc("call('memfd_create', b'a', 0)"),
        "shared memory without a file": libc(MAP + "call('mmap', None, size, 3, 0x21, -1, zero)"),
        "memory that grows downwards": libc(MAP + "call('mmap', None, size, 3, 0x122, -1, zero)"),
        "zeros that can be shared": Escape("open('/dev/zero', 'rb')", GONE),
        "the terminal": Escape("open('/dev/tty')", ANY, unwalled=False),
        "reserve a disk": libc(
            "call('fallocate', os.open('mine', os.O_CREAT | os.O_RDWR), 0, zero, ctypes.c_long(1 << 20))".replace(
                "zero", "ctypes.c_long(0)"
            ),
            stopped_by=("OSError",),
            unwalled=False,
        ),
        "a file without a name": Escape(
            "import os; os.open('.', os.O_TMPFILE | os.O_RDWR)", ("OSError",), unwalled=False
        ),
        "every forbidden call": Escape(EVERY_CALL, unwalled=False),
        "read an example gradebook of nbgrader's": Escape(f"open({gradebook!r}, 'rb')", GONE),
        "read a server's code": Escape(f"open({str(package('jupyter_server'))!r})", GONE),
        "read what checks are tested with": Escape(f"open({str(package('hypothesis'))!r})", GONE),
        "read the environment's programs": opens_in([f"{sys.prefix}/bin"]),
        **(
            {"read the packages of the machine's own Python": opens_in(MACHINES_PACKAGES)}
            if any(os.listdir(folder) for folder in MACHINES_PACKAGES)
            else {}
        ),
        "run as another": Escape(
            "import os\nopen('mine', 'w').close()\nos.chmod('mine', 0o6777)\n"
            "if not os.stat('mine').st_mode & 0o6000: raise PermissionError('nothing has changed')",
            unwalled=False,
        ),
        "write to its memory as to a file": Escape("open('/proc/self/mem', 'r+b').seek(0)", GONE),
        "use memory that is read-only again": libc(READ_ONLY_AGAIN, unwalled=False, stopped_by=("ended",)),
        "use memory that only pipes hold": libc(
            KEPT_IN_PIPES.replace("NUMBER", str(seccomp.FORBIDDEN["vmsplice"][COLUMN]))
        ),
        "use huge pages": libc(MAP + "call('mmap', None, size, 3, 0x40022, -1, zero)", unwalled=False),
        "lock memory": libc("call('mlock', ctypes.create_string_buffer(1 << 16), 1 << 16)"),
        "take all timers": libc(
            "made = ctypes.c_long()\nfor _ in range(5000): call('timer_create', 1, None, ctypes.byref(made))",
            stopped_by=("BlockingIOError",),
            unwalled=False,
        ),
        "take all asynchronous requests": numbered("io_setup", "65536, ctypes.byref(ctypes.c_long(0))"),
        "make rules of its own": numbered("landlock_create_ruleset", "ctypes.byref(ctypes.c_long(1)), 8, 0"),
        "filter its own calls": libc("call('prctl', 22, 1, 0, 0, 0)", unwalled=False),
        "have a processor to itself": libc("call('prctl', 62, 1, 0, 0, 0)", unwalled=False),
        "fault memory in by hand": numbered("userfaultfd", "1"),
        "keep a key in the kernel": numbered("add_key", "b'user', b'a', b'b', 1, -3"),
        "load a program into the kernel": numbered("bpf", "0, None, 0"),
        "count what the processor does": numbered("perf_event_open", "None, 0, -1, -1, 0"),
        "send a message by queue": numbered("msgget", "0, 0o1600"),
        "open a message queue": numbered("mq_open", "b'a', 0o102, 0o600, None"),
        "share a semaphore": numbered("semget", "0, 1, 0o1600"),
        "encrypt in the kernel": Escape("import socket; socket.socket(38, socket.SOCK_SEQPACKET)", unwalled=False),
        "talk to virtual machines": Escape("import socket; socket.socket(40, socket.SOCK_STREAM)", unwalled=False),
        "set the clock": Escape("import time; time.clock_settime(time.CLOCK_REALTIME, time.time())", unwalled=False),
        "name the machine": Escape("import socket; socket.sethostname('a')", ANY, unwalled=False),
        "run before others": Escape("import os; os.nice(-1)", unwalled=False),
        "make a device": Escape("import os; os.mknod('a', 0o20600, os.makedev(1, 3))", ANY, unwalled=False),
        **(
            {"call the kernel by the old way": Escape(OLD_WAY, ("ended",), unwalled=False)}
            if platform.machine() == "x86_64"
            else {}
        ),
    }


OBSERVE = {
    "descriptors": """
import json, os
found = {}
for fd in range(4096):
    try:
        os.fstat(fd)
        found[fd] = os.readlink(f"/proc/self/fd/{fd}").partition(":")[0]
    except OSError as error:
        if error.errno != 9:
            found[fd] = "unreadable"
print(json.dumps(found))
""",
    "environment": """
import json, os
said = [repr(dict(os.environ))]
for path in ("/proc/self/environ", "/proc/thread-self/environ", "/proc/1/environ", "/proc/JUDGE/environ"):
    try:
        said.append(open(path).read())
    except OSError:
        pass
print(json.dumps(said))
""",
    "modules": "import json, sys\nprint(json.dumps(sorted(sys.modules)))",
    "privileges": """
import json, os
rows = dict(line.split(":", 1) for line in open("/proc/self/status"))
names = ("CapEff", "CapPrm", "NoNewPrivs", "Seccomp", "Groups")
print(json.dumps({name: rows[name].strip() for name in names}))
""",
    "limits": """
import json, resource
names = ("CPU", "FSIZE", "NOFILE", "NPROC", "CORE")
print(json.dumps({name: resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in names}))
""",
    "work": """
import json, os, tempfile, threading
import numpy as np
with tempfile.NamedTemporaryFile("w+") as file:
    file.write("kept")
    file.flush()
    kept = open(file.name).read()
sums = []
threads = [threading.Thread(target=lambda: sums.append(float((np.eye(200) @ np.ones(200)).sum()))) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps([kept, sums, os.urandom(4) != os.urandom(4), open("/proc/self/cmdline").read() != ""]))
""",
}

ESCAPES = escapes()
CIRCUMSTANCES = {
    "usual": (),
    "no namespaces": ("no-namespaces",),
    "root, no namespaces, no other users": ("one-user", "no-namespaces"),
    "ordinary user": ("ordinary-user",),
    "ordinary user, no namespaces": ("ordinary-user", "no-namespaces"),
    "ordinary user, no mounts": ("ordinary-user", "no-mounts"),
}
"""The first two are as root or as an ordinary user, as the tests are run; the others need root."""
Report = dict[str, Any]


@contextmanager
def something_to_read() -> Iterator[None]:
    """A gradebook and another's submission, where nothing has been marked here yet."""
    made = [ROOT / "grading/wall-test", ROOT / "grading/submitted/wall-test/none/none.ipynb"]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    yield
    for path in made:
        path.unlink(missing_ok=True)
    made[1].parent.rmdir()
    made[1].parent.parent.rmdir()


@pytest.fixture(scope="module")
def grading() -> Iterator[None]:
    """Something to read, for all tests of this file."""
    with something_to_read():
        yield


def tried(circumstance: tuple[str, ...], codes: dict[str, str], unwalled: list[str]) -> Report:
    """What became of `codes` in a circumstance."""
    if set(circumstance) & {"ordinary-user", "one-user"} and os.geteuid() != 0:
        pytest.skip("NEEDS ROOT: as an ordinary user only this user's half of the wall can be tried")
    ran = subprocess.run(
        [sys.executable, str(ELSEWHERE), *circumstance],
        input=json.dumps({"codes": codes, "unwalled": unwalled}),
        capture_output=True,
        text=True,
        env={**os.environ, "AUTOGRADER_CANARY": CANARY},
        start_new_session=True,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    result: Report = json.loads(ran.stdout)
    return result


@pytest.fixture(scope="module", params=CIRCUMSTANCES)
def report(request: pytest.FixtureRequest, grading: None) -> Report:
    """What became of everything that was tried in one circumstance."""
    found = escapes()  # anew: the files of the fixture are among them
    codes = {name: escape.code for name, escape in found.items()} | OBSERVE
    return tried(CIRCUMSTANCES[request.param], codes, [name for name, escape in found.items() if escape.unwalled])


def observed(report: Report, name: str) -> Any:
    result = report["walled"][name]
    assert not result["error"], result
    return json.loads(result["output"])


FORBIDDEN_BY_CONTAINERS = "change a mode by fchmodat2"
"""A system call that the seccomp profiles of container engines do not know yet."""


@pytest.mark.parametrize("name", ESCAPES)
def test_no_escape_succeeds(report: Report, name: str) -> None:
    result = report["walled"][name]
    assert result["error"] in ESCAPES[name].stopped_by, result
    unwalled = report["unwalled"].get(name)
    if name == FORBIDDEN_BY_CONTAINERS and str(unwalled).startswith("PermissionError"):
        pytest.skip("this machine forbids the call to everybody, so that nothing is proven here")
    assert not unwalled, "without a wall it must succeed, or it proves nothing"


def test_nothing_was_written(report: Report) -> None:
    assert report["untouched"]
    assert not [path for path in (ROOT / "escaped", Path("/escaped"), Path("/var/tmp/escaped")) if path.exists()]


def test_every_student_process_has_a_filter_and_landlock(report: Report) -> None:
    layers = report["walled"]["work"]["layers"]
    assert layers["seccomp"] and layers["landlock"] >= 1


def test_the_circumstances_are_what_they_claim(request: pytest.FixtureRequest, report: Report) -> None:
    circumstance = CIRCUMSTANCES[request.node.callspec.params["report"]]
    layers = report["walled"]["work"]["layers"]
    if "no-namespaces" in circumstance or "no-mounts" in circumstance:
        assert not layers["namespaces"]
        assert layers["why_not"]
    assert layers["own_users"] == (os.geteuid() == 0 and not {"ordinary-user", "one-user"} & set(circumstance))
    if layers["own_users"]:
        assert layers["uid"] >= FIRST_ROOM_UID
    if "ordinary-user" in circumstance:
        assert layers["uid"] == 65_534


def test_only_the_pipe_is_open(report: Report) -> None:
    found = observed(report, "descriptors")
    assert sorted(map(int, found)) == [0, 1, 2, 3]
    assert {found[fd] for fd in "012"} <= {"/dev/null", "unreadable"}


def test_the_judges_environment_is_not_there(report: Report) -> None:
    said = observed(report, "environment")
    assert said and CANARY not in " ".join(said)


def test_no_module_of_the_judge_is_loaded(report: Report) -> None:
    modules = observed(report, "modules")
    assert "numpy" in modules
    assert not [name for name in modules if name.partition(".")[0] in ("autograder", "nbgrader", "sqlite3", "pytest")]


def test_privileges_are_gone_for_good(report: Report) -> None:
    found = observed(report, "privileges")
    assert {int(found[name], 16) for name in ("CapEff", "CapPrm")} == {0}
    assert found["NoNewPrivs"] == "1" and found["Seccomp"] == "2"
    layers = report["walled"]["work"]["layers"]
    assert not layers["own_users"] or found["Groups"].split() == []


def test_limits_are_set(report: Report) -> None:
    limits, layers = Limits(), report["walled"]["work"]["layers"]
    found = observed(report, "limits")
    threads = found.pop("NPROC")
    if layers["namespaces"] or layers["own_users"]:
        assert threads == [limits.threads] * 2
    else:
        assert threads[0] == threads[1] >= limits.threads + SPARE_THREADS
    assert found == {
        "CPU": [limits.cpu_seconds] * 2,
        "FSIZE": [limits.file_mib << 20] * 2,
        "NOFILE": [limits.open_files] * 2,
        "CORE": [0, 0],
    }


def test_ordinary_work_is_possible(report: Report) -> None:
    """Files in the scratch folder, threads, random numbers and what libraries read in /proc."""
    assert observed(report, "work") == ["kept", [200.0] * 4, True, True]


HEADERS = {"x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "aarch64": "/usr/include/asm-generic/unistd.h"}


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_of_system_calls_are_the_kernels(machine: str) -> None:
    if not os.path.exists(HEADERS[machine]):
        pytest.skip("the kernel's headers are not installed here (Debian: linux-libc-dev)")
    text = Path(HEADERS[machine]).read_text()
    known = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    column = seccomp.MACHINES[machine][0]
    named = seccomp.FORBIDDEN | seccomp.UNSUPPORTED | seccomp.UNKNOWN | seccomp.WITHOUT_EFFECT
    named |= {name.lower(): getattr(seccomp, name) for name in ("SETPRIORITY", "CLONE", "PRCTL", "FCNTL", "IOCTL")}
    named |= {"mmap": seccomp.MMAP, "open": seccomp.OPEN, "openat": seccomp.OPENAT, "prlimit64": seccomp.PRLIMIT}
    named |= dict(zip(("kill", "tgkill"), seccomp.KILLS))
    scheduling = ("sched_setparam", "sched_setscheduler", "sched_setaffinity", "sched_setattr")
    named |= dict(zip(scheduling, seccomp.SCHEDULES))
    newest = max(number for name, number in known.items() if name != "syscalls")  # that is how many there are
    assert max(number for call in named.values() for number in call if number) == seccomp.NEWEST
    for name, call in named.items():
        number = call[column]
        if number is None:
            assert name not in known, f"{name} has a number on {machine}"
        elif number <= newest:
            assert known.get(name) == number, name


# --- each layer alone ---

BY_LIMITS = ("use much memory", "use memory that is read-only again", "lock memory", "take all timers")
"""What is refused by no layer but limits and the guard, which are there in every setting."""
ALONE = {
    "namespaces": (
        ("ordinary-user", "no-landlock", "no-seccomp"),
        [
            *(name for name in ESCAPES if name.startswith(("read ", "write into ", "write beside ", "change a "))),
            *("kill the judge", "signal the judge", "signal the judge by pidfd", "trace the judge", "run a program"),
            *("find the judge among processes", "list the machine's sockets", "schedule the judge", "empty a file"),
            *("link to a file", "zeros that can be shared", "the terminal", "mount", "change its root"),
        ],
    ),
    "Landlock": (
        ("ordinary-user", "no-namespaces", "no-seccomp"),
        [
            *(name for name in ESCAPES if name.startswith(("read ", "write ", "list the "))),
            *("trace the judge", "link to a file", "move between folders", "zeros that can be shared", "the terminal"),
        ],
    ),
    "seccomp": (
        ("ordinary-user", "no-namespaces", "no-landlock"),
        [
            name
            for name, escape in ESCAPES.items()
            if not name.startswith(("read ", "write ", "list ", "find ", "give ", "link ", "move ", "zeros ", "the "))
            and name not in BY_LIMITS
        ],
    ),
}
ALONE["Landlock"][1].remove("list the machine's sockets")  # it knows no file within a folder of its own


@pytest.mark.parametrize("layer", ALONE)
def test_a_layer_holds_alone_what_it_is_there_for(layer: str, grading: None) -> None:
    circumstance, names = ALONE[layer]
    found = escapes()
    report = tried(circumstance, {name: found[name].code for name in names}, [])
    layers = report["walled"][names[0]]["layers"]
    there = {"namespaces": layers["namespaces"], "Landlock": bool(layers["landlock"]), "seccomp": layers["seccomp"]}
    assert there == {name: name == layer for name in ALONE}
    got_through = {
        name: result
        for name, result in report["walled"].items()
        if result["error"] not in {*found[name].stopped_by, *(ANY if layer == "namespaces" else ())}
    }
    assert not got_through
    assert len(names) > 15


# --- what a fork copies ---


def can_collapse() -> bool:
    """Whether this kernel moves memory into a large page when it is asked to."""
    area = mmap.mmap(-1, 2 * large_pages.LARGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    area.write(b"a" * len(area))
    start = ctypes.addressof(ctypes.c_char.from_buffer(area))
    return kernel.collapse(-(-start // large_pages.LARGE) * large_pages.LARGE, large_pages.LARGE)


def in_large_pages(pid: int) -> bool:
    """Whether a quarter of all that a process holds is in large pages, and that it holds what NumPy takes."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return False  # it has ended: one that has tried what this machine allows
    rows = dict(re.findall(r"^(\w+): +(\d+) kB$", rollup, re.MULTILINE))
    return int(rows["Anonymous"]) > 20_000 and int(rows["AnonHugePages"]) > int(rows["Anonymous"]) / 4


@pytest.mark.parametrize("namespaces", [True, False])
def test_a_warm_process_gathers_what_it_holds_in_large_pages(namespaces: bool) -> None:
    """A fork copies an entry a page, and the end of each student process takes as many away again."""
    if not can_collapse():
        pytest.skip("NEEDS LINUX 6.1: this kernel moves nothing into large pages when it is asked to")
    with Zygote(NUMPY, namespaces=namespaces) as own:  # before its first student, which begins to take it apart again
        assert soon(lambda: any(map(in_large_pages, {own.pid} | descendants(own.pid))))


# --- a layer that is missing ---


def test_a_layer_that_fails_later_than_at_the_start_is_fatal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found at the start and cannot be had for a student process ends that process."""

    def locked_in() -> str:
        return wall._tried(lambda: wall.lock_room(setting, Room(str(tmp_path), os.geteuid()), Limits()))

    def refused(*arguments: object) -> None:
        raise OSError(1, "no more")

    setting = Setting(wall.look_around(), False, "", landlock.abi(), True, False, 0)
    assert locked_in() == ""
    for layer in (landlock, seccomp):
        with monkeypatch.context() as failing:
            failing.setattr(layer, "restrict", refused)
            assert locked_in() == "no more"
    with monkeypatch.context() as failing:
        failing.setattr(landlock, "ruleset", refused)
        assert locked_in() == "no more"


def test_what_is_walled_in_by_less_than_was_found_marks_nothing(keys: dict[tuple[str, str], Key]) -> None:
    """The doctor found namespaces; the warm process that marks, on another machine perhaps, has none."""
    notebook = (ROOT / "exercises/layers/pooling.ipynb").read_bytes()
    job = Job("somebody", keys["layers", "pooling"], notebook)
    with Zygote(NUMPY, namespaces=False) as warm:
        promised: dict[str, object] = {"namespaces": True, "landlock": 1, "seccomp": True}
        with pytest.raises(NoWarmProcess, match="walled in by namespaces, and here it is not"):
            mark(job, marking.Setting(b"", warm=(warm.address, ""), layers=promised))
        assert mark(
            job, marking.Setting(b"", warm=(warm.address, ""), layers={**promised, "namespaces": False})
        ).verdicts


# --- one process, one student, in both settings ---


@pytest.fixture(scope="module", params=[True, False], ids=["namespaces", "no namespaces"])
def zygote(request: pytest.FixtureRequest) -> Iterator[Zygote]:
    """A warm process with namespaces, and one without."""
    with Zygote(NUMPY, namespaces=request.param) as warm:
        probe = StudentProcess.start(warm.address)
        probe.close()
        if request.param and not probe.layers["namespaces"]:
            pytest.skip(f"NEEDS NAMESPACES, which this machine does not make: {probe.layers['why_not']}")
        yield warm


def error_of(student: StudentProcess, code: str) -> str:
    """The name of the error that `code` ends in; empty for none."""
    try:
        student.run(code, "cell", TIMEOUT)
    except StudentError as error:
        return error.name
    return ""


FILLING = {
    "large files": "for n in range(99): open(str(n), 'wb').write(bytes(8 << 20))",
    "empty files": "for n in range(9999): open(f'empty-{n}', 'w').close()",
    "folders": "import os\nfor n in range(9999): os.mkdir(str(n))",
    "files below folders": "import os\n"
    "for n in range(60): os.mkdir('d'); os.chdir('d'); open('a', 'wb').write(bytes(2 << 20))",
    "removed files": """
import os
for n in range(99):
    kept = os.open('a', os.O_CREAT | os.O_RDWR)
    os.unlink('a')
    os.write(kept, bytes(2 << 20))
""",
    "removed files, mapped": """
import mmap, os
kept = []
for n in range(99):
    fd = os.open('a', os.O_CREAT | os.O_RDWR)
    os.write(fd, bytes(2 << 20))
    kept.append(mmap.mmap(fd, 4096))
    os.close(fd)
    os.unlink('a')
""",
    "holes that are filled in": """
import mmap, os
for n in range(99):
    fd = os.open(str(n), os.O_CREAT | os.O_RDWR)
    os.ftruncate(fd, 8 << 20)
    with mmap.mmap(fd, 8 << 20) as mapped:
        for at in range(0, 8 << 20, 4096):
            mapped[at] = 1
    os.close(fd)
""",
    "files that change their names": """
import os, threading
def flip(n):
    while True:
        os.rename(f'{n}-a', f'{n}-b'); os.rename(f'{n}-b', f'{n}-a')
for n in range(20):
    open(f'{n}-a', 'wb').write(bytes(8 << 20))
    threading.Thread(target=flip, args=(n,), daemon=True).start()
""",
    "many writes at once": """
import threading
data, errors = bytes(32 << 20), []
def write(n):
    try:
        open(str(n), 'wb').write(data)
    except OSError as error:
        errors.append(error)
threads = [threading.Thread(target=write, args=(n,)) for n in range(200)]
for thread in threads: thread.start()
for thread in threads: thread.join()
if errors: raise errors[0]
""",
    "a folder that nobody may list": """
import os
os.mkdir('hidden', 0o300)
for n in range(99): open(f'hidden/{n}', 'wb').write(bytes(8 << 20))
""",
    "a link to a large folder": "import os, sys\nos.symlink(sys.base_prefix, 'a')\nfilled = 'no'",
    "a little, again and again": """
import os
for n in range(200):
    open('a', 'wb').write(bytes(8 << 20)); os.unlink('a')
filled = 'no'
""",
    "a sparse file": "open('a', 'wb').truncate(30 << 20); open('b', 'wb').truncate(30 << 20)\n"
    "open('c', 'wb').truncate(30 << 20)\nfilled = 'no'",
}


def end_of(student: StudentProcess, code: str) -> str:
    """What `code` ended in, error or end of the process; empty where all went well."""
    try:
        student.run(code, "cell", TIMEOUT)
    except (StudentError, StudentProcessEnded) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("how", FILLING)
def test_the_scratch_folder_is_bounded(student: StudentProcess, how: str) -> None:
    """With namespaces it is a file system of that size. Without, the guard ends who fills it, or soon after."""
    ended = end_of(student, FILLING[how])
    if "filled = 'no'" in FILLING[how]:
        assert ended == "" and student.get("filled", TIMEOUT) == "no"
    elif student.layers["namespaces"]:
        assert "No space left" in ended or "signal 7" in ended  # SIGBUS: a page of a mapped file found no room
    else:
        assert "its scratch folder" in (ended or end_of(student, "import time; time.sleep(10)"))


def test_warm_processes_do_not_give_their_students_the_same_users() -> None:
    """The kernel counts the threads of a user: one student's would be another's, of whom nobody there knows."""
    users = set()
    for _ in range(3):
        with Zygote(()) as warm:
            student = StudentProcess.start(warm.address)
            users.add(student.layers["uid"])
            student.close()
    assert len(users) > 1 if os.geteuid() == 0 else users == {os.geteuid()}


@pytest.mark.parametrize("stack", [0, 1 << 15], ids=["usual stacks", "small stacks"])
def test_threads_are_bounded(student: StudentProcess, stack: int) -> None:
    code = f"import threading, time\nthreading.stack_size({stack})\nfor _ in range(5000):\n"
    code += "    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()"
    ended = end_of(student, code)
    assert "can't start new thread" in ended or (stack and "more threads" in ended)


def test_stopping_for_a_look_is_not_noticed(student: StudentProcess) -> None:
    """Sleeps, locks and threads go on as if nobody looked, while files lie in the scratch folder."""
    student.run(
        "import threading, time\n"
        "open('a', 'w').write('kept')\n"
        "done = []\n"
        "def work():\n"
        "    for _ in range(20):\n"
        "        time.sleep(0.01)\n"
        "    done.append(open('a').read())\n"
        "threads = [threading.Thread(target=work) for _ in range(8)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n",
        "cell",
        TIMEOUT,
    )
    assert student.get("done", TIMEOUT) == ["kept"] * 8


def test_a_cell_that_ran_out_of_memory_leaves_the_process_usable(student: StudentProcess) -> None:
    assert error_of(student, "x = [bytearray(1 << 28) for _ in range(100)]") == "MemoryError"
    assert error_of(student, "del x\ny = 1") in ("", "NameError")
    assert error_of(student, "assert 1 + 1 == 2") == ""


def test_a_student_process_sees_no_other_process(student: StudentProcess) -> None:
    student.run(
        "import os\n"
        "try: pids = [int(name) for name in os.listdir('/proc') if name.isdigit()]\n"
        "except PermissionError: pids = range(1, 1 << 16)\n"
        "def reads(pid):\n"
        "    try: return bool(open(f'/proc/{pid}/status').read())\n"
        "    except OSError: return False\n"
        "seen = [pid for pid in pids if reads(pid)] == [os.getpid()]",
        "cell",
        TIMEOUT,
    )
    assert student.get("seen", TIMEOUT)


def test_students_share_no_files(zygote: Zygote) -> None:
    # not /tmp by name: a course that lies below it, as a fresh clone may, has Python itself there
    scratch = "import os, tempfile\nscratch = tempfile.gettempdir()\n"
    folders = "{path for top in (scratch, '/dev/shm', '.') for path, _, files in os.walk(top) if files}"
    first = StudentProcess.start(zygote.address)
    first.run(
        f"{scratch}open(f'{{scratch}}/left', 'w').write('mine'), open('here', 'w').write('mine')", "cell", TIMEOUT
    )
    first.run(f"found = sorted({folders})", "cell", TIMEOUT)
    assert first.get("found", TIMEOUT), "the search finds its own files"
    beside = StudentProcess.start(zygote.address)
    first.close()
    after = StudentProcess.start(zygote.address)
    for other in (beside, after):
        other.run(f"{scratch}found = sorted({folders})", "cell", TIMEOUT)
        assert other.get("found", TIMEOUT) == []
        other.close()


def test_students_share_no_variables(zygote: Zygote) -> None:
    first = StudentProcess.start(zygote.address)
    first.run("import builtins, numpy\nbuiltins.left = numpy.left = mine = 1", "cell", TIMEOUT)
    first.close()
    after = StudentProcess.start(zygote.address)
    assert error_of(after, "left") == "NameError"
    assert error_of(after, "import numpy; numpy.left") == "AttributeError"
    assert not after.has("mine", TIMEOUT)
    after.close()


# --- what can be imported ---

IMPORTS = """
import importlib.util, json, os, sys
top = os.path.dirname(os.path.dirname(importlib.util.find_spec("numpy").origin))
found = [name for name in NAMES if importlib.util.find_spec(name)]
importlib.invalidate_caches()
found += [name for name in NAMES if importlib.util.find_spec(name)]
"""


def test_what_exercises_import_can_be_imported(student: StudentProcess) -> None:
    """Whoever uses a new library in an exercise finds out here that `USED` in walled/packages.py lacks it."""
    sources = [cell.source for key in read_keys(ROOT / "solutions", ROOT / "exercises").values() for cell in key.cells]
    wanted = {found for source in sources for found in re.findall(r"^\s*(?:import|from) +(\w+)", source, re.MULTILINE)}
    wanted -= {"autograder"}
    assert {"numpy", "keras", "matplotlib"} <= wanted
    student.run(IMPORTS.replace("NAMES", repr(sorted(wanted | {"ipywidgets", "PIL", "six"}))), "cell", TIMEOUT)
    assert set(student.get("found", TIMEOUT)) == wanted | {"ipywidgets", "PIL", "six"}


def test_what_the_judge_is_made_of_is_not_found(student: StudentProcess) -> None:
    """As if it were not installed, in both settings: a library that tries to import one of them goes on without."""
    names = ["autograder", "nbgrader", "sqlalchemy", "distributed", "pytest", "hypothesis", "jupyter_server", "sphinx"]
    assert all(importlib.util.find_spec(name) for name in names)
    student.run(IMPORTS.replace("NAMES", repr(names)), "cell", TIMEOUT)
    assert student.get("found", TIMEOUT) == []


def test_packages_are_described_as_python_itself_reads_it() -> None:
    """What a distribution needs and has installed is read faster than importlib.metadata does, and is the same."""
    installed = [(one, one.read_text("METADATA"), one.read_text("RECORD")) for one in metadata.distributions()]
    assert len(installed) > 100
    for one, described, record in installed:
        plain = [row for row in one.requires or () if "extra ==" not in row]
        assert needed(described or "") == [re.match(r"[\w.-]+", row)[0] for row in plain], one.name  # type: ignore[index]
        files = {str(path).partition("/")[0] for path in one.files or ()}
        assert set(recorded(record or "")) - LEFT_OUT == files - LEFT_OUT, one.name


def test_the_list_of_fonts_is_the_one_that_is_kept(student: StudentProcess) -> None:
    """tools/install.py has matplotlib make it; to make it in each warm process takes a fifth of a second."""
    kept = Path(sys.prefix, "lib", "matplotlib", f"fontlist-v{FontManager.__version__}.json")
    fonts = {font["fname"] for font in json.loads(kept.read_text())["ttflist"]}
    student.run(
        "import matplotlib, matplotlib.font_manager\n"
        "data = matplotlib.get_data_path() + '/'\n"
        "found = [font.fname.removeprefix(data) for font in matplotlib.font_manager.fontManager.ttflist]",
        "cell",
        TIMEOUT,
    )
    assert set(student.get("found", TIMEOUT)) == fonts


# --- what the child inherits ---

SCAN = """
import ctypes
import re
import numpy as np
MASK = 0x55
planted = bytes(b ^ MASK for b in PLANTED)
BUFFER = np.empty((8 << 20) + 4096, np.uint8)  # turned round again it would hold what is looked for: it is left out
OWN = range(BUFFER.ctypes.data, BUFFER.ctypes.data + BUFFER.size)

def scan(masked):
    found = set()
    for line in list(open("/proc/self/maps")):
        where, rights, *rest = line.split()
        if "r" not in rights or rest[-1] in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
            continue
        start, end = (int(part, 16) for part in where.split("-"))
        for at in range(start, end, 8 << 20):
            size = min((8 << 20) + 4096, end - at)
            here = BUFFER[:size]
            there = np.frombuffer((ctypes.c_ubyte * size).from_address(at), np.uint8)
            both = range(max(at, OWN.start) - at, max(min(at + size, OWN.stop) - at, 0))
            outside = [slice(0, both.start), slice(both.stop, size)] if len(both) else [slice(0, size)]
            here[:] = 0
            for part in outside:
                np.bitwise_xor(there[part], np.uint8(MASK), out=here[part])
            found |= {number for number, one in enumerate(masked) if re.search(re.escape(one), here)}
    return sorted(found)

found = scan(WORDS)
"""


def masked(word: bytes) -> bytes:
    """`word` as the scan is told it, so that the search does not find itself."""
    return bytes(byte ^ 0x55 for byte in word)


def scan_for(*words: bytes) -> str:
    """A cell that looks for `words` in all of its memory, and for one word planted there, which comes first."""
    planted = b"planted-" + secrets.token_bytes(12)
    listed = [masked(planted), *map(masked, words)]
    return SCAN.replace("PLANTED", repr(masked(planted))).replace("WORDS", repr(listed))


def test_memory_holds_neither_checks_nor_seed(zygote: Zygote, keys: dict[tuple[str, str], Key]) -> None:
    """A student cell scans its memory after a graded cell has run; only the planted word is there."""
    key = keys["layers", "pooling"]
    secret = b"seed-" + secrets.token_bytes(16)
    checks = [check for _, _, check in every_check()]
    texts = {m.says for check in checks for m in check.misconceptions}
    words = [text.encode() for text in sorted(texts, key=len)[-8:]]
    words += [
        secret,
        secret.hex().encode(),
        b"autograder.checks",
        b"misconception",
        b"BEGIN " + b"HIDDEN TESTS",
        str(ROOT / "solutions").encode(),
    ]
    assert all(len(word) > 12 for word in words)
    cells = [
        Cell("code", "import numpy as np\ndef pooled_length(n, pool_size, strides): return n", number=1),
        Cell("code", key.by_id["test-pooled-length"].source, key.by_id["test-pooled-length"]),
        Cell("code", scan_for(*words) + "\nprint('found', found)", number=2),
    ]
    cells += [Cell("code", cell.source, cell) for cell in key.cells if cell.grade and cell is not cells[1].key]
    judge = Judge(
        Submission(cells), key, lambda: StudentProcess.start(zygote.address), secret, Timeouts(TIMEOUT, TIMEOUT)
    )
    marked = judge.mark()
    assert marked.verdicts[1].kind != "right"
    assert marked.outputs[2].strip() == "found [0]"


def test_no_object_of_the_judge_is_inherited(student: StudentProcess) -> None:
    student.run(
        "import gc\n"
        "gc.unfreeze()\n"
        "kinds = {f'{type(thing).__module__}.{type(thing).__name__}' for thing in gc.get_objects()}\n"
        "modules = {getattr(thing, '__module__', None) for thing in gc.get_objects() if callable(thing)}\n"
        "found = sorted(str(m) for m in kinds | modules if str(m).split('.')[0] in ('autograder', 'sqlite3'))\n"
        "seen = len(kinds)",
        "cell",
        TIMEOUT,
    )
    assert student.get("seen", TIMEOUT) > 50
    assert student.get("found", TIMEOUT) == []


# --- ends ---


def children(pid: int) -> set[int]:
    try:
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    except OSError:
        return set()


def descendants(pid: int) -> set[int]:
    below = children(pid)
    return below.union(*(descendants(child) for child in below))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def soon(holds: Callable[[], bool]) -> bool:
    """Whether `holds` within a generous while."""
    for _ in range(1000):
        if holds():
            return True
        time.sleep(0.01)
    return False


def started(zygote: Zygote) -> tuple[StudentProcess, set[int]]:
    """A student process, and the processes that came with it: itself, and in a room without a house its guard."""
    pid = zygote._process.pid
    before = descendants(pid)
    student = StudentProcess.start(zygote.address)
    return student, descendants(pid) - before


def test_hanging_up_ends_guard_and_student(zygote: Zygote) -> None:
    student, pids = started(zygote)
    assert len(pids) == (1 if student.layers["namespaces"] else 2) and all(map(alive, pids))
    student.close()
    assert soon(lambda: not any(map(alive, pids)))


@pytest.mark.parametrize(
    "code",
    [
        "import time\nwhile True: time.sleep(1000)",
        "while True: pass",
        "import signal\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\n"
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()\ntime.sleep(1000)",
    ],
    ids=["sleeps", "spins", "ignores signals", "has a thread"],
)
def test_code_that_never_ends_is_gone_after_its_time(zygote: Zygote, code: str) -> None:
    student, pids = started(zygote)
    with pytest.raises(StudentProcessEnded, match="had not finished"):
        student.run(code, "cell", 0.3)
    assert pids and soon(lambda: not any(map(alive, pids)))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os._exit(3)", "os._exit"),
        ("import os; os._exit(0)", "os._exit"),
        ("import ctypes; ctypes.string_at(0)", "signal 11"),
    ],
)
def test_the_guard_reports_how_a_process_ended(zygote: Zygote, code: str, said: str) -> None:
    student, pids = started(zygote)
    with pytest.raises(StudentProcessEnded) as ended:
        student.run(code, "cell", TIMEOUT)
    assert said in str(ended.value)
    assert soon(lambda: not any(map(alive, pids)))


def test_the_end_of_one_student_does_not_touch_another(zygote: Zygote, student: StudentProcess) -> None:
    student.run("kept = 7", "cell", TIMEOUT)
    other = StudentProcess.start(zygote.address)
    with pytest.raises(StudentProcessEnded):
        other.run("import os; os._exit(1)", "cell", TIMEOUT)
    assert student.get("kept", TIMEOUT) == 7


def test_processor_time_is_bounded_and_reported_as_such() -> None:
    with Zygote(("numpy",), Limits(cpu_seconds=1)) as own:
        student = StudentProcess.start(own.address)
        with pytest.raises(StudentProcessEnded, match="processor time"):
            student.run("while True: pass", "cell", TIMEOUT)


@pytest.mark.parametrize("namespaces", [True, False])
@pytest.mark.parametrize("how", ["close", "kill"])
def test_no_process_and_no_file_outlives_the_zygote(how: str, namespaces: bool) -> None:
    own = Zygote(("numpy",), namespaces=namespaces)
    students = [StudentProcess.start(own.address) for _ in range(3)]
    for student in students:
        student.run("open('left', 'w').write('mine')", "cell", TIMEOUT)
    pids = descendants(own._process.pid)
    assert len(pids) == (4 if students[0].layers["namespaces"] else 6)  # the warm process, or a guard each
    if how == "kill":
        own._process.kill()
    own.close()
    assert soon(lambda: not any(map(alive, pids)))
    assert not Path(own.address).parent.exists()
    for student in students:
        student.close()


def rooms(zygote: Zygote) -> list[Path]:
    """The scratch folders that are there now, without namespaces."""
    return list(Path(zygote.address).parent.glob("rooms/*"))


LEAVES_MUCH = """
import os
os.makedirs('a/b')
open('a/b/c', 'w').write('mine')
os.symlink('/', 'root')
os.mkdir('closed', 0)
"""


@pytest.mark.parametrize("end", ["hangs up", "exits", "is ended", "guard is killed"])
def test_the_scratch_folder_goes_with_its_student(end: str) -> None:
    with Zygote(("numpy",), namespaces=False) as own:
        student, pids = started(own)
        student.run("open('left', 'w').write('mine')", "cell", TIMEOUT)
        assert len(rooms(own)) == 1
        if end == "hangs up":
            student.close()
        elif end == "exits":
            assert "os._exit" in end_of(student, LEAVES_MUCH.replace("os.mkdir('closed', 0)", "os._exit(0)"))
        elif end == "is ended":
            assert "its scratch folder" in end_of(
                student, LEAVES_MUCH + FILLING["empty files"] + "\nimport time; time.sleep(10)"
            )
        else:
            (guard,) = children(own._process.pid)
            os.kill(guard, 9)
        assert soon(lambda: not any(map(alive, pids)))
        assert end == "guard is killed" or soon(lambda: rooms(own) == [])
    assert not Path(own.address).parent.exists()


JUDGE = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from autograder.judge.student_process import StudentProcess, Zygote
zygote = Zygote(("numpy",), namespaces=sys.argv[2] == "True")
student = StudentProcess.start(zygote.address)
student.run("open('left', 'w').write('mine')", "cell", 30)
print(zygote.address, zygote._process.pid, flush=True)
time.sleep(1000)
"""


@pytest.mark.parametrize("namespaces", [True, False])
@pytest.mark.parametrize("killed", ["judge", "judge, warm process and guard"])
def test_nothing_is_left_of_a_judge_that_was_killed(killed: str, namespaces: bool) -> None:
    """The warm process cleans up, or else the next one that is started. One that is at work is left alone."""
    command = [sys.executable, "-c", JUDGE, str(ROOT), str(namespaces)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as judge:
        assert judge.stdout is not None
        address, pid = judge.stdout.readline().split()
        folder, below = Path(address).parent, descendants(int(pid)) | {int(pid)}
        assert len(below) == 3
        sweep()
        assert Path(address).exists(), "what is at work must not be swept away"
        if "guard" in killed:
            for one in below:
                os.kill(one, 9)
        judge.kill()
    assert soon(lambda: not any(map(alive, below)))
    sweep()
    assert soon(lambda: not folder.exists())


def test_what_a_zygote_may_print_while_it_fails_to_start_is_told() -> None:
    with Zygote((*NUMPY, "no_such_module")) as own:
        own._process.wait(120)  # importing NumPy takes a busy machine long
        with pytest.raises(NoWarmProcess, match="no_such_module"):
            own.check()
