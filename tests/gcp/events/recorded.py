"""Events as Google's pages show them, and functions that take them."""

from __future__ import annotations

import json
from typing import Any

from isthmus.links import Identity
from isthmus.serve import Malformed
from isthmus.sources import Source
from isthmus_gcp.events.arrival import Arrivals
from isthmus_gcp.events.posted import Posted
from isthmus_gcp.events.record import Record

KINDS = ("queue", "topic", "stream", "table", "bucket", "schedule", "task")
INBOX = "shop-dev-Tested-inbox-1a2b3c4d"
TABLE = "shop-dev-tables-1a2b3c4d/Orders"

STORED = {
    "kind": "storage#object",
    "id": "some-bucket/folder/a b.txt/1587627537231057",
    "name": "folder/a b.txt",
    "bucket": "some-bucket",
    "generation": "1587627537231057",
    "metageneration": "1",
    "contentType": "text/plain",
    "timeCreated": "2020-04-23T07:38:57.230Z",
    "updated": "2020-04-23T07:38:57.230Z",
    "size": "352",
    "etag": "CNHZkbuF/ugCEAE=",
    "metadata": {"isthmus-envelope": '{"isthmus-correlation-id":"mine"}'},
}
"""What Cloud Storage says of an object: https://cloud.google.com/storage/docs/json_api/v1/objects."""

NOTIFICATION = {
    "notificationConfig": "projects/_/buckets/some-bucket/notificationConfigs/1",
    "eventType": "OBJECT_FINALIZE",
    "payloadFormat": "JSON_API_V1",
    "bucketId": "some-bucket",
    "objectId": "folder/a b.txt",
    "objectGeneration": "1587627537231057",
    "eventTime": "2020-04-23T07:38:57.772Z",
}
"""The attributes of a notification: https://cloud.google.com/storage/docs/pubsub-notifications#attributes."""

STORAGE_EVENT = {
    "specversion": "1.0",
    "type": "google.cloud.storage.object.v1.finalized",
    "source": "//storage.googleapis.com/projects/_/buckets/some-bucket",
    "subject": "objects/folder/a b.txt",
    "id": "1147091835525187",
    "time": "2020-04-23T07:38:57.772Z",
    "datacontenttype": "application/json",
    "data": STORED,
}

DOCUMENT_EVENT = {
    "specversion": "1.0",
    "type": "google.cloud.firestore.document.v1.created",
    "source": "//firestore.googleapis.com/projects/isthmus/databases/shop-dev-tables-1a2b3c4d",
    "subject": "documents/Orders/one",
    "id": "c1",
    "time": "2020-09-29T11:32:00.123Z",
    "datacontenttype": "application/json",
    "data": {
        "value": {
            "name": "projects/isthmus/databases/shop-dev-tables-1a2b3c4d/documents/Orders/one",
            "fields": {"id": {"stringValue": "one"}},
            "createTime": "2020-09-29T11:32:00.123Z",
            "updateTime": "2020-09-29T11:32:00.123Z",
        }
    },
}

PUBLISHED_EVENT = {
    "specversion": "1.0",
    "type": "google.cloud.pubsub.topic.v1.messagePublished",
    "source": "//pubsub.googleapis.com/projects/isthmus/topics/news",
    "id": "m1",
    "time": "2020-09-29T11:32:00.123Z",
    "datacontenttype": "application/json",
    "data": {
        "subscription": "projects/isthmus/subscriptions/eventarc-1",
        "message": {"data": "dGVzdA==", "messageId": "m1", "publishTime": "2020-09-29T11:32:00.123Z"},
    },
}

AUDIT_EVENT = {
    "specversion": "1.0",
    "type": "google.cloud.audit.log.v1.written",
    "source": "//cloudaudit.googleapis.com/projects/isthmus/logs/activity",
    "subject": "pubsub.googleapis.com/projects/isthmus/topics/news",
    "id": "a1",
    "time": "2020-09-29T11:32:00.123Z",
    "datacontenttype": "application/json",
    "data": {"protoPayload": {"methodName": "google.pubsub.v1.Publisher.CreateTopic"}},
}

LEGACY_MESSAGE = {
    "context": {
        "eventId": "1144231683168617",
        "timestamp": "2020-05-06T07:33:34.556Z",
        "eventType": "google.pubsub.topic.publish",
        "resource": {"service": "pubsub.googleapis.com", "name": "projects/isthmus/topics/news", "type": "x"},
    },
    "data": {"@type": "x", "attributes": {"kind": "x"}, "data": "dGVzdA=="},
}

LEGACY_OBJECT = {
    "eventId": "1200401551653202",
    "timestamp": "2020-05-18T09:07:51.799Z",
    "eventType": "providers/cloud.storage/eventTypes/object.change",
    "resource": "projects/_/buckets/some-bucket/objects/folder/a b.txt#1588778055917163",
    "data": {**STORED, "resourceState": "not_exists", "timeDeleted": "2020-05-18T09:07:51.799Z"},
}


def function(*triggers: str, sources: dict[str, Source] | None = None) -> Identity:
    """Return a function with these triggers (all, where none is named), and a source `of-<kind>` of each kind."""
    known = {f"of-{kind}": Source(kind, f"The{kind.title()}", "dead") for kind in KINDS}
    known[TABLE] = Source("table", "Orders", "dead")
    return Identity(
        app="shop",
        stage="dev",
        provider="gcp",
        function="Tested",
        triggers=triggers or KINDS,
        sources=known if sources is None else sources,
    )


def headers(given: dict[str, str]) -> dict[str, str]:
    """Return headers as WSGI names them."""
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in given.items()}
    return {name.removeprefix("HTTP_") if name == "HTTP_CONTENT_TYPE" else name: value for name, value in named.items()}


def request(body: Any, **given: str) -> Posted:
    """Return what was posted; a body that is not bytes is JSON. `ce_type="x"` is the header `ce-type`."""
    told = {name.replace("_", "-"): value for name, value in given.items()}
    if type(body) is not bytes:
        body = json.dumps(body).encode()
        told.setdefault("content-type", "application/json")
    return Posted(headers(told), body)


def binary(event: dict[str, Any]) -> Posted:
    """Return a CloudEvent in binary mode."""
    told = {f"ce_{name}": value for name, value in event.items() if name not in ("data", "datacontenttype")}
    return request(json.dumps(event["data"]).encode(), content_type=event["datacontenttype"], **told)


def structured(event: dict[str, Any]) -> Posted:
    """Return a CloudEvent in structured mode."""
    return request(json.dumps(event).encode(), content_type="application/cloudevents+json; charset=utf-8")


def arrived(posted: Posted, *triggers: str, sources: dict[str, Source] | None = None) -> Record:
    """Return what arrives at a function."""
    record = Arrivals(function(*triggers, sources=sources), INBOX).of_request(posted)
    assert record is not None
    return record


def only(record: Record) -> Any:
    """Return the one event of a record."""
    (event,) = record.events
    if isinstance(event, Malformed):
        event.refuse()
    return event
