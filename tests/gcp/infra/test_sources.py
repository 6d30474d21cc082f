"""Topics, streams and buckets: what a function hears of them, and how."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.gcp.infra.apps import contract, orders
from tests.gcp.infra.deploying import deployed
from tests.gcp.infra.mocks import STORAGE, Deployed
from tests.gcp.infra.shops import HANDLERS, follows, identity, shop

CREATED, DELETED, ARCHIVED = "OBJECT_FINALIZE", "OBJECT_DELETE", "OBJECT_ARCHIVE"


def bucket(*subscriptions: dict[str, Any], **options: Any) -> Deployed:
    def declare(app: App) -> None:
        files = app.bucket("Files", **options)
        for number, subscription in enumerate(subscriptions):
            files.subscribe(f"{HANDLERS}.object_event", name=f"Look{number}", **subscription)

    return deployed(shop(declare))


def test_each_function_that_hears_a_topic_has_a_subscription_with_its_filter() -> None:
    found = contract()
    filters = {
        name: found.named(f"Events-subscription-{name}").inputs.get("filter", "")
        for name in ("Everything", "Exact", "Prefix", "AnythingBut", "Exists", "Absent", "ExactNumber")
    }

    assert filters == {
        "Everything": "",
        "Exact": 'attributes.type = "order.placed" OR attributes.type = "order.paid"',
        "Prefix": 'hasPrefix(attributes.type, "order.")',
        "AnythingBut": 'attributes:type AND attributes.type != "order.lost"',
        "Exists": "attributes:urgent",
        "Absent": "NOT attributes:urgent",
        "ExactNumber": 'attributes."isthmus-number.weight" = "7"',
    }


def test_a_topic_that_nobody_hears_is_a_topic_alone() -> None:
    found = deployed(shop(lambda app: app.topic("News")))

    assert [one.name for one in found.resources if one.type.startswith("gcp:pubsub")] == ["News-topic"]


def test_a_stream_keeps_its_records_and_is_read_in_order() -> None:
    found = orders()
    topic, subscription = found.named("Analytics-topic"), found.named("Analytics-subscription-AnalyticsCollect")

    assert topic.inputs["messageRetentionDuration"] == subscription.inputs["messageRetentionDuration"] == "604800s"
    assert subscription.inputs["enableMessageOrdering"] is True
    assert "pushConfig" in subscription.inputs


def test_a_stream_that_is_read_in_batches_is_drained() -> None:
    assert "pushConfig" not in contract().named("Clicks-subscription-Read").inputs


def test_a_bucket_is_private_and_in_the_region() -> None:
    inputs = orders().named("Images-bucket").inputs

    assert inputs["publicAccessPrevention"] == "enforced"
    assert inputs["uniformBucketLevelAccess"] is True
    assert inputs["location"] == "EUROPE-WEST3"
    assert inputs["lifecycleRules"] == [{"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": 7}}]


def test_a_bucket_that_nobody_hears_tells_nobody() -> None:
    found = bucket()

    assert found.of("notification:Notification") == []
    assert found.of("pubsub/topic:Topic") == []


def test_one_notification_tells_a_topic_of_the_buckets_own_after_storage_may_publish_there() -> None:
    found = bucket({"events": ["created"]}, {"events": ["removed"]})
    (notification,) = found.of("notification:Notification")

    assert notification.inputs["topic"].endswith(found.named("Files-events").inputs["name"])
    assert notification.inputs["payloadFormat"] == "JSON_API_V1"
    assert notification.inputs["eventTypes"] == [DELETED, CREATED]
    assert follows(found, "Files-notification", "Files-publisher-storage")
    assert found.named("Files-publisher-storage").inputs["member"] == f"serviceAccount:{STORAGE}"


def test_the_account_of_storage_is_asked_for_since_a_project_has_none_before() -> None:
    token = "gcp:storage/getProjectServiceAccount:getProjectServiceAccount"

    assert token in bucket({}).asked
    assert token not in bucket().asked


OVERWRITTEN = "NOT attributes:overwrittenByGeneration"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, OVERWRITTEN),
        ({"events": ["created"]}, f'attributes.eventType = "{CREATED}"'),
        ({"events": ["removed"]}, f'attributes.eventType = "{DELETED}" AND {OVERWRITTEN}'),
        (
            {"events": ["created"], "prefix": 'in "x"/'},
            f'attributes.eventType = "{CREATED}" AND hasPrefix(attributes.objectId, "in \\"x\\"/")',
        ),
        ({"prefix": "a/"}, f'hasPrefix(attributes.objectId, "a/") AND {OVERWRITTEN}'),
        ({"events": ["created"], "suffix": ".txt", "skip": ["out/"]}, f'attributes.eventType = "{CREATED}"'),
    ],
)
def test_a_function_hears_what_it_asks_for(asked: dict[str, Any], expected: str) -> None:
    found = bucket(asked, {})  # another one hears everything

    assert found.named("Files-subscription-Look0").inputs["filter"] == expected


def test_a_function_that_hears_all_that_is_told_needs_no_filter_for_it() -> None:
    assert "filter" not in bucket({"events": ["created"]}).named("Files-subscription-Look0").inputs


def test_what_is_deleted_from_a_bucket_that_keeps_versions_is_archived() -> None:
    found = bucket({"events": ["removed"]}, {}, versioned=True)

    assert found.named("Files-notification").inputs["eventTypes"] == [ARCHIVED, CREATED]
    assert ARCHIVED in found.named("Files-subscription-Look0").inputs["filter"]
    assert found.named("Files-bucket").inputs["versioning"] == {"enabled": True}


def test_a_function_that_subscribes_twice_to_a_bucket_has_one_subscription_for_both() -> None:
    def declare(app: App) -> None:
        files = app.bucket("Files")
        look = app.function("Look", f"{HANDLERS}.object_event")
        files.subscribe(look, events=["created"], prefix="a/")
        files.subscribe(look, events=["created"], prefix="b/")

    found = deployed(shop(declare))

    assert found.named("Files-subscription-Look").inputs["filter"] == (
        'hasPrefix(attributes.objectId, "a/") OR hasPrefix(attributes.objectId, "b/")'
    )


def test_what_a_function_drops_itself_is_in_its_identity() -> None:
    (source,) = identity(bucket({"suffix": ".txt", "skip": ["out/"]}), "Look0")["sources"].values()

    assert source[-2:] == [["out/"], ".txt"]


def test_two_topics_may_be_told_of_what_the_other_gives_up() -> None:
    def declare(app: App) -> None:
        one, other = app.topic("One"), app.topic("Other")
        one.subscribe(f"{HANDLERS}.message", name="OnOne")
        other.subscribe(f"{HANDLERS}.message", name="OnOther")
        assert one.dead_letters is not None
        assert other.dead_letters is not None
        one.subscribe(other.dead_letters)
        other.subscribe(one.dead_letters)

    found = deployed(shop(declare))
    policy = found.named("One-subscription-OnOne").inputs["deadLetterPolicy"]

    assert policy["deadLetterTopic"].endswith(found.named("OneDeadLetters-topic").inputs["name"])
    assert (
        found.named("OneDeadLetters-subscription-Other")
        .inputs["topic"]
        .endswith(found.named("Other-topic").inputs["name"])
    )
