"""Clients as a function has them: `linked(services, "queue", "work", ["send"], name="Work")`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isthmus.links import Identity, Link
from isthmus_gcp.linked import factories
from isthmus_gcp.services import Services

PROJECT = "isthmus"

TASKS = "projects/isthmus/locations/europe-west1/queues/orders-tasks"

ACCOUNT = "caller@isthmus.iam.gserviceaccount.com"

VARIABLES = {"ISTHMUS_TASKS": TASKS, "ISTHMUS_ACCOUNT": ACCOUNT, "ISTHMUS_SENT": "sent"}


def services_of(
    function: str = "Caller", *, deadline: float = 5.0, variables: Mapping[str, str] = VARIABLES
) -> Services:
    """Return the services of a function."""
    identity = Identity(
        app="orders", stage="test", provider="gcp", function=function, account=PROJECT, region="europe-west1"
    )
    return Services(identity, deadline=deadline, variables=variables)


def linked(
    services: Services,
    kind: str,
    physical: str,
    verbs: Sequence[str],
    *,
    name: str = "Thing",
    properties: Mapping[str, Any] | None = None,
) -> Any:
    """Return the client of a link."""
    return factories(services)[kind](Link(kind, name, physical, tuple(verbs), properties))
