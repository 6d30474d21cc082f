"""The HTTP side of presigned addresses: an ASGI app that the gateway mounts at `presign.PATH`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from email.utils import formatdate
from typing import Any, BinaryIO, TypeAlias
from urllib.parse import quote, unquote

from isthmus.declarations.bucket import Bucket
from isthmus.errors import (
    BadRequestError,
    HttpError,
    InvalidValueError,
    IsthmusError,
    MethodNotAllowedError,
    NotFoundError,
    PayloadTooLargeError,
    ServiceError,
)
from isthmus.object_info import checked_content_type
from isthmus_local import presign
from isthmus_local.byte_range import UNSATISFIABLE, byte_range
from isthmus_local.store import buckets
from isthmus_local.store.database import Database
from isthmus_local.store.objects import CHUNK, OBJECT_LIMIT, Objects

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

_INERT: Headers = [
    (b"content-disposition", b"attachment"),  # what somebody uploaded must never run as a page of this origin
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"cache-control", b"private, no-cache"),
]


BODY_PATIENCE = 30.0
"""Seconds to wait for the next piece of a body."""


class _GoneError(Exception):
    """The client hung up in the middle of its request: nobody is there to be answered."""


class ObjectEndpoint:
    """Answers GET, HEAD and PUT of presigned addresses; `secret` is what `presign.settle` returned."""

    def __init__(
        self,
        *,
        secret: bytes,
        database: Database,
        objects: Objects,
        buckets: Mapping[str, Bucket],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._secret = secret
        self._database = database
        self._objects = objects
        self._buckets = buckets
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a refusal is a problem document."""
        try:
            bucket, key = self._admit(scope)
            if scope["method"] == "PUT":
                await self._put(scope, receive, send, bucket, key)
            else:
                await self._get(scope, send, bucket, key)
        except _GoneError:
            return
        except HttpError as error:
            await _refuse(send, error)
        except IsthmusError as error:
            await _refuse(send, _http(error))

    def _admit(self, scope: Scope) -> tuple[Bucket, str]:
        """Return what an allowed request is about; the signature is checked before anything is told of a bucket."""
        method: str = scope["method"]
        if method not in {"GET", "HEAD", "PUT"}:
            raise MethodNotAllowedError(("GET", "HEAD", "PUT"))
        name, key = _target(scope)
        content_type = _header(scope, b"content-type") if method == "PUT" else ""
        query = scope["query_string"].decode("latin-1")
        presign.verify(self._secret, presign.Request(method, name, key, query, content_type), self._clock())
        bucket = self._buckets.get(name)
        if bucket is None:
            raise NotFoundError(f"there is no bucket {name!r}")
        return bucket, key

    async def _get(self, scope: Scope, send: Send, bucket: Bucket, key: str) -> None:
        stream, row = await self._open(bucket, key)
        with stream:
            _, size, etag, content_type, modified, _ = row
            asked = _header(scope, b"range")
            if (match := _header(scope, b"if-range")) and match != f'"{etag}"':
                asked = ""
            part = byte_range(asked, size)
            headers: Headers = [
                *_INERT,
                (b"content-type", content_type.encode()),
                (b"etag", f'"{etag}"'.encode()),
                (b"last-modified", formatdate(modified, usegmt=True).encode()),
                (b"accept-ranges", b"bytes"),
            ]
            if part == UNSATISFIABLE:
                headers.append((b"content-range", f"bytes */{size}".encode()))
                await _answer(send, 416, headers)
                return
            first, length = part or (0, size)
            if part is not None:
                headers.append((b"content-range", f"bytes {first}-{first + length - 1}/{size}".encode()))
            headers.append((b"content-length", str(length).encode()))
            await send({"type": "http.response.start", "status": 206 if part is not None else 200, "headers": headers})
            await _stream(send, stream, first, 0 if scope["method"] == "HEAD" else length)

    async def _open(self, bucket: Bucket, key: str) -> tuple[BinaryIO, buckets.Row]:
        missing = None
        while (found := await self._submit(buckets.read, bucket, key)) is not None:
            try:
                return self._objects.open(bucket.name, found[0]), found[1]
            except FileNotFoundError as error:  # overwritten or deleted since the answer: ask again
                if found[0] == missing:
                    raise ServiceError(f"the file of object {key!r} in bucket {bucket.name!r} is gone") from error
                missing = found[0]
        raise NotFoundError(f"bucket {bucket.name!r} holds no object {key!r}")

    async def _put(self, scope: Scope, receive: Receive, send: Send, bucket: Bucket, key: str) -> None:
        content_type = checked_content_type(_header(scope, b"content-type") or "application/octet-stream")
        declared = _declared_length(scope)
        with self._objects.begin(bucket.name) as upload:
            async for chunk in _body(receive):
                if upload.size + len(chunk) > OBJECT_LIMIT:
                    raise PayloadTooLargeError(f"an object is at most {OBJECT_LIMIT:,} bytes")
                await asyncio.to_thread(upload.write, chunk)
            if declared is not None and upload.size != declared:
                raise BadRequestError(f"content-length said {declared:,} bytes, and {upload.size:,} came")
            await asyncio.to_thread(upload.finish)
        # If this fails, the row may be there or not: the file stays, and the sweep at the next start decides.
        await self._submit(buckets.put, bucket, key, upload.file, upload.size, upload.etag, content_type, {}, False)
        await _answer(send, 200, [(b"etag", f'"{upload.etag}"'.encode()), (b"content-length", b"0")])

    async def _submit(self, op: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.wrap_future(self._database.submit(op, *args))


def _target(scope: Scope) -> tuple[str, str]:
    """Return the bucket and the key of a path, from its raw form where the server has one."""
    raw: bytes | None = scope.get("raw_path")
    path = raw.decode("latin-1") if raw is not None else quote(scope["path"])
    bucket, slash, key = path.removeprefix(presign.PATH).partition("/")
    if not path.startswith(presign.PATH) or not bucket or not slash or not key:
        raise NotFoundError("an object's address is a bucket and a key")
    try:
        return unquote(bucket, errors="strict"), unquote(key, errors="strict")
    except UnicodeDecodeError as error:
        raise BadRequestError("the key in this address is not UTF-8") from error


def _header(scope: Scope, name: bytes) -> str:
    values = [value.decode("latin-1").strip() for header, value in scope["headers"] if header == name]
    if len(values) > 1:
        raise BadRequestError(f"the header {name.decode()} is there twice")
    return values[0] if values else ""


def _declared_length(scope: Scope) -> int | None:
    text = _header(scope, b"content-length")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadRequestError("content-length is not a number")
    if int(text) > OBJECT_LIMIT:
        raise PayloadTooLargeError(f"an object is at most {OBJECT_LIMIT:,} bytes")
    return int(text)


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    """Yield a request's body in pieces of about a megabyte, as each costs a thread's turn."""
    gathered = bytearray()
    more = True
    while more:
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                message = await receive()
        except TimeoutError:
            late = f"nothing came of the body for {BODY_PATIENCE:.0f} s"
            raise HttpError(late, status=408, title="Request Timeout", headers={"connection": "close"}) from None
        if message["type"] == "http.disconnect":
            raise _GoneError
        gathered += message.get("body", b"")
        more = message.get("more_body", False)
        if len(gathered) >= CHUNK or not more:
            yield bytes(gathered)
            gathered.clear()


async def _stream(send: Send, stream: BinaryIO, first: int, length: int) -> None:
    stream.seek(first)
    while length > 0 and (chunk := await asyncio.to_thread(stream.read, min(CHUNK, length))):
        length -= len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _answer(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse(send: Send, error: HttpError) -> None:
    problem = {"type": "about:blank", "title": error.title, "status": error.status, "detail": error.detail}
    body = json.dumps(problem).encode()
    headers: Headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        *((name.encode(), value.encode()) for name, value in error.headers.items()),
    ]
    with contextlib.suppress(OSError):  # the client may be gone
        await _answer(send, error.status, headers, body)


def _http(error: IsthmusError) -> HttpError:
    if isinstance(error, InvalidValueError):
        return BadRequestError(str(error))
    return HttpError("the object store could not answer", status=503, title="Service Unavailable")
