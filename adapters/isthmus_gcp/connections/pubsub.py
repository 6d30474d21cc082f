"""The plain clients of Pub/Sub's API: the ones around them, `google.cloud.pubsub_v1`, work on threads of their own."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus_gcp.connections.channel import connected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

VARIABLE = "PUBSUB_EMULATOR_HOST"


def publisher(services: Services) -> Any:
    """Return a client that publishes in the app's region."""
    from importlib import import_module

    client: Any = import_module("google.pubsub_v1").PublisherClient
    return client(**connected(client, services, VARIABLE, host=services.pubsub_host))


def subscriber(services: Services) -> Any:
    """Return a client that pulls, acknowledges and seeks."""
    from importlib import import_module

    client: Any = import_module("google.pubsub_v1").SubscriberClient
    return client(**connected(client, services, VARIABLE))
