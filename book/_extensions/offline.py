"""The whole site with Python in it, as one zip that asks no other server: for a classroom without a network.

    python book/_extensions/offline.py     # writes _build/course-offline.zip. Executed pages are taken from `make site`

It is the same course, built anew with other settings: Pyodide is served by the site (pyodide_files.py), nothing leads
to a repository or to Colab, and exercises say so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import yaml
from publishing import REPOSITORY
from pyodide_files import material

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / "_build" / ".pyodide"
"""Where Pyodide's files are kept."""

ADDRESS = "http://localhost:8000"
LEFT_OUT = (".map", ".inv", ".buildinfo")
"""What no reader's browser asks for."""

README = f"""{{title}}

This folder is the whole course. It needs a browser and Python 3, and no network.

1. In this folder:  python3 -m http.server 8000     (on Windows: py -m http.server 8000)
2. Open {ADDRESS} in a browser. Ctrl-C in the first window ends it.

Others in the same network can open it too, at this machine's address. To keep it to yourself, add to the command
of step 1:  --bind 127.0.0.1

What you write in an exercise is kept by your browser, for this address: File > Download saves it as a file.
Opened as a file, without step 1, the book can be read, and exercises do not run.
Exercises that need TensorFlow do not run in a page: download them, and open them where TensorFlow is installed.
"""


class NotBuilt(RuntimeError):
    """The site could not be built; the text says why."""


def settings(course: Path, pyodide: Path) -> dict[str, Any]:
    """_config.yml of a site that stands alone."""
    config: dict[str, Any] = yaml.safe_load((course / "_config.yml").read_text())
    config["repository"]["url"] = ""
    config["html"]["baseurl"] = ADDRESS
    config["execute"]["cache"] = str(course / "_build/.jupyter_cache")
    extensions = config["sphinx"]["local_extensions"]
    config["sphinx"]["local_extensions"] = {name: str(course / folder) for name, folder in extensions.items()}
    config["sphinx"]["config"] |= {"lite_pyodide": str(pyodide), "html_copy_source": False}
    return config


def build(course: Path, pyodide: Path) -> Path:
    """Build the site, and return its folder. Raises NotBuilt."""
    work = course / "_build" / "offline"
    work.mkdir(parents=True, exist_ok=True)
    (work / "_config.yml").write_text(yaml.safe_dump(settings(course, pyodide)))
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "-W", "-n", "--keep-going", "--quiet"]
    command += [f"--config={work / '_config.yml'}", f"--path-output={work}"]
    published = {"COURSE_BASEURL", *REPOSITORY.values()}
    environment = {name: value for name, value in os.environ.items() if name not in published}
    done = subprocess.run(command, check=False, cwd=course, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise NotBuilt(f"The site was not built:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return work / "_build/html"


def pack(site: Path, title: str, target: Path) -> None:
    """Write the site into a zip, below one folder, with a README."""
    top = target.stem
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(f"{top}/README.txt", README.format(title=title))
        for path in sorted(site.rglob("*")):
            if path.is_file() and not path.name.endswith(LEFT_OUT):
                archive.write(path, Path(top) / path.relative_to(site))


def make(course: Path = ROOT) -> Path:
    """Make the zip of a course, and return its path. Raises NotBuilt."""
    site = build(course, material(CACHE))
    target = course / "_build" / "course-offline.zip"
    pack(site, yaml.safe_load((course / "_config.yml").read_text())["title"], target)
    return target


if __name__ == "__main__":
    try:
        made = make()
    except NotBuilt as error:
        sys.exit(str(error))
    print(f"{made.stat().st_size / 1e6:.0f} MB   {made}")
