"""Calls of Cloud Scheduler, and what an inbox keeps of one that failed.

https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#HttpTarget
"""

from __future__ import annotations

import time

from isthmus._typing import Any
from isthmus.envelope import Envelope
from isthmus.envelope import incoming as envelope_in
from isthmus.sources import Source
from isthmus.tick import Tick
from isthmus_gcp import wire
from isthmus_gcp.events.instant import epoch, written
from isthmus_gcp.events.posted import Posted, parsed
from isthmus_gcp.events.pubsub import PubsubMessage

DUE_HEADER = "HTTP_X_CLOUDSCHEDULER_SCHEDULETIME"
"""The header of Scheduler that says when the job was to run, as WSGI writes it."""

DUE = "isthmus-due"
"""The attribute of a message in an inbox that says the same."""


def due_of(request: Posted) -> str:
    """Return when a call was due, by RFC 3339: now, where Scheduler does not tell."""
    return request.header(DUE_HEADER) or written(time.time())


def of_request(request: Posted, source: Source, due: str, id: str) -> Tick:
    """Return the tick of a call of Scheduler: its body is the schedule's payload, or nothing."""
    payload = None if request.is_empty else request.document()
    return Tick(source.name, due=epoch(due), payload=payload, id=id, raw=request.raw)


def of_pubsub(message: PubsubMessage, source: Source, attempt: int) -> tuple[list[Any], Envelope]:
    """Return the tick that an inbox holds, and its envelope."""
    attributes = message.attributes
    id = attributes.get(wire.ID) or message.id
    payload = parsed(message.data) if message.data else None
    tick = Tick(source.name, due=epoch(attributes[DUE]), payload=payload, attempt=attempt, id=id, raw=message.raw)
    return [tick], envelope_in(attributes)[1]
