"""Changes of rows, captured in the transaction that makes them, for the functions that subscribed to their table."""

from __future__ import annotations

import json
from typing import Any

from isthmus._typing import Item
from isthmus.declarations.table import Table
from isthmus.table_keys import names
from isthmus_local.store import items, logs
from isthmus_local.store.database import Transaction
from isthmus_local.store.keys import Address

SHARDS = 4
"""How many keys' worth of a table's changes are handled at once."""


def captured(table: Table) -> bool:
    """Say whether somebody subscribed to the table's changes."""
    return any(subscription.source is table for subscription in table.app.subscriptions)


def capture(
    tx: Transaction, table: Table, address: Address, old: str | None, new: str | None, version: int, *, expired: bool
) -> None:
    """Append one change to the table's log, which has the table's name; `old` and `new` are encoded items."""
    kind = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    image = items.decode(new or old or "{}")
    key = items.encode({field: image[field] for field in names(table.primary_index)})
    text = (
        f'{{"kind":"{kind}","table":{json.dumps(table.name)},"key":{key},"old":{old or "null"},"new":{new or "null"}'
        f',"version":{version},"at":{tx.now!r},"expired":{"true" if expired else "false"}}}'
    )
    logs.append(tx, table.name, _log_key(address), text.encode(), SHARDS, tx.envelope)


def decode(body: bytes) -> dict[str, Any]:
    """Return a captured change: the arguments of `TableChange` by name."""
    change: Item = items.decode(body.decode())
    return change


def _log_key(address: Address) -> bytes:
    partition, sort = address
    return len(partition).to_bytes(2, "big") + partition + sort
