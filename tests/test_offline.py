"""A course as one zip: unpacked, served as its README says, opened and solved in Chromium, all else refused.

The course is a small one with a real exercise in it; `make offline` makes the whole one in the same way.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import offline
import pytest
from playwright.sync_api import Browser, BrowserContext

from autograder.course.key import Key
from tests.small_site import EXERCISES, ROOT, lay_out
from tests.test_lite import ASSIGNMENT, NAME, Lab
from tests.web import WIDE, Watch

pytestmark = pytest.mark.usefixtures("built_site")
"""As all tests with a browser, these come behind those that have none."""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course's folder, as somebody has it who was given the zip."""
    course = tmp_path_factory.mktemp("course")
    lay_out(course, "book/exercises")
    shutil.copy(ROOT / f"exercises/{ASSIGNMENT}/{NAME}.ipynb", course / f"exercises/{ASSIGNMENT}")
    config = course / "_config.yml"
    config.write_text(config.read_text().replace('url: ""', "url: https://github.com/school/course"))
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(offline.make(course)) as archive:
        archive.extractall(folder)
    (top,) = folder.iterdir()
    return top


@pytest.fixture(scope="module")
def address(unpacked: Path) -> Iterator[str]:
    """The course, served by Python's own server and by nothing of ours."""
    assert "python3 -m http.server" in (unpacked / "README.txt").read_text()
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(
        command, cwd=unpacked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        started = re.search(r"port (\d+)", server.stdout.readline())
        assert started is not None
        yield f"http://127.0.0.1:{started[1]}"
        server.terminate()


@pytest.fixture
def classroom(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A reader whose machine reaches the course and nothing else."""
    context = browser.new_context(**WIDE)
    context.route(lambda url: not url.startswith(address), lambda route: route.abort())
    yield context
    context.close()


def test_an_exercise_is_solved_with_every_other_server_refused(
    classroom: BrowserContext, address: str, keys: dict[tuple[str, str], Key], tmp_path: Path
) -> None:
    page = classroom.new_page()
    watch = Watch(page, address)
    page.goto(f"{address}/exercises/{ASSIGNMENT}/{NAME}.html")
    page.get_by_role("link", name="Open in your browser").click()
    lab = Lab(page, keys[ASSIGNMENT, NAME])
    lab.solve()
    lab.run()
    assert lab.failed() == {}
    assert lab.cell("").locator(".jp-OutputArea-output img, .jp-OutputArea-output svg").count() == 1
    result = lab.hand_in(tmp_path)
    assert result.points == result.max_points == lab.key.max_points
    assert watch.strangers == []


def test_its_pages_lead_to_no_other_server_for_an_exercise(classroom: BrowserContext, address: str) -> None:
    for name in EXERCISES:
        page = classroom.new_page()
        watch = Watch(page, address)
        page.goto(f"{address}/{name}.html")
        page.wait_for_load_state("networkidle")
        text = page.locator("article").inner_text()
        assert "Colab" not in text and "jsdelivr" not in text
        assert page.locator("a[href*='github.com'], a[href*='colab']").count() == 0
        assert watch.strangers == [] and watch.complaints == []


def test_it_is_as_small_as_it_can_be(unpacked: Path) -> None:
    files = [path for path in unpacked.rglob("*") if path.is_file()]
    assert not [path for path in files if path.name.endswith(offline.LEFT_OUT) or "_sources" in path.parts]
    largest = sorted((path.stat().st_size for path in files), reverse=True)
    assert sum(largest) < 90e6, [f"{size / 1e6:.1f}" for size in largest[:10]]
