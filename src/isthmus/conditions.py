"""Conditions on the stored item, for `if_match`: a plain value means equality, the functions here mean more.

All conditions of a write must hold, and none holds where there is no item. Comparison is strict on types: a string
never equals a number, a bool is no number, bytes are no text; `1` and `1.0` are the same number. An attribute that is
missing, or of another type, differs from every value and passes no other comparison.
"""

from __future__ import annotations

from isthmus import values
from isthmus._typing import Any, Callable, Item, Mapping, Value
from isthmus.errors import InvalidValueError


class Condition:
    """One condition on one attribute: `op` names the function that made it, `operand` is what it compares with."""

    __slots__ = ("op", "operand")

    def __init__(self, op: str, operand: Value = None) -> None:
        if op not in _HOLDS:
            raise InvalidValueError(f"no condition is named {op!r}; known: {', '.join(_HOLDS)}")
        values.check_value(operand, op)
        allowed = _OPERANDS.get(op)
        if allowed and type(operand) not in allowed:
            names = ", ".join(kind.__name__ for kind in allowed)
            raise InvalidValueError(f"{op} takes one of {names}, not {type(operand).__name__}")
        self.op = op
        self.operand = operand

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and self.op == other.op and same(self.operand, other.operand)

    def __hash__(self) -> int:
        return hash(self.op)  # an operand may be a list or a dict

    def __repr__(self) -> str:
        return f"{self.op}()" if self.op in _WITHOUT_OPERAND else f"{self.op}({self.operand!r})"


def equals(value: Value) -> Condition:
    """Hold where the attribute has this value; what a plain value in `if_match` means."""
    return Condition("equals", value)


def differs(value: Value) -> Condition:
    """Hold where the attribute has another value or another type, or is missing."""
    return Condition("differs", value)


def less_than(value: str | int | float | bytes) -> Condition:
    """Hold where the attribute is of the same type and below `value`."""
    return Condition("less_than", value)


def at_most(value: str | int | float | bytes) -> Condition:
    """Hold where the attribute is of the same type and not above `value`."""
    return Condition("at_most", value)


def more_than(value: str | int | float | bytes) -> Condition:
    """Hold where the attribute is of the same type and above `value`."""
    return Condition("more_than", value)


def at_least(value: str | int | float | bytes) -> Condition:
    """Hold where the attribute is of the same type and not below `value`."""
    return Condition("at_least", value)


def begins_with(value: str | bytes) -> Condition:
    """Hold where the attribute is of the same type and starts with `value`."""
    return Condition("begins_with", value)


def contains(value: Value) -> Condition:
    """Hold where the attribute is a list with an entry equal to `value`, or text (or bytes) with `value` in it."""
    return Condition("contains", value)


def present() -> Condition:
    """Hold where the item has the attribute, whatever its value (None too)."""
    return Condition("present")


def missing() -> Condition:
    """Hold where the item is there, but without the attribute."""
    return Condition("missing")


def check(if_match: Mapping[str, Value | Condition]) -> dict[str, Condition]:
    """Return `if_match` with each value as a `Condition`; `InvalidValueError` where it is empty or not of values."""
    if not if_match:
        raise InvalidValueError("if_match is empty: name the attributes that must match, or leave it out")
    return {_named(name): _condition(name, value) for name, value in if_match.items()}


def holds(conditions: Mapping[str, Value | Condition], item: Item | None) -> bool:
    """Say whether all `conditions` hold on the stored `item`; False where there is none."""
    if item is None:
        return False
    return all(_holds(name, value, item) for name, value in conditions.items())


def same(one: Any, other: Any) -> bool:
    """Say whether two values are the same, strict on types at every depth; `1` and `1.0` are."""
    kind = one.__class__
    if kind is not other.__class__:
        return values.is_number(one) and values.is_number(other) and bool(one == other)
    if kind is list:
        return len(one) == len(other) and all(map(same, one, other))
    if kind is dict:
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return bool(one == other)


def _named(name: object) -> str:
    if type(name) is not str or not name:
        raise InvalidValueError(f"if_match: {name!r} is no attribute's name")
    return name


def _condition(name: str, value: Value | Condition) -> Condition:
    if isinstance(value, Condition):
        return value
    values.check_value(value, f"if_match.{name}")
    return Condition("equals", value)


def _holds(name: str, value: Value | Condition, item: Item) -> bool:
    if not isinstance(value, Condition):
        return name in item and same(item[name], value)
    if name not in item:
        return value.op in _WHERE_MISSING
    return _HOLDS[value.op](item[name], value.operand)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds_in_order(stored: Any, operand: Any) -> bool:
        kind = stored.__class__
        comparable = kind is type(operand) if kind in (str, bytes) else _both_numbers(stored, operand)
        return comparable and compare(stored, operand)

    return holds_in_order


def _both_numbers(one: object, other: object) -> bool:
    return values.is_number(one) and values.is_number(other)


def _contains(stored: Any, operand: Any) -> bool:
    kind = stored.__class__
    if kind is list:
        return any(same(entry, operand) for entry in stored)
    return kind in (str, bytes) and kind is type(operand) and operand in stored


_ORDERED: tuple[type, ...] = (str, int, float, bytes)
_OPERANDS: dict[str, tuple[type, ...]] = {
    "less_than": _ORDERED,
    "at_most": _ORDERED,
    "more_than": _ORDERED,
    "at_least": _ORDERED,
    "begins_with": (str, bytes),
    "present": (type(None),),
    "missing": (type(None),),
}
_WITHOUT_OPERAND = ("present", "missing")
_WHERE_MISSING = ("differs", "missing")

_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": same,
    "differs": lambda stored, operand: not same(stored, operand),
    "less_than": _ordered(lambda stored, operand: stored < operand),
    "at_most": _ordered(lambda stored, operand: stored <= operand),
    "more_than": _ordered(lambda stored, operand: stored > operand),
    "at_least": _ordered(lambda stored, operand: stored >= operand),
    "begins_with": lambda stored, operand: type(stored) is type(operand) and stored.startswith(operand),
    "contains": _contains,
    "present": lambda _stored, _operand: True,
    "missing": lambda _stored, _operand: False,
}
"""What each condition asks of an attribute that the item has."""
