"""What the rehearsal's instructor and students see, as pictures for the guide: narrow, light, and small files."""

from __future__ import annotations

import io
from pathlib import Path

from nbgrader.api import Gradebook
from PIL import Image
from playwright.sync_api import Locator, Page

from autograder.course.folder import Course
from autograder.course.key import read_keys
from autograder.results.records import all_results
from autograder.results.result import Result
from tests.web import chromium

from .rehearsal import BY_HAND, CHANGED, WEEK, formgrader

WIDTH, HEIGHT = 430, 640
"""Of what is seen, in pixels of the page: as on a phone, so that a phone can show it without making it smaller."""
COLOURS = 48
WITHOUT_ANSWERS = (
    "(parts, words) => parts.forEach((part, n) => n && (n === 1 ? (part.textContent = words) : part.remove()))"
)
LEFT_OUT = "Here stand your model answer and your rubric. The picture leaves them out: students read this site."
"""No answer reaches the site, in a picture either. For that reason no picture shows a hint of the course's own."""
PERSON = "s2026"
"""How the names of the sample class begin."""
LOOK = {"color_scheme": "light", "reduced_motion": "reduce", "device_scale_factor": 2}


def take(course: Course, folder: Path) -> None:
    """Write report.png, feedback.png and formgrader.png. The folder is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    with formgrader(course) as address, chromium() as browser:
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, **LOOK)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto((course.reports / "index.html").as_uri())
        of_one = page.locator("section", has=page.locator("h2 span", has_text=f"{CHANGED}/{WEEK[CHANGED]}"))
        of_one.evaluate("section => section.scrollIntoView()")
        keep(page.screenshot(), folder / "report.png")
        page.goto(page_of_one(course).as_uri())
        keep(page.locator("section.card.wrong").screenshot(), folder / "feedback.png")
        page.goto(f"{address}/submissions/{submission(course)}/")
        page.wait_for_function("() => window.MathJax?.loaded")
        page.locator("aside.rubric > *").evaluate_all(WITHOUT_ANSWERS, LEFT_OUT)
        page.set_viewport_size({"width": WIDTH, "height": 2 * HEIGHT})  # its head stays above what is scrolled
        answer(page).evaluate("cell => cell.scrollIntoView({block: 'center'})")
        page.wait_for_load_state("networkidle")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        keep(answer(page).screenshot(), folder / "formgrader.png")
        context.close()


def page_of_one(course: Course) -> Path:
    """The feedback of the first student who made exactly one mistake, and one with a name."""
    results = all_results(course, read_keys(course.solutions, course.exercises, [CHANGED]))
    one = next(result for result in results if one_named_mistake(result))
    return course.feedback / one.student / one.assignment / f"{one.notebook}.html"


def one_named_mistake(result: Result) -> bool:
    """Whether that is all that is wrong, with one of the class and not with one of what goes wrong in a download."""
    wrong = [verdict for verdict in result.verdicts if verdict.points < verdict.max_points]
    return result.student.startswith(PERSON) and len(wrong) == 1 and bool(wrong[0].misconception)


def submission(course: Course) -> str:
    """nbgrader's id of the first notebook that waits for a person."""
    with Gradebook(course.db_url, "recurrent") as book:
        found = book.notebook_submissions(WEEK[BY_HAND], BY_HAND)
        return str(min((one.student.id, one.id) for one in found if one.needs_manual_grade)[1])


def answer(page: Page) -> Locator:
    """The first answer that waits for a person, with the rubric and where marks are entered."""
    return page.locator(".nbgrader_cell", has=page.locator("aside.rubric")).first


def keep(picture: bytes, path: Path) -> None:
    """Write a PNG with few colours, for text needs no more."""
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS).save(path, optimize=True)
