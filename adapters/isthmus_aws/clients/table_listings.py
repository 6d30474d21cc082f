"""Listings of a table: one partition of it or of an index, in order; or all of it. Both by the page."""

from __future__ import annotations

import json

from isthmus import table_keys
from isthmus._typing import Any, Item, Iterable, Mapping, Sequence
from isthmus.errors import InvalidValueError
from isthmus.page import Page
from isthmus.table_checks import check_key_value
from isthmus_aws.attribute_values import from_value
from isthmus_aws.clients import table_cursors
from isthmus_aws.clients.table_expressions import Placeholders
from isthmus_aws.clients.table_store import Store

PAGE_ITEMS = 10_000
"""The most items of a page, whatever its limit."""


class Listing:
    """What is listed: the operation and its parameters, and what its cursors are bound to."""

    __slots__ = ("fields", "id", "operation", "parameters", "store")

    def __init__(
        self, store: Store, operation: str, id: str, fields: Iterable[str], parameters: Mapping[str, Any]
    ) -> None:
        self.store = store
        self.operation = operation
        self.id = id
        self.fields = fields
        self.parameters = parameters

    def page(self, limit: int | None, cursor: Any) -> Page[Item]:
        """Return a page: of `limit` items, or until DynamoDB ends it after 1 MB.

        Items that have expired are left out of it, and others are read in their place.
        """
        most = _most(limit)
        start = self._start(cursor)
        items: list[Item] = []
        while True:
            wanted = most - len(items)
            answer = self._ask(wanted if limit is not None else None, start)
            items += filter(None, map(self.store.stored, answer["Items"]))
            start = answer.get("LastEvaluatedKey")
            if not start:
                return Page(items)
            if len(items) >= most or (items and answer["ScannedCount"] < wanted):
                return Page(items, table_cursors.encode(self.id, start))

    def _start(self, cursor: Any) -> Mapping[str, Any] | None:
        if cursor is None:
            return None
        if type(cursor) is not str:
            raise InvalidValueError(f"a cursor is what a page gave, not {cursor!r:.80}")
        return table_cursors.decode(self.id, cursor, self.store.keys, self.fields)

    def _ask(self, limit: int | None, start: Mapping[str, Any] | None) -> Any:
        place = {"Limit": limit, "ExclusiveStartKey": start}
        given = {name: value for name, value in place.items() if value}
        return self.store.ask("read", self.operation, TableName=self.store.name, **self.parameters, **given)


def scan(store: Store) -> Listing:
    """Return the listing of all items."""
    fields = table_keys.names(store.keys.primary_index)
    return Listing(store, "scan", f"scan {store.keys.name}", fields, {"ConsistentRead": True})


def query(
    store: Store, partition: Any, index: str | None, *, prefix: Any, at_least: Any, at_most: Any, reverse: bool
) -> Listing | None:
    """Return the listing of one partition; None where nothing can be within the bounds."""
    fields = table_keys.fields_of(store.keys, index)
    table_keys.check_value(store.keys, fields[0], check_key_value(partition), table_keys.PARTITION_LIMIT)
    bounds = [None if bound is None else check_key_value(bound) for bound in (prefix, at_least, at_most)]
    table_keys.check_range(store.keys, index, *bounds)
    if _is_empty(*bounds):
        return None
    known = Placeholders()
    terms = [f"{known.name(fields[0])} = {known.value(partition)}", *_narrowing(fields, bounds, known)]
    parameters = {
        "KeyConditionExpression": " AND ".join(terms),
        "ScanIndexForward": not reverse,
        **({"ConsistentRead": True} if index is None else {"IndexName": index}),
        **known.parameters(),
    }
    id = f"query {store.keys.name} {index or ''} {json.dumps(from_value(partition), default=bytes.hex)}"
    return Listing(store, "query", id, {*table_keys.names(store.keys.primary_index), *fields}, parameters)


def _is_empty(prefix: Any, at_least: Any, at_most: Any) -> bool:
    """Say whether nothing is within the bounds, which DynamoDB would refuse."""
    if at_most is None:
        return False
    return at_most in ("", b"") or (at_least is not None and _place(at_least) > _place(at_most))


def _place(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def _narrowing(fields: Sequence[str], bounds: Sequence[Any], known: Placeholders) -> list[str]:
    """Return the term that narrows the sort field; a bound that is empty narrows nothing, and DynamoDB takes none."""
    prefix, at_least, at_most = (None if bound in ("", b"") else bound for bound in bounds)
    if prefix is not None:
        return [f"begins_with({known.name(fields[1])}, {known.value(prefix)})"]
    if at_least is not None and at_most is not None:
        return [f"{known.name(fields[1])} BETWEEN {known.value(at_least)} AND {known.value(at_most)}"]
    if at_least is not None:
        return [f"{known.name(fields[1])} >= {known.value(at_least)}"]
    return [] if at_most is None else [f"{known.name(fields[1])} <= {known.value(at_most)}"]


def _most(limit: int | None) -> int:
    if limit is None:
        return PAGE_ITEMS
    if type(limit) is not int or limit < 1:
        raise InvalidValueError(f"a limit is a whole number from 1, not {limit!r}")
    return min(limit, PAGE_ITEMS)
