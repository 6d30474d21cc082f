"""What a document may hold, and how large it is.

Limits: https://cloud.google.com/firestore/quotas#collections_documents_and_fields; sizes:
https://cloud.google.com/firestore/docs/storage-size. An array directly in an array:
https://cloud.google.com/firestore/docs/concepts/data-types.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.emulators.gcp.firestore.messages import Message
from tests.emulators.gcp.firestore.names import RESERVED
from tests.emulators.gcp.firestore.refusals import invalid
from tests.emulators.gcp.firestore.values import is_vector

DOCUMENT_BYTES = 1024 * 1024
VALUE_BYTES = DOCUMENT_BYTES - 89
FIELD_NAME_BYTES = 1500
DEPTH = 20
TRANSFORMS = 500
REQUEST_BYTES = 10 * 1024 * 1024


def check(document: Message) -> int:
    """Refuse a document that cannot be stored, cut its timestamps to microseconds, and return its size in bytes."""
    size = _name_size(document.name) + 32
    for name, value in document.fields.items():
        size += _field_name_size(name) + _checked_field(name, value)
    if size > DOCUMENT_BYTES:
        raise invalid(
            f"Document '{document.name}' cannot be written because its size ({size:,} bytes) exceeds the maximum "
            f"allowed size of {DOCUMENT_BYTES:,} bytes."
        )
    return size


def _checked_field(name: str, value: Message) -> int:
    size = _size(value, 0)
    if size > VALUE_BYTES:
        raise invalid(f'The value of property "{name}" is longer than {VALUE_BYTES} bytes.')
    return size


def _size(value: Message, depth: int) -> int:
    kind = value.WhichOneof("value_type")
    if kind in _CONTAINERS:
        if depth == DEPTH:
            raise invalid(f"A field is nested in more than {DEPTH} maps and arrays.")
        return _CONTAINERS[kind](value, depth + 1)
    return _SIZES[kind](value) if kind else 1


def _array_size(value: Message, depth: int) -> int:
    size = 0
    for item in value.array_value.values:
        if item.WhichOneof("value_type") == "array_value":
            raise invalid("Cannot convert an array value in an array value.")
        size += _size(item, depth)
    return size


def _map_size(value: Message, depth: int) -> int:
    if is_vector(value):
        return 8 * len(value.map_value.fields["value"].array_value.values)
    return sum(_field_name_size(name) + _size(item, depth) for name, item in value.map_value.fields.items())


def _field_name_size(name: str) -> int:
    size = len(name.encode())
    if not name:
        raise invalid("Property name must not be empty.")
    if RESERVED.fullmatch(name):
        raise invalid(f'Property name "{name}" matches the reserved pattern "__.*__".')
    if size > FIELD_NAME_BYTES:
        raise invalid(f"Property name is longer than {FIELD_NAME_BYTES} bytes.")
    return size + 1


def _name_size(name: str) -> int:
    return 16 + sum(len(part.encode()) + 1 for part in name.split("/")[5:])


def _timestamp_size(value: Message) -> int:
    value.timestamp_value.nanos -= value.timestamp_value.nanos % 1000
    return 8


_CONTAINERS: dict[str, Callable[[Message, int], int]] = {"array_value": _array_size, "map_value": _map_size}

_SIZES: dict[str, Callable[[Message], int]] = {
    "null_value": lambda value: 1,
    "boolean_value": lambda value: 1,
    "integer_value": lambda value: 8,
    "double_value": lambda value: 8,
    "timestamp_value": _timestamp_size,
    "string_value": lambda value: len(value.string_value.encode()) + 1,
    "bytes_value": lambda value: len(value.bytes_value),
    "reference_value": lambda value: _name_size(value.reference_value),
    "geo_point_value": lambda value: 16,
}
