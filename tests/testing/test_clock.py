"""Time that a test moves."""

from __future__ import annotations

import asyncio

from isthmus.testing import FakeClock


def test_calls_are_made_in_the_order_of_their_times_each_at_its_own() -> None:
    clock = FakeClock(now=100)
    made: list[tuple[str, float]] = []

    def make(name: str) -> None:
        made.append((name, clock.time()))

    for name, when in (("c", 130), ("a", 110), ("b", 110)):
        clock.call_at(when, make, name)
    while clock.step(120):
        pass

    assert made == [("a", 110), ("b", 110)]
    assert clock.time() == 120
    assert clock.step(130)
    assert made[-1] == ("c", 130)


def test_a_cancelled_call_is_not_made() -> None:
    clock = FakeClock()
    clock.call_at(clock.time() + 1, print).cancel()

    assert not clock.step(clock.time() + 2)


def test_a_call_may_ask_for_another_one_that_is_due_as_well() -> None:
    clock = FakeClock(now=0)
    made: list[float] = []

    def again() -> None:
        made.append(clock.time())
        clock.call_at(clock.time() + 10, again)

    clock.call_at(10, again)
    while clock.step(35):
        pass

    assert made == [10, 20, 30]


def test_time_never_goes_back() -> None:
    clock = FakeClock(now=50)
    clock.step(10)

    assert clock.time() == 50


def test_what_is_past_is_called_on_the_next_turn_of_the_loop() -> None:
    clock = FakeClock(now=100)
    made: list[str] = []

    async def main() -> None:
        clock.call_at(99, made.append, "past")
        clock.call_at(98, made.append, "cancelled").cancel()
        assert made == []
        await asyncio.sleep(0)

    asyncio.run(main())

    assert made == ["past"]
