"""Operations of the store that may compute for long: that is done in a thread, while the store serves others.

An operation that is broken off is rolled back, and tried again with what the thread has found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from isthmus.errors import ServiceError
from isthmus.workflows.tape import TakesLongError, Tape
from isthmus_local.store.database import Database, Transaction

SECONDS = 0.02
"""How long the operations of one commit may compute in all: so long nobody else is served."""

THREADS = 1
"""How many threads compute at once: more would not be done sooner, and take their turns from whoever serves requests.

They all share one interpreter of Python.
"""


class Attempt:
    """An operation, with the tape of its tries."""

    def __init__(self, op: Callable[..., Any]) -> None:
        self._op = op
        self._tape = Tape()

    def __call__(self, tx: Transaction, *args: Any) -> Any:
        """Try once more, at the time of the first try; `TakesLongError` where it was broken off."""
        now = tx.now
        with self._tape.played(SECONDS - tx.computed):
            left, tx.now = self._tape.left, self._tape.draw("transaction", lambda: now)
            try:
                return self._op(tx, *args)
            finally:
                tx.now = now
                tx.computed += max(0.0, left - self._tape.left)


class Attempts:
    """Posts operations to the store, as often as it takes; made and used on the event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="isthmus-computing")
        self._stopped = False

    def stop(self) -> None:
        """Compute nothing more, and say so to whoever waits for it: the next run of the app does what is owed."""
        self._stopped = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    def post(self, callback: Callable[[Any, BaseException | None], None], op: Callable[..., Any], *args: Any) -> None:
        """Do as the store's own `post`: `callback` hears what the last try has come to."""
        self._try(callback, Attempt(op), args)

    async def do(self, op: Callable[..., Any], *args: Any) -> Any:
        """Return what an operation comes to, durable."""
        attempt = Attempt(op)
        while True:
            try:
                return await asyncio.wrap_future(self._database.submit(attempt, *args))
            except TakesLongError as error:
                await self._compute(error)

    def _try(
        self, callback: Callable[[Any, BaseException | None], None], attempt: Attempt, args: tuple[Any, ...]
    ) -> None:
        def tried(result: Any, error: BaseException | None) -> None:
            if not isinstance(error, TakesLongError):
                callback(result, error)
            elif self._stopped:
                callback(None, _stopping())
            else:
                self._compute(error).add_done_callback(again)

        def again(_: asyncio.Future[None]) -> None:
            if self._stopped:
                callback(None, _stopping())
            else:
                self._try(callback, attempt, args)

        self._database.post(tried, attempt, *args)

    def _compute(self, error: TakesLongError) -> asyncio.Future[None]:
        return self._loop.run_in_executor(self._threads, error.work)


def _stopping() -> ServiceError:
    return ServiceError("this takes long, and the app is stopping")
