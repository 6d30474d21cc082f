"""What a linked client asks of a runtime in the same process, from another thread than the runtime's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from isthmus.errors import ServiceError
from isthmus_local import wire_errors
from isthmus_local.channel import HEADER, pack, unpack


class AbandonedError(KeyboardInterrupt):
    """This thread's event has failed already: like the end of its process, no handler may catch it."""


class Abandonable(Protocol):
    """Whoever a thread works for."""

    @property
    def abandoned(self) -> bool:
        """Whether nothing that it does is wanted any more."""
        ...


class _Here(threading.local):
    worker: Abandonable | None = None


_here = _Here()


def work_for(worker: Abandonable) -> None:
    """Let what the calling thread asks from now on be asked for `worker`."""
    _here.worker = worker


def still_wanted() -> None:
    """Raise `AbandonedError` where whoever the calling thread works for was abandoned."""
    worker = _here.worker
    if worker is not None and worker.abandoned:
        raise AbandonedError("the function's timeout has passed")


class LoopTransport:
    """What a client of this process asks the runtime: `ask(op, resource, args)` runs on the runtime's `loop`."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, ask: Callable[[str, str, Sequence[Any]], asyncio.Future[Any]]
    ) -> None:
        self._loop = loop
        self._ask = ask

    def call(self, op: str, resource: str, *args: Any) -> Any:
        """Return what the operation returns, or raise its error, as if it came from another process."""
        still_wanted()
        if not self._loop.is_running():
            raise ServiceError("the app is not running any more")
        frame = pack(0, 0, args)
        answer = asyncio.run_coroutine_threadsafe(self._answer(op, resource, frame), self._loop)
        worked, value = unpack(answer.result()[HEADER.size :])
        still_wanted()
        if not worked:
            raise wire_errors.decode(value)
        return value

    async def _answer(self, op: str, resource: str, frame: bytes) -> bytes:
        try:
            return pack(0, 0, (True, await self._ask(op, resource, unpack(frame[HEADER.size :]))))
        except Exception as error:
            return pack(0, 0, (False, wire_errors.encode(error)))
