"""Where a test's app runs: the runtime, what hands it requests, and what runs its handlers."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from isthmus.declarations.api import Api
from isthmus.declarations.schedule import Schedule
from isthmus.http.response import HttpResponse
from isthmus.links import Link
from isthmus.plan import Plan
from isthmus.testing.faults import Faults
from isthmus_local import asgi_client, presign
from isthmus_local.asgi_client import AsgiApp, RawRequest
from isthmus_local.gateway import Gateway
from isthmus_local.inprocess import ThreadExecutor
from isthmus_local.linked import factories
from isthmus_local.loop_transport import LoopTransport
from isthmus_local.loopback import HOST, Loopback
from isthmus_local.runtime import Ask, ExecutorFactory, Options, Runtime
from isthmus_local.store import logs, schedules
from isthmus_local.worker_executor import worker_executor

OBJECTS = "objects"
"""What serves presigned addresses where the app has no api."""

REQUEST_TIMEOUT = 60.0
"""Seconds after which a request over HTTP has failed."""


class Stage:
    """A running app, on the event loop that made it; `over_http` sends requests through its HTTP server.

    Without it they go straight to the gateway, and the server starts when somebody follows a presigned address.
    """

    def __init__(self, plan: Plan, options: Options, executor: ExecutorFactory, *, over_http: bool) -> None:
        self._over_http = over_http
        self._apis = {resource.name: resource for resource in plan.app.resources if isinstance(resource, Api)}
        self._servers = {name: Loopback() for name in self._apis or [OBJECTS]}
        self._gateways: dict[str, AsgiApp] = {}
        self.runtime = Runtime(plan, executor, options)

    async def start(self) -> None:
        """Begin to deliver, and to answer."""
        objects = await self.runtime.start(next(iter(self._servers.values())).origin)
        self._gateways = {
            name: Gateway(api, self.runtime.executor, mounts={presign.PATH: objects})
            for name, api in self._apis.items()
        } or {OBJECTS: objects}
        for name, server in self._servers.items():
            server.serve(self._gateways[name])

    async def stop(self, *, drain: float) -> None:
        """Take everything down."""
        for server in self._servers.values():
            await server.close()
        await self.runtime.stop(drain=drain)

    async def request(self, api: str, request: RawRequest) -> HttpResponse:
        """Return the answer of an api."""
        port = self._servers[api].port
        if self._over_http:
            return await asyncio.get_running_loop().run_in_executor(None, _send, port, request)
        return await asgi_client.ask(self._gateways[api], request, host=HOST, port=port)

    async def fire(self, schedule: Schedule) -> None:
        """Let a schedule fire now."""
        await self.runtime.do(schedules.fire, schedule)

    async def replay(self, stream: str, function: str, since: float) -> None:
        """Deliver a stream's records from the time `since` on to a function again."""
        await self.runtime.do(partial(logs.seek, since=since), stream, function)

    @property
    def submitted(self) -> int:
        """How much handlers have been given so far."""
        executor = self.runtime.executor
        return executor.submitted if isinstance(executor, ThreadExecutor) else 0

    @property
    def idle(self) -> bool:
        """Whether no handler runs; with worker processes: nor anything waits, even for a later time."""
        executor = self.runtime.executor
        if isinstance(executor, ThreadExecutor):
            return executor.idle and self.runtime.workflows_idle
        return self.runtime.idle


def threads(plan: Plan, options: Options, faults: Faults) -> Stage:
    """Return a stage whose handlers run in threads of this process, with the faults that were asked for."""
    made: list[Runtime] = []

    def executor(plan: Plan, ask: Ask) -> ThreadExecutor:
        return ThreadExecutor(plan, ask, clients=clients, wrap=faults.wrap)

    def clients(transport: LoopTransport) -> Mapping[str, Callable[[Link], Any]]:
        return factories(transport, lambda: made[0].objects)

    stage = Stage(plan, options, executor, over_http=False)
    made.append(stage.runtime)
    return stage


def processes(plan: Plan, options: Options, directory: Path) -> Stage:
    """Return a stage whose handlers run in worker processes; `directory` is where the app's modules are."""

    return Stage(plan, options, worker_executor(options, directory), over_http=True)


def _send(port: int, request: RawRequest) -> HttpResponse:
    """Send a request over the network, exactly as it is, and return the answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=REQUEST_TIMEOUT)
    try:
        connection.putrequest(request.method, request.target, skip_accept_encoding=True)
        for name, value in request.headers:
            connection.putheader(name, value)
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            connection.putheader("content-length", str(len(request.body)))
        connection.endheaders(request.body)
        answer = connection.getresponse()
        return HttpResponse(answer.read(), status=answer.status, headers=answer.getheaders())
    finally:
        connection.close()
