"""Opaque cursors: where the next page begins, bound to the listing that it came from."""

from __future__ import annotations

from isthmus import table_keys
from isthmus._typing import Any
from isthmus.errors import InvalidValueError
from isthmus.table_keys import Keys
from isthmus_gcp import documents

_CHECK = 8


def encode(listing: str, id: str, *sort: Any) -> str:
    """Return a cursor to what follows the document `id`, whose sort value is given where the listing has an order."""
    from base64 import urlsafe_b64encode

    data = documents.dumps([id, *sort]).encode()
    return urlsafe_b64encode(_digest(listing, data) + data).decode()


def decode(listing: str, cursor: Any, keys: Keys, field: str) -> list[Any]:
    """Return the position in a cursor: an id, and a value of `field` where it is not "".

    `InvalidValueError` where it did not come from `listing`.
    """
    from base64 import b64decode

    if type(cursor) is not str:
        raise InvalidValueError(f"a cursor is what a page gave, not {cursor!r:.80}")
    try:
        data = b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        return _position(_checked(listing, data), keys, field)
    except (ValueError, TypeError, RecursionError):
        said = "the cursor is not from this listing: pass one only with the arguments it came from"
        raise InvalidValueError(said) from None


def _checked(listing: str, data: bytes) -> Any:
    if data[:_CHECK] != _digest(listing, data[_CHECK:]):
        raise ValueError(listing)
    return documents.loads(data[_CHECK:])


def _position(said: Any, keys: Keys, field: str) -> list[Any]:
    id, *sort = said
    if type(id) is not str or not id or "/" in id or len(sort) != bool(field):
        raise ValueError(said)
    for value in sort:
        table_keys.check_value(keys, field, value)
    return [id, *sort]


def _digest(listing: str, data: bytes) -> bytes:
    from hashlib import blake2b

    return blake2b(listing.encode() + b"\0" + data, digest_size=_CHECK).digest()
