"""Sweeps out what has had its time: expired items, and messages, records and executions past their retention."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.stream import Stream
from isthmus.declarations.table import Table
from isthmus_local.clock import Clock, Timer
from isthmus_local.store import logs, queues, tables
from isthmus_local.store.database import Database, Transaction

SECONDS = 60.0
"""How often it is done."""

CHANGES_RETENTION = 24 * 3600
"""How many seconds the changes of a table are kept, as in the cloud."""

log = logging.getLogger("isthmus.local")


class Journal(NamedTuple):
    """The log of a stream or of a table's changes: its name, its shards, and the functions that read it."""

    name: str
    shards: int
    consumers: Sequence[str]


class Housekeeping:
    """Runs `sweep` every minute; `executions` forgets those of workflows that ended long ago."""

    def __init__(
        self,
        resources: Mapping[str, Resource],
        journals: Sequence[Journal],
        *,
        database: Database,
        clock: Clock,
        lag: Callable[[], float],
        executions: Callable[[Transaction], None],
    ) -> None:
        self._resources = resources
        self._journals = journals
        self._database = database
        self._clock = clock
        self._lag = lag
        self._prune_executions = executions
        self._timer: Timer | None = None

    def start(self) -> None:
        """Sweep now, and then every minute."""
        self._database.post(_report, self.sweep)
        self._timer = self._clock.call_at(self._clock.time() + SECONDS, self.start)

    def stop(self) -> None:
        """Sweep no more."""
        if self._timer is not None:
            self._timer.cancel()

    def sweep(self, tx: Transaction) -> None:
        """Remove what has had its time."""
        for resource in self._resources.values():
            if isinstance(resource, Queue):
                queues.prune(tx, resource.name, resource.retention)
            elif isinstance(resource, Table) and resource.ttl:
                tables.expire(tx, resource, 1000, lag=self._lag)
        for journal in self._journals:
            source = self._resources[journal.name]
            retention = source.retention if isinstance(source, Stream) else CHANGES_RETENTION
            logs.prune(tx, journal.name, tx.now - retention, journal.consumers)
        self._prune_executions(tx)


def _report(_: Any, error: BaseException | None) -> None:
    if error is not None:
        log.error("housekeeping failed: %s", error)
