"""DynamoDB's expressions: conditions and updates, with every name and value by a placeholder.

So no name is a reserved word, and none is cut at its dots:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html
"""

from __future__ import annotations

from isthmus._typing import Any, Callable, Item, Iterable, Mapping, TypeAlias
from isthmus.conditions import Condition
from isthmus_aws.attribute_values import from_value


class Placeholders:
    """The names and values that the expressions of one request stand for."""

    __slots__ = ("_names", "_values")

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def name(self, attribute: str) -> str:
        """Return what stands for an attribute's name."""
        return self._names.setdefault(attribute, f"#{len(self._names)}")

    def value(self, value: Any) -> str:
        """Return what stands for a value."""
        placeholder = f":{len(self._values)}"
        self._values[placeholder] = from_value(value)
        return placeholder

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the request that say what the placeholders are."""
        names = {placeholder: name for name, placeholder in self._names.items()}
        said = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": self._values}
        return {parameter: entries for parameter, entries in said.items() if entries}


def matching(conditions: Mapping[str, Condition], known: Placeholders) -> Iterable[str]:
    """Yield a term for each condition on an item that is there: all of them must hold.

    A comparison with what is missing, or of another type, is false:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
    """
    for name, condition in conditions.items():
        if condition.op in ("begins_with", "contains") and condition.operand in ("", b""):
            yield _WITH_NOTHING[condition.op](known.name(name), condition.operand, known)
        else:
            yield _TERMS[condition.op](known.name(name), condition.operand, known)


def updating(set: Item, add: Mapping[str, int | float], remove: Iterable[str], known: Placeholders) -> str:
    """Return an update expression; "" where nothing changes."""
    clauses = {
        "SET": [f"{known.name(name)} = {known.value(value)}" for name, value in set.items()],
        "ADD": [f"{known.name(name)} {known.value(amount)}" for name, amount in add.items()],
        "REMOVE": [known.name(name) for name in remove],
    }
    return " ".join(f"{clause} {', '.join(entries)}" for clause, entries in clauses.items() if entries)


Term: TypeAlias = "Callable[[str, Any, Placeholders], str]"
"""Makes the term of a condition, from the placeholder of the attribute, and the operand."""


def _comparison(operator: str) -> Term:
    return lambda name, operand, known: f"{name} {operator} {known.value(operand)}"


def _function(function: str) -> Term:
    return lambda name, operand, known: f"{function}({name}, {known.value(operand)})"


def _is_alike(name: str, operand: Any, known: Placeholders) -> str:
    """Return a term for "is text" (or bytes): every text begins with the empty one."""
    return f"attribute_type({name}, {known.value(next(iter(from_value(operand))))})"


# Of `contains` the page names text, sets and lists; that it looks into binary too is said of the older CONTAINS:
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExpectedAttributeValue.html
_TERMS: Mapping[str, Term] = {
    "equals": _comparison("="),
    "differs": lambda name, operand, known: f"NOT ({name} = {known.value(operand)})",
    "less_than": _comparison("<"),
    "at_most": _comparison("<="),
    "more_than": _comparison(">"),
    "at_least": _comparison(">="),
    "begins_with": _function("begins_with"),
    "contains": _function("contains"),
    "present": lambda name, _operand, _known: f"attribute_exists({name})",
    "missing": lambda name, _operand, _known: f"attribute_not_exists({name})",
}

_WITH_NOTHING: Mapping[str, Term] = {
    "begins_with": _is_alike,
    "contains": lambda name, operand, known: (
        f"({_is_alike(name, operand, known)} OR contains({name}, {known.value(operand)}))"
    ),
}
"""The same where the operand is empty."""
