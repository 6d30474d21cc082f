"""Where a row stands: key values as bytes whose order is the order of the values.

Strings are in order of their UTF-8 bytes, binary bytewise, and numbers by value, exactly, be they ints or floats: `1`
and `1.0` are one key, and no two 64-bit ints are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from isthmus._typing import Item, Key
from isthmus.declarations.table import Index, Table
from isthmus.errors import InvalidValueError

Address: TypeAlias = tuple[bytes, bytes]
"""The partition's bytes and the sort's, the latter empty where there is no sort field."""

PARTITION_LIMIT = 2048
SORT_LIMIT = 1024
"""The most bytes of a partition value and of a sort value, in a table's key and in an index's."""


def names(index: Index) -> tuple[str, ...]:
    """Return the fields of a primary or global index: the partition's, and the sort's if it has one."""
    return (index,) if isinstance(index, str) else tuple(index)


def of_item(table: Table, item: Item) -> Address:
    """Return where `item` stands; `InvalidValueError` where a key field is missing or not of its declared type."""
    fields = names(table.primary_index)
    for field in fields:
        if field not in item:
            raise InvalidValueError(f"table {table.name!r}: the item has no {field!r}, a field of its key")
    return address(table, fields, [item[field] for field in fields])


def of_key(table: Table, key: Key) -> Address:
    """Return where the item of `key` stands; `InvalidValueError` where the key is not of the declared form."""
    return address(table, names(table.primary_index), _values(table, key))


def attributes(table: Table, key: Key) -> Item:
    """Return the key's values by field."""
    return dict(zip(names(table.primary_index), _values(table, key), strict=True))


def address(table: Table, fields: tuple[str, ...], values: list[Any]) -> Address:
    """Return the bytes of the values of `fields`: a partition, and a sort where there are two."""
    partition = encode(table, fields[0], values[0], PARTITION_LIMIT)
    return partition, encode(table, fields[1], values[1], SORT_LIMIT) if len(fields) > 1 else b""


def encode(table: Table, field: str, value: Any, limit: int = SORT_LIMIT) -> bytes:
    """Return the bytes of one key value; `InvalidValueError` where it is of another type, empty or too long."""
    data = encode_part(table, field, value)
    if not 0 < len(data) <= limit:
        size = f"{len(data):,} bytes long, and the limit is {limit:,}" if data else "empty"
        raise InvalidValueError(f"table {table.name!r}: {field!r}, a key field, is {size}")
    return data


def encode_part(table: Table, field: str, value: Any) -> bytes:
    """Return the bytes of a value of a key field's declared type, which may also be the start of one, or empty."""
    declared = table.fields[field]
    accepted, encoder = _ENCODERS[declared]
    if type(value) not in accepted:
        what = f"table {table.name!r}: {field!r}, a key field, is declared as a {declared}"
        raise InvalidValueError(f"{what}, and {type(value).__name__} is none")
    return encoder(value)


def after(prefix: bytes) -> bytes | None:
    """Return the least bytes above all that begin with `prefix`; None where nothing is above them."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None


def _values(table: Table, key: Key) -> list[Any]:
    fields = names(table.primary_index)
    values = list(key) if isinstance(key, tuple) else [key]
    if len(values) != len(fields):
        form = f"({', '.join(fields)})" if len(fields) > 1 else "".join(fields)
        raise InvalidValueError(f"table {table.name!r}: a key is {form}, and this one has {len(values)} values")
    return values


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


_ENCODERS: Mapping[str, tuple[tuple[type, ...], Callable[[Any], bytes]]] = {
    "string": ((str,), _text),
    "number": ((int, float), _number),
    "binary": ((bytes,), bytes),
}
