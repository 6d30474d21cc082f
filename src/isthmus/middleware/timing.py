"""How long a handler takes: told to HTTP clients, and to the log for every kind of event."""

from __future__ import annotations

from time import perf_counter

from isthmus._typing import Any
from isthmus.context import Context
from isthmus.http.request import HttpRequest
from isthmus.http.response import as_response
from isthmus.middleware.compose import Next
from isthmus.middleware.logs import kind_of


def timing(event: Any, context: Context, next: Next) -> Any:
    """Measure what is inside: a `Server-Timing` header on HTTP responses, a line of log for every event."""
    start = perf_counter()
    try:
        result = next(event, context)
    finally:
        duration = (perf_counter() - start) * 1000
        _log(event, duration)
    if not isinstance(event, HttpRequest):
        return result
    response = as_response(result).copy()
    response.headers.add("server-timing", f"handler;dur={duration:.1f}")
    return response


def _log(event: Any, duration: float) -> None:
    import logging

    logging.getLogger("isthmus.timing").info(
        "%s took %.1f ms", kind_of(event), duration, extra={"durationMs": round(duration, 3)}
    )
