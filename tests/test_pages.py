"""Every page of the built site in headless Chromium: light, dark, at phone width, for all readers, and not too heavy.

`make test` builds the site first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.web import PAGES, PHONE, ROOT, WIDE, Watch, opened

EVERY = [*PAGES, "search", "genindex", "404"]
HEAVIEST = 1_500_000
"""Bytes of a page over the wire."""

THIN = (ROOT / "tests" / "thin.js").read_text()
"""Leaves out of a page what axe-core would look at for nothing, with what pages before had. See there."""
COLOURS = ("color-contrast", "link-in-text-block")
"""axe-core's rules that look at colours."""
LIGHTER = "() => axe._audit.rules.filter((rule) => /^(minor|moderate)$/.test(rule.impact)).map((rule) => rule.id)"
"""Its rules of which no violation keeps anybody from reading: what they found was left out, after much of the time."""


CUT_OFF = """() => {
  const found = [];
  const line = (text) => text.replace(/\\s+/g, " ").trim().slice(0, 70);
  const all = (place, selector) => [...place.querySelectorAll(selector)];
  const shown = (selector) => all(document, `article ${selector}`).filter((one) => one.checkVisibility());
  const note = (kind, pixels, words) => pixels > 1 && found.push(`${kind}: ${Math.round(pixels)} px cut off: ${words}`);
  const beyond = (one) => {
    let edge = document.documentElement.clientWidth;
    for (let box = one.parentElement; box !== document.body; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== "visible") edge = Math.min(edge, box.getBoundingClientRect().right);
    return Math.max(one.getBoundingClientRect().right - edge, one.scrollWidth - one.clientWidth);
  };
  for (const one of shown("table")) note("table", beyond(one), line(one.innerText));
  for (const one of shown("h1, article h2, article h3, article h4")) note("heading", beyond(one), line(one.innerText));
  for (const one of shown('mjx-container[display="true"]')) {
    const right = Math.max(...all(one, "mjx-math, mjx-mtr").map((part) => part.getBoundingClientRect().right));
    const over = Math.max(one.scrollWidth - one.clientWidth, right - one.getBoundingClientRect().right);
    note("equation", over, `in ${one.closest("section")?.id}`);
  }
  for (const one of shown(".cell_output pre")) {
    const lines = one.textContent.replace(/\\n+$/, "").split("\\n");
    const longest = lines.reduce((a, b) => (b.length > a.length ? b : a));
    const columns = lines.filter((text) => /\\S {2,}\\S/.test(text)).length > 1;
    const style = getComputedStyle(one);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (columns) note("print", pen.measureText(longest).width - room, longest);
    else note("print", one.scrollWidth - one.clientWidth, longest);
  }
  return found;
}"""
"""Tables, headings, display equations and printed outputs of which something is to be seen only by scrolling. Of what
is printed in columns no line may wrap either: that would take its columns apart."""
RELEASED = "a notebook that students have: its equations become narrower with its next release"
SCROLLS: dict[str, tuple[tuple[str, ...], str]] = {
    "exercises/rnn/step": (("equation",), RELEASED),
    "exercises/rnn/keras": (("equation",), RELEASED),
    "exercises/gradients/norms": (("equation",), RELEASED),
    "exercises/lstm/cell": (("equation",), RELEASED),
    "exercises/gru/gates": (("equation",), RELEASED),
    "exercises/gru/sequence": (("equation",), RELEASED),
    "exercises/topologies/patterns": (("equation",), RELEASED),
    "exercises/topologies/keras": (("equation", "table"), RELEASED),
    "exercises/layers/convolution": (("equation", "table"), RELEASED),
    "exercises/layers/constraints": (("equation",), RELEASED),
    "exercises/applications/text": (("equation",), RELEASED),
    "exercises/applications/forecast": (("equation",), RELEASED),
    "exercises/applications/decoding": (("equation",), RELEASED),
}
"""What scrolls on a phone all the same, in a box of its own, and why. On a wide screen nothing does."""


def cut_off(page: Page, but: tuple[str, ...] = ()) -> list[str]:
    """What is cut off at this width, `but` for some kinds."""
    return [found for found in page.evaluate(CUT_OFF) if found.partition(":")[0] not in but]


def violations(page: Page, *, colours: bool) -> list[str]:
    """What axe-core finds on a page that keeps someone from reading it, by its rules on colours or by all others."""
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    if colours:
        options["runOnly"] = list(COLOURS)
    else:
        lighter = page.evaluate(LIGHTER)
        assert "region" in lighter and len(lighter) < 40
        options["rules"] = {rule: {"enabled": False} for rule in (*COLOURS, *lighter)}
    return [
        f"{found['id']}: {node['html'][:200]}"
        for found in page.evaluate("(options) => axe.run(options)", options)["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


def seen(page: Page, theme: Literal["light", "dark"]) -> None:
    """What holds of every page in every look."""
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert page.viewport_size and width <= page.viewport_size["width"], "the page scrolls sideways"
    assert page.locator("input[type=search]:visible").count() <= 1


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody who opens the site on a phone, in the dark, for the first time."""
    context = browser.new_context(**PHONE, color_scheme="dark")
    yield context
    context.close()


@pytest.fixture(scope="session")
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of all whose colours a worker has found good in this run."""
    run = tmp_path_factory.getbasetemp()
    return (run.parent if hasattr(request.config, "workerinput") else run) / "colours.txt"


@pytest.mark.parametrize("name", EVERY)
def test_a_page_is_quiet_and_light_and_open_to_all(phone: BrowserContext, site: str, known: Path, name: str) -> None:
    """Opened on a phone in the dark, then turned to a wide screen in the light, and to the dark again."""
    page = phone.new_page()
    watch = Watch(page, site)
    wire = phone.new_cdp_session(page)
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    opened(page, f"{site}/{name}.html")
    seen(page, "dark")
    but, _ = SCROLLS.get(name, ((), ""))
    assert cut_off(page, but) == []
    page.set_viewport_size(WIDE["viewport"])
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    seen(page, "light")
    assert cut_off(page) == []
    assert 50_000 < sum(sizes) < HEAVIEST, f"{sum(sizes)} bytes in {len(sizes)} requests"
    assert watch.complaints == [] and watch.strangers == []
    fresh = page.evaluate(THIN, known.read_text() if known.exists() else "")  # from here on scripts may miss something
    assert violations(page, colours=False) == []
    page.evaluate("() => leaveOutRest()")
    assert violations(page, colours=True) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    seen(page, "dark")
    assert violations(page, colours=True) == []
    with known.open("a") as file:
        file.write(f"{fresh} ")
