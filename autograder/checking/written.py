"""A function of ours as source: what it looks like in a notebook."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from functools import partial
from typing import Any

from .misconception import expression


def written(function: Callable[..., Any], name: str) -> ast.FunctionDef:
    """The definition of `function` as `name`, as it stands in a notebook: without decorators and without the types
    that only this package knows, its bound parameters written out."""
    bound = function.keywords if isinstance(function, partial) else {}
    own = str(getattr(function, "__name__", name))
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
            node.decorator_list = []
            node.args.kwonlyargs = [argument for argument in node.args.kwonlyargs if argument.arg not in bound]
            node.args.kw_defaults = node.args.kw_defaults[: len(node.args.kwonlyargs)]
            node.name = name if node.name == own else node.name
        elif isinstance(node, ast.Name):
            node.id = expression(bound[node.id]) if node.id in bound else node.id
            node.id = name if node.id == own else node.id
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    return definition
