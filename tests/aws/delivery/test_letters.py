"""What of a record is parked, where that is not simply all of it: what AWS may send, and an emulator never does."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from isthmus.envelope import Envelope
from isthmus_aws import wire
from isthmus_aws.delivery import letters
from isthmus_aws.events.record import Record

LIMIT = 1024 * 1024
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""


def of_kinesis(data: bytes) -> Record:
    told = {"sequenceNumber": "7", "partitionKey": "k", "data": b64encode(data).decode()}
    raw = {"kinesis": told, "eventSourceARN": "arn:aws:kinesis:r:a:stream/clicks", "eventID": "shard-1:7"}
    return Record("7", "clicks", 1, Envelope(), [], raw)


def of_table(image: dict[str, Any]) -> Record:
    told = {"SequenceNumber": "7", "Keys": {"id": {"S": "a"}}, "NewImage": image, "OldImage": image}
    raw = {"dynamodb": told, "eventSourceARN": "arn:aws:dynamodb:r:a:table/t/stream/s", "eventID": "e"}
    return Record("7", "t", 1, Envelope(), [], raw)


@pytest.mark.parametrize("data", [b"\xff" * 800_000, b"\xff" * 10_000_000, b"x" * LIMIT, "é".encode() * 600_000])
def test_of_a_record_that_no_message_holds_its_place_is_parked(data: bytes) -> None:
    parked, _ = letters.of_record(of_kinesis(data))

    place = json.loads(parked)
    assert (place["sequenceNumber"], place["partitionKey"], place["eventID"]) == ("7", "k", "shard-1:7")


@pytest.mark.parametrize("data", [b"", b"\xff" * 700_000, b"x" * 1_000_000, "é".encode() * 500_000])
def test_a_record_that_a_message_holds_is_parked_whole(data: bytes) -> None:
    parked, _ = letters.of_record(of_kinesis(data))

    assert parked == data
    assert len(wire.outgoing(parked, {})[0].encode()) <= LIMIT


def test_of_a_change_that_no_message_holds_the_key_of_the_row_is_parked() -> None:
    numbers = {"L": [{"N": "1"}] * 100_000}
    parked, _ = letters.of_record(of_table({"id": {"S": "a"}, "numbers": numbers}))

    assert json.loads(parked)["Keys"] == {"id": {"S": "a"}}
    assert json.loads(letters.of_record(of_table({"id": {"S": "a"}}))[0])["dynamodb"]["NewImage"] == {"id": {"S": "a"}}
