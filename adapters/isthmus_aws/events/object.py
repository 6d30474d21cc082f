"""Objects of buckets that were created or removed: S3's notifications.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json

from isthmus._typing import Any, Literal, Mapping, Sequence
from isthmus.errors import BadEventError
from isthmus.object_event import ObjectEvent
from isthmus.serve import Malformed
from isthmus.sources import Source
from isthmus_aws.events.faults import MISSHAPEN, bad_event
from isthmus_aws.events.instant import epoch
from isthmus_aws.events.message import NO_ENVELOPE, Opener
from isthmus_aws.events.record import Record, Turn
from isthmus_aws.events.shape import is_list, text

KINDS: Mapping[str, Literal["created", "removed"]] = {
    "ObjectCreated": "created",
    # A delete marker too: the key is gone for whoever asks for no version. But a version that was deleted by its id may
    # not have been the last: then `raw` has a `versionId`, and the key may still be there.
    "ObjectRemoved": "removed",
    "LifecycleExpiration": "removed",  # as ObjectRemoved, but that a rule of the bucket did it
}
"""Which notifications are events: by the first part of an event's name, as all of its second parts mean the same.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html"""

DROPPED: Mapping[str, str] = {
    "TestEvent": "S3 sends it when notifications are set up; there is no object",
    "ObjectRestore": "the object is what it was; only a copy of it was asked for, came or went",
    "ReducedRedundancyLostObject": "the key still exists, but its data is lost: neither created nor removed",
    "Replication": "it tells of a copy in another bucket, which has events of its own",
    "LifecycleTransition": "the object is what it was, in another storage class",
    "IntelligentTiering": "the object is what it was, in another access tier",
    "ObjectTagging": "the object is what it was, with other tags",
    "ObjectAcl": "the object is what it was, with other permissions",
    "ObjectRetention": "the object is what it was, to be kept for another time",
    "ObjectAnnotation": "the object is what it was, with other annotations",
}
"""Which notifications are none of ours, and why."""


def records(rows: Sequence[Any], source: Source, origin: str) -> list[Record]:
    """Return a record for each of an event of S3 itself."""
    return [Record(_request_id(row), origin, 1, NO_ENVELOPE, events([row], source), row) for row in rows]


def of_inbox(row: Mapping[str, Any], source: Source, attempt: int, _group: str | None, _opener: Opener) -> Turn:
    """Return the events of a notification that an inbox holds: see `sqs.Read`."""
    return notifications(json.loads(row["body"]), source, attempt, row["messageId"]), NO_ENVELOPE, attempt


def notifications(document: Any, source: Source, attempt: int, id: str) -> list[Any]:
    """Return the events of a notification in a message: usually one, and none of S3's test."""
    if document.get("Event") == "s3:TestEvent":
        return []
    rows: Any = document["Records"]
    if not is_list(rows):
        raise BadEventError("the Records of an S3 notification are no list")
    return events(rows, source, attempt=attempt, id=id)


def events(rows: Sequence[Any], source: Source, *, attempt: int = 1, id: str = "") -> list[Any]:
    """Return the events of S3's records, with a `Malformed` for each that cannot be read."""
    found: list[Any] = []
    for row in rows:
        try:
            event = _event(row, source, attempt, id)
        except MISSHAPEN as error:
            found.append(Malformed(bad_event(f"a notification of the bucket {source.name}", error)))
        else:
            if event and not event.key.startswith(source.skip):
                found.append(event)
    return found


def key_of(encoded: str) -> str:
    """Return a key as it was put: S3 encodes it as a form does, in UTF-8."""
    if "%" not in encoded:
        return encoded.replace("+", " ")
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(encoded.replace("+", " ")).decode()


def group_of(name: str) -> str:
    """Return what `KINDS` and `DROPPED` know an event's name by: `s3:ObjectCreated:Put` is an `ObjectCreated`."""
    return name.removeprefix("s3:").partition(":")[0]


def _event(row: Mapping[str, Any], source: Source, attempt: int, id: str) -> ObjectEvent | None:
    """Return the event of one record of S3; None where Isthmus has none for it."""
    group = group_of(row["eventName"])
    kind = KINDS.get(group)
    if kind is None:
        _check_dropped(group)
        return None
    described = row["s3"]["object"]
    return ObjectEvent(
        kind,
        bucket=source.name,
        key=key_of(described["key"]),
        size=int(described.get("size") or 0),
        etag=text(described.get("eTag", "")),
        at=epoch(row["eventTime"]),
        attempt=attempt,
        id=id or _request_id(row),
        raw=row,
    )


def _check_dropped(group: str) -> None:
    if group not in DROPPED:
        raise BadEventError(
            f"{group} is no kind of notification that is known (known: {', '.join([*KINDS, *DROPPED])})"
        )


def _request_id(row: Any) -> str:
    """Return the id of the request that changed the object: S3 gives its notifications none."""
    try:
        return str(row["responseElements"]["x-amz-request-id"])
    except MISSHAPEN:
        return ""
