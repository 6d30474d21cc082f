"""Messages of queues, topics and streams, as a handler gets them: what is not read is not parsed."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.envelope import Envelope
from isthmus.envelope import incoming as envelope_in
from isthmus.message import Message
from isthmus.sources import Source
from isthmus_gcp import wire
from isthmus_gcp.events.instant import epoch
from isthmus_gcp.events.pubsub import PubsubMessage

_STREAM = "stream"


class GcpMessage(Message):
    """The message of one of Pub/Sub: when it was sent is read when somebody asks."""

    __slots__ = ("_published",)

    def __init__(self, message: PubsubMessage, source: Source, attempt: int) -> None:
        attributes, self._body = message.attributes, message.data
        self.id = attributes.get(wire.ID) or message.id
        self.source = source.name
        self.attempt = attempt
        self.group = message.key
        self.sequence = message.id if source.kind == _STREAM else None
        self.raw = message.raw
        self._published = attributes.get(wire.SENT_AT) or message.published

    def __getattr__(self, name: str) -> Any:
        """Fill the slot that is still empty."""
        if name != "sent_at":
            raise AttributeError(f"a message has no attribute {name!r}", name=name, obj=self)
        self.sent_at = instant(self._published)
        return self.sent_at


def of_pubsub(message: PubsubMessage, source: Source, attempt: int) -> tuple[list[Any], Envelope]:
    """Return the message for the handler, and the envelope that rode with it."""
    found = GcpMessage(message, source, attempt)
    found.attributes, envelope = envelope_in(message.attributes)
    return [found], envelope


def instant(told: str | float) -> float:
    """Return the epoch seconds of a time as Pub/Sub or we write it; 0 where nothing, or nonsense, is said."""
    if type(told) is float:
        return told
    try:
        text = str(told)
        return epoch(text) if "T" in text else float(text or 0)
    except (ValueError, OverflowError):
        return 0.0  # Pub/Sub always tells; who else sends such a message does not know
