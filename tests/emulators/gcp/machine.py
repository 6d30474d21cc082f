"""All deployed functions, and what they run with; the instances of all of them together stay within what a machine
takes.

Google ends idle instances too, at a time that nobody is told: here that of the longest idle one, as soon as there are
more than `KEPT`. https://cloud.google.com/run/docs/about-instance-autoscaling#idle-instances
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpcore

from tests.emulators.gcp.bundle import Bundles
from tests.emulators.gcp.calls import Answer, Request, pool
from tests.emulators.gcp.metadata import Metadata
from tests.emulators.gcp.resources import Inputs, Resources, within
from tests.emulators.gcp.service import Service
from tests.emulators.gcp.tokens import Tokens

KEPT = 30
"""So many instances stay alive although they are idle."""

FUNCTIONS = "function"
"""The kind of deployed functions."""

Download = Callable[[str, str], Awaitable[bytes]]
"""Returns an object of a bucket."""


class Machine:
    """Runs the deployed functions; `variables` is what leads an instance to the other services."""

    def __init__(
        self, resources: Resources, tokens: Tokens, download: Download, variables: Callable[[], Mapping[str, str]]
    ) -> None:
        self._tokens = tokens
        self._download = download
        self._variables = variables
        self._bundles = Bundles()
        self._services: dict[str, Service] = {}
        self._metadata: dict[tuple[str, str, str], Metadata] = {}
        self._connections: httpcore.AsyncConnectionPool = pool()
        self._revisions = 0
        resources.watch(FUNCTIONS, self._deployed)

    def service(self, name: str) -> Running | None:
        """Return a function by its full name, ready to answer; None where there is none."""
        service = self._services.get(name)
        return Running(self, service) if service else None

    def services(self) -> Mapping[str, Service]:
        """Return all functions by their full names."""
        return dict(self._services)

    def room(self) -> None:
        """End the longest idle instances, where there are too many."""
        every = [(service, instance) for service in self._services.values() for instance in service.instances]
        idle = [(service, instance) for service, instance in every if not instance.busy]
        idle.sort(key=lambda pair: pair[1].used)
        for service, instance in idle[: max(0, len(every) - KEPT)]:
            service.end(instance)

    def kill(self, name: str) -> int:
        """Kill the instances of a function as they stand, and return how many there were."""
        service = self._services.get(name)
        instances = list(service.instances) if service else []
        for instance in instances:
            instance.kill()
        return len(instances)

    def stop(self) -> None:
        """End all instances."""
        for service in self._services.values():
            service.stop()
        with ThreadPoolExecutor() as threads:
            list(threads.map(Metadata.stop, self._metadata.values()))
        self._bundles.close()

    def _deployed(self, name: str, function: Inputs | None) -> None:
        """Put a new revision in the place of the one before, whose instances are ended."""
        before = self._services.pop(name, None)
        if before:
            before.stop()
        if function is not None:
            self._services[name] = self._made(name, function)

    def _made(self, name: str, function: Inputs) -> Service:
        project, region, short = (name.split("/")[place] for place in (1, 3, 5))
        config = within(function, "serviceConfig")
        email = config.get("serviceAccountEmail") or f"{project}@appspot.gserviceaccount.com"
        deployed = {key: str(value) for key, value in within(config, "environmentVariables").items()}
        self._revisions += 1
        revision = {"K_SERVICE": short, "K_CONFIGURATION": short, "K_REVISION": f"{short}-{self._revisions:05}-abc"}
        source = within(function, "buildConfig", "source", "storageSource")
        unpacked: list[Any] = []

        async def bundle() -> Any:
            if not unpacked:
                data = await self._download(source.get("bucket", ""), source.get("object", ""))
                unpacked.append(await asyncio.to_thread(self._bundles.unpacked, data))
            return unpacked[0]

        def variables() -> Mapping[str, str]:
            host = self._of_account(project, region, email).host
            metadata = {"GCE_METADATA_HOST": host, "GCE_METADATA_IP": host}
            return {**deployed, **revision, **metadata, **self._variables()}

        return Service(name, function, variables, bundle, self._connections)

    def _of_account(self, project: str, region: str, email: str) -> Metadata:
        key = (project, region, email)
        if key not in self._metadata:
            self._metadata[key] = Metadata(self._tokens, *key)
        return self._metadata[key]


class Running:
    """A function that can be asked."""

    def __init__(self, machine: Machine, service: Service) -> None:
        self._machine = machine
        self._service = service

    async def answer(self, request: Request) -> Answer:
        """Answer a request by an instance, and make room for those that come."""
        try:
            return await self._service.answer(request)
        finally:
            self._machine.room()
