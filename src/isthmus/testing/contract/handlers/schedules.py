"""Handlers of schedules."""

from __future__ import annotations

from isthmus.testing.contract.handlers.record import record
from isthmus.tick import Tick


def fired(tick: Tick) -> None:
    """Record that a schedule fired, under its own name."""
    record("tick " + tick.schedule, payload=tick.payload, due=tick.due, schedule=tick.schedule)


async def struck(tick: Tick) -> None:
    """Do what `fired` does, as a coroutine."""
    fired(tick)
