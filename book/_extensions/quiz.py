"""The `{quiz}` directive: one question, its options, and feedback on each of them.

    ```{quiz} What happens to the cell state when $f_t = 0$ and $i_t = 1$?
    :name: quiz-lstm-forget-closed

    - [ ] It is copied.
      Why that is not so.
    - [x] It is replaced by the candidate.
      Why that is right.
    ```

In HTML this becomes a form with radio buttons. `quiz.js` shows the feedback of the chosen option;
without JavaScript each option carries its feedback in a `<details>`. Elsewhere (LaTeX, text) it
becomes a list. Faults in the syntax are warnings, so a strict build stops at them.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOGGER = logging.getLogger(__name__)
OPTION = re.compile(r"- \[(?P<mark>[ xX])\] +(?P<text>.*\S)\s*$")
VERDICT = {True: "Right.", False: "Not quite."}
SCRIPT = "quiz.js"


class quiz(nodes.General, nodes.Element):
    """The whole quiz: a `quiz_question`, then one `quiz_option` or more."""


class quiz_question(nodes.General, nodes.TextElement):
    """The question."""


class quiz_option(nodes.General, nodes.Element):
    """A `quiz_text` and a `quiz_feedback`; attributes `right` (bool) and `number` (from 1)."""


class quiz_text(nodes.General, nodes.TextElement):
    """What the option says."""


class quiz_feedback(nodes.General, nodes.Element):
    """What is shown to a reader who chose the option."""


@dataclass
class Option:
    """An option as written: `line` and `first` are offsets into the directive's content."""

    text: str
    right: bool
    line: int
    first: int
    feedback: list[str] = field(default_factory=list)

    def body(self) -> list[str]:
        """The feedback without its common indent."""
        return textwrap.dedent("\n".join(self.feedback)).rstrip().split("\n")


def parse(lines: list[str]) -> tuple[list[Option], list[tuple[int, str]]]:
    """Read the options; return them with the faults found, each as (offset into `lines`, message).

    The offset -1 stands for the line of the question.
    """
    options: list[Option] = []
    faults: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        match = OPTION.match(line)
        if match:
            options.append(Option(match["text"], match["mark"] != " ", number, number + 1))
        elif not line.strip() or line.startswith("  "):
            if options:
                options[-1].feedback.append(line)
            elif line.strip():
                faults.append((number, "feedback stands before the first option"))
        else:
            faults.append((number, f"neither '- [ ] option', '- [x] option' nor indented feedback: {line!r}"))
    for option in options:
        if not "".join(option.feedback).strip():
            faults.append((option.line, f"the option {option.text!r} has no feedback"))
    right = [option for option in options if option.right]
    if len(options) < 2:
        faults.append((-1, "a quiz needs two options or more"))
    if not right:
        faults.append((-1, "no option is marked as right with [x]"))
    for option in right[1:]:
        faults.append((option.line, "more than one option is marked as right with [x]"))
    return options, faults


class QuizDirective(SphinxDirective):
    """Turn the text of a quiz into nodes."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Parse the question and each option, and report what is wrong with them."""
        options, faults = parse(list(self.content))
        for offset, message in faults:
            line = self.lineno if offset < 0 else self.lineno + self.content_offset + 1 + offset
            LOGGER.warning("quiz: %s", message, location=(self.env.docname, line), type="quiz")
        node = quiz(key=f"quiz-{self.env.new_serialno('quiz')}")
        self.set_source_info(node)
        self.add_name(node)
        node += self._inline(quiz_question, self.arguments[0], 0)
        for number, option in enumerate(options, 1):
            element = quiz_option(right=option.right, number=number)
            element += self._inline(quiz_text, option.text, option.line)
            element += self._feedback(option)
            node += element
        return [node]

    def _inline(self, kind: type[nodes.TextElement], text: str, offset: int) -> nodes.TextElement:
        children, messages = self.state.inline_text(text, self.content_offset + offset)
        element = kind(text, "", *children)
        element += messages
        return element

    def _feedback(self, option: Option) -> quiz_feedback:
        element = quiz_feedback()
        body = StringList(option.body(), self.state_machine.document["source"])
        self.state.nested_parse(body, self.content_offset + option.first, element)
        if not element.children or not isinstance(element[0], nodes.paragraph):
            element.insert(0, nodes.paragraph())
        verdict = nodes.strong("", VERDICT[option.right], classes=["quiz-verdict"])
        element[0].insert(0, [verdict, nodes.Text(" ")])
        return element


class PlainQuiz(SphinxPostTransform):
    """Where there are no forms (LaTeX, text, man): the question, its options, then the feedback."""

    default_priority = 20

    def run(self, **kwargs: Any) -> None:
        """Replace every quiz by plain nodes unless the builder writes HTML."""
        if self.app.builder.format == "html":
            return
        for node in list(self.document.findall(quiz)):
            question, options = node[0], node.children[1:]
            title = nodes.paragraph("", "", nodes.strong("", "Question. "), *question.children)
            listed = nodes.enumerated_list(enumtype="loweralpha", prefix="", suffix=")")
            for option in options:
                feedback = option[1].children
                listed += nodes.list_item("", nodes.paragraph("", "", *option[0].children), *feedback)
            title["ids"] = node["ids"]
            title["names"] = node["names"]
            node.replace_self([title, listed])


def visit_quiz(self: Any, node: quiz) -> None:
    """Open the form; its button stays disabled until the script is there."""
    key = node["ids"][0] if node["ids"] else node["key"]
    node["key"] = key
    self.body.append(f'<form class="quiz" id="{key}" autocomplete="off">\n<fieldset>\n')


def depart_quiz(self: Any, node: quiz) -> None:
    """Close the form after the button and the region that the feedback goes to."""
    self.body.append(
        '<button type="submit" class="quiz-check" disabled hidden>Check</button>\n'
        '<div class="quiz-result" role="status" aria-live="polite"></div>\n'
        "</fieldset>\n</form>\n"
    )


def visit_question(self: Any, node: quiz_question) -> None:
    """Open the legend."""
    self.body.append('<legend><span class="quiz-title">Question</span> ')


def depart_question(self: Any, node: quiz_question) -> None:
    """Close the legend."""
    self.body.append("</legend>\n")


def visit_option(self: Any, node: quiz_option) -> None:
    """Open the option with its radio button."""
    key, number = node.parent["key"], node["number"]
    self.body.append(
        f'<div class="quiz-option" data-right="{str(node["right"]).lower()}">\n'
        f'<input type="radio" name="{key}" id="{key}-{number}" value="{number}">\n'
    )


def depart_option(self: Any, node: quiz_option) -> None:
    """Close the option."""
    self.body.append("</div>\n")


def visit_text(self: Any, node: quiz_text) -> None:
    """Open the label. A formula alone is no name for all readers of screens: the option's number is."""
    number = node.parent["number"]
    self.body.append(f'<label for="{node.parent.parent["key"]}-{number}">')
    if all(isinstance(child, nodes.math) for child in node.children):
        self.body.append(f'<span class="visually-hidden">Option {number}: </span>')


def depart_text(self: Any, node: quiz_text) -> None:
    """Close the label."""
    self.body.append("</label>\n")


def visit_feedback(self: Any, node: quiz_feedback) -> None:
    """Open the feedback, folded away."""
    self.body.append('<details class="quiz-feedback"><summary>If you chose this</summary>\n<div>\n')


def depart_feedback(self: Any, node: quiz_feedback) -> None:
    """Close the feedback."""
    self.body.append("</div>\n</details>\n")


def add_script(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script on pages that have a quiz, and on no others."""
    if doctree is not None and next(iter(doctree.findall(quiz)), None) is not None:
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx. `quiz.js` and the styles come from a folder in `html_static_path`."""
    app.add_node(quiz, html=(visit_quiz, depart_quiz))
    app.add_node(quiz_question, html=(visit_question, depart_question))
    app.add_node(quiz_option, html=(visit_option, depart_option))
    app.add_node(quiz_text, html=(visit_text, depart_text))
    app.add_node(quiz_feedback, html=(visit_feedback, depart_feedback))
    app.add_directive("quiz", QuizDirective)
    app.add_post_transform(PlainQuiz)
    app.connect("html-page-context", add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
