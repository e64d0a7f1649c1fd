"""The built site in a reader's hand, in headless Chromium: every quiz, the reader's progress, search, wrong addresses.

`make test` builds the site first. Each page is looked at in test_pages.py, JupyterLite in test_lite.py, the explorables
in test_explorables.py.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.web import PAGES, PHONE, ROOT, Watch, opened

SOURCES = {name: ROOT / f"{name}.md" for name in PAGES}
QUIZZES = [name for name, source in SOURCES.items() if source.is_file() and "{quiz}" in source.read_text()]
QUIZ_PAGE = "book/lstm/variants"
EXERCISE = "exercises/lstm/gates"
BLOCKED = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { configurable: true, get() { throw new DOMException("no", "SecurityError"); } });
"""
"""What a browser does that keeps nothing for a site."""


# Questions.


@pytest.mark.parametrize("name", QUIZZES)
def test_each_question_is_answered_wrong_and_right_by_keyboard(reader: BrowserContext, site: str, name: str) -> None:
    page = reader.new_page()
    opened(page, f"{site}/{name}.html")
    forms = page.locator("form.quiz").all()
    for form in forms:
        verdicts = form.locator(".quiz-option").evaluate_all("all => all.map((one) => one.dataset.right === 'true')")
        assert verdicts.count(True) == 1 and False in verdicts
        form.locator("input").first.focus()
        page.keyboard.press("Space")
        for _ in range(verdicts.index(False)):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        answered(form, verdicts.index(False), "wrong", "Not quite.")
        for _ in range(abs(verdicts.index(True) - verdicts.index(False))):
            page.keyboard.press("ArrowDown" if verdicts.index(False) < verdicts.index(True) else "ArrowUp")
        assert form.locator(".quiz-result").inner_text() == "", "what was said of another answer is gone"
        for _ in range(40):  # formulas have a menu, so they stand on the way
            page.keyboard.press("Tab")
            if form.locator("button").evaluate("one => one === document.activeElement"):
                break
        page.keyboard.press("Enter")
        answered(form, verdicts.index(True), "right", "Right.")
    assert forms and page.locator("nav.bd-docs-nav li.current.active > a .course-mark").inner_text().startswith(
        f"{len(forms)}/{len(forms)}"
    )
    page.close()


def answered(form: Locator, number: int, verdict: str, start: str) -> None:
    """The feedback of this option is shown, and no other."""
    result, feedback = form.locator(".quiz-result"), form.locator(".quiz-feedback > div").nth(number)
    assert result.get_attribute("data-verdict") == verdict
    assert result.is_visible() and result.inner_text().startswith(start)
    assert result.text_content() == feedback.text_content()


# What a reader has done.


def contents(page: Page) -> dict[str, str]:
    """What stands beside the entries of the table of contents, by page."""
    found = page.locator(".bd-docs-nav a:has(> .course-mark)")
    pairs: list[list[str]] = found.evaluate_all(
        "all => all.map((a) => [new URL(a.href).pathname, a.querySelector('.course-mark > span').textContent])"
    )
    return {path.strip("/").removesuffix(".html"): mark for path, mark in pairs}


def read(page: Page) -> None:
    """Read a page to its end."""
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator(".bd-docs-nav li.current.active > a .course-mark")).to_contain_text("✓")


def test_what_a_reader_has_done_stands_in_the_contents_and_goes_nowhere(reader: BrowserContext, site: str) -> None:
    page = reader.new_page()
    watch, sent = Watch(page, site), []
    page.on("request", lambda request: sent.append(request) if request.method != "GET" else None)
    opened(page, f"{site}/{QUIZ_PAGE}.html")
    assert contents(page) == {}
    questions = page.locator("form.quiz").count()
    page.locator("form.quiz input").first.check()
    page.locator("form.quiz button").first.click()
    assert contents(page) == {QUIZ_PAGE: f"1/{questions}"}
    read(page)
    opened(page, f"{site}/{EXERCISE}.html")
    read_and_asked = {QUIZ_PAGE: f"✓ 1/{questions}"}
    assert contents(page) == read_and_asked
    with page.expect_download():
        page.get_by_role("link", name="Download this notebook").click()
    assert contents(page) == {**read_and_asked, EXERCISE: "◐"}
    page.reload()
    assert contents(page) == {**read_and_asked, EXERCISE: "◐"}
    book = len([name for name in PAGES if name.startswith("book/") and not name.startswith("book/guides/")])
    status = page.locator(".course-progress-status")
    assert status.inner_text() == f"1 of {book} pages read, 1 question answered, 1 exercise opened."

    button = page.get_by_role("button", name="Clear my progress")
    page.once("dialog", lambda dialog: dialog.dismiss())
    button.click()
    assert len(contents(page)) == 2, "asked first"
    page.once("dialog", lambda dialog: dialog.accept())
    button.click()
    assert contents(page) == {}
    page.reload()
    assert contents(page) == {} and status.inner_text().startswith(f"0 of {book} pages read, 0 questions")
    assert sent == [] and reader.cookies() == [] and watch.strangers == [] and watch.complaints == []


def test_a_page_that_is_only_opened_is_not_read(reader: BrowserContext, site: str) -> None:
    page = reader.new_page()
    opened(page, f"{site}/{QUIZ_PAGE}.html")
    page.wait_for_timeout(1500)
    assert contents(page) == {}


def test_another_tab_shows_it_too(reader: BrowserContext, site: str) -> None:
    first, second = reader.new_page(), reader.new_page()
    opened(first, f"{site}/{QUIZ_PAGE}.html")
    opened(second, f"{site}/{EXERCISE}.html")
    first.bring_to_front()
    read(first)
    expect(second.locator(".course-mark")).to_have_count(1)


def test_where_nothing_may_be_kept_the_page_works(reader: BrowserContext, site: str) -> None:
    reader.add_init_script(BLOCKED)
    page = reader.new_page()
    watch = Watch(page, site)
    opened(page, f"{site}/{QUIZ_PAGE}.html")
    page.locator("form.quiz input").first.check()
    page.locator("form.quiz button").first.click()
    assert list(contents(page)) == [QUIZ_PAGE]
    assert "keeps nothing" in page.locator(".course-progress-key").inner_text()
    page.reload()
    assert contents(page) == {} and watch.complaints == []


def test_on_a_phone_the_contents_show_it(browser: Browser, site: str) -> None:
    with browser.new_context(**PHONE) as context:
        page = context.new_page()
        opened(page, f"{site}/{EXERCISE}.html")
        progress = page.locator(".course-progress")
        assert not progress.is_visible()
        page.locator("label.primary-toggle, button.primary-toggle").first.click()
        progress.scroll_into_view_if_needed()
        assert progress.is_visible() and page.get_by_role("button", name="Clear my progress").is_visible()


# Ways through the site.


def test_the_first_click_leads_to_something_to_play_with(reader: BrowserContext, site: str) -> None:
    page = reader.new_page()
    page.goto(f"{site}/")
    page.wait_for_url("**/book/intro.html")
    page.locator("article .landing a").first.click()
    page.wait_for_load_state("networkidle")
    shown = page.locator("#rnn-explorable")
    expect(shown).to_be_in_viewport()
    assert shown.locator(".explorable-drawing > svg").is_visible()


def test_the_search_finds_a_term(reader: BrowserContext, site: str) -> None:
    page = reader.new_page()
    watch = Watch(page, site)
    opened(page, f"{site}/{QUIZ_PAGE}.html")
    page.locator(".search-button-field").click()
    field = page.locator("input[type=search]:visible")
    assert field.count() == 1
    field.fill("forget gate")
    field.press("Enter")
    page.wait_for_url("**/search.html?q=forget*")
    results = page.locator("#search-results li a")
    expect(results.filter(has_text="LSTM").first).to_be_visible()
    page.wait_for_load_state("networkidle")  # it fetches every page found, for an excerpt
    assert page.locator("input[type=search]:visible").count() == 1
    results.first.click()
    page.wait_for_load_state()
    assert "forget gate" in page.locator("article").inner_text().lower()
    assert watch.complaints == [] and watch.strangers == []


def test_a_wrong_address_leads_back(reader: BrowserContext, site: str) -> None:
    page = reader.new_page()
    watch, missing, wrong = Watch(page, site), set(), f"{site}/book/lstm/deeper/nothing.html"
    page.on("response", lambda answer: missing.add(answer.url) if answer.status >= 400 else None)
    for link in ("Start here", "All exercises", "Search this course"):
        answer = page.goto(wrong)
        page.wait_for_load_state("networkidle")
        assert answer is not None and answer.status == 404
        assert page.locator("article h1").inner_text().startswith("There is no such page")
        assert page.locator(".bd-sidebar-primary").is_visible(), "it has its styles"
        page.locator("article").get_by_role("link", name=link, exact=True).click()
        page.wait_for_load_state("networkidle")
        assert page.locator("h1:visible").count() == 1 and "nothing" not in page.url
    complaints = [complaint for complaint in watch.complaints if "status of 404" not in complaint]
    assert complaints == [] and missing == {wrong} and watch.strangers == []
