"""Subscriptions and topics that change: properties, filters, seek, detachment and deletion."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core.exceptions import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    MethodNotImplemented,
    NotFound,
)

from tests.emulators.gcp.parts.channel import Channel, texts
from tests.emulators.gcp.parts.pubsub import PubSub, pubsub

__all__ = ["pubsub"]

# Properties: https://cloud.google.com/pubsub/docs/subscription-properties


def test_a_subscription_keeps_its_properties(pubsub: PubSub) -> None:
    letters = Channel(pubsub)
    push = {"push_endpoint": "http://127.0.0.1:1/", "oidc_token": {"service_account_email": "a@b", "audience": "c"}}
    given: dict[str, Any] = {
        "ack_deadline_seconds": 33,
        "push_config": push,
        "labels": {"a": "b"},
        "enable_message_ordering": True,
        "filter": 'attributes.a = "1"',
        "retry_policy": {"minimum_backoff": {"seconds": 1}, "maximum_backoff": {"seconds": 2}},
        "dead_letter_policy": {"dead_letter_topic": letters.topic, "max_delivery_attempts": 7},
        "message_retention_duration": {"seconds": 31 * 86400},
    }

    channel = Channel(pubsub, **given)

    kind: Any = channel.read().__class__
    read: dict[str, Any] = kind.to_dict(channel.read())
    assert {name: read[name] for name in ("ack_deadline_seconds", "labels", "filter", "enable_message_ordering")} == {
        name: given[name] for name in ("ack_deadline_seconds", "labels", "filter", "enable_message_ordering")
    }
    assert read["push_config"]["oidc_token"] == push["oidc_token"]
    assert read["dead_letter_policy"] == given["dead_letter_policy"]
    assert (read["message_retention_duration"], read["topic"]) == ("2678400s", channel.topic)


def test_a_subscription_without_properties_has_the_documented_ones(pubsub: PubSub) -> None:
    read = Channel(pubsub).read()

    assert (read.ack_deadline_seconds, read.message_retention_duration) == (10, timedelta(days=7))
    assert read.expiration_policy.ttl == timedelta(days=31)


WRONG: list[dict[str, Any]] = [
    {"ack_deadline_seconds": 9},
    {"ack_deadline_seconds": 601},
    {"message_retention_duration": {"seconds": 599}},
    {"message_retention_duration": {"seconds": 31 * 86400 + 1}},
]


@pytest.mark.parametrize("properties", WRONG)
def test_a_property_that_cannot_be_is_refused(pubsub: PubSub, properties: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        Channel(pubsub, **properties)


def test_a_property_can_be_changed_and_taken_away(pubsub: PubSub) -> None:
    channel = Channel(pubsub, retry_policy={}, ack_deadline_seconds=20)

    channel.update("retry_policy", "ack_deadline_seconds", ack_deadline_seconds=30)

    assert (channel.read().ack_deadline_seconds, "retry_policy" in channel.read()) == (30, False)


@pytest.mark.parametrize("path", ["filter", "topic", "name", "enable_message_ordering", "nonsense"])
def test_a_property_that_is_fixed_cannot_be_changed(pubsub: PubSub, path: str) -> None:
    with pytest.raises(InvalidArgument):
        Channel(pubsub).update(path)


def test_a_change_that_cannot_be_changes_nothing(pubsub: PubSub) -> None:
    channel = Channel(pubsub)

    with pytest.raises(InvalidArgument):
        channel.update("labels", "ack_deadline_seconds", labels={"a": "b"}, ack_deadline_seconds=5)

    assert (channel.read().ack_deadline_seconds, dict(channel.read().labels)) == (10, {})


def test_a_subscription_is_made_once_and_of_a_topic_that_is_there(pubsub: PubSub) -> None:
    channel = Channel(pubsub)

    with pytest.raises(AlreadyExists):
        channel.subscribe(channel.subscription)
    channel.topic += "-not"
    with pytest.raises(NotFound):
        channel.subscribe(channel.subscription + "-other")


def test_all_subscriptions_are_listed_page_by_page(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    for number in range(3):
        channel.subscribe(f"projects/listed/subscriptions/sub-{number}")

    listed = channel.subscriber.list_subscriptions(request={"project": "projects/listed", "page_size": 2})

    assert [one.name[-1] for one in listed] == ["0", "1", "2"]
    assert list(channel.subscriber.list_subscriptions(project="projects/liste")) == []


# Filters: https://cloud.google.com/pubsub/docs/subscription-message-filter

FILTERS: list[tuple[str, list[str]]] = [
    ("attributes:a", ["x", "y"]),
    ("NOT attributes:a", ["z"]),
    ('attributes.a = "1"', ["x"]),
    ('attributes.a!="1"', ["y", "z"]),
    ('hasPrefix(attributes.a, "2")', ["y"]),
    ('NOT hasPrefix( attributes.a , "2" )', ["x", "z"]),
    ('attributes:a AND (attributes.a = "1" OR attributes.a = "23")', ["x", "y"]),
    ('attributes.a = "1" OR attributes.a = "23" OR attributes:"a b"', ["x", "y", "z"]),
    ('NOT attributes.a = "1" AND -attributes:"a b"', ["y"]),
    ('attributes."a b" = "\\"\\u307F\\x41\\\\"', ["z"]),
    ("attributes:A", []),
    ("", ["x", "y", "z"]),
]


@pytest.mark.parametrize(("condition", "expected"), FILTERS)
def test_a_filter_lets_through_what_it_says(pubsub: PubSub, condition: str, expected: list[str]) -> None:
    channel = Channel(pubsub, filter=condition)

    channel.send("x", a="1")
    channel.send("y", a="23")
    channel.send("z", **{"a b": '"\u307fA\\'})

    assert texts(channel.pull()) == expected


BAD_FILTERS = [
    "attributes.a =",
    "attributes.a",
    "attributes:",
    '"com" = attributes.a',
    "attributes.a = attributes.b",
    "attributes:\\u307F",
    'attributes:a AND attributes.b = "1" OR attributes.c = "2"',
    'attributes.a = "com" AND ("net" OR "org")',
    "attributes:a and attributes:b",
    'attributes.a > "1"',
    "(attributes:a",
    'hasSuffix(attributes.a, "x")',
    "hasPrefix(attributes.a)",
    "attributes.a = 'x'",
    'attributes.a = "' + "x" * 240 + '"',
]


@pytest.mark.parametrize("condition", BAD_FILTERS)
def test_a_filter_that_the_cloud_refuses_is_refused(pubsub: PubSub, condition: str) -> None:
    with pytest.raises(InvalidArgument):
        Channel(pubsub, filter=condition)


# Seek: https://cloud.google.com/pubsub/docs/replay-overview


def test_a_seek_to_now_acknowledges_everything(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("waiting", "out")
    got = channel.pull(1)

    channel.subscriber.seek(request={"subscription": channel.subscription, "time": datetime.now(UTC)})
    channel.nack(*got)

    assert channel.pull() == []


@pytest.mark.parametrize(("kept", "expected"), [(True, ["b", "c"]), (False, ["c"])])
def test_a_seek_to_the_past_brings_back_what_is_kept(pubsub: PubSub, kept: bool, expected: list[str]) -> None:
    channel = Channel(pubsub, retain_acked_messages=kept)
    channel.send("a")
    time.sleep(0.02)
    then = datetime.now(UTC)
    time.sleep(0.02)
    channel.send("b")
    channel.ack(*channel.pull())
    channel.send("c")

    channel.subscriber.seek(request={"subscription": channel.subscription, "time": then})

    assert texts(channel.pull()) == expected


# Detachment and deletion


def test_a_detached_subscription_gives_nothing(pubsub: PubSub) -> None:
    """https://cloud.google.com/pubsub/docs/detach-subscriptions"""
    channel = Channel(pubsub)
    channel.send("a")

    channel.publisher.detach_subscription(request={"subscription": channel.subscription})
    channel.send("b")

    assert channel.read().detached
    with pytest.raises(FailedPrecondition):
        channel.pull()


def test_a_deleted_topic_leaves_what_its_subscriptions_have(pubsub: PubSub) -> None:
    """https://cloud.google.com/pubsub/docs/delete-topic"""
    channel = Channel(pubsub)
    channel.send("a")

    channel.publisher.delete_topic(topic=channel.topic)

    assert channel.read().topic == "_deleted-topic_"
    assert texts(channel.pull()) == ["a"]
    with pytest.raises(NotFound):
        channel.send("b")


def test_a_topic_made_again_is_another_one(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.publisher.delete_topic(topic=channel.topic)
    channel.publisher.create_topic(name=channel.topic)

    channel.send("a")

    assert channel.pull() == []


def test_a_deleted_subscription_is_gone_and_its_name_is_free(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("a")
    channel.subscriber.delete_subscription(subscription=channel.subscription)

    with pytest.raises(NotFound):
        channel.pull()
    channel.subscribe(channel.subscription)
    assert channel.pull() == []


# Hostile requests


@pytest.mark.parametrize(
    ("client", "method", "request_"),
    [
        ("publisher", "update_topic", {}),
        ("publisher", "update_topic", {"topic": {"name": "projects/isthmus/topics/nobody"}}),
        ("publisher", "create_topic", {}),
        ("publisher", "publish", {}),
        ("publisher", "detach_subscription", {}),
        ("subscriber", "update_subscription", {}),
        ("subscriber", "create_subscription", {}),
        ("subscriber", "modify_push_config", {}),
        ("subscriber", "acknowledge", {}),
        ("subscriber", "modify_ack_deadline", {"ack_ids": [""] * 1000}),
        ("subscriber", "pull", {"max_messages": 2**31 - 1}),
        ("subscriber", "seek", {}),
        ("subscriber", "seek", {"time": {"seconds": -(2**62)}}),
        ("subscriber", "list_subscriptions", {"project": "projects/isthmus", "page_token": "-1"}),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_and_breaks_nothing(
    pubsub: PubSub, client: str, method: str, request_: dict[str, Any]
) -> None:
    caller = pubsub.publisher() if client == "publisher" else pubsub.subscriber()

    with pytest.raises((InvalidArgument, NotFound, MethodNotImplemented)):
        getattr(caller, method)(request=request_, retry=None, timeout=5)

    channel = Channel(pubsub)
    channel.send("a")
    assert texts(channel.pull()) == ["a"]
