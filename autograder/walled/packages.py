"""Which of the installed packages student code can read: what exercises use, and what that needs in turn.

All others are the judge's, the site's or the tests': example gradebooks, servers, checkers. A new library in exercises
gets a word in USED, and is then there for the student process too.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from glob import glob
from importlib import machinery, metadata
from pathlib import Path
from types import ModuleType

USED = ("numpy", "matplotlib", "ipywidgets", "ipython", "tensorflow")
FOLDERS = "python*/*-packages"
"""Where a folder of libraries keeps those for Python: site-packages, or Debian's dist-packages."""
LEFT_OUT = frozenset({"", "..", "__pycache__"})
"""Programs, and what was compiled of everybody's single files."""


def shown_packages(libraries: Iterable[str]) -> dict[str, list[str]]:
    """The folders of packages in the folders `libraries`, and the names in each of them that can be read."""
    shown: dict[str, set[str]] = {folder: set() for library in libraries for folder in glob(f"{library}/{FOLDERS}")}
    places = {Path(folder).resolve(): folder for folder in shown}
    for distribution in distributions():
        folder = places.get(Path(str(distribution.locate_file(""))).resolve())
        if folder is not None:
            shown[folder] |= set(recorded(distribution.read_text("RECORD") or ""))
    return {folder: sorted(names & set(os.listdir(folder)) - LEFT_OUT) for folder, names in shown.items()}


def recorded(record: str) -> Iterator[str]:
    """What stands in the folder of packages itself, of a RECORD: TensorFlow has 20,000 files in three folders."""
    folder = "/"
    for row in record.splitlines():
        if not row.startswith(folder):
            name = row.partition(",")[0].partition("/")[0]
            folder = f"{name}/"
            yield name


def distributions() -> Iterable[metadata.Distribution]:
    """The distributions in USED, as far as they are installed, and all that they need."""
    found: dict[str, metadata.Distribution] = {}
    wanted = list(USED)
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # it is for another system, or another Python
        wanted += needed(found[name].read_text("METADATA") or "")
    return found.values()


def needed(described: str) -> list[str]:
    """What a distribution needs without extras, of its METADATA. (`requires` parses it as a letter, text and all.)"""
    rows = re.findall(r"^Requires-Dist: *([\w.-]+)(.*)", described.partition("\n\n")[0], re.MULTILINE)
    return [name for name, when in rows if "extra ==" not in when]


class FindShown(machinery.FileFinder):
    """Finds the modules in a folder of packages that can be read, and no others: so `try: import` finds nothing."""

    def __init__(self, folder: str, names: Iterable[str]) -> None:
        super().__init__(
            folder,
            (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES),
            (machinery.SourceFileLoader, machinery.SOURCE_SUFFIXES),
            (machinery.SourcelessFileLoader, machinery.BYTECODE_SUFFIXES),
        )
        self._modules = {name.partition(".")[0] for name in names}

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> machinery.ModuleSpec | None:
        """The module, where it can be read; as if there were none otherwise."""
        return super().find_spec(fullname, target) if fullname in self._modules else None


def overlook_others(shown: dict[str, list[str]]) -> None:
    """Have this process find no package that it could see and not read."""
    for folder, names in shown.items():
        sys.path_importer_cache[folder] = FindShown(folder, names)
