"""A cell of plain Python is run without IPython's reading of it: what it does and how it fails must be the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograder.walled import shell as walled_shell
from autograder.walled.shell import Shell, make_shell, run_cell

CELLS = {
    "values": ["x = 1", "def f(a):\n    return a + x", "y = f(2)\ny"],
    "an error": ["def f():\n    return 1 / 0", "f()"],
    "an error in a later line": ["a = 1\nb = [a,\n     a / 0]"],
    "no Python": ["def f(:\n    pass"],
    "breaks off": ["x = ("],
    "a null byte": ["x = 1\x00"],
    "nested too deeply": ["(" * 300 + ")" * 300],
    "a magic": ["%precision 3", "x = 1"],
    "a cell magic": ["%%capture said\nprint('hello')", "text = said.stdout"],
    "a question": ["x = 1", "x?"],
    "await": ["import asyncio\nx = await asyncio.sleep(0, 7)"],
    "await and an error": ["import asyncio\nawait asyncio.sleep(0)\n1 / 0"],
    "indented": ["    x = 1\n    y = x"],
    "a prompt": [">>> x = 1"],
    "the future": ["from __future__ import annotations", "def f(a: nowhere): return a", "y = f.__annotations__['a']"],
    "exit": ["raise SystemExit(2)"],
    "interrupted": ["raise KeyboardInterrupt"],
    "builtins": ["x = get_ipython() is not None", "y = callable(display)"],
    "a hook of its own": [
        "seen = []\ndef look(info): seen.append(info.raw_cell)\nget_ipython().events.register('pre_run_cell', look)",
        "x = 1",
        "get_ipython().events.unregister('pre_run_cell', look)",
    ],
    "before each cell": [
        "seen = []\ndef look(): seen.append(1)\nget_ipython().events.register('pre_execute', look)",
        "x = 1",
        "get_ipython().events.unregister('pre_execute', look)",
    ],
    "after a cell that fails": [
        "seen = []\ndef look(): seen.append(1)\nget_ipython().events.register('post_execute', look)",
        "1 / 0",
        "get_ipython().events.unregister('post_execute', look)",
    ],
    "a transformer": [
        "import ast\nclass Double(ast.NodeTransformer):\n    def visit_Constant(self, node):\n"
        "        return ast.Constant(node.value * 2) if isinstance(node.value, int) else node\n"
        "get_ipython().ast_transformers.append(Double())",
        "x = 21",
        "get_ipython().ast_transformers.clear()",
    ],
    "a warning in each cell": [
        "import warnings\nshown = []\nwarnings.simplefilter('default')\n"
        "warnings.showwarning = lambda *a: shown.append(1)\ndef f(): warnings.warn('here')",
        "f()",
        "f()",
        "count = len(shown)",
    ],
    "a decorator and its line": [
        "def twice(f):\n    return lambda: f() + f()",
        "@twice\ndef g():\n    return [][1]",
        "g()",
    ],
    "inspects itself": ["import inspect\ndef f():\n    return 1", "text = inspect.getsource(f)"],
}


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell of its own, as the warm process makes it."""
    Shell.clear_instance()
    yield make_shell()
    Shell.clear_instance()


def outcome(shell: Shell, cells: list[str]) -> list[Any]:
    """What each cell answered, and what the notebook then holds."""
    shell.reset(new_session=False)  # type: ignore[no-untyped-call]
    labels: dict[int, str] = {}
    said: list[Any] = [run_cell(shell, source, f"cell {n}", labels) for n, source in enumerate(cells)]
    plain = {k: v for k, v in shell.user_ns.items() if type(v) in (int, str, bool, list) and not k.startswith("_")}
    return [*said, {name: value for name, value in plain.items() if name not in ("In", "Out")}]


@pytest.mark.parametrize("name", CELLS)
def test_plain_python_is_run_as_ipython_runs_it(shell: Shell, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = outcome(shell, CELLS[name])

    def never(*arguments: object) -> object:
        raise SyntaxError

    monkeypatch.setattr(walled_shell, "plain_python", never)
    assert ours == outcome(shell, CELLS[name])


def test_another_program_is_not_run_and_stops_no_cell(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """As in Jupyter, where a command that fails is printed: what stands below it counts."""
    said = outcome(shell, ["!pip install numpy\nx = 1", "%pip install numpy\ny = 2", "files = !ls\nz = len(files)"])
    assert said[:3] == [{}, {}, {}] and said[3].items() >= {"x": 1, "y": 2, "z": 0}.items()
    assert "was not run: pip install numpy" in capsys.readouterr().out


def test_plain_python_does_without_ipython(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InteractiveShell, "run_cell", lambda *a, **k: pytest.fail("IPython was asked"))
    assert run_cell(shell, "x = 1\nprint(x, file=__import__('sys').stderr)", "a", {}) == {}
    assert shell.user_ns["x"] == 1
