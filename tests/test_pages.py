"""Every page of the built site in headless Chromium: light, dark, at phone width, for all readers, and not too heavy.

`make test` builds the site first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.web import PAGES, PHONE, Watch, opened

EVERY = [*PAGES, "search", "genindex", "404"]
HEAVIEST = 1_500_000
"""Bytes of a page over the wire."""

ALIKE = """() => {
  const seen = new Set();
  for (const token of document.querySelectorAll(".highlight pre span[class]")) {
    const kind = `${token.className} in ${token.closest(".cell_input, .cell_output")?.className}`;
    if (seen.has(kind)) token.remove();
    seen.add(kind);
  }
}"""
"""Of the words of code on a page, leaves one of each colour. axe-core takes long over each of thousands."""


def violations(page: Page, *rules: str) -> list[str]:
    """What axe-core finds on a page that keeps someone from reading it, by all of its rules or by some."""
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    if rules:
        options["runOnly"] = list(rules)
    return [
        f"{found['id']}: {node['html'][:200]}"
        for found in Axe().run(page, options=options).response["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


def seen(page: Page, theme: Literal["light", "dark"]) -> None:
    """What holds of every page in every look."""
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert page.viewport_size and width <= page.viewport_size["width"], "the page scrolls sideways"
    assert page.locator("input[type=search]:visible").count() <= 1


@pytest.mark.parametrize("name", EVERY)
def test_a_page_is_quiet_and_light_and_open_to_all(reader: BrowserContext, site: str, name: str) -> None:
    page = reader.new_page()
    watch = Watch(page, site)
    wire = reader.new_cdp_session(page)
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    opened(page, f"{site}/{name}.html")
    seen(page, "light")
    assert 50_000 < sum(sizes) < HEAVIEST, f"{sum(sizes)} bytes in {len(sizes)} requests"
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    seen(page, "dark")
    page.evaluate(ALIKE)
    assert violations(page, "color-contrast", "link-in-text-block") == []
    assert watch.complaints == [] and watch.strangers == []


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A reader who goes through all of it on a phone, in the dark."""
    context = browser.new_context(**PHONE, color_scheme="dark")
    yield context
    context.close()


@pytest.mark.parametrize("name", EVERY)
def test_a_page_is_quiet_on_a_phone_and_in_the_dark(phone: BrowserContext, site: str, name: str) -> None:
    page = phone.new_page()
    watch = Watch(page, site)
    opened(page, f"{site}/{name}.html")
    seen(page, "dark")
    assert watch.complaints == [] and watch.strangers == []
    page.close()
