"""Documents in protobuf: `google.events.cloud.firestore.v1.DocumentEventData`, as Eventarc sends it.

https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/firestore/v1/data.proto
"""

from __future__ import annotations

from isthmus._typing import Any, Callable, Mapping
from isthmus.errors import BadEventError
from isthmus_gcp.documents import nested
from isthmus_gcp.events.documents import DEPTH_LIMIT, Document
from isthmus_gcp.events.protobuf import bytes_of, double, fields, integer, text

_VALUE, _OLD_VALUE = 1, 2
_NAME, _FIELDS, _UPDATED = 1, 2, 4
_ENTRY_NAME, _ENTRY_VALUE = 1, 2
_MICRO = 1000


def images(data: bytes) -> tuple[Document | None, Document | None]:
    """Return the document as it was and as it is; None where there was, or is, none."""
    found = _joined(data)
    return _document(found.get(_OLD_VALUE, b"")), _document(found.get(_VALUE, b""))


def _joined(data: bytes) -> dict[int, bytes]:
    """Return the inner messages of a message: one that comes in several parts is all of them together."""
    found: dict[int, bytes] = {}
    for number, value in fields(data):
        found[number] = found.get(number, b"") + bytes_of(value)
    return found


def _document(data: bytes) -> Document | None:
    name, updated = "", b""
    stored: dict[str, Any] = {}
    for number, value in fields(data):
        if number == _NAME:
            name = text(value)
        elif number == _FIELDS:
            entry, inner = _entry(value)
            stored[entry] = _value(inner, 0)
        elif number == _UPDATED:
            updated += bytes_of(value)
    return Document(name, stored, _microseconds(updated)) if name else None


def _entry(data: Any) -> tuple[str, bytes]:
    """Return the name and the value of one field of a map."""
    name, value = "", b""
    for number, part in fields(bytes_of(data)):
        if number == _ENTRY_NAME:
            name = text(part)
        elif number == _ENTRY_VALUE:
            value += bytes_of(part)
    return name, value


def _value(data: bytes, depth: int) -> Any:
    if depth > DEPTH_LIMIT:
        raise BadEventError(f"a value is nested deeper than {DEPTH_LIMIT} levels")
    found: Any = None
    for number, value in fields(data):
        found = _READERS[number](value, depth) if number in _READERS else found
    return found


def _map(data: Any, depth: int) -> Any:
    entries = (_entry(value) for number, value in fields(bytes_of(data)) if number == 1)
    return nested({name: _value(inner, depth + 1) for name, inner in entries})


def _array(data: Any, depth: int) -> list[Any]:
    return [_value(bytes_of(value), depth + 1) for number, value in fields(bytes_of(data)) if number == 1]


def _instant(data: Any) -> tuple[int, int]:
    seconds, nanos = 0, 0
    for number, value in fields(bytes_of(data)):
        if number == 1:
            seconds = integer(value)
        elif number == 2:
            nanos = integer(value)
    return seconds, nanos


def _microseconds(data: bytes) -> int:
    seconds, nanos = _instant(data)
    return seconds * 1_000_000 + nanos // _MICRO


def _seconds(data: Any) -> float:
    seconds, nanos = _instant(data)
    return seconds + nanos / 1e9


def _place(data: Any) -> dict[str, float]:
    found = {"latitude": 0.0, "longitude": 0.0}
    for number, value in fields(bytes_of(data)):
        if number in _PLACE:
            found[_PLACE[number]] = double(value)
    return found


_PLACE: Mapping[int, str] = {1: "latitude", 2: "longitude"}

_READERS: Mapping[int, Callable[[Any, int], Any]] = {
    1: lambda value, _depth: bool(integer(value)),
    2: lambda value, _depth: integer(value),
    3: lambda value, _depth: double(value),
    5: lambda value, _depth: text(value),
    6: _map,
    8: lambda value, _depth: _place(value),
    9: _array,
    10: lambda value, _depth: _seconds(value),
    11: lambda _value, _depth: None,
    17: lambda value, _depth: text(value),
    18: lambda value, _depth: bytes_of(value),
}
"""The number of a kind of value to what reads it: a reference, a place and a time are never of our own writing."""
