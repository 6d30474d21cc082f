"""Handlers of table changes."""

from __future__ import annotations

from isthmus.table_change import TableChange
from isthmus.testing.contract.handlers.record import obey, record


def changed(change: TableChange) -> None:
    """Record a change of a row, with both images, and obey the new row."""
    image = change.new or change.old or {}
    case = image.get("case")
    if not case:
        return
    record(
        "change " + case,
        kind=change.kind,
        key=change.key,
        old=change.old,
        new=change.new,
        version=change.version,
        expired=change.expired,
        attempt=change.attempt,
    )
    obey(change.new or {}, change.attempt)


async def noticed(change: TableChange) -> None:
    """Do what `changed` does, as a coroutine."""
    changed(change)
