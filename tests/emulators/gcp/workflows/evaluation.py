"""The value of an expression, and of a value of the source that has some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from tests.emulators.gcp.workflows.failures import failure
from tests.emulators.gcp.workflows.operators import binary, inverted, member, negative, truth
from tests.emulators.gcp.workflows.syntax import Binary, Function, Items, Literal, Member, Node, Unary, Variable
from tests.emulators.gcp.workflows.templates import Constant, Expression, ListTemplate, MapTemplate, Template
from tests.emulators.gcp.workflows.values import kind


class Names(Protocol):
    """What the names of an expression stand for."""

    def variable(self, name: str) -> Any:
        """Return a variable."""
        ...

    def function(self, name: str, arguments: Sequence[Any]) -> Any:
        """Return what a function returns."""
        ...


def value(of: Template, names: Names) -> Any:
    """Return a value of the source with its expressions evaluated."""
    if isinstance(of, Constant):
        return of.value
    if isinstance(of, Expression):
        return evaluated(of.node, names)
    if isinstance(of, ListTemplate):
        return [value(one, names) for one in of.items]
    return _map(of, names)


def evaluated(node: Node, names: Names) -> Any:
    """Return the value of an expression."""
    evaluate: Callable[[Any, Names], Any] = _NODES[type(node)]
    return evaluate(node, names)


def target(node: Node, names: Names) -> tuple[str, list[Any]]:
    """Return the variable of an assignment's target, and the path in it."""
    path: list[Any] = []
    while isinstance(node, Member):
        path.append(evaluated(node.key, names))
        node = node.of
    if not isinstance(node, Variable):
        raise failure("TypeError", "cannot assign to this")
    return node.name, path[::-1]


def _map(of: MapTemplate, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_of, value_of in of.entries:
        key = value(key_of, names)
        if not isinstance(key, str):
            raise failure("TypeError", f"a key of a map is a string, not {kind(key)}")
        found[key] = value(value_of, names)
    return found


def _binary(node: Binary, names: Names) -> Any:
    left = evaluated(node.left, names)
    if node.operator in ("and", "or"):
        decided = truth(left, node.operator) == (node.operator == "or")
        return left if decided else truth(evaluated(node.right, names), node.operator)
    return binary(node.operator, left, evaluated(node.right, names))


def _unary(node: Unary, names: Names) -> Any:
    operand = evaluated(node.operand, names)
    return inverted(operand) if node.operator == "not" else negative(operand)


def _literal(node: Literal, _names: Names) -> Any:
    return node.value


def _variable(node: Variable, names: Names) -> Any:
    return names.variable(node.name)


def _items(node: Items, names: Names) -> Any:
    return [evaluated(one, names) for one in node.items]


def _member(node: Member, names: Names) -> Any:
    return member(evaluated(node.of, names), evaluated(node.key, names))


def _function(node: Function, names: Names) -> Any:
    return names.function(node.name, [evaluated(one, names) for one in node.arguments])


_NODES: dict[type[Any], Callable[[Any, Names], Any]] = {
    Literal: _literal,
    Variable: _variable,
    Items: _items,
    Member: _member,
    Unary: _unary,
    Binary: _binary,
    Function: _function,
}
