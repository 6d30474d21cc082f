"""Tables: the verbs that read and write items by their key.

Arguments are what a frame can carry: a key is a value or a tuple of two, conditions are `{attribute: (op, operand)}` or
None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from isthmus import conditions, table_keys, values
from isthmus._typing import Item, Key
from isthmus.conditions import Condition
from isthmus.declarations.table import Table
from isthmus.errors import ConditionFailedError, InvalidValueError
from isthmus_local.store import items, keys, rows
from isthmus_local.store.database import Transaction
from isthmus_local.store.indexes import Lag, prompt
from isthmus_local.store.rows import Row

Match: TypeAlias = "Mapping[str, tuple[str, Any]] | None"
"""Conditions as they travel: attribute to (op, operand)."""


def get(tx: Transaction, table: Table, key: Key) -> Item | None:
    """Return an item; None where there is none, or it has expired."""
    return rows.read(tx, table, keys.of_key(table, key))


def get_many(tx: Transaction, table: Table, wanted: Sequence[Key]) -> list[Item | None]:
    """Return the items of the keys, in their order."""
    return [rows.read(tx, table, keys.of_key(table, key)) for key in wanted]


def put(
    tx: Transaction,
    table: Table,
    item: Item,
    if_absent: bool,
    if_match: Match,
    *,
    lag: Lag = prompt,
) -> None:
    """Write the whole item."""
    address = keys.of_item(table, item)
    old = rows.load(tx, table, address, lag)
    _require(table, old, if_match, absent=if_absent)
    rows.save(tx, table, address, old, item, lag)


def put_many(tx: Transaction, table: Table, batch: Sequence[Item], *, lag: Lag = prompt) -> None:
    """Write items, all in one transaction."""
    for item in batch:
        put(tx, table, item, False, None, lag=lag)


def update(
    tx: Transaction,
    table: Table,
    key: Key,
    set_: Item,
    add: Mapping[str, int | float],
    remove: Sequence[str],
    if_exists: bool,
    if_match: Match,
    *,
    lag: Lag = prompt,
) -> Item:
    """Change some attributes and return the new item."""
    address = keys.of_key(table, key)
    table_keys.check_changes(table, set_, add, remove)
    old = rows.load(tx, table, address, lag)
    _require(table, old, if_match, exists=if_exists)
    item = items.decode(old.document) if old else table_keys.of_key(table, key)
    _change(item, set_, add, remove)
    values.check(item)
    rows.save(tx, table, address, old, item, lag)
    return item


def delete(tx: Transaction, table: Table, key: Key, if_match: Match, *, lag: Lag = prompt) -> Item | None:
    """Delete an item and return what it was."""
    address = keys.of_key(table, key)
    old = rows.load(tx, table, address, lag)
    _require(table, old, if_match)
    if old is None:
        return None
    rows.remove(tx, table, address, old, lag)
    return items.decode(old.document)


def check(tx: Transaction, table: Table, key: Key, if_absent: bool, if_match: Match, *, lag: Lag = prompt) -> None:
    """Write nothing; `ConditionFailedError` unless the item is as it must be."""
    old = rows.load(tx, table, keys.of_key(table, key), lag)
    _require(table, old, if_match, absent=if_absent, exists=not if_absent)


def expire(tx: Transaction, table: Table, limit: int, *, lag: Lag = prompt) -> int:
    """Remove up to `limit` rows whose time has come, as changes that say so; returns how many."""
    found = tx.execute(
        "SELECT part, sort, document, expires FROM table_rows WHERE table_name = ? AND expires <= ?"
        " ORDER BY expires LIMIT ?",
        (table.name, tx.now, limit),
    ).fetchall()
    for part, sort, document, expires in found:
        rows.remove(tx, table, (part, sort), Row(document, expires), lag, expired=True)
    return len(found)


def _require(table: Table, old: Row | None, if_match: Match, *, absent: bool = False, exists: bool = False) -> None:
    """Raise `ConditionFailedError` unless the stored row is as a write asks for."""
    if absent and old is not None:
        raise ConditionFailedError(f"table {table.name!r}: there is an item with this key already")
    if old is None:
        if exists or if_match is not None:
            raise ConditionFailedError(f"table {table.name!r}: there is no item with this key")
        return
    if if_match is not None:
        _require_match(table, items.decode(old.document), if_match)


def _require_match(table: Table, item: Item, if_match: Mapping[str, tuple[str, Any]]) -> None:
    wanted = {name: Condition(*condition) for name, condition in if_match.items()}
    if not conditions.holds(wanted, item):
        failed = [name for name in wanted if not conditions.holds({name: wanted[name]}, item)]
        raise ConditionFailedError(f"table {table.name!r}: the stored item does not match in {', '.join(failed)}")


def _change(item: Item, set_: Item, add: Mapping[str, int | float], remove: Sequence[str]) -> None:
    for name in remove:
        item.pop(name, None)
    item.update(set_)
    for name, amount in add.items():
        stored = item.get(name, 0)
        if not values.is_number(stored):
            raise InvalidValueError(f"{name}: add needs a number, and the stored one is a {type(stored).__name__}")
        item[name] = stored + amount
