"""The client of one Firestore database."""

from __future__ import annotations

import os

from isthmus._typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

VARIABLE = "FIRESTORE_EMULATOR_HOST"


def firestore(services: Services, database: str) -> Any:
    """Return a client of a database; Google's library knows the variable itself."""
    from importlib import import_module

    client: Any = import_module("google.cloud.firestore").Client
    credentials = None if os.environ.get(VARIABLE) else services.tokens.credentials()
    return client(project=services.project, database=database, credentials=credentials)
