"""What `isthmus dev` serves an app with, without its watching and planning, and able to kill itself at a chosen moment.

`python -m tests.local.kill_server STATE PORT DURABILITY [POINT COUNT]`, in the project's folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from isthmus.declarations.api import Api
from isthmus.plan import Plan
from isthmus.serve import Failure
from isthmus_local import planning, presign
from isthmus_local.executor import Done, Executor, HttpResult, Record
from isthmus_local.gateway import Gateway
from isthmus_local.runtime import Ask, ExecutorFactory, Options, Runtime
from isthmus_local.secret_store import DATABASE
from isthmus_local.server import ApiServer, listen
from isthmus_local.state_lock import StateLock
from isthmus_local.store import buckets, logs, queues
from isthmus_local.store.database import Durability
from isthmus_local.worker_executor import worker_executor

POINTS = (
    "asked",  # a worker asked for an operation, which nobody has begun
    "answer",  # an operation is committed, and the worker does not know it yet
    "response",  # a handler has answered, and the client does not know it yet
    "handled",  # a handler is through with an event, which is not acknowledged
    "acknowledge",  # within the transaction that forgets handled messages
    "advance",  # within the transaction that moves a position of a log
    "fail",  # within the transaction that counts a failure
    "bury",  # within the transaction that moves a message to its dead letters
    "park",  # within the transaction that parks a stream's record
    "file",  # an object's file is written, and its row is not
    "checkpoint",  # the log of the store is being copied into its file
    "sweep",  # in the middle of what is done at a start
)
"""The moments at which a kill finds something half done."""


class Fuse:
    """Kills this process when `point` is reached for the `count`-th time."""

    def __init__(self, point: str = "", count: int = 0) -> None:
        self._point = point
        self._left = count

    def burn(self, point: str) -> None:
        """Note that a point is reached."""
        if point == self._point:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def checkpoint(self, store: Path) -> None:
        """Let the kill come while another thread copies the store's log into its file."""

        def copy() -> None:
            sqlite3.connect(store).execute("PRAGMA wal_checkpoint(PASSIVE)")

        if self._point == "checkpoint" and self._left == 1:
            threading.Thread(target=copy, daemon=True).start()
            time.sleep(random.uniform(0, 0.004))
        self.burn("checkpoint")

    def within(self, module: Any, name: str, point: str) -> None:
        """Let `point` be in the middle of a transaction: when a function of the store has done its part."""
        op: Callable[..., Any] = getattr(module, name)

        def watched(*args: Any, **options: Any) -> Any:
            result = op(*args, **options)
            self.burn(point)
            return result

        setattr(module, name, watched)

    def after(self, future: asyncio.Future[Any], point: str) -> asyncio.Future[Any]:
        """Let `point` be the moment when a future is done, before anybody else hears of it."""
        future.add_done_callback(lambda _: self.burn(point))
        return future


class FusedExecutor:
    """Worker processes whose news can be the last thing that this process hears."""

    def __init__(self, executor: Executor, fuse: Fuse) -> None:
        self._executor = executor
        self._fuse = fuse

    async def start(self) -> None:
        await self._executor.start()

    async def stop(self, *, drain: float) -> None:
        await self._executor.stop(drain=drain)

    def http(self, function: str, request: tuple[Any, ...]) -> asyncio.Future[HttpResult]:
        return self._fuse.after(self._executor.http(function, request), "response")

    def batch(
        self, function: str, kind: str, records: list[Record], done: Done, *, ordered: bool
    ) -> asyncio.Future[None]:
        def heard(index: int, failure: Failure | None) -> None:
            if failure is None:
                self._fuse.burn("handled")
            done(index, failure)

        return self._executor.batch(function, kind, records, heard, ordered=ordered)

    def task(self, function: str, payload: Any, meta: Mapping[str, Any]) -> asyncio.Future[Any]:
        return self._executor.task(function, payload, meta)


def fused(fuse: Fuse, options: Options, root: Path) -> ExecutorFactory:
    make = worker_executor(options, root)

    def executor(plan: Plan, ask: Ask) -> Executor:
        def asked(function: str, op: str, resource: str, args: Sequence[Any]) -> asyncio.Future[Any]:
            fuse.checkpoint(options.directory / DATABASE)
            fuse.burn("file" if op == "bucket.put" else "asked")
            return fuse.after(ask(function, op, resource, args), "answer")

        return FusedExecutor(make(plan, asked), fuse)

    return executor


async def serve(state: Path, port: int, durability: Durability, fuse: Fuse) -> None:
    root = Path.cwd()
    plan, _ = planning.load("kill_app.py", state.name, root)
    fuse.within(queues, "acknowledge", "acknowledge")
    fuse.within(logs, "advance", "advance")
    fuse.within(queues, "fail", "fail")
    fuse.within(queues, "bury", "bury")
    fuse.within(queues, "dead_letter_attributes", "park")
    fuse.within(buckets, "files", "sweep")
    options = Options(directory=state, durability=durability)
    runtime = Runtime(plan, fused(fuse, options, root), options)
    api = next(resource for resource in plan.resources if isinstance(resource, Api))
    server = ApiServer(listen(port))
    objects = await runtime.start(server.url)
    server.switch(Gateway(api, runtime.executor, mounts={presign.PATH: objects}))
    server.start()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await asyncio.gather(server.stop(), runtime.stop(drain=0.5))


def end_with(parent: int) -> None:
    """End when the test that started this process has ended, however it did."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def main() -> None:
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    directory, port, durability, *fuse = sys.argv[1:]
    state = Path(directory)
    lock = StateLock(state)
    point, count = fuse or ("", "0")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(state, int(port), cast("Durability", durability), Fuse(point, int(count))))
    lock.release()


if __name__ == "__main__":
    main()
