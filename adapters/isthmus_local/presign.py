"""Presigned addresses: whoever has one may get, or put, one object until it expires, and nothing else.

The signature binds the method, the bucket, the key, the expiry and the content type. The signing key is made at random
for each stage and stays in the state database, so addresses outlive a restart and workers never see the key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from isthmus.declarations.bucket import Bucket
from isthmus.errors import ForbiddenError, InvalidValueError, ServiceError
from isthmus.object_info import checked_content_type, checked_key
from isthmus_local.store.database import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS signing (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    key BLOB NOT NULL,
    origin TEXT NOT NULL
);
"""

PATH = "/_isthmus/objects/"
"""Where the gateway answers presigned addresses."""

EXPIRES_LIMIT = 7 * 24 * 3600
"""The longest life of an address, in seconds."""

_PARAMETERS = frozenset({"method", "expires", "type", "signature"})


class Request(NamedTuple):
    """What somebody with an address asks: `content_type` is the header of a PUT, "" where there is none."""

    method: str
    bucket: str
    key: str
    query: str
    content_type: str = ""


def settle(tx: Transaction, origin: str) -> bytes:
    """Make addresses start with `origin` (`http://127.0.0.1:4000`) from now on; returns the stage's signing key."""
    tx.execute(
        "INSERT INTO signing VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET origin = excluded.origin",
        (os.urandom(32), origin.rstrip("/")),
    )
    key: bytes = tx.execute("SELECT key FROM signing").fetchone()[0]
    return key


def presign_get(tx: Transaction, bucket: Bucket, key: str, expires: int) -> str:
    """Return an address to get the object `key` from, valid for `expires` seconds."""
    return _presign(tx, bucket, "GET", key, expires, "")


def presign_put(tx: Transaction, bucket: Bucket, key: str, expires: int, content_type: str | None) -> str:
    """Return an address to put the object `key` to, of that content type where one is given."""
    return _presign(tx, bucket, "PUT", key, expires, checked_content_type(content_type) if content_type else "")


OPERATIONS: Mapping[str, tuple[str, str, Callable[..., Any]]] = {
    "bucket.presign_get": ("bucket", "read", presign_get),
    "bucket.presign_put": ("bucket", "write", presign_put),
}
"""What a handler may have signed: the kind, the verb that its link must grant, and the function."""


def address(origin: str, secret: bytes, *, method: str, bucket: str, key: str, expires: int, content_type: str) -> str:
    """Return the address that `verify` accepts until the epoch second `expires`."""
    parameters = {"method": method, "expires": str(expires)}
    if content_type:
        parameters["type"] = content_type
    parameters["signature"] = _signature(secret, method, bucket, key, expires, content_type)
    return f"{origin}{PATH}{quote(bucket, safe='')}/{quote(key, safe='')}?{urlencode(parameters, quote_via=quote)}"


def verify(secret: bytes, request: Request, now: float) -> None:
    """Raise `ForbiddenError`, which says what is wrong, unless `request` is one that a presigned address allows."""
    parameters = _parameters(request.query)
    expires = parameters["expires"]
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
        raise ForbiddenError("expires is not a time")
    expected = _signature(
        secret, parameters["method"], request.bucket, request.key, int(expires), parameters.get("type", "")
    )
    if not hmac.compare_digest(expected.encode(), parameters["signature"].encode()):
        raise ForbiddenError("the signature does not fit this address: it was signed for another object, or altered")
    if now >= int(expires):
        raise ForbiddenError("this address has expired: ask for a new one")
    if _meaning(request.method) != parameters["method"]:
        raise ForbiddenError(f"this address was signed for {parameters['method']}, not for {request.method}")
    if parameters.get("type", request.content_type) != request.content_type:
        raise ForbiddenError(f"this address was signed for the content type {parameters['type']!r}: send that header")


def _presign(tx: Transaction, bucket: Bucket, method: str, key: str, expires: int, content_type: str) -> str:
    checked_key(key)
    if key in {".", ".."}:
        raise InvalidValueError(f"no address can lead to an object whose key is {key!r}: clients drop it from the path")
    if type(expires) is not int or not 1 <= expires <= EXPIRES_LIMIT:
        raise InvalidValueError(f"expires is 1 to {EXPIRES_LIMIT:,} whole seconds (7 days), not {expires!r:.80}")
    row = tx.execute("SELECT key, origin FROM signing").fetchone()
    if row is None:
        raise ServiceError("nothing serves presigned addresses here: the HTTP gateway has not started")
    return address(
        row[1],
        row[0],
        method=method,
        bucket=bucket.name,
        key=key,
        expires=int(tx.now) + expires,
        content_type=content_type,
    )


def _parameters(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=8)
    except ValueError as error:
        raise ForbiddenError("this address is not signed, or its query is malformed") from error
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        raise ForbiddenError("a parameter of this address is there twice")
    if not parameters.keys() <= _PARAMETERS:
        raise ForbiddenError(f"unknown in a signed address: {', '.join(sorted(parameters.keys() - _PARAMETERS))}")
    if missing := _PARAMETERS - {"type"} - parameters.keys():
        raise ForbiddenError(f"missing in this address: {', '.join(sorted(missing))}")
    return parameters


def _meaning(method: str) -> str:
    """Return the method that an address for `method` is signed for: whoever may get an object may ask about it."""
    return "GET" if method == "HEAD" else method


def _signature(secret: bytes, method: str, bucket: str, key: str, expires: int, content_type: str) -> str:
    # JSON, because it marks where one part ends and the next begins, whatever is in a key.
    text = json.dumps([method, bucket, key, expires, content_type])
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
