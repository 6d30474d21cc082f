"""Records of SQS: the messages of a declared queue, or what an inbox holds for its function.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

import json

from isthmus._typing import Any, Callable, Mapping, Sequence, TypeAlias
from isthmus.parts import part
from isthmus.serve import Malformed
from isthmus.sources import Source
from isthmus_aws.events.faults import MISSHAPEN, bad_event
from isthmus_aws.events.message import NO_ENVELOPE, Opener, message_of
from isthmus_aws.events.record import Turn, Unread
from isthmus_aws.events.shape import identifier, text

FIFO = ".fifo"
"""What the name of a FIFO queue ends in. A group of another queue is there for fairness, and keeps no order:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html"""

Row: TypeAlias = "Mapping[str, Any]"
"""A record as Lambda has it."""

Read: TypeAlias = "Callable[[Row, Source, int, str | None, Opener], Turn]"
"""Returns what a record of a source is tried with, given its attempt and its group."""


def records(rows: Sequence[Any], source: Source, origin: str) -> Unread:
    """Return a record for each of an event; one that cannot be read holds a `Malformed`."""
    for row in rows:
        id = row["messageId"]
        if type(id) is not str or not id:
            identifier(id)
    read_turn = _read(source.kind)
    is_fifo = origin.endswith(FIFO)
    opener = Opener()

    def read(row: Any) -> Turn:
        attempt = 1
        group: str | None = None
        try:
            system = row["attributes"]
            if is_fifo:
                group = text(system["MessageGroupId"])
            count = system["ApproximateReceiveCount"]
            if count != "1":
                attempt = int(count)
            return read_turn(row, source, attempt, group, opener)
        except MISSHAPEN as error:
            malformed = Malformed(bad_event(f"record {row['messageId']} of {origin}", error), group=group)
            return (malformed,), NO_ENVELOPE, attempt

    return Unread(rows, origin, read)


def _read(kind: str) -> Read:
    if kind in PUSHED:
        read: Read = part(PUSHED[kind])
        return read
    return _payload if kind == "task" else message_of


def _payload(row: Row, _source: Source, attempt: int, _group: str | None, opener: Opener) -> Turn:
    body, _attributes, envelope = opener.opened(row)
    return [json.loads(row["body"] if body is None else body)], envelope, attempt


PUSHED: Mapping[str, str] = {
    "topic": "isthmus_aws.events.sns:of_inbox",
    "bucket": "isthmus_aws.events.object:of_inbox",
    "schedule": "isthmus_aws.events.tick:of_inbox",
}
"""What reads a record that was pushed into an inbox, by the kind of its source: "module:name" of a `Read`."""
