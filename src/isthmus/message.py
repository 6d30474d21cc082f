"""A message, as a queue, a topic or a stream delivers it to a handler."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.errors import BadEventError
from isthmus.payload import loads


class Message:
    """One message: `body` as bytes, `attributes` as text; a handler that raises fails this message alone.

    `source` is the declared name of the queue, topic or stream; `attempt` counts deliveries from 1 (approximately on
    providers that count so); `sent_at` is seconds since the epoch; `group` is the ordering key, or None;
    `sequence` is a stream position, or None; `raw` is the provider's own record.

    A provider's adapter may leave the body out, derive from this class and override `_read_body`, which is called when
    the body is first asked for.
    """

    __slots__ = ("_body", "attempt", "attributes", "group", "id", "raw", "sent_at", "sequence", "source")

    def __init__(
        self,
        body: bytes | None,
        *,
        id: str = "",
        attributes: Mapping[str, str] | None = None,
        source: str = "",
        attempt: int = 1,
        sent_at: float = 0.0,
        group: str | None = None,
        sequence: str | None = None,
        raw: Any = None,
    ) -> None:
        self._body = body
        self.id = id
        self.attributes: Mapping[str, str] = attributes if attributes is not None else {}
        self.source = source
        self.attempt = attempt
        self.sent_at = sent_at
        self.group = group
        self.sequence = sequence
        self.raw = raw

    def _read_body(self) -> bytes:
        return b""

    @property
    def body(self) -> bytes:
        """The body as it was sent."""
        if self._body is None:
            self._body = self._read_body()
        return self._body

    @body.setter
    def body(self, body: bytes) -> None:
        self._body = body

    def text(self) -> str:
        """Return the body as text; `BadEventError` where it is not UTF-8."""
        try:
            return self.body.decode()
        except UnicodeDecodeError as error:
            raise BadEventError(f"message {self.id} of {self.source} is not UTF-8: {error}") from error

    def json(self) -> Any:
        """Return the body parsed from JSON; `BadEventError` where it is not JSON."""
        try:
            return loads(self.body)
        except ValueError as error:
            raise BadEventError(f"message {self.id} of {self.source} is not JSON: {error}") from error

    def __repr__(self) -> str:
        return f"<Message {self.id} of {self.source}, {len(self.body)} bytes, attempt {self.attempt}>"
