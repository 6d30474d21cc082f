"""Records of streams and tables, in the real runtime client; dead letters go to a real queue of the emulator."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from isthmus.links import Identity
from isthmus.sources import Source
from isthmus_aws import wire
from tests.aws.runtime import Runtime
from tests.emulators.aws.ministack import ACCOUNT, REGION, Ministack


def record(number: int, body: Any) -> dict[str, Any]:
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "k",
            "sequenceNumber": str(number),
            "data": base64.b64encode(json.dumps(body).encode()).decode(),
            "approximateArrivalTimestamp": 1_700_000_000.5,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000000:{number}",
        "eventName": "aws:kinesis:record",
        "eventSourceARN": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks",
    }


class Reader:
    """An instance of a function that reads the stream, and the dead-letter queue of the stream."""

    def __init__(self, server: Ministack) -> None:
        self.sqs = server.client("sqs")
        self.dead = f"dead-{uuid4().hex[:8]}"
        self.dead_url = self.sqs.create_queue(QueueName=self.dead)["QueueUrl"]
        self.runtime = Runtime(
            Identity(
                app="shop",
                stage="dev",
                provider="aws",
                function="Collect",
                handler="tests.aws.handlers.picky",
                triggers=("stream",),
                sources={"clicks": Source("stream", "Clicks", self.dead, 3)},
                account=ACCOUNT,
            ),
            environment={"AWS_ENDPOINT_URL": server.endpoint, "AWS_REGION": REGION},
        )

    def read(self, *records: dict[str, Any], **invocation: Any) -> list[str]:
        """Return the positions from which Lambda is to go on."""
        answer = self.runtime.invoke({"Records": list(records)}, **invocation)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def letters(self) -> list[tuple[str, dict[str, str]]]:
        """Return body and attributes of each dead letter."""
        found = self.sqs.receive_message(
            QueueUrl=self.dead_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages", [])
        return [
            (
                letter["Body"],
                wire.incoming("", {n: v["StringValue"] for n, v in letter["MessageAttributes"].items()})[1],
            )
            for letter in found
        ]


def told(letter: dict[str, Any]) -> dict[str, str]:
    native = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    return wire.incoming("", native)[1]


@pytest.fixture
def reader(ministack: Ministack) -> Iterator[Reader]:
    reader = Reader(ministack)
    yield reader
    reader.runtime.stop()


def test_everything_after_a_failing_record_waits_for_it(reader: Reader) -> None:
    records = [record(n, {"fail": 2 if n == 2 else 0}) for n in range(1, 5)]

    assert reader.read(*records) == ["2"]
    assert reader.read(*records[1:]) == ["2"]
    assert reader.read(*records[1:]) == []
    assert reader.letters() == []


def test_a_record_is_parked_after_its_last_attempt_and_the_rest_of_the_batch_goes_on(reader: Reader) -> None:
    records = [record(n, {"fail": 99 if n in (2, 4) else 0, "n": n}) for n in range(1, 6)]

    answers = [reader.read(*records), *(reader.read(*records[1:]) for _ in range(2))]
    answers += [reader.read(*records[3:]) for _ in range(2)]

    assert answers == [["2"], ["2"], ["4"], ["4"], []]
    letters = reader.letters()
    assert sorted(json.loads(body)["n"] for body, _ in letters) == [2, 4]
    assert letters[0][1] == {
        "dead-letter-source": "Clicks",
        "dead-letter-id": letters[0][1]["dead-letter-id"],
        "dead-letter-attempts": "3",
        "dead-letter-reason": "OutOfStockError: attempt 3",
    }


def test_a_record_that_cannot_be_read_is_parked_too(reader: Reader) -> None:
    broken = record(1, {})
    broken["kinesis"]["data"] = "no base64"
    answers = [reader.read(broken, record(2, {})) for _ in range(3)]

    assert answers == [["1"], ["1"], []]
    [(body, told)] = reader.letters()
    assert json.loads(body)["kinesis"]["data"] == "no base64"
    assert "BadEventError" in told["dead-letter-reason"]


def test_lambda_goes_on_from_the_first_record_that_there_was_no_time_for(reader: Reader) -> None:
    records = [record(n, {"pause": 0.5}) for n in range(1, 8)]

    [position] = reader.read(*records, timeout=2)

    assert 2 <= int(position) < 7


def test_a_record_that_cannot_be_parked_is_not_lost(reader: Reader) -> None:
    reader.sqs.delete_queue(QueueUrl=reader.dead_url)

    assert [reader.read(record(1, {"fail": 99})) for _ in range(5)] == [["1"]] * 5


def test_a_record_that_takes_too_long_is_counted_and_parked_like_any_that_fails(reader: Reader) -> None:
    records = [record(1, {}), record(2, {"pause": 30}), record(3, {})]

    answers = [reader.read(*records, timeout=3), *(reader.read(*records[1:], timeout=3) for _ in range(2))]

    assert answers == [["2"], ["2"], ["3"]]  # for the third there was no time after the second was given up
    [(_, told)] = reader.letters()
    assert told["dead-letter-reason"].startswith("TimedOutError: ")
