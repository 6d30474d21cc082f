"""Google on one machine: the parts that there are, functions that run, and what carries events between them.

`python -m tests.emulators.gcp.cloud` runs one by hand until its input ends. It prints where it listens; `GET /_cloud`
there tells the variables with which Google's libraries, and the program that deploys, reach all of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.emulators.gcp.calls import Answer, Request
from tests.emulators.gcp.dispatch.eventarc import Eventarc
from tests.emulators.gcp.dispatch.gateway import Gateways
from tests.emulators.gcp.dispatch.pushes import Pushes
from tests.emulators.gcp.dispatch.scheduler import Scheduler
from tests.emulators.gcp.dispatch.target import Caller
from tests.emulators.gcp.dispatch.tasks import Tasks
from tests.emulators.gcp.door import PREFIX, Door
from tests.emulators.gcp.front import Front
from tests.emulators.gcp.functions_api import FunctionsApi
from tests.emulators.gcp.gate import Gate
from tests.emulators.gcp.machine import Machine
from tests.emulators.gcp.owner import Owner
from tests.emulators.gcp.parted import Parts
from tests.emulators.gcp.resources import Resources
from tests.emulators.gcp.signing import Signing
from tests.emulators.gcp.tokens import Tokens
from tests.emulators.gcp.workflows.sending import Outside
from tests.emulators.gcp.workflows.service import Workflows

THREADS = 200
"""Long polls of triggers wait in threads."""

Api = Callable[[Request], Awaitable[Answer | None]]


class Cloud:
    """Everything, in one event loop; `address` is `host:port` of where `answer` is asked."""

    def __init__(self, parts: Parts, tokens: Tokens, address: str) -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        self._origin = f"http://{address}"
        self.resources = Resources()
        self.tokens = tokens
        caller = Caller(self.tokens)
        variables = {**parts.variables, **_own(address)}
        self.machine = Machine(self.resources, self.tokens, parts.download, lambda: variables)
        self._front = Front(self.machine, Gate(self.resources, self.tokens))
        self._pushes = Pushes(self.resources, caller, parts.pubsub.endpoint)
        self._eventarc = Eventarc(self.resources, caller, parts.firestore, self._address)
        self._scheduler = Scheduler(self.resources, caller)
        self._tasks = Tasks(self.resources, caller, self._pushes.publish, parts.pubsub.endpoint)
        outside = Outside(self.resources, self.tokens, self._pushes.published, self._origin)
        self._workflows = Workflows(outside)
        owner = Owner(self.resources, self.tokens, self._origin)
        self._apis: tuple[Api, ...] = (
            *(self._tasks.answer, self._scheduler.answer, owner.answer),
            Gateways(self.resources, caller).answer,
            *(Signing(self.tokens).answer, FunctionsApi(self.resources).answer, self._workflows.answer),
        )
        told = {
            **variables,
            "FIRESTORE_CONTROL": parts.firestore.control,
            "GOOGLE_APPLICATION_CREDENTIALS": str(owner.key(Path.cwd())),
        }
        self._door = Door(self.resources, self.machine, lambda: told)

    async def answer(self, request: Request, client: str) -> Answer:
        """Answer any request that comes to the address."""
        if request.path.startswith(PREFIX):
            return await self._door.answer(request)
        for api in self._apis:
            answer = await api(request)
            if answer is not None:
                return answer
        return await self._front.answer(request, client, self._origin)

    async def stop(self) -> None:
        """End all that runs; the parts are ended by whoever started them."""
        for one in (self._scheduler, self._tasks, self._eventarc, self._workflows):
            one.stop()
        await self._pushes.stop()
        self.machine.stop()

    def _address(self, project: str, region: str, service: str) -> str:
        return f"{self._origin}/{project}/{region}/{service}"


def _own(address: str) -> Mapping[str, str]:
    """Return the variables of what is answered here."""
    names = ("CLOUD_FUNCTIONS", "CLOUD_TASKS", "CLOUD_SCHEDULER", "IAM_CREDENTIALS", "WORKFLOWS_EXECUTIONS")
    return {f"{name}_EMULATOR_HOST": address for name in names}
