"""Opaque cursors: where the next page begins, bound to the listing that they came from."""

from __future__ import annotations

import base64
import binascii
from hashlib import blake2b

from isthmus.errors import InvalidValueError

_CHECK = 8


def encode(listing: bytes, position: tuple[bytes, ...]) -> str:
    """Return a cursor to what follows `position` in `listing`."""
    fields = b"".join(len(field).to_bytes(2, "big") + field for field in position)
    return base64.urlsafe_b64encode(_digest(listing, fields) + fields).decode()


def decode(listing: bytes, cursor: str) -> tuple[bytes, ...]:
    """Return the position in a cursor; `InvalidValueError` where it did not come from `listing`."""
    try:
        data = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        data = b""
    fields = data[_CHECK:]
    if not data or data[:_CHECK] != _digest(listing, fields):
        raise InvalidValueError("the cursor is not from this listing: pass one only with the arguments it came from")
    position: list[bytes] = []
    while fields:
        end = 2 + int.from_bytes(fields[:2], "big")
        position.append(fields[2:end])
        fields = fields[end:]
    return tuple(position)


def _digest(listing: bytes, fields: bytes) -> bytes:
    return blake2b(listing + b"\0" + fields, digest_size=_CHECK).digest()
