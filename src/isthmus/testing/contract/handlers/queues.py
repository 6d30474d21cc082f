"""Handlers of queues."""

from __future__ import annotations

import time

from isthmus.message import Message
from isthmus.testing.contract.handlers.record import obey, record


def work(message: Message) -> None:
    """Record a message and obey it."""
    order = message.json()
    record(
        order["case"],
        label=order.get("label"),
        source=message.source,
        message=message.id,
        attempt=message.attempt,
        attributes=dict(message.attributes),
        group=message.group,
        sent_at=message.sent_at,
    )
    obey(order, message.attempt)


async def errand(message: Message) -> None:
    """Do what `work` does, as a coroutine."""
    work(message)


def raw(message: Message) -> None:
    """Record a message's bytes, whatever they are; the attribute `case` names the test."""
    record(message.attributes["case"], body=message.body)


def turn(message: Message) -> None:
    """Hold one of the few places for a while, and record from when to when."""
    order = message.json()
    entered = time.time()
    time.sleep(order["pause"])
    record(order["case"], label=order["label"], entered=entered, left=time.time())


def bury(message: Message) -> None:
    """Record a dead letter as it is: the whole body, and the attributes with the reason."""
    record(_case(message), letter=message.body, attributes=dict(message.attributes), source=message.source)


def _case(message: Message) -> str:
    """Return the test that a dead letter belongs to: its own body says so."""
    case: str = message.json()["case"]
    return "dead " + case
