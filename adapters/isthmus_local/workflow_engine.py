"""The engine of an app's workflows: brings about what the steps of executions come to, once those are committed.

All that must survive is in the store, so that a start after a crash is a start: what is due is woken, what is owed is
called, and whoever had not yet had its turn gets it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from isthmus.declarations.resource import Resource
from isthmus.declarations.workflow import Workflow
from isthmus.errors import ServiceError
from isthmus.workflows.frames import Cancel, Continue, Ended, Sleep
from isthmus_local.clock import Clock
from isthmus_local.executor import Executor
from isthmus_local.store.database import Database
from isthmus_local.store.execution_frames import Place
from isthmus_local.workflow_attempts import Attempts
from isthmus_local.workflow_lanes import errands
from isthmus_local.workflow_programs import TURNS
from isthmus_local.workflow_requests import Requests
from isthmus_local.workflow_steps import News, Recalled, Steps
from isthmus_local.workflow_tasks import Integrate, WorkflowTasks
from isthmus_local.workflow_timers import WorkflowTimers

AT_ONCE = 4
"""How many executions that have made many transitions have another turn in one commit."""

PAGE = 100
"""How many turns that an earlier run left are read at once."""

log = logging.getLogger("isthmus.local")


class WorkflowEngine:
    """Runs the executions that are in the store; everything here is on the event loop that made it."""

    def __init__(
        self,
        resources: Mapping[str, Resource],
        *,
        steps: Steps,
        executor: Executor,
        integrate: Integrate,
        attempts: Attempts,
        database: Database,
        clock: Clock,
    ) -> None:
        self._steps = steps
        self._requests = Requests(steps)
        self._attempts = attempts
        self._database = database
        self._clock = clock
        self._turns: deque[Place] = deque()
        self._turning = 0
        self._posted = 0
        self._stopped = False
        self._waiters: dict[str, list[Callable[[], None]]] = {}
        self._timers = WorkflowTimers(self._wake, database=database, clock=clock)
        self._tasks = WorkflowTasks(
            resources,
            executor=executor,
            steps=steps,
            post=self._post,
            integrate=integrate,
            database=database,
            clock=clock,
        )

    def start(self) -> None:
        """Go on with what an earlier run left."""
        self._timers.start()
        self._tasks.start()
        self._load_turns(0)

    def stop(self) -> None:
        """Begin nothing more; what runs may still be reported."""
        self._stopped = True
        self._timers.stop()
        self._tasks.stop()

    @property
    def idle(self) -> bool:
        """Whether nothing is to be done now; executions may wait for a time, or for a token."""
        return not (self._turns or self._turning or self._posted or self._timers.looking) and self._tasks.idle

    def hear(self, news: News) -> None:
        """Bring about what a step has come to."""
        for effect in news.effects:
            if isinstance(effect, Sleep):
                self._timers.expect(effect.until)
            elif isinstance(effect, Continue):
                self._turn(Place(news.stored.number, effect.frame))
            elif isinstance(effect, Cancel):
                self._cancel(news.stored.number, effect)
            elif isinstance(effect, Ended):
                self._ended(news.stored.id)
        for errand in errands(news):
            self._tasks.call(errand)

    def wait(self, workflow: Workflow, execution: str, timeout: float) -> asyncio.Future[Any]:
        """Return a future of what an execution is described as when it has ended, or after `timeout` seconds."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()

        def seen(found: Mapping[str, Any] | None, error: BaseException | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            elif found is not None and (found["status"] != "RUNNING" or loop.time() >= end):
                future.set_result(found)

        def look() -> None:
            self._database.post(seen, self._requests.describe, workflow, execution)

        def heard(_: asyncio.Future[Any]) -> None:
            timer.cancel()
            self._waiters[execution].remove(look)
            if not self._waiters[execution]:
                del self._waiters[execution]

        end = loop.time() + timeout
        timer = loop.call_at(end, look)
        self._waiters.setdefault(execution, []).append(look)
        future.add_done_callback(heard)
        look()
        return future

    # effects

    def _ended(self, execution: str) -> None:
        for look in self._waiters.get(execution, ()):
            look()

    def _cancel(self, number: int, cancel: Cancel) -> None:
        if not self._tasks.cancel(cancel.token):
            self._post(number, self._steps.stop_child, cancel.token)

    def _wake(self, place: Place, woken: Callable[[], None]) -> None:
        self._post(place.execution, self._steps.wake, place, after=woken)

    def _turn(self, place: Place) -> None:
        self._turns.append(place)
        self._turn_next()

    def _turn_next(self) -> None:
        while self._turns and self._turning < AT_ONCE and not self._stopped:
            place = self._turns.popleft()
            self._turning += 1
            self._post(place.execution, self._steps.proceed, place, after=self._turned)

    def _turned(self) -> None:
        self._turning -= 1
        self._turn_next()

    def _load_turns(self, after: int) -> None:
        def loaded(recalled: Recalled | None, error: BaseException | None) -> None:
            if recalled is None:
                log.error("workflows cannot go on: %s", error)
                self._clock.call_at(self._clock.time() + 1, self._load_turns, after)
                return
            for news in recalled.news:
                self.hear(news)
            if recalled.more:
                self._load_turns(recalled.last)

        if not self._stopped:
            self._database.post(loaded, self._steps.recall, TURNS, after, PAGE)

    # steps

    def _post(self, number: int, step: Callable[..., Any], *args: Any, after: Callable[[], None] | None = None) -> None:
        """Take a step of an execution; it is taken again where the store could not commit it."""

        def taken(_: Any, error: BaseException | None) -> None:
            self._posted -= 1
            if isinstance(error, ServiceError):
                self._take_again(error, number, step, args)
            elif error is not None:
                self._break(number, error)
            if after is not None:
                after()

        self._posted += 1
        self._attempts.post(taken, step, *args)

    def _take_again(self, error: ServiceError, number: int, step: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if not self._stopped:  # otherwise the next run of the app takes it
            log.error("a workflow's step is not stored: %s", error)
            self._clock.call_at(self._clock.time() + 1, self._retake, number, step, args)

    def _retake(self, number: int, step: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if not self._stopped:
            self._post(number, step, *args)

    def _break(self, number: int, error: BaseException) -> None:
        log.error("execution %d of a workflow cannot go on", number, exc_info=error)
        self._attempts.post(_ignore, self._steps.broken, number, f"{type(error).__name__}: {error}")


def _ignore(_: Any, error: BaseException | None) -> None:
    if error is not None:
        log.error("an execution that cannot go on cannot be ended either: %s", error)
