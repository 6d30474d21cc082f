"""A handler that takes too long is interrupted a little before Lambda would end the whole instance."""

from __future__ import annotations

import time
from functools import partial

from isthmus._typing import Any

MARGIN = 0.1
"""Which part of the time is kept for the answer,"""

MOST = 0.5
"""and the most seconds of it."""

_NEVER = float("inf")
_AGAIN = 0.002


class OverrunError(KeyboardInterrupt):
    """A handler ran into its time limit. No handler should catch it; asyncio lets nothing else through in any case."""


class Alarm:
    """Raises `OverrunError` in the main thread, be it waiting or working: one for each instance.

    The interval timer interrupts sleeping and waiting for a network: https://docs.python.org/3/library/signal.html.
    Outside the main thread, where Python takes no signals, it does nothing; nor where a user's own code has taken the
    signal before.

    To set a timer and to stop it again takes as long as a small request. So it is set once and goes on: it rings about
    once in the time that a function has, and a ring that nobody waits for, or not yet, interrupts nothing.
    `is_held` puts a ring off, for as long as it is set: what runs then is not to be interrupted.
    """

    __slots__ = ("_due", "_rings", "_set", "is_held")

    def __init__(self) -> None:
        self.is_held = False
        self._due = _NEVER
        self._rings = 0.0
        self._set: Any = None
        import signal

        known: Any = signal.getsignal(signal.SIGALRM)
        if known != signal.SIG_DFL and not isinstance(getattr(known, "__self__", None), Alarm):
            return
        try:
            signal.signal(signal.SIGALRM, self._ring)
        except ValueError:
            return
        self._set = partial(signal.setitimer, signal.ITIMER_REAL)

    def start(self, now: float, end: float) -> None:
        """Let it ring when nearly all of the time from `now` until `end` is over: both in epoch seconds."""
        kept = (end - now) * MARGIN
        self._due = end - (kept if kept < MOST else MOST)
        if self._set is not None and not now < self._rings <= self._due:
            self._wait(now)

    def set(self, now: float, due: float) -> None:
        """Let it ring at the time `due`."""
        self._due = due
        if self._set is not None and not now < self._rings <= self._due:
            self._wait(now)

    def stop(self) -> None:
        """Let it not ring."""
        self._due = _NEVER

    def _wait(self, now: float) -> None:
        self._rings = self._due
        self._set(max(self._due - now, 0.001))

    def _ring(self, _number: int, _frame: Any) -> None:
        self._rings = 0.0
        if self._due == _NEVER:
            return
        now = time.time()
        if now < self._due:  # it was set for a request before this one
            self._wait(now)
        elif self.is_held:
            self._set(_AGAIN)
        else:
            raise OverrunError


def tidy() -> None:
    """Cancel what an interrupted coroutine has left on the event loop, if anything ever ran there."""
    import sys

    event_loop = sys.modules.get("isthmus.event_loop")
    if event_loop is not None:
        event_loop.abandon()
