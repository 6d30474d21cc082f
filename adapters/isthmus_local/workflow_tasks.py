"""Runs what workflows call: functions, other workflows, and integrations, and takes what they come to to the store."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from isthmus.declarations.function import Function
from isthmus.declarations.resource import Resource
from isthmus.declarations.workflow import Workflow
from isthmus.errors import InvalidValueError, InvocationFailedError
from isthmus.workflows.frames import Call
from isthmus.workflows.integrations import function
from isthmus.workflows.states_error import RUNTIME, StatesError
from isthmus_local.clock import Clock
from isthmus_local.executor import BusyError, ExecutionError, Executor, StoppedError, TimedOutError
from isthmus_local.pool import CONCURRENCY
from isthmus_local.store.database import Database
from isthmus_local.workflow_children import child_of, refused
from isthmus_local.workflow_envelope import attributes, carried, request_id
from isthmus_local.workflow_lanes import Errand, Lane
from isthmus_local.workflow_programs import CHILDREN, POOL, Called, Program, lane_of
from isthmus_local.workflow_steps import Steps

THREADS = 16
"""How many integrations run at once."""

AHEAD = 2
"""How many calls per instance of a function are on their way at once: the next one is there when one ends."""

SERVICE_ERROR = "ServiceError"
"""The name of a failure that is none of the function's: it could not be run, or its process ended."""

TIMED_OUT = "Sandbox.Timedout"
"""The name of the failure of a function that has overrun its own timeout, as newer runtimes of Lambda report it.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

WAITED = "RequestResponse"
"""How a function is called whose result is waited for."""

LONGEST_MESSAGE = 30_000
"""How many characters of an exception's message are told: a cause has 32,768 at most."""

log = logging.getLogger("isthmus.local")

Integrate = Callable[[Program, Called, Call], Any]
"""Does what an integration asks for, in a thread: for which program, what is called, and the call."""

Post = Callable[..., None]
"""Posts a step of an execution: its number, the operation, and its arguments."""


class WorkflowTasks:
    """The lanes of an app's workflows, and what is at the end of each."""

    def __init__(
        self,
        resources: Mapping[str, Resource],
        *,
        executor: Executor,
        steps: Steps,
        post: Post,
        integrate: Integrate,
        database: Database,
        clock: Clock,
    ) -> None:
        self._executor = executor
        self._steps = steps
        self._post = post
        self._integrate = integrate
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="isthmus-workflow")
        self._stopped = False
        sends: dict[str, tuple[int, Callable[[Lane, Errand], None]]] = {
            POOL: (THREADS, self._run),
            CHILDREN: (THREADS, self._start),
            **{
                resource.name: (AHEAD * (resource.concurrency or CONCURRENCY), self._invoke)
                for resource in resources.values()
                if isinstance(resource, Function)
            },
        }
        self._lanes = {
            name: Lane(name, most, send=send, recall=steps.recall, database=database, clock=clock)
            for name, (most, send) in sends.items()
        }

    def start(self) -> None:
        """Call what is owed."""
        for lane in self._lanes.values():
            lane.start()

    def stop(self) -> None:
        """Call nobody more."""
        self._stopped = True
        for lane in self._lanes.values():
            lane.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def idle(self) -> bool:
        """Whether nobody is to be called, or at work."""
        return all(lane.idle for lane in self._lanes.values())

    def call(self, errand: Errand) -> None:
        """Let a call be made."""
        self._lanes[self._lane(errand)].join(errand)

    def _lane(self, errand: Errand) -> str:
        try:
            return lane_of(errand.news.program.called(errand.call))
        except InvalidValueError:
            return POOL

    def cancel(self, token: str) -> bool:
        """Call back what a token was of; False where that is not under way."""
        return any(lane.cancel(token) for lane in self._lanes.values())

    # what is called

    def _called(self, lane: Lane, errand: Errand) -> Called | None:
        """Return what an errand calls; where that is nothing, let its task fail."""
        try:
            return errand.news.program.called(errand.call)
        except InvalidValueError as error:
            self._failed(lane, errand, RUNTIME, str(error))
            return None

    def _invoke(self, lane: Lane, errand: Errand) -> None:
        called, call = self._called(lane, errand), errand.call
        if called is None:
            return
        if called.task.integrated and call.arguments.get("InvocationType", WAITED) != WAITED:
            self._run(lane, errand)
            return
        try:
            payload = function.payload(called.task, call.arguments)
        except InvalidValueError as error:
            self._failed(lane, errand, RUNTIME, str(error))
            return
        meta = {"id": request_id(call), "attempt": call.attempt + errand.news.repeated, "attributes": attributes(call)}
        future = self._executor.task(lane.name, payload, meta)
        lane.go(errand, future.cancel)
        future.add_done_callback(lambda done: self._invoked(lane, errand, called, done))

    def _invoked(self, lane: Lane, errand: Errand, called: Called, future: asyncio.Future[Any]) -> None:
        if future.cancelled():
            lane.back(errand)
            return
        error = future.exception()
        if error is None:
            self._done(lane, errand, function.invoked(called.task, future.result()))
            return
        reason = error.__cause__ if isinstance(error, InvocationFailedError) else error
        if isinstance(reason, BusyError | StoppedError):
            if not self._stopped:  # otherwise it is owed still, and the next run of the app calls it again
                lane.again(errand)
        else:
            self._failed(lane, errand, *told(error))

    def _start(self, lane: Lane, errand: Errand) -> None:
        called = self._called(lane, errand)
        if called is None:
            return
        assert isinstance(called.resource, Workflow)
        try:
            wanted = child_of(called.task, called.resource, errand.call, carried(errand.call))
        except (ValueError, RecursionError) as error:  # anybody may have written the input, and nested it at will
            self._failed(lane, errand, refused(called.task), str(error))
            return
        self._post(errand.place.execution, self._steps.start_child, errand.place, wanted)
        lane.back(errand)

    def _run(self, lane: Lane, errand: Errand) -> None:
        called = self._called(lane, errand)
        if called is None:
            return
        future = self._loop.run_in_executor(self._threads, self._integrate, errand.news.program, called, errand.call)
        lane.go(errand, future.cancel)
        future.add_done_callback(lambda done: self._ran(lane, errand, done))

    def _ran(self, lane: Lane, errand: Errand, future: asyncio.Future[Any]) -> None:
        if future.cancelled() or (self._stopped and future.exception()):
            lane.back(errand)
            return
        error = future.exception()
        if error is None:
            self._done(lane, errand, future.result())
        else:
            self._failed(lane, errand, *told(error))

    # what it comes to

    def _done(self, lane: Lane, errand: Errand, result: Any) -> None:
        place, call = errand.place, errand.call
        if call.resource.endswith(".waitForTaskToken"):
            self._post(place.execution, self._steps.called, place, call.token)
        else:
            self._post(place.execution, self._steps.done, place, call.token, result)
        lane.back(errand)

    def _failed(self, lane: Lane, errand: Errand, error: str, cause: str) -> None:
        place = errand.place
        self._post(place.execution, self._steps.failed, place, errand.call.token, error, cause)
        lane.back(errand)


def told(error: BaseException) -> tuple[str, str]:
    """Return the name and the cause that the failure of a call has in its workflow."""
    if isinstance(error, StatesError):
        return error.error, error.cause
    if isinstance(error, InvocationFailedError):
        reason = error.__cause__
        if isinstance(reason, TimedOutError):
            return TIMED_OUT, _cause(TIMED_OUT, reason.reason)
        if isinstance(reason, ExecutionError):
            return SERVICE_ERROR, _cause(type(reason).__name__, reason.reason)
        return error.type, _cause(error.type, error.message)
    name = type(error).__name__
    return name if isinstance(error, InvalidValueError) else SERVICE_ERROR, _cause(name, str(error))


def _cause(type: str, message: str) -> str:
    return json.dumps({"errorMessage": message[:LONGEST_MESSAGE], "errorType": type})
