"""Entries of the global indexes: an item stands in each index whose fields it has, in order of the index's sort field.

An entry holds no copy of its row. In tests, indexes lag as in the cloud: a late write leaves the entries as they are,
and `table_stale` holds the image that they belong to (NULL where they hold no such row), until `reindex` brings them up
to date. Whoever listens for "index" (table, address, seconds) is told when to call it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from isthmus._typing import Item
from isthmus.declarations.table import Table
from isthmus.table_keys import PARTITION_LIMIT, SORT_LIMIT, names
from isthmus_local.store import items
from isthmus_local.store.database import Transaction
from isthmus_local.store.keys import Address, encode

SCHEMA = """
CREATE TABLE IF NOT EXISTS table_entries (
    table_name TEXT NOT NULL,
    index_name TEXT NOT NULL,
    part BLOB NOT NULL,
    sort BLOB NOT NULL,
    row_part BLOB NOT NULL,
    row_sort BLOB NOT NULL,
    PRIMARY KEY (table_name, index_name, part, sort, row_part, row_sort)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS table_stale (
    table_name TEXT NOT NULL,
    part BLOB NOT NULL,
    sort BLOB NOT NULL,
    document TEXT,
    expires REAL,
    PRIMARY KEY (table_name, part, sort)
);
"""

Lag: TypeAlias = Callable[[], float]
"""Decides for each write by how many seconds its entries come late."""

Image: TypeAlias = tuple[str, float | None]
"""A row as far as indexes see it: the encoded item, and when it expires."""


def prompt() -> float:
    """Let no entry come late."""
    return 0.0


def follow(tx: Transaction, table: Table, address: Address, old: Image | None, new: Item | None, lag: Lag) -> None:
    """Bring the entries of one row from `old` to `new`, now or as late as `lag` decides.

    `InvalidValueError` where `new` has a field of an index with a value that cannot stand there.
    """
    if not table.global_indexes:
        return
    wanted = _entries(table, new)
    late = lag()
    if late > 0:
        _hold(tx, table, address, old)
        tx.notify("index", table.name, address, late)
        return
    held = old if lag is prompt else _held(tx, table, address, old)
    _replace(tx, table, address, _entries_of(table, held), wanted)


def reindex(tx: Transaction, table: Table, address: Address) -> None:
    """Bring the entries of one row up to date, where a write was late."""
    stale = tx.execute(
        "DELETE FROM table_stale WHERE table_name = ? AND part = ? AND sort = ? RETURNING document",
        (table.name, *address),
    ).fetchone()
    if stale is not None:
        held = items.decode(stale[0]) if stale[0] else None
        _replace(tx, table, address, _entries(table, held), _entries(table, _current(tx, table, address)))


def reindex_late(tx: Transaction, table: Table) -> None:
    """Bring every late entry of the table up to date, as after a restart."""
    rows = tx.execute("SELECT part, sort FROM table_stale WHERE table_name = ?", (table.name,)).fetchall()
    for row in rows:
        reindex(tx, table, row)


def rebuild(tx: Transaction, table: Table) -> None:
    """Build all entries of the table anew, from its rows; a row that cannot stand in an index is left out of it."""
    for name in ("table_entries", "table_stale"):
        tx.execute(f"DELETE FROM {name} WHERE table_name = ?", (table.name,))
    rows = tx.execute("SELECT part, sort, document FROM table_rows WHERE table_name = ?", (table.name,)).fetchall()
    for part, sort, document in rows:
        _replace(tx, table, (part, sort), {}, _entries(table, items.decode(document), strict=False))


def _entries(table: Table, item: Item | None, *, strict: bool = True) -> dict[str, Address]:
    """Return where `item` stands in each index that it stands in."""
    found: dict[str, Address] = {}
    for name, index in table.global_indexes.items() if item else ():
        try:
            place = _place(table, names(index), item or {})
        except ValueError:
            if strict:
                raise
            continue
        if place is not None:
            found[name] = place
    return found


def _place(table: Table, fields: tuple[str, ...], item: Item) -> Address | None:
    limits = (PARTITION_LIMIT, SORT_LIMIT)
    parts = [
        encode(table, field, item[field], most) for field, most in zip(fields, limits, strict=False) if field in item
    ]
    if len(parts) < len(fields):
        return None
    return parts[0], parts[1] if len(parts) > 1 else b""


def _entries_of(table: Table, image: Image | None) -> dict[str, Address]:
    return _entries(table, items.decode(image[0]), strict=False) if image else {}


def _replace(tx: Transaction, table: Table, address: Address, old: dict[str, Address], new: dict[str, Address]) -> None:
    for name in old.keys() | new.keys():
        before, now = old.get(name), new.get(name)
        if before == now:
            continue
        if before is not None:
            tx.execute(
                "DELETE FROM table_entries WHERE table_name = ? AND index_name = ? AND part = ? AND sort = ?"
                " AND row_part = ? AND row_sort = ?",
                (table.name, name, *before, *address),
            )
        if now is not None:
            tx.execute(
                "INSERT OR IGNORE INTO table_entries VALUES (?, ?, ?, ?, ?, ?)", (table.name, name, *now, *address)
            )


def _hold(tx: Transaction, table: Table, address: Address, image: Image | None) -> None:
    """Keep the image that the entries belong to, unless an older one is kept already."""
    tx.execute(
        "INSERT OR IGNORE INTO table_stale VALUES (?, ?, ?, ?, ?)", (table.name, *address, *(image or (None, None)))
    )


def _held(tx: Transaction, table: Table, address: Address, image: Image | None) -> Image | None:
    """Return, and forget, the image that the entries belong to."""
    stale = tx.execute(
        "DELETE FROM table_stale WHERE table_name = ? AND part = ? AND sort = ? RETURNING document, expires",
        (table.name, *address),
    ).fetchone()
    if stale is None:
        return image
    return stale if stale[0] else None


def _current(tx: Transaction, table: Table, address: Address) -> Item | None:
    row = tx.execute(
        "SELECT document FROM table_rows WHERE table_name = ? AND part = ? AND sort = ?", (table.name, *address)
    ).fetchone()
    return items.decode(row[0]) if row else None
