"""Handlers of streams."""

from __future__ import annotations

from isthmus.message import Message
from isthmus.testing.contract.handlers.record import obey, record


def read(message: Message) -> None:
    """Record one record of a stream and obey it."""
    order = message.json()
    record(
        order["case"],
        label=order.get("label"),
        key=message.group,
        sequence=message.sequence,
        source=message.source,
        attempt=message.attempt,
    )
    obey(order, message.attempt)


async def skim(message: Message) -> None:
    """Do what `read` does, as a coroutine."""
    read(message)
