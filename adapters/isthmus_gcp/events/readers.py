"""What reads the events of each kind: named in tables, so that a bundle has only those that its function declares."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Mapping, TypeAlias
from isthmus.envelope import Envelope
from isthmus.errors import BadEventError
from isthmus.parts import part
from isthmus.sources import Source
from isthmus_gcp.events.cloud_event import CloudEvent
from isthmus_gcp.events.pubsub import PubsubMessage

OfMessage: TypeAlias = "Callable[[PubsubMessage, Source, int], tuple[list[Any], Envelope]]"
"""Returns the events (none or one) of a message of Pub/Sub, with its source and attempt, and the envelope."""

OfEvent: TypeAlias = "Callable[[CloudEvent, Source, int], tuple[list[Any], Envelope]]"
"""The same of a CloudEvent."""

MESSAGES: Mapping[str, str] = {
    "queue": "isthmus_gcp.events.message:of_pubsub",
    "topic": "isthmus_gcp.events.message:of_pubsub",
    "stream": "isthmus_gcp.events.message:of_pubsub",
    "bucket": "isthmus_gcp.events.object:of_pubsub",
    "schedule": "isthmus_gcp.events.tick:of_pubsub",
    "table": "isthmus_gcp.events.kept_event:of_pubsub",
}
"""Kind of source → "module:name" of the `OfMessage` for what Pub/Sub brings of it, an inbox's messages among them."""

EVENTS: Mapping[str, str] = {
    "bucket": "isthmus_gcp.events.object:of_cloud_event",
    "table": "isthmus_gcp.events.change:of_cloud_event",
}
"""Kind of source → "module:name" of the `OfEvent`."""


def of_message(message: PubsubMessage, source: Source, attempt: int) -> tuple[list[Any], Envelope]:
    """Return the events and the envelope of a message of a source."""
    if source.kind not in MESSAGES:
        raise BadEventError(f"Pub/Sub brings no {source.kind} events")
    read: OfMessage = part(MESSAGES[source.kind])
    return read(message, source, attempt)


def of_event(event: CloudEvent, source: Source, attempt: int) -> tuple[list[Any], Envelope]:
    """Return the events and the envelope of a CloudEvent of a source."""
    read: OfEvent = part(EVENTS[source.kind])
    return read(event, source, attempt)
