"""What each page of the built site weighs, and how soon something is seen of it.

`python -m benchmarks.pages` writes benchmarks/PAGES.md. Headless Chromium opens every page for a reader who has nothing
of the site yet. A page of the book should be under 1.5 MB over the wire.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import typer
from playwright.sync_api import Browser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tests.web import PAGES, WIDE, chromium, opened, served

from .folders import REPOSITORY
from .throughput import Sheet, load, machine, report

RESULTS = Path(__file__).parent / "PAGES.md"
SITE = REPOSITORY / "_build" / "html"
LIMIT = 1_500_000
"""Bytes."""

NETWORK = {"offline": False, "latency": 40, "downloadThroughput": 10e6 / 8, "uploadThroughput": 10e6 / 8}
"""10 Mbit/s and 40 ms there and back: a usual connection."""

PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"

console = Console()


def look(browser: Browser, address: str, throttled: bool) -> tuple[int, int, float]:
    """Bytes over the wire, requests, and seconds until the first text or picture is painted."""
    context = browser.new_context(**WIDE)
    page = context.new_page()
    wire = context.new_cdp_session(page)
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    if throttled:
        wire.send("Network.emulateNetworkConditions", NETWORK)
    opened(page, address)
    page.wait_for_load_state("networkidle")
    paint = float(page.evaluate(PAINT))
    context.close()
    return sum(sizes), len(sizes), paint


def main() -> None:
    """Measure what pages weigh and when they are seen. Writes benchmarks/PAGES.md."""
    if not (SITE / "index.html").is_file():
        raise SystemExit("build the site first: make site")
    began = load()
    rows = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with served(SITE) as address, chromium() as browser, Progress(*columns, console=console) as progress:
        version = browser.version
        look(browser, f"{address}/{PAGES[0]}.html", False)  # Chromium's own first start is not the page's
        for name in progress.track(PAGES, description="pages"):
            size, requests, near = look(browser, f"{address}/{name}.html", False)
            far = look(browser, f"{address}/{name}.html", True)[2]
            rows.append((size, name, requests, near, far))
    title = "Every page, the heaviest first"
    sheet = Sheet(title, ("Page", "kB", "Requests", "First paint, s", "At 10 Mbit/s, s"))
    for size, name, requests, near, far in sorted(rows, reverse=True):
        sheet.rows.append((name, f"{size / 1000:.0f}", str(requests), f"{near:.2f}", f"{far:.2f}"))
    heaviest = max(size for size, *_ in rows)
    middle = [statistics.median(row[place] for row in rows) for place in (3, 4)]
    about = [
        *machine(),
        f"Chromium {version}, headless; the site served by this machine, text compressed by gzip, nothing in the cache",
        f"Load average before the run {began} (0 is an idle machine)",
        f"The heaviest page: {heaviest / 1000:.0f} kB of {LIMIT / 1000:.0f} allowed",
        f"First contentful paint, median over the pages: {middle[0]:.2f} s from this machine, {middle[1]:.2f} s over "
        "an emulated connection with 10 Mbit/s and 40 ms there and back",
    ]
    report(RESULTS, "What pages weigh, and when they are seen", "benchmarks.pages", about, sheet)


if __name__ == "__main__":
    typer.run(main)
