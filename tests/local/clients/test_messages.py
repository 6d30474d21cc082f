"""Queues and topics: what both share, and what is peculiar to each."""

from __future__ import annotations

import decimal
import enum
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus import context, ports
from isthmus.declarations.app import App
from isthmus.errors import InvalidValueError, IsthmusError, PartialSendError, ServiceError, TooLargeError
from isthmus.outgoing import MESSAGE_LIMIT
from isthmus_local.clients import queue as queue_module
from isthmus_local.clients.queue import QueueClient
from isthmus_local.clients.topic import TopicClient
from tests.local.desk import NOON, Desk

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app = App("shop")
    app.queue("Work", delay=3)
    app.queue("Ordered", fifo=True)
    events = app.topic("Events")
    app.queue("Late")
    events.subscribe(app.queue("All"))
    events.subscribe(app.queue("Large"), filter={"amount": [{"numeric": [">", 100]}]})
    desk = Desk(app, tmp_path)
    yield desk
    desk.database.close()


@pytest.fixture
def work(desk: Desk) -> ports.Queue:
    return QueueClient(desk.link("Work"), desk)


@pytest.fixture
def ordered(desk: Desk) -> ports.Queue:
    return QueueClient(desk.link("Ordered", fifo=True), desk)


@pytest.fixture
def events(desk: Desk) -> ports.Topic:
    return TopicClient(desk.link("Events"), desk)


Send = Callable[..., Any]


@pytest.fixture(params=["queue", "topic"])
def send(request: pytest.FixtureRequest, work: ports.Queue, events: ports.Topic) -> Send:
    return work.send if request.param == "queue" else events.publish


@pytest.fixture
def received(request: pytest.FixtureRequest, desk: Desk) -> Callable[[], list[Any]]:
    return lambda: [*desk.messages("Work"), *desk.messages("All")]


@pytest.mark.parametrize(
    ("body", "stored", "content_type"),
    [
        ({"a": [1, None, "\u00e9"]}, '{"a":[1,null,"\u00e9"]}'.encode(), "application/json"),
        ("text", b"text", "text/plain; charset=utf-8"),
        (b"\x00\xff", b"\x00\xff", "application/octet-stream"),
        (None, b"null", "application/json"),
        ("", b"", "text/plain; charset=utf-8"),
    ],
)
def test_a_body_travels_as_bytes_with_its_content_type(
    send: Send, received: Callable[[], list[Any]], body: Any, stored: bytes, content_type: str
) -> None:
    send(body)

    (message,) = received()
    assert message.body == stored
    assert message.attributes["isthmus-content-type"] == content_type


def test_the_envelope_of_the_running_invocation_rides_along(send: Send, received: Callable[[], list[Any]]) -> None:
    running = context.current.set(context.Context(request_id="r", correlation_id="c-1", traceparent=TRACE))
    try:
        send({}, attributes={"type": "order.placed"})
    finally:
        context.current.reset(running)

    (message,) = received()
    assert message.attributes["isthmus-correlation-id"] == "c-1"
    assert message.attributes["isthmus-traceparent"][:36] == TRACE[:36]
    assert message.attributes["type"] == "order.placed"


@pytest.mark.parametrize("body", [{1, 2}, decimal.Decimal(1), float("nan"), {"a": object()}, "\ud800"], ids=repr)
def test_a_body_that_is_no_json_is_refused(send: Send, desk: Desk, body: Any) -> None:
    with pytest.raises(InvalidValueError):
        send(body)

    assert desk.calls == []


def test_a_message_may_have_256_kb_with_its_attributes(send: Send, desk: Desk) -> None:
    running = context.current.set(context.Context(request_id="r", correlation_id="c-1"))
    try:
        envelope = len("isthmus-correlation-idc-1isthmus-content-typeapplication/octet-stream")
        send(b"x" * (MESSAGE_LIMIT - envelope - len("ab\u00e9".encode())), attributes={"ab": "\u00e9"})
        with pytest.raises(TooLargeError, match="claim check"):
            send(b"x" * (MESSAGE_LIMIT - envelope - 3), attributes={"ab": "\u00e9"})
    finally:
        context.current.reset(running)

    assert len(desk.calls) == 1


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a/b", "\u00e9", ".a", "a.", "a..b", "x" * 257, "AWS.x", "amazon.x", "google", "isthmus-x", 7, "a\n"],
)
def test_an_attribute_name_that_not_every_provider_takes_is_refused(send: Send, desk: Desk, name: Any) -> None:
    with pytest.raises(InvalidValueError):
        send({}, attributes={name: "x"})

    assert desk.calls == []


@pytest.mark.parametrize("name", ["a", "x" * 256, "a.b_c-D9", "awsome"])
def test_other_names_are_taken(send: Send, name: str) -> None:
    send({}, attributes={name: "x"})


class Color(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    "value", ["", "nul\0", "\x1b[0m", "\ud800", "\uffff", None, b"x", True, ["x"], Color.RED, {"a": 1}], ids=repr
)
def test_an_attribute_value_that_not_every_provider_takes_is_refused(send: Send, desk: Desk, value: Any) -> None:
    with pytest.raises(InvalidValueError):
        send({}, attributes={"a": value})

    assert desk.calls == []


@pytest.mark.parametrize("value", ["x", "tab\tand\r\nline", "\u00e9\N{PILE OF POO}", " "])
def test_other_values_arrive_as_they_are(send: Send, received: Callable[[], list[Any]], value: str) -> None:
    send({}, attributes={"a": value})

    assert received()[0].attributes["a"] == value


def test_six_attributes_are_taken_and_seven_refused(send: Send) -> None:
    send({}, attributes={f"a{number}": "x" for number in range(6)})

    with pytest.raises(InvalidValueError, match="at most 6"):
        send({}, attributes={f"a{number}": "x" for number in range(7)})


def test_only_a_topics_attributes_may_be_numbers(work: ports.Queue, events: ports.Topic, desk: Desk) -> None:
    events.publish({}, attributes={"amount": 101, "ratio": -0.5})
    events.publish({}, attributes={"amount": 100})
    events.publish({}, attributes={"amount": "101"})

    with pytest.raises(InvalidValueError):
        work.send({}, attributes={"amount": 101})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    (large,) = desk.messages("Large")
    assert large.attributes["amount"] == "101"
    assert large.attributes["ratio"] == "-0.5"
    assert len(desk.messages("All")) == 3


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 2**63, -(2**63) - 1])
def test_a_number_that_no_filter_could_compare_is_refused(events: ports.Topic, number: float) -> None:
    with pytest.raises(InvalidValueError):
        events.publish({}, attributes={"amount": number})


def test_a_queues_own_delay_holds_unless_the_message_has_one(work: ports.Queue, desk: Desk) -> None:
    work.send(1)
    work.send(2, delay=0)
    work.send(3, delay=900)

    assert [message.visible - NOON for message in desk.messages("Work")] == [3, 0, 900]


@pytest.mark.parametrize("delay", [-1, 900.5, float("nan"), float("inf")])
def test_a_delay_that_not_every_provider_knows_is_refused(work: ports.Queue, delay: float) -> None:
    with pytest.raises(InvalidValueError, match="900"):
        work.send({}, delay=delay)


def test_a_fifo_queue_needs_a_group_and_keeps_it(ordered: ports.Queue, desk: Desk) -> None:
    first = ordered.send(1, group="g", deduplicate="d")
    again = ordered.send(2, group="g", deduplicate="d")

    assert again == first
    assert [message.group for message in desk.messages("Ordered")] == ["g"]
    with pytest.raises(InvalidValueError, match="group="):
        ordered.send({})
    with pytest.raises(InvalidValueError, match="no delay"):
        ordered.send({}, group="g", delay=1)
    with pytest.raises(InvalidValueError, match="group="):
        ordered.send_many([1])


@pytest.mark.parametrize("option", ["group", "deduplicate"])
def test_a_standard_queue_takes_no_group_and_no_deduplicate(work: ports.Queue, option: str) -> None:
    with pytest.raises(InvalidValueError, match="fifo=True"):
        work.send({}, **{option: "x"})  # type: ignore[arg-type]


@pytest.mark.parametrize("group", ["", "x" * 129, "a b", "\u00e9", 7, Color.RED])
def test_a_group_that_not_every_provider_takes_is_refused(ordered: ports.Queue, group: Any) -> None:
    with pytest.raises(InvalidValueError, match="group is"):
        ordered.send({}, group=group)


@pytest.fixture(params=["queue", "topic"])
def send_many(request: pytest.FixtureRequest, work: ports.Queue, events: ports.Topic) -> Send:
    return work.send_many if request.param == "queue" else events.publish_many


def test_many_are_sent_in_order_and_in_chunks(send_many: Send, received: Callable[[], list[Any]], desk: Desk) -> None:
    ids = send_many((number for number in range(250)), attributes={"a": "x"})

    assert len(set(ids)) == 250
    assert [message.body for message in received()] == [str(number).encode() for number in range(250)]
    assert len(desk.calls) == 3
    assert received()[249].attributes["a"] == "x"


def test_a_chunk_is_bounded_in_bytes_too(send_many: Send, desk: Desk) -> None:
    send_many([b"x" * 200_000] * 50)

    assert len(desk.calls) == 3
    assert all(len(args[0]) <= 21 for _, _, args in desk.calls)


def test_none_at_all_is_no_call(send_many: Send, desk: Desk) -> None:
    assert send_many([]) == []
    assert desk.calls == []


def test_those_that_are_refused_are_named_and_the_others_sent(
    send_many: Send, received: Callable[[], list[Any]]
) -> None:
    with pytest.raises(PartialSendError, match="3 of 5") as caught:
        send_many([object(), 1, b"x" * 300_000, 2, float("nan")])

    assert [position for position, _ in caught.value.failed] == [0, 2, 4]
    assert "limit" in caught.value.failed[1][1]
    assert [message.body for message in received()] == [b"1", b"2"]


def test_where_all_are_refused_nothing_is_sent(send_many: Send, desk: Desk) -> None:
    with pytest.raises(PartialSendError, match="150 of 150"):
        send_many([object()] * 150)

    assert desk.calls == []


def test_a_chunk_that_the_store_did_not_take_is_named(
    work: ports.Queue, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "CHUNK", 2)
    call = desk.call

    def fail_second(op: str, name: str, *args: Any) -> Any:
        if len(desk.calls) == 1:
            desk.calls.append((op, name, args))
            raise ServiceError("the disk is full")
        return call(op, name, *args)

    monkeypatch.setattr(desk, "call", fail_second)

    with pytest.raises(PartialSendError, match="disk is full") as caught:
        work.send_many([0, 1, 2, object(), 3, 4, 5])

    assert [position for position, _ in caught.value.failed] == [2, 3, 4]
    assert [message.body for message in desk.messages("Work")] == [b"0", b"1", b"4", b"5"]


def test_an_error_of_the_caller_is_no_partial_send(send_many: Send) -> None:
    def bodies() -> Iterator[int]:
        yield 1
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        send_many(bodies())


def test_a_refused_link_is_told_as_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = QueueClient(desk.link("Work"), desk)

    def deny(*_: Any) -> None:
        raise IsthmusError("denied")

    monkeypatch.setattr(desk, "call", deny)

    with pytest.raises(IsthmusError, match="denied"):
        client.send_many([1])


def test_names_and_reprs(work: ports.Queue, events: ports.Topic) -> None:
    assert (work.name, repr(work)) == ("shop-test-Work", "<Queue Work>")
    assert (events.name, repr(events)) == ("shop-test-Events", "<Topic Events>")
