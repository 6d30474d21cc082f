"""Listings of a table: one partition of it or of an index, in order; or all of it. Both by the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from isthmus._typing import Item
from isthmus.declarations.table import Table
from isthmus.errors import InvalidValueError
from isthmus.table_keys import PARTITION_LIMIT, check_range, fields_of
from isthmus_local.store import cursors, items, keys
from isthmus_local.store.database import Transaction

PAGE_BYTES = 1024 * 1024
"""A page ends with the item that reaches this, as in the cloud."""

PAGE_ITEMS = 10_000
"""The most items of a page whatever its size, so that one listing does not keep the others waiting."""

Listing: TypeAlias = "tuple[list[Item], str | None]"
"""A page: its items, and the cursor to the next one."""

Value: TypeAlias = "str | int | float | bytes"


class _Select(NamedTuple):
    """What a listing reads: the columns of a position in it, the item's column, and where they come from."""

    position: tuple[str, ...]
    document: str
    source: str
    args: tuple[Any, ...]


class _Bound(NamedTuple):
    """A comparison of the sort field with the bytes of a value."""

    operator: str
    value: bytes


def query(
    tx: Transaction,
    table: Table,
    partition: Value,
    index: str | None,
    prefix: Value | None,
    at_least: Value | None,
    at_most: Value | None,
    reverse: bool,
    limit: int | None,
    cursor: str | None,
) -> Listing:
    """Return a page of the items of one partition, in order of the sort field."""
    fields = fields_of(table, index)
    part = keys.encode(table, fields[0], partition, PARTITION_LIMIT)
    check_range(table, index, prefix, at_least, at_most)
    select = _of_table(tx, table, part) if index is None else _of_index(tx, table, index, part)
    bounds = _bounds(table, fields, prefix, at_least, at_most)
    listing = f"query {table.name} {index or ''} ".encode() + part
    return _page(tx, select, bounds, listing, reverse=reverse, limit=limit, cursor=cursor)


def scan(tx: Transaction, table: Table, limit: int | None, cursor: str | None) -> Listing:
    """Return a page of all items."""
    source = f"table_rows AS r WHERE r.table_name = ? AND {_ALIVE}"
    select = _Select(("r.part", "r.sort"), "r.document", source, (table.name, tx.now))
    return _page(tx, select, [], f"scan {table.name}".encode(), reverse=False, limit=limit, cursor=cursor)


_ALIVE = "(r.expires IS NULL OR r.expires > ?)"
_ROW = "table_name = e.table_name AND {0}.part = e.row_part AND {0}.sort = e.row_sort"
_INDEX = (
    "table_entries AS e"
    f" LEFT JOIN table_rows AS r ON r.{_ROW.format('r')}"
    f" LEFT JOIN table_stale AS s ON s.{_ROW.format('s')}"
    " WHERE e.table_name = ? AND e.index_name = ? AND e.part = ?"
    " AND ifnull(CASE WHEN s.document IS NULL THEN r.expires ELSE s.expires END, 9e999) > ?"
)


def _of_table(tx: Transaction, table: Table, part: bytes) -> _Select:
    source = f"table_rows AS r WHERE r.table_name = ? AND r.part = ? AND {_ALIVE}"
    return _Select(("r.sort",), "r.document", source, (table.name, part, tx.now))


def _of_index(tx: Transaction, table: Table, index: str, part: bytes) -> _Select:
    position = ("e.sort", "e.row_part", "e.row_sort")
    return _Select(position, "ifnull(s.document, r.document)", _INDEX, (table.name, index, part, tx.now))


def _bounds(
    table: Table, fields: tuple[str, ...], prefix: Value | None, at_least: Value | None, at_most: Value | None
) -> list[_Bound]:
    if prefix is None:
        wanted = ((">=", at_least), ("<=", at_most))
        return [_Bound(op, keys.encode_part(table, fields[1], value)) for op, value in wanted if value is not None]
    first = keys.encode_part(table, fields[1], prefix)
    end = keys.after(first)
    return [_Bound(">=", first)] if end is None else [_Bound(">=", first), _Bound("<", end)]


def _page(
    tx: Transaction,
    select: _Select,
    bounds: list[_Bound],
    listing: bytes,
    *,
    reverse: bool,
    limit: int | None,
    cursor: str | None,
) -> Listing:
    most = _most(limit)
    args = [*select.args, *(bound.value for bound in bounds)]
    narrowed = "".join(f" AND {select.position[0]} {bound.operator} ?" for bound in bounds)
    if cursor is not None:
        position = cursors.decode(listing, cursor)
        narrowed += f" AND ({', '.join(select.position)}) {'<' if reverse else '>'} ({', '.join('?' * len(position))})"
        args += position
    order = ", ".join(f"{column} DESC" if reverse else column for column in select.position)
    found = tx.execute(
        f"SELECT {select.document}, {', '.join(select.position)} FROM {select.source}{narrowed}"
        f" ORDER BY {order} LIMIT ?",
        [*args, most + 1],
    )
    return _fill(found, listing, most)


def _fill(found: Iterable[tuple[Any, ...]], listing: bytes, most: int) -> Listing:
    """Return a page of what was found, with a cursor where there is more than it can hold."""
    page: list[Item] = []
    size = 0
    last: tuple[bytes, ...] = ()
    for document, *position in found:
        if len(page) == most or size >= PAGE_BYTES:
            return page, cursors.encode(listing, last)
        page.append(items.decode(document))
        size += len(document)
        last = tuple(position)
    return page, None


def _most(limit: int | None) -> int:
    if limit is None:
        return PAGE_ITEMS
    if type(limit) is not int or limit < 1:
        raise InvalidValueError(f"a limit is a whole number from 1, not {limit!r}")
    return min(limit, PAGE_ITEMS)
