"""Counters of each day, from the stream of what happened."""

from __future__ import annotations

import time

from functions.resources import Resource
from isthmus import Message
from isthmus.errors import ConditionFailedError
from isthmus.table_writes import Put, Update

KEEP = 8 * 24 * 3600
"""Seconds for which a counted order is remembered: longer than the stream keeps it, so that a replay counts it once."""

TOTAL = "total"

PROCESSED = "processed"
"""What `event` says of an order that was paid."""


def day_of(seconds: float) -> str:
    """Return the day (UTC) of a time in seconds since the epoch: `2026-01-31`."""
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


def collect(message: Message) -> None:
    """Count an order into its day, once: a mark beside the counter, written with it, tells a second delivery.

    One that was processed is told of again, and counted as that: into the day on which it was placed.
    """
    order = message.json()
    day = day_of(order["placedAt"])
    processed = order.get("event") == PROCESSED
    counted = {"processed": 1} if processed else {"orders": 1, "items": order["quantity"]}
    mark = {
        "day": day,
        "entry": f"{PROCESSED if processed else 'order'} {order['id']}",
        "expires": int(time.time()) + KEEP,
    }
    try:
        Resource.Counters.transact(
            [
                Put(mark, if_absent=True),
                Update((day, TOTAL), add=counted),
            ]
        )
    except ConditionFailedError:
        return  # counted before
