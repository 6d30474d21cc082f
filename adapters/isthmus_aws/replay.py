"""The kept records of a Kinesis stream, delivered once more to one function: as the event source mapping would."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from isthmus.errors import InvocationFailedError
from isthmus.links import Link
from isthmus_aws.clients.asking import Asking
from isthmus_aws.services import Services

READ, INVOKE = "read", "invoke"
"""What the links must grant: of the stream, and of the function."""

PAYLOAD = 5 * 1024 * 1024
"""The most bytes of records in one event: of the 6 MB that Lambda takes, base64 included."""

SPARE = 10
"""How often a record is delivered beyond the attempts after which the function parks it itself: an instance counts."""

PAUSE = 0.2
"""Seconds between two reads of a shard, which may be read five times a second, and before a failed record comes again.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
"""


class Replay:
    """Delivers records of a stream to a function: at most `batch_size` in an event, each at most `attempts` times."""

    def __init__(self, services: Services, stream: Link, function: Link, *, batch_size: int, attempts: int) -> None:
        self._services = services
        self._stream = stream
        self._function = function
        self._kinesis = Asking(stream, services, "kinesis")
        self._lambda = Asking(function, services, "lambda")
        self._batch_size = batch_size
        self._attempts = attempts

    def run(self, since: float) -> None:
        """Deliver what the stream was given from the time `since` until now, shard by shard, in order.

        A failing record is delivered again, with those after it, until the function has parked it;
        `InvocationFailedError` where it never does, or where the function itself fails.
        """
        until = time.time()
        if since > until:  # Kinesis refuses to begin in the future
            return
        for shard in self._shards():
            for records in _batches(self._records(shard, since, until), self._batch_size):
                self._deliver(records)

    def _shards(self) -> list[str]:
        """Return the ids of the shards: as AWS numbers them, what a split made comes after what was split."""
        answer = self._kinesis.ask(READ, "list_shards", StreamName=self._stream.physical)
        found: list[str] = [shard["ShardId"] for shard in answer["Shards"]]
        while "NextToken" in answer:
            answer = self._kinesis.ask(READ, "list_shards", NextToken=answer["NextToken"])
            found += [shard["ShardId"] for shard in answer["Shards"]]
        return sorted(found)

    def _records(self, shard: str, since: float, until: float) -> Iterator[Mapping[str, Any]]:
        """Yield the records of a shard as events show them: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html."""
        where = {"StreamName": self._stream.physical, "ShardId": shard}
        since = int(since * 1000) / 1000  # Kinesis knows milliseconds; botocore asks it by whole seconds
        begin = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": since}
        iterator = self._kinesis.ask(READ, "get_shard_iterator", **where, **begin)["ShardIterator"]
        while iterator:
            answer = self._kinesis.ask(READ, "get_records", ShardIterator=iterator, Limit=1000)
            for record in answer["Records"]:
                arrived = record["ApproximateArrivalTimestamp"].timestamp()
                if arrived > until:
                    return
                if arrived >= since:
                    yield self._event(shard, record)
            if not answer["Records"] and not answer.get("MillisBehindLatest"):
                return
            iterator = answer.get("NextShardIterator")
            time.sleep(PAUSE)

    def _event(self, shard: str, record: Mapping[str, Any]) -> Mapping[str, Any]:
        services = self._services
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record["PartitionKey"],
                "sequenceNumber": record["SequenceNumber"],
                "data": b64encode(record["Data"]).decode(),
                "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard}:{record['SequenceNumber']}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": services.arn("iam", "role/replay").replace(f":{services.region}:", "::"),
            "awsRegion": services.region,
            "eventSourceARN": services.arn("kinesis", f"stream/{self._stream.physical}"),
        }

    def _deliver(self, records: Sequence[Mapping[str, Any]]) -> None:
        tries = 0
        while records:
            left = _after(records, self._invoke(records))
            tries = tries + 1 if len(left) == len(records) else 0
            if tries == self._attempts:
                failing = records[0]["kinesis"]["sequenceNumber"]
                raise InvocationFailedError(
                    self._function.name, "ReplayFailed", f"record {failing} failed {tries} times"
                )
            if left:
                time.sleep(PAUSE)
            records = left

    def _invoke(self, records: Sequence[Mapping[str, Any]]) -> str | None:
        """Return the sequence number of the first record that failed; None where all were handled."""
        event = json.dumps({"Records": records})
        answer = self._lambda.ask(INVOKE, "invoke", FunctionName=self._function.physical, Payload=event)
        told: dict[str, Any] = json.loads(self._lambda.read(answer["Payload"], INVOKE) or b"null") or {}
        if answer.get("FunctionError"):
            kind, message = str(told.get("errorType")), str(told.get("errorMessage"))
            raise InvocationFailedError(self._function.name, kind, message)
        failures: list[dict[str, str]] = told.get("batchItemFailures") or []
        return failures[0]["itemIdentifier"] if failures else None


def _batches(records: Iterator[Mapping[str, Any]], most: int) -> Iterator[list[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    size = 0
    for record in records:
        length = len(json.dumps(record))
        if batch and (len(batch) == most or size + length > PAYLOAD):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += length
    if batch:
        yield batch


def _after(records: Sequence[Mapping[str, Any]], failed: str | None) -> Sequence[Mapping[str, Any]]:
    """Return what is to be delivered again: the record that failed and all after it."""
    if failed is None:
        return ()
    order = [record["kinesis"]["sequenceNumber"] for record in records]
    return records[order.index(failed) :] if failed in order else records
