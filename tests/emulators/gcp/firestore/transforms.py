"""Field transforms: what a field becomes, and the result that its write reports.

https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#google.firestore.v1.DocumentTransform.FieldTransform
"""

from __future__ import annotations

import math
from collections.abc import Callable

from tests.emulators.gcp.firestore import fields
from tests.emulators.gcp.firestore.clock import timestamp
from tests.emulators.gcp.firestore.messages import Message, Value
from tests.emulators.gcp.firestore.refusals import invalid
from tests.emulators.gcp.firestore.values import key

_HIGHEST = 2**63 - 1
_LOWEST = -(2**63)
_NUMBERS = {"integer_value", "double_value"}


def apply(document: Message, transform: Message, at: int) -> Message:
    """Change one field of a document and return the result."""
    parts = fields.segments(transform.field_path)
    kind = transform.WhichOneof("transform_type")
    if kind is None:
        raise invalid("A field transform needs a type.")
    value = _TRANSFORMS[kind](fields.get(document.fields, parts), transform, at)
    fields.put(document.fields, parts, value)
    return Value(null_value=0) if kind in _WITHOUT_RESULT else value


def _server_time(present: Message | None, transform: Message, at: int) -> Message:
    return Value(timestamp_value=timestamp(at // 1000 * 1000))  # "with millisecond precision"


def _increment(present: Message | None, transform: Message, at: int) -> Message:
    operand = transform.increment
    if not _is_number(present):
        return _copy(operand)
    before, by = number(present), number(operand)
    if isinstance(before, int) and isinstance(by, int):
        return Value(integer_value=max(_LOWEST, min(_HIGHEST, before + by)))  # it saturates, and never wraps
    return Value(double_value=float(before) + float(by))


def _maximum(present: Message | None, transform: Message, at: int) -> Message:
    return _extreme(present, transform.maximum, lambda present, other: other > present)


def _minimum(present: Message | None, transform: Message, at: int) -> Message:
    return _extreme(present, transform.minimum, lambda present, other: other < present)


def _extreme(present: Message | None, operand: Message, replaces: Callable[[float, float], bool]) -> Message:
    """Return the operand where it wins; among equals (`3` and `3.0`, the zeros) what is there stays; NaN wins."""
    if not _is_number(present):
        return _copy(operand)
    if math.isnan(number(operand)) or replaces(number(present), number(operand)):
        return _copy(operand)
    return _copy(present)


def _union(present: Message | None, transform: Message, at: int) -> Message:
    items = _items(present)
    have = {key(item) for item in items}
    for item in transform.append_missing_elements.values:
        if key(item) not in have:
            have.add(key(item))
            items.append(item)
    return _array(items)


def _difference(present: Message | None, transform: Message, at: int) -> Message:
    without = {key(item) for item in transform.remove_all_from_array.values}
    return _array([item for item in _items(present) if key(item) not in without])


def number(value: Message) -> int | float:
    """Return the number that a value is."""
    found: int | float = getattr(value, value.WhichOneof("value_type"))
    return found


def _is_number(value: Message | None) -> bool:
    return value is not None and value.WhichOneof("value_type") in _NUMBERS


def _items(value: Message | None) -> list[Message]:
    is_array = value is not None and value.WhichOneof("value_type") == "array_value"
    return list(value.array_value.values) if is_array and value is not None else []


def _array(items: list[Message]) -> Message:
    value = Value()
    value.array_value.SetInParent()
    value.array_value.values.extend(items)
    return value


def _copy(value: Message) -> Message:
    copy = Value()
    copy.CopyFrom(value)
    return copy


_TRANSFORMS: dict[str, Callable[[Message | None, Message, int], Message]] = {
    "set_to_server_value": _server_time,
    "increment": _increment,
    "maximum": _maximum,
    "minimum": _minimum,
    "append_missing_elements": _union,
    "remove_all_from_array": _difference,
}

_WITHOUT_RESULT = {"append_missing_elements", "remove_all_from_array"}
