"""The topic client against the API of SNS: what a subscribed queue gets of it, and what is refused."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from isthmus.errors import AccessDeniedError, InvalidValueError, PartialSendError, ServiceError, TooLargeError
from isthmus_aws import wire
from isthmus_aws.clients import batches
from isthmus_aws.services import Services
from tests.aws.botocore_parts import ANY, ClientError, Stubber
from tests.aws.clients.linked import linked
from tests.emulators.aws.ministack import Ministack


@pytest.fixture
def name(ministack: Ministack) -> str:
    """Return the name of a new topic."""
    name = f"events-{uuid.uuid4().hex}"
    ministack.client("sns").create_topic(Name=name)
    return name


@pytest.fixture
def events(services: Services, name: str) -> Any:
    return linked(services, "topic", name, ["publish"], name="Events")


@pytest.fixture
def heard(
    ministack: Ministack, services: Services, name: str
) -> Callable[[Mapping[str, Any]], Callable[[], list[Any]]]:
    """Return what subscribes a queue by a filter, and returns what receives from it."""

    def hear(policy: Mapping[str, Any]) -> Callable[[], list[Any]]:
        sqs, queue = ministack.client("sqs"), f"inbox-{uuid.uuid4().hex}"
        url = sqs.create_queue(QueueName=queue)["QueueUrl"]
        attributes = {"RawMessageDelivery": "true", "FilterPolicy": json.dumps(policy)}
        ministack.client("sns").subscribe(
            TopicArn=services.arn("sns", name),
            Protocol="sqs",
            Endpoint=services.arn("sqs", queue),
            Attributes=attributes if policy else {"RawMessageDelivery": "true"},
        )

        def receive() -> list[Any]:
            found: list[Any] = []
            while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
                "Messages"
            ):
                found += batch
            return found

        return receive

    return hear


def content(message: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    native = {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
    return wire.incoming(message["Body"], native)


@pytest.mark.parametrize(
    ("policy", "attributes", "passes"),
    [
        ({"type": [{"prefix": "order."}]}, {"type": "order.placed"}, True),
        ({"type": [{"prefix": "order."}]}, {"type": "user.born"}, False),
        ({"weight": [{"numeric": [">", 5]}]}, {"weight": 7.5}, True),
        ({"weight": [{"numeric": [">", 5]}]}, {"weight": 5}, False),
        # On AWS the text "7" is no number to a filter; to the emulator it is, so that is not tried here:
        # https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html
        ({"isthmus": [{"exists": False}]}, {}, False),
    ],
    ids=repr,
)
def test_a_native_filter_sees_text_as_text_and_numbers_as_numbers(
    events: Any, heard: Any, policy: Mapping[str, Any], attributes: Mapping[str, Any], passes: bool
) -> None:
    receive = heard(policy)
    events.publish({"label": "é"}, attributes=attributes)

    assert len(receive()) == passes


@pytest.mark.parametrize("body", [b"\x00\xff raw", b"", "text é \U0001f600", {"a": [1]}], ids=repr)
def test_body_and_attributes_come_out_of_a_subscribed_queue(events: Any, heard: Any, body: Any) -> None:
    receive = heard({})
    events.publish(body, attributes={"type": "a b", "n": 7.0, "big": 2**62})
    (message,) = receive()
    data, attributes = content(message)

    assert data == (body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else b'{"a":[1]}')
    assert (attributes["type"], attributes["n"], attributes["big"]) == ("a b", "7.0", str(2**62))
    assert attributes["isthmus-correlation-id"]


def test_many_messages_are_published_each_with_its_id(events: Any, heard: Any) -> None:
    receive = heard({})
    identifiers = events.publish_many(({"n": n} for n in range(23)), attributes={"type": "a"})
    bodies = {content(message)[0] for message in receive()}

    assert len(set(identifiers)) == 23
    assert bodies == {f'{{"n":{n}}}'.encode() for n in range(23)}


def test_a_batch_has_no_more_bytes_than_sns_takes(services: Services, name: str) -> None:
    asked: list[int] = []
    sns = services.client("sns")

    def answer(params: Mapping[str, Any], **_: Any) -> None:
        entries = params["PublishBatchRequestEntries"]
        asked.append(sum(len(entry["Message"]) for entry in entries))

    sns.meta.events.register("provide-client-params.sns.PublishBatch", answer)
    linked(services, "topic", name, ["publish"]).publish_many(["x" * 100_000] * 5)

    assert asked == [200_000, 200_000, 100_000]


def test_bytes_that_are_too_many_as_base64_are_refused(events: Any) -> None:
    with pytest.raises(TooLargeError) as caught:
        events.publish(b"\xff" * 200_000)
    assert caught.value.size > 262_144
    events.publish(b"\xff" * 190_000)


def test_what_sns_itself_finds_too_large_is_too_large(services: Services, name: str) -> None:
    stubber = Stubber(services.client("sns"))
    stubber.add_client_error("publish", "InvalidParameter", "Invalid parameter: Message too long")
    with stubber, pytest.raises(TooLargeError):
        linked(services, "topic", name, ["publish"]).publish("x")


@pytest.mark.parametrize(
    "value", [None, True, ["a"], float("nan"), float("inf"), b"x", 1e300, 1e-300, 2**63, ""], ids=repr
)
def test_an_attribute_that_no_filter_could_read_is_refused(events: Any, value: object) -> None:
    with pytest.raises(InvalidValueError):
        events.publish("x", attributes={"type": value})


def test_an_entry_that_sns_refuses_is_named_and_its_own_fault_is_tried_again(
    services: Services, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PAUSE", 0)
    stubber = Stubber(services.client("sns"))
    stubber.add_response(
        "publish_batch",
        {
            "Successful": [],
            "Failed": [
                {"Id": "0", "SenderFault": True, "Code": "InvalidParameter"},
                {"Id": "1", "SenderFault": False, "Code": "InternalError"},
            ],
        },
    )
    stubber.add_response(
        "publish_batch",
        {"Successful": [{"Id": "0", "MessageId": "b"}], "Failed": []},
        {"TopicArn": ANY, "PublishBatchRequestEntries": [{"Id": "0", "Message": "1", "MessageAttributes": ANY}]},
    )
    with stubber, pytest.raises(PartialSendError) as caught:
        linked(services, "topic", name, ["publish"]).publish_many(["0", "1"])

    assert [position for position, _ in caught.value.failed] == [0]


def test_a_verb_that_is_not_linked_and_a_topic_that_is_not_there_are_told(services: Services) -> None:
    with pytest.raises(AccessDeniedError, match="Caller"):
        linked(services, "topic", "none", []).publish("x")
    with pytest.raises(ServiceError) as caught:
        linked(services, "topic", "none", ["publish"]).publish("x")
    assert isinstance(caught.value.__cause__, ClientError)
