"""Whether a file is what its label says: labels are guesses, and a file may hold a part of an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.corpus import google

SENDERS: Mapping[str, str] = {
    "aws:sqs": "aws:sqs",
    "aws:sns": "aws:sns",
    "aws:kinesis": "aws:kinesis",
    "aws:dynamo": "aws:dynamodb",
    "aws:dynamodb": "aws:dynamodb",
    "aws:s3": "aws:s3",
}
"""Label → what each record of such an event says of itself. Firehose, Kinesis Analytics, S3 Batch Operations, S3 Object
Lambda and answers are filed under the same labels, and none of them is such an event."""

UNTOLD = (
    *("TestEvent", "ObjectRestore", "ReducedRedundancyLostObject", "Replication", "LifecycleTransition"),
    *("IntelligentTiering", "ObjectTagging", "ObjectAcl", "ObjectRetention", "ObjectAnnotation"),
)
"""What S3 tells of that is no event of Isthmus: the object was neither created nor removed."""


def whole(service: str, document: Any) -> Any:
    """Return the event of a file: a record that stands alone is put where Lambda puts it, data into its CloudEvent."""
    if service in SENDERS and _is(document, dict) and _sender(document) == SENDERS[service]:
        return {"Records": [document]}
    return google.whole(service, document)


def why_not(service: str, event: Any) -> str:
    """Return why an event is none of its label's service, or none that Isthmus tells of; "" where it is one."""
    if service == google.STORAGE and google.is_of_metadata(event):
        return "Isthmus has no event for a change of an object's metadata alone"
    if service not in SENDERS:
        return ""
    records = _records(event)
    if records is None or {_sender(record) for record in records} - {None, SENDERS[service]}:
        return f"it is labelled {service}, but not of records from {SENDERS[service]}"
    if service in {"aws:dynamo", "aws:dynamodb"} and any("tableName" in record for record in records):
        return "it is what a Kinesis stream holds of a table, not a record of the table's own stream"
    if service == "aws:s3" and records and all(_is_untold(record) for record in records):
        return "Isthmus has no event for what this notification of S3 tells"
    return ""


def _records(event: Any) -> list[dict[str, Any]] | None:
    """Return the records of an event that are objects; None where it has no list of records at all."""
    rows: Any = event.get("Records") if _is(event, dict) else None
    return [row for row in rows if _is(row, dict)] if _is(rows, list) else None


def _sender(record: Mapping[str, Any]) -> Any:
    return record.get("eventSource") or record.get("EventSource")


def _is_untold(record: Mapping[str, Any]) -> bool:
    return str(record.get("eventName")).removeprefix("s3:").partition(":")[0] in UNTOLD


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind)
