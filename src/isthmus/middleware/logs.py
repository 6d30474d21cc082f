"""One line of log for each event that a handler was given, and how it ended."""

from __future__ import annotations

from time import perf_counter

from isthmus._typing import Any
from isthmus.context import Context
from isthmus.http.request import HttpRequest
from isthmus.http.response import as_response
from isthmus.middleware.compose import Next


def logs(event: Any, context: Context, next: Next) -> Any:
    """Log each event as it ends: its kind, how long it took, and the status or the exception's class.

    An exception passes: its traceback is logged where it ends, not here. Nothing of a body is logged.
    """
    start = perf_counter()
    outcome = "failed"
    try:
        result = next(event, context)
        outcome = str(as_response(result).status) if isinstance(event, HttpRequest) else "done"
    except BaseException as error:
        outcome = type(error).__name__
        raise
    else:
        return result
    finally:
        _log(event, context, outcome, (perf_counter() - start) * 1000)


def _log(event: Any, context: Context, outcome: str, duration: float) -> None:
    import logging

    fields = {"event": kind_of(event), "outcome": outcome, "durationMs": round(duration, 3), **_about(event)}
    logging.getLogger("isthmus.events").info("%s: %s", context.function or "handler", outcome, extra=fields)


def kind_of(event: Any) -> str:
    """Return the name of an event's neutral class, whichever class of its provider's own it has."""
    named = [kind.__name__ for kind in type(event).__mro__ if kind.__module__.partition(".")[0] == "isthmus"]
    return (named or [type(event).__name__])[0]


def _about(event: Any) -> dict[str, Any]:
    """Return what tells one event from another: never a body, a query or a header."""
    if isinstance(event, HttpRequest):
        return {"method": event.method, "path": event.path}
    return {"id": getattr(event, "id", ""), "attempt": getattr(event, "attempt", 1)}
