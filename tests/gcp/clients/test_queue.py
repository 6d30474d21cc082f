"""The queue client against Google's own fake of Pub/Sub; Cloud Tasks is a double that keeps what it was given.

That double answers as the API does, and dispatches nothing: https://cloud.google.com/tasks/docs/reference/rest.
"""

from __future__ import annotations

import base64
import json
import time
from datetime import datetime
from typing import Any

import pytest

from isthmus import context as contexts
from isthmus.errors import AccessDeniedError, InvalidValueError, PartialSendError, ServiceError, TooLargeError
from isthmus.testing.factories import context
from isthmus_gcp import wire
from isthmus_gcp.services import Services
from tests.emulators.gcp.parts.channel import Channel
from tests.emulators.gcp.parts.pubsub import PubSub
from tests.gcp.clients.at_once import at_once
from tests.gcp.clients.http_double import Asked, HttpDouble
from tests.gcp.clients.linked import ACCOUNT, TASKS, linked, services_of


@pytest.fixture
def channel(pubsub: PubSub) -> Channel:
    return Channel(pubsub, enable_message_ordering=True)


def queue(services: Services, channel: Channel, **properties: Any) -> Any:
    name = channel.topic.rpartition("/")[2]
    return linked(services, "queue", name, ["send"], name="Work", properties=properties)


def content(received: Any) -> tuple[bytes, dict[str, str]]:
    return wire.incoming(received.message.data, dict(received.message.attributes))


def made(asked: Asked) -> tuple[int, Any]:
    return 200, {"name": f"{asked.path.removeprefix('/v2/')}/made"}


def published(asked: Asked) -> tuple[bytes, dict[str, str]]:
    """Return the message that a task would publish."""
    (message,) = json.loads(base64.b64decode(asked.document["task"]["httpRequest"]["body"]))["messages"]
    return wire.incoming(base64.b64decode(message.get("data", "")), message["attributes"])


def test_a_message_carries_its_attributes_and_the_envelope_as_native_ones(services: Services, channel: Channel) -> None:
    token = contexts.current.set(context(correlation_id="c-1", traceparent=f"00-{'a' * 32}-{'b' * 16}-01"))
    try:
        sent = queue(services, channel).send({"label": "é"}, attributes={"type": "a b", "n": "1"})
    finally:
        contexts.current.reset(token)
    (received,) = channel.pull()
    attributes = dict(received.message.attributes)

    assert received.message.data == b'{"label":"\xc3\xa9"}'
    assert received.message.message_id == sent
    assert attributes.pop("isthmus-traceparent").startswith(f"00-{'a' * 32}-")
    assert attributes == {
        "type": "a b",
        "n": "1",
        "isthmus-correlation-id": "c-1",
        "isthmus-content-type": "application/json",
    }


@pytest.mark.parametrize("body", [b"\x00\xff", "", "é\x00", b""])
def test_any_body_arrives_as_it_was(services: Services, channel: Channel, body: bytes | str) -> None:
    queue(services, channel).send(body)
    (received,) = channel.pull()

    assert content(received)[0] == (body if isinstance(body, bytes) else body.encode())


def test_a_value_that_is_too_long_for_an_attribute_arrives_whole(services: Services, channel: Channel) -> None:
    given = {"short": "x", "long": "é" * 2000, "longer": "y" * 200_000}
    queue(services, channel).send("body", attributes=given)
    (received,) = channel.pull()
    data, attributes = content(received)

    assert data == b"body"
    assert {name: attributes[name] for name in given} == given


def test_many_messages_come_in_few_requests_and_keep_their_order(
    services: Services, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = services.publisher()
    calls: list[int] = []
    publish = publisher.publish

    def counted(request: Any, **options: Any) -> Any:
        calls.append(len(request["messages"]))
        return publish(request=request, **options)

    monkeypatch.setattr(publisher, "publish", counted)
    ids = queue(services, channel).send_many(str(number) for number in range(2500))
    received: dict[str, bytes] = {}
    while len(received) < 2500:
        got = channel.pull(1000)
        channel.ack(*got)
        received |= {message.message.message_id: message.message.data for message in got}

    assert calls == [1000, 1000, 500]
    assert [int(received[identifier]) for identifier in ids] == list(range(2500))


def test_requests_stay_below_ten_megabytes(services: Services, channel: Channel) -> None:
    bodies = [b"x" * 250_000] * 60

    assert len(queue(services, channel).send_many(bodies)) == 60


def test_what_cannot_be_sent_is_named_and_the_rest_is_sent(services: Services, channel: Channel) -> None:
    with pytest.raises(PartialSendError) as raised:
        queue(services, channel).send_many(["a", object(), "b", "x" * 300_000])
    got = channel.pull()

    assert [position for position, _ in raised.value.failed] == [1, 3]
    assert [received.message.data for received in got] == [b"a", b"b"]


@pytest.mark.parametrize("name", ["googclient_schema", "Isthmus", "aws.x", ".a", ""])
def test_a_reserved_attribute_is_refused(services: Services, channel: Channel, name: str) -> None:
    with pytest.raises(InvalidValueError):
        queue(services, channel).send("x", attributes={name: "x"})


def test_a_message_over_the_limit_is_refused(services: Services, channel: Channel) -> None:
    with pytest.raises(TooLargeError):
        queue(services, channel).send("x" * 262_144)


def test_without_the_verb_nothing_is_asked() -> None:
    client = linked(services_of(), "queue", "work", [], name="Work")

    with pytest.raises(AccessDeniedError):
        client.send("x")
    with pytest.raises(AccessDeniedError):
        client.send_many(["x"])


def test_a_queue_that_is_not_there_is_told_with_what_to_do(services: Services, pubsub: PubSub) -> None:
    client = linked(services, "queue", "nowhere-1", ["send"], name="Work")

    with pytest.raises(ServiceError, match=r"'Work'.*is this stage deployed"):
        client.send("x")
    with pytest.raises(PartialSendError, match="2 of 2"):
        client.send_many(["a", "b"])


def test_a_dead_endpoint_fails_in_time(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", "127.0.0.1:1")
    client = linked(services_of(deadline=0.5), "queue", "work", ["send"], name="Work")
    start = time.monotonic()

    with pytest.raises(ServiceError, match="'Work'"):
        client.send("x")
    assert time.monotonic() - start < 3


def test_a_fifo_queue_orders_by_its_group(services: Services, channel: Channel) -> None:
    client = queue(services, channel, fifo=True)
    for number in range(5):
        client.send(number, group="g")
    got = channel.pull()

    assert [json.loads(received.message.data) for received in got] == list(range(5))
    assert {received.message.ordering_key for received in got} == {"g"}


# Delays


def test_a_delayed_message_becomes_a_task_that_publishes_it(
    services: Services, pubsub: PubSub, channel: Channel, tasks: HttpDouble
) -> None:
    tasks.answer = made
    before = time.time()
    sent = queue(services, channel).send("later", attributes={"a": "1"}, delay=2.5)
    (asked,) = tasks.asked
    task = asked.document["task"]
    data, attributes = published(asked)

    assert (asked.method, asked.path) == ("POST", f"/v2/{TASKS}/tasks")
    assert task["httpRequest"]["url"] == f"http://{pubsub.endpoint}/v1/{channel.topic}:publish"
    assert task["httpRequest"]["oauthToken"] == {"serviceAccountEmail": ACCOUNT}
    assert 2.5 <= datetime.fromisoformat(task["scheduleTime"]).timestamp() - before < 3.5
    assert (data, attributes["a"], attributes[wire.ID]) == (b"later", "1", sent)
    assert before <= float(attributes[wire.SENT_AT]) <= time.time()
    assert channel.pull() == []


def test_a_delay_of_the_queue_holds_for_every_message_and_a_messages_own_overrides_it(
    services: Services, channel: Channel, tasks: HttpDouble
) -> None:
    tasks.answer = made
    client = queue(services, channel, delay=30)
    client.send("a")
    client.send("b", delay=0)
    ids = client.send_many(["c", "d"])

    assert sorted(published(asked)[0] for asked in tasks.asked) == [b"a", b"c", b"d"]
    assert len(set(ids)) == 2
    assert [received.message.data for received in channel.pull()] == [b"b"]


def test_a_delay_that_cloud_tasks_refuses_is_told(services: Services, channel: Channel, tasks: HttpDouble) -> None:
    tasks.answer = lambda _: (403, {"error": {"code": 403, "message": "not yours", "status": "PERMISSION_DENIED"}})

    with pytest.raises(AccessDeniedError) as raised:
        queue(services, channel).send("x", delay=1)
    assert "not yours" in raised.value.__notes__[0]


def test_without_a_queue_of_tasks_a_delay_says_what_to_do(environment: None, channel: Channel) -> None:
    with pytest.raises(ServiceError, match="deploy the app again"):
        queue(services_of(variables={}), channel).send("x", delay=1)


def test_cloud_tasks_is_asked_again_when_it_is_busy(services: Services, channel: Channel, tasks: HttpDouble) -> None:
    tasks.answer = lambda asked: made(asked) if len(tasks.asked) > 2 else (503, b"<html>busy</html>")

    assert queue(services, channel).send("x", delay=1)
    assert len(tasks.asked) == 3


def test_several_threads_send_at_once(services: Services, channel: Channel, tasks: HttpDouble) -> None:
    tasks.answer = made
    client = queue(services, channel)
    ids = at_once(lambda number: client.send(number, delay=number % 2), 80)

    assert len(set(ids)) == 80
    assert len(tasks.asked) == 40
    assert tasks.connections <= 8  # they are kept
    assert sorted(json.loads(received.message.data) for received in channel.pull(100)) == list(range(0, 80, 2))
