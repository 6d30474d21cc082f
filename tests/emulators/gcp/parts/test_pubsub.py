"""What we rely on of Pub/Sub, asked of the server through Google's own client: each fact with its page.

pstest alone gets wrong, and `pubsub/` mends: every limit of a message, requests above 4 MB, the backoff of the retry
policy, attempts (it adds up those of all subscriptions), dead letters (no attributes, the same message id), more than
one message of an ordering key at a time and what comes again after a nack, seek (to the past: it crashes), detached
subscriptions, a pull that a message wakes, flow control, 90 messages a second, filters (no quoted keys, and it takes
much that is no filter), properties that cannot be updated, exactly-once errors.

What still differs from the cloud: push subscriptions are not pushed and can be pulled; snapshots are missing; the
retention of a topic is stored and not obeyed (that of a subscription is); nothing is delivered twice by accident;
schemas and message transforms are stored and not applied; BigQuery and Cloud Storage subscriptions export nothing; no
IAM; the idle time after which a subscription expires is stored and not obeyed.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core.exceptions import AlreadyExists, DeadlineExceeded, InvalidArgument, NotFound

from tests.emulators.gcp.parts.channel import Channel, texts, until
from tests.emulators.gcp.parts.pubsub import PubSub, pubsub

__all__ = ["pubsub"]

# Publishing: https://cloud.google.com/pubsub/quotas#resource_limits


def test_a_message_arrives_with_all_it_was_given(pubsub: PubSub) -> None:
    channel = Channel(pubsub)

    (sent,) = channel.send("ä\0", key="k", a="1", b="")

    (got,) = channel.pull()
    assert (got.message.message_id, got.message.data.decode()) == (sent, "ä\0")
    assert (dict(got.message.attributes), got.message.ordering_key) == ({"a": "1", "b": ""}, "k")
    assert abs(got.message.publish_time - datetime.now(UTC)) < timedelta(seconds=10)
    assert sent.isdecimal()


def test_ids_are_given_in_the_order_of_the_request_and_never_twice(pubsub: PubSub) -> None:
    channel = Channel(pubsub)

    ids = channel.send(*map(str, range(100))) + channel.send(*map(str, range(100, 200)))

    got = channel.pull(1000)
    assert {message.message.message_id: message.message.data.decode() for message in got} == dict(
        zip(ids, map(str, range(200)), strict=True)
    )


REFUSED = {
    "no message": [],
    "1,001 messages": [{"data": b"x"}] * 1001,
    "neither data nor attributes": [{"ordering_key": "k"}],
    "101 attributes": [{"attributes": {f"a{number}": "" for number in range(101)}}],
    "an empty attribute key": [{"attributes": {"": "x"}}],
    "an attribute key of 257 bytes": [{"attributes": {"ä" * 128 + "a": "x"}}],
    "an attribute key of Google's": [{"attributes": {"googclient": "x"}}],
    "an attribute value of 1,025 bytes": [{"attributes": {"a": "ä" * 512 + "a"}}],
    "an ordering key of 1,025 bytes": [{"data": b"x", "ordering_key": "ä" * 512 + "a"}],
    "10,000,001 bytes": [{"data": b"x" * 10_000_001}],
    "10,000,001 bytes together": [{"data": b"x" * 5_000_000}, {"data": b"x" * 5_000_001}],
}


@pytest.mark.parametrize("messages", REFUSED.values(), ids=REFUSED)
def test_a_request_beyond_a_limit_publishes_nothing(pubsub: PubSub, messages: list[dict[str, Any]]) -> None:
    channel = Channel(pubsub)

    with pytest.raises(InvalidArgument):
        channel.publish(messages)

    assert channel.pull() == []


ACCEPTED = {
    "1,000 messages": [{"data": b"x"}] * 1000,
    "100 attributes": [{"attributes": {f"a{number}": "" for number in range(100)}}],
    "the longest attribute and ordering key": [{"attributes": {"ä" * 128: "ä" * 512}, "ordering_key": "ä" * 512}],
    "10,000,000 bytes": [{"data": b"x" * 10_000_000}],
}


@pytest.mark.parametrize("messages", ACCEPTED.values(), ids=ACCEPTED)
def test_a_request_at_a_limit_arrives(pubsub: PubSub, messages: list[dict[str, Any]]) -> None:
    channel = Channel(pubsub)

    channel.publish(messages)

    assert len(channel.pull(1000)) == len(messages)


def test_a_topic_that_is_not_there_takes_nothing(pubsub: PubSub) -> None:
    with pytest.raises(NotFound):
        pubsub.publisher().publish(topic="projects/isthmus/topics/nobody", messages=[{"data": b"x"}])


@pytest.mark.parametrize("name", ["ab", "1abc", "googx", "a" * 256, "a/b", "a b", "ä" * 4])
def test_a_name_that_the_cloud_refuses_is_refused(pubsub: PubSub, name: str) -> None:
    """https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names"""
    with pytest.raises(InvalidArgument):
        pubsub.publisher().create_topic(name=f"projects/isthmus/topics/{name}")


def test_a_topic_is_made_once(pubsub: PubSub) -> None:
    channel = Channel(pubsub)

    with pytest.raises(AlreadyExists):
        channel.publisher.create_topic(name=channel.topic)


# Pulling: https://cloud.google.com/pubsub/docs/pull


def test_every_subscription_gets_every_message(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    other = channel.subscription + "-other"
    channel.subscribe(other)

    channel.send("a")

    assert texts(channel.pull()) == texts(channel.pull(of=other)) == ["a"]


def test_a_subscription_gets_nothing_from_before_it(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("before")
    channel.subscribe(channel.subscription + "-late")

    assert channel.pull(of=channel.subscription + "-late") == []


def test_a_pull_with_nothing_there_comes_back_empty(pubsub: PubSub) -> None:
    assert Channel(pubsub).pull() == []


def test_a_pull_ends_when_its_client_has_waited_long_enough(pubsub: PubSub) -> None:
    channel = Channel(pubsub)

    with pytest.raises(DeadlineExceeded):
        channel.subscriber.pull(subscription=channel.subscription, max_messages=1, timeout=0.1, retry=None)


def test_a_message_wakes_a_pull_that_waits(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    with ThreadPoolExecutor(1) as pool:
        waiting: Future[list[Any]] = pool.submit(channel.pull)
        time.sleep(0.1)

        channel.send("a")
        sent = time.monotonic()

        assert texts(waiting.result()) == ["a"]
        assert time.monotonic() - sent < 0.3


@pytest.mark.parametrize("count", [0, -1])
def test_a_pull_asks_for_at_least_one_message(pubsub: PubSub, count: int) -> None:
    with pytest.raises(InvalidArgument):
        Channel(pubsub).pull(count)


def test_what_is_out_is_not_given_again(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("a", "b", "c")

    assert texts(channel.pull(2)) + texts(channel.pull(2)) == ["a", "b", "c"]
    assert channel.pull() == []


def test_two_pullers_at_once_never_get_the_same(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send(*map(str, range(400)))

    def pull_some(_: int) -> list[str]:
        return texts(channel.pull(20))

    with ThreadPoolExecutor(4) as pool:
        got = [text for batch in pool.map(pull_some, range(20)) for text in batch]

    assert sorted(got, key=int) == [str(number) for number in range(400)]


def test_an_acknowledged_message_never_comes_back(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("a")
    got = channel.pull()

    channel.ack(*got)
    channel.nack(*got)
    channel.ack(*got)

    assert channel.pull() == []


def test_a_nack_gives_a_message_back_at_once(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("a")
    first = channel.pull()

    channel.nack(*first)

    (again,) = channel.pull()
    assert again.message == first[0].message
    assert again.ack_id != first[0].ack_id


def test_the_lease_of_a_delivery_that_was_given_back_is_worth_nothing(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("a")
    first = channel.pull()
    channel.nack(*first)
    channel.pull()

    channel.ack(*first)
    channel.nack(*first)

    assert channel.pull() == []  # the second delivery is still out


def test_a_lease_that_ends_gives_the_message_back(pubsub: PubSub) -> None:
    """https://cloud.google.com/pubsub/docs/lease-management"""
    channel = Channel(pubsub)
    channel.send("a")
    first = channel.pull()
    channel.extend(1, *first)
    start = time.monotonic()

    assert until(lambda: texts(channel.pull()) == ["a"])
    assert 0.9 < time.monotonic() - start < 3


def test_a_lease_that_is_extended_lasts(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("a")
    got = channel.pull()
    channel.extend(1, *got)
    channel.extend(20, *got)
    time.sleep(1.2)

    assert channel.pull() == []


def test_a_message_can_be_acknowledged_after_its_lease(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("a")
    got = channel.pull()
    channel.extend(1, *got)
    time.sleep(1.1)

    channel.ack(*got)

    assert channel.pull() == []


@pytest.mark.parametrize("seconds", [-1, 601])
def test_a_lease_of_more_than_ten_minutes_is_refused(pubsub: PubSub, seconds: int) -> None:
    channel = Channel(pubsub)
    channel.send("a")

    with pytest.raises(InvalidArgument):
        channel.extend(seconds, *channel.pull())


def test_with_exactly_once_a_late_acknowledgement_is_told(pubsub: PubSub) -> None:
    """https://cloud.google.com/pubsub/docs/exactly-once-delivery"""
    channel = Channel(pubsub, enable_exactly_once_delivery=True)
    channel.send("a")
    got = channel.pull()
    channel.ack(*got)

    with pytest.raises(InvalidArgument) as raised:
        channel.ack(*got)

    error: Any = raised.value
    assert error.metadata == {got[0].ack_id: "PERMANENT_FAILURE_INVALID_ACK_ID"}
