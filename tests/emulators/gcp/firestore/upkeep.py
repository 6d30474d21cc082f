"""What happens by itself: documents whose time is over are deleted, and transactions that were left alone end.

Time to live: https://cloud.google.com/firestore/docs/ttl. In the cloud a document goes "typically within 24 hours"
after its time, not at once, is read and found until then, keeps the documents below it, and its deletion triggers
what any deletion does. Only a timestamp counts.
"""

from __future__ import annotations

import asyncio
import time

from tests.emulators.gcp.firestore.clock import microseconds
from tests.emulators.gcp.firestore.database import Database
from tests.emulators.gcp.firestore.databases import Databases
from tests.emulators.gcp.firestore.fields import get, segments
from tests.emulators.gcp.firestore.messages import Message, Write
from tests.emulators.gcp.firestore.names import collection_id
from tests.emulators.gcp.firestore.refusals import RefusalError

_TICK = 0.25


async def keep_up(databases: Databases, period: float) -> None:
    """End what is left alone, and every `period` seconds delete what has expired; for ever."""
    last = time.monotonic()
    while True:
        await asyncio.sleep(min(_TICK, period))
        for database in databases.all():
            database.transactions.expire()
        if time.monotonic() - last >= period:
            last = time.monotonic()
            await sweep(databases)


async def sweep(databases: Databases) -> int:
    """Delete what has expired, and return how many documents that were."""
    deleted = [await _delete(database, document) for database in databases.all() for document in _expired(database)]
    return sum(deleted)


def _expired(database: Database) -> list[Message]:
    now = database.clock.now()
    limits = {
        group: (segments(path), now - int(configuration.ttl_offset * 1_000_000))
        for (group, path), configuration in database.indexes.configurations().items()
        if configuration.ttl
    }
    if not limits:
        return []
    return [document for document in database.documents.everything() if _is_over(document, limits)]


def _is_over(document: Message, limits: dict[str, tuple[tuple[str, ...], int]]) -> bool:
    group = collection_id(document.name)
    if group not in limits:
        return False
    parts, limit = limits[group]
    value = get(document.fields, parts)
    if value is None or value.WhichOneof("value_type") != "timestamp_value":
        return False
    return microseconds(value.timestamp_value) <= limit


async def _delete(database: Database, document: Message) -> bool:
    write = Write(delete=document.name)
    write.current_document.update_time.CopyFrom(document.update_time)
    try:
        await database.commit([write], by_system=True)
    except RefusalError:  # it has changed, or a transaction holds it: the next sweep looks again
        return False
    return True
