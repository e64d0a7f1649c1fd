"""`python -m book.runs [NAME …]`: run experiments anew and store their results; without a name say which there are."""

from __future__ import annotations

import importlib
import json
import platform
import sys
import time
from datetime import date
from importlib.metadata import version

from . import FOLDER, digest, names

PACKAGES = ("numpy", "tensorflow", "keras")


def main() -> None:
    """Run what is asked for."""
    unknown = set(sys.argv[1:]) - set(names())
    if unknown:
        raise SystemExit(f"There is no run {', '.join(sorted(unknown))}. There are: {', '.join(names())}.")
    for name in names() if not sys.argv[1:] else []:
        path = FOLDER / f"{name}.json"
        about = json.loads(path.read_text()) if path.is_file() else {}
        current = about.get("module") == digest(name)
        print(f"{name:24} {about.get('made', 'never run'):60} {'' if current else 'OUT OF DATE'}")
    for name in sys.argv[1:]:
        began = time.monotonic()
        results = importlib.import_module(f"book.runs.{name}").run()
        packages = ", ".join(f"{one} {version(one)}" for one in PACKAGES)
        made = f"{date.today()}, Python {platform.python_version()}, {packages}"
        about = {"module": digest(name), "made": made, "seconds": round(time.monotonic() - began), "results": results}
        (FOLDER / f"{name}.json").write_text(json.dumps(about, indent=1) + "\n")
        print(f"{name}: stored after {about['seconds']} s")


if __name__ == "__main__":
    main()
