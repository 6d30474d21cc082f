"""Event source mappings of streams, as Lambda polls them: ministack retries for ever, and heeds no partial failure."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from tests.emulators.aws.corrections.reader import BACKOFF, Reader, failures

_READERS: dict[tuple[str, str], Reader] = {}


def poll_kinesis(_theirs: Any) -> bool:
    """Hand every shard that has something new to its functions; True where any had."""
    found = [_poll(mapping, _kinesis_shards) for mapping in _mappings("kinesis")]
    return any(found)


def poll_dynamodb(_theirs: Any) -> bool:
    """Hand every table's changes to its functions; True where any had some."""
    found = [_poll(mapping, _table_shards) for mapping in _mappings("dynamodb")]
    return any(found)


def begin(_theirs: Any, mapping_id: str, source: str, starting: str) -> None:
    """Set where a mapping begins, when it is made."""
    mapping = {"UUID": mapping_id, "EventSourceArn": source, "StartingPosition": starting}
    for shards in (_kinesis_shards, _table_shards):
        for shard in shards(mapping):
            _reader(mapping, shard)


class Shard:
    """One shard: its records by absolute position, and how an event shows them."""

    def __init__(self, name: str, first: int, end: int, read: Callable[[int, int], list[dict[str, Any]]]) -> None:
        self.name = name
        self.first = first
        self.end = end
        self.read = read


def _mappings(service: str) -> Iterator[dict[str, Any]]:
    """Yield the enabled mappings of a service, each in the scope of its account and region."""
    functions = _functions()
    for account, region, mapping in functions._iter_all_esms():
        if mapping.get("Enabled", True) and mapping.get("EventSourceArn", "").split(":")[2] == service:
            with _scope(account, region):
                yield mapping


def _poll(mapping: dict[str, Any], shards: Callable[[dict[str, Any]], Iterator[Shard]]) -> bool:
    found = False
    function = _functions()._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))[0]
    for shard in shards(mapping) if function is not None else ():
        reader = _reader(mapping, shard)
        reader.position = max(reader.position, shard.first)
        if not reader.may_read() or reader.position >= shard.end:
            continue
        records = shard.read(reader.position, reader.batch_size(mapping))
        if records:
            reader.busy = found = True
            _functions().spawn_background(_deliver, mapping, function, reader, records, thread_name="isthmus-shard")
    return found


def _reader(mapping: dict[str, Any], shard: Shard) -> Reader:
    key = (mapping["UUID"], shard.name)
    if key not in _READERS:
        latest = mapping.get("StartingPosition", "LATEST") != "TRIM_HORIZON"
        _READERS[key] = Reader(shard.end if latest else shard.first)
    return _READERS[key]


def _deliver(mapping: dict[str, Any], function: Any, reader: Reader, records: list[dict[str, Any]]) -> None:
    """Call the function with a batch and take note of what became of it."""
    functions = _functions()
    try:
        wanted = functions._apply_filter_criteria(records, mapping)
        result: dict[str, Any] = functions._execute_function(function, {"Records": wanted}) if wanted else {}
        numbers = [_number(record) for record in records]
        failed = failures(mapping, result, numbers)
        if failed is None:
            reader.succeed(len(records))
            return
        functions.logger.warning("a batch of %s failed at %s: %s", mapping["EventSourceArn"], sorted(failed), result)
        if reader.fail(mapping, numbers, failed):
            left = [record for record in records if _number(record) >= min(failed, key=numbers.index)]
            _park(mapping, function, left)
            reader.give_up(len(left))
    finally:
        reader.busy = False
        functions._esm_wake.set()
    if not reader.may_read():  # somebody has to wake the poller when the next attempt is due
        time.sleep(BACKOFF)
        functions._esm_wake.set()


def _number(record: dict[str, Any]) -> str:
    if "kinesis" in record:
        return str(record["kinesis"]["sequenceNumber"])
    return str(record["dynamodb"]["SequenceNumber"])


def _park(mapping: dict[str, Any], function: Any, records: list[dict[str, Any]]) -> None:
    """Tell the on-failure destination which records are given up: where they are, not what they hold."""
    destination: Any = mapping
    for name in ("DestinationConfig", "OnFailure", "Destination"):
        destination = destination.get(name) or {}
    if not destination:
        return
    name = str(destination).rpartition(":")[2]
    sqs = import_module("ministack.services.sqs")
    body = json.dumps(_told(mapping, function, records))
    sqs._act_send_message({"QueueUrl": sqs._queue_url(name), "MessageBody": body}, "")


def _told(mapping: dict[str, Any], function: Any, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what Lambda writes: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html."""
    kinesis = "kinesis" in records[0]
    batch = {
        "shardId": records[0]["eventID"].partition(":")[0] if kinesis else "shardId-0",
        "startSequenceNumber": _number(records[0]),
        "endSequenceNumber": _number(records[-1]),
        "batchSize": len(records),
        "streamArn": mapping["EventSourceArn"],
    }
    return {
        "requestContext": {
            "functionArn": (function.get("config") or function).get("FunctionArn", ""),
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": int(mapping.get("MaximumRetryAttempts", 0)) + 1,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "KinesisBatchInfo" if kinesis else "DDBStreamBatchInfo": batch,
    }


def _kinesis_shards(mapping: dict[str, Any]) -> Iterator[Shard]:
    arn = mapping["EventSourceArn"]
    name = arn.rpartition("/")[2]
    stream = import_module("ministack.services.kinesis")._streams.get(name) if ":kinesis:" in arn else None
    shards: dict[str, Any] = stream["shards"] if stream else {}
    for shard_id, shard in shards.items():
        kept = shard["records"]

        def read(at: int, most: int, shard_id: str = shard_id, kept: Any = kept) -> list[dict[str, Any]]:
            return [_kinesis_record(arn, shard_id, record) for record in kept[at : at + most]]

        yield Shard(shard_id, 0, len(kept), read)


def _kinesis_record(arn: str, shard_id: str, record: dict[str, Any]) -> dict[str, Any]:
    data = record["Data"]
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": record["SequenceNumber"],
            "data": base64.b64encode(data).decode() if isinstance(data, bytes) else data,
            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"],
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard_id}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:aws:iam::{arn.split(':')[4]}:role/reader",
        "awsRegion": arn.split(":")[3],
        "eventSourceARN": arn,
    }


def _table_shards(mapping: dict[str, Any]) -> Iterator[Shard]:
    arn = mapping["EventSourceArn"]
    if ":dynamodb:" not in arn:
        return
    tables = import_module("ministack.services.dynamodb")
    name = arn.split("/")[1]
    table = tables._tables.get(name)
    if table is None or table.get("LatestStreamArn") != arn:
        return

    def read(at: int, most: int) -> list[dict[str, Any]]:
        return list(tables.stream_records_since(name, at, most))

    yield Shard("0", tables.stream_start_position(name), tables.stream_end_position(name), read)


@contextmanager
def _scope(account: str, region: str) -> Generator[None]:
    responses = import_module("ministack.core.responses")
    tokens = responses._request_account_id.set(account), responses._request_region.set(region)
    try:
        yield
    finally:
        responses._request_account_id.reset(tokens[0])
        responses._request_region.reset(tokens[1])


def _functions() -> Any:
    return import_module("ministack.services.lambda_svc")
