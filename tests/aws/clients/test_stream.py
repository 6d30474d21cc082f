"""The stream client against the API of Kinesis; its partial failures, which no emulator makes, are stubbed answers."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest

from isthmus.errors import AccessDeniedError, InvalidValueError, PartialSendError, ServiceError, TooLargeError
from isthmus_aws.clients import batches
from isthmus_aws.services import Services
from tests.aws.botocore_parts import ClientError, Stubber
from tests.aws.clients.linked import linked
from tests.emulators.aws.ministack import Ministack


@pytest.fixture
def name(ministack: Ministack) -> str:
    """Return the name of a new stream, once it takes records."""
    name, kinesis = f"clicks-{uuid.uuid4().hex}", ministack.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=2)
    limit = time.monotonic() + 10
    while kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamStatus"] != "ACTIVE":
        assert time.monotonic() < limit
        time.sleep(0.05)
    return name


@pytest.fixture
def clicks(services: Services, name: str) -> Any:
    return linked(services, "stream", name, ["put"], name="Clicks")


def kept(ministack: Ministack, name: str) -> list[Any]:
    """Return the records of a stream, shard by shard."""
    kinesis = ministack.client("kinesis")
    found: list[Any] = []
    for shard in kinesis.list_shards(StreamName=name)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        found += kinesis.get_records(ShardIterator=iterator)["Records"]
    return found


@pytest.mark.parametrize("body", [b"\x00\xff", b"", "é", {"a": [1]}], ids=repr)
def test_a_record_is_its_body_alone_and_its_position_the_sequence_number(
    ministack: Ministack, clicks: Any, body: Any
) -> None:
    position = clicks.put(body, key="é \U0001f600")
    (record,) = kept(ministack, clicks.name)

    assert record["Data"] == (body if isinstance(body, bytes) else b'{"a":[1]}' if body != "é" else "é".encode())
    assert (record["SequenceNumber"], record["PartitionKey"]) == (position, "é \U0001f600")


def test_many_records_stay_in_order_for_each_key_beyond_one_call(ministack: Ministack, clicks: Any) -> None:
    positions = clicks.put_many((f"key{n % 3}", str(n)) for n in range(1203))
    by_key: dict[str, list[int]] = {}
    for record in kept(ministack, clicks.name):
        by_key.setdefault(record["PartitionKey"], []).append(int(record["Data"]))

    assert len(set(positions)) == 1203
    assert by_key == {f"key{key}": list(range(key, 1203, 3)) for key in range(3)}


def test_records_that_kinesis_could_not_take_are_sent_again_and_no_others(
    services: Services, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PAUSE", 0)
    throttled = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"}
    stubber = Stubber(services.client("kinesis"))
    good = [{"SequenceNumber": str(n), "ShardId": "shardId-0"} for n in range(4)]
    stubber.add_response("put_records", {"FailedRecordCount": 2, "Records": [good[0], throttled, good[2], throttled]})
    again = {"StreamName": name, "Records": [{"Data": b"1", "PartitionKey": "k"}, {"Data": b"3", "PartitionKey": "k"}]}
    stubber.add_response("put_records", {"FailedRecordCount": 1, "Records": [good[1], throttled]}, again)
    last = {"StreamName": name, "Records": [{"Data": b"3", "PartitionKey": "k"}]}
    stubber.add_response("put_records", {"Records": [good[3]]}, last)
    with stubber:
        positions = linked(services, "stream", name, ["put"]).put_many(("k", n) for n in range(4))

    assert positions == ["0", "1", "2", "3"]


def test_records_that_stay_refused_are_named(services: Services, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PAUSE", 0)
    stubber = Stubber(services.client("kinesis"))
    throttled = {"ErrorCode": "ProvisionedThroughputExceededException"}
    stubber.add_response("put_records", {"Records": [{"SequenceNumber": "0"}, throttled]})
    for _ in range(batches.RESENDS):
        stubber.add_response("put_records", {"Records": [throttled]})
    with stubber, pytest.raises(PartialSendError, match="ProvisionedThroughput") as caught:
        linked(services, "stream", name, ["put"]).put_many([("k", "a"), ("k", "b")])

    assert [position for position, _ in caught.value.failed] == [1]
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize("key", ["", "x" * 257, None, 7, "\ud800"], ids=repr)
def test_a_key_that_kinesis_does_not_take_is_refused(clicks: Any, key: Any) -> None:
    with pytest.raises(InvalidValueError):
        clicks.put("x", key=key)


def test_a_record_over_the_limit_is_refused(clicks: Any) -> None:
    with pytest.raises(TooLargeError):
        clicks.put(b"x" * 300_000, key="k")


def test_what_is_no_record_among_many_is_named_and_the_rest_is_put(ministack: Ministack, clicks: Any) -> None:
    with pytest.raises(PartialSendError) as caught:
        clicks.put_many([("k", "a"), ("", "b"), ("k", object())])

    assert [position for position, _ in caught.value.failed] == [1, 2]
    assert [record["Data"] for record in kept(ministack, clicks.name)] == [b"a"]


def test_a_verb_that_is_not_linked_and_a_stream_that_is_not_there_are_told(services: Services) -> None:
    with pytest.raises(AccessDeniedError, match="Caller"):
        linked(services, "stream", "none", []).put("x", key="k")
    with pytest.raises(ServiceError) as caught:
        linked(services, "stream", "none", ["put"]).put("x", key="k")
    assert isinstance(caught.value.__cause__, ClientError)
