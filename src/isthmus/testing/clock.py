"""Time that a test moves: nothing is due until `advance` says so."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Any

EPOCH = 1_767_225_600.0
"""Where a test's time starts unless it says otherwise: 2026-01-01T00:00:00Z, a Thursday."""


class FakeTimer:
    """A call that waits for its time; `cancel` forgets it."""

    __slots__ = ("args", "callback", "cancelled", "when")

    def __init__(self, when: float, callback: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.when = when
        self.callback = callback
        self.args = args
        self.cancelled = False

    def cancel(self) -> None:
        """Forget the call."""
        self.cancelled = True


class FakeClock:
    """A clock for a testbed: `time` stands still at `now` until the testbed's `advance` moves it.

    Everything here but `time` belongs to the event loop's thread.
    """

    def __init__(self, now: float = EPOCH) -> None:
        self._now = now
        self._order = itertools.count()
        self._timers: list[tuple[float, int, FakeTimer]] = []

    def time(self) -> float:
        """Return the epoch seconds."""
        return self._now

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> FakeTimer:
        """Run `callback(*args)` when the time has come to `when`; on the loop's next turn where that is past."""
        timer = FakeTimer(when, callback, args)
        if when <= self._now:
            asyncio.get_running_loop().call_soon(_run, timer)
        else:
            heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def step(self, until: float) -> bool:
        """Move to the next call that is due by `until` and make it; without one, move to `until` and return False."""
        while self._timers and self._timers[0][0] <= until:
            when, _, timer = heapq.heappop(self._timers)
            if not timer.cancelled:
                self._now = max(self._now, when)
                _run(timer)
                return True
        self._now = max(self._now, until)
        return False


def _run(timer: FakeTimer) -> None:
    if not timer.cancelled:
        timer.callback(*timer.args)
