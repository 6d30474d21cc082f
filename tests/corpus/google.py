"""Events of Google whose labels say only how they are written: what each is an event of, and the whole of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

VAGUE = ("gcp:legacy", "gcp:data-payload")
"""Labels of events of the first generation, and of what CloudEvents hold, without their attributes."""

PUBSUB = "gcp:cloudevent:cloud.pubsub.topic"
STORAGE = "gcp:cloudevent:cloud.storage.object"
FIRESTORE = "gcp:cloudevent:cloud.firestore.document"

_LEGACY: Mapping[str, str] = {"pubsub": PUBSUB, "storage": STORAGE, "firestore": FIRESTORE}
"""A word of a legacy event's type → the label of the CloudEvent that it means."""


def labelled(service: str, document: Any) -> str:
    """Return the label of an event whose own is vague: that of the CloudEvent that it is, or would be, the data of."""
    if service not in VAGUE or not isinstance(document, dict):
        return service
    fields = cast("dict[str, Any]", document)
    context = cast("Mapping[str, Any]", fields.get("context") or fields)
    told = str(context.get("eventType", ""))
    if told:
        return next((label for word, label in _LEGACY.items() if word in told.replace(".", "/").split("/")), service)
    return next((label for is_data, label in _DATA.items() if is_data(fields)), service)


def is_of_metadata(event: Any) -> bool:
    """Tell whether an event says only that the metadata of an object has changed."""
    fields = cast("dict[str, Any]", event) if isinstance(event, dict) else {}
    context = cast("Mapping[str, Any]", fields.get("context") or fields)
    return "metadataUpdate" in str(context.get("type") or context.get("eventType"))


def _is_push(fields: Mapping[str, Any]) -> bool:
    return "subscription" in fields and "message" in fields


def _is_object(fields: Mapping[str, Any]) -> bool:
    return fields.get("kind") == "storage#object"


def _is_document(fields: Mapping[str, Any]) -> bool:
    images: list[Any] = [fields.get(side) for side in ("value", "oldValue")]
    return any("/documents/" in str(image.get("name", "")) for image in images if image)


_DATA: Mapping[Callable[[Mapping[str, Any]], bool], str] = {
    _is_push: PUBSUB,
    _is_object: STORAGE,
    _is_document: FIRESTORE,
}
"""What tells that an object is the data of an event → the event's label."""


def whole(service: str, document: Any) -> Any:
    """Return the event of a file: data that stands alone gets the attributes that it comes with."""
    if not isinstance(document, dict):
        return document
    fields = cast("dict[str, Any]", document)
    if service == STORAGE and _is_object(fields):
        source = f"//storage.googleapis.com/projects/_/buckets/{fields.get('bucket')}"
        return _event("google.cloud.storage.object.v1.finalized", source, f"objects/{fields.get('name')}", fields)
    if service == FIRESTORE and _is_document(fields):
        name = str((fields.get("value") or fields["oldValue"])["name"])
        place, _, path = name.partition("/documents/")
        return _event(
            "google.cloud.firestore.document.v1.written",
            f"//firestore.googleapis.com/{place}",
            f"documents/{path}",
            fields,
        )
    return fields


def _event(type: str, source: str, subject: str, data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "1",
        "type": type,
        "source": source,
        "subject": subject,
        "time": "2020-09-29T11:32:00.123Z",
        "datacontenttype": "application/json",
        "data": data,
    }
