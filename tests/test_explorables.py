"""The explorables: driven in headless Chromium by sliders and keys, their numbers compared with NumPy.

`make test` builds the site first. References are the chapters' own functions and the autograder's.
"""

from __future__ import annotations

import ast
import json
import math
import re
import threading
from collections.abc import Callable, Iterator
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import explorable_bundle
import explorables
import numpy as np
import pytest
from drawing import COLOUR
from explorable_pictures import CHROMIUM, FLAGS, drawing
from ipywidgets import FloatSlider, jslink
from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
NAMES = explorable_bundle.names()
LIMIT = 25_000  # bytes of one module


@cache
def places() -> dict[str, str]:
    """The page of each explorable."""
    found = {}
    for path in sorted(SITE.glob("book/**/*.html")):
        for name in re.findall(r'data-explorable="([^"]+)"', path.read_text()):
            assert name not in found, f"{name} stands twice"
            found[name] = path.relative_to(SITE).as_posix()
    return found


class Quiet(SimpleHTTPRequestHandler):
    """Serves the site and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Not a word."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The site, served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Figure:
    """An explorable on its page."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.box: Locator = page.locator(f'[data-explorable="{name}"]')

    def control(self, name: str) -> Locator:
        """The control of a parameter."""
        return self.box.locator(f"[name={name}]")

    def set(self, **values: float | str | bool) -> None:
        """Move sliders, choose, tick."""
        for name, value in values.items():
            control = self.control(name)
            if control.evaluate("e => e.tagName") == "SELECT":
                control.select_option(label=str(value))
            elif control.get_attribute("type") == "checkbox":
                control.set_checked(bool(value))
            else:
                control.fill(str(value))

    def press(self, name: str, *keys: str) -> None:
        """Press keys on a control."""
        for key in keys:
            self.control(name).press(key)

    def click(self, button: str) -> None:
        """Press a button."""
        self.box.get_by_role("button", name=button, exact=True).click()

    def number(self, key: str) -> float:
        """A number of the readout in full, after a look at what is shown of it."""
        cell = self.box.locator(f'dd[data-key="{key}"]')
        full = float(cell.get_attribute("data-value") or "nan")
        assert agrees(cell.inner_text(), full), f"{cell.inner_text()!r} is shown for {full}"
        return full

    def says(self) -> str:
        """The sentence that screen readers are told."""
        return self.box.locator("[aria-live=polite]").inner_text()


def agrees(shown: str, full: float) -> bool:
    """Is `shown` the number `full`, rounded to the digits that it has? Of 'a → b' it is b."""
    text = shown.split("→")[-1].replace("−", "-").split("×")[0].strip()
    power = re.search(r"× 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", shown)
    factor = 10.0 ** int(power[1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) if power else 1.0
    digits = len(text.partition(".")[2])
    return abs(float(text) * factor - full) <= 0.500001 * 10.0**-digits * factor


@pytest.fixture
def figure(address: str, browser: Browser) -> Iterator[Callable[..., Figure]]:
    """Opens the page of an explorable, and watches it: no error, and no request to anywhere else."""
    contexts, trouble = [], []

    def open_page(name: str, **options: Any) -> Figure:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
        page.on("request", lambda r: None if r.url.startswith((address, "data:")) else trouble.append(r.url))
        page.goto(f"{address}/{places()[name]}")
        return Figure(page, name)

    yield open_page
    for context in contexts:
        context.close()
    assert trouble == []


def chapter(page: str, *names: str, **more: Any) -> list[Any]:
    """Functions as a chapter's cells define them. A later definition replaces an earlier one, as in the notebook."""
    cells = re.findall(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", (ROOT / "book" / page).read_text(), flags=re.M | re.S)
    space = {"np": np, **more}
    for cell in cells:
        try:
            tree = ast.parse(re.sub(r"^:tags:.*$", "", cell, flags=re.MULTILINE))
        except SyntaxError:
            continue
        wanted: list[ast.stmt] = [part for part in tree.body if isinstance(part, ast.FunctionDef)]
        wanted += [part for part in tree.body if isinstance(part, ast.ImportFrom) and part.module in ALLOWED]
        exec(compile(ast.Module(wanted, []), page, "exec"), space)
    return [space[name] for name in names]


ALLOWED = ("math", "numpy.lib.stride_tricks")


# Every explorable.


@pytest.mark.parametrize("name", NAMES)
def test_it_stands_on_a_page(name: str) -> None:
    assert name in places()


def test_only_its_page_loads_it() -> None:
    for path in SITE.glob("**/*.html"):
        text = path.read_text()
        loaded = set(re.findall(r'src="[^"]*_static/explorable-([a-z-]+)\.js', text))
        assert loaded == set(re.findall(r'data-explorable="([^"]+)"', text)), path
        assert bool(loaded) == ("explorables.css" in text)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_small_and_whole(name: str) -> None:
    for path in explorable_bundle.parts(name):
        assert path.stat().st_size < LIMIT, path
    script, module = explorable_bundle.script(name), explorable_bundle.module(name)
    assert (SITE / "_static" / f"explorable-{name}.js").read_text() == script
    assert len(script) < 2 * LIMIT
    assert not re.search(r"^(import|export)\b", script, flags=re.MULTILINE)
    assert not re.search(r"^import\b", module, flags=re.MULTILINE) and module.count("export default ") == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_it_comes_to_life(figure: Callable[..., Figure], name: str, scheme: str, width: int) -> None:
    shown = figure(name, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert shown.box.locator(".explorable-drawing > svg").is_visible()
    assert not shown.box.locator(".explorable-picture").is_visible()
    assert len(shown.says()) > 20
    assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for control in shown.box.locator("input, select").all():
        label = control.evaluate("e => e.labels[0]?.textContent ?? e.ariaLabel ?? ''")
        assert label.strip(), control
        assert (control.bounding_box() or {"height": 99})["height"] >= 18


@pytest.mark.parametrize("name", NAMES)
def test_without_javascript_there_are_a_picture_and_the_text(figure: Callable[..., Figure], name: str) -> None:
    shown = figure(name, java_script_enabled=False)
    picture = shown.box.locator(".explorable-picture > svg[role=img]")
    assert picture.is_visible() and len(picture.get_attribute("aria-label") or "") > 60
    assert not shown.box.locator(".explorable-stage").is_visible()
    words = shown.box.locator(".explorable-text").inner_text()
    assert "Try" in words and "Notice" in words


@pytest.mark.parametrize("name", NAMES)
def test_its_picture_is_what_it_draws(browser: Browser, name: str) -> None:
    kept = (explorable_bundle.FOLDER / f"{name}.svg").read_text()
    assert kept == drawing(browser, name), "run python book/_extensions/explorable_pictures.py"


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_used_by_keyboard_alone(figure: Callable[..., Figure], name: str) -> None:
    shown = figure(name)
    controls = shown.box.locator("input:visible, select:visible, button:visible")
    controls.first.focus()
    for number in range(controls.count()):
        assert controls.nth(number).evaluate("e => e === document.activeElement"), number
        shown.page.keyboard.press("Tab")
    first = shown.box.locator("input[type=range]").first
    before = first.input_value(), shown.box.locator(".explorable-live").inner_html()
    first.press("ArrowRight")
    assert (first.input_value(), shown.box.locator(".explorable-live").inner_html()) != before


@pytest.mark.parametrize("name", NAMES)
def test_a_finger_moves_its_sliders(figure: Callable[..., Figure], name: str) -> None:
    shown = figure(name, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800})
    slider = shown.box.locator("input[type=range]").first
    slider.scroll_into_view_if_needed()
    size = slider.bounding_box()
    assert size is not None
    slider.tap(position={"x": 0.75 * size["width"], "y": size["height"] / 2})
    low, high, now = (float(slider.evaluate(f"e => e.{key}")) for key in ("min", "max", "value"))
    assert low + 0.6 * (high - low) <= now <= high


@pytest.mark.parametrize("name", NAMES)
def test_nothing_moves_for_readers_who_asked_for_that(figure: Callable[..., Figure], name: str) -> None:
    shown = figure(name, reduced_motion="reduce")
    assert not shown.box.get_by_role("button", name="Play").is_visible()
    assert "transition" not in explorable_bundle.styles() and "animation" not in explorable_bundle.styles()


def test_colours_are_those_of_the_book() -> None:
    assert dict(re.findall(r"\.q-(\w) \{ --q: (#\w+); \}", explorable_bundle.styles())) == COLOUR


# In JupyterLab.

MODEL = """([text, values]) => {
  const heard = {}, model = {
    get: (name) => values[name],
    set: (name, value) => { values[name] = value; (heard[`change:${name}`] ?? []).forEach((f) => f()); },
    on: (event, f) => { (heard[event] ??= []).push(f); },
    off: (event, f) => { heard[event] = (heard[event] ?? []).filter((g) => g !== f); },
    save_changes: () => { model.saved += 1; },
    saved: 0,
  };
  return import(URL.createObjectURL(new Blob([text], { type: "text/javascript" }))).then((module) => {
    window.model = model;
    window.heard = heard;
    window.undo = module.default.render({ model, el: document.body.appendChild(document.createElement("div")) });
    return module.start;
  });
}"""


@pytest.mark.parametrize("name", NAMES)
def test_the_same_module_is_a_widget(browser: Browser, name: str) -> None:
    widget = explorables.WIDGETS[name]()
    traits = {key: getattr(widget, key) for key in explorables.WIDGETS[name].class_own_traits(sync=True)}
    page = browser.new_page()
    page.goto("about:blank")
    start = page.evaluate(MODEL, [widget._esm, traits])
    assert set(start) <= set(traits)
    assert json.loads(json.dumps({key: traits[key] for key in start})) == start
    assert page.locator("svg[role=img]").count() == 1 and widget._css == explorable_bundle.styles()
    slider = page.locator("input[type=range]").first
    key = slider.get_attribute("name")
    slider.press("ArrowRight")
    assert page.evaluate("model.saved") > 0 and page.evaluate(f"model.get('{key}')") != traits[key or ""]
    page.evaluate("undo()")
    page.close()


def test_a_slider_of_ipywidgets_can_be_linked_to_a_widget() -> None:
    widget, slider = explorables.JacobianNorm(radius=1.1), FloatSlider(min=0.1, max=3)
    link = jslink((slider, "value"), (widget, "radius"))
    assert link.target == (widget, "radius") and widget.get_state()["radius"] == 1.1
    shown = widget._repr_mimebundle_()
    assert shown and "application/vnd.jupyter.widget-view+json" in shown[0]


# 2. How far a change travels.


def mulberry32(seed: int) -> Iterator[float]:
    """The numbers that the explorable draws, made anew: mulberry32, then Box and Muller."""

    def uniform() -> Iterator[float]:
        state = seed & 0xFFFFFFFF
        while True:
            state = (state + 0x6D2B79F5) & 0xFFFFFFFF
            t = (state ^ state >> 15) * (1 | state) & 0xFFFFFFFF
            t = (t + ((t ^ t >> 7) * (61 | t) & 0xFFFFFFFF) & 0xFFFFFFFF) ^ t
            yield (t ^ t >> 14) / 2**32

    numbers = uniform()
    while True:
        yield math.sqrt(-2 * math.log(1 - next(numbers))) * math.cos(2 * math.pi * next(numbers))


def travelled(radius: float, size: float, tanh: bool, matrix: str, seed: int = 1) -> tuple[np.ndarray, float]:
    """The norms after 0 to 60 steps and the largest singular value of U, by NumPy."""
    draw = mulberry32(seed)
    if matrix == "random":
        U = np.array([next(draw) for _ in range(64)]).reshape(8, 8)
        U *= radius / abs(np.linalg.eigvals(U)).max()
    else:
        turns = [[[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]] for a in (0.4, 1.1, 1.8, 2.5)]
        U = np.zeros((8, 8))
        for k, turn in enumerate(turns):
            U[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = turn if matrix == "rotation" else [[1, 8], [0, 1]]
        U *= radius
    given = np.array([next(draw) for _ in range(60 * 8)]).reshape(60, 8)
    random = SimpleNamespace(default_rng=lambda seed: SimpleNamespace(normal=lambda size: given))
    numpy = SimpleNamespace(tanh=np.tanh, zeros=np.zeros, eye=np.eye, linalg=np.linalg, random=random)
    (norms,) = chapter("gradients/vanishing.md", "norms", np=numpy)
    linear = {} if tanh else {"squash": lambda h: h, "slope": lambda h: 1.0}
    return np.array(norms(U, size, seed, distance=60, **linear)), float(np.linalg.norm(U, 2))


KINDS = {
    "random": "random",
    "rotation": "rotation (all directions alike)",
    "skewed": "skewed (4 copies of the 2 by 2 above)",
}


def test_the_norm_is_numpys(figure: Callable[..., Figure]) -> None:
    shown = figure("jacobian-norm")
    settings: list[tuple[float, int, float, bool, str]] = [
        (0.9, 20, 0.1, True, "random"),
        (1.1, 60, 1.0, True, "random"),
        (1.1, 50, 0.0, False, "random"),
        (3.0, 33, 0.1, True, "random"),
        (1.0, 60, 0.5, True, "rotation"),
        (0.5, 20, 0.1, True, "skewed"),
        (0.5, 1, 0.1, False, "skewed"),
    ]
    for radius, distance, size, tanh, matrix in settings:
        shown.set(radius=radius, distance=distance, size=size, tanh=tanh, matrix=KINDS[matrix])
        norms, singular = travelled(radius, size, tanh, matrix)
        assert shown.number("norm") == pytest.approx(norms[distance], rel=1e-6)
        assert shown.number("singular") == pytest.approx(singular, rel=1e-6)
        assert shown.number("power") == pytest.approx(radius**distance, rel=1e-9)
        assert shown.number("step") == pytest.approx(norms[distance] ** (1 / distance), rel=1e-6)


def test_the_norm_follows_the_keys_and_the_button(figure: Callable[..., Figure]) -> None:
    shown = figure("jacobian-norm")
    shown.press("radius", "ArrowRight", "ArrowRight")
    shown.press("distance", "End")
    assert shown.number("norm") == pytest.approx(travelled(1.0, 0.1, True, "random")[0][60], rel=1e-6)
    assert "Over 60 steps" in shown.says()
    shown.click("Draw anew")
    assert shown.number("norm") == pytest.approx(travelled(1.0, 0.1, True, "random", seed=2)[0][60], rel=1e-6)


def test_what_the_page_says_about_the_norm_is_so(figure: Callable[..., Figure]) -> None:
    shown = figure("jacobian-norm")
    shown.set(matrix=KINDS["skewed"], radius=0.5, distance=1)
    assert 4 < shown.number("norm") < 4.2
    shown.set(distance=20)
    assert shown.number("norm") < 1e-3 and "vanishes" in shown.says()
    shown.set(matrix=KINDS["rotation"], radius=1.0, distance=60, tanh=False)
    assert shown.number("norm") == pytest.approx(1)
    shown.set(matrix=KINDS["random"], radius=1.1, tanh=True)
    small = shown.number("norm")
    shown.set(size=1)
    assert shown.number("norm") < 1e-6 < small
