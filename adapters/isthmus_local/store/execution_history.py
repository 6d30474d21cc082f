"""The history of executions: what one step records is one row, however many events, numbered by the last of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from isthmus.workflows.frames import HistoryEvent
from isthmus_local.store.database import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS execution_history (
    execution INTEGER NOT NULL,
    last INTEGER NOT NULL,
    events TEXT NOT NULL,
    PRIMARY KEY (execution, last)
) WITHOUT ROWID;
"""

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def add(tx: Transaction, execution: int, last: int, events: Sequence[HistoryEvent]) -> None:
    """Keep events; the last of them has the number `last`."""
    rows = [(event.type, event.time, event.frame, event.state, event.details) for event in events]
    tx.execute("INSERT INTO execution_history VALUES (?, ?, ?)", (execution, last, _encode(rows)))


def read(tx: Transaction, execution: int, after: int, limit: int) -> list[dict[str, Any]]:
    """Return events in their order, from the one after the number `after` on: about `limit`, none if there are none."""
    found: list[dict[str, Any]] = []
    rows = tx.execute(
        "SELECT last, events FROM execution_history WHERE execution = ? AND last > ? ORDER BY last", (execution, after)
    )
    for last, text in rows:
        found += [event for event in _events(last, json.loads(text)) if event["id"] > after]
        if len(found) >= limit:
            break
    return found


def _events(last: int, rows: Sequence[Any]) -> list[dict[str, Any]]:
    first = last - len(rows) + 1
    return [
        {"id": first + place, "type": type, "time": time, "frame": frame, "state": state, "details": details}
        for place, (type, time, frame, state, details) in enumerate(rows)
    ]
