"""Messages of queues, topics and streams."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.envelope import incoming
from isthmus.message import Message


class MessageCodec:
    """A record becomes a `Message`, without what the envelope added to its attributes."""

    __slots__ = ()

    def decode(self, raw: Any, /) -> Message:
        """Return the message of a record."""
        id, body, attributes, attempt, sent_at, group, sequence, source = raw
        return Message(
            body,
            id=id,
            attributes=incoming(attributes)[0],
            source=source,
            attempt=attempt,
            sent_at=sent_at,
            group=group,
            sequence=sequence,
            raw=raw,
        )

    def encode(self, result: Any, /) -> None:
        """A message has no answer."""
        return
