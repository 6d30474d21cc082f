from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from isthmus.workflows.integrations.integrate import integrate
from isthmus.workflows.resource_uris import known_as, resolve
from isthmus.workflows.states_error import StatesError
from isthmus_local.testbed import LocalTestbed
from tests.core.workflows.integrations.conftest import Do

SEND, PUBLISH, EVENTS = "sqs:sendMessage", "sns:publish", "events:putEvents"
WORK = "https://queues/1/work"
NEWS = "arn:aws:sns:us-east-1:123456789012:News"

Got = Callable[[str], Any]


@pytest.mark.parametrize(
    ("body", "text"), [("hello", "hello"), ({"a": [1, "é"]}, '{"a":[1,"é"]}'), ([1], "[1]"), (7, "7")]
)
def test_a_message_is_sent_as_text_or_as_json(do: Do, got: Got, body: Any, text: str) -> None:
    answer = do(SEND, {"QueueUrl": WORK, "MessageBody": body})

    assert got(answer["MessageId"])["text"] == text
    assert answer["MD5OfMessageBody"] == hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    assert answer["SdkHttpMetadata"]["HttpStatusCode"] == 200


def test_a_message_carries_its_attributes_as_text(do: Do, got: Got) -> None:
    attributes = {
        "kind": {"DataType": "String", "StringValue": "order"},
        "n": {"DataType": "Number", "StringValue": "7"},
    }

    sent = do(SEND, {"QueueUrl": WORK, "MessageBody": "x", "MessageAttributes": attributes, "DelaySeconds": 0})

    assert got(sent["MessageId"])["attributes"] == {"kind": "order", "n": "7"}


def test_a_second_message_of_the_same_deduplication_id_is_the_first(do: Do) -> None:
    arguments = {"QueueUrl": "Ordered", "MessageBody": "x", "MessageGroupId": "a", "MessageDeduplicationId": "once"}

    assert do(SEND, arguments)["MessageId"] == do(SEND, arguments)["MessageId"]


def test_the_services_own_form_takes_text_alone(do: Do) -> None:
    assert set(do("aws-sdk:sqs:sendMessage", {"QueueUrl": WORK, "MessageBody": "x"})) == {
        "MessageId",
        "MD5OfMessageBody",
    }
    with pytest.raises(StatesError, match="is text in this form") as failed:
        do("aws-sdk:sqs:sendMessage", {"QueueUrl": WORK, "MessageBody": {"a": 1}})

    assert failed.value.error == "Sqs.SqsException"


def test_a_topic_publishes_with_attributes_and_subject(do: Do, got: Got, testbed: LocalTestbed) -> None:
    attributes = {"n": {"DataType": "Number", "StringValue": "7"}}

    do(PUBLISH, {"TopicArn": NEWS, "Message": {"id": "with-subject"}, "Subject": "Hi", "MessageAttributes": attributes})

    testbed.settle()
    (kept,) = [item for item in testbed.resource("Got").scan() if "with-subject" in item["text"]]
    assert kept["attributes"] == {"n": "7", "Subject": "Hi"}


def test_events_become_messages_of_the_topic_that_stands_for_their_bus(do: Do, testbed: LocalTestbed) -> None:
    entry = {"Source": "shop", "DetailType": "paid", "Resources": ["r"], "Time": "2024-01-01T00:00:00Z"}

    answer = do(
        EVENTS, {"Entries": [{**entry, "Detail": {"n": 1}}, {**entry, "Detail": '{"n": 2}', "EventBusName": "News"}]}
    )

    testbed.settle()
    texts = [item["text"] for item in testbed.resource("Got").scan() if "detail-type" in item["text"]]
    events = sorted(map(json.loads, texts), key=lambda event: event["detail"]["n"])
    assert [event["detail"] for event in events] == [{"n": 1}, {"n": 2}]
    assert [{"EventId": event["id"]} for event in events] == answer["Entries"]
    assert answer["FailedEntryCount"] == 0
    assert {name: events[0][name] for name in ("version", "source", "detail-type", "time", "resources")} == {
        "version": "0",
        "source": "shop",
        "detail-type": "paid",
        "time": "2024-01-01T00:00:00Z",
        "resources": ["r"],
    }


@pytest.mark.parametrize(
    ("resource", "arguments", "error", "message"),
    [
        (SEND, {}, "SQS.AmazonSQSException", "QueueUrl is missing"),
        (SEND, {"QueueUrl": WORK}, "SQS.AmazonSQSException", "MessageBody is missing"),
        (SEND, {"QueueUrl": 7, "MessageBody": "x"}, "SQS.AmazonSQSException", "QueueUrl is text"),
        (SEND, {"QueueUrl": WORK, "MessageBody": "x", "DelaySeconds": "1"}, "SQS.AmazonSQSException", "DelaySeconds"),
        (SEND, {"QueueUrl": WORK, "MessageBody": "x", "DelaySeconds": 901}, "SQS.AmazonSQSException", "900"),
        (SEND, {"QueueUrl": WORK, "MessageBody": "x" * 300_000}, "SQS.AmazonSQSException", "262,144"),
        (SEND, {"QueueUrl": WORK, "MessageBody": "x", "MessageGroupId": "a"}, "SQS.AmazonSQSException", "FIFO"),
        (SEND, {"QueueUrl": "Nobody", "MessageBody": "x"}, "SQS.QueueDoesNotExistException", "Nobody"),
        (
            SEND,
            {"QueueUrl": WORK, "MessageBody": "x", "Other": 1},
            "SQS.AmazonSQSException",
            "'Other' is not supported",
        ),
        (
            SEND,
            {"QueueUrl": WORK, "MessageBody": "x", "MessageAttributes": {"b": {"DataType": "Binary"}}},
            "SQS.AmazonSQSException",
            "MessageAttributes.b",
        ),
        (SEND, "text", "SQS.AmazonSQSException", "an object"),
        (PUBLISH, {"TopicArn": NEWS}, "SNS.AmazonSNSException", "Message is missing"),
        (PUBLISH, {"PhoneNumber": "1", "Message": "x"}, "SNS.AmazonSNSException", "'PhoneNumber'"),
        (
            PUBLISH,
            {"TopicArn": NEWS, "Message": "x", "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "x"}}},
            "SNS.AmazonSNSException",
            "no number",
        ),
        (EVENTS, {"Entries": []}, "EventBridge.FailedEntry", "1 to 10"),
        (EVENTS, {"Entries": ["x"]}, "EventBridge.FailedEntry", "an object"),
        (EVENTS, {"Entries": [{"Source": "a", "DetailType": "b"}]}, "EventBridge.FailedEntry", "Detail is missing"),
        (
            EVENTS,
            {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "no json"}]},
            "EventBridge.FailedEntry",
            "Detail is JSON",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_by_the_services_name(
    do: Do, resource: str, arguments: Any, error: str, message: str
) -> None:
    with pytest.raises(StatesError, match=message) as failed:
        do(resource, arguments)

    assert failed.value.error == error


@pytest.mark.parametrize(("name", "kind"), [("Work", "queue"), ("News", "topic")])
@pytest.mark.parametrize("arguments", [{"neutral": "one"}, 'some "text" é', "", 7, None, [1, "a"]])
def test_a_neutral_task_sends_its_arguments_as_json(
    testbed: LocalTestbed, got: Got, name: str, kind: str, arguments: Any
) -> None:
    task = known_as(resolve(name), kind)

    answer = integrate(task, arguments, testbed.resource)

    assert set(answer) == {"MessageId"}
    testbed.settle()
    texts = [item["text"] for item in testbed.resource("Got").scan()]
    assert json.dumps(arguments, separators=(",", ":"), ensure_ascii=False) in texts


def test_what_a_neutral_task_cannot_send_fails_as_a_task_does(testbed: LocalTestbed) -> None:
    with pytest.raises(StatesError) as failed:
        integrate(known_as(resolve("Work"), "queue"), "x" * 300_000, testbed.resource)

    assert failed.value.error == "States.TaskFailed"
    assert json.loads(failed.value.cause)["errorType"] == "TooLargeError"
