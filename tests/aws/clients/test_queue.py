"""The queue client against the API of SQS; what no emulator does, such as a partial failure, is a stubbed answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from isthmus import context as contexts
from isthmus.errors import (
    AccessDeniedError,
    InvalidValueError,
    PartialSendError,
    ServiceError,
    TooLargeError,
)
from isthmus.testing.factories import context
from isthmus_aws import wire
from isthmus_aws.clients import batches
from isthmus_aws.services import Services
from tests.aws.botocore_parts import ANY, ClientError, Stubber
from tests.aws.clients.linked import linked
from tests.emulators.aws.ministack import Ministack


@pytest.fixture
def name(ministack: Ministack) -> str:
    """Return the name of a new standard queue."""
    name = f"work-{uuid.uuid4().hex}"
    ministack.client("sqs").create_queue(QueueName=name)
    return name


@pytest.fixture
def line(ministack: Ministack, services: Services) -> Any:
    """Return the client of a new FIFO queue."""
    name = f"line-{uuid.uuid4().hex}.fifo"
    ministack.client("sqs").create_queue(QueueName=name, Attributes={"FifoQueue": "true"})
    return linked(services, "queue", name, ["send"], name="Line", properties={"fifo": True})


@pytest.fixture
def work(services: Services, name: str) -> Any:
    return linked(services, "queue", name, ["send"], name="Work")


@pytest.fixture
def received(ministack: Ministack, services: Services) -> Callable[..., list[Any]]:
    """Return what receives a queue's messages, as an event source mapping would."""

    def receive(queue: Any, wait: int = 0) -> list[Any]:
        answer = ministack.client("sqs").receive_message(
            QueueUrl=services.queue_url(queue.name),
            MaxNumberOfMessages=10,
            WaitTimeSeconds=wait,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    return receive


def content(message: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Return body and attributes, ours among them, of a received message."""
    native = {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
    return wire.incoming(message["Body"], native)


def test_a_message_keeps_its_attributes_and_the_envelope_rides_in_one_of_its_own(
    work: Any, received: Callable[..., list[Any]]
) -> None:
    token = contexts.current.set(context(correlation_id="c-1", traceparent=f"00-{'a' * 32}-{'b' * 16}-01"))
    try:
        sent = work.send({"label": "é"}, attributes={"type": "a b", "n": "1"})
    finally:
        contexts.current.reset(token)
    (message,) = received(work)
    body, attributes = content(message)

    assert message["MessageId"] == sent
    assert body == '{"label":"é"}'.encode()
    assert set(message["MessageAttributes"]) == {"type", "n", "isthmus"}
    assert (attributes["type"], attributes["n"], attributes["isthmus-correlation-id"]) == ("a b", "1", "c-1")
    assert attributes["isthmus-traceparent"][:36] == f"00-{'a' * 32}-"


@pytest.mark.parametrize("body", [b"\x00\xff raw", b"", "text é \U0001f600", "a\x0bb", "\ufffe", "\x7f\x85", b"<&>"])
def test_any_body_comes_out_as_it_went_in(work: Any, received: Callable[..., list[Any]], body: bytes | str) -> None:
    work.send(body)

    assert content(received(work)[0])[0] == (body.encode() if isinstance(body, str) else body)


def test_bytes_of_the_limit_pass_although_they_grow_on_the_wire(work: Any, received: Callable[..., list[Any]]) -> None:
    body = b"\xff" * (256 * 1024 - 200)
    work.send(body)

    assert content(received(work)[0])[0] == body


def test_a_message_over_the_limit_is_refused_before_it_is_sent(work: Any, received: Callable[..., list[Any]]) -> None:
    with pytest.raises(TooLargeError):
        work.send(b"x" * (256 * 1024 + 1))
    assert received(work) == []


def test_what_sqs_itself_finds_too_large_is_too_large(services: Services, name: str) -> None:
    # Queues of older accounts take 256 KB, and base64 makes a third more of bytes: no emulator tells so.
    stubber = Stubber(services.client("sqs"))
    reason = "One or more parameters are invalid. Reason: Message must be shorter than 262144 bytes."
    stubber.add_client_error("send_message", "InvalidParameterValue", reason)
    with stubber, pytest.raises(TooLargeError) as caught:
        linked(services, "queue", name, ["send"]).send(b"\xff" * 250_000)

    assert caught.value.limit == 262_144
    assert isinstance(caught.value.__cause__, ClientError)


def test_a_fraction_of_a_second_is_rounded_up_and_no_delay_is_left_to_the_queue(services: Services, name: str) -> None:
    work = linked(services, "queue", name, ["send"])
    for delay, expected in ((0.1, 1), (1.0, 1), (899.5, 900), (0, 0)):
        stubber = Stubber(services.client("sqs"))
        given = {"QueueUrl": ANY, "MessageBody": "x", "MessageAttributes": ANY, "DelaySeconds": expected}
        stubber.add_response("send_message", {"MessageId": "1"}, given)
        with stubber:
            work.send("x", delay=delay)
    stubber = Stubber(services.client("sqs"))
    stubber.add_response(
        "send_message", {"MessageId": "1"}, {"QueueUrl": ANY, "MessageBody": "x", "MessageAttributes": ANY}
    )
    with stubber:
        work.send("x")
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize("delay", [-1, 901, float("nan"), float("inf")])
def test_a_delay_that_sqs_does_not_know_is_refused(work: Any, delay: float) -> None:
    with pytest.raises(InvalidValueError):
        work.send("x", delay=delay)


def test_many_messages_go_in_batches_and_keep_their_ids_in_order(work: Any, received: Callable[..., list[Any]]) -> None:
    identifiers = work.send_many({"n": n} for n in range(23))
    bodies: dict[str, bytes] = {}
    while messages := received(work):
        bodies.update({message["MessageId"]: content(message)[0] for message in messages})

    assert [bodies[identifier] for identifier in identifiers] == [f'{{"n":{n}}}'.encode() for n in range(23)]


def test_a_batch_is_cut_where_its_bytes_on_the_wire_are_too_many(work: Any, received: Callable[..., list[Any]]) -> None:
    work.send_many([b"\xff" * 250_000] * 7)
    sizes: list[int] = []
    while messages := received(work):
        sizes += [len(content(message)[0]) for message in messages]

    assert sizes == [250_000] * 7


def test_what_cannot_be_sent_of_many_is_named_and_the_rest_is_sent(
    work: Any, received: Callable[..., list[Any]]
) -> None:
    with pytest.raises(PartialSendError) as caught:
        work.send_many(["a", object(), "b", "x" * 300_000])

    assert [position for position, _ in caught.value.failed] == [1, 3]
    assert {message["Body"] for message in received(work)} == {"a", "b"}


def test_a_fault_of_the_sender_is_named_and_one_of_the_service_is_sent_again(
    services: Services, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PAUSE", 0)
    stubber = Stubber(services.client("sqs"))
    md5 = {"MD5OfMessageBody": "0"}
    stubber.add_response(
        "send_message_batch",
        {
            "Successful": [{"Id": "0", "MessageId": "a", **md5}],
            "Failed": [
                {"Id": "1", "SenderFault": True, "Code": "InvalidParameterValue", "Message": "no such character"},
                {"Id": "2", "SenderFault": False, "Code": "InternalError", "Message": "try again"},
            ],
        },
    )
    stubber.add_response(
        "send_message_batch",
        {"Successful": [{"Id": "0", "MessageId": "c", **md5}], "Failed": []},
        {"QueueUrl": ANY, "Entries": [{"Id": "0", "MessageBody": "2", "MessageAttributes": ANY}]},
    )
    with stubber, pytest.raises(PartialSendError) as caught:
        linked(services, "queue", name, ["send"]).send_many(["0", "1", "2"])

    assert [position for position, _ in caught.value.failed] == [1]
    assert "no such character" in caught.value.failed[0][1]


def test_a_service_that_stays_at_fault_is_given_up_at_last(
    services: Services, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PAUSE", 0)
    stubber = Stubber(services.client("sqs"))
    for _ in range(batches.RESENDS + 1):
        failed = [{"Id": "0", "SenderFault": False, "Code": "InternalError"}]
        stubber.add_response("send_message_batch", {"Successful": [], "Failed": failed})
    with stubber, pytest.raises(PartialSendError, match="InternalError"):
        linked(services, "queue", name, ["send"]).send_many(["0"])
    stubber.assert_no_pending_responses()


def test_equal_messages_of_a_fifo_queue_are_both_kept(line: Any, received: Callable[..., list[Any]]) -> None:
    first, second = line.send("same", group="g"), line.send("same", group="g")

    assert first != second
    assert [message["Body"] for message in received(line)] == ["same", "same"]


def test_a_duplicate_is_dropped_and_gets_the_first_ones_id(line: Any, received: Callable[..., list[Any]]) -> None:
    # AWS documents that it is accepted and not delivered; that the answer has the first one's id is what SQS does.
    first = line.send("1", group="g", deduplicate="d")
    again = line.send("2", group="g", deduplicate="d")

    assert first == again
    assert [message["Body"] for message in received(line)] == ["1"]


@pytest.mark.parametrize(
    "options",
    [{}, {"group": "g", "delay": 1}, {"group": ""}, {"group": "g", "deduplicate": "a b"}, {"group": "é"}],
    ids=repr,
)
def test_options_that_do_not_fit_a_fifo_queue_are_refused(line: Any, options: Mapping[str, Any]) -> None:
    with pytest.raises(InvalidValueError):
        line.send("x", **options)


def test_many_messages_for_a_fifo_queue_are_refused_as_none_says_its_group(line: Any) -> None:
    with pytest.raises(InvalidValueError, match="group"):
        line.send_many(["a"])


@pytest.mark.parametrize("name", ["isthmus", "isthmus-correlation-id", "AWS.x", "Amazon.y", "a..b", ".a", "é", ""])
def test_a_name_that_sqs_or_isthmus_keeps_for_itself_is_refused(work: Any, name: str) -> None:
    with pytest.raises(InvalidValueError):
        work.send("x", attributes={name: "1"})


def test_a_verb_that_is_not_linked_is_refused_before_any_call(services: Services) -> None:
    with pytest.raises(AccessDeniedError, match="Caller"):
        linked(services, "queue", "no-such-queue", []).send("x")
    with pytest.raises(AccessDeniedError):
        linked(services, "queue", "no-such-queue", []).send_many(["x"])


def test_a_queue_that_is_not_there_is_told_with_what_sqs_says(services: Services) -> None:
    with pytest.raises(ServiceError, match="Thing") as caught:
        linked(services, "queue", "no-such-queue", ["send"]).send("x")

    assert isinstance(caught.value.__cause__, ClientError)
