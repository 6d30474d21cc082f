"""The pool of one function: its instances, started when they are needed, and the invocations that wait for one."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from isthmus_local.executor import (
    BrokenHandlerError,
    BusyError,
    CrashedError,
    ExecutionError,
    StoppedError,
    TimedOutError,
)
from isthmus_local.instance import Instance
from isthmus_local.job import Job

CONCURRENCY = 8
"""The most instances of a function that does not say."""

YOUNG = 0.003  # seconds: an instance whose job is no older probably takes the next one in a moment
_STUCK = 0.01  # seconds after which what waits behind a job goes elsewhere
_PULSE = 0.05  # seconds between looks at timeouts
_LONGEST_START = 60.0  # seconds
_BRIEF = 1.0  # seconds: an instance that ended by itself so soon is not replaced at once
_BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds between tries to start a handler that does not load


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """What a pool knows of its function: `timeout` and `idle` in seconds, the worker's `environment`."""

    name: str
    environment: Mapping[str, str] = field(default_factory=lambda: {})
    timeout: float = 30.0
    concurrency: int | None = None
    min_instances: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how many may wait for an instance, and when idle ones end; times in seconds."""

    waiting: int = 1000
    patience: float = 30.0
    idle: float = 600.0
    starting: int = 2


Operate = Callable[[str, str, str, tuple[Any, ...]], "asyncio.Future[Any]"]
"""What a worker asks for: (function, op, resource, args) → the future of its answer."""


class Pool:
    """The instances of one function, at most `concurrency` at once, each with one event at a time.

    An invocation goes to the first instance that has nothing to do or has only just begun: so few instances are kept
    busy, rather than many half idle. What turns out to be stuck behind a slow one is taken back and goes elsewhere.
    """

    def __init__(
        self,
        spec: FunctionSpec,
        *,
        operate: Operate,
        directory: Path,
        environment: Mapping[str, str],
        log: Callable[[str], None],
        limits: Limits | None = None,
    ) -> None:
        self.spec = spec
        self.limits = limits or Limits()
        self._operate = operate
        self._directory = directory
        self._environment = environment
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._instances: list[Instance] = []  # every process that lives, whatever its state
        self._ready: list[Instance] = []
        self._line: deque[Job] = deque()
        self._tick_handle: asyncio.TimerHandle | None = None
        self._tick_due = 0.0
        self._ids = itertools.count(1)
        self._failures = 0
        self._retry_at = 0.0
        self._reason = ""
        self._spawning: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    @property
    def name(self) -> str:
        """The function's name."""
        return self.spec.name

    def next_id(self) -> int:
        """Return an id for the next job."""
        return next(self._ids) & 0xFFFFFFFF

    def start(self) -> None:
        """Start the instances that are kept warm."""
        self._refill()

    async def stop(self, *, drain: float) -> None:
        """Take nothing new, give what is running `drain` seconds, then end every process."""
        self._is_stopping = True
        waiting, self._line = self._line, deque()
        for job in waiting:
            job.refuse(BusyError(self.spec.name, "the server is stopping"))
        self.renew()
        await self._empty(drain)
        for instance in self._instances:
            instance.kill(lambda: StoppedError(self.spec.name, "the server stopped before it had finished"))
        await self._empty(5.0)
        if self._tick_handle is not None:
            self._tick_handle.cancel()

    async def _empty(self, patience: float) -> None:
        end = monotonic() + patience
        while self._instances and monotonic() < end:
            await asyncio.sleep(0.01)

    def renew(self) -> None:
        """Let every instance end after what it has begun; the next event gets a new one."""
        self._failures = 0
        self._retry_at = 0.0
        self._reason = ""
        for instance in list(self._instances):
            self._dismiss(instance)
        self._refill()

    # jobs

    def submit(self, job: Job) -> None:
        """Give the job to an instance, or let it wait for one."""
        now = job.entered = monotonic()
        if not self._line and self._place(job, now):
            return
        self._wait(job, now)

    def _place(self, job: Job, now: float) -> bool:
        for instance in self._ready:
            begun = len(instance.jobs)
            if begun == 0:
                if instance.give(job, now):
                    self._pulse(_PULSE)
                    return True
            elif now - instance.since < YOUNG and instance.room > 0 and instance.give(job, now):
                self._pulse(_STUCK)
                return True
        return False

    def _wait(self, job: Job, now: float) -> None:
        if self._is_stopping:
            job.refuse(BusyError(self.spec.name, "the server is stopping"))
        elif self._failures and not self._ready and now < self._retry_at and not job.patient:
            job.refuse(BrokenHandlerError(self.spec.name, self._reason))
        elif len(self._line) >= self.limits.waiting and not job.patient:
            job.refuse(BusyError(self.spec.name, f"{len(self._line):,} invocations are waiting already"))
        else:
            self._line.append(job)
            if not self._instances:
                self._grow(now)
            self._pulse(_STUCK)

    def _next(self) -> Job | None:
        while self._line:
            job = self._line.popleft()
            if not job.abandoned:
                return job
        return None

    # instances

    def relieved(self, instance: Instance) -> None:
        """Give an instance what waits."""
        if not self._line:
            return
        now = monotonic()
        while instance.room > 0 and (job := self._next()):
            if not instance.give(job, now):
                self._line.appendleft(job)
                return
        if len(instance.jobs) > 1:
            self._pulse(_STUCK)

    def ready(self, instance: Instance) -> None:
        """Count a new instance in."""
        if not instance.is_leaving:
            self._failures = 0
            self._reason = ""
            self._ready.append(instance)

    def gone(self, instance: Instance, code: int) -> None:
        """Settle what an instance leaves: the event it was running has failed, the others go elsewhere."""
        self._instances.remove(instance)
        if instance in self._ready:
            self._ready.remove(instance)
        self._line.extendleft(reversed(instance.take_back()))
        if not instance.is_ready and not instance.is_leaving:
            self._broke(instance, code)
        for job in instance.jobs.values():
            job.fail(instance.cause() if instance.cause else CrashedError(self.spec.name, _how(code)))
        if instance.jobs and not instance.cause:
            self._log(f"{self.spec.name}: {_how(code)} while it handled an event")
        instance.jobs.clear()
        if instance.is_leaving or monotonic() - instance.born > _BRIEF:
            self._refill()
        else:  # one that always ends as soon as it is warm must not be started without end
            self._loop.call_later(_BRIEF, self._refill)

    def garbled(self, instance: Instance, error: Exception) -> None:
        """Tell that a worker has sent what makes no sense."""
        self._log(f"{self.spec.name}: worker {instance.pid} sent what is no message ({error}); it is ended")

    def operate(self, op: str, resource: str, args: tuple[Any, ...]) -> asyncio.Future[Any]:
        """Hand on what a worker asks for, in this function's name."""
        return self._operate(self.spec.name, op, resource, args)

    def _broke(self, instance: Instance, code: int) -> None:
        reason = instance.broken or f"{_how(code)} before the handler was loaded"
        if reason != self._reason:
            self._log(f"{self.spec.name} does not start: {reason}")
        self._reason = reason
        self._retry_at = monotonic() + _BACK_OFF[min(self._failures, len(_BACK_OFF) - 1)]
        self._failures += 1
        if self._ready:
            return  # the handler loads: what waits will have its turn
        waiting, self._line = self._line, deque()
        for job in waiting:
            job.refuse(BrokenHandlerError(self.spec.name, reason.splitlines()[-1]))

    def _grow(self, now: float) -> None:
        limit = self.spec.concurrency or CONCURRENCY
        starting = len(self._instances) - len(self._ready) - sum(i.is_leaving and i.is_ready for i in self._instances)
        allowed = 1 if self._failures else self.limits.starting
        if now < self._retry_at or self._is_stopping:
            return
        while len(self._instances) < limit and starting < min(allowed, max(1, len(self._line))):
            self._spawn()
            starting += 1

    def _spawn(self) -> None:
        instance = Instance(self)
        self._instances.append(instance)
        spawned = self._loop.create_task(
            instance.spawn({**self._environment, **self.spec.environment}, self._directory)
        )
        self._spawning.add(spawned)
        spawned.add_done_callback(partial(self._spawned, instance))
        self._pulse(_PULSE)

    def _spawned(self, instance: Instance, task: asyncio.Task[None]) -> None:
        self._spawning.discard(task)
        if not task.cancelled() and (error := task.exception()):
            instance.broken = f"no process: {error}"
            self.gone(instance, 1)

    def _refill(self) -> None:
        missing = self.spec.min_instances - len(self._instances)
        if self._is_stopping or self._failures:
            return
        for _ in range(missing):
            self._spawn()

    # time

    def _pulse(self, delay: float) -> None:
        """See to it that `_tick` runs within `delay` seconds."""
        due = monotonic() + delay
        if self._tick_handle is not None:
            if self._tick_due <= due + 0.001:
                return
            self._tick_handle.cancel()
        self._tick_due = due
        self._tick_handle = self._loop.call_later(delay, self._tick)

    def _tick(self) -> None:
        self._tick_handle = None
        now = monotonic()
        self._relieve(now)
        self._expire(now)
        if self._line:
            self._grow(now)
        self._retire(now)
        if self._line or any(len(instance.jobs) > 1 for instance in self._ready):
            self._pulse(_STUCK)
        elif self._instances:
            self._pulse(_PULSE)

    def _relieve(self, now: float) -> None:
        """Take back what is stuck behind a slow job, and give it to whoever is free."""
        for instance in self._ready:
            if len(instance.jobs) > 1 and now - instance.since > _STUCK:
                self._line.extendleft(reversed(instance.take_back()))
        while (job := self._next()) is not None:
            if not self._place(job, now):
                self._line.appendleft(job)
                return

    def _expire(self, now: float) -> None:
        for instance in self._instances:
            if instance.jobs and now - instance.since > self.spec.timeout and instance.cause is None:
                instance.kill(self._timed_out)
            elif not instance.is_ready and now - instance.born > _LONGEST_START:
                instance.broken = f"it did not load within {_LONGEST_START:.0f} s"
                instance.kill()
        late = now - self.limits.patience
        while self._line and not self._line[0].patient and self._line[0].entered < late:
            self._line.popleft().refuse(BusyError(self.spec.name, f"it waited {self.limits.patience:g} s for its turn"))

    def _timed_out(self) -> ExecutionError:
        return TimedOutError(self.spec.name, f"timed out after {self.spec.timeout:g} s")

    def _retire(self, now: float) -> None:
        spare = len(self._ready) - self.spec.min_instances
        for instance in [i for i in self._ready if not i.jobs and now - i.since > self.limits.idle][: max(0, spare)]:
            self._dismiss(instance)

    def _dismiss(self, instance: Instance) -> None:
        if instance in self._ready:
            self._ready.remove(instance)
        self._line.extendleft(reversed(instance.take_back()))
        instance.leave()


def _how(code: int) -> str:
    """Return how a process with this exit code ended, in words."""
    if code >= 0:
        return f"worker died, exit {code}"
    try:
        return f"worker died, killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"worker died, killed by signal {-code}"
