"""What runs handlers: worker processes under `isthmus dev`, threads of this process in tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from isthmus.errors import IsthmusError
from isthmus.serve import Failure

Record: TypeAlias = "tuple[str, bytes, dict[str, str], int, float, str | None, str | None, str]"
"""One event of a batch: id, body, attributes, attempt, sent_at, group, sequence, source."""

HttpResult: TypeAlias = "tuple[int, list[tuple[bytes, bytes]], bytes]"
"""Status, headers and body of a response."""


NOT_STARTED = Failure("NotStarted", "its turn did not come; deliver it again, without counting an attempt", tried=False)
"""Reported for a record that no handler has seen."""

Done: TypeAlias = "Callable[[int, Failure | None], None]"
"""Called with a record's position in its batch, the moment its outcome is known."""


class ExecutionError(IsthmusError, RuntimeError):
    """A handler could not be run to its end: an HTTP client gets `status` and is `told` no more than
    its kind; `reason` is for the log."""

    status = 502
    title = "Bad Gateway"
    told = "the function could not answer"

    def __init__(self, function: str, reason: str) -> None:
        super().__init__(f"{function}: {reason}")
        self.function = function
        self.reason = reason


class CrashedError(ExecutionError):
    """The process that ran the handler ended before it answered."""

    told = "the function's process ended before it answered"


class StoppedError(ExecutionError):
    """The server stopped while the handler ran: nobody's fault, so that it counts for no attempt."""

    status = 503
    title = "Service Unavailable"
    told = "the server stopped before the function answered"


class BrokenHandlerError(ExecutionError):
    """The handler's module does not load."""

    told = "the function does not start; the log of the server says why"


class TimedOutError(ExecutionError):
    """The handler ran longer than its function's timeout, and was ended."""

    status = 504
    title = "Gateway Timeout"
    told = "the function took longer than its timeout"


class BusyError(ExecutionError):
    """All instances are busy, and as many invocations wait, or for as long, as may."""

    status = 503
    title = "Service Unavailable"
    told = "the function is busy; try again"
    retry_after = 1


class Executor(Protocol):
    """Runs the handlers of an app's functions. Every future ends, whatever becomes of the handler."""

    async def start(self) -> None:
        """Make ready: functions with `min_instances` get theirs."""
        ...

    async def stop(self, *, drain: float) -> None:
        """Take nothing new, give what is running `drain` seconds, then end it."""
        ...

    def http(self, function: str, request: tuple[Any, ...]) -> asyncio.Future[HttpResult]:
        """Run a request (see `events.http`); the future raises an `ExecutionError` where no handler could answer."""
        ...

    def batch(
        self, function: str, kind: str, records: list[Record], done: Done, *, ordered: bool
    ) -> asyncio.Future[None]:
        """Run `records` of a trigger `kind` one after the other, and report each with `done`; the future never raises.

        Where the handler's process dies or overruns its timeout, the record that it was running alone fails; those not
        begun are reported as `NOT_STARTED`, and so is the one that `stop` had to end. A record has the function's whole
        timeout for itself.
        """
        ...

    def task(self, function: str, payload: Any, meta: Mapping[str, Any]) -> asyncio.Future[Any]:
        """Run a JSON `payload` and return the handler's result; `InvocationFailedError` names what it raised.

        `meta` may hold `id`, `attempt` and `attributes` (the envelope's).
        """
        ...
