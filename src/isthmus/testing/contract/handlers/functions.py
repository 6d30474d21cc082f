"""Handlers that are invoked."""

from __future__ import annotations

import asyncio

from isthmus._typing import Any
from isthmus.conditions import present
from isthmus.context import Context
from isthmus.resource import Resource
from isthmus.testing.contract.handlers.record import obey, record


def add(payload: Any) -> Any:
    """Return the sum of `numbers`, and the payload as it came."""
    return {"sum": sum(payload["numbers"]), "echo": payload}


async def add_later(payload: Any) -> Any:
    """Do what `add` does, as a coroutine that really waits."""
    await asyncio.sleep(0.001)
    return add(payload)


def fail(payload: Any) -> Any:
    """Raise what `payload` names."""
    errors: dict[str, type[Exception]] = {"ValueError": ValueError, "LookupError": LookupError}
    raise errors[payload["raise"]](payload["message"])


def nonsense(payload: Any) -> Any:
    """Return what is no JSON."""
    return {payload["key"]: object()}


def attempt(payload: Any, context: Context) -> None:
    """Record one attempt of an asynchronous invocation, and obey it."""
    record(payload["case"], label=payload.get("label"), attempt=context.attempt)
    obey(payload, context.attempt)


def about(payload: Any, context: Context) -> Any:
    """Return what the context says, and what `Resource.App` says."""
    info = Resource.App
    return {
        "echo": payload,
        "function": context.function,
        "provider": context.provider,
        "app": context.app,
        "stage": context.stage,
        "remaining": context.remaining(),
        "request": context.request_id,
        "correlation": context.correlation_id,
        "resource": {"name": info.name, "stage": info.stage, "provider": info.provider},
    }


def use(payload: Any) -> Any:
    """Call `verb` of the linked `resource` with `args`: what a handler may and may not do."""
    client = getattr(Resource, payload["resource"])
    verb = getattr(client, payload["verb"])
    return verb(*payload.get("args", ()))


def claim(payload: Any) -> Any:
    """Take an item once, on the condition that it has an id: conditions work from a handler."""
    return Resource.Items.update(payload["id"], add={"claims": 1}, if_match={"id": present()})


def confide(payload: Any) -> Any:
    """Return what may be told of a secret: its length, and how it looks to a log."""
    secret = getattr(Resource, payload["secret"])
    return {"length": len(secret.value()), "repr": repr(secret), "text": str(secret)}
