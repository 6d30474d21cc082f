"""Takes one shard of a log to a function: in order, one batch at a time, and past a record that will not be handled.

The position moves over what is handled without a gap. Where a record fails it becomes the head, is tried alone, and
after its last attempt is parked in the dead letters, so that the shard goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from isthmus.dead_letters import dead_letter_attributes
from isthmus.serve import Failure
from isthmus_local.chaos import CALM, Chaos
from isthmus_local.clock import Clock
from isthmus_local.executor import NOT_STARTED, Executor
from isthmus_local.executor import Record as Event
from isthmus_local.store import logs, queues
from isthmus_local.store.database import Database, Transaction
from isthmus_local.store.logs import Position, Record

RETRY_DELAY = 1.0
MAX_RETRY_DELAY = 60.0
"""Seconds between the attempts of a failing record: doubled from the first to the second."""

log = logging.getLogger("isthmus.local")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a shard reaches its function: `name` is the log's and the source's, `kind` "stream" or "table"."""

    name: str
    shard: int
    kind: str
    function: str
    dead_letters: str | None
    batch_size: int = 100
    batch_window: float = 0.0
    max_attempts: int = 3


class LogConsumer:
    """The consumer of one shard for one function; a task on the event loop."""

    def __init__(
        self, reading: Reading, *, executor: Executor, database: Database, clock: Clock, chaos: Chaos = CALM
    ) -> None:
        self.reading = reading
        self._executor = executor
        self._database = database
        self._clock = clock
        self._chaos = chaos
        self._news = asyncio.Event()
        self._handled: set[int] = set()
        self._alone = False
        self._task: asyncio.Task[None] | None = None
        self.idle = False

    def start(self) -> None:
        """Begin where the durable position is."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Deliver nothing more."""
        if self._task is not None:
            self._task.cancel()

    def wake(self) -> None:
        """Look for new records."""
        self.idle = False
        self._news.set()

    async def _run(self) -> None:
        while True:
            try:
                await self._turn()
            except Exception:
                log.exception("log %s, shard %d", self.reading.name, self.reading.shard)
                await self._pause(1.0)

    async def _turn(self) -> None:
        self._news.clear()
        position, records = await self._do(_next, self.reading, 1 if self._alone else self.reading.batch_size)
        if not records:
            self._handled.clear()
            self._alone = False
            self.idle = not self._news.is_set()
            await self._news.wait()
        elif self._window_is_open(records):
            await self._pause(records[0].at + self.reading.batch_window - self._clock.time())
            await self._handle(*await self._do(_next, self.reading, self.reading.batch_size))
        else:
            await self._handle(position, records)

    def _window_is_open(self, records: Sequence[Record]) -> bool:
        window = self.reading.batch_window
        full = len(records) >= self.reading.batch_size or self._alone
        return bool(window) and not full and records[0].at + window > self._clock.time()

    async def _handle(self, position: Position, records: Sequence[Record]) -> None:
        failures = await self._deliver(records, position.attempts)
        if self._chaos.doubles():
            self._handled.clear()
            return
        done = 0
        while done < len(records) and records[done].sequence in self._handled:
            done += 1
        if done and not await self._advance(position.sequence, records[done - 1].sequence):
            return
        if done < len(records):
            await self._stumble(records[done], failures.get(records[done].sequence))
        else:
            self._alone = False

    async def _deliver(self, records: Sequence[Record], attempts: int) -> dict[int, Failure]:
        """Run what is not handled yet, note what now is, and return the failures by sequence."""
        out = [record for record in records if record.sequence not in self._handled]
        failures: dict[int, Failure] = {}

        def done(index: int, failure: Failure | None) -> None:
            sequence = out[index].sequence
            if failure is None:
                self._handled.add(sequence)
            elif failure is not NOT_STARTED:
                failures[sequence] = failure

        if out:
            events = [self._event(record, attempts + 1 if record is records[0] else 1) for record in out]
            await self._executor.batch(self.reading.function, self.reading.kind, events, done, ordered=True)
        return failures

    def _event(self, record: Record, attempt: int) -> Event:
        sequence = str(record.sequence)
        key = record.key.decode(errors="replace")
        return (sequence, record.body, record.attributes, attempt, record.at, key, sequence, self.reading.name)

    async def _advance(self, after: int, sequence: int) -> bool:
        reading = self.reading
        advance = partial(logs.advance, after=after)
        moved: bool = await self._do(advance, reading.name, reading.function, reading.shard, sequence)
        self._handled = {later for later in self._handled if later > sequence} if moved else set()
        return moved

    async def _stumble(self, head: Record, failure: Failure | None) -> None:
        """Try the record at the head again, alone; after its last attempt, park it."""
        if failure is None:  # its turn did not come
            await self._pause(0.05)
            return
        self._alone = True
        attempts: int = await self._do(logs.fail, self.reading.name, self.reading.function, self.reading.shard)
        if attempts < self.reading.max_attempts:
            await self._pause(min(RETRY_DELAY * 2 ** (attempts - 1), MAX_RETRY_DELAY))
        else:
            await self._do(_park, self.reading, head, f"{failure.type}: {failure.message}")
            self._alone = False

    async def _pause(self, seconds: float) -> None:
        woken = asyncio.Event()
        timer = self._clock.call_at(self._clock.time() + max(0.0, seconds), woken.set)
        try:
            await woken.wait()
        finally:
            timer.cancel()

    async def _do(self, op: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.wrap_future(self._database.submit(op, *args))


def _next(tx: Transaction, reading: Reading, limit: int) -> tuple[Position, list[Record]]:
    position = logs.position(tx, reading.name, reading.function, reading.shard)
    return position, logs.read(tx, reading.name, reading.shard, position.sequence, limit)


def _park(tx: Transaction, reading: Reading, head: Record, reason: str) -> None:
    position = logs.position(tx, reading.name, reading.function, reading.shard)
    if reading.dead_letters is not None:
        why = dead_letter_attributes(reading.name, str(head.sequence), position.attempts, reason)
        queues.send(tx, reading.dead_letters, head.body, {**head.attributes, **why})
    logs.advance(tx, reading.name, reading.function, reading.shard, head.sequence, after=position.sequence)
