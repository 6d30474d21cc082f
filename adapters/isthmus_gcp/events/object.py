"""Objects of a bucket: notifications that come through Pub/Sub, and the events of Cloud Storage itself.

https://cloud.google.com/storage/docs/pubsub-notifications and
https://cloud.google.com/eventarc/docs/reference/supported-events#cloud-storage
"""

from __future__ import annotations

from isthmus._typing import Any, Literal, Mapping
from isthmus.envelope import Envelope
from isthmus.errors import BadEventError
from isthmus.object_event import ObjectEvent
from isthmus.payload import loads
from isthmus.sources import Source
from isthmus_gcp import wire
from isthmus_gcp.events.cloud_event import CloudEvent
from isthmus_gcp.events.instant import epoch
from isthmus_gcp.events.pubsub import PubsubMessage
from isthmus_gcp.events.record import NO_ENVELOPE
from isthmus_gcp.events.shape import is_object, text
from isthmus_gcp.object_names import object_key

KINDS: Mapping[str, Literal["created", "removed", ""]] = {
    "OBJECT_FINALIZE": "created",
    "OBJECT_DELETE": "removed",
    "OBJECT_ARCHIVE": "removed",
    "OBJECT_METADATA_UPDATE": "",
    "finalized": "created",
    "deleted": "removed",
    "archived": "removed",
    "metadataUpdated": "",
}
"""Type of a notification, or the last word of an event's → the neutral kind; "" for what is no event of Isthmus.

The object is what it was where only its metadata has changed. What is archived is the live version of a bucket that
keeps versions: it is not there any more.
"""

OVERWRITTEN = "overwrittenByGeneration"
"""The attribute of a removal that is half of an overwriting: the other half tells all that there is to tell."""


def of_pubsub(message: PubsubMessage, source: Source, attempt: int) -> tuple[list[Any], Envelope]:
    """Return the event of a notification, none or one, and the envelope of who has written the object."""
    attributes = message.attributes
    kind = _kind(attributes["eventType"])
    if not kind or OVERWRITTEN in attributes:
        return [], NO_ENVELOPE
    described: Any = loads(message.data) if message.data else {}
    if not is_object(described):
        raise BadEventError(f"a notification describes an object, not {type(described).__name__}")
    return _events(
        kind,
        described,
        source,
        key=object_key(attributes["objectId"]),
        generation=attributes.get("objectGeneration", ""),
        at=attributes.get("eventTime") or message.published,
        attempt=attempt,
        id=message.id,
        raw=message.raw,
    )


def of_cloud_event(event: CloudEvent, source: Source, attempt: int) -> tuple[list[Any], Envelope]:
    """Return the event of one of Cloud Storage's CloudEvents, and the envelope of who has written the object."""
    kind = _kind(event.type.rpartition(".")[2])
    if not kind:
        return [], NO_ENVELOPE
    described = event.json()
    if not is_object(described):
        raise BadEventError(f"an event of Cloud Storage describes an object, not {type(described).__name__}")
    return _events(
        kind,
        described,
        source,
        key=object_key(text(described["name"])),
        generation=str(described.get("generation", "")),
        at=event.time or text(described["updated"]),
        attempt=attempt,
        id=event.id,
        raw=event.raw,
    )


def _kind(told: str) -> Literal["created", "removed", ""]:
    if told not in KINDS:
        raise BadEventError(f"{told!r:.80} is no kind of notification that is known (known: {', '.join(KINDS)})")
    return KINDS[told]


def _events(
    kind: Literal["created", "removed"],
    described: Mapping[str, Any],
    source: Source,
    *,
    key: str,
    generation: str,
    at: str | float,
    attempt: int,
    id: str,
    raw: Any,
) -> tuple[list[Any], Envelope]:
    if not key.endswith(source.suffix) or key.startswith(source.skip):
        return [], NO_ENVELOPE
    event = ObjectEvent(
        kind,
        bucket=source.name,
        key=key,
        size=int(described.get("size") or 0) if kind == "created" else 0,
        etag=text(described.get("etag", "")) or generation,
        at=at if type(at) is float else epoch(str(at)),
        attempt=attempt,
        id=id,
        raw=raw,
    )
    return [event], _envelope(described.get("metadata"))


def _envelope(metadata: Any) -> Envelope:
    """Return what the writer of an object left in its metadata."""
    return wire.envelope_of(metadata.get(wire.ENVELOPE)) if is_object(metadata) else NO_ENVELOPE
