"""Where a row stands: key values as bytes whose order is the order of the values.

Strings are in order of their UTF-8 bytes, binary bytewise, and numbers by value, exactly, be they ints or floats: `1`
and `1.0` are one key, and no two 64-bit ints are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from isthmus import table_keys
from isthmus._typing import Item, Key
from isthmus.declarations.table import Table
from isthmus.errors import InvalidValueError

Address: TypeAlias = tuple[bytes, bytes]
"""The partition's bytes and the sort's, the latter empty where there is no sort field."""


def of_item(table: Table, item: Item) -> Address:
    """Return where `item` stands; `InvalidValueError` where a key field is missing or not of its declared type."""
    return _address(table, table_keys.of_item(table, item))


def of_key(table: Table, key: Key) -> Address:
    """Return where the item of `key` stands; `InvalidValueError` where the key is not of the declared form."""
    return _address(table, table_keys.of_key(table, key))


def encode(table: Table, field: str, value: Any, limit: int = table_keys.SORT_LIMIT) -> bytes:
    """Return the bytes of one key value; `InvalidValueError` where it is of another type, empty or too long."""
    table_keys.check_value(table, field, value, limit)
    return _encoded(table, field, value)


def encode_part(table: Table, field: str, value: Any) -> bytes:
    """Return the bytes of a value of a key field's declared type, which may also be the start of one, or empty."""
    table_keys.check_type(table, field, value)
    return _encoded(table, field, value)


def after(prefix: bytes) -> bytes | None:
    """Return the least bytes above all that begin with `prefix`; None where nothing is above them."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None


def _address(table: Table, key: Item) -> Address:
    parts = [_encoded(table, field, value) for field, value in key.items()]
    return parts[0], parts[1] if len(parts) > 1 else b""


def _encoded(table: Table, field: str, value: Any) -> bytes:
    return _ENCODERS[table.fields[field]](value)


def _text(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise InvalidValueError(f"a key holds a lone surrogate at position {error.start}: it is no Unicode") from None


def _number(value: float) -> bytes:
    if not value:
        return b"\x80"
    if not math.isfinite(value):
        raise InvalidValueError(f"a key cannot be {value!r}")
    exponent, mantissa = _parts(abs(value))
    data = (exponent + 0x8000).to_bytes(2, "big") + mantissa.to_bytes(8, "big")
    return b"\xc0" + data if value > 0 else b"\x40" + bytes(255 - byte for byte in data)


def _parts(value: float) -> tuple[int, int]:
    """Return exponent and mantissa such that value = mantissa * 2 ** (exponent - 64), the mantissa's top bit set."""
    if isinstance(value, int):
        exponent = value.bit_length()
        if exponent > 64:
            raise InvalidValueError("a key's int must fit in 64 bits")
        return exponent, value << (64 - exponent)
    fraction, exponent = math.frexp(value)
    return exponent, int(math.ldexp(fraction, 64))


_ENCODERS: Mapping[str, Callable[[Any], bytes]] = {"string": _text, "number": _number, "binary": bytes}
