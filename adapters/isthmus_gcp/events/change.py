"""Changes of a table's items: CloudEvents of Firestore, in protobuf or JSON.

https://cloud.google.com/eventarc/docs/cloudevents#firestore
"""

from __future__ import annotations

from isthmus._typing import Any, Item, Mapping
from isthmus.conditions import same
from isthmus.envelope import Envelope
from isthmus.envelope import incoming as envelope_in
from isthmus.errors import BadEventError
from isthmus.sources import Source
from isthmus.table_change import TableChange
from isthmus.values import is_number
from isthmus_gcp import documents
from isthmus_gcp.events.cloud_event import CloudEvent
from isthmus_gcp.events.documents import Document
from isthmus_gcp.events.instant import epoch
from isthmus_gcp.events.record import NO_ENVELOPE
from isthmus_gcp.events.shape import is_list, is_object

PROTOBUF = ("application/protobuf", "application/x-protobuf")
"""The media types of protobuf."""

NAME = "__name__"
"""What stands for the key of a document that is none of ours: Firestore's own word for its name."""

_BY_SYSTEM = "system"
_DIGITS = 20


def of_cloud_event(event: CloudEvent, source: Source, attempt: int) -> tuple[list[Any], Envelope]:
    """Return the change that an event tells, and the envelope of the write.

    None where nothing of the item has changed: only the envelope of its last write did.
    """
    before, after = _images(event)
    latest = after or before
    if latest is None:
        raise BadEventError(f"event {event.id} of Firestore has neither an old nor a new document")
    old, own_of_old = _item(before)
    new, own_of_new = _item(after)
    envelope = _envelope(own_of_new.get(documents.ENVELOPE))
    if old is not None and new is not None and same(old, new):
        return [], envelope
    own = own_of_new or own_of_old
    at = _time(event, latest)
    change = TableChange(
        "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
        table=source.name,
        key=_key(new if old is None else old, own, latest),
        old=old,
        new=new,
        version=_version(latest.updated or round(at * 1_000_000), is_removed=after is None),
        at=at,
        expired=after is None and _has_expired(event, own_of_old, at),
        attempt=attempt,
        id=event.id,
        raw=event.raw,
    )
    return [change], envelope


def _images(event: CloudEvent) -> tuple[Document | None, Document | None]:
    """Return the document as it was and as it is."""
    if event.media_type in PROTOBUF:
        from isthmus_gcp.events import documents_protobuf

        if type(event.data) is not bytes:
            raise BadEventError(f"the data of event {event.id} is {event.media_type}, but comes as JSON")
        return documents_protobuf.images(event.data)
    from isthmus_gcp.events import documents_json

    return documents_json.images(event.json())


def _item(document: Document | None) -> tuple[Item | None, Mapping[str, Any]]:
    return (None, {}) if document is None else documents.item(document.fields)


def _key(item: Item | None, own: Mapping[str, Any], document: Document) -> Item:
    """Return the attributes of the key, which a document of ours names."""
    fields: Any = own.get(documents.KEY)
    if item is None or not is_list(fields) or not all(field in item for field in fields):
        return {NAME: document.id}
    return {field: item[field] for field in fields}


def _version(updated: int, *, is_removed: bool) -> str:
    """Return text that sorts as the changes of a document do.

    The time of an update is that of its commit, and grows with each. A removal comes after what it has removed, and
    before whatever is written anew, so that the time of its event, which is another clock's, need not be asked.
    https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#google.firestore.v1.Document
    """
    return f"{updated:0{_DIGITS}d}-{int(is_removed)}"


def _time(event: CloudEvent, latest: Document) -> float:
    return epoch(event.time) if event.time else latest.updated / 1_000_000


def _has_expired(event: CloudEvent, own: Mapping[str, Any], at: float) -> bool:
    """Tell whether time to live removed the item: it had come, and nobody is known to have done it.

    Who has, the events of our triggers tell: "system" is what deletes by time to live. Those of somebody's own trigger
    may not; an item whose time has come was then nobody's to delete: no client of Isthmus deletes what has expired.
    https://firebase.google.com/docs/reference/functions/2nd-gen/node/firebase-functions.firestore#firestoreauthtype
    """
    expires: Any = own.get(documents.TTL)
    if not is_number(expires) or event.attributes.get("authtype", _BY_SYSTEM) != _BY_SYSTEM:
        return False
    return bool(expires <= at)


def _envelope(carried: Any) -> Envelope:
    return envelope_in(carried)[1] if is_object(carried) else NO_ENVELOPE
