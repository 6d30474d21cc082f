"""The cloud at an HTTP port: requests come through uvicorn as they are on the wire."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from tests.emulators.gcp.calls import Answer, Request
from tests.emulators.gcp.cloud import Cloud
from tests.emulators.gcp.parted import Parts
from tests.emulators.gcp.tokens import Tokens


@asynccontextmanager
async def served(parts: Parts, tokens: Tokens) -> AsyncGenerator[tuple[Cloud, str]]:
    """Serve a cloud on a free port of the loopback; yield it and its `host:port`."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        cloud = Cloud(parts, tokens, address)
        server = uvicorn.Server(
            uvicorn.Config(
                _application(cloud),
                lifespan="off",
                log_level="warning",
                access_log=False,
                http="httptools",
                ws="none",
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )
        running = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            yield cloud, address
        finally:
            await cloud.stop()
            server.should_exit = True
            await running


def _application(cloud: Cloud) -> Any:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        request = await _request(scope, receive)
        answer = await cloud.answer(request, scope["client"][0])
        await _send(answer, send)

    return application


async def _request(scope: Any, receive: Any) -> Request:
    body: list[bytes] = []
    more = True
    while more:
        message = await receive()
        body.append(message.get("body", b""))
        more = message.get("more_body", False)
    query = scope["query_string"]
    target = scope["raw_path"] + (b"?" + query if query else b"")
    return Request(scope["method"], target, list(scope["headers"]), b"".join(body))


async def _send(answer: Answer, send: Any) -> None:
    headers = [(name, value) for name, value in answer.headers if name != b"content-length"]
    if answer.status not in (204, 304):
        headers.append((b"content-length", _length(answer)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _length(answer: Answer) -> bytes:
    """Return the length that the answer has, or of the answer to a HEAD request would have."""
    told = next((value for name, value in answer.headers if name == b"content-length"), b"")
    return told if told and not answer.body else str(len(answer.body)).encode()
