"""The stream client against Google's own fake of Pub/Sub."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import AccessDeniedError, InvalidValueError, PartialSendError, ServiceError
from isthmus_gcp.clients import publishing
from isthmus_gcp.services import Services
from tests.emulators.gcp.parts.channel import Channel
from tests.emulators.gcp.parts.pubsub import PubSub
from tests.gcp.clients.at_once import at_once
from tests.gcp.clients.google import errors
from tests.gcp.clients.linked import linked, services_of


@pytest.fixture
def channel(pubsub: PubSub) -> Channel:
    return Channel(pubsub, enable_message_ordering=True)


def stream(services: Services, channel: Channel) -> Any:
    return linked(services, "stream", channel.topic.rpartition("/")[2], ["put"], name="Clicks")


def by_key(channel: Channel) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for received in channel.pull(1000):
        found.setdefault(received.message.ordering_key, []).append(received.message.data)
    return found


def test_a_record_has_its_key_its_position_and_the_envelope(services: Services, channel: Channel) -> None:
    position = stream(services, channel).put({"a": 1}, key="ä" * 256)
    (received,) = channel.pull()

    assert received.message.message_id == position
    assert received.message.ordering_key == "ä" * 256
    assert received.message.attributes["isthmus-content-type"] == "application/json"


def test_many_records_of_many_keys_keep_the_order_of_each(services: Services, channel: Channel) -> None:
    records = [(f"k{number % 7}", str(number)) for number in range(100)]
    positions = stream(services, channel).put_many(iter(records))

    assert len(set(positions)) == 100
    assert by_key(channel) == {f"k{key}": [str(number).encode() for number in range(key, 100, 7)] for key in range(7)}


def test_a_record_that_cannot_be_is_named_and_the_rest_is_put(services: Services, channel: Channel) -> None:
    with pytest.raises(PartialSendError) as raised:
        stream(services, channel).put_many([("a", "1"), ("", "2"), ("a", object()), ("a", "3")])

    assert [position for position, _ in raised.value.failed] == [1, 2]
    assert by_key(channel) == {"a": [b"1", b"3"]}


def test_behind_a_record_that_was_refused_none_of_its_key_is_put(
    services: Services, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "BATCH", 2)
    publisher = services.publisher()
    publish = publisher.publish

    def second_fails(request: Any, **options: Any) -> Any:
        if request["messages"][0]["data"] == b"2":
            raise errors.ServiceUnavailable("not now")
        return publish(request=request, **options)

    monkeypatch.setattr(publisher, "publish", second_fails)
    records = [("a", "0"), ("a", "1"), ("a", "2"), ("b", "0"), ("a", "3"), ("a", "4")]
    with pytest.raises(PartialSendError) as raised:
        stream(services, channel).put_many(records)

    assert raised.value.failed == [
        (
            2,
            "stream 'Clicks': not now (UNAVAILABLE). Is there a way to Google from here, and are the variables "
            "…_EMULATOR_HOST right?",
        ),
        (4, raised.value.failed[1][1]),
        (5, "an earlier record of its key was not accepted, and the order of a key holds"),
    ]
    assert by_key(channel) == {"a": [b"0", b"1"], "b": [b"0"]}


@pytest.mark.parametrize("key", ["", "x" * 257, 1, None, "\ud800"])
def test_a_key_that_not_every_provider_takes_is_refused(services: Services, channel: Channel, key: Any) -> None:
    with pytest.raises(InvalidValueError):
        stream(services, channel).put("x", key=key)


def test_a_refusal_of_google_names_the_grant(
    services: Services, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(**_: Any) -> Any:
        raise errors.PermissionDenied("not yours")

    monkeypatch.setattr(services.publisher(), "publish", denied)

    with pytest.raises(AccessDeniedError) as raised:
        stream(services, channel).put("x", key="k")
    assert "not yours" in raised.value.__notes__[0]
    assert isinstance(raised.value.__cause__, errors.PermissionDenied)


def test_without_the_verb_nothing_is_asked() -> None:
    client = linked(services_of(), "stream", "clicks", [], name="Clicks")

    with pytest.raises(AccessDeniedError):
        client.put("x", key="k")
    with pytest.raises(AccessDeniedError):
        client.put_many([("k", "x")])


def test_a_stream_that_is_not_there_is_told(services: Services, pubsub: PubSub) -> None:
    with pytest.raises(ServiceError, match="is this stage deployed"):
        linked(services, "stream", "nowhere-3", ["put"], name="Clicks").put("x", key="k")


def test_several_threads_put_at_once_through_one_client(services: Services, channel: Channel) -> None:
    client = stream(services, channel)
    at_once(lambda key: [client.put(str(number), key="abcdefgh"[key]) for number in range(20)], 8)

    assert by_key(channel) == {key: [str(number).encode() for number in range(20)] for key in "abcdefgh"}
