"""COVERAGE.md is true: every place that it names and every sentence that it quotes is in the book."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from coverage_page import PAGE, NotInTheBook, flat, page_of, read


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return read()


def test_the_page_is_made_from_the_data_and_the_book(data: dict[str, Any]) -> None:
    """Also fails where a place or a sentence is missing, and says which."""
    assert PAGE.read_text() == page_of(data), "run python book/_extensions/coverage_page.py"


def test_all_sources_and_all_mistakes_are_there(data: dict[str, Any]) -> None:
    assert len(data["source"]) == 5 and len(data["mistake"]) == 10
    assert all(source["topics"] for source in data["source"])
    assert all(mistake["corrected"] for mistake in data["mistake"])


@pytest.mark.parametrize("wrong", ["lstm-no-such-gate", "lstm/no-such-page.md", "lstm/cell.md # No such heading"])
def test_a_place_that_is_not_in_the_book_is_found(data: dict[str, Any], wrong: str) -> None:
    broken = copy.deepcopy(data)
    broken["source"][0]["topics"]["A topic"] = ["lstm-forget-gate", wrong]
    with pytest.raises(NotInTheBook, match=wrong):
        page_of(broken)


def test_a_sentence_that_is_not_on_its_page_is_found(data: dict[str, Any]) -> None:
    broken = copy.deepcopy(data)
    broken["mistake"][0]["corrected"][0]["page"] = "lstm/cell.md"
    broken["mistake"][1]["corrected"][0]["sentence"] += " And more."
    with pytest.raises(NotInTheBook) as error:
        page_of(broken)
    assert len(str(error.value).splitlines()) == 2


def test_a_quotation_ignores_line_breaks_bold_face_and_glossary_links() -> None:
    marked = "A **{term}`gate`** lets\nthe {term}`states <state>` through."
    assert flat(marked) == "A gate lets the states through."
