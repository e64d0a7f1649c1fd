"""The site's Sphinx extensions: quizzes, exercise pages, MathJax without a CDN, nothing that leaks.

One small site is built the way the real one is: with the real _config.yml, extensions and assets.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import page_modules
import pytest
import quiz
from bs4 import BeautifulSoup
from jupyter_cache import get_cache
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

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


def notebook(code: str) -> nbformat.NotebookNode:
    """A notebook with a title and one code cell."""
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell("# Gates\n\nWrite $f_t$."), v4.new_code_cell(code)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return v4.new_notebook(cells=cells, metadata=kernel)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small course, built strictly. Returns its folder."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "_config.yml", folder)
    for name in ("_extensions", "_assets"):
        shutil.copytree(ROOT / "book" / name, folder / "book" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("drawing.py", "references.bib"):
        shutil.copy(ROOT / "book" / name, folder / "book")
    for name in ("exercises", "solutions"):
        (folder / name / "lstm").mkdir(parents=True)
    nbformat.write(notebook("raise NotImplementedError()"), folder / "exercises/lstm/gates.ipynb")
    nbformat.write(notebook(f"{SECRET} = 1"), folder / "solutions/lstm/gates.ipynb")
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: book/intro\nchapters:\n"
        "- file: book/questions\n- file: book/lstm/cell\n- file: exercises/lstm/gates\n"
    )
    (folder / "book/intro.md").write_text(f"# Start\n\nSee [the gates](../exercises/lstm/gates.ipynb).\n{CITATION}")
    (folder / "book/questions.md").write_text(QUESTION_PAGE)
    (folder / "book/lstm").mkdir()
    (folder / "book/lstm/lstm_figures.py").write_text("WIDTH = 4\n")
    (folder / "book/lstm/cell.md").write_text(CELL_PAGE)
    build_site(folder)
    return folder


def build_site(folder: Path) -> None:
    """Build it as `make site` does."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "-W", "-n", "--keep-going"]
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def page(site: Path, name: str) -> BeautifulSoup:
    """A built page."""
    return BeautifulSoup((site / "_build/html" / f"{name}.html").read_text(), "html.parser")


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
    (tmp_path / "drawing.py").write_text("CHANGED = True\n")
    assert page_modules.digest(page, tmp_path) != before


def executed(site: Path) -> dict[str, int]:
    """Which execution of each page the cache holds, by the page's name."""
    return {Path(one.uri).stem: one.pk for one in get_cache(site / "_build/.jupyter_cache").list_cache_records()}


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
        assert page(site, name).select_one(f"{link['href']}") is not None


# Faults and the builders without forms: a bare Sphinx, quick enough for one build a test.


def build(folder: Path, source: str, builder: str = "html") -> tuple[str, Path]:
    """Build one page with the quiz extension alone; return the warnings and the output folder."""
    (folder / "index.md").write_text(source)
    warnings, out = io.StringIO(), folder / "out"
    settings = {"extensions": ["myst_parser", "quiz"], "myst_enable_extensions": ["dollarmath"]}
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
