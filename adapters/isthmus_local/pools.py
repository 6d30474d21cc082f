"""Worker processes for all functions of an app: the `Executor` of `isthmus dev`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from isthmus_local.executor import Done, HttpResult, Record
from isthmus_local.job import BatchJob, HttpJob, TaskJob
from isthmus_local.pool import FunctionSpec, Limits, Operate, Pool


def _log(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # nobody may be there to read it
        print(line, file=sys.stderr, flush=True)


class WorkerPools:
    """One pool for each function; `operate` answers what workers ask, `directory` is where the app's modules are."""

    def __init__(
        self,
        functions: Iterable[FunctionSpec],
        *,
        operate: Operate,
        directory: Path,
        environment: Mapping[str, str] | None = None,
        log: Callable[[str], None] = _log,
        limits: Limits | None = None,
    ) -> None:
        base = dict(os.environ if environment is None else environment)
        self._loop = asyncio.get_running_loop()
        self._pools = {
            spec.name: Pool(spec, operate=operate, directory=directory, environment=base, log=log, limits=limits)
            for spec in functions
        }

    async def start(self) -> None:
        """Start the instances that functions keep warm."""
        for pool in self._pools.values():
            pool.start()

    async def stop(self, *, drain: float) -> None:
        """Take nothing new, give what is running `drain` seconds, then end it."""
        await asyncio.gather(*(pool.stop(drain=drain) for pool in self._pools.values()))

    def renew(self) -> None:
        """Let new processes take over, which import the handlers anew; what is running ends where it began."""
        for pool in self._pools.values():
            pool.renew()

    def http(self, function: str, request: tuple[Any, ...]) -> asyncio.Future[HttpResult]:
        """Run a request: see `Executor.http`."""
        pool = self._pools[function]
        future: asyncio.Future[HttpResult] = self._loop.create_future()
        pool.submit(HttpJob(pool.next_id(), request, future))
        return future

    def batch(
        self, function: str, kind: str, records: list[Record], done: Done, *, ordered: bool
    ) -> asyncio.Future[None]:
        """Run records: see `Executor.batch`."""
        pool = self._pools[function]
        future: asyncio.Future[None] = self._loop.create_future()
        pool.submit(BatchJob(pool.next_id(), kind, records, done, future, ordered=ordered))
        return future

    def task(self, function: str, payload: Any, meta: Mapping[str, Any]) -> asyncio.Future[Any]:
        """Run a payload: see `Executor.task`."""
        pool = self._pools[function]
        future: asyncio.Future[Any] = self._loop.create_future()
        pool.submit(TaskJob(pool.next_id(), function, payload, meta, future))
        return future
