"""Opaque cursors: the key at which the next page begins, bound to the listing that it came from."""

from __future__ import annotations

import json

from isthmus import table_keys
from isthmus._typing import Any, Iterable, Mapping
from isthmus.errors import BadEventError, InvalidValueError
from isthmus.table_keys import Keys
from isthmus_aws.attribute_values import to_item

_CHECK = 8


def encode(listing: str, position: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a cursor to what follows `position`, DynamoDB's `LastEvaluatedKey`, in `listing`."""
    from base64 import urlsafe_b64encode

    data = json.dumps(position, separators=(",", ":"), ensure_ascii=False, default=_base64).encode()
    return urlsafe_b64encode(_digest(listing, data) + data).decode()


def decode(listing: str, cursor: str, keys: Keys, fields: Iterable[str]) -> Mapping[str, Any]:
    """Return the position in a cursor; `InvalidValueError` where it did not come from `listing`.

    `fields` are those of the position: of the table's key, and of the index's.
    """
    from base64 import b64decode

    try:
        data = b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        return _position(_checked(listing, data), keys, fields)
    except (ValueError, TypeError, AttributeError, RecursionError, BadEventError):
        said = "the cursor is not from this listing: pass one only with the arguments it came from"
        raise InvalidValueError(said) from None


def _checked(listing: str, data: bytes) -> Any:
    if data[:_CHECK] != _digest(listing, data[_CHECK:]):
        raise ValueError(listing)
    return json.loads(data[_CHECK:])


def _position(said: Any, keys: Keys, fields: Iterable[str]) -> Mapping[str, Any]:
    from isthmus_aws.attribute_values import from_item

    values = to_item(said)
    if values.keys() != set(fields):
        raise ValueError(fields)
    for field, value in values.items():
        table_keys.check_value(keys, field, value, table_keys.PARTITION_LIMIT)
    return from_item(values)


def _digest(listing: str, data: bytes) -> bytes:
    from hashlib import blake2b

    return blake2b(listing.encode() + b"\0" + data, digest_size=_CHECK).digest()


def _base64(value: bytes) -> str:
    from binascii import b2a_base64

    return b2a_base64(value, newline=False).decode()
