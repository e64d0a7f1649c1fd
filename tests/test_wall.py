"""The wall, tried from inside: what student code must not be able to do, on machines that allow all or little of it.

Each escape is code that raises where it is prevented. Those that are harmless are also run without a wall, where they
must succeed: so a typing error in an escape does not pass for a wall.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from autograder.checks import every_check
from autograder.course.key import Key
from autograder.handed_in.submission import Cell, Submission
from autograder.judge.judge import Judge, Timeouts
from autograder.judge.student_process import (
    NUMPY,
    NoWarmProcess,
    StudentError,
    StudentProcess,
    StudentProcessEnded,
    Zygote,
)
from autograder.walled.limits import Limits

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


def libc(code: str, *, unwalled: bool = True, stopped_by: tuple[str, ...] = ("PermissionError",)) -> Escape:
    return Escape(LIBC + code, stopped_by, unwalled)


def escapes() -> dict[str, Escape]:
    """Everything that is tried, by name. JUDGE stands for the judge's process number."""
    solution = str(next(ROOT.glob("solutions/*/*.ipynb")))
    root = str(ROOT)
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
        "forkpty": Escape("import os\nif os.forkpty()[0] == 0: os._exit(0)", ANY),
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
        "become root": libc("os.setuid(0) if os.getuid() else call('setuid', -1)", stopped_by=ANY, unwalled=False),
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
    "ordinary user": ("ordinary-user",),
    "ordinary user, no namespaces": ("ordinary-user", "no-namespaces"),
    "ordinary user, no mounts": ("ordinary-user", "no-mounts"),
}
Report = dict[str, Any]


@pytest.fixture(scope="module")
def grading() -> Iterator[None]:
    """A gradebook and another's submission, where nothing has been marked here yet."""
    made = [ROOT / "grading/wall-test", ROOT / "grading/submitted/wall-test/none/none.ipynb"]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    yield
    for path in made:
        path.unlink()
    made[1].parent.rmdir()
    made[1].parent.parent.rmdir()


@pytest.fixture(scope="module", params=CIRCUMSTANCES)
def report(request: pytest.FixtureRequest, grading: None) -> Report:
    """What became of everything that was tried in one circumstance."""
    circumstance = CIRCUMSTANCES[request.param]
    if "ordinary-user" in circumstance and os.geteuid() != 0:
        pytest.skip("this is an ordinary user already")
    found = escapes()  # anew: the files of the fixture are among them
    work = {
        "codes": {name: escape.code for name, escape in found.items()} | OBSERVE,
        "unwalled": [name for name, escape in found.items() if escape.unwalled],
    }
    ran = subprocess.run(
        [sys.executable, str(ELSEWHERE), *circumstance],
        input=json.dumps(work),
        capture_output=True,
        text=True,
        env={**os.environ, "AUTOGRADER_CANARY": CANARY},
        start_new_session=True,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    result: Report = json.loads(ran.stdout)
    return result


def observed(report: Report, name: str) -> Any:
    result = report["walled"][name]
    assert not result["error"], result
    return json.loads(result["output"])


@pytest.mark.parametrize("name", ESCAPES)
def test_no_escape_succeeds(report: Report, name: str) -> None:
    result = report["walled"][name]
    assert result["error"] in ESCAPES[name].stopped_by, result
    assert not report["unwalled"].get(name), "without a wall it must succeed, or it proves nothing"


def test_nothing_was_written(report: Report) -> None:
    assert not [path for path in (ROOT / "escaped", Path("/escaped"), Path("/var/tmp/escaped")) if path.exists()]


def test_every_student_process_has_a_filter_and_landlock(report: Report) -> None:
    layers = report["walled"]["work"]["layers"]
    assert layers["seccomp"] and layers["landlock"] >= 1
    assert layers["uid"] != 0


def test_the_circumstances_are_what_they_claim(request: pytest.FixtureRequest, report: Report) -> None:
    circumstance = CIRCUMSTANCES[request.node.callspec.params["report"]]
    layers = report["walled"]["work"]["layers"]
    if "no-namespaces" in circumstance or "no-mounts" in circumstance:
        assert not layers["namespaces"]
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
    assert "0" not in found["Groups"].split()


def test_limits_are_set(report: Report) -> None:
    limits = Limits()
    assert observed(report, "limits") == {
        "CPU": [limits.cpu_seconds] * 2,
        "FSIZE": [limits.file_mib << 20] * 2,
        "NOFILE": [limits.open_files] * 2,
        "NPROC": [limits.threads] * 2,
        "CORE": [0, 0],
    }


def test_ordinary_work_is_possible(report: Report) -> None:
    """Files in the scratch folder, threads, random numbers and what libraries read in /proc."""
    assert observed(report, "work") == ["kept", [200.0] * 4, True, True]


# --- one process, one student ---


def error_of(student: StudentProcess, code: str) -> str:
    """The name of the error that `code` ends in; empty for none."""
    try:
        student.run(code, "cell", TIMEOUT)
    except StudentError as error:
        return error.name
    return ""


def test_the_scratch_folder_is_bounded(student: StudentProcess) -> None:
    if not student.layers["namespaces"]:
        pytest.skip("without namespaces there is no file system of one's own")
    assert error_of(student, "for n in range(99): open(str(n), 'wb').write(bytes(8 << 20))") == "OSError"
    assert error_of(student, "for n in range(9999): open(f'empty-{n}', 'w')") == "OSError"


def test_a_cell_that_ran_out_of_memory_leaves_the_process_usable(student: StudentProcess) -> None:
    assert error_of(student, "x = [bytearray(1 << 28) for _ in range(100)]") == "MemoryError"
    assert error_of(student, "del x\ny = 1") in ("", "NameError")
    assert error_of(student, "assert 1 + 1 == 2") == ""


def test_a_student_process_sees_no_other_process(student: StudentProcess) -> None:
    if not student.layers["namespaces"]:
        pytest.skip("without namespaces /proc shows all processes")
    student.run("import os\npids = [name for name in os.listdir('/proc') if name.isdigit()]", "cell", TIMEOUT)
    assert student.get("pids", TIMEOUT) == ["1"]


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


# --- what the child inherits ---

SCAN = """
import ctypes
import numpy as np
MASK = 0x55
planted = bytes(b ^ MASK for b in PLANTED)

def scan(masked):
    found = set()
    for line in list(open("/proc/self/maps")):
        where, rights, *rest = line.split()
        if "r" not in rights or rest[-1] in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
            continue
        start, end = (int(part, 16) for part in where.split("-"))
        for at in range(start, end, 8 << 20):
            size = min((8 << 20) + 4096, end - at)
            here = np.frombuffer((ctypes.c_ubyte * size).from_address(at), np.uint8) ^ np.uint8(MASK)
            here = here.tobytes()
            found |= {number for number, one in enumerate(masked) if one in here}
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
    """A student process, and the processes that came with it: its guard and itself."""
    pid = zygote._process.pid
    before = descendants(pid)
    student = StudentProcess.start(zygote.address)
    return student, descendants(pid) - before


def test_hanging_up_ends_guard_and_student(zygote: Zygote) -> None:
    student, pids = started(zygote)
    assert len(pids) == 2 and all(map(alive, pids))
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


@pytest.mark.parametrize("how", ["close", "kill"])
def test_no_process_outlives_the_zygote(how: str) -> None:
    own = Zygote(("numpy",))
    students = [StudentProcess.start(own.address) for _ in range(3)]
    pids = descendants(own._process.pid)
    assert len(pids) == 6
    if how == "kill":
        own._process.kill()
    own.close()
    assert soon(lambda: not any(map(alive, pids)))
    assert not Path(own.address).parent.exists()
    for student in students:
        student.close()


def test_what_a_zygote_may_print_while_it_fails_to_start_is_told() -> None:
    with Zygote((*NUMPY, "no_such_module")) as own:
        assert soon(lambda: own._process.poll() is not None)
        with pytest.raises(NoWarmProcess, match="no_such_module"):
            own.check()
