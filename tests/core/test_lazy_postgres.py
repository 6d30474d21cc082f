"""The documented example of `lazy`, with a real server: a pool of at most one connection for each instance."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from isthmus import lazy
from isthmus.context import Context
from isthmus.handler import Handler
from tests import postgres

BACKENDS = "select count(*) from pg_stat_activity where application_name = %s"


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    with postgres.server() as dsn:
        yield dsn


def count(pool: ConnectionPool[Any], application: str) -> Any:
    with pool.connection() as connection:
        row: TupleRow | None = connection.execute(BACKENDS, (application,)).fetchone()
    assert row is not None
    return row[0]


def test_fifty_threads_share_a_pool_of_one_connection(dsn: str) -> None:
    pools: list[ConnectionPool[Any]] = []

    @lazy
    def pool() -> ConnectionPool[Any]:
        pools.append(ConnectionPool(f"{dsn} application_name=threads", min_size=0, max_size=1, open=True, timeout=20))
        return pools[-1]

    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(count(pool(), "threads"))) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pools[0].close()

    assert len(pools) == 1
    assert counts == [1] * 50


def test_a_pool_outlives_the_event_that_opened_it(dsn: str) -> None:
    @lazy
    def pool() -> ConnectionPool[Any]:
        return ConnectionPool(f"{dsn} application_name=events", min_size=0, max_size=1, open=True)

    def handler(event: int) -> Any:
        with pool().connection() as connection:
            row: TupleRow | None = connection.execute(
                "select pg_backend_pid() * 0 + %s, pg_backend_pid()", (event,)
            ).fetchone()
        return row

    handle = Handler(handler)
    first, second = handle(1, Context()), handle(2, Context())
    pool().close()

    assert (first[0], second[0]) == (1, 2)
    assert first[1] == second[1]


def test_an_async_pool_is_opened_once_for_all_events_of_a_thread(dsn: str) -> None:
    @lazy
    async def pool() -> AsyncConnectionPool[Any]:
        opened: AsyncConnectionPool[Any] = AsyncConnectionPool(dsn, min_size=0, max_size=1, open=False)
        await opened.open()
        return opened

    async def ask() -> Any:
        async with (await pool()).connection() as connection:
            cursor = await connection.execute("select pg_backend_pid()")
            return await cursor.fetchone()

    async def handler(event: int) -> list[Any]:
        return await asyncio.gather(*(ask() for _ in range(5)))

    async def close(event: int) -> None:
        await (await pool()).close()

    handle = Handler(handler)
    backends = {row[0] for row in [*handle(1, Context()), *handle(2, Context())]}
    Handler(close)(3, Context())

    assert len(backends) == 1


def test_after_a_lost_server_connection_a_reset_brings_a_new_pool(dsn: str) -> None:
    pool = lazy(lambda: ConnectionPool[Any](dsn, min_size=0, max_size=1, open=True))
    pool().close()
    pool.reset()

    with pool().connection() as connection:
        row: TupleRow | None = connection.execute("select 1").fetchone()
    pool().close()
    assert row == (1,)
