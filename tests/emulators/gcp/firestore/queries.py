"""Structured queries: their full order, their cursors, and which documents they return.

https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#structuredquery
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.emulators.gcp.firestore import filters
from tests.emulators.gcp.firestore.documents import Documents
from tests.emulators.gcp.firestore.fields import NAME, key_at, segments
from tests.emulators.gcp.firestore.messages import Message
from tests.emulators.gcp.firestore.refusals import invalid
from tests.emulators.gcp.firestore.values import Key, key

_DESCENDING = 2

Order = tuple[str, bool]
"""A field path, and whether it is descending."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the order of the results: just before, or just after, what has these values."""

    keys: tuple[Key, ...]
    before: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A query over one collection, or over all collections of one id below its parent."""

    parent: str
    collection_id: str
    deep: bool
    where: filters.Filter | None
    orders: tuple[Order, ...]
    start: Cursor | None
    end: Cursor | None
    offset: int
    limit: int | None
    projection: tuple[str, ...] | None

    def run(self, documents: Documents, at: int | None = None) -> list[Message]:
        """Return the documents that it finds, whole and in order."""
        rows = [row for row in map(self._row, self._selected(documents, at)) if row is not None and self._is_in(row[0])]
        for place in reversed(range(len(self.orders))):
            rows.sort(key=lambda row: row[0][place], reverse=self.orders[place][1])
        found = [document for _, document in rows][self.offset :]
        return found if self.limit is None else found[: self.limit]

    def selects(self, document: Message) -> bool:
        """Whether a document could be among the results, for the filter and the collection."""
        path, _, _ = document.name.rpartition("/")
        inside = path.startswith(f"{self.parent}/") and path.endswith(f"/{self.collection_id}".rstrip("/"))
        if not (inside if self.deep else path == f"{self.parent}/{self.collection_id}"):
            return False
        return self.where is None or self.where.holds(document)

    def _selected(self, documents: Documents, at: int | None) -> list[Message]:
        found = documents.within(self.parent, self.collection_id, deep=self.deep, at=at)
        where = self.where
        return found if where is None else [document for document in found if where.holds(document)]

    def _row(self, document: Message) -> tuple[list[Key], Message] | None:
        """Return a document with what orders it; `None` where it lacks one of those fields."""
        keys: list[Key] = []
        for path, _ in self.orders:
            if (found := key_at(document, path)) is None:
                return None
            keys.append(found)
        return keys, document

    def _is_in(self, keys: list[Key]) -> bool:
        if self.start and ((place := self._place(keys, self.start)) < 0 or (place == 0 and not self.start.before)):
            return False
        return not (self.end and ((place := self._place(keys, self.end)) > 0 or (place == 0 and self.end.before)))

    def _place(self, keys: list[Key], cursor: Cursor) -> int:
        for (_, descending), found, wanted in zip(self.orders, keys, cursor.keys, strict=False):
            if found != wanted:
                return -1 if (found < wanted) != descending else 1
        return 0


def parse(parent: str, message: Message) -> Query:
    """Return the query that a message describes; one that the cloud does not take is refused."""
    if len(message.from_) != 1:
        raise invalid("A query takes exactly one collection selector.")
    if parent.split("/")[4:5] != ["documents"]:
        raise invalid(f'The parent "{parent}" is neither a document nor the root of all.')
    if message.offset < 0 or (message.HasField("limit") and message.limit.value < 0):
        raise invalid("The offset and the limit of a query must not be negative.")
    if message.HasField("find_nearest"):
        raise invalid("This emulator does not search for nearest vectors.")
    where = filters.parse(message.where) if message.HasField("where") else None
    explicit = _explicit(message)
    return Query(
        parent=parent,
        collection_id=message.from_[0].collection_id,
        deep=message.from_[0].all_descendants,
        where=where,
        orders=_full(explicit, where),
        start=_cursor(message.start_at, explicit) if message.HasField("start_at") else None,
        end=_cursor(message.end_at, explicit) if message.HasField("end_at") else None,
        offset=message.offset,
        limit=message.limit.value if message.HasField("limit") else None,
        projection=_projection(message.select) if message.HasField("select") else None,
    )


def _explicit(message: Message) -> list[Order]:
    orders = [(order.field.field_path, order.direction == _DESCENDING) for order in message.order_by]
    for path, _ in orders:
        segments(path)  # refuses what is no path
    if len({path for path, _ in orders}) < len(orders):
        raise invalid("A query cannot order by the same field twice.")
    return orders


def _full(explicit: list[Order], where: filters.Filter | None) -> tuple[Order, ...]:
    """Add what the cloud orders by besides: fields with inequalities in their names' order, then the document's name.

    They take the last direction that was asked for.
    """
    last = explicit[-1][1] if explicit else False
    named = {path for path, _ in explicit}
    conditions = where.conditions() if where else []
    ranged = {condition.path for condition in conditions if condition.operator in filters.INEQUALITIES}
    added = [*sorted(ranged - named - {NAME}), *([] if NAME in named else [NAME])]
    return (*explicit, *((path, last) for path in added))


def _cursor(message: Message, explicit: list[Order]) -> Cursor:
    if len(message.values) > max(len(explicit), 1):
        raise invalid("A cursor has more values than the query has orders.")
    return Cursor(tuple(key(value) for value in message.values), message.before)


def _projection(select: Message) -> tuple[str, ...]:
    paths = tuple(field.field_path for field in select.fields)
    for path in paths:
        segments(path)
    return paths or (NAME,)
