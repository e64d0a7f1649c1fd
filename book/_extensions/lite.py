"""JupyterLite at /lite: the exercises that need nothing but NumPy run in the reader's own browser.

Which these are is read off the notebooks' imports. They are copied from exercises/ with a kernel's name that
JupyterLite knows; nothing else is changed, and what is downloaded from an exercise's page is the file in exercises/
itself.

All of /lite is served by the site. Python itself (Pyodide, with NumPy and matplotlib) comes from its own address,
`PYODIDE`, and only once a reader has opened a notebook; where `lite_pyodide` names a folder with its files, it too is
served by the site (offline.py). Building needs no network.
"""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

FOLDER = "exercises"
TARGET = "lite"
IN_BROWSER = {"numpy", "matplotlib", *sys.stdlib_module_names}
"""What a notebook may import and still run in a browser."""

PYODIDE = "https://cdn.jsdelivr.net/pyodide/v314.0.3/full/"
"""The one address that JupyterLite asks besides the site: the version that tests/test_lite.py has run."""

KERNEL = "@jupyterlite/pyodide-kernel-extension"
KERNELSPEC = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}
PACKAGES = ("micropip", "ipython", "jedi", "numpy", "matplotlib")
"""What Pyodide loads at the start, all from its own address."""

PURE = ("comm",)
"""What the kernel needs besides, and Pyodide does not have: packed from the environment, served by the site."""

SITE = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "Recurrent networks",
        "litePluginSettings": {
            f"{KERNEL}:kernel": {
                "pyodideUrl": f"{PYODIDE}pyodide.mjs",  # replaced in the build where Pyodide is at hand
                "disablePyPIFallback": True,
                "loadPyodideOptions": {"packages": list(PACKAGES)},
            }
        },
    },
}
"""jupyter-lite.json"""

SETTINGS = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
}
"""overrides.json: every cell is in the page, so that the browser's own search finds it; light or dark as the reader's
system is."""

APPS = ("notebooks", "tree")
NAME = """
    <script>
      // JupyterLite would save lstm/gates.ipynb as "lstm_gates.ipynb". What is handed in is called gates.ipynb.
      const press = HTMLAnchorElement.prototype.click;
      HTMLAnchorElement.prototype.click = function () {
        if (this.download) this.download = this.download.split("/").pop();
        press.call(this);
      };
    </script>"""
"""Stands at the head of JupyterLite's own pages."""

STAMP = "built-from.txt"


def imports(notebook: dict[str, Any]) -> set[str]:
    """The top-level names of the modules that a notebook's code imports."""
    found: set[str] = set()
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        lines = "".join(cell["source"]).splitlines()
        code = "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def runs_in_browser(path: Path) -> bool:
    """Whether this notebook imports only what a browser has."""
    return imports(json.loads(path.read_text())) <= IN_BROWSER


def notebooks(root: Path) -> Iterator[tuple[str, str]]:
    """Each notebook for the browser: its name, such as lstm/gates.ipynb, and its text there."""
    for path in sorted((root / FOLDER).glob("*/*.ipynb")):
        if runs_in_browser(path):
            notebook = json.loads(path.read_text())
            notebook["metadata"]["kernelspec"] = KERNELSPEC
            yield path.relative_to(root / FOLDER).as_posix(), json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def address(name: str) -> str:
    """Where the notebook of the page `name` opens, from the site's root."""
    return f"{TARGET}/notebooks/index.html?path={name.removeprefix(f'{FOLDER}/')}.ipynb"


def pack(package: Distribution, folder: Path) -> None:
    """Write an installed package of pure Python back into a wheel."""
    name = f"{package.metadata['Name'].replace('-', '_')}-{package.version}"
    members = [file for file in package.files or [] if ".." not in file.parts and file.suffix != ".pyc"]
    kept = [file for file in members if file.name not in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")]
    record = "".join(f"{file.as_posix()},,\n" for file in kept)
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
        for file in kept:
            wheel.writestr(zipfile.ZipInfo(file.as_posix()), Path(str(package.locate_file(file))).read_bytes())
        wheel.writestr(zipfile.ZipInfo(f"{name}.dist-info/RECORD"), record)


def write_sources(root: Path, folder: Path, pyodide: Path | None = None) -> str:
    """Write what `jupyter lite build` reads into `folder`. Returns a short name for all of it."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in notebooks(root):
        path = folder / "contents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for package in PURE:
        pack(distribution(package), folder / "pypi")
    if pyodide is not None:
        shutil.copytree(pyodide, folder / "static/pyodide")
    build = {
        "apps": list(APPS),
        "contents": ["contents"],
        "federated_extensions": [str(Path(sys.prefix) / "share/jupyter/labextensions" / KERNEL)],
        "ignore_sys_prefix": ["federated_extensions"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
    }
    (folder / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": build}, indent=1))
    (folder / "overrides.json").write_text(json.dumps(SETTINGS, indent=1))
    (folder / "jupyter-lite.json").write_text(json.dumps(SITE, indent=1))
    state = hashlib.sha256(NAME.encode())
    for package in ("jupyterlite-core", "jupyterlite-pyodide-kernel"):
        state.update(f"{package} {distribution(package).version}\n".encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        state.update(f"{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes())
    return state.hexdigest()


def build_lite(sphinx: Sphinx, error: Exception | None) -> None:
    """Build /lite, unless it stands there already, made from the same."""
    if error is not None or sphinx.builder.name != "html":
        return
    folder, target = Path(sphinx.outdir).parent / ".lite", Path(sphinx.outdir) / TARGET
    pyodide = Path(sphinx.config.lite_pyodide) if sphinx.config.lite_pyodide else None
    state = write_sources(Path(sphinx.srcdir), folder, pyodide)
    if (target / STAMP).is_file() and (target / STAMP).read_text() == state:
        return
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, "-m", "jupyterlite_core", "build", f"--lite-dir={folder}", f"--output-dir={target}"]
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise ExtensionError(f"jupyter lite build failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    for page in (target / app / "index.html" for app in APPS):
        page.write_text(page.read_text().replace("<head>", f"<head>{NAME}", 1))
    (target / STAMP).write_text(state)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("lite_pyodide", "", "env", str)
    app.connect("build-finished", build_lite)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
