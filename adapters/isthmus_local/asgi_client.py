"""Requests to an ASGI app, without a network: what a server on the loopback address would hand it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import unquote_to_bytes

from isthmus.http.response import HttpResponse

AsgiApp: TypeAlias = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]


class RawRequest:
    """A request as it goes over the wire: `target` is path and query, percent-encoded."""

    __slots__ = ("body", "headers", "method", "target")

    def __init__(self, method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body


async def ask(app: AsgiApp, request: RawRequest, *, host: str, port: int) -> HttpResponse:
    """Return the app's answer to `request`, as if it was sent to `host` and `port`."""
    incoming = iter([{"type": "http.request", "body": request.body, "more_body": False}])
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        message = next(incoming, None)
        if message is None:  # the client stays until it has its answer
            await asyncio.get_running_loop().create_future()
        return message or {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(_scope(request, host, port), receive, send)
    return _response(sent, head=request.method == "HEAD")


def _scope(request: RawRequest, host: str, port: int) -> MutableMapping[str, Any]:
    path, _, query = request.target.partition("?")
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
    names = {name for name, _ in headers}
    if b"host" not in names:
        headers.insert(0, (b"host", f"{host}:{port}".encode()))
    if b"content-length" not in names and (request.body or request.method in ("POST", "PUT", "PATCH")):
        headers.append((b"content-length", b"%d" % len(request.body)))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode(errors="replace"),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": (host, port),
    }


def _response(sent: Sequence[MutableMapping[str, Any]], *, head: bool) -> HttpResponse:
    if not sent or sent[0]["type"] != "http.response.start":
        raise AssertionError(f"the gateway did not answer: {sent!r}")
    body = b"".join(message.get("body", b"") for message in sent[1:])
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in sent[0].get("headers", ())]
    return HttpResponse(b"" if head else body, status=sent[0]["status"], headers=headers)
