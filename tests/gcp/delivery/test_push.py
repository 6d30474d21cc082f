"""Pushed messages: acknowledged, tried again, and parked."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.dead_letters import ATTEMPTS, ID, REASON, SOURCE
from isthmus.envelope import CORRELATION_ID
from isthmus.sources import Source
from tests.emulators.gcp.parts.channel import Channel
from tests.emulators.gcp.parts.pubsub import PubSub
from tests.gcp.serving import function, queue, serving

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def reason(answer: Any) -> Any:
    return answer.json["error"]


def short(name: str) -> str:
    return name.rpartition("/")[2]


def test_a_message_that_is_handled_is_acknowledged(seen: list[Any]) -> None:
    with serving(function("keep", "queue", sources={"sub": queue()})) as served:
        answer = served.push({"a": 1}, attributes={"kind": "x"}, orderingKey="k")

    ((message, context),) = seen
    assert (answer.status_code, answer.data) == (204, b"")
    assert (message.json(), message.attributes, message.group) == ({"a": 1}, {"kind": "x"}, "k")
    assert (message.id, message.source, message.attempt) == ("136969346945", "Work", 1)
    assert message.sent_at == pytest.approx(1790681520.123)
    assert context.raw.get_json()["message"]["messageId"] == message.id


def test_a_message_that_fails_is_not_acknowledged_before_its_last_attempt(seen: list[Any]) -> None:
    with serving(function("fail", "queue", sources={"sub": queue(dead="dead")})) as served:
        answers = [served.push({}, attempt=attempt) for attempt in (1, 2)]

    assert [answer.status_code for answer in answers] == [500, 500]
    assert reason(answers[0]) == {"type": "OutOfStockError", "message": "no more"}
    assert [context.attempt for _, context in seen] == [1, 2]


def test_the_last_attempt_parks_the_message_whole_and_acknowledges_it(pubsub: PubSub) -> None:
    dead = Channel(pubsub)
    source = queue(dead=short(dead.topic))
    attributes = {"kind": "x", CORRELATION_ID: "mine", "isthmus-id": "first"}
    with serving(function("fail", "queue", sources={"sub": source}), **pubsub.variables) as served:
        answer = served.push(b"\x00\xff", attempt=3, attributes=attributes, orderingKey="k")

    letter = dead.await_one().message
    assert answer.status_code == 204
    assert (letter.data, letter.ordering_key) == (b"\x00\xff", "k")
    assert dict(letter.attributes) == {
        "kind": "x",
        CORRELATION_ID: "mine",
        "isthmus-content-type": "application/json",
        SOURCE: "Work",
        ID: "first",
        ATTEMPTS: "3",
        REASON: "OutOfStockError: no more",
    }


def test_what_has_been_delivered_too_often_already_is_tried_once_more_and_parked(
    pubsub: PubSub, seen: list[Any]
) -> None:
    dead = Channel(pubsub)
    with serving(
        function("fail", "queue", sources={"sub": queue(dead=short(dead.topic))}), **pubsub.variables
    ) as served:
        answer = served.push({}, attempt=9)

    assert (answer.status_code, len(seen)) == (204, 1)
    assert dead.await_one().message.attributes[ATTEMPTS] == "9"


def test_a_message_that_cannot_be_parked_comes_again(pubsub: PubSub) -> None:
    with serving(
        function("fail", "queue", sources={"sub": queue(dead="nowhere-at-all")}), **pubsub.variables
    ) as served:
        answer = served.push({}, attempt=3)

    assert answer.status_code == 500


def test_a_message_of_a_source_without_dead_letters_comes_again() -> None:
    with serving(function("fail", "queue", sources={"sub": queue()})) as served:
        assert served.push({}, attempt=7).status_code == 500


def test_a_handler_that_takes_too_long_has_failed_in_time() -> None:
    with serving(function("picky", "queue", sources={"sub": queue()}, timeout=0.3)) as served:
        late = served.push({"pause": 1})
        after = served.push({})

    assert (late.status_code, reason(late)["type"]) == (500, "TimedOutError")
    assert after.status_code == 204


def test_a_notification_that_cannot_be_read_is_refused_and_parked_at_the_last_attempt(pubsub: PubSub) -> None:
    dead = Channel(pubsub)
    source = queue(kind="bucket", dead=short(dead.topic))
    with serving(function("keep", "bucket", sources={"sub": source}), **pubsub.variables) as served:
        first, last = (served.push({}, attempt=attempt, attributes={"eventType": "X"}) for attempt in (1, 3))

    assert (first.status_code, last.status_code) == (400, 204)
    assert "OBJECT_FINALIZE" in reason(first)["message"]
    assert dead.await_one().message.attributes[REASON].startswith("BadEventError")


def test_the_context_tells_what_the_message_carries(seen: list[Any]) -> None:
    carried = {CORRELATION_ID: "mine", "isthmus-traceparent": TRACE}
    with serving(function("keep", "topic", sources={"sub": queue(kind="topic")}, timeout=900)) as served:
        served.push({}, attempt=2, attributes=carried)

    ((message, context),) = seen
    assert (context.correlation_id, context.traceparent, context.attempt) == ("mine", TRACE, 2)
    assert 590 < context.remaining() <= 600  # Pub/Sub waits no longer
    assert context.request_id
    assert message.attributes == {}


def test_a_message_in_pieces_is_put_together(seen: list[Any]) -> None:
    from isthmus_gcp import wire

    data, attributes = wire.outgoing(b"body", {"long": "é" * 3000})
    with serving(function("keep", "queue", sources={"sub": queue()})) as served:
        served.push(data, attributes=attributes)

    assert (seen[0][0].body, seen[0][0].attributes) == (b"body", {"long": "é" * 3000})


def test_an_unwrapped_push_is_read_by_its_headers(seen: list[Any]) -> None:
    headers = {
        "x-goog-pubsub-subscription-name": "projects/isthmus/subscriptions/sub",
        "x-goog-pubsub-message-id": "77",
        "x-goog-pubsub-publish-time": "2026-09-29T11:32:00.123Z",
        "x-goog-pubsub-ordering-key": "k",
        "content-type": "application/octet-stream",
        "kind": "x",
        "isthmus-correlation-id": "mine",
    }
    with serving(function("keep", "stream", sources={"sub": queue(kind="stream")})) as served:
        answer = served.post(b"\x00\xff", headers)

    ((message, context),) = seen
    assert answer.status_code == 204
    assert (message.body, message.id, message.group, message.sequence) == (b"\x00\xff", "77", "k", "77")
    assert (message.attributes, context.correlation_id) == ({"kind": "x"}, "mine")


@pytest.mark.parametrize("attribute", ["isthmus-call", "isthmus-drain", "isthmus-source", "x-other"])
@pytest.mark.parametrize("body", [b"{}", b'{"isthmus":"ping"}'])
def test_whatever_the_attributes_of_an_unwrapped_push_are_it_is_a_message(
    seen: list[Any], attribute: str, body: bytes
) -> None:
    """Its attributes are headers, and anybody who may publish chooses them."""
    headers = {
        "x-goog-pubsub-subscription-name": "projects/isthmus/subscriptions/sub",
        "x-goog-pubsub-message-id": "77",
        "content-type": "application/json",
        attribute: "start",
    }
    sources = {"sub": queue(), "start": Source("task", "Tested")}
    with serving(function("keep", "queue", "task", sources=sources), ISTHMUS_PULL="{}") as served:
        answer = served.post(body, headers)

    assert answer.status_code == 204
    assert [(type(event).__name__, event.body) for event, _ in seen] == [("GcpMessage", body)]


@pytest.mark.parametrize("path", ["", "projects/isthmus/subscriptions/other", 7, None])
def test_a_push_of_no_declared_subscription_is_refused(seen: list[Any], path: Any) -> None:
    with serving(function("keep", "queue", sources={"sub": queue()})) as served:
        answer = served.post({"message": {"data": "", "messageId": "1"}, "subscription": path})

    assert (answer.status_code, seen) == (400, [])
    assert "no source of the function" in reason(answer)["message"]
