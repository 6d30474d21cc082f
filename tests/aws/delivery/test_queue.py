"""Messages of real queues of the emulator, handed to the real runtime client as Lambda's poller hands them over."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from isthmus_aws import wire
from isthmus_aws.delivery.queue import round_up
from tests.aws.delivery.desk import Desk, told
from tests.emulators.aws.ministack import Ministack


@pytest.fixture
def desks(ministack: Ministack) -> Iterator[list[Desk]]:
    made: list[Desk] = []
    yield made
    for desk in made:
        desk.runtime.stop()


@pytest.fixture
def desk(ministack: Ministack, desks: list[Desk]) -> Desk:
    desks.append(Desk(ministack))
    return desks[-1]


def test_a_failing_message_alone_comes_again_at_once(desk: Desk) -> None:
    ids = desk.send({}, {"fail": 1}, {})

    assert desk.poll() == [ids[1]]
    assert desk.poll() == []
    assert desk.hidden() == 0
    assert desk.letters() == []


def test_after_its_last_attempt_a_message_is_parked_whole_with_the_reason(desk: Desk) -> None:
    body = {"fail": 9, "note": "é" * 100}
    [id] = desk.send(body)

    kept = [desk.poll() for _ in range(3)]

    [letter] = desk.letters()
    assert kept == [[id], [id], []]
    assert json.loads(letter["Body"]) == body
    assert told(letter) == {
        "dead-letter-source": "Work",
        "dead-letter-id": id,
        "dead-letter-attempts": "3",
        "dead-letter-reason": "OutOfStockError: attempt 3",
    }


def test_attributes_of_ten_are_kept_beside_the_reason(desk: Desk) -> None:
    names = {f"name{n}": {"DataType": "String", "StringValue": str(n)} for n in range(10)}
    desk.sqs.send_message(QueueUrl=desk.url, MessageBody='{"fail": 9}', MessageAttributes=names)
    for _ in range(3):
        desk.poll()

    [letter] = desk.letters()
    attributes = told(letter)
    assert {name: attributes[name] for name in names} == {f"name{n}": str(n) for n in range(10)}
    assert "dead-letter-reason" in attributes


def test_a_message_that_cannot_be_read_is_parked_as_it_is(desk: Desk) -> None:
    broken = {wire.OURS: {"DataType": "String", "StringValue": "no json"}}
    desk.sqs.send_message(QueueUrl=desk.url, MessageBody="as it is", MessageAttributes=broken)
    for _ in range(3):
        desk.poll()

    [letter] = desk.letters()
    assert letter["Body"] == "as it is"
    assert "BadEventError" in told(letter)["dead-letter-reason"]


def test_a_delay_hides_a_failed_message_and_doubles(ministack: Ministack, desks: list[Desk]) -> None:
    desk = Desk(ministack, delay=1.0, attempts=9)
    desks.append(desk)
    desk.send({"fail": 2})
    gaps: list[float] = []
    for _ in range(2):
        desk.poll()
        started = time.monotonic()
        while not _comes_again(desk):
            time.sleep(0.05)
        gaps.append(time.monotonic() - started)

    assert 0.7 < gaps[0] < 1.8
    assert 1.7 < gaps[1] < 2.9


def test_no_delay_is_longer_than_sqs_hides_a_message_that_it_has_handed_out() -> None:
    # The emulator takes 12 hours from now; SQS counts them from when it was received, and refuses the whole request.
    assert round_up(12 * 3600) == 12 * 3600 - 900
    assert [round_up(delay) for delay in (0.4, 0.5, 1.2, 60)] == [0, 1, 2, 60]


def _comes_again(desk: Desk) -> bool:
    return desk.hidden() == 0


def test_what_there_is_no_time_for_is_kept_and_not_tried(desk: Desk) -> None:
    desk.warm()
    ids = desk.send(*({"pause": 0.8} for _ in range(6)))

    kept = desk.poll(timeout=4)

    assert 2 <= len(kept) < 6
    assert set(kept) < set(ids)
    assert desk.hidden() == 0


def test_a_fifo_group_stops_at_its_failure_and_others_go_on(ministack: Ministack, desks: list[Desk]) -> None:
    desk = Desk(ministack, fifo=True)
    desks.append(desk)
    first = desk.send({"fail": 1}, {}, {}, group="a")
    desk.send({}, {}, group="b")

    kept: list[str] = []
    for _ in range(8):  # the emulator hands out a message of each group at a time
        kept += desk.poll()

    assert kept[0] == first[0]
    assert desk.hidden() == 0
    assert desk.letters() == []


def test_innocents_of_a_fifo_group_do_not_use_up_their_attempts(ministack: Ministack, desks: list[Desk]) -> None:
    desk = Desk(ministack, fifo=True)
    desks.append(desk)
    poison, innocent = desk.send({"fail": 99}, {"fail": 1})
    records = _received(desk, poison, innocent)

    rounds = [_kept(desk, records, count) for count in (1, 2, 3)]
    alone = _kept(desk, records[1:], 4)

    assert rounds == [[poison, innocent], [poison, innocent], [innocent]]
    assert alone == [innocent]
    assert [told(letter)["dead-letter-id"] for letter in desk.letters()] == [poison]


def test_an_innocent_that_has_waited_elsewhere_still_has_its_attempts(ministack: Ministack, desks: list[Desk]) -> None:
    desk = Desk(ministack, fifo=True)
    desks.append(desk)
    _, waited = desk.send({}, {"fail": 99})
    records = _received(desk, "", waited)[:1]
    records[0]["messageId"] = waited

    kept = [_kept(desk, records, count) for count in (5, 6, 7)]  # four times it was behind another, in other instances

    assert kept == [[waited], [waited], []]
    assert told(desk.letters()[0])["dead-letter-attempts"] == "3"


def test_what_has_failed_in_ever_other_instances_is_given_up_too(ministack: Ministack, desks: list[Desk]) -> None:
    desk = Desk(ministack, fifo=True)
    desks.append(desk)
    [poison] = desk.send({"fail": 99})

    assert _kept(desk, _received(desk, poison, "")[:1], 9) == []
    assert told(desk.letters()[0])["dead-letter-id"] == poison


def _received(desk: Desk, *ids: str) -> list[dict[str, Any]]:
    """Return records of FIFO messages that SQS would hand over together, which the emulator does not do."""
    bodies = ['{"fail": 99}', '{"fail": 1}']
    return [
        desk.record(
            {
                "MessageId": id,
                "ReceiptHandle": "none",
                "Body": body,
                "Attributes": {"MessageGroupId": "g", "SequenceNumber": str(n)},
                "MD5OfBody": "",
            }
        )
        for n, (id, body) in enumerate(zip(ids, bodies, strict=True))
    ]


def _kept(desk: Desk, records: Sequence[dict[str, Any]], count: int) -> list[str]:
    event = {
        "Records": [
            {**record, "attributes": {**record["attributes"], "ApproximateReceiveCount": str(count)}}
            for record in records
        ]
    }
    return [failure["itemIdentifier"] for failure in desk.runtime.invoke(event)["batchItemFailures"]]


def test_a_message_that_cannot_be_parked_is_kept(desk: Desk) -> None:
    [id] = desk.send({"fail": 9})
    desk.sqs.delete_queue(QueueUrl=desk.dead_url)

    assert [desk.poll() for _ in range(4)] == [[id]] * 4


def test_of_a_batch_only_the_message_that_takes_too_long_has_failed(desk: Desk) -> None:
    ids = desk.send({}, {"pause": 30}, {})
    started = time.monotonic()

    kept = desk.poll(timeout=3)

    assert time.monotonic() - started < 3
    assert kept[0] == ids[1]
    assert ids[0] not in kept


def test_a_message_that_always_takes_too_long_is_parked_with_the_reason(
    ministack: Ministack, desks: list[Desk]
) -> None:
    desk = Desk(ministack, attempts=1)
    desks.append(desk)
    [id] = desk.send({"pause": 30})

    assert desk.poll(timeout=8) == []
    [letter] = desk.letters()
    assert told(letter)["dead-letter-id"] == id
    assert told(letter)["dead-letter-reason"].startswith("TimedOutError: ")


@pytest.mark.parametrize(("attempts", "failed"), [(1, 0), (2, 1)])
def test_the_client_is_there_before_a_first_attempt_that_is_the_last_since_after_it_there_may_be_no_time(
    ministack: Ministack, desks: list[Desk], attempts: int, failed: int
) -> None:
    desk = Desk(ministack, attempts=attempts)
    desks.append(desk)
    desk.send({"cold": True})

    assert len(desk.poll()) == failed  # where there is another attempt, a start that goes well does without the client
    assert desk.poll() == []
    assert desk.letters() == []


def test_what_was_never_tried_has_not_had_an_attempt(ministack: Ministack, desks: list[Desk]) -> None:
    desk = Desk(ministack, attempts=2)
    desks.append(desk)
    desk.warm()
    desk.send({"pause": 2}, {"pause": 2, "fail": 1})

    assert len(desk.poll(timeout=3.5)) == 1  # for the second there is no time
    kept = desk.poll(timeout=5)

    assert len(kept) == 1  # it fails its first attempt, though it came for the second time
    assert desk.letters() == []
    assert desk.poll(timeout=5) == []


def test_a_binary_attribute_is_parked_too(desk: Desk) -> None:
    binary = {"mark": {"DataType": "Binary", "BinaryValue": b"\0\1"}}
    desk.sqs.send_message(QueueUrl=desk.url, MessageBody='{"fail": 9}', MessageAttributes=binary)
    for _ in range(3):
        desk.poll()

    [letter] = desk.letters()
    assert told(letter)["mark"] == "AAE="


@pytest.mark.parametrize(
    "broken",
    [
        {"body": "\ud800"},
        {"body": None},
        {"attributes": [1]},
        {"messageAttributes": {"a": 1}},
        {"messageAttributes": 1},
    ],
    ids=str,
)
def test_what_no_service_sends_fails_alone_and_is_parked_alone(
    ministack: Ministack, desks: list[Desk], broken: dict[str, Any]
) -> None:
    desk = Desk(ministack, attempts=1)
    desks.append(desk)
    one, other = _received(desk, "one", "other")
    sound = {"body": "{}", "attributes": {"ApproximateReceiveCount": "1"}}

    answer = desk.runtime.invoke({"Records": [{**one, **sound, **broken}, {**other, **sound}]})

    assert answer == {"batchItemFailures": []}
    assert [told(letter)["dead-letter-id"] for letter in desk.letters()] == ["one"]


def test_the_answer_gets_out_though_sqs_does_not_answer(ministack: Ministack, desks: list[Desk]) -> None:
    desk = Desk(ministack)
    desks.append(desk)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        desk.runtime.stop()
        desk.start(f"http://127.0.0.1:{port}")
        ids = desk.send({}, {"fail": 9})
        started = time.monotonic()
        kept = desk.poll(timeout=4)

    assert time.monotonic() - started < 4
    assert kept == ids[1:]
