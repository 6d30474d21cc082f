"""What of a record is parked: its body and its attributes, as whole as they came."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.errors import InvalidValueError
from isthmus.payload import dumps
from isthmus_aws import wire
from isthmus_aws.events.faults import MISSHAPEN
from isthmus_aws.events.message import texts
from isthmus_aws.events.record import Record

MOST = 1024 * 1024 - 16 * 1024
"""The most bytes of a body beside the attributes of a dead letter.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
"""


def of_message(record: Record) -> tuple[bytes, dict[str, str]]:
    """Return the body and all attributes of a record of SQS; one that cannot be read is kept as its text."""
    text = record.raw.get("body")
    try:
        native: dict[str, Any] = record.raw.get("messageAttributes") or {}
        return wire.incoming(text, texts(native))
    except MISSHAPEN:  # it failed for that
        return str(text).encode("utf-8", "replace"), {}


def of_record(record: Record) -> tuple[bytes, dict[str, str]]:
    """Return the data of a record of Kinesis, or the record of a table's stream as JSON.

    Of one that is too large for a message it is the place alone, as Lambda itself tells what it gives up: otherwise
    everything behind it would wait until that.
    """
    data = _data(record.raw)
    return (data if _fits(data) else _place(record)), {}


def _fits(data: bytes) -> bool:
    text, _encoding = wire.as_text(data)
    return len(text.encode()) <= MOST


def _data(raw: Any) -> bytes:
    if "kinesis" not in raw:
        return _json(raw)
    from binascii import a2b_base64

    try:
        return a2b_base64(raw["kinesis"]["data"], strict_mode=True)
    except MISSHAPEN:  # it failed for that
        return _json(raw)


def _place(record: Record) -> bytes:
    """Return where a record is, as JSON: of a row its key besides, so that the row can be read."""
    raw = record.raw
    said: dict[str, Any] = raw.get("kinesis") or raw.get("dynamodb") or {}
    named = {name: said[name] for name in ("partitionKey", "Keys") if name in said}
    where = {name: raw.get(name) for name in ("eventSourceARN", "eventID")}
    return _json({"sequenceNumber": record.id, **where, **named, "note": "the record is too large for a message"})


def group_of(record: Record) -> str | None:
    """Return the group of a message of SQS."""
    try:
        group: object = record.raw["attributes"]["MessageGroupId"]
    except MISSHAPEN:
        return None
    return group if isinstance(group, str) else None


def _json(raw: Any) -> bytes:
    """Return a record as JSON, whatever is in it."""
    try:
        return dumps(raw)
    except InvalidValueError:  # no service sends such a record, so it need not be short
        import json

        return json.dumps(raw).encode()
