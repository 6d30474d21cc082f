"""Time: virtual, which passes as soon as nobody has anything to do; or real, perhaps faster."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import Protocol

Posted = Callable[[], None]

BEGIN = 1_700_000_000.0
"""When virtual time begins, in seconds since 1970."""


class Clock(Protocol):
    """A time, and how to let it pass; `concurrent` says whether calls are made in threads of their own."""

    @property
    def concurrent(self) -> bool:
        """Whether a call that takes time lets others go on."""
        ...

    def now(self) -> float:
        """The time, in seconds since 1970."""
        ...

    def wait(self, seconds: float | None, posted: queue.SimpleQueue[Posted]) -> Posted | None:
        """Wait so long, without end for None, or until something is posted, and return that."""
        ...


class VirtualClock:
    """A clock that jumps: a call is made while it stands still."""

    concurrent = False

    def __init__(self, now: float = BEGIN) -> None:
        self._now = now

    def now(self) -> float:
        """Return the time."""
        return self._now

    def wait(self, seconds: float | None, posted: queue.SimpleQueue[Posted]) -> Posted | None:
        """Jump; with nothing to wait for, nothing would ever happen."""
        if seconds is None:
            raise RuntimeError("a workflow waits for what never comes")
        self._now += max(0.0, seconds)
        return None


class RealClock:
    """The time of this machine, which passes `scale` times as fast from when it is made."""

    concurrent = True

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._began, self._from = time.monotonic(), time.time()

    def now(self) -> float:
        """Return the time."""
        return self._from + (time.monotonic() - self._began) * self._scale

    def wait(self, seconds: float | None, posted: queue.SimpleQueue[Posted]) -> Posted | None:
        """Wait in real time."""
        try:
            return posted.get(timeout=None if seconds is None else max(0.0, seconds / self._scale))
        except queue.Empty:
            return None
