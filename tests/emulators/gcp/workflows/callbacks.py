"""Callbacks of an execution.

- `events.create_callback_endpoint` makes an address that takes one HTTP method; `events.await_callback` waits for a
  request to it, or raises `TimeoutError`. What it returns has `http_request` with `body`, `headers`, `method`,
  `query` and `url`, besides `received_time` and `type`.
- A request is kept until it is awaited; while one is, another is answered 429. One to an address that is not there, or
  whose execution is over, 404. https://cloud.google.com/workflows/docs/creating-callback-endpoints
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from tests.emulators.gcp.workflows.failures import failure
from tests.emulators.gcp.workflows.http_calls import HttpResponse, answer
from tests.emulators.gcp.workflows.library.function import text
from tests.emulators.gcp.workflows.loop import Loop, Resume, Waiting
from tests.emulators.gcp.workflows.values import is_map

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


@dataclass(slots=True)
class Endpoint:
    """An address, what has come to it, and who waits for that."""

    identifier: str
    method: str
    url: str
    received: deque[dict[str, Any]] = field(default_factory=deque[dict[str, Any]])
    waiting: deque[Resume] = field(default_factory=deque[Resume])


class Callbacks:
    """The addresses of an execution; `base` is where they begin. `receive` may be called by any thread."""

    def __init__(self, loop: Loop, base: str) -> None:
        self._loop = loop
        self._base = base
        self._endpoints: dict[str, Endpoint] = {}

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All addresses."""
        return tuple(self._endpoints.values())

    def create(self, method: Any) -> dict[str, Any]:
        """Make an address, and return what a workflow knows of it."""
        if text("http_callback_method", method) not in METHODS:
            raise failure("ValueError", f"unknown method of a callback: {method!r}")
        identifier = secrets.token_hex(16)
        endpoint = Endpoint(identifier, method, f"{self._base}/callbacks/{identifier}")
        self._endpoints[identifier] = endpoint
        return {"url": endpoint.url}

    async def wait(self, callback: Any, timeout: Any) -> dict[str, Any]:
        """Wait for a request to an address."""
        endpoint = self._of(callback)
        if type(timeout) not in (int, float) or timeout < 0:
            raise failure("ValueError" if type(timeout) in (int, float) else "TypeError", "invalid timeout")
        received = endpoint.received.popleft() if endpoint.received else await self._next(endpoint, float(timeout))
        if received is None:
            raise failure("TimeoutError", f"no callback was received in {timeout} seconds")
        return received

    def receive(self, identifier: str, method: str, query: str, headers: Mapping[str, str], body: bytes) -> int:
        """Take a request, and return the status that it is answered with."""
        endpoint = self._endpoints.get(identifier)
        if endpoint is None or endpoint.method != method:
            return 404
        if endpoint.received:
            return 429
        received = self._received(endpoint, query, headers, body)
        self._loop.post(lambda: _take(endpoint, received))
        return 200

    def send(
        self, url: str, body: bytes = b"", *, method: str = "POST", after: float = 0.0, media: str = "application/json"
    ) -> None:
        """Send a request, from a test, after so many seconds of virtual time; `media` is its `Content-Type`."""

        def arrive() -> None:
            self.receive(url.rpartition("/")[2], method, "", {"content-type": media}, body)

        self._loop.at(self._loop.clock.now() + after, arrive)

    def _of(self, callback: Any) -> Endpoint:
        url = callback.get("url") if is_map(callback) else None
        if not isinstance(url, str):
            raise failure("TypeError", "callback must be a map with the url of a callback")
        endpoint = self._endpoints.get(url.rpartition("/")[2])
        if endpoint is None:
            raise failure("ValueError", f"no callback of this execution: {url}")
        return endpoint

    def _next(self, endpoint: Endpoint, timeout: float) -> Awaitable[dict[str, Any] | None]:
        def arrange(loop: Loop, resume: Resume) -> None:
            def done(received: dict[str, Any] | None) -> None:
                if done in endpoint.waiting:
                    endpoint.waiting.remove(done)
                    resume(received)

            endpoint.waiting.append(done)
            loop.at(loop.clock.now() + timeout, lambda: done(None))

        return Waiting(arrange)

    def _received(self, endpoint: Endpoint, query: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        told = answer(HttpResponse(200, body, headers))
        asked = {key: value for key, value in told.items() if key != "code"}
        asked |= {"method": endpoint.method, "query": dict(parse_qsl(query)), "url": endpoint.url}
        at = datetime.fromtimestamp(self._loop.clock.now(), UTC).isoformat().replace("+00:00", "Z")
        return {"http_request": asked, "received_time": at, "type": "HTTP"}


def _take(endpoint: Endpoint, received: dict[str, Any]) -> None:
    if endpoint.waiting:
        endpoint.waiting[0](received)
    else:
        endpoint.received.append(received)
