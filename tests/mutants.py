"""Mutants of every right answer: `make mutants`. A mutant that passes its check is a missing condition.

References and the other right ways are changed in one place each, as a slip of the pen would: an operator, an axis, an
index, a bound, a dropped term or statement, two names exchanged, a reshape for a transpose, `keepdims` left out, the
result squeezed, its first entry taken, cast, or an argument changed in place. Tools such as mutmut change files and run
a test suite for each; here a mutant is one function and its check takes milliseconds, so these few lines do.

Each mutant must fail. One that passes is tried on inputs of freely drawn sizes, which no plan has made: where it gives
the right results there too it is taken for the same function (`-v` lists these); otherwise a condition is missing, or
mutants.toml says why the exercise leaves that open.
"""

from __future__ import annotations

import argparse
import ast
import copy
import inspect
import re
import signal
import sys
import textwrap
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from autograder.checking import FunctionCheck
from autograder.checking.calling import call, copied
from autograder.checking.conditions import one, size_names
from autograder.checking.drawing import Inputs, seeded
from autograder.checks import every_check

warnings.simplefilter("ignore")  # a mutant may well divide by zero

LEFT_OPEN: list[dict[str, str]] = tomllib.loads((Path(__file__).parent / "mutants.toml").read_text())["open"]
SEEDS = [b"mutant 1", b"mutant 2"]
SECONDS = 2
BINARY: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
}
COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
NAMES = {
    "max": "min",
    "min": "max",
    "sum": "mean",
    "mean": "sum",
    "argmax": "argmin",
    "maximum": "minimum",
    "minimum": "maximum",
    "zeros": "ones",
    "zeros_like": "ones_like",
    "tanh": "sin",
    "exp": "abs",
    "floor": "ceil",
    "ceil": "floor",
    "stack": "concatenate",
    "cumsum": "cumprod",
    "any": "all",
    "all": "any",
    "sqrt": "abs",
    "square": "abs",
}


@dataclass(frozen=True)
class Mutant:
    """One right answer with one change."""

    check: FunctionCheck
    origin: str
    """Where it comes from: the notebook, the check and the function."""
    change: str
    """The kind of change, and the text before and after."""
    function: Callable[..., Any]
    original: Callable[..., Any]

    @property
    def name(self) -> str:
        """What the list of equal mutants calls it."""
        return f"{self.origin}: {self.change}"


def replacements(node: ast.AST, names: list[str]) -> Iterator[tuple[str, ast.AST]]:
    """The nodes that can stand in the place of `node`, each with the kind of the change."""
    match node:
        case ast.BinOp(left, operator, right):
            for other in BINARY.get(type(operator), ()):
                yield "operator", ast.BinOp(left, other(), right)
            if isinstance(operator, ast.Add | ast.Sub | ast.Mult):
                yield "dropped term", left
                yield "dropped term", right
        case ast.UnaryOp(ast.USub() | ast.Not(), operand):
            yield "sign", operand
        case ast.Compare(left, [comparison], comparators) if type(comparison) in COMPARE:
            yield "comparison", ast.Compare(left, [COMPARE[type(comparison)]()], comparators)
        case ast.IfExp(test, body, orelse):
            yield "branch", ast.IfExp(test, orelse, body)
        case ast.Constant(bool(value)):
            yield "constant", ast.Constant(not value)
        case ast.Constant(int(value)):
            yield "constant", ast.Constant(value + 1)
            yield "constant", ast.Constant(value - 1)
        case ast.Constant(float(value)):
            yield "constant", ast.Constant(value + 0.5)
        case ast.Slice(lower, upper, step):
            if lower is not None:
                yield "bound", ast.Slice(None, upper, step)
            if upper is not None:
                yield "bound", ast.Slice(lower, None, step)
            if step is not None:
                yield "bound", ast.Slice(lower, upper, None)
        case ast.Attribute(value, "T", context):
            shape = ast.Attribute(value, "shape", ast.Load())
            turned = ast.Subscript(shape, ast.Slice(None, None, ast.Constant(-1)), ast.Load())
            yield "transpose", value
            yield "reshape for transpose", ast.Call(ast.Attribute(value, "reshape", context), [turned], [])
        case ast.Attribute(value, name, context) if name in NAMES:
            yield "function", ast.Attribute(value, NAMES[name], context)
        case ast.Name(name, ast.Load()) if name in names:
            yield from (("name", ast.Name(known, ast.Load())) for known in names if known != name)
        case ast.Name(name, ast.Load()) if name in ("max", "min", "any", "all"):
            yield "function", ast.Name(NAMES[name], ast.Load())
        case ast.Call(function, arguments, keywords):
            for number in range(len(keywords)):
                kind = f"{keywords[number].arg} left out"
                yield kind, ast.Call(function, arguments, keywords[:number] + keywords[number + 1 :])
            for number in range(len(arguments) - 1):
                turned_round = [*arguments]
                turned_round[number : number + 2] = reversed(arguments[number : number + 2])
                yield "arguments exchanged", ast.Call(function, turned_round, keywords)
            if isinstance(function, ast.Attribute) and function.attr == "swapaxes" and arguments:
                yield "transpose", arguments[0]


def sites(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Every place that holds a node: its parent, the field, and the position in it where that is a list."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if name in ("decorator_list", "annotation", "returns", "args") and isinstance(
                parent, ast.FunctionDef | ast.arg
            ):
                continue
            if isinstance(value, list):
                yield from ((parent, name, number) for number, item in enumerate(value) if isinstance(item, ast.AST))
            elif isinstance(value, ast.AST):
                yield parent, name, None


def changed_sources(source: str) -> Iterator[tuple[str, str]]:
    """Each changed source of a function, with the change in words."""
    tree = ast.parse(source)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    names = [argument.arg for argument in function.args.args]
    for number, (parent, name, place) in enumerate(sites(tree)):
        value = getattr(parent, name)
        node = value if place is None else value[place]
        for kind, other in replacements(node, names):
            yield (
                with_change(tree, number, other),
                f"{kind}: {ast.unparse(node)} -> {ast.unparse(other)} (line {node.lineno})",
            )
        if name == "body" and isinstance(node, ast.stmt) and not isinstance(node, ast.Return | ast.FunctionDef):
            documentation = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not documentation:
                yield with_change(tree, number, ast.Pass()), f"statement left out: {ast.unparse(node).splitlines()[0]}"
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.BinOp):
            target, value = node.targets[0], node.value
            if isinstance(value.left, ast.Name) and value.left.id == target.id in names:
                in_place = ast.AugAssign(target, value.op, value.right)
                yield with_change(tree, number, in_place), f"in place: {ast.unparse(in_place)}"


def with_change(tree: ast.AST, number: int, other: ast.AST) -> str:
    """The source of `tree` with `other` at the site `number`."""
    changed = copy.deepcopy(tree)
    parent, name, place = list(sites(changed))[number]
    if place is None:
        setattr(parent, name, other)
    else:
        getattr(parent, name)[place] = other
    return ast.unparse(ast.fix_missing_locations(changed))


RESULTS: dict[str, Callable[[np.ndarray], Any]] = {
    "squeezed": np.squeeze,
    "first entry": lambda a: a[0] if a.ndim else a + 1,
    "transposed": np.transpose,
    "reshaped": lambda a: a.reshape(a.shape[::-1]),
    "turned round": lambda a: a[::-1],
    "as whole numbers": lambda a: a.astype(int) if a.dtype.kind == "f" else a.astype(float) + 0.5,
    "as text": lambda a: a.astype(str),
    "one axis more": lambda a: a[None],
}
"""What may happen to an array on its way out."""


def mapped(value: Any, change: Callable[[np.ndarray], Any]) -> Any:
    """`value` with each array changed."""
    if isinstance(value, np.ndarray | np.generic):
        return change(np.asarray(value))
    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(mapped(item, change) for item in value)
    return value


def holds_an_array(value: Any) -> bool:
    """Whether there is an array in a result that has axes to go wrong."""
    if isinstance(value, dict):
        return any(map(holds_an_array, value.values()))
    if isinstance(value, tuple):
        return any(map(holds_an_array, value))
    return isinstance(value, np.ndarray) and value.ndim > 0


def changed_result(function: Callable[..., Any], change: Callable[[np.ndarray], Any], *args: Any) -> Any:
    """What `function` gives, each array changed."""
    return mapped(function(*args), change)


def source_of(right: Callable[..., Any]) -> str:
    """The source of a right way, without decorators."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(right))))
    assert isinstance(tree.body[0], ast.FunctionDef)
    tree.body[0].decorator_list = []
    return ast.unparse(tree)


def changed(right: Callable[..., Any], source: str) -> Callable[..., Any] | None:
    """What `source`, a changed one of `right`, defines; None where it is no Python any more."""
    plain = inspect.unwrap(right)
    namespace = dict(plain.__globals__)
    try:
        exec(compile(source, "<mutant>", "exec"), namespace)
    except (SyntaxError, ValueError):
        return None
    function: Callable[..., Any] = namespace[plain.__name__]
    return partial(function, **right.keywords) if isinstance(right, partial) and right.keywords else function


def mutants(check: FunctionCheck, where: str) -> Iterator[Mutant]:
    """Every mutant of the reference and of the other right ways of one check."""
    for right in (check.reference, *check.also_right):
        origin = f"{where}.{check.name}/{inspect.unwrap(right).__name__}"
        for source, change in changed_sources(source_of(right)):
            function = changed(right, source)
            if function is not None:
                yield Mutant(check, origin, change, function, right)
    with seeded(SEEDS[0]):
        example = check.expected(check.cases()[-1].inputs)
    for change, spoil in RESULTS.items() if holds_an_array(example) else ():
        spoilt = partial(changed_result, check.reference, spoil)
        yield Mutant(check, f"{where}.{check.name}", f"result {change}", spoilt, check.reference)


class TooLong(BaseException):
    """A mutant does not end. No check takes that for an error of the answer's own."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Raise TooLong where what is inside takes longer: a mutated loop may never end."""

    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def passes(mutant: Mutant) -> bool:
    """Whether the check lets it through, under some seed. Why it does not is not asked: that takes most of the time."""
    for seed in SEEDS:
        with seeded(seed):
            cases = mutant.check.cases()
        try:
            with within(SECONDS), np.errstate(all="ignore"):
                if all(right_in(mutant, case.inputs) for case in cases):
                    return True
        except (Exception, TooLong):
            continue
    return False


def right_in(mutant: Mutant, inputs: Inputs) -> bool:
    """Whether it gives the right result and leaves its arguments alone."""
    result, changed = call(mutant.function, inputs)
    return not changed and not mutant.check.compare(result, mutant.check.expected(inputs))


FREE = range(1, 8)
"""Sizes of the inputs on which a mutant that passes is tried further."""


def is_the_same(mutant: Mutant) -> bool:
    """Whether it gives the right results on inputs of any sizes, too, drawn for each condition."""
    check, rng = mutant.check, np.random.default_rng(1)
    excluded = {name for name in size_names(check.plan.draw) if one(name) in check.plan.without}
    draws = [check.plan.draw, *(condition.draw for condition in check.conditions)]
    for draw in draws * 10:
        ranges = {n: check.plan.ranges.get(n, FREE) if n in excluded else FREE for n in size_names(draw)}
        try:
            inputs = draw(rng, **{name: int(rng.choice(sizes)) for name, sizes in ranges.items()})
            right = check.expected(inputs)
            with np.errstate(all="ignore"):
                if check.compare(mutant.original(*copied(inputs)), right):
                    continue
        except Exception:
            continue  # sizes that do not go together, or on which the right answer itself stops
        try:
            with within(SECONDS), np.errstate(all="ignore"):
                given = mutant.function(*copied(inputs))
        except (Exception, TooLong):
            return False
        if check.compare(given, right):
            return False
    return True


def reason(mutant: Mutant) -> str:
    """Why the exercise leaves open what a mutant that passes does otherwise; empty where nobody has said so."""
    for rule in LEFT_OPEN:
        if re.search(rule["where"], mutant.origin) and re.search(rule["change"], mutant.change):
            return rule["why"]
    return ""


FAILS, SAME, OPEN, PASSES = "fail", "are the same function", "are left open", "PASS"


def fate_of(mutant: Mutant) -> str:
    """What becomes of a mutant."""
    if not passes(mutant):
        return FAILS
    if is_the_same(mutant):
        return SAME
    return OPEN if reason(mutant) else PASSES


def all_mutants(only: str = "") -> Iterator[Mutant]:
    """Every mutant of every check of a function whose place holds `only`."""
    for chapter, notebook, check in every_check():
        where = f"{chapter}.{notebook}"
        if isinstance(check, FunctionCheck) and only in f"{where}.{check.name}":
            yield from mutants(check, where)


def main() -> int:
    """Try every mutant; list those that pass, are another function, and have no reason. Exit code 1 if any do."""
    parser = argparse.ArgumentParser(description="Mutate every right answer: each mutant must fail its check.")
    parser.add_argument("only", nargs="?", default="", help="such as lstm.gates or lstm.cell.lstm_step")
    parser.add_argument("-v", "--verbose", action="store_true", help="list those that are the same function, too")
    asked = parser.parse_args()
    kinds: Counter[str] = Counter()
    became: Counter[str] = Counter()
    for mutant in all_mutants(asked.only):
        kinds[mutant.change.partition(":")[0]] += 1
        fate = fate_of(mutant)
        became[fate] += 1
        if fate == PASSES or (asked.verbose and fate != FAILS):
            print(f"{fate}  {mutant.name}", flush=True)
    print(f"{sum(kinds.values())} mutants: " + ", ".join(f"{count} {fate}" for fate, count in became.most_common()))
    print(", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    return 1 if became[PASSES] else 0


if __name__ == "__main__":
    sys.exit(main())
