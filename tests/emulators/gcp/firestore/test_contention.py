"""Two hundred writers of one document: nobody's change is lost, and losers are told so."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from typing import Any

from tests.emulators.gcp.firestore.conftest import PROJECT
from tests.emulators.gcp.firestore.library import async_transactional, errors, library, together, transactional
from tests.emulators.gcp.firestore.process import ROOT, Firestore

WRITERS = 200


def incremented(db: Any, letter: Any, *, attempts: int = 5) -> int:
    """Increment once in a transaction of its own function, and return how many attempts that took."""
    calls: list[None] = []

    @transactional
    def increment(transaction: Any) -> None:
        calls.append(None)
        n = letter.get(transaction=transaction).get("n")
        transaction.update(letter, {"n": n + 1})

    increment(db.transaction(max_attempts=attempts))
    return len(calls)


def test_two_hundred_transactions_all_count(db: Any, letter: Any) -> None:
    letter.set({"n": 0})

    attempts = together(WRITERS, WRITERS, lambda _: incremented(db, letter))

    assert letter.get().get("n") == WRITERS
    assert max(attempts) > 1  # there was contention


def test_two_hundred_increments_all_count(letter: Any) -> None:
    letter.set({"n": 0})

    together(WRITERS, WRITERS, lambda _: letter.update({"n": library.Increment(1)}))

    assert letter.get().get("n") == WRITERS


def test_transactions_and_increments_together_all_count(db: Any, letter: Any) -> None:
    letter.set({"n": 0})

    def write(number: int) -> None:
        if number % 2:
            letter.update({"n": library.Increment(1)})
        else:
            incremented(db, letter)

    together(50, 100, write)

    assert letter.get().get("n") == 100


def test_threads_that_share_one_transactional_function_lose_nothing(db: Any, letter: Any) -> None:
    # They share its retry id, and so name each other's transactions in their retries.
    letter.set({"n": 0})

    @transactional
    def increment(transaction: Any) -> None:
        n = letter.get(transaction=transaction).get("n")
        transaction.update(letter, {"n": n + 1})

    together(8, 100, lambda _: increment(db.transaction(max_attempts=50)))

    assert letter.get().get("n") == 100


def test_writers_that_check_the_version_lose_nothing(db: Any, letter: Any) -> None:
    letter.set({"n": 0})

    def write(_: int) -> None:
        while True:
            found = letter.get()
            try:
                letter.update({"n": found.get("n") + 1}, option=db.write_option(last_update_time=found.update_time))
            except errors.FailedPrecondition:
                time.sleep(random.uniform(0, 0.02))
            else:
                return

    together(10, 50, write)

    assert letter.get().get("n") == 50


def test_asynchronous_transactions_all_count(firestore: Firestore, name: str, letter: Any) -> None:
    letter.set({"n": 0})

    async def increment_all() -> None:
        db = firestore.client(PROJECT, asynchronous=True)
        mine = db.document(letter.path)

        async def one() -> None:
            @async_transactional
            async def increment(transaction: Any) -> None:
                n = (await mine.get(transaction=transaction)).get("n")
                transaction.update(mine, {"n": n + 1})

            await increment(db.transaction())

        await asyncio.gather(*[one() for _ in range(100)])
        await db._firestore_api.transport.close()

    asyncio.run(increment_all())

    assert letter.get().get("n") == 100


def test_processes_lose_nothing_to_each_other(firestore: Firestore, name: str, letter: Any) -> None:
    letter.set({"n": 0})
    script = (
        "import sys\n"
        "from tests.emulators.gcp.firestore.process import client\n"
        "from tests.emulators.gcp.firestore.test_contention import incremented\n"
        f"db = client({firestore.host!r}, {PROJECT!r})\n"
        f"for _ in range(20): incremented(db, db.document({letter.path!r}))\n"
    )
    workers = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) for _ in range(4)]

    assert [worker.wait(60) for worker in workers] == [0] * 4
    assert letter.get().get("n") == 80
