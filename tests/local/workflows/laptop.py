"""An app on a state directory that outlives it: started, stopped, and started anew with another declaration."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from isthmus import App, Target
from isthmus.identities import link_properties
from isthmus.links import Link
from isthmus.plan import plan
from isthmus.providers import find
from isthmus.testing.clock import FakeClock
from isthmus.testing.faults import Faults
from isthmus_local import stage as stages
from isthmus_local.chaos import CALM
from isthmus_local.linked import factories
from isthmus_local.loop_thread import LoopThread
from isthmus_local.loop_transport import LoopTransport
from isthmus_local.runtime import Options, Runtime
from isthmus_local.store.database import Transaction
from isthmus_local.workflow_requests import Requests

TARGET = Target("local", "test")

HANDLERS = "tests.local.workflows.handlers"


class Laptop:
    """A running app. `stop` ends it without a word to anybody, `start` runs another declaration on the same state."""

    def __init__(self, directory: Path, declare: Callable[[App], Any]) -> None:
        self.clock = FakeClock()
        self._directory = directory
        self._thread = LoopThread("laptop")
        self._runtime: Runtime | None = None
        self._declare = declare
        self.start(declare)

    def start(self, declare: Callable[[App], Any]) -> None:
        app = App("laptop")
        declare(app)
        planned = plan(app, TARGET, find("local"))
        planned.check()
        options = Options(directory=self._directory, clock=self.clock, chaos=CALM)

        async def started() -> stages.Stage:
            stage = stages.threads(planned, options, Faults(clock=self.clock))
            await stage.start()
            return stage

        self._stage = self._thread.run(started())
        self._runtime = self._stage.runtime
        self._resources = {resource.name: resource for resource in app.resources}

    def sleep(self, seconds: float) -> None:
        """Be off for a time, and start again."""
        self.stop()
        self.clock = FakeClock(self.clock.time() + seconds)
        self.start(self._declare)

    @property
    def runtime(self) -> Runtime:
        assert self._runtime is not None
        return self._runtime

    def stop(self) -> None:
        self._thread.run(self._stage.stop(drain=0.0))
        self._runtime = None

    def close(self) -> None:
        if self._runtime is not None:
            self.stop()
        self._thread.close()

    def resource(self, name: str) -> Any:
        resource = self._resources[name]
        link = Link(resource.kind, name, name, resource.verbs, link_properties(resource))
        transport = LoopTransport(self._thread.loop, self.runtime.operations.perform)
        return factories(transport, lambda: self.runtime.objects)[resource.kind](link)

    def workflow(self, name: str) -> Any:
        """Return the declaration of a workflow."""
        return self._resources[name]

    def do(self, op: Callable[..., Any]) -> Any:
        """Do an operation of the store."""
        return self._thread.run(self.runtime.do(op))

    def settle(self) -> None:
        """Wait until nothing is to be done now."""

        async def settled() -> None:
            quiet = 0
            while quiet < 5:
                await self.runtime.do(_nothing)
                await asyncio.sleep(0.001)
                quiet = quiet + 1 if self._stage.idle else 0

        self._thread.run(settled(), 20)

    def advance(self, seconds: float) -> None:
        """Move the time."""
        self.settle()
        end = self.clock.time() + seconds
        while self._thread.call(self.clock.step, end):
            self.settle()
        self.settle()

    def history(self, workflow: str, execution: str) -> list[Mapping[str, Any]]:
        """Return the whole history of an execution."""
        declared: Any = self._resources[workflow]
        events: list[Mapping[str, Any]] = self._thread.run(
            self.runtime.do(Requests(self.runtime.steps).history, declared, execution, 0, 100_000)
        )
        return events

    def types(self, workflow: str, execution: str) -> list[str]:
        """Return the types of an execution's events."""
        return [event["type"] for event in self.history(workflow, execution)]

    def redrive(self, workflow: str, execution: str) -> None:
        """Let an execution go on from where it failed."""
        declared: Any = self._resources[workflow]
        self._thread.run(self.runtime.do(Requests(self.runtime.steps).redrive, declared, execution))

    def sweep(self) -> None:
        """Forget what has had its time."""
        self._thread.run(self.runtime.do(self.runtime.steps.prune))

    def step(self, seconds: float) -> None:
        """Move the time, though somebody is still at work."""
        end = self.clock.time() + seconds
        while self._thread.call(self.clock.step, end):
            self._thread.run(self.runtime.do(_nothing))

    def value(self, sql: str) -> Any:
        """Return the one value that the store has."""

        def ask(tx: Transaction) -> Any:
            return tx.execute(sql).fetchone()[0]

        return self._thread.run(self.runtime.do(ask))

    def statuses(self, workflow: str) -> list[str]:
        """Return the status of each execution of a workflow, the newest first."""
        declared: Any = self._resources[workflow]
        found = self._thread.run(self.runtime.do(Requests(self.runtime.steps).listed, declared, None, None, 1000))
        return [seen["status"] for seen in found]

    def rows(self, table: str) -> int:
        """Return how many rows a table of the store has."""
        found: int = self.value(f"SELECT count(*) FROM {table}")
        return found


def _nothing(_: Transaction) -> None:
    """Do nothing."""


def task(handler: str, **fields: Any) -> dict[str, Any]:
    """Return a Task of one of the handlers; it ends its machine where it has no Next."""
    rest = {} if "Next" in fields else {"End": True}
    return {"Type": "Task", "Resource": f"{HANDLERS}.{handler}", **fields, **rest}


def one(state: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a definition of one state."""
    return {"StartAt": "Only", "States": {"Only": dict(state)}, **fields}
