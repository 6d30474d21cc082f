"""What may go wrong, as data: give it to a testbed, and handlers learn to live with it.

What the cloud does to everybody (duplicates, disorder, indexes that lag) is on by default and follows a seed; faults of
single handlers are asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

from isthmus.context import Context
from isthmus.testing.clock import FakeClock

Handle: TypeAlias = "Callable[[Any, Context], Any]"
When: TypeAlias = "Callable[[Any], bool]"
"""Which events a fault concerns: a predicate over the neutral event."""


class PoisonedError(Exception):
    """What a handler seems to raise for an event that `Poison` chose."""


class CrashError(KeyboardInterrupt):
    """The handler's process seems to end here: nothing may catch it, as nothing outlives its process."""


class Fault(Protocol):
    """A fault of one function's handler."""

    @property
    def function(self) -> str:
        """The name of the function it concerns."""
        ...

    def wrap(self, handler: Handle) -> Handle:
        """Return `handler` with the fault."""
        ...


def _every(_: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """The handler of `function` fails for each event that `when` chooses, before it has done anything."""

    function: str
    when: When = _every
    error: Callable[[], BaseException] = lambda: PoisonedError("poisoned by the test")

    def wrap(self, handler: Handle) -> Handle:
        """Return `handler` with the fault."""

        def poisoned(event: Any, context: Context) -> Any:
            if self.when(event):
                raise self.error()
            return handler(event, context)

        return poisoned


@dataclass(slots=True, kw_only=True)
class CrashAfterWork:
    """The instance ends after the handler did its work and before that is acknowledged, `times` times in all."""

    function: str
    when: When = _every
    times: int = 1

    def wrap(self, handler: Handle) -> Handle:
        """Return `handler` with the fault."""

        def crashing(event: Any, context: Context) -> Any:
            result = handler(event, context)
            if self.times > 0 and self.when(event):
                self.times -= 1
                raise CrashError("crashed by the test, after the work was done")
            return result

        return crashing


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """The handler of `function` takes `seconds` longer (of real time) for each event that `when` chooses."""

    function: str
    seconds: float
    when: When = _every

    def wrap(self, handler: Handle) -> Handle:
        """Return `handler` with the fault."""

        def slowed(event: Any, context: Context) -> Any:
            if self.when(event):
                time.sleep(self.seconds)
            return handler(event, context)

        return slowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """All that goes wrong in a test: the same for the same `seed`.

    `duplicates` is the share of deliveries that come twice, `reorder` shuffles messages that wait (never those of a
    FIFO group or a stream), `index_lag` is the most seconds by which an index read lags. `handlers` are faults of
    single functions. With a `clock`, time moves by `advance` alone; then indexes lag only where `index_lag` is given.
    """

    seed: int = 0
    duplicates: float = 0.25
    reorder: bool = True
    index_lag: float | None = None
    handlers: Sequence[Fault] = field(default=())
    clock: FakeClock | None = None

    @property
    def lag(self) -> float:
        """The most seconds by which an index read lags."""
        if self.index_lag is not None:
            return self.index_lag
        return 0.0 if self.clock else 0.05

    def calm(self) -> Faults:
        """Return the same without duplicates, disorder and lag."""
        return replace(self, duplicates=0.0, reorder=False, index_lag=0.0)

    def wrap(self, function: str, handler: Handle) -> Handle:
        """Return the handler of `function` with its faults, the first of them outermost."""
        for fault in reversed(self.handlers):
            if fault.function == function:
                handler = fault.wrap(handler)
        return handler
