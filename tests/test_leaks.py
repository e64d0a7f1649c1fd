"""Solutions, hidden tests, references and checks reach neither exercises/ nor any file of the built site.

`make test` builds the site first. Feedback is looked at in test_class.py, the student process in test_wall.py.
"""

from __future__ import annotations

import ast
import html
import re
from functools import cache
from pathlib import Path

import pytest

from autograder.checking import AnyCheck, FunctionCheck, Misconception, ModelCheck
from autograder.checks import every_check, notebook_checks
from autograder.course.key import read_keys

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
SITE_NEEDED = pytest.mark.usefixtures("built_site")
TEXT = {".html", ".js", ".json", ".ipynb", ".md", ".txt", ".css", ".inv", ".svg", ".xml", ".py", ""}

IMPORT = "from autograder.checks import hidden"
"""With this line each hidden test begins."""


def squeezed(text: str) -> str:
    """`text` without tags, entities, white space and the quoting of JSON."""
    return re.sub(r'\s|\\n|\\"|"|\',', "", html.unescape(re.sub(r"<[^>]+>", "", text)))


@cache
def wrong_on_purpose() -> set[str]:
    """The names of the misconceptions' functions. A page may show a trap: what is wrong is nobody's answer."""
    checks = [check for _, _, check in every_check()]
    return {one.name for check in checks for one in check.misconceptions}


def source_of(part: ast.stmt, lines: list[bytes]) -> str:
    """The text of a statement. `ast.get_source_segment` splits the whole file anew for each."""
    rows = lines[part.lineno - 1 : part.end_lineno]
    rows[-1] = rows[-1][: part.end_col_offset]
    rows[0] = rows[0][part.col_offset :]
    return b"\n".join(rows).decode()


@cache
def secrets() -> dict[str, str]:
    """What must not get out, squeezed, by what it is."""
    found = {}
    for (assignment, notebook), key in read_keys(ROOT / "solutions", ROOT / "exercises").items():
        for cell in key.cells:
            for part in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, flags=re.DOTALL):
                found[f"the answer {assignment}/{notebook}/{cell.grade_id}"] = squeezed(part)
            for line in cell.hidden.splitlines() if cell.auto_graded else []:
                found[f"a hidden test of {assignment}/{notebook}: {line}"] = squeezed(line)
    for path in (ROOT / "autograder" / "checks").rglob("*.py"):
        lines = path.read_bytes().splitlines()
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name not in wrong_on_purpose():
                body = "\n".join(source_of(part, lines) for part in node.body)
                found[f"{path.name}: {node.name}"] = squeezed(body)
    return {what: text for what, text in found.items() if len(text) > 24}


def leaks(text: str) -> list[str]:
    """The secrets that stand in `text`."""
    flat = squeezed(text)
    return [what for what, secret in secrets().items() if secret in flat]


def test_the_search_finds_a_leak() -> None:
    assert len(secrets()) > 60
    source = (ROOT / "solutions" / "lstm" / "gates.ipynb").read_text()
    assert any("forget-gate" in what for what in leaks(source))
    assert any("hidden test" in what for what in leaks(source))
    checks = ROOT / "autograder" / "checks" / "lstm" / "cell.py"
    assert any("cell.py: lstm_step" in what for what in leaks(checks.read_text()))


def test_exercises_hold_no_answers() -> None:
    for path in (ROOT / "exercises").rglob("*.*"):
        text = path.read_text()
        assert leaks(text) == [], path
        for word in ("BEGIN SOLUTION", "HIDDEN TESTS", "autograder", "MARK SCHEME"):
            assert word not in text, f"{word} in {path}"


def site_files() -> list[Path]:
    """Every text file of the site."""
    return [path for path in SITE.rglob("*") if path.is_file() and path.suffix in TEXT]


@SITE_NEEDED
def test_the_site_holds_no_answers() -> None:
    files = site_files()
    assert any(path.name == "searchindex.js" for path in files), "build the site first: make site"
    assert any("_sources" in path.parts for path in files)
    assert any("_downloads" in path.parts for path in files)
    for path in files:
        text = path.read_text(errors="replace")
        guide = "guides" in path.parts  # tells how an exercise is written, and shows one that the course does not have
        assert [what for what in leaks(text) if not (guide and what.endswith(f": {IMPORT}"))] == [], path
        if guide:
            continue
        for word in ("BEGIN SOLUTION", "HIDDEN TESTS", "autograder.checks", "autograder/checks"):
            assert word not in text, f"{word} in {path}"


@SITE_NEEDED
@pytest.mark.parametrize("notebook", sorted(ROOT.glob("exercises/*/*.ipynb")), ids=lambda path: path.stem)
def test_no_sealed_hint_stands_on_the_site(notebook: Path) -> None:
    """Neither on the exercise's page, nor in any copy of its notebook."""
    where, name = notebook.parent.name, notebook.stem
    said = {squeezed(one.says + one.hint) for check in notebook_checks(where, name).values() for one in known(check)}
    copies = [path for path in site_files() if path.stem == name and (where in path.parts or path.suffix == ".ipynb")]
    assert len(copies) >= 2
    for path in copies:
        text = squeezed(path.read_text(errors="replace"))
        assert not [one for one in said if one in text], path


def known(check: AnyCheck) -> list[Misconception]:
    """The mistakes that have a sealed hint."""
    return list(check.misconceptions) if isinstance(check, FunctionCheck | ModelCheck) else []


@SITE_NEEDED
def test_the_site_has_no_file_from_where_answers_are() -> None:
    names = {path.relative_to(SITE).as_posix() for path in SITE.rglob("*") if path.is_file()}
    assert names
    for folder in ("solutions", "autograder", "tests", "grading"):
        assert not [name for name in names if re.search(rf"(^|/){folder}/", name)], folder


@SITE_NEEDED
@pytest.mark.parametrize("notebook", sorted(ROOT.glob("exercises/*/*.ipynb")), ids=lambda path: path.stem)
def test_the_download_is_the_exercise_itself(notebook: Path) -> None:
    downloads = [path for path in SITE.rglob(notebook.name) if path.read_bytes() == notebook.read_bytes()]
    assert downloads, f"{notebook.name} cannot be downloaded from the site"
