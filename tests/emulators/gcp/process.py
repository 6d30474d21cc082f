"""A cloud in a process of its own, as tests and the engine's plugin use it.

`python -m tests.emulators.gcp.process` runs one by hand until Ctrl-C, and prints the variables that lead to it. In a
test:

    from tests.emulators.gcp.process import google  # noqa: F401 (a fixture)

    def test_a_function(google: Google) -> None:
        google.put("function", "projects/p/locations/r/functions/f", {...})
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.emulators.gcp.door import PREFIX
from tests.emulators.gcp.owner import NAME, REGION
from tests.emulators.gcp.parted import Parts
from tests.emulators.gcp.parts.process import ROOT, Server
from tests.emulators.gcp.served import served
from tests.emulators.gcp.tokens import Tokens


class Address:
    """A cloud, by where it listens (`host:port`)."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.project = NAME
        self.region = REGION

    @property
    def origin(self) -> str:
        """Its address as a URL."""
        return f"http://{self.address}"

    def variables(self) -> Mapping[str, str]:
        """Return the variables with which Google's libraries, and a program that deploys, reach it."""
        found: Mapping[str, str] = self._ask("GET", "")
        return found

    def put(self, kind: str, name: str, inputs: Mapping[str, Any]) -> None:
        """Deploy a resource."""
        self._ask("PUT", f"/{kind}/{name}", inputs)

    def get(self, kind: str, name: str) -> Mapping[str, Any] | None:
        """Return a deployed resource; None where it is not there."""
        found: Mapping[str, Any] | None = self._ask("GET", f"/{kind}/{name}")
        return found

    def drop(self, kind: str, name: str) -> bool:
        """Remove a deployed resource; whether it was there."""
        return self._ask("DELETE", f"/{kind}/{name}") is not None

    def logs(self) -> Mapping[str, str]:
        """Return what the instances of each function have written."""
        found: Mapping[str, str] = self._ask("GET", "/logs")
        return found

    def kill(self, function: str) -> int:
        """Kill the instances of a function, by its full name, and return how many there were."""
        return int(self._ask("POST", f"/kill/{function}")["killed"])

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        connection = HTTPConnection(self.address, timeout=60)
        try:
            connection.request(method, PREFIX.decode() + path, json.dumps(body) if body is not None else None)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        if response.status == 404:
            return None
        if response.status != 200:
            raise RuntimeError(f"{method} {path}: {response.status} {text.decode(errors='replace')}")
        return json.loads(text)


class Google(Server, Address):
    """A running cloud, empty at first."""

    def __init__(self) -> None:
        """Start it with its parts; where one is missing the test is skipped, or fails where `CI` is true."""
        variables = {"PYTHONPATH": str(ROOT), "ISTHMUS_TEST_PARENT": "1"}
        Server.__init__(self, [sys.executable, "-m", __spec__.name], named="google", variables=variables)
        Address.__init__(self, self.address)


@pytest.fixture(scope="session")
def google() -> Generator[Google]:
    """One cloud for all tests of the session that share it: each takes names of its own."""
    with Google() as server:
        yield server


async def _serve() -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    tokens = Tokens()
    with Parts(tokens.public_key()) as parts:
        async with served(parts, tokens) as (_, address):
            print(address, flush=True)
            await ended.wait()


def _end_with_stdin() -> None:
    """End this process, all of its group, and what it has written when whoever started it is gone."""
    while os.read(0, 1):
        pass
    shutil.rmtree(os.getcwd(), ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    if os.environ.get("ISTHMUS_TEST_PARENT"):
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve())
