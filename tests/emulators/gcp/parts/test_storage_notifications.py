"""What a bucket tells its topics: https://cloud.google.com/storage/docs/pubsub-notifications"""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import httpx
import pytest
from google.api_core.exceptions import BadRequest, NotFound

from tests.emulators.gcp.parts.bucket import Bucket, events
from tests.emulators.gcp.parts.channel import Channel
from tests.emulators.gcp.parts.pubsub import PubSub, pubsub
from tests.emulators.gcp.parts.storage import Storage

__all__ = ["pubsub"]


@pytest.fixture(scope="module")
def told(pubsub: PubSub) -> Generator[Storage]:
    """A server that publishes to the Pub/Sub of the session."""
    with Storage(pubsub=pubsub.endpoint) as server:
        yield server


def test_a_new_object_is_told_with_all_its_attributes(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    notification = bucket.notify(channel)

    blob = bucket.put("in/a b+ä", "text", content_type="text/plain")

    (event,) = events(channel, 1)
    at = datetime.fromisoformat(event.attributes.pop("eventTime"))
    assert abs((datetime.now(UTC) - at).total_seconds()) < 10
    assert event.attributes == {
        "notificationConfig": f"projects/_/buckets/{bucket.name}/notificationConfigs/{notification.notification_id}",
        "eventType": "OBJECT_FINALIZE",
        "payloadFormat": "JSON_API_V1",
        "bucketId": bucket.name,
        "objectId": "in/a b+ä",
        "objectGeneration": str(blob.generation),
    }


def test_the_payload_is_the_object_as_the_api_describes_it(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    bucket.notify(channel)
    blob = bucket.bucket.blob("a/b")
    blob.metadata = {"Colour": "red"}
    blob.upload_from_string("text", content_type="text/plain")

    (event,) = events(channel, 1)

    shown = httpx.get(f"{told.endpoint}/storage/v1/b/{bucket.name}/o/a%2Fb").json()
    assert set(event.object) >= set(shown) - {"mediaLink"}
    assert {name: event.object[name] for name in shown if name != "mediaLink"} == {
        name: shown[name] for name in shown if name != "mediaLink"
    }
    assert (event.object["size"], event.object["metadata"]) == ("4", {"Colour": "red"})


def test_without_a_payload_format_nothing_but_attributes_comes(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    bucket.notify(channel, payload_format="NONE")

    bucket.put("a")

    (event,) = events(channel, 1)
    assert (event.object, event.attributes["payloadFormat"]) == ({}, "NONE")


def test_an_object_that_is_written_over_is_told_as_deleted(told: Storage, pubsub: PubSub) -> None:
    """https://cloud.google.com/storage/docs/pubsub-notifications#replacing_objects"""
    bucket, channel = Bucket(told), Channel(pubsub)
    old = bucket.put("a", "old")
    bucket.notify(channel)

    new = bucket.put("a", "new!")

    deleted, finalized = events(channel, 2)
    assert (deleted.kind, finalized.kind) == ("OBJECT_DELETE", "OBJECT_FINALIZE")
    assert deleted.attributes["objectGeneration"] == deleted.object["generation"] == str(old.generation)
    assert deleted.attributes["overwrittenByGeneration"] == str(new.generation)
    assert finalized.attributes["objectGeneration"] == finalized.object["generation"] == str(new.generation)
    assert finalized.attributes["overwroteGeneration"] == str(old.generation)
    assert (deleted.object["size"], finalized.object["size"]) == ("3", "4")


def test_writers_at_once_leave_an_unbroken_chain_of_generations(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    bucket.notify(channel, event_types=["OBJECT_FINALIZE"])

    def write(number: int) -> None:
        bucket.put("a", str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(30)))

    told_of = {event.attributes["objectGeneration"]: event.attributes for event in events(channel, 30)}
    before = {one.get("overwroteGeneration", "") for one in told_of.values()}
    assert len(before) == len(told_of) == 30
    assert before - told_of.keys() == {""}


def test_a_bucket_with_versions_tells_of_the_archive_instead(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told, versioned=True), Channel(pubsub)
    bucket.put("a", "old")
    bucket.notify(channel)

    bucket.put("a", "new")

    assert [event.kind for event in events(channel, 2)] == ["OBJECT_ARCHIVE", "OBJECT_FINALIZE"]


def test_a_deletion_is_told(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    blob = bucket.put("a")
    bucket.notify(channel)

    blob.delete()

    (event,) = events(channel, 1)
    assert (event.kind, event.attributes["objectGeneration"]) == ("OBJECT_DELETE", str(blob.generation))
    assert "overwrittenByGeneration" not in event.attributes


def test_a_deletion_in_a_batch_is_told(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    blobs = [bucket.put(name) for name in ("a", "b")]
    bucket.notify(channel)

    with bucket.client.batch():
        for blob in blobs:
            blob.delete()

    assert {event.attributes["objectId"] for event in events(channel, 2)} == {"a", "b"}


def test_an_old_version_that_is_deleted_is_told_by_its_generation(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told, versioned=True), Channel(pubsub)
    old = bucket.put("a", "old").generation
    bucket.put("a", "new")
    bucket.notify(channel)

    bucket.bucket.blob("a", generation=old).delete()

    (event,) = events(channel, 1)
    assert (event.kind, event.attributes["objectGeneration"]) == ("OBJECT_DELETE", str(old))


def test_a_change_of_the_metadata_is_told(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    blob = bucket.put("a")
    bucket.notify(channel)
    blob.metadata = {"a": "1"}

    blob.patch()

    (event,) = events(channel, 1)
    assert (event.kind, event.object["metadata"]) == ("OBJECT_METADATA_UPDATE", {"a": "1"})


def test_every_way_of_writing_is_told(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    bucket.notify(channel, event_types=["OBJECT_FINALIZE"])
    blob = bucket.put("simple")
    bucket.bucket.blob("chunked", chunk_size=256 * 1024).upload_from_file(BytesIO(b"x" * 600_000))
    bucket.bucket.copy_blob(blob, bucket.bucket, "copied")
    bucket.bucket.blob("composed").compose([blob, blob])

    assert sorted(event.attributes["objectId"] for event in events(channel, 4)) == [
        "chunked",
        "composed",
        "copied",
        "simple",
    ]


def test_a_write_that_is_refused_is_not_told(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    bucket.put("a")
    bucket.notify(channel)

    with pytest.raises(Exception, match="412"):
        bucket.put("a", if_generation_match=0)

    assert events(channel, 0) == []


def test_each_configuration_gets_what_it_asks_for(told: Storage, pubsub: PubSub) -> None:
    bucket = Bucket(told)
    everything, deletions, inside = Channel(pubsub), Channel(pubsub), Channel(pubsub)
    bucket.notify(everything, custom_attributes={"from": "here"})
    bucket.notify(deletions, event_types=["OBJECT_DELETE"])
    bucket.notify(inside, blob_name_prefix="in/", event_types=["OBJECT_FINALIZE", "OBJECT_DELETE"])

    bucket.put("in/a").delete()
    bucket.put("out")

    assert [event.attributes["from"] for event in events(everything, 3)] == ["here"] * 3
    assert [event.kind for event in events(deletions, 1)] == ["OBJECT_DELETE"]
    assert {event.attributes["objectId"] for event in events(inside, 2)} == {"in/a"}


def test_two_configurations_of_one_topic_both_publish(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    ids = {bucket.notify(channel).notification_id, bucket.notify(channel).notification_id}

    bucket.put("a")

    assert {event.attributes["notificationConfig"].rpartition("/")[2] for event in events(channel, 2)} == ids


def test_another_bucket_tells_nothing(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    bucket.notify(channel)

    Bucket(told).put("a")

    assert events(channel, 0) == []


def test_a_configuration_is_listed_read_and_deleted(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    made = bucket.notify(channel, blob_name_prefix="in/", custom_attributes={"a": "1"})

    (listed,) = bucket.bucket.list_notifications()
    assert (listed.notification_id, listed.topic_name) == (made.notification_id, channel.topic.rpartition("/")[2])
    read = bucket.bucket.get_notification(made.notification_id)
    assert (read.blob_name_prefix, read.custom_attributes) == ("in/", {"a": "1"})
    read.delete()
    bucket.put("in/a")
    assert events(channel, 0) == []
    with pytest.raises(NotFound):
        bucket.bucket.get_notification(made.notification_id)


def test_a_deleted_bucket_leaves_no_configuration_to_the_next_of_its_name(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    bucket.notify(channel)
    bucket.bucket.delete()
    bucket.client.create_bucket(bucket.name)

    assert list(bucket.bucket.list_notifications()) == []


@pytest.mark.parametrize(
    "wrong",
    [{"topic": "nonsense"}, {"payload_format": "XML"}, {"payload_format": ""}, {"event_types": ["OBJECT_READ"]}],
)
def test_a_configuration_that_cannot_be_is_refused(told: Storage, wrong: dict[str, Any]) -> None:
    bucket = Bucket(told)
    config = {"topic": "projects/isthmus/topics/x", "payload_format": "JSON_API_V1", **wrong}

    reply = httpx.post(f"{told.endpoint}/storage/v1/b/{bucket.name}/notificationConfigs", json=config)

    assert reply.status_code == 400


def test_ten_configurations_wait_for_one_kind_of_event(told: Storage, pubsub: PubSub) -> None:
    bucket, channel = Bucket(told), Channel(pubsub)
    for _ in range(10):
        bucket.notify(channel, event_types=["OBJECT_DELETE"])

    bucket.notify(channel, event_types=["OBJECT_FINALIZE"])
    with pytest.raises(BadRequest):
        bucket.notify(channel)


def test_a_bucket_that_is_not_there_has_no_configurations(told: Storage, pubsub: PubSub) -> None:
    bucket = Bucket(told)
    bucket.bucket.delete()

    with pytest.raises(NotFound):
        bucket.notify(Channel(pubsub))
