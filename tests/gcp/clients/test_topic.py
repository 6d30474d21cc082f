"""The topic client against Google's own fake of Pub/Sub, filters of subscriptions included."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from isthmus import filters
from isthmus.errors import AccessDeniedError, InvalidValueError, PartialSendError
from isthmus_gcp.rules.filter_language import LONGEST, expression, size
from isthmus_gcp.services import Services
from tests.emulators.gcp.parts.channel import Channel
from tests.emulators.gcp.parts.pubsub import PubSub
from tests.gcp.clients.at_once import at_once
from tests.gcp.clients.linked import linked, services_of


def topic(services: Services, channel: Channel) -> Any:
    return linked(services, "topic", channel.topic.rpartition("/")[2], ["publish"], name="Events")


def test_a_filter_sees_the_attributes_numbers_as_text(services: Services, pubsub: PubSub) -> None:
    channel = Channel(pubsub, filter='attributes.size = "1.5" AND attributes:kind')
    events = topic(services, channel)
    sent = events.publish({"n": 1}, attributes={"size": 1.5, "kind": "x" * 3000})
    events.publish({"n": 2}, attributes={"size": 2, "kind": "x"})
    (received,) = channel.pull()

    assert received.message.message_id == sent
    assert received.message.data == b'{"n":1}'


NAMES = st.sampled_from(["weight", "kind-of", "a.b"])
TEXTS = st.sampled_from(["7", "7.0", "-7", "1e+16", "1e", "70", "order.placed", "order.", 'say "7"', "7\n"])
NUMBERS = st.one_of(
    st.sampled_from([0, -0.0, 7, 7.0, -7, 70, 10**16, 1e16, 2**53 + 1, 2.0**53, -(2**63), -(2.0**63), 1e3, 1000]),
    st.floats(-10, 10),
)
CONDITIONS = st.one_of(
    st.one_of(TEXTS, NUMBERS),
    st.fixed_dictionaries({"prefix": TEXTS}),
    st.fixed_dictionaries({"anything-but": st.lists(st.one_of(TEXTS, NUMBERS), min_size=1, max_size=2)}),
    st.fixed_dictionaries({"exists": st.booleans()}),
)
FILTERS = st.dictionaries(NAMES, st.lists(CONDITIONS, min_size=1, max_size=2), min_size=1, max_size=2)
MESSAGES = st.lists(st.dictionaries(NAMES, st.one_of(TEXTS, NUMBERS), max_size=2), min_size=1, max_size=6)


@pytest.mark.filterwarnings("ignore:The return_immediately flag:DeprecationWarning")  # what is not there does not come
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filter=FILTERS, messages=MESSAGES)
def test_what_passes_the_filter_of_a_subscription_is_what_passes_on_the_laptop(
    services: Services, pubsub: PubSub, filter: dict[str, list[Any]], messages: list[dict[str, Any]]
) -> None:
    written = expression(filter)
    assume(size(written) <= LONGEST)
    channel = Channel(pubsub, filter=written)
    events = topic(services, channel)
    for position, attributes in enumerate(messages):
        events.publish(position, attributes=attributes)
    at_once = {"subscription": channel.subscription, "max_messages": 10, "return_immediately": True}
    arrived = [int(received.message.data) for received in channel.subscriber.pull(request=at_once).received_messages]

    assert sorted(arrived) == [n for n, given in enumerate(messages) if filters.matches(filter, given)]


def test_many_messages_are_published_with_the_same_attributes(services: Services, pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    ids = topic(services, channel).publish_many(["a", "b"], attributes={"n": 1})
    got = channel.pull()

    assert [received.message.message_id for received in got] == ids
    assert [received.message.attributes["n"] for received in got] == ["1", "1"]


def test_what_cannot_be_published_is_named(services: Services, pubsub: PubSub) -> None:
    with pytest.raises(PartialSendError) as raised:
        topic(services, Channel(pubsub)).publish_many(["a", {1j}])

    assert [position for position, _ in raised.value.failed] == [1]


def test_a_reserved_attribute_is_refused(services: Services, pubsub: PubSub) -> None:
    with pytest.raises(InvalidValueError, match="a provider keeps names"):
        topic(services, Channel(pubsub)).publish("x", attributes={"goog": 1})


def test_without_the_verb_nothing_is_asked() -> None:
    client = linked(services_of(), "topic", "events", [], name="Events")

    with pytest.raises(AccessDeniedError):
        client.publish("x")
    with pytest.raises(AccessDeniedError):
        client.publish_many(["x"])


def test_several_threads_publish_at_once_through_one_client(services: Services, pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    events = topic(services, channel)
    ids = at_once(lambda number: events.publish(str(number)), 200, threads=16)
    got = {received.message.message_id: received.message.data for received in channel.pull(1000)}

    assert [got[identifier] for identifier in ids] == [str(number).encode() for number in range(200)]
