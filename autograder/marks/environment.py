"""What marks depend on beside the course, as one machine has it.

Its source is sent to the workers of a cluster as text, for they may have another Python and no autograder at all: it
imports only what every Python brings along.
"""

import hashlib
import importlib.metadata
import importlib.util
import platform
from pathlib import Path

PACKAGES = ("numpy", "tensorflow", "keras", "IPython")
CODE = "code in autograder/"


def environment() -> dict[str, str]:
    """Versions by name, and under CODE a digest of the autograder's sources; "none" for what is not there."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "none"
    spec = importlib.util.find_spec("autograder")
    found[CODE] = _digest(Path(spec.origin).parent) if spec is not None and spec.origin else "none"
    return found


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("**/*.*")):
        if path.suffix in (".py", ".j2", ".css"):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def differences(here: dict[str, str], there: dict[str, str]) -> str:
    """What another machine has otherwise, in words; "" where nothing."""
    differing = [name for name in here if there.get(name) != here[name]]
    return ", ".join(f"{name} is {there.get(name, 'none')} there and {here[name]} here" for name in differing)
