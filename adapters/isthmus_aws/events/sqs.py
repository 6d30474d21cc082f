"""Records of SQS: the messages of a declared queue, or what an inbox holds for its function.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

import json

from isthmus._typing import Any, Callable, Mapping, Sequence, TypeAlias
from isthmus.envelope import Envelope
from isthmus.serve import Malformed
from isthmus.sources import Source
from isthmus_aws.events.faults import MISSHAPEN, bad_event
from isthmus_aws.events.message import NO_ENVELOPE, Opener, message_of
from isthmus_aws.events.record import Record, Unread
from isthmus_aws.events.shape import identifier, text
from isthmus_aws.parts import part

FIFO = ".fifo"
"""What the name of a FIFO queue ends in. A group of another queue is there for fairness, and keeps no order:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html"""

Row: TypeAlias = "Mapping[str, Any]"
"""A record as Lambda has it."""

Read: TypeAlias = "Callable[[Row, Source, int, str | None, Opener], tuple[list[Any], Envelope]]"
"""Returns the events and the envelope of a record of a source, with its attempt and its group."""


def records(rows: Sequence[Any], source: Source, origin: str) -> Unread:
    """Return a record for each of an event; one that cannot be read holds a `Malformed`."""
    for row in rows:
        if type(row["messageId"]) is not str or not row["messageId"]:
            identifier(row["messageId"])
    read = _read(source.kind)
    is_fifo = origin.endswith(FIFO)
    opener = Opener()

    def record(row: Any) -> Record:
        id = row["messageId"]
        attempt = 1
        group: str | None = None
        try:
            system = row["attributes"]
            if is_fifo:
                group = text(system["MessageGroupId"])
            attempt = int(system["ApproximateReceiveCount"])
            events, envelope = read(row, source, attempt, group, opener)
        except MISSHAPEN as error:
            events, envelope = [Malformed(bad_event(f"record {id} of {origin}", error), group=group)], NO_ENVELOPE
        return Record(id, origin, attempt, envelope, events, row)

    return Unread(rows, record)


def _read(kind: str) -> Read:
    if kind in PUSHED:
        read: Read = part(PUSHED[kind])
        return read
    return _payload if kind == "task" else message_of


def _payload(
    row: Row, _source: Source, _attempt: int, _group: str | None, opener: Opener
) -> tuple[list[Any], Envelope]:
    body, _attributes, envelope = opener.opened(row)
    return [json.loads(row["body"] if body is None else body)], envelope


PUSHED: Mapping[str, str] = {
    "topic": "isthmus_aws.events.sns:of_inbox",
    "bucket": "isthmus_aws.events.object:of_inbox",
    "schedule": "isthmus_aws.events.tick:of_inbox",
}
"""What reads a record that was pushed into an inbox, by the kind of its source: "module:name" of a `Read`."""
