"""Messages at rest: each is a row until it is acknowledged or has moved to its dead-letter queue.

Leases are not here: they end with the process that gave them, so a restart delivers every row again. Attempts are, so a
message that crashes its handler is counted across restarts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from isthmus.dead_letters import dead_letter_attributes
from isthmus.declarations.queue import Queue
from isthmus.errors import InvalidValueError
from isthmus_local.store.database import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    body BLOB NOT NULL,
    attributes TEXT NOT NULL,
    grouping TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    visible REAL NOT NULL,
    sent REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_of_queue ON messages (queue, id);
CREATE INDEX IF NOT EXISTS messages_that_wait ON messages (queue, visible, id) WHERE visible > sent;
CREATE TABLE IF NOT EXISTS deduplications (
    queue TEXT NOT NULL, token TEXT NOT NULL, id INTEGER NOT NULL, until REAL NOT NULL,
    PRIMARY KEY (queue, token)
) WITHOUT ROWID;
"""

DEDUPLICATION_SECONDS = 300
"""How long a FIFO queue remembers what it has seen, as in the cloud."""


class StoredMessage(NamedTuple):
    """A row of a queue: times are epoch seconds, `attempts` counts the deliveries that failed."""

    id: int
    body: bytes
    attributes: dict[str, str]
    group: str | None
    attempts: int
    visible: float
    sent: float


class DeadLetters(NamedTuple):
    """Where a queue's messages go after `max_attempts`; None as the queue keeps them for ever."""

    queue: str | None
    max_attempts: int


def internal_queue(source: str, function: str) -> str:
    """Return the name of the queue between a topic, bucket or schedule and a function that it triggers."""
    return f"{source}>{function}"


def send(
    tx: Transaction,
    queue: str,
    body: bytes,
    attributes: Mapping[str, str],
    *,
    delay: float = 0.0,
    group: str | None = None,
    deduplicate: str | None = None,
) -> str:
    """Store a message and return its id; a duplicate gets the id of the first and is not stored."""
    if deduplicate is not None:
        first = _seen(tx, queue, deduplicate)
        if first is not None:
            return str(first)
    identifier = _insert(tx, queue, body, dict(attributes), group, tx.now + delay)
    if deduplicate is not None:
        tx.execute(
            "INSERT OR REPLACE INTO deduplications VALUES (?, ?, ?, ?)",
            (queue, deduplicate, identifier, tx.now + DEDUPLICATION_SECONDS),
        )
    return str(identifier)


def _seen(tx: Transaction, queue: str, token: str) -> int | None:
    row = tx.execute(
        "SELECT id FROM deduplications WHERE queue = ? AND token = ? AND until > ?", (queue, token, tx.now)
    ).fetchone()
    return row[0] if row else None


def _insert(
    tx: Transaction, queue: str, body: bytes, attributes: dict[str, str], group: str | None, visible: float
) -> int:
    cursor = tx.execute(
        "INSERT INTO messages (queue, body, attributes, grouping, visible, sent) VALUES (?, ?, ?, ?, ?, ?)",
        (queue, body, json.dumps(attributes) if attributes else "{}", group, visible, tx.now),
    )
    identifier = cursor.lastrowid
    if identifier is None:
        raise InvalidValueError("the message was not stored")
    tx.notify("queue", queue, StoredMessage(identifier, body, attributes, group, 0, visible, tx.now))
    return identifier


def load(tx: Transaction, queue: str, after: int, limit: int, *, waiting: bool = True) -> list[StoredMessage]:
    """Return the next messages of a queue after the id `after`, in the order they were sent.

    `waiting=False` leaves out those that wait for their time: `ripen` returns them when it has come.
    """
    ready = "" if waiting else " AND visible <= sent"
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM messages WHERE queue = ? AND id > ?{ready} ORDER BY id LIMIT ?", (queue, after, limit)
    )
    return [_stored(row) for row in rows]


def ripen(tx: Transaction, queue: str, limit: int) -> tuple[list[StoredMessage], float | None]:
    """Let messages whose time has come wait no more; returns them, and when the next ones' time comes.

    A message waits for a time while `visible` is later than `sent`: it was delayed, or has failed.
    """
    rows = tx.execute(
        "UPDATE messages SET visible = sent WHERE id IN (SELECT id FROM messages WHERE queue = ? AND visible > sent"
        f" AND visible <= ? ORDER BY visible, id LIMIT ?) RETURNING {_COLUMNS}",
        (queue, tx.now, limit),
    ).fetchall()
    following: float | None = tx.execute(
        "SELECT min(visible) FROM messages WHERE queue = ? AND visible > sent", (queue,)
    ).fetchone()[0]
    return [_stored(row) for row in sorted(rows)], following


_COLUMNS = "id, body, attributes, grouping, attempts, visible, sent"


def _stored(row: tuple[Any, ...]) -> StoredMessage:
    return StoredMessage(row[0], row[1], json.loads(row[2]), *row[3:])


def acknowledge(tx: Transaction, identifiers: Sequence[int]) -> None:
    """Forget handled messages."""
    tx.executemany("DELETE FROM messages WHERE id = ?", [(identifier,) for identifier in identifiers])


def fail(tx: Transaction, queue: str, identifier: int, reason: str, retry_at: float, dead_letters: DeadLetters) -> bool:
    """Count a failed attempt; True if the message waits for another, False if it was moved or is gone."""
    row = tx.execute(
        "UPDATE messages SET attempts = attempts + 1, visible = ? WHERE id = ? RETURNING attempts",
        (retry_at, identifier),
    ).fetchone()
    if row is None:
        return False
    if dead_letters.queue is None or row[0] < dead_letters.max_attempts:
        return True
    bury(tx, queue, identifier, reason, dead_letters.queue)
    return False


def bury(tx: Transaction, queue: str, identifier: int, reason: str, dead_letters: str) -> None:
    """Move a message, whole, to the dead-letter queue, and add where it comes from and why."""
    body, attributes, group, attempts = tx.execute(
        "DELETE FROM messages WHERE id = ? RETURNING body, attributes, grouping, attempts", (identifier,)
    ).fetchone()
    known = json.loads(attributes) | dead_letter_attributes(queue, str(identifier), attempts, reason)
    _insert(tx, dead_letters, body, known, group, tx.now)


def peek(tx: Transaction, queue: str, limit: int) -> list[StoredMessage]:
    """Return the oldest messages of a queue, without taking them."""
    return load(tx, queue, 0, limit)


def prune(tx: Transaction, queue: str, retention: float) -> int:
    """Drop what is older than `retention` seconds, and old deduplications; returns how many messages."""
    tx.execute("DELETE FROM deduplications WHERE queue = ? AND until <= ?", (queue, tx.now))
    return tx.execute("DELETE FROM messages WHERE queue = ? AND sent < ?", (queue, tx.now - retention)).rowcount


def put(
    tx: Transaction,
    queue: Queue,
    body: bytes,
    envelope: Mapping[str, str],
    delay: float | None = None,
    group: str | None = None,
    deduplicate: str | None = None,
) -> str:
    """Store a message of a declared queue, delayed as the queue says unless `delay` does; returns its id."""
    if queue.fifo and not group:
        raise InvalidValueError(f"queue {queue.name!r} is a FIFO queue: a message needs a group (group=...)")
    if not queue.fifo and (group is not None or deduplicate is not None):
        raise InvalidValueError(f"queue {queue.name!r} is no FIFO queue: group and deduplicate mean nothing to it")
    seconds = queue.delay if delay is None else delay
    return send(tx, queue.name, body, envelope, delay=seconds, group=group, deduplicate=deduplicate)


def put_many(tx: Transaction, queue: Queue, messages: Sequence[tuple[bytes, Mapping[str, str]]]) -> list[str]:
    """Store (body, envelope) messages of a declared standard queue; returns their ids."""
    return [put(tx, queue, body, envelope) for body, envelope in messages]


OPERATIONS: Mapping[str, tuple[str, str, Callable[..., Any]]] = {
    "queue.send": ("queue", "send", put),
    "queue.send_many": ("queue", "send", put_many),
}
"""What a handler may ask of a queue: the kind, the verb that its link must grant, and the function."""
