"""Messages of queues."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus import dead_letters
from isthmus.errors import BadEventError
from isthmus.serve import Malformed
from isthmus_aws import wire
from tests.aws.events.recorded import event, events, only, read


def sent_by_us(body: bytes, attributes: dict[str, Any]) -> Any:
    """Return the event that Lambda makes of a message as our clients send it."""
    text, native = wire.outgoing(body, attributes)
    sent = event("sqs")
    (record, _) = sent["Records"]
    record["body"] = text
    record["messageAttributes"] = {
        name: {"stringValue": value["StringValue"], "dataType": value["DataType"]} for name, value in native.items()
    }
    return {"Records": [record]}


def test_a_message_has_everything_that_its_record_tells() -> None:
    message = events(event("sqs"))[0]

    assert message.json() == {"id": "o-1", "name": "Zoë"}
    assert (message.id, message.source, message.attempt) == ("059f36b4-87a3-44ab-83d2-661975830a7d", "Work", 2)
    assert message.sent_at == 1545082649.183
    assert (message.group, message.sequence, message.attributes) == (None, None, {})
    assert message.raw["receiptHandle"].startswith("AQEBwJ")


def test_attributes_are_text_and_the_envelope_is_taken_out_of_them() -> None:
    record = read(event("sqs")).records[1]
    (message,) = record.events

    assert message.attributes == {"type": "order.placed", "count": "3", "thumbnail": "AAEC"}
    assert record.envelope.correlation_id == "look-me-up"
    assert record.envelope.traceparent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert record.envelope.content_type == "text/plain; charset=utf-8"


def test_the_record_names_what_an_answer_and_a_dead_letter_need() -> None:
    first, second = read(event("sqs")).records

    assert (first.id, first.source, first.attempt) == (first.raw["messageId"], "orders-dev-Work-1a2b3c4d", 2)
    assert second.attempt == 1


def test_a_message_of_a_fifo_queue_has_its_group_and_its_place() -> None:
    message = only(event("sqs_fifo"))

    assert (message.group, message.sequence) == ("customer-1", "18849496460467696128")


def test_the_group_of_a_fair_queue_is_no_order() -> None:
    assert events(event("sqs"))[1].group is None


def test_a_message_says_nothing_of_what_it_has_not() -> None:
    with pytest.raises(AttributeError, match="'colour'"):
        _ = events(event("sqs"))[0].colour


def test_messages_in_a_row_with_the_same_attributes_share_none_of_them() -> None:
    sent = event("sqs")
    sent["Records"] = [sent["Records"][1], dict(sent["Records"][1], messageId="another")]

    first, second = events(sent)
    first.attributes["type"] = "changed"

    assert second.attributes["type"] == "order.placed"
    assert [record.envelope.correlation_id for record in read(sent).records] == ["look-me-up"] * 2


def test_bodies_that_travel_as_base64_may_have_equal_attributes() -> None:
    first, second = sent_by_us(b"\x00\x01", {"a": "1"}), sent_by_us(b"\x02\xff", {"a": "1"})
    second["Records"][0]["messageId"] = "another"

    found = events({"Records": first["Records"] + second["Records"]})

    assert [message.body for message in found] == [b"\x00\x01", b"\x02\xff"]


@given(
    body=st.binary(),
    attributes=st.dictionaries(st.text("abc", min_size=1), st.text("xyz"), max_size=3),
)
def test_every_message_comes_as_it_was_sent(body: bytes, attributes: dict[str, str]) -> None:
    message = only(sent_by_us(body, {**attributes, "isthmus-correlation-id": "one"}))

    assert (message.body, message.attributes) == (body, attributes)


def test_a_dead_letter_tells_why_it_is_one() -> None:
    told = dead_letters.dead_letter_attributes("Work", "id-1", 3, "ValueError: no")

    message = only(sent_by_us(b"{}", {"mine": "x", **told}))

    assert message.attributes == {"mine": "x", **told}


def test_a_test_event_of_the_console_without_attributes_is_read() -> None:
    sent = event("sqs")
    for record in sent["Records"]:
        del record["messageAttributes"]
        del record["attributes"]["SentTimestamp"]

    assert [(message.text(), message.sent_at) for message in events(sent)][1] == ("Test message.", 0.0)


@pytest.mark.parametrize(
    "change",
    [
        {"body": None},
        {"body": 7},
        {"body": "\ud800"},
        {"attributes": None},
        {"attributes": {}},
        {"attributes": {"ApproximateReceiveCount": "many"}},
        {"attributes": {"ApproximateReceiveCount": None}},
        {"messageAttributes": [1]},
        {"messageAttributes": {"type": None}},
        {"messageAttributes": {"type": {"stringValue": "a"}}},
        {"messageAttributes": {"type": {"dataType": "String"}}},
        {"messageAttributes": {"type": {"dataType": "String", "stringValue": 5}}},
        {"messageAttributes": {"isthmus": {"dataType": "String", "stringValue": '"[]"'}}},
        {"messageAttributes": {"isthmus": {"dataType": "String", "stringValue": '{"isthmus-body":"base64"}'}}},
    ],
)
def test_a_record_that_cannot_be_read_fails_alone(change: dict[str, Any]) -> None:
    sent = event("sqs")
    sent["Records"][0].update(change)

    first, second = read(sent).records

    (malformed,) = first.events
    assert isinstance(malformed, Malformed)
    assert isinstance(malformed.error, BadEventError)
    assert first.id in str(malformed.error)
    assert second.events[0].text() == "Test message."


def test_a_malformed_record_keeps_its_group() -> None:
    sent = event("sqs_fifo")
    sent["Records"][0]["body"] = None

    (malformed,) = events(sent)

    assert malformed.group == "customer-1"


@pytest.mark.parametrize("group", [None, 5, ["a"]])
def test_a_group_that_is_none_does_not_harm_the_others(group: Any) -> None:
    sent = event("sqs_fifo")
    sent["Records"][0]["attributes"]["MessageGroupId"] = group

    (malformed,) = events(sent)

    assert isinstance(malformed, Malformed)
    assert malformed.group is None


def test_a_large_batch_is_read_in_its_order() -> None:
    sent = event("sqs")
    sent["Records"] = [dict(sent["Records"][0], messageId=str(n), body=json.dumps(n)) for n in range(10_000)]

    assert [message.json() for message in events(sent)] == list(range(10_000))


def test_a_body_that_middleware_has_replaced_is_what_is_read() -> None:
    message = events(event("sqs"))[0]
    message.body = b'{"opened": true}'

    assert (message.json(), message.text()) == ({"opened": True}, '{"opened": true}')


def test_json_is_read_alike_whether_the_body_was_asked_for_or_not() -> None:
    sent = event("sqs")
    for record in sent["Records"]:
        record["body"] = ' {"a": [1.5, null]}\n'
        record["messageAttributes"] = {}

    first, second = events(sent)

    assert first.body == b' {"a": [1.5, null]}\n'
    assert first.json() == second.json() == {"a": [1.5, None]}


def test_a_body_that_is_no_json_names_the_message_whether_the_body_was_asked_for_or_not() -> None:
    sent = event("sqs")
    for record in sent["Records"]:
        record["body"] = "no"
        record["messageAttributes"] = {}

    first, second = events(sent)

    assert first.body == b"no"
    for message in (first, second):
        with pytest.raises(BadEventError, match=message.id):
            message.json()
