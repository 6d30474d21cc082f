"""The control door: `POST /VERB` with a JSON body, answered with JSON; `process.Firestore` has a method for each verb.

A refusal is answered with 400 and `{"status": …, "message": …}`.
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Awaitable, Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.emulators.gcp.firestore.databases import Databases
from tests.emulators.gcp.firestore.event_data import encode
from tests.emulators.gcp.firestore.feed import Change, Feed
from tests.emulators.gcp.firestore.indexes import FieldConfiguration
from tests.emulators.gcp.firestore.refusals import RefusalError, invalid, not_found
from tests.emulators.gcp.firestore.upkeep import sweep

Answer = dict[str, Any]
Verb = Callable[..., Awaitable[Answer]]


class Control:
    """The verbs of the control door; all run in the event loop of the server."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases

    async def create_database(self, database: str, *, delete_protection: bool = False) -> Answer:
        """Create a database."""
        self._databases.create(database, delete_protection=delete_protection)
        return {}

    async def update_database(self, database: str, *, delete_protection: bool) -> Answer:
        """Change whether a database is protected."""
        self._databases.of(database).delete_protection = delete_protection
        return {}

    async def delete_database(self, database: str) -> Answer:
        """Delete a database with all that is in it."""
        self._databases.delete(database)
        return {}

    async def databases(self) -> Answer:
        """Return the names of all databases."""
        return {"databases": [database.name for database in self._databases.all()]}

    async def create_index(self, database: str, collection: str, scope: str, fields: list[list[str]]) -> Answer:
        """Create a composite index."""
        pairs = [(path, mode) for path, mode in fields]
        return {"index": self._databases.of(database).indexes.create(collection, scope, pairs)}

    async def delete_index(self, database: str, index: str) -> Answer:
        """Delete a composite index."""
        self._databases.of(database).indexes.delete(index)
        return {}

    async def indexes(self, database: str) -> Answer:
        """Return the composite indexes."""
        found = self._databases.of(database).indexes.composites().items()
        return {
            "indexes": [
                {"index": name, "collection": index.collection_id, "scope": index.scope, "fields": index.fields}
                for name, index in found
            ]
        }

    async def set_field(
        self,
        database: str,
        collection: str,
        path: str,
        *,
        single: list[list[str]] | None = None,
        ttl: bool = False,
        ttl_offset: float = 0,
    ) -> Answer:
        """Configure a field."""
        modes = None if single is None else frozenset((scope, mode) for scope, mode in single)
        self._databases.of(database).indexes.configure(collection, path, FieldConfiguration(modes, ttl, ttl_offset))
        return {}

    async def delete_field(self, database: str, collection: str, path: str) -> Answer:
        """Forget a field's configuration."""
        self._databases.of(database).indexes.restore(collection, path)
        return {}

    async def subscribe(self, database: str, subscription: str) -> Answer:
        """Keep a database's changes from now on."""
        self._databases.of(database).feed.subscribe(subscription)
        return {}

    async def unsubscribe(self, database: str, subscription: str) -> Answer:
        """Forget a subscription."""
        self._databases.of(database).feed.unsubscribe(subscription)
        return {}

    async def changes(self, database: str, subscription: str, *, most: int = 100, wait: float = 0) -> Answer:
        """Return the oldest changes that are not acknowledged."""
        feed = self._feed(database, subscription)
        return {"changes": [_described(database, change) for change in await feed.changes(subscription, most, wait)]}

    async def acknowledge(self, database: str, subscription: str, ids: list[str]) -> Answer:
        """Forget changes that were dealt with."""
        self._feed(database, subscription).acknowledge(subscription, ids)
        return {}

    async def sweep(self) -> Answer:
        """Delete at once what has expired."""
        return {"deleted": await sweep(self._databases)}

    async def contend(self, database: str, *, commits: int = 0, reads: int = 0) -> Answer:
        """Answer so many of the next commits, and of the next reads in transactions, with ABORTED."""
        self._databases.of(database).contention.update(commits=commits, reads=reads)
        return {}

    async def clear(self, database: str) -> Answer:
        """Forget a database's documents."""
        self._databases.of(database).clear()
        return {}

    async def reset(self) -> Answer:
        """Forget all databases."""
        self._databases.reset()
        return {}

    def _feed(self, database: str, subscription: str) -> Feed:
        feed = self._databases.of(database).feed
        if subscription not in feed.subscriptions():
            raise not_found(f"There is no subscription {subscription}.")
        return feed

    def verb(self, name: str) -> Verb:
        """Return the verb of a name."""
        if name.startswith("_") or name == "verb" or not hasattr(self, name):
            raise invalid(f'There is no verb "{name}".')
        found: Verb = getattr(self, name)
        return found


def serve(control: Control, port: int) -> int:
    """Answer on a port of the loopback from threads of its own, 0 for a free one; return the port."""
    loop = asyncio.get_running_loop()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length") or "0"
            text = self.rfile.read(int(length)) if length.isdecimal() else b"?"
            status, answer = _answered(control, loop, self.path, text)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Write nothing: the process prints its address alone."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_address[1])


def _answered(control: Control, loop: asyncio.AbstractEventLoop, path: str, text: bytes) -> tuple[int, Answer]:
    try:
        body = json.loads(text or b"{}")
        return 200, asyncio.run_coroutine_threadsafe(_call(control, path, body), loop).result()
    except RefusalError as refusal:
        return 400, {"status": refusal.code.name, "message": refusal.message}
    except (TypeError, ValueError) as error:
        return 400, {"status": "INVALID_ARGUMENT", "message": str(error)}


async def _call(control: Control, path: str, body: dict[str, Any]) -> Answer:
    return await control.verb(path.strip("/"))(**body)


def _described(database: str, change: Change) -> Answer:
    return {
        "id": change.identity,
        "kind": change.kind,
        "database": database,
        "document": change.document.split("/documents/", 1)[1],
        "time": change.at,
        "is_by_system": change.is_by_system,
        "data": base64.b64encode(encode(change)).decode(),
    }
