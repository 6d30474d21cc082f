"""What Pub/Sub does after a failure: backoff, dead letters, and the order of what comes again."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from google.api_core.exceptions import InvalidArgument, NotFound

from tests.emulators.gcp.parts.channel import Channel, texts
from tests.emulators.gcp.parts.pubsub import PubSub, pubsub

__all__ = ["pubsub"]


def backoff(least: float, most: float) -> dict[str, Any]:
    return {"minimum_backoff": duration(least), "maximum_backoff": duration(most)}


def duration(seconds: float) -> dict[str, int]:
    return {"seconds": int(seconds), "nanos": int(seconds % 1 * 1e9)}


# Retry policy: https://cloud.google.com/pubsub/docs/subscription-retry-policy


def test_a_nack_waits_for_its_backoff_which_doubles_up_to_the_maximum(pubsub: PubSub) -> None:
    channel = Channel(pubsub, retry_policy=backoff(0.2, 0.5))
    channel.send("a")
    got = channel.await_one()
    pauses: list[float] = []
    for _ in range(4):
        channel.nack(got)
        start = time.monotonic()
        got = channel.await_one()
        pauses.append(time.monotonic() - start)

    assert pauses == pytest.approx([0.2, 0.4, 0.5, 0.5], abs=0.15)


def test_a_lease_that_ends_waits_for_the_backoff_too(pubsub: PubSub) -> None:
    channel = Channel(pubsub, retry_policy=backoff(1, 1))
    channel.send("a")
    channel.extend(1, channel.await_one())
    start = time.monotonic()

    channel.await_one()

    assert time.monotonic() - start > 1.9


def test_others_do_not_wait_for_the_backoff_of_one(pubsub: PubSub) -> None:
    channel = Channel(pubsub, retry_policy=backoff(20, 20))
    channel.send("a", "b")
    channel.nack(channel.await_one())

    assert texts(channel.pull()) == ["b"]


def test_without_a_policy_a_message_comes_back_at_once_every_time(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("a")
    start = time.monotonic()

    for _ in range(20):
        channel.nack(*channel.pull())

    assert texts(channel.pull()) == ["a"]
    assert time.monotonic() - start < 2


def test_a_policy_without_numbers_means_ten_seconds_to_ten_minutes(pubsub: PubSub) -> None:
    policy = Channel(pubsub, retry_policy={}).read().retry_policy

    assert (policy.minimum_backoff.total_seconds(), policy.maximum_backoff.total_seconds()) == (10, 600)


@pytest.mark.parametrize(("least", "most"), [(2, 1), (0, 601), (601, 601)])
def test_a_backoff_that_cannot_be_is_refused(pubsub: PubSub, least: float, most: float) -> None:
    with pytest.raises(InvalidArgument):
        Channel(pubsub, retry_policy=backoff(least, most))


# Dead letters: https://cloud.google.com/pubsub/docs/handling-failures


def with_dead_letters(pubsub: PubSub, **properties: Any) -> tuple[Channel, Channel]:
    letters = Channel(pubsub)
    policy = {"dead_letter_topic": letters.topic, "max_delivery_attempts": 5}
    return Channel(pubsub, dead_letter_policy=policy, **properties), letters


def fail(channel: Channel, times: int) -> list[int]:
    """Give the one message that there is back so many times, and return what its deliveries called themselves."""
    attempts: list[int] = []
    for _ in range(times):
        got = channel.await_one()
        attempts.append(got.delivery_attempt)
        channel.nack(got)
    return attempts


def test_a_message_is_given_up_after_its_attempts_which_count_from_one(pubsub: PubSub) -> None:
    channel, letters = with_dead_letters(pubsub)
    channel.send("a")

    assert fail(channel, 5) == [1, 2, 3, 4, 5]
    assert texts(letters.pull()) == ["a"]
    assert channel.pull() == []


def test_a_dead_letter_says_where_it_comes_from(pubsub: PubSub) -> None:
    channel, letters = with_dead_letters(pubsub)
    (sent,) = channel.send("a", key="k", colour="red")
    fail(channel, 5)

    got = letters.await_one()

    attributes = dict(got.message.attributes)
    published = datetime.fromisoformat(attributes.pop("CloudPubSubDeadLetterSourceTopicPublishTime"))
    assert attributes == {
        "colour": "red",
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
        "CloudPubSubDeadLetterSourceSubscription": channel.subscription.rpartition("/")[2],
        "CloudPubSubDeadLetterSourceSubscriptionProject": "isthmus",
    }
    assert abs((datetime.now(UTC) - published).total_seconds()) < 10
    assert got.message.message_id != sent
    assert not got.delivery_attempt


def test_a_lease_that_ends_is_an_attempt(pubsub: PubSub) -> None:
    channel, letters = with_dead_letters(pubsub)
    channel.send("a")
    fail(channel, 4)
    channel.extend(1, channel.await_one())
    time.sleep(1.1)

    assert channel.pull() == []
    assert texts(letters.pull()) == ["a"]


def test_attempts_of_another_subscription_do_not_count(pubsub: PubSub) -> None:
    channel, letters = with_dead_letters(pubsub)
    others = [f"{channel.subscription}-{number}" for number in range(6)]
    for name in others:
        channel.subscribe(name)
    channel.send("a")
    for name in others:
        channel.pull(of=name)

    assert channel.await_one().delivery_attempt == 1
    assert letters.pull() == []


def test_without_dead_letters_no_attempt_is_told(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("a")

    assert fail(channel, 7) == [0] * 7


def test_a_dead_letter_that_nobody_takes_stays_where_it_is(pubsub: PubSub) -> None:
    channel, letters = with_dead_letters(pubsub)
    channel.send("a")
    letters.publisher.delete_topic(topic=letters.topic)

    assert fail(channel, 6) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("attempts", [-1, 1, 4, 101])
def test_attempts_are_five_to_a_hundred(pubsub: PubSub, attempts: int) -> None:
    letters = Channel(pubsub)

    with pytest.raises(InvalidArgument):
        Channel(pubsub, dead_letter_policy={"dead_letter_topic": letters.topic, "max_delivery_attempts": attempts})


def test_attempts_are_five_where_nothing_is_said(pubsub: PubSub) -> None:
    channel = Channel(pubsub, dead_letter_policy={"dead_letter_topic": Channel(pubsub).topic})

    assert channel.read().dead_letter_policy.max_delivery_attempts == 5


def test_dead_letters_go_to_a_topic_that_is_there(pubsub: PubSub) -> None:
    with pytest.raises(NotFound):
        Channel(pubsub, dead_letter_policy={"dead_letter_topic": "projects/isthmus/topics/nobody"})


# Order: https://cloud.google.com/pubsub/docs/ordering


def test_a_pull_gets_many_messages_of_a_key_in_their_order(pubsub: PubSub) -> None:
    channel = Channel(pubsub, enable_message_ordering=True)
    for start in range(0, 60, 20):
        channel.send(*map(str, range(start, start + 20)), key="k")

    assert texts(channel.pull(50)) == [str(number) for number in range(50)]


def test_one_batch_of_a_key_is_out_at_a_time(pubsub: PubSub) -> None:
    channel = Channel(pubsub, enable_message_ordering=True)
    channel.send("a1", "a2", "a3", key="a")
    channel.send("b1", key="b")
    channel.send("free")
    first = channel.pull(2)
    second = channel.pull(10)
    channel.ack(*first)

    assert (texts(first), texts(second), texts(channel.pull(10))) == (["a1", "a2"], ["b1", "free"], ["a3"])


def test_a_nack_brings_all_later_ones_of_its_key_again(pubsub: PubSub) -> None:
    channel = Channel(pubsub, enable_message_ordering=True)
    channel.send("a1", "a2", "a3", "a4", key="a")
    channel.send("b1", key="b")
    a1, a2, a3, a4, b1 = channel.pull()

    channel.ack(a1, a4)  # also what is acknowledged already: it came after what failed
    channel.nack(a2)
    channel.ack(a3, b1)  # whose lease of a3 is gone

    assert texts(channel.pull()) == ["a2", "a3", "a4"]


def test_a_message_that_waits_holds_back_the_later_ones_of_its_key(pubsub: PubSub) -> None:
    channel = Channel(pubsub, enable_message_ordering=True, retry_policy=backoff(0.5, 0.5))
    channel.send("a1", "a2", key="a")
    channel.send("b1", key="b")
    a1, a2, b1 = channel.pull()
    channel.ack(b1)
    channel.nack(a1, a2)

    assert channel.pull() == []
    assert texts([channel.await_one(), *channel.pull()]) == ["a1"]


def test_the_next_of_a_key_goes_on_after_a_dead_letter(pubsub: PubSub) -> None:
    channel, letters = with_dead_letters(pubsub, enable_message_ordering=True)
    channel.send("a1", "a2", key="a")
    fail(channel, 5)

    assert texts(channel.pull()) == ["a2"]
    assert texts(letters.pull()) == ["a1"]


def test_without_ordering_a_key_holds_nothing_back(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("a1", "a2", key="a")
    channel.pull(1)

    assert texts(channel.pull(1)) == ["a2"]
