"""What a page shows of training and does not execute is what its stored run did: rates, losses, epochs, batches."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / "book" / "runs"
SHOWN = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
READ = re.compile(r'stored\("(\w+)"\)(?:\["results"\]\["(\w+)"\])?')
PAGES = sorted(
    page
    for page in (ROOT / "book").rglob("*.md")
    if any(".fit(" in code for code in SHOWN.findall(page.read_text(encoding="utf-8")))
)
Known = dict[str, set[object]]
Settings = dict[str, set[object]]


def name_of(call: ast.Call) -> str:
    """The last part of what is called."""
    return ast.unparse(call.func).rpartition(".")[2]


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def values(node: ast.expr, known: Known) -> set[object]:
    """What an expression may be: a literal, a loss of Keras by its name, or what a name stands for."""
    match node:
        case ast.Constant():
            return {node.value}
        case ast.Name():
            return known.get(node.id, set())
        case ast.IfExp():
            return values(node.body, known) | values(node.orelse, known)
        case ast.Call() if ast.unparse(node.func).startswith("keras.losses."):
            return {name_of(node)}
    return set()


def names(tree: ast.Module, known: Known) -> Known:
    """The module's constants, and what its functions' parameters are by default or in the module's own calls."""
    found = defaultdict(set, known)
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.Assign)):
        match node.targets[0], node.value:
            case ast.Tuple(elts=lefts), ast.Tuple(elts=rights):
                pairs = list(zip(lefts, rights, strict=True))
            case left, right:
                pairs = [(left, right)]
        for left, right in pairs:
            found[ast.unparse(left)] |= values(right, found)
    functions = {node.name: node.args for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for args in functions.values():
        for arg, default in zip((args.posonlyargs + args.args)[::-1], args.defaults[::-1]):
            found[arg.arg] |= values(default, found)
        for arg, or_none in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            found[arg.arg] |= values(or_none, found) if or_none else set()
    for call in calls(tree):
        if (own := functions.get(name_of(call))) is not None:
            for arg, given in zip(own.posonlyargs + own.args, call.args):
                found[arg.arg] |= values(given, found)
            for keyword in call.keywords:
                found[str(keyword.arg)] |= values(keyword.value, found)
    return found


def settings(tree: ast.AST, known: Known) -> Settings:
    """How networks are trained: what is handed to Keras, or to the book's own training of many at once."""
    found: Settings = defaultdict(set)
    for call in calls(tree):
        name, keywords = name_of(call), {str(one.arg): one.value for one in call.keywords}
        if name in ("Adam", "SGD"):
            found[name] |= values(call.args[0], known)
        if name == "EarlyStopping":
            found |= {key: found[key] | values(value, known) for key, value in keywords.items()}
        if name == "compile":
            for loss in [*call.args[1:2], *([keywords["loss"]] if "loss" in keywords else [])]:
                found["loss"] |= {str(one).removeprefix("sparse_") for one in values(loss, known)}
        for ours, keras in {"epochs": "epochs", "batch": "batch_size", "batch_size": "batch_size"}.items():
            if ours in keywords and name not in ("predict", "evaluate"):
                found[keras] |= values(keywords[ours], known)
        for optimizer, rate in zip(call.args, call.args[1:]):
            if isinstance(optimizer, ast.Name) and optimizer.id == "adam":
                found["Adam"] |= values(rate, known)
        if "rate" in keywords:
            found["Adam"] |= values(keywords["rate"], known)
    return found


def of_run(name: str, result: str = "") -> Settings:
    """What a run and the modules that it imports do, or of it the function that a result is named after."""
    known: Known = {}
    together: Settings = defaultdict(set)
    source = (RUNS / f"{name}.py").read_text(encoding="utf-8")
    for module in [*re.findall(r"^from \.(\w+) import", source, re.MULTILINE), name]:
        tree = ast.parse((RUNS / f"{module}.py").read_text(encoding="utf-8"))
        known = names(tree, known)
        for part in doing(tree, result):
            for key, some in settings(part, known).items():
                together[key] |= some
    return together


def doing(tree: ast.Module, result: str) -> Sequence[ast.AST]:
    """The function of that name, and those of the module that it calls; the module, where it has none."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if result not in functions:
        return [tree]
    called = {name_of(call) for call in calls(functions[result])}
    return [functions[name] for name in (result, *sorted(called)) if name in functions]


def differing(shown: str, runs: Iterable[tuple[str, str]]) -> list[str]:
    """What the shown code sets otherwise than the runs. Who trains many networks at once names no loss of Keras."""
    tree = ast.parse(shown)
    done: Settings = defaultdict(set)
    for run in runs:
        for key, some in of_run(*run).items():
            done[key] |= some
    return [
        f"{key}={value!r}, and in what ran {sorted(map(repr, done[key]))}"
        for key, some in settings(tree, names(tree, {})).items()
        for value in sorted(some - done[key], key=repr)
        if done[key] or key != "loss"
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT / "book").with_suffix("").as_posix())
def test_training_is_shown_as_it_was_done(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    runs = dict.fromkeys(READ.findall(text))
    assert runs, "training is shown that is not executed, and no stored run is read"
    for code in SHOWN.findall(text):
        if ".fit(" in code:
            assert differing(code, runs) == []
