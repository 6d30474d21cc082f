"""A deployed function as Cloud Run runs it: as many instances as its requests need, and no more than it may have.

- An instance has at most `maxInstanceRequestConcurrency` requests at once (1 where none is set, as a function of less
  than one CPU must). https://cloud.google.com/functions/docs/configuring/concurrency
- There are at most `maxInstanceCount` instances (100 where none is set). What finds none free waits for about ten
  seconds and is then answered 429. https://cloud.google.com/run/docs/about-instance-autoscaling
- A request that lasts longer than `timeoutSeconds` (60 where none is set) is answered 504, and the instance goes on.
  https://cloud.google.com/run/docs/configuring/request-timeout
- An instance that does not start, or dies, is a 500 or 503 to whoever waits for it; the next request gets another.
  https://cloud.google.com/run/docs/troubleshooting
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import httpcore

from tests.emulators.gcp.calls import Answer, Request, UnansweredError, send
from tests.emulators.gcp.instance import Instance, StartError
from tests.emulators.gcp.resources import Inputs, within

PENDING = 10.0
"""Seconds that a request waits for an instance."""

KEPT = 200
"""Parts of what ended instances wrote that are kept."""


class Limits:
    """What a function's `serviceConfig` says of its instances."""

    def __init__(self, config: Inputs) -> None:
        self.instances = int(config.get("maxInstanceCount") or 100)
        self.concurrency = int(config.get("maxInstanceRequestConcurrency") or 1)
        self.timeout = float(config.get("timeoutSeconds") or 60)


class Service:
    """The instances of one function; `bundle` unpacks its source when the first one starts."""

    def __init__(
        self,
        name: str,
        function: Inputs,
        variables: Callable[[], Mapping[str, str]],
        bundle: Callable[[], Awaitable[Path]],
        connections: httpcore.AsyncConnectionPool,
    ) -> None:
        self.name = name
        self.limits = Limits(within(function, "serviceConfig"))
        self.instances: list[Instance] = []
        self._target = str(within(function, "buildConfig").get("entryPoint") or "")
        self._variables = variables
        self._bundle = bundle
        self._connections = connections
        self._written: deque[str] = deque(maxlen=KEPT)
        self._freed = asyncio.Condition()

    @property
    def log(self) -> str:
        """What its instances have written."""
        return "".join([*self._written, *(instance.log for instance in self.instances)])

    async def answer(self, request: Request) -> Answer:
        """Answer a request by an instance."""
        try:
            instance = await self._claim()
        except StartError as error:
            self._written.append(f"{error}\n")
            return Answer(503, b"the instance did not start")
        except TimeoutError:
            return Answer(429, b"Rate exceeded.")
        try:
            return await asyncio.wait_for(self._ask(instance, request), self.limits.timeout)
        except TimeoutError:
            return Answer(504, b"upstream request timeout")
        except UnansweredError as error:
            self._written.append(f"{error}\n")
            return Answer(503, b"the instance died")
        finally:
            await self._release(instance)

    def idle(self) -> list[Instance]:
        """Return the instances that answer nobody."""
        return [instance for instance in self.instances if not instance.busy]

    def end(self, instance: Instance) -> None:
        """End an instance."""
        if instance in self.instances:
            self.instances.remove(instance)
            self._written.append(instance.stop())

    def stop(self) -> None:
        """End all of them."""
        for instance in list(self.instances):
            self.end(instance)

    async def _ask(self, instance: Instance, request: Request) -> Answer:
        return await send(self._connections, instance.origin, request, self.limits.timeout + 5)

    async def _claim(self) -> Instance:
        """Return an instance that has room, started where it must be."""
        bundle = await self._bundle()
        async with asyncio.timeout(PENDING), self._freed:
            while (instance := self._free(bundle)) is None:
                await self._freed.wait()
        instance.busy += 1
        try:
            assert instance.ready is not None
            await asyncio.shield(instance.ready)
        except BaseException as error:
            await self._release(instance)
            if isinstance(error, StartError):
                self.end(instance)
            raise
        return instance

    def _free(self, bundle: Path) -> Instance | None:
        """Return the instance with the most requests that has room for one more; a new one where none has."""
        for ended in [instance for instance in self.instances if instance.has_ended()]:
            self.end(ended)
        free = [instance for instance in self.instances if instance.busy < self.limits.concurrency]
        if free:
            return max(free, key=lambda instance: instance.busy)
        if len(self.instances) >= self.limits.instances:
            return None
        instance = Instance(bundle, self._target, self._variables())
        instance.ready = asyncio.ensure_future(instance.listening())
        self.instances.append(instance)
        return instance

    async def _release(self, instance: Instance) -> None:
        async with self._freed:
            instance.busy -= 1
            instance.used = time.monotonic()
            self._freed.notify_all()
