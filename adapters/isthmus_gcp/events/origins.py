"""Where a CloudEvent of Google comes from: its kind, and the name of what it happened to.

https://cloud.google.com/eventarc/docs/reference/supported-events
"""

from __future__ import annotations

from isthmus._typing import Mapping
from isthmus.errors import BadEventError
from isthmus_gcp.events.cloud_event import CloudEvent

KINDS: Mapping[str, str] = {
    "google.cloud.pubsub.topic.v1.": "topic",
    "google.cloud.storage.object.v1.": "bucket",
    "google.cloud.firestore.document.v1.": "table",
}
"""How the type of an event begins → the kind of events that it is of; any other is left raw, for a task."""

NATURAL: Mapping[str, str] = {
    "task": ", of a type that only a function which is called takes, as it is",
}
"""What to say besides of an event of a kind that is not declared."""


def kind_of(event: CloudEvent) -> str:
    """Return the trigger kind of an event; "task" for what Isthmus has no event for."""
    return next((kind for prefix, kind in KINDS.items() if event.type.startswith(prefix)), "task")


def origin_of(event: CloudEvent) -> tuple[str, str]:
    """Return the kind of an event, and the name of its topic or bucket, or `<database>/<collection>` of its table."""
    kind = kind_of(event)
    if kind == "table":
        return kind, table_of(event)
    if kind == "task":
        return kind, event.source
    return kind, event.source.rpartition("/")[2]


def table_of(event: CloudEvent) -> str:
    """Return the physical name of the table of an event of Firestore."""
    database = event.attributes.get("database") or event.source.partition("/databases/")[2].partition("/")[0]
    document = event.attributes.get("document") or event.subject.removeprefix("documents/")
    collection = document.partition("/")[0]
    if not database or not collection:
        raise BadEventError(f"event {event.id} of Firestore names no database and document")
    return f"{database}/{collection}"
