"""The order and the equality of values.

The order of types (null, boolean, NaN, number, timestamp, string, bytes, reference, geographical point, array, vector,
map), the numerical comparison of integers with doubles and the order of strings by their UTF-8 bytes are those of
https://cloud.google.com/firestore/docs/concepts/data-types.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tests.emulators.gcp.firestore.messages import Message

Key = tuple[Any, ...]
"""A value's place in the order of all values: equal keys are equal values, `[0]` is the rank of the type."""

NULL: Key = (0,)
NAN: Key = (2, 0)
ARRAY = 8


def key(value: Message) -> Key:
    """Return the key of a value."""
    kind = value.WhichOneof("value_type")
    return _KEYS[kind](value) if kind else NULL


def name_key(name: str) -> Key:
    """Return the key of a document's name, which orders by the segments of its path."""
    return (6, tuple(part.encode() for part in name.split("/")))


def _double(value: Message) -> Key:
    number = value.double_value
    return NAN if math.isnan(number) else (2, 1, number)


def _map(value: Message) -> Key:
    fields = value.map_value.fields
    if is_vector(value):
        numbers = tuple(key(item) for item in fields["value"].array_value.values)
        return (9, len(numbers), numbers)
    return (10, tuple(sorted((name.encode(), key(item)) for name, item in fields.items())))


def is_vector(value: Message) -> bool:
    """Whether a map is the wire's form of a vector."""
    fields = value.map_value.fields
    return "__type__" in fields and fields["__type__"].string_value == "__vector__"


_KEYS: dict[str, Callable[[Message], Key]] = {
    "null_value": lambda value: NULL,
    "boolean_value": lambda value: (1, value.boolean_value),
    "integer_value": lambda value: (2, 1, value.integer_value),
    "double_value": _double,
    "timestamp_value": lambda value: (3, value.timestamp_value.seconds, value.timestamp_value.nanos),
    "string_value": lambda value: (4, value.string_value.encode()),
    "bytes_value": lambda value: (5, value.bytes_value),
    "reference_value": lambda value: name_key(value.reference_value),
    "geo_point_value": lambda value: (7, value.geo_point_value.latitude, value.geo_point_value.longitude),
    "array_value": lambda value: (ARRAY, tuple(key(item) for item in value.array_value.values)),
    "map_value": _map,
}
