"""A condition expression, as the alternatives that conditional writes of a table can express.

Each alternative is one atomic write: that there is no item, or that the stored one matches. A write tries one after the
other, and at most one of them succeeds. Beside another writer, all may fail though the condition held at some moment
between them: whoever writes on a condition must be ready for that anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from isthmus import conditions
from isthmus.conditions import Condition
from isthmus.workflows.integrations.tokens import Tokens

MOST = 16
"""The most alternatives of one expression."""

DEPTH = 50
"""How deep parentheses may be nested."""

COMPARISONS: Mapping[str, tuple[Callable[[Any], Condition], str]] = {
    "=": (conditions.equals, "="),
    "<>": (conditions.differs, "<>"),
    "<": (conditions.less_than, ">"),
    "<=": (conditions.at_most, ">="),
    ">": (conditions.more_than, "<"),
    ">=": (conditions.at_least, "<="),
}
"""Each comparison: the condition it is, and itself with its sides exchanged."""

FUNCTIONS = ("attribute_exists", "attribute_not_exists", "begins_with", "contains")


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way in which a condition holds: there is no item (`absent`), or the stored one matches."""

    absent: bool = False
    match: Mapping[str, Condition] = field(default_factory=lambda: {})


ALWAYS = (Alternative(),)
"""No condition at all."""


def parse(tokens: Tokens, keys: Sequence[str]) -> Sequence[Alternative]:
    """Return the alternatives of an expression; none where it can never hold. `keys` are the fields of the key."""
    found = _either(tokens, keys, 0)
    tokens.end()
    return found


def holds(alternatives: Sequence[Alternative], item: Mapping[str, Any]) -> bool:
    """Return whether a condition holds on an item that is there."""
    return any(not one.absent and conditions.holds(one.match, dict(item)) for one in alternatives)


def _either(tokens: Tokens, keys: Sequence[str], depth: int) -> Sequence[Alternative]:
    found = _both(tokens, keys, depth)
    while tokens.skip("OR"):
        found = _distinct(tokens, (*found, *_both(tokens, keys, depth)))
    return found


def _both(tokens: Tokens, keys: Sequence[str], depth: int) -> Sequence[Alternative]:
    found = _single(tokens, keys, depth)
    while tokens.skip("AND"):
        others = _single(tokens, keys, depth)
        merged = [_merged(tokens, one, other) for one in found for other in others]
        found = _distinct(tokens, [one for one in merged if one is not None])
    return found


def _single(tokens: Tokens, keys: Sequence[str], depth: int) -> Sequence[Alternative]:
    if depth > DEPTH:
        raise tokens.refused("its parentheses are nested too deeply")
    if tokens.word() == "NOT":
        raise tokens.refused("NOT cannot be expressed: turn the comparison round")
    if tokens.skip("("):
        found = _either(tokens, keys, depth + 1)
        tokens.expect(")")
        return found
    if tokens.next in FUNCTIONS:
        return _function(tokens, keys)
    return _comparison(tokens)


def _function(tokens: Tokens, keys: Sequence[str]) -> Sequence[Alternative]:
    name = tokens.take()
    tokens.expect("(")
    attribute = tokens.attribute()
    if name in ("begins_with", "contains"):
        tokens.expect(",")
        found = [_matching(attribute, getattr(conditions, name)(tokens.value()))]
    elif name == "attribute_exists":
        found = [_matching(attribute, conditions.present())]
    else:
        found = [Alternative(absent=True)]
        found += [] if attribute in keys else [_matching(attribute, conditions.missing())]
    tokens.expect(")")
    return found


def _comparison(tokens: Tokens) -> Sequence[Alternative]:
    if tokens.is_value:
        value, sign = tokens.value(), tokens.take()
        attribute = tokens.attribute()
        return _compared(tokens, attribute, COMPARISONS[sign][1] if sign in COMPARISONS else sign, value)
    attribute = tokens.attribute()
    if tokens.next == "(":
        raise tokens.refused(f"{attribute}() cannot be expressed; what can: {', '.join(FUNCTIONS)}")
    if tokens.skip("IN"):
        return _one_of(tokens, attribute)
    if tokens.word() == "BETWEEN":
        raise tokens.refused("BETWEEN cannot be expressed, for an attribute has one condition at most")
    sign = tokens.take()
    if sign in COMPARISONS and not tokens.is_value:
        raise tokens.refused("an attribute is compared with a value, not with another attribute")
    return _compared(tokens, attribute, sign, tokens.value() if sign in COMPARISONS else None)


def _compared(tokens: Tokens, attribute: str, sign: str, value: Any) -> Sequence[Alternative]:
    if sign not in COMPARISONS:
        raise tokens.refused(f"{sign!r} is no comparison; known: {' '.join(COMPARISONS)}")
    matching = _matching(attribute, COMPARISONS[sign][0](value))
    return [Alternative(absent=True), matching] if sign == "<>" else [matching]


def _one_of(tokens: Tokens, attribute: str) -> Sequence[Alternative]:
    tokens.expect("(")
    found = [_matching(attribute, conditions.equals(tokens.value()))]
    while tokens.skip(","):
        found.append(_matching(attribute, conditions.equals(tokens.value())))
    tokens.expect(")")
    return _distinct(tokens, found)


def _matching(attribute: str, condition: Condition) -> Alternative:
    return Alternative(match={attribute: condition})


def _merged(tokens: Tokens, one: Alternative, other: Alternative) -> Alternative | None:
    """Return what both say; None where they contradict each other."""
    if one.absent or other.absent:
        return one if one.absent and other.absent else None
    match = dict(one.match)
    for attribute, condition in other.match.items():
        known = match.get(attribute, condition)
        if {known.op, condition.op} == {"present", "missing"}:
            return None
        if known == condition or (known.op == "present" and condition.op != "differs"):
            match[attribute] = condition
        elif condition.op != "present" or known.op == "differs":  # which holds also where there is no such attribute
            raise tokens.refused(f"{attribute} has two conditions, and can have one")
    return Alternative(match=match)


def _distinct(tokens: Tokens, found: Sequence[Alternative]) -> Sequence[Alternative]:
    distinct = [one for number, one in enumerate(found) if one not in found[:number]]
    if len(distinct) > MOST:
        raise tokens.refused(f"it has more than {MOST} alternatives")
    return distinct
