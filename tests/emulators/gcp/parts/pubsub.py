"""Pub/Sub: Google's own fake (pstest), corrected where it differs from the cloud (`pubsub/`), on a port of its own.

It pushes nothing: a push subscription keeps its configuration, and whoever stands for Pub/Sub's push pulls from it.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from importlib import import_module
from typing import Any

import pytest

from tests.emulators.gcp.parts.process import PROGRAMS, Server
from tests.tools import need


class PubSub(Server):
    """A running Pub/Sub, empty at first."""

    def __init__(self, *, patience: float = 0.2) -> None:
        """Start it and wait until it answers; without it the test is skipped, or fails where `CI` is true.

        `patience` is how many seconds a pull waits for a first message: the cloud says only that it is bounded.
        """
        program = need("pubsub", folder=PROGRAMS, named="the Pub/Sub emulator")
        super().__init__([program, f"-patience={patience}s"], named="pubsub")

    @property
    def endpoint(self) -> str:
        """The address that `PUBSUB_EMULATOR_HOST` takes."""
        return self.address

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables with which every Pub/Sub client reaches it."""
        return {"PUBSUB_EMULATOR_HOST": self.endpoint}

    def publisher(self) -> Any:
        """Return a new client for topics: the plain API, whose requests are neither batched nor put off."""
        return self._client("publisher", "Publisher")

    def subscriber(self) -> Any:
        """Return a new client for subscriptions: the plain API, whose leases end when they end."""
        return self._client("subscriber", "Subscriber")

    def _client(self, module: str, service: str) -> Any:
        channel = import_module("grpc").insecure_channel(
            self.endpoint, options=[("grpc.max_receive_message_length", -1)]
        )
        services: Any = import_module(f"google.pubsub_v1.services.{module}")
        transport: Any = import_module(f"google.pubsub_v1.services.{module}.transports")
        return getattr(services, f"{service}Client")(
            transport=getattr(transport, f"{service}GrpcTransport")(channel=channel)
        )


@pytest.fixture(scope="session")
def pubsub() -> Generator[PubSub]:
    """One Pub/Sub for all tests of the session that share it: each takes names of its own."""
    with PubSub() as server:
        yield server
