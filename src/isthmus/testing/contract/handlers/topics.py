"""Handlers of topics."""

from __future__ import annotations

from isthmus.message import Message
from isthmus.testing.contract.handlers.record import obey, record


def hear(message: Message) -> None:
    """Record a message of a topic, with the function that heard it, and obey it."""
    order = message.json()
    record(
        order["case"],
        label=order.get("label"),
        source=message.source,
        attempt=message.attempt,
        attributes=dict(message.attributes),
    )
    obey(order, message.attempt)


async def overhear(message: Message) -> None:
    """Do what `hear` does, as a coroutine."""
    hear(message)
