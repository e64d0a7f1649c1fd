"""Marking by hand in nbgrader's formgrader, in a browser that reaches no other machine: rubric, formulas, marks."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from playwright.sync_api import Browser, Page, expect

from autograder.course.folder import Course
from autograder.course.key import Key, read_keys
from autograder.course.release import release
from autograder.judge.student_process import Zygote
from autograder.marks.gradebook import ClassGradebook
from autograder.marks.marking import Job, Setting, mark
from autograder.results.records import keep
from tests.courses import course_of
from tests.web import Watch

ROOT = Path(__file__).resolve().parent.parent
WHERE = ("review", "open")
ANSWER = (
    "Then $h_t = \\tanh(x_t W)$ and $$c_t = f_t \\odot c_{t-1}$$ \\href{javascript:document.title='owned'}{x} "
    "$\\href{javascript:document.title='owned'}{y} \\mmlToken{mi}[href='javascript:1' id='explain-rnn']{z}$ "
    "<script>document.title='owned'</script> costs $5."
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with the open questions, released."""
    folder = tmp_path_factory.mktemp("course")
    made = course_of(folder, ("review", "open"))
    release(made, "review")
    return made


@pytest.fixture(scope="module")
def key(course: Course) -> Key:
    """Its key."""
    return read_keys(course.solutions, course.exercises)[WHERE]


def graded(course: Course, key: Key, zygote: Zygote, title: str) -> None:
    """Mark ada's notebook, `title` put above it, as `grade` does."""
    notebook = json.loads((course.exercises / "review" / "open.ipynb").read_text())
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "explain-rnn":
            cell["source"] = ANSWER
    notebook["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": title})
    (course.submitted / "ada" / "review").mkdir(parents=True, exist_ok=True)
    data = json.dumps(notebook).encode()
    result = mark(Job("ada", key, data), Setting(b"secret", warm=(zygote.address, zygote.address)))
    with ClassGradebook(course) as book:
        book.write([result], {})
    keep(course, result, None)


@pytest.fixture(scope="module")
def formgrader(course: Course, key: Key, zygote: Zygote) -> Iterator[str]:
    """The address of ada's page in the formgrader of a Jupyter server of its own."""
    graded(course, key, zygote, "first")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_NO_CONFIG": "1"}
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0"]
    command += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"]
    log = (course.root / "server.log").open("w")
    server = subprocess.Popen(command, cwd=course.root, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(240):
            assert server.poll() is None, (course.root / "server.log").read_text()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5).close()
                break
            except OSError:
                time.sleep(0.25)
        with Gradebook(course.db_url, "recurrent") as book:
            submission = book.find_submission_notebook("open", "review", "ada").id
        yield f"http://127.0.0.1:{port}/formgrader/submissions/{submission}/"
    finally:
        server.terminate()
        server.wait(20)
        log.close()


@pytest.fixture
def page(browser: Browser, formgrader: str) -> Iterator[Page]:
    """A page of a browser that reaches this machine alone."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.route(lambda url: not url.startswith("http://127.0.0.1"), lambda route: route.abort())
    yield context.new_page()
    context.close()


def test_the_rubric_stands_beside_the_answer_and_formulas_need_no_network(
    page: Page, formgrader: str, key: Key
) -> None:
    watch = Watch(page, formgrader.split("/formgrader")[0])
    page.goto(formgrader)
    page.wait_for_function("() => window.MathJax?.loaded")  # nbgrader's own page has seen that formulas are set
    answer = page.locator(".nbgrader_cell", has=page.locator("#explain-rnn")).locator(".panel-body")
    rubric = answer.locator("aside.rubric")
    expect(rubric).to_contain_text("The same weights at every step.")
    mine, beside = answer.locator(".text_cell_render").bounding_box(), rubric.bounding_box()
    assert mine and beside and beside["x"] >= mine["x"] + mine["width"] and abs(beside["y"] - mine["y"]) < 40
    assert page.locator("aside.rubric").count() == sum(cell.manually_graded for cell in key.cells)
    formulas = answer.locator(".text_cell_render mjx-container svg")
    expect(formulas).to_have_count(3)
    width = formulas.first.bounding_box()
    assert width and width["width"] > 40
    assert rubric.locator("mjx-container").count() > 0
    assert "$5" in answer.inner_text(), "a price is no formula"
    assert watch.strangers == []
    assert [one for one in watch.complaints if "favicon" not in one] == []
    assert page.title() != "owned"
    assert answer.locator("a[href^=javascript], [href^=javascript]").count() == 0
    assert page.locator("#explain-rnn").count() == 1, "no formula takes a control's place"


def test_marks_entered_in_the_browser_survive_marking_again(
    page: Page, formgrader: str, course: Course, key: Key, zygote: Zygote
) -> None:
    page.goto(formgrader)
    page.wait_for_function("() => window.MathJax?.loaded")
    with page.expect_response(lambda reply: "/api/grade/" in reply.url and reply.request.method == "PUT") as saved:
        page.locator("#explain-rnn").fill("2.5")
        page.locator("#explain-rnn").press("Tab")
    assert saved.value.ok
    with page.expect_response(lambda reply: "/api/comment/" in reply.url and reply.request.method == "PUT"):
        page.locator("#explain-rnn-comment").fill("Nearly.")
        page.locator("#explain-rnn-comment").press("Tab")
    graded(course, key, zygote, "second")
    page.reload()
    page.wait_for_function("() => window.MathJax?.loaded")
    expect(page.locator("#explain-rnn")).to_have_value("2.5")
    expect(page.locator("#explain-rnn-comment")).to_have_value("Nearly.")
    expect(page.locator("#notebook").first).to_contain_text("second")


def test_nothing_that_a_student_gets_has_the_rubric(course: Course, formgrader: str) -> None:
    marked = course.autograded / "ada" / "review" / "open.ipynb"
    said = [marked.read_text(), (course.feedback / "ada" / "review" / "open.html").read_text()]
    exporter = HTMLExporter(config=course.config)  # type: ignore[no-untyped-call]  # as nbgrader makes feedback: the same settings, without a submission
    said.append(exporter.from_filename(str(marked))[0])
    said.append((course.exercises / "review" / "open.ipynb").read_text())
    assert [text for text in said if "The same weights at every step" in text] == []
