"""What the tests of the object endpoint share: the endpoint over a real store, asked directly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from isthmus.declarations.app import App
from isthmus_local import presign
from isthmus_local.object_endpoint import ObjectEndpoint
from isthmus_local.store import buckets
from tests.local.desk import Desk

ORIGIN = "http://127.0.0.1:4000"
HTML = b"<script>alert(1)</script>"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    def detail(self) -> str:
        assert self.headers["content-type"] == "application/problem+json"
        problem = json.loads(self.body)
        assert problem["status"] == self.status
        detail: str = problem["detail"]
        return detail


class Bench:
    """An endpoint over a real store, asked directly."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.raw_paths = True
        self.files = desk.resource("Files")
        self.endpoint = ObjectEndpoint(
            secret=desk.do(presign.settle, ORIGIN),
            database=desk.database,
            objects=desk.objects,
            buckets={"Files": self.files},
            clock=lambda: desk.now,
        )

    def store(self, key: str, body: bytes, content_type: str = "text/html") -> None:
        with self.desk.objects.begin("Files") as upload:
            upload.write(body)
            upload.finish()
        self.desk.do(buckets.put, self.files, key, upload.file, upload.size, upload.etag, content_type, {}, False)

    def get_address(self, key: str) -> str:
        address: str = self.desk.call("bucket.presign_get", "Files", key, 60)
        return address

    def put_address(self, key: str, content_type: str | None = None) -> str:
        address: str = self.desk.call("bucket.presign_put", "Files", key, 60, content_type)
        return address

    def ask(
        self,
        method: str,
        address: str,
        *,
        headers: dict[str, str] | Sequence[tuple[str, str]] = (),
        events: Sequence[dict[str, Any]] = ({"type": "http.request", "body": b"", "more_body": False},),
    ) -> Answer:
        sent = asyncio.run(self.exchange(method, address, headers, events))
        assert sent[0]["type"] == "http.response.start"
        assert not sent[-1].get("more_body", False)
        fields = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        assert len(fields) == len(sent[0]["headers"])
        return Answer(sent[0]["status"], fields, b"".join(message["body"] for message in sent[1:]))

    async def exchange(
        self,
        method: str,
        address: str,
        headers: dict[str, str] | Sequence[tuple[str, str]],
        events: Sequence[dict[str, Any]],
    ) -> list[Any]:
        parts = urlsplit(address)
        pending = list(events)
        sent: list[Any] = []

        async def receive() -> Any:
            return pending.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        pairs = headers.items() if isinstance(headers, dict) else headers
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(parts.path),
            **({"raw_path": parts.path.encode()} if self.raw_paths else {}),
            "query_string": parts.query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in pairs],
        }
        await self.endpoint(scope, receive, send)
        return sent

    def put(self, address: str, *chunks: bytes, **headers: str) -> Answer:
        events = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        end = {"type": "http.request", "body": b"", "more_body": False}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("PUT", address, headers=given, events=[*events, end])

    def head(self, key: str) -> Any:
        return self.desk.do(buckets.head, self.files, key)


@contextmanager
def opened(directory: Path) -> Generator[Bench]:
    app = App("shop")
    app.bucket("Files").subscribe("functions.files.stored")
    desk = Desk(app, directory)
    try:
        yield Bench(desk)
    finally:
        desk.database.close()
