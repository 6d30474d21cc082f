"""Publishes what a function does not keep: dead letters, and what it hands over to its inbox."""

from __future__ import annotations

from isthmus import serve
from isthmus._typing import Any, Mapping
from isthmus.dead_letters import dead_letter_attributes
from isthmus.envelope import CONTENT_TYPE, CORRELATION_ID, TRACEPARENT
from isthmus.payload import JSON
from isthmus_gcp import wire
from isthmus_gcp.clients.retries import patient
from isthmus_gcp.events.record import Record
from isthmus_gcp.services import Services

PATIENCE = 20.0
"""In how many seconds Pub/Sub has taken a message, retries included; an answer waits for it."""

_OF_DELIVERY = (wire.SOURCE, wire.UNTRIED, wire.ID, wire.SENT_AT)


class Parking:
    """Publishes in the name of the function `function`, whose inbox is the topic `inbox` ("" where it has none)."""

    __slots__ = ("_function", "_inbox", "_services")

    def __init__(self, services: Services, function: str, inbox: str = "") -> None:
        self._services = services
        self._function = function
        self._inbox = inbox

    def park(self, record: Record, failure: serve.Failure) -> bool:
        """Publish an event, whole, with the reason, to the dead letters of its source.

        False where it has none, or where that could not be done (which is logged).
        """
        topic = record.source.dead_letters
        if not topic:
            return False
        reason = f"{failure.type}: {failure.message}"
        told = dead_letter_attributes(record.source.label(self._function), record.id, record.attempt, reason)
        kept = {name: value for name, value in record.attributes.items() if name not in _OF_DELIVERY}
        return self._published(topic, record, {**_envelope(record), **kept, **told})

    def hand_over(self, record: Record, *, untried: bool = False) -> bool:
        """Publish an event to the inbox, which brings it back; False as for `park`."""
        if not self._inbox:
            return False
        attributes = {**_envelope(record), **record.attributes, wire.SOURCE: record.origin, wire.ID: record.id}
        if untried:
            attributes[wire.UNTRIED] = "1"
        return self._published(self._inbox, record, attributes)

    def _published(self, topic: str, record: Record, attributes: Mapping[str, str]) -> bool:
        try:
            data, native = wire.outgoing(record.data, attributes)
            message = {"data": data, "attributes": native, "ordering_key": record.key or ""}
            request = {"topic": self._services.topic_path(topic), "messages": [message]}
            publisher: Any = self._services.publisher()
            publisher.publish(request=request, **patient(PATIENCE))
        except Exception as error:  # whatever the reason is: the event is kept where it was, and comes again
            _tell(record, topic, error)
            return False
        return True


def _envelope(record: Record) -> dict[str, str]:
    """Return the attributes of the envelope that rode with an event otherwise than as attributes."""
    envelope = record.envelope
    told = {
        CORRELATION_ID: envelope.correlation_id,
        TRACEPARENT: envelope.traceparent,
        CONTENT_TYPE: envelope.content_type or JSON,
    }
    return {name: value for name, value in told.items() if value}


def _tell(record: Record, topic: str, error: Exception) -> None:
    import logging

    logging.getLogger("isthmus").error(
        "event %s of %s could not be published to %s: %s", record.id, record.source.name, topic, error, exc_info=error
    )
