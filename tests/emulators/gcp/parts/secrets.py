"""Secret Manager: a double of our own (`secret_manager/`), in a process of its own.

The client library knows no variable for an emulator: whoever makes a client reads `SECRET_MANAGER_EMULATOR_HOST`
itself.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping
from importlib import import_module
from typing import Any

import pytest

from tests.emulators.gcp.parts.process import ROOT, Server


class Secrets(Server):
    """A running Secret Manager, empty at first."""

    def __init__(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "tests.emulators.gcp.parts.secret_manager"]
        super().__init__(command, named="secrets", variables={"PYTHONPATH": str(ROOT)})

    @property
    def endpoint(self) -> str:
        """The address that `SECRET_MANAGER_EMULATOR_HOST` takes."""
        return self.address

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables that name it."""
        return {"SECRET_MANAGER_EMULATOR_HOST": self.endpoint}

    def client(self) -> Any:
        """Return a new client."""
        package = "google.cloud.secretmanager_v1"
        channel = import_module("grpc").insecure_channel(self.endpoint)
        transports: Any = import_module(f"{package}.services.secret_manager_service.transports")
        transport = transports.SecretManagerServiceGrpcTransport(channel=channel)
        return import_module(package).SecretManagerServiceClient(transport=transport)


@pytest.fixture(scope="session")
def secrets() -> Generator[Secrets]:
    """One Secret Manager for all tests of the session that share it: each takes names of its own."""
    with Secrets() as server:
        yield server
