"""Buckets: the rows that make objects exist, their listing, and the events of their changes.

An event is stored in the same transaction as the change, as a message for each function that subscribed to it, so that
neither can exist without the other. Files are the matter of `objects`; a file that lost its row is told to whoever
listens for "object.removed" (bucket, file), after the commit.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeAlias

from isthmus.declarations.bucket import Bucket
from isthmus.declarations.subscription import Subscription
from isthmus.errors import ConditionFailedError, InvalidValueError
from isthmus.object_info import checked_content_type, checked_key, checked_metadata, utf8
from isthmus_local.store.carried import carrying
from isthmus_local.store.database import Transaction
from isthmus_local.store.objects import OBJECT_LIMIT, is_file_name
from isthmus_local.store.queues import internal_queue, send

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL,
    key BLOB NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    content_type TEXT NOT NULL,
    modified REAL NOT NULL,
    metadata TEXT NOT NULL,
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS objects_by_file ON objects (file);
CREATE TABLE IF NOT EXISTS object_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket TEXT NOT NULL,
    key BLOB NOT NULL,
    file TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    content_type TEXT NOT NULL,
    modified REAL NOT NULL,
    metadata TEXT NOT NULL,
    replaced REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS object_versions_by_key ON object_versions (bucket, key, id);
"""

PAGE_LIMIT = 1000
"""The most objects of one page of a listing."""

Row: TypeAlias = tuple[str, int, str, str, float, dict[str, str]]
"""An object: key, size, etag, content type, modified, metadata; in the order of `ObjectInfo`'s arguments."""

_COLUMNS = "key, size, etag, content_type, modified, metadata"


def put(
    tx: Transaction,
    bucket: Bucket,
    key: str,
    file: str,
    size: int,
    etag: str,
    content_type: str,
    metadata: Mapping[str, str],
    if_absent: bool,
) -> Row:
    """Let `file`, already written, be the object `key`; `ConditionFailedError` for `if_absent` where there is one."""
    name = checked_key(key).encode()
    known = checked_content_type(content_type), tx.now, checked_metadata(metadata)
    if not is_file_name(file) or not 0 <= size <= OBJECT_LIMIT:
        raise InvalidValueError(f"{file!r} of {size!r} bytes is no object's file")
    old = _row(tx, bucket, name)
    if old is not None and if_absent:
        raise ConditionFailedError(f"bucket {bucket.name!r} already holds an object {key!r}")
    if old is not None:
        _retire(tx, bucket, name)
    row = (key, size, etag, *known)
    tx.execute(
        f"INSERT INTO objects (bucket, file, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (bucket.name, file, name, *row[1:5], json.dumps(row[5])),
    )
    _announce(tx, bucket, "created", key, size, etag)
    return row


def head(tx: Transaction, bucket: Bucket, key: str) -> Row | None:
    """Return what is known of the object `key`; None where there is none."""
    found = _row(tx, bucket, checked_key(key).encode())
    return found[1] if found else None


def read(tx: Transaction, bucket: Bucket, key: str) -> tuple[str, Row] | None:
    """Return the file of the object `key`, and what is known of it; None where there is none."""
    return _row(tx, bucket, checked_key(key).encode())


def listing(
    tx: Transaction, bucket: Bucket, prefix: str, limit: int, cursor: str | None
) -> tuple[list[Row], str | None]:
    """Return a page of the objects whose key starts with `prefix`, in order of the keys' bytes, and the next cursor."""
    if type(limit) is not int or limit < 1:
        raise InvalidValueError(f"limit is a whole number of at least 1, not {limit!r:.80}")
    limit = min(limit, PAGE_LIMIT)
    start = utf8("a prefix", prefix)
    after = _position(cursor, start) if cursor is not None else None
    lower, comparison = (start, ">=") if after is None else (after, ">")
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM objects WHERE bucket = ? AND key {comparison} ? AND key < ? ORDER BY key LIMIT ?",
        (bucket.name, lower, _past(start), limit + 1),
    ).fetchall()
    page = [_known(row) for row in rows[:limit]]
    return page, _cursor(rows[limit - 1][0]) if len(rows) > limit else None


def delete(tx: Transaction, bucket: Bucket, key: str) -> bool:
    """Delete the object `key`; False where there was none."""
    name = checked_key(key).encode()
    found = _row(tx, bucket, name)
    if found is None:
        return False
    _retire(tx, bucket, name)
    _announce(tx, bucket, "removed", key, 0, found[1][2])
    return True


def files(tx: Transaction) -> list[tuple[str, str]]:
    """Return (bucket, file) of everything that a row names: what a sweep has to keep."""
    return tx.execute("SELECT bucket, file FROM objects UNION ALL SELECT bucket, file FROM object_versions").fetchall()


OPERATIONS: Mapping[str, tuple[str, str, Callable[..., Any]]] = {
    "bucket.put": ("bucket", "write", carrying(put)),
    "bucket.delete": ("bucket", "write", carrying(delete)),
    "bucket.head": ("bucket", "read", head),
    "bucket.read": ("bucket", "read", read),
    "bucket.list": ("bucket", "read", listing),
}
"""What a handler may ask of a bucket: the kind, the verb that its link must grant, and the function."""


def _row(tx: Transaction, bucket: Bucket, key: bytes) -> tuple[str, Row] | None:
    found = tx.execute(
        f"SELECT file, {_COLUMNS} FROM objects WHERE bucket = ? AND key = ?",
        (bucket.name, key),
    ).fetchone()
    return (found[0], _known(found[1:])) if found else None


def _known(row: Iterable[Any]) -> Row:
    key, size, etag, content_type, modified, metadata = row
    return key.decode(), size, etag, content_type, modified, json.loads(metadata)


def _retire(tx: Transaction, bucket: Bucket, key: bytes) -> None:
    """Take the current object of `key` away: among the old versions where those are kept, else for good."""
    columns = f"bucket, file, {_COLUMNS}"
    if bucket.versioned:
        tx.execute(
            f"INSERT INTO object_versions ({columns}, replaced)"
            f" SELECT {columns}, ? FROM objects WHERE bucket = ? AND key = ?",
            (tx.now, bucket.name, key),
        )
    row = tx.execute("DELETE FROM objects WHERE bucket = ? AND key = ? RETURNING file", (bucket.name, key)).fetchone()
    if not bucket.versioned:
        tx.notify("object.removed", bucket.name, row[0])


def _announce(
    tx: Transaction, bucket: Bucket, kind: Literal["created", "removed"], key: str, size: int, etag: str
) -> None:
    targets = [
        subscription.target.name
        for subscription in bucket.app.subscriptions
        if subscription.source is bucket and _passes(subscription, kind, key)
    ]
    if not targets:
        return
    event = {"kind": kind, "bucket": bucket.name, "key": key, "size": size, "etag": etag, "at": tx.now}
    body = json.dumps(event).encode()
    for function in targets:
        send(tx, internal_queue(bucket.name, function), body, tx.envelope)


def _passes(subscription: Subscription, kind: str, key: str) -> bool:
    return (
        kind in subscription.events
        and key.startswith(subscription.prefix)
        and key.endswith(subscription.suffix)
        and not key.startswith(tuple(subscription.skip))
    )


def _past(prefix: bytes) -> bytes:
    """Return what sorts after every key with `prefix`: a byte of UTF-8 is never 0xFF, so the last one can grow."""
    return prefix[:-1] + bytes([prefix[-1] + 1]) if prefix else b"\xff"


def _cursor(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


def _position(cursor: str, prefix: bytes) -> bytes:
    try:
        position = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True)
    except (AttributeError, binascii.Error, UnicodeEncodeError) as error:
        raise InvalidValueError("the cursor is not one that a listing of this bucket returned") from error
    if not position.startswith(prefix):
        raise InvalidValueError("the cursor belongs to a listing with another prefix")
    return position
