"""HTTP requests, as the gateway hands them to a worker."""

from __future__ import annotations

from isthmus._typing import Any, TypeAlias
from isthmus.http.headers import CONNECTION_HEADERS, Headers
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse

RequestFrame: TypeAlias = "tuple[str, str, bytes, list[tuple[bytes, bytes]], bytes, dict[str, str], str, str]"
"""Method, path as received, query string, headers, body, path parameters, client's address, request id."""

ResponseFrame: TypeAlias = "tuple[int, list[tuple[bytes, bytes]], bytes]"
"""Status, headers and body."""


class LocalRequest(HttpRequest):
    """A request whose headers are decoded when they are first read."""

    __slots__ = ()

    raw: RequestFrame

    def __init__(self, raw: RequestFrame) -> None:
        super().__init__(raw[0], raw[1], params=raw[5], raw=raw)

    def _read_query_string(self) -> str:
        return self.raw[2].decode("latin-1")

    def _read_headers(self) -> Headers:
        return Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.raw[3]])

    def _read_body(self) -> bytes:
        return self.raw[4]

    def _read_client_ip(self) -> str:
        return self.raw[6]

    def _read_scheme(self) -> str:
        return "http"


class HttpCodec:
    """Requests and responses."""

    __slots__ = ()

    def decode(self, raw: Any, /) -> HttpRequest:
        """Return the request of a frame."""
        return LocalRequest(raw)

    def encode(self, result: Any, /) -> ResponseFrame:
        """Return status, headers and body of a response."""
        return encode_response(result, head=False)


def encode_response(response: HttpResponse, *, head: bool) -> ResponseFrame:
    """Return status, headers and body of a response; the answer to HEAD keeps the length it was given."""
    headers: list[tuple[bytes, bytes]] = []
    length = b"%d" % len(response.body)
    for name, value in response.wire_headers():
        folded = name.lower()
        if folded not in CONNECTION_HEADERS:
            headers.append((folded.encode("latin-1"), value.encode("latin-1")))
        elif head and folded == "content-length" and value.isdecimal():
            length = value.encode("latin-1")
    if response.status not in {204, 304}:
        headers.append((b"content-length", length))
    return int(response.status), headers, bytes(response.body)
