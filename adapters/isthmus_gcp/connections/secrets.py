"""The client of Secret Manager."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus_gcp.connections.channel import connected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

VARIABLE = "SECRET_MANAGER_EMULATOR_HOST"


def secrets(services: Services) -> Any:
    """Return a client of Secret Manager."""
    from importlib import import_module

    client: Any = import_module("google.cloud.secretmanager_v1").SecretManagerServiceClient
    return client(**connected(client, services, VARIABLE))
