"""Brings the pinned packages into the environment whose Python runs this: with uv, and with pip where uv cannot.

`python tools/install.py` installs requirements.txt under constraints.txt; `python tools/install.py lock` writes
constraints.txt anew, for every Python and system at once. It imports nothing that has to be installed first.
"""

from __future__ import annotations

import ast
import csv
import os
import shutil
import ssl
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS, CONSTRAINTS = ROOT / "requirements.txt", ROOT / "constraints.txt"
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "aarch64-apple-darwin")
PACKAGES = ("-r", str(REQUIREMENTS), "-c", str(CONSTRAINTS))
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")

BEGUN = Path(sys.prefix) / ".installing"
"""Is there while packages are being installed, and is left behind by an installation that was cut off."""

TOLD = {
    "index-url": ("UV_DEFAULT_INDEX", ""),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "proxy": ("ALL_PROXY", ""),
    "cert": ("SSL_CERT_FILE", ""),
    "client-cert": ("SSL_CLIENT_CERT", ""),
    "timeout": ("UV_HTTP_TIMEOUT", ""),
    "default-timeout": ("UV_HTTP_TIMEOUT", ""),
}
"""How a setting of pip is told to uv: the variable, and what stands there between several values."""

UNTOLD = {"no-index", "no-binary", "only-binary", "constraint", "require-hashes"}
"""Settings of pip on which depends what is installed, and which uv is not told."""


def pip_settings(listing: str) -> dict[str, str]:
    """What `pip config list` lists, by name. A variable beats a setting of `pip install`, that beats a global one."""
    settings: dict[str, str] = {}
    lines = [line.partition("=") for line in listing.splitlines() if "=" in line]
    for section in ("global.", "install.", ":env:."):
        for key, _, value in lines:
            if key.startswith(section):
                settings[key.removeprefix(section)] = str(ast.literal_eval(value))
    return settings


def uv_variables(settings: Mapping[str, str]) -> dict[str, str] | None:
    """The environment variables that tell uv what pip is set to; None where pip is told what uv cannot be."""
    if UNTOLD & set(settings):
        return None
    variables = {}
    for name, (variable, between) in TOLD.items():
        values = [value for value in settings.get(name, "").split() if not _is_missing(value)]
        if values:
            variables[variable] = between.join(values)
    if "UV_INDEX" in variables:
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # as pip does: the version decides, not the index
    return variables


def _is_missing(place: str) -> bool:
    """A folder that pip passes over with a warning and that uv stops at."""
    path = place.removeprefix("file://")
    return path.startswith("/") and not os.path.exists(path)


def has_certificates() -> bool:
    """Whether this system keeps certificates. pip trusts these, so that uv should: a campus may have its own."""
    kept = ssl.get_default_verify_paths()
    return sys.platform == "darwin" or bool(kept.cafile or (kept.capath and os.listdir(kept.capath)))


def find_uv() -> str | None:
    """A uv that runs: the one on the PATH, else the pinned one from PyPI."""
    for candidate in (shutil.which("uv"), str(Path(sys.executable).parent / "uv")):
        if candidate and _runs(candidate, "--version"):
            return candidate
    print("Getting uv, which installs several times as fast as pip", flush=True)
    subprocess.run([*PIP, "install", "--quiet", "--only-binary=:all:", "uv", "-c", CONSTRAINTS], check=False)
    return candidate if candidate and _runs(candidate, "--version") else None


def _runs(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def uv(*arguments: str) -> bool:
    """Run uv with pip's settings. Returns whether it did what it was asked."""
    listing = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=False).stdout
    variables = uv_variables(pip_settings(listing))
    if variables is None or not (program := find_uv()):
        return False
    if has_certificates():
        variables["UV_SYSTEM_CERTS"] = "true"
    return subprocess.run([program, *arguments], check=False, env=variables | os.environ).returncode == 0


def pip_install() -> bool:
    """Install with pip. Of what is there already, it says nothing. Returns whether all is there afterwards."""
    command = [*PIP, "install", *PACKAGES]
    if not (Path(sys.prefix) / ".ready").exists():
        return subprocess.run(command, check=False).returncode == 0  # on the terminal itself, for its progress bars
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not line.startswith("Requirement already satisfied"):
                print(line, end="", flush=True)
    return process.returncode == 0


def forget_halves(packages: Path) -> list[str]:
    """Of the packages in this folder, make those that were cut off while they were written count as not installed."""
    halves = []
    for info in sorted(packages.glob("*.dist-info")):
        if not _is_whole(info / "RECORD"):
            halves.append(info.name.removesuffix(".dist-info"))
            shutil.rmtree(info)
    return halves


def _is_whole(record: Path) -> bool:
    try:
        with record.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.reader(file) if row and not row[0].endswith(".pyc")]
        sizes = [(record.parent.parent / row[0], row[2]) for row in rows]
        return bool(rows) and all(not size or path.stat().st_size == int(size) for path, size in sizes)
    except (OSError, IndexError, ValueError):
        return False


def prepare_what_is_walled() -> None:
    """Compile what a walled process imports: in there nothing can be written, and TensorFlow takes 10 s without.

    And have matplotlib keep its list of fonts, which it would make anew in each warm process (walled/zygote.py).
    """
    command = [sys.executable, "-c", "import IPython, matplotlib.pyplot, tensorflow"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    environment["MPLCONFIGDIR"] = f"{sys.prefix}/lib/matplotlib"
    subprocess.run(command, check=False, env=environment, cwd=sys.prefix, capture_output=True)


def install() -> int:
    """Install what is missing. Returns the exit code."""
    packages = Path(sysconfig.get_path("purelib"))
    if BEGUN.exists():
        for name in forget_halves(packages):
            print(f"{name} was cut off, it is installed again")
    BEGUN.touch()
    if not uv("pip", "install", "--python", sys.executable, *PACKAGES):
        print("Installing with pip", flush=True)
        if not pip_install():
            print("Not all packages could be installed, see above. What is there is kept: run make again.")
            return 1
    prepare_what_is_walled()
    BEGUN.unlink()
    return 0


def lock() -> int:
    """Write constraints.txt: what is pinned there stays as far as requirements.txt allows. Returns the exit code."""
    resolve = ("pip", "compile", "--quiet", "--no-annotate", "--custom-compile-command", "make lock", str(REQUIREMENTS))
    if not uv(*resolve, "--universal", "--python-version", PYTHONS[0], "-o", str(CONSTRAINTS)):
        print("constraints.txt was not written: this needs uv, with settings of pip that it can be told.")
        return 1
    wheels = (*resolve, "-c", str(CONSTRAINTS), "--only-binary", ":all:", "-o", os.devnull)
    for python in PYTHONS:
        for system in SYSTEMS:
            if not uv(*wheels, "--python-version", python, "--python-platform", system):
                print(f"Not every pin of constraints.txt has a wheel for Python {python} on {system}, see above.")
                return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(lock() if sys.argv[1:] == ["lock"] else install())
    except KeyboardInterrupt:
        print("\nStopped. What is there is kept: run make again to go on.")
        sys.exit(130)
