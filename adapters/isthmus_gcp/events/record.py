"""One event as it arrived at a function: what the handler gets of it, and what is kept of it when that fails."""

from __future__ import annotations

from isthmus._typing import Any, Literal, Mapping, TypeAlias
from isthmus.envelope import Envelope
from isthmus.sources import Source

NO_ENVELOPE = Envelope()
"""Of what brings none."""

Way: TypeAlias = 'Literal["message", "call", "start", "foreign"]'
"""How an event arrived, and so what becomes of one that fails.

A "message" of Pub/Sub comes again by itself; a "call" of Scheduler or Eventarc is handed over to the function's inbox;
a "start" is made again by Cloud Tasks; what is "foreign", since nobody has declared who sends it, is only refused.
"""


class Record:
    """An event of `source`, whose name among `identity.sources` is `origin`; `attempt` counts from 1.

    `events` are the neutral events of it, none or one (a `serve.Malformed` where it cannot be read), and `envelope`
    rode with it. `data`, `attributes` and `key` are what a message of Pub/Sub holds, or will hold, of it; `raw` is what
    came.
    """

    __slots__ = ("attempt", "attributes", "data", "envelope", "events", "id", "key", "origin", "raw", "source", "way")

    def __init__(
        self,
        way: Way,
        source: Source,
        origin: str,
        *,
        id: str,
        attempt: int = 1,
        events: list[Any],
        envelope: Envelope = NO_ENVELOPE,
        data: bytes,
        attributes: Mapping[str, str],
        key: str | None = None,
        raw: Any = None,
    ) -> None:
        self.way = way
        self.source = source
        self.origin = origin
        self.id = id
        self.attempt = attempt
        self.events = events
        self.envelope = envelope
        self.data = data
        self.attributes = attributes
        self.key = key
        self.raw = raw

    def __repr__(self) -> str:
        return f"<Record {self.id} of {self.source.kind} {self.source.name}, attempt {self.attempt}>"
