from __future__ import annotations

import asyncio
import functools
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from isthmus import lazy
from isthmus.handler import Handler

FORKS = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
"""From 3.12 on Python warns of what these tests are about."""


class Connection:
    pass


def test_what_is_lazy_is_made_on_the_first_call_and_kept() -> None:
    made: list[Connection] = []

    @lazy
    def database() -> Connection:
        made.append(Connection())
        return made[-1]

    assert made == []
    assert database() is database()
    assert len(made) == 1


def test_a_connect_that_returns_none_is_called_once() -> None:
    made: list[int] = []
    nothing = lazy(lambda: made.append(1))

    nothing()
    nothing()

    assert made == [1]


def test_fifty_threads_connect_once() -> None:
    made: list[Connection] = []
    barrier = threading.Barrier(50, timeout=20)

    @lazy
    def database() -> Connection:
        time.sleep(0.02)
        made.append(Connection())
        return made[-1]

    seen: list[Connection] = []

    def use() -> None:
        barrier.wait()
        seen.append(database())

    threads = [threading.Thread(target=use) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert seen == made * 50


def test_a_connect_that_fails_is_tried_again() -> None:
    tries: list[int] = []

    @lazy
    def database() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionError("not yet")
        return "connected"

    for _ in range(2):
        with pytest.raises(ConnectionError, match="not yet"):
            database()
    assert database() == "connected"
    assert database() == "connected"
    assert len(tries) == 3


def test_a_reset_connects_anew() -> None:
    database = lazy(Connection)
    first = database()
    database.reset()
    database.reset()

    assert database() is not first


def test_a_function_that_returns_a_coroutine_is_refused() -> None:
    async def connect() -> Connection:
        return Connection()

    def wrapper() -> Any:
        return connect()

    database: Any = lazy(wrapper)

    with pytest.raises(TypeError, match="write it as async def"):
        database()


def in_child(work: Callable[[], bool]) -> bool:
    """Tell what `work` returns in a forked process."""
    process = os.fork()
    if process == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    return os.waitpid(process, 0)[1] == 0


@FORKS
def test_a_forked_process_connects_for_itself() -> None:
    database = lazy(Connection)
    parents = database()

    assert in_child(lambda: database() is not parents)
    assert database() is parents


@FORKS
def test_a_fork_while_another_thread_connects_does_not_hang_the_child() -> None:
    started, finish = threading.Event(), threading.Event()

    @lazy
    def database() -> Connection:
        started.set()
        finish.wait(10)
        return Connection()

    thread = threading.Thread(target=database)
    thread.start()
    started.wait(10)

    def connect() -> bool:
        finish.set()
        return database() is database()

    assert in_child(connect)
    finish.set()
    thread.join()


async def slowly(made: list[Connection]) -> Connection:
    await asyncio.sleep(0.01)
    made.append(Connection())
    return made[-1]


def test_an_async_connect_is_awaited_and_kept_by_the_loop() -> None:
    made: list[Connection] = []
    database = lazy(functools.partial(slowly, made))

    async def handler(event: int) -> int:
        return id(await database())

    handle = Handler(handler)

    assert handle(1, None) == handle(2, None)
    assert len(made) == 1


def test_many_tasks_of_one_loop_connect_once() -> None:
    made: list[Connection] = []
    database = lazy(functools.partial(slowly, made))

    async def use() -> list[Connection]:
        return await asyncio.gather(*(database() for _ in range(50)))

    assert asyncio.run(use()) == made * 50
    assert len(made) == 1


def test_each_loop_connects_for_itself_and_closed_ones_are_forgotten() -> None:
    made: list[Connection] = []
    database: Any = lazy(functools.partial(slowly, made))

    first, second = asyncio.run(database()), asyncio.run(database())

    assert first is not second
    assert len(database._tasks) == 1


def test_an_async_connect_that_fails_is_tried_again() -> None:
    tries: list[int] = []

    @lazy
    async def database() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError("not yet")
        return "connected"

    async def use() -> str:
        with pytest.raises(ConnectionError, match="not yet"):
            await database()
        return await database()

    assert asyncio.run(use()) == "connected"


def test_a_waiter_that_gives_up_does_not_end_the_connect_of_the_others() -> None:
    made: list[Connection] = []
    database = lazy(functools.partial(slowly, made))

    async def use() -> Connection:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(database(), 0.001)
        return await database()

    assert [asyncio.run(use())] == made


def test_a_connect_that_fails_after_everybody_gave_up_is_tried_again() -> None:
    tries: list[int] = []

    @lazy
    async def database() -> str:
        tries.append(1)
        await asyncio.sleep(0.01)
        if len(tries) == 1:
            raise ConnectionError("not yet")
        return "connected"

    async def use() -> str:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(database(), 0.001)
        await asyncio.sleep(0.05)
        return await database()

    assert asyncio.run(use()) == "connected"


def test_an_async_reset_connects_anew() -> None:
    made: list[Connection] = []
    database = lazy(functools.partial(slowly, made))

    async def use() -> bool:
        first = await database()
        database.reset()
        return first is not await database()

    assert asyncio.run(use())
