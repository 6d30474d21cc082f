"""One attempt at an event: the handler is called with a context of its own, and waited for until the deadline."""

from __future__ import annotations

import time

from isthmus import serve
from isthmus._typing import Any
from isthmus.context import Context
from isthmus.envelope import Envelope
from isthmus.invocations import Invocations
from isthmus_gcp.delivery.in_time import LATE, InTime
from isthmus_gcp.events.record import Record
from isthmus_gcp.held import threads

TIMED_OUT = "TimedOutError"
"""The name of the error of a handler that takes longer than its time, as on every provider."""

_TOO_LONG = "it took longer than the time that the function has"


class Attempts:
    """Tries events: the handler, and who waits for it, on any number of threads."""

    __slots__ = ("_handler", "_in_time", "_invocations")

    def __init__(self, handler: serve.Handle, invocations: Invocations) -> None:
        self._handler = handler
        self._invocations = invocations
        self._in_time = InTime(threads())

    def attempt(self, record: Record, end: float, *, request_id: str = "") -> serve.Failure | None:
        """Give the event of a record to the handler, until the time `end`, and return why it failed, or None."""
        for event in record.events:
            if type(event) is serve.Malformed:
                return serve.attempt(self._handler, event, None)
            context = self._context(record.envelope, end, record.raw, request_id, attempt=record.attempt)
            failure = self._tried(event, context, end)
            if failure is not None:
                return failure
        return None

    def task(
        self, payload: Any, envelope: Envelope, end: float, raw: Any, *, request_id: str = "", attempt: int = 1
    ) -> Any:
        """Return the handler's result; `TimeoutError` after `end`, and whatever it raises passes."""
        context = self._context(envelope, end, raw, request_id, attempt=attempt)
        try:
            return self._result(payload, context, end)
        except BaseException as error:
            serve.log_fault(error, context)
            raise

    def _result(self, payload: Any, context: Context, end: float) -> Any:
        result = self._in_time.run(lambda: serve.task(self._handler, payload, context), end - time.time())
        if result is LATE:
            raise TimedOutError(f"{context.function} took longer than the time that it has")
        return result

    def _context(self, envelope: Envelope, end: float, raw: Any, request_id: str, *, attempt: int) -> Context:
        return self._invocations.context(envelope, request_id=request_id, attempt=attempt, deadline=end, raw=raw)

    def _tried(self, event: Any, context: Context, end: float) -> serve.Failure | None:
        result = self._in_time.run(lambda: serve.attempt(self._handler, event, context), end - time.time())
        if result is LATE:
            _log().error("%s (%s) %s", context.function, context.request_id, _TOO_LONG)
            return serve.Failure(TIMED_OUT, _TOO_LONG)
        failure: serve.Failure | None = result
        return failure


class TimedOutError(TimeoutError):
    """A handler took longer than the time that its function has."""


def _log() -> Any:
    import logging

    return logging.getLogger("isthmus")
