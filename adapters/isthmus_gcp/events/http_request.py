"""A request to a function, read from its WSGI environment as far as a handler asks."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.envelope import (
    CORRELATION_HEADER,
    TRACEPARENT_HEADER,
    Envelope,
    valid_correlation_id,
    valid_traceparent,
)
from isthmus.errors import BadRequestError, HttpError, PayloadTooLargeError
from isthmus.http.headers import Headers
from isthmus.http.request import HttpRequest

AUTHORIZATION = "HTTP_AUTHORIZATION"
FORWARDED = "HTTP_X_FORWARDED_AUTHORIZATION"
"""Where API Gateway puts the header that the client sent, since it sends a token of its own to the function.

https://cloud.google.com/api-gateway/docs/authenticate-service-account
"""

_BARE = {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length"}
_CHUNKED = "HTTP_TRANSFER_ENCODING"
_PIECE = 64 * 1024
_TORN = "the body ended before it was whole"
_CORRELATION = "HTTP_" + CORRELATION_HEADER.upper().replace("-", "_")
_TRACEPARENT = "HTTP_" + TRACEPARENT_HEADER.upper().replace("-", "_")


class GcpRequest(HttpRequest):
    """A request whose `raw` is Flask's.

    `behind_gateway`: the only caller is API Gateway, and what it says of the client's credentials is true. Anywhere
    else that header is one like all others.
    """

    __slots__ = ("_behind_gateway", "environ")

    _body: bytes | None

    def __init__(self, raw: Any, *, behind_gateway: bool = False) -> None:
        environ = raw.environ
        super().__init__(environ["REQUEST_METHOD"], _path(environ), raw=raw)
        self.environ: dict[str, Any] = environ
        self._behind_gateway = behind_gateway

    def envelope(self) -> Envelope:
        """Return the correlation id and the trace context that came in the headers, if they are valid.

        One that came several times is not taken: the server has joined them by commas.
        """
        environ = self.environ
        return Envelope(
            correlation_id=valid_correlation_id(_once(environ.get(_CORRELATION, ""))),
            traceparent=valid_traceparent(environ.get(_TRACEPARENT, "")),
        )

    def load(self, limit: int) -> None:
        """Read the body now, as long as the connection is this request's; 413 where it is over `limit` bytes (0: any).

        Flask's request keeps it as well. https://cloud.google.com/run/quotas#request_limits (32 MiB) holds in any case.
        """
        announced = self.environ.get("CONTENT_LENGTH")
        if not announced and _CHUNKED not in self.environ:
            self._body = b""
            return
        try:
            self._body = self._told(limit, int(announced)) if announced else self._chunks(limit)
        except HttpError:
            self.drop()
            raise
        except Exception as error:  # a connection that is gone, or chunks that are none: each server tells it otherwise
            self.drop()
            raise BadRequestError(_TORN) from error

    def drop(self) -> None:
        """Read what is still to come of the body, and forget it.

        Google's front wants to have sent a request before it is answered, which is why the framework reads what a
        function has left: but that into memory.
        """
        if self.is_coming:
            from contextlib import suppress

            with suppress(Exception):  # what is broken comes to no end
                while self.raw.stream.read(_PIECE):
                    pass
            self.ignore()

    def ignore(self) -> None:
        """Leave a body to the server, which reads on for a few seconds before it takes the next request."""
        from io import BytesIO

        self.raw.stream = BytesIO()
        self._body = b""

    @property
    def is_coming(self) -> bool:
        """Whether there is a body that has not been read."""
        return self._body is None and ("CONTENT_LENGTH" in self.environ or _CHUNKED in self.environ)

    def _told(self, limit: int, length: int) -> bytes:
        if 0 < limit < length:
            raise _too_large(limit)
        body: bytes = self.raw.get_data()
        if len(body) < length:
            raise BadRequestError(_TORN)
        return body

    def _chunks(self, limit: int) -> bytes:
        from io import BytesIO

        body: bytes = self.raw.stream.read(limit + 1) if limit else self.raw.stream.read()
        if 0 < limit < len(body):
            raise _too_large(limit)
        self.raw.stream = BytesIO(body)
        return body

    def _read_body(self) -> bytes:
        self.load(0)
        return self._body or b""

    def _read_headers(self) -> Headers:
        pairs = [
            (name[5:].replace("_", "-").lower(), value)
            for name, value in self.environ.items()
            if name.startswith("HTTP_")
        ]
        pairs += [(_BARE[name], self.environ[name]) for name in _BARE if self.environ.get(name)]
        return Headers(_from_gateway(pairs) if self._behind_gateway else pairs)

    def _read_content_type(self) -> str:
        return self.environ.get("CONTENT_TYPE") or ""

    def _read_query_string(self) -> str:
        return self.environ.get("QUERY_STRING") or ""

    def _read_host(self) -> str:
        return self.environ.get("HTTP_HOST") or ""

    def _read_scheme(self) -> str:
        return _last(self.environ.get("HTTP_X_FORWARDED_PROTO", "")) or "https"

    def _read_client_ip(self) -> str:
        """Return the last address of `X-Forwarded-For`, which Google's front has added.

        What stands before it anybody may say.
        https://cloud.google.com/functions/docs/reference/headers#x-forwarded-for
        """
        return _last(self.environ.get("HTTP_X_FORWARDED_FOR", ""))


def _last(value: str) -> str:
    return value.rpartition(",")[2].strip()


def _from_gateway(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers as the client sent them: the gateway's own credentials are none of the handler's."""
    kept = [(name, value) for name, value in pairs if name not in ("authorization", "x-forwarded-authorization")]
    return kept + [("authorization", value) for name, value in pairs if name == "x-forwarded-authorization"]


def _path(environ: dict[str, Any]) -> str:
    """Return the path as it was received: gunicorn tells that, and Werkzeug's own server as well."""
    uri = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    path: str = uri.partition("?")[0]
    if path.startswith("/"):
        return path
    if "://" in path:  # a request to a proxy names the whole address
        return "/" + path.partition("://")[2].partition("/")[2]
    from urllib.parse import quote

    return quote(environ.get("PATH_INFO", "/").encode("latin-1"), safe="/!$&'()*+,;=:@~")


def _once(value: str) -> str:
    return "" if "," in value else value


def _too_large(limit: int) -> PayloadTooLargeError:
    return PayloadTooLargeError(f"the body is over the {limit:,} bytes that this api takes")
