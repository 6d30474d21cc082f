"""Rows of tables: one for each item, with its version, its indexes' entries and its captured changes in step.

A write inserts its row anew, so that versions come from one sequence for all rows: the version of a key grows for ever,
across deletions too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from isthmus import values
from isthmus._typing import Item
from isthmus.conditions import same
from isthmus.declarations.table import Table
from isthmus_local.store import changes, indexes, items
from isthmus_local.store.database import Transaction
from isthmus_local.store.indexes import Lag, prompt
from isthmus_local.store.keys import Address

SCHEMA = """
CREATE TABLE IF NOT EXISTS table_rows (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    table_name TEXT NOT NULL,
    part BLOB NOT NULL,
    sort BLOB NOT NULL,
    document TEXT NOT NULL,
    expires REAL,
    UNIQUE (table_name, part, sort)
);
CREATE INDEX IF NOT EXISTS table_rows_expiring ON table_rows (table_name, expires) WHERE expires IS NOT NULL;
"""


class Row(NamedTuple):
    """A stored row: the encoded item, and the epoch second at which it expires."""

    document: str
    expires: float | None


def read(tx: Transaction, table: Table, address: Address) -> Item | None:
    """Return the item at `address`; None where there is none, or it has expired."""
    row = tx.execute(
        "SELECT document FROM table_rows WHERE table_name = ? AND part = ? AND sort = ?"
        " AND (expires IS NULL OR expires > ?)",
        (table.name, *address, tx.now),
    ).fetchone()
    return items.decode(row[0]) if row else None


def load(tx: Transaction, table: Table, address: Address, lag: Lag = prompt) -> Row | None:
    """Return the row to be changed; one that has expired is removed first, as the sweep would."""
    found = tx.execute(
        "SELECT document, expires FROM table_rows WHERE table_name = ? AND part = ? AND sort = ?",
        (table.name, *address),
    ).fetchone()
    if found is None:
        return None
    row = Row(*found)
    if row.expires is None or row.expires > tx.now:
        return row
    remove(tx, table, address, row, lag, expired=True)
    return None


def save(tx: Transaction, table: Table, address: Address, old: Row | None, item: Item, lag: Lag = prompt) -> None:
    """Write `item` where `old` was; nothing happens where they are the same."""
    document = items.encode(item)
    captured = changes.captured(table)
    if old is not None and (old.document == document or (captured and same(items.decode(old.document), item))):
        return
    cursor = tx.execute(
        "INSERT OR REPLACE INTO table_rows (table_name, part, sort, document, expires) VALUES (?, ?, ?, ?, ?)",
        (table.name, *address, document, expiry(table, item)),
    )
    indexes.follow(tx, table, address, old, item, lag)
    if captured:
        before = old.document if old else None
        changes.capture(tx, table, address, before, document, cursor.lastrowid or 0, expired=False)


def remove(
    tx: Transaction, table: Table, address: Address, old: Row, lag: Lag = prompt, *, expired: bool = False
) -> None:
    """Delete the row that is at `address`."""
    tx.execute("DELETE FROM table_rows WHERE table_name = ? AND part = ? AND sort = ?", (table.name, *address))
    indexes.follow(tx, table, address, old, None, lag)
    if changes.captured(table):
        changes.capture(tx, table, address, old.document, None, _next_version(tx), expired=expired)


def redate(tx: Transaction, table: Table) -> None:
    """Let every row expire as the declaration says, after that has changed."""
    found = tx.execute("SELECT version, document FROM table_rows WHERE table_name = ?", (table.name,)).fetchall()
    dates = [(expiry(table, items.decode(document)), version) for version, document in found]
    tx.executemany("UPDATE table_rows SET expires = ? WHERE version = ?", dates)


def is_empty(tx: Transaction, table: Table) -> bool:
    """Say whether the table has no row."""
    return tx.execute("SELECT 1 FROM table_rows WHERE table_name = ? LIMIT 1", (table.name,)).fetchone() is None


def expiry(table: Table, item: Item) -> float | None:
    """Return when `item` expires: its time-to-live field, where it is a number; None for never."""
    if table.ttl is None:
        return None
    value: Any = item.get(table.ttl)
    return float(value) if values.is_number(value) else None


def _next_version(tx: Transaction) -> int:
    row = tx.execute("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'table_rows' RETURNING seq").fetchone()
    version: int = row[0]
    return version
