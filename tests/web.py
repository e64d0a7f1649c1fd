"""The built site as a host would serve it, and a Chromium that looks at it."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
PAGES = [TOC["root"], *(chapter["file"] for part in TOC["parts"] for chapter in part["chapters"])]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}
OF_EXPLORABLES = re.compile(rb"<link[^>]*/explorables\.css[^>]*>|<script[^>]*/explorable-[^>]*></script>")
PACKED = (".html", ".js", ".mjs", ".css", ".json", ".svg", ".txt", ".ipynb", ".map", ".ttf")


@lru_cache(maxsize=256)
def packed(body: bytes) -> bytes:
    """Compressed, as on the wire."""
    return gzip.compress(body, compresslevel=6)


@lru_cache
def explorables_alone(page: bytes) -> bytes:
    """The explorables of a page as they stand in it, with their styles and scripts, and nothing else of it."""
    parts = []
    for start in re.finditer(rb'<div class="explorable" ', page):
        depth = 0
        for tag in re.finditer(rb"<(/?)div\b", page[start.start() :]):
            depth += -1 if tag[1] else 1
            if depth == 0:
                parts.append(page[start.start() : start.start() + tag.end()] + b">")
                break
    head = b"".join(OF_EXPLORABLES.findall(page))
    return b'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">%s</head><body>%s' % (head, b"".join(parts))


class Handler(SimpleHTTPRequestHandler):
    """Like GitHub Pages: text is sent compressed, and 404.html stands for what is not there.

    Asked for `page.html?explorable` it leaves out all that is not an explorable's.
    """

    protocol_version = "HTTP/1.1"
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript", ".wasm": "application/wasm"}

    def do_GET(self) -> None:
        """Send a file."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        status = 200 if path.is_file() else 404
        path = path if status == 200 else Path(self.directory) / "404.html"
        body = path.read_bytes() if path.is_file() else b""
        if self.path.endswith("?explorable"):
            body = explorables_alone(body)
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if path.suffix in PACKED and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = packed(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which `folder` is served on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, or the one that Playwright has. Without its windows it takes half the processor time."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Watch:
    """What a page complains of, and whom it asks."""

    def __init__(self, page: Page, address: str) -> None:
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self._address = address
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", lambda request: self._see(request.url))
        page.on("requestfailed", lambda request: self._miss(request.url, str(request.failure)))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")

    def _miss(self, url: str, why: str) -> None:
        if why != "net::ERR_ABORTED":  # who goes on to the next page waits no longer for this one's fonts
            self.complaints.append(f"failed: {url}")

    def _see(self, url: str) -> None:
        if not url.startswith((self._address, "data:", "blob:")):
            self.strangers.append(url)


def opened(page: Page, address: str) -> None:
    """Open a page, and wait until its formulas are set, in their own fonts: others have other widths."""
    page.goto(address)
    page.evaluate("() => window.MathJax?.startup?.promise.then(() => true)")
    page.evaluate("() => document.fonts.ready.then(() => true)")


@pytest.fixture(scope="session")
def site(built_site: Path) -> Iterator[str]:
    """The address of the built site."""
    with served(built_site) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for a worker. It comes after all tests that need none: its loop of events runs to the end."""
    with chromium() as one:
        yield one


@pytest.fixture
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """A reader who has never been here."""
    context = browser.new_context(**WIDE)
    yield context
    context.close()
