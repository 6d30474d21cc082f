"""The consumer of a queue, with a real store, time that the test moves, and handlers that the test answers for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import pytest

from isthmus_local.chaos import Chaos
from isthmus_local.executor import NOT_STARTED
from isthmus_local.queue_consumer import Delivery, QueueConsumer
from isthmus_local.store import queues
from isthmus_local.store.database import Database, Notice
from isthmus_local.store.queues import DeadLetters
from isthmus_local.waiting import Grouped, Unordered, Waiting
from tests.local.bench import BROKEN, Handlers, ManualClock, on_a_loop, settle


class Bench:
    """A queue with its consumer, begun on a store."""

    def __init__(self, path: Path, *, waiting: Waiting | None = None, **options: Any) -> None:
        self.clock = ManualClock()
        self.handlers = Handlers()
        self.database = Database(path / "state.db", [queues.SCHEMA], clock=self.clock.time)
        delivery = Delivery(
            queue="Work",
            source="Work",
            kind="queue",
            function="Reserve",
            dead_letters=DeadLetters("WorkDeadLetters", 3),
            **options,
        )
        executor: Any = self.handlers
        self.consumer = QueueConsumer(
            delivery,
            Unordered() if waiting is None else waiting,
            executor=executor,
            database=self.database,
            clock=self.clock,
        )
        self.database.attach(asyncio.get_running_loop(), self._hear)

    def _hear(self, notices: Any) -> None:
        for notice in notices:
            assert isinstance(notice, Notice)
            if notice.args[0] == "Work":
                self.consumer.arrived(notice.args[1])

    async def __aenter__(self) -> Bench:
        self.consumer.start()
        await settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.consumer.stop()
        self.database.close()

    async def send(self, *bodies: str, **options: Any) -> list[str]:
        def send_all(tx: Any) -> list[str]:
            return [queues.send(tx, "Work", body.encode(), {"n": body}, **options) for body in bodies]

        ids = await asyncio.wrap_future(self.database.submit(send_all))
        await settle()
        return ids

    async def stored(self, queue: str) -> list[queues.StoredMessage]:
        return await asyncio.wrap_future(self.database.submit(queues.load, queue, 0, 10_000))


@on_a_loop
async def test_a_handled_message_is_forgotten(path: Path) -> None:
    async with Bench(path, batch_size=10) as bench:
        await bench.send("a", "b")
        await bench.handlers.end(0, None, None)

        assert bench.handlers.bodies == [[b"a", b"b"]]
        assert await bench.stored("Work") == []
        assert bench.consumer.idle


@on_a_loop
async def test_only_the_failed_message_of_a_batch_comes_again_and_later_each_time(path: Path) -> None:
    async with Bench(path, batch_size=3, retry_delay=2, max_retry_delay=3) as bench:
        await bench.send("a", "b", "c")
        await bench.handlers.end(0, None, BROKEN, None)
        await bench.clock.advance(1.9)
        waited = len(bench.handlers.batches)
        await bench.clock.advance(0.2)
        await bench.handlers.end(1, BROKEN)
        await bench.clock.advance(2.9)
        waited_longer = len(bench.handlers.batches)
        await bench.clock.advance(0.2)

        assert (waited, waited_longer) == (1, 2)
        assert bench.handlers.bodies == [[b"a", b"b", b"c"], [b"b"], [b"b"]]
        assert [records[0][3] for records, _, _ in bench.handlers.batches[1:]] == [2, 3]


@on_a_loop
async def test_after_its_last_attempt_a_message_is_a_dead_letter_whole_and_with_the_reason(path: Path) -> None:
    async with Bench(path) as bench:
        (identifier,) = await bench.send("poison")
        for attempt in range(3):
            await bench.handlers.end(attempt, BROKEN)
            await bench.clock.advance(61)
        (dead,) = await bench.stored("WorkDeadLetters")

        assert (dead.body, await bench.stored("Work"), len(bench.handlers.batches)) == (b"poison", [], 3)
        assert dead.attributes == {
            "n": "poison",
            "dead-letter-source": "Work",
            "dead-letter-id": identifier,
            "dead-letter-attempts": "3",
            "dead-letter-reason": "ValueError: no such item",
        }


@on_a_loop
async def test_a_message_whose_turn_did_not_come_is_delivered_again_without_an_attempt(path: Path) -> None:
    async with Bench(path, batch_size=2) as bench:
        await bench.send("a", "b")
        await bench.handlers.end(0, BROKEN, NOT_STARTED)

        assert bench.handlers.bodies == [[b"a", b"b"], [b"b"]]
        assert bench.handlers.batches[1][0][0][3] == 1


@on_a_loop
async def test_what_a_function_never_reported_is_delivered_again(path: Path) -> None:
    async with Bench(path, batch_size=2) as bench:
        await bench.send("a", "b")
        await bench.handlers.end(0, None)

        assert bench.handlers.bodies == [[b"a", b"b"], [b"b"]]


@on_a_loop
async def test_past_the_visibility_timeout_a_message_is_delivered_to_somebody_else(path: Path) -> None:
    async with Bench(path, lease=30, concurrency=2) as bench:
        await bench.send("slow")
        await bench.clock.advance(31)
        await bench.handlers.end(1, None)
        await bench.handlers.end(0, None)

        assert bench.handlers.bodies == [[b"slow"], [b"slow"]]
        assert await bench.stored("Work") == []


@on_a_loop
async def test_never_more_batches_are_out_than_the_concurrency_allows(path: Path) -> None:
    async with Bench(path, concurrency=2) as bench:
        await bench.send(*"abcde")
        out = len(bench.handlers.batches)
        await bench.handlers.end(0, None)

        assert (out, len(bench.handlers.batches)) == (2, 3)


@on_a_loop
async def test_a_batch_window_collects_messages_until_it_ends_or_the_batch_is_full(path: Path) -> None:
    async with Bench(path, batch_size=3, batch_window=30, concurrency=9) as bench:
        await bench.send("a")
        await bench.clock.advance(29)
        await bench.send("b")
        early = len(bench.handlers.batches)
        await bench.clock.advance(1)
        await bench.send("c", "d", "e")

        assert early == 0
        assert bench.handlers.bodies == [[b"a", b"b"], [b"c", b"d", b"e"]]


@on_a_loop
async def test_a_delayed_message_comes_when_its_time_has_come(path: Path) -> None:
    async with Bench(path) as bench:
        await bench.send("later", delay=10)
        await bench.send("now")
        await bench.handlers.end(0, None)
        await bench.clock.advance(10)

        assert bench.handlers.bodies == [[b"now"], [b"later"]]


@on_a_loop
async def test_a_restart_delivers_what_was_out_and_what_waited_and_remembers_the_attempts(path: Path) -> None:
    async with Bench(path, batch_size=1) as bench:
        await bench.send("failed", "out", "waiting")
        await bench.handlers.end(0, BROKEN)
    async with Bench(path, batch_size=10) as again:
        await again.clock.advance(100)
        delivered = {record[1]: record[3] for records, _, _ in again.handlers.batches for record in records}

        assert delivered == {b"failed": 2, b"out": 1, b"waiting": 1}


@on_a_loop
async def test_a_backlog_larger_than_memory_is_read_bit_by_bit_and_loses_nothing(path: Path) -> None:
    async with Bench(path, batch_size=1000, concurrency=1) as bench:
        await bench.send(*(str(n) for n in range(7500)))
        delivered: list[bytes] = []
        for number in range(100):
            if number == len(bench.handlers.batches):
                break
            records = bench.handlers.batches[number][0]
            delivered += [record[1] for record in records]
            if number == 2:
                await bench.send("late")
            await bench.handlers.end(number, *[None] * len(records))

        assert sorted(delivered) == sorted([b"late", *(str(n).encode() for n in range(7500))])
        assert await bench.stored("Work") == []


@on_a_loop
async def test_thousands_of_delayed_messages_hold_up_nobody_and_come_when_their_time_has_come(path: Path) -> None:
    async with Bench(path, batch_size=1000, concurrency=1) as bench:
        await bench.send(*(f"late {n}" for n in range(5000)), delay=600)
        await bench.send("now")
        await bench.handlers.end(0, None)
        await bench.clock.advance(600)
        for number in range(1, 100):
            if number == len(bench.handlers.batches):
                break
            await bench.handlers.end(number, *[None] * len(bench.handlers.batches[number][0]))
        delivered = [body for bodies in bench.handlers.bodies for body in bodies]

        assert delivered[0] == b"now"
        assert sorted(delivered[1:]) == sorted(f"late {n}".encode() for n in range(5000))
        assert bench.consumer.idle


@on_a_loop
async def test_thousands_of_failing_messages_hold_up_nobody_and_keep_their_attempts(path: Path) -> None:
    async with Bench(path, batch_size=1000, concurrency=1, retry_delay=30) as bench:
        await bench.send(*(f"bad {n}" for n in range(3000)))
        for number in range(3):
            await bench.handlers.end(number, *[BROKEN] * 1000)
        await bench.send("good")
        await bench.handlers.end(3, None)
        await bench.clock.advance(31)

        assert bench.handlers.bodies[3] == [b"good"]
        assert len(bench.handlers.bodies[4]) == 1000
        assert {record[3] for record in bench.handlers.batches[4][0]} == {2}


@on_a_loop
async def test_a_fifo_group_waits_for_its_failed_message_while_other_groups_go_on(path: Path) -> None:
    async with Bench(path, waiting=Grouped(), batch_size=2, concurrency=5, ordered=True) as bench:
        await bench.send("a1", "a2", "a3", group="a")
        await bench.send("b1", group="b")
        await bench.handlers.end(0, BROKEN, NOT_STARTED)
        before = bench.handlers.bodies
        await bench.clock.advance(1)
        await bench.handlers.end(2, None, None)

        assert before == [[b"a1", b"a2"], [b"b1"]]
        assert bench.handlers.bodies[2:] == [[b"a1", b"a2"], [b"a3"]]


@on_a_loop
async def test_a_fifo_duplicate_within_five_minutes_is_dropped_and_gets_the_first_ones_id(path: Path) -> None:
    async with Bench(path, waiting=Grouped(), ordered=True) as bench:
        (first,) = await bench.send("a", group="g", deduplicate="t")
        await bench.handlers.end(0, None)
        (second,) = await bench.send("a", group="g", deduplicate="t")
        await bench.clock.advance(301)
        (third,) = await bench.send("a", group="g", deduplicate="t")

        assert first == second != third
        assert bench.handlers.bodies == [[b"a"], [b"a"]]


@on_a_loop
async def test_chaos_doubles_and_reorders_but_loses_nothing(path: Path) -> None:
    chaos = Chaos(duplicates=0.5, reorder=True, random=Random(7))
    async with Bench(path, waiting=Unordered(chaos), batch_size=50) as bench:
        await bench.send(*(f"{n:03}" for n in range(100)))
        for number in range(50):
            if number == len(bench.handlers.batches):
                break
            await bench.handlers.end(number, *[None] * len(bench.handlers.batches[number][0]))
            await bench.clock.advance(1)
        delivered = [body for bodies in bench.handlers.bodies for body in bodies]

        assert set(delivered) == {f"{n:03}".encode() for n in range(100)}
        assert len(delivered) > 100
        assert delivered != sorted(delivered)
        assert await bench.stored("Work") == []


@pytest.mark.parametrize("waiting", [Unordered, Grouped])
def test_a_waiting_line_counts_what_it_holds(waiting: type[Unordered | Grouped]) -> None:
    line = waiting()

    assert (len(line), line.ready(0.0, 10), line.take(5, 0.0), line.next_visible()) == (0, 0, [], None)
