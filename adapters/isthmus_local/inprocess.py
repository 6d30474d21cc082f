"""Runs handlers in threads of this process: the `Executor` of tests, quick to start and easy to debug.

Everything else is as with worker processes: events and answers pass through the same frames, so that nothing is shared
by accident, and a link's client asks the runtime. Two things differ. A thread cannot be ended: one that overruns its
function's timeout is left to itself, its event has failed, and whatever it asks or answers later is refused. And a
handler that starts threads of its own does not find `Resource` there, as all functions share one process.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import Any

from isthmus import handler as handlers
from isthmus import resource
from isthmus.links import Identity, Link
from isthmus.plan import Plan
from isthmus.serve import Handle
from isthmus_local.channel import HEADER, REPORT, RESULT, unpack
from isthmus_local.executor import (
    BrokenHandlerError,
    BusyError,
    CrashedError,
    Done,
    ExecutionError,
    HttpResult,
    Record,
    StoppedError,
    TimedOutError,
)
from isthmus_local.job import BatchJob, HttpJob, Job, TaskJob
from isthmus_local.loop_transport import LoopTransport, still_wanted, work_for
from isthmus_local.service import Service

CONCURRENCY = 8
"""How many events of one function are handled at once, where it does not say."""

Clients = Callable[["LoopTransport"], Mapping[str, Callable[[Link], Any]]]
"""Returns the factories of linked clients over a transport."""

Wrap = Callable[[str, Handle], Handle]
"""Returns the handler of a function with whatever a test adds to it."""

log = logging.getLogger("isthmus.local")


class Runner(threading.Thread):
    """One instance of a function: a thread that takes one event at a time."""

    def __init__(self, owner: ThreadedFunction) -> None:
        super().__init__(name=f"isthmus-{owner.identity.function}", daemon=True)
        self.abandoned = False
        self.job: Job | None = None
        self.timer: asyncio.TimerHandle | None = None
        self._owner = owner
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()

    def give(self, job: Job) -> None:
        """Handle a job."""
        self.job = job
        self._jobs.put(job)

    def leave(self) -> None:
        """End after what was given."""
        self._jobs.put(None)

    def run(self) -> None:
        """Handle what is given, until told to leave or abandoned."""
        work_for(self)
        while (job := self._jobs.get()) is not None and not self.abandoned:
            error = self._serve(job)
            self._owner.post(self._owner.ended, self, job, error)

    def _serve(self, job: Job) -> ExecutionError | None:
        name = self._owner.identity.function
        try:
            service = self._owner.service()
        except BaseException as error:
            return BrokenHandlerError(name, "".join(traceback.format_exception(error)).rstrip())
        try:
            service.invoke(job.id, unpack(job.frame[HEADER.size :]))
        except KeyboardInterrupt as error:
            return CrashedError(name, str(error) or type(error).__name__)
        return None


class ThreadedFunction:
    """One function: its handler, loaded on first use, its threads, and the jobs that wait for one.

    All but `service`, `send` and `post` belongs to the event loop's thread.
    """

    def __init__(self, identity: Identity, *, concurrency: int, transport: LoopTransport, clients: Clients, wrap: Wrap):
        self.identity = identity
        self._loop = asyncio.get_running_loop()
        self._concurrency = concurrency
        self._clients = clients(transport)
        self._wrap = wrap
        self._service: Service | None = None
        self._scope = resource.Scope(identity, self._clients)
        self._loading = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._free: list[Runner] = []
        self._busy: dict[int, Runner] = {}

    def service(self) -> Service:
        """Return what serves events on the calling thread, where `Resource` is this function's from now on."""
        resource.scope.set(self._scope)
        with self._loading:
            if self._service is None:
                handler = self._wrap(self.identity.function, handlers.load(self.identity.handler))
                self._service = Service(self.identity, handler, self.send)
            return self._service

    def send(self, frame: bytes) -> None:
        """Take a frame of a service."""
        still_wanted()
        self.post(self._receive, frame)

    def post(self, callback: Callable[..., None], *args: Any) -> None:
        """Run `callback(*args)` on the loop; nothing happens where it is closed."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, *args)

    def submit(self, job: Job) -> None:
        """Run a job as soon as a thread is free."""
        self._waiting.append(job)
        self._pump()

    def _pump(self) -> None:
        while self._waiting and len(self._busy) < self._concurrency:
            job = self._waiting.popleft()
            if not job.abandoned:
                self._begin(self._free.pop() if self._free else self._new(), job)

    def _new(self) -> Runner:
        runner = Runner(self)
        runner.start()
        return runner

    def _begin(self, runner: Runner, job: Job) -> None:
        self._busy[job.id] = runner
        self._set_timer(runner)
        runner.give(job)

    def _set_timer(self, runner: Runner) -> None:
        if runner.timer is not None:
            runner.timer.cancel()
        runner.timer = self._loop.call_later(self.identity.timeout, self._overran, runner)

    def _receive(self, frame: bytes) -> None:
        _, id, kind = HEADER.unpack_from(frame)
        runner = self._busy.get(id)
        if runner is None or runner.job is None:
            return
        if kind == RESULT:
            runner.job.finish(frame[HEADER.size :])
        elif kind == REPORT:
            runner.job.progress(frame[HEADER.size :])
            self._set_timer(runner)

    def _overran(self, runner: Runner) -> None:
        timeout = self.identity.timeout
        self._abandon(runner, TimedOutError(self.identity.function, f"ran longer than its timeout of {timeout:g} s"))
        self._pump()

    def _abandon(self, runner: Runner, error: ExecutionError) -> None:
        """Let the event of a runner fail, and forget the thread: it cannot be ended."""
        runner.abandoned = True
        runner.leave()
        job = runner.job
        if job is not None and self._busy.pop(job.id, None) is runner:
            log.error("%s", error)
            job.fail(error)

    def ended(self, runner: Runner, job: Job, error: ExecutionError | None) -> None:
        """Settle a job whose thread is through with it, and give the thread the next one."""
        if self._busy.pop(job.id, None) is not runner:
            return
        if runner.timer is not None:
            runner.timer.cancel()
        if error is not None:
            log.error("%s", error)
            job.refuse(error) if isinstance(error, BrokenHandlerError) else job.fail(error)
        self._free.append(runner)
        self._pump()

    async def stop(self, end: float) -> None:
        """Refuse what waits, let what runs end until the loop's time `end`, and let the threads go."""
        waiting, self._waiting = self._waiting, deque()
        for job in waiting:
            job.refuse(BusyError(self.identity.function, "the app is stopping"))
        while self._busy and self._loop.time() < end:
            await asyncio.sleep(0.005)
        for runner in list(self._busy.values()):
            self._abandon(runner, StoppedError(self.identity.function, "the app stopped before it had finished"))
        for runner in self._free:
            runner.leave()
        self._free.clear()

    @property
    def idle(self) -> bool:
        """Whether nothing runs or waits."""
        return not (self._busy or self._waiting)


class ThreadExecutor:
    """The functions of a plan, each with threads of its own.

    `ask` answers what handlers ask of their links, `clients` makes the linked clients, `wrap` adds a test's faults.
    """

    def __init__(
        self,
        plan: Plan,
        ask: Callable[[str, str, str, Sequence[Any]], asyncio.Future[Any]],
        *,
        clients: Clients,
        wrap: Wrap = lambda _, handler: handler,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._ask = ask
        self.submitted = 0
        self._functions = {
            function.name: ThreadedFunction(
                plan.identities[function.name],
                concurrency=function.concurrency or CONCURRENCY,
                transport=self._transport(function.name),
                clients=clients,
                wrap=wrap,
            )
            for function in plan.functions
        }

    def _transport(self, function: str) -> LoopTransport:
        return LoopTransport(self._loop, lambda op, name, args: self._ask(function, op, name, args))

    async def start(self) -> None:
        """Do nothing: threads start when they are needed."""

    async def stop(self, *, drain: float) -> None:
        """Take nothing new, give what is running `drain` seconds, then leave it to itself."""
        end = self._loop.time() + drain
        await asyncio.gather(*(function.stop(end) for function in self._functions.values()))

    @property
    def idle(self) -> bool:
        """Whether no function runs or waits."""
        return all(function.idle for function in self._functions.values())

    def http(self, function: str, request: tuple[Any, ...]) -> asyncio.Future[HttpResult]:
        """Run a request: see `Executor.http`."""
        future: asyncio.Future[HttpResult] = self._loop.create_future()
        self._submit(function, lambda id: HttpJob(id, request, future))
        return future

    def batch(
        self, function: str, kind: str, records: list[Record], done: Done, *, ordered: bool
    ) -> asyncio.Future[None]:
        """Run records: see `Executor.batch`."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._submit(function, lambda id: BatchJob(id, kind, records, done, future, ordered=ordered))
        return future

    def task(self, function: str, payload: Any, meta: Mapping[str, Any]) -> asyncio.Future[Any]:
        """Run a payload: see `Executor.task`."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._submit(function, lambda id: TaskJob(id, function, payload, meta, future))
        return future

    def _submit(self, function: str, job: Callable[[int], Job]) -> None:
        self.submitted += 1
        self._functions[function].submit(job(self.submitted))
