"""Legacy background events of the first generation, as the CloudEvents that they mean.

https://github.com/GoogleCloudPlatform/functions-framework-conformance/blob/main/docs/mapping.md
"""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.errors import BadEventError
from isthmus_gcp.events.cloud_event import CloudEvent, structured
from isthmus_gcp.events.shape import is_object, text

_FIRESTORE = "providers/cloud.firestore/eventTypes/document."
_AUTH = "providers/firebase.auth/eventTypes/user."
_DATABASE = "providers/google.firebase.database/eventTypes/ref."
_PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"

_CHANGED = "providers/cloud.storage/eventTypes/object.change"
_REMOVED = "google.cloud.storage.object.v1.deleted"

TYPES: Mapping[str, str] = {
    "google.pubsub.topic.publish": _PUBLISHED,
    "providers/cloud.pubsub/eventTypes/topic.publish": _PUBLISHED,
    "google.storage.object.finalize": "google.cloud.storage.object.v1.finalized",
    "google.storage.object.delete": _REMOVED,
    "google.storage.object.archive": "google.cloud.storage.object.v1.archived",
    "google.storage.object.metadataUpdate": "google.cloud.storage.object.v1.metadataUpdated",
    _CHANGED: "google.cloud.storage.object.v1.finalized",
    f"{_FIRESTORE}write": "google.cloud.firestore.document.v1.written",
    f"{_FIRESTORE}create": "google.cloud.firestore.document.v1.created",
    f"{_FIRESTORE}update": "google.cloud.firestore.document.v1.updated",
    f"{_FIRESTORE}delete": "google.cloud.firestore.document.v1.deleted",
    f"{_AUTH}create": "google.firebase.auth.user.v1.created",
    f"{_AUTH}delete": "google.firebase.auth.user.v1.deleted",
    "providers/google.firebase.analytics/eventTypes/event.log": "google.firebase.analytics.log.v1.written",
    f"{_DATABASE}create": "google.firebase.database.ref.v1.created",
    f"{_DATABASE}write": "google.firebase.database.ref.v1.written",
    f"{_DATABASE}update": "google.firebase.database.ref.v1.updated",
    f"{_DATABASE}delete": "google.firebase.database.ref.v1.deleted",
    "google.firebase.remoteconfig.update": "google.firebase.remoteconfig.remoteConfig.v1.updated",
}
"""Type of a legacy event → that of the CloudEvent."""

_SERVICES: Mapping[str, str] = {
    "pubsub": "pubsub.googleapis.com",
    "storage": "storage.googleapis.com",
    "firestore": "firestore.googleapis.com",
    "auth": "firebaseauth.googleapis.com",
    "analytics": "firebaseanalytics.googleapis.com",
    "database": "firebasedatabase.googleapis.com",
    "remoteconfig": "firebaseremoteconfig.googleapis.com",
}
"""The third word of a CloudEvent's type → the service that its source names."""

_SUBJECTS: Mapping[str, str] = {
    "storage": "/objects/",
    "firestore": "/documents/",
    "database": "/refs/",
    "analytics": "/events/",
}
"""Where, in the resource of a legacy event, the subject of the CloudEvent begins."""

_RENAMED = {"createdAt": "createTime", "lastSignedInAt": "lastSignInTime"}
_MEMBERS = ("eventId", "timestamp", "eventType", "resource")
_HOME = "firebaseio.com"


def is_background(document: Any) -> bool:
    """Tell whether a JSON document is a legacy event."""
    context = _context(document)
    return context is not None and "eventType" in context and "resource" in context


def cloud_event(document: Any, raw: Any = None) -> CloudEvent:
    """Return the CloudEvent of a legacy event; `BadEventError` where it is none, or of a type that is not known."""
    context = _context(document)
    if context is None:
        raise BadEventError("it is no legacy event: it has neither a context nor an eventType")
    told = text(context["eventType"])
    if told not in TYPES:
        raise BadEventError(f"{told!r:.80} is no type of a legacy event that is known (known: {', '.join(TYPES)})")
    kind = TYPES[told]
    domain = kind.split(".")[2]
    resource, subject = _place(context["resource"], domain)
    data = document.get("data")
    if domain == "database":
        resource = f"projects/_/locations/{_location(document)}/{resource.removeprefix('projects/_/')}"
    if domain == "auth":
        data, subject = _user(data)
    if told == _CHANGED:
        subject = subject.rpartition("#")[0] or subject  # behind it stands the generation
        kind = _REMOVED if data.get("resourceState") == "not_exists" else kind
    found = {
        "specversion": "1.0",
        "type": kind,
        "source": f"//{_SERVICES[domain]}/{resource}",
        "id": text(context["eventId"]),
        "time": text(context["timestamp"]),
        "datacontenttype": "application/json",
        **({"subject": subject} if subject else {}),
        "data": _published(data, context) if domain == "pubsub" else data,
    }
    return structured(found, raw)


def _context(document: Any) -> Any:
    """Return what surrounds the data of a legacy event: in a member of its own, or beside the data."""
    if not is_object(document):
        return None
    context: Any = document.get("context")
    if is_object(context):
        return context
    return document if "eventType" in document and "eventId" in document else None


def _place(resource: Any, domain: str) -> tuple[str, str]:
    """Return the resource and the subject of a CloudEvent; a legacy event has both in one name."""
    name = text(resource["name"] if is_object(resource) else resource)
    begins = _SUBJECTS.get(domain)
    if begins is None:
        return name, ""
    head, found, tail = name.partition(begins)
    if not found or not tail:
        raise BadEventError(f"the resource {name!r:.200} has no part that begins with {begins!r}")
    return head, f"{begins[1:]}{tail}"


def _published(message: Any, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an event of Pub/Sub holds: the message with its id and time, which legacy events tell outside."""
    return {"message": {"messageId": context["eventId"], "publishTime": context["timestamp"], **message}}


def _user(data: Any) -> tuple[Any, str]:
    metadata = data.get("metadata")
    if is_object(metadata):
        data = {**data, "metadata": {_RENAMED.get(name, name): value for name, value in metadata.items()}}
    return data, f"users/{data['uid']}" if "uid" in data else ""


def _location(document: Mapping[str, Any]) -> str:
    """Return where a Firebase database is, which its domain tells."""
    if "domain" not in document:
        raise BadEventError("an event of a Firebase database needs its domain")
    domain = text(document["domain"])
    return "us-central1" if domain == _HOME else domain.partition(".")[0]
