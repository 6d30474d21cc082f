"""Listings of a table: one partition of it or of an index, in order; or all of it. Both by the page."""

from __future__ import annotations

import json

from isthmus import table_keys
from isthmus._typing import Any, Item, Iterator, Sequence
from isthmus.errors import InvalidValueError
from isthmus.page import Page
from isthmus.table_checks import check_key_value
from isthmus_gcp import document_values, documents
from isthmus_gcp.clients import table_cursors
from isthmus_gcp.clients.table_bounds import Bounds
from isthmus_gcp.clients.table_database import new_query
from isthmus_gcp.clients.table_store import Store

PAGE_ITEMS = 10_000
"""The most items of a page, whatever its limit."""

PAGE_BYTES = 1024 * 1024
"""A page ends with the item that reaches this, as on every provider."""

_MORE = 100
"""How many documents are asked for where those of a page had expired."""

_ASCENDING, _DESCENDING = 1, 2
_EQUAL = 5
_AND = 1
_NAME = "__name__"
_LIMITS = (table_keys.PARTITION_LIMIT, table_keys.SORT_LIMIT)


class Listing:
    """What is listed: a partition of the fields of an index, or everything; `id` is what its cursors are bound to."""

    __slots__ = ("_bounds", "_fields", "_id", "_partition", "_reverse", "_store")

    def __init__(
        self, store: Store, id: str, fields: Sequence[str] = (), partition: Any = None, *, bounds: Any, reverse: bool
    ) -> None:
        self._store = store
        self._id = id
        self._fields = fields
        self._partition = partition
        self._bounds = bounds
        self._reverse = reverse

    def page(self, limit: int | None, cursor: str | None) -> Page[Item]:
        """Return a page; items that have expired are left out of it, and others are read in their place."""
        most = _most(limit)
        start = None if cursor is None else table_cursors.decode(self._id, cursor, self._store.keys, self._sort)
        self._store.allow("read")
        return self._store.ask("read", lambda: self._page(most, start))

    @property
    def _sort(self) -> str:
        return self._fields[1] if len(self._fields) > 1 else ""

    def _page(self, most: int, start: Sequence[Any] | None) -> Page[Item]:
        items: list[Item] = []
        size = 0
        last: Any = None
        for document in self._documents(most + 1, start):
            item = self._store.stored(document)
            if item is None or not self._holds(item):
                continue
            if len(items) == most or size >= PAGE_BYTES:
                return Page(items, table_cursors.encode(self._id, *self._position(last)))
            items.append(item)
            size += document.ByteSize()
            last = document
        return Page(items)

    def _documents(self, count: int, start: Sequence[Any] | None) -> Iterator[Any]:
        """Yield all documents from a position, first `count` of them, then more as they are asked for."""
        while True:
            seen = 0
            last: Any = None
            for last in self._store.database.run(self._query(count, start)):
                seen += 1
                yield last
            if seen < count:
                return
            start, count = self._position(last), _MORE

    def _position(self, document: Any) -> list[Any]:
        """Return what a cursor keeps of a document: its id, and its sort value where that orders the listing."""
        id = document.name.rpartition("/")[2]
        return [id, document_values.value(document.fields[documents.escape(self._sort)])] if self._sort else [id]

    def _holds(self, item: Item) -> bool:
        """Say whether an item stands in the index: one written before the index was declared may be of other types."""
        for field, limit in zip(self._fields, _LIMITS, strict=False):
            try:
                table_keys.check_value(self._store.keys, field, item.get(field), limit)
            except InvalidValueError:
                return False
        return True

    def _query(self, count: int, start: Sequence[Any] | None) -> Any:
        query = new_query()
        query.from_.add().collection_id = self._store.collection
        query.limit.value = count
        if self._fields:
            self._narrow(query.where.composite_filter)
        direction = _DESCENDING if self._reverse and self._sort else _ASCENDING
        for path in ([documents.path(self._sort)] if self._sort else []) + [_NAME]:
            order = query.order_by.add()
            order.field.field_path = path
            order.direction = direction
        if start is not None:
            self._begin(query.start_at, *start)
        return query

    def _narrow(self, where: Any) -> None:
        where.op = _AND
        _add(where, self._fields[0], _EQUAL, documents.indexed(self._partition))
        for operator, value in self._bounds.comparisons if self._bounds else ():
            _add(where, self._sort, operator, value)

    def _begin(self, after: Any, id: str, *sort: Any) -> None:
        after.before = False
        for value in sort:
            document_values.set_value(after.values.add(), value)
        after.values.add().reference_value = self._store.document_path(id)


class Single:
    """The listing of one partition of a table without a sort field: the one item, or none."""

    __slots__ = ("_id", "_name", "_store")

    def __init__(self, store: Store, id: str, partition: Any) -> None:
        self._store = store
        self._id = id
        self._name = store.document_name(table_keys.of_key(store.keys, partition))

    def page(self, limit: int | None, cursor: str | None) -> Page[Item]:
        """Return the only page, which gives no cursor."""
        _most(limit)
        if cursor is not None:
            table_cursors.decode(self._id, cursor, self._store.keys, "")
        found, _ = self._store.ask("read", lambda: self._store.database.get([self._name]))
        item = self._store.stored(found.get(self._name))
        return Page([] if item is None else [item])


def scan(store: Store) -> Listing:
    """Return the listing of all items."""
    return Listing(store, f"scan {store.keys.name}", bounds=None, reverse=False)


def query(
    store: Store, partition: Any, index: str | None, *, prefix: Any, at_least: Any, at_most: Any, reverse: bool
) -> Listing | Single | None:
    """Return the listing of one partition; None where nothing can be within the bounds."""
    fields = table_keys.fields_of(store.keys, index)
    table_keys.check_value(store.keys, fields[0], check_key_value(partition), table_keys.PARTITION_LIMIT)
    given = [None if bound is None else check_key_value(bound) for bound in (prefix, at_least, at_most)]
    table_keys.check_range(store.keys, index, *given)
    bounds = Bounds(*given)
    if bounds.are_empty:
        return None
    id = f"query {store.keys.name} {index or ''} {json.dumps(_same_number(partition), default=bytes.hex)}"
    if index is None and len(fields) == 1:
        return Single(store, id, partition)
    return Listing(store, id, fields, partition, bounds=bounds, reverse=reverse)


def _same_number(value: Any) -> Any:
    """Return one value for numbers that are equal."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _add(where: Any, field: str, operator: int, value: Any) -> None:
    condition = where.filters.add().field_filter
    condition.field.field_path = documents.path(field)
    condition.op = operator
    document_values.set_value(condition.value, value)


def _most(limit: int | None) -> int:
    if limit is None:
        return PAGE_ITEMS
    if type(limit) is not int or limit < 1:
        raise InvalidValueError(f"a limit is a whole number from 1, not {limit!r}")
    return min(limit, PAGE_ITEMS)
