"""Messages of queues and topics, as SQS delivers them: what is not read is not parsed."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.envelope import Envelope
from isthmus.envelope import incoming as envelope_in
from isthmus.message import Message
from isthmus.payload import loads_text
from isthmus.sources import Source
from isthmus_aws import wire
from isthmus_aws.events.record import Turn
from isthmus_aws.events.shape import text

NO_ENVELOPE = Envelope()
"""Of what brings none."""


_new = object.__new__


class SqsMessage(Message):
    """The message of a record of SQS: what is not given here is read from `raw` when somebody asks."""

    __slots__ = ()

    @staticmethod
    def turn(row: Mapping[str, Any], source: Source, attempt: int, group: str | None, opener: Opener) -> Turn:
        """Return the message of a record of SQS: see `sqs.Read`."""
        message = _new(SqsMessage)  # ten thousand may come at once: a call of the class would take twice as long
        envelope = NO_ENVELOPE
        if row.get("messageAttributes"):
            message._body, message.attributes, envelope = opener.opened(row)
        else:
            sent: str = row["body"]
            message._body = None if sent.isascii() else sent.encode()
        message.id = row["messageId"]
        message.source = source.name
        message.attempt = attempt
        message.group = group
        message.raw = row
        return (message,), envelope, attempt

    def _read_body(self) -> bytes:
        body: str = self.raw["body"]
        return body.encode()

    def json(self) -> Any:
        """Return the body parsed from JSON; `BadEventError` where it is not JSON."""
        if self._body is None:
            try:
                return loads_text(self.raw["body"])
            except ValueError:
                pass
        return super().json()

    def __getattr__(self, name: str) -> Any:
        """Fill a slot that is still empty."""
        value: Any
        if name == "sent_at":
            value = self.sent_at = _sent_at(self.raw["attributes"])
        elif name == "sequence":
            value = self.sequence = self.raw["attributes"].get("SequenceNumber")
        elif name == "attributes":
            value = self.attributes = {}
        else:
            raise AttributeError(f"a message has no attribute {name!r}", name=name, obj=self)
        return value


message_of = SqsMessage.turn


def _sent_at(system: Mapping[str, Any]) -> float:
    try:
        return int(system["SentTimestamp"]) / 1000
    except (LookupError, TypeError, ValueError, OverflowError):
        return 0.0  # SQS always tells; who else sends such an event does not know


class Opener:
    """Opens the messages of one event; attributes that many in a row have from one sender are read once."""

    __slots__ = ("_attributes", "_envelope", "_last")

    def __init__(self) -> None:
        self._last: Mapping[str, Any] | None = None
        self._attributes: dict[str, str] = {}
        self._envelope = NO_ENVELOPE

    def opened(self, row: Mapping[str, Any]) -> tuple[bytes | None, dict[str, str], Envelope]:
        """Return the body, the sender's attributes and the envelope of a record of SQS.

        The body is None where it is the record's text as it stands, which then need not be read yet.
        """
        native = row.get("messageAttributes")
        if not native:
            return _unless_plain(row["body"]), {}, NO_ENVELOPE
        if native == self._last:
            return _unless_plain(row["body"]), self._attributes.copy(), self._envelope
        given = texts(native)
        body, attributes, envelope = unpacked(row["body"], given)
        if wire.BODY not in given.get(wire.OURS, ""):
            self._last, self._attributes, self._envelope = native, attributes.copy(), envelope
        return body, attributes, envelope


def _unless_plain(text: str) -> bytes | None:
    """Return the bytes of a text that may have none (half of a surrogate pair); None for one that surely has."""
    return None if text.isascii() else text.encode()


def unpacked(body: str, attributes: Mapping[str, str]) -> tuple[bytes, dict[str, str], Envelope]:
    """Return the body, the sender's attributes and the envelope of a message with attributes."""
    data, everything = wire.incoming(body, attributes)
    theirs, envelope = envelope_in(everything)
    return data, theirs, envelope


def texts(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Return the message attributes of an SQS record as text; binary ones as base64, as they come."""
    return {
        name: text(attribute["binaryValue" if attribute["dataType"][:6] == "Binary" else "stringValue"])
        for name, attribute in attributes.items()
    }
