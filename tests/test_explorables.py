"""The explorables: driven in headless Chromium by sliders and keys, their numbers compared with NumPy.

`make test` builds the site first. References are the chapters' own functions and the autograder's.
"""

from __future__ import annotations

import ast
import itertools
import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import explorable_bundle
import explorables
import numpy as np
import pytest
from drawing import COLOUR
from explorable_pictures import drawing
from ipywidgets import FloatSlider, jslink
from playwright.sync_api import Browser, Locator, Page, expect

from autograder.checks.gru import gates as gru
from autograder.checks.layers import constraints
from autograder.checks.lstm import gates as lstm
from book.runs import stored
from book.seeds import ERRORS, SEEDS, learned

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
NAMES = explorable_bundle.names()
LIMIT = 25_000  # bytes of one module
WITH_WEIGHTS = 60_000  # bytes of a script
SITE_NEEDED = pytest.mark.usefixtures("built_site")


TWICE = {"own-words"}
"""What the first page has too, to begin with."""


@cache
def places() -> dict[str, str]:
    """The page of each explorable; of one that shows any experiment of a kind, a page for each stored run."""
    found: dict[str, str] = {}
    runs = explorable_bundle.runs()
    for path in sorted(SITE.glob("book/**/*.html")):
        for name in re.findall(r'data-explorable="([^"]+)"', path.read_text()):
            own = re.findall(r":run: (\w+)", (ROOT / path.relative_to(SITE).with_suffix(".md")).read_text())
            for key in [name, *own] if name in runs else [name]:
                assert key not in found or key in runs or key in TWICE, f"{key} stands twice"
                found.setdefault(key, path.relative_to(SITE).as_posix())
    return found


HELD = "all => all.map((e) => [e.dataset.key, e.dataset.value, e.innerText])"
"""The numbers of a readout: their names, in full, and as they are shown."""


SET = """(box, values) => {
  for (const [name, value] of Object.entries(values)) {
    const control = box.querySelector(`[name="${name}"]`);
    if (!control.checkVisibility() || control.disabled) throw new Error(`nobody could use ${name}`);
    if (control.type === "checkbox") {
      if (control.checked !== value) control.click();
      continue;
    }
    if (control.type === "select-one") {
      const option = [...control.options].find((option) => option.label.trim() === value);
      if (!option || option.disabled) throw new Error(`${name} does not offer ${value}`);
      option.selected = true;
    } else {
      control.focus();
      control.value = value;
      const kept = control.value === value || Number(control.value) === Number(value);  // a slider makes 1 of 1.0
      if (!kept) throw new Error(`${name} does not take ${value}`);
    }
    for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true, composed: true }));
  }
}"""
"""What a reader's hand does to controls, one after the other."""


class Figure:
    """An explorable on its page."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        kind, _ = explorable_bundle.pictures().get(name, (name, {}))
        self.box: Locator = page.locator(f'[data-explorable="{kind}"]')

    def control(self, name: str) -> Locator:
        """The control of a parameter."""
        return self.box.locator(f"[name={name}]")

    def set(self, **values: float | str | bool) -> None:
        """Move sliders, choose, tick: all in one call of the browser."""
        self.box.evaluate(SET, {name: v if isinstance(v, bool) else str(v) for name, v in values.items()})

    def press(self, name: str, *keys: str) -> None:
        """Press keys on a control."""
        for key in keys:
            self.control(name).press(key)

    def click(self, button: str) -> None:
        """Press a button."""
        self.box.get_by_role("button", name=button, exact=True).click()

    def number(self, key: str) -> float:
        """A number of the readout in full, after a look at what is shown of it."""
        return self.numbers(key)[0]

    def numbers(self, *keys: str) -> list[float]:
        """Several numbers, asked for at once."""
        cells = self.box.locator("dd[data-key]")
        held = {key: (full, shown) for key, full, shown in cells.evaluate_all(HELD)}
        for key in keys:
            full, shown = held[key]
            assert agrees(shown, float(full or "nan")), f"{shown!r} is shown for {full}"
        return [float(held[key][0]) for key in keys]

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
def figure(site: str, browser: Browser) -> Iterator[Callable[..., Figure]]:
    """Opens the page of an explorable, and watches it: no error, and no request to anywhere else.

    What is between its controls and its numbers needs nothing else of the page; what a reader meets needs the `whole`.
    """
    contexts, trouble = [], []

    def open_page(name: str, *, whole: bool = False, **options: Any) -> Figure:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
        page.on("request", lambda r: None if r.url.startswith((site, "data:")) else trouble.append(r.url))
        page.goto(f"{site}/{places()[name]}{'' if whole else '?explorable'}")
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


@SITE_NEEDED
@pytest.mark.parametrize("name", NAMES)
def test_it_stands_on_a_page(name: str) -> None:
    assert name in places()


@SITE_NEEDED
def test_only_its_page_loads_it() -> None:
    for path in SITE.glob("**/*.html"):
        text = path.read_text()
        loaded = set(re.findall(r'src="[^"]*_static/explorable-([a-z-]+)\.js', text))
        assert loaded == set(re.findall(r'data-explorable="([^"]+)"', text)), path
        assert bool(loaded) == ("explorables.css" in text)


@SITE_NEEDED
@pytest.mark.parametrize("name", NAMES)
def test_it_is_small_and_whole(name: str) -> None:
    for path in explorable_bundle.parts(name):
        assert path.stat().st_size < LIMIT, path
    script, module = explorable_bundle.script(name), explorable_bundle.module(name)
    assert (SITE / "_static" / f"explorable-{name}.js").read_text() == script
    assert len(script) < WITH_WEIGHTS
    assert not re.search(r"^(import|export)\b", script, flags=re.MULTILINE)
    assert not re.search(r"^import\b", module, flags=re.MULTILINE) and module.count("export default ") == 1


HIGHEST = {(1280, 720): 640, (390, 844): 844}
"""Pixels of a stage, by the size of the window: what is moved and what moves are to be seen at once."""


@pytest.mark.parametrize("name", NAMES)
def test_it_comes_to_life_fits_a_window_and_is_used_by_keyboard_alone(figure: Callable[..., Figure], name: str) -> None:
    """On a wide screen. Nothing in a module asks for the window's size or colours, so that one page is all looks."""
    shown = figure(name, whole=True, viewport={"width": 1280, "height": 720})
    for scheme in ("light", "dark"):
        lives(shown, scheme)
    fits_now(shown)
    is_walked_by_tab(shown)
    fits_whatever_is_chosen(shown)


@pytest.mark.parametrize("name", NAMES)
def test_it_comes_to_life_fits_a_phone_and_follows_a_finger(figure: Callable[..., Figure], name: str) -> None:
    shown = figure(name, whole=True, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    for scheme in ("light", "dark"):
        lives(shown, scheme)
    fits_now(shown)
    follows_a_finger(shown)
    fits_whatever_is_chosen(shown)


def lives(shown: Figure, scheme: Literal["light", "dark"]) -> None:
    """It is drawn, says something, has labels, and leaves the page as wide as it is."""
    shown.page.emulate_media(color_scheme=scheme)
    expect(shown.page.locator("html")).to_have_attribute("data-theme", scheme)
    assert shown.box.locator(".explorable-drawing > svg").is_visible()
    assert not shown.box.locator(".explorable-picture").is_visible()
    assert len(shown.says()) > 20
    assert shown.page.viewport_size  # a phone that has to show more shows it smaller, and innerWidth becomes more
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= shown.page.viewport_size["width"]
    for label, height, control in shown.box.locator("input, select").evaluate_all(LABELLED):
        assert label.strip(), control
        assert height is None or height >= 18, control


LABELLED = """all => all.map((e) => [e.labels[0]?.textContent ?? e.ariaLabel ?? "",
  e.checkVisibility() ? e.getBoundingClientRect().height : null, e.outerHTML])"""
"""What assistive technology calls each control, and how high it is."""


def fits_now(shown: Figure) -> None:
    """It is to be seen at once, and nothing in it is cut off."""
    size = shown.page.viewport_size
    assert size is not None
    height, cut_off = shown.box.locator(".explorable-live").evaluate(
        "e => [e.getBoundingClientRect().height, [...e.querySelectorAll('*')].filter(p =>"
        " p.scrollWidth > p.clientWidth + 1 && !p.closest('svg, input') &&"
        " getComputedStyle(p).display !== 'inline').map(p => p.outerHTML)]"
    )
    assert height <= HIGHEST[size["width"], size["height"]] and cut_off == []


def fits_whatever_is_chosen(shown: Figure) -> None:
    """With every control at its end, one by one; and a finger can press what is pressed."""
    for control in shown.box.locator("select, input[type=range]").all():  # the longest sentences, the most controls
        if control.is_visible():
            last = control.locator("option:not([disabled])").count() - 1
            control.select_option(index=last) if last > 0 else control.press("End")
        fits_now(shown)
    pressed = shown.box.locator("select:visible, input:visible, button:visible").evaluate_all(
        "all => all.map((e) => [e.outerHTML, e.getBoundingClientRect().width, e.getBoundingClientRect().height])"
    )
    for control, width, height in pressed:
        assert height >= 24 and width >= 20, control  # for a finger


def is_walked_by_tab(shown: Figure) -> None:
    """Tab goes through all its controls in order, and a key moves the first slider."""
    controls = shown.box.locator("input:visible, select:visible, button:visible")
    controls.first.focus()
    for number in range(controls.count()):
        assert controls.nth(number).evaluate("e => e === document.activeElement"), number
        shown.page.keyboard.press("Tab")
    first = shown.box.locator("input[type=range]").first
    before = first.input_value(), shown.box.locator(".explorable-live").inner_html()
    first.press("ArrowRight")
    assert (first.input_value(), shown.box.locator(".explorable-live").inner_html()) != before


def follows_a_finger(shown: Figure) -> None:
    """A tap on the first slider moves it there."""
    slider = shown.box.locator("input[type=range]").first
    slider.scroll_into_view_if_needed()
    size = slider.bounding_box()
    assert size is not None
    slider.tap(position={"x": 0.75 * size["width"], "y": size["height"] / 2})
    low, high, now = (float(slider.evaluate(f"e => e.{key}")) for key in ("min", "max", "value"))
    assert low + 0.6 * (high - low) <= now <= high


@pytest.mark.parametrize("name", NAMES)
def test_no_module_asks_for_the_size_or_colours_of_a_window(name: str) -> None:
    """So what holds of a page that is turned or changes its colours holds of one that was opened so."""
    text = explorable_bundle.script(name).replace('matchMedia("(prefers-reduced-motion: reduce)")', "")
    assert not re.findall(
        r"matchMedia|(?:inner|client|offset|outer|scroll)(?:Width|Height)|\w*Rect\(|\w*Observer", text
    )
    assert not re.findall(r"getComputedStyle|\bscreen\.|data-theme|dataset\.theme|\"resize\"|visualViewport", text)


@pytest.mark.parametrize("name", NAMES)
def test_without_javascript_there_are_a_picture_and_the_text(figure: Callable[..., Figure], name: str) -> None:
    shown = figure(name, whole=True, java_script_enabled=False)
    picture = shown.box.locator(".explorable-picture > svg[role=img]")
    assert picture.is_visible() and len(picture.get_attribute("aria-label") or "") > 60
    assert not shown.box.locator(".explorable-stage").is_visible()
    words = shown.box.locator(".explorable-text").inner_text()
    assert "Try" in words and "Notice" in words


@pytest.mark.parametrize("name", explorable_bundle.pictures())
def test_its_picture_is_what_it_draws(browser: Browser, name: str) -> None:
    kept = (explorable_bundle.FOLDER / f"{name}.svg").read_text()
    assert kept == drawing(browser, name), "run python book/_extensions/explorable_pictures.py"


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


def same(one: Any, other: Any) -> bool:
    """Equal, but for rounding."""
    if isinstance(one, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other))
    return one == other or (isinstance(one, float) and math.isclose(one, other, rel_tol=1e-12))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_module_is_a_widget(browser: Browser, name: str) -> None:
    widget = explorables.WIDGETS[name]()
    traits = {key: getattr(widget, key) for key in explorables.WIDGETS[name].class_own_traits(sync=True)}
    page = browser.new_page()
    page.goto("about:blank")
    start = page.evaluate(MODEL, [widget._esm, traits])
    assert set(start) <= set(traits)
    assert all(same(start[key], traits[key]) for key in start)
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


# 0. A sentence of the reader's own.


@cache
def first_page() -> dict[str, Any]:
    """The stored run, and its weights as arrays."""
    results = stored("first_page")["results"]
    rows = results["hundredths"].items()
    weights = {name: np.array([[int(one) for one in row.split()] for row in array]) / 100 for name, array in rows}
    return {**results, "words": results["vocabulary"].split(), "weights": weights}


def first_read(words: str) -> tuple[np.ndarray, np.ndarray]:
    """The state after each word (time, units) and the next word's probabilities (time, words), by the GRU chapter."""
    (sequence,) = chapter("gru/cell.md", "sequence")
    W, U, b, V, c = (first_page()["weights"][name] for name in ("kernel", "recurrent_kernel", "bias", "V", "c"))
    x = np.eye(len(W))[[first_page()["words"].index(word) for word in words.split()]]
    h = sequence(x[None], np.zeros((1, len(U))), W, U, b, reset_after=True)[0][0]
    p = np.exp(h @ V + c)
    return h, p / p.sum(axis=-1, keepdims=True)


def first_state(shown: Figure) -> list[float]:
    """The numbers of the state."""
    return shown.numbers(*(f"h-{unit}" for unit in range(1, shown.box.locator("dd").count() + 1)))


def offered(shown: Figure) -> dict[str, float]:
    """The words on the buttons, and how likely the network takes each to be the next."""
    buttons = shown.box.locator("button[data-word]")
    held = buttons.evaluate_all("all => all.map((e) => [e.dataset.word, e.dataset.value])")
    return {word: float(value) for word, value in held}


READ = [
    "the cats near the dog were hungry .",
    "the cat near the dogs was very old .",
    "today a bird that two cats chased is tired .",
    "yesterday my old horse and the children saw two small dogs .",
    "dog dog . ",  # no sentence, and read all the same
]


@pytest.mark.parametrize("words", READ)
def test_what_is_typed_is_read_as_numpy_and_keras_read_it(figure: Callable[..., Figure], words: str) -> None:
    import keras

    shown = figure("first-sentence")
    shown.set(sentence=words.capitalize().replace(" .", "."))
    states, p = first_read(words)
    arrays, names = first_page()["weights"], first_page()["words"]
    gru, dense = keras.layers.GRU(states.shape[1], return_sequences=True), keras.layers.Dense(len(names), "softmax")
    gru.build((None, None, len(names)))
    gru.set_weights([arrays["kernel"], arrays["recurrent_kernel"], arrays["bias"]])
    dense.build((None, states.shape[1]))
    dense.set_weights([arrays["V"], arrays["c"][0]])
    theirs = gru(np.eye(len(names), dtype="float32")[[[names.index(word) for word in words.split()]]])
    assert np.asarray(theirs)[0] == pytest.approx(states, abs=1e-5)
    assert np.asarray(dense(theirs))[0] == pytest.approx(p, abs=1e-5)
    for t in [*range(len(states) + 1), *range(len(states), -1, -1)]:  # and back: the state as it was then
        shown.set(t=t)
        assert first_state(shown) == pytest.approx(states[t - 1] if t else 0 * states[0], abs=1e-9)
        if t in (0, len(states)):
            continue
        likeliest = np.argsort(-p[t - 1])[:4]
        assert list(offered(shown)) == [names[k] for k in likeliest]
        assert list(offered(shown).values()) == pytest.approx(p[t - 1, likeliest], abs=1e-9)
        drawn = shown.box.locator(".explorable-drawing text").all_text_contents()[-4 * 2 :]
        percents = [round(100 * p[t - 1, k]) if p[t - 1, k] >= 0.005 else 1 for k in likeliest]
        assert drawn[0::2] == [names[k] if names[k] != "." else "full stop" for k in likeliest]
        assert [int(re.findall(r"\d+", text)[0]) for text in drawn[1::2]] == percents


def test_one_letter_far_back_turns_the_guess(figure: Callable[..., Figure]) -> None:
    shown = figure("first-sentence", whole=True)
    field = shown.control("sentence")
    assert "After “dog”, word 5 of 8, the guess is “were”: 9" in shown.says()
    assert offered(shown)["were"] > 0.9
    field.focus()
    for key in ["Home", *["ArrowRight"] * len("the cats"), "Backspace"]:
        field.press(key)
    assert field.input_value() == "the cat near the dog were hungry." and shown.control("t").input_value() == "5"
    assert "the guess is “was”: 9" in shown.says() and offered(shown)["was"] > 0.9
    assert "Your next word, “were”, got " in shown.says()
    field.press("Home")
    field.press_sequentially("today ")
    assert shown.control("t").input_value() == "6", "as many words as before are still to come"
    assert "After “dog”, word 6 of 9, the guess is “is”: " in shown.says() and offered(shown)["is"] > 0.9


def test_a_sentence_is_made_by_keyboard_alone(figure: Callable[..., Figure]) -> None:
    shown = figure("first-sentence", whole=True)
    field, page = shown.control("sentence"), shown.page
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    assert shown.says() == "Nothing has been read yet, and the state is zero." and set(first_state(shown)) == {0.0}
    page.keyboard.type("Two birds")
    assert shown.control("t").input_value() == "2" and "After “birds”, word 2 of 2" in shown.says()
    for _ in range(4):  # t, Back, Step, Play
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    for count in range(3, 20):
        page.keyboard.press("Enter")
        assert shown.control("t").input_value() == str(count)
        if "The sentence is over" in shown.says():
            break
    assert field.input_value().endswith(".") and "The sentence is over" in shown.says()
    page.keyboard.press("Enter")
    assert field.input_value() == "the" and page.evaluate("document.activeElement.dataset.word") is not None
    field.press("End")
    shown.click("Back")
    assert shown.control("t").input_value() == "0"
    shown.click("a cat and a dog")
    assert field.input_value() == "a cat and a dog" and "“were”" in shown.says()


def test_a_guess_goes_on_from_the_word_that_was_read(figure: Callable[..., Figure]) -> None:
    shown = figure("first-sentence")
    shown.set(t=2)
    shown.click("that")
    assert shown.control("sentence").input_value() == "the cats that" and shown.control("t").input_value() == "3"


def test_words_it_does_not_know_are_named_and_skipped(figure: Callable[..., Figure]) -> None:
    shown = figure("first-sentence")
    shown.set(sentence="the striped cats, near the ZEBRA were ")
    assert "It does not know “striped”, “zebra”, and skips them." in shown.says()
    assert first_state(shown) == pytest.approx(first_read("the cats near the were")[0][-1], abs=1e-9)
    shown.set(sentence="x1 y2 z3 v4 constructor ")
    assert "“x1”, “y2”, “z3” and more" in shown.says() and set(first_state(shown)) == {0.0}
    shown.set(sentence="the c")
    assert "does not know" not in shown.says(), "“c” may become “cat”"
    shown.set(sentence="the cq")
    assert "It does not know “cq”, and skips it." in shown.says()
    shown.set(sentence="... the cat was old! The dog")
    assert "what follows the full stop is left out" in shown.says() and shown.control("t").input_value() == "5"
    shown.set(sentence="the very " + 40 * "very ")
    assert "It reads the first 30 words." in shown.says() and shown.control("t").get_attribute("max") == "30"
    shown.set(sentence=10 * "supercalifragilistic ")
    assert "“supercalifragil…”" in shown.says()


def test_nothing_typed_becomes_html(figure: Callable[..., Figure]) -> None:
    shown = figure("first-sentence")
    elements = "all => all.map((one) => one.tagName).sort().join()"
    shown.set(sentence="the")
    before = shown.box.locator("*").evaluate_all(elements)
    for typed, named in {
        "<img src=x onerror=alert(1)> the": "“src=x”",
        "x<img/src=x>y the": "“x<img/src=x>y”",
        "a<b>c the": "“a<b>c”",
        "</p></svg><script>alert(1)</script> the": "It does not know",
        "&lt;b&gt; the": "“lt;b&gt”",
    }.items():
        shown.set(sentence=typed)
        assert shown.box.locator("*").evaluate_all(elements) == before, typed
        assert named in shown.says()


WIDTHS = [320, 360, 390, 480, 600, 768, 1024, 1280]


def test_the_first_panel_fits_a_screen(figure: Callable[..., Figure]) -> None:
    shown = figure("first-sentence", whole=True, viewport={"width": WIDTHS[0], "height": 900})
    for sentence, widths in ((None, WIDTHS), ("the cat near the zebra were very hungry.", WIDTHS[:0:-1])):
        if sentence:
            shown.set(sentence=sentence, t=4)
        for width in widths:
            shown.page.set_viewport_size({"width": width, "height": 900})
            size = shown.box.locator(".explorable-live").bounding_box()
            assert size is not None
            assert size["height"] <= 837, f"{width} wide, with {sentence}"
            assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{width} wide"


def test_what_the_first_page_claims_is_in_the_stored_run() -> None:
    from book.runs import first_page as module

    found = first_page()
    assert len(found["seeds"]) == 8 and [one["seed"] for one in found["seeds"]] == list(range(8))
    by_loss = sorted(found["seeds"], key=lambda one: one["loss"])
    assert found["shown"] == by_loss[4]["seed"] and found["words"] == module.VOCABULARY
    rng = np.random.default_rng(0)
    seen = {module.sentence(rng)[0] for _ in range(module.SENTENCES)}
    kept = list(itertools.islice((one for one in iter(lambda: module.sentence(rng), None) if one[0] not in seen), 300))
    right = [first_verb(words[:place]) == words[place] for words, place, between in kept if between]
    assert len(right) > 150 and np.mean(right) == pytest.approx(by_loss[4]["form"], abs=0.02)
    assert min(one["number"] for one in found["seeds"]) > 0.95
    for baseline in found["baselines"].values():
        assert not learned(baseline["number"], found["between"])


def test_what_the_first_page_says_of_its_network_is_so() -> None:
    from book.runs import first_page as module

    text = (ROOT / "book" / "intro.md").read_text()
    assert module.SENTENCES == 20_000 and "20&#8239;000 sentences" in text
    assert len(first_page()["words"]) == 39 + 1 and "39 words" in text
    assert module.UNITS == 12 and "twelve numbers" in text
    unit = int(re.findall(r"unit (\d+): it is up", text)[0]) - 1
    for today in ("", "today "):
        several, one = (first_read(f"{today}the {noun} near the dog")[0][-1, unit] for noun in ("cats", "cat"))
        assert several > 0.5 and one < -0.5
    guesses = [first_verb(["today", "the", "cats", *n * ["behind", "a", "small", "dog"]]) for n in range(1, 5)]
    assert guesses == ["are", "are", "are", "were"]
    assert first_verb(["today", "the", "cat", *4 * ["behind", "a", "small", "dog"]]) == "was"


def first_verb(words: Sequence[str]) -> str:
    """The likeliest of is, are, was and were after these words."""
    p = first_read(" ".join(words))[1][-1]
    return max(("is", "are", "was", "were"), key=lambda form: p[first_page()["words"].index(form)])


# 0a. A trained LSTM and a trained GRU, opened.

OPENED: list[dict[str, Any]] = [
    {"network": "LSTM", "subject": "cats", "phrases": 3, "nouns": "other", "when": "today"},
    {"network": "GRU", "subject": "horse", "phrases": 2, "nouns": "turn", "when": ""},
]
SIGNS = {"LSTM": ("f", "i", "g", "o", "c", "h"), "GRU": ("z", "r", "g", "h")}
IMPORT = "text => import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })))"


@cache
def opened(network: str) -> tuple[list[np.ndarray], int]:
    """Kernel, recurrent kernel, bias, V and c of the network on the page, and its unit, counted from 0."""
    found = stored("opened")["results"][network]
    rows = found["hundredths"].values()
    weights = [np.array([row.split() for row in array], dtype=float) / 100 for array in rows]
    return weights, next(one["unit"] for one in found["seeds"] if one["seed"] == found["shown"]) - 1


def by_keras(network: str, words: Sequence[str]) -> dict[str, np.ndarray]:
    """The states of all units after each word, as Keras's own layer has them, (time, units)."""
    import keras

    (kernel, recurrent_kernel, bias, V, c), _ = opened(network)
    vocabulary = stored("opened")["results"]["vocabulary"].split()
    layer = getattr(keras.layers, network)(len(recurrent_kernel), return_sequences=True)
    layer.build((None, None, len(vocabulary)))
    layer.set_weights([kernel, recurrent_kernel, bias if network == "GRU" else bias[0]])
    x = np.eye(len(vocabulary), dtype="float32")[[vocabulary.index(word) for word in words]]
    states: Any = [np.zeros((1, len(recurrent_kernel)), "float32")] * (2 if network == "LSTM" else 1)
    found = []
    for x_t in x:
        _, states = layer.cell(x_t[None], states)
        found.append([np.asarray(state)[0] for state in states])
    shown = dict(zip("hc", np.array(found).transpose(1, 0, 2)))
    assert np.asarray(layer(x[None]))[0] == pytest.approx(shown["h"], abs=1e-6)
    scores = np.exp(shown["h"] @ V + c)
    several = [form in ("were", "are") for form in stored("opened")["results"]["forms"]]
    return shown | {"plural": scores[:, several].sum(axis=1) / scores.sum(axis=1)}


def gates_of(network: str, words: Sequence[str], h: np.ndarray) -> dict[str, np.ndarray]:
    """Gates and candidate of all units at each word, from the states by the chapters' formulas."""
    (kernel, recurrent_kernel, bias, *_), _ = opened(network)
    vocabulary = stored("opened")["results"]["vocabulary"].split()
    given = kernel[[vocabulary.index(word) for word in words]] + bias[0]
    h_prev = np.concatenate([0 * h[:1], h[:-1]])
    if network == "LSTM":
        i, f, g, o = np.split(given + h_prev @ recurrent_kernel, 4, axis=1)
        return {"i": lstm.sigmoid(i), "f": lstm.sigmoid(f), "g": np.tanh(g), "o": lstm.sigmoid(o)}
    (x_z, x_r, x_g), (h_z, h_r, h_g) = (np.split(a, 3, axis=1) for a in (given, h_prev @ recurrent_kernel + bias[1]))
    z, r = lstm.sigmoid(x_z + h_z), lstm.sigmoid(x_r + h_r)
    return {"z": z, "r": r, "g": np.tanh(x_g + r * h_g)}


def opened_words(setting: dict[str, Any]) -> list[str]:
    """The words before the verb."""
    one, several = {"s": "", "": "s"}, setting["subject"].endswith("s")
    own = "s" if several else ""
    ends = {"same": [own] * 3, "other": [one[own]] * 3, "turn": [one[own], own, one[own]]}[setting["nouns"]]
    phrases = [f"{before} the {noun}{end}" for (before, noun), end in zip(BETWEEN, ends)][: setting["phrases"]]
    return " ".join([setting["when"], "the", setting["subject"], *phrases]).split()


BETWEEN = [("near", "dog"), ("that saw", "bird"), ("behind", "horse")]


@pytest.mark.parametrize("setting", OPENED, ids=lambda setting: setting["network"])
def test_every_unit_of_the_opened_networks_is_as_keras_has_it(browser: Browser, setting: dict[str, Any]) -> None:
    page = browser.new_page()
    page.goto("about:blank")
    call = f"([text, setting]) => ({IMPORT})(text).then(m => m.read(setting.network, m.sentence(setting).words))"
    rows = page.evaluate(call, [explorable_bundle.module("opened"), setting])
    page.close()
    words = opened_words(setting)
    assert [row["word"] for row in rows] == words
    theirs = by_keras(setting["network"], words)
    theirs |= gates_of(setting["network"], words, theirs["h"])
    assert set(theirs) == {*SIGNS[setting["network"]], "plural"}
    for key, values in theirs.items():
        assert np.array([row[key] for row in rows]) == pytest.approx(values, abs=1e-5), key


@pytest.mark.parametrize("setting", OPENED, ids=lambda setting: setting["network"])
def test_the_opened_networks_are_walked_through(figure: Callable[..., Figure], setting: dict[str, Any]) -> None:
    shown, network = figure("opened"), setting["network"]
    names = {"subject": f"the {setting['subject']}", "when": setting["when"] or "nothing"}
    nouns = {"other": "the other number", "turn": "in turn"}[setting["nouns"]]
    shown.set(network=network, phrases=setting["phrases"], nouns=nouns, **names)
    words = opened_words(setting)
    theirs = by_keras(network, words)
    theirs |= gates_of(network, words, theirs["h"])
    assert shown.control("t").input_value() == str(len(words)), "another sentence is read to its end"
    for unit in (opened(network)[1], 2):
        if unit == 2:
            shown.set(unit="unit 3")
        assert shown.number("unit") == unit + 1
        for t in range(len(words), 0, -1):
            shown.set(t=t)
            assert f"After “{words[t - 1]}”, word {t} of {len(words)}" in shown.says()
            for key in SIGNS[network]:
                assert shown.number(key) == pytest.approx(theirs[key][t - 1, unit], abs=1e-5), (key, t)
            assert shown.number("plural") == pytest.approx(theirs["plural"][t - 1], abs=1e-5)
        shown.set(t=len(words))


@pytest.mark.parametrize("network", ["LSTM", "GRU"])
def test_units_are_exchanged_as_in_the_stored_run(figure: Callable[..., Figure], network: str) -> None:
    from book.runs import opened as module

    weights, unit = opened(network)
    words = tuple(opened_words({"when": "", "subject": "cats", "phrases": 1, "nouns": "other"}))
    x, mirror = module.numbers([words]), module.numbers([module.mirrored(words, 1)])
    (mine, _), (theirs, _) = (module.read(network, one, weights) for one in (x, mirror))
    found = stored("opened")["results"][network]
    order = np.argsort([-value for value in found["seeds"][found["shown"]]["apart"]])
    assert order[0] == unit
    shown = figure("opened")
    shown.set(network=network)
    turned = set()
    for count in (0, 1, 3, 6, 12):
        shown.set(exchanged=count)
        leans = module.leaning(module.exchanged(mine, theirs, list(order[:count]))[0], weights)
        assert shown.number("plural") == pytest.approx(lstm.sigmoid(leans).item(), abs=1e-9)
        assert ("That turns “were” into “was”" in shown.says()) == (leans[0] < 0)
        turned.add(leans[0] < 0)
    assert turned == {False, True}


@pytest.mark.parametrize("network", ["LSTM", "GRU"])
def test_what_is_stored_of_the_opened_networks_is_so(network: str) -> None:
    from book.runs import opened as module

    found, (weights, unit) = stored("opened")["results"][network], opened(network)
    by_loss = sorted(found["seeds"], key=lambda one: one["loss"])
    assert [one["seed"] for one in found["seeds"]] == list(range(8)) and found["shown"] == by_loss[4]["seed"]
    rng = np.random.default_rng(7)
    new = [one for one in (module.sentence(rng) for _ in range(800)) if len(one[0]) > one[1] + 1]
    x = module.numbers([words for words, _, _ in new])
    mirror = module.numbers([module.mirrored(words, place) for words, place, _ in new])
    several = np.array([verb in ("were", "are") for _, _, verb in new])
    (mine, answer), (theirs, opposite) = (module.read(network, one, weights) for one in (x, mirror))
    assert np.mean((answer > 0) == several) == pytest.approx(by_loss[4]["agrees"], abs=0.03)
    apart, _ = module.find(module.held(mine), several)
    assert np.argmax(apart) == unit
    after = module.leaning(module.exchanged(mine, theirs, [unit])[0], weights)
    assert module.turned(after, answer, opposite) == pytest.approx(by_loss[4]["turned"][unit], abs=0.06)


# 0b. Say it in your own words.

SAID = [
    "It is not dull. It is witty.",
    "My neighbour called it tedious and was mistaken.",
    "Hilda is a baker from Oakham. We saw it on a Friday! nobody can call this WITTY, fantastic, dull dull",
]


@cache
def own_words() -> tuple[dict[str, Any], dict[str, int]]:
    """The stored run, and the number of each word."""
    results = stored("own_words")["results"]
    return results, {word: number for number, word in enumerate(results["words"].split(), start=4)}


def judged(text: str) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The words; and how likely the review is good before the first and after each, by Keras and by counting."""
    from book.applications.reviews import encode, words_of, write
    from book.runs import own_words as module

    results, numbers = own_words()
    model = module.network(len(numbers))
    arrays = [np.array([row.split() for row in rows], float) / 100 for rows in results["hundredths"].values()]
    model.set_weights(
        [array[0] if name in ("bias", "c") else array for name, array in zip(results["hundredths"], arrays)]
    )
    words = words_of(text)
    prefixes = [encode(" ".join(words[:n]), numbers) for n in range(len(words) + 1)]
    x = np.array([[*prefix, *[0] * (len(words) + 1 - len(prefix))] for prefix in prefixes])
    learning = write(np.random.default_rng(0), module.TRAIN)[: -module.HELD_OUT]
    assert module.known(learning) == numbers
    empty, adds = module.bag_of_words(learning, numbers)
    odds = [module.bag_odds(" ".join(words[:n]), numbers, empty, adds) for n in range(len(words) + 1)]
    return words, np.asarray(model(x))[:, 0], lstm.sigmoid(np.array(odds))


@pytest.mark.parametrize("said", SAID)
def test_what_is_said_is_judged_as_keras_and_counting_judge_it(figure: Callable[..., Figure], said: str) -> None:
    shown = figure("own-words")
    shown.set(text=said)
    words, by_lstm, by_bag = judged(said)
    assert shown.control("t").input_value() == str(len(words))
    for t in range(len(words), -1, -1):
        shown.set(t=t)
        assert shown.number("lstm") == pytest.approx(by_lstm[t], abs=1e-5), t
        assert shown.number("bag") == pytest.approx(by_bag[t], abs=1e-9), t
        step = np.log(by_bag[t] / (1 - by_bag[t])) - np.log(by_bag[t - 1] / (1 - by_bag[t - 1])) if t else 0
        assert shown.number("adds") == pytest.approx(step, abs=1e-9)


def test_words_that_neither_knows_are_marked(figure: Callable[..., Figure]) -> None:
    shown = figure("own-words")
    shown.set(text="A fantastic film, Hilda")
    drawn = shown.box.locator(".explorable-drawing text[data-n]")
    assert drawn.all_text_contents() == ["(start)", "a", "fantastic ?", "film", "hilda ?"]
    assert "Neither knows this word" in shown.says() and "Not known: “fantastic”, “hilda”." in shown.says()
    shown.set(text=" ".join(50 * ["dull"]))
    assert "Only the first 40 words are read." in shown.says() and shown.control("t").get_attribute("max") == "40"
    shown.set(text="")
    assert "Before the first word" in shown.says() and shown.number("lstm") == pytest.approx(judged("")[1][0], abs=1e-5)


def test_nothing_said_becomes_html(figure: Callable[..., Figure]) -> None:
    shown = figure("own-words")
    elements = "all => all.map((one) => one.tagName).sort().join()"
    shown.set(text="x y z u")
    before = shown.box.locator("*").evaluate_all(elements)
    for said in ("<b>x</b> y", "&lt;b&gt; <b>", "<a b='c'> &amp"):
        shown.set(text=said)
        words = re.findall(r"[a-z']+", said.lower())
        assert len(words) == 4 and shown.box.locator("*").evaluate_all(elements) == before, said
        assert next(f"{word} ?" for word in words if word not in own_words()[1]) in drawn_words(shown)
    shown.set(text="<img src=x onerror=alert(1)><script>alert(1)</script>")
    assert shown.box.locator("img, script").count() == 0 and "onerror ?" in drawn_words(shown)


def drawn_words(shown: Figure) -> list[str]:
    """The words below the lines."""
    return shown.box.locator(".explorable-drawing text[data-n]").all_text_contents()


def test_what_is_stored_of_both_judges_is_so() -> None:
    from book.applications.reviews import write
    from book.runs import own_words as module

    results, numbers = own_words()
    by_loss = sorted(results["seeds"], key=lambda one: one["loss"])
    assert [one["seed"] for one in results["seeds"]] == list(range(8)) and results["shown"] == by_loss[4]["seed"]
    new = write(np.random.default_rng(1), module.TEST)
    empty = results["bag_hundredths"]["empty"] / 100
    adds = np.array(results["bag_hundredths"]["adds"].split(), float) / 100
    odds = np.array([module.bag_odds(review.text, numbers, empty, adds) for review in new])
    assert module.wrong(odds > 0, new).items() <= results["bag"].items()
    for one, said in zip(results["probes"], by_loss[4]["probes"], strict=True):
        assert judged(one)[1][-1] == pytest.approx(said, abs=0.0006)


# 1. A recurrent layer, unrolled.

WORDS = ["My", "class", "is", "the", "best", "class"]
VOCABULARY = ["My", "class", "is", "the", "best", "."]


def drawn_weights() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W, U and b, drawn from a seed and rounded to one digit."""
    rng = np.random.default_rng(69)
    W, U = (0.8 * rng.normal(size=(6, 3))).round(1), (0.7 * rng.normal(size=(3, 3))).round(1)
    return W, U, (0.3 * rng.normal(size=3)).round(1)


def states_read(first: str = "My", carry: bool = True) -> np.ndarray:
    """h_0 to h_6, each (units,), by the chapter's step."""
    (step,) = chapter("rnn/cell.md", "step")
    W, U, b = drawn_weights()
    states = [np.zeros((1, 3))]
    for word in [first, *WORDS[1:]]:
        x_t = np.eye(6)[[VOCABULARY.index(word)]]
        states.append(step(x_t, states[-1] if carry else states[0], np.concatenate([W, U]), b))
    return np.concatenate(states)


def state_shown(shown: Figure) -> list[float]:
    """The three numbers of the state."""
    return shown.numbers("h-1", "h-2", "h-3")


@pytest.mark.parametrize("carry", [True, False])
@pytest.mark.parametrize("first", ["My", "class", "is", "the", "best"])
def test_the_unrolled_states_are_those_of_the_chapters_step(
    figure: Callable[..., Figure], first: str, carry: bool
) -> None:
    shown = figure("rnn-unrolled")
    shown.set(first=first, carry=carry)
    shown.press("t", "Home")
    assert state_shown(shown) == [0, 0, 0] and shown.says().startswith("Nothing has been read")
    expected, usual = states_read(first, carry), states_read("My", carry)
    for t, word in enumerate([first, *WORDS[1:]], start=1):
        shown.press("t", "ArrowRight")
        assert state_shown(shown) == pytest.approx(expected[t], abs=1e-12)
        assert shown.says().startswith(f"Step {t} of 6: “{word}” goes in")
        if first != "My":
            assert shown.number("moved") == pytest.approx(np.linalg.norm(expected[t] - usual[t]), abs=1e-12)
    drawn = shown.box.locator(".explorable-drawing text").all_text_contents()
    column = [float(text.replace("−", "-")) for text in drawn if re.fullmatch(r"−?\d\.\d\d", text)][:21]
    assert column == pytest.approx(expected.ravel(), abs=0.00501)


def test_the_sum_that_is_written_out_gives_the_state(figure: Callable[..., Figure]) -> None:
    shown = figure("rnn-unrolled")
    W, U, b = drawn_weights()
    states = states_read()
    for t, word in enumerate(WORDS, start=1):
        shown.set(t=t)
        fed, past = W[VOCABULARY.index(word)], states[t - 1] @ U
        terms = shown.box.locator("dt").all_inner_texts()
        for unit, text in enumerate(terms):
            signed = text.replace("\N{NO-BREAK SPACE}", " ").split("tanh(")[1].rstrip(")")
            signed = signed.replace("− ", "+ −").replace("−", "-")
            numbers = [float(part) for part in signed.split("+ ")]
            assert numbers == pytest.approx([fed[unit], past[unit], b[unit]], abs=0.00501)


def test_the_sentence_is_walked_by_buttons(figure: Callable[..., Figure]) -> None:
    shown = figure("rnn-unrolled")
    weights = shown.box.locator(".explorable-drawing .q-w")
    before = weights.count()
    for _ in range(7):
        shown.click("Step")
    assert "Step 6 of 6" in shown.says() and "another state" in shown.says()
    shown.click("Back")
    assert "Step 5 of 6: “best”" in shown.says() and weights.count() == before
    shown.set(carry=False, t=6)
    assert "it left the same state" in shown.says()


def test_what_the_page_says_about_the_sentence_is_so() -> None:
    usual = states_read()
    assert abs(usual[2] - usual[6]).max() > 0.5
    assert np.array_equal(states_read(carry=False)[2], states_read(carry=False)[6])
    for first in VOCABULARY[1:5]:
        moved = np.linalg.norm(states_read(first) - usual, axis=1)[1:]
        assert (np.diff(moved) < 0).all() and moved[-1] > 0.05
        alone = np.linalg.norm(states_read(first, False) - states_read(carry=False), axis=1)
        assert alone[1] > 0 and not alone[2:].any()


# 2. How far a change travels.


def uniform(seed: int) -> Iterator[float]:
    """The numbers that an explorable draws, made anew: mulberry32."""
    state = seed & 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = (state ^ state >> 15) * (1 | state) & 0xFFFFFFFF
        t = (t + ((t ^ t >> 7) * (61 | t) & 0xFFFFFFFF) & 0xFFFFFFFF) ^ t
        yield (t ^ t >> 14) / 2**32


def normal(numbers: Iterator[float]) -> Iterator[float]:
    """Normal numbers out of these, by Box and Muller."""
    while True:
        yield math.sqrt(-2 * math.log(1 - next(numbers))) * math.cos(2 * math.pi * next(numbers))


def travelled(radius: float, size: float, tanh: bool, matrix: str, seed: int = 1) -> tuple[np.ndarray, float]:
    """The norms after 0 to 60 steps and the largest singular value of U, by NumPy."""
    draw = normal(uniform(seed))
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
    "rotation": "rotation",
    "skewed": "skewed",
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


# 3. The LSTM cell.

VALUES = [0.8, -0.9, 0.5, 0.1, -0.6, 0.9, -0.2, 0.7]
CANDIDATES = np.tanh(2 * np.array(VALUES))


def flow(f: list[float], i: list[float], o: list[float], c: float = 0.0) -> list[tuple[float, float]]:
    """c and h after each step, by the autograder's reference."""
    found = []
    for gates in zip(f, i, o, CANDIDATES):
        forget, write, show, candidate = (np.array([[value]]) for value in gates)
        c = lstm.new_cell_state(np.array([[c]]), forget, write, candidate).item()
        found.append((c, lstm.hidden_state(show, np.array([[c]])).item()))
    return found


def test_the_latch_is_that_of_the_chapter(figure: Callable[..., Figure]) -> None:
    step, _ = chapter("lstm/cell.md", "step", "sigmoid")
    kernel = np.array([[0.0, 0.0, 2.0, 0.0], [16.0, -16.0, 0.0, 0.0], [0.0, 0.0, 0.0, 16.0]])
    bias = np.array([-8.0, 8.0, 0.0, -8.0])
    x = np.array([VALUES, [1, 0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0, 1, 0]]).T
    shown = figure("lstm-cell")
    h = c = np.zeros((1, 1))
    for t, x_t in enumerate(x, start=1):
        before = c.item()
        h, c = step(x_t[None], h, c, kernel, np.zeros((1, 4)), bias)
        assert shown.number("before") == pytest.approx(before, abs=1e-12)
        assert shown.number("c") == pytest.approx(c.item(), abs=1e-12)
        assert shown.number("h") == pytest.approx(h.item(), abs=1e-12)
        assert shown.says().startswith(f"Step {t}:")
        shown.press("t", "ArrowRight")


def test_gates_set_by_hand_stay_at_their_step(figure: Callable[..., Figure]) -> None:
    shown = figure("lstm-cell")
    f, i, o = ([1 / (1 + math.exp(8 - 16 * int(on))) for on in gate] for gate in ("01110111", "10001000", "00010010"))
    shown.set(t=3, i=1)
    shown.click("Step")
    shown.set(f=0.5, o=0.25, c_0=1.5)
    i[2], f[3], o[3] = 1, 0.5, 0.25
    expected = flow(f, i, o, 1.5)
    for t in (4, 3, 8):
        shown.set(t=t)
        assert (shown.number("c"), shown.number("h")) == pytest.approx(expected[t - 1], abs=1e-12)
    shown.set(t=4)
    assert shown.control("f").input_value() == "0.5"
    shown.click("The latch")
    assert float(shown.control("f").input_value()) == pytest.approx(1, abs=0.01)


def test_play_goes_on_by_itself_until_it_is_stopped(figure: Callable[..., Figure]) -> None:
    shown = figure("lstm-cell")
    shown.click("Play")
    shown.box.get_by_text("Step 2:").wait_for(timeout=5000)
    shown.click("Stop")
    now = shown.control("t").input_value()
    shown.page.wait_for_timeout(1500)
    assert shown.control("t").input_value() == now


@pytest.mark.parametrize(("button", "f", "i"), [("Copy", 1, 0), ("Add to", 1, 1), ("Wipe", 0, 0), ("Replace", 0, 1)])
def test_the_four_corners(figure: Callable[..., Figure], button: str, f: float, i: float) -> None:
    shown = figure("lstm-cell")
    shown.click(button)
    shown.set(c_0=1.5, t=6)
    expected = flow([f] * 8, [i] * 8, [1] * 8, 1.5)
    assert (shown.number("c"), shown.number("h")) == pytest.approx(expected[5], abs=1e-12)
    assert abs(shown.number("h")) < 1


# 3b. The LSTM's gradient: the direct path and the detours.

UNITS, STEPS = 8, 61


def drawn_lstm(bias: float, scale: float, seed: int) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The inputs (time, 5), and the weights, drawn as the explorable draws them; orthogonal rows by NumPy's QR."""
    numbers = uniform(seed)
    limit = math.sqrt(6 / (5 + 4 * UNITS))
    kernel = np.array([limit * (2 * next(numbers) - 1) for _ in range(5 * 4 * UNITS)]).reshape(5, 4 * UNITS)
    draw = normal(numbers)
    rows = np.array([next(draw) for _ in range(UNITS * 4 * UNITS)]).reshape(UNITS, 4 * UNITS)
    q, r = np.linalg.qr(rows.T)
    recurrent_kernel = scale * (q * np.sign(np.diag(r))).T  # each row turned the way it was drawn
    x = np.array([next(draw) for _ in range(STEPS * 5)]).reshape(STEPS, 5)
    return x, (kernel, recurrent_kernel, np.repeat([0, bias, 0, 0], UNITS))


def whole_and_direct(bias: float, scale: float, seed: int = 1) -> np.ndarray:
    """The norms of the whole and of the direct path, (2, distances), by the page's own function."""
    (jacobians,) = chapter("lstm/gradient.md", "jacobians")
    x, weights = drawn_lstm(bias, scale, seed)
    return np.array([[np.linalg.norm(J, 2) for J in pair] for pair in jacobians(x, *weights)]).T


FLOWS = [(1.0, 30, 1.0), (-2.0, 60, 1.0), (0.0, 10, 0.0), (8.0, 60, 2.0), (3.0, 1, 6.0), (1.0, 45, 3.0)]


def test_the_direct_path_and_the_whole_are_numpys(figure: Callable[..., Figure]) -> None:
    shown = figure("lstm-gradient")
    for seed in (1, 2):
        for bias, distance, scale in FLOWS:
            shown.set(bias=bias, distance=distance, scale=scale)
            whole, direct = whole_and_direct(bias, scale, seed)[:, distance]
            assert shown.number("whole") == pytest.approx(whole, rel=1e-6)
            assert shown.number("direct") == pytest.approx(direct, rel=1e-6)
            assert shown.number("ratio") == pytest.approx(whole / direct, rel=1e-6)
            assert shown.number("step") == pytest.approx(whole ** (1 / distance), rel=1e-6)
            assert shown.number("direct-step") == pytest.approx(direct ** (1 / distance), rel=1e-6)
            assert shown.says().startswith(f"Over {distance} step")
        shown.click("Draw anew")


def test_the_whole_is_what_tensorflow_finds_through_keras(figure: Callable[..., Figure]) -> None:
    import keras
    import tensorflow as tf

    shown = figure("lstm-gradient")
    layer = keras.layers.LSTM(UNITS, return_state=True, dtype="float64")
    for bias, distance, scale in FLOWS[:1] + FLOWS[3:4] + FLOWS[5:]:
        shown.set(bias=bias, distance=distance, scale=scale)
        x, weights = drawn_lstm(bias, scale, seed=1)
        layer.build((None, None, 5))
        layer.set_weights(weights)
        copies = np.repeat(x[None], UNITS, axis=0)  # one for each entry of c_T
        _, h, c = layer(copies[:, :1])
        shut = h / tf.tanh(c)  # the output gate at step t, which c_t does not move
        with tf.GradientTape() as tape:
            tape.watch(c)
            _, _, last = layer(copies[:, 1 : distance + 1], initial_state=[shut * tf.tanh(c), c])
            entries = tf.linalg.diag_part(last)
        whole = np.linalg.norm(tape.gradient(entries, c).numpy(), 2)
        assert shown.number("whole") == pytest.approx(whole, rel=1e-6)


def test_the_gradients_sliders_follow_the_keys(figure: Callable[..., Figure]) -> None:
    shown = figure("lstm-gradient")
    shown.press("bias", "Home")
    shown.press("distance", "End")
    shown.press("scale", "ArrowRight")
    whole, direct = whole_and_direct(-2, 1.25)[:, 60]
    assert (shown.number("whole"), shown.number("direct")) == pytest.approx((whole, direct), rel=1e-6)
    assert "It vanishes, detours and all." in shown.says()
    shown.set(scale=0, bias=8)
    assert "the whole is the direct path" in shown.says() and shown.number("ratio") == pytest.approx(1)
    shown.set(scale=2)
    assert "It explodes, by the detours" in shown.says()
    shown.set(bias=1, scale=3)
    assert "What arrives came by the detours" in shown.says()


def test_what_the_page_says_about_the_direct_path_is_so() -> None:
    seeds = range(1, 9)
    without = np.array([whole_and_direct(1, 0, seed) for seed in seeds])
    assert without[:, 0] == pytest.approx(without[:, 1])
    for bias in (0, 1, 3, 8):
        whole, direct = np.array([whole_and_direct(bias, 1, seed) for seed in seeds]).swapaxes(0, 1)
        ratio = (whole / direct)[:, [10, 30, 60]]
        assert (ratio > 1).all() and (np.diff(ratio, axis=1) > 0).all()
        assert (direct <= 1).all() and (np.diff(direct, axis=1) <= 0).all()
    less = [whole_and_direct(1, 1, seed)[:, :8] for seed in seeds]
    assert any((whole < 0.95 * direct).any() for whole, direct in less), "a detour may take away"
    for scale in (0, 1, 2, 3, 4, 5, 6):
        assert max(whole_and_direct(1, scale, seed)[1, 60] for seed in seeds) < 0.01
    kept = np.array([whole_and_direct(8, 2, seed)[:, 60] for seed in seeds])
    assert kept[:, 1].min() > 0.98 and kept[:, 0].min() > 10 and kept[:, 0].max() > 100
    assert max(whole_and_direct(-2, 1, seed)[0, 10] for seed in seeds) < 1e-4
    at_30 = whole_and_direct(1, 1)[:, 30]
    assert at_30[1] < 1e-4 and 35 < at_30[0] / at_30[1] < 45


# 8. Strips of seeds.

STRIPS = explorable_bundle.runs()["seed-strip"]


@pytest.mark.parametrize("run", STRIPS)
def test_a_grid_is_whole_and_small(run: str) -> None:
    found = stored(run)["results"]
    shape = [len(axis["values"]) for axis in found["axes"]]
    counts = np.array(found["right"])
    assert list(counts.shape[:-1]) == shape and counts.shape[-1] >= len(SEEDS) == 8
    assert counts.dtype.kind == "i" and counts.min() >= 0 and counts.max() <= found["examples"]
    assert len(found["at"]) == len(shape) and all(k < size for k, size in zip(found["at"], shape))
    assert len(json.dumps(found, separators=(",", ":"))) < 30_000
    assert len({axis["name"] for axis in found["axes"]}) == len(shape)


EVERY_PLACE = """(box) => {
  const axes = [...box.querySelectorAll("[data-axis]")].sort((one, other) => one.dataset.axis - other.dataset.axis);
  const controls = axes.map((axis) => axis.querySelector("input, select"));
  const places = controls.reduce((all, control) => {
    const size = control.options ? control.options.length : Number(control.max) + 1;
    return all.flatMap((at) => [...Array(size).keys()].map((k) => [...at, k]));
  }, [[]]);
  return places.map((at) => {
    at.forEach((k, n) => {
      if (controls[n].options) controls[n].selectedIndex = k;
      else controls[n].value = k;
      controls[n].dispatchEvent(new Event(controls[n].options ? "change" : "input"));
    });
    const cells = [...box.querySelectorAll("dd")];
    const numbers = cells.map((dd) => [dd.dataset.key, Number(dd.dataset.value), dd.textContent]);
    const drawn = ["learned", "guessed"].map((kind) => box.querySelectorAll(`.explorable-live svg .${kind}`).length);
    const hidden = axes.map((axis) => axis.hidden);
    return { at, numbers, drawn, hidden, says: box.querySelector("[aria-live]").textContent };
  });
}"""


@pytest.mark.parametrize("run", STRIPS)
def test_a_strip_counts_by_the_books_rule(figure: Callable[..., Figure], run: str) -> None:
    found = stored(run)["results"]
    counts, examples, guessing = np.array(found["right"]), found["examples"], found["guessing"]
    many = counts.shape[-1]
    shown = figure(run)
    places = shown.box.evaluate(EVERY_PLACE)
    assert len(places) == counts[..., 0].size
    for place in places:
        numbers = {key: value for key, value, _ in place["numbers"]}
        assert all(agrees(text, value) for _, value, text in place["numbers"])
        here = counts[tuple(place["at"])] / examples
        assert [numbers[f"seed-{k}"] for k in range(many)] == pytest.approx(here)
        bar = guessing + ERRORS * math.sqrt(guessing * (1 - guessing) / examples)
        assert numbers["bar"] == pytest.approx(bar, abs=1e-12)
        enough = sum(learned(share, examples, guessing) for share in here)
        assert f"More than chance: {enough} of {many} seeds." in place["says"]
        row = counts[tuple(place["at"][:-1])].ravel() / examples  # all columns that are drawn
        above = sum(learned(share, examples, guessing) for share in row)
        assert place["drawn"] == [above, len(row) - above]
        for k, axis in enumerate(found["axes"]):
            asked = place["at"][0] in axis.get("only", [place["at"][0]])
            assert place["hidden"][k] is not asked
            value = str(axis["values"][place["at"][k]]).replace("-", "−")
            assert (value in place["says"]) or not asked


def test_a_strip_is_read_and_moved_by_keyboard(figure: Callable[..., Figure]) -> None:
    shown = figure("seeds_lstm")
    assert shown.says().startswith("LSTM(16); forget bias: 1; epochs: 4; steps: 40. More than chance: 4 of 8 seeds.")
    bias = shown.box.get_by_role("slider", name="Forget bias")
    assert bias.get_attribute("type") == "range" and bias.get_attribute("aria-valuetext") == "1"
    bias.press("ArrowRight")
    assert bias.get_attribute("aria-valuetext") == "3" and "More than chance: 8 of 8 seeds." in shown.says()
    shown.box.get_by_role("slider", name="Steps").press("ArrowRight")
    shown.box.get_by_role("slider", name="One seed of them").press("End")
    last = stored("lstm_verdict")["results"]["LSTM(16), forget bias 3"]["80"][-1]
    assert "steps: 80. More than chance: 8 of 8 seeds. Seed 7 alone: " in shown.says()
    assert shown.number("seed-7") == pytest.approx(last[7])
    shown.box.get_by_role("combobox", name="Network").select_option(label="SimpleRNN(34)")
    assert not bias.is_visible() and "forget bias" not in shown.says()


@pytest.mark.parametrize("run", STRIPS)
def test_a_strip_fits_a_phone(figure: Callable[..., Figure], run: str) -> None:
    shown = figure(run, viewport={"width": 390, "height": 844}, color_scheme="dark")
    stage = shown.box.locator(".explorable-live").bounding_box()
    assert stage and stage["height"] <= HIGHEST[390, 844]
    assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    drawn = shown.box.locator(".explorable-drawing > svg").bounding_box()
    assert drawn is not None
    for words in shown.box.locator(".explorable-drawing > svg text").all():
        size = words.bounding_box()
        assert size and drawn["x"] <= size["x"] and size["x"] + size["width"] <= drawn["x"] + drawn["width"] + 1


def test_what_is_taken_from_another_run_is_what_is_stored_there() -> None:
    verdict = stored("lstm_verdict")["results"]
    lstm = np.array(stored("seeds_lstm")["results"]["right"])  # network, bias, epoch, steps, seed
    for k, name in enumerate(("SimpleRNN(16)", "SimpleRNN(34)", "LSTM(16)")):
        for j, bias in enumerate((0, 1, 3)):
            run = verdict[f"LSTM(16), forget bias {bias}" if k == 2 else name]
            expected = np.array([run[steps] for steps in ("5", "40", "80")]).swapaxes(0, 1)
            assert lstm[k, j] / 1000 == pytest.approx(expected)
    gru = np.array(stored("seeds_gru")["results"]["right"])  # network, bias, steps, seed
    assert np.array_equal(gru[:2], lstm[1:, :, -1])
    largest = np.array(stored("seeds_backwards")["results"]["right"])[:, -1]  # network, letter, seed
    run = stored("backwards")["results"]
    assert largest[0] / 1096 == pytest.approx(np.array(run["synced"]).T)
    assert largest[1] / 1096 == pytest.approx(np.array(run["both directions"]).T)


def test_networks_of_a_grid_are_trained_as_keras_trains_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three updates by Adam of one network among eight, with the same batches."""
    import keras

    _grid, seeds_gru = (import_module(f"book.runs.{name}") for name in ("_grid", "seeds_gru"))
    compiled, weights = _grid._compiled, list[Any]()

    def watched(answer: Callable[..., Any]) -> tuple[Any, Any]:
        gradients, answers = compiled(answer)

        def answer_and_keep(*given: Any) -> Any:
            weights[:] = given[0]
            return answers(*given)

        return gradients, answer_and_keep

    monkeypatch.setattr(_grid, "_compiled", watched)
    x, y = _grid.each_seed(lambda count, rng: seeds_gru.remember_first(count, 4, rng), 90)[0]
    first = _grid.drawn(lambda: seeds_gru.layers(bias=1.0))
    model = keras.Sequential([keras.Input((4, 5)), *seeds_gru.layers(bias=1.0)])
    model.set_weights([weight[5] for weight in first])
    optimizer = keras.optimizers.Adam(0.01)
    model.compile(optimizer, keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=False)
    for rows in np.random.default_rng(0).permutation(90).reshape(-1, 30):
        model.train_on_batch(x[5, rows], y[5, rows])
    data = _grid.padded(x, 9), y
    right = _grid.right(seeds_gru.answer, first, data, data, steps=4, batch=30)
    assert np.array_equal(right[5], (model.predict(x[5], verbose=0)[:, 0] > 0) == y[5])
    for mine, theirs in zip(weights, model.get_weights(), strict=True):
        assert np.asarray(mine)[5] == pytest.approx(theirs, abs=1e-5)


# 7. A kernel under MinMaxNorm.

AXES = {"0": "0: each column", "1": "1: each row", "(0, 1)": "(0, 1): all"}


def test_norms_are_those_of_the_reference(figure: Callable[..., Figure]) -> None:
    shown = figure("min-max-norm")
    settings: list[tuple[float, float, float, str, int]] = [
        (1, 4, 1, "0", 1),
        (1, 4, 0.5, "0", 3),
        (5, 8, 1, "0", 1),
        (1, 1, 0.25, "1", 2),
        (0, 2, 0.1, "(0, 1)", 10),
        (2.5, 3.25, 0, "1", 7),
        (1, 2, 1, "1", 0),
    ]
    (one_vector,) = chapter("layers/constraints.md", "one_vector")
    for low, high, rate, axis, times in settings:
        shown.set(max=8, min=0)
        shown.set(max=high, min=low, rate=rate, axis=AXES[axis], times=times)
        expected = np.array([[2.0, 6.0], [1.0, 2.0], [2.0, 3.0]])
        for _ in range(times):
            expected = constraints.min_max_norm(expected, low, high, rate, ast.literal_eval(axis))
        norms = np.sqrt(np.square(expected).sum(axis=ast.literal_eval(axis))).ravel()
        assert [shown.number(f"norm-{k + 1}") for k in range(len(norms))] == pytest.approx(norms, abs=1e-9)
        assert [float(value) for value in kernel_drawn(shown)] == pytest.approx(expected.ravel(), abs=0.00501)
        if axis == "0" and times == 1:
            assert np.allclose(expected[:, 1], one_vector(np.array([6.0, 2.0, 3.0]), low, high, rate))


def kernel_drawn(shown: Figure) -> list[str]:
    """The six weights after the constraint, as they stand in the drawing."""
    words = shown.box.locator("svg text:not(.strong)").all_text_contents()
    return [word.replace("−", "-") for word in words if re.fullmatch(r"−?\d+\.\d\d", word)][6:12]


def test_a_weight_can_be_changed_and_zeros_stay_zeros(figure: Callable[..., Figure]) -> None:
    shown = figure("min-max-norm")
    for row, value in enumerate(("-3", "0", "4"), start=1):
        cell = shown.box.get_by_label(f"Row {row}, column 1", exact=True)
        cell.fill(value)
        cell.press("Enter")
    shown.set(max=2, min=1)
    assert shown.number("norm-1") == pytest.approx(2)
    assert [float(value) for value in kernel_drawn(shown)[::2]] == pytest.approx([-1.2, 0, 1.6], abs=0.005)
    for row in (1, 3):
        shown.box.get_by_label(f"Row {row}, column 1", exact=True).fill("0")
        shown.box.get_by_label(f"Row {row}, column 1", exact=True).blur()
    assert shown.number("norm-1") == 0 and "too short" in shown.says()


def test_the_limits_never_cross(figure: Callable[..., Figure]) -> None:
    shown = figure("min-max-norm")
    shown.set(min=6)
    assert shown.control("max").input_value() == "6"
    shown.set(max=2)
    assert shown.control("min").input_value() == "2"


# 4. The GRU cell.

H_PREV = np.array([[0.9, -0.6]])
W_H, U_H = np.array([[0.8, -0.5]]), np.array([[1.2, -0.8], [0.6, 1.4]])
B_H, B_RECURRENT = np.array([0.1, -0.2]), np.array([-0.6, 0.7])


def gru_step(x: float, z: float, r: tuple[float, float], kept: bool, after: bool) -> list[float]:
    """Candidate and new state of both units, by the autograder's references: candidate 1, h 1, candidate 2, h 2."""
    given = np.array([[x]]), H_PREV, np.array([r]), W_H, U_H, B_H
    tilde = gru.candidate_reset_after(*given, B_RECURRENT) if after else gru.candidate_reset_before(*given)
    h = (gru.new_state_keras if kept else gru.new_state_chung)(H_PREV, np.array([[z, z]]), tilde)
    return [tilde[0, 0], h[0, 0], tilde[0, 1], h[0, 1]]


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("after", [True, False])
def test_each_form_of_the_gru_is_the_references(figure: Callable[..., Figure], kept: bool, after: bool) -> None:
    shown = figure("gru-cell")
    shown.set(kept="that is kept" if kept else "that is written")
    shown.set(after="after U" if after else "before U")
    for x, z, r in [(-1, 0.8, (1, 0)), (0.5, 0.25, (0.3, 0.7)), (2, 1, (0, 0)), (-2, 0, (1, 1)), (1.3, 0.5, (0, 1))]:
        shown.set(x=x, z=z, r_1=r[0], r_2=r[1])
        found = shown.numbers("candidate-1", "h-1", "candidate-2", "h-2")
        assert found == pytest.approx(gru_step(x, z, r, kept, after), abs=1e-12)
        assert f"{100 * (z if kept else 1 - z):.0f}\N{NO-BREAK SPACE}% old state" in shown.says()


def test_the_gru_is_moved_by_keys(figure: Callable[..., Figure]) -> None:
    shown = figure("gru-cell")
    shown.press("z", "Home")
    shown.press("x", "End")
    shown.press("after", "ArrowDown")
    assert shown.number("h-1") == pytest.approx(gru_step(2, 0, (1, 0), True, True)[1], abs=1e-12)


def test_what_the_page_says_about_the_gru_is_so() -> None:
    for kept in (True, False):
        copied = gru_step(-1, 1.0 if kept else 0.0, (1, 0), kept, False)
        assert copied[1::2] == pytest.approx(H_PREV[0])
    assert gru_step(-1, 0.5, (1, 0), True, False) == pytest.approx(gru_step(-1, 0.5, (1, 0), False, False))
    assert gru_step(-1, 0.5, (0, 0), True, False) == pytest.approx(gru_step(-1, 0.5, (0, 0), True, True))
    assert gru_step(-1, 0.5, (1, 1), True, False) != pytest.approx(gru_step(-1, 0.5, (1, 1), True, True))


# 5. The five topologies.

PATTERNS = {"one to one": 1, "one to many": 4, "many to one": 4, "in step": 4, "encoder–decoder": 5}  # steps
NAMES_OF_WEIGHTS = ("W", "U", "b", "V", "b_y", "W_d", "U_d", "b_d")


def drawn_topology() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The four inputs (4, 2) and all weights, drawn from a seed and rounded to one digit."""
    rng = np.random.default_rng(1117)
    x = rng.normal(size=(4, 2)).round(1)
    shapes = [
        (0.8, (2, 3)),
        (0.7, (3, 3)),
        (0.3, (3,)),
        (1, (3, 1)),
        (0.5, (1,)),
        (0.8, (1, 3)),
        (0.7, (3, 3)),
        (0.3, (3,)),
    ]
    weights = [(size * rng.normal(size=shape)).round(1) for size, shape in shapes]
    return x, dict(zip(NAMES_OF_WEIGHTS, weights, strict=True))


def wired(pattern: str, nudged: int = 0) -> tuple[np.ndarray, list[float | None]]:
    """The state after each step, and the output that leaves there, by the chapter's functions."""
    x, weights = drawn_topology()
    names = ("run", "step", "readout", "decoder")
    run, step, readout, decoder = chapter("topologies/patterns.md", *names, accumulate=itertools.accumulate, **weights)
    if nudged:
        x[nudged - 1] += 1
    zero = np.zeros((1, 3))
    if pattern == "encoder–decoder":
        states, said = run(step, zero, x[:3, None]), [np.zeros((1, 1))]
        for _ in range(2):
            states.append(decoder(states[-1], said[-1]))
            said.append(readout(states[-1]))
        return np.concatenate(states), [None, None, None, *(y.item() for y in said[1:])]
    given = {"one to one": x[:1], "one to many": np.concatenate([x[:1], np.zeros((3, 2))])}.get(pattern, x)
    states = run(step, zero, given[:, None])
    outputs = [readout(h).item() for h in states]
    return np.concatenate(states), [None, None, None, outputs[-1]] if pattern == "many to one" else outputs


@pytest.mark.parametrize("nudged", [0, 1, 3, 4])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_topologies_are_those_of_the_chapter(figure: Callable[..., Figure], pattern: str, nudged: int) -> None:
    shown = figure("topologies")
    shown.set(pattern=pattern, nudged=f"x{'₀₁₂₃₄'[nudged]} by 1" if nudged else "no input")
    states, outputs = wired(pattern, nudged)
    usual = wired(pattern)[1]
    assert len(states) == len(outputs) == PATTERNS[pattern]
    for t, (h, y) in enumerate(zip(states, outputs, strict=True), start=1):
        assert shown.says().startswith(f"Step {t} of {PATTERNS[pattern]}")
        assert state_shown(shown) == pytest.approx(h, abs=1e-12)
        if y is None:
            assert "No output leaves" in shown.says() and shown.box.locator('dd[data-key="y"]').inner_text() == "none"
        else:
            assert shown.number("y") == pytest.approx(y, abs=1e-12)
        shown.press("t", "ArrowRight")
    pills = shown.box.locator(".explorable-drawing rect.q-y[rx='11.5']")
    framed = ["chosen" in (pill.get_attribute("class") or "") for pill in pills.all()]
    assert framed == [y != before for y, before in zip(outputs, usual, strict=True) if y is not None]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_calls_of_keras_give_the_same_numbers(figure: Callable[..., Figure], pattern: str) -> None:
    import keras

    shown = figure("topologies")
    shown.set(pattern=pattern)
    lines = [line.locator("code").all_inner_texts() for line in shown.box.locator(".explorable-calls li").all()]
    space: dict[str, Any] = {"keras": keras, "layers": keras.layers}
    for call, shape in lines:
        exec(call, space)
        assert str(space[call.split(" = ")[0]].shape) == shape, call
    x, w = drawn_topology()
    values = {"one to one": x[0], "one to many": x[0], "encoder–decoder": x[:3]}.get(pattern, x)
    expected = [y for y in wired(pattern)[1] if y is not None]
    given = [values[None].astype("float32")]
    weights = [w["W"], w["U"], w["b"], w["V"], w["b_y"]]
    inputs = [keras.utils.get_source_inputs(space["y"])[0]]
    if pattern == "one to one":
        weights.pop(1)
    if pattern == "encoder–decoder":
        weights[3:3] = [w["W_d"], w["U_d"], w["b_d"]]
        source = next(tensor for tensor in keras.utils.get_source_inputs(space["y"]) if tensor.shape == (None, 3, 2))
        inputs = [source, space["told"]]
        given.append(np.array([[[0.0], [expected[0]]]], dtype="float32"))  # what it said, one step late
    model = keras.Model(inputs, space["y"])
    model.set_weights(weights)
    assert np.asarray(model(given)).ravel() == pytest.approx(expected, abs=1e-5)


def test_topologies_are_walked_by_buttons_and_a_shorter_one_ends_sooner(figure: Callable[..., Figure]) -> None:
    shown = figure("topologies")
    for _ in range(5):
        shown.click("Step")
    assert "Step 4 of 4" in shown.says()
    shown.set(pattern="one to one")
    assert "Step 1 of 1" in shown.says() and shown.control("t").input_value() == "1"
    shown.set(pattern="encoder–decoder", t=5)
    assert "y₁, just said, goes in again" in shown.says()
    shown.click("Back")
    assert "decoder: a zero goes in" in shown.says() and "comes from the encoder" in shown.says()
    shown.set(pattern="one to many", nudged="x₂ by 1")
    assert "x₂ is not read here" in shown.says()


def test_what_the_page_says_about_topologies_is_so() -> None:
    text = (ROOT / "book" / "topologies" / "patterns.md").read_text()
    for name, array in drawn_topology()[1].items():
        rows = array[None] if array.ndim == 1 else array
        body = r" \\ ".join(" & ".join(f"{value:g}" for value in row) for row in rows)
        assert re.search(re.escape(name) + r" &?= \\begin{bmatrix} " + re.escape(body) + r" \\end", text), name
    assert np.array_equal(wired("many to one")[0], wired("in step")[0])
    for pattern, nudged, moved in [
        ("in step", 1, [1, 2, 3, 4]),
        ("in step", 4, [4]),
        ("one to many", 1, [1, 2, 3, 4]),
        *(("many to one", n, [4]) for n in (1, 2, 3, 4)),
        *(("encoder–decoder", n, [4, 5]) for n in (1, 2, 3)),
    ]:
        pairs = enumerate(zip(wired(pattern, nudged)[1], wired(pattern)[1], strict=True), start=1)
        assert [t for t, (y, usual) in pairs if y is not None and usual is not None and abs(y - usual) > 0.03] == moved


# 6. Convolution and pooling.

INPUTS = {
    "the quiz's array": [[1, 2, 3, 4], [5, 6, 7, 8], [1, 2, 3, 4], [5, 7, 6, 8]],
    "the page's picture": [[1, 3, 2, 0], [5, 2, 4, 4], [0, 6, 1, 0], [2, 8, 3, 5]],
    "an edge, 5 by 5": [[0, 0, 9, 9, 9]] * 5,
    "a sequence of 6": [[2, 1, 0, 3, 4, 1]],
}
FILTERS: dict[str, dict[int, list[float]]] = {
    "right minus left": {2: [-1, 1], 3: [-1, 0, 1]},
    "mean": {2: [0.5, 0.5], 3: [1 / 3, 1 / 3, 1 / 3]},
    "a single 1": {2: [1, 0], 3: [0, 1, 0]},
}


def slid(array: str, operation: str, k: int, s: int, padding: str, d: int = 1, filter: str = "mean") -> np.ndarray:
    """What the window makes of the input, by the chapters' functions."""
    x = np.array(INPUTS[array], dtype=float)
    flat = len(x) == 1
    x = x[..., None] if flat else x[None, ..., None]
    if operation == "convolution":
        conv1d, conv2d = chapter("layers/convolution.md", "conv1d", "conv2d", ceil=math.ceil)
        row = np.array(FILTERS[filter][k], dtype=float)
        down = {"mean": row, "right minus left": np.ones(k), "a single 1": row}[filter]
        if flat:
            return conv1d(x, row[:, None, None], np.zeros(1), s, padding, d)[..., 0]
        return conv2d(x, np.outer(down, row)[:, :, None, None], np.zeros(1), (s, s), padding, (d, d))[0, ..., 0]
    (pool,) = chapter("layers/pooling.md", "pool")
    reduce = np.nanmax if operation == "max pooling" else np.nanmean
    found = pool(x, (k,) if flat else (k, k), (s,) if flat else (s, s), padding, reduce)
    return found[..., 0] if flat else found[0, ..., 0]


POOLED = [
    ("the quiz's array", "max pooling", 2, 2, "valid"),
    ("the quiz's array", "max pooling", 3, 1, "same"),
    ("the quiz's array", "max pooling", 3, 3, "same"),
    ("the page's picture", "average pooling", 2, 2, "valid"),
    ("the page's picture", "average pooling", 3, 2, "same"),
    ("an edge, 5 by 5", "max pooling", 3, 3, "valid"),
    ("a sequence of 6", "average pooling", 3, 2, "same"),
    ("a sequence of 6", "max pooling", 2, 3, "valid"),
]
CONVOLVED = [
    ("the quiz's array", "convolution", 2, 1, "valid", 2, "right minus left"),
    ("the quiz's array", "convolution", 3, 2, "same", 1, "mean"),
    ("the page's picture", "convolution", 2, 2, "valid", 1, "a single 1"),
    ("an edge, 5 by 5", "convolution", 3, 1, "same", 1, "right minus left"),
    ("an edge, 5 by 5", "convolution", 3, 1, "valid", 2, "a single 1"),
    ("a sequence of 6", "convolution", 3, 1, "causal", 2, "right minus left"),
    ("a sequence of 6", "convolution", 3, 2, "causal", 1, "mean"),
    ("a sequence of 6", "convolution", 2, 1, "same", 2, "a single 1"),
]


@pytest.mark.parametrize("setting", [*POOLED, *CONVOLVED], ids=lambda setting: "-".join(map(str, setting)))
def test_windows_become_what_the_chapters_functions_say(
    figure: Callable[..., Figure], setting: tuple[Any, ...]
) -> None:
    array, operation, size, stride, padding, *more = setting
    shown = figure("convolution-pooling")
    shown.set(array=array, operation=operation, size=size, stride=stride, padding=padding)
    if more:
        shown.set(filter=more[1])
        if more[0] > 1:
            shown.set(dilation=more[0])
    expected = slid(*setting)
    assert shown.number("size") == expected.shape[1]
    assert shown.control("place").get_attribute("max") == str(expected.size)
    for place, value in enumerate(expected.flat, start=1):
        shown.set(place=place)
        assert shown.number("result") == pytest.approx(value, abs=1e-9), place
        assert shown.says().startswith(f"Window {place} of {expected.size}: ")
    drawn = shown.box.locator(".explorable-drawing text:not(.faint)").all_text_contents()[-expected.size - 2 : -2]
    assert [float(text.replace("−", "-")) for text in drawn] == pytest.approx(expected.ravel(), abs=0.00501)


def test_the_window_is_moved_by_keys_and_buttons(figure: Callable[..., Figure]) -> None:
    shown = figure("convolution-pooling")
    shown.press("place", "ArrowRight", "ArrowRight")
    assert shown.number("result") == 7
    shown.click("Step")
    shown.click("Step")
    assert "Window 4 of 4: the largest of 3, 4, 6, 8. That is 8." in shown.says()
    shown.press("stride", "End")
    assert "Window 1 of 1" in shown.says()
    shown.press("operation", "End")
    shown.press("dilation", "End")
    assert shown.control("stride").input_value() == "1"
    shown.press("size", "End")
    assert "does not fit" in shown.says() and shown.number("size") == 0
    shown.press("stride", "ArrowRight")
    assert shown.control("dilation").input_value() == "1" and shown.number("size") == 1


def test_causal_is_for_a_convolution_of_the_sequence(figure: Callable[..., Figure]) -> None:
    shown = figure("convolution-pooling")
    causal = shown.control("padding").locator("option[value=causal]")
    assert causal.is_disabled()
    shown.set(array="a sequence of 6", operation="convolution")
    shown.set(padding="causal")
    assert shown.control("padding").input_value() == "causal"
    shown.set(array="the page's picture")
    assert shown.control("padding").input_value() == "valid" and causal.is_disabled()


def blocks(k: int, s: int, padding: str) -> list[bool]:
    """For each window of average pooling: are its real entries one of the quiz's four windows?"""
    (pool,) = chapter("layers/pooling.md", "pool")
    one_hot = np.eye(16).reshape(1, 4, 4, 16)
    held = pool(one_hot, (k, k), (s, s), padding, np.nanmax)[0]  # the entries of each window
    quiz = pool(one_hot, (2, 2), (2, 2), "valid", np.nanmax)[0].reshape(4, 16)
    return [any((entries == block).all() for block in quiz) for entries in held.reshape(-1, 16)]


def test_the_graded_means_are_not_given_away(figure: Callable[..., Figure]) -> None:
    shown = figure("convolution-pooling")
    hidden = 0
    for operation in ("average pooling", "convolution"):
        for k, s, padding, d in itertools.product((2, 3), (1, 2, 3), ("valid", "same"), (1, 2)):
            shown.set(operation="convolution", filter="mean", size=k, stride=s, padding=padding)
            shown.set(dilation=d)
            shown.set(operation=operation)
            s = int(shown.control("stride").input_value())  # a dilation has moved it
            if operation == "convolution" and d * (k - 1) + 1 > 4 and padding == "valid":
                continue
            shown.press("place", "End")
            values = slid("the quiz's array", operation, k, s, padding, d, "mean").ravel()
            asked = blocks(k, s, padding)
            if operation == "convolution" and (k, d) != (2, 1):
                asked = [False] * len(values)
            drawn = shown.box.locator(".explorable-drawing text:not(.faint)").all_text_contents()[-len(values) - 2 : -2]
            for place, (text, value, secret) in enumerate(zip(drawn, values, asked, strict=True), start=1):
                assert text == "?" if secret else agrees(text, value), (operation, k, s, padding, d, place)
                hidden += secret
            shown.set(place=1)
            if asked[0]:
                cell = shown.box.locator('dd[data-key="result"]')
                assert cell.inner_text() == "?" and cell.get_attribute("data-value") is None
                assert "The exercise asks you" in shown.says() and "That is" not in shown.says()
    assert hidden >= 4 * 10


def test_what_the_page_says_about_windows_is_so() -> None:
    assert slid("the quiz's array", "max pooling", 2, 3, "valid").shape == (1, 1)
    corner = [slid("the page's picture", how, 3, 1, "same")[0, 0] for how in ("average pooling", "convolution")]
    assert corner == pytest.approx([11 / 4, 11 / 9])
    edge = slid("an edge, 5 by 5", "convolution", 3, 1, "same", 1, "right minus left")
    assert edge[2].tolist() == [0, 27, 27, 0, -27]


# 9. A linear recurrence by a scan.

FEEDS = {
    "1 at every step": [1.0] * 8,
    "1 at the first step": [1.0] + [0.0] * 7,
    "mixed numbers": [0.8, -0.9, 0.5, 0.1, -0.6, 0.9, -0.2, 0.7],
}


@pytest.mark.parametrize(
    ("feed", "keep"), [("1 at every step", 0.5), ("1 at the first step", 1), ("mixed numbers", 0.85)]
)
def test_the_scan_is_the_chapters(figure: Callable[..., Figure], feed: str, keep: float) -> None:
    """Every place after every pass stands for the steps put together by the page's `combine`, one after the other."""
    loop, combine, scan = chapter("gru/since.md", "loop", "combine", "scan")
    a, u = np.full(8, keep), np.array(FEEDS[feed])
    shown = figure("scan")
    shown.set(feed=feed, keep=keep)
    for passes, t in itertools.product(range(4), (1, 2, 5, 8)):
        shown.set(passes=passes, t=t)
        first = max(1, t - 2**passes + 1)
        pair = (1.0, 0.0)
        for step in range(first, t + 1):
            pair = combine(pair, (a[step - 1], u[step - 1]))
        assert shown.number("first") == first
        assert (shown.number("keeps"), shown.number("adds")) == pytest.approx(pair, abs=1e-12)
        assert shown.number("loop") == pytest.approx(loop(a, u)[t - 1], abs=1e-12)
        assert ("the loop's state" in shown.says()) == (first == 1)
    drawn = shown.box.locator("svg text.small").all_text_contents()
    after_all = [float(word.replace("−", "-")) for word in drawn[24:32]]
    assert after_all == pytest.approx(scan(a, u), abs=0.00501)


def test_the_scan_is_stepped_by_keys_and_buttons(figure: Callable[..., Figure]) -> None:
    shown = figure("scan")
    shown.press("passes", "ArrowRight", "ArrowRight", "ArrowRight")
    assert shown.says().startswith("After 3 passes place 8 stands for steps 1 to 8")
    shown.click("Back")
    shown.press("t", "ArrowLeft")
    assert shown.says().startswith("After 2 passes place 7 stands for steps 4 to 7")


def test_what_the_page_says_about_the_scan_is_so(figure: Callable[..., Figure]) -> None:
    shown = figure("scan")
    for passes, finished in ((1, False), (2, True), (3, True)):
        shown.set(t=3, passes=passes)
        assert ("the loop's state" in shown.says()) == finished
    shown.set(keep=1, t=8)
    assert shown.number("adds") == 8 == shown.number("loop")
