"""Records of Kinesis streams. What a producer has aggregated is left as it is: the body is what Kinesis holds.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

from isthmus._typing import Any, Callable, Sequence
from isthmus.message import Message
from isthmus.serve import Malformed
from isthmus.sources import Source
from isthmus_aws.events.faults import MISSHAPEN, bad_event
from isthmus_aws.events.message import NO_ENVELOPE
from isthmus_aws.events.record import Record
from isthmus_aws.events.shape import identifier, text


def records(rows: Sequence[Any], source: Source, origin: str) -> list[Record]:
    """Return a record for each of an event; one that cannot be read holds a `Malformed`."""
    from binascii import a2b_base64

    return [_record(row, source, origin, a2b_base64) for row in rows]


def _record(row: Any, source: Source, origin: str, decode: Callable[..., bytes]) -> Record:
    data = row["kinesis"]
    sequence = identifier(data["sequenceNumber"])
    group: str | None = None
    try:
        group = text(data["partitionKey"])
        event: Any = Message(
            decode(data["data"], strict_mode=True),
            id=text(row.get("eventID", sequence)),
            source=source.name,
            sent_at=float(data["approximateArrivalTimestamp"]),
            group=group,
            sequence=sequence,
            raw=row,
        )
    except MISSHAPEN as error:
        event = Malformed(bad_event(f"record {sequence} of {origin}", error), group=group)
    return Record(sequence, origin, 1, NO_ENVELOPE, [event], row)
