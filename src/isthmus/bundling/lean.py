"""A module of ours without what only readers and type checkers need."""

from __future__ import annotations

import ast
from inspect import CO_OPTIMIZED, CO_VARARGS, CO_VARKEYWORDS
from types import CodeType
from typing import Any, TypeGuard

from isthmus.bundling.checkers import is_for_checkers

_OURS = "isthmus"
"""What the names of all of our packages begin with."""


def lean_tree(tree: ast.Module) -> ast.Module:
    """Return the tree without docstrings, annotations but those that are fields, overloads, and what checkers read.

    Each statement keeps its first line, for tracebacks; columns, and the lines within a statement, are gone. None of
    our modules reads its own annotations: those that others may read are the app's, which are left as they are.
    """
    slim: ast.Module = _Slimmer().visit(tree)
    _drop_unused(slim)
    _flatten(slim, 1)
    return ast.fix_missing_locations(slim)


def lean_code(code: CodeType) -> CodeType:
    """Return code without what only debuggers tell of it: the classes around a function, names of local variables.

    Parameters keep theirs, and so does what functions within the function see.
    """
    if not code.co_flags & CO_OPTIMIZED and code.co_nlocals:  # variables that `replace` would forget to hide
        return code
    consts = tuple(lean_code(const) if isinstance(const, CodeType) else const for const in code.co_consts)
    return code.replace(co_consts=consts, co_qualname=code.co_name, co_varnames=_short_names(code))


def _short_names(code: CodeType) -> tuple[str, ...]:
    taken = code.co_argcount + code.co_kwonlyargcount
    taken += bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    seen = (*code.co_varnames[:taken], *code.co_cellvars)
    return tuple(name if name in seen else f"_{at}" for at, name in enumerate(code.co_varnames))


class _Slimmer(ast.NodeTransformer):
    """Removes statements and annotations."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        if any(isinstance(decorator, ast.Name) and decorator.id == "overload" for decorator in node.decorator_list):
            return None
        node.returns = None
        return self._body(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self._body(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if not _is_made_of_annotations(node):
            return self._body(node)
        fields: dict[int, ast.stmt] = {id(inner): _as_text(inner) for inner in node.body if _is_field(inner)}
        node.body = [fields.get(id(inner), inner) for inner in node.body]
        return self._body(node)

    def visit_Module(self, node: ast.Module) -> ast.AST:
        return self._body(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if isinstance(node.annotation, ast.Constant):  # a field, see `_as_text`
            return node
        if node.value is None:
            return None
        alias = isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias" and _is_text(node.value)
        value = ast.copy_location(ast.Constant(None), node.value) if alias else self.visit(node.value)
        return ast.copy_location(ast.Assign(targets=[node.target], value=value), node)

    def visit_If(self, node: ast.If) -> Any:
        self.generic_visit(node)
        return (node.orelse or None) if is_for_checkers(node.test) else node

    def _body(self, node: Any) -> ast.AST:
        """Return a node whose body has no bare texts any more: docstrings, and those below names."""
        first = node.body[:1]
        self.generic_visit(node)
        node.body = [inner for inner in node.body if not (isinstance(inner, ast.Expr) and _is_text(inner.value))]
        if not node.body and first:
            node.body = [ast.copy_location(ast.Pass(), first[0])]
        return node  # type: ignore[no-any-return]


def _is_made_of_annotations(node: ast.ClassDef) -> bool:
    """Tell whether the annotations of a class are its fields: that of a dataclass, a named tuple, a typed dict."""
    decorators = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
    names = {each.id for each in (*decorators, *node.bases) if isinstance(each, ast.Name)}
    return not names.isdisjoint({"dataclass", "NamedTuple", "TypedDict"})


def _is_field(node: ast.stmt) -> TypeGuard[ast.AnnAssign]:
    """Tell whether a statement declares a field, and no variable of the class."""
    return isinstance(node, ast.AnnAssign) and not ast.unparse(node.annotation).startswith("ClassVar")


def _as_text(node: ast.AnnAssign) -> ast.AnnAssign:
    """Return a field whose annotation is text, which nobody evaluates."""
    text = ast.copy_location(ast.Constant(ast.unparse(node.annotation)), node.annotation)
    return ast.copy_location(ast.AnnAssign(node.target, text, node.value, node.simple), node)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _drop_unused(tree: ast.Module) -> None:
    """Remove the imports of our own names that only annotations have used: others import them where they are."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_OURS):
            node.names = [alias for alias in node.names if (alias.asname or alias.name) in used]
    tree.body = [node for node in tree.body if not _is_empty(node)]


def _is_empty(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (not node.names or node.module == "__future__")


def _flatten(node: ast.AST, line: int) -> None:
    """Put all of a statement on its first line."""
    if isinstance(node, ast.stmt | ast.excepthandler):
        line = node.lineno
    if hasattr(node, "lineno"):
        vars(node).update(lineno=line, end_lineno=line, col_offset=-1, end_col_offset=-1)
    for inner in ast.iter_child_nodes(node):
        _flatten(inner, line)
