"""Handlers that workflows call."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.context import Context
from isthmus.resource import Resource
from isthmus.testing.contract.handlers.record import record


class OutOfStock(Exception):  # noqa: N818 - the name is what the contract's Catch goes by
    """What a task raises to be caught by this name."""


class Flaky(Exception):  # noqa: N818 - the name is what the contract's Retry goes by
    """What a task raises to be tried again."""


_ERRORS: dict[str, type[Exception]] = {"OutOfStock": OutOfStock, "Flaky": Flaky, "ValueError": ValueError}


def step(payload: Any, context: Context) -> Any:
    """Record a call, and do what the payload asks: `raise` an error on the first `times` attempts."""
    record(payload["case"], label=payload.get("label"), attempt=context.attempt, payload=payload)
    if context.attempt <= payload.get("times", 0):
        raise _ERRORS[payload["raise"]](payload.get("message", "told to"))
    return {"label": payload.get("label"), "attempt": context.attempt}


def double(payload: Any) -> Any:
    """Return twice a number."""
    return payload["number"] * 2


def echo(payload: Any) -> Any:
    """Return the payload as it came."""
    return payload


def ask(payload: Any) -> None:
    """Keep the token of a task that waits for somebody's answer."""
    record(payload["case"], label="asked", token=payload["token"])


def launch(payload: Any, context: Context) -> Any:
    """Start the workflow that the payload names, and return what is known of the execution at once."""
    execution = getattr(Resource, payload["workflow"]).start(payload.get("input"), name=payload.get("name"))
    return {"execution": execution, "correlation": context.correlation_id}


def answer(payload: Any) -> Any:
    """Complete the task that waits for a token, and return what is known of its execution."""
    Resource.Approval.succeed(payload["token"], payload["output"])
    seen = Resource.Approval.describe(payload["execution"])
    return {"status": seen.status, "started": seen.started, "id": seen.id}
