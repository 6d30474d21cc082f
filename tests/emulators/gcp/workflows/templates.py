"""Values in a source: literals in which whole strings may be expressions, `${…}`.

- An expression begins with `${` and ends with `}`; it has at most 400 characters (here all of them are counted).
  https://cloud.google.com/workflows/docs/reference/syntax/expressions
  https://cloud.google.com/workflows/quotas#resource_limits
- A key of a map may be an expression. https://cloud.google.com/workflows/docs/reference/syntax/maps
- What a string means that has `${` anywhere else is not documented: it is refused.
- Characters of a string: at most 256 KB. https://cloud.google.com/workflows/quotas#resource_limits
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.emulators.gcp.workflows.grammar import parsed
from tests.emulators.gcp.workflows.lexer import ExpressionError
from tests.emulators.gcp.workflows.syntax import Binary, Function, Items, Member, Node, Unary
from tests.emulators.gcp.workflows.values import is_list, is_map

LIMIT = 400


@dataclass(frozen=True, slots=True)
class Constant:
    """A value without expressions."""

    value: Any


@dataclass(frozen=True, slots=True)
class Expression:
    """A value that is computed."""

    node: Node


@dataclass(frozen=True, slots=True)
class ListTemplate:
    """A list of which some values are computed."""

    items: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class MapTemplate:
    """A map of which some keys or values are computed."""

    entries: tuple[tuple[Template, Template], ...]


Template = Constant | Expression | ListTemplate | MapTemplate


def template(given: Any) -> Template:
    """Return the template of a value in a source; `ExpressionError` where one of its expressions is none."""
    if isinstance(given, str):
        return _of_text(given)
    if is_map(given):
        return _of_map(given)
    if is_list(given):
        items = tuple(template(one) for one in given)
        constant = all(isinstance(one, Constant) for one in items)
        return Constant([one.value for one in items if isinstance(one, Constant)]) if constant else ListTemplate(items)
    return Constant(given)


def is_expression(given: Any) -> bool:
    """Whether a value of a source is a string that is one expression."""
    return isinstance(given, str) and given.startswith("${") and given.endswith("}")


def expression(given: str) -> Node:
    """Return the nodes of a string that is one expression."""
    if len(given) > LIMIT:
        raise ExpressionError(f"expression is too long: {len(given)} characters, at most {LIMIT}: {given[:40]}…")
    try:
        return parsed(given[2:-1])
    except ExpressionError as error:
        raise ExpressionError(f"parse error in expression {given!r}: {error}") from None


def nodes(of: Template) -> Iterator[Node]:
    """Yield the expressions of a template."""
    if isinstance(of, Expression):
        yield of.node
    elif isinstance(of, ListTemplate):
        for item in of.items:
            yield from nodes(item)
    elif isinstance(of, MapTemplate):
        for key, value in of.entries:
            yield from nodes(key)
            yield from nodes(value)


def within(node: Node) -> Iterator[Node]:
    """Yield a node and all that are in it."""
    yield node
    for child in _children(node):
        yield from within(child)


def _children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Items):
        return node.items
    if isinstance(node, Function):
        return node.arguments
    if isinstance(node, Member):
        return (node.of, node.key)
    if isinstance(node, Binary):
        return (node.left, node.right)
    return (node.operand,) if isinstance(node, Unary) else ()


def _of_text(given: str) -> Template:
    if is_expression(given):
        return Expression(expression(given))
    if "${" in given:
        raise ExpressionError(f"'${{' inside of a string that is not one expression: {given[:60]!r}")
    return Constant(given)


def _of_map(given: Mapping[Any, Any]) -> Template:
    entries = tuple((_of_text(str(key)), template(value)) for key, value in given.items())
    if all(isinstance(key, Constant) and isinstance(value, Constant) for key, value in entries):
        return Constant({key.value: value.value for key, value in entries})  # type: ignore[union-attr]
    return MapTemplate(entries)
