from __future__ import annotations

import asyncio
import gc
import os
import threading
from typing import Any

import pytest

from isthmus import event_loop

FORKS = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
"""From 3.12 on Python warns of what these tests are about."""


async def here() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def in_thread(work: Any) -> Any:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    return results[0]


def test_a_thread_keeps_its_loop_from_one_event_to_the_next() -> None:
    first, second = in_thread(lambda: (event_loop.run(here()), event_loop.run(here())))

    assert first is second


def test_each_thread_has_a_loop_of_its_own_and_its_end_closes_it() -> None:
    first = in_thread(lambda: event_loop.run(here()))
    second = in_thread(lambda: event_loop.run(here()))
    gc.collect()

    assert first is not second
    assert first.is_closed()
    assert second.is_closed()


def test_a_loop_that_a_handler_closed_is_replaced() -> None:
    def work() -> Any:
        event_loop.run(here()).close()
        return event_loop.run(here())

    assert in_thread(work) is not None


def test_the_loop_survives_an_exception_and_an_exit() -> None:
    async def fail(error: BaseException) -> None:
        raise error

    def work() -> tuple[Any, Any]:
        before = event_loop.run(here())
        with pytest.raises(ValueError, match="x"):
            event_loop.run(fail(ValueError("x")))
        with pytest.raises(SystemExit):
            event_loop.run(fail(SystemExit(1)))
        return before, event_loop.run(here())

    before, after = in_thread(work)

    assert before is after


def test_a_call_from_inside_a_running_loop_is_refused_clearly() -> None:
    async def outer() -> None:
        event_loop.run(here())

    class Promise:
        def __await__(self) -> Any:
            yield

    async def with_promise() -> None:
        event_loop.run(Promise())

    for coroutine in (outer, with_promise):
        with pytest.raises(RuntimeError, match="thread of its own"):
            asyncio.run(coroutine())


@FORKS
def test_a_forked_process_leaves_the_loop_of_its_parent_alone() -> None:
    def work() -> bool:
        parents = event_loop.run(here())
        read, write = os.pipe()
        if os.fork() == 0:
            os.write(write, b"same" if event_loop.run(here()) is parents else b"own!")
            os._exit(0)
        answer = os.read(read, 4)
        os.wait()
        os.close(read)
        os.close(write)
        return answer == b"own!" and event_loop.run(here()) is parents

    assert in_thread(work)


def test_what_an_interrupted_coroutine_leaves_is_cancelled_and_the_loop_goes_on() -> None:
    class Interruption(KeyboardInterrupt):
        pass

    ended: list[str] = []

    async def interrupted() -> None:
        def interrupt() -> None:
            raise Interruption

        asyncio.get_running_loop().call_later(0.01, interrupt)
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    def work() -> bool:
        loop = event_loop.run(here())
        with pytest.raises(Interruption):
            event_loop.run(interrupted())
        event_loop.abandon()
        return event_loop.run(here()) is loop

    assert in_thread(work)
    assert ended == ["cancelled"]


def test_a_thread_without_a_loop_has_nothing_to_abandon() -> None:
    assert in_thread(event_loop.abandon) is None
