"""The running app: its store, what is delivered from it, and what its functions may ask, put together.

The same runtime is behind `isthmus dev` and behind tests: who runs the handlers, the clock and the chaos are passed in.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from isthmus.declarations.bucket import Bucket
from isthmus.declarations.resource import Resource
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.table import Table
from isthmus.declarations.workflow import Workflow
from isthmus.plan import Plan
from isthmus_local import presign
from isthmus_local.chaos import CALM, Chaos
from isthmus_local.clock import Clock, SystemClock
from isthmus_local.deliveries import deliveries, journals, readings
from isthmus_local.executor import Executor
from isthmus_local.housekeeping import Housekeeping
from isthmus_local.log_consumer import LogConsumer, Reading
from isthmus_local.object_endpoint import ObjectEndpoint
from isthmus_local.operations import Operations
from isthmus_local.queue_consumer import Delivery, QueueConsumer
from isthmus_local.scheduler import Scheduler
from isthmus_local.secret_store import DATABASE, keep_private
from isthmus_local.store import (
    buckets,
    definitions,
    execution_frames,
    execution_history,
    execution_joins,
    executions,
    indexes,
    logs,
    queues,
    rows,
    schedules,
    secrets,
    workflow_definitions,
)
from isthmus_local.store.database import Database, Durability, Notice, Transaction
from isthmus_local.store.objects import Objects
from isthmus_local.store.queues import StoredMessage
from isthmus_local.waiting import Grouped, Unordered
from isthmus_local.workflow_attempts import Attempts
from isthmus_local.workflow_engine import WorkflowEngine
from isthmus_local.workflow_integrations import Integrations
from isthmus_local.workflow_programs import Programs
from isthmus_local.workflow_steps import TOPIC, Steps

EXECUTIONS = (workflow_definitions, executions, execution_frames, execution_joins, execution_history)
STORED = (rows, indexes, definitions, logs, queues, buckets, schedules, secrets, presign, *EXECUTIONS)
"""The modules of the store: each has the schema of its noun."""

R = TypeVar("R", bound=Resource)

log = logging.getLogger("isthmus.local")

Ask = Callable[[str, str, str, Sequence[Any]], "asyncio.Future[Any]"]
"""What a handler asks: (function, op, resource, args)."""


class ExecutorFactory(Protocol):
    """Makes what runs the handlers of a plan; `ask` answers what they ask of their links."""

    def __call__(self, plan: Plan, ask: Ask) -> Executor:
        """Return the executor; called on the running event loop."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an app runs: where its state lies, what acknowledged state survives, whose time it is, and what chaos."""

    directory: Path
    durability: Durability = "process"
    clock: Clock = field(default_factory=SystemClock)
    chaos: Chaos = CALM


class Runtime:
    """One app, running on the event loop that made it."""

    def __init__(self, plan: Plan, executor: ExecutorFactory, options: Options) -> None:
        self.plan = plan
        self.options = options
        self.resources: Mapping[str, Resource] = {resource.name: resource for resource in plan.app.resources}
        self.objects = Objects(options.directory / "objects", durable=options.durability == "power")
        keep_private(options.directory)
        self.database = Database(
            options.directory / DATABASE,
            (module.SCHEMA for module in STORED),
            durability=options.durability,
            clock=options.clock.time,
        )
        self._attempts = Attempts(self.database)
        self.steps = Steps(Programs(plan.app.resources, options.clock.time))
        self.operations = Operations(
            identities=plan.identities,
            resources=self.resources,
            attempts=self._attempts,
            answers={"function.invoke": self._invoke, "workflow.wait": self._wait},
            lag=options.chaos.lag,
            steps=self.steps,
        )
        self.executor = executor(plan, self.operations.call)
        self._workflows = self._workflow_engine()
        self._queues = {delivery.queue: self._queue_consumer(delivery) for delivery in deliveries(plan.app)}
        self._logs = {(r.name, r.function, r.shard): self._log_consumer(r) for r in readings(plan.app)}
        self._scheduler = Scheduler(self._all(Schedule), database=self.database, clock=options.clock)
        self._housekeeping = Housekeeping(
            self.resources,
            journals(plan.app),
            database=self.database,
            clock=options.clock,
            lag=options.chaos.lag,
            executions=self.steps.prune,
        )
        self._stopped = False
        self._hearers: Mapping[str, Callable[..., None]] = {
            "queue": self._arrived,
            "log": self._logged,
            "object.removed": self.objects.remove,
            "index": self._indexed,
            TOPIC: self._workflows.hear,
        }

    async def start(self, origin: str) -> ObjectEndpoint:
        """Take over what the last run left, and begin to deliver; returns what serves presigned addresses.

        `origin`, such as `http://127.0.0.1:3000`, is where that will be served.
        """
        self.database.attach(asyncio.get_running_loop(), self._hear)
        secret = await self.do(self._prepare, origin)
        await self.executor.start()
        for part in self._parts():
            part.start()
        return ObjectEndpoint(
            secret=secret,
            database=self.database,
            objects=self.objects,
            buckets={bucket.name: bucket for bucket in self._all(Bucket)},
            clock=self.options.clock.time,
        )

    async def stop(self, *, drain: float = 5.0) -> None:
        """Deliver nothing new, let what runs end within `drain` seconds, and close the store."""
        self._stopped = True
        for part in self._parts():
            part.stop()
        self._attempts.stop()
        await self.executor.stop(drain=drain)
        await asyncio.sleep(0)  # what the last handlers reported is on its way to the store
        self.database.close()

    async def do(self, op: Callable[..., Any], *args: Any) -> Any:
        """Run a store operation and return its result, durable."""
        return await self._attempts.do(op, *args)

    @property
    def idle(self) -> bool:
        """Whether nothing is waiting to be delivered, or being handled."""
        queues_idle = all(consumer.idle for consumer in self._queues.values())
        return queues_idle and all(consumer.idle for consumer in self._logs.values()) and self.workflows_idle

    @property
    def workflows_idle(self) -> bool:
        """Whether no execution can go on now; it may wait for a time, or for somebody."""
        return self._workflows.idle

    def _parts(self) -> Sequence[QueueConsumer | LogConsumer | Scheduler | Housekeeping | WorkflowEngine]:
        return (*self._queues.values(), *self._logs.values(), self._scheduler, self._housekeeping, self._workflows)

    def _all(self, kind: type[R]) -> list[R]:
        return [resource for resource in self.resources.values() if isinstance(resource, kind)]

    def _invoke(self, function: Resource, payload: Any, envelope: Mapping[str, str]) -> asyncio.Future[Any]:
        return self.executor.task(function.name, payload, {"attributes": envelope})

    def _wait(self, workflow: Workflow, execution: str, timeout: float) -> asyncio.Future[Any]:
        return self._workflows.wait(workflow, execution, timeout)

    def _prepare(self, tx: Transaction, origin: str) -> bytes:
        self.objects.sweep(buckets.files(tx))
        for table in self._all(Table):
            definitions.prepare(tx, table)
        for journal in journals(self.plan.app):
            logs.prepare(tx, journal.name, journal.shards, journal.consumers)
        for workflow, count in self.steps.prepare(tx).items():
            log.warning("workflow %s is declared no more: its %d running executions stay as they are", workflow, count)
        return presign.settle(tx, origin)

    def _workflow_engine(self) -> WorkflowEngine:
        return WorkflowEngine(
            self.resources,
            steps=self.steps,
            executor=self.executor,
            integrate=Integrations(self.operations, self.objects),
            attempts=self._attempts,
            database=self.database,
            clock=self.options.clock,
        )

    def _queue_consumer(self, delivery: Delivery) -> QueueConsumer:
        waiting = Grouped() if delivery.ordered else Unordered(self.options.chaos)
        return QueueConsumer(
            delivery, waiting, executor=self.executor, database=self.database, clock=self.options.clock
        )

    def _log_consumer(self, reading: Reading) -> LogConsumer:
        return LogConsumer(
            reading,
            executor=self.executor,
            database=self.database,
            clock=self.options.clock,
            chaos=self.options.chaos,
        )

    def _hear(self, notices: Sequence[Notice]) -> None:
        for topic, args in notices:
            self._hearers[topic](*args)

    def _arrived(self, queue: str, message: StoredMessage) -> None:
        consumer = self._queues.get(queue)
        if consumer is not None:
            consumer.arrived(message)

    def _logged(self, log: str, shard: int) -> None:
        for (name, _, number), consumer in self._logs.items():
            if (name, number) == (log, shard):
                consumer.wake()

    def _indexed(self, table: str, address: Any, seconds: float) -> None:
        self.options.clock.call_at(self.options.clock.time() + seconds, self._reindex, table, address)

    def _reindex(self, table: str, address: Any) -> None:
        if not self._stopped:
            self.database.post(_ignore, indexes.reindex, self.resources[table], address)


def _ignore(_: Any, __: BaseException | None) -> None:
    """Drop the outcome: entries that stay late are brought up to date at the next start."""
