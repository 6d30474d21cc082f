"""The handler that is measured, in the process of the HTTP server: nothing isolates it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks import handlers
from isthmus.context import Context
from isthmus.envelope import new_id
from isthmus.handler import Handler
from isthmus.http import serving
from isthmus.http.router import Router
from isthmus_local.events.http import HttpCodec, encode_response

ROUTER = Router([("GET", "/users/{id}", Handler(handlers.get_user)), ("POST", "/orders", Handler(handlers.create))])
CODEC = HttpCodec()


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer one request."""
    if scope["type"] != "http":
        return
    body = b""
    more = scope["method"] != "GET"
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    path = scope["raw_path"].decode("latin-1")
    handler, parameters = ROUTER.match(scope["method"], path)
    frame = (scope["method"], path, scope["query_string"], scope["headers"], body, parameters, "127.0.0.1", new_id())
    request = CODEC.decode(frame)
    response = serving.http(handler, request, Context(request_id=frame[7], deadline=time.time() + 30))
    status, headers, content = encode_response(response, head=False)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
