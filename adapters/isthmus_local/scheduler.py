"""Fires the schedules of an app when they are due."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from isthmus.declarations.schedule import Schedule
from isthmus_local.clock import Clock, Timer
from isthmus_local.store import schedules
from isthmus_local.store.database import Database

log = logging.getLogger("isthmus.local")


class Scheduler:
    """One timer for the schedule that is due next; a firing is a message, committed together with the next due time."""

    def __init__(self, declared: Sequence[Schedule], *, database: Database, clock: Clock) -> None:
        self._declared = declared
        self._database = database
        self._clock = clock
        self._timer: Timer | None = None
        self._stopped = False

    def start(self) -> None:
        """Take over what is declared now; fire what was missed."""
        self._database.post(self._settled, schedules.settle, self._declared)

    def stop(self) -> None:
        """Fire nothing more."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def _fire(self) -> None:
        if not self._stopped:
            self._database.post(self._fired, schedules.due, self._declared)

    def _fired(self, result: tuple[list[str], float | None] | None, error: BaseException | None) -> None:
        self._settled(result[1] if result else None, error)

    def _settled(self, due: float | None, error: BaseException | None) -> None:
        if error is not None:
            log.error("schedules cannot fire: %s", error)
            due = self._clock.time() + 1
        if due is not None and not self._stopped:
            self._timer = self._clock.call_at(due, self._fire)
