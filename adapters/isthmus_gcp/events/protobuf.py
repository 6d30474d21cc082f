"""The fields of a protobuf message, read without its library: a function that only hears of a table needs none.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from isthmus._typing import Any, Iterator, TypeAlias
from isthmus.errors import BadEventError

Field: TypeAlias = "tuple[int, Any]"
"""A field's number, and its value: an int for a varint and what is of fixed length, else bytes."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_SIGN = 1 << 63
_ALL = (1 << 64) - 1


def fields(data: bytes) -> Iterator[Field]:
    """Yield the fields of a message in their order; `BadEventError` where it ends too early, or is none."""
    place, end = 0, len(data)
    while place < end:
        tag, place = _varint(data, place)
        kind = tag & 7
        value: int | bytes
        if kind == _VARINT:
            value, place = _varint(data, place)
        elif kind == _BYTES:
            length, place = _varint(data, place)
            value, place = _bytes(data, place, length)
        elif kind in (_FIXED64, _FIXED32):
            found, place = _bytes(data, place, 8 if kind == _FIXED64 else 4)
            value = int.from_bytes(found, "little")
        else:
            raise BadEventError(f"the message has a field of the wire type {kind}, which none of its fields has")
        if not tag >> 3:
            raise BadEventError("the message has a field of the number 0")
        yield tag >> 3, value


def text(value: Any) -> str:
    """Return the text of a field."""
    return bytes_of(value).decode()


def bytes_of(value: Any) -> bytes:
    """Return the bytes of a field that is of that kind."""
    if type(value) is not bytes:
        raise BadEventError("a field is a number, where bytes are expected")
    return value


def integer(value: Any) -> int:
    """Return the number of a varint that has a sign."""
    return _number(value) - ((_number(value) & _SIGN) << 1)


def double(value: Any) -> float:
    """Return the number of a field of eight bytes."""
    from struct import unpack

    found: float = unpack("<d", _number(value).to_bytes(8, "little"))[0]
    return found


def _number(value: Any) -> int:
    if type(value) is not int:
        raise BadEventError("a field is of bytes, where a number is expected")
    return value


def _varint(data: bytes, place: int) -> tuple[int, int]:
    first = data[place] if place < len(data) else 0x100
    if first < 0x80:
        return first, place + 1
    value = 0
    for offset, byte in enumerate(data[place : place + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * offset)
        if byte < 0x80:
            return value & _ALL, place + offset + 1
    raise BadEventError(f"the message breaks off within the number at byte {place}")


def _bytes(data: bytes, place: int, length: int) -> tuple[bytes, int]:
    end = place + length
    if end > len(data):
        raise BadEventError(f"the message breaks off: it has {len(data) - place} of {length} bytes at byte {place}")
    return data[place:end], end
