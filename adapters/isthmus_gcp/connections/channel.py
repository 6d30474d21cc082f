"""How a client of a gRPC API is connected: to Google with credentials, to an emulator without."""

from __future__ import annotations

import os

from isthmus._typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

_UNBOUNDED = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1))
"""What Google's own transports set: grpc.py of each service."""


def connected(client: Any, services: Services, variable: str, *, host: str = "") -> dict[str, Any]:
    """Return how `client`, a class, is made: for the emulator that `variable` names, if it does, or for Google."""
    emulator = os.environ.get(variable)
    if emulator:
        from importlib import import_module

        grpc: Any = import_module("grpc")
        channel = grpc.insecure_channel(emulator, options=_UNBOUNDED)
        return {"transport": client.get_transport_class("grpc")(channel=channel)}
    options = {"api_endpoint": host} if host else {}
    return {"credentials": services.tokens.credentials(), "client_options": options}
