"""HTTP/1.1 as uvicorn speaks it with httptools, with limits that it does not have by itself."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from isthmus.envelope import CORRELATION_HEADER, new_id

HEAD_LIMIT = 64 * 1024
"""Bytes of a request's line and headers."""

HEAD_PATIENCE = 10.0
"""Seconds until the headers of a request must be complete, counted from its first byte or the connection's start."""

LINGER = 1.0
"""Seconds in which a client that has been refused may hear of it."""

DISCARD_LIMIT = 64 * 1024 * 1024
"""Bytes of a body that are read and dropped after its request has been refused, so that the client hears the answer."""


class LimitedProtocol(HttpToolsProtocol):
    """Refuses heads that are too large or too slow, and tells every refusal as a problem document."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None
        self._head_size = 0
        self._discarded = 0
        self._is_refusing = False
        self._refused = HTTPStatus.BAD_REQUEST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_PATIENCE, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._settle()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, and see to it that a head among them neither grows nor lasts for ever."""
        if self._is_refusing:
            return
        self._head_size += len(data)
        super().data_received(data)
        scope = cast("Any", self.scope)
        cycle = cast("Any", self.cycle)
        if cycle is None or cycle.scope is not scope:
            self._in_head()
        elif self._timer is not None:
            self._settle()
        else:
            self._head_size = 0

    def on_headers_complete(self) -> None:
        """Refuse a head that came whole, but is too large; otherwise go on."""
        if self._head_size > HEAD_LIMIT and self._size_of_head() > HEAD_LIMIT:
            self._refuse_size()
            raise ValueError("the head of the request is too large")  # ends the parser; `data_received` answers
        upgrade = cast("Any", self.parser).should_upgrade()
        if upgrade and any(name in _ANNOUNCING for name, _ in self.headers):
            self._refused = HTTPStatus.NOT_IMPLEMENTED  # the parser would drop its body
            raise ValueError("a request with a body asks for another protocol")
        super().on_headers_complete()
        if upgrade:  # nothing else is spoken here: it is answered as it stands, and what follows is not read as HTTP
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; of one that nobody wants any more, not without end."""
        if self.cycle.response_complete:
            self._discarded += len(body)
            if self._discarded > DISCARD_LIMIT:
                self.transport.close()
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, or none that we take, and hang up.

        What is still on its way is read and dropped for a moment: to close at once would reset the connection, and the
        client would not hear the answer.
        """
        if self._is_refusing or self.transport.is_closing():
            return
        self._is_refusing = True
        self._settle()
        self._abandon()
        status = self._refused
        correlation_id = new_id()
        document = {
            "type": "about:blank",
            "title": status.phrase,
            "status": int(status),
            "detail": _DETAILS.get(status, "this is not an HTTP request"),
            "correlationId": correlation_id,
        }
        body = json.dumps(document, separators=(",", ":")).encode()
        head = (
            f"HTTP/1.1 {int(status)} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\n{CORRELATION_HEADER}: {correlation_id}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self.loop.call_later(LINGER, self.transport.close)

    def _abandon(self) -> None:
        """Let what is being answered on this connection be for nobody: its answer would come after ours."""
        self.pipeline.clear()
        cycle = cast("Any", self.cycle)
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse_size(self) -> None:
        long_url = len(self.url) > HEAD_LIMIT
        self._refused = HTTPStatus.REQUEST_URI_TOO_LONG if long_url else HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE

    def _in_head(self) -> None:
        if self._head_size > HEAD_LIMIT:
            self._refuse_size()
            self.send_400_response("")
        elif self._timer is None:
            self._timer = self.loop.call_later(HEAD_PATIENCE, self._too_slow)

    def _settle(self) -> None:
        self._head_size = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        self._refused = HTTPStatus.REQUEST_TIMEOUT
        self.send_400_response("")


_ANNOUNCING = (b"content-length", b"transfer-encoding")

_DETAILS = {
    HTTPStatus.NOT_IMPLEMENTED: "this server speaks HTTP/1.1 alone; send the request without Upgrade",
    HTTPStatus.REQUEST_URI_TOO_LONG: f"the address is over {HEAD_LIMIT:,} bytes",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: f"the headers are over {HEAD_LIMIT:,} bytes",
    HTTPStatus.REQUEST_TIMEOUT: f"the headers were not complete after {HEAD_PATIENCE:.0f} s",
}
