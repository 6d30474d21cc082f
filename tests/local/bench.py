"""What the tests of the consumers share: time that a test moves, and handlers that it answers for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from isthmus.serve import Failure
from isthmus_local.executor import Done, Record

BROKEN = Failure("ValueError", "no such item")


class ManualTimer:
    """A call that waits for `ManualClock.advance`."""

    def __init__(self, when: float, callback: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.when = when
        self._callback: Callable[..., Any] | None = callback
        self._args = args

    def cancel(self) -> None:
        """Forget the call."""
        self._callback = None

    def run(self) -> None:
        """Make the call."""
        if self._callback is not None:
            self._callback(*self._args)


class ManualClock:
    """Epoch seconds that stand still until `advance`."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._timers: list[ManualTimer] = []

    def time(self) -> float:
        """Return the time."""
        return self.now

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> ManualTimer:
        """Call when `advance` has passed `when`."""
        timer = ManualTimer(when, callback, args)
        self._timers.append(timer)
        return timer

    async def advance(self, seconds: float) -> None:
        """Let time pass, and what is due happen."""
        self.now += seconds
        due = [timer for timer in self._timers if timer.when <= self.now]
        self._timers = [timer for timer in self._timers if timer.when > self.now]
        for timer in due:
            timer.run()
        await settle()


class Handlers:
    """Stands in for the functions: keeps each batch until the test ends it."""

    def __init__(self) -> None:
        self.batches: list[tuple[list[Record], Done, asyncio.Future[None]]] = []

    def batch(
        self, function: str, kind: str, records: list[Record], done: Done, *, ordered: bool
    ) -> asyncio.Future[None]:
        """Keep a batch."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.batches.append((records, done, future))
        return future

    @property
    def bodies(self) -> list[list[bytes]]:
        """The bodies of each batch."""
        return [[record[1] for record in records] for records, _, _ in self.batches]

    async def end(self, number: int, *outcomes: Failure | None) -> None:
        """Report the outcomes of a batch, and end it."""
        _, done, future = self.batches[number]
        for index, outcome in enumerate(outcomes):
            done(index, outcome)
        future.set_result(None)
        await settle()


async def settle() -> None:
    """Let the store's thread and the loop finish what they have begun."""
    for _ in range(15):
        await asyncio.sleep(0.002)


def on_a_loop(test: Callable[[Path], Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    """Make a test of a coroutine function."""

    def call(tmp_path: Path) -> None:
        asyncio.run(test(tmp_path))

    call.__name__ = test.__name__
    return call
