"""The consumer of a log's shard, with a real store, time that the test moves, and handlers that it answers for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from isthmus_local.chaos import CALM, Chaos
from isthmus_local.executor import NOT_STARTED
from isthmus_local.log_consumer import LogConsumer, Reading
from isthmus_local.store import logs, queues
from isthmus_local.store.database import Database, Notice
from tests.local.bench import BROKEN, Handlers, ManualClock, on_a_loop, settle


class Bench:
    """A stream of one shard with its consumer, begun on a store."""

    def __init__(self, path: Path, *, chaos: Chaos = CALM, **options: Any) -> None:
        self.clock = ManualClock()
        self.handlers = Handlers()
        self.database = Database(path / "state.db", [queues.SCHEMA, logs.SCHEMA], clock=self.clock.time)
        reading = Reading(
            name="Clicks", shard=0, kind="stream", function="Collect", dead_letters="ClicksDeadLetters", **options
        )
        executor: Any = self.handlers
        self.consumer = LogConsumer(reading, executor=executor, database=self.database, clock=self.clock, chaos=chaos)
        self.database.attach(asyncio.get_running_loop(), self._hear)

    def _hear(self, notices: Sequence[Notice]) -> None:
        if any(notice.topic == "log" for notice in notices):
            self.consumer.wake()

    async def __aenter__(self) -> Bench:
        self.consumer.start()
        await settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.consumer.stop()
        await asyncio.sleep(0)
        self.database.close()

    async def put(self, *bodies: str) -> None:
        """Append records, each under its first letter as key."""

        def append(tx: Any) -> None:
            for body in bodies:
                logs.append(tx, "Clicks", body[:1].encode(), body.encode(), 1, {"n": body})

        await asyncio.wrap_future(self.database.submit(append))
        await settle()

    async def parked(self) -> list[queues.StoredMessage]:
        """Return the dead letters."""
        return await asyncio.wrap_future(self.database.submit(queues.load, "ClicksDeadLetters", 0, 100))

    async def seek(self, since: float) -> None:
        """Let the consumer read again."""
        await asyncio.wrap_future(self.database.submit(lambda tx: logs.seek(tx, "Clicks", "Collect", since=since)))
        await settle()


@on_a_loop
async def test_records_come_in_order_and_a_restart_goes_on_after_the_last_handled(path: Path) -> None:
    async with Bench(path, batch_size=2) as bench:
        await bench.put("a1", "b1", "a2")
        await bench.handlers.end(0, None, None)

        assert bench.handlers.bodies == [[b"a1", b"b1"], [b"a2"]]
    async with Bench(path, batch_size=2) as again:
        assert again.handlers.bodies == [[b"a2"]]


@on_a_loop
async def test_a_failing_record_is_tried_alone_then_parked_and_the_rest_goes_on(path: Path) -> None:
    async with Bench(path, max_attempts=3) as bench:
        await bench.put("a1", "a2", "b1")
        await bench.handlers.end(0, BROKEN, NOT_STARTED, None)
        await bench.clock.advance(1)
        await bench.handlers.end(1, BROKEN)
        await bench.clock.advance(2)
        await bench.handlers.end(2, BROKEN)
        await bench.handlers.end(3, None)
        (dead,) = await bench.parked()

        assert bench.handlers.bodies == [[b"a1", b"a2", b"b1"], [b"a1"], [b"a1"], [b"a2"]]
        assert [batch[0][0][3] for batch in bench.handlers.batches] == [1, 2, 3, 1]
        assert (dead.body, dead.attributes["n"]) == (b"a1", "a1")
        assert dead.attributes["dead-letter-reason"] == "ValueError: no such item"
        assert dead.attributes["dead-letter-attempts"] == "3"
        assert bench.consumer.idle


@on_a_loop
async def test_attempts_are_counted_across_restarts(path: Path) -> None:
    async with Bench(path, max_attempts=2) as bench:
        await bench.put("a1")
        await bench.handlers.end(0, BROKEN)
    async with Bench(path, max_attempts=2) as again:
        await again.handlers.end(0, BROKEN)

        assert [message.body for message in await again.parked()] == [b"a1"]


@on_a_loop
async def test_a_batch_window_collects_records(path: Path) -> None:
    async with Bench(path, batch_window=30) as bench:
        await bench.put("a1")
        await bench.clock.advance(29)
        await bench.put("a2")
        early = len(bench.handlers.batches)
        await bench.clock.advance(1)

        assert (early, bench.handlers.bodies) == (0, [[b"a1", b"a2"]])


@on_a_loop
async def test_a_replay_delivers_what_was_kept_again_even_while_a_batch_is_out(path: Path) -> None:
    async with Bench(path) as bench:
        await bench.put("a1")
        await bench.handlers.end(0, None)
        await bench.clock.advance(10)
        await bench.put("a2")
        await bench.seek(1000.0)
        await bench.handlers.end(1, None)

        assert bench.handlers.bodies == [[b"a1"], [b"a2"], [b"a1", b"a2"]]


@on_a_loop
async def test_chaos_delivers_some_batches_twice(path: Path) -> None:
    async with Bench(path, chaos=Chaos(duplicates=0.5, random=Random(3)), batch_size=1) as bench:
        await bench.put(*(f"a{n}" for n in range(10)))
        for number in range(100):
            if number == len(bench.handlers.batches):
                break
            await bench.handlers.end(number, None)
        delivered = [body for bodies in bench.handlers.bodies for body in bodies]

        assert sorted(set(delivered)) == sorted(f"a{n}".encode() for n in range(10))
        assert len(delivered) > 10
