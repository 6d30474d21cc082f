"""A key condition expression: which partition a query reads, and how its sort field is narrowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from isthmus.workflows.integrations.tokens import Tokens


def parse(tokens: Tokens, fields: Sequence[str] | None) -> tuple[Any, dict[str, Any]]:
    """Return the partition's value, and the options of a table's query.

    `fields` are those of the key that is queried; None where only the form is looked at.
    """
    found: dict[str, dict[str, Any]] = {}
    while True:
        name, bounds = _condition(tokens)
        if name in found:
            raise tokens.refused(f"{name} has two conditions")
        found[name] = bounds
        if not tokens.skip("AND"):
            break
    tokens.end()
    return _sides(tokens, found, fields if fields is not None else list(found))


def _sides(tokens: Tokens, found: dict[str, dict[str, Any]], fields: Sequence[str]) -> tuple[Any, dict[str, Any]]:
    partition = fields[0]
    unknown = sorted(set(found) - set(fields))
    if unknown:
        raise tokens.refused(f"{unknown[0]} is not of the key, which is {', '.join(fields)}")
    equal = found.get(partition, {})
    if equal.keys() != {"at_least", "at_most"} or equal["at_least"] is not equal["at_most"]:
        raise tokens.refused(f"{partition}, the partition field, must be equal to a value")
    return equal["at_least"], found.get(fields[1], {}) if len(fields) > 1 else {}


def _condition(tokens: Tokens) -> tuple[str, dict[str, Any]]:
    opened = 0
    while tokens.skip("("):
        opened += 1
    found = _comparison(tokens)
    for _ in range(opened):
        tokens.expect(")")
    return found


def _comparison(tokens: Tokens) -> tuple[str, dict[str, Any]]:
    if tokens.next == "begins_with":
        return _begins(tokens)
    name = tokens.attribute()
    if tokens.skip("BETWEEN"):
        least = tokens.value()
        tokens.expect("AND")
        return name, {"at_least": least, "at_most": tokens.value()}
    sign = tokens.take()
    if sign in ("<", ">"):
        raise tokens.refused(f"{sign} cannot be expressed: the bounds of a query are inclusive, {sign}= can")
    if sign not in ("=", "<=", ">="):
        raise tokens.refused(f"{sign!r} is no comparison of a key")
    value = tokens.value()
    return name, {side: value for side in ("at_least", "at_most") if sign in ("=", _SIGNS[side])}


def _begins(tokens: Tokens) -> tuple[str, dict[str, Any]]:
    tokens.take()
    tokens.expect("(")
    name = tokens.attribute()
    tokens.expect(",")
    value = tokens.value()
    tokens.expect(")")
    return name, {"prefix": value}


_SIGNS = {"at_least": ">=", "at_most": "<="}
