from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.emulators.gcp.firestore.conftest import PROJECT
from tests.emulators.gcp.firestore.library import errors, fails, library
from tests.emulators.gcp.firestore.process import Firestore

Run = Callable[[Callable[[Any], Awaitable[None]]], None]


@pytest.fixture
def run(firestore: Firestore, letters: Any) -> Run:
    """Run a coroutine function with the test's collection, as an asynchronous client has it."""

    async def with_client(test: Callable[[Any], Awaitable[None]]) -> None:
        db = firestore.client(PROJECT, asynchronous=True)
        await test(db.collection(letters.id))
        await db._firestore_api.transport.close()

    return lambda test: asyncio.run(with_client(test))


def test_it_writes_reads_and_deletes(run: Run) -> None:
    async def test(letters: Any) -> None:
        letter = letters.document("a")
        await letter.create({"n": 1})
        await letter.update({"n": library.Increment(1)})
        with fails(errors.AlreadyExists):
            await letter.create({"n": 1})

        assert (await letter.get()).get("n") == 2
        await letter.delete()
        assert not (await letter.get()).exists

    run(test)


def test_it_queries(run: Run) -> None:
    async def test(letters: Any) -> None:
        for number in range(3):
            await letters.document(str(number)).set({"n": number})

        assert [found.id async for found in letters.order_by("n").start_after({"n": 0}).stream()] == ["1", "2"]
        assert (await letters.count().get())[0][0].value == 3

    run(test)


def test_hundreds_of_writes_at_once_all_arrive(run: Run) -> None:
    async def test(letters: Any) -> None:
        await asyncio.gather(*[letters.document(str(number)).set({"n": number}) for number in range(300)])

        assert len([found async for found in letters.stream()]) == 300

    run(test)
