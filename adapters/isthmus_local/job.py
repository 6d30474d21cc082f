"""One invocation on its way through a pool: what is sent to a worker, and whom its outcome concerns."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from isthmus.errors import InvocationFailedError
from isthmus.serve import Failure
from isthmus_local.channel import INVOKE, pack, unpack
from isthmus_local.executor import NOT_STARTED, Done, ExecutionError, HttpResult, Record, StoppedError


class Job(ABC):
    """An invocation: its `frame`, and the time at which it was submitted. Somebody waits for it in person."""

    __slots__ = ("entered", "frame", "id")
    patient = False
    """Whether it may wait for as long as it takes: then somebody else has limited how many wait."""

    def __init__(self, id: int, value: Any) -> None:
        self.id = id
        self.frame = pack(id, INVOKE, value)
        self.entered = 0.0

    @property
    def abandoned(self) -> bool:
        """Whether nobody waits for it any more."""
        return False

    @abstractmethod
    def finish(self, payload: bytes) -> None:
        """Take a worker's result."""

    def progress(self, payload: bytes) -> None:
        """Take the outcome of one of several records; ValueError where there is only one event."""
        raise ValueError(f"a report of {len(payload)} bytes about a single event")

    @abstractmethod
    def fail(self, error: ExecutionError) -> None:
        """It was running when its worker ended."""

    def refuse(self, error: ExecutionError) -> None:
        """It could not even begin."""
        self.fail(error)


class HttpJob(Job):
    """A request; its future is done with the response."""

    __slots__ = ("future",)

    def __init__(self, id: int, request: tuple[Any, ...], future: asyncio.Future[HttpResult]) -> None:
        super().__init__(id, ("http", request))
        self.future = future

    @property
    def abandoned(self) -> bool:
        """Whether the client has gone."""
        return self.future.done()

    def finish(self, payload: bytes) -> None:
        """Hand over the response; ValueError for what is none."""
        status, headers, body = result = unpack(payload)
        if type(status) is not int or type(headers) is not list or type(body) is not bytes:
            raise ValueError("this is no response")
        if not self.future.done():
            self.future.set_result(result)

    def fail(self, error: ExecutionError) -> None:
        """Let the request fail."""
        if not self.future.done():
            self.future.set_exception(error)


class TaskJob(Job):
    """An invocation with a JSON payload; its future is done with the result, or raises `InvocationFailedError`."""

    __slots__ = ("function", "future")

    def __init__(
        self, id: int, function: str, payload: Any, meta: Mapping[str, Any], future: asyncio.Future[Any]
    ) -> None:
        super().__init__(id, ("call", payload, dict(meta)))
        self.function = function
        self.future = future

    @property
    def abandoned(self) -> bool:
        """Whether the caller has gone."""
        return self.future.done()

    def finish(self, payload: bytes) -> None:
        """Hand over the result, or the error."""
        worked, *outcome = unpack(payload)
        if self.future.done():
            return
        if worked:
            self.future.set_result(outcome[0])
        else:
            self.future.set_exception(InvocationFailedError(self.function, *outcome))

    def fail(self, error: ExecutionError) -> None:
        """Let the call fail: the cause tells that it was not the handler that raised."""
        if not self.future.done():
            failed = InvocationFailedError(self.function, type(error).__name__, error.reason)
            failed.__cause__ = error
            self.future.set_exception(failed)


class BatchJob(Job):
    """Records that one worker handles one after the other, each reported by itself."""

    __slots__ = ("_done", "_open", "_running", "future")
    patient = True

    def __init__(
        self, id: int, kind: str, records: list[Record], done: Done, future: asyncio.Future[None], *, ordered: bool
    ) -> None:
        super().__init__(id, ("batch", kind, records, ordered))
        self.future = future
        self._done = done
        self._open = dict.fromkeys(range(len(records)))
        self._running: int | None = 0

    def progress(self, payload: bytes) -> None:
        """Report a record; the next one is being handled now."""
        index, failure = unpack(payload)
        self._running = index + 1
        self._report(index, _failure(failure))

    def _report(self, index: int, failure: Failure | None) -> None:
        if index in self._open:
            del self._open[index]
            self._done(index, failure)

    def finish(self, payload: bytes) -> None:
        """End the batch; whatever it left out, if anything, was not started."""
        self._running = None
        self._end()

    def fail(self, error: ExecutionError) -> None:
        """Fail the record that was running, unless we ended it ourselves, and give back the rest."""
        if self._running is not None and not isinstance(error, StoppedError):
            self._report(self._running, Failure(type(error).__name__, error.reason))
        self._end()

    def refuse(self, error: ExecutionError) -> None:
        """Give everything back."""
        self._end()

    def _end(self) -> None:
        for index in list(self._open):
            self._report(index, NOT_STARTED)
        if not self.future.done():
            self.future.set_result(None)


def _failure(wire: tuple[str, str, bool] | None) -> Failure | None:
    if wire is None:
        return None
    type, message, tried = wire
    return Failure(type, message) if tried else NOT_STARTED
