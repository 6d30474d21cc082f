"""Tables across restarts: what is stored follows the declaration, also where that has changed."""

from __future__ import annotations

from isthmus.declarations.table import Index, Table
from isthmus.errors import InvalidValueError
from isthmus.table_keys import names
from isthmus_local.store import indexes, rows
from isthmus_local.store.database import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS table_definitions (
    table_name TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    secondary TEXT NOT NULL
) WITHOUT ROWID;
"""


def prepare(tx: Transaction, table: Table) -> None:
    """Make the table ready for a start: rebuild entries and expiries that the declaration changed, end any lag.

    `InvalidValueError` where the key changed although there are items, which stand where the old key put them.
    """
    key = _form(table, table.primary_index)
    secondary = repr(([(name, _form(table, index)) for name, index in table.global_indexes.items()], table.ttl))
    found = tx.execute("SELECT key, secondary FROM table_definitions WHERE table_name = ?", (table.name,)).fetchone()
    if found is not None and found[0] != key and not rows.is_empty(tx, table):
        raise InvalidValueError(
            f"table {table.name!r} has items, and its key was ({found[0]}) and is now ({key}): "
            "declare it under another name, or delete the stage's data"
        )
    if found != (key, secondary):
        tx.execute("INSERT OR REPLACE INTO table_definitions VALUES (?, ?, ?)", (table.name, key, secondary))
        rows.redate(tx, table)
        indexes.rebuild(tx, table)
    indexes.reindex_late(tx, table)


def _form(table: Table, index: Index) -> str:
    return ", ".join(f"{field}: {table.fields[field]}" for field in names(index))
