"""A store with two tables and a stream, and their clients over a transport without a socket."""

from __future__ import annotations

import marshal
import sqlite3
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from isthmus.declarations.app import App
from isthmus.declarations.resource import Resource
from isthmus.declarations.table import Table
from isthmus.links import Link
from isthmus_local.clients.stream import StreamClient
from isthmus_local.clients.table import TableClient
from isthmus_local.store import changes, definitions, indexes, logs, rows, table_operations
from isthmus_local.store.database import Database
from isthmus_local.store.indexes import Lag

T = TypeVar("T")


def declare() -> App:
    """Return an app with tables of each form of key."""
    app = App("shop")
    orders = app.table(
        "Orders",
        fields={"id": "string", "user": "string", "total": "number"},
        primary_index="id",
        global_indexes={"byUser": ("user", "total"), "byTotal": "total"},
        ttl="expires",
    )
    orders.subscribe("shop.changed")
    app.table("Lines", fields={"order": "string", "n": "number"}, primary_index=("order", "n"))
    app.table("Words", fields={"shelf": "string", "word": "string"}, primary_index=("shelf", "word"))
    app.table("Blobs", fields={"kind": "number", "digest": "binary"}, primary_index=("kind", "digest"))
    app.stream("Clicks", shards=3)
    return app


class Shop:
    """The app over a store: `now` is its clock; what travels is packed as a frame would be."""

    def __init__(self, path: Path, app: App, *, lag: Lag | None = None) -> None:
        self.now = 1_000_000.0
        self.app = app
        self.operations: Mapping[str, Any] = {
            **(table_operations.lagging(lag) if lag else table_operations.OPERATIONS),
            **logs.OPERATIONS,
        }
        self.resources: dict[str, Resource] = {resource.name: resource for resource in app.resources}
        self.notices: list[tuple[str, tuple[Any, ...]]] = []
        self.database = Database(
            path, [part.SCHEMA for part in (rows, indexes, definitions, logs)], clock=lambda: self.now
        )
        self.database.attach(self, self.notices.extend)

    def call_soon(self, callback: Callable[..., Any], *args: Any) -> None:
        """Be a loop that runs what it is told at once."""
        callback(*args)

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any) -> None:
        """Be a loop that runs what it is told at once."""
        callback(*args)

    def call(self, op: str, resource: str, *args: Any) -> Any:
        """Do what a client asks for."""
        kind, _, function = self.operations[op]
        assert self.resources[resource].kind == kind
        arguments = marshal.loads(marshal.dumps(args))
        result: Any = self.do(function, self.resources[resource], *arguments)
        return marshal.loads(marshal.dumps(result))

    def do(self, op: Callable[..., T], *args: Any) -> T:
        """Run a store operation."""
        return self.database.submit(op, *args).result()

    def table(self, name: str) -> TableClient:
        """Return a client."""
        return TableClient(Link("table", name, f"shop-{name}", ("read", "write")), self)

    def stream(self, name: str) -> StreamClient:
        """Return a client."""
        return StreamClient(Link("stream", name, f"shop-{name}", ("put",)), self)

    def declared(self, name: str) -> Table:
        """Return a table's declaration."""
        table = self.resources[name]
        assert isinstance(table, Table)
        return table

    def changes(self, table: str = "Orders") -> list[dict[str, Any]]:
        """Return everything that was captured of a table, in order."""
        records = [
            record for shard in range(changes.SHARDS) for record in self.do(logs.read, table, shard, 0, 1_000_000)
        ]
        return [changes.decode(record.body) for record in sorted(records)]


@contextmanager
def opened(path: Path, app: App | None = None, *, lag: Lag | None = None) -> Generator[Shop]:
    """Open a shop, ready for a start, and close it."""
    shop = Shop(path, app or declare(), lag=lag)
    try:
        yield shop
    finally:
        shop.database.close()


def count(path: Path, table: str) -> int:
    """Return the number of rows of a SQL table, from outside."""
    connection = sqlite3.connect(path)
    found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()
    return found
