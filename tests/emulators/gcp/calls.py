"""HTTP requests as they are: no path is normalised, no redirect followed, no proxy used, nothing tried again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import httpcore

Header = tuple[bytes, bytes]


class Request(NamedTuple):
    """A request: `target` is the path with the query, as it is on the wire; names of headers are in lower case."""

    method: str
    target: bytes
    headers: list[Header]
    body: bytes = b""

    def header(self, name: bytes) -> str:
        """Return the first value of a header; "" where there is none."""
        return next((value.decode("latin-1") for key, value in self.headers if key == name), "")

    @property
    def path(self) -> bytes:
        """The target without the query."""
        return self.target.partition(b"?")[0]


class Answer(NamedTuple):
    """An answer."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()


class UnansweredError(Exception):
    """Nobody answered, or not in time."""


def pool() -> httpcore.AsyncConnectionPool:
    """Return what `send` uses; each request has a connection of its own, as an instance may be gone for the next."""
    return httpcore.AsyncConnectionPool(max_connections=None, max_keepalive_connections=0, retries=0)


async def send(connections: httpcore.AsyncConnectionPool, origin: str, request: Request, timeout: float) -> Answer:
    """Send a request to `http://host:port` and return the answer."""
    scheme, _, host = origin.partition("://")
    name, _, port = host.partition(":")
    url = httpcore.URL(scheme=scheme, host=name, port=int(port or 80), target=request.target)
    given = {name for name, _ in request.headers}
    added = [] if b"host" in given else [(b"host", host.encode())]
    if b"content-length" not in given and (request.body or request.method in ("POST", "PUT", "PATCH")):
        added.append((b"content-length", str(len(request.body)).encode()))
    limits = {"connect": 10.0, "read": timeout, "write": timeout, "pool": timeout}
    try:
        answer = await connections.request(
            request.method,
            url,
            headers=[*added, *request.headers],
            content=request.body,
            extensions={"timeout": limits},
        )
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise UnansweredError(f"{request.method} {origin}: {type(error).__name__} {error}") from error
    return Answer(answer.status, answer.content, tuple((key.lower(), value) for key, value in answer.headers))


def post(target: str, headers: Iterable[tuple[str, str]], body: bytes) -> Request:
    """Return a POST request."""
    pairs = [(name.lower().encode("latin-1"), value.encode()) for name, value in headers]
    return Request("POST", target.encode(), pairs, body)


def split(url: str) -> tuple[str, str]:
    """Return the origin and the target of a URL."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}", f"{slash}{path}" if slash else "/"
