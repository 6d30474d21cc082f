"""What the tests of stores and clients share: a real database on a real disk, and a transport straight to it."""

from __future__ import annotations

import json
import marshal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from isthmus.declarations.app import App
from isthmus.declarations.resource import Resource
from isthmus.links import Link
from isthmus_local import presign, wire_errors
from isthmus_local.store import buckets, invocations, queues, schedules, secrets, topics
from isthmus_local.store.database import Database, Notice
from isthmus_local.store.objects import Objects

SCHEMA = (buckets.SCHEMA, queues.SCHEMA, schedules.SCHEMA, secrets.SCHEMA, presign.SCHEMA)

OPERATIONS: Mapping[str, tuple[str, str, Callable[..., Any]]] = {
    **buckets.OPERATIONS,
    **presign.OPERATIONS,
    **queues.OPERATIONS,
    **topics.OPERATIONS,
    **secrets.OPERATIONS,
    **invocations.OPERATIONS,
    **schedules.OPERATIONS,
}

NOON = 1_700_000_000.0


class Inline:
    """A loop that runs what it is told at once, on the thread that tells it."""

    def call_soon(self, callback: Callable[..., Any], *args: Any) -> None:
        callback(*args)

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any) -> None:
        callback(*args)


class Desk:
    """One app's store, with a clock that stands still until it is moved; it removes files as the runtime does."""

    def __init__(self, app: App, directory: Path) -> None:
        self.app = app
        self.now = NOON
        self.objects = Objects(directory / "objects")
        self.database = Database(directory / "state.db", SCHEMA, clock=lambda: self.now)
        self.notices: list[Notice] = []
        self.calls: list[tuple[str, str, tuple[Any, ...]]] = []
        self.database.attach(Inline(), self._hear)

    def _hear(self, notices: Sequence[Notice]) -> None:
        self.notices += notices
        for topic, args in notices:
            if topic == "object.removed":
                self.objects.remove(*args)

    def resource(self, name: str) -> Any:
        return next(resource for resource in self.app.resources if resource.name == name)

    def do(self, op: Callable[..., Any], *args: Any) -> Any:
        return self.database.submit(op, *args).result(10)

    def call(self, op: str, resource: str, *args: Any) -> Any:
        """Be the transport of a client: what is not plain does not marshal, and errors lose their tracebacks."""
        args = marshal.loads(marshal.dumps(args, 2))
        self.calls.append((op, resource, args))
        try:
            return marshal.loads(marshal.dumps(self.do(OPERATIONS[op][2], self.resource(resource), *args), 2))
        except Exception as error:
            wire = wire_errors.encode(error)
        raise wire_errors.decode(wire)

    def link(self, name: str, **properties: Any) -> Link:
        declared: Resource = self.resource(name)
        return Link(declared.kind, name, f"shop-test-{name}", declared.verbs, properties)

    def messages(self, queue: str) -> list[queues.StoredMessage]:
        found: list[queues.StoredMessage] = self.do(queues.peek, queue, 1000)
        return found

    def bodies(self, queue: str) -> list[Any]:
        return [json.loads(message.body) for message in self.messages(queue)]

    def files(self) -> list[Path]:
        return sorted(path for path in Path(self.objects.root).rglob("*") if path.is_file())


class BrokenTransport:
    """A transport that loses every answer, after it has passed the question on."""

    def __init__(self, desk: Desk, error: Exception) -> None:
        self._desk = desk
        self._error = error

    def call(self, op: str, resource: str, *args: Any) -> Any:
        self._desk.call(op, resource, *args)
        raise self._error
