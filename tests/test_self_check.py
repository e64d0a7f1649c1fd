"""The self-check on the site gives no graded answer away: other questions than the bank's, other right answers."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from quiz import parse

from autograder.checking import ChoiceCheck
from autograder.checks import notebook_checks

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "book" / "review" / "questions.md"
BANK = ROOT / "solutions" / "review" / "choices.ipynb"


def squeezed(text: str) -> str:
    """Letters, digits and signs alone."""
    return re.sub(r"[\s*`$.]", "", text).lower()


def self_check() -> dict[str, str]:
    """The site's questions, each with its right answer."""
    found = {}
    for _, question, body in re.findall(
        r"^([`:]{3})\{quiz\} (.+?)\n(.*?)^\1$", PAGE.read_text(), re.DOTALL | re.MULTILINE
    ):
        options, faults = parse([line for line in body.splitlines() if not line.startswith(":name:")])
        assert not faults
        found[squeezed(question)] = squeezed(next(option.text for option in options if option.right))
    return found


def bank() -> dict[str, dict[str, str]]:
    """The graded questions, each with its options by letter."""
    found = {}
    for cell in json.loads(BANK.read_text())["cells"]:
        text = "".join(cell["source"])
        if text.startswith("## Question"):
            asked = text.split("- **A.**")[0].split("\n", 1)[1]
            found[squeezed(asked)] = {
                letter: squeezed(to) for letter, to in re.findall(r"- \*\*([A-D])\.\*\* (.+)", text)
            }
    return found


def test_both_are_read() -> None:
    assert len(self_check()) >= 18 and len(bank()) == 18
    assert all(len(options) == 4 for options in bank().values())


def test_no_graded_question_stands_on_the_site() -> None:
    page = squeezed(PAGE.read_text())
    assert [question for question in bank() if question in page] == []


def test_no_right_answer_of_the_self_check_is_a_graded_option() -> None:
    graded = {option for options in bank().values() for option in options.values()}
    assert {question: right for question, right in self_check().items() if right in graded} == {}


def choices() -> list[ChoiceCheck]:
    """The bank's checks, in the order of the questions."""
    return [check for check in notebook_checks("review", "choices").values() if isinstance(check, ChoiceCheck)]


def test_the_key_of_the_bank_follows_no_pattern() -> None:
    """Each letter is right about as often, and no three letters come again in the same order."""
    key = "".join(check.right for check in choices())
    assert len(key) == 18 and sorted(Counter(key).values()) == [4, 4, 5, 5]
    threes = [key[n : n + 3] for n in range(len(key) - 2)]
    assert len(set(threes)) == len(threes)
    assert not {"ABC", "BCD", "DCB", "CBA"} & set(threes)


def test_an_explanation_names_no_letter() -> None:
    named = [
        (check.name, letter)
        for check in choices()
        for letter, text in check.options.items()
        if re.search(r"\b[BCD]\b|\b([Oo]ption|[Aa]nswer) A\b", text)
    ]
    assert named == []
