"""The HTTP gateway of one api: an ASGI app that refuses what is malformed and hands the rest to its function."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

from isthmus.declarations.api import Api
from isthmus.envelope import CORRELATION_HEADER, valid_correlation_id
from isthmus.errors import (
    BadRequestError,
    ForbiddenError,
    HttpError,
    MethodNotAllowedError,
    NotFoundError,
    PayloadTooLargeError,
)
from isthmus.http.problem import problem_response
from isthmus.http.response import HttpResponse
from isthmus.http.router import Router
from isthmus_local.cross_origin import CrossOrigin
from isthmus_local.events.http import ResponseFrame, encode_response
from isthmus_local.executor import BusyError, ExecutionError, Executor

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
RawHeaders: TypeAlias = "list[tuple[bytes, bytes]]"

OWN = "/_isthmus/"
"""Where the gateway's own addresses are."""

HEALTH = "/_isthmus/health"

PATH_LIMIT = 8 * 1024
"""Bytes of a path, over which it is refused."""

BODY_PATIENCE = 30.0
"""Seconds to wait for the next piece of a body."""

_BODILESS = frozenset(("GET", "HEAD", "OPTIONS", "DELETE"))  # they may have a body, but then say so
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "[::1]"))


class _GoneError(Exception):
    """The client hung up in the middle of its request: nobody is there to be answered."""


class Gateway:
    """Serves `api` with `executor`; `mounts` maps a prefix below `/_isthmus/` to the ASGI app that answers there."""

    def __init__(self, api: Api, executor: Executor, *, mounts: Mapping[str, AsgiApp] | None = None) -> None:
        self._executor = executor
        self._router = Router((route.method, route.path, route.function.name) for route in api.routes)
        self._limit = api.body_limit
        self._cors = CrossOrigin(api.cors)
        self._mounts = dict(mounts or {})
        self._hosts: dict[bytes, bool] = {}
        self._prefix = os.urandom(8).hex()
        self._numbers = itertools.count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"the gateway speaks HTTP alone, not {scope['type']}")
        try:
            status, headers, body = await self._answer(scope, receive, send)
        except _GoneError:
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> ResponseFrame:
        id = f"{self._prefix}{next(self._numbers):08x}"
        try:
            self._check(scope)
            path = scope["raw_path"].decode("latin-1")
            if path.startswith(OWN):
                return await self._own(path, scope, receive, send)
            if scope["method"] == "OPTIONS" and self._cors.is_preflight(scope["headers"]):
                return self._cors.preflight(path, scope["headers"])
            answer = await self._handle(path, scope, receive, id)
        except HttpError as error:
            answer = self._problem(error, scope, id)
        except ExecutionError as error:
            answer = self._problem(_refusal(error), scope, id)
        except _GoneError:
            raise
        except Exception as error:  # a fault of ours: the client is told nothing of it, and does not wait
            logging.getLogger("isthmus").exception("request %s failed in the server: %s", id, type(error).__name__)
            answer = self._problem(HttpError(), scope, id)
        return self._cors.apply(scope["headers"], answer) if self._cors.rules else answer

    def _check(self, scope: Scope) -> None:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1:
            raise BadRequestError(f"a request has one Host header, not {len(hosts)}")
        if not self._is_ours(hosts[0]):
            raise ForbiddenError("this server answers to localhost alone; its name in the Host header is another")
        if len(scope["raw_path"]) > PATH_LIMIT:
            raise HttpError(f"the path is over {PATH_LIMIT:,} bytes", status=414, title="URI Too Long")

    def _is_ours(self, host: bytes) -> bool:
        known = self._hosts.get(host)
        if known is None:
            known = is_loopback(host.decode("latin-1"))
            if len(self._hosts) < 100:  # whatever somebody sends, this stays small
                self._hosts[host] = known
        return known

    async def _own(self, path: str, scope: Scope, receive: Receive, send: Send) -> ResponseFrame:
        """Answer for the gateway itself: no page of another origin may use these addresses."""
        origins = [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
        if not all(is_own_origin(origin) for origin in origins):
            raise ForbiddenError("pages of another origin may not use this address")
        if path == HEALTH:
            if scope["method"] not in ("GET", "HEAD"):
                raise MethodNotAllowedError(("GET", "HEAD"))
            return encode_response(HttpResponse.json({"status": "ok"}), head=scope["method"] == "HEAD")
        for prefix, app in self._mounts.items():
            if path.startswith(prefix):
                await app(scope, receive, send)
                raise _GoneError  # it has answered by itself
        raise NotFoundError("there is nothing at this address")

    async def _handle(self, path: str, scope: Scope, receive: Receive, id: str) -> ResponseFrame:
        method: str = scope["method"]
        headers: RawHeaders = scope["headers"]
        try:
            function, params = self._router.match(method, path)
        except MethodNotAllowedError:
            if method != "OPTIONS":
                raise
            allowed = ", ".join(self._router.allowed(path))
            return encode_response(HttpResponse.empty(headers={"allow": allowed}), head=False)
        body = await self._body(method, headers, receive)
        client = scope["client"][0] if scope.get("client") else ""
        request = (method, path, scope["query_string"], headers, body, params, client, id)
        return await self._executor.http(function, request)

    async def _body(self, method: str, headers: RawHeaders, receive: Receive) -> bytes:
        if method in _BODILESS and not any(name in _ANNOUNCING for name, _ in headers):
            return b""
        announced = next((value for name, value in headers if name == b"content-length"), b"")
        if announced.isdigit() and int(announced) > self._limit:
            raise self._too_large()
        message = await self._next(receive)
        if not message.get("more_body") and message["type"] == "http.request":
            return self._whole([message["body"]])
        return await self._rest(message, receive)

    async def _rest(self, message: MutableMapping[str, Any], receive: Receive) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            if message["type"] == "http.disconnect":
                raise _GoneError
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._limit:
                raise self._too_large()
            if not message.get("more_body"):
                return b"".join(parts)
            message = await self._next(receive)

    @staticmethod
    async def _next(receive: Receive) -> MutableMapping[str, Any]:
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                return await receive()
        except TimeoutError:
            raise HttpError(
                f"nothing came of the body for {BODY_PATIENCE:.0f} s",
                status=_LATE,
                title="Request Timeout",
            ) from None

    def _whole(self, parts: list[bytes]) -> bytes:
        body = b"".join(parts)
        if len(body) > self._limit:
            raise self._too_large()
        return body

    def _too_large(self) -> PayloadTooLargeError:
        return PayloadTooLargeError(f"the body is over the {self._limit:,} bytes that this api takes")

    @staticmethod
    def _problem(error: HttpError, scope: Scope, id: str) -> ResponseFrame:
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == _CORRELATION]
        correlation_id = (valid_correlation_id(given[0]) if len(given) == 1 else "") or id
        response = problem_response(error, correlation_id=correlation_id)
        response.headers.set(CORRELATION_HEADER, correlation_id)
        status, headers, body = encode_response(response, head=scope["method"] == "HEAD")
        if error.status == _LATE:  # what is still to come of its body would be read as the next request
            headers.append((b"connection", b"close"))
        return status, headers, body


_LATE = 408
_ANNOUNCING = (b"content-length", b"transfer-encoding")
_CORRELATION = CORRELATION_HEADER.encode()


def _refusal(error: ExecutionError) -> HttpError:
    """Return what the client is told: what kind of failure, and nothing of the reason, which may be a traceback."""
    headers = {"retry-after": str(error.retry_after)} if isinstance(error, BusyError) else {}
    return HttpError(error.told, status=error.status, title=error.title, headers=headers)


def is_loopback(host: str) -> bool:
    """Tell whether a Host header names this machine by a name that only this machine can have given it."""
    name, colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not colon:
        name = host
    elif not port.isdecimal():
        return False
    name = name.lower()
    return name in _LOOPBACK or name.endswith(".localhost")


def is_own_origin(origin: str) -> bool:
    """Tell whether an Origin header names a page of this machine."""
    scheme, found, host = origin.partition("://")
    return bool(found) and scheme in ("http", "https") and is_loopback(host)
