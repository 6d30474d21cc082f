"""Cloud Storage: fake-gcs-server, corrected where it differs from the cloud (`storage/`), on a port of its own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Generator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.emulators.gcp.parts.process import PROGRAMS, Server
from tests.tools import need


class Storage(Server):
    """A running Cloud Storage, without a bucket at first."""

    def __init__(self, *, pubsub: str = "", signers: Mapping[str, str] | None = None) -> None:
        """Start it and wait until it answers; without it the test is skipped, or fails where `CI` is true.

        `pubsub` is the address to which notifications go. Signed URLs are believed when they were signed by an account
        of `signers`, which maps its address to its public key in PEM (`*` stands for all that are not there); without
        any, every signature is.
        """
        program = need("storage", folder=PROGRAMS, named="the Cloud Storage emulator")
        variables = {"PUBSUB_EMULATOR_HOST": pubsub} if pubsub else {}
        with tempfile.TemporaryDirectory() as folder:  # it reads this once, before it says its address
            keys = Path(folder, "signers.json")
            keys.write_text(json.dumps(dict(signers or {})))
            super().__init__([program, f"-signers={keys}"], named="storage", variables=variables)

    @property
    def endpoint(self) -> str:
        """The URL that `STORAGE_EMULATOR_HOST` takes, and to which signed URLs are made."""
        return f"http://{self.address}"

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables with which every Cloud Storage client reaches it."""
        return {"STORAGE_EMULATOR_HOST": self.endpoint}

    def client(self, project: str = "isthmus") -> Any:
        """Return a new client."""
        anonymous: Any = import_module("google.auth.credentials").AnonymousCredentials
        storage: Any = import_module("google.cloud.storage")
        options = {"api_endpoint": self.endpoint}
        return storage.Client(project=project, credentials=anonymous(), client_options=options)


@pytest.fixture(scope="session")
def storage() -> Generator[Storage]:
    """One Cloud Storage for all tests of the session that share it, without a Pub/Sub: each takes names of its own."""
    with Storage() as server:
        yield server
