"""Takes a queue's messages to its function: batches, leases, acknowledgements, retries and dead letters.

A queue's messages are rows first; up to `IN_MEMORY` of them wait here, the rest is read when there is room. So a start
after a crash and a backlog larger than memory are the same thing: reading on from the last row that was seen. A message
that must wait for a time, delayed or failed, stays a row until then, and holds up nobody; only in a FIFO queue does it
wait here, since its group waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from isthmus.serve import Failure
from isthmus_local.clock import Clock, Timer
from isthmus_local.executor import NOT_STARTED, Executor, Record
from isthmus_local.store import queues
from isthmus_local.store.database import Database
from isthmus_local.store.queues import DeadLetters, StoredMessage
from isthmus_local.waiting import Entry, Waiting

IN_MEMORY = 2_000
"""How many messages of one queue wait in memory at most."""

DEFAULT_CONCURRENCY = 4
"""How many batches are out at once, where neither the subscription nor the function says."""

log = logging.getLogger("isthmus.local")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How a queue's messages reach their function: sizes in messages, times in seconds.

    `kind` is the trigger kind; `source` the declared name of where the messages come from; `lease` the visibility
    timeout; a failed message waits `retry_delay`, doubled by each failure up to `max_retry_delay`.
    """

    queue: str
    source: str
    kind: str
    function: str
    dead_letters: DeadLetters
    batch_size: int = 1
    batch_window: float = 0.0
    concurrency: int = DEFAULT_CONCURRENCY
    lease: float = 180.0
    retry_delay: float = 1.0
    max_retry_delay: float = 60.0
    ordered: bool = False

    def retry_after(self, failures: int) -> float:
        """Return the seconds between the last of `failures` and the next attempt."""
        return float(min(self.retry_delay * 2 ** min(failures - 1, 32), self.max_retry_delay))


class QueueConsumer:
    """The consumer of one queue; everything here runs on the event loop."""

    def __init__(
        self, delivery: Delivery, waiting: Waiting, *, executor: Executor, database: Database, clock: Clock
    ) -> None:
        self.delivery = delivery
        self._waiting = waiting
        self._executor = executor
        self._database = database
        self._clock = clock
        self._out: set[Batch] = set()
        self._handled: list[int] = []
        self._seen = 0
        self._behind = True
        self._loading = False
        self._ripe_at: float | None = None
        self._ripening = False
        self._window_ends: float | None = None
        self._timer: Timer | None = None
        self._pumping = False
        self._stopped = False

    def start(self) -> None:
        """Begin with what is stored."""
        self._load()
        if not self.delivery.ordered:
            self._ripen()

    def stop(self) -> None:
        """Deliver nothing more; what is out may still be reported."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()

    @property
    def idle(self) -> bool:
        """Whether nothing waits, be it for its time, is out, or is about to be forgotten."""
        waits = self._waiting or self._behind or self._ripening or self._ripe_at is not None
        return not (waits or self._out or self._handled)

    def arrived(self, message: StoredMessage) -> None:
        """Take notice of a message that was just committed."""
        if message.visible > message.sent and not self.delivery.ordered:
            self._expect(message.visible)
            return
        if self._behind or message.id <= self._seen:
            return
        if len(self._waiting) >= IN_MEMORY:
            self._behind = True
            return
        self._seen = message.id
        self._add(message)
        self.wake()

    def wake(self) -> None:
        """Deliver what can be delivered, soon."""
        if not self._pumping:
            self._pumping = True
            asyncio.get_running_loop().call_soon(self._pump)

    def _add(self, message: StoredMessage) -> None:
        visible = message.visible if message.visible > self._clock.time() else 0.0
        self._waiting.add(Entry(message), visible)

    def _expect(self, time: float) -> None:
        """Look for messages whose time has come at `time`, if not earlier."""
        if self._ripe_at is None or time < self._ripe_at:
            self._ripe_at = time
            self.wake()

    def _ripen(self) -> None:
        if not self._ripening:
            self._ripening = True
            self._database.post(self._ripened, queues.ripen, self.delivery.queue, IN_MEMORY // 2)

    def _ripened(
        self, result: tuple[Sequence[StoredMessage], float | None] | None, error: BaseException | None
    ) -> None:
        self._ripening = False
        if result is None:
            log.error("queue %s cannot be read: %s", self.delivery.queue, error)
            self._ripe_at = self._clock.time() + 1
        else:
            messages, self._ripe_at = result
            for message in messages:
                self._waiting.add(Entry(message), 0.0)
        self.wake()

    def _load(self) -> None:
        if not self._loading:
            self._loading = True
            load = partial(queues.load, waiting=self.delivery.ordered)
            self._database.post(self._loaded, load, self.delivery.queue, self._seen, IN_MEMORY // 2)

    def _loaded(self, messages: Sequence[StoredMessage] | None, error: BaseException | None) -> None:
        self._loading = False
        if messages is None:
            log.error("queue %s cannot be read: %s", self.delivery.queue, error)
            self._clock.call_at(self._clock.time() + 1, self._load)
            return
        for message in messages:
            self._seen = message.id
            self._add(message)
        self._behind = len(messages) == IN_MEMORY // 2
        self.wake()

    def _pump(self) -> None:
        self._pumping = False
        now = self._clock.time()
        while not self._stopped and len(self._out) < self.delivery.concurrency and self._batch_is_due(now):
            self._send(self._waiting.take(self.delivery.batch_size, now), now)
        if not self._stopped and len(self._waiting) < IN_MEMORY // 2:
            if self._behind:
                self._load()
            if self._ripe_at is not None and self._ripe_at <= now:
                self._ripen()
        self._set_timer(now)

    def _batch_is_due(self, now: float) -> bool:
        count = self._waiting.ready(now, self.delivery.batch_size)
        if count == 0:
            self._window_ends = None
            return False
        if count >= self.delivery.batch_size or not self.delivery.batch_window:
            return True
        if self._window_ends is None:
            self._window_ends = now + self.delivery.batch_window
        return now >= self._window_ends

    def _send(self, entries: Sequence[Entry], now: float) -> None:
        self._window_ends = None
        for entry in entries:
            if entry.gone:
                self._waiting.release(entry)
        batch = Batch(self, [entry for entry in entries if not entry.gone])
        if batch.entries:
            self._out.add(batch)
            batch.expiry = self._clock.call_at(now + self.delivery.lease, batch.expire)
            batch.send(self._executor)

    def _set_timer(self, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._stopped or len(self._out) >= self.delivery.concurrency:
            return
        candidates = (self._window_ends, self._waiting.next_visible(), self._ripe_at)
        times = [time for time in candidates if time is not None and time > now]
        if times:
            self._timer = self._clock.call_at(min(times), self.wake)

    def handled(self, entry: Entry) -> None:
        """Forget a message that its handler has done."""
        if not entry.gone:
            entry.gone = True
            self._waiting.release(entry)
            if not self._handled:
                asyncio.get_running_loop().call_soon(self._acknowledge)
            self._handled.append(entry.message.id)

    def _acknowledge(self) -> None:
        handled, self._handled = self._handled, []

        def acknowledged(_: Any, error: BaseException | None) -> None:
            if error is not None:
                log.error("queue %s cannot acknowledge: %s", self.delivery.queue, error)
                self._clock.call_at(self._clock.time() + 1, self._acknowledge)
                self._handled.extend(handled)

        self._database.post(acknowledged, queues.acknowledge, handled, guard=False)

    def failed(self, entry: Entry, failure: Failure) -> None:
        """Let a message wait for its next attempt, or bury it."""
        if entry.gone:
            return
        entry.attempts += 1
        retry_at = self._clock.time() + self.delivery.retry_after(entry.attempts)

        def counted(waits: bool | None, error: BaseException | None) -> None:
            if error is not None:
                log.error("queue %s cannot count a failure: %s", self.delivery.queue, error)
            if error is not None or (waits and self.delivery.ordered):
                self._waiting.add(entry, retry_at)
            else:
                entry.gone = True  # buried, or a row again until its time comes
                self._waiting.release(entry)
            if waits and not self.delivery.ordered:
                self._expect(retry_at)
            self.wake()

        arguments = (
            self.delivery.queue,
            entry.message.id,
            f"{failure.type}: {failure.message}",
            retry_at,
            self.delivery.dead_letters,
        )
        self._database.post(counted, queues.fail, *arguments)

    def returned(self, entries: Sequence[Entry]) -> None:
        """Put messages that were not tried back."""
        self._waiting.give_back(entry for entry in entries if not entry.gone)

    def finished(self, batch: Batch) -> None:
        """Make room for the next batch."""
        self._out.discard(batch)
        self.wake()


class Batch:
    """Messages that are out: each is reported once, or its lease expires."""

    __slots__ = ("_consumer", "_open", "entries", "expiry")

    def __init__(self, consumer: QueueConsumer, entries: Sequence[Entry]) -> None:
        self._consumer = consumer
        self.entries = entries
        self._open = set(range(len(entries)))
        self.expiry: Timer | None = None

    def send(self, executor: Executor) -> None:
        """Hand the messages to the function."""
        delivery = self._consumer.delivery
        records = [_record(entry, delivery.source) for entry in self.entries]
        future = executor.batch(delivery.function, delivery.kind, records, self.done, ordered=delivery.ordered)
        future.add_done_callback(self.end)

    def done(self, index: int, failure: Failure | None) -> None:
        """Take the report of one message."""
        self._open.discard(index)
        entry = self.entries[index]
        if failure is None:
            self._consumer.handled(entry)
        elif failure is NOT_STARTED:
            self._consumer.returned([entry])
        else:
            self._consumer.failed(entry, failure)

    def end(self, _: asyncio.Future[None]) -> None:
        """Take back what was never reported, once the function has ended."""
        if self.expiry is not None:
            self.expiry.cancel()
        self._consumer.returned([self.entries[index] for index in sorted(self._open)])
        self._open.clear()
        self._consumer.finished(self)

    def expire(self) -> None:
        """Let those that are still out be delivered again: their visibility timeout has passed."""
        self._consumer.returned([self.entries[index] for index in sorted(self._open)])
        self._open.clear()
        self._consumer.wake()


def _record(entry: Entry, source: str) -> Record:
    message = entry.message
    attributes: Mapping[str, str] = message.attributes
    return (
        str(message.id),
        message.body,
        dict(attributes),
        entry.attempts + 1,
        message.sent,
        message.group,
        None,
        source,
    )
