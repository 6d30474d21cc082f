"""Modules whose import does nothing but define names: what has imported one is as it was before."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from isthmus.bundling.checkers import is_for_checkers

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_DISPLAYS = (ast.Constant, ast.Name, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp, ast.JoinedStr)
_PARTS = (*_DISPLAYS, ast.FormattedValue, ast.expr_context, ast.operator, ast.unaryop)
_HOOKS = ("__getattr__", "__dir__")
_BASES = ("object", "Exception", "RuntimeError", "ValueError", "LookupError", "KeyError", "TypeError")
_GENERIC = ("list", "dict", "tuple", "set", "frozenset", "type")


def is_calm(tree: ast.Module) -> bool:
    """Tell whether the import of a module runs nothing of its own but definitions.

    It may import, define functions and classes, and give names to constants, to other names and to collections of them.
    It calls nothing, decorates nothing, reads no attribute (which a module has only if somebody imported it before) and
    writes to nothing but its own names. So it can neither change anything for a module that is imported after it, nor
    tell what was imported before it.
    """
    lazy = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)
    return all(_is_calm(node, lazy) for node in tree.body)


def _is_calm(node: ast.stmt, lazy: bool) -> bool:
    match node:
        case ast.Import() | ast.Pass():
            return True
        case ast.ImportFrom():
            return all(alias.name != "*" for alias in node.names)
        case ast.Expr():
            return isinstance(node.value, ast.Constant)
        case ast.Assign():
            return all(isinstance(target, ast.Name) for target in node.targets) and _yields(node.value)
        case ast.AnnAssign():
            return isinstance(node.target, ast.Name) and _are_calm([node.value]) and _annotate([node.annotation], lazy)
        case ast.If():
            return is_for_checkers(node.test) and all(_is_calm(inner, lazy) for inner in node.orelse)
        case _:
            return isinstance(node, _DEFINITIONS) and not node.decorator_list and _defines(node, lazy)


def _defines(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, lazy: bool) -> bool:
    if node.name in _HOOKS or getattr(node, "type_params", None):
        return False
    if isinstance(node, ast.ClassDef):
        known = all(isinstance(base, ast.Name) and base.id in _BASES for base in node.bases)
        return known and not node.keywords and all(_is_calm(inner, lazy) for inner in node.body)
    taken = node.args
    every = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs, taken.vararg, taken.kwarg]
    annotations = [node.returns, *(one.annotation for one in every if one)]
    return _are_calm([*taken.defaults, *taken.kw_defaults]) and _annotate(annotations, lazy)


def _are_calm(values: Sequence[ast.expr | None]) -> bool:
    return all(value is None or _yields(value) for value in values)


def _yields(value: ast.expr) -> bool:
    """Tell whether an expression only puts together what there is."""
    return all(isinstance(part, _PARTS) for part in ast.walk(value))


def _annotate(annotations: Iterable[ast.expr | None], lazy: bool) -> bool:
    """Tell whether annotations, which run where they are not `lazy`, do nothing."""
    return lazy or all(_is_type(annotation) for annotation in annotations if annotation)


def _is_type(annotation: ast.expr) -> bool:
    if isinstance(annotation, ast.Subscript):
        generic = isinstance(annotation.value, ast.Name) and annotation.value.id in _GENERIC
        return generic and _is_type(annotation.slice)
    if isinstance(annotation, ast.Tuple):
        return all(_is_type(one) for one in annotation.elts)
    return _yields(annotation)
