"""What the workflows of these tests call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from isthmus import Context, Message, Resource
from isthmus.workflow_execution import WorkflowExecution

calls: list[tuple[str, Any, int]] = []
"""What was called: the function, its payload, and which attempt it was."""

gate = threading.Event()
"""Until it is set, `held` does not return."""


class OutOfStockError(Exception):
    """Nothing is left."""


class Odd(Exception):  # noqa: N818
    """A class whose name is the error's name."""


def echo(payload: Any, context: Context) -> Any:
    """Return what it is called with."""
    calls.append(("echo", payload, context.attempt))
    return {"payload": payload, "attempt": context.attempt, "correlation": context.correlation_id}


def broken(payload: Any, context: Context) -> Any:
    """Raise as often as the payload says."""
    calls.append(("broken", payload, context.attempt))
    if context.attempt <= payload.get("times", 10**9):
        raise OutOfStockError("nothing is left, é")
    return "fine"


def moody(payload: Any, context: Context) -> Any:
    """Raise while `mood` is bad."""
    calls.append(("moody", payload, context.attempt))
    if mood["bad"]:
        raise Odd(mood["why"])
    return {"is": "good"}


mood: dict[str, Any] = {"bad": True, "why": "today"}


def crash(payload: Any, context: Context) -> Any:
    """End, as its process would."""
    raise KeyboardInterrupt


def slow(payload: Any, context: Context) -> Any:
    """Take too long."""
    time.sleep(1.5)


def held(payload: Any, context: Context) -> Any:
    """Return when the test lets it."""
    calls.append(("held", payload, context.attempt))
    gate.wait(10)
    return "let go"


def large(payload: Any, context: Context) -> Any:
    """Return more than a state may have."""
    return "x" * (256 * 1024)


def remember(message: Message) -> None:
    """Keep a message."""
    calls.append(("remember", message.json(), message.attempt))
    correlations.append(message_context())


correlations: list[str] = []


def message_context() -> str:
    """Return the correlation id of what runs."""
    from isthmus.context import current

    running = current.get()
    return running.correlation_id if running else ""


def ask(payload: Any, context: Context) -> Any:
    """Do to linked workflows what the payload says: the name, what, and the arguments."""
    name, verb, *args = payload
    done: Callable[..., Any] = getattr(getattr(Resource, name), verb)
    found = done(*args)
    return found.status if isinstance(found, WorkflowExecution) else found
