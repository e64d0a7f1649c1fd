"""Draw the pictures that stand for explorables where no JavaScript runs: python book/_extensions/explorable_pictures.py

With names, only these. Each is the drawing that the module itself makes from its start values, as headless Chromium has
it. A test draws them anew and compares (tests/test_explorables.py).
"""

from __future__ import annotations

import html
import json
import sys

from explorable_bundle import FOLDER, pictures, script, styles
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def drawing(browser: Browser, picture: str) -> str:
    """The SVG that the explorable shows before anybody has touched it."""
    name, given = pictures()[picture]
    page = browser.new_page()
    stage = '<div class="explorable-stage" hidden></div>'
    start = html.escape(json.dumps(given), quote=True)
    page.set_content(f'<style>{styles()}</style><div data-explorable="{name}" data-start="{start}">{stage}</div>')
    page.add_script_tag(content=script(name))
    svg = page.locator(".explorable-drawing > svg").evaluate("svg => svg.outerHTML")
    page.close()
    return svg.replace("><", ">\n<") + "\n"


def main() -> None:
    """Write every picture beside its module."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for picture in sys.argv[1:] or pictures():
            (FOLDER / f"{picture}.svg").write_text(drawing(browser, picture))
        browser.close()


if __name__ == "__main__":
    main()
