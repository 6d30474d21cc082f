"""What a module imports, read from its source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from isthmus.bundling.calm import is_calm
from isthmus.bundling.checkers import is_for_checkers


class Import(NamedTuple):
    """One name that a module imports: `module`, relative by `level` dots, and `name` in it ("" for the module itself).

    `sure` is False for an import that may not run or may fail: one within `if`, `try`, `except` or `with`. `guarded`
    is True where a failure of it is caught.
    """

    module: str
    level: int
    name: str
    line: int
    sure: bool


class Analysis(NamedTuple):
    """The imports of a module; the names that it imports for type checkers alone, but gives on demand (PEP 562).

    `calm` tells whether importing it does nothing but define names.
    """

    imports: tuple[Import, ...]
    lazy: dict[str, str]
    calm: bool


def analyse(source: bytes, file: str) -> Analysis:
    """Return what the module of that source imports; `SyntaxError` where it is none (`ValueError`: has null bytes)."""
    tree = ast.parse(source, filename=file)
    imports = tuple(dict.fromkeys(_imports(tree.body, sure=True)))
    return Analysis(imports, _lazy(tree), is_calm(tree))


def _imports(body: Sequence[ast.AST], *, sure: bool) -> Iterator[Import]:
    """Yield the imports below some nodes, at whatever depth; those for checkers alone are none."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _of_statement(node, sure)
        elif isinstance(node, ast.If):
            yield from _imports(_branches(node), sure=False)
        else:
            if isinstance(node, ast.Call):
                yield from _of_call(node, sure)
            inner = list(ast.iter_child_nodes(node))
            yield from _imports(inner, sure=sure and not isinstance(node, ast.Try | ast.TryStar | ast.With))


def _of_statement(node: ast.Import | ast.ImportFrom, sure: bool) -> Iterator[Import]:
    for alias in node.names:
        if isinstance(node, ast.Import):
            yield Import(alias.name, 0, "", node.lineno, sure)
        else:
            yield Import(node.module or "", node.level, alias.name, node.lineno, sure)


def _of_call(node: ast.Call, sure: bool) -> Iterator[Import]:
    """Yield what `import_module("literal")` or `__import__("literal")` imports."""
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    first = node.args[0] if node.args else None
    if function in ("import_module", "__import__") and isinstance(first, ast.Constant) and isinstance(first.value, str):
        module = first.value.lstrip(".")
        yield Import(module, len(first.value) - len(module), "", node.lineno, sure)


def _branches(node: ast.If) -> list[ast.AST]:
    """Return the branches that may run: never what is for type checkers."""
    if is_for_checkers(node.test):
        return list(node.orelse)
    if isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not) and is_for_checkers(node.test.operand):
        return list(node.body)
    return [node.test, *node.body, *node.orelse]


def _lazy(tree: ast.Module) -> dict[str, str]:
    """Return name → module of what a module with a `__getattr__` of its own promises to type checkers."""
    if not any(isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in tree.body):
        return {}
    promised = [node for node in tree.body if isinstance(node, ast.If) and is_for_checkers(node.test)]
    statements = [inner for node in promised for inner in node.body if isinstance(inner, ast.ImportFrom)]
    return {
        alias.asname or alias.name: node.module
        for node in statements
        if node.module and not node.level
        for alias in node.names
    }
