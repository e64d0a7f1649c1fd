"""The site's Sphinx extensions: quizzes, exercise pages, MathJax without a CDN, nothing that leaks.

One small site is built the way the real one is: see small_site.py.
"""

from __future__ import annotations

import io
import json
import re
import struct
import subprocess
import sys
import zipfile
from datetime import datetime
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace

import description
import lite
import nbformat
import page_modules
import page_weight
import pytest
import quiz
from bs4 import BeautifulSoup
from docutils import nodes
from jupyter_cache import get_cache
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from tests.small_site import build_site, lay_out, notebook, page

ROOT = Path(__file__).resolve().parent.parent
EXTENSIONS = ROOT / "book" / "_extensions"
SECRET = "only_in_the_solution"

HEAD = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {display_name: Python 3, language: python, name: python3}
---
"""

QUIZ = """```{quiz} What is $c_t$ when $f_t = 0$ and $i_t = 1$?
:name: quiz-closed

- [ ] It is $c_{t-1}$.
  That needs $f_t = 1$.
- [x] It is the candidate.
  The first term is gone.

  The second is $\\tilde{c}_t$.
- [ ] It is zero.
  Only when the candidate is.
```
"""

CITATION = """
First in {cite:p}`hochreiter1997lstm`.

## References

```{bibliography}
:filter: docname in docnames
```
"""

QUESTION_PAGE = f"""{HEAD}
# Questions

{QUIZ}

```{{quiz}} Another?
- [x] Yes
  Two on a page.
- [ ] No
  Look again.
```

```{{code-cell}} python
import drawing
with drawing.canvas(4, 2) as (figure, axes):
    drawing.box(axes, 2, 1, "$x_t$", "x")
drawing.show(figure, "One box that holds the input of a step.")
```
{CITATION}"""

CELL_PAGE = f"""{HEAD}
# Cell

```{{code-cell}} python
from lstm_figures import WIDTH
print("The width is", WIDTH)
```
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small course, built strictly. Returns its folder."""
    folder = tmp_path_factory.mktemp("course")
    lay_out(folder, "book/exercises", "book/questions", "book/lstm/cell")
    (folder / "solutions/lstm").mkdir(parents=True)
    nbformat.write(notebook(f"{SECRET} = 1"), folder / "solutions/lstm/gates.ipynb")
    (folder / "book/intro.md").write_text(f"# Start\n\nSee [the gates](../exercises/lstm/gates.ipynb).\n{CITATION}")
    (folder / "book/questions.md").write_text(QUESTION_PAGE)
    (folder / "book/lstm/lstm_figures.py").write_text("WIDTH = 4\n")
    (folder / "book/lstm/cell.md").write_text(CELL_PAGE)
    build_site(folder)
    return folder


def test_a_quiz_is_a_form_that_assistive_technology_understands(site: Path) -> None:
    form = page(site, "book/questions").select_one("form.quiz#quiz-closed")
    assert form is not None
    legend = form.select_one("fieldset > legend")
    assert legend is not None and len(legend.select("span.math")) == 3
    radios = form.select("input[type=radio]")
    assert len(radios) == 3 and len({radio["name"] for radio in radios}) == 1
    for radio in radios:
        assert form.select_one(f"label[for={radio['id']}]") is not None
    region = form.select_one("[aria-live=polite]")
    assert region is not None and not region.get_text(strip=True)
    assert form.select_one("button[type=submit]").has_attr("disabled")


def test_an_option_that_is_a_formula_has_a_name(tmp_path: Path) -> None:
    _, out = build(tmp_path, f"# Page\n\n{QUIZ.replace('It is zero.', '$0$')}")
    labels = BeautifulSoup((out / "index.html").read_text(), "html.parser").select("form label")
    assert [len(label.select(".visually-hidden")) for label in labels] == [0, 0, 1]
    assert labels[2].get_text().startswith("Option 3: ")


def test_each_option_carries_its_feedback_without_javascript(site: Path) -> None:
    options = page(site, "book/questions").select("#quiz-closed .quiz-option")
    assert [option["data-right"] for option in options] == ["false", "true", "false"]
    words = [option.select_one("details > div").get_text(" ", strip=True) for option in options]
    assert words[0].startswith("Not quite.") and words[1].startswith("Right.")
    assert len(options[1].select("details p")) == 2 and options[1].select("details span.math")


def test_quizzes_of_a_page_do_not_share_a_group(site: Path) -> None:
    radios = page(site, "book/questions").select("form.quiz input")
    assert len({radio["name"] for radio in radios}) == 2
    assert len({radio["id"] for radio in radios}) == len(radios)


def test_the_script_is_loaded_only_where_there_is_a_quiz(site: Path) -> None:
    loaded = {name: [s["src"] for s in page(site, name).select("script[src*=quiz]")] for name in PAGES}
    assert [len(scripts) for scripts in loaded.values()] == [0, 1, 0]
    assert (site / "_build/html/_static/quiz.js").is_file()


PAGES = ("book/intro", "book/questions", "exercises/lstm/gates")


def test_an_exercise_page_offers_the_very_notebook(site: Path) -> None:
    head = page(site, "exercises/lstm/gates").select_one("h1 + .exercise-head")
    assert head is not None and "hand in the file" in head.get_text()
    link = head.select_one("a[download]")
    assert link is not None and link.get_text(strip=True) == "Download this notebook"
    target = (site / "_build/html/exercises/lstm" / link["href"]).resolve()
    assert target.name == "gates.ipynb"
    assert target.read_bytes() == (site / "exercises/lstm/gates.ipynb").read_bytes()


def test_an_exercise_is_shown_and_not_executed(site: Path) -> None:
    exercise = page(site, "exercises/lstm/gates")
    assert "NotImplementedError" in exercise.select_one(".cell_input").get_text()
    assert not exercise.select(".cell_output")


@pytest.mark.parametrize("name", PAGES[:2])
def test_other_pages_have_no_exercise_head(site: Path, name: str) -> None:
    assert not page(site, name).select(".exercise-head")


def test_no_solution_reaches_any_file_of_the_build(site: Path) -> None:
    leaks = [path for path in (site / "_build").rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert leaks == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing_from_elsewhere(site: Path, name: str) -> None:
    built = page(site, name)
    links = built.select("link[href]:not([rel=canonical])")
    loaded = [e["src"] for e in built.select("[src]")] + [e["href"] for e in links]
    assert loaded and not [address for address in loaded if re.match(r"(https?:)?//", address)]
    for said in built.select(".exercise-head p"):  # tells of Pyodide's address, and asks it for nothing
        said.decompose()
    assert "unpkg.com" not in str(built) and "jsdelivr" not in str(built)


def test_mathjax_is_served_with_its_fonts(site: Path) -> None:
    script = page(site, "book/questions").select_one("script[src*=mathjax]")
    assert script is not None
    main = (site / "_build/html/book" / script["src"].split("?")[0]).resolve()
    assert main.is_file()
    assert (main.parent / "output/chtml/fonts/woff-v2/MathJax_Main-Regular.woff").is_file()


def test_there_is_one_search_and_no_button_that_leads_nowhere(site: Path) -> None:
    built = page(site, "book/questions")
    assert len(built.select("form.bd-search")) == 1
    assert not built.select(".dropdown-launch-buttons, .dropdown-source-buttons")
    assert "executablebooks" not in str(built)


def test_a_figure_is_inline_and_follows_the_theme(site: Path) -> None:
    svg = page(site, "book/questions").select_one(".drawing > svg[role=img]")
    assert svg is not None and svg["aria-label"].startswith("One box")
    assert "currentColor" in str(svg) and "#010203" not in str(svg) and not svg.select("text")


def test_a_page_depends_on_the_modules_that_it_imports(tmp_path: Path) -> None:
    (tmp_path / "lstm").mkdir()
    page = tmp_path / "lstm/cell.md"
    page.write_text("# Cell\n\nimport of words\n\n```{code-cell} python\nfrom lstm_figures import step\n```\n")
    for name in ("drawing", "other", "lstm/lstm_figures", "lstm/unused"):
        (tmp_path / f"{name}.py").write_text("import numpy as np\n")
    (tmp_path / "lstm/lstm_figures.py").write_text("import drawing\n")
    assert page_modules.modules(page, tmp_path) == [tmp_path / "drawing.py", tmp_path / "lstm/lstm_figures.py"]
    before = page_modules.digest(page, tmp_path)
    (tmp_path / "other.py").write_text("CHANGED = True\n")
    assert page_modules.digest(page, tmp_path) == before
    run = tmp_path / "runs/gates.json"
    run.parent.mkdir()
    run.write_text('{"results": [1]}')
    page.write_text(page.read_text() + 'from runs import stored\nstored("gates")\n')
    assert run in page_modules.modules(page, tmp_path)
    before = page_modules.digest(page, tmp_path)
    run.write_text('{"results": [2]}')
    assert page_modules.digest(page, tmp_path) != before
    before = page_modules.digest(page, tmp_path)
    (tmp_path / "drawing.py").write_text("CHANGED = True\n")
    assert page_modules.digest(page, tmp_path) != before


def executed(site: Path) -> dict[str, datetime]:
    """When each page that the cache holds was executed, by the page's name. The database gives a key out again."""
    return {Path(one.uri).stem: one.created for one in get_cache(site / "_build/.jupyter_cache").list_cache_records()}


def test_a_changed_module_executes_its_own_pages_and_no_others(site: Path) -> None:
    before = executed(site)
    assert sorted(before) == ["cell", "questions"]
    assert "The width is 4" in page(site, "book/lstm/cell").get_text()
    (site / "book/lstm/lstm_figures.py").write_text("WIDTH = 5\n")
    build_site(site)
    assert "The width is 5" in page(site, "book/lstm/cell").get_text()
    after = executed(site)
    assert after["questions"] == before["questions"] and after["cell"] != before["cell"]
    build_site(site)
    assert executed(site) == after, "nothing has changed, nothing is executed"


def test_a_citation_links_to_the_list_of_its_own_page(site: Path) -> None:
    for name in PAGES[:2]:
        (link,) = page(site, name).select(".bibtex-citation a")
        assert link["href"].startswith("#")
        (work,) = page(site, name).select(link["href"])
        assert work["role"] == "listitem"
        assert work in page(site, name).select("[role=list] > *")


# Exercises in the browser.


def test_an_exercise_with_numpy_alone_opens_in_the_browser(site: Path) -> None:
    head = page(site, "exercises/lstm/gates").select_one(".exercise-head")
    button, download = head.select("a")
    assert button.get_text(strip=True) == "Open in your browser" and download.has_attr("download")
    assert "cdn.jsdelivr.net" in head.get_text() and lite.PYODIDE.startswith("https://cdn.jsdelivr.net/")
    app, _, query = button["href"].partition("?path=")
    assert (site / "_build/html/exercises/lstm" / app).is_file() and query == "lstm/gates.ipynb"
    original = json.loads((site / "exercises/lstm/gates.ipynb").read_text())
    copy = json.loads((site / "_build/html/lite/files/lstm/gates.ipynb").read_text())
    assert copy["metadata"].pop("kernelspec")["name"] == "python"
    assert original["metadata"].pop("kernelspec")["name"] == "python3"
    assert copy == original


def test_an_exercise_with_tensorflow_says_where_it_runs(site: Path) -> None:
    head = page(site, "exercises/lstm/keras").select_one(".exercise-head")
    assert "needs TensorFlow" in head.get_text() and "in your browser" not in head.get_text()
    assert [a["href"] for a in head.select("a:not([download])")] == ["https://colab.research.google.com/#upload=true"]
    assert [path.name for path in (site / "_build/html/lite/files").rglob("*.ipynb")] == ["gates.ipynb"]


def test_imports_are_found_wherever_they_stand() -> None:
    code = (
        "%matplotlib inline\nimport numpy.linalg as la, os\ndef f():\n    from keras.layers import LSTM\n# import torch"
    )
    assert lite.imports(notebook(code)) == {"numpy", "os", "keras"}


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("exercises/*/*.ipynb")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_what_tensorflow_needs_is_not_offered_in_the_browser(path: Path) -> None:
    assert lite.runs_in_browser(path) != bool(
        re.search(r"import (keras|tensorflow)|from (keras|tensorflow)", path.read_text())
    )


def test_jupyterlite_asks_nobody_but_pyodide(site: Path) -> None:
    folder = site / "_build/html/lite"
    settings = json.loads((folder / "jupyter-lite.json").read_text())["jupyter-config-data"]
    kernel = settings["litePluginSettings"]["@jupyterlite/pyodide-kernel-extension:kernel"]
    assert kernel["pyodideUrl"].startswith(lite.PYODIDE) and kernel["disablePyPIFallback"]
    indexes = [(folder / url.split("?")[0]) for url in kernel["pipliteUrls"]]
    assert any("comm" in json.loads(index.read_text()) for index in indexes)
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 32e6
    for app in lite.APPS:
        text = (folder / app / "index.html").read_text()
        assert lite.NAME in text and not re.search(r'(src|href)="https?:', text)


def test_jupyterlite_is_built_again_only_when_something_has_changed(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []

    def run(*arguments: object, **options: object) -> SimpleNamespace:
        runs.append(arguments)
        return SimpleNamespace(returncode=1, stdout="", stderr="")

    builder, config = SimpleNamespace(name="html", format="html"), SimpleNamespace(lite_pyodide="")
    sphinx = SimpleNamespace(builder=builder, config=config, outdir=site / "_build/html", srcdir=site)
    stamp = site / "_build/html/lite" / lite.STAMP
    before = stamp.read_text()
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "run", run)
        lite.build_lite(sphinx, None)
        assert not runs
        stamp.write_text("something else")
        with pytest.raises(ExtensionError, match="jupyter lite build failed"):
            lite.build_lite(sphinx, None)
    assert len(runs) == 1 and not stamp.is_file(), "what failed is not taken for done"
    build_site(site)
    assert stamp.read_text() == before


def test_a_package_is_packed_as_the_wheel_that_it_came_from(tmp_path: Path) -> None:
    lite.pack(distribution("comm"), tmp_path)
    (wheel,) = tmp_path.glob("comm-*-py3-none-any.whl")
    first = wheel.read_bytes()
    target = tmp_path / "installed"
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        f"--target={target}",
        str(wheel),
    ]
    subprocess.run(command, check=True)
    assert (target / "comm/__init__.py").read_bytes() == Path(
        str(distribution("comm").locate_file("comm/__init__.py"))
    ).read_bytes()
    assert not any("__pycache__" in name for name in zipfile.ZipFile(wheel).namelist())
    lite.pack(distribution("comm"), tmp_path)
    assert wheel.read_bytes() == first


# What every page has in its head.


def test_a_page_says_what_it_looks_like_where_it_is_shared(site: Path) -> None:
    for name in PAGES:
        built = page(site, name)
        tags = {e["property"]: e["content"] for e in built.select("meta[property^=og]")}
        assert len(tags) == len(built.select("meta[property^=og]"))
        assert tags["og:url"] == f"http://localhost:8000/{name}.html"
        assert tags["og:title"] == built.select_one("h1").find(string=True).strip()
        assert tags["og:site_name"] == "Recurrent networks, step by step"
        (about,) = built.select("meta[name=description]")
        assert about["content"] == tags["og:description"] == description.ABOUT
        card = (site / "_build/html" / tags["og:image"].removeprefix("http://localhost:8000/")).read_bytes()
        assert card[:8] == b"\x89PNG\r\n\x1a\n" and "name of the course" in tags["og:image:alt"]
        assert struct.unpack(">II", card[16:24]) == (int(tags["og:image:width"]), int(tags["og:image:height"]))
        assert [e["content"] for e in built.select("meta[name='twitter:card']")] == ["summary_large_image"]


def test_a_description_is_the_first_whole_sentences() -> None:
    first = "A network that reads a sentence has to remember its beginning."
    formula = nodes.paragraph(
        "", "", nodes.Text("Here the state is multiplied by itself, over and over: "), nodes.math("", "h")
    )
    folded = nodes.container("", nodes.paragraph("", "This is how the exercise is handed in, and no summary of it."))
    document = nodes.section(
        "", folded, formula, nodes.paragraph("", "Short."), nodes.paragraph("", f"{first} {'More of it. ' * 30}")
    )
    about = description.description(document)
    assert about.startswith(f"{first} More") and about.endswith("of it.") and len(about) <= description.LONGEST
    words = description.shortened("word " * 100)
    assert words.endswith("word…") and len(words) <= description.LONGEST
    assert description.description(None) == description.ABOUT


def test_every_page_has_its_icon(site: Path) -> None:
    for name in (*PAGES, "search", "genindex"):
        (icon,) = page(site, name).select("link[rel~=icon]")
        assert (site / "_build/html" / f"{name}.html").parent.joinpath(icon["href"]).is_file()


def test_a_page_loads_of_the_icons_what_it_shows(site: Path) -> None:
    for name in PAGES:
        assert not page(site, name).select("script[src*=fontawesome]")
        preloaded = [link["href"] for link in page(site, name).select("link[rel=preload][as=font]")]
        assert len(preloaded) == 1 and "fa-solid" in preloaded[0]


def test_a_theme_that_has_changed_is_noticed() -> None:
    with pytest.raises(ExtensionError, match="no longer holds"):
        page_weight.without_unused("<link rel='stylesheet' href='style.css'>")


def test_what_replaces_storage_runs_before_any_other_script(site: Path) -> None:
    for name in (*PAGES, "search", "404"):
        scripts = page(site, name).select("script")
        assert "IsBlocked" in scripts[0].get_text()
        assert len([script for script in scripts if "progress.js" in script.get("src", "")]) == 1


# The page for addresses that are none of ours.


def test_the_page_for_a_wrong_address_works_at_any_depth(site: Path) -> None:
    built = page(site, "404")
    addresses = [
        e[name]
        for e in built.select("[href], [src], [action]")
        for name in ("href", "src", "action")
        if e.has_attr(name)
    ]
    ours = [address for address in addresses if not address.startswith(("#", "http://localhost:8000/"))]
    assert len(ours) > 20
    for address in ours:
        assert address.startswith("/") and not address.startswith("//"), address
        assert (site / "_build/html" / address.lstrip("/").split("?")[0].split("#")[0]).exists(), address
    assert [e["data-content_root"] for e in built.select("html")] == ["/"]
    assert [e["content"] for e in built.select("meta[name=robots]")] == ["noindex"]
    assert built.select_one("article h1").get_text(strip=True) == "There is no such page"


# Faults and the builders without forms: a bare Sphinx, quick enough for one build a test.


def build(folder: Path, source: str, builder: str = "html") -> tuple[str, Path]:
    """Build one page with the quiz extension alone; return the warnings and the output folder."""
    (folder / "index.md").write_text(source)
    warnings, out = io.StringIO(), folder / "out"
    settings = {
        "extensions": ["myst_parser", "quiz"],
        "myst_enable_extensions": ["dollarmath"],
        "source_suffix": {".md": "markdown"},  # Sphinx's default is one dictionary for all sites of a process
    }
    with patch_docutils(folder), docutils_namespace():
        app = Sphinx(folder, None, out, folder / "trees", builder, settings, status=None, warning=warnings)
        app.build()
    return re.sub(r"\x1b\[[0-9;]*m", "", warnings.getvalue()), out


FAULTS = {
    "no right option": ("- [ ] a\n  why\n- [ ] b\n  why", -1, "no option is marked"),
    "two right options": ("- [x] a\n  why\n- [x] b\n  why", 2, "more than one option"),
    "no feedback": ("- [x] a\n  why\n- [ ] b", 2, "'b' has no feedback"),
    "blank feedback": ("- [x] a\n\n- [ ] b\n  why", 0, "'a' has no feedback"),
    "one option": ("- [x] a\n  why", -1, "two options or more"),
    "another mark": ("- [x] a\n  why\n- [y] b\n  why", 2, "neither"),
    "no mark": ("- [x] a\n  why\n- b\n  why", 2, "neither"),
    "text before": ("  why\n- [x] a\n  why\n- [ ] b\n  why", 0, "before the first option"),
    "feedback not indented": ("- [x] a\nwhy\n- [ ] b\n  why", 1, "neither"),
}


@pytest.mark.parametrize(("body", "line", "message"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("option", ["", ":name: q\n\n"], ids=["bare", "named"])
def test_a_fault_is_a_warning_at_its_line(tmp_path: Path, body: str, line: int, message: str, option: str) -> None:
    before = f"# Page\n\nText.\n\n```{{quiz}} Q?\n{option}"
    warnings, _ = build(tmp_path, f"{before}{body}\n```\n")
    found = [w for w in warnings.splitlines() if message in w]
    assert len(found) == 1, warnings
    expected = 5 if line < 0 else before.count("\n") + 1 + line
    assert f"index.md:{expected}: WARNING" in found[0]


def test_a_sound_quiz_has_no_faults() -> None:
    options, faults = quiz.parse(QUIZ.splitlines()[3:-1])
    assert faults == [] and [option.right for option in options] == [False, True, False]
    assert options[1].body() == ["The first term is gone.", "", "The second is $\\tilde{c}_t$."]


def test_a_fault_inside_the_feedback_is_found_too(tmp_path: Path) -> None:
    warnings, _ = build(tmp_path, f"# Page\n\n{QUIZ.replace('Only when', '{nosuchrole}`x` Only when')}")
    assert re.search(r"index\.md:13: WARNING.*nosuchrole", warnings), warnings


@pytest.mark.parametrize("builder", ["text", "latex"])
def test_without_forms_a_quiz_is_a_list(tmp_path: Path, builder: str) -> None:
    warnings, out = build(tmp_path, f"# Page\n\n{QUIZ}", builder)
    assert not warnings
    words = "".join(path.read_text() for path in out.glob("*.t*x*") if path.suffix in (".txt", ".tex"))
    for expected in ("Question.", "It is the candidate.", "Right.", "Not quite.", "Only when the candidate is."):
        assert expected in words
    assert "If you chose this" not in words
