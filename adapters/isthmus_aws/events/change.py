"""Changes of a table's items: records of DynamoDB's streams.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

from __future__ import annotations

from isthmus._typing import Any, Item, Mapping, Sequence
from isthmus.envelope import Envelope
from isthmus.errors import BadEventError
from isthmus.serve import Malformed
from isthmus.sources import Source
from isthmus.table_change import TableChange
from isthmus_aws import wire
from isthmus_aws.attribute_values import to_item
from isthmus_aws.events.faults import MISSHAPEN, bad_event
from isthmus_aws.events.message import NO_ENVELOPE
from isthmus_aws.events.record import Record
from isthmus_aws.events.shape import identifier, text

VERSION_DIGITS = 40
"""The most digits of a sequence number: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html."""

KINDS = ("INSERT", "MODIFY", "REMOVE")
"""What may have happened to an item."""


def records(rows: Sequence[Any], source: Source, origin: str) -> list[Record]:
    """Return a record for each of an event; one that cannot be read holds a `Malformed`."""
    return [_record(row, source, origin) for row in rows]


def _record(row: Any, source: Source, origin: str) -> Record:
    sequence = identifier(row["dynamodb"]["SequenceNumber"])
    try:
        change, envelope = _change(row, row["dynamodb"], source)
    except MISSHAPEN as error:
        malformed = Malformed(bad_event(f"record {sequence} of {origin}", error))
        return Record(sequence, origin, 1, NO_ENVELOPE, [malformed], row)
    return Record(sequence, origin, 1, envelope, [] if _is_none(row["dynamodb"]) else [change], row)


def _is_none(data: Mapping[str, Any]) -> bool:
    """Tell whether nothing but the envelope has changed: without it the stream would have no record of that write.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
    """
    new, old = data.get("NewImage"), data.get("OldImage")
    if not new or not old or (wire.ENVELOPE not in new and wire.ENVELOPE not in old):
        return False
    return {**new, wire.ENVELOPE: None} == {**old, wire.ENVELOPE: None}


def _change(row: Mapping[str, Any], data: Mapping[str, Any], source: Source) -> tuple[TableChange, Envelope]:
    """Return the change and its envelope. An image that the stream's view type leaves out is None."""
    kind = row["eventName"]
    if kind not in KINDS:
        raise BadEventError(f"{kind!r} is nothing that happens to an item ({', '.join(KINDS)})")
    new, carried = _image(data.get("NewImage"))
    old, _ = _image(data.get("OldImage"))
    change = TableChange(
        kind,
        table=source.name,
        key=to_item(data["Keys"]),
        old=old,
        new=new,
        version=_version(data["SequenceNumber"]),
        at=float(data.get("ApproximateCreationDateTime") or 0),
        expired=kind == "REMOVE" and _has_expired(row),
        id=text(row.get("eventID", data["SequenceNumber"])),
        raw=row,
    )
    return change, wire.envelope_of(carried) if carried else NO_ENVELOPE


def _version(sequence: str) -> str:
    if not sequence.isdigit():
        raise BadEventError(f"{sequence!r:.80} is no sequence number")
    return sequence.zfill(VERSION_DIGITS)


def _image(image: Mapping[str, Any] | None) -> tuple[Item | None, object]:
    """Return the item of an image without what carries the envelope, and that."""
    if image is None:
        return None, None
    item = to_item(image)
    return item, item.pop(wire.ENVELOPE, None)


def _has_expired(row: Mapping[str, Any]) -> bool:
    """Tell whether time to live removed the item. Replicas of a global table do not say so of each other's items.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
    """
    who: Any = row.get("userIdentity")
    return bool(who) and who["type"] == "Service" and who["principalId"] == "dynamodb.amazonaws.com"
