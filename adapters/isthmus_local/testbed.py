"""An app for a test: the runtime of `isthmus dev`, on a loop of its own, with a state that is gone at the end.

Handlers run in threads of this process (see `inprocess`), or, with `processes=True`, in the worker processes and behind
the HTTP server of `isthmus dev`.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from isthmus.declarations.app import App
from isthmus.declarations.resource import Resource
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.settings import Secret
from isthmus.declarations.stream import Stream
from isthmus.declarations.target import Target
from isthmus.http.response import HttpResponse
from isthmus.identities import link_properties
from isthmus.links import Link
from isthmus.message import Message
from isthmus.plan import Plan, plan
from isthmus.testing.errors import NoClockError, UnknownResourceError
from isthmus.testing.factories import encode_request, request_target
from isthmus.testing.faults import Faults
from isthmus_local import stage as stages
from isthmus_local import variables
from isthmus_local.asgi_client import RawRequest
from isthmus_local.buried import as_message, dead_letter_queues
from isthmus_local.chaos import Chaos
from isthmus_local.clock import Clock, SystemClock
from isthmus_local.linked import factories
from isthmus_local.log_capture import LogCapture
from isthmus_local.loop_thread import LoopThread
from isthmus_local.loop_transport import LoopTransport
from isthmus_local.runtime import Options, Runtime
from isthmus_local.stage import Stage
from isthmus_local.store import queues, secrets
from isthmus_local.store.database import Transaction
from isthmus_local.variables import shared_variables

ROUNDS = 5
"""How many looks in a row must find nothing to do: more than the steps of the store between two handlers."""

DRAIN = 2.0
"""Seconds that handlers which still run get at the end."""

REQUEST_TIMEOUT = 60.0
"""Seconds after which a request has failed the test."""


def testbed(app: Callable[[Target], App], **options: Any) -> LocalTestbed:
    """Run `app` for a test: see `LocalTestbed` for the options."""
    return LocalTestbed(app, **options)


class LocalTestbed:
    """A running app, seen from a test: see `isthmus.ports.Testbed` and `isthmus.testing.app.Observable`.

    `faults` says what goes wrong; `stage` is the target's; `directory` is where the app's modules are (with
    `processes=True`), the current one if it is not given.
    """

    __test__ = False

    def __init__(
        self,
        app: Callable[[Target], App],
        *,
        faults: Faults | None = None,
        stage: str = "test",
        processes: bool = False,
        directory: Path | None = None,
    ) -> None:
        self.faults = faults or Faults()
        self._plan = _planned(app, Target("local", stage))
        self._resources = {resource.name: resource for resource in self._plan.app.resources}
        self._variables = {} if processes else shared_variables(self._plan)
        variables.hold(self._variables)
        self._state = Path(tempfile.mkdtemp(prefix="isthmus-test-"))
        self._capture = LogCapture()
        self._thread = LoopThread("isthmus-testbed")
        self._closed = False
        self._clients: dict[str, Any] = {}
        try:
            self._stage = self._thread.run(self._start(processes=processes, directory=directory or Path.cwd()))
        except BaseException:
            self.close()
            raise

    async def _start(self, *, processes: bool, directory: Path) -> Stage:
        options = self._options()
        stage = (
            stages.processes(self._plan, options, directory)
            if processes
            else stages.threads(self._plan, options, self.faults)
        )
        await stage.start()
        return stage

    def _options(self) -> Options:
        faults = self.faults
        chaos = Chaos(
            duplicates=faults.duplicates, reorder=faults.reorder, index_lag=faults.lag, random=Random(faults.seed)
        )
        clock: Clock = faults.clock or SystemClock()
        return Options(directory=self._state, clock=clock, chaos=chaos)

    @property
    def _runtime(self) -> Runtime:
        return self._stage.runtime

    # the port

    def request(
        self,
        method: str,
        path: str,
        *,
        api: str | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        body: bytes | str | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """Send a request to an api and return the answer."""
        pairs, content = encode_request(headers, body=body, json=json, form=form)
        raw = RawRequest(method, request_target(path, query), pairs, content)
        return self._thread.run(self._stage.request(self._api(api), raw), REQUEST_TIMEOUT)

    def _api(self, name: str | None) -> str:
        apis = [resource.name for resource in self._resources.values() if resource.kind == "api"]
        if name is None and len(apis) == 1:
            return apis[0]
        if name not in apis:
            raise UnknownResourceError("api", name, apis)
        return name

    def resource(self, name: str) -> Any:
        """Return a client of a declared resource, with all of its verbs."""
        if name not in self._clients:
            resource: Resource = self._declared(name, Resource)
            link = Link(resource.kind, name, name, resource.verbs, link_properties(resource))
            transport = LoopTransport(self._thread.loop, self._runtime.operations.perform)
            made = factories(transport, lambda: self._runtime.objects)
            if resource.kind not in made:
                raise UnknownResourceError("linkable resource", name, self._resources)
            self._clients[name] = made[resource.kind](link)
        return self._clients[name]

    def tick(self, schedule: str) -> None:
        """Let a schedule fire now."""
        self._thread.run(self._stage.fire(self._declared(schedule, Schedule)))

    def set_secret(self, name: str, value: str) -> None:
        """Set a secret's value."""
        self._declared(name, Secret)
        self._thread.run(self._runtime.do(secrets.put, name, value))
        self._clients.pop(name, None)

    def replay(self, stream: str, function: str, *, since: float = 0) -> None:
        """Deliver a stream's kept records again to one subscribed function, from the time `since`."""
        self._declared(stream, Stream)
        self._thread.run(self._stage.replay(stream, function, since))

    def close(self) -> None:
        """Take everything down and remove what the test made."""
        if self._closed:
            return
        self._closed = True
        try:
            stage = getattr(self, "_stage", None)
            if stage is not None:
                self._thread.run(stage.stop(drain=DRAIN))
        finally:
            self._thread.close()
            self._capture.close()
            variables.release(self._variables)
            shutil.rmtree(self._state, ignore_errors=True)

    # what a test may see besides

    @property
    def logs(self) -> Sequence[str]:
        """What handlers have logged so far, and the runtime's own warnings and errors."""
        return tuple(self._capture.lines)

    def dead_letters(self, source: str) -> list[Message]:
        """Return what could not be handled of a queue, topic, table, stream, bucket, schedule or function."""
        names = dead_letter_queues(self._declared(source, Resource))
        found = [self._thread.run(self._runtime.do(queues.peek, name, 1000)) for name in names]
        return [as_message(stored, source) for letters in found for stored in letters]

    def failures(self) -> list[str]:
        """Return what has failed so far: errors that were logged, and dead letters."""
        letters = [
            f"dead letter of {name}: {letter.body[:200]!r}, {letter.attributes.get('dead-letter-reason', '')}"
            for name, resource in self._resources.items()
            if dead_letter_queues(resource)
            for letter in self.dead_letters(name)
        ]
        return [*self._capture.errors, *letters]

    def settle(self, timeout: float = 10) -> None:
        """Return once nothing is to be delivered now, or being handled."""
        try:
            self._thread.run(self._settled(), timeout)
        except TimeoutError:
            failures = "\n".join(self.failures()) or "nothing failed"
            raise AssertionError(f"still busy after {timeout:g} s\n{failures}") from None

    async def _settled(self) -> None:
        quiet = 0
        while quiet < ROUNDS:
            submitted = self._stage.submitted
            await self._runtime.do(_nothing)
            await asyncio.sleep(0)
            busy = not self._stage.idle or submitted != self._stage.submitted
            quiet = 0 if busy else quiet + 1
            if busy:
                await asyncio.sleep(0.001)

    def advance(self, seconds: float) -> None:
        """Move the test's own time step by step, and let everything that comes due be handled before the next step."""
        clock = self.faults.clock
        if clock is None:
            raise NoClockError
        self.settle()
        end = clock.time() + seconds
        while self._thread.call(clock.step, end):
            self.settle()
        self.settle()

    def _declared(self, name: str, kind: type[Any]) -> Any:
        resource = self._resources.get(name)
        if not isinstance(resource, kind):
            known = [name for name, resource in self._resources.items() if isinstance(resource, kind)]
            raise UnknownResourceError(kind.__name__.lower(), name, known)
        return resource


def _planned(app: Callable[[Target], App], target: Target) -> Plan:
    planned = plan(app(target), target)
    planned.check()
    return planned


def _nothing(_: Transaction) -> None:
    """Do nothing: when it is done, so is all that was asked of the store before."""
