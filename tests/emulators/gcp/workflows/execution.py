"""One execution of a workflow: what all of its branches have in common.

- At most 100,000 steps; calls 20 deep, of which the main workflow is the first; 20 branches or iterations at a time.
  https://cloud.google.com/workflows/quotas#resource_limits
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Mapping
from typing import Any

from tests.emulators.gcp.workflows.callbacks import Callbacks
from tests.emulators.gcp.workflows.clock import Clock
from tests.emulators.gcp.workflows.connectors import Connectors
from tests.emulators.gcp.workflows.failures import failure
from tests.emulators.gcp.workflows.http_calls import (
    BrokenError,
    Http,
    HttpRequest,
    HttpResponse,
    NotConnectedError,
    TooLateError,
    answer,
    request,
    unanswered,
)
from tests.emulators.gcp.workflows.library.blocking import HTTP_OPTIONS
from tests.emulators.gcp.workflows.library.function import numeric
from tests.emulators.gcp.workflows.library.system import parsed
from tests.emulators.gcp.workflows.loop import Loop, Resume, Waiting, blocking, until
from tests.emulators.gcp.workflows.scopes import Memory
from tests.emulators.gcp.workflows.steps import Routine

STEPS = 100_000
YEAR = 31_536_000
CONCURRENT = 20
SEVERITIES = ("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY")


class Execution:
    """What runs: its time, its variables' memory, its steps, and what it calls."""

    def __init__(
        self,
        routines: Mapping[str, Routine],
        clock: Clock,
        http: Http,
        environment: Mapping[str, str],
        base: str,
    ) -> None:
        self.routines = routines
        self.environment = environment
        self.loop = Loop(clock)
        self.memory = Memory()
        self.slots = Slots()
        self.steps: list[str] = []
        self.logs: list[tuple[str, Any]] = []
        self.callbacks = Callbacks(self.loop, base)
        self._http = http
        self._connectors = Connectors(self._requested, clock.now, environment)

    def now(self) -> float:
        """Return the time."""
        return self.loop.clock.now()

    def step(self, name: str) -> None:
        """Count a step."""
        if len(self.steps) >= STEPS:
            raise failure("ResourceLimitError", f"too many steps: at most {STEPS}")
        self.steps.append(name)

    async def blocking(self, name: str, given: Mapping[str, Any]) -> Any:
        """Call a function of the library that blocks."""
        module, _, short = name.partition(".")
        if module == "googleapis":
            return await self._connectors.call(name, given)
        if module == "http":
            return await self._requested(_method(given["method"] if short == "request" else short), given)
        if name == "events.create_callback_endpoint":
            return self.callbacks.create(given["http_callback_method"])
        if name == "events.await_callback":
            return await self.callbacks.wait(given["callback"], given["timeout"])
        return await self._system(name, given)

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        await until(self.now() + max(0.0, seconds))

    async def _system(self, name: str, given: Mapping[str, Any]) -> Any:
        if name == "sys.sleep":
            await self.sleep(_seconds(given["seconds"]))
        elif name == "sys.sleep_until":
            await until(parsed(given["time"]))
        else:
            self.logs.append((_severity(given["severity"]), next((given[one] for one in _LOGGED if given[one]), None)))

    async def _requested(self, method: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request, and return what the workflow gets of the answer."""
        asked = request(method, {**HTTP_OPTIONS, **given})
        try:
            response: HttpResponse = await blocking(lambda: self._http(asked))
            await self._passed(asked, response)
        except (NotConnectedError, BrokenError, TooLateError) as error:
            raise unanswered(error) from None
        return answer(response)

    async def _passed(self, asked: HttpRequest, response: HttpResponse) -> None:
        """Let the time pass that an answer has taken."""
        if response.seconds:
            await self.sleep(min(response.seconds, asked.timeout))
        if response.seconds > asked.timeout:
            raise TooLateError(f"no answer in {asked.timeout} seconds")


class Slots:
    """Lets 20 branches run at a time; a branch that waits for branches of its own needs no slot meanwhile."""

    def __init__(self, free: int = CONCURRENT) -> None:
        self._free = free
        self._queue: deque[Resume] = deque()

    def take(self) -> Awaitable[None]:
        """Wait for a slot."""

        def arrange(_loop: Loop, resume: Resume) -> None:
            if self._free:
                self._free -= 1
                resume()
            else:
                self._queue.append(resume)

        return Waiting(arrange)

    def give(self) -> None:
        """Give a slot back."""
        if self._queue:
            self._queue.popleft()()
        else:
            self._free += 1


_LOGGED = ("data", "text", "json")


def _method(name: Any) -> str:
    if not isinstance(name, str) or not name.isalpha():
        raise failure("ValueError", f"unknown HTTP method {name!r}")
    return name.upper()


def _severity(name: Any) -> str:
    if name not in SEVERITIES:
        raise failure("ValueError", f"unknown severity {name!r}")
    return str(name)


def _seconds(value: Any) -> float:
    """Return how long to sleep: https://cloud.google.com/workflows/docs/sleeping."""
    if numeric("seconds", value) > YEAR:
        raise failure("ValueError", f"seconds must be at most {YEAR}; got: {value}")
    return float(value)
