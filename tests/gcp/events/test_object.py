"""Events of buckets: notifications through Pub/Sub, and Cloud Storage's own."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import BadEventError
from isthmus.sources import Source
from tests.gcp.events.recorded import NOTIFICATION, STORAGE_EVENT, STORED, arrived, binary, only, request, structured
from tests.gcp.serving import pushed


def notified(attributes: dict[str, str] | None = None, body: Any = STORED, **source: Any) -> Any:
    """Return the record of a notification."""
    sources = {"files": Source("bucket", "Files", **source)}
    message = pushed(body, subscription="files", attempt=2, attributes={**NOTIFICATION, **(attributes or {})})
    return arrived(request(message), "bucket", sources=sources)


def test_a_notification_is_an_event_of_the_declared_bucket() -> None:
    record = notified()

    event = only(record)
    assert (event.kind, event.bucket, event.key, event.size) == ("created", "Files", "folder/a b.txt", 352)
    assert (event.etag, event.at, event.attempt) == ("CNHZkbuF/ugCEAE=", 1587627537.772, 2)
    assert record.envelope.correlation_id == "mine"


@pytest.mark.parametrize("told", ["OBJECT_DELETE", "OBJECT_ARCHIVE"])
def test_an_object_that_is_gone_is_removed(told: str) -> None:
    event = only(notified({"eventType": told}))

    assert (event.kind, event.size) == ("removed", 0)


@pytest.mark.parametrize(
    "attributes",
    [
        {"eventType": "OBJECT_METADATA_UPDATE"},
        {"eventType": "OBJECT_DELETE", "overwrittenByGeneration": "2"},
        {"eventType": "OBJECT_ARCHIVE", "overwrittenByGeneration": "2"},
    ],
)
def test_what_is_no_event_reaches_no_handler(attributes: dict[str, str]) -> None:
    assert notified(attributes).events == []


def test_an_overwriting_is_a_creation() -> None:
    assert only(notified({"overwroteGeneration": "1"})).kind == "created"


@pytest.mark.parametrize("options", [{"skip": ["folder/"]}, {"suffix": ".csv"}])
def test_keys_that_are_not_asked_for_are_dropped(options: dict[str, Any]) -> None:
    assert notified(**options).events == []


@pytest.mark.parametrize("options", [{"skip": ["other/"]}, {"suffix": ".txt"}])
def test_other_keys_are_not(options: dict[str, Any]) -> None:
    assert only(notified(**options)).key == "folder/a b.txt"


def test_a_notification_without_a_payload_tells_what_its_attributes_do() -> None:
    event = only(notified(body=b""))

    assert (event.key, event.size, event.etag) == ("folder/a b.txt", 0, "1587627537231057")


@pytest.mark.parametrize(
    ("attributes", "body"),
    [({"eventType": "OBJECT_X"}, STORED), ({}, [1]), ({}, b"{"), ({"eventTime": "x"}, STORED), ({}, {"size": "x"})],
)
def test_a_misshapen_notification_is_malformed(attributes: dict[str, str], body: Any) -> None:
    with pytest.raises(BadEventError, match="message 136969346945 of files cannot be read"):
        only(notified(attributes, body))


@pytest.mark.parametrize("mode", [binary, structured])
@pytest.mark.parametrize(("told", "kind"), [("finalized", "created"), ("deleted", "removed"), ("archived", "removed")])
def test_an_event_of_cloud_storage_is_one_too(mode: Any, told: str, kind: str) -> None:
    sent = {**STORAGE_EVENT, "type": f"google.cloud.storage.object.v1.{told}"}

    record = arrived(mode(sent), "bucket")

    event = only(record)
    assert (event.kind, event.bucket, event.key) == (kind, "some-bucket", "folder/a b.txt")
    assert (event.id, event.at, record.envelope.correlation_id) == ("1147091835525187", 1587627537.772, "mine")


def test_a_change_of_metadata_alone_is_no_event() -> None:
    sent = {**STORAGE_EVENT, "type": "google.cloud.storage.object.v1.metadataUpdated"}

    assert arrived(binary(sent), "bucket").events == []
