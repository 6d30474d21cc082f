"""What a handler may ask of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from isthmus_local.store import queries, tables, transactions
from isthmus_local.store.carried import carrying
from isthmus_local.store.indexes import Lag

_WRITES: Mapping[str, Callable[..., Any]] = {
    "table.put": carrying(tables.put),
    "table.put_many": carrying(tables.put_many),
    "table.update": carrying(tables.update),
    "table.delete": carrying(tables.delete),
    "table.transact": carrying(transactions.transact),
}

_READS: Mapping[str, Callable[..., Any]] = {
    "table.get": tables.get,
    "table.get_many": tables.get_many,
    "table.query": queries.query,
    "table.scan": queries.scan,
}

OPERATIONS: Mapping[str, tuple[str, str, Callable[..., Any]]] = {
    **{name: ("table", "write", function) for name, function in _WRITES.items()},
    **{name: ("table", "read", function) for name, function in _READS.items()},
}
"""The kind, the verb that the link must grant, and the function; a `table.transact` also needs that verb for each of
`transactions.tables_of`."""


def lagging(lag: Lag) -> Mapping[str, tuple[str, str, Callable[..., Any]]]:
    """Return `OPERATIONS` whose writes reach the indexes as late as `lag` decides for each, in seconds."""
    return {**OPERATIONS, **{name: ("table", "write", partial(write, lag=lag)) for name, write in _WRITES.items()}}
