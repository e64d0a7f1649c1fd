"""Kernels for the book's pages, forked from one process that has imported what nearly all of them import.

TensorFlow and Keras take a kernel four seconds of processor time to import, for every page anew. Inside
`warm_kernels()` Jupyter's own machinery starts, under the name python3, this file as a script; it asks the warm process
for a fork, which becomes the kernel, and passes signals on to it. Where that cannot be done, kernels start as ever.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys

MODULES = ("numpy", "matplotlib.pyplot", "ipywidgets", "ipykernel.kernelapp", "tensorflow", "keras")
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
"""What the pages set before they import TensorFlow, and ipykernel before Matplotlib is imported."""
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def warm_kernels(modules: tuple[str, ...] = MODULES) -> Iterator[None]:
    """Have Jupyter take its Python kernels from a process that has imported `modules`, from its start to its end."""
    import subprocess
    import tempfile
    from pathlib import Path

    if sys.platform != "linux":  # elsewhere a fork of so much is not sound
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        address = f"{folder}/socket"
        kernel = Path(folder, "kernels", "python3")
        kernel.mkdir(parents=True)
        command = [sys.executable, "-IS", __file__, "kernel", address, "-f", "{connection_file}"]
        spec = {"argv": command, "display_name": "Python 3", "language": "python", "metadata": {"debugger": False}}
        (kernel / "kernel.json").write_text(json.dumps(spec))
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
        listener.listen(16)
        earlier = os.environ.get("JUPYTER_PATH")
        warm = subprocess.Popen(
            [sys.executable, __file__, "serve", str(listener.fileno()), *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # what a cell writes is the kernel's to pass on
            stderr=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            env={**os.environ, **QUIET},
        )
        listener.close()
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (folder, earlier)))
        try:
            yield
        finally:
            if earlier is None:
                del os.environ["JUPYTER_PATH"]
            else:
                os.environ["JUPYTER_PATH"] = earlier
            assert warm.stdin is not None
            warm.stdin.close()
            warm.wait()


def serve(listener: socket.socket, modules: list[str]) -> None:
    """Import, then fork a kernel for each connection, until standard input closes."""
    import gc
    import importlib
    import select

    for name in modules:
        importlib.import_module(name)
    if "matplotlib.pyplot" in modules:
        draw()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        ready, _, _ = select.select([listener.fileno(), 0], [], [])
        if 0 in ready:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            become_kernel(connection)
        connection.close()


def draw() -> None:
    """Draw a figure, for the first one takes longest: fonts are read, and a parser of formulas is made."""
    import io

    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.subplots()
    axes.plot([1, 10], label="$h_{t-1}$")
    axes.set(yscale="log", title=r"$\frac{\partial h_t}{\partial x} \odot \sigma(\tilde{x})$ at step 1")
    axes.legend()
    figure.savefig(io.StringIO(), format="svg", bbox_inches="tight")


def become_kernel(connection: socket.socket) -> None:
    """Be the kernel that is asked for, until it is shut down or the script that stands for it is gone."""
    import threading

    with connection.makefile("rb") as stream:
        asked = json.loads(stream.readline())
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])

    def heed() -> None:
        while told := connection.recv(1):
            os.kill(os.getpid(), told[0])
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=heed, daemon=True).start()
    try:
        from ipykernel.kernelapp import IPKernelApp

        app = IPKernelApp.instance()  # type: ignore[no-untyped-call]
        app.initialize(asked["arguments"])  # type: ignore[no-untyped-call]
        app.start()  # type: ignore[no-untyped-call]
    finally:
        os._exit(0)


def kernel(address: str, *arguments: str) -> None:
    """Stand for a kernel: ask for it, pass on SIGINT, and end when it ends. When this is killed, so is the kernel."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    environment = {name: value for name, value in os.environ.items() if name != "JPY_PARENT_PID"}
    asked = {"arguments": arguments, "folder": os.getcwd(), "environment": environment | QUIET}
    connection.sendall(json.dumps(asked).encode() + b"\n")
    signal.signal(signal.SIGINT, lambda number, frame: connection.sendall(bytes([number])))
    connection.recv(1)


if __name__ == "__main__":
    role, *arguments = sys.argv[1:]
    if role == "serve":
        serve(socket.socket(fileno=int(arguments[0])), arguments[1:])
    else:
        kernel(*arguments)
