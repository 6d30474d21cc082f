"""What the clients' tests share: a ministack of their own, and the services of a function that runs there."""

from __future__ import annotations

import pytest

from isthmus_aws.services import Services
from tests.aws.clients.linked import services_of
from tests.emulators.aws.ministack import Ministack, ministack

__all__ = ["ministack"]


@pytest.fixture(autouse=True)
def _environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign in to the ministack, where a test has one, and to nothing else."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    if "ministack" in request.fixturenames:
        for name, value in request.getfixturevalue("ministack").environment.items():
            monkeypatch.setenv(name, value)


@pytest.fixture
def services(ministack: Ministack) -> Services:
    """Return the services of a function."""
    return services_of(ministack)
