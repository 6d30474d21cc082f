"""Schedules that fired."""

from __future__ import annotations

import json

from isthmus._typing import Any
from isthmus.tick import Tick


class TickCodec:
    """A record whose body is `{schedule, due, payload}` becomes a `Tick`."""

    __slots__ = ()

    def decode(self, raw: Any, /) -> Tick:
        """Return the tick of a record."""
        tick = json.loads(raw[1])
        return Tick(tick["schedule"], due=tick["due"], payload=tick["payload"], attempt=raw[3], id=raw[0], raw=raw)

    def encode(self, result: Any, /) -> None:
        """A tick has no answer."""
        return
