"""What workflows wait for in time: rows of the store, and one timer for the earliest of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial

from isthmus_local.clock import Clock, Timer
from isthmus_local.store import execution_frames
from isthmus_local.store.database import Database
from isthmus_local.store.execution_frames import Place

PAGE = 50
"""How many frames are woken in one commit at most."""

log = logging.getLogger("isthmus.local")


class WorkflowTimers:
    """Wakes frames when they are due, with `wake`, which posts a step, and says when that has been taken.

    A step that computes for long is taken after the next look, which finds its frame still due.
    """

    def __init__(self, wake: Callable[[Place, Callable[[], None]], None], *, database: Database, clock: Clock) -> None:
        self._wake = wake
        self._waking: set[Place] = set()
        self._database = database
        self._clock = clock
        self._at: float | None = None
        self._timer: Timer | None = None
        self.looking = False
        self._stopped = False

    def start(self) -> None:
        """Wake what is due by now."""
        self._look()

    def stop(self) -> None:
        """Wake nothing more."""
        self._stopped = True
        self._cancel()

    def expect(self, time: float) -> None:
        """Take notice of a frame that is due at `time`."""
        if self._stopped or (self._at is not None and self._at <= time):
            return
        self._cancel()
        self._at = time
        self._timer = self._clock.call_at(time, self._due)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = self._at = None
        self._look()

    def _look(self) -> None:
        if not self.looking and not self._stopped:
            self.looking = True
            self._database.post(self._found, execution_frames.due, PAGE + len(self._waking))

    def _found(self, found: tuple[Sequence[Place], float | None] | None, error: BaseException | None) -> None:
        self.looking = False
        if found is None:
            log.error("workflows cannot be woken: %s", error)
            self.expect(self._clock.time() + 1)
            return
        places, following = found
        if self._stopped:
            return
        asleep = [place for place in places if place not in self._waking]
        self._waking.update(asleep)
        for place in asleep:
            self._wake(place, partial(self._waking.discard, place))
        if asleep:
            self._look()
        elif following is not None:
            self.expect(following)
