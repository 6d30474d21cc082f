"""Handlers of events for the tests of the Google adapter: what they get is written down in this process."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path
from typing import Any

from isthmus.context import Context
from isthmus.errors import ConflictError
from isthmus.lazy_value import lazy
from isthmus.message import Message
from isthmus.resource import Resource

SEEN: list[Any] = []
"""What handlers were given, as (event, context)."""

_lock = threading.Lock()
_now = {"running": 0, "most": 0}


class OutOfStockError(Exception):
    """What a workflow may want to catch by its name."""


def keep(event: Any, context: Context) -> None:
    """Write down what came."""
    SEEN.append((event, context))


def picky(message: Message, context: Context) -> None:
    """Do what the message's body says: fail for good or a few times, or take long."""
    SEEN.append((message, context))
    order = message.json()
    time.sleep(order.get("pause", 0))
    if message.attempt <= order.get("fail", 0):
        raise OutOfStockError(f"attempt {message.attempt}")


def fail(event: Any, context: Context) -> None:
    """Fail, whatever comes."""
    SEEN.append((event, context))
    raise OutOfStockError("no more")


def echo(payload: Any, context: Context) -> Any:
    """Return the payload, and what surrounds it."""
    SEEN.append((payload, context))
    return {
        "payload": payload,
        "correlation": context.correlation_id,
        "traceparent": context.traceparent,
        "request": context.request_id,
        "remaining": context.remaining(),
        "attempt": context.attempt,
    }


def raising(payload: Any) -> Any:
    """Raise what the payload names."""
    kinds: dict[str, BaseException] = {
        "own": OutOfStockError("none of é left"),
        "http": ConflictError("taken"),
        "exit": SystemExit(3),
        "half": ValueError("half \ud800 of a pair"),
    }
    raise kinds[payload["kind"]]


def calling(payload: Any) -> Any:
    """Return what another function returns."""
    return Resource.Other.invoke(payload)


def unsayable(_payload: Any) -> Any:
    """Return what is no JSON."""
    return {"a": object()}


def slow(payload: Any) -> str:
    """Take as long as the payload says."""
    time.sleep(payload["seconds"])
    return "slept"


@lazy
def connection() -> list[int]:
    """Return what only one thread may make."""
    time.sleep(0.05)
    _now["made"] = _now.get("made", 0) + 1
    return [_now["made"]]


def busy(payload: Any, context: Context) -> Any:
    """Answer with what this thread sees of its own invocation, and of what all share."""
    with _lock:
        _now["running"] += 1
        _now["most"] = max(_now["most"], _now["running"])
    time.sleep(0.01)
    with _lock:
        _now["running"] -= 1
    told = {"payload": payload, "context": seen_context(), "most": _now["most"], "made": connection()[0]}
    return {**told, "limit": Resource.Limit.value(), "client": id(Resource.Limit)}


async def later(payload: Any, context: Context) -> Any:
    """Answer from an event loop."""
    await asyncio.sleep(0.005)
    return {"payload": payload, "context": seen_context(), "loop": id(asyncio.get_running_loop())}


def seen_context() -> str:
    """Return the correlation id of the invocation that runs here, by the context variable."""
    from isthmus import context

    running = context.current.get()
    return running.correlation_id if running else ""


def note_or_die(message: Message) -> None:
    """Write a message's number into a file; the first to meet the fatal one ends the process instead."""
    notes, order = Path(os.environ["NOTES"]), message.json()
    grave = notes.with_suffix(".died")
    if order["exit"] and not grave.exists():
        time.sleep(0.3)  # until the results of the others are told
        grave.touch()
        os._exit(1)
    with notes.open("a") as file:
        file.write(f"{order['n']}\n")
