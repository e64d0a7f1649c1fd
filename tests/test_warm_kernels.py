"""Kernels forked from a warm process: each is one of its own, and ends as any kernel does."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager, start_new_kernel
from warm_kernels import warm_kernels

from tests.test_wall import alive, soon

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere kernels start as ever")


@pytest.fixture(scope="module")
def warm() -> Iterator[None]:
    """A warm process that has imported one module that a kernel does not import by itself."""
    with warm_kernels(("ipykernel.kernelapp", "colorsys")):
        yield


@pytest.fixture
def kernel(warm: None, tmp_path: Path) -> Iterator[tuple[KernelManager, Callable[[str], str]]]:
    """A kernel in a folder of its own, and how to ask it."""
    os.environ["ASKED_FOR"] = "here"
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    del os.environ["ASKED_FOR"]
    said: list[str] = []

    def ask(code: str) -> str:
        said.clear()
        client.execute_interactive(code, timeout=60, output_hook=lambda message: said.append(str(message["content"])))
        return " ".join(said)

    ask.client = client  # type: ignore[attr-defined]
    yield manager, ask
    client.stop_channels()
    manager.shutdown_kernel(now=True)


Asked = tuple[KernelManager, Callable[[str], str]]


def test_it_is_a_fork_with_the_folder_and_the_environment_that_were_asked_for(kernel: Asked, tmp_path: Path) -> None:
    _, ask = kernel
    assert "found: True" in ask("import sys; print('found:', 'colorsys' in sys.modules)")
    assert str(tmp_path) in ask("import os; print(os.getcwd())")
    assert "it is here" in ask("print('it is', os.environ['ASKED_FOR'])")
    assert "backend_inline" in ask("print(os.environ['MPLBACKEND'])")


def test_what_one_holds_the_next_does_not(kernel: Asked) -> None:
    _, ask = kernel
    assert "'kept' is not defined" in ask("print(kept)")
    ask("import colorsys; kept = colorsys.kept = 1")
    manager, client = start_new_kernel(kernel_name="python3")
    said: list[str] = []
    client.execute_interactive(
        "import colorsys; print(hasattr(colorsys, 'kept'))", timeout=60, output_hook=lambda one: said.append(str(one))
    )
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    assert "False" in " ".join(said)


def test_it_can_be_interrupted(kernel: Asked) -> None:
    manager, ask = kernel
    before = signal.signal(signal.SIGALRM, lambda *_: manager.interrupt_kernel())
    signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)  # the first may come before the cell
    try:
        assert "KeyboardInterrupt" in ask("import time; time.sleep(100)")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("end", ["is shut down", "is killed", "exits"])
def test_nothing_is_left_of_it(kernel: Asked, end: str) -> None:
    manager, ask = kernel
    pid = int(ask("import os; print('pid', os.getpid(), 'pid')").split("pid ")[-1].split()[0])
    assert alive(pid)
    if end == "exits":
        ask.client.execute("os._exit(3)")  # type: ignore[attr-defined]
    else:
        manager.shutdown_kernel(now=end == "is killed")
    assert soon(lambda: not alive(pid)) and soon(lambda: not manager.is_alive())


def test_afterwards_kernels_are_as_they_were() -> None:
    before = os.environ.get("JUPYTER_PATH")
    with warm_kernels(("colorsys",)):
        assert os.environ["JUPYTER_PATH"] != before
    assert os.environ.get("JUPYTER_PATH") == before
