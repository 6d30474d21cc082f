from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus_local.store import topics
from tests.local.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app = App("shop")
    events = app.topic("Events")
    app.topic("Silence").subscribe("functions.events.never")
    events.subscribe(app.queue("Orders"), filter={"type": ["order.placed"]})
    events.subscribe(app.queue("Large"), filter={"amount": [{"numeric": [">", 100]}]})
    events.subscribe("functions.events.every", name="Every")
    events.subscribe("functions.events.untyped", name="Untyped", filter={"type": [{"exists": False}]})
    desk = Desk(app, tmp_path)
    yield desk
    desk.database.close()


def publish(desk: Desk, body: bytes = b"{}", **attributes: Any) -> str:
    envelope = {name: str(value) for name, value in attributes.items()}
    published: str = desk.do(topics.publish, desk.resource("Events"), body, attributes, envelope)
    return published


def received(desk: Desk) -> list[str]:
    queues = ("Orders", "Large", "Events>Every", "Events>Untyped", "Silence>EventsNever")
    return [queue for queue in queues if desk.messages(queue)]


@pytest.mark.parametrize(
    ("attributes", "queues"),
    [
        ({"type": "order.placed"}, ["Orders", "Events>Every"]),
        ({"type": "order.placed", "amount": 101}, ["Orders", "Large", "Events>Every"]),
        ({"type": "other", "amount": 100}, ["Events>Every"]),
        ({"amount": 100.5}, ["Large", "Events>Every", "Events>Untyped"]),
        ({}, ["Events>Every", "Events>Untyped"]),
    ],
)
def test_a_message_is_in_the_queue_of_each_subscription_that_it_passes(
    desk: Desk, attributes: dict[str, Any], queues: list[str]
) -> None:
    publish(desk, **attributes)

    assert received(desk) == queues


def test_body_and_attributes_arrive_as_they_were_sent(desk: Desk) -> None:
    publish(desk, b"\x00\xff", type="order.placed", amount=7)

    message = desk.messages("Orders")[0]

    assert message.body == b"\x00\xff"
    assert message.attributes == {"type": "order.placed", "amount": "7"}


def test_two_messages_have_two_ids(desk: Desk) -> None:
    assert publish(desk) != publish(desk)


def test_many_messages_are_published_in_their_order_and_together(desk: Desk) -> None:
    ids = desk.do(topics.publish_many, desk.resource("Events"), [(b"1", {}, {}), (b"2", {}, {}), (b"3", {}, {})])

    assert len(set(ids)) == 3
    assert [message.body for message in desk.messages("Events>Every")] == [b"1", b"2", b"3"]


def test_a_failure_delivers_to_nobody(desk: Desk) -> None:
    with pytest.raises(RuntimeError):
        desk.do(_publish_and_fail, desk.resource("Events"))

    assert received(desk) == []
    assert desk.notices == []


def _publish_and_fail(tx: Any, topic: Any) -> None:
    topics.publish(tx, topic, b"{}", {}, {})
    raise RuntimeError("after all the sends")


def test_a_topic_without_a_subscription_takes_messages(tmp_path: Path) -> None:
    app = App("quiet")
    app.topic("Events")
    desk = Desk(app, tmp_path)

    assert publish(desk)
    desk.database.close()
