"""A CloudEvent that an inbox keeps, since it failed as it came: its data, and its context attributes as ours."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.envelope import Envelope
from isthmus.envelope import incoming as envelope_in
from isthmus.payload import dumps
from isthmus.sources import Source
from isthmus_gcp.events import readers
from isthmus_gcp.events.cloud_event import CloudEvent, of_attributes
from isthmus_gcp.events.pubsub import PubsubMessage

PREFIX = "isthmus-ce-"
"""How the names begin of the attributes that hold those of the event."""


def kept(event: CloudEvent) -> tuple[bytes, dict[str, str]]:
    """Return what to keep of an event: the bytes of its data, and attributes."""
    data = event.data if type(event.data) is bytes else dumps(event.data)
    attributes: Mapping[str, str] = event.attributes
    if type(event.data) is not bytes and not event.media_type:
        attributes = {**attributes, "datacontenttype": "application/json"}
    return data, {PREFIX + name: value for name, value in attributes.items()}


def of_pubsub(message: PubsubMessage, source: Source, attempt: int) -> tuple[list[Any], Envelope]:
    """Return the events of what was kept, and the envelope that its sender, or the first attempt, gave it."""
    attributes = message.attributes
    told = {name[len(PREFIX) :]: value for name, value in attributes.items() if name.startswith(PREFIX)}
    found, envelope = readers.of_event(of_attributes(told, message.data, message.raw), source, attempt)
    return found, envelope if envelope.correlation_id else envelope_in(attributes)[1]
