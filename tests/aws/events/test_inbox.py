"""What an inbox holds: SQS messages that are read as what their source sends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from isthmus.message import Message
from isthmus.object_event import ObjectEvent
from isthmus.serve import Malformed
from isthmus.tick import Tick
from tests.aws.events.recorded import event, events, inbox, only, read

OURS = {"isthmus": {"stringValue": '{"isthmus-correlation-id":"look-me-up"}', "dataType": "String"}}


def notification() -> dict[str, Any]:
    """Return a notification as SNS writes it into a queue that does not ask for raw delivery."""
    sns = event("sns")["Records"][0]["Sns"]
    return {name: sns[name] for name in ("Type", "MessageId", "TopicArn", "Message", "Timestamp", "MessageAttributes")}


def test_a_topic_delivers_raw_messages() -> None:
    message = only(inbox("hello", kind="topic", attributes={"type": {"stringValue": "a", "dataType": "String"}}))

    assert isinstance(message, Message)
    assert (message.text(), message.attributes) == ("hello", {"type": "a"})
    assert (message.source, message.attempt) == ("TheTopic", 2)


def test_a_notification_that_was_not_delivered_raw_is_unwrapped() -> None:
    record = read(inbox(notification(), kind="topic")).records[0]
    (message,) = record.events

    assert (message.text(), message.attributes) == ("Hello from SNS!", {"type": "order.placed"})
    assert (message.id, message.attempt, message.sent_at) == ("95df01b4-ee98-5cb9-9903-4c221d41eb5e", 2, 1546433107.0)
    assert record.envelope.correlation_id == "look-me-up"
    assert record.id == record.raw["messageId"]


def test_what_our_own_clients_publish_is_never_unwrapped() -> None:
    message = only(inbox(notification(), kind="topic", attributes=OURS))

    assert message.json()["Type"] == "Notification"


def test_the_messages_of_a_queue_are_not_unwrapped() -> None:
    assert only(inbox(notification(), kind="queue")).json()["Type"] == "Notification"


@pytest.mark.parametrize("member", ["Message", "MessageId", "Timestamp"])
def test_a_notification_that_lacks_something_fails_alone(member: str) -> None:
    (malformed,) = events(inbox({**notification(), member: None}, kind="topic"))

    assert isinstance(malformed, Malformed)


def test_json_that_only_looks_like_a_notification_is_a_message() -> None:
    body = '{"Type": "order", "said": "Notification"}'

    assert only(inbox(body, kind="topic")).text() == body


def test_an_object_comes_from_the_notification_in_the_message() -> None:
    found = only(inbox(event("s3"), kind="bucket"))

    assert isinstance(found, ObjectEvent)
    assert (found.kind, found.bucket, found.key) == ("created", "TheBucket", "invoices/café + crème.pdf")
    assert (found.attempt, found.id) == (2, "059f36b4-87a3-44ab-83d2-661975830a7d")


def test_one_message_may_hold_several_objects() -> None:
    sent = event("s3")
    sent["Records"] += event("s3")["Records"]
    sent["Records"][1]["eventName"] = "ObjectRemoved:Delete"

    assert [found.kind for found in events(inbox(sent, kind="bucket"))] == ["created", "removed"]


def test_the_test_event_of_s3_is_a_record_without_an_event() -> None:
    test = {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": "2014-10-13T15:57:02.089Z",
        "Bucket": "orders-dev-uploads-1a2b3c4d",
        "RequestId": "5582815E1AEA5ADF",
        "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
    }

    (record,) = read(inbox(test, kind="bucket")).records

    assert record.events == []


def test_the_input_of_our_schedules_is_a_tick() -> None:
    tick = only(inbox(event("tick"), kind="schedule"))

    assert isinstance(tick, Tick)
    assert (tick.schedule, tick.due, tick.payload) == ("TheSchedule", 1709258400.0, {"full": True})
    assert (tick.attempt, tick.id) == (2, "059f36b4-87a3-44ab-83d2-661975830a7d")


@pytest.mark.parametrize("name", ["rule", "scheduler"])
def test_what_eventbridge_says_of_itself_is_a_tick_without_a_payload(name: str) -> None:
    tick = only(inbox(event(name), kind="schedule"))

    assert (tick.schedule, tick.payload) == ("TheSchedule", None)


@pytest.mark.parametrize("payload", [{"order": 7}, [], None, 1.5, "text", True])
def test_the_payload_of_an_invocation_is_the_event(payload: Any) -> None:
    record = read(inbox(json.dumps(payload), kind="task", attributes=OURS)).records[0]

    assert record.events == [payload]
    assert record.envelope.correlation_id == "look-me-up"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("bucket", "not JSON"),
        ("bucket", "[]"),
        ("bucket", "{}"),
        ("bucket", '{"Records": {}}'),
        ("schedule", "null"),
        ("schedule", '{"schedule": "Nightly"}'),
        ("schedule", '{"schedule": "Nightly", "due": "soon", "payload": null}'),
        ("schedule", '{"schedule": "Nightly", "due": 5, "payload": null}'),
        ("task", "not JSON"),
        ("task", "[" * 100_000),
    ],
)
def test_a_message_that_is_not_what_its_source_sends_fails_alone(kind: str, body: str) -> None:
    (malformed,) = events(inbox(body, kind=kind))

    assert isinstance(malformed, Malformed)
