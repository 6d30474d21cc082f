"""Schedules: when each is due next, durably, and its firings as messages for its function.

A schedule whose time passed while the laptop slept fires once when it wakes, not once for every time it missed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from isthmus.declarations.schedule import Schedule
from isthmus.schedules import next_after
from isthmus_local.store.database import Transaction
from isthmus_local.store.queues import internal_queue, send

SCHEMA = """
CREATE TABLE IF NOT EXISTS schedules (
    name TEXT NOT NULL PRIMARY KEY,
    expression TEXT NOT NULL,
    timezone TEXT NOT NULL,
    due REAL NOT NULL
) WITHOUT ROWID;
"""


def settle(tx: Transaction, schedules: Iterable[Schedule]) -> float | None:
    """Take over what is declared now, at a start; returns when the next is due, None where there is none.

    A new schedule, or one with a changed expression or time zone, is due from now on; the others keep their time, so
    that one missed while nothing ran still fires. What is no longer declared is forgotten.
    """
    kept: set[str] = set()
    for schedule in schedules:
        kept.add(schedule.name)
        _settle(tx, schedule)
    for (name,) in tx.execute("SELECT name FROM schedules").fetchall():
        if name not in kept:
            tx.execute("DELETE FROM schedules WHERE name = ?", (name,))
    return next_due(tx)


def due(tx: Transaction, schedules: Iterable[Schedule]) -> tuple[list[str], float | None]:
    """Fire every schedule whose time has come; returns the names of those, and when the next one is due."""
    fired: list[str] = []
    for schedule in schedules:
        row = tx.execute("SELECT due FROM schedules WHERE name = ? AND due <= ?", (schedule.name, tx.now)).fetchone()
        if row is not None:
            _send(tx, schedule, row[0])
            _set(tx, schedule, next_after(schedule.expression, schedule.timezone, tx.now))
            fired.append(schedule.name)
    return fired, next_due(tx)


def fire(tx: Transaction, schedule: Schedule) -> str:
    """Fire `schedule` now, besides its own times; returns the id of the message."""
    return _send(tx, schedule, tx.now)


def next_due(tx: Transaction) -> float | None:
    """Return the epoch second at which the next schedule is due; None where there is none."""
    due_at: float | None = tx.execute("SELECT min(due) FROM schedules").fetchone()[0]
    return due_at


OPERATIONS: Mapping[str, tuple[str, str, Callable[..., Any]]] = {"schedule.fire": ("schedule", "fire", fire)}
"""What a test may ask of a schedule; no link grants it to a handler."""


def _settle(tx: Transaction, schedule: Schedule) -> None:
    following = next_after(schedule.expression, schedule.timezone, tx.now)
    row = tx.execute("SELECT expression, timezone, due FROM schedules WHERE name = ?", (schedule.name,)).fetchone()
    if row is not None and (row[0], row[1]) == (schedule.expression, schedule.timezone):
        following = min(following, row[2])  # a clock that was set back must not silence a schedule until it catches up
    _set(tx, schedule, following)


def _set(tx: Transaction, schedule: Schedule, due_at: float) -> None:
    tx.execute(
        "INSERT OR REPLACE INTO schedules (name, expression, timezone, due) VALUES (?, ?, ?, ?)",
        (schedule.name, schedule.expression, schedule.timezone, due_at),
    )


def _send(tx: Transaction, schedule: Schedule, due_at: float) -> str:
    body = json.dumps({"schedule": schedule.name, "due": due_at, "payload": schedule.payload}).encode()
    return send(tx, internal_queue(schedule.name, schedule.function.name), body, {})
