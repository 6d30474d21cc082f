"""What the clients' tests share: the parts that stand in for Google's services, and a function's own services."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from isthmus_gcp.services import Services
from tests.emulators.gcp.firestore.process import firestore
from tests.emulators.gcp.parts.pubsub import pubsub
from tests.emulators.gcp.parts.secrets import secrets
from tests.emulators.gcp.parts.storage import Storage, storage
from tests.gcp.clients.http_double import HttpDouble
from tests.gcp.clients.linked import linked, services_of

__all__ = ["firestore", "pubsub", "secrets", "storage"]

_PARTS = ("pubsub", "storage", "secrets")
_DOUBLES = {
    "tasks": "CLOUD_TASKS_EMULATOR_HOST",
    "functions": "CLOUD_FUNCTIONS_EMULATOR_HOST",
    "executions": "WORKFLOWS_EXECUTIONS_EMULATOR_HOST",
    "signing": "IAM_CREDENTIALS_EMULATOR_HOST",
    "metadata": "GCE_METADATA_HOST",
}


@pytest.fixture
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead to the parts and the doubles that a test asks for, and nowhere else."""
    monkeypatch.delenv("GCE_METADATA_HOST", raising=False)
    monkeypatch.setenv("GCE_METADATA_IP", "127.0.0.1:1")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", "/nowhere")
    for name in _PARTS:
        if name in request.fixturenames:
            for variable, value in request.getfixturevalue(name).variables.items():
                monkeypatch.setenv(variable, value)
    if "firestore" in request.fixturenames:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", request.getfixturevalue("firestore").host)
    for name, variable in _DOUBLES.items():
        if name in request.fixturenames:
            monkeypatch.setenv(variable, request.getfixturevalue(name).host)
            if name == "metadata":
                _lead_to_metadata(monkeypatch, request.getfixturevalue(name).host)


def _lead_to_metadata(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Let google-auth ask a double: it reads one of its variables when it is imported."""
    monkeypatch.setenv("GCE_METADATA_IP", host)
    monkeypatch.setattr(import_module("google.auth.compute_engine._metadata"), "_GCE_METADATA_HOST", host)


@pytest.fixture
def services(environment: None) -> Services:
    """Return the services of a function."""
    return services_of()


def _double() -> Iterator[HttpDouble]:
    with HttpDouble() as double:
        yield double


@pytest.fixture
def tasks() -> Iterator[HttpDouble]:
    """Return what stands in for Cloud Tasks."""
    yield from _double()


@pytest.fixture
def functions() -> Iterator[HttpDouble]:
    """Return what stands in for Cloud Functions."""
    yield from _double()


@pytest.fixture
def executions() -> Iterator[HttpDouble]:
    """Return what stands in for Workflows."""
    yield from _double()


@pytest.fixture
def signing() -> Iterator[HttpDouble]:
    """Return what stands in for what signs in the name of an account."""
    yield from _double()


@pytest.fixture
def metadata() -> Iterator[HttpDouble]:
    """Return what stands in for the metadata server."""
    yield from _double()


@pytest.fixture
def bucket_name(storage: Storage) -> str:
    """Return the name of a new bucket."""
    name = f"files-{uuid.uuid4().hex}"
    storage.client().create_bucket(name)
    return name


@pytest.fixture
def files(services: Services, bucket_name: str) -> Any:
    return linked(services, "bucket", bucket_name, ["read", "write"], name="Files")


@pytest.fixture
def kept(storage: Storage, bucket_name: str) -> Any:
    """Return the bucket as Google's library sees it."""
    return storage.client().bucket(bucket_name)
