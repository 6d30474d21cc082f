"""Schedules that fired, through an inbox or as a service of EventBridge says it itself: see `firing`."""

from __future__ import annotations

import json

from isthmus._typing import Any, Mapping, Sequence
from isthmus.errors import BadEventError
from isthmus.serve import Malformed
from isthmus.sources import Source
from isthmus.tick import Tick
from isthmus_aws.events.faults import MISSHAPEN, bad_event
from isthmus_aws.events.firing import is_firing
from isthmus_aws.events.instant import epoch
from isthmus_aws.events.message import NO_ENVELOPE, Opener
from isthmus_aws.events.record import Record, Turn


def records(rows: Sequence[Any], source: Source, origin: str) -> list[Record]:
    """Return the record of an event that a schedule invoked a function with."""
    return [_record(row, source, origin) for row in rows]


def of_inbox(row: Mapping[str, Any], source: Source, attempt: int, _group: str | None, _opener: Opener) -> Turn:
    """Return the tick that an inbox holds: see `sqs.Read`."""
    document = json.loads(row["body"])
    return [fired(document, source, attempt=attempt, id=row["messageId"], raw=row)], NO_ENVELOPE, attempt


def fired(document: Any, source: Source, *, attempt: int = 1, id: str = "", raw: Any) -> Tick:
    """Return the tick of a firing; `BadEventError` where it is none."""
    if not is_firing(document):
        raise BadEventError("it is not the firing of a schedule")
    due = document["due"] if "due" in document else document["time"]
    return Tick(source.name, due=epoch(due), payload=document.get("payload"), attempt=attempt, id=id, raw=raw)


def _record(row: Any, source: Source, origin: str) -> Record:
    id = str(row.get("id", ""))
    try:
        tick: Any = fired(row, source, id=id, raw=row)
    except MISSHAPEN as error:
        tick = Malformed(bad_event(f"a firing of {origin}", error))
    return Record(id, origin, 1, NO_ENVELOPE, [tick], row)
