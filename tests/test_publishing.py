"""A site with a public address and a repository: every button leads to a file that is there."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from tests.small_site import EXERCISES, build_site, lay_out, page

GITHUB = "https://github.com/school/course"
GITLAB = "https://git.school.example/teachers/networks/course"
PAGES = ("book/intro", "book/exercises", *EXERCISES)
COLAB = "https://colab.research.google.com/"


@pytest.fixture(scope="module")
def on_github(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the two lines of _config.yml set. Returns its folder."""
    folder = tmp_path_factory.mktemp("course")
    lay_out(folder, "book/exercises")
    config = (folder / "_config.yml").read_text()
    config, urls = re.subn(r'^  url: ""', f"  url: {GITHUB}", config, flags=re.MULTILINE)
    config, bases = re.subn(
        r"^  baseurl: \S+", "  baseurl: https://school.github.io/course", config, flags=re.MULTILINE
    )
    assert urls == bases == 1
    (folder / "_config.yml").write_text(config)
    build_site(folder)
    return folder


@pytest.fixture(scope="module")
def on_gitlab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course as it is, published by a workflow on a server of the school's own. Returns its folder."""
    folder = tmp_path_factory.mktemp("course")
    lay_out(folder, "book/exercises")
    build_site(
        folder,
        COURSE_BASEURL="https://pages.school.example/course/",
        COURSE_REPOSITORY=f"{GITLAB}.git",
        COURSE_BRANCH="taught",
        COURSE_PROVIDER="gitlab",
    )
    return folder


def links(built: BeautifulSoup, start: str) -> list[str]:
    """Where a page leads, of what starts with `start`."""
    return [address for a in built.select("a[href]") if (address := str(a["href"])).startswith(start)]


def files(addresses: list[str], kind: str) -> list[str]:
    """The paths of the files that addresses of a kind, such as /edit/main/, name in their repository."""
    return [unquote(urlsplit(one).path.partition(kind)[2]) for one in addresses if kind in urlsplit(one).path]


@pytest.mark.parametrize("name", PAGES)
def test_every_link_to_the_repository_leads_to_a_file_of_it(on_github: Path, name: str) -> None:
    source = f"{name}.ipynb" if name in EXERCISES else f"{name}.md"
    found = links(page(on_github, name), GITHUB)
    assert files(found, "/blob/main/") == [source] and (on_github / source).is_file()
    assert files(found, "/edit/main/") == ([] if name in EXERCISES else [source]), "exercises are made from solutions"
    (issue,) = [one for one in found if urlsplit(one).path.endswith("/issues/new")]
    assert f"/{name}.html" in unquote(urlsplit(issue).query)
    assert GITHUB in found and len(found) == (3 if name in EXERCISES else 4)


def test_colab_opens_every_exercise_and_nothing_else(on_github: Path) -> None:
    for name in PAGES:
        found = links(page(on_github, name), COLAB)
        assert found == ([f"{COLAB}github/school/course/blob/main/{name}.ipynb"] if name in EXERCISES else [])
    for name in EXERCISES:
        head = page(on_github, name).select_one(".exercise-head")
        assert head is not None and "Open in Colab" in [a.get_text() for a in head.select("a")]


def test_another_host_has_its_own_addresses_and_no_colab(on_gitlab: Path) -> None:
    for name in PAGES:
        built = page(on_gitlab, name)
        source = f"{name}.ipynb" if name in EXERCISES else f"{name}.md"
        found = links(built, GITLAB)
        assert files(found, "/-/blob/taught/") == [source]
        assert files(found, "/-/edit/taught/") == ([] if name in EXERCISES else [source])
        assert any(urlsplit(one).path.endswith("/-/issues/new") for one in found)
        assert not [link for link in links(built, COLAB) if "github" in link]


@pytest.mark.parametrize(
    ("course", "base"),
    [("on_github", "https://school.github.io/course/"), ("on_gitlab", "https://pages.school.example/course/")],
)
def test_every_page_knows_its_address(request: pytest.FixtureRequest, course: str, base: str) -> None:
    folder = request.getfixturevalue(course)
    for name in PAGES:
        built = page(folder, name)
        assert [e["href"] for e in built.select("link[rel=canonical]")] == [f"{base}{name}.html"]
        assert [e["content"] for e in built.select("meta[property='og:url']")] == [f"{base}{name}.html"]
        (card,) = [e["content"] for e in built.select("meta[property='og:image']")]
        assert (folder / "_build/html" / card.removeprefix(base)).is_file()


def test_the_page_for_a_wrong_address_starts_where_the_site_does(on_github: Path) -> None:
    built = page(on_github, "404")
    assert [e["data-content_root"] for e in built.select("html")] == ["/course/"]
    found = [e.get(name) for e in built.select("[href], [src], [action]") for name in ("href", "src", "action")]
    ours = [one for one in found if one and not one.startswith(("#", "https://"))]
    assert len(ours) > 20
    for address in ours:
        assert address.startswith("/course/"), address
        assert (on_github / "_build/html" / urlsplit(address).path.removeprefix("/course/")).is_file(), address
