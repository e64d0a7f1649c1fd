"""A NumPy exercise in JupyterLite: opened from its page, solved, tested, downloaded, and marked by the judge.

In headless Chromium, on the built site (`make test` builds it first). Pyodide's files stand in for its CDN: the machine
needs no network but PyPI, once. See book/_extensions/pyodide_files.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import lite
import pytest
from offline import CACHE
from playwright.sync_api import Browser, Locator, Page, Route, expect
from pyodide_files import material

from autograder.course.key import Key, read_keys
from autograder.marks.marking import Job, Setting, mark
from autograder.results.result import Result
from autograder.results.verdict import Verdict
from autograder.sample.sample_class import misconceptions, wrong_source
from tests.web import ROOT, SITE, WIDE, Watch

ASSIGNMENT, NAME = "lstm", "gates"
TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}
STORED = """async (text) => {
  for (const {name} of await indexedDB.databases()) {
    const opened = indexedDB.open(name);
    const base = await new Promise((done) => { opened.onsuccess = () => done(opened.result); });
    for (const store of base.objectStoreNames) {
      const asked = base.transaction(store).objectStore(store).getAll();
      const all = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
      if (JSON.stringify(all).includes(text)) { base.close(); return true; }
    }
    base.close();
  }
  return false;
}"""
"""Whether a text has arrived where the browser keeps a reader's work."""
START = 240_000
"""Milliseconds that Python may take to start and to run the notebook, on a machine that does much else."""


class Lab:
    """An exercise that a reader has opened in their browser."""

    def __init__(self, page: Page, key: Key) -> None:
        self.page, self.key = page, key
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=START)
        notebook = json.loads((ROOT / "exercises" / ASSIGNMENT / f"{NAME}.ipynb").read_text())
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        self._ids = [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in cells]

    def cell(self, grade_id: str) -> Locator:
        """A code cell."""
        return self.page.locator(".jp-CodeCell").nth(self._ids.index(grade_id))

    def write(self, grade_id: str, code: str) -> None:
        """Write an answer as a reader would, in place of what is there."""
        self.cell(grade_id).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(code)

    def solve(self) -> None:
        """Write the instructor's answers."""
        for cell in self.key.cells:
            if cell.solution:
                self.write(cell.grade_id, cell.source)

    def choose(self, menu: str, item: str) -> None:
        """Choose from a menu."""
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.locator(".lm-Menu-itemLabel").filter(has_text=item).first.click()

    def run(self, *, afresh: bool = False) -> None:
        """Run every cell, up to the first error. `afresh` starts Python again first, which takes half a minute."""
        if afresh:
            self.choose("Kernel", "Restart Kernel and Run All")
            self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        else:
            self.choose("Run", "Run All Cells")
        prompts = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map((one) => one.textContent)"
        self.page.wait_for_function(f"() => {prompts}.some((text) => text.includes('*'))", timeout=START)
        self.page.wait_for_function(f"() => {prompts}.every((text) => !text.includes('*'))", timeout=START)

    def ran(self, grade_id: str) -> bool:
        """Whether a cell was run to its end, without an error."""
        numbered = self.cell(grade_id).locator(".jp-InputPrompt").inner_text().strip("[]: ").isdecimal()
        return numbered and not self.error(grade_id)

    def error(self, grade_id: str) -> str:
        """The error that a cell has ended in, or what it has written to stderr."""
        found = self.cell(grade_id).locator('.jp-OutputArea-output[data-mime-type$=".stderr"]')
        return found.first.inner_text() if found.count() else ""

    def failed(self) -> dict[str, str]:
        """The exercise's code cells that were not run to their end, and their errors."""
        code = [cell.grade_id for cell in self.key.cells if cell.cell_type == "code"]
        code.remove("hints")  # that one is folded, its number with it
        return {grade_id: self.error(grade_id) for grade_id in code if not self.ran(grade_id)}

    def shown(self, grade_id: str) -> str:
        """All that stands under a cell, its lines joined."""
        return " ".join(self.cell(grade_id).locator(".jp-OutputArea").inner_text().split())

    def hand_in(self, folder: Path) -> Result:
        """Download the file, and have it marked."""
        with self.page.expect_download() as download:
            self.choose("File", "Download")
        assert download.value.suggested_filename == f"{NAME}.ipynb"
        download.value.save_as(folder / f"{NAME}.ipynb")
        return mark(Job("reader", self.key, (folder / f"{NAME}.ipynb").read_bytes()), Setting(b"a seed"))


def verdict(result: Result, grade_id: str) -> Verdict:
    """The judge's verdict on a cell."""
    (found,) = [verdict for verdict in result.verdicts if verdict.grade_id == grade_id]
    return found


@pytest.fixture(scope="module")
def key() -> Key:
    """The exercise's key."""
    return read_keys(ROOT / "solutions", ROOT / "exercises")[ASSIGNMENT, NAME]


@pytest.fixture(scope="module")
def lab(browser: Browser, site: str, key: Key) -> Iterator[Lab]:
    """The exercise, opened with the button on its page."""
    files = material(CACHE)

    def serve(route: Route) -> None:
        path = files / route.request.url.split("?")[0].removeprefix(lite.PYODIDE)
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Content-Type": TYPES.get(path.suffix, "application/octet-stream"),
        }
        if path.is_file():
            route.fulfill(body=path.read_bytes(), headers=headers)
        else:
            route.abort()

    context = browser.new_context(**WIDE)
    context.route(f"{lite.PYODIDE}**", serve)
    page = context.new_page()
    watch = Watch(page, site)
    page.goto(f"{site}/exercises/{ASSIGNMENT}/{NAME}.html")
    page.wait_for_load_state("networkidle")
    assert watch.strangers == [], "nobody is asked before the click"
    page.get_by_role("link", name="Open in your browser").click()
    yield Lab(page, key)
    assert watch.strangers and all(url.startswith(lite.PYODIDE) for url in watch.strangers)
    context.close()


def test_a_misconception_fails_there_and_before_the_judge(lab: Lab, tmp_path: Path) -> None:
    wrong = next(one for one in misconceptions(lab.key) if one.function == "forget_gate")
    lab.solve()
    lab.write("forget-gate", wrong_source(wrong))
    lab.run()
    assert lab.ran("test-sigmoid") and lab.ran("forget-gate")
    assert "AssertionError" in lab.error("test-forget-gate")
    assert f"Hint for forget_gate: {wrong.misconception.says} {wrong.misconception.hint}" in lab.shown(
        "test-forget-gate"
    )
    assert not lab.ran("test-input-gate"), "run all stops at an error"
    result = lab.hand_in(tmp_path)
    found = verdict(result, "test-forget-gate")
    assert found.points == 0 and found.misconception == wrong.misconception.name
    assert result.points == result.max_points - found.max_points


def test_mended_in_the_browser_it_gets_full_marks(lab: Lab, tmp_path: Path) -> None:
    """After the mistake, and with Python started afresh: nothing that passes is left from before."""
    lab.write("forget-gate", lab.key.by_id["forget-gate"].source)
    lab.run(afresh=True)
    assert lab.failed() == {} and "Hint" not in lab.shown("test-forget-gate")
    assert lab.cell("").locator(".jp-OutputArea-output img, .jp-OutputArea-output svg").count() == 1
    result = lab.hand_in(tmp_path)
    assert not result.unreadable and result.points == result.max_points == lab.key.max_points
    assert result.notes == []


def test_what_was_written_is_still_there_another_time(lab: Lab) -> None:
    lab.write("hidden-state", "# kept\n")
    lab.choose("File", "Save Notebook")
    lab.page.wait_for_function(STORED, arg="# kept", timeout=START)
    lab.page.reload()
    expect(lab.cell("hidden-state").locator(".cm-content")).to_contain_text("# kept", timeout=START)


@pytest.mark.usefixtures("built_site")
def test_every_exercise_that_is_offered_is_there() -> None:
    for name, text in lite.notebooks(ROOT):
        assert (SITE / "lite" / "files" / name).read_text() == text
        listed = json.loads((SITE / "lite/api/contents" / name.split("/")[0] / "all.json").read_text())
        assert name in {entry["path"] for entry in listed["content"]}
