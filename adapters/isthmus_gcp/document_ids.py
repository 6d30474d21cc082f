"""Ids of documents: a digest of the typed key, so that any key can be one, and no two share one."""

from __future__ import annotations

from isthmus._typing import Any, Item

_BYTES = 20


def document_id(key: Item) -> str:
    """Return the id of the document that holds the item of a checked key, given by field.

    Numbers are one key where they are equal, be they ints or floats.
    """
    from hashlib import blake2b

    data = b"".join(_part(value) for value in key.values())
    return blake2b(data, digest_size=_BYTES).hexdigest()


def _part(value: Any) -> bytes:
    kind, data = _typed(value)
    return b"%s%d:%s" % (kind, len(data), data)


def _typed(value: Any) -> tuple[bytes, bytes]:
    if isinstance(value, str):
        return b"s", value.encode()
    if isinstance(value, bytes):
        return b"b", value
    if isinstance(value, float) and not value.is_integer():
        return b"f", value.hex().encode()
    return b"n", str(int(value)).encode()
