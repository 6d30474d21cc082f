"""A query's filters: which documents they let through, and which simple conditions they come down to.

The rules (how many values, what may stand beside what, how many disjunctions) are those of
https://cloud.google.com/firestore/docs/query-data/queries#limitations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

from tests.emulators.gcp.firestore import fields
from tests.emulators.gcp.firestore.messages import Message
from tests.emulators.gcp.firestore.refusals import invalid
from tests.emulators.gcp.firestore.values import ARRAY, NAN, NULL, Key, key

DISJUNCTIONS = 30
NOT_IN_VALUES = 10
INEQUALITY_FIELDS = 10

_OPERATORS = {
    **{1: "<", 2: "<=", 3: ">", 4: ">=", 5: "==", 6: "!="},
    **{7: "array-contains", 8: "in", 9: "array-contains-any", 10: "not-in"},
}
_UNARY = {2: ("==", NAN), 3: ("==", NULL), 4: ("!=", NAN), 5: ("!=", NULL)}
_LISTS = {"in": "==", "array-contains-any": "array-contains", "not-in": ""}
_AND = 1

INEQUALITIES = {"<", "<=", ">", ">=", "!=", "not-in"}


def _contains(found: Key, operands: tuple[Key, ...]) -> bool:
    return found[0] == ARRAY and not set(operands).isdisjoint(found[1])


def _compares(found: Key, operands: tuple[Key, ...], holds: Callable[[Key, Key], bool]) -> bool:
    """Compare within one type; among numbers NaN is the smallest, as it is in the order."""
    return found[0] == operands[0][0] and holds(found, operands[0])


_HOLDS: dict[str, Callable[[Key, tuple[Key, ...]], bool]] = {
    "==": lambda found, operands: found == operands[0],
    "in": lambda found, operands: found in operands,
    "!=": lambda found, operands: found not in (NULL, operands[0]),
    "not-in": lambda found, operands: found != NULL and found not in operands and NULL not in operands,
    "array-contains": _contains,
    "array-contains-any": _contains,
    "<": partial(_compares, holds=lambda found, limit: found < limit),
    "<=": partial(_compares, holds=lambda found, limit: found <= limit),
    ">": partial(_compares, holds=lambda found, limit: found > limit),
    ">=": partial(_compares, holds=lambda found, limit: found >= limit),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One field compared with one value, or with several."""

    path: str
    operator: str
    operands: tuple[Key, ...]

    def holds(self, document: Message) -> bool:
        """Whether a document meets it; one without the field never does."""
        found = fields.key_at(document, self.path)
        return found is not None and _HOLDS[self.operator](found, self.operands)

    def disjunctions(self) -> int:
        """Return how many simple conditions it stands for."""
        return len(self.operands) if _LISTS.get(self.operator) else 1

    def alternatives(self) -> list[tuple[Condition, ...]]:
        """Return it as a disjunction of conjunctions without lists."""
        if simple := _LISTS.get(self.operator):
            return [(Condition(self.path, simple, (operand,)),) for operand in self.operands]
        return [(self,)]

    def conditions(self) -> list[Condition]:
        """Return the conditions that it is made of."""
        return [self]


@dataclass(frozen=True, slots=True)
class Composite:
    """Filters of which all have to hold, or any."""

    parts: Sequence[Condition | Composite]
    needs_all: bool

    def holds(self, document: Message) -> bool:
        """Whether a document meets it."""
        return (all if self.needs_all else any)(part.holds(document) for part in self.parts)

    def disjunctions(self) -> int:
        """Return how many conjunctions it comes down to."""
        return (math.prod if self.needs_all else sum)(part.disjunctions() for part in self.parts)

    def alternatives(self) -> list[tuple[Condition, ...]]:
        """Return it as a disjunction of conjunctions without lists."""
        if not self.needs_all:
            return [alternative for part in self.parts for alternative in part.alternatives()]
        return [sum(chosen, ()) for chosen in product(*(part.alternatives() for part in self.parts))]

    def conditions(self) -> list[Condition]:
        """Return the conditions that it is made of."""
        return [condition for part in self.parts for condition in part.conditions()]


Filter = Condition | Composite


def parse(message: Message) -> Filter:
    """Return the filter that a query's `where` describes; one that the cloud does not take is refused."""
    found = _parse(message)
    if found.disjunctions() > DISJUNCTIONS:
        raise invalid(f"The query has more than {DISJUNCTIONS} disjunctions after it was normalized.")
    _check_together(found.conditions(), has_or=_has_or(found))
    for alternative in found.alternatives():
        if sum(condition.operator == "array-contains" for condition in alternative) > 1:
            raise invalid("A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction.")
    return found


def _parse(message: Message) -> Filter:
    kind = message.WhichOneof("filter_type")
    if kind == "composite_filter":
        parts = [_parse(part) for part in message.composite_filter.filters]
        if not parts:
            raise invalid("A composite filter needs at least one filter.")
        return Composite(parts, message.composite_filter.op == _AND)
    if kind == "unary_filter":
        return _unary_filter(message.unary_filter)
    if kind == "field_filter":
        return _field_filter(message.field_filter)
    raise invalid("A filter needs a type.")


def _unary_filter(message: Message) -> Condition:
    if message.op not in _UNARY:
        raise invalid("A filter needs an operator.")
    operator, operand = _UNARY[message.op]
    return _condition(message.field.field_path, operator, (operand,))


def _field_filter(message: Message) -> Condition:
    operator, value, path = _OPERATORS.get(message.op), message.value, message.field.field_path
    if operator is None:
        raise invalid("A filter needs an operator.")
    if operator not in _LISTS:
        return _condition(path, operator, (key(value),))
    operands = tuple(key(item) for item in value.array_value.values)
    limit = NOT_IN_VALUES if operator == "not-in" else DISJUNCTIONS
    if not operands:
        raise invalid(f"'{operator}' requires a non-empty array value.")
    if len(operands) > limit:
        raise invalid(f"'{operator}' supports up to {limit} comparison values.")
    return _condition(path, operator, operands)


def _condition(path: str, operator: str, operands: tuple[Key, ...]) -> Condition:
    fields.segments(path)  # refuses what is no path
    if path == fields.NAME and any(operand[0] != 6 for operand in operands):
        raise invalid("__key__ filter value must be a Key")
    return Condition(path, operator, operands)


def _has_or(found: Filter) -> bool:
    if isinstance(found, Condition):
        return False
    return (not found.needs_all and len(found.parts) > 1) or any(_has_or(part) for part in found.parts)


def _check_together(conditions: list[Condition], *, has_or: bool) -> None:
    operators = [condition.operator for condition in conditions]
    if "not-in" in operators and (has_or or {"in", "array-contains-any", "!="} & set(operators)):
        raise invalid("'NOT_IN' cannot be used in the same query with '!=', 'in', 'array-contains-any' or 'or'.")
    if operators.count("not-in") > 1 or operators.count("!=") > 1:
        raise invalid("A query takes one 'NOT_IN' or one 'NOT_EQUAL' filter.")
    ranged = {condition.path for condition in conditions if condition.operator in INEQUALITIES}
    if len(ranged) > INEQUALITY_FIELDS:
        raise invalid(f"A query takes inequality filters on at most {INEQUALITY_FIELDS} fields.")
