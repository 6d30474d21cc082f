"""Time, as the runtime sees it: the computer's, or a test's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol


class Timer(Protocol):
    """A call that waits for its time."""

    def cancel(self) -> None:
        """Forget the call."""
        ...


class Clock(Protocol):
    """Epoch seconds, and calls at a time; a test's own clock moves only when it is told to."""

    def time(self) -> float:
        """Return the epoch seconds."""
        ...

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> Timer:
        """Run `callback(*args)` on the event loop at the epoch second `when`, or at once where that is past."""
        ...


class SystemClock:
    """The computer's time, on the running event loop."""

    def time(self) -> float:
        """Return the epoch seconds."""
        return time.time()

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> Timer:
        """Run `callback(*args)` on the event loop at `when`."""
        return asyncio.get_running_loop().call_later(max(0.0, when - time.time()), callback, *args)
