"""The ordered, keyed log behind streams and table changes, and how far each consumer has read it.

Records of one key are in one shard, in the order they were appended. A consumer is a name (a subscription's); its
position in a shard is the sequence of the last record that it has done with. Whoever listens for "log" (log, shard) is
told of new records after the commit.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from isthmus.declarations.stream import Stream
from isthmus.errors import InvalidValueError
from isthmus_local.store.database import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS log_records (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    log TEXT NOT NULL,
    shard INTEGER NOT NULL,
    key BLOB NOT NULL,
    body BLOB NOT NULL,
    attributes TEXT NOT NULL,
    at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS log_records_of_shard ON log_records (log, shard, sequence);
CREATE INDEX IF NOT EXISTS log_records_by_time ON log_records (log, at);
CREATE TABLE IF NOT EXISTS log_positions (
    log TEXT NOT NULL,
    consumer TEXT NOT NULL,
    shard INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (log, consumer, shard)
) WITHOUT ROWID;
"""

KEY_LIMIT = 256
"""The most characters of a stream record's key."""

_UNREAD = (
    "FROM log_records AS r LEFT JOIN log_positions AS p ON p.log = r.log AND p.consumer = ? AND p.shard = r.shard"
    " WHERE r.log = ? AND r.sequence > coalesce(p.sequence, 0)"
)


class Record(NamedTuple):
    """One entry of a log: `at` is the epoch second at which it was appended."""

    sequence: int
    key: bytes
    body: bytes
    attributes: dict[str, str]
    at: float


class Position(NamedTuple):
    """How far a consumer is: it has done with all up to `sequence`, and failed `attempts` times at the next."""

    sequence: int
    attempts: int


def shard_of(key: bytes, shards: int) -> int:
    """Return the shard of a key, the same in every process and every run."""
    return zlib.crc32(key) % shards


def append(
    tx: Transaction, log: str, key: bytes, body: bytes, shards: int, attributes: Mapping[str, str] | None = None
) -> int:
    """Add a record at the end of its key's shard and return its sequence."""
    shard = shard_of(key, shards)
    cursor = tx.execute(
        "INSERT INTO log_records (log, shard, key, body, attributes, at) VALUES (?, ?, ?, ?, ?, ?)",
        (log, shard, key, body, json.dumps(attributes) if attributes else "{}", tx.now),
    )
    tx.notify("log", log, shard)
    return cursor.lastrowid or 0


def read(tx: Transaction, log: str, shard: int, after: int, limit: int) -> list[Record]:
    """Return the next records of a shard after the sequence `after`, in order."""
    rows = tx.execute(
        "SELECT sequence, key, body, attributes, at FROM log_records"
        " WHERE log = ? AND shard = ? AND sequence > ? ORDER BY sequence LIMIT ?",
        (log, shard, after, limit),
    )
    return [Record(sequence, key, body, json.loads(text), at) for sequence, key, body, text, at in rows]


def position(tx: Transaction, log: str, consumer: str, shard: int) -> Position:
    """Return how far `consumer` is in a shard; a new one begins with the oldest record that is kept."""
    row = tx.execute(
        "SELECT sequence, attempts FROM log_positions WHERE log = ? AND consumer = ? AND shard = ?",
        (log, consumer, shard),
    ).fetchone()
    return Position(*row) if row else Position(0, 0)


def advance(tx: Transaction, log: str, consumer: str, shard: int, sequence: int, *, after: int) -> bool:
    """Record that `consumer` has done with all records after `after` up to `sequence`.

    False, and nothing changes, where it no longer stands at `after`: a `seek` meanwhile asked for them again.
    """
    if position(tx, log, consumer, shard).sequence != after:
        return False
    _move(tx, log, consumer, shard, sequence)
    return True


def fail(tx: Transaction, log: str, consumer: str, shard: int) -> int:
    """Count a failure of the record at the head, the first after the position, and return how many there were."""
    row = tx.execute(
        "INSERT INTO log_positions (log, consumer, shard, sequence, attempts) VALUES (?, ?, ?, 0, 1)"
        " ON CONFLICT DO UPDATE SET attempts = attempts + 1 RETURNING attempts",
        (log, consumer, shard),
    ).fetchone()
    attempts: int = row[0]
    return attempts


def seek(tx: Transaction, log: str, consumer: str, *, since: float | None = None, after: int = 0) -> None:
    """Let `consumer` read again: from the epoch second `since`, or what follows the sequence `after`."""
    before = _end(tx, log, since) if since is not None else after
    for shard in _shards(tx, log):
        _move(tx, log, consumer, shard, before)
        tx.notify("log", log, shard)


def prune(tx: Transaction, log: str, before: float, consumers: Sequence[str], limit: int = 10_000) -> int:
    """Drop up to `limit` records older than `before` that all `consumers` have done with; returns how many.

    Unlike the cloud, an unread record stays: a laptop that was shut for a week is no consumer that fell behind.
    """
    unread = "".join(
        " AND sequence <= coalesce((SELECT p.sequence FROM log_positions AS p"
        " WHERE p.log = r.log AND p.consumer = ? AND p.shard = r.shard), 0)"
        for _ in consumers
    )
    return tx.execute(
        "DELETE FROM log_records WHERE sequence IN (SELECT sequence FROM log_records AS r"
        f" WHERE log = ? AND at < ?{unread} LIMIT ?)",
        (log, before, *consumers, limit),
    ).rowcount


def prepare(tx: Transaction, log: str, shards: int, consumers: Sequence[str]) -> None:
    """Make a log ready for a start: forget consumers that are gone, and spread kept records over `shards`.

    Where the number of shards changed, each consumer goes back to the least of its positions, so that nothing is
    skipped; it may see some records again.
    """
    known = tx.execute("SELECT DISTINCT consumer FROM log_positions WHERE log = ?", (log,)).fetchall()
    for (consumer,) in known:
        if consumer not in consumers:
            tx.execute("DELETE FROM log_positions WHERE log = ? AND consumer = ?", (log, consumer))
    moved = [
        (shard_of(key, shards), sequence)
        for sequence, key, shard in tx.execute("SELECT sequence, key, shard FROM log_records WHERE log = ?", (log,))
        if shard_of(key, shards) != shard
    ]
    if not moved:
        return
    done = {consumer: _done(tx, log, consumer) for consumer in consumers}
    tx.executemany("UPDATE log_records SET shard = ? WHERE sequence = ?", moved)
    for consumer, sequence in done.items():
        seek(tx, log, consumer, after=sequence)


def put(tx: Transaction, stream: Stream, body: bytes, key: str, attributes: Mapping[str, str]) -> str:
    """Append a record to a stream and return its position."""
    return str(append(tx, stream.name, _key(stream, key), body, stream.shards, attributes))


def put_many(tx: Transaction, stream: Stream, records: Sequence[tuple[bytes, str, Mapping[str, str]]]) -> list[str]:
    """Append records, (body, key, attributes) each, to a stream and return their positions."""
    return [put(tx, stream, *record) for record in records]


OPERATIONS: Mapping[str, tuple[str, str, Callable[..., Any]]] = {
    "stream.put": ("stream", "put", put),
    "stream.put_many": ("stream", "put", put_many),
}
"""What a handler may ask of a stream: the kind, the verb that its link must grant, and the function."""


def _key(stream: Stream, key: str) -> bytes:
    if not 0 < len(key) <= KEY_LIMIT:
        raise InvalidValueError(f"stream {stream.name!r}: a key has 1 to {KEY_LIMIT} characters, this one {len(key)}")
    try:
        return key.encode()
    except UnicodeEncodeError:
        raise InvalidValueError(f"stream {stream.name!r}: the key {key!r} is not valid Unicode") from None


def _move(tx: Transaction, log: str, consumer: str, shard: int, sequence: int) -> None:
    tx.execute(
        "INSERT OR REPLACE INTO log_positions (log, consumer, shard, sequence) VALUES (?, ?, ?, ?)",
        (log, consumer, shard, sequence),
    )


def _end(tx: Transaction, log: str, since: float) -> int:
    """Return the sequence before the first record that was appended at `since` or later."""
    first = tx.execute("SELECT min(sequence) FROM log_records WHERE log = ? AND at >= ?", (log, since)).fetchone()[0]
    last = tx.execute("SELECT max(sequence) FROM log_records WHERE log = ?", (log,)).fetchone()[0]
    return first - 1 if first is not None else last or 0


def _shards(tx: Transaction, log: str) -> list[int]:
    rows = tx.execute(
        "SELECT shard FROM log_records WHERE log = ? UNION SELECT shard FROM log_positions WHERE log = ?", (log, log)
    )
    return [shard for (shard,) in rows]


def _done(tx: Transaction, log: str, consumer: str) -> int:
    """Return the sequence up to which `consumer` has done with the records of every shard."""
    unread = tx.execute(f"SELECT min(r.sequence) {_UNREAD}", (consumer, log)).fetchone()[0]
    last = tx.execute("SELECT max(sequence) FROM log_records WHERE log = ?", (log,)).fetchone()[0]
    return unread - 1 if unread is not None else last or 0
